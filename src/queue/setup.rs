//! A queue's beginning, and its beginning again after a restore.
//! One transaction each.

use super::journal::Journal;
use super::{InForce, Queue, QueueError, Trust, existing};
use crate::ids::{Incarnation, TicketId};
use crate::record::Text;
use crate::store::{Filter, Identity, Page, Store, StoreError};
use crate::ticket::CancelledBy;
use crate::ticket::event::What;
use crate::ticket::step::{Input, step};

impl<S: Store> Queue<S> {
    /// Writes the first events of a fresh queue; of several processes that try, one does, and each is told
    /// the identity that holds.
    ///
    /// # Errors
    /// When they cannot be recorded.
    pub fn create(&mut self, identity: &Identity, in_force: InForce<'_>) -> Result<Identity, QueueError> {
        let clock = &self.clock;
        let (identity, mark) = self.store.write(&mut |desk| {
            match desk.identity() {
                Ok(there) => return Ok::<_, QueueError>((there, None)),
                Err(StoreError::Missing(_)) => desk.set_identity(identity)?,
                Err(error) => return Err(error.into()),
            }
            let mut journal = Journal::open(desk, clock.now())?;
            let log_key = Text::from(identity.log_key.as_str());
            journal.record(None, What::Created { origin: identity.origin.clone(), log_key })?;
            journal.in_force(in_force)?;
            Ok((identity.clone(), Some(journal.mark())))
        })?;
        if let Some(mark) = mark {
            self.memory.raise(&mark)?;
        }
        Ok(identity)
    }

    /// Records policy and reviewers at once, where they are not the ones recorded last.
    ///
    /// # Errors
    /// When they cannot be recorded; the next transaction that files or decides does it then.
    pub fn note_in_force(&mut self, in_force: InForce<'_>) -> Result<(), QueueError> {
        self.transact(Trust::NotNeeded, &mut |journal| journal.in_force(in_force))
    }

    /// Begins a new life after the database was put back from a backup: what was approved and not
    /// claimed is cancelled, for it may have run in the life that was lost. Answers which tickets that were.
    ///
    /// # Errors
    /// When it cannot be recorded.
    pub fn begin_again(&mut self) -> Result<Vec<TicketId>, QueueError> {
        let cancelled = self.transact(Trust::NotNeeded, &mut |journal| {
            let old = journal.identity().clone();
            let size = journal.seen().size;
            journal.begin_life(Identity { incarnation: Incarnation::random(), ..old.clone() })?;
            journal.record(None, What::Restored { from: old.incarnation, size })?;
            let filter = Filter { states: vec!["approved".to_owned()], unclaimed: true, ..Filter::default() };
            let mut cancelled = Vec::new();
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
                    cancelled.push(ticket.id);
                }
            }
        })?;
        let (cancelled, mark) = cancelled;
        self.memory.raise(&mark)?;
        Ok(cancelled)
    }
}
