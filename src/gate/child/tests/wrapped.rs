//! The supervisor as a process of its own: signals are sent to it, and it is stopped and killed.

use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::process::Output;

use rustix::fs::{FlockOperation, flock};

use super::*;

/// This test binary once more, supervising a script in a process group of its own.
pub(super) struct Wrapper {
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

    pub(super) fn command(folder: &tempfile::TempDir, script: &str) -> Command {
        take_signals_from_here_on();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([
            "--exact",
            "gate::child::tests::wrapped::supervises_for_another_test",
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
pub(super) fn state_of(pid: i32) -> Option<char> {
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
fn the_commands_end_is_heard_of_even_when_that_was_held_back_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Wrapper::command(&folder, "exit 7");
    SigSet::from(Held::SIGCHLD).thread_set_mask().unwrap();
    let child = command.process_group(0).spawn();
    SigSet::empty().thread_set_mask().unwrap();
    let mut wrapper = Wrapper { child: child.unwrap(), folder };
    assert_eq!(wrapper.ended().code(), Some(7));
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

#[test]
fn an_interrupt_before_the_start_prevents_it() {
    let mut wrapper = Wrapper::start_with("touch $DIR/ran", "FIRST", "TERM");
    assert_eq!(wrapper.ended().code(), Some(i32::from(died_of(15))));
    assert!(!wrapper.folder.path().join("ran").exists());
}
