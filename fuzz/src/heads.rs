//! Signed tree heads, log keys and remembered marks are written in one way only.

use handoff::log::checkpoint::SignedCheckpoint;
use handoff::log::logkey::LogVerifier;
use handoff::queue::mark::Mark;

/// Any text, as each of them.
pub fn holds(data: &[u8]) {
    let Some(text) = super::text(data) else { return };
    match SignedCheckpoint::parse(text) {
        Ok(head) => assert_eq!(head.to_string(), text),
        Err(error) => super::harmless(&error.to_string()),
    }
    if let Ok(key) = text.parse::<LogVerifier>() {
        assert_eq!(key.to_string(), text);
    }
    if let Some(mark) = Mark::parse(text) {
        assert_eq!(Mark::parse(&mark.line()), Some(mark));
    }
}
