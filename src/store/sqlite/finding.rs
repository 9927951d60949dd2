//! What tickets are found by beside their state: who asks, where, with which program, and what people approved
//! that begins alike. Touches the table `clues`. It only finds: what it names is read, and asked again, by itself.

use rusqlite::{Connection, OptionalExtension as _, Params};

use super::columns::{bound, reading, recording, stored};
use super::tickets::{PHASES, by_seq};
use super::{listing, walking};
use crate::ids::Digest;
use crate::request::Request;
use crate::store::{Clue, Filter, Looked, StoreError, Way, folded};
use crate::ticket::{ApprovedBy, Execution, State, Ticket};

const WHO: i64 = 1;
const ENVIRONMENT: i64 = 2;
const PROGRAM: i64 = 3;
const BEGINNING: i64 = 4;

/// The longest value that is kept, in bytes.
const LONGEST: usize = 200;
/// Stands for a longer one, and fits whatever is looked for; no text holds this byte.
const TOO_LONG: &[u8] = &[0xff];
/// With more different values than this a kind is not looked through, and tickets are read one by one.
const VALUES: usize = 4096;
/// With more that fit, reading one by one finds enough.
const FITTING: usize = 256;
/// How many tickets one look asks about.
const SPAN: usize = 2000;
/// How many beginnings of a command are kept, beside the whole of it.
const BEGINNINGS: usize = 8;
/// How many with the same beginning are looked at for one that is approved still.
const ALIKE: u64 = 16;

const KEEP: &str = "INSERT OR IGNORE INTO clues (kind, value, seq) VALUES (?1, ?2, ?3)";
const FIRST_VALUE: &str = "SELECT value FROM clues WHERE kind = ?1 ORDER BY value LIMIT 1";
const NEXT_VALUE: &str = "SELECT value FROM clues WHERE kind = ?1 AND value > ?2 ORDER BY value LIMIT 1";
const OLDER: &str = "SELECT seq FROM clues WHERE kind = ?1 AND value = ?2 AND seq < ?3
    ORDER BY seq DESC LIMIT ?4";
const NEWER: &str = "SELECT seq FROM clues WHERE kind = ?1 AND value = ?2 AND seq > ?3 ORDER BY seq LIMIT ?4";
const HAS: &str = "SELECT EXISTS (SELECT 1 FROM clues WHERE kind = ?1 AND value = ?2 AND seq = ?3)";
const PHASE: &str = "SELECT phase FROM tickets WHERE seq = ?1";
const EVERY: &str = "SELECT seq FROM tickets ORDER BY seq";

/// Takes down what a new ticket is found by.
pub(super) fn keep(connection: &Connection, ticket: &Ticket) -> Result<(), StoreError> {
    let seq = stored(ticket.filed.seq)?;
    for (kind, value) in values(&ticket.filed.request) {
        insert(connection, kind, &value, seq)?;
    }
    let by_people = matches!(&ticket.state, State::Approved { by: ApprovedBy::Reviewers(_), .. });
    if by_people { keep_beginnings(connection, ticket) } else { Ok(()) }
}

/// Takes down how a command begins that people have just approved.
pub(super) fn keep_approved(connection: &Connection, ticket: &Ticket) -> Result<(), StoreError> {
    match &ticket.state {
        State::Approved { by: ApprovedBy::Reviewers(_), execution: Execution::Unclaimed {}, .. } => {
            keep_beginnings(connection, ticket)
        }
        _ => Ok(()),
    }
}

/// Of a queue from before: everything there is.
pub(super) fn keep_all(connection: &Connection) -> Result<(), StoreError> {
    for seq in numbers(connection, EVERY, [])? {
        match by_seq(connection, seq) {
            Ok(Some(ticket)) => keep(connection, &ticket)?,
            // What is damaged is for `doctor` to tell; it is found by reading one by one.
            Ok(None) | Err(StoreError::Corrupt(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn insert(connection: &Connection, kind: i64, value: &[u8], seq: i64) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(KEEP).map_err(recording)?;
    statement.execute((kind, value, seq)).map(drop).map_err(recording)
}

fn keep_beginnings(connection: &Connection, ticket: &Ticket) -> Result<(), StoreError> {
    let seq = stored(ticket.filed.seq)?;
    let all = beginnings(&ticket.filed.request);
    all.iter().try_for_each(|beginning| insert(connection, BEGINNING, beginning, seq))
}

fn values(request: &Request) -> Vec<(i64, Vec<u8>)> {
    let (exec, declared) = (request.exec(), &request.context.declared.0);
    let mut all = vec![(WHO, request.requester.account.name.as_bytes())];
    all.extend(declared.get("label").map(|label| (WHO, label.as_bytes())));
    all.extend(declared.get("environment").map(|name| (ENVIRONMENT, name.as_bytes())));
    all.push((PROGRAM, exec.program.path.as_bytes()));
    all.extend(exec.argv.first().map(|name| (PROGRAM, name.as_bytes())));
    let kept = |bytes: &[u8]| {
        let value = folded(bytes).into_bytes();
        if value.len() > LONGEST { TOO_LONG.to_vec() } else { value }
    };
    let mut all: Vec<_> = all.into_iter().map(|(kind, bytes)| (kind, kept(bytes))).collect();
    // A name that its own path holds is found by the path.
    let held = match all.as_slice() {
        [.., (PROGRAM, path), (PROGRAM, name)] => {
            path.windows(name.len().max(1)).any(|part| part == name.as_slice())
        }
        _ => false,
    };
    if held {
        all.pop();
    }
    all
}

/// How a command begins, as digests: the program, then with one more argument each, at last all of it.
fn beginnings(request: &Request) -> Vec<Vec<u8>> {
    let exec = request.exec();
    let short = |digest: &Digest| digest.as_bytes().iter().take(16).copied().collect();
    let mut so_far = Digest::of(exec.program.path.as_bytes());
    let mut all = vec![short(&so_far)];
    for (index, argument) in exec.argv.iter().enumerate() {
        so_far = Digest::of(&[so_far.as_bytes().as_slice(), argument.as_bytes()].concat());
        if index < BEGINNINGS || index + 1 == exec.argv.len() {
            all.push(short(&so_far));
        }
    }
    all
}

/// The newest other ticket that people approved and that begins the same for the longest.
pub(super) fn approved_like(connection: &Connection, ticket: &Ticket) -> Result<Option<Ticket>, StoreError> {
    for beginning in beginnings(&ticket.filed.request).into_iter().rev() {
        let alike = numbers(connection, OLDER, (BEGINNING, beginning, i64::MAX, bound(ALIKE)))?;
        for seq in alike {
            let other = by_seq(connection, seq)?.filter(|other| other.id != ticket.id);
            let stands =
                |other: &Ticket| matches!(&other.state, State::Approved { by: ApprovedBy::Reviewers(_), .. });
            if let Some(other) = other.filter(stands) {
                return Ok(Some(other));
            }
        }
    }
    Ok(None)
}

/// Tickets next to `from` that may fit, newest first or the other way.
pub(super) fn search(
    connection: &Connection,
    filter: &Filter,
    from: Option<u64>,
    way: Way,
    limit: u64,
) -> Result<Looked, StoreError> {
    let mut trails = Vec::new();
    for clue in &filter.clues {
        trails.extend(Trail::of(connection, clue)?);
    }
    let mut found = Vec::new();
    for trail in &trails {
        found.push(trail.nearest(connection, from, way)?);
    }
    // The sparsest of them leads: the shortest that is all there is, else the one that reaches furthest.
    let sparse = |(_, seqs): &(usize, &Vec<i64>)| match (seqs.last(), way) {
        (Some(last), Way::Onward) if seqs.len() >= SPAN => (1, *last),
        (Some(last), Way::Back) if seqs.len() >= SPAN => (1, -*last),
        _ => (0, i64::try_from(seqs.len()).unwrap_or(i64::MAX)),
    };
    let Some((lead, seqs)) = found.iter().enumerate().min_by_key(sparse) else {
        let tickets = walking::newest(connection, filter, from, way, limit)?;
        let looked = u64::try_from(tickets.len()).unwrap_or(u64::MAX);
        let reached = tickets.last().map(|ticket| ticket.filed.seq);
        return Ok(Looked { tickets, reached, looked, end: looked < limit });
    };
    let phases = listing::phases(filter);
    let others: Vec<&Trail> =
        trails.iter().enumerate().filter(|(index, _)| *index != lead).map(|(_, trail)| trail).collect();
    follow(connection, seqs, &others, &phases, limit)
}

fn follow(
    connection: &Connection,
    seqs: &[i64],
    others: &[&Trail],
    phases: &[&str],
    limit: u64,
) -> Result<Looked, StoreError> {
    let mut looked = Looked { end: seqs.len() < SPAN, ..Looked::default() };
    for (index, &seq) in seqs.iter().enumerate() {
        looked.looked += 1;
        looked.reached = u64::try_from(seq).ok();
        if !is_in(connection, seq, phases)? || !on_all(connection, seq, others)? {
            continue;
        }
        looked.tickets.extend(by_seq(connection, seq)?);
        if u64::try_from(looked.tickets.len()).unwrap_or(u64::MAX) >= limit {
            looked.end &= index + 1 == seqs.len();
            break;
        }
    }
    Ok(looked)
}

fn on_all(connection: &Connection, seq: i64, trails: &[&Trail]) -> Result<bool, StoreError> {
    for trail in trails {
        if !trail.has(connection, seq)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn is_in(connection: &Connection, seq: i64, phases: &[&str]) -> Result<bool, StoreError> {
    if phases.len() == PHASES.len() {
        return Ok(true);
    }
    let mut statement = connection.prepare_cached(PHASE).map_err(reading)?;
    let phase: Option<String> = statement.query_row([seq], |row| row.get(0)).optional().map_err(reading)?;
    Ok(phase.is_some_and(|phase| phases.contains(&phase.as_str())))
}

/// Where a clue leads: the kept values that hold its text.
struct Trail {
    kind: i64,
    values: Vec<Vec<u8>>,
}

impl Trail {
    /// None when there are too many to follow, or nothing is asked for.
    fn of(connection: &Connection, clue: &Clue) -> Result<Option<Self>, StoreError> {
        let (kind, text) = match clue {
            Clue::Who(text) => (WHO, text),
            Clue::Environment(text) => (ENVIRONMENT, text),
            Clue::Program(text) => (PROGRAM, text),
        };
        if text.is_empty() {
            return Ok(None);
        }
        let fits = |value: &Vec<u8>| {
            value == TOO_LONG || value.windows(text.len()).any(|part| part == text.as_bytes())
        };
        let (mut values, mut passed) = (Vec::new(), 0);
        let mut next = one(connection, FIRST_VALUE, [kind])?;
        while let Some(value) = next {
            next = one(connection, NEXT_VALUE, (kind, &value))?;
            values.extend(Some(value).filter(fits));
            passed += 1;
            if passed > VALUES || values.len() > FITTING {
                return Ok(None);
            }
        }
        Ok(Some(Self { kind, values }))
    }

    /// The nearest tickets on it, no more than [`SPAN`]; fewer are all there are.
    fn nearest(&self, connection: &Connection, from: Option<u64>, way: Way) -> Result<Vec<i64>, StoreError> {
        let (query, edge) = match way {
            Way::Onward => (OLDER, i64::MAX),
            Way::Back => (NEWER, i64::MIN),
        };
        let (from, most) = (from.map_or(edge, bound), i64::try_from(SPAN).unwrap_or(i64::MAX));
        let mut all = Vec::new();
        for value in &self.values {
            all.extend(numbers(connection, query, (self.kind, value, from, most))?);
        }
        all.sort_unstable();
        all.dedup();
        if way == Way::Onward {
            all.reverse();
        }
        all.truncate(SPAN);
        Ok(all)
    }

    fn has(&self, connection: &Connection, seq: i64) -> Result<bool, StoreError> {
        let mut statement = connection.prepare_cached(HAS).map_err(reading)?;
        for value in &self.values {
            if statement.query_row((self.kind, value, seq), |row| row.get(0)).map_err(reading)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn one(connection: &Connection, query: &str, with: impl Params) -> Result<Option<Vec<u8>>, StoreError> {
    let mut statement = connection.prepare_cached(query).map_err(reading)?;
    statement.query_row(with, |row| row.get(0)).optional().map_err(reading)
}

fn numbers(connection: &Connection, query: &str, with: impl Params) -> Result<Vec<i64>, StoreError> {
    let mut statement = connection.prepare_cached(query).map_err(reading)?;
    let rows = statement.query_map(with, |row| row.get(0)).map_err(reading)?;
    rows.collect::<Result<_, _>>().map_err(reading)
}

#[cfg(test)]
pub(super) const QUERIES: [&str; 6] = [FIRST_VALUE, NEXT_VALUE, OLDER, NEWER, HAS, PHASE];
