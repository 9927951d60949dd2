//! After a failed COMMIT: makes sure that what is told stays true, whatever happens to the other processes.
//! Touches the database through a fresh connection.
//!
//! The frames of a failed commit may lie in the write-ahead log, unseen, and a later recovery would take them
//! for committed. So they are either found committed and moved into the database, or written over.

use std::time::Duration;

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior, ffi};

use super::columns::words;
use super::connection::connect;
use super::events::{Appended, leaf};
use super::place::Place;
use super::schema;
use crate::store::StoreError;

/// What became of the transaction, for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settled {
    Recorded,
    NotRecorded,
}

/// Finds out whether the transaction that appended `last` holds, and makes that final. The connection it
/// failed on must be closed already; the fresh one is given back when it is of use.
pub(super) fn settle(
    place: &Place,
    patience: Duration,
    last: &Appended,
    failure: &rusqlite::Error,
) -> Result<(Option<Connection>, Settled), StoreError> {
    let settled = connect(place, patience).and_then(|connection| {
        let settled = settle_on(&connection, last)?;
        Ok((Some(connection), settled))
    });
    match settled {
        Err(unknown @ StoreError::OutcomeUnknown(_)) => Err(unknown),
        // A disk so full that not even this works has not taken the transaction either.
        Err(_) if was_never_whole(failure) => Ok((None, Settled::NotRecorded)),
        Err(error) => {
            Err(StoreError::OutcomeUnknown(format!("{}, and then {}", words(failure), cause(error))))
        }
        settled => settled,
    }
}

fn settle_on(connection: &Connection, last: &Appended) -> Result<Settled, StoreError> {
    let moved = checkpoint(connection);
    match leaf(connection, last.seq)? {
        Some(found) if found == last.leaf => {
            let unmoved =
                |error| StoreError::OutcomeUnknown(format!("recorded, but not for good: {}", cause(error)));
            moved.map(|()| Settled::Recorded).map_err(unmoved)
        }
        _ => write_over(connection).map(|()| Settled::NotRecorded),
    }
}

// Within "outcome unknown" nothing may say that nothing was recorded.
fn cause(error: StoreError) -> String {
    match error {
        StoreError::CannotRecord(why) => why,
        other => other.to_string(),
    }
}

/// How to report a transaction whose second attempt failed as well.
pub(super) fn unsettled(failure: &rusqlite::Error) -> StoreError {
    if was_never_whole(failure) {
        StoreError::CannotRecord(words(failure))
    } else {
        StoreError::OutcomeUnknown(words(failure))
    }
}

// What is in the database itself, and synced there, does not depend on the log any more.
fn checkpoint(connection: &Connection) -> Result<(), StoreError> {
    let busy: i64 = connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        .map_err(|error| StoreError::CannotRecord(words(&error)))?;
    if busy == 0 { Ok(()) } else { Err(StoreError::Busy(None)) }
}

// A commit of one page takes the place of the failed one's first frame, and the checksums of the rest, which
// build on it, no longer hold.
fn write_over(connection: &Connection) -> Result<(), StoreError> {
    let failed = |error: rusqlite::Error| StoreError::CannotRecord(words(&error));
    let transaction =
        Transaction::new_unchecked(connection, TransactionBehavior::Immediate).map_err(failed)?;
    let version = schema::version(&transaction)?;
    transaction.pragma_update(None, "user_version", version).map_err(failed)?;
    transaction.commit().map_err(failed)
}

// The frame that commits is written last: when a write was refused, it is not there.
fn was_never_whole(failure: &rusqlite::Error) -> bool {
    let full = failure.sqlite_error_code() == Some(ErrorCode::DiskFull);
    let code = failure.sqlite_error().map(|error| error.extended_code);
    full || code == Some(ffi::SQLITE_IOERR_WRITE)
}
