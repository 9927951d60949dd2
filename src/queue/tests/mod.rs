//! The use cases on a real store, with real keys and a clock that a test moves.
//! Each test is one sentence about the queue.

mod attacks;
pub(crate) mod bench;
pub(crate) mod model;
mod notices;
mod prune;
mod restored;
mod stories;
