//! One remembered place of a log, in a file of one line: how far it had come, and its root there.
//! Touches that file only. The gate keeps one, and so does every reviewer.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::files::{self, FileError};
use crate::ids::{Digest, Incarnation, TicketId};

/// What the memory has to object.
#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    /// The database lacks events it had.
    #[error(
        "the queue is behind what this account remembers of it ({has} events, {had} remembered): an older \
         copy was put back; restore it with: handoff restore"
    )]
    Behind {
        /// Events in the database.
        has: u64,
        /// Events remembered.
        had: u64,
    },
    /// The database has other events than it had.
    #[error("the queue's log was rewritten: event {0} is not the one remembered; run: handoff audit verify")]
    Forked(u64),
    /// Another life of the queue.
    #[error("the queue has another life than the one remembered; restore it with: handoff restore")]
    OtherLife,
    /// The right to execute was used, whatever the database says.
    #[error("{} was executed before, though the queue no longer says so", .0.code())]
    Spent(TicketId),
    /// The memory itself cannot be read or written.
    #[error("cannot use the gate's memory: {0}")]
    File(#[from] FileError),
    /// The same, from a plain call.
    #[error("cannot use the gate's memory {path}: {error}")]
    Io {
        /// The file.
        path: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// The memory's content makes no sense.
    #[error(
        "the gate's memory {0} is damaged; if the queue is sound, move that file away and say so in the log"
    )]
    Damaged(String),
}

/// Longest file we read; a mark is one line of fixed length.
const LONGEST: u64 = 256;
/// The first word of the line.
const KIND: &str = "mark.v1";

/// A log's life, size and root as they were seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The queue's life.
    pub incarnation: Incarnation,
    /// How many events the log had.
    pub size: u64,
    /// Root of the tree over them.
    pub root: Digest,
}

impl Mark {
    /// Reads the line, with or without its end.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_ascii_whitespace();
        if words.next() != Some(KIND) {
            return None;
        }
        let incarnation = words.next()?.parse().ok()?;
        let size = words.next()?.parse().ok()?;
        let root = words.next()?.parse().ok()?;
        words.next().is_none().then_some(Self { incarnation, size, root })
    }

    /// The line, always of the same length.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{KIND} {} {:020} {}\n", self.incarnation, self.size, self.root)
    }
}

/// Where a mark is kept.
#[derive(Debug, Clone)]
pub struct MarkFile {
    path: PathBuf,
}

impl MarkFile {
    /// The mark in the file `path`.
    #[must_use]
    pub const fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// What is remembered; nothing before the first time.
    ///
    /// # Errors
    /// When the file cannot be read or makes no sense.
    pub fn read(&self) -> Result<Option<Mark>, MemoryError> {
        let bytes = match files::read_private(&self.path, LONGEST) {
            Ok(bytes) => bytes,
            Err(error) if error.is_missing() => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        // Made but not yet written: another process is about to.
        if bytes.is_empty() {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&bytes);
        Mark::parse(&text).map(Some).ok_or_else(|| MemoryError::Damaged(self.path.display().to_string()))
    }

    /// Refuses when the mark could not be moved.
    ///
    /// # Errors
    /// When the file cannot be opened for writing.
    pub fn ready(&self) -> Result<(), MemoryError> {
        open(&self.path, false).map(drop)
    }

    /// Moves the mark up within the life it is of, and leaves that of another life alone: a transaction of the
    /// old life may end after a restore has begun the new one.
    ///
    /// # Errors
    /// As [`MarkFile::raise`].
    pub fn follow(&self, mark: &Mark) -> Result<(), MemoryError> {
        let another = |had: Mark| had.incarnation != mark.incarnation;
        if self.read()?.is_some_and(another) { Ok(()) } else { self.raise(mark) }
    }

    /// Moves the mark up; never down within one life. One write of one line of fixed length, so that a
    /// crash leaves the old line or the new one, without a sync of its own.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn raise(&self, mark: &Mark) -> Result<(), MemoryError> {
        let file = open(&self.path, false)?;
        rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive)
            .map_err(|error| failed(&self.path, error.into()))?;
        let newer = |had: Mark| had.incarnation == mark.incarnation && had.size >= mark.size;
        if self.read()?.is_some_and(newer) {
            return Ok(());
        }
        file.write_all_at(mark.line().as_bytes(), 0).map_err(|error| failed(&self.path, error))
    }
}

/// Opens a small private file of ours for reading and writing, making it and its folder if needed.
pub(super) fn open(path: &Path, append: bool) -> Result<File, MemoryError> {
    if let Some(folder) = path.parent() {
        files::private_folder(folder)?;
    }
    let flags = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or(0);
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .append(append)
        .write(true)
        .mode(0o600)
        .custom_flags(flags)
        .open(path)
        .map_err(|error| failed(path, error))
}

pub(super) fn failed(path: &Path, error: std::io::Error) -> MemoryError {
    MemoryError::Io { path: path.display().to_string(), error }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(size: u64) -> Mark {
        Mark { incarnation: Incarnation::random(), size, root: Digest::of(b"x") }
    }

    #[test]
    fn a_mark_comes_back_from_its_line_and_nothing_else_is_one() {
        let mark = mark(7);
        assert_eq!(Mark::parse(&mark.line()), Some(mark));
        for bad in
            ["", "mark.v2 a b c", "mark.v1", &mark.line().replace('7', "x"), &format!("{} x", mark.line())]
        {
            assert_eq!(Mark::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn it_moves_up_within_a_life_and_begins_anew_with_another() {
        let folder = tempfile::tempdir().unwrap();
        let file = MarkFile::new(folder.path().join("state/q.mark"));
        assert_eq!(file.read().unwrap(), None);
        let (first, other) = (mark(9), mark(3));
        file.raise(&first).unwrap();
        file.raise(&Mark { size: 5, ..first }).unwrap();
        assert_eq!(file.read().unwrap(), Some(first));
        file.raise(&other).unwrap();
        assert_eq!(file.read().unwrap(), Some(other));
    }

    #[test]
    fn a_transaction_of_the_old_life_does_not_take_the_new_ones_place() {
        let folder = tempfile::tempdir().unwrap();
        let file = MarkFile::new(folder.path().join("state/q.mark"));
        let (old, new) = (mark(9), mark(3));
        file.follow(&old).unwrap();
        assert_eq!(file.read().unwrap(), Some(old));
        file.raise(&new).unwrap();
        file.follow(&Mark { size: 12, ..old }).unwrap();
        assert_eq!(file.read().unwrap(), Some(new));
        let later = Mark { size: 4, ..new };
        file.follow(&later).unwrap();
        assert_eq!(file.read().unwrap(), Some(later));
    }

    #[test]
    fn a_damaged_mark_is_said_and_not_overlooked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("q.mark");
        files::create_private(&path, b"mark.v1 nonsense\n").unwrap();
        assert!(matches!(MarkFile::new(path).read(), Err(MemoryError::Damaged(_))));
    }
}
