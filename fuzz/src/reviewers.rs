//! A file of reviewers is kept as its bytes, and each line means what it would be written as.

use handoff::signing::{Entry, PublicKey, Reviewers};

/// Any text, as a file and as one line.
pub fn holds(data: &[u8]) {
    let Some(text) = super::text(data) else { return };
    match Reviewers::parse(text) {
        Ok(reviewers) => {
            assert_eq!(reviewers.as_str(), text);
            reviewers.entries().iter().for_each(again);
        }
        Err(error) => super::harmless(&error.to_string()),
    }
    match Entry::parse(text) {
        Ok(entry) => again(&entry),
        Err(error) => super::harmless(&error.to_string()),
    }
    let _ = text.parse::<PublicKey>();
}

fn again(entry: &Entry) {
    let written = entry.to_string();
    assert!(!written.contains('\n'), "one line: {written:?}");
    assert_eq!(Entry::parse(&written).as_ref(), Ok(entry), "{written}");
}
