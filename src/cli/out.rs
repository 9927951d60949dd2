//! The one place that prints: data on standard output, words for people on standard error.
//! Everything from outside must have passed `Escaped` before it comes here.

use std::io::{self, IsTerminal as _, Write as _};

use super::args::{ColorArg, Globals};
use super::error::CliError;

/// How to print.
#[derive(Debug, Clone, Copy)]
pub struct Out {
    json: bool,
    color: bool,
}

impl Out {
    /// As the options, the terminal and its environment want it.
    #[must_use]
    pub fn new(globals: &Globals) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let color = match globals.color {
            ColorArg::Always => true,
            ColorArg::Never => false,
            ColorArg::Auto => !plain && io::stderr().is_terminal(),
        };
        Self { json: globals.json, color }
    }

    /// Whether data is wanted as JSON.
    #[must_use]
    pub const fn json(self) -> bool {
        self.json
    }

    /// Whether colour may repeat what the words say.
    #[must_use]
    pub const fn color(self) -> bool {
        self.color
    }

    /// Whether standard error is a terminal a countdown can be drawn on.
    #[must_use]
    pub fn animated() -> bool {
        io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
    }

    /// One line of data. A reader that went away (`| head`) ends the printing without an error.
    ///
    /// # Errors
    /// When the data cannot be written for another reason, such as a full disk.
    pub fn line(self, text: &str) -> Result<(), CliError> {
        self.bytes(format!("{text}\n").as_bytes())
    }

    /// Bytes of data, exactly.
    ///
    /// # Errors
    /// As [`Out::line`].
    pub fn bytes(self, bytes: &[u8]) -> Result<(), CliError> {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(CliError::failed(format!("cannot write to standard output: {error}")))
            }
            _ => Ok(()),
        }
    }

    /// One JSON object of data.
    ///
    /// # Errors
    /// As [`Out::line`].
    pub fn object(self, value: &serde_json::Value) -> Result<(), CliError> {
        self.line(&value.to_string())
    }

    /// A line that must arrive: when nobody reads it any more, that is an error.
    ///
    /// # Errors
    /// When it cannot be written for any reason.
    pub fn answer(self, text: &str) -> Result<(), CliError> {
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "{text}")
            .and_then(|()| stdout.flush())
            .map_err(|error| CliError::failed(format!("cannot write to standard output: {error}")))
    }

    /// A line for people, after our name. Nobody listening is no reason to stop.
    pub fn note(self, text: &str) {
        self.words(&format!("handoff: {text}"));
    }

    /// A line for people, as it is.
    pub fn words(self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// An error, with what to do.
    pub fn error(self, error: &CliError) {
        let (open, close) = if self.color { ("\u{1b}[1;31m", "\u{1b}[0m") } else { ("", "") };
        self.words(&format!("handoff: {open}{}{close}", error.message));
        if let Some(hint) = &error.hint {
            self.words(&format!("         {hint}"));
        }
    }
}
