//! Reads words with certainty: by the options known, naming all else unknown.
//! Pure.

use super::{Flag, Word};

/// One part of a command, read with certainty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a, 'k> {
    /// A word of known options, all of them in the list asked for.
    Known(&'a [u8], &'k [Flag]),
    /// An option outside the list, or one in a form the list does not know.
    Unknown(&'a [u8]),
    /// A word that is no option.
    Argument(&'a Word<'a>),
}

impl Part<'_, '_> {
    /// Whether this part certainly is, or holds, `flag`; a switch turned off (`--dry-run=false`) is not given.
    #[must_use]
    pub fn has(&self, flag: &Flag) -> bool {
        let Self::Known(word, known) = *self else { return false };
        if known.iter().any(|option| option.is(word)) {
            return flag.is_on(word);
        }
        cluster(word, known)
            .is_some_and(|(switches, _)| flag.letter().is_some_and(|letter| switches.contains(&letter)))
    }
}

/// The parts of a command, one after another.
#[derive(Debug, Clone)]
pub struct Reading<'a, 'k> {
    words: &'a [Word<'a>],
    known: &'k [Flag],
    mode: Mode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    // Options may come.
    Options,
    // The word before was an unknown option and may take this one as its value.
    Doubt,
    // Behind a `--`: no options any more.
    Words,
    // Behind a `--` that may have been a value: nothing with a dash is certain any more.
    Lost,
}

impl<'a, 'k> Reading<'a, 'k> {
    pub(super) const fn new(words: &'a [Word<'a>], known: &'k [Flag]) -> Self {
        Self { words, known, mode: Mode::Options }
    }

    /// The words not read yet.
    #[must_use]
    pub const fn rest(&self) -> &'a [Word<'a>] {
        self.words
    }

    // Not every program takes `--` as the end of its options (find does not): only where it is listed.
    fn end_of_options(&mut self, doubt: bool) -> Option<Part<'a, 'k>> {
        if doubt || !self.known.iter().any(Flag::is_end) {
            self.mode = Mode::Lost;
            return Some(Part::Unknown(b"--"));
        }
        self.mode = Mode::Words;
        self.next()
    }

    fn unknown(&mut self, word: &'a [u8]) -> Part<'a, 'k> {
        if self.mode == Mode::Options && !word.contains(&b'=') {
            self.mode = Mode::Doubt;
        }
        Part::Unknown(word)
    }
}

impl<'a, 'k> Iterator for Reading<'a, 'k> {
    type Item = Part<'a, 'k>;

    fn next(&mut self) -> Option<Part<'a, 'k>> {
        let (given, rest) = self.words.split_first()?;
        self.words = rest;
        let word: &'a [u8] = &given.text;
        let doubt = self.mode == Mode::Doubt;
        if doubt {
            self.mode = Mode::Options;
        }
        if self.mode == Mode::Words || !given.may_be_option() {
            return Some(Part::Argument(given));
        }
        if given.certain().is_none() {
            let known = given.is_named_option() && self.known.iter().any(|flag| flag.is(word));
            let lost = doubt || self.mode == Mode::Lost || !known;
            return Some(if lost { self.unknown(word) } else { Part::Known(word, self.known) });
        }
        if word == b"--" && self.mode == Mode::Options {
            return self.end_of_options(doubt);
        }
        if doubt || self.mode == Mode::Lost {
            return Some(self.unknown(word));
        }
        let takes_next = if let Some(flag) = self.known.iter().find(|flag| flag.is(word)) {
            flag.valued && !word.contains(&b'=')
        } else if let Some((_, takes_next)) = cluster(word, self.known) {
            takes_next
        } else {
            return Some(self.unknown(word));
        };
        if takes_next {
            // A value that may be no word, or several, leaves the rest in doubt.
            if self.words.first().is_some_and(|value| !value.is_one()) {
                return Some(self.unknown(word));
            }
            self.words = self.words.get(1..).unwrap_or_default();
        }
        Some(Part::Known(word, self.known))
    }
}

// `-abc`: the letters of switches in it, and whether its last letter takes the next word as its value.
fn cluster<'a>(word: &'a [u8], known: &[Flag]) -> Option<(&'a [u8], bool)> {
    let letters = word.strip_prefix(b"-").filter(|letters| letters.first() != Some(&b'-'))?;
    for (index, letter) in letters.iter().enumerate() {
        let flag = known.iter().find(|flag| flag.letter() == Some(*letter))?;
        if flag.valued {
            let (switches, value) = letters.split_at_checked(index + 1)?;
            return Some((switches, value.is_empty()));
        }
    }
    Some((letters, false))
}

#[cfg(test)]
mod tests {
    use super::super::Command;
    use super::*;
    use crate::facts::argv::Sure;

    fn with<T>(line: &str, look: impl FnOnce(Command<'_>) -> T) -> T {
        let words: Vec<Word<'_>> = line.split(' ').map(Word::from).collect();
        look(Command::of(&words).unwrap())
    }

    fn flag(text: &str) -> Flag {
        Flag::new(text).unwrap()
    }

    #[test]
    fn a_certain_reading_names_what_it_does_not_know() {
        let known: Vec<Flag> = ["-n=", "--oneline", "-p", "-#", "--grep="].map(flag).into();
        let read = |line: &str| {
            with(line, |command| command.read(&known).map(|part| kind(&part)).collect::<String>())
        };
        assert_eq!(read("log -n 5 --oneline a"), "KKA");
        assert_eq!(read("log -pn5 -20 a"), "KKA");
        assert_eq!(read("log --grep -- --output=x"), "KU");
        assert_eq!(read("log -- --output=x"), "UU");
        assert_eq!(read("log --on"), "U");
        assert_eq!(read("log -px"), "U");
    }

    const fn kind(part: &Part<'_, '_>) -> char {
        match part {
            Part::Known(..) => 'K',
            Part::Unknown(_) => 'U',
            Part::Argument(_) => 'A',
        }
    }

    #[test]
    fn an_option_that_may_be_anothers_value_is_not_certain() {
        let known: Vec<Flag> = ["-o=", "--force", "--dry-run"].map(flag).into();
        let dry =
            |line: &str| with(line, |command| command.read(&known).any(|part| part.has(&flag("--dry-run"))));
        assert!(dry("push --force --dry-run"));
        assert!(!dry("push -o --dry-run --force"));
        assert!(!dry("push -- --dry-run"));
        assert!(!dry("push -X --dry-run"));
        assert!(!dry("push -X -- --dry-run"));
        assert!(dry("push -X=1 --dry-run"));
    }

    #[test]
    fn an_option_is_known_by_its_name_where_its_value_is_not() {
        let known = [flag("--include="), flag("--dry-run")];
        let read = |text: &'static str, sure| {
            let words = [Word::from("grep"), Word { text: text.as_bytes().into(), sure }];
            let command = Command::of(&words).unwrap();
            (command.read(&known).map(|part| kind(&part)).collect::<String>(), command.has(&known[1], &known))
        };
        assert_eq!(read("--include=*.py", Sure::Files), ("K".to_owned(), false));
        assert_eq!(read("--include=$X", Sure::Partly(10)), ("K".to_owned(), false));
        assert_eq!(read("--include=$X", Sure::Split(10)), ("U".to_owned(), false));
        assert_eq!(read("--other=$X", Sure::Partly(8)), ("U".to_owned(), false));
        assert_eq!(read("--dry-run=$X", Sure::Partly(10)), ("K".to_owned(), false));
    }

    #[test]
    fn dashes_end_options_only_where_the_program_takes_them_so() {
        let known = [flag("-p"), Flag::end()];
        let parts = |line: &str| {
            with(line, |command| command.read(&known).map(|part| kind(&part)).collect::<String>())
        };
        assert_eq!(parts("log -p -- -x -p"), "KAA");
        assert_eq!(parts("log -x -- -p a"), "UUUA");
    }
}
