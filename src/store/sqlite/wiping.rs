//! Leaves nothing of removed blobs on the disk: they are overwritten where they lay, and the database is written
//! anew. Touches the database, what SQLite keeps beside it, and a mark beside it that this is still to be done.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::columns::{reading, recording};
use super::{SqliteStore, holder, place, turn};
use crate::files;
use crate::holding::SignalsHeld;
use crate::store::StoreError;

/// There from before the first blob is removed until nothing of any is left.
const MARK: &str = ".unwiped";

/// Whether something was removed from the queue at `path`, and may still be found in its files.
pub(super) fn is_due(path: &Path) -> bool {
    mark(path).symlink_metadata().is_ok()
}

fn mark(path: &Path) -> PathBuf {
    place::beside(path, MARK)
}

/// From here on what this connection deletes is overwritten with zeros; and it is remembered that this is not all.
pub(super) fn begin(connection: &Connection) -> Result<(), StoreError> {
    let path = connection.path().map(|path| mark(Path::new(path)));
    let path = path.ok_or_else(|| StoreError::CannotRecord("the queue's path is not UTF-8".to_owned()))?;
    match files::create_private_empty(&path) {
        Err(error) if !error.is_taken() => return Err(StoreError::CannotRecord(error.to_string())),
        _ => {}
    }
    connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(())).map_err(recording)
}

impl SqliteStore {
    /// Writes the database anew from what it holds, since SQLite leaves copies of rows in the gaps of pages when it
    /// splits them, and empties the write-ahead log.
    pub(super) fn wipe_all(&mut self) -> Result<(), StoreError> {
        self.place.check()?;
        let path = self.place.path().to_owned();
        let index = self.place.beside("-shm");
        let _turn = turn(&self.place);
        let _held = SignalsHeld::hold();
        let connection = self.connected()?;
        copies_stay_here(connection, &path)?;
        connection.execute_batch("VACUUM").map_err(|error| holder::named(recording(error), &index))?;
        empty_the_log(connection)?;
        match std::fs::remove_file(mark(&path)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(StoreError::CannotRecord(error.to_string()))
            }
            _ => Ok(()),
        }
    }
}

/// VACUUM makes a copy of everything in a file without a name: that is to lie in the queue's own private folder.
fn copies_stay_here(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let folder = path.parent().and_then(Path::to_str);
    let folder =
        folder.ok_or_else(|| StoreError::CannotRecord("the queue's path is not UTF-8".to_owned()))?;
    let folder = folder.replace('\'', "''");
    connection.execute_batch(&format!("PRAGMA temp_store_directory = '{folder}'")).map_err(reading)
}

fn empty_the_log(connection: &Connection) -> Result<(), StoreError> {
    let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
    let busy: i64 = connection.query_row(checkpoint, [], |row| row.get(0)).map_err(recording)?;
    if busy == 0 { Ok(()) } else { Err(StoreError::Busy(None)) }
}
