//! A key of `--once` is one ticket: what the queue's columns say of it is held against the requests, and what
//! came of tampered columns is found in the log for ever.

use super::*;
use crate::queue::propose::{Draft, Proposed};

fn keyed(bench: &Bench) -> Draft {
    Draft { once: Some("deploy-1".into()), ..bench.draft(&["terraform", "apply"]) }
}

#[track_caller]
fn filed(bench: &mut Bench, draft: &Draft) -> Ticket {
    match bench.propose(draft).unwrap() {
        Proposed::Filed(ticket) => ticket,
        other => panic!("{other:?}"),
    }
}

fn ran(bench: &mut Bench, ticket: &Ticket) {
    bench.decide(ticket, Choice::Approve, "ana").unwrap();
    let claimed = bench.claim(&ticket.id).unwrap();
    bench.queue.finish(&claimed.ticket().id, Outcome { end: End::Exit(0), millis: 7 }).unwrap();
}

/// The least that needs doing: all triggers stay, and count on.
fn behind(bench: &mut Bench, sql: &str) {
    rusqlite::Connection::open(bench.queue.store().path()).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn a_key_that_goes_on_from_attempt_to_attempt_holds() {
    let mut bench = Bench::new(ONE);
    let draft = keyed(&bench);
    filed(&mut bench, &draft);
    bench.clock.pass(901);
    let second = filed(&mut bench, &draft);
    bench.queue.cancel(&second.id, 1004).unwrap();
    let third = filed(&mut bench, &draft);
    ran(&mut bench, &third);
    assert!(matches!(bench.propose(&draft).unwrap(), Proposed::Joined(_)));
    let other = Draft { once: Some("deploy-2".into()), ..draft };
    filed(&mut bench, &other);
    assert_eq!(told(&report(&mut bench)), "");
}

#[test]
fn a_key_freed_by_hand_is_found_by_the_row_and_after_a_second_run_by_the_log_alone() {
    let mut bench = Bench::new(ONE);
    let draft = keyed(&bench);
    let first = filed(&mut bench, &draft);
    ran(&mut bench, &first);
    behind(&mut bench, "UPDATE tickets SET once = NULL");
    let end = bench.queue.mark().unwrap().size;
    found(&report(&mut bench), end - 1, "row's due time or keys");
    let second = filed(&mut bench, &draft);
    ran(&mut bench, &second);
    // Covering it up: only one row may have the key, so the index goes too.
    let key = format!("(SELECT once FROM tickets WHERE id = '{}')", second.id);
    behind(&mut bench, &format!("DROP INDEX tickets_once; UPDATE tickets SET once = {key}"));
    let report = report(&mut bench);
    found(&report, second.filed.seq, "once");
    assert_eq!(report.faults.kept().len(), 1, "{}", told(&report));
}

#[test]
fn keys_that_are_not_those_of_the_request_are_found() {
    for change in ["once = NULL", "once = x'00'", "same = zeroblob(32)"] {
        let mut bench = Bench::new(ONE);
        let draft = keyed(&bench);
        filed(&mut bench, &draft);
        bench.edit(&format!("UPDATE tickets SET {change}"));
        let report = report(&mut bench);
        let fields: Vec<_> = report.faults.kept().iter().map(|fault| fault.field).collect();
        assert_eq!(fields, ["row's due time or keys"], "{change}: {}", told(&report));
    }
    let mut bench = Bench::new(ONE);
    let over = bench.file(&["rm", "a"]);
    bench.queue.cancel(&over.id, 1004).unwrap();
    bench.edit("UPDATE tickets SET same = zeroblob(32)");
    found(&report(&mut bench), over.filed.seq + 1, "row's due time or keys");
}

#[test]
fn an_open_question_that_would_not_be_found_by_who_asks_it_again_is_found() {
    for change in ["NULL", "zeroblob(32)", "x'00'"] {
        let mut bench = Bench::new(ONE);
        let ticket = bench.file(&["rm", "a"]);
        bench.edit(&format!("UPDATE tickets SET same = {change}"));
        found(&report(&mut bench), ticket.filed.seq, "row's question");
    }
}
