//! The signals this process receives while it waits or supervises a command, and who sent each.
//! Installs handlers that only take note; stops this process when it is told to; reads `/proc`.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use nix::unistd::{self, Pid as UnixPid};
use rustix::event::{PollFd, PollFlags, poll};
use signal_hook::consts::signal::{
    SIGALRM, SIGCHLD, SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGSTOP, SIGTERM, SIGTSTP, SIGUSR1, SIGUSR2,
    SIGWINCH, SIGXFSZ,
};
use signal_hook::iterator::backend::SignalDelivery;
use signal_hook::iterator::exfiltrator::WithOrigin;
use signal_hook::low_level::siginfo::Origin;

const PASSED_ON: [i32; 10] =
    [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGALRM, SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT, SIGWINCH];
const INTERRUPTING: [i32; 5] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGALRM];

/// The installed handlers. One a process, made before anything is waited for.
///
/// A signal that was ignored (`nohup`) or held back when this process started stays so, for the command too.
/// But the command's end is always heard of: CHLD held back would leave us waiting for it forever.
#[derive(Debug)]
pub struct Signals {
    delivery: SignalDelivery<UnixStream, WithOrigin>,
    interrupted: Option<i32>,
    inherited: SigSet,
}

impl Signals {
    /// Installs the handlers. Reading the list of ignored signals is possible on Linux only.
    pub fn install() -> io::Result<Self> {
        let ignored = ignored_at_start();
        let wanted = PASSED_ON.into_iter().filter(|&signal| !ignored.contains(signal));
        // CHLD even when ignored: an ignored one would reap the command before its status is read.
        let all: Vec<i32> = wanted.chain([SIGCHLD]).collect();
        let (read, write) = UnixStream::pair()?;
        let delivery = SignalDelivery::with_pipe(read, write, WithOrigin::default(), all)?;
        let inherited = SigSet::from(Signal::SIGCHLD).thread_swap_mask(SigmaskHow::SIG_UNBLOCK)?;
        Ok(Self { delivery, interrupted: None, inherited })
    }

    /// Starts a process with the signals held back that were when this one started.
    ///
    /// # Errors
    /// Those of `start`, and when the mask cannot be set.
    pub(super) fn start<T>(&self, start: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let ours = self.inherited.thread_swap_mask(SigmaskHow::SIG_SETMASK)?;
        let started = start();
        // Fails only for an unknown `how`, and what was started must not be lost over it.
        let _ = ours.thread_set_mask();
        started
    }

    /// The first signal that asked this process to end, while it waits without a command. It stays set.
    /// A request to stop (TSTP) is obeyed in here, and returns once continued.
    pub fn interrupted(&mut self) -> Option<i32> {
        self.interrupted_around(&mut |stop| stop())
    }

    /// As [`Signals::interrupted`], for whoever has something to put in order around a stop: `around` is
    /// handed the stop itself, and has to call it.
    pub fn interrupted_around(&mut self, around: &mut dyn FnMut(&mut dyn FnMut())) -> Option<i32> {
        for arrived in self.arrived() {
            if INTERRUPTING.contains(&arrived.signal) {
                self.interrupted.get_or_insert(arrived.signal);
            } else if arrived.signal == SIGTSTP && self.interrupted.is_none() && arrived.is_obeyed(leading())
            {
                around(&mut stop_ourselves);
            }
        }
        self.interrupted
    }

    /// The signal that asked this process to end, as far as it was noticed already.
    #[must_use]
    pub const fn asked_to_end(&self) -> Option<i32> {
        self.interrupted
    }

    /// Everything that arrived since the last call.
    pub(super) fn arrived(&mut self) -> Vec<Arrived> {
        self.delivery.pending().map(Arrived::from).collect()
    }

    /// Waits until something has arrived; a wake-up for nothing is possible.
    pub(super) fn wait(&self) -> io::Result<()> {
        match poll(&mut [PollFd::new(self, PollFlags::IN)], None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// From here on a write past the limit on the size of files (`ulimit -f`) is an error of that write, not the
/// end of this process. A handler rather than ignoring it, which the command would inherit.
///
/// # Errors
/// When the handler cannot be installed.
pub fn outlive_file_limits() -> io::Result<()> {
    if ignored_at_start().contains(SIGXFSZ) {
        return Ok(());
    }
    signal_hook::flag::register(SIGXFSZ, Arc::default()).map(drop)
}

/// Readable when a signal has arrived: for `poll(2)` beside other things, then ask `interrupted`.
impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.delivery.get_read().as_fd()
    }
}

/// One signal that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Arrived {
    /// Its number.
    pub signal: i32,
    /// The sending process; `None` when the kernel sent it, which for most signals means the terminal did.
    pub sender: Option<i32>,
}

impl From<Origin> for Arrived {
    fn from(origin: Origin) -> Self {
        Self { signal: origin.signal, sender: origin.process.map(|process| process.pid) }
    }
}

impl Arrived {
    /// Whether the command has to be told of it, if it came while the command's process was being made:
    /// the keyboard's own may have been too early to reach it.
    pub fn is_for_new(self, child: i32) -> bool {
        self.signal != SIGCHLD && self.sender.is_none_or(|_| self.is_for(child))
    }

    // Where no shell could continue us (a container's first process), the kernel drops the keyboard's stop;
    // so do we.
    fn is_obeyed(self, leading: bool) -> bool {
        self.sender.is_some() || !leading
    }

    /// Whether the command running as process `child` has to be told of it.
    ///
    /// The keyboard's signals reach it without us, as it is in our group, and what it or its descendants
    /// sent must not come back to it. A shell script's own `kill` comes from our group too, and counts.
    pub fn is_for(self, child: i32) -> bool {
        match (self.signal, self.sender) {
            (SIGCHLD, _) => false,
            // A timer set before this process was executed is ours alone: `perl -e 'alarm 9; exec …'`.
            (SIGALRM, None) => true,
            (_, None) => false,
            (_, Some(sender)) => !descends(sender, child),
        }
    }
}

/// Whether this process is of the group its session began with.
fn leading() -> bool {
    unistd::getsid(None).is_ok_and(|session| leads(session, unistd::getpgrp()))
}

/// Whether this group is the one its session began with. Of a session or a group that began outside of our
/// process namespace, the system tells 0 (`pid_namespaces(7)`): a shell may be there.
fn leads(session: UnixPid, group: UnixPid) -> bool {
    session == group && session.as_raw() != 0
}

/// Stops this process as the default action would; returns when it was continued.
pub(super) fn stop_ourselves() {
    // Raised on this thread: one sent to the process could stop it only after this has returned.
    let _ = signal_hook::low_level::raise(SIGSTOP);
}

fn descends(process: i32, ancestor: i32) -> bool {
    // More generations than any real tree has, in case the numbers are reused under us.
    const GENERATIONS: usize = 128;
    let line = std::iter::successors(Some(process), |&process| parent_of(process));
    line.take(GENERATIONS).any(|process| process == ancestor)
}

/// From `/proc/PID/stat` (`proc_pid_stat(5)`); elsewhere only the command itself is known as a sender.
#[expect(clippy::disallowed_methods, reason = "the kernel's own file")]
fn parent_of(process: i32) -> Option<i32> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    let parent: i32 = after_name.split_ascii_whitespace().nth(1)?.parse().ok()?;
    (parent > 1).then_some(parent)
}

#[derive(Debug, Clone, Copy)]
struct Ignored(u64);

impl Ignored {
    fn contains(self, signal: i32) -> bool {
        let bit = u32::try_from(signal - 1).ok().and_then(|bit| 1_u64.checked_shl(bit));
        bit.is_some_and(|bit| self.0 & bit != 0)
    }
}

// Longer only for an account in hundreds of groups.
const LONGEST_STATUS: usize = 4_096;

/// The `SigIgn` mask of `/proc/self/status`, asked before any handler is installed; empty where there is none.
#[expect(clippy::disallowed_methods, reason = "the kernel's own file")]
fn ignored_at_start() -> Ignored {
    // A file that does not say how long it is would be read in many small pieces.
    let mut status = String::with_capacity(LONGEST_STATUS);
    let _ = File::open("/proc/self/status").and_then(|mut file| file.read_to_string(&mut status));
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    Ignored(mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHILD: i32 = i32::MAX;

    fn arrived(signal: i32, sender: Option<i32>) -> Arrived {
        Arrived { signal, sender }
    }

    #[test]
    fn the_keyboards_signals_are_not_passed_on() {
        assert!(!arrived(SIGINT, None).is_for(CHILD));
        assert!(!arrived(SIGTSTP, None).is_for(CHILD));
    }

    #[test]
    fn a_command_that_was_just_made_is_told_what_the_keyboard_sent_and_not_what_it_sent_itself() {
        assert!(arrived(SIGINT, None).is_for_new(CHILD));
        assert!(arrived(SIGTERM, Some(1)).is_for_new(CHILD));
        assert!(!arrived(SIGTERM, Some(CHILD)).is_for_new(CHILD));
        assert!(!arrived(SIGCHLD, None).is_for_new(CHILD) && !arrived(SIGCHLD, Some(1)).is_for_new(CHILD));
    }

    #[test]
    fn the_keyboards_stop_is_dropped_only_where_nobody_could_continue_us() {
        assert!(arrived(SIGTSTP, None).is_obeyed(false) && !arrived(SIGTSTP, None).is_obeyed(true));
        assert!(arrived(SIGTSTP, Some(1)).is_obeyed(false) && arrived(SIGTSTP, Some(1)).is_obeyed(true));
    }

    #[test]
    fn a_session_that_began_where_we_cannot_see_may_hold_a_shell() {
        let pid = UnixPid::from_raw;
        assert!(leads(pid(7), pid(7)));
        assert!(!leads(pid(7), pid(9)) && !leads(pid(0), pid(9)) && !leads(pid(0), pid(0)));
    }

    #[test]
    fn a_timer_inherited_over_exec_is_passed_on() {
        assert!(arrived(SIGALRM, None).is_for(CHILD));
    }

    #[test]
    fn another_processs_signal_is_passed_on_even_from_our_own_group() {
        let me = unistd::getpid().as_raw();
        assert!(arrived(SIGTERM, Some(me)).is_for(CHILD));
        assert!(arrived(SIGTERM, Some(1)).is_for(CHILD));
    }

    #[test]
    fn the_command_and_its_descendants_are_not_told_what_they_sent() {
        let me = unistd::getpid().as_raw();
        let mut descendant =
            std::process::Command::new("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
        let descendants = i32::try_from(descendant.id()).unwrap();
        assert!(!arrived(SIGTERM, Some(CHILD)).is_for(CHILD));
        assert!(!arrived(SIGTERM, Some(descendants)).is_for(me));
        drop(descendant.stdin.take());
        descendant.wait().unwrap();
    }

    #[test]
    fn a_death_of_the_command_is_no_message_to_it() {
        assert!(!arrived(SIGCHLD, Some(1)).is_for(CHILD));
    }

    #[test]
    fn a_mask_names_signals_from_one() {
        let mask = Ignored(0b1001);
        assert!(mask.contains(1) && mask.contains(4));
        assert!(!mask.contains(2) && !mask.contains(0) && !mask.contains(65));
    }
}
