//! What the log itself says of a ticket, each event checked against the tree; rows are never believed.
//! Reads only.

use std::collections::BTreeMap;

use super::QueueError;
use crate::clock::Timestamp;
use crate::ids::{Digest, Principal};
use crate::log::proven::Proven;
use crate::log::{proofs, tree};
use crate::record::Record;
use crate::store::{EventRow, Read, StoreError};
use crate::ticket::event::{Event, What};
use crate::ticket::{ApprovedBy, Deadline, Ticket};

/// A decision as the log holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Its place in the log.
    pub seq: u64,
    /// When it was recorded.
    pub time: Timestamp,
    /// The signed bytes.
    pub statement: String,
    /// The armored signature.
    pub signature: String,
}

/// An approval as the log holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// When it was recorded.
    pub time: Timestamp,
    /// Who agreed.
    pub by: ApprovedBy,
    /// When it lapses, by the terms of then.
    pub until: Deadline,
}

/// A ticket's own events, read from the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Every recorded decision, oldest first.
    pub decisions: Vec<Logged>,
    /// The approval, if the log has one.
    pub approved: Option<Approval>,
    /// The log has a claim of it.
    pub claimed: bool,
    /// The log has an end of it without a run: rejected, expired, cancelled.
    pub closed: bool,
    /// What was handed in and is gone for good, and when it went.
    pub pruned: BTreeMap<Digest, Timestamp>,
}

impl Evidence {
    /// Reads and checks the events of `ticket`.
    ///
    /// # Errors
    /// [`QueueError::Tampered`] when bytes, tree and ticket contradict each other.
    pub fn gather(read: &dyn Read, ticket: &Ticket) -> Result<Self, QueueError> {
        Witness::of(read)?.evidence(ticket)
    }

    fn gathered(read: &dyn Read, proven: &mut Proven, ticket: &Ticket) -> Result<Self, QueueError> {
        let mut evidence = Self::default();
        let mut opened = false;
        for row in read.events_of(&ticket.id)? {
            let event = checked(read, proven, &row)?;
            if event.ticket.as_ref() != Some(&ticket.id) {
                return Err(tampered(&row, "is about another ticket"));
            }
            opened |= opens(&event, ticket);
            evidence.add(event);
        }
        if opened { Ok(evidence) } else { Err(QueueError::Tampered(no_proposal(ticket))) }
    }

    fn add(&mut self, event: Event) {
        let Event { seq, time, what, .. } = event;
        match what {
            What::Decision { statement, signature, .. } => {
                self.decisions.push(Logged { seq, time, statement, signature });
            }
            What::Approved { by, until } => self.approved = Some(Approval { time, by, until }),
            What::Pruned { blobs, .. } => self.pruned.extend(blobs.into_iter().map(|digest| (digest, time))),
            What::Claimed { .. } => self.claimed = true,
            What::Rejected { .. } | What::Expired { .. } | What::Cancelled { .. } => self.closed = true,
            _ => {}
        }
    }
}

/// Whether `event` is the proposal that the row of `ticket` claims to come from.
fn opens(event: &Event, ticket: &Ticket) -> bool {
    let filed = &ticket.filed;
    let What::Proposed { request_sha256, action_sha256, uid, policy_sha256, verdict, deadline } = &event.what
    else {
        return false;
    };
    event.seq == filed.seq
        && *request_sha256 == filed.request_sha256
        && *action_sha256 == filed.request.action_sha256
        && *uid == filed.request.requester.account.uid
        && *policy_sha256 == filed.request.policy.sha256
        && *verdict == filed.verdict
        && *deadline == filed.deadline
}

fn no_proposal(ticket: &Ticket) -> String {
    format!("{} does not match the event that filed it", ticket.id.code())
}

/// The log in one transaction, asked about many tickets: what was proven for one is not proven again for the next.
pub struct Witness<'a> {
    read: &'a dyn Read,
    proven: Proven,
}

impl<'a> Witness<'a> {
    /// Of the log as it is now.
    ///
    /// # Errors
    /// When its edge cannot be read.
    pub fn of(read: &'a dyn Read) -> Result<Self, QueueError> {
        Ok(Self { read, proven: Proven::under(&read.head()?.frontier) })
    }

    /// What the log says of `ticket`.
    ///
    /// # Errors
    /// As [`Evidence::gather`].
    pub fn evidence(&mut self, ticket: &Ticket) -> Result<Evidence, QueueError> {
        Evidence::gathered(self.read, &mut self.proven, ticket)
    }
}

/// The event in `row`, if its bytes are under the tree's present edge.
fn checked(read: &dyn Read, proven: &mut Proven, row: &EventRow) -> Result<Event, QueueError> {
    let (_, event) = Record::parse::<Event>(&row.bytes)?;
    let leaf = tree::leaf_hash(row.bytes.as_bytes());
    if leaf != row.leaf || event.seq != row.seq {
        return Err(tampered(row, "was edited"));
    }
    let holds = proven.holds(&Stored(read), row.seq, leaf)?;
    if holds { Ok(event) } else { Err(tampered(row, "is not under the log's root")) }
}

fn tampered(row: &EventRow, how: &str) -> QueueError {
    QueueError::Tampered(format!("event {} {how}", row.seq))
}

/// The store's nodes as the tree wants them.
pub struct Stored<'a>(pub &'a dyn Read);

impl proofs::Nodes for Stored<'_> {
    type Error = QueueError;

    fn node(&self, level: u8, index: u64) -> Result<Digest, QueueError> {
        self.0.node(level, index)?.ok_or_else(|| {
            QueueError::Store(StoreError::Corrupt(format!("node {level}/{index} of the log is missing")))
        })
    }
}

/// The reviewer a statement names, for messages about statements that do not count.
#[must_use]
pub fn named_reviewer(statement: &str) -> Option<Principal> {
    let (_, decision) = Record::parse::<crate::ticket::decision::Decision>(statement).ok()?;
    Some(decision.reviewer)
}
