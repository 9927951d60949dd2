//! Starts the approved command and stays with it to its end.
//! Makes the only process that handoff makes on somebody's behalf; changes nothing but signals and descriptors.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Seek, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::io::{Errno, FdFlags, fcntl_setfd};
use rustix::process::{self, Pid, Resource, Rlimit, Signal, WaitOptions, WaitStatus};

use super::signals::{Arrived, Signals, stop_ourselves};

/// Everything the command gets, and nothing else.
#[derive(Debug)]
pub struct Launch {
    /// The program, as it was checked.
    pub program: Program,
    /// All arguments, `argv[0]` included.
    pub argv: Vec<OsString>,
    /// Exactly these variables.
    pub env: Vec<(OsString, OsString)>,
    /// The folder it starts in.
    pub cwd: PathBuf,
    /// What it reads.
    pub stdin: Stdin,
    /// A lock the command keeps open while it lives, so that its end can be seen after ours.
    pub inherit: Option<OwnedFd>,
}

/// How the program is named to the kernel.
#[derive(Debug)]
pub enum Program {
    /// The very file that was hashed: for ELF programs on Linux. The descriptor may be close-on-exec, since
    /// the kernel resolves it first; a script's interpreter could not open it (`execveat(2)`, BUGS).
    Descriptor(OwnedFd),
    /// By absolute path: scripts, and every program elsewhere.
    Path(PathBuf),
}

/// What the command reads as its standard input.
#[derive(Debug)]
pub enum Stdin {
    /// Nothing: `/dev/null`.
    Nothing,
    /// What we read ourselves: the terminal, or an input passed on unbound.
    Inherit,
    /// These bytes, and then the end.
    Bytes(Vec<u8>),
}

/// The command was not started: nothing ran.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No such program, or its interpreter is missing.
    #[error("the command was not found")]
    NotFound,
    /// It is there, but the system does not execute it.
    #[error("the command could not be executed: {0}")]
    NotExecutable(#[source] io::Error),
    /// The folder is gone, or may not be entered.
    #[error("the folder to run in cannot be entered: {0}")]
    BadCwd(#[source] io::Error),
    /// This process was asked to end before the command began.
    #[error("interrupted by signal {0} before the command began")]
    Interrupted(i32),
    /// The request for the process failed: out of processes, memory or descriptors.
    #[error("the command could not be started: {0}")]
    Other(#[source] io::Error),
}

impl StartError {
    /// The exit code of handoff for it, as `env(1)` has them.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::NotFound => 127,
            Self::NotExecutable(_) => 126,
            Self::Interrupted(signal) => died_of(*signal),
            Self::BadCwd(_) | Self::Other(_) => 125,
        }
    }
}

/// A command that has started.
#[derive(Debug)]
#[must_use = "a command that is not supervised ends unseen"]
pub struct Running {
    child: Child,
}

/// How the command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with this status, 0 to 255.
    Exited(i32),
    /// Of a signal.
    Signaled {
        /// Its number.
        signal: i32,
        /// Whether it left a core file.
        core: bool,
    },
}

/// Starts the command, in our own process group and with our own signal mask.
///
/// A signal that ends this process and came before prevents the start. One that comes while the process
/// is being made may reach it twice, but is never lost.
pub fn start(launch: Launch, signals: &mut Signals) -> Result<Running, StartError> {
    enterable(&launch.cwd).map_err(StartError::BadCwd)?;
    let stdin = input(launch.stdin).map_err(StartError::Other)?;
    let by_descriptor = matches!(launch.program, Program::Descriptor(_));
    let mut command = Command::new(path_of(&launch.program));
    let mut argv = launch.argv.into_iter();
    if let Some(name) = argv.next() {
        command.arg0(name);
    }
    command.args(argv).env_clear().envs(launch.env).current_dir(launch.cwd).stdin(stdin);
    if let Some(lock) = &launch.inherit {
        fcntl_setfd(lock, FdFlags::empty()).map_err(|error| StartError::Other(error.into()))?;
    }
    if let Some(signal) = signals.interrupted() {
        return Err(StartError::Interrupted(signal));
    }
    let child = signals.start(|| command.spawn()).map_err(|error| refused(error, by_descriptor))?;
    let running = Running { child };
    running.pass_on(signals, Arrived::is_for_new);
    Ok(running)
}

fn path_of(program: &Program) -> PathBuf {
    match program {
        Program::Descriptor(file) => format!("/proc/self/fd/{}", file.as_raw_fd()).into(),
        Program::Path(path) => path.clone(),
    }
}

// Asked before the spawn, whose error does not say whether the folder or the program was at fault.
fn enterable(folder: &Path) -> io::Result<()> {
    std::fs::metadata(folder.join(".")).map(drop)
}

fn refused(error: io::Error, by_descriptor: bool) -> StartError {
    match Errno::from_io_error(&error) {
        // A descriptor's file is there: it is the way to it, `/proc`, or its loader that is missing.
        Some(Errno::NOENT) if by_descriptor => StartError::NotExecutable(error),
        Some(Errno::NOENT) => StartError::NotFound,
        Some(Errno::AGAIN | Errno::NOMEM | Errno::MFILE | Errno::NFILE) | None => StartError::Other(error),
        Some(_) => StartError::NotExecutable(error),
    }
}

fn input(stdin: Stdin) -> io::Result<Stdio> {
    match stdin {
        Stdin::Nothing => Ok(Stdio::null()),
        Stdin::Inherit => Ok(Stdio::inherit()),
        Stdin::Bytes(bytes) => kept(&bytes).map(Stdio::from),
    }
}

/// The bytes as a file without a name, at its beginning: no thread has to feed a pipe, none can block.
fn kept(bytes: &[u8]) -> io::Result<File> {
    let mut file = nameless()?;
    file.write_all(bytes)?;
    file.rewind()?;
    seal(&file)?;
    Ok(file)
}

#[cfg(target_os = "linux")]
fn nameless() -> io::Result<File> {
    use rustix::fs::{MemfdFlags, memfd_create};
    Ok(memfd_create("stdin", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?.into())
}

// What was approved cannot be written to by the command, nor by a process it hands the file to.
#[cfg(target_os = "linux")]
fn seal(file: &File) -> io::Result<()> {
    use rustix::fs::{SealFlags, fcntl_add_seals};
    let all = SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL;
    Ok(fcntl_add_seals(file, all)?)
}

#[cfg(not(target_os = "linux"))]
#[expect(clippy::disallowed_methods, reason = "created anew under a random name, and unlinked at once")]
fn nameless() -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let name = format!("handoff-stdin-{}", crate::ids::Nonce::random());
    let path = std::env::temp_dir().join(name);
    let file = File::options().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}

#[cfg(not(target_os = "linux"))]
fn seal(_: &File) -> io::Result<()> {
    Ok(())
}

impl Running {
    /// Stays until the command ends: passes signals on, stops when it stops, continues it when continued.
    /// An error means that its end is not known.
    pub fn supervise(self, signals: &mut Signals) -> io::Result<Ended> {
        loop {
            while let Some(status) = self.changed()? {
                if status.stopped() {
                    stop_ourselves();
                    self.tell(Signal::CONT.as_raw());
                } else if let Some(ended) = ended(status) {
                    return Ok(ended);
                }
            }
            signals.wait()?;
            self.pass_on(signals, Arrived::is_for);
        }
    }

    fn pass_on(&self, signals: &mut Signals, is_for: impl Fn(Arrived, i32) -> bool) {
        let arrived = signals.arrived().into_iter().filter(|arrived| is_for(*arrived, self.raw_pid()));
        arrived.for_each(|arrived| self.tell(arrived.signal));
    }

    fn raw_pid(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap_or(i32::MAX)
    }

    fn changed(&self) -> io::Result<Option<WaitStatus>> {
        let options = WaitOptions::NOHANG | WaitOptions::UNTRACED | WaitOptions::CONTINUED;
        match process::waitpid(Pid::from_raw(self.raw_pid()), options) {
            Ok(changed) => Ok(changed.map(|(_, status)| status)),
            Err(Errno::INTR) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    // The command is not reaped before `supervise` ends, so the number cannot be another process's.
    fn tell(&self, signal: i32) {
        let told = Pid::from_raw(self.raw_pid()).zip(Signal::from_named_raw(signal));
        if let Some((pid, signal)) = told {
            let _ = process::kill_process(pid, signal);
        }
    }
}

fn ended(status: WaitStatus) -> Option<Ended> {
    let core = ExitStatus::from_raw(status.as_raw()).core_dumped();
    let exited = status.exit_status().map(Ended::Exited);
    exited.or_else(|| status.terminating_signal().map(|signal| Ended::Signaled { signal, core }))
}

/// Ends this process by the signal the command died of, so that a shell sees the same death, without a
/// second core file. Returns the shell's number for it only where that is impossible: as process 1, or
/// for a signal that ends nobody.
pub fn die_of(signal: i32) -> u8 {
    leave_no_core();
    // Process 1 is spared by the kernel, and what follows a failed attempt would abort it.
    if process::getpid() != Pid::INIT {
        let _ = signal_hook::low_level::emulate_default_handler(signal);
        // SIGIO and real-time signals, which it does not know, end a process too; none has a handler here.
        let _ = signal_hook::low_level::raise(signal);
    }
    died_of(signal)
}

fn died_of(signal: i32) -> u8 {
    signal.checked_add(128).and_then(|code| u8::try_from(code).ok()).unwrap_or(125)
}

fn leave_no_core() {
    let _ = process::setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    // A limit of nothing does not hold back a core that is piped to a program (`core(5)`).
    #[cfg(target_os = "linux")]
    let _ = process::set_dumpable_behavior(process::DumpableBehavior::NotDumpable);
}

#[cfg(test)]
mod tests;
