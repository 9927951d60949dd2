//! The SQLite engine: one file all processes of a queue share, in WAL mode, each commit synced.
//! Touches the database, what SQLite keeps beside it, and the turnstile file.

mod backup;
mod blobs;
mod columns;
mod connection;
mod desk;
mod events;
mod fence;
mod finding;
mod health;
mod holder;
mod listing;
mod place;
mod schema;
mod tickets;
mod walking;
mod wiping;

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::{Read, Store, StoreError, Write};
use crate::holding::SignalsHeld;
use crate::locks::Lock;
use columns::{reading, recording, words};
use desk::Desk;
use events::Appended;
use fence::Settled;
use place::Place;

pub use health::Health;

/// How long SQLite waits for another's transaction before it says busy.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a writer queues before it leaves the order to SQLite.
const TURN: Duration = Duration::from_millis(250);
/// Pages kept by who reads everything: 16 MiB, in SQLite's spelling.
const ROOM: i64 = -16 * 1024;
/// How long the first processes of a new queue wait for the one that makes it.
const BIRTH: Duration = Duration::from_secs(30);

/// An open queue in a SQLite file. One connection a process.
#[derive(Debug)]
pub struct SqliteStore {
    place: Place,
    patience: Duration,
    // None only between a failed commit and the next call.
    connection: Option<Connection>,
    fenced: bool,
}

impl SqliteStore {
    /// Opens the queue at `path`, migrating an older schema.
    ///
    /// # Errors
    /// `Missing` when there is none; `Unsafe` for a place that others can write or that is shared; `Corrupt`
    /// for a file that is no queue; `NewerSchema`.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let place = Place::existing(path)?;
        Self::at(place.clone()).map_err(|error| match error {
            StoreError::CannotRead(_) if place.is_read_only() => {
                StoreError::CannotRead("it lies on a disk that is read-only".to_owned())
            }
            other => other,
        })
    }

    /// Opens the queue at `path`, making folder (0700), file (0600) and tables when they are not there. Any
    /// number of processes may do this at once. The new queue has no identity yet.
    ///
    /// # Errors
    /// As [`SqliteStore::open`], and `CannotRecord`.
    pub fn create(path: &Path) -> Result<Self, StoreError> {
        let path = place::prepare(path)?;
        {
            let _alone = birth(&path)?;
            place::make_empty(&path)?;
        }
        Self::open(&path)
    }

    fn at(place: Place) -> Result<Self, StoreError> {
        let connection = connection::connect(&place, PATIENCE)?;
        match schema::age(&connection)? {
            schema::Age::Present => connection::require_wal(&connection)?,
            schema::Age::Older => {
                let _alone = birth(place.path())?;
                connection::use_wal(&connection)?;
                schema::migrate(&connection)?;
            }
        }
        Ok(Self { place, patience: PATIENCE, connection: Some(connection), fenced: false })
    }

    /// Waits at most this long for others' transactions, instead of five seconds.
    ///
    /// # Errors
    /// When SQLite does not take the value.
    pub fn set_patience(&mut self, patience: Duration) -> Result<(), StoreError> {
        self.patience = patience;
        self.connected()?.busy_timeout(patience).map_err(reading)
    }

    /// A number that changes whenever another process has committed: for those who watch the queue. Costs
    /// no more than a look at shared memory, and holds nothing open.
    ///
    /// # Errors
    /// When SQLite cannot answer.
    pub fn data_version(&mut self) -> Result<i64, StoreError> {
        schema::number(self.connected()?, "PRAGMA data_version")
    }

    /// The database file, in a folder without symbolic links.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.place.path()
    }

    // After a failed commit the old connection is gone; whoever asks next gets a fresh one.
    fn connected(&mut self) -> Result<&mut Connection, StoreError> {
        #[cfg(handoff_broken)]
        self.commit_late();
        match self.connection.take() {
            Some(open) => Ok(self.connection.insert(open)),
            None => Ok(self.connection.insert(connection::connect(&self.place, self.patience)?)),
        }
    }

    #[cfg(handoff_broken)]
    fn commit_late(&self) {
        let open = self.connection.as_ref().filter(|open| !open.is_autocommit());
        let _ = open.map(|open| open.execute_batch("COMMIT"));
    }

    fn attempt<T, E: From<StoreError>>(
        &mut self,
        work: &mut dyn FnMut(&mut dyn Write) -> Result<T, E>,
    ) -> Result<End<T>, E> {
        let index = self.place.beside("-shm");
        let connection = self.connected()?;
        if connection.is_readonly("main").map_err(reading)? {
            let what = "the queue's file is read-only for this account".to_owned();
            return Err(StoreError::CannotRecord(what).into());
        }
        let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)
            .map_err(|error| holder::named(recording(error), &index))?;
        schema::require_present(&transaction)?;
        let mut desk = Desk::new(&transaction);
        let value = work(&mut desk)?;
        let last = desk.appended();
        #[cfg(handoff_broken)]
        if crate::broken::is("commit_late") {
            std::mem::forget(transaction);
            return Ok(End::Done(value));
        }
        match transaction.commit() {
            Ok(()) => Ok(End::Done(value)),
            Err(error) => Ok(End::Doubtful(value, last, error)),
        }
    }

    fn write_in_turn<T, E: From<StoreError>>(
        &mut self,
        work: &mut dyn FnMut(&mut dyn Write) -> Result<T, E>,
    ) -> Result<T, E> {
        match self.attempt(work)? {
            End::Done(value) => Ok(value),
            End::Doubtful(value, Some(last), error) => {
                self.settle(&last, &error)?;
                Ok(value)
            }
            End::Doubtful(_, None, _) => self.repeat(work),
        }
    }

    // With an event the transaction can be found again: what is found is what is reported.
    fn settle(&mut self, last: &Appended, error: &rusqlite::Error) -> Result<(), StoreError> {
        self.connection = None;
        let (connection, settled) = fence::settle(&self.place, self.patience, last, error)?;
        self.connection = connection;
        match settled {
            Settled::NotRecorded => Err(StoreError::CannotRecord(words(error))),
            Settled::Recorded => {
                self.fenced = true;
                Ok(())
            }
        }
    }

    // Without one it is idempotent: done again, it overwrites what the failed commit may have left.
    fn repeat<T, E: From<StoreError>>(
        &mut self,
        work: &mut dyn FnMut(&mut dyn Write) -> Result<T, E>,
    ) -> Result<T, E> {
        self.connection = None;
        match self.attempt(work)? {
            End::Done(value) => Ok(value),
            End::Doubtful(_, _, error) => {
                self.connection = None;
                Err(fence::unsettled(&error).into())
            }
        }
    }
}

#[cfg(handoff_broken)]
impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.commit_late();
    }
}

/// How a transaction ended.
enum End<T> {
    Done(T),
    /// The commit failed: neither done nor not done.
    Doubtful(T, Option<Appended>, rusqlite::Error),
}

impl Store for SqliteStore {
    fn read<T, E: From<StoreError>>(
        &mut self,
        work: &mut dyn FnMut(&dyn Read) -> Result<T, E>,
    ) -> Result<T, E> {
        self.place.check()?;
        #[cfg(handoff_broken)]
        if let Some(open) = self.connection.as_ref().filter(|open| !open.is_autocommit()) {
            return work(&Desk::new(open));
        }
        let connection = self.connected()?;
        let transaction =
            Transaction::new_unchecked(connection, TransactionBehavior::Deferred).map_err(reading)?;
        schema::require_present(&transaction)?;
        work(&Desk::new(&transaction))
    }

    fn write<T, E: From<StoreError>>(
        &mut self,
        work: &mut dyn FnMut(&mut dyn Write) -> Result<T, E>,
    ) -> Result<T, E> {
        self.fenced = false;
        self.place.check()?;
        let _turn = turn(&self.place);
        // A process stopped or killed politely between BEGIN and COMMIT would block every other.
        let _held = SignalsHeld::hold();
        self.write_in_turn(work)
    }

    fn changes(&mut self) -> Result<Option<i64>, StoreError> {
        self.place.check()?;
        self.data_version().map(Some)
    }

    fn was_fenced(&self) -> bool {
        self.fenced
    }

    fn make_room(&mut self) -> Result<(), StoreError> {
        self.connected()?.pragma_update(None, "cache_size", ROOM).map_err(reading)
    }

    fn is_unwiped(&self) -> bool {
        wiping::is_due(self.place.path())
    }

    fn wipe(&mut self) -> Result<(), StoreError> {
        self.wipe_all()
    }
}

// A place in the queue of writers; without one SQLite's own lock still keeps them apart.
fn turn(place: &Place) -> Option<Lock> {
    Lock::exclusive_within(&place.beside(".turnstile"), TURN).ok().flatten()
}

fn birth(path: &Path) -> Result<Lock, StoreError> {
    let place = place::beside(path, ".turnstile");
    let lock = Lock::exclusive_within(&place, BIRTH);
    let lock = lock.map_err(|error| StoreError::CannotRecord(error.to_string()))?;
    lock.ok_or(StoreError::Busy(None))
}

#[cfg(test)]
mod tests;
