//! The append-only log's tree: hashes, proofs, signed heads, receipts.
//! Pure, but for drawing a new key; the nodes come from whoever keeps them.

pub mod checkpoint;
pub mod logkey;
pub mod proofs;
pub mod receipt;
pub mod tree;
