//! Decisions that do not count: of nobody trusted, too late, of the wrong people, twice, about something else.
//! Each is refused with its own words, leaves an event, and the ticket stays as it was.

use crate::world::{FIRST_REVIEWER, Output, Reviewer, World};

fn set_up() -> (World, Reviewer) {
    let world = World::new();
    let ana = world.init();
    (world, ana)
}

fn propose(world: &World, what: &str) -> String {
    world.handoff(&["propose", "--", "touch", what]).run().expect(0).line().to_owned()
}

/// Prepares a decision without handing it in: the signature's file.
fn signed(world: &World, id: &str, reviewer: &Reviewer) -> std::path::PathBuf {
    let args = ["decide", "--prepare", id, "--as", &reviewer.name];
    let prepared = world.handoff(&args).run().expect(0);
    world.sign(reviewer, &prepared.bytes)
}

fn import(world: &World, signature: &std::path::Path) -> Output {
    world.handoff(&["decide", "--import", signature.to_str().unwrap()]).run()
}

#[track_caller]
fn refused(world: &World, id: &str, output: Output, words: &str) {
    let output = output.expect(1);
    assert!(output.stderr.contains(words), "{words:?} is missing in: {}", output.stderr);
    let shown = world.handoff(&["show", id, "--json"]).run().expect(0).json();
    assert_eq!(shown["state"], "pending", "{shown}");
    let events = shown["events"].as_array().unwrap();
    assert!(events.iter().any(|event| event["kind"] == "refused"), "no event says so: {shown}");
    world.handoff(&["exec", id]).run().expect(119);
}

#[test]
fn a_key_nobody_trusts_decides_nothing() {
    let (world, _) = set_up();
    let id = propose(&world, "x");
    let eve = world.reviewer("eve@test");
    let output = world.approve(&id, &eve);
    refused(&world, &id, output, "eve@test");
}

#[test]
fn a_strangers_key_under_a_trusted_name_decides_nothing() {
    let (world, _) = set_up();
    let id = propose(&world, "x");
    let eve = Reviewer { name: FIRST_REVIEWER.to_owned(), key: world.reviewer("eve@test").key };
    let output = world.approve(&id, &eve);
    refused(&world, &id, output, FIRST_REVIEWER);
}

#[test]
fn a_key_whose_time_is_over_or_has_not_come_decides_nothing() {
    let (world, ana) = set_up();
    let reviewers = world.config().join("reviewers");
    let text = std::fs::read_to_string(&reviewers).unwrap();
    let id = propose(&world, "x");
    let late = signed(&world, &id, &ana);
    for option in ["valid-before=\"20200101000000Z\"", "valid-after=\"20990101000000Z\""] {
        let with = text.replace("namespaces=", &format!("{option},namespaces="));
        assert_ne!(with, text, "the test knows how the file is written");
        std::fs::write(&reviewers, with).unwrap();
        let output = import(&world, &late);
        refused(&world, &id, output, FIRST_REVIEWER);
    }
    std::fs::write(&reviewers, text).unwrap();
    import(&world, &late).expect(0);
}

#[test]
fn somebody_of_another_group_decides_nothing_not_even_a_no() {
    let (world, _) = set_up();
    let bo = world.reviewer("bo@test");
    let public = format!("{}.pub", bo.key.display());
    world.handoff(&["key", "trust", "bo@test", &public]).run().expect(0);
    let policy = "version = \"team\"\n[groups]\ninfra = [\"ana@test\"]\nother = [\"bo@test\"]\n\
        [[rule]]\nid = \"infra\"\nverdict = \"review\"\nprogram = [\"touch\"]\ngroups = [\"infra\"]\n\
        why = \"theirs\"\nmatch = [\"touch x\"]\n";
    std::fs::write(world.config().join("policy.toml"), policy).unwrap();
    let id = propose(&world, "x");
    let output = world.approve(&id, &bo);
    refused(&world, &id, output, "infra");
    let output = world.reject(&id, &bo, "no");
    refused(&world, &id, output, "infra");
}

#[test]
fn the_same_person_twice_is_one() {
    let (world, ana) = set_up();
    let policy = "version = \"two\"\n[[rule]]\nid = \"two\"\nverdict = \"review\"\nprogram = [\"touch\"]\n\
        approvals = 2\nwhy = \"two of you\"\nmatch = [\"touch x\"]\n";
    let bo = world.reviewer("bo@test");
    let public = format!("{}.pub", bo.key.display());
    world.handoff(&["key", "trust", "bo@test", &public]).run().expect(0);
    std::fs::write(world.config().join("policy.toml"), policy).unwrap();
    let id = propose(&world, "x");
    let first = signed(&world, &id, &ana);
    import(&world, &first).expect(0);
    refused(&world, &id, import(&world, &first), "before");
    let output = world.approve(&id, &ana);
    refused(&world, &id, output, "already");
}

#[test]
fn a_statement_about_another_ticket_decides_neither() {
    let (world, ana) = set_up();
    let (one, other) = (propose(&world, "one"), propose(&world, "other"));
    let prepared = world.handoff(&["decide", "--prepare", &one, "--as", &ana.name]).run().expect(0);
    // Signed, but with the other ticket's id put in: everything else in it still speaks of the first.
    let full = |code: &str| {
        let shown = world.handoff(&["show", code, "--json"]).run().expect(0).json();
        shown["id"].as_str().or_else(|| shown["ticket"].as_str()).unwrap().to_owned()
    };
    let forged = prepared.stdout.replace(&full(&one), &full(&other));
    assert_ne!(forged, prepared.stdout);
    let signature = world.sign(&ana, forged.as_bytes());
    refused(&world, &other, import(&world, &signature), "another");
    assert_eq!(world.handoff(&["watch", &one, "--for", "1s"]).run().code, 119);
}

#[test]
fn a_statement_changed_after_signing_decides_nothing() {
    let (world, ana) = set_up();
    let id = propose(&world, "x");
    let args = ["decide", "--prepare", &id, "--as", &ana.name, "--reject", "--reason", "abc"];
    let prepared = world.handoff(&args).run().expect(0);
    let signature = world.sign(&ana, &prepared.bytes);
    let file = signature.with_extension("");
    std::fs::write(&file, prepared.stdout.replace("\"abc\"", "\"abd\"")).unwrap();
    refused(&world, &id, import(&world, &signature), "signature");
    // Neither does one that is no longer canonical: a space nobody would see.
    std::fs::write(&file, prepared.stdout.replacen("{", "{ ", 1)).unwrap();
    import(&world, &signature).expect(1);
}

#[test]
fn a_late_or_conflicting_decision_is_told_what_happened() {
    let (world, ana) = set_up();
    let (id, gone) = (propose(&world, "x"), propose(&world, "y"));
    let (late, later) = (signed(&world, &id, &ana), signed(&world, &gone, &ana));
    world.reject(&id, &ana, "no").expect(0);
    let output = import(&world, &late).expect(1);
    assert!(output.stderr.contains("rejected"), "{}", output.stderr);
    world.handoff(&["cancel", &gone]).run().expect(0);
    let output = import(&world, &later).expect(1);
    assert!(output.stderr.contains("cancelled"), "{}", output.stderr);
    world.handoff(&["exec", &id]).run().expect(120);
    world.handoff(&["exec", &gone]).run().expect(122);
}

#[test]
fn a_signature_for_another_purpose_decides_nothing() {
    let (world, ana) = set_up();
    let id = propose(&world, "x");
    let prepared = world.handoff(&["decide", "--prepare", &id, "--as", &ana.name]).run().expect(0);
    let file = world.write("d.json", &prepared.bytes);
    for namespace in ["file", "decision.v1@other-0000"] {
        let args =
            ["-q", "-Y", "sign", "-n", namespace, "-f", ana.key.to_str().unwrap(), file.to_str().unwrap()];
        world.command("ssh-keygen", &args).run().expect(0);
        let signature = world.work().join("d.json.sig");
        refused(&world, &id, import(&world, &signature), "decision");
        std::fs::remove_file(signature).unwrap();
    }
}
