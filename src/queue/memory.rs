//! What the gate remembers outside the database: how far the log had come, and which rights were used.
//! Touches two small files in the state folder; a database that is behind them was put back.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::QueueError;
use super::journal::Journal;
pub use super::mark::MemoryError;
use super::mark::{self, Mark, MarkFile};
use crate::clock::Timestamp;
use crate::files;
use crate::ids::{Origin, TicketId};
use crate::ticket::{State, Ticket};

/// Most bytes of used rights we keep before the lapsed ones are dropped.
const SPENT: u64 = 1 << 20;

/// The memory of one queue.
#[derive(Debug, Clone)]
pub struct Memory {
    mark: MarkFile,
    spent: PathBuf,
}

impl Memory {
    /// The memory of `origin`, kept in the folder `state`.
    #[must_use]
    pub fn new(state: &Path, origin: &Origin) -> Self {
        let mark = MarkFile::new(state.join(format!("{origin}.mark")));
        Self { mark, spent: state.join(format!("{origin}.spent")) }
    }

    /// Refuses a log that is behind the mark or not its continuation.
    ///
    /// # Errors
    /// As the variants of [`MemoryError`] say.
    pub fn check(&self, journal: &Journal<'_>) -> Result<(), QueueError> {
        let Some(Mark { incarnation, size, root }) = self.mark.read()? else { return Ok(()) };
        if incarnation != journal.identity().incarnation {
            return Err(MemoryError::OtherLife.into());
        }
        let has = journal.seen().size;
        if has < size {
            return Err(MemoryError::Behind { has, had: size }.into());
        }
        let Some(last) = size.checked_sub(1) else { return Ok(()) };
        match journal.read().event(last)? {
            Some(row) if row.root == root => Ok(()),
            _ => Err(MemoryError::Forked(last).into()),
        }
    }

    /// What is remembered, for those who only look.
    ///
    /// # Errors
    /// When the file cannot be read or makes no sense.
    pub fn mark(&self) -> Result<Option<Mark>, MemoryError> {
        self.mark.read()
    }

    /// Moves the mark up to `mark`, if it is of the same life.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn follow(&self, mark: &Mark) -> Result<(), MemoryError> {
        self.mark.follow(mark)
    }

    /// Moves the mark to `mark`, also into another life.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn raise(&self, mark: &Mark) -> Result<(), MemoryError> {
        self.mark.raise(mark)
    }

    /// Refuses when the mark could not be moved: better found out before a commit than after it.
    ///
    /// # Errors
    /// When the file cannot be opened for writing.
    pub fn ready(&self) -> Result<(), MemoryError> {
        self.mark.ready()
    }

    /// Refuses a right that was used, and when its use could not be written down.
    ///
    /// # Errors
    /// [`MemoryError::Spent`], and as [`Memory::spend`].
    pub fn unspent(&self, ticket: &TicketId) -> Result<(), MemoryError> {
        drop(mark::open(&self.spent, true)?);
        let used = self.used()?;
        if used.iter().any(|(id, _)| id == ticket) { Err(MemoryError::Spent(ticket.clone())) } else { Ok(()) }
    }

    /// Remembers that the ticket's right was used, for as long as its approval could be shown again.
    ///
    /// # Errors
    /// When it cannot be written down; then nothing may be started.
    pub fn spend(&self, ticket: &Ticket) -> Result<(), MemoryError> {
        let State::Approved { until, .. } = &ticket.state else { return Ok(()) };
        self.prune(ticket.filed.request.time)?;
        let line = format!("{} {:020}\n", ticket.id, until.wall.millis());
        let mut file = mark::open(&self.spent, true)?;
        file.write_all(line.as_bytes()).map_err(|error| mark::failed(&self.spent, error))
    }

    fn used(&self) -> Result<Vec<(TicketId, Timestamp)>, MemoryError> {
        let bytes = match files::read_private(&self.spent, 2 * SPENT) {
            Ok(bytes) => bytes,
            Err(error) if error.is_missing() => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let text = String::from_utf8_lossy(&bytes);
        Ok(text.lines().filter_map(entry).collect())
    }

    // Approvals lapse within days, so what lapsed long before this request cannot come back.
    fn prune(&self, now: Timestamp) -> Result<(), MemoryError> {
        let size = std::fs::metadata(&self.spent).map_or(0, |meta| meta.len());
        if size < SPENT {
            return Ok(());
        }
        let keep = self.used()?.into_iter().filter(|(_, until)| *until >= now);
        let text: String = keep.map(|(id, until)| format!("{id} {:020}\n", until.millis())).collect();
        Ok(files::replace_private(&self.spent, text.as_bytes())?)
    }
}

fn entry(line: &str) -> Option<(TicketId, Timestamp)> {
    let (id, until) = line.split_once(' ')?;
    Some((id.parse().ok()?, Timestamp::from_millis(until.parse().ok()?)))
}
