//! What signs: a key unlocked in our memory, or one in an agent or hardware behind `ssh-keygen`.
//! Pure here; `stock` runs the program.

use std::fmt;
use std::process::ExitStatus;

use ed25519_dalek::{Signer as _, SigningKey};

use super::public::{Fingerprint, PublicKey, PublicKeyError};
use super::sshsig::{Signature, SignatureError, signed_bytes};
use super::stock::StockKey;
use crate::escaped::Escaped;
use crate::files::FileError;

/// Why a key cannot be read, written or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The key's file.
    #[error(transparent)]
    File(#[from] FileError),
    /// Other accounts can read, or change, the key.
    #[error("other accounts can read key {path}, and ssh refuses it too; run: chmod 600 {path}")]
    Permissions {
        /// The key file.
        path: Escaped,
    },
    /// Not an ed25519 key in OpenSSH's format.
    #[error("{path} is not an OpenSSH ed25519 private key ({problem}); make one with `handoff key new`")]
    Format {
        /// The file.
        path: Escaped,
        /// What is wrong with it.
        problem: String,
    },
    /// A file that only points at a hardware token.
    #[error("{path} stands for a hardware key, which signs through ssh-keygen; give the .pub file beside it")]
    Hardware {
        /// The file.
        path: Escaped,
    },
    /// The passphrase does not open the key.
    #[error("wrong passphrase for key {path}")]
    WrongPassphrase {
        /// The key file.
        path: Escaped,
    },
    /// The key has a passphrase and none was given.
    #[error("key {path} has a passphrase; give it, or add the key to ssh-agent and name its .pub file")]
    Locked {
        /// The key file.
        path: Escaped,
    },
    /// A key without a passphrase was about to be written.
    #[error("the passphrase is empty: whoever copies the file could sign; choose one")]
    EmptyPassphrase,
    /// Keys are never overwritten.
    #[error("{path} exists already and is not overwritten; give another path")]
    Exists {
        /// The file in the way.
        path: Escaped,
    },
    /// The `.pub` file of an agent's or hardware key is not one.
    #[error("{path} is not the .pub file of a key that can sign here: {source}")]
    Public {
        /// The file.
        path: Escaped,
        /// What is wrong with it.
        source: PublicKeyError,
    },
    /// The system gives no random bytes, or the key cannot be encoded.
    #[error("cannot make a key: {0}")]
    Make(String),
    /// No such thing may be signed for.
    #[error("{0:?} is not a namespace; write a name such as decision.v1@laptop-7f3k")]
    Namespace(String),
    /// `ssh-keygen` did not start, or its end cannot be learnt.
    #[error("cannot run {program}: {source}; install OpenSSH, or name the program's path")]
    Start {
        /// What was to be run.
        program: Escaped,
        /// What the system said.
        source: std::io::Error,
    },
    /// `ssh-keygen` did not sign.
    #[error("{program} did not sign ({status}): {said}")]
    Refused {
        /// What was run.
        program: Escaped,
        /// How it ended.
        status: ExitStatus,
        /// What it wrote to stderr.
        said: Escaped,
    },
    /// `ssh-keygen` signed, but not as asked.
    #[error("{program} gave a signature that does not count: {source}")]
    Unfit {
        /// What was run.
        program: Escaped,
        /// Why it does not count.
        source: SignatureError,
    },
    /// `ssh-keygen` signed with a key that was not asked for.
    #[error("{program} signed with key {found}, not with the one asked for")]
    OtherKey {
        /// What was run.
        program: Escaped,
        /// The key it used.
        found: Fingerprint,
    },
}

/// A key that can sign now.
pub enum Signer {
    /// Unlocked, in our memory, wiped when dropped.
    File(FileKey),
    /// In ssh-agent or hardware, reached through `ssh-keygen`.
    Stock(StockKey),
}

/// An unlocked key and its public half.
pub struct FileKey {
    // Boxed: a move of the signer must not leave copies of the secret behind.
    secret: Box<SigningKey>,
    public: PublicKey,
}

impl FileKey {
    pub(super) fn from_seed(seed: &[u8; 32]) -> Self {
        let secret = Box::new(SigningKey::from_bytes(seed));
        let public = PublicKey::from_point(secret.verifying_key());
        Self { secret, public }
    }

    pub(super) const fn public_key(&self) -> &PublicKey {
        &self.public
    }

    pub(super) fn seed(&self) -> &[u8; 32] {
        self.secret.as_bytes()
    }

    fn sign(&self, namespace: &str, message: &[u8]) -> Signature {
        let bytes = self.secret.sign(&signed_bytes(namespace, message)).to_bytes();
        Signature::by_plain_key(self.public.clone(), namespace.to_owned(), bytes)
    }
}

impl Signer {
    /// The key that signs.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        match self {
            Self::File(key) => key.public_key(),
            Self::Stock(key) => key.public_key(),
        }
    }

    /// Signs `message` for `namespace`; gives the armor. A hardware key waits for its touch.
    ///
    /// # Errors
    /// When the namespace is no plain name, or `ssh-keygen` does not sign as asked.
    pub fn sign(&self, namespace: &str, message: &[u8]) -> Result<String, KeyError> {
        if !super::is_namespace(namespace) {
            return Err(KeyError::Namespace(namespace.to_owned()));
        }
        match self {
            Self::File(key) => Ok(key.sign(namespace, message).to_armor()),
            Self::Stock(key) => key.sign(namespace, message),
        }
    }
}

impl fmt::Debug for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileKey({}, secret not shown)", self.public.fingerprint())
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(key) => key.fmt(f),
            Self::Stock(key) => key.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_not_in_what_debugging_prints() {
        let shown = format!("{:?}", Signer::File(FileKey::from_seed(&[7; 32])));
        assert!(!shown.contains("7, 7") && !shown.contains("0707") && shown.contains("SHA256:"), "{shown}");
    }

    #[test]
    fn nothing_is_signed_for_a_pattern_or_for_nothing() {
        let signer = Signer::File(FileKey::from_seed(&[7; 32]));
        for bad in ["", "*", "a b", "a,b", "n\n", "\u{e9}"] {
            assert!(matches!(signer.sign(bad, b"m"), Err(KeyError::Namespace(_))), "{bad:?}");
        }
        assert!(signer.sign("decision.v1@q", b"m").is_ok());
    }
}
