//! Looks again, right before execution, whether everything that was approved is still as it was.
//! Reads what the action names, and runs its prechecks; searches and chooses nothing anew.

mod compare;

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File};
use std::path::PathBuf;

use super::copies::{Copies, CopiesError};
use super::environment::Values;
use crate::escaped::Escaped;
use crate::files::Stamp;
use crate::ids::Digest;
use crate::request::secret::CommitmentKey;
use crate::request::{Account, Bind, Exec, Stdin};

/// One thing that is no longer as it was approved. Plain words, fit for a screen and the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which: `program '/usr/bin/terraform'`.
    pub field: String,
    /// What was approved.
    pub was: String,
    /// What is there.
    pub is: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} became {}", self.field, self.was, self.is)
    }
}

/// What a recorded action is held against.
#[derive(Debug, Clone, Copy)]
pub struct Present<'a> {
    /// Who asked for it, to see whether they can replace the program by now.
    pub requester: &'a Account,
    /// The environment that hidden values are taken from.
    pub environment: &'a Values,
    /// The key of the commitments to them.
    pub key: &'a CommitmentKey,
    /// Whether this process reads a terminal, which alone may be handed on as one.
    pub reads_terminal: bool,
}

/// How the program is started.
#[derive(Debug)]
pub enum Runs {
    /// Through the very descriptor that was hashed.
    Descriptor(File),
    /// By path: scripts, whose interpreter opens it by name, and every program outside of Linux.
    Path(PathBuf),
}

/// What the command reads.
#[derive(Clone, PartialEq, Eq)]
pub enum Given {
    /// Nothing.
    Nothing,
    /// What this process has: a terminal, or input passed on unseen.
    Inherited,
    /// These bytes.
    Bytes(Vec<u8>),
}

impl Given {
    /// For an input of which no bytes are kept.
    pub(super) const fn plain(stdin: &Stdin) -> Self {
        match stdin {
            Stdin::Terminal | Stdin::Pass => Self::Inherited,
            Stdin::None | Stdin::Captured { .. } => Self::Nothing,
        }
    }
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("Nothing"),
            Self::Inherited => f.write_str("Inherited"),
            Self::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
        }
    }
}

/// Everything a start needs, checked.
#[derive(Debug)]
#[must_use = "what was checked is to be started, or dropped on purpose"]
pub struct Ready {
    /// The program.
    pub runs: Runs,
    /// All arguments, with `{bind:NAME}` still in them.
    pub argv: Vec<OsString>,
    /// Exactly the variables it gets.
    pub env: Values,
    /// Where it runs.
    pub cwd: PathBuf,
    /// What it reads.
    pub input: Given,
    binds: Kept,
    stamps: Vec<(PathBuf, Stamp)>,
}

// The bytes may be anything the requester keeps to themselves and the reviewers.
struct Kept(Vec<(Bind, Vec<u8>)>);

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(bind, _)| bind)).finish()
    }
}

/// Checks a recorded action against the machine as it is. `blobs` gives stored bytes by their digest.
///
/// # Errors
/// Everything that differs, in the order of the record.
pub fn again(
    exec: &Exec,
    present: Present<'_>,
    blobs: impl Fn(&Digest) -> Option<Vec<u8>>,
) -> Result<Ready, Vec<Difference>> {
    compare::compare(exec, present, &blobs)
}

impl Ready {
    pub(super) fn new(
        exec: &Exec,
        file: File,
        env: Values,
        input: Given,
        binds: Vec<(Bind, Vec<u8>)>,
        stamps: Vec<(PathBuf, Stamp)>,
    ) -> Self {
        let by_descriptor = cfg!(target_os = "linux") && !exec.program.script;
        let program = &exec.program;
        let path = PathBuf::from(program.link.as_ref().unwrap_or(&program.path).as_os_str());
        Self {
            runs: if by_descriptor { Runs::Descriptor(file) } else { Runs::Path(path) },
            argv: exec.argv.iter().map(|argument| argument.as_os_str().to_owned()).collect(),
            env,
            cwd: exec.cwd.as_os_str().into(),
            input,
            binds: Kept(binds),
            stamps,
        }
    }

    /// Whether every file still has the state it had when it was hashed, and the folder is the place it was: a
    /// look, not a read, for the moment between the durable claim and the start.
    ///
    /// # Errors
    /// The first file that was touched, or where the folder leads by now.
    pub fn still(&self) -> Result<(), Difference> {
        if !fs::canonicalize(&self.cwd).is_ok_and(|now| now == self.cwd) {
            let (field, was) = ("working folder".to_owned(), Escaped::os(&self.cwd).into_string());
            return Err(Difference { field, was, is: "another place".to_owned() });
        }
        self.stamps.iter().try_for_each(|(path, stamp)| {
            let now = fs::metadata(path).map(|metadata| Stamp::from(&metadata));
            let is = match now {
                Ok(now) if now == *stamp => return Ok(()),
                Ok(_) => "touched since".to_owned(),
                Err(error) => format!("out of reach ({error})"),
            };
            Err(Difference { field: format!("file {}", Escaped::os(path)), was: "hashed".to_owned(), is })
        })
    }

    /// Writes the private copies of bound bytes below `place` and names them in the arguments.
    ///
    /// # Errors
    /// As [`Copies::write`].
    pub fn materialize(&mut self, place: &std::path::Path) -> Result<Copies, CopiesError> {
        let copies = Copies::write(&self.binds.0, place)?;
        self.argv = copies.argv(&self.argv);
        Ok(copies)
    }
}

#[cfg(test)]
mod tests;
