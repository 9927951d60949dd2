//! A reviewer's own memory: the log as it was last seen, and every statement ever signed.
//! Touches files in the reviewer's state folder; a queue that rolled back or forked is found out by it.

use std::path::{Path, PathBuf};

use super::sign::SignedDecision;
use crate::files::{self, FileError};
use crate::ids::{Nonce, Origin};
use crate::log::proofs;
use crate::queue::QueueError;
use crate::queue::evidence::Stored;
use crate::queue::mark::{Mark, MarkFile};
use crate::queue::memory::MemoryError;
use crate::store::Read;

/// The pins of one queue.
#[derive(Debug, Clone)]
pub struct Pins {
    mark: MarkFile,
    statements: PathBuf,
}

impl Pins {
    /// Those of `origin`, below the folder `state`.
    #[must_use]
    pub fn new(state: &Path, origin: &Origin) -> Self {
        let folder = state.join("reviewer").join(origin.as_str());
        Self { mark: MarkFile::new(folder.join("pin")), statements: folder.join("statements") }
    }

    /// Asks the queue to prove that its log continues the one pinned (RFC 9162 §2.1.4).
    ///
    /// # Errors
    /// When it cannot: events are gone or were rewritten, or the queue began another life.
    pub fn check(&self, read: &dyn Read) -> Result<(), QueueError> {
        let Some(pinned) = self.mark.read()? else { return Ok(()) };
        if read.identity()?.incarnation != pinned.incarnation {
            return Err(MemoryError::OtherLife.into());
        }
        let head = read.head()?.frontier;
        if head.size() < pinned.size {
            return Err(MemoryError::Behind { has: head.size(), had: pinned.size }.into());
        }
        let forked = || QueueError::from(MemoryError::Forked(pinned.size.saturating_sub(1)));
        let proof = proofs::consistency(&Stored(read), pinned.size, head.size()).map_err(|_| forked())?;
        proofs::verify_consistency(pinned.size, pinned.root, head.size(), head.root(), &proof)
            .map_err(|_| forked())
    }

    /// Accepts a queue's new life after a restore, told by a person who knows of it.
    ///
    /// # Errors
    /// When the pin cannot be written.
    pub fn raise(&self, mark: &Mark) -> Result<(), MemoryError> {
        self.mark.raise(mark)
    }

    /// Keeps a statement and its signature, before they are handed in.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn keep(&self, signed: &SignedDecision) -> Result<(), FileError> {
        self.keep_as(&signed.nonce(), signed.statement(), signed.signature())
    }

    /// The same of what was signed elsewhere. One that is kept already stays as it is.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn keep_as(&self, nonce: &Nonce, statement: &str, signature: &str) -> Result<(), FileError> {
        files::private_folder(&self.statements)?;
        for (ending, text) in [("json", statement), ("json.sig", signature)] {
            match files::create_private(&self.statements.join(format!("{nonce}.{ending}")), text.as_bytes()) {
                Err(error) if !error.is_taken() => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}
