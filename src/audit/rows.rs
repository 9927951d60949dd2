//! The rows of a ticket against its events: what a row says beyond them is nothing, what it says against them
//! is a fault. Reads only.

use super::fault::{Fault, Faults};
use super::law::blob;
use super::life::Life;
use super::statements::About;
use crate::ids::{Digest, TicketId};
use crate::record::{Record, encode};
use crate::request::{Request, Stdin, action_digest};
use crate::store::{Read, StoreError};
use crate::ticket::card::Card;
use crate::ticket::event::{Event, What};

/// A ticket from the event that files it and the bytes of its request.
///
/// # Errors
/// When the store cannot be read; a request that is not the one named is a fault.
pub fn open(
    read: &dyn Read,
    id: &TicketId,
    event: &Event,
    in_force: Option<Digest>,
    faults: &mut Faults,
) -> Result<Option<Life>, StoreError> {
    let What::Proposed { request_sha256, action_sha256, uid, policy_sha256, verdict, deadline } = &event.what
    else {
        return Ok(None);
    };
    let mut wrong = |field: &'static str, found: String, wanted: String| {
        faults.add(Fault { seq: event.seq, ticket: Some(id.clone()), field, found, wanted });
    };
    if in_force.is_some_and(|policy| policy != *policy_sha256) {
        let policy = in_force.map(|policy| policy.to_string()).unwrap_or_default();
        wrong("policy_sha256", policy_sha256.to_string(), policy);
    }
    let request = match request(read, request_sha256)? {
        Ok(request) => request,
        Err(why) => {
            wrong("request", why, format!("the bytes of {request_sha256}"));
            return Ok(None);
        }
    };
    let action =
        action_digest(&request.action).map_or_else(|error| error.to_string(), |digest| digest.to_string());
    let fields = [
        ("request.ticket", request.ticket.to_string(), id.to_string()),
        ("request.uid", request.requester.account.uid.to_string(), uid.to_string()),
        ("request.policy", request.policy.sha256.to_string(), policy_sha256.to_string()),
        ("request.action_sha256", request.action_sha256.to_string(), action.clone()),
        ("action_sha256", action_sha256.to_string(), action),
        ("request.time", request.time.to_string(), event.time.to_string()),
    ];
    fields
        .into_iter()
        .filter(|(_, is, should)| is != should)
        .for_each(|(field, is, should)| wrong(field, is, should));
    for (name, digest) in handed_in(&request) {
        if let Err(why) = blob(read, &digest)? {
            wrong(name, why, format!("the bytes of {digest}"));
        }
    }
    let about = About {
        origin: request.queue.clone(),
        ticket: id.clone(),
        request: *request_sha256,
        policy: *policy_sha256,
        card: Card::new(&request, verdict).digest(),
    };
    Ok(Some(Life::new(about, event.seq, *uid, verdict.clone(), deadline.clone())))
}

fn request(read: &dyn Read, digest: &Digest) -> Result<Result<Request, String>, StoreError> {
    let bytes = match blob(read, digest)? {
        Ok(bytes) => bytes,
        Err(why) => return Ok(Err(why)),
    };
    let text = String::from_utf8(bytes).map_err(|_| "not text".to_owned());
    Ok(text.and_then(|text| {
        Record::parse::<Request>(&text).map(|(_, request)| request).map_err(|error| error.to_string())
    }))
}

fn handed_in(request: &Request) -> Vec<(&'static str, Digest)> {
    let exec = request.exec();
    let mut blobs: Vec<(&'static str, Digest)> = Vec::new();
    blobs.extend(request.context.attachments.iter().map(|file| ("attachment", file.sha256)));
    blobs.extend(exec.binds.iter().map(|bind| ("bind", bind.sha256)));
    if let Stdin::Captured { sha256, .. } = &exec.stdin {
        blobs.push(("stdin", *sha256));
    }
    blobs
}

/// Holds the ticket's row and its decisions' rows against its life.
///
/// # Errors
/// When the store cannot be read.
pub fn compare(read: &dyn Read, life: &Life, faults: &mut Faults) -> Result<(), StoreError> {
    let id = &life.about.ticket;
    let mut wrong = |seq: u64, field: &'static str, found: String, wanted: String| {
        faults.add(Fault { seq, ticket: Some(id.clone()), field, found, wanted });
    };
    let ticket = match read.ticket(id) {
        Ok(Some(ticket)) => ticket,
        Ok(None) => {
            wrong(life.seq, "row", "missing".to_owned(), "there".to_owned());
            return Ok(());
        }
        Err(StoreError::Corrupt(why)) => {
            wrong(life.last, "row", why, "as its events say".to_owned());
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let filed = &ticket.filed;
    if ticket.state != *life.state() {
        wrong(life.last, "row's state", written(&ticket.state), written(life.state()));
    }
    let fields = [
        ("row's seq", filed.seq.to_string(), life.seq.to_string()),
        ("row's request", filed.request_sha256.to_string(), life.about.request.to_string()),
        ("row's verdict", written(&filed.verdict), written(&life.verdict)),
        ("row's deadline", written(&filed.deadline), written(&life.deadline)),
    ];
    for (field, found, wanted) in fields {
        if found != wanted {
            wrong(life.seq, field, found, wanted);
        }
    }
    let rows = match read.decisions(id) {
        Ok(rows) => {
            rows.iter().map(|row| (row.seq, row.nonce, Digest::of(row.statement.as_bytes()))).collect()
        }
        Err(StoreError::Corrupt(why)) => {
            wrong(life.last, "decision rows", why, "as its events say".to_owned());
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let rows: Vec<_> = rows;
    let votes: Vec<_> = life.votes.iter().map(|vote| (vote.seq, vote.nonce, vote.statement)).collect();
    if rows != votes {
        let seqs = |list: &[(u64, crate::ids::Nonce, Digest)]| {
            let seqs: Vec<String> = list.iter().map(|(seq, ..)| seq.to_string()).collect();
            if seqs.is_empty() { "none".to_owned() } else { format!("of events {}", seqs.join(", ")) }
        };
        let at = rows.iter().zip(&votes).find(|(a, b)| a != b).map_or(life.last, |(_, vote)| vote.0);
        wrong(at, "decision rows", seqs(&rows), seqs(&votes));
    }
    Ok(())
}

fn written<T: serde::Serialize>(value: &T) -> String {
    encode(value).unwrap_or_else(|error| error.to_string())
}
