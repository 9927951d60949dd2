//! Clocks that go back, and one that jumps to 2099: nothing is approved or run while the wall clock is behind
//! the log, a reviewer can accept it, and no jump freezes the queue. The program runs under faketime(1).

use crate::world::{Output, Reviewer, World, program, skipped};

fn set_up() -> Option<(World, Reviewer)> {
    let world = World::new();
    if world.command("sh", &["-c", "command -v faketime"]).run().code != 0 {
        skipped("there is no faketime here");
        return None;
    }
    let ana = world.init();
    Some((world, ana))
}

fn at(world: &World, clock: &str, args: &[&str]) -> Output {
    let mut all = vec!["-f", clock, program().to_str().unwrap()];
    all.extend(args);
    world.command("faketime", &all).run()
}

fn propose(world: &World, what: &str) -> String {
    world.handoff(&["propose", "--", "touch", what]).run().expect(0).line().to_owned()
}

#[test]
fn while_the_clock_is_behind_nothing_is_approved_or_run_until_a_reviewer_accepts_it() {
    let Some((world, ana)) = set_up() else { return };
    let (approved, pending, refused) = (propose(&world, "a"), propose(&world, "b"), propose(&world, "c"));
    world.approve(&approved, &ana).expect(0);
    at(&world, "+1d", &["propose", "--", "touch", "future"]).expect(0);
    for output in [
        world.handoff(&["exec", &approved]).run(),
        world.handoff(&["run", "--", "echo", "allowed"]).run(),
        world.approve(&pending, &ana),
    ] {
        assert_eq!((output.code, output.stdout.as_str()), (125, ""), "{}", output.stderr);
        assert!(output.stderr.contains("reconcile --clock"), "{}", output.stderr);
    }
    assert!(!world.work().join("a").exists());
    // A no, looking and asking need no right clock.
    world.reject(&refused, &ana, "no").expect(0);
    world.handoff(&["list"]).run().expect(0);
    propose(&world, "d");
    world.handoff(&["reconcile", "--clock"]).run().expect(0);
    world.handoff(&["exec", &approved]).run().expect(0);
    world.approve(&pending, &ana).expect(0);
    world.handoff(&["run", "--", "echo", "allowed"]).run().expect(0);
}

#[test]
fn a_clock_turned_back_gives_no_answer_more_time() {
    let Some((world, ana)) = set_up() else { return };
    let args = ["propose", "--deadline", "1s", "--", "touch", "x"];
    let id = world.handoff(&args).run().expect(0).line().to_owned();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let prepared = at(&world, "-1h", &["decide", "--prepare", &id, "--as", &ana.name]);
    if prepared.code == 0 {
        let signature = world.sign(&ana, &prepared.bytes);
        let output = at(&world, "-1h", &["decide", "--import", signature.to_str().unwrap()]);
        assert_ne!(output.code, 0, "{}", output.stderr);
    }
    let output = at(&world, "-1h", &["exec", &id]);
    assert!([119, 124, 125].contains(&output.code), "{} {}", output.code, output.stderr);
    world.handoff(&["exec", &id]).run().expect(124);
    assert!(!world.work().join("x").exists());
}

#[test]
fn an_approval_is_not_used_under_a_clock_turned_back() {
    let Some((world, ana)) = set_up() else { return };
    let id = propose(&world, "x");
    world.approve(&id, &ana).expect(0);
    at(&world, "-1d", &["exec", &id]).expect(125);
    at(&world, "+8d", &["exec", &id]).expect(123);
    assert!(!world.work().join("x").exists());
}

#[test]
fn one_jump_to_2099_does_not_freeze_the_queue() {
    let Some((world, ana)) = set_up() else { return };
    let before = propose(&world, "before");
    at(&world, "@2099-01-01 00:00:00", &["propose", "--", "touch", "then"]).expect(0);
    let after = propose(&world, "after");
    let listed = world.handoff(&["list"]).run().expect(0);
    assert!(listed.stdout.contains(&before) && listed.stdout.contains(&after), "{}", listed.stdout);
    world.handoff(&["run", "--", "echo", "allowed"]).run().expect(125);
    world.handoff(&["reconcile", "--clock", "--finding", "the battery is empty"]).run().expect(0);
    world.approve(&after, &ana).expect(0);
    world.handoff(&["exec", &after]).run().expect(0);
    world.handoff(&["run", "--deadline", "1s", "--", "touch", "late"]).run().expect(124);
    world.handoff(&["audit", "log"]).run().expect(0);
}

#[test]
fn nobody_but_a_reviewer_accepts_a_clock() {
    let Some((world, _)) = set_up() else { return };
    at(&world, "+1d", &["propose", "--", "touch", "future"]).expect(0);
    let eve = world.reviewer("eve@test");
    let key = eve.key.to_str().unwrap();
    let output = world.handoff(&["--key", key, "reconcile", "--clock"]).run().expect(1);
    assert!(output.stderr.contains("refused"), "{}", output.stderr);
    world.handoff(&["--key", key, "reconcile", "--clock", "--as", "eve@test"]).run().expect(1);
    world.handoff(&["run", "--", "echo", "allowed"]).run().expect(125);
}
