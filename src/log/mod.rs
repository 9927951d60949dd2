//! The append-only log's tree: hashes, proofs, signed heads, receipts.
//! Pure; the nodes come from whoever keeps them.

pub mod proofs;

pub mod tree;
