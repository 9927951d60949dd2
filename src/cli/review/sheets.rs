//! A ticket made into what its card's screen shows: the card itself, and what is known beside it.

use super::rows::{action, declared, is_own, is_unknown, waits};
use crate::cli::attachments::Payload;
use crate::cli::error::CliError;
use crate::cli::open::Desk;
use crate::cli::{answer, attachments, decide, show};
use crate::clock::Timestamp;
use crate::escaped::Escaped;
use crate::ids::{Principal, TicketId};
use crate::policy::{Terms, eligible};
use crate::queue::authority::Standing;
use crate::request::Attachment;
use crate::review::is_showable;
use crate::review::sign::Ballot;
use crate::ticket::{ApprovedBy, Execution, State, Ticket};
use crate::tui::card::{Attached, Sheet};
use crate::tui::compare::{Difference, Like, differences, short};
use crate::tui::view::ago;

/// Everything there is to show of a ticket.
///
/// # Errors
/// When it cannot be read, its log does not continue what this reviewer saw, or its card cannot be shown.
pub(super) fn sheet(desk: &mut Desk, me: &Principal, id: &TicketId) -> Result<Sheet, CliError> {
    desk.read_again(id)?;
    let pins = decide::pins(desk);
    let (queue, in_force) = desk.parts();
    let ballot = Ballot::open(queue, id, in_force, &pins)?;
    let Ballot { ticket, card, standing, .. } = &ballot;
    if !is_showable(card.text()) {
        return Err(CliError::no("the card holds characters that cannot be shown safely"));
    }
    let pending = matches!(ticket.state, State::Pending {});
    let exec = ticket.filed.request.exec();
    let runs = format!(
        "as {} on {}, in {}",
        Escaped::name(exec.account.name.as_bytes()),
        Escaped::name(exec.host.as_bytes()),
        Escaped::argument(exec.cwd.as_bytes())
    );
    let not_bound: Vec<String> =
        exec.not_bound.iter().map(|text| Escaped::prose(text.as_bytes()).into_string()).collect();
    Ok(Sheet {
        id: id.clone(),
        version: ticket.version,
        card: card.text().to_owned(),
        risk: ticket.risk(),
        action: action(ticket),
        account: Escaped::name(ticket.filed.request.requester.account.name.as_bytes()),
        runs: Escaped::composed(&runs),
        pending,
        revocable: matches!(ticket.state, State::Approved { execution: Execution::Unclaimed {}, .. }),
        unsettled: is_unknown(desk, ticket),
        state: Escaped::composed(&answer::sentence(ticket)),
        have: Escaped::composed(&standing.missing()),
        after: after(desk, ticket, standing, me),
        until: pending.then(|| ticket.filed.deadline.clone()),
        valid_until: minute(ballot.valid_until()),
        says_risk: declared(ticket, "risk"),
        bound: bound(ticket),
        not_bound: match not_bound.as_slice() {
            [] => Escaped::trusted("nothing that is known"),
            all => Escaped::composed(&all.join("; ")),
        },
        own: is_own(desk, me, ticket),
        barred: barred(desk, me, ticket, standing),
        attached: ticket
            .filed
            .request
            .context
            .attachments
            .iter()
            .map(|file| attached(desk, ticket, file))
            .collect(),
        events: show::event_lines(desk, ticket)?.iter().map(|line| Escaped::composed(line)).collect(),
        like: like(desk, ticket)?,
    })
}

/// A time without its fraction, rounded down: the approval holds at least so long.
fn minute(time: Timestamp) -> Escaped {
    let text = time.to_string();
    let whole = text.split('.').next().unwrap_or_default();
    Escaped::composed(&format!("{whole}Z"))
}

fn bound(ticket: &Ticket) -> Escaped {
    let exec = ticket.filed.request.exec();
    let files = exec.files.len() + exec.binds.len();
    let files = if files == 1 { "1 file".to_owned() } else { format!("{files} files") };
    Escaped::composed(&format!("the program, {files}, {} variables", exec.env.len()))
}

/// What one more approval brings about.
fn after(desk: &Desk, ticket: &Ticket, standing: &Standing, me: &Principal) -> Escaped {
    let waits = waits(desk, ticket);
    let quorum = &standing.quorum;
    let mine = u32::from(!standing.approvals.contains(me));
    let have = quorum.have.saturating_add(mine);
    let then = match (have >= quorum.need, waits) {
        (true, true) => "it runs at once: somebody waits",
        (true, false) => "nobody waits; handoff exec runs it",
        (false, true) => "others still needed; somebody waits",
        (false, false) => "others still needed; nobody waits",
    };
    Escaped::composed(&format!("{have}/{}, {then}", quorum.need))
}

/// Why this reviewer's approval would not count, as far as that is known before it is tried.
fn barred(desk: &Desk, me: &Principal, ticket: &Ticket, standing: &Standing) -> Option<Escaped> {
    if standing.approvals.contains(me) {
        return Some(Escaped::trusted("you have approved it already"));
    }
    if !desk.valid_reviewers().contains(me) {
        return Some(Escaped::trusted("no key of yours counts as a reviewer's here"));
    }
    let terms = ticket.terms().cloned().unwrap_or_else(Terms::mildest);
    let barred = eligible(&terms, desk.policy.groups(), me, is_own(desk, me, ticket)).err()?;
    Some(Escaped::composed(&barred.to_string()))
}

fn attached(desk: &mut Desk, ticket: &Ticket, file: &Attachment) -> Attached {
    let name = Escaped::argument(file.name.as_bytes());
    let title = Escaped::composed(&format!("ATTACHED {name}, {} bytes, not checked", file.size));
    let lines = match attachments::payload(desk, ticket, &file.sha256) {
        Ok(Payload::There(bytes)) if attachments::is_text(&bytes) => Escaped::lines(&bytes).collect(),
        Ok(Payload::Pruned(at)) => vec![Escaped::composed(&attachments::gone(at, &file.sha256))],
        Ok(Payload::There(_)) => {
            vec![Escaped::trusted("(not text; write it to a file with: handoff show ID --blob NAME)")]
        }
        Err(error) => vec![Escaped::composed(&error.message)],
    };
    Attached { title, lines }
}

/// The newest that people approved with the same program and, of those, the most arguments the same from the
/// first on.
fn like(desk: &mut Desk, ticket: &Ticket) -> Result<Option<Like>, CliError> {
    let other = desk.queue.read(&mut |read| Ok(read.approved_like(ticket)?))?;
    Ok(other.map(|other| {
        let lines = differences(&other.filed.request, &ticket.filed.request);
        told(desk, &other, lines)
    }))
}

fn told(desk: &Desk, other: &Ticket, lines: Vec<Difference>) -> Like {
    let (when, who) = match &other.state {
        State::Approved { at, by: ApprovedBy::Reviewers(people), .. } => {
            let people: Vec<&str> = people.iter().map(Principal::as_str).collect();
            (ago(*at, desk.queue.now().wall), people.join(", "))
        }
        _ => (Escaped::default(), String::new()),
    };
    let told = format!("like {}, {when} by {who}", other.id.code());
    Like { told: Escaped::composed(&told), short: short(&lines), lines }
}
