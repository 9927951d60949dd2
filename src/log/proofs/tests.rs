//! Every small tree with all its proofs, beside an independent implementation; and proofs that are wrong.

use std::collections::HashMap;
use std::convert::Infallible;

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2_11::Sha256;

use super::*;
use crate::log::tree::{Frontier, leaf_hash};

const SIZES: u64 = 130;

/// A log in memory, kept as a store keeps it: leaves, and the nodes that appends gave.
#[derive(Default)]
struct Kept {
    nodes: HashMap<(u8, u64), Digest>,
    frontier: Frontier,
    roots: Vec<Digest>,
}

impl Kept {
    fn of(size: u64) -> Self {
        let mut kept = Self { roots: vec![empty_root()], ..Self::default() };
        for index in 0..size {
            let leaf = leaf_hash(&bytes_of(index));
            kept.nodes.insert((0, index), leaf);
            for node in kept.frontier.append(leaf) {
                assert_eq!(kept.nodes.insert((node.level, node.index), node.hash), None);
            }
            kept.roots.push(kept.frontier.root());
        }
        kept
    }

    fn root(&self, size: u64) -> Digest {
        self.roots[usize::try_from(size).unwrap()]
    }
}

impl Nodes for Kept {
    type Error = Infallible;

    fn node(&self, level: u8, index: u64) -> Result<Digest, Infallible> {
        Ok(*self.nodes.get(&(level, index)).expect("only complete nodes are asked for"))
    }
}

fn bytes_of(index: u64) -> Vec<u8> {
    format!("event {index}").into_bytes()
}

fn concatenated(proof: &[Digest]) -> Vec<u8> {
    proof.iter().flat_map(|digest| *digest.as_bytes()).collect()
}

#[test]
fn every_root_and_proof_is_that_of_an_independent_implementation() {
    let kept = Kept::of(SIZES);
    let mut other = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    for size in 1..=SIZES {
        other.push(bytes_of(size - 1));
        let root = root_at(&kept, size).unwrap();
        assert_eq!(root, kept.root(size));
        assert_eq!(root.as_bytes()[..], other.root().as_bytes()[..]);
        for index in 0..size {
            let proof = inclusion(&kept, index, size).unwrap();
            let theirs = other.prove_inclusion(usize::try_from(index).unwrap());
            assert_eq!(concatenated(&proof), theirs.as_bytes(), "entry {index} of {size}");
            let leaf = leaf_hash(&bytes_of(index));
            assert_eq!(verify_inclusion(leaf, index, size, &proof, root), Ok(()));
        }
        for from in 1..size {
            let proof = consistency(&kept, from, size).unwrap();
            let theirs = other.prove_consistency(usize::try_from(size - from).unwrap());
            assert_eq!(concatenated(&proof), theirs.as_bytes(), "{from} in {size}");
            assert_eq!(verify_consistency(from, kept.root(from), size, root, &proof), Ok(()));
        }
    }
}

#[test]
fn an_empty_log_and_an_equal_one_need_no_proof() {
    let kept = Kept::of(5);
    assert_eq!(root_at(&kept, 0), Ok(empty_root()));
    assert_eq!(consistency(&kept, 0, 5), Ok(vec![]));
    assert_eq!(consistency(&kept, 5, 5), Ok(vec![]));
    assert_eq!(verify_consistency(0, empty_root(), 5, kept.root(5), &[]), Ok(()));
    assert_eq!(verify_consistency(0, empty_root(), 0, empty_root(), &[]), Ok(()));
    assert_eq!(verify_consistency(5, kept.root(5), 5, kept.root(5), &[]), Ok(()));
}

#[test]
fn what_cannot_be_true_is_neither_proved_nor_believed() {
    let kept = Kept::of(5);
    let refused = Err(Unproven::NotConsistent);
    assert_eq!(inclusion(&kept, 5, 5), Err(ProofError::NoSuchEntry { index: 5, size: 5 }));
    assert_eq!(consistency(&kept, 5, 4), Err(ProofError::Backwards { from: 5, to: 4 }));
    assert_eq!(verify_inclusion(kept.root(1), 0, 0, &[], kept.root(1)), Err(Unproven::NotIncluded));
    assert_eq!(verify_consistency(5, kept.root(5), 4, kept.root(4), &[]), refused);
    assert_eq!(verify_consistency(4, kept.root(4), 5, kept.root(5), &[]), refused);
    assert_eq!(verify_consistency(5, kept.root(5), 5, kept.root(4), &[]), refused);
    assert_eq!(verify_consistency(0, kept.root(1), 5, kept.root(5), &[]), refused);
    assert_eq!(verify_consistency(0, empty_root(), 0, kept.root(5), &[]), refused);
    assert_eq!(verify_consistency(3, kept.root(3), 5, kept.root(5), &[]), refused);
}

/// Each way to spoil a proof a little.
fn spoilt(proof: &[Digest], at: usize, bit: usize) -> Vec<Vec<Digest>> {
    let mut longer = proof.to_vec();
    longer.push(leaf_hash(b"one more"));
    let mut all = vec![longer];
    if proof.is_empty() {
        return all;
    }
    let at = at % proof.len();
    let mut flipped = proof.to_vec();
    let mut bytes = *flipped[at].as_bytes();
    bytes[bit / 8] ^= 1 << (bit % 8);
    flipped[at] = Digest::from_bytes(bytes);
    let mut without = proof.to_vec();
    without.remove(at);
    all.extend([flipped, without]);
    all
}

#[test]
fn no_proof_shows_that_a_log_shrank() {
    let kept = Kept::of(20);
    for (from, to) in (1..20_u64).flat_map(|to| (to + 1..=20).map(move |from| (from, to))) {
        let (larger, smaller) = (kept.root(from), kept.root(to));
        let backwards = consistency(&kept, to, from).unwrap();
        for proof in [&[][..], &[larger], &[smaller], &[larger, smaller], &backwards] {
            for (old, new) in [(larger, smaller), (larger, larger), (smaller, smaller)] {
                assert!(verify_consistency(from, old, to, new, proof).is_err(), "{from} {to}");
            }
        }
    }
}

proptest! {
    #[test]
    fn no_spoilt_inclusion_proof_is_believed(size in 1..SIZES, pick: u64, other: u64, at: usize, bit in 0..256_usize) {
        let kept = Kept::of(size);
        let index = pick % size;
        let (leaf, root) = (leaf_hash(&bytes_of(index)), kept.root(size));
        let proof = inclusion(&kept, index, size).unwrap();
        for bad in spoilt(&proof, at, bit) {
            prop_assert!(verify_inclusion(leaf, index, size, &bad, root).is_err());
        }
        let other = other % size;
        prop_assert_eq!(verify_inclusion(leaf, other, size, &proof, root).is_ok(), other == index);
        prop_assert!(verify_inclusion(leaf_hash(b"another"), index, size, &proof, root).is_err());
        prop_assert!(verify_inclusion(leaf, index, size, &proof, leaf_hash(b"another")).is_err());
    }

    #[test]
    fn no_spoilt_consistency_proof_is_believed(to in 2..SIZES, pick: u64, at: usize, bit in 0..256_usize) {
        let kept = Kept::of(to);
        let from = 1 + pick % (to - 1);
        let (old, new) = (kept.root(from), kept.root(to));
        let proof = consistency(&kept, from, to).unwrap();
        for bad in spoilt(&proof, at, bit) {
            prop_assert!(verify_consistency(from, old, to, new, &bad).is_err());
        }
        prop_assert!(verify_consistency(from, leaf_hash(b"another"), to, new, &proof).is_err());
        prop_assert!(verify_consistency(from, old, to, leaf_hash(b"another"), &proof).is_err());
    }

    #[test]
    fn a_log_that_was_rewritten_continues_none_of_its_old_heads(size in 2..60_u64, pick: u64) {
        let kept = Kept::of(size);
        let from = 1 + pick % (size - 1);
        let mut forged = Frontier::new();
        for index in 0..size {
            let bytes = if index == from - 1 { b"forged".to_vec() } else { bytes_of(index) };
            forged.append(leaf_hash(&bytes));
        }
        let proof = consistency(&kept, from, size).unwrap();
        prop_assert!(verify_consistency(from, kept.root(from), size, forged.root(), &proof).is_err());
    }

    #[test]
    fn numbers_of_any_size_are_answered_without_a_panic(index: u64, from: u64, size: u64, length in 0..70_usize) {
        let proof = vec![leaf_hash(b"x"); length];
        let root = leaf_hash(b"root");
        prop_assert!(verify_inclusion(leaf_hash(b"y"), index, size, &proof, root).is_err());
        prop_assert!(verify_consistency(from, leaf_hash(b"z"), size, root, &proof).is_err());
    }
}
