//! What a command comes down to: its atoms, each a simple command or a redirection, and what is opaque.
//! Pure. `wrapper` says what runs within a command, `shell` reads shell code; here they are put together.

mod atom;

use std::path::Path;

pub use atom::{Around, Atom, Change, Opaque, Set};

use super::argv::{Command, Word};
use super::wrapper::{self, Within};
use super::{branches, builtins, shell};

/// The longest command that is read, in bytes; no record holds a longer one.
const LONGEST: usize = 65_536;
/// How deep commands may lie within commands.
const DEEPEST: usize = 32;
/// How many atoms one action may come down to.
const MOST: usize = 2_000;
/// How much shell code one action may come down to, in bytes, with that of loops and substitutions.
const MOST_CODE: usize = 262_144;
/// How many words are kept of a part that is not understood: as many as the longest command can hold.
const MOST_KEPT: usize = LONGEST / 2;

/// Everything one action comes down to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[must_use]
pub struct Atoms<'a> {
    /// In the order they were met.
    pub atoms: Vec<Atom<'a>>,
    /// What was not understood: then a person decides.
    pub opaque: Vec<Opaque>,
    /// How much shell code was read, in bytes.
    pub spent: usize,
}

impl<'a> Atoms<'a> {
    /// Reads the arguments of an action, program first, that would run in `folder`. `home` is what `~` is.
    pub fn of(argv: impl IntoIterator<Item = &'a [u8]>, folder: &Path, home: Option<&Path>) -> Self {
        let mut atoms = Self::default();
        let words: Vec<Word<'a>> = argv.into_iter().map(Word::exact).collect();
        if words.is_empty() {
            atoms.not_understood("an action without a command", &[]);
        } else if words.iter().map(|word| word.text.len() + 1).sum::<usize>() > LONGEST {
            atoms.not_understood("a command that is too long", &words);
        } else {
            atoms.command(words, &Around::outermost(folder, home));
        }
        atoms.settle()
    }

    /// Tells every atom what may have happened before it, when all are read.
    pub fn settle(mut self) -> Self {
        let mut moved = !self.opaque.is_empty();
        for atom in &mut self.atoms {
            atom.branch_moved |= moved;
            moved |= branches::may_switch(atom);
        }
        self
    }

    /// Notes that the atoms since `from` run in an order, or a number of times, that is not known.
    pub fn in_any_order(&mut self, from: usize) {
        let together = self.atoms.get_mut(from..).unwrap_or_default();
        if together.iter().any(branches::may_switch) {
            together.iter_mut().for_each(|atom| atom.branch_moved = true);
        }
    }

    /// Adds a command found in these surroundings, and all that runs within it.
    pub fn command(&mut self, words: Vec<Word<'a>>, around: &Around) {
        let Some(command) = Command::of(&words) else { return };
        if around.via.len() >= DEEPEST || self.atoms.len() >= MOST {
            self.not_understood("the rest: commands lie too deep within commands, or are too many", &words);
            return;
        }
        if !command.is_certain() {
            let program = String::from_utf8_lossy(command.program()).into_owned();
            self.not_understood(format!("`{program}`: which program runs is only known then"), &words);
        }
        if command.program().starts_with(b"-") {
            self.not_understood("a command that begins with an option", &words);
        }
        let unwrapped = wrapper::unwrap(&words, around);
        if unwrapped.within.is_empty() {
            self.atoms.push(Atom::command(words, around));
            return;
        }
        let name = String::from_utf8_lossy(command.name()).into_owned();
        let own = unwrapped.own.unwrap_or_else(|| words.clone());
        let wraps = unwrapped.within.iter().any(|(within, _)| matches!(within, Within::Command(_)));
        self.atoms.push(Atom { wraps, ..Atom::command(own, around) });
        for (within, change) in unwrapped.within {
            let around = around.inside(&name, change);
            match within {
                Within::Command(words) => self.command(words, &around),
                Within::Line(code) => self.line(&name, &code, &around),
                Within::Opaque(what) => {
                    let input = around.input.iter();
                    self.not_understood(what, words.iter().chain(input));
                }
            }
        }
    }

    // Adds what shell code given to `name` comes to.
    fn line(&mut self, name: &str, code: &Word<'_>, around: &Around) {
        match code.certain() {
            Some(code) if around.via.len() < DEEPEST => shell::read(code, around, self),
            Some(_) => self.not_understood("the rest: shell code lies too deep within shell code", [code]),
            None => {
                self.not_understood(format!("the code given to `{name}`, which is only known then"), [code]);
            }
        }
    }

    /// Makes a note of shell code that is to be read, in bytes; whether that may be. The first time it may not, the
    /// rest is noted as not understood.
    #[must_use]
    pub fn spend(&mut self, cost: usize) -> bool {
        let was_left = self.spent <= MOST_CODE;
        self.spent = self.spent.saturating_add(cost);
        let is_left = self.spent <= MOST_CODE;
        if was_left && !is_left {
            self.not_understood("the rest: it is too much shell code", &[]);
        }
        is_left
    }

    /// Notes a part that is not understood, with the words it may hide.
    pub fn not_understood<'w, 'x: 'w>(
        &mut self,
        what: impl Into<String>,
        words: impl IntoIterator<Item = &'w Word<'x>>,
    ) {
        let mut pieces = words.into_iter().flat_map(|word| wrapper::pieces(&word.text, MOST_KEPT + 1));
        let words: Vec<Vec<u8>> = pieces.by_ref().take(MOST_KEPT).collect();
        self.opaque.push(Opaque { what: what.into(), words, is_cut: pieces.next().is_some() });
    }

    /// Every program named with certainty beside the action's own, as written, with the folder it is named in:
    /// whoever looks at the machine looks them up. Not those a shell needs no file for, and none of elsewhere.
    pub fn inner_programs(&self) -> impl Iterator<Item = (&[u8], Option<&Path>)> {
        let inner =
            self.atoms.iter().enumerate().filter(|(number, atom)| *number > 0 || !atom.is_outermost());
        let here = inner.map(|(_, atom)| atom).filter(|atom| atom.is_command && !atom.elsewhere);
        here.filter_map(|atom| {
            let name = atom.words.first()?.certain()?;
            let needs_file = !(atom.in_shell && builtins::is_shells_own(name, &atom.via));
            needs_file.then_some((name, atom.folder.as_deref()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&'static str]) -> Atoms<'static> {
        Atoms::of(words.iter().map(|word| word.as_bytes()), Path::new("/srv"), None)
    }

    #[test]
    fn a_plain_command_is_one_atom() {
        let read = read(&["ls", "-l"]);
        assert_eq!((read.atoms.len(), read.opaque.len()), (1, 0));
        assert_eq!(read.inner_programs().count(), 0);
    }

    #[test]
    fn what_is_not_read_is_named() {
        let read = read(&["perl", "-e", "unlink 'a b'"]);
        assert_eq!(read.opaque.len(), 1);
        assert!(read.opaque[0].words.contains(&b"unlink".to_vec()));
    }

    #[test]
    fn no_command_at_all_is_not_understood() {
        assert_eq!(read(&[]).opaque.len(), 1);
    }
}
