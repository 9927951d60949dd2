//! Shells, and what gives code to one: the code is read by `facts::shell`.
//! Pure.

use super::options::{self, only_then, unknown};
use super::plain::joined;
use super::{Given, Unwrapped, Within};
use crate::facts::argv::{Word, base_name};
use crate::facts::atoms::Change;

// `-i` is left out: an interactive shell reads its start-up files, and the aliases in them.
const SHELL: &str = "-a -b -c -e -f -h -k -l -m -n -p -r -s -t -u -v -x -y -B -C -E -H -P -T -o= -O= --login \
    --norc --noprofile --no-rcs --noediting --posix --restricted --verbose --pretty-print --version. --help.";

/// A shell of POSIX's kind.
pub(super) fn shell<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    code(given).unwrap_or_else(|why| given.not_known(&why))
}

fn code<'a>(given: &Given<'_, 'a>) -> Result<Unwrapped<'a>, String> {
    let options = options::read(given.from(1), SHELL)?;
    let dry = options.has(&["-n"]) && !options.has(&["-o", "-O"]);
    if options.answer() || dry {
        return Ok(Unwrapped::default());
    }
    let at = options.next + 1;
    let Some(word) = given.words.get(at) else { return given.input(Change::default()) };
    // `+x` is an option too.
    if word.known().first().is_none_or(|&b| b == b'+') && word.certain() != Some(b"") {
        return Err(only_then(word));
    }
    if options.has(&["-c"]) {
        return Ok(of_code(given, at, word));
    }
    if options.has(&["-s"]) {
        return given.input(Change::default());
    }
    Err(format!("the script `{}` is not looked into", String::from_utf8_lossy(&word.text)))
}

// The words behind the code are `$0`, `$1` …: what they come to within it is not followed.
fn of_code<'a>(given: &Given<'_, 'a>, at: usize, code: &Word<'a>) -> Unwrapped<'a> {
    let inside = || Change { in_shell: true, ..Change::default() };
    let mut within = vec![(Within::Line(code.clone()), inside())];
    if given.words.len() > at + 1 && code.text.contains(&b'$') {
        let what = format!("what the words behind the code of `{}` come to in it", given.name);
        within.push((Within::Opaque(what), inside()));
    }
    let own = given.words.get(..at).unwrap_or_default();
    Unwrapped::of(own, within)
}

/// A shell whose code reads otherwise than POSIX's.
pub(super) fn foreign<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    let plain = [&b"--version"[..], b"--help"];
    match given.from(1) {
        [word] if word.certain().is_some_and(|word| plain.contains(&word)) => Unwrapped::default(),
        _ => Unwrapped::opaque(format!("the code given to `{}`", given.name)),
    }
}

/// `eval WORD…`: the words, joined, are code.
pub(super) fn eval<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    let mut at = 1;
    if given.words.get(1).is_some_and(|word| word.certain() == Some(b"--")) {
        at = 2;
    }
    let code = given.from(at);
    if code.is_empty() {
        return Unwrapped::default();
    }
    let own = given.words.get(..at).unwrap_or_default();
    Unwrapped::of(own, vec![(Within::Line(joined(code)), Change { in_shell: true, ..Change::default() })])
}

/// `source FILE`, `. FILE`: runs what is in the file.
pub(super) fn source<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    given.not_known("the file it reads is not looked into")
}

const SU: &str = "- -l -f -m -p -P -T -c= -s= -g= -G= -w= --login --preserve-environment --pty --no-pty --fast \
    --command= --session-command= --shell= --group= --supp-group= --whitelist-environment= -h. --help. -V. --version.";

/// `su [-] [ACCOUNT] -c CODE`.
pub(super) fn su<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    as_account(given).unwrap_or_else(|why| given.not_known(&why))
}

fn as_account<'a>(given: &Given<'_, 'a>) -> Result<Unwrapped<'a>, String> {
    let options = options::read_all(given.from(1), SU)?;
    if options.answer() {
        return Ok(Unwrapped::default());
    }
    if options.operands.len() > 1 || options.next + 1 < given.words.len() {
        return Err("it gives words to a shell".to_owned());
    }
    let of = |names: &[&str]| {
        options.met.iter().rev().find(|met| names.contains(&met.name)).and_then(|met| met.value.clone())
    };
    if of(&["-s", "--shell"]).is_some_and(|shell| !is_shell(&shell)) {
        return Err("its shell is not known".to_owned());
    }
    let code = of(&["-c", "--command", "--session-command"]);
    let login = options.has(&["-", "-l", "--login"]);
    let change =
        Change { privileged: true, in_shell: true, folder: login.then_some(None), ..Change::default() };
    match code {
        Some(code) => Ok(Unwrapped { own: None, within: vec![(Within::Line(code), change)] }),
        None => given.input(change),
    }
}

fn is_shell(word: &Word<'_>) -> bool {
    let posix = [&b"sh"[..], b"bash", b"dash", b"zsh", b"ksh", b"ash"];
    word.certain().is_some_and(|word| posix.contains(&base_name(word)))
}

const FLOCK: &str = "-s -x -e -u -n -o -F -v -w= -E= --shared --exclusive --unlock --nonblock --nb --close \
    --no-fork --verbose --wait= --timeout= --conflict-exit-code= --help. --version. -h. -V.";

/// `flock FILE COMMAND…`, `flock FILE -c CODE`, `flock NUMBER`.
pub(super) fn flock<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    behind_a_lock(given).unwrap_or_else(|why| given.not_known(&why))
}

fn behind_a_lock<'a>(given: &Given<'_, 'a>) -> Result<Unwrapped<'a>, String> {
    let options = options::read(given.from(1), FLOCK)?;
    let file = options.next + 1;
    let rest = given.from(file + 1);
    let own = |count: usize| given.words.get(..count).unwrap_or_default();
    if options.answer() || rest.is_empty() {
        return Ok(Unwrapped::default());
    }
    match rest {
        _ if given.words.get(file).is_none_or(|word| !word.is_one()) => {
            Err("its file is only known then".to_owned())
        }
        [flag, code] if matches!(flag.certain(), Some(b"-c" | b"--command")) => {
            let change = Change { in_shell: true, ..Change::default() };
            Ok(Unwrapped::of(own(file + 2), vec![(Within::Line(code.clone()), change)]))
        }
        [first, ..] if first.is_option() => Err(unknown(first)),
        words => {
            let within = vec![(Within::Command(words.to_vec()), Change::default())];
            Ok(Unwrapped::of(own(file + 1), within))
        }
    }
}

const WATCH: &str = "-b -c -C -d? -e -f -g -p -r -t -w -x -n= -q= --beep --color --no-color --differences? --errexit \
    --follow --chgexit --precise --no-rerun --no-title --no-wrap --exec --interval= --equexit= -h. --help. -v. --version.";

/// `watch WORD…`: the words, joined, are code; with `-x` they are a command.
pub(super) fn watch<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    let options = match options::read(given.from(1), WATCH) {
        Ok(options) => options,
        Err(why) => return given.not_known(&why),
    };
    let (own, words) = given.words.split_at_checked(options.next + 1).unwrap_or((given.words, &[]));
    if options.answer() || words.is_empty() {
        return Unwrapped::default();
    }
    if options.has(&["-x", "--exec"]) {
        return Unwrapped::of(own, vec![(Within::Command(words.to_vec()), Change::default())]);
    }
    Unwrapped::of(own, vec![(Within::Line(joined(words)), Change { in_shell: true, ..Change::default() })])
}

/// `env -S STRING …`: the string is split, and read as more words of `env`.
pub(super) fn env<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    split_string(given).unwrap_or_else(|| ENV.unwrap(given))
}

const ENV: super::plain::Row = super::plain::runs(
    "- -i -0 -v -u% -C/ --ignore-environment --null --debug --unset% --chdir/ --default-signal? --ignore-signal? \
     --block-signal? --list-signal-handling --help. --version.",
)
.setting();

const ENV_SPLIT: &str = "- -i -v -S= --ignore-environment --debug --split-string=";

fn split_string<'a>(given: &Given<'_, 'a>) -> Option<Unwrapped<'a>> {
    let options = options::read(given.from(1), ENV_SPLIT).ok()?;
    let split = options.met.iter().find(|met| matches!(met.name, "-S" | "--split-string"))?;
    let text = split.value.as_ref()?;
    // Quotes, escapes, variables and comments are env's own; once is enough to read.
    let plain = |text: &[u8]| !text.iter().any(|b| b"'\"\\$#".contains(b));
    let last = options.met.last() == Some(split);
    let Some(text) = text.certain().filter(|text| plain(text) && last) else {
        return Some(given.not_known("how `-S` is split is not known"));
    };
    let pieces = text.split(u8::is_ascii_whitespace).filter(|piece| !piece.is_empty());
    let pieces = pieces.map(|piece| Word::exact(piece.to_vec()));
    let rest = given.from(options.next + 1).iter().cloned();
    let words = std::iter::once(Word::from("env")).chain(pieces).chain(rest).collect();
    let own = given.words.get(..=options.next).unwrap_or_default();
    Some(Unwrapped::of(own, vec![(Within::Command(words), Change::default())]))
}

const RUNUSER: super::plain::Row =
    super::plain::runs("-u= -g= -G= --user= --group= --supp-group=").privileged();

/// `runuser -u ACCOUNT COMMAND…`, or as `su` is written.
pub(super) fn runuser<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    let names_account = options::read(given.from(1), "-u= -g= -G= --user= --group= --supp-group=");
    match names_account {
        Ok(options) if options.has(&["-u", "--user"]) => RUNUSER.unwrap(given),
        _ => su(given),
    }
}

const SCRIPT: &str = "-a -e -f -q -c= -I= -O= -B= -T= -m= -E= -o= --append --return --flush --quiet --force --command= \
    --log-in= --log-out= --log-io= --log-timing= --logging-format= --echo= --output-limit= -h. --help. -V. --version.";

/// `script -c CODE FILE`.
pub(super) fn script<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    let options = match options::read_all(given.from(1), SCRIPT) {
        Ok(options) => options,
        Err(why) => return given.not_known(&why),
    };
    let code = options.met.iter().rev().find(|met| matches!(met.name, "-c" | "--command"));
    match code.and_then(|met| met.value.clone()) {
        _ if options.answer() => Unwrapped::default(),
        Some(code) if !options.ended && options.operands.len() < 2 => {
            let change = Change { in_shell: true, ..Change::default() };
            Unwrapped { own: None, within: vec![(Within::Line(code), change)] }
        }
        _ => given.not_known("a shell reads its input"),
    }
}
