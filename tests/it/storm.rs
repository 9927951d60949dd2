//! Many processes on the same tickets at the same moment: one end each, at most one run, no trouble with locks.

use std::collections::BTreeMap;

use crate::exits::code_in;
use crate::world::{Output, Waiting, World};

const TICKETS: usize = 5;
const WAITERS: usize = 2;

/// The events after which nothing else may come of a ticket but the end of its run.
const ENDS: [&str; 4] = ["rejected", "cancelled", "expired", "claimed"];

#[track_caller]
fn is_calm(output: &Output) {
    for word in ["locked", "panicked", "busy", "damaged", "contradicts"] {
        assert!(!output.stderr.contains(word), "{word}: {}", output.stderr);
    }
}

#[test]
fn a_storm_of_decisions_and_executions_leaves_one_end_each() {
    let world = World::new();
    let ana = world.init();
    let script = world.script("count", "echo \"$1\" >> runs");
    let script = script.to_str().unwrap();
    let mut waiters: Vec<Waiting> = Vec::new();
    let mut tickets = BTreeMap::new();
    for number in 0..TICKETS {
        let word = format!("t{number}");
        for _ in 0..WAITERS {
            let mut waiting = world.handoff(&["run", "--", script, &word]).spawn();
            tickets.insert(word.clone(), code_in(&waiting.wait_for("review it:")));
            waiters.push(waiting);
        }
    }
    let signed: Vec<Vec<String>> = tickets
        .values()
        .flat_map(|id| {
            [&[][..], &["--reject", "--reason", "no"]].map(|flags| {
                let args = [&["decide", "--prepare", id, "--as", &ana.name], flags].concat();
                let statement = world.handoff(&args).run().expect(0);
                let file = world.sign(&ana, &statement.bytes);
                vec!["decide".to_owned(), "--import".to_owned(), file.to_str().unwrap().to_owned()]
            })
        })
        .collect();
    let others = tickets
        .values()
        .flat_map(|id| ["cancel", "exec", "exec"].map(|command| vec![command.to_owned(), id.clone()]));
    // Interleaved, so that each kind is first somewhere.
    let mut all: Vec<Vec<String>> = signed.into_iter().chain(others).collect();
    let length = all.len();
    all = (0..length).map(|index| std::mem::take(&mut all[index * 7 % length])).collect();
    let started: Vec<Waiting> = all.iter().map(|args| world.handoff(args).spawn()).collect();
    for (waiting, args) in started.into_iter().zip(&all) {
        let output = waiting.finish();
        is_calm(&output);
        let known = [0, 1, 118, 119, 120, 122, 123, 125];
        assert!(known.contains(&output.code), "{args:?}: {} {}", output.code, output.stderr);
    }
    for waiting in waiters {
        let output = waiting.finish();
        is_calm(&output);
        assert!([0, 118, 120, 122, 123].contains(&output.code), "{} {}", output.code, output.stderr);
    }
    let runs = std::fs::read_to_string(world.work().join("runs")).unwrap_or_default();
    for (word, id) in &tickets {
        let shown = world.handoff(&["show", id, "--json"]).run().expect(0).json();
        let events = shown["events"].as_array().unwrap();
        let kinds: Vec<&str> = events.iter().map(|event| event["kind"].as_str().unwrap()).collect();
        let ends = kinds.iter().filter(|kind| ENDS.contains(kind)).count();
        assert_eq!(ends, 1, "{word}: {kinds:?}");
        let ran = runs.lines().filter(|line| line == word).count();
        let finished = kinds.iter().filter(|kind| **kind == "finished").count();
        assert_eq!(
            (ran, finished),
            if kinds.contains(&"claimed") { (1, 1) } else { (0, 0) },
            "{word}: {kinds:?}"
        );
    }
    let verified = world.handoff(&["audit", "verify"]).run();
    assert_ne!(verified.code, 1, "{}{}", verified.stdout, verified.stderr);
}

#[test]
fn sixteen_that_ask_the_same_at_once_are_one_ticket() {
    let world = World::new();
    world.init();
    let asked: Vec<Waiting> =
        (0..16).map(|_| world.handoff(&["propose", "--once", "k", "--", "touch", "x"]).spawn()).collect();
    let mut ids: Vec<String> = asked
        .into_iter()
        .map(|asked| {
            let output = asked.finish().expect(0);
            is_calm(&output);
            output.line().to_owned()
        })
        .collect();
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
    let list = world.handoff(&["list", "--all", "--json"]).run().expect(0);
    assert_eq!(list.stdout.lines().count(), 1);
}

#[test]
fn sixteen_of_what_the_policy_allows_all_run_once() {
    let world = World::new();
    world.init();
    let words: Vec<String> = (0..16).map(|number| format!("n{number}")).collect();
    let running: Vec<Waiting> =
        words.iter().map(|word| world.handoff(&["run", "--", "echo", word]).spawn()).collect();
    for (running, word) in running.into_iter().zip(&words) {
        let output = running.finish().expect(0);
        is_calm(&output);
        assert_eq!(output.stdout, format!("{word}\n"));
    }
}
