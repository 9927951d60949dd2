//! An armored signature is accepted in one spelling only, and for nothing it was not made for.

use handoff::signing::Signature;

/// Any text.
pub fn holds(data: &[u8]) {
    let Some(text) = super::text(data) else { return };
    match Signature::parse(text) {
        Ok(signature) => {
            assert_eq!(signature.to_armor(), text);
            assert!(signature.verify("other@nowhere-0000", b"never signed").is_err());
            assert!(signature.verify(signature.namespace(), b"never signed").is_err());
        }
        Err(error) => super::harmless(&error.to_string()),
    }
}
