//! The database edited by hand, while nobody has it open: what a row says is never believed, and what the
//! log says is checked against the tree. Whatever is found, nothing runs.

use rusqlite::Connection;

use crate::world::{Output, Reviewer, World};

fn set_up() -> (World, Reviewer) {
    let world = World::new();
    let ana = world.init();
    (world, ana)
}

fn propose(world: &World, what: &str) -> String {
    world.handoff(&["propose", "--", "touch", what]).run().expect(0).line().to_owned()
}

/// Does what any editor of the file could do, its guards taken off first.
fn edit(world: &World, statements: &str) {
    let database = Connection::open(world.data().join("queue.db")).unwrap();
    let guards = "DROP TRIGGER IF EXISTS events_unchanged; DROP TRIGGER IF EXISTS events_stay;
        DROP TRIGGER IF EXISTS tickets_stay; DROP TRIGGER IF EXISTS nodes_unchanged;";
    database.execute_batch(guards).unwrap();
    database.execute_batch(statements).unwrap();
    assert!(database.changes() > 0, "nothing was edited by: {statements}");
}

#[track_caller]
fn nothing_ran(world: &World, output: &Output, what: &str) {
    assert!(!world.work().join(what).exists(), "it ran:\n{}", output.stderr);
    assert_ne!(output.code, 0, "{}", output.stderr);
    assert!(!output.stderr.is_empty());
}

#[test]
fn a_row_made_approved_runs_nothing() {
    let (world, ana) = set_up();
    let honest = propose(&world, "honest");
    world.approve(&honest, &ana).expect(0);
    let forged = propose(&world, "forged");
    // The approved ticket's own state, put into the pending one's row.
    edit(
        &world,
        "UPDATE tickets SET phase = (SELECT phase FROM tickets WHERE state LIKE '%approved%'),
            state = (SELECT state FROM tickets WHERE state LIKE '%approved%'), version = version + 1
         WHERE phase = 'pending'",
    );
    let output = world.handoff(&["exec", &forged]).run();
    nothing_ran(&world, &output, "forged");
    assert!(output.stderr.contains("not approved"), "{}", output.stderr);
    world.handoff(&["exec", &honest]).run().expect(0);
}

#[test]
fn an_approval_moved_to_another_ticket_runs_nothing() {
    let (world, ana) = set_up();
    let honest = propose(&world, "honest");
    let forged = propose(&world, "forged");
    world.approve(&honest, &ana).expect(0);
    // Rows, decisions and events of the approved one renamed to the other.
    edit(
        &world,
        "PRAGMA foreign_keys = OFF;
         CREATE TEMP TABLE t AS SELECT
            (SELECT id FROM tickets WHERE phase = 'pending') AS victim,
            (SELECT id FROM tickets WHERE phase <> 'pending') AS source;
         UPDATE decisions SET ticket = (SELECT victim FROM t);
         UPDATE events SET ticket = (SELECT victim FROM t)
            WHERE ticket = (SELECT source FROM t) AND kind <> 'proposed';
         UPDATE tickets SET phase = (SELECT phase FROM tickets WHERE id = (SELECT source FROM t)),
            state = (SELECT state FROM tickets WHERE id = (SELECT source FROM t)),
            version = (SELECT version FROM tickets WHERE id = (SELECT source FROM t))
            WHERE id = (SELECT victim FROM t);",
    );
    let output = world.handoff(&["exec", &forged]).run();
    nothing_ran(&world, &output, "forged");
    let output = world.handoff(&["exec", &honest]).run();
    nothing_ran(&world, &output, "honest");
}

#[test]
fn milder_terms_in_a_row_are_not_believed() {
    let (world, ana) = set_up();
    let policy = "version = \"two\"\n[[rule]]\nid = \"two\"\nverdict = \"review\"\nprogram = [\"touch\"]\n\
        approvals = 2\nwhy = \"two of you\"\nmatch = [\"touch x\"]\n";
    let bo = world.reviewer("bo@test");
    let public = format!("{}.pub", bo.key.display());
    world.handoff(&["key", "trust", "bo@test", &public]).run().expect(0);
    std::fs::write(world.config().join("policy.toml"), policy).unwrap();
    let id = propose(&world, "x");
    edit(&world, "UPDATE tickets SET verdict = replace(verdict, '\"approvals\":2', '\"approvals\":1')");
    let output = world.approve_or_not(&id, &ana);
    nothing_ran(&world, &output, "x");
    let output = world.handoff(&["exec", &id]).run();
    nothing_ran(&world, &output, "x");
}

#[test]
fn a_request_changed_in_the_queue_runs_nothing() {
    let (world, ana) = set_up();
    let id = propose(&world, "harmless");
    world.approve(&id, &ana).expect(0);
    edit(
        &world,
        "UPDATE blobs SET bytes = CAST(replace(CAST(bytes AS TEXT), '\"harmless\"', '\"horrible\"') AS BLOB)
         WHERE CAST(bytes AS TEXT) LIKE '%harmless%'",
    );
    let output = world.handoff(&["exec", &id]).run();
    nothing_ran(&world, &output, "horrible");
    nothing_ran(&world, &output, "harmless");
}

#[test]
fn a_longer_deadline_in_a_row_gives_no_more_time() {
    let (world, ana) = set_up();
    let args = ["propose", "--deadline", "1s", "--", "touch", "x"];
    let id = world.handoff(&args).run().expect(0).line().to_owned();
    edit(
        &world,
        "UPDATE tickets SET due_ms = due_ms + 86400000,
            deadline = replace(deadline, '\"wall\":\"20', '\"wall\":\"21')",
    );
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let output = world.approve_or_not(&id, &ana);
    nothing_ran(&world, &output, "x");
    let output = world.handoff(&["exec", &id]).run();
    nothing_ran(&world, &output, "x");
}

#[test]
fn an_edited_event_is_seen_where_it_counts_and_told_where_it_is_shown() {
    for edit_of in [
        // The bytes alone, the bytes with their own leaf, and the event taken away.
        "UPDATE events SET bytes = replace(bytes, '\"salt\":\"', '\"salt\":\"0') WHERE kind = 'decision'",
        "UPDATE events SET leaf = zeroblob(32) WHERE kind = 'approved'",
        "DELETE FROM events WHERE kind = 'approved'",
        "UPDATE events SET kind = 'finished' WHERE kind = 'approved'; \
         UPDATE events SET bytes = replace(bytes, 'approve', 'approvx') WHERE kind = 'finished'",
    ] {
        let (world, ana) = set_up();
        let id = propose(&world, "x");
        world.approve(&id, &ana).expect(0);
        edit(&world, edit_of);
        let output = world.handoff(&["exec", &id]).run();
        nothing_ran(&world, &output, "x");
        // Whoever looks still sees what there is, and never a crash.
        let shown = world.handoff(&["show", &id]).run();
        assert!([0, 1, 125].contains(&shown.code), "{edit_of}: {} {}", shown.code, shown.stderr);
        assert!(!shown.stderr.contains("panicked"), "{}", shown.stderr);
        let log = world.handoff(&["audit", "log"]).run();
        assert!(!log.stderr.contains("panicked"), "{}", log.stderr);
    }
}

#[test]
fn a_tree_that_proves_nothing_any_more_is_told_by_doctor_and_by_an_audit() {
    let (world, _) = set_up();
    propose(&world, "x");
    for edit_of in [
        "UPDATE nodes SET hash = zeroblob(32) WHERE level = 1 AND idx = 0",
        "UPDATE nodes SET idx = 99 WHERE level = 1 AND idx = 0",
    ] {
        edit(&world, edit_of);
        let told = world.handoff(&["doctor"]).run().expect(1);
        assert!(told.stdout.contains("the tree over event 1 is not the one recorded"), "{}", told.stdout);
        let told = world.handoff(&["audit", "verify"]).run().expect(1);
        assert!(told.stdout.contains("tree is other nodes than the events make"), "{}", told.stdout);
    }
}

#[test]
fn a_rewritten_end_of_the_log_is_seen_by_the_memory_outside() {
    let (world, ana) = set_up();
    let folder = world.data();
    let kept: Vec<(std::path::PathBuf, Vec<u8>)> = ["queue.db", "queue.db-wal"]
        .iter()
        .map(|name| folder.join(name))
        .filter_map(|path| std::fs::read(&path).ok().map(|bytes| (path, bytes)))
        .collect();
    let id = propose(&world, "x");
    world.approve(&id, &ana).expect(0);
    world.handoff(&["exec", &id]).run().expect(0);
    std::fs::remove_file(world.work().join("x")).unwrap();
    // An older copy put back: nothing is decided or run on it.
    for name in ["queue.db-wal", "queue.db-shm"] {
        let _ = std::fs::remove_file(folder.join(name));
    }
    for (path, bytes) in kept {
        std::fs::write(path, bytes).unwrap();
    }
    let again = propose(&world, "x");
    let output = world.approve_or_not(&again, &ana);
    nothing_ran(&world, &output, "x");
    assert!(output.stderr.contains("restore") || output.stderr.contains("behind"), "{}", output.stderr);
    let output = world.handoff(&["run", "--", "echo", "allowed"]).run();
    assert_eq!(output.stdout, "", "what the policy allows runs on no old copy either");
    nothing_ran(&world, &output, "x");
}

#[test]
fn another_file_in_the_queues_place_while_somebody_waits_is_not_taken_for_it() {
    let (world, _) = set_up();
    let mut waiting = world.handoff(&["run", "--", "touch", "x"]).spawn();
    waiting.wait_for("review it:");
    let queue = world.data().join("queue.db");
    std::fs::rename(&queue, world.data().join("moved.db")).unwrap();
    std::fs::copy(world.data().join("moved.db"), &queue).unwrap();
    let output = waiting.finish();
    nothing_ran(&world, &output, "x");
    assert_eq!(output.code, 125, "{}", output.stderr);
    assert!(output.stderr.contains("replaced"), "{}", output.stderr);
}
