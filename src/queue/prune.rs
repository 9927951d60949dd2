//! Removing what was handed in with tickets that are over: attachments, bound files, captured input.
//! The log stays whole, and says what went. What the log itself rests on is never removed.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::journal::Journal;
use super::{Queue, QueueError, Trust};
use crate::clock::Timestamp;
use crate::ids::{Digest, TicketId};
use crate::record::Record;
use crate::request::Request;
use crate::store::{EventRow, Read, Store};
use crate::ticket::event::{Event, What};

/// How many events are read under one transaction.
const PAGE: u64 = 512;
/// How many tickets one transaction records the pruning of, at most.
const TICKETS: usize = 128;
/// How many bytes one transaction removes, before it is ended.
const BYTES: u64 = 32 << 20;

/// What is to go, and at whose word.
#[derive(Debug, Clone, Copy)]
pub struct Order {
    /// Payloads of tickets that ended before this.
    pub before: Timestamp,
    /// User id of whoever had it done; recorded.
    pub uid: u32,
}

/// A ticket with payloads that went, or would go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pruned {
    /// Which.
    pub ticket: TicketId,
    /// When it ended.
    pub ended: Timestamp,
    /// How many of its payloads.
    pub payloads: u64,
    /// How many bytes went with it; those that several tickets share go with the last of them.
    pub bytes: u64,
}

impl<S: Store> Queue<S> {
    /// What [`Queue::prune`] would remove, oldest ticket first. `seen` hears how far it has come in the log.
    ///
    /// # Errors
    /// When the queue cannot be read, or is damaged: then nothing is to be removed.
    pub fn prunable(&mut self, order: Order, seen: &mut dyn FnMut(u64)) -> Result<Vec<Pruned>, QueueError> {
        let payloads = self.payloads(seen)?;
        let tickets = payloads.ended_before(order.before);
        self.read(&mut |read| {
            let mut gone = BTreeSet::new();
            let mut all = Vec::new();
            for id in &tickets {
                let blobs = payloads.removable(read, id, order.before)?;
                let mut bytes = 0;
                for (digest, length) in &blobs {
                    bytes += if gone.insert(*digest) { *length } else { 0 };
                }
                all.extend(payloads.pruned(id, blobs.len(), bytes));
            }
            Ok(all)
        })
    }

    /// Removes the payloads of tickets that ended before the order's time, and records so ticket by ticket, some
    /// tickets a transaction. Call [`Store::wipe`] afterwards.
    ///
    /// # Errors
    /// When the queue is damaged, the log is behind what is remembered of it, or nothing more can be recorded; what
    /// was pruned until then is recorded and `told`.
    pub fn prune(
        &mut self,
        order: Order,
        seen: &mut dyn FnMut(u64),
        told: &mut dyn FnMut(Pruned),
    ) -> Result<(), QueueError> {
        let mut payloads = self.payloads(seen)?;
        let mut left = payloads.ended_before(order.before);
        left.reverse();
        while !left.is_empty() {
            let (done, tickets) = self.transact(Trust::Needed, &mut |journal| {
                // Whatever was filed since may name the same bytes, or put them in force.
                payloads.read_on(journal.read(), u64::MAX)?;
                some(journal, &payloads, order, &left)
            })?;
            left.truncate(left.len().saturating_sub(done));
            tickets.into_iter().for_each(&mut *told);
        }
        Ok(())
    }

    fn payloads(&mut self, seen: &mut dyn FnMut(u64)) -> Result<Payloads, QueueError> {
        let mut payloads = Payloads::default();
        loop {
            let more = self.read(&mut |read| payloads.read_on(read, PAGE))?;
            seen(payloads.next);
            if !more {
                return Ok(payloads);
            }
        }
    }
}

/// One transaction's share, from the end of `left`: how many tickets were seen to, and those with a payload that went.
fn some(
    journal: &mut Journal<'_>,
    payloads: &Payloads,
    order: Order,
    left: &[TicketId],
) -> Result<(usize, Vec<Pruned>), QueueError> {
    let (mut done, mut bytes, mut tickets) = (0, 0, Vec::new());
    let mut shared: HashMap<Digest, usize> = HashMap::new();
    for id in left.iter().rev() {
        if tickets.len() >= TICKETS || bytes >= BYTES {
            break;
        }
        done += 1;
        let blobs = payloads.removable(journal.read(), id, order.before)?;
        if blobs.is_empty() {
            continue;
        }
        let named = blobs.iter().map(|(digest, _)| *digest).collect();
        journal.record(Some(id), What::Pruned { before: order.before, blobs: named, uid: order.uid })?;
        let mut gone = 0;
        for (digest, length) in &blobs {
            let named = shared.entry(*digest).or_default();
            *named += 1;
            if payloads.unnamed(digest) <= *named {
                journal.desk().remove_blob(digest)?;
                gone += length;
            }
        }
        bytes += gone;
        tickets.extend(payloads.pruned(id, blobs.len(), gone));
    }
    Ok((done, tickets))
}

/// What was handed in with each ticket, as the log up to `next` tells it.
#[derive(Debug, Default)]
struct Payloads {
    next: u64,
    tickets: HashMap<TicketId, Handed>,
    uses: HashMap<Digest, Uses>,
    // Policies and reviewers files: the log's signatures rest on them.
    kept: HashSet<Digest>,
}

/// What was handed in with one ticket.
#[derive(Debug)]
struct Handed {
    seq: u64,
    blobs: Vec<Digest>,
    ended: Option<Timestamp>,
    // Named by an event already.
    pruned: HashSet<Digest>,
}

/// The tickets that the same bytes were handed in with.
#[derive(Debug, Default)]
struct Uses {
    // That are not over.
    open: usize,
    // That no event says it went from.
    unnamed: usize,
    // When the last of those that are over ended.
    ended: Option<Timestamp>,
}

impl Uses {
    fn ended_before(&self, before: Timestamp) -> bool {
        self.open == 0 && self.ended.is_some_and(|ended| ended < before)
    }
}

impl Payloads {
    /// Reads up to `limit` events on; says whether there may be more.
    fn read_on(&mut self, read: &dyn Read, limit: u64) -> Result<bool, QueueError> {
        let rows = read.events(self.next, limit)?;
        for row in &rows {
            self.take(read, row)?;
        }
        Ok(u64::try_from(rows.len()).is_ok_and(|length| length == limit))
    }

    fn take(&mut self, read: &dyn Read, row: &EventRow) -> Result<(), QueueError> {
        self.next = row.seq.saturating_add(1);
        let followed = row.ticket.as_ref().is_none_or(|id| self.tickets.contains_key(id));
        if !followed && !row.bytes.contains(r#""what":{"proposed":{"#) {
            return Ok(());
        }
        let (_, event) = Record::parse::<Event>(&row.bytes)?;
        match (&event.ticket, event.what) {
            (_, What::Policy { policy, layers }) => {
                self.kept.insert(policy.sha256);
                self.kept.extend(layers.iter().map(|layer| layer.sha256));
            }
            (_, What::Reviewers { sha256 }) => drop(self.kept.insert(sha256)),
            (Some(id), What::Proposed { request_sha256, .. }) => {
                self.filed(id, event.seq, &request(read, id, &request_sha256)?);
            }
            (Some(id), What::Pruned { blobs, .. }) => self.went(id, blobs),
            (Some(id), what) if what.ends() => self.ended(id, event.time),
            _ => {}
        }
        Ok(())
    }

    fn filed(&mut self, id: &TicketId, seq: u64, request: &Request) {
        let blobs: BTreeSet<Digest> = request.payloads().into_iter().map(|(_, digest)| digest).collect();
        for digest in &blobs {
            let uses = self.uses.entry(*digest).or_default();
            uses.open += 1;
            uses.unnamed += 1;
        }
        if !blobs.is_empty() {
            let (blobs, pruned) = (blobs.into_iter().collect(), HashSet::new());
            self.tickets.insert(id.clone(), Handed { seq, blobs, ended: None, pruned });
        }
    }

    fn went(&mut self, id: &TicketId, blobs: Vec<Digest>) {
        let Some(handed) = self.tickets.get_mut(id) else { return };
        for digest in blobs.into_iter().filter(|digest| handed.blobs.contains(digest)) {
            if handed.pruned.insert(digest)
                && let Some(uses) = self.uses.get_mut(&digest)
            {
                uses.unnamed = uses.unnamed.saturating_sub(1);
            }
        }
    }

    fn ended(&mut self, id: &TicketId, at: Timestamp) {
        let Some(handed) = self.tickets.get_mut(id).filter(|handed| handed.ended.is_none()) else { return };
        handed.ended = Some(at);
        for digest in &handed.blobs {
            if let Some(uses) = self.uses.get_mut(digest) {
                uses.open = uses.open.saturating_sub(1);
                uses.ended = uses.ended.max(Some(at));
            }
        }
    }

    /// The tickets to see to, oldest first.
    fn ended_before(&self, before: Timestamp) -> Vec<TicketId> {
        let over = |handed: &Handed| handed.ended.is_some_and(|ended| ended < before);
        let mut all: Vec<_> = self.tickets.iter().filter(|(_, handed)| over(handed)).collect();
        all.sort_unstable_by_key(|(_, handed)| handed.seq);
        all.into_iter().map(|(id, _)| id.clone()).collect()
    }

    /// Which payloads of the ticket can go, with their lengths: there still, of no ticket that is younger or not
    /// over, and nothing that the log rests on.
    fn removable(
        &self,
        read: &dyn Read,
        id: &TicketId,
        before: Timestamp,
    ) -> Result<Vec<(Digest, u64)>, QueueError> {
        let mut found = Vec::new();
        let Some(handed) = self.tickets.get(id) else { return Ok(found) };
        for digest in handed.blobs.iter().filter(|digest| !handed.pruned.contains(*digest)) {
            if self.kept.contains(digest)
                || !self.uses.get(digest).is_some_and(|uses| uses.ended_before(before))
            {
                continue;
            }
            let Some(length) = read.blob_length(digest)? else { continue };
            if !is_a_request(read, digest, length)? {
                found.push((*digest, length));
            }
        }
        Ok(found)
    }

    /// How many tickets have the digest and no event that says it went.
    fn unnamed(&self, digest: &Digest) -> usize {
        self.uses.get(digest).map_or(0, |uses| uses.unnamed)
    }

    fn pruned(&self, id: &TicketId, payloads: usize, bytes: u64) -> Option<Pruned> {
        let ended = self.tickets.get(id).and_then(|handed| handed.ended)?;
        let payloads = u64::try_from(payloads).unwrap_or(u64::MAX);
        (payloads > 0).then(|| Pruned { ticket: id.clone(), ended, payloads, bytes })
    }
}

/// The request of a ticket that was filed, from its own bytes.
fn request(read: &dyn Read, id: &TicketId, digest: &Digest) -> Result<Request, QueueError> {
    let tampered = || QueueError::Tampered(format!("the request of {} is missing or damaged", id.code()));
    let bytes = read.blob(digest)?.ok_or_else(tampered)?;
    let text = String::from_utf8(bytes).map_err(|_| tampered())?;
    Ok(Record::parse::<Request>(&text).map_err(|_| tampered())?.1)
}

/// Whether the blob is the request of a ticket here: somebody can attach the bytes of one.
fn is_a_request(read: &dyn Read, digest: &Digest, length: u64) -> Result<bool, QueueError> {
    if length > crate::record::LONGEST as u64 {
        return Ok(false);
    }
    let bytes = read.blob(digest)?.unwrap_or_default();
    let Ok(text) = String::from_utf8(bytes) else { return Ok(false) };
    let Ok((_, request)) = Record::parse::<Request>(&text) else { return Ok(false) };
    let ticket = read.ticket(&request.ticket)?;
    Ok(ticket.is_some_and(|ticket| ticket.filed.request_sha256 == *digest))
}
