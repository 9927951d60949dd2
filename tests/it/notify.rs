//! Being told: notifiers run beside the commands, once for each occasion, with a card that says little, and
//! whatever they do changes nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::world::{Reviewer, World};

const PATIENCE: Duration = Duration::from_secs(20);

/// A world whose settings end with these lines.
fn set_up(notify: &str) -> (World, Reviewer) {
    let world = World::new();
    let ana = world.init();
    settings(&world, notify);
    (world, ana)
}

fn settings(world: &World, notify: &str) {
    let file = world.config().join("config.toml");
    let text = fs::read_to_string(&file).unwrap();
    let before = text.split("# --- tests\n").next().unwrap().to_owned();
    fs::write(&file, format!("{before}# --- tests\n{notify}\n")).unwrap();
}

fn command(name: &str, script: &Path, on: &str) -> String {
    format!("[[notify.command]]\nname = \"{name}\"\nrun = [\"{}\"]\non = {on}\n", script.display())
}

/// A notifier that keeps each card in a file of its own, named by its occasion and code.
fn keeper(world: &World) -> PathBuf {
    let kept = world.work().join("kept");
    fs::create_dir_all(&kept).unwrap();
    let kept = kept.display();
    let body = format!(
        "t=$(mktemp '{kept}/.XXXXXX')\ncat > \"$t\"\nenv > \"$t.env\"\n\
         n='{kept}'/$HANDOFF_NOTIFY_OCCASION-$HANDOFF_NOTIFY_CODE\nmv \"$t.env\" \"$n.env\"\nmv \"$t\" \"$n.$$\""
    );
    world.script("keep", &body)
}

/// The cards of this occasion that were kept.
fn cards(world: &World, occasion: &str) -> Vec<String> {
    let named = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.starts_with(occasion) && !name.ends_with(".env")
    };
    let entries = fs::read_dir(world.work().join("kept")).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(named).map(|path| fs::read_to_string(path).unwrap()).collect()
}

#[track_caller]
fn card(world: &World, occasion: &str) -> String {
    until(&format!("a card of {occasion}"), || !cards(world, occasion).is_empty());
    cards(world, occasion).remove(0)
}

#[track_caller]
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The deliveries in the log of a ticket: notifier, occasion, and how it ended.
fn deliveries(world: &World, id: &str) -> Vec<(String, String, Value)> {
    let shown = world.handoff(&["show", id, "--json"]).run().expect(0).json();
    let events = shown["events"].as_array().unwrap().clone();
    let told = events.into_iter().filter(|event| event["kind"] == "notified").map(|event| {
        let detail = &event["detail"];
        let word = |name: &str| detail[name].as_str().unwrap().to_owned();
        (word("notifier"), word("occasion"), detail["delivery"].clone())
    });
    told.collect()
}

#[track_caller]
fn delivered(world: &World, id: &str, count: usize) -> Vec<(String, String, Value)> {
    until(&format!("{count} deliveries of {id}"), || deliveries(world, id).len() >= count);
    deliveries(world, id)
}

fn propose(world: &World, name: &str, deadline: &str) -> String {
    let args = ["propose", "--reason", "secret-reason", "--deadline", deadline, "--", "touch", name];
    world.handoff(&args).run().expect(0).line().to_owned()
}

fn verified(world: &World) {
    let output = world.handoff(&["audit", "verify"]).run().expect(3);
    assert!(output.stdout.contains("consistent"), "{}", output.stdout);
}

#[test]
fn a_new_ticket_and_its_answer_are_told_once_each_and_say_little() {
    let (world, ana) = set_up("");
    settings(&world, &command("keep", &keeper(&world), "[\"new\", \"decided\"]"));
    let id = propose(&world, "secret-argument", "10m");
    let told = card(&world, "new");
    let names: Vec<&str> = told.lines().filter_map(|line| Some(line.split_once(": ")?.0)).collect();
    let wanted =
        ["card", "occasion", "code", "risk", "rule", "deadline", "left", "requester", "queue", "what"];
    assert_eq!(names, wanted, "{told}");
    assert!(
        told.contains(&format!("code: {id}\n")) && told.contains("what: waits for 1 approval\n"),
        "{told}"
    );
    assert!(!told.contains("secret"), "{told}");
    let environment = fs::read_to_string(world.work().join(format!("kept/new-{id}.env"))).unwrap();
    assert!(environment.contains("HANDOFF_NOTIFY_RISK=") && !environment.contains("secret"), "{environment}");
    assert!(
        !environment.contains("XDG_CONFIG_HOME") && !environment.contains("HANDOFF_QUEUE"),
        "{environment}"
    );
    world.approve(&id, &ana).expect(0);
    assert!(card(&world, "decided").contains("what: approved by ana@test\n"));
    let told = delivered(&world, &id, 2);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|(who, _, how)| who == "keep" && how == "delivered"), "{told:?}");
    world.handoff(&["exec", &id]).run().expect(0);
    verified(&world);
}
