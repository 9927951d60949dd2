//! Everything that the events name: statements as files, requests, cards, policies, reviewers, blobs.
//! Reads the queue; what is costly to make is made on every core.

use std::collections::HashSet;

use rayon::prelude::*;

use super::writer::{Small, Writer};
use super::{ExportError, Selection, pages};
use crate::audit::bundle::{BLOBS, CARDS, POLICIES, REVIEWERS, STATEMENTS, by_digest};
use crate::audit::threads::on_every_core;
use crate::ids::{Digest, TicketId};
use crate::record::decode;
use crate::request::Request;
use crate::store::{EventRow, Read, Store, StoreError};
use crate::ticket::card::Card;
use crate::ticket::event::{Event, What};

/// Adds them to the bundle, in the order of the log.
pub(super) fn named<S: Store>(
    store: &mut S,
    selection: Option<&Selection>,
    size: u64,
    writer: &mut Writer,
    seen: &mut dyn FnMut(u64),
) -> Result<(), ExportError> {
    let mut there = HashSet::new();
    pages(store, selection, size, seen, &mut |read, rows| {
        let events: Vec<_> = on_every_core(|| rows.into_par_iter().map(said).collect());
        let mut named = Vec::new();
        for said in events {
            let said = said?;
            let request = match &said.event.what {
                What::Proposed { request_sha256, .. } => blob(read, request_sha256)?,
                _ => None,
            };
            named.push((said, request));
        }
        let mut files = Vec::new();
        let parts: Vec<_> = on_every_core(|| named.into_par_iter().map(parts).collect());
        for part in parts {
            files.extend(part.files);
            for (folder, digest) in part.shared {
                if folder == BLOBS {
                    pruned_before(read, &part.of, &digest, size)?;
                }
                if there.insert((folder, digest))
                    && let Some(bytes) = blob(read, &digest)?
                    && !(folder == BLOBS && comes_by_itself(read, selection, size, &digest, &bytes)?)
                {
                    // What was handed in may be large, and is not kept while the rest of the page is made.
                    writer.add_all(std::mem::take(&mut files))?;
                    writer.add_all(vec![Small { name: by_digest(folder, &digest), digest, bytes }])?;
                }
            }
        }
        writer.add_all(files)
    })
}

/// Whether these bytes are the request of a ticket that is taken along, which somebody attached to another one: it
/// would come twice.
fn comes_by_itself(
    read: &dyn Read,
    selection: Option<&Selection>,
    size: u64,
    digest: &Digest,
    bytes: &[u8],
) -> Result<bool, ExportError> {
    let text = std::str::from_utf8(bytes).ok();
    let Some(request) = text.and_then(|text| decode::<Request>(text).ok()) else { return Ok(false) };
    let ticket = match read.ticket(&request.ticket) {
        Ok(ticket) => ticket,
        Err(StoreError::Corrupt(_)) => None,
        Err(error) => return Err(error.into()),
    };
    Ok(ticket.is_some_and(|ticket| {
        let filed = &ticket.filed;
        let taken = filed.seq < size && selection.is_none_or(|chosen| chosen.takes(Some(&ticket.id)));
        taken && filed.request_sha256 == *digest
    }))
}

/// Refuses when something that was handed in went by an event that is not taken along.
fn pruned_before(read: &dyn Read, of: &Of, digest: &Digest, size: u64) -> Result<(), ExportError> {
    let Some(ticket) = &of.ticket else { return Ok(()) };
    if read.blob_length(digest)?.is_some() {
        return Ok(());
    }
    let named = digest.to_string();
    let says_so = |row: &EventRow| {
        row.bytes.contains(r#""what":{"pruned":{"#) && row.bytes.contains(&named) && row.seq >= size
    };
    if read.events_of(ticket)?.iter().any(says_so) {
        return Err(ExportError::PrunedMeanwhile(of.seq));
    }
    Ok(())
}

/// An event, and the row it stood in.
struct Said {
    of: Of,
    event: Event,
}

/// Where something came from.
struct Of {
    seq: u64,
    ticket: Option<TicketId>,
}

fn said(row: EventRow) -> Result<Said, ExportError> {
    match decode(&row.bytes) {
        Ok(event) => Ok(Said { of: Of { seq: row.seq, ticket: row.ticket }, event }),
        Err(error) => Err(ExportError::NoEvent(row.seq, error.to_string())),
    }
}

/// What is missing is missing in the bundle too, where a verifier names it.
fn blob(read: &dyn Read, digest: &Digest) -> Result<Option<Vec<u8>>, ExportError> {
    match read.blob(digest) {
        Ok(bytes) => Ok(bytes),
        Err(StoreError::Corrupt(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// What one event brings along.
struct Parts {
    of: Of,
    files: Vec<Small>,
    /// Blobs that other events may name as well, with the folder each goes to.
    shared: Vec<(&'static str, Digest)>,
}

// The store has held a blob's bytes against its digest.
fn parts((Said { of, event }, request): (Said, Option<Vec<u8>>)) -> Parts {
    let mut parts = Parts { of, files: Vec::new(), shared: Vec::new() };
    match event.what {
        What::Decision { statement, signature, .. } | What::Reconciled { statement, signature } => {
            let name = format!("{STATEMENTS}/{}.json", parts.of.seq);
            parts.files.push(Small::new(format!("{name}.sig"), signature.into_bytes()));
            parts.files.insert(0, Small::new(name, statement.into_bytes()));
        }
        What::Policy { policy, layers } => {
            parts.shared.push((POLICIES, policy.sha256));
            parts.shared.extend(layers.into_iter().map(|layer| (POLICIES, layer.sha256)));
        }
        What::Reviewers { sha256 } => parts.shared.push((REVIEWERS, sha256)),
        What::Proposed { request_sha256: digest, verdict, .. } => {
            let text = request.and_then(|bytes| String::from_utf8(bytes).ok());
            let Some((text, request)) = text.and_then(|text| {
                let request = decode::<Request>(&text).ok()?;
                Some((text, request))
            }) else {
                return parts;
            };
            parts.files.push(Small { name: by_digest(BLOBS, &digest), digest, bytes: text.into_bytes() });
            let card = Card::new(&request, &verdict).into_text().into_bytes();
            let shown = Digest::of(&card);
            parts.files.push(Small { name: by_digest(CARDS, &shown), digest: shown, bytes: card });
            parts.shared.extend(request.payloads().into_iter().map(|(_, digest)| (BLOBS, digest)));
        }
        _ => {}
    }
    parts
}
