//! Which branches a command concerns: those its words name, and the one it works on.
//! Pure; wide, for rules that stop.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::sync::LazyLock;

use super::subject::Subject;
use crate::facts::argv::Word;
use crate::facts::glob::Glob;

/// A branch as a rule names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Branch {
    /// One the root policy protects: `@protected`.
    Protected,
    /// One whose name fits.
    Named(Glob),
}

/// The branches that are protected where the policy does not say which.
const PROTECTED: [&str; 6] = ["main", "master", "trunk", "production", "prod", "release/**"];

static USUAL: LazyLock<Vec<Glob>> =
    LazyLock::new(|| PROTECTED.iter().filter_map(|name| Glob::new(name)).collect());

// Subcommands of git that work on the branches they name, and on the current one only when they name none.
const NAMING: [&str; 8] = ["branch", "checkout", "switch", "tag", "worktree", "fetch", "update-ref", "push"];
// What pushes branches that are not named.
const ALL: [&str; 4] = ["--all", "--mirror", "--branches", "--prune"];
// Options of push that say nothing about which branch.
const PLAIN: [&str; 17] = [
    "-f",
    "-u",
    "-q",
    "-v",
    "-n",
    "--force",
    "--set-upstream",
    "--quiet",
    "--verbose",
    "--dry-run",
    "--tags",
    "--follow-tags",
    "--no-verify",
    "--verify",
    "--atomic",
    "--progress",
    "--porcelain",
];

/// Whether some reading of the command names such a branch, or works on one.
pub fn may_concern(subject: &Subject<'_>, wanted: &[Branch]) -> bool {
    let protected = subject.protected.unwrap_or(&USUAL);
    let globs: Vec<&Glob> = wanted
        .iter()
        .flat_map(|branch| match branch {
            Branch::Protected => protected.iter().collect(),
            Branch::Named(glob) => vec![glob],
        })
        .collect();
    let names = |text: &[u8]| {
        let name = short(text);
        globs.iter().any(|glob| glob.fits(name) || (name.contains(&b'*') && glob.may_meet(name)))
    };
    if subject.command.may_be_arguments().any(|(text, _)| names(text)) {
        return true;
    }
    if subject.name != b"git" {
        return false;
    }
    let all = |word: &Word<'_>| ALL.iter().any(|option| word.text.starts_with(option.as_bytes()));
    let everything = is(subject, "push") && subject.command.words().iter().any(all);
    everything || (may_work_on_current(subject) && current(subject).is_none_or(|name| names(&name)))
}

// `HEAD:refs/heads/main`, `+main`: the branch that is written.
fn short(text: &[u8]) -> &[u8] {
    let to = text.rsplit(|&b| b == b':').next().unwrap_or(text);
    let to = to.strip_prefix(b"+").unwrap_or(to);
    let to = to.strip_prefix(b"refs/").unwrap_or(to);
    to.strip_prefix(b"heads/").unwrap_or(to)
}

fn is(subject: &Subject<'_>, subcommand: &str) -> bool {
    subject.command.may_be_subcommand(&[subcommand.to_owned()])
}

// The branch checked out where the command runs; none when that is not known.
fn current(subject: &Subject<'_>) -> Option<Vec<u8>> {
    let seen = subject.seen;
    let folder = subject.atom.folder.as_deref()?;
    let folder = PathBuf::from(OsString::from_vec(seen.links.resolve(folder, b"", true)?));
    // A folder below may be a checkout of its own.
    let same = folder == seen.cwd
        || seen
            .repository
            .as_deref()
            .is_some_and(|top| folder.starts_with(top) && seen.cwd.starts_with(&folder));
    (same && !subject.atom.branch_moved && !is_elsewhere(subject))
        .then(|| seen.branch.as_ref().map(|name| name.as_bytes().to_vec()))?
}

// Whether an option or a variable may name another checkout.
fn is_elsewhere(subject: &Subject<'_>) -> bool {
    let option = |word: &Word<'_>| {
        let named =
            ["-C", "--git-dir", "--work-tree"].iter().any(|name| word.text.starts_with(name.as_bytes()));
        named || (word.certain().is_none() && word.may_be_option())
    };
    let telling = |name: &[u8]| matches!(name, b"GIT_DIR" | b"GIT_WORK_TREE" | b"GIT_COMMON_DIR");
    subject.command.words().iter().any(option)
        || subject.atom.sets.iter().any(|set| telling(&set.name))
        || subject.seen.env_added.iter().any(|name| telling(name.as_bytes()))
}

// Unless the words certainly name another branch.
fn may_work_on_current(subject: &Subject<'_>) -> bool {
    let Some(subcommand) = NAMING.iter().find(|name| is(subject, name)) else { return true };
    let words = subject.command.words();
    let start = words.iter().position(|word| *word.text == *subcommand.as_bytes()).map_or(0, |at| at + 1);
    let rest = words.get(start..).unwrap_or_default();
    let plain = |word: &&Word<'_>| !word.may_be_option();
    let names: Vec<&Word<'_>> = rest.iter().filter(plain).collect();
    let open =
        |word: &&Word<'_>| word.certain().is_none() || matches!(short(&word.text), b"HEAD" | b"@" | b"");
    if *subcommand != "push" {
        return names.is_empty() || names.iter().any(open);
    }
    // The first is the remote; an option that is not known may have taken one of them as its value.
    let known = |word: &Word<'_>| {
        let lease = word.text.starts_with(b"--force-with-lease");
        plain(&word) || lease || PLAIN.iter().any(|option| *word.text == *option.as_bytes())
    };
    names.len() < 2 || !rest.iter().all(known) || names.iter().skip(1).any(open)
}
