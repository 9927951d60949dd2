//! Wrong input from people and scripts: each has its own answer, names what was wrong, and files nothing.
//! What is wrong with a decision is in `refusals`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;

use crate::world::{FIRST_REVIEWER, Output, World, skipped};

fn set_up() -> World {
    let world = World::new();
    world.init();
    world
}

#[track_caller]
fn says(output: &Output, words: &[&str]) {
    for word in words {
        assert!(output.stderr.contains(word), "{word:?} is missing in:\n{}", output.stderr);
    }
}

#[track_caller]
fn nothing_is_filed(world: &World) {
    let list = world.handoff(&["list", "--all", "--json"]).run().expect(0);
    assert_eq!(list.stdout, "", "something was filed");
}

#[test]
fn an_option_nobody_knows_is_named_and_the_nearest_is_offered() {
    let world = set_up();
    let output = world.handoff(&["propose", "--reasn", "x", "--", "touch", "x"]).run().expect(2);
    says(&output, &["--reasn", "--reason"]);
    let output = world.handoff(&["aprove", "x"]).run().expect(2);
    says(&output, &["aprove", "approve"]);
    nothing_is_filed(&world);
}

#[test]
fn an_option_after_the_dashes_is_the_commands_own() {
    let world = set_up();
    let output = world.handoff(&["run", "--", "echo", "--no-such-option"]).run().expect(0);
    assert_eq!(output.stdout, "--no-such-option\n");
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let world = set_up();
    for gate in ["run", "propose"] {
        says(&world.handoff(&[gate, "--", "no-such-program"]).run().expect(127), &["no-such-program"]);
        says(&world.handoff(&[gate, "--", "./nor-this"]).run().expect(127), &["nor-this"]);
    }
    nothing_is_filed(&world);
}

#[test]
fn a_program_that_goes_away_after_the_approval_is_not_run() {
    let world = World::new();
    let ana = world.init();
    let script = world.script("deploy", "echo ran > ran");
    let id = world.handoff(&["propose", "--", "./deploy"]).run().expect(0).line().to_owned();
    world.approve(&id, &ana).expect(0);
    std::fs::remove_file(script).unwrap();
    says(&world.handoff(&["exec", &id]).run().expect(123), &["stale"]);
    assert!(!world.work().join("ran").exists());
}

#[test]
fn a_file_that_cannot_be_read_is_named_and_nothing_is_filed() {
    let world = set_up();
    let folder = world.work().join("folder");
    std::fs::create_dir(&folder).unwrap();
    for (option, value) in [
        ("--attach", "missing.txt"),
        ("--attach", "folder"),
        ("--attach", "/dev/zero"),
        ("--bind", "plan=missing.txt"),
        ("--bind", "plan=folder"),
    ] {
        let word = if option == "--bind" { "{bind:plan}" } else { "x" };
        let args = ["propose", option, value, "--", "echo", word];
        let output = world.handoff(&args).run().expect(125);
        says(&output, &[value.rsplit(['=', '/']).next().unwrap()]);
    }
    nothing_is_filed(&world);
}

#[test]
fn a_pipe_given_as_a_file_does_not_hang_anybody() {
    let world = set_up();
    world.command("mkfifo", &["pipe"]).run().expect(0);
    for args in [["--attach", "pipe", "--", "echo"], ["--bind=plan=pipe", "--", "echo", "{bind:plan}"]] {
        says(&world.handoff(&[&["propose"], &args[..]].concat()).run().expect(125), &["pipe"]);
    }
    // As an argument it is no file whose bytes could be bound, and is said so on the card.
    let id = world.handoff(&["propose", "--", "touch", "pipe"]).run().expect(0).line().to_owned();
    world.handoff(&["show", &id]).run().expect(0);
}

#[test]
fn a_file_that_may_not_be_read_is_named() {
    if rustix::process::geteuid().is_root() {
        skipped("root may read everything");
        return;
    }
    let world = set_up();
    let file = world.write("secret", "x");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o000)).unwrap();
    let args = ["propose", "--attach", "secret", "--", "touch", "x"];
    says(&world.handoff(&args).run().expect(125), &["secret"]);
}

#[test]
fn a_mistake_in_the_policy_has_a_line_a_column_and_a_cure() {
    let world = set_up();
    let policy = world.config().join("policy.toml");
    let cases = [
        ("version = \"a\"\nversoin = \"b\"\n", ":2:1", "version"),
        ("version = \"a\"\n[[rule]]\nid = \"x\"\nverdict = \"maybe\"\n", ":4:", "review"),
        ("version = \"a\"\npacks = [\"cor\"]\n", ":2:", "core"),
        ("version = \"a\n", ":1:", ""),
    ];
    for (text, place, cure) in cases {
        std::fs::write(&policy, text).unwrap();
        for args in [&["run", "--", "ls"][..], &["propose", "--", "ls"], &["policy", "check", "--", "ls"]] {
            let output = world.handoff(args).run().expect(125);
            says(&output, &["policy.toml", place, cure]);
        }
    }
    // Looking at the queue needs no policy.
    world.handoff(&["list", "--all"]).run().expect(0);
}

#[test]
fn a_policy_others_can_write_is_refused() {
    let world = set_up();
    let policy = world.config().join("policy.toml");
    std::fs::set_permissions(&policy, std::fs::Permissions::from_mode(0o666)).unwrap();
    says(&world.handoff(&["run", "--", "ls"]).run().expect(125), &["policy.toml"]);
}

#[test]
fn a_queue_others_can_write_is_refused_until_it_is_private_again() {
    let world = set_up();
    let queue = world.data().join("queue.db");
    for (place, bad, good) in [(world.data(), 0o777, 0o700), (queue.clone(), 0o666, 0o600)] {
        std::fs::set_permissions(&place, std::fs::Permissions::from_mode(bad)).unwrap();
        for args in [&["run", "--", "touch", "ran"][..], &["list"], &["propose", "--", "touch", "x"]] {
            let output = world.handoff(args).run().expect(125);
            says(&output, &[if place == queue { "queue.db" } else { "handoff" }]);
        }
        std::fs::set_permissions(&place, std::fs::Permissions::from_mode(good)).unwrap();
    }
    world.handoff(&["list"]).run().expect(0);
    assert!(!world.work().join("ran").exists());
}

#[test]
fn a_queue_with_two_names_or_behind_a_link_is_refused() {
    let world = set_up();
    let queue = world.data().join("queue.db");
    let second = world.data().join("second.db");
    std::fs::hard_link(&queue, &second).unwrap();
    says(&world.handoff(&["list"]).run().expect(125), &["queue.db"]);
    std::fs::remove_file(&second).unwrap();
    std::os::unix::fs::symlink(&queue, &second).unwrap();
    let named = ["--queue", second.to_str().unwrap(), "list"];
    says(&world.handoff(&named).run().expect(125), &["second.db"]);
    world.handoff(&["list"]).run().expect(0);
}

#[test]
fn something_that_is_no_queue_is_left_alone() {
    let world = set_up();
    let other = world.data().join("other.db");
    for bytes in [&b"no database at all, just words"[..], b"SQLite format 3\0"] {
        std::fs::write(&other, bytes).unwrap();
        std::fs::set_permissions(&other, std::fs::Permissions::from_mode(0o600)).unwrap();
        let named = ["--queue", other.to_str().unwrap(), "propose", "--", "touch", "x"];
        world.handoff(&named).run().expect(125);
        assert_eq!(std::fs::read(&other).unwrap(), bytes);
    }
}

#[test]
fn ten_megabytes_of_arguments_are_refused_and_leave_nothing_behind() {
    let world = set_up();
    // The system takes 128 KiB an argument, and ten megabytes in all only with a larger stack.
    let line = format!(
        "ulimit -s unlimited 2>/dev/null || ulimit -s 65536; a=$(head -c 100000 /dev/zero | tr '\\0' x); \
         set --; i=0; while [ $i -lt 60 ]; do set -- \"$@\" \"$a\"; i=$((i+1)); done; \
         exec {} propose -- echo \"$@\"",
        crate::world::program().display()
    );
    let output = world.command("sh", &["-c", &line]).run();
    assert!([2, 125, 126].contains(&output.code), "{} {}", output.code, output.stderr);
    assert!(output.stderr.len() < 10_000, "the answer repeats the question");
    nothing_is_filed(&world);
}

#[test]
fn words_that_are_not_utf8_are_taken_where_bytes_are_and_refused_where_names_are() {
    let world = set_up();
    let bad = OsStr::from_bytes(b"caf\xe9");
    let o = OsStr::new;
    for option in ["--reason", "--effect", "--rollback", "--resource", "--once"] {
        let target = o(option);
        let args = [o("propose"), o(option), bad, o("--"), o("touch"), target];
        let id = world.handoff(&args).run().expect(0).line().to_owned();
        let shown = world.handoff(&["show", &id]).run().expect(0);
        assert!(option == "--once" || shown.stdout.contains("caf\\xe9"), "{option}: {}", shown.stdout);
    }
    for (option, value) in [("--declare", &b"caf\xe9=1"[..]), ("--precheck", b"\xff"), ("--bind", b"\xff=x")]
    {
        let args = [o("propose"), o(option), OsStr::from_bytes(value), o("--"), o("touch"), o("x")];
        world.handoff(&args).run().expect(2);
    }
    let args = [o("show"), bad];
    world.handoff(&args).run().expect(2);
}

#[test]
fn a_code_that_is_no_code_and_one_of_nobody_are_different_answers() {
    let world = set_up();
    says(&world.handoff(&["show", "no code!"]).run().expect(2), &["no code!"]);
    says(&world.handoff(&["show", "ZZZZ-ZZZZ"]).run().expect(2), &["list --all"]);
    says(&world.handoff(&["show", "\u{1b}[2J"]).run().expect(2), &["\\x1b"]);
}

#[test]
fn a_wrong_passphrase_signs_nothing_and_says_so() {
    let world = set_up();
    let id = world.handoff(&["propose", "--", "touch", "x"]).run().expect(0).line().to_owned();
    let locked = world.root().join("keys/locked");
    let args = ["-q", "-t", "ed25519", "-N", "correct horse", "-C", "ana", "-f", locked.to_str().unwrap()];
    world.command("ssh-keygen", &args).run().expect(0);
    let args = ["--key", locked.to_str().unwrap(), "reject", &id, "--reason", "no"];
    // Without a terminal nobody is asked.
    says(&world.handoff(&args).run().expect(125), &["terminal"]);
    let mut terminal = world.terminal(&args, 24, 80);
    for _ in 0..3 {
        terminal.expect("Passphrase for");
        terminal.send("wrong\r");
        terminal.expect("wrong passphrase");
    }
    terminal.expect("nothing was signed");
    let screen = terminal.screen();
    assert!(!screen.contains("wrong\n") && !screen.contains("horse"), "{screen}");
    assert_eq!(terminal.finish(), 125);
    world.handoff(&["watch", &id, "--for", "1s"]).run().expect(119);
}

#[test]
fn a_key_that_is_no_key_or_is_open_to_others_is_refused_by_name() {
    let world = set_up();
    let id = world.handoff(&["propose", "--", "touch", "x"]).run().expect(0).line().to_owned();
    let key = world.write("key", "not a key\n");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    says(&world.handoff(&["--key", "key", "reject", &id]).run().expect(125), &["key"]);
    let own = world.root().join("keys").join(FIRST_REVIEWER);
    std::fs::set_permissions(&own, std::fs::Permissions::from_mode(0o644)).unwrap();
    says(&world.handoff(&["reject", &id]).run().expect(125), &[FIRST_REVIEWER]);
}
