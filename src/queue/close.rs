//! Ends without an execution: cancelled, expired, stale.
//! One transaction each.

use super::{Queue, QueueError, Trust, existing};
use crate::ids::TicketId;
use crate::record::Text;
use crate::store::Store;
use crate::ticket::step::{Input, step};
use crate::ticket::{CancelledBy, Ticket};

/// How many overdue tickets one transaction ends, so that none lasts long.
const SWEEP: u64 = 64;

impl<S: Store> Queue<S> {
    /// Records what time alone has done to a ticket.
    ///
    /// # Errors
    /// When it cannot be recorded.
    pub fn look(&mut self, id: &TicketId) -> Result<Ticket, QueueError> {
        self.transact(Trust::Wanted, &mut |journal| {
            let mut ticket = existing(journal.read(), id)?;
            journal.look(&mut ticket)?;
            Ok(ticket)
        })
    }

    /// Records the end of tickets whose time has passed, some at a time; answers how many.
    ///
    /// # Errors
    /// When it cannot be recorded.
    pub fn sweep(&mut self) -> Result<usize, QueueError> {
        let now = self.now().wall;
        if self.read(&mut |read| Ok(read.overdue(now, 1)?.is_empty()))? {
            return Ok(0);
        }
        self.transact(Trust::Wanted, &mut |journal| {
            let overdue = journal.read().overdue(journal.now().wall, SWEEP)?;
            for id in &overdue {
                let mut ticket = existing(journal.read(), id)?;
                journal.look(&mut ticket)?;
            }
            Ok(overdue.len())
        })
    }

    /// The requester takes a ticket back.
    ///
    /// # Errors
    /// When `uid` is not the requester's, or the ticket is past taking back.
    pub fn cancel(&mut self, id: &TicketId, uid: u32) -> Result<Ticket, QueueError> {
        self.end(id, CancelledBy::Requester, Some(uid))
    }

    /// The last waiter was interrupted.
    ///
    /// # Errors
    /// When the ticket is past taking back.
    pub fn interrupt(&mut self, id: &TicketId, signal: i32) -> Result<Ticket, QueueError> {
        self.end(id, CancelledBy::Interrupt(signal), None)
    }

    /// A re-check found differences: the approval is void.
    ///
    /// # Errors
    /// When the ticket is past taking back.
    pub fn void(&mut self, id: &TicketId, differences: &[String]) -> Result<Ticket, QueueError> {
        let reasons = differences.iter().map(|d| Text::from(d.as_str())).collect();
        self.end(id, CancelledBy::Stale(reasons), None)
    }

    fn end(&mut self, id: &TicketId, why: CancelledBy, only: Option<u32>) -> Result<Ticket, QueueError> {
        self.transact(Trust::Wanted, &mut |journal| {
            let mut ticket = existing(journal.read(), id)?;
            let requester = ticket.filed.request.requester.account.uid;
            if only.is_some_and(|uid| uid != requester) {
                return Err(QueueError::NotYours(requester));
            }
            journal.look(&mut ticket)?;
            match step(&ticket.state, &ticket.filed.deadline, Input::Cancel(why.clone()), journal.now()) {
                Ok(step) => journal.apply(&mut ticket, step).map(|()| Ok(ticket)),
                // Not an error of the transaction: an expiry that was noticed stays recorded.
                Err(why) => Ok(Err(QueueError::Refused { ticket: ticket.id, why })),
            }
        })?
    }
}
