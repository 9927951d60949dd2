//! `run` and `exec`: from a command, or an approved ticket, to one execution and its exit code.
//! Whatever happens, the outcome file and the code say the same.

use super::args::{ExecArgs, RunArgs};
use super::error::CliError;
use super::gated::Gate;
use super::open::Desk;
use super::outcome::{End, check_outcome_file, told};
use super::propose;
use crate::queue::propose::Proposed;
use crate::queue::trace::about;
use crate::ticket::{Execution, State};

/// `handoff run`.
///
/// # Errors
/// Before a ticket exists; everything later ends with its own code.
pub fn run(desk: Desk, args: RunArgs) -> Result<u8, CliError> {
    let outcome_file = args.outcome_file.clone();
    check_outcome_file(outcome_file.as_ref(), &desk.setup.places)?;
    told(outcome_file.as_ref(), propose_and_execute(desk, args))
}

fn propose_and_execute(desk: Desk, args: RunArgs) -> Result<u8, CliError> {
    let RunArgs { proposal, outcome_file, command } = args;
    let mut gate = Gate::new(desk, outcome_file)?;
    let (draft, observation, verdict) = propose::draft(&gate.desk, proposal, command, &gate.key)?;
    let (proposed, start) = gate.propose(&draft, &observation, &verdict)?;
    let _about = about(proposed.ticket()).entered();
    let end = match (proposed, start) {
        (Proposed::Claimed(claimed), Some((prepared, locks))) => {
            gate.execute_claimed(claimed, prepared, locks)
        }
        (Proposed::Claimed(claimed), None) => Ok(End::of(claimed.ticket())),
        (Proposed::Joined(ticket), _) => gate.joined(&ticket),
        (Proposed::Filed(ticket), _) => gate.answered(&ticket.id),
    };
    drop(observation);
    gate.finish(end)
}

/// `handoff exec ID`.
///
/// # Errors
/// When the ticket cannot be found; everything later ends with its own code.
pub fn exec(desk: Desk, args: ExecArgs) -> Result<u8, CliError> {
    let outcome_file = args.outcome_file.clone();
    check_outcome_file(outcome_file.as_ref(), &desk.setup.places)?;
    told(outcome_file.as_ref(), execute_approved(desk, args))
}

fn execute_approved(mut desk: Desk, args: ExecArgs) -> Result<u8, CliError> {
    let id = desk.find(&args.id)?;
    let mut gate = Gate::new(desk, args.outcome_file)?;
    let ticket = gate.desk.queue.ticket(&id)?;
    let _about = about(&ticket).entered();
    let end = match &ticket.state {
        State::Approved { execution: Execution::Unclaimed {}, .. } => gate.execute(&id),
        State::Approved { execution: Execution::Claimed(_), .. } => gate.other_executes(&ticket),
        State::Approved { .. } => Ok(gate.used(&ticket)),
        _ => Ok(End::of(&ticket)),
    };
    gate.finish(end)
}
