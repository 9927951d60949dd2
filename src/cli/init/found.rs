//! What of a set-up is there already, and what it is to be called.
//! Only looks; the database through the store, the rest with lstat(2).

use std::path::{Path, PathBuf};

use crate::cli::args::InitArgs;
use crate::cli::error::CliError;
use crate::cli::init::texts;
use crate::cli::open::{Setup, shown};
use crate::config::SYSTEM_POLICY;
use crate::facts::observe::account;
use crate::files;
use crate::ids::{Origin, Principal};
use crate::log::logkey::LogKey;
use crate::queue::memory::Memory;
use crate::request::Account;
use crate::store::Identity;

/// A log key is one line.
const LOG_KEY: u64 = 1024;

/// The names of everything, and which of it exists.
#[derive(Debug)]
pub struct Found {
    /// The account's places and settings.
    pub setup: Setup,
    /// Whose account it is.
    pub account: Account,
    /// The reviewer.
    pub principal: Principal,
    /// The queue's name.
    pub origin: Origin,
    /// The queue's identity, when it has been made.
    pub identity: Option<Identity>,
}

impl Found {
    /// Looks.
    ///
    /// # Errors
    /// When what is there contradicts what is asked for, or cannot be trusted.
    pub fn look(setup: Setup, args: &InitArgs) -> Result<Self, CliError> {
        let account = account::requester(std::env::var_os("SUDO_UID").as_deref());
        let identity = setup.identity()?;
        let origin = origin(&setup, identity.as_ref(), args.name.as_deref())?;
        let principal = principal(&setup, args.principal.as_deref(), &account)?;
        Ok(Self { setup, account, principal, origin, identity })
    }

    /// The system's policy counts, and this account's own would not be read.
    #[must_use]
    pub fn has_system_policy(&self) -> bool {
        !self.setup.places.policy_is_named() && exists(Path::new(SYSTEM_POLICY))
    }

    /// The policy that counts, or will.
    #[must_use]
    pub fn policy(&self) -> PathBuf {
        if self.has_system_policy() { SYSTEM_POLICY.into() } else { self.setup.places.policy() }
    }

    /// Whether nothing is left to be made.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let places = &self.setup.places;
        let files = [
            places.settings(),
            places.reviewers(),
            self.policy(),
            places.key(&self.setup.settings),
            places.log_key(),
            places.commitment_key(),
            places.bells(),
            places.live(),
        ];
        self.identity.is_some() && files.iter().all(|path| exists(path))
    }
}

/// Whether anything has this name.
#[must_use]
pub fn exists(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}

/// The log key beside the queue, when there is one.
///
/// # Errors
/// When it is none, or others can read it.
pub fn log_key(path: &Path) -> Result<Option<LogKey>, CliError> {
    let bytes = match files::read_secret(path, LOG_KEY) {
        Ok(bytes) => zeroize::Zeroizing::new(bytes),
        Err(error) if error.is_missing() => return Ok(None),
        Err(error) => return Err(CliError::failed(error)),
    };
    let text = std::str::from_utf8(&bytes).unwrap_or_default();
    let key = LogKey::from_text(text);
    key.map(Some).map_err(|error| CliError::failed(format!("{}: {error}", shown(path))))
}

// A queue, or the key of one whose making was broken off, has its name already.
fn origin(setup: &Setup, made: Option<&Identity>, asked: Option<&str>) -> Result<Origin, CliError> {
    let asked: Option<Origin> = asked.map(str::parse).transpose().map_err(CliError::usage)?;
    let begun = log_key(&setup.places.log_key())?.map(|key| key.name().clone());
    let there = made.map(|identity| identity.origin.clone()).or(begun);
    match (there, asked) {
        (Some(there), Some(asked)) if there != asked => Err(CliError::usage(format!(
            "the queue here is {there} already, not {asked}; give --queue FILE to make another one"
        ))),
        (Some(there), _) => Ok(there),
        (None, Some(asked)) if !is_remembered(setup, &asked)? => Ok(asked),
        (None, Some(asked)) => Err(CliError::usage(format!(
            "this account remembers a queue {asked} that is not here; choose another name, or put that \
             queue back: handoff restore FILE"
        ))),
        (None, None) => texts::queue_name(account::host().as_bytes())
            .ok_or_else(|| CliError::usage("give the queue a name: --name NAME")),
    }
}

fn is_remembered(setup: &Setup, origin: &Origin) -> Result<bool, CliError> {
    let mark = Memory::new(setup.places.state(), origin).mark();
    mark.map(|mark| mark.is_some()).map_err(CliError::failed)
}

fn principal(setup: &Setup, asked: Option<&str>, account: &Account) -> Result<Principal, CliError> {
    if let Some(asked) = asked {
        return asked.parse().map_err(CliError::usage);
    }
    if let Some(there) = &setup.settings.reviewer {
        return Ok(there.clone());
    }
    texts::principal(account.name.as_bytes(), account::host().as_bytes())
        .ok_or_else(|| CliError::usage("give your name as a reviewer: --as NAME"))
}
