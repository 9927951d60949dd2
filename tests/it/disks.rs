//! Disks that are read-only, full, or closed by a limit: what cannot be recorded does not run, what is
//! reported holds, and the queue works again once there is room.
//! Mounts live in a namespace of their own and go with the script that made them; without the right to
//! mount, those tests say that they are skipped.

use std::fs;

use crate::world::{Output, Reviewer, World, program, skipped};

fn set_up() -> (World, Reviewer) {
    let world = World::new();
    let ana = world.init();
    (world, ana)
}

/// An approved ticket that appends `word` to the file `runs`.
fn approved(world: &World, ana: &Reviewer, word: &str) -> String {
    let script = world.script("count", "echo \"$1\" >> runs");
    let args = ["propose", "--", script.to_str().unwrap(), word];
    let id = world.handoff(&args).run().expect(0).line().to_owned();
    world.approve(&id, ana).expect(0);
    id
}

fn runs(world: &World, word: &str) -> usize {
    let text = fs::read_to_string(world.work().join("runs")).unwrap_or_default();
    text.lines().filter(|line| *line == word).count()
}

fn kinds(world: &World, id: &str) -> Vec<String> {
    let shown = world.handoff(&["show", id, "--json"]).run().expect(0).json();
    let events = shown["events"].as_array().unwrap();
    events.iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect()
}

/// Runs shell lines with the folder `$PLACE` on a file system of its own, so many KiB large, that holds what
/// was there; afterwards what it holds is put back. `None` where nobody may mount.
fn on_a_disk(world: &World, place: &std::path::Path, kib: u32, lines: &str) -> Option<Output> {
    let may = world.command("unshare", &["-m", "mount", "-t", "tmpfs", "none", "/mnt"]).run();
    if may.code != 0 {
        skipped(&format!("nobody may mount here: {}", may.stderr));
        return None;
    }
    let script = format!(
        "set -u; kept=$(mktemp -d); cp -a \"$PLACE/.\" \"$kept\"; \
         mount -t tmpfs -o size={kib}k,mode=700 none \"$PLACE\" || exit 99; cp -a \"$kept/.\" \"$PLACE\"\n\
         handoff() {{ {} \"$@\"; }}\n\
         full() {{ dd if=/dev/zero of=\"$PLACE/filler\" bs=4096 2>/dev/null; }}\n\
         room() {{ truncate -s -$(($1 * 4096)) \"$PLACE/filler\"; }}\n\
         {lines}\n\
         mount -o remount,rw \"$PLACE\"; rm -f \"$PLACE/filler\"; back=$(mktemp -d); cp -a \"$PLACE/.\" \"$back\"; \
         umount \"$PLACE\"; rm -rf \"$PLACE\"/*; cp -a \"$back/.\" \"$PLACE\"",
        program().display()
    );
    let output = world.command("unshare", &["-m", "sh", "-c", &script]).env("PLACE", place).run();
    Some(output.expect(0))
}

fn codes(output: &Output) -> Vec<i32> {
    output.stdout.lines().filter_map(|line| line.strip_prefix("code ")?.parse().ok()).collect()
}

#[test]
fn on_a_disk_that_is_read_only_nothing_runs_and_later_it_does() {
    let (world, ana) = set_up();
    let id = approved(&world, &ana, "x");
    let lines = format!(
        "mount -o remount,ro \"$PLACE\"; handoff exec {id}; echo code $?; handoff run -- echo allowed; echo code $?; \
         handoff propose -- touch y; echo code $?"
    );
    let Some(output) = on_a_disk(&world, &world.data(), 4096, &lines) else { return };
    assert_eq!(codes(&output), [125, 125, 125], "{}", output.stderr);
    assert_eq!(output.stdout.lines().count(), 3, "{}", output.stdout);
    assert_eq!(runs(&world, "x"), 0);
    assert!(output.stderr.contains("read-only") || output.stderr.contains("Read-only"), "{}", output.stderr);
    world.handoff(&["exec", &id]).run().expect(0);
    assert_eq!(runs(&world, "x"), 1);
}

#[test]
fn on_a_disk_without_room_nothing_runs_unrecorded_however_much_is_left() {
    let (world, ana) = set_up();
    let words: Vec<String> = (0..8).map(|pages| format!("room{pages}")).collect();
    let ids: Vec<String> = words.iter().map(|word| approved(&world, &ana, word)).collect();
    let mut lines = String::new();
    for (id, pages) in ids.iter().zip([0, 1, 2, 8, 9, 10, 12, 40]) {
        lines.push_str(&format!(
            "full; room {pages}; handoff exec {id}; echo code $?; rm -f \"$PLACE/filler\"\n"
        ));
    }
    let Some(output) = on_a_disk(&world, &world.data(), 2048, &lines) else { return };
    let codes = codes(&output);
    assert_eq!(codes.len(), ids.len(), "{}{}", output.stdout, output.stderr);
    assert_eq!(codes[0], 125, "a full disk stops it: {}", output.stderr);
    for ((id, word), code) in ids.iter().zip(&words).zip(&codes) {
        let (ran, kinds) = (runs(&world, word), kinds(&world, id));
        let claimed = kinds.iter().any(|kind| kind == "claimed");
        assert!(ran <= 1 && (ran == 0 || claimed), "{word}: {ran} runs, {kinds:?}");
        match code {
            0 => assert!(ran == 1 && kinds.iter().any(|kind| kind == "finished"), "{word}: {kinds:?}"),
            118 => assert!(claimed, "{word}: {kinds:?}"),
            125 => assert_eq!(ran, 0, "{word} ran, though told that it did not: {}", output.stderr),
            other => panic!("{word}: {other}\n{}", output.stderr),
        }
        // With room again it runs if it never did, and never twice.
        world.handoff(&["exec", id]).run();
        let after = runs(&world, word);
        assert!(after <= 1 && after >= ran, "{word}: {after}");
        assert!(after == 1 || claimed, "{word}: neither claimed nor executed with room again");
    }
}

#[test]
fn a_memory_that_cannot_be_written_stops_it_before_anything_runs() {
    let (world, ana) = set_up();
    let id = approved(&world, &ana, "x");
    let lines = format!(
        "mount -o remount,ro \"$PLACE\"; handoff exec {id}; echo code $?; handoff run -- echo allowed; echo code $?"
    );
    let Some(output) = on_a_disk(&world, &world.state(), 1024, &lines) else { return };
    assert_eq!(codes(&output), [125, 125], "{}", output.stderr);
    assert_eq!(output.stdout.lines().count(), 2, "{}", output.stdout);
    assert_eq!(runs(&world, "x"), 0);
    let kinds = kinds(&world, &id);
    assert!(!kinds.iter().any(|kind| kind == "unknown"), "nothing ran, and that is known: {kinds:?}");
    // It either was never claimed and runs now, or says for certain that it never ran.
    let again = world.handoff(&["exec", &id]).run();
    assert!(
        runs(&world, "x") == 1 || again.stderr.contains("nothing ran"),
        "{} {}",
        again.code,
        again.stderr
    );
}

#[test]
fn a_limit_on_the_size_of_files_stops_it_before_anything_runs() {
    let (world, ana) = set_up();
    for (count, blocks) in [0, 1, 64, 200].into_iter().enumerate() {
        let word = format!("x{count}");
        let id = approved(&world, &ana, &word);
        for command in
            [format!("exec {id}"), "propose -- touch y".to_owned(), "run -- echo allowed".to_owned()]
        {
            let line = format!("ulimit -f {blocks}; exec {} {command}", program().display());
            let output = world.command("sh", &["-c", &line]).run();
            if output.code != 0 {
                assert_eq!(output.code, 125, "{blocks} blocks, {command}: {}", output.stderr);
                assert_eq!(output.stdout, "", "{blocks} blocks, {command}");
                assert!(!output.stderr.is_empty());
            }
        }
        let ran = runs(&world, &word);
        world.handoff(&["exec", &id]).run();
        assert!(runs(&world, &word) <= 1 && runs(&world, &word) >= ran);
    }
    world.handoff(&["run", "--", "echo", "allowed"]).run().expect(0);
}

#[test]
fn without_room_for_the_shared_index_it_says_so_and_records_nothing() {
    let (world, _) = set_up();
    let line = format!("ulimit -f 8; exec {} propose -- touch y", program().display());
    let output = world.command("sh", &["-c", &line]).run().expect(125);
    assert!(
        output.stderr.contains("no room") && output.stderr.contains("nothing was recorded"),
        "{}",
        output.stderr
    );
    assert_eq!(world.handoff(&["list", "--all"]).run().expect(0).stdout, "");
}
