//! The log's rows, its tree's nodes and its edge.
//! Touches the tables `events`, `nodes`, `newest` and `head`.

use rusqlite::{Connection, OptionalExtension as _, Params, Row};

use super::columns::{Columns, bound, corrupt, reading, recording, stored};
use crate::clock::Timestamp;
use crate::ids::{Digest, TicketId};
use crate::log::tree::{Frontier, Node, empty_root};
use crate::store::{EventRow, Head, StoreError};

/// The last event a transaction appended: by it, the transaction is found again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Appended {
    pub seq: u64,
    pub leaf: Digest,
}

/// The columns of a node.
const NODE: [&str; 3] = ["level", "idx", "hash"];
/// The columns of whole events.
pub(super) const EVENT: [&str; 5] = ["seq", "ticket", "bytes", "leaf", "root"];
const ONE: &str = "SELECT seq, ticket, bytes, leaf, root FROM events WHERE seq = ?1";
const OF_TICKET: &str = "SELECT seq, ticket, bytes, leaf, root FROM events WHERE ticket = ?1 ORDER BY seq";
const FROM: &str = "SELECT seq, ticket, bytes, leaf, root FROM events WHERE seq >= ?1 ORDER BY seq LIMIT ?2";
const NEWEST: &str = "SELECT seq, ticket, bytes, leaf, root FROM events
    WHERE seq = (SELECT seq FROM newest WHERE kind = ?1)";

pub(super) fn event(connection: &Connection, seq: u64) -> Result<Option<EventRow>, StoreError> {
    Ok(rows(connection, ONE, [bound(seq)])?.pop())
}

pub(super) fn of_ticket(connection: &Connection, ticket: &TicketId) -> Result<Vec<EventRow>, StoreError> {
    rows(connection, OF_TICKET, [ticket.as_str()])
}

pub(super) fn from(connection: &Connection, from: u64, limit: u64) -> Result<Vec<EventRow>, StoreError> {
    rows(connection, FROM, [bound(from), bound(limit)])
}

pub(super) fn newest(connection: &Connection, kind: &str) -> Result<Option<EventRow>, StoreError> {
    Ok(rows(connection, NEWEST, [kind])?.pop())
}

pub(super) fn append(
    connection: &Connection,
    event: &EventRow,
    kind: &str,
    nodes: &[Node],
) -> Result<Appended, StoreError> {
    let query = "INSERT INTO events (seq, ticket, kind, bytes, leaf, root) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let mut statement = connection.prepare_cached(query).map_err(recording)?;
    let ticket = event.ticket.as_ref().map(TicketId::as_str);
    let (leaf, root) = (event.leaf.as_bytes(), event.root.as_bytes());
    let row = (stored(event.seq)?, ticket, kind, &event.bytes, leaf, root);
    statement.execute(row).map_err(recording)?;
    nodes.iter().try_for_each(|node| put_node(connection, event, node))?;
    Ok(Appended { seq: event.seq, leaf: event.leaf })
}

fn put_node(connection: &Connection, event: &EventRow, node: &Node) -> Result<(), StoreError> {
    if node.level == 0 {
        let is_leaf = node.index == event.seq && node.hash == event.leaf;
        let other = || StoreError::CannotRecord("a node of level 0 is not its event's leaf".to_owned());
        return is_leaf.then_some(()).ok_or_else(other);
    }
    let query = "INSERT INTO nodes (level, idx, hash) VALUES (?1, ?2, ?3)";
    let mut statement = connection.prepare_cached(query).map_err(recording)?;
    let row = (node.level, stored(node.index)?, node.hash.as_bytes());
    statement.execute(row).map(drop).map_err(recording)
}

pub(super) fn node(connection: &Connection, level: u8, index: u64) -> Result<Option<Digest>, StoreError> {
    if level == 0 {
        return leaf(connection, index);
    }
    let query = "SELECT level, idx, hash FROM nodes WHERE level = ?1 AND idx = ?2";
    let mut statement = connection.prepare_cached(query).map_err(reading)?;
    let read = |row: &Row<'_>| Ok(Columns::of(row, "nodes", "idx").digest("hash"));
    statement.query_row((level, bound(index)), read).optional().map_err(reading)?.transpose()
}

pub(super) fn nodes(connection: &Connection, each: &mut dyn FnMut(Node)) -> Result<(), StoreError> {
    let query = "SELECT level, idx, hash FROM nodes ORDER BY level, idx";
    let mut statement = connection.prepare_cached(query).map_err(reading)?;
    let mut rows = statement.query([]).map_err(reading)?;
    while let Some(row) = rows.next().map_err(reading)? {
        let columns = Columns::of(row, "nodes", "idx").named(&NODE);
        let level = u8::try_from(columns.number("level")?);
        let level = level.map_err(|_| columns.broken("level", "is higher than any tree"))?;
        each(Node { level, index: columns.number("idx")?, hash: columns.digest("hash")? });
    }
    Ok(())
}

/// The leaf hash of one event.
pub(super) fn leaf(connection: &Connection, seq: u64) -> Result<Option<Digest>, StoreError> {
    let query = "SELECT seq, leaf FROM events WHERE seq = ?1";
    let mut statement = connection.prepare_cached(query).map_err(reading)?;
    let read = |row: &Row<'_>| Ok(Columns::of(row, "events", "seq").digest("leaf"));
    statement.query_row([bound(seq)], read).optional().map_err(reading)?.transpose()
}

pub(super) fn head(connection: &Connection) -> Result<Head, StoreError> {
    let query = "SELECT head.id, frontier, head.leaf, time_ms, seq, events.leaf AS event_leaf
        FROM head LEFT JOIN events ON seq = (SELECT max(seq) FROM events)";
    let mut statement = connection.prepare_cached(query).map_err(reading)?;
    let head = statement.query_row([], |row| Ok(read_head(row))).optional().map_err(reading)?;
    head.unwrap_or_else(|| empty_head(connection))
}

// The edge and the newest row were written in one transaction; apart, one of them was edited.
fn read_head(row: &Row<'_>) -> Result<Head, StoreError> {
    let columns = Columns::of(row, "head", "id");
    let frontier = Frontier::from_bytes(columns.bytes("frontier")?)
        .map_err(|error| columns.broken("frontier", error))?;
    let leaf = columns.digest("leaf")?;
    let newest = Columns::of(row, "events", "seq");
    let size = if newest.is_null("seq")? { 0 } else { newest.number("seq")?.saturating_add(1) };
    if frontier.size() != size || (size > 0 && newest.digest("event_leaf")? != leaf) {
        return Err(columns.broken("frontier", format!("is not that of the {size} events")));
    }
    let time = i64::try_from(columns.number("time_ms")?).unwrap_or(i64::MAX);
    Ok(Head { frontier, leaf, time: Timestamp::from_millis(time) })
}

fn empty_head(connection: &Connection) -> Result<Head, StoreError> {
    if leaf(connection, 0)?.is_some() {
        return Err(corrupt("there are events and no head"));
    }
    Ok(Head { frontier: Frontier::new(), leaf: empty_root(), time: Timestamp::from_millis(0) })
}

pub(super) fn set_head(connection: &Connection, head: &Head) -> Result<(), StoreError> {
    let query = "INSERT INTO head (id, frontier, leaf, time_ms) VALUES (1, ?1, ?2, ?3) ON CONFLICT (id)
        DO UPDATE SET frontier = excluded.frontier, leaf = excluded.leaf, time_ms = excluded.time_ms";
    let mut statement = connection.prepare_cached(query).map_err(recording)?;
    let row = (head.frontier.to_bytes(), head.leaf.as_bytes(), head.time.millis());
    statement.execute(row).map(drop).map_err(recording)
}

fn rows(connection: &Connection, query: &str, with: impl Params) -> Result<Vec<EventRow>, StoreError> {
    let mut statement = connection.prepare_cached(query).map_err(reading)?;
    let mut rows = statement.query(with).map_err(reading)?;
    let mut events = Vec::new();
    while let Some(row) = rows.next().map_err(reading)? {
        events.push(read_event(row)?);
    }
    Ok(events)
}

fn read_event(row: &Row<'_>) -> Result<EventRow, StoreError> {
    let columns = Columns::of(row, "events", "seq").named(&EVENT);
    Ok(EventRow {
        seq: columns.number("seq")?,
        ticket: if columns.is_null("ticket")? { None } else { Some(columns.parsed("ticket")?) },
        bytes: columns.text("bytes")?.to_owned(),
        leaf: columns.digest("leaf")?,
        root: columns.digest("root")?,
    })
}

#[cfg(test)]
pub(super) const QUERIES: [&str; 4] = [ONE, OF_TICKET, FROM, NEWEST];
