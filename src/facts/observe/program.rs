//! Which file a command's first word is, what interprets it, and who could replace it.
//! Opens and hashes the program and its interpreters; runs nothing.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Component, Path, PathBuf};

use super::shebang::{Shebang, through_env};
use crate::escaped::Escaped;
use crate::facts;
use crate::files::{self, FileError, Groups, Hashed, Stamp};
use crate::record::Text;
use crate::request::{BoundFile, Program};

/// No program is longer; a limit keeps a sparse file from holding us for hours.
const LONGEST: u64 = 4 << 30;
/// As the kernel follows them (execve(2)).
const MOST_INTERPRETERS: usize = 4;
/// What the kernel looks at (BINPRM_BUF_SIZE since Linux 5.1).
const HEAD: usize = 256;

/// Why a program cannot be bound.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// Nothing of that name: exit code 127.
    #[error("{name} was not found")]
    NotFound {
        /// As it was asked for.
        name: Escaped,
    },
    /// It is there, and cannot be executed: exit code 126.
    #[error("{path} cannot be executed: {why}")]
    NotExecutable {
        /// Where.
        path: Escaped,
        /// A sentence's end.
        why: &'static str,
    },
    /// PATH leads to wherever one happens to be.
    #[error(
        "PATH has {element}, which depends on the working folder; leave it out, as in: --env PATH=/usr/bin:/bin"
    )]
    PathElement {
        /// The element.
        element: Escaped,
    },
    /// It could not be read to be bound: exit code 126.
    #[error("the program cannot be bound: {0}")]
    File(#[from] FileError),
}

/// Where a program is looked for: the folder the command runs in, and the PATH it gets.
#[derive(Debug, Clone, Copy)]
pub struct Lookup<'a> {
    /// The working folder.
    pub cwd: &'a Path,
    /// The bound value of PATH.
    pub path: Option<&'a OsStr>,
}

/// An account that may be able to replace files.
#[derive(Debug, Clone, Copy)]
pub struct Writer<'a> {
    /// Its uid.
    pub uid: u32,
    /// All its groups.
    pub gids: &'a dyn Groups,
}

/// A program that was found, opened and hashed.
#[derive(Debug)]
pub struct Found {
    /// For the record.
    pub program: Program,
    /// What interprets it, in the kernel's order.
    pub interpreters: Vec<BoundFile>,
    /// What of it is not bound.
    pub not_bound: Vec<Text>,
    /// The very file that was hashed.
    pub file: File,
    /// The paths the kernel will open, and their state when they were hashed.
    pub stamps: Vec<(PathBuf, Stamp)>,
}

impl Lookup<'_> {
    /// The path a name stands for, not yet without links.
    ///
    /// # Errors
    /// `NotFound`, `NotExecutable`, `PathElement`.
    pub fn resolve(&self, name: &OsStr) -> Result<PathBuf, ProgramError> {
        if name.as_bytes().contains(&b'/') {
            let path = self.cwd.join(name);
            return require_executable(&path).map(|()| path);
        }
        let missing = || ProgramError::NotFound { name: Escaped::os(name) };
        let mut refused = None;
        for folder in folders(self.path.unwrap_or_default())? {
            let path = folder.join(name);
            match require_executable(&path) {
                Ok(()) => return Ok(path),
                Err(error @ ProgramError::NotExecutable { .. }) => refused = refused.or(Some(error)),
                Err(_) => {}
            }
        }
        Err(refused.unwrap_or_else(missing))
    }
}

// All elements are looked at, also those behind the first hit: the command gets this PATH too.
fn folders(path: &OsStr) -> Result<Vec<&Path>, ProgramError> {
    let elements: Vec<&Path> = path
        .as_bytes()
        .split(|&byte| byte == b':')
        .map(|element| Path::new(OsStr::from_bytes(element)))
        .collect();
    match elements.iter().find(|element| !element.is_absolute()) {
        Some(_) if path.is_empty() => Ok(Vec::new()),
        Some(element) => Err(ProgramError::PathElement { element: Escaped::os(element) }),
        None => Ok(elements),
    }
}

fn require_executable(path: &Path) -> Result<(), ProgramError> {
    let refused = |why| ProgramError::NotExecutable { path: Escaped::os(path), why };
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            return Err(refused("a folder on the way cannot be entered"));
        }
        Err(_) => return Err(ProgramError::NotFound { name: Escaped::os(path) }),
    };
    if metadata.is_dir() {
        return Err(refused("it is a folder"));
    }
    if !metadata.is_file() {
        return Err(refused("it is not a regular file"));
    }
    use rustix::fs::{Access, AtFlags, CWD, accessat};
    accessat(CWD, path, Access::EXEC_OK, AtFlags::EACCESS)
        .map_err(|_| refused("this account may not execute it; see chmod +x"))
}

/// Finds, opens and hashes the program `name` stands for, and its interpreters.
///
/// # Errors
/// When it is not there, cannot be executed, or cannot be read.
pub fn find(name: &OsStr, lookup: Lookup<'_>, writer: Writer<'_>) -> Result<Found, ProgramError> {
    inspect(&lookup.resolve(name)?, lookup, writer)
}

/// As [`find`], for a path that is known already.
///
/// # Errors
/// As [`find`].
pub fn inspect(path: &Path, lookup: Lookup<'_>, writer: Writer<'_>) -> Result<Found, ProgramError> {
    require_executable(path)?;
    let (opened, format) = open(path)?;
    let mut not_bound = Vec::new();
    let chain = match format {
        Format::Script(ref line) => interpreters(line, lookup, &mut not_bound, open)?,
        Format::Unknown => {
            not_bound.push(
                "how the system runs the program: it has neither a binary's header nor a #! line".into(),
            );
            Vec::new()
        }
        Format::Binary => Vec::new(),
    };
    let theirs = theirs(path, writer) || chain.iter().any(|link| theirs(&link.named, writer));
    let link = link(path, &opened.path);
    let mut stamps = vec![(opened.path.clone(), opened.hashed.stamp)];
    stamps.extend(link.clone().map(|named| (named, opened.hashed.stamp)));
    stamps.extend(chain.iter().map(|link| (link.named.clone(), link.opened.hashed.stamp)));
    Ok(Found {
        program: Program {
            path: opened.path.as_path().into(),
            link: link.map(|named| named.as_path().into()),
            sha256: opened.hashed.digest,
            size: opened.hashed.size,
            script: !matches!(format, Format::Binary),
            theirs,
        },
        interpreters: chain.iter().map(|link| link.opened.bound()).collect(),
        not_bound,
        file: opened.file,
        stamps,
    })
}

/// A program that was found, and nothing of it bound: for a judgement that nothing is filed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// Absolute path without symbolic links.
    pub path: PathBuf,
    link: Option<PathBuf>,
    opened_by: Vec<PathBuf>,
    before: Vec<PathBuf>,
}

impl Located {
    /// For the policy, with whether the requester could replace it.
    #[must_use]
    pub fn found(&self, theirs: bool) -> facts::Found {
        facts::Found { path: Some(self.path.clone()), link: self.link.clone(), theirs }
    }

    /// The path it was found by, where that leads through symbolic links.
    #[must_use]
    pub fn link(&self) -> Option<&Path> {
        self.link.as_deref()
    }

    /// Whether the account could replace the program, an interpreter, or a folder above them.
    #[must_use]
    pub fn is_theirs(&self, writer: Writer<'_>) -> bool {
        self.opened_by.iter().any(|path| theirs(path, writer))
    }

    /// Whether the account could put a program of this name into a folder that is searched earlier.
    #[must_use]
    pub fn could_be_preceded(&self, writer: Writer<'_>) -> bool {
        let nearest =
            |folder: &PathBuf| folder.ancestors().find(|folder| folder.exists()).map(Path::to_path_buf);
        self.before.iter().filter_map(nearest).any(|folder| theirs(&folder, writer))
    }
}

/// As [`find`], without reading more of the files than their first lines.
///
/// # Errors
/// As [`find`].
pub fn locate(name: &OsStr, lookup: Lookup<'_>) -> Result<Located, ProgramError> {
    let named = lookup.resolve(name)?;
    let (path, _, format) = peek(&named)?;
    let link = link(&named, &path);
    let before = match name.as_bytes().contains(&b'/') {
        true => Vec::new(),
        false => folders(lookup.path.unwrap_or_default())?
            .into_iter()
            .take_while(|folder| Some(*folder) != named.parent())
            .map(Path::to_path_buf)
            .collect(),
    };
    let mut opened_by = vec![named];
    if let Format::Script(line) = &format {
        let chain = interpreters(line, lookup, &mut Vec::new(), |named| Ok(((), peek(named)?.2)))?;
        opened_by.extend(chain.into_iter().map(|link| link.named));
    }
    Ok(Located { path, link, opened_by, before })
}

// Without `.`, which no link hides behind.
fn link(named: &Path, path: &Path) -> Option<PathBuf> {
    Some(named.components().collect::<PathBuf>()).filter(|named| named != path)
}

/// Of these folders those whose programs the account could replace, each once; folders that are not there are
/// left out.
pub fn replaceable(folders: impl Iterator<Item = PathBuf>, writer: Writer<'_>) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in folders.filter(|folder| folder.is_absolute() && folder.is_dir()) {
        if theirs(&folder, writer) && !found.contains(&folder) {
            found.push(folder);
        }
    }
    found
}

// What cannot be looked at is taken to be theirs. Root can replace anything, so of root we ask instead
// whether it is the system's, and nobody else's to write.
fn theirs(path: &Path, writer: Writer<'_>) -> bool {
    if writer.uid == 0 {
        return !is_systems(path) || !matches!(files::writable_by(path, NOBODY, &[]), Ok(None));
    }
    !matches!(files::writable_by(path, writer.uid, writer.gids), Ok(None))
}

/// An account that owns nothing.
const NOBODY: u32 = 65_534;
/// Where a system keeps its own programs; `/usr/local` and `/opt` are the administrator's.
const SYSTEM: [&str; 6] = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/nix/store"];
const ADMINISTRATORS: &str = "/usr/local";

// By the name it has and by the file it is: a link elsewhere may lead into the system, and out of it.
fn is_systems(path: &Path) -> bool {
    let leaves = |path: &Path| path.components().any(|part| part == Component::ParentDir);
    let within = |path: &Path| {
        SYSTEM.iter().any(|folder| path.starts_with(folder))
            && !path.starts_with(ADMINISTRATORS)
            && !leaves(path)
    };
    within(path) && fs::canonicalize(path).is_ok_and(|real| within(&real))
}

enum Format {
    Binary,
    Script(Shebang),
    Unknown,
}

struct Opened {
    path: PathBuf,
    file: File,
    hashed: Hashed,
}

impl Opened {
    fn bound(&self) -> BoundFile {
        BoundFile { path: self.path.as_path().into(), sha256: self.hashed.digest, size: self.hashed.size }
    }
}

fn open(named: &Path) -> Result<(Opened, Format), ProgramError> {
    let (path, file, format) = peek(named)?;
    let hashed = files::hash_open(&file, &path, LONGEST)?;
    Ok((Opened { path, file, hashed }, format))
}

fn peek(named: &Path) -> Result<(PathBuf, File, Format), ProgramError> {
    let path = fs::canonicalize(named).map_err(|_| ProgramError::NotFound { name: Escaped::os(named) })?;
    let file = files::open_regular(&path)?;
    let format = format_of(&file, &path)?;
    Ok((path, file, format))
}

fn format_of(file: &File, path: &Path) -> Result<Format, ProgramError> {
    let mut head = [0; HEAD];
    let length = file.read_at(&mut head, 0).map_err(|error| FileError::io("read", path, error))?;
    let head = head.get(..length).unwrap_or_default();
    if is_binary(head) {
        return Ok(Format::Binary);
    }
    if !head.starts_with(b"#!") {
        return Ok(Format::Unknown);
    }
    let refused =
        || ProgramError::NotExecutable { path: Escaped::os(path), why: "its #! line names no program" };
    Shebang::parse(head).map(Format::Script).ok_or_else(refused)
}

// ELF (elf(5)) and Mach-O (mach-o/loader.h), thin in either byte order, or fat.
fn is_binary(head: &[u8]) -> bool {
    const MAGIC: [[u8; 4]; 6] = [
        *b"\x7fELF",
        [0xfe, 0xed, 0xfa, 0xce],
        [0xfe, 0xed, 0xfa, 0xcf],
        [0xce, 0xfa, 0xed, 0xfe],
        [0xcf, 0xfa, 0xed, 0xfe],
        [0xca, 0xfe, 0xba, 0xbe],
    ];
    MAGIC.iter().any(|magic| head.starts_with(magic))
}

struct Link<T> {
    named: PathBuf,
    opened: T,
}

fn interpreters<T>(
    line: &Shebang,
    lookup: Lookup<'_>,
    not_bound: &mut Vec<Text>,
    open: impl Fn(&Path) -> Result<(T, Format), ProgramError>,
) -> Result<Vec<Link<T>>, ProgramError> {
    let mut chain = Vec::new();
    let mut next = Some((lookup.cwd.join(&line.interpreter), line.argument.clone()));
    while let Some((named, argument)) = next.take() {
        require_executable(&named)?;
        if chain.len() == MOST_INTERPRETERS {
            let why = "its #! lines lead through more than four interpreters";
            return Err(ProgramError::NotExecutable { path: Escaped::os(&named), why });
        }
        let (opened, format) = open(&named)?;
        next = match &format {
            Format::Script(line) => Some((lookup.cwd.join(&line.interpreter), line.argument.clone())),
            _ if is_env(&named) => after_env(argument, lookup, not_bound)?,
            _ => None,
        };
        chain.push(Link { named, opened });
    }
    Ok(chain)
}

fn is_env(path: &Path) -> bool {
    path.file_name() == Some(OsStr::new("env"))
}

type Next = Option<(PathBuf, Option<OsString>)>;

// env(1) searches PATH itself; with options or assignments in its argument it is not guessed what it does.
fn after_env(
    argument: Option<OsString>,
    lookup: Lookup<'_>,
    not_bound: &mut Vec<Text>,
) -> Result<Next, ProgramError> {
    match through_env(argument.as_deref()) {
        Some(name) => Ok(Some((lookup.resolve(name)?, None))),
        None => {
            not_bound.push("the interpreter that env starts: the program's #! line gives env options".into());
            Ok(None)
        }
    }
}

#[cfg(test)]
mod tests;
