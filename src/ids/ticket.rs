//! A ticket's id, the code people read aloud, and the beginning of it that they type.
//! Pure.

use std::fmt;
use std::str::FromStr;

use super::{InvalidId, Nonce, invalid};

/// Crockford's alphabet: no I, L, O, U, so a code read aloud or copied by hand stays itself.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TICKET_LENGTH: usize = 26;
const CODE_LENGTH: usize = 8;

/// A ticket: 26 Crockford base-32 letters (128 random bits). People see the first eight, as `K7QX-M2FD`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TicketId([u8; TICKET_LENGTH]);

impl TicketId {
    /// A fresh random id.
    #[must_use]
    pub fn random() -> Self {
        let Nonce(bytes) = Nonce::random();
        let mut value = u128::from_be_bytes(bytes);
        let mut letters = [b'0'; TICKET_LENGTH];
        for letter in letters.iter_mut().rev() {
            *letter = letter_of(value);
            value >>= 5;
        }
        // The top letter carries three bits only; turning the text round puts full ones in the code.
        letters.reverse();
        Self(letters)
    }

    /// The whole id, as stored and as in data.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // They are all ASCII.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The code people read and type: `K7QX-M2FD`.
    #[must_use]
    pub fn code(&self) -> String {
        let half = CODE_LENGTH / 2;
        let (head, tail) = self.as_str().split_at(half);
        format!("{head}-{}", tail.split_at(half).0)
    }
}

fn letter_of(value: u128) -> u8 {
    let index = usize::try_from(value & 31).unwrap_or(0);
    ALPHABET.get(index).copied().unwrap_or(b'0')
}

const fn is_letter(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'A'..=b'H' | b'J' | b'K' | b'M' | b'N' | b'P'..=b'T' | b'V'..=b'Z')
}

impl fmt::Display for TicketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for TicketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for TicketId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let letters = <[u8; TICKET_LENGTH]>::try_from(text.as_bytes()).ok();
        let letters = letters.filter(|letters| letters.iter().copied().all(is_letter));
        letters.map(Self).ok_or(invalid("ticket", "is not 26 letters of the code alphabet"))
    }
}

/// The beginning of a ticket's id as a person typed it: case, dashes and look-alikes (O, I, L) forgiven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketPrefix(String);

impl TicketPrefix {
    /// The normalised letters, at least one, at most 26.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TicketPrefix {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let letters: String = text.chars().filter(|&c| c != '-').map(forgive).collect();
        if letters.is_empty() || letters.len() > TICKET_LENGTH {
            return Err(invalid("ticket id", "has between 1 and 26 letters, like K7QX-M2FD"));
        }
        if letters.bytes().all(is_letter) {
            Ok(Self(letters))
        } else {
            Err(invalid("ticket id", "has only digits and letters, like K7QX-M2FD"))
        }
    }
}

const fn forgive(c: char) -> char {
    match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    }
}

serde_text!(TicketId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_one_of_the_alphabet() {
        for byte in 0..=u8::MAX {
            assert_eq!(is_letter(byte), ALPHABET.contains(&byte), "{byte}");
        }
    }
}
