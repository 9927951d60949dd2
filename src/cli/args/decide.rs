//! Options of the commands that decide and close tickets.
//! Raw values only.

use std::path::PathBuf;

use clap::Args;

/// Options of `review`.
#[derive(Debug, Args)]
pub struct ReviewArgs {
    /// Begin with this ticket
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// One question after the other instead of a full screen
    #[arg(long)]
    pub plain: bool,
    /// Who you sign as; from the settings otherwise
    #[arg(long = "as", value_name = "PRINCIPAL")]
    pub principal: Option<String>,
}

/// Options of `approve`.
#[derive(Debug, Args)]
pub struct ApproveArgs {
    /// The ticket's id, or any unique beginning of it
    #[arg(value_name = "ID")]
    pub id: String,
    /// A note for the requester and the log
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Who you sign as; from the settings otherwise
    #[arg(long = "as", value_name = "PRINCIPAL")]
    pub principal: Option<String>,
}

/// Options of `reject`.
#[derive(Debug, Args)]
pub struct RejectArgs {
    /// Tickets' ids, or unique beginnings of them
    #[arg(value_name = "ID", required_unless_present_any = ["all", "requester"])]
    pub ids: Vec<String>,
    /// Why, told to the requester
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// What to do instead, told to the requester
    #[arg(long, value_name = "TEXT")]
    pub suggest: Option<String>,
    /// Every pending ticket of this account, by name or uid
    #[arg(long, value_name = "ACCOUNT", conflicts_with = "ids")]
    pub requester: Option<String>,
    /// Every pending ticket
    #[arg(long, conflicts_with_all = ["ids", "requester"])]
    pub all: bool,
    /// Who you sign as; from the settings otherwise
    #[arg(long = "as", value_name = "PRINCIPAL")]
    pub principal: Option<String>,
}

/// Options of `revoke`.
#[derive(Debug, Args)]
pub struct RevokeArgs {
    /// The ticket's id, or any unique beginning of it
    #[arg(value_name = "ID")]
    pub id: String,
    /// Why, told to the requester
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Who you sign as; from the settings otherwise
    #[arg(long = "as", value_name = "PRINCIPAL")]
    pub principal: Option<String>,
}

/// Options of `cancel`.
#[derive(Debug, Args)]
pub struct CancelArgs {
    /// Tickets' ids, or unique beginnings of them
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
}

/// Options of `decide`.
#[derive(Debug, Args)]
pub struct DecideArgs {
    /// Print the exact bytes to sign on standard output, the card on standard error
    #[arg(long, value_name = "ID", requires = "principal", conflicts_with = "import")]
    pub prepare: Option<String>,
    /// Record a decision signed with: ssh-keygen -Y sign (FILE.sig beside FILE)
    #[arg(long, value_name = "FILE.sig", required_unless_present = "prepare")]
    pub import: Option<PathBuf>,
    /// Who will sign
    #[arg(long = "as", value_name = "PRINCIPAL")]
    pub principal: Option<String>,
    /// Prepare a reject
    #[arg(long, requires = "prepare", conflicts_with = "revoke")]
    pub reject: bool,
    /// Prepare a revoke
    #[arg(long, requires = "prepare")]
    pub revoke: bool,
    /// Why, told to the requester
    #[arg(long, value_name = "TEXT", requires = "prepare")]
    pub reason: Option<String>,
    /// What to do instead, told to the requester
    #[arg(long, value_name = "TEXT", requires = "reject")]
    pub suggest: Option<String>,
}

/// Options of `reconcile`.
#[derive(Debug, Args)]
pub struct ReconcileArgs {
    /// The ticket whose outcome is unknown
    #[arg(value_name = "ID", required_unless_present_any = ["clock", "import"])]
    pub id: Option<String>,
    /// Accept the present wall clock, which is behind the log
    #[arg(long, conflicts_with = "id")]
    pub clock: bool,
    /// What was found out
    #[arg(long, value_name = "TEXT")]
    pub finding: Option<String>,
    /// Who you sign as; from the settings otherwise
    #[arg(long = "as", value_name = "PRINCIPAL")]
    pub principal: Option<String>,
    /// Print the exact bytes to sign elsewhere instead of signing here
    #[arg(long)]
    pub prepare: bool,
    /// Record a statement signed with: ssh-keygen -Y sign (FILE.sig beside FILE)
    #[arg(long, value_name = "FILE.sig", conflicts_with_all = ["id", "clock", "prepare"])]
    pub import: Option<PathBuf>,
}
