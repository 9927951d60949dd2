//! What a waiting person or log reads: a countdown on a terminal, one line a change without one.
//! Writes through `out` and, on a terminal, through indicatif; standard error only.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::out::Out;
use crate::clock::{Clock as _, SystemClock};
use crate::escaped::Escaped;
use crate::notify::card;
pub use crate::notify::card::span as minutes;
use crate::policy::Verdict;
use crate::queue::authority::Standing;
use crate::ticket::{ApprovedBy, State, Ticket};

/// How often a log without a terminal hears that we still wait.
const REMIND: Duration = Duration::from_secs(600);

/// The telling of one wait.
pub struct Progress {
    out: Out,
    clock: SystemClock,
    bar: Option<ProgressBar>,
    version: Option<u64>,
    missing: String,
    told: Instant,
    hint: &'static str,
}

impl Progress {
    /// Begins; nothing is said before the first ticket.
    #[must_use]
    pub fn new(out: Out) -> Self {
        let missing = String::new();
        let hint = "; Ctrl-C cancels";
        Self { out, clock: SystemClock::new(), bar: None, version: None, missing, told: Instant::now(), hint }
    }

    /// Begins for somebody who only watches: an interrupt ends the watching, not the ticket.
    #[must_use]
    pub fn watching(out: Out) -> Self {
        let mut progress = Self::new(out);
        progress.hint = "";
        progress
    }

    /// Says where the ticket stands, if that is new or the clock has moved on.
    pub fn tell(&mut self, ticket: &Ticket, standing: impl FnOnce() -> Option<Standing>) {
        if !matches!(ticket.state, State::Pending {}) {
            return;
        }
        if self.version != Some(ticket.version) {
            let first = self.version.replace(ticket.version).is_none();
            let standing = standing();
            self.missing = standing.as_ref().map(Standing::missing).unwrap_or_default();
            self.changed(ticket, first, standing.as_ref());
        } else if self.bar.is_none() && self.told.elapsed() >= REMIND {
            self.say(&format!("{} still waits, {}", ticket.id.code(), self.left(ticket)));
        }
        // Made after the first words, or its first frame would stand among them.
        if self.bar.is_none() && Out::animated() {
            self.bar = Some(bar());
        }
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{} waits, {}, {}", ticket.id.code(), self.missing, self.left(ticket)));
            bar.tick();
        }
    }

    fn changed(&mut self, ticket: &Ticket, first: bool, standing: Option<&Standing>) {
        let code = ticket.id.code();
        if first {
            self.say(&format!("{code} waits for {}, {}{}", needs(ticket), self.left(ticket), rules(ticket)));
            self.out.words(&format!(
                "         review it: handoff review {code}, in another terminal{}",
                self.hint
            ));
        } else if let Some(standing) = standing {
            let people: Vec<&str> = standing.approvals.iter().map(crate::ids::Principal::as_str).collect();
            let (have, left) = (people.join(", "), self.left(ticket));
            self.say(&format!("{code} {}: {have}, {left}", standing.missing()));
        }
    }

    fn say(&mut self, line: &str) {
        self.told = Instant::now();
        match &self.bar {
            Some(bar) => bar.suspend(|| self.out.note(line)),
            None => self.out.note(line),
        }
    }

    fn left(&self, ticket: &Ticket) -> String {
        format!("{} left", minutes(ticket.filed.deadline.left(&self.clock.now())))
    }

    /// Takes the countdown off the terminal.
    pub fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
        bar.set_style(style);
    }
    bar
}

/// What the terms of a ticket ask for, in words.
#[must_use]
pub fn needs(ticket: &Ticket) -> String {
    ticket.terms().map_or_else(|| "nobody".to_owned(), card::needs)
}

fn rules(ticket: &Ticket) -> String {
    let rules: Vec<&str> = ticket.filed.verdict.rules().iter().map(crate::ids::RuleId::as_str).collect();
    match &ticket.filed.verdict {
        _ if !rules.is_empty() => format!("  (rule {})", rules.join(", ")),
        Verdict::Review { why, .. } => {
            let why = why.first().map_or("no rule knows it", String::as_str);
            format!("  ({})", Escaped::prose(why.as_bytes()))
        }
        Verdict::Allow { .. } | Verdict::Deny { .. } => String::new(),
    }
}

/// Who approved, for the line before the command runs.
#[must_use]
pub fn approved(ticket: &Ticket) -> String {
    match &ticket.state {
        State::Approved { by: ApprovedBy::Reviewers(people), .. } => {
            let people: Vec<&str> = people.iter().map(crate::ids::Principal::as_str).collect();
            format!("approved: {}; checking again", people.join(", "))
        }
        State::Approved { by: ApprovedBy::Policy(_), .. } => "allowed by policy; checking again".to_owned(),
        _ => "not approved".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_like_clocks() {
        assert_eq!(minutes(Duration::from_millis(899_001)), "15:00");
        assert_eq!(minutes(Duration::from_secs(7_505)), "2:05:05");
        assert_eq!(minutes(Duration::ZERO), "00:00");
    }
}
