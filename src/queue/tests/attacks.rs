//! What somebody with the database file, but without the reviewers' keys, can try.
//! For tests only.

use super::bench::{Bench, ONE, TWO, person};
use crate::clock::Clock as _;
use crate::queue::QueueError;
use crate::queue::memory::MemoryError;
use crate::record::Record;
use crate::signing::{Entry, NewKey};
use crate::ticket::decision::{Choice, Decision};

const APPROVED: &str = concat!(
    r#"{"at":"2026-11-18T10:00:00.000Z","by":{"reviewers":["ana"]},"execution":{"unclaimed":{}},"#,
    r#""state":"approved","until":{"boot":{"boot_id":"x","millis":1},"wall":"2036-11-18T10:00:00.000Z"}}"#
);

#[test]
fn a_row_that_says_approved_is_not_believed() {
    let mut bench = Bench::new(ONE);
    let ticket = bench.file(&["terraform", "apply"]);
    let id = ticket.id.as_str();
    bench.edit(&format!("UPDATE tickets SET phase = 'unclaimed', state = '{APPROVED}' WHERE id = '{id}'"));
    assert_eq!(bench.queue.peek(&ticket.id).unwrap().state.word(), "approved", "the forged row is readable");
    let refused = bench.claim(&ticket.id);
    assert!(matches!(&refused, Err(QueueError::Tampered(_) | QueueError::Store(_))), "{refused:?}");
}

#[test]
fn a_statement_is_taken_once_and_for_its_ticket_only() {
    let mut bench = Bench::new(TWO);
    let (ticket, other) = (bench.file(&["terraform", "apply"]), bench.file(&["terraform", "destroy"]));
    let yes = bench.statement(&ticket, Choice::Approve, "ana");
    bench.hand_in(&yes).unwrap();
    let again = bench.hand_in(&yes);
    assert!(matches!(&again, Err(QueueError::Decision(why)) if why.contains("recorded before")), "{again:?}");
    let record = Record::of(&yes).unwrap();
    let signature =
        bench.ana.sign(&Decision::namespace(&bench.identity.origin), record.as_str().as_bytes()).unwrap();
    let moved = bench.hand_in_signed(&other.id, record.as_str(), &signature);
    assert!(matches!(&moved, Err(QueueError::Decision(why)) if why.contains("another ticket")), "{moved:?}");
}

#[test]
fn every_field_of_a_statement_is_held() {
    let mut bench = Bench::new(ONE);
    let ticket = bench.file(&["terraform", "apply"]);
    type Edit = fn(&mut Decision);
    let edits: Vec<(&str, Edit)> = vec![
        ("queue", |d| d.queue = "other".parse().unwrap()),
        ("life", |d| d.incarnation = crate::ids::Incarnation::random()),
        ("request", |d| d.request_sha256 = super::bench::digest("x")),
        ("policy", |d| d.policy_sha256 = super::bench::digest("x")),
        ("card", |d| d.card_sha256 = super::bench::digest("x")),
        ("no end", |d| d.valid_until = None),
        ("past end", |d| d.valid_until = Some(crate::clock::Timestamp::from_millis(5))),
        ("log size", |d| d.log.size += 1),
        ("log root", |d| d.log.root = super::bench::digest("x")),
        ("log before the proposal", |d| d.log.size = 1),
        ("reviewer", |d| d.reviewer = "eve".parse().unwrap()),
    ];
    for (what, edit) in edits {
        let mut decision = bench.statement(&ticket, Choice::Approve, "ana");
        edit(&mut decision);
        assert!(bench.hand_in(&decision).is_err(), "{what} was not held");
    }
    assert_eq!(bench.decide(&ticket, Choice::Approve, "ana").unwrap().ticket.state.word(), "approved");
}

#[test]
fn a_key_nobody_trusts_decides_nothing() {
    let mut bench = Bench::new(ONE);
    let ticket = bench.file(&["terraform", "apply"]);
    let decision = bench.statement(&ticket, Choice::Approve, "ana");
    let record = Record::of(&decision).unwrap();
    let eve = crate::signing::NewKey::generate("eve").unwrap().into_signer();
    let signature =
        eve.sign(&Decision::namespace(&bench.identity.origin), record.as_str().as_bytes()).unwrap();
    assert!(bench.hand_in_signed(&ticket.id, record.as_str(), &signature).is_err());
    let bo = bench.bo.sign(&Decision::namespace(&bench.identity.origin), record.as_str().as_bytes()).unwrap();
    assert!(
        bench.hand_in_signed(&ticket.id, record.as_str(), &bo).is_err(),
        "another reviewer's key for ana's word"
    );
}

#[test]
fn a_used_right_stays_used_when_the_row_is_set_back() {
    let mut bench = Bench::new(ONE);
    let ticket = bench.file(&["terraform", "apply"]);
    bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    let before = bench.queue.peek(&ticket.id).unwrap();
    let _claimed = bench.claim(&ticket.id).unwrap();
    let state = serde_json::to_string(&before.state).unwrap();
    bench.edit(&format!(
        "UPDATE tickets SET phase = 'approved', state = '{state}', version = {} WHERE id = '{}'",
        before.version, ticket.id
    ));
    let again = bench.claim(&ticket.id);
    assert!(again.is_err(), "the log still says claimed");
    bench.edit("UPDATE events SET ticket = NULL WHERE bytes LIKE '%\"claimed\"%'");
    let again = bench.claim(&ticket.id);
    assert!(
        matches!(&again, Err(QueueError::Memory(MemoryError::Spent(_)) | QueueError::Store(_))),
        "{again:?}"
    );
}

#[test]
fn yesterdays_copy_is_refused() {
    let mut bench = Bench::new(ONE);
    let ticket = bench.file(&["terraform", "apply"]);
    bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    let copy = bench.folder.path().join("yesterday.db");
    bench.queue.store().backup_to(&copy).unwrap();
    let _claimed = bench.claim(&ticket.id).unwrap();
    bench.queue.store().restore_from(&copy).unwrap();
    let again = bench.claim(&ticket.id);
    assert!(matches!(&again, Err(QueueError::Memory(MemoryError::Spent(_)))), "{again:?}");
    let other = bench.file(&["terraform", "destroy"]);
    let refused = bench.decide(&other, Choice::Approve, "ana");
    assert!(
        matches!(&refused, Err(QueueError::Memory(MemoryError::Forked(_) | MemoryError::Behind { .. }))),
        "{refused:?}"
    );
}

#[test]
fn an_edited_proposal_is_found_before_anything_runs() {
    let mut bench = Bench::new(ONE);
    let ticket = bench.file(&["terraform", "apply"]);
    bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    bench.edit("UPDATE events SET bytes = replace(bytes, '1004', '1005') WHERE bytes LIKE '%proposed%'");
    let refused = bench.claim(&ticket.id);
    assert!(matches!(&refused, Err(QueueError::Tampered(_) | QueueError::Store(_))), "{refused:?}");
}

#[test]
fn where_the_memory_cannot_be_written_nothing_is_recorded_that_needs_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut bench = Bench::new(ONE);
    let (ticket, other) = (bench.file(&["terraform", "apply"]), bench.file(&["terraform", "plan"]));
    bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    let state = bench.folder.path().join("state");
    // A folder that others can write is not used, though what is in it can still be read.
    std::fs::set_permissions(&state, std::fs::Permissions::from_mode(0o777)).unwrap();
    let refused = bench.decide(&other, Choice::Approve, "ana");
    assert!(matches!(&refused, Err(QueueError::Memory(_))), "{refused:?}");
    assert_eq!(bench.queue.peek(&other.id).unwrap().state.word(), "pending");
    let refused = bench.claim(&ticket.id);
    assert!(matches!(&refused, Err(QueueError::Memory(_))), "{refused:?}");
    std::fs::set_permissions(&state, std::fs::Permissions::from_mode(0o700)).unwrap();
    let _claimed = bench.claim(&ticket.id).unwrap();
}

#[test]
fn an_approve_does_not_come_back_when_the_key_of_its_revoke_goes() {
    let mut bench = Bench::new(TWO);
    let ticket = bench.file(&["terraform", "apply"]);
    bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    let (before, second) = (bench.reviewers.clone(), NewKey::generate("second").unwrap());
    let namespace = Decision::namespace(&bench.identity.origin);
    let entry = Entry::new(person("ana"), [namespace.clone()], second.public_key().clone(), "").unwrap();
    bench.reviewers = before.with_line(&entry).unwrap();
    let record = Record::of(&bench.statement(&ticket, Choice::Revoke, "ana")).unwrap();
    let signature = second.into_signer().sign(&namespace, record.as_str().as_bytes()).unwrap();
    bench.hand_in_signed(&ticket.id, record.as_str(), &signature).unwrap();
    bench.reviewers = before;
    let decided = bench.decide(&ticket, Choice::Approve, "bo").unwrap();
    assert_eq!(decided.ticket.state.word(), "pending", "{:?}", decided.standing);
    assert_eq!(decided.standing.approvals, [person("bo")]);
}

#[test]
fn a_row_under_another_question_is_not_joined() {
    let mut bench = Bench::new(ONE);
    let (asked, other) = (bench.file(&["terraform", "apply"]), bench.file(&["terraform", "destroy"]));
    let (asked, other) = (asked.id.as_str(), other.id.as_str());
    bench.edit(&format!(
        "CREATE TEMP TABLE spare AS SELECT same FROM tickets WHERE id = '{asked}';
         UPDATE tickets SET same = NULL WHERE id = '{asked}';
         UPDATE tickets SET same = (SELECT same FROM spare) WHERE id = '{other}'"
    ));
    let draft = bench.draft(&["terraform", "apply"]);
    let refused = bench.propose(&draft);
    assert!(matches!(&refused, Err(QueueError::Tampered(_) | QueueError::Store(_))), "{refused:?}");
}

#[test]
fn a_clock_set_back_a_little_revives_no_key() {
    let mut bench = Bench::new(ONE);
    let ticket = bench.file(&["rm", "x"]);
    let end = bench.clock.now().wall.next_second();
    bench.reviewers = bench.reviewers.revoked_at(&bench.ana.public_key().fingerprint(), end).unwrap();
    bench.clock.pass(2);
    bench.file(&["rm", "y"]);
    bench.clock.set_wall(-2);
    assert!(bench.clock.now().wall < end, "by the clock alone the key counts");
    for choice in [Choice::Approve, Choice::Reject] {
        let refused = bench.decide(&ticket, choice, "ana").unwrap_err().to_string();
        assert!(refused.contains("not valid since"), "{refused}");
    }
    bench.decide(&ticket, Choice::Approve, "bo").unwrap();
}
