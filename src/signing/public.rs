//! Public keys of the two kinds a reviewer may have, and their fingerprints.
//! Pure. The forms are those of RFC 4253 section 6.6, RFC 8709 and OpenSSH's PROTOCOL.u2f.

use std::fmt;
use std::str::FromStr;

use base64ct::{Base64, Base64Unpadded, Encoding};
use ed25519_dalek::{Signature as Ed25519Signature, VerifyingKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use super::wire::{Reader, put_string};

const ED25519: &str = "ssh-ed25519";
const SK_ED25519: &str = "sk-ssh-ed25519@openssh.com";

/// Why a text is not a public key we take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublicKeyError {
    /// Another algorithm, or none.
    #[error("key type {0:?} is not accepted; use ssh-ed25519 or sk-ssh-ed25519@openssh.com")]
    Type(String),
    /// The base64 or the bytes under it are not exactly one key of the named type.
    #[error("the key's base64 is damaged, cut or padded; copy the line of the .pub file whole")]
    Malformed,
    /// A point of small order, for which one signature fits every message, or one in a second spelling.
    #[error("this key is weak: anyone could sign for it; make a new one with `handoff key new`")]
    Weak,
    /// A hardware key made for something else than SSH.
    #[error("this hardware key was made for {0:?}, not for ssh; make one with ssh-keygen -t ed25519-sk")]
    Application(String),
}

/// An ed25519 key, in a file or agent, or inside a hardware token.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    point: VerifyingKey,
    kind: Kind,
}

#[derive(Clone, PartialEq, Eq)]
enum Kind {
    Plain,
    SecurityKey { application: String },
}

impl PublicKey {
    /// Reads `TYPE BASE64` with an optional comment after a blank: a line of a `.pub` file.
    ///
    /// # Errors
    /// When it is another type, is not written exactly as OpenSSH writes it, or is a weak key.
    pub fn parse(line: &str) -> Result<Self, PublicKeyError> {
        let mut fields = line.splitn(3, ' ');
        let name = fields.next().unwrap_or_default();
        let base64 = fields.next().unwrap_or_default();
        Self::from_fields(name, base64)
    }

    pub(super) fn from_fields(name: &str, base64: &str) -> Result<Self, PublicKeyError> {
        if name != ED25519 && name != SK_ED25519 {
            return Err(PublicKeyError::Type(name.to_owned()));
        }
        let blob = Base64::decode_vec(base64).map_err(|_| PublicKeyError::Malformed)?;
        let key = Self::from_blob(&blob)?;
        if key.type_name() == name { Ok(key) } else { Err(PublicKeyError::Malformed) }
    }

    pub(super) fn from_point(point: VerifyingKey) -> Self {
        Self { point, kind: Kind::Plain }
    }

    /// Reads the key as it stands inside signatures.
    pub(super) fn from_blob(blob: &[u8]) -> Result<Self, PublicKeyError> {
        let mut reader = Reader::new(blob);
        let name = reader.ascii().ok_or(PublicKeyError::Malformed)?;
        let secure = match name {
            ED25519 => false,
            SK_ED25519 => true,
            other => return Err(PublicKeyError::Type(other.to_owned())),
        };
        let point = strong_point(&reader.fixed().ok_or(PublicKeyError::Malformed)?)?;
        let kind = if secure { security_key(&mut reader)? } else { Kind::Plain };
        reader.end().ok_or(PublicKeyError::Malformed)?;
        Ok(Self { point, kind })
    }

    pub(super) fn to_blob(&self) -> Vec<u8> {
        let mut blob = Vec::new();
        put_string(&mut blob, self.type_name().as_bytes());
        put_string(&mut blob, self.point.as_bytes());
        if let Kind::SecurityKey { application } = &self.kind {
            put_string(&mut blob, application.as_bytes());
        }
        blob
    }

    /// `ssh-ed25519` or `sk-ssh-ed25519@openssh.com`.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::Plain => ED25519,
            Kind::SecurityKey { .. } => SK_ED25519,
        }
    }

    /// Whether the key lives in hardware that asks for a touch.
    #[must_use]
    pub const fn is_hardware(&self) -> bool {
        matches!(self.kind, Kind::SecurityKey { .. })
    }

    /// The name people compare, as `ssh-keygen -l` prints it.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of_blob(&self.to_blob())
    }

    /// `TYPE BASE64`, the form of `.pub` files, without a comment.
    #[must_use]
    pub fn to_openssh(&self) -> String {
        format!("{} {}", self.type_name(), Base64::encode_string(&self.to_blob()))
    }

    /// What a hardware key binds its signatures to; a plain key has none.
    pub(super) fn application(&self) -> Option<&str> {
        match &self.kind {
            Kind::Plain => None,
            Kind::SecurityKey { application } => Some(application),
        }
    }

    /// RFC 8032 verification without its leeway: canonical R and s, no point of small order.
    pub(super) fn accepts(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.point.verify_strict(message, &Ed25519Signature::from_bytes(signature)).is_ok()
    }
}

fn security_key(reader: &mut Reader<'_>) -> Result<Kind, PublicKeyError> {
    let application = reader.ascii().ok_or(PublicKeyError::Malformed)?.to_owned();
    if application.starts_with("ssh:") {
        Ok(Kind::SecurityKey { application })
    } else {
        Err(PublicKeyError::Application(application))
    }
}

fn strong_point(bytes: &[u8; 32]) -> Result<VerifyingKey, PublicKeyError> {
    let point = VerifyingKey::from_bytes(bytes).map_err(|_| PublicKeyError::Malformed)?;
    if point.is_weak() || is_second_spelling(bytes) { Err(PublicKeyError::Weak) } else { Ok(point) }
}

// The y coordinate, little-endian under a sign bit, must be below 2^255 - 19 (RFC 8032 section 5.1.3).
fn is_second_spelling(bytes: &[u8; 32]) -> bool {
    let [low, middle @ .., high] = bytes;
    *low >= 0xed && middle.iter().all(|&b| b == 0xff) && high & 0x7f == 0x7f
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_openssh())
    }
}

impl FromStr for PublicKey {
    type Err = PublicKeyError;

    fn from_str(line: &str) -> Result<Self, PublicKeyError> {
        Self::parse(line)
    }
}

/// A public key's short name: `SHA256:` and the unpadded base64 of its digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// That of the key in these bytes, whatever they are.
    pub(super) fn of_blob(blob: &[u8]) -> Self {
        Self(Sha256::digest(blob).into())
    }
}

/// The text is not a fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint is SHA256: and 43 characters, as `ssh-keygen -l` and `handoff key list` print it")]
pub struct InvalidFingerprint;

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SHA256:{}", Base64Unpadded::encode_string(&self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Fingerprint {
    type Err = InvalidFingerprint;

    fn from_str(text: &str) -> Result<Self, InvalidFingerprint> {
        let base64 = text.strip_prefix("SHA256:").ok_or(InvalidFingerprint)?;
        let bytes = Base64Unpadded::decode_vec(base64).map_err(|_| InvalidFingerprint)?;
        bytes.try_into().map(Self).map_err(|_| InvalidFingerprint)
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line_of(point: [u8; 32]) -> String {
        let mut blob = Vec::new();
        put_string(&mut blob, ED25519.as_bytes());
        put_string(&mut blob, &point);
        format!("{ED25519} {}", Base64::encode_string(&blob))
    }

    fn good() -> PublicKey {
        PublicKey::from_point(ed25519_dalek::SigningKey::from_bytes(&[7; 32]).verifying_key())
    }

    #[test]
    fn a_key_comes_back_from_its_line_with_or_without_a_comment() {
        let line = good().to_openssh();
        assert_eq!(PublicKey::parse(&line), Ok(good()));
        assert_eq!(PublicKey::parse(&format!("{line} ana at work")), Ok(good()));
    }

    #[test]
    fn every_other_spelling_of_a_key_is_refused() {
        let line = good().to_openssh();
        let base64 = line.split(' ').nth(1).unwrap();
        for bad in [
            format!(" {line}"),
            format!("{line}\n"),
            format!("{ED25519}  {base64}"),
            format!("{ED25519} {base64}="),
            format!("{ED25519} {}", &base64[1..]),
            format!("{SK_ED25519} {base64}"),
            format!("ssh-rsa {base64}"),
            ED25519.to_owned(),
            String::new(),
        ] {
            assert!(PublicKey::parse(&bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn points_of_small_order_are_weak() {
        let order_eight = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a";
        let mut eight = [0; 32];
        for (byte, pair) in eight.iter_mut().zip(order_eight.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        }
        let mut one = [0; 32];
        one[0] = 1;
        for weak in [eight, one, [0; 32]] {
            assert_eq!(PublicKey::parse(&line_of(weak)), Err(PublicKeyError::Weak));
        }
    }

    #[test]
    fn a_point_spelt_past_the_field_is_refused() {
        let found = (0xed..=0xff).filter_map(|low| {
            let mut bytes = [0xff; 32];
            (bytes[0], bytes[31]) = (low, 0x7f);
            VerifyingKey::from_bytes(&bytes).ok().map(|_| bytes)
        });
        let spellings: Vec<_> = found.collect();
        assert!(spellings.len() > 2, "some of them decode in the library");
        for bytes in spellings {
            assert_eq!(PublicKey::parse(&line_of(bytes)), Err(PublicKeyError::Weak));
        }
    }

    #[test]
    fn a_second_spelling_is_that_of_a_number_past_the_field_under_either_sign() {
        let spelt = |low, middle, high| {
            let mut bytes = [0xff; 32];
            (bytes[0], bytes[15], bytes[31]) = (low, middle, high);
            is_second_spelling(&bytes)
        };
        for high in [0x7f, 0xff] {
            assert!(spelt(0xed, 0xff, high) && spelt(0xff, 0xff, high));
            assert!(!spelt(0xec, 0xff, high) && !spelt(0xff, 0xfe, high));
        }
        assert!(!spelt(0xff, 0xff, 0x7e) && !spelt(0xff, 0xff, 0xfe));
    }

    #[test]
    fn a_hardware_key_must_be_made_for_ssh() {
        let key = |application: &str| {
            let mut blob = Vec::new();
            put_string(&mut blob, SK_ED25519.as_bytes());
            put_string(&mut blob, good().point.as_bytes());
            put_string(&mut blob, application.as_bytes());
            PublicKey::parse(&format!("{SK_ED25519} {}", Base64::encode_string(&blob)))
        };
        assert!(key("ssh:").unwrap().is_hardware());
        assert_eq!(key("web:"), Err(PublicKeyError::Application("web:".into())));
    }

    #[test]
    fn a_fingerprint_comes_back_from_its_text() {
        let print = good().fingerprint();
        assert_eq!(print.to_string().parse(), Ok(print));
        assert_eq!(print.to_string().len(), 50);
        for bad in ["", "SHA256:", "MD5:00", &format!("{print}=")] {
            assert!(bad.parse::<Fingerprint>().is_err(), "{bad:?}");
        }
    }
}
