//! Follows the log page by page and holds every event, signature, ticket and row against what came before.
//! Reads only; memory is that of the open tickets and one page, however long the log is.

use std::collections::HashMap;

use super::chain::{Anchor, Chain, Parsed};
use super::cores::beside;
use super::fault::{Fault, Faults};
use super::law::Law;
use super::life::Life;
use super::report::{Counts, Report};
use super::rows::Rows;
use super::signatures::Task;
use super::{rows, signatures};
use crate::ids::TicketId;
use crate::log::checkpoint::SignedCheckpoint;
use crate::log::logkey::LogVerifier;
use crate::queue::mark::Mark;
use crate::record::decode;
use crate::signing::Reviewers;
use crate::store::{EventRow, Read, Store, StoreError};
use crate::ticket::decision::Decision;
use crate::ticket::event::{Event, What};

/// How many events are read under one transaction: short enough to keep nobody waiting.
const PAGE: u64 = 512;

/// What the auditor brings along.
#[derive(Debug, Default)]
pub struct Given {
    /// Their own reviewers.
    pub reviewers: Option<Reviewers>,
    /// Signed heads they kept.
    pub checkpoints: Vec<SignedCheckpoint>,
    /// Heads remembered by a reviewer or the gate.
    pub pins: Vec<Mark>,
}

/// Verifies the whole queue.
///
/// # Errors
/// When it cannot be read; whatever is wrong in what was read is a fault in the report.
pub fn verify<S: Store>(store: &mut S, given: Given) -> Result<Report, StoreError> {
    let mut audit = Audit::new(given);
    loop {
        let more = store.read(&mut |read| audit.page(read))?;
        audit.check_signatures();
        if !more {
            return Ok(audit.report());
        }
    }
}

struct Audit {
    chain: Chain,
    law: Law,
    open: HashMap<TicketId, Life>,
    counts: Counts,
    faults: Faults,
    tasks: Vec<Task>,
    rows: Rows,
    checkpoints: Vec<(&'static str, SignedCheckpoint)>,
    given_reviewers: bool,
    given_head: Option<u64>,
    begun: bool,
}

impl Audit {
    fn new(given: Given) -> Self {
        let heads = given.checkpoints.iter().map(|note| note.unverified().size);
        // A head of nothing excludes nothing.
        let given_head = heads.chain(given.pins.iter().map(|pin| pin.size)).filter(|size| *size > 0).max();
        Self {
            chain: Chain::new(given.pins.iter().map(Anchor::pin).collect()),
            given_reviewers: given.reviewers.is_some(),
            law: Law::new(given.reviewers),
            open: HashMap::new(),
            counts: Counts::default(),
            faults: Faults::default(),
            tasks: Vec::new(),
            rows: Rows::default(),
            checkpoints: given.checkpoints.into_iter().map(|note| ("checkpoint", note)).collect(),
            given_head,
            begun: false,
        }
    }

    /// One page, in one consistent state of the queue; says whether there may be more.
    fn page(&mut self, read: &dyn Read) -> Result<bool, StoreError> {
        self.begin(read)?;
        let (page, more) = self.fetch(read)?;
        for parsed in parse(page) {
            self.chain.take(&parsed, &mut self.faults);
            self.key_known();
            if let Ok(event) = &parsed.event {
                self.law.take(read, parsed.row.seq, &event.what, &mut self.faults)?;
                self.event(read, event)?;
            }
        }
        if !more {
            self.finish(read)?;
        }
        self.rows.clear();
        Ok(more)
    }

    /// The newest head the queue itself kept is one more that must be in the log.
    fn begin(&mut self, read: &dyn Read) -> Result<(), StoreError> {
        if std::mem::replace(&mut self.begun, true) {
            return Ok(());
        }
        let kept = read.checkpoint();
        if let Some(Some((_, note))) = self.sound(0, "kept checkpoint", kept)? {
            match SignedCheckpoint::parse(&note) {
                Ok(note) => self.checkpoints.push(("kept checkpoint", note)),
                Err(error) => self.faults.of_log(0, "kept checkpoint", error, "a signed head"),
            }
        }
        Ok(())
    }

    /// Signed heads can be checked once the log has named its key, which its first event does.
    fn key_known(&mut self) {
        if self.checkpoints.is_empty() {
            return;
        }
        let key = self.chain.log_key().and_then(|key| key.parse::<LogVerifier>().ok());
        let Some(key) = key else { return };
        for (name, note) in std::mem::take(&mut self.checkpoints) {
            match note.verify(&key) {
                Ok(head) => {
                    let (size, root) = (head.size, head.root);
                    self.chain.expect(Anchor { name, size, root, incarnation: None });
                }
                Err(error) => self.faults.of_log(0, name, error, "signed by this log's key"),
            }
        }
    }

    fn fetch(&mut self, read: &dyn Read) -> Result<(Vec<EventRow>, bool), StoreError> {
        match read.events(self.chain.next(), PAGE) {
            Ok(page) => {
                let more = u64::try_from(page.len()).is_ok_and(|length| length == PAGE);
                Ok((page, more))
            }
            Err(StoreError::Corrupt(_)) => self.fetch_singly(read),
            Err(error) => Err(error),
        }
    }

    /// A row that cannot be read spoils its page only for itself.
    fn fetch_singly(&mut self, read: &dyn Read) -> Result<(Vec<EventRow>, bool), StoreError> {
        let (mut page, mut seq) = (Vec::new(), self.chain.next());
        let end = seq.saturating_add(PAGE);
        while seq < end {
            match read.event(seq) {
                Ok(Some(row)) => page.push(row),
                Ok(None) => {}
                Err(StoreError::Corrupt(why)) => self.faults.of_log(seq, "row", why, "an event"),
                Err(error) => return Err(error),
            }
            seq += 1;
        }
        // Without one readable row to go on from, the next page would be this one again.
        let more = !page.is_empty();
        Ok((page, more))
    }

    fn event(&mut self, read: &dyn Read, event: &Event) -> Result<(), StoreError> {
        if matches!(event.what, What::Decision { .. } | What::Reconciled { .. }) {
            self.signed(read, event)?;
        }
        let Some(id) = &event.ticket else { return Ok(()) };
        if matches!(event.what, What::Proposed { .. }) {
            return self.filed(read, id, event);
        }
        let mut life = match self.open.remove(id) {
            Some(life) => life,
            None if matches!(event.what, What::Notified { .. }) => return self.told(read, id, event.seq),
            None => match self.again(read, id, event.seq)? {
                // It is over and counted; only what comes after is held against it.
                Some(mut life) => {
                    life.take(event, &self.law.people(), &mut self.faults);
                    return Ok(());
                }
                None => return Ok(()),
            },
        };
        life.take(event, &self.law.people(), &mut self.faults);
        if life.phase.is_over() {
            rows::compare(read, &life, &mut self.rows, &mut self.faults)?;
            self.counts.add(&life);
        } else {
            self.open.insert(id.clone(), life);
        }
        Ok(())
    }

    fn filed(&mut self, read: &dyn Read, id: &TicketId, event: &Event) -> Result<(), StoreError> {
        let twice = self.open.contains_key(id);
        if twice {
            self.of_ticket(event.seq, id, "what", "proposed a second time", "proposed once");
            return Ok(());
        }
        let life = rows::open(read, id, event, self.law.policy(), &mut self.rows, &mut self.faults)?;
        self.open.extend(life.map(|life| (id.clone(), life)));
        Ok(())
    }

    /// Somebody was told of a ticket that is over: that changes nothing of it, so its life is not read again.
    fn told(&mut self, read: &dyn Read, id: &TicketId, seq: u64) -> Result<(), StoreError> {
        let ticket = read.ticket(id);
        let ticket = self.sound(seq, "ticket", ticket)?.flatten();
        if ticket.is_none_or(|ticket| ticket.filed.seq >= seq) {
            self.of_ticket(seq, id, "ticket", "one that was never filed", "filed before");
        }
        Ok(())
    }

    /// The life of a ticket that is no longer followed, from its own events before `seq`. What was wrong in
    /// them was told when they went by.
    fn again(&mut self, read: &dyn Read, id: &TicketId, seq: u64) -> Result<Option<Life>, StoreError> {
        let mut told = Faults::default();
        let mut life = None;
        let rows = read.events_of(id);
        let rows = self.sound(seq, "earlier events", rows)?.unwrap_or_default();
        for row in rows.into_iter().take_while(|row| row.seq < seq) {
            let Ok(event) = Parsed::of(row).event else { continue };
            match &mut life {
                None => life = rows::open(read, id, &event, None, &mut self.rows, &mut told)?,
                Some(life) => life.take(&event, &self.law.people(), &mut told),
            }
        }
        if life.is_none() {
            self.of_ticket(seq, id, "ticket", "one that was never filed", "filed before");
        }
        Ok(life)
    }

    /// What was read, if it could be read at all; damage is a fault, and the audit goes on.
    fn sound<T>(
        &mut self,
        seq: u64,
        field: &'static str,
        read: Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        match read {
            Ok(value) => Ok(Some(value)),
            Err(StoreError::Corrupt(why)) => {
                self.faults.of_log(seq, field, why, "undamaged");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn of_ticket(&mut self, seq: u64, id: &TicketId, field: &'static str, found: &str, wanted: &str) {
        let ticket = Some(id.clone());
        self.faults.add(Fault { seq, ticket, field, found: found.to_owned(), wanted: wanted.to_owned() });
    }

    fn signed(&mut self, read: &dyn Read, event: &Event) -> Result<(), StoreError> {
        if let (What::Decision { statement, .. }, Some(id)) = (&event.what, &event.ticket) {
            match decode::<Decision>(statement) {
                Ok(decision) => self.seen(read, event.seq, id, &decision)?,
                Err(error) => self.of_ticket(event.seq, id, "statement", &error.to_string(), "a decision"),
            }
        }
        let Some(origin) = self.chain.origin() else { return Ok(()) };
        self.tasks.push(Task {
            seq: event.seq,
            ticket: event.ticket.clone(),
            what: event.what.clone(),
            at: event.time,
            life: event.incarnation,
            origin: origin.clone(),
            reviewers: self.law.reviewers(),
        });
        Ok(())
    }

    /// The head a statement names must be one this log had, with the proposal under it.
    fn seen(
        &mut self,
        read: &dyn Read,
        seq: u64,
        id: &TicketId,
        decision: &Decision,
    ) -> Result<(), StoreError> {
        let head = &decision.log;
        if Some(&head.origin) != self.chain.origin() {
            let wanted = self.chain.origin().map(ToString::to_string).unwrap_or_default();
            self.of_ticket(seq, id, "log.origin", head.origin.as_str(), &wanted);
        }
        let filed = self.open.get(id).map(|life| life.seq);
        if head.size > seq || filed.is_some_and(|filed| head.size <= filed) {
            let wanted = format!("above {} and at most {seq}", filed.unwrap_or(0));
            self.of_ticket(seq, id, "log.size", &head.size.to_string(), &wanted);
            return Ok(());
        }
        let row = match head.size.checked_sub(1) {
            Some(last) => self.sound(last, "row", read.event(last))?.flatten(),
            None => None,
        };
        let root = row.map(|row| row.root);
        if root != Some(head.root) {
            let wanted = root.map_or("a root of this log".to_owned(), |root| root.to_string());
            self.of_ticket(seq, id, "log.root", &head.root.to_string(), &wanted);
        }
        Ok(())
    }

    /// The end of the log: what is left open, the head, the queue's own idea of itself, and what never came.
    fn finish(&mut self, read: &dyn Read) -> Result<(), StoreError> {
        for (_, life) in std::mem::take(&mut self.open) {
            rows::compare(read, &life, &mut self.rows, &mut self.faults)?;
            self.counts.add(&life);
        }
        let next = self.chain.next();
        match read.head() {
            Ok(head) => {
                self.faults.same(next, "head's size", &head.frontier.size(), &next);
                self.faults.same(next, "head's root", &head.frontier.root(), &self.chain.root());
            }
            Err(StoreError::Corrupt(why)) => {
                self.faults.of_log(next, "head", why, format!("that of the {next} events there are"));
            }
            Err(error) => return Err(error),
        }
        if let Some(identity) = self.sound(0, "queue's identity", read.identity())? {
            let origin = self.chain.origin().map(ToString::to_string).unwrap_or_default();
            self.faults.same(0, "queue's name", &identity.origin.to_string(), &origin);
            let key = self.chain.log_key().unwrap_or_default().to_owned();
            self.faults.same(0, "queue's log_key", &identity.log_key, &key);
            if let Some(life) = self.chain.life() {
                self.faults.same(next, "queue's incarnation", &identity.incarnation, &life);
            }
        }
        if let Some(counts) = self.sound(next, "counts", read.counts())? {
            let rows: u64 = counts.iter().map(|(_, count)| count).sum();
            self.faults.same(next, "number of ticket rows", &rows, &self.counts.tickets);
        }
        for (name, _) in std::mem::take(&mut self.checkpoints) {
            self.faults.of_log(0, name, "of a log whose key is not known", "signed by this log's key");
        }
        self.chain.finish(&mut self.faults);
        Ok(())
    }

    /// Verifies what the page brought, on every core.
    fn check_signatures(&mut self) {
        let tasks = std::mem::take(&mut self.tasks);
        self.counts.signatures += u64::try_from(tasks.len()).unwrap_or(0);
        signatures::verify(&tasks).into_iter().for_each(|fault| self.faults.add(fault));
    }

    fn report(mut self) -> Report {
        self.faults.sort();
        Report {
            origin: self.chain.origin().cloned(),
            incarnation: self.chain.life(),
            log_key: self.chain.log_key().map(str::to_owned),
            events: self.chain.next(),
            root: self.chain.root(),
            span: self.chain.span(),
            counts: self.counts,
            faults: self.faults,
            given_reviewers: self.given_reviewers,
            given_head: self.given_head,
        }
    }
}

fn parse(page: Vec<EventRow>) -> Vec<Parsed> {
    beside(&page, |rows| rows.iter().cloned().map(Parsed::of).collect())
}
