//! What is known of a shell's variables and folder at one point of its code.
//! Pure. What may have happened otherwise is unknown: nothing is guessed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use crate::facts::argv::Word;
use crate::facts::atoms::Set;

// A longer value, or more variables, is not kept track of.
const LONGEST_VALUE: usize = 4096;
const MOST: usize = 128;

/// What a shell knows at one point of its code, as far as it is certain.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    variables: BTreeMap<Vec<u8>, Value>,
    // Variables that cannot be set any more.
    fixed: BTreeSet<Vec<u8>>,
    // Anything may have been done to the variables.
    is_wild: bool,
    // IFS may not be the usual one.
    splits_otherwise: bool,
    // Nothing behind this point runs.
    is_dead: bool,
    /// The variables set for the commands from here on.
    pub sets: Vec<Set>,
    /// The folder.
    pub folder: Option<PathBuf>,
}

/// What is known of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Its value.
    Exact(Vec<u8>),
    /// It is one of the files of this pattern.
    File(Vec<u8>),
    /// It is a number.
    Number,
    /// Nothing, though this code has set it.
    Unknown,
}

// Set by the shell itself, whatever is assigned to them.
const SHELLS_OWN: [&str; 34] = [
    "_",
    "UID",
    "EUID",
    "PPID",
    "SHELLOPTS",
    "RANDOM",
    "SRANDOM",
    "SECONDS",
    "LINENO",
    "EPOCHSECONDS",
    "EPOCHREALTIME",
    "HISTCMD",
    "DIRSTACK",
    "GROUPS",
    "FUNCNAME",
    "PIPESTATUS",
    "MAPFILE",
    "REPLY",
    "OPTIND",
    "OPTARG",
    "OPTERR",
    "PWD",
    "OLDPWD",
    "SHLVL",
    "HOSTNAME",
    "HOSTTYPE",
    "MACHTYPE",
    "OSTYPE",
    "COLUMNS",
    "LINES",
    "status",
    "argv",
    "path",
    "pipestatus",
];

fn is_shells_own(name: &[u8]) -> bool {
    SHELLS_OWN.iter().any(|own| own.as_bytes() == name)
        || name.starts_with(b"BASH")
        || name.starts_with(b"COMP_")
}

impl State {
    /// That at the start of code that runs in `folder`, with these variables set.
    #[must_use]
    pub fn starting(folder: Option<PathBuf>, sets: Vec<Set>) -> Self {
        let mut state = Self { folder, ..Self::default() };
        for set in sets {
            let value = set.value.certain().map_or(Value::Unknown, |text| Value::Exact(text.to_vec()));
            // Of IFS shells take no value from outside.
            if set.name != b"IFS" {
                state.assign(&set.name, value);
            }
            state.sets.push(set);
        }
        state
    }

    /// What is known of a variable; none when this code has not set it.
    #[must_use]
    pub fn value(&self, name: &[u8]) -> Option<Value> {
        if self.is_wild || is_shells_own(name) && self.variables.contains_key(name) {
            return Some(Value::Unknown);
        }
        if name == b"IFS" {
            let usual = Value::Exact(b" \t\n".to_vec());
            return Some(if self.splits_otherwise { Value::Unknown } else { usual });
        }
        self.variables.get(name).cloned()
    }

    /// Whether words are split at blanks.
    #[must_use]
    pub const fn splits_at_blanks(&self) -> bool {
        !self.splits_otherwise && !self.is_wild
    }

    /// Sets a variable.
    pub fn assign(&mut self, name: &[u8], value: Value) {
        if name == b"IFS" {
            self.splits_otherwise = true;
        }
        let too_long = matches!(&value, Value::Exact(text) | Value::File(text) if text.len() > LONGEST_VALUE);
        let lost = too_long || self.fixed.contains(name) || is_shells_own(name);
        if self.variables.len() >= MOST {
            self.is_wild = true;
        } else {
            self.variables.insert(name.to_vec(), if lost { Value::Unknown } else { value });
        }
    }

    /// From here on the variable cannot be set.
    pub fn fix(&mut self, name: &[u8]) {
        self.fixed.insert(name.to_vec());
    }

    /// From here on a variable is set for commands; whether there was room to keep it in mind.
    #[must_use]
    pub fn export(&mut self, name: &[u8], value: Word<'static>) -> bool {
        let set = Set { name: name.to_vec(), value };
        if !self.sets.contains(&set) {
            self.sets.push(set);
        }
        self.sets.len() < MOST
    }

    /// Anything may have been done to the variables and the folder.
    pub fn lose(&mut self) {
        self.is_wild = true;
        self.folder = None;
    }

    /// Whether that has happened.
    #[must_use]
    pub const fn is_lost(&self) -> bool {
        self.is_wild
    }

    /// Nothing behind this point runs.
    pub const fn end(&mut self) {
        self.is_dead = !self.is_wild;
    }

    /// Goes to a folder by the path written there, links left as they are.
    pub fn enter(&mut self, path: &[u8]) {
        use std::os::unix::ffi::OsStrExt;
        let path = Path::new(std::ffi::OsStr::from_bytes(path));
        self.folder = match &self.folder {
            _ if path.is_absolute() => Some(plain(path)),
            Some(folder) => Some(plain(&folder.join(path))),
            None => None,
        };
        // As path names end there (PATH_MAX).
        self.folder = self.folder.take().filter(|folder| folder.as_os_str().len() < LONGEST_VALUE);
    }

    /// What is certain when either of two things happened.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if self.is_dead {
            return other;
        }
        if other.is_dead || self == other {
            return self;
        }
        let mut joined = self;
        for name in other.variables.keys() {
            if joined.variables.get(name) != other.variables.get(name) {
                joined.variables.insert(name.clone(), Value::Unknown);
            }
        }
        for (name, value) in &mut joined.variables {
            if other.variables.get(name) != Some(value) {
                *value = Value::Unknown;
            }
        }
        joined.fixed.extend(other.fixed);
        joined.is_wild |= other.is_wild;
        joined.splits_otherwise |= other.splits_otherwise;
        let new: Vec<Set> = other.sets.into_iter().filter(|set| !joined.sets.contains(set)).collect();
        joined.sets.extend(new);
        joined.folder = joined.folder.filter(|folder| Some(folder) == other.folder.as_ref());
        joined
    }
}

// Without `.` and `..`, as cd(1) does by default.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            _ => out.push(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Value {
        Value::Exact(text.as_bytes().to_vec())
    }

    #[test]
    fn what_differs_between_two_ways_is_unknown() {
        let mut one = State::starting(Some("/a".into()), Vec::new());
        one.assign(b"x", exact("1"));
        one.assign(b"y", exact("1"));
        let mut other = one.clone();
        other.assign(b"x", exact("2"));
        other.assign(b"z", exact("2"));
        other.enter(b"b");
        let joined = one.or(other);
        assert_eq!(joined.value(b"y"), Some(exact("1")));
        assert_eq!(joined.value(b"x"), Some(Value::Unknown));
        assert_eq!(joined.value(b"z"), Some(Value::Unknown));
        assert_eq!(joined.folder, None);
    }

    #[test]
    fn a_way_that_ends_does_not_count() {
        let mut one = State::starting(Some("/a".into()), Vec::new());
        let mut other = one.clone();
        other.end();
        one.enter(b"../c/./d");
        assert_eq!(one.clone().or(other).folder, Some("/c/d".into()));
    }

    #[test]
    fn a_variable_that_cannot_be_set_is_unknown_when_it_is_set_again() {
        let mut state = State::default();
        state.assign(b"x", exact("rm"));
        state.fix(b"x");
        state.assign(b"x", exact("ls"));
        assert_eq!(state.value(b"x"), Some(Value::Unknown));
    }
}
