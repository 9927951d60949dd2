//! Who could swap what a path leads to: every folder and link on the way is looked at, not only the end.
//! Only looks (lstat, readlink).

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

use super::FileError;
use super::places::{STICKY, absolute};

/// As Linux does (path_resolution(7)).
const MOST_LINKS: usize = 40;

/// One step of a path's resolution: a folder, and the entry in it that was gone through.
#[derive(Debug)]
pub(super) struct Step {
    /// The folder, without links.
    pub(super) folder: PathBuf,
    /// The folder's own metadata.
    pub(super) holder: Metadata,
    /// The entry's name there.
    pub(super) name: OsString,
    /// The entry's metadata, a link's own if it is one.
    pub(super) entry: Metadata,
}

impl Step {
    /// The entry's path.
    pub(super) fn path(&self) -> PathBuf {
        self.folder.join(&self.name)
    }
}

/// Every step from the root to what `path` leads to, links followed.
pub(super) fn steps(path: &Path) -> Result<Vec<Step>, FileError> {
    let mut names = names_of(&absolute(path)?);
    let mut folder = PathBuf::from("/");
    let mut steps = Vec::new();
    let mut links = 0;
    while let Some(name) = names.pop_front() {
        if name == ".." {
            folder.pop();
            continue;
        }
        let step = step(&folder, name)?;
        let there = step.path();
        let is_link = step.entry.is_symlink();
        steps.push(step);
        if !is_link {
            folder = there;
            continue;
        }
        links += 1;
        if links > MOST_LINKS {
            return Err(FileError::io("follow the links of", path, rustix::io::Errno::LOOP));
        }
        let target = fs::read_link(&there).map_err(|error| FileError::io("follow", &there, error))?;
        if target.is_absolute() {
            folder = PathBuf::from("/");
        }
        names_of(&target).into_iter().rev().for_each(|name| names.push_front(name));
    }
    Ok(steps)
}

fn step(folder: &Path, name: OsString) -> Result<Step, FileError> {
    let look =
        |path: &Path| fs::symlink_metadata(path).map_err(|error| FileError::io("examine", path, error));
    Ok(Step { holder: look(folder)?, entry: look(&folder.join(&name))?, folder: folder.to_owned(), name })
}

fn names_of(path: &Path) -> VecDeque<OsString> {
    path.components()
        .filter_map(|component| match component {
            Component::Normal(name) => Some(name.to_owned()),
            Component::ParentDir => Some("..".into()),
            _ => None,
        })
        .collect()
}

/// The groups of an account, asked for only where a group's bits decide: to look them up costs more than the
/// rest of a judgement.
pub trait Groups: std::fmt::Debug {
    /// Whether this group is among them.
    fn hold(&self, gid: u32) -> bool;
}

impl<const N: usize> Groups for [u32; N] {
    fn hold(&self, gid: u32) -> bool {
        self.contains(&gid)
    }
}

/// What an account could change so that `path` leads to other bytes: the file, or a folder or link on the
/// way. `None` when it could not. Errs on the side of "could": a group bit under an access list counts for
/// everybody, and uid 0 always could.
///
/// # Errors
/// `Io` when a step cannot be looked at; then nothing is known.
pub fn writable_by(path: &Path, uid: u32, gids: &dyn Groups) -> Result<Option<PathBuf>, FileError> {
    let account = Account { uid, gids };
    let steps = steps(path)?;
    if uid == 0 {
        return Ok(Some(path.to_owned()));
    }
    if let Some(step) = steps.iter().find(|step| account.could_swap(step)) {
        return Ok(Some(step.folder.clone()));
    }
    Ok(steps.last().filter(|end| account.could_change(&end.path(), &end.entry)).map(Step::path))
}

struct Account<'a> {
    uid: u32,
    gids: &'a dyn Groups,
}

impl Account<'_> {
    fn could_swap(&self, step: &Step) -> bool {
        let sticky = step.holder.mode() & STICKY != 0;
        let own = step.holder.uid() == self.uid;
        own || (self.could_change(&step.folder, &step.holder) && (!sticky || step.entry.uid() == self.uid))
    }

    // An owner can give themselves the bits.
    fn could_change(&self, path: &Path, metadata: &Metadata) -> bool {
        let mode = metadata.mode();
        let group = mode & 0o020 != 0;
        metadata.uid() == self.uid
            || mode & 0o002 != 0
            || (group && self.gids.hold(metadata.gid()))
            || (group && has_access_list(path))
    }
}

// With a POSIX access list the group bits are its mask, and whom it names is not ours to parse.
fn has_access_list(path: &Path) -> bool {
    cfg!(target_os = "linux")
        && rustix::fs::lgetxattr(path, "system.posix_acl_access", &mut [0_u8; 0]).is_ok()
}
