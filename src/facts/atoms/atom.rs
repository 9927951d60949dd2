//! One atom, and the surroundings it was found in.
//! Pure.

use std::path::{Path, PathBuf};

use crate::facts::argv::{Command, Word};

/// A simple command, or a redirection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Atom<'a> {
    /// Its words, program first. A redirection's program is its operator (`>`, `>>`, `<`).
    pub words: Vec<Word<'a>>,
    /// Whether it is a command, not a redirection.
    pub is_command: bool,
    /// Variables set for it, by a prefix, by `env`, or earlier in the same line.
    pub sets: Vec<Set>,
    /// The names of the commands it lies within, outermost first: `sudo`, `bash`.
    pub via: Vec<String>,
    /// A shell runs it: the shell's own commands need no file.
    pub in_shell: bool,
    /// It may run as another account (`sudo`).
    pub privileged: bool,
    /// It runs on another machine, in a container or under another root: paths mean other files there.
    pub elsewhere: bool,
    /// The folder it runs in; none when that is only known at run time.
    pub folder: Option<PathBuf>,
    /// Base names of the programs that get its output: those behind it in the pipeline, or the shell
    /// that runs what it prints.
    pub feeds: Vec<Vec<u8>>,
    /// See [`Around::input`].
    pub input: Option<Word<'static>>,
    /// The atom before it holds its words too, so that a rule that lets that through lets this through:
    /// `poetry run mypy`. Rules that stop are held against both.
    pub spoken_for: bool,
    /// It runs another command, which its words name and which is an atom of its own: `timeout 5` of `timeout 5 ls`.
    pub wraps: bool,
    /// Another branch than the one that was seen may be checked out by then.
    pub branch_moved: bool,
}

/// A variable set for a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// Its name.
    pub name: Vec<u8>,
    /// Its value.
    pub value: Word<'static>,
}

/// A part that is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opaque {
    /// Which, in words for the card.
    pub what: String,
    /// The words in it that may be programs: rules that stop are tried against them.
    pub words: Vec<Vec<u8>>,
    /// Whether there are more words than are kept.
    pub is_cut: bool,
}

/// Where a command stands while it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Around {
    /// See [`Atom::folder`].
    pub folder: Option<PathBuf>,
    /// What `~` and `$HOME` are, if known.
    pub home: Option<PathBuf>,
    /// See [`Atom::via`].
    pub via: Vec<String>,
    /// See [`Atom::in_shell`].
    pub in_shell: bool,
    /// See [`Atom::privileged`].
    pub privileged: bool,
    /// See [`Atom::elsewhere`].
    pub elsewhere: bool,
    /// See [`Atom::sets`].
    pub sets: Vec<Set>,
    /// See [`Atom::feeds`].
    pub feeds: Vec<Vec<u8>>,
    /// What it reads from standard input, when that stands in the code: a here-document, a here-string, or
    /// what `echo` hands on. A shell or interpreter without a script runs it.
    pub input: Option<Word<'static>>,
    /// The files whose names it reads from standard input: a pattern for each folder they lie in.
    pub found: Vec<Word<'static>>,
    /// See [`Atom::spoken_for`].
    pub spoken_for: bool,
}

/// What a wrapper changes for the command within it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Change {
    /// It sets these variables.
    pub sets: Vec<Set>,
    /// It may run it as another account.
    pub privileged: bool,
    /// It runs it elsewhere.
    pub elsewhere: bool,
    /// It runs it in another folder: a known one, or one only known at run time.
    pub folder: Option<Option<PathBuf>>,
    /// It is a shell.
    pub in_shell: bool,
    /// The command's output is read by these (the wrapper runs what is printed).
    pub feeds: Vec<Vec<u8>>,
    /// See [`Atom::spoken_for`].
    pub spoken_for: bool,
    /// The wrapper reads the input itself, and hands on none of it.
    pub reads_input: bool,
}

impl Around {
    /// Where the action itself stands.
    #[must_use]
    pub fn outermost(folder: &Path, home: Option<&Path>) -> Self {
        Self {
            folder: Some(folder.to_path_buf()),
            home: home.map(Path::to_path_buf),
            via: Vec::new(),
            in_shell: false,
            privileged: false,
            elsewhere: false,
            sets: Vec::new(),
            feeds: Vec::new(),
            input: None,
            found: Vec::new(),
            spoken_for: false,
        }
    }

    /// Where a command within `name` stands.
    #[must_use]
    pub fn inside(&self, name: &str, change: Change) -> Self {
        let mut inside = self.clone();
        inside.via.push(name.to_owned());
        inside.in_shell = change.in_shell;
        inside.spoken_for = change.spoken_for;
        inside.privileged |= change.privileged;
        inside.elsewhere |= change.elsewhere;
        inside.sets.extend(change.sets);
        inside.feeds.extend(change.feeds);
        if let Some(folder) = change.folder {
            inside.folder = folder;
        }
        if change.reads_input {
            inside.input = None;
            inside.found = Vec::new();
        }
        if inside.elsewhere {
            inside.folder = None;
            inside.home = None;
        }
        inside
    }
}

impl<'a> Atom<'a> {
    /// A command that stands there.
    #[must_use]
    pub fn command(words: Vec<Word<'a>>, around: &Around) -> Self {
        Self {
            words,
            is_command: true,
            sets: around.sets.clone(),
            via: around.via.clone(),
            in_shell: around.in_shell,
            privileged: around.privileged,
            elsewhere: around.elsewhere,
            folder: around.folder.clone(),
            feeds: around.feeds.clone(),
            input: around.input.clone(),
            spoken_for: around.spoken_for,
            wraps: false,
            branch_moved: false,
        }
    }

    /// A redirection that stands there.
    #[must_use]
    pub fn redirection(operator: &'a str, target: Word<'a>, around: &Around) -> Self {
        Self { is_command: false, ..Self::command(vec![operator.into(), target], around) }
    }

    /// Whether it stands within nothing: the action's own program, when it is the first.
    #[must_use]
    pub const fn is_outermost(&self) -> bool {
        self.via.is_empty() && !self.in_shell
    }

    /// Its words, to ask about; none for an atom of assignments alone.
    #[must_use]
    pub fn as_command(&self) -> Option<Command<'_>> {
        Command::of(&self.words)
    }
}
