//! `review`: what waits, read and decided by a person, on a full screen or question by question.
//! Owns queue and key; what is shown and what a key means is `tui`'s.

mod find;
mod hearing;
mod perform;
mod plain;
mod rows;
mod screen;
mod sheets;

use super::args::ReviewArgs;
use super::error::CliError;
use super::open::Desk;

/// `handoff review [ID]`.
///
/// # Errors
/// When there is no terminal, or the queue cannot be read.
pub fn review(desk: Desk, args: ReviewArgs) -> Result<u8, CliError> {
    if args.plain || !can_be_a_screen() {
        return plain::review(desk, args);
    }
    screen::review(desk, &args)
}

/// Whether the terminal knows how to move a cursor.
fn can_be_a_screen() -> bool {
    std::env::var_os("TERM").is_some_and(|term| !term.is_empty() && term != "dumb")
}
