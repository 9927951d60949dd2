//! What a waiting person or log reads: a countdown on a terminal, one line a change without one.
//! Writes through `out` and, on a terminal, through indicatif; standard error only.

use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

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

/// Work that is over sooner needs no bar.
const MOMENT: Duration = Duration::from_millis(300);

/// The telling of one wait.
pub struct Progress {
    out: Out,
    clock: SystemClock,
    bar: Option<ProgressBar>,
    version: Option<u64>,
    missing: String,
    told: Instant,
    hint: &'static str,
    among: Option<MultiProgress>,
}

impl Progress {
    /// Begins; nothing is said before the first ticket.
    #[must_use]
    pub fn new(out: Out) -> Self {
        let missing = String::new();
        let hint = "; Ctrl-C cancels";
        let (clock, told) = (SystemClock::new(), Instant::now());
        Self { out, clock, bar: None, version: None, missing, told, hint, among: None }
    }

    /// Begins for somebody who only watches: an interrupt ends the watching, not the ticket.
    #[must_use]
    pub fn watching(out: Out) -> Self {
        let mut progress = Self::new(out);
        progress.hint = "";
        progress
    }

    /// Begins for one of several that are watched, whose countdowns stand under each other.
    #[must_use]
    pub fn beside(out: Out, among: &MultiProgress) -> Self {
        let mut progress = Self::watching(out);
        progress.among = Some(among.clone());
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
            let bar = bar();
            self.bar = Some(match &self.among {
                Some(among) => among.add(bar),
                None => bar,
            });
        }
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{} waits, {}, {}", ticket.id.code(), self.missing, self.left(ticket)));
            bar.tick();
        }
    }

    fn changed(&mut self, ticket: &Ticket, first: bool, standing: Option<&Standing>) {
        let code = ticket.id.code();
        if first {
            let first = format!("{code} waits for {}, {}{}", needs(ticket), self.left(ticket), rules(ticket));
            let how = format!("review it: handoff review {code}, in another terminal{}", self.hint);
            self.say(&format!("{first}\n         {how}"));
        } else if let Some(standing) = standing {
            let people: Vec<&str> = standing.approvals.iter().map(crate::ids::Principal::as_str).collect();
            let (have, left) = (people.join(", "), self.left(ticket));
            self.say(&format!("{code} {}: {have}, {left}", standing.missing()));
        }
    }

    /// A line beside the countdown.
    pub fn say(&mut self, line: &str) {
        self.told = Instant::now();
        let say = || self.out.note(line);
        match (&self.among, &self.bar) {
            (Some(among), _) => among.suspend(say),
            (None, Some(bar)) => bar.suspend(say),
            (None, None) => say(),
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

/// A bar over long work that is counted; none without a terminal, or when it is over in a moment.
pub struct Work {
    what: &'static str,
    unit: &'static str,
    begun: Instant,
    bar: Option<ProgressBar>,
}

impl Work {
    /// Begins; nothing is drawn yet.
    #[must_use]
    pub fn new(what: &'static str, unit: &'static str) -> Self {
        Self { what, unit, begun: Instant::now(), bar: None }
    }

    /// It has come so far, of so much.
    pub fn at(&mut self, done: u64, all: u64) {
        if self.bar.is_none() && Out::animated() && self.begun.elapsed() >= MOMENT {
            let bar = ProgressBar::with_draw_target(Some(all), ProgressDrawTarget::stderr());
            let template = format!("{} {{wide_bar}} {{percent}} % of {} {{eta}} left", self.what, self.unit);
            if let Ok(style) = ProgressStyle::with_template(&template) {
                bar.set_style(style);
            }
            self.bar = Some(bar);
        }
        if let Some(bar) = &self.bar {
            bar.set_length(all);
            bar.set_position(done);
        }
    }

    /// Takes the bar off the terminal.
    pub fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Work {
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
