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

    /// The words of which one is the first of the subcommand, in any reading.
    #[must_use]
    pub fn subcommand_heads(&self) -> Vec<&'a [u8]> {
        let (mut heads, mut slack) = (Vec::new(), 0_usize);
        for word in self.words {
            if word.is_option() {
                slack += usize::from(!word.text.contains(&b'='));
                continue;
            }
            heads.push(&*word.text);
            let Some(less) = slack.checked_sub(1) else { break };
            slack = less;
        }
        heads
    }

    /// Whether `flag` is certainly given, the words read with `known` options, and nothing takes it back:
    /// `--no-dry-run`, `--dry-run=false`, a word only known at run time.
    #[must_use]
    pub fn has(&self, flag: &Flag, known: &[Flag]) -> bool {
        let undoes = |word: &Word<'_>| match word.is_named_option() {
            true => flag.may_be_undone_by(&word.text),
            false => word.may_be_option(),
        };
        self.read(known).any(|part| part.has(flag))
            && !before_end(self.words).iter().any(|word| word.may_be_option() && undoes(word))
    }

    /// Every word, and every value within a word (`--into=x`, `of=x`, `-ox`), that may be an argument:
    /// all of them behind a `--`, and else those that are no options.
    pub fn may_be_arguments(&self) -> impl Iterator<Item = (&'a [u8], Sure)> + use<'a> {
        let end = self.words.iter().position(|word| &*word.text == b"--").unwrap_or(self.words.len());
        self.words.iter().enumerate().flat_map(move |(index, word)| {
            let text: &'a [u8] = &word.text;
            let value = text.iter().position(|&b| b == b'=').map(|at| at + 1);
            // Only a letter's value can be joined to it: `--rm` holds no word `rm`.
            let joined = (word.is_option() && text.len() > 2 && !text.starts_with(b"--")).then_some(2);
            let whole = (!word.is_option() || index > end).then_some(0);
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
    before_end(words).iter().filter(|word| word.is_option())
}

fn before_end<'a>(words: &'a [Word<'a>]) -> &'a [Word<'a>] {
    let end = words.iter().enumerate().position(|(index, word)| {
        let before = index.checked_sub(1).and_then(|before| words.get(before));
        &*word.text == b"--" && !before.is_some_and(|word| word.is_option() && !word.text.contains(&b'='))
    });
    words.get(..end.unwrap_or(words.len())).unwrap_or(words)
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

    #[test]
    fn a_long_option_holds_no_word_but_its_value() {
        let arguments = |line: &str| {
            with(line, |command| {
                let texts =
                    command.may_be_arguments().map(|(word, _)| String::from_utf8_lossy(word).into_owned());
                texts.collect::<Vec<_>>()
            })
        };
        assert_eq!(arguments("docker run --rm image"), ["run", "image"]);
        assert_eq!(arguments("x --to=y"), ["y"]);
        assert_eq!(arguments("rm -- --rm -rf"), ["--rm", "-rf", "f"]);
    }

    #[test]
    fn a_switch_turned_off_is_not_given() {
        let known = [flag("--dry-run"), flag("--sort="), flag("-n"), Flag::end()];
        let has = |line: &str, name: &str| with(line, |command| command.has(&flag(name), &known));
        for line in [
            "x --dry-run",
            "x --dry-run=true",
            "x --dry-run=client y",
            "x -n --dry-run=YES",
            "x --dry-run a -- --no-dry-run",
        ] {
            assert!(has(line, "--dry-run"), "{line}");
        }
        for value in ["false", "False", "no", "off", "0", "none", "f", "n", "", "never", "anything"] {
            for line in [
                format!("x --dry-run={value}"),
                format!("x --dry-run --dry-run={value}"),
                format!("x --dry-run --dry={value}"),
            ] {
                assert!(!has(&line, "--dry-run"), "{line}");
                assert!(with(&line, |command| command.may_have(&flag("--dry-run"))), "{line}");
            }
        }
        for line in [
            "x --dry-run --no-dry-run",
            "x --dry-run --no-dry",
            "x --no-dry-run",
            "x -n=0 --dry-run --nodry-run",
        ] {
            assert!(!has(line, "--dry-run"), "{line}");
        }
        assert!(has("x --sort=false", "--sort="));
        assert!(!has("x -n=0", "-n"));
    }

    #[test]
    fn a_word_known_at_run_time_may_take_a_switch_back() {
        let known = [flag("--dry-run")];
        let words = |sure| [Word::from("x"), Word::from("--dry-run"), Word { text: b"$X"[..].into(), sure }];
        let has = |words: &[Word<'_>]| Command::of(words).unwrap().has(&flag("--dry-run"), &known);
        assert!(has(&words(Sure::Exact)));
        assert!(!has(&words(Sure::Partly(0))));
        assert!(!has(&words(Sure::Split(0))));
    }

    proptest::proptest! {
        #[test]
        fn what_is_certainly_given_is_never_missed_by_the_wide_reading(
            words in proptest::collection::vec("(--?)?(dry-run|dry|no-dry-run|n|f|x)(=(false|true|no|0|on|x)?)?|--", 0..6),
        ) {
            let words: Vec<Word<'_>> = std::iter::once("x").chain(words.iter().map(String::as_str)).map(Word::from).collect();
            let command = Command::of(&words).unwrap();
            let known = [flag("--dry-run"), flag("-n"), flag("-f="), Flag::end()];
            for wanted in known.iter().take(3) {
                proptest::prop_assert!(!command.has(wanted, &known) || command.may_have(wanted));
            }
            // No word added behind it makes certain what was taken back.
            let off = words.iter().any(|word| &*word.text == b"--dry-run=false");
            let ended = words.iter().any(|word| &*word.text == b"--");
            proptest::prop_assert!(!off || ended || !command.has(&known[0], &known));
        }
    }
}
