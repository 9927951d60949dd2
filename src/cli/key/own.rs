//! This account's own signing key: found, looked at without unlocking it, asked of the agent, or made.
//! Reads key files, asks the terminal for passphrases, and runs `ssh-add -L`.

use std::path::{Path, PathBuf};
use std::process::Command;

use zeroize::Zeroizing;

use crate::cli::error::{CliError, code};
use crate::cli::level::Kept;
use crate::cli::open::shown;
use crate::gate::signals::Signals;
use crate::review::{ReadingError, Terminal};
use crate::signing::{KeyFile, Passphrase, PublicKey, StockKey, StockKeygen};

/// How often a passphrase is asked for twice before we give up.
const TRIES: usize = 3;

/// A key as it can be seen without its passphrase.
#[derive(Debug, Clone)]
pub struct OwnKey {
    /// Its file.
    pub path: PathBuf,
    /// The public half.
    pub public: PublicKey,
    /// How the private half is kept.
    pub kept: Kept,
}

impl OwnKey {
    /// Looks at the key in `path`: a private key file, or the `.pub` of one that is elsewhere.
    ///
    /// # Errors
    /// When it is neither, or others can read it.
    pub fn look(path: &Path) -> Result<Self, CliError> {
        if path.extension().is_some_and(|ending| ending == "pub") {
            let key = StockKey::read(path, StockKeygen::default()).map_err(CliError::failed)?;
            let public = key.public_key().clone();
            let kept = if public.is_hardware() { Kept::Hardware } else { Kept::Elsewhere };
            return Ok(Self { path: path.to_owned(), public, kept });
        }
        let file = KeyFile::read(path).map_err(CliError::failed)?;
        let kept = if file.is_encrypted() { Kept::Passphrase } else { Kept::Plain };
        Ok(Self { path: path.to_owned(), public: file.public_key().clone(), kept })
    }

    /// In one word, for a table.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self.kept {
            Kept::Plain => "no passphrase",
            Kept::Passphrase => "with passphrase",
            Kept::Elsewhere => "in an agent",
            Kept::Hardware => "hardware",
        }
    }
}

/// The first key of the running agent that can sign here, as the line of a `.pub` file.
///
/// # Errors
/// When no agent answers, or it has no ed25519 key.
pub fn of_agent() -> Result<String, CliError> {
    let output = Command::new("ssh-add").arg("-L").output();
    let output = output.map_err(|error| CliError::failed(format!("cannot run ssh-add: {error}")))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find(|line| PublicKey::parse(line).is_ok());
    line.map(str::to_owned).ok_or_else(|| {
        let message = if output.status.success() {
            "the ssh-agent has no ed25519 key"
        } else {
            "no ssh-agent answers, or it has no key"
        };
        CliError::failed(message).hint("ssh-add -c FILE adds one, asking before each signature")
    })
}

/// That a passphrase can be asked for, looked at before anything is made for it.
///
/// # Errors
/// When there is no terminal.
pub fn can_ask() -> Result<(), CliError> {
    if Terminal::is_there() { Ok(()) } else { Err(not_asked(ReadingError::NoTerminal)) }
}

/// Asks twice for a new passphrase on the terminal.
///
/// # Errors
/// Without a terminal; when the person leaves, or types two different ones each time.
pub fn new_passphrase(signals: &mut Signals) -> Result<Passphrase, CliError> {
    let mut terminal = Terminal::open(|| signals.interrupted()).map_err(not_asked)?;
    let mut question = "Passphrase for the new key (empty is refused): ";
    for _ in 0..TRIES {
        let first = terminal.prompt_passphrase(question).map_err(not_asked)?;
        if first.is_empty() {
            question = "Empty is refused, for whoever copies the file could sign. Passphrase: ";
            continue;
        }
        let second = terminal.prompt_passphrase("The same again: ").map_err(not_asked)?;
        if *first == *second {
            return Passphrase::new(text(&first)).map_err(CliError::failed);
        }
        question = "Those two differ. Passphrase for the new key: ";
    }
    Err(CliError::failed("no passphrase was chosen; nothing was made"))
}

// `Passphrase` wipes what it is given; this copy is the one it gets.
fn text(first: &Zeroizing<String>) -> String {
    first.as_str().to_owned()
}

fn not_asked(error: ReadingError) -> CliError {
    match error {
        ReadingError::NoTerminal => CliError::usage("there is no terminal to ask for a passphrase on"),
        ReadingError::Left => CliError::failed("left; nothing was made"),
        ReadingError::Gone => CliError::failed("the terminal is gone; nothing was made"),
        ReadingError::Interrupted(signal) => {
            let status = u8::try_from(signal).unwrap_or(0).saturating_add(128);
            CliError::with_code(status, format!("interrupted by signal {signal}; nothing was made"))
        }
        ReadingError::Failed(error) => {
            CliError::with_code(code::FAILED, format!("the terminal failed: {error}; nothing was made"))
        }
        other => CliError::failed(other),
    }
}

/// The public half for messages, where a private key file has one beside it.
#[must_use]
pub fn public_file(key: &OwnKey) -> String {
    if matches!(key.kept, Kept::Elsewhere | Kept::Hardware) {
        return shown(&key.path);
    }
    shown(&crate::signing::public_path(&key.path))
}
