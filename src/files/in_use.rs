//! Databases that are open in this process, and so must not be opened by anybody else in it: close(2) drops all
//! POSIX locks the process has on a file, and SQLite's with them. Looks with stat(2), and keeps one list.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::FileError;
use crate::escaped::Escaped;

// One list a process, as the locks are.
static DATABASES: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
/// The files SQLite takes locks on: the database, and in WAL mode its shared memory.
const LOCKED: [&str; 2] = ["", "-shm"];

/// From here on nothing in this module's care opens the database at `path`, under whatever name.
pub fn keep_from_opening(path: &Path) {
    let mut databases = DATABASES.lock().unwrap_or_else(PoisonError::into_inner);
    if !databases.iter().any(|known| known == path) {
        databases.push(path.to_owned());
    }
}

/// Refuses a path that leads to a database in use.
pub(super) fn require_unused(path: &Path) -> Result<(), FileError> {
    let databases = DATABASES.lock().unwrap_or_else(PoisonError::into_inner);
    // Not there, or out of reach: opening it says so better.
    let Ok(there) = fs::metadata(path) else { return Ok(()) };
    if databases.iter().any(|database| is_part_of(database, &there)) {
        return Err(FileError::InUse { path: Escaped::os(path) });
    }
    Ok(())
}

fn is_part_of(database: &Path, there: &Metadata) -> bool {
    LOCKED.iter().any(|suffix| {
        let mut name = database.as_os_str().to_owned();
        name.push(suffix);
        fs::symlink_metadata(name).is_ok_and(|own| (own.dev(), own.ino()) == (there.dev(), there.ino()))
    })
}
