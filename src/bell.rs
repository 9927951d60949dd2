//! Wakes waiters the moment something was recorded: one named pipe a waiter, in a folder of the queue.
//! Only a hint: whoever waits reads the state again, and a lost ring costs the plain wait's time.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::io::Errno;

// A pipe is made under this and renamed once it is open, so that one under its final name always has a
// listener or a dead one, never one that is about to come.
const IN_THE_MAKING: &str = ".new.";
const MAKING_TAKES: Duration = Duration::from_secs(60);

static MADE_HERE: AtomicU32 = AtomicU32::new(0);

/// One waiter's pipe; removed when dropped.
#[derive(Debug)]
pub struct Bell {
    pipe: Option<(File, PathBuf)>,
}

/// Why a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Woken {
    /// Somebody rang; whatever rang before is included.
    Rung,
    /// The time was up.
    TimedOut,
    /// The other descriptor has something, or was hung up.
    Other,
}

impl Bell {
    /// Begins to listen for `name` in `folder`. Listen first, then read the state, then wait.
    ///
    /// Where no pipe can be made (descriptors used up, a full or read-only disk) the bell is silent and every
    /// wait lasts its time. An error only for a name that is not letters, digits, `-` and `_`.
    pub fn listen(folder: &Path, name: &str) -> io::Result<Self> {
        check_name(name)?;
        let own = format!("{name}.{}.{}", std::process::id(), MADE_HERE.fetch_add(1, Ordering::Relaxed));
        let making = folder.join(format!("{IN_THE_MAKING}{own}"));
        let path = folder.join(own);
        let made = make(&making).and_then(|pipe| std::fs::rename(&making, &path).map(|()| pipe));
        if made.is_err() {
            let _ = std::fs::remove_file(&making);
        }
        Ok(Self { pipe: made.ok().map(|pipe| (pipe, path)) })
    }

    /// Whether rings cannot be heard: waits then only end with their time.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.pipe.is_none()
    }

    /// Waits for a ring, for `also` to become readable, or for `limit`.
    #[must_use]
    pub fn wait(&self, limit: Duration, also: Option<BorrowedFd<'_>>) -> Woken {
        let end = Instant::now().checked_add(limit);
        loop {
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            match self.poll(left, also) {
                Ok(woken) => return woken,
                Err(Errno::INTR) => {}
                Err(_) => {
                    // Out of kernel memory: be an ordinary timer rather than a busy loop.
                    std::thread::sleep(left.unwrap_or(limit));
                    return Woken::TimedOut;
                }
            }
        }
    }

    fn poll(&self, left: Option<Duration>, also: Option<BorrowedFd<'_>>) -> rustix::io::Result<Woken> {
        let left = left.and_then(|left| Timespec::try_from(left).ok());
        let pipe = self.pipe.as_ref().map(|(pipe, _)| pipe.as_fd());
        let fds = also.into_iter().chain(pipe);
        let mut fds: Vec<PollFd<'_>> = fds.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)).collect();
        poll(&mut fds, left.as_ref())?;
        let mut ready = fds.iter().map(|fd| !fd.revents().is_empty());
        if also.is_some() && ready.next() == Some(true) {
            return Ok(Woken::Other);
        }
        if ready.next() != Some(true) {
            return Ok(Woken::TimedOut);
        }
        self.drain();
        Ok(Woken::Rung)
    }

    fn drain(&self) {
        let mut rings = [0; 512];
        if let Some((pipe, _)) = &self.pipe {
            let mut pipe: &File = pipe;
            while pipe.read(&mut rings).is_ok_and(|read| read == rings.len()) {}
        }
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        if let Some((_, path)) = &self.pipe {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Wakes everybody who listens for `name`, and removes the pipes of those who died. Call it after the commit.
pub fn ring(folder: &Path, name: &str) {
    for path in listeners(folder, name) {
        if matches!(ring_one(&path), Err(Errno::NXIO)) {
            let _ = std::fs::remove_file(&path);
        }
    }
}

/// Removes what killed waiters left in the folder, of any name; living ones keep theirs.
pub fn sweep(folder: &Path) {
    for path in pipes(folder) {
        let fresh = is_in_the_making(&path) && !is_old(&path);
        if !fresh && matches!(open_to_ring(&path), Err(Errno::NXIO)) {
            let _ = std::fs::remove_file(&path);
        }
    }
}

fn check_name(name: &str) -> io::Result<()> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if name.is_empty() || !name.bytes().all(plain) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "a bell's name is letters, digits, '-' and '_'",
        ));
    }
    Ok(())
}

/// A pipe open for reading *and* writing (`fifo(7)`): with a writer of its own it never reports a hang-up.
fn make(path: &Path) -> io::Result<File> {
    make_fifo(path)?;
    let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let pipe = File::from(open(path, flags, Mode::empty())?);
    if is_our_pipe(&pipe) { Ok(pipe) } else { Err(io::ErrorKind::AlreadyExists.into()) }
}

#[cfg(not(target_os = "macos"))]
fn make_fifo(path: &Path) -> io::Result<()> {
    Ok(rustix::fs::mkfifoat(rustix::fs::CWD, path, Mode::RUSR | Mode::WUSR)?)
}

#[cfg(target_os = "macos")]
fn make_fifo(path: &Path) -> io::Result<()> {
    use nix::sys::stat::Mode;
    Ok(nix::unistd::mkfifo(path, Mode::S_IRUSR | Mode::S_IWUSR)?)
}

fn is_our_pipe(pipe: &File) -> bool {
    let us = rustix::process::geteuid().as_raw();
    pipe.metadata().is_ok_and(|meta| meta.file_type().is_fifo() && meta.uid() == us)
}

fn pipes(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let pipes = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_fifo()));
    pipes.map(|entry| entry.path())
}

fn listeners(folder: &Path, name: &str) -> impl Iterator<Item = PathBuf> {
    let is_for_it = move |path: &PathBuf| {
        let file = path.file_name().and_then(|file| file.to_str());
        file.and_then(|file| file.strip_prefix(name)).is_some_and(|rest| rest.starts_with('.'))
    };
    pipes(folder).filter(is_for_it)
}

fn open_to_ring(path: &Path) -> rustix::io::Result<File> {
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    open(path, flags, Mode::empty()).map(File::from)
}

fn ring_one(path: &Path) -> rustix::io::Result<()> {
    let mut pipe = open_to_ring(path)?;
    // A full pipe has rung already, and a listener gone meanwhile needs no ring.
    if is_our_pipe(&pipe) {
        let _ = pipe.write(b"!");
    }
    Ok(())
}

fn is_in_the_making(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(IN_THE_MAKING.as_bytes()))
}

fn is_old(path: &Path) -> bool {
    let made = path.symlink_metadata().and_then(|meta| meta.modified());
    made.is_ok_and(|made| made.elapsed().is_ok_and(|age| age > MAKING_TAKES))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(20);
    const SHORT: Duration = Duration::from_millis(1);

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    /// What a killed waiter leaves: its pipe, with nobody behind it.
    fn leave_dead(folder: &Path, name: &str) -> PathBuf {
        let path = folder.join(name);
        make_fifo(&path).unwrap();
        path
    }

    #[test]
    fn a_ring_before_the_wait_is_heard_and_only_once() {
        let folder = folder();
        let bell = Bell::listen(folder.path(), "K7QX").unwrap();
        ring(folder.path(), "K7QX");
        ring(folder.path(), "K7QX");
        assert_eq!(bell.wait(LONG, None), Woken::Rung);
        assert_eq!(bell.wait(SHORT, None), Woken::TimedOut);
    }

    #[test]
    fn a_ring_ends_a_wait_that_has_begun() {
        let folder = folder();
        let bell = Bell::listen(folder.path(), "K7QX").unwrap();
        std::thread::scope(|scope| {
            let waiter = scope.spawn(|| bell.wait(LONG, None));
            std::thread::sleep(Duration::from_millis(5));
            ring(folder.path(), "K7QX");
            assert_eq!(waiter.join().unwrap(), Woken::Rung);
        });
    }

    #[test]
    fn everybody_who_waits_for_a_ticket_is_woken_by_one_ring() {
        let folder = folder();
        let bells: Vec<Bell> = (0..50).map(|_| Bell::listen(folder.path(), "K7QX").unwrap()).collect();
        ring(folder.path(), "K7QX");
        assert!(bells.iter().all(|bell| bell.wait(LONG, None) == Woken::Rung));
    }

    #[test]
    fn a_ring_for_another_ticket_is_not_heard() {
        let folder = folder();
        let bell = Bell::listen(folder.path(), "K7QX").unwrap();
        ring(folder.path(), "K7Q");
        ring(folder.path(), "K7QXM");
        assert_eq!(bell.wait(SHORT, None), Woken::TimedOut);
    }

    #[test]
    fn the_other_descriptor_ends_a_wait_and_the_ring_stays_for_the_next() {
        let folder = folder();
        let bell = Bell::listen(folder.path(), "K7QX").unwrap();
        let other = Bell::listen(folder.path(), "other").unwrap();
        ring(folder.path(), "other");
        ring(folder.path(), "K7QX");
        let also = other.pipe.as_ref().map(|(pipe, _)| pipe.as_fd());
        assert_eq!(bell.wait(LONG, also), Woken::Other);
        assert_eq!(bell.wait(LONG, None), Woken::Rung);
    }

    #[test]
    fn more_rings_than_a_pipe_holds_neither_block_nor_stay() {
        let folder = folder();
        let bell = Bell::listen(folder.path(), "K7QX").unwrap();
        let mut pipe = open_to_ring(&folder.path().join(&names(folder.path())[0])).unwrap();
        while pipe.write(&[b'!'; 4096]).is_ok() {}
        ring(folder.path(), "K7QX");
        assert_eq!(bell.wait(LONG, None), Woken::Rung);
        assert_eq!(bell.wait(SHORT, None), Woken::TimedOut);
    }

    #[test]
    fn ringing_removes_the_dead_of_that_name_only() {
        let folder = folder();
        let dead = leave_dead(folder.path(), "K7QX.1.0");
        let elsewhere = leave_dead(folder.path(), "B3TT.1.0");
        let bell = Bell::listen(folder.path(), "K7QX").unwrap();
        ring(folder.path(), "K7QX");
        assert!(!dead.exists() && elsewhere.exists());
        assert_eq!(bell.wait(LONG, None), Woken::Rung);
    }

    #[test]
    fn sweeping_removes_all_dead_and_keeps_the_living_and_the_coming() {
        let folder = folder();
        let bell = Bell::listen(folder.path(), "K7QX").unwrap();
        let dead = leave_dead(folder.path(), "B3TT.1.0");
        let coming = leave_dead(folder.path(), ".new.B3TT.2.0");
        sweep(folder.path());
        assert!(!dead.exists() && coming.exists());
        ring(folder.path(), "K7QX");
        assert_eq!(bell.wait(LONG, None), Woken::Rung);
    }

    #[test]
    fn a_bell_leaves_nothing_behind() {
        let folder = folder();
        let first = Bell::listen(folder.path(), "K7QX").unwrap();
        let second = Bell::listen(folder.path(), "K7QX").unwrap();
        drop(first);
        ring(folder.path(), "K7QX");
        assert_eq!(second.wait(LONG, None), Woken::Rung);
        drop(second);
        assert_eq!(names(folder.path()), Vec::<String>::new());
    }

    #[test]
    fn the_pipe_is_for_its_owner_alone() {
        let folder = folder();
        let bell = Bell::listen(folder.path(), "K7QX").unwrap();
        let meta = bell.pipe.as_ref().unwrap().1.metadata().unwrap();
        assert_eq!(meta.mode() & 0o077, 0);
        assert!(meta.file_type().is_fifo());
    }

    #[test]
    fn a_file_or_link_laid_in_the_way_is_not_written_to() {
        let folder = folder();
        let file = folder.path().join("K7QX.1.0");
        std::fs::write(&file, "").unwrap();
        std::os::unix::fs::symlink(&file, folder.path().join("K7QX.2.0")).unwrap();
        ring(folder.path(), "K7QX");
        sweep(folder.path());
        assert_eq!(std::fs::read(&file).unwrap(), b"");
    }

    #[test]
    fn where_no_pipe_can_be_made_waiting_still_ends() {
        let bell = Bell::listen(Path::new("/nowhere/at/all"), "K7QX").unwrap();
        assert!(bell.is_silent());
        assert_eq!(bell.wait(SHORT, None), Woken::TimedOut);
        ring(Path::new("/nowhere/at/all"), "K7QX");
    }

    #[test]
    fn a_removed_pipe_costs_the_ring_and_not_the_waiter() {
        let folder = folder();
        let bell = Bell::listen(folder.path(), "K7QX").unwrap();
        std::fs::remove_file(&bell.pipe.as_ref().unwrap().1).unwrap();
        ring(folder.path(), "K7QX");
        assert_eq!(bell.wait(SHORT, None), Woken::TimedOut);
    }

    #[test]
    fn a_name_cannot_lead_out_of_the_folder() {
        for name in ["", "../x", "a/b", "a.b", "new.", "a\0"] {
            assert!(Bell::listen(Path::new("/tmp"), name).is_err(), "{name:?}");
        }
    }
}
