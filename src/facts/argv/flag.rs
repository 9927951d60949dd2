//! One option as a policy names it, and the words that are it.
//! Pure.

/// An option as a policy names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Flag {
    /// The option with its dashes, without `=`; `-#` stands for a dash and a number.
    name: String,
    /// Whether it takes the next word as its value when none is joined.
    pub(super) valued: bool,
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

    pub(super) fn is_end(&self) -> bool {
        self.name == "--"
    }

    // `-delete`: programs with such options do not read them as getopt(3) does.
    pub(super) fn is_long_with_one_dash(&self) -> bool {
        self.name.len() > 2 && !self.name.starts_with("--")
    }

    /// The option as written on a command line.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn letter(&self) -> Option<u8> {
        match self.name.as_bytes() {
            [b'-', letter] if *letter != b'-' => Some(*letter),
            _ => None,
        }
    }

    fn is_number(&self) -> bool {
        self.name == "-#"
    }

    // Wide: see `Command::may_have`.
    pub(super) fn may_be(&self, word: &[u8]) -> bool {
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
    pub(super) fn is(&self, word: &[u8]) -> bool {
        let head = word.split(|&b| b == b'=').next().unwrap_or(word);
        if self.is_number() { is_number(word) } else { head == self.name.as_bytes() }
    }

    // Certain: this option, and a switch is not given only to turn it off (`--dry-run=false`).
    pub(super) fn is_on(&self, word: &[u8]) -> bool {
        self.is(word) && (self.valued || value(word).is_none_or(says_yes))
    }

    // Wide: this option's opposite (`--no-dry-run`), or a switch with a value that may turn it off.
    pub(super) fn may_be_undone_by(&self, word: &[u8]) -> bool {
        let head = word.split(|&b| b == b'=').next().unwrap_or(word);
        let opposite = || {
            let wanted = self.name.strip_prefix("--")?.as_bytes();
            let given = head.strip_prefix(b"--").or_else(|| head.strip_prefix(b"-"))?.strip_prefix(b"no")?;
            let given = given.strip_prefix(b"-").unwrap_or(given);
            Some(!given.is_empty() && wanted.starts_with(given))
        };
        let off = !self.valued && value(word).is_some_and(|value| !says_yes(value)) && self.may_be(word);
        off || opposite().unwrap_or(false)
    }
}

fn value(word: &[u8]) -> Option<&[u8]> {
    word.get(word.iter().position(|&b| b == b'=')? + 1..)
}

// What programs take as a switch turned on; the last two are kubectl's kinds of a dry run. All else may be
// off: `false`, `no`, `0`, `none`, nothing.
const YES: [&str; 8] = ["true", "t", "yes", "y", "on", "1", "client", "server"];

fn says_yes(value: &[u8]) -> bool {
    YES.iter().any(|yes| value.eq_ignore_ascii_case(yes.as_bytes()))
}

fn is_number(word: &[u8]) -> bool {
    word.strip_prefix(b"-").is_some_and(|rest| !rest.is_empty() && rest.iter().all(u8::is_ascii_digit))
}
