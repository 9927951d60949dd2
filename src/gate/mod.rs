//! The gate: what stands between an approval and the process it allows.
//! Waits, checks again, executes; the only part of the library that starts what was approved.

pub mod child;
pub mod execute;
pub mod liveness;
pub mod recheck;
pub mod signals;
pub mod wait;
