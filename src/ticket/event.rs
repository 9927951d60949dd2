//! One entry of the append-only log: who did what to which ticket, chained to the one before.
//! Pure types with one canonical form.

use serde::{Deserialize, Serialize};

use super::{ApprovedBy, CancelledBy, Claim, Deadline, End, Outcome, RejectedBy};
use crate::clock::Timestamp;
use crate::ids::{Digest, Incarnation, Label, Nonce, Origin, Principal, TicketId};
use crate::occasion::Occasion;
use crate::policy::Verdict;
use crate::record::Text;
use crate::request::PolicyRef;

/// The version of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventType {
    /// The form described in docs/records.md.
    #[serde(rename = "event.v1")]
    V1,
}

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// The record's version.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// Its place, from 0.
    pub seq: u64,
    /// Leaf hash of the event before; of the first, the empty tree's root.
    pub prev: Digest,
    /// When it was recorded.
    pub time: Timestamp,
    /// 128 random bits, so that a leaf hash tells nothing of its content.
    pub salt: Nonce,
    /// The queue's life in which it was recorded.
    pub incarnation: Incarnation,
    /// The ticket it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<TicketId>,
    /// What happened.
    pub what: What,
}

/// The words of all kinds, as [`What::word`] tells them.
pub const KINDS: [&str; 18] = [
    "created",
    "policy",
    "reviewers",
    "proposed",
    "decision",
    "refused",
    "approved",
    "rejected",
    "expired",
    "cancelled",
    "claimed",
    "finished",
    "not_started",
    "unknown",
    "reconciled",
    "notified",
    "restored",
    "pruned",
];

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum What {
    /// The queue was made.
    Created {
        /// Its name.
        origin: Origin,
        /// The public half of the key that signs its tree heads (C2SP signed-note verifier key).
        log_key: Text,
    },
    /// The policy in force is another one from here on; its layers are blobs.
    Policy {
        /// Its identity.
        policy: PolicyRef,
        /// Every layer's name and digest.
        layers: Vec<LayerRef>,
    },
    /// The reviewers in force are others from here on; the file is a blob.
    Reviewers {
        /// Digest of the allowed_signers file.
        sha256: Digest,
    },
    /// A ticket was filed.
    Proposed {
        /// Digest of the request's bytes, which are a blob.
        request_sha256: Digest,
        /// Digest of the action inside.
        action_sha256: Digest,
        /// User id of the requester.
        uid: u32,
        /// The policy it was judged by.
        policy_sha256: Digest,
        /// What the policy said.
        verdict: Verdict,
        /// When its wait ends.
        deadline: Deadline,
    },
    /// A signed decision was recorded.
    Decision {
        /// The signed bytes, as a string.
        statement: String,
        /// Its armored SSHSIG.
        signature: String,
        /// The reviewer is mapped to the requester's own account.
        own: bool,
    },
    /// A decision came that could not count: late, second, stale, not eligible.
    Refused {
        /// Whose, if that is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        reviewer: Option<Principal>,
        /// Digest of the statement's bytes.
        statement_sha256: Digest,
        /// Why it was refused.
        reason: Text,
    },
    /// The ticket may be executed.
    Approved {
        /// Who agreed.
        by: ApprovedBy,
        /// When the approval lapses.
        until: Deadline,
    },
    /// The ticket will not be executed.
    Rejected {
        /// Who said no.
        by: RejectedBy,
    },
    /// Its time ran out.
    Expired {
        /// It had been approved and was not used.
        approved: bool,
    },
    /// It was taken back.
    Cancelled {
        /// By whom or what.
        why: CancelledBy,
    },
    /// The one right to execute was used.
    Claimed {
        /// By whom.
        claim: Claim,
        /// How many things were checked again and found the same.
        checks: u64,
    },
    /// The command ended.
    Finished {
        /// How.
        outcome: Outcome,
    },
    /// The command could not be started; nothing ran.
    NotStarted {
        /// Why.
        reason: Text,
    },
    /// The executor is gone and recorded no end.
    Unknown {
        /// Whether the command was still running when this was seen.
        running: bool,
    },
    /// A person's signed finding.
    Reconciled {
        /// The signed bytes, as a string.
        statement: String,
        /// Its armored SSHSIG.
        signature: String,
    },
    /// A notifier was started, and ended as it says; it changes nothing of the ticket.
    Notified {
        /// Its name in the settings of whoever started it.
        notifier: Label,
        /// What it told of.
        occasion: Occasion,
        /// Sequence number of the event that was the occasion; of a reminder, the one that filed the ticket.
        about: u64,
        /// How it ended.
        delivery: Delivery,
    },
    /// The queue was restored from a backup and began a new life.
    Restored {
        /// The life before.
        from: Incarnation,
        /// Size of the log in the backup.
        size: u64,
    },
    /// Bytes that were handed in with a ticket that is over were removed for good; their digests stay.
    Pruned {
        /// What ended before this was to go.
        before: Timestamp,
        /// Which of the ticket's attachments, bound files and captured input.
        blobs: Vec<Digest>,
        /// User id of whoever had it done.
        uid: u32,
    },
}

impl What {
    /// The kind's word, as in the record.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Created { .. } => "created",
            Self::Policy { .. } => "policy",
            Self::Reviewers { .. } => "reviewers",
            Self::Proposed { .. } => "proposed",
            Self::Decision { .. } => "decision",
            Self::Refused { .. } => "refused",
            Self::Approved { .. } => "approved",
            Self::Rejected { .. } => "rejected",
            Self::Expired { .. } => "expired",
            Self::Cancelled { .. } => "cancelled",
            Self::Claimed { .. } => "claimed",
            Self::Finished { .. } => "finished",
            Self::NotStarted { .. } => "not_started",
            Self::Unknown { .. } => "unknown",
            Self::Reconciled { .. } => "reconciled",
            Self::Notified { .. } => "notified",
            Self::Restored { .. } => "restored",
            Self::Pruned { .. } => "pruned",
        }
    }

    /// Whether a ticket is over with it for good.
    #[must_use]
    pub const fn ends(&self) -> bool {
        matches!(
            self,
            Self::Rejected { .. }
                | Self::Expired { .. }
                | Self::Cancelled { .. }
                | Self::Finished { .. }
                | Self::NotStarted { .. }
                | Self::Reconciled { .. }
        )
    }

    /// What people may want to be told of by it. A policy's own answer asks nobody, so nobody is told.
    #[must_use]
    pub const fn occasion(&self) -> Option<Occasion> {
        match self {
            Self::Proposed { verdict: Verdict::Review { .. }, .. } => Some(Occasion::New),
            Self::Approved { by: ApprovedBy::Reviewers(_), .. }
            | Self::Rejected { by: RejectedBy::Reviewer(_) }
            | Self::Cancelled { why: CancelledBy::Revoke(_) } => Some(Occasion::Decided),
            Self::Expired { .. } => Some(Occasion::Expired),
            Self::Unknown { .. } => Some(Occasion::Unknown),
            _ => None,
        }
    }
}

/// How a notifier ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Delivery {
    /// By itself, with status 0.
    Delivered,
    /// With another status, or of a signal.
    Failed(End),
    /// By us, because it took too long.
    CutOff,
    /// It could not be started, for this reason.
    NotStarted(Text),
}

/// One layer of a policy by name and digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerRef {
    /// Its name: `root`, `project`, or a pack's.
    pub name: Text,
    /// Digest of its bytes.
    pub sha256: Digest,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_event_has_its_word_in_the_list() {
        let error = serde_json::from_str::<What>(r#"{"other":{}}"#).unwrap_err().to_string();
        let known: Vec<&str> = error.split('`').skip(1).step_by(2).filter(|name| *name != "other").collect();
        assert_eq!(known, KINDS);
    }

    #[test]
    fn people_are_told_where_a_person_is_asked_or_has_answered() {
        let (at, digest) = (Timestamp::from_millis(0), Digest::of(b"x"));
        let boot = crate::clock::BootTime { boot_id: "b".into(), millis: 0 };
        let deadline = Deadline { wall: at, boot };
        let proposed = |verdict| What::Proposed {
            request_sha256: digest,
            action_sha256: digest,
            uid: 0,
            policy_sha256: digest,
            verdict,
            deadline: deadline.clone(),
        };
        let review = Verdict::Review {
            rules: [].into(),
            why: [].into(),
            risk: crate::policy::Risk::Low,
            terms: crate::policy::Terms::mildest(),
        };
        let approved = |by| What::Approved { by, until: deadline.clone() };
        let ana = || "ana".parse().unwrap();
        let cancelled = |why| What::Cancelled { why };
        let told = [
            (proposed(review), Some(Occasion::New)),
            (proposed(Verdict::Allow { rules: [].into() }), None),
            (approved(ApprovedBy::Reviewers(vec![ana()])), Some(Occasion::Decided)),
            (approved(ApprovedBy::Policy([].into())), None),
            (What::Rejected { by: RejectedBy::Reviewer(ana()) }, Some(Occasion::Decided)),
            (What::Rejected { by: RejectedBy::Policy([].into()) }, None),
            (cancelled(CancelledBy::Revoke(ana())), Some(Occasion::Decided)),
            (cancelled(CancelledBy::Requester), None),
            (What::Expired { approved: false }, Some(Occasion::Expired)),
            (What::Unknown { running: false }, Some(Occasion::Unknown)),
        ];
        for (what, occasion) in told {
            assert_eq!(what.occasion(), occasion, "{what:?}");
        }
    }
}
