//! OpenSSH signatures (PROTOCOL.sshsig), taken in one form only: the one `ssh-keygen -Y sign` writes.
//! Pure. Stricter than the stock tools: whatever is accepted here, they accept too.

use base64ct::{Base64, Encoding};
use sha2::{Digest as _, Sha256, Sha512};

use super::public::{Fingerprint, PublicKey, PublicKeyError};
use super::wire::{Reader, put_string};
use crate::clock::Timestamp;
use crate::ids::Principal;

const MAGIC: &[u8; 6] = b"SSHSIG";
const VERSION: u32 = 1;
const HASH: &str = "sha512";
const HEAD: &str = "-----BEGIN SSH SIGNATURE-----\n";
const FOOT: &str = "-----END SSH SIGNATURE-----\n";
const COLUMNS: usize = 70;
/// Far above any signature of ours (under 500 bytes of armor), far below what would cost time.
pub(super) const LONGEST: usize = 4096;
const USER_PRESENT: u8 = 0x01;

/// Why a signature does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Not the bytes `ssh-keygen -Y sign` writes.
    #[error("not an OpenSSH signature as `ssh-keygen -Y sign` writes it: {0}")]
    Malformed(&'static str),
    /// The key inside is of another type, weak or damaged.
    #[error("the signature's key is not accepted: {0}")]
    Key(#[from] PublicKeyError),
    /// Made for another purpose or another queue.
    #[error("signed for {found:?}, not for {wanted:?}; sign again with `ssh-keygen -Y sign -n {wanted}`")]
    WrongNamespace {
        /// What the signature says.
        found: String,
        /// What it had to say.
        wanted: String,
    },
    /// A hardware key that signed without anyone touching it.
    #[error("the hardware key was not touched; sign again with a key that requires touch")]
    NoTouch,
    /// The arithmetic says no: other bytes, other key, or a damaged signature.
    #[error("the signature does not fit these bytes: they, or it, were changed after signing")]
    Bad,
    /// Nobody trusts this key.
    #[error("key {key} is no reviewer's; `handoff key trust` adds a reviewer's key")]
    Untrusted {
        /// The key that signed.
        key: Fingerprint,
    },
    /// A good signature, but of somebody else.
    #[error("key {key} is {owner}'s, not {claimed}'s; a reviewer signs with a key of their own")]
    TrustedForAnother {
        /// The key that signed.
        key: Fingerprint,
        /// Whose key it is.
        owner: Principal,
        /// Who was said to have signed.
        claimed: Principal,
    },
    /// The reviewer's key is trusted, but not for this.
    #[error(
        "key {key} of {principal} is not trusted for {namespace:?}; its line's namespaces= leaves it out"
    )]
    NamespaceNotAllowed {
        /// The key that signed.
        key: Fingerprint,
        /// Whose key it is.
        principal: Principal,
        /// What it was used for.
        namespace: String,
    },
    /// Used before its `valid-after`.
    #[error("key {key} of {principal} is not valid before {from}")]
    NotYetValid {
        /// The key that signed.
        key: Fingerprint,
        /// Whose key it is.
        principal: Principal,
        /// The start of its validity.
        from: Timestamp,
    },
    /// Used at or after its `valid-before`.
    #[error("key {key} of {principal} is not valid since {until}: it was revoked or has run out")]
    NoLongerValid {
        /// The key that signed.
        key: Fingerprint,
        /// Whose key it is.
        principal: Principal,
        /// The end of its validity.
        until: Timestamp,
    },
}

/// Reads a key as it stands inside a signature; the same as [`PublicKey::from_blob`].
type ReadKey<'a> = dyn Fn(&[u8]) -> Result<PublicKey, PublicKeyError> + 'a;

/// One parsed signature; says nothing of whose it is, nor yet that it fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    public_key: PublicKey,
    namespace: String,
    bytes: [u8; 64],
    touch: Option<Touch>,
}

/// What a hardware key signs besides the message (PROTOCOL.u2f).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Touch {
    flags: u8,
    counter: u32,
}

impl Signature {
    /// Reads the armor.
    ///
    /// # Errors
    /// When it is anything but what [`Signature::to_armor`] writes for the same content.
    pub fn parse(armored: &str) -> Result<Self, SignatureError> {
        Self::parse_with(armored, &PublicKey::from_blob)
    }

    /// As [`Signature::parse`], with the key inside read by whoever may know it already.
    pub(super) fn parse_with(armored: &str, read: &ReadKey<'_>) -> Result<Self, SignatureError> {
        if armored.len() > LONGEST {
            return Err(SignatureError::Malformed("it is too long"));
        }
        let inner = armored.strip_prefix(HEAD).and_then(|rest| rest.strip_suffix(FOOT));
        let base64 =
            inner.ok_or(SignatureError::Malformed("its first or last line is not as it should be"))?;
        let blob = Base64::decode_vec(&base64.replace('\n', ""))
            .map_err(|_| SignatureError::Malformed("its base64 is damaged"))?;
        let signature = Self::from_blob(&blob, read)?;
        if signature.to_armor() == armored {
            Ok(signature)
        } else {
            Err(SignatureError::Malformed("its lines are not 70 characters ended by a line feed"))
        }
    }

    fn from_blob(blob: &[u8], read: &ReadKey<'_>) -> Result<Self, SignatureError> {
        let mut reader = Reader::new(blob);
        check(reader.array() == Some(*MAGIC), "its bytes do not start with SSHSIG")?;
        check(reader.u32() == Some(VERSION), "its version is not 1")?;
        let key = reader.string().ok_or(SignatureError::Malformed("it is cut short"))?;
        let public_key = read(key)?;
        let namespace = reader.ascii().filter(|text| super::is_namespace(text));
        let namespace = namespace.ok_or(SignatureError::Malformed("its namespace is not a plain name"))?;
        check(reader.string() == Some(b""), "its reserved field is not empty")?;
        check(reader.string() == Some(HASH.as_bytes()), "its hash is not sha512")?;
        let inner = reader.string().ok_or(SignatureError::Malformed("it is cut short"))?;
        check(reader.end().is_some(), "bytes follow its end")?;
        let (bytes, touch) = inner_signature(&public_key, inner)
            .ok_or(SignatureError::Malformed("its inner signature is not one of its key"))?;
        Ok(Self { public_key, namespace: namespace.to_owned(), bytes, touch })
    }

    pub(super) const fn by_plain_key(public_key: PublicKey, namespace: String, bytes: [u8; 64]) -> Self {
        Self { public_key, namespace, bytes, touch: None }
    }

    /// The one text of this signature: 70 columns, line feeds, a final one.
    #[must_use]
    pub fn to_armor(&self) -> String {
        let base64 = Base64::encode_string(&self.to_blob());
        let mut armor = String::from(HEAD);
        for line in base64.as_bytes().chunks(COLUMNS) {
            armor.extend(line.iter().map(|&b| char::from(b)));
            armor.push('\n');
        }
        armor + FOOT
    }

    fn to_blob(&self) -> Vec<u8> {
        let mut inner = Vec::new();
        put_string(&mut inner, self.public_key.type_name().as_bytes());
        put_string(&mut inner, &self.bytes);
        if let Some(Touch { flags, counter }) = self.touch {
            inner.push(flags);
            inner.extend(counter.to_be_bytes());
        }
        let mut blob = MAGIC.to_vec();
        blob.extend(VERSION.to_be_bytes());
        put_string(&mut blob, &self.public_key.to_blob());
        put_string(&mut blob, self.namespace.as_bytes());
        put_string(&mut blob, b"");
        put_string(&mut blob, HASH.as_bytes());
        put_string(&mut blob, &inner);
        blob
    }

    /// The key it says it was made with.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// What it was made for.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Whether its own key made it over exactly `message`, for `namespace`. Trust is another question,
    /// which [`Reviewers::verify`](super::Reviewers::verify) answers.
    ///
    /// # Errors
    /// When the namespace differs, a hardware key was not touched, or the arithmetic says no.
    pub fn verify(&self, namespace: &str, message: &[u8]) -> Result<(), SignatureError> {
        if self.namespace != namespace {
            let (found, wanted) = (self.namespace.clone(), namespace.to_owned());
            return Err(SignatureError::WrongNamespace { found, wanted });
        }
        if self.touch.is_some_and(|touch| touch.flags & USER_PRESENT == 0) {
            return Err(SignatureError::NoTouch);
        }
        let signed = self.bytes_under_key(namespace, message);
        if self.public_key.accepts(&signed, &self.bytes) { Ok(()) } else { Err(SignatureError::Bad) }
    }

    fn bytes_under_key(&self, namespace: &str, message: &[u8]) -> Vec<u8> {
        let plain = signed_bytes(namespace, message);
        let (Some(application), Some(touch)) = (self.public_key.application(), self.touch) else {
            return plain;
        };
        let mut signed = Sha256::digest(application).to_vec();
        signed.push(touch.flags);
        signed.extend(touch.counter.to_be_bytes());
        signed.extend(Sha256::digest(plain));
        signed
    }
}

/// What a plain key signs: the magic, namespace, empty reserved field, hash name, and SHA-512 of `message`.
#[must_use]
pub fn signed_bytes(namespace: &str, message: &[u8]) -> Vec<u8> {
    let mut signed = MAGIC.to_vec();
    put_string(&mut signed, namespace.as_bytes());
    put_string(&mut signed, b"");
    put_string(&mut signed, HASH.as_bytes());
    put_string(&mut signed, &Sha512::digest(message));
    signed
}

const fn check(holds: bool, otherwise: &'static str) -> Result<(), SignatureError> {
    if holds { Ok(()) } else { Err(SignatureError::Malformed(otherwise)) }
}

fn inner_signature(key: &PublicKey, inner: &[u8]) -> Option<([u8; 64], Option<Touch>)> {
    let mut reader = Reader::new(inner);
    if reader.ascii()? != key.type_name() {
        return None;
    }
    let bytes = reader.fixed()?;
    let touch = if key.is_hardware() {
        let [flags] = reader.array()?;
        Some(Touch { flags, counter: reader.u32()? })
    } else {
        None
    };
    reader.end()?;
    Some((bytes, touch))
}
