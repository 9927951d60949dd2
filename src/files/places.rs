//! Whether a place is private enough to keep a queue, a key or a policy in.
//! Makes folders; otherwise only looks (lstat, statfs), since opening the database would drop SQLite's locks.

use std::fs::{self, DirBuilder, Metadata};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::Path;

use super::reach::{self, Step};
use super::{FileError, kind_of};
use crate::escaped::Escaped;

const OTHERS_WRITE: u32 = 0o022;
pub(super) const STICKY: u32 = 0o1000;

/// Makes sure that `path` is a folder of ours alone: made 0700, with its parents, when it is not there.
///
/// # Errors
/// Refuses a symbolic link in the last place, another owner, what others can write (also a folder above, in
/// which others could swap it), and a file system that is not known to be local.
pub fn private_folder(path: &Path) -> Result<(), FileError> {
    let path = &absolute(path)?;
    make_with_parents(path)?;
    let metadata = look(path)?;
    if !metadata.is_dir() {
        let found = kind_of(metadata.file_type());
        return Err(FileError::Kind { path: Escaped::os(path), found, wanted: "a folder" });
    }
    require_ours(path, &metadata, Owner::Us)?;
    require_local(path)?;
    reach::steps(path)?.iter().try_for_each(require_settled)
}

/// Makes sure that the file at `path` is ours alone, without ever opening it.
///
/// # Errors
/// Refuses a symbolic link, anything but a regular file, another owner (root may own it), what others can
/// write, a second hard link, and a file system that is not known to be local. `is_missing` when not there.
pub fn check_private_file(path: &Path) -> Result<(), FileError> {
    let metadata = look(path)?;
    if !metadata.is_file() {
        let found = kind_of(metadata.file_type());
        return Err(FileError::Kind { path: Escaped::os(path), found, wanted: "a regular file" });
    }
    require_ours(path, &metadata, Owner::UsOrRoot)?;
    if metadata.nlink() != 1 {
        return Err(FileError::Names { path: Escaped::os(path), names: metadata.nlink() });
    }
    require_local(path)
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Us,
    UsOrRoot,
}

pub(super) fn require_ours(path: &Path, metadata: &Metadata, who: Owner) -> Result<(), FileError> {
    let owner = metadata.uid();
    if !is_ours(owner) || (who == Owner::Us && owner != us()) {
        return Err(FileError::Owner { path: Escaped::os(path), owner });
    }
    if metadata.mode() & OTHERS_WRITE != 0 {
        return Err(FileError::OthersWrite { path: Escaped::os(path) });
    }
    Ok(())
}

fn us() -> u32 {
    rustix::process::geteuid().as_raw()
}

fn is_ours(owner: u32) -> bool {
    owner == us() || owner == 0
}

// In a sticky folder, as /tmp, others may add entries but not swap one that is ours.
fn require_settled(step: &Step) -> Result<(), FileError> {
    if !is_ours(step.holder.uid()) {
        return Err(FileError::Owner { path: Escaped::os(&step.folder), owner: step.holder.uid() });
    }
    let open = step.holder.mode() & OTHERS_WRITE != 0;
    let sticky = step.holder.mode() & STICKY != 0;
    if open && !sticky {
        return Err(FileError::OthersWrite { path: Escaped::os(&step.folder) });
    }
    if open && !is_ours(step.entry.uid()) {
        return Err(FileError::Owner { path: Escaped::os(step.path()), owner: step.entry.uid() });
    }
    Ok(())
}

fn look(path: &Path) -> Result<Metadata, FileError> {
    let metadata = fs::symlink_metadata(path).map_err(|error| FileError::io("examine", path, error))?;
    if metadata.is_symlink() {
        return Err(FileError::Symlink { path: Escaped::os(path) });
    }
    Ok(metadata)
}

pub(super) fn absolute(path: &Path) -> Result<std::path::PathBuf, FileError> {
    std::path::absolute(path).map_err(|error| FileError::io("find", path, error))
}

// Each new folder's name is synced before the next, so that a power loss cannot take a queue's folder away.
fn make_with_parents(path: &Path) -> Result<(), FileError> {
    if fs::symlink_metadata(path).is_ok() {
        return Ok(());
    }
    let Some(parent) = path.parent() else { return Ok(()) };
    make_with_parents(parent)?;
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => sync_folder(parent),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(FileError::io("make the folder", path, error)),
    }
}

#[expect(clippy::disallowed_methods, reason = "a folder, opened to be synced")]
pub(super) fn sync_folder(folder: &Path) -> Result<(), FileError> {
    let sync = |error| FileError::io("sync the folder", folder, error);
    fs::File::open(folder).map_err(sync)?.sync_all().map_err(sync)
}

/// Refuses a file system that is not on the list of local ones.
pub(super) fn require_local(path: &Path) -> Result<(), FileError> {
    let statfs = rustix::fs::statfs(path).map_err(|error| FileError::io("examine", path, error))?;
    require_local_kind(path, &statfs)
}

#[cfg(target_os = "linux")]
pub(super) fn require_local_kind(path: &Path, statfs: &rustix::fs::StatFs) -> Result<(), FileError> {
    // The field is signed on some machines; the number itself has 32 bits.
    let magic = (i128::from(statfs.f_type) & 0xffff_ffff) as u32;
    if LOCAL.contains(&magic) {
        return Ok(());
    }
    let known = SHARED.iter().find(|(number, _)| *number == magic);
    let kind = known.map_or_else(|| format!("0x{magic:x}"), |(_, name)| (*name).to_owned());
    Err(FileError::NotLocal { path: Escaped::os(path), kind })
}

// Numbers of statfs(2).
#[cfg(target_os = "linux")]
const LOCAL: &[u32] = &[
    0xef53,      // ext2, ext3, ext4
    0x5846_5342, // xfs
    0x9123_683e, // btrfs
    0x0102_1994, // tmpfs
    0x8584_58f6, // ramfs
    0x2fc1_2fc1, // zfs
    0xf2f5_2010, // f2fs
    0x794c_7630, // overlayfs
    0xca45_1a4e, // bcachefs
    0x3153_464a, // jfs
    0x5265_4973, // reiserfs
];

// For the message only: what is not on the list above is refused, named here or not.
#[cfg(target_os = "linux")]
const SHARED: &[(u32, &str)] = &[
    (0x6969, "nfs"),
    (0x517b, "smb"),
    (0xff53_4d42, "cifs"),
    (0xfe53_4d42, "smb2"),
    (0x0102_1997, "9p"),
    (0x6573_5546, "fuse or virtiofs"),
    (0x00c3_6400, "ceph"),
    (0x5346_414f, "afs"),
    (0x0116_1970, "gfs2"),
    (0x7461_636f, "ocfs2"),
    (0x0bd0_0bd0, "lustre"),
    (0x786f_4256, "vboxsf"),
    (0xf15f, "ecryptfs"),
    (0x4d44, "vfat"),
    (0x2011_bab0, "exfat"),
    (0x5346_544e, "ntfs"),
    (0x7366_746e, "ntfs"),
    (0x7371_7368, "squashfs"),
    (0x9fa0, "proc"),
    (0x6265_6572, "sysfs"),
];

#[cfg(target_os = "macos")]
pub(super) fn require_local_kind(path: &Path, statfs: &rustix::fs::StatFs) -> Result<(), FileError> {
    let letters = statfs.f_fstypename.iter().take_while(|letter| **letter != 0);
    let kind: String = letters.map(|letter| char::from(letter.unsigned_abs())).collect();
    if matches!(kind.as_str(), "apfs" | "hfs" | "tmpfs") {
        return Ok(());
    }
    Err(FileError::NotLocal { path: Escaped::os(path), kind: Escaped::name(kind.as_bytes()).into_string() })
}
