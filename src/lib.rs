//! A human decision between a dangerous action and its execution, with proof of it.
//! The binary is a thin reader of flags over this library; nothing here is a stable Rust API.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]
#![cfg_attr(test, allow(clippy::disallowed_methods))]

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
compile_error!("handoff runs on Linux and macOS: its gate depends on their process and file semantics");

#[cfg(all(handoff_broken, not(debug_assertions)))]
compile_error!(
    "a program that is broken on purpose is for the crash sweep alone, and is never built for use"
);

pub mod audit;
pub mod bell;
#[cfg(handoff_broken)]
pub mod broken;
#[allow(clippy::disallowed_methods, reason = "the command line reads the environment for everybody")]
pub mod cli;
pub mod clock;
pub mod config;
pub mod escaped;
pub mod facts;
pub mod files;
pub mod gate;
pub mod holding;
pub mod ids;
pub mod locks;
pub mod log;
pub mod notify;
pub mod occasion;
pub mod policy;
pub mod queue;
pub mod record;
pub mod request;
pub mod review;
pub mod signing;
pub mod store;
pub mod ticket;
pub mod tui;
