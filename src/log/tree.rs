//! The RFC 6962 Merkle tree over the log's events: its hashes, and its right edge that grows.
//! Pure.

use sha2::{Digest as _, Sha256};

use crate::ids::Digest;

/// The most leaves a tree may have: what a record's integers can say.
pub const MOST_LEAVES: u64 = (1 << 53) - 1;

/// The hash of one event's bytes as a leaf: SHA-256 of 0x00 and the bytes (RFC 6962 §2.1).
#[must_use]
pub fn leaf_hash(bytes: &[u8]) -> Digest {
    Digest::from_bytes(Sha256::new_with_prefix([0]).chain_update(bytes).finalize().into())
}

/// The hash of an inner node: SHA-256 of 0x01 and both children (RFC 6962 §2.1).
#[must_use]
pub fn node_hash(left: Digest, right: Digest) -> Digest {
    let mut bytes = [1; 65];
    let (_, children) = bytes.split_at_mut(1);
    if let ([to_left, to_right], []) = children.as_chunks_mut() {
        (*to_left, *to_right) = (*left.as_bytes(), *right.as_bytes());
    }
    Digest::of(&bytes)
}

/// The root of a tree without leaves: SHA-256 of nothing.
#[must_use]
pub fn empty_root() -> Digest {
    Digest::of(b"")
}

/// A complete subtree's root: `index` counts from the left on its level, where 0 are the leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    /// 0 for leaves.
    pub level: u8,
    /// From the left, on its level.
    pub index: u64,
    /// Its hash.
    pub hash: Digest,
}

/// The tree's right edge: all that an append needs, about 32 bytes for each doubling of the log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Digest>,
}

/// The bytes are not a right edge.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the log's right edge does not fit its size")]
pub struct InvalidFrontier;

impl Frontier {
    /// The edge of an empty tree.
    #[must_use]
    pub const fn new() -> Self {
        Self { size: 0, peaks: Vec::new() }
    }

    /// An edge as it was kept.
    ///
    /// # Errors
    /// When there is not one peak for each bit of `size`, or `size` is past [`MOST_LEAVES`].
    pub fn from_parts(size: u64, peaks: Vec<Digest>) -> Result<Self, InvalidFrontier> {
        let fits = size <= MOST_LEAVES && peaks.len() == size.count_ones() as usize;
        if fits { Ok(Self { size, peaks }) } else { Err(InvalidFrontier) }
    }

    /// How many leaves.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the complete subtrees, largest and leftmost first.
    #[must_use]
    pub fn peaks(&self) -> &[Digest] {
        &self.peaks
    }

    /// Adds a complete subtree known by its root only, or nothing when it is not the one that comes next.
    pub fn graft(&mut self, node: Node) -> Option<u64> {
        let width = 1_u64.checked_shl(u32::from(node.level))?;
        let begin = node.index.checked_mul(width)?;
        if begin != self.size || width > MOST_LEAVES - self.size {
            return None;
        }
        let (mut index, mut hash) = (node.index, node.hash);
        while index & 1 == 1 {
            hash = node_hash(self.peaks.pop()?, hash);
            index >>= 1;
        }
        self.peaks.push(hash);
        self.size += width;
        Some(width)
    }

    /// Adds a leaf (its hash) and gives the nodes above the leaves that are complete now, lowest first. They
    /// never change again.
    pub fn append(&mut self, leaf: Digest) -> Vec<Node> {
        let mut nodes = Vec::new();
        let (mut level, mut index, mut hash) = (0, self.size, leaf);
        while index & 1 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(left, hash);
            level += 1;
            index >>= 1;
            nodes.push(Node { level, index, hash });
        }
        self.peaks.push(hash);
        self.size += 1;
        nodes
    }

    /// The tree's root.
    #[must_use]
    pub fn root(&self) -> Digest {
        let mut peaks = self.peaks.iter().rev().copied();
        let smallest = peaks.next().unwrap_or_else(empty_root);
        peaks.fold(smallest, |right, left| node_hash(left, right))
    }

    /// The one encoding: the size, eight bytes big-endian, then the peaks, 32 bytes each.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.size.to_be_bytes().to_vec();
        self.peaks.iter().for_each(|peak| bytes.extend_from_slice(peak.as_bytes()));
        bytes
    }

    /// Reads [`Frontier::to_bytes`] back.
    ///
    /// # Errors
    /// When the length does not fit the size.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidFrontier> {
        let (size, peaks) = bytes.split_first_chunk::<8>().ok_or(InvalidFrontier)?;
        let (peaks, rest) = peaks.as_chunks::<32>();
        if !rest.is_empty() {
            return Err(InvalidFrontier);
        }
        let peaks = peaks.iter().map(|&peak| Digest::from_bytes(peak)).collect();
        Self::from_parts(u64::from_be_bytes(*size), peaks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Leaves and roots of sizes 1 to 8 that implementations of RFC 6962 have shared since 2012.
    const LEAVES: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    const ROOTS: [&str; 8] = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    #[test]
    fn the_roots_are_those_of_the_published_vectors() {
        let mut frontier = Frontier::new();
        assert_eq!(frontier.root(), empty_root());
        for (leaf, root) in LEAVES.iter().zip(ROOTS) {
            frontier.append(leaf_hash(leaf));
            assert_eq!(frontier.root().to_string(), format!("sha256:{root}"));
        }
    }

    #[test]
    fn an_append_gives_each_node_once_when_it_is_complete() {
        let mut frontier = Frontier::new();
        let leaves: Vec<_> = (0..4_u8).map(|n| leaf_hash(&[n])).collect();
        let low = node_hash(leaves[0], leaves[1]);
        let high = node_hash(leaves[2], leaves[3]);
        assert_eq!(frontier.append(leaves[0]), []);
        assert_eq!(frontier.append(leaves[1]), [Node { level: 1, index: 0, hash: low }]);
        assert_eq!(frontier.append(leaves[2]), []);
        let top = Node { level: 2, index: 0, hash: node_hash(low, high) };
        assert_eq!(frontier.append(leaves[3]), [Node { level: 1, index: 1, hash: high }, top]);
        assert_eq!(frontier.peaks(), [top.hash]);
    }

    #[test]
    fn a_subtree_known_by_its_root_stands_for_its_leaves() {
        let leaves: Vec<_> = (0..7_u8).map(|n| leaf_hash(&[n])).collect();
        let mut whole = Frontier::new();
        let nodes: Vec<Node> = leaves.iter().flat_map(|leaf| whole.append(*leaf)).collect();
        let node = |level, index| *nodes.iter().find(|n| (n.level, n.index) == (level, index)).unwrap();
        let mut cut = Frontier::new();
        cut.append(leaves[0]);
        assert_eq!(cut.graft(node(1, 0)), None, "it begins before");
        assert_eq!(cut.graft(Node { level: 0, index: 1, hash: leaves[1] }), Some(1));
        assert_eq!(cut.graft(node(1, 1)), Some(2));
        assert_eq!(cut.graft(Node { index: 3, ..node(1, 1) }), None, "it begins behind");
        assert_eq!(cut.graft(node(1, 2)), Some(2));
        cut.append(leaves[6]);
        assert_eq!(cut, whole);
        assert_eq!(cut.graft(Node { level: 63, index: 0, hash: leaves[0] }), None);
        assert_eq!(cut.graft(Node { level: 64, index: 1, hash: leaves[0] }), None);
    }

    #[test]
    fn a_grafted_leaf_completes_what_an_appended_one_does() {
        let mut grown = Frontier::new();
        let mut grafted = Frontier::new();
        for n in 0..40_u8 {
            let hash = leaf_hash(&[n]);
            grown.append(hash);
            assert_eq!(grafted.graft(Node { level: 0, index: u64::from(n), hash }), Some(1));
            assert_eq!(grafted, grown);
        }
    }

    #[test]
    fn nothing_is_grafted_past_the_most_leaves() {
        let hash = leaf_hash(b"x");
        let room_for_one = || Frontier::from_parts(MOST_LEAVES - 1, vec![hash; 52]).unwrap();
        let next = Node { level: 0, index: MOST_LEAVES - 1, hash };
        let mut full = room_for_one();
        assert_eq!(full.graft(next), Some(1));
        assert_eq!(full.size(), MOST_LEAVES);
        assert_eq!(full.graft(Node { index: MOST_LEAVES, ..next }), None);
        let mut half = Frontier::from_parts(1 << 52, vec![hash]).unwrap();
        assert_eq!(half.graft(Node { level: 52, index: 1, hash }), None, "it does not all fit");
    }

    #[test]
    fn an_edge_comes_back_from_its_bytes_and_from_no_others() {
        let mut frontier = Frontier::new();
        for n in 0..40_u8 {
            let bytes = frontier.to_bytes();
            assert_eq!(Frontier::from_bytes(&bytes), Ok(frontier.clone()));
            assert_eq!(Frontier::from_bytes(&[&bytes[..], &[0]].concat()), Err(InvalidFrontier));
            assert_eq!(Frontier::from_bytes(&[&bytes[..], &[0; 32]].concat()), Err(InvalidFrontier));
            assert_eq!(Frontier::from_bytes(&bytes[..bytes.len() - 1]), Err(InvalidFrontier));
            frontier.append(leaf_hash(&[n]));
        }
        assert_eq!(Frontier::from_bytes(&u64::MAX.to_be_bytes()), Err(InvalidFrontier));
        let past = [&(1_u64 << 60).to_be_bytes()[..], &[0; 32]].concat();
        assert_eq!(Frontier::from_bytes(&past), Err(InvalidFrontier));
    }
}
