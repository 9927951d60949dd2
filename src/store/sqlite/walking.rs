//! Listings gone through a screenful at a time, from wherever the last one ended: no page costs more for
//! lying deep. Touches the table `tickets`.

use rusqlite::{Connection, Params};

use super::columns::{bound, reading};
use super::listing::phases;
use super::tickets::{PHASES, by_seq};
use crate::store::{Filter, Place, StoreError, Way};
use crate::ticket::Ticket;

const WAITING: &str = "SELECT seq FROM tickets INDEXED BY tickets_due
    WHERE phase = 'pending' AND due_ms IS NOT NULL AND (due_ms, seq) > (?2, ?3)
    ORDER BY due_ms, seq LIMIT ?1";
const WAITING_BACK: &str = "SELECT seq FROM tickets INDEXED BY tickets_due
    WHERE phase = 'pending' AND due_ms IS NOT NULL AND (due_ms, seq) < (?2, ?3)
    ORDER BY due_ms DESC, seq DESC LIMIT ?1";
const OLDER: &str = "SELECT seq FROM tickets WHERE seq < ?2 ORDER BY seq DESC LIMIT ?1";
const NEWER: &str = "SELECT seq FROM tickets WHERE seq > ?2 ORDER BY seq LIMIT ?1";
const OLDER_IN: &str = "SELECT seq FROM tickets INDEXED BY tickets_phase
    WHERE phase = ?3 AND seq < ?2 ORDER BY seq DESC LIMIT ?1";
const NEWER_IN: &str = "SELECT seq FROM tickets INDEXED BY tickets_phase
    WHERE phase = ?3 AND seq > ?2 ORDER BY seq LIMIT ?1";

pub(super) fn waiting(
    connection: &Connection,
    from: Option<Place>,
    way: Way,
    limit: u64,
) -> Result<Vec<Ticket>, StoreError> {
    let (query, edge) = match way {
        Way::Onward => (WAITING, i64::MIN),
        Way::Back => (WAITING_BACK, i64::MAX),
    };
    let (due, seq) = from.map_or((edge, edge), |place| (place.due.millis(), bound(place.seq)));
    found(connection, numbers(connection, query, (bound(limit), due, seq))?)
}

pub(super) fn newest(
    connection: &Connection,
    filter: &Filter,
    from: Option<u64>,
    way: Way,
    limit: u64,
) -> Result<Vec<Ticket>, StoreError> {
    let wanted = phases(filter);
    let (all, within, edge) = match way {
        Way::Onward => (OLDER, OLDER_IN, i64::MAX),
        Way::Back => (NEWER, NEWER_IN, i64::MIN),
    };
    let (from, most) = (from.map_or(edge, bound), bound(limit));
    if wanted.len() == PHASES.len() {
        return found(connection, numbers(connection, all, (most, from))?);
    }
    // Each phase's nearest, as many as the page could need, then the nearest of those.
    let mut nearest = Vec::new();
    for phase in wanted {
        nearest.extend(numbers(connection, within, (most, from, phase))?);
    }
    nearest.sort_unstable();
    if way == Way::Onward {
        nearest.reverse();
    }
    nearest.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    found(connection, nearest)
}

fn found(connection: &Connection, numbers: Vec<i64>) -> Result<Vec<Ticket>, StoreError> {
    numbers.into_iter().filter_map(|seq| by_seq(connection, seq).transpose()).collect()
}

fn numbers(connection: &Connection, query: &str, with: impl Params) -> Result<Vec<i64>, StoreError> {
    let mut statement = connection.prepare_cached(query).map_err(reading)?;
    let rows = statement.query_map(with, |row| row.get(0)).map_err(reading)?;
    rows.collect::<Result<_, _>>().map_err(reading)
}

#[cfg(test)]
pub(super) const QUERIES: [&str; 6] = [WAITING, WAITING_BACK, OLDER, NEWER, OLDER_IN, NEWER_IN];
