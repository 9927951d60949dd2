//! Payloads that were removed for good are told as that; nothing else can be passed off as it. For tests only.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::forger::Forged;
use super::{audited, exported, place};
use crate::audit::bundle::{Filter, by_digest, hex};
use crate::audit::export::{ExportError, Order, Target, export};
use crate::audit::tests::told;
use crate::audit::{Conclusion, Given, Report, verify};
use crate::clock::{Clock as _, Timestamp};
use crate::ids::{Digest, Nonce};
use crate::queue::tests::bench::{Bench, ONE, digest};
use crate::record::canonical;
use crate::ticket::Ticket;
use crate::ticket::decision::Choice;

fn rejected(bench: &mut Bench, name: &str, payloads: &[&str]) -> Ticket {
    let ticket = bench.file_with(&["rm", name], payloads);
    bench.decide(&ticket, Choice::Reject, "bo").unwrap();
    ticket
}

/// A queue with a ticket whose payloads were pruned, and one with the same attached again since.
fn pruned() -> Bench {
    let mut bench = Bench::new(ONE);
    rejected(&mut bench, "old", &["plan", "yes"]);
    bench.clock.pass(100);
    assert_eq!(bench.prune(50).len(), 1);
    rejected(&mut bench, "new", &["plan", "other"]);
    bench
}

fn bundle(bench: &mut Bench, name: &str) -> Forged {
    let path = place(bench, name);
    exported(bench, &Target::Folder(path.clone()), None);
    Forged::read(&path)
}

fn blob(text: &str) -> String {
    by_digest("blobs", &digest(text))
}

#[track_caller]
fn found(report: &Report, field: &str) {
    let there = report.faults.kept().iter().any(|fault| fault.field == field);
    assert!(there && report.conclusion() == Conclusion::Tampered, "{field}: {}", told(report));
}

#[test]
fn what_was_pruned_is_counted_and_is_no_fault() {
    let mut bench = pruned();
    let queue = verify(bench.queue.store(), Given::default(), &mut |_| {}).unwrap();
    assert_eq!((told(&queue).as_str(), queue.counts.pruned), ("", 2));
    let path = place(&bench, "b");
    exported(&mut bench, &Target::Folder(path.clone()), None);
    assert!(!path.join(blob("yes")).exists() && path.join(blob("plan")).exists());
    let report = audited(&path, Given::default());
    assert_eq!((told(&report).as_str(), report.counts), ("", queue.counts));
    let filter = Filter { state: vec!["rejected".to_owned()], ..Filter::default() };
    let path = place(&bench, "filtered");
    exported(&mut bench, &Target::Folder(path.clone()), Some(filter));
    let report = audited(&path, Given::default());
    assert_eq!((told(&report).as_str(), report.counts.pruned), ("", 2));
}

#[test]
fn a_payload_that_is_missing_without_such_an_event_is_a_fault() {
    let mut bench = pruned();
    // Of the newer ticket; that an older one's went is no excuse.
    let taken = bundle(&mut bench, "b").without(&blob("plan")).relisted(&bench.log_key);
    found(&taken.audited(Given::default()), "attachment");
    let taken = bundle(&mut bench, "c").without(&blob("other")).relisted(&bench.log_key);
    found(&taken.audited(Given::default()), "stdin");
    bench.edit(&format!("DELETE FROM blobs WHERE digest = x'{}'", hex(&digest("plan"))));
    let report = verify(bench.queue.store(), Given::default(), &mut |_| {}).unwrap();
    found(&report, "attachment");
    assert_eq!(report.faults.kept().len(), 1, "{}", told(&report));
}

#[test]
fn a_payload_with_other_bytes_is_a_fault_whatever_an_event_says() {
    let mut bench = pruned();
    let mut changed = bundle(&mut bench, "b");
    changed.0.insert(blob("yes"), b"no".to_vec());
    found(&changed.relisted(&bench.log_key).audited(Given::default()), "content");
}

/// The bundle with one more event at its end, by somebody who has the log's key.
fn with_event(bundle: &Forged, bench: &Bench, ticket: &Ticket, what: Value) -> Forged {
    let mut lines = bundle.lines();
    let mut event: Value = serde_json::from_str(lines.last().unwrap()).unwrap();
    event["salt"] = json!(Nonce::random().to_string());
    event["ticket"] = json!(ticket.id.as_str());
    event["time"] = json!(bench.clock.now().wall);
    event["what"] = what;
    lines.push(canonical(&event).unwrap());
    bundle.rewritten(&lines, &bench.log_key)
}

fn says(bench: &Bench, blobs: &[Digest]) -> Value {
    json!({"pruned": {"before": bench.clock.now().wall, "blobs": blobs, "uid": 0}})
}

#[test]
fn nothing_but_payloads_of_the_ticket_itself_can_be_passed_off_as_pruned() {
    let mut bench = pruned();
    let ticket = rejected(&mut bench, "last", &["mine"]);
    let other = bench.file(&["rm", "without"]);
    bench.decide(&other, Choice::Reject, "bo").unwrap();
    bench.clock.pass(10);
    let whole = bundle(&mut bench, "b");
    let people = Digest::of(bench.reviewers.as_str().as_bytes());
    let policy = bench.policy.id().digest;
    let layer = digest(ONE);
    let request = ticket.filed.request_sha256;
    for (file, gone) in [
        (by_digest("reviewers", &people), people),
        (by_digest("policies", &policy), policy),
        (by_digest("policies", &layer), layer),
        (by_digest("blobs", &request), request),
        (blob("other"), digest("other")),
    ] {
        let said = with_event(&whole, &bench, &ticket, says(&bench, &[gone]));
        found(&said.audited(Given::default()), "pruned.blobs");
        // And it excuses nothing.
        let taken = said.without(&file).relisted(&bench.log_key).audited(Given::default());
        assert!(taken.faults.kept().len() > 1, "{file}: {}", told(&taken));
    }
    let honest = with_event(&whole, &bench, &ticket, says(&bench, &[digest("mine")]));
    let taken = honest.without(&blob("mine")).relisted(&bench.log_key).audited(Given::default());
    assert_eq!((told(&taken).as_str(), taken.counts.pruned), ("", 3));
    let nothing = with_event(&whole, &bench, &other, says(&bench, &[digest("mine")]));
    found(&nothing.audited(Given::default()), "pruned");
    let none = with_event(&whole, &bench, &ticket, says(&bench, &[]));
    found(&none.audited(Given::default()), "pruned.blobs");
}

#[test]
fn a_reviewers_file_that_somebody_attached_is_no_payload_to_prune() {
    let mut bench = Bench::new(ONE);
    let people = bench.reviewers.as_str().to_owned();
    let ticket = rejected(&mut bench, "a", &[&people, ONE]);
    bench.clock.pass(10);
    let whole = bundle(&mut bench, "b");
    for text in [people.as_str(), ONE] {
        let said = with_event(&whole, &bench, &ticket, says(&bench, &[digest(text)]));
        found(&said.audited(Given::default()), "pruned.blobs");
    }
    assert_eq!(bench.prune(0), []);
}

#[test]
fn nothing_is_pruned_before_its_tickets_end_or_before_its_age() {
    let mut bench = Bench::new(ONE);
    let open = bench.file_with(&["rm", "open"], &["open"]);
    let over = rejected(&mut bench, "over", &["over"]);
    bench.clock.pass(10);
    let whole = bundle(&mut bench, "b");
    let early = with_event(&whole, &bench, &open, says(&bench, &[digest("open")]));
    found(&early.without(&blob("open")).relisted(&bench.log_key).audited(Given::default()), "what");
    let before = over.filed.request.time;
    let young = json!({"pruned": {"before": before, "blobs": [digest("over")], "uid": 0}});
    found(&with_event(&whole, &bench, &over, young).audited(Given::default()), "pruned.before");
    let ahead = Timestamp::from_millis(bench.clock.now().wall.millis() + 1_000_000);
    let ahead = json!({"pruned": {"before": ahead, "blobs": [digest("over")], "uid": 0}});
    found(&with_event(&whole, &bench, &over, ahead).audited(Given::default()), "pruned.before");
}

#[test]
fn an_event_that_says_so_cannot_be_taken_out() {
    let mut bench = pruned();
    let whole = bundle(&mut bench, "b");
    let mut lines = whole.lines();
    lines.retain(|line| !line.contains("\"what\":{\"pruned\""));
    found(&whole.rewritten(&lines, &bench.log_key).audited(Given::default()), "attachment");
}

#[test]
fn what_is_pruned_while_it_is_exported_stops_the_export() {
    let mut bench = Bench::new(ONE);
    rejected(&mut bench, "a", &["a"]);
    bench.clock.pass(10);
    let head = bench.queue.checkpoint(&bench.log_key).unwrap();
    assert_eq!(bench.prune(0).len(), 1);
    let (made, cuts) = (Timestamp::from_millis(0), BTreeSet::new());
    let order =
        Order { identity: &bench.identity, head: &head, key: &bench.log_key, filter: None, cuts, made };
    let target = Target::Folder(place(&bench, "b"));
    let refused = export(bench.queue.store(), &target, &order, &mut |_, _| {}).unwrap_err();
    assert!(matches!(refused, ExportError::PrunedMeanwhile(_)), "{refused}");
    assert!(!target.path().exists());
}

#[test]
fn what_was_attached_and_is_a_policy_too_lies_in_both_places() {
    let mut bench = Bench::new(ONE);
    let text = "version = \"later\"\n";
    rejected(&mut bench, "a", &[text]);
    bench.policy = crate::queue::tests::bench::load(text);
    bench.file(&["rm", "b"]);
    let path = place(&bench, "b");
    exported(&mut bench, &Target::Folder(path.clone()), None);
    for folder in ["blobs", "policies"] {
        assert!(path.join(by_digest(folder, &digest(text))).exists(), "{folder}");
    }
    assert_eq!(told(&audited(&path, Given::default())), "");
}
