//! Other processes: who started us, and whether one we know is still the same.
//! Reads /proc on Linux and asks ps(1) on macOS.

use crate::record::Text;

/// The process that started this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    /// Its id.
    pub pid: u32,
    /// Its name, as the system tells; itself free to choose.
    pub name: Option<Text>,
}

/// The process that started this one; none when it is gone and init took its place.
#[must_use]
pub fn parent() -> Option<Parent> {
    let pid = rustix::process::getppid()?.as_raw_nonzero().get().unsigned_abs();
    (pid > 1).then(|| Parent { pid, name: name_of(pid) })
}

/// When a process started, in a form that only compares: with the pid and within one boot it names the process.
#[must_use]
pub fn process_start(pid: u32) -> Option<String> {
    start_of(pid)
}

/// Whether the process that had this pid and start is still there, and not a later one with its number.
/// A zombie, which runs no more, is not.
#[must_use]
pub fn process_alive(pid: u32, start: &str) -> bool {
    start_of(pid).is_some_and(|now| now == start)
}

/// Whether this process has a controlling terminal, wherever its streams lead.
#[must_use]
pub fn has_terminal() -> bool {
    use rustix::fs::{Mode, OFlags, open};
    open("/dev/tty", OFlags::RDONLY | OFlags::NOCTTY | OFlags::CLOEXEC | OFlags::NONBLOCK, Mode::empty())
        .is_ok()
}

#[cfg(target_os = "linux")]
fn name_of(pid: u32) -> Option<Text> {
    let mut name = proc_file(pid, "comm")?;
    name.pop_if(|last| *last == b'\n');
    Some(name.into())
}

#[cfg(target_os = "linux")]
fn proc_file(pid: u32, name: &str) -> Option<Vec<u8>> {
    crate::files::read_limited(&std::path::PathBuf::from(format!("/proc/{pid}/{name}")), 4096).ok()
}

// proc_pid_stat(5): the name, field 2, stands in parentheses and may hold any byte, so fields are counted
// from the last one. Field 3 is the state, 22 the start in clock ticks since boot.
#[cfg(target_os = "linux")]
fn start_of(pid: u32) -> Option<String> {
    let stat = proc_file(pid, "stat")?;
    let after = stat.iter().rposition(|&byte| byte == b')')?;
    let fields = std::str::from_utf8(stat.get(after + 1..)?).ok()?;
    let mut fields = fields.split_ascii_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X") { None } else { fields.nth(18).map(str::to_owned) }
}

#[cfg(target_os = "macos")]
fn name_of(pid: u32) -> Option<Text> {
    let path = ps(pid, "comm=")?;
    Some(path.rsplit('/').next().unwrap_or_default().into())
}

#[cfg(target_os = "macos")]
fn start_of(pid: u32) -> Option<String> {
    let state = ps(pid, "stat=")?;
    if state.starts_with('Z') { None } else { ps(pid, "lstart=") }
}

#[cfg(target_os = "macos")]
fn ps(pid: u32, field: &str) -> Option<String> {
    let pid = pid.to_string();
    let output = std::process::Command::new("/bin/ps")
        .args(["-o", field, "-p", &pid])
        .env_clear()
        .env("LC_ALL", "C")
        .env("TZ", "UTC")
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_process_is_alive_until_it_ends_even_before_it_is_waited_for() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        let start = process_start(child.id()).unwrap();
        assert!(process_alive(child.id(), &start));
        assert!(!process_alive(child.id(), "1"));
        drop(child.stdin.take());
        rustix::process::waitid(
            rustix::process::WaitId::Pid(rustix::process::Pid::from_child(&child)),
            rustix::process::WaitIdOptions::EXITED | rustix::process::WaitIdOptions::NOWAIT,
        )
        .unwrap();
        assert!(!process_alive(child.id(), &start));
        child.wait().unwrap();
        assert_eq!(process_start(child.id()), None);
    }

    #[test]
    fn who_started_us_has_a_name() {
        // None when a container began with this very test.
        let Some(parent) = parent() else { return };
        assert!(parent.name.is_some_and(|name| !name.is_empty()));
        assert!(process_start(parent.pid).is_some());
    }

    #[test]
    fn a_name_with_parentheses_and_spaces_does_not_move_the_fields() {
        let folder = tempfile::tempdir().unwrap();
        let tricky = folder.path().join("a) S 1 (b");
        std::fs::copy("/bin/cat", &tricky).unwrap();
        let mut child = Command::new(&tricky).stdin(Stdio::piped()).spawn().unwrap();
        let plain = process_start(std::process::id()).unwrap();
        let start = process_start(child.id()).unwrap();
        assert!(start.parse::<u64>().unwrap() >= plain.parse::<u64>().unwrap());
        drop(child.stdin.take());
        child.wait().unwrap();
    }
}
