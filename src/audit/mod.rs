//! What an auditor does: takes the log along, checks it, and says what held, what did not, and what nothing
//! excludes. Reads the queue; writes only the bundle it was asked for.

mod ahead;
pub mod bundle;
mod chain;
pub mod export;
pub mod fault;
mod filing;
mod law;
mod life;
mod live;
mod nodes;
mod payloads;
pub mod receipt;
pub mod report;
mod retries;
mod rows;
mod signatures;
pub mod statements;
mod succession;
mod threads;
pub mod trail;
mod verify;

pub use report::{Conclusion, Counts, Report};
pub use verify::{Given, verify, verify_trail};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod walks;
