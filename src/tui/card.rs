//! One ticket before a reviewer: its card in rows, what is attached, and the reading of it.
//! Pure. The proof that it was read comes from `review::Reading` and from nowhere else.

use std::ops::Range;
use std::time::Instant;

use super::compare::Like;
use crate::escaped::Escaped;
use crate::ids::TicketId;
use crate::policy::Risk;
use crate::review::{NotYet, Reading, Row, Seen, rows};
use crate::ticket::Deadline;

/// Everything there is to show of one ticket, read at one moment.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// The ticket.
    pub id: TicketId,
    /// Its version then.
    pub version: u64,
    /// The card, exactly as it is hashed.
    pub card: String,
    /// What the policy made of it.
    pub risk: Risk,
    /// What would run, word by word.
    pub action: Vec<Escaped>,
    /// The account that asks.
    pub account: Escaped,
    /// Where it would run, and as whom.
    pub runs: Escaped,
    /// Whether it still waits for people.
    pub pending: bool,
    /// Whether an approval of it can be taken back: given, and not used.
    pub revocable: bool,
    /// Whether a run of it was begun whose end nobody knows.
    pub unsettled: bool,
    /// How it stands, in words.
    pub state: Escaped,
    /// Who approved and who is missing, in words.
    pub have: Escaped,
    /// What comes of one more approval.
    pub after: Escaped,
    /// When the wait ends; nothing once it is over.
    pub until: Option<Deadline>,
    /// Until when an approval signed now would hold.
    pub valid_until: Escaped,
    /// The requester says so; nothing where they said nothing.
    pub says_risk: Option<Escaped>,
    /// What is bound, and what is not.
    pub bound: Escaped,
    /// What is not bound.
    pub not_bound: Escaped,
    /// The reviewer would approve their own request.
    pub own: bool,
    /// Why this reviewer cannot approve it, if they cannot.
    pub barred: Option<Escaped>,
    /// What was handed in, behind the card.
    pub attached: Vec<Attached>,
    /// Its events, each on a line.
    pub events: Vec<Escaped>,
    /// The last approved one like it, if there is one.
    pub like: Option<Like>,
}

/// A file that was handed in for reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// Its name, its size, and that nobody checked it.
    pub title: Escaped,
    /// Its lines, escaped.
    pub lines: Vec<Escaped>,
}

/// What a row of the screen belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The title of a section of the card.
    Title,
    /// A line of the card.
    Card,
    /// A line of what is attached.
    Attached,
    /// A line of it that says where in a diff one is.
    Place,
    /// A line of it that a plan changes.
    Changed,
    /// A line of it that a diff or a plan adds.
    Added,
    /// A line of it that a diff or a plan takes away.
    Removed,
    /// What was recorded of the ticket.
    Event,
}

/// A card on the screen.
#[derive(Debug, Clone)]
pub struct Open {
    /// What there is to read.
    pub sheet: Sheet,
    /// Its rows at this width.
    pub rows: Vec<(Part, Row)>,
    /// The first row on the screen.
    pub top: usize,
    /// Whether what is attached is folded away.
    pub folded: bool,
    width: usize,
    reading: Reading,
}

/// Longer attachments are folded until they are asked for.
const FOLDED_FROM: usize = 200;

impl Open {
    /// Opens it at its beginning, unread.
    #[must_use]
    pub fn new(sheet: Sheet, width: usize) -> Self {
        let folded = sheet.attached.iter().map(|file| file.lines.len()).sum::<usize>() > FOLDED_FROM;
        let reading = Reading::of(&sheet.card);
        let mut open = Self { sheet, rows: Vec::new(), top: 0, folded, width, reading };
        open.lay_out();
        open
    }

    /// Another width, or another folding: the rows are others, and are read anew.
    pub fn lay_out_for(&mut self, width: usize) {
        self.width = width;
        self.begin_anew();
        self.lay_out();
    }

    /// Shows or folds away what is attached.
    pub fn fold(&mut self) {
        self.folded = !self.folded;
        self.lay_out_for(self.width);
    }

    /// Nothing of it counts as read any more.
    pub fn begin_anew(&mut self) {
        self.reading = Reading::of(&self.sheet.card);
        self.top = 0;
    }

    /// The rows on a screen that holds so many.
    #[must_use]
    pub fn shown(&self, height: usize) -> Range<usize> {
        self.top..self.rows.len().min(self.top + height)
    }

    /// These rows are on the screen now.
    pub fn showed(&mut self, height: usize, now: Instant) {
        let shown = self.shown(height);
        self.reading.showed(&shown, self.rows.len(), now);
    }

    /// The proof that it was read, as soon as it is due.
    ///
    /// # Errors
    /// With what is missing.
    pub fn seen(&self, now: Instant) -> Result<Seen, NotYet> {
        self.reading.seen(now)
    }

    /// The first row that was not on the screen yet.
    #[must_use]
    pub const fn unread(&self) -> usize {
        self.reading.next()
    }

    /// Moves the screen, never past the end.
    pub fn go_to(&mut self, top: usize, height: usize) {
        self.top = top.min(self.rows.len().saturating_sub(height));
    }

    fn lay_out(&mut self) {
        let mut all: Vec<(Part, Row)> = Vec::new();
        for line in self.sheet.card.lines() {
            // Only our own titles begin at the edge: every line with text of a request is indented.
            let part = if line.starts_with(' ') { Part::Card } else { Part::Title };
            all.extend(rows(line, self.width).into_iter().map(|row| (part, row)));
        }
        for file in &self.sheet.attached {
            all.extend(rows(file.title.as_str(), self.width).into_iter().map(|row| (Part::Title, row)));
            if self.folded {
                let folded = format!("   {} lines, folded away; f shows them", file.lines.len());
                all.extend(rows(&folded, self.width).into_iter().map(|row| (Part::Card, row)));
                continue;
            }
            for line in &file.lines {
                let part = changes(line.as_str());
                let line = format!("   {line}");
                all.extend(rows(&line, self.width).into_iter().map(|row| (part, row)));
            }
        }
        if !self.sheet.events.is_empty() {
            all.extend(
                rows("EVENTS, signatures checked now", self.width).into_iter().map(|row| (Part::Title, row)),
            );
        }
        for event in &self.sheet.events {
            all.extend(rows(event.as_str(), self.width).into_iter().map(|row| (Part::Event, row)));
        }
        self.rows = all;
    }
}

/// One attached file by itself on the screen.
#[derive(Debug, Clone)]
pub struct File {
    /// Which of the card's.
    pub index: usize,
    /// Its rows at this width.
    pub rows: Vec<(Part, Row)>,
    /// The first row on the screen.
    pub top: usize,
}

impl File {
    /// Opens one of these at its beginning.
    #[must_use]
    pub fn of(attached: &[Attached], index: usize, width: usize) -> Option<Self> {
        let lines = attached.get(index)?.lines.iter();
        let all = lines.flat_map(|line| {
            let part = changes(line.as_str());
            rows(line.as_str(), width).into_iter().map(move |row| (part, row))
        });
        Some(Self { index, rows: all.collect(), top: 0 })
    }

    /// Moves the screen, never past the end.
    pub fn go_to(&mut self, top: usize, height: usize) {
        self.top = top.min(self.rows.len().saturating_sub(height));
    }
}

/// What a line of a diff, or of a plan, does; a colour for it is a courtesy, never a judgement.
fn changes(line: &str) -> Part {
    let line = line.trim_start();
    let begins = |words: &[&str]| words.iter().any(|word| line.starts_with(word));
    if begins(&["@@", "diff ", "+++ ", "--- "]) {
        return Part::Place;
    }
    match line.chars().next() {
        Some('~') => Part::Changed,
        Some('+') => Part::Added,
        Some('-') => Part::Removed,
        _ => Part::Attached,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::MOMENT;
    use crate::tui::tests::sheet;

    #[test]
    fn what_is_attached_has_to_be_seen_or_folded_away_before_the_end_is_reached() {
        let mut sheet = sheet();
        let lines = (0..50).map(|n| Escaped::prose(format!("line {n}").as_bytes())).collect();
        sheet.attached = vec![Attached { title: Escaped::trusted("ATTACHED plan"), lines }];
        let mut open = Open::new(sheet, 80);
        let (now, card) = (Instant::now(), open.sheet.card.lines().count());
        open.showed(card, now);
        assert_eq!(open.seen(now + MOMENT), Err(NotYet::EndNotShown));
        open.fold();
        open.showed(open.rows.len(), now);
        assert!(open.seen(now + MOMENT).is_ok());
    }

    #[test]
    fn lines_of_diffs_and_plans_are_told_by_their_marks() {
        let told = ["+ new", "  - old", "-/+ anew", "~ other", "@@ -1 +1 @@", "--- a/x", "+++ b/x", "text"]
            .map(changes);
        use Part::{Added, Attached, Changed, Place, Removed};
        assert_eq!(told, [Added, Removed, Removed, Changed, Place, Place, Place, Attached]);
    }

    #[test]
    fn another_width_is_read_anew() {
        let mut open = Open::new(sheet(), 80);
        let now = Instant::now();
        open.showed(1000, now);
        assert!(open.seen(now + MOMENT).is_ok());
        open.lay_out_for(60);
        assert_eq!(open.seen(now + MOMENT), Err(NotYet::EndNotShown));
    }

    #[test]
    fn only_our_own_titles_stand_at_the_edge() {
        let open = Open::new(sheet(), 80);
        let titles: Vec<&str> = open
            .rows
            .iter()
            .filter(|(part, _)| *part == Part::Title)
            .map(|(_, row)| row.text.as_str())
            .collect();
        let known = ["card.v1", "RUNS", "STOPPED", "OBSERVED", "NOT BOUND", "CLAIMED", "ATTACHED", "END"];
        assert!(titles.iter().all(|title| known.iter().any(|known| title.starts_with(known))), "{titles:?}");
    }
}
