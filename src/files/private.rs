//! Writing and reading our own files: never through a link, whole or not at all, on disk when it returns.
//! Touches the file it is given and its folder.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use super::hashing::{metadata, open_with, read_all};
use super::places::{Owner, absolute, require_local_kind, require_ours, sync_folder};
use super::{FileError, kind_of};
use crate::escaped::Escaped;

/// How often, and how long apart, another process's replacing of the same file is waited for.
const TRIES: u32 = 1000;
const BETWEEN_TRIES: Duration = Duration::from_millis(2);

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
    #[cfg(handoff_broken)]
    if crate::broken::is("written_in_place") {
        let _ = fs::remove_file(path);
        return create_private(path, bytes);
    }
    placed(path, bytes, |beside| fs::rename(beside, path))
}

/// Makes a new file 0600 with these bytes in one step: it is whole as soon as it has its name.
///
/// # Errors
/// `is_taken` when something has the name already; `Io` otherwise.
pub fn create_private_whole(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let path = &absolute(path)?;
    placed(path, bytes, |beside| put_where_nothing_is(beside, path))
}

fn put_where_nothing_is(from: &Path, to: &Path) -> std::io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Some file systems cannot; a second name refuses what is there in the same way.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            fs::hard_link(from, to).and_then(|()| fs::remove_file(from))
        }
        done => Ok(done?),
    }
}

/// Writes and syncs a file beside `path`, and gives it to `place` to be put there.
fn placed(
    path: &Path,
    bytes: &[u8],
    place: impl FnOnce(&Path) -> std::io::Result<()>,
) -> Result<(), FileError> {
    let beside = name_beside(path);
    let mut file = begin(&beside)?;
    let written = file.set_len(0).and_then(|()| file.write_all(bytes)).and_then(|()| file.sync_all());
    if let Err(error) = written.and_then(|()| place(&beside)) {
        let _ = fs::remove_file(&beside);
        return Err(FileError::io("write", path, error));
    }
    sync_folder(folder_of(path))
}

/// The file that is to take another's place. Always of the same name, so that one left by a killed process is
/// taken over by the next and they never pile up; whoever holds its lock may write it.
fn begin(beside: &Path) -> Result<File, FileError> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    for _ in 0..TRIES {
        let fd = rustix::fs::open(beside, flags, Mode::RUSR | Mode::WUSR)
            .map_err(|error| FileError::io("create", beside, error))?;
        let file = File::from(fd);
        let locked = rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive);
        let ours = metadata(&file, beside)?;
        require_ours(beside, &ours, Owner::Us)?;
        if !ours.is_file() || ours.mode() & 0o077 != 0 {
            return Err(FileError::io("create", beside, std::io::ErrorKind::AlreadyExists));
        }
        if locked.is_ok() && ours.nlink() > 1 {
            // Killed between the two names of a file that is whole: this name is one too many.
            fs::remove_file(beside).map_err(|error| FileError::io("remove", beside, error))?;
            continue;
        }
        // Whoever had it may have put it in its place meanwhile.
        let named = fs::symlink_metadata(beside);
        let is_current = named.is_ok_and(|named| (named.dev(), named.ino()) == (ours.dev(), ours.ino()));
        if locked.is_ok() && is_current {
            return Ok(file);
        }
        std::thread::sleep(BETWEEN_TRIES);
    }
    Err(FileError::io("replace", beside, std::io::ErrorKind::ResourceBusy))
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
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".handoff-new");
    path.with_file_name(name)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}
