//! Reads the options before a command by the list of those a wrapper knows.
//! Pure. Certain only: an option outside the list, or one only known at run time, ends the reading.

use std::borrow::Cow;

use crate::facts::argv::Word;

/// What an option does; the mark behind its name in a list of options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// No mark: it takes no value.
    Switch,
    /// `=`: it takes a value, joined or in the next word.
    Value,
    /// `?`: it may have a value, joined only.
    Joined,
    /// `.`: it answers, and nothing is run.
    Answer,
    /// `$`: its value is shell code.
    Line,
    /// `/`: its value is the folder the command runs in.
    Folder,
    /// `%`: its value is a variable that is taken away.
    Unset,
    /// `~`: a shell of the account's runs the command.
    Shell,
}

/// One option that was met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Met<'a> {
    pub(super) name: &'static str,
    pub(super) mark: Mark,
    pub(super) value: Option<Word<'a>>,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Options<'a> {
    pub(super) met: Vec<Met<'a>>,
    /// Where the words go on.
    pub(super) next: usize,
    /// Whether a `--` ended the options.
    pub(super) ended: bool,
    /// The places of words between the options, when these may come in any order.
    pub(super) operands: Vec<usize>,
}

impl Options<'_> {
    pub(super) fn has(&self, names: &[&str]) -> bool {
        self.met.iter().any(|met| names.contains(&met.name))
    }

    pub(super) fn answer(&self) -> bool {
        self.met.iter().any(|met| met.mark == Mark::Answer)
    }
}

type Named = (&'static str, Mark);

/// Reads the options at the start of `words`. `known` lists them as in `-u= --user= -E`, each with its mark.
pub(super) fn read<'a>(words: &[Word<'a>], known: &'static str) -> Result<Options<'a>, String> {
    Reader { words, known, options: Options::default() }.read(false)
}

/// Reads all options of `words`, wherever they stand before a `--`.
pub(super) fn read_all<'a>(words: &[Word<'a>], known: &'static str) -> Result<Options<'a>, String> {
    Reader { words, known, options: Options::default() }.read(true)
}

struct Reader<'w, 'a> {
    words: &'w [Word<'a>],
    known: &'static str,
    options: Options<'a>,
}

impl<'a> Reader<'_, 'a> {
    fn read(mut self, everywhere: bool) -> Result<Options<'a>, String> {
        while let Some(word) = self.words.get(self.options.next) {
            if word.certain() == Some(b"--") {
                self.options.next += 1;
                self.options.ended = true;
                break;
            }
            if !word.is_option() && self.named(&word.text).is_none() {
                if word.may_be_option() {
                    return Err(only_then(word));
                }
                if !everywhere {
                    break;
                }
                self.options.operands.push(self.options.next);
                self.options.next += 1;
                continue;
            }
            self.options.next += 1;
            if !word.is_one() {
                return Err(only_then(word));
            }
            self.option(word)?;
        }
        Ok(self.options)
    }

    fn option(&mut self, word: &Word<'a>) -> Result<(), String> {
        let known = word.known();
        let equals = known.iter().position(|&b| b == b'=');
        let head = equals.and_then(|at| known.get(..at)).unwrap_or(known);
        if equals.is_none() && word.certain().is_none() {
            return self.cluster(word);
        }
        let whole = self.named(head).filter(|(name, _)| equals.is_none() || name.len() > 2);
        match whole {
            Some(named) => self.meet(named, equals.map(|at| tail(word, at + 1)), word),
            None if is_number(head) && equals.is_none() => {
                let named = self.named(b"-#").ok_or_else(|| unknown(word))?;
                self.meet(named, None, word)
            }
            None => self.cluster(word),
        }
    }

    // `-nu root`: switches, of which the last may take what follows as its value.
    fn cluster(&mut self, word: &Word<'a>) -> Result<(), String> {
        let known = word.known();
        if known.starts_with(b"--") {
            return Err(unknown(word));
        }
        for (at, letter) in known.iter().enumerate().skip(1) {
            let named = self.named(&[b'-', *letter]).ok_or_else(|| unknown(word))?;
            match named.1 {
                Mark::Switch | Mark::Answer | Mark::Shell => self.meet(named, None, word)?,
                _ => {
                    let joined = (word.text.len() > at + 1).then(|| tail(word, at + 1));
                    return self.meet(named, joined, word);
                }
            }
        }
        if word.certain().is_some() { Ok(()) } else { Err(only_then(word)) }
    }

    fn meet(&mut self, (name, mark): Named, joined: Option<Word<'a>>, word: &Word<'a>) -> Result<(), String> {
        let value = match mark {
            Mark::Switch | Mark::Answer | Mark::Shell if joined.is_some() => return Err(unknown(word)),
            Mark::Switch | Mark::Answer | Mark::Shell => None,
            Mark::Joined => joined,
            Mark::Value | Mark::Line | Mark::Folder | Mark::Unset => match joined {
                Some(value) => Some(value),
                None => Some(self.next_word(word)?),
            },
        };
        self.options.met.push(Met { name, mark, value });
        Ok(())
    }

    fn next_word(&mut self, option: &Word<'a>) -> Result<Word<'a>, String> {
        let value = self.words.get(self.options.next).ok_or_else(|| unknown(option))?;
        self.options.next += 1;
        if value.is_one() { Ok(value.clone()) } else { Err(only_then(value)) }
    }

    fn named(&self, wanted: &[u8]) -> Option<Named> {
        self.known.split_ascii_whitespace().map(named).find(|(name, _)| name.as_bytes() == wanted)
    }
}

fn named(token: &'static str) -> Named {
    let marks = [
        ('=', Mark::Value),
        ('?', Mark::Joined),
        ('.', Mark::Answer),
        ('$', Mark::Line),
        ('/', Mark::Folder),
        ('%', Mark::Unset),
        ('~', Mark::Shell),
    ];
    let found = marks.into_iter().find_map(|(sign, mark)| Some((token.strip_suffix(sign)?, mark)));
    // `-?` is an option of its own, and has no mark.
    found.filter(|(name, _)| name.len() > 1).unwrap_or((token, Mark::Switch))
}

fn is_number(head: &[u8]) -> bool {
    head.strip_prefix(b"-").is_some_and(|rest| !rest.is_empty() && rest.iter().all(u8::is_ascii_digit))
}

/// A word without its first `at` bytes.
pub(super) fn tail<'a>(word: &Word<'a>, at: usize) -> Word<'a> {
    let text = match &word.text {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(at..).unwrap_or_default()),
        Cow::Owned(text) => Cow::Owned(text.get(at..).unwrap_or_default().to_vec()),
    };
    Word { text, sure: word.sure.from(at) }
}

/// That an option is in no list.
pub(super) fn unknown(word: &Word<'_>) -> String {
    format!("`{}` is not known", String::from_utf8_lossy(&word.text))
}

/// That a word is only known at run time.
pub(super) fn only_then(word: &Word<'_>) -> String {
    format!("`{}` is only known then", String::from_utf8_lossy(&word.text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::argv::Sure;

    const KNOWN: &str = "-u= --user= -n -E -l. --env? -# -";

    fn said(line: &str) -> String {
        let words: Vec<Word<'_>> = line.split(' ').map(Word::from).collect();
        match read(&words, KNOWN) {
            Ok(options) => {
                let met = options.met.iter().map(|met| {
                    let value = met.value.as_ref().map(|value| String::from_utf8_lossy(&value.text));
                    value.map_or_else(|| met.name.to_owned(), |value| format!("{}:{value}", met.name))
                });
                format!("{} @{}", met.collect::<Vec<_>>().join(" "), options.next)
            }
            Err(why) => why,
        }
    }

    #[test]
    fn options_are_read_in_every_form_they_come_in() {
        assert_eq!(said("-u root ls -n"), "-u:root @2");
        assert_eq!(said("-nuroot ls"), "-n -u:root @1");
        assert_eq!(said("-nEu root ls"), "-n -E -u:root @2");
        assert_eq!(said("--user root --env --env=A x"), "--user:root --env --env:A @4");
        assert_eq!(said("-5 - -- -n"), "-# - @3");
    }

    #[test]
    fn what_is_not_in_the_list_is_said() {
        assert_eq!(said("-n --us root x"), "`--us` is not known");
        assert_eq!(said("-nx x"), "`-nx` is not known");
        assert_eq!(said("-u"), "`-u` is not known");
        assert_eq!(said("--user"), "`--user` is not known");
    }

    #[test]
    fn a_word_only_known_at_run_time_is_no_option_and_no_command() {
        let word = |text: &'static str, sure| Word { text: text.as_bytes().into(), sure };
        for words in [
            vec![word("$X", Sure::Partly(0))],
            vec![word("a$X", Sure::Split(1))],
            vec![word("-$X", Sure::Partly(1))],
            vec![word("-n$X", Sure::Partly(2))],
            vec![word("-u$X", Sure::Split(2))],
            vec!["-u".into(), word("$X", Sure::Split(0))],
            vec![word("*", Sure::Files)],
        ] {
            assert!(read(&words, KNOWN).is_err(), "{words:?}");
        }
        for words in [vec![word("-u$X", Sure::Partly(2))], vec![word("--user=$X", Sure::Partly(7))]] {
            assert_eq!(read(&words, KNOWN).map(|options| options.met.len()), Ok(1), "{words:?}");
        }
    }

    #[test]
    fn options_may_come_between_the_words() {
        let words: Vec<Word<'_>> = "a -n b -u c -- -d".split(' ').map(Word::from).collect();
        let options = read_all(&words, KNOWN).unwrap();
        assert_eq!((options.operands, options.next, options.met.len()), (vec![0, 2], 6, 2));
    }
}
