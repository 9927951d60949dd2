//! A checked rule, and whether it speaks of a command.
//! Pure. Rules that stop are read wide, rules that let through certain (see `facts::argv`).

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::glob::{Glob, absolute};
use super::verdict::{Risk, Terms};
use crate::facts::argv::{Command, Flag, Part, Sure, Word, file_name};
use crate::facts::atoms::Atom;
use crate::facts::{Facts, Observed};
use crate::ids::{Label, RuleId};

/// One rule of a policy.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its full name: `core.rm-recursive`.
    pub id: RuleId,
    /// Where it stands.
    pub place: Place,
    /// What it says of a command it fits.
    pub answer: Answer,
    /// Why, for the card.
    pub why: Option<String>,
    /// The words it fits.
    pub shape: Shape,
    /// The surroundings it fits.
    pub context: Context,
    /// Prechecks that the command then needs, by name.
    pub prechecks: Vec<Label>,
    /// Commands it must fit.
    pub matches: Vec<Example>,
    /// Commands it must not fit.
    pub not_matches: Vec<Example>,
}

/// A spot in a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which layer, by its index in the policy.
    pub layer: usize,
    /// Byte offset in its text.
    pub at: usize,
}

/// What a rule says; only a rule that reviews carries terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Lifts the default.
    Allow,
    /// People must agree.
    Review {
        /// How bad it would be.
        risk: Risk,
        /// What the approval must fulfil beyond the defaults.
        terms: Terms,
    },
    /// Must not run.
    Deny {
        /// What to do instead.
        instead: Option<String>,
    },
}

/// An example command, already split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Where it stands.
    pub place: Place,
    /// As written.
    pub line: String,
    /// Its words.
    pub words: Vec<String>,
}

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

    fn may_be(&self, subject: &Subject<'_>) -> bool {
        match self {
            Self::Name(name) => {
                let name = name.as_bytes();
                subject.command.name() == name || subject.resolved.is_some_and(|path| file_name(path) == name)
            }
            Self::Path(path) => {
                subject.command.program() == path.as_os_str().as_bytes() || subject.resolved == Some(path)
            }
        }
    }

    // As asked for; that the resolved file bears the name too is `Rule::trusts`.
    fn is_asked(&self, subject: &Subject<'_>) -> bool {
        match self {
            Self::Name(name) => subject.command.name() == name.as_bytes(),
            Self::Path(path) => subject
                .resolved
                .map_or(subject.command.program() == path.as_os_str().as_bytes(), |found| found == path),
        }
    }
}

/// What a rule looks at: an atom, where its program was found, and what else was seen.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The atom.
    pub atom: &'a Atom<'a>,
    /// Its words.
    pub command: Command<'a>,
    /// The file the program resolves to.
    pub resolved: Option<&'a Path>,
    /// What was seen around the action.
    pub seen: &'a Observed,
}

impl<'a> Subject<'a> {
    /// The atom, whose program was found at `resolved`; none when it has no words.
    #[must_use]
    pub fn of(atom: &'a Atom<'a>, resolved: Option<&'a Path>, seen: &'a Observed) -> Option<Self> {
        Some(Self { atom, command: atom.as_command()?, resolved, seen })
    }
}

/// Conditions over the words of a command; all that are given must hold.
#[derive(Debug, Clone, Default)]
pub struct Shape {
    /// Any of these programs.
    pub program: Vec<Program>,
    /// Any of these subcommands, each one or more words.
    pub subcommand: Vec<Vec<String>>,
    /// Any of these options before the subcommand.
    pub global_flag: Vec<Flag>,
    /// No option before the subcommand but these.
    pub only_global_flag: Vec<Flag>,
    /// Any of these options.
    pub flag: Vec<Flag>,
    /// None of these options.
    pub unless_flag: Vec<Flag>,
    /// The spellings that take those options back: `--no-…`.
    pub unless_not: Vec<Flag>,
    /// No options but these.
    pub only_flag: Option<Vec<Flag>>,
    /// All options named above, to read the words by.
    pub known: Vec<Flag>,
    /// Some argument fits one of these.
    pub arg: Vec<Glob>,
    /// No argument fits one of these.
    pub unless_arg: Vec<Glob>,
    /// Every argument fits one of these.
    pub only_arg: Option<Vec<Glob>>,
}

impl Shape {
    /// Whether some reading of the command has this shape.
    #[must_use]
    pub fn may_fit(&self, subject: &Subject<'_>) -> bool {
        let command = &subject.command;
        none_or(&self.program, |program| program.may_be(subject))
            && none_or(&self.subcommand, |sequence| command.may_be_subcommand(sequence))
            && none_or(&self.global_flag, |flag| command.may_have_global(flag))
            && none_or(&self.flag, |flag| command.may_have(flag))
            && (self.arg.is_empty() || some_argument(subject, &self.arg))
            && !self.certainly_exempt(command)
    }

    fn certainly_exempt(&self, command: &Command<'_>) -> bool {
        let certain =
            || command.read(&self.known).any(|part| self.unless_flag.iter().any(|flag| part.has(flag)));
        !self.unless_flag.is_empty()
            && certain()
            && !self.unless_not.iter().any(|flag| command.may_have(flag))
    }

    /// Whether the command has this shape beyond doubt.
    #[must_use]
    pub fn fits(&self, subject: &Subject<'_>) -> bool {
        let command = &subject.command;
        command.is_certain()
            && self.program.iter().any(|program| program.is_asked(subject))
            && self.rest(command).is_some_and(|rest| self.fits_words(&rest))
            && (self.unless_flag.is_empty() || !self.may_have_unless_flag(command))
            && no_argument(subject, &self.unless_arg)
    }

    fn may_have_unless_flag(&self, command: &Command<'_>) -> bool {
        let unknown = |word: &Word<'_>| word.certain().is_none() && word.may_be_option();
        command.words().iter().any(unknown) || self.unless_flag.iter().any(|flag| command.has_anywhere(flag))
    }

    // The words behind the subcommand, when it stands where it must.
    fn rest<'a>(&self, command: &Command<'a>) -> Option<Command<'a>> {
        if self.subcommand.is_empty() {
            return Some(*command);
        }
        let mut reading = command.read(&self.only_global_flag);
        let mut before = reading.rest();
        while let Some(part) = reading.next() {
            match part {
                Part::Known(..) => before = reading.rest(),
                Part::Unknown(_) => return None,
                Part::Argument(_) => break,
            }
        }
        let sequence = self.subcommand.iter().find(|sequence| starts_with(before, sequence))?;
        Command::of(before.get(sequence.len() - 1..)?)
    }

    fn fits_words(&self, command: &Command<'_>) -> bool {
        let allowed = |part: Part<'_, '_>| match part {
            Part::Known(..) => true,
            Part::Unknown(_) => self.only_flag.is_none(),
            Part::Argument(word) => {
                self.only_arg.as_ref().is_none_or(|globs| globs.iter().any(|glob| surely_fits(glob, word)))
            }
        };
        let has = |flag: &Flag| command.read(&self.known).any(|part| part.has(flag));
        let argument = |glob: &Glob| {
            command
                .read(&self.known)
                .any(|part| matches!(part, Part::Argument(word) if surely_fits(glob, word)))
        };
        command.read(&self.known).all(allowed) && none_or(&self.flag, has) && none_or(&self.arg, argument)
    }

    /// Whether the file found bears the name the rule asks for.
    #[must_use]
    pub fn trusts(&self, resolved: &Path) -> bool {
        self.program.iter().any(|program| match program {
            Program::Name(name) => file_name(resolved) == name.as_bytes(),
            Program::Path(path) => resolved == path,
        })
    }
}

fn surely_fits(glob: &Glob, word: &Word<'_>) -> bool {
    word.certain().map_or(glob.as_str() == "**", |word| glob.fits(word))
}

fn none_or<T>(conditions: &[T], holds: impl Fn(&T) -> bool) -> bool {
    conditions.is_empty() || conditions.iter().any(holds)
}

fn starts_with(words: &[Word<'_>], sequence: &[String]) -> bool {
    sequence.len() <= words.len()
        && sequence.iter().zip(words).all(|(wanted, word)| word.certain() == Some(wanted.as_bytes()))
}

// As written, a word with parts that are not known can only fit by its text.
fn some_argument(subject: &Subject<'_>, globs: &[Glob]) -> bool {
    let places = globs.iter().any(Glob::is_place);
    let folder = subject.atom.folder.as_deref().filter(|_| places);
    subject.command.may_be_arguments().any(|(word, sure)| {
        let path = folder.map(|folder| absolute(folder, word));
        let meets = |glob: &Glob, text: &[u8]| match sure {
            Sure::Files => glob.may_meet(text),
            _ => glob.fits(text),
        };
        globs.iter().any(|glob| {
            meets(glob, word) || (glob.is_place() && path.as_ref().is_some_and(|path| meets(glob, path)))
        })
    })
}

// Whether it is certain that no argument fits: not where a part is only known at run time.
fn no_argument(subject: &Subject<'_>, globs: &[Glob]) -> bool {
    let open = |word: &Word<'_>| matches!(word.sure, Sure::Partly(_) | Sure::Split(_));
    let lost = subject.atom.folder.is_none() && globs.iter().any(Glob::is_place);
    let relative = |word: &Word<'_>| lost && word.text.first() != Some(&b'/');
    globs.is_empty()
        || (!subject.command.words().iter().any(|word| open(word) || relative(word))
            && !some_argument(subject, globs))
}

/// Conditions over the surroundings; all that are given must hold.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// The folder fits one of these.
    pub cwd: Vec<Glob>,
    /// The account it runs as, by name or number.
    pub account: Vec<String>,
    /// The declared environment, whatever its case.
    pub environment: Vec<String>,
    /// Declared facts, each with the values it may have.
    pub declared: BTreeMap<String, Vec<String>>,
    /// Whether there is a terminal.
    pub terminal: Option<bool>,
}

impl Context {
    /// Whether these are the surroundings of an atom: possibly, or for a rule that lets through, `surely`.
    #[must_use]
    pub fn fits(&self, facts: &Facts, atom: &Atom<'_>, surely: bool) -> bool {
        let seen = &facts.observed;
        let folder = |glob: &Glob, folder: &Path| glob.fits(folder.as_os_str().as_bytes());
        let here = |glob: &Glob| match &atom.folder {
            Some(known) if surely => folder(glob, known),
            Some(known) => folder(glob, known) || folder(glob, &seen.cwd),
            None => !surely,
        };
        let declares = |name: &str, values: &[String]| {
            let value = facts.declared.0.get(name);
            value.is_some_and(|value| {
                values.iter().any(|wanted| wanted.as_bytes().eq_ignore_ascii_case(value.as_bytes()))
            })
        };
        let uid = || seen.account.uid.to_string();
        none_or(&self.cwd, here)
            && none_or(&self.account, |name| {
                seen.account.name.as_bytes() == name.as_bytes() || uid() == *name
            })
            && (self.environment.is_empty() || declares("environment", &self.environment))
            && self.declared.iter().all(|(name, values)| declares(name, values))
            && self.terminal.is_none_or(|terminal| terminal == seen.terminal)
    }
}

impl Rule {
    /// Whether the rule speaks of this atom in these surroundings.
    #[must_use]
    pub fn fits(&self, subject: &Subject<'_>, facts: &Facts) -> bool {
        self.fits_words(subject) && self.context.fits(facts, subject.atom, self.answer == Answer::Allow)
    }

    /// Whether the rule speaks of this command: certainly, when it lets through; possibly, when it stops.
    #[must_use]
    pub fn fits_words(&self, subject: &Subject<'_>) -> bool {
        match self.answer {
            Answer::Allow => self.shape.fits(subject),
            Answer::Review { .. } | Answer::Deny { .. } => self.shape.may_fit(subject),
        }
    }
}
