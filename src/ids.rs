//! Names of things, each its own type, so that one cannot be given for another.
//! Pure: parses, formats and draws random bytes; touches nothing else.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

#[macro_use]
mod text;
mod names;
mod ticket;

pub use names::{GroupName, Label, Origin, Principal, RuleId};
pub use ticket::{TicketId, TicketPrefix};

/// Why a text is not the name it was taken for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {problem}")]
pub struct InvalidId {
    what: &'static str,
    problem: &'static str,
}

const fn invalid(what: &'static str, problem: &'static str) -> InvalidId {
    InvalidId { what, problem }
}

/// A SHA-256 digest, written `sha256:<64 lower-case hex digits>`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Wraps 32 bytes that are a digest already.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first twelve hex digits, for a line on a screen; never for comparing.
    #[must_use]
    pub fn short(&self) -> String {
        hex(&self.0).chars().take(12).collect()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = *b"sha256:0000000000000000000000000000000000000000000000000000000000000000";
        let digits = text.iter_mut().skip("sha256:".len());
        digits.zip(digits_of(&self.0)).for_each(|(to, digit)| *to = digit);
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let digits = text.strip_prefix("sha256:").ok_or(invalid("digest", "does not start with sha256:"))?;
        unhex(digits).map(Self).ok_or(invalid("digest", "is not 64 lower-case hex digits"))
    }
}

/// 128 random bits as 32 lower-case hex digits: a statement's nonce, an event's salt.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nonce([u8; 16]);

impl Nonce {
    /// Fresh from the operating system's generator.
    #[must_use]
    pub fn random() -> Self {
        Self(*uuid::Uuid::new_v4().as_bytes()).whiten()
    }

    // A v4 UUID fixes six bits; hashing two of them gives 128 evenly random ones.
    fn whiten(self) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(self.0);
        hasher.update(uuid::Uuid::new_v4().as_bytes());
        let mut bytes = [0; 16];
        for (to, from) in bytes.iter_mut().zip(hasher.finalize()) {
            *to = from;
        }
        Self(bytes)
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Nonce {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        unhex(text).map(Self).ok_or(invalid("nonce", "is not 32 lower-case hex digits"))
    }
}

/// One life of a queue: 128 random bits, made new by `init` and by `restore`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Incarnation(Nonce);

impl Incarnation {
    /// A new life.
    #[must_use]
    pub fn random() -> Self {
        Self(Nonce::random())
    }
}

impl fmt::Display for Incarnation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Incarnation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for Incarnation {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Nonce::from_str(text).map(Self)
    }
}

serde_text!(Digest);
serde_text!(Nonce);
serde_text!(Incarnation);

/// Lower-case hex of any bytes.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    text.extend(digits_of(bytes).map(char::from));
    text
}

fn digits_of(bytes: &[u8]) -> impl Iterator<Item = u8> + '_ {
    let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' - 10 + nibble };
    bytes.iter().flat_map(move |byte| [digit(byte >> 4), digit(byte & 15)])
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    let mut bytes = [0; N];
    let mut seen = 0;
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        let (high, low) = (nibble(*high), nibble(*low));
        seen |= high | low;
        *byte = high << 4 | low & 15;
    }
    // Nothing but digits leaves the upper half empty.
    (seen < 16).then_some(bytes)
}

/// The value of a digit; 16 and more for what is none.
const fn nibble(digit: u8) -> u8 {
    const NONE: u8 = 0xf0;
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => NONE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_id_comes_back_from_its_text_and_shows_a_short_code() {
        let id = TicketId::random();
        assert_eq!(id.as_str().parse::<TicketId>(), Ok(id.clone()));
        let code = id.code();
        assert_eq!(code.len(), 9);
        let prefix: TicketPrefix = code.parse().unwrap();
        assert!(id.as_str().starts_with(prefix.as_str()));
    }

    #[test]
    fn a_typed_prefix_forgives_case_dashes_and_look_alikes() {
        let prefix: TicketPrefix = "k7-oil".parse().unwrap();
        assert_eq!(prefix.as_str(), "K7011");
        assert!("".parse::<TicketPrefix>().is_err());
        assert!("K7QX!".parse::<TicketPrefix>().is_err());
    }

    #[test]
    fn codes_differ_from_each_other() {
        let codes: std::collections::HashSet<_> = (0..1000).map(|_| TicketId::random().code()).collect();
        assert_eq!(codes.len(), 1000);
    }

    #[test]
    fn a_digest_is_lower_case_hex_with_its_algorithm() {
        let empty = Digest::of(b"");
        let text = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(empty.to_string(), text);
        assert_eq!(text.parse(), Ok(empty));
        assert!(text.to_uppercase().parse::<Digest>().is_err());
        assert!("md5:00".parse::<Digest>().is_err());
    }

    #[test]
    fn every_byte_that_is_no_digit_spoils_a_digest_wherever_it_stands() {
        let good = Digest::of(b"").to_string();
        for at in "sha256:".len()..good.len() {
            for byte in 0..128_u8 {
                let mut bytes = good.clone().into_bytes();
                bytes[at] = byte;
                let text = String::from_utf8(bytes).unwrap();
                let digit = matches!(byte, b'0'..=b'9' | b'a'..=b'f');
                assert_eq!(text.parse::<Digest>().is_ok_and(|d| d.to_string() == text), digit, "{text}");
            }
        }
        assert!(format!("{good}0").parse::<Digest>().is_err() && good[..70].parse::<Digest>().is_err());
    }

    #[test]
    fn names_refuse_patterns_spaces_and_control_characters() {
        for bad in ["", "*", "a b", "a,b", "!x", "a\u{1b}", "-a"] {
            assert!(bad.parse::<Principal>().is_err(), "{bad:?}");
        }
        assert!("ana@laptop".parse::<Principal>().is_ok());
    }
}
