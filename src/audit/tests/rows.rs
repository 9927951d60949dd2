//! What a queue keeps beside its events: each column that says something else than they do is found.

use super::*;

/// What is told of a queue edited so: a fault in this field at the log's end, and no other.
#[track_caller]
fn alone_is_found(edit: &str, field: &str) -> String {
    let mut bench = eventful();
    bench.edit(edit);
    let end = bench.queue.mark().unwrap().size;
    let report = report(&mut bench);
    found(&report, end, field);
    assert_eq!(report.faults.kept().len(), 1, "{edit}: {}", told(&report));
    told(&report)
}

#[test]
fn a_row_that_says_more_than_its_events_is_found() {
    let mut bench = Bench::new(ONE);
    let ticket = approved(&mut bench, &["terraform", "apply"]);
    let open = bench.file(&["terraform", "destroy"]);
    let state = bench.queue.peek(&ticket.id).unwrap().state;
    let state = Record::of(&state).unwrap();
    bench.edit(&format!(
        "UPDATE tickets SET phase = 'unclaimed', state = '{}' WHERE id = '{}'",
        state.as_str(),
        open.id
    ));
    let report = report(&mut bench);
    found(&report, open.filed.seq, "row's state");
    assert_eq!(report.faults.kept().len(), 1, "{}", told(&report));
}

#[test]
fn a_missing_row_and_a_row_too_many_are_found() {
    let mut bench = eventful();
    bench.edit("PRAGMA foreign_keys = OFF; DELETE FROM tickets WHERE phase = 'expired'");
    let seqs: Vec<u64> =
        report(&mut bench).faults.kept().iter().filter(|f| f.field == "row").map(|f| f.seq).collect();
    assert_eq!(seqs.len(), 2);
    let mut bench = eventful();
    bench.edit("UPDATE counts SET n = n + 1 WHERE phase = 'pending'");
    let end = bench.queue.mark().unwrap().size;
    found(&report(&mut bench), end, "number of ticket rows");
}

#[test]
fn a_decision_row_that_moved_to_another_ticket_is_found() {
    let mut bench = Bench::new(TWO);
    let ticket = approved(&mut bench, &["terraform", "apply"]);
    let other = bench.file(&["terraform", "destroy"]);
    bench.edit(&format!("UPDATE decisions SET ticket = '{}' WHERE ticket = '{}'", other.id, ticket.id));
    let report = report(&mut bench);
    found(&report, ticket.filed.seq + 1, "decision rows");
    found(&report, other.filed.seq, "decision rows");
}

#[test]
fn a_decision_row_that_is_no_copy_of_its_event_is_found() {
    for change in [
        "reviewer = 'bo'",
        "signature = signature || ' '",
        "statement = statement || ' '",
        // All that was signed, but where the statement ends moved.
        "statement = statement || substr(signature, 1, 30), signature = substr(signature, 31)",
        "statement = statement || char(10) || substr(signature, 1, instr(signature, char(10)) - 1),
            signature = substr(signature, instr(signature, char(10)) + 1)",
    ] {
        let mut bench = Bench::new(TWO);
        let ticket = approved(&mut bench, &["terraform", "apply"]);
        bench.edit(&format!("UPDATE decisions SET {change} WHERE ticket = '{}'", ticket.id));
        let report = report(&mut bench);
        found(&report, ticket.filed.seq + 1, "decision row");
        assert_eq!(report.faults.kept().len(), 1, "{change}: {}", told(&report));
    }
}

#[test]
fn a_ticket_that_would_expire_at_another_time_than_its_deadline_is_found() {
    for (phase, due) in [("pending", "due_ms + 1"), ("pending", "NULL"), ("finished", "1")] {
        let mut bench = eventful();
        bench.edit(&format!("UPDATE tickets SET due_ms = {due} WHERE phase = '{phase}'"));
        let report = report(&mut bench);
        let rows: Vec<_> = report.faults.kept().iter().map(|fault| fault.field).collect();
        assert!(
            !rows.is_empty() && rows.iter().all(|field| *field == "row's due time or keys"),
            "{phase}: {}",
            told(&report)
        );
    }
}

#[test]
fn a_tree_that_would_prove_nothing_any_more_is_found() {
    for edit in [
        "UPDATE nodes SET hash = zeroblob(32) WHERE level = 1 AND idx = 2",
        "UPDATE nodes SET hash = (SELECT hash FROM nodes WHERE level = 1 AND idx = 0) WHERE level = 1 AND idx = 2",
        "DELETE FROM nodes WHERE level = 3 AND idx = 0",
        "UPDATE nodes SET idx = 1000 WHERE level = 2 AND idx = 1",
        "UPDATE nodes SET level = 300 WHERE level = 2 AND idx = 1",
        "INSERT INTO nodes VALUES (1, 1000, zeroblob(32))",
        "UPDATE nodes SET hash = x'00' WHERE level = 1 AND idx = 2",
    ] {
        alone_is_found(edit, "tree");
    }
}

#[test]
fn a_head_that_forgot_how_late_it_was_is_found() {
    alone_is_found("UPDATE head SET time_ms = time_ms - 1", "head's time");
}

#[test]
fn a_signed_head_that_was_kept_and_is_another_now_is_found_however_old() {
    for edit in [
        "UPDATE checkpoints SET note = replace(note, char(10) || char(10), 'A' || char(10) || char(10))",
        "UPDATE checkpoints SET size = size - 1",
        "UPDATE checkpoints SET note = 'none'",
    ] {
        let mut bench = eventful();
        bench.queue.checkpoint(&bench.log_key).unwrap();
        let oldest = bench.queue.mark().unwrap().size;
        bench.file(&["later"]);
        bench.queue.checkpoint(&bench.log_key).unwrap();
        assert_eq!(told(&report(&mut bench)), "");
        bench.edit(&format!("{edit} WHERE size = {oldest}"));
        let report = report(&mut bench);
        found(&report, 0, "kept checkpoint");
        assert_eq!(report.faults.kept().len(), 1, "{edit}: {}", told(&report));
    }
}

#[test]
fn an_account_that_could_ask_more_or_less_than_it_may_is_found() {
    for edit in [
        "UPDATE counts SET n = 0 WHERE phase = 'pending'; UPDATE counts SET n = n + 1 WHERE phase = 'expired'",
        "UPDATE counts SET uid = 7 WHERE phase = 'pending'",
    ] {
        alone_is_found(edit, "number of pending tickets");
    }
}

#[test]
fn an_older_policy_or_reviewers_file_that_is_given_for_the_newest_is_found() {
    for (kind, edit) in [
        ("decision", "UPDATE newest SET seq = seq - 4 WHERE kind = 'decision'"),
        ("policy", "DELETE FROM newest WHERE kind = 'policy'"),
        ("restored", "INSERT INTO newest VALUES ('restored', 2)"),
        ("reviewers", "UPDATE newest SET seq = 1000 WHERE kind = 'reviewers'"),
    ] {
        let told = alone_is_found(edit, "newest of a kind");
        assert!(told.contains(kind), "{told}");
    }
}
