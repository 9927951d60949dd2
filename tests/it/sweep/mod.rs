//! SIGKILL at every system call that changes something, one run a point: whatever the point, a command runs at
//! most once and never unclaimed, what was acknowledged is there, and the next command works.
//!
//! By default a sample of the points is tried; `HANDOFF_SWEEP=full` tries each. Needs strace(1).

mod broken;
mod calls;
mod errors;
mod kills;
mod power;
mod scenes;

/// Whether each point is tried, and not a sample.
pub fn is_full() -> bool {
    std::env::var_os("HANDOFF_SWEEP").is_some_and(|how| how == "full")
}

/// With `--nocapture`, how much was tried.
fn tell(what: &str) {
    eprintln!("{what}");
}
