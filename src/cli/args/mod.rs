//! The command line as clap reads it: every command, option and word of help.
//! Raw values only; what they mean is checked by the command that takes them.

mod audit;
mod decide;
mod later;
mod propose;
mod setup;

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, FromArgMatches as _, Parser, Subcommand, ValueEnum};

use crate::ids::Label;
pub use audit::{
    AuditCommand, ExportArgs, FormatArg, GivenArgs, LogArgs, PruneArgs, ReceiptArgs, ShownArgs, VerifyArgs,
};
pub use decide::{ApproveArgs, CancelArgs, DecideArgs, ReconcileArgs, RejectArgs, ReviewArgs, RevokeArgs};
pub use later::Later;
pub use propose::{ExecArgs, PolicyCheckArgs, ProposalArgs, ProposeArgs, RunArgs, StdinArg};

pub use setup::{
    BackupArgs, DemoArgs, DoctorArgs, DoctorFormatArg, InitArgs, KeyCommand, KeyTrustArgs, PolicyCommand,
    PolicyTestArgs, RestoreArgs,
};

/// A human decision between a dangerous action and its execution, with proof of it.
#[derive(Debug, Parser)]
#[command(name = "handoff", version, disable_help_subcommand = true, max_term_width = 100)]
#[command(after_help = AFTER_HELP)]
pub struct Cli {
    /// Options every command takes.
    #[command(flatten)]
    pub globals: Globals,
    /// What to do; without one, where you stand and the next step.
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Cli {
    /// Reads a command line, the program's own name first.
    ///
    /// # Errors
    /// With what to tell the person who typed it.
    pub fn read(args: &[OsString]) -> Result<Self, clap::Error> {
        // Where the first word is a command, the others are not built, but for what a mistake or help says of them.
        let only = args.get(1).and_then(|word| Self::only(word));
        let read = only.and_then(|only| Self::from_arg_matches(&only.try_get_matches_from(args).ok()?).ok());
        read.map_or_else(|| Self::try_parse_from(args), Ok)
    }

    fn only(name: &OsStr) -> Option<clap::Command> {
        let all = Command::augment_subcommands(clap::Command::new("handoff"));
        let named = all.find_subcommand(name)?.clone();
        let root = clap::Command::new("handoff").disable_help_subcommand(true).subcommand(named);
        Some(Globals::augment_args(root))
    }
}

const AFTER_HELP: &str = "\
Exit codes of run and exec: the command's own, or 118 end unknown, 120 rejected, 121 denied by policy,
122 cancelled, 123 stale, 124 expired, 125 handoff failed, 126/127 not executable/not found.
First steps: handoff demo, then handoff init. The manual: handoff man | man -l -";

/// Options every command takes.
#[derive(Debug, Clone, Args)]
pub struct Globals {
    /// Print data as JSON, one object a line, in the documented schema
    #[arg(long, global = true)]
    pub json: bool,
    /// When to use colour; NO_COLOR and TERM=dumb mean never
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: ColorArg,
    /// What standard error is for: words for people, or one JSON object a line for a log collector
    #[arg(long, global = true, value_name = "FORM", env = "HANDOFF_LOG", default_value = "text")]
    pub log: LogFormArg,
    /// The queue's database file
    #[arg(long, global = true, value_name = "FILE", env = "HANDOFF_QUEUE")]
    pub queue: Option<PathBuf>,
    /// The root policy file
    #[arg(long, global = true, value_name = "FILE", env = "HANDOFF_POLICY")]
    pub policy: Option<PathBuf>,
    /// The reviewers, an allowed_signers file
    #[arg(long, global = true, value_name = "FILE", env = "HANDOFF_REVIEWERS")]
    pub reviewers: Option<PathBuf>,
    /// The signing key: a private key file, or the public one of a key in an agent or token
    #[arg(long, global = true, value_name = "FILE", env = "HANDOFF_KEY")]
    pub key: Option<PathBuf>,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorArg {
    /// On a terminal that wants it.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The form of what is said on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormArg {
    /// Words for people.
    Text,
    /// A JSON object a line, with the ticket's and the request's ids.
    Json,
}

/// Every command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Propose a command, wait for the answer, run it once, exit as it did
    Run(Later<Box<RunArgs>>),
    /// File a request and return at once; prints the ticket's id
    Propose(Later<Box<ProposeArgs>>),
    /// Wait for the answer to tickets; without an id, follow the queue
    Watch(Later<WatchArgs>),
    /// Tell whoever the settings name what is due: new tickets, reminders, answers
    Notify(Later<NotifyArgs>),
    /// Execute an approved ticket
    Exec(Later<ExecArgs>),
    /// Read and decide what waits, one ticket at a time, in the terminal
    Review(Later<ReviewArgs>),
    /// The queue: what is open, or with --all everything
    List(Later<ListArgs>),
    /// One ticket: its card, state, decisions and events
    Show(Later<ShowArgs>),
    /// Read one ticket's card in the terminal and sign that it may run once
    Approve(Later<ApproveArgs>),
    /// Sign that tickets must not run
    Reject(Later<RejectArgs>),
    /// Sign that an approval is taken back before it is used
    Revoke(Later<RevokeArgs>),
    /// Take back your own tickets
    Cancel(Later<CancelArgs>),
    /// Prepare a decision to be signed elsewhere with stock ssh-keygen, or import a signed one
    Decide(Later<DecideArgs>),
    /// Sign what a person found out about an unknown outcome, or accept a clock that went back
    Reconcile(Later<ReconcileArgs>),
    /// Judge commands, test rules, see and trust policies
    #[command(subcommand)]
    Policy(Later<PolicyCommand>),
    /// The log: read it, take it along, verify it, sign its head
    #[command(subcommand)]
    Audit(Later<AuditCommand>),
    /// Keys and reviewers
    #[command(subcommand)]
    Key(Later<KeyCommand>),
    /// Set up this account: key, reviewers, queue, policy
    Init(Later<InitArgs>),
    /// Health, level of trust, and what to do about it
    Doctor(Later<DoctorArgs>),
    /// Copy the queue to a file while it is in use
    Backup(Later<BackupArgs>),
    /// Put a backup back; what was approved and unused is cancelled
    Restore(Later<RestoreArgs>),
    /// The whole cycle on a real command in a throw-away queue
    Demo(Later<DemoArgs>),
    /// Print shell completions
    Completions(Later<CompletionsArgs>),
    /// Print the manual page
    Man,
}

/// Options of `watch`.
#[derive(Debug, Args)]
pub struct WatchArgs {
    /// The tickets to wait for; without one, the whole queue is followed
    #[arg(value_name = "ID")]
    pub ids: Vec<String>,
    /// Stop waiting after this long and exit with 119
    #[arg(long = "for", value_name = "TIME", value_parser = span)]
    pub limit: Option<Duration>,
}

/// Options of `notify`.
#[derive(Debug, Args)]
pub struct NotifyArgs {
    /// Try the notifiers with a card about nothing, and say how each ended
    #[arg(long)]
    pub test: bool,
    /// Only these notifiers
    #[arg(value_name = "NAME", requires = "test")]
    pub names: Vec<Label>,
    /// Without a word and away from the terminal, as other commands start it
    #[arg(long, conflicts_with = "test")]
    pub detached: bool,
}

/// Options of `list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Every ticket, newest first, not only the open ones
    #[arg(long)]
    pub all: bool,
    /// Only tickets in this state
    #[arg(long, value_name = "STATE", value_parser = ["pending", "approved", "rejected", "expired", "cancelled"])]
    pub state: Vec<String>,
    /// Only your own requests
    #[arg(long)]
    pub mine: bool,
    /// At most this many
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub limit: u64,
    /// Skip this many first
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub skip: u64,
}

/// Options of `show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The ticket's id, or any unique beginning of it
    #[arg(value_name = "ID")]
    pub id: String,
    /// Only the card, byte for byte as reviewers sign it
    #[arg(long)]
    pub card: bool,
    /// Write an attachment's or bound file's bytes to standard output, by name or digest
    #[arg(long, value_name = "NAME", conflicts_with = "card")]
    pub blob: Option<String>,
}

/// Options of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// For which shell
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// Reads a span such as `90s`, `15m`, `2h`, `7d`.
///
/// # Errors
/// When it is none of these, zero, or longer than a year.
pub fn span(text: &str) -> Result<Duration, String> {
    days(text, 365)
}

/// Reads an age such as `90d`, in the words of a span.
///
/// # Errors
/// When it is none, zero, or longer than a hundred years.
pub fn age(text: &str) -> Result<Duration, String> {
    days(text, 36_500)
}

fn days(text: &str, most: u64) -> Result<Duration, String> {
    let problem = || format!("{text:?} is no span; write it like 90s, 15m, 2h or 7d");
    let unit = text.chars().last().ok_or_else(problem)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(problem()),
    };
    let digits = text.strip_suffix(unit).filter(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()));
    let count: u64 = digits.and_then(|digits| digits.parse().ok()).ok_or_else(problem)?;
    let total = count.checked_mul(seconds).filter(|total| (1..=most * 86_400).contains(total));
    total.map(Duration::from_secs).ok_or_else(|| format!("{text} is not between 1s and {most}d"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_of_the_command_line_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn one_command_alone_is_read_as_it_is_among_all() {
        for line in [
            "handoff --json list",
            "handoff list --json --state pending",
            "handoff run --reason because --environment=production --queue q -- rm -r x",
            "handoff propose --deadline 5m --declare risk=high -- rm --json",
            "handoff policy check --shell 'a; b' --policy p",
            "handoff policy --json show",
            "handoff key new --comment c",
            "handoff audit log --from 3",
            "handoff man",
            "handoff",
        ] {
            let args: Vec<OsString> = shlex::split(line).unwrap().into_iter().map(OsString::from).collect();
            let (read, whole) = (Cli::read(&args).unwrap(), Cli::try_parse_from(&args).unwrap());
            assert_eq!(format!("{read:?}"), format!("{whole:?}"), "{line}");
        }
    }

    #[test]
    fn a_mistake_is_told_as_if_all_commands_had_been_built() {
        for line in [
            "handoff lits",
            "handoff list --al",
            "handoff list --help",
            "handoff --version",
            "handoff run",
            "handoff run --",
            "handoff policy",
            "handoff policy chekc -- ls",
            "handoff policy check",
            "handoff policy check --help",
            "handoff help",
            "handoff propose --version -- ls",
            "handoff reject --all X",
        ] {
            let args: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let (read, whole) = (Cli::read(&args).unwrap_err(), Cli::try_parse_from(&args).unwrap_err());
            assert_eq!(read.to_string(), whole.to_string(), "{line}");
        }
    }

    #[test]
    fn spans_have_one_number_and_one_unit() {
        assert_eq!(span("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(span("15m"), Ok(Duration::from_secs(900)));
        assert_eq!(age("3650d"), Ok(Duration::from_secs(3650 * 86_400)));
        for bad in ["", "15", "m", "1.5h", "-3s", "0s", "15 m", "99999999999999999999d", "366d", "1h30m"] {
            assert!(span(bad).is_err(), "{bad}");
        }
    }
}
