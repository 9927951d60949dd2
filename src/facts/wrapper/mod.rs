//! Commands that run other commands or code: which commands run within them, and what is changed for those.
//! Pure. A wrapper's words are read with certainty; what cannot be is opaque, and never allowed.

mod awk;
mod code;
mod found;
mod git;
mod launch;
mod options;
mod plain;
mod remote;
mod runners;
mod search;
mod sed;
mod shells;
mod table;
#[cfg(test)]
mod tests;

pub use found::printed;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::argv::{Word, base_name};
use super::atoms::{Around, Change};

/// What a command runs within itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unwrapped<'a> {
    /// The command's own words, without those of what runs within; none when all words are its own.
    pub own: Option<Vec<Word<'a>>>,
    /// What runs within.
    pub within: Vec<(Within<'a>, Change)>,
}

/// Something that runs within a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Within<'a> {
    /// A command.
    Command(Vec<Word<'a>>),
    /// Shell code.
    Line(Word<'a>),
    /// Something that is not understood, in words for the card.
    Opaque(String),
}

impl<'a> Unwrapped<'a> {
    fn of(own: &[Word<'a>], within: Vec<(Within<'a>, Change)>) -> Self {
        Self { own: Some(own.to_vec()), within }
    }

    fn opaque(what: String) -> Self {
        Self { own: None, within: vec![(Within::Opaque(what), Change::default())] }
    }
}

/// What a command of these words runs within itself.
#[must_use]
pub fn unwrap<'a>(words: &[Word<'a>], around: &Around) -> Unwrapped<'a> {
    let Some(program) = words.first() else { return Unwrapped::default() };
    let name = base_name(&program.text);
    let Some(way) = table::way(name) else { return Unwrapped::default() };
    // Every name in the table is text.
    let name = std::str::from_utf8(name).unwrap_or_default();
    way.unwrap(&Given { name, words, around })
}

/// A wrapper as it was given.
struct Given<'w, 'a> {
    /// Its base name.
    name: &'w str,
    /// All its words, program first.
    words: &'w [Word<'a>],
    around: &'w Around,
}

impl<'w, 'a> Given<'w, 'a> {
    fn from(&self, at: usize) -> &'w [Word<'a>] {
        self.words.get(at..).unwrap_or_default()
    }

    /// Whether it is only asked about itself.
    fn asks(&self) -> bool {
        matches!(self.from(1), [word] if matches!(word.certain(), Some(b"--version" | b"--help")))
    }

    /// A shell runs what it reads from its input: known only when that stands in the code around it.
    fn input(&self, change: Change) -> Result<Unwrapped<'a>, String> {
        let code = self.around.input.clone().ok_or_else(|| "a shell reads its input".to_owned())?;
        let change = Change { in_shell: true, reads_input: true, ..change };
        Ok(Unwrapped { own: None, within: vec![(Within::Line(code), change)] })
    }

    fn not_known(&self, why: &str) -> Unwrapped<'a> {
        Unwrapped::opaque(format!("what `{}` runs: {why}", self.name))
    }
}

/// The folder a word names, for a command that stands there; none when that is only known at run time.
fn path_of(word: &Word<'_>, around: &Around) -> Option<PathBuf> {
    let path = Path::new(OsStr::from_bytes(word.certain()?));
    if path.is_absolute() { Some(path.to_path_buf()) } else { Some(around.folder.as_ref()?.join(path)) }
}

/// The words in a text that may be programs: the whole, or the first `most` pieces of a text that holds several. For
/// rules that stop; the text is not parsed as a shell would.
#[must_use]
pub fn pieces(word: &[u8], most: usize) -> Vec<Vec<u8>> {
    const ENDS: &[u8] = b" \t\r\n;&|()<>`{}$";
    if !word.iter().any(|b| ENDS.contains(b) || matches!(b, b'\'' | b'"' | b'\\')) {
        return vec![word.to_vec()];
    }
    let unquoted = word.iter().copied().filter(|b| !matches!(b, b'\'' | b'"' | b'\\'));
    let unquoted: Vec<u8> = unquoted.collect();
    let split = unquoted.split(|b| ENDS.contains(b)).filter(|piece| !piece.is_empty());
    let value = |piece: &[u8]| {
        piece.iter().position(|&b| b == b'=').and_then(|at| piece.get(at + 1..).map(<[u8]>::to_vec))
    };
    split.flat_map(|piece| [Some(piece.to_vec()), value(piece)]).flatten().take(most).collect()
}
