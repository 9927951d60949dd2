//! The program as it must not be; without `--cfg handoff_broken` it is as it is.

use std::process::ExitCode;

#[expect(clippy::disallowed_methods, reason = "as in src/main.rs")]
fn main() -> ExitCode {
    ExitCode::from(handoff::cli::main(std::env::args_os().collect()))
}
