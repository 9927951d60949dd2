//! What an audit reads: the log's entries in order, and blobs by digest. A queue gives them, or a bundle.
//! Reads only.

use std::collections::BTreeMap;

use super::bundle::BundleError;
use super::fault::Faults;
use super::nodes::Nodes;
use crate::clock::Timestamp;
use crate::ids::{Digest, Incarnation, Origin, TicketId};
use crate::log::checkpoint::SignedCheckpoint;
use crate::log::tree::Node;
use crate::store::{EventRow, Read, StoreError};

/// Why something could not be read.
#[derive(Debug, thiserror::Error)]
pub enum TrailError {
    /// This part is damaged: a fault, and the audit goes on.
    #[error("damaged: {0}")]
    Damaged(String),
    /// The queue cannot be read at all.
    #[error(transparent)]
    Queue(StoreError),
    /// The bundle cannot be read at all.
    #[error(transparent)]
    Bundle(#[from] BundleError),
}

impl From<StoreError> for TrailError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Corrupt(why) => Self::Damaged(why),
            other => Self::Queue(other),
        }
    }
}

/// An event's bytes, where they stood, and what a queue derived from them.
#[derive(Debug, Clone)]
pub struct Row {
    /// The exact bytes.
    pub bytes: String,
    /// What the queue keeps beside them; a bundle keeps nothing.
    pub kept: Option<Kept>,
}

/// What a queue keeps of an event beside its bytes.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its number.
    pub seq: u64,
    /// The ticket it is found by.
    pub ticket: Option<TicketId>,
    /// Leaf hash.
    pub leaf: Digest,
    /// Root with this event as the last.
    pub root: Digest,
}

impl From<EventRow> for Row {
    fn from(row: EventRow) -> Self {
        let kept = Kept { seq: row.seq, ticket: row.ticket, leaf: row.leaf, root: row.root };
        Self { bytes: row.bytes, kept: Some(kept) }
    }
}

/// What comes next in the log.
#[derive(Debug, Clone)]
pub enum Entry {
    /// An event.
    Event(Row),
    /// Events that were left out: a complete subtree, by its root.
    Hidden(Node),
    /// Something that is none, at this number, and why.
    Damaged(u64, String),
}

/// A run of entries.
#[derive(Debug, Default)]
pub struct Page {
    /// In order.
    pub entries: Vec<Entry>,
    /// Whether there may be more.
    pub more: bool,
    /// The number that comes next, where that is certain before the entries were looked at.
    pub next: Option<u64>,
}

/// The end that an audit came to, for a trail to hold its own idea against.
#[derive(Debug)]
pub struct End<'a> {
    /// How many events.
    pub size: u64,
    /// Root over them.
    pub root: Digest,
    /// The inner nodes of the tree, where they were told.
    pub nodes: &'a Nodes,
    /// How many of them were shown.
    pub shown: u64,
    /// How many tickets.
    pub tickets: u64,
    /// How many of each account that ever asked are pending.
    pub pending: &'a BTreeMap<u32, u64>,
    /// The newest event of each kind, by its word.
    pub newest: &'a BTreeMap<&'static str, u64>,
    /// The queue's name.
    pub origin: Option<&'a Origin>,
    /// The log's key.
    pub log_key: Option<&'a str>,
    /// Its life.
    pub life: Option<Incarnation>,
    /// The latest time it has seen, since a person last accepted the clock.
    pub latest: Timestamp,
}

/// A head the trail itself brings, or why it is none.
pub type OwnHead = Result<SignedCheckpoint, String>;

/// What an audit reads.
pub trait Trail {
    /// The next entries, where `from` is the number that was reached.
    ///
    /// # Errors
    /// When it cannot be read at all; what is damaged is an entry.
    fn page(&mut self, from: u64) -> Result<Page, TrailError>;
    /// Signed heads the trail brings itself, which must be in the log.
    ///
    /// # Errors
    /// When they cannot be read.
    fn heads(&self) -> Result<Vec<OwnHead>, TrailError>;
    /// Sizes of the heads that statements name, where the trail cannot answer for them afterwards.
    fn named(&self) -> Vec<u64>;
    /// A blob's bytes.
    ///
    /// # Errors
    /// When they cannot be read, or are not those of this digest.
    fn blob(&self, digest: &Digest) -> Result<Option<Vec<u8>>, TrailError>;
    /// Whether the card of this digest is where people can read it.
    ///
    /// # Errors
    /// When it cannot be looked for.
    fn shows(&self, card: &Digest) -> Result<bool, TrailError>;
    /// The queue whose rows are held against the log too; a bundle has none.
    fn queue(&self) -> Option<&dyn Read>;
    /// Holds what lies beside a signed statement against it.
    ///
    /// # Errors
    /// When it cannot be read.
    fn copies(
        &self,
        seq: u64,
        statement: &str,
        signature: &str,
        faults: &mut Faults,
    ) -> Result<(), TrailError>;
    /// Holds the trail's own idea of itself against what the log came to.
    ///
    /// # Errors
    /// When it cannot be read.
    fn end(&self, end: &End<'_>, faults: &mut Faults) -> Result<(), TrailError>;
}

/// What a damaged part should be.
pub const UNDAMAGED: &str = "undamaged";

/// What was read, if it could be read at all; damage is a fault at this event, in this field, which should be so.
///
/// # Errors
/// When it could not be read for another reason.
pub fn sound<T>(
    read: Result<T, StoreError>,
    faults: &mut Faults,
    (seq, field, wanted): (u64, &'static str, &str),
) -> Result<Option<T>, TrailError> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(StoreError::Corrupt(why)) => {
            faults.of_log(seq, field, why, wanted);
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}
