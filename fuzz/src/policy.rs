//! A policy that loads is the same policy the next time, and what it says nothing of is never allowed.

use std::collections::{BTreeMap, BTreeSet};

use handoff::facts::shell;
use handoff::policy::{Policy, PolicyFile, Verdict};

use super::shell::facts_of;

/// Any bytes, as the root layer.
pub fn holds(data: &[u8]) {
    let load = || Policy::load(PolicyFile { file: "policy.toml", bytes: data }, None, &BTreeSet::new());
    let policy = match load() {
        Ok(policy) => policy,
        Err(error) => return super::harmless(&error.to_string()),
    };
    let again = load();
    assert_eq!(again.as_ref().map(Policy::record).ok(), Some(policy.record()));
    let layer = policy.layers().first().map(|layer| layer.text.as_bytes());
    assert_eq!(layer, Some(data), "its bytes are kept");
    let terms = &policy.defaults().terms;
    assert!(terms.approvals >= 1 && terms.validity_s >= 1 && terms.deadline_s >= 1, "{terms:?}");
    for line in ["no-rule-speaks-of-this --now", "\"$X\" y", "ls '"] {
        let atoms = shell::line(line.as_bytes(), std::path::Path::new("/srv"), None);
        let verdict = policy.judge_atoms(&atoms, &facts_of(&atoms, BTreeMap::new())).verdict;
        assert!(!matches!(verdict, Verdict::Allow { .. }), "{line}");
    }
}
