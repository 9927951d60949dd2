//! A world of its own for each test: home, configuration, queue and keys in a folder that goes away, an
//! environment that holds nothing of the machine's, and programs that are ended when they hang.
//! How the program's set-up commands are spelt stands here and nowhere else in the tests.

#![allow(dead_code, reason = "a tool for tests, not all of which are written")]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, Once};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tempfile::TempDir;

use crate::terminal::Terminal;

/// The name `init` gives the queue.
pub const QUEUE: &str = "test-0000";
/// The reviewer that `init` sets up.
pub const FIRST_REVIEWER: &str = "ana@test";

const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const HANGS: Duration = Duration::from_secs(60);
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(5);

/// Where the tests' own build of the program is.
pub fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_handoff"))
}

/// Says, past the tests' own capture of output, that a test is left out and what is missing for it.
pub fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

/// Some runners start their jobs with signals ignored or held back, which every process below would inherit.
/// A handled signal is back at its default in a process that is started; a mask is a thread's own.
fn take_signals_from_here_on() {
    static ONCE: Once = Once::new();
    nix::sys::signal::SigSet::empty().thread_set_mask().unwrap();
    ONCE.call_once(|| {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap_or("0").trim();
        let mask = u64::from_str_radix(mask, 16).unwrap();
        let ignored = (1..=31).filter(|&signal| mask >> (signal - 1) & 1 == 1);
        for signal in ignored.filter(|&signal| signal != Signal::PIPE.as_raw()) {
            signal_hook::flag::register(signal, Arc::default()).unwrap();
        }
    });
}

// What the packs let through, and the tests need a person for: the least that shows that it ran.
const ASKED_ABOUT: &str = r#"
[[rule]]
id = "asked-about"
verdict = "review"
program = ["touch", "cp", "tee"]
match = ["touch x"]
"#;

/// A home, and all that is kept in it.
pub struct World {
    folder: TempDir,
}

impl World {
    /// An empty one, in which `init` has not been run.
    pub fn new() -> Self {
        take_signals_from_here_on();
        let folder = tempfile::Builder::new().prefix("handoff-test").tempdir().unwrap();
        let world = Self { folder };
        for place in ["home", "work", "tmp", "run"] {
            fs::create_dir(world.root().join(place)).unwrap();
        }
        fs::set_permissions(world.root().join("run"), fs::Permissions::from_mode(0o700)).unwrap();
        world
    }

    /// The folder of everything.
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// What HOME says.
    pub fn home(&self) -> PathBuf {
        self.root().join("home")
    }

    /// The folder that programs are started in.
    pub fn work(&self) -> PathBuf {
        self.root().join("work")
    }

    /// Where the program keeps its configuration, policy and reviewers.
    pub fn config(&self) -> PathBuf {
        self.home().join(".config/handoff")
    }

    /// Where it keeps the queue.
    pub fn data(&self) -> PathBuf {
        self.home().join(".local/share/handoff")
    }

    /// Where it keeps the log's high-water mark and the reviewers' pins.
    pub fn state(&self) -> PathBuf {
        self.home().join(".local/state/handoff")
    }

    /// Writes a file in [`World::work`].
    pub fn write(&self, name: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.work().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Writes an executable `sh` script in [`World::work`].
    pub fn script(&self, name: impl AsRef<Path>, body: &str) -> PathBuf {
        let path = self.write(name, format!("#!/bin/sh\n{body}\n"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// The whole environment of a program in this world.
    pub fn environment(&self) -> Vec<(OsString, OsString)> {
        let home = self.home();
        let places = [
            ("HOME", home.clone()),
            ("XDG_CONFIG_HOME", home.join(".config")),
            ("XDG_DATA_HOME", home.join(".local/share")),
            ("XDG_STATE_HOME", home.join(".local/state")),
            ("XDG_CACHE_HOME", home.join(".cache")),
            ("XDG_RUNTIME_DIR", self.root().join("run")),
            ("TMPDIR", self.root().join("tmp")),
        ];
        let words = [("PATH", PATH), ("LANG", "C"), ("TZ", "UTC"), ("TERM", "dumb"), ("SHELL", "/bin/sh")];
        let places = places.map(|(name, path)| (name.into(), path.into()));
        let words = words.map(|(name, word)| (name.into(), word.into()));
        places.into_iter().chain(words).collect()
    }

    /// The program under test, to be started with these arguments.
    pub fn handoff<A: AsRef<OsStr>>(&self, args: &[A]) -> Run {
        self.command(program(), args)
    }

    /// Any other program in this world.
    pub fn command<A: AsRef<OsStr>>(&self, program: impl AsRef<OsStr>, args: &[A]) -> Run {
        let mut command = without_terminal(program.as_ref());
        command.args(args).env_clear().envs(self.environment()).current_dir(self.work());
        Run { command, input: None }
    }

    /// The program under test on a terminal of its own.
    pub fn terminal<A: AsRef<OsStr>>(&self, args: &[A], rows: u16, cols: u16) -> Terminal {
        self.terminal_for(program(), args, rows, cols)
    }

    /// Any other program on a terminal of its own.
    pub fn terminal_for<A: AsRef<OsStr>>(
        &self,
        program: impl AsRef<OsStr>,
        args: &[A],
        rows: u16,
        cols: u16,
    ) -> Terminal {
        let mut environment = self.environment();
        environment.push(("TERM".into(), "xterm-256color".into()));
        let args: Vec<&OsStr> = args.iter().map(AsRef::as_ref).collect();
        Terminal::open(program.as_ref(), &args, &environment, &self.work(), (rows, cols))
    }

    /// A person with a fresh ed25519 key without passphrase, trusted by nobody yet.
    pub fn reviewer(&self, name: &str) -> Reviewer {
        let folder = self.root().join("keys");
        fs::create_dir_all(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
        let key = folder.join(name);
        let args = ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", key.to_str().unwrap()];
        self.command("ssh-keygen", &args).run().expect(0);
        Reviewer { name: name.to_owned(), key }
    }

    /// Sets the account up, with [`FIRST_REVIEWER`] as its reviewer.
    pub fn init(&self) -> Reviewer {
        let reviewer = self.reviewer(FIRST_REVIEWER);
        let key = reviewer.key.to_str().unwrap();
        self.handoff(&["init", "--key", key, "--as", FIRST_REVIEWER, "--name", QUEUE]).run().expect(0);
        let policy = self.config().join("policy.toml");
        let text = fs::read_to_string(&policy).unwrap();
        fs::write(&policy, text + ASKED_ABOUT).unwrap();
        reviewer
    }

    /// Has the policy pick these packs only.
    pub fn with_packs(&self, packs: &str) {
        let policy = self.config().join("policy.toml");
        let text = fs::read_to_string(&policy).unwrap();
        let line = |line: &str| match line.starts_with("packs = ") {
            true => format!("packs = [{packs}]\n"),
            false => format!("{line}\n"),
        };
        fs::write(&policy, text.lines().map(line).collect::<String>()).unwrap();
    }

    /// Approves as a reviewer elsewhere would: prepare, sign with stock tools, import.
    pub fn approve(&self, id: &str, reviewer: &Reviewer) -> Output {
        self.decide(id, reviewer, &[])
    }

    /// The same where even the preparing may be refused: what was said last.
    pub fn approve_or_not(&self, id: &str, reviewer: &Reviewer) -> Output {
        let prepared = self.handoff(&["decide", "--prepare", id, "--as", &reviewer.name]).run();
        if prepared.code != 0 {
            return prepared;
        }
        let signature = self.sign(reviewer, &prepared.bytes);
        self.handoff(&[OsStr::new("decide"), OsStr::new("--import"), signature.as_os_str()]).run()
    }

    /// Rejects in the same way.
    pub fn reject(&self, id: &str, reviewer: &Reviewer, reason: &str) -> Output {
        self.decide(id, reviewer, &["--reject", "--reason", reason])
    }

    /// Any decision in the same way; gives what the import said.
    pub fn decide(&self, id: &str, reviewer: &Reviewer, flags: &[&str]) -> Output {
        let mut args = vec!["decide", "--prepare", id, "--as", &reviewer.name];
        args.extend(flags);
        let prepared = self.handoff(&args).run().expect(0);
        let signature = self.sign(reviewer, &prepared.bytes);
        self.handoff(&[OsStr::new("decide"), OsStr::new("--import"), signature.as_os_str()]).run()
    }

    /// Signs a prepared decision with `ssh-keygen`; gives the signature's file, the statement's beside it.
    pub fn sign(&self, reviewer: &Reviewer, statement: &[u8]) -> PathBuf {
        let folder = tempfile::Builder::new().prefix("sign").tempdir_in(self.root()).unwrap().keep();
        let file = folder.join("d.json");
        fs::write(&file, statement).unwrap();
        let namespace = format!("decision.v1@{QUEUE}");
        let args: [&OsStr; 8] = [
            "-q".as_ref(),
            "-Y".as_ref(),
            "sign".as_ref(),
            "-n".as_ref(),
            namespace.as_ref(),
            "-f".as_ref(),
            reviewer.key.as_ref(),
            file.as_ref(),
        ];
        self.command("ssh-keygen", &args).run().expect(0);
        file.with_extension("json.sig")
    }
}

// In a session without a controlling terminal, so that nothing asks whoever runs the tests.
fn without_terminal(program: &OsStr) -> Command {
    let setsid = Path::new("/usr/bin/setsid");
    if !setsid.exists() {
        return Command::new(program);
    }
    let mut command = Command::new(setsid);
    command.arg(program);
    command
}

/// Somebody who can sign.
pub struct Reviewer {
    /// The principal: `ana@test`.
    pub name: String,
    /// The private key's file; the public key is beside it with `.pub`.
    pub key: PathBuf,
}

impl Reviewer {
    /// The public key's line: `ssh-ed25519 AAAA… ana@test`.
    pub fn public(&self) -> String {
        let path = format!("{}.pub", self.key.display());
        fs::read_to_string(path).unwrap().trim().to_owned()
    }
}

/// A program that is about to be started. Reads nothing unless told.
pub struct Run {
    command: Command,
    input: Option<Vec<u8>>,
}

impl Run {
    /// Gives it these bytes to read, then end of file.
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = Some(bytes.into());
        self
    }

    /// Sets one more variable.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Takes a variable away.
    pub fn without(mut self, name: impl AsRef<OsStr>) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Starts it in another folder.
    pub fn cwd(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Runs it to its end, which comes by force after a minute.
    pub fn run(self) -> Output {
        self.spawn().finish()
    }

    /// Starts it and comes back at once.
    pub fn spawn(mut self) -> Waiting {
        let told = format!("{:?}", self.command);
        let stdin = if self.input.is_some() { Stdio::piped() } else { Stdio::null() };
        self.command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap_or_else(|error| panic!("{told}: {error}"));
        let feeder = child.stdin.take().zip(self.input).map(|(pipe, bytes)| feed(pipe, bytes));
        let stdout = Heard::listen(child.stdout.take().unwrap());
        let stderr = Heard::listen(child.stderr.take().unwrap());
        Waiting { child, told, stdout, stderr, _feeder: feeder, over: false }
    }
}

fn feed(mut pipe: impl Write + Send + 'static, bytes: Vec<u8>) -> JoinHandle<()> {
    // A program may end without having read everything.
    std::thread::spawn(move || {
        let _ = pipe.write_all(&bytes);
    })
}

struct Heard {
    bytes: Arc<Mutex<Vec<u8>>>,
    listener: JoinHandle<()>,
}

impl Heard {
    fn listen(mut pipe: impl Read + Send + 'static) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&bytes);
        let listener = std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(length @ 1..) = pipe.read(&mut buffer) {
                into.lock().unwrap().extend_from_slice(&buffer[..length]);
            }
        });
        Self { bytes, listener }
    }

    fn so_far(&self) -> Vec<u8> {
        self.bytes.lock().unwrap().clone()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.so_far()).into_owned()
    }
}

/// A program that was started.
pub struct Waiting {
    child: Child,
    told: String,
    stdout: Heard,
    stderr: Heard,
    _feeder: Option<JoinHandle<()>>,
    over: bool,
}

impl Waiting {
    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it wrote to standard error so far.
    pub fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// What it wrote to standard output so far.
    pub fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// Waits until standard error holds `text`, and gives all of it.
    pub fn wait_for(&mut self, text: &str) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let ended = self.child.try_wait().unwrap().is_some() && self.stderr.listener.is_finished();
            let so_far = self.stderr();
            if so_far.contains(text) {
                return so_far;
            }
            assert!(!ended, "{} ended without {text:?}:\n{so_far}", self.told);
            assert!(Instant::now() < end, "{} did not say {text:?}:\n{so_far}", self.told);
            std::thread::sleep(LOOK);
        }
    }

    /// Sends it a signal, and nobody else.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.process(), signal).unwrap();
    }

    /// Whether it runs still.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for its end, which comes by force after a minute.
    pub fn finish(mut self) -> Output {
        let end = Instant::now() + HANGS;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > end {
                self.end();
                panic!("{} hangs:\n{}{}", self.told, self.stdout.text(), self.stderr.text());
            }
            std::thread::sleep(LOOK);
        };
        self.over = true;
        self.hear_out();
        let bytes = self.stdout.so_far();
        let stdout = String::from_utf8_lossy(&bytes).into_owned();
        let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap());
        let signal = status.signal();
        Output { told: self.told.clone(), code, signal, stdout, bytes, stderr: self.stderr.text() }
    }

    // What it started may hold its pipes open; after a while we stop listening.
    fn hear_out(&self) {
        let end = Instant::now() + Duration::from_secs(2);
        let heard = || self.stdout.listener.is_finished() && self.stderr.listener.is_finished();
        while !heard() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn process(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap()
    }

    // Under setsid it leads a group of its own, and what it started ends with it.
    fn end(&mut self) {
        self.over = true;
        let _ = kill_process_group(self.process(), Signal::KILL);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if !self.over {
            self.end();
        }
    }
}

/// How a program ended, and what it said.
#[derive(Debug)]
pub struct Output {
    told: String,
    /// The exit status as a shell shows it: 128 + n when signal n ended it.
    pub code: i32,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Standard output, as text.
    pub stdout: String,
    /// Standard output, as it was.
    pub bytes: Vec<u8>,
    /// Standard error, as text.
    pub stderr: String,
}

impl Output {
    /// Insists on this exit status.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        let Self { told, stdout, stderr, .. } = &self;
        assert_eq!(self.code, code, "{told}\n--- stdout\n{stdout}\n--- stderr\n{stderr}");
        self
    }

    /// The one line on standard output.
    #[track_caller]
    pub fn line(&self) -> &str {
        let line = self.stdout.strip_suffix('\n').filter(|line| !line.contains('\n'));
        line.unwrap_or_else(|| panic!("{} gave not one line: {:?}", self.told, self.stdout))
    }

    /// Standard output as one JSON value.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        let value = serde_json::from_str(&self.stdout);
        value.unwrap_or_else(|error| panic!("{}: {error}: {}", self.told, self.stdout))
    }
}

#[test]
fn a_program_sees_this_world_and_nothing_of_the_machines() {
    let world = World::new();
    let output = world.command("env", &["-0"]).env("EXTRA", "1").run().expect(0);
    let names: Vec<&str> = output.stdout.split_terminator('\0').filter_map(|v| v.split('=').next()).collect();
    assert_eq!(names.len(), world.environment().len() + 1, "{names:?}");
    assert!(!names.iter().any(|name| name.starts_with("HANDOFF") || name.starts_with("CARGO")));
    let inside = world.command("pwd", &[] as &[&str]).cwd(world.home()).run().expect(0);
    assert_eq!(Path::new(inside.stdout.trim()), world.home().canonicalize().unwrap());
}

#[test]
fn a_program_has_no_terminal_and_reads_what_it_is_given() {
    let world = World::new();
    let output = world.command("sh", &["-c", "cat; : < /dev/tty"]).stdin("bytes").run();
    assert_eq!(output.stdout, "bytes");
    assert_ne!(output.code, 0, "{}", output.stderr);
}

#[test]
fn a_waiting_program_is_heard_while_it_waits_and_can_be_ended() {
    let world = World::new();
    let script = world.script("wait", "echo ready >&2; read line < \"$1\"");
    let pipe = world.work().join("pipe");
    world.command("mkfifo", &[&pipe]).run().expect(0);
    let mut waiting = world.command(script, &[&pipe]).spawn();
    waiting.wait_for("ready");
    assert!(waiting.runs() && waiting.pid() > 0);
    waiting.signal(Signal::TERM);
    let output = waiting.finish().expect(128 + 15);
    assert_eq!(output.signal, Some(15));
}

#[test]
fn a_reviewers_signature_is_one_that_stock_tools_accept() {
    let world = World::new();
    let ana = world.reviewer(FIRST_REVIEWER);
    assert!(ana.public().ends_with(FIRST_REVIEWER));
    let signature = world.sign(&ana, b"{}");
    let namespace = format!("decision.v1@{QUEUE}");
    let args = ["-Y", "check-novalidate", "-n", &namespace, "-s", signature.to_str().unwrap()];
    world.command("ssh-keygen", &args).stdin("{}").run().expect(0);
    world.command("ssh-keygen", &args).stdin("[]").run().expect(255);
}
