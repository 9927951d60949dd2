//! What a word becomes when the shell expands it: braces, tilde, variables, splitting, file patterns (bash(1)).
//! Pure. What is only known then is said to be so (see [`Sure`]).

use std::collections::BTreeSet;
use std::path::Path;

use super::braces::{self, Unit};
use super::state::{State, Value};
use super::syntax::{Command, Item, List, Open, Piece, Pipeline, Raw};
use crate::facts::argv::{Sure, Word};

/// Expands words at one point of the code.
#[derive(Debug, Clone, Copy)]
pub struct Expander<'s> {
    /// What is known there.
    pub state: &'s State,
    /// What `~` is.
    pub home: Option<&'s Path>,
    /// The shell is bash, or expands words as bash does.
    pub is_bash: bool,
    /// The functions the code defines: their names are no programs.
    pub functions: &'s BTreeSet<Vec<u8>>,
}

impl Expander<'_> {
    /// The words that a word of a command becomes.
    #[must_use]
    pub fn words(&self, raw: &Raw) -> Vec<Word<'static>> {
        if let Some(word) = literal(raw) {
            return vec![word];
        }
        let units = braces::units(&raw.pieces);
        let has_braces = units.iter().any(|unit| matches!(unit, Unit::Bare(b'{')));
        let words = match has_braces {
            true => braces::expand(&units).filter(|words| self.is_bash || words.len() == 1),
            false => Some(vec![units]),
        };
        // Beside a lone dollar sign bash does not split.
        let words = words.filter(|_| !has_lone_dollar(&raw.pieces));
        let Some(words) = words else { return vec![unknown(raw, Sure::Split(0))] };
        let mut fields = Fields::default();
        for units in words {
            self.fill(&units, false, &mut fields);
            fields.finish();
        }
        fields.done
    }

    /// The value that a word has in an assignment, a here-document or a here-string.
    #[must_use]
    pub fn value(&self, raw: &Raw) -> Word<'static> {
        if raw.array.is_some() {
            return unknown(raw, Sure::Partly(0));
        }
        let mut fields = Fields { is_value: true, ..Fields::default() };
        self.fill(&braces::units(&raw.pieces), true, &mut fields);
        fields.started = true;
        fields.finish();
        fields.done.pop().unwrap_or_else(|| Word::exact(Vec::new()))
    }

    /// The one word that a redirection goes to.
    #[must_use]
    pub fn target(&self, raw: &Raw) -> Word<'static> {
        let mut words = self.words(raw);
        match (words.pop(), words.is_empty()) {
            (Some(Word { text, sure: Sure::Split(known) }), true) => Word { text, sure: Sure::Partly(known) },
            (Some(word), true) => word,
            _ => unknown(raw, Sure::Partly(0)),
        }
    }

    fn fill(&self, units: &[Unit<'_>], is_value: bool, fields: &mut Fields) {
        let (at, may_be_home) = self.tilde(units, is_value, fields);
        let rest = units.get(at..).unwrap_or_default();
        let assigns = is_value || looks_like_assignment(rest);
        let mut before = if at == 0 && !may_be_home { None } else { Some(b'~') };
        for unit in rest {
            match unit {
                // `~` behind `=` or `:` is expanded, in some places and shells.
                Unit::Bare(b'~') if assigns && matches!(before, Some(b'=' | b':')) => {
                    fields.unknown(b"~", true)
                }
                Unit::Bare(byte) => fields.bare(*byte),
                Unit::Quoted(byte) => fields.quoted(&[*byte]),
                Unit::Nothing => fields.started = true,
                Unit::Open(piece) => self.open(piece, fields),
            }
            before = if let Unit::Bare(byte) = unit { Some(*byte) } else { Some(0) };
        }
    }

    // Reads a tilde at the start: how many parts it takes, and whether there was one.
    fn tilde(&self, units: &[Unit<'_>], is_value: bool, fields: &mut Fields) -> (usize, bool) {
        if !matches!(units.first(), Some(Unit::Bare(b'~'))) {
            return (0, false);
        }
        let ends = |unit: &Unit<'_>| match unit {
            Unit::Bare(byte) => *byte == b'/' || is_value && *byte == b':',
            _ => true,
        };
        let end = units.iter().position(ends).unwrap_or(units.len());
        match units.get(end) {
            None | Some(Unit::Bare(_)) => {}
            // With a quote in it, it is no name.
            Some(_) => return (0, true),
        }
        match self.variable(b"HOME") {
            Some(Value::Exact(home)) if end == 1 => fields.quoted(&home),
            _ => {
                let written = units.get(..end).unwrap_or_default();
                let text: Vec<u8> = written
                    .iter()
                    .filter_map(|unit| if let Unit::Bare(b) = unit { Some(*b) } else { None })
                    .collect();
                fields.unknown(&text, true);
            }
        }
        (end, true)
    }

    fn variable(&self, name: &[u8]) -> Option<Value> {
        use std::os::unix::ffi::OsStrExt;
        let path = |path: &Path| Value::Exact(path.as_os_str().as_bytes().to_vec());
        self.state.value(name).or_else(|| match name {
            b"HOME" => self.home.map(path),
            b"PWD" => self.state.folder.as_deref().map(path),
            _ => None,
        })
    }

    fn open(&self, piece: &Piece, fields: &mut Fields) {
        let Piece::Open { written, quoted, what } = piece else { return };
        match what {
            Open::Variable(name) => match self.variable(name) {
                Some(Value::Exact(value)) if *quoted || fields.is_value => fields.quoted(&value),
                Some(Value::Exact(value)) if self.state.splits_at_blanks() => fields.split(&value),
                Some(Value::File(pattern)) => {
                    fields.pattern(&pattern, *quoted || fields.is_value);
                }
                Some(Value::Number) => fields.unknown(written, *quoted || self.state.splits_at_blanks()),
                _ => fields.unknown(written, *quoted),
            },
            Open::Number | Open::Arithmetic(_) => {
                fields.unknown(written, *quoted || self.state.splits_at_blanks());
            }
            // Which number it is makes no difference to any rule; that the program is the system's is judged apart.
            Open::Output(list) if self.counts_processors(list) => fields.quoted(b"1"),
            Open::Output(_) => fields.unknown(written, *quoted),
            Open::Process { .. } => fields.quoted(A_PIPE),
            Open::Other { many, .. } => fields.unknown(written, *quoted && !many),
        }
    }
}

// What a shell puts for a process substitution: what runs in it is judged apart.
const A_PIPE: &[u8] = b"/dev/fd/63";

const COUNTS: [&[&[u8]]; 6] = [
    &[b"nproc"],
    &[b"nproc", b"--all"],
    &[b"getconf", b"_NPROCESSORS_ONLN"],
    &[b"sysctl", b"-n", b"hw.ncpu"],
    &[b"sysctl", b"-n", b"hw.logicalcpu"],
    &[b"sysctl", b"-n", b"hw.physicalcpu"],
];

impl Expander<'_> {
    // Whether all it prints is how many processors there are.
    fn counts_processors(&self, list: &List) -> bool {
        let [Item { first: Pipeline { negated: false, commands }, rest, background: false }] = &*list.0
        else {
            return false;
        };
        let [Command::Simple(simple)] = commands.as_slice() else { return false };
        let bare = rest.is_empty() && simple.assignments.is_empty() && simple.redirects.is_empty();
        let words: Option<Vec<&[u8]>> = simple.words.iter().map(Raw::plain).collect();
        let words = words.filter(|_| bare).unwrap_or_default();
        COUNTS.contains(&words.as_slice()) && !words.iter().any(|word| self.functions.contains(*word))
    }
}

// Whether it has a lone dollar sign beside something that is filled in.
fn has_lone_dollar(pieces: &[Piece]) -> bool {
    let is_open = |piece: &Piece| matches!(piece, Piece::Open { .. });
    let has_dollar = |piece: &Piece| matches!(piece, Piece::Text(text) if text.contains(&b'$'));
    pieces.iter().any(is_open) && pieces.iter().any(has_dollar)
}

// A word in which nothing is special, which most are.
fn literal(raw: &Raw) -> Option<Word<'static>> {
    let special = |b: &u8| matches!(b, b'*' | b'?' | b'[' | b'{' | b'~');
    match raw.pieces.as_slice() {
        [Piece::Text(text)] if !text.iter().any(special) => Some(Word::exact(text.clone())),
        [Piece::Quoted(text)] => Some(Word::exact(text.clone())),
        _ => None,
    }
}

fn unknown(raw: &Raw, sure: Sure) -> Word<'static> {
    Word { text: raw.written().into(), sure }
}

fn looks_like_assignment(units: &[Unit<'_>]) -> bool {
    let end = units.iter().position(|unit| matches!(unit, Unit::Bare(b'='))).unwrap_or(0);
    let is_part = |unit: &Unit<'_>| matches!(unit, Unit::Bare(b) if b.is_ascii_alphanumeric() || *b == b'_');
    end > 0 && units.iter().take(end).all(is_part)
}

// The words that come out, and the one being made.
#[derive(Default)]
struct Fields {
    done: Vec<Word<'static>>,
    text: Vec<u8>,
    // There are quotes, so it is a word even if it is empty.
    started: bool,
    // From here on its text is only known then.
    unknown_from: Option<usize>,
    // It may be several words.
    is_many: bool,
    // Where a file pattern begins, and where a bracket stands that may begin one.
    pattern_from: Option<usize>,
    bracket: Option<usize>,
    // Nothing is split, and no files are looked for.
    is_value: bool,
}

impl Fields {
    fn bare(&mut self, byte: u8) {
        let here = self.text.len();
        match byte {
            b'*' | b'?' => {
                self.pattern_from.get_or_insert(here);
            }
            b'[' => {
                self.bracket.get_or_insert(here);
            }
            b']' => {
                if let Some(bracket) = self.bracket {
                    self.pattern_from = Some(self.pattern_from.map_or(bracket, |at| at.min(bracket)));
                }
            }
            _ => {}
        }
        self.text.push(byte);
    }

    fn quoted(&mut self, text: &[u8]) {
        self.started = true;
        self.text.extend_from_slice(text);
    }

    fn unknown(&mut self, written: &[u8], is_one: bool) {
        self.unknown_from.get_or_insert(self.text.len());
        self.is_many |= !is_one && !self.is_value;
        self.text.extend_from_slice(written);
    }

    fn pattern(&mut self, pattern: &[u8], is_one: bool) {
        if self.is_value {
            self.unknown(pattern, true);
            return;
        }
        let special = |b: &u8| matches!(b, b'*' | b'?' | b'[');
        let at = self.text.len() + pattern.iter().position(special).unwrap_or(0);
        if !is_one {
            self.is_many = true;
            self.unknown_from.get_or_insert(at);
        }
        self.pattern_from.get_or_insert(at);
        self.started = true;
        self.text.extend_from_slice(pattern);
    }

    // The value of a variable without quotes.
    fn split(&mut self, value: &[u8]) {
        for &byte in value {
            match byte {
                // A word that may be several by now goes on to the end.
                b' ' | b'\t' | b'\n' if !self.is_many => self.finish(),
                b'\\' => {
                    self.pattern_from.get_or_insert(self.text.len());
                    self.text.push(byte);
                }
                _ => self.bare(byte),
            }
        }
    }

    fn finish(&mut self) {
        let text = std::mem::take(&mut self.text);
        let known = self.unknown_from.take();
        let pattern = self.pattern_from.take().filter(|_| !self.is_value);
        let is_many = std::mem::take(&mut self.is_many);
        let started = std::mem::take(&mut self.started);
        self.bracket = None;
        if text.is_empty() && !started {
            return;
        }
        let sure = match (known, pattern) {
            (Some(known), Some(pattern)) => Sure::Split(known.min(pattern)),
            (Some(known), None) if is_many => Sure::Split(known),
            (Some(known), None) => Sure::Partly(known),
            (None, Some(_)) => Sure::Files,
            (None, None) => Sure::Exact,
        };
        self.done.push(Word { text: text.into(), sure });
    }
}

#[cfg(test)]
mod tests {
    use super::super::line;
    use super::*;
    use crate::facts::atoms::Atoms;

    fn read(code: &str) -> Atoms<'static> {
        line(code.as_bytes(), Path::new("/here"), None)
    }

    fn all(code: &str) -> Vec<String> {
        let read = read(code);
        assert_eq!(read.opaque, [], "{code}");
        let text = |word: &Word<'_>| String::from_utf8_lossy(&word.text).into_owned();
        let line = |words: &[Word<'_>]| words.iter().map(text).collect::<Vec<_>>().join(" ");
        read.atoms.iter().map(|atom| line(&atom.words)).collect()
    }

    #[test]
    fn how_many_processors_there_are_is_a_number() {
        assert_eq!(all("make -j$(nproc)"), ["make -j1", "nproc"]);
        assert_eq!(
            all("make -j \"$(getconf _NPROCESSORS_ONLN)\""),
            ["make -j 1", "getconf _NPROCESSORS_ONLN"]
        );
        for code in [
            "nproc() { echo '1 deploy'; }; make -j $(nproc)",
            "make -j $(nproc; echo deploy)",
            "make -j $(A=b nproc)",
            "make -j $(nproc < x)",
            "make -j $(nproc || echo deploy)",
            "make -j $(echo 2)",
        ] {
            let read = read(code);
            let make = read.atoms.iter().find(|atom| &*atom.words[0].text == b"make").unwrap();
            assert!(make.words.iter().any(|word| word.certain().is_none()), "{code}");
        }
    }

    #[test]
    fn a_process_substitution_is_a_pipe_and_what_runs_in_it_a_command() {
        assert_eq!(all("diff <(sort a) b"), ["diff /dev/fd/63 b", "sort a"]);
        for code in
            ["bash <(curl x)", "python3 <(curl x)", "source <(curl x)", ". <(curl x)", "node <(curl x)"]
        {
            assert!(!read(code).opaque.is_empty(), "{code}");
        }
    }
}
