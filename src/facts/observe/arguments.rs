//! Arguments that name files: bound by digest without being asked, since what they hold decides what happens.
//! Looks at every path an argument may mean, and reads the regular files among them.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, FileType};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

use crate::files::{self, FileError, Stamp};
use crate::record::Text;
use crate::request::ArgumentFile;

/// The longest file that is bound by being named.
pub const LONGEST: u64 = 64 << 20;

/// What the arguments name.
#[derive(Debug, Default)]
pub struct Named {
    /// Regular files, by argument.
    pub files: Vec<ArgumentFile>,
    /// What they name and is not bound.
    pub not_bound: Vec<Text>,
    /// The state of the files when they were hashed.
    pub stamps: Vec<(PathBuf, Stamp)>,
}

/// Binds every regular file that an argument after the program names: as a whole, after any `=`, after a
/// leading `@`, after `file://`, or right behind a one-letter option.
#[must_use]
pub fn bind(argv: &[OsString], cwd: &Path) -> Named {
    let mut named = Named::default();
    for (index, argument) in argv.iter().enumerate().skip(1) {
        for candidate in candidates(argument.as_bytes()) {
            look(&mut named, index, cwd.join(OsStr::from_bytes(candidate)));
        }
    }
    named
}

fn candidates(argument: &[u8]) -> BTreeSet<&[u8]> {
    let mut parts = BTreeSet::from([argument]);
    parts.extend(
        argument
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == b'=')
            .filter_map(|(at, _)| argument.get(at + 1..)),
    );
    if let [b'-', letter, rest @ ..] = argument
        && letter.is_ascii_alphanumeric()
    {
        parts.insert(rest);
    }
    let inner: Vec<&[u8]> = parts.iter().filter_map(|part| strip_marks(part)).collect();
    parts.extend(inner);
    parts.retain(|part| !part.is_empty());
    parts
}

// curl, gh and kubectl take `@file`; aws takes `file://path`.
fn strip_marks(part: &[u8]) -> Option<&[u8]> {
    [&b"@"[..], b"file://", b"fileb://"].iter().find_map(|mark| part.strip_prefix(*mark))
}

fn look(named: &mut Named, index: usize, path: PathBuf) {
    match fs::metadata(&path) {
        Ok(metadata) if metadata.is_file() => read(named, index, path),
        Ok(metadata) => named.not_bound.extend(other_than_file(index, metadata.file_type(), &path)),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            named.not_bound.push(format!("what argument {index} names: it cannot be looked at").into());
        }
        Err(_) => {}
    }
}

fn read(named: &mut Named, index: usize, path: PathBuf) {
    match files::hash_file(&path, LONGEST) {
        Ok(hashed) => {
            named.stamps.push((path.clone(), hashed.stamp));
            named.files.push(ArgumentFile {
                index: u32::try_from(index).unwrap_or(u32::MAX),
                path: path.into_os_string().into(),
                sha256: hashed.digest,
                size: hashed.size,
            });
        }
        Err(error) => {
            named.not_bound.push(format!("the file that argument {index} names: {}", why(&error)).into())
        }
    }
}

const fn why(error: &FileError) -> &'static str {
    match error {
        FileError::TooLarge { .. } => "it is larger than 64 MiB",
        FileError::Changed { .. } => "it is being written",
        FileError::InUse { .. } => "it is the queue itself",
        _ => "it cannot be read",
    }
}

// The sentence names the argument by its number, so that no text of the requester's stands in it.
fn other_than_file(index: usize, kind: FileType, path: &Path) -> Option<Text> {
    if path == Path::new("/dev/null") {
        return None;
    }
    let what = if kind.is_dir() {
        "what is in the folder"
    } else if kind.is_fifo() {
        "what comes through the pipe"
    } else if kind.is_socket() {
        "what answers on the socket"
    } else {
        "what is on the device"
    };
    Some(format!("{what} that argument {index} names").into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Digest;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("plan"), "a plan").unwrap();
        fs::create_dir(folder.path().join("sub")).unwrap();
        folder
    }

    fn bound(cwd: &Path, arguments: &[&str]) -> Named {
        let argv: Vec<OsString> = ["prog"].iter().chain(arguments).map(OsString::from).collect();
        bind(&argv, cwd)
    }

    #[test]
    fn a_file_is_found_in_every_place_an_argument_can_name_it() {
        let folder = folder();
        let whole = folder.path().join("plan");
        let whole = whole.to_str().unwrap();
        for argument in [
            "plan",
            "./plan",
            "@plan",
            "--file=plan",
            "-d=@plan",
            "-var=file=plan",
            "-fplan",
            "sub/../plan",
            whole,
        ] {
            let named = bound(folder.path(), &[argument]);
            assert_eq!(named.files.len(), 1, "{argument}");
            assert_eq!(named.files[0].sha256, Digest::of(b"a plan"));
            assert_eq!(named.files[0].index, 1);
        }
        let url = format!("file://{whole}");
        assert_eq!(bound(folder.path(), &["x", &url]).files[0].index, 2);
    }

    #[test]
    fn the_program_and_words_that_name_nothing_are_left_alone() {
        let folder = folder();
        fs::write(folder.path().join("prog"), "x").unwrap();
        let named =
            bound(folder.path(), &["nothing", "", "=", "@", "a\u{1b}[2J", &"x".repeat(10_000), "plan/x"]);
        assert!(named.files.is_empty() && named.not_bound.is_empty(), "{named:?}");
    }

    #[test]
    fn what_is_not_bound_is_said_by_number() {
        let folder = folder();
        let big = fs::File::create(folder.path().join("big")).unwrap();
        big.set_len(LONGEST + 1).unwrap();
        let said: Vec<String> = bound(folder.path(), &["sub", "big", "/dev/null", "/dev/zero"])
            .not_bound
            .iter()
            .map(|text| text.plain().unwrap().to_owned())
            .collect();
        assert_eq!(
            said,
            [
                "what is in the folder that argument 1 names",
                "the file that argument 2 names: it is larger than 64 MiB",
                "what is on the device that argument 4 names",
            ]
        );
    }

    #[test]
    fn a_name_that_is_not_utf_8_is_bound_too() {
        let folder = folder();
        let name = OsStr::from_bytes(b"\xff\n");
        fs::write(folder.path().join(name), "x").unwrap();
        let named = bind(&["prog".into(), name.to_owned()], folder.path());
        assert_eq!(named.files[0].path.as_os_str(), folder.path().join(name));
    }
}
