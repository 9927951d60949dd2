//! The rows of a ticket against its events: what a row says beyond them is nothing, what it says against them
//! is a fault. Reads only.

use super::fault::{Fault, Faults};
use super::filing::{Filed, Filing};
use super::law::fetched;
use super::life::{Life, Vote, signed};
use super::retries::Retry;
use super::statements::About;
use super::trail::{Trail, TrailError};
use crate::ids::{Digest, TicketId};
use crate::record::{Text, decode, encode};
use crate::request::Request;
use crate::store::{DecisionRow, Read, StoreError, TicketRow};
use crate::ticket::event::{Event, What};

/// A ticket from the event that files it and its request.
///
/// # Errors
/// When the trail cannot be read; a request that is not the one named is a fault.
pub fn open(
    read: &dyn Trail,
    id: &TicketId,
    event: &Event,
    filing: Filing,
    in_force: Option<Digest>,
    faults: &mut Faults,
) -> Result<Option<Life>, TrailError> {
    let What::Proposed { request_sha256, action_sha256, uid, policy_sha256, verdict, deadline } = &event.what
    else {
        return Ok(None);
    };
    let mut wrong = |field: &'static str, found: String, wanted: String| {
        faults.add(Fault::at(event.seq, field, found, wanted).of(id));
    };
    if in_force.is_some_and(|policy| policy != *policy_sha256) {
        let policy = in_force.map(|policy| policy.to_string()).unwrap_or_default();
        wrong("policy_sha256", policy_sha256.to_string(), policy);
    }
    let Filed { request, action, card } = match filing {
        Ok(filed) => filed,
        Err(why) => {
            wrong("request", why, format!("the bytes of {request_sha256}"));
            return Ok(None);
        }
    };
    let shown = |digest: Option<&Digest>| digest.map_or("none".to_owned(), ToString::to_string);
    if request.ticket != *id {
        wrong("request.ticket", request.ticket.to_string(), id.to_string());
    }
    if request.requester.account.uid != *uid {
        wrong("request.uid", request.requester.account.uid.to_string(), uid.to_string());
    }
    if request.policy.sha256 != *policy_sha256 {
        wrong("request.policy", request.policy.sha256.to_string(), policy_sha256.to_string());
    }
    if Some(request.action_sha256) != action {
        wrong("request.action_sha256", request.action_sha256.to_string(), shown(action.as_ref()));
    }
    if Some(*action_sha256) != action {
        wrong("action_sha256", action_sha256.to_string(), shown(action.as_ref()));
    }
    if request.time != event.time {
        wrong("request.time", request.time.to_string(), event.time.to_string());
    }
    if !read.shows(&card)? {
        wrong("card", "missing".to_owned(), card.to_string());
    }
    let about = About {
        origin: request.queue.clone(),
        ticket: id.clone(),
        request: *request_sha256,
        policy: *policy_sha256,
        card,
    };
    let mut life = Life::new(about, event.seq, *uid, verdict.clone(), deadline.clone());
    life.payloads = request.payloads();
    life.retry = Retry::of(&request);
    Ok(Some(life))
}

/// Holds the ticket's row and its decisions' rows against its life.
///
/// # Errors
/// When the store cannot be read.
pub fn compare(trail: &dyn Trail, life: &Life, faults: &mut Faults) -> Result<(), TrailError> {
    let Some(read) = trail.queue() else { return Ok(()) };
    let row = TicketRow {
        id: &life.about.ticket,
        seq: life.seq,
        uid: life.uid,
        request_sha256: &life.about.request,
        verdict: &life.verdict,
        deadline: &life.deadline,
        state: life.state(),
        once: life.retry.key.as_ref().map(Text::as_bytes),
    };
    let is_so = match read.has_row(&row) {
        Ok(is_so) => is_so,
        Err(StoreError::Corrupt(_)) => false,
        Err(error) => return Err(error.into()),
    };
    if is_so || told(read, life, faults)? {
        is_found(trail, read, life, faults)?;
        return decided(read, life, faults);
    }
    Ok(())
}

/// An open question without a key is found by whoever asks the same.
fn is_found(trail: &dyn Trail, read: &dyn Read, life: &Life, faults: &mut Faults) -> Result<(), TrailError> {
    if !life.state().is_open() || life.retry.key.is_some() {
        return Ok(());
    }
    let bytes = fetched(trail, &life.about.request)?.and_then(Result::ok).unwrap_or_default();
    let request = String::from_utf8(bytes).ok().and_then(|text| decode::<Request>(&text).ok());
    // A request that cannot be read was told when it was filed.
    let Some(Ok(same)) = request.map(|request| request.join_digest()) else { return Ok(()) };
    let found = match read.by_same(life.uid, &same) {
        Ok(found) => found,
        Err(StoreError::Corrupt(_)) => None,
        Err(error) => return Err(error.into()),
    };
    if found.as_ref() != Some(&life.about.ticket) {
        let found = found.map_or("nothing".to_owned(), |id| id.to_string());
        faults.add(Fault::at(life.seq, "row's question", found, "found by it").of(&life.about.ticket));
    }
    Ok(())
}

/// Tells where the ticket's row is another one than its events make; says whether there is one to be read.
fn told(read: &dyn Read, life: &Life, faults: &mut Faults) -> Result<bool, TrailError> {
    let id = &life.about.ticket;
    let mut wrong = |seq: u64, field: &'static str, found: String, wanted: String| {
        faults.add(Fault::at(seq, field, found, wanted).of(id));
    };
    let ticket = match read.ticket(id) {
        Ok(Some(ticket)) => ticket,
        Ok(None) => {
            wrong(life.seq, "row", "missing".to_owned(), "there".to_owned());
            return Ok(false);
        }
        Err(StoreError::Corrupt(why)) => {
            wrong(life.last, "row", why, "as its events say".to_owned());
            return Ok(false);
        }
        Err(error) => return Err(error.into()),
    };
    let filed = &ticket.filed;
    let mut alike = true;
    let mut same = |is: String, should: String, seq: u64, field: &'static str| {
        if is != should {
            alike = false;
            wrong(seq, field, is, should);
        }
    };
    same(written(&ticket.state), written(life.state()), life.last, "row's state");
    same(filed.seq.to_string(), life.seq.to_string(), life.seq, "row's seq");
    same(filed.request_sha256.to_string(), life.about.request.to_string(), life.seq, "row's request");
    same(written(&filed.verdict), written(&life.verdict), life.seq, "row's verdict");
    same(written(&filed.deadline), written(&life.deadline), life.seq, "row's deadline");
    if alike {
        let wanted = "those of its state, its deadline and its request".to_owned();
        wrong(life.last, "row's due time or keys", "others".to_owned(), wanted);
    }
    Ok(true)
}

fn decided(read: &dyn Read, life: &Life, faults: &mut Faults) -> Result<(), TrailError> {
    let id = &life.about.ticket;
    let mut wrong = |seq: u64, field: &'static str, found: String, wanted: String| {
        faults.add(Fault::at(seq, field, found, wanted).of(id));
    };
    let rows = match read.decisions(id) {
        Ok(rows) => rows,
        Err(StoreError::Corrupt(why)) => {
            wrong(life.last, "decision rows", why, "as its events say".to_owned());
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    let differs = |(row, vote): (&DecisionRow, &Vote)| !is_of(row, vote);
    let first = rows.iter().zip(&life.votes).find(|(row, vote)| differs((row, vote)));
    if first.is_none() && rows.len() == life.votes.len() {
        return Ok(());
    }
    let found = seqs(rows.iter().map(|row| row.seq));
    let wanted = seqs(life.votes.iter().map(|vote| vote.seq));
    match first {
        Some((_, vote)) if found == wanted => {
            wrong(
                vote.seq,
                "decision row",
                "another reviewer, statement or signature".to_owned(),
                "the event's".to_owned(),
            );
        }
        Some((_, vote)) => wrong(vote.seq, "decision rows", found, wanted),
        None => wrong(life.last, "decision rows", found, wanted),
    }
    Ok(())
}

fn is_of(row: &DecisionRow, vote: &Vote) -> bool {
    (row.seq, row.nonce, &row.reviewer) == (vote.seq, vote.nonce, &vote.reviewer)
        && signed(&row.statement, &row.signature) == vote.signed
}

fn seqs(seqs: impl Iterator<Item = u64>) -> String {
    let seqs: Vec<String> = seqs.map(|seq| seq.to_string()).collect();
    if seqs.is_empty() { "none".to_owned() } else { format!("of events {}", seqs.join(", ")) }
}

fn written<T: serde::Serialize>(value: &T) -> String {
    encode(value).unwrap_or_else(|error| error.to_string())
}
