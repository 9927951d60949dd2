//! Standard input, output and error that are pipes, closed, full, or go away: nothing is dropped in silence,
//! nothing hangs, and what was done is done once.

use crate::exits::code_in;
use crate::world::{Output, Run, World, program};

fn set_up() -> World {
    let world = World::new();
    world.init();
    world
}

/// A shell line in which `handoff` is the program.
fn shell(world: &World, line: &str) -> Run {
    let script = format!("handoff() {{ {} \"$@\"; }}\n{line}", program().display());
    world.command("bash", &["-c", &script])
}

#[track_caller]
fn is_calm(output: &Output) {
    assert!(!output.stderr.contains("panicked"), "{}", output.stderr);
}

fn filed(world: &World) -> usize {
    world.handoff(&["list", "--all", "--json"]).run().expect(0).stdout.lines().count()
}

#[test]
fn an_id_that_nobody_reads_is_told_on_stderr_and_the_ticket_is_there() {
    let world = set_up();
    let line = "{ sleep 0.1; handoff propose -- touch x; echo code $? >&2; } | true";
    let output = shell(&world, line).run();
    is_calm(&output);
    assert!(output.stderr.contains("code 125"), "{}", output.stderr);
    assert!(output.stderr.contains("is filed all the same"), "{}", output.stderr);
    assert_eq!(filed(&world), 1);
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let world = set_up();
    for count in 0..20 {
        world.handoff(&["propose", "--", "touch", &count.to_string()]).run().expect(0);
    }
    for what in
        ["list", "list --json", "audit log", "audit log --json", "list --help", "show $ID", "show $ID --json"]
    {
        let line = format!(
            "set -o pipefail; ID=$(handoff list --json | head -1 | cut -d'\"' -f4); \
             {{ sleep 0.05; handoff {what}; }} | head -1"
        );
        let output = shell(&world, &line).run();
        is_calm(&output);
        let closed =
            shell(&world, &format!("{{ sleep 0.05; handoff {what}; echo code $? >&2; }} | true")).run();
        is_calm(&closed);
        assert!(!closed.stderr.contains("Broken pipe"), "{what}: {}", closed.stderr);
    }
}

#[test]
fn a_follower_ends_when_its_reader_does() {
    let world = set_up();
    let output = shell(&world, "handoff watch | true").run().expect(0);
    is_calm(&output);
}

#[test]
fn closed_descriptors_are_never_the_queues() {
    let world = set_up();
    for closing in ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"] {
        let before = filed(&world);
        let line = format!("handoff propose -- touch \"{closing}\" {closing}; code=$?; echo code $code >&9");
        let output = shell(&world, &format!("exec 9>&1; {line}")).run();
        is_calm(&output);
        assert!(output.stdout.contains("code 0"), "{closing}: {} {}", output.stdout, output.stderr);
        assert_eq!(filed(&world), before + 1, "{closing}");
        let output = shell(&world, &format!("handoff run -- true {closing}; echo code $?")).run();
        assert!(output.stdout.contains("code 0"), "{closing}: {} {}", output.stdout, output.stderr);
        shell(&world, &format!("handoff run --nonsense -- true {closing}")).run().expect(125);
    }
    world.handoff(&["audit", "log"]).run().expect(0);
}

#[test]
fn a_wait_and_a_run_without_any_descriptor_go_their_way() {
    let world = World::new();
    let ana = world.init();
    let waiting = shell(&world, "handoff run -- touch done <&- >&- 2>&-").spawn();
    let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
    let id = loop {
        let list = world.handoff(&["list", "--json"]).run().expect(0);
        if let Some(line) = list.stdout.lines().next() {
            let ticket: serde_json::Value = serde_json::from_str(line).unwrap();
            break ticket["code"].as_str().unwrap().to_owned();
        }
        assert!(std::time::Instant::now() < end, "nothing is filed");
    };
    world.approve(&id, &ana).expect(0);
    waiting.finish().expect(0);
    assert!(world.work().join("done").exists());
}

#[test]
fn a_full_device_as_output_is_an_error_and_never_a_second_run() {
    let world = set_up();
    for what in ["list --all", "propose -- touch x", "audit log"] {
        world.handoff(&["propose", "--", "touch", "y"]).run().expect(0);
        let output = shell(&world, &format!("handoff {what} > /dev/full")).run().expect(125);
        assert!(output.stderr.contains("standard output"), "{what}: {}", output.stderr);
    }
    // Messages that cannot be written stop nothing.
    shell(&world, "handoff run -- true 2> /dev/full").run().expect(0);
}

#[test]
fn piped_input_goes_where_it_was_sent_and_nowhere_else() {
    let world = World::new();
    let ana = world.init();
    let script = world.script("eat", "cat > eaten");
    let script = script.to_str().unwrap();
    for (how, eaten) in [("none", ""), ("pass", "words\n"), ("capture", "words\n")] {
        let args = ["run", "--reason", how, "--stdin", how, "--", script];
        let mut waiting = world.handoff(&args).stdin("words\n").spawn();
        let id = code_in(&waiting.wait_for("review it:"));
        let shown = world.handoff(&["show", &id]).run().expect(0);
        assert_eq!(
            how == "pass",
            shown.stdout.contains("NOT BOUND") && shown.stdout.contains("input"),
            "{}",
            shown.stdout
        );
        world.approve(&id, &ana).expect(0);
        waiting.finish().expect(0);
        assert_eq!(std::fs::read_to_string(world.work().join("eaten")).unwrap(), eaten, "{how}");
    }
}

#[test]
fn a_pipe_that_stays_empty_is_no_input_and_hangs_nobody() {
    let world = set_up();
    let output = shell(&world, "sleep 30 | handoff run -- echo on; echo code $?; kill %1 2>/dev/null; kill $(jobs -p) 2>/dev/null; exit 0").spawn();
    let end = std::time::Instant::now() + std::time::Duration::from_secs(15);
    while !output.stdout().contains("on\n") {
        assert!(std::time::Instant::now() < end, "it waits for input: {}", output.stderr());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
