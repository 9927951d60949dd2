//! A disk that may lose its power: what was synced stays; each write after that may be there, torn at sectors of
//! 512 bytes, or not; and names may be old or new until their folder was synced.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

const SECTOR: usize = 512;

/// One change that is not on the disk until it is synced.
#[derive(Debug, Clone)]
pub enum Change {
    Write { file: usize, at: usize, bytes: Vec<u8> },
    Resize { file: usize, to: usize },
    Name { path: PathBuf, file: usize },
    Folder { path: PathBuf },
    Unname { path: PathBuf },
    Rename { from: PathBuf, to: PathBuf },
}

impl Change {
    fn file(&self) -> Option<usize> {
        match self {
            Self::Write { file, .. } | Self::Resize { file, .. } => Some(*file),
            _ => None,
        }
    }

    fn folder(&self) -> Option<&Path> {
        match self {
            Self::Name { path, .. } | Self::Folder { path } | Self::Unname { path } => path.parent(),
            Self::Rename { to, .. } => to.parent(),
            Self::Write { .. } | Self::Resize { .. } => None,
        }
    }

    /// What of it may be there and what not: a write comes apart at the sectors.
    fn torn(&self) -> Vec<Self> {
        let Self::Write { file, at, bytes } = self else { return vec![self.clone()] };
        let (mut pieces, mut done) = (Vec::new(), 0);
        while done < bytes.len() {
            let end = ((at + done) / SECTOR + 1) * SECTOR - at;
            let end = end.min(bytes.len());
            pieces.push(Self::Write { file: *file, at: at + done, bytes: bytes[done..end].to_vec() });
            done = end;
        }
        pieces
    }
}

/// Names and what is under them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Disk {
    /// A file's number, or nothing for a folder.
    pub names: BTreeMap<PathBuf, Option<usize>>,
    files: BTreeMap<usize, Vec<u8>>,
}

impl Disk {
    /// Everything below `root`, but for the index that SQLite makes anew.
    pub fn read(root: &Path) -> Self {
        let mut disk = Self::default();
        disk.read_folder(root);
        disk
    }

    fn read_folder(&mut self, folder: &Path) {
        self.names.insert(folder.to_owned(), None);
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            if kind.is_dir() {
                self.read_folder(&path);
            } else if kind.is_file() && !path.to_string_lossy().ends_with("-shm") {
                let file = self.files.len();
                self.files.insert(file, fs::read(&path).unwrap());
                self.names.insert(path, Some(file));
            }
        }
    }

    pub fn size(&self, file: usize) -> usize {
        self.files.get(&file).map_or(0, Vec::len)
    }

    /// A number that no file has.
    pub fn next_file(&self) -> usize {
        self.files.len()
    }

    pub fn make(&mut self, change: &Change) {
        match change {
            Change::Write { file, at, bytes } => {
                let content = self.files.entry(*file).or_default();
                content.resize(content.len().max(at + bytes.len()), 0);
                content[*at..at + bytes.len()].copy_from_slice(bytes);
            }
            Change::Resize { file, to } => self.files.entry(*file).or_default().resize(*to, 0),
            Change::Name { path, file } => {
                self.files.entry(*file).or_default();
                self.names.insert(path.clone(), Some(*file));
            }
            Change::Folder { path } => {
                self.names.insert(path.clone(), None);
            }
            Change::Unname { path } => {
                self.names.remove(path);
            }
            Change::Rename { from, to } => {
                if let Some(file) = self.names.remove(from) {
                    self.names.insert(to.clone(), file);
                }
            }
        }
    }

    /// Puts it where the real one is.
    pub fn write(&self, root: &Path) {
        fs::remove_dir_all(root).unwrap();
        for (path, file) in &self.names {
            // A folder that was lost takes what is in it along.
            if path != root && !path.parent().is_some_and(Path::is_dir) {
                continue;
            }
            match file {
                None => fs::create_dir(path).unwrap(),
                Some(file) => fs::write(path, &self.files[file]).unwrap(),
            }
            let mode = if file.is_none() { 0o700 } else { 0o600 };
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
    }
}

/// Which syncs the disk obeys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obeys {
    Every,
    /// As SQLite would be with `synchronous = NORMAL`: the write-ahead log is not synced at a commit.
    NotTheLog,
    None,
}

/// What is on a disk for certain, and what may be.
#[derive(Debug, Clone)]
pub struct Power {
    settled: Disk,
    pending: Vec<Change>,
    obeys: Obeys,
}

impl Power {
    pub const fn new(settled: Disk, obeys: Obeys) -> Self {
        Self { settled, pending: Vec::new(), obeys }
    }

    pub fn make(&mut self, change: &Change) {
        self.pending.push(change.clone());
    }

    pub fn sync_file(&mut self, file: usize, name: &Path) {
        let skipped = self.obeys == Obeys::NotTheLog && name.to_string_lossy().ends_with("-wal");
        if self.obeys != Obeys::None && !skipped {
            self.settle(|change| change.file() == Some(file));
        }
    }

    pub fn sync_folder(&mut self, folder: &Path) {
        if self.obeys != Obeys::None {
            self.settle(|change| change.folder() == Some(folder));
        }
    }

    fn settle(&mut self, is: impl Fn(&Change) -> bool) {
        let (now, later) =
            std::mem::take(&mut self.pending).into_iter().partition::<Vec<_>, _>(|change| is(change));
        now.iter().for_each(|change| self.settled.make(change));
        self.pending = later;
    }

    /// How many ways of losing power are worth a look.
    pub fn ways(&self, drawn: usize) -> usize {
        if self.pending.is_empty() { 1 } else { 2 + 2 * self.pending.len() + drawn }
    }

    /// One of them: nothing pending is there, all is, all but one, one alone, or what a draw says.
    pub fn lost(&self, way: usize) -> Disk {
        let count = self.pending.len();
        let mut disk = self.settled.clone();
        let mut keep = |is: &dyn Fn(usize) -> bool| {
            let kept = self.pending.iter().enumerate().filter(|(at, _)| is(*at));
            kept.for_each(|(_, change)| disk.make(change));
        };
        match way {
            0 => {}
            1 => keep(&|_| true),
            way if way < 2 + count => keep(&|at| at != way - 2),
            way if way < 2 + 2 * count => keep(&|at| at == way - 2 - count),
            way => {
                let mut draw = Draw(way as u64 ^ (count as u64) << 32);
                // As often near to everything as near to nothing.
                let odds = draw.next(4) + 1;
                for piece in self.pending.iter().flat_map(Change::torn) {
                    if draw.next(6) < odds {
                        disk.make(&piece);
                    }
                }
            }
        }
        disk
    }
}

/// Numbers that are the same in each run (splitmix64).
struct Draw(u64);

impl Draw {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }
}

#[test]
fn what_was_synced_stays_and_what_was_not_may_be_lost_or_torn() {
    let path = PathBuf::from("/d/f");
    let mut power = Power::new(Disk::default(), Obeys::Every);
    power.make(&Change::Name { path: path.clone(), file: 0 });
    power.make(&Change::Write { file: 0, at: 0, bytes: vec![1; 1000] });
    power.sync_file(0, &path);
    assert!(!power.lost(0).names.contains_key(&path), "its name is not on the disk");
    power.sync_folder(Path::new("/d"));
    assert_eq!((power.ways(9), &power.lost(0).files[&0]), (1, &vec![1; 1000]));
    power.make(&Change::Write { file: 0, at: 0, bytes: vec![2; 1000] });
    let all: Vec<Disk> = (0..power.ways(40)).map(|way| power.lost(way)).collect();
    let begins = |disk: &Disk| (disk.files[&0][0], disk.files[&0][999]);
    for expected in [(1, 1), (2, 2), (1, 2), (2, 1)] {
        assert!(all.iter().any(|disk| begins(disk) == expected), "{expected:?}");
    }
    let mut deaf = Power::new(Disk::default(), Obeys::None);
    deaf.make(&Change::Name { path: path.clone(), file: 0 });
    deaf.sync_folder(Path::new("/d"));
    assert!(!deaf.lost(0).names.contains_key(&path));
}
