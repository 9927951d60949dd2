//! The demonstration's own world: a private folder with a home of its own, a thrown-away key, real processes.
//! Touches that folder only; starts this program, `ssh-keygen` and what they run.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use crate::cli::error::CliError;
use crate::cli::open::shown;
use crate::cli::out::Out;
use crate::escaped::Escaped;
use crate::files;
use crate::gate::signals::Signals;
use crate::ids::TicketId;
use crate::signing::{NewKey, Passphrase};

/// Longer than any step takes, even on a slow disk.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(20);
const ELSEWHERE: &str = "set TMPDIR to a private folder on a local disk";

/// The folder and everything in it.
pub struct Stage {
    folder: PathBuf,
    keep: bool,
    program: PathBuf,
    out: Out,
}

impl Stage {
    /// Makes the folder with its homes, and a key without a passphrase.
    ///
    /// # Errors
    /// When there is no private place for it.
    pub fn set(out: Out, keep: bool) -> Result<Self, CliError> {
        let random: String = TicketId::random().as_str().chars().take(8).collect();
        let name = format!("handoff-demo-{}", random.to_ascii_lowercase());
        let named = std::env::var_os("TMPDIR").filter(|named| !named.is_empty());
        let above = named.map_or_else(|| PathBuf::from("/tmp"), PathBuf::from);
        let above = std::path::absolute(above).map_err(CliError::failed)?;
        // What is not there would be made with the folder, and stay when that goes.
        if !above.is_dir() {
            let what = format!("there is no folder {} to make a private one in", shown(&above));
            return Err(CliError::failed(what).hint(ELSEWHERE));
        }
        let folder = above.join(name);
        let program = std::env::current_exe()
            .map_err(|error| CliError::failed(format!("cannot find this program: {error}")))?;
        files::private_folder(&folder).map_err(|error| CliError::failed(error).hint(ELSEWHERE))?;
        let stage = Self { folder, keep, program, out };
        for place in [stage.home(), stage.work(), stage.desk()] {
            files::private_folder(&place).map_err(CliError::failed)?;
        }
        let key = NewKey::generate("demo").map_err(CliError::failed)?;
        key.save(&stage.key(), &Passphrase::NONE).map_err(CliError::failed)?;
        Ok(stage)
    }

    /// Everything.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the requester works.
    pub fn work(&self) -> PathBuf {
        self.folder.join("work")
    }

    /// Where the reviewer signs.
    pub fn desk(&self) -> PathBuf {
        self.folder.join("reviewer")
    }

    /// The reviewer's key.
    pub fn key(&self) -> PathBuf {
        self.desk().join("key")
    }

    /// What HOME says in here.
    pub fn home(&self) -> PathBuf {
        self.folder.join("home")
    }

    fn command(&self, program: &Path, args: &[OsString], cwd: &Path) -> Command {
        let mut command = Command::new(program);
        let home = self.home();
        command.args(args).current_dir(cwd).env_clear().stdin(Stdio::null());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into()));
        command.env("HOME", &home).env("TERM", "dumb").env("LANG", "C.UTF-8");
        command.env("XDG_CONFIG_HOME", home.join(".config"));
        command.env("XDG_DATA_HOME", home.join(".local/share"));
        command.env("XDG_STATE_HOME", home.join(".local/state"));
        command
    }

    /// Runs this program to its end, in silence.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn handoff(&self, args: &[OsString]) -> Result<Output, CliError> {
        self.quietly(&self.program, args)
    }

    /// Runs any program in the reviewer's folder, in silence.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn quietly(&self, program: &Path, args: &[OsString]) -> Result<Output, CliError> {
        let run = self.command(program, args, &self.desk()).output();
        run.map_err(|error| CliError::failed(format!("cannot start {}: {error}", shown(program))))
    }

    /// Starts this program as the requester, whose lines are shown as they come.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn requester(&self, args: &[OsString]) -> Result<Requester, CliError> {
        self.says("requester", "$", &typed("handoff", args));
        let mut command = self.command(&self.program, args, &self.work());
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.map_err(|error| CliError::failed(format!("cannot start handoff: {error}")))?;
        let (to_us, lines) = channel();
        if let Some(stdout) = child.stdout.take() {
            listen(stdout, to_us.clone());
        }
        if let Some(stderr) = child.stderr.take() {
            listen(stderr, to_us);
        }
        Ok(Requester { child, lines, out: self.out, ended: false })
    }

    /// Takes the folder away.
    ///
    /// # Errors
    /// When something in it cannot be removed.
    pub fn remove(&self) -> std::io::Result<()> {
        std::fs::remove_dir_all(&self.folder)
    }

    /// One line of somebody's terminal.
    pub fn says(&self, who: &str, mark: &str, line: &str) {
        say(self.out, who, mark, line);
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if !self.keep {
            let _ = self.remove();
        }
    }
}

fn say(out: Out, who: &str, mark: &str, line: &str) {
    out.words(format!("   {who:>9} {mark} {line}").trim_end());
}

/// A command as it would be typed.
#[must_use]
pub fn typed(program: &str, args: &[OsString]) -> String {
    let plain = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./=@:+".contains(c))
    };
    let word = |arg: &OsString| match arg.to_str() {
        Some(text) if plain(text) => text.to_owned(),
        _ => Escaped::os(arg).into_string(),
    };
    let words: Vec<String> = std::iter::once(program.to_owned()).chain(args.iter().map(word)).collect();
    words.join(" ")
}

/// Texts as arguments.
#[must_use]
pub fn args(texts: &[&str]) -> Vec<OsString> {
    texts.iter().map(|text| OsStr::new(text).to_owned()).collect()
}

fn listen(pipe: impl Read + Send + 'static, to: Sender<String>) {
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
            if to.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                return;
            }
        }
    });
}

/// A waiting process.
pub struct Requester {
    child: Child,
    lines: Receiver<String>,
    out: Out,
    ended: bool,
}

impl Requester {
    /// The code of the ticket it waits for, once it has said so and where to review it.
    ///
    /// # Errors
    /// When it ends, or says nothing, without one; or a signal asked us to end.
    pub fn ticket(&mut self, signals: &mut Signals) -> Result<String, CliError> {
        let waits = |line: &str| {
            let (code, _) = line.strip_prefix("handoff: ")?.split_once(" waits for ")?;
            Some(code.to_owned())
        };
        let code = self.until(signals, waits)?;
        self.until(signals, |line| line.contains("review it").then_some(()))?;
        code.ok_or_else(|| {
            CliError::failed("the requester ended without waiting").hint("why: its last words above")
        })
    }

    /// The code of the ticket it filed, which is all it prints.
    ///
    /// # Errors
    /// When it ends without one; or a signal asked us to end.
    pub fn filed(&mut self, signals: &mut Signals) -> Result<String, CliError> {
        let code = self.until(signals, |line| Some(line.to_owned()))?;
        code.ok_or_else(|| CliError::failed("nothing was filed"))
    }

    /// Shows what it says to its end; answers the exit code.
    ///
    /// # Errors
    /// When it does not end, or a signal asked us to end.
    pub fn finish(mut self, signals: &mut Signals) -> Result<i32, CliError> {
        self.until(signals, |_| None::<()>)?;
        self.ended = true;
        let status = self.child.wait().map_err(CliError::failed)?;
        Ok(std::os::unix::process::ExitStatusExt::signal(&status)
            .map_or_else(|| status.code().unwrap_or_default(), |signal| signal.saturating_add(128)))
    }

    fn until<T>(
        &mut self,
        signals: &mut Signals,
        wanted: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, CliError> {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.lines.recv_timeout(LOOK) {
                Ok(line) => {
                    say(self.out, "requester", "|", &line);
                    if let Some(found) = wanted(&line) {
                        return Ok(Some(found));
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
                Err(RecvTimeoutError::Timeout) if Instant::now() > end => {
                    return Err(CliError::failed("the requester hangs"));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            if let Some(signal) = signals.interrupted() {
                let status = u8::try_from(signal).unwrap_or(0).saturating_add(128);
                return Err(CliError::with_code(status, "interrupted; nothing of the demo is kept"));
            }
        }
    }
}

impl Drop for Requester {
    fn drop(&mut self) {
        if !self.ended {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
