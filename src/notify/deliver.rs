//! One notifier, started and brought to its end: the card to read, nothing to write to, a few seconds to live.
//! Makes processes, and ends those it made.

use std::ffi::OsString;
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::SigSet;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, WaitIdStatus, kill_process_group, waitid};
use signal_hook::consts::signal::{SIGCHLD, SIGPIPE};

use super::card::Card;
use crate::escaped::Escaped;
use crate::record::Text;
use crate::ticket::End;
use crate::ticket::event::Delivery;

/// How long a notifier may take.
pub const LIMIT: Duration = Duration::from_secs(5);
/// How many run at the same time.
const TOGETHER: usize = 8;
const SHORTEST_NAP: Duration = Duration::from_millis(2);
const LONGEST_NAP: Duration = Duration::from_millis(50);

/// What of the environment a notifier is given, beside the card.
pub const VARIABLES: [&str; 12] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "DBUS_SESSION_BUS_ADDRESS",
    "XDG_RUNTIME_DIR",
];

/// One notifier to start.
#[derive(Debug, Clone)]
pub struct Message {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// What it is to say.
    pub card: Card,
}

/// Delivers every message, some at a time, none for longer than `limit`; answers how each ended, in order.
///
/// `environment` is what is given to every notifier beside its card.
#[must_use]
pub fn deliver(messages: &[Message], environment: &[(OsString, OsString)], limit: Duration) -> Vec<Delivery> {
    take_deaths();
    let together = |some: &[Message]| -> Vec<Delivery> {
        thread::scope(|scope| {
            let started: Vec<_> =
                some.iter().map(|message| scope.spawn(move || one(message, environment, limit))).collect();
            started.into_iter().map(|thread| thread.join().unwrap_or_else(|_| lost())).collect()
        })
    };
    messages.chunks(TOGETHER).flat_map(together).collect()
}

fn lost() -> Delivery {
    Delivery::NotStarted(Text::from("the thread that was to start it ended"))
}

/// Where deaths of children are ignored, the kernel keeps no status for us; signals held back would be held
/// back in the notifiers too.
fn take_deaths() {
    let _ = signal_hook::flag::register(SIGCHLD, Arc::default());
    let _ = SigSet::empty().thread_set_mask();
}

fn one(message: &Message, environment: &[(OsString, OsString)], limit: Duration) -> Delivery {
    let mut child = match start(message, environment) {
        Ok(child) => child,
        Err(error) => {
            let program = message.argv.first().map_or("", String::as_str);
            let why = format!("{}: {error}", Escaped::argument(program.as_bytes()));
            return Delivery::NotStarted(Text::from(why));
        }
    };
    if let Some(mut stdin) = child.stdin.take() {
        // Shorter than a pipe holds, so this waits for nobody; who does not read it has the variables.
        let _ = stdin.write_all(message.card.lines().as_bytes());
    }
    let end = wait(&child, limit);
    // Its number is still its own, for it is not reaped: what it left behind in its group ends with it.
    if let Some(group) = pid(&child) {
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.wait();
    end
}

fn start(message: &Message, environment: &[(OsString, OsString)]) -> std::io::Result<Child> {
    let mut argv = message.argv.iter();
    let mut command = Command::new(argv.next().map_or("", String::as_str));
    command
        .args(argv)
        .env_clear()
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .envs(message.card.variables())
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
}

/// Waits for its end, and leaves it unreaped.
fn wait(child: &Child, limit: Duration) -> Delivery {
    let end = Instant::now() + limit;
    let mut nap = SHORTEST_NAP;
    let Some(pid) = pid(child) else { return lost() };
    loop {
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        match waitid(WaitId::Pid(pid), look) {
            Ok(Some(status)) => return ended(&status),
            Ok(None) | Err(Errno::INTR) if Instant::now() < end => thread::sleep(nap),
            _ => return Delivery::CutOff,
        }
        nap = (nap * 2).min(LONGEST_NAP);
    }
}

fn pid(child: &Child) -> Option<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw)
}

fn ended(status: &WaitIdStatus) -> Delivery {
    let byte = |number: i32| u8::try_from(number).unwrap_or(u8::MAX);
    match (status.exit_status(), status.terminating_signal()) {
        (Some(0), _) => Delivery::Delivered,
        (Some(status), _) => Delivery::Failed(End::Exit(byte(status))),
        (None, signal) => Delivery::Failed(End::Signal(byte(signal.unwrap_or(SIGPIPE)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock as _, SystemClock};

    fn message(script: &str) -> Message {
        let card = Card::sample(&"laptop-7f3k".parse().unwrap(), &SystemClock::new().now());
        Message { argv: ["/bin/sh", "-c", script].map(str::to_owned).into(), card }
    }

    fn delivered(script: &str, limit: Duration) -> Delivery {
        let path = [("PATH".into(), "/usr/bin:/bin".into())];
        deliver(&[message(script)], &path, limit).remove(0)
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn a_notifier_reads_the_card_and_the_same_as_variables() {
        let script = "grep -qx 'code: TEST-TEST' && test \"$HANDOFF_NOTIFY_CODE\" = TEST-TEST";
        assert_eq!(delivered(script, LONG), Delivery::Delivered);
    }

    #[test]
    fn it_gets_nothing_else_of_ours() {
        let script = "cd / && test \"$(pwd)\" = / && test -z \"$HOME$USER$CARGO\"";
        assert_eq!(delivered(script, LONG), Delivery::Delivered);
    }

    #[test]
    fn its_end_is_told_as_it_was() {
        assert_eq!(delivered("exit 3", LONG), Delivery::Failed(End::Exit(3)));
        assert_eq!(delivered("kill -9 $$", LONG), Delivery::Failed(End::Signal(9)));
        let missing = Message { argv: vec!["/nowhere/tell\u{1b}".to_owned()], ..message("") };
        let Delivery::NotStarted(why) = deliver(&[missing], &[], LONG).remove(0) else { panic!() };
        assert!(why.plain().is_some_and(|why| why.contains(r"'/nowhere/tell\x1b'")), "{why:?}");
    }

    #[test]
    fn one_that_hangs_is_cut_off_with_all_it_started() {
        let begun = Instant::now();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pid");
        let script = format!("sleep 600 & echo $! > '{}'; trap '' TERM; wait; sleep 600", file.display());
        let mut limit = Duration::from_millis(200);
        while !file.exists() {
            assert_eq!(delivered(&script, limit), Delivery::CutOff);
            limit *= 4;
        }
        assert!(begun.elapsed() < LONG);
        let pid: i32 = std::fs::read_to_string(&file).unwrap().trim().parse().unwrap();
        let gone = || {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            stat.is_empty() || stat.rsplit(')').next().is_some_and(|rest| rest.trim().starts_with('Z'))
        };
        let end = Instant::now() + Duration::from_secs(20);
        while !gone() {
            assert!(Instant::now() < end, "{pid} lives on");
            thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn the_slow_do_not_hold_up_the_quick_beside_them() {
        let path = [("PATH".into(), "/usr/bin:/bin".into())];
        let both = [message("exec sleep 600"), message("exit 0")];
        let ends = deliver(&both, &path, Duration::from_millis(300));
        assert_eq!(ends[0], Delivery::CutOff);
    }

    #[test]
    fn one_that_reads_nothing_and_says_much_ends_as_any_other() {
        let script =
            "exec 0<&-; i=0; while [ $i -lt 3000 ]; do printf '\\033]0;x\\007%01000d' 0; i=$((i+1)); done";
        assert_eq!(delivered(script, LONG), Delivery::Delivered);
    }
}
