//! The gate: what stands between an approval and the process it allows.
//! Starts and supervises processes; the only part of the library that does.

pub mod child;
pub mod signals;
