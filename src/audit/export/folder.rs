//! The folder a bundle is written into: many small files, each made where its folder is open already.
//! Makes folders and files below the path it is given; never follows what others may have put there.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, File};
use std::io::{self, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags, mkdirat, open, openat};

use super::ExportError;
use super::writer::failed;

/// A folder of our own, and those in it that were made.
pub(super) struct Folder {
    path: PathBuf,
    own: OwnedFd,
    inner: BTreeMap<String, OwnedFd>,
}

const TO_LOOK_IN: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

impl Folder {
    /// Makes it, 0700, where nothing is.
    pub(super) fn make(path: &Path) -> Result<Self, ExportError> {
        DirBuilder::new().mode(0o700).create(path).map_err(failed(path))?;
        let own = open(path, TO_LOOK_IN, Mode::empty()).map_err(|error| failed(path)(error.into()))?;
        Ok(Self { path: path.to_owned(), own, inner: BTreeMap::new() })
    }

    /// Its path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the folder that a file of this name lies in, if it is not there.
    pub(super) fn make_for(&mut self, name: &str) -> Result<(), ExportError> {
        let Some((folder, _)) = name.split_once('/') else { return Ok(()) };
        if self.inner.contains_key(folder) {
            return Ok(());
        }
        let made = mkdirat(&self.own, folder, Mode::RWXU);
        let opened = made.and_then(|()| openat(&self.own, folder, TO_LOOK_IN, Mode::empty()));
        let opened = opened.map_err(|error| failed(&self.path.join(folder))(error.into()))?;
        self.inner.insert(folder.to_owned(), opened);
        Ok(())
    }

    /// A new file, 0600; its folder was made.
    pub(super) fn file(&self, name: &str) -> Result<File, ExportError> {
        let (folder, last) = match name.split_once('/') {
            Some((folder, last)) => (self.inner.get(folder).unwrap_or(&self.own), last),
            None => (&self.own, name),
        };
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = openat(folder, last, flags, Mode::RUSR | Mode::WUSR);
        file.map(File::from).map_err(|error| failed(&self.path.join(name))(error.into()))
    }

    /// A new file with these bytes; its folder was made.
    pub(super) fn put(&self, name: &str, bytes: &[u8]) -> Result<(), ExportError> {
        self.file(name)?.write_all(bytes).map_err(|error| failed(&self.path.join(name))(error))
    }

    /// Everything in it is on disk when this returns: all at once, where one file at a time would take far longer.
    pub(super) fn sync(&self) -> io::Result<()> {
        sync(&self.own)
    }
}

#[cfg(target_os = "linux")]
fn sync(folder: &OwnedFd) -> io::Result<()> {
    Ok(rustix::fs::syncfs(folder)?)
}

#[cfg(not(target_os = "linux"))]
fn sync(folder: &OwnedFd) -> io::Result<()> {
    rustix::fs::sync();
    Ok(rustix::fs::fsync(folder)?)
}
