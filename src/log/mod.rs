//! The append-only log's tree: hashes, proofs, signed heads, receipts, signed lists of files.
//! Pure, but for drawing a new key; the nodes come from whoever keeps them.

pub mod checkpoint;
pub mod logkey;
pub mod proofs;
pub mod proven;
pub mod receipt;
pub mod sums;
pub mod tree;
