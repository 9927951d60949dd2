//! Options of the audit commands.
//! Raw values only.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use super::age;
use super::later::Later;
use crate::clock::Timestamp;

/// What to do with the log.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Read the log, oldest first
    Log(Later<LogArgs>),
    /// Take the log along as a bundle that anybody can check without this program
    Export(Later<ExportArgs>),
    /// Check every event, signature and decision of the queue, or of a bundle
    Verify(Later<VerifyArgs>),
    /// Sign the log's present head, for keeping elsewhere
    Checkpoint,
    /// Prove one decision, or another event, in one file without the rest of the log
    Receipt(Later<ReceiptArgs>),
    /// Remove what was handed in with tickets long over, for good; the log stays whole and says so
    PruneBlobs(Later<PruneArgs>),
}

/// Options of `audit log`.
#[derive(Debug, Args)]
pub struct LogArgs {
    /// Read an export, folder or tar, instead of the queue
    #[arg(long, value_name = "BUNDLE")]
    pub bundle: Option<PathBuf>,
    /// Which events, and how.
    #[command(flatten)]
    pub shown: ShownArgs,
}

/// Which events of the log are told, and how.
#[derive(Debug, Args)]
pub struct ShownArgs {
    /// Only this ticket's events
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// From this sequence number on
    #[arg(long, value_name = "SEQ", default_value_t = 0)]
    pub from: u64,
    /// Only what was recorded at this time or later (RFC 3339, or a date)
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub since: Option<Timestamp>,
    /// Only what was recorded before this time
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub until: Option<Timestamp>,
    /// Only events of this kind, as in the log's second column (proposed, decision, finished, …); repeatable
    #[arg(long, value_name = "KIND", value_parser = crate::ticket::event::KINDS)]
    pub kind: Vec<String>,
    /// At most this many
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// Print the exact bytes of each event, as hashed
    #[arg(long)]
    pub raw: bool,
}

/// Options of `audit export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Where to: a folder, or with the ending .tar one file; nothing may be there yet. With --format a file, or -
    #[arg(short, long, value_name = "PATH")]
    pub output: PathBuf,
    /// A view for spreadsheets and SIEMs instead, one event a line; it proves nothing
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<FormatArg>,
    /// Only tickets filed at this time or later (RFC 3339, or a date)
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub since: Option<Timestamp>,
    /// Only tickets filed before this time
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub until: Option<Timestamp>,
    /// Only tickets for this declared environment
    #[arg(long, value_name = "NAME")]
    pub environment: Vec<String>,
    /// Only tickets of this account, by name or user id
    #[arg(long, value_name = "ACCOUNT")]
    pub requester: Vec<String>,
    /// Only tickets in this state
    #[arg(long, value_name = "STATE", value_parser = ["pending", "approved", "rejected", "expired", "cancelled"])]
    pub state: Vec<String>,
    /// A signed head somebody kept, which a filtered export must be comparable with
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Vec<PathBuf>,
}

/// A view of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatArg {
    /// A spreadsheet's rows.
    Csv,
    /// The Open Cybersecurity Schema Framework's base events, as JSON.
    Ocsf,
    /// The Common Event Format.
    Cef,
}

/// Reads a point in time: `2026-11-22T15:23:20Z`, or a date, which begins at 00:00 UTC.
///
/// # Errors
/// When it is neither.
fn instant(text: &str) -> Result<Timestamp, String> {
    let whole = if text.contains('T') { text.to_owned() } else { format!("{text}T00:00:00Z") };
    whole
        .parse()
        .map_err(|_| format!("{text:?} is no time; write it like 2026-11-22 or 2026-11-22T15:23:20Z"))
}

/// Options of `audit verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// An export, folder or tar, or a receipt; without it, the queue
    #[arg(value_name = "BUNDLE")]
    pub bundle: Option<PathBuf>,
    /// What the auditor brings along.
    #[command(flatten)]
    pub given: GivenArgs,
}

/// What an auditor kept where the queue's owner could not change it.
#[derive(Debug, Args)]
pub struct GivenArgs {
    /// A signed tree head you kept
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Option<PathBuf>,
    /// A reviewer's own memory of the log
    #[arg(long, value_name = "FILE")]
    pub pins: Option<PathBuf>,
    /// The queue's log key as you know it, for a receipt (`audit checkpoint --json` tells it)
    #[arg(long, value_name = "KEY")]
    pub log_key: Option<String>,
}

/// Options of `audit receipt`.
#[derive(Debug, Args)]
pub struct ReceiptArgs {
    /// The ticket
    #[arg(value_name = "ID")]
    pub id: String,
    /// This event of it, by its number in the log; without, its only decision
    #[arg(long, value_name = "SEQ")]
    pub event: Option<u64>,
    /// Write it there, where nothing may be yet; without, to standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Options of `audit prune-blobs`.
#[derive(Debug, Args)]
pub struct PruneArgs {
    /// Of tickets that ended longer ago than this, such as 90d
    #[arg(long, value_name = "AGE", value_parser = age)]
    pub older_than: Duration,
    /// Only tell what would be removed
    #[arg(long)]
    pub dry_run: bool,
}
