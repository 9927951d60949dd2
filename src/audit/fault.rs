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
    /// The bundle's file that is wrong as a whole; then `seq` says nothing.
    pub file: Option<String>,
    /// Which part.
    pub field: &'static str,
    /// What it is.
    pub found: String,
    /// What it should be.
    pub wanted: String,
}

impl Fault {
    /// One that belongs to no ticket.
    #[must_use]
    pub fn at(seq: u64, field: &'static str, found: impl ToString, wanted: impl ToString) -> Self {
        let (found, wanted) = (found.to_string(), wanted.to_string());
        Self { seq, ticket: None, file: None, field, found, wanted }
    }

    /// The same, about a ticket.
    #[must_use]
    pub fn of(self, ticket: &TicketId) -> Self {
        Self { ticket: Some(ticket.clone()), ..self }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ticket = self.ticket.as_ref().map(|id| format!(", {}", id.code())).unwrap_or_default();
        let (found, wanted) = (prose(&self.found), prose(&self.wanted));
        if let Some(file) = &self.file {
            return write!(f, "file {}: {} is {found}; should be {wanted}", prose(file), self.field);
        }
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
    first: Option<u64>,
}

impl Faults {
    /// One more.
    pub fn add(&mut self, fault: Fault) {
        if fault.file.is_none() {
            self.first = Some(self.first.map_or(fault.seq, |first| first.min(fault.seq)));
        }
        if self.kept.len() < MOST {
            self.kept.push(fault);
        } else {
            self.more += 1;
        }
    }

    /// A fault that belongs to no ticket.
    pub fn of_log(&mut self, seq: u64, field: &'static str, found: impl ToString, wanted: impl ToString) {
        self.add(Fault::at(seq, field, found, wanted));
    }

    /// A fault of one of a bundle's files.
    pub fn of_file(&mut self, file: &str, field: &'static str, found: impl ToString, wanted: impl ToString) {
        self.add(Fault { file: Some(file.to_owned()), ..Fault::at(0, field, found, wanted) });
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

    /// The number of the first event that any of them is at, those that are not kept among them.
    #[must_use]
    pub const fn first(&self) -> Option<u64> {
        self.first
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
