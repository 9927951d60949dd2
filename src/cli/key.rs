//! `key new|list|trust|revoke`: this account's signing key, and whose keys count.
//! Writes key files and the reviewers file; each change of the reviewers is an event at once.

pub mod own;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::args::{Globals, KeyCommand, KeyTrustArgs, Later};
use super::error::{CliError, code};
use super::init::make;
use super::open::{Setup, at_home, shown};
use crate::clock::{Clock as _, SystemClock, Timestamp};
use crate::escaped::Escaped;
use crate::files;
use crate::gate::signals::Signals;
use crate::ids::{Origin, Principal};
use crate::queue::InForce;
use crate::signing::{Entry, Fingerprint, PublicKey, Reviewers};
use crate::ticket::decision::Decision;

/// A `.pub` file is one line.
const LONGEST: u64 = 16 * 1024;

/// `handoff key …`.
///
/// # Errors
/// As each of them.
pub fn key(globals: &Globals, command: KeyCommand) -> Result<u8, CliError> {
    let setup = Setup::read(globals)?;
    match command {
        KeyCommand::New { file, comment } => new(&setup, file, comment),
        KeyCommand::List => list(&setup),
        KeyCommand::Trust(Later(args)) => trust(&setup, &args),
        KeyCommand::Revoke { fingerprint, stolen } => revoke(&setup, &fingerprint, stolen),
    }
}

fn new(setup: &Setup, file: Option<PathBuf>, comment: Option<String>) -> Result<u8, CliError> {
    let path = file.unwrap_or_else(|| setup.places.key(&setup.settings));
    let public = crate::signing::public_path(&path);
    if let Some(there) = [&path, &public].into_iter().find(|path| super::init::found::exists(path)) {
        return Err(CliError::failed(format!("{} exists already and is not overwritten", shown(there)))
            .hint("give another path: handoff key new FILE"));
    }
    let mut signals = Signals::install().map_err(CliError::failed)?;
    let passphrase = own::new_passphrase(&mut signals).map_err(|error| match error.code {
        code::USAGE => error.hint("keys for use without a terminal: ssh-keygen -t ed25519 -f FILE"),
        _ => error,
    })?;
    let named = setup.settings.reviewer.as_ref().map(ToString::to_string);
    let comment = comment.or(named).unwrap_or_default();
    let key = crate::signing::NewKey::generate(&comment).map_err(CliError::failed)?;
    if path.starts_with(setup.places.config()) {
        files::private_folder(setup.places.config()).map_err(CliError::failed)?;
    }
    key.save(&path, &passphrase).map_err(CliError::failed)?;
    setup.out.line(&key.public_key().fingerprint().to_string())?;
    setup.out.note(&format!("made {} and {}", at_home(&path), at_home(&public)));
    setup.out.words(&format!("  to count as a reviewer: handoff key trust NAME {}", shown(&public)));
    Ok(0)
}

fn list(setup: &Setup) -> Result<u8, CliError> {
    let reviewers = setup.reviewers()?;
    let origin = setup.identity().ok().flatten().map(|identity| identity.origin);
    let now = SystemClock::new().now().wall;
    for entry in reviewers.entries() {
        let counts = origin.as_ref().map(|origin| entry.counts(&Decision::namespace(origin), now));
        if setup.out.json() {
            setup.out.object(&record(entry, counts))?;
        } else {
            setup.out.line(&row(entry, counts))?;
        }
    }
    if reviewers.entries().is_empty() {
        setup.out.note(&format!(
            "no reviewers in {}; nothing can be approved",
            at_home(&setup.places.reviewers())
        ));
        setup.out.words("  handoff key trust NAME FILE.pub");
    }
    Ok(0)
}

const fn kind(key: &PublicKey) -> &'static str {
    if key.is_hardware() { "hardware" } else { "ed25519" }
}

fn record(entry: &Entry, counts: Option<bool>) -> Value {
    json!({
        "schema": "handoff.reviewer.v1",
        "principal": entry.principal(),
        "fingerprint": entry.key().fingerprint(),
        "kind": kind(entry.key()),
        "key": entry.key().to_openssh(),
        "namespaces": entry.namespaces(),
        "valid_after": entry.valid_after(),
        "valid_before": entry.valid_before(),
        "counts": counts,
    })
}

fn row(entry: &Entry, counts: Option<bool>) -> String {
    let day = |time: Timestamp| time.to_string().chars().take(16).collect::<String>();
    let from = entry.valid_after().map(|time| format!(" from {}Z", day(time))).unwrap_or_default();
    let until = entry.valid_before().map(|time| format!(" until {}Z", day(time))).unwrap_or_default();
    let state = match counts {
        Some(true) => "counts",
        Some(false) => "does not count",
        None => "",
    };
    let spaces: Vec<&str> = entry.namespaces().iter().map(String::as_str).collect();
    let (who, print, kind) = (entry.principal().as_str(), entry.key().fingerprint(), kind(entry.key()));
    format!("{who:<20} {print}  {kind:<8}  {state}{from}{until}  {}", spaces.join(",")).trim_end().to_owned()
}

fn trust(setup: &Setup, args: &KeyTrustArgs) -> Result<u8, CliError> {
    let principal: Principal = args.principal.parse().map_err(CliError::usage)?;
    let until = args.until.as_deref().map(day).transpose()?;
    let key = public_key(&args.file)?;
    let origin = origin(setup)?;
    let entry = Entry::new(principal.clone(), make::namespaces(&origin), key.clone(), "");
    let entry = entry.and_then(|entry| entry.valid(None, until)).map_err(CliError::usage)?;
    let reviewers = setup.reviewers()?.with_line(&entry).map_err(CliError::failed)?;
    keep(setup, &reviewers)?;
    let print = key.fingerprint();
    setup.out.note(&format!("{principal} counts as a reviewer of {origin} now, with key {print}"));
    setup.out.words("  make sure, with them and not by mail, that this is their key's fingerprint");
    Ok(0)
}

fn revoke(setup: &Setup, key: &str, stolen: bool) -> Result<u8, CliError> {
    let key: Fingerprint = key.parse().map_err(CliError::usage)?;
    let reviewers = setup.reviewers()?;
    let end = SystemClock::new().now().wall.next_second();
    let changed = if stolen { reviewers.removed(&key) } else { reviewers.revoked_at(&key, end) };
    keep(setup, &changed.map_err(CliError::no)?)?;
    if stolen {
        setup.out.note(&format!("{key} counts no longer; nothing it ever signed counts any more"));
        return Ok(0);
    }
    // The file tells seconds only. What was signed within this one is to stay good, also for who has nothing but the
    // file; what is signed after our word is not to count. So the key ends with the second, and our word comes then.
    let ended = if comes(end) { "counts no longer" } else { "will count no longer once the clock is there" };
    let stays = "what it signed before stays good; if it was stolen, say so: --stolen";
    setup.out.note(&format!("{key} ends at {end} and {ended}; {stays}"));
    Ok(0)
}

/// Waits for an instant less than two seconds away; says whether it came. A clock that is set back is not waited for.
fn comes(instant: Timestamp) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(2) {
        let left = SystemClock::new().now().wall.until(instant);
        if left.is_zero() {
            return true;
        }
        std::thread::sleep(left.min(Duration::from_secs(1)));
    }
    false
}

/// Writes the reviewers, then records that they changed. The file is what counts: a queue that cannot be
/// written now records the change with its next transaction.
fn keep(setup: &Setup, reviewers: &Reviewers) -> Result<(), CliError> {
    let file = setup.places.reviewers();
    files::replace_private(&file, reviewers.as_str().as_bytes()).map_err(CliError::failed)?;
    if let Err(error) = record_change(setup, reviewers) {
        setup.out.note(&format!("changed, and not recorded yet: {}", error.message));
    }
    Ok(())
}

fn record_change(setup: &Setup, reviewers: &Reviewers) -> Result<(), CliError> {
    let cwd = std::env::current_dir().map_err(CliError::failed)?;
    let policy = setup.policy(&cwd)?;
    let (mut queue, _) = setup.queue()?;
    Ok(queue.note_in_force(InForce { policy: &policy, reviewers })?)
}

fn origin(setup: &Setup) -> Result<Origin, CliError> {
    Ok(setup.queue()?.1.origin)
}

fn public_key(path: &Path) -> Result<PublicKey, CliError> {
    let bytes = files::read_limited(path, LONGEST).map_err(CliError::failed)?;
    let text = String::from_utf8_lossy(&bytes);
    PublicKey::parse(text.strip_suffix('\n').unwrap_or(&text)).map_err(|error| {
        let problem = Escaped::prose(error.to_string().as_bytes());
        CliError::failed(format!("{}: {problem}", shown(path))).hint("give the .pub file of an ed25519 key")
    })
}

/// The beginning of a day in UTC: the first instant the key no longer counts.
fn day(text: &str) -> Result<Timestamp, CliError> {
    let time: Result<Timestamp, _> = format!("{text}T00:00:00Z").parse();
    let time = time.map_err(|_| CliError::usage(format!("{text:?} is no date; write it like 2027-03-31")))?;
    if time <= SystemClock::new().now().wall {
        return Err(CliError::usage(format!("{text} has passed already; the key would never count")));
    }
    Ok(time)
}
