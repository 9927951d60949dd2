//! A bundle's files, in a folder or inside a tar that is read in place and never unpacked.
//! Opens regular files below the path it is given.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use tar::{Archive, EntryType};

use super::{BundleError, TOP};
use crate::escaped::Escaped;
use crate::files::{self, FileError};

/// No blob of a queue is larger.
const LARGEST: u64 = 1 << 30;

/// Where a bundle's files lie.
#[derive(Debug)]
pub enum Files {
    /// Unpacked.
    Folder(PathBuf),
    /// In a tar: where each begins, and how long it is.
    Archive {
        /// The tar.
        file: File,
        /// By name.
        index: BTreeMap<String, (u64, u64)>,
        /// What is in it that has no place there.
        strange: Vec<String>,
    },
}

/// A part of a file, from its beginning; may be had many times over.
#[derive(Debug)]
pub struct Part {
    file: File,
    at: u64,
    end: u64,
}

impl Part {
    /// How many bytes are left.
    #[must_use]
    pub const fn left(&self) -> u64 {
        self.end.saturating_sub(self.at)
    }
}

impl Read for Part {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left()).unwrap_or(usize::MAX).min(buffer.len());
        let into = buffer.get_mut(..most).unwrap_or_default();
        let count = self.file.read_at(into, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Files {
    /// Finds the files of a bundle.
    ///
    /// # Errors
    /// When there is neither a folder nor a tar.
    pub fn open(path: &Path) -> Result<Self, BundleError> {
        let there = fs::metadata(path).map_err(|error| FileError::io("read", path, error))?;
        if there.is_dir() {
            return Ok(Self::Folder(path.to_owned()));
        }
        let file = files::open_regular(path)?;
        let (index, strange) = index(&file).map_err(|_| BundleError::NotAnArchive(shown(path)))?;
        Ok(Self::Archive { file, index, strange })
    }

    /// One of its files; nothing where there is none.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn part(&self, name: &str) -> Result<Option<Part>, BundleError> {
        match self {
            Self::Folder(root) => {
                let path = root.join(name);
                match fs::symlink_metadata(&path) {
                    Ok(there) if !there.is_file() => return Ok(None),
                    Err(_) => return Ok(None),
                    Ok(_) => {}
                }
                let file = files::open_regular(&path)?;
                let end = file.metadata().map_err(|error| BundleError::io(name, error))?.len();
                Ok(Some(Part { file, at: 0, end }))
            }
            Self::Archive { file, index, .. } => {
                let Some((at, length)) = index.get(name) else { return Ok(None) };
                let file = file.try_clone().map_err(|error| BundleError::io(name, error))?;
                Ok(Some(Part { file, at: *at, end: at.saturating_add(*length) }))
            }
        }
    }

    /// All bytes of one of its files.
    ///
    /// # Errors
    /// As [`Files::part`].
    pub fn bytes(&self, name: &str) -> Result<Option<Vec<u8>>, BundleError> {
        let Some(mut part) = self.part(name)? else { return Ok(None) };
        if part.left() > LARGEST {
            return Err(BundleError::io(name, io::Error::other("it is larger than any blob can be")));
        }
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).map_err(|error| BundleError::io(name, error))?;
        Ok(Some(bytes))
    }

    /// Calls `each` with every file's name; those that are not plain files, or lie too deep, are told apart.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn each(&self, each: &mut dyn FnMut(&str, bool)) -> Result<(), BundleError> {
        match self {
            Self::Archive { index, strange, .. } => {
                index.keys().for_each(|name| each(name, true));
                strange.iter().for_each(|name| each(name, false));
                Ok(())
            }
            Self::Folder(root) => walk(root, "", each),
        }
    }
}

fn walk(folder: &Path, prefix: &str, each: &mut dyn FnMut(&str, bool)) -> Result<(), BundleError> {
    let entries = fs::read_dir(folder).map_err(|error| FileError::io("read", folder, error))?;
    for entry in entries {
        let entry = entry.map_err(|error| FileError::io("read", folder, error))?;
        let kind = entry.file_type().map_err(|error| FileError::io("examine", &entry.path(), error))?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if kind.is_dir() && prefix.is_empty() {
            walk(&entry.path(), &format!("{name}/"), each)?;
        } else {
            each(&name, kind.is_file());
        }
    }
    Ok(())
}

type Index = (BTreeMap<String, (u64, u64)>, Vec<String>);

fn index(file: &File) -> io::Result<Index> {
    let (mut index, mut strange) = (BTreeMap::new(), Vec::new());
    let mut archive = Archive::new(file.try_clone()?);
    for entry in archive.entries_with_seek()? {
        let entry = entry?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let kind = entry.header().entry_type();
        let within = path.strip_prefix(TOP);
        match within {
            // The folders themselves, as another tar(1) writes them.
            Some(name) if kind == EntryType::Directory && (name.is_empty() || name.ends_with('/')) => {}
            Some(name) if kind == EntryType::Regular && !index.contains_key(name) => {
                index.insert(name.to_owned(), (entry.raw_file_position(), entry.size()));
            }
            _ => strange.push(path),
        }
    }
    Ok((index, strange))
}

fn shown(path: &Path) -> String {
    Escaped::os(path).into_string()
}
