//! Commands as they are written: lists, pipelines, words with their assignments and redirections.
//! Pure. What shells read differently is refused, and so is whatever bash refuses.

use std::cell::OnceCell;
use std::rc::Rc;

use super::source::{Owed, Refusal, Source};
use super::syntax::{
    Assignment, Command, Item, Joint, List, Piece, Pipeline, Raw, Redirect, Redirection, Simple,
};
use super::word::is_name;

// Commands in one pipeline: each is told of all behind it.
const LONGEST_PIPELINE: usize = 64;

/// Words that mean something of their own where a command begins.
const RESERVED: [&str; 21] = [
    "!", "{", "}", "[[", "]]", "if", "then", "elif", "else", "fi", "for", "while", "until", "do", "done",
    "case", "esac", "in", "function", "select", "coproc",
];

// Those that end a list.
const CLOSING: [&[u8]; 8] = [b"}", b"then", b"elif", b"else", b"fi", b"do", b"done", b"esac"];

impl Source<'_> {
    /// Reads all of the code.
    pub fn whole(&mut self) -> Result<List, Refusal> {
        let list = self.list()?;
        if !self.rest().is_empty() {
            return Err("something that ends what was not begun");
        }
        if !self.owed.is_empty() {
            return Err("a here-document without its end");
        }
        Ok(list)
    }

    /// Reads commands up to whatever ends them.
    pub fn list(&mut self) -> Result<List, Refusal> {
        let mut items = Vec::new();
        loop {
            self.skip_lines()?;
            if self.is_list_end() {
                return Ok(List(items));
            }
            let mut item = self.item()?;
            self.skip_blanks();
            self.skip_comment();
            let goes_on = match self.peek() {
                Some(b'&') => {
                    self.at += 1;
                    item.background = true;
                    true
                }
                Some(b';') if !matches!(self.second(), Some(b';' | b'&')) => {
                    self.at += 1;
                    true
                }
                _ => self.newline()?,
            };
            items.push(item);
            if !goes_on {
                return if self.is_list_end() { Ok(List(items)) } else { Err("something out of place") };
            }
        }
    }

    fn is_list_end(&self) -> bool {
        match self.peek() {
            None | Some(b')') => true,
            Some(b';') => matches!(self.second(), Some(b';' | b'&')),
            _ => self.keyword().is_some_and(|word| CLOSING.contains(&word)),
        }
    }

    /// The word that begins here, when it may be a reserved one.
    pub fn keyword(&self) -> Option<&[u8]> {
        let ends =
            |b: &u8| matches!(b, b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>');
        // None is longer than `function`; a word continued on the next line is no reserved one here.
        let near = self.rest().get(..10).unwrap_or(self.rest());
        let length = near.iter().position(ends).unwrap_or(near.len());
        let word = near.get(..length)?;
        RESERVED.iter().any(|reserved| reserved.as_bytes() == word).then_some(word)
    }

    /// Goes past a reserved word if it is next.
    pub fn take_keyword(&mut self, word: &[u8]) -> bool {
        let found = self.keyword() == Some(word);
        if found {
            self.at += word.len();
        }
        found
    }

    fn item(&mut self) -> Result<Item, Refusal> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            self.skip_blanks();
            let joint = if self.take(b"&&") {
                Joint::And
            } else if self.take(b"||") {
                Joint::Or
            } else {
                return Ok(Item { first, rest, background: false });
            };
            self.skip_lines()?;
            rest.push((joint, self.pipeline()?));
        }
    }

    fn pipeline(&mut self) -> Result<Pipeline, Refusal> {
        let mut negated = false;
        loop {
            if self.take_keyword(b"!") {
                negated = !negated;
            } else if !self.take_time() {
                break;
            }
            self.skip_blanks();
        }
        let mut commands = vec![self.command()?];
        loop {
            self.skip_blanks();
            if self.rest().starts_with(b"||") || !self.take(b"|") {
                return Ok(Pipeline { negated, commands });
            }
            // `|&` sends its errors along, which changes nothing here.
            self.take(b"&");
            self.skip_lines()?;
            if commands.len() >= LONGEST_PIPELINE {
                return Err("a pipeline that is too long");
            }
            commands.push(self.command()?);
        }
    }

    // With options other than `-p`, `time` is a program.
    fn take_time(&mut self) -> bool {
        let at = self.at;
        let mut found = self.take(b"time") && matches!(self.peek(), Some(b' ' | b'\t' | b'('));
        self.skip_blanks();
        if found && self.peek() == Some(b'-') {
            found = self.take(b"-p ") || self.take(b"-- ");
        }
        if !found {
            self.at = at;
        }
        found
    }

    fn command(&mut self) -> Result<Command, Refusal> {
        if self.peek() == Some(b'(') || self.keyword().is_some() {
            return self.deeper(Self::construct);
        }
        self.simple()
    }

    fn simple(&mut self) -> Result<Command, Refusal> {
        self.count()?;
        let mut simple = Simple::default();
        loop {
            self.skip_blanks();
            match (self.peek(), self.second()) {
                (None | Some(b'\n' | b';' | b'|' | b')' | b'#'), _) => break,
                (Some(b'&'), Some(b'>')) | (Some(b'<' | b'>'), None) => {
                    simple.redirects.push(self.redirect()?)
                }
                (Some(b'&'), _) => break,
                (Some(b'<' | b'>'), Some(second)) if second != b'(' => {
                    simple.redirects.push(self.redirect()?)
                }
                (Some(b'('), _) => return self.function(&simple),
                _ => self.part(&mut simple)?,
            }
        }
        if simple.assignments.is_empty() && simple.words.is_empty() && simple.redirects.is_empty() {
            return Err("a command without words");
        }
        Ok(Command::Simple(simple))
    }

    fn part(&mut self, simple: &mut Simple) -> Result<(), Refusal> {
        let word = self.word()?;
        if matches!(self.peek(), Some(b'<' | b'>')) && word.array.is_none() {
            let plain = word.plain().unwrap_or_default();
            if !plain.is_empty() && plain.iter().all(u8::is_ascii_digit) {
                simple.redirects.push(self.redirect_of(plain)?);
                return Ok(());
            }
            if plain.first() == Some(&b'{') {
                return Err("a redirection that sets a variable");
            }
        }
        let reserved = |text: &[u8]| RESERVED.iter().any(|reserved| reserved.as_bytes() == text);
        if simple.words.is_empty() && word.plain().is_some_and(reserved) && simple.assignments.is_empty() {
            return Err("a reserved word behind something else");
        }
        match assignment(&word) {
            Some(assignment) if simple.words.is_empty() => {
                self.count()?;
                simple.assignments.push(assignment);
            }
            _ => simple.words.push(word),
        }
        Ok(())
    }

    fn function(&mut self, simple: &Simple) -> Result<Command, Refusal> {
        let alone = simple.assignments.is_empty() && simple.redirects.is_empty();
        let name = match simple.words.as_slice() {
            [word] if alone => word.plain().ok_or("a parenthesis behind a word")?.to_vec(),
            _ => return Err("a parenthesis behind a word"),
        };
        self.at += 1;
        self.skip_blanks();
        if !self.take(b")") {
            return Err("a parenthesis behind a word");
        }
        self.deeper(|source| source.function_body(name))
    }

    /// Reads the redirections behind a construct.
    pub fn redirects(&mut self) -> Result<Vec<Redirect>, Refusal> {
        let mut redirects = Vec::new();
        loop {
            self.skip_blanks();
            match (self.peek(), self.second()) {
                (Some(b'<' | b'>'), Some(second)) if second != b'(' => redirects.push(self.redirect()?),
                (Some(b'&'), Some(b'>')) => redirects.push(self.redirect()?),
                (Some(digit), _) if digit.is_ascii_digit() => {
                    let word = self.word()?;
                    let plain = word.plain().unwrap_or_default();
                    if !plain.iter().all(u8::is_ascii_digit) || !matches!(self.peek(), Some(b'<' | b'>')) {
                        return Err("something out of place");
                    }
                    redirects.push(self.redirect_of(plain)?);
                }
                _ => return Ok(redirects),
            }
        }
    }

    fn redirect_of(&mut self, descriptor: &[u8]) -> Result<Redirect, Refusal> {
        let number = std::str::from_utf8(descriptor).ok().and_then(|digits| digits.parse().ok());
        let mut redirect = self.redirect()?;
        redirect.descriptor = Some(number.ok_or("a redirection of a very high descriptor")?);
        Ok(redirect)
    }

    fn redirect(&mut self) -> Result<Redirect, Refusal> {
        type Kind = fn() -> Redirection;
        const KINDS: [(&[u8], Kind); 11] = [
            (b"&>>", || Redirection::Append),
            (b"&>", || Redirection::Write),
            (b"<<<", || Redirection::HereString),
            (b"<>", || Redirection::Both),
            (b"<&", || Redirection::CopyInput),
            (b">&", || Redirection::Copy),
            (b">>", || Redirection::Append),
            (b">|", || Redirection::Write),
            (b"<<", || Redirection::HereDocument(Rc::new(OnceCell::new()))),
            (b">", || Redirection::Write),
            (b"<", || Redirection::Read),
        ];
        self.count()?;
        let found = KINDS.iter().find(|(operator, _)| self.rest().starts_with(operator));
        let (operator, kind) = found.ok_or("a redirection that is not known")?;
        self.at += operator.len();
        let kind = kind();
        let strips_tabs = matches!(kind, Redirection::HereDocument(_)) && self.take(b"-");
        self.skip_blanks();
        let target = self.word()?;
        if target.pieces.is_empty() || target.array.is_some() {
            return Err("a redirection to nothing");
        }
        if let Redirection::HereDocument(body) = &kind {
            self.owe(&target, strips_tabs, Rc::clone(body))?;
        }
        Ok(Redirect { kind, descriptor: None, target })
    }

    fn owe(&mut self, target: &Raw, strips_tabs: bool, body: Rc<OnceCell<Raw>>) -> Result<(), Refusal> {
        if target.pieces.iter().any(|piece| matches!(piece, Piece::Open { .. })) {
            return Err("a here-document whose end is only known then");
        }
        let delimiter = target.written();
        if delimiter.contains(&b'\n') {
            return Err("a here-document whose end has several lines");
        }
        let is_literal = target.plain().is_none();
        self.owed.push(Owed { delimiter, is_literal, strips_tabs, body });
        Ok(())
    }
}

/// The word as an assignment, if it is one.
#[must_use]
pub fn assignment(word: &Raw) -> Option<Assignment> {
    let Some((Piece::Text(text), others)) = word.pieces.split_first() else { return None };
    let at = text.iter().position(|&b| b == b'=')?;
    let (before, after) = (text.get(..at)?, text.get(at + 1..)?);
    let (before, appends) = before.strip_suffix(b"+").map_or((before, false), |name| (name, true));
    let (name, index) = match before.strip_suffix(b"]") {
        Some(indexed) => {
            let bracket = indexed.iter().position(|&b| b == b'[')?;
            (indexed.get(..bracket)?, Some(indexed.get(bracket + 1..)?.to_vec()))
        }
        None => (before, None),
    };
    if !is_name(name) {
        return None;
    }
    let mut value = Raw { pieces: Vec::new(), array: word.array.clone() };
    if !after.is_empty() {
        value.pieces.push(Piece::Text(after.to_vec()));
    }
    value.pieces.extend(others.iter().cloned());
    Some(Assignment { name: name.to_vec(), index, appends, value })
}
