//! Options of set-up, keys, policy, backup and the demonstration.
//! Raw values only.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::later::Later;
use super::propose::PolicyCheckArgs;

/// Options of `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Use the first ed25519 key of the running ssh-agent
    #[arg(long)]
    pub agent: bool,
    /// Your name as a reviewer; USER@HOST otherwise
    #[arg(long = "as", value_name = "PRINCIPAL")]
    pub principal: Option<String>,
    /// The queue's name; HOST and four random letters otherwise
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
}

/// What to do with keys and reviewers.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a signing key with a passphrase
    New {
        /// Where to write it
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
        /// A comment inside the key
        #[arg(long, value_name = "TEXT")]
        comment: Option<String>,
    },
    /// The reviewers in force, with their keys
    List,
    /// Count a key as a reviewer's from now on
    Trust(Later<KeyTrustArgs>),
    /// Stop counting a key: from now on, or with --stolen at once and for all time
    Revoke {
        /// The key's fingerprint, SHA256:…
        #[arg(value_name = "FINGERPRINT")]
        fingerprint: String,
        /// The key was stolen: nothing it ever signed counts any more
        #[arg(long)]
        stolen: bool,
    },
}

/// Options of `key trust`.
#[derive(Debug, Args)]
pub struct KeyTrustArgs {
    /// The reviewer's name
    #[arg(value_name = "PRINCIPAL")]
    pub principal: String,
    /// Their public key file
    #[arg(value_name = "FILE.pub")]
    pub file: PathBuf,
    /// Until when it counts, as YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    pub until: Option<String>,
}

/// What to do with policies.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Judge a command without filing it, and say why: exit 0 allow, 119 review, 121 deny
    Check(Later<PolicyCheckArgs>),
    /// Run every rule's examples, also in other spellings, and find dead rules
    Test(Later<PolicyTestArgs>),
    /// Trust a project's policy file as it is now
    Trust {
        /// The file; .handoff.toml here otherwise
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// The layers and rules in force
    Show,
}

/// Options of `policy test`.
#[derive(Debug, Args)]
pub struct PolicyTestArgs {
    /// Judge the labelled commands of this file instead, a JSON object a line, and count misses each way
    #[arg(long, value_name = "FILE")]
    pub corpus: Vec<PathBuf>,
}

/// Options of `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Print numbers for a monitoring program instead
    #[arg(long, value_name = "FORM", conflicts_with = "json")]
    pub format: Option<DoctorFormatArg>,
}

/// A form of the doctor's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DoctorFormatArg {
    /// The text format that Prometheus and its textfile collector read.
    Prometheus,
}

/// Options of `backup`.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// The new file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Options of `restore`.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// The backup
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Options of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Keep the folder with queue, keys and evidence
    #[arg(long)]
    pub keep: bool,
}
