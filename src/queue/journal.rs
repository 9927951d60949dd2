//! One transaction's pen: appends events to the log and carries tickets from state to state.
//! Touches only the store it was given.

use std::collections::BTreeSet;

use super::mark::Mark;
use super::trace::Noted;
use super::{CLOCK_SLACK, InForce, QueueError};
use crate::clock::{Moment, Timestamp};
use crate::ids::{Nonce, TicketId};
use crate::log::tree;
use crate::occasion::Occasion;
use crate::record::{Record, Text};
use crate::request::PolicyRef;
use crate::store::{EventRow, Head, Identity, Read, Write};
use crate::ticket::Ticket;
use crate::ticket::decision::LogHead;
use crate::ticket::event::{Event, EventType, LayerRef, What};
use crate::ticket::step::{Effect, Step, look};

/// The writing side of one transaction.
pub struct Journal<'a> {
    desk: &'a mut dyn Write,
    head: Head,
    identity: Identity,
    now: Moment,
    rings: Vec<TicketId>,
    news: BTreeSet<Occasion>,
    noted: Vec<Noted>,
}

impl<'a> Journal<'a> {
    /// Takes up the pen at the log's edge.
    ///
    /// # Errors
    /// When the store cannot say where that is.
    pub fn open(desk: &'a mut dyn Write, now: Moment) -> Result<Self, QueueError> {
        let (head, identity) = (desk.head()?, desk.identity()?);
        Ok(Self { desk, head, identity, now, rings: Vec::new(), news: BTreeSet::new(), noted: Vec::new() })
    }

    /// The time of this transaction: the only one that decides.
    pub const fn now(&self) -> &Moment {
        &self.now
    }

    /// The queue's name and life.
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Reading, in this transaction.
    pub fn read(&self) -> &dyn Read {
        // The trait's reading half, without the right to write.
        self.desk
    }

    /// Writing what is no event: tickets, blobs, decisions.
    pub fn desk(&mut self) -> &mut dyn Write {
        self.desk
    }

    /// Whom to wake after the commit.
    pub fn rings(&mut self) -> Vec<TicketId> {
        std::mem::take(&mut self.rings)
    }

    /// What people may want to be told of after the commit.
    pub fn news(&mut self) -> BTreeSet<Occasion> {
        std::mem::take(&mut self.news)
    }

    /// What was appended, for a structured log after the commit.
    pub fn noted(&mut self) -> Vec<Noted> {
        std::mem::take(&mut self.noted)
    }

    /// The log as it will be after the commit.
    pub fn seen(&self) -> LogHead {
        LogHead {
            origin: self.identity.origin.clone(),
            size: self.head.frontier.size(),
            root: self.head.frontier.root(),
        }
    }

    /// The same, for the memory outside.
    pub fn mark(&self) -> Mark {
        let LogHead { size, root, .. } = self.seen();
        Mark { incarnation: self.identity.incarnation, size, root }
    }

    /// Refuses when the wall clock is behind what the log has seen.
    ///
    /// # Errors
    /// [`QueueError::ClockBehind`].
    pub fn clock_is_right(&self) -> Result<(), QueueError> {
        let behind = self.now.wall.until(self.head.time);
        if behind > CLOCK_SLACK { Err(QueueError::ClockBehind(behind.as_secs())) } else { Ok(()) }
    }

    /// As of when a key must still count: a wall clock that went back a little revives none that ended meanwhile.
    /// One that went back further stops approvals altogether.
    pub fn latest(&self) -> Timestamp {
        self.now.wall.max(self.head.time.min(self.now.wall.plus(CLOCK_SLACK)))
    }

    /// A person accepted the present clock: later events are compared with it.
    pub const fn accept_clock(&mut self) {
        self.head.time = self.now.wall;
    }

    /// A new life of the queue begins with the next event.
    ///
    /// # Errors
    /// When the store cannot keep it.
    pub fn begin_life(&mut self, identity: Identity) -> Result<(), QueueError> {
        self.desk.set_identity(&identity)?;
        self.identity = identity;
        Ok(())
    }

    /// Appends one event and answers its sequence number.
    ///
    /// # Errors
    /// When it is too long for a record, or cannot be stored.
    pub fn record(&mut self, ticket: Option<&TicketId>, what: What) -> Result<u64, QueueError> {
        let (seq, word) = (self.head.frontier.size(), what.word());
        self.news.extend(what.occasion());
        let event = Event {
            kind: EventType::V1,
            seq,
            prev: self.head.leaf,
            time: self.now.wall,
            salt: Nonce::random(),
            incarnation: self.identity.incarnation,
            ticket: ticket.cloned(),
            what,
        };
        let bytes = Record::of(&event)?.as_str().to_owned();
        let leaf = tree::leaf_hash(bytes.as_bytes());
        let nodes = self.head.frontier.append(leaf);
        self.head.leaf = leaf;
        self.head.time = self.head.time.max(self.now.wall);
        let root = self.head.frontier.root();
        let row = EventRow { seq, ticket: ticket.cloned(), bytes, leaf, root };
        self.desk.append(&row, word, &nodes)?;
        self.desk.set_head(&self.head)?;
        self.noted.push(Noted { seq, event: word, ticket: ticket.cloned() });
        Ok(seq)
    }

    /// Puts `step` into effect: the new state by compare-and-swap, its events, its bells.
    ///
    /// # Errors
    /// When somebody else changed the ticket first.
    pub fn apply(&mut self, ticket: &mut Ticket, step: Step) -> Result<(), QueueError> {
        let from = ticket.version;
        ticket.version += 1;
        ticket.state = step.state;
        if !self.desk.update_ticket(ticket, from)? {
            return Err(QueueError::Tampered(format!("{} changed under a transaction", ticket.id.code())));
        }
        for effect in step.effects {
            match effect {
                Effect::Record(what) => drop(self.record(Some(&ticket.id), what)?),
                Effect::Ring => self.rings.push(ticket.id.clone()),
            }
        }
        Ok(())
    }

    /// Records what time alone has done to the ticket.
    ///
    /// # Errors
    /// As [`Journal::apply`].
    pub fn look(&mut self, ticket: &mut Ticket) -> Result<(), QueueError> {
        match look(&ticket.state, &ticket.filed.deadline, &self.now) {
            Some(step) => self.apply(ticket, step),
            None => Ok(()),
        }
    }

    /// Records policy and reviewers with their bytes, if they are not the ones recorded last.
    ///
    /// # Errors
    /// When they cannot be stored.
    pub fn in_force(&mut self, in_force: InForce<'_>) -> Result<(), QueueError> {
        let policy = reference(in_force.policy);
        if self.last(|what| matches!(what, What::Policy { policy: last, .. } if *last == policy), "policy")? {
            return self.reviewers(in_force);
        }
        let record = in_force.policy.record();
        self.desk.put_blob(&policy.sha256, record.as_bytes())?;
        let mut layers = Vec::new();
        for layer in in_force.policy.layers() {
            self.desk.put_blob(&layer.digest, layer.text.as_bytes())?;
            layers.push(LayerRef { name: Text::from(layer.name.as_str()), sha256: layer.digest });
        }
        self.record(None, What::Policy { policy, layers })?;
        self.reviewers(in_force)
    }

    fn reviewers(&mut self, in_force: InForce<'_>) -> Result<(), QueueError> {
        let sha256 = in_force.reviewers.digest();
        let same = |what: &What| matches!(what, What::Reviewers { sha256: last } if *last == sha256);
        if !self.last(same, "reviewers")? {
            self.desk.put_blob(&sha256, in_force.reviewers.as_str().as_bytes())?;
            self.record(None, What::Reviewers { sha256 })?;
        }
        Ok(())
    }

    fn last(&self, same: impl Fn(&What) -> bool, kind: &str) -> Result<bool, QueueError> {
        let Some(row) = self.desk.newest(kind)? else { return Ok(false) };
        let (_, event) = Record::parse::<Event>(&row.bytes)?;
        Ok(same(&event.what))
    }
}

/// A policy's identity as records name it.
#[must_use]
pub fn reference(policy: &crate::policy::Policy) -> PolicyRef {
    PolicyRef { version: Text::from(policy.id().version.as_str()), sha256: policy.id().digest }
}
