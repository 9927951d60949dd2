//! What a shell does itself, without looking for a file.
//! Pure.

// What sh(1) and bash(1) do themselves, and no function or file of the same name can be instead: those that
// a line defines are not understood (`facts::shell`).
const SHELLS_OWN: [&str; 38] = [
    ".", ":", "[", "alias", "bg", "break", "builtin", "caller", "cd", "command", "continue", "declare",
    "dirs", "echo", "exit", "export", "false", "fg", "getopts", "hash", "jobs", "let", "local", "popd",
    "printf", "pushd", "pwd", "read", "readonly", "return", "set", "shift", "test", "true", "type", "umask",
    "unset", "wait",
];

/// Whether every shell runs the command of this name itself.
#[must_use]
pub fn is_shells_own(name: &[u8]) -> bool {
    SHELLS_OWN.iter().any(|own| own.as_bytes() == name)
}
