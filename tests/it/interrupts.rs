//! Signals and the keyboard, while handoff waits and while the command runs: as env(1) and timeout(1) would
//! behave, with the outcome recorded, and nothing executed that was given up.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::exits::code_in;
use crate::world::{Reviewer, Waiting, World, skipped};

fn set_up() -> (World, Reviewer) {
    let world = World::new();
    let ana = world.init();
    (world, ana)
}

/// Starts a script through handoff, approved, and waits until it has begun.
fn running(world: &World, ana: &Reviewer, body: &str) -> (Waiting, String) {
    let script = world.script("body", &format!("echo $$ > begun\n{body}"));
    let args = ["run", "--outcome-file", "out.json", "--", script.to_str().unwrap()];
    let mut waiting = world.handoff(&args).spawn();
    let id = code_in(&waiting.wait_for("review it:"));
    world.approve(&id, ana).expect(0);
    appears(world, "begun");
    (waiting, id)
}

#[track_caller]
fn appears(world: &World, name: &str) -> String {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let text = fs::read_to_string(world.work().join(name)).unwrap_or_default();
        if !text.is_empty() {
            return text;
        }
        assert!(Instant::now() < end, "{name} does not appear");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn state(pid: u32) -> char {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().and_then(|rest| rest.trim().chars().next()).unwrap_or('-')
}

#[track_caller]
fn becomes(pid: u32, wanted: &[char]) {
    let end = Instant::now() + Duration::from_secs(20);
    while !wanted.contains(&state(pid)) {
        assert!(Instant::now() < end, "process {pid} is {} and not {wanted:?}", state(pid));
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[track_caller]
fn ended(world: &World, id: &str, how: &str, number: i64) {
    let text = fs::read_to_string(world.work().join("out.json")).unwrap();
    let outcome: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(outcome["end"][how], number, "{outcome}");
    let shown = world.handoff(&["show", id, "--json"]).run().expect(0).json();
    let kinds: Vec<&str> =
        shown["events"].as_array().unwrap().iter().filter_map(|event| event["kind"].as_str()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "finished").count(), 1, "{kinds:?}");
}

#[test]
fn a_signal_to_the_wrapper_reaches_the_command_and_its_end_is_recorded() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let (world, ana) = set_up();
        let (waiting, id) = running(&world, &ana, "exec sleep 60");
        waiting.signal(signal);
        let output = waiting.finish().expect(128 + signal.as_raw());
        assert_eq!(output.signal, Some(signal.as_raw()), "it dies of what the command died of");
        ended(&world, &id, "signal", i64::from(signal.as_raw()));
    }
}

#[test]
fn a_command_that_handles_the_signal_decides_how_it_ends() {
    let (world, ana) = set_up();
    let body = "trap 'echo told >> told; exit 3' TERM\nwhile :; do sleep 0.05; done";
    let (waiting, id) = running(&world, &ana, body);
    waiting.signal(Signal::TERM);
    waiting.finish().expect(3);
    assert_eq!(fs::read_to_string(world.work().join("told")).unwrap(), "told\n", "told once");
    ended(&world, &id, "exit", 3);
}

#[test]
fn a_killed_command_and_one_that_kills_itself_are_told_as_they_ended() {
    let (world, ana) = set_up();
    let (waiting, id) = running(&world, &ana, "exec sleep 60");
    let child: i32 = appears(&world, "begun").trim().parse().unwrap();
    kill_process(Pid::from_raw(child).unwrap(), Signal::KILL).unwrap();
    assert_eq!(waiting.finish().signal, Some(9));
    ended(&world, &id, "signal", 9);
}

#[test]
fn a_wrapper_killed_outright_leaves_the_command_alone_and_the_outcome_unknown() {
    let (world, ana) = set_up();
    let (waiting, id) = running(&world, &ana, "sleep 1; echo over > over");
    waiting.signal(Signal::KILL);
    waiting.finish().expect(137);
    let again = world.handoff(&["exec", &id]).run().expect(118);
    assert!(again.stderr.contains("not known"), "{}", again.stderr);
    appears(&world, "over");
    assert_eq!(fs::read_to_string(world.work().join("begun")).unwrap().lines().count(), 1);
}

#[test]
fn a_stopped_and_continued_wait_goes_on() {
    let (world, ana) = set_up();
    let mut waiting = world.handoff(&["run", "--", "touch", "done"]).spawn();
    let id = code_in(&waiting.wait_for("review it:"));
    waiting.signal(Signal::TSTP);
    becomes(waiting.pid(), &['T']);
    world.approve(&id, &ana).expect(0);
    assert!(!world.work().join("done").exists(), "a stopped process runs nothing");
    waiting.signal(Signal::CONT);
    waiting.finish().expect(0);
    assert!(world.work().join("done").exists());
}

#[test]
fn an_answer_that_comes_after_giving_up_executes_nothing() {
    let (world, ana) = set_up();
    let mut waiting = world.handoff(&["run", "--once", "k", "--", "touch", "done"]).spawn();
    let id = code_in(&waiting.wait_for("review it:"));
    waiting.signal(Signal::INT);
    let output = waiting.finish().expect(130);
    assert!(output.stderr.contains("nobody waits"), "{}", output.stderr);
    world.approve(&id, &ana).expect(0);
    assert!(!world.work().join("done").exists());
    world.handoff(&["exec", &id]).run().expect(0);
}

#[test]
fn one_waiter_of_two_may_leave_and_the_ticket_stays() {
    let (world, ana) = set_up();
    let start = || world.handoff(&["run", "--", "touch", "done"]).spawn();
    let (mut first, mut second) = (start(), start());
    first.wait_for("review it:");
    let id = code_in(&second.wait_for("review it:"));
    first.signal(Signal::INT);
    first.finish().expect(130);
    world.approve(&id, &ana).expect(0);
    second.finish().expect(0);
}

#[test]
fn one_ctrl_c_is_one_sigint_to_the_command() {
    let (world, ana) = set_up();
    let body = "trap 'echo int >> ints; n=$((n+1)); [ $n -ge 2 ] && exit 4' INT\nn=0\n\
        while :; do sleep 0.02; done";
    let script = world.script("body", &format!("echo $$ > begun\n{body}"));
    let mut terminal = world.terminal(&["run", "--", script.to_str().unwrap()], 24, 80);
    terminal.expect("review it: handoff review ");
    let id = terminal.screen().split("handoff review ").nth(1).unwrap()[..9].to_owned();
    world.approve(&id, &ana).expect(0);
    appears(&world, "begun");
    terminal.send("\u{3}");
    appears(&world, "ints");
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(fs::read_to_string(world.work().join("ints")).unwrap(), "int\n", "one key, one signal");
    terminal.send("\u{3}");
    assert_eq!(terminal.finish(), 4);
}

#[test]
fn ctrl_c_while_waiting_cancels_and_leaves_the_terminal_as_it_was() {
    let (world, _) = set_up();
    let line = format!(
        "{} run -- touch done; echo code $?; stty -a | tr ';' '\\n'",
        crate::world::program().display()
    );
    let mut terminal = world.terminal_for("/bin/sh", &["-c", &line], 24, 120);
    terminal.expect("review it: handoff review ");
    let id = terminal.screen().split("handoff review ").nth(1).unwrap()[..9].to_owned();
    terminal.send("\u{3}");
    drop(terminal);
    world.handoff(&["watch", &id]).run().expect(122);
    assert!(!world.work().join("done").exists());
}

#[test]
fn ctrl_z_stops_both_and_fg_goes_on() {
    let (world, ana) = set_up();
    let script = world.script("body", "echo $$ > begun\nuntil test -e go; do :; done; exit 6");
    let Some(bash) =
        ["/bin/bash", "/usr/bin/bash"].into_iter().find(|path| std::path::Path::new(path).exists())
    else {
        skipped("there is no bash here");
        return;
    };
    let mut terminal = world.terminal_for(bash, &["--norc", "--noprofile", "-i"], 24, 120);
    terminal.send("PS1='ready> '\r");
    terminal.expect("ready> ");
    let handoff = crate::world::program().display();
    terminal.send(&format!("{handoff} run -- {}\r", script.display()));
    terminal.expect("handoff review ");
    terminal.expect("in another terminal");
    let screen = terminal.screen();
    let id = screen.split("review it: handoff review ").nth(1).unwrap()[..9].to_owned();
    world.approve(&id, &ana).expect(0);
    let child: u32 = appears(&world, "begun").trim().parse().unwrap();
    terminal.send("\u{1a}");
    terminal.expect("Stopped");
    becomes(child, &['T']);
    world.write("go", "");
    terminal.send("fg\r");
    terminal.expect("ready> ");
    terminal.send("echo code=$?\r");
    terminal.expect("code=6");
    terminal.send("exit\r");
    let shown = world.handoff(&["show", &id, "--json"]).run().expect(0);
    assert!(shown.stdout.contains("finished"), "{}", shown.stdout);
}
