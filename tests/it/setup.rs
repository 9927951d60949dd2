//! Setting an account up, and finding out how it is, as people do it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::world::{FIRST_REVIEWER, Output, QUEUE, World};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Everything `init` makes, in the order it makes it.
fn made(world: &World) -> Vec<PathBuf> {
    let (config, data) = (world.config(), world.data());
    vec![
        data.join("log.key"),
        data.join("commitment.key"),
        config.join("reviewers"),
        config.join("policy.toml"),
        config.join("config.toml"),
        data.join("queue.db"),
    ]
}

fn init_with(world: &World, key: &Path, more: &[&str]) -> Output {
    let mut args = vec!["init", "--key", key.to_str().unwrap(), "--as", FIRST_REVIEWER];
    args.extend(more);
    world.handoff(&args).run()
}

fn names_queue(world: &World) -> String {
    let report = world.handoff(&["doctor", "--json"]).run().json();
    report["queue"].as_str().unwrap().to_owned()
}

#[test]
fn init_says_what_it_makes_and_makes_it_private() {
    let world = World::new();
    let ana = world.reviewer(FIRST_REVIEWER);
    let said = init_with(&world, &ana.key, &["--name", QUEUE]).expect(0);
    for text in [
        "This makes, in your account only:",
        FIRST_REVIEWER,
        QUEUE,
        " packs  ",
        "~/.config/handoff/policy.toml",
    ] {
        assert!(said.stderr.contains(text), "{text}: {}", said.stderr);
    }
    assert!(said.stderr.contains("Level L0: the key has no passphrase"), "{}", said.stderr);
    assert!(said.stderr.contains("Next: in this terminal   handoff run"), "{}", said.stderr);
    for path in made(&world) {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    for folder in
        [world.config(), world.data(), world.state(), world.data().join("bells"), world.data().join("live")]
    {
        assert_eq!(mode(&folder), 0o700, "{}", folder.display());
    }
    world.handoff(&["doctor"]).run().expect(0);
}

#[test]
fn a_second_init_changes_nothing() {
    let world = World::new();
    let ana = world.init();
    let before: Vec<Vec<u8>> = made(&world).iter().map(|path| fs::read(path).unwrap()).collect();
    let said = init_with(&world, &ana.key, &[]).expect(0);
    assert!(said.stderr.contains("set up already: queue test-0000, reviewer ana@test"), "{}", said.stderr);
    let after: Vec<Vec<u8>> = made(&world).iter().map(|path| fs::read(path).unwrap()).collect();
    assert!(before == after);
}

#[test]
fn an_init_that_was_broken_off_anywhere_is_completed_by_the_next() {
    for kept in 0..made(&World::new()).len() {
        let world = World::new();
        let ana = world.init();
        let before: Vec<Vec<u8>> = made(&world).iter().map(|path| fs::read(path).unwrap()).collect();
        for path in made(&world).iter().skip(kept) {
            fs::remove_file(path).unwrap();
        }
        fs::remove_dir_all(world.state()).unwrap();
        init_with(&world, &ana.key, if kept == 0 { &["--name", QUEUE] } else { &[] }).expect(0);
        for (path, bytes) in made(&world).iter().zip(&before).take(kept) {
            assert!(fs::read(path).unwrap() == *bytes, "{} was replaced", path.display());
        }
        assert_eq!(names_queue(&world), QUEUE);
        world.handoff(&["doctor"]).run().expect(0);
        assert!(init_with(&world, &ana.key, &[]).expect(0).stderr.contains("set up already"));
    }
}

#[test]
fn of_several_inits_at_once_one_sets_up_and_none_makes_a_second_queue() {
    let world = World::new();
    let ana = world.reviewer(FIRST_REVIEWER);
    let args = ["init", "--key", ana.key.to_str().unwrap(), "--as", FIRST_REVIEWER];
    let started: Vec<_> = (0..8).map(|_| world.handoff(&args).spawn()).collect();
    let said: Vec<Output> = started.into_iter().map(|init| init.finish().expect(0)).collect();
    assert_eq!(said.iter().filter(|said| said.stderr.contains("Level L0")).count(), 1);
    let name = names_queue(&world);
    assert!(said.iter().all(|said| said.stderr.contains("Level L0") || said.stderr.contains(&name)));
    world.handoff(&["doctor"]).run().expect(0);
}

#[test]
fn a_queue_that_was_made_and_has_no_events_yet_is_completed() {
    let world = World::new();
    let ana = world.init();
    fs::remove_dir_all(world.state()).unwrap();
    fs::write(world.data().join("queue.db"), b"").unwrap();
    init_with(&world, &ana.key, &[]).expect(0);
    world.handoff(&["doctor"]).run().expect(0);
}

#[test]
fn without_a_terminal_init_asks_for_a_key_and_makes_none() {
    let world = World::new();
    let said = world.handoff(&["init"]).run().expect(2);
    assert!(said.stderr.contains("no terminal") && said.stderr.contains("--key FILE"), "{}", said.stderr);
    assert!(said.stderr.contains("--agent"), "{}", said.stderr);
    assert!(!world.config().join("key").exists() && !world.data().join("queue.db").exists());
}

#[test]
fn on_a_terminal_init_asks_twice_for_a_passphrase_and_refuses_an_empty_one() {
    let world = World::new();
    let mut terminal = world.terminal(&["init", "--name", QUEUE], 30, 100);
    terminal.expect("Passphrase for the new key (empty is refused): ");
    terminal.send("\r");
    terminal.expect("Empty is refused");
    terminal.expect("Passphrase: ");
    terminal.send("open sesame\r");
    terminal.expect("The same again: ");
    terminal.send("open sesam\r");
    terminal.expect("Those two differ.");
    terminal.expect("new key: ");
    terminal.send("open sesame\r");
    terminal.expect("The same again: ");
    terminal.send("open sesame\r");
    terminal.expect("Level L1: you ask and you approve from one account.");
    assert!(!terminal.screen().contains("sesam"), "{}", terminal.screen());
    assert_eq!(terminal.finish(), 0);
    assert_eq!(mode(&world.config().join("key")), 0o600);
    let key = world.config().join("key");
    world.command("ssh-keygen", &["-y", "-P", "open sesame", "-f", key.to_str().unwrap()]).run().expect(0);
    world.command("ssh-keygen", &["-y", "-P", "", "-f", key.to_str().unwrap()]).run().expect(255);
    let report = world.handoff(&["doctor", "--json"]).run().expect(0).json();
    assert_eq!(report["level"], "L1");
}

#[test]
fn whoever_leaves_at_the_passphrase_has_no_key_and_no_queue() {
    let world = World::new();
    let mut terminal = world.terminal(&["init"], 30, 100);
    terminal.expect("Passphrase");
    terminal.send("\u{3}");
    assert_ne!(terminal.finish(), 0);
    assert!(!world.config().join("key").exists() && !world.data().join("queue.db").exists());
}

#[test]
fn a_key_whose_public_half_was_lost_gets_it_back() {
    let world = World::new();
    let ana = world.reviewer(FIRST_REVIEWER);
    fs::create_dir_all(world.config()).unwrap();
    fs::set_permissions(world.config(), fs::Permissions::from_mode(0o700)).unwrap();
    fs::copy(&ana.key, world.config().join("key")).unwrap();
    world.handoff(&["init"]).run().expect(0);
    let line = fs::read_to_string(world.config().join("key.pub")).unwrap();
    assert_eq!(line.split(' ').nth(1), ana.public().split(' ').nth(1));
}

#[test]
fn a_queue_keeps_its_name_and_a_lost_one_is_not_made_again_under_it() {
    let world = World::new();
    let ana = world.init();
    let said = init_with(&world, &ana.key, &["--name", "other"]).expect(2);
    assert!(said.stderr.contains("test-0000 already"), "{}", said.stderr);
    init_with(&world, &ana.key, &["--name", "a b"]).expect(2);
    for path in [world.data().join("queue.db"), world.data().join("log.key")] {
        fs::remove_file(path).unwrap();
    }
    let said = init_with(&world, &ana.key, &["--name", QUEUE]).expect(2);
    assert!(said.stderr.contains("handoff restore"), "{}", said.stderr);
    init_with(&world, &ana.key, &["--name", "other"]).expect(0);
}

#[test]
fn an_account_that_joins_a_queue_is_told_how_the_others_trust_its_key() {
    let world = World::new();
    let ana = world.init();
    let bo = World::new();
    let queue = world.data().join("queue.db");
    let args = ["init", "--queue", queue.to_str().unwrap(), "--key", ana.key.to_str().unwrap(), "--as", "bo"];
    let said = bo.handoff(&args).run().expect(0);
    assert!(said.stderr.contains("handoff key trust bo '"), "{}", said.stderr);
    assert!(fs::read_to_string(bo.config().join("reviewers")).unwrap().contains("decision.v1@test-0000"));
    assert!(!bo.data().exists(), "the queue's own folder is the other one");
}

#[test]
fn a_reviewers_file_that_is_there_is_kept_and_the_way_into_it_told() {
    let world = World::new();
    let (ana, bo) = (world.reviewer(FIRST_REVIEWER), world.reviewer("bo@test"));
    fs::create_dir_all(world.config()).unwrap();
    fs::set_permissions(world.config(), fs::Permissions::from_mode(0o700)).unwrap();
    let line = format!("bo@test namespaces=\"decision.v1@{QUEUE}\" {}\n", bo.public());
    fs::write(world.config().join("reviewers"), &line).unwrap();
    let said = init_with(&world, &ana.key, &["--name", QUEUE]).expect(0);
    assert!(said.stderr.contains("kept as it is"), "{}", said.stderr);
    assert!(said.stderr.contains("does not count yet"), "{}", said.stderr);
    assert_eq!(fs::read_to_string(world.config().join("reviewers")).unwrap(), line);
}

#[test]
fn a_key_of_the_agent_is_level_one_and_an_agent_without_one_is_told() {
    let world = World::new();
    let ana = world.reviewer(FIRST_REVIEWER);
    world.handoff(&["init", "--agent"]).run().expect(125);
    let socket = world.root().join("run/agent");
    let script = "eval $(ssh-agent -a \"$1\") >/dev/null; ssh-add -q \"$2\"; export SSH_AUTH_SOCK=\"$1\"; \
        \"$3\" init --agent; code=$?; kill $SSH_AGENT_PID; exit $code";
    let script = world.script("with-agent", script);
    let args = [socket.as_os_str(), ana.key.as_os_str(), crate::world::program().as_os_str()];
    let said = world.command(script, &args).run().expect(0);
    assert!(said.stderr.contains("Level L1"), "{}", said.stderr);
    assert!(fs::read_to_string(world.config().join("config.toml")).unwrap().contains("key.pub"));
    world.handoff(&["init", "--agent", "--key", "x"]).run().expect(2);
}

#[test]
fn a_hardware_key_is_level_two() {
    use base64ct::{Base64, Encoding as _};
    let world = World::new();
    let ana = world.reviewer(FIRST_REVIEWER);
    let plain = Base64::decode_vec(ana.public().split(' ').nth(1).unwrap()).unwrap();
    let mut blob = Vec::new();
    for part in [b"sk-ssh-ed25519@openssh.com".as_slice(), &plain[plain.len() - 32..], b"ssh:"] {
        blob.extend(u32::try_from(part.len()).unwrap().to_be_bytes());
        blob.extend(part);
    }
    let line = format!("sk-ssh-ed25519@openssh.com {} ana\n", Base64::encode_string(&blob));
    let file = world.write("token.pub", line);
    let said = init_with(&world, &file, &[]).expect(0);
    assert!(said.stderr.contains("Level L2"), "{}", said.stderr);
    assert_eq!(world.handoff(&["doctor", "--json"]).run().expect(0).json()["level"], "L2");
}

fn events(world: &World, kind: &str) -> usize {
    let log = world.handoff(&["audit", "log", "--raw"]).run().expect(0);
    log.stdout.matches(&format!("\"what\":{{\"{kind}\":")).count()
}

#[test]
fn trusting_and_revoking_a_key_are_events_at_once() {
    let world = World::new();
    let ana = world.init();
    let bo = world.reviewer("bo@test");
    assert_eq!(events(&world, "reviewers"), 1);
    let public = format!("{}.pub", bo.key.display());
    world.handoff(&["key", "trust", "bo@test", &public, "--until", "2199-01-01"]).run().expect(0);
    assert_eq!(events(&world, "reviewers"), 2);
    let list = world.handoff(&["key", "list", "--json"]).run().expect(0);
    let rows: Vec<serde_json::Value> =
        list.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| row["schema"] == "handoff.reviewer.v1" && row["counts"] == true));
    assert_eq!(rows[1]["valid_before"], "2199-01-01T00:00:00.000Z");
    let print = rows[1]["fingerprint"].as_str().unwrap();
    world.handoff(&["key", "revoke", print]).run().expect(0);
    assert_eq!(events(&world, "reviewers"), 3);
    let list = world.handoff(&["key", "list"]).run().expect(0);
    assert!(list.stdout.contains("does not count"), "{}", list.stdout);
    world.handoff(&["key", "revoke", print, "--stolen"]).run().expect(0);
    world.handoff(&["key", "revoke", print, "--stolen"]).run().expect(1);
    let text = fs::read_to_string(world.config().join("reviewers")).unwrap();
    assert!(text.contains("# removed: bo@test") && text.contains(&ana.name));
}

#[test]
fn what_is_no_key_no_name_or_no_date_is_refused() {
    let world = World::new();
    let ana = world.init();
    let public = format!("{}.pub", ana.key.display());
    let bo = format!("{}.pub", world.reviewer("bo@test").key.display());
    world.handoff(&["key", "trust", "again@test", &public]).run().expect(125);
    world.handoff(&["key", "trust", "a*", &bo]).run().expect(2);
    world.handoff(&["key", "trust", "bo@test", &bo, "--until", "soon"]).run().expect(2);
    world.handoff(&["key", "trust", "bo@test", &bo, "--until", "2001-01-01"]).run().expect(2);
    world.handoff(&["key", "trust", "bo@test", "missing.pub"]).run().expect(125);
    world.handoff(&["key", "trust", "bo@test", ana.key.to_str().unwrap()]).run().expect(125);
    world.handoff(&["key", "revoke", "MD5:00"]).run().expect(2);
    world.handoff(&["key", "new", ana.key.to_str().unwrap()]).run().expect(125);
    world.handoff(&["key", "new", "fresh"]).run().expect(2);
    assert_eq!(events(&world, "reviewers"), 1);
}

#[test]
fn alone_it_says_where_one_stands_and_what_to_do_next() {
    let world = World::new();
    let said = world.handoff(&[] as &[&str]).run().expect(0);
    assert!(said.stderr.starts_with("handoff: not set up for "), "{}", said.stderr);
    assert!(said.stderr.contains(
        "  try it with nothing kept:   handoff demo\n  set up this account:        handoff init\n"
    ));
    world.init();
    let said = world.handoff(&[] as &[&str]).run().expect(0);
    assert!(
        said.stderr.contains("queue test-0000, you review as ana@test")
            && said.stderr.contains("nothing waits")
    );
    let id = world.handoff(&["propose", "--", "rm", "-r", "x"]).run().expect(0).line().to_owned();
    let said = world.handoff(&[] as &[&str]).run().expect(0);
    assert!(said.stderr.contains(&format!("1 of yours pending: {id}")), "{}", said.stderr);
    assert!(said.stderr.contains("handoff review"), "{}", said.stderr);
}

#[test]
fn the_demonstration_ends_as_it_should_and_keeps_nothing() {
    let world = World::new();
    let said = world.handoff(&["demo"]).run();
    for line in [
        "  exit   0  approved: checked again, ran once\n",
        "  exit 120  rejected: nothing ran\n",
        "  exit   0  allowed by policy: nobody was asked\n",
        "  exit 123  changed after the approval: nothing ran\n",
    ] {
        assert!(said.stderr.contains(line), "{line}{}", said.stderr);
    }
    assert!(said.stderr.contains("build is gone") && said.stderr.contains("backups is still there"));
    assert!(said.stderr.contains("Removed with all its evidence"), "{}", said.stderr);
    assert_eq!(fs::read_dir(world.root().join("tmp")).unwrap().count(), 0);
    assert!(!world.config().exists() && !world.data().exists(), "the account is as it was");
    said.expect(0);
}

#[test]
fn the_demonstration_keeps_its_evidence_when_asked_and_stock_tools_accept_it() {
    let world = World::new();
    world.handoff(&["demo", "--keep"]).run();
    let folder = fs::read_dir(world.root().join("tmp")).unwrap().next().unwrap().unwrap().path();
    let name = folder.file_name().unwrap().to_str().unwrap().trim_start_matches("handoff-").to_owned();
    let reviewers = folder.join("home/.config/handoff/reviewers");
    let mut checked = 0;
    for entry in fs::read_dir(folder.join("reviewer")).unwrap() {
        let statement = entry.unwrap().path();
        if statement.extension().is_some_and(|ending| ending == "json") {
            let (namespace, signature) =
                (format!("decision.v1@{name}"), format!("{}.sig", statement.display()));
            let args = [
                "-Y",
                "verify",
                "-f",
                reviewers.to_str().unwrap(),
                "-I",
                "demo@example",
                "-n",
                &namespace,
                "-s",
                &signature,
            ];
            world.command("ssh-keygen", &args).stdin(fs::read(&statement).unwrap()).run().expect(0);
            checked += 1;
        }
    }
    assert_eq!(checked, 3);
}
