//! Who keeps the others waiting: the process that holds SQLite's write lock.
//! Reads the system's list of locks, which Linux has; elsewhere nobody is named.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::files;
use crate::store::StoreError;

const LOCKS: &str = "/proc/locks";
const LONGEST: u64 = 1 << 20;
// The byte of the WAL index that a writer locks (sqlite.org/walformat.html, 2.3.1).
const WRITE_LOCK: u64 = 120;

/// Names in a busy error who holds the write lock of the queue whose WAL index is at `index`.
pub(super) fn named(error: StoreError, index: &Path) -> StoreError {
    match error {
        StoreError::Busy(None) => StoreError::Busy(writer(index)),
        other => other,
    }
}

fn writer(index: &Path) -> Option<u32> {
    // Looked at, never opened: closing it would drop the locks of this process.
    let inode = std::fs::symlink_metadata(index).ok()?.ino();
    let list = files::read_limited(Path::new(LOCKS), LONGEST).ok()?;
    String::from_utf8_lossy(&list).lines().find_map(|line| holder_in(line, inode))
}

// `1: POSIX  ADVISORY  WRITE 1197 fe:00:10347855 120 120`. Some file systems tell another device there than
// stat(2) does, so the inode decides; a process id in a message may be wrong, once in a long while.
fn holder_in(line: &str, inode: u64) -> Option<u32> {
    let mut words = line.split_whitespace().skip(1);
    if (words.next()?, words.next()?, words.next()?) != ("POSIX", "ADVISORY", "WRITE") {
        return None;
    }
    let pid = words.next()?.parse().ok()?;
    let file: u64 = words.next()?.rsplit(':').next()?.parse().ok()?;
    let first: u64 = words.next()?.parse().ok()?;
    let last = words.next()?;
    let covers = first <= WRITE_LOCK && (last == "EOF" || last.parse::<u64>().ok()? >= WRITE_LOCK);
    (file == inode && covers && pid != 0).then_some(pid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_write_lock_of_this_index_names_its_holder() {
        assert_eq!(holder_in("4: POSIX  ADVISORY  WRITE 1197 fe:00:77 120 120", 77), Some(1197));
        assert_eq!(holder_in("4: POSIX  ADVISORY  WRITE 1197 fe:00:77 0 EOF", 77), Some(1197));
        for other in [
            "4: POSIX  ADVISORY  WRITE 1197 fe:00:78 120 120",
            "4: POSIX  ADVISORY  READ 1197 fe:00:77 120 120",
            "4: POSIX  ADVISORY  WRITE 1197 fe:00:77 121 127",
            "4: POSIX  ADVISORY  WRITE 0 fe:00:77 120 120",
            "4: FLOCK  ADVISORY  WRITE 1197 fe:00:77 0 EOF",
            "4: -> POSIX  ADVISORY  WRITE 1197 fe:00:77 120 120",
            "4: POSIX",
            "",
        ] {
            assert_eq!(holder_in(other, 77), None, "{other}");
        }
    }
}
