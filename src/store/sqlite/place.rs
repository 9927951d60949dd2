//! Where a queue's database lies, checked without ever opening it: a close(2) of ours would drop SQLite's locks.
//! Touches the folder (made when a queue is created) and looks at the file with lstat(2).

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::escaped::Escaped;
use crate::files::{self, FileError};
use crate::store::StoreError;

/// A database file that was ours alone when it was checked, remembered by device and inode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl Place {
    /// Checks an existing database and its folder.
    pub(super) fn existing(path: &Path) -> Result<Self, StoreError> {
        if fs::symlink_metadata(path).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
            return Err(missing(path));
        }
        let path = settled(path)?;
        files::private_folder(folder_of(&path)).map_err(refused)?;
        files::check_private_file(&path).map_err(refused)?;
        let there = fs::symlink_metadata(&path).map_err(|error| gone(&path, &error))?;
        Ok(Self { device: there.dev(), inode: there.ino(), path })
    }

    /// The file, in a folder without symbolic links.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A file beside the database: `-wal`, `.turnstile`.
    pub(super) fn beside(&self, suffix: &str) -> PathBuf {
        beside(&self.path, suffix)
    }

    /// Whether nothing can be written there, whatever the modes say.
    pub(super) fn is_read_only(&self) -> bool {
        let flags = rustix::fs::statvfs(folder_of(&self.path)).map(|found| found.f_flag);
        flags.is_ok_and(|flags| flags.contains(rustix::fs::StatVfsMountFlags::RDONLY))
    }

    /// Whether the name still leads to the file that was opened, and nothing else does.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let there = fs::symlink_metadata(&self.path).map_err(|error| gone(&self.path, &error))?;
        if there.dev() != self.device || there.ino() != self.inode {
            let path = Escaped::os(&self.path);
            return Err(StoreError::Unsafe(format!("{path} was replaced while it was open; start again")));
        }
        if there.nlink() == 1 { Ok(()) } else { files::check_private_file(&self.path).map_err(refused) }
    }
}

/// Makes the folder, 0700, when it is not there, and names the database in it without symbolic links.
pub(super) fn prepare(path: &Path) -> Result<PathBuf, StoreError> {
    files::private_folder(folder_of(path)).map_err(refused)?;
    settled(path)
}

/// Makes the empty file SQLite is to fill, 0600; one that is there already is left alone.
pub(super) fn make_empty(path: &Path) -> Result<(), StoreError> {
    match files::create_private_empty(path) {
        Err(error) if !error.is_taken() => Err(StoreError::CannotRecord(error.to_string())),
        _ => Ok(()),
    }
}

/// `path` with something after its name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// There is no queue at `path`.
pub(super) fn missing(path: &Path) -> StoreError {
    StoreError::Missing(Escaped::os(path).into_string())
}

/// What a check of files says, as the store's refusal.
pub(super) fn refused(error: FileError) -> StoreError {
    StoreError::Unsafe(error.to_string())
}

// SQLite's NOFOLLOW refuses a link in any part of the path, so the folder's own links are resolved here.
fn settled(path: &Path) -> Result<PathBuf, StoreError> {
    let folder = fs::canonicalize(folder_of(path)).map_err(|error| gone(path, &error))?;
    path.file_name().map(|name| folder.join(name)).ok_or_else(|| missing(path))
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn gone(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Unsafe(format!("{} cannot be examined: {error}", Escaped::os(path)))
}
