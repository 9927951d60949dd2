//! The bytes that are hashed and signed: JSON in RFC 8785 form under a narrow profile.
//! Pure. Written once, stored as those bytes, exported as those bytes.

mod canonical;
mod members;
mod scan;
mod tagged;
mod text;
mod writer;

pub use canonical::{LONGEST, RecordError, canonical, decode, encode};
pub use tagged::tagged;
pub use text::Text;

use crate::ids::Digest;

/// Canonical bytes of a record, made by [`encode`] or accepted by [`Record::parse`].
#[derive(Clone, PartialEq, Eq)]
pub struct Record(String);

impl Record {
    /// Writes `value` as a record.
    ///
    /// # Errors
    /// When the value breaks the profile or is longer than [`LONGEST`] bytes.
    pub fn of<T: serde::Serialize>(value: &T) -> Result<Self, RecordError> {
        encode(value).map(Self)
    }

    /// Accepts bytes only if they are the canonical form of what they say, and reads them as `T`.
    ///
    /// # Errors
    /// When they are not canonical, break the profile, or are not a `T`.
    pub fn parse<T: serde::de::DeserializeOwned>(bytes: &str) -> Result<(Self, T), RecordError> {
        let value = decode(bytes)?;
        Ok((Self(bytes.to_owned()), value))
    }

    /// The bytes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Their digest.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
