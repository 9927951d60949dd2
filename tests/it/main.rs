//! Everything tested from outside the library: the program as people run it, and the shape of its source.
//! One binary, so that it is linked once. A file here that is not named below is found by `structure`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, clippy::print_stderr)]

mod bindings;
mod bundles;
mod bypasses;
mod cheats;
mod clocks;
mod disks;
mod exits;
mod faults;
mod first_run;
mod forged;
mod generated;
mod health;
mod hostile;
mod install;
mod interrupts;
mod json;
mod laws;
mod logging;
mod misuse;
mod notify;
mod pages;
mod people;
mod pins;
mod pipes;
mod reading;
mod receipts;
mod records;
mod refusals;
mod retention;
mod retries;
mod screen;
mod setup;
mod sitting;
mod soak;
mod source;
mod splitting;
mod storm;
mod structure;
mod sweep;
mod terminal;
mod tokens;
mod upgrades;
mod watching;
mod world;
