//! Tickets with their keys and decisions, from rows and to rows.
//! Touches the tables `tickets`, `decisions` and, through triggers, `counts`.

use rusqlite::{Connection, OptionalExtension as _, Params, Row};

use super::blobs;
use super::columns::{Columns, bound, reading, recording, stored, unfit};
use super::finding;
use crate::clock::Timestamp;
use crate::ids::{Digest, Nonce, TicketId, TicketPrefix};
use crate::record::{Record, encode};
use crate::request::Request;
use crate::store::{DecisionRow, Joins, StoreError, TicketRow};
use crate::ticket::{Deadline, Execution, Filed, State, Ticket};

pub(super) const COLUMNS: &str =
    "SELECT seq, id, version, uid, phase, request_sha256, verdict, deadline, state,
    bytes AS request FROM tickets LEFT JOIN blobs ON digest = request_sha256";

/// The columns of [`HAS_ROW`], and of a decision.
pub(super) const ROW: [&str; 12] = [
    "id",
    "version",
    "seq",
    "uid",
    "phase",
    "due_ms",
    "once",
    "same",
    "request_sha256",
    "verdict",
    "deadline",
    "state",
];
pub(super) const DECISION: [&str; 6] = ["ticket", "reviewer", "nonce", "seq", "statement", "signature"];
const HAS_ROW: &str =
    "SELECT id, version, seq, uid, phase, due_ms, once, same, request_sha256, verdict, deadline,
    state FROM tickets WHERE seq = ?1";
const FIND: &str = "SELECT id FROM tickets WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3";
const BY_ONCE: &str = "SELECT id FROM tickets WHERE uid = ?1 AND once = ?2";
const BY_SAME: &str = "SELECT id FROM tickets WHERE uid = ?1 AND same = ?2";
const OVERDUE: &str = "SELECT id FROM tickets INDEXED BY tickets_due
    WHERE phase IN ('pending', 'unclaimed') AND due_ms < ?1 LIMIT ?2";
const DECISIONS: &str = "SELECT ticket, reviewer, nonce, seq, statement, signature FROM decisions
    WHERE ticket = ?1 ORDER BY seq";
const HAS_NONCE: &str = "SELECT EXISTS (SELECT 1 FROM decisions WHERE ticket = ?1 AND nonce = ?2)";

/// Every phase, each with the state it is one of.
pub(super) const PHASES: [(&str, &str); 10] = [
    ("pending", "pending"),
    ("unclaimed", "approved"),
    ("claimed", "approved"),
    ("finished", "approved"),
    ("not_started", "approved"),
    ("unknown", "approved"),
    ("reconciled", "approved"),
    ("rejected", "rejected"),
    ("expired", "expired"),
    ("cancelled", "cancelled"),
];

// The word tickets are found by: a state, or of an approved ticket what became of its execution.
fn phase(state: &State) -> &'static str {
    match state.execution() {
        None => state.word(),
        Some(Execution::Unclaimed {}) => "unclaimed",
        Some(Execution::Claimed(_)) => "claimed",
        Some(Execution::Finished(..)) => "finished",
        Some(Execution::NotStarted(..)) => "not_started",
        Some(Execution::Unknown(_)) => "unknown",
        Some(Execution::Reconciled(..)) => "reconciled",
    }
}

fn due(state: &State, deadline: &Deadline) -> Option<i64> {
    match state {
        State::Pending {} => Some(deadline.wall.millis()),
        State::Approved { until, execution: Execution::Unclaimed {}, .. } => Some(until.wall.millis()),
        _ => None,
    }
}

pub(super) fn by_id(connection: &Connection, id: &TicketId) -> Result<Option<Ticket>, StoreError> {
    one(connection, &format!("{COLUMNS} WHERE id = ?1"), [id.as_str()])
}

pub(super) fn by_seq(connection: &Connection, seq: i64) -> Result<Option<Ticket>, StoreError> {
    one(connection, &format!("{COLUMNS} WHERE seq = ?1"), [seq])
}

fn one(connection: &Connection, query: &str, with: impl Params) -> Result<Option<Ticket>, StoreError> {
    let mut statement = connection.prepare_cached(query).map_err(reading)?;
    statement.query_row(with, |row| Ok(read_ticket(row))).optional().map_err(reading)?.transpose()
}

pub(super) fn has_row(connection: &Connection, ticket: &TicketRow<'_>) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(HAS_ROW).map_err(reading)?;
    let says = |row: &Row<'_>| Ok(says(row, ticket));
    statement.query_row([bound(ticket.seq)], says).optional().map_err(reading)?.unwrap_or(Ok(false))
}

// Each record has one spelling, so what is spelt alike is alike.
fn says(row: &Row<'_>, ticket: &TicketRow<'_>) -> Result<bool, StoreError> {
    let columns = Columns::of(row, "tickets", "id").named(&ROW);
    let same = columns.text("id")? == ticket.id.as_str()
        && columns.number("seq")? == ticket.seq
        && columns.number("uid")? == u64::from(ticket.uid)
        && columns.text("phase")? == phase(ticket.state)
        && is_due(&columns, due(ticket.state, ticket.deadline))?
        && columns.digest("request_sha256")? == *ticket.request_sha256
        && columns.text("verdict")? == encode(ticket.verdict).map_err(unfit)?
        && columns.text("deadline")? == encode(ticket.deadline).map_err(unfit)?
        && columns.text("state")? == encode(ticket.state).map_err(unfit)?;
    columns.number("version")?;
    Ok(same && is_found_as_it_should(&columns, ticket)?)
}

// What an open question without a key is found by is asked about elsewhere: it takes the whole request.
fn is_found_as_it_should(columns: &Columns<'_, '_>, ticket: &TicketRow<'_>) -> Result<bool, StoreError> {
    let may_have_lost_it = matches!(ticket.state, State::Expired { .. } | State::Cancelled { .. });
    let once = match ticket.once {
        _ if columns.is_null("once")? => ticket.once.is_none() || may_have_lost_it,
        once => once == Some(columns.bytes("once")?),
    };
    let is_open_question = ticket.once.is_none() && ticket.state.is_open();
    Ok(once && columns.is_null("same")? != is_open_question)
}

fn is_due(columns: &Columns<'_, '_>, due: Option<i64>) -> Result<bool, StoreError> {
    match due {
        None => Ok(columns.is_null("due_ms")?),
        Some(_) if columns.is_null("due_ms")? => Ok(false),
        Some(due) => Ok(u64::try_from(due) == Ok(columns.number("due_ms")?)),
    }
}

fn read_ticket(row: &Row<'_>) -> Result<Ticket, StoreError> {
    let columns = Columns::of(row, "tickets", "id");
    let id: TicketId = columns.parsed("id")?;
    let state: State = columns.record("state")?;
    if columns.text("phase")? != phase(&state) {
        return Err(columns.broken("phase", "is not that of the state"));
    }
    let request_sha256 = columns.digest("request_sha256")?;
    let filed = Filed {
        request: read_request(&columns, &id, &request_sha256)?,
        request_sha256,
        verdict: columns.record("verdict")?,
        deadline: columns.record("deadline")?,
        seq: columns.number("seq")?,
    };
    Ok(Ticket { id, version: columns.number("version")?, filed, state })
}

fn read_request(columns: &Columns<'_, '_>, id: &TicketId, sha256: &Digest) -> Result<Request, StoreError> {
    let text = std::str::from_utf8(columns.bytes("request")?);
    let text = text.map_err(|_| columns.broken("request", "is not text"))?;
    let (record, request) =
        Record::parse::<Request>(text).map_err(|error| columns.broken("request", error))?;
    if record.digest() != *sha256 {
        return Err(columns.broken("request", "does not have the digest in request_sha256"));
    }
    if request.ticket != *id || u64::from(request.requester.account.uid) != columns.number("uid")? {
        return Err(columns.broken("request", "is that of another ticket or requester"));
    }
    Ok(request)
}

pub(super) fn find(
    connection: &Connection,
    prefix: &TicketPrefix,
    limit: u64,
) -> Result<Vec<TicketId>, StoreError> {
    // All letters of ids sort before '~'.
    let end = format!("{}~", prefix.as_str());
    ids(connection, FIND, (prefix.as_str(), end, bound(limit)))
}

pub(super) fn by_once(connection: &Connection, uid: u32, key: &[u8]) -> Result<Option<TicketId>, StoreError> {
    Ok(ids(connection, BY_ONCE, (uid, key))?.pop())
}

pub(super) fn by_same(
    connection: &Connection,
    uid: u32,
    same: &Digest,
) -> Result<Option<TicketId>, StoreError> {
    Ok(ids(connection, BY_SAME, (uid, same.as_bytes()))?.pop())
}

pub(super) fn overdue(
    connection: &Connection,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<TicketId>, StoreError> {
    ids(connection, OVERDUE, (now.millis(), bound(limit)))
}

fn ids(connection: &Connection, query: &str, with: impl Params) -> Result<Vec<TicketId>, StoreError> {
    let mut statement = connection.prepare_cached(query).map_err(reading)?;
    let mut rows = statement.query(with).map_err(reading)?;
    let mut ids = Vec::new();
    while let Some(row) = rows.next().map_err(reading)? {
        ids.push(Columns::of(row, "tickets", "id").parsed("id")?);
    }
    Ok(ids)
}

pub(super) fn insert(connection: &Connection, ticket: &Ticket, joins: &Joins) -> Result<(), StoreError> {
    let request = ticket.filed.request.record().map_err(unfit)?;
    blobs::put(connection, &ticket.filed.request_sha256, request.as_str().as_bytes())?;
    let query = "INSERT INTO tickets (seq, id, version, uid, phase, due_ms, once, same, request_sha256,
        verdict, deadline, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    let mut statement = connection.prepare_cached(query).map_err(recording)?;
    let row = rusqlite::params![
        stored(ticket.filed.seq)?,
        ticket.id.as_str(),
        stored(ticket.version)?,
        joins.uid,
        phase(&ticket.state),
        due(&ticket.state, &ticket.filed.deadline),
        joins.once,
        // What is answered or claimed already is joined by nobody, and keeps nobody out.
        joins.same.as_ref().filter(|_| ticket.state.is_open()).map(Digest::as_bytes),
        ticket.filed.request_sha256.as_bytes(),
        encode(&ticket.filed.verdict).map_err(unfit)?,
        encode(&ticket.filed.deadline).map_err(unfit)?,
        encode(&ticket.state).map_err(unfit)?,
    ];
    statement.execute(row).map_err(recording)?;
    finding::keep(connection, ticket)
}

pub(super) fn update(connection: &Connection, ticket: &Ticket, from: u64) -> Result<bool, StoreError> {
    let query = "UPDATE tickets SET version = ?3, phase = ?4, due_ms = ?5, state = ?6,
        same = CASE WHEN ?7 THEN same END WHERE id = ?1 AND version = ?2";
    let mut statement = connection.prepare_cached(query).map_err(recording)?;
    let row = rusqlite::params![
        ticket.id.as_str(),
        stored(from)?,
        stored(ticket.version)?,
        phase(&ticket.state),
        due(&ticket.state, &ticket.filed.deadline),
        encode(&ticket.state).map_err(unfit)?,
        ticket.state.is_open(),
    ];
    let updated = statement.execute(row).map_err(recording)? == 1;
    if updated {
        finding::keep_approved(connection, ticket)?;
    }
    Ok(updated)
}

pub(super) fn release_once(connection: &Connection, ticket: &TicketId) -> Result<(), StoreError> {
    let query = "UPDATE tickets SET once = NULL WHERE id = ?1";
    let mut statement = connection.prepare_cached(query).map_err(recording)?;
    statement.execute([ticket.as_str()]).map(drop).map_err(recording)
}

pub(super) fn decisions(connection: &Connection, ticket: &TicketId) -> Result<Vec<DecisionRow>, StoreError> {
    let mut statement = connection.prepare_cached(DECISIONS).map_err(reading)?;
    let mut rows = statement.query([ticket.as_str()]).map_err(reading)?;
    let mut decisions = Vec::new();
    while let Some(row) = rows.next().map_err(reading)? {
        decisions.push(read_decision(row)?);
    }
    Ok(decisions)
}

fn read_decision(row: &Row<'_>) -> Result<DecisionRow, StoreError> {
    let columns = Columns::of(row, "decisions", "ticket").named(&DECISION);
    Ok(DecisionRow {
        ticket: columns.parsed("ticket")?,
        reviewer: columns.parsed("reviewer")?,
        nonce: columns.parsed("nonce")?,
        seq: columns.number("seq")?,
        statement: columns.text("statement")?.to_owned(),
        signature: columns.text("signature")?.to_owned(),
    })
}

pub(super) fn has_nonce(
    connection: &Connection,
    ticket: &TicketId,
    nonce: &Nonce,
) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(HAS_NONCE).map_err(reading)?;
    statement.query_row((ticket.as_str(), nonce.to_string()), |row| row.get(0)).map_err(reading)
}

pub(super) fn insert_decision(connection: &Connection, decision: &DecisionRow) -> Result<(), StoreError> {
    let query = "INSERT INTO decisions (ticket, seq, nonce, reviewer, statement, signature)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let mut statement = connection.prepare_cached(query).map_err(recording)?;
    let row = (
        decision.ticket.as_str(),
        stored(decision.seq)?,
        decision.nonce.to_string(),
        decision.reviewer.as_str(),
        &decision.statement,
        &decision.signature,
    );
    statement.execute(row).map(drop).map_err(recording)
}

#[cfg(test)]
pub(super) const QUERIES: [&str; 7] = [HAS_ROW, FIND, BY_ONCE, BY_SAME, OVERDUE, DECISIONS, HAS_NONCE];
