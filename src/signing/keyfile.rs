//! Key files: made, written under a passphrase, read and unlocked; OpenSSH's private key format (PROTOCOL.key).
//! Touches the key file it is given and the `.pub` beside it; passphrases are given to it, never asked for.

use std::fmt;
use std::path::{Path, PathBuf};

use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::rand_core::{OsRng, RngCore as _};
use ssh_key::{Algorithm, Cipher, Kdf, LineEnding, PrivateKey};
use zeroize::Zeroizing;

use super::key::{FileKey, KeyError, Signer};
use super::public::PublicKey;
use crate::escaped::Escaped;
use crate::files::{FileError, create_private, read_secret};

/// bcrypt rounds of a key we write: ssh-keygen's own default today, tenths of a second for each guess.
const ROUNDS: u32 = 24;
/// What we are willing to wait for in somebody's file: minutes.
const MOST_ROUNDS: u32 = 16 * 1024;
/// A private key file has a few hundred bytes.
const LONGEST: u64 = 64 * 1024;

/// What protects a key on disk.
pub struct Passphrase(Option<Zeroizing<String>>);

impl Passphrase {
    /// No protection: for the keys of queues that are thrown away, such as the demo's.
    pub const NONE: Self = Self(None);

    /// A passphrase from a person.
    ///
    /// # Errors
    /// When it is empty.
    pub fn new(text: String) -> Result<Self, KeyError> {
        if text.is_empty() { Err(KeyError::EmptyPassphrase) } else { Ok(Self(Some(Zeroizing::new(text)))) }
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(not shown)")
    }
}

/// A key just made, not yet on any disk.
#[derive(Debug)]
pub struct NewKey {
    key: FileKey,
    comment: String,
}

impl NewKey {
    /// A fresh key from the operating system's generator.
    ///
    /// # Errors
    /// When the generator fails.
    pub fn generate(comment: &str) -> Result<Self, KeyError> {
        let seed: Zeroizing<[u8; 32]> = random()?;
        Ok(Self { key: FileKey::from_seed(&seed), comment: one_line(comment) })
    }

    /// Its public half.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        self.key.public_key()
    }

    /// The text of an OpenSSH private key file.
    ///
    /// # Errors
    /// When the generator fails.
    pub fn to_openssh(&self, passphrase: &Passphrase) -> Result<Zeroizing<String>, KeyError> {
        let pair = KeypairData::Ed25519(Ed25519Keypair::from_seed(self.key.seed()));
        let plain = PrivateKey::new(pair, self.comment.as_str()).map_err(make)?;
        let key = match &passphrase.0 {
            None => plain,
            Some(text) => encrypt(&plain, text)?,
        };
        key.to_openssh(LineEnding::LF).map_err(make)
    }

    /// Writes the private key to `path` and the public one beside it as `.pub`, both 0600; replaces neither.
    ///
    /// # Errors
    /// When either exists or cannot be written; what was written of the two is taken away again.
    pub fn save(&self, path: &Path, passphrase: &Passphrase) -> Result<(), KeyError> {
        let text = self.to_openssh(passphrase)?;
        let beside = public_path(path);
        let line = format!("{} {}", self.public_key().to_openssh(), self.comment);
        create(&beside, &format!("{}\n", line.trim_end()))?;
        create(path, &text).inspect_err(|_| drop(std::fs::remove_file(&beside)))
    }

    /// Uses the key without keeping it.
    #[must_use]
    pub fn into_signer(self) -> Signer {
        Signer::File(self.key)
    }
}

/// `KEY.pub`, where ssh keeps the public half of `KEY`.
#[must_use]
pub fn public_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".pub");
    name.into()
}

fn encrypt(plain: &PrivateKey, passphrase: &str) -> Result<PrivateKey, KeyError> {
    let kdf = Kdf::Bcrypt { salt: random::<16>()?.to_vec(), rounds: ROUNDS };
    let check = u32::from_be_bytes(*random::<4>()?);
    plain.encrypt_with(Cipher::Aes256Ctr, kdf, check, passphrase).map_err(make)
}

fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, KeyError> {
    let mut bytes = Zeroizing::new([0; N]);
    OsRng.try_fill_bytes(&mut *bytes).map_err(make)?;
    Ok(bytes)
}

fn make(error: impl fmt::Display) -> KeyError {
    KeyError::Make(error.to_string())
}

// A comment ends up in the one line of a .pub file.
fn one_line(comment: &str) -> String {
    comment.trim().replace(char::is_control, "_")
}

fn create(path: &Path, text: &str) -> Result<(), KeyError> {
    create_private(path, text.as_bytes()).map_err(|error| {
        if error.is_taken() { KeyError::Exists { path: Escaped::os(path) } } else { error.into() }
    })
}

/// A private key file as it lies on disk, locked or not.
pub struct KeyFile {
    path: Escaped,
    private: PrivateKey,
    public: PublicKey,
}

impl KeyFile {
    /// Reads an OpenSSH private key file without unlocking it.
    ///
    /// # Errors
    /// When others can read it, it stands for a hardware key, or it holds no ed25519 key.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let bytes = read_key(path)?;
        let path = Escaped::os(path);
        let private = PrivateKey::from_openssh(&*bytes).map_err(|error| bad(&path, error))?;
        if matches!(private.algorithm(), Algorithm::SkEd25519 | Algorithm::SkEcdsaSha2NistP256) {
            return Err(KeyError::Hardware { path });
        }
        if matches!(private.kdf(), Kdf::Bcrypt { rounds, .. } if *rounds > MOST_ROUNDS) {
            return Err(bad(&path, "it asks for more than 16384 bcrypt rounds"));
        }
        let blob = private.public_key().to_bytes().map_err(|error| bad(&path, error))?;
        let public = PublicKey::from_blob(&blob).map_err(|error| bad(&path, error))?;
        Ok(Self { path, private, public })
    }

    /// Whether a passphrase is needed.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.private.is_encrypted()
    }

    /// Its public half, readable without the passphrase.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// Opens a key that has no passphrase.
    ///
    /// # Errors
    /// When it has one.
    pub fn open(&self) -> Result<Signer, KeyError> {
        if self.is_encrypted() {
            return Err(KeyError::Locked { path: self.path.clone() });
        }
        self.signer(&self.private)
    }

    /// Opens the key; where none is needed, the passphrase is ignored.
    ///
    /// # Errors
    /// When the passphrase is wrong, or the file damaged.
    pub fn unlock(&self, passphrase: &str) -> Result<Signer, KeyError> {
        if !self.is_encrypted() {
            return self.open();
        }
        let open = self.private.decrypt(passphrase).map_err(|error| match error {
            ssh_key::Error::Crypto => KeyError::WrongPassphrase { path: self.path.clone() },
            damage => bad(&self.path, damage),
        })?;
        self.signer(&open)
    }

    // A public half that is not the secret's own would give the secret away with the first signatures.
    fn signer(&self, open: &PrivateKey) -> Result<Signer, KeyError> {
        let pair = open.key_data().ed25519();
        let key = pair.map(|pair| FileKey::from_seed(pair.private.as_ref()));
        let own = key.filter(|key| *key.public_key() == self.public);
        own.map(Signer::File).ok_or_else(|| bad(&self.path, "its halves do not belong together"))
    }
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyFile({}, {})", self.path, self.public.fingerprint())
    }
}

fn bad(path: &Escaped, problem: impl fmt::Display) -> KeyError {
    KeyError::Format { path: path.clone(), problem: problem.to_string() }
}

fn read_key(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    read_secret(path, LONGEST).map(Zeroizing::new).map_err(|error| match error {
        FileError::OthersRead { path } | FileError::OthersWrite { path } => KeyError::Permissions { path },
        other => other.into(),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use base64ct::{Base64, Encoding as _};

    use super::*;

    fn saved(folder: &Path, passphrase: &Passphrase) -> (NewKey, PathBuf) {
        let (key, path) = (NewKey::generate("ana").unwrap(), folder.join("key"));
        key.save(&path, passphrase).unwrap();
        (key, path)
    }

    fn secret() -> Passphrase {
        Passphrase::new("open sesame".into()).unwrap()
    }

    #[test]
    fn a_locked_key_opens_with_its_passphrase_only() {
        let folder = tempfile::tempdir().unwrap();
        let (new, path) = saved(folder.path(), &secret());
        let file = KeyFile::read(&path).unwrap();
        assert!(file.is_encrypted());
        assert_eq!(file.public_key(), new.public_key());
        assert!(matches!(file.open(), Err(KeyError::Locked { .. })));
        for wrong in ["", "open sesam", "Open sesame"] {
            assert!(matches!(file.unlock(wrong), Err(KeyError::WrongPassphrase { .. })), "{wrong:?}");
        }
        let signer = file.unlock("open sesame").unwrap();
        assert_eq!(signer.sign("n", b"m").unwrap(), new.into_signer().sign("n", b"m").unwrap());
    }

    #[test]
    fn an_empty_passphrase_is_refused_and_none_is_said_aloud() {
        assert!(matches!(Passphrase::new(String::new()), Err(KeyError::EmptyPassphrase)));
        let folder = tempfile::tempdir().unwrap();
        let (_, path) = saved(folder.path(), &Passphrase::NONE);
        let file = KeyFile::read(&path).unwrap();
        assert!(!file.is_encrypted() && file.open().is_ok() && file.unlock("ignored").is_ok());
    }

    #[test]
    fn keys_are_private_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let (_, path) = saved(folder.path(), &Passphrase::NONE);
        let before = fs::read(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let other = NewKey::generate("bo").unwrap();
        assert!(matches!(other.save(&path, &Passphrase::NONE), Err(KeyError::Exists { .. })));
        fs::remove_file(public_path(&path)).unwrap();
        assert!(matches!(other.save(&path, &Passphrase::NONE), Err(KeyError::Exists { .. })));
        assert_eq!(fs::read(&path).unwrap(), before);
        assert!(!public_path(&path).exists(), "no public half of a key that was not written");
    }

    #[test]
    fn a_key_open_to_others_is_refused_with_the_cure() {
        let folder = tempfile::tempdir().unwrap();
        let (_, path) = saved(folder.path(), &Passphrase::NONE);
        for mode in [0o640, 0o604, 0o620, 0o601] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let error = KeyFile::read(&path).unwrap_err();
            assert!(matches!(error, KeyError::Permissions { .. }), "{mode:o}");
            assert!(error.to_string().contains("chmod 600 "), "{error}");
        }
    }

    #[test]
    fn what_is_no_key_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (_, path) = saved(folder.path(), &Passphrase::NONE);
        let link = folder.path().join("link");
        symlink(&path, &link).unwrap();
        assert!(matches!(KeyFile::read(&link), Err(KeyError::File(FileError::Symlink { .. }))));
        assert!(matches!(KeyFile::read(folder.path()), Err(KeyError::File(_))));
        let public = fs::read(public_path(&path)).unwrap();
        fs::write(&path, public).unwrap();
        assert!(matches!(KeyFile::read(&path), Err(KeyError::Format { .. })));
    }

    #[test]
    fn a_key_of_too_many_rounds_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let (_, path) = saved(folder.path(), &secret());
        let mut bytes =
            PrivateKey::from_openssh(fs::read(&path).unwrap()).unwrap().to_bytes().unwrap().to_vec();
        let rounds = bytes.windows(4).position(|four| four == ROUNDS.to_be_bytes()).unwrap();
        // The first 24 is the length of the kdf options (4 + 16 + 4), the second the rounds.
        let rounds = rounds + 4 + 4 + 16;
        assert_eq!(bytes[rounds..rounds + 4], ROUNDS.to_be_bytes());
        bytes[rounds] = 0x7f;
        let slow = PrivateKey::from_bytes(&bytes).unwrap();
        fs::write(&path, slow.to_openssh(LineEnding::LF).unwrap().as_bytes()).unwrap();
        assert!(matches!(KeyFile::read(&path), Err(KeyError::Format { .. })));
    }

    #[test]
    fn a_file_with_somebody_elses_public_half_does_not_sign() {
        let point = |key: &PublicKey| key.to_blob()[19..].to_vec();
        let stranger = point(NewKey::generate("").unwrap().public_key());
        for passphrase in [Passphrase::NONE, secret()] {
            let folder = tempfile::tempdir().unwrap();
            let (new, path) = saved(folder.path(), &passphrase);
            let text = new.to_openssh(&passphrase).unwrap();
            let base64: String = text.lines().filter(|line| !line.starts_with('-')).collect();
            let mut bytes = Base64::decode_vec(&base64).unwrap();
            let own = point(new.public_key());
            let at = bytes.windows(32).position(|window| window == own).unwrap();
            bytes[at..at + 32].copy_from_slice(&stranger);
            let base64 = Base64::encode_string(&bytes);
            let lines: Vec<_> =
                base64.as_bytes().chunks(70).map(|l| std::str::from_utf8(l).unwrap()).collect();
            let (head, foot) = ("-----BEGIN OPENSSH PRIVATE KEY-----", "-----END OPENSSH PRIVATE KEY-----");
            fs::write(&path, format!("{head}\n{}\n{foot}\n", lines.join("\n"))).unwrap();
            let signer = KeyFile::read(&path).and_then(|file| file.unlock("open sesame"));
            assert!(matches!(signer, Err(KeyError::Format { .. })), "{signer:?}");
        }
    }

    #[test]
    fn a_comment_stays_one_line_and_the_passphrase_unseen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        NewKey::generate("a\nssh-ed25519 b").unwrap().save(&path, &Passphrase::NONE).unwrap();
        assert_eq!(fs::read_to_string(public_path(&path)).unwrap().lines().count(), 1);
        assert!(!format!("{:?}", secret()).contains("sesame"));
    }
}
