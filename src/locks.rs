//! Advisory locks on files of their own: who is alive, whose turn it is. A lock goes with its last holder,
//! however that ends, so there is nothing to clean up. Touches the lock files it is given (flock(2)).

use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use rustix::io::{Errno, FdFlags};

use crate::files::FileError;

/// How often a busy lock is asked again, since [`is_held`] takes one for a moment to look.
const ASKS: u32 = 4;
const BETWEEN_ASKS: Duration = Duration::from_micros(300);

/// A lock that is held until this value, and every descriptor made by [`Lock::inheritable`], is gone.
#[derive(Debug)]
#[must_use = "a lock that is dropped is released"]
pub struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes the lock for us alone; `None` when somebody has it. Makes the file, 0600, when it is not there.
    ///
    /// # Errors
    /// `Io` as open(2) and flock(2).
    pub fn exclusive_try(path: &Path) -> Result<Option<Self>, FileError> {
        for _ in 0..ASKS {
            let lock = Self::open(path)?;
            match flock(&lock.file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) if lock.is_current()? => return Ok(Some(lock)),
                Ok(()) => {}
                Err(Errno::WOULDBLOCK) => thread::sleep(BETWEEN_ASKS),
                Err(error) => return Err(FileError::io("lock", path, error)),
            }
        }
        Ok(None)
    }

    /// Takes the lock beside others who share it, waiting `limit` at most for somebody who has it alone; `None`
    /// after that.
    ///
    /// # Errors
    /// `Io` as open(2) and flock(2), or when no thread can be started.
    pub fn shared_within(path: &Path, limit: Duration) -> Result<Option<Self>, FileError> {
        Self::within(path, limit, FlockOperation::NonBlockingLockShared, FlockOperation::LockShared)
    }

    /// Takes the lock for us alone, in the order of asking, waiting `limit` at most; `None` after that. Writes
    /// nothing into it: once a transaction, that would make the next sync half as dear again.
    ///
    /// # Errors
    /// `Io` as open(2) and flock(2), or when no thread can be started.
    pub fn exclusive_within(path: &Path, limit: Duration) -> Result<Option<Self>, FileError> {
        Self::within(path, limit, FlockOperation::NonBlockingLockExclusive, FlockOperation::LockExclusive)
    }

    /// A second descriptor of this lock that a spawned command inherits. The lock then lives until the
    /// command and all it passed the descriptor to have ended too. Drop it here once the command has started.
    ///
    /// # Errors
    /// `Io` when no descriptor is left.
    pub fn inheritable(&self) -> Result<OwnedFd, FileError> {
        let io_error = |error| FileError::io("pass on", &self.path, error);
        let copy = self.file.try_clone().map_err(io_error)?;
        rustix::io::fcntl_setfd(&copy, FdFlags::empty()).map_err(|error| io_error(error.into()))?;
        Ok(copy.into())
    }

    /// The lock's file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn open(path: &Path) -> Result<Self, FileError> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let fd = rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR)
            .map_err(|error| FileError::io("open the lock", path, error))?;
        Ok(Self { file: fd.into(), path: path.to_owned() })
    }

    fn within(
        path: &Path,
        limit: Duration,
        now: FlockOperation,
        waiting: FlockOperation,
    ) -> Result<Option<Self>, FileError> {
        let begun = Instant::now();
        loop {
            let lock = Self::open(path)?;
            let lock = match flock(&lock.file, now) {
                Ok(()) => Some(lock),
                Err(Errno::WOULDBLOCK) => lock.wait(waiting, limit.saturating_sub(begun.elapsed()))?,
                Err(error) => return Err(FileError::io("lock", path, error)),
            };
            match lock {
                Some(lock) if lock.is_current()? => return Ok(Some(lock)),
                // Removed while we waited: the name has a new file, or none.
                Some(_) => {}
                None => return Ok(None),
            }
        }
    }

    // flock(2) has no time limit. A thread that is still waiting when ours ends drops the lock on getting it.
    fn wait(self, how: FlockOperation, limit: Duration) -> Result<Option<Self>, FileError> {
        let (to_us, from_thread) = mpsc::sync_channel(1);
        let path = self.path.clone();
        let waiting = move || {
            // Signals are for the threads that handle them.
            let _ = nix::sys::signal::SigSet::all().thread_block();
            let taken = retry(|| flock(&self.file, how));
            let _ = to_us.send(taken.map(|()| self));
        };
        let spawned = thread::Builder::new().name("lock".to_owned()).spawn(waiting);
        spawned.map_err(|error| FileError::io("wait for the lock", &path, error))?;
        match from_thread.recv_timeout(limit) {
            Ok(Ok(lock)) => Ok(Some(lock)),
            Ok(Err(error)) => Err(FileError::io("lock", &path, error)),
            Err(_) => Ok(None),
        }
    }

    // A lock on a file whose name is gone, or means another file by now, keeps nobody out.
    fn is_current(&self) -> Result<bool, FileError> {
        let ours = self.file.metadata().map_err(|error| FileError::io("examine", &self.path, error))?;
        let named = std::fs::symlink_metadata(&self.path);
        Ok(named.is_ok_and(|named| named.dev() == ours.dev() && named.ino() == ours.ino()))
    }
}

impl AsFd for Lock {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

fn retry(mut call: impl FnMut() -> Result<(), Errno>) -> Result<(), Errno> {
    loop {
        match call() {
            Err(Errno::INTR) => {}
            done => return done,
        }
    }
}

/// Whether anybody holds the lock, alone or shared. No file: nobody does.
///
/// # Errors
/// `Io` as open(2) and flock(2).
pub fn is_held(path: &Path) -> Result<bool, FileError> {
    refuses(path, FlockOperation::NonBlockingLockExclusive)
}

/// Whether somebody holds the lock alone. Unlike [`is_held`] it never takes another look for a holder.
///
/// # Errors
/// `Io` as open(2) and flock(2).
pub fn is_held_alone(path: &Path) -> Result<bool, FileError> {
    refuses(path, FlockOperation::NonBlockingLockShared)
}

fn refuses(path: &Path, how: FlockOperation) -> Result<bool, FileError> {
    let Some(file) = open_to_look(path)? else { return Ok(false) };
    // Whoever looks alone holds it for that moment, so "held" is believed only when it stays so.
    for _ in 0..ASKS {
        match flock(&file, how) {
            Ok(()) => return Ok(false),
            Err(Errno::WOULDBLOCK) => thread::sleep(BETWEEN_ASKS),
            Err(error) => return Err(FileError::io("lock", path, error)),
        }
    }
    Ok(true)
}

/// Takes the lock's file away if nobody holds it: for what a killed process left. Whoever is about to take the
/// lock finds that the file is not current any more, and makes another.
///
/// # Errors
/// `Io` as open(2), flock(2) and unlink(2).
pub fn remove_if_free(path: &Path) -> Result<(), FileError> {
    let Some(file) = open_to_look(path)? else { return Ok(()) };
    if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
        return Ok(());
    }
    let lock = Lock { file, path: path.to_owned() };
    if lock.is_current()? {
        std::fs::remove_file(path).map_err(|error| FileError::io("remove the lock", path, error))?;
    }
    Ok(())
}

fn open_to_look(path: &Path) -> Result<Option<File>, FileError> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(fd) => Ok(Some(fd.into())),
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(FileError::io("open the lock", path, error)),
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn place() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        (folder, path)
    }

    /// Waits for the lock, since a command that another test starts may hold a copy until it executes.
    fn is_freed(path: &Path) -> bool {
        Lock::exclusive_within(path, Duration::from_secs(60)).unwrap().is_some()
    }

    #[test]
    fn one_holder_keeps_all_others_out_until_it_goes() {
        let (_keep, path) = place();
        assert!(!is_held(&path).unwrap());
        let lock = Lock::exclusive_try(&path).unwrap().unwrap();
        assert!(is_held(&path).unwrap());
        assert!(Lock::exclusive_try(&path).unwrap().is_none());
        assert!(Lock::shared_within(&path, Duration::ZERO).unwrap().is_none());
        drop(lock);
        assert!(is_freed(&path));
    }

    #[test]
    fn sharers_are_seen_until_the_last_one_goes() {
        let (_keep, path) = place();
        let first = Lock::shared_within(&path, Duration::ZERO).unwrap().unwrap();
        let second = Lock::shared_within(&path, Duration::ZERO).unwrap().unwrap();
        drop(first);
        assert!(is_held(&path).unwrap());
        assert!(Lock::exclusive_try(&path).unwrap().is_none());
        assert!(!is_held_alone(&path).unwrap());
        drop(second);
        assert!(is_freed(&path));
    }

    #[test]
    fn waiting_ends_with_the_lock_or_with_the_limit() {
        let (_keep, path) = place();
        let lock = Lock::exclusive_try(&path).unwrap().unwrap();
        assert!(Lock::exclusive_within(&path, Duration::from_millis(5)).unwrap().is_none());
        let waiter = {
            let path = path.clone();
            thread::spawn(move || Lock::exclusive_within(&path, Duration::from_secs(60)).unwrap().is_some())
        };
        drop(lock);
        assert!(waiter.join().unwrap());
        // The thread that gave up above got the lock meanwhile and let it go again.
        assert!(is_freed(&path));
    }

    #[test]
    fn a_lock_whose_file_was_removed_is_not_taken_for_the_new_one() {
        let (_keep, path) = place();
        let old = Lock::exclusive_try(&path).unwrap().unwrap();
        std::fs::remove_file(&path).unwrap();
        assert!(!is_held(&path).unwrap());
        assert!(!old.is_current().unwrap());
        let new = Lock::exclusive_try(&path).unwrap().unwrap();
        assert!(new.is_current().unwrap());
    }

    #[test]
    fn whoever_waits_for_a_lock_that_is_cleared_away_meanwhile_gets_the_next_one() {
        let (_keep, path) = place();
        let look = Lock::exclusive_try(&path).unwrap().unwrap();
        let takers = [Lock::exclusive_within, Lock::shared_within].map(|take| {
            let path = path.clone();
            thread::spawn(move || take(&path, Duration::from_secs(60)).unwrap().map(|lock| lock.is_current()))
        });
        thread::sleep(20 * BETWEEN_ASKS);
        std::fs::remove_file(&path).unwrap();
        drop(look);
        for taker in takers {
            assert!(taker.join().unwrap().unwrap().unwrap());
        }
    }

    #[test]
    fn only_a_lock_that_nobody_holds_is_taken_away() {
        let (_keep, path) = place();
        remove_if_free(&path).unwrap();
        let lock = Lock::shared_within(&path, Duration::ZERO).unwrap().unwrap();
        remove_if_free(&path).unwrap();
        assert!(path.exists());
        drop(lock);
        remove_if_free(&path).unwrap();
        assert!(!path.exists());
    }

    /// While one test holds an inheritable descriptor no other may start a command, which would keep it.
    static SPAWNING: std::sync::Mutex<()> = std::sync::Mutex::new(());

    #[test]
    fn a_command_keeps_the_lock_it_inherited_after_we_let_go() {
        let _alone = SPAWNING.lock();
        let (_keep, path) = place();
        let lock = Lock::exclusive_try(&path).unwrap().unwrap();
        let passed = lock.inheritable().unwrap();
        let mut command = Command::new("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
        drop((lock, passed));
        assert!(is_held(&path).unwrap());
        drop(command.stdin.take());
        assert!(command.wait().unwrap().success());
        assert!(is_freed(&path));
    }

    #[test]
    fn a_plain_lock_is_not_inherited() {
        let _alone = SPAWNING.lock();
        let (_keep, path) = place();
        let lock = Lock::exclusive_try(&path).unwrap().unwrap();
        let mut command = Command::new("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
        drop(lock);
        let again = Lock::exclusive_within(&path, Duration::from_secs(60)).unwrap();
        assert!(again.is_some() && command.try_wait().unwrap().is_none());
        drop(command.stdin.take());
        command.wait().unwrap();
    }

    #[test]
    fn a_link_is_not_followed() {
        let (_keep, path) = place();
        let link = path.with_file_name("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(Lock::exclusive_try(&link).is_err());
        assert!(is_held(&link).is_err());
        assert!(!path.exists());
    }
}
