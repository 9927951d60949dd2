//! The command line: reads flags, calls the floors below, prints, and maps every end to an exit code.
//! The only place that reads the environment and writes to the terminal.

pub mod args;
pub mod error;
pub mod out;
