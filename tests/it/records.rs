//! The examples in `docs/records.md`, read by the program's own reader, so that the page stays true.

use std::collections::BTreeSet;

use handoff::record::{Record, canonical};
use handoff::request::{Request, action_digest};
use handoff::ticket::decision::{Decision, Reconcile};
use handoff::ticket::event::{Event, What};
use serde_json::Value;

fn blocks(language: &str) -> Vec<String> {
    let page = include_str!("../../docs/records.md");
    let fence = format!("\n```{language}\n");
    page.split(&fence).skip(1).map(|rest| rest.split("\n```").next().unwrap().to_owned()).collect()
}

fn example<T: serde::de::DeserializeOwned>(kind: &str) -> (Record, T) {
    let values = blocks("json").into_iter().map(|block| serde_json::from_str::<Value>(&block).unwrap());
    let value = values.into_iter().find(|value| value["type"] == kind).unwrap();
    Record::parse(&canonical(&value).unwrap()).unwrap_or_else(|error| panic!("{kind}: {error}"))
}

#[test]
fn every_example_is_a_record_and_their_digests_fit_each_other() {
    let (bytes, request) = example::<Request>("request.v1");
    assert_eq!(request.action_sha256, action_digest(&request.action).unwrap());
    let (_, decision) = example::<Decision>("decision.v1");
    assert_eq!(decision.request_sha256, bytes.digest());
    assert_eq!(decision.policy_sha256, request.policy.sha256);
    example::<Reconcile>("reconcile.v1");
    example::<Event>("event.v1");
    assert_eq!(blocks("json").len(), 4);
}

#[test]
fn every_kind_of_event_has_its_example() {
    let block = blocks("jsonl").pop().unwrap();
    let shown: BTreeSet<String> = block
        .lines()
        .map(|line| serde_json::from_str::<What>(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .map(|what| what.word().to_owned())
        .collect();
    let source = include_str!("../../src/ticket/event.rs");
    let words = source.lines().filter_map(|line| line.trim().strip_suffix("\","));
    let known: BTreeSet<String> =
        words.filter_map(|line| line.split_once("{ .. } => \"")).map(|(_, word)| word.to_owned()).collect();
    assert!(known.len() > 10);
    assert_eq!(shown, known);
}
