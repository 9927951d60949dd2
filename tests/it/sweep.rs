//! SIGKILL at every point where something becomes true: the system calls that sync, write, name, start. Whatever
//! the point, a command runs at most once and never unclaimed, and what was acknowledged is there afterwards.
//!
//! By default a sample of the points is tried; `HANDOFF_SWEEP=full` tries each. Needs strace(1).

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::world::{Output, Reviewer, World, program, skipped};

/// Each with the distance between the points of a sample.
const CALLS: [(&str, usize); 14] = [
    ("fsync", 1),
    ("pwrite64", 9),
    ("ftruncate", 2),
    ("openat", 9),
    ("open", 5),
    ("unlink", 2),
    ("rename", 1),
    ("write", 1),
    ("flock", 2),
    ("fchown", 2),
    ("clone3", 1),
    ("vfork", 1),
    ("wait4", 1),
    ("exit_group", 1),
];

/// What is known of one ticket after a kill.
#[derive(Debug, Clone, Default)]
struct Seen {
    /// The status the killed program ended with.
    code: i32,
    /// How often the command had its effect.
    effects: usize,
    /// The kinds of the ticket's events, in order.
    kinds: Vec<String>,
}

impl Seen {
    fn has(&self, kind: &str) -> bool {
        self.kinds.iter().any(|known| known == kind)
    }

    fn count(&self, kind: &str) -> usize {
        self.kinds.iter().filter(|known| *known == kind).count()
    }

    /// Everything that must never be.
    fn faults(&self) -> Vec<&'static str> {
        let faults = [
            (self.effects > 1, "it ran twice"),
            (self.effects > 0 && !self.has("claimed"), "it ran without a claim"),
            (self.count("claimed") > 1, "it was claimed twice"),
            (self.has("finished") && self.effects == 0, "it is recorded as finished and never ran"),
            (self.code == 0 && !self.has("finished"), "it is told as done and not recorded"),
            (self.code == 0 && self.effects == 0, "it is told as done and never ran"),
            (self.has("not_started") && self.effects > 0, "it is recorded as not started and ran"),
        ];
        faults.into_iter().filter(|(is, _)| *is).map(|(_, fault)| fault).collect()
    }
}

fn is_full() -> bool {
    std::env::var_os("HANDOFF_SWEEP").is_some_and(|how| how == "full")
}

fn set_up() -> Option<(World, Reviewer)> {
    let world = World::new();
    let traced = world.command("strace", &["-o", "/dev/null", "true"]).run();
    if traced.code != 0 {
        skipped(&format!("nothing can be traced here: {}", traced.stderr));
        return None;
    }
    let ana = world.init();
    world.script("count", "echo \"$1\" >> runs");
    Some((world, ana))
}

fn traced(world: &World, options: &[&str], args: &[&OsStr]) -> Output {
    let mut all: Vec<&OsStr> = options.iter().map(OsStr::new).collect();
    all.push(program().as_os_str());
    all.extend(args);
    world.command("strace", &all).run()
}

/// How often each call of interest is made by a run that nobody disturbs.
fn counted(world: &World, args: &[&OsStr]) -> BTreeMap<&'static str, usize> {
    let file = world.root().join("trace");
    traced(world, &["-o", file.to_str().unwrap()], args).expect(0);
    let trace = std::fs::read_to_string(file).unwrap();
    let made = |name: &str| trace.lines().filter(|line| line.starts_with(&format!("{name}("))).count();
    CALLS.iter().map(|(name, _)| (*name, made(name))).collect()
}

fn points(made: &BTreeMap<&'static str, usize>) -> Vec<(&'static str, usize)> {
    let full = is_full();
    let of = |(name, step): &(&'static str, usize)| {
        let (name, step) = (*name, if full { 1 } else { *step });
        (1..=made[name]).rev().step_by(step).map(move |at| (name, at)).collect::<Vec<_>>()
    };
    CALLS.iter().flat_map(of).collect()
}

fn killed(world: &World, (call, at): (&str, usize), args: &[&OsStr]) -> Output {
    let (trace, inject) = (format!("trace={call}"), format!("inject={call}:signal=SIGKILL:when={at}"));
    let output = traced(world, &["-o", "/dev/null", "-e", &trace, "-e", &inject], args);
    assert!(!output.stderr.contains("panicked"), "{call} {at}: {}", output.stderr);
    output
}

fn propose(world: &World, word: &str) -> String {
    world.handoff(&["propose", "--", "./count", word]).run().expect(0).line().to_owned()
}

fn proposal(word: &str) -> [&OsStr; 4] {
    ["propose", "--", "./count", word].map(OsStr::new)
}

fn prepared(world: &World, ana: &Reviewer, id: &str) -> PathBuf {
    let statement = world.handoff(&["decide", "--prepare", id, "--as", &ana.name]).run().expect(0);
    world.sign(ana, &statement.bytes)
}

fn seen(world: &World, id: &str, word: &str, code: i32) -> Seen {
    let shown = world.handoff(&["show", id, "--json"]).run().expect(0).json();
    let events = shown["events"].as_array().unwrap();
    let kinds = events.iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect();
    let runs = std::fs::read_to_string(world.work().join("runs")).unwrap_or_default();
    Seen { code, effects: runs.lines().filter(|line| *line == word).count(), kinds }
}

fn the_log_holds(world: &World) {
    world.handoff(&["audit", "log"]).run().expect(0);
    world.handoff(&["list", "--all"]).run().expect(0);
    let verified = world.handoff(&["audit", "verify"]).run();
    assert_ne!(verified.code, 1, "{}{}", verified.stdout, verified.stderr);
}

#[test]
fn a_killed_executor_never_makes_it_run_twice_or_unclaimed() {
    let Some((world, ana)) = set_up() else { return };
    let approved = |word: &str| {
        let id = propose(&world, word);
        world.approve(&id, &ana).expect(0);
        id
    };
    let first = approved("first");
    let made = counted(&world, &["exec".as_ref(), first.as_ref()]);
    assert!(made["fsync"] >= 2 && made["pwrite64"] > 2, "{made:?}");
    let (mut before, mut after) = (0, 0);
    for (call, at) in points(&made) {
        let word = format!("{call}-{at}");
        let id = approved(&word);
        let output = killed(&world, (call, at), &["exec".as_ref(), id.as_ref()]);
        let then = seen(&world, &id, &word, output.code);
        assert_eq!(then.faults(), [""; 0], "{word}: {then:?}");
        // Tried again: it runs if it was never claimed, and never a second time.
        let again = world.handoff(&["exec", &id]).run();
        let now = seen(&world, &id, &word, again.code);
        assert_eq!(now.faults(), [""; 0], "{word}, again: {now:?} after {then:?}");
        let claimed = then.has("claimed");
        assert_eq!(again.code, if claimed { 118 } else { 0 }, "{word}: {then:?}: {}", again.stderr);
        assert!(!claimed || now.effects == then.effects, "{word}: {now:?} after {then:?}");
        if claimed { after += 1 } else { before += 1 }
    }
    assert!(before > 0 && after > 0, "the points lie on both sides of the claim: {before}, {after}");
    the_log_holds(&world);
}

#[test]
fn a_proposal_that_was_acknowledged_is_there_and_a_killed_one_is_asked_again_harmlessly() {
    let Some((world, _)) = set_up() else { return };
    let made = counted(&world, &proposal("first"));
    let mut told = 0;
    for (call, at) in points(&made) {
        let word = format!("{call}-{at}");
        let output = killed(&world, (call, at), &proposal(&word));
        let list = world.handoff(&["list", "--all", "--json"]).run().expect(0);
        let there = |list: &Output| list.stdout.matches(&format!("\"{word}\"")).count();
        if let Some(id) = output.stdout.lines().next() {
            told += 1;
            assert!(list.stdout.contains(id), "{word}: told as {id}, and not there");
        }
        assert!(there(&list) <= 1);
        let again = propose(&world, &word);
        assert!(output.stdout.is_empty() || output.stdout.trim() == again, "{word}: another ticket");
        assert_eq!(there(&world.handoff(&["list", "--all", "--json"]).run().expect(0)), 1, "{word}");
        world.handoff(&["cancel", &again]).run().expect(0);
    }
    assert!(told > 0, "no point lies behind the answer");
    the_log_holds(&world);
}

#[test]
fn a_decision_that_was_acknowledged_is_there_and_counts_once() {
    let Some((world, ana)) = set_up() else { return };
    let args =
        |file: &Path| -> [OsString; 3] { ["decide".into(), "--import".into(), file.as_os_str().to_owned()] };
    let first = args(&prepared(&world, &ana, &propose(&world, "first")));
    let first: Vec<&OsStr> = first.iter().map(AsRef::as_ref).collect();
    let made = counted(&world, &first);
    for (call, at) in points(&made) {
        let word = format!("{call}-{at}");
        let id = propose(&world, &word);
        let file = prepared(&world, &ana, &id);
        let all = args(&file);
        let all: Vec<&OsStr> = all.iter().map(AsRef::as_ref).collect();
        let output = killed(&world, (call, at), &all);
        let then = seen(&world, &id, &word, 1);
        let acknowledged = output.code == 0 || output.stderr.contains("approved");
        assert!(!acknowledged || then.has("approved"), "{word}: told, and not there: {then:?}");
        let again = world.handoff(&all).run();
        let now = seen(&world, &id, &word, 1);
        assert_eq!(again.code, i32::from(then.has("approved")), "{word}: {}", again.stderr);
        assert_eq!((now.count("decision"), now.count("approved")), (1, 1), "{word}: {now:?}");
        world.handoff(&["exec", &id]).run().expect(0);
        assert_eq!(seen(&world, &id, &word, 0).faults(), [""; 0], "{word}");
    }
    the_log_holds(&world);
}

#[test]
fn a_disk_that_fails_at_any_call_runs_nothing_unrecorded_and_is_told_truly() {
    let Some((world, ana)) = set_up() else { return };
    let approved = |word: &str| {
        let id = propose(&world, word);
        world.approve(&id, &ana).expect(0);
        id
    };
    let made = counted(&world, &["exec".as_ref(), approved("first").as_ref()]);
    let faults =
        [("fsync", "EIO", 1), ("pwrite64", "ENOSPC", 12), ("pwrite64", "EIO", 17), ("ftruncate", "EIO", 2)];
    let mut failed = 0;
    for (call, error, step) in faults {
        for at in (1..=made[call]).step_by(if is_full() { 1 } else { step }) {
            // Once, and from then on.
            for from in ["", "+"] {
                let word = format!("{call}-{error}-{at}{from}");
                let id = approved(&word);
                let (trace, inject) =
                    (format!("trace={call}"), format!("inject={call}:error={error}:when={at}{from}"));
                let options = ["-o", "/dev/null", "-e", &trace, "-e", &inject];
                let output = traced(&world, &options, &["exec".as_ref(), id.as_ref()]);
                let then = seen(&world, &id, &word, output.code);
                assert_eq!(then.faults(), [""; 0], "{word}: {then:?}: {}", output.stderr);
                match output.code {
                    0 => {}
                    118 => assert!(then.has("claimed"), "{word}: {then:?}: {}", output.stderr),
                    125 => assert_eq!(then.effects, 0, "{word}: {then:?}: {}", output.stderr),
                    other => panic!("{word}: {other}: {}", output.stderr),
                }
                failed += usize::from(output.code != 0);
                world.handoff(&["exec", &id]).run();
                let now = seen(&world, &id, &word, 1);
                assert!(
                    now.effects <= 1 && (now.effects == 1 || then.has("claimed")),
                    "{word}: {now:?} after {then:?}"
                );
            }
        }
    }
    assert!(failed > 0, "no failure reached the program");
    the_log_holds(&world);
}

// What the sweep would say of a program that executes before its claim is durable, and of others as broken.
#[test]
fn the_sweep_can_find_what_it_looks_for() {
    let kinds = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let seen = |code, effects, words: &[&str]| Seen { code, effects, kinds: kinds(words) };
    let sound = [
        seen(137, 0, &["proposed", "approved"]),
        seen(137, 0, &["proposed", "approved", "claimed"]),
        seen(137, 1, &["proposed", "approved", "claimed"]),
        seen(0, 1, &["proposed", "approved", "claimed", "finished"]),
        seen(118, 1, &["proposed", "approved", "claimed", "unknown"]),
    ];
    for seen in sound {
        assert_eq!(seen.faults(), [""; 0], "{seen:?}");
    }
    let broken = [
        (seen(137, 2, &["approved", "claimed"]), "it ran twice"),
        (seen(137, 1, &["approved"]), "it ran without a claim"),
        (seen(137, 1, &["approved", "claimed", "claimed"]), "it was claimed twice"),
        (seen(0, 1, &["approved", "claimed"]), "it is told as done and not recorded"),
        (seen(118, 0, &["approved", "claimed", "finished"]), "it is recorded as finished and never ran"),
        (seen(125, 1, &["approved", "claimed", "not_started"]), "it is recorded as not started and ran"),
    ];
    for (seen, fault) in broken {
        assert!(seen.faults().contains(&fault), "{seen:?}");
    }
}

#[test]
fn a_double_run_on_disk_is_counted_as_two() {
    let world = World::new();
    let ana = world.init();
    world.script("count", "echo \"$1\" >> runs");
    let id = propose(&world, "x");
    world.approve(&id, &ana).expect(0);
    world.handoff(&["exec", &id]).run().expect(0);
    assert_eq!(seen(&world, &id, "x", 0).faults(), [""; 0]);
    // As if somebody had executed it a second time.
    world.command("./count", &["x"]).run().expect(0);
    assert_eq!(seen(&world, &id, "x", 0).faults(), ["it ran twice"]);
}
