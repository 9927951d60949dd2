//! `cancel` and `reconcile`: taking a request back, and closing what handoff could not know.
//! Cancelling is the requester's; reconciling is a reviewer's, signed.

use super::args::{CancelArgs, ReconcileArgs};
use super::decide::{self, signed_file};
use super::error::CliError;
use super::open::Desk;
use super::{answer, signer};
use crate::facts::observe::account;
use crate::gate::liveness::{Alive, Liveness};
use crate::ids::{Nonce, Principal, TicketId};
use crate::queue::decide::Signed;
use crate::record::{Record, Text};
use crate::ticket::decision::{Reconcile, ReconcileType, Subject};
use crate::ticket::{Execution, State};

/// `handoff cancel ID…`.
///
/// # Errors
/// When a ticket is not the caller's, or past taking back; the others are cancelled all the same.
pub fn cancel(mut desk: Desk, args: CancelArgs) -> Result<u8, CliError> {
    let uid = account::requester(std::env::var_os("SUDO_UID").as_deref()).uid;
    let mut first = None;
    for text in &args.ids {
        let id = desk.find(text)?;
        match desk.queue.cancel(&id, uid) {
            Ok(ticket) => {
                answer::tell(desk.out(), &ticket);
            }
            Err(error) if first.is_none() => first = Some(CliError::from(error)),
            Err(error) => desk.out().error(&error.into()),
        }
    }
    first.map_or(Ok(0), Err)
}

/// `handoff reconcile`.
///
/// # Errors
/// When there is nothing to close, or the signature does not count.
pub fn reconcile(mut desk: Desk, args: ReconcileArgs) -> Result<u8, CliError> {
    if let Some(file) = &args.import {
        let (statement, signature) = signed_file(file)?;
        return hand_in(&mut desk, &statement, &signature);
    }
    let me = signer::principal(&desk.setup, args.principal.as_deref())?;
    let (about, finding) = subject(&mut desk, &args)?;
    let record = statement(&desk, about, finding, &me)?;
    let namespace = Reconcile::namespace(&desk.identity.origin);
    if args.prepare {
        desk.out().note(&format!("sign these bytes with: ssh-keygen -Y sign -n {namespace} -f KEY FILE"));
        desk.out().bytes(record.as_str().as_bytes())?;
        return Ok(0);
    }
    let key = signer::signer(&desk.setup)?;
    let signature = key.sign(&namespace, record.as_str().as_bytes()).map_err(CliError::failed)?;
    hand_in(&mut desk, record.as_str(), &signature)
}

fn subject(desk: &mut Desk, args: &ReconcileArgs) -> Result<(Subject, Text), CliError> {
    if args.clock {
        let finding = args.finding.clone().unwrap_or_else(|| "the present wall clock is right".to_owned());
        return Ok((Subject::Clock(desk.queue.now().wall), Text::from(finding)));
    }
    let text = args.id.as_deref().ok_or_else(|| CliError::usage("give the ticket's id, or --clock"))?;
    let finding = args.finding.clone().ok_or_else(|| {
        CliError::usage("say what you found out: --finding 'it ran to its end, checked on db1'")
    })?;
    let id = desk.find(text)?;
    note_a_lost_executor(desk, &id)?;
    Ok((Subject::Ticket(id), Text::from(finding)))
}

/// A claim whose executor is gone is recorded as unknown first; one that lives is not ours to close.
///
/// # Errors
/// When it is still being executed, or that cannot be told.
pub fn note_a_lost_executor(desk: &mut Desk, id: &TicketId) -> Result<(), CliError> {
    let ticket = desk.queue.ticket(id)?;
    let State::Approved { execution: Execution::Claimed(_), .. } = &ticket.state else { return Ok(()) };
    let live = Liveness::of(&desk.setup.places.live(), id);
    match live.alive().map_err(CliError::failed)? {
        Alive::Handoff => {
            Err(CliError::no(format!("{} is still being executed; wait for its end", id.code())))
        }
        alive => {
            desk.queue.lose(id, alive == Alive::CommandOnly)?;
            Ok(())
        }
    }
}

/// What is signed to close an unknown outcome, or to accept a clock.
///
/// # Errors
/// When the finding does not fit a statement.
pub fn statement(desk: &Desk, about: Subject, finding: Text, me: &Principal) -> Result<Record, CliError> {
    let statement = Reconcile {
        kind: ReconcileType::V1,
        queue: desk.identity.origin.clone(),
        incarnation: desk.identity.incarnation,
        about,
        finding,
        reviewer: me.clone(),
        nonce: Nonce::random(),
        time: desk.queue.now().wall,
    };
    Record::of(&statement).map_err(CliError::usage)
}

fn hand_in(desk: &mut Desk, statement: &str, signature: &str) -> Result<u8, CliError> {
    let told = settle(desk, statement, signature)?;
    desk.out().note(&told);
    Ok(0)
}

/// Hands in a signed finding; answers what it came to, in words.
///
/// # Errors
/// When the signature does not count, or there is nothing to close.
pub fn settle(desk: &mut Desk, statement: &str, signature: &str) -> Result<String, CliError> {
    let pins = decide::pins(desk);
    let (queue, in_force) = desk.parts();
    queue.read(&mut |read| pins.check(read))?;
    let signed = Signed { statement, signature };
    let about = queue.reconcile(signed, in_force)?;
    if let Ok((_, said)) = Record::parse::<Reconcile>(statement) {
        decide::remember(queue, &pins, &said.nonce, signed)?;
    }
    match about {
        Subject::Ticket(id) => {
            let ticket = desk.queue.ticket(&id)?;
            Ok(format!("{} {}", id.code(), answer::sentence(&ticket)))
        }
        Subject::Clock(now) => Ok(format!("{now} is accepted as the present time")),
    }
}
