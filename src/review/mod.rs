//! A person's part of a decision: reading the card, and confirming it knowingly.
//! The only part of the library, beside the full-screen one, that talks to a terminal; never to stdin.

mod challenge;
mod layout;
mod line;
mod pager;
pub mod pins;
mod reading;
pub mod sign;
mod terminal;

pub use challenge::{Challenge, Confirmed, Question, Unanswered};
pub use layout::{Row, columns_of, is_showable, rows};
pub use pager::{confirm, read_card};
pub use reading::{MOMENT, NotYet, Reading, Seen};
pub use terminal::{ReadingError, Size, Terminal};

#[cfg(test)]
mod tests;
