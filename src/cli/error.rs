//! One error of the command line: what happened, what to do, one exit code.
//! The only place where ends become numbers (the table is in the manual and in README).

use crate::escaped::Escaped;
use crate::queue::QueueError;
use crate::queue::memory::MemoryError;
use crate::store::StoreError;

/// The frozen exit codes.
pub mod code {
    /// Carried out, and the answer is no.
    pub const NO: u8 = 1;
    /// Used wrongly (not under `run` or `exec`).
    pub const USAGE: u8 = 2;
    /// `audit verify`: consistent, but its reviewers came from the queue itself.
    pub const OWN_REVIEWERS: u8 = 3;
    /// `audit verify`: the reviewers are yours, but truncation is not excluded.
    pub const MAY_BE_CUT: u8 = 4;
    /// It ran or may have run, and its end is not known or was used already.
    pub const UNKNOWN: u8 = 118;
    /// Still pending, or needs review.
    pub const PENDING: u8 = 119;
    /// Rejected by a reviewer.
    pub const REJECTED: u8 = 120;
    /// Denied by policy.
    pub const DENIED: u8 = 121;
    /// Cancelled.
    pub const CANCELLED: u8 = 122;
    /// Approved, but something changed or the approval lapsed.
    pub const STALE: u8 = 123;
    /// The deadline passed without an approval.
    pub const EXPIRED: u8 = 124;
    /// handoff itself failed, or was used wrongly under `run`.
    pub const FAILED: u8 = 125;
    /// The command could not be executed.
    pub const NOT_EXECUTABLE: u8 = 126;
    /// The command was not found.
    pub const NOT_FOUND: u8 = 127;
}

/// What went wrong, in words for a person.
#[derive(Debug)]
pub struct CliError {
    /// The exit code.
    pub code: u8,
    /// What happened.
    pub message: String,
    /// What to do, when the message does not say it already.
    pub hint: Option<String>,
}

impl CliError {
    /// handoff could not do it.
    pub fn failed(message: impl std::fmt::Display) -> Self {
        Self::with_code(code::FAILED, message)
    }

    /// It was asked for wrongly.
    pub fn usage(message: impl std::fmt::Display) -> Self {
        Self::with_code(code::USAGE, message)
    }

    /// It was carried out, and the answer is no.
    pub fn no(message: impl std::fmt::Display) -> Self {
        Self::with_code(code::NO, message)
    }

    /// With any code of the table.
    pub fn with_code(code: u8, message: impl std::fmt::Display) -> Self {
        Self { code, message: fit(&message.to_string()), hint: None }
    }

    /// The same, with what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(fit(&hint.into()));
        self
    }

    /// Under `run` and `exec` a wrong use is 125, so that 1 and 2 stay the command's own.
    #[must_use]
    pub const fn under_gate(mut self) -> Self {
        if matches!(self.code, code::USAGE | code::NO) {
            self.code = code::FAILED;
        }
        self
    }
}

// A message may carry words of whoever made what is wrong; where it was composed is the place to escape them,
// and this is the last one.
fn fit(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(|line| Escaped::composed(line).into_string()).collect();
    lines.join("\n")
}

impl From<QueueError> for CliError {
    fn from(error: QueueError) -> Self {
        let code = match &error {
            QueueError::NoSuchTicket(_) | QueueError::Ambiguous(_) => code::USAGE,
            QueueError::Refused { .. }
            | QueueError::Decision(_)
            | QueueError::Signature(_)
            | QueueError::NotYours(_)
            | QueueError::Tampered(_) => code::NO,
            QueueError::Stale(_) => code::STALE,
            QueueError::Store(StoreError::OutcomeUnknown(_)) | QueueError::Memory(MemoryError::Spent(_)) => {
                code::UNKNOWN
            }
            _ => code::FAILED,
        };
        Self::with_code(code, error)
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        QueueError::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_error_repeats_of_others_is_letters_only() {
        let error = CliError::failed("unknown \u{1b}[2J\u{9b}1m\u{202e}").hint("one\n  two\u{7}");
        let told = format!("{}{}", error.message, error.hint.unwrap());
        assert!(told.chars().all(|c| c == '\n' || c == ' ' || c.is_ascii_graphic()), "{told:?}");
        assert!(told.contains(r"\x1b[2J") && told.contains("one\n"), "{told:?}");
    }

    #[test]
    fn our_own_words_stay_as_they_are() {
        for own in ["cannot open '/a b': it's gone (os error 2)", "one\n  two  three", "CMD… \\x1b `a` \"b\""]
        {
            assert_eq!(CliError::failed(own).message, own);
        }
    }
}
