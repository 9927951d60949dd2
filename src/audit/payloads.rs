//! What was handed in with tickets: there as it was, or gone for good by an event that says so after the ticket's end.
//! Anything else is a fault. Reads blobs; keeps a few bytes a payload.

use std::collections::HashMap;

use super::fault::{Fault, Faults};
use super::law::{Law, kept};
use super::trail::{Trail, TrailError};
use crate::clock::Timestamp;
use crate::ids::{Digest, TicketId};
use crate::ticket::event::{Event, What};

/// The payloads of all tickets that have any.
#[derive(Debug, Default)]
pub struct Payloads {
    of: HashMap<TicketId, Handed>,
    pruned: u64,
}

#[derive(Debug)]
struct Handed {
    seq: u64,
    ended: Option<Timestamp>,
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    name: &'static str,
    digest: Digest,
    missing: bool,
    pruned: bool,
}

impl Payloads {
    /// Looks for what was handed in with a ticket just filed. What is missing may have been pruned later.
    ///
    /// # Errors
    /// When the trail cannot be read; other bytes than those of the digest are a fault.
    pub fn filed(
        &mut self,
        read: &dyn Trail,
        id: &TicketId,
        seq: u64,
        payloads: Vec<(&'static str, Digest)>,
        faults: &mut Faults,
    ) -> Result<(), TrailError> {
        let mut parts = Vec::with_capacity(payloads.len());
        for (name, digest) in payloads {
            let found = kept(read, &digest)?;
            let missing = found.is_none();
            if let Some(Err(why)) = found {
                faults.add(Fault::at(seq, name, why, wanted(&digest)).of(id));
            }
            parts.push(Part { name, digest, missing, pruned: false });
        }
        if !parts.is_empty() {
            self.of.insert(id.clone(), Handed { seq, ended: None, parts });
        }
        Ok(())
    }

    /// A ticket is over.
    pub fn ended(&mut self, id: &TicketId, at: Timestamp) {
        if let Some(handed) = self.of.get_mut(id) {
            handed.ended = Some(at);
        }
    }

    /// Takes an event that says what went. Only what was handed in with this ticket can go so, once it is over.
    pub fn pruned(&mut self, id: &TicketId, event: &Event, law: &Law, faults: &mut Faults) {
        let What::Pruned { before, blobs, .. } = &event.what else { return };
        let mut wrong = |field, found: String, wanted: String| {
            faults.add(Fault::at(event.seq, field, found, wanted).of(id));
        };
        let Some(handed) = self.of.get_mut(id) else {
            return wrong(
                "pruned",
                "of a ticket without payloads".to_owned(),
                "of one that had some".to_owned(),
            );
        };
        match handed.ended {
            Some(ended) if ended < *before => {}
            Some(ended) => wrong("pruned.before", before.to_string(), format!("later than {ended}, its end")),
            None => wrong("pruned", "before the ticket's end".to_owned(), "after it".to_owned()),
        }
        if *before > event.time {
            wrong("pruned.before", before.to_string(), format!("at most {}", event.time));
        }
        if blobs.is_empty() {
            wrong("pruned.blobs", "none".to_owned(), "payloads of this ticket".to_owned());
        }
        for digest in blobs {
            let mut its = handed.parts.iter_mut().filter(|part| part.digest == *digest).peekable();
            if its.peek().is_none() {
                wrong("pruned.blobs", digest.to_string(), "payloads of this ticket".to_owned());
                continue;
            }
            if law.rests_on(digest) {
                wrong("pruned.blobs", digest.to_string(), "no policy's and no reviewers file's".to_owned());
            }
            its.for_each(|part| part.pruned = true);
            self.pruned += 1;
        }
    }

    /// What is missing and never was pruned. Answers how many payloads were.
    pub fn finish(&mut self, faults: &mut Faults) -> u64 {
        for (id, handed) in std::mem::take(&mut self.of) {
            for part in handed.parts.iter().filter(|part| part.missing && !part.pruned) {
                let found = format!("{} is missing, and was not pruned", part.digest);
                faults.add(Fault::at(handed.seq, part.name, found, wanted(&part.digest)).of(&id));
            }
        }
        self.pruned
    }
}

fn wanted(digest: &Digest) -> String {
    format!("the bytes of {digest}")
}
