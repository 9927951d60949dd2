//! Reads the command line, runs it, exits with its code.

use std::process::ExitCode;

#[expect(clippy::disallowed_methods, reason = "the one place that reads the arguments")]
fn main() -> ExitCode {
    ExitCode::from(handoff::cli::main(std::env::args_os().collect()))
}
