//! What goes, what stays, and what the log says of it.

use crate::clock::Clock as _;
use crate::queue::prune::Order;
use crate::queue::tests::bench::{Bench, ONE, digest};
use crate::queue::{InForce, QueueError};
use crate::record::Record;
use crate::store::Store as _;
use crate::ticket::decision::Choice;
use crate::ticket::event::{Event, What};
use crate::ticket::{End, Outcome, Ticket};

const DAY: i64 = 86_400;
const MONTHS: u64 = 90 * 86_400;

fn rejected(bench: &mut Bench, name: &str, payloads: &[&str]) -> Ticket {
    let ticket = bench.file_with(&["rm", name], payloads);
    bench.decide(&ticket, Choice::Reject, "bo").unwrap();
    ticket
}

fn events_of(bench: &mut Bench, ticket: &Ticket) -> Vec<Event> {
    let rows = bench.queue.read(&mut |read| Ok(read.events_of(&ticket.id)?)).unwrap();
    rows.iter().map(|row| Record::parse::<Event>(&row.bytes).unwrap().1).collect()
}

#[test]
fn what_was_handed_in_long_ago_goes_and_the_log_says_so() {
    let mut bench = Bench::new(ONE);
    let old = rejected(&mut bench, "a", &["the plan", "yes"]);
    bench.clock.pass(100 * DAY);
    rejected(&mut bench, "b", &["another plan"]);
    let told = bench.prune(MONTHS);
    let sums: Vec<_> = told.iter().map(|gone| (gone.ticket.clone(), gone.payloads, gone.bytes)).collect();
    assert_eq!(sums, [(old.id.clone(), 2, 11)]);
    assert!(!bench.has("the plan") && !bench.has("yes") && bench.has("another plan"));
    let events = events_of(&mut bench, &old);
    let What::Pruned { before, blobs, uid: 1004 } = &events.last().unwrap().what else {
        panic!("{events:?}")
    };
    let mut named = vec![digest("the plan"), digest("yes")];
    named.sort_unstable();
    assert_eq!((blobs, before.until(bench.clock.now().wall).as_secs()), (&named, MONTHS));
    assert_eq!(bench.queue.peek(&old.id).unwrap().filed, old.filed, "the request stays");
    let size = bench.queue.mark().unwrap().size;
    assert_eq!((bench.prune(MONTHS), bench.queue.mark().unwrap().size), (vec![], size));
}

#[test]
fn what_would_go_is_told_and_nothing_goes() {
    let mut bench = Bench::new(ONE);
    rejected(&mut bench, "a", &["shared", "a"]);
    rejected(&mut bench, "b", &["shared", "b"]);
    bench.clock.pass(1);
    let (size, before) = (bench.queue.mark().unwrap().size, bench.clock.now().wall);
    let would = bench.queue.prunable(Order { before, uid: 1004 }, &mut |_| {}).unwrap();
    assert!(bench.has("shared") && bench.queue.mark().unwrap().size == size);
    let did = bench.prune(0);
    let sum = |all: &[crate::queue::prune::Pruned]| {
        let bytes: u64 = all.iter().map(|gone| gone.bytes).sum();
        (all.len(), all.iter().map(|gone| gone.payloads).sum::<u64>(), bytes)
    };
    assert_eq!((sum(&would), sum(&did)), ((2, 4, 8), (2, 4, 8)), "what two share counts once");
}

#[test]
fn a_ticket_that_is_not_over_keeps_everything() {
    let mut bench = Bench::new(ONE);
    let approved = |bench: &mut Bench, name: &str| {
        let ticket = bench.file_with(&["rm", name], &[name]);
        bench.decide(&ticket, Choice::Approve, "ana").unwrap();
        ticket
    };
    bench.file_with(&["rm", "pending"], &["pending"]);
    approved(&mut bench, "approved");
    let running = approved(&mut bench, "running");
    let _running = bench.claim(&running.id).unwrap();
    let lost = approved(&mut bench, "lost");
    let _lost = bench.claim(&lost.id).unwrap();
    bench.queue.lose(&lost.id, false).unwrap();
    let done = approved(&mut bench, "done");
    let _done = bench.claim(&done.id).unwrap();
    bench.queue.finish(&done.id, Outcome { end: End::Exit(0), millis: 7 }).unwrap();
    bench.clock.pass(1000 * DAY);
    assert_eq!(bench.prune(MONTHS).len(), 1);
    for open in ["pending", "approved", "running", "lost"] {
        assert!(bench.has(open), "{open}");
    }
    assert!(!bench.has("done"));
}

#[test]
fn the_age_is_that_of_the_end() {
    let mut bench = Bench::new(ONE);
    let ticket = bench.file_with(&["rm", "a"], &["a"]);
    bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    let _claimed = bench.claim(&ticket.id).unwrap();
    bench.clock.pass(100 * DAY);
    bench.queue.finish(&ticket.id, Outcome { end: End::Exit(0), millis: 7 }).unwrap();
    bench.clock.pass(89 * DAY);
    assert_eq!(bench.prune(MONTHS), []);
    bench.clock.pass(DAY + 1);
    assert_eq!(bench.prune(MONTHS).len(), 1);
}

#[test]
fn bytes_that_tickets_share_go_with_the_last_of_them() {
    let mut bench = Bench::new(ONE);
    let one = rejected(&mut bench, "a", &["shared", "a"]);
    bench.clock.pass(100 * DAY);
    rejected(&mut bench, "b", &["shared", "b"]);
    assert_eq!(bench.prune(MONTHS).len(), 1);
    assert!(bench.has("shared") && !bench.has("a") && bench.has("b"));
    bench.clock.pass(100 * DAY);
    let gone: Vec<(u64, u64)> = bench.prune(MONTHS).iter().map(|gone| (gone.payloads, gone.bytes)).collect();
    assert_eq!(gone, [(1, 0), (2, 7)], "named for both, gone once");
    assert!(!bench.has("shared") && !bench.has("b"));
    let words: Vec<_> = events_of(&mut bench, &one).iter().map(|event| event.what.word()).collect();
    assert_eq!(words[words.len() - 2..], ["pruned", "pruned"]);
}

#[test]
fn what_the_log_rests_on_never_goes_even_when_somebody_attached_it() {
    let mut bench = Bench::new(ONE);
    let other = bench.file(&["rm", "other"]);
    let request = other.filed.request.record().unwrap().as_str().to_owned();
    let policy = bench.policy.record().to_owned();
    let people = bench.reviewers.as_str().to_owned();
    let later = "version = \"later\"\n";
    rejected(&mut bench, "a", &[&request, &policy, ONE, &people, later, "mine"]);
    bench.policy = crate::queue::tests::bench::load(later);
    let in_force = InForce { policy: &bench.policy, reviewers: &bench.reviewers };
    bench.queue.note_in_force(in_force).unwrap();
    bench.clock.pass(1);
    let gone: Vec<u64> = bench.prune(0).iter().map(|gone| gone.payloads).collect();
    assert_eq!(gone, [1]);
    for kept in [&request, &policy, ONE, &people, later] {
        assert!(bench.has(kept), "{kept}");
    }
    assert!(!bench.has("mine"));
}

#[test]
fn bytes_that_somebody_hands_in_again_meanwhile_stay() {
    let mut bench = Bench::new(ONE);
    rejected(&mut bench, "a", &["again", "a"]);
    bench.clock.pass(1);
    let mut other = bench.another_process();
    let mut draft = bench.draft(&["rm", "b"]);
    draft.blobs = vec![(digest("again"), b"again".to_vec())];
    draft.context.attachments =
        vec![crate::request::Attachment { name: "b".into(), sha256: digest("again"), size: 5 }];
    let in_force = InForce { policy: &bench.policy, reviewers: &bench.reviewers };
    let order = Order { before: bench.clock.now().wall, uid: 1004 };
    let mut filed = false;
    // The log was looked through, and nothing is removed yet.
    let mut seen = |_| {
        if !std::mem::replace(&mut filed, true) {
            other.propose(&draft, in_force, None).unwrap();
        }
    };
    let mut told = Vec::new();
    bench.queue.prune(order, &mut seen, &mut |gone| told.push(gone.payloads)).unwrap();
    assert_eq!(told, [1]);
    assert!(bench.has("again") && !bench.has("a"));
}

#[test]
fn many_are_pruned_some_a_transaction() {
    let mut bench = Bench::new(ONE);
    let names: Vec<String> = (0..300).map(|name| name.to_string()).collect();
    for name in &names {
        rejected(&mut bench, name, &["of all", name]);
    }
    bench.clock.pass(1);
    let gone = bench.prune(0);
    assert_eq!((gone.len(), gone.iter().map(|gone| gone.bytes).sum::<u64>()), (300, 6 + 10 + 180 + 600));
    assert!(!bench.has("of all") && !bench.has("7"));
}

#[test]
fn a_queue_that_was_put_back_or_is_damaged_is_not_pruned() {
    let mut bench = Bench::new(ONE);
    let old = rejected(&mut bench, "a", &["a"]);
    bench.clock.pass(1);
    let order = Order { before: bench.clock.now().wall, uid: 1004 };
    let request = old.filed.request_sha256;
    let gone = crate::ids::hex(request.as_bytes());
    bench.edit(&format!("UPDATE blobs SET bytes = x'00' WHERE digest = x'{gone}'"));
    let refused = bench.queue.prune(order, &mut |_| {}, &mut |_| {}).unwrap_err();
    assert!(matches!(refused, QueueError::Store(_) | QueueError::Tampered(_)), "{refused}");
    assert!(bench.has("a"));
}

/// Every byte of the queue's files.
fn files(bench: &mut Bench) -> Vec<u8> {
    let path = bench.queue.store().path().to_owned();
    let folder = std::fs::read_dir(path.parent().unwrap()).unwrap();
    folder.flat_map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect()
}

fn is_in(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

#[test]
fn nothing_of_it_is_left_in_the_queues_files() {
    let mut bench = Bench::new(ONE);
    let long = "canary-of-many-pages ".repeat(5_000);
    rejected(&mut bench, "a", &["canary-in-a-page", &long]);
    // Enough others for the page it lies on to be split.
    for name in 0..45 {
        let text = format!("kept {name} {}", "x".repeat(300));
        bench.file_with(&["rm", &name.to_string()], &[&text]);
    }
    bench.clock.pass(1);
    let before = files(&mut bench);
    assert!(is_in(&before, "canary-in-a-page") && is_in(&before, "canary-of-many-pages"));
    assert!(!bench.queue.store().is_unwiped());
    bench.prune(0);
    assert!(bench.queue.store().is_unwiped());
    bench.queue.store().wipe().unwrap();
    assert!(!bench.queue.store().is_unwiped());
    let after = files(&mut bench);
    assert!(!is_in(&after, "canary-in-a-page") && !is_in(&after, "canary-of-many-pages"));
    assert!(is_in(&after, "kept 7 x") && after.len() < before.len());
    assert_eq!(bench.queue.store().health().unwrap().problems, Vec::<String>::new());
}

#[test]
fn a_wiping_that_a_reader_hinders_is_remembered_until_it_is_done() {
    let mut bench = Bench::new(ONE);
    rejected(&mut bench, "a", &["a"]);
    bench.clock.pass(1);
    let reader = rusqlite::Connection::open(bench.queue.store().path()).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM blobs").unwrap();
    bench.prune(0);
    bench.queue.store().set_patience(std::time::Duration::from_millis(50)).unwrap();
    assert!(matches!(bench.queue.store().wipe(), Err(crate::store::StoreError::Busy(_))));
    assert!(bench.another_process().store().is_unwiped());
    drop(reader);
    bench.another_process().store().wipe().unwrap();
    assert!(!bench.queue.store().is_unwiped());
}
