//! Commitments to hidden values: what binds a value without telling it.
//! Reads or makes the one key file it is given; the key never leaves this module.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::{Zeroize as _, Zeroizing};

use crate::files::{self, FileError};
use crate::ids::{Digest, Nonce};

const LENGTH: usize = 32;

/// Why there is no commitment key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file is not usable.
    #[error("commitment key: {0}")]
    File(#[from] FileError),
    /// The file is something else.
    #[error("commitment key: the file has {0} bytes, not {LENGTH}; restore it, or make a new queue")]
    Length(usize),
}

/// The queue's secret under which hidden values are committed to. Outside the database and every export:
/// whoever has it can try guesses of a hidden value.
pub struct CommitmentKey(Zeroizing<[u8; LENGTH]>);

impl std::fmt::Debug for CommitmentKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CommitmentKey(..)")
    }
}

impl CommitmentKey {
    /// A fresh key.
    #[must_use]
    pub fn random() -> Self {
        let mut text = Zeroizing::new(String::new());
        for _ in 0..4 {
            text.push_str(&Nonce::random().to_string());
        }
        Self(Zeroizing::new(*Digest::of(text.as_bytes()).as_bytes()))
    }

    /// The key in the file at `path`; made there, 0600, when there is none.
    ///
    /// # Errors
    /// When the file is not private to this account, has another length, or cannot be made.
    pub fn load_or_create(path: &Path) -> Result<Self, KeyError> {
        match Self::load(path) {
            Err(KeyError::File(error)) if error.is_missing() => Self::create(path),
            other => other,
        }
    }

    /// The key in the file at `path`.
    ///
    /// # Errors
    /// As [`CommitmentKey::load_or_create`], and when there is no file.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let mut bytes = files::read_secret(path, 4096)?;
        let key = <[u8; LENGTH]>::try_from(bytes.as_slice()).map_err(|_| KeyError::Length(bytes.len()));
        bytes.zeroize();
        Ok(Self(Zeroizing::new(key?)))
    }

    // Two processes may start a queue at once. Linking a finished file decides who was first, so that the
    // other reads a whole key.
    fn create(path: &Path) -> Result<Self, KeyError> {
        let key = Self::random();
        match files::create_private_whole(path, key.0.as_slice()) {
            Ok(()) => Ok(key),
            Err(error) if error.is_taken() => Self::load(path),
            Err(error) => Err(error.into()),
        }
    }

    /// The commitment to `value` under `name`: HMAC-SHA-256 (RFC 2104) over both, each behind its length
    /// in eight big-endian bytes.
    #[must_use]
    pub fn commit(&self, name: &OsStr, value: &OsStr) -> Digest {
        Digest::from_bytes(self.mac(name, value).finalize().into_bytes().into())
    }

    /// Whether `commitment` is to this value, compared in constant time.
    #[must_use]
    pub fn holds(&self, commitment: &Digest, name: &OsStr, value: &OsStr) -> bool {
        self.mac(name, value).verify_slice(commitment.as_bytes()).is_ok()
    }

    fn mac(&self, name: &OsStr, value: &OsStr) -> Hmac<Sha256> {
        // HMAC takes a key of any length; for the one block this is it pads as RFC 2104 says.
        let mut mac = <Hmac<Sha256> as hmac::digest::KeyInit>::new(&block(&self.0).into());
        for part in [name, value] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac
    }
}

// RFC 2104: a key shorter than the hash's block of 64 bytes is followed by zeros.
fn block(key: &[u8; LENGTH]) -> [u8; 64] {
    let mut block = [0; 64];
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    block
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ids::hex;

    fn key(byte: u8) -> CommitmentKey {
        CommitmentKey(Zeroizing::new([byte; LENGTH]))
    }

    #[test]
    fn a_commitment_is_plain_hmac_sha_256_over_the_lengths_and_parts() {
        let commitment = key(7).commit(OsStr::new("TOKEN"), OsStr::new("secret"));
        let mut message = 5_u64.to_be_bytes().to_vec();
        message.extend_from_slice(b"TOKEN");
        message.extend_from_slice(&6_u64.to_be_bytes());
        message.extend_from_slice(b"secret");
        let mut mac = Hmac::<Sha256>::new_from_slice(&[7; 32]).unwrap();
        mac.update(&message);
        assert_eq!(hex(commitment.as_bytes()), hex(&mac.finalize().into_bytes()));
    }

    #[test]
    fn the_same_key_is_found_again_and_another_queue_has_another() {
        let folder = tempfile::tempdir().unwrap();
        let first = CommitmentKey::load_or_create(&folder.path().join("a")).unwrap();
        let again = CommitmentKey::load_or_create(&folder.path().join("a")).unwrap();
        let other = CommitmentKey::load_or_create(&folder.path().join("b")).unwrap();
        let commit = |key: &CommitmentKey| key.commit(OsStr::new("A"), OsStr::new("b"));
        assert_eq!(commit(&first), commit(&again));
        assert_ne!(commit(&first), commit(&other));
    }

    #[test]
    fn a_key_of_the_wrong_length_or_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let short = folder.path().join("short");
        files::create_private(&short, b"short").unwrap();
        assert!(matches!(CommitmentKey::load_or_create(&short), Err(KeyError::Length(5))));
        let open = folder.path().join("open");
        CommitmentKey::load_or_create(&open).unwrap();
        std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(CommitmentKey::load_or_create(&open), Err(KeyError::File(_))));
    }

    #[test]
    fn the_key_is_not_in_debug_output() {
        assert_eq!(format!("{:?}", key(7)), "CommitmentKey(..)");
    }

    proptest! {
        #[test]
        fn a_commitment_holds_for_its_name_and_value_only(
            (a, b, c, d) in ("[ab]{0,2}", "[ab]{0,2}", "[ab]{0,2}", "[ab]{0,2}")
        ) {
            let commitment = key(1).commit(OsStr::new(&a), OsStr::new(&b));
            let same = a == c && b == d;
            prop_assert_eq!(key(1).holds(&commitment, OsStr::new(&c), OsStr::new(&d)), same);
            prop_assert!(!key(2).holds(&commitment, OsStr::new(&a), OsStr::new(&b)));
        }
    }
}
