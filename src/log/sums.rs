//! A list of files and their digests, vouched for with the log's key (a C2SP signed-note over the list's digest).
//! Pure.

use std::fmt;

use super::checkpoint::NoteSignature;
use super::logkey::{LogKey, LogVerifier};
use crate::ids::{Digest, Origin};

/// What starts the first line; an origin has no `@`, so that this is never taken for a checkpoint.
const KIND: &str = "bundle.v1@";

/// Why a note does not vouch for a list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SumsError {
    /// Not spelt as such a note is.
    #[error("not a note over a list of files: {0}")]
    Form(&'static str),
    /// Over another list, or another queue's.
    #[error("a note over another list, {0}")]
    Other(String),
    /// Not by this log's key.
    #[error("not signed by this log's key")]
    Signature,
}

/// A digest of a list of files, signed; unchecked. `Display` writes the note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedSums {
    body: String,
    signature: NoteSignature,
}

fn body(origin: &Origin, list: &Digest) -> String {
    format!("{KIND}{origin}\n{list}\n")
}

impl SignedSums {
    /// Signs the digest of a list's bytes.
    #[must_use]
    pub fn sign(key: &LogKey, list: &Digest) -> Self {
        let body = body(key.name(), list);
        let signature = NoteSignature::by(key, &body);
        Self { body, signature }
    }

    /// Reads a note; only the spelling that `Display` gives.
    ///
    /// # Errors
    /// `Form`.
    pub fn parse(text: &str) -> Result<Self, SumsError> {
        let (lines, signature) = text.split_once("\n\n").ok_or(SumsError::Form("no blank line"))?;
        let line = signature.strip_suffix('\n').ok_or(SumsError::Form("no line end"))?;
        let signature =
            NoteSignature::parse(line).map_err(|_| SumsError::Form("no signature line of a note"))?;
        let read = Self { body: format!("{lines}\n"), signature };
        if read.to_string() == text { Ok(read) } else { Err(SumsError::Form("spelt in another way")) }
    }

    /// Whether the log's key vouches for the list with this digest.
    ///
    /// # Errors
    /// `Other` or `Signature`.
    pub fn verify(&self, verifier: &LogVerifier, list: &Digest) -> Result<(), SumsError> {
        if self.body != body(verifier.name(), list) {
            return Err(SumsError::Other(self.body.replace('\n', " ").trim_end().to_owned()));
        }
        if self.signature.holds(verifier, &self.body) { Ok(()) } else { Err(SumsError::Signature) }
    }
}

impl fmt::Display for SignedSums {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}", self.body, self.signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::checkpoint::SignedCheckpoint;

    fn key(name: &str) -> LogKey {
        LogKey::generate(name.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_note_vouches_for_its_list_only() {
        let (key, list) = (key("laptop"), Digest::of(b"list"));
        let text = SignedSums::sign(&key, &list).to_string();
        let read = SignedSums::parse(&text).unwrap();
        assert_eq!(read.verify(&key.verifier(), &list), Ok(()));
        assert!(matches!(read.verify(&key.verifier(), &Digest::of(b"x")), Err(SumsError::Other(_))));
        let stranger = LogKey::generate(key.name().clone()).unwrap().verifier();
        assert_eq!(read.verify(&stranger, &list), Err(SumsError::Signature));
    }

    #[test]
    fn it_is_never_taken_for_a_head_of_the_log() {
        let text = SignedSums::sign(&key("laptop"), &Digest::of(b"list")).to_string();
        assert!(SignedCheckpoint::parse(&text).is_err());
    }

    #[test]
    fn a_changed_byte_is_always_noticed() {
        let (key, list) = (key("laptop"), Digest::of(b"list"));
        let text = SignedSums::sign(&key, &list).to_string();
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            let read = String::from_utf8(bytes).ok().and_then(|text| SignedSums::parse(&text).ok());
            assert!(read.is_none_or(|read| read.verify(&key.verifier(), &list).is_err()), "{at}");
        }
    }
}
