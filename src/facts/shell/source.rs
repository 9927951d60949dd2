//! The text of shell code while it is read: where the reader stands, how deep, and what it still owes.
//! Pure. Every step goes forward, so that reading takes time in proportion to the text.

use std::cell::OnceCell;
use std::rc::Rc;

use super::syntax::Raw;

/// Why code is not understood, in words for the card.
pub type Refusal = &'static str;

/// How deep constructs may lie within constructs.
const DEEPEST: u32 = 24;
/// How many commands, assignments and redirections one piece of code may have.
const MOST: u32 = 2048;

/// A here-document that begins at the end of this line.
#[derive(Debug)]
pub struct Owed {
    /// The line that ends it.
    pub delimiter: Vec<u8>,
    /// Nothing in it is filled in.
    pub is_literal: bool,
    /// Tabs at the start of its lines are dropped.
    pub strips_tabs: bool,
    /// Where it goes.
    pub body: Rc<OnceCell<Raw>>,
}

/// A reader's place in shell code.
#[derive(Debug)]
pub struct Source<'s> {
    pub(super) text: &'s [u8],
    pub(super) at: usize,
    pub(super) depth: u32,
    /// The shell is bash, or one that has its constructs.
    pub(super) is_bash: bool,
    /// The here-documents that begin at the end of this line.
    pub(super) owed: Vec<Owed>,
    /// How many of those were read, with those of its substitutions.
    pub(super) commands: u32,
    /// A here-document around this substitution is owed: no line may end here.
    pub(super) is_barred: bool,
}

impl<'s> Source<'s> {
    /// Begins to read `text`, `depth` constructs deep.
    pub const fn new(text: &'s [u8], is_bash: bool, depth: u32) -> Self {
        Self { text, at: 0, depth, is_bash, owed: Vec::new(), commands: 0, is_barred: false }
    }

    /// The next byte.
    pub fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// The byte after the next.
    pub fn second(&self) -> Option<u8> {
        self.text.get(self.at + 1).copied()
    }

    /// What is not read yet.
    pub fn rest(&self) -> &'s [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// What was read since `start`.
    pub fn since(&self, start: usize) -> &'s [u8] {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// Goes past `token` if it is next.
    pub fn take(&mut self, token: &[u8]) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    /// Reads something that lies deeper.
    pub fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Refusal>) -> Result<T, Refusal> {
        if self.depth >= DEEPEST {
            return Err("it is nested too deep");
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Reads text that stands within this code, such as that in backquotes.
    pub fn within<T>(
        &mut self,
        text: &[u8],
        read: impl FnOnce(&mut Source<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.deeper(|outer| {
            let mut inner = Source::new(text, outer.is_bash, outer.depth);
            inner.commands = outer.commands;
            let result = read(&mut inner);
            outer.commands = inner.commands;
            result
        })
    }

    /// Counts a command, an assignment or a redirection.
    pub fn count(&mut self) -> Result<(), Refusal> {
        self.commands += 1;
        if self.commands > MOST { Err("it has too many commands") } else { Ok(()) }
    }

    /// Goes past blanks and lines continued with a backslash.
    pub fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t') => self.at += 1,
                Some(b'\\') if self.second() == Some(b'\n') => self.at += 2,
                _ => break,
            }
        }
    }

    /// Goes past a comment, if one is next.
    pub fn skip_comment(&mut self) {
        if self.peek() == Some(b'#') {
            let end = self.rest().iter().position(|&b| b == b'\n');
            self.at = end.map_or(self.text.len(), |end| self.at + end);
        }
    }

    /// Goes past blanks, comments and ends of lines.
    pub fn skip_lines(&mut self) -> Result<(), Refusal> {
        loop {
            self.skip_blanks();
            self.skip_comment();
            if !self.newline()? {
                return Ok(());
            }
        }
    }

    /// Goes past the end of a line, and the here-documents that follow it.
    pub fn newline(&mut self) -> Result<bool, Refusal> {
        if self.peek() != Some(b'\n') {
            return Ok(false);
        }
        self.at += 1;
        if self.is_barred {
            return Err("a here-document whose line goes on within a substitution");
        }
        for owed in std::mem::take(&mut self.owed) {
            self.here_document(&owed)?;
        }
        Ok(true)
    }

    /// Refuses a part of several lines on the line of a here-document: shells differ on where that begins.
    pub fn within_line(&self, part: &[u8]) -> Result<(), Refusal> {
        let open = self.is_barred || !self.owed.is_empty();
        if open && part.contains(&b'\n') {
            return Err("a here-document whose line goes on within quotes");
        }
        Ok(())
    }

    fn here_document(&mut self, owed: &Owed) -> Result<(), Refusal> {
        let mut body = Vec::new();
        let mut continues = false;
        loop {
            let rest = self.rest();
            if rest.is_empty() {
                return Err("a here-document without its end");
            }
            let end = rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
            let line = rest.get(..end).unwrap_or_default();
            self.at = (self.at + end + 1).min(self.text.len());
            let tabs = line.iter().take_while(|b| owed.strips_tabs && **b == b'\t').count();
            let line = line.get(tabs..).unwrap_or_default();
            let is_end = line == owed.delimiter;
            if is_end && continues {
                return Err("a here-document whose end is behind a backslash");
            }
            if is_end {
                break;
            }
            body.extend_from_slice(line);
            body.push(b'\n');
            let backslashes = line.iter().rev().take_while(|&&b| b == b'\\').count();
            continues = !owed.is_literal && backslashes % 2 == 1;
        }
        let raw = self.document(&body, owed.is_literal)?;
        owed.body.set(raw).map_err(|_| "a here-document that is read twice")
    }

    fn document(&mut self, body: &[u8], is_literal: bool) -> Result<Raw, Refusal> {
        let mut raw = Raw::default();
        if is_literal {
            raw.push_quoted(body);
            return Ok(raw);
        }
        self.within(body, |source| source.filled_in(None, &mut raw))?;
        Ok(raw)
    }
}
