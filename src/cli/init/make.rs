//! Makes what is missing of a set-up, each file whole or not at all, the queue last, so that whatever a crash
//! leaves behind is completed by the next `init`. Touches the config, data and state folders.

use std::path::{Path, PathBuf};

use super::found::{Found, exists, log_key};
use super::texts;
use crate::cli::error::CliError;
use crate::cli::key::own::OwnKey;
use crate::cli::open::Setup;
use crate::config::Settings;
use crate::facts::observe::account;
use crate::facts::observe::program::{self, Writer};
use crate::files::{self, FileError};
use crate::ids::{Incarnation, Origin};
use crate::log::logkey::LogKey;
use crate::queue::InForce;
use crate::request::secret::CommitmentKey;
use crate::signing::{Entry, NewKey, Passphrase, PublicKey, public_path};
use crate::store::Identity;
use crate::ticket::decision::{Decision, Reconcile};

/// The folders everything lies in.
///
/// # Errors
/// When one is not this account's alone.
pub fn folders(setup: &Setup) -> Result<(), CliError> {
    let places = &setup.places;
    let bells = places.bells();
    let live = places.live();
    let folders = [places.config(), places.data(), places.state(), &bells, &live];
    folders.into_iter().try_for_each(|folder| files::private_folder(folder).map_err(or_elsewhere))
}

// What is wrong with a folder that is there is said, with its cure, by the error itself.
fn or_elsewhere(error: FileError) -> CliError {
    let cannot_be_made = matches!(error, FileError::Io { .. });
    let failed = CliError::failed(error);
    if !cannot_be_made {
        return failed;
    }
    failed.hint(
        "set HOME to a folder of yours that can be written, or each of XDG_CONFIG_HOME, XDG_DATA_HOME and \
         XDG_STATE_HOME",
    )
}

/// A new key under its passphrase. The private half comes first: the public one can be made from it again.
///
/// # Errors
/// When it cannot be made or written.
pub fn new_key(path: &Path, comment: &str, passphrase: &Passphrase) -> Result<(), CliError> {
    let key = NewKey::generate(comment).map_err(CliError::failed)?;
    let text = key.to_openssh(passphrase).map_err(CliError::failed)?;
    write(path, text.as_bytes())?;
    public_half(path, key.public_key(), comment)
}

/// The `.pub` file beside a private key, where it is missing.
///
/// # Errors
/// When it cannot be written.
pub fn public_half(path: &Path, key: &PublicKey, comment: &str) -> Result<(), CliError> {
    write(&public_path(path), format!("{} {comment}\n", key.to_openssh()).as_bytes())
}

/// The log's key, whose name is the queue's from now on.
///
/// # Errors
/// When it cannot be made or written.
pub fn log_keys(found: &Found) -> Result<(), CliError> {
    let places = &found.setup.places;
    // The log of a queue that is there names its key; another one would sign heads that nobody believes.
    if found.identity.is_none() && log_key(&places.log_key())?.is_none() {
        let key = LogKey::generate(found.origin.clone()).map_err(CliError::failed)?;
        write(&places.log_key(), key.to_text().as_bytes())?;
    }
    CommitmentKey::load_or_create(&places.commitment_key()).map(drop).map_err(CliError::failed)
}

/// Reviewers, policy and settings.
///
/// # Errors
/// When one cannot be written.
pub fn texts_of(found: &Found, key: &OwnKey) -> Result<(), CliError> {
    let places = &found.setup.places;
    let entry = entry(found, &key.public)?;
    write(&places.reviewers(), format!("{entry}\n").as_bytes())?;
    if !found.has_system_policy() {
        let policy = texts::policy(&found.principal, found.account.uid, &own_folders(found.account.uid));
        write(&places.policy(), policy.as_bytes())?;
    }
    let own = (key.path != places.config().join("key")).then(|| key.path.clone());
    let settings = Settings { reviewer: Some(found.principal.clone()), key: own, ..Settings::default() };
    write(&places.settings(), settings.to_text().as_bytes())
}

// Programs there are always reviewed, unless the policy trusts them.
fn own_folders(uid: u32) -> Vec<PathBuf> {
    let gids = account::GroupsOf::uid(uid);
    let path = std::env::var_os("PATH").unwrap_or_default();
    program::replaceable(std::env::split_paths(&path), Writer { uid, gids: &gids })
}

fn entry(found: &Found, key: &PublicKey) -> Result<Entry, CliError> {
    Entry::new(found.principal.clone(), namespaces(&found.origin), key.clone(), "").map_err(CliError::failed)
}

/// What a reviewer of this queue signs for.
#[must_use]
pub fn namespaces(origin: &Origin) -> [String; 2] {
    [Decision::namespace(origin), Reconcile::namespace(origin)]
}

/// The queue itself, and its first events.
///
/// # Errors
/// When it cannot be made, or policy or reviewers hold a mistake.
pub fn queue(setup: &Setup, origin: &Origin) -> Result<Identity, CliError> {
    let key = log_key(&setup.places.log_key())?;
    let key = key.ok_or_else(|| CliError::failed("the log key is gone; run init again"))?;
    let cwd = std::env::current_dir().map_err(CliError::failed)?;
    let (policy, reviewers) = (setup.policy(&cwd)?, setup.reviewers()?);
    let identity = Identity {
        origin: origin.clone(),
        incarnation: Incarnation::random(),
        log_key: key.verifier().to_string(),
    };
    let mut queue = setup.queue_over(setup.engine()?, &identity);
    let in_force = InForce { policy: &policy, reviewers: &reviewers };
    Ok(queue.create(&identity, in_force)?)
}

// Nothing that is there is replaced; the caller holds the lock that keeps another `init` away.
fn write(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    if exists(path) {
        return Ok(());
    }
    files::replace_private(path, bytes).map_err(CliError::failed)
}
