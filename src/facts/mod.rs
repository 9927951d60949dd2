//! The policy's structured inputs: what handoff observed, and what the requester declared.
//! Pure, but for `observe`, which looks at the machine.

pub mod argv;
pub mod observe;
pub mod wrapper;

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::record::Text;
pub use crate::request::{Account, DECLARED_NAMES, Declared};
use crate::request::{Exec, Request, Stdin, Value};

/// Everything a rule may look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Seen by handoff itself.
    pub observed: Observed,
    /// The requester's word, which only raises the bar.
    pub declared: Declared,
}

/// What handoff saw of the action and its surroundings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// All arguments as given, program first.
    pub argv: Vec<Text>,
    /// Absolute path the program resolves to, if it was found.
    pub program: Option<PathBuf>,
    /// Whether the requester could replace the program: it, or a folder above it, is theirs to write.
    pub program_is_theirs: bool,
    /// The folder the command would run in.
    pub cwd: PathBuf,
    /// The account it would run as.
    pub account: Account,
    /// The machine's name.
    pub host: String,
    /// Whether the requester has a terminal.
    pub terminal: bool,
    /// The whole environment is handed on (`--env-all`): never allowed without a person.
    pub env_all: bool,
    /// Standard input is handed on unseen (`--stdin pass`): never allowed without a person.
    pub stdin_pass: bool,
    /// A secret is among the environment: forces a review.
    pub secret: bool,
    /// Names bound by `--env` beyond the base set and what the policy lists. A variable such as
    /// `LD_PRELOAD` or `GIT_EXTERNAL_DIFF` changes what a program does, so nothing is allowed with one.
    pub env_added: BTreeSet<Text>,
}

impl Facts {
    /// The facts a request carries: the same at filing and at every later judgement of it.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        Self::about(request.exec(), request.requester.terminal, request.context.declared.clone())
    }

    /// The facts of an action that is not a request yet; `terminal` says whether its requester has one.
    #[must_use]
    pub fn about(exec: &Exec, terminal: bool, declared: Declared) -> Self {
        Self { observed: observed(exec, terminal), declared }
    }
}

fn observed(exec: &Exec, terminal: bool) -> Observed {
    let added = exec.env.iter().filter(|variable| variable.added);
    Observed {
        argv: exec.argv.clone(),
        program: Some(PathBuf::from(exec.program.path.as_os_str())),
        program_is_theirs: exec.program.theirs,
        cwd: PathBuf::from(exec.cwd.as_os_str()),
        account: exec.account.clone(),
        host: exec.host.as_os_str().to_string_lossy().into_owned(),
        terminal,
        env_all: exec.env_all,
        stdin_pass: exec.stdin == Stdin::Pass,
        secret: exec.env.iter().any(|variable| matches!(&variable.value, Value::Hidden(v) if v.secret)),
        env_added: added.map(|variable| variable.name.clone()).collect(),
    }
}
