//! Tickets made into the rows of a list: everything of a request escaped on the way.

use crate::cli::error::CliError;
use crate::cli::events::ended;
use crate::cli::open::Desk;
use crate::cli::progress::needs;
use crate::cli::reader::{Weighed, as_of};
use crate::escaped::Escaped;
use crate::gate::liveness::{Alive, Liveness};
use crate::ids::Principal;
use crate::policy::Verdict;
use crate::store::Place;
use crate::ticket::card::risk_word;
use crate::ticket::{ApprovedBy, CancelledBy, Execution, RejectedBy, State, Ticket};
use crate::tui::list::{Row, Stands};

/// The rows of tickets, as they stand now; the log is looked at once for all of them.
///
/// # Errors
/// When the queue cannot be read.
pub(super) fn rows(desk: &mut Desk, me: &Principal, tickets: Vec<Ticket>) -> Result<Vec<Row>, CliError> {
    let now = desk.queue.now();
    let tickets: Vec<Ticket> = tickets.into_iter().map(|ticket| as_of(ticket, &now)).collect();
    let (queue, in_force) = desk.parts();
    let pending = tickets.iter().filter(|ticket| is_pending(ticket)).collect::<Vec<_>>();
    let mut weighed = queue.standings(&pending, in_force)?.into_iter();
    let row = |ticket| {
        let standing = if is_pending(&ticket) { weighed.next() } else { None };
        row(desk, me, ticket, standing)
    };
    Ok(tickets.into_iter().map(row).collect())
}

const fn is_pending(ticket: &Ticket) -> bool {
    matches!(ticket.state, State::Pending {})
}

fn row(desk: &Desk, me: &Principal, ticket: Ticket, standing: Option<Weighed>) -> Row {
    let account = &ticket.filed.request.requester.account;
    let unknown = is_unknown(desk, &ticket);
    let (have, missing) = have(&ticket, standing);
    let waits = matches!(ticket.state, State::Pending {}) && waits(desk, &ticket);
    Row {
        place: Place::of(&ticket),
        version: ticket.version,
        risk: risk(&ticket),
        until: until(&ticket),
        stands: if unknown { Stands::Unknown } else { stands(&ticket.state) },
        have,
        missing,
        waits,
        who: who(&ticket),
        account: Escaped::name(account.name.as_bytes()),
        uid: account.uid,
        own: is_own(desk, me, &ticket),
        environment: declared(&ticket, "environment").unwrap_or_else(|| Escaped::trusted("-")),
        action: action(&ticket),
        rule: rule(&ticket),
        filed: ticket.filed.request.time,
        outcome: if unknown { Escaped::trusted("UNKNOWN") } else { outcome(&ticket) },
        by: by(&ticket),
        id: ticket.id,
    }
}

/// Whether this reviewer is the one who asks.
pub(super) fn is_own(desk: &Desk, me: &Principal, ticket: &Ticket) -> bool {
    desk.policy.accounts().get(me) == Some(&ticket.filed.request.requester.account.uid)
}

/// What would run, word by word; a command that was not understood says so first.
pub(super) fn action(ticket: &Ticket) -> Vec<Escaped> {
    let argv = ticket.filed.request.exec().argv.iter();
    let mut words: Vec<Escaped> = argv.map(|word| Escaped::argument(word.as_bytes())).collect();
    if not_understood(ticket) {
        words.insert(0, Escaped::trusted("not understood:"));
    }
    words
}

/// A fact the requester declared.
pub(super) fn declared(ticket: &Ticket, name: &str) -> Option<Escaped> {
    let facts = &ticket.filed.request.context.declared.0;
    facts.get(name).map(|text| Escaped::name(text.as_bytes()))
}

fn not_understood(ticket: &Ticket) -> bool {
    match &ticket.filed.verdict {
        Verdict::Review { why, .. } => why.iter().any(|why| why.starts_with("not understood")),
        _ => false,
    }
}

/// A risk nobody could judge is no risk level.
fn risk(ticket: &Ticket) -> &'static str {
    if not_understood(ticket) && ticket.filed.verdict.rules().is_empty() {
        return "?";
    }
    risk_word(ticket.risk())
}

fn until(ticket: &Ticket) -> Option<crate::ticket::Deadline> {
    match &ticket.state {
        State::Pending {} => Some(ticket.filed.deadline.clone()),
        State::Approved { until, execution: Execution::Unclaimed {}, .. } => Some(until.clone()),
        _ => None,
    }
}

const fn stands(state: &State) -> Stands {
    match state {
        State::Pending {} => Stands::Pending,
        State::Approved { execution: Execution::Unclaimed {}, .. } => Stands::Unclaimed,
        State::Approved { execution: Execution::Unknown(_), .. } => Stands::Unknown,
        State::Approved { execution: Execution::Claimed(_), .. } => Stands::Claimed,
        State::Approved { .. } => Stands::Done,
        other => Stands::Over(other.word()),
    }
}

/// Whether somebody waits for the answer to it.
pub(super) fn waits(desk: &Desk, ticket: &Ticket) -> bool {
    Liveness::of(&desk.setup.places.live(), &ticket.id).anyone_waits().unwrap_or(false)
}

/// Whether nobody knows how it ended: its executor is gone without a word, whether or not that was recorded.
pub(super) fn is_unknown(desk: &Desk, ticket: &Ticket) -> bool {
    let alive = || Liveness::of(&desk.setup.places.live(), &ticket.id).alive();
    match ticket.state.execution() {
        Some(Execution::Unknown(_)) => true,
        Some(Execution::Claimed(_)) => matches!(alive(), Ok(Alive::CommandOnly | Alive::Nobody)),
        _ => false,
    }
}

/// How many have approved of how many, and who is missing.
fn have(ticket: &Ticket, standing: Option<Weighed>) -> (Escaped, Escaped) {
    let mut missing = Escaped::default();
    let text = match &ticket.state {
        State::Pending {} => match standing {
            Some(Ok(standing)) => {
                missing = Escaped::composed(&standing.missing());
                format!("{}/{}", standing.quorum.have, standing.quorum.need)
            }
            // A ticket whose log contradicts it is still listed, and not as if nothing were wrong.
            Some(Err(_)) | None => "DAMAGED".to_owned(),
        },
        State::Approved { by: ApprovedBy::Reviewers(people), .. } => format!("{0}/{0}", people.len()),
        State::Approved { by: ApprovedBy::Policy(_), .. } => "policy".to_owned(),
        _ => "-".to_owned(),
    };
    (Escaped::name(text.as_bytes()), missing)
}

fn who(ticket: &Ticket) -> Escaped {
    let name = Escaped::name(ticket.filed.request.requester.account.name.as_bytes());
    match declared(ticket, "label") {
        Some(label) => name.and(&Escaped::trusted("/")).and(&label),
        None => name,
    }
}

fn rule(ticket: &Ticket) -> Escaped {
    let rules: Vec<&str> = ticket.filed.verdict.rules().iter().map(crate::ids::RuleId::as_str).collect();
    let rules = if rules.is_empty() { "none: no rule knows it".to_owned() } else { rules.join(", ") };
    let needs = match &ticket.filed.verdict {
        Verdict::Review { .. } => format!("; needs {}", needs(ticket)),
        _ => String::new(),
    };
    Escaped::composed(&format!("rule {rules}{needs}"))
}

fn outcome(ticket: &Ticket) -> Escaped {
    match ticket.state.execution() {
        Some(Execution::Finished(_, outcome)) => Escaped::composed(&ended(outcome.end, outcome.millis)),
        Some(Execution::Unknown(_)) => Escaped::trusted("UNKNOWN"),
        Some(Execution::Claimed(_)) => Escaped::trusted("runs"),
        Some(Execution::NotStarted(..)) => Escaped::trusted("not started"),
        Some(Execution::Reconciled(..)) => Escaped::trusted("found out"),
        Some(Execution::Unclaimed {}) => Escaped::trusted("not run yet"),
        None => Escaped::trusted("-"),
    }
}

fn by(ticket: &Ticket) -> Escaped {
    let people = |people: &[Principal]| {
        let names: Vec<&str> =
            people.iter().map(|name| name.as_str().split('@').next().unwrap_or("")).collect();
        Escaped::composed(&names.join(", "))
    };
    match &ticket.state {
        State::Approved { by: ApprovedBy::Reviewers(names), .. } => people(names),
        State::Approved { by: ApprovedBy::Policy(_), .. }
        | State::Rejected { by: RejectedBy::Policy(_), .. } => Escaped::trusted("policy"),
        State::Rejected { by: RejectedBy::Reviewer(name), .. }
        | State::Cancelled { why: CancelledBy::Revoke(name), .. } => people(std::slice::from_ref(name)),
        _ => Escaped::trusted("-"),
    }
}
