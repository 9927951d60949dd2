//! Fills a queue with finished tickets of four to six events each, many in one transaction: only size is wanted.
//! Uses the library's own calls, so the tables, the tree and the log are what commands would have left: all of it
//! holds before an auditor. A million tickets, a tenth of them waiting, are five million events.

use std::time::Duration;

use handoff::clock::{Clock as _, SystemClock};
use handoff::ids::{Digest, Incarnation, Nonce, Origin, TicketId};
use handoff::occasion::Occasion;
use handoff::policy::{Risk, Terms, Verdict};
use handoff::queue::journal::{Journal, reference};
use handoff::queue::{InForce, QueueError};
use handoff::record::{Record, Text};
use handoff::request::{
    Account, Action, Context, Exec, PolicyRef, Program, Request, RequestType, Requester, Stdin, action_digest,
};
use handoff::store::sqlite::SqliteStore;
use handoff::store::{DecisionRow, Joins, Store as _};
use handoff::ticket::card::Card;
use handoff::ticket::decision::{Choice, Decision, DecisionType, LogHead};
use handoff::ticket::event::{Delivery, What};
use handoff::ticket::{ApprovedBy, Claim, Deadline, End, Execution, Filed, Outcome, State, Ticket};

use crate::world::{World, moment};

/// Tickets a transaction.
const BATCH: usize = 2_000;

/// What becomes of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    /// It waits.
    Waits,
    /// A person approved it, and it ran.
    Signed,
    /// The same, and somebody was told that it waited.
    Told,
    /// The policy allowed it, and it ran.
    Allowed,
}

/// Adds `finished` tickets that ran, of each nine four with a notification, and `pending` ones that wait.
pub fn fill(world: &World, finished: usize, pending: usize) {
    let told = finished * 4 / 9;
    add_all(world, Life::Told, told);
    add_all(world, Life::Signed, finished - told);
    add_all(world, Life::Waits, pending);
}

/// How many events that makes.
pub const fn events(finished: usize, pending: usize) -> usize {
    finished * 5 + finished * 4 / 9 + pending
}

/// Adds `decided` tickets that a person approved and `allowed` ones that nobody was asked about: of five events
/// each, and of four.
pub fn fill_sound(world: &World, decided: usize, allowed: usize) {
    add_all(world, Life::Signed, decided);
    add_all(world, Life::Allowed, allowed);
}

fn add_all(world: &World, life: Life, tickets: usize) {
    let mut store = SqliteStore::open(&world.db()).unwrap();
    let mut left = tickets;
    while left > 0 {
        let batch = left.min(BATCH);
        transaction(&mut store, world, batch, life);
        left -= batch;
    }
}

fn transaction(store: &mut SqliteStore, world: &World, tickets: usize, life: Life) {
    let in_force = InForce { policy: &world.policy, reviewers: &world.reviewers };
    let done: Result<(), QueueError> = store.write(&mut |desk| {
        let mut journal = Journal::open(desk, SystemClock::new().now())?;
        journal.in_force(in_force)?;
        (0..tickets).try_for_each(|_| add(&mut journal, world, life))
    });
    done.unwrap();
}

fn add(journal: &mut Journal<'_>, world: &World, life: Life) -> Result<(), QueueError> {
    let policy = reference(&world.policy);
    let request = request(&world.identity.origin, journal, &policy);
    let id = request.ticket.clone();
    let deadline = Deadline::after(journal.now(), 604_800);
    let request_sha256 = request.record()?.digest();
    let joins = Joins { uid: request.requester.account.uid, once: None, same: Some(request.join_digest()?) };
    let verdict = if life == Life::Allowed { allow() } else { verdict() };
    let what = What::Proposed {
        request_sha256,
        action_sha256: request.action_sha256,
        uid: joins.uid,
        policy_sha256: policy.sha256,
        verdict: verdict.clone(),
        deadline: deadline.clone(),
    };
    let seq = journal.record(Some(&id), what)?;
    let filed = Filed { request, request_sha256, verdict, deadline, seq };
    let mut ticket = Ticket { id, version: 4, filed, state: State::Pending {} };
    if life == Life::Waits {
        return Ok(journal.desk().insert_ticket(&ticket, &joins)?);
    }
    if life == Life::Told {
        let (notifier, occasion, delivery) = ("mail".parse().unwrap(), Occasion::New, Delivery::Delivered);
        journal.record(Some(&ticket.id), What::Notified { notifier, occasion, about: seq, delivery })?;
    }
    let decision = (life != Life::Allowed).then(|| signed(journal, world, &ticket));
    ticket.state = run(journal, &ticket.id, life, decision.as_ref())?;
    journal.desk().insert_ticket(&ticket, &Joins { same: None, ..joins })?;
    if let Some(decision) = decision {
        journal.desk().insert_decision(&decision)?;
    }
    Ok(())
}

fn run(
    journal: &mut Journal<'_>,
    id: &TicketId,
    life: Life,
    decision: Option<&DecisionRow>,
) -> Result<State, QueueError> {
    let by = match life {
        Life::Allowed => ApprovedBy::Policy(["bench".parse().unwrap()].into()),
        _ => ApprovedBy::Reviewers(vec!["ana@bench".parse().unwrap()]),
    };
    let (at, until) = (journal.now().wall, Deadline::after(journal.now(), 600));
    let claim = Claim { at, pid: 1, start: "1".into(), boot_id: journal.now().boot.boot_id.clone() };
    let outcome = Outcome { end: End::Exit(0), millis: 12 };
    let decision = decision.map(|DecisionRow { statement, signature, .. }| What::Decision {
        statement: statement.clone(),
        signature: signature.clone(),
        own: false,
    });
    let after = [
        What::Approved { by: by.clone(), until: until.clone() },
        What::Claimed { claim: claim.clone(), checks: 9 },
        What::Finished { outcome: outcome.clone() },
    ];
    for what in decision.into_iter().chain(after) {
        journal.record(Some(id), what)?;
    }
    Ok(State::Approved { at, by, until, execution: Execution::Finished(claim, outcome) })
}

fn signed(journal: &Journal<'_>, world: &World, ticket: &Ticket) -> DecisionRow {
    let filed = &ticket.filed;
    let decision = approval(&filed.request, &filed.verdict, world.identity.incarnation, journal.seen());
    let statement = Record::of(&decision).unwrap().as_str().to_owned();
    let namespace = Decision::namespace(&world.identity.origin);
    DecisionRow {
        ticket: ticket.id.clone(),
        reviewer: decision.reviewer,
        nonce: decision.nonce,
        seq: journal.seen().size,
        signature: world.ana.sign(&namespace, statement.as_bytes()).unwrap(),
        statement,
    }
}

/// The one reviewer's approve of a request, to be signed, that names this head of the log.
pub fn approval(request: &Request, verdict: &Verdict, incarnation: Incarnation, log: LogHead) -> Decision {
    let time = moment().wall;
    Decision {
        kind: DecisionType::V1,
        queue: log.origin.clone(),
        incarnation,
        ticket: request.ticket.clone(),
        request_sha256: request.record().unwrap().digest(),
        policy_sha256: request.policy.sha256,
        card_sha256: Card::new(request, verdict).digest(),
        decision: Choice::Approve,
        reason: None,
        suggest: None,
        reviewer: "ana@bench".parse().unwrap(),
        nonce: Nonce::random(),
        time,
        valid_until: Some(time.plus(Duration::from_secs(600))),
        log,
    }
}

fn allow() -> Verdict {
    Verdict::Allow { rules: ["bench".parse().unwrap()].into() }
}

fn verdict() -> Verdict {
    let why = ["Deletes files".to_owned()].into();
    Verdict::Review { rules: Default::default(), why, risk: Risk::Medium, terms: Terms::mildest() }
}

fn request(origin: &Origin, journal: &Journal<'_>, policy: &PolicyRef) -> Request {
    let uid = rustix::process::getuid().as_raw();
    let account = Account { uid, name: Text::from("bench") };
    let action = Action::Exec(Exec {
        argv: vec!["rm".into(), Text::from(Nonce::random().to_string().as_str())],
        cwd: "/srv/bench".into(),
        account: account.clone(),
        host: "bench".into(),
        program: Program {
            path: "/usr/bin/rm".into(),
            link: None,
            sha256: Digest::of(b"rm"),
            size: 60_000,
            script: false,
            theirs: false,
        },
        interpreters: Vec::new(),
        within: Vec::new(),
        links: Vec::new(),
        env: Vec::new(),
        env_all: false,
        stdin: Stdin::None,
        files: Vec::new(),
        binds: Vec::new(),
        not_bound: vec!["what the network answers".into()],
        prechecks: Vec::new(),
    });
    Request {
        kind: RequestType::V1,
        queue: origin.clone(),
        ticket: TicketId::random(),
        time: journal.now().wall,
        requester: Requester { account, pid: 1, parent: Some("sh".into()), terminal: false },
        action_sha256: action_digest(&action).unwrap(),
        action,
        context: Context::default(),
        git: None,
        once: None,
        attempt_of: None,
        deadline_s: 604_800,
        policy: policy.clone(),
    }
}
