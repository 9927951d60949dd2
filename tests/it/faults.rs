//! Faults of the system around it that no other file here brings about: a file system that only looks local, no
//! descriptors left, a waker that dies, a machine that was started anew, a long reader, a file nobody may change.

use std::fs;

use crate::exits::code_in;
use crate::world::{Output, Reviewer, World, program, skipped};

fn set_up() -> (World, Reviewer) {
    let world = World::new();
    let ana = world.init();
    world.script("count", "echo x >> runs");
    (world, ana)
}

fn propose(world: &World) -> String {
    world.handoff(&["propose", "--", "./count"]).run().expect(0).line().to_owned()
}

fn runs(world: &World) -> usize {
    fs::read_to_string(world.work().join("runs")).map_or(0, |text| text.lines().count())
}

fn traced(world: &World, options: &[&str], args: &[&str]) -> Option<Output> {
    if world.command("strace", &["-o", "/dev/null", "true"]).run().code != 0 {
        skipped("nothing can be traced here");
        return None;
    }
    Some(world.command("strace", &[options, &[program().to_str().unwrap()], args].concat()).run())
}

#[test]
fn the_database_is_opened_by_sqlite_alone_and_once_a_connection() {
    let (world, ana) = set_up();
    let [first, second] = [(); 2].map(|()| world.handoff(&["propose", "--", "touch", "x"]).run().expect(0));
    assert_eq!(first.line(), second.line());
    world.approve(first.line(), &ana).expect(0);
    for args in [
        &["exec", first.line()][..],
        &["propose", "--", "./count"],
        &["run", "--", "echo", "x"],
        &["list"],
        &["audit", "verify"],
        &["doctor"],
    ] {
        let file = world.root().join("trace");
        let options = ["-f", "-o", file.to_str().unwrap(), "-e", "trace=open,openat,openat2,creat"];
        if traced(&world, &options, args).is_none() {
            return;
        }
        let trace = fs::read_to_string(&file).unwrap();
        let opens: Vec<&str> = trace.lines().filter(|line| line.contains("/queue.db\"")).collect();
        // What SQLite asks for; a descriptor of our own would drop its locks when it is closed.
        let by_sqlite = |line: &&&str| line.contains("O_RDWR|O_NOFOLLOW|O_CLOEXEC)");
        let connections = if args == ["doctor"] { 2 } else { 1 };
        assert_eq!(opens.len(), connections, "{args:?}: {opens:?}");
        assert_eq!(opens.iter().filter(by_sqlite).count(), connections, "{args:?}: {opens:?}");
    }
}

#[test]
fn a_file_system_that_others_share_is_refused_before_anything_is_read() {
    let (world, _) = set_up();
    let nfs = ["statfs:poke_exit=@arg2=6969000000000000", "fstatfs:poke_exit=@arg2=6969000000000000"];
    for inject in nfs {
        let inject = format!("inject={inject}");
        let options = ["-o", "/dev/null", "-e", "trace=statfs,fstatfs", "-e", &inject];
        let Some(output) = traced(&world, &options, &["run", "--", "echo", "x"]) else { return };
        if output.stderr.contains("strace:") {
            return skipped("this strace changes no results");
        }
        assert_eq!((output.code, output.stdout.as_str()), (125, ""), "{}", output.stderr);
        assert!(output.stderr.contains("nfs"), "{}", output.stderr);
    }
    world.handoff(&["run", "--", "echo", "x"]).run().expect(0);
}

#[test]
fn a_queue_that_nobody_may_change_records_nothing_and_runs_nothing() {
    let (world, ana) = set_up();
    let id = propose(&world);
    world.approve(&id, &ana).expect(0);
    let queue = world.data().join("queue.db");
    let queue = queue.to_str().unwrap();
    let fixed = world.command("chattr", &["+i", queue]).run();
    if fixed.code != 0 {
        return skipped(&format!("no file can be made immutable here: {}", fixed.stderr));
    }
    let outputs = [["exec", &id], ["cancel", &id]].map(|args| world.handoff(&args).run());
    world.command("chattr", &["-i", queue]).run().expect(0);
    for output in outputs {
        assert_eq!(output.code, 125, "{}", output.stderr);
        assert!(!output.stderr.is_empty());
    }
    assert_eq!(runs(&world), 0);
    world.handoff(&["exec", &id]).run().expect(0);
    assert_eq!(runs(&world), 1);
}

#[test]
fn with_hardly_a_descriptor_left_it_works_or_says_so_and_runs_nothing() {
    let (world, ana) = set_up();
    let mut worked = 0;
    for limit in 3..24 {
        let limit = format!("--nofile={limit}");
        let id = propose(&world);
        world.approve(&id, &ana).expect(0);
        let before = runs(&world);
        let output = world.command("prlimit", &[&limit, program().to_str().unwrap(), "exec", &id]).run();
        let ran = runs(&world) - before;
        match output.code {
            0 => assert_eq!(ran, 1, "{limit}"),
            // The shell that it is has no descriptor left for what it writes to.
            2 => assert!(ran == 0 && output.stderr.contains("/count:"), "{limit}: {}", output.stderr),
            118 | 123 | 125..=127 => assert_eq!(ran, 0, "{limit}: {}", output.stderr),
            other => panic!("{limit}: {other}: {}", output.stderr),
        }
        assert!(output.code == 0 || !output.stderr.is_empty(), "{limit}: it says nothing");
        worked += ran;
        world.handoff(&["exec", &id]).run();
        assert!(runs(&world) - before <= 1, "{limit}: twice");
    }
    assert!(worked > 0, "twenty descriptors are enough");
}

#[test]
fn an_answer_whose_sender_dies_before_it_rings_is_found_all_the_same() {
    let (world, ana) = set_up();
    let mut waiting = world.handoff(&["run", "--", "./count"]).spawn();
    let id = code_in(&waiting.wait_for("review it:"));
    let statement = world.handoff(&["decide", "--prepare", &id, "--as", &ana.name]).run().expect(0);
    let file = world.sign(&ana, &statement.bytes);
    let bells = fs::read_dir(world.data().join("bells")).unwrap();
    let bell = bells.map(|bell| bell.unwrap().path()).next().unwrap();
    let options = [
        "-o",
        "/dev/null",
        "-P",
        bell.to_str().unwrap(),
        "-e",
        "trace=open,openat",
        "-e",
        "inject=open,openat:signal=SIGKILL",
    ];
    let args = ["decide", "--import", file.to_str().unwrap()];
    let Some(output) = traced(&world, &options, &args) else { return };
    assert_eq!(output.code, 137, "it was to die at the bell: {}", output.stderr);
    waiting.finish().expect(0);
    assert_eq!(runs(&world), 1);
}

#[test]
fn a_bell_that_was_taken_away_or_replaced_delays_an_answer_and_loses_none() {
    let (world, ana) = set_up();
    for replaced in [false, true] {
        let mut waiting = world.handoff(&["run", "--", "./count"]).spawn();
        let id = code_in(&waiting.wait_for("review it:"));
        for bell in fs::read_dir(world.data().join("bells")).unwrap() {
            let bell = bell.unwrap().path();
            fs::remove_file(&bell).unwrap();
            if replaced {
                world.command("mkfifo", &["-m", "600", bell.to_str().unwrap()]).run().expect(0);
            }
        }
        world.approve(&id, &ana).expect(0);
        waiting.finish().expect(0);
    }
    assert_eq!(runs(&world), 2);
}

#[test]
fn after_a_new_start_of_the_machine_what_was_claimed_is_unknown_and_never_run_again() {
    let (world, ana) = set_up();
    let id = propose(&world);
    world.approve(&id, &ana).expect(0);
    let kill = ["-o", "/dev/null", "-e", "trace=wait4", "-e", "inject=wait4:signal=SIGKILL:when=1"];
    let Some(killed) = traced(&world, &kill, &["exec", &id]) else { return };
    assert_eq!(killed.code, 137);
    let boot = world.write("boot_id", "00000000-0000-4000-8000-000000000001\n");
    let line = format!(
        "mount --bind {} /proc/sys/kernel/random/boot_id && exec {} exec {id}",
        boot.display(),
        program().display()
    );
    let output = world.command("unshare", &["-m", "sh", "-c", &line]).run();
    if output.stderr.contains("mount:") || output.stderr.contains("unshare:") {
        return skipped(&format!("nobody may mount here: {}", output.stderr));
    }
    let output = output.expect(118);
    assert!(
        output.stderr.contains("not run again") || output.stderr.contains("not known"),
        "{}",
        output.stderr
    );
    assert_eq!(runs(&world), 1);
    let shown = world.handoff(&["show", &id, "--json"]).run().expect(0).json();
    let kinds: Vec<&str> =
        shown["events"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "claimed").count(), 1, "{kinds:?}");
    assert!(kinds.contains(&"unknown"), "{kinds:?}");
}

#[test]
fn a_long_reader_lets_the_log_grow_the_doctor_says_so_and_it_shrinks_again() {
    let (world, _) = set_up();
    let queue = world.data().join("queue.db");
    let hold = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('BEGIN'); \
                c.execute('SELECT count(*) FROM events').fetchall(); print('held', file=sys.stderr, flush=True); \
                sys.stdin.read()";
    if world.command("python3", &["-c", "import sqlite3"]).run().code != 0 {
        return skipped("there is no python3 here");
    }
    let mut reader = world
        .command(
            "sh",
            &[
                "-c",
                "mkfifo hold; exec 3<>hold; exec python3 -c \"$1\" \"$2\" <&3",
                "sh",
                hold,
                queue.to_str().unwrap(),
            ],
        )
        .spawn();
    reader.wait_for("held");
    // What is attached is kept in the database: a few proposals are many pages.
    let size = || fs::metadata(world.data().join("queue.db-wal")).map_or(0, |wal| wal.len());
    let mut made = 0_u32;
    while size() < 18 << 20 {
        let bytes: Vec<u8> =
            (0..4_000_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) ^ made) as u8).collect();
        let file = world.write(format!("big{made}"), bytes);
        let word = made.to_string();
        let args = ["propose", "--attach", file.to_str().unwrap(), "--", "./count", &word];
        world.handoff(&args).run().expect(0);
        made += 1;
        assert!(made < 12, "the log does not grow: {} bytes", size());
    }
    let doctor = world.handoff(&["doctor"]).run();
    assert!(
        doctor.stdout.contains("queue.db-wal") || doctor.stderr.contains("queue.db-wal"),
        "{}",
        doctor.stdout
    );
    reader.signal(rustix::process::Signal::KILL);
    reader.finish();
    propose(&world);
    assert!(size() <= 4 << 20, "{} bytes stay", size());
}
