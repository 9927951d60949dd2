//! What an auditor does: checks the whole log and says what held, what did not, and what nothing excludes.
//! Reads only.

mod chain;
mod cores;
pub mod fault;
mod law;
mod life;
pub mod report;
mod rows;
mod signatures;
pub mod statements;
mod succession;
mod verify;

pub use report::{Conclusion, Counts, Report};
pub use verify::{Given, verify};

#[cfg(test)]
mod tests;
