//! The one place that prints: data on standard output, words for people on standard error.
//! Everything from outside must have passed `Escaped` before it comes here.

use std::io::{self, IsTerminal as _, Write as _};
use std::os::fd::AsFd;

use super::args::{ColorArg, Globals, LogFormArg};
use super::error::CliError;
use crate::review::{Row, rows};

/// How to print.
#[derive(Debug, Clone, Copy)]
pub struct Out {
    json: bool,
    color: bool,
    logs: bool,
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
        Self { json: globals.json, color, logs: globals.log == LogFormArg::Json }
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

    /// From here on everything that is told is a line of a structured log on standard error, if that is wanted.
    pub fn begin(self) {
        if self.logs {
            let log = tracing_subscriber::fmt().json().flatten_event(true).with_span_list(false);
            // It would tell of its own troubles on the same standard error, and end us where that is closed.
            let log = log.log_internal_errors(false).with_target(false).with_writer(io::stderr);
            // Fails only where a log was begun already, which then goes on.
            let _ = log.try_init();
        }
    }

    /// A line for people, after our name. Nobody listening is no reason to stop.
    pub fn note(self, text: &str) {
        if self.logs {
            return tracing::info!("{text}");
        }
        self.words(&format!("handoff: {text}"));
    }

    /// A line for people, as it is.
    pub fn words(self, text: &str) {
        if self.logs {
            return tracing::info!("{}", text.trim());
        }
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// A JSON object beside the data, on standard error.
    pub fn object_beside(self, value: &serde_json::Value) {
        let _ = writeln!(io::stderr().lock(), "{value}");
    }

    /// A line of a request for people to read, on standard output, framed on a terminal.
    ///
    /// # Errors
    /// As [`Out::line`].
    pub fn shown(self, line: &str) -> Result<(), CliError> {
        self.line(&framed(line, io::stdout()))
    }

    /// The same on standard error.
    pub fn words_shown(self, line: &str) {
        self.words(&framed(line, io::stderr()));
    }

    /// Rings the terminal that standard error is, if it is one.
    pub fn bell(self) {
        let mut stderr = io::stderr().lock();
        if stderr.is_terminal() {
            let _ = stderr.write_all(b"\x07");
        }
    }

    /// An error, with what to do.
    pub fn error(self, error: &CliError) {
        if self.logs {
            return tracing::error!(code = error.code, hint = error.hint, "{}", error.message);
        }
        let (open, close) = if self.color { ("\u{1b}[1;31m", "\u{1b}[0m") } else { ("", "") };
        self.words(&format!("handoff: {open}{}{close}", error.message));
        if let Some(hint) = &error.hint {
            self.words(&format!("         {hint}"));
        }
    }
}

/// On a terminal: behind a gutter, and cut where the window ends, or a long line of a request would go on
/// where a line of our own begins.
fn framed(line: &str, stream: impl io::IsTerminal + AsFd) -> String {
    if !stream.is_terminal() {
        return line.to_owned();
    }
    let size = rustix::termios::tcgetwinsize(&stream).ok().map(|size| usize::from(size.ws_col));
    let rows = rows(line, size.filter(|columns| *columns > 0).unwrap_or(80));
    let drawn: Vec<String> = rows.iter().map(|row: &Row| format!("{}{}", row.gutter(), row.text)).collect();
    drawn.join("\n")
}
