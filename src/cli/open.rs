//! Opens what a command needs: places, settings, policy, reviewers, queue.
//! The only file that names the store's engine, and the one that reads where things are.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use directories::BaseDirs;

use super::args::Globals;
use super::error::CliError;
use super::notify::Messenger;
use super::out::Out;
use crate::clock::{Clock, SystemClock};
use crate::config::{Overrides, Places, SYSTEM_POLICY, Settings};
use crate::escaped::Escaped;
use crate::files::{self, FileError};
use crate::ids::{Digest, Principal, RuleId, TicketId, TicketPrefix};
use crate::policy::{Policy, PolicyFile, Verdict, can_approve, check_satisfiable};
use crate::queue::memory::Memory;
use crate::queue::{Herald, InForce, Queue};
use crate::signing::Reviewers;
use crate::store::sqlite::SqliteStore;
use crate::store::{Identity, Store as _, StoreError};
use crate::ticket::decision::Decision;

/// The engine behind every command.
pub type Engine = SqliteStore;
/// The queue every command works on.
pub type EngineQueue = Queue<Engine>;

/// Longest policy, reviewers and settings file that is read, in bytes.
pub const LONGEST: u64 = 1 << 20;
/// The name of a project's own policy layer.
pub const PROJECT_POLICY: &str = ".handoff.toml";

/// What an account has set up, before any queue is opened.
#[derive(Debug)]
pub struct Setup {
    /// Where everything lies.
    pub places: Places,
    /// The account's settings.
    pub settings: Settings,
    /// How to print.
    pub out: Out,
}

impl Setup {
    /// Reads the settings of this account.
    ///
    /// # Errors
    /// When there is no home folder, or the settings hold a mistake.
    pub fn read(globals: &Globals) -> Result<Self, CliError> {
        let places = places(globals)?;
        let settings = match text(&places.settings())? {
            Some(text) => {
                let file = places.settings().display().to_string();
                Settings::parse(&file, &text).map_err(CliError::failed)?
            }
            None => Settings::default(),
        };
        Ok(Self { places, settings, out: Out::new(globals) })
    }

    /// The policy in force for a command in `cwd`.
    ///
    /// # Errors
    /// With file, line and column of the first mistake.
    pub fn policy(&self, cwd: &Path) -> Result<Policy, CliError> {
        let Some((root, bytes)) = self.root_policy()? else { return Ok(Policy::absent()) };
        let (file, project) = (root.display().to_string(), project_policy(cwd)?);
        let root = PolicyFile { file: &file, bytes: &bytes };
        let project_name = project.as_ref().map(|(path, _)| path.display().to_string());
        let project = project.as_ref().zip(project_name.as_ref());
        let project = project.map(|((_, bytes), file)| PolicyFile { file, bytes });
        Policy::load(root, project, &self.trusted()?).map_err(CliError::failed)
    }

    /// The root layer's file and bytes; the system's where there is one.
    ///
    /// # Errors
    /// When it cannot be read, or one was named and is not there.
    pub fn root_policy(&self) -> Result<Option<(PathBuf, Vec<u8>)>, CliError> {
        let system = Path::new(SYSTEM_POLICY);
        let root = if !self.places.policy_is_named() && system.exists() {
            system.to_path_buf()
        } else {
            self.places.policy()
        };
        match bytes(&root)? {
            Some(bytes) => Ok(Some((root, bytes))),
            None if self.places.policy_is_named() => {
                Err(CliError::failed(format!("there is no policy at {}", shown(&root))))
            }
            None => Ok(None),
        }
    }

    /// The digests of projects' policies that count.
    ///
    /// # Errors
    /// When their file cannot be read.
    pub fn trusted(&self) -> Result<BTreeSet<Digest>, CliError> {
        let file = self.places.trusted_policies();
        let text = text(&file)?.unwrap_or_default();
        let digests = text.lines().filter_map(|line| line.split_whitespace().next());
        digests
            .filter(|word| !word.starts_with('#'))
            .map(|word| word.parse().map_err(|error| CliError::failed(format!("{}: {error}", shown(&file)))))
            .collect()
    }

    /// The reviewers in force; none when there is no file.
    ///
    /// # Errors
    /// With the line of the first mistake.
    pub fn reviewers(&self) -> Result<Reviewers, CliError> {
        let file = self.places.reviewers();
        let text = text(&file)?.unwrap_or_default();
        Reviewers::parse(&text).map_err(|error| CliError::failed(format!("{}: {error}", shown(&file))))
    }

    /// Opens the queue.
    ///
    /// # Errors
    /// When there is none, or its place cannot be trusted.
    pub fn queue(&self) -> Result<(EngineQueue, Identity), CliError> {
        let mut store = SqliteStore::open(self.places.queue()).map_err(|error| match error {
            StoreError::Missing(_) => {
                CliError::failed(error).hint("or try it with nothing kept: handoff demo")
            }
            other => other.into(),
        })?;
        let identity = store.read(&mut |read| read.identity())?;
        Ok((self.queue_over(store, &identity), identity))
    }

    /// The queue's name and life; `None` when there is no queue, or one whose making was broken off.
    ///
    /// # Errors
    /// When there is something that is no queue, or its place cannot be trusted.
    pub fn identity(&self) -> Result<Option<Identity>, CliError> {
        let read = |mut store: Engine| store.read(&mut |read| read.identity());
        match SqliteStore::open(self.places.queue()).and_then(read) {
            Ok(identity) => Ok(Some(identity)),
            Err(StoreError::Missing(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens the queue's file, making an empty one where there is none.
    ///
    /// # Errors
    /// As [`Setup::queue`], and when it cannot be made.
    pub fn engine(&self) -> Result<Engine, CliError> {
        Ok(SqliteStore::create(self.places.queue())?)
    }

    /// A queue over an engine that is open already.
    #[must_use]
    pub fn queue_over(&self, store: Engine, identity: &Identity) -> EngineQueue {
        let memory = Memory::new(self.places.state(), &identity.origin);
        let herald = Messenger::new(self).map(|messenger| Box::new(messenger) as Box<dyn Herald>);
        Queue::new(store, Box::new(SystemClock::new()), self.places.bells(), memory).with_herald(herald)
    }

    /// Queue, policy and reviewers together, checked against each other.
    ///
    /// # Errors
    /// As each of them, and when a rule of the policy can never be satisfied by these reviewers.
    pub fn desk(self) -> Result<Desk, CliError> {
        let cwd = std::env::current_dir()
            .map_err(|error| CliError::failed(format!("cannot tell the working folder: {error}")))?;
        let (policy, reviewers) = (self.policy(&cwd)?, self.reviewers()?);
        let (queue, identity) = self.queue()?;
        let desk = Desk { setup: self, policy, reviewers, queue, identity };
        desk.check_satisfiable()?;
        Ok(desk)
    }
}

/// Everything a command that files, decides or executes works with.
pub struct Desk {
    /// The account's own things.
    pub setup: Setup,
    /// The rules in force.
    pub policy: Policy,
    /// The people in force.
    pub reviewers: Reviewers,
    /// The queue.
    pub queue: EngineQueue,
    /// Its name and life.
    pub identity: Identity,
}

impl Desk {
    /// Opens everything.
    ///
    /// # Errors
    /// As [`Setup::desk`].
    pub fn open(globals: &Globals) -> Result<Self, CliError> {
        Setup::read(globals)?.desk()
    }

    /// Policy and reviewers, for the queue's use cases.
    #[must_use]
    pub const fn in_force(&self) -> InForce<'_> {
        InForce { policy: &self.policy, reviewers: &self.reviewers }
    }

    /// The queue and what is in force, apart, for calls that need both.
    pub const fn parts(&mut self) -> (&mut EngineQueue, InForce<'_>) {
        let in_force = InForce { policy: &self.policy, reviewers: &self.reviewers };
        (&mut self.queue, in_force)
    }

    /// Reads policy and reviewers again, as they are for the folder of ticket `id`: a wait or a person's
    /// reading lasts long enough for a rule to change or a key to be revoked.
    ///
    /// # Errors
    /// When one cannot be read any more; then nothing is decided or run.
    pub fn read_again(&mut self, id: &TicketId) -> Result<(), CliError> {
        let ticket = self.queue.peek(id)?;
        self.policy = self.setup.policy(Path::new(ticket.filed.request.exec().cwd.as_os_str()))?;
        self.reviewers = self.setup.reviewers()?;
        Ok(())
    }

    /// How to print.
    #[must_use]
    pub const fn out(&self) -> Out {
        self.setup.out
    }

    /// The ticket a person means.
    ///
    /// # Errors
    /// When the text is no id, or not of exactly one ticket.
    pub fn find(&mut self, text: &str) -> Result<TicketId, CliError> {
        find(&mut self.queue, text)
    }

    /// The reviewers whose keys count now.
    #[must_use]
    pub fn valid_reviewers(&self) -> BTreeSet<Principal> {
        let namespace = Decision::namespace(&self.identity.origin);
        self.reviewers.valid_at(&namespace, SystemClock::new().now().wall)
    }

    /// Refuses what the people trusted here could never approve together: it would only wait and expire.
    ///
    /// # Errors
    /// When it asks for more people, or other groups, than there are.
    pub fn check_approvable(&self, verdict: &Verdict) -> Result<(), CliError> {
        let people = self.valid_reviewers();
        if people.is_empty() {
            return Ok(());
        }
        can_approve(&self.policy, verdict, &people).map_err(|error| {
            let rules: Vec<&str> = verdict.rules().iter().map(RuleId::as_str).collect();
            CliError::failed(format!("nobody could approve this ({}): {error}", rules.join(", "))).hint(
                "trust more reviewers: handoff key trust NAME FILE.pub; handoff policy show lists the groups",
            )
        })
    }

    fn check_satisfiable(&self) -> Result<(), CliError> {
        // Without anybody at all the answer is no to everything, which is the promise, not a mistake.
        let people = self.valid_reviewers();
        if people.is_empty() {
            return Ok(());
        }
        check_satisfiable(&self.policy, &people).map_err(CliError::failed)
    }
}

/// The ticket a person means by `text`.
///
/// # Errors
/// When the text is no id, or not of exactly one ticket.
pub fn find(queue: &mut EngineQueue, text: &str) -> Result<TicketId, CliError> {
    let prefix: TicketPrefix = text.parse().map_err(|error| {
        CliError::usage(format!("{} is no ticket: {error}", Escaped::argument(text.as_bytes())))
    })?;
    Ok(queue.find(&prefix)?)
}

/// The places of this account, as the environment and the flags have them.
///
/// # Errors
/// When there is no home folder, or one that is another from each folder it is looked at from.
pub fn places(globals: &Globals) -> Result<Places, CliError> {
    let base = BaseDirs::new().ok_or_else(|| {
        CliError::failed("this account has no home folder").hint("set HOME to a folder of yours")
    })?;
    if !base.home_dir().is_absolute() {
        let what = format!("HOME is {}, which is another place from each folder", shown(base.home_dir()));
        return Err(CliError::failed(what).hint("set HOME to the whole path of your folder, from / on"));
    }
    let state = base.state_dir().map_or_else(|| base.data_local_dir().join("state"), Path::to_path_buf);
    let overrides = Overrides {
        queue: globals.queue.clone(),
        policy: globals.policy.clone(),
        reviewers: globals.reviewers.clone(),
        key: globals.key.clone(),
    };
    let config = base.config_dir().join("handoff");
    Ok(Places::new(config, &base.data_dir().join("handoff"), state.join("handoff"), overrides))
}

/// The nearest project layer at or above `cwd`, within the checkout it lies in.
fn project_policy(cwd: &Path) -> Result<Option<(PathBuf, Vec<u8>)>, CliError> {
    for folder in cwd.ancestors() {
        let file = folder.join(PROJECT_POLICY);
        match files::read_limited(&file, LONGEST) {
            Ok(bytes) => return Ok(Some((file, bytes))),
            Err(error) if error.is_missing() => {}
            Err(error) => return Err(CliError::failed(error)),
        }
        if folder.join(".git").exists() {
            break;
        }
    }
    Ok(None)
}

fn bytes(path: &Path) -> Result<Option<Vec<u8>>, CliError> {
    match files::read_private(path, LONGEST) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(file_error(&error)),
    }
}

fn text(path: &Path) -> Result<Option<String>, CliError> {
    let Some(bytes) = bytes(path)? else { return Ok(None) };
    let text = String::from_utf8(bytes);
    text.map(Some).map_err(|_| CliError::failed(format!("{} is not UTF-8", shown(path))))
}

fn file_error(error: &FileError) -> CliError {
    CliError::failed(error)
}

/// A path for a message.
#[must_use]
pub fn shown(path: &Path) -> String {
    Escaped::os(path).into_string()
}

/// A path as people write it, with `~` for the home folder.
#[must_use]
pub fn at_home(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt as _;
    let home = BaseDirs::new().map(|base| base.home_dir().to_owned());
    let rest = home.as_ref().and_then(|home| path.strip_prefix(home).ok());
    let name = |path: &Path| Escaped::name(path.as_os_str().as_bytes()).into_string();
    rest.map_or_else(|| name(path), |rest| format!("~/{}", name(rest)))
}
