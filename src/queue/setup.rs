//! A queue's beginning, and its beginning again after a restore.
//! One transaction each.

use super::journal::Journal;
use super::{InForce, Queue, QueueError, Trust, existing};
use crate::ids::Incarnation;
use crate::record::Text;
use crate::store::{Filter, Identity, Page, Store};
use crate::ticket::CancelledBy;
use crate::ticket::event::What;
use crate::ticket::step::{Input, step};

impl<S: Store> Queue<S> {
    /// Writes the first events of a fresh queue.
    ///
    /// # Errors
    /// When they cannot be recorded.
    pub fn create(&mut self, identity: &Identity, in_force: InForce<'_>) -> Result<(), QueueError> {
        let clock = &self.clock;
        let mark = self.store.write(&mut |desk| {
            // Before its first event a queue has no name to open a journal under.
            desk.set_identity(identity)?;
            let mut journal = Journal::open(desk, clock.now())?;
            let log_key = Text::from(identity.log_key.as_str());
            journal.record(None, What::Created { origin: identity.origin.clone(), log_key })?;
            journal.in_force(in_force)?;
            Ok::<_, QueueError>(journal.mark())
        })?;
        Ok(self.memory.raise(&mark)?)
    }

    /// Begins a new life after the database was put back from a backup: what was approved and not
    /// claimed is cancelled, for it may have run in the life that was lost.
    ///
    /// # Errors
    /// When it cannot be recorded.
    pub fn begin_again(&mut self) -> Result<u64, QueueError> {
        let cancelled = self.transact(Trust::NotNeeded, &mut |journal| {
            let old = journal.identity().clone();
            let size = journal.seen().size;
            journal.begin_life(Identity { incarnation: Incarnation::random(), ..old.clone() })?;
            journal.record(None, What::Restored { from: old.incarnation, size })?;
            let filter = Filter { states: vec!["approved".to_owned()], unclaimed: true, ..Filter::default() };
            let mut cancelled = 0;
            loop {
                let page = journal.read().list(&filter, Page { skip: 0, limit: 64 })?;
                if page.is_empty() {
                    return Ok((cancelled, journal.mark()));
                }
                for ticket in page {
                    let mut ticket = existing(journal.read(), &ticket.id)?;
                    let input = Input::Cancel(CancelledBy::Restore);
                    // A lapsed approval ends as expired, any other as cancelled.
                    journal.look(&mut ticket)?;
                    if let Ok(step) = step(&ticket.state, &ticket.filed.deadline, input, journal.now()) {
                        journal.apply(&mut ticket, step)?;
                    }
                    cancelled += 1;
                }
            }
        })?;
        let (cancelled, mark) = cancelled;
        self.memory.raise(&mark)?;
        Ok(cancelled)
    }
}
