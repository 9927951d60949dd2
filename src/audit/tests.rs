//! Honest queues hold; whatever a hostile hand changes in the file is found and named.
//! For tests only.

mod retries;
mod rows;

use super::*;
use crate::clock::Clock as _;
use crate::log::checkpoint::Checkpoint;
use crate::occasion::Occasion;
use crate::queue::mark::Mark;
use crate::queue::notices::{Notice, Wish};
use crate::queue::tests::bench::{Bench, ONE, OTHERS_ONLY, TWO};
use crate::record::Record;
use crate::signing::Reviewers;
use crate::ticket::decision::Choice;
use crate::ticket::event::Delivery;
use crate::ticket::{End, Outcome, State, Ticket};

fn report(bench: &mut Bench) -> Report {
    verify(bench.queue.store(), Given::default(), &mut |_| {}).unwrap()
}

pub fn told(report: &Report) -> String {
    report.faults.kept().iter().map(|fault| format!("{fault}\n")).collect()
}

fn with(bench: &mut Bench, given: Given) -> Report {
    verify(bench.queue.store(), given, &mut |_| {}).unwrap()
}

fn approved(bench: &mut Bench, argv: &[&str]) -> Ticket {
    let ticket = bench.file(argv);
    bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    ticket
}

pub fn finished(bench: &mut Bench, argv: &[&str]) -> Ticket {
    let ticket = approved(bench, argv);
    let claimed = bench.claim(&ticket.id).unwrap();
    bench.queue.finish(&claimed.ticket().id, Outcome { end: End::Exit(0), millis: 7 }).unwrap()
}

/// One of everything that can honestly happen.
pub fn eventful() -> Bench {
    let mut bench = Bench::new(ONE);
    finished(&mut bench, &["terraform", "apply"]);
    let no = bench.file(&["rm", "-r", "a"]);
    bench.decide(&no, Choice::Reject, "bo").unwrap();
    bench.decide(&no, Choice::Approve, "ana").unwrap_err();
    let back = approved(&mut bench, &["rm", "-r", "b"]);
    bench.decide(&back, Choice::Revoke, "bo").unwrap();
    let late = bench.file(&["rm", "-r", "c"]);
    let lapsed = approved(&mut bench, &["rm", "-r", "d"]);
    bench.clock.pass(901);
    bench.queue.ticket(&late.id).unwrap();
    bench.queue.ticket(&lapsed.id).unwrap();
    let mine = bench.file(&["rm", "-r", "e"]);
    bench.queue.cancel(&mine.id, 1004).unwrap();
    let lost = approved(&mut bench, &["rm", "-r", "f"]);
    let _claimed = bench.claim(&lost.id).unwrap();
    bench.queue.lose(&lost.id, true).unwrap();
    bench.file(&["rm", "-r", "g"]);
    bench
}

#[track_caller]
fn found(report: &Report, seq: u64, field: &str) {
    let there = report.faults.kept().iter().any(|fault| fault.seq == seq && fault.field == field);
    assert!(there, "no fault in {field} at {seq}:\n{}", told(report));
    assert_eq!(report.conclusion(), Conclusion::Tampered);
}

/// The number of the first event of this kind.
fn first(bench: &mut Bench, kind: &str) -> u64 {
    bench.kinds().iter().position(|word| word == kind).unwrap() as u64
}

#[test]
fn an_honest_queue_holds_and_is_counted() {
    let mut bench = eventful();
    let report = report(&mut bench);
    assert_eq!(told(&report), "");
    assert_eq!(report.conclusion(), Conclusion::OwnReviewers);
    let counts = report.counts;
    assert_eq!((counts.tickets, counts.complete, counts.rejected, counts.expired), (8, 1, 1, 2));
    assert_eq!((counts.cancelled, counts.unknown, counts.open, counts.denied), (2, 1, 1, 0));
    assert_eq!(report.events, bench.kinds().len() as u64);
    assert_eq!(report.root, bench.queue.mark().unwrap().root);
}

#[test]
fn a_queue_of_several_pages_holds() {
    let mut bench = Bench::new(ONE);
    let first = approved(&mut bench, &["rm", "first"]);
    for n in 0..400 {
        let ticket = bench.file(&["rm", &n.to_string()]);
        bench.queue.cancel(&ticket.id, 1004).unwrap();
    }
    let _claimed = bench.claim(&first.id).unwrap();
    let report = report(&mut bench);
    assert_eq!(told(&report), "");
    assert_eq!((report.counts.tickets, report.counts.cancelled, report.counts.open), (401, 400, 1));
}

#[test]
fn what_was_given_decides_what_is_excluded() {
    let mut bench = eventful();
    let reviewers = || Some(Reviewers::parse(bench.reviewers.as_str()).unwrap());
    let given = Given { reviewers: reviewers(), ..Given::default() };
    let (both, pinned) = (reviewers(), reviewers());
    let cut = with(&mut bench, given);
    assert_eq!((cut.conclusion(), cut.not_excluded().len()), (Conclusion::MayBeCut, 1), "{}", told(&cut));
    let note = bench.queue.checkpoint(&bench.log_key).unwrap();
    bench.file(&["later"]);
    let holds = with(&mut bench, Given { reviewers: both, checkpoints: vec![note], pins: vec![] });
    assert_eq!(holds.conclusion(), Conclusion::Holds, "{}", told(&holds));
    let pins = vec![bench.queue.mark().unwrap()];
    let holds = with(&mut bench, Given { reviewers: pinned, checkpoints: vec![], pins });
    assert_eq!((holds.conclusion(), holds.not_excluded().len()), (Conclusion::Holds, 0), "{}", told(&holds));
}

#[test]
fn reviewers_of_the_auditors_own_who_did_not_sign_are_a_no() {
    let mut bench = eventful();
    let given = Given { reviewers: Some(Reviewers::parse("").unwrap()), ..Given::default() };
    let decision = first(&mut bench, "decision");
    found(&with(&mut bench, given), decision, "signature");
}

#[test]
fn a_head_the_log_does_not_contain_is_found() {
    let mut bench = eventful();
    let mark = bench.queue.mark().unwrap();
    let last = mark.size - 1;
    let other = Mark { root: crate::ids::Digest::of(b"x"), ..mark };
    found(&with(&mut bench, Given { pins: vec![other], ..Given::default() }), last, "pin");
    let longer = Mark { size: mark.size + 5, ..mark };
    found(&with(&mut bench, Given { pins: vec![longer], ..Given::default() }), mark.size, "pin");
    let other_life = Mark { incarnation: crate::ids::Incarnation::random(), ..mark };
    found(&with(&mut bench, Given { pins: vec![other_life], ..Given::default() }), last, "pin's incarnation");
    let strange = crate::log::logkey::LogKey::generate(bench.identity.origin.clone()).unwrap();
    let head = Checkpoint { origin: bench.identity.origin.clone(), size: mark.size, root: mark.root };
    let checkpoints = vec![head.sign(&strange).unwrap()];
    found(&with(&mut bench, Given { checkpoints, ..Given::default() }), 0, "checkpoint");
}

#[test]
fn an_edited_event_is_found() {
    let mut bench = eventful();
    let seq = first(&mut bench, "rejected");
    bench.edit(&format!("UPDATE events SET bytes = replace(bytes, '\"bo\"', '\"ana\"') WHERE seq = {seq}"));
    let report = report(&mut bench);
    found(&report, seq, "leaf");
    found(&report, seq, "rejected by");
}

#[test]
fn bytes_that_are_no_event_are_found() {
    let mut bench = eventful();
    let seq = first(&mut bench, "claimed");
    bench.edit(&format!("UPDATE events SET bytes = bytes || ' ' WHERE seq = {seq}"));
    found(&report(&mut bench), seq, "bytes");
}

#[test]
fn a_missing_last_event_is_found() {
    let mut bench = eventful();
    let last = bench.queue.mark().unwrap().size - 1;
    bench.edit(&format!("DELETE FROM events WHERE seq = {last}"));
    found(&report(&mut bench), last, "head");
}

#[test]
fn a_missing_event_in_the_middle_is_found() {
    let mut bench = eventful();
    let seq = first(&mut bench, "refused");
    bench.edit(&format!("DELETE FROM events WHERE seq = {seq}"));
    found(&report(&mut bench), seq, "event");
}

#[test]
fn a_missing_claim_is_found() {
    let mut bench = Bench::new(ONE);
    let ticket = finished(&mut bench, &["terraform", "apply"]);
    let claim = first(&mut bench, "claimed");
    bench.edit(&format!("DELETE FROM events WHERE seq = {claim}"));
    let report = report(&mut bench);
    found(&report, claim, "event");
    let after = report.faults.kept().iter().find(|fault| fault.field == "what").unwrap();
    assert_eq!((after.ticket.as_ref(), after.found.as_str()), (Some(&ticket.id), "finished"));
}

pub fn tell(bench: &mut Bench) -> Vec<Notice> {
    let wish = Wish { notifier: "a".parse().unwrap(), on: Occasion::ALL.into() };
    let notices = bench.queue.notices(&[wish]).unwrap();
    let done: Vec<_> = notices.iter().cloned().map(|notice| (notice, Delivery::CutOff)).collect();
    bench.queue.notified(&done).unwrap();
    notices
}

#[test]
fn notifications_may_stand_anywhere_in_a_tickets_life() {
    let mut bench = Bench::new(ONE);
    let ticket = bench.file(&["terraform", "apply"]);
    tell(&mut bench);
    bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    tell(&mut bench);
    let claimed = bench.claim(&ticket.id).unwrap();
    bench.queue.lose(&claimed.ticket().id, false).unwrap();
    tell(&mut bench);
    let refused = bench.file(&["terraform", "destroy"]);
    bench.decide(&refused, Choice::Reject, "bo").unwrap();
    tell(&mut bench);
    assert_eq!(bench.kinds().iter().filter(|kind| *kind == "notified").count(), 4);
    let report = report(&mut bench);
    assert!(report.faults.kept().is_empty(), "{}", told(&report));
}

#[test]
fn a_notification_of_a_ticket_that_was_never_filed_is_found() {
    let mut bench = Bench::new(ONE);
    bench.file(&["terraform", "apply"]);
    let mut notice = tell(&mut bench).remove(0);
    notice.ticket.id = crate::ids::TicketId::random();
    bench.queue.notified(&[(notice, Delivery::Delivered)]).unwrap();
    let last = bench.queue.mark().unwrap().size - 1;
    found(&report(&mut bench), last, "ticket");
}

#[test]
fn two_events_that_changed_places_are_found() {
    let mut bench = eventful();
    let (a, b) = (first(&mut bench, "claimed"), first(&mut bench, "finished"));
    bench.edit(&format!(
        "CREATE TEMP TABLE t AS SELECT seq, bytes, ticket FROM events WHERE seq IN ({a}, {b});
         UPDATE events SET bytes = (SELECT bytes FROM t WHERE t.seq = {b}) WHERE seq = {a};
         UPDATE events SET bytes = (SELECT bytes FROM t WHERE t.seq = {a}) WHERE seq = {b};"
    ));
    let report = report(&mut bench);
    found(&report, a, "leaf");
    found(&report, a, "seq");
    found(&report, b, "seq");
}

#[test]
fn another_root_is_found_once() {
    let mut bench = eventful();
    bench.edit("UPDATE events SET root = zeroblob(32) WHERE seq = 4");
    let report = report(&mut bench);
    found(&report, 4, "root");
    assert_eq!(report.faults.kept().iter().filter(|fault| fault.field == "root").count(), 1);
}

#[test]
fn a_row_of_another_shape_spoils_nothing_but_itself() {
    let mut bench = eventful();
    bench.edit("UPDATE events SET leaf = x'00' WHERE seq = 5");
    let report = report(&mut bench);
    found(&report, 5, "row");
    assert_eq!(
        report.events,
        bench.queue.read(&mut |read| Ok(read.events(6, 999)?)).unwrap().len() as u64 + 6
    );
}

#[test]
fn other_reviewers_under_the_same_name_are_found() {
    let mut bench = eventful();
    let seq = first(&mut bench, "reviewers");
    let digest = crate::ids::hex(bench.reviewers.digest().as_bytes());
    bench.edit(&format!("UPDATE blobs SET bytes = x'23' WHERE digest = x'{digest}'"));
    let report = report(&mut bench);
    found(&report, seq, "reviewers");
    let decision = first(&mut bench, "decision");
    found(&report, decision, "signature");
}

#[test]
fn another_policy_under_the_same_name_is_found() {
    let mut bench = eventful();
    let seq = first(&mut bench, "policy");
    let digest = crate::ids::hex(bench.policy.layers()[0].digest.as_bytes());
    bench.edit(&format!("UPDATE blobs SET bytes = x'23' WHERE digest = x'{digest}'"));
    found(&report(&mut bench), seq, "policy");
}

#[test]
fn another_request_under_the_same_name_is_found() {
    let mut bench = Bench::new(ONE);
    let ticket = bench.file(&["terraform", "apply"]);
    let digest = crate::ids::hex(ticket.filed.request_sha256.as_bytes());
    bench.edit(&format!(
        "UPDATE blobs SET bytes = CAST(replace(CAST(bytes AS TEXT), 'apply', 'destr') AS BLOB) WHERE digest = x'{digest}'"
    ));
    found(&report(&mut bench), ticket.filed.seq, "request");
}

/// Rewrites the whole log from `bytes` of each event on, as somebody with the file and our code could.
fn rewritten(bench: &mut Bench, edit: impl Fn(u64, &str) -> Option<String>) {
    use crate::log::tree::{Frontier, empty_root, leaf_hash};
    let rows = bench.queue.read(&mut |read| Ok(read.events(0, 9999)?)).unwrap();
    let (mut frontier, mut prev, mut sql) = (Frontier::new(), empty_root(), String::new());
    for row in rows {
        let text = edit(row.seq, &row.bytes).unwrap_or(row.bytes);
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        value["prev"] = serde_json::json!(prev);
        let bytes = crate::record::canonical(&value).unwrap();
        let leaf = leaf_hash(bytes.as_bytes());
        frontier.append(leaf);
        prev = leaf;
        let ticket = value["ticket"].as_str().map_or("NULL".to_owned(), |id| format!("'{id}'"));
        sql += &format!(
            "UPDATE events SET bytes = '{}', ticket = {ticket}, leaf = x'{}', root = x'{}' WHERE seq = {};",
            bytes.replace('\'', "''"),
            crate::ids::hex(leaf.as_bytes()),
            crate::ids::hex(frontier.root().as_bytes()),
            row.seq
        );
    }
    sql += &format!(
        "UPDATE head SET frontier = x'{}', leaf = x'{}'",
        crate::ids::hex(&frontier.to_bytes()),
        crate::ids::hex(prev.as_bytes())
    );
    bench.edit(&sql);
}

#[test]
fn a_rewritten_log_is_consistent_in_its_hashes_and_a_remembered_head_finds_it() {
    let mut bench = Bench::new(ONE);
    finished(&mut bench, &["terraform", "apply"]);
    let mark = bench.queue.mark().unwrap();
    rewritten(&mut bench, |seq, bytes| (seq == 4).then(|| bytes.replace("\"own\":false", "\"own\":true")));
    let report = report(&mut bench);
    assert!(
        report.faults.kept().iter().all(|fault| !matches!(fault.field, "leaf" | "root" | "prev" | "head"))
    );
    found(&report, 4, "own");
    let pinned = with(&mut bench, Given { pins: vec![mark], ..Given::default() });
    found(&pinned, mark.size - 1, "pin");
}

#[test]
fn a_statement_moved_to_another_ticket_is_found_in_a_rewritten_log() {
    let mut bench = Bench::new(TWO);
    let other = bench.file(&["terraform", "destroy"]);
    let ticket = approved(&mut bench, &["terraform", "apply"]);
    let (from, to) =
        (format!("\"ticket\":\"{}\",\"time\"", ticket.id), format!("\"ticket\":\"{}\",\"time\"", other.id));
    let decision = ticket.filed.seq + 1;
    rewritten(&mut bench, |seq, bytes| (seq == decision).then(|| bytes.replace(&from, &to)));
    let report = report(&mut bench);
    found(&report, decision, "ticket");
    found(&report, decision, "card_sha256");
    found(&report, decision, "request_sha256");
}

#[test]
fn an_approval_without_its_people_is_found_in_a_rewritten_log() {
    let mut bench = Bench::new(TWO);
    let ticket = bench.file(&["terraform", "apply"]);
    bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    bench.decide(&ticket, Choice::Approve, "bo").unwrap();
    let approved = first(&mut bench, "approved");
    rewritten(&mut bench, |seq, bytes| {
        (seq == approved).then(|| bytes.replace("[\"ana\",\"bo\"]", "[\"ana\"]"))
    });
    found(&report(&mut bench), approved, "quorum");
    rewritten(&mut bench, |seq, bytes| {
        (seq == approved).then(|| bytes.replace("[\"ana\"]", "[\"ana\",\"ana\"]"))
    });
    found(&report(&mut bench), approved, "quorum");
    rewritten(&mut bench, |seq, bytes| {
        (seq == approved).then(|| bytes.replace("[\"ana\",\"ana\"]", "[\"ana\",\"eve\"]"))
    });
    found(&report(&mut bench), approved, "approved by");
}

#[test]
fn a_claim_after_the_approval_lapsed_is_found_in_a_rewritten_log() {
    let mut bench = Bench::new(ONE);
    let ticket = finished(&mut bench, &["terraform", "apply"]);
    let (approved, claimed) = (first(&mut bench, "approved"), first(&mut bench, "claimed"));
    let State::Approved { until, at, .. } = ticket.state else { panic!() };
    rewritten(&mut bench, |seq, bytes| {
        (seq == approved).then(|| bytes.replace(&until.wall.to_string(), &at.to_string()))
    });
    found(&report(&mut bench), claimed, "time");
}

#[test]
fn a_second_run_is_found_in_a_rewritten_log() {
    let mut bench = Bench::new(ONE);
    finished(&mut bench, &["terraform", "apply"]);
    let finish = first(&mut bench, "finished");
    let claim = bench.queue.read(&mut |read| Ok(read.event(finish - 1)?)).unwrap().unwrap();
    rewritten(&mut bench, |seq, _| {
        let again = claim.bytes.replace(&format!("\"seq\":{}", finish - 1), &format!("\"seq\":{finish}"));
        (seq == finish).then_some(again)
    });
    let report = report(&mut bench);
    found(&report, finish, "what");
}

#[test]
fn an_own_approval_is_counted_where_the_policy_lets_it_and_a_fault_where_not() {
    let own = "version = \"own\"\n[accounts]\nana = 1004\n";
    let mut bench = Bench::new(own);
    finished(&mut bench, &["terraform", "apply"]);
    let report_own = report(&mut bench);
    assert_eq!((told(&report_own).as_str(), report_own.counts.alone), ("", 1));
    let mut bench = Bench::new(OTHERS_ONLY);
    let ticket = bench.file(&["terraform", "apply"]);
    bench.decide(&ticket, Choice::Approve, "bo").unwrap();
    let report_others = report(&mut bench);
    assert_eq!((told(&report_others).as_str(), report_others.counts.alone), ("", 0));
}

#[test]
fn a_restored_queue_holds_in_its_new_life() {
    let mut bench = Bench::new(ONE);
    finished(&mut bench, &["terraform", "apply"]);
    approved(&mut bench, &["terraform", "destroy"]);
    let waiting = bench.file(&["rm", "x"]);
    bench.queue.begin_again().unwrap();
    bench.decide(&waiting, Choice::Approve, "ana").unwrap();
    let report = report(&mut bench);
    assert_eq!(told(&report), "");
    assert_eq!((report.counts.cancelled, report.counts.open), (1, 1));
}

#[test]
fn what_was_signed_within_the_second_of_a_revoke_stays_good_and_nothing_after_it() {
    let mut bench = Bench::new(ONE);
    let (before, after) = (bench.file(&["rm", "a"]), bench.file(&["rm", "b"]));
    bench.clock.pass_millis(200);
    bench.decide(&before, Choice::Approve, "ana").unwrap();
    bench.clock.pass_millis(300);
    let end = bench.clock.now().wall.next_second();
    bench.reviewers = bench.reviewers.revoked_at(&bench.ana.public_key().fingerprint(), end).unwrap();
    bench.clock.pass_millis(500);
    bench.decide(&after, Choice::Approve, "ana").unwrap_err();
    let reviewers = Some(Reviewers::parse(bench.reviewers.as_str()).unwrap());
    for given in [Given { reviewers, ..Given::default() }, Given::default()] {
        let report = with(&mut bench, given);
        assert_eq!((told(&report).as_str(), report.counts.signatures), ("", 1));
    }
}
