//! One connection to SQLite, set so that a commit is on disk when it returns and the schema is not trusted.
//! Touches the database at the place it is given.

use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::columns::{reading, recording};
use super::place::Place;
use crate::store::StoreError;

/// 3.51.3: the first release in which resetting the WAL under load cannot lose commits.
const OLDEST_SQLITE: i32 = 3_051_003;

/// More than all statements of this engine, so that each is prepared once.
const STATEMENTS: usize = 64;

// FULL: in WAL mode a commit is synced before it returns. The WAL is cut back to 4 MiB at a checkpoint.
const SETTINGS: &str = "PRAGMA synchronous = FULL; PRAGMA recursive_triggers = ON;
    PRAGMA cell_size_check = ON; PRAGMA journal_size_limit = 4194304;";

// fsync(2) on macOS does not reach the disk; F_FULLFSYNC does.
#[cfg(target_os = "macos")]
const SYNCS: &str = "PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;";
#[cfg(not(target_os = "macos"))]
const SYNCS: &str = "";

/// Opens the database; waits up to `patience` for others' locks. Its schema is not looked at yet.
pub(super) fn connect(place: &Place, patience: Duration) -> Result<Connection, StoreError> {
    require_sqlite(rusqlite::version_number())?;
    // The path is absolute, so it is never read as a URI.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW
        | OpenFlags::SQLITE_OPEN_EXRESCODE;
    crate::files::keep_from_opening(place.path());
    let connection = Connection::open_with_flags(place.path(), flags).map_err(reading)?;
    place.check()?;
    connection.busy_timeout(patience).map_err(reading)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    for (setting, value) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, true),
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
        // Otherwise the planner looks at bound values, and prepares a statement anew for each other value.
        (DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true),
    ] {
        connection.set_db_config(setting, value).map_err(reading)?;
    }
    connection.execute_batch(SETTINGS).map_err(reading)?;
    if !SYNCS.is_empty() {
        connection.execute_batch(SYNCS).map_err(reading)?;
    }
    Ok(connection)
}

/// Keeps the write-ahead log on: it alone lost nothing in any power loss tried.
pub(super) fn use_wal(connection: &Connection) -> Result<(), StoreError> {
    let mode = switched(connection, "PRAGMA journal_mode = wal").map_err(recording)?;
    if mode == "wal" { Ok(()) } else { Err(not_wal(&mode)) }
}

/// Makes a database one file again.
pub(super) fn use_rollback_journal(connection: &Connection) -> Result<(), StoreError> {
    let mode = switched(connection, "PRAGMA journal_mode = delete").map_err(recording)?;
    if mode == "delete" { Ok(()) } else { Err(StoreError::CannotRecord(format!("journal mode is {mode}"))) }
}

// The row says what the mode is to be; the commit that makes it so, and may fail, comes with the step after it.
fn switched(connection: &Connection, pragma: &str) -> rusqlite::Result<String> {
    let mut statement = connection.prepare(pragma)?;
    let mut rows = statement.query([])?;
    let mode = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?.get(0)?;
    while rows.next()?.is_some() {}
    Ok(mode)
}

/// Refuses a queue somebody has switched to another journal.
pub(super) fn require_wal(connection: &Connection) -> Result<(), StoreError> {
    let mode: String =
        connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).map_err(reading)?;
    if mode == "wal" { Ok(()) } else { Err(not_wal(&mode)) }
}

fn not_wal(mode: &str) -> StoreError {
    StoreError::Unsafe(format!("the queue's journal mode is {mode}, not wal: commits would not be safe"))
}

fn require_sqlite(found: i32) -> Result<(), StoreError> {
    if found >= OLDEST_SQLITE {
        return Ok(());
    }
    let what = format!("SQLite {found} can lose commits, {OLDEST_SQLITE} or newer is needed");
    Err(StoreError::Unsafe(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_sqlite_is_new_enough_and_an_older_one_is_refused() {
        assert!(require_sqlite(rusqlite::version_number()).is_ok());
        assert!(matches!(require_sqlite(3_051_002), Err(StoreError::Unsafe(_))));
    }
}
