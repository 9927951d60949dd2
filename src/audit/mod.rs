//! What an auditor does: checks the whole log and says what held, what did not, and what nothing excludes.
//! Reads only.

pub mod statements;
