//! Reads the command line, runs it, exits with its code.

fn main() {}
