//! Exports checked by people without handoff: by the page that lies in every one of them, with stock tools, and by
//! the script beside it, which shares nothing with the program. Where a tool is missing that is said, and passed over.

use std::fs;
use std::path::{Path, PathBuf};

use crate::world::{Output, World, skipped};

const PAGE: &str = include_str!("../../src/audit/export/VERIFY.md");
const SCRIPT: &str = include_str!("../../src/audit/export/verify.py");

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// Whether every one of these is there to be run.
fn there(world: &World, tools: &[&[&str]]) -> bool {
    tools.iter().all(|call| {
        let found = world.command("sh", &["-c", &format!("command -v {}", call[0])]).run().code == 0;
        let fine = found && (call.len() == 1 || world.command(call[0], &call[1..]).run().code == 0);
        if !fine {
            skipped(&format!("{} is not there, or too old", call[0]));
        }
        fine
    })
}

pub fn has_tools(world: &World) -> bool {
    there(world, &[&["bash"], &["sha256sum"], &["jq"], &["ssh-keygen"], &["openssl", "pkeyutl", "-help"]])
}

pub fn has_python(world: &World) -> bool {
    there(world, &[&["ssh-keygen"], &["python3", "-c", "import tomllib, hashlib; hashlib.file_digest"]])
}

/// A queue with something of each kind that the program alone can do, and its export in a folder.
struct Exported {
    world: World,
    bundle: PathBuf,
    kept: PathBuf,
}

impl Exported {
    fn new() -> Self {
        let world = World::new();
        let ana = world.init();
        let bo = world.reviewer("bo@test");
        let public = format!("{}.pub", bo.key.display());
        world.handoff(&["key", "trust", "bo@test", &public]).run().expect(0);
        let attached = world.write("plan.txt", "what is going to be\n");
        let plan = attached.to_str().unwrap();
        let file = |args: &[&str]| {
            let args = [&["propose"], args].concat();
            world.handoff(&args).run().expect(0).line().to_owned()
        };
        let done = file(&["--attach", plan, "--environment", "production", "--", "touch", "a"]);
        world.approve(&done, &ana).expect(0);
        world.handoff(&["exec", &done]).run().expect(0);
        let no = file(&["--reason", "zażółć \"it\" \\ now", "--", "touch", "b"]);
        world.reject(&no, &bo, "not today\nnor tomorrow").expect(0);
        let kept = world.write("kept", world.handoff(&["audit", "checkpoint"]).run().expect(0).bytes);
        let mine = file(&["--", "touch", "c"]);
        world.handoff(&["cancel", &mine]).run().expect(0);
        world.handoff(&["run", "--", "echo", "allowed"]).run().expect(0);
        let revoked = file(&["--", "touch", "d"]);
        world.approve(&revoked, &ana).expect(0);
        world.decide(&revoked, &ana, &["--revoke"]).expect(0);
        let keys = world.handoff(&["--json", "key", "list"]).run().expect(0).stdout;
        let key = keys.lines().find(|line| line.contains("bo@test")).unwrap();
        let key: serde_json::Value = serde_json::from_str(key).unwrap();
        world.handoff(&["key", "revoke", key["fingerprint"].as_str().unwrap()]).run().expect(0);
        file(&["--", "touch", "e"]);
        let bundle = world.work().join("bundle");
        world.handoff(&["audit", "export", "-o", "bundle"]).run().expect(0);
        Self { world, bundle, kept }
    }
}

/// Runs the page's blocks in one shell, as it tells people to.
pub fn by_hand(world: &World, bundle: &Path, reviewers: &Path, kept: &Path) -> Output {
    let blocks = PAGE.split("\n```sh\n").skip(1).map(|rest| rest.split("\n```").next().unwrap());
    let script = world.write("by-hand.sh", blocks.collect::<Vec<_>>().join("\n"));
    let run = world.command("bash", &[script]).cwd(bundle);
    run.env("REVIEWERS", reviewers).env("CHECKPOINT", kept).run()
}

pub fn by_script(world: &World, bundle: &Path, more: &[&Path]) -> Output {
    let script = world.write("verify-of-ours.py", SCRIPT);
    let mut args = vec![script, bundle.to_owned()];
    for (flag, file) in ["--reviewers", "--checkpoint"].iter().zip(more) {
        args.push(flag.into());
        args.push(file.to_path_buf());
    }
    world.command("python3", &args).run()
}

fn reviewers(world: &World) -> PathBuf {
    let copy = world.work().join("our.reviewers");
    fs::copy(world.config().join("reviewers"), &copy).unwrap();
    copy
}

fn unpack(world: &World, tar: &str) -> PathBuf {
    let folder = world.work().join(tar.trim_end_matches(".tar"));
    fs::create_dir(&folder).unwrap();
    world.command("tar", &["xf".as_ref(), data(tar).as_os_str()]).cwd(&folder).run().expect(0);
    folder.join("bundle")
}

#[test]
fn an_export_is_checked_without_queue_configuration_or_home() {
    let Exported { world, bundle, kept } = Exported::new();
    let ours = reviewers(&world);
    for place in [world.config(), world.data(), world.state()] {
        fs::remove_dir_all(place).unwrap();
    }
    let bundle = bundle.to_str().unwrap();
    let verify = |args: &[&str]| {
        let args = [&["audit", "verify", bundle], args].concat();
        world.handoff(&args).without("HOME").cwd("/").run()
    };
    let (ours, kept) = (ours.to_str().unwrap(), kept.to_str().unwrap());
    assert!(verify(&[]).expect(3).stdout.contains("came from the bundle"));
    assert!(verify(&["--reviewers", ours]).expect(4).stdout.contains("not excluded"));
    let holds = verify(&["--reviewers", ours, "--checkpoint", kept]).expect(0);
    assert!(holds.stdout.contains("holds."), "{}", holds.stdout);
    let json = verify(&["--json"]).expect(3).json();
    assert_eq!((json["source"].as_str(), json["reviewers"].as_str()), (Some("bundle"), Some("bundle")));
}

#[test]
fn the_page_in_an_export_checks_it_with_stock_tools() {
    let Exported { world, bundle, kept } = Exported::new();
    if !has_tools(&world) {
        return;
    }
    assert_eq!(fs::read_to_string(bundle.join("VERIFY.md")).unwrap(), PAGE);
    let checked = by_hand(&world, &bundle, &reviewers(&world), &kept).expect(0);
    assert!(checked.stdout.contains("consistent: every check was passed"), "{}", checked.stdout);
    assert!(checked.stdout.contains("your checkpoint of"), "{}", checked.stdout);
    assert!(!checked.stdout.contains("not excluded"), "{}", checked.stdout);
}

#[test]
fn the_script_in_an_export_comes_to_what_the_program_does() {
    let Exported { world, bundle, kept } = Exported::new();
    if !has_python(&world) {
        return;
    }
    assert_eq!(fs::read_to_string(bundle.join("verify.py")).unwrap(), SCRIPT);
    let ours = reviewers(&world);
    by_script(&world, &bundle, &[]).expect(3);
    by_script(&world, &bundle, &[&ours]).expect(4);
    by_script(&world, &bundle, &[&ours, &kept]).expect(0);
    for args in [["--environment", "production"], ["--state", "rejected"]] {
        let name = args[1];
        world.handoff(&[&["audit", "export", "-o", name], &args[..]].concat()).run().expect(0);
        let path = world.work().join(name);
        let told = by_script(&world, &path, &[&ours, &kept]).expect(4);
        assert!(told.stdout.starts_with("1 tickets"), "{}", told.stdout);
        world.handoff(&["audit", "verify", name]).run().expect(3);
        if has_tools(&world) {
            by_hand(&world, &path, &ours, &kept).expect(0);
        }
    }
}

/// Made once; everything that happens can be in it, among it a key that ended, one that was taken out, three policies
/// and a second life. It verifies for ever.
#[test]
fn the_bundle_that_was_kept_verifies_for_ever() {
    let world = World::new();
    let (ours, kept) = (data("bundle-1.reviewers"), data("bundle-1.checkpoint"));
    let given = ["--reviewers", ours.to_str().unwrap(), "--checkpoint", kept.to_str().unwrap()];
    for (name, code) in [("bundle-1.tar", 0), ("bundle-1-filtered.tar", 4)] {
        let tar = data(name);
        let args = [&["audit", "verify", tar.to_str().unwrap()], &given[..]].concat();
        world.handoff(&args).run().expect(code);
        if has_python(&world) {
            by_script(&world, &tar, &[&ours, &kept]).expect(code);
        }
        let bundle = unpack(&world, name);
        let args = [&["audit", "verify", bundle.to_str().unwrap()], &given[..]].concat();
        world.handoff(&args).run().expect(code);
        if has_tools(&world) {
            by_hand(&world, &bundle, &ours, &kept).expect(0);
        }
    }
}

#[test]
fn what_was_changed_is_found_by_the_program_the_script_and_the_page() {
    let world = World::new();
    let (python, tools) = (has_python(&world), has_tools(&world));
    let (ours, kept) = (data("bundle-1.reviewers"), data("bundle-1.checkpoint"));
    let bundle = unpack(&world, "bundle-1.tar");
    let names = ["events.jsonl", "bundle.json", "SHA256SUMS", "SHA256SUMS.note"];
    let folders = ["statements", "reviewers", "policies", "cards", "blobs", "checkpoints"];
    let first = |folder: &str| {
        let mut files: Vec<PathBuf> =
            fs::read_dir(bundle.join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files.swap_remove(0)
    };
    let files = names.iter().map(|name| bundle.join(name)).chain(folders.iter().map(|folder| first(folder)));
    for file in files {
        let good = fs::read(&file).unwrap();
        let mut bad = good.clone();
        let middle = bad.len() / 2;
        bad[middle] ^= 1;
        fs::write(&file, bad).unwrap();
        let told = world.handoff(&["audit", "verify", bundle.to_str().unwrap()]).run().expect(1);
        assert!(told.stdout.starts_with("TAMPERED"), "{}", told.stdout);
        if python {
            let told = by_script(&world, &bundle, &[]).expect(1);
            assert!(told.stdout.contains("TAMPERED"), "{}", told.stdout);
        }
        if tools {
            let told = by_hand(&world, &bundle, &ours, &kept);
            assert_ne!(told.code, 0, "{}", file.display());
        }
        fs::write(&file, good).unwrap();
    }
    world.handoff(&["audit", "verify", bundle.to_str().unwrap()]).run().expect(3);
}

#[test]
fn a_fault_is_told_with_its_place_and_with_what_still_holds() {
    let world = World::new();
    let bundle = unpack(&world, "bundle-1.tar");
    let events = bundle.join("events.jsonl");
    let text = fs::read_to_string(&events).unwrap();
    let exit = text.replacen("\"exit\":0", "\"exit\":1", 1);
    assert_ne!(exit, text);
    let at = text.lines().zip(exit.lines()).position(|(old, new)| old != new).unwrap();
    fs::write(&events, exit).unwrap();
    let told = world.handoff(&["audit", "verify", bundle.to_str().unwrap()]).run().expect(1);
    assert!(told.stdout.contains("file events.jsonl: content is sha256:"), "{}", told.stdout);
    assert!(told.stdout.contains(&format!("event {}: prev is sha256:", at + 1)), "{}", told.stdout);
    assert!(told.stdout.contains("still holds: events 0 to "), "{}", told.stdout);
    let json = world.handoff(&["--json", "audit", "verify", bundle.to_str().unwrap()]).run().expect(1).json();
    assert_eq!(json["faults"][0]["file"], "events.jsonl");
    assert!(json["faults"].as_array().unwrap().iter().any(|fault| fault["seq"] == at + 1), "{json}");
}

#[test]
fn a_view_is_told_to_be_none_of_the_evidence_and_holds_no_formula() {
    let world = World::new();
    let ana = world.init();
    let args = ["propose", "--environment", "production", "--", "touch", "x"];
    let id = world.handoff(&args).run().expect(0).line().to_owned();
    world.reject(&id, &ana, "=HYPERLINK(\"http://x\")").expect(0);
    let told = world.handoff(&["audit", "export", "--format", "csv", "-o", "log.csv"]).run().expect(0);
    assert!(told.stderr.contains("not evidence"), "{}", told.stderr);
    let text = fs::read_to_string(world.work().join("log.csv")).unwrap();
    let events = world.handoff(&["audit", "log"]).run().expect(0).stdout.lines().count();
    assert_eq!(text.lines().count(), events + 1);
    assert!(!text.contains(",=") && !text.contains(",\"="), "{text}");
    for (format, start) in [("ocsf", "{\"activity_id\":99"), ("cef", "CEF:0|handoff|handoff|")] {
        let told = world.handoff(&["audit", "export", "--format", format, "-o", "-"]).run().expect(0);
        assert_eq!(told.stdout.lines().count(), events);
        assert!(told.stdout.lines().all(|line| line.starts_with(start)), "{}", told.stdout);
    }
    let few = ["audit", "export", "--format", "cef", "-o", "-", "--state", "pending"];
    assert!(world.handoff(&few).run().expect(0).stdout.lines().count() < events);
    world.handoff(&["audit", "export", "--format", "csv", "-o", "log.csv"]).run().expect(125);
}

#[test]
fn what_is_no_bundle_is_said_and_nothing_is_written_over() {
    let world = World::new();
    world.init();
    world.handoff(&["audit", "export", "-o", "b"]).run().expect(0);
    let again = world.handoff(&["audit", "export", "-o", "b"]).run().expect(125);
    assert!(again.stderr.contains("is there already"), "{}", again.stderr);
    fs::create_dir(world.work().join("empty")).unwrap();
    world.write("text.tar", "no tar at all");
    for name in ["empty", "text.tar", "nowhere"] {
        let told = world.handoff(&["audit", "verify", name]).run().expect(125);
        assert!(told.stderr.contains(name) && !told.stderr.contains("panicked"), "{}", told.stderr);
    }
}
