//! Writing and reading our own files: never through a link, whole or not at all, on disk when it returns.
//! Touches the file it is given and its folder.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};

use super::hashing::{metadata, open_with, read_all};
use super::places::{Owner, absolute, require_local_kind, require_ours, sync_folder};
use super::{FileError, kind_of};
use crate::escaped::Escaped;
use crate::ids::Nonce;

/// Makes a new file 0600 with these bytes, synced; never over something that is there.
///
/// # Errors
/// `is_taken` when something has the name; `Io` otherwise, and then nothing is left behind.
pub fn create_private(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let path = &absolute(path)?;
    write_new(path, bytes)?;
    sync_folder(folder_of(path))
}

/// Makes a new empty file 0600; a database is born into it.
///
/// # Errors
/// As [`create_private`].
pub fn create_private_empty(path: &Path) -> Result<(), FileError> {
    create_private(path, &[])
}

/// Puts these bytes at `path`, 0600, in one step: a reader or a crash sees the old file or the new one.
///
/// # Errors
/// `Io`, and then the old file is as it was. `Kind` when anything but a regular file is there: root would
/// put a file in the place of `/dev/null`, or of a link that others go by.
pub fn replace_private(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let path = &absolute(path)?;
    if let Ok(there) = fs::symlink_metadata(path)
        && !there.is_file()
    {
        let found = kind_of(there.file_type());
        return Err(FileError::Kind { path: Escaped::os(path), found, wanted: "a regular file" });
    }
    let beside = name_beside(path);
    write_new(&beside, bytes)?;
    if let Err(error) = fs::rename(&beside, path) {
        let _ = fs::remove_file(&beside);
        return Err(FileError::io("replace", path, error));
    }
    sync_folder(folder_of(path))
}

/// All bytes of a file of ours that others must not write: a policy, reviewers, pins.
///
/// # Errors
/// Refuses a symbolic link, another owner (root may own it), what others can write, a file system that is not
/// local, and more than `limit` bytes.
pub fn read_private(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    read_all(&open_private(path)?, path, limit)
}

/// As [`read_private`], for a key: others must not read it either. The caller zeroes the bytes.
///
/// # Errors
/// As [`read_private`], and `OthersRead`.
pub fn read_secret(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    let file = open_private(path)?;
    if metadata(&file, path)?.mode() & 0o077 != 0 {
        return Err(FileError::OthersRead { path: Escaped::os(path) });
    }
    read_all(&file, path, limit)
}

fn open_private(path: &Path) -> Result<File, FileError> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = open_with(path, flags).map_err(|error| named_as_link(error, path))?;
    require_ours(path, &metadata(&file, path)?, Owner::UsOrRoot)?;
    let statfs = rustix::fs::fstatfs(&file).map_err(|error| FileError::io("examine", path, error))?;
    require_local_kind(path, &statfs)?;
    Ok(file)
}

// O_NOFOLLOW answers ELOOP for a link, which says little to a person.
fn named_as_link(error: FileError, path: &Path) -> FileError {
    let is_link = fs::symlink_metadata(path).is_ok_and(|there| there.is_symlink());
    if is_link { FileError::Symlink { path: Escaped::os(path) } } else { error }
}

fn write_new(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let fd = rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR)
        .map_err(|error| FileError::io("create", path, error))?;
    let mut file = File::from(fd);
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|error| {
        let _ = fs::remove_file(path);
        FileError::io("write", path, error)
    })
}

fn name_beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", Nonce::random()));
    path.with_file_name(name)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}
