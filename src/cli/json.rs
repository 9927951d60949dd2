//! Data as JSON: one versioned shape per thing, documented in docs/json.md and held by tests.
//! Pure: from domain values to `serde_json` values.

use serde_json::{Value, json};

use super::answer;
use crate::request::Exec;
use crate::ticket::card::{Card, risk_word};
use crate::ticket::{End, Execution, RejectedBy, State, Ticket};

/// A ticket, as `list`, `show`, `propose` and `watch` print it: `handoff.ticket.v1`.
#[must_use]
pub fn ticket(ticket: &Ticket) -> Value {
    let request = &ticket.filed.request;
    let exec = request.exec();
    json!({
        "schema": "handoff.ticket.v1",
        "id": ticket.id.as_str(),
        "code": ticket.id.code(),
        "state": ticket.state.word(),
        "outcome": answer::word(ticket),
        "risk": risk_word(ticket.risk()).to_ascii_lowercase(),
        "verdict": ticket.filed.verdict,
        "requester": { "uid": request.requester.account.uid, "name": request.requester.account.name },
        "argv": exec.argv,
        "cwd": exec.cwd,
        "host": exec.host,
        "reason": request.context.reason,
        "environment": request.context.declared.0.get("environment"),
        "label": request.context.declared.0.get("label"),
        "filed": request.time,
        "deadline": ticket.filed.deadline.wall,
        "request_sha256": ticket.filed.request_sha256,
        "action_sha256": request.action_sha256,
        "policy_sha256": request.policy.sha256,
        "card_sha256": Card::new(request, &ticket.filed.verdict).digest(),
        "detail": detail(&ticket.state),
        "not_bound": not_bound(exec),
    })
}

fn not_bound(exec: &Exec) -> Value {
    json!(exec.not_bound)
}

/// What belongs to the state alone.
fn detail(state: &State) -> Value {
    match state {
        State::Pending {} => json!({}),
        State::Approved { at, by, until, execution } => {
            json!({ "at": at, "by": by, "until": until.wall, "execution": execution_word(execution),
                    "claim": claim(execution), "end": end(execution) })
        }
        State::Rejected { at, by, reason, suggest } => {
            json!({ "at": at, "by": by, "reason": reason, "suggest": suggest })
        }
        State::Expired { at, approved } => json!({ "at": at, "approved": approved }),
        State::Cancelled { at, why } => json!({ "at": at, "why": why }),
    }
}

const fn execution_word(execution: &Execution) -> &'static str {
    match execution {
        Execution::Unclaimed {} => "unclaimed",
        Execution::Claimed(_) => "claimed",
        Execution::Finished(..) => "finished",
        Execution::NotStarted(..) => "not_started",
        Execution::Unknown(_) => "unknown",
        Execution::Reconciled(..) => "reconciled",
    }
}

fn claim(execution: &Execution) -> Value {
    match execution {
        Execution::Unclaimed {} => Value::Null,
        Execution::Claimed(claim)
        | Execution::Finished(claim, _)
        | Execution::NotStarted(claim, _)
        | Execution::Unknown(claim)
        | Execution::Reconciled(claim, ..) => json!(claim),
    }
}

fn end(execution: &Execution) -> Value {
    match execution {
        Execution::Finished(_, outcome) => match outcome.end {
            End::Exit(status) => json!({ "exit": status, "millis": outcome.millis }),
            End::Signal(signal) => json!({ "signal": signal, "millis": outcome.millis }),
        },
        Execution::NotStarted(_, reason) => json!({ "not_started": reason }),
        Execution::Reconciled(_, finding, who) => json!({ "finding": finding, "by": who }),
        _ => Value::Null,
    }
}

/// How a `run` or `exec` ended: `handoff.outcome.v1`. `exit_code` is handoff's own; where it equals the
/// command's, `outcome` says `finished`.
#[must_use]
pub fn outcome(ticket: Option<&Ticket>, word: &str, exit_code: u8, message: Option<&str>) -> Value {
    let (reason, suggest, by) = match ticket.map(|ticket| &ticket.state) {
        Some(State::Rejected { reason, suggest, by, .. }) => (json!(reason), json!(suggest), rejected_by(by)),
        _ => (Value::Null, Value::Null, Value::Null),
    };
    json!({
        "schema": "handoff.outcome.v1",
        "outcome": word,
        "exit_code": exit_code,
        "ticket": ticket.map(|ticket| ticket.id.as_str()),
        "code": ticket.map(|ticket| ticket.id.code()),
        "state": ticket.map(|ticket| ticket.state.word()),
        "end": ticket.and_then(|ticket| ticket.state.execution()).map(end),
        "by": by,
        "reason": reason,
        "suggest": suggest,
        "message": message,
    })
}

fn rejected_by(by: &RejectedBy) -> Value {
    match by {
        RejectedBy::Policy(rules) => json!({ "policy": rules }),
        RejectedBy::Reviewer(reviewer) => json!({ "reviewer": reviewer }),
    }
}
