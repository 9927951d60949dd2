//! The structure of a command's words: program, options, subcommand, arguments.
//! Pure. Each question is answered twice: *wide*, so that no spelling slips past a rule that stops,
//! and *certain*, so that nothing but what was meant satisfies a rule that lets through.

use std::path::Path;

/// The words of one command, program first; there is at least one.
#[derive(Debug, Clone, Copy)]
pub struct Command<'a> {
    program: &'a [u8],
    words: &'a [&'a [u8]],
}

impl<'a> Command<'a> {
    /// Reads `words`, of which the first is the program; none when there is no word.
    #[must_use]
    pub fn of(words: &'a [&'a [u8]]) -> Option<Self> {
        let (program, words) = words.split_first()?;
        Some(Self { program, words })
    }

    /// The program as it was written.
    #[must_use]
    pub const fn program(&self) -> &'a [u8] {
        self.program
    }

    /// The program's base name.
    #[must_use]
    pub fn name(&self) -> &'a [u8] {
        base_name(self.program)
    }

    /// Everything after the program.
    #[must_use]
    pub const fn words(&self) -> &'a [&'a [u8]] {
        self.words
    }

    /// Whether some reading of these words has the option `flag`: abbreviated (`--forc`), within a
    /// cluster (`-rf`), with one dash or two, after a `--` that another option may have taken.
    #[must_use]
    pub fn may_have(&self, flag: &Flag) -> bool {
        if flag.is_long_with_one_dash() {
            return self.has_anywhere(flag);
        }
        options(self.words).any(|word| flag.may_be(word))
    }

    /// Whether any word looks like the option `flag`, be it behind a `--`.
    #[must_use]
    pub fn has_anywhere(&self, flag: &Flag) -> bool {
        self.words.iter().any(|word| is_option(word) && flag.may_be(word))
    }

    /// Whether some reading has the option `flag` before the subcommand.
    #[must_use]
    pub fn may_have_global(&self, flag: &Flag) -> bool {
        let plain = |index: usize| self.words.get(index).is_some_and(|word| !is_option(word));
        // A word behind an option may be that option's value; the first other one is the subcommand.
        let end = (0..self.words.len()).find(|&at| plain(at) && (at == 0 || plain(at - 1)));
        let before = self.words.get(..end.unwrap_or(self.words.len())).unwrap_or_default();
        options(before).any(|word| flag.may_be(word))
    }

    /// Whether some reading has `sequence` as the first words that are no options.
    #[must_use]
    pub fn may_be_subcommand(&self, sequence: &[String]) -> bool {
        // Each unknown option may have taken the next word as its value, so one more is looked at.
        let mut slack = 0_usize;
        for (index, word) in self.words.iter().enumerate() {
            if is_option(word) {
                slack += usize::from(!word.contains(&b'='));
                continue;
            }
            let rest = self.words.get(index..).unwrap_or_default();
            if follows(rest, sequence) {
                return true;
            }
            let Some(less) = slack.checked_sub(1) else { return false };
            slack = less;
        }
        false
    }

    /// Every word, and every value within a word (`--into=x`, `of=x`, `-ox`), that may be an argument.
    pub fn may_be_arguments(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.words.iter().flat_map(|&word| {
            let value = word.iter().position(|&b| b == b'=').and_then(|at| word.get(at + 1..));
            let joined = word.get(2..).filter(|rest| is_option(word) && !rest.is_empty());
            let whole = (!is_option(word)).then_some(word);
            [whole, value, joined].into_iter().flatten()
        })
    }

    /// These words read with `known` options; what is not known is named as such.
    #[must_use]
    pub fn read<'k>(&self, known: &'k [Flag]) -> Reading<'a, 'k> {
        Reading { words: self.words, known, mode: Mode::Options }
    }
}

/// The last part of a path.
#[must_use]
pub fn base_name(path: &[u8]) -> &[u8] {
    path.rsplit(|&b| b == b'/').next().unwrap_or(path)
}

/// The base name of a path of the file system, in bytes.
#[must_use]
pub fn file_name(path: &Path) -> &[u8] {
    path.file_name().map(std::os::unix::ffi::OsStrExt::as_bytes).unwrap_or_default()
}

/// Whether the word is an option by its looks: a dash and more.
#[must_use]
pub fn is_option(word: &[u8]) -> bool {
    word.len() > 1 && word.first() == Some(&b'-')
}

// All words that may be options: those up to a `--`, and those behind it when the word before the `--`
// is an option, which may have taken it as its value.
fn options<'a>(words: &'a [&'a [u8]]) -> impl Iterator<Item = &'a [u8]> {
    let end = words.iter().enumerate().position(|(index, &word)| {
        let before = index.checked_sub(1).and_then(|before| words.get(before));
        word == b"--" && !before.is_some_and(|word| is_option(word) && !word.contains(&b'='))
    });
    words.iter().take(end.unwrap_or(words.len())).copied().filter(|word| is_option(word))
}

fn follows(words: &[&[u8]], sequence: &[String]) -> bool {
    let mut rest = words.iter().filter(|word| !is_option(word));
    sequence.iter().all(|wanted| rest.next().is_some_and(|word| *word == wanted.as_bytes()))
}

/// An option as a policy names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Flag {
    /// The option with its dashes, without `=`; `-#` stands for a dash and a number.
    name: String,
    /// Whether it takes the next word as its value when none is joined.
    valued: bool,
}

impl Flag {
    /// Reads `-r`, `--recursive`, `-delete`; with `=` at the end it takes a value (`-n=`); `-#` is any number.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let name = text.strip_suffix('=').unwrap_or(text);
        let body = name.trim_start_matches('-');
        let dashes = name.len() - body.len();
        let fits =
            (1..=2).contains(&dashes) && !body.is_empty() && body.bytes().all(|b| b.is_ascii_graphic());
        (fits && !body.contains('=')).then(|| Self { name: name.to_owned(), valued: text.ends_with('=') })
    }

    /// The `--` that ends options, for programs that take it so.
    #[must_use]
    pub fn end() -> Self {
        Self { name: "--".to_owned(), valued: false }
    }

    fn is_end(&self) -> bool {
        self.name == "--"
    }

    // `-delete`: programs with such options do not read them as getopt(3) does.
    fn is_long_with_one_dash(&self) -> bool {
        self.name.len() > 2 && !self.name.starts_with("--")
    }

    /// The option as written on a command line.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn letter(&self) -> Option<u8> {
        match self.name.as_bytes() {
            [b'-', letter] if *letter != b'-' => Some(*letter),
            _ => None,
        }
    }

    fn is_number(&self) -> bool {
        self.name == "-#"
    }

    // Wide: see `Command::may_have`.
    fn may_be(&self, word: &[u8]) -> bool {
        let head = word.split(|&b| b == b'=').next().unwrap_or(word);
        if self.is_number() {
            return is_number(head);
        }
        if let Some(letter) = self.letter() {
            return head.get(1) != Some(&b'-') && head.contains(&letter);
        }
        let wanted = self.name.trim_start_matches('-').as_bytes();
        let given = head.strip_prefix(b"--").or_else(|| head.strip_prefix(b"-")).unwrap_or(head);
        given == wanted || (head.starts_with(b"--") && !given.is_empty() && wanted.starts_with(given))
    }

    // Certain: this option and no other, whole.
    fn is(&self, word: &[u8]) -> bool {
        let head = word.split(|&b| b == b'=').next().unwrap_or(word);
        if self.is_number() { is_number(word) } else { head == self.name.as_bytes() }
    }
}

fn is_number(word: &[u8]) -> bool {
    word.strip_prefix(b"-").is_some_and(|rest| !rest.is_empty() && rest.iter().all(u8::is_ascii_digit))
}

/// One part of a command, read with certainty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a, 'k> {
    /// A word of known options, all of them in the list asked for.
    Known(&'a [u8], &'k [Flag]),
    /// An option outside the list, or one in a form the list does not know.
    Unknown(&'a [u8]),
    /// A word that is no option.
    Argument(&'a [u8]),
}

impl Part<'_, '_> {
    /// Whether this part certainly is, or holds, `flag`.
    #[must_use]
    pub fn has(&self, flag: &Flag) -> bool {
        let Self::Known(word, known) = *self else { return false };
        if known.iter().any(|option| option.is(word)) {
            return flag.is(word);
        }
        cluster(word, known)
            .is_some_and(|(switches, _)| flag.letter().is_some_and(|letter| switches.contains(&letter)))
    }
}

/// The parts of a command, one after another.
#[derive(Debug, Clone)]
pub struct Reading<'a, 'k> {
    words: &'a [&'a [u8]],
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
    /// The words not read yet.
    #[must_use]
    pub const fn rest(&self) -> &'a [&'a [u8]] {
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
        let (&word, rest) = self.words.split_first()?;
        self.words = rest;
        let doubt = self.mode == Mode::Doubt;
        if doubt {
            self.mode = Mode::Options;
        }
        if self.mode == Mode::Words || !is_option(word) {
            return Some(Part::Argument(word));
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
    use super::*;

    fn with<T>(line: &str, look: impl FnOnce(Command<'_>) -> T) -> T {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let words: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
        look(Command::of(&words).unwrap())
    }

    fn flag(text: &str) -> Flag {
        Flag::new(text).unwrap()
    }

    #[test]
    fn no_spelling_of_an_option_is_missed() {
        let yes = [
            ("rm -rf x", "-r"),
            ("rm -fr x", "-r"),
            ("rm x -r", "-r"),
            ("rm --recursive x", "--recursive"),
            ("rm --recurs x", "--recursive"),
            ("git push --force=yes", "--force"),
            ("find . -delete", "-delete"),
            ("terraform --destroy", "-destroy"),
            ("kill -9 1", "-9"),
            ("kill -15 1", "-#"),
            ("git push -o -- --force", "--force"),
        ];
        for (line, name) in yes {
            assert!(with(line, |command| command.may_have(&flag(name))), "{line} {name}");
        }
        let no =
            [("rm -- -r", "-r"), ("rm r", "-r"), ("rm --dir", "-r"), ("rm -", "-r"), ("rm -f", "--force")];
        for (line, name) in no {
            assert!(!with(line, |command| command.may_have(&flag(name))), "{line} {name}");
        }
    }

    #[test]
    fn a_subcommand_is_found_behind_options_and_their_values() {
        let stash = ["stash".to_owned(), "drop".to_owned()];
        for line in ["git stash drop", "git -C dir stash drop", "git --no-pager stash -q drop x"] {
            assert!(with(line, |command| command.may_be_subcommand(&stash)), "{line}");
        }
        for line in ["git drop stash", "git log stash drop", "git stash", "git"] {
            assert!(!with(line, |command| command.may_be_subcommand(&stash)), "{line}");
        }
    }

    #[test]
    fn a_global_option_stands_before_the_subcommand() {
        assert!(with("git -C d -c a=b log", |c| c.may_have_global(&flag("-c"))));
        assert!(!with("git switch -c new", |c| c.may_have_global(&flag("-c"))));
        assert!(!with("git -C d log -c", |c| c.may_have_global(&flag("-c"))));
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
    fn values_within_words_are_arguments_too() {
        let found = with("dd if=a of=/dev/sda -o/x --into=/y z", |command| {
            command
                .may_be_arguments()
                .map(|word| String::from_utf8_lossy(word).into_owned())
                .collect::<Vec<_>>()
        });
        for wanted in ["of=/dev/sda", "/dev/sda", "/x", "/y", "z"] {
            assert!(found.iter().any(|word| word == wanted), "{wanted} {found:?}");
        }
    }
}
