//! What a dollar sign begins: variables, substitutions, arithmetic, and its two kinds of quotes.
//! Pure. Of `${…}` only the plain form is worked out; what lies within the others is read all the same.

use super::source::{Refusal, Source};
use super::syntax::{Arithmetic, List, Open, Piece, Raw};
use super::word::is_name;

impl Source<'_> {
    /// Reads what a dollar sign begins; `quoted` in double quotes and here-documents.
    pub fn dollar(&mut self, quoted: bool, raw: &mut Raw) -> Result<(), Refusal> {
        let start = self.at;
        self.at += 1;
        let what = match self.peek() {
            Some(b'\'') if !quoted => return self.ansi_quoted(raw),
            Some(b'"') if !quoted => {
                self.at += 1;
                return self.double_quoted(raw);
            }
            Some(b'[') => return Err("arithmetic in brackets"),
            Some(b'(') if self.second() == Some(b'(') => {
                self.at += 2;
                Open::Arithmetic(self.deeper(|source| source.arithmetic(false))?)
            }
            Some(b'(') => {
                self.at += 1;
                Open::Output(self.substitution()?)
            }
            Some(b'{') => {
                self.at += 1;
                self.deeper(|source| source.braced(quoted))?
            }
            Some(b'@' | b'*') => {
                self.at += 1;
                several(Vec::new())
            }
            Some(b'?' | b'#' | b'$') => {
                self.at += 1;
                Open::Number
            }
            Some(byte) if byte.is_ascii_digit() || matches!(byte, b'-' | b'!') => {
                self.at += 1;
                other(Vec::new(), Vec::new(), None)
            }
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => Open::Variable(self.name()),
            _ if quoted => {
                raw.push_quoted(b"$");
                return Ok(());
            }
            _ => {
                raw.push_text(b'$');
                return Ok(());
            }
        };
        let written = self.since(start);
        if matches!(what, Open::Arithmetic(_) | Open::Other { .. }) {
            self.within_line(written)?;
        }
        raw.pieces.push(Piece::Open { written: written.to_vec(), quoted, what });
        Ok(())
    }

    fn name(&mut self) -> Vec<u8> {
        let is_part = |b: &&u8| b.is_ascii_alphanumeric() || **b == b'_';
        let length = self.rest().iter().take_while(is_part).count();
        let name = self.rest().get(..length).unwrap_or_default().to_vec();
        self.at += length;
        name
    }

    /// Reads the commands of a substitution, up to its closing parenthesis.
    pub fn substitution(&mut self) -> Result<List, Refusal> {
        self.count()?;
        let owed = std::mem::take(&mut self.owed);
        let was_barred = self.is_barred;
        self.is_barred |= !owed.is_empty();
        let list = self.deeper(Self::list)?;
        if !self.take(b")") {
            return Err("an unclosed substitution");
        }
        if !self.owed.is_empty() {
            return Err("a here-document without its end");
        }
        self.owed = owed;
        self.is_barred = was_barred;
        Ok(list)
    }

    /// Reads arithmetic behind `((`, up to `))`; that of a loop has semicolons.
    pub fn arithmetic(&mut self, of_loop: bool) -> Result<Arithmetic, Refusal> {
        let mut read = Arithmetic::default();
        let mut open = 0_u32;
        loop {
            match self.peek().ok_or("unclosed arithmetic")? {
                b')' if open == 0 => {
                    self.at += 1;
                    // Otherwise it was a command in parentheses within others, or may be.
                    return if self.take(b")") { Ok(read) } else { Err("two parentheses that close apart") };
                }
                byte => {
                    open = match byte {
                        b'(' => open + 1,
                        b')' => open - 1,
                        b';' if !of_loop => return Err("a semicolon in arithmetic"),
                        _ => open,
                    };
                    self.arithmetic_piece(byte, &mut read)?;
                }
            }
        }
    }

    fn arithmetic_piece(&mut self, byte: u8, read: &mut Arithmetic) -> Result<(), Refusal> {
        let mut raw = Raw::default();
        match byte {
            b'\'' | b'"' | b'\\' | b'{' | b'}' => return Err("quotes in arithmetic"),
            b'$' => self.dollar(true, &mut raw)?,
            b'`' => self.backquoted(true, &mut raw)?,
            _ => {
                self.at += 1;
                read.text.push(byte);
                return Ok(());
            }
        }
        read.text.push(b' ');
        read.within.append(&mut raw.pieces);
        Ok(())
    }

    // What stands behind `${`.
    fn braced(&mut self, quoted: bool) -> Result<Open, Refusal> {
        if self.take(b"#}") {
            return Ok(Open::Number);
        }
        let is_length = self.take(b"#");
        let is_indirect = !is_length && self.take(b"!");
        let name = self.parameter()?;
        let index = self.index()?;
        if self.take(b"}") {
            return Ok(match index {
                None if is_name(&name) && !is_length && !is_indirect => Open::Variable(name),
                Some((index, many)) if !is_length && !is_indirect => index.into_open(many),
                Some((index, _)) => index.into_open(is_indirect),
                None if is_length => Open::Number,
                None => other_many(is_indirect || name == b"@" || name == b"*"),
            });
        }
        if is_length {
            return Err("a length of something else than a variable");
        }
        let many =
            is_indirect || name == b"@" || name == b"*" || index.as_ref().is_some_and(|(_, many)| *many);
        let index = index.map(|(index, _)| index).unwrap_or_default();
        self.operator(name, index, many, quoted)
    }

    fn parameter(&mut self) -> Result<Vec<u8>, Refusal> {
        match self.peek() {
            Some(byte) if matches!(byte, b'@' | b'*' | b'?' | b'$' | b'!' | b'-') => {
                self.at += 1;
                Ok(vec![byte])
            }
            Some(byte) if byte.is_ascii_alphanumeric() || byte == b'_' => Ok(self.name()),
            _ => Err("braces behind a dollar sign that hold no variable"),
        }
    }

    // `[…]` behind a name: its text, and whether it means all elements.
    fn index(&mut self) -> Result<Option<(Arithmetic, bool)>, Refusal> {
        if !self.take(b"[") {
            return Ok(None);
        }
        if self.take(b"@]") || self.take(b"*]") {
            return Ok(Some((Arithmetic::default(), true)));
        }
        let mut index = Arithmetic::default();
        loop {
            match self.peek().ok_or("an unclosed bracket")? {
                b']' => {
                    self.at += 1;
                    return Ok(Some((index, false)));
                }
                b'[' | b'<' | b'>' => return Err("brackets within brackets"),
                byte => self.arithmetic_piece(byte, &mut index)?,
            }
        }
    }

    // What stands behind the name in `${NAME…}`, up to the closing brace.
    fn operator(
        &mut self,
        name: Vec<u8>,
        index: Arithmetic,
        many: bool,
        quoted: bool,
    ) -> Result<Open, Refusal> {
        let operator = self.peek().ok_or("unclosed braces")?;
        let tests = |byte| matches!(byte, b'-' | b'=' | b'?' | b'+');
        let second = self.second().unwrap_or(b'}');
        let is_test = tests(operator) || operator == b':' && tests(second);
        let is_substring = operator == b':' && !is_test;
        if !is_test && !is_substring && !matches!(operator, b'#' | b'%' | b'/' | b'^' | b',') {
            return Err("what is done to a variable");
        }
        self.at += if is_test && operator == b':' { 2 } else { 1 };
        let mut word = Raw::default();
        self.operand(quoted, &mut word)?;
        let sets = (operator == b'=' || operator == b':' && second == b'=').then_some(name);
        let mut arithmetic = index.text;
        if is_substring {
            arithmetic.push(b' ');
            arithmetic.extend(word.written());
        }
        let mut within = index.within;
        within.extend(word.pieces);
        Ok(Open::Other { many, within, arithmetic, sets })
    }

    fn operand(&mut self, quoted: bool, word: &mut Raw) -> Result<(), Refusal> {
        loop {
            match self.peek().ok_or("unclosed braces")? {
                b'}' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\'' | b'"' if quoted => return Err("quotes within braces within quotes"),
                b'\'' | b'"' => {
                    let part = self.quoted_part()?;
                    word.pieces.extend(part.pieces);
                }
                b'{' => return Err("braces within braces"),
                b'<' | b'>' if self.second() == Some(b'(') => return Err("a substitution within braces"),
                b'\\' => {
                    let byte = self.second().filter(|b| *b != b'\n').ok_or("a backslash within braces")?;
                    self.at += 2;
                    word.push_quoted(&[byte]);
                }
                b'$' => self.dollar(quoted, word)?,
                b'`' => self.backquoted(quoted, word)?,
                byte => {
                    self.at += 1;
                    word.push_text(byte);
                }
            }
        }
    }

    // One quoted string, by itself.
    fn quoted_part(&mut self) -> Result<Raw, Refusal> {
        let mut raw = Raw::default();
        let quote = self.peek();
        self.at += 1;
        if quote == Some(b'"') {
            self.double_quoted(&mut raw)?;
            return Ok(raw);
        }
        let end = self.rest().iter().position(|&b| b == b'\'').ok_or("an unclosed quote")?;
        raw.push_quoted(self.rest().get(..end).unwrap_or_default());
        self.at += end + 1;
        Ok(raw)
    }

    // `$'…'`
    fn ansi_quoted(&mut self, raw: &mut Raw) -> Result<(), Refusal> {
        self.at += 1;
        let end = self.rest().iter().position(|&b| b == b'\'').ok_or("an unclosed quote")?;
        let text = self.rest().get(..end).unwrap_or_default();
        self.within_line(text)?;
        // In a shell that does not know these quotes, this quote would be the last.
        let backslashes = text.iter().rev().take_while(|&&b| b == b'\\').count();
        if backslashes % 2 == 1 {
            return Err("a quote behind a backslash within $'…'");
        }
        self.at += end + 1;
        raw.push_quoted(&super::ansi::unescape(text).ok_or("a character by number within $'…'")?);
        Ok(())
    }
}

impl Arithmetic {
    fn into_open(self, many: bool) -> Open {
        Open::Other { many, within: self.within, arithmetic: self.text, sets: None }
    }
}

fn several(within: Vec<Piece>) -> Open {
    Open::Other { many: true, within, arithmetic: Vec::new(), sets: None }
}

fn other(within: Vec<Piece>, arithmetic: Vec<u8>, sets: Option<Vec<u8>>) -> Open {
    Open::Other { many: false, within, arithmetic, sets }
}

fn other_many(many: bool) -> Open {
    if many { several(Vec::new()) } else { other(Vec::new(), Vec::new(), None) }
}
