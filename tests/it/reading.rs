//! The reading commands as a person and a script use them: what they say, and what they exit with.
//! Nothing here decides anything but by the stock tools of a reviewer elsewhere.

use std::time::Duration;

use rustix::process::Signal;

use crate::world::{Reviewer, World};

fn set_up() -> (World, Reviewer) {
    let world = World::new();
    let ana = world.init();
    (world, ana)
}

fn propose(world: &World, options: &[&str], command: &[&str]) -> String {
    let mut args = vec!["propose"];
    args.extend(options);
    args.push("--");
    args.extend(command);
    world.handoff(&args).run().expect(0).line().to_owned()
}

fn stdout(world: &World, args: &[&str], code: i32) -> String {
    world.handoff(args).run().expect(code).stdout
}

#[test]
fn the_list_has_what_is_open_by_deadline_and_everything_when_asked() {
    let (world, ana) = set_up();
    assert_eq!(stdout(&world, &["list"], 0), "");
    let late = propose(&world, &["--deadline", "10m"], &["touch", "late"]);
    let soon = propose(&world, &["--deadline", "5m", "--environment", "staging"], &["touch", "soon"]);
    let gone = propose(&world, &[], &["touch", "gone"]);
    let yes = propose(&world, &[], &["touch", "yes"]);
    world.reject(&gone, &ana, "no").expect(0);
    world.approve(&yes, &ana).expect(0);
    let list = stdout(&world, &["list"], 0);
    let codes: Vec<&str> = list.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(codes, [soon.as_str(), &late, &yes], "{list}");
    assert!(list.contains("staging") && list.contains("'touch' 'soon'") && list.contains("0/1"), "{list}");
    assert!(list.contains("may run, "), "{list}");
    assert_eq!(stdout(&world, &["list", "--all"], 0).lines().count(), 5);
    let rejected = stdout(&world, &["list", "--state", "rejected"], 0);
    assert!(rejected.contains(&gone) && rejected.lines().count() == 2, "{rejected}");
    let second = stdout(&world, &["list", "--skip", "1", "--limit", "1", "--mine"], 0);
    assert!(second.contains(&late) && second.lines().count() == 2, "{second}");
    world.handoff(&["list", "--state", "maybe"]).run().expect(2);
}

#[test]
fn what_is_overdue_is_listed_as_expired() {
    let (world, _) = set_up();
    let id = propose(&world, &["--deadline", "1s"], &["touch", "x"]);
    std::thread::sleep(Duration::from_millis(1100));
    assert_eq!(stdout(&world, &["list"], 0), "");
    let list = stdout(&world, &["list", "--all"], 0);
    assert!(list.contains(&id) && list.contains("expired"), "{list}");
}

#[test]
fn a_listing_on_a_terminal_says_how_much_of_a_command_it_left_out() {
    let (world, _) = set_up();
    let words: Vec<String> = (0..30).map(|n| format!("file-{n}")).collect();
    let mut command = vec!["touch"];
    command.extend(words.iter().map(String::as_str));
    propose(&world, &[], &command);
    let mut terminal = world.terminal(&["list"], 24, 80);
    terminal.expect(" more");
    let seen = terminal.screen();
    assert!(seen.contains("'touch' ") && !seen.contains("file-29"), "{seen}");
}

#[test]
fn a_ticket_is_shown_with_its_card_decisions_and_events() {
    let (world, ana) = set_up();
    world.write("plan.txt", "one\n\u{1b}[2Jtwo\n");
    let id = propose(&world, &["--attach", "plan.txt", "--reason", "INC-1"], &["touch", "x"]);
    let before = stdout(&world, &["show", &id], 0);
    assert!(before.contains("needs 1 approval; has 0 of 1") && before.contains("nobody waits"), "{before}");
    assert!(before.contains("you would approve your own"), "{before}");
    assert!(before.contains("│ one\n│ \\x1b[2Jtwo"), "{before}");
    world.approve(&id, &ana).expect(0);
    let after = stdout(&world, &["show", &id], 0);
    assert!(after.contains("approve  ana@test  good"), "{after}");
    assert!(after.contains("proposed") && after.contains("approved"), "{after}");
    let card = world.handoff(&["show", &id, "--card"]).run().expect(0);
    let value = world.handoff(&["show", &id, "--json"]).run().expect(0).json();
    let digest = handoff::ids::Digest::of(&card.bytes).to_string();
    assert_eq!(value["card_sha256"], digest.as_str(), "the card is printed byte for byte as it is signed");
    assert!(after.contains(&card.stdout), "{after}");
}

#[test]
fn a_blob_is_written_as_it_was_handed_in_and_never_to_a_terminal() {
    let (world, _) = set_up();
    world.write("a", b"\x00\xff bytes");
    world.write("b", "bound");
    let id = propose(&world, &["--attach", "a", "--bind", "in=b"], &["cat", "{bind:in}"]);
    assert_eq!(world.handoff(&["show", &id, "--blob", "a"]).run().expect(0).bytes, b"\x00\xff bytes");
    assert_eq!(world.handoff(&["show", &id, "--blob", "in"]).run().expect(0).bytes, b"bound");
    let digest = handoff::ids::Digest::of(b"bound").to_string();
    assert_eq!(world.handoff(&["show", &id, "--blob", &digest]).run().expect(0).bytes, b"bound");
    let none = world.handoff(&["show", &id, "--blob", "c"]).run().expect(2);
    assert!(none.stderr.contains("'a' 'in'"), "{}", none.stderr);
    let mut terminal = world.terminal(&["show", &id, "--blob", "a"], 24, 80);
    terminal.expect("not written to a terminal");
}

#[test]
fn a_ticket_that_is_not_there_is_a_usage_error() {
    let (world, _) = set_up();
    for args in [["show", "K7QX"], ["watch", "K7QX"], ["show", "!"]] {
        world.handoff(&args).run().expect(2);
    }
    world.handoff(&["audit", "log", "K7QX"]).run().expect(2);
}

#[test]
fn without_a_queue_reading_fails_and_says_what_to_do() {
    let world = World::new();
    for args in [&["list"][..], &["show", "K7QX"], &["watch"], &["audit", "log"], &["audit", "verify"]] {
        let output = world.handoff(args).run().expect(125);
        assert!(output.stderr.contains("handoff init"), "{}", output.stderr);
    }
}

#[test]
fn a_policy_with_a_mistake_does_not_hide_the_queue() {
    let (world, _) = set_up();
    let id = propose(&world, &[], &["touch", "x"]);
    std::fs::write(world.config().join("policy.toml"), "nonsense").unwrap();
    let list = world.handoff(&["list"]).run().expect(0);
    assert!(list.stdout.contains(&id) && list.stderr.contains("policy.toml:1:"), "{}", list.stderr);
    world.handoff(&["show", &id]).run().expect(0);
    world.handoff(&["policy", "test"]).run().expect(1);
    world.handoff(&["policy", "show"]).run().expect(125);
    world.handoff(&["policy", "check", "--", "ls"]).run().expect(125);
}

#[test]
fn watching_a_ticket_ends_with_its_answer() {
    let (world, ana) = set_up();
    let yes = propose(&world, &[], &["touch", "yes"]);
    let mut waiting = world.handoff(&["watch", &yes]).spawn();
    let told = waiting.wait_for("waits for 1 approval");
    assert!(!told.contains("Ctrl-C cancels"), "{told}");
    world.approve(&yes, &ana).expect(0);
    assert!(waiting.finish().expect(0).stderr.contains("is approved"));
    let no = propose(&world, &[], &["touch", "no"]);
    world.reject(&no, &ana, "not today").expect(0);
    assert!(world.handoff(&["watch", &no]).run().expect(120).stderr.contains("not today"));
    let late = propose(&world, &["--deadline", "1s"], &["touch", "late"]);
    world.handoff(&["watch", &late]).run().expect(124);
    let back = propose(&world, &[], &["touch", "back"]);
    world.handoff(&["cancel", &back]).run().expect(0);
    world.handoff(&["watch", &back]).run().expect(122);
    let denied = world.handoff(&["propose", "--json", "--", "rm", "-rf", "/"]).run().expect(121).json();
    world.handoff(&["watch", denied["code"].as_str().unwrap()]).run().expect(121);
}

#[test]
fn a_watch_stops_waiting_when_told_and_leaves_the_ticket_alone() {
    let (world, _) = set_up();
    let id = propose(&world, &[], &["touch", "x"]);
    world.handoff(&["watch", &id, "--for", "1s"]).run().expect(119);
    let mut waiting = world.handoff(&["watch", &id]).spawn();
    waiting.wait_for("waits for");
    waiting.signal(Signal::INT);
    assert_eq!(waiting.finish().signal, Some(2));
    assert!(stdout(&world, &["list"], 0).contains(&id));
}

#[test]
fn the_queue_is_followed_event_by_event_until_nobody_reads() {
    let (world, ana) = set_up();
    let before = propose(&world, &[], &["touch", "before"]);
    let following = world.handoff(&["watch"]).spawn();
    std::thread::sleep(Duration::from_millis(400));
    let id = propose(&world, &[], &["touch", "x"]);
    world.approve(&id, &ana).expect(0);
    let end = std::time::Instant::now() + Duration::from_secs(20);
    while !following.stdout().contains("approved") && std::time::Instant::now() < end {
        std::thread::sleep(Duration::from_millis(10));
    }
    following.signal(Signal::TERM);
    let output = following.finish();
    assert_eq!(output.signal, Some(15));
    let kinds: Vec<&str> = output.stdout.lines().filter_map(|line| line.split_whitespace().nth(3)).collect();
    assert_eq!(kinds, ["waits", "proposed", "approve", "approved"], "{}", output.stdout);
    assert!(output.stdout.lines().next().unwrap().contains(&before), "what waits comes first");
    let script = format!("exec {} watch | head -n 2", crate::world::program().display());
    let piped = world.command("sh", &["-c", &script]).spawn();
    std::thread::sleep(Duration::from_millis(400));
    propose(&world, &[], &["touch", "y"]);
    assert!(piped.finish().expect(0).stdout.contains("proposed"));
}

#[test]
fn the_log_is_printed_whole_in_part_and_byte_for_byte() {
    let (world, _) = set_up();
    let id = propose(&world, &[], &["touch", "x"]);
    propose(&world, &[], &["touch", "y"]);
    let all = stdout(&world, &["audit", "log"], 0);
    assert_eq!(all.lines().count(), 6, "created, policy, reviewers, policy, two proposals:\n{all}");
    let part = stdout(&world, &["audit", "log", "--from", "1", "--limit", "2"], 0);
    assert_eq!(part.lines().collect::<Vec<_>>(), all.lines().skip(1).take(2).collect::<Vec<_>>());
    let own = stdout(&world, &["audit", "log", &id], 0);
    assert!(own.lines().count() == 1 && own.contains("proposed"), "{own}");
    let raw = stdout(&world, &["audit", "log", "--raw"], 0);
    let values: Vec<serde_json::Value> = stdout(&world, &["audit", "log", "--json"], 0)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for (bytes, value) in raw.lines().zip(&values) {
        let leaf = handoff::log::tree::leaf_hash(bytes.as_bytes()).to_string();
        assert_eq!(value["leaf"], leaf.as_str());
    }
    assert_eq!(values.len(), 6);
}

#[test]
fn an_audit_says_what_it_was_not_given() {
    let (world, ana) = set_up();
    let id = propose(&world, &[], &["touch", "x"]);
    world.approve(&id, &ana).expect(0);
    let alone = world.handoff(&["audit", "verify"]).run().expect(3);
    assert!(alone.stdout.contains("consistent with itself only"), "{}", alone.stdout);
    let reviewers = world.config().join("reviewers");
    let reviewers = reviewers.to_str().unwrap();
    let cut = world.handoff(&["audit", "verify", "--reviewers", reviewers]).run().expect(4);
    assert!(cut.stdout.contains("not excluded: that newer events were cut off"), "{}", cut.stdout);
    let note = stdout(&world, &["audit", "checkpoint"], 0);
    let note = world.write("note", note);
    let args = ["audit", "verify", "--reviewers", reviewers, "--checkpoint", note.to_str().unwrap()];
    let holds = world.handoff(&args).run().expect(0);
    assert!(holds.stdout.contains("holds.   1 open"), "{}", holds.stdout);
    world.handoff(&args[..2]).env("HANDOFF_REVIEWERS", reviewers).run().expect(4);
    let pin = world.state().join(format!("reviewer/{}/pin", crate::world::QUEUE));
    if pin.exists() {
        let args = ["audit", "verify", "--reviewers", reviewers, "--pins", pin.to_str().unwrap()];
        world.handoff(&args).run().expect(0);
    }
    for wrong in [["--checkpoint", reviewers], ["--pins", reviewers], ["--pins", "not-there"]] {
        world.handoff(&["audit", "verify", wrong[0], wrong[1]]).run().expect(125);
    }
    let nobody = world.write("nobody", "");
    let none = ["audit", "verify", "--reviewers", nobody.to_str().unwrap()];
    let output = world.handoff(&none).run().expect(1);
    assert!(output.stdout.contains("TAMPERED") && output.stdout.contains("signature"), "{}", output.stdout);
}

#[test]
fn a_checkpoint_is_signed_by_the_logs_own_key_only() {
    let (world, _) = set_up();
    let other = handoff::log::logkey::LogKey::generate(crate::world::QUEUE.parse().unwrap()).unwrap();
    std::fs::write(world.data().join("log.key"), other.to_text().as_bytes()).unwrap();
    let output = world.handoff(&["audit", "checkpoint"]).run().expect(125);
    assert!(output.stderr.contains("not the key"), "{}", output.stderr);
    std::fs::remove_file(world.data().join("log.key")).unwrap();
    world.handoff(&["audit", "checkpoint"]).run().expect(125);
}

#[test]
fn a_judgement_names_its_rules_and_files_nothing() {
    let (world, _) = set_up();
    let deny = world.handoff(&["policy", "check", "--", "rm", "-rf", "/"]).run().expect(121);
    assert!(
        deny.stdout.starts_with("deny\n") && deny.stdout.contains("core.rm-everything: "),
        "{}",
        deny.stdout
    );
    let opaque = world.handoff(&["policy", "check", "--", "perl", "-e", "x"]).run().expect(119);
    assert!(opaque.stdout.contains("not understood"), "{}", opaque.stdout);
    assert!(deny.stdout.contains("deletes '/' (@system)"), "{}", deny.stdout);
    world.handoff(&["policy", "check", "--", "no-such-program"]).run().expect(119);
    world.handoff(&["policy", "check", "--", "cat", "x"]).run().expect(0);
    world.handoff(&["policy", "check", "--declare", "nonsense=1", "--", "cat"]).run().expect(2);
    world.handoff(&["policy", "check"]).run().expect(2);
    world.handoff(&["policy", "check", "--shell", "ls", "--", "ls"]).run().expect(2);
    world.handoff(&["policy", "check", "--shell", ""]).run().expect(119);
    assert_eq!(stdout(&world, &["list", "--all"], 0), "");
}

#[test]
fn a_check_says_where_programs_are_and_judges_what_is_not_installed_as_if_it_were() {
    let (world, _) = set_up();
    let check = |command: &[&str], code| {
        let mut args = vec!["policy", "check", "--"];
        args.extend(command);
        world.handoff(&args).run().expect(code).stdout
    };
    let rule = "[[rule]]\nid = \"deploy\"\nverdict = \"allow\"\nprogram = [\"no-such-deploy\"]\n\
                match = [\"no-such-deploy\"]\n";
    let policy = world.config().join("policy.toml");
    let text = std::fs::read_to_string(&policy).unwrap();
    std::fs::write(&policy, format!("{text}\n{rule}")).unwrap();
    let missing = check(&["no-such-deploy"], 0);
    assert!(missing.contains("allow     'no-such-deploy'   local.deploy\n"), "{missing}");
    assert!(
        missing.contains("no-such-deploy: not found here; judged as if it were in /usr/bin"),
        "{missing}"
    );
    let path = check(&["./no-such-deploy"], 119);
    assert!(path.contains("the program was not found") && !path.contains("judged as if"), "{path}");
    std::os::unix::fs::symlink("/usr/bin/env", world.work().join("no-such-deploy")).unwrap();
    let own = check(&["./no-such-deploy"], 119);
    assert!(own.contains("the requester could replace the program"), "{own}");
    assert!(own.contains("/env', found as '") && own.contains("which the requester could replace"), "{own}");
}

#[test]
fn a_line_of_shell_code_is_judged_part_by_part() {
    let (world, _) = set_up();
    let line = "cd infra && sudo env A=1 bash -lc \"rm -rf /srv\" > /etc/x";
    let told = world.handoff(&["policy", "check", "--shell", line]).run().expect(119).stdout;
    for text in [
        "review, risk HIGH\n   allow     'cd' 'infra'   shell.folder\n",
        "   review    > '/etc/x'\n",
        "               writes '/etc/x' (@system)\n",
        "   review    'env' 'A=1'   in sudo\n",
        "   review    'rm' '-rf' '/srv'   in sudo, env, bash   with A\n               core.",
    ] {
        assert!(told.contains(text), "{text}\n{told}");
    }
    let judged = world.handoff(&["--json", "policy", "check", "--shell", line]).run().expect(119).json();
    let inner = judged["atoms"].as_array().unwrap().iter().find(|atom| atom["words"][0] == "rm").unwrap();
    assert_eq!(inner["within"], serde_json::json!(["sudo", "env", "bash"]));
    assert_eq!((inner["allowed"].as_bool(), judged["program"].is_null()), (Some(false), true));
    world.handoff(&["policy", "check", "--shell", "ls -l && cat x | sort"]).run().expect(0);
    let foreign = world.handoff(&["policy", "check", "--", "dash", "-c", "pushd /"]).run().expect(119).stdout;
    assert!(foreign.contains("program   pushd: not found here\n"), "{foreign}");
}

#[test]
fn a_check_tells_folder_and_branch() {
    let (world, _) = set_up();
    world.command("git", &["init", "-q", "-b", "topic"]).run().expect(0);
    let judged = world.handoff(&["--json", "policy", "check", "--", "ls"]).run().expect(0).json();
    let work = world.work().canonicalize().unwrap();
    assert_eq!((judged["repository"].as_str(), judged["branch"].as_str()), (work.to_str(), Some("topic")));
    let told = world.handoff(&["policy", "check", "--", "ls"]).run().expect(0).stdout;
    assert!(told.contains(&format!("git       branch topic of '{}'", work.display())), "{told}");
}

#[test]
fn a_judgement_is_the_verdict_a_proposal_gets() {
    let (world, _) = set_up();
    world.script("mine", "true");
    for command in [&["cat", "x"][..], &["git", "status"], &["touch", "x"], &["rm", "-r", "x"], &["./mine"]] {
        let mut check = vec!["--json", "policy", "check", "--"];
        check.extend(command);
        let mut propose = vec!["--json", "propose", "--"];
        propose.extend(command);
        let judged = world.handoff(&check).run().json();
        let filed = world.handoff(&propose).run().json();
        assert_eq!(judged["verdict"], filed["verdict"], "{command:?}");
    }
}

#[test]
fn a_projects_policy_counts_once_it_is_trusted_and_no_longer_when_it_changes() {
    let (world, _) = set_up();
    let rule = "version = \"p\"\n[[rule]]\nid = \"x\"\nverdict = \"deny\"\nprogram = [\"release-it\"]\nmatch = [\"release-it\"]\n";
    let file = world.write(".handoff.toml", rule);
    let ignored = world.handoff(&["policy", "check", "--", "release-it"]).run().expect(119);
    assert!(ignored.stdout.contains("is not trusted"), "{}", ignored.stdout);
    let trust = world.handoff(&["policy", "trust"]).run().expect(0);
    assert!(trust.stdout.contains("project.x"), "{}", trust.stdout);
    world.handoff(&["policy", "check", "--", "release-it"]).run().expect(121);
    std::fs::write(&file, rule.replace("version = \"p\"", "version = \"q\"")).unwrap();
    world.handoff(&["policy", "check", "--", "release-it"]).run().expect(119);
    let looser = rule
        .replace("\"deny\"", "\"allow\"")
        .replace("\"release-it\"]\nmatch", "\"/usr/bin/release-it\"]\nmatch");
    std::fs::write(&file, looser).unwrap();
    world.handoff(&["policy", "trust"]).run().expect(125);
    std::fs::remove_file(&file).unwrap();
    world.handoff(&["policy", "trust"]).run().expect(2);
}

#[test]
fn the_log_is_read_by_time_kind_and_ticket_from_the_queue_and_from_a_bundle() {
    let (world, ana) = set_up();
    let first = propose(&world, &[], &["touch", "x"]);
    let second = propose(&world, &[], &["touch", "y"]);
    world.approve(&first, &ana).expect(0);
    let count = |args: &[&str]| stdout(&world, &[&["audit", "log"], args].concat(), 0).lines().count();
    let all = count(&[]);
    assert_eq!(count(&["--kind", "proposed"]), 2);
    assert_eq!(count(&["--kind", "proposed", "--kind", "decision"]), 3);
    assert_eq!(count(&["--kind", "proposed", "--limit", "1"]), 1);
    assert_eq!((count(&["--since", "2099-01-01"]), count(&["--until", "2099-01-01"])), (0, all));
    assert_eq!(count(&["--since", "2001-01-01", &second]), 1);
    world.handoff(&["audit", "log", "--kind", "something"]).run().expect(2);
    world.handoff(&["audit", "log", "--since", "yesterday"]).run().expect(2);
    stdout(&world, &["audit", "export", "-o", "b.tar"], 0);
    let bundle = |args: &[&str]| {
        let args = [&["audit", "log", "--bundle", "b.tar"], args].concat();
        world.handoff(&args).env("HOME", "/nonexistent").run().expect(0).stdout
    };
    let log = stdout(&world, &["audit", "log", "--raw"], 0);
    assert_eq!(bundle(&["--raw"]), log);
    assert_eq!(bundle(&[&first]), stdout(&world, &["audit", "log", &first], 0));
    assert_eq!(bundle(&["--kind", "decision"]).lines().count(), 1);
    world.handoff(&["audit", "log", "--bundle", "nowhere"]).run().expect(125);
}
