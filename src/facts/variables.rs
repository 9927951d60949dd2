//! Variables that change what is printed, for which machine is built or at which port the project's own server listens,
//! and nothing else, so that setting one keeps nothing from being allowed.
//! Pure. A list of the harmless, for that of the harmful (`LD_PRELOAD`, `GIT_SSH`, `BASH_ENV` …) has no end.

const HARMLESS: [&str; 46] = [
    "CARGO_INCREMENTAL",
    "CARGO_TERM_COLOR",
    "CARGO_TERM_PROGRESS_WHEN",
    "CGO_ENABLED",
    "CI",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLUMNS",
    "DEBIAN_FRONTEND",
    "DEBUG",
    "DO_NOT_TRACK",
    "FORCE_COLOR",
    "GOARCH",
    "GOGC",
    "GOMAXPROCS",
    "GOOS",
    "GOTRACEBACK",
    "LANG",
    "LANGUAGE",
    "LINES",
    "LOG_LEVEL",
    "NEXT_TELEMETRY_DISABLED",
    "NODE_ENV",
    "NO_COLOR",
    "NO_UPDATE_NOTIFIER",
    "OMP_NUM_THREADS",
    "PIP_DISABLE_PIP_VERSION_CHECK",
    "PIP_NO_INPUT",
    "PORT",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONFAULTHANDLER",
    "PYTHONHASHSEED",
    "PYTHONIOENCODING",
    "PYTHONUNBUFFERED",
    "PYTHONUTF8",
    "RAILS_ENV",
    "RUST_BACKTRACE",
    "RUST_LOG",
    "RUST_MIN_STACK",
    "RUST_TEST_THREADS",
    "TERM",
    "TF_INPUT",
    "TF_IN_AUTOMATION",
    "TZ",
    "V",
    "VERBOSE",
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
    let is_projects_own = name == b"DATABASE_URL" && value.is_some_and(is_file_here);
    is_projects_own || is_harmless(name) && (name != b"RAILS_ENV" || value.is_some_and(is_near))
}

// A database that is a file below the folder, or none: what tests are given.
fn is_file_here(url: &[u8]) -> bool {
    let Some(path) = url.strip_prefix(b"sqlite://") else { return false };
    let path = path.strip_prefix(b"/").unwrap_or(path);
    let plain =
        path.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-' | b'.' | b':'));
    plain && !path.starts_with(b"/") && !path.split(|&b| b == b'/').any(|part| part == b"..")
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
        for url in ["sqlite:///test.db", "sqlite://:memory:", "sqlite:///tmp/a.db", "sqlite://"] {
            assert!(sets_nothing(b"DATABASE_URL", Some(url.as_bytes())), "{url}");
        }
        for url in [
            "sqlite:////etc/a.db",
            "sqlite:///../a.db",
            "postgres://db/x",
            "sqlite:///a?x=y",
            "sqlite:/a",
            "",
        ] {
            assert!(!sets_nothing(b"DATABASE_URL", Some(url.as_bytes())), "{url}");
        }
        assert!(!sets_nothing(b"DATABASE_URL", None) && !sets_nothing(b"REDIS_URL", Some(b"sqlite:///a")));
        assert!(!sets_nothing(b"RAILS_ENV", Some(b"production")) && !sets_nothing(b"RAILS_ENV", None));
        for name in ["RUST_LOG", "CI", "LC_ALL", "i", "file_name"] {
            assert!(is_harmless(name.as_bytes()), "{name}");
        }
    }
}
