//! Options of the audit commands.
//! Raw values only.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::later::Later;

/// What to do with the log.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Read the log, oldest first
    Log(Later<LogArgs>),
    /// Check every event, signature and decision of the queue
    Verify(Later<VerifyArgs>),
    /// Sign the log's present head, for keeping elsewhere
    Checkpoint,
}

/// Options of `audit log`.
#[derive(Debug, Args)]
pub struct LogArgs {
    /// Only this ticket's events
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// From this sequence number on
    #[arg(long, value_name = "SEQ", default_value_t = 0)]
    pub from: u64,
    /// At most this many
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// Print the exact bytes of each event, as hashed
    #[arg(long)]
    pub raw: bool,
}

/// Options of `audit verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// A signed tree head you kept
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Option<PathBuf>,
    /// A reviewer's own memory of the log
    #[arg(long, value_name = "FILE")]
    pub pins: Option<PathBuf>,
}
