//! What an audit comes to: what was counted, what was wrong, and what nothing given to it excludes.
//! Pure.

use super::fault::Faults;
use super::life::Life;
use super::succession::Phase;
use crate::clock::Timestamp;
use crate::ids::{Digest, Incarnation, Origin};
use crate::policy::Verdict;

/// How many tickets ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// All.
    pub tickets: u64,
    /// Executed, with a known end.
    pub complete: u64,
    /// Claimed, and could not be started.
    pub not_started: u64,
    /// Executed, or perhaps; the end is not known.
    pub unknown: u64,
    /// Ended unknown, and a person found out.
    pub reconciled: u64,
    /// Rejected by a reviewer.
    pub rejected: u64,
    /// Denied by the policy.
    pub denied: u64,
    /// Out of time.
    pub expired: u64,
    /// Taken back.
    pub cancelled: u64,
    /// Pending, approved or running still.
    pub open: u64,
    /// Approved by nobody but the one who asked.
    pub alone: u64,
    /// Approved by the policy: nobody was asked.
    pub unasked: u64,
    /// Payloads of tickets that are over, removed for good by events that say so.
    pub pruned: u64,
    /// Signatures that were verified.
    pub signatures: u64,
    /// Those of them that are not good.
    pub unfounded: u64,
}

impl Counts {
    /// Counts a ticket where it stands at the end.
    pub fn add(&mut self, life: &Life) {
        self.tickets += 1;
        self.alone += u64::from(life.alone);
        self.unasked += u64::from(life.unasked);
        let denied = matches!(life.verdict, Verdict::Deny { .. });
        *match life.phase {
            Phase::Finished => &mut self.complete,
            Phase::NotStarted => &mut self.not_started,
            Phase::Lost => &mut self.unknown,
            Phase::Settled => &mut self.reconciled,
            Phase::Rejected if denied => &mut self.denied,
            Phase::Rejected => &mut self.rejected,
            Phase::Expired => &mut self.expired,
            Phase::Cancelled => &mut self.cancelled,
            Phase::Pending | Phase::Allowed | Phase::Denied | Phase::Approved | Phase::Claimed => {
                &mut self.open
            }
        } += 1;
    }
}

/// What an audit comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conclusion {
    /// Something is not as it should be.
    Tampered,
    /// Consistent, but whose signatures count was taken from the queue itself.
    OwnReviewers,
    /// The reviewers are the auditor's; newer events may have been cut off.
    MayBeCut,
    /// Nothing is wrong, and both were excluded.
    Holds,
}

impl Conclusion {
    /// The word in data.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tampered => "tampered",
            Self::OwnReviewers => "own_reviewers",
            Self::MayBeCut => "may_be_cut",
            Self::Holds => "holds",
        }
    }
}

/// An audit's result.
#[derive(Debug, Clone)]
#[must_use]
pub struct Report {
    /// The queue.
    pub origin: Option<Origin>,
    /// Its present life.
    pub incarnation: Option<Incarnation>,
    /// The key of its log.
    pub log_key: Option<String>,
    /// Events in the log.
    pub events: u64,
    /// How many of them were shown; the others are known by hashes only.
    pub shown: u64,
    /// A bundle was verified, not a queue.
    pub bundle: bool,
    /// Root over them.
    pub root: Digest,
    /// Time of the first and the last.
    pub span: Option<(Timestamp, Timestamp)>,
    /// How the tickets ended.
    pub counts: Counts,
    /// What was wrong.
    pub faults: Faults,
    /// The reviewers were the auditor's own.
    pub given_reviewers: bool,
    /// The size of the newest head from outside that was given; the log contains it, or there is a fault.
    pub given_head: Option<u64>,
}

impl Report {
    /// What it comes to.
    #[must_use]
    pub const fn conclusion(&self) -> Conclusion {
        let uncut = self.given_head.is_some() && self.shown == self.events;
        match (self.faults.is_empty(), self.given_reviewers, uncut) {
            (false, ..) => Conclusion::Tampered,
            (true, false, _) => Conclusion::OwnReviewers,
            (true, true, false) => Conclusion::MayBeCut,
            (true, true, true) => Conclusion::Holds,
        }
    }

    /// What nothing that was given excludes, a sentence each.
    #[must_use]
    pub fn not_excluded(&self) -> Vec<String> {
        let what = if self.bundle { "bundle" } else { "queue" };
        let mut sentences = Vec::new();
        if !self.given_reviewers {
            let made_up = "that the queue's owner made up the reviewers";
            sentences.push(format!("{made_up} (they came from the {what})"));
        }
        if self.given_head.is_none() {
            sentences.push("that newer events were cut off (no checkpoint of yours)".to_owned());
        }
        if self.shown < self.events {
            let left_out = self.events - self.shown;
            sentences.push(format!("that the {left_out} events left out say otherwise (a filtered export)"));
        }
        sentences
    }

    /// What is not touched by the faults that were found, a sentence each.
    #[must_use]
    pub fn still_holds(&self) -> Vec<String> {
        let whole = self.faults.first().unwrap_or(self.events).min(self.events);
        let mut sentences = Vec::new();
        if let Some(last) = whole.checked_sub(1) {
            sentences.push(format!("events 0 to {last}: chain, tree, signatures and lives of tickets"));
        }
        if let Some(size) = self.given_head.filter(|size| *size <= whole) {
            sentences.push(format!("the head of {size} events that you gave: the log contains it"));
        }
        let good = self.counts.signatures.saturating_sub(self.counts.unfounded);
        if good > 0 {
            sentences.push(format!("{good} of {} signatures", self.counts.signatures));
        }
        sentences
    }
}
