//! A queue to try things on: temporary folder, settable clock, two reviewers with keys of their own.
//! For tests only.

use std::sync::{Arc, Mutex};

use crate::clock::{BootTime, Clock, Moment, Timestamp};
use crate::ids::{Digest, Incarnation, Nonce, Origin, Principal, TicketId};
use crate::log::logkey::LogKey;
use crate::policy::{Policy, PolicyFile};
use crate::queue::decide::{Decided, Signed};
use crate::queue::execution::Claimed;
use crate::queue::memory::Memory;
use crate::queue::propose::{Draft, Proposed};
use crate::queue::prune::{Order, Pruned};
use crate::queue::{InForce, Queue, QueueError};
use crate::record::Record;
use crate::request::{Action, Attachment, Context, Stdin};
use crate::signing::{Entry, NewKey, Reviewers, Signer};
use crate::store::Identity;
use crate::store::sqlite::SqliteStore;
use crate::ticket::card::Card;
use crate::ticket::decision::{Choice, Decision, DecisionType, LogHead};
use crate::ticket::{Claim, Ticket};

/// A clock that stands until it is moved.
#[derive(Debug, Clone)]
pub struct TestClock(Arc<Mutex<(i64, u64)>>);

impl Clock for TestClock {
    fn now(&self) -> Moment {
        let (wall, boot) = *self.0.lock().unwrap();
        let boot = BootTime { boot_id: "boot".into(), millis: boot };
        Moment { wall: Timestamp::from_millis(wall), boot }
    }
}

impl TestClock {
    /// Time passes.
    pub fn pass(&self, seconds: i64) {
        let mut now = self.0.lock().unwrap();
        now.0 += seconds * 1000;
        now.1 += u64::try_from(seconds * 1000).unwrap();
    }

    /// A part of a second passes.
    pub fn pass_millis(&self, millis: u32) {
        let mut now = self.0.lock().unwrap();
        now.0 += i64::from(millis);
        now.1 += u64::from(millis);
    }

    /// Somebody sets the wall clock.
    pub fn set_wall(&self, by_seconds: i64) {
        self.0.lock().unwrap().0 += by_seconds * 1000;
    }
}

/// Everything a story needs.
pub struct Bench {
    pub folder: tempfile::TempDir,
    pub clock: TestClock,
    pub queue: Queue<SqliteStore>,
    pub policy: Policy,
    pub reviewers: Reviewers,
    pub ana: Signer,
    pub bo: Signer,
    pub identity: Identity,
    pub log_key: LogKey,
}

pub const ONE: &str = "version = \"one\"\n";
pub const TWO: &str = "version = \"two\"\n[defaults]\napprovals = 2\n";
pub const OTHERS_ONLY: &str = "version = \"others\"\n[defaults]\ndistinct = true\n[accounts]\nana = 1004\n";

impl Bench {
    pub fn new(policy: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let origin: Origin = "test-0000".parse().unwrap();
        let (ana, bo) = (NewKey::generate("ana").unwrap(), NewKey::generate("bo").unwrap());
        let line = |name: &str, key: &NewKey| {
            let spaces = [Decision::namespace(&origin), format!("reconcile.v1@{origin}")];
            Entry::new(name.parse().unwrap(), spaces, key.public_key().clone(), name).unwrap()
        };
        let text = format!("{}\n{}\n", line("ana", &ana), line("bo", &bo));
        let reviewers = Reviewers::parse(&text).unwrap();
        let log_key = LogKey::generate(origin.clone()).unwrap();
        let identity = Identity {
            origin: origin.clone(),
            incarnation: Incarnation::random(),
            log_key: log_key.verifier().to_string(),
        };
        let clock = TestClock(Arc::new(Mutex::new((1_795_000_000_000, 1_000_000))));
        let store = SqliteStore::create(&folder.path().join("q/queue.db")).unwrap();
        let memory = Memory::new(&folder.path().join("state"), &origin);
        let mut queue = Queue::new(store, Box::new(clock.clone()), folder.path().join("bells"), memory);
        let policy = load(policy);
        queue.create(&identity, InForce { policy: &policy, reviewers: &reviewers }).unwrap();
        let (ana, bo) = (ana.into_signer(), bo.into_signer());
        Self { folder, clock, queue, policy, reviewers, ana, bo, identity, log_key }
    }

    /// The same queue as another process has it open.
    pub fn another_process(&mut self) -> Queue<SqliteStore> {
        let store = SqliteStore::open(self.queue.store().path()).unwrap();
        let memory = Memory::new(&self.folder.path().join("state"), &self.identity.origin);
        Queue::new(store, Box::new(self.clock.clone()), self.folder.path().join("bells"), memory)
    }

    pub fn draft(&self, argv: &[&str]) -> Draft {
        let request = crate::ticket::card::tests::request();
        let Action::Exec(mut exec) = request.action;
        exec.argv = argv.iter().map(|word| (*word).into()).collect();
        let action = Action::Exec(exec);
        Draft {
            ticket: TicketId::random(),
            requester: request.requester,
            action,
            context: Context::default(),
            git: None,
            once: None,
            deadline_s: None,
            blobs: Vec::new(),
        }
    }

    pub fn propose(&mut self, draft: &Draft) -> Result<Proposed, QueueError> {
        let in_force = InForce { policy: &self.policy, reviewers: &self.reviewers };
        let draft = Draft { ticket: TicketId::random(), ..draft.clone() };
        self.queue.propose(&draft, in_force, None)
    }

    /// Files a command that waits.
    pub fn file(&mut self, argv: &[&str]) -> Ticket {
        let draft = self.draft(argv);
        match self.propose(&draft).unwrap() {
            Proposed::Filed(ticket) => ticket,
            other => panic!("{other:?}"),
        }
    }

    /// Files a command that waits, with these bytes attached, the last of them as its captured input too.
    pub fn file_with(&mut self, argv: &[&str], payloads: &[&str]) -> Ticket {
        let mut draft = self.draft(argv);
        draft.blobs = payloads.iter().map(|text| (digest(text), text.as_bytes().to_vec())).collect();
        let attached = |(at, (sha256, bytes)): (usize, &(Digest, Vec<u8>))| Attachment {
            name: format!("{at}.txt").as_str().into(),
            sha256: *sha256,
            size: bytes.len() as u64,
        };
        draft.context.attachments = draft.blobs.iter().enumerate().map(attached).collect();
        let Action::Exec(exec) = &mut draft.action;
        if let Some((sha256, bytes)) = draft.blobs.last() {
            exec.stdin = Stdin::Captured { sha256: *sha256, size: bytes.len() as u64 };
        }
        match self.propose(&draft).unwrap() {
            Proposed::Filed(ticket) => ticket,
            other => panic!("{other:?}"),
        }
    }

    /// Prunes the payloads of what ended `seconds` ago or earlier.
    pub fn prune(&mut self, seconds: u64) -> Vec<Pruned> {
        let before = self.clock.now().wall.millis() - i64::try_from(seconds * 1000).unwrap();
        let order = Order { before: Timestamp::from_millis(before), uid: 1004 };
        let mut all = Vec::new();
        self.queue.prune(order, &mut |_| {}, &mut |pruned| all.push(pruned)).unwrap();
        all
    }

    /// Whether the queue has these bytes.
    pub fn has(&mut self, text: &str) -> bool {
        self.queue.read(&mut |read| Ok(read.blob(&digest(text))?)).unwrap().is_some()
    }

    pub fn statement(&mut self, ticket: &Ticket, choice: Choice, who: &str) -> Decision {
        let mark = self.queue.mark().unwrap();
        Decision {
            kind: DecisionType::V1,
            queue: self.identity.origin.clone(),
            incarnation: mark.incarnation,
            ticket: ticket.id.clone(),
            request_sha256: ticket.filed.request_sha256,
            policy_sha256: ticket.filed.request.policy.sha256,
            card_sha256: Card::new(&ticket.filed.request, &ticket.filed.verdict).digest(),
            decision: choice,
            reason: None,
            suggest: None,
            reviewer: who.parse().unwrap(),
            nonce: Nonce::random(),
            time: self.clock.now().wall,
            valid_until: (choice == Choice::Approve)
                .then(|| self.clock.now().wall.plus(std::time::Duration::from_secs(3600))),
            log: LogHead { origin: self.identity.origin.clone(), size: mark.size, root: mark.root },
        }
    }

    pub fn hand_in(&mut self, decision: &Decision) -> Result<Decided, QueueError> {
        let record = Record::of(decision).unwrap();
        let key = if decision.reviewer.as_str() == "bo" { &self.bo } else { &self.ana };
        let namespace = Decision::namespace(&self.identity.origin);
        let signature = key.sign(&namespace, record.as_str().as_bytes()).unwrap();
        self.hand_in_signed(&decision.ticket, record.as_str(), &signature)
    }

    pub fn hand_in_signed(
        &mut self,
        id: &TicketId,
        statement: &str,
        signature: &str,
    ) -> Result<Decided, QueueError> {
        let in_force = InForce { policy: &self.policy, reviewers: &self.reviewers };
        self.queue.decide(id, Signed { statement, signature }, in_force)
    }

    pub fn decide(&mut self, ticket: &Ticket, choice: Choice, who: &str) -> Result<Decided, QueueError> {
        let decision = self.statement(ticket, choice, who);
        self.hand_in(&decision)
    }

    pub fn claim(&mut self, id: &TicketId) -> Result<Claimed, QueueError> {
        let in_force = InForce { policy: &self.policy, reviewers: &self.reviewers };
        let authority = self.queue.authority(id, in_force)?;
        self.queue.claim(authority, &claim(), 1)
    }

    /// Kinds of all events, in order.
    pub fn kinds(&mut self) -> Vec<String> {
        let rows = self.queue.read(&mut |read| Ok(read.events(0, 1000)?)).unwrap();
        let kind = |row: &crate::store::EventRow| {
            let (_, event) = Record::parse::<crate::ticket::event::Event>(&row.bytes).unwrap();
            event.what.word().to_owned()
        };
        rows.iter().map(kind).collect()
    }

    /// Another process's hostile hand in the file: triggers dropped, then this.
    pub fn edit(&mut self, sql: &str) {
        let db = rusqlite::Connection::open(self.queue.store().path()).unwrap();
        let triggers: Vec<String> = db
            .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        for trigger in triggers {
            db.execute_batch(&format!("DROP TRIGGER {trigger}")).unwrap();
        }
        db.execute_batch(sql).unwrap();
    }
}

pub fn load(text: &str) -> Policy {
    let file = PolicyFile { file: "policy.toml", bytes: text.as_bytes() };
    Policy::load(file, None, &Default::default()).unwrap()
}

pub fn claim() -> Claim {
    Claim { at: Timestamp::from_millis(0), pid: 1, start: "1".into(), boot_id: "boot".into() }
}

pub fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

pub fn person(name: &str) -> Principal {
    name.parse().unwrap()
}
