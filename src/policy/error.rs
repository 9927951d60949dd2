//! What is wrong with a policy file, where, and what to write instead.
//! Pure.

use crate::escaped::Escaped;

/// One fault in a policy, at its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.told())]
pub struct PolicyError {
    /// The layer's file, as the caller named it.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub instead: String,
}

impl PolicyError {
    // It repeats what the file says, and a project's policy is anybody's.
    fn told(&self) -> Escaped {
        let Self { file, line, column, what, instead } = self;
        Escaped::composed(&format!("{file}:{line}:{column}: {what}; {instead}"))
    }
}

/// The text of one layer, under the name errors give it.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The file's name, for messages.
    pub file: &'a str,
    /// Its text.
    pub text: &'a str,
}

impl Source<'_> {
    /// The fault at byte `at`.
    #[must_use]
    pub fn fault(&self, at: usize, what: impl Into<String>, instead: impl Into<String>) -> PolicyError {
        let (line, column) = position(self.text, at);
        PolicyError { file: self.file.to_owned(), line, column, what: what.into(), instead: instead.into() }
    }
}

/// Line and column, both from 1, of byte `at` of `text`; the end of the text when `at` is beyond it.
#[must_use]
pub fn position(text: &str, at: usize) -> (usize, usize) {
    let before: String = text.char_indices().take_while(|&(index, _)| index < at).map(|(_, c)| c).collect();
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
    (line, column)
}

/// The name of `known` that `typed` was most likely meant to be, if one is near.
#[must_use]
pub fn nearest<'a>(typed: &str, known: &[&'a str]) -> Option<&'a str> {
    let near = |name: &&str| (distance(typed, name), name.len());
    let best = known.iter().copied().min_by_key(near)?;
    let most = if typed.len() < 4 { 1 } else { (typed.len() / 3).max(2) };
    (distance(typed, best) <= most).then_some(best)
}

// Levenshtein's distance, one row at a time.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(b.chars()) {
            let here = (*cell + 1).min(left + 1).min(diagonal + usize::from(x != y));
            diagonal = std::mem::replace(cell, here);
            left = here;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_repeats_of_the_file_cannot_act_on_a_terminal() {
        let source = Source { file: "a\rb.toml", text: "" };
        let fault = source.fault(0, "`x\t\u{1b}[2J` is not a name", "write `^[a-z]\\d$`");
        let told = r"a\rb.toml:1:1: `x\t\x1b[2J` is not a name; write `^[a-z]\\d$`";
        assert_eq!(fault.to_string(), told);
        let fault = Source { file: "p.toml", text: "" }.fault(0, "`^\\d` is not a name", "write ü");
        assert_eq!(fault.to_string(), r"p.toml:1:1: `^\d` is not a name; write ü");
    }

    #[test]
    fn a_position_counts_characters_from_one() {
        let text = "a = 1\nü = x\n";
        assert_eq!(position(text, 0), (1, 1));
        assert_eq!(position(text, 6), (2, 1));
        assert_eq!(position(text, 11), (2, 5));
        assert_eq!(position(text, 99), (3, 1));
    }

    #[test]
    fn a_slip_of_the_finger_finds_the_name_meant() {
        let known = ["flag", "program", "unless_flag", "verdict"];
        assert_eq!(nearest("verdcit", &known), Some("verdict"));
        assert_eq!(nearest("flags", &known), Some("flag"));
        assert_eq!(nearest("colour", &known), None);
        assert_eq!(nearest("x", &[]), None);
    }

    #[test]
    fn a_third_of_a_name_may_be_mistyped() {
        let known = ["abcdefghi"];
        assert_eq!(nearest("abcdefxyz", &known), Some("abcdefghi"));
        assert_eq!(nearest("abcdexxyz", &known), None);
        assert_eq!((nearest("cwx", &["cwd"]), nearest("cxx", &["cwd"])), (Some("cwd"), None));
    }

    #[test]
    fn a_distance_counts_letters_put_in_left_out_and_changed() {
        for (a, b, apart) in [("", "", 0), ("abc", "", 3), ("", "abc", 3), ("kitten", "sitting", 3)] {
            assert_eq!((distance(a, b), distance(b, a)), (apart, apart), "{a} {b}");
        }
        for (a, b, apart) in [("flaw", "lawn", 2), ("ab", "ba", 2), ("über", "ubr", 2), ("same", "same", 0)]
        {
            assert_eq!((distance(a, b), distance(b, a)), (apart, apart), "{a} {b}");
        }
    }
}
