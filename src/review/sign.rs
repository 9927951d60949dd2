//! From what a reviewer decided to the statement they sign.
//! An approve to be signed here needs the proof that exactly its card was read and confirmed.

use crate::clock::Timestamp;
use crate::ids::{Incarnation, Nonce, Principal, TicketId};
use crate::queue::authority::Standing;
use crate::queue::mark::Mark;
use crate::queue::{InForce, Queue, QueueError};
use crate::record::{Record, RecordError, Text};
use crate::signing::{KeyError, Signer};
use crate::store::Store;
use crate::ticket::Ticket;
use crate::ticket::card::Card;
use crate::ticket::decision::{Choice, Decision, DecisionType, LogHead};

use super::Confirmed;
use super::pins::Pins;

/// Why there is nothing to sign.
#[derive(Debug, thiserror::Error)]
pub enum BallotError {
    /// What was read and confirmed is another card than this ticket's.
    #[error("the card that was read is not this ticket's; read it again")]
    OtherCard,
    /// The words do not fit a statement.
    #[error("the statement does not fit: {0}; write less")]
    Record(#[from] RecordError),
    /// The key did not sign.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// A reviewer's words beside the answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// Why.
    pub reason: Option<Text>,
    /// What to do instead.
    pub suggest: Option<Text>,
}

/// A ticket as it is put before one reviewer.
#[derive(Debug, Clone)]
pub struct Ballot {
    /// The ticket.
    pub ticket: Ticket,
    /// What there is to read.
    pub card: Card,
    /// Who has approved, who is missing.
    pub standing: Standing,
    incarnation: Incarnation,
    log: LogHead,
    now: Timestamp,
}

impl Ballot {
    /// Puts a ticket before a reviewer, once the queue has proved that its log continues what they saw.
    ///
    /// # Errors
    /// When there is no such ticket, or the log does not continue.
    pub fn open<S: Store>(
        queue: &mut Queue<S>,
        id: &TicketId,
        in_force: InForce<'_>,
        pins: &Pins,
    ) -> Result<Self, QueueError> {
        let ticket = queue.ticket(id)?;
        let standing = queue.standing(id, in_force)?;
        let (now, card) = (queue.now().wall, Card::new(&ticket.filed.request, &ticket.filed.verdict));
        let (incarnation, log) = queue.read(&mut |read| {
            pins.check(read)?;
            let (identity, head) = (read.identity()?, read.head()?.frontier);
            let log = LogHead { origin: identity.origin, size: head.size(), root: head.root() };
            Ok((identity.incarnation, log))
        })?;
        Ok(Self { ticket, card, standing, incarnation, log, now })
    }

    /// The log as it was put before the reviewer, for their memory.
    #[must_use]
    pub const fn seen(&self) -> Mark {
        Mark { incarnation: self.incarnation, size: self.log.size, root: self.log.root }
    }

    /// An approve, for the key at hand: the card was read to its end and confirmed.
    ///
    /// # Errors
    /// When another card was confirmed, or the words do not fit.
    pub fn approve(
        &self,
        confirmed: &Confirmed,
        reviewer: &Principal,
        words: Words,
    ) -> Result<Unsigned, BallotError> {
        if confirmed.card() != self.card.digest() {
            return Err(BallotError::OtherCard);
        }
        self.unsigned(Choice::Approve, reviewer, words)
    }

    /// A reject, for the key at hand: saying no needs no ceremony.
    ///
    /// # Errors
    /// When the words do not fit.
    pub fn reject(&self, reviewer: &Principal, words: Words) -> Result<Unsigned, BallotError> {
        self.unsigned(Choice::Reject, reviewer, words)
    }

    /// A revoke, for the key at hand.
    ///
    /// # Errors
    /// When the words do not fit.
    pub fn revoke(&self, reviewer: &Principal, words: Words) -> Result<Unsigned, BallotError> {
        self.unsigned(Choice::Revoke, reviewer, words)
    }

    /// The exact bytes for a key elsewhere; whoever signs there has read the card there.
    ///
    /// # Errors
    /// When the words do not fit.
    pub fn prepare(&self, choice: Choice, reviewer: &Principal, words: Words) -> Result<Record, BallotError> {
        Ok(self.unsigned(choice, reviewer, words)?.record)
    }

    fn unsigned(&self, choice: Choice, reviewer: &Principal, words: Words) -> Result<Unsigned, BallotError> {
        let request = &self.ticket.filed.request;
        let decision = Decision {
            kind: DecisionType::V1,
            queue: request.queue.clone(),
            incarnation: self.incarnation,
            ticket: self.ticket.id.clone(),
            request_sha256: self.ticket.filed.request_sha256,
            policy_sha256: request.policy.sha256,
            card_sha256: self.card.digest(),
            decision: choice,
            reason: words.reason,
            suggest: words.suggest,
            reviewer: reviewer.clone(),
            nonce: Nonce::random(),
            time: self.now,
            valid_until: (choice == Choice::Approve).then(|| self.valid_until()),
            log: self.log.clone(),
        };
        Ok(Unsigned { record: Record::of(&decision)?, nonce: decision.nonce, queue: decision.queue })
    }

    /// The others may take until the deadline, and the approval then holds for its validity.
    #[must_use]
    pub fn valid_until(&self) -> Timestamp {
        let validity = self.ticket.terms().map(crate::policy::Terms::validity).unwrap_or_default();
        self.ticket.filed.deadline.wall.plus(validity)
    }
}

/// A statement ready for the key at hand.
#[derive(Debug)]
#[must_use]
pub struct Unsigned {
    record: Record,
    nonce: Nonce,
    queue: crate::ids::Origin,
}

impl Unsigned {
    /// Signs it.
    ///
    /// # Errors
    /// When the key does not.
    pub fn sign(self, signer: &Signer) -> Result<SignedDecision, BallotError> {
        let namespace = Decision::namespace(&self.queue);
        let signature = signer.sign(&namespace, self.record.as_str().as_bytes())?;
        Ok(SignedDecision { record: self.record, signature, nonce: self.nonce })
    }
}

/// A statement with its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedDecision {
    record: Record,
    signature: String,
    nonce: Nonce,
}

impl SignedDecision {
    /// The signed bytes.
    #[must_use]
    pub fn statement(&self) -> &str {
        self.record.as_str()
    }

    /// The armored signature.
    #[must_use]
    pub fn signature(&self) -> &str {
        &self.signature
    }

    /// The statement's nonce.
    #[must_use]
    pub const fn nonce(&self) -> Nonce {
        self.nonce
    }
}
