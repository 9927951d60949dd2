//! What shell code says, as far as it matters for what runs: commands, words, redirections.
//! Pure data.

use std::cell::OnceCell;
use std::rc::Rc;

/// Commands one after the other.
#[derive(Debug, Clone, Default)]
pub struct List(pub Vec<Item>);

/// Pipelines joined by `&&` and `||`.
#[derive(Debug, Clone)]
pub struct Item {
    /// The first, and what follows it.
    pub first: Pipeline,
    /// The others, each with what joins it to those before.
    pub rest: Vec<(Joint, Pipeline)>,
    /// Ended by `&`.
    pub background: bool,
}

/// What joins two pipelines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joint {
    /// `&&`
    And,
    /// `||`
    Or,
}

/// Commands joined by `|`; there is at least one.
#[derive(Debug, Clone)]
pub struct Pipeline {
    /// Begun by `!`, an odd number of times.
    pub negated: bool,
    /// The commands.
    pub commands: Vec<Command>,
}

/// One command of a pipeline.
#[derive(Debug, Clone)]
pub enum Command {
    /// Words.
    Simple(Simple),
    /// A construct, with the redirections behind it.
    Compound(Box<Compound>, Vec<Redirect>),
    /// A function of this name.
    Function(Vec<u8>, Box<Command>),
}

/// Assignments, words and redirections.
#[derive(Debug, Clone, Default)]
pub struct Simple {
    /// Those before the first word.
    pub assignments: Vec<Assignment>,
    /// The words, program first.
    pub words: Vec<Raw>,
    /// The redirections, wherever they stand.
    pub redirects: Vec<Redirect>,
}

/// `NAME=value`
#[derive(Debug, Clone)]
pub struct Assignment {
    /// The variable.
    pub name: Vec<u8>,
    /// What stands in its brackets: `i` in `a[i]=x`.
    pub index: Option<Vec<u8>>,
    /// `+=`
    pub appends: bool,
    /// The value.
    pub value: Raw,
}

/// A construct.
#[derive(Debug, Clone)]
pub enum Compound {
    /// `{ …; }`
    Group(List),
    /// `( … )`
    Subshell(List),
    /// `if …; then …; elif …; fi`: each condition with its body, then the `else`.
    If(Vec<(List, List)>, Option<List>),
    /// `while …; do …; done`, or `until`.
    While(List, List),
    /// `for NAME in words; do …; done`; without words for those only known then (`"$@"`, `select`).
    For(Vec<u8>, Option<Vec<Raw>>, List),
    /// `for ((…)); do …; done`
    Count(Arithmetic, List),
    /// `case word in …`: the words in it, the bodies, and whether one may run into the next.
    Case(Vec<Raw>, Vec<List>, bool),
    /// `((…))`
    Arithmetic(Arithmetic),
    /// `[[ … ]]`
    Test(Vec<Raw>),
}

/// A redirection.
#[derive(Debug, Clone)]
pub struct Redirect {
    /// Which.
    pub kind: Redirection,
    /// The descriptor before it.
    pub descriptor: Option<u32>,
    /// Its word: a file, a descriptor, a here-string, or a here-document's delimiter.
    pub target: Raw,
}

/// The kinds of redirection.
#[derive(Debug, Clone)]
pub enum Redirection {
    /// `<`
    Read,
    /// `>`, `>|`, `&>`
    Write,
    /// `>>`, `&>>`
    Append,
    /// `<>`
    Both,
    /// `<&`
    CopyInput,
    /// `>&`
    Copy,
    /// `<<<`
    HereString,
    /// `<<`, with the document, which is read at the end of the line.
    HereDocument(Rc<OnceCell<Raw>>),
}

/// A word as it is written.
#[derive(Debug, Clone, Default)]
pub struct Raw {
    /// Its parts.
    pub pieces: Vec<Piece>,
    /// The elements of `NAME=(…)`.
    pub array: Option<Vec<Raw>>,
}

/// A part of a word.
#[derive(Debug, Clone)]
pub enum Piece {
    /// Text without quotes.
    Text(Vec<u8>),
    /// Text in quotes.
    Quoted(Vec<u8>),
    /// Something that is filled in then.
    Open {
        /// As it is written.
        written: Vec<u8>,
        /// Whether it stands in double quotes.
        quoted: bool,
        /// What it is.
        what: Open,
    },
}

/// What is filled in when the code runs.
#[derive(Debug, Clone)]
pub enum Open {
    /// `$NAME`
    Variable(Vec<u8>),
    /// A number: `$?`, `${#x}`
    Number,
    /// `$((…))`
    Arithmetic(Arithmetic),
    /// `$(…)`
    Output(List),
    /// `<(…)`, or `>(…)`
    Process {
        /// What runs in it.
        list: List,
        /// Whether its output is read.
        is_read: bool,
    },
    /// Anything else.
    Other {
        /// Several words, even in quotes: `"$@"`.
        many: bool,
        /// What is written within it.
        within: Vec<Piece>,
        /// What of that is arithmetic.
        arithmetic: Vec<u8>,
        /// The variable it sets: `${x:=y}`.
        sets: Option<Vec<u8>>,
    },
}

/// An arithmetic expression.
#[derive(Debug, Clone, Default)]
pub struct Arithmetic {
    /// Its text without what is filled in.
    pub text: Vec<u8>,
    /// What is filled in.
    pub within: Vec<Piece>,
}

impl Raw {
    /// Its text, when nothing in it is quoted or filled in.
    #[must_use]
    pub fn plain(&self) -> Option<&[u8]> {
        match (self.pieces.as_slice(), &self.array) {
            ([Piece::Text(text)], None) => Some(text),
            _ => None,
        }
    }

    /// The word as it is written, quotes removed.
    #[must_use]
    pub fn written(&self) -> Vec<u8> {
        let mut text = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(part) | Piece::Quoted(part) | Piece::Open { written: part, .. } => {
                    text.extend_from_slice(part);
                }
            }
        }
        text
    }

    /// Adds text without quotes.
    pub fn push_text(&mut self, byte: u8) {
        match self.pieces.last_mut() {
            Some(Piece::Text(text)) => text.push(byte),
            _ => self.pieces.push(Piece::Text(vec![byte])),
        }
    }

    /// Adds quoted text.
    pub fn push_quoted(&mut self, text: &[u8]) {
        match self.pieces.last_mut() {
            Some(Piece::Quoted(before)) => before.extend_from_slice(text),
            _ => self.pieces.push(Piece::Quoted(text.to_vec())),
        }
    }
}
