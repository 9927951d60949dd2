//! Follows the log page by page and holds every event, signature, ticket and row against what came before.
//! Reads only; memory is that of the open tickets and one page, however long the log is.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::ahead::{Ahead, Item, Ready};
use super::chain::{Anchor, Chain, Parsed};
use super::fault::{Fault, Faults};
use super::filing::{Filing, Named};
use super::law::Law;
use super::life::Life;
use super::live::Live;
use super::payloads::Payloads;
use super::report::{Counts, Report};
use super::retries::Retries;
use super::signatures::Task;
use super::succession::Phase;
use super::threads::on_every_core;
use super::trail::{End, Trail, TrailError, UNDAMAGED, sound};
use super::{rows, signatures};
use crate::ids::{Digest, TicketId};
use crate::log::checkpoint::SignedCheckpoint;
use crate::log::logkey::LogVerifier;
use crate::queue::mark::Mark;
use crate::signing::Reviewers;
use crate::store::Store;
use crate::ticket::decision::Decision;
use crate::ticket::event::{Event, What};

/// What a head of the auditor's is called in a fault, and one the trail itself keeps.
const GIVEN: &str = "checkpoint";
const KEPT: &str = "kept checkpoint";

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

/// Is told after each page how many events have gone by.
pub type Seen<'a> = &'a mut (dyn FnMut(u64) + Send);

/// Verifies the whole queue, on every core.
///
/// # Errors
/// When it cannot be read; whatever is wrong in what was read is a fault in the report.
pub fn verify<S: Store + Send>(store: &mut S, given: Given, seen: Seen<'_>) -> Result<Report, TrailError> {
    store.make_room()?;
    followed(Audit::new(given), seen, |audit| store.read(&mut |read| audit.page(&mut Live(read))))
}

/// Verifies a trail that stays as it is, with what was found wrong in it already.
///
/// # Errors
/// As [`verify`].
pub fn verify_trail<T: Trail + Send>(
    trail: &mut T,
    given: Given,
    found: Faults,
    seen: Seen<'_>,
) -> Result<Report, TrailError> {
    let audit = Audit { faults: found, ..Audit::new(given) };
    followed(audit, seen, |audit| audit.page(trail))
}

// Among the threads that verify signatures, so that this one takes part in what it would wait for.
fn followed(
    mut audit: Audit,
    seen: Seen<'_>,
    mut page: impl FnMut(&mut Audit) -> Result<bool, TrailError> + Send,
) -> Result<Report, TrailError> {
    on_every_core(|| {
        loop {
            let more = page(&mut audit)?;
            seen(audit.chain.next());
            if !more {
                return Ok(audit.report());
            }
        }
    })
}

struct Audit {
    chain: Chain,
    law: Law,
    open: HashMap<TicketId, Life>,
    // Where no queue can be asked: tickets that are over, by the beginning of their id's digest.
    over: HashMap<[u8; 16], Phase>,
    payloads: Payloads,
    retries: Retries,
    pending: BTreeMap<u32, u64>,
    newest: BTreeMap<&'static str, u64>,
    counts: Counts,
    faults: Faults,
    ahead: Ahead,
    tasks: Vec<Task>,
    checkpoints: Vec<(&'static str, SignedCheckpoint)>,
    given_reviewers: bool,
    bundle: bool,
    begun: bool,
}

impl Audit {
    fn new(given: Given) -> Self {
        let mut chain = Chain::new();
        given.pins.iter().for_each(|pin| chain.expect(Anchor::pin(pin)));
        Self {
            chain,
            given_reviewers: given.reviewers.is_some(),
            law: Law::new(given.reviewers),
            open: HashMap::new(),
            over: HashMap::new(),
            payloads: Payloads::default(),
            retries: Retries::default(),
            pending: BTreeMap::new(),
            newest: BTreeMap::new(),
            counts: Counts::default(),
            faults: Faults::default(),
            ahead: Ahead::default(),
            tasks: Vec::new(),
            checkpoints: given.checkpoints.into_iter().map(|note| (GIVEN, note)).collect(),
            bundle: false,
            begun: false,
        }
    }

    /// One page, in one consistent state of the trail; says whether there may be more. Its signatures are verified
    /// beside the next one.
    fn page(&mut self, trail: &mut dyn Trail) -> Result<bool, TrailError> {
        self.begin(trail)?;
        let mut ahead = std::mem::take(&mut self.ahead);
        let page = ahead.next(trail, self.chain.next())?;
        let (more, tasks) = (page.more, self.tasks());
        let wrong = ahead.meanwhile(trail, tasks, |trail| self.follow(trail, page))?;
        self.unfounded(wrong);
        self.ahead = ahead;
        if !more {
            self.finish(trail)?;
        }
        Ok(more)
    }

    fn follow(&mut self, trail: &dyn Trail, page: Ready) -> Result<(), TrailError> {
        let mut filings = page.filings.into_iter();
        for item in page.items {
            match item {
                Item::Event(parsed) => self.take(trail, &parsed, &mut filings)?,
                Item::Hidden(node) => self.chain.hidden(node, &mut self.faults),
                Item::Damaged(seq, why) => self.chain.unreadable(seq, why, &mut self.faults),
            }
        }
        Ok(())
    }

    fn take(
        &mut self,
        trail: &dyn Trail,
        parsed: &Arc<Parsed>,
        filings: &mut dyn Iterator<Item = Filing>,
    ) -> Result<(), TrailError> {
        let seq = self.chain.take(parsed, &mut self.faults);
        self.key_known();
        let Ok(event) = &parsed.event else { return Ok(()) };
        self.newest.insert(event.what.word(), seq);
        self.law.take(trail, seq, &event.what, &mut self.faults)?;
        if matches!(event.what, What::Decision { .. } | What::Reconciled { .. }) {
            self.signed(trail, parsed, event)?;
        }
        let filing = if matches!(event.what, What::Proposed { .. }) { filings.next() } else { None };
        self.event(trail, event, parsed.decision.as_ref(), filing)
    }

    /// Heads the trail itself brings are some more that must be in the log.
    fn begin(&mut self, trail: &dyn Trail) -> Result<(), TrailError> {
        if std::mem::replace(&mut self.begun, true) {
            return Ok(());
        }
        self.bundle = trail.queue().is_none();
        self.chain.remember(trail.named());
        for head in trail.heads()? {
            match head {
                Ok(note) => self.checkpoints.push((KEPT, note)),
                Err(why) => self.faults.of_log(0, KEPT, why, "a signed head"),
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
                    let (size, root, given) = (head.size, head.root, name == GIVEN);
                    self.chain.expect(Anchor { name, size, root, incarnation: None, given });
                }
                Err(error) => self.faults.of_log(0, name, error, "signed by this log's key"),
            }
        }
    }

    fn event(
        &mut self,
        read: &dyn Trail,
        event: &Event,
        decision: Option<&Result<Decision, String>>,
        filing: Option<Filing>,
    ) -> Result<(), TrailError> {
        let Some(id) = &event.ticket else { return Ok(()) };
        if let Some(filing) = filing {
            return self.filed(read, id, event, filing);
        }
        let decision = decision.and_then(|decision| decision.as_ref().ok());
        let mut life = match self.open.remove(id) {
            Some(life) => life,
            None if matches!(event.what, What::Notified { .. }) => return self.told(read, id, event),
            None if matches!(event.what, What::Pruned { .. }) => {
                self.payloads.pruned(id, event, &self.law, &mut self.faults);
                return Ok(());
            }
            None if self.bundle => {
                self.after_its_end(id, event);
                return Ok(());
            }
            None => match self.again(read, id, event.seq)? {
                // It is over and counted; only what comes after is held against it.
                Some(mut life) => {
                    life.take(event, decision, &self.law.people(), &mut self.faults);
                    return Ok(());
                }
                None => return Ok(()),
            },
        };
        life.take(event, decision, &self.law.people(), &mut self.faults);
        if life.phase.is_over() {
            rows::compare(read, &life, &mut self.faults)?;
            self.counts.add(&life);
            self.payloads.ended(id, event.time);
            self.retries.ended(life.uid, id, &life.retry, life.phase);
            if self.bundle {
                self.over.insert(short(id), life.phase);
            }
        } else {
            self.open.insert(id.clone(), life);
        }
        Ok(())
    }

    fn filed(
        &mut self,
        read: &dyn Trail,
        id: &TicketId,
        event: &Event,
        filing: Filing,
    ) -> Result<(), TrailError> {
        let twice = self.open.contains_key(id) || self.over.contains_key(&short(id));
        if twice {
            self.of_ticket(event.seq, id, "what", "proposed a second time", "proposed once");
            return Ok(());
        }
        let life = rows::open(read, id, event, filing, self.law.policy(), &mut self.faults)?;
        let Some(mut life) = life else { return Ok(()) };
        let payloads = std::mem::take(&mut life.payloads);
        self.payloads.filed(read, id, event.seq, payloads, &mut self.faults)?;
        self.pending.entry(life.uid).or_default();
        let whole = self.chain.shown() == self.chain.next();
        if let Some((field, found, wanted)) = self.retries.filed(life.uid, id, &life.retry, whole) {
            self.of_ticket(event.seq, id, field, &found, &wanted);
        }
        self.open.insert(id.clone(), life);
        Ok(())
    }

    /// An event of a ticket that is over: few may still come, and none changes it.
    fn after_its_end(&mut self, id: &TicketId, event: &Event) {
        let word = event.what.word();
        match self.over.get(&short(id)) {
            None => self.of_ticket(event.seq, id, "ticket", "one that was never filed", "filed before"),
            Some(phase) if phase.after(word).is_none() => {
                let wanted = phase.followers();
                self.of_ticket(event.seq, id, "what", word, &wanted);
            }
            Some(_) => {}
        }
    }

    /// Somebody was told of a ticket that is over: that changes nothing of it, so its life is not read again.
    fn told(&mut self, read: &dyn Trail, id: &TicketId, event: &Event) -> Result<(), TrailError> {
        let Some(queue) = read.queue() else {
            self.after_its_end(id, event);
            return Ok(());
        };
        let (ticket, seq) = (queue.ticket(id), event.seq);
        let ticket = sound(ticket, &mut self.faults, (seq, "ticket", UNDAMAGED))?.flatten();
        if ticket.is_none_or(|ticket| ticket.filed.seq >= seq) {
            self.of_ticket(seq, id, "ticket", "one that was never filed", "filed before");
        }
        Ok(())
    }

    /// The life of a ticket that is no longer followed, from its own events before `seq`. What was wrong in
    /// them was told when they went by.
    fn again(&mut self, read: &dyn Trail, id: &TicketId, seq: u64) -> Result<Option<Life>, TrailError> {
        let mut told = Faults::default();
        let mut life = None;
        let rows = read.queue().map_or(Ok(Vec::new()), |queue| queue.events_of(id));
        let rows = sound(rows, &mut self.faults, (seq, "earlier events", UNDAMAGED))?.unwrap_or_default();
        for row in rows.into_iter().take_while(|row| row.seq < seq) {
            let parsed = Parsed::of(row.into());
            let (Ok(event), decision) = (&parsed.event, &parsed.decision) else { continue };
            let decision = decision.as_ref().and_then(|decision| decision.as_ref().ok());
            match &mut life {
                None => {
                    let Some(named) = Named::by(event, read)? else { continue };
                    life = rows::open(read, id, event, named.read(), None, &mut told)?;
                }
                Some(life) => life.take(event, decision, &self.law.people(), &mut told),
            }
        }
        if life.is_none() {
            self.of_ticket(seq, id, "ticket", "one that was never filed", "filed before");
        }
        Ok(life)
    }

    fn of_ticket(&mut self, seq: u64, id: &TicketId, field: &'static str, found: &str, wanted: &str) {
        self.faults.add(Fault::at(seq, field, found, wanted).of(id));
    }

    fn signed(&mut self, read: &dyn Trail, parsed: &Arc<Parsed>, event: &Event) -> Result<(), TrailError> {
        match (&parsed.decision, &event.ticket) {
            (Some(Ok(decision)), Some(id)) => self.seen(read, event.seq, id, decision)?,
            (Some(Err(why)), Some(id)) => self.of_ticket(event.seq, id, "statement", why, "a decision"),
            _ => {}
        }
        if let What::Decision { statement, signature, .. } | What::Reconciled { statement, signature } =
            &event.what
        {
            read.copies(event.seq, statement, signature, &mut self.faults)?;
        }
        let Some(origin) = self.chain.origin() else { return Ok(()) };
        self.tasks.push(Task::of(Arc::clone(parsed), origin.clone(), self.law.reviewers()));
        Ok(())
    }

    /// The head a statement names must be one this log had, with the proposal under it.
    fn seen(
        &mut self,
        read: &dyn Trail,
        seq: u64,
        id: &TicketId,
        decision: &Decision,
    ) -> Result<(), TrailError> {
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
        let root = match (self.chain.root_at(head.size), read.queue(), head.size.checked_sub(1)) {
            (None, Some(queue), Some(last)) => {
                sound(queue.event(last), &mut self.faults, (last, "row", UNDAMAGED))?
                    .flatten()
                    .map(|row| row.root)
            }
            (root, ..) => root,
        };
        if root != Some(head.root) {
            let wanted = root.map_or("a root of this log".to_owned(), |root| root.to_string());
            self.of_ticket(seq, id, "log.root", &head.root.to_string(), &wanted);
        }
        Ok(())
    }

    /// The end of the log: what is left open, the head, the queue's own idea of itself, and what never came.
    fn finish(&mut self, read: &dyn Trail) -> Result<(), TrailError> {
        for (_, life) in std::mem::take(&mut self.open) {
            rows::compare(read, &life, &mut self.faults)?;
            self.counts.add(&life);
            if life.phase == Phase::Pending {
                *self.pending.entry(life.uid).or_default() += 1;
            }
        }
        let end = End {
            size: self.chain.next(),
            root: self.chain.root(),
            nodes: self.chain.nodes(),
            shown: self.chain.shown(),
            tickets: self.counts.tickets,
            pending: &self.pending,
            newest: &self.newest,
            origin: self.chain.origin(),
            log_key: self.chain.log_key(),
            life: self.chain.life(),
            latest: self.chain.latest(),
        };
        read.end(&end, &mut self.faults)?;
        self.counts.pruned = self.payloads.finish(&mut self.faults);
        for (name, _) in std::mem::take(&mut self.checkpoints) {
            self.faults.of_log(0, name, "of a log whose key is not known", "signed by this log's key");
        }
        self.chain.finish(&mut self.faults);
        Ok(())
    }

    /// The signatures that the last page brought.
    fn tasks(&mut self) -> Vec<Task> {
        let tasks = std::mem::take(&mut self.tasks);
        self.counts.signatures += u64::try_from(tasks.len()).unwrap_or(0);
        tasks
    }

    /// What is wrong with them.
    fn unfounded(&mut self, wrong: Vec<Fault>) {
        let unfounded = wrong.iter().filter(|fault| fault.field == "signature").count();
        self.counts.unfounded += u64::try_from(unfounded).unwrap_or(0);
        wrong.into_iter().for_each(|fault| self.faults.add(fault));
    }

    fn report(mut self) -> Report {
        let wrong = signatures::verify(&self.tasks());
        self.unfounded(wrong);
        self.faults.sort();
        Report {
            origin: self.chain.origin().cloned(),
            incarnation: self.chain.life(),
            log_key: self.chain.log_key().map(str::to_owned),
            events: self.chain.next(),
            shown: self.chain.shown(),
            bundle: self.bundle,
            root: self.chain.root(),
            span: self.chain.span(),
            counts: self.counts,
            faults: self.faults,
            given_reviewers: self.given_reviewers,
            given_head: self.chain.reached(),
        }
    }
}

/// Enough of a digest to tell tickets apart.
fn short(id: &TicketId) -> [u8; 16] {
    let digest = Digest::of(id.as_str().as_bytes());
    digest.as_bytes().first_chunk().copied().unwrap_or_default()
}
