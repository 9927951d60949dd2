//! What is refused, and what comes back.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::ids::Digest;

const PLENTY: u64 = 1 << 20;
const STRANGER: u32 = 54_321;

/// A folder 0700 of our own, as private_folder wants it.
fn home() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap();
    (folder, path)
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn mode_of(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

fn make_fifo(path: &Path) {
    let done = std::process::Command::new("mkfifo").arg(path).status().unwrap();
    assert!(done.success());
}

/// Gives `path` to another account; only root can, so other accounts skip what needs it.
fn give_away(path: &Path) -> bool {
    std::os::unix::fs::chown(path, Some(STRANGER), None).is_ok()
}

#[test]
fn a_missing_private_folder_is_made_with_its_parents_for_us_only() {
    let (_keep, home) = home();
    let folder = home.join("a/b/c");
    private_folder(&folder).unwrap();
    private_folder(&folder).unwrap();
    assert_eq!(mode_of(&folder), 0o700);
    assert_eq!(mode_of(&home.join("a")), 0o700);
}

#[test]
fn a_private_folder_is_refused_when_others_can_write_it_or_swap_it() {
    let (_keep, home) = home();
    let folder = home.join("a/b");
    private_folder(&folder).unwrap();
    for open in [0o770, 0o702, 0o1777] {
        chmod(&folder, open);
        let error = private_folder(&folder).unwrap_err();
        assert!(matches!(error, FileError::OthersWrite { .. }), "{error}");
        assert!(error.to_string().contains("chmod go-w '/"), "{error}");
    }
    chmod(&folder, 0o755);
    private_folder(&folder).unwrap();
    chmod(&home.join("a"), 0o777);
    assert!(matches!(private_folder(&folder), Err(FileError::OthersWrite { .. })));
    chmod(&home.join("a"), 0o1777);
    private_folder(&folder).unwrap();
}

#[test]
fn a_private_folder_is_neither_a_link_nor_a_file_nor_somebody_elses() {
    let (_keep, home) = home();
    let folder = home.join("real");
    private_folder(&folder).unwrap();
    symlink(&folder, home.join("link")).unwrap();
    assert!(matches!(private_folder(&home.join("link")), Err(FileError::Symlink { .. })));
    create_private_empty(&home.join("file")).unwrap();
    assert!(matches!(private_folder(&home.join("file")), Err(FileError::Kind { .. })));
    if give_away(&folder) {
        assert!(matches!(private_folder(&folder), Err(FileError::Owner { owner: STRANGER, .. })));
        assert!(matches!(private_folder(&folder.join("below")), Err(FileError::Owner { .. })));
    }
}

#[test]
fn a_file_system_that_is_not_known_to_be_local_is_refused_by_name() {
    let error = check_private_file(Path::new("/proc/self/status")).unwrap_err();
    assert!(error.to_string().contains("is on a proc file system"), "{error}");
    assert!(matches!(read_private(Path::new("/proc/self/status"), PLENTY), Err(FileError::NotLocal { .. })));
}

#[test]
fn a_database_file_must_be_the_only_name_of_a_file_of_ours() {
    let (_keep, home) = home();
    let file = home.join("queue.db");
    assert!(check_private_file(&file).unwrap_err().is_missing());
    create_private_empty(&file).unwrap();
    check_private_file(&file).unwrap();
    assert_eq!(mode_of(&file), 0o600);

    chmod(&file, 0o664);
    assert!(matches!(check_private_file(&file), Err(FileError::OthersWrite { .. })));
    chmod(&file, 0o600);
    fs::hard_link(&file, home.join("second")).unwrap();
    assert!(matches!(check_private_file(&file), Err(FileError::Names { names: 2, .. })));
    fs::remove_file(home.join("second")).unwrap();
    symlink(&file, home.join("link")).unwrap();
    assert!(matches!(check_private_file(&home.join("link")), Err(FileError::Symlink { .. })));
    assert!(matches!(check_private_file(&home), Err(FileError::Kind { .. })));
    if give_away(&file) {
        assert!(matches!(check_private_file(&file), Err(FileError::Owner { .. })));
    }
}

#[test]
fn a_new_file_never_lands_on_something_that_is_there() {
    let (_keep, home) = home();
    create_private(&home.join("key"), b"first").unwrap();
    assert!(create_private(&home.join("key"), b"second").unwrap_err().is_taken());
    symlink(home.join("elsewhere"), home.join("link")).unwrap();
    assert!(create_private(&home.join("link"), b"x").unwrap_err().is_taken());
    assert_eq!(read_secret(&home.join("key"), PLENTY).unwrap(), b"first");
    assert!(!home.join("elsewhere").exists());
}

#[test]
fn replacing_swaps_the_whole_file_and_leaves_nothing_beside_it() {
    let (_keep, home) = home();
    let pins = home.join("pins");
    replace_private(&pins, b"one").unwrap();
    replace_private(&pins, b"two").unwrap();
    assert_eq!(read_private(&pins, PLENTY).unwrap(), b"two");
    assert_eq!(mode_of(&pins), 0o600);
    assert!(matches!(replace_private(&home, b"x"), Err(FileError::Kind { .. })));
    assert_eq!(fs::read_dir(&home).unwrap().count(), 1);
}

#[test]
fn what_a_killed_replacement_left_is_taken_over_and_never_piles_up() {
    let (_keep, home) = home();
    let pins = home.join("pins");
    let left = home.join(".pins.handoff-new");
    fs::write(&left, b"longer than what is to be written").unwrap();
    assert!(replace_private(&pins, b"x").is_err(), "others can read that file");
    chmod(&left, 0o600);
    replace_private(&pins, b"one").unwrap();
    assert_eq!(read_private(&pins, PLENTY).unwrap(), b"one");
    assert!(create_private_whole(&pins, b"x").unwrap_err().is_taken());
    // Killed between the two names.
    fs::hard_link(&pins, &left).unwrap();
    replace_private(&pins, b"two").unwrap();
    assert_eq!(read_private(&pins, PLENTY).unwrap(), b"two");
    create_private_whole(&home.join("key"), b"key").unwrap();
    assert_eq!(fs::read_dir(&home).unwrap().count(), 2);
}

#[test]
fn many_who_replace_the_same_file_each_leave_it_whole() {
    let (_keep, home) = home();
    let pins = home.join("pins");
    std::thread::scope(|scope| {
        for writer in 0..8_u8 {
            let pins = &pins;
            scope.spawn(move || (0..20).for_each(|_| replace_private(pins, &[writer; 5000]).unwrap()));
        }
    });
    let bytes = read_private(&pins, PLENTY).unwrap();
    assert!(bytes.len() == 5000 && bytes.iter().all(|byte| *byte == bytes[0]));
    assert_eq!(fs::read_dir(&home).unwrap().count(), 1);
}

#[test]
fn what_is_no_regular_file_is_never_replaced_by_one() {
    let (_keep, home) = home();
    create_private(&home.join("file"), b"old").unwrap();
    symlink("file", home.join("link")).unwrap();
    let socket = std::os::unix::net::UnixListener::bind(home.join("socket")).unwrap();
    for name in ["link", "socket"] {
        assert!(matches!(replace_private(&home.join(name), b"x"), Err(FileError::Kind { .. })), "{name}");
    }
    drop(socket);
    assert!(fs::symlink_metadata(home.join("link")).unwrap().is_symlink());
    assert_eq!(read_private(&home.join("file"), PLENTY).unwrap(), b"old");
}

#[test]
fn private_reads_refuse_links_writable_files_and_other_owners() {
    let (_keep, home) = home();
    let file = home.join("policy.toml");
    create_private(&file, b"deny").unwrap();
    chmod(&file, 0o644);
    assert_eq!(read_private(&file, PLENTY).unwrap(), b"deny");
    let error = read_secret(&file, PLENTY).unwrap_err();
    assert!(error.to_string().contains("run: chmod go-rwx '/"), "{error}");

    chmod(&file, 0o620);
    assert!(matches!(read_private(&file, PLENTY), Err(FileError::OthersWrite { .. })));
    symlink(&file, home.join("link")).unwrap();
    assert!(matches!(read_private(&home.join("link"), PLENTY), Err(FileError::Symlink { .. })));
    chmod(&file, 0o600);
    if give_away(&file) {
        assert!(matches!(read_private(&file, PLENTY), Err(FileError::Owner { owner: STRANGER, .. })));
    }
}

#[test]
fn reads_stop_at_their_limit() {
    let (_keep, home) = home();
    let file = home.join("four");
    create_private(&file, b"four").unwrap();
    assert_eq!(read_limited(&file, 4).unwrap(), b"four");
    for error in [read_limited(&file, 3).unwrap_err(), hash_file(&file, 3).unwrap_err()] {
        assert!(matches!(error, FileError::TooLarge { limit: 3, .. }), "{error}");
    }
    assert_eq!(hash_file(&file, 4).unwrap().size, 4);
}

#[test]
fn pipes_folders_and_devices_are_refused_without_waiting() {
    let (_keep, home) = home();
    make_fifo(&home.join("pipe"));
    for (path, word) in
        [(home.join("pipe"), "a pipe"), (home.clone(), "a folder"), ("/dev/null".into(), "a device")]
    {
        let error = open_regular(&path).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
    assert!(read_private(&home.join("pipe"), PLENTY).is_err());
}

#[test]
fn a_digest_is_of_all_bytes_and_leaves_the_read_position() {
    let (_keep, home) = home();
    let file = home.join("big");
    let bytes: Vec<u8> = (0..400_000_u32).map(|n| (n % 251) as u8).collect();
    create_private(&file, &bytes).unwrap();
    let mut open = open_regular(&file).unwrap();
    let hashed = hash_open(&open, &file, PLENTY).unwrap();
    assert_eq!((hashed.digest, hashed.size), (Digest::of(&bytes), bytes.len() as u64));
    assert_eq!(hashed.stamp, stamp_of(&open).unwrap());
    let mut again = Vec::new();
    io::Read::read_to_end(&mut open, &mut again).unwrap();
    assert_eq!(again, bytes);
}

#[test]
fn a_file_whose_size_is_not_what_was_read_is_refused_as_moving() {
    // A file of /proc says it has no bytes and gives some, as one that grows under the reader would.
    assert!(matches!(hash_file(Path::new("/proc/self/status"), PLENTY), Err(FileError::Changed { .. })));
}

#[test]
fn a_stamp_moves_with_the_file_and_with_its_replacement() {
    let (_keep, home) = home();
    let file = home.join("script");
    create_private(&file, b"one").unwrap();
    let open = open_regular(&file).unwrap();
    let first = stamp_of(&open).unwrap();
    replace_private(&file, b"one").unwrap();
    let second = stamp_of(&open_regular(&file).unwrap()).unwrap();
    assert_ne!(first.ino, second.ino);
    fs::write(&file, b"four").unwrap();
    assert_ne!(stamp_of(&open_regular(&file).unwrap()).unwrap(), second);
}

#[test]
fn messages_show_a_hostile_path_escaped() {
    let error = read_limited(Path::new("/nowhere/\u{1b}[2J\u{202e}"), 1).unwrap_err();
    assert!(error.is_missing());
    assert!(error.to_string().contains("'/nowhere/\\x1b[2J\\u{202e}'"), "{error}");
}

#[test]
fn what_root_alone_can_write_no_other_account_can_swap() {
    assert_eq!(writable_by(Path::new("/usr/bin/env"), STRANGER, &[STRANGER]).unwrap(), None);
    assert!(writable_by(Path::new("/usr/bin/env"), 0, &[]).unwrap().is_some());
    assert!(writable_by(Path::new("/usr/bin/no such thing"), STRANGER, &[]).unwrap_err().is_missing());
}

#[test]
fn an_account_can_swap_what_lies_in_a_folder_it_can_write() {
    let (_keep, home) = home();
    fs::create_dir_all(home.join("bin")).unwrap();
    let tool = home.join("bin/tool");
    fs::write(&tool, "x").unwrap();
    let us = fs::metadata(&tool).unwrap().uid();
    let group = fs::metadata(&tool).unwrap().gid();
    for path in [&home, &home.join("bin")] {
        chmod(path, 0o755);
    }
    chmod(&tool, 0o755);
    assert_eq!(writable_by(&tool, STRANGER, &[]).unwrap(), None);
    chmod(&tool, 0o757);
    assert_eq!(writable_by(&tool, STRANGER, &[]).unwrap(), Some(tool.clone()));
    chmod(&tool, 0o775);
    assert_eq!(writable_by(&tool, STRANGER, &[group]).unwrap(), Some(tool.clone()));
    assert_eq!(writable_by(&tool, STRANGER, &[]).unwrap(), None);
    chmod(&tool, 0o755);
    chmod(&home.join("bin"), 0o777);
    assert_eq!(writable_by(&tool, STRANGER, &[]).unwrap(), Some(home.join("bin")));
    chmod(&home.join("bin"), 0o1777);
    assert_eq!(writable_by(&tool, STRANGER, &[]).unwrap(), None);
    assert!(writable_by(&tool, us, &[]).unwrap().is_some());
}

#[test]
fn a_link_that_an_account_can_swap_counts_wherever_it_leads() {
    let (_keep, home) = home();
    chmod(&home, 0o755);
    fs::create_dir(home.join("open")).unwrap();
    chmod(&home.join("open"), 0o777);
    symlink("/usr/bin/env", home.join("open/env")).unwrap();
    symlink("open/../open/env", home.join("env")).unwrap();
    assert_eq!(writable_by(&home.join("env"), STRANGER, &[]).unwrap(), Some(home.join("open")));
    symlink("loop", home.join("loop")).unwrap();
    assert!(writable_by(&home.join("loop"), STRANGER, &[]).is_err());
}

#[test]
fn a_database_in_use_is_opened_under_none_of_its_names() {
    let (_keep, home) = home();
    let database = home.join("q.db");
    for name in ["q.db", "q.db-shm", "q.db-wal", "other.db"] {
        create_private(&home.join(name), b"x").unwrap();
    }
    keep_from_opening(&database);
    symlink("q.db", home.join("link")).unwrap();
    fs::hard_link(home.join("q.db-shm"), home.join("second")).unwrap();
    for name in ["q.db", "q.db-shm", "link", "second"] {
        assert!(matches!(hash_file(&home.join(name), PLENTY), Err(FileError::InUse { .. })), "{name}");
    }
    assert!(matches!(read_private(&database, PLENTY), Err(FileError::InUse { .. })));
    assert!(hash_file(&home.join("other.db"), PLENTY).is_ok());
    assert!(hash_file(&home.join("q.db-wal"), PLENTY).is_ok());
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_of_the_kernels_that_would_make_us_wait_is_not_waited_for() {
    // Only root may open it, and then it waits for the next message of the kernel.
    assert!(hash_file(Path::new("/proc/kmsg"), PLENTY).is_err());
}
