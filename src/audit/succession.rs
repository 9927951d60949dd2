//! Which event may follow which in the life of a ticket, as a table read off the promises in the manual.
//! Written on its own: it shares nothing with the state machine it checks.

use crate::policy::Verdict;

use Phase::{
    Allowed, Approved, Cancelled, Claimed, Denied, Expired, Finished, Lost, NotStarted, Pending, Rejected,
    Settled,
};

/// Where a ticket stands after an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Filed; people are asked.
    Pending,
    /// Filed; the policy allows it, and its approval must follow.
    Allowed,
    /// Filed; the policy denies it, and its rejection must follow.
    Denied,
    /// May be executed.
    Approved,
    /// The right is used.
    Claimed,
    /// Ended, with an outcome.
    Finished,
    /// Could not be started.
    NotStarted,
    /// The end is not known.
    Lost,
    /// A person found out how a lost one ended.
    Settled,
    /// A no.
    Rejected,
    /// Out of time.
    Expired,
    /// Taken back.
    Cancelled,
}

/// Every permitted row: from, the event's word, to. What is not here is not permitted.
const PERMITTED: [(Phase, &str, Phase); 16] = [
    (Allowed, "approved", Approved),
    (Denied, "rejected", Rejected),
    (Pending, "decision", Pending),
    (Pending, "approved", Approved),
    (Pending, "rejected", Rejected),
    (Pending, "expired", Expired),
    (Pending, "cancelled", Cancelled),
    (Approved, "decision", Approved),
    (Approved, "claimed", Claimed),
    (Approved, "expired", Expired),
    (Approved, "cancelled", Cancelled),
    (Claimed, "finished", Finished),
    (Claimed, "not_started", NotStarted),
    (Claimed, "unknown", Lost),
    (Lost, "finished", Finished),
    (Lost, "reconciled", Settled),
];

impl Phase {
    /// The phase a ticket begins in.
    #[must_use]
    pub const fn filed(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Review { .. } => Pending,
            Verdict::Allow { .. } => Allowed,
            Verdict::Deny { .. } => Denied,
        }
    }

    /// The phase after `word`, or nothing when that may not follow.
    #[must_use]
    pub fn after(self, word: &str) -> Option<Self> {
        // A ticket that exists can be refused a decision, and somebody told of it, in any phase.
        if matches!(word, "refused" | "notified") && !matches!(self, Allowed | Denied) {
            return Some(self);
        }
        // What was handed in may be removed once nothing can come of it any more.
        if word == "pruned" && self.is_over() {
            return Some(self);
        }
        let row = PERMITTED.iter().find(|(from, event, _)| *from == self && *event == word);
        row.map(|(_, _, to)| *to)
    }

    /// What may follow, in words.
    #[must_use]
    pub fn followers(self) -> String {
        let words: Vec<&str> =
            PERMITTED.iter().filter(|(from, ..)| *from == self).map(|(_, word, _)| *word).collect();
        if words.is_empty() {
            "nothing but refused decisions, notifications and prunings".to_owned()
        } else {
            words.join(", ")
        }
    }

    /// Nothing but refused decisions, notifications and prunings can follow.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Finished | NotStarted | Settled | Rejected | Expired | Cancelled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_runs_that_was_not_approved_and_nothing_runs_twice() {
        let claiming: Vec<Phase> =
            PERMITTED.iter().filter(|(_, word, _)| *word == "claimed").map(|(from, ..)| *from).collect();
        assert_eq!(claiming, [Approved]);
        for phase in [Claimed, Finished, NotStarted, Lost, Settled, Rejected, Expired, Cancelled] {
            assert_eq!(phase.after("claimed"), None, "{phase:?}");
            assert_eq!(phase.after("approved"), None, "{phase:?}");
        }
    }

    #[test]
    fn nothing_is_pruned_before_its_end() {
        for (from, _, to) in PERMITTED {
            assert_eq!(from.after("pruned"), None, "{from:?}");
            assert_eq!(to.after("pruned"), to.is_over().then_some(to), "{to:?}");
        }
    }

    #[test]
    fn what_is_over_stays_over() {
        for (from, word, to) in PERMITTED {
            assert!(!from.is_over(), "{from:?} {word} {to:?}");
        }
    }
}
