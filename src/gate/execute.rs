//! From clearance to outcome: claim durably, look once more, start, supervise, record.
//! The only place that starts what was approved.

use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::{Duration, Instant};

use super::child::{self, Ended, Launch, Program, Running, StartError, Stdin};
use super::liveness::{Execution, Liveness};
use super::recheck::{Clearance, Prepared};
use super::signals::Signals;
use crate::clock::Clock;
use crate::facts::observe::again::{Given, Ready, Runs};
use crate::facts::observe::process::process_start;
use crate::files::FileError;
use crate::ids::{Digest, TicketId};
use crate::queue::execution::Claimed;
use crate::queue::{Queue, QueueError};
use crate::record::Text;
use crate::store::{Store, StoreError};
use crate::ticket::{Claim, End, Outcome};

/// How long the record of an end is tried again while the queue is busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why a claim was not made, or what came of one without a recorded end.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// Nothing was claimed and nothing ran.
    #[error(transparent)]
    NotClaimed(#[from] QueueError),
    /// Nothing ran: the locks cannot be had, or not be handed to the command.
    #[error(transparent)]
    Locks(#[from] FileError),
    /// Something moved between the claim and the start; nothing ran, and the claim is used.
    #[error("stale: {0}; nothing ran; a new request is needed")]
    Moved(String),
    /// The command could not be started; nothing ran.
    #[error(transparent)]
    NotStarted(#[from] StartError),
    /// It ran, and somebody else took its status.
    #[error("it ran, and how it ended cannot be told: {0}")]
    EndUnknown(std::io::Error),
    /// It ran, and how it ended cannot be recorded.
    #[error("it ran and ended ({end}), but that cannot be recorded: {why}")]
    NotRecorded {
        /// How it ended, as a shell shows it.
        end: u8,
        /// What prevents the record.
        why: String,
    },
}

/// The claim this process makes.
#[must_use]
pub fn claim_of_this_process(clock: &dyn Clock) -> Claim {
    let (pid, now) = (std::process::id(), clock.now());
    let start = process_start(pid).unwrap_or_default();
    Claim { at: now.wall, pid, start, boot_id: now.boot.boot_id }
}

/// Uses the clearance: claims, starts, supervises and records.
///
/// # Errors
/// As [`ExecuteError`] says; in all but the last nothing ran.
pub fn execute<S: Store>(
    queue: &mut Queue<S>,
    clearance: Clearance,
    claim: &Claim,
    live: &Path,
    signals: &mut Signals,
) -> Result<Outcome, ExecuteError> {
    let (authority, prepared, checks) = clearance.into_parts();
    let locks = Liveness::of(live, &authority.ticket().id).execute()?;
    let claimed = queue.claim(authority, claim, checks)?;
    start(queue, claimed, prepared, locks, signals)
}

/// Starts what was claimed in the very transaction that filed it, because the policy allows it. The
/// locks were taken before, so that nobody takes the claim for a dead one.
///
/// # Errors
/// As [`execute`].
pub fn execute_allowed<S: Store>(
    queue: &mut Queue<S>,
    claimed: Claimed,
    prepared: Prepared,
    locks: Execution,
    signals: &mut Signals,
) -> Result<Outcome, ExecuteError> {
    start(queue, claimed, prepared, locks, signals)
}

fn start<S: Store>(
    queue: &mut Queue<S>,
    claimed: Claimed,
    prepared: Prepared,
    mut locks: Execution,
    signals: &mut Signals,
) -> Result<Outcome, ExecuteError> {
    let id = claimed.ticket().id.clone();
    let Prepared { ready, copies, action } = prepared;
    let begun = Instant::now();
    let started = still(&claimed, &action, &ready).and_then(|()| begin(ready, &mut locks, signals));
    let running = match started {
        Ok(running) => running,
        Err(error) => {
            let reason =
                if let ExecuteError::Moved(moved) = &error { moved.clone() } else { error.to_string() };
            queue.not_started(&id, Text::from(reason))?;
            return Err(error);
        }
    };
    let ended = running.supervise(signals);
    drop(copies);
    let end = match ended {
        Ok(ended) => end(ended),
        Err(why) => {
            // It ran; that this cannot be recorded either must not be told as if nothing had.
            let _ = queue.lose(&id, false);
            return Err(ExecuteError::EndUnknown(why));
        }
    };
    let outcome = Outcome { end, millis: u64::try_from(begun.elapsed().as_millis()).unwrap_or(0) };
    record(queue, &id, &outcome)?;
    locks.finished();
    Ok(outcome)
}

/// What was made ready is what was claimed, and nothing of it moved meanwhile.
fn still(claimed: &Claimed, action: &Digest, ready: &Ready) -> Result<(), ExecuteError> {
    let between = |what: String| ExecuteError::Moved(format!("{what} between the claim and the start"));
    if *action != claimed.ticket().filed.request.action_sha256 {
        return Err(between("the command became another ticket's".to_owned()));
    }
    ready.still().map_err(|moved| between(moved.to_string()))
}

fn begin(ready: Ready, locks: &mut Execution, signals: &mut Signals) -> Result<Running, ExecuteError> {
    let inherited = locks.for_command()?;
    let running = child::start(launch(ready, inherited), signals)?;
    locks.handed_over();
    Ok(running)
}

fn launch(ready: Ready, inherit: Option<OwnedFd>) -> Launch {
    Launch {
        program: match ready.runs {
            Runs::Descriptor(file) => Program::Descriptor(file.into()),
            Runs::Path(path) => Program::Path(path),
        },
        argv: ready.argv,
        env: ready.env.0,
        cwd: ready.cwd,
        stdin: match ready.input {
            Given::Nothing => Stdin::Nothing,
            Given::Inherited => Stdin::Inherit,
            Given::Bytes(bytes) => Stdin::Bytes(bytes),
        },
        inherit,
    }
}

fn end(ended: Ended) -> End {
    match ended {
        Ended::Exited(status) => End::Exit(u8::try_from(status & 0xff).unwrap_or(u8::MAX)),
        Ended::Signaled { signal, .. } => End::Signal(u8::try_from(signal).unwrap_or(0)),
    }
}

/// Records the end, again and again while the queue is merely busy.
fn record<S: Store>(queue: &mut Queue<S>, id: &TicketId, outcome: &Outcome) -> Result<(), ExecuteError> {
    let given_up = Instant::now() + PATIENCE;
    loop {
        match queue.finish(id, outcome.clone()) {
            Ok(_) => return Ok(()),
            Err(QueueError::Store(StoreError::Busy(_))) if Instant::now() < given_up => {}
            Err(error) => {
                let (end, why) = (outcome.end.shell_status(), error.to_string());
                return Err(ExecuteError::NotRecorded { end, why });
            }
        }
    }
}

#[cfg(test)]
mod tests;
