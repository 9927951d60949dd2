//! Options of a proposal, of `run`, `propose`, `exec` and `policy check`.
//! Raw values; `request::wire` checks them.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::span;

/// What a request says about its command.
#[derive(Debug, Args)]
#[command(next_help_heading = "What the request says")]
pub struct ProposalArgs {
    /// Why it should be done
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<OsString>,
    /// Where it acts, such as production; rules may be stricter for it
    #[arg(long, value_name = "NAME")]
    pub environment: Option<OsString>,
    /// What it touches
    #[arg(long, value_name = "TEXT")]
    pub resource: Vec<OsString>,
    /// What it will do
    #[arg(long, value_name = "TEXT")]
    pub effect: Option<OsString>,
    /// How to undo it
    #[arg(long, value_name = "TEXT")]
    pub rollback: Option<OsString>,
    /// A declared fact: risk, sensitivity, impact, reversibility, confidence or label
    #[arg(long, value_name = "NAME=VALUE")]
    pub declare: Vec<OsString>,
    /// A file for the reviewers to read; kept and hashed
    #[arg(long, value_name = "FILE")]
    pub attach: Vec<PathBuf>,
    /// Keep a file's bytes; {bind:NAME} in the command becomes a private copy of exactly those
    #[arg(long, value_name = "NAME=FILE")]
    pub bind: Vec<OsString>,
    /// Hand a variable to the command, with this value or the present one
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub env: Vec<OsString>,
    /// Hand the whole environment to the command; never allowed without a person
    #[arg(long)]
    pub env_all: bool,
    /// Hand a variable to the command and show only its length; forces a review
    #[arg(long, value_name = "NAME")]
    pub secret_env: Vec<OsString>,
    /// What the command reads: nothing, piped bytes kept and bound, or whatever comes, unbound
    #[arg(long, value_name = "HOW")]
    pub stdin: Option<StdinArg>,
    /// A check the policy defines; run now and again right before execution
    #[arg(long, value_name = "NAME")]
    pub precheck: Vec<String>,
    /// Idempotency key: the same key is the same ticket, and it runs at most once
    #[arg(long, value_name = "KEY")]
    pub once: Option<OsString>,
    /// How long to wait for the answer, such as 30m; the policy may make it shorter
    #[arg(long, visible_alias = "timeout", value_name = "TIME", value_parser = span)]
    pub deadline: Option<Duration>,
}

/// What to do with standard input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StdinArg {
    /// The command reads nothing.
    None,
    /// Read it to the end now, keep and bind it.
    Capture,
    /// Hand it on unseen.
    Pass,
}

/// Options of `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// What the request says.
    #[command(flatten)]
    pub proposal: ProposalArgs,
    /// Write how it ended to this file, as JSON
    #[arg(long, value_name = "PATH")]
    pub outcome_file: Option<PathBuf>,
    /// The command, after --
    #[arg(last = true, required = true, value_name = "CMD")]
    pub command: Vec<OsString>,
}

/// Options of `propose`.
#[derive(Debug, Args)]
pub struct ProposeArgs {
    /// What the request says.
    #[command(flatten)]
    pub proposal: ProposalArgs,
    /// The command, after --
    #[arg(last = true, required = true, value_name = "CMD")]
    pub command: Vec<OsString>,
}

/// Options of `exec`.
#[derive(Debug, Args)]
pub struct ExecArgs {
    /// The ticket's id, or any unique beginning of it
    #[arg(value_name = "ID")]
    pub id: String,
    /// Write how it ended to this file, as JSON
    #[arg(long, value_name = "PATH")]
    pub outcome_file: Option<PathBuf>,
}

/// Options of `policy check`.
#[derive(Debug, Args)]
pub struct PolicyCheckArgs {
    /// Where it would act
    #[arg(long, value_name = "NAME")]
    pub environment: Option<OsString>,
    /// A declared fact
    #[arg(long, value_name = "NAME=VALUE")]
    pub declare: Vec<OsString>,
    /// A line of shell code to judge, in place of a command
    #[arg(long, value_name = "LINE", conflicts_with = "command")]
    pub shell: Option<OsString>,
    /// The command, after --
    #[arg(last = true, required_unless_present = "shell", value_name = "CMD")]
    pub command: Vec<OsString>,
}
