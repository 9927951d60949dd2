//! A queue that a newer handoff has migrated: this one touches nothing, says why, and a waiter says how to go on.

use rusqlite::Connection;

use crate::exits::code_in;
use crate::world::World;

fn migrate(world: &World, version: i64) {
    let database = Connection::open(world.data().join("queue.db")).unwrap();
    database.pragma_update(None, "user_version", version).unwrap();
}

#[test]
fn a_queue_of_a_newer_schema_is_left_alone() {
    let world = World::new();
    world.init();
    world.handoff(&["propose", "--", "touch", "x"]).run().expect(0);
    migrate(&world, 9);
    for args in [
        &["run", "--", "echo", "allowed"][..],
        &["propose", "--", "touch", "y"],
        &["list"],
        &["reject", "--all"],
        &["watch"],
    ] {
        let output = world.handoff(args).run().expect(125);
        assert_eq!(output.stdout, "");
        assert!(output.stderr.contains("newer"), "{}", output.stderr);
    }
    migrate(&world, 2);
    let list = world.handoff(&["list", "--all", "--json"]).run().expect(0);
    assert_eq!(list.stdout.lines().count(), 1);
}

#[test]
fn a_waiter_that_meets_a_newer_schema_ends_and_names_the_way_on() {
    let world = World::new();
    world.init();
    let mut waiting = world.handoff(&["run", "--", "touch", "x"]).spawn();
    let code = code_in(&waiting.wait_for("review it:"));
    migrate(&world, 9);
    let output = waiting.finish().expect(125);
    assert!(output.stderr.contains("newer"), "{}", output.stderr);
    assert!(output.stderr.contains(&format!("handoff exec {code}")), "{}", output.stderr);
    assert!(!world.work().join("x").exists());
}
