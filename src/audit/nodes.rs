//! The tree's inner nodes as one digest a level: those that the events make against those that a queue keeps for proofs.
//! Pure; memory is that of the levels.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::log::tree::Node;

/// Nodes that went by, those of each level from the left.
#[derive(Debug, Clone, Default)]
pub struct Nodes {
    levels: BTreeMap<u8, Sha256>,
}

impl Nodes {
    /// Takes the next one of its level.
    pub fn add(&mut self, node: &Node) {
        let level = self.levels.entry(node.level).or_default();
        level.update(node.index.to_be_bytes());
        level.update(node.hash.as_bytes());
    }

    /// The lowest level on which `others` are other nodes.
    #[must_use]
    pub fn differ(&self, others: &Self) -> Option<u8> {
        let digest = |nodes: &Self, level: u8| nodes.levels.get(&level).map(|all| all.clone().finalize());
        let mut levels: Vec<u8> = self.levels.keys().chain(others.levels.keys()).copied().collect();
        levels.sort_unstable();
        levels.into_iter().find(|level| digest(self, *level) != digest(others, *level))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Digest;

    fn nodes(list: &[(u8, u64, &str)]) -> Nodes {
        let mut nodes = Nodes::default();
        for (level, index, name) in list {
            nodes.add(&Node { level: *level, index: *index, hash: Digest::of(name.as_bytes()) });
        }
        nodes
    }

    #[test]
    fn the_order_counts_within_a_level_only() {
        let as_made = nodes(&[(1, 0, "a"), (1, 1, "b"), (2, 0, "c")]);
        assert_eq!(as_made.differ(&nodes(&[(2, 0, "c"), (1, 0, "a"), (1, 1, "b")])), None);
        for (other, level) in [
            (nodes(&[(1, 1, "b"), (1, 0, "a"), (2, 0, "c")]), 1),
            (nodes(&[(1, 0, "a"), (1, 2, "b"), (2, 0, "c")]), 1),
            (nodes(&[(1, 0, "a"), (2, 0, "c")]), 1),
            (nodes(&[(1, 0, "a"), (1, 1, "b"), (2, 0, "d")]), 2),
            (nodes(&[(1, 0, "a"), (1, 1, "b")]), 2),
            (nodes(&[(1, 0, "a"), (1, 1, "b"), (2, 0, "c"), (3, 0, "x")]), 3),
        ] {
            assert_eq!((as_made.differ(&other), other.differ(&as_made)), (Some(level), Some(level)));
        }
    }
}
