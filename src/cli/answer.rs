//! What a ticket's end means to the script that waited: the words on standard error, and the code.
//! The one table from states to exit codes.

use super::error::{CliError, code};
use super::out::Out;
use crate::escaped::Escaped;
use crate::ids::TicketId;
use crate::queue::QueueError;
use crate::queue::trace::about;
use crate::record::Text;
use crate::store::StoreError;
use crate::ticket::{CancelledBy, Execution, RejectedBy, State, Ticket};

/// The exit code of a ticket that will not be executed (again) by this process.
#[must_use]
pub fn exit_code(ticket: &Ticket) -> u8 {
    match &ticket.state {
        State::Pending {} => code::PENDING,
        State::Rejected { by: RejectedBy::Policy(_), .. } => code::DENIED,
        State::Rejected { .. } => code::REJECTED,
        State::Expired { approved: true, .. } => code::STALE,
        State::Expired { .. } => code::EXPIRED,
        State::Cancelled { why: CancelledBy::Stale(_), .. } => code::STALE,
        State::Cancelled { .. } => code::CANCELLED,
        State::Approved { execution, .. } => executed(execution),
    }
}

/// A finished execution replays its status; anything else that used the right is 118.
fn executed(execution: &Execution) -> u8 {
    match execution {
        Execution::Unclaimed {} => 0,
        Execution::Finished(_, outcome) => outcome.end.shell_status(),
        Execution::NotStarted(..) => code::FAILED,
        Execution::Claimed(_) | Execution::Unknown(_) | Execution::Reconciled(..) => code::UNKNOWN,
    }
}

/// The word for it in JSON: never a state and an exit code alone.
#[must_use]
pub const fn word(ticket: &Ticket) -> &'static str {
    match &ticket.state {
        State::Pending {} => "pending",
        State::Rejected { by: RejectedBy::Policy(_), .. } => "denied",
        State::Rejected { .. } => "rejected",
        State::Expired { approved: true, .. } | State::Cancelled { why: CancelledBy::Stale(_), .. } => {
            "stale"
        }
        State::Expired { .. } => "expired",
        State::Cancelled { .. } => "cancelled",
        State::Approved { execution, .. } => match execution {
            Execution::Unclaimed {} => "approved",
            Execution::Finished(..) => "finished",
            Execution::NotStarted(..) => "not_started",
            Execution::Claimed(_) => "running",
            Execution::Unknown(_) => "unknown",
            Execution::Reconciled(..) => "reconciled",
        },
    }
}

/// Why a wait could not go on: the queue became a newer handoff's, or an older backup's.
#[must_use]
pub fn left_behind(id: &TicketId, error: QueueError) -> CliError {
    let code = id.code();
    match error {
        QueueError::Store(StoreError::NewerSchema { .. }) => {
            CliError::failed(format!("{error}, and go on with: handoff exec {code}"))
        }
        QueueError::NoSuchTicket(_) => CliError::failed(format!(
            "{code} is not in the queue any more: a backup was restored that does not have it; propose it again"
        )),
        other => other.into(),
    }
}

/// Tells a person how it ended; answers the exit code.
pub fn tell(out: Out, ticket: &Ticket) -> u8 {
    about(ticket).in_scope(|| out.note(&format!("{} {}", ticket.id.code(), sentence(ticket))));
    exit_code(ticket)
}

/// How it ended, in words, with the reviewer's reason and suggestion.
#[must_use]
pub fn sentence(ticket: &Ticket) -> String {
    match &ticket.state {
        State::Pending {} => "is still pending; nothing ran".to_owned(),
        State::Rejected { by, reason, suggest, .. } => {
            let who = match by {
                RejectedBy::Policy(rules) => {
                    let rules: Vec<&str> = rules.iter().map(crate::ids::RuleId::as_str).collect();
                    format!("denied by policy ({})", rules.join(", "))
                }
                RejectedBy::Reviewer(reviewer) => format!("rejected by {reviewer}"),
            };
            format!(
                "{who}{}{}; nothing ran",
                part(": ", reason.as_ref()),
                part(". Instead: ", suggest.as_ref())
            )
        }
        State::Expired { approved: true, .. } => {
            "lapsed: approved, but not used in time; nothing ran".to_owned()
        }
        State::Expired { .. } => "expired without an answer, which is a no; nothing ran".to_owned(),
        State::Cancelled { why, .. } => format!("cancelled {}; nothing ran", cancelled(why)),
        State::Approved { execution, .. } => execution_sentence(execution),
    }
}

fn part(before: &str, text: Option<&Text>) -> String {
    text.map_or_else(String::new, |text| format!("{before}{}", Escaped::prose(text.as_bytes())))
}

fn cancelled(why: &CancelledBy) -> String {
    match why {
        CancelledBy::Requester => "by its requester".to_owned(),
        CancelledBy::Interrupt(signal) => format!("by signal {signal} to its last waiter"),
        CancelledBy::Revoke(reviewer) => format!("by {reviewer}, who took the approval back"),
        CancelledBy::Stale(reasons) => {
            let reasons: Vec<String> =
                reasons.iter().map(|reason| Escaped::prose(reason.as_bytes()).into_string()).collect();
            format!("as stale ({}): a new request is needed", reasons.join("; "))
        }
        CancelledBy::Restore => "because the queue was restored from a backup".to_owned(),
    }
}

fn execution_sentence(execution: &Execution) -> String {
    match execution {
        Execution::Unclaimed {} => "is approved, and has not run".to_owned(),
        Execution::Claimed(claim) => format!("is running (handoff pid {})", claim.pid),
        Execution::Finished(_, outcome) => match outcome.end {
            crate::ticket::End::Exit(status) => format!("ran once and exited {status}"),
            crate::ticket::End::Signal(signal) => format!("ran once and died of signal {signal}"),
        },
        Execution::NotStarted(_, reason) => {
            format!(
                "was claimed and could not be started: {}; nothing ran",
                Escaped::prose(reason.as_bytes())
            )
        }
        Execution::Unknown(_) => {
            "ran or may have run, and its end is not known; find out, then: handoff reconcile".to_owned()
        }
        Execution::Reconciled(_, finding, who) => {
            format!("ended unknown; {who} found: {}", Escaped::prose(finding.as_bytes()))
        }
    }
}
