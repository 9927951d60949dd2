//! The RFC 6962 tree over the log's events.
//! Pure. (Placeholder of the types; the tree itself lands next and replaces this file.)

use crate::ids::Digest;

/// A complete node that an append finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// 0 for leaves.
    pub level: u8,
    /// From the left, on its level.
    pub index: u64,
    /// Its hash.
    pub hash: Digest,
}

/// The tree's right edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frontier {
    /// How many leaves.
    pub size: u64,
    /// Hashes of the complete subtrees, largest first.
    pub peaks: Vec<Digest>,
}
