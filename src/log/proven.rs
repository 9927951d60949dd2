//! Which leaves are in a log whose edge is known, asked of many: what was proven once is not proven again.
//! Pure.

use std::collections::HashMap;

use super::proofs::Nodes;
use super::tree::{Frontier, node_hash};
use crate::ids::Digest;

/// The nodes of one log that are known to be under its edge.
#[derive(Debug)]
pub struct Proven {
    size: u64,
    known: HashMap<(u8, u64), Digest>,
}

impl Proven {
    /// With nothing but the edge, which is what everything is held against.
    #[must_use]
    pub fn under(edge: &Frontier) -> Self {
        let size = edge.size();
        let levels = (0..=63_u8).rev().filter(|level| size >> level & 1 == 1);
        // Before a peak stand only larger ones, so its own number on its level is even, and is the bits above.
        let places = levels.map(|level| (level, (size >> level) - 1));
        let known = places.zip(edge.peaks().iter().copied()).collect();
        Self { size, known }
    }

    /// Whether entry `index` of the log has this leaf hash. The nodes on the way count only if they lead to one
    /// that is known.
    ///
    /// # Errors
    /// As the nodes.
    pub fn holds<N: Nodes>(&mut self, nodes: &N, index: u64, leaf: Digest) -> Result<bool, N::Error> {
        if index >= self.size {
            return Ok(false);
        }
        let mut way = Vec::new();
        let (mut level, mut at, mut hash) = (0, index, leaf);
        let known = loop {
            if let Some(known) = self.known.get(&(level, at)) {
                break *known;
            }
            let beside = nodes.node(level, at ^ 1)?;
            way.extend([((level, at), hash), ((level, at ^ 1), beside)]);
            hash = if at & 1 == 1 { node_hash(beside, hash) } else { node_hash(hash, beside) };
            (level, at) = (level + 1, at >> 1);
        };
        if known == hash {
            self.known.extend(way);
        }
        Ok(known == hash)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::*;
    use crate::log::tree::leaf_hash;

    struct Kept {
        nodes: HashMap<(u8, u64), Digest>,
        asked: Cell<usize>,
    }

    impl Nodes for Kept {
        type Error = Infallible;

        fn node(&self, level: u8, index: u64) -> Result<Digest, Infallible> {
            self.asked.set(self.asked.get() + 1);
            Ok(self.nodes.get(&(level, index)).copied().unwrap_or_else(|| leaf_hash(b"no node")))
        }
    }

    fn leaf(n: u64) -> Digest {
        leaf_hash(&n.to_be_bytes())
    }

    fn log(size: u64) -> (Frontier, Kept) {
        let (mut edge, mut nodes) = (Frontier::new(), HashMap::new());
        for n in 0..size {
            nodes.insert((0, n), leaf(n));
            nodes.extend(edge.append(leaf(n)).into_iter().map(|node| ((node.level, node.index), node.hash)));
        }
        (edge, Kept { nodes, asked: Cell::new(0) })
    }

    proptest! {
        #[test]
        fn every_entry_holds_and_no_other(size in 1_u64..200, order in prop::collection::vec(0_u64..220, 1..40)) {
            let (edge, nodes) = log(size);
            let mut proven = Proven::under(&edge);
            for index in order {
                prop_assert_eq!(proven.holds(&nodes, index, leaf(index)), Ok(index < size));
                prop_assert_eq!(proven.holds(&nodes, index, leaf(index + 1)), Ok(false));
            }
        }

        #[test]
        fn a_node_that_was_changed_proves_nothing(
            size in 1_u64..200,
            at in 0_u64..200,
            level in 0_u8..8,
            changed in 0_u64..200,
        ) {
            let (edge, mut nodes) = log(size);
            let was = nodes.nodes.insert((level, changed), leaf_hash(b"changed"));
            let mut proven = Proven::under(&edge);
            // Whatever was asked before, and in whichever order.
            for index in [at, at ^ 1, at ^ 2, at] {
                if proven.holds(&nodes, index, leaf(index)) == Ok(true) {
                    prop_assert!(index < size);
                }
                prop_assert_eq!(proven.holds(&nodes, index, leaf_hash(b"changed")), Ok(false));
            }
            nodes.nodes.extend(was.map(|was| ((level, changed), was)));
            if at < size {
                prop_assert_eq!(proven.holds(&nodes, at, leaf(at)), Ok(true), "the mistaken ones were not kept");
            }
        }
    }

    #[test]
    fn neighbours_ask_for_little_more() {
        let (edge, nodes) = log(1024);
        let mut proven = Proven::under(&edge);
        assert_eq!(proven.holds(&nodes, 512, leaf(512)), Ok(true));
        assert_eq!(nodes.asked.replace(0), 10);
        assert_eq!(proven.holds(&nodes, 513, leaf(513)), Ok(true));
        assert_eq!(nodes.asked.replace(0), 0);
        assert_eq!(proven.holds(&nodes, 516, leaf(516)), Ok(true));
        assert_eq!(nodes.asked.get(), 2);
    }
}
