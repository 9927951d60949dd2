//! Taking the log along: a bundle that proves itself to whoever has the reviewers' keys.
//! Reads the queue a page at a time, twice; keeps no more than a page and what was chosen.

mod cover;
mod folder;
mod named;
mod selection;
mod writer;

use std::collections::BTreeSet;
use std::io::Write;

pub use selection::Selection;
pub use writer::{Small, Target, Writer, Written, whole_file};

use self::cover::cover;
use self::named::named;
use super::bundle::{
    CHECKPOINTS, EVENTS, Filter, Left, MANIFEST, Manifest, ManifestType, PAGE as PAGE_NAME, SCRIPT, TREE,
};
use crate::clock::Timestamp;
use crate::ids::Digest;
use crate::log::checkpoint::SignedCheckpoint;
use crate::log::logkey::LogKey;
use crate::log::sums::SignedSums;
use crate::record::{Record, Text};
use crate::request::Request;
use crate::store::{EventRow, Identity, Read, Store, StoreError};

/// How many events are read under one transaction.
const PAGE: u64 = 512;

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The queue cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something is there.
    #[error("{0} is there already; name a place that is free")]
    Taken(String),
    /// The system refused.
    #[error("cannot write {0}: {1}")]
    Write(String, std::io::Error),
    /// A damaged event.
    #[error("event {0} is damaged ({1}); see: handoff audit verify")]
    NoEvent(u64, String),
    /// A damaged request.
    #[error("the request of event {0} is missing or damaged; see: handoff audit verify")]
    NoRequest(u64),
    /// A node of the tree that should be kept.
    #[error("the tree's node {1} of level {0} is missing; see: handoff audit verify")]
    NoNode(u8, u64),
    /// What the bundle would say of them lies behind the head it reaches to.
    #[error("payloads of event {0} were pruned while it was exported; export again")]
    PrunedMeanwhile(u64),
    /// Something cannot be written as a record.
    #[error(transparent)]
    Record(#[from] crate::record::RecordError),
}

/// What to take along, and how it is vouched for.
#[derive(Debug)]
pub struct Order<'a> {
    /// The queue.
    pub identity: &'a Identity,
    /// Its head, just signed: the bundle reaches up to it.
    pub head: &'a SignedCheckpoint,
    /// The log's key.
    pub key: &'a LogKey,
    /// Which tickets; all without.
    pub filter: Option<Filter>,
    /// Sizes of heads that somebody else remembers, to be provable from a filtered export too.
    pub cuts: BTreeSet<u64>,
    /// The exporter's clock.
    pub made: Timestamp,
}

/// What was taken along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exported {
    /// Events in the bundle.
    pub events: u64,
    /// Events in the log.
    pub size: u64,
    /// What that is on disk.
    pub written: Written,
}

/// Writes a bundle. `seen` hears how far it has come, and of how much.
///
/// # Errors
/// When the queue cannot be read or the bundle not written; then nothing of it is left.
pub fn export<S: Store>(
    store: &mut S,
    target: &Target,
    order: &Order<'_>,
    seen: &mut dyn FnMut(u64, u64),
) -> Result<Exported, ExportError> {
    store.make_room()?;
    let size = order.head.unverified().size;
    let passes = if order.filter.is_some() { 4 } else { 2 };
    let mut pass = 0;
    let mut seen = |pass: u64, at: u64| seen(pass * size + at, passes * size);
    let mut writer = Writer::new(target, order.made)?;
    let mut selection = None;
    if let Some(filter) = &order.filter {
        let mut chosen = Selection::of(store, filter, size, &mut |at| seen(0, at))?;
        chosen.cuts.extend(order.cuts.iter().copied());
        selection = Some(chosen);
        pass += 1;
    }
    let heads = heads(store, order.head, &mut writer)?;
    if let Some(selection) = &mut selection {
        selection.cuts.extend(heads);
        left_out(store, selection, size, &mut writer, &mut |at| seen(1, at))?;
        pass += 1;
    }
    let events = events(store, selection.as_ref(), size, &mut writer, &mut |at| seen(pass, at))?;
    named(store, selection.as_ref(), size, &mut writer, &mut |at| seen(pass + 1, at))?;
    writer.add(MANIFEST, manifest(order, events)?.as_str().as_bytes())?;
    writer.add(PAGE_NAME, include_bytes!("VERIFY.md"))?;
    writer.add(SCRIPT, include_bytes!("verify.py"))?;
    let written = writer.finish(|list| SignedSums::sign(order.key, list).to_string())?;
    Ok(Exported { events, size, written })
}

fn manifest(order: &Order<'_>, events: u64) -> Result<Record, ExportError> {
    let head = order.head.unverified();
    Ok(Record::of(&Manifest {
        kind: ManifestType::V1,
        origin: order.identity.origin.clone(),
        incarnation: order.identity.incarnation,
        log_key: Text::from(order.identity.log_key.as_str()),
        size: head.size,
        root: head.root,
        events,
        filter: order.filter.clone(),
        time: order.made,
    })?)
}

/// The signed heads that the queue kept, and the newest; gives their sizes.
fn heads<S: Store>(
    store: &mut S,
    newest: &SignedCheckpoint,
    writer: &mut Writer,
) -> Result<Vec<u64>, ExportError> {
    let size = newest.unverified().size;
    writer.add(&format!("{CHECKPOINTS}/{size}"), newest.to_string().as_bytes())?;
    let (mut sizes, mut next) = (vec![size], 0);
    loop {
        let kept = store.read(&mut |read| Ok::<_, ExportError>(read.checkpoints(next, PAGE)?))?;
        let Some((last, _)) = kept.last() else { return Ok(sizes) };
        next = last + 1;
        for (size_then, note) in kept.iter().filter(|(then, _)| *then < size) {
            writer.add(&format!("{CHECKPOINTS}/{size_then}"), note.as_bytes())?;
            sizes.push(*size_then);
        }
    }
}

/// Up to a page of events from `next` on, before `size`.
fn rows(read: &dyn Read, next: u64, size: u64) -> Result<Vec<EventRow>, StoreError> {
    read.events(next, PAGE.min(size.saturating_sub(next)))
}

/// Calls `each` with the events up to `size` that are taken along.
///
/// # Errors
/// When they cannot be read, and those of `each`.
pub fn walk<S: Store>(
    store: &mut S,
    selection: Option<&Selection>,
    size: u64,
    seen: &mut dyn FnMut(u64),
    each: &mut dyn FnMut(&dyn Read, &EventRow) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    pages(store, selection, size, seen, &mut |read, rows| rows.iter().try_for_each(|row| each(read, row)))
}

/// Takes the events of a page that are taken along.
type TakePage<'a> = dyn FnMut(&dyn Read, Vec<EventRow>) -> Result<(), ExportError> + 'a;

/// Calls `each` with them a page at a time, in one consistent state of the queue.
fn pages<S: Store>(
    store: &mut S,
    selection: Option<&Selection>,
    size: u64,
    seen: &mut dyn FnMut(u64),
    each: &mut TakePage<'_>,
) -> Result<(), ExportError> {
    let mut next = 0;
    while next < size {
        next = store.read(&mut |read| {
            let mut rows = rows(read, next, size)?;
            let reached = rows.last().map_or(size, |row| row.seq + 1);
            rows.retain(|row| selection.is_none_or(|chosen| chosen.takes(row.ticket.as_ref())));
            each(read, rows)?;
            Ok::<_, ExportError>(reached)
        })?;
        seen(next);
    }
    Ok(())
}

fn events<S: Store>(
    store: &mut S,
    selection: Option<&Selection>,
    size: u64,
    writer: &mut Writer,
    seen: &mut dyn FnMut(u64),
) -> Result<u64, ExportError> {
    let mut count = 0;
    writer.stream(EVENTS, &mut |file| {
        walk(store, selection, size, seen, &mut |_, row| {
            count += 1;
            put(file, EVENTS, &row.bytes)
        })
    })?;
    Ok(count)
}

fn put(file: &mut dyn Write, name: &str, line: &str) -> Result<(), ExportError> {
    let written = file.write_all(line.as_bytes()).and_then(|()| file.write_all(b"\n"));
    written.map_err(|error| ExportError::Write(name.to_owned(), error))
}

/// The subtrees that stand for what is not taken along.
fn left_out<S: Store>(
    store: &mut S,
    selection: &Selection,
    size: u64,
    writer: &mut Writer,
    seen: &mut dyn FnMut(u64),
) -> Result<(), ExportError> {
    writer.stream(TREE, &mut |file| {
        let mut at = 0;
        let mut gap = |read: &dyn Read, end: u64| {
            for (level, index) in cover(at, end, &selection.cuts) {
                let hash = read.node(level, index)?.ok_or(ExportError::NoNode(level, index))?;
                put(file, TREE, Record::of(&Left { level, index, hash })?.as_str())?;
            }
            at = end + 1;
            Ok(())
        };
        walk(store, Some(selection), size, seen, &mut |read, row| gap(read, row.seq))?;
        store.read(&mut |read| gap(read, size))
    })
}

/// The request of this digest, if it is there and is one.
fn request(read: &dyn Read, digest: &Digest) -> Result<Option<Request>, ExportError> {
    let bytes = match read.blob(digest) {
        Ok(Some(bytes)) => bytes,
        Ok(None) | Err(StoreError::Corrupt(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let text = String::from_utf8(bytes).unwrap_or_default();
    Ok(Record::parse::<Request>(&text).ok().map(|(_, request)| request))
}

#[cfg(test)]
mod tests;
