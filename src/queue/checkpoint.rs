//! Signing the log's present head with the log's own key, for keeping elsewhere.
//! One transaction; the note is kept in the queue too.

use super::{Queue, QueueError, Trust};
use crate::log::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::log::logkey::LogKey;
use crate::store::Store;

impl<S: Store> Queue<S> {
    /// Signs the head as it is now.
    ///
    /// # Errors
    /// When `key` is not this log's, the log is behind what is remembered of it, or the note cannot be kept.
    pub fn checkpoint(&mut self, key: &LogKey) -> Result<SignedCheckpoint, QueueError> {
        self.transact(Trust::Needed, &mut |journal| {
            if journal.identity().log_key != key.verifier().to_string() {
                return Err(QueueError::OtherLogKey);
            }
            let seen = journal.seen();
            let head = Checkpoint { origin: seen.origin, size: seen.size, root: seen.root };
            let signed = head.sign(key).map_err(|_| QueueError::OtherLogKey)?;
            journal.desk().put_checkpoint(seen.size, &signed.to_string())?;
            Ok(signed)
        })
    }
}
