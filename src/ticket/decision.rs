//! The statements people sign: what exactly an approve, reject, revoke or reconcile says.
//! Pure. Signed as canonical bytes under the namespace `TYPE@ORIGIN`.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::{Digest, Incarnation, Nonce, Origin, Principal, TicketId};
use crate::record::Text;

/// The log as the reviewer's side saw it when signing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogHead {
    /// The log's name.
    pub origin: Origin,
    /// How many events it had.
    pub size: u64,
    /// Root of the tree over them (RFC 6962).
    pub root: Digest,
}

/// What a reviewer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    /// It may run once.
    Approve,
    /// It must not.
    Reject,
    /// An earlier approve is taken back.
    Revoke,
}

impl Choice {
    /// The word in statements and on screens.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Revoke => "revoke",
        }
    }
}

/// The version of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DecisionType {
    /// The form described in docs/records.md.
    #[serde(rename = "decision.v1")]
    V1,
}

/// One reviewer's signed answer to one ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The statement's version, which is also its signature's namespace before the `@`.
    #[serde(rename = "type")]
    pub kind: DecisionType,
    /// The queue it is for.
    pub queue: Origin,
    /// That queue's life; a restored queue has another.
    pub incarnation: Incarnation,
    /// The ticket it is for.
    pub ticket: TicketId,
    /// The request's canonical bytes.
    pub request_sha256: Digest,
    /// The policy it was filed under.
    pub policy_sha256: Digest,
    /// The card that was read.
    pub card_sha256: Digest,
    /// The answer.
    pub decision: Choice,
    /// Why, for the requester and the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
    /// What to do instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggest: Option<Text>,
    /// Who answers.
    pub reviewer: Principal,
    /// Makes every statement its own; the same one is never taken twice.
    pub nonce: Nonce,
    /// When it was signed, by the signer's clock.
    pub time: Timestamp,
    /// The latest moment an approve may be used; only approvals have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
    /// The log as seen when signing.
    pub log: LogHead,
}

impl Decision {
    /// The SSHSIG namespace of decisions in `queue`.
    #[must_use]
    pub fn namespace(queue: &Origin) -> String {
        format!("decision.v1@{queue}")
    }
}

/// The version of a reconcile statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReconcileType {
    /// The form described in docs/records.md.
    #[serde(rename = "reconcile.v1")]
    V1,
}

/// What a person found out, or accepts, where handoff could not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reconcile {
    /// The statement's version.
    #[serde(rename = "type")]
    pub kind: ReconcileType,
    /// The queue it is for.
    pub queue: Origin,
    /// That queue's life.
    pub incarnation: Incarnation,
    /// What it closes.
    pub about: Subject,
    /// What was found, in the person's words.
    pub finding: Text,
    /// Who says so.
    pub reviewer: Principal,
    /// Makes every statement its own.
    pub nonce: Nonce,
    /// When it was signed, by the signer's clock.
    pub time: Timestamp,
}

impl Reconcile {
    /// The SSHSIG namespace of reconcile statements in `queue`.
    #[must_use]
    pub fn namespace(queue: &Origin) -> String {
        format!("reconcile.v1@{queue}")
    }
}

/// What a reconcile statement is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Subject {
    /// A ticket whose outcome is unknown.
    Ticket(TicketId),
    /// A wall clock that went back: this time is accepted as now.
    Clock(Timestamp),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_signed_for_its_kind_and_its_queue() {
        let queue: Origin = "laptop-7f3k".parse().unwrap();
        assert_eq!(Decision::namespace(&queue), "decision.v1@laptop-7f3k");
        assert_eq!(Reconcile::namespace(&queue), "reconcile.v1@laptop-7f3k");
    }

    #[test]
    fn an_answer_is_called_on_screens_what_it_is_called_in_statements() {
        for choice in [Choice::Approve, Choice::Reject, Choice::Revoke] {
            assert_eq!(serde_json::to_value(choice).unwrap(), choice.word());
        }
    }
}
