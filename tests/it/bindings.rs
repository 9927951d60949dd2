//! Exactly what was signed: each thing that decides what a command does is changed after the approval,
//! and nothing runs. What is not changed runs as it was shown.

use std::os::unix::fs::PermissionsExt as _;

use crate::exits::code_in;
use crate::world::{Output, Reviewer, World};

fn set_up() -> (World, Reviewer) {
    let world = World::new();
    let ana = world.init();
    (world, ana)
}

/// Files a command, has it approved, lets `change` happen, and executes.
fn approved_then(world: &World, ana: &Reviewer, args: &[&str], change: impl FnOnce()) -> Output {
    let id = world.handoff(&[&["propose"], args].concat()).run().expect(0).line().to_owned();
    world.approve(&id, ana).expect(0);
    change();
    world.handoff(&["exec", &id]).run()
}

#[test]
fn a_file_named_by_an_argument_is_held() {
    let (world, ana) = set_up();
    let file = world.write("plan", "one");
    let args = ["--", "cp", "plan", "copy"];
    let output = approved_then(&world, &ana, &args, || std::fs::write(&file, "two").unwrap()).expect(123);
    assert!(output.stderr.contains("plan"), "the difference is named: {}", output.stderr);
    assert!(!world.work().join("copy").exists());
    std::fs::write(&file, "one").unwrap();
    approved_then(&world, &ana, &["--reason", "again", "--", "cp", "plan", "copy"], || ()).expect(0);
}

#[test]
fn an_interpreter_is_held() {
    let (world, ana) = set_up();
    let interpreter = world.script("interpreter", "echo good");
    world.write("script", format!("#!{}\n", interpreter.display()));
    let script = world.work().join("script");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let output = approved_then(&world, &ana, &["--", "./script"], || {
        drop(world.script("interpreter", "echo evil > evil"))
    });
    assert_eq!(output.code, 123, "{}", output.stderr);
    assert!(!world.work().join("evil").exists());
}

#[test]
fn which_program_runs_within_the_command_is_held() {
    let (world, ana) = set_up();
    for folder in ["first", "second"] {
        std::fs::create_dir(world.work().join(folder)).unwrap();
    }
    let tool = world.script("second/tool", "echo good > good");
    let work = world.work().canonicalize().unwrap().display().to_string();
    let path = format!("{work}/first:{work}/second:/usr/bin:/bin");
    let propose = |reason: &str| {
        let args = ["propose", "--reason", reason, "--", "timeout", "5", "tool"];
        world.handoff(&args).env("PATH", &path).run().expect(0).line().to_owned()
    };
    let id = propose("one");
    let card = world.handoff(&["show", &id]).run().expect(0).stdout;
    let found = tool.canonicalize().unwrap();
    let line = format!("within    'tool' runs '{}', which the requester can replace", found.display());
    assert!(card.contains(&line) && card.contains("by their paths, not by their content"), "{card}");
    world.approve(&id, &ana).expect(0);
    world.script("first/tool", "echo evil > evil");
    let stale = world.handoff(&["exec", &id]).run().expect(123).stderr;
    let named =
        format!("program 'tool' within the command: '{}' became '{work}/first/tool'", found.display());
    assert!(stale.contains(&named), "{stale}");
    std::fs::remove_file(world.work().join("first/tool")).unwrap();
    let id = propose("two");
    world.approve(&id, &ana).expect(0);
    world.handoff(&["exec", &id]).run().expect(0);
    assert!(world.work().join("good").exists() && !world.work().join("evil").exists());
}

#[test]
fn the_folder_is_held() {
    let (world, ana) = set_up();
    let folder = world.work().join("folder");
    std::fs::create_dir(&folder).unwrap();
    let id = world.handoff(&["propose", "--", "touch", "x"]).cwd(&folder).run().expect(0).line().to_owned();
    world.approve(&id, &ana).expect(0);
    std::fs::rename(&folder, world.work().join("moved")).unwrap();
    world.handoff(&["exec", &id]).run().expect(123);
}

#[test]
fn bound_bytes_are_read_from_a_private_copy() {
    let (world, ana) = set_up();
    let file = world.write("tf.plan", "approved bytes");
    let args = ["--bind", "plan=tf.plan", "--", "cp", "{bind:plan}", "copy"];
    approved_then(&world, &ana, &args, || std::fs::write(&file, "swapped").unwrap()).expect(0);
    assert_eq!(std::fs::read_to_string(world.work().join("copy")).unwrap(), "approved bytes");
    let left = std::fs::read_dir(world.data().join("binds")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "the copies are gone");
}

#[test]
fn a_hidden_variable_must_come_again_and_be_the_same() {
    let (world, ana) = set_up();
    let script = world.script("show", "echo \"$TOKEN\" > token");
    let args = ["propose", "--secret-env", "TOKEN", "--", script.to_str().unwrap()];
    let id = world.handoff(&args).env("TOKEN", "canary-1234").run().expect(0).line().to_owned();
    let shown = world.handoff(&["show", &id]).run().expect(0);
    assert!(!shown.stdout.contains("canary"), "{}", shown.stdout);
    assert!(shown.stdout.contains("11 bytes hidden"), "{}", shown.stdout);
    world.approve(&id, &ana).expect(0);
    for folder in [world.data(), world.config(), world.state()] {
        let found = world.command("grep", &["-r", "canary-1234", folder.to_str().unwrap()]).run();
        assert_eq!(found.code, 1, "the secret is on disk: {}", found.stdout);
    }
    world.handoff(&["exec", &id]).env("TOKEN", "canary-1234").run().expect(0);
    assert_eq!(std::fs::read_to_string(world.work().join("token")).unwrap(), "canary-1234\n");
    let other = world.handoff(&args).env("TOKEN", "canary-1234").run().expect(0).line().to_owned();
    world.approve(&other, &ana).expect(0);
    world.handoff(&["exec", &other]).env("TOKEN", "another").run().expect(123);
}

#[test]
fn the_command_gets_exactly_the_bound_variables() {
    let (world, ana) = set_up();
    let script = world.script("env", "env > env.txt");
    let mut running = world
        .handoff(&["run", "--env", "GIVEN=yes", "--", script.to_str().unwrap()])
        .env("LEAK", "no")
        .env("HANDOFF_KEY_", "no")
        .spawn();
    let id = code_in(&running.wait_for("review it:"));
    world.approve(&id, &ana).expect(0);
    running.finish().expect(0);
    let text = std::fs::read_to_string(world.work().join("env.txt")).unwrap();
    assert!(text.contains("GIVEN=yes\n") && text.contains("HOME="), "{text}");
    assert!(!text.contains("LEAK") && !text.contains("HANDOFF"), "{text}");
}

#[test]
fn piped_input_is_never_dropped_in_silence() {
    let (world, ana) = set_up();
    let refused = world.handoff(&["run", "--", "cat"]).stdin("text").run().expect(125);
    assert!(refused.stderr.contains("--stdin capture"), "{}", refused.stderr);
    let id = world.handoff(&["propose", "--stdin", "capture", "--", "tee", "copy"]).stdin("text").run();
    let id = id.expect(0).line().to_owned();
    world.approve(&id, &ana).expect(0);
    world.handoff(&["exec", &id]).run().expect(0);
    assert_eq!(std::fs::read_to_string(world.work().join("copy")).unwrap(), "text");
}

#[test]
fn arguments_that_are_not_text_reach_the_command_byte_for_byte() {
    use std::os::unix::ffi::OsStrExt as _;
    let (world, ana) = set_up();
    let script = world.script("save", "printf '%s' \"$1\" > saved");
    let hostile = std::ffi::OsStr::from_bytes(b"\xff\x1b[2J\n\xe2\x80\xae'\\ ");
    let args = [std::ffi::OsStr::new("propose"), "--".as_ref(), script.as_os_str(), hostile];
    let id = world.handoff(&args).run().expect(0).line().to_owned();
    let shown = world.handoff(&["show", &id]).run().expect(0);
    assert!(shown.bytes.iter().all(|&b| b == b'\n' || (b' '..=b'~').contains(&b) || b >= 0x80));
    assert!(!shown.stdout.contains('\u{202e}'), "no bidi control reaches the screen");
    world.approve(&id, &ana).expect(0);
    world.handoff(&["exec", &id]).run().expect(0);
    assert_eq!(std::fs::read(world.work().join("saved")).unwrap(), hostile.as_bytes());
}

#[test]
fn ten_megabytes_of_arguments_are_refused_with_a_hint() {
    let (world, _) = set_up();
    let big = "x".repeat(100_000);
    let args: Vec<&str> =
        ["propose", "--", "echo"].into_iter().chain(std::iter::repeat_n(big.as_str(), 15)).collect();
    let output = world.handoff(&args).run();
    assert!([2, 125].contains(&output.code), "{} {}", output.code, output.stderr);
    assert!(output.stderr.contains("--bind"), "{}", output.stderr);
}

#[test]
fn a_precheck_must_end_as_it_did() {
    let (world, ana) = set_up();
    let policy = world.config().join("policy.toml");
    let mut text = std::fs::read_to_string(&policy).unwrap();
    text.push_str("\n[precheck.fresh]\nargv = [\"cat\", \"state\"]\n");
    std::fs::write(&policy, text).unwrap();
    world.write("state", "one");
    let args = ["--precheck", "fresh", "--", "touch", "x"];
    let state = world.work().join("state");
    let output = approved_then(&world, &ana, &args, || std::fs::write(&state, "two").unwrap()).expect(123);
    assert!(output.stderr.contains("fresh"), "{}", output.stderr);
    approved_then(&world, &ana, &["--reason", "b", "--precheck", "fresh", "--", "touch", "x"], || ())
        .expect(0);
}

#[test]
fn a_script_behind_a_link_is_run_by_the_name_it_was_found_by() {
    let (world, ana) = set_up();
    world.script("many-in-one", "basename \"$0\" > name");
    let link = world.work().join("as-this");
    std::os::unix::fs::symlink("many-in-one", &link).unwrap();
    approved_then(&world, &ana, &["--", "./as-this"], || ()).expect(0);
    assert_eq!(std::fs::read_to_string(world.work().join("name")).unwrap(), "as-this\n");
    world.script("other", "echo evil > evil");
    let output = approved_then(&world, &ana, &["--reason", "again", "--", "./as-this"], || {
        std::fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink("other", &link).unwrap();
    });
    assert_eq!(output.code, 123, "{}", output.stderr);
    assert!(!world.work().join("evil").exists());
}
