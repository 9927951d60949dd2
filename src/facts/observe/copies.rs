//! Private copies of bound bytes, which the command reads instead of files that may have changed since.
//! Writes below the folder it is given, and removes it all again.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::ids::{Digest, Label, Nonce};
use crate::request::Bind;
use crate::request::placeholder::{Piece, pieces};

/// Why the copies were not made.
#[derive(Debug, thiserror::Error)]
pub enum CopiesError {
    /// The stored bytes are not those that were approved.
    #[error("the kept bytes of {{bind:{0}}} are not those that were approved; make a new request")]
    Digest(Label),
    /// Not written.
    #[error("cannot write the private copy of {{bind:{name}}}: {source}")]
    Io {
        /// Which bind.
        name: Label,
        /// The system's answer.
        source: io::Error,
    },
}

/// Copies on disk, 0400 in folders 0700, gone when this is dropped.
#[derive(Debug)]
#[must_use = "the copies are removed as soon as this is dropped"]
pub struct Copies {
    folder: PathBuf,
    paths: BTreeMap<Label, PathBuf>,
}

impl Copies {
    /// Writes the bytes of every bind into a new folder below `place`, which must be private to this account.
    /// A copy keeps its file's own name, for programs go by its ending.
    ///
    /// # Errors
    /// When bytes are not those of the bind's digest, or cannot be written.
    pub fn write(binds: &[(Bind, Vec<u8>)], place: &Path) -> Result<Self, CopiesError> {
        let folder = place.join(Nonce::random().to_string());
        let mut copies = Self { folder, paths: BTreeMap::new() };
        for (bind, bytes) in binds {
            if Digest::of(bytes) != bind.sha256 {
                return Err(CopiesError::Digest(bind.name.clone()));
            }
            copies.add(bind, bytes).map_err(|source| CopiesError::Io { name: bind.name.clone(), source })?;
        }
        Ok(copies)
    }

    fn add(&mut self, bind: &Bind, bytes: &[u8]) -> io::Result<()> {
        let folder = self.folder.join(bind.name.as_str());
        DirBuilder::new().mode(0o700).recursive(true).create(&folder)?;
        let name = Path::new(bind.path.as_os_str()).file_name().unwrap_or(OsStr::new("bytes"));
        let path = folder.join(name);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o400).open(&path)?;
        file.write_all(bytes)?;
        self.paths.insert(bind.name.clone(), path);
        Ok(())
    }

    /// The arguments with the copies' paths in place of `{bind:NAME}`, also inside an argument.
    #[must_use]
    pub fn argv(&self, argv: &[OsString]) -> Vec<OsString> {
        argv.iter().map(|argument| self.argument(argument)).collect()
    }

    fn argument(&self, argument: &OsStr) -> OsString {
        let mut bytes = Vec::new();
        for piece in pieces(argument) {
            match piece {
                Piece::Literal(literal) => bytes.extend_from_slice(literal),
                Piece::Bind(name) => {
                    bytes.extend(
                        self.paths
                            .get(&name)
                            .map(|path| path.clone().into_os_string().into_vec())
                            .unwrap_or_default(),
                    );
                }
            }
        }
        OsString::from_vec(bytes)
    }
}

impl Drop for Copies {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
        // The ticket's own folder goes with the last of its copies.
        let _ = self.folder.parent().map(fs::remove_dir);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    fn bind(name: &str, path: &str, bytes: &[u8]) -> (Bind, Vec<u8>) {
        let bind = Bind {
            name: name.parse().unwrap(),
            path: path.into(),
            sha256: Digest::of(bytes),
            size: bytes.len() as u64,
        };
        (bind, bytes.to_vec())
    }

    #[test]
    fn the_command_reads_private_copies_that_keep_their_names() {
        let place = tempfile::tempdir().unwrap();
        let binds = [bind("v", "/srv/prod.tfvars", b"size = 3"), bind("w", "/srv/prod.tfvars", b"other")];
        let copies = Copies::write(&binds, place.path()).unwrap();
        let argv = copies.argv(&["tf".into(), "-var-file={bind:v},{bind:w}".into(), "{bind:".into()]);
        let (v, w) = argv[1].to_str().unwrap().strip_prefix("-var-file=").unwrap().split_once(',').unwrap();
        assert!(v.ends_with("/v/prod.tfvars"), "{v}");
        assert_eq!(fs::read(v).unwrap(), b"size = 3");
        assert_eq!(fs::read(w).unwrap(), b"other");
        assert_eq!(argv[2], "{bind:");
        assert_eq!(fs::metadata(v).unwrap().mode() & 0o7777, 0o400);
        assert_eq!(fs::metadata(Path::new(v).parent().unwrap()).unwrap().mode() & 0o7777, 0o700);
        drop(copies);
        assert!(!place.path().exists(), "nor the folder they were in");
    }

    #[test]
    fn other_bytes_than_the_approved_ones_are_never_handed_over() {
        let place = tempfile::tempdir().unwrap();
        let (bind, _) = bind("plan", "/tf.plan", b"approved");
        let error = Copies::write(&[(bind, b"other".to_vec())], place.path()).unwrap_err();
        assert!(matches!(error, CopiesError::Digest(_)), "{error}");
        assert!(!place.path().exists(), "nor the folder they were in");
    }
}
