//! What a policy is called: its version, and the digest over every layer's name and bytes.
//! Pure.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::error::Source;
use super::packs::Pack;
use crate::ids::Digest;
use crate::record::{Record, RecordError};

/// What a policy is called in requests: the version its author gave it, and the digest of all its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyId {
    /// The root layer's `version`; `absent` when there is no policy file.
    pub version: String,
    /// SHA-256 of the record that lists every layer.
    pub digest: Digest,
}

/// One layer as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// `root`, `pack.<name>` or `project`: the same on every machine.
    pub name: String,
    /// What messages call it.
    pub file: String,
    /// Its text, to be kept as a blob.
    pub text: Cow<'static, str>,
    /// SHA-256 of the text.
    pub digest: Digest,
}

impl Layer {
    /// The layer `name`, read from `file`.
    #[must_use]
    pub(super) fn new(name: &str, file: &str, text: &str) -> Self {
        let digest = Digest::of(text.as_bytes());
        Self { name: name.to_owned(), file: file.to_owned(), text: text.to_owned().into(), digest }
    }

    /// That of a pack.
    #[must_use]
    pub(super) fn of_pack(pack: &'static Pack) -> Self {
        let name = format!("{PACK}{}", pack.name);
        Self { file: name.clone(), name, text: pack.text.into(), digest: Digest::from_bytes(pack.sha256) }
    }

    /// Its text, under its file's name.
    #[must_use]
    pub(super) fn source(&self) -> Source<'_> {
        Source { file: &self.file, text: &self.text }
    }
}

/// What the names of packs' layers begin with.
pub(super) const PACK: &str = "pack.";

/// An identity with the record it is the digest of.
#[derive(Debug)]
pub struct Identity {
    id: PolicyId,
    record: String,
}

#[derive(Serialize)]
struct Layers<'a> {
    r#type: &'static str,
    version: &'a str,
    layers: Vec<LayerName<'a>>,
}

#[derive(Serialize)]
struct LayerName<'a> {
    name: &'a str,
    sha256: Digest,
}

// What `Identity::of` writes for no layers; a test holds the two together.
const ABSENT: &str = r#"{"layers":[],"type":"policy.v1","version":"absent"}"#;

impl Identity {
    /// Of the policy where there is no file.
    #[must_use]
    pub fn absent() -> Self {
        let id = PolicyId { version: "absent".to_owned(), digest: Digest::of(ABSENT.as_bytes()) };
        Self { id, record: ABSENT.to_owned() }
    }

    /// Of the policy made of `layers`.
    ///
    /// # Errors
    /// When the record cannot be written.
    pub fn of(version: String, layers: &[Layer]) -> Result<Self, RecordError> {
        let names = layers.iter().map(|layer| LayerName { name: &layer.name, sha256: layer.digest });
        let names = Layers { r#type: "policy.v1", version: &version, layers: names.collect() };
        let record = Record::of(&names)?;
        let id = PolicyId { version, digest: record.digest() };
        Ok(Self { id, record: record.as_str().to_owned() })
    }

    /// Version and digest.
    #[must_use]
    pub const fn id(&self) -> &PolicyId {
        &self.id
    }

    /// The canonical record.
    #[must_use]
    pub fn record(&self) -> &str {
        &self.record
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_policy_has_an_identity_written_like_any_other() {
        let written = Identity::of("absent".to_owned(), &[]).unwrap();
        assert_eq!(written.record(), Identity::absent().record());
        assert_eq!(written.id(), Identity::absent().id());
    }

    #[test]
    fn another_byte_in_any_layer_is_another_policy() {
        let of = |text: &str| {
            Identity::of("1".to_owned(), &[Layer::new("root", "p", "a"), Layer::new("pack.x", "x", text)])
                .unwrap()
        };
        assert_eq!(of("a").id(), of("a").id());
        assert_ne!(of("a").id(), of("a ").id());
        assert_eq!(of("a").id().digest, Digest::of(of("a").record().as_bytes()));
    }
}
