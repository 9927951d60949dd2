//! Counts the syncs of a command and of all it starts, and its transactions around a start, by strace(1).

use std::process::Command;

use crate::world::World;

/// How many fsync and fdatasync calls; none when there is no strace.
pub fn count(world: &World, command: Command) -> Option<f64> {
    let log = world.path("syncs.log");
    let mut strace = world.command("strace".as_ref());
    strace.args(["-f", "-qq", "-e", "trace=fsync,fdatasync,sync_file_range,msync", "-o"]).arg(&log);
    strace.arg(command.get_program()).args(command.get_args());
    strace.status().ok().filter(std::process::ExitStatus::success)?;
    let text = std::fs::read_to_string(log).ok()?;
    let calls = text.lines().filter(|line| line.contains("sync"));
    Some(calls.filter(|line| !line.contains("resumed>")).count() as f64)
}

/// How many transactions the command commits before it starts the program of this name, and how many after.
/// Each is one sync of the write-ahead log, as long as something else has the queue open and the log is not anew.
pub fn commits_around(world: &World, command: Command, program: &str) -> Option<(f64, f64)> {
    let log = world.path("commits.log");
    let mut strace = world.command("strace".as_ref());
    strace.args(["-f", "-y", "-qq", "-e", "trace=fsync,fdatasync,execve,execveat", "-o"]).arg(&log);
    strace.arg(command.get_program()).args(command.get_args());
    strace.status().ok().filter(std::process::ExitStatus::success)?;
    let text = std::fs::read_to_string(log).ok()?;
    let lines: Vec<&str> = text.lines().collect();
    let named = format!("\"{program}\"");
    let starts = |line: &&str| line.contains("exec") && line.contains(&named) && !line.contains("handoff\"");
    let start = lines.iter().rposition(starts)?;
    let commits = |lines: &[&str]| {
        let syncs = lines.iter().filter(|line| line.contains("queue.db-wal>") && !line.contains("resumed"));
        syncs.count() as f64
    };
    let (before, after) = lines.split_at(start);
    Some((commits(before), commits(after)))
}
