//! Copies of a queue: out of a running one, and back into a running one, both through SQLite itself.
//! Touches the live database and the backup file.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::columns::{corrupt, reading, recording};
use super::place::{self, Place};
use super::{SqliteStore, connection, health, holder, schema, turn};
use crate::files;
use crate::holding::SignalsHeld;
use crate::store::StoreError;

const EVERY_PAGE: i32 = -1;
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

impl SqliteStore {
    /// Copies the queue, as it is at one moment, into a new private file: 0600, one file, synced.
    ///
    /// # Errors
    /// When something is there already, in a place others can write, or when it cannot be written; a file
    /// that was begun is left for the person to look at, and is no complete backup.
    pub fn backup_to(&mut self, path: &Path) -> Result<(), StoreError> {
        let path = place::prepare(path)?;
        files::create_private_empty(&path).map_err(|error| StoreError::CannotRecord(error.to_string()))?;
        let place = Place::existing(&path)?;
        let patience = self.patience;
        let mut copy = connection::connect(&place, patience)?;
        copy_all(self.connected()?, &mut copy, patience)?;
        // A database in WAL mode is up to three files; a backup is one.
        connection::use_rollback_journal(&copy)
    }

    /// Replaces everything in this queue by what the backup holds, in one transaction, while others have it
    /// open. What was approved and unused in the backup is so again: give the queue its new life and cancel
    /// those in a private copy first, and restore from that, so that nobody meets the state in between.
    ///
    /// # Errors
    /// `Unsafe`, `Corrupt` or `NewerSchema` for a file that is no sound backup; `Busy`; `CannotRecord`.
    pub fn restore_from(&mut self, path: &Path) -> Result<(), StoreError> {
        let patience = self.patience;
        let backup = sound(path, patience)?;
        self.place.check()?;
        let _turn = turn(&self.place);
        let _held = SignalsHeld::hold();
        let index = self.place.beside("-shm");
        let live = self.connected()?;
        copy_all(&backup, live, patience).map_err(|error| holder::named(error, &index))?;
        schema::migrate(live)?;
        connection::require_wal(live)
    }
}

fn sound(path: &Path, patience: Duration) -> Result<Connection, StoreError> {
    let backup = connection::connect(&Place::existing(path)?, patience)?;
    schema::age(&backup)?;
    match health::problems(&backup)?.first() {
        Some(problem) => Err(corrupt(format!("in the backup: {problem}"))),
        None => Ok(backup),
    }
}

fn copy_all(from: &Connection, to: &mut Connection, patience: Duration) -> Result<(), StoreError> {
    let copying = Backup::new(from, to).map_err(reading)?;
    let end = Instant::now() + patience;
    loop {
        match copying.step(EVERY_PAGE).map_err(recording)? {
            StepResult::Done => return Ok(()),
            StepResult::Busy | StepResult::Locked if Instant::now() >= end => {
                return Err(StoreError::Busy(None));
            }
            _ => std::thread::sleep(BETWEEN_TRIES),
        }
    }
}
