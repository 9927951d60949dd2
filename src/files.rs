//! Files as a gate must treat them: private places, bounded reads, digests that say when a file moved.
//! Touches the file system where it is told to, and nothing else.

mod hashing;
mod in_use;
mod places;
mod private;
mod reach;

use std::io;
use std::path::Path;

use crate::escaped::Escaped;

pub use hashing::{Hashed, Stamp, hash_file, hash_open, open_regular, read_limited, stamp_of};
pub use in_use::keep_from_opening;
pub use places::{check_private_file, private_folder};
pub use private::{
    create_private, create_private_empty, create_private_whole, read_private, read_secret, replace_private,
};
pub use reach::{Groups, writable_by};

/// Why a file or folder is not used; each message says what to do where something can be done.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system refused.
    #[error("cannot {doing} {path}: {source}")]
    Io {
        /// What was tried, as a verb.
        doing: &'static str,
        /// On what.
        path: Escaped,
        /// The system's answer.
        source: io::Error,
    },
    /// A folder or pipe where a file belongs, or the other way round.
    #[error("{path} is {found}, not {wanted}")]
    Kind {
        /// Where.
        path: Escaped,
        /// What is there.
        found: &'static str,
        /// What should be.
        wanted: &'static str,
    },
    /// A symbolic link where the place itself must be named.
    #[error("{path} is a symbolic link; name the place it leads to")]
    Symlink {
        /// The link.
        path: Escaped,
    },
    /// Somebody else's.
    #[error("{path} belongs to uid {owner}, not to this account; use a place of your own")]
    Owner {
        /// Where.
        path: Escaped,
        /// Its owner.
        owner: u32,
    },
    /// The group or everybody may write here.
    #[error("others can write {path}; run: chmod go-w {path}")]
    OthersWrite {
        /// Where.
        path: Escaped,
    },
    /// The group or everybody may read a secret.
    #[error("others can read {path}, which is secret; run: chmod go-rwx {path}")]
    OthersRead {
        /// Where.
        path: Escaped,
    },
    /// A second name in another folder leads to the same file.
    #[error("{path} has {names} hard links; two names make two journals and lose rows; remove the others")]
    Names {
        /// Where.
        path: Escaped,
        /// How many names there are.
        names: u64,
    },
    /// A file system whose locks and syncs cannot be relied on.
    #[error("{path} is on a {kind} file system, which may be shared or lose writes; use a local disk")]
    NotLocal {
        /// Where.
        path: Escaped,
        /// The file system's type.
        kind: String,
    },
    /// More bytes than are taken.
    #[error("{path} is larger than {limit} bytes")]
    TooLarge {
        /// Where.
        path: Escaped,
        /// The most that is taken.
        limit: u64,
    },
    /// The queue itself.
    #[error("{path} is the queue, which is in use; for a copy of it: handoff backup")]
    InUse {
        /// Where.
        path: Escaped,
    },
    /// The file was written while it was read.
    #[error("{path} changed while it was read; try again when nothing writes it")]
    Changed {
        /// Where.
        path: Escaped,
    },
}

impl FileError {
    pub(crate) fn io(doing: &'static str, path: &Path, source: impl Into<io::Error>) -> Self {
        Self::Io { doing, path: Escaped::os(path), source: source.into() }
    }

    /// Nothing is there.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.is_io(io::ErrorKind::NotFound)
    }

    /// Something is there already.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        self.is_io(io::ErrorKind::AlreadyExists)
    }

    fn is_io(&self, kind: io::ErrorKind) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == kind)
    }
}

fn kind_of(kind: std::fs::FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    if kind.is_dir() {
        "a folder"
    } else if kind.is_file() {
        "a file"
    } else if kind.is_symlink() {
        "a symbolic link"
    } else if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(test)]
mod tests;
