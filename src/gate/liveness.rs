//! Who still waits, who still executes: locks that the system lets go of when a process ends.
//! Touches lock files in one folder; a file without a lock says that nobody is there.

use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::files::FileError;
use crate::ids::TicketId;
use crate::locks::{Lock, is_held, is_held_alone, remove_if_free};

/// How many lock files one sweep looks at: with hundreds of waiters it costs no start more than that.
const SWEPT: usize = 64;
/// Between the copying of bound files and the locks of an execution lie milliseconds.
const MAKING_TAKES: Duration = Duration::from_secs(600);
/// Others take a lock for a moment, to look at it or to clear it away: long, on a busy machine.
const OTHERS_LOOK: Duration = Duration::from_secs(5);

/// The lock files of one ticket.
#[derive(Debug, Clone)]
pub struct Liveness {
    waiting: PathBuf,
    handoff: PathBuf,
    command: PathBuf,
}

/// What the locks say of an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alive {
    /// The executing handoff lives, and will record the end.
    Handoff,
    /// It is gone, but the command, or a process it left behind, still runs.
    CommandOnly,
    /// Both are gone.
    Nobody,
}

impl Liveness {
    /// Those of `ticket`, in the folder `live`.
    #[must_use]
    pub fn of(live: &Path, ticket: &TicketId) -> Self {
        let file = |what: &str| live.join(format!("{ticket}.{what}"));
        Self { waiting: file("wait"), handoff: file("run"), command: file("cmd") }
    }

    /// Says that this process waits, for as long as the lock is kept.
    ///
    /// # Errors
    /// When the lock file cannot be used.
    pub fn wait(&self) -> Result<Option<Lock>, FileError> {
        Lock::shared_within(&self.waiting, OTHERS_LOOK)
    }

    /// Whether any process waits for the ticket.
    ///
    /// # Errors
    /// When the lock file cannot be read.
    pub fn anyone_waits(&self) -> Result<bool, FileError> {
        is_held(&self.waiting)
    }

    /// Says that this process executes; the second lock is for the command to inherit.
    ///
    /// # Errors
    /// When the lock files cannot be used, or another process executes the ticket.
    pub fn execute(&self) -> Result<Execution, FileError> {
        let busy = |path: &Path| FileError::io("lock", path, io::ErrorKind::ResourceBusy);
        let take = |path: &Path| Lock::exclusive_within(path, OTHERS_LOOK)?.ok_or_else(|| busy(path));
        let (handoff, command) = (take(&self.handoff)?, take(&self.command)?);
        Ok(Execution { handoff, command: Some(command), files: self.clone() })
    }

    /// Who of the execution is still there.
    ///
    /// # Errors
    /// When the lock files cannot be read.
    pub fn alive(&self) -> Result<Alive, FileError> {
        if is_held_alone(&self.handoff)? {
            return Ok(Alive::Handoff);
        }
        Ok(if is_held_alone(&self.command)? { Alive::CommandOnly } else { Alive::Nobody })
    }

    fn forget(&self) {
        for path in [&self.waiting, &self.handoff, &self.command] {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Takes away what killed processes left: locks in `live` that nobody holds, and copies of bound files in
/// `binds`, a folder a ticket, whose execution is over.
pub fn sweep(live: &Path, binds: &Path) {
    let entries = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten();
    for copies in entries(binds).filter(is_old).map(|entry| entry.path()) {
        let name = copies.file_name().and_then(|name| name.to_str());
        let Some(ticket) = name.and_then(|name| name.parse::<TicketId>().ok()) else { continue };
        if matches!(Liveness::of(live, &ticket).alive(), Ok(Alive::Nobody)) {
            let _ = std::fs::remove_dir_all(&copies);
        }
    }
    for lock in entries(live).take(SWEPT) {
        let _ = remove_if_free(&lock.path());
    }
}

fn is_old(entry: &std::fs::DirEntry) -> bool {
    let made = entry.metadata().and_then(|meta| meta.modified());
    made.is_ok_and(|made| made.elapsed().is_ok_and(|age| age > MAKING_TAKES))
}

/// The locks of an execution in progress.
#[derive(Debug)]
pub struct Execution {
    handoff: Lock,
    command: Option<Lock>,
    files: Liveness,
}

impl Execution {
    /// The descriptor the command is to inherit. Drop it, and call [`Execution::handed_over`], right
    /// after the start: from then on only the command holds that lock.
    ///
    /// # Errors
    /// When the system has no descriptor left.
    pub fn for_command(&self) -> Result<Option<OwnedFd>, FileError> {
        self.command.as_ref().map(Lock::inheritable).transpose()
    }

    /// The command has its own copy now.
    pub fn handed_over(&mut self) {
        self.command = None;
    }

    /// The end is recorded: the files have served.
    pub fn finished(self) {
        self.files.forget();
        drop(self.handoff);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn aged(path: &Path) {
        let long_ago = std::time::SystemTime::now() - 2 * MAKING_TAKES;
        fs::File::open(path).unwrap().set_modified(long_ago).unwrap();
    }

    #[test]
    fn from_its_start_on_the_command_alone_holds_its_lock_and_at_the_end_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let files = Liveness::of(folder.path(), &TicketId::random());
        let waiting = files.wait().unwrap().unwrap();
        assert!(files.anyone_waits().unwrap());
        drop(waiting);
        assert!(!files.anyone_waits().unwrap());
        let mut execution = files.execute().unwrap();
        let command = execution.for_command().unwrap();
        execution.handed_over();
        assert!(is_held(&files.command).unwrap());
        drop(command);
        assert!(!is_held(&files.command).unwrap());
        assert_eq!(files.alive().unwrap(), Alive::Handoff);
        execution.finished();
        assert_eq!(files.alive().unwrap(), Alive::Nobody);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn somebody_who_only_looks_keeps_nobody_from_waiting_or_executing() {
        let folder = tempfile::tempdir().unwrap();
        let files = Liveness::of(folder.path(), &TicketId::random());
        let looks = [&files.waiting, &files.handoff, &files.command]
            .map(|path| Lock::exclusive_within(path, Duration::ZERO).unwrap().unwrap());
        let looking = std::thread::spawn(move || {
            for look in looks {
                std::thread::sleep(Duration::from_millis(50));
                drop(look);
            }
        });
        let _waiting = files.wait().unwrap().unwrap();
        let _execution = files.execute().unwrap();
        looking.join().unwrap();
    }

    #[test]
    fn two_who_ask_at_once_who_is_alive_do_not_take_each_other_for_an_executor() {
        let folder = tempfile::tempdir().unwrap();
        let files = Liveness::of(folder.path(), &TicketId::random());
        let _others = [&files.handoff, &files.command]
            .map(|path| Lock::shared_within(path, Duration::ZERO).unwrap().unwrap());
        assert_eq!(files.alive().unwrap(), Alive::Nobody);
    }

    #[test]
    fn what_the_killed_left_is_taken_away_and_what_is_in_use_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (live, binds) = (folder.path().join("live"), folder.path().join("binds"));
        fs::create_dir(&live).unwrap();
        let [over, running, young] = [(); 3].map(|()| TicketId::random());
        for ticket in [&over, &running, &young] {
            fs::create_dir_all(binds.join(ticket.as_str()).join("copies")).unwrap();
        }
        aged(&binds.join(over.as_str()));
        aged(&binds.join(running.as_str()));
        drop(Liveness::of(&live, &over).execute().unwrap());
        let mut execution = Liveness::of(&live, &running).execute().unwrap();
        let command = execution.for_command().unwrap();
        execution.handed_over();
        drop(execution);
        sweep(&live, &binds);
        assert_eq!(Liveness::of(&live, &running).alive().unwrap(), Alive::CommandOnly);
        assert!(binds.join(running.as_str()).exists(), "the command still reads them");
        assert!(binds.join(young.as_str()).exists(), "its locks may be about to be taken");
        assert!(!binds.join(over.as_str()).exists());
        let names =
            fs::read_dir(&live).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        assert_eq!(names.collect::<Vec<_>>(), [format!("{running}.cmd")]);
        drop(command);
        sweep(&live, &binds);
        assert_eq!(fs::read_dir(&live).unwrap().count(), 0);
    }
}
