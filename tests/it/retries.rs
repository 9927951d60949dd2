//! Retries are harmless: keys, joins, killed waiters, two at once, a decision while nobody waits.
//! However often it is asked, it runs at most once.

use rustix::process::Signal;

use crate::bundles::{by_script, has_python};
use crate::exits::code_in;
use crate::world::{Reviewer, Waiting, World};

fn set_up() -> (World, Reviewer, String) {
    let world = World::new();
    let ana = world.init();
    let script = world.script("count", "echo x >> runs; exit 5");
    (world, ana, script.to_str().unwrap().to_owned())
}

fn start(world: &World, options: &[&str], command: &str) -> Waiting {
    let mut args = vec!["run"];
    args.extend(options);
    args.extend(["--", command]);
    world.handoff(&args).spawn()
}

fn runs(world: &World) -> usize {
    std::fs::read_to_string(world.work().join("runs")).map_or(0, |text| text.lines().count())
}

#[test]
fn a_finished_key_replays_its_outcome_and_executes_nothing() {
    let (world, ana, script) = set_up();
    let mut first = start(&world, &["--once", "a"], &script);
    let id = code_in(&first.wait_for("review it:"));
    world.approve(&id, &ana).expect(0);
    first.finish().expect(5);
    start(&world, &["--once", "a"], &script).finish().expect(5);
    assert_eq!(runs(&world), 1);
    start(&world, &["--once", "a"], "true").finish().expect(125);
}

#[test]
fn a_rejected_key_is_rejected_again() {
    let (world, ana, script) = set_up();
    let mut first = start(&world, &["--once", "a"], &script);
    let id = code_in(&first.wait_for("review it:"));
    world.reject(&id, &ana, "no").expect(0);
    first.finish().expect(120);
    start(&world, &["--once", "a"], &script).finish().expect(120);
    assert_eq!(runs(&world), 0);
}

#[test]
fn a_killed_waiter_is_followed_by_a_retry_that_joins() {
    let (world, ana, script) = set_up();
    let mut first = start(&world, &["--once", "a"], &script);
    let id = code_in(&first.wait_for("review it:"));
    first.signal(Signal::KILL);
    first.finish().expect(137);
    let mut second = start(&world, &["--once", "a"], &script);
    second.wait_for("review it:");
    world.approve(&id, &ana).expect(0);
    second.finish().expect(5);
    assert_eq!(runs(&world), 1);
}

#[test]
fn two_runs_at_once_are_one_ticket_and_one_run_and_both_hear_the_end() {
    let (world, ana, script) = set_up();
    let mut first = start(&world, &[], &script);
    let id = code_in(&first.wait_for("review it:"));
    let mut second = start(&world, &[], &script);
    assert_eq!(code_in(&second.wait_for("review it:")), id);
    world.approve(&id, &ana).expect(0);
    first.finish().expect(5);
    second.finish().expect(5);
    assert_eq!(runs(&world), 1);
}

#[test]
fn a_decision_while_nobody_waits_is_kept_for_exec() {
    let (world, ana, script) = set_up();
    let id = world.handoff(&["propose", "--", &script]).run().expect(0).line().to_owned();
    world.approve(&id, &ana).expect(0);
    assert_eq!(runs(&world), 0, "an approval executes nothing by itself");
    world.handoff(&["exec", &id]).run().expect(5);
    assert_eq!(runs(&world), 1);
}

#[test]
fn an_approved_ticket_is_used_by_the_next_equal_run() {
    let (world, ana, script) = set_up();
    let id = world.handoff(&["propose", "--", &script]).run().expect(0).line().to_owned();
    world.approve(&id, &ana).expect(0);
    start(&world, &[], &script).finish().expect(5);
    let mut again = start(&world, &[], &script);
    let other = code_in(&again.wait_for("review it:"));
    assert_ne!(other, id, "an approval is never used for a new ticket");
    again.signal(Signal::TERM);
    again.finish().expect(143);
    assert_eq!(runs(&world), 1);
}

#[test]
fn eight_executors_race_and_one_runs() {
    let (world, ana, script) = set_up();
    let id = world.handoff(&["propose", "--", &script]).run().expect(0).line().to_owned();
    world.approve(&id, &ana).expect(0);
    let racers: Vec<Waiting> = (0..8).map(|_| world.handoff(&["exec", &id]).spawn()).collect();
    let codes: Vec<i32> = racers.into_iter().map(|racer| racer.finish().code).collect();
    assert_eq!(runs(&world), 1, "{codes:?}");
    assert!(codes.iter().all(|code| [5, 118].contains(code)), "{codes:?}");
    assert!(codes.contains(&5), "{codes:?}");
}

#[test]
fn an_attempt_that_expired_is_followed_by_a_linked_one() {
    let (world, ana, script) = set_up();
    start(&world, &["--once", "a", "--deadline", "1s"], &script).finish().expect(124);
    let mut second = start(&world, &["--once", "a"], &script);
    let id = code_in(&second.wait_for("review it:"));
    world.approve(&id, &ana).expect(0);
    second.finish().expect(5);
    assert_eq!(runs(&world), 1);
}

#[test]
fn what_the_policy_answers_by_itself_is_asked_again_and_at_once_as_often_as_one_likes() {
    let world = World::new();
    world.init();
    let running: Vec<Waiting> =
        (0..8).map(|_| world.handoff(&["run", "--", "echo", "same"]).spawn()).collect();
    for running in running {
        assert_eq!(running.finish().expect(0).stdout, "same\n");
    }
    let policy = world.config().join("policy.toml");
    let deny = "[[rule]]\nid = \"no\"\nverdict = \"deny\"\nprogram = [\"touch\"]\nmatch = [\"touch x\"]\n";
    let text = std::fs::read_to_string(&policy).unwrap();
    std::fs::write(&policy, text + deny).unwrap();
    for _ in 0..3 {
        world.handoff(&["run", "--", "touch", "x"]).run().expect(121);
    }
}

#[test]
fn a_second_run_under_one_key_is_found_by_the_program_and_the_script_in_the_export() {
    let (world, ..) = set_up();
    let cancelled = world.handoff(&["propose", "--once", "a", "--", "touch", "x"]).run().expect(0);
    world.handoff(&["cancel", cancelled.line()]).run().expect(0);
    world.handoff(&["propose", "--once", "a", "--", "touch", "x"]).run().expect(0);
    world.handoff(&["run", "--once", "b", "--", "echo", "once"]).run().expect(0);
    let verified = |name: &str, code: i32| {
        world.handoff(&["audit", "export", "-o", name]).run().expect(0);
        let mut told = vec![world.handoff(&["audit", "verify", name]).run().expect(code).stdout];
        if has_python(&world) {
            told.push(by_script(&world, &world.work().join(name), &[]).expect(code).stdout);
        }
        told
    };
    verified("honest", 3);
    let database = rusqlite::Connection::open(world.data().join("queue.db")).unwrap();
    assert_eq!(database.execute("UPDATE tickets SET once = NULL WHERE phase = 'finished'", []).unwrap(), 1);
    let again = world.handoff(&["run", "--once", "b", "--", "echo", "once"]).run().expect(0);
    assert_eq!(again.stdout, "once\n");
    for told in verified("tampered", 1) {
        assert!(told.contains("once is the key of "), "{told}");
    }
}
