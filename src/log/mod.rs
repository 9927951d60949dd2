//! The append-only log's tree: hashes, proofs, signed heads.
//! Pure.

pub mod tree;
