//! Writing a bundle's files, each with its line in the list, into a folder or a tar that appears whole or not
//! at all. Touches the path it is given, and names beside it that end in `.new`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Seek as _, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use sha2::{Digest as _, Sha256};
use tar::{Builder, EntryType, Header};

use super::ExportError;
use super::folder::Folder;
use crate::audit::bundle::{SUMS, SUMS_NOTE, TOP};
use crate::audit::threads::on_every_core;
use crate::clock::Timestamp;
use crate::ids::{Digest, Nonce, hex};

/// Where a bundle goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A folder that is not there yet.
    Folder(PathBuf),
    /// A tar that is not there yet.
    Archive(PathBuf),
}

impl Target {
    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Folder(path) | Self::Archive(path) => path,
        }
    }
}

/// A file to be added, with the digest of its bytes.
pub struct Small {
    /// Its name in the bundle.
    pub name: String,
    /// Digest of its bytes.
    pub digest: Digest,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Small {
    /// One whose digest is still to be computed.
    #[must_use]
    pub fn new(name: String, bytes: Vec<u8>) -> Self {
        Self { name, digest: Digest::of(&bytes), bytes }
    }
}

enum To {
    Folder(Folder),
    Archive(Box<Builder<BufWriter<File>>>),
}

/// A bundle being written. Dropped before its end, nothing of it stays.
pub struct Writer {
    to: To,
    final_path: PathBuf,
    beside: PathBuf,
    sums: BufWriter<File>,
    sums_path: PathBuf,
    sums_digest: Sha256,
    made: Timestamp,
    files: u64,
    bytes: u64,
    done: bool,
}

/// How much was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Files, with the list and its note.
    pub files: u64,
    /// Bytes in them.
    pub bytes: u64,
}

pub(super) fn failed(path: &Path) -> impl Fn(io::Error) -> ExportError + '_ {
    move |error| ExportError::Write(crate::escaped::Escaped::os(path).into_string(), error)
}

fn new_file(path: &Path) -> Result<File, ExportError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true).mode(0o600).open(path).map_err(failed(path))
}

impl Writer {
    /// Begins a bundle at a path where nothing is.
    ///
    /// # Errors
    /// `Taken` when something is there, `Write` when nothing can be.
    pub fn new(target: &Target, made: Timestamp) -> Result<Self, ExportError> {
        let path = target.path().to_owned();
        if fs::symlink_metadata(&path).is_ok() {
            return Err(ExportError::Taken(crate::escaped::Escaped::os(&path).into_string()));
        }
        let beside = |ending: &str| {
            let mut name = path.file_name().unwrap_or_default().to_owned();
            name.push(format!(".{}.{ending}", Nonce::random()));
            path.with_file_name(name)
        };
        let (new, sums_path) = (beside("new"), beside("sums.new"));
        let to = match target {
            Target::Folder(_) => To::Folder(Folder::make(&new)?),
            Target::Archive(_) => {
                To::Archive(Box::new(Builder::new(BufWriter::with_capacity(1 << 18, new_file(&new)?))))
            }
        };
        let sums = new_file(&sums_path).inspect_err(|_| discard(&new))?;
        let (sums, sums_digest) = (BufWriter::new(sums), Sha256::new());
        let (files, bytes, done) = (0, 0, false);
        Ok(Self { to, final_path: path, beside: new, sums, sums_path, sums_digest, made, files, bytes, done })
    }

    /// Adds a file.
    ///
    /// # Errors
    /// `Write`.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), ExportError> {
        self.plain(name, bytes)?;
        self.listed(name, &Digest::of(bytes), bytes.len() as u64)
    }

    /// Adds many files in this order; into a folder they are written on every core.
    ///
    /// # Errors
    /// `Write`.
    pub fn add_all(&mut self, files: Vec<Small>) -> Result<(), ExportError> {
        let written: Vec<_> = match &mut self.to {
            To::Folder(folder) => {
                files.iter().try_for_each(|file| folder.make_for(&file.name))?;
                let folder = &*folder;
                let put = |file: Small| folder.put(&file.name, &file.bytes).map(|()| file);
                on_every_core(|| files.into_par_iter().map(put).collect())
            }
            To::Archive(_) => {
                let mut put = |file: Small| self.plain(&file.name, &file.bytes).map(|()| file);
                files.into_iter().map(&mut put).collect()
            }
        };
        written.into_iter().try_for_each(|file: Result<Small, _>| {
            let file = file?;
            self.listed(&file.name, &file.digest, file.bytes.len() as u64)
        })
    }

    /// Adds a file whose bytes are made while it is written.
    ///
    /// # Errors
    /// `Write`, and those of `fill`.
    pub fn stream(
        &mut self,
        name: &str,
        fill: &mut dyn FnMut(&mut dyn Write) -> Result<(), ExportError>,
    ) -> Result<(), ExportError> {
        let (digest, length) = match &mut self.to {
            To::Folder(folder) => {
                folder.make_for(name)?;
                let mut file = Hashing::over(BufWriter::with_capacity(1 << 18, folder.file(name)?));
                fill(&mut file)?;
                file.flush().map_err(failed(&folder.path().join(name)))?;
                file.end()
            }
            To::Archive(tar) => {
                let mut header = header(0, self.made);
                let entry = tar.append_writer(&mut header, format!("{TOP}{name}"));
                let mut file = Hashing::over(entry.map_err(failed(&self.beside))?);
                fill(&mut file)?;
                let Hashing { into, digest, length } = file;
                into.finish().map_err(failed(&self.beside))?;
                (Digest::from_bytes(digest.finalize().into()), length)
            }
        };
        self.listed(name, &digest, length)
    }

    fn plain(&mut self, name: &str, bytes: &[u8]) -> Result<(), ExportError> {
        match &mut self.to {
            To::Folder(folder) => {
                folder.make_for(name)?;
                folder.put(name, bytes)
            }
            To::Archive(tar) => {
                let mut header = header(bytes.len() as u64, self.made);
                let path = format!("{TOP}{name}");
                tar.append_data(&mut header, path, bytes).map_err(failed(&self.beside))
            }
        }
    }

    fn listed(&mut self, name: &str, digest: &Digest, length: u64) -> Result<(), ExportError> {
        let line = format!("{}  {name}\n", hex(digest.as_bytes()));
        self.sums_digest.update(&line);
        self.sums.write_all(line.as_bytes()).map_err(failed(&self.sums_path))?;
        self.files += 1;
        self.bytes = self.bytes.saturating_add(length);
        Ok(())
    }

    /// Ends the bundle with the list and the note that `vouch` makes for it, and puts it in its place.
    ///
    /// # Errors
    /// `Write`, `Taken`.
    pub fn finish(mut self, vouch: impl FnOnce(&Digest) -> String) -> Result<Written, ExportError> {
        let digest = Digest::from_bytes(self.sums_digest.clone().finalize().into());
        self.sums.flush().map_err(failed(&self.sums_path))?;
        let note = vouch(&digest);
        self.plain(SUMS_NOTE, note.as_bytes())?;
        let length = self.sums.get_ref().metadata().map_err(failed(&self.sums_path))?.len();
        match &mut self.to {
            To::Folder(folder) => {
                let list = folder.path().join(SUMS);
                fs::rename(&self.sums_path, list).map_err(failed(&self.sums_path))?;
                folder.sync().map_err(failed(&self.beside))?;
            }
            To::Archive(tar) => {
                let file = self.sums.get_mut();
                file.seek(SeekFrom::Start(0)).map_err(failed(&self.sums_path))?;
                let mut header = header(length, self.made);
                tar.append_data(&mut header, format!("{TOP}{SUMS}"), file).map_err(failed(&self.beside))?;
                tar.finish().and_then(|()| tar.get_mut().flush()).map_err(failed(&self.beside))?;
                tar.get_mut().get_ref().sync_all().map_err(failed(&self.beside))?;
                fs::remove_file(&self.sums_path).map_err(failed(&self.sums_path))?;
            }
        }
        if fs::symlink_metadata(&self.final_path).is_ok() {
            return Err(ExportError::Taken(crate::escaped::Escaped::os(&self.final_path).into_string()));
        }
        fs::rename(&self.beside, &self.final_path).map_err(failed(&self.final_path))?;
        self.done = true;
        let bytes = self.bytes.saturating_add(length).saturating_add(note.len() as u64);
        Ok(Written { files: self.files + 2, bytes })
    }
}

/// Writes one file that appears whole or not at all, 0600.
///
/// # Errors
/// `Taken`, `Write`, and those of `fill`.
pub fn whole_file(
    path: &Path,
    fill: &mut dyn FnMut(&mut dyn Write) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let taken = || ExportError::Taken(crate::escaped::Escaped::os(path).into_string());
    if fs::symlink_metadata(path).is_ok() {
        return Err(taken());
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", Nonce::random()));
    let beside = path.with_file_name(name);
    let mut file = BufWriter::new(new_file(&beside)?);
    let written = fill(&mut file)
        .and_then(|()| file.flush().map_err(failed(&beside)))
        .and_then(|()| file.get_ref().sync_all().map_err(failed(&beside)))
        .and_then(|()| if fs::symlink_metadata(path).is_ok() { Err(taken()) } else { Ok(()) })
        .and_then(|()| fs::rename(&beside, path).map_err(failed(path)));
    written.inspect_err(|_| discard(&beside))
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.done {
            let _ = fs::remove_file(&self.sums_path);
            discard(&self.beside);
        }
    }
}

fn discard(path: &Path) {
    let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
}

fn header(size: u64, made: Timestamp) -> Header {
    let mut header = Header::new_ustar();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o600);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(u64::try_from(made.millis() / 1000).unwrap_or(0));
    header.set_size(size);
    header
}

/// Counts and hashes what goes through it.
struct Hashing<W> {
    into: W,
    digest: Sha256,
    length: u64,
}

impl<W: Write> Hashing<W> {
    fn over(into: W) -> Self {
        Self { into, digest: Sha256::new(), length: 0 }
    }

    fn end(self) -> (Digest, u64) {
        (Digest::from_bytes(self.digest.finalize().into()), self.length)
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.into.write(bytes)?;
        self.digest.update(bytes.get(..count).unwrap_or_default());
        self.length += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.into.flush()
    }
}
