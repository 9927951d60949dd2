//! What can happen to the shared queue, one transaction each.
//! Works on any store, with plain values in and out; wakes waiters only after the commit.

pub mod authority;
pub mod checkpoint;
pub mod close;
pub mod decide;
pub mod evidence;
pub mod execution;
pub mod journal;
pub mod judge;
pub mod mark;
pub mod memory;
pub mod notices;
pub mod propose;
pub mod prune;
pub mod setup;
#[cfg(test)]
pub(crate) mod tests;
pub mod trace;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use crate::bell;
use crate::clock::{Clock, Moment};
use crate::ids::{Label, TicketId, TicketPrefix};
use crate::occasion::Occasion;
use crate::policy::Policy;
use crate::record::RecordError;
use crate::signing::{Reviewers, SignatureError};
use crate::store::{Read, Store, StoreError};
use crate::ticket::Ticket;
use crate::ticket::step::Refused;
use journal::Journal;
use memory::{Memory, MemoryError};

/// How far the wall clock may be behind the last event before approvals and claims stop.
pub const CLOCK_SLACK: Duration = Duration::from_secs(5);

/// Why a use case did nothing, or what it could not do.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The store's own trouble.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No ticket begins so.
    #[error("no ticket {0}; see: handoff list --all")]
    NoSuchTicket(String),
    /// More than one does.
    #[error("{0} is the beginning of several tickets; give more letters")]
    Ambiguous(String),
    /// The state machine has no such transition.
    #[error("{}: {why}", .ticket.code())]
    Refused {
        /// Which ticket.
        ticket: TicketId,
        /// Why.
        why: Refused,
    },
    /// A statement that does not count, and why.
    #[error("the decision was refused: {0}")]
    Decision(String),
    /// A signature that does not count.
    #[error("the decision was refused: {0}")]
    Signature(#[from] SignatureError),
    /// Only the requester takes a ticket back.
    #[error("only its requester (uid {0}) can cancel it; a reviewer rejects or revokes")]
    NotYours(u32),
    /// What was approved no longer holds: a new request is needed.
    #[error("stale: {}", .0.join("; "))]
    Stale(Vec<String>),
    /// The wall clock went back.
    #[error(
        "the clock is {0} s behind the last event of the queue; nothing is approved or run until it \
         catches up, or a reviewer accepts it: handoff reconcile --clock"
    )]
    ClockBehind(u64),
    /// The log kept outside the database says otherwise.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// It is recorded, and only the memory outside lacks it.
    #[error("it is recorded, but {0}")]
    Unremembered(MemoryError),
    /// The requester has too many open questions.
    #[error("{0} tickets of yours are pending, the policy allows no more; cancel some or wait")]
    TooMany(u64),
    /// The caller left out what the policy asks for.
    #[error("the policy asks for the precheck {0}, and it was not run; nothing was filed")]
    Unchecked(Label),
    /// The same idempotency key for something else.
    #[error("the key was used for another action ({}); give this one its own --once key", .0.code())]
    OtherAction(TicketId),
    /// Too large for a record, or not one.
    #[error("the request does not fit: {0}; hand large inputs in with --bind or --stdin capture")]
    Record(#[from] RecordError),
    /// A head is signed by the key the log was made with, or not at all.
    #[error("this is not the key the queue's log was made with; nothing was signed")]
    OtherLogKey,
    /// Stored bytes contradict each other.
    #[error("the queue's record of this contradicts itself: {0}; run: handoff audit verify")]
    Tampered(String),
}

/// The policy and reviewers that hold right now.
#[derive(Debug, Clone, Copy)]
pub struct InForce<'a> {
    /// The rules.
    pub policy: &'a Policy,
    /// The people.
    pub reviewers: &'a Reviewers,
}

/// Whoever passes the word on that something was recorded which people want to be told of.
pub trait Herald {
    /// Called after the commit. It can undo nothing, and must keep nobody waiting.
    fn heard(&self, news: &BTreeSet<Occasion>);
}

/// The queue over any store.
pub struct Queue<S> {
    store: S,
    clock: Box<dyn Clock>,
    bells: PathBuf,
    memory: Memory,
    herald: Option<Box<dyn Herald>>,
}

impl<S: Store> Queue<S> {
    /// A queue whose waiters listen in `bells` and whose outside memory is `memory`.
    pub fn new(store: S, clock: Box<dyn Clock>, bells: PathBuf, memory: Memory) -> Self {
        Self { store, clock, bells, memory, herald: None }
    }

    /// The same queue, with somebody to pass the word on.
    #[must_use]
    pub fn with_herald(mut self, herald: Option<Box<dyn Herald>>) -> Self {
        self.herald = herald;
        self
    }

    /// Both clocks, now.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// The folder waiters listen in.
    pub const fn bells(&self) -> &PathBuf {
        &self.bells
    }

    /// The engine, for what only it can do: backup, health.
    pub const fn store(&mut self) -> &mut S {
        &mut self.store
    }

    /// Reads from one consistent state.
    ///
    /// # Errors
    /// Those of `work`, or when the store cannot be read.
    pub fn read<T>(
        &mut self,
        work: &mut dyn FnMut(&dyn Read) -> Result<T, QueueError>,
    ) -> Result<T, QueueError> {
        self.store.read(work)
    }

    /// The ticket a person meant by the beginning of its code.
    ///
    /// # Errors
    /// When none or several begin so.
    pub fn find(&mut self, prefix: &TicketPrefix) -> Result<TicketId, QueueError> {
        self.read(&mut |read| match read.find(prefix, 2)?.as_slice() {
            [one] => Ok(one.clone()),
            [] => Err(QueueError::NoSuchTicket(prefix.as_str().to_owned())),
            _ => Err(QueueError::Ambiguous(prefix.as_str().to_owned())),
        })
    }

    /// A ticket as it stands, its end by time already taken into account (and recorded).
    ///
    /// # Errors
    /// When there is no such ticket.
    pub fn ticket(&mut self, id: &TicketId) -> Result<Ticket, QueueError> {
        let ticket = self.peek(id)?;
        let due = crate::ticket::step::look(&ticket.state, &ticket.filed.deadline, &self.now());
        if due.is_some() { self.look(id) } else { Ok(ticket) }
    }

    /// As [`Queue::ticket`], for whoever looks again and again: read anew only when something was recorded
    /// since `seen`, or its time is up.
    ///
    /// # Errors
    /// As [`Queue::ticket`].
    pub fn ticket_again(&mut self, id: &TicketId, seen: &mut Option<Seen>) -> Result<Ticket, QueueError> {
        // Asked first: what is recorded between this and the reading is found by the next look.
        let changes = self.store.changes()?;
        if let Some(seen) = seen.as_ref().filter(|seen| changes == Some(seen.changes)) {
            let due = crate::ticket::step::look(&seen.ticket.state, &seen.ticket.filed.deadline, &self.now());
            if seen.ticket.id == *id && due.is_none() {
                return Ok(seen.ticket.clone());
            }
        }
        let ticket = self.ticket(id)?;
        *seen = changes.map(|changes| Seen { changes, ticket: ticket.clone() });
        Ok(ticket)
    }

    /// A ticket exactly as stored.
    ///
    /// # Errors
    /// When there is no such ticket.
    pub fn peek(&mut self, id: &TicketId) -> Result<Ticket, QueueError> {
        self.read(&mut |read| existing(read, id))
    }

    /// The same of many, in one look.
    ///
    /// # Errors
    /// When one of them is not there.
    pub fn peek_all(&mut self, ids: &[TicketId]) -> Result<Vec<Ticket>, QueueError> {
        self.read(&mut |read| ids.iter().map(|id| existing(read, id)).collect())
    }

    /// The log's present head, for whoever wants to remember it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn mark(&mut self) -> Result<mark::Mark, QueueError> {
        self.read(&mut |read| {
            let (identity, head) = (read.identity()?, read.head()?.frontier);
            Ok(mark::Mark { incarnation: identity.incarnation, size: head.size(), root: head.root() })
        })
    }

    /// One transaction. With [`Trust::Needed`] it first compares the log with the memory outside, and
    /// raises that memory after the commit; with [`Trust::Wanted`] it does so where it can.
    fn transact<T>(
        &mut self,
        trust: Trust,
        work: &mut dyn FnMut(&mut Journal<'_>) -> Result<T, QueueError>,
    ) -> Result<T, QueueError> {
        let (clock, memory) = (&self.clock, &self.memory);
        if trust == Trust::Needed {
            memory.ready()?;
        }
        let done = self.store.write(&mut |desk| {
            let mut journal = Journal::open(desk, clock.now())?;
            let sound = match trust {
                Trust::Needed => memory.check(&journal).map(|()| true)?,
                Trust::Wanted => memory.check(&journal).is_ok(),
                Trust::NotNeeded => false,
            };
            let value = work(&mut journal)?;
            let mark = sound.then(|| journal.mark());
            Ok::<_, QueueError>((value, journal.rings(), journal.news(), journal.noted(), mark))
        });
        let (value, rings, news, noted, mark) = done?;
        for ticket in rings {
            bell::ring(&self.bells, ticket.as_str());
        }
        if let Some(herald) = self.herald.as_ref().filter(|_| !news.is_empty()) {
            herald.heard(&news);
        }
        let remembered = mark.map_or(Ok(()), |mark| self.memory.follow(&mark));
        if trust == Trust::Needed {
            remembered.map_err(QueueError::Unremembered)?;
        }
        self.trace(noted);
        Ok(value)
    }
}

/// A ticket as it was when a queue had seen this many changes.
#[derive(Debug)]
pub struct Seen {
    changes: i64,
    ticket: Ticket,
}

/// Whether a transaction rests on the whole log being there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// Filing, ending: never makes anything run.
    NotNeeded,
    /// Cancelling, expiring: holds without it, but must not come undone by an older copy put back.
    Wanted,
    /// Deciding, claiming.
    Needed,
}

fn existing(read: &dyn Read, id: &TicketId) -> Result<Ticket, QueueError> {
    read.ticket(id)?.ok_or_else(|| QueueError::NoSuchTicket(id.code()))
}
