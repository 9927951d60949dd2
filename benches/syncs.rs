//! Counts the syncs of a command and of all it starts, by strace(1).

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
