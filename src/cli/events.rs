//! Events of the log in words and as JSON: one telling for `show`, `watch` and `audit log`.
//! Pure; an event that is damaged is told as such, never left out.

use serde_json::{Value, json};

use crate::escaped::Escaped;
use crate::ids::{Digest, RuleId, TicketId};
use crate::log::tree::leaf_hash;
use crate::record::{Record, Text};
use crate::store::EventRow;
use crate::ticket::decision::{Decision, Reconcile, Subject};
use crate::ticket::event::{Delivery, Event, What};
use crate::ticket::{ApprovedBy, CancelledBy, End, RejectedBy};

/// An event's bytes and what they are found by, wherever they were read.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Its number.
    pub seq: u64,
    /// The ticket it is about.
    pub ticket: Option<&'a TicketId>,
    /// The bytes, as hashed.
    pub bytes: &'a str,
    /// Their leaf hash.
    pub leaf: Digest,
}

impl<'a> From<&'a EventRow> for Entry<'a> {
    fn from(row: &'a EventRow) -> Self {
        Self { seq: row.seq, ticket: row.ticket.as_ref(), bytes: &row.bytes, leaf: row.leaf }
    }
}

impl<'a> Entry<'a> {
    /// One that was read apart from a queue.
    #[must_use]
    pub fn of(event: &'a Event, bytes: &'a str) -> Self {
        Self { seq: event.seq, ticket: event.ticket.as_ref(), bytes, leaf: leaf_hash(bytes.as_bytes()) }
    }
}

/// An event as people read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// When, and the kind's word.
    pub time: String,
    /// What happened, in one word.
    pub what: String,
    /// Who did it, where that is known.
    pub by: Option<String>,
    /// The rest of the sentence.
    pub text: String,
}

/// The event in a row, or nothing when its bytes are none.
#[must_use]
pub fn read<'a>(row: impl Into<Entry<'a>>) -> Option<Event> {
    event(row.into().bytes)
}

/// The event in these bytes, or nothing when they are none.
#[must_use]
pub fn event(bytes: &str) -> Option<Event> {
    Record::parse::<Event>(bytes).ok().map(|(_, event)| event)
}

/// One row in words.
#[must_use]
pub fn told<'a>(row: impl Into<Entry<'a>>) -> Told {
    let Some(event) = read(row) else {
        let text = "the bytes are no event; see: handoff audit verify".to_owned();
        return Told { time: "-".to_owned(), what: "damaged".to_owned(), by: None, text };
    };
    let (by, text) = sentence(&event.what);
    let what = match &event.what {
        What::Decision { statement, .. } => {
            decision(statement).map_or("decision", |decision| decision.decision.word())
        }
        other => other.word(),
    };
    Told { time: event.time.to_string(), what: what.to_owned(), by, text }
}

/// One row on one line, after its number and time.
#[must_use]
pub fn line<'a>(row: impl Into<Entry<'a>>, with_ticket: bool) -> String {
    let row = row.into();
    let Told { time, what, by, text } = told(row);
    let ticket = row.ticket.map_or_else(|| "-".to_owned(), TicketId::code);
    let ticket = if with_ticket { format!("{ticket:<9}  ") } else { String::new() };
    let by = by.map(|by| format!("{by}  ")).unwrap_or_default();
    format!("{:>6}  {time:<24}  {ticket}{what:<11}  {by}{text}", row.seq).trim_end().to_owned()
}

/// One row as `handoff.event.v1`.
#[must_use]
pub fn json<'a>(row: impl Into<Entry<'a>>) -> Value {
    let row = row.into();
    let event = read(row);
    let Told { what, by, text, .. } = told(row);
    let kind = event.as_ref().map_or("damaged", |event| event.what.word());
    json!({
        "schema": "handoff.event.v1",
        "seq": row.seq,
        "time": event.as_ref().map(|event| event.time),
        "what": what,
        "kind": kind,
        "ticket": row.ticket.map(TicketId::as_str),
        "code": row.ticket.map(TicketId::code),
        "by": by,
        "text": text,
        "detail": event.as_ref().and_then(|event| detail(&event.what)),
        "leaf": row.leaf,
    })
}

// A kind is an object with one key, its word; what is under it are the event's own fields.
fn detail(what: &What) -> Option<Value> {
    match serde_json::to_value(what).ok()? {
        Value::Object(kinds) => kinds.into_iter().next().map(|(_, fields)| fields),
        _ => None,
    }
}

/// The decision in a statement.
#[must_use]
pub fn decision(statement: &str) -> Option<Decision> {
    Record::parse::<Decision>(statement).ok().map(|(_, decision)| decision)
}

fn sentence(what: &What) -> (Option<String>, String) {
    match what {
        What::Created { origin, .. } => (None, format!("queue {origin}")),
        What::Policy { policy, .. } => {
            (None, format!("version {}, {}", prose(&policy.version), policy.sha256))
        }
        What::Reviewers { sha256 } => (None, sha256.to_string()),
        What::Proposed { uid, verdict, .. } => {
            (Some(format!("uid {uid}")), format!("rule {}", names(verdict.rules())))
        }
        What::Decision { statement, own, .. } => voted(statement, *own),
        What::Refused { reviewer, reason, .. } => (reviewer.as_ref().map(ToString::to_string), prose(reason)),
        What::Approved { by, until } => (Some(approved(by)), format!("until {}", until.wall)),
        What::Rejected { by } => (Some(rejected(by)), String::new()),
        What::Expired { approved: true } => (None, "approved, and not used in time".to_owned()),
        What::Expired { .. } => (None, "no answer in time".to_owned()),
        What::Cancelled { why } => cancelled(why),
        What::Claimed { claim, checks } => {
            (Some(format!("pid {}", claim.pid)), format!("{checks} checks held"))
        }
        What::Finished { outcome } => (None, ended(outcome.end, outcome.millis)),
        What::NotStarted { reason } => (None, prose(reason)),
        What::Unknown { running: true } => (None, "the executor is gone, the command still runs".to_owned()),
        What::Unknown { .. } => (None, "the executor is gone".to_owned()),
        What::Reconciled { statement, .. } => found_out(statement),
        What::Notified { notifier, occasion, delivery, .. } => {
            (Some(notifier.to_string()), format!("of {occasion}: {}", delivered(delivery)))
        }
        What::Restored { from, size } => (None, format!("from life {from}, {size} events")),
        What::Pruned { before, blobs, uid } => {
            let ended = format!("payloads of what ended before {before}: {}", listed(blobs));
            (Some(format!("uid {uid}")), ended)
        }
    }
}

fn voted(statement: &str, own: bool) -> (Option<String>, String) {
    let Some(decision) = decision(statement) else {
        return (None, "the statement is damaged".to_owned());
    };
    let own = if own { "their own request  " } else { "" };
    let reason = decision.reason.as_ref().map(|reason| format!("\"{}\"", prose(reason))).unwrap_or_default();
    (Some(decision.reviewer.to_string()), format!("{own}{reason}").trim_end().to_owned())
}

fn found_out(statement: &str) -> (Option<String>, String) {
    let Ok((_, said)) = Record::parse::<Reconcile>(statement) else {
        return (None, "the statement is damaged".to_owned());
    };
    let about = match said.about {
        Subject::Clock(time) => format!("clock {time} accepted: "),
        Subject::Ticket(_) => String::new(),
    };
    (Some(said.reviewer.to_string()), format!("{about}{}", prose(&said.finding)))
}

fn prose(text: &Text) -> String {
    Escaped::prose(text.as_bytes()).into_string()
}

fn names(rules: &std::collections::BTreeSet<RuleId>) -> String {
    let names: Vec<&str> = rules.iter().map(RuleId::as_str).collect();
    if names.is_empty() { "none: the default".to_owned() } else { names.join(", ") }
}

fn listed(digests: &[Digest]) -> String {
    digests.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn approved(by: &ApprovedBy) -> String {
    match by {
        ApprovedBy::Policy(rules) => format!("policy {}", names(rules)),
        ApprovedBy::Reviewers(people) => {
            people.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        }
    }
}

fn rejected(by: &RejectedBy) -> String {
    match by {
        RejectedBy::Policy(rules) => format!("policy {}", names(rules)),
        RejectedBy::Reviewer(reviewer) => reviewer.to_string(),
    }
}

fn cancelled(why: &CancelledBy) -> (Option<String>, String) {
    match why {
        CancelledBy::Requester => (None, "by its requester".to_owned()),
        CancelledBy::Interrupt(signal) => (None, format!("signal {signal} to its last waiter")),
        CancelledBy::Revoke(reviewer) => (Some(reviewer.to_string()), "took the approval back".to_owned()),
        CancelledBy::Stale(reasons) => {
            let reasons: Vec<String> = reasons.iter().map(prose).collect();
            (None, format!("stale: {}", reasons.join("; ")))
        }
        CancelledBy::Restore => (None, "the queue was restored".to_owned()),
    }
}

/// How a notifier ended.
#[must_use]
pub fn delivered(delivery: &Delivery) -> String {
    match delivery {
        Delivery::Delivered => "delivered".to_owned(),
        Delivery::Failed(End::Exit(status)) => format!("failed with exit {status}"),
        Delivery::Failed(End::Signal(signal)) => format!("died of signal {signal}"),
        Delivery::CutOff => "cut off, it took too long".to_owned(),
        Delivery::NotStarted(why) => format!("not started: {}", prose(why)),
    }
}

/// How a command ended, as `exit 0, 41.2 s`.
#[must_use]
pub fn ended(end: End, millis: u64) -> String {
    let how = match end {
        End::Exit(status) => format!("exit {status}"),
        End::Signal(signal) => format!("signal {signal}"),
    };
    format!("{how}, {}.{} s", millis / 1000, millis % 1000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Digest;

    fn row(bytes: &str) -> EventRow {
        let digest = Digest::of(b"");
        EventRow { seq: 7, ticket: None, bytes: bytes.to_owned(), leaf: digest, root: digest }
    }

    #[test]
    fn a_damaged_event_is_told_and_not_left_out() {
        let line = line(&row("{}\u{1b}[2J"), true);
        assert!(line.contains("7  ") && line.contains("damaged"), "{line}");
        assert!(!line.contains('\u{1b}'));
        assert_eq!(json(&row("{}"))["kind"], "damaged");
    }

    #[test]
    fn ends_read_like_a_shells() {
        assert_eq!(ended(End::Exit(3), 41_250), "exit 3, 41.2 s");
        assert_eq!(ended(End::Signal(9), 5), "signal 9, 0.0 s");
    }
}
