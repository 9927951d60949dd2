//! How this program must not behave, for the crash sweep to find: `tests/it/sweep/broken.rs` builds it with
//! `--cfg handoff_broken`, which no release can be built with. Reads one variable of the environment.

/// Whether it is to behave in the way called `how` now.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "not part of the program")]
pub fn is(how: &str) -> bool {
    std::env::var_os("HANDOFF_BROKEN").is_some_and(|named| named == how)
}
