//! Who signed what: OpenSSH signatures, the keys that make them, and the reviewers whose keys count.
//! Pure, but for key files and for the stock `ssh-keygen` that reaches an agent or a hardware key.

mod allowed;
mod key;
mod keyfile;
mod public;
mod reviewers;
mod sshsig;
mod stock;
#[cfg(test)]
mod tests;
mod verified;
mod wire;

pub use allowed::{Entry, LineProblem};
pub use key::{FileKey, KeyError, Signer};
pub use keyfile::{KeyFile, NewKey, Passphrase, public_path};
pub use public::{Fingerprint, PublicKey, PublicKeyError};
pub use reviewers::{Reviewers, ReviewersError};
pub use sshsig::{Signature, SignatureError, signed_bytes};
pub use stock::{Prompts, StockKey, StockKeygen};
pub use verified::Verified;

/// Whether `text` can be a signature's namespace: 1 to 128 of `A-Z a-z 0-9 - . _ @ +`, so that it
/// means itself, and no pattern, in an allowed_signers file.
#[must_use]
pub fn is_namespace(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'@' | b'+');
    (1..=128).contains(&text.len()) && text.bytes().all(allowed)
}
