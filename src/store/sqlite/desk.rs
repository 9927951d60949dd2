//! The store's reading and writing traits over one open transaction.
//! Touches the connection it was given.

use rusqlite::{Connection, OptionalExtension as _, Row};

use super::columns::{Columns, reading, recording, stored};
use super::events::Appended;
use super::{blobs, events, finding, listing, tickets, walking, wiping};
use crate::clock::Timestamp;
use crate::ids::{Digest, Nonce, TicketId, TicketPrefix};
use crate::log::tree::Node;
use crate::store::{
    DecisionRow, EventRow, Filter, Head, Identity, Joins, Looked, Page, Place, Read, StoreError, TicketRow,
    Way, Write,
};
use crate::ticket::Ticket;

/// Where the work inside a transaction is done.
pub(super) struct Desk<'c> {
    connection: &'c Connection,
    appended: Option<Appended>,
}

impl<'c> Desk<'c> {
    /// Over a transaction that the caller began and ends.
    pub(super) const fn new(connection: &'c Connection) -> Self {
        Self { connection, appended: None }
    }

    /// The last event appended here.
    pub(super) const fn appended(&self) -> Option<Appended> {
        self.appended
    }
}

impl Read for Desk<'_> {
    fn identity(&self) -> Result<Identity, StoreError> {
        let query = "SELECT id, origin, incarnation, log_key FROM identity";
        let mut statement = self.connection.prepare_cached(query).map_err(reading)?;
        let identity = statement.query_row([], |row| Ok(read_identity(row))).optional().map_err(reading)?;
        let path = self.connection.path().unwrap_or_default();
        identity.unwrap_or_else(|| Err(super::place::missing(path.as_ref())))
    }

    fn head(&self) -> Result<Head, StoreError> {
        events::head(self.connection)
    }

    fn ticket(&self, id: &TicketId) -> Result<Option<Ticket>, StoreError> {
        tickets::by_id(self.connection, id)
    }

    fn has_row(&self, row: &TicketRow<'_>) -> Result<bool, StoreError> {
        tickets::has_row(self.connection, row)
    }

    fn find(&self, prefix: &TicketPrefix, limit: u64) -> Result<Vec<TicketId>, StoreError> {
        tickets::find(self.connection, prefix, limit)
    }

    fn by_once(&self, uid: u32, key: &[u8]) -> Result<Option<TicketId>, StoreError> {
        tickets::by_once(self.connection, uid, key)
    }

    fn by_same(&self, uid: u32, same: &Digest) -> Result<Option<TicketId>, StoreError> {
        tickets::by_same(self.connection, uid, same)
    }

    fn pending_of(&self, uid: u32) -> Result<u64, StoreError> {
        listing::pending_of(self.connection, uid)
    }

    fn list(&self, filter: &Filter, page: Page) -> Result<Vec<Ticket>, StoreError> {
        listing::list(self.connection, filter, page)
    }

    fn waiting(&self, from: Option<Place>, way: Way, limit: u64) -> Result<Vec<Ticket>, StoreError> {
        walking::waiting(self.connection, from, way, limit)
    }

    fn newest_tickets(
        &self,
        filter: &Filter,
        from: Option<u64>,
        way: Way,
        limit: u64,
    ) -> Result<Vec<Ticket>, StoreError> {
        walking::newest(self.connection, filter, from, way, limit)
    }

    fn search(&self, filter: &Filter, from: Option<u64>, way: Way, limit: u64) -> Result<Looked, StoreError> {
        finding::search(self.connection, filter, from, way, limit)
    }

    fn approved_like(&self, ticket: &Ticket) -> Result<Option<Ticket>, StoreError> {
        finding::approved_like(self.connection, ticket)
    }

    fn counts(&self) -> Result<Vec<(String, u64)>, StoreError> {
        listing::counts(self.connection)
    }

    fn overdue(&self, now: Timestamp, limit: u64) -> Result<Vec<TicketId>, StoreError> {
        tickets::overdue(self.connection, now, limit)
    }

    fn decisions(&self, ticket: &TicketId) -> Result<Vec<DecisionRow>, StoreError> {
        tickets::decisions(self.connection, ticket)
    }

    fn has_nonce(&self, ticket: &TicketId, nonce: &Nonce) -> Result<bool, StoreError> {
        tickets::has_nonce(self.connection, ticket, nonce)
    }

    fn event(&self, seq: u64) -> Result<Option<EventRow>, StoreError> {
        events::event(self.connection, seq)
    }

    fn events_of(&self, ticket: &TicketId) -> Result<Vec<EventRow>, StoreError> {
        events::of_ticket(self.connection, ticket)
    }

    fn events(&self, from: u64, limit: u64) -> Result<Vec<EventRow>, StoreError> {
        events::from(self.connection, from, limit)
    }

    fn newest(&self, kind: &str) -> Result<Option<EventRow>, StoreError> {
        events::newest(self.connection, kind)
    }

    fn node(&self, level: u8, index: u64) -> Result<Option<Digest>, StoreError> {
        events::node(self.connection, level, index)
    }

    fn nodes(&self, each: &mut dyn FnMut(Node)) -> Result<(), StoreError> {
        events::nodes(self.connection, each)
    }

    fn checkpoints(&self, size: u64, limit: u64) -> Result<Vec<(u64, String)>, StoreError> {
        blobs::checkpoints(self.connection, size, limit)
    }

    fn checkpoint(&self) -> Result<Option<(u64, String)>, StoreError> {
        blobs::checkpoint(self.connection)
    }

    fn blob(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        blobs::blob(self.connection, digest)
    }

    fn blob_length(&self, digest: &Digest) -> Result<Option<u64>, StoreError> {
        blobs::length(self.connection, digest)
    }
}

impl Write for Desk<'_> {
    fn insert_ticket(&mut self, ticket: &Ticket, joins: &Joins) -> Result<(), StoreError> {
        tickets::insert(self.connection, ticket, joins)
    }

    fn update_ticket(&mut self, ticket: &Ticket, from: u64) -> Result<bool, StoreError> {
        tickets::update(self.connection, ticket, from)
    }

    fn release_once(&mut self, ticket: &TicketId) -> Result<(), StoreError> {
        tickets::release_once(self.connection, ticket)
    }

    fn append(&mut self, event: &EventRow, kind: &str, nodes: &[Node]) -> Result<(), StoreError> {
        self.appended = Some(events::append(self.connection, event, kind, nodes)?);
        Ok(())
    }

    fn set_head(&mut self, head: &Head) -> Result<(), StoreError> {
        events::set_head(self.connection, head)
    }

    fn insert_decision(&mut self, decision: &DecisionRow) -> Result<(), StoreError> {
        tickets::insert_decision(self.connection, decision)
    }

    fn put_blob(&mut self, digest: &Digest, bytes: &[u8]) -> Result<(), StoreError> {
        blobs::put(self.connection, digest, bytes)
    }

    fn remove_blob(&mut self, digest: &Digest) -> Result<(), StoreError> {
        wiping::begin(self.connection)?;
        blobs::remove(self.connection, digest)
    }

    fn put_checkpoint(&mut self, size: u64, note: &str) -> Result<(), StoreError> {
        blobs::put_checkpoint(self.connection, stored(size)?, note)
    }

    fn set_identity(&mut self, identity: &Identity) -> Result<(), StoreError> {
        let query = "INSERT INTO identity (id, origin, incarnation, log_key) VALUES (1, ?1, ?2, ?3)
            ON CONFLICT (id) DO UPDATE SET origin = excluded.origin, incarnation = excluded.incarnation,
            log_key = excluded.log_key";
        let mut statement = self.connection.prepare_cached(query).map_err(recording)?;
        let row = (identity.origin.as_str(), identity.incarnation.to_string(), &identity.log_key);
        statement.execute(row).map(drop).map_err(recording)
    }
}

fn read_identity(row: &Row<'_>) -> Result<Identity, StoreError> {
    let columns = Columns::of(row, "identity", "id");
    Ok(Identity {
        origin: columns.parsed("origin")?,
        incarnation: columns.parsed("incarnation")?,
        log_key: columns.text("log_key")?.to_owned(),
    })
}
