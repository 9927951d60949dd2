//! The proposal as flags or a file gave it (`Asked`), and its checked form (`Proposal`).
//! Pure: looks at nothing but the values themselves.

mod check;
mod steering;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

pub use steering::steers;

use super::{Context, DECLARED_NAMES};
use crate::escaped::Escaped;
use crate::ids::{InvalidId, Label};
use crate::record::{LONGEST, RecordError, Text};

/// The one declared name with a flag of its own.
pub const ENVIRONMENT: &str = "environment";
/// The longest idempotency key, in bytes.
const LONGEST_KEY: usize = 200;

/// A proposal before anything about it was checked; each field is what one option collected.
#[derive(Clone, Default)]
pub struct Asked {
    /// The command, program first.
    pub argv: Vec<OsString>,
    /// `--reason`.
    pub reason: Option<OsString>,
    /// `--effect`.
    pub effect: Option<OsString>,
    /// `--rollback`.
    pub rollback: Option<OsString>,
    /// `--resource`, each.
    pub resources: Vec<OsString>,
    /// `--declare NAME=VALUE`, each, and `--environment` under its name.
    pub declared: Vec<(String, OsString)>,
    /// `--attach`, each.
    pub attach: Vec<PathBuf>,
    /// `--bind NAME=FILE`, each.
    pub bind: Vec<(String, PathBuf)>,
    /// `--env NAME` and `--env NAME=VALUE`, each.
    pub env: Vec<(OsString, Option<OsString>)>,
    /// `--env-all`.
    pub env_all: bool,
    /// `--secret-env NAME`, each.
    pub secret_env: Vec<OsString>,
    /// `--stdin`.
    pub stdin: Option<StdinMode>,
    /// `--precheck NAME`, each.
    pub prechecks: Vec<String>,
    /// `--once KEY`.
    pub once: Option<OsString>,
    /// `--deadline`.
    pub deadline: Option<Duration>,
}

/// What the requester wants done with standard input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StdinMode {
    /// Nothing is read.
    None,
    /// Read to its end now, and bound.
    Capture,
    /// Handed on unseen.
    Pass,
}

/// How a variable was asked for by name.
#[derive(Clone, PartialEq, Eq)]
pub enum Wanted {
    /// With the value the requester's environment has.
    Inherited,
    /// With this value, which may be shown.
    Given(OsString),
    /// As [`Wanted::Inherited`], and never to be shown to anyone.
    Secret,
}

impl std::fmt::Debug for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Inherited => "Inherited",
            Self::Given(_) => "Given(..)",
            Self::Secret => "Secret",
        })
    }
}

/// Why a proposal is refused before anything is looked at.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// No command.
    #[error("no command given; put it after `--`, as in: handoff run -- rm -r build")]
    NoCommand,
    /// The program is a bound copy.
    #[error("a {{bind:…}} cannot be the program; name an interpreter first, as in: sh {{bind:script}}")]
    BoundProgram,
    /// A NUL byte, which no argument of a process can hold.
    #[error("{what} holds a NUL byte, which no process can be given")]
    Nul {
        /// Which value.
        what: String,
    },
    /// A declared name nobody knows.
    #[error("cannot declare {name}; known are {}, and --environment", DECLARED_NAMES.join(", "))]
    UnknownDeclared {
        /// The name.
        name: Escaped,
    },
    /// Two values for one thing.
    #[error("{what} {name} is given twice, in two ways; give it once")]
    Twice {
        /// Kind of thing.
        what: &'static str,
        /// Its name.
        name: Escaped,
    },
    /// Not a name.
    #[error("{what} {name}: {source}")]
    Name {
        /// Kind of thing.
        what: &'static str,
        /// What was given.
        name: Escaped,
        /// What is wrong with it.
        source: InvalidId,
    },
    /// `{bind:NAME}` without `--bind NAME=FILE`.
    #[error("the command has {{bind:{0}}}, but no --bind {0}=FILE is given")]
    MissingBind(Label),
    /// `--bind NAME=FILE` that nothing uses.
    #[error("--bind {0} is given, but the command has no {{bind:{0}}}")]
    UnusedBind(Label),
    /// Not the name of a variable.
    #[error("{name} cannot be the name of an environment variable")]
    VariableName {
        /// What was given.
        name: Escaped,
    },
    /// A variable that says what code runs, or where: reviewers must see it.
    #[error(
        "{name} decides which program or code runs, so its value cannot be hidden; give it with --env {name}"
    )]
    SteeringSecret {
        /// The variable.
        name: Escaped,
    },
    /// An idempotency key out of bounds.
    #[error("--once takes 1 to {LONGEST_KEY} bytes")]
    OnceLength,
    /// No time at all.
    #[error("--deadline must be at least one second")]
    Deadline,
    /// More than a record holds.
    #[error(
        "command, variables and reasons take {0} bytes, and a request holds {LONGEST}; \
         put long values into a file and hand it over with --bind NAME=FILE or --attach FILE"
    )]
    TooLarge(usize),
    /// Cannot be written at all.
    #[error(transparent)]
    Record(#[from] RecordError),
}

/// A proposal whose parts are well formed and fit together. Only [`Asked::check`] makes one.
#[derive(Debug, Clone)]
pub struct Proposal {
    argv: Vec<OsString>,
    context: Context,
    attach: Vec<PathBuf>,
    binds: BTreeMap<Label, PathBuf>,
    variables: BTreeMap<OsString, Wanted>,
    env_all: bool,
    stdin: Option<StdinMode>,
    prechecks: Vec<Label>,
    once: Option<Text>,
    deadline: Option<Duration>,
}

impl Proposal {
    /// The command, program first; never empty.
    #[must_use]
    pub fn argv(&self) -> &[OsString] {
        &self.argv
    }

    /// The program as the requester named it.
    #[must_use]
    pub fn program(&self) -> &OsStr {
        self.argv.first().map_or(OsStr::new(""), OsString::as_os_str)
    }

    /// What the requester claims; attachments are read later.
    #[must_use]
    pub const fn context(&self) -> &Context {
        &self.context
    }

    /// Files to keep for the reviewers.
    #[must_use]
    pub fn attach(&self) -> &[PathBuf] {
        &self.attach
    }

    /// Files whose bytes the command is to read, by the name in `{bind:NAME}`.
    #[must_use]
    pub const fn binds(&self) -> &BTreeMap<Label, PathBuf> {
        &self.binds
    }

    /// Variables asked for by name.
    #[must_use]
    pub const fn variables(&self) -> &BTreeMap<OsString, Wanted> {
        &self.variables
    }

    /// Whether the whole environment is to be handed on.
    #[must_use]
    pub const fn env_all(&self) -> bool {
        self.env_all
    }

    /// What is to be done with standard input, if that was said.
    #[must_use]
    pub const fn stdin(&self) -> Option<StdinMode> {
        self.stdin
    }

    /// Prechecks by their name in the policy.
    #[must_use]
    pub fn prechecks(&self) -> &[Label] {
        &self.prechecks
    }

    /// The idempotency key.
    #[must_use]
    pub const fn once(&self) -> Option<&Text> {
        self.once.as_ref()
    }

    /// How long it may wait, if the requester wants less than the policy gives.
    #[must_use]
    pub const fn deadline(&self) -> Option<Duration> {
        self.deadline
    }
}

#[cfg(test)]
mod tests;
