//! The proof that a card was read: its end was on a screen, and a moment has passed since.
//! Pure; whoever draws the card, by the page or full screen, says here what it has shown.

use std::ops::Range;
use std::time::{Duration, Instant};

use crate::ids::Digest;

/// How long the end of a card stays on the screen before anything can be decided.
pub const MOMENT: Duration = Duration::from_millis(700);

/// One showing of one card.
#[derive(Debug, Clone)]
pub struct Reading {
    card: Digest,
    // How many rows from the top were shown without a gap.
    shown: usize,
    end_since: Option<Instant>,
}

/// Somebody had this card before their eyes, whole. Good for one decision.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct Seen {
    card: Digest,
}

/// Why a card does not count as read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotYet {
    /// Some of it was never shown.
    #[error("read to the end first")]
    EndNotShown,
    /// Its end has only just appeared; so much longer.
    #[error("a moment: the end has just appeared")]
    TooSoon(Duration),
}

impl Reading {
    /// Begins the showing of a card, given as the text that is hashed.
    #[must_use]
    pub fn of(card: &str) -> Self {
        Self { card: Digest::of(card.as_bytes()), shown: 0, end_since: None }
    }

    /// These rows, of so many that the card has at this width, are on the screen now. Rows that were jumped
    /// over count as not shown, and so does the end behind them.
    pub fn showed(&mut self, rows: &Range<usize>, of: usize, now: Instant) {
        if rows.start <= self.shown {
            self.shown = self.shown.max(rows.end);
        }
        if self.shown >= of {
            self.end_since.get_or_insert(now);
        }
    }

    /// The first row that was not shown yet: where to read on.
    #[must_use]
    pub const fn next(&self) -> usize {
        self.shown
    }

    /// The proof, as soon as it is due.
    pub fn seen(&self, now: Instant) -> Result<Seen, NotYet> {
        let since = self.end_since.ok_or(NotYet::EndNotShown)?;
        match MOMENT.checked_sub(now.saturating_duration_since(since)) {
            None | Some(Duration::ZERO) => Ok(Seen { card: self.card }),
            Some(left) => Err(NotYet::TooSoon(left)),
        }
    }
}

impl Seen {
    /// The card that was read: what the statement names as `card_sha256`.
    #[must_use]
    pub fn card(&self) -> Digest {
        self.card
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_whose_end_was_not_shown_is_not_read_however_long_it_took() {
        let start = Instant::now();
        let mut reading = Reading::of("card");
        reading.showed(&(0..20), 21, start);
        assert_eq!(reading.seen(start + Duration::from_secs(3600)), Err(NotYet::EndNotShown));
    }

    #[test]
    fn the_end_must_have_been_there_for_a_moment() {
        let start = Instant::now();
        let mut reading = Reading::of("card");
        reading.showed(&(0..21), 21, start);
        assert_eq!(reading.seen(start), Err(NotYet::TooSoon(MOMENT)));
        let almost = start + MOMENT - Duration::from_millis(1);
        assert_eq!(reading.seen(almost), Err(NotYet::TooSoon(Duration::from_millis(1))));
        assert_eq!(reading.seen(start + MOMENT).unwrap().card(), Digest::of(b"card"));
    }

    #[test]
    fn scrolling_back_does_not_take_the_reading_away() {
        let start = Instant::now();
        let mut reading = Reading::of("card");
        reading.showed(&(0..20), 21, start);
        reading.showed(&(20..21), 21, start);
        reading.showed(&(0..20), 21, start + MOMENT);
        reading.showed(&(20..21), 21, start + MOMENT);
        assert!(reading.seen(start + MOMENT).is_ok());
    }

    #[test]
    fn a_jump_to_the_end_leaves_what_was_jumped_over_unread() {
        let start = Instant::now();
        let mut reading = Reading::of("card");
        reading.showed(&(0..10), 30, start);
        reading.showed(&(20..30), 30, start);
        assert_eq!(reading.seen(start + MOMENT), Err(NotYet::EndNotShown));
        assert_eq!(reading.next(), 10);
        reading.showed(&(10..20), 30, start);
        assert_eq!(reading.seen(start + MOMENT), Err(NotYet::EndNotShown), "the end again, after the gap");
        reading.showed(&(20..30), 30, start);
        assert!(reading.seen(start + MOMENT).is_ok());
    }
}
