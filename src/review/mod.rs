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

pub use challenge::{Challenge, Confirmed};
pub use layout::{Row, rows};
pub use pager::{confirm, read_card};
pub use reading::{MOMENT, NotYet, Reading, Seen};
pub use terminal::{ReadingError, Terminal};

#[cfg(test)]
mod tests;
