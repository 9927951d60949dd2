//! Real processes: directly where the test process may play the supervisor, and through `Wrapper`, this
//! test binary started once more, where signals are sent to the supervisor itself.

use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::process::Output;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};

use super::*;

// Handlers belong to the whole process: one supervising test at a time.
static SUPERVISING: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    SUPERVISING.lock().unwrap_or_else(PoisonError::into_inner)
}

fn launch(argv: &[&str]) -> Launch {
    Launch {
        program: Program::Path(argv[0].into()),
        argv: argv.iter().map(OsString::from).collect(),
        env: vec![("PATH".into(), "/usr/bin:/bin".into())],
        cwd: "/".into(),
        stdin: Stdin::Nothing,
        inherit: None,
    }
}

fn shell(script: &str) -> Launch {
    launch(&["/bin/sh", "-c", script])
}

fn run(launch: Launch) -> Ended {
    let _alone = alone();
    let mut signals = Signals::install().unwrap();
    start(launch, &mut signals).unwrap().supervise(&mut signals).unwrap()
}

fn refusal(launch: Launch) -> StartError {
    let _alone = alone();
    let mut signals = Signals::install().unwrap();
    start(launch, &mut signals).unwrap_err()
}

fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let limit = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < limit, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// What the script writes to `out` in its folder.
fn output_of(script: &str, change: impl FnOnce(&mut Launch)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let mut launch = shell(script);
    launch.env.push(("OUT".into(), out.clone().into()));
    change(&mut launch);
    assert_eq!(run(launch), Ended::Exited(0));
    std::fs::read_to_string(out).unwrap()
}

#[test]
fn every_exit_code_comes_back_as_it_was() {
    for code in [0, 1, 2, 42, 118, 119, 125, 126, 127, 128, 130, 137, 254, 255] {
        assert_eq!(run(shell(&format!("exit {code}"))), Ended::Exited(code));
    }
}

#[test]
fn every_death_by_a_signal_is_told_with_its_number() {
    for signal in [1, 2, 3, 4, 6, 8, 9, 10, 11, 12, 13, 14, 15, 24, 31] {
        let ended = run(shell(&format!("ulimit -c 0; kill -{signal} $$")));
        assert_eq!(ended, Ended::Signaled { signal, core: false });
    }
}

#[test]
fn a_missing_program_is_127_and_nothing_runs() {
    assert_eq!(refusal(launch(&["/nowhere/at/all"])).exit_code(), 127);
}

#[test]
fn a_file_that_cannot_be_executed_is_126() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data");
    std::fs::write(&file, "not a program").unwrap();
    let path = file.to_str().unwrap();
    assert!(matches!(refusal(launch(&[path])), StartError::NotExecutable(_)));
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    // No `#!` line: a C library's shell fall-back would run something nobody bound.
    assert_eq!(refusal(launch(&[path])).exit_code(), 126);
}

#[test]
fn a_missing_folder_is_not_taken_for_a_missing_program() {
    let mut launch = shell("true");
    launch.cwd = "/nowhere/at/all".into();
    assert!(matches!(refusal(launch), StartError::BadCwd(_)));
    let mut launch = shell("true");
    launch.cwd = "/etc/passwd".into();
    assert!(matches!(refusal(launch), StartError::BadCwd(_)));
}

#[test]
fn a_program_runs_by_its_descriptor_under_its_own_name() {
    let mut launch = launch(&["a-name-of-its-own", "-c", "test $0 = a-name-of-its-own"]);
    launch.program = Program::Descriptor(File::open("/bin/sh").unwrap().into());
    assert_eq!(run(launch), Ended::Exited(0));
}

#[test]
fn the_environment_is_exactly_the_given_one() {
    let text = output_of("exec /usr/bin/env > $OUT", |launch| {
        launch.env.push(("EMPTY".into(), OsString::new()));
        launch.env.push(("LINES".into(), "a\nb".into()));
    });
    let text: Vec<&str> = text.lines().filter(|line| !line.starts_with("OUT=")).collect();
    // A shell sets PWD by itself; the rest is ours.
    let text: Vec<&str> = text.into_iter().filter(|line| !line.starts_with("PWD=")).collect();
    assert_eq!(text, ["PATH=/usr/bin:/bin", "EMPTY=", "LINES=a", "b"]);
}

#[test]
fn it_starts_in_the_given_folder() {
    let folder = tempfile::tempdir().unwrap();
    let there = folder.path().canonicalize().unwrap();
    let text = output_of("pwd -P > $OUT", |launch| launch.cwd = there.clone());
    assert_eq!(text.trim_end(), there.to_str().unwrap());
}

#[test]
fn captured_input_arrives_whole_however_large() {
    let bytes: Vec<u8> = (0..1_000_000_u32).flat_map(|n| format!("{n}\n").into_bytes()).collect();
    let digest = output_of("sha256sum > $OUT", |launch| launch.stdin = Stdin::Bytes(bytes.clone()));
    assert_eq!(format!("sha256:{}", &digest[..64]), crate::ids::Digest::of(&bytes).to_string());
}

#[cfg(target_os = "linux")]
#[test]
fn captured_input_cannot_be_changed_by_the_command() {
    let script = "echo x >> /proc/self/fd/0 && exit 1; cat > $OUT";
    let text = output_of(script, |launch| launch.stdin = Stdin::Bytes(b"as approved".to_vec()));
    assert_eq!(text, "as approved");
}

#[test]
fn without_input_there_is_none() {
    assert_eq!(output_of("wc -c > $OUT", |_| ()).trim(), "0");
}

#[cfg(target_os = "linux")]
#[test]
fn the_command_has_our_signal_mask_and_dies_of_a_broken_pipe() {
    let field = |status: &str, name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
        u64::from_str_radix(&line, 16).unwrap()
    };
    let ours = std::fs::read_to_string("/proc/thread-self/status").unwrap();
    let text = output_of("exec cat /proc/self/status > $OUT", |_| ());
    assert_eq!(field(&text, "SigBlk:"), field(&ours, "SigBlk:"));
    const PIPE: u64 = 1 << 12;
    assert_ne!(field(&ours, "SigIgn:") & PIPE, 0, "our own runtime ignores it");
    assert_eq!(field(&text, "SigIgn:") & PIPE, 0);
}

#[cfg(target_os = "linux")]
#[test]
fn the_command_inherits_no_descriptor_of_ours() {
    let links = || std::fs::read_dir("/proc/self/fd").unwrap();
    let before: Vec<PathBuf> = links().filter_map(|fd| std::fs::read_link(fd.unwrap().path()).ok()).collect();
    let text = output_of("for f in /proc/self/fd/*; do readlink $f; done > $OUT; true", |launch| {
        launch.program = Program::Descriptor(File::open("/bin/sh").unwrap().into());
    });
    let ours = ["/out", "/fd", "/dev/null", "readlink"];
    let leaked: Vec<&str> = text
        .lines()
        .filter(|link| !before.iter().any(|old| old == Path::new(link)))
        .filter(|link| !ours.iter().any(|own| link.ends_with(own)))
        .collect();
    assert_eq!(leaked, Vec::<&str>::new());
}

#[test]
fn a_command_that_closes_everything_and_leaves_children_behind_still_ends() {
    let script = "exec 0<&- 1>&- 2>&-; (sleep 5 &) ; exit 7";
    assert_eq!(run(shell(script)), Ended::Exited(7));
}

#[test]
fn an_interrupt_before_the_start_prevents_it() {
    let mut wrapper = Wrapper::start_with("touch $DIR/ran", "FIRST", "TERM");
    assert_eq!(wrapper.ended().code(), Some(i32::from(died_of(15))));
    assert!(!wrapper.folder.path().join("ran").exists());
}

// ---- the supervisor as a process of its own ----

/// This test binary once more, supervising a script in a process group of its own.
struct Wrapper {
    child: Child,
    folder: tempfile::TempDir,
}

impl Wrapper {
    fn start(script: &str) -> Self {
        Self::start_with(script, "UNUSED", "")
    }

    fn start_with(script: &str, name: &str, value: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let child = Self::command(&folder, script).env(name, value).process_group(0).spawn().unwrap();
        Self { child, folder }
    }

    fn command(folder: &tempfile::TempDir, script: &str) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([
            "--exact",
            "gate::child::tests::supervises_for_another_test",
            "--ignored",
            "--nocapture",
        ]);
        command.env("SCRIPT", script).env("DIR", folder.path()).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn said(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.folder.path().join(name)).ok().filter(|text| text.ends_with('\n'))
    }

    fn wait_for(&self, name: &str) -> String {
        until(name, || self.said(name)).trim().to_owned()
    }

    fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap()
    }

    fn send(&self, signal: Signal) {
        send(self.pid(), signal);
    }

    fn ended(&mut self) -> ExitStatus {
        until("the wrapper ended", || self.child.try_wait().unwrap())
    }
}

impl Drop for Wrapper {
    fn drop(&mut self) {
        let _ = process::kill_process_group(Pid::from_raw(self.pid()).unwrap(), Signal::KILL);
        let _ = self.child.wait();
    }
}

fn send(pid: i32, signal: Signal) {
    process::kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
}

#[cfg(target_os = "linux")]
fn state_of(pid: i32) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.trim_start().chars().next()
}

#[test]
#[ignore = "not a test: the process that other tests supervise with"]
fn supervises_for_another_test() {
    let Some(script) = std::env::var_os("SCRIPT") else { return };
    let folder = PathBuf::from(std::env::var_os("DIR").unwrap());
    let mut signals = Signals::install().unwrap();
    if std::env::var_os("FIRST").is_some() {
        // To this thread, so that it has arrived when the call returns.
        signal_hook::low_level::raise(Signal::TERM.as_raw()).unwrap();
    }
    if std::env::var_os("WAIT").is_some() {
        std::fs::write(folder.join("waiting"), "yes\n").unwrap();
        while signals.interrupted().is_none() {
            signals.wait().unwrap();
        }
    }
    let mut launch = shell("");
    launch.argv[2] = script;
    launch.env.push(("DIR".into(), folder.clone().into()));
    if std::env::var_os("LOCK").is_some() {
        let lock = File::create(folder.join("lock")).unwrap();
        flock(&lock, FlockOperation::LockExclusive).unwrap();
        launch.inherit = Some(lock.into());
    }
    let code = match start(launch, &mut signals).map(|running| running.supervise(&mut signals).unwrap()) {
        Ok(Ended::Exited(code)) => code,
        Ok(Ended::Signaled { signal, .. }) => i32::from(die_of(signal)),
        Err(error) => i32::from(error.exit_code()),
    };
    std::process::exit(code);
}

#[test]
fn a_term_sent_to_the_wrapper_reaches_the_command() {
    let script = "trap 'echo got >> $DIR/got; exit 9' TERM; echo up > $DIR/up; while :; do sleep 0.01; done";
    let mut wrapper = Wrapper::start(script);
    wrapper.wait_for("up");
    wrapper.send(Signal::TERM);
    assert_eq!(wrapper.ended().code(), Some(9));
    assert_eq!(wrapper.said("got").unwrap(), "got\n");
}

#[test]
fn what_the_command_sends_to_the_wrapper_does_not_come_back() {
    let script = "trap 'echo got > $DIR/got' TERM USR1; kill -USR1 $PPID; kill -TERM $PPID; \
                  sh -c 'kill -TERM '$PPID'; sleep 0.3'; exit 3";
    let mut wrapper = Wrapper::start(script);
    assert_eq!(wrapper.ended().code(), Some(3));
    assert_eq!(wrapper.said("got"), None);
}

#[test]
fn a_script_in_the_same_group_can_end_the_command_through_the_wrapper() {
    let folder = tempfile::tempdir().unwrap();
    let script = "echo up > $DIR/up; exec sleep 60";
    let wrapper = Wrapper::command(&folder, script);
    // Without job control a script, what it starts in the background, and the command share one group.
    let line = "\"$@\" & pid=$!; until test -s $DIR/up; do sleep 0.01; done; kill -TERM $pid; wait $pid";
    let mut outer = Command::new("/bin/sh");
    outer.args(["-c", line, "sh"]).arg(wrapper.get_program()).args(wrapper.get_args()).process_group(0);
    outer.envs(wrapper.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let ended = outer.output().unwrap().status;
    assert_eq!(ended.code(), Some(128 + 15));
}

#[cfg(target_os = "linux")]
#[test]
fn when_the_command_stops_the_wrapper_stops_and_both_go_on_together() {
    let mut wrapper = Wrapper::start("echo $$ > $DIR/pid; kill -STOP $$; echo on > $DIR/on; exit 5");
    wrapper.wait_for("pid");
    until("the wrapper stopped", || (state_of(wrapper.pid()) == Some('T')).then_some(()));
    assert_eq!(wrapper.said("on"), None);
    wrapper.send(Signal::CONT);
    assert_eq!(wrapper.ended().code(), Some(5));
    assert_eq!(wrapper.said("on").unwrap(), "on\n");
}

#[cfg(target_os = "linux")]
#[test]
fn a_waiting_wrapper_stops_when_told_and_is_interrupted_when_told() {
    let mut wrapper = Wrapper::start_with("echo ran > $DIR/ran", "WAIT", "yes");
    wrapper.wait_for("waiting");
    wrapper.send(Signal::TSTP);
    until("the wrapper stopped", || (state_of(wrapper.pid()) == Some('T')).then_some(()));
    wrapper.send(Signal::CONT);
    wrapper.send(Signal::HUP);
    assert_eq!(wrapper.ended().code(), Some(129));
    assert_eq!(wrapper.said("ran"), None);
}

#[test]
fn the_commands_death_is_shown_to_the_shell_as_a_death() {
    for (signal, number) in [("SEGV", 11), ("KILL", 9), ("TERM", 15), ("INT", 2), ("IO", 29)] {
        let mut wrapper = Wrapper::start(&format!("kill -{signal} $$"));
        let ended = wrapper.ended();
        assert_eq!((ended.signal(), ended.core_dumped()), (Some(number), false), "{signal}");
    }
}

#[test]
fn a_shell_sees_139_for_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let wrapper = Wrapper::command(&folder, "kill -SEGV $$");
    let mut outer = Command::new("/bin/sh");
    outer.args(["-c", "\"$@\"; echo $?", "sh"]).arg(wrapper.get_program()).args(wrapper.get_args());
    outer.envs(wrapper.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let Output { stdout, .. } = outer.output().unwrap();
    assert_eq!(String::from_utf8_lossy(&stdout).lines().last(), Some("139"));
}

#[test]
fn a_killed_wrapper_leaves_the_command_running_and_its_lock_held() {
    let mut wrapper =
        Wrapper::start_with("echo $$ > $DIR/pid; until test -e $DIR/end; do sleep 0.01; done", "LOCK", "yes");
    wrapper.wait_for("pid");
    let lock = File::open(wrapper.folder.path().join("lock")).unwrap();
    assert_eq!(lock.metadata().unwrap().nlink(), 1);
    let free = || flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok();
    wrapper.send(Signal::KILL);
    assert_eq!(wrapper.ended().signal(), Some(9));
    assert!(!free(), "the command does not hold the lock");
    std::fs::write(wrapper.folder.path().join("end"), "").unwrap();
    until("the lock was free", || free().then_some(()));
}

#[test]
fn a_signal_ignored_at_the_start_stays_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let wrapper = Wrapper::command(&folder, "kill -HUP $PPID; kill -HUP $$; exit 6");
    let mut outer = Command::new("/bin/sh");
    outer.args(["-c", "trap '' HUP; exec \"$@\"", "sh"]).arg(wrapper.get_program()).args(wrapper.get_args());
    outer.envs(wrapper.get_envs().filter_map(|(name, value)| Some((name, value?))));
    assert_eq!(outer.output().unwrap().status.code(), Some(6));
}

#[test]
fn an_alarm_set_before_us_ends_the_command() {
    let mut wrapper = Wrapper::start(
        "trap 'echo rang > $DIR/rang; exit 4' ALRM; \
                                      echo up > $DIR/up; while :; do sleep 0.01; done",
    );
    wrapper.wait_for("up");
    wrapper.send(Signal::ALARM);
    assert_eq!(wrapper.ended().code(), Some(4));
}

#[cfg(target_os = "linux")]
mod terminal {
    use std::io::Read;

    use portable_pty::{CommandBuilder, PtySize, native_pty_system};

    use super::*;

    const SIZE: PtySize = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };

    #[test]
    fn one_interrupt_at_the_keyboard_is_one_interrupt_for_the_command() {
        let folder = tempfile::tempdir().unwrap();
        let script = "trap 'echo got >> $DIR/got' INT; echo up > $DIR/up; \
                      until test -s $DIR/got; do sleep 0.01; done; sleep 0.1; exit 8";
        let wrapper = Wrapper::command(&folder, script);
        let pty = native_pty_system().openpty(SIZE).unwrap();
        let mut command = CommandBuilder::new(wrapper.get_program());
        command.args(wrapper.get_args());
        for (name, value) in wrapper.get_envs() {
            command.env(name, value.unwrap());
        }
        let mut child = pty.slave.spawn_command(command).unwrap();
        let mut reader = pty.master.try_clone_reader().unwrap();
        std::thread::spawn(move || reader.read_to_end(&mut Vec::new()));
        let got =
            |name: &str| std::fs::read_to_string(folder.path().join(name)).ok().filter(|t| t.ends_with('\n'));
        until("the command is up", || got("up"));
        pty.master.take_writer().unwrap().write_all(b"\x03").unwrap();
        assert_eq!(child.wait().unwrap().exit_code(), 8);
        assert_eq!(got("got").unwrap(), "got\n");
    }
}
