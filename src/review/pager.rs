//! Shows a card by the page and asks for the confirmation, on the reviewer's own terminal.
//! Draws with plain lines only, so that it works on any terminal and the card stays in its scrollback.

use std::ops::Range;
use std::time::Instant;

use crate::ids::TicketId;

use super::challenge::{Challenge, Confirmed};
use super::layout::{Row, is_showable, rows};
use super::reading::{NotYet, Reading, Seen};
use super::terminal::{Key, ReadingError, Size, Terminal};

const TRIES: usize = 3;
// Less than this and a page would hold no card at all.
const SMALLEST_PAGE: usize = 2;

/// Shows the whole card, page by page. What is typed before a page is there does not turn it.
pub fn read_card(terminal: &mut Terminal<'_>, card: &str) -> Result<Seen, ReadingError> {
    if !is_showable(card) {
        return Err(ReadingError::Unshowable);
    }
    loop {
        if let Some(seen) = show(terminal, card)? {
            return Ok(seen);
        }
        terminal.write("── the window has changed: once more from the top ──\n")?;
    }
}

/// One showing from the top; `None` when the window changed under it.
fn show(terminal: &mut Terminal<'_>, card: &str) -> Result<Option<Seen>, ReadingError> {
    let size = terminal.size()?;
    let rows = rows(card, size.columns);
    let page = size.rows.saturating_sub(1).max(SMALLEST_PAGE);
    let mut reading = Reading::of(card);
    let mut at = 0..page.min(rows.len());
    loop {
        draw(terminal, rows.get(at.clone()).unwrap_or_default())?;
        reading.showed(&at, rows.len(), Instant::now());
        let is_last = at.end >= rows.len();
        if is_last {
            rest(terminal, &reading, size)?;
        }
        let status = status(&at, page, rows.len(), size);
        if turn(terminal, &status, size)? == Turned::Disturbed {
            return Ok(None);
        }
        if is_last {
            return Ok(reading.seen(Instant::now()).ok());
        }
        at = at.end..(at.end + page).min(rows.len());
    }
}

fn draw(terminal: &mut Terminal<'_>, rows: &[Row]) -> Result<(), ReadingError> {
    let text: String = rows.iter().flat_map(|row| [row.gutter(), &row.text, "\n"]).collect();
    terminal.write(&text)
}

/// Lets the end of the card stand for its moment; keys are swallowed meanwhile.
fn rest(terminal: &mut Terminal<'_>, reading: &Reading, size: Size) -> Result<(), ReadingError> {
    let status = fit("── end of the card ──", size);
    terminal.write(&status)?;
    while let Err(NotYet::TooSoon(_)) = reading.seen(Instant::now()) {
        if terminal.key()? == Some(Key::Leave) {
            erase(terminal, &status)?;
            return Err(ReadingError::Left);
        }
    }
    erase(terminal, &status)
}

#[derive(PartialEq, Eq)]
enum Turned {
    On,
    Disturbed,
}

fn turn(terminal: &mut Terminal<'_>, status: &str, size: Size) -> Result<Turned, ReadingError> {
    terminal.discard_typed()?;
    terminal.write(status)?;
    let turned = loop {
        let key = terminal.key()?;
        if terminal.was_disturbed() || terminal.size()? != size {
            break Ok(Turned::Disturbed);
        }
        match key {
            Some(Key::On) => break Ok(Turned::On),
            Some(Key::Leave) => break Err(ReadingError::Left),
            Some(Key::Other) | None => {}
        }
    };
    erase(terminal, status)?;
    turned
}

fn status(at: &Range<usize>, page: usize, rows: usize, size: Size) -> String {
    let left = rows.saturating_sub(at.end);
    let (this, all) = (at.start / page + 1, rows.div_ceil(page).max(1));
    let next = if left == 0 { "to the decision".into() } else { format!("↓ {left} more lines") };
    fit(&format!("── {this}/{all}  Space: {next}   q: leave, nothing recorded ──"), size)
}

/// Our own words, cut where the window ends so that they stay on one row.
fn fit(words: &str, size: Size) -> String {
    words.chars().take(size.columns.saturating_sub(1)).collect()
}

fn erase(terminal: &mut Terminal<'_>, status: &str) -> Result<(), ReadingError> {
    let blank = " ".repeat(status.chars().count());
    terminal.write(&format!("\r{blank}\r"))
}

/// Asks for the code that confirms the decision named by `verb`: a drawn one at high risk, otherwise the
/// ticket's. A wrong one is asked for again, each time with a new draw, three times in all.
pub fn confirm(
    terminal: &mut Terminal<'_>,
    seen: Seen,
    verb: &str,
    high_risk: bool,
    ticket: &TicketId,
) -> Result<Confirmed, ReadingError> {
    let mut seen = seen;
    for _ in 0..TRIES {
        let challenge = Challenge::new(high_risk, ticket);
        let prompt = format!("To {verb}, type  {}  (Enter alone: leave): ", challenge.shown());
        let typed = terminal.prompt_line(&prompt)?;
        if typed.trim().is_empty() {
            return Err(ReadingError::Left);
        }
        match challenge.answer(seen, &typed) {
            Ok(confirmed) => return Ok(confirmed),
            Err(back) => seen = back,
        }
    }
    Err(ReadingError::NotConfirmed)
}
