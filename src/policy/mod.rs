//! What may run, what must be asked, what must not: rules, layers and the judgement over them.
//! Pure, but for the loading of files.

pub mod verdict;

pub use verdict::{Risk, Terms, Verdict};
