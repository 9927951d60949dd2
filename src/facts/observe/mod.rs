//! Looks at the machine: what exactly would run, for whom, and from where.
//! Reads files, ids and the process table; changes nothing, and runs nothing but prechecks.

pub mod account;
pub mod again;
pub mod arguments;
pub mod copies;
pub mod environment;
pub mod git;
pub mod kept;
pub mod links;
pub mod precheck;
pub mod process;
pub mod program;
mod shebang;
pub mod stdin;
pub mod within;

use std::ffi::OsStr;
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};

use crate::files::Stamp;
use crate::ids::Digest;
use crate::record::{RecordError, Text};
use crate::request::secret::CommitmentKey;
use crate::request::wire::Proposal;
use crate::request::{Account, Action, Attachment, Exec, GitState, Link, Requester, Stdin, action_digest};

use super::effects::Links;
use super::{Declared, Facts, atoms_of};
use again::{Given, Ready};
use environment::{EnvRules, EnvironmentError, Values};
use kept::{Blobs, KeptError};
use process::Parent;
use program::{Lookup, ProgramError, Writer};
use stdin::StdinError;
use within::Within;

/// Why an action cannot be observed; nothing is filed then.
#[derive(Debug, thiserror::Error)]
pub enum ObserveError {
    /// The program, which decides the exit code: 127 not found, 126 otherwise.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// The variables.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// A bind or attachment.
    #[error(transparent)]
    Kept(#[from] KeptError),
    /// The input.
    #[error(transparent)]
    Stdin(#[from] StdinError),
    /// The working folder.
    #[error("cannot tell the working folder: {0}")]
    Cwd(std::io::Error),
    /// More than a record holds.
    #[error("the action with all that is bound cannot be written down: {0}; name fewer files and variables")]
    Record(#[from] RecordError),
}

/// What the requester's process brings along.
#[derive(Debug)]
pub struct Surroundings<'a> {
    /// Its environment.
    pub environment: Values,
    /// Its working folder.
    pub cwd: PathBuf,
    /// Its standard input.
    pub input: BorrowedFd<'a>,
    /// Whether it has a terminal.
    pub terminal: bool,
    /// What started it.
    pub parent: Option<Parent>,
}

impl Surroundings<'static> {
    /// Those of this process.
    ///
    /// # Errors
    /// When the working folder is gone.
    #[expect(clippy::disallowed_methods, reason = "to observe the environment is what this is for")]
    pub fn of_this_process() -> Result<Self, ObserveError> {
        Ok(Self {
            environment: Values(std::env::vars_os().collect()),
            cwd: std::env::current_dir().map_err(ObserveError::Cwd)?,
            input: rustix::stdio::stdin(),
            terminal: process::has_terminal(),
            parent: process::parent(),
        })
    }
}

/// An action as it was found, with all that is bound to it.
#[derive(Debug)]
pub struct Observation {
    /// For the record. Prechecks are added by the caller, once the policy has said which.
    pub exec: Exec,
    /// For the policy.
    pub facts: Facts,
    /// Bytes to store with the ticket.
    pub blobs: Blobs,
    /// Files for the reviewers; their bytes are among the blobs.
    pub attachments: Vec<Attachment>,
    /// The checkout around the working folder.
    pub git: Option<GitState>,
    /// Who asks.
    pub requester: Requester,
    /// What stays open, for a command that runs at once.
    pub opened: Opened,
}

/// What was opened and seen on the way: with it a command that is allowed at once need not be hashed twice.
#[derive(Debug)]
pub struct Opened {
    program: std::fs::File,
    values: Values,
    stamps: Vec<(PathBuf, Stamp)>,
}

impl Opened {
    /// The variables with their values, for the prechecks.
    #[must_use]
    pub const fn values(&self) -> &Values {
        &self.values
    }
}

/// Looks at everything a proposal names. `env_rules` gives the policy's word on the variables of a program, by
/// the base name of the command's first word.
///
/// # Errors
/// When something asked for cannot be bound; what is merely not bound is a sentence in the action instead.
pub fn observe(
    proposal: &Proposal,
    surroundings: &Surroundings<'_>,
    env_rules: impl FnOnce(&OsStr) -> EnvRules,
    key: &CommitmentKey,
) -> Result<Observation, ObserveError> {
    let cwd = std::fs::canonicalize(&surroundings.cwd).map_err(ObserveError::Cwd)?;
    let rules = env_rules(base_name(proposal.program()));
    let environment = environment::bind(&surroundings.environment, proposal, &rules, key)?;
    let asker = account::requester(surroundings.environment.get(OsStr::new("SUDO_UID")));
    let lookup = Lookup { cwd: &cwd, path: environment.values.get(OsStr::new("PATH")) };
    let gids = account::GroupsOf::uid(asker.uid);
    let writer = Writer { uid: asker.uid, gids: &gids };
    let found = program::find(proposal.program(), lookup, writer)?;
    let named = arguments::bind(proposal.argv(), &cwd);
    let mut blobs = Blobs::new();
    let binds = kept::binds(proposal.binds(), &cwd, &mut blobs)?;
    let attachments = kept::attachments(proposal.attach(), &cwd, &mut blobs)?;
    let mut input = stdin::decide(proposal.stdin(), surroundings.input)?;
    if let (Stdin::Captured { sha256, .. }, Some(bytes)) = (&input.stdin, input.captured.take()) {
        kept::add(&mut blobs, *sha256, bytes);
    }
    let git = git::git_state(&cwd);
    let mut exec = Exec {
        argv: proposal.argv().iter().map(|argument| argument.as_os_str().into()).collect(),
        cwd: cwd.as_path().into(),
        account: account::execution_beside(&asker),
        host: account::host(),
        program: found.program,
        interpreters: found.interpreters,
        within: Vec::new(),
        links: Vec::new(),
        env: environment.variables,
        env_all: proposal.env_all(),
        stdin: input.stdin,
        files: named.files,
        binds,
        not_bound: Vec::new(),
        prechecks: Vec::new(),
    };
    exec.within = Within::look(&atoms_of(&exec), lookup).record(writer);
    exec.links = found_links(&exec);
    exec.not_bound = not_bound(&found.not_bound, &named.not_bound, &exec);
    let exec = within_a_record(exec)?;
    let facts = Facts::about(&exec, git.as_ref(), surroundings.terminal, proposal.context().declared.clone());
    let stamps = found.stamps.into_iter().chain(named.stamps).collect();
    let opened = Opened { program: found.file, values: environment.values, stamps };
    let requester = requester(asker, surroundings);
    Ok(Observation { exec, facts, blobs, attachments, git, requester, opened })
}

fn base_name(program: &OsStr) -> &OsStr {
    Path::new(program).file_name().unwrap_or(program)
}

fn requester(account: Account, surroundings: &Surroundings<'_>) -> Requester {
    Requester {
        account,
        pid: std::process::id(),
        parent: surroundings.parent.as_ref().and_then(|parent| parent.name.clone()),
        terminal: surroundings.terminal,
    }
}

/// The links on the way of what the command names, whose programs were looked for.
fn found_links(exec: &Exec) -> Vec<Link> {
    let seen = Facts::about(exec, None, false, Declared::default()).observed;
    links::record(&links::look(&seen.atoms(), &seen))
}

/// The sentences on what is not bound: those that hold for every command, and those of this one.
fn not_bound(program: &[Text], arguments: &[Text], exec: &Exec) -> Vec<Text> {
    let always = [
        "what the network answers",
        "other programs it starts, shared libraries and files it opens by itself",
    ];
    let always = always.into_iter().map(Text::from);
    let mut all: Vec<Text> = Vec::new();
    let found = program.iter().chain(arguments).cloned();
    let within = (!exec.within.is_empty()).then(within::by_path);
    let input = (exec.stdin == Stdin::Pass).then(stdin::unseen);
    for sentence in always.chain(found).chain(within).chain(input) {
        if !all.contains(&sentence) {
            all.push(sentence);
        }
    }
    all
}

// Where links do not fit beside the rest, nothing is certain of any path; where the programs within do not, they
// count as not found: both need a person.
fn within_a_record(exec: Exec) -> Result<Exec, RecordError> {
    let action = Action::Exec(exec);
    let fits = action_digest(&action);
    let Action::Exec(exec) = action;
    let unknown = links::record(&Links::unknown());
    match fits {
        Err(RecordError::TooLong(_)) if exec.links.len() > unknown.len() => {
            within_a_record(Exec { links: unknown, ..exec })
        }
        Err(RecordError::TooLong(_)) if !exec.within.is_empty() => {
            within_a_record(Exec { within: Vec::new(), ..exec })
        }
        Err(error) => Err(error),
        Ok(_) => Ok(exec),
    }
}

impl Observation {
    /// What the gate starts when the command may run at once: the same that was observed, and not again. Only
    /// [`Ready::still`] stands between this and the start.
    ///
    /// # Errors
    /// When the descriptor cannot be duplicated.
    pub fn ready(&self) -> std::io::Result<Ready> {
        let bytes = |digest: &Digest| {
            self.blobs.iter().find(|(known, _)| known == digest).map(|(_, bytes)| bytes.clone())
        };
        let input = match &self.exec.stdin {
            Stdin::Captured { sha256, .. } => Given::Bytes(bytes(sha256).unwrap_or_default()),
            other => Given::plain(other),
        };
        let binds =
            self.exec.binds.iter().map(|bind| (bind.clone(), bytes(&bind.sha256).unwrap_or_default()));
        let file = self.opened.program.try_clone()?;
        let stamps = self.opened.stamps.clone();
        Ok(Ready::new(&self.exec, file, self.opened.values.clone(), input, binds.collect(), stamps))
    }
}

#[cfg(test)]
mod tests;
