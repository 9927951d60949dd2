//! Which programs run others, by name.
//! Pure. Sorted, so that a plain command costs one search.

use super::code::{self, interprets};
use super::plain::{Row, runs};
use super::{Given, Unwrapped, awk, git, launch, remote, runners, search, sed, shells};

/// How to find out what a program runs.
#[derive(Clone, Copy)]
pub(super) enum Way {
    /// The command behind its options and operands.
    Row(Row),
    /// Code, as [`code::Code`] says.
    Code(code::Code),
    /// As a reader of its own says.
    By(for<'w, 'a> fn(&Given<'w, 'a>) -> Unwrapped<'a>),
    /// Never looked into.
    Never,
}

impl Way {
    pub(super) fn unwrap<'a>(&self, given: &Given<'_, 'a>) -> Unwrapped<'a> {
        match self {
            Self::Row(row) => row.unwrap(given),
            Self::Code(code) => code.unwrap(given),
            Self::By(read) => read(given),
            Self::Never if given.asks() => Unwrapped::default(),
            Self::Never => given.not_known("it is not looked into"),
        }
    }
}

/// The way of a program of this base name; a version may stand behind it (`python3.12`).
pub(super) fn way(name: &[u8]) -> Option<&'static Way> {
    if let Some(way) = exact(name) {
        return Some(way);
    }
    if name.starts_with(b"ld-") || name.starts_with(b"ld.so") {
        return Some(&Way::Never);
    }
    if !name.last()?.is_ascii_digit() {
        return None;
    }
    let end = name.iter().rposition(|b| !(b.is_ascii_digit() || matches!(b, b'.' | b'-')))?;
    exact(name.get(..=end)?).filter(|way| !matches!(way, Way::Row(_)))
}

fn exact(name: &[u8]) -> Option<&'static Way> {
    let at = WAYS.binary_search_by(|(known, _)| known.as_bytes().cmp(name)).ok()?;
    WAYS.get(at).map(|(_, way)| way)
}

const fn row(row: Row) -> Way {
    Way::Row(row)
}

const TIMEOUT: Row = runs(
    "-k= -s= -f -p -v --kill-after= --signal= --foreground --preserve-status --verbose --help. --version.",
)
.after(1);
const TIME: Row = runs(
    "-a -o= -f= -p -v -q -l --append --output= --format= --portability --verbose --quiet --help. -V. --version.",
)
.of_the_shell();
const SUDO: Row = runs(
    "-A -b -B -E -H -k -n -N -P -S -C= -g= -p= -T= -t= -r= -u= -D/ -i~ -s~ -l. -v. -K. -V. -e. --askpass --background \
     --bell --preserve-env? --set-home --reset-timestamp --non-interactive --no-update --preserve-groups --stdin \
     --close-from= --group= --prompt= --command-timeout= --type= --role= --user= --chdir/ --login~ --shell~ --list. \
     --validate. --remove-timestamp. --version. --help. --edit.",
)
.setting()
.again()
.privileged();
const SETARCH: Row = runs(
    "-B -F -I -L -R -S -T -X -Z -3 -v --32bit --fdpic-funcptrs --short-inode --addr-compat-layout \
     --addr-no-randomize --whole-seconds --sticky-timeouts --read-implies-exec --mmap-page-zero --3gb --4gb \
     --uname-2.6 --verbose --list. -h. --help. -V. --version.",
);

const CHRT: Row = runs(
    "-a -b -d -f -i -o -r -R -v -T= -P= -D= --all-tasks --batch --deadline --fifo --idle --other --rr --reset-on-fork \
     --sched-runtime= --sched-period= --sched-deadline= --verbose -m. --max. -p. --pid. -h. --help. -V. --version.",
)
.after(1);
const NUMACTL: Row = runs(
    "-a -l -i= -m= -N= -C= -p= --all --localalloc --interleave= --membind= --cpunodebind= --physcpubind= --preferred= \
     -s. --show. -H. --hardware. -h. --help. --version.",
);
const PRLIMIT: Row = runs(
    "-c? -d? -e? -f? -i? -l? -m? -n? -q? -r? -s? -t? -u? -v? -x? -y? --core? --data? --nice? --fsize? --sigpending? \
     --memlock? --rss? --nofile? --msgqueue? --rtprio? --stack? --cpu? --nproc? --as? --locks? --rttime? --noheadings \
     --raw --verbose -p. --pid. -h. --help. -V. --version.",
);
const SETPRIV: Row = runs(
    "--reuid= --regid= --ruid= --rgid= --euid= --egid= --groups= --clear-groups --keep-groups --init-groups --inh-caps= \
     --ambient-caps= --bounding-set= --no-new-privs --reset-env --pdeathsig= -d. --dump. --list-caps. -h. --help. -V. --version.",
)
.privileged();
const SYSTEMD_RUN: Row = runs(
    "-t -P -q -d -G -r -u= --user --system --scope --wait --pty --pipe --quiet --same-dir --collect --remain-after-exit \
     --no-block --no-ask-password --slice-inherit --unit= --slice= --description= --uid= --gid= --nice= --service-type= \
     --working-directory/ --on-active= --on-calendar= -h. --help. --version.",
)
.privileged();
// `-o` may name a program that gets the trace.
const STRACE: Row = runs(
    "-f -ff -F -y -yy -t -tt -ttt -T -r -v -x -xx -c -C -q -qq -k -n -z -Z -d -i -w -e= -s= -a= -S= -X= -I= -P= -U= -p= \
     --follow-forks --seccomp-bpf -h. --help. -V. --version.",
);
const UNSHARE: Row = runs(
    "-m -u -i -n -p -U -C -T -f -r -c -R= -w/ -S= -G= --mount? --uts? --ipc? --net? --pid? --user? --cgroup? --time? \
     --fork --map-root-user --map-current-user --map-auto --map-users= --map-groups= --mount-proc? --kill-child? \
     --propagation= --setgroups= --root= --wd/ --setuid= --setgid= --keep-caps -h. --help. -V. --version.",
)
.privileged()
.elsewhere()
.or_shell();
const NSENTER: Row = runs(
    "-a -e -F -Z -t= -m? -u? -i? -n? -p? -U? -C? -T? -r? -w? -S? -G? --all --env --no-fork --target= --mount? --uts? --ipc? \
     --net? --pid? --user? --cgroup? --time? --root? --wd? --setuid? --setgid? --preserve-credentials -h. --help. -V. \
     --version.",
)
.privileged()
.elsewhere()
.or_shell();

/// Sorted by name.
static WAYS: [(&str, Way); 201] = [
    (".", Way::By(shells::source)),
    ("R", Way::Code(interprets("--version. --help.", &["CMD", "-f"]))),
    ("Rscript", Way::Code(interprets("--vanilla --no-save --no-restore --no-environ --no-init-file --verbose --default-packages= --version. --help.", &[]))),
    ("arch", row(runs("-32 -64 -x86_64 -i386 -arm64 -arm64e -c -h. --help. --version."))),
    ("asdf", Way::By(runners::run)),
    ("ash", Way::By(shells::shell)),
    ("at", Way::Never),
    ("awk", Way::By(awk::awk)),
    ("bash", Way::By(shells::shell)),
    ("batch", Way::Never),
    ("bsdtar", Way::By(launch::tar)),
    ("builtin", row(runs("").of_the_shell())),
    ("bun", Way::Code(interprets("-b --bun --silent --watch --hot -v. --version. -h. --help.", &[]).with(&["run", "test", "install", "i", "add", "remove", "build", "update", "link", "pm", "outdated", "ci", "init", "create", "upgrade", "publish", "info", "why", "audit", "list"]))),
    ("bundle", Way::By(runners::run)),
    ("bunx", Way::By(runners::registry)),
    ("busybox", row(runs("--list. --list-full. --help. --version.").whole())),
    ("bwrap", Way::Never),
    ("caffeinate", row(runs("-d -i -m -s -u -t= -w="))),
    ("capsh", Way::Never),
    ("catchsegv", row(runs(""))),
    ("cgexec", row(runs("-g= --sticky -h. --help."))),
    ("chronic", row(runs("-v -e"))),
    ("chroot", row(runs("--userspec= --groups= --skip-chdir --help. --version.").after(1).privileged().elsewhere().or_shell())),
    ("chrt", row(CHRT)),
    ("command", row(runs("-p -v. -V.").of_the_shell())),
    ("conda", Way::By(runners::run)),
    ("coreutils", row(runs("--list. --list-full. --help. --version.").whole())),
    ("cross-env", row(runs("").setting())),
    ("csh", Way::By(shells::foreign)),
    ("daemonize", Way::Never),
    ("dash", Way::By(shells::shell)),
    ("dbus-run-session", row(runs("--help. --version."))),
    ("deno", Way::Code(interprets("-q --quiet -V. --version. -h. --help.", &[]).with(&["run", "test", "task", "fmt", "lint", "check", "cache", "bench", "doc", "info", "compile", "types", "install", "add", "remove"]))),
    ("direnv", Way::By(runners::run)),
    ("doas", row(runs("-n -s~ -L. -a= -u=").privileged())),
    ("docker", Way::By(remote::docker)),
    ("docker-compose", Way::By(remote::compose)),
    ("elixir", Way::Code(interprets("-r= -S= -pa= -pz= --no-halt -v. --version. -h. --help.", &[]))),
    ("elvish", Way::By(shells::foreign)),
    ("emacs", Way::By(launch::emacs)),
    ("entr", Way::By(search::entr)),
    ("env", Way::By(shells::env)),
    ("eval", Way::By(shells::eval)),
    ("ex", Way::By(launch::vim)),
    ("exec", row(runs("-c -l -a="))),
    ("expect", Way::Never),
    ("fakeroot", row(runs("-u -b= --unknown-is-real --fd-base= -h. --help. -v. --version."))),
    ("faketime", row(runs("-f -m --exclude-monotonic -h. --help. -v. --version.").after(1))),
    ("fd", Way::By(search::fd)),
    ("fdfind", Way::By(search::fd)),
    ("find", Way::By(search::find)),
    ("firejail", row(runs("--quiet --noprofile --net= --seccomp --noroot --private --version. --help.").elsewhere())),
    ("fish", Way::By(shells::foreign)),
    ("flock", Way::By(shells::flock)),
    ("gawk", Way::By(awk::awk)),
    ("gchroot", row(runs("--userspec= --groups= --skip-chdir --help. --version.").after(1).privileged().elsewhere().or_shell())),
    ("gdb", Way::Never),
    ("genv", Way::By(shells::env)),
    ("gfind", Way::By(search::find)),
    ("ghci", Way::Code(interprets("", &[]))),
    ("git", Way::By(git::git)),
    ("gnice", row(runs("-n= -# --adjustment= --help. --version."))),
    ("gnohup", row(runs("--help. --version."))),
    ("groovy", Way::Code(interprets("-v. --version. -h. --help.", &[]))),
    ("gsed", Way::By(sed::sed)),
    ("gsplit", Way::By(launch::split)),
    ("gstdbuf", row(runs("-i= -o= -e= --input= --output= --error= --help. --version."))),
    ("gtar", Way::By(launch::tar)),
    ("gtime", row(TIME)),
    ("gtimeout", row(TIMEOUT)),
    ("guile", Way::Code(interprets("-L= -C= -q --no-auto-compile --version. --help.", &[]))),
    ("gxargs", Way::By(search::xargs)),
    ("hatch", Way::By(runners::run)),
    ("i386", row(SETARCH)),
    ("iex", Way::Code(interprets("--version. --help.", &[]))),
    ("incus", Way::By(remote::lxc)),
    ("ionice", row(runs("-c= -n= -t --class= --classdata= --ignore -p. --pid. -P. -u. -h. --help. -V. --version."))),
    ("ip", Way::By(runners::run)),
    ("irb", Way::Code(interprets("--version. --help.", &[]))),
    ("jshell", Way::Code(interprets("--version. --help.", &[]))),
    ("julia", Way::Code(interprets("-q -O? -t= -p= -L= -J= --project? --startup-file= --color= --threads= --quiet --banner= --optimize? --check-bounds= --history-file= -v. --version. -h. --help.", &[]))),
    ("ksh", Way::By(shells::shell)),
    ("kubectl", Way::By(remote::kubectl)),
    ("less", Way::By(launch::less)),
    ("linux32", row(SETARCH)),
    ("linux64", row(SETARCH)),
    ("lldb", Way::Never),
    ("lockf", Way::Never),
    ("ltrace", Way::Never),
    ("lua", Way::Code(interprets("-E -W -l= -v", &[]))),
    ("luajit", Way::Code(interprets("-E -W -l= -v", &[]))),
    ("lxc", Way::By(remote::lxc)),
    ("machinectl", Way::Never),
    ("mamba", Way::By(runners::run)),
    ("man", Way::By(launch::man)),
    ("mawk", Way::By(awk::awk)),
    ("mise", Way::By(runners::run)),
    ("mksh", Way::By(shells::shell)),
    ("more", Way::By(launch::less)),
    ("mosh", row(runs("-4 -6 -a -n -p= --predict= --port= --family= --local --no-init --version. --help.").after(1).elsewhere())),
    ("nawk", Way::By(awk::awk)),
    ("nc", Way::By(launch::nc)),
    ("ncat", Way::By(launch::nc)),
    ("nerdctl", Way::By(remote::docker)),
    ("netcat", Way::By(launch::nc)),
    ("newgrp", Way::Never),
    ("nice", row(runs("-n= -# --adjustment= --help. --version."))),
    ("node", Way::Code(interprets("-c --check -r= --require= --import= --loader= --experimental-loader= --test --watch --inspect? --inspect-brk? --max-old-space-size= --no-warnings --enable-source-maps --experimental-strip-types --experimental-vm-modules --trace-warnings --trace-uncaught --unhandled-rejections= --env-file= --conditions= -C= --stack-trace-limit= -v. --version. -h. --help.", &["--run"]))),
    ("nodejs", Way::Code(interprets("-c --check -r= --require= --import= --loader= --experimental-loader= --test --watch --inspect? --inspect-brk? --max-old-space-size= --no-warnings --enable-source-maps --experimental-strip-types --experimental-vm-modules --trace-warnings --trace-uncaught --unhandled-rejections= --env-file= --conditions= -C= --stack-trace-limit= -v. --version. -h. --help.", &["--run"]))),
    ("nohup", row(runs("--help. --version."))),
    ("npm", Way::By(runners::packages)),
    ("npx", Way::By(runners::registry)),
    ("nsenter", row(NSENTER)),
    ("nu", Way::By(shells::foreign)),
    ("numactl", row(NUMACTL)),
    ("nvim", Way::By(launch::vim)),
    ("oc", Way::By(remote::kubectl)),
    ("oil", Way::By(shells::foreign)),
    ("original-awk", Way::By(awk::awk)),
    ("osascript", Way::Code(interprets("-l= -s=", &[]))),
    ("osh", Way::By(shells::foreign)),
    ("parallel", Way::Never),
    ("pdm", Way::By(runners::run)),
    ("perf", Way::By(runners::run)),
    ("perl", Way::Code(interprets("-a -c -f -n -p -s -S -t -T -u -U -w -W -X -I= -M? -m? -v. -V. -h.", &[]))),
    ("php", Way::Code(interprets("-n -q -C -d= -c= -z= -l -v. --version. -i. --info. -m. --modules. --ini. -h. --help.", &["-f", "--file", "-S"]))),
    ("pipenv", Way::By(runners::run)),
    ("pipx", Way::By(runners::registry)),
    ("pkexec", row(runs("--user= --disable-internal-agent --keep-cwd --version. --help.").privileged().or_shell())),
    ("pnpm", Way::By(runners::packages)),
    ("podman", Way::By(remote::docker)),
    ("podman-compose", Way::By(remote::compose)),
    ("poetry", Way::By(runners::run)),
    ("powershell", Way::By(shells::foreign)),
    ("prlimit", row(PRLIMIT)),
    ("proxychains", row(runs("-q"))),
    ("proxychains4", row(runs("-q"))),
    ("pwsh", Way::By(shells::foreign)),
    ("pyenv", Way::By(runners::run)),
    ("pypy", Way::Code(interprets("-b -B -d -E -I -O -OO -P -q -R -s -S -u -v -x -W= -X= --check-hash-based-pycs= -V. --version. -h. --help.", &["-m"]))),
    ("python", Way::Code(interprets("-b -B -d -E -I -O -OO -P -q -R -s -S -u -v -x -W= -X= --check-hash-based-pycs= -V. --version. -h. --help.", &["-m"]))),
    ("rbash", Way::By(shells::shell)),
    ("rbenv", Way::By(runners::run)),
    ("rg", Way::By(launch::rg)),
    ("rsh", Way::By(remote::ssh)),
    ("rsync", Way::By(launch::rsync)),
    ("ruby", Way::Code(interprets("-a -c -d -l -n -p -s -S -w -W? -I= -r= -E= -C= -v --verbose --disable= --enable= --jit --yjit --version. -h. --help.", &[]))),
    ("run0", row(runs("-u= -g= -D/ --user= --group= --chdir/ --unit= --nice= --slice= --pty --pipe --no-ask-password -h. --help. -V. --version.").privileged().or_shell())),
    ("runuser", Way::By(shells::runuser)),
    ("rye", Way::By(runners::run)),
    ("rzsh", Way::By(shells::foreign)),
    ("scala", Way::Code(interprets("", &[]))),
    ("scp", Way::By(launch::scp)),
    ("screen", Way::By(launch::screen)),
    ("script", Way::By(shells::script)),
    ("sed", Way::By(sed::sed)),
    ("setarch", row(SETARCH.after(1).again())),
    ("setpriv", row(SETPRIV)),
    ("setsid", row(runs("-c -f -w --ctty --fork --wait -h. --help. -V. --version."))),
    ("sftp", Way::By(launch::scp)),
    ("sg", Way::Never),
    ("sh", Way::By(shells::shell)),
    ("socat", Way::Never),
    ("source", Way::By(shells::source)),
    ("split", Way::By(launch::split)),
    ("ssh", Way::By(remote::ssh)),
    ("sshpass", row(runs("-e -v -p= -f= -d= -P= -h. -V."))),
    ("start-stop-daemon", Way::Never),
    ("stdbuf", row(runs("-i= -o= -e= --input= --output= --error= --help. --version."))),
    ("strace", row(STRACE)),
    ("su", Way::By(shells::su)),
    ("sudo", row(SUDO)),
    ("systemd-nspawn", Way::Never),
    ("systemd-run", row(SYSTEMD_RUN)),
    ("tar", Way::By(launch::tar)),
    ("taskset", row(runs("-a -c --all-tasks --cpu-list -p. --pid. -h. --help. -V. --version.").after(1))),
    ("tclsh", Way::Code(interprets("", &[]))),
    ("tcsh", Way::By(shells::foreign)),
    ("time", row(TIME)),
    ("timeout", row(TIMEOUT)),
    ("tmux", Way::By(launch::tmux)),
    ("torify", row(runs("-i -q --isolate --quiet --version. --help. -h."))),
    ("torsocks", row(runs("-i -q --isolate --quiet --version. --help. -h."))),
    ("toybox", row(runs("--list. --list-full. --help. --version.").whole())),
    ("unbuffer", row(runs("-p"))),
    ("unshare", row(UNSHARE)),
    ("uv", Way::By(runners::run)),
    ("uvx", Way::By(runners::registry)),
    ("vagrant", Way::By(remote::vagrant)),
    ("valgrind", row(runs("-q -v --quiet --verbose --tool= --leak-check= --show-leak-kinds= --track-origins= --error-exitcode= --trace-children= --num-callers= --help. --version."))),
    ("vi", Way::By(launch::vim)),
    ("view", Way::By(launch::vim)),
    ("vim", Way::By(launch::vim)),
    ("watch", Way::By(shells::watch)),
    ("x86_64", row(SETARCH)),
    ("xargs", Way::By(search::xargs)),
    ("xonsh", Way::By(shells::foreign)),
    ("xvfb-run", row(runs("-a -l -e= -n= -p= -s= -w= --auto-servernum --listen-tcp --error-file= --server-num= --xauth-protocol= --server-args= --wait= -h. --help."))),
    ("yarn", Way::By(runners::packages)),
    ("yash", Way::By(shells::shell)),
    ("zsh", Way::By(shells::shell)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_sorted_and_each_stands_once() {
        assert!(WAYS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn a_version_behind_the_name_hides_nothing() {
        for name in
            ["python3", "python3.12", "perl5.36.0", "bash5", "ld-linux-x86-64.so.2", "ld-musl-x86_64.so.1"]
        {
            assert!(way(name.as_bytes()).is_some(), "{name}");
        }
        for name in ["ls", "2", "", "timeout5", "python3-config"] {
            assert!(way(name.as_bytes()).is_none(), "{name}");
        }
    }
}
