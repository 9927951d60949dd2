//! `backup` and `restore`: a copy of the queue while it is in use, and the way back into a new life of it.
//! Touches the copy, the queue, a private folder beside it that goes away, and the memories of this account.

use std::path::{Path, PathBuf};

use super::args::{BackupArgs, Globals, RestoreArgs};
use super::error::CliError;
use super::init::found::log_key;
use super::open::{Engine, EngineQueue, Setup, at_home, shown};
use crate::files;
use crate::ids::{Nonce, TicketId};
use crate::locks::Lock;
use crate::queue::mark::Mark;
use crate::queue::memory::Memory;
use crate::review::pins::Pins;
use crate::store::{Identity, Store as _};

/// The beginning of the name of a restore's private folder.
const STAGING: &str = "restoring-";

/// `handoff backup FILE`.
///
/// # Errors
/// When something is there already, or it cannot be written.
pub fn backup(globals: &Globals, args: &BackupArgs) -> Result<u8, CliError> {
    let setup = Setup::read(globals)?;
    let (mut queue, identity) = setup.queue()?;
    let file = std::path::absolute(&args.file).map_err(CliError::failed)?;
    #[cfg(handoff_broken)]
    if crate::broken::is("told_early") {
        setup.out.note(&format!("{} holds all of {} as it is now", at_home(&file), identity.origin));
    }
    let taken = file.symlink_metadata().is_ok();
    queue.store().backup_to(&file).map_err(|error| {
        let error = CliError::from(error);
        let begun = !taken && file.symlink_metadata().is_ok();
        let hint = format!("what lies at {} is not a whole backup: remove it, and try again", shown(&file));
        if begun { error.hint(hint) } else { error }
    })?;
    let out = setup.out;
    out.note(&format!("{} holds all of {} as it is now", at_home(&file), identity.origin));
    let keys = [setup.places.log_key(), setup.places.commitment_key(), setup.places.reviewers()];
    let keys: Vec<String> = keys.iter().map(|path| at_home(path)).collect();
    out.words(&format!("  not in it, and to be kept apart from it: {}", keys.join(", ")));
    out.words(
        "  to put it back: handoff restore, never cp; a copied-back queue is refused as one that is behind",
    );
    Ok(0)
}

/// `handoff restore FILE`.
///
/// # Errors
/// When it is no sound backup of this queue, or cannot be put back; then the queue is as it was.
pub fn restore(globals: &Globals, args: &RestoreArgs) -> Result<u8, CliError> {
    let setup = Setup::read(globals)?;
    let file = std::path::absolute(&args.file).map_err(CliError::failed)?;
    let there = setup.identity().map_err(|error| {
        let aside = format!("move it away first (with its -wal and -shm): {}", shown(setup.places.queue()));
        error.hint(aside)
    })?;
    let _alone = alone(&setup)?;
    let folder = Staging::beside(&setup)?;
    let staged = folder.path.join("queue.db");
    let (cancelled, identity) = prepare(&setup, &staged, &file, there.as_ref())?;
    #[cfg(handoff_broken)]
    if crate::broken::is("restored_in_place") {
        std::fs::copy(&staged, setup.places.queue()).map_err(CliError::failed)?;
        return tell(&setup, &identity, &cancelled);
    }
    setup.engine()?.restore_from(&staged)?;
    tell(&setup, &identity, &cancelled)
}

/// Two at once would each begin a life of its own, and one of them be lost.
fn alone(setup: &Setup) -> Result<Lock, CliError> {
    files::private_folder(setup.places.data()).map_err(CliError::failed)?;
    let lock = Lock::exclusive_try(&setup.places.data().join("restore.lock")).map_err(CliError::failed)?;
    lock.ok_or_else(|| CliError::failed("another restore is at work; nothing was changed"))
}

/// The backup in a private copy, with its new life begun there, so that nobody meets the state in between.
fn prepare(
    setup: &Setup,
    staged: &Path,
    file: &Path,
    there: Option<&Identity>,
) -> Result<(Vec<TicketId>, Identity), CliError> {
    let mut copy = Engine::create(staged)?;
    copy.restore_from(file)?;
    let identity = copy.read(&mut |read| read.identity())?;
    if let Some(there) = there.filter(|there| there.origin != identity.origin) {
        return Err(CliError::failed(format!(
            "the backup is of {}, and the queue here is {}; give --queue FILE for its own place",
            identity.origin, there.origin
        )));
    }
    let mut queue = setup.queue_over(copy, &identity);
    // From here on the gate remembers the new life; should we die, it refuses the old one until this is repeated.
    let cancelled = queue.begin_again()?;
    let identity = queue.read(&mut |read| Ok(read.identity()?))?;
    Ok((cancelled, identity))
}

fn tell(setup: &Setup, identity: &Identity, cancelled: &[TicketId]) -> Result<u8, CliError> {
    let out = setup.out;
    out.note(&format!("{} is restored and begins a new life", identity.origin));
    for ticket in cancelled {
        out.words(&format!("  cancelled: {}, approved and not used in the backup", ticket.code()));
    }
    if cancelled.is_empty() {
        out.words("  nothing was approved and unused, so nothing was cancelled");
    }
    // What fails from here on does not undo it, and is not to be told as if it did.
    let accepted = setup.queue().and_then(|(mut queue, _)| accept_here(setup, identity, &mut queue));
    if accepted.is_err() {
        let what = format!(
            "{} is restored, but the reviewer of this account still remembers the old life",
            identity.origin
        );
        return Err(
            CliError::failed(what).hint("see what handoff doctor says, then give the same restore again")
        );
    }
    out.words(
        "  what happened after the backup is gone from the queue; decisions of the old life no longer count",
    );
    out.words(&format!(
        "  reviewers in other accounts are refused until they accept it, by moving their reviewer/{}/pin away",
        identity.origin
    ));
    match log_key(&setup.places.log_key()) {
        Ok(Some(key)) if key.verifier().to_string() == identity.log_key => {}
        _ => out.note(
            "the log key beside the queue is not this queue's: put that back too, or no heads are signed",
        ),
    }
    Ok(0)
}

/// Whoever restores knows of it, so the reviewer of this account goes on from here.
fn accept_here(setup: &Setup, identity: &Identity, queue: &mut EngineQueue) -> Result<(), CliError> {
    let memory = Memory::new(setup.places.state(), &identity.origin).mark().map_err(CliError::failed)?;
    let Some(Mark { incarnation, size, root }) = memory else { return Ok(()) };
    let pins = Pins::new(setup.places.state(), &identity.origin);
    let knows_another = queue.read(&mut |read| Ok(pins.check(read).is_err()))?;
    if knows_another {
        pins.raise(&Mark { incarnation, size, root }).map_err(CliError::failed)?;
        setup.out.words("  the reviewer of this account remembers the new life from now on");
    }
    Ok(())
}

/// A private folder that is taken away however the restore ends.
struct Staging {
    path: PathBuf,
}

impl Staging {
    fn beside(setup: &Setup) -> Result<Self, CliError> {
        let data = setup.places.data();
        // Nobody else restores now, so these were left by one that was killed.
        for left in std::fs::read_dir(data).into_iter().flatten().flatten() {
            if left.file_name().as_encoded_bytes().starts_with(STAGING.as_bytes()) {
                let _ = std::fs::remove_dir_all(left.path());
            }
        }
        let path = data.join(format!("{STAGING}{}", Nonce::random()));
        files::private_folder(&path).map_err(CliError::failed)?;
        Ok(Self { path })
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}
