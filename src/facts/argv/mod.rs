//! The structure of a command's words: program, options, subcommand, arguments.
//! Pure. Each question is answered twice: *wide*, so that no spelling slips past a rule that stops,
//! and *certain*, so that nothing but what was meant satisfies a rule that lets through.

mod flag;
mod reading;
mod word;

use std::path::Path;

pub use flag::Flag;
pub use reading::{Part, Reading};
pub use word::{Sure, Word, is_option};

/// The words of one command, program first; there is at least one.
#[derive(Debug, Clone, Copy)]
pub struct Command<'a> {
    program: &'a Word<'a>,
    words: &'a [Word<'a>],
}

impl<'a> Command<'a> {
    /// Reads `words`, of which the first is the program; none when there is no word.
    #[must_use]
    pub fn of(words: &'a [Word<'a>]) -> Option<Self> {
        let (program, words) = words.split_first()?;
        Some(Self { program, words })
    }

    /// The program as it was written.
    #[must_use]
    pub fn program(&self) -> &'a [u8] {
        &self.program.text
    }

    /// Whether the program is the one written, and not only known at run time.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.program.sure == Sure::Exact
    }

    /// The program's base name.
    #[must_use]
    pub fn name(&self) -> &'a [u8] {
        base_name(self.program())
    }

    /// Everything after the program.
    #[must_use]
    pub const fn words(&self) -> &'a [Word<'a>] {
        self.words
    }

    /// Whether some reading of these words has the option `flag`: abbreviated (`--forc`), within a
    /// cluster (`-rf`), with one dash or two, after a `--` that another option may have taken.
    #[must_use]
    pub fn may_have(&self, flag: &Flag) -> bool {
        if flag.is_long_with_one_dash() {
            return self.has_anywhere(flag);
        }
        options(self.words).any(|word| flag.may_be(&word.text))
    }

    /// Whether any word looks like the option `flag`, be it behind a `--`.
    #[must_use]
    pub fn has_anywhere(&self, flag: &Flag) -> bool {
        self.words.iter().any(|word| word.is_option() && flag.may_be(&word.text))
    }

    /// Whether some reading has the option `flag` before the subcommand.
    #[must_use]
    pub fn may_have_global(&self, flag: &Flag) -> bool {
        let plain = |index: usize| self.words.get(index).is_some_and(|word| !word.is_option());
        // A word behind an option may be that option's value; the first other one is the subcommand.
        let end = (0..self.words.len()).find(|&at| plain(at) && (at == 0 || plain(at - 1)));
        let before = self.words.get(..end.unwrap_or(self.words.len())).unwrap_or_default();
        options(before).any(|word| flag.may_be(&word.text))
    }

    /// Whether some reading has `sequence` as the first words that are no options.
    #[must_use]
    pub fn may_be_subcommand(&self, sequence: &[String]) -> bool {
        // Each unknown option may have taken the next word as its value, so one more is looked at.
        let mut slack = 0_usize;
        for (index, word) in self.words.iter().enumerate() {
            if word.is_option() {
                slack += usize::from(!word.text.contains(&b'='));
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
    pub fn may_be_arguments(&self) -> impl Iterator<Item = (&'a [u8], Sure)> + use<'a> {
        self.words.iter().flat_map(|word| {
            let text: &'a [u8] = &word.text;
            let value = text.iter().position(|&b| b == b'=').map(|at| at + 1);
            let joined = (word.is_option() && text.len() > 2).then_some(2);
            let whole = (!word.is_option()).then_some(0);
            let from = move |at: usize| Some((text.get(at..)?, word.sure.from(at)));
            [whole, value, joined].into_iter().flatten().filter_map(from)
        })
    }

    /// These words read with `known` options; what is not known is named as such.
    #[must_use]
    pub fn read<'k>(&self, known: &'k [Flag]) -> Reading<'a, 'k> {
        Reading::new(self.words, known)
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

// All words that may be options: those up to a `--`, and those behind it when the word before the `--`
// is an option, which may have taken it as its value.
fn options<'a>(words: &'a [Word<'a>]) -> impl Iterator<Item = &'a Word<'a>> {
    let end = words.iter().enumerate().position(|(index, word)| {
        let before = index.checked_sub(1).and_then(|before| words.get(before));
        &*word.text == b"--" && !before.is_some_and(|word| word.is_option() && !word.text.contains(&b'='))
    });
    words.iter().take(end.unwrap_or(words.len())).filter(|word| word.is_option())
}

fn follows(words: &[Word<'_>], sequence: &[String]) -> bool {
    let mut rest = words.iter().filter(|word| !word.is_option());
    sequence.iter().all(|wanted| rest.next().is_some_and(|word| &*word.text == wanted.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<T>(line: &str, look: impl FnOnce(Command<'_>) -> T) -> T {
        let words: Vec<Word<'_>> = line.split(' ').map(Word::from).collect();
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
    fn values_within_words_are_arguments_too() {
        let found = with("dd if=a of=/dev/sda -o/x --into=/y z", |command| {
            command
                .may_be_arguments()
                .map(|(word, _)| String::from_utf8_lossy(word).into_owned())
                .collect::<Vec<_>>()
        });
        for wanted in ["of=/dev/sda", "/dev/sda", "/x", "/y", "z"] {
            assert!(found.iter().any(|word| word == wanted), "{wanted} {found:?}");
        }
    }
}
