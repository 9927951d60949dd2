//! Reading files of any origin: regular ones only, bounded, and with a stamp that moves when they do.
//! Opens and reads the file it is given.

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use sha2::{Digest as _, Sha256};

use super::{FileError, in_use, kind_of};
use crate::escaped::Escaped;
use crate::ids::Digest;

const BUFFER: usize = 128 * 1024;

/// Which file and which state of it, as far as the system tells. Two equal stamps of an open file mean that
/// nothing wrote it in between, within the clock's grain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// The device it is on.
    pub dev: u64,
    /// Its inode there.
    pub ino: u64,
    /// Its size in bytes.
    pub size: u64,
    /// Last written, nanoseconds since 1970.
    pub mtime_ns: i128,
    /// Last changed in any way; unlike `mtime_ns` it cannot be set back.
    pub ctime_ns: i128,
}

impl From<&Metadata> for Stamp {
    fn from(of: &Metadata) -> Self {
        let nanos = |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        Self {
            dev: of.dev(),
            ino: of.ino(),
            size: of.size(),
            mtime_ns: nanos(of.mtime(), of.mtime_nsec()),
            ctime_ns: nanos(of.ctime(), of.ctime_nsec()),
        }
    }
}

/// A file's digest and the state it had while it was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hashed {
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// How many bytes.
    pub size: u64,
    /// The state before and after, which were equal.
    pub stamp: Stamp,
}

/// The stamp of an open file.
///
/// # Errors
/// As fstat(2).
pub fn stamp_of(file: &File) -> io::Result<Stamp> {
    file.metadata().map(|metadata| Stamp::from(&metadata))
}

/// Opens a regular file for reading, symbolic links followed; never waits on a pipe or wakes a device.
///
/// # Errors
/// `Kind` for anything that is not a regular file; `Io` as open(2).
pub fn open_regular(path: &Path) -> Result<File, FileError> {
    // A device can act on being opened, so the kind is looked at first, and again on what was opened.
    let before = fs::metadata(path).map_err(|error| FileError::io("read", path, error))?;
    require_regular(path, &before)?;
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    open_with(path, flags)
}

/// Opens `path` with `flags`, and refuses what is not regular. Reads do not wait: of regular files only the
/// kernel's own, as `/proc/kmsg`, could make them.
pub(super) fn open_with(path: &Path, flags: OFlags) -> Result<File, FileError> {
    in_use::require_unused(path)?;
    let io_error = |error: rustix::io::Errno| FileError::io("open", path, error);
    let file = File::from(rustix::fs::open(path, flags, Mode::empty()).map_err(io_error)?);
    require_regular(path, &metadata(&file, path)?)?;
    Ok(file)
}

pub(super) fn metadata(file: &File, path: &Path) -> Result<Metadata, FileError> {
    file.metadata().map_err(|error| FileError::io("examine", path, error))
}

fn require_regular(path: &Path, metadata: &Metadata) -> Result<(), FileError> {
    if metadata.is_file() {
        return Ok(());
    }
    let found = kind_of(metadata.file_type());
    Err(FileError::Kind { path: Escaped::os(path), found, wanted: "a regular file" })
}

/// Digest of an open file from its start, whatever its read position, which stays. `path` is for messages.
///
/// # Errors
/// `TooLarge` past `limit` bytes; `Changed` when something wrote the file meanwhile; `Io` as read(2).
pub fn hash_open(file: &File, path: &Path, limit: u64) -> Result<Hashed, FileError> {
    let examine = |error| FileError::io("examine", path, error);
    let stamp = stamp_of(file).map_err(examine)?;
    if stamp.size > limit {
        return Err(FileError::TooLarge { path: Escaped::os(path), limit });
    }
    let (digest, size) = digest_of(file, limit).map_err(|error| FileError::io("read", path, error))?;
    if stamp_of(file).map_err(examine)? != stamp || size != stamp.size {
        return Err(FileError::Changed { path: Escaped::os(path) });
    }
    Ok(Hashed { digest, size, stamp })
}

// Stops one buffer past the limit, so a file that grows as fast as it is read cannot hold us.
fn digest_of(file: &File, limit: u64) -> io::Result<(Digest, u64)> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; BUFFER];
    let mut size = 0_u64;
    loop {
        let count = match file.read_at(&mut buffer, size) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(buffer.get(..count).unwrap_or_default());
        size += count as u64;
        if count == 0 || size > limit {
            return Ok((Digest::from_bytes(hasher.finalize().into()), size));
        }
    }
}

/// Digest of the regular file at `path`, symbolic links followed.
///
/// # Errors
/// As [`open_regular`] and [`hash_open`].
pub fn hash_file(path: &Path, limit: u64) -> Result<Hashed, FileError> {
    hash_open(&open_regular(path)?, path, limit)
}

/// All bytes of a regular file the user named, up to `limit`.
///
/// # Errors
/// As [`open_regular`]; `TooLarge` past `limit` bytes.
pub fn read_limited(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    read_all(&open_regular(path)?, path, limit)
}

pub(super) fn read_all(file: &File, path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    let mut bounded = file.take(limit.saturating_add(1));
    bounded.read_to_end(&mut bytes).map_err(|error| FileError::io("read", path, error))?;
    if bytes.len() as u64 > limit {
        return Err(FileError::TooLarge { path: Escaped::os(path), limit });
    }
    Ok(bytes)
}
