//! Zones: which part of the machine a path lies in, told by its text alone; `links` says what else it leads to.
//! Pure.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::Effect;
use super::links::Links;
use super::names;
use crate::facts::Observed;

/// A part of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Zone {
    /// The checkout, or the working folder where there is none; not what others run of it (`.git`).
    Repository,
    /// The rest of the home folder.
    Home,
    /// Where the system and its programs lie.
    System,
    /// Where files live for a while; not the folder itself.
    Temporary,
    /// What holds credentials, wherever it lies.
    Secret,
    /// handoff's own policy, key, queue and log.
    Handoff,
    /// A device.
    Device,
    /// Everything else.
    Other,
}

impl Zone {
    /// Every zone, by the name policies give it.
    pub const ALL: [(&'static str, Self); 8] = [
        ("@repository", Self::Repository),
        ("@home", Self::Home),
        ("@system", Self::System),
        ("@temporary", Self::Temporary),
        ("@secret", Self::Secret),
        ("@handoff", Self::Handoff),
        ("@device", Self::Device),
        ("@other", Self::Other),
    ];
}

/// Several zones a path may lie in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Zones(u8);

impl Zones {
    /// With this one too.
    #[must_use]
    pub const fn and(self, zone: Zone) -> Self {
        Self(self.0 | 1 << zone as u8)
    }

    /// Whether it is among them.
    #[must_use]
    pub const fn has(self, zone: Zone) -> bool {
        self.0 & (1 << zone as u8) != 0
    }
}

/// What zones are told by: the project's top folder and the home folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ground<'a> {
    root: Option<&'a [u8]>,
    home: Option<&'a [u8]>,
    /// The action's own folder.
    pub(super) folder: &'a Path,
    /// The links found on the way of paths.
    pub(super) links: &'a Links,
}

static NO_LINKS: Links = Links::new(BTreeMap::new());

impl<'a> Ground<'a> {
    /// What was seen around the action.
    #[must_use]
    pub fn of(seen: &'a Observed) -> Self {
        let ground = Self::new(seen.repository.as_deref(), &seen.cwd, seen.home.as_deref());
        Self { links: &seen.links, ..ground }
    }

    /// A checkout, or where there is none the working folder, and the home folder.
    #[must_use]
    pub fn new(checkout: Option<&'a Path>, folder: &'a Path, home: Option<&'a Path>) -> Self {
        let home = home.map(bytes).filter(|home| home.len() > 1);
        let root = match checkout {
            Some(checkout) => Some(bytes(checkout)),
            None => Some(bytes(folder)).filter(|folder| !is_hidden_below(folder, home)),
        };
        Self { root: root.filter(|root| is_a_project(root, home)), home, folder, links: &NO_LINKS }
    }

    /// The zone of an absolute path without `.` and `..`, for this use of it.
    #[must_use]
    pub fn zone(&self, path: &[u8], effect: Effect) -> Zone {
        if names::is_secret(path) {
            return Zone::Secret;
        }
        if names::is_handoffs(path) {
            return Zone::Handoff;
        }
        if lies_in(path, b"/dev") && !lies_below(path, b"/dev/shm") {
            return Zone::Device;
        }
        if let Some(rest) = self.root.and_then(|root| below(path, root)) {
            return if is_run_by_others(rest, effect) { Zone::Other } else { Zone::Repository };
        }
        if TEMPORARY.iter().any(|folder| lies_below(path, folder)) {
            return Zone::Temporary;
        }
        if self.home.is_some_and(|home| lies_in(path, home)) {
            return Zone::Home;
        }
        let of_the_system = |folder: &&[u8]| lies_in(path, folder);
        let itself = path == b"/" || HOMES.contains(&path);
        if itself || SYSTEM.iter().any(of_the_system) || is_library(path) {
            Zone::System
        } else {
            Zone::Other
        }
    }

    /// Whether places of other zones may lie below this folder, so that a pattern in it may name them.
    #[must_use]
    pub fn is_mixed(&self, folder: &[u8]) -> bool {
        let inside = |place: &[u8]| lies_in(place, folder);
        let known = self.root.into_iter().chain(self.home).filter(|place| *place != folder);
        known.into_iter().any(inside)
            || [&TEMPORARY[..], &SYSTEM, &HOMES]
                .concat()
                .iter()
                .any(|place| inside(place) && *place != folder)
            || inside(b"/dev")
    }

    /// Whether taking the folder away takes handoff's own files with it.
    #[must_use]
    pub fn holds_handoff(&self, folder: &[u8]) -> bool {
        let homes = names::HANDOFF_AT_HOME.iter();
        let of_home = |place: &&[u8]| {
            self.home.is_some_and(|home| {
                lies_in(home, folder) || below(folder, home).is_some_and(|rest| lies_in(place, rest))
            })
        };
        homes.into_iter().any(of_home) || lies_in(b"/etc/handoff", folder)
    }

    /// Whether this is the project's top folder.
    #[must_use]
    pub fn is_root(&self, path: &[u8]) -> bool {
        self.root == Some(path)
    }
}

const TEMPORARY: [&[u8]; 6] =
    [b"/tmp", b"/var/tmp", b"/dev/shm", b"/private/tmp", b"/private/var/tmp", b"/var/folders"];
const HOMES: [&[u8]; 4] = [b"/home", b"/Users", b"/mnt", b"/srv"];
// Folders no project may stand for, nor lie in: what is written here changes the system.
const HARD: [&[u8]; 12] = [
    b"/etc", b"/bin", b"/sbin", b"/boot", b"/lib", b"/lib32", b"/lib64", b"/sys", b"/proc", b"/dev", b"/run",
    b"/System",
];
// Folders a project may lie in, and not be.
const SOFT: [&[u8]; 12] = [
    b"/usr",
    b"/opt",
    b"/var",
    b"/root",
    b"/Library",
    b"/Applications",
    b"/private",
    b"/nix",
    b"/snap",
    b"/usr/src",
    b"/usr/local",
    b"/usr/local/src",
];
const SYSTEM: [&[u8]; 21] = [
    b"/etc",
    b"/usr",
    b"/bin",
    b"/sbin",
    b"/boot",
    b"/lib",
    b"/lib32",
    b"/lib64",
    b"/opt",
    b"/var",
    b"/sys",
    b"/proc",
    b"/root",
    b"/run",
    b"/nix",
    b"/snap",
    b"/System",
    b"/Library",
    b"/Applications",
    b"/private",
    b"/cores",
];

// `/libx32` and whatever else is named so.
fn is_library(path: &[u8]) -> bool {
    path.starts_with(b"/lib")
}

// Whether a folder can be taken for a project: then much of what happens in it needs nobody.
fn is_a_project(root: &[u8], home: Option<&[u8]>) -> bool {
    let above_home = home.is_some_and(|home| lies_in(home, root));
    let itself = root.len() < 2 || SOFT.contains(&root) || HOMES.contains(&root) || TEMPORARY.contains(&root);
    let system = lies_in(root, b"/usr") && !lies_in(root, b"/usr/src");
    !(above_home || itself || system || HARD.iter().any(|folder| in_hard(root, folder)) || is_library(root))
}

fn in_hard(root: &[u8], folder: &[u8]) -> bool {
    lies_in(root, folder) && !lies_below(root, b"/dev/shm")
}

fn is_hidden_below(folder: &[u8], home: Option<&[u8]>) -> bool {
    let rest = home.and_then(|home| below(folder, home));
    rest.is_some_and(|rest| rest.split(|&b| b == b'/').any(|part| part.starts_with(b".")))
}

// To read what a hook or a workflow says runs nothing; git's own folder may hold credentials.
fn is_run_by_others(rest: &[u8], effect: Effect) -> bool {
    match effect {
        Effect::Reads => names::is_of_git(rest),
        Effect::Writes => names::is_of_git(rest) || names::is_run_unasked(rest),
        // With the whole project goes what is within it.
        Effect::Deletes => rest.is_empty() || names::is_of_git(rest) || names::is_run_unasked(rest),
    }
}

pub(super) fn lies_in(path: &[u8], folder: &[u8]) -> bool {
    below(path, folder).is_some()
}

fn lies_below(path: &[u8], folder: &[u8]) -> bool {
    below(path, folder).is_some_and(|rest| !rest.is_empty())
}

// What follows `folder` in the path, without the slash.
fn below<'p>(path: &'p [u8], folder: &[u8]) -> Option<&'p [u8]> {
    let rest = path.strip_prefix(folder)?;
    match rest.split_first() {
        None => Some(rest),
        Some((b'/', rest)) => Some(rest),
        Some(_) if folder == b"/" => Some(rest),
        Some(_) => None,
    }
}

fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_bytes()
}
