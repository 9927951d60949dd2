//! The page about policies, held to its word: its examples load, hold, and its list of keys is the true one.

use std::collections::BTreeSet;

use super::rule_form::KEYS;
use super::{Policy, PolicyFile, test};

const PAGE: &str = include_str!("../../docs/policy.md");

fn blocks() -> Vec<&'static str> {
    let opened = PAGE.split("```toml\n").skip(1);
    opened.map(|rest| rest.split("```").next().unwrap()).collect()
}

fn load(text: &str) -> Policy {
    let text = if text.contains("version =") { text.to_owned() } else { format!("version = \"1\"\n{text}") };
    Policy::load(PolicyFile { file: "page", bytes: text.as_bytes() }, None, &BTreeSet::new())
        .unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn every_example_on_the_page_loads_and_holds_in_every_spelling() {
    let blocks = blocks();
    assert_eq!(blocks.len(), 13);
    for block in &blocks[1..] {
        let policy = load(block);
        let findings: Vec<String> = test(&policy).unwrap().findings.iter().map(ToString::to_string).collect();
        assert!(findings.is_empty(), "{}\n{block}", findings.join("\n"));
    }
}

#[test]
fn the_example_of_a_whole_file_loads() {
    assert_eq!(load(blocks()[0]).groups().len(), 1);
}

#[test]
fn every_key_stands_on_the_page() {
    for key in KEYS {
        assert!(PAGE.contains(&format!("`{key}`")), "{key}");
    }
}
