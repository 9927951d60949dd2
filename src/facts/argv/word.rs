//! One word of a command, with how surely it is what the program will get.
//! Pure.

use std::borrow::Cow;

/// A word as a program will get it, as far as that is known before it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word<'a> {
    /// Its bytes, quotes removed; parts only known at run time stand as they were written (`$DIR`).
    pub text: Cow<'a, [u8]>,
    /// What is certain about it.
    pub sure: Sure,
}

/// How surely a word's text is what the program gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sure {
    /// The program gets exactly this.
    Exact,
    /// A pattern of file names (`*`, `?`, `[…]`): as many words as there are files that fit it.
    Files,
    /// One word, of which only this many bytes at its start are known.
    Partly(usize),
    /// Any number of words; this many bytes at the start of the first are known.
    Split(usize),
}

impl Sure {
    /// What is certain about the same text without its first `at` bytes.
    #[must_use]
    pub const fn from(self, at: usize) -> Self {
        match self {
            Self::Exact => Self::Exact,
            Self::Files => Self::Files,
            Self::Partly(known) => Self::Partly(known.saturating_sub(at)),
            Self::Split(known) => Self::Split(known.saturating_sub(at)),
        }
    }
}

impl<'a> Word<'a> {
    /// A word the program gets as it stands.
    #[must_use]
    pub fn exact(text: impl Into<Cow<'a, [u8]>>) -> Self {
        Self { text: text.into(), sure: Sure::Exact }
    }

    /// Its text, when that is exactly what the program gets.
    #[must_use]
    pub fn certain(&self) -> Option<&[u8]> {
        (self.sure == Sure::Exact).then_some(&*self.text)
    }

    /// Whether it looks like an option as it stands: a dash and more.
    #[must_use]
    pub fn is_option(&self) -> bool {
        is_option(&self.text)
    }

    /// Whether it may turn out to be an option.
    #[must_use]
    pub fn may_be_option(&self) -> bool {
        self.is_option()
            || match self.sure {
                Sure::Exact => false,
                Sure::Files => matches!(self.text.first(), Some(b'*' | b'?' | b'[')),
                Sure::Partly(known) => known == 0,
                // A later word of several may be one, whatever the first begins with.
                Sure::Split(_) => true,
            }
    }

    /// Whether it is a long option whose name is certain, whatever its value turns out to be: `--author="$WHO"`,
    /// `--include=*.py`, which names files only where some begin so, and is that option then too.
    #[must_use]
    pub fn is_named_option(&self) -> bool {
        let named = self.text.starts_with(b"--") && self.known().contains(&b'=');
        self.sure == Sure::Exact || (named && !matches!(self.sure, Sure::Split(_)))
    }

    /// Whether it is one word whatever happens.
    #[must_use]
    pub const fn is_one(&self) -> bool {
        matches!(self.sure, Sure::Exact | Sure::Partly(_))
    }

    /// The bytes at its start that are certain.
    #[must_use]
    pub fn known(&self) -> &[u8] {
        let end = match self.sure {
            Sure::Exact => self.text.len(),
            Sure::Files => self.text.iter().position(|b| matches!(b, b'*' | b'?' | b'[')).unwrap_or(0),
            Sure::Partly(known) | Sure::Split(known) => known,
        };
        self.text.get(..end).unwrap_or(&self.text)
    }
}

impl<'a> From<&'a [u8]> for Word<'a> {
    fn from(text: &'a [u8]) -> Self {
        Self::exact(text)
    }
}

impl<'a> From<&'a str> for Word<'a> {
    fn from(text: &'a str) -> Self {
        Self::exact(text.as_bytes())
    }
}

/// Whether the word is an option by its looks: a dash and more.
#[must_use]
pub fn is_option(word: &[u8]) -> bool {
    word.len() > 1 && word.first() == Some(&b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_may_be_an_option() {
        let word = |text: &'static str, sure| Word { text: text.as_bytes().into(), sure };
        for (word, may) in [
            (word("-x", Sure::Exact), true),
            (word("x", Sure::Exact), false),
            (word("*.rs", Sure::Files), true),
            (word("src/*.rs", Sure::Files), false),
            (word("$X", Sure::Partly(0)), true),
            (word("a$X", Sure::Partly(1)), false),
            (word("a$X", Sure::Split(1)), true),
            (word("-$X", Sure::Partly(1)), true),
            (word("--into=$X", Sure::Split(7)), true),
        ] {
            assert_eq!(word.may_be_option(), may, "{word:?}");
        }
    }

    #[test]
    fn an_option_may_be_certain_where_its_value_is_not() {
        let word = |text: &'static str, sure| Word { text: text.as_bytes().into(), sure };
        for (word, is) in [
            (word("--author=$WHO", Sure::Partly(9)), true),
            (word("--include=*.py", Sure::Files), true),
            (word("--a$WHO=x", Sure::Partly(3)), false),
            (word("--into=$DIR", Sure::Split(7)), false),
            (word("--in*=x", Sure::Files), false),
        ] {
            assert_eq!(word.is_named_option(), is, "{word:?}");
        }
    }

    #[test]
    fn only_what_is_exact_is_certain() {
        assert_eq!(Word::from("a").certain(), Some(&b"a"[..]));
        let files = Word { text: b"src/*.rs"[..].into(), sure: Sure::Files };
        assert_eq!((files.certain(), files.known()), (None, &b"src/"[..]));
    }
}
