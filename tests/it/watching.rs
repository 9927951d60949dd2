//! `watch`: the queue as it lives, to whoever reads it and however they stop; several tickets beside each other.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use crate::world::{Reviewer, Waiting, World};

const PATIENCE: Duration = Duration::from_secs(20);

fn set_up() -> (World, Reviewer) {
    let world = World::new();
    let ana = world.init();
    (world, ana)
}

fn propose(world: &World, name: &str, deadline: &str) -> String {
    let args = ["propose", "--deadline", deadline, "--", "touch", name];
    world.handoff(&args).run().expect(0).line().to_owned()
}

#[track_caller]
fn says(following: &Waiting, text: &str) -> String {
    let end = Instant::now() + PATIENCE;
    loop {
        let said = following.stdout();
        if said.contains(text) {
            return said;
        }
        assert!(Instant::now() < end, "no {text:?} in\n{said}\n{}", following.stderr());
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[track_caller]
fn becomes(pid: u32, wanted: char) {
    let end = Instant::now() + PATIENCE;
    let state = || {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit(')').next().and_then(|rest| rest.trim().chars().next()).unwrap_or('-')
    };
    while state() != wanted {
        assert!(Instant::now() < end, "{pid} is {} and not {wanted}", state());
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn what_waits_comes_first_nearest_deadline_on_top_and_then_what_happens() {
    let (world, ana) = set_up();
    let (far, near) = (propose(&world, "far", "20m"), propose(&world, "near", "10m"));
    let following = world.handoff(&["watch"]).spawn();
    says(&following, &far);
    let new = propose(&world, "a b", "10m");
    world.reject(&near, &ana, "no").expect(0);
    let said = says(&following, "rejected");
    let lines: Vec<&str> = said.lines().collect();
    assert!(
        lines[0].contains(&near) && lines[0].contains("waits") && lines[0].ends_with("'touch' 'near'"),
        "{said}"
    );
    assert!(lines[1].contains(&far), "{said}");
    assert!(lines[2].contains(&new) && lines[2].ends_with(": 'touch' 'a b'"), "{said}");
    following.signal(Signal::INT);
    assert_eq!(following.finish().signal, Some(2));
    assert!(world.handoff(&["list"]).run().expect(0).stdout.contains(&far), "looking on changes nothing");
}

#[test]
fn the_same_as_json_one_object_a_line() {
    let (world, _) = set_up();
    let id = propose(&world, "x", "10m");
    let following = world.handoff(&["watch", "--json"]).spawn();
    says(&following, &id);
    world.handoff(&["cancel", &id]).run().expect(0);
    says(&following, "cancelled");
    following.signal(Signal::TERM);
    let said = following.finish().stdout;
    let values: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(values[0]["schema"], "handoff.ticket.v1");
    assert_eq!(values[0]["state"], "pending");
    let kinds: Vec<&str> = values[1..].iter().map(|value| value["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["cancelled"]);
}

#[test]
fn a_follower_whose_reader_goes_ends_also_while_nothing_happens() {
    let (world, _) = set_up();
    for number in 0..3 {
        propose(&world, &format!("x{number}"), "10m");
    }
    let line = format!("{} watch | head -n 1", crate::world::program().display());
    let output = world.command("sh", &["-c", &line]).run().expect(0);
    assert!(output.stdout.contains("waits") && output.stderr.is_empty(), "{}", output.stderr);
}

#[test]
fn a_follower_that_was_stopped_tells_what_it_missed() {
    let (world, _) = set_up();
    let first = propose(&world, "first", "10m");
    let following = world.handoff(&["watch"]).spawn();
    says(&following, &first);
    // The kernel drops the keyboard's stop where no shell could continue, so this is the one it never drops.
    following.signal(Signal::STOP);
    becomes(following.pid(), 'T');
    let missed = propose(&world, "missed", "10m");
    following.signal(Signal::CONT);
    let said = says(&following, &missed);
    assert_eq!(said.matches(&missed).count(), 1, "{said}");
}

#[test]
fn the_keyboards_stop_and_a_shells_fg_are_obeyed() {
    let (world, _) = set_up();
    let first = propose(&world, "first", "10m");
    let following = world.handoff(&["watch"]).spawn();
    says(&following, &first);
    following.signal(Signal::TSTP);
    becomes(following.pid(), 'T');
    following.signal(Signal::CONT);
    let second = propose(&world, "second", "10m");
    says(&following, &second);
}

#[test]
fn a_queue_that_is_restored_underneath_is_followed_into_its_new_life() {
    let (world, ana) = set_up();
    let kept = propose(&world, "kept", "10m");
    world.handoff(&["backup", "kept.db"]).run().expect(0);
    let gone = propose(&world, "gone", "10m");
    world.approve(&gone, &ana).expect(0);
    let mut following = world.handoff(&["watch"]).spawn();
    says(&following, &kept);
    world.handoff(&["restore", "kept.db"]).run().expect(0);
    following.wait_for("restored from a backup");
    let said = says(&following, "restored ");
    assert_eq!(said.lines().filter(|line| line.contains("restored ")).count(), 1, "{said}");
    let after = propose(&world, "after", "10m");
    says(&following, &after);
    following.signal(Signal::TERM);
    following.finish();
}

#[test]
fn whoever_waits_for_a_ticket_that_a_restore_takes_away_is_told_so() {
    let (world, _) = set_up();
    let kept = propose(&world, "kept", "10m");
    world.handoff(&["backup", "kept.db"]).run().expect(0);
    let gone = propose(&world, "gone", "10m");
    let mut one = world.handoff(&["watch", &gone]).spawn();
    let mut several = world.handoff(&["watch", &kept, &gone]).spawn();
    let mut runs = world.handoff(&["run", "--", "touch", "done"]).spawn();
    for waiting in [&mut one, &mut several, &mut runs] {
        waiting.wait_for("review it:");
    }
    several.wait_for(&format!("{gone} waits for"));
    world.handoff(&["restore", "kept.db"]).run().expect(0);
    for waiting in [one, several, runs] {
        let output = waiting.finish().expect(125);
        assert!(
            output.stderr.contains("is not in the queue any more: a backup was restored"),
            "{}",
            output.stderr
        );
    }
    assert!(!world.work().join("done").exists());
}

#[test]
fn an_expiry_is_an_event_at_its_time_though_nobody_else_looks() {
    let (world, _) = set_up();
    let id = propose(&world, "x", "2s");
    let following = world.handoff(&["watch"]).spawn();
    let said = says(&following, "expired");
    assert!(said.lines().any(|line| line.contains(&id) && line.contains("expired")), "{said}");
    assert_eq!(world.handoff(&["watch", "--for", "1s"]).run().code, 119);
}

#[test]
fn several_tickets_are_waited_for_together_and_the_first_no_is_the_answer() {
    let (world, ana) = set_up();
    let ids: Vec<String> = (0..3).map(|number| propose(&world, &format!("x{number}"), "10m")).collect();
    let mut waiting = world.handoff(&["watch", &ids[0], &ids[1], &ids[2]]).spawn();
    for id in &ids {
        waiting.wait_for(&format!("{id} waits for 1 approval"));
    }
    world.reject(&ids[2], &ana, "not this one").expect(0);
    waiting.wait_for(&format!("{} rejected by ana@test: not this one", ids[2]));
    world.approve(&ids[0], &ana).expect(0);
    waiting.wait_for(&format!("{} is approved", ids[0]));
    assert!(waiting.runs(), "one is left");
    world.handoff(&["cancel", &ids[1]]).run().expect(0);
    let output = waiting.finish().expect(122);
    assert_eq!(output.stderr.matches("waits for").count(), 3, "{}", output.stderr);
    world.handoff(&["watch", &ids[0], &ids[2]]).run().expect(120);
    let pending = propose(&world, "y", "10m");
    let both = world.handoff(&["watch", "--json", "--for", "1s", &ids[0], &pending]).run().expect(119);
    assert_eq!(both.stdout.lines().count(), 2, "{}", both.stdout);
}

#[test]
fn each_of_several_has_its_countdown() {
    let (world, _) = set_up();
    let (one, two) = (propose(&world, "one", "10m"), propose(&world, "two", "20m"));
    let mut waiting = world.terminal(&["watch", &one, &two], 24, 100);
    waiting.expect(&format!("{one} waits, "));
    waiting.expect(&format!("{two} waits, "));
    let shown = |screen: &str, id: &str| screen.lines().any(|line| line.contains(&format!("{id} waits, ")));
    let end = Instant::now() + PATIENCE;
    while !(shown(&waiting.screen(), &one) && shown(&waiting.screen(), &two)) {
        assert!(Instant::now() < end, "{}", waiting.screen());
        std::thread::sleep(Duration::from_millis(20));
    }
    waiting.send("\u{3}");
    waiting.finish();
    assert!(
        world.handoff(&["list"]).run().expect(0).stdout.contains(&one),
        "an interrupt ends the watching only"
    );
}
