//! Pages of tickets and their numbers: every query walks an index and stops at the page's end.
//! Touches the tables `tickets` and `counts`.

use rusqlite::{Connection, OptionalExtension as _, Params};

use super::columns::{Columns, bound, corrupt, reading};
use super::tickets::{PHASES, by_seq};
use crate::store::{Filter, Page, StoreError};
use crate::ticket::Ticket;

const ALL: &str = "SELECT seq FROM tickets ORDER BY seq DESC LIMIT ?1 OFFSET ?2";
const PENDING: &str = "SELECT seq FROM tickets INDEXED BY tickets_due
    WHERE phase = 'pending' AND due_ms IS NOT NULL ORDER BY due_ms, seq LIMIT ?1 OFFSET ?2";
// Sorted after reading, which the policy's limit on pending tickets of one requester keeps short.
const PENDING_OF: &str = "SELECT seq FROM tickets INDEXED BY tickets_uid
    WHERE uid = ?3 AND phase = 'pending' ORDER BY due_ms, seq LIMIT ?1 OFFSET ?2";
const PHASE: &str = "SELECT seq FROM tickets INDEXED BY tickets_phase
    WHERE phase = ?2 ORDER BY seq DESC LIMIT ?1";
const PHASE_OF: &str = "SELECT seq FROM tickets INDEXED BY tickets_uid
    WHERE uid = ?3 AND phase = ?2 ORDER BY seq DESC LIMIT ?1";
const COUNTS: &str = "SELECT phase, sum(n) AS n FROM counts GROUP BY phase";
const PENDING_COUNT: &str = "SELECT uid, n FROM counts WHERE uid = ?1 AND phase = 'pending'";

pub(super) fn list(connection: &Connection, filter: &Filter, page: Page) -> Result<Vec<Ticket>, StoreError> {
    let page_of = sequence(connection, filter, page)?.into_iter();
    page_of.filter_map(|seq| by_seq(connection, seq).transpose()).collect()
}

fn sequence(connection: &Connection, filter: &Filter, page: Page) -> Result<Vec<i64>, StoreError> {
    let wanted = phases(filter);
    let (limit, skip) = (bound(page.limit), bound(page.skip));
    match (wanted.as_slice(), filter.uid) {
        (all, None) if all.len() == PHASES.len() => numbers(connection, ALL, (limit, skip)),
        (["pending"], None) => numbers(connection, PENDING, (limit, skip)),
        (["pending"], Some(uid)) => numbers(connection, PENDING_OF, (limit, skip, uid)),
        (some, uid) => merged(connection, some, uid, page),
    }
}

// Each phase's newest, as many as the page could need, then the newest of those.
fn merged(
    connection: &Connection,
    phases: &[&'static str],
    uid: Option<u32>,
    page: Page,
) -> Result<Vec<i64>, StoreError> {
    let most = bound(page.skip.saturating_add(page.limit));
    let mut all = Vec::new();
    for phase in phases {
        all.extend(match uid {
            Some(uid) => numbers(connection, PHASE_OF, (most, phase, uid))?,
            None => numbers(connection, PHASE, (most, phase))?,
        });
    }
    all.sort_unstable_by(|a, b| b.cmp(a));
    let skip = usize::try_from(page.skip).unwrap_or(usize::MAX);
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    Ok(all.into_iter().skip(skip).take(limit).collect())
}

pub(super) fn phases(filter: &Filter) -> Vec<&'static str> {
    let named = |state: &str| filter.states.is_empty() || filter.states.iter().any(|word| word == state);
    let fits = |&(phase, state): &(&'static str, &'static str)| {
        let asked = named(state)
            && (!filter.unclaimed || phase == "unclaimed")
            && (!filter.running || matches!(phase, "claimed" | "unknown"));
        asked.then_some(phase)
    };
    PHASES.iter().filter_map(fits).collect()
}

fn numbers(connection: &Connection, query: &str, with: impl Params) -> Result<Vec<i64>, StoreError> {
    let mut statement = connection.prepare_cached(query).map_err(reading)?;
    let rows = statement.query_map(with, |row| row.get(0)).map_err(reading)?;
    rows.collect::<Result<_, _>>().map_err(reading)
}

pub(super) fn counts(connection: &Connection) -> Result<Vec<(String, u64)>, StoreError> {
    let mut states: Vec<(String, u64)> = Vec::new();
    for (_, state) in PHASES {
        if states.last().is_none_or(|(word, _)| word != state) {
            states.push((state.to_owned(), 0));
        }
    }
    let mut statement = connection.prepare_cached(COUNTS).map_err(reading)?;
    let mut rows = statement.query([]).map_err(reading)?;
    while let Some(row) = rows.next().map_err(reading)? {
        let columns = Columns::of(row, "counts", "phase");
        let (phase, n) = (columns.text("phase")?, columns.number("n")?);
        let state = PHASES.iter().find(|(word, _)| *word == phase).map(|(_, state)| *state);
        let sum = states.iter_mut().find(|(word, _)| Some(word.as_str()) == state);
        let (_, sum) = sum.ok_or_else(|| corrupt(format!("counts has a phase {phase}")))?;
        *sum = sum.saturating_add(n);
    }
    Ok(states)
}

pub(super) fn pending_of(connection: &Connection, uid: u32) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached(PENDING_COUNT).map_err(reading)?;
    let read = |row: &rusqlite::Row<'_>| Ok(Columns::of(row, "counts", "uid").number("n"));
    statement.query_row([uid], read).optional().map_err(reading)?.unwrap_or(Ok(0))
}

#[cfg(test)]
pub(super) const QUERIES: [&str; 5] = [ALL, PENDING, PENDING_OF, PHASE, PHASE_OF];
