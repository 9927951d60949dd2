//! sed: whether its scripts only change text, or run commands and name files as well.
//! Pure. A script is read by the grammar of POSIX and GNU sed; whatever is not certainly harmless is not.

use super::options;
use super::{Given, Unwrapped};
use crate::facts::argv::Word;

const OPTIONS: &str = "-n -r -E -s -u -z -b -e= -l= -i? --quiet --silent --regexp-extended --separate --unbuffered \
    --null-data --binary --posix --debug --sandbox --follow-symlinks --expression= --line-length= --in-place? --help. \
    --version.";

/// What sed runs: nothing, when its scripts only change text.
pub(super) fn sed<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    match scripts(given) {
        Ok(scripts) if scripts.iter().all(|script| script.certain().is_some_and(only_edits)) => {
            Unwrapped::default()
        }
        Ok(_) => given.not_known("its script may run commands or name files"),
        Err(why) => given.not_known(&why),
    }
}

fn scripts<'a>(given: &Given<'_, 'a>) -> Result<Vec<Word<'a>>, String> {
    let words = given.from(1);
    let options = options::read_all(words, OPTIONS)?;
    if options.answer() {
        return Ok(Vec::new());
    }
    let given_by = options.met.iter().filter(|met| matches!(met.name, "-e" | "--expression"));
    let scripts: Vec<Word<'a>> = given_by.filter_map(|met| met.value.clone()).collect();
    if !scripts.is_empty() {
        return Ok(scripts);
    }
    let rest = options.operands.iter().copied().chain(options.next..words.len());
    // BSD's `-i` takes the next word, mostly an empty one, as its value.
    let places = if options.has(&["-i", "--in-place"]) { 2 } else { 1 };
    let operands: Vec<Word<'a>> = rest.filter_map(|at| words.get(at).cloned()).collect();
    let first = operands.first().is_some_and(|word| word.text.is_empty());
    Ok(operands.into_iter().take(if first { places } else { 1 }).collect())
}

fn only_edits(script: &[u8]) -> bool {
    Script { rest: script }.is_harmless().is_some()
}

// What is left to read of a script. Each step is none where the script is not certainly harmless.
struct Script<'s> {
    rest: &'s [u8],
}

impl Script<'_> {
    fn is_harmless(&mut self) -> Option<()> {
        loop {
            self.skip(|b| b.is_ascii_whitespace() || b == b';');
            if self.rest.is_empty() {
                return Some(());
            }
            self.address()?;
            if self.skip(|b| b == b' ') && self.take(b',') {
                self.skip(|b| b == b' ');
                self.skip(|b| matches!(b, b'+' | b'~'));
                self.address()?;
            }
            self.skip(|b| b.is_ascii_whitespace() || b == b'!');
            self.command()?;
        }
    }

    // A line's number, the last line, or those a pattern fits; there may be none.
    fn address(&mut self) -> Option<()> {
        match self.rest.first() {
            Some(b'/') => self.pattern(),
            Some(b'\\') => {
                self.next();
                self.pattern()
            }
            _ => {
                self.skip(|b| b.is_ascii_digit() || matches!(b, b'$' | b'~'));
                Some(())
            }
        }
    }

    fn pattern(&mut self) -> Option<()> {
        let delimiter = self.next().filter(|b| !matches!(b, b'\n' | b'\\' | b'[' | b']'))?;
        self.until(delimiter, true)?;
        self.skip(|b| matches!(b, b'I' | b'M'));
        Some(())
    }

    fn command(&mut self) -> Option<()> {
        match self.next()? {
            b'{' => return Some(()),
            b'}' | b'=' | b'd' | b'D' | b'g' | b'G' | b'h' | b'H' | b'n' | b'N' | b'p' | b'P' | b'x'
            | b'z' | b'F' => {}
            b'l' | b'L' | b'q' | b'Q' => {
                self.skip(|b| b.is_ascii_digit() || b == b' ');
            }
            b':' | b'b' | b't' | b'T' => {
                self.skip(|b| b == b' ');
                self.skip(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
            }
            b'a' | b'i' | b'c' => return self.text(),
            b'#' => {
                self.skip(|b| b != b'\n');
            }
            b's' => self.substitution()?,
            b'y' => {
                let delimiter = self.next().filter(|b| !matches!(b, b'\n' | b'\\' | b'[' | b']'))?;
                self.until(delimiter, false)?;
                self.until(delimiter, false)?;
            }
            // Among others `e`, `r`, `R`, `w` and `W`: commands that run, read and write.
            _ => return None,
        }
        self.skip(|b| matches!(b, b' ' | b'\t'));
        match self.rest.first() {
            None | Some(b';' | b'\n' | b'}' | b'#') => Some(()),
            Some(_) => None,
        }
    }

    fn substitution(&mut self) -> Option<()> {
        let delimiter = self.next().filter(|b| !matches!(b, b'\n' | b'\\' | b'[' | b']'))?;
        self.until(delimiter, true)?;
        self.until(delimiter, false)?;
        // Not `e`, which runs the line, nor `w`, which writes it.
        self.skip(|b| matches!(b, b'g' | b'p' | b'i' | b'I' | b'm' | b'M') || b.is_ascii_digit());
        Some(())
    }

    // The text of `a`, `i` and `c`: up to an end of line without a backslash before it.
    fn text(&mut self) -> Option<()> {
        while let Some(byte) = self.next() {
            match byte {
                b'\\' => {
                    self.next()?;
                }
                b'\n' => return Some(()),
                _ => {}
            }
        }
        Some(())
    }

    fn until(&mut self, delimiter: u8, pattern: bool) -> Option<()> {
        loop {
            match self.next()? {
                b'\\' => {
                    self.next()?;
                }
                byte if byte == delimiter => return Some(()),
                b'[' if pattern => self.set(delimiter)?,
                _ => {}
            }
        }
    }

    // A set in a pattern (`[…]`). Where it holds the delimiter, or another set, seds differ.
    fn set(&mut self, delimiter: u8) -> Option<()> {
        self.take(b'^');
        self.take(b']');
        loop {
            match self.next()? {
                b']' => return Some(()),
                b'\\' => {
                    self.take(delimiter);
                }
                b'[' if self.take(b':') => {
                    self.skip(|b| b.is_ascii_alphabetic());
                    (self.take(b':') && self.take(b']')).then_some(())?;
                }
                byte if byte == delimiter || matches!(byte, b'[' | b'\n') => return None,
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn take(&mut self, wanted: u8) -> bool {
        let there = self.rest.first() == Some(&wanted);
        if there {
            self.next();
        }
        there
    }

    fn skip(&mut self, holds: impl Fn(u8) -> bool) -> bool {
        while self.rest.first().is_some_and(|byte| holds(*byte)) {
            self.next();
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_that_only_change_text_are_known() {
        for script in [
            "1,40p",
            "$d",
            "s/a/b/g",
            "s|/usr|/opt|",
            "/^$/d",
            "/a/,/b/{s/x/y/;p}",
            "1~2p",
            "/a/I,+3d",
            "y/abc/xyz/",
            "$!N;P;D",
            ":a;N;$!ba;s/\\n/ /g",
            "\\,x,p",
            "s/[0-9]*/&/2p",
            "s/[^\\/]*$//",
            "s/[[:space:]]*$//",
            "/[]x]/d",
            "2q",
            "1i\\\nfoo",
            "a text w x",
            "s/\\/e/x/",
            "10,20!d",
            "=",
            "",
            "# w x\np",
            "s/a/b/;s/c/d/",
            "/x/s//y/",
        ] {
            assert!(only_edits(script.as_bytes()), "{script}");
        }
    }

    #[test]
    fn scripts_that_run_or_name_files_are_found_however_they_are_written() {
        for script in [
            "e id",
            "1e",
            "s/a/b/e",
            "s/a/id/ge",
            "s/a/b/w /etc/x",
            "w /etc/x",
            "1,2w x",
            "r /etc/shadow",
            "R x",
            "W x",
            "/a/e",
            "{e\n}",
            "p;e id",
            "s/a/b/;e",
            "s,a,b,e",
            "s/[/]/x/e",
            "s/[]/]/x/e",
            "s/[[:alpha:]/]/x/e",
            "s/[]/]/p;#/]/x/e",
            "s[a[b[e",
            "s/[\\]/]/x/e",
            "s/a/b/ge;p",
            "$!{e id\n}",
            "1!e",
            "/a/,/b/e",
            "s/\\//x/e",
            "a x\ne id",
            "# x\ne id",
            "y/a/b/;e",
            "bx;e id",
            ":x\ne id",
            "xe",
            "s/a/b/pw x",
            "sxaxbxe",
            "s/a",
            "s\nabc\n",
            "F e",
            "/a/I e",
            "0~3e",
            "\\,x,e id",
            "1,+2e",
            "}e",
        ] {
            assert!(!only_edits(script.as_bytes()), "{script}");
        }
    }
}
