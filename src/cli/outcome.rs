//! How a gated command ended, and the file that says so.
//! The file, the exit code and the words on standard error never disagree.

use std::path::PathBuf;

use super::error::{CliError, code};
use super::{answer, json};
use crate::config::Places;
use crate::files::{self, FileError};
use crate::ids::TicketId;
use crate::ticket::{self, Outcome, Ticket};

/// How a gated command ended, for the code and the outcome file.
pub struct End {
    /// The ticket, once there is one.
    pub ticket: Option<TicketId>,
    /// The outcome's word in JSON.
    pub word: &'static str,
    /// handoff's own exit code.
    pub code: u8,
    /// For people.
    pub message: Option<String>,
    /// The signal to die of.
    pub signal: Option<i32>,
}

impl End {
    /// A ticket that this process does not execute (any more).
    pub fn of(ticket: &Ticket) -> Self {
        let (word, code) = (answer::word(ticket), answer::exit_code(ticket));
        let message = Some(answer::sentence(ticket));
        Self { ticket: Some(ticket.id.clone()), word, code, message, signal: None }
    }

    /// Something went wrong on the way.
    pub fn failed(ticket: Option<&TicketId>, error: &CliError) -> Self {
        let word = match error.code {
            code::UNKNOWN => "unknown",
            code::STALE => "stale",
            code::NOT_FOUND | code::NOT_EXECUTABLE => "not_started",
            _ => "failed",
        };
        let message = Some(error.message.clone());
        Self { ticket: ticket.cloned(), word, code: error.code, message, signal: None }
    }

    /// The command ran and ended so.
    pub fn finished(id: &TicketId, outcome: &Outcome) -> Self {
        let signal = match outcome.end {
            ticket::End::Signal(signal) => Some(i32::from(signal)),
            ticket::End::Exit(_) => None,
        };
        let code = outcome.end.shell_status();
        Self { ticket: Some(id.clone()), word: "finished", code, message: None, signal }
    }
}

/// What failed before there was an end to tell is told in the outcome file too.
///
/// # Errors
/// The one given.
pub fn told(path: Option<&PathBuf>, done: Result<u8, CliError>) -> Result<u8, CliError> {
    done.map_err(CliError::under_gate).inspect_err(|error| {
        let End { word, code, message, .. } = End::failed(None, error);
        // Whoever reads the exit code reads the message too; one more about the file would hide it.
        let _ = write_outcome(path, &json::outcome(None, word, code, message.as_deref()));
    })
}

/// Puts the report in the place of the file, if one is wanted.
///
/// # Errors
/// When the file cannot be written.
pub fn write_outcome(path: Option<&PathBuf>, report: &serde_json::Value) -> Result<(), FileError> {
    path.map_or(Ok(()), |path| files::replace_private(path, format!("{report}\n").as_bytes()))
}

/// An outcome file that cannot be written is found out before anything runs.
///
/// # Errors
/// When it cannot be written, or lies among our own files.
pub fn check_outcome_file(path: Option<&PathBuf>, places: &Places) -> Result<(), CliError> {
    let Some(path) = path else { return Ok(()) };
    let folder = std::path::absolute(path).ok().and_then(|path| path.parent()?.canonicalize().ok());
    let own = [places.data(), places.config(), places.state()];
    let own = own.iter().filter_map(|own| own.canonicalize().ok());
    if folder.is_some_and(|folder| own.into_iter().any(|own| folder.starts_with(own))) {
        return Err(CliError::failed("the outcome file would lie among handoff's own files; name another"));
    }
    let pending = serde_json::json!({ "schema": "handoff.outcome.v1", "outcome": "pending" });
    write_outcome(Some(path), &pending)
        .map_err(|error| CliError::failed(format!("cannot write the outcome file: {error}")))
}
