//! What a rule is held against: an atom, and the program it asks for.
//! Pure.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::facts::Observed;
use crate::facts::argv::{Command, Sure, Word, file_name};
use crate::facts::atoms::Atom;
use crate::facts::effects::{self, Effect, Effects, Ground, Host, Place, Zone};
use crate::facts::glob::{Glob, Pairs, absolute};
use crate::facts::statement::Kinds;

/// A program as a rule names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Program {
    /// By base name, wherever it is.
    Name(String),
    /// By absolute path.
    Path(PathBuf),
}

impl Program {
    /// The base name.
    #[must_use]
    pub fn name(&self) -> &[u8] {
        match self {
            Self::Name(name) => name.as_bytes(),
            Self::Path(path) => file_name(path),
        }
    }

    pub(super) fn may_be(&self, subject: &Subject<'_>) -> bool {
        match self {
            Self::Name(name) => {
                let name = name.as_bytes();
                subject.name == name || subject.resolved_name == Some(name)
            }
            Self::Path(path) => {
                subject.command.program() == path.as_os_str().as_bytes() || subject.resolved == Some(path)
            }
        }
    }

    // As asked for; that the resolved file bears the name too is `Rule::trusts`.
    pub(super) fn is_asked(&self, subject: &Subject<'_>) -> bool {
        match self {
            Self::Name(name) => subject.name == name.as_bytes(),
            Self::Path(path) => subject
                .resolved
                .map_or(subject.command.program() == path.as_os_str().as_bytes(), |found| found == path),
        }
    }
}

// The words of an atom that only sets variables.
static NOTHING: [Word<'static>; 1] = [Word { text: Cow::Borrowed(b""), sure: Sure::Exact }];

/// What a rule looks at: an atom, where its program was found, and what else was seen.
#[derive(Debug, Clone)]
pub struct Subject<'a> {
    /// The atom.
    pub atom: &'a Atom<'a>,
    /// Its words.
    pub command: Command<'a>,
    /// The program's base name.
    pub name: &'a [u8],
    /// The file the program resolves to.
    pub resolved: Option<&'a Path>,
    /// That file's base name.
    pub resolved_name: Option<&'a [u8]>,
    /// What was seen around the action.
    pub seen: &'a Observed,
    /// The branches that are protected; the usual ones where no policy says which.
    pub protected: Option<&'a [Glob]>,
    // Found out when the first rule asks.
    effects: OnceCell<Option<Effects<'a>>>,
    lines: OnceCell<[String; 2]>,
    arguments: OnceCell<Vec<Argument<'a>>>,
    hosts: OnceCell<Vec<Host>>,
    pub(super) statements: OnceCell<Kinds>,
}

/// A word, or a value within a word, that may be an argument.
#[derive(Debug, Clone)]
pub struct Argument<'a> {
    /// As it stands.
    pub text: &'a [u8],
    /// What is certain about it.
    pub sure: Sure,
    /// The path it would name. Where the folder is not known the action's own stands for it, so that being
    /// elsewhere hides nothing.
    pub path: Vec<u8>,
    /// For patterns, of the text.
    pub text_pairs: Pairs,
    /// For patterns, of the path.
    pub path_pairs: Pairs,
}

impl<'a> Argument<'a> {
    fn of(text: &'a [u8], sure: Sure, path: Vec<u8>) -> Self {
        let (text_pairs, path_pairs) = (Pairs::of(text), Pairs::of(&path));
        Self { text, sure, path, text_pairs, path_pairs }
    }
}

impl<'a> Subject<'a> {
    /// The atom, whose program was found at `resolved`; none when it has no words and sets nothing.
    #[must_use]
    pub fn of(atom: &'a Atom<'a>, resolved: Option<&'a Path>, seen: &'a Observed) -> Option<Self> {
        let command = match atom.as_command() {
            Some(command) => command,
            None if atom.sets.is_empty() => return None,
            None => Command::of(&NOTHING)?,
        };
        let (effects, lines) = (OnceCell::new(), OnceCell::new());
        let (arguments, hosts, statements) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        let (name, resolved_name) = (command.name(), resolved.map(file_name));
        Some(Self {
            atom,
            command,
            name,
            resolved,
            resolved_name,
            seen,
            protected: None,
            effects,
            lines,
            arguments,
            hosts,
            statements,
        })
    }

    /// The same, where these branches are protected.
    #[must_use]
    pub fn with_protected(self, protected: &'a [Glob]) -> Self {
        Self { protected: Some(protected), ..self }
    }

    /// Its words in one line, a space between them: the program as written, and by its base name.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        let lines = || {
            let rest = self.command.words().iter().map(|word| String::from_utf8_lossy(&word.text));
            let rest = rest.fold(String::new(), |line, word| line + " " + &word);
            let line = |program: &[u8]| String::from_utf8_lossy(program).into_owned() + &rest;
            [line(self.command.program()), line(self.name)]
        };
        self.lines.get_or_init(lines).iter().map(String::as_str)
    }

    /// All that may be its arguments; one that links lead elsewhere stands with each path it names.
    #[must_use]
    pub fn arguments(&self) -> &[Argument<'a>] {
        let folder = self.atom.folder.as_deref().unwrap_or(&self.seen.cwd);
        let argument = |(text, sure)| {
            let plain = Argument::of(text, sure, absolute(folder, text));
            let ways = match self.seen.links.is_empty() {
                true => Vec::new(),
                false => self.seen.links.ways(folder, text, sure, !self.takes_away(text)).unwrap_or_default(),
            };
            let others = ways.into_iter().map(move |(path, sure)| Argument::of(text, sure, path));
            std::iter::once(plain).chain(others)
        };
        self.arguments.get_or_init(|| self.command.may_be_arguments().flat_map(argument).collect())
    }

    // The link itself then, and not what it leads to.
    fn takes_away(&self, text: &[u8]) -> bool {
        let deletes = |(effect, place): &(Effect, effects::Place<'_>)| {
            *effect == Effect::Deletes && *place.text == *text
        };
        self.effects().is_some_and(|effects| effects.paths.iter().any(deletes))
    }

    /// Every machine that some word of it may name.
    #[must_use]
    pub fn hosts(&self) -> &[Host] {
        self.hosts.get_or_init(|| effects::hosts_seen(self.atom).collect())
    }

    /// Whether it certainly does no more than read files of the project, or temporary ones.
    #[must_use]
    pub fn only_reads_the_project(&self) -> bool {
        let near = |place: &Place<'_>| matches!(place.zone, Some(Zone::Repository | Zone::Temporary));
        self.effects().is_some_and(|effects| {
            effects.complete
                && effects.paths.iter().all(|(effect, place)| *effect == Effect::Reads && near(place))
        })
    }

    /// What it does to paths and hosts; none when that is not known.
    #[must_use]
    pub fn effects(&self) -> Option<&Effects<'a>> {
        let find = || effects::of(self.atom, self.resolved_name, &Ground::of(self.seen));
        self.effects.get_or_init(find).as_ref()
    }
}
