//! Receipts: one decision proven by one file, with handoff and without it.

use std::path::{Path, PathBuf};

use handoff::log::receipt::Receipt;
use sha2::{Digest as _, Sha256};

use crate::world::{Reviewer, World, skipped};

/// A world with one approved ticket, its code, the file of its receipt, and the queue's log key.
fn approved() -> (World, Reviewer, String, PathBuf, String) {
    let world = World::new();
    let ana = world.init();
    let id = propose(&world, "x");
    world.approve(&id, &ana).expect(0);
    let (receipt, key) = receipt_of(&world, &[&id]);
    (world, ana, id, receipt, key)
}

fn propose(world: &World, name: &str) -> String {
    world.handoff(&["propose", "--", "touch", name]).run().expect(0).line().to_owned()
}

/// The receipt that was asked for, and the log key that is told beside it.
fn receipt_of(world: &World, args: &[&str]) -> (PathBuf, String) {
    let folder = tempfile::tempdir_in(world.work()).unwrap().keep();
    let path = folder.join("r.tlog-proof");
    let command = [&["audit", "receipt"], args, &["-o", path.to_str().unwrap()]].concat();
    let told = world.handoff(&command).run().expect(0).stderr;
    let key = told.split("--log-key ").nth(1).unwrap().trim().to_owned();
    (path, key)
}

/// The number of the event that filed the ticket.
fn filing(world: &World, id: &str) -> String {
    let log = world.handoff(&["audit", "log", id, "--raw", "--limit", "1"]).run().expect(0);
    log.json()["seq"].to_string()
}

fn verify(world: &World, receipt: &Path, given: &[&str], code: i32) -> String {
    let args = [&["audit", "verify", receipt.to_str().unwrap()], given].concat();
    // An auditor elsewhere has no queue and no settings.
    world.handoff(&args).env("HOME", "/nonexistent").without("HANDOFF_QUEUE").run().expect(code).stdout
}

#[test]
fn a_receipt_holds_with_the_reviewers_and_the_log_key_and_says_what_is_missing_without() {
    let (world, _, id, receipt, key) = approved();
    let reviewers = world.config().join("reviewers");
    let reviewers = ["--reviewers", reviewers.to_str().unwrap()];
    let key = ["--log-key", key.as_str()];
    let own = verify(&world, &receipt, &[], 3);
    assert!(own.contains("whose signatures count was not given"), "{own}");
    let cut = verify(&world, &receipt, &reviewers, 4);
    assert!(cut.contains("not excluded: that the head"), "{cut}");
    let holds = verify(&world, &receipt, &[reviewers, key].concat(), 0);
    assert!(holds.contains("holds.") && holds.contains(&id) && holds.contains("ana@test"), "{holds}");
    let size = std::fs::metadata(&receipt).unwrap().len();
    assert!(size < 6000, "{size}");
}

#[test]
fn a_kept_head_stands_for_the_log_key() {
    let (world, _, id, _, _) = approved();
    let head = world.handoff(&["audit", "checkpoint"]).run().expect(0).stdout;
    let head = world.write("head", head);
    let (receipt, _) = receipt_of(&world, &[&id]);
    let reviewers = world.config().join("reviewers");
    let given = ["--reviewers", reviewers.to_str().unwrap(), "--checkpoint", head.to_str().unwrap()];
    verify(&world, &receipt, &given, 0);
}

#[test]
fn who_may_no_longer_sign_and_who_never_could_is_found_out() {
    let (world, _, _, receipt, key) = approved();
    let nobody = world.write("nobody", "");
    let none = verify(&world, &receipt, &["--reviewers", nobody.to_str().unwrap(), "--log-key", &key], 1);
    assert!(none.contains("TAMPERED") && none.contains("signature"), "{none}");
    let other = World::new();
    other.init();
    let id = propose(&other, "y");
    let (_, others_key) = receipt_of(&other, &[&id, "--event", &filing(&other, &id)]);
    let forged = verify(&world, &receipt, &["--log-key", &others_key], 1);
    assert!(forged.contains("head's signature"), "{forged}");
}

#[test]
fn every_change_of_a_receipt_is_found() {
    let (world, _, _, receipt, key) = approved();
    let reviewers = world.config().join("reviewers");
    let given = ["--reviewers", reviewers.to_str().unwrap(), "--log-key", &key];
    let text = std::fs::read(&receipt).unwrap();
    for at in (0..text.len()).step_by(text.len() / 40) {
        let mut bytes = text.clone();
        bytes[at] ^= 1;
        let path = world.write("changed.tlog-proof", &bytes);
        let args = [&["audit", "verify", path.to_str().unwrap()][..], &given].concat();
        let output = world.handoff(&args).run();
        assert!(matches!(output.code, 1 | 125), "byte {at}: {}{}", output.stdout, output.stderr);
    }
}

#[test]
fn a_ticket_with_several_signed_events_asks_which_and_one_without_says_so() {
    let world = World::new();
    let ana = world.init();
    let id = propose(&world, "x");
    let none = world.handoff(&["audit", "receipt", &id]).run().expect(125).stderr;
    assert!(none.contains("nobody signed anything") && none.contains("--event"), "{none}");
    world.approve(&id, &ana).expect(0);
    world.decide(&id, &ana, &["--revoke", "--reason", "not today"]).expect(0);
    let several = world.handoff(&["audit", "receipt", &id]).run().expect(125).stderr;
    assert!(several.contains("several signed events"), "{several}");
    let wrong = world.handoff(&["audit", "receipt", &id, "--event", "0"]).run().expect(125).stderr;
    assert!(wrong.contains("is not one of"), "{wrong}");
    let seq = filing(&world, &id);
    let (receipt, key) = receipt_of(&world, &[&id, "--event", &seq]);
    verify(&world, &receipt, &["--log-key", &key], 0);
    let taken = ["audit", "receipt", &id, "--event", &seq, "-o", receipt.to_str().unwrap()];
    world.handoff(&taken).run().expect(125);
}

#[test]
fn a_receipt_proves_a_decision_with_stock_tools_alone() {
    let (world, _, id, receipt, _) = approved();
    let text = std::fs::read_to_string(&receipt).unwrap();
    let event = extra(&text);
    assert_eq!(climbed(&text, &event), root(&text), "the way from the event to the head");
    let event: serde_json::Value = serde_json::from_slice(&event).unwrap();
    let decision = &event["what"]["decision"];
    let statement = decision["statement"].as_str().unwrap();
    let said: serde_json::Value = serde_json::from_str(statement).unwrap();
    assert!(said["ticket"].as_str().unwrap().starts_with(&id.replace('-', "")));
    let signature = world.write("d.sig", decision["signature"].as_str().unwrap());
    let reviewers = world.config().join("reviewers");
    let namespace = format!("decision.v1@{}", crate::world::QUEUE);
    let args = ["-Y", "verify", "-f", reviewers.to_str().unwrap(), "-I", "ana@test", "-n", &namespace];
    let args = [&args[..], &["-s", signature.to_str().unwrap()]].concat();
    if std::process::Command::new("ssh-keygen").arg("-?").output().is_err() {
        return skipped("no ssh-keygen");
    }
    world.command("ssh-keygen", &args).stdin(statement).run().expect(0);
    world.command("ssh-keygen", &args).stdin(statement.replace("approve", "reject")).run().expect(255);
}

fn extra(text: &str) -> Vec<u8> {
    use base64ct::Encoding as _;
    let line = text.lines().find_map(|line| line.strip_prefix("extra ")).unwrap();
    base64ct::Base64::decode_vec(line).unwrap()
}

fn root(text: &str) -> Vec<u8> {
    use base64ct::Encoding as _;
    let checkpoint = text.split("\n\n").nth(1).unwrap();
    base64ct::Base64::decode_vec(checkpoint.lines().nth(2).unwrap()).unwrap()
}

/// RFC 9162 §2.1.3.2, written from the RFC and not from `log::proofs`.
fn climbed(text: &str, event: &[u8]) -> Vec<u8> {
    let receipt = Receipt::parse(text).unwrap();
    let size: u64 = text.split("\n\n").nth(1).unwrap().lines().nth(1).unwrap().parse().unwrap();
    let node = |left: &[u8], right: &[u8]| Sha256::digest([&[1], left, right].concat()).to_vec();
    let mut hash = Sha256::digest([&[0], event].concat()).to_vec();
    let (mut at, mut last) = (receipt.index, size - 1);
    for step in &receipt.path {
        assert!(last > 0, "the path is too long");
        if at & 1 == 1 || at == last {
            hash = node(step.as_bytes(), &hash);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            hash = node(&hash, step.as_bytes());
        }
        (at, last) = (at >> 1, last >> 1);
    }
    assert_eq!(last, 0, "the path is too short");
    hash
}
