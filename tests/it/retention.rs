//! What is kept, for how long, and where: payloads that are removed for good, and what never was in the log.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::bundles::{by_hand, by_script, has_python, has_tools};
use crate::world::{Output, Reviewer, World};

const ATTACHED: &str = "canary-attached-5d1f";
const INPUT: &str = "canary-input-77ab";
const BOUND: &str = "canary-bound-c0de";

/// A ticket that ran, with something of every kind handed in.
fn ran(world: &World, ana: &Reviewer) -> String {
    let plan = world.write("plan.txt", format!("{ATTACHED}\n"));
    let bound = world.write("bound.txt", BOUND);
    let (plan, bind) = (plan.to_str().unwrap(), format!("one={}", bound.display()));
    let args = ["propose", "--attach", plan, "--bind", &bind, "--stdin", "capture"];
    let args = [&args[..], &["--", "cp", "{bind:one}", "copy"]].concat();
    let id = world.handoff(&args).stdin(INPUT).run().expect(0).line().to_owned();
    world.approve(&id, ana).expect(0);
    world.handoff(&["exec", &id]).run().expect(0);
    assert_eq!(fs::read_to_string(world.work().join("copy")).unwrap(), BOUND);
    fs::remove_file(world.work().join("copy")).unwrap();
    fs::remove_file(bound).unwrap();
    fs::remove_file(plan).unwrap();
    id
}

/// Waits until all that is over is older than a second.
fn a_second_older(world: &World, tickets: u64) {
    let end = Instant::now() + Duration::from_secs(20);
    let would = ["--json", "audit", "prune-blobs", "--older-than", "1s", "--dry-run"];
    while world.handoff(&would).run().expect(0).json()["tickets"] != tickets {
        assert!(Instant::now() < end, "never as old as that");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn prune(world: &World) -> Output {
    world.handoff(&["audit", "prune-blobs", "--older-than", "1s"]).run()
}

fn found_in(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(found_in(&path, text));
        } else if path.is_file() {
            let bytes = fs::read(&path).unwrap();
            if bytes.windows(text.len()).any(|part| part == text.as_bytes()) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

#[test]
fn payloads_of_what_is_long_over_are_removed_and_everybody_is_told_that() {
    let world = World::new();
    let ana = world.init();
    let id = ran(&world, &ana);
    for canary in [ATTACHED, INPUT, BOUND] {
        assert!(!found_in(&world.data(), canary).is_empty(), "{canary}");
    }
    world.handoff(&["audit", "prune-blobs"]).run().expect(2);
    world.handoff(&["audit", "prune-blobs", "--older-than", "90d"]).run().expect(0);
    a_second_older(&world, 1);
    let would = world.handoff(&["audit", "prune-blobs", "--older-than", "1s", "--dry-run"]).run().expect(0);
    assert!(would.stdout.starts_with(&id) && would.stderr.contains("nothing was removed"), "{would:?}");
    let done = prune(&world).expect(0);
    assert!(done.stdout.starts_with("removed 3 payloads"), "{}", done.stdout);
    for canary in [ATTACHED, INPUT, BOUND] {
        let left =
            [world.data(), world.state(), world.config()].map(|folder| found_in(&folder, canary)).concat();
        assert_eq!(left, Vec::<String>::new(), "{canary}");
    }
    assert!(prune(&world).expect(0).stdout.starts_with("removed 0 payloads"));
    let show = world.handoff(&["show", &id]).run().expect(0).stdout;
    assert!(show.contains("payload pruned at") && show.contains("pruned       uid"), "{show}");
    let blob = world.handoff(&["show", &id, "--blob", "one"]).run().expect(1);
    assert!(blob.stderr.contains("payload pruned at"), "{}", blob.stderr);
    let verified = world.handoff(&["audit", "verify"]).run().expect(3);
    assert!(verified.stdout.contains("3 payloads pruned"), "{}", verified.stdout);
    world.handoff(&["exec", &id]).run().expect(118);
    let log = world.handoff(&["--json", "audit", "log", "--kind", "pruned"]).run().expect(0).json();
    assert_eq!(log["detail"]["blobs"].as_array().unwrap().len(), 3);
    let seq = log["seq"].to_string();
    world.handoff(&["audit", "receipt", &id, "--event", &seq, "-o", "gone.tlog-proof"]).run().expect(0);
    let proven = world.handoff(&["audit", "verify", "gone.tlog-proof"]).run().expect(4);
    assert!(proven.stdout.contains("pruned"), "{}", proven.stdout);
}

#[test]
fn a_pruning_that_was_broken_off_is_told_by_the_doctor_and_finished_by_the_next() {
    let world = World::new();
    world.init();
    let mark = world.data().join("queue.db.unwiped");
    fs::write(&mark, "").unwrap();
    let doctor = world.handoff(&["doctor"]).run();
    assert!(doctor.stdout.contains("a pruning was not finished"), "{}", doctor.stdout);
    world.handoff(&["audit", "prune-blobs", "--older-than", "36500d"]).run().expect(0);
    assert!(!mark.exists());
    let doctor = world.handoff(&["doctor"]).run();
    assert!(!doctor.stdout.contains("a pruning was not finished"), "{}", doctor.stdout);
}

#[test]
fn an_export_after_pruning_holds_and_one_with_something_missing_does_not() {
    let world = World::new();
    let ana = world.init();
    let id = ran(&world, &ana);
    a_second_older(&world, 1);
    prune(&world).expect(0);
    let ours = world.work().join("our.reviewers");
    fs::copy(world.config().join("reviewers"), &ours).unwrap();
    let kept = world.write("kept", world.handoff(&["audit", "checkpoint"]).run().expect(0).bytes);
    let later = world.write("later.txt", "later");
    world.handoff(&["propose", "--attach", later.to_str().unwrap(), "--", "touch", "b"]).run().expect(0);
    world.handoff(&["audit", "export", "-o", "bundle"]).run().expect(0);
    let bundle = world.work().join("bundle");
    let verify = ["audit", "verify", "bundle", "--reviewers", "our.reviewers", "--checkpoint", "kept"];
    let holds = world.handoff(&verify).run().expect(0);
    assert!(holds.stdout.contains("3 payloads pruned"), "{}", holds.stdout);
    if has_python(&world) {
        let told = by_script(&world, &bundle, &[&ours, &kept]).expect(0);
        assert!(told.stdout.contains("3 payloads pruned"), "{}", told.stdout);
    }
    if has_tools(&world) {
        let told = by_hand(&world, &bundle, &ours, &kept).expect(0);
        assert!(told.stdout.contains("3 payloads pruned"), "{}", told.stdout);
    }
    // The same done without saying so: in the queue, and in what is exported from it.
    let database = Connection::open(world.data().join("queue.db")).unwrap();
    assert_eq!(database.execute("DELETE FROM blobs WHERE bytes = ?1", [b"later"]).unwrap(), 1);
    drop(database);
    let tampered = world.handoff(&["audit", "verify"]).run().expect(1);
    assert!(tampered.stdout.contains("is missing, and was not pruned"), "{}", tampered.stdout);
    world.handoff(&["audit", "export", "-o", "after"]).run().expect(0);
    let after = world.work().join("after");
    world.handoff(&["audit", "verify", "after"]).run().expect(1);
    if has_python(&world) {
        by_script(&world, &after, &[&ours, &kept]).expect(1);
    }
    if has_tools(&world) {
        let told = by_hand(&world, &after, &ours, &kept).expect(1);
        assert!(told.stderr.contains("is missing"), "{}", told.stderr);
    }
    assert!(world.handoff(&["show", &id]).run().expect(0).stdout.contains("payload pruned at"));
}

/// What the manual says of where a secret is: nowhere but in the environment of the command.
#[test]
fn a_secret_value_is_in_no_event_no_export_no_view_and_no_file_of_ours() {
    const SECRET: &str = "canary-secret-9f3e-value";
    let world = World::new();
    let ana = world.init();
    let script = world.script("deploy", "printf %s \"$TOKEN\" > got");
    let script = script.to_str().unwrap();
    let secret = |args: &[&str]| world.handoff(args).env("TOKEN", SECRET).run();
    let id = secret(&["propose", "--secret-env", "TOKEN", "--", script]).expect(0).line().to_owned();
    world.approve(&id, &ana).expect(0);
    secret(&["exec", &id]).expect(0);
    assert_eq!(fs::read_to_string(world.work().join("got")).unwrap(), SECRET);
    fs::remove_file(world.work().join("got")).unwrap();
    world.handoff(&["audit", "export", "-o", "bundle"]).run().expect(0);
    world.handoff(&["audit", "export", "-o", "bundle.tar"]).run().expect(0);
    for format in ["csv", "ocsf", "cef"] {
        world
            .handoff(&["audit", "export", "--format", format, "-o", &format!("view.{format}")])
            .run()
            .expect(0);
    }
    world.handoff(&["backup", "copy.db"]).run().expect(0);
    world.handoff(&["audit", "receipt", &id, "-o", "r.tlog-proof"]).run().expect(0);
    for args in [
        &["audit", "log", "--raw"][..],
        &["--json", "audit", "log"],
        &["--json", "show", &id],
        &["show", &id],
        &["show", &id, "--card"],
        &["show", &id, "--blob", "request"],
    ] {
        let told = world.handoff(args).run().expect(0);
        assert!(!told.stdout.contains(SECRET) && !told.stderr.contains(SECRET), "{args:?}");
    }
    assert_eq!(found_in(world.root(), SECRET), Vec::<String>::new());
    let shown = world.handoff(&["show", &id, "--card"]).run().expect(0).stdout;
    assert!(shown.contains("TOKEN"), "the name is shown: {shown}");
}

/// What a request says (arguments, reason, values that are shown) is in its record, which is a blob: no event has it.
#[test]
fn what_a_request_says_is_in_its_record_and_in_no_event() {
    let world = World::new();
    world.init();
    let (argument, reason, value) = ("canary-argument-11", "canary-reason-22", "canary-value-33");
    let plan = world.write("plan.txt", ATTACHED);
    let args = ["propose", "--attach", plan.to_str().unwrap(), "--reason", reason, "--env", "KUBECONFIG"];
    let args = [&args[..], &["--", "touch", argument]].concat();
    let id = world.handoff(&args).env("KUBECONFIG", value).run().expect(0).line().to_owned();
    world.handoff(&["cancel", &id]).run().expect(0);
    let log = world.handoff(&["audit", "log", "--raw"]).run().expect(0).stdout;
    let record = world.handoff(&["show", &id, "--blob", "request"]).run().expect(0).stdout;
    for canary in [argument, reason] {
        assert!(record.contains(canary) && !log.contains(canary), "{canary}");
    }
    assert!(!log.contains(ATTACHED) && !log.contains(value));
}
