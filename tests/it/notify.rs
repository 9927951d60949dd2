//! Being told: notifiers run beside the commands, once for each occasion, with a card that says little, and
//! whatever they do changes nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use crate::exits::code_in;
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

#[test]
fn a_notifier_that_hangs_is_cut_off_and_keeps_nobody_waiting() {
    let (world, ana) = set_up("");
    let pid_file = world.work().join("hangs");
    let hang = world.script("hang", &format!("echo $$ > '{}'; exec sleep 600", pid_file.display()));
    let keep = command("keep", &keeper(&world), "[\"new\"]");
    settings(&world, &format!("{}{keep}", command("hang", &hang, "[\"new\", \"decided\"]")));
    let id = propose(&world, "x", "10m");
    let other = propose(&world, "y", "10m");
    world.approve(&id, &ana).expect(0);
    world.handoff(&["exec", &id]).run().expect(0);
    assert!(deliveries(&world, &id).is_empty(), "nothing above waited for the end of the one that hangs");
    card(&world, "new");
    let told = delivered(&world, &other, 2);
    let end_of = |who: &str| told.iter().find(|(name, ..)| name == who).unwrap().2.clone();
    assert_eq!(end_of("hang"), "cut_off");
    assert_eq!(end_of("keep"), "delivered");
    let pid = fs::read_to_string(pid_file).unwrap();
    until("the end of the one that hung", || !Path::new("/proc").join(pid.trim()).exists());
    delivered(&world, &id, 3);
    verified(&world);
}

#[test]
fn notifiers_that_fail_change_nothing_and_the_doctor_tells_of_them() {
    let (world, ana) = set_up("");
    let fails = world.script("fails", "exit 3");
    let dies = world.script("dies", "kill -9 $$");
    let all = [
        command("fails", &fails, "[\"new\"]"),
        command("dies", &dies, "[\"new\"]"),
        command("gone", Path::new("/nowhere/tell"), "[\"new\"]"),
    ];
    settings(&world, &all.concat());
    let id = propose(&world, "x", "10m");
    let told = delivered(&world, &id, 3);
    let end_of = |who: &str| told.iter().find(|(name, ..)| name == who).unwrap().2.clone();
    assert_eq!(end_of("fails"), serde_json::json!({"failed": {"exit": 3}}));
    assert_eq!(end_of("dies"), serde_json::json!({"failed": {"signal": 9}}));
    assert!(end_of("gone")["not_started"].as_str().unwrap().contains("/nowhere/tell"), "{told:?}");
    let report = world.handoff(&["doctor"]).run().expect(1).stdout;
    for words in [
        &format!("the last one failed, new of {id}"),
        "failed with exit 3",
        "do: handoff notify --test fails",
        "died of signal 9",
        "there is no program '/nowhere/tell'",
    ] {
        assert!(report.contains(words), "{words}:\n{report}");
    }
    world.approve(&id, &ana).expect(0);
    world.handoff(&["exec", &id]).run().expect(0);
    settings(&world, &command("fails", &world.script("fails", "exit 0"), "[\"new\"]"));
    let again = propose(&world, "again", "10m");
    delivered(&world, &again, 1);
    let report = world.handoff(&["doctor"]).run().expect(0).stdout;
    assert!(report.contains("it works again, and last failed with new of"), "{report}");
    verified(&world);
}

#[test]
fn what_a_notifier_prints_reaches_no_terminal_and_no_log() {
    let (world, _) = set_up("");
    let noisy =
        world.script("noisy", "printf '\\033[2J\\033]0;evil\\007evil'; printf 'evil\\033c' >&2; exit 1");
    settings(&world, &command("noisy", &noisy, "[\"new\"]"));
    let mut waiting = world.terminal(&["run", "--", "touch", "x"], 24, 80);
    waiting.expect("review it:");
    let list = world.handoff(&["list", "--json"]).run().expect(0);
    let id = serde_json::from_str::<Value>(list.stdout.lines().next().unwrap()).unwrap()["code"].clone();
    let id = id.as_str().unwrap();
    delivered(&world, id, 1);
    world.handoff(&["cancel", id]).run().expect(0);
    waiting.expect("cancelled");
    assert!(!waiting.raw().windows(4).any(|bytes| bytes == b"evil"));
    assert!(!world.handoff(&["audit", "log", "--raw"]).run().expect(0).stdout.contains("evil"));
}

#[test]
fn two_who_wait_for_one_ticket_are_one_reminder_each_time() {
    let (world, _) = set_up("");
    settings(&world, &command("keep", &keeper(&world), "[\"new\", \"half\", \"late\", \"expired\"]"));
    let run = || world.handoff(&["run", "--once", "k", "--deadline", "8s", "--", "touch", "x"]).spawn();
    let mut first = run();
    let id = code_in(&first.wait_for("review it:"));
    let second = run();
    let third = world.handoff(&["watch", &id]).spawn();
    first.finish().expect(124);
    second.finish().expect(124);
    third.finish().expect(124);
    card(&world, "expired");
    until("the end of it", || deliveries(&world, &id).iter().any(|(_, occasion, _)| occasion == "expired"));
    let told = deliveries(&world, &id);
    let mut occasions: Vec<&str> = told.iter().map(|(_, occasion, _)| occasion.as_str()).collect();
    for occasion in &occasions {
        assert_eq!(cards(&world, occasion).len(), 1, "{occasion}");
    }
    // On a machine that is slow enough the end comes before the last reminder is sent.
    occasions.retain(|occasion| *occasion != "late");
    assert_eq!(occasions, ["new", "half", "expired"]);
    assert!(card(&world, "half").contains("half of its time is over"));
    verified(&world);
}

#[test]
fn a_ticket_nobody_waits_for_is_reminded_of_by_whoever_looks() {
    let (world, _) = set_up("");
    settings(&world, &command("keep", &keeper(&world), "[\"late\", \"expired\"]"));
    let id = propose(&world, "x", "4s");
    let look = |occasion: &str| {
        until(occasion, || {
            world.handoff(&["list"]).run().expect(0);
            !cards(&world, occasion).is_empty()
        });
    };
    look("late");
    look("expired");
    let told = delivered(&world, &id, 2);
    assert_eq!((told[0].1.as_str(), told[1].1.as_str(), told.len()), ("late", "expired", 2));
}

#[test]
fn a_follower_sends_the_reminders_of_all_and_rings() {
    let (world, _) = set_up("");
    settings(&world, &format!("[notify]\nbell = true\n{}", command("keep", &keeper(&world), "[\"half\"]")));
    let mut following = world.terminal(&["watch"], 24, 100);
    let id = propose(&world, "x", "4s");
    following.expect(&id);
    card(&world, "half");
    until("the bell", || following.raw().contains(&0x07));
}

#[test]
fn a_reviewer_at_the_screen_sends_the_reminders_and_hears_what_is_new() {
    let (world, _) = set_up("");
    settings(
        &world,
        &format!("[notify]\nbell = [\"new\"]\n{}", command("keep", &keeper(&world), "[\"half\"]")),
    );
    let mut screen = world.terminal(&["review"], 24, 100);
    screen.expect("nothing waits");
    assert!(!screen.raw().contains(&0x07));
    let id = propose(&world, "x", "4s");
    screen.expect("1 pending");
    until("the bell", || screen.raw().contains(&0x07));
    card(&world, "half");
    delivered(&world, &id, 1);
    screen.send("q");
    assert_eq!(screen.finish(), 0);
}

#[test]
fn the_bell_rings_on_those_occasions_only_that_the_settings_name() {
    let (world, ana) = set_up("");
    settings(&world, "[notify]\nbell = [\"half\"]");
    let mut screen = world.terminal(&["review"], 24, 100);
    screen.expect("nothing waits");
    propose(&world, "x", "4s");
    until("the bell", || screen.raw().contains(&0x07));
    settings(&world, "[notify]\nbell = [\"unknown\"]");
    let mut screen = world.terminal(&["review"], 24, 100);
    let id = propose(&world, "y", "900s");
    screen.expect("1 pending");
    world.reject(&id, &ana, "no").expect(0);
    screen.expect("0 pending");
    assert!(!screen.raw().contains(&0x07));
}

#[test]
fn an_outcome_that_nobody_knows_is_told() {
    let (world, ana) = set_up("");
    settings(&world, &command("keep", &keeper(&world), "[\"unknown\"]"));
    let mut waiting = world.handoff(&["run", "--", "sh", "-c", "echo > begun; sleep 1; touch x"]).spawn();
    let id = code_in(&waiting.wait_for("review it:"));
    world.approve(&id, &ana).expect(0);
    until("the command", || world.work().join("begun").exists());
    waiting.signal(Signal::KILL);
    waiting.finish().expect(137);
    world.handoff(&["exec", &id]).run().expect(118);
    assert!(card(&world, "unknown").contains("what: its outcome is unknown"));
    delivered(&world, &id, 1);
    verified(&world);
}

#[test]
fn what_the_policy_answers_itself_is_told_to_nobody() {
    let (world, _) = set_up("");
    settings(&world, &command("keep", &keeper(&world), "true"));
    world.handoff(&["run", "--", "true"]).run().expect(0);
    let denied = world.handoff(&["run", "--", "rm", "-rf", "/"]).run();
    assert!(denied.code == 121, "{}", denied.stderr);
    world.handoff(&["notify"]).run().expect(0);
    let log = world.handoff(&["audit", "log"]).run().expect(0).stdout;
    assert!(log.contains("proposed") && !log.contains("notified"), "{log}");
}

#[test]
fn many_tickets_at_once_are_each_told_once() {
    let (world, _) = set_up("");
    settings(&world, &command("keep", &keeper(&world), "[\"new\"]"));
    let names: Vec<String> = (0..24).map(|number| format!("x{number}")).collect();
    let started: Vec<_> =
        names.iter().map(|name| world.handoff(&["propose", "--", "touch", name]).spawn()).collect();
    let ids: Vec<String> = started.into_iter().map(|it| it.finish().expect(0).line().to_owned()).collect();
    for id in &ids {
        assert_eq!(delivered(&world, id, 1).len(), 1);
    }
    assert_eq!(cards(&world, "new").len(), ids.len());
    world.handoff(&["notify"]).run().expect(0);
    assert_eq!(cards(&world, "new").len(), ids.len(), "what was told is not told again");
}

#[test]
fn whoever_tells_and_is_killed_before_recording_it_leaves_it_to_the_next() {
    let (world, _) = set_up("");
    let keep = keeper(&world);
    let killer = world.script(
        "killer",
        &format!("test -e \"$0.did\" || {{ : > \"$0.did\"; kill -9 $PPID; }}; exec '{}'", keep.display()),
    );
    settings(&world, &command("keep", &killer, "[\"new\"]"));
    let id = propose(&world, "x", "10m");
    until("the first try", || killer.with_file_name("killer.did").exists());
    until("the second try", || {
        world.handoff(&["list"]).run().expect(0);
        !deliveries(&world, &id).is_empty()
    });
    assert_eq!(delivered(&world, &id, 1).len(), 1);
    verified(&world);
}

#[test]
fn a_long_wait_keeps_no_dead_process() {
    let (world, _) = set_up("");
    settings(&world, &command("keep", &keeper(&world), "[\"new\"]"));
    let mut waiting = world.handoff(&["run", "--", "touch", "x"]).spawn();
    let id = code_in(&waiting.wait_for("review it:"));
    delivered(&world, &id, 1);
    let pid = waiting.pid();
    let children = || fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    until("no children", || children().is_empty());
    assert!(waiting.runs());
}

#[test]
fn notifiers_are_tried_without_a_ticket() {
    let (world, _) = set_up("");
    let none = world.handoff(&["notify", "--test"]).run().expect(125);
    assert!(none.stderr.contains("no notifier is set"), "{}", none.stderr);
    let keep = command("keep", &keeper(&world), "[\"late\"]");
    settings(&world, &format!("{keep}{}", command("fails", &world.script("fails", "exit 9"), "true")));
    let tried = world.handoff(&["notify", "--test"]).run().expect(1);
    assert!(tried.stderr.contains("keep: delivered"), "{}", tried.stderr);
    assert!(tried.stderr.contains("fails: failed with exit 9"), "{}", tried.stderr);
    assert!(card(&world, "new").contains("code: TEST-TEST"));
    world.handoff(&["notify", "--test", "keep"]).run().expect(0);
    let unknown = world.handoff(&["notify", "--test", "other"]).run().expect(2);
    assert!(unknown.stderr.contains("there are: keep, fails"), "{}", unknown.stderr);
    assert!(!world.handoff(&["audit", "log"]).run().expect(0).stdout.contains("notified"));
}

#[test]
fn a_mistake_in_the_settings_is_told_with_its_place_and_what_to_write() {
    let (world, _) = set_up("[[notify.command]]\nname = \"a\"\nrun = [\"x\"]\non = [\"desided\"]");
    let text = fs::read_to_string(world.config().join("config.toml")).unwrap();
    let line = text.lines().position(|line| line.starts_with("on = ")).unwrap() + 1;
    let output = world.handoff(&["propose", "--", "touch", "x"]).run().expect(125);
    let place = format!("config.toml:{line}:6: there is no occasion \"desided\"; write new, half, late");
    assert!(output.stderr.contains(&place), "{}", output.stderr);
    world.handoff(&["doctor"]).run().expect(1);
}

/// The blocks of a language in `docs/notify.md`.
fn blocks(language: &str) -> Vec<String> {
    let page = include_str!("../../docs/notify.md");
    let fence = format!("\n```{language}\n");
    page.split(&fence).skip(1).map(|rest| rest.split("\n```").next().unwrap().to_owned() + "\n").collect()
}

#[test]
fn the_pages_settings_are_settings_and_its_card_is_a_card() {
    let settings = blocks("toml");
    assert!(settings.len() > 3);
    for text in settings {
        handoff::config::Settings::parse("docs/notify.md", &text).unwrap();
    }
    let page = blocks("text");
    let (world, _) = set_up("");
    let names = |text: &str| -> Vec<String> {
        text.lines().filter_map(|line| Some(line.split_once(": ")?.0.to_owned())).collect()
    };
    settings_with_keeper(&world);
    propose(&world, "x", "10m");
    assert_eq!(names(&page[0]), names(&card(&world, "new")));
}

fn settings_with_keeper(world: &World) {
    settings(world, &command("keep", &keeper(world), "true"));
}

#[test]
fn the_pages_script_sends_one_json_object_whatever_stands_in_the_card() {
    let (world, _) = set_up("");
    if !Path::new("/usr/bin/jq").exists() {
        crate::world::skipped("there is no jq here");
        return;
    }
    let script = blocks("sh").into_iter().find(|block| block.starts_with("#!/bin/sh")).unwrap();
    let script = world.script("tell-slack", script.trim_start_matches("#!/bin/sh\n"));
    let said = world.work().join("said");
    let curl =
        world.script("curl", &format!("cat > '{0}'; printf '%s\\n' \"$@\" > '{0}.args'", said.display()));
    fs::write(world.config().join("slack-webhook"), "https://hooks.example/x\n").unwrap();
    let path = format!("{}:/usr/bin:/bin", curl.parent().unwrap().display());
    let run = world.command(script, &[] as &[&str]).env("PATH", path);
    run.env("HANDOFF_NOTIFY_CODE", "K7QX-M2FD")
        .env("HANDOFF_NOTIFY_WHAT", "a \"b\" \\n $(id)")
        .run()
        .expect(0);
    let sent: Value = serde_json::from_str(&fs::read_to_string(&said).unwrap()).unwrap();
    assert!(sent["text"].as_str().unwrap().contains("a \"b\" \\n $(id)"), "{sent}");
    assert!(fs::read_to_string(said.with_extension("args")).unwrap().contains("https://hooks.example/x"));
}

#[test]
fn a_script_that_reads_a_pipe_or_holds_a_lock_is_not_held_up_by_a_notifier() {
    let (world, _) = set_up("");
    let hang = world.script("hang", "exec sleep 600");
    settings(&world, &command("hang", &hang, "[\"new\"]"));
    let program = crate::world::program().display();
    // Descriptor 9 is a pipe that is read to its end, 8 a lock that the next line waits for.
    let lines = format!(
        "id=$( {{ {program} propose -- touch x 9>&1 8>lock; }} ); echo \"$id\"; \
         ( flock 8; {program} propose -- touch y ) 8>lock; flock lock true"
    );
    let output = world.command("sh", &["-c", &lines]).run().expect(0);
    let ids: Vec<&str> = output.stdout.lines().collect();
    for id in &ids {
        assert!(deliveries(&world, id).is_empty(), "it went on before the notifier was cut off");
    }
    assert_eq!(delivered(&world, ids[1], 1)[0].2, "cut_off");
}

#[test]
fn signals_that_were_ignored_or_held_back_change_nothing_of_what_is_told() {
    let (world, _) = set_up("");
    let fails = command("fails", &world.script("fails", "exit 3"), "[\"new\"]");
    let hangs = command("hangs", &world.script("hangs", "exec sleep 600"), "[\"new\"]");
    settings(&world, &format!("{fails}{hangs}"));
    let held = ["--ignore-signal=CHLD,HUP", "--block-signal=TERM,CHLD", "true"];
    if world.command("env", &held).run().code != 0 {
        crate::world::skipped("env(1) cannot ignore signals here");
        return;
    }
    let program = crate::world::program().to_str().unwrap();
    let args = [&held[..2], &[program, "propose", "--", "touch", "x"]].concat();
    let id = world.command("env", &args).run().expect(0).line().to_owned();
    let told = delivered(&world, &id, 2);
    let end_of = |who: &str| told.iter().find(|(name, ..)| name == who).unwrap().2.clone();
    assert_eq!(end_of("fails"), serde_json::json!({"failed": {"exit": 3}}));
    assert_eq!(end_of("hangs"), "cut_off");
}

#[cfg(target_os = "linux")]
#[test]
fn the_desktop_shows_what_the_card_says_and_reads_none_of_it_as_markup_or_options() {
    let (world, _) = set_up("[notify]\ndesktop = [\"new\"]");
    let shown = world.work().join("shown");
    world.script(
        "notify-send",
        &format!("for word; do echo \"<$word>\"; done > '{0}.part'; mv '{0}.part' '{0}'", shown.display()),
    );
    let path = format!("{}:/usr/bin:/bin", world.work().display());
    let run = world.handoff(&["propose", "--", "touch", "secret-argument"]).env("PATH", path);
    let id = run.run().expect(0).line().to_owned();
    until("the desktop", || shown.exists());
    let words = fs::read_to_string(shown).unwrap();
    assert!(words.contains(&format!("<-->\n<handoff: {id} ")), "{words}");
    assert!(words.contains("<waits for 1 approval\n") && !words.contains("secret"), "{words}");
    assert_eq!(delivered(&world, &id, 1)[0].0, "desktop");
    let report = world.handoff(&["doctor"]).run().stdout;
    assert!(report.contains("desktop is told of new"), "{report}");
}
