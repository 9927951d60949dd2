//! What `doctor` says of the engine.
//! Reads the database; looks at the size of its log with lstat(2).

use rusqlite::Connection;

use super::SqliteStore;
use super::columns::{reading, words};
use super::schema;
use crate::store::StoreError;

/// Quick check reports at most so many problems.
const PROBLEMS: usize = 20;

/// The state of a queue's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Name and version of the engine in this program.
    pub engine: String,
    /// Schema of the file.
    pub schema: i64,
    /// The newest schema this handoff knows.
    pub known_schema: i64,
    /// Size of a page in bytes.
    pub page_size: u64,
    /// How many pages the database has.
    pub pages: u64,
    /// Bytes in the write-ahead log: much more than 4 MiB means a reader keeps it from being cut back.
    pub wal_bytes: u64,
    /// What SQLite's quick check found; empty when all is well.
    pub problems: Vec<String>,
}

impl SqliteStore {
    /// Examines the file; reads all of it.
    ///
    /// # Errors
    /// When SQLite cannot even begin.
    pub fn health(&mut self) -> Result<Health, StoreError> {
        let wal = std::fs::symlink_metadata(self.place.beside("-wal")).map_or(0, |there| there.len());
        let connection = self.connected()?;
        Ok(Health {
            engine: format!("SQLite {}", rusqlite::version()),
            schema: schema::version(connection)?,
            known_schema: schema::VERSION,
            page_size: count(connection, "PRAGMA page_size")?,
            pages: count(connection, "PRAGMA page_count")?,
            wal_bytes: wal,
            problems: problems(connection)?,
        })
    }
}

/// SQLite's quick check of a database: empty when all is well.
pub(super) fn problems(connection: &Connection) -> Result<Vec<String>, StoreError> {
    let query = format!("PRAGMA quick_check({PROBLEMS})");
    let mut statement = connection.prepare(&query).map_err(reading)?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0)).map_err(reading)?;
    let lines = rows.map(|row| row.unwrap_or_else(|error| words(&error)));
    Ok(lines.filter(|line| line != "ok").collect())
}

fn count(connection: &Connection, query: &str) -> Result<u64, StoreError> {
    Ok(u64::try_from(schema::number(connection, query)?).unwrap_or(0))
}
