//! `init`: sets this account up, and says what it makes, where, and what to do next.
//! Never replaces anything; what an earlier `init` left undone is completed.

pub mod found;
pub mod make;
pub mod texts;

use std::path::PathBuf;
use std::time::Duration;

use super::args::{Globals, InitArgs};
use super::error::CliError;
use super::key::own::{self, OwnKey};
use super::level::{Level, wrapped};
use super::open::{Setup, at_home};
use super::out::Out;
use crate::files;
use crate::gate::signals::Signals;
use crate::locks::Lock;
use found::{Found, exists};

/// Columns of a narrow terminal, and a little.
const WIDTH: usize = 96;
/// How long another `init` of this account is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// `handoff init`.
///
/// # Errors
/// When something there contradicts what is asked for, or cannot be made; running it again goes on from there.
pub fn init(globals: &Globals, args: &InitArgs) -> Result<u8, CliError> {
    if args.agent && globals.key.is_some() {
        return Err(CliError::usage("--agent and --key each name a key; give one of them"));
    }
    let setup = Setup::read(globals)?;
    let out = setup.out;
    let found = Found::look(setup, args)?;
    if found.is_complete() {
        return complete(&found);
    }
    Choice::of(&found, globals, args)?.can_be_settled()?;
    let _alone = alone(&found.setup)?;
    // Another `init` may have been at work until now.
    let found = Found::look(Setup::read(globals)?, args)?;
    if found.is_complete() {
        return complete(&found);
    }
    let choice = Choice::of(&found, globals, args)?;
    announce(&found, &choice);
    let mut signals =
        Signals::install().map_err(|error| CliError::failed(format!("cannot handle signals: {error}")))?;
    let key = choice.settle(&found, &mut signals)?;
    make::texts_of(&found, &key)?;
    if found.identity.is_none() {
        make::queue(&Setup::read(globals)?, &found.origin)?;
    }
    tell(out, &found, &Setup::read(globals)?, &key)
}

fn complete(found: &Found) -> Result<u8, CliError> {
    let out = found.setup.out;
    out.note(&format!("set up already: queue {}, reviewer {}", found.origin, found.principal));
    out.words("  nothing was changed; health and level of trust: handoff doctor");
    Ok(0)
}

/// Two at once would make two keys and name one.
fn alone(setup: &Setup) -> Result<Lock, CliError> {
    make::folders(setup)?;
    let place = setup.places.state().join("init.lock");
    let lock = Lock::exclusive_within(&place, PATIENCE).map_err(CliError::failed)?;
    lock.ok_or_else(|| CliError::failed("another init is at work; nothing was changed"))
}

/// Which key this account signs with.
enum Choice {
    /// One that exists, here or elsewhere.
    There(OwnKey),
    /// The first one of the agent, by the line of its `.pub` file.
    Agent(String, PathBuf),
    /// A new one, made here.
    New(PathBuf),
}

impl Choice {
    fn of(found: &Found, globals: &Globals, args: &InitArgs) -> Result<Self, CliError> {
        let places = &found.setup.places;
        if let Some(named) = &globals.key {
            let path = std::path::absolute(named).map_err(CliError::failed)?;
            return OwnKey::look(&path).map(Self::There);
        }
        let own = places.key(&found.setup.settings);
        let of_agent = places.config().join("key.pub");
        if exists(&own) {
            return OwnKey::look(&own).map(Self::There);
        }
        if found.setup.settings.key.is_some() {
            let what = format!("the settings name the key {}, which is not there", at_home(&own));
            return Err(CliError::failed(what).hint("put it back, or change config.toml"));
        }
        // A public half alone is what --agent leaves: a new key's private half is written first.
        if exists(&of_agent) {
            return OwnKey::look(&of_agent).map(Self::There);
        }
        if args.agent {
            let line = own::of_agent()?;
            return Ok(Self::Agent(line, of_agent));
        }
        Ok(Self::New(own))
    }

    fn row(&self) -> (String, &std::path::Path, &'static str) {
        match self {
            Self::There(key) => (format!("yours, {}", key.word()), &key.path, ""),
            Self::Agent(_, path) => ("yours, in an agent".to_owned(), path, ""),
            Self::New(path) => ("ed25519".to_owned(), path, "(--key FILE or --agent for your own)"),
        }
    }

    // Without a terminal not even a folder is made.
    fn can_be_settled(&self) -> Result<(), CliError> {
        match self {
            Self::New(_) => own::can_ask().map_err(or_name_a_key),
            Self::There(_) | Self::Agent(..) => Ok(()),
        }
    }

    // The passphrase is asked for before anything but empty folders is made.
    fn settle(self, found: &Found, signals: &mut Signals) -> Result<OwnKey, CliError> {
        match self {
            Self::There(key) => {
                make::log_keys(found)?;
                // A crash may have come between the halves of a key of our own.
                if key.path == found.setup.places.config().join("key") {
                    make::public_half(&key.path, &key.public, found.principal.as_str())?;
                }
                Ok(key)
            }
            Self::Agent(line, path) => {
                make::log_keys(found)?;
                files::replace_private(&path, format!("{line}\n").as_bytes()).map_err(CliError::failed)?;
                OwnKey::look(&path)
            }
            Self::New(path) => {
                let passphrase = own::new_passphrase(signals).map_err(or_name_a_key)?;
                make::log_keys(found)?;
                make::new_key(&path, found.principal.as_str(), &passphrase)?;
                OwnKey::look(&path)
            }
        }
    }
}

fn or_name_a_key(error: CliError) -> CliError {
    if error.code == super::error::code::USAGE {
        return error.hint(
            "give --key FILE (a private key, or the .pub of one in an agent or token) or --agent; \
             ssh-keygen -t ed25519 makes one",
        );
    }
    error
}

fn announce(found: &Found, choice: &Choice) {
    let (out, places) = (found.setup.out, &found.setup.places);
    let kept = |path: &std::path::Path| exists(path).then(|| "kept as it is".to_owned());
    let row = |name: &str, what: &str, path: &std::path::Path, hint: &str| {
        out.words(format!("  {name:<9} {what:<17} {:<33} {hint}", at_home(path)).trim_end());
    };
    out.words("This makes, in your account only:");
    let reviewers = places.reviewers();
    let reviewer = kept(&reviewers).unwrap_or_else(|| found.principal.to_string());
    row("reviewer", &reviewer, &reviewers, "(--as NAME for another)");
    let (what, path, hint) = choice.row();
    row("key", &what, path, hint);
    let queue = format!("{}{}", found.origin, if found.identity.is_some() { ", kept" } else { "" });
    row("queue", &queue, places.queue(), "");
    let policy = found.policy();
    row(
        "policy",
        &kept(&policy).unwrap_or_else(|| format!("{} packs", crate::policy::PACKS.len())),
        &policy,
        "",
    );
}

fn tell(out: Out, found: &Found, now: &Setup, key: &OwnKey) -> Result<u8, CliError> {
    let reviewers = now.reviewers()?;
    let entry = reviewers.entry(&key.public.fingerprint());
    let counts = entry.is_some_and(|entry| entry.namespaces().contains(&make::namespaces(&found.origin)[0]));
    wrapped(Level::of([key.kept]).sentence(), WIDTH).iter().for_each(|line| out.words(line));
    if !counts {
        let file = own::public_file(key);
        out.words("Your key is not among the reviewers that were kept, so it does not count yet:");
        out.words(&format!("  handoff key trust {} {file}", found.principal));
    } else if found.identity.is_some() {
        let file = own::public_file(key);
        out.words("The queue was there before. Other accounts that use it count your key once they run:");
        out.words(&format!("  handoff key trust {} {file}", found.principal));
    }
    out.words("Next: in this terminal   handoff run -- rm -r archive");
    out.words("      in another         handoff review");
    Ok(0)
}
