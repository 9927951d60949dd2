//! Where the git checkout around a folder stands, read from git's own files and never by running git:
//! its configuration can name programs to run.

use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Component, Path, PathBuf};

use crate::files::read_limited;
use crate::request::GitState;

const SHORT: u64 = 4096;
const PACKED_REFS: u64 = 64 << 20;

/// The state of the checkout that `cwd` lies in; none outside of one, or when its files say nothing.
#[must_use]
pub fn git_state(cwd: &Path) -> Option<GitState> {
    let Checkout { root, folder, head } = Checkout::around(cwd)?;
    let commit = match &head {
        Head::Detached(commit) => Some(commit.clone()),
        Head::At(name) => resolve(&folder, name),
    };
    let (root, branch, commit) = (Some(root.into()), head.branch().map(Into::into), commit.map(Into::into));
    (branch.is_some() || commit.is_some()).then_some(GitState { root, branch, commit })
}

/// As [`git_state`], without the commit of a branch: that may take a long file.
#[must_use]
pub fn git_place(cwd: &Path) -> Option<GitState> {
    let Checkout { root, head, .. } = Checkout::around(cwd)?;
    let (branch, commit) = match &head {
        Head::Detached(commit) => (None, Some(commit.as_str().into())),
        Head::At(_) => (Some(head.branch()?.into()), None),
    };
    Some(GitState { root: Some(root.into()), branch, commit })
}

struct Checkout<'a> {
    root: &'a Path,
    folder: PathBuf,
    head: Head,
}

enum Head {
    /// A commit.
    Detached(String),
    /// A name below `refs/`.
    At(String),
}

impl<'a> Checkout<'a> {
    fn around(cwd: &'a Path) -> Option<Self> {
        let (root, folder) = cwd.ancestors().find_map(|root| Some((root, git_folder(root)?)))?;
        let line = line(&folder.join("HEAD"))?;
        let head = match line.strip_prefix(b"ref: ") {
            Some(name) => Head::At(ref_name(name)?.to_owned()),
            None => Head::Detached(commit(&line)?),
        };
        Some(Self { root, folder, head })
    }
}

impl Head {
    // With the reftable format HEAD names a branch that cannot exist, and its true place is not text.
    fn branch(&self) -> Option<&str> {
        let Self::At(name) = self else { return None };
        Some(name.strip_prefix("refs/heads/").unwrap_or(name)).filter(|branch| *branch != ".invalid")
    }
}

/// `.git` itself, or the folder that a `.git` file of a worktree or submodule names (gitrepository-layout(5)).
fn git_folder(folder: &Path) -> Option<PathBuf> {
    let dot_git = folder.join(".git");
    if fs::metadata(&dot_git).ok()?.is_dir() {
        return Some(dot_git);
    }
    let named = line(&dot_git)?;
    let path = std::ffi::OsString::from_vec(named.strip_prefix(b"gitdir: ")?.to_vec());
    Some(folder.join(path))
}

// A branch lives beside HEAD, or in the folder that all worktrees share; unpacked wins over packed.
fn resolve(folder: &Path, name: &str) -> Option<String> {
    let common = match line(&folder.join("commondir")) {
        Some(path) => folder.join(std::ffi::OsString::from_vec(path)),
        None => folder.to_owned(),
    };
    let loose = [folder, &common].into_iter().find_map(|place| commit(&line(&place.join(name))?));
    loose.or_else(|| packed(&common, name))
}

fn packed(common: &Path, name: &str) -> Option<String> {
    let bytes = read_limited(&common.join("packed-refs"), PACKED_REFS).ok()?;
    let wanted = |line: &&[u8]| line.strip_suffix(name.as_bytes()).is_some_and(|rest| rest.ends_with(b" "));
    let line = bytes.split(|&byte| byte == b'\n').find(wanted)?;
    commit(line.split(|&byte| byte == b' ').next()?)
}

fn line(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = read_limited(path, SHORT).ok()?;
    let end = bytes.iter().position(|&byte| byte == b'\n').unwrap_or(bytes.len());
    bytes.truncate(end);
    Some(bytes)
}

// The file may be anybody's: a name must stay below refs/ and a commit be a hash, or they are not repeated.
fn ref_name(name: &[u8]) -> Option<&str> {
    let name = std::str::from_utf8(name).ok()?;
    let plain = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    (name.starts_with("refs/") && plain).then_some(name)
}

fn commit(hash: &[u8]) -> Option<String> {
    let hash = std::str::from_utf8(hash).ok()?;
    let digits = hash.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    (digits && matches!(hash.len(), 40 | 64)).then(|| hash.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "4be1c9d04be1c9d04be1c9d04be1c9d04be1c9d0";

    fn checkout(head: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join(".git/refs/heads/topic")).unwrap();
        fs::create_dir_all(folder.path().join("deep/er")).unwrap();
        fs::write(folder.path().join(".git/HEAD"), head).unwrap();
        folder
    }

    fn state(root: &Path, branch: Option<&str>, commit: Option<&str>) -> GitState {
        let (root, branch, commit) = (Some(root.into()), branch.map(Into::into), commit.map(Into::into));
        GitState { root, branch, commit }
    }

    #[test]
    fn a_branch_and_its_commit_are_found_from_a_folder_below() {
        let folder = checkout("ref: refs/heads/topic/x\n");
        fs::write(folder.path().join(".git/refs/heads/topic/x"), format!("{HASH}\n")).unwrap();
        let found = git_state(&folder.path().join("deep/er")).unwrap();
        assert_eq!(found, state(folder.path(), Some("topic/x"), Some(HASH)));
    }

    #[test]
    fn a_packed_branch_is_found_by_its_whole_name() {
        let folder = checkout("ref: refs/heads/main\n");
        let other = "0".repeat(40);
        let packed = format!("# pack-refs\n{other} refs/heads/not-refs/heads/main\n{HASH} refs/heads/main\n");
        fs::write(folder.path().join(".git/packed-refs"), packed).unwrap();
        assert_eq!(git_state(folder.path()).unwrap(), state(folder.path(), Some("main"), Some(HASH)));
    }

    #[test]
    fn a_detached_head_is_a_commit_and_a_new_checkout_a_branch() {
        let folder = checkout(HASH);
        assert_eq!(git_state(folder.path()).unwrap(), state(folder.path(), None, Some(HASH)));
        let folder = checkout("ref: refs/heads/main");
        assert_eq!(git_state(folder.path()).unwrap(), state(folder.path(), Some("main"), None));
    }

    #[test]
    fn the_place_is_told_without_the_commit() {
        let folder = checkout("ref: refs/heads/main");
        fs::write(folder.path().join(".git/refs/heads/main"), HASH).unwrap();
        assert_eq!(git_place(&folder.path().join("deep")).unwrap(), state(folder.path(), Some("main"), None));
        let detached = checkout(HASH);
        assert_eq!(git_place(detached.path()), git_state(detached.path()));
        let reftable = checkout("ref: refs/heads/.invalid");
        assert_eq!((git_place(reftable.path()), git_state(reftable.path())), (None, None));
    }

    #[test]
    fn a_worktree_is_read_through_its_git_file() {
        let folder = checkout("ref: refs/heads/main\n");
        let git = folder.path().join(".git");
        fs::create_dir_all(git.join("worktrees/w")).unwrap();
        fs::write(git.join("worktrees/w/HEAD"), "ref: refs/heads/side\n").unwrap();
        fs::write(git.join("worktrees/w/commondir"), "../..\n").unwrap();
        fs::write(git.join("refs/heads/side"), HASH).unwrap();
        let tree = tempfile::tempdir().unwrap();
        let pointer = format!("gitdir: {}\n", git.join("worktrees/w").display());
        fs::write(tree.path().join(".git"), pointer).unwrap();
        assert_eq!(git_state(tree.path()).unwrap(), state(tree.path(), Some("side"), Some(HASH)));
    }

    #[test]
    fn hostile_files_lead_nowhere() {
        let folder = checkout("ref: refs/heads/../../../secret\n");
        fs::write(folder.path().join("secret"), "canary").unwrap();
        assert_eq!(git_state(folder.path()), None);
        assert_eq!(git_state(checkout("ref: /etc/hostname").path()), None);
        assert_eq!(git_state(checkout("canary").path()), None);
        assert_eq!(git_state(tempfile::tempdir().unwrap().path()), None);
    }
}
