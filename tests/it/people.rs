//! Two reviewers, groups, nobody deciding their own, and terms that cannot be met.
//! Reviewers sign with stock ssh-keygen, as they would elsewhere.

use crate::exits::code_in;
use crate::world::{QUEUE, Reviewer, World};

const TEAM: &str = r#"
version = "team"
packs = ["core"]
[groups]
infra = ["ana@test"]
security = ["bo@test"]
[accounts]
"ana@test" = UID
[[rule]]
id = "both"
verdict = "review"
program = ["touch"]
groups = ["infra", "security"]
why = "two teams must agree"
match = ["touch x"]
[[rule]]
id = "others"
verdict = "review"
program = ["mkdir"]
distinct = true
why = "somebody else must agree"
match = ["mkdir x"]
"#;

fn team() -> (World, Reviewer, Reviewer) {
    let world = World::new();
    let ana = world.init();
    let bo = world.reviewer("bo@test");
    let public = format!("{}.pub", bo.key.display());
    world.handoff(&["key", "trust", "bo@test", &public]).run().expect(0);
    let uid = rustix::process::getuid().as_raw().to_string();
    std::fs::write(world.config().join("policy.toml"), TEAM.replace("UID", &uid)).unwrap();
    (world, ana, bo)
}

#[test]
fn two_teams_must_both_agree_and_one_person_is_not_two() {
    let (world, ana, bo) = team();
    let mut running = world.handoff(&["run", "--", "touch", "x"]).spawn();
    let id = code_in(&running.wait_for("review it:"));
    world.approve(&id, &ana).expect(0);
    let half = running.wait_for("1 of 2");
    assert!(half.contains("security still needed"), "{half}");
    world.approve(&id, &ana).expect(1);
    world.handoff(&["exec", &id]).run().expect(119);
    world.approve(&id, &bo).expect(0);
    running.finish().expect(0);
}

#[test]
fn nobody_approves_their_own_where_the_terms_say_so() {
    let (world, ana, bo) = team();
    let id = world.handoff(&["propose", "--", "mkdir", "x"]).run().expect(0).line().to_owned();
    let own = world.approve(&id, &ana).expect(1);
    assert!(own.stderr.contains("distinct"), "{}", own.stderr);
    world.approve(&id, &bo).expect(0);
    world.handoff(&["exec", &id]).run().expect(0);
}

#[test]
fn a_rule_no_quorum_can_satisfy_is_refused_at_load() {
    let (world, ..) = team();
    let policy = world.config().join("policy.toml");
    let text = std::fs::read_to_string(&policy).unwrap().replace("[\"bo@test\"]", "[\"ana@test\"]");
    std::fs::write(&policy, text).unwrap();
    let output = world.handoff(&["run", "--", "touch", "x"]).run().expect(125);
    assert!(
        output.stderr.contains("policy.toml:") && output.stderr.contains("never be approved"),
        "{}",
        output.stderr
    );
}

#[test]
fn a_mistake_in_the_policy_is_told_with_its_place_and_the_cure() {
    let (world, ..) = team();
    let policy = world.config().join("policy.toml");
    let text = std::fs::read_to_string(&policy)
        .unwrap()
        .replace("verdict = \"review\"\nprogram = [\"mkdir\"]", "verdct = \"review\"\nprogram = [\"mkdir\"]");
    std::fs::write(&policy, text).unwrap();
    let output = world.handoff(&["run", "--", "ls"]).run().expect(125);
    assert!(output.stderr.contains("policy.toml:") && output.stderr.contains("verdict"), "{}", output.stderr);
}

#[test]
fn a_revoked_or_removed_reviewer_no_longer_counts_at_execution() {
    let (world, ana, _) = team();
    std::fs::write(world.config().join("policy.toml"), "version = \"plain\"\n").unwrap();
    let id = world.handoff(&["propose", "--", "touch", "x"]).run().expect(0).line().to_owned();
    world.approve(&id, &ana).expect(0);
    let list = world.handoff(&["key", "list"]).run().expect(0);
    let line = list.stdout.lines().find(|line| line.contains("ana@test")).unwrap().to_owned();
    let key = line.split_whitespace().find(|word| word.starts_with("SHA256:")).unwrap();
    world.handoff(&["key", "revoke", "--stolen", key]).run().expect(0);
    world.handoff(&["exec", &id]).run().expect(123);
}

#[test]
fn what_we_accept_stock_ssh_keygen_accepts_too() {
    let (world, ana, _) = team();
    std::fs::write(world.config().join("policy.toml"), "version = \"plain\"\n").unwrap();
    let id = world.handoff(&["propose", "--", "touch", "x"]).run().expect(0).line().to_owned();
    let statement = world.handoff(&["decide", "--prepare", &id, "--as", "ana@test"]).run().expect(0);
    let signature = world.sign(&ana, &statement.bytes);
    world.handoff(&["decide", "--import", signature.to_str().unwrap()]).run().expect(0);
    let reviewers = world.config().join("reviewers");
    let space = format!("decision.v1@{QUEUE}");
    let args = [
        "-Y",
        "verify",
        "-f",
        reviewers.to_str().unwrap(),
        "-I",
        "ana@test",
        "-n",
        &space,
        "-s",
        signature.to_str().unwrap(),
    ];
    world.command("ssh-keygen", &args).stdin(statement.bytes).run().expect(0);
    let again = world.handoff(&["decide", "--import", signature.to_str().unwrap()]).run().expect(1);
    assert!(again.stderr.contains("before") || again.stderr.contains("already"), "{}", again.stderr);
}

#[test]
fn what_a_pack_asks_two_people_for_is_refused_where_one_is_trusted() {
    let world = World::new();
    world.init();
    world.script("terraform", "touch ran");
    let output = world
        .handoff(&["run", "--environment", "production", "--", "./terraform", "destroy"])
        .run()
        .expect(125);
    assert!(output.stderr.contains("nobody could approve this"), "{}", output.stderr);
    assert!(output.stderr.contains("handoff key trust"), "{}", output.stderr);
    assert!(!world.work().join("ran").exists());
    assert_eq!(world.handoff(&["list"]).run().expect(0).stdout, "");
}

#[test]
fn lists_of_labelled_commands_are_judged_and_misses_counted_each_way() {
    let world = World::new();
    world.init();
    let list = world.write(
        "list.jsonl",
        "{\"command\":\"ls -la | wc -l\",\"expected\":\"allow\"}\n\n{\"command\":\"sudo rm -rf /\",\"label\":\"deny\"}\n",
    );
    let test = ["policy", "test", "--corpus", list.to_str().unwrap()];
    assert!(world.handoff(&test).run().expect(0).stdout.contains("2 lines, 0 missed"));
    world.write("list.jsonl", "{\"command\":\"unheard-of\",\"expected\":\"allow\"}\n{\"command\":\"ls\",\"expected\":\"not-allow\"}\n");
    let output = world.handoff(&test).run().expect(1).stdout;
    assert!(output.contains("too strict: review (no rule): unheard-of"), "{output}");
    assert!(output.contains("too mild: allow (core.list): ls"), "{output}");
    world.write("list.jsonl", "{\"command\":\"ls\"}\n");
    let error = world.handoff(&test).run().expect(2).stderr;
    assert!(error.contains("list.jsonl':1:") || error.contains("list.jsonl:1:"), "{error}");
    assert!(error.contains("expected is allow"), "{error}");
}

/// The reviewers file tells whole seconds: what was signed just before stays good, what is signed just after is not.
#[test]
fn a_revoke_cuts_neither_what_was_signed_just_before_nor_lets_in_what_comes_after() {
    let world = World::new();
    let ana = world.init();
    let bo = world.reviewer("bo@test");
    world.handoff(&["key", "trust", "bo@test", &format!("{}.pub", bo.key.display())]).run().expect(0);
    let file =
        |name: &str| world.handoff(&["propose", "--", "touch", name]).run().expect(0).line().to_owned();
    let list = world.handoff(&["--json", "key", "list"]).run().expect(0).stdout;
    let key = list.lines().find(|line| line.contains("bo@test")).unwrap();
    let key: serde_json::Value = serde_json::from_str(key).unwrap();
    let (before, after) = (file("before"), file("after"));
    world.approve(&before, &bo).expect(0);
    let revoked = world.handoff(&["key", "revoke", key["fingerprint"].as_str().unwrap()]).run().expect(0);
    assert!(revoked.stderr.contains("counts no longer"), "{}", revoked.stderr);
    let refused = world.approve_or_not(&after, &bo);
    assert!(refused.code != 0 && refused.stderr.contains("not valid since"), "{}", refused.stderr);
    world.approve(&after, &ana).expect(0);
    let ours = world.config().join("reviewers");
    world.handoff(&["--reviewers", ours.to_str().unwrap(), "audit", "verify"]).run().expect(4);
}
