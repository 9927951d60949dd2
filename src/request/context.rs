//! Who asks, what they claim, and what they hand in.
//! Pure types, each with one serialised form.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::Digest;
use crate::record::Text;

/// A user of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Numeric user id.
    pub uid: u32,
    /// Its name, or the number when it has none.
    pub name: Text,
}

/// What the requester says, by known name: `environment`, `risk`, `sensitivity`, `impact`,
/// `reversibility`, `confidence`, `label`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Declared(pub BTreeMap<String, Text>);

/// The names a requester may declare, in the order they are shown.
pub const DECLARED_NAMES: [&str; 6] =
    ["risk", "sensitivity", "impact", "reversibility", "confidence", "label"];

/// The observed asker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requester {
    /// The account; the caller's when under sudo.
    pub account: Account,
    /// Process id of the handoff that filed it.
    pub pid: u32,
    /// Name of the process that started it, as the system tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<Text>,
    /// Whether it had a terminal.
    pub terminal: bool,
}

/// What the requester claims and hands in; shown apart from what was observed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Context {
    /// Why it should be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
    /// What it touches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<Text>,
    /// What it will do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<Text>,
    /// How to undo it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback: Option<Text>,
    /// Declared facts, `environment` among them.
    #[serde(default, skip_serializing_if = "no_facts")]
    pub declared: Declared,
    /// Files handed in for the reviewers to read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

fn no_facts(declared: &Declared) -> bool {
    declared.0.is_empty()
}

/// A file kept for the reviewers; its bytes are a blob.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// The file's own name.
    pub name: Text,
    /// Digest of its bytes.
    pub sha256: Digest,
    /// Its length in bytes.
    pub size: u64,
}

/// Where the working folder's git checkout stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GitState {
    /// The top folder of the checkout, without symbolic links.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<Text>,
    /// The checked-out branch; none when detached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<Text>,
    /// The commit's full hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<Text>,
}
