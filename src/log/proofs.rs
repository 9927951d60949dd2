//! Proofs over the tree: that an event is in it, that an older tree is its beginning. Made from kept nodes,
//! O(log n); checked by anyone without them (RFC 9162 §2.1.3, §2.1.4). Pure.

use super::tree::{empty_root, node_hash};
use crate::ids::Digest;

/// Where the tree's complete nodes are kept; level 0 are the leaf hashes.
pub trait Nodes {
    /// Why a node cannot be had.
    type Error;

    /// The node, which the caller knows to be complete.
    ///
    /// # Errors
    /// When it is missing or cannot be read.
    fn node(&self, level: u8, index: u64) -> Result<Digest, Self::Error>;
}

/// Why a proof was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError<E> {
    /// The question makes no sense.
    #[error("there is no entry {index} in a log of {size}")]
    NoSuchEntry {
        /// Which was asked for.
        index: u64,
        /// Of how many.
        size: u64,
    },
    /// The later tree is the smaller one.
    #[error("a log of {to} entries cannot contain one of {from}")]
    Backwards {
        /// The size that should be the older.
        from: u64,
        /// The size that should be the newer.
        to: u64,
    },
    /// A node could not be had.
    #[error(transparent)]
    Nodes(#[from] E),
}

/// The root the log had at `size` entries.
///
/// # Errors
/// As the nodes.
pub fn root_at<N: Nodes>(nodes: &N, size: u64) -> Result<Digest, N::Error> {
    if size == 0 { Ok(empty_root()) } else { subtree(nodes, 0, size) }
}

/// The audit path of entry `index` in the tree of `size`, lowest node first.
///
/// # Errors
/// `NoSuchEntry`, or as the nodes.
pub fn inclusion<N: Nodes>(nodes: &N, index: u64, size: u64) -> Result<Vec<Digest>, ProofError<N::Error>> {
    if index >= size {
        return Err(ProofError::NoSuchEntry { index, size });
    }
    let mut path = Vec::new();
    let (mut begin, mut end) = (0, size);
    while end - begin > 1 {
        let middle = begin + split(end - begin);
        if index < middle {
            path.push(subtree(nodes, middle, end)?);
            end = middle;
        } else {
            path.push(subtree(nodes, begin, middle)?);
            begin = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The proof that the tree of `from` entries is the beginning of that of `to`; empty when nothing has to be
/// shown (`from` is 0 or `to`).
///
/// # Errors
/// `Backwards`, or as the nodes.
pub fn consistency<N: Nodes>(nodes: &N, from: u64, to: u64) -> Result<Vec<Digest>, ProofError<N::Error>> {
    if from > to {
        return Err(ProofError::Backwards { from, to });
    }
    if from == 0 {
        return Ok(Vec::new());
    }
    let mut path = Vec::new();
    let (mut begin, mut end) = (0, to);
    while end > from {
        let middle = begin + split(end - begin);
        if from <= middle {
            path.push(subtree(nodes, middle, end)?);
            end = middle;
        } else {
            path.push(subtree(nodes, begin, middle)?);
            begin = middle;
        }
    }
    // The old tree's own last subtree; when that is the whole old tree the checker has it already.
    if begin > 0 {
        path.push(subtree(nodes, begin, end)?);
    }
    path.reverse();
    Ok(path)
}

/// The largest power of two below `width`, which is at least 2.
const fn split(width: u64) -> u64 {
    1 << (width - 1).ilog2()
}

/// The root over the leaves from `begin` to before `end`; `begin` is where such a subtree can start.
fn subtree<N: Nodes>(nodes: &N, begin: u64, end: u64) -> Result<Digest, N::Error> {
    let width = end - begin;
    if width.is_power_of_two() {
        let level = width.ilog2();
        return nodes.node(level as u8, begin >> level);
    }
    let middle = begin + split(width);
    Ok(node_hash(subtree(nodes, begin, middle)?, subtree(nodes, middle, end)?))
}

/// A proof that does not show what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// The entry is not under this root, or the path is not its own.
    #[error("the log's root does not contain this entry")]
    NotIncluded,
    /// The newer tree does not begin with the older, or the proof is not theirs.
    #[error("the log does not continue the one that was seen before: entries were changed or removed")]
    NotConsistent,
}

/// Checks that the entry with hash `leaf` is number `index` of the tree of `size` with this root
/// (RFC 9162 §2.1.3.2).
///
/// # Errors
/// `NotIncluded` in every other case.
pub fn verify_inclusion(
    leaf: Digest,
    index: u64,
    size: u64,
    proof: &[Digest],
    root: Digest,
) -> Result<(), Unproven> {
    if index >= size {
        return Err(Unproven::NotIncluded);
    }
    let mut climb = Climb { at: index, last: size - 1 };
    let mut hash = leaf;
    for &sibling in proof {
        hash = match climb.step().ok_or(Unproven::NotIncluded)? {
            Side::Left => node_hash(sibling, hash),
            Side::Right => node_hash(hash, sibling),
        };
    }
    if climb.is_at_root() && hash == root { Ok(()) } else { Err(Unproven::NotIncluded) }
}

/// Checks that the tree of `from` entries with `old` as root is the beginning of that of `to` with `new`
/// (RFC 9162 §2.1.4.2).
///
/// # Errors
/// `NotConsistent` in every other case.
pub fn verify_consistency(
    from: u64,
    old: Digest,
    to: u64,
    new: Digest,
    proof: &[Digest],
) -> Result<(), Unproven> {
    let holds = match from {
        _ if from > to => false,
        0 => proof.is_empty() && old == empty_root() && (to > 0 || new == old),
        _ if from == to => proof.is_empty() && old == new,
        _ => roots_of(from, old, to, proof) == Some((old, new)),
    };
    if holds { Ok(()) } else { Err(Unproven::NotConsistent) }
}

/// The two roots that a consistency proof leads to, where 0 < from < to.
fn roots_of(from: u64, old: Digest, to: u64, proof: &[Digest]) -> Option<(Digest, Digest)> {
    // A complete old tree is one node of the new one, and its hash is known: it is not in the proof.
    let (seed, rest) = if from.is_power_of_two() {
        if proof.is_empty() {
            return None;
        }
        (old, proof)
    } else {
        let (&first, rest) = proof.split_first()?;
        (first, rest)
    };
    let mut climb = Climb { at: from - 1, last: to - 1 };
    climb.skip_to_left_child();
    let (mut older, mut newer) = (seed, seed);
    for &sibling in rest {
        match climb.step()? {
            Side::Left => {
                older = node_hash(sibling, older);
                newer = node_hash(sibling, newer);
            }
            Side::Right => newer = node_hash(newer, sibling),
        }
    }
    climb.is_at_root().then_some((older, newer))
}

/// On which side of the climber the next sibling stands.
enum Side {
    Left,
    Right,
}

/// The way from a node up to the root: its index on the level, and the last index there.
struct Climb {
    at: u64,
    last: u64,
}

impl Climb {
    /// One sibling further up; `None` when the root is reached already.
    fn step(&mut self) -> Option<Side> {
        if self.is_at_root() {
            return None;
        }
        let side = if self.at & 1 == 1 {
            Side::Left
        } else if self.at == self.last {
            // An only child on the right edge has no sibling here: it moves up as it is.
            while self.at & 1 == 0 && self.at != 0 {
                self.up();
            }
            Side::Left
        } else {
            Side::Right
        };
        self.up();
        Some(side)
    }

    fn skip_to_left_child(&mut self) {
        while self.at & 1 == 1 {
            self.up();
        }
    }

    const fn up(&mut self) {
        self.at >>= 1;
        self.last >>= 1;
    }

    const fn is_at_root(&self) -> bool {
        self.last == 0
    }
}

#[cfg(test)]
mod tests;
