//! Files whose bytes are kept: those the command is to read, and those the reviewers are to read.
//! Reads the files it is given, whole.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::escaped::Escaped;
use crate::files::{FileError, read_limited};
use crate::ids::{Digest, Label};
use crate::request::{Attachment, Bind};

/// The longest thing that is kept, in bytes.
pub const LONGEST: u64 = 64 << 20;

/// Bytes to store, by their digest.
pub type Blobs = Vec<(Digest, Vec<u8>)>;

/// Why a file cannot be kept.
#[derive(Debug, thiserror::Error)]
#[error("--{option} {name}: {source}")]
pub struct KeptError {
    option: &'static str,
    name: Escaped,
    source: FileError,
}

/// Keeps the bytes of `--bind`.
///
/// # Errors
/// When one cannot be read, or is larger than [`LONGEST`].
pub fn binds(
    wanted: &BTreeMap<Label, PathBuf>,
    cwd: &Path,
    blobs: &mut Blobs,
) -> Result<Vec<Bind>, KeptError> {
    let keep = |(name, path): (&Label, &PathBuf)| {
        let path = cwd.join(path);
        let (sha256, size) = keep("bind", &path, blobs)?;
        Ok(Bind { name: name.clone(), path: path.as_path().into(), sha256, size })
    };
    wanted.iter().map(keep).collect()
}

/// Keeps the bytes of `--attach`.
///
/// # Errors
/// As [`binds`].
pub fn attachments(wanted: &[PathBuf], cwd: &Path, blobs: &mut Blobs) -> Result<Vec<Attachment>, KeptError> {
    let keep = |path: &PathBuf| {
        let (sha256, size) = keep("attach", &cwd.join(path), blobs)?;
        let name = path.file_name().unwrap_or(path.as_os_str()).into();
        Ok(Attachment { name, sha256, size })
    };
    wanted.iter().map(keep).collect()
}

fn keep(option: &'static str, path: &Path, blobs: &mut Blobs) -> Result<(Digest, u64), KeptError> {
    let bytes = read_limited(path, LONGEST).map_err(|source| KeptError {
        option,
        name: Escaped::os(path),
        source,
    })?;
    let (digest, size) = (Digest::of(&bytes), bytes.len() as u64);
    add(blobs, digest, bytes);
    Ok((digest, size))
}

/// Adds bytes that are not there yet.
pub(super) fn add(blobs: &mut Blobs, digest: Digest, bytes: Vec<u8>) {
    if blobs.iter().all(|(known, _)| *known != digest) {
        blobs.push((digest, bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_kept_once_and_named_by_their_digest() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("plan.txt"), "plan").unwrap();
        let mut blobs = Blobs::new();
        let wanted = BTreeMap::from([("p".parse().unwrap(), PathBuf::from("plan.txt"))]);
        let kept = binds(&wanted, folder.path(), &mut blobs).unwrap();
        let attached = attachments(&["plan.txt".into()], folder.path(), &mut blobs).unwrap();
        assert_eq!(blobs, [(Digest::of(b"plan"), b"plan".to_vec())]);
        assert_eq!(kept[0].sha256, attached[0].sha256);
        assert_eq!(attached[0].name.plain(), Some("plan.txt"));
    }

    #[test]
    fn a_file_that_cannot_be_kept_names_its_option() {
        let error = attachments(&["nothing".into()], Path::new("/"), &mut Blobs::new()).unwrap_err();
        assert!(error.to_string().starts_with("--attach '/nothing': cannot read"), "{error}");
        assert!(attachments(&["/dev/zero".into()], Path::new("/"), &mut Blobs::new()).is_err());
    }
}
