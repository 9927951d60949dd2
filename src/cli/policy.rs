//! `policy check | test | trust | show`: what the rules say, and which rules they are.
//! Opens neither queue nor reviewers, so that a check is fast enough for a shell's prompt or a hook.

mod check;
mod show;
mod test;
mod trust;

use super::args::{Globals, Later, PolicyCommand};
use super::error::CliError;
use super::open::Setup;

/// `handoff policy …`.
///
/// # Errors
/// When a policy cannot be read, or what was asked for is wrong.
pub fn policy(globals: &Globals, command: PolicyCommand) -> Result<u8, CliError> {
    let setup = Setup::read(globals)?;
    match command {
        PolicyCommand::Check(Later(args)) => check::check(&setup, args),
        PolicyCommand::Test(Later(args)) => test::test(&setup, &args),
        PolicyCommand::Trust { file } => trust::trust(&setup, file),
        PolicyCommand::Show => show::show(&setup),
    }
}

fn working_folder() -> Result<std::path::PathBuf, CliError> {
    std::env::current_dir()
        .map_err(|error| CliError::failed(format!("cannot tell the working folder: {error}")))
}
