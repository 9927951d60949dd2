//! `approve`, `reject`, `revoke` and `decide`: a person's answer, signed here or elsewhere.
//! Approving here takes one ticket and the terminal; saying no takes neither.

use std::path::Path;

use super::args::{ApproveArgs, DecideArgs, RejectArgs, RevokeArgs};
use super::error::CliError;
use super::open::{Desk, EngineQueue, shown};
use super::{answer, attachments, json, signer};
use crate::files;
use crate::gate::liveness::Liveness;
use crate::ids::{Nonce, Principal, TicketId};
use crate::policy::Risk;
use crate::queue::QueueError;
use crate::queue::decide::{Decided, Signed};
use crate::queue::trace::about;
use crate::record::{LONGEST, Record, Text};
use crate::review::pins::Pins;
use crate::review::sign::{Ballot, BallotError, SignedDecision, Words};
use crate::review::{Terminal, confirm, read_card};
use crate::store::{Filter, Page};
use crate::ticket::card::risk_word;
use crate::ticket::decision::{Choice, Decision};
use crate::ticket::{State, Ticket};

/// `handoff approve ID`.
///
/// # Errors
/// When there is no terminal, the person leaves, or the decision is refused.
pub fn approve(mut desk: Desk, args: ApproveArgs) -> Result<u8, CliError> {
    let id = desk.find(&args.id)?;
    let me = signer::principal(&desk.setup, args.principal.as_deref())?;
    let mut terminal = signer::terminal(&desk.setup)?;
    let decided = approve_at(&mut desk, &mut terminal, &id, &me, args.note)?;
    drop(terminal);
    report(&desk, &decided);
    Ok(0)
}

/// Reads, confirms, signs and records, all on one terminal.
///
/// # Errors
/// As [`approve`].
pub fn approve_at(
    desk: &mut Desk,
    terminal: &mut Terminal<'_>,
    id: &TicketId,
    me: &Principal,
    note: Option<String>,
) -> Result<Decided, CliError> {
    let pins = pins(desk);
    let (queue, in_force) = desk.parts();
    let ballot = Ballot::open(queue, id, in_force, &pins)?;
    may_still_be_decided(&ballot.ticket)?;
    let seen = read_card(terminal, ballot.card.text()).map_err(|error| signer::reading(&error))?;
    attachments::read(desk, terminal, &ballot.ticket)?;
    sum_up(desk, &ballot, me, terminal)?;
    let high = ballot.ticket.risk() == Risk::High;
    let confirmed = confirm(terminal, seen, "approve", high, id).map_err(|error| signer::reading(&error))?;
    let unsigned = ballot.approve(&confirmed, me, words(note, None)).map_err(ballot_error)?;
    let path = desk.setup.places.key(&desk.setup.settings);
    let key = signer::open_on(&path, terminal)?;
    let signed = unsigned.sign(&key).map_err(ballot_error)?;
    record(desk, id, &pins, &signed)
}

fn may_still_be_decided(ticket: &Ticket) -> Result<(), CliError> {
    match ticket.state {
        State::Pending {} => Ok(()),
        _ => Err(CliError::no(format!("{} {}", ticket.id.code(), answer::sentence(ticket)))),
    }
}

/// What is not on the card, because it changes: who has signed, who waits, whose it is, until when.
fn sum_up(desk: &Desk, ballot: &Ballot, me: &Principal, terminal: &mut Terminal<'_>) -> Result<(), CliError> {
    let ticket = &ballot.ticket;
    let own = desk.policy.accounts().get(me) == Some(&ticket.filed.request.requester.account.uid);
    let live = Liveness::of(&desk.setup.places.live(), &ticket.id);
    let waits = if live.anyone_waits().unwrap_or(false) {
        "it runs at once, somebody is waiting"
    } else {
        "nobody waits: it runs when somebody says handoff exec"
    };
    let own = if own { "   Own         you would approve your own request\n" } else { "" };
    let (have, until) = (ballot.standing.missing(), ballot.valid_until());
    let text = format!(
        "\n {}  {}   you sign: this may run once, until {until}\n   So far      {have}; when it is enough, {waits}\n{own}",
        ticket.id.code(),
        risk_word(ticket.risk()),
    );
    terminal.say(&text).map_err(|error| signer::reading(&error))
}

/// `handoff reject`.
///
/// # Errors
/// When no ticket fits, the key cannot be opened, or a decision is refused.
pub fn reject(mut desk: Desk, args: RejectArgs) -> Result<u8, CliError> {
    let ids = chosen(&mut desk, &args)?;
    let me = signer::principal(&desk.setup, args.principal.as_deref())?;
    if ids.is_empty() {
        desk.out().note("nothing is pending that fits");
        return Ok(0);
    }
    let key = signer::signer(&desk.setup)?;
    let words = words(args.reason, args.suggest);
    refuse_all(&mut desk, &ids, |ballot| ballot.reject(&me, words.clone()).and_then(|u| u.sign(&key)))
}

/// `handoff revoke`.
///
/// # Errors
/// As [`reject`].
pub fn revoke(mut desk: Desk, args: RevokeArgs) -> Result<u8, CliError> {
    let id = desk.find(&args.id)?;
    let me = signer::principal(&desk.setup, args.principal.as_deref())?;
    let key = signer::signer(&desk.setup)?;
    let words = words(args.reason, None);
    refuse_all(&mut desk, &[id], |ballot| ballot.revoke(&me, words.clone()).and_then(|u| u.sign(&key)))
}

/// One signature each; the first refusal is told after all were tried.
fn refuse_all(
    desk: &mut Desk,
    ids: &[TicketId],
    sign: impl Fn(&Ballot) -> Result<SignedDecision, BallotError>,
) -> Result<u8, CliError> {
    let pins = pins(desk);
    let mut first = None;
    for id in ids {
        let (queue, in_force) = desk.parts();
        let done = Ballot::open(queue, id, in_force, &pins)
            .map_err(CliError::from)
            .and_then(|ballot| sign(&ballot).map_err(ballot_error))
            .and_then(|signed| record(desk, id, &pins, &signed));
        match done {
            Ok(decided) => report(desk, &decided),
            Err(error) if first.is_none() => first = Some(error),
            Err(error) => desk.out().error(&error),
        }
    }
    first.map_or(Ok(0), Err)
}

fn chosen(desk: &mut Desk, args: &RejectArgs) -> Result<Vec<TicketId>, CliError> {
    if !args.all && args.requester.is_none() {
        return args.ids.iter().map(|text| desk.find(text)).collect();
    }
    let filter = Filter { states: vec!["pending".to_owned()], ..Filter::default() };
    let page = Page { skip: 0, limit: 10_000 };
    let pending = desk.queue.read(&mut |read| Ok(read.list(&filter, page)?))?;
    let wanted = |ticket: &Ticket| match &args.requester {
        None => true,
        Some(name) => {
            let account = &ticket.filed.request.requester.account;
            account.name.as_bytes() == name.as_bytes() || account.uid.to_string() == *name
        }
    };
    Ok(pending.into_iter().filter(wanted).map(|ticket| ticket.id).collect())
}

/// `handoff decide --prepare` and `--import`.
///
/// # Errors
/// When the ticket cannot be decided, or the signed file is refused.
pub fn decide(desk: Desk, args: DecideArgs) -> Result<u8, CliError> {
    match (&args.prepare, &args.import) {
        (Some(id), _) => prepare(desk, &id.clone(), args),
        (None, Some(file)) => import(desk, file),
        (None, None) => Err(CliError::usage("give --prepare ID or --import FILE.sig")),
    }
}

fn prepare(mut desk: Desk, id: &str, args: DecideArgs) -> Result<u8, CliError> {
    let id = desk.find(id)?;
    let me = signer::principal(&desk.setup, args.principal.as_deref())?;
    let pins = pins(&desk);
    let (queue, in_force) = desk.parts();
    let ballot = Ballot::open(queue, &id, in_force, &pins)?;
    let choice = match (args.reject, args.revoke) {
        (true, _) => Choice::Reject,
        (_, true) => Choice::Revoke,
        _ => Choice::Approve,
    };
    if choice != Choice::Revoke {
        may_still_be_decided(&ballot.ticket)?;
    }
    let record = ballot.prepare(choice, &me, words(args.reason, args.suggest)).map_err(ballot_error)?;
    // The statement names this head: whatever is handed in later must continue it.
    pins.raise(&ballot.seen()).map_err(QueueError::from)?;
    let out = desk.out();
    for line in ballot.card.lines() {
        out.words_shown(line);
    }
    let namespace = Decision::namespace(&desk.identity.origin);
    out.note(&format!(
        "{} by {me}; sign these bytes with: ssh-keygen -Y sign -n {namespace} -f KEY FILE",
        choice.word()
    ));
    out.bytes(record.as_str().as_bytes())?;
    Ok(0)
}

fn import(mut desk: Desk, file: &Path) -> Result<u8, CliError> {
    let (statement, signature) = signed_file(file)?;
    let (_, decision) = Record::parse::<Decision>(&statement)
        .map_err(|error| CliError::no(format!("{} is no decision: {error}", shown(&beside(file)))))?;
    desk.read_again(&decision.ticket)?;
    let pins = pins(&desk);
    let (queue, in_force) = desk.parts();
    queue.read(&mut |read| pins.check(read))?;
    let signed = Signed { statement: &statement, signature: &signature };
    let decided = queue.decide(&decision.ticket, signed, in_force)?;
    remember(queue, &pins, &decision.nonce, signed)?;
    report(&desk, &decided);
    Ok(0)
}

/// A statement and its signature: FILE and FILE.sig, as `ssh-keygen -Y sign` leaves them.
///
/// # Errors
/// When one cannot be read, or the name does not end in `.sig`.
pub fn signed_file(file: &Path) -> Result<(String, String), CliError> {
    if file.extension().is_none_or(|ending| ending != "sig") {
        return Err(CliError::usage(format!("{} does not end in .sig, as ssh-keygen names it", shown(file))));
    }
    let limit = u64::try_from(LONGEST).unwrap_or(u64::MAX);
    let read = |path: &Path| {
        let bytes = files::read_limited(path, limit).map_err(CliError::failed)?;
        String::from_utf8(bytes).map_err(|_| CliError::no(format!("{} is not text", shown(path))))
    };
    Ok((read(&beside(file))?, read(file)?))
}

fn beside(file: &Path) -> std::path::PathBuf {
    file.with_extension("")
}

/// Keeps the statement on the reviewer's side, hands it in, and remembers the log it made.
///
/// # Errors
/// When the decision is refused, or the reviewer's memory cannot be written.
pub fn record(
    desk: &mut Desk,
    id: &TicketId,
    pins: &Pins,
    signed: &SignedDecision,
) -> Result<Decided, CliError> {
    pins.keep(signed).map_err(CliError::failed)?;
    desk.read_again(id)?;
    let (queue, in_force) = desk.parts();
    let given = Signed { statement: signed.statement(), signature: signed.signature() };
    let decided = queue.decide(id, given, in_force)?;
    let seen = queue.mark()?;
    pins.raise(&seen).map_err(QueueError::from)?;
    Ok(decided)
}

/// Keeps what was signed elsewhere and is recorded now, and remembers the log it made.
///
/// # Errors
/// When the reviewer's memory cannot be written.
pub fn remember(
    queue: &mut EngineQueue,
    pins: &Pins,
    nonce: &Nonce,
    signed: Signed<'_>,
) -> Result<(), CliError> {
    pins.keep_as(nonce, signed.statement, signed.signature).map_err(CliError::failed)?;
    let seen = queue.mark()?;
    Ok(pins.raise(&seen).map_err(QueueError::from)?)
}

/// Where this reviewer's own memory of the queue lies.
#[must_use]
pub fn pins(desk: &Desk) -> Pins {
    Pins::new(desk.setup.places.state(), &desk.identity.origin)
}

/// A reviewer's words, as they were typed.
#[must_use]
pub fn words(reason: Option<String>, suggest: Option<String>) -> Words {
    Words { reason: reason.map(Text::from), suggest: suggest.map(Text::from) }
}

fn ballot_error(error: BallotError) -> CliError {
    CliError::failed(error)
}

/// Tells what a decision came to.
pub fn report(desk: &Desk, decided: &Decided) {
    let (out, ticket) = (desk.out(), &decided.ticket);
    if out.json() {
        // The decision stands whether or not anybody reads this.
        let _ = out.object(&json::ticket(ticket));
    }
    about(ticket).in_scope(|| out.note(&told(decided)));
}

/// What a decision came to, in words.
#[must_use]
pub fn told(decided: &Decided) -> String {
    let ticket = &decided.ticket;
    let what = match &ticket.state {
        State::Pending {} => format!("recorded; {}", decided.standing.missing()),
        State::Approved { .. } => "approved".to_owned(),
        _ => answer::sentence(ticket),
    };
    format!("{} {what}", ticket.id.code())
}
