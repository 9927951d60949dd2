//! What whoever started us left open: a lock of a script, the end of a pipe somebody reads. Closed, so that a
//! notifier that takes its time holds up nobody. Touches every descriptor but the first three.

use std::os::fd::RawFd;

/// Closes what this process inherited. Only right before it has opened anything itself.
pub fn close_all() {
    let folder = if cfg!(target_os = "linux") { "/proc/self/fd" } else { "/dev/fd" };
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let number = |name: std::ffi::OsString| name.to_str()?.parse::<RawFd>().ok();
    let open: Vec<RawFd> = entries.flatten().filter_map(|entry| number(entry.file_name())).collect();
    // The folder's own descriptor is among them, and is closed by now.
    for fd in open.into_iter().filter(|fd| *fd > 2) {
        let _ = nix::unistd::close(fd);
    }
}
