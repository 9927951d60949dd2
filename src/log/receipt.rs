//! Receipts: that one event is in the log under a signed head, checkable offline (C2SP tlog-proof).
//! Pure.

use std::fmt;

use base64ct::{Base64, Encoding as _};

use super::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint, decimal, digest_of};
use super::logkey::LogVerifier;
use super::proofs::{Unproven, verify_inclusion};
use super::tree::leaf_hash;
use crate::ids::Digest;

const HEADER: &str = "c2sp.org/tlog-proof@v1\n";
/// As many as a tree of 2^53 entries is high.
const LONGEST_PATH: usize = 53;

/// Why a receipt does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// Not spelt as a receipt is.
    #[error("not a receipt: {0}")]
    Form(&'static str),
    /// Its signed head is not to be relied on.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The event is not the one it was given for.
    #[error(transparent)]
    Unproven(#[from] Unproven),
}

/// An event's place, its way to the root, and the head that root is signed in; unchecked. `Display` writes the
/// file (`.tlog-proof`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The event's number, from 0.
    pub index: u64,
    /// Its audit path, lowest first.
    pub path: Vec<Digest>,
    /// What came along, by our use the event's bytes; nothing if empty. Not covered by the head by itself.
    pub extra: Vec<u8>,
    /// The head.
    pub checkpoint: SignedCheckpoint,
}

impl Receipt {
    /// Reads a receipt; only the spelling that `Display` gives.
    ///
    /// # Errors
    /// `Form`, or `Checkpoint` for the head in it.
    pub fn parse(text: &str) -> Result<Self, ReceiptError> {
        let rest =
            text.strip_prefix(HEADER).ok_or(ReceiptError::Form("its first line names no tlog-proof@v1"))?;
        let (proof, checkpoint) = rest.split_once("\n\n").ok_or(ReceiptError::Form("no blank line"))?;
        let mut lines = proof.split('\n').peekable();
        let extra = lines.next_if(|line| line.starts_with("extra ")).map_or(Some(Vec::new()), extra_of);
        let extra = extra.ok_or(ReceiptError::Form("its extra line is not base64"))?;
        let index = lines.next().and_then(|line| line.strip_prefix("index ")).and_then(decimal);
        let index = index.ok_or(ReceiptError::Form("it names no index"))?;
        let path: Option<Vec<_>> = lines.map(digest_of).collect();
        let path = path.filter(|path| path.len() <= LONGEST_PATH);
        let path = path.ok_or(ReceiptError::Form("its path is not of hashes, 53 at most"))?;
        Ok(Self { index, path, extra, checkpoint: SignedCheckpoint::parse(checkpoint)? })
    }

    /// The head, once `event`'s bytes are found to be under it and the log's key to have signed it.
    ///
    /// # Errors
    /// `Checkpoint` or `Unproven`.
    pub fn verify(&self, event: &[u8], verifier: &LogVerifier) -> Result<&Checkpoint, ReceiptError> {
        let head = self.checkpoint.verify(verifier)?;
        self.includes(event)?;
        Ok(head)
    }

    /// Whether `event`'s bytes are under the head, whoever signed that.
    ///
    /// # Errors
    /// [`Unproven`] when they are not.
    pub fn includes(&self, event: &[u8]) -> Result<(), Unproven> {
        let head = self.checkpoint.unverified();
        verify_inclusion(leaf_hash(event), self.index, head.size, &self.path, head.root)
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HEADER)?;
        if !self.extra.is_empty() {
            writeln!(f, "extra {}", Base64::encode_string(&self.extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{}", Base64::encode_string(hash.as_bytes())))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

fn extra_of(line: &str) -> Option<Vec<u8>> {
    let extra = Base64::decode_vec(line.strip_prefix("extra ")?).ok()?;
    (!extra.is_empty()).then_some(extra)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::logkey::LogKey;
    use crate::log::tree::Frontier;

    /// A log of three events, its key, and the receipt of the third.
    fn third_of_three() -> (LogKey, Receipt) {
        let key = LogKey::generate("laptop-7f3k".parse().unwrap()).unwrap();
        let mut frontier = Frontier::new();
        let mut path = Vec::new();
        for event in [b"one" as &[u8], b"two", b"three"] {
            path.extend(frontier.append(leaf_hash(event)).iter().map(|node| node.hash));
        }
        let head = Checkpoint { origin: key.name().clone(), size: 3, root: frontier.root() };
        let checkpoint = head.sign(&key).unwrap();
        (key, Receipt { index: 2, path, extra: Vec::new(), checkpoint })
    }

    #[test]
    fn a_receipt_holds_for_its_event_only() {
        let (key, receipt) = third_of_three();
        let verifier = key.verifier();
        assert_eq!(receipt.verify(b"three", &verifier).unwrap().size, 3);
        assert_eq!(receipt.verify(b"two", &verifier), Err(Unproven::NotIncluded.into()));
        let moved = Receipt { index: 1, ..receipt.clone() };
        assert_eq!(moved.verify(b"three", &verifier), Err(Unproven::NotIncluded.into()));
        let stranger = LogKey::generate(key.name().clone()).unwrap().verifier();
        assert_eq!(receipt.verify(b"three", &stranger), Err(CheckpointError::NotSigned.into()));
    }

    #[test]
    fn a_receipt_is_written_as_the_specification_says_and_read_back() {
        let (_, receipt) = third_of_three();
        let text = receipt.to_string();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[..2], ["c2sp.org/tlog-proof@v1", "index 2"]);
        assert_eq!((lines[3], lines[4]), ("", "laptop-7f3k"));
        assert_eq!(Receipt::parse(&text), Ok(receipt));
    }

    #[test]
    fn what_comes_along_stands_before_the_index() {
        let (_, receipt) = third_of_three();
        let receipt = Receipt { extra: b"three".to_vec(), ..receipt };
        let text = receipt.to_string();
        assert!(text.starts_with("c2sp.org/tlog-proof@v1\nextra dGhyZWU=\nindex 2\n"), "{text}");
        assert_eq!(Receipt::parse(&text), Ok(receipt));
    }

    #[test]
    fn a_log_of_one_event_has_a_receipt_without_a_path() {
        let key = LogKey::generate("laptop".parse().unwrap()).unwrap();
        let head = Checkpoint { origin: key.name().clone(), size: 1, root: leaf_hash(b"only") };
        let receipt = Receipt { index: 0, path: vec![], extra: vec![], checkpoint: head.sign(&key).unwrap() };
        let again = Receipt::parse(&receipt.to_string()).unwrap();
        assert!(again.verify(b"only", &key.verifier()).is_ok());
    }

    #[test]
    fn only_one_spelling_of_a_receipt_is_taken() {
        let text = third_of_three().1.to_string();
        for bad in [
            text.replace("@v1", "@v2"),
            text.replace("index 2", "index 02"),
            text.replace("index 2", "extra \nindex 2"),
            text.replace("index 2", "extra eA=\nindex 2"),
            text.replace("index 2", "index 2\nextra eA=="),
            text.replace("index 2\n", "index 2\n\n"),
            text.replacen('=', "", 1),
            format!("{text}\n"),
        ] {
            assert!(Receipt::parse(&bad).is_err(), "{bad}");
        }
    }
}
