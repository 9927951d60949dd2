//! Every exit code of the table, reached by the program itself, and told in the outcome file as well.
//! A script branches on these; they never change.

use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use crate::world::{Output, Reviewer, Waiting, World};

/// A command that needs a person: no pack allows it.
const ASKED: [&str; 3] = ["touch", "done", "--"];

fn run(world: &World, options: &[&str], command: &[&str]) -> Output {
    gated(world, options, command).finish()
}

/// Starts `handoff run` with an outcome file.
fn gated(world: &World, options: &[&str], command: &[&str]) -> Waiting {
    let mut args = vec!["run", "--outcome-file", "out.json"];
    args.extend(options);
    args.push("--");
    args.extend(command);
    world.handoff(&args).spawn()
}

fn outcome(world: &World) -> Value {
    let text = std::fs::read_to_string(world.work().join("out.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn told(world: &World, code: i32, word: &str) {
    let outcome = outcome(world);
    assert_eq!(outcome["exit_code"], code, "{outcome}");
    assert_eq!(outcome["outcome"], word, "{outcome}");
}

/// The code in `handoff: K7QX-M2FD waits for …`.
pub fn code_in(stderr: &str) -> String {
    let line = stderr.lines().find(|line| line.contains(" waits for ")).unwrap();
    line.split_whitespace().nth(1).unwrap().to_owned()
}

/// A gated command that has said that it waits, and its ticket.
fn waiting(world: &World, options: &[&str], command: &[&str]) -> (Waiting, String) {
    let mut running = gated(world, options, command);
    let code = code_in(&running.wait_for("review it:"));
    (running, code)
}

fn set_up() -> (World, Reviewer) {
    let world = World::new();
    let ana = world.init();
    (world, ana)
}

fn propose(world: &World, command: &[&str]) -> String {
    let mut args = vec!["propose", "--"];
    args.extend(command);
    world.handoff(&args).run().expect(0).line().to_owned()
}

#[test]
fn zero_when_the_command_succeeds() {
    let (world, ana) = set_up();
    let (running, id) = waiting(&world, &["--reason", "test"], &ASKED);
    world.approve(&id, &ana).expect(0);
    let output = running.finish().expect(0);
    assert!(world.work().join("done").exists(), "{}", output.stderr);
    told(&world, 0, "finished");
}

#[test]
fn the_commands_own_status_passes_through() {
    let (world, ana) = set_up();
    let script = world.script("seven", "exit 7");
    let (running, id) = waiting(&world, &[], &[script.to_str().unwrap()]);
    world.approve(&id, &ana).expect(0);
    running.finish().expect(7);
    told(&world, 7, "finished");
    assert_eq!(outcome(&world)["end"]["exit"], 7);
}

#[test]
fn zero_when_allowed_and_nobody_is_asked() {
    let (world, _) = set_up();
    let output = run(&world, &[], &["echo", "hello"]).expect(0);
    assert_eq!(output.stdout, "hello\n");
    told(&world, 0, "finished");
}

#[test]
fn one_hundred_and_twenty_when_rejected_with_reason_and_suggestion() {
    let (world, ana) = set_up();
    let (running, id) = waiting(&world, &[], &ASKED);
    let flags = ["--reject", "--reason", "stop, ask me first", "--suggest", "touch other"];
    world.decide(&id, &ana, &flags).expect(0);
    let output = running.finish().expect(120);
    assert!(
        output.stderr.contains("rejected by ana@test: stop, ask me first. Instead: touch other"),
        "{}",
        output.stderr
    );
    told(&world, 120, "rejected");
    assert_eq!(outcome(&world)["reason"], "stop, ask me first");
    assert_eq!(outcome(&world)["suggest"], "touch other");
    assert!(!world.work().join("done").exists());
}

#[test]
fn one_hundred_and_twenty_one_when_denied_by_policy() {
    let (world, _) = set_up();
    let policy = world.config().join("policy.toml");
    let mut text = std::fs::read_to_string(&policy).unwrap();
    text.push_str("\n[[rule]]\nid = \"no-touch\"\nverdict = \"deny\"\nprogram = [\"touch\"]\nwhy = \"never here\"\ninstead = \"ask\"\nmatch = [\"touch x\"]\n");
    std::fs::write(&policy, text).unwrap();
    let output = run(&world, &[], &ASKED).expect(121);
    assert!(output.stderr.contains("never here"), "{}", output.stderr);
    told(&world, 121, "denied");
    world.handoff(&["propose", "--", "touch", "x"]).run().expect(121);
}

#[test]
fn one_hundred_and_twenty_two_when_cancelled() {
    let (world, _) = set_up();
    let (running, id) = waiting(&world, &[], &ASKED);
    world.handoff(&["cancel", &id]).run().expect(0);
    running.finish().expect(122);
    told(&world, 122, "cancelled");
}

#[test]
fn one_hundred_and_twenty_three_when_something_changed_after_the_approval() {
    let (world, ana) = set_up();
    let script = world.script("deploy", "echo harmless");
    let id = propose(&world, &[script.to_str().unwrap()]);
    world.approve(&id, &ana).expect(0);
    world.script("deploy", "echo evil > evil");
    let output = world.handoff(&["exec", "--outcome-file", "out.json", &id]).run().expect(123);
    assert!(output.stderr.contains("stale"), "{}", output.stderr);
    assert!(!world.work().join("evil").exists());
    told(&world, 123, "stale");
    world.handoff(&["exec", &id]).run().expect(123);
}

#[test]
fn one_hundred_and_twenty_four_when_nobody_answers() {
    let (world, _) = set_up();
    let output = run(&world, &["--deadline", "1s"], &ASKED).expect(124);
    assert!(output.stderr.contains("expired"), "{}", output.stderr);
    told(&world, 124, "expired");
}

#[test]
fn one_hundred_and_nineteen_when_the_wait_ends_before_the_answer() {
    let (world, _) = set_up();
    let id = propose(&world, &ASKED);
    world.handoff(&["watch", &id, "--for", "1s"]).run().expect(119);
    world.handoff(&["policy", "check", "--", "touch", "x"]).run().expect(119);
    world.handoff(&["policy", "check", "--", "ls"]).run().expect(0);
}

#[test]
fn watch_answers_as_run_would() {
    let (world, ana) = set_up();
    let (yes, no, gone) = (
        propose(&world, &["touch", "1"]),
        propose(&world, &["touch", "2"]),
        propose(&world, &["touch", "3"]),
    );
    world.approve(&yes, &ana).expect(0);
    world.reject(&no, &ana, "no").expect(0);
    world.handoff(&["cancel", &gone]).run().expect(0);
    for (id, code) in [(yes, 0), (no, 120), (gone, 122)] {
        world.handoff(&["watch", &id]).run().expect(code);
    }
}

#[test]
fn one_hundred_and_eighteen_when_the_right_was_used_already() {
    let (world, ana) = set_up();
    let id = propose(&world, &ASKED);
    world.approve(&id, &ana).expect(0);
    world.handoff(&["exec", &id]).run().expect(0);
    std::fs::remove_file(world.work().join("done")).unwrap();
    let again = world.handoff(&["exec", "--outcome-file", "out.json", &id]).run().expect(118);
    assert!(again.stderr.contains("not run again"), "{}", again.stderr);
    assert!(!world.work().join("done").exists(), "it ran twice");
    told(&world, 118, "used");
}

#[test]
fn one_hundred_and_eighteen_when_the_executor_was_killed() {
    let (world, ana) = set_up();
    let script = world.script("slow", "echo begun >> runs; sleep 30");
    let (running, id) = waiting(&world, &["--once", "slow-1"], &[script.to_str().unwrap()]);
    world.approve(&id, &ana).expect(0);
    let runs = world.work().join("runs");
    for _ in 0..2000 {
        if runs.exists() {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    running.signal(Signal::KILL);
    running.finish().expect(128 + 9);
    let retry = run(&world, &["--once", "slow-1"], &[script.to_str().unwrap()]).expect(118);
    assert!(retry.stderr.contains("not known"), "{}", retry.stderr);
    assert_eq!(std::fs::read_to_string(&runs).unwrap(), "begun\n", "never a second run");
    let finding = ["reconcile", &id, "--finding", "it was killed on purpose"];
    world.handoff(&finding).run().expect(0);
    world.handoff(&finding).run().expect(1);
}

#[test]
fn one_hundred_and_twenty_five_for_anything_wrong_under_run() {
    let world = World::new();
    world.handoff(&["run", "--", "true"]).run().expect(125);
    let (world, _) = set_up();
    world.handoff(&["run", "--no-such-option", "--", "true"]).run().expect(125);
    world.handoff(&["run"]).run().expect(125);
    world.handoff(&["--json", "run", "--bind", "x", "--", "true"]).run().expect(125);
    world.handoff(&["exec", "ZZZZ-ZZZZ"]).run().expect(125);
    run(&world, &["--attach", "missing.txt"], &ASKED).expect(125);
    run(&world, &["--declare", "colour=red"], &ASKED).expect(125);
    run(&world, &["--precheck", "none-such"], &ASKED).expect(125);
}

#[test]
fn one_hundred_and_twenty_six_and_seven_as_env_has_them() {
    let (world, _) = set_up();
    run(&world, &[], &["no-such-program-anywhere"]).expect(127);
    world.write("plain", "not a program");
    run(&world, &[], &["./plain"]).expect(126);
}

#[test]
fn one_hundred_and_twenty_eight_and_more_when_it_dies_of_a_signal() {
    let (world, ana) = set_up();
    let script = world.script("dies", "kill -TERM $$");
    let (running, id) = waiting(&world, &[], &[script.to_str().unwrap()]);
    world.approve(&id, &ana).expect(0);
    let output = running.finish();
    assert_eq!(
        (output.code, output.signal),
        (128 + 15, Some(15)),
        "a real death by signal, as shells expect"
    );
    assert_eq!(outcome(&world)["end"]["signal"], 15);
}

#[test]
fn an_interrupted_wait_is_cancelled_or_with_a_key_kept() {
    let (world, _) = set_up();
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let (running, id) = waiting(&world, &[], &ASKED);
        running.signal(signal);
        running.finish().expect(128 + signal.as_raw());
        world.handoff(&["watch", &id]).run().expect(122);
    }
    let (running, id) = waiting(&world, &["--once", "k"], &ASKED);
    running.signal(Signal::TERM);
    running.finish().expect(128 + 15);
    world.handoff(&["watch", &id, "--for", "1s"]).run().expect(119);
}

#[test]
fn two_for_a_usage_error_and_one_for_a_refused_decision() {
    let (world, ana) = set_up();
    world.handoff(&["show"]).run().expect(2);
    world.handoff(&["show", "ZZZZ-ZZZZ"]).run().expect(2);
    world.handoff(&["list", "--state", "open"]).run().expect(2);
    let id = propose(&world, &ASKED);
    world.approve(&id, &ana).expect(0);
    let signature = world.sign(&ana, b"{}");
    world.handoff(&["decide", "--import", signature.to_str().unwrap()]).run().expect(1);
    let eve = world.reviewer("eve@test");
    let other = propose(&world, &["touch", "other"]);
    world.approve(&other, &eve).expect(1);
}
