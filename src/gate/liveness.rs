//! Who still waits, who still executes: locks that the system lets go of when a process ends.
//! Touches lock files in one folder; a file without a lock says that nobody is there.

use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use crate::files::FileError;
use crate::ids::TicketId;
use crate::locks::{Lock, is_held};

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
        Lock::shared(&self.waiting)
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
        let handoff = Lock::exclusive_try(&self.handoff)?.ok_or_else(|| busy(&self.handoff))?;
        let command = Lock::exclusive_try(&self.command)?.ok_or_else(|| busy(&self.command))?;
        Ok(Execution { handoff, command: Some(command), files: self.clone() })
    }

    /// Who of the execution is still there.
    ///
    /// # Errors
    /// When the lock files cannot be read.
    pub fn alive(&self) -> Result<Alive, FileError> {
        if is_held(&self.handoff)? {
            return Ok(Alive::Handoff);
        }
        Ok(if is_held(&self.command)? { Alive::CommandOnly } else { Alive::Nobody })
    }

    fn forget(&self) {
        for path in [&self.waiting, &self.handoff, &self.command] {
            let _ = std::fs::remove_file(path);
        }
    }
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
