//! Names that tell what a file is: a credential, a file of handoff, something that others run unasked.
//! Pure; tables and their reading.

// Folders whose whole content is credentials.
const SECRET_FOLDERS: [&str; 14] = [
    ".ssh",
    ".aws",
    ".gnupg",
    ".azure",
    ".kube",
    ".oci",
    ".password-store",
    ".vault",
    ".sops",
    ".step",
    "Keychains",
    "keyrings",
    ".1password",
    ".bitcoin",
];
// A folder's name and what lies right in it; `*` is anything.
const SECRET_IN: [(&str, &str); 18] = [
    (".docker", "config.json"),
    (".config", "gcloud"),
    (".config", "gh"),
    (".config", "hub"),
    (".config", "glab-cli"),
    (".config", "op"),
    (".config", "rclone"),
    (".config", "sops"),
    (".config", "doctl"),
    (".cargo", "credentials"),
    (".cargo", "credentials.toml"),
    (".gem", "credentials"),
    (".terraform.d", "credentials.tfrc.json"),
    (".m2", "settings.xml"),
    (".gradle", "gradle.properties"),
    ("ssl", "private"),
    ("etc", "shadow"),
    ("etc", "gshadow"),
];
const SECRET_FILES: [&str; 38] = [
    ".env",
    ".netrc",
    "_netrc",
    ".pgpass",
    ".my.cnf",
    ".mylogin.cnf",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".dockercfg",
    ".htpasswd",
    ".vault-token",
    ".vault_pass",
    ".s3cfg",
    ".boto",
    ".terraformrc",
    ".msmtprc",
    ".fetchmailrc",
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    "id_ecdsa_sk",
    "id_ed25519_sk",
    "kubeconfig",
    "credentials.json",
    "service-account.json",
    "secrets.yml",
    "secrets.yaml",
    "secrets.json",
    "secrets.toml",
    "shadow-",
    "gshadow-",
    "master.passwd",
    "master.key",
    "wallet.dat",
    "Login Data",
    "logins.json",
];
const SECRET_ENDS: [&str; 12] = [
    ".pem",
    ".key",
    ".p12",
    ".pfx",
    ".jks",
    ".keystore",
    ".kdbx",
    ".ppk",
    ".keytab",
    ".kubeconfig",
    ".env",
    ".asc",
];
// Files that show what a `.env` should hold, without holding it.
const PATTERNS_OF_ENV: [&str; 5] = ["example", "sample", "template", "dist", "schema"];

/// Where handoff keeps its files below the home folder.
pub const HANDOFF_AT_HOME: [&[u8]; 4] = [
    b".config/handoff",
    b".local/share/handoff",
    b".local/state/handoff",
    b"Library/Application Support/handoff",
];

// What editors, shells, hooks and services run when nobody asks them to.
const RUN_UNASKED: [&str; 27] = [
    ".envrc",
    ".direnv",
    ".vscode",
    ".idea",
    ".husky",
    ".githooks",
    ".devcontainer",
    ".claude",
    ".codex",
    ".cursor",
    ".gemini",
    ".mcp.json",
    ".mise",
    ".mise.toml",
    "mise.toml",
    ".gitlab-ci.yml",
    ".circleci",
    ".travis.yml",
    ".buildkite",
    ".woodpecker",
    ".woodpecker.yml",
    ".drone.yml",
    "Jenkinsfile",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    ".pre-commit-config.yaml",
    "lefthook.yml",
];

/// Whether the path is that of credentials, or in a folder of them.
#[must_use]
pub fn is_secret(path: &[u8]) -> bool {
    let mut before: &[u8] = b"";
    let mut last: &[u8] = b"";
    for part in path.split(|&b| b == b'/').filter(|part| !part.is_empty()) {
        let pair = |(folder, name): &(&str, &str)| is(before, folder) && is(part, name);
        if among(part, &SECRET_FOLDERS) || SECRET_IN.iter().any(pair) {
            return true;
        }
        (before, last) = (part, part);
    }
    is_secret_file(last) || is_of_a_process(path)
}

fn is_secret_file(name: &[u8]) -> bool {
    let ends = |end: &&str| {
        let start = name.len().saturating_sub(end.len());
        start > 0 && name.get(start..).is_some_and(|tail| is(tail, end))
    };
    let key = [&b"id_rsa"[..], b"id_ed25519", b"id_ecdsa"].iter().any(|key| name.starts_with(key));
    among(name, &SECRET_FILES)
        || SECRET_ENDS.iter().any(ends)
        || (key && !name.ends_with(b".pub"))
        || name.strip_prefix(b".env.").is_some_and(|rest| !among(rest, &PATTERNS_OF_ENV))
}

// proc(5): the environment and the memory of a process.
fn is_of_a_process(path: &[u8]) -> bool {
    let rest = path.strip_prefix(b"/proc/");
    rest.is_some_and(|rest| [&b"/environ"[..], b"/mem"].iter().any(|end| rest.ends_with(end)))
}

/// Whether the path is handoff's own.
#[must_use]
pub fn is_handoffs(path: &[u8]) -> bool {
    let in_etc = super::zone::lies_in(path, b"/etc/handoff");
    let mut parts = path.split(|&b| b == b'/').filter(|part| !part.is_empty());
    in_etc
        || path.rsplit(|&b| b == b'/').next().is_some_and(|name| is(name, ".handoff.toml"))
        || parts.any(|part| is(part, "handoff")) && HANDOFF_AT_HOME.iter().any(|place| holds(path, place))
}

// Whether `parts` stand in the path, whole and one after another.
fn holds(path: &[u8], parts: &[u8]) -> bool {
    let ends = |at: usize| path.get(at + parts.len()).is_none_or(|&b| b == b'/');
    let begins = |at: usize| at == 0 || path.get(at - 1) == Some(&b'/');
    path.windows(parts.len())
        .enumerate()
        .any(|(at, found)| found.eq_ignore_ascii_case(parts) && begins(at) && ends(at))
}

/// Whether a path within a project is git's own.
#[must_use]
pub fn is_of_git(rest: &[u8]) -> bool {
    rest.split(|&b| b == b'/').any(|part| is(part, ".git"))
}

/// Whether a path within a project is something that others run unasked.
#[must_use]
pub fn is_run_unasked(rest: &[u8]) -> bool {
    let mut before: &[u8] = b"";
    rest.split(|&b| b == b'/').any(|part| {
        let of_github = is(before, ".github") && (is(part, "workflows") || is(part, "actions"));
        before = part;
        of_github || among(part, &RUN_UNASKED)
    }) || is(before, ".github")
}

/// Whether a part with the shell's wildcards may turn out to be a name that has a meaning here.
#[must_use]
pub fn may_be_telling(pattern: &[u8]) -> bool {
    // A wildcard at the start names no hidden file.
    if !matches!(pattern.first(), Some(b'*' | b'?')) && matches!(pattern.first(), Some(b'.' | b'[')) {
        return true;
    }
    let tail = pattern.rsplit(|b| matches!(b, b'*' | b'?' | b']')).next().unwrap_or_default();
    let head = pattern.split(|b| matches!(b, b'*' | b'?' | b'[')).next().unwrap_or_default();
    let fits = |name: &&str| {
        let name = name.as_bytes();
        name.len() >= head.len().max(tail.len())
            && name.get(..head.len()).is_some_and(|start| start.eq_ignore_ascii_case(head))
            && name.get(name.len() - tail.len()..).is_some_and(|end| end.eq_ignore_ascii_case(tail))
    };
    let ends = |end: &&str| {
        let (end, tail) = (end.as_bytes(), tail);
        let shared = end.len().min(tail.len());
        end.get(end.len() - shared..).is_some_and(|part| {
            tail.get(tail.len() - shared..).is_some_and(|other| part.eq_ignore_ascii_case(other))
        })
    };
    let others = SECRET_IN.iter().map(|(_, name)| *name);
    SECRET_ENDS.iter().any(ends)
        || SECRET_FILES.iter().any(fits)
        || SECRET_FOLDERS.iter().any(fits)
        || RUN_UNASKED.iter().any(fits)
        || others.into_iter().any(|name| fits(&name))
        || [&b"id_rsa"[..], b"id_ed", b"id_ec"].iter().any(|key| head.starts_with(key))
}

fn among(part: &[u8], names: &[&str]) -> bool {
    names.iter().any(|name| is(part, name))
}

// On macOS names differ in case and are the same file.
fn is(part: &[u8], name: &str) -> bool {
    part.eq_ignore_ascii_case(name.as_bytes())
}
