//! One story every engine must tell the same way, and the people in it.
//! For tests only.

use super::{
    DecisionRow, EventRow, Filter, Head, Identity, Joins, Page, Place, Read, Store, StoreError, Way, Write,
};
use crate::clock::{BootTime, Timestamp};
use crate::ids::{Digest, Incarnation, Nonce, TicketId};
use crate::log::tree::leaf_hash;
use crate::policy::{Risk, Terms, Verdict};
use crate::request::{
    Account, Action, Context, Exec, PolicyRef, Program, Request, RequestType, Requester, Stdin, action_digest,
};
use crate::ticket::{
    ApprovedBy, CancelledBy, Claim, Deadline, End, Execution, Filed, Outcome, State, Ticket,
};

const ANYBODY: Page = Page { skip: 0, limit: 100 };

/// An instant of the story.
pub fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_795_361_000_000 + millis)
}

/// An end `millis` into the story.
pub fn until(millis: i64) -> Deadline {
    Deadline { wall: at(millis), boot: BootTime { boot_id: "boot".to_owned(), millis: 0 } }
}

/// A pending ticket of `uid`, due so many milliseconds into the story.
pub fn ticket(uid: u32, due: i64) -> Ticket {
    let id = TicketId::random();
    let request = request(uid, &id);
    let request_sha256 = request.record().unwrap().digest();
    let verdict = Verdict::Review {
        rules: ["core.rm-recursive".parse().unwrap()].into(),
        why: ["removes a folder".to_owned()].into(),
        risk: Risk::High,
        terms: Terms::mildest(),
    };
    let filed = Filed { request, request_sha256, verdict, deadline: until(due), seq: 0 };
    Ticket { id, version: 1, filed, state: State::Pending {} }
}

fn request(uid: u32, id: &TicketId) -> Request {
    let account = Account { uid, name: "ana".into() };
    let action = Action::Exec(exec(&account));
    Request {
        kind: RequestType::V1,
        queue: "laptop-7f3k".parse().unwrap(),
        ticket: id.clone(),
        time: at(0),
        requester: Requester { account, pid: 7, parent: Some("bash".into()), terminal: true },
        action_sha256: action_digest(&action).unwrap(),
        action,
        context: Context { reason: Some("clean\nup".into()), ..Context::default() },
        git: None,
        once: None,
        attempt_of: None,
        deadline_s: 900,
        policy: PolicyRef { version: "1".into(), sha256: Digest::of(b"policy") },
    }
}

fn exec(account: &Account) -> Exec {
    let path = "/bin/rm".into();
    Exec {
        argv: vec!["rm".into(), "-rf".into(), "build".into()],
        cwd: "/srv/app".into(),
        account: account.clone(),
        host: "laptop".into(),
        program: Program {
            path,
            link: None,
            sha256: Digest::of(b"rm"),
            size: 2,
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
        not_bound: Vec::new(),
        prechecks: Vec::new(),
    }
}

/// Appends an event of `kind` and keeps the head in step; returns its number.
pub fn log(desk: &mut dyn Write, ticket: Option<&Ticket>, kind: &str) -> Result<u64, StoreError> {
    let mut head = desk.head()?;
    let seq = head.frontier.size();
    let bytes = format!("{{\"seq\":{seq},\"what\":\"{kind}\"}}");
    let leaf = leaf_hash(bytes.as_bytes());
    let nodes = head.frontier.append(leaf);
    let root = head.frontier.root();
    let ticket = ticket.map(|ticket| ticket.id.clone());
    desk.append(&EventRow { seq, ticket, bytes, leaf, root }, kind, &nodes)?;
    desk.set_head(&Head { frontier: head.frontier, leaf, time: at(i64::try_from(seq).unwrap()) })?;
    Ok(seq)
}

/// Files a ticket, with the event that opens it.
pub fn file(store: &mut impl Store, ticket: &mut Ticket, joins: &Joins) -> Result<(), StoreError> {
    store.write(&mut |desk| {
        let mut filed = ticket.clone();
        filed.filed.seq = log(desk, Some(&filed), "proposed")?;
        desk.insert_ticket(&filed, joins)?;
        *ticket = filed;
        Ok(())
    })
}

/// Keys of a ticket without an idempotency key.
pub fn joins(ticket: &Ticket) -> Joins {
    let uid = ticket.filed.request.requester.account.uid;
    Joins { uid, once: None, same: Some(Digest::of(ticket.id.as_str().as_bytes())) }
}

/// Moves a ticket on if nobody else did, with an event.
pub fn step(store: &mut impl Store, ticket: &mut Ticket, state: State) -> Result<bool, StoreError> {
    let kind = state.word();
    let next = Ticket { version: ticket.version + 1, state, ..ticket.clone() };
    let moved = store.write(&mut |desk| {
        let moved = desk.update_ticket(&next, ticket.version)?;
        if moved {
            log(desk, Some(&next), kind)?;
        }
        Ok::<_, StoreError>(moved)
    })?;
    if moved {
        *ticket = next;
    }
    Ok(moved)
}

/// Approved by people, until so many milliseconds into the story.
pub fn approved(due: i64, execution: Execution) -> State {
    let by = ApprovedBy::Reviewers(vec!["ana@laptop".parse().unwrap()]);
    State::Approved { at: at(1), by, until: until(due), execution }
}

/// A claim by some process.
pub fn claim() -> Claim {
    Claim { at: at(2), pid: 9, start: "77".into(), boot_id: "boot".into() }
}

/// The queue's name and first life.
pub fn identity() -> Identity {
    let origin = "laptop-7f3k".parse().unwrap();
    Identity { origin, incarnation: Incarnation::random(), log_key: "laptop-7f3k+1234+Abc".into() }
}

fn reading<T>(store: &mut impl Store, work: impl Fn(&dyn Read) -> Result<T, StoreError>) -> T {
    store.read(&mut |desk| work(desk)).unwrap()
}

fn ids(tickets: &[Ticket]) -> Vec<TicketId> {
    tickets.iter().map(|ticket| ticket.id.clone()).collect()
}

fn listed(store: &mut impl Store, filter: &Filter) -> Vec<TicketId> {
    ids(&reading(store, |desk| desk.list(filter, ANYBODY)))
}

/// The whole story, on an engine that holds nothing yet.
pub fn tell(store: &mut impl Store) {
    a_new_queue_gets_a_name(store);
    let mut first = tickets_are_filed_and_found(store);
    a_ticket_goes_its_way(store, &mut first);
    only_the_open_are_found_by_what_they_ask(store);
    what_fails_leaves_nothing(store);
    keys_join_and_are_freed(store);
    decisions_are_kept_once(store, &first);
    blobs_and_heads_are_kept(store);
    the_log_is_whole(store);
}

fn a_new_queue_gets_a_name(store: &mut impl Store) {
    let unnamed = store.read(&mut |desk| desk.identity());
    assert!(matches!(unnamed, Err(StoreError::Missing(_))));
    assert_eq!(reading(store, |desk| Ok(desk.head()?.frontier.size())), 0);
    let identity = identity();
    store.write(&mut |desk| desk.set_identity(&identity)).unwrap();
    assert_eq!(reading(store, |desk| desk.identity()), identity);
    let second = Identity { incarnation: Incarnation::random(), ..identity };
    store.write(&mut |desk| desk.set_identity(&second)).unwrap();
    assert_eq!(reading(store, |desk| desk.identity()), second);
}

fn tickets_are_filed_and_found(store: &mut impl Store) -> Ticket {
    let (mut late, mut soon, mut other) = (ticket(1000, 900), ticket(1000, 300), ticket(1001, 600));
    for ticket in [&mut late, &mut soon, &mut other] {
        let joins = joins(ticket);
        file(store, ticket, &joins).unwrap();
    }
    assert_eq!(reading(store, |desk| desk.ticket(&soon.id)), Some(soon.clone()));
    assert_eq!(reading(store, |desk| desk.ticket(&TicketId::random())), None);
    let code = late.id.code().parse().unwrap();
    assert_eq!(reading(store, |desk| desk.find(&code, 2)), [late.id.clone()]);
    let whole = late.id.as_str().parse().unwrap();
    assert_eq!(reading(store, |desk| desk.find(&whole, 2)), [late.id.clone()]);

    let newest_first = [other.id.clone(), soon.id.clone(), late.id.clone()];
    assert_eq!(listed(store, &Filter::default()), newest_first);
    let pending = Filter { states: vec!["pending".to_owned()], ..Filter::default() };
    assert_eq!(listed(store, &pending), [soon.id.clone(), other.id.clone(), late.id.clone()]);
    let mine = Filter { uid: Some(1000), ..pending };
    assert_eq!(listed(store, &mine), [soon.id.clone(), late.id.clone()]);
    let second = reading(store, |desk| desk.list(&Filter::default(), Page { skip: 1, limit: 1 }));
    assert_eq!(ids(&second), [soon.id.clone()]);
    listings_are_walked_both_ways(store, [&soon, &other, &late]);

    assert_eq!(reading(store, |desk| desk.pending_of(1000)), 2);
    assert_eq!(reading(store, |desk| desk.pending_of(4)), 0);
    assert_eq!(reading(store, |desk| desk.overdue(at(300), 9)), []);
    assert_eq!(reading(store, |desk| desk.overdue(at(301), 9)), [soon.id.clone()]);
    let request = reading(store, |desk| desk.blob(&soon.filed.request_sha256)).unwrap();
    assert_eq!(request, soon.filed.request.record().unwrap().as_str().as_bytes());
    soon
}

/// All three are pending; filed last, first and second of these, and due in this order.
fn listings_are_walked_both_ways(store: &mut impl Store, [soon, middle, late]: [&Ticket; 3]) {
    let by_deadline = [soon.id.clone(), middle.id.clone(), late.id.clone()];
    let mut walked = Vec::new();
    let mut from = None;
    while let [next] = reading(store, |desk| desk.waiting(from, Way::Onward, 1)).as_slice() {
        from = Some(Place::of(next));
        walked.push(next.id.clone());
    }
    assert_eq!(walked, by_deadline);
    let back = |from, limit| move |desk: &dyn Read| desk.waiting(from, Way::Back, limit);
    assert_eq!(ids(&reading(store, back(None, 1))), std::slice::from_ref(&late.id));
    let before = reading(store, back(Some(Place::of(late)), 9));
    assert_eq!(ids(&before), [middle.id.clone(), soon.id.clone()], "the nearest comes first");

    let pending = Filter { states: vec!["pending".to_owned()], ..Filter::default() };
    let none = Filter { states: vec!["rejected".to_owned()], ..Filter::default() };
    for filter in [Filter::default(), pending] {
        let walk = |from, way, limit| {
            let filter = filter.clone();
            move |desk: &dyn Read| desk.newest_tickets(&filter, from, way, limit)
        };
        let newest = reading(store, walk(None, Way::Onward, 2));
        assert_eq!(ids(&newest), [middle.id.clone(), soon.id.clone()]);
        let older = reading(store, walk(Some(soon.filed.seq), Way::Onward, 9));
        assert_eq!(ids(&older), std::slice::from_ref(&late.id));
        let newer = reading(store, walk(Some(late.filed.seq), Way::Back, 9));
        assert_eq!(ids(&newer), [soon.id.clone(), middle.id.clone()]);
        assert_eq!(ids(&reading(store, walk(None, Way::Back, 1))), std::slice::from_ref(&late.id));
    }
    assert_eq!(reading(store, |desk| desk.newest_tickets(&none, None, Way::Onward, 9)), []);
}

fn a_ticket_goes_its_way(store: &mut impl Store, ticket: &mut Ticket) {
    let mut stale = ticket.clone();
    assert!(step(store, ticket, approved(2000, Execution::Unclaimed {})).unwrap());
    let late = State::Cancelled { at: at(3), why: CancelledBy::Requester };
    assert!(!step(store, &mut stale, late).unwrap(), "the version has moved on");
    assert_eq!(reading(store, |desk| desk.ticket(&ticket.id)).as_ref(), Some(&*ticket));

    let unclaimed = Filter { unclaimed: true, ..Filter::default() };
    let running = Filter { running: true, ..Filter::default() };
    assert_eq!(listed(store, &unclaimed), std::slice::from_ref(&ticket.id));
    assert_eq!(listed(store, &running), []);
    assert_eq!(reading(store, |desk| desk.overdue(at(1999), 9)).len(), 2, "the pending ones");
    assert_eq!(reading(store, |desk| desk.overdue(at(2001), 9)).len(), 3, "the approval lapses too");

    let same = Digest::of(ticket.id.as_str().as_bytes());
    assert_eq!(reading(store, |desk| desk.by_same(1000, &same)), Some(ticket.id.clone()));
    assert!(step(store, ticket, approved(2000, Execution::Claimed(claim()))).unwrap());
    assert_eq!(reading(store, |desk| desk.by_same(1000, &same)), None, "no longer open");
    assert_eq!(listed(store, &unclaimed), []);
    assert_eq!(listed(store, &running), std::slice::from_ref(&ticket.id));
    assert_eq!(reading(store, |desk| desk.overdue(at(9999), 9)).len(), 2);

    let outcome = Outcome { end: End::Exit(0), millis: 12 };
    assert!(step(store, ticket, approved(2000, Execution::Finished(claim(), outcome))).unwrap());
    assert_eq!(listed(store, &running), []);
    let both =
        Filter { states: vec!["approved".into(), "pending".into()], uid: Some(1000), ..Filter::default() };
    assert_eq!(listed(store, &both).first(), Some(&ticket.id));
    assert_eq!(listed(store, &both).len(), 2);
    let counts = reading(store, |desk| desk.counts());
    let expected = [("pending", 2), ("approved", 1), ("rejected", 0), ("expired", 0), ("cancelled", 0)];
    assert_eq!(counts, expected.map(|(word, n)| (word.to_owned(), n)));
    assert_eq!(reading(store, |desk| desk.events_of(&ticket.id)).len(), 4);
}

fn only_the_open_are_found_by_what_they_ask(store: &mut impl Store) {
    let head = reading(store, |desk| desk.head());
    let undone = store.write(&mut |desk| {
        for _ in 0..2 {
            let mut ticket = ticket(1000, 900);
            ticket.state = approved(2000, Execution::Claimed(claim()));
            ticket.filed.seq = log(desk, Some(&ticket), "proposed")?;
            let same = Digest::of(b"the same");
            desk.insert_ticket(&ticket, &Joins { uid: 1000, once: None, same: Some(same) })?;
            assert_eq!(desk.by_same(1000, &same)?, None, "claimed when it was filed");
        }
        Err::<(), _>(StoreError::CannotRecord("only tried".to_owned()))
    });
    assert_eq!(undone, Err(StoreError::CannotRecord("only tried".to_owned())));
    assert_eq!(reading(store, |desk| desk.head()), head);
}

fn what_fails_leaves_nothing(store: &mut impl Store) {
    let before = reading(store, |desk| desk.head());
    let refused = store.write(&mut |desk| {
        log(desk, None, "policy")?;
        Err::<(), _>(StoreError::CannotRecord("the work changed its mind".to_owned()))
    });
    assert_eq!(refused, Err(StoreError::CannotRecord("the work changed its mind".to_owned())));
    assert_eq!(reading(store, |desk| desk.head()), before);
    assert_eq!(reading(store, |desk| desk.event(before.frontier.size())), None);
}

fn keys_join_and_are_freed(store: &mut impl Store) {
    let mut first = ticket(1000, 5000);
    let once = Joins { once: Some(b"deploy-\xff".to_vec()), same: None, ..joins(&first) };
    file(store, &mut first, &once).unwrap();
    let key = b"deploy-\xff";
    assert_eq!(reading(store, |desk| desk.by_once(1000, key)), Some(first.id.clone()));
    assert_eq!(reading(store, |desk| desk.by_once(1001, key)), None, "keys are each requester's own");
    let mut second = ticket(1000, 5000);
    assert!(file(store, &mut second, &once).is_err(), "a key has one ticket");
    store.write(&mut |desk| desk.release_once(&first.id)).unwrap();
    file(store, &mut second, &once).unwrap();
    assert_eq!(reading(store, |desk| desk.by_once(1000, key)), Some(second.id.clone()));
}

fn decisions_are_kept_once(store: &mut impl Store, ticket: &Ticket) {
    let decision = |nonce: Nonce, seq: u64| DecisionRow {
        ticket: ticket.id.clone(),
        reviewer: "ana@laptop".parse().unwrap(),
        nonce,
        seq,
        statement: "{}".to_owned(),
        signature: "-----BEGIN SSH SIGNATURE-----".to_owned(),
    };
    let (one, two) = (decision(Nonce::random(), 2), decision(Nonce::random(), 1));
    for kept in [&one, &two] {
        store.write(&mut |desk| desk.insert_decision(kept)).unwrap();
    }
    assert_eq!(reading(store, |desk| desk.decisions(&ticket.id)), [two, one.clone()]);
    assert!(reading(store, |desk| desk.has_nonce(&ticket.id, &one.nonce)));
    assert!(!reading(store, |desk| desk.has_nonce(&ticket.id, &Nonce::random())));
    let again = decision(one.nonce, 9);
    assert!(store.write(&mut |desk| desk.insert_decision(&again)).is_err(), "a statement counts once");
}

fn blobs_and_heads_are_kept(store: &mut impl Store) {
    let digest = Digest::of(b"attached");
    for _ in 0..2 {
        store.write(&mut |desk| desk.put_blob(&digest, b"attached")).unwrap();
    }
    assert_eq!(reading(store, |desk| desk.blob(&digest)).as_deref(), Some(&b"attached"[..]));
    assert_eq!(reading(store, |desk| desk.blob(&Digest::of(b"other"))), None);
    assert!(store.write(&mut |desk| desk.put_blob(&digest, b"other")).is_err());
    assert_eq!(reading(store, |desk| desk.blob_length(&digest)), Some(8));
    for _ in 0..2 {
        store.write(&mut |desk| desk.remove_blob(&digest)).unwrap();
    }
    store.wipe().unwrap();
    assert!(!store.is_unwiped());
    assert_eq!(reading(store, |desk| desk.blob(&digest)), None);
    assert_eq!(reading(store, |desk| desk.blob_length(&digest)), None);
    assert_eq!(reading(store, |desk| desk.checkpoint()), None);
    for size in [3, 10, 3] {
        store.write(&mut |desk| desk.put_checkpoint(size, &format!("head {size}"))).unwrap();
    }
    assert_eq!(reading(store, |desk| desk.checkpoint()), Some((10, "head 10".to_owned())));
}

fn the_log_is_whole(store: &mut impl Store) {
    let head = reading(store, |desk| desk.head());
    let size = head.frontier.size();
    let events = reading(store, |desk| desk.events(0, u64::MAX));
    assert_eq!(events.len() as u64, size);
    assert_eq!(events.last().map(|event| (event.leaf, event.root)), Some((head.leaf, head.frontier.root())));
    assert_eq!(reading(store, |desk| desk.events(2, 3)), events[2..5]);
    assert_eq!(reading(store, |desk| desk.event(2)), Some(events[2].clone()));
    let newest = events.iter().rfind(|event| event.bytes.contains("proposed")).cloned();
    assert_eq!(reading(store, |desk| desk.newest("proposed")), newest);
    assert_eq!(reading(store, |desk| desk.newest("restored")), None);

    let mut frontier = crate::log::tree::Frontier::new();
    for event in &events {
        for node in frontier.append(event.leaf) {
            assert_eq!(reading(store, |desk| desk.node(node.level, node.index)), Some(node.hash));
        }
        assert_eq!(frontier.root(), event.root);
    }
    assert_eq!(reading(store, |desk| desk.node(0, size)), None);
    let gap = EventRow { seq: size + 1, ..events[0].clone() };
    assert!(store.write(&mut |desk| desk.append(&gap, "policy", &[])).is_err(), "no number is left out");
}
