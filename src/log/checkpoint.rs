//! Signed heads of the log: a C2SP tlog-checkpoint in a C2SP signed-note, which anyone can keep and compare.
//! Pure.

use std::fmt;

use base64ct::{Base64, Encoding as _};

use super::logkey::{KeyId, LogKey, LogVerifier};
use super::tree::MOST_LEAVES;
use crate::ids::{Digest, Origin};

/// What starts a signature line: an em dash and a space.
const DASH: &str = "\u{2014} ";
/// Witnesses may have signed too; more than this is not a head but a flood.
const MOST_SIGNATURES: usize = 16;
const LONGEST: usize = 16 * 1024;

/// Why a text is not a head to rely on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Not spelt as a checkpoint is.
    #[error("not a checkpoint: {0}")]
    Form(&'static str),
    /// Another queue's.
    #[error("the checkpoint is of {found}, not of {wanted}")]
    Origin {
        /// Whose it is.
        found: Origin,
        /// Whose it should be.
        wanted: Origin,
    },
    /// Nobody we know vouches for it.
    #[error("the checkpoint is not signed by this log's key")]
    NotSigned,
    /// The signature is not over these lines.
    #[error("the checkpoint's signature is wrong: it was changed after signing")]
    Signature,
}

/// How long the log was and what was in it: equal size and root mean equal events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The queue.
    pub origin: Origin,
    /// How many events.
    pub size: u64,
    /// The tree's root over them.
    pub root: Digest,
}

impl Checkpoint {
    /// The bytes that are signed: origin, size and root in base64, a line each.
    #[must_use]
    pub fn body(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, Base64::encode_string(self.root.as_bytes()))
    }

    /// Signs it with the log's key.
    ///
    /// # Errors
    /// `Origin` when the key is another queue's.
    pub fn sign(self, key: &LogKey) -> Result<SignedCheckpoint, CheckpointError> {
        require_origin(&self, key.name())?;
        let signature = NoteSignature::by(key, &self.body());
        Ok(SignedCheckpoint { checkpoint: self, signatures: vec![signature] })
    }
}

fn require_origin(checkpoint: &Checkpoint, wanted: &Origin) -> Result<(), CheckpointError> {
    if checkpoint.origin == *wanted {
        return Ok(());
    }
    Err(CheckpointError::Origin { found: checkpoint.origin.clone(), wanted: wanted.clone() })
}

/// A head with its signatures, which nothing has checked yet. `Display` writes the note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    signatures: Vec<NoteSignature>,
}

impl SignedCheckpoint {
    /// Reads a note; only the spelling that `Display` gives, and no extension lines.
    ///
    /// # Errors
    /// `Form`.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        if text.len() > LONGEST {
            return Err(CheckpointError::Form("too long"));
        }
        let (body, signatures) = text.split_once("\n\n").ok_or(CheckpointError::Form("no blank line"))?;
        let checkpoint = parse_body(body)?;
        let signatures: Vec<_> = signatures.lines().map(parse_signature).collect::<Result<_, _>>()?;
        if signatures.is_empty() || signatures.len() > MOST_SIGNATURES {
            return Err(CheckpointError::Form("it has 1 to 16 signatures"));
        }
        let signed = Self { checkpoint, signatures };
        if signed.to_string() == text {
            Ok(signed)
        } else {
            Err(CheckpointError::Form("spelt in another way"))
        }
    }

    /// The head, once this log's key is found to have signed it. Signatures of others are not looked at.
    ///
    /// # Errors
    /// `Origin`, `NotSigned` or `Signature`.
    pub fn verify(&self, verifier: &LogVerifier) -> Result<&Checkpoint, CheckpointError> {
        require_origin(&self.checkpoint, verifier.name())?;
        let mut own = self.signatures.iter().filter(|signature| signature.is_by(verifier));
        let (Some(signature), None) = (own.next(), own.next()) else {
            return Err(CheckpointError::NotSigned);
        };
        if signature.holds(verifier, &self.checkpoint.body()) {
            Ok(&self.checkpoint)
        } else {
            Err(CheckpointError::Signature)
        }
    }

    /// What it says, unchecked: to find the key to check it with.
    #[must_use]
    pub const fn unverified(&self) -> &Checkpoint {
        &self.checkpoint
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.checkpoint.body())?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

/// One signature line of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NoteSignature {
    name: String,
    id: KeyId,
    bytes: Vec<u8>,
}

impl NoteSignature {
    /// The log key's own, over the note's lines.
    pub(super) fn by(key: &LogKey, body: &str) -> Self {
        let (name, id) = (key.name().to_string(), key.verifier().id());
        Self { name, id, bytes: key.sign(body.as_bytes()).to_vec() }
    }

    /// Reads one line.
    pub(super) fn parse(line: &str) -> Result<Self, CheckpointError> {
        parse_signature(line)
    }

    /// Whether it is the log key's, over these lines.
    pub(super) fn holds(&self, verifier: &LogVerifier, body: &str) -> bool {
        let bytes = <[u8; 64]>::try_from(self.bytes.as_slice());
        self.is_by(verifier) && bytes.is_ok_and(|bytes| verifier.accepts(body.as_bytes(), &bytes))
    }

    fn is_by(&self, verifier: &LogVerifier) -> bool {
        self.name == verifier.name().as_str() && self.id == verifier.id()
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let blob = [&self.id[..], &self.bytes].concat();
        write!(f, "{DASH}{} {}", self.name, Base64::encode_string(&blob))
    }
}

fn parse_body(body: &str) -> Result<Checkpoint, CheckpointError> {
    let mut lines = body.split('\n');
    let mut line = || lines.next().ok_or(CheckpointError::Form("fewer than three lines"));
    let (origin, size, root) = (line()?, line()?, line()?);
    if lines.next().is_some() {
        return Err(CheckpointError::Form("more than three lines"));
    }
    let origin = origin.parse().map_err(|_| CheckpointError::Form("its first line is not a queue's name"))?;
    let size = decimal(size).ok_or(CheckpointError::Form("its second line is not a size"))?;
    let root = digest_of(root).ok_or(CheckpointError::Form("its third line is not a root"))?;
    Ok(Checkpoint { origin, size, root })
}

/// A count of entries in its one spelling.
pub(super) fn decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number <= MOST_LEAVES && number.to_string() == text).then_some(number)
}

/// A hash in its one base64 spelling.
pub(super) fn digest_of(text: &str) -> Option<Digest> {
    let mut bytes = [0; 32];
    let decoded = Base64::decode(text, &mut bytes).ok()?;
    let digest = Digest::from_bytes(decoded.try_into().ok()?);
    (Base64::encode_string(digest.as_bytes()) == text).then_some(digest)
}

fn parse_signature(line: &str) -> Result<NoteSignature, CheckpointError> {
    let wrong = CheckpointError::Form("a signature line is not a dash, a name and base64");
    let (name, blob) = line.strip_prefix(DASH).and_then(|rest| rest.split_once(' ')).ok_or(wrong.clone())?;
    let named = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'+');
    let blob = Base64::decode_vec(blob).map_err(|_| wrong.clone())?;
    match blob.split_first_chunk() {
        Some((&id, bytes)) if named && !bytes.is_empty() => {
            Ok(NoteSignature { name: name.to_owned(), id, bytes: bytes.to_vec() })
        }
        _ => Err(wrong),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use signed_note::{Note, StandardSigner, StandardVerifier, VerifierList};

    use super::*;

    fn key() -> LogKey {
        let text = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
        LogKey::from_text(text).unwrap()
    }

    fn head() -> Checkpoint {
        Checkpoint { origin: key().name().clone(), size: 61_003, root: Digest::of(b"root") }
    }

    fn known() -> VerifierList {
        let verifier = StandardVerifier::new(&key().verifier().to_string()).unwrap();
        VerifierList::new(vec![Box::new(verifier)])
    }

    #[test]
    fn an_independent_implementation_verifies_our_note() {
        let text = head().sign(&key()).unwrap().to_string();
        let (verified, unverified) = Note::from_bytes(text.as_bytes()).unwrap().verify(&known()).unwrap();
        assert_eq!((verified.len(), unverified.len()), (1, 0));
    }

    #[test]
    fn we_verify_the_note_of_an_independent_implementation() {
        let signer = StandardSigner::new(key().to_text().trim_end()).unwrap();
        let mut note = Note::new(head().body().as_bytes(), &[]).unwrap();
        note.add_sigs(&[&signer]).unwrap();
        let text = String::from_utf8(note.to_bytes()).unwrap();
        assert_eq!(text, head().sign(&key()).unwrap().to_string());
        assert_eq!(SignedCheckpoint::parse(&text).unwrap().verify(&key().verifier()), Ok(&head()));
    }

    #[test]
    fn a_witness_may_sign_beside_us_and_is_not_taken_for_us() {
        let text = head().sign(&key()).unwrap().to_string();
        let witness = LogKey::generate("witness.example".parse().unwrap()).unwrap();
        let other =
            NoteSignature { name: "witness.example".into(), id: witness.verifier().id(), bytes: vec![7; 72] };
        let both = SignedCheckpoint::parse(&format!("{text}{other}\n")).unwrap();
        assert_eq!(both.verify(&key().verifier()), Ok(&head()));
        let alone = format!("{}\n{other}\n", head().body());
        let alone = SignedCheckpoint::parse(&alone).unwrap();
        assert_eq!(alone.verify(&key().verifier()), Err(CheckpointError::NotSigned));
    }

    #[test]
    fn another_queues_head_and_another_key_are_refused() {
        let signed = head().sign(&key()).unwrap();
        let other = LogKey::generate(key().name().clone()).unwrap();
        assert_eq!(signed.verify(&other.verifier()), Err(CheckpointError::NotSigned));
        let elsewhere = LogKey::generate("laptop".parse().unwrap()).unwrap();
        assert!(matches!(signed.verify(&elsewhere.verifier()), Err(CheckpointError::Origin { .. })));
        assert!(matches!(head().sign(&elsewhere), Err(CheckpointError::Origin { .. })));
    }

    #[test]
    fn a_signature_given_twice_is_refused() {
        let text = head().sign(&key()).unwrap().to_string();
        let line = text.lines().last().unwrap();
        let twice = SignedCheckpoint::parse(&format!("{text}{line}\n")).unwrap();
        assert_eq!(twice.verify(&key().verifier()), Err(CheckpointError::NotSigned));
    }

    #[test]
    fn only_one_spelling_of_a_checkpoint_is_taken() {
        let text = head().sign(&key()).unwrap().to_string();
        for bad in [
            text.replace("\n61003\n", "\n061003\n"),
            text.replace("\n61003\n", "\n+61003\n"),
            text.replace("\n61003\n", "\n18446744073709551615\n"),
            text.replace("\n\n", "\nextension\n\n"),
            text.replace("\n\n", "\n\n\n"),
            text.replace('\n', "\r\n"),
            text.replace('\u{2014}', "-"),
            text.trim_end().to_owned(),
            format!("{text}\n"),
            format!(" {text}"),
            head().body(),
            format!("{}\n", head().body()),
            String::new(),
        ] {
            assert!(matches!(SignedCheckpoint::parse(&bad), Err(CheckpointError::Form(_))), "{bad:?}");
        }
    }

    /// The head with these lines under it.
    fn under_the_head(lines: &str) -> Result<SignedCheckpoint, CheckpointError> {
        SignedCheckpoint::parse(&format!("{}\n{lines}", head().body()))
    }

    #[test]
    fn a_head_has_at_most_sixteen_signatures() {
        let text = head().sign(&key()).unwrap().to_string();
        let line = format!("{}\n", text.lines().last().unwrap());
        assert!(under_the_head(&line.repeat(MOST_SIGNATURES)).is_ok());
        for many in [MOST_SIGNATURES + 1, MOST_SIGNATURES + 2] {
            let refused = under_the_head(&line.repeat(many));
            assert_eq!(refused, Err(CheckpointError::Form("it has 1 to 16 signatures")));
        }
    }

    #[test]
    fn a_head_is_read_up_to_its_longest_and_no_further() {
        let signature = |name: usize| {
            let line =
                NoteSignature { name: "w".repeat(name), id: [7; 4], bytes: vec![7; LONGEST * 3 / 4 - 400] };
            format!("{line}\n")
        };
        let bare = format!("{}\n{}", head().body(), signature(1)).len();
        let to_the_brim = 1 + LONGEST - bare;
        assert!(under_the_head(&signature(to_the_brim)).is_ok());
        for more in [1, 2] {
            let refused = under_the_head(&signature(to_the_brim + more));
            assert_eq!(refused, Err(CheckpointError::Form("too long")));
        }
    }

    #[test]
    fn a_signature_has_a_name_of_plain_characters_and_bytes() {
        let line = |name: &str, bytes: &[u8]| {
            let name = name.to_owned();
            format!("{}\n", NoteSignature { name, id: [7; 4], bytes: bytes.to_vec() })
        };
        assert!(under_the_head(&line("witness", &[1])).is_ok());
        for (name, bytes) in [("", &[1][..]), ("wit+ness", &[1]), ("wit\u{7f}ness", &[1]), ("witness", &[])] {
            let refused = under_the_head(&line(name, bytes));
            assert!(matches!(refused, Err(CheckpointError::Form(_))), "{name:?} {bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn a_changed_byte_is_always_noticed(at: usize, bit in 0..8_u8) {
            let mut bytes = head().sign(&key()).unwrap().to_string().into_bytes();
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
            let accepted = String::from_utf8(bytes).ok().is_some_and(|text| {
                SignedCheckpoint::parse(&text).is_ok_and(|signed| signed.verify(&key().verifier()).is_ok())
            });
            prop_assert!(!accepted);
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in "\\PC{0,40}(\n\\PC{0,60}){0,6}\n?") {
            if let Ok(signed) = SignedCheckpoint::parse(&text) {
                prop_assert_eq!(signed.to_string(), text);
            }
        }
    }
}
