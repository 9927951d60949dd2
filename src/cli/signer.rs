//! Whose key signs here, and how it is opened: a file, an agent or a token.
//! Asks for a passphrase on the terminal only.

use std::path::{Path, PathBuf};

use super::error::CliError;
use super::open::{Setup, shown};
use crate::ids::Principal;
use crate::review::{ReadingError, Terminal};
use crate::signing::{KeyError, KeyFile, Prompts, Signer, StockKey, StockKeygen};

const TRIES: usize = 3;

/// Who signs: as given, or as the settings have it.
///
/// # Errors
/// When neither says.
pub fn principal(setup: &Setup, given: Option<&str>) -> Result<Principal, CliError> {
    match given {
        Some(text) => text.parse().map_err(CliError::usage),
        None => setup.settings.reviewer.clone().ok_or_else(|| {
            CliError::usage("this account signs as nobody yet")
                .hint("say who with --as PRINCIPAL, or: handoff init")
        }),
    }
}

/// The signing key of this account, opened.
///
/// # Errors
/// When there is none, it cannot be opened, or its passphrase is wrong three times.
pub fn signer(setup: &Setup) -> Result<Signer, CliError> {
    let path = setup.places.key(&setup.settings);
    match locked(&path)? {
        Locked::Open(signer) => Ok(*signer),
        Locked::Needs(file) => unlock(&file, &path, &mut terminal(setup)?),
    }
}

/// A key that is at hand, or one that wants its passphrase.
pub enum Locked {
    /// It can sign as it is.
    Open(Box<Signer>),
    /// Its passphrase opens it.
    Needs(Box<KeyFile>),
}

/// The key in `path`, as far as it opens without anybody being asked.
///
/// # Errors
/// When there is none, or it cannot be read.
pub fn locked(path: &Path) -> Result<Locked, CliError> {
    if path.extension().is_some_and(|ending| ending == "pub") {
        return stock(path).map(|key| Locked::Open(Box::new(Signer::Stock(key)))).map_err(CliError::failed);
    }
    let file = KeyFile::read(path).map_err(|error| {
        CliError::failed(format!("cannot open the signing key {}: {error}", shown(path)))
            .hint("name another with --key FILE, or make one with: handoff init")
    })?;
    if file.is_encrypted() {
        return Ok(Locked::Needs(Box::new(file)));
    }
    file.open().map(|signer| Locked::Open(Box::new(signer))).map_err(CliError::failed)
}

/// The key in `path`, with a passphrase asked on a terminal that is open already.
///
/// # Errors
/// As [`signer`].
pub fn open_on(path: &Path, terminal: &mut Terminal<'_>) -> Result<Signer, CliError> {
    match locked(path)? {
        Locked::Open(signer) => Ok(*signer),
        Locked::Needs(file) => unlock(&file, path, terminal),
    }
}

fn unlock(file: &KeyFile, path: &Path, terminal: &mut Terminal<'_>) -> Result<Signer, CliError> {
    for _ in 0..TRIES {
        let passphrase = terminal
            .prompt_passphrase(&format!("Passphrase for {}: ", shown(path)))
            .map_err(|error| reading(&error))?;
        match file.unlock(&passphrase) {
            Err(KeyError::WrongPassphrase { .. }) => {
                terminal.say("wrong passphrase\n").map_err(|error| reading(&error))?
            }
            other => return other.map_err(CliError::failed),
        }
    }
    Err(CliError::failed("wrong passphrase three times; nothing was signed"))
}

fn stock(path: &Path) -> Result<StockKey, KeyError> {
    let keygen = StockKeygen {
        program: PathBuf::from("ssh-keygen"),
        agent: std::env::var_os("SSH_AUTH_SOCK").map(PathBuf::from),
        prompts: Prompts::Terminal,
    };
    StockKey::read(path, keygen)
}

/// The reviewer's terminal, restored whatever happens.
///
/// # Errors
/// When there is none.
pub fn terminal(_: &Setup) -> Result<Terminal<'static>, CliError> {
    let mut signals = crate::gate::signals::Signals::install()
        .map_err(|error| CliError::failed(format!("cannot handle signals: {error}")))?;
    Terminal::open(move || signals.interrupted()).map_err(|error| reading(&error))
}

/// What a terminal that failed or was left means.
#[must_use]
pub fn reading(error: &ReadingError) -> CliError {
    match error {
        ReadingError::Left => CliError::no("left without a decision; nothing was signed"),
        ReadingError::Interrupted(signal) => {
            CliError::with_code(128_u8.saturating_add(u8::try_from(*signal).unwrap_or(0)), error)
        }
        _ => CliError::failed(error),
    }
}
