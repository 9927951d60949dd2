//! A receipt is written in one way only, and proves no other event than its own.

use handoff::log::receipt::Receipt;

/// Any text.
pub fn holds(data: &[u8]) {
    let Some(text) = super::text(data) else { return };
    match Receipt::parse(text) {
        Ok(receipt) => {
            assert_eq!(receipt.to_string(), text);
            assert!(receipt.includes(b"no event was ever these bytes").is_err());
        }
        Err(error) => super::harmless(&error.to_string()),
    }
}
