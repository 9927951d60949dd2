//! Variables that change what is printed and nothing else, so that setting one keeps nothing from being allowed.
//! Pure. A list of the harmless, for that of the harmful (`LD_PRELOAD`, `GIT_SSH`, `BASH_ENV` …) has no end.

const HARMLESS: [&str; 32] = [
    "CARGO_TERM_COLOR",
    "CARGO_TERM_PROGRESS_WHEN",
    "CI",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLUMNS",
    "DEBIAN_FRONTEND",
    "DEBUG",
    "FORCE_COLOR",
    "GOMAXPROCS",
    "GOTRACEBACK",
    "LANG",
    "LANGUAGE",
    "LINES",
    "LOG_LEVEL",
    "NODE_ENV",
    "NO_COLOR",
    "OMP_NUM_THREADS",
    "PIP_DISABLE_PIP_VERSION_CHECK",
    "PIP_NO_INPUT",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONHASHSEED",
    "PYTHONUNBUFFERED",
    "PYTHONUTF8",
    "RAILS_ENV",
    "RUST_BACKTRACE",
    "RUST_LOG",
    "RUST_TEST_THREADS",
    "TERM",
    "TZ",
    "VERBOSE",
    "V",
];

// Of those in small letters, what shells and network programs give a meaning.
const TELLING: [&str; 9] =
    ["http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy", "path", "fpath", "cdpath", "ifs"];

/// Whether setting it changes nothing that matters. Names in small letters are a script's own.
#[must_use]
pub fn is_harmless(name: &[u8]) -> bool {
    let Ok(name) = std::str::from_utf8(name) else { return false };
    let own = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    HARMLESS.contains(&name)
        || name.starts_with("LC_")
        || (own && !name.is_empty() && !TELLING.contains(&name))
}

/// Whether setting it to this value, if that is known, changes nothing that matters: `RAILS_ENV=production` does.
#[must_use]
pub fn sets_nothing(name: &[u8], value: Option<&[u8]>) -> bool {
    let is_near = |value: &[u8]| matches!(value, b"test" | b"development" | b"");
    is_harmless(name) && (name != b"RAILS_ENV" || value.is_some_and(is_near))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_a_program_is_not_harmless() {
        for name in ["LD_PRELOAD", "PATH", "IFS", "GIT_SSH_COMMAND", "http_proxy", "BASH_ENV", "PAGER", ""] {
            assert!(!is_harmless(name.as_bytes()), "{name}");
        }
        assert!(sets_nothing(b"RAILS_ENV", Some(b"test")) && sets_nothing(b"NODE_ENV", Some(b"production")));
        assert!(!sets_nothing(b"RAILS_ENV", Some(b"production")) && !sets_nothing(b"RAILS_ENV", None));
        for name in ["RUST_LOG", "CI", "LC_ALL", "i", "file_name"] {
            assert!(is_harmless(name.as_bytes()), "{name}");
        }
    }
}
