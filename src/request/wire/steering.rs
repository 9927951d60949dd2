//! Variables whose value decides what runs, and so may never be hidden.
//! Pure.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

// Folders and files that programs, libraries or code are taken from, and options and code themselves.
const NAMES: [&str; 45] = [
    "BASHOPTS",
    "BASH_ENV",
    "BROWSER",
    "CDPATH",
    "CLASSPATH",
    "DOCKER_HOST",
    "EDITOR",
    "ENV",
    "GCONV_PATH",
    "GIT_ASKPASS",
    "GIT_DIR",
    "GIT_EDITOR",
    "GIT_EXEC_PATH",
    "GIT_PAGER",
    "GIT_PROXY_COMMAND",
    "GIT_WORK_TREE",
    "HOME",
    "IFS",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "KUBECONFIG",
    "LUA_INIT",
    "LUA_PATH",
    "MAKEFLAGS",
    "NODE_OPTIONS",
    "NODE_PATH",
    "PAGER",
    "PATH",
    "PERL5LIB",
    "PERL5OPT",
    "PERLLIB",
    "PROMPT_COMMAND",
    "PS4",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "RUBYLIB",
    "RUBYOPT",
    "RUSTC_WRAPPER",
    "SHELL",
    "SHELLOPTS",
    "SSH_ASKPASS",
    "TMPDIR",
    "VISUAL",
    "ZDOTDIR",
];
const PREFIXES: [&str; 5] = ["LD_", "DYLD_", "BASH_FUNC_", "GIT_SSH", "GIT_CONFIG"];

/// Whether a variable by its nature says which program, library or code runs, or where from. Such values are
/// always shown: a reviewer who cannot see them does not know what runs.
#[must_use]
pub fn steers(name: &OsStr) -> bool {
    let bytes = name.as_bytes();
    NAMES.iter().any(|known| known.as_bytes() == bytes)
        || PREFIXES.iter().any(|prefix| bytes.starts_with(prefix.as_bytes()))
}
