//! Commands that run other commands or code: which commands run within them, and what is changed for those.
//! Pure. What is named here and not looked into is never allowed, whatever a rule says.

use super::argv::{Command, Flag, Word, is_option};
use super::atoms::{Around, Change};

/// What a command runs within itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unwrapped<'a> {
    /// The command's own words, without those of what runs within; none when all words are its own.
    pub own: Option<Vec<Word<'a>>>,
    /// What runs within.
    pub within: Vec<(Within<'a>, Change)>,
}

/// Something that runs within a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Within<'a> {
    /// A command.
    Command(Vec<Word<'a>>),
    /// Something that is not understood, in words for the card.
    Opaque(String),
}

/// What a command of these words runs within itself.
#[must_use]
pub fn unwrap<'a>(words: &[Word<'a>], _around: &Around) -> Unwrapped<'a> {
    let what = Command::of(words).and_then(|command| not_understood(&command, command.name()));
    let within = what.map(|what| (Within::Opaque(what), Change::default()));
    Unwrapped { own: None, within: within.into_iter().collect() }
}

/// Shells: all they do is run code.
const SHELLS: [&str; 20] = [
    "sh",
    "bash",
    "dash",
    "zsh",
    "fish",
    "ksh",
    "mksh",
    "ash",
    "csh",
    "tcsh",
    "rbash",
    "rzsh",
    "yash",
    "pwsh",
    "powershell",
    "nu",
    "elvish",
    "xonsh",
    "oil",
    "osh",
];

/// Programs that run the command in their arguments.
const WRAPPERS: [&str; 87] = [
    "sudo",
    "doas",
    "su",
    "runuser",
    "pkexec",
    "run0",
    "env",
    "timeout",
    "gtimeout",
    "nice",
    "ionice",
    "nohup",
    "setsid",
    "stdbuf",
    "chroot",
    "unshare",
    "nsenter",
    "time",
    "gtime",
    "command",
    "exec",
    "builtin",
    "eval",
    "xargs",
    "gxargs",
    "parallel",
    "watch",
    "flock",
    "lockf",
    "script",
    "strace",
    "ltrace",
    "gdb",
    "lldb",
    "valgrind",
    "perf",
    "ssh",
    "rsh",
    "mosh",
    "sshpass",
    "busybox",
    "toybox",
    "coreutils",
    "taskset",
    "chrt",
    "numactl",
    "prlimit",
    "setpriv",
    "setarch",
    "linux32",
    "linux64",
    "capsh",
    "firejail",
    "bwrap",
    "fakeroot",
    "faketime",
    "proxychains",
    "proxychains4",
    "torsocks",
    "dbus-run-session",
    "xvfb-run",
    "entr",
    "tmux",
    "screen",
    "systemd-run",
    "systemd-nspawn",
    "machinectl",
    "at",
    "batch",
    "cgexec",
    "catchsegv",
    "caffeinate",
    "arch",
    "sg",
    "newgrp",
    "start-stop-daemon",
    "daemonize",
    "unbuffer",
    "expect",
    "socat",
    "nc",
    "ncat",
    "npx",
    "bunx",
    "uvx",
    "pipx",
    "handoff",
];

/// Programs of which some subcommands run a command elsewhere.
const CARRIERS: [(&str, &[&str]); 11] = [
    ("docker", &["exec", "run", "compose", "container", "create"]),
    ("podman", &["exec", "run", "compose", "container", "create", "unshare"]),
    ("nerdctl", &["exec", "run", "compose", "container", "create"]),
    ("kubectl", &["exec", "run", "debug"]),
    ("oc", &["exec", "run", "debug", "rsh"]),
    ("lxc", &["exec"]),
    ("incus", &["exec"]),
    ("npm", &["exec", "x"]),
    ("pnpm", &["exec", "dlx"]),
    ("yarn", &["exec", "dlx"]),
    ("vagrant", &["ssh"]),
];

/// Programs that run a command named by an option.
const LAUNCHERS: [(&str, &[&str]); 10] = [
    ("find", &["-exec", "-execdir", "-ok", "-okdir"]),
    ("gfind", &["-exec", "-execdir", "-ok", "-okdir"]),
    ("fd", &["-x", "-X", "--exec", "--exec-batch"]),
    ("fdfind", &["-x", "-X", "--exec", "--exec-batch"]),
    ("vim", &["-c", "--cmd", "-S", "-s"]),
    ("vi", &["-c", "--cmd", "-S", "-s"]),
    ("nvim", &["-c", "--cmd", "-S", "-s", "-l"]),
    ("emacs", &["--eval", "-eval", "-l", "--load", "-f", "--funcall"]),
    ("tar", &["--to-command", "--checkpoint-action", "-I", "--use-compress-program", "-F"]),
    ("rg", &["--pre", "--hostname-bin"]),
];

/// Interpreters, and the options that give them code on the command line.
const INTERPRETERS: [(&str, &str); 20] = [
    ("python", "c"),
    ("pypy", "c"),
    ("perl", "eE"),
    ("ruby", "e"),
    ("node", "ep"),
    ("nodejs", "ep"),
    ("deno", "e"),
    ("bun", "ep"),
    ("php", "rBRE"),
    ("lua", "e"),
    ("luajit", "e"),
    ("tclsh", ""),
    ("Rscript", "e"),
    ("R", "e"),
    ("julia", "eE"),
    ("elixir", "e"),
    ("osascript", "e"),
    ("ghci", "e"),
    ("scala", "e"),
    ("guile", "c"),
];

const AWKS: [&str; 5] = ["awk", "gawk", "mawk", "nawk", "original-awk"];

/// Why this command is not understood, in words for the card; none when it is a plain command.
fn not_understood(command: &Command<'_>, name: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(name).ok()?;
    if SHELLS.contains(&name) {
        return Some(format!("what `{name}` runs: shell code is not read yet"));
    }
    if WRAPPERS.contains(&name) || name.starts_with("ld-linux") || name.starts_with("ld.so") {
        return Some(format!("what `{name}` runs: the command within it is not read yet"));
    }
    if AWKS.contains(&name) {
        return Some(format!("the code given to `{name}`"));
    }
    carried(command, name).or_else(|| launched(command, name)).or_else(|| inline(command, name))
}

fn carried(command: &Command<'_>, name: &str) -> Option<String> {
    let (_, subcommands) = CARRIERS.iter().find(|(carrier, _)| *carrier == name)?;
    let found =
        subcommands.iter().find(|subcommand| command.may_be_subcommand(&[(**subcommand).to_owned()]))?;
    Some(format!("what `{name} {found}` runs: the command within it is not read yet"))
}

fn launched(command: &Command<'_>, name: &str) -> Option<String> {
    let (_, options) = LAUNCHERS.iter().find(|(launcher, _)| *launcher == name)?;
    let flags = options.iter().filter_map(|option| Flag::new(option));
    let found = flags.into_iter().find(|flag| command.may_have(flag))?;
    Some(format!("what `{name} {}` runs: the command within it is not read yet", found.name()))
}

// An interpreter without a script reads code from its input.
fn inline(command: &Command<'_>, name: &str) -> Option<String> {
    let family = name.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-'));
    let (interpreter, letters) = INTERPRETERS.iter().find(|(known, _)| *known == family)?;
    let letter = |word: &&[u8]| {
        is_option(word)
            && (word.starts_with(b"--e") || word.starts_with(b"--p") || word.starts_with(b"--r"))
                | (word.get(1) != Some(&b'-') && word.iter().any(|b| letters.as_bytes().contains(b)))
    };
    let words: Vec<&[u8]> = command.words().iter().map(|word| &*word.text).collect();
    let code = words.iter().any(letter) || words.first() == Some(&&b"eval"[..]);
    let script = words.iter().any(|word| !is_option(word) && *word != b"-");
    let version = words.len() == 1 && words.first() == Some(&&b"--version"[..]);
    (code || !(script || version)).then(|| format!("the code given to `{interpreter}`"))
}

/// The words in a text that may be programs: the whole, or the pieces of a text that holds several. For rules
/// that stop; the text is not parsed as a shell would.
#[must_use]
pub fn pieces(word: &[u8]) -> Vec<Vec<u8>> {
    const ENDS: &[u8] = b" \t\r\n;&|()<>`{}$";
    if !word.iter().any(|b| ENDS.contains(b) || matches!(b, b'\'' | b'"' | b'\\')) {
        return vec![word.to_vec()];
    }
    let unquoted = word.iter().copied().filter(|b| !matches!(b, b'\'' | b'"' | b'\\'));
    let unquoted: Vec<u8> = unquoted.collect();
    let split = unquoted.split(|b| ENDS.contains(b)).filter(|piece| !piece.is_empty());
    split.map(<[u8]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(words: &[&str]) -> Option<String> {
        let words: Vec<Word<'_>> = words.iter().map(|word| Word::from(*word)).collect();
        let command = Command::of(&words).unwrap();
        not_understood(&command, command.name())
    }

    #[test]
    fn what_runs_something_else_is_said_not_to_be_understood() {
        for words in [
            &["sh", "-c", "ls"][..],
            &["/bin/bash", "x.sh"],
            &["sudo", "ls"],
            &["env", "A=1", "ls"],
            &["find", ".", "-exec", "rm", "{}", ";"],
            &["docker", "-H", "x", "exec", "c", "ls"],
            &["kubectl", "-n", "prod", "exec", "p", "--", "ls"],
            &["python3", "-c", "1"],
            &["python3.12", "-Ic", "1"],
            &["python3"],
            &["perl", "-ne", "1"],
            &["node", "--eval", "1"],
            &["deno", "eval", "1"],
            &["awk", "{system(1)}"],
            &["busybox", "rm"],
        ] {
            assert!(why(words).is_some(), "{words:?}");
        }
    }

    #[test]
    fn plain_commands_are_understood() {
        for words in [
            &["ls", "-l"][..],
            &["find", ".", "-name", "x"],
            &["docker", "ps"],
            &["kubectl", "get", "pods"],
            &["python3", "x.py"],
            &["python3", "--version"],
            &["tar", "xf", "a.tar"],
        ] {
            assert_eq!(why(words), None, "{words:?}");
        }
    }

    #[test]
    fn the_words_within_are_found_behind_quotes_and_separators() {
        let found = pieces(b"cd /tmp; r'm' -rf \"x\" && (echo)");
        let found: Vec<_> = found.iter().map(|word| String::from_utf8_lossy(word)).collect();
        assert_eq!(found, ["cd", "/tmp", "rm", "-rf", "x", "echo"]);
    }
}
