//! `audit log | export | verify | checkpoint | receipt | prune-blobs`: the trail as it is, to take along, what it
//! proves, its head to keep elsewhere, one event by itself, and what need not be kept. Reads the queue; writes signed
//! heads into it, and removes payloads from it.

mod export;
mod log;
mod prune;
mod receipt;
mod verify;
mod views;

use super::args::{AuditCommand, Globals, Later, LogArgs, VerifyArgs};
use super::error::CliError;
use super::open::{EngineQueue, Setup, shown};
use crate::files;
use crate::log::logkey::LogKey;

/// A log key is one line.
const LONGEST_KEY: u64 = 4096;

/// `handoff audit …`.
///
/// # Errors
/// When the queue cannot be read, or an option is wrong.
pub fn audit(globals: &Globals, command: AuditCommand) -> Result<u8, CliError> {
    // A bundle needs no queue, no settings and no home.
    let command = match command {
        AuditCommand::Verify(Later(VerifyArgs { bundle: Some(bundle), given })) => {
            return verify::bundle(globals, &bundle, &given);
        }
        AuditCommand::Log(Later(LogArgs { bundle: Some(bundle), shown })) => {
            return log::bundle(globals, &bundle, &shown);
        }
        other => other,
    };
    let setup = Setup::read(globals)?;
    let (mut queue, identity) = setup.queue()?;
    match command {
        AuditCommand::Log(Later(args)) => log::queue(&mut queue, setup.out, &args.shown),
        AuditCommand::Checkpoint => checkpoint(&setup, &mut queue),
        AuditCommand::Receipt(Later(args)) => receipt::receipt(&setup, &mut queue, &args),
        AuditCommand::Export(Later(args)) => export::export(&setup, &mut queue, &identity, &args),
        AuditCommand::PruneBlobs(Later(args)) => prune::prune(&setup, &mut queue, &args),
        AuditCommand::Verify(Later(args)) => verify::verify(globals, &setup, &mut queue, &args.given),
    }
}

/// The log's key, which its owner alone has.
fn log_key(setup: &Setup) -> Result<LogKey, CliError> {
    let path = setup.places.log_key();
    let bytes = files::read_secret(&path, LONGEST_KEY).map_err(CliError::failed)?;
    let text = zeroize::Zeroizing::new(
        String::from_utf8(bytes)
            .map_err(|_| CliError::failed(format!("{} is not a log key", shown(&path))))?,
    );
    LogKey::from_text(&text).map_err(|error| CliError::failed(format!("{}: {error}", shown(&path))))
}

fn checkpoint(setup: &Setup, queue: &mut EngineQueue) -> Result<u8, CliError> {
    let key = log_key(setup)?;
    let signed = queue.checkpoint(&key)?;
    let head = signed.unverified();
    if setup.out.json() {
        let object = serde_json::json!({
            "schema": "handoff.checkpoint.v1", "origin": head.origin, "size": head.size, "root": head.root,
            "log_key": key.verifier().to_string(), "note": signed.to_string(),
        });
        setup.out.answer(&object.to_string())?;
    } else {
        // The note's last line ends it; one more would spoil it.
        setup.out.answer(signed.to_string().trim_end_matches('\n'))?;
        setup
            .out
            .note("keep it where the queue's owner cannot change it, for: handoff audit verify --checkpoint");
    }
    Ok(0)
}
