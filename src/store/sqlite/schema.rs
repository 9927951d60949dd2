//! The tables, and how an older database becomes a present one. Append-only: released steps never change.
//! Touches the database it is given.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::columns::{reading, recording};
use super::finding;
use crate::store::StoreError;

/// Each step leads from the schema of its index to the next.
const MIGRATIONS: [&str; 2] = [include_str!("schema-1.sql"), include_str!("schema-2.sql")];

/// The schema that first knew what tickets are found by.
const CLUES: i64 = 2;

/// The schema this handoff writes and reads.
pub(super) const VERSION: i64 = MIGRATIONS.len() as i64;

/// `hand`, in the database header: what file(1) and other programs know it by.
const APPLICATION_ID: i64 = 0x6861_6e64;

/// What a database file is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    /// Empty, or of an earlier schema: to be migrated.
    Older,
    /// Ours.
    Present,
}

/// Tells a queue from other databases, and refuses what a newer handoff made.
pub(super) fn age(connection: &Connection) -> Result<Age, StoreError> {
    let found = match look(connection)? {
        // Several reads: another process may have made the queue between them. Then they are made as one.
        None if connection.is_autocommit() => look_once(connection)?,
        found => found,
    };
    match found {
        Some(VERSION) => Ok(Age::Present),
        Some(0..VERSION) => Ok(Age::Older),
        Some(found) => Err(StoreError::NewerSchema { found, known: VERSION }),
        None => Err(StoreError::Corrupt("not a handoff queue".to_owned())),
    }
}

fn look_once(connection: &Connection) -> Result<Option<i64>, StoreError> {
    let read = Transaction::new_unchecked(connection, TransactionBehavior::Deferred).map_err(reading)?;
    look(&read)
}

/// The schema it says it has; `None` for what is neither ours nor empty.
fn look(connection: &Connection) -> Result<Option<i64>, StoreError> {
    let found = number(connection, "PRAGMA user_version")?;
    let application = number(connection, "PRAGMA application_id")?;
    let ours = application == APPLICATION_ID || found == 0 && application == 0 && is_empty(connection)?;
    Ok(ours.then_some(found))
}

/// Inside a transaction: the schema is still the one we know.
pub(super) fn require_present(connection: &Connection) -> Result<(), StoreError> {
    match age(connection)? {
        Age::Present => Ok(()),
        Age::Older => Err(StoreError::Corrupt("its schema went back while it was open".to_owned())),
    }
}

/// Brings the database to the present schema; of several processes one does it and the others find it done.
pub(super) fn migrate(connection: &Connection) -> Result<(), StoreError> {
    let transaction =
        Transaction::new_unchecked(connection, TransactionBehavior::Immediate).map_err(recording)?;
    if age(&transaction)? == Age::Present {
        return Ok(());
    }
    let found = number(&transaction, "PRAGMA user_version")?;
    for step in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(step).map_err(recording)?;
    }
    if found < CLUES {
        finding::keep_all(&transaction)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(recording)?;
    transaction.pragma_update(None, "user_version", VERSION).map_err(recording)?;
    transaction.commit().map_err(recording)
}

/// The schema a database says it has.
pub(super) fn version(connection: &Connection) -> Result<i64, StoreError> {
    number(connection, "PRAGMA user_version")
}

/// The answer of a query that has one number.
pub(super) fn number(connection: &Connection, query: &str) -> Result<i64, StoreError> {
    let mut statement = connection.prepare_cached(query).map_err(reading)?;
    statement.query_row([], |row| row.get(0)).map_err(reading)
}

fn is_empty(connection: &Connection) -> Result<bool, StoreError> {
    Ok(number(connection, "SELECT count(*) FROM sqlite_schema")? == 0)
}
