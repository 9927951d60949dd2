//! Whether a logged statement is what a reviewer signed, and about what it was recorded for.
//! Pure.

use crate::clock::Timestamp;
use crate::ids::{Digest, Incarnation, Origin, TicketId};
use crate::record::Record;
use crate::signing::{Reviewers, SignatureError, Verified};
use crate::ticket::Ticket;
use crate::ticket::card::Card;
use crate::ticket::decision::{Decision, Reconcile, Subject};

/// Why a statement is not to be relied on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfounded {
    /// The signature does not hold, or its key is not trusted.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The signed bytes are no statement.
    #[error("the signed bytes are no statement: {0}")]
    Form(String),
}

/// The decision in `statement`, if a reviewer of these signed it for `origin` and their key counted at `at`.
///
/// # Errors
/// Why it does not count.
pub fn decision(
    reviewers: &Reviewers,
    origin: &Origin,
    statement: &str,
    signature: &str,
    at: Timestamp,
) -> Result<Verified<Decision>, Unfounded> {
    let named: Decision = read(statement)?;
    signed(reviewers, origin, &named, statement, signature, at)?.try_map(|_| Ok(named))
}

/// Proof that the reviewer of these whom `decision` names signed `statement`, which it was read from.
///
/// # Errors
/// Why the signature does not count.
pub fn signed(
    reviewers: &Reviewers,
    origin: &Origin,
    decision: &Decision,
    statement: &str,
    signature: &str,
    at: Timestamp,
) -> Result<Verified<Vec<u8>>, SignatureError> {
    reviewers.verify(&decision.reviewer, &Decision::namespace(origin), statement.as_bytes(), signature, at)
}

/// The finding in `statement`, under the same conditions.
///
/// # Errors
/// Why it does not count.
pub fn reconcile(
    reviewers: &Reviewers,
    origin: &Origin,
    statement: &str,
    signature: &str,
    at: Timestamp,
) -> Result<Verified<Reconcile>, Unfounded> {
    let named: Reconcile = read(statement)?;
    let (namespace, bytes) = (Reconcile::namespace(origin), statement.as_bytes());
    let proof = reviewers.verify(&named.reviewer, &namespace, bytes, signature, at)?;
    proof.try_map(|_| Ok(named))
}

fn read<T: serde::de::DeserializeOwned>(statement: &str) -> Result<T, Unfounded> {
    let parsed = Record::parse(statement).map_err(|error| Unfounded::Form(error.to_string()))?;
    Ok(parsed.1)
}

/// What a decision must be about, recomputed from the request and never taken from the statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// The queue.
    pub origin: Origin,
    /// The ticket.
    pub ticket: TicketId,
    /// Digest of the request's bytes.
    pub request: Digest,
    /// The policy it was filed under.
    pub policy: Digest,
    /// The card made of request and verdict.
    pub card: Digest,
}

/// A field in which a statement is about something else: its name, what it says, what it should say.
pub type Difference = (&'static str, String, String);

fn differs<T: PartialEq + ToString>(to: &mut Vec<Difference>, field: &'static str, is: &T, should: &T) {
    if is != should {
        to.push((field, is.to_string(), should.to_string()));
    }
}

impl About {
    /// Where `decision`, recorded in the queue's life `life`, is about something else.
    #[must_use]
    pub fn differences(&self, decision: &Decision, life: Incarnation) -> Vec<Difference> {
        let mut found = Vec::new();
        differs(&mut found, "queue", &decision.queue, &self.origin);
        differs(&mut found, "incarnation", &decision.incarnation, &life);
        differs(&mut found, "ticket", &decision.ticket, &self.ticket);
        differs(&mut found, "request_sha256", &decision.request_sha256, &self.request);
        differs(&mut found, "policy_sha256", &decision.policy_sha256, &self.policy);
        differs(&mut found, "card_sha256", &decision.card_sha256, &self.card);
        found
    }
}

/// Where a finding is about something else than `ticket` (or, without one, the clock).
#[must_use]
pub fn reconcile_differences(
    said: &Reconcile,
    origin: &Origin,
    ticket: Option<&TicketId>,
    life: Incarnation,
) -> Vec<Difference> {
    let subject = |ticket: Option<&TicketId>| ticket.map_or_else(|| "clock".to_owned(), ToString::to_string);
    let about = match &said.about {
        Subject::Ticket(ticket) => subject(Some(ticket)),
        Subject::Clock(_) => subject(None),
    };
    let fields = [
        ("queue", said.queue.to_string(), origin.to_string()),
        ("incarnation", said.incarnation.to_string(), life.to_string()),
        ("about", about, subject(ticket)),
    ];
    fields.into_iter().filter(|(_, is, should)| is != should).collect()
}

impl About {
    /// What decisions about this ticket must name.
    #[must_use]
    pub fn of(ticket: &Ticket) -> Self {
        let filed = &ticket.filed;
        Self {
            origin: filed.request.queue.clone(),
            ticket: ticket.id.clone(),
            request: filed.request_sha256,
            policy: filed.request.policy.sha256,
            card: Card::new(&filed.request, &filed.verdict).digest(),
        }
    }
}
