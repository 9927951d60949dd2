//! What an export is worth: the same audit over it as over the queue, whole and filtered, as a folder and a tar.
//! For tests only.

mod everything;
mod forger;
mod pruned;
mod tamper;

use std::path::{Path, PathBuf};

use super::*;
use crate::audit::bundle::Bundle;
use crate::audit::tests::{eventful, told};
use crate::audit::{Conclusion, Given, Report, verify, verify_trail};
use crate::queue::tests::bench::{Bench, ONE};
use crate::signing::Reviewers;
use crate::ticket::decision::Choice;

fn exported(bench: &mut Bench, target: &Target, filter: Option<Filter>) -> Exported {
    let head = bench.queue.checkpoint(&bench.log_key).unwrap();
    let identity = bench.queue.read(&mut |read| Ok(read.identity()?)).unwrap();
    let made = Timestamp::from_millis(0);
    let (key, cuts) = (&bench.log_key, BTreeSet::new());
    let order = Order { identity: &identity, head: &head, key, filter, cuts, made };
    export(bench.queue.store(), target, &order, &mut |_, _| {}).unwrap()
}

fn audited(path: &Path, given: Given) -> Report {
    let mut bundle = Bundle::open(path).unwrap();
    let found = bundle.take_faults();
    verify_trail(&mut bundle, given, found, &mut |_| {}).unwrap()
}

fn place(bench: &Bench, name: &str) -> PathBuf {
    bench.folder.path().join(name)
}

#[test]
fn a_bundle_comes_to_what_its_queue_does() {
    let mut bench = eventful();
    let (folder, tar) = (place(&bench, "b"), place(&bench, "b.tar"));
    exported(&mut bench, &Target::Folder(folder.clone()), None);
    exported(&mut bench, &Target::Archive(tar.clone()), None);
    let queue = verify(bench.queue.store(), Given::default(), &mut |_| {}).unwrap();
    for path in [folder, tar] {
        let report = audited(&path, Given::default());
        assert_eq!(told(&report), "");
        assert_eq!((report.counts, report.root, report.events), (queue.counts, queue.root, queue.events));
        assert_eq!((report.shown, report.conclusion()), (queue.events, Conclusion::OwnReviewers));
    }
}

#[test]
fn what_an_auditor_kept_makes_a_bundle_hold() {
    let mut bench = eventful();
    let kept = bench.queue.checkpoint(&bench.log_key).unwrap();
    bench.file(&["rm", "later"]);
    let path = place(&bench, "b");
    exported(&mut bench, &Target::Folder(path.clone()), None);
    let reviewers = || Some(Reviewers::parse(bench.reviewers.as_str()).unwrap());
    let given = Given { reviewers: reviewers(), ..Given::default() };
    assert_eq!(audited(&path, given).conclusion(), Conclusion::MayBeCut);
    let given = Given { reviewers: reviewers(), checkpoints: vec![kept], pins: vec![] };
    let report = audited(&path, given);
    assert_eq!(report.conclusion(), Conclusion::Holds, "{}", told(&report));
}

#[test]
fn a_filtered_bundle_is_proven_against_the_whole_log() {
    let mut bench = eventful();
    let path = place(&bench, "b");
    let filter = Filter { state: vec!["rejected".to_owned()], ..Filter::default() };
    let done = exported(&mut bench, &Target::Folder(path.clone()), Some(filter));
    assert!(done.events < done.size, "{done:?}");
    let report = audited(&path, Given::default());
    assert_eq!(told(&report), "");
    assert_eq!((report.counts.tickets, report.counts.rejected), (1, 1));
    assert_eq!(
        (report.events, report.shown, report.root),
        (done.size, done.events, bench.queue.mark().unwrap().root)
    );
    let reviewers = Some(Reviewers::parse(bench.reviewers.as_str()).unwrap());
    let pins = vec![bench.queue.mark().unwrap()];
    let report = audited(&path, Given { reviewers, checkpoints: vec![], pins });
    assert_eq!((report.conclusion(), report.not_excluded().len()), (Conclusion::MayBeCut, 1));
}

#[test]
fn a_request_that_somebody_attached_to_another_comes_once() {
    let mut bench = Bench::new(ONE);
    let first = bench.file(&["rm", "a"]);
    let record = first.filed.request.record().unwrap();
    let second = bench.file_with(&["rm", "b"], &[record.as_str()]);
    bench.decide(&second, Choice::Reject, "bo").unwrap();
    let rejected = Filter { state: vec!["rejected".to_owned()], ..Filter::default() };
    for (name, filter, tickets) in [("all", None, 2), ("one", Some(rejected), 1)] {
        let (folder, tar) = (place(&bench, name), place(&bench, &format!("{name}.tar")));
        exported(&mut bench, &Target::Folder(folder.clone()), filter.clone());
        exported(&mut bench, &Target::Archive(tar.clone()), filter);
        for path in [folder, tar] {
            let report = audited(&path, Given::default());
            assert_eq!((told(&report).as_str(), report.counts.tickets), ("", tickets), "{name}");
        }
    }
}

#[test]
fn a_filter_takes_whole_tickets_by_what_they_are() {
    let mut bench = eventful();
    let takes = |bench: &mut Bench, name: &str, filter: Filter| {
        let path = place(bench, name);
        exported(bench, &Target::Folder(path.clone()), Some(filter));
        let report = audited(&path, Given::default());
        assert_eq!(told(&report), "");
        report.counts.tickets
    };
    let of = |word: &str| Filter { state: vec![word.to_owned()], ..Filter::default() };
    assert_eq!(takes(&mut bench, "pending", of("pending")), 1);
    assert_eq!(takes(&mut bench, "expired", of("expired")), 2);
    assert_eq!(takes(&mut bench, "approved", of("approved")), 2);
    let nobody = Filter { requester: vec!["nobody".into()], ..Filter::default() };
    assert_eq!(takes(&mut bench, "nobody", nobody), 0);
    let uid = Filter { requester: vec!["nobody".into(), "1004".into()], ..Filter::default() };
    assert_eq!(takes(&mut bench, "uid", uid), 8);
    let staging = Filter { environment: vec!["staging".into()], ..Filter::default() };
    assert_eq!(takes(&mut bench, "staging", staging), 0);
    let late = Filter { since: Some(Timestamp::from_millis(i64::MAX)), ..Filter::default() };
    assert_eq!(takes(&mut bench, "late", late), 0);
}

#[test]
fn an_export_is_never_written_over_anything_and_leaves_nothing_when_it_fails() {
    let mut bench = Bench::new(ONE);
    let path = place(&bench, "b");
    std::fs::write(&path, "mine").unwrap();
    let made = Timestamp::from_millis(0);
    for target in [Target::Folder(path.clone()), Target::Archive(path.clone())] {
        assert!(matches!(Writer::new(&target, made), Err(ExportError::Taken(_))));
    }
    let before = std::fs::read_dir(bench.folder.path()).unwrap().count();
    for target in [Target::Folder(place(&bench, "c")), Target::Archive(place(&bench, "c.tar"))] {
        let mut writer = Writer::new(&target, made).unwrap();
        writer.add("events.jsonl", b"x").unwrap();
        drop(writer);
    }
    assert_eq!(std::fs::read_dir(bench.folder.path()).unwrap().count(), before);
    bench.file(&["rm", "x"]);
}

#[test]
fn everything_that_can_happen_is_exported_and_holds() {
    let mut bench = everything::everything();
    let path = place(&bench, "b");
    exported(&mut bench, &Target::Folder(path.clone()), None);
    let report = audited(&path, Given::default());
    assert_eq!(told(&report), "");
    let queue = verify(bench.queue.store(), Given::default(), &mut |_| {}).unwrap();
    assert_eq!(told(&queue), "");
    assert_eq!((report.counts, report.root), (queue.counts, queue.root));
    let states = ["pending", "approved", "rejected", "expired", "cancelled"];
    let tickets: u64 = states
        .map(|state| {
            let path = place(&bench, state);
            let filter = Filter { state: vec![state.to_owned()], ..Filter::default() };
            exported(&mut bench, &Target::Folder(path.clone()), Some(filter));
            let report = audited(&path, Given::default());
            assert_eq!(told(&report), "");
            assert!(report.counts.tickets > 0, "{state}");
            report.counts.tickets
        })
        .iter()
        .sum();
    assert_eq!(tickets, queue.counts.tickets);
}

/// Makes the bundle that stays in the tests for ever, with what its auditor kept. Only where there is none yet:
/// `cargo test --lib the_fixture -- --ignored`.
#[test]
#[ignore = "writes into tests/data"]
fn the_fixture_is_made_anew() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    for name in ["bundle-1.tar", "bundle-1.reviewers", "bundle-1.checkpoint", "bundle-1-filtered.tar"] {
        assert!(!data.join(name).exists(), "{name} stays for ever: make another with a name of its own");
    }
    let mut bench = everything::everything();
    exported(&mut bench, &Target::Archive(data.join("bundle-1.tar")), None);
    std::fs::write(data.join("bundle-1.reviewers"), bench.reviewers.as_str()).unwrap();
    let note = bench.queue.checkpoint(&bench.log_key).unwrap().to_string();
    std::fs::write(data.join("bundle-1.checkpoint"), note).unwrap();
    let filter = Filter { state: vec!["rejected".to_owned()], ..Filter::default() };
    exported(&mut bench, &Target::Archive(data.join("bundle-1-filtered.tar")), Some(filter));
}
