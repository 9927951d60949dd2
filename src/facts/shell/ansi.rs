//! The text of `$'…'`.
//! Pure.

/// What the escapes in `text` stand for (bash(1), QUOTING); none when that depends on the locale, or ends the text.
#[must_use]
pub fn unescape(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        if byte != b'\\' {
            out.push(byte);
            rest = after;
            continue;
        }
        let (&letter, after) = after.split_first()?;
        let (value, after) = match letter {
            b'a' => (7, after),
            b'b' => (8, after),
            b'e' | b'E' => (27, after),
            b'f' => (12, after),
            b'n' => (10, after),
            b'r' => (13, after),
            b't' => (9, after),
            b'v' => (11, after),
            b'\\' | b'"' | b'?' => (letter, after),
            b'0'..=b'7' => number(text_from(rest, 1), 8, 3)?,
            b'x' => number(after, 16, 2)?,
            b'u' => number(after, 16, 4).filter(|(value, _)| *value < 128)?,
            b'U' => number(after, 16, 8).filter(|(value, _)| *value < 128)?,
            b'c' => return None,
            _ => {
                out.push(b'\\');
                (letter, after)
            }
        };
        if value == 0 {
            return None;
        }
        out.push(value);
        rest = after;
    }
    Some(out)
}

fn text_from(text: &[u8], at: usize) -> &[u8] {
    text.get(at..).unwrap_or_default()
}

// A number of at most `most` digits, which must fit a byte.
fn number(text: &[u8], radix: u32, most: usize) -> Option<(u8, &[u8])> {
    let is_digit = |b: &&u8| char::from(**b).is_digit(radix);
    let length = text.iter().take(most).take_while(is_digit).count();
    let digits = std::str::from_utf8(text.get(..length)?).ok()?;
    let value = u32::from_str_radix(digits, radix).ok()?;
    Some((u8::try_from(value).ok()?, text.get(length..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_stand_for_characters() {
        let read = |text: &str| unescape(text.as_bytes()).map(|text| String::from_utf8(text).unwrap());
        assert_eq!(read(r"r\x6d\055r\u66\n").as_deref(), Some("rm-rf\n"));
        assert_eq!(read(r"a\qb").as_deref(), Some("a\\qb"));
        for open in [r"a\0b", r"\u00e9", r"\ca", r"\x{41}", r"a\"] {
            assert_eq!(read(open), None, "{open}");
        }
    }
}
