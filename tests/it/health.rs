//! Backups, the way back, and what the doctor says of a queue that is not as it should be.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::world::{Output, QUEUE, Reviewer, World};

fn propose(world: &World, args: &[&str]) -> String {
    let mut all = vec!["propose", "--"];
    all.extend(args);
    world.handoff(&all).run().expect(0).line().to_owned()
}

fn approved(world: &World, ana: &Reviewer) -> String {
    let script = world.write("job.sh", "echo ran >> ran\n");
    let id = propose(world, &["sh", script.to_str().unwrap()]);
    world.approve(&id, ana).expect(0);
    id
}

fn doctor(world: &World) -> (Output, serde_json::Value) {
    let output = world.handoff(&["doctor", "--json"]).run();
    let report = output.json();
    assert_eq!(report["schema"], "handoff.doctor.v1");
    (output, report)
}

/// The status and words of a check.
fn found(report: &serde_json::Value, check: &str, words: &str) -> String {
    let checks = report["checks"].as_array().unwrap();
    let fits =
        |row: &&serde_json::Value| row["check"] == check && row["message"].as_str().unwrap().contains(words);
    let row = checks.iter().find(fits).unwrap_or_else(|| panic!("no {check} with {words:?} in {report:#}"));
    row["status"].as_str().unwrap().to_owned()
}

#[test]
fn a_backup_is_private_and_never_over_something() {
    let world = World::new();
    world.init();
    world.handoff(&["backup", "kept.db"]).run().expect(0);
    let file = world.work().join("kept.db");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    world.handoff(&["backup", "kept.db"]).run().expect(125);
    world.handoff(&["backup", "no/such/place/../kept"]).run();
    assert!(!world.data().join("kept").exists());
}

#[test]
fn a_restore_begins_a_new_life_and_cancels_what_was_approved_and_unused() {
    let world = World::new();
    let ana = world.init();
    let id = approved(&world, &ana);
    world.handoff(&["backup", "kept.db"]).run().expect(0);
    world.handoff(&["exec", &id]).run().expect(0);
    let said = world.handoff(&["restore", "kept.db"]).run().expect(0);
    assert!(said.stderr.contains(&format!("cancelled: {id}")), "{}", said.stderr);
    world.handoff(&["exec", &id]).run().expect(122);
    assert_eq!(
        fs::read_to_string(world.work().join("ran")).unwrap(),
        "ran\n",
        "once, in the life that was lost"
    );
    let (output, _) = doctor(&world);
    output.expect(0);
    let again = approved(&world, &ana);
    world.handoff(&["exec", &again]).run().expect(0);
    let left: Vec<_> = fs::read_dir(world.data()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with("restoring")), "{left:?}");
}

#[test]
fn yesterdays_copy_put_back_by_hand_is_refused_until_it_is_restored() {
    let world = World::new();
    let ana = world.init();
    let id = approved(&world, &ana);
    let (queue, copy) = (world.data().join("queue.db"), world.work().join("copy.db"));
    fs::copy(&queue, &copy).unwrap();
    world.handoff(&["exec", &id]).run().expect(0);
    fs::copy(&copy, &queue).unwrap();
    let said = world.handoff(&["exec", &id]).run().expect(118);
    assert!(said.stderr.contains("was executed before"), "{}", said.stderr);
    let said = world.handoff(&["run", "--", "ls"]).run().expect(125);
    assert!(said.stderr.contains("handoff restore"), "{}", said.stderr);
    let other = propose(&world, &["rm", "-r", "x"]);
    world.approve_or_not(&other, &ana).expect(125);
    assert_eq!(fs::read_to_string(world.work().join("ran")).unwrap(), "ran\n");
    let (output, report) = doctor(&world);
    assert_eq!((output.code, found(&report, "memory", "").as_str()), (1, "bad"));
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o600)).unwrap();
    world.handoff(&["restore", copy.to_str().unwrap()]).run().expect(0);
    doctor(&world).0.expect(0);
}

#[test]
fn what_is_no_backup_of_this_queue_leaves_it_as_it_was() {
    let (world, other) = (World::new(), World::new());
    let ana = world.init();
    let id = propose(&world, &["rm", "-r", "x"]);
    let key = ana.key.to_str().unwrap();
    other.handoff(&["init", "--key", key, "--as", "bo", "--name", "other-1"]).run().expect(0);
    let foreign = world.work().join("foreign.db");
    other.handoff(&["backup", foreign.to_str().unwrap()]).run().expect(0);
    let said = world.handoff(&["restore", "foreign.db"]).run().expect(125);
    assert!(said.stderr.contains("other-1") && said.stderr.contains(QUEUE), "{}", said.stderr);
    let rubbish =
        world.write("rubbish.db", "not a database, though long enough to look like a file of one\n");
    fs::set_permissions(rubbish, fs::Permissions::from_mode(0o600)).unwrap();
    world.handoff(&["restore", "rubbish.db"]).run().expect(125);
    world.handoff(&["restore", "missing.db"]).run().expect(125);
    world.handoff(&["show", &id]).run().expect(0);
    doctor(&world).0.expect(0);
}

#[test]
fn a_lost_queue_comes_back_from_its_backup() {
    let world = World::new();
    world.init();
    let id = propose(&world, &["rm", "-r", "x"]);
    world.handoff(&["backup", "kept.db"]).run().expect(0);
    fs::remove_file(world.data().join("queue.db")).unwrap();
    world.handoff(&["restore", "kept.db"]).run().expect(0);
    world.handoff(&["show", &id]).run().expect(0);
    doctor(&world).0.expect(0);
}

#[test]
fn the_doctor_speaks_of_everything_even_where_there_is_nothing() {
    let world = World::new();
    let (output, report) = doctor(&world);
    assert_eq!(output.code, 1);
    assert_eq!(found(&report, "queue", "there is none"), "bad");
    assert_eq!(found(&report, "reviewers", "nobody's key"), "bad");
    assert_eq!(found(&report, "policy", "there is none"), "warn");
    assert!(!world.config().exists() && !world.data().exists(), "it only looks");
}

#[test]
fn the_doctor_of_a_sound_set_up_names_queue_and_level_and_ends_well() {
    let world = World::new();
    world.init();
    let said = world.handoff(&["doctor"]).run().expect(0);
    assert!(
        said.stdout.contains(QUEUE) && said.stdout.contains("Level L0: one account, plain key"),
        "{}",
        said.stdout
    );
    let words = said.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("type into the reviewer's terminal (TIOCSTI)"), "{words}");
    assert!(!said.stdout.contains("  bad ") && !said.stdout.contains("  warn "), "{}", said.stdout);
}

#[test]
fn the_doctors_numbers_are_told_for_prometheus() {
    let world = World::new();
    world.init();
    propose(&world, &["rm", "-r", "x"]);
    let said = world.handoff(&["doctor", "--format", "prometheus"]).run().expect(0);
    let has = |line: &str| assert!(said.stdout.lines().any(|one| one == line), "{line}\n{}", said.stdout);
    has(&format!("handoff_build_info{{version=\"{}\",queue=\"{QUEUE}\"}} 1", env!("CARGO_PKG_VERSION")));
    has("handoff_check_status{check=\"queue\"} 0");
    has("handoff_trust_level 0");
    has("handoff_tickets{state=\"pending\"} 1");
    has("handoff_executions{state=\"unknown\"} 0");
    has("handoff_reviewers 1");
    fs::remove_file(world.data().join("log.key")).unwrap();
    let said = world.handoff(&["doctor", "--format", "prometheus"]).run().expect(1);
    assert!(said.stdout.contains("handoff_check_status{check=\"log key\"} 2\n"), "{}", said.stdout);
    world.handoff(&["doctor", "--format", "prometheus", "--json"]).run().expect(2);
}

#[test]
fn the_oldest_pending_ticket_is_told_of() {
    let world = World::new();
    world.init();
    for what in ["old", "new"] {
        propose(&world, &["rm", "-r", what]);
        std::thread::sleep(std::time::Duration::from_millis(1_100));
    }
    let (_, report) = doctor(&world);
    assert_eq!(found(&report, "tickets", "2 in all, 2 pending, the oldest for "), "ok");
    let figures = report["figures"].as_array().unwrap();
    let age = figures.iter().find(|figure| figure["name"] == "oldest_pending_seconds").unwrap();
    assert!(age["value"].as_u64().unwrap() >= 2, "{age}");
}

#[test]
fn the_doctor_finds_each_thing_that_is_wrong_and_goes_on() {
    type Harm = (&'static str, &'static str, &'static str, fn(&World));
    let harms: [Harm; 10] = [
        ("settings", "config.toml:1", "bad", |world| {
            fs::write(world.config().join("config.toml"), "x").unwrap()
        }),
        ("places", "others can read", "bad", |world| loosen(world.data().join("log.key"), 0o644)),
        ("places", "others can write", "bad", |world| loosen(world.config().join("reviewers"), 0o666)),
        ("log key", "is gone", "bad", |world| fs::remove_file(world.data().join("log.key")).unwrap()),
        ("policy", "policy.toml", "bad", |world| fs::write(world.config().join("policy.toml"), "x").unwrap()),
        ("policy", "there is none", "warn", |world| {
            fs::remove_file(world.config().join("policy.toml")).unwrap()
        }),
        ("policy", "[accounts] does not say", "warn", |world| {
            fs::write(world.config().join("policy.toml"), "version = \"1\"\n").unwrap();
        }),
        ("reviewers", "nobody's key", "bad", |world| {
            fs::write(world.config().join("reviewers"), "").unwrap()
        }),
        ("reviewers", "line 1", "bad", |world| fs::write(world.config().join("reviewers"), "x").unwrap()),
        ("memory", "remembers nothing", "warn", |world| fs::remove_dir_all(world.state()).unwrap()),
    ];
    for (check, words, status, harm) in harms {
        let world = World::new();
        world.init();
        harm(&world);
        let (output, report) = doctor(&world);
        assert_eq!(found(&report, check, words), status, "{report:#}");
        assert_eq!(output.code, i32::from(status == "bad"), "{report:#}");
        assert_eq!(report["queue"], QUEUE, "and the rest is told: {report:#}");
    }
}

fn loosen(path: std::path::PathBuf, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_queue_that_is_none_is_told_and_the_rest_too() {
    let world = World::new();
    world.init();
    fs::write(world.data().join("queue.db"), vec![7; 8192]).unwrap();
    let (output, report) = doctor(&world);
    assert_eq!(output.code, 1);
    assert_eq!(found(&report, "queue", ""), "bad");
    assert_eq!(found(&report, "policy", "version 1"), "ok");
    world.handoff(&[] as &[&str]).run().expect(125);
}

#[test]
fn the_first_event_that_was_changed_is_named() {
    let world = World::new();
    world.init();
    propose(&world, &["rm", "-r", "x"]);
    let database = rusqlite::Connection::open(world.data().join("queue.db")).unwrap();
    let triggers: Vec<String> = {
        let mut names = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").unwrap();
        names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    for trigger in triggers {
        database.execute_batch(&format!("DROP TRIGGER \"{trigger}\"")).unwrap();
    }
    database.execute("UPDATE events SET bytes = replace(bytes, '20', '21') WHERE seq = 1", []).unwrap();
    drop(database);
    let (output, report) = doctor(&world);
    assert_eq!((output.code, found(&report, "log", "event 1 was changed").as_str()), (1, "bad"));
}

#[test]
fn a_key_that_lapses_soon_is_told_of() {
    let world = World::new();
    world.init();
    let bo = format!("{}.pub", world.reviewer("bo@test").key.display());
    let soon = time::OffsetDateTime::now_utc().date() + time::Duration::days(9);
    world.handoff(&["key", "trust", "bo@test", &bo, "--until", &soon.to_string()]).run().expect(0);
    let (output, report) = doctor(&world);
    assert_eq!(found(&report, "reviewers", "bo@test's key"), "warn");
    output.expect(0);
}

#[test]
fn an_executor_that_is_gone_is_told_of_with_what_to_do() {
    let world = World::new();
    world.init();
    let mut run = world.handoff(&["run", "--", "sleep", "30"]).spawn();
    let live = world.data().join("live");
    let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !fs::read_dir(&live)
        .unwrap()
        .any(|entry| entry.unwrap().path().extension().is_some_and(|e| e == "cmd"))
    {
        assert!(std::time::Instant::now() < end && run.runs(), "{}", run.stderr());
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    wait_for_doctor(&world, "is running");
    run.signal(rustix::process::Signal::KILL);
    let report = wait_for_doctor(&world, "the command still runs");
    let text = report.to_string();
    assert!(text.contains("handoff reconcile "), "{text}");
}

fn wait_for_doctor(world: &World, words: &str) -> serde_json::Value {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let (_, report) = doctor(world);
        if report.to_string().contains(words) {
            return report;
        }
        assert!(std::time::Instant::now() < end, "no {words:?} in {report:#}");
    }
}
