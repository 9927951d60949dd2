//! Fills a queue with finished tickets of five events each, many in one transaction: only size is wanted.
//! Uses the library's own calls, so the tables, the tree and the log are what commands would have left.

use handoff::clock::{Clock as _, SystemClock};
use handoff::ids::{Digest, Nonce, Origin, TicketId};
use handoff::policy::{Risk, Terms, Verdict};
use handoff::queue::journal::{Journal, reference};
use handoff::queue::{InForce, QueueError};
use handoff::record::Text;
use handoff::request::{
    Account, Action, Context, Exec, PolicyRef, Program, Request, RequestType, Requester, Stdin, action_digest,
};
use handoff::store::sqlite::SqliteStore;
use handoff::store::{Joins, Store as _};
use handoff::ticket::event::What;
use handoff::ticket::{ApprovedBy, Claim, Deadline, End, Execution, Filed, Outcome, State, Ticket};

use crate::world::World;

/// Tickets a transaction.
const BATCH: usize = 2_000;

/// Adds `finished` tickets that ran, and after them `pending` ones that wait.
pub fn fill(world: &World, finished: usize, pending: usize) {
    let mut store = SqliteStore::open(&world.db()).unwrap();
    let in_force = InForce { policy: &world.policy, reviewers: &world.reviewers };
    let policy = reference(&world.policy);
    let mut left = finished;
    while left > 0 {
        let batch = left.min(BATCH);
        transaction(&mut store, in_force, &policy, batch, true);
        left -= batch;
    }
    transaction(&mut store, in_force, &policy, pending, false);
}

fn transaction(
    store: &mut SqliteStore,
    in_force: InForce<'_>,
    policy: &PolicyRef,
    tickets: usize,
    ended: bool,
) {
    let done: Result<(), QueueError> = store.write(&mut |desk| {
        let mut journal = Journal::open(desk, SystemClock::new().now())?;
        journal.in_force(in_force)?;
        (0..tickets).try_for_each(|_| add(&mut journal, policy, ended))
    });
    done.unwrap();
}

fn add(journal: &mut Journal<'_>, policy: &PolicyRef, ended: bool) -> Result<(), QueueError> {
    let request = request(&journal.identity().origin.clone(), journal, policy);
    let id = request.ticket.clone();
    let deadline = Deadline::after(journal.now(), 604_800);
    let request_sha256 = request.record()?.digest();
    let joins = Joins { uid: request.requester.account.uid, once: None, same: Some(request.join_digest()?) };
    let what = What::Proposed {
        request_sha256,
        action_sha256: request.action_sha256,
        uid: joins.uid,
        policy_sha256: policy.sha256,
        verdict: verdict(),
        deadline: deadline.clone(),
    };
    let seq = journal.record(Some(&id), what)?;
    let filed = Filed { request, request_sha256, verdict: verdict(), deadline, seq };
    let state = if ended { run(journal, &id)? } else { State::Pending {} };
    let joins = if ended { Joins { same: None, ..joins } } else { joins };
    Ok(journal.desk().insert_ticket(&Ticket { id, version: 4, filed, state }, &joins)?)
}

fn run(journal: &mut Journal<'_>, id: &TicketId) -> Result<State, QueueError> {
    let by = ApprovedBy::Reviewers(vec!["ana@bench".parse().unwrap()]);
    let (at, until) = (journal.now().wall, Deadline::after(journal.now(), 600));
    let claim = Claim { at, pid: 1, start: "1".into(), boot_id: journal.now().boot.boot_id.clone() };
    let outcome = Outcome { end: End::Exit(0), millis: 12 };
    let decision = What::Decision { statement: "s".repeat(700), signature: "x".repeat(300), own: false };
    for what in [
        decision,
        What::Approved { by: by.clone(), until: until.clone() },
        What::Claimed { claim: claim.clone(), checks: 9 },
        What::Finished { outcome: outcome.clone() },
    ] {
        journal.record(Some(id), what)?;
    }
    Ok(State::Approved { at, by, until, execution: Execution::Finished(claim, outcome) })
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
