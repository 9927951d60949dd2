//! Conditions over the words of a command.
//! Pure. `may_fit` is wide, `fits` certain.

use std::path::Path;

use super::none_or;
use super::structure::Structure;
use super::subject::{Program, Subject};
use super::touches::Touches;
use crate::facts::argv::{Command, Flag, Part, Sure, Word, file_name};
use crate::facts::glob::{Glob, Pairs};

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
    /// Whether it runs another command that its words name.
    pub wraps: Option<bool>,
    /// The paths it touches.
    pub touches: Touches,
    /// What else it does, and how.
    pub structure: Structure,
}

impl Shape {
    /// Whether some reading of the command has this shape.
    #[must_use]
    pub fn may_fit(&self, subject: &Subject<'_>) -> bool {
        let command = &subject.command;
        // The program last: rules are found by it, and some name a hundred.
        none_or(&self.subcommand, |sequence| command.may_be_subcommand(sequence))
            && none_or(&self.global_flag, |flag| command.may_have_global(flag))
            && none_or(&self.flag, |flag| command.may_have(flag))
            && (self.arg.is_empty() || some_argument(subject, &self.arg))
            && !self.certainly_exempt(command)
            && self.wraps.is_none_or(|wraps| wraps == subject.atom.wraps)
            && self.touches.may_fit(subject)
            && self.structure.may_fit(subject)
            && none_or(&self.program, |program| program.may_be(subject))
    }

    fn certainly_exempt(&self, command: &Command<'_>) -> bool {
        self.unless_flag.iter().any(|flag| command.has(flag, &self.known))
    }

    /// Whether the command has this shape beyond doubt.
    #[must_use]
    pub fn fits(&self, subject: &Subject<'_>) -> bool {
        let command = &subject.command;
        command.is_certain()
            && self.rest(command).is_some_and(|rest| self.fits_words(&rest))
            && self.program.iter().any(|program| program.is_asked(subject))
            && (self.unless_flag.is_empty() || !self.may_have_unless_flag(command))
            && no_argument(subject, &self.unless_arg)
            && self.wraps.is_none_or(|wraps| wraps == subject.atom.wraps)
            && self.touches.fits(subject)
            && self.structure.fits(subject)
    }

    fn may_have_unless_flag(&self, command: &Command<'_>) -> bool {
        let unknown =
            |word: &Word<'_>| word.certain().is_none() && word.may_be_option() && !word.is_named_option();
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
        let has = |flag: &Flag| command.has(flag, &self.known);
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

fn starts_with(words: &[Word<'_>], sequence: &[String]) -> bool {
    sequence.len() <= words.len()
        && sequence.iter().zip(words).all(|(wanted, word)| word.certain() == Some(wanted.as_bytes()))
}

// As written, a word with parts that are not known can only fit by its text.
fn some_argument(subject: &Subject<'_>, globs: &[Glob]) -> bool {
    let is_folder = |text: &[u8]| text.split(|&b| b == b'/').any(|part| part == b"*");
    subject.arguments().iter().any(|argument| {
        let files = argument.sure == Sure::Files;
        let all_is_read = files && is_folder(argument.text) && subject.only_reads_the_project();
        let meets = |glob: &Glob, text: &[u8], pairs: Pairs| match argument.sure {
            Sure::Files if all_is_read => glob.may_meet_named(text),
            Sure::Files => glob.may_meet(text),
            _ => glob.fits_with(text, pairs),
        };
        globs.iter().any(|glob| {
            meets(glob, argument.text, argument.text_pairs)
                || (glob.is_place() && meets(glob, &argument.path, argument.path_pairs))
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
