//! Untrusted bytes made fit for a terminal: an allow list, everything else escaped, nothing dropped.
//! Within each form the result can be turned back, so two inputs never look the same. Pure.

mod visible;

use std::ffi::OsStr;
use std::fmt;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;

use visible::Cluster;

/// Text that may reach a terminal, a notification or a log line; the only type that may.
///
/// Escapes, the same in every form: `\\`, `\'`, `\n`, `\t`, `\r`, `\x1b` for a control character or a byte
/// that is not UTF-8, `\u{e9}` for any other character that may not show, `\s{40}` for a run of 40 spaces.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Escaped(String);

impl Escaped {
    /// One argument or path of an action: `'…'`, printable ASCII only. Two spaces in a row and spaces at the
    /// ends are counted out (`\s{2}`).
    #[must_use]
    pub fn argument(bytes: &[u8]) -> Self {
        let mut text = write(bytes, Form::Argument);
        text.insert(0, '\'');
        text.push('\'');
        Self(text)
    }

    /// A path or other operating-system string, as an argument.
    #[must_use]
    pub fn os(text: impl AsRef<OsStr>) -> Self {
        Self::argument(text.as_ref().as_bytes())
    }

    /// The readable letters of an argument, to print beside it, marked as such; `None` when it has none that
    /// the argument form does not show already.
    #[must_use]
    pub fn letters(bytes: &[u8]) -> Option<Self> {
        let text = write(bytes, Form::Prose);
        (!text.is_ascii()).then_some(Self(text))
    }

    /// A reason or note on one line: letters, numbers and punctuation of the left-to-right scripts show.
    #[must_use]
    pub fn prose(bytes: &[u8]) -> Self {
        Self(write(bytes, Form::Prose))
    }

    /// Text of several lines, one item a line (split at `\n`), to be drawn with a gutter. As prose, but up to
    /// 32 spaces of indentation stay.
    pub fn lines(bytes: &[u8]) -> impl Iterator<Item = Self> + '_ {
        bytes.split(|&byte| byte == b'\n').map(|line| Self(write(line, Form::Line)))
    }

    /// A short token without quotes: ASCII graphic characters only. The empty one shows as `\empty`.
    #[must_use]
    pub fn name(bytes: &[u8]) -> Self {
        if bytes.is_empty() { Self::trusted("\\empty") } else { Self(write(bytes, Form::Name)) }
    }

    /// Our own words. `&'static` keeps what came from outside away.
    #[must_use]
    pub fn trusted(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// A line put together from escaped parts and our own words, such as one of a card. Should anything in it
    /// not be fit for a screen, all of it is escaped as prose.
    #[must_use]
    pub fn composed(line: &str) -> Self {
        let ours = |c: char| matches!(c, '\\' | ' ' | '─' | '│' | '…' | '↓' | '→');
        let fit = line.split(ours).all(|part| write(part.as_bytes(), Form::Prose) == part);
        if fit { Self(line.to_owned()) } else { Self::prose(line.as_bytes()) }
    }

    /// This text with `next` behind it.
    #[must_use]
    pub fn and(mut self, next: &Self) -> Self {
        self.0.push_str(&next.0);
        self
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, owned.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Escaped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for Escaped {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<Escaped> for String {
    fn from(escaped: Escaped) -> Self {
        escaped.0
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Argument,
    Name,
    Prose,
    Line,
}

/// The longest indentation a line of prose keeps as it is.
const INDENT: usize = 32;

fn write(bytes: &[u8], form: Form) -> String {
    let mut writer = Writer { out: String::with_capacity(bytes.len() + 2), form, spaces: 0, cluster: None };
    for chunk in bytes.utf8_chunks() {
        chunk.valid().chars().for_each(|c| writer.scalar(c));
        chunk.invalid().iter().for_each(|&byte| writer.byte(byte));
    }
    writer.end()
}

struct Writer {
    out: String,
    form: Form,
    spaces: usize,
    cluster: Option<Cluster>,
}

impl Writer {
    fn scalar(&mut self, c: char) {
        if c == ' ' {
            self.spaces += 1;
            self.cluster = None;
            return;
        }
        self.flush_spaces(false);
        if self.shows(c) {
            self.out.push(c);
        } else {
            self.cluster = None;
            escape(&mut self.out, c);
        }
    }

    fn byte(&mut self, byte: u8) {
        self.flush_spaces(false);
        self.cluster = None;
        let _ = write!(self.out, "\\x{byte:02x}");
    }

    fn end(mut self) -> String {
        self.flush_spaces(true);
        self.out
    }

    fn shows(&mut self, c: char) -> bool {
        if c == '\\' {
            return false;
        }
        match self.form {
            Form::Argument => c.is_ascii_graphic() && c != '\'',
            Form::Name => c.is_ascii_graphic(),
            Form::Prose | Form::Line => {
                let next = Cluster::with(self.cluster, c);
                self.cluster = next.or(self.cluster);
                next.is_some()
            }
        }
    }

    fn flush_spaces(&mut self, at_end: bool) {
        let count = std::mem::take(&mut self.spaces);
        let inside = !self.out.is_empty() && !at_end;
        let plain = match self.form {
            _ if count == 0 => true,
            Form::Name => false,
            Form::Line if self.out.is_empty() && !at_end => count <= INDENT,
            _ => inside && count == 1,
        };
        if plain {
            self.out.extend(std::iter::repeat_n(' ', count));
        } else {
            let _ = write!(self.out, "\\s{{{count}}}");
        }
    }
}

fn escape(out: &mut String, c: char) {
    let _ = match c {
        '\\' => out.write_str("\\\\"),
        '\'' => out.write_str("\\'"),
        '\n' => out.write_str("\\n"),
        '\t' => out.write_str("\\t"),
        '\r' => out.write_str("\\r"),
        c if c.is_ascii() => write!(out, "\\x{:02x}", u32::from(c)),
        c => write!(out, "\\u{{{:x}}}", u32::from(c)),
    };
}

#[cfg(test)]
mod tests;
