//! `review --plain`: what waits, one ticket at a time, as questions in the terminal, for screen readers and
//! for terminals that are no screens. The same proofs as `approve`.

use crate::cli::args::ReviewArgs;
use crate::cli::decide::{approve_at, pins, record, report};
use crate::cli::error::CliError;
use crate::cli::open::Desk;
use crate::cli::progress::{minutes, needs};
use crate::cli::signer;
use crate::escaped::Escaped;
use crate::ids::{Principal, TicketId};
use crate::record::Text;
use crate::review::Terminal;
use crate::review::sign::{Ballot, Words};
use crate::store::{Filter, Page};
use crate::ticket::card::risk_word;
use crate::ticket::{State, Ticket};

/// How many pending tickets one sitting takes up.
const SITTING: u64 = 1000;

/// What a reviewer wants done with the ticket before them.
enum Wish {
    Read,
    Reject,
    Skip,
    Quit,
}

/// `handoff review --plain [ID]`.
///
/// # Errors
/// When there is no terminal, or the queue cannot be read.
pub(super) fn review(mut desk: Desk, args: ReviewArgs) -> Result<u8, CliError> {
    let me = signer::principal(&desk.setup, args.principal.as_deref())?;
    let first = args.id.as_deref().map(|text| desk.find(text)).transpose()?;
    let mut terminal = signer::terminal(&desk.setup)?;
    let waiting = waiting(&mut desk, first)?;
    say(&mut terminal, &format!("{} pending, oldest deadline first\n", waiting.len()))?;
    for id in waiting {
        let ticket = desk.queue.ticket(&id)?;
        if !matches!(ticket.state, State::Pending {}) {
            continue;
        }
        match ask(&mut desk, &mut terminal, &ticket)? {
            Wish::Quit => break,
            Wish::Skip => {}
            wish => decide(&mut desk, &mut terminal, &id, &me, &wish)?,
        }
    }
    Ok(0)
}

fn waiting(desk: &mut Desk, first: Option<TicketId>) -> Result<Vec<TicketId>, CliError> {
    desk.queue.sweep()?;
    let filter = Filter { states: vec!["pending".to_owned()], ..Filter::default() };
    let page = Page { skip: 0, limit: SITTING };
    let pending = desk.queue.read(&mut |read| Ok(read.list(&filter, page)?))?;
    let others = pending.into_iter().map(|ticket| ticket.id).filter(|id| Some(id) != first.as_ref());
    Ok(first.clone().into_iter().chain(others).collect())
}

fn ask(desk: &mut Desk, terminal: &mut Terminal<'_>, ticket: &Ticket) -> Result<Wish, CliError> {
    let left = minutes(ticket.filed.deadline.left(&desk.queue.now()));
    let (risk, who) = (risk_word(ticket.risk()), &ticket.filed.request.requester.account.name);
    let argv: Vec<String> = ticket
        .filed
        .request
        .exec()
        .argv
        .iter()
        .map(|argument| Escaped::argument(argument.as_bytes()).into_string())
        .collect();
    say(
        terminal,
        &format!(
            "\n{}  {risk}  {left} left  {}  needs {}\n  {}\n",
            ticket.id.code(),
            Escaped::name(who.as_bytes()),
            needs(ticket),
            argv.join(" ")
        ),
    )?;
    loop {
        let line = terminal
            .prompt_line("Enter: read the card   r: reject   s: skip   q: quit  > ")
            .map_err(|error| signer::reading(&error))?;
        match line.trim() {
            "" => return Ok(Wish::Read),
            "r" => return Ok(Wish::Reject),
            "s" => return Ok(Wish::Skip),
            "q" => return Ok(Wish::Quit),
            _ => {}
        }
    }
}

/// A refusal of one ticket is told, and the sitting goes on.
fn decide(
    desk: &mut Desk,
    terminal: &mut Terminal<'_>,
    id: &TicketId,
    me: &Principal,
    wish: &Wish,
) -> Result<(), CliError> {
    let decided = match wish {
        Wish::Reject => reject(desk, terminal, id, me),
        _ => approve_at(desk, terminal, id, me, None),
    };
    match decided {
        Ok(decided) => report(desk, &decided),
        Err(error) if error.code >= 128 => return Err(error),
        Err(error) => desk.out().error(&error),
    }
    Ok(())
}

fn reject(
    desk: &mut Desk,
    terminal: &mut Terminal<'_>,
    id: &TicketId,
    me: &Principal,
) -> Result<crate::queue::decide::Decided, CliError> {
    let mut line = |prompt: &str| terminal.prompt_line(prompt).map_err(|error| signer::reading(&error));
    let (reason, suggest) = (line("Why: ")?, line("What to do instead (Enter: nothing): ")?);
    let given = |text: String| (!text.is_empty()).then(|| Text::from(text));
    let pins = pins(desk);
    let (queue, in_force) = desk.parts();
    let ballot = Ballot::open(queue, id, in_force, &pins)?;
    let words = Words { reason: given(reason), suggest: given(suggest) };
    let unsigned = ballot.reject(me, words).map_err(CliError::failed)?;
    let key = signer::open_on(&desk.setup.places.key(&desk.setup.settings), terminal)?;
    let signed = unsigned.sign(&key).map_err(CliError::failed)?;
    record(desk, id, &pins, &signed)
}

fn say(terminal: &mut Terminal<'_>, text: &str) -> Result<(), CliError> {
    terminal.say(text).map_err(|error| signer::reading(&error))
}
