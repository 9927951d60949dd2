//! What a shell does itself, without looking for a file.
//! Pure.

// sh(1): every shell does these itself. No function or file of the same name can be instead: code that defines
// or unloads one is not understood (`facts::shell`).
const EVERY_SHELLS: [&str; 35] = [
    ".", ":", "[", "alias", "bg", "break", "cd", "command", "continue", "echo", "eval", "exec", "exit",
    "export", "false", "fg", "getopts", "hash", "jobs", "printf", "pwd", "read", "readonly", "return", "set",
    "shift", "test", "times", "trap", "true", "type", "umask", "unalias", "unset", "wait",
];
// bash(1) beyond those; to another shell a file of that name would do.
const BASHS: [&str; 23] = [
    "[[",
    "builtin",
    "caller",
    "compgen",
    "declare",
    "dirs",
    "disown",
    "enable",
    "help",
    "history",
    "kill",
    "let",
    "local",
    "logout",
    "mapfile",
    "popd",
    "pushd",
    "readarray",
    "shopt",
    "source",
    "suspend",
    "typeset",
    "ulimit",
];

/// Whether the shell within these commands, outermost first, is bash: it is where there is none, and what runs
/// code in the shell that reads it changes nothing.
#[must_use]
pub fn is_bash(via: &[String]) -> bool {
    let same = |name: &&String| !matches!(name.as_str(), "eval" | "trap" | "source" | ".");
    via.iter().rev().find(same).is_none_or(|shell| shell == "bash")
}

/// Whether the shell within these commands runs the command of this name itself.
#[must_use]
pub fn is_shells_own(name: &[u8], via: &[String]) -> bool {
    let among = |names: &[&str]| names.iter().any(|own| own.as_bytes() == name);
    among(&EVERY_SHELLS) || (is_bash(via) && among(&BASHS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_bash_has_is_a_file_to_another_shell() {
        let within = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        for (via, own) in [
            (&["bash"][..], true),
            (&[], true),
            (&["sudo", "bash", "eval"], true),
            (&["dash"], false),
            (&["bash", "sh"], false),
            (&["sudo"], false),
        ] {
            assert_eq!(is_shells_own(b"pushd", &within(via)), own, "{via:?}");
            assert!(is_shells_own(b"cd", &within(via)));
        }
    }
}
