//! A statement people sign says one thing: its bytes are what would be written of what was read.

use handoff::audit::bundle::Manifest;
use handoff::ticket::decision::{Choice, Decision, Reconcile};

use super::records::same;

/// Any text, as each statement and what a bundle says of itself.
pub fn holds(data: &[u8]) {
    let Some(text) = super::text(data) else { return };
    if let Some(decision) = same::<Decision>(text) {
        let approves = decision.decision == Choice::Approve;
        assert!(!approves || text.contains("\"approve\""), "an approve says so");
        assert!(same::<Reconcile>(text).is_none(), "it is one kind of statement");
    }
    same::<Reconcile>(text);
    same::<Manifest>(text);
}
