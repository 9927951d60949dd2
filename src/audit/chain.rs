//! The log as a chain and a tree: every number, link, leaf and root, and the queue's lives.
//! Pure; keeps the tree's right edge and nothing else of what went by.

use std::collections::{BTreeMap, VecDeque};

use super::fault::Faults;
use super::nodes::Nodes;
use super::trail::{Kept, Row};
use crate::clock::Timestamp;
use crate::ids::{Digest, Incarnation, Origin, TicketId};
use crate::log::logkey::LogVerifier;
use crate::log::tree::{Frontier, Node, empty_root, leaf_hash};
use crate::queue::CLOCK_SLACK;
use crate::queue::mark::Mark;
use crate::record::decode;
use crate::ticket::decision::Decision;
use crate::ticket::event::{Event, What};

/// How many of the newest roots are kept at hand: a statement names one from when its card was opened.
const RECENT: usize = 4096;

/// A row with what its bytes say.
#[derive(Debug)]
pub struct Parsed {
    /// As stored.
    pub row: Row,
    /// The event, or why the bytes are none.
    pub event: Result<Event, String>,
    /// The leaf hash of the bytes as they are now.
    pub leaf: Digest,
    /// What was signed, where the event records a decision, or why the signed bytes are none.
    pub decision: Option<Result<Decision, String>>,
}

impl Parsed {
    /// Reads a row's bytes: the costly part, which needs nothing of what came before.
    #[must_use]
    pub fn of(row: Row) -> Self {
        let event = decode::<Event>(&row.bytes).map_err(|error| error.to_string());
        let leaf = leaf_hash(row.bytes.as_bytes());
        let decision = event.as_ref().ok().and_then(decided);
        Self { event, leaf, decision, row }
    }

    /// The number it stood under or says of itself; without either, the one that is `next`.
    #[must_use]
    pub fn seq(&self, next: u64) -> u64 {
        let said = || self.event.as_ref().ok().map(|event| event.seq);
        self.row.kept.as_ref().map(|kept| kept.seq).or_else(said).unwrap_or(next)
    }
}

/// What was signed, where the event records a decision.
pub fn decided(event: &Event) -> Option<Result<Decision, String>> {
    let What::Decision { statement, .. } = &event.what else { return None };
    Some(decode(statement).map_err(|error| error.to_string()))
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
    /// It is the auditor's.
    pub given: bool,
}

impl Anchor {
    /// One pinned by a reviewer or the gate.
    #[must_use]
    pub const fn pin(mark: &Mark) -> Self {
        Self {
            name: "pin",
            size: mark.size,
            root: mark.root,
            incarnation: Some(mark.incarnation),
            given: true,
        }
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
    anchors: BTreeMap<u64, Vec<Anchor>>,
    reached: Option<u64>,
    named: BTreeMap<u64, Option<Digest>>,
    // Those of the queue's that were held against the tree; the last is that of `next` events.
    recent: VecDeque<Digest>,
    // Only a queue keeps them.
    nodes: Nodes,
    shown: u64,
}

impl Chain {
    /// At the beginning.
    #[must_use]
    pub fn new() -> Self {
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
            anchors: BTreeMap::new(),
            reached: None,
            named: BTreeMap::new(),
            recent: VecDeque::new(),
            nodes: Nodes::default(),
            shown: 0,
        }
    }

    /// One head more that the log must contain; only before it has been passed.
    pub fn expect(&mut self, anchor: Anchor) {
        self.anchors.entry(anchor.size).or_default().push(anchor);
    }

    /// Sizes at which the root will be asked for; only before they have been passed.
    pub fn remember(&mut self, sizes: impl IntoIterator<Item = u64>) {
        self.named.extend(sizes.into_iter().map(|size| (size, None)));
    }

    /// The root over this many events, where that is one of the newest, or was to be remembered and has been reached.
    #[must_use]
    pub fn root_at(&self, size: u64) -> Option<Digest> {
        let back = self.next.checked_sub(size).and_then(|back| usize::try_from(back).ok());
        let recent = back.and_then(|back| self.recent.iter().rev().nth(back));
        recent.or_else(|| self.named.get(&size)?.as_ref()).copied()
    }

    /// The size of the newest of the auditor's heads that the log was held against.
    #[must_use]
    pub const fn reached(&self) -> Option<u64> {
        self.reached
    }

    /// How many events were shown; the others went by as hashes.
    #[must_use]
    pub const fn shown(&self) -> u64 {
        self.shown
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

    /// The inner nodes they make, where a queue keeps nodes to hold against them.
    #[must_use]
    pub const fn nodes(&self) -> &Nodes {
        &self.nodes
    }

    /// The latest time of an event, since a person last accepted the clock.
    #[must_use]
    pub const fn latest(&self) -> Timestamp {
        self.latest
    }

    /// The time of the first and the last event.
    #[must_use]
    pub const fn span(&self) -> Option<(Timestamp, Timestamp)> {
        self.span
    }

    /// Takes the next event and gives its number.
    pub fn take(&mut self, parsed: &Parsed, faults: &mut Faults) -> u64 {
        let seq = parsed.seq(self.next);
        self.gap(seq, faults);
        if let Some(kept) = &parsed.row.kept {
            faults.same(seq, "leaf", &kept.leaf, &parsed.leaf);
        }
        match &parsed.event {
            Ok(event) => self.event(seq, parsed.row.kept.as_ref(), event, faults),
            Err(why) => faults.of_log(seq, "bytes", why, "an event in canonical form"),
        }
        // The queue's own leaf, so that one that is wrong is told once and not in every root behind it.
        let leaf = parsed.row.kept.as_ref().map_or(parsed.leaf, |kept| kept.leaf);
        let nodes = self.frontier.append(leaf);
        if let Some(kept) = &parsed.row.kept {
            nodes.iter().for_each(|node| self.nodes.add(node));
            self.tree(seq, &kept.root, faults);
        }
        self.anchored(seq.saturating_add(1), faults);
        self.prev = Some(leaf);
        self.shown += 1;
        seq
    }

    /// Takes the place of an event that cannot be read: the log goes on behind it.
    pub fn unreadable(&mut self, seq: u64, why: String, faults: &mut Faults) {
        faults.of_log(seq, "row", why, "an event");
        self.gap(seq, faults);
        self.recent.clear();
        self.prev = None;
    }

    /// Takes events that were left out, by the root of the subtree they are.
    pub fn hidden(&mut self, node: Node, faults: &mut Faults) {
        match self.frontier.graft(node) {
            Some(width) => {
                self.next = self.next.saturating_add(width);
                self.prev = None;
                self.anchored(self.next, faults);
            }
            None => {
                let found = format!("level {}, index {}", node.level, node.index);
                faults.of_log(self.next, "tree", found, "the subtree that comes next");
            }
        }
    }

    /// Events that are not there: each gap is told once, and the tree is taken up again behind it.
    fn gap(&mut self, seq: u64, faults: &mut Faults) {
        if seq != self.next {
            faults.of_log(self.next, "event", format!("missing: {seq} comes next"), self.next);
            self.prev = None;
            self.recent.clear();
        }
        self.next = seq.saturating_add(1);
    }

    fn event(&mut self, seq: u64, kept: Option<&Kept>, event: &Event, faults: &mut Faults) {
        faults.same(seq, "seq", &event.seq, &seq);
        if let Some(kept) = kept.filter(|kept| kept.ticket != event.ticket) {
            let ticket = |id: Option<&TicketId>| id.map_or("none".to_owned(), ToString::to_string);
            faults.of_log(seq, "ticket", ticket(kept.ticket.as_ref()), ticket(event.ticket.as_ref()));
        }
        if let Some(prev) = &self.prev {
            faults.same(seq, "prev", &event.prev, prev);
        }
        self.lives(seq, event, faults);
        self.clock(seq, event, faults);
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
    fn tree(&mut self, seq: u64, kept: &Digest, faults: &mut Faults) {
        let root = self.frontier.root();
        if *kept == root {
            self.off = false;
            self.recent.push_back(root);
            if self.recent.len() > RECENT {
                self.recent.pop_front();
            }
            return;
        }
        self.recent.clear();
        if !std::mem::replace(&mut self.off, true) {
            faults.same(seq, "root", kept, &root);
        }
    }

    /// Holds the tree of this size against the heads of it.
    fn anchored(&mut self, size: u64, faults: &mut Faults) {
        let root = std::cell::LazyCell::new(|| self.frontier.root());
        if let Some(named) = self.named.get_mut(&size) {
            *named = Some(*root);
        }
        for anchor in self.anchors.remove(&size).into_iter().flatten() {
            let last = size.saturating_sub(1);
            faults.same(last, anchor.name, &*root, &anchor.root);
            if let (Some(pinned), Some(life)) = (&anchor.incarnation, &self.life) {
                faults.same(last, "pin's incarnation", life, pinned);
            }
            if anchor.given {
                self.reached = Some(size);
            }
        }
    }

    /// What was remembered and never came.
    pub fn finish(&self, faults: &mut Faults) {
        let beyond = self.anchors.values().flatten().filter(|anchor| anchor.size > self.next);
        for anchor in beyond {
            let found = format!("of {} events: the log ends before", anchor.size);
            faults.of_log(self.next, anchor.name, found, "within the log: newer events were cut off");
        }
        if self.next == 0 {
            faults.of_log(0, "event", "missing: the log is empty", "created");
        }
    }
}
