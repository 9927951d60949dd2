//! Whether every place is this account's alone, and whether there is room to record.
//! Looks with lstat(2) and statvfs(3); makes nothing.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::Report;
use super::figures::Gauge;
use crate::cli::init::found::exists;
use crate::cli::open::{Setup, at_home, shown};
use crate::files::{self, FileError};

/// Below this, in MiB, somebody should make room.
const LITTLE: u64 = 256;
/// Below this, in MiB, commits will fail.
const TOO_LITTLE: u64 = 16;

/// Checks all of it.
pub fn check(setup: &Setup, report: &mut Report) {
    private(setup, report);
    room(setup, report);
}

fn private(setup: &Setup, report: &mut Report) {
    let places = &setup.places;
    let (bells, live) = (places.bells(), places.live());
    let folders = [places.config(), places.data(), places.state(), &bells, &live];
    let problems = folders.into_iter().filter(|path| exists(path)).filter_map(|path| {
        let error = files::private_folder(path).err()?;
        Some((error.to_string(), format!("chmod go-w {}", shown(path))))
    });
    let mut problems: Vec<(String, String)> = problems.collect();
    let open = [places.settings(), places.policy(), places.reviewers(), places.trusted_policies()];
    let open = open.into_iter().chain([places.queue().to_owned()]);
    problems.extend(open.filter(|path| exists(path)).filter_map(|path| file(&path)));
    let secrets = [places.key(&setup.settings), places.log_key(), places.commitment_key()];
    problems.extend(secrets.iter().filter(|path| exists(path)).filter_map(secret));
    if problems.is_empty() {
        report.ok(
            "places",
            format!(
                "settings in {}, queue in {}: this account's alone",
                at_home(places.config()),
                at_home(places.data())
            ),
        );
    }
    for (problem, advice) in problems {
        report.bad("places", problem, advice);
    }
}

fn file(path: &Path) -> Option<(String, String)> {
    // A second name harms a database only, and opening the queue tells of that.
    let error = match files::check_private_file(path) {
        Err(FileError::Names { .. }) => return None,
        checked => checked.err()?,
    };
    Some((error.to_string(), format!("ls -l {}", shown(path))))
}

fn secret(path: &PathBuf) -> Option<(String, String)> {
    if path.extension().is_some_and(|ending| ending == "pub") {
        return file(path);
    }
    let mode = std::fs::symlink_metadata(path).ok()?.permissions().mode();
    if mode & 0o077 != 0 {
        return Some((format!("others can read {}", shown(path)), format!("chmod 600 {}", shown(path))));
    }
    file(path)
}

fn room(setup: &Setup, report: &mut Report) {
    let folder = setup.places.data();
    // Before `init` there is no folder yet; nobody asks for room in it.
    let Ok(room) = rustix::fs::statvfs(folder) else { return };
    let free = room.f_bavail.saturating_mul(room.f_frsize);
    report.figure(Gauge::DiskFree, "", free);
    let mib = free >> 20;
    let what = format!("{mib} MiB free for the queue");
    let advice = format!("make room on the disk of {}", at_home(folder));
    match mib {
        0..TOO_LITTLE => report.bad("disk", format!("{what}: nothing will be recorded"), advice),
        TOO_LITTLE..LITTLE => report.warn("disk", what, advice),
        _ => report.ok("disk", what),
    }
}
