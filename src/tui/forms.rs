//! What is typed on the screens that end in a signature: the question before an approve, the form that says no
//! or what came of a run.
//! Pure.

use std::time::{Duration, Instant};

use super::card::Sheet;
use super::input::Key;
use crate::escaped::Escaped;
use crate::ids::TicketId;
use crate::review::{MOMENT, Question, Seen, Unanswered};

/// The longest text of one field, in letters.
const LONGEST: usize = 500;

/// A line that is typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Field {
    text: String,
}

impl Field {
    /// A line that holds this already.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self { text: text.to_owned() }
    }

    /// Takes a key; pasted text stays on one line.
    pub fn take(&mut self, key: &Key) {
        match key {
            Key::Char(c) => self.push(*c),
            Key::Backspace => drop(self.text.pop()),
            Key::Control('u') => self.text.clear(),
            Key::Pasted(text) => {
                for c in text.chars() {
                    self.push(if c.is_control() { ' ' } else { c });
                }
            }
            _ => {}
        }
    }

    fn push(&mut self, c: char) {
        if self.text.chars().count() < LONGEST {
            self.text.push(c);
        }
    }

    /// What was typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What was typed, where it is anything.
    #[must_use]
    pub fn given(&self) -> Option<String> {
        let text = self.text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// What was typed, fit for a screen.
    #[must_use]
    pub fn shown(&self) -> Escaped {
        Escaped::prose(self.text.as_bytes())
    }

    /// Forgets it.
    pub fn clear(&mut self) {
        self.text.clear();
    }
}

/// The question before an approve.
#[derive(Debug)]
pub struct Deciding {
    /// What would be signed for.
    pub sheet: Sheet,
    /// The note for the requester and the log.
    pub note: Field,
    /// The code as typed so far.
    pub code: Field,
    /// Whether the code's field has the keys.
    pub on_code: bool,
    /// What is asked; nothing until it was drawn.
    pub question: Option<Question>,
    /// The proof of the reading, until it is used.
    pub seen: Option<Seen>,
}

impl Deciding {
    /// Puts the question for what was read.
    #[must_use]
    pub fn new(sheet: Sheet, seen: Seen) -> Self {
        let (note, code) = (Field::default(), Field::default());
        Self { sheet, note, code, on_code: false, question: None, seen: Some(seen) }
    }

    /// The question was drawn: its code is the first thing asked for.
    pub fn ask(&mut self, question: Question) {
        self.on_code = question.code().is_some();
        self.question = Some(question);
        self.code.clear();
    }

    /// What is missing before it can be signed.
    ///
    /// # Errors
    /// With what is missing.
    pub fn lacks(&self, now: Instant) -> Result<(), Unanswered> {
        let question = self.question.as_ref().ok_or(Unanswered::TooSoon(MOMENT))?;
        question.lacks(self.code.text(), now)
    }

    /// The field that has the keys.
    pub const fn field(&mut self) -> &mut Field {
        if self.on_code { &mut self.code } else { &mut self.note }
    }

    /// The next field, where there are two.
    pub fn next_field(&mut self) {
        let has_code = self.question.as_ref().is_some_and(|question| question.code().is_some());
        self.on_code = has_code && !self.on_code;
    }
}

/// What a no, a taking back or a finding is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// One ticket that waits.
    One(TicketId, u64),
    /// Everything that waits of one account.
    All(Vec<TicketId>),
    /// One approval that was not used.
    Approval(TicketId, u64),
    /// A run whose outcome nobody knows.
    Outcome(TicketId, u64),
}

impl About {
    /// The word of what is signed.
    #[must_use]
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::One(..) => "REJECT",
            Self::All(_) => "REJECT ALL",
            Self::Approval(..) => "REVOKE",
            Self::Outcome(..) => "RECONCILE",
        }
    }

    /// What is chosen by a figure.
    #[must_use]
    pub const fn presets(&self) -> &'static [&'static str] {
        match self {
            Self::Outcome(..) => &FINDINGS,
            Self::One(..) | Self::All(_) | Self::Approval(..) => &REASONS,
        }
    }

    /// Whether what to do instead is signed too.
    #[must_use]
    pub const fn has_instead(&self) -> bool {
        matches!(self, Self::One(..) | Self::All(_))
    }
}

/// Reasons that are often the right one.
pub const REASONS: [&str; 5] = [
    "stop, ask me first",
    "wrong place: not in this environment",
    "too much at once: a smaller step",
    "say why, and what it changes",
    "not now",
];

/// What can have come of a run that nobody saw the end of.
pub const FINDINGS: [&str; 4] =
    ["it ran to its end", "it ran in part", "it did not run", "what it did cannot be found out"];

/// The form that says no, or what came of a run.
#[derive(Debug)]
pub struct Refusing {
    /// What it is about.
    pub about: About,
    /// What would have run, or how many.
    pub action: Vec<Escaped>,
    /// Whose it is.
    pub account: Escaped,
    /// The chosen one of [`About::presets`].
    pub chosen: Option<usize>,
    /// A reason in one's own words, which counts before the chosen one. About an outcome, how one knows it,
    /// which counts beside the chosen one.
    pub reason: Field,
    /// What to do instead.
    pub instead: Field,
    /// Whether the second field has the keys.
    pub on_instead: bool,
    /// Since when the form stands on the screen.
    pub since: Option<Instant>,
}

impl Refusing {
    /// An empty form.
    #[must_use]
    pub fn new(about: About, action: Vec<Escaped>, account: Escaped) -> Self {
        let (reason, instead) = (Field::default(), Field::default());
        Self { about, action, account, chosen: None, reason, instead, on_instead: false, since: None }
    }

    /// Takes a key that is none of the table's.
    pub fn take(&mut self, key: &Key) {
        if self.on_instead {
            return self.instead.take(key);
        }
        let preset = match key {
            Key::Char(c) if self.reason.text().is_empty() => c.to_digit(10),
            _ => None,
        };
        let preset = preset.and_then(|digit| usize::try_from(digit).ok()?.checked_sub(1));
        match preset.filter(|index| *index < self.about.presets().len()) {
            Some(index) => self.chosen = Some(index),
            None => self.reason.take(key),
        }
    }

    /// The other field, where there are two.
    pub const fn next_field(&mut self) {
        self.on_instead = self.about.has_instead() && !self.on_instead;
    }

    /// The reason, or the finding, as it would be signed.
    #[must_use]
    pub fn why(&self) -> Option<String> {
        let chosen = self.chosen.and_then(|index| self.about.presets().get(index));
        match self.about {
            About::Outcome(..) => Some(format!("{}: {}", chosen?, self.reason.given()?)),
            _ => self.reason.given().or_else(|| chosen.map(|reason| (*reason).to_owned())),
        }
    }

    /// What is missing before it can be signed; nothing when all is there.
    #[must_use]
    pub fn lacks(&self, now: Instant) -> Option<Lacks> {
        let stood = self.since.map(|since| now.saturating_duration_since(since)).unwrap_or_default();
        match self.about {
            About::Outcome(..) if self.chosen.is_none() => return Some(Lacks::Finding),
            About::Outcome(..) if self.reason.given().is_none() => return Some(Lacks::How),
            _ if self.why().is_none() => return Some(Lacks::Reason),
            _ => {}
        }
        MOMENT.checked_sub(stood).filter(|left| *left > Duration::ZERO).map(Lacks::Moment)
    }
}

/// What a no, or a finding, lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Lacks {
    /// Whoever asks has to hear why.
    #[error("a reason first: a figure, or your own words")]
    Reason,
    /// What came of it was not said.
    #[error("what came of it first: a figure")]
    Finding,
    /// A finding is worth what it rests on.
    #[error("how you know it, in your own words")]
    How,
    /// The form has only just appeared; so much longer.
    #[error("a moment: this has just appeared")]
    Moment(Duration),
}

/// Signing one no after the other.
#[derive(Debug)]
pub struct Batch {
    /// Those that are still to be signed, the next one last.
    pub left: Vec<TicketId>,
    /// How many there were.
    pub of: usize,
    /// How many are done.
    pub done: usize,
    /// What was refused, and why.
    pub refused: Vec<Escaped>,
    /// The reason they all get.
    pub reason: Option<String>,
    /// What to do instead.
    pub instead: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(field: &mut Field, text: &str) {
        text.chars().for_each(|c| field.take(&Key::Char(c)));
    }

    #[test]
    fn pasted_text_stays_on_its_line() {
        let mut field = Field::default();
        field.take(&Key::Pasted("a\nb\u{1b}[2J".to_owned()));
        assert_eq!(field.text(), "a b [2J");
    }

    #[test]
    fn a_field_has_an_end() {
        let mut field = Field::default();
        typed(&mut field, &"x".repeat(LONGEST + 5));
        assert_eq!(field.text().len(), LONGEST);
    }

    #[test]
    fn a_figure_chooses_a_reason_and_own_words_come_before_it() {
        let mut form = Refusing::new(About::All(Vec::new()), Vec::new(), Escaped::default());
        let now = Instant::now();
        form.since = Some(now);
        assert_eq!(form.lacks(now + MOMENT), Some(Lacks::Reason));
        form.take(&Key::Char('2'));
        assert_eq!(form.why().as_deref(), Some(REASONS[1]));
        typed(&mut form.reason, "drop 3 of them");
        form.take(&Key::Char('9'));
        assert_eq!(form.why().as_deref(), Some("drop 3 of them9"));
        assert_eq!(form.lacks(now), Some(Lacks::Moment(MOMENT)));
        assert_eq!(form.lacks(now + MOMENT), None);
    }
}
