//! The log as a chain and a tree: every number, link, leaf and root, and the queue's lives.
//! Pure; keeps the tree's right edge and nothing else of what went by.

use super::fault::Faults;
use crate::clock::Timestamp;
use crate::ids::{Digest, Incarnation, Origin, TicketId};
use crate::log::logkey::LogVerifier;
use crate::log::tree::{Frontier, empty_root, leaf_hash};
use crate::queue::CLOCK_SLACK;
use crate::queue::mark::Mark;
use crate::record::Record;
use crate::store::EventRow;
use crate::ticket::event::{Event, What};

/// A row with what its bytes say.
#[derive(Debug)]
pub struct Parsed {
    /// As stored.
    pub row: EventRow,
    /// The event, or why the bytes are none.
    pub event: Result<Event, String>,
    /// The leaf hash of the bytes as they are now.
    pub leaf: Digest,
}

impl Parsed {
    /// Reads a row's bytes: the costly part, which needs nothing of what came before.
    #[must_use]
    pub fn of(row: EventRow) -> Self {
        let event = Record::parse::<Event>(&row.bytes).map(|(_, event)| event);
        let leaf = leaf_hash(row.bytes.as_bytes());
        Self { event: event.map_err(|error| error.to_string()), leaf, row }
    }
}

/// A remembered head that the log must contain.
#[derive(Debug, Clone)]
pub struct Anchor {
    /// What it is called in a fault.
    pub name: &'static str,
    /// The size it was taken at, and the root there.
    pub size: u64,
    /// Its root.
    pub root: Digest,
    /// The life it was taken in, where that was noted.
    pub incarnation: Option<Incarnation>,
}

impl Anchor {
    /// One pinned by a reviewer or the gate.
    #[must_use]
    pub const fn pin(mark: &Mark) -> Self {
        Self { name: "pin", size: mark.size, root: mark.root, incarnation: Some(mark.incarnation) }
    }
}

/// How far the log has been followed.
#[derive(Debug)]
pub struct Chain {
    frontier: Frontier,
    next: u64,
    prev: Option<Digest>,
    off: bool,
    life: Option<Incarnation>,
    origin: Option<Origin>,
    log_key: Option<String>,
    latest: Timestamp,
    span: Option<(Timestamp, Timestamp)>,
    anchors: Vec<Anchor>,
}

impl Chain {
    /// At the beginning.
    #[must_use]
    pub fn new(anchors: Vec<Anchor>) -> Self {
        let epoch = Timestamp::from_millis(0);
        Self {
            frontier: Frontier::new(),
            next: 0,
            prev: Some(empty_root()),
            off: false,
            life: None,
            origin: None,
            log_key: None,
            latest: epoch,
            span: None,
            anchors,
        }
    }

    /// One head more that the log must contain; only before it has been passed.
    pub fn expect(&mut self, anchor: Anchor) {
        self.anchors.push(anchor);
    }

    /// How many events have gone by.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.next
    }

    /// The root over them.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.frontier.root()
    }

    /// The queue's life at this point.
    #[must_use]
    pub const fn life(&self) -> Option<Incarnation> {
        self.life
    }

    /// The queue's name, from the first event.
    #[must_use]
    pub const fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// The log's verifier key, from the first event.
    #[must_use]
    pub fn log_key(&self) -> Option<&str> {
        self.log_key.as_deref()
    }

    /// The time of the first and the last event.
    #[must_use]
    pub const fn span(&self) -> Option<(Timestamp, Timestamp)> {
        self.span
    }

    /// Takes the next event.
    pub fn take(&mut self, parsed: &Parsed, faults: &mut Faults) {
        let row = &parsed.row;
        self.gap(row.seq, faults);
        faults.same(row.seq, "leaf", &row.leaf, &parsed.leaf);
        match &parsed.event {
            Ok(event) => self.event(row, event, faults),
            Err(why) => faults.of_log(row.seq, "bytes", why, "an event in canonical form"),
        }
        self.tree(row, faults);
        self.anchored(row.seq, faults);
        self.prev = Some(row.leaf);
    }

    /// Events that are not there: each gap is told once, and the tree is taken up again behind it.
    fn gap(&mut self, seq: u64, faults: &mut Faults) {
        if seq != self.next {
            faults.of_log(self.next, "event", format!("missing: {seq} comes next"), self.next);
            self.prev = None;
        }
        self.next = seq.saturating_add(1);
    }

    fn event(&mut self, row: &EventRow, event: &Event, faults: &mut Faults) {
        faults.same(row.seq, "seq", &event.seq, &row.seq);
        if row.ticket != event.ticket {
            let ticket = |id: Option<&TicketId>| id.map_or("none".to_owned(), ToString::to_string);
            faults.of_log(row.seq, "ticket", ticket(row.ticket.as_ref()), ticket(event.ticket.as_ref()));
        }
        if let Some(prev) = &self.prev {
            faults.same(row.seq, "prev", &event.prev, prev);
        }
        self.lives(row.seq, event, faults);
        self.clock(row.seq, event, faults);
    }

    fn lives(&mut self, seq: u64, event: &Event, faults: &mut Faults) {
        match &event.what {
            What::Created { origin, log_key } => {
                faults.same(seq, "created", &seq, &0);
                self.origin = Some(origin.clone());
                let key = log_key.plain().unwrap_or_default().to_owned();
                let named = key.parse::<LogVerifier>().map(|verifier| verifier.name().clone());
                if named.as_ref() != Ok(origin) {
                    faults.of_log(seq, "log_key", &key, format!("a verifier key of {origin}"));
                }
                self.log_key = Some(key);
                self.life = Some(event.incarnation);
            }
            What::Restored { from, size } => {
                let before = self.life.unwrap_or(*from);
                faults.same(seq, "restored from", from, &before);
                faults.same(seq, "restored size", size, &seq);
                self.life = Some(event.incarnation);
            }
            _ if seq == 0 => faults.of_log(seq, "what", event.what.word(), "created"),
            _ => {
                if let Some(life) = &self.life {
                    faults.same(seq, "incarnation", &event.incarnation, life);
                }
            }
        }
    }

    /// Nothing was approved or claimed while the clock was behind what the log had seen.
    fn clock(&mut self, seq: u64, event: &Event, faults: &mut Faults) {
        let decides = matches!(event.what, What::Approved { .. } | What::Claimed { .. });
        if decides && event.time.plus(CLOCK_SLACK) < self.latest {
            faults.of_log(seq, "time", event.time, format!("not before {}", self.latest));
        }
        let accepted = matches!(event.what, What::Reconciled { .. }) && event.ticket.is_none();
        self.latest = if accepted { event.time } else { self.latest.max(event.time) };
        let first = self.span.map_or(event.time, |(first, _)| first);
        self.span = Some((first, event.time));
    }

    /// One wrong root is one fault; a run of wrong ones is told at its beginning.
    fn tree(&mut self, row: &EventRow, faults: &mut Faults) {
        self.frontier.append(row.leaf);
        let root = self.frontier.root();
        if row.root == root {
            self.off = false;
        } else if !std::mem::replace(&mut self.off, true) {
            faults.same(row.seq, "root", &row.root, &root);
        }
    }

    fn anchored(&self, seq: u64, faults: &mut Faults) {
        for anchor in self.anchors.iter().filter(|anchor| anchor.size == seq.saturating_add(1)) {
            faults.same(seq, anchor.name, &self.frontier.root(), &anchor.root);
            if let (Some(pinned), Some(life)) = (&anchor.incarnation, &self.life) {
                faults.same(seq, "pin's incarnation", life, pinned);
            }
        }
    }

    /// What was remembered and never came.
    pub fn finish(&self, faults: &mut Faults) {
        for anchor in self.anchors.iter().filter(|anchor| anchor.size > self.next) {
            let found = format!("of {} events: the log ends before", anchor.size);
            faults.of_log(self.next, anchor.name, found, "within the log: newer events were cut off");
        }
        if self.next == 0 {
            faults.of_log(0, "event", "missing: the log is empty", "created");
        }
    }
}
