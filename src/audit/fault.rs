//! What an audit found wrong: where, in which field, what it is and what it should be.
//! Pure.

use std::fmt;

use crate::escaped::Escaped;
use crate::ids::TicketId;

/// So many are told; a rewritten log has a fault in every event.
const MOST: usize = 200;

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The event it was found at, or the one that says otherwise.
    pub seq: u64,
    /// The ticket it is about.
    pub ticket: Option<TicketId>,
    /// Which part.
    pub field: &'static str,
    /// What it is.
    pub found: String,
    /// What it should be.
    pub wanted: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ticket = self.ticket.as_ref().map(|id| format!(", {}", id.code())).unwrap_or_default();
        let (found, wanted) = (prose(&self.found), prose(&self.wanted));
        write!(f, "event {}{ticket}: {} is {found}; should be {wanted}", self.seq, self.field)
    }
}

fn prose(text: &str) -> Escaped {
    Escaped::prose(text.as_bytes())
}

/// All faults of one audit, the first ones in full.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults {
    kept: Vec<Fault>,
    more: u64,
}

impl Faults {
    /// One more.
    pub fn add(&mut self, fault: Fault) {
        if self.kept.len() < MOST {
            self.kept.push(fault);
        } else {
            self.more += 1;
        }
    }

    /// A fault that belongs to no ticket.
    pub fn of_log(&mut self, seq: u64, field: &'static str, found: impl ToString, wanted: impl ToString) {
        self.add(Fault { seq, ticket: None, field, found: found.to_string(), wanted: wanted.to_string() });
    }

    /// A fault unless both are the same.
    pub fn same<T: PartialEq + ToString>(&mut self, seq: u64, field: &'static str, found: &T, wanted: &T) {
        if found != wanted {
            self.of_log(seq, field, found.to_string(), wanted.to_string());
        }
    }

    /// The first ones, in the order of the log.
    #[must_use]
    pub fn kept(&self) -> &[Fault] {
        &self.kept
    }

    /// How many more there are.
    #[must_use]
    pub const fn more(&self) -> u64 {
        self.more
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Puts them in the order of the log.
    pub fn sort(&mut self) {
        self.kept.sort_by_key(|fault| fault.seq);
    }
}
