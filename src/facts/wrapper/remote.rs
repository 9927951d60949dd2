//! Programs that run a command on another machine or in a container.
//! Pure. Whatever runs there is never allowed by itself: nothing there was looked at.

use super::options::{self, only_then, unknown};
use super::plain::joined;
use super::{Given, Unwrapped, Within};
use crate::facts::argv::{Command, Word};
use crate::facts::atoms::Change;

fn elsewhere(in_shell: bool) -> Change {
    Change { elsewhere: true, in_shell, ..Change::default() }
}

const SSH: &str = "-1 -2 -4 -6 -A -a -C -f -g -K -k -M -N -n -q -s -T -t -v -V. -X -x -Y -y -B= -b= -c= -D= -E= -e= \
    -i= -J= -L= -l= -m= -O= -o= -p= -Q. -R= -S= -W= -w=";

/// `ssh HOST WORD…`: the words, joined, are code for the shell there.
pub(super) fn ssh<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    over_ssh(given).unwrap_or_else(|why| given.not_known(&why))
}

fn over_ssh<'a>(given: &Given<'_, 'a>) -> Result<Unwrapped<'a>, String> {
    let mut options = options::read(given.from(1), SSH)?;
    let host = options.next + 1;
    let mut at = host + 1;
    if !options.ended {
        // Options may come again behind the host.
        let more = options::read(given.from(at), SSH)?;
        at += more.next;
        options.met.extend(more.met);
    }
    for option in options.met.iter().filter(|met| met.name == "-o") {
        let value = option.value.as_ref().ok_or_else(|| "`-o` has no value".to_owned())?;
        if !is_harmless(value) {
            return Err(unknown(value));
        }
    }
    if given.words.get(host).is_some_and(|word| !word.is_one()) {
        return Err("its host is only known then".to_owned());
    }
    let code = given.from(at);
    if options.answer() || options.has(&["-N", "-s"]) {
        return Ok(Unwrapped::default());
    }
    if code.is_empty() {
        return Ok(given.input(elsewhere(true)).unwrap_or_default());
    }
    let own = given.words.get(..at).unwrap_or_default();
    Ok(Unwrapped::of(own, vec![(Within::Line(joined(code)), elsewhere(true))]))
}

// Of what `-o` can set, much names programs that run here.
fn is_harmless(word: &Word<'_>) -> bool {
    const KEYS: [&str; 24] = [
        "addressfamily",
        "batchmode",
        "checkhostip",
        "compression",
        "connectionattempts",
        "connecttimeout",
        "controlmaster",
        "controlpath",
        "controlpersist",
        "exitonforwardfailure",
        "forwardagent",
        "hostkeyalgorithms",
        "identitiesonly",
        "identityfile",
        "loglevel",
        "numberofpasswordprompts",
        "passwordauthentication",
        "port",
        "preferredauthentications",
        "requesttty",
        "serveralivecountmax",
        "serveraliveinterval",
        "stricthostkeychecking",
        "user",
    ];
    let key =
        word.known().split(|b| matches!(b, b'=' | b' ')).next().unwrap_or_default().to_ascii_lowercase();
    key.len() < word.known().len() && KEYS.iter().any(|known| known.as_bytes() == key)
        || key == b"userknownhostsfile"
}

// Options before the subcommand, and behind it.
struct Carrier {
    before: &'static str,
    subcommands: &'static [(&'static [&'static str], Inner)],
    wide: &'static [&'static str],
}

#[derive(Clone, Copy)]
enum Inner {
    /// Options, then this one word (a container, an image), then the command.
    Behind(&'static str),
    /// The command stands behind `--`.
    Dashes(&'static str),
}

const DOCKER_EXEC: &str = "-d -i -t -e= -u= -w= --detach --interactive --tty --env= --user= --workdir= --privileged \
    --env-file= --detach-keys=";
const DOCKER_RUN: &str = "-d -i -t -q -P -e= -u= -w= -v= -p= -h= -l= -m= -c= --rm --detach --interactive --tty --quiet \
    --env= --env-file= --user= --workdir= --volume= --publish= --publish-all --name= --hostname= --label= --memory= \
    --cpus= --network= --net= --platform= --pull= --restart= --privileged --read-only --init --mount= --tmpfs= --shm-size= \
    --cap-add= --cap-drop= --security-opt= --device= --gpus= --pid= --ipc= --userns= --uts= --add-host= --dns= --expose= \
    --group-add= --ulimit= --log-driver= --log-opt= --stop-signal= --volumes-from= --cidfile= --cgroupns= --runtime= \
    --network-alias= --ip= --sysctl= --memory-swap= --cpu-shares= --cpuset-cpus= --pids-limit= --oom-kill-disable";
const COMPOSE_EXEC: &str = "-d -T -e= -u= -w= --detach --no-TTY --env= --user= --workdir= --index= --privileged -i -t \
    --interactive --tty";
const COMPOSE_RUN: &str = "-d -T -P -i -q -e= -u= -w= -v= -p= -l= --rm --detach --no-deps --no-TTY --interactive --env= \
    --user= --workdir= --volume= --publish= --service-ports --name= --label= --build --quiet-pull --use-aliases \
    --remove-orphans";
const KUBECTL: &str = "-i -t -q -c= -n= -f= --stdin --tty --quiet --container= --namespace= --context= --kubeconfig= \
    --cluster= --user= --filename= --pod-running-timeout= --as= --as-group= --token= --server= -s= --request-timeout= \
    --image= --rm --restart= --env= --labels= -l= --target= --copy-to= --share-processes --profile= --attach --command \
    --dry-run? --port= --overrides= --image-pull-policy= --annotations= --leave-stdin-open --insecure-skip-tls-verify -v=";

const DOCKER: Carrier = Carrier {
    before: "-D -H= -c= -l= --debug --host= --context= --log-level= --tls --tlsverify --config= --tlscacert= --tlscert= --tlskey= --version. -v. --help.",
    subcommands: &[
        (&["exec"], Inner::Behind(DOCKER_EXEC)),
        (&["container", "exec"], Inner::Behind(DOCKER_EXEC)),
        (&["run"], Inner::Behind(DOCKER_RUN)),
        (&["create"], Inner::Behind(DOCKER_RUN)),
        (&["container", "run"], Inner::Behind(DOCKER_RUN)),
        (&["container", "create"], Inner::Behind(DOCKER_RUN)),
    ],
    wide: &["exec", "run", "create", "unshare"],
};
const COMPOSE: Carrier = Carrier {
    before: "-f= -p= --file= --project-name= --project-directory= --profile= --env-file= --ansi= --progress= --parallel= --compatibility --version. --help. -v.",
    subcommands: &[(&["exec"], Inner::Behind(COMPOSE_EXEC)), (&["run"], Inner::Behind(COMPOSE_RUN))],
    wide: &["exec", "run"],
};
const KUBE: Carrier = Carrier {
    before: "-n= --namespace= --context= --kubeconfig= --cluster= --user= --as= --as-group= --token= -s= --server= --request-timeout= -v= --insecure-skip-tls-verify",
    subcommands: &[
        (&["exec"], Inner::Dashes(KUBECTL)),
        (&["run"], Inner::Dashes(KUBECTL)),
        (&["debug"], Inner::Dashes(KUBECTL)),
    ],
    wide: &["exec", "run", "debug", "rsh"],
};
const LXC: Carrier = Carrier {
    before: "--project= -q --quiet -v --verbose --debug",
    subcommands: &[(
        &["exec"],
        Inner::Behind(
            "-t -T -n --force-interactive --force-noninteractive --disable-stdin --cwd= --user= --group= --env= --mode=",
        ),
    )],
    wide: &["exec"],
};

/// `docker exec CONTAINER COMMAND…`, `docker run IMAGE COMMAND…`, `docker compose …`.
pub(super) fn docker<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    let composes = |word: &Word<'_>| word.certain() == Some(b"compose");
    match options::read(given.from(1), DOCKER.before) {
        Ok(options) if given.words.get(options.next + 1).is_some_and(composes) => {
            carried(given, &COMPOSE, options.next + 2)
        }
        _ => carried(given, &DOCKER, 1),
    }
}

/// `docker-compose exec SERVICE COMMAND…`.
pub(super) fn compose<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    carried(given, &COMPOSE, 1)
}

/// `kubectl exec POD -- COMMAND…`.
pub(super) fn kubectl<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    carried(given, &KUBE, 1)
}

/// `lxc exec CONTAINER COMMAND…`.
pub(super) fn lxc<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    carried(given, &LXC, 1)
}

fn carried<'a>(given: &Given<'_, 'a>, carrier: &Carrier, start: usize) -> Unwrapped<'a> {
    let options = match options::read(given.from(start), carrier.before) {
        Ok(options) if options.answer() => return Unwrapped::default(),
        Ok(options) => options,
        Err(why) => {
            return if may_carry(given, carrier) { given.not_known(&why) } else { Unwrapped::default() };
        }
    };
    let at = start + options.next;
    let says = |sequence: &[&str]| {
        let word = |(number, name): (usize, &&str)| {
            given.words.get(at + number).is_some_and(|word| word.certain() == Some(name.as_bytes()))
        };
        sequence.iter().enumerate().all(word)
    };
    let Some((sequence, inner)) = carrier.subcommands.iter().find(|(sequence, _)| says(sequence)) else {
        let open = given.from(at).iter().take(2).find(|word| word.certain().is_none());
        let other = given
            .words
            .get(at)
            .is_some_and(|word| carrier.wide.iter().any(|name| name.as_bytes() == &*word.text));
        return match open {
            Some(word) => given.not_known(&only_then(word)),
            None if other => given.not_known("it is not looked into"),
            None => Unwrapped::default(),
        };
    };
    let start = at + sequence.len();
    let read = match inner {
        Inner::Behind(known) => behind_one(given, start, known),
        Inner::Dashes(known) => behind_dashes(given, start, known),
    };
    read.unwrap_or_else(|why| given.not_known(&why))
}

fn may_carry(given: &Given<'_, '_>, carrier: &Carrier) -> bool {
    let Some(command) = Command::of(given.words) else { return false };
    let open = given.from(1).iter().any(|word| word.certain().is_none());
    open || carrier.wide.iter().any(|name| command.may_be_subcommand(&[(*name).to_owned()]))
}

fn behind_one<'a>(given: &Given<'_, 'a>, start: usize, known: &'static str) -> Result<Unwrapped<'a>, String> {
    let options = options::read(given.from(start), known)?;
    let mut at = start + options.next;
    if let Some(word) = given.words.get(at).filter(|word| !word.is_one()) {
        return Err(only_then(word));
    }
    at += 1;
    // lxc takes the dashes behind the container's name.
    if given.words.get(at).is_some_and(|word| word.certain() == Some(b"--")) {
        at += 1;
    }
    Ok(command_at(given, at))
}

fn behind_dashes<'a>(
    given: &Given<'_, 'a>,
    start: usize,
    known: &'static str,
) -> Result<Unwrapped<'a>, String> {
    let options = options::read_all(given.from(start), known)?;
    if !options.ended && options.operands.len() > 1 {
        return Err("its command does not stand behind `--`".to_owned());
    }
    Ok(command_at(given, start + options.next))
}

// Without a command the container's own runs.
fn command_at<'a>(given: &Given<'_, 'a>, at: usize) -> Unwrapped<'a> {
    let (own, words) = given.words.split_at_checked(at).unwrap_or((given.words, &[]));
    if words.is_empty() {
        return Unwrapped::default();
    }
    Unwrapped::of(own, vec![(Within::Command(words.to_vec()), elsewhere(false))])
}

/// `vagrant ssh -c CODE`.
pub(super) fn vagrant<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    if given.words.get(1).is_none_or(|word| !matches!(word.certain(), Some(b"ssh"))) {
        let may = given.from(1).iter().any(|word| word.certain().is_none_or(|word| word == b"ssh"));
        return if may { given.not_known("it is not looked into") } else { Unwrapped::default() };
    }
    let options = match options::read_all(given.from(2), "-c= --command= -p --plain -t --tty -h. --help.") {
        Ok(options) if !options.ended => options,
        Ok(_) => return given.not_known("words behind `--` are for ssh"),
        Err(why) => return given.not_known(&why),
    };
    let code = options.met.iter().rev().find(|met| matches!(met.name, "-c" | "--command"));
    let within = code.and_then(|met| met.value.clone()).map(|code| (Within::Line(code), elsewhere(true)));
    Unwrapped { own: None, within: within.into_iter().collect() }
}
