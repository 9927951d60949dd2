//! One event proven without the rest of the log: its receipt made, and held against what an auditor kept.
//! Reads the queue to make one; to check one, nothing.

use super::chain::decided;
use super::fault::{Fault, Faults};
use super::report::Conclusion;
use super::signatures;
use super::statements::reconcile_differences;
use super::verify::Given;
use crate::ids::Origin;
use crate::log::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::log::logkey::LogVerifier;
use crate::log::proofs;
use crate::log::receipt::Receipt;
use crate::queue::QueueError;
use crate::queue::evidence::Stored;
use crate::record::Record;
use crate::store::Read;
use crate::ticket::decision::{Decision, Reconcile};
use crate::ticket::event::{Event, What};

/// The receipt of event `seq` under `head`, which this queue signed; the event's bytes come along.
///
/// # Errors
/// When the queue cannot be read, or contradicts itself.
pub fn receipt(read: &dyn Read, seq: u64, head: &SignedCheckpoint) -> Result<Receipt, QueueError> {
    let row = read.event(seq)?.ok_or_else(|| QueueError::Tampered(format!("event {seq} is missing")))?;
    let size = head.unverified().size;
    let path = proofs::inclusion(&Stored(read), seq, size).map_err(|error| match error {
        proofs::ProofError::Nodes(error) => error,
        other => QueueError::Tampered(other.to_string()),
    })?;
    let receipt = Receipt { index: seq, path, extra: row.bytes.into_bytes(), checkpoint: head.clone() };
    let includes = receipt.includes(&receipt.extra);
    includes.map_err(|_| QueueError::Tampered(format!("event {seq} is not under the log's root")))?;
    Ok(receipt)
}

/// What a receipt shows.
#[derive(Debug)]
#[must_use]
pub struct Shown {
    /// The event, where its bytes are one.
    pub event: Option<Event>,
    /// The head it is under.
    pub head: Checkpoint,
    /// That head is signed by the key the auditor knows, or is one the auditor kept.
    pub known_head: bool,
    /// Somebody signed what the event records, and whose signatures count was not given.
    pub unknown_signer: bool,
    /// What is wrong.
    pub faults: Faults,
}

impl Shown {
    /// What it comes to, in the words of a whole audit.
    #[must_use]
    pub const fn conclusion(&self) -> Conclusion {
        match (self.faults.is_empty(), self.unknown_signer, self.known_head) {
            (false, ..) => Conclusion::Tampered,
            (true, true, _) => Conclusion::OwnReviewers,
            (true, false, false) => Conclusion::MayBeCut,
            (true, false, true) => Conclusion::Holds,
        }
    }
}

/// Holds a receipt against what an auditor kept: reviewers, heads, and the log's key.
pub fn check(receipt: &Receipt, given: &Given, log_key: Option<&LogVerifier>) -> Shown {
    let mut faults = Faults::default();
    let head = receipt.checkpoint.unverified().clone();
    let known_head = known(receipt, given, log_key, &mut faults);
    if receipt.includes(&receipt.extra).is_err() {
        faults.of_log(receipt.index, "event", "not under the head", "the bytes that are");
    }
    let event = match std::str::from_utf8(&receipt.extra).map(Record::parse::<Event>) {
        Ok(Ok((_, event))) => Some(event),
        _ => {
            faults.of_log(receipt.index, "event", "no event", "the event's bytes");
            None
        }
    };
    let signed = event.as_ref().is_some_and(|event| signed(event, &head.origin, given, &mut faults));
    let unknown_signer = signed && given.reviewers.is_none();
    Shown { event, head, known_head, unknown_signer, faults }
}

/// Whether the head is the queue's as far as the auditor knows.
fn known(receipt: &Receipt, given: &Given, log_key: Option<&LogVerifier>, faults: &mut Faults) -> bool {
    let head = receipt.checkpoint.unverified();
    let by_key = log_key.is_some_and(|key| match receipt.checkpoint.verify(key) {
        Ok(_) => true,
        Err(error) => {
            faults.of_log(head.size, "head's signature", error, "by the log key you gave");
            false
        }
    });
    let mut kept = false;
    for own in given.checkpoints.iter().map(SignedCheckpoint::unverified) {
        faults.same(own.size, "head's origin", &head.origin, &own.origin);
        if own.size == head.size {
            faults.same(own.size, "head's root", &head.root, &own.root);
            kept |= own == head;
        }
    }
    by_key || kept
}

/// Whether somebody signed what the event records. What was signed must be about it, and by a reviewer.
fn signed(event: &Event, origin: &Origin, given: &Given, faults: &mut Faults) -> bool {
    let about = match &event.what {
        What::Decision { statement, .. } => decision(event, origin, statement),
        What::Reconciled { statement, .. } => finding(event, origin, statement),
        _ => return false,
    };
    about.into_iter().for_each(|fault| faults.add(fault));
    if let Some(reviewers) = &given.reviewers {
        let wrong = signatures::wrong(event, decided(event).as_ref(), origin, Some(reviewers));
        wrong.into_iter().for_each(|fault| faults.add(fault));
    }
    true
}

/// Where a signed decision is not about the event that records it.
fn decision(event: &Event, origin: &Origin, statement: &str) -> Vec<Fault> {
    let Ok((_, said)) = Record::parse::<Decision>(statement) else { return vec![no_statement(event)] };
    let mut faults = Faults::default();
    let ticket = event.ticket.as_ref().map(ToString::to_string).unwrap_or_default();
    faults.same(event.seq, "queue", &said.queue, origin);
    faults.same(event.seq, "incarnation", &said.incarnation, &event.incarnation);
    faults.same(event.seq, "ticket", &said.ticket.to_string(), &ticket);
    faults.same(event.seq, "log.origin", &said.log.origin, origin);
    if said.log.size > event.seq {
        faults.of_log(event.seq, "log.size", said.log.size, format!("{} at most", event.seq));
    }
    faults.kept().to_vec()
}

fn finding(event: &Event, origin: &Origin, statement: &str) -> Vec<Fault> {
    let Ok((_, said)) = Record::parse::<Reconcile>(statement) else { return vec![no_statement(event)] };
    let differences = reconcile_differences(&said, origin, event.ticket.as_ref(), event.incarnation);
    let fault = |(field, found, wanted)| Fault::at(event.seq, field, found, wanted);
    differences.into_iter().map(fault).collect()
}

fn no_statement(event: &Event) -> Fault {
    Fault::at(event.seq, "statement", "no statement", "the signed bytes")
}
