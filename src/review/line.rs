//! A line as it is typed, key by key: the few corrections everybody knows, nothing else.
//! Pure. Wiped when dropped, as it may be a passphrase.

use zeroize::{Zeroize, Zeroizing};

use super::terminal::ReadingError;

/// The longest line; what is typed beyond is not taken.
const LONGEST: usize = 4096;

/// A line that is not finished.
#[derive(Debug)]
pub(super) struct Line {
    bytes: Zeroizing<Vec<u8>>,
    sequence: Sequence,
}

/// What a byte did to the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Typed {
    /// Nothing to see.
    Nothing,
    /// It belongs to the line now.
    Added(u8),
    /// So many columns at the end are gone.
    Rubbed(usize),
    /// The line is finished.
    Entered,
    /// The end of input, on an empty line.
    Left,
}

// An arrow or function key sends several bytes, which are no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sequence {
    Outside,
    Begun,
    Inside,
}

impl Line {
    pub fn new() -> Self {
        // All at once: growing would leave copies of a passphrase behind.
        Self { bytes: Zeroizing::new(Vec::with_capacity(LONGEST)), sequence: Sequence::Outside }
    }

    /// Takes one byte from the keyboard.
    pub fn typed(&mut self, byte: u8) -> Typed {
        if self.is_sequence(byte) {
            return Typed::Nothing;
        }
        match byte {
            b'\n' | b'\r' => Typed::Entered,
            0x04 if self.bytes.is_empty() => Typed::Left,
            0x08 | 0x7f => Typed::Rubbed(self.rub_out()),
            0x15 => Typed::Rubbed(std::iter::repeat_with(|| self.rub_out()).take_while(|&n| n > 0).sum()),
            _ if byte < b' ' || self.bytes.len() >= LONGEST => Typed::Nothing,
            _ => {
                self.bytes.push(byte);
                Typed::Added(byte)
            }
        }
    }

    /// The finished text.
    pub fn text(&self) -> Result<Zeroizing<String>, ReadingError> {
        String::from_utf8(self.bytes.to_vec()).map(Zeroizing::new).map_err(|error| {
            error.into_bytes().zeroize();
            ReadingError::NotText
        })
    }

    fn is_sequence(&mut self, byte: u8) -> bool {
        let was = self.sequence;
        self.sequence = match (was, byte) {
            (Sequence::Outside | Sequence::Begun, 0x1b) => Sequence::Begun,
            (Sequence::Begun, b'[' | b'O') => Sequence::Inside,
            (Sequence::Inside, b' '..=b'?') => Sequence::Inside,
            _ => Sequence::Outside,
        };
        // Esc alone, and then Enter: the Enter counts.
        let ended_by_enter = matches!(byte, b'\n' | b'\r');
        (was != Sequence::Outside || self.sequence != Sequence::Outside) && !ended_by_enter
    }

    /// The columns that the last character took; nought when there is none.
    fn rub_out(&mut self) -> usize {
        match self.bytes.pop() {
            None => 0,
            Some(last) if last.is_ascii() => 1,
            Some(mut byte) => {
                while byte & 0xc0 == 0x80 {
                    let Some(before) = self.bytes.pop() else { break };
                    byte = before;
                }
                2
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(keys: &[u8]) -> Line {
        let mut line = Line::new();
        for &byte in keys {
            line.typed(byte);
        }
        line
    }

    fn text(keys: &[u8]) -> String {
        after(keys).text().unwrap().as_str().to_owned()
    }

    #[test]
    fn a_rubbed_out_character_is_gone_whole() {
        assert_eq!(text("né\x7fo".as_bytes()), "no");
        assert_eq!(text("x你\x08\x08\x08y".as_bytes()), "y");
        assert_eq!(text(b"wrong\x15right"), "right");
    }

    #[test]
    fn arrow_and_function_keys_are_no_text() {
        assert_eq!(text(b"a\x1b[D\x1b[6~\x1bOPb\x1b[1;5Cc"), "abc");
        assert_eq!(after(b"a\x1b").typed(b'\r'), Typed::Entered);
    }

    #[test]
    fn control_characters_are_not_taken() {
        assert_eq!(text(b"a\x00\x01\x09\x1fb\x04"), "ab");
        assert_eq!(Line::new().typed(0x04), Typed::Left);
    }

    #[test]
    fn a_line_does_not_grow_past_its_limit() {
        let line = after(&[b'x'; LONGEST + 10]);
        assert_eq!((line.bytes.len(), line.bytes.capacity()), (LONGEST, LONGEST));
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        assert!(matches!(after(b"a\xff").text(), Err(ReadingError::NotText)));
    }
}
