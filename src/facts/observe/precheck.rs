//! Runs one of the policy's prechecks and keeps how it ended.
//! Starts a process without a shell, in a group of its own, and ends it at its limits.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::environment::Values;
use super::program::{Lookup, ProgramError};
use crate::ids::{Digest, Label};
use crate::request::PrecheckResult;

/// How often an ended precheck is looked for once its output has ended.
const PAUSE: Duration = Duration::from_millis(2);

/// What one precheck may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Until it has ended.
    pub time: Duration,
    /// Bytes of both its outputs together.
    pub output: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(60), output: 16 << 20 }
    }
}

/// Why a precheck has no result: then nothing may run.
#[derive(Debug, thiserror::Error)]
pub enum PrecheckError {
    /// Its program.
    #[error("precheck {name}: {source}")]
    Program {
        /// Which precheck.
        name: Label,
        /// What is wrong.
        source: ProgramError,
    },
    /// No program at all.
    #[error("precheck {0} has no command")]
    Empty(Label),
    /// It took too long and was ended.
    #[error("precheck {name} did not end within {seconds} s and was killed")]
    Time {
        /// Which precheck.
        name: Label,
        /// Its limit.
        seconds: u64,
    },
    /// It wrote too much and was ended.
    #[error("precheck {name} wrote more than {limit} bytes and was killed")]
    Output {
        /// Which precheck.
        name: Label,
        /// Its limit.
        limit: u64,
    },
    /// The system refused.
    #[error("precheck {name} could not be run: {source}")]
    Io {
        /// Which precheck.
        name: Label,
        /// The system's answer.
        source: io::Error,
    },
}

/// Runs `argv` in `cwd` with exactly these variables and nothing to read.
///
/// # Errors
/// When it cannot be started or goes past a limit; a failing status is a result like any other.
pub fn run(
    name: &Label,
    argv: &[OsString],
    environment: &Values,
    cwd: &Path,
    limits: Limits,
) -> Result<PrecheckResult, PrecheckError> {
    let io = |source| PrecheckError::Io { name: name.clone(), source };
    let mut child = start(name, argv, environment, cwd)?;
    let ended = watch(&mut child, limits);
    if !matches!(ended, Ok(Ended::By(..))) {
        end(&mut child);
    }
    match ended.map_err(io)? {
        Ended::By(status, output) => Ok(PrecheckResult {
            name: name.clone(),
            argv: argv.iter().map(|argument| argument.as_os_str().into()).collect(),
            status: status_of(status),
            output_sha256: Digest::of(&output),
        }),
        Ended::Late => Err(PrecheckError::Time { name: name.clone(), seconds: limits.time.as_secs() }),
        Ended::Loud => Err(PrecheckError::Output { name: name.clone(), limit: limits.output }),
    }
}

fn start(name: &Label, argv: &[OsString], environment: &Values, cwd: &Path) -> Result<Child, PrecheckError> {
    let (program, arguments) = argv.split_first().ok_or_else(|| PrecheckError::Empty(name.clone()))?;
    let lookup = Lookup { cwd, path: environment.get(OsStr::new("PATH")) };
    let path =
        lookup.resolve(program).map_err(|source| PrecheckError::Program { name: name.clone(), source })?;
    let mut command = Command::new(path);
    command.arg0(program).args(arguments).current_dir(cwd).process_group(0).env_clear();
    command.envs(environment.0.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().map_err(|source| PrecheckError::Io { name: name.clone(), source })
}

enum Ended {
    By(ExitStatus, Vec<u8>),
    Late,
    Loud,
}

// Both outputs are read to their end at once, or the precheck could block on the one that is not read.
fn watch(child: &mut Child, limits: Limits) -> io::Result<Ended> {
    let until = Instant::now() + limits.time;
    let stdout = child.stdout.take().map(|stream| reader(stream, limits.output));
    let stderr = child.stderr.take().map(|stream| reader(stream, limits.output));
    let mut output = Vec::new();
    for stream in [stdout, stderr].into_iter().flatten() {
        match stream.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(bytes) => output.extend(bytes?),
            Err(RecvTimeoutError::Timeout) => return Ok(Ended::Late),
            Err(RecvTimeoutError::Disconnected) => return Err(io::ErrorKind::BrokenPipe.into()),
        }
        if output.len() as u64 > limits.output {
            return Ok(Ended::Loud);
        }
    }
    while Instant::now() < until {
        if let Some(status) = child.try_wait()? {
            return Ok(Ended::By(status, output));
        }
        std::thread::sleep(PAUSE);
    }
    Ok(Ended::Late)
}

fn reader(stream: impl Read + Send + 'static, limit: u64) -> Receiver<io::Result<Vec<u8>>> {
    let (send, receive) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = stream.take(limit.saturating_add(1)).read_to_end(&mut bytes);
        // Nobody listens any more when the time was over.
        let _ = send.send(read.map(|_| bytes));
    });
    receive
}

fn end(child: &mut Child) {
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    let _ = child.wait();
}

// As a shell shows it.
fn status_of(status: ExitStatus) -> u32 {
    let number = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(script: &str, limits: Limits) -> Result<PrecheckResult, PrecheckError> {
        let environment = Values(vec![("PATH".into(), "/usr/bin:/bin".into()), ("A".into(), "b".into())]);
        let argv = ["sh", "-c", script].map(OsString::from);
        run(&"check".parse().unwrap(), &argv, &environment, Path::new("/"), limits)
    }

    #[test]
    fn status_and_both_outputs_are_kept() {
        let result = ran("echo out; echo err >&2; exit 3", Limits::default()).unwrap();
        assert_eq!(result.status, 3);
        assert_eq!(result.output_sha256, Digest::of(b"out\nerr\n"));
        assert_eq!(ran("kill -9 $$", Limits::default()).unwrap().status, 137);
    }

    #[test]
    fn it_gets_the_bound_variables_the_folder_and_nothing_to_read() {
        let result = ran("echo $A $PWD; cat", Limits::default()).unwrap();
        assert_eq!(result.output_sha256, Digest::of(b"b /\n"));
    }

    #[test]
    fn its_limits_end_it_and_all_it_started() {
        let short = Limits { time: Duration::from_millis(100), ..Limits::default() };
        assert!(matches!(ran("sleep 100 & sleep 100", short), Err(PrecheckError::Time { .. })));
        assert!(matches!(ran("exec >&- 2>&-; sleep 100", short), Err(PrecheckError::Time { .. })));
        let little = Limits { output: 3, ..Limits::default() };
        assert!(matches!(ran("yes", little), Err(PrecheckError::Output { .. })));
        assert!(matches!(ran("echo ab; echo c >&2", little), Err(PrecheckError::Output { .. })));
    }

    #[test]
    fn a_precheck_that_is_not_there_is_an_error() {
        let argv = [OsString::from("no-such-program")];
        let error =
            run(&"check".parse().unwrap(), &argv, &Values::default(), Path::new("/"), Limits::default());
        assert_eq!(error.unwrap_err().to_string(), "precheck check: 'no-such-program' was not found");
    }
}
