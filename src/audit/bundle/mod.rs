//! An export as a folder or a tar: its layout, its manifest, and reading it as the trail an audit follows.
//! Reads what it is given, and believes nothing in it.

mod check;
mod files;
mod lines;
mod opened;

use serde::{Deserialize, Serialize};

pub use files::Files;
pub use opened::Bundle;

use crate::clock::Timestamp;
use crate::files::FileError;
use crate::ids::{Digest, Incarnation, Origin};
use crate::record::Text;

/// The manifest.
pub const MANIFEST: &str = "bundle.json";
/// The events, the exact bytes, one a line.
pub const EVENTS: &str = "events.jsonl";
/// Subtrees that were left out.
pub const TREE: &str = "tree.jsonl";
/// Every other file with its digest, as sha256sum(1) writes and checks it.
pub const SUMS: &str = "SHA256SUMS";
/// The log key's signature over that list.
pub const SUMS_NOTE: &str = "SHA256SUMS.note";
/// The page for people.
pub const PAGE: &str = "VERIFY.md";
/// The verifier without us.
pub const SCRIPT: &str = "verify.py";
/// Signed heads, by size.
pub const CHECKPOINTS: &str = "checkpoints";
/// Signed statements and their signatures, by event.
pub const STATEMENTS: &str = "statements";
/// What reviewers read, by digest.
pub const CARDS: &str = "cards";
/// Reviewers files, by digest.
pub const REVIEWERS: &str = "reviewers";
/// Policies' records and layers, by digest.
pub const POLICIES: &str = "policies";
/// Everything else that events name by digest.
pub const BLOBS: &str = "blobs";
/// The folder everything lies in inside a tar.
pub const TOP: &str = "bundle/";

const SINGLE: [&str; 5] = [MANIFEST, EVENTS, TREE, PAGE, SCRIPT];
const BY_DIGEST: [&str; 4] = [BLOBS, CARDS, REVIEWERS, POLICIES];

/// Why a bundle cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// Something else.
    #[error("{0} is no bundle: it holds neither bundle.json nor events.jsonl nor SHA256SUMS")]
    NotOne(String),
    /// Neither a folder nor a tar.
    #[error("{0} is no bundle: neither a folder nor a tar")]
    NotAnArchive(String),
    /// The system refused.
    #[error("cannot read {file} of the bundle: {error}")]
    Io {
        /// Which of its files.
        file: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// The same, from our own way of opening.
    #[error(transparent)]
    File(#[from] FileError),
}

impl BundleError {
    pub(super) fn io(file: &str, error: std::io::Error) -> Self {
        let file = crate::escaped::Escaped::prose(file.as_bytes()).into_string();
        Self::Io { file, error }
    }
}

/// The version of a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ManifestType {
    /// The form described in docs/audit.md.
    #[serde(rename = "bundle.v1")]
    V1,
}

/// What a bundle says of itself; all of it is held against the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The record's version.
    #[serde(rename = "type")]
    pub kind: ManifestType,
    /// The queue.
    pub origin: Origin,
    /// Its life at the end.
    pub incarnation: Incarnation,
    /// The key of its log.
    pub log_key: Text,
    /// How many events the log had.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
    /// How many of them are in the bundle.
    pub events: u64,
    /// Which tickets were asked for; left out where all were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// When it was made, by the exporter's clock.
    pub time: Timestamp,
}

/// Which tickets are exported, whole: those that fit every one of these. Events of the queue always are.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Filed at this time or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Filed before this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// With one of these as the declared environment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environment: Vec<Text>,
    /// Asked by one of these accounts, by name or user id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requester: Vec<Text>,
    /// In one of these states when exported.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub state: Vec<String>,
}

/// A subtree that was left out, as a line of `tree.jsonl`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Left {
    /// 0 for a single event.
    pub level: u8,
    /// From the left, on its level.
    pub index: u64,
    /// Its root.
    pub hash: Digest,
}

/// The hex digits of a digest, as files are called.
#[must_use]
pub fn hex(digest: &Digest) -> String {
    crate::ids::hex(digest.as_bytes())
}

/// The file of a digest in one of the folders.
#[must_use]
pub fn by_digest(folder: &str, digest: &Digest) -> String {
    format!("{folder}/{}", hex(digest))
}

/// What a file's name binds its content to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// The bytes have this digest.
    Digest(Digest),
    /// Nothing: other checks say.
    Freely,
}

/// What a name in a bundle says; nothing for one that has no place in it.
#[must_use]
pub fn named(name: &str) -> Option<Named> {
    if SINGLE.contains(&name) {
        return Some(Named::Freely);
    }
    let (folder, file) = name.split_once('/')?;
    if BY_DIGEST.contains(&folder) {
        return format!("sha256:{file}").parse().ok().map(Named::Digest);
    }
    let number = match folder {
        CHECKPOINTS => file,
        STATEMENTS => file.strip_suffix(".json").or_else(|| file.strip_suffix(".json.sig"))?,
        _ => return None,
    };
    let read: u64 = number.parse().ok()?;
    (read.to_string() == number).then_some(Named::Freely)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_the_layout_have_a_place() {
        let digest = Digest::of(b"x");
        assert_eq!(named(&by_digest(BLOBS, &digest)), Some(Named::Digest(digest)));
        for good in
            ["events.jsonl", "verify.py", "checkpoints/7", "statements/0.json", "statements/12.json.sig"]
        {
            assert_eq!(named(good), Some(Named::Freely), "{good}");
        }
        for bad in [
            "",
            "/etc/passwd",
            "../x",
            "blobs/../x",
            "blobs/x",
            "statements/07.json",
            "statements/7",
            "checkpoints/-1",
            "SHA256SUMS",
            "SHA256SUMS.note",
            "blobs",
            "x/7",
            "events.jsonl/7",
        ] {
            assert_eq!(named(bad), None, "{bad}");
        }
    }
}
