//! What a person types to confirm a decision: never a bare yes. At high risk a code drawn for this one
//! showing, which something that types blindly into the terminal cannot know. Pure, but for the draw.

use std::time::{Duration, Instant};

use crate::ids::{Digest, TicketId};

use super::reading::{MOMENT, Seen};

#[rustfmt::skip]
const WORDS: [&str; 64] = [
    "BEAR", "BIRD", "BOAT", "BOLT", "BOOK", "CAVE", "CLAY", "COAL", "COIN", "CORN", "CROW", "DEER", "DOVE",
    "DUNE", "FERN", "FISH", "FLAX", "FROG", "GATE", "GOAT", "GOLD", "HARE", "HAWK", "HERB", "HILL", "IRON",
    "JADE", "KELP", "KITE", "LAKE", "LAMB", "LARK", "LEAF", "LIME", "LION", "LYNX", "MINT", "MOLE", "MOON",
    "MOSS", "MOTH", "NEST", "NEWT", "OATS", "PALM", "PEAR", "PINE", "POND", "QUAY", "RAIN", "REED", "ROSE",
    "SAND", "SEAL", "SNOW", "STAR", "SWAN", "TIDE", "TOAD", "VINE", "WAVE", "WIND", "WOLF", "WREN",
];

/// What has to be typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    shown: String,
}

/// The confirmation on a screen of its own: that screen stands for a moment before any key of it counts,
/// and at high risk a code drawn for it is typed as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    code: Option<Challenge>,
    since: Option<Instant>,
}

/// Why a question is not answered yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// The question has only just appeared; so much longer.
    #[error("a moment: this has just appeared")]
    TooSoon(Duration),
    /// Nothing was typed where the code belongs.
    #[error("code missing")]
    NoCode,
    /// Something else was typed; only another draw is good for another try.
    #[error("that was not the code")]
    WrongCode,
}

/// A card was read and its decision confirmed: what signing asks for.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct Confirmed {
    card: Digest,
}

impl Challenge {
    /// The code for one showing: at high risk a fresh one such as `WREN 52`, otherwise the ticket's.
    #[must_use]
    pub fn new(high_risk: bool, ticket: &TicketId) -> Self {
        Self { shown: if high_risk { draw() } else { ticket.code() } }
    }

    /// As it is shown.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Whether this is what was asked for; case, spaces and dashes are forgiven.
    #[must_use]
    pub fn accepts(&self, typed: &str) -> bool {
        letters(typed) == letters(&self.shown)
    }

    /// Turns the reading into a confirmation, or gives it back if something else was typed.
    pub fn answer(&self, seen: Seen, typed: &str) -> Result<Confirmed, Seen> {
        if self.accepts(typed) { Ok(Confirmed { card: seen.card() }) } else { Err(seen) }
    }
}

impl Question {
    /// Draws what is asked: a fresh code at high risk, otherwise only the key that says so.
    #[must_use]
    pub fn draw(high_risk: bool, ticket: &TicketId) -> Self {
        Self { code: high_risk.then(|| Challenge::new(true, ticket)), since: None }
    }

    /// With a code that is known, for pictures.
    #[cfg(test)]
    pub(crate) fn with_code(code: &str) -> Self {
        Self { code: Some(Challenge { shown: code.to_owned() }), since: None }
    }

    /// The code to type, where one is asked for.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_ref().map(Challenge::shown)
    }

    /// It is on the screen now.
    pub fn showed(&mut self, now: Instant) {
        self.since.get_or_insert(now);
    }

    /// What the answer lacks.
    ///
    /// # Errors
    /// With what is missing.
    pub fn lacks(&self, typed: &str, now: Instant) -> Result<(), Unanswered> {
        match &self.code {
            Some(_) if typed.trim().is_empty() => return Err(Unanswered::NoCode),
            Some(code) if !code.accepts(typed) => return Err(Unanswered::WrongCode),
            _ => {}
        }
        let stood = self.since.map(|since| now.saturating_duration_since(since)).unwrap_or_default();
        match MOMENT.checked_sub(stood) {
            None | Some(Duration::ZERO) => Ok(()),
            Some(left) => Err(Unanswered::TooSoon(left)),
        }
    }

    /// Turns the reading into a confirmation, or gives it back with what the answer lacks.
    ///
    /// # Errors
    /// With the reading and what is missing.
    pub fn answer(&self, seen: Seen, typed: &str, now: Instant) -> Result<Confirmed, (Seen, Unanswered)> {
        match self.lacks(typed, now) {
            Ok(()) => Ok(Confirmed { card: seen.card() }),
            Err(why) => Err((seen, why)),
        }
    }
}

impl Confirmed {
    /// The card that was read and confirmed: what the statement names as `card_sha256`.
    #[must_use]
    pub fn card(&self) -> Digest {
        self.card
    }
}

fn draw() -> String {
    // The low 62 bits of a version 4 UUID are all random (RFC 9562, 5.4); its fixed bits lie above.
    let random = uuid::Uuid::new_v4().as_u128() & ((1 << 62) - 1);
    let word = usize::try_from(random % 64).ok().and_then(|index| WORDS.get(index)).unwrap_or(&"WREN");
    format!("{word} {:02}", (random >> 6) % 100)
}

fn letters(text: &str) -> String {
    let kept = text.chars().filter(|c| !c.is_whitespace() && *c != '-');
    kept.map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::reading::Reading;
    use super::*;
    use std::collections::BTreeSet;

    fn seen() -> Seen {
        let mut reading = Reading::of("card");
        let now = Instant::now();
        reading.showed(&(0..1), 1, now);
        reading.seen(now + MOMENT).unwrap()
    }

    #[test]
    fn the_words_are_four_letters_and_all_different() {
        assert!(WORDS.iter().all(|word| word.len() == 4 && word.bytes().all(|b| b.is_ascii_uppercase())));
        assert_eq!(WORDS.iter().collect::<BTreeSet<_>>().len(), WORDS.len());
    }

    #[test]
    fn a_high_risk_code_is_another_each_time() {
        let ticket = TicketId::random();
        let drawn: BTreeSet<String> =
            (0..200).map(|_| Challenge::new(true, &ticket).shown().to_owned()).collect();
        assert!(drawn.len() > 150, "only {} different codes of 200", drawn.len());
        assert!(drawn.iter().all(|code| code.len() == 7 && code != &ticket.code()));
    }

    #[test]
    fn only_what_was_asked_for_confirms() {
        let challenge = Challenge { shown: "WREN 52".into() };
        for wrong in ["", "y", "yes", "WREN", "52", "WREN 53", "WREN 522", "WREN 52 WREN 52"] {
            assert!(challenge.answer(seen(), wrong).is_err(), "{wrong:?}");
        }
        for right in ["WREN 52", "wren52", " Wren-52 "] {
            assert_eq!(challenge.answer(seen(), right).unwrap().card(), Digest::of(b"card"));
        }
    }

    #[test]
    fn at_lower_risk_the_tickets_own_code_confirms() {
        let ticket = TicketId::random();
        let challenge = Challenge::new(false, &ticket);
        assert!(challenge.accepts(&ticket.code().to_lowercase().replace('-', "")));
        assert!(!challenge.accepts(&TicketId::random().code()));
    }

    #[test]
    fn a_question_stands_for_a_moment_before_any_answer_counts() {
        let (ticket, now) = (TicketId::random(), Instant::now());
        let mut question = Question::draw(false, &ticket);
        assert_eq!(question.code(), None);
        assert_eq!(question.lacks("", now + MOMENT), Err(Unanswered::TooSoon(MOMENT)), "it was never drawn");
        question.showed(now);
        assert_eq!(question.answer(seen(), "", now).unwrap_err().1, Unanswered::TooSoon(MOMENT));
        assert!(question.answer(seen(), "", now + MOMENT).is_ok());
    }

    #[test]
    fn at_high_risk_a_question_wants_its_own_code_as_well() {
        let (ticket, now) = (TicketId::random(), Instant::now());
        let mut question = Question::draw(true, &ticket);
        question.showed(now);
        let code = question.code().unwrap().to_owned();
        assert_eq!(question.lacks("", now + MOMENT), Err(Unanswered::NoCode));
        assert_eq!(question.lacks(&ticket.code(), now + MOMENT), Err(Unanswered::WrongCode));
        assert!(matches!(question.lacks(&code, now), Err(Unanswered::TooSoon(_))));
        assert!(question.answer(seen(), &code, now + MOMENT).is_ok());
    }
}
