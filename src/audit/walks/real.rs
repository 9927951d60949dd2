//! The queue on disk as the walks drive it: real keys, real policies, real files, and a clock they turn.
//! For tests only.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use crate::clock::{Clock, Moment};
use crate::ids::{Incarnation, Nonce, Origin, TicketId};
use crate::log::logkey::LogKey;
use crate::policy::Policy;
use crate::queue::authority::Authority;
use crate::queue::decide::Signed;
use crate::queue::memory::{Memory, MemoryError};
use crate::queue::propose::{Draft, Proposed};
use crate::queue::tests::bench::load;
use crate::queue::tests::model::acts::Act;
use crate::queue::tests::model::rules::No;
use crate::queue::tests::model::world::{
    Hand, PEOPLE, Rule, SIGNED_FOR, Said, Stand, TICK_S, Time, World, claim, members, wall,
};
use crate::queue::{InForce, Queue, QueueError};
use crate::record::Record;
use crate::request::{Action, Context};
use crate::signing::{Entry, NewKey, Reviewers, Signer};
use crate::store::sqlite::SqliteStore;
use crate::store::{Filter, Identity, Page};
use crate::ticket::card::Card;
use crate::ticket::decision::{Choice, Decision, DecisionType, LogHead, Reconcile, ReconcileType, Subject};
use crate::ticket::event::Event;
use crate::ticket::{End, Outcome, Ticket};

const UIDS: [u32; 2] = [1004, 1005];

/// The time of the walk.
#[derive(Debug, Clone)]
struct Dial(Arc<Mutex<Time>>);

impl Clock for Dial {
    fn now(&self) -> Moment {
        self.0.lock().unwrap().moment()
    }
}

pub struct Real {
    folder: tempfile::TempDir,
    dial: Dial,
    pub queue: Queue<SqliteStore>,
    origin: Origin,
    lines: Vec<String>,
    signers: Vec<Signer>,
    policy: Policy,
    reviewers: Reviewers,
    ids: BTreeMap<u8, Ticket>,
    held: [Option<Authority>; 2],
    drawer: Option<(TicketId, String, String)>,
    copies: u32,
}

type Did = Result<(), No>;

impl Real {
    pub fn new(rule: Rule) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let origin: Origin = "test-0000".parse().unwrap();
        let keys: Vec<NewKey> = PEOPLE.iter().map(|name| NewKey::generate(name).unwrap()).collect();
        let line = |(name, key): (&&str, &NewKey)| {
            let spaces = [Decision::namespace(&origin), Reconcile::namespace(&origin)];
            let entry = Entry::new(name.parse().unwrap(), spaces, key.public_key().clone(), name).unwrap();
            format!("{entry}\n")
        };
        let lines: Vec<String> = PEOPLE.iter().zip(&keys).map(line).collect();
        let log_key = LogKey::generate(origin.clone()).unwrap().verifier().to_string();
        let identity = Identity { origin: origin.clone(), incarnation: Incarnation::random(), log_key };
        let dial = Dial(Arc::new(Mutex::new(Time { wall: 1, boot: 0, up: 0 })));
        let store = SqliteStore::create(&folder.path().join("q/queue.db")).unwrap();
        let memory = Memory::new(&folder.path().join("state"), &origin);
        let mut queue = Queue::new(store, Box::new(dial.clone()), folder.path().join("bells"), memory);
        let (policy, reviewers) = (policy(rule), Reviewers::parse(&lines.concat()).unwrap());
        queue.create(&identity, InForce { policy: &policy, reviewers: &reviewers }).unwrap();
        Self {
            folder,
            dial,
            queue,
            origin,
            lines,
            signers: keys.into_iter().map(NewKey::into_signer).collect(),
            policy,
            reviewers,
            ids: BTreeMap::new(),
            held: [None, None],
            drawer: None,
            copies: 0,
        }
    }

    /// Does the same as the model did, which went from `before` to `after`.
    pub fn does(&mut self, act: Act, before: &World, after: &World) -> Did {
        *self.dial.0.lock().unwrap() = after.now;
        let in_force = InForce { policy: &self.policy, reviewers: &self.reviewers };
        let done = match act {
            Act::Policy(rule) => {
                self.policy = policy(rule);
                Ok(())
            }
            Act::Reviewers(trusted) => {
                self.reviewers = self.trusting(trusted);
                Ok(())
            }
            Act::Propose { who, question, keyed } => {
                return self.propose(self.draft(who, question, keyed), None, before, after);
            }
            Act::Run { who, question, keyed, hand } => {
                return self.propose(self.draft(who, question, keyed), Some(hand), before, after);
            }
            Act::Decide { person, id, choice } => {
                let (ticket, statement, signature) = self.statement(person, id, choice);
                return self.hand_in(&ticket, &statement, &signature);
            }
            Act::Draw { person, id } => {
                self.drawer = Some(self.statement(person, id, Said::Approve));
                Ok(())
            }
            Act::HandIn => {
                let (ticket, statement, signature) = self.drawer.clone().unwrap();
                return self.hand_in(&ticket, &statement, &signature);
            }
            Act::Cancel { who, id } => self.queue.cancel(&self.ids[&id].id, UIDS[usize::from(who)]).map(drop),
            Act::Void { id } => self.queue.void(&self.ids[&id].id, &[]).map(drop),
            Act::Look { id } => self.queue.look(&self.ids[&id].id).map(drop),
            Act::Check { id, hand } => self
                .queue
                .authority(&self.ids[&id].id, in_force)
                .map(|authority| self.held[hand] = Some(authority)),
            Act::Claim { hand } => match self.held[hand].take() {
                Some(authority) => self.queue.claim(authority, &claim(), 0).map(drop),
                None => return Err(No::Tampered),
            },
            Act::Finish { hand } => self
                .queue
                .finish(&self.in_hand(before, hand), Outcome { end: End::Exit(0), millis: 1 })
                .map(drop),
            Act::NotStart { hand } => {
                self.queue.not_started(&self.in_hand(before, hand), "x".into()).map(drop)
            }
            Act::Lose { id } => self.queue.lose(&self.ids[&id].id, false).map(drop),
            Act::Reconcile { person, id } => {
                self.reconcile(person, Subject::Ticket(self.ids[&id].id.clone()))
            }
            Act::AcceptClock { person } => self.reconcile(person, Subject::Clock(wall(after.now.wall))),
            Act::Backup => {
                self.copies += 1;
                let copy = self.copy();
                self.queue.store().backup_to(&copy).map_err(Into::into)
            }
            Act::PutBack => {
                let copy = self.copy();
                self.queue.store().restore_from(&copy).map_err(Into::into)
            }
            Act::Restore => self.restore(),
            Act::Crash { hand } => {
                self.held[hand] = None;
                Ok(())
            }
            Act::Reboot => {
                self.held = [None, None];
                Ok(())
            }
            Act::Pass | Act::SetWall(_) | Act::Start { .. } | Act::Remember { .. } => Ok(()),
        };
        done.map_err(no)
    }

    /// Whether tickets, states and events are those of the model.
    pub fn is_as(&mut self, world: &World, log: &[&'static str]) -> Result<(), String> {
        let page = Page { skip: 0, limit: 100 };
        let (tickets, rows) = self
            .queue
            .read(&mut |read| Ok((read.list(&Filter::default(), page)?, read.events(0, 1000)?)))
            .unwrap();
        let kind = |bytes: &str| Record::parse::<Event>(bytes).unwrap().1.what.word();
        let kinds: Vec<_> = rows.iter().map(|row| kind(&row.bytes)).collect();
        if kinds != log {
            return Err(format!("the log holds {kinds:?}\nthe model's {log:?}"));
        }
        if tickets.len() != world.desk.slips.len() {
            return Err(format!("{} tickets, the model has {}", tickets.len(), world.desk.slips.len()));
        }
        for slip in &world.desk.slips {
            let id = &self.ids[&slip.id].id;
            let ticket = tickets.iter().find(|ticket| ticket.id == *id).ok_or("a ticket is gone")?;
            let stand = Stand::of(&ticket.state);
            if stand != slip.stand {
                return Err(format!("ticket {} is {stand:?}, the model's {:?}", slip.id, slip.stand));
            }
        }
        Ok(())
    }

    fn copy(&self) -> PathBuf {
        self.folder.path().join(format!("copy-{}.db", self.copies))
    }

    fn in_hand(&self, before: &World, hand: usize) -> TicketId {
        let (Hand::Claimed(id) | Hand::Running(id)) = before.hands[hand] else {
            panic!("{:?}", before.hands)
        };
        self.ids[&id].id.clone()
    }

    fn trusting(&self, people: u8) -> Reviewers {
        let lines: String = members(people).map(|person| self.lines[usize::from(person)].as_str()).collect();
        Reviewers::parse(&lines).unwrap()
    }

    fn draft(&self, who: u8, question: u8, keyed: bool) -> Draft {
        let request = crate::ticket::card::tests::request();
        let Action::Exec(mut exec) = request.action;
        exec.argv = vec!["terraform".into(), ["apply", "destroy"][usize::from(question)].into()];
        let mut requester = request.requester;
        requester.account.uid = UIDS[usize::from(who)];
        Draft {
            ticket: TicketId::random(),
            requester,
            action: Action::Exec(exec),
            context: Context::default(),
            git: None,
            once: keyed.then(|| "once".into()),
            deadline_s: None,
            blobs: Vec::new(),
        }
    }

    fn propose(&mut self, draft: Draft, hand: Option<usize>, before: &World, after: &World) -> Did {
        let in_force = InForce { policy: &self.policy, reviewers: &self.reviewers };
        let executor = claim();
        let proposed = self.queue.propose(&draft, in_force, hand.map(|_| &executor)).map_err(no)?;
        let is_new = after.ids > before.ids;
        assert_eq!(is_new, !matches!(proposed, Proposed::Joined(_)), "filed or joined");
        if is_new {
            self.ids.insert(before.ids, proposed.ticket().clone());
        } else {
            assert!(self.ids.values().any(|ticket| ticket.id == proposed.ticket().id));
        }
        Ok(())
    }

    fn statement(&mut self, person: u8, id: u8, choice: Said) -> (TicketId, String, String) {
        let (mark, now) = (self.queue.mark().unwrap(), self.dial.now().wall);
        let ticket = &self.ids[&id];
        let request = &ticket.filed.request;
        let decision = Decision {
            kind: DecisionType::V1,
            queue: self.origin.clone(),
            incarnation: mark.incarnation,
            ticket: ticket.id.clone(),
            request_sha256: ticket.filed.request_sha256,
            policy_sha256: request.policy.sha256,
            card_sha256: Card::new(request, &ticket.filed.verdict).digest(),
            decision: word(choice),
            reason: None,
            suggest: None,
            reviewer: PEOPLE[usize::from(person)].parse().unwrap(),
            nonce: Nonce::random(),
            time: now,
            valid_until: (choice == Said::Approve)
                .then(|| now.plus(std::time::Duration::from_secs(u64::from(SIGNED_FOR) * TICK_S))),
            log: LogHead { origin: self.origin.clone(), size: mark.size, root: mark.root },
        };
        let statement = Record::of(&decision).unwrap().as_str().to_owned();
        let signature = self.signed(person, &Decision::namespace(&self.origin), &statement);
        (ticket.id.clone(), statement, signature)
    }

    fn signed(&self, person: u8, namespace: &str, statement: &str) -> String {
        self.signers[usize::from(person)].sign(namespace, statement.as_bytes()).unwrap()
    }

    fn hand_in(&mut self, id: &TicketId, statement: &str, signature: &str) -> Did {
        let in_force = InForce { policy: &self.policy, reviewers: &self.reviewers };
        self.queue.decide(id, Signed { statement, signature }, in_force).map(drop).map_err(no)
    }

    fn reconcile(&mut self, person: u8, about: Subject) -> Result<(), QueueError> {
        let reconcile = Reconcile {
            kind: ReconcileType::V1,
            queue: self.origin.clone(),
            incarnation: self.queue.mark().unwrap().incarnation,
            about,
            finding: "x".into(),
            reviewer: PEOPLE[usize::from(person)].parse().unwrap(),
            nonce: Nonce::random(),
            time: self.dial.now().wall,
        };
        let statement = Record::of(&reconcile).unwrap().as_str().to_owned();
        let signature = self.signed(person, &Reconcile::namespace(&self.origin), &statement);
        let in_force = InForce { policy: &self.policy, reviewers: &self.reviewers };
        self.queue.reconcile(Signed { statement: &statement, signature: &signature }, in_force).map(drop)
    }

    /// As `handoff restore` does it: the new life begins in a copy.
    fn restore(&mut self) -> Result<(), QueueError> {
        self.copies += 1;
        let staged = self.copy();
        self.copies -= 1;
        let mut copy = SqliteStore::create(&staged)?;
        copy.restore_from(&self.copy())?;
        let memory = Memory::new(&self.folder.path().join("state"), &self.origin);
        let bells = self.folder.path().join("bells");
        Queue::new(copy, Box::new(self.dial.clone()), bells, memory).begin_again()?;
        self.queue.store().restore_from(&staged)?;
        for ending in ["", "-wal", "-shm", "-lock"] {
            let mut name = staged.clone().into_os_string();
            name.push(ending);
            let _ = std::fs::remove_file(name);
        }
        Ok(())
    }
}

const fn word(said: Said) -> Choice {
    match said {
        Said::Approve => Choice::Approve,
        Said::Reject => Choice::Reject,
        Said::Revoke => Choice::Revoke,
    }
}

fn no(error: QueueError) -> No {
    match error {
        QueueError::Memory(MemoryError::Spent(_)) => No::Spent,
        QueueError::Memory(_) => No::Memory,
        QueueError::ClockBehind(_) => No::ClockBehind,
        QueueError::Decision(_) | QueueError::Signature(_) => No::Decision,
        QueueError::Stale(_) => No::Stale,
        QueueError::Tampered(_) => No::Tampered,
        QueueError::Refused { why, .. } => No::Machine(why),
        QueueError::NotYours(_) => No::NotYours,
        QueueError::OtherAction(_) => No::OtherAction,
        QueueError::NoSuchTicket(_) => No::Unheard,
        other => panic!("{other}"),
    }
}

fn policy(rule: Rule) -> Policy {
    let (name, approvals, validity, more) = match rule {
        Rule::One => ("one", 1, 20, ""),
        Rule::Two => ("two", 2, 20, ""),
        Rule::Others => ("others", 1, 20, "distinct = true\n[accounts]\nana = 1004\n"),
        Rule::Short => ("short", 1, 10, ""),
        Rule::Allow => ("allow", 1, 20, ALLOW),
        Rule::Deny => ("deny", 1, 20, DENY),
    };
    let defaults = format!("approvals = {approvals}\ndeadline = \"20s\"\nvalidity = \"{validity}s\"\n");
    load(&format!("version = \"{name}\"\n[defaults]\n{defaults}{more}"))
}

const ALLOW: &str = concat!(
    "[[rule]]\nid = \"yes\"\nverdict = \"allow\"\nprogram = [\"/usr/bin/terraform\"]\nwhy = \"w\"\n",
    "match = [\"terraform apply\"]\nnot_match = [\"ls\"]\n"
);

const DENY: &str = concat!(
    "[[rule]]\nid = \"no\"\nverdict = \"deny\"\nprogram = [\"terraform\"]\nwhy = \"w\"\n",
    "match = [\"terraform apply\"]\nnot_match = [\"ls\"]\n"
);
