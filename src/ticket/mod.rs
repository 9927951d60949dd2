//! The durable state of a request, the statements people sign about it, and the card they read.
//! Pure: `step` is the state machine; storing what it answers is the queue's work.

pub mod card;
pub mod decision;
pub mod event;
pub mod step;

use serde::{Deserialize, Serialize};

use crate::clock::{BootTime, Moment, Timestamp};
use crate::ids::{Digest, Principal, RuleId, TicketId};
use crate::policy::{Risk, Terms, Verdict};
use crate::record::Text;
use crate::request::Request;

/// A ticket as the queue holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Its id.
    pub id: TicketId,
    /// Raised by one with every change; each transition is a compare-and-swap on it.
    pub version: u64,
    /// What was asked, unchanging.
    pub filed: Filed,
    /// Where it stands.
    pub state: State,
}

impl Ticket {
    /// The risk the policy saw: of a review, else low for an allow and high for a deny.
    #[must_use]
    pub const fn risk(&self) -> Risk {
        match &self.filed.verdict {
            Verdict::Allow { .. } => Risk::Low,
            Verdict::Review { risk, .. } => *risk,
            Verdict::Deny { .. } => Risk::High,
        }
    }

    /// The terms of the review it was filed under; none when nobody was asked.
    #[must_use]
    pub const fn terms(&self) -> Option<&Terms> {
        match &self.filed.verdict {
            Verdict::Review { terms, .. } => Some(terms),
            Verdict::Allow { .. } | Verdict::Deny { .. } => None,
        }
    }
}

/// The unchanging part of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// The request itself.
    pub request: Request,
    /// Digest of its canonical bytes.
    pub request_sha256: Digest,
    /// What the policy said of it then.
    pub verdict: Verdict,
    /// When its wait ends.
    pub deadline: Deadline,
    /// Sequence number of the event that opened it.
    pub seq: u64,
}

/// An end held against both clocks: the wall's, and within the same boot the one that cannot be set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deadline {
    /// When the wall clock passes this, it is over.
    pub wall: Timestamp,
    /// When the boot-time clock of the same boot passes this, it is over too.
    pub boot: BootTime,
}

impl Deadline {
    /// `seconds` from `now`, on both clocks.
    #[must_use]
    pub fn after(now: &Moment, seconds: u64) -> Self {
        let span = std::time::Duration::from_secs(seconds);
        let millis = now.boot.millis.saturating_add(seconds.saturating_mul(1000));
        Self { wall: now.wall.plus(span), boot: BootTime { boot_id: now.boot.boot_id.clone(), millis } }
    }

    /// Whether either clock has reached it.
    #[must_use]
    pub fn passed(&self, now: &Moment) -> bool {
        let same_boot = self.boot.boot_id == now.boot.boot_id;
        now.wall >= self.wall || (same_boot && now.boot.millis >= self.boot.millis)
    }

    /// How long is left on the clock that ends first.
    #[must_use]
    pub fn left(&self, now: &Moment) -> std::time::Duration {
        let wall = now.wall.until(self.wall);
        if self.boot.boot_id != now.boot.boot_id {
            return wall;
        }
        wall.min(std::time::Duration::from_millis(self.boot.millis.saturating_sub(now.boot.millis)))
    }
}

/// The five states; what belongs to one lives in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase", deny_unknown_fields)]
pub enum State {
    /// Waits for people.
    Pending {},
    /// May be executed once, until its validity ends.
    Approved {
        /// When it became so.
        at: Timestamp,
        /// Who agreed.
        by: ApprovedBy,
        /// When the approval lapses.
        until: Deadline,
        /// What became of the right to execute.
        execution: Execution,
    },
    /// Will not run.
    Rejected {
        /// When.
        at: Timestamp,
        /// Who said no.
        by: RejectedBy,
        /// Why, in their words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Text>,
        /// What to do instead, in their words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        suggest: Option<Text>,
    },
    /// Its time ran out.
    Expired {
        /// When that was recorded.
        at: Timestamp,
        /// It had been approved, and the approval lapsed unused.
        approved: bool,
    },
    /// Taken back before anything ran.
    Cancelled {
        /// When.
        at: Timestamp,
        /// By whom or what.
        why: CancelledBy,
    },
}

impl State {
    /// The state's word.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Pending {} => "pending",
            Self::Approved { .. } => "approved",
            Self::Rejected { .. } => "rejected",
            Self::Expired { .. } => "expired",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    /// The execution, for an approved ticket.
    #[must_use]
    pub const fn execution(&self) -> Option<&Execution> {
        match self {
            Self::Approved { execution, .. } => Some(execution),
            _ => None,
        }
    }

    /// Still open: pending, or approved and not yet claimed.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Pending {} | Self::Approved { execution: Execution::Unclaimed {}, .. })
    }
}

/// Who agreed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum ApprovedBy {
    /// The policy alone: nobody was asked.
    Policy(std::collections::BTreeSet<RuleId>),
    /// These people, by signature.
    Reviewers(Vec<Principal>),
}

/// Who said no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum RejectedBy {
    /// The policy's deny rules.
    Policy(std::collections::BTreeSet<RuleId>),
    /// One person, by signature.
    Reviewer(Principal),
}

/// Why a ticket was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum CancelledBy {
    /// The requester said so.
    Requester,
    /// The last waiter was interrupted by this signal, and no idempotency key was given.
    Interrupt(i32),
    /// A reviewer's signed revoke.
    Revoke(Principal),
    /// A re-check found these differences: a new request is needed.
    Stale(Vec<Text>),
    /// The queue was restored from a backup.
    Restore,
}

/// What became of the one right to execute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Execution {
    /// Nobody has used it yet.
    Unclaimed {},
    /// Used; the command runs, or its end is not recorded yet.
    Claimed(Claim),
    /// It ran and ended.
    Finished(Claim, Outcome),
    /// The claim was used, and the command could not be started: nothing ran.
    NotStarted(Claim, Text),
    /// The executor is gone without recording an end.
    Unknown(Claim),
    /// A person found out how an unknown outcome ended.
    Reconciled(Claim, Text, Principal),
}

/// Who used the right to execute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// When, by the clock of the claiming transaction.
    pub at: Timestamp,
    /// Process id of the executing handoff.
    pub pid: u32,
    /// That process's start time as the system tells it, so that a reused pid is not taken for it.
    pub start: String,
    /// The boot it happened in.
    pub boot_id: String,
}

/// How the command ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// Exit status or signal.
    pub end: End,
    /// How long it ran, in milliseconds.
    pub millis: u64,
}

/// Exit status or signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum End {
    /// It returned this status, 0 to 255.
    Exit(u8),
    /// It died of this signal.
    Signal(u8),
}

impl End {
    /// The status a shell would show: 128+n for signal n.
    #[must_use]
    pub const fn shell_status(self) -> u8 {
        match self {
            Self::Exit(status) => status,
            Self::Signal(signal) => 128_u8.saturating_add(signal),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(wall: i64, boot: u64, boot_id: &str) -> Moment {
        Moment {
            wall: Timestamp::from_millis(wall),
            boot: BootTime { boot_id: boot_id.to_owned(), millis: boot },
        }
    }

    #[test]
    fn a_deadline_is_over_on_the_first_clock_that_reaches_it() {
        let deadline = Deadline::after(&moment(1_000_000, 500, "a"), 10);
        assert!(!deadline.passed(&moment(1_009_999, 10_499, "a")));
        assert!(deadline.passed(&moment(1_010_000, 500, "a")));
        assert!(deadline.passed(&moment(0, 10_500, "a")), "a wall clock set back does not extend it");
        assert!(!deadline.passed(&moment(1_000_001, 99_999_999, "b")), "another boot's clock says nothing");
    }

    #[test]
    fn what_is_left_is_told_by_the_clock_that_ends_first() {
        let deadline = Deadline::after(&moment(1_000_000, 500, "a"), 10);
        let left = |now| deadline.left(&now).as_millis();
        assert_eq!(left(moment(1_004_000, 500, "a")), 6_000);
        assert_eq!(left(moment(1_000_000, 3_500, "a")), 7_000);
        assert_eq!(left(moment(1_002_000, 99_999_999, "b")), 8_000, "another boot's clock says nothing");
        assert_eq!(left(moment(1_020_000, 500, "a")), 0);
    }

    #[test]
    fn a_death_by_signal_has_the_status_that_a_shell_gives_it() {
        let shown = [End::Exit(0), End::Exit(3), End::Exit(255), End::Signal(9)].map(End::shell_status);
        assert_eq!(shown, [0, 3, 255, 137]);
    }

    #[test]
    fn a_state_comes_back_from_its_stored_form() {
        let claim = Claim { at: Timestamp::from_millis(5), pid: 7, start: "9".into(), boot_id: "b".into() };
        for state in [
            State::Pending {},
            State::Approved {
                at: Timestamp::from_millis(5),
                by: ApprovedBy::Reviewers(vec!["ana".parse().unwrap()]),
                until: Deadline::after(&moment(5, 5, "b"), 60),
                execution: Execution::Finished(claim, Outcome { end: End::Signal(9), millis: 12 }),
            },
            State::Rejected {
                at: Timestamp::from_millis(5),
                by: RejectedBy::Reviewer("bo".parse().unwrap()),
                reason: Some("no\n".into()),
                suggest: None,
            },
            State::Cancelled { at: Timestamp::from_millis(5), why: CancelledBy::Interrupt(2) },
        ] {
            let text = serde_json::to_string(&state).unwrap();
            assert_eq!(serde_json::from_str::<State>(&text).unwrap(), state, "{text}");
        }
    }
}
