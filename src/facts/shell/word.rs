//! Words as they are written: quotes, backslashes, and what is filled in.
//! Pure.

use super::source::{Refusal, Source};
use super::syntax::{Open, Piece, Raw};

impl Source<'_> {
    /// Reads a word; it is empty where none begins.
    pub fn word(&mut self) -> Result<Raw, Refusal> {
        let mut raw = Raw::default();
        let start = self.at;
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b')' => break,
                b'<' | b'>' if self.second() == Some(b'(') => self.process(byte == b'<', &mut raw)?,
                b'<' | b'>' => break,
                b'(' if is_array_start(&raw) => {
                    raw.array = Some(self.deeper(Self::array)?);
                    // What stands right behind it belongs to the word, be it a `#`.
                    if !matches!(self.peek(), None | Some(b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b')')) {
                        return Err("something right behind an array");
                    }
                    break;
                }
                b'(' => break,
                b'\'' => self.single_quoted(&mut raw)?,
                b'"' => {
                    self.at += 1;
                    self.double_quoted(&mut raw)?;
                }
                b'\\' if self.second() == Some(b'\n') => {
                    self.continued()?;
                    break;
                }
                b'\\' => self.backslash(&mut raw)?,
                b'$' => self.dollar(false, &mut raw)?,
                b'`' => self.backquoted(false, &mut raw)?,
                _ => {
                    self.at += 1;
                    raw.push_text(byte);
                }
            }
        }
        if self.at == start {
            // So that no loop over words goes on where none begins.
            self.count()?;
        }
        Ok(raw)
    }

    // Within a word a continued line joins what shells join differently; before a blank it only ends the word.
    fn continued(&mut self) -> Result<(), Refusal> {
        self.at += 2;
        match self.peek() {
            None | Some(b' ' | b'\t' | b'\n') => Ok(()),
            Some(_) => Err("a line continued within a word"),
        }
    }

    fn backslash(&mut self, raw: &mut Raw) -> Result<(), Refusal> {
        let byte = self.second().ok_or("a backslash at the end")?;
        self.at += 2;
        raw.push_quoted(&[byte]);
        // The rest of a character of several bytes is text as well as it is quoted.
        Ok(())
    }

    fn single_quoted(&mut self, raw: &mut Raw) -> Result<(), Refusal> {
        self.at += 1;
        let end = self.rest().iter().position(|&b| b == b'\'').ok_or("an unclosed quote")?;
        let text = self.rest().get(..end).unwrap_or_default();
        self.within_line(text)?;
        raw.push_quoted(text);
        self.at += end + 1;
        Ok(())
    }

    /// Reads what follows a double quote, up to the next.
    pub fn double_quoted(&mut self, raw: &mut Raw) -> Result<(), Refusal> {
        raw.push_quoted(b"");
        let start = self.at;
        self.filled_in(Some(b'"'), raw)?;
        self.within_line(self.since(start))
    }

    /// Reads text in which only `$`, backquotes and backslashes mean something, up to `end`.
    pub fn filled_in(&mut self, end: Option<u8>, raw: &mut Raw) -> Result<(), Refusal> {
        while let Some(byte) = self.peek() {
            match byte {
                _ if Some(byte) == end => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => self.escaped_in_quotes(end, raw)?,
                b'$' => self.dollar(true, raw)?,
                b'`' => self.backquoted(true, raw)?,
                _ => {
                    self.at += 1;
                    raw.push_quoted(&[byte]);
                }
            }
        }
        if end.is_some() { Err("an unclosed quote") } else { Ok(()) }
    }

    fn escaped_in_quotes(&mut self, end: Option<u8>, raw: &mut Raw) -> Result<(), Refusal> {
        let byte = self.second();
        self.at += 2;
        match byte {
            Some(b'\n') if may_join(raw) => return Err("a line continued within a name"),
            Some(b'\n') => {}
            Some(byte) if matches!(byte, b'$' | b'`' | b'\\') || byte == b'"' && end.is_some() => {
                raw.push_quoted(&[byte]);
            }
            Some(byte) => raw.push_quoted(&[b'\\', byte]),
            None if end.is_some() => return Err("an unclosed quote"),
            None => raw.push_quoted(b"\\"),
        }
        Ok(())
    }

    /// Reads a command substitution in backquotes.
    pub fn backquoted(&mut self, quoted: bool, raw: &mut Raw) -> Result<(), Refusal> {
        let start = self.at;
        self.at += 1;
        let mut code = Vec::new();
        loop {
            match (self.peek(), self.second()) {
                (None, _) => return Err("an unclosed backquote"),
                (Some(b'`'), _) => break,
                (Some(b'\\'), Some(next)) if matches!(next, b'`' | b'\\' | b'$') => {
                    code.push(next);
                    self.at += 2;
                }
                // Shells differ on what this is.
                (Some(b'\\'), Some(b'"')) if quoted => {
                    return Err("a quote behind a backslash in backquotes");
                }
                (Some(byte), _) => {
                    code.push(byte);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        let written = self.since(start);
        self.within_line(written)?;
        self.count()?;
        let list = self.within(&code, |source| source.whole())?;
        raw.pieces.push(Piece::Open { written: written.to_vec(), quoted, what: Open::Output(list) });
        Ok(())
    }

    fn process(&mut self, is_read: bool, raw: &mut Raw) -> Result<(), Refusal> {
        if !self.is_bash {
            return Err("a process substitution in a shell that may not know it");
        }
        let start = self.at;
        self.at += 2;
        let list = self.substitution()?;
        if list.0.is_empty() {
            // Bash gives no file for it, but nothing: `rm<()` is `rm`.
            return Err("a process substitution of nothing");
        }
        let written = self.since(start).to_vec();
        raw.pieces.push(Piece::Open { written, quoted: false, what: Open::Process { list, is_read } });
        Ok(())
    }

    fn array(&mut self) -> Result<Vec<Raw>, Refusal> {
        if !self.is_bash {
            return Err("an array in a shell that may not know it");
        }
        self.at += 1;
        let mut elements = Vec::new();
        loop {
            self.skip_lines()?;
            if self.take(b")") {
                return Ok(elements);
            }
            let element = self.word()?;
            if element.pieces.is_empty() || element.array.is_some() {
                return Err("an array that does not end");
            }
            elements.push(element);
        }
    }
}

// `NAME=` or `NAME+=`, and nothing more.
fn is_array_start(raw: &Raw) -> bool {
    let name = raw.plain().and_then(|text| text.strip_suffix(b"="));
    name.is_some_and(|name| is_name(name.strip_suffix(b"+").unwrap_or(name)))
}

// Whether the next letter would belong to the name of the variable before it.
fn may_join(raw: &Raw) -> bool {
    match raw.pieces.last() {
        Some(Piece::Open { written, .. }) => !matches!(written.last(), Some(b'}' | b')' | b'`')),
        Some(Piece::Quoted(text)) => text.last() == Some(&b'$'),
        _ => false,
    }
}

/// Whether a variable may be called so.
#[must_use]
pub fn is_name(name: &[u8]) -> bool {
    name.first().is_some_and(|b| !b.is_ascii_digit())
        && name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
}
