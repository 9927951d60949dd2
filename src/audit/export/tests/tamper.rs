//! Whatever is done to a bundle is found, or is exactly the cut that nothing but a memory outside excludes.
//! By default a sample is tried; `HANDOFF_TAMPER=full` tries every byte and every line. For tests only.

use std::io::Write as _;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::everything::{Spent, with_spent_keys};
use super::forger::Forged;
use super::{exported, place};
use crate::audit::export::Target;
use crate::audit::tests::told;
use crate::audit::{Conclusion, Given, Report};
use crate::clock::{Clock as _, Timestamp};
use crate::ids::{Digest, Nonce};
use crate::log::checkpoint::SignedCheckpoint;
use crate::log::logkey::LogKey;
use crate::queue::Queue;
use crate::queue::memory::Memory;
use crate::queue::tests::bench::{Bench, ONE};
use crate::record::{Record, canonical, decode};
use crate::signing::{Reviewers, Signer};
use crate::store::sqlite::SqliteStore;
use crate::ticket::decision::{Choice, Decision};

/// What one attacker and one auditor have in hand.
struct Case {
    bundle: Forged,
    key: LogKey,
    reviewers: String,
    note: String,
    spent: Spent,
}

impl Case {
    fn reviewers(&self) -> Option<Reviewers> {
        Some(Reviewers::parse(&self.reviewers).unwrap())
    }

    /// An auditor who kept the reviewers only.
    fn trusting(&self) -> Given {
        Given { reviewers: self.reviewers(), ..Given::default() }
    }

    /// An auditor who kept a head of the log too.
    fn remembering(&self) -> Given {
        let note = SignedCheckpoint::parse(&self.note).unwrap();
        Given { reviewers: self.reviewers(), checkpoints: vec![note], pins: vec![] }
    }

    /// The newest head that a reviewer signed.
    fn last_seen(&self) -> usize {
        let lines = self.bundle.lines();
        let sizes = lines.iter().filter_map(|line| statement(line)).map(|said| said.log.size);
        usize::try_from(sizes.max().unwrap()).unwrap()
    }
}

static CASE: LazyLock<Case> = LazyLock::new(|| {
    let (mut bench, spent) = with_spent_keys();
    let path = place(&bench, "b");
    exported(&mut bench, &Target::Folder(path.clone()), None);
    let bundle = Forged::read(&path);
    let note = bench.queue.checkpoint(&bench.log_key).unwrap().to_string();
    let reviewers = bench.reviewers.as_str().to_owned();
    Case { bundle, key: bench.log_key, reviewers, note, spent }
});

fn statement(line: &str) -> Option<Decision> {
    let value: Value = serde_json::from_str(line).unwrap();
    decode(value["what"]["decision"]["statement"].as_str()?).ok()
}

#[track_caller]
fn found(report: &Report, what: &str) {
    assert_eq!(report.conclusion(), Conclusion::Tampered, "{what} was not found");
}

/// Either it is found, or nothing that a reviewer signed for is touched and the auditor hears that later events may
/// be gone; one who kept a head always finds it.
#[track_caller]
fn found_or_a_cut(forged: &Forged, first_touched: usize, what: &str) {
    let report = forged.audited(CASE.trusting());
    if report.conclusion() != Conclusion::Tampered {
        assert_eq!(report.conclusion(), Conclusion::MayBeCut, "{what}");
        assert!(first_touched >= CASE.last_seen(), "{what} was not found");
    }
    found(&forged.audited(CASE.remembering()), &format!("{what}, by who kept a head"));
}

/// Every n-th of what could be done; all of it where there is time.
fn every(nth: usize) -> usize {
    let full = std::env::var_os("HANDOFF_TAMPER").is_some_and(|how| how == "full");
    if full { 1 } else { nth }
}

#[test]
fn the_bundle_holds_for_who_kept_the_reviewers_and_a_head() {
    let report = CASE.bundle.audited(CASE.remembering());
    assert_eq!((told(&report).as_str(), report.conclusion()), ("", Conclusion::Holds));
    let rewritten = CASE.bundle.rewritten(&CASE.bundle.lines(), &CASE.key).audited(CASE.remembering());
    assert_eq!((told(&rewritten).as_str(), rewritten.conclusion()), ("", Conclusion::Holds));
}

#[test]
fn every_flipped_byte_is_found() {
    let begun = std::time::Instant::now();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    for (name, bytes) in &CASE.bundle.0 {
        // In the short run one of each, not always the first.
        let first =
            if every(2) == 1 { 0 } else { name.bytes().map(usize::from).sum::<usize>() % bytes.len() };
        let tried: Vec<usize> = (first..bytes.len()).step_by(every(bytes.len())).collect();
        // Not rayon's threads: an audit uses them, and one that waits there would begin another on its stack.
        std::thread::scope(|scope| {
            for share in tried.chunks(tried.len().div_ceil(threads)) {
                scope.spawn(|| share.iter().for_each(|at| a_flipped_byte_is_found(name, bytes, *at)));
            }
        });
        if tried.len() > 1 {
            let line = format!("{:5} s: {:6} bytes of {name}", begun.elapsed().as_secs(), tried.len());
            drop(writeln!(std::io::stderr(), "{line}"));
        }
    }
}

fn a_flipped_byte_is_found(name: &str, bytes: &[u8], at: usize) {
    let mut flipped = bytes.to_vec();
    flipped[at] ^= 1 << (at % 8);
    let forged = CASE.bundle.with(name, flipped);
    found(&forged.audited(Given::default()), &format!("byte {at} of {name}"));
    // The page and the script are no evidence; of everything else, the list is not the only guard.
    let is_evidence = !matches!(name, "VERIFY.md" | "verify.py" | "SHA256SUMS" | "SHA256SUMS.note");
    if is_evidence && (name != "bundle.json" || !is_of_another_time(bytes, &forged.0[name])) {
        let relisted = forged.relisted(&CASE.key).audited(Given::default());
        found(&relisted, &format!("byte {at} of {name}, listed anew"));
    }
}

/// A manifest that says nothing else than this one, but for when it was made.
fn is_of_another_time(manifest: &[u8], other: &[u8]) -> bool {
    let timeless = |bytes: &[u8]| {
        let mut value: Value = decode(std::str::from_utf8(bytes).ok()?).ok()?;
        value["time"].take().as_str()?.parse::<Timestamp>().ok()?;
        Some(value)
    };
    manifest != other && timeless(manifest).is_some_and(|value| timeless(other) == Some(value))
}

#[test]
fn when_a_bundle_was_made_is_the_word_of_whoever_has_the_logs_key() {
    let manifest = String::from_utf8(CASE.bundle.0["bundle.json"].clone()).unwrap();
    let (before, time) = manifest.split_once(r#""time":"1"#).unwrap();
    let forged = CASE.bundle.with("bundle.json", format!(r#"{before}"time":"2{time}"#));
    found(&forged.audited(Given::default()), "another time");
    assert!(is_of_another_time(manifest.as_bytes(), &forged.0["bundle.json"]));
    let relisted = forged.relisted(&CASE.key).audited(CASE.remembering());
    assert_eq!((told(&relisted).as_str(), relisted.conclusion()), ("", Conclusion::Holds));
}

#[test]
fn every_missing_file_and_every_file_too_many_is_found() {
    for name in CASE.bundle.0.keys().step_by(every(5)) {
        found(&CASE.bundle.without(name).audited(Given::default()), &format!("{name} missing"));
        let kept = name.starts_with("checkpoints/") && !name.ends_with(&size().to_string());
        if !matches!(name.as_str(), "VERIFY.md" | "verify.py" | "SHA256SUMS" | "SHA256SUMS.note") && !kept {
            let relisted = CASE.bundle.without(name).relisted(&CASE.key);
            found(&relisted.audited(Given::default()), &format!("{name} missing from the list too"));
        }
    }
    let blob = format!("blobs/{}", crate::audit::bundle::hex(&Digest::of(b"more")));
    for name in ["more", "events.jsonl.bak", "statements/7.txt", &blob] {
        found(&CASE.bundle.with(name, "more").audited(Given::default()), &format!("{name} too many"));
    }
    let listed = CASE.bundle.with("statements/0.json", "{}").relisted(&CASE.key);
    found(&listed.audited(Given::default()), "a statement of no event");
}

fn size() -> usize {
    CASE.bundle.lines().len()
}

#[test]
fn lines_that_are_missing_doubled_or_in_another_order_are_found() {
    let lines = CASE.bundle.lines();
    for at in (0..lines.len()).step_by(every(11)) {
        let (mut missing, mut twice, mut swapped) = (lines.clone(), lines.clone(), lines.clone());
        missing.remove(at);
        twice.insert(at, lines[at].clone());
        swapped.swap(at, (at + 1) % lines.len());
        for (what, forged) in [("missing", missing), ("twice", twice), ("swapped", swapped)] {
            let relisted = CASE.bundle.with_lines(&forged).relisted(&CASE.key);
            found(&relisted.audited(Given::default()), &format!("line {at} {what}"));
            let rewritten = CASE.bundle.rewritten(&forged, &CASE.key);
            found_or_a_cut(&rewritten, at, &format!("line {at} {what}, all made anew"));
        }
    }
}

#[test]
fn a_cut_at_any_line_is_found_or_told_as_not_excluded() {
    let lines = CASE.bundle.lines();
    for end in (1..lines.len()).step_by(every(9)) {
        let cut = CASE.bundle.with_lines(&lines[..end]);
        found(&cut.relisted(&CASE.key).audited(Given::default()), &format!("cut at {end}"));
        let rewritten = CASE.bundle.rewritten(&lines[..end], &CASE.key);
        let report = rewritten.audited(CASE.trusting());
        // A policy's own answer follows its filing in one transaction: between them there is no honest end.
        assert!(
            matches!(report.conclusion(), Conclusion::MayBeCut | Conclusion::Tampered),
            "cut at {end}: {}",
            told(&report)
        );
        found(&rewritten.audited(CASE.remembering()), &format!("cut at {end}, by who kept a head"));
    }
}

#[test]
fn an_event_changed_in_any_field_is_found() {
    let lines = CASE.bundle.lines();
    for (at, line) in lines.iter().enumerate().step_by(every(13)) {
        for (field, value) in [
            ("time", json!("2026-11-18T11:00:00.000Z")),
            ("incarnation", json!("00000000000000000000000000000000")),
            ("salt", json!("00000000000000000000000000000000")),
            ("ticket", json!("K7QXM2FD00000000000000000A")),
        ] {
            let mut event: Value = serde_json::from_str(line).unwrap();
            event[field] = value;
            let mut forged = lines.clone();
            forged[at] = canonical(&event).unwrap();
            let rewritten = CASE.bundle.rewritten(&forged, &CASE.key);
            found_or_a_cut(&rewritten, at, &format!("{field} of event {at}"));
        }
    }
}

#[test]
fn an_event_put_in_is_found() {
    let lines = CASE.bundle.lines();
    for at in (1..=lines.len()).step_by(every(9)) {
        let mut event: Value = serde_json::from_str(&lines[at - 1]).unwrap();
        event["salt"] = json!(Nonce::random().to_string());
        event["what"] = json!({"finished": {"outcome": {"end": {"exit": 0}, "millis": 1}}});
        let mut forged = lines.clone();
        forged.insert(at, canonical(&event).unwrap());
        found_or_a_cut(&CASE.bundle.rewritten(&forged, &CASE.key), at, &format!("an event put in at {at}"));
    }
}

/// The last ticket, which waits, approved by a statement that somebody signs.
fn approved_by(key: &Signer, who: &str, at: usize, edit: impl Fn(&mut Decision)) -> Forged {
    let mut lines = CASE.bundle.lines();
    let model = lines.iter().rev().find_map(|line| statement(line)).unwrap();
    let filed: Value = serde_json::from_str(&lines[at]).unwrap();
    let proposed = &filed["what"]["proposed"];
    let request_sha256: Digest = proposed["request_sha256"].as_str().unwrap().parse().unwrap();
    let name = crate::audit::bundle::by_digest("blobs", &request_sha256);
    let request: crate::request::Request =
        decode(std::str::from_utf8(&CASE.bundle.0[&name]).unwrap()).unwrap();
    let verdict = serde_json::from_value(proposed["verdict"].clone()).unwrap();
    let mut decision = Decision {
        ticket: request.ticket.clone(),
        incarnation: serde_json::from_value(filed["incarnation"].clone()).unwrap(),
        request_sha256,
        policy_sha256: request.policy.sha256,
        card_sha256: crate::ticket::card::Card::new(&request, &verdict).digest(),
        decision: Choice::Reject,
        reviewer: who.parse().unwrap(),
        nonce: Nonce::random(),
        valid_until: None,
        ..model
    };
    let mut frontier = crate::log::tree::Frontier::new();
    lines[..=at].iter().for_each(|line| drop(frontier.append(crate::log::tree::leaf_hash(line.as_bytes()))));
    decision.log.size = frontier.size();
    decision.log.root = frontier.root();
    edit(&mut decision);
    let text = Record::of(&decision).unwrap();
    let signature = key.sign(&Decision::namespace(CASE.key.name()), text.as_str().as_bytes()).unwrap();
    let mut event = filed.clone();
    event["salt"] = json!(Nonce::random().to_string());
    event["what"] =
        json!({"decision": {"own": who == "ana", "signature": signature, "statement": text.as_str()}});
    lines.truncate(at + 1);
    lines.push(canonical(&event).unwrap());
    event["salt"] = json!(Nonce::random().to_string());
    event["what"] = json!({"rejected": {"by": {"reviewer": who}}});
    lines.push(canonical(&event).unwrap());
    CASE.bundle.rewritten(&lines, &CASE.key)
}

/// The place of the newest request that waits for people.
fn waiting() -> usize {
    CASE.bundle.lines().iter().rposition(|line| line.contains("\"what\":{\"proposed\"")).unwrap()
}

/// As the log has it, in the order of reasons: with reviewers of the bundle, and of the auditor.
#[track_caller]
fn signature_is_not_good(forged: &Forged, words: &str) {
    for given in [Given::default(), CASE.trusting()] {
        let report = forged.audited(given);
        let fault = report.faults.kept().iter().find(|fault| fault.field == "signature");
        assert!(fault.is_some_and(|fault| fault.found.contains(words)), "{words}: {}", told(&report));
    }
}

#[test]
fn a_signature_by_a_key_that_counts_no_longer_or_never_did_is_found() {
    signature_is_not_good(&approved_by(&CASE.spent.old, "ana", waiting(), |_| {}), "not valid since");
    signature_is_not_good(&approved_by(&CASE.spent.eve, "eve", waiting(), |_| {}), "no reviewer's");
    signature_is_not_good(&approved_by(&CASE.spent.old, "bo", waiting(), |_| {}), "not bo's");
}

#[test]
fn a_signature_by_a_key_that_does_not_count_yet_is_found() {
    let lines = CASE.bundle.lines();
    let early =
        lines.iter().position(|line| line.contains("\"what\":{\"proposed\"") && line.contains("\"review\""));
    let forged = approved_by(&CASE.spent.eve, "eve", early.unwrap(), |_| {});
    let report = forged.audited(Given::default());
    assert!(report.faults.kept().iter().any(|fault| fault.field == "signature"), "{}", told(&report));
}

#[test]
fn a_statement_moved_to_another_ticket_is_found() {
    let lines = CASE.bundle.lines();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| statement(line).is_some()) {
        let mut event: Value = serde_json::from_str(line).unwrap();
        let target: Value = serde_json::from_str(&lines[waiting()]).unwrap();
        event["ticket"] = target["ticket"].clone();
        event["incarnation"] = target["incarnation"].clone();
        event["time"] = target["time"].clone();
        let mut forged = lines.clone();
        forged.push(canonical(&event).unwrap());
        let report = CASE.bundle.rewritten(&forged, &CASE.key).audited(CASE.trusting());
        found(&report, &format!("statement {at}"));
        let fault = report.faults.kept().iter().find(|fault| fault.seq as usize == lines.len());
        assert!(fault.is_some(), "{}", told(&report));
    }
}

#[test]
fn another_policy_or_other_reviewers_in_the_place_of_theirs_are_found() {
    let names =
        CASE.bundle.0.keys().filter(|name| name.starts_with("policies/") || name.starts_with("reviewers/"));
    for name in names {
        let bytes = [&CASE.bundle.0[name][..], b"# changed\n"].concat();
        // Under the same name, and under its own with the events changed to it.
        let same = CASE.bundle.with(name, bytes.clone()).relisted(&CASE.key);
        found(&same.audited(Given::default()), name);
        let (folder, old) = name.split_once('/').unwrap();
        let new = crate::audit::bundle::hex(&Digest::of(&bytes));
        let moved = CASE.bundle.without(name).with(&format!("{folder}/{new}"), bytes);
        let lines: Vec<String> = CASE.bundle.lines().iter().map(|line| line.replace(old, &new)).collect();
        let first = CASE.bundle.lines().iter().position(|line| line.contains(old));
        let first = first.unwrap_or(0);
        found_or_a_cut(&moved.rewritten(&lines, &CASE.key), first, &format!("{name} under another name"));
    }
}

#[test]
fn a_queue_made_up_with_its_own_reviewers_is_consistent_only_with_itself() {
    let mut made_up = super::everything::everything();
    let path = place(&made_up, "b");
    exported(&mut made_up, &Target::Folder(path.clone()), None);
    let forged = Forged::read(&path);
    assert_eq!(forged.audited(Given::default()).conclusion(), Conclusion::OwnReviewers);
    found(&forged.audited(CASE.trusting()), "a made-up queue");
}

#[test]
fn an_old_bundle_shown_as_new_is_found_by_who_kept_a_newer_head() {
    let mut bench = Bench::new(ONE);
    let first = bench.file(&["rm", "a"]);
    bench.decide(&first, Choice::Approve, "ana").unwrap();
    let path = place(&bench, "old");
    exported(&mut bench, &Target::Folder(path.clone()), None);
    bench.decide(&first, Choice::Revoke, "bo").unwrap();
    let newer = bench.queue.checkpoint(&bench.log_key).unwrap();
    let (old, reviewers) = (Forged::read(&path), Reviewers::parse(bench.reviewers.as_str()).unwrap());
    let given = Given { reviewers: Some(reviewers), ..Given::default() };
    assert_eq!(old.audited(given).conclusion(), Conclusion::MayBeCut);
    found(&old.audited(Given { checkpoints: vec![newer], ..Given::default() }), "an old bundle");
    let pins = vec![bench.queue.mark().unwrap()];
    found(&old.audited(Given { pins, ..Given::default() }), "an old bundle, by a pin");
}

#[test]
fn two_histories_of_one_queue_put_together_are_found() {
    let mut bench = Bench::new(ONE);
    let shared = bench.file(&["rm", "shared"]);
    // The database is copied, and both go on.
    let copy = bench.folder.path().join("fork/queue.db");
    crate::files::private_folder(copy.parent().unwrap()).unwrap();
    let queue = bench.queue.store().path().to_owned();
    for ending in ["db", "db-wal"] {
        let _ = std::fs::copy(queue.with_extension(ending), copy.with_extension(ending));
    }
    let memory = Memory::new(&bench.folder.path().join("other-state"), &bench.identity.origin);
    let store = SqliteStore::open(&copy).unwrap();
    let clock = Box::new(bench.clock.clone());
    let mut other = Queue::new(store, clock, bench.folder.path().join("other-bells"), memory);
    let mut histories = Vec::new();
    for name in ["one", "other"] {
        let ticket = bench.file(&["rm", name]);
        bench.decide(&ticket, Choice::Approve, "ana").unwrap();
        bench.decide(&shared, Choice::Reject, "bo").unwrap();
        let last = bench.file(&["rm", "last"]);
        bench.decide(&last, Choice::Reject, "ana").unwrap();
        let path = place(&bench, name);
        exported(&mut bench, &Target::Folder(path.clone()), None);
        histories.push(Forged::read(&path));
        std::mem::swap(&mut bench.queue, &mut other);
    }
    let (one, two) = (histories[0].lines(), histories[1].lines());
    let forked = usize::try_from(shared.filed.seq).unwrap() + 1;
    assert_eq!((&one[..forked], one.len()), (&two[..forked], two.len()));
    let mut both = histories[0].clone();
    both.0.extend(histories[1].0.clone());
    for at in forked + 1..one.len() {
        let spliced = [&one[..at], &two[at..]].concat();
        let rewritten = both.rewritten(&spliced, &bench.log_key);
        let last_of_one = one[forked..at].iter().all(|line| statement(line).is_none());
        let report = rewritten.audited(Given::default());
        assert!(
            report.conclusion() == Conclusion::Tampered || !last_of_one,
            "spliced at {at}: {}",
            told(&report)
        );
        found(&report, &format!("spliced at {at}"));
    }
    let _ = bench.clock.now();
}
