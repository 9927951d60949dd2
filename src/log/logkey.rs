//! The queue's log key: ed25519, in the text forms of C2SP signed-note, so stock tools read its public half.
//! Draws random bytes for a new key; touches nothing else.

use std::fmt;
use std::str::FromStr;

use base64ct::{Base64, Encoding as _};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::ids::{Origin, hex};

/// Signed-note's number for ed25519.
const ED25519: u8 = 1;
const PRIVATE: &str = "PRIVATE+KEY+";

/// Why a text is not a log key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogKeyError {
    /// Not of the form name, key id, key.
    #[error(
        "not a log key: it is written NAME+ID+KEY, and begins with PRIVATE+KEY+ when it is the secret one"
    )]
    Form,
    /// The id is that of another name or key.
    #[error("the log key's id does not fit its name and key; the line was changed")]
    Id,
    /// Anybody could sign for it.
    #[error("the log key is a weak one, for which signatures can be made up")]
    Weak,
    /// No new key can be drawn.
    #[error("the system gives no random bytes: {0}")]
    Random(String),
}

/// First bytes of a hash over the key's name and itself: tells keys apart, proves nothing.
pub(super) type KeyId = [u8; 4];

/// The secret half: signs the heads of one queue's log. Wiped from memory when dropped, never printed.
pub struct LogKey {
    name: Origin,
    key: SigningKey,
}

impl LogKey {
    /// A new key for the queue `name`.
    ///
    /// # Errors
    /// `Random` when the system has no random bytes.
    pub fn generate(name: Origin) -> Result<Self, LogKeyError> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut()).map_err(|error| LogKeyError::Random(error.to_string()))?;
        Ok(Self { name, key: SigningKey::from_bytes(&seed) })
    }

    /// Reads the line that [`LogKey::to_text`] writes, with or without its line end.
    ///
    /// # Errors
    /// `Form` or `Id`, without a word of the key.
    pub fn from_text(text: &str) -> Result<Self, LogKeyError> {
        let line = text.strip_suffix('\n').unwrap_or(text);
        let (name, id, seed) = parts(line.strip_prefix(PRIVATE).ok_or(LogKeyError::Form)?)?;
        let key = Self { name, key: SigningKey::from_bytes(&seed) };
        if key.verifier().id() == id { Ok(key) } else { Err(LogKeyError::Id) }
    }

    /// The secret line, for a file 0600: `PRIVATE+KEY+NAME+ID+KEY` and a line end.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let seed = Zeroizing::new(self.key.to_bytes());
        let line = encoded(&self.name, self.verifier().id(), &seed);
        Zeroizing::new([PRIVATE, &line, "\n"].concat())
    }

    /// The queue it signs for.
    #[must_use]
    pub const fn name(&self) -> &Origin {
        &self.name
    }

    /// The public half.
    #[must_use]
    pub fn verifier(&self) -> LogVerifier {
        LogVerifier { name: self.name.clone(), key: self.key.verifying_key() }
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}

impl fmt::Debug for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogKey({}, secret)", self.name)
    }
}

/// The public half: `NAME+ID+KEY`, what an auditor keeps.
#[derive(Clone, PartialEq, Eq)]
pub struct LogVerifier {
    name: Origin,
    key: VerifyingKey,
}

impl LogVerifier {
    /// The queue whose log it is for.
    #[must_use]
    pub const fn name(&self) -> &Origin {
        &self.name
    }

    pub(super) fn id(&self) -> KeyId {
        let mut hasher = Sha256::new_with_prefix(self.name.as_str());
        hasher.update([b'\n', ED25519]);
        hasher.update(self.key.as_bytes());
        let [a, b, c, d, ..] = <[u8; 32]>::from(hasher.finalize());
        [a, b, c, d]
    }

    pub(super) fn accepts(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }
}

impl fmt::Display for LogVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encoded(&self.name, self.id(), self.key.as_bytes()))
    }
}

impl fmt::Debug for LogVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for LogVerifier {
    type Err = LogKeyError;

    fn from_str(text: &str) -> Result<Self, LogKeyError> {
        let (name, id, bytes) = parts(text)?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| LogKeyError::Form)?;
        if key.is_weak() {
            return Err(LogKeyError::Weak);
        }
        let verifier = Self { name, key };
        if verifier.id() == id { Ok(verifier) } else { Err(LogKeyError::Id) }
    }
}

fn encoded(name: &Origin, id: KeyId, key: &[u8; 32]) -> Zeroizing<String> {
    let mut typed = Zeroizing::new([0; 33]);
    let (kind, bytes) = typed.split_at_mut(1);
    kind.fill(ED25519);
    bytes.copy_from_slice(key);
    let key = Zeroizing::new(Base64::encode_string(typed.as_ref()));
    Zeroizing::new(format!("{name}+{}+{}", hex(&id), *key))
}

/// Takes `NAME+ID+KEY` apart; only the spelling that [`encoded`] gives.
fn parts(text: &str) -> Result<(Origin, KeyId, Zeroizing<[u8; 32]>), LogKeyError> {
    let mut fields = text.splitn(3, '+');
    let mut field = || fields.next().ok_or(LogKeyError::Form);
    let (name, id, key) = (field()?, field()?, field()?);
    let name: Origin = name.parse().map_err(|_| LogKeyError::Form)?;
    let mut bytes = Zeroizing::new([0; 33]);
    let decoded = Base64::decode(key, bytes.as_mut()).map_err(|_| LogKeyError::Form)?;
    let (&[ED25519], key) = decoded.split_first_chunk().ok_or(LogKeyError::Form)? else {
        return Err(LogKeyError::Form);
    };
    let key = Zeroizing::new(<[u8; 32]>::try_from(key).map_err(|_| LogKeyError::Form)?);
    let number = u32::from_str_radix(id, 16).map_err(|_| LogKeyError::Form)?.to_be_bytes();
    if *encoded(&name, number, &key) == text { Ok((name, number, key)) } else { Err(LogKeyError::Form) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key pair in the documentation of Go's note package.
    const SECRET: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const PUBLIC: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    #[test]
    fn a_published_key_pair_is_read_and_written_unchanged() {
        let key = LogKey::from_text(SECRET).unwrap();
        assert_eq!(*key.to_text(), format!("{SECRET}\n"));
        assert_eq!(key.verifier().to_string(), PUBLIC);
        assert_eq!(PUBLIC.parse(), Ok(key.verifier()));
    }

    #[test]
    fn new_keys_differ_and_come_back_from_their_file() {
        let name: Origin = "laptop-7f3k".parse().unwrap();
        let (one, two) = (LogKey::generate(name.clone()).unwrap(), LogKey::generate(name).unwrap());
        assert_ne!(one.verifier(), two.verifier());
        let again = LogKey::from_text(&one.to_text()).unwrap();
        assert_eq!(again.verifier(), one.verifier());
    }

    #[test]
    fn the_secret_is_never_shown() {
        let key = LogKey::from_text(SECRET).unwrap();
        assert_eq!(format!("{key:?}"), "LogKey(PeterNeumann, secret)");
    }

    #[test]
    fn only_one_spelling_of_a_key_is_taken() {
        let other_id = PUBLIC.replace("c74f20a3", "c74f20a4");
        assert_eq!(other_id.parse::<LogVerifier>(), Err(LogKeyError::Id));
        assert_eq!(PUBLIC.replace("Peter", "Pete").parse::<LogVerifier>(), Err(LogKeyError::Id));
        for bad in [
            PUBLIC.replace("c74f20a3", "C74F20A3"),
            PUBLIC.replace("c74f20a3", "+74f20a3"),
            PUBLIC.replace("+ARp", "+ArP"),
            format!("{PUBLIC}="),
            format!("{PUBLIC}\n"),
            SECRET.to_owned(),
            "a+b".to_owned(),
            String::new(),
        ] {
            assert_eq!(bad.parse::<LogVerifier>(), Err(LogKeyError::Form), "{bad}");
        }
        assert!(LogKey::from_text(PUBLIC).is_err());
        assert!(LogKey::from_text(&format!("{SECRET}\n\n")).is_err());
    }

    #[test]
    fn a_key_that_anybody_can_sign_for_is_refused() {
        let mut identity = [0; 32];
        identity[0] = 1;
        let name: Origin = "laptop".parse().unwrap();
        let weak = LogVerifier { name, key: VerifyingKey::from_bytes(&identity).unwrap() };
        assert_eq!(weak.to_string().parse::<LogVerifier>(), Err(LogKeyError::Weak));
    }
}
