//! Where tickets, events and blobs are kept, said in the domain's words.
//! One trait for reading, one for writing inside a transaction, one for the engine.

pub mod sqlite;
#[cfg(test)]
pub mod story;

use crate::clock::Timestamp;
use crate::ids::{Digest, Incarnation, Nonce, Origin, Principal, TicketId, TicketPrefix};
use crate::log::tree::{Frontier, Node};
use crate::policy::Verdict;
use crate::ticket::{Deadline, State, Ticket};

/// Why the store could not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// There is no queue at this place.
    #[error("there is no queue at {0}; make one with: handoff init")]
    Missing(String),
    /// Somebody else has been writing for longer than we wait.
    #[error("the queue is busy{}; nothing was recorded, try again", held(.0))]
    Busy(Option<u32>),
    /// Made by a newer handoff.
    #[error("the queue has schema {found}, this handoff knows up to {known}; use the newer handoff")]
    NewerSchema {
        /// The version found.
        found: i64,
        /// The newest we know.
        known: i64,
    },
    /// A place we will not trust: modes, owner, links, file system.
    #[error("{0}")]
    Unsafe(String),
    /// The file is not a queue, or its content contradicts itself.
    #[error("the queue is damaged: {0}; run: handoff doctor")]
    Corrupt(String),
    /// Nothing was recorded: disk full, read-only, an I/O error before the end.
    #[error("cannot record: {0}; nothing was recorded")]
    CannotRecord(String),
    /// The end of a transaction failed and even reading again did: it may or may not hold.
    #[error("outcome unknown: {0}; see: handoff show ID")]
    OutcomeUnknown(String),
    /// Anything else the engine said while reading.
    #[error("cannot read the queue: {0}")]
    CannotRead(String),
}

fn held(pid: &Option<u32>) -> String {
    pid.map_or_else(String::new, |pid| format!(" (held by pid {pid})"))
}

/// What a queue is, beside its tickets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its name.
    pub origin: Origin,
    /// Its present life.
    pub incarnation: Incarnation,
    /// The verifier key of its log, in C2SP form.
    pub log_key: String,
}

/// The log's newest edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The tree's right edge: size, and root when asked.
    pub frontier: Frontier,
    /// Leaf hash of the newest event; of an empty log, the empty tree's root.
    pub leaf: Digest,
    /// Time of the newest event.
    pub time: Timestamp,
}

/// One event as stored: exact bytes, and what was derived from them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// Its place.
    pub seq: u64,
    /// The ticket it is about.
    pub ticket: Option<TicketId>,
    /// Its canonical bytes.
    pub bytes: String,
    /// Leaf hash of the bytes.
    pub leaf: Digest,
    /// Root of the tree with this event as the last.
    pub root: Digest,
}

/// A recorded decision: signed bytes and signature, found by ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRow {
    /// The ticket.
    pub ticket: TicketId,
    /// Whose.
    pub reviewer: Principal,
    /// The statement's nonce.
    pub nonce: Nonce,
    /// Sequence number of its event.
    pub seq: u64,
    /// The signed bytes.
    pub statement: String,
    /// The armored signature.
    pub signature: String,
}

/// What the row of a ticket has to say, but for its version.
#[derive(Debug, Clone, Copy)]
pub struct TicketRow<'a> {
    /// The ticket.
    pub id: &'a TicketId,
    /// Sequence number of the event that opened it.
    pub seq: u64,
    /// The requester.
    pub uid: u32,
    /// Digest of the request.
    pub request_sha256: &'a Digest,
    /// What the policy said.
    pub verdict: &'a Verdict,
    /// When its wait ends.
    pub deadline: &'a Deadline,
    /// Where it stands.
    pub state: &'a State,
    /// The key of `--once` it was filed with; its row may have lost it once it expired or was cancelled.
    pub once: Option<&'a [u8]>,
}

/// Keys by which equal questions find each other; both are unique in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joins {
    /// The requester.
    pub uid: u32,
    /// The idempotency key, while this ticket is its newest attempt.
    pub once: Option<Vec<u8>>,
    /// The digest of action and context, while the ticket is open and has no key.
    pub same: Option<Digest>,
}

/// Which tickets to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Only these states, by word; empty means all.
    pub states: Vec<String>,
    /// Only this requester's.
    pub uid: Option<u32>,
    /// Only approved ones that nobody has claimed.
    pub unclaimed: bool,
    /// Only those claimed without a known end: running, or unknown.
    pub running: bool,
    /// Only those in which each of these is found; only [`Read::search`] asks about them.
    pub clues: Vec<Clue>,
}

/// Text in small letters that stands somewhere in one field of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clue {
    /// The requester's account, or its label.
    Who(String),
    /// The declared environment.
    Environment(String),
    /// The program's path, or the name it is called by.
    Program(String),
}

/// Text as searches compare it: in small letters, what is no text replaced.
#[must_use]
pub fn folded(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).to_lowercase()
}

/// What one look of a search came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Looked {
    /// Tickets that may fit: each has to be asked once more.
    pub tickets: Vec<Ticket>,
    /// The last one looked at: from there it goes on.
    pub reached: Option<u64>,
    /// How many were looked at.
    pub looked: u64,
    /// Whether there is nothing beyond.
    pub end: bool,
}

/// One page of a listing: newest first, or by deadline for pending ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// How many to skip.
    pub skip: u64,
    /// How many at most.
    pub limit: u64,
}

/// Where a ticket stands in the listings: by its deadline while it waits, else by when it was filed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Its deadline.
    pub due: Timestamp,
    /// Sequence number of the event that opened it.
    pub seq: u64,
}

impl Place {
    /// That of `ticket`.
    #[must_use]
    pub const fn of(ticket: &Ticket) -> Self {
        Self { due: ticket.filed.deadline.wall, seq: ticket.filed.seq }
    }
}

/// Which way a listing is walked from a place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// On, away from its beginning.
    Onward,
    /// Back towards its beginning; the nearest comes first.
    Back,
}

/// Reading, inside or outside a writing transaction.
pub trait Read {
    /// The queue's name and life.
    ///
    /// # Errors
    /// As every call here: when the engine cannot answer, or the content contradicts itself.
    fn identity(&self) -> Result<Identity, StoreError>;
    /// The log's newest edge.
    fn head(&self) -> Result<Head, StoreError>;
    /// A ticket by its whole id.
    fn ticket(&self, id: &TicketId) -> Result<Option<Ticket>, StoreError>;
    /// Whether the row of a ticket says exactly this. If not, [`Read::ticket`] tells what it says.
    fn has_row(&self, row: &TicketRow<'_>) -> Result<bool, StoreError>;
    /// Up to `limit` ids that begin so.
    fn find(&self, prefix: &TicketPrefix, limit: u64) -> Result<Vec<TicketId>, StoreError>;
    /// The newest attempt under an idempotency key.
    fn by_once(&self, uid: u32, key: &[u8]) -> Result<Option<TicketId>, StoreError>;
    /// The open ticket that asks the same.
    fn by_same(&self, uid: u32, same: &Digest) -> Result<Option<TicketId>, StoreError>;
    /// How many tickets of a requester are pending.
    fn pending_of(&self, uid: u32) -> Result<u64, StoreError>;
    /// A page of tickets.
    fn list(&self, filter: &Filter, page: Page) -> Result<Vec<Ticket>, StoreError>;
    /// Up to `limit` pending tickets next to `from`, in the order of their deadlines; without it, from the end
    /// of the listing where the walk begins.
    fn waiting(&self, from: Option<Place>, way: Way, limit: u64) -> Result<Vec<Ticket>, StoreError>;
    /// Up to `limit` tickets of the filter's states next to the one with sequence number `from`, newest first.
    /// The filter's requester is not asked about.
    fn newest_tickets(
        &self,
        filter: &Filter,
        from: Option<u64>,
        way: Way,
        limit: u64,
    ) -> Result<Vec<Ticket>, StoreError>;
    /// As [`Read::newest_tickets`], by the filter's clues too as far as there are indexes for them; ends after a
    /// while with fewer than `limit`.
    fn search(&self, filter: &Filter, from: Option<u64>, way: Way, limit: u64) -> Result<Looked, StoreError>;
    /// The newest other ticket that people approved with the same program and, of those, the most arguments the
    /// same from the first on.
    fn approved_like(&self, ticket: &Ticket) -> Result<Option<Ticket>, StoreError>;
    /// How many tickets are in each state, by word.
    fn counts(&self) -> Result<Vec<(String, u64)>, StoreError>;
    /// Ids of tickets whose deadline (pending) or validity (approved, unclaimed) lies before `now`.
    fn overdue(&self, now: Timestamp, limit: u64) -> Result<Vec<TicketId>, StoreError>;
    /// Recorded decisions of a ticket, oldest first.
    fn decisions(&self, ticket: &TicketId) -> Result<Vec<DecisionRow>, StoreError>;
    /// Whether this nonce was recorded for this ticket.
    fn has_nonce(&self, ticket: &TicketId, nonce: &Nonce) -> Result<bool, StoreError>;
    /// One event.
    fn event(&self, seq: u64) -> Result<Option<EventRow>, StoreError>;
    /// A ticket's events, oldest first.
    fn events_of(&self, ticket: &TicketId) -> Result<Vec<EventRow>, StoreError>;
    /// Up to `limit` events from `from` on, in order.
    fn events(&self, from: u64, limit: u64) -> Result<Vec<EventRow>, StoreError>;
    /// The newest event of this kind (its word), if any.
    fn newest(&self, kind: &str) -> Result<Option<EventRow>, StoreError>;
    /// A tree node; level 0 are the leaves.
    fn node(&self, level: u8, index: u64) -> Result<Option<Digest>, StoreError>;
    /// Every inner node, level by level, each from the left.
    fn nodes(&self, each: &mut dyn FnMut(Node)) -> Result<(), StoreError>;
    /// The newest signed tree head kept, with its size.
    fn checkpoint(&self) -> Result<Option<(u64, String)>, StoreError>;
    /// Up to `limit` signed tree heads from `size` on, smallest first.
    fn checkpoints(&self, size: u64, limit: u64) -> Result<Vec<(u64, String)>, StoreError>;
    /// A blob's bytes; the request of every ticket is one.
    fn blob(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError>;
    /// How many bytes a blob has, without reading them.
    fn blob_length(&self, digest: &Digest) -> Result<Option<u64>, StoreError>;
}

/// Writing; only inside [`Store::write`].
pub trait Write: Read {
    /// A new ticket with the keys that find it, and its request as a blob.
    fn insert_ticket(&mut self, ticket: &Ticket, joins: &Joins) -> Result<(), StoreError>;
    /// Replaces the state if the version is still `from`; says whether it was. Clears the
    /// open-question key when the ticket is no longer open.
    #[must_use = "false means somebody else was first"]
    fn update_ticket(&mut self, ticket: &Ticket, from: u64) -> Result<bool, StoreError>;
    /// Frees an idempotency key, for a new attempt.
    fn release_once(&mut self, ticket: &TicketId) -> Result<(), StoreError>;
    /// Appends one event with the tree nodes it completed, under its kind's word.
    fn append(&mut self, event: &EventRow, kind: &str, nodes: &[Node]) -> Result<(), StoreError>;
    /// Writes the log's new edge, once a transaction.
    fn set_head(&mut self, head: &Head) -> Result<(), StoreError>;
    /// Keeps a decision for its ticket.
    fn insert_decision(&mut self, decision: &DecisionRow) -> Result<(), StoreError>;
    /// Keeps a blob; the same bytes again are no change.
    fn put_blob(&mut self, digest: &Digest, bytes: &[u8]) -> Result<(), StoreError>;
    /// Removes a blob, if it is there. Its bytes may be found in the engine's files until [`Store::wipe`].
    fn remove_blob(&mut self, digest: &Digest) -> Result<(), StoreError>;
    /// Keeps a signed tree head of this size.
    fn put_checkpoint(&mut self, size: u64, note: &str) -> Result<(), StoreError>;
    /// Names the queue and its life.
    fn set_identity(&mut self, identity: &Identity) -> Result<(), StoreError>;
}

/// An engine: durable transactions over [`Read`] and [`Write`].
pub trait Store {
    /// Reads from one consistent state.
    ///
    /// # Errors
    /// What `work` returns, or when the engine cannot begin.
    fn read<T, E: From<StoreError>>(
        &mut self,
        work: &mut dyn FnMut(&dyn Read) -> Result<T, E>,
    ) -> Result<T, E>;

    /// One transaction, durable when this returns `Ok`. `work` may be called again after a failed
    /// commit, so it must have no effect but through the given desk.
    ///
    /// # Errors
    /// What `work` returns (then nothing is kept), or when it cannot be recorded.
    fn write<T, E: From<StoreError>>(
        &mut self,
        work: &mut dyn FnMut(&mut dyn Write) -> Result<T, E>,
    ) -> Result<T, E>;

    /// A number that changes whenever another process has recorded something, where the engine can tell that
    /// for less than a reading; none where it cannot.
    ///
    /// # Errors
    /// When the engine cannot answer.
    fn changes(&mut self) -> Result<Option<i64>, StoreError> {
        Ok(None)
    }

    /// Whether the last [`Store::write`] that returned `Ok` is one whose commit failed first and was found to
    /// hold afterwards. What it recorded is durable, but a claim recorded so is never executed.
    fn was_fenced(&self) -> bool {
        false
    }

    /// Makes room for reading all of the queue: what is looked up again and again is kept, within bounds.
    ///
    /// # Errors
    /// When the engine does not take it.
    fn make_room(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Whether blobs were removed since the last [`Store::wipe`], by whatever process.
    fn is_unwiped(&self) -> bool {
        false
    }

    /// Leaves nothing of removed blobs in the engine's own files. May take as long as writing all of them anew.
    ///
    /// # Errors
    /// When that cannot be done now; the queue is as it was, and what was removed stays removed.
    fn wipe(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}
