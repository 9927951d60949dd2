//! What a hostile requester, a colleague or bad luck tried, and what became of it.
//! Each test is a way around the gate that once worked, or a false word about what ran.

use std::time::{Duration, Instant};

use crate::exits::code_in;
use crate::world::{Reviewer, Waiting, World};

fn set_up() -> (World, Reviewer) {
    let world = World::new();
    let ana = world.init();
    (world, ana)
}

#[test]
fn bytes_from_a_pipe_do_not_pass_for_the_terminal_that_was_approved() {
    let (world, _) = set_up();
    let mut terminal = world.terminal(&["propose", "--", "cat", "-n"], 24, 80);
    terminal.expect("-");
    let screen = terminal.screen();
    terminal.finish();
    let id = screen.split_whitespace().find(|word| word.len() == 9 && word.contains('-')).unwrap();
    let output = world.handoff(&["exec", id]).stdin("unseen").run().expect(123);
    assert!(output.stderr.contains("the requester's terminal"), "{}", output.stderr);
    assert!(!output.stdout.contains("unseen"), "{}", output.stdout);
}

#[test]
fn an_outcome_file_takes_the_place_of_no_device_pipe_or_link() {
    let (world, _) = set_up();
    let pipe = world.work().join("pipe");
    world.command("mkfifo", &[&pipe]).run().expect(0);
    std::os::unix::fs::symlink("elsewhere", world.work().join("link")).unwrap();
    for name in ["pipe", "link"] {
        let output = world.handoff(&["run", "--outcome-file", name, "--", "echo", "ran"]).run().expect(125);
        assert!(!output.stdout.contains("ran"), "{}", output.stdout);
        assert!(!std::fs::symlink_metadata(world.work().join(name)).unwrap().is_file(), "{name}");
    }
}

#[test]
fn an_outcome_file_overwrites_nothing_of_handoffs_own() {
    let (world, _) = set_up();
    let queue = world.data().join("queue.db");
    let policy = world.config().join("policy.toml");
    for path in [&queue, &policy] {
        let before = std::fs::read(path).unwrap();
        let args = ["run", "--outcome-file", path.to_str().unwrap(), "--", "echo"];
        world.handoff(&args).run().expect(125);
        assert!(std::fs::read(path).unwrap() == before, "{}", path.display());
    }
}

#[test]
fn a_command_that_names_the_queue_does_not_make_us_open_it() {
    let (world, _) = set_up();
    let queue = world.data().join("queue.db");
    let script = world.script("looks", "true");
    let id =
        world.handoff(&["propose", "--", script.to_str().unwrap(), queue.to_str().unwrap()]).run().expect(0);
    let card = world.handoff(&["show", id.line()]).run().expect(0).stdout;
    assert!(card.contains("it is the queue itself"), "{card}");
    let args = ["propose", "--attach", queue.to_str().unwrap(), "--", "touch", "x"];
    world.handoff(&args).run().expect(125);
}

#[test]
fn a_link_in_the_checkout_lets_no_command_reach_out_of_it() {
    let (world, _) = set_up();
    world.with_packs("\"core\", \"shell\"");
    world.write("inside", "text");
    std::os::unix::fs::symlink("/etc", world.work().join("out")).unwrap();
    std::os::unix::fs::symlink("inside", world.work().join("within")).unwrap();
    let check = |line: &str| world.handoff(&["policy", "check", "--shell", line]).run().code;
    assert_eq!(check("echo x > file && cat within inside"), 0);
    for line in ["echo x > out/handoff-test", "cd out && echo x > handoff-test", "rm out/handoff-test"] {
        assert_ne!(check(line), 0, "{line}");
    }
    world.handoff(&["run", "--", "cat", "within"]).run().expect(0);
    let id = world.handoff(&["propose", "--", "touch", "out/handoff-test"]).run().expect(0);
    let card = world.handoff(&["show", id.line()]).run().expect(0).stdout;
    assert!(card.contains("/out' leads to '/etc'") && card.contains("core.system-files"), "{card}");
}

#[test]
fn a_git_command_approved_on_one_branch_does_not_run_on_another() {
    let (world, ana) = set_up();
    let head = |branch: &str| world.write(".git/HEAD", format!("ref: refs/heads/{branch}\n"));
    std::fs::create_dir(world.work().join(".git")).unwrap();
    let git = world.script("git", "echo ran");
    head("topic");
    let propose =
        || world.handoff(&["propose", "--", git.to_str().unwrap(), "push"]).run().expect(0).line().to_owned();
    let first = propose();
    world.approve(&first, &ana).expect(0);
    head("main");
    let output = world.handoff(&["exec", &first]).run().expect(123);
    assert!(output.stderr.contains("branch topic became branch main"), "{}", output.stderr);
    let second = propose();
    world.approve(&second, &ana).expect(0);
    assert!(world.handoff(&["exec", &second]).run().expect(0).stdout.contains("ran"));
}

#[cfg(target_os = "linux")]
#[test]
fn who_leaves_while_another_executes_does_not_say_that_nothing_ran() {
    let (world, ana) = set_up();
    world.command("mkfifo", &["pipe"]).run().expect(0);
    let script = world.script("slow", "echo started >> log; read line < pipe");
    let start = || world.handoff(&["run", "--", script.to_str().unwrap()]).spawn();
    let (mut one, mut two) = (start(), start());
    let id = code_in(&one.wait_for("review it:"));
    two.wait_for("review it:");
    world.approve(&id, &ana).expect(0);
    let executes = |waiting: &Waiting| {
        let children = format!("/proc/{0}/task/{0}/children", waiting.pid());
        !std::fs::read_to_string(children).unwrap().is_empty()
    };
    let end = Instant::now() + Duration::from_secs(20);
    while !world.work().join("log").exists() && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(5));
    }
    let (executor, other) = if executes(&one) { (one, two) } else { (two, one) };
    other.signal(rustix::process::Signal::TERM);
    let left = other.finish().expect(143);
    assert!(!left.stderr.contains("nothing ran"), "{}", left.stderr);
    assert!(left.stderr.contains("is running"), "{}", left.stderr);
    world.command("sh", &["-c", "echo > pipe"]).run().expect(0);
    executor.finish().expect(0);
}

#[test]
fn an_outcome_file_tells_of_failures_before_there_was_a_ticket() {
    let (world, _) = set_up();
    world.write("plain", "text");
    for command in ["no-such-program", "./plain"] {
        let output = world.handoff(&["run", "--outcome-file", "out", "--", command]).run();
        let told = std::fs::read_to_string(world.work().join("out")).unwrap();
        assert!(told.contains(&format!("\"exit_code\":{}", output.code)), "{} {told}", output.code);
        assert!(!told.contains("pending"), "{told}");
    }
    world.handoff(&["exec", "--outcome-file", "out", "ZZZZ"]).run().expect(125);
    assert!(!std::fs::read_to_string(world.work().join("out")).unwrap().contains("pending"));
}

#[test]
fn a_word_of_the_requesters_does_not_change_an_exit_code() {
    let (world, ana) = set_up();
    let id = world.handoff(&["propose", "--", "touch", "x"]).run().expect(0).line().to_owned();
    world.reject(&id, &ana, "no").expect(0);
    let key = ana.key.to_str().unwrap();
    let args = ["reject", &id, "--as", &ana.name, "--reason", "run", "--key", key];
    world.handoff(&args).run().expect(1);
}

#[test]
fn a_waiter_that_was_stopped_does_not_go_by_the_policy_and_keys_of_before() {
    use rustix::process::Signal;
    let (world, ana) = set_up();
    let policy = world.config().join("policy.toml");
    let denied = concat!(
        "version = \"2\"\n[[rule]]\nid = \"no\"\nverdict = \"deny\"\nprogram = [\"touch\"]\n",
        "why = \"not any more\"\nmatch = [\"touch x\"]\n"
    );
    let deny = || std::fs::write(&policy, denied).unwrap();
    let forget = || std::fs::write(world.config().join("reviewers"), "").unwrap();
    for (name, change) in [("x", &forget as &dyn Fn()), ("y", &deny)] {
        let reviewers = std::fs::read(world.config().join("reviewers")).unwrap();
        let mut waiting = world.handoff(&["run", "--", "touch", name]).spawn();
        let id = code_in(&waiting.wait_for("review it:"));
        waiting.signal(Signal::STOP);
        world.approve(&id, &ana).expect(0);
        change();
        waiting.signal(Signal::CONT);
        waiting.finish().expect(123);
        assert!(!world.work().join(name).exists());
        std::fs::write(world.config().join("reviewers"), reviewers).unwrap();
    }
}

/// A script that the policy runs before filing and again before the start: it says `checking`, and from when
/// there is a file `armed` it does `then`.
fn with_a_precheck(world: &World, then: &str) {
    let body = format!("[ -e armed ] || exit 0\necho $$ >> checking\n{then}");
    let script = world.script("precheck", &body);
    let policy = world.config().join("policy.toml");
    let mut text = std::fs::read_to_string(&policy).unwrap();
    text.push_str(&format!("\n[precheck.slow]\nargv = [\"{}\"]\n", script.display()));
    std::fs::write(&policy, text).unwrap();
}

#[track_caller]
fn appears(world: &World, name: &str) {
    let end = Instant::now() + Duration::from_secs(20);
    while !world.work().join(name).exists() {
        assert!(Instant::now() < end, "{name} does not appear");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn who_finds_the_ticket_cancelled_while_checking_again_says_cancelled() {
    for last in ["exit 1", "exit 0"] {
        let (world, ana) = set_up();
        with_a_precheck(&world, &format!("while [ ! -e go ]; do sleep 0.02; done; {last}"));
        let mut waiting = world.handoff(&["run", "--precheck", "slow", "--", "touch", "done"]).spawn();
        let id = code_in(&waiting.wait_for("review it:"));
        world.write("armed", "");
        world.approve(&id, &ana).expect(0);
        appears(&world, "checking");
        world.handoff(&["cancel", &id]).run().expect(0);
        world.write("go", "");
        let output = waiting.finish().expect(122);
        assert!(output.stderr.contains("cancelled by its requester"), "{last}: {}", output.stderr);
        assert!(!output.stderr.contains("contradicts"), "{last}: {}", output.stderr);
        assert!(!world.work().join("done").exists());
    }
}

#[test]
fn who_comes_to_claim_after_a_whole_execution_hears_its_outcome() {
    let (world, ana) = set_up();
    // The first to check again goes through, every other one waits until that one has ended.
    with_a_precheck(&world, "mkdir first 2>/dev/null || while [ ! -e over ]; do sleep 0.02; done");
    let script = world.script("once", "echo ran >> ran; exit 7");
    let start = || world.handoff(&["run", "--precheck", "slow", "--", script.to_str().unwrap()]).spawn();
    let (mut one, mut two) = (start(), start());
    let id = code_in(&one.wait_for("review it:"));
    two.wait_for("review it:");
    world.write("armed", "");
    world.approve(&id, &ana).expect(0);
    let end = Instant::now() + Duration::from_secs(20);
    let (faster, slower) = loop {
        match (one.runs(), two.runs()) {
            (false, true) => break (one, two),
            (true, false) => break (two, one),
            _ => assert!(Instant::now() < end, "neither ends before the other"),
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    world.write("over", "");
    faster.finish().expect(7);
    slower.finish().expect(7);
    assert_eq!(std::fs::read_to_string(world.work().join("ran")).unwrap(), "ran\n");
}

#[test]
fn the_card_says_that_programs_a_command_starts_are_not_bound() {
    let (world, _) = set_up();
    let id = world.handoff(&["propose", "--", "touch", "x"]).run().expect(0).line().to_owned();
    let card = world.handoff(&["show", &id, "--card"]).run().expect(0).stdout;
    let free = card.split("NOT BOUND").nth(1).unwrap().split("CLAIMED").next().unwrap().to_owned();
    assert!(free.contains("other programs it starts"), "{card}");
}

#[test]
fn a_reject_is_remembered_on_the_reviewers_side_like_an_approve() {
    let (world, _) = set_up();
    let id = world.handoff(&["propose", "--", "touch", "x"]).run().expect(0).line().to_owned();
    world.handoff(&["reject", &id, "--reason", "no"]).run().expect(0);
    let pin = world.state().join(format!("reviewer/{}/pin", crate::world::QUEUE));
    let text = std::fs::read_to_string(&pin).unwrap();
    let events = world.handoff(&["audit", "log"]).run().expect(0).stdout.lines().count();
    let size: usize = text.split_whitespace().nth(2).unwrap().parse().unwrap();
    assert_eq!(size, events, "the pin is of the log with the reject in it: {text}");
    let reviewers = world.config().join("reviewers");
    let args =
        ["audit", "verify", "--reviewers", reviewers.to_str().unwrap(), "--pins", pin.to_str().unwrap()];
    world.handoff(&args).run().expect(0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_lock_that_cannot_be_handed_to_the_command_is_told_as_not_started() {
    let (world, ana) = set_up();
    let trace = world.root().join("trace");
    let trace = trace.to_str().unwrap();
    if world.command("strace", &["-o", "/dev/null", "true"]).run().code != 0 {
        crate::world::skipped("nothing can be traced here");
        return;
    }
    let approved = |name: &str| {
        let id = world.handoff(&["propose", "--", "touch", name]).run().expect(0).line().to_owned();
        world.approve(&id, &ana).expect(0);
        id
    };
    let exec = |options: &[&str], id: &str| {
        let program = crate::world::program().to_str().unwrap();
        let args = [&["-o", trace, "-e", "trace=fcntl"], options, &[program, "exec", id]].concat();
        world.command("strace", &args).run()
    };
    exec(&[], &approved("one")).expect(0);
    // The lock's copy is made inheritable, and once more right before the start.
    let calls = std::fs::read_to_string(trace).unwrap();
    let calls = calls.lines().filter(|line| line.starts_with("fcntl(")).enumerate();
    let points: Vec<usize> =
        calls.filter(|(_, line)| line.contains("F_SETFD, 0)")).map(|(at, _)| at + 1).collect();
    assert_eq!(points.len(), 2, "{points:?}");
    for at in points {
        let name = format!("two-{at}");
        let id = approved(&name);
        let output = exec(&["-e", &format!("inject=fcntl:error=EMFILE:when={at}")], &id).expect(125);
        assert!(!world.work().join(name).exists());
        let shown = world.handoff(&["show", &id, "--json"]).run().expect(0).json();
        assert_eq!(shown["outcome"], "not_started", "{shown}\n{}", output.stderr);
    }
}
