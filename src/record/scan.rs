//! Whether a text is canonical already, found in one pass that builds nothing: the reader's common case.
//! Pure. Says yes only to what the writer would write; what it says no to, the writer is asked about.

/// 2^53 - 1 has sixteen digits.
const LARGEST: &[u8] = b"9007199254740991";
/// Well inside what serde_json follows (128), so that whatever passes here it reads too.
const DEEPEST: u32 = 100;

/// Whether `text` is one value in canonical form under the profile.
pub(super) fn is_canonical(text: &str) -> bool {
    let mut scan = Scan { rest: text.as_bytes() };
    scan.value(DEEPEST) && scan.rest.is_empty()
}

struct Scan<'a> {
    rest: &'a [u8],
}

impl<'a> Scan<'a> {
    fn value(&mut self, depth: u32) -> bool {
        let Some(deeper) = depth.checked_sub(1) else { return false };
        match self.rest.first() {
            Some(b'{') => self.object(deeper),
            Some(b'[') => self.list(deeper),
            Some(b'"') => self.string().is_some(),
            Some(b't') => self.take(b"true"),
            Some(b'f') => self.take(b"false"),
            Some(b'0'..=b'9') => self.number(),
            _ => false,
        }
    }

    fn take(&mut self, word: &[u8]) -> bool {
        let rest = self.rest.strip_prefix(word);
        rest.map(|rest| self.rest = rest).is_some()
    }

    fn list(&mut self, depth: u32) -> bool {
        if !self.take(b"[") {
            return false;
        }
        if self.take(b"]") {
            return true;
        }
        loop {
            if !self.value(depth) {
                return false;
            }
            if !self.take(b",") {
                return self.take(b"]");
            }
        }
    }

    // Each key above the one before: sorted, and none twice.
    fn object(&mut self, depth: u32) -> bool {
        if !self.take(b"{") {
            return false;
        }
        if self.take(b"}") {
            return true;
        }
        let mut before: &[u8] = b"";
        loop {
            let Some(key) = self.string().filter(|key| is_key(key) && *key > before) else { return false };
            before = key;
            if !(self.take(b":") && self.value(depth)) {
                return false;
            }
            if !self.take(b",") {
                return self.take(b"}");
            }
        }
    }

    /// The bytes between the quotes, as they stand.
    fn string(&mut self) -> Option<&'a [u8]> {
        let inside = self.rest.strip_prefix(b"\"")?;
        let mut rest = inside;
        loop {
            let (_, tail) = rest.split_at_checked(plain(rest))?;
            let stop = tail.iter().position(|&byte| byte == b'"' || byte == b'\\' || byte < b' ')?;
            let (_, tail) = tail.split_at(stop);
            match tail {
                [b'"', after @ ..] => {
                    self.rest = after;
                    return inside.get(..inside.len() - tail.len());
                }
                [b'\\', b'"' | b'\\' | b'b' | b't' | b'n' | b'f' | b'r', after @ ..] => rest = after,
                [b'\\', b'u', b'0', b'0', high, low, after @ ..] if is_other_control(*high, *low) => {
                    rest = after
                }
                _ => return None,
            }
        }
    }

    fn number(&mut self) -> bool {
        let end = self.rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        let leading_zero = digits.len() > 1 && digits.first() == Some(&b'0');
        let fits = digits.len() < LARGEST.len() || (digits.len() == LARGEST.len() && digits <= LARGEST);
        fits && !leading_zero
    }
}

const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
const TOPS: u64 = u64::from_ne_bytes([0x80; 8]);

/// So many bytes from the front, in eights, have no quote, backslash or control character among them.
fn plain(bytes: &[u8]) -> usize {
    let (eights, _) = bytes.as_chunks::<8>();
    eights.iter().take_while(|eight| !has_mark(u64::from_ne_bytes(**eight))).count() * 8
}

// A byte below `n` (128 at most) borrows from its top bit, which it does not have itself.
const fn has_below(eight: u64, n: u8) -> bool {
    eight.wrapping_sub(ONES * n as u64) & !eight & TOPS != 0
}

const fn has_mark(eight: u64) -> bool {
    let (quote, backslash) = (eight ^ (ONES * b'"' as u64), eight ^ (ONES * b'\\' as u64));
    has_below(eight, b' ') || has_below(quote, 1) || has_below(backslash, 1)
}

fn is_key(key: &[u8]) -> bool {
    let rest = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'_';
    key.first().is_some_and(u8::is_ascii_lowercase) && key.iter().all(rest)
}

// \u0000 to \u001f in lower case, but for the five that have a short escape.
fn is_other_control(high: u8, low: u8) -> bool {
    match high {
        b'0' => matches!(low, b'0'..=b'7' | b'b' | b'e' | b'f'),
        b'1' => matches!(low, b'0'..=b'9' | b'a'..=b'f'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::super::canonical;
    use super::*;

    /// The slow way: read it, write it, compare.
    fn written_so(text: &str) -> bool {
        let value: Result<Value, _> = serde_json::from_str(text);
        value.is_ok_and(|value| canonical(&value).is_ok_and(|again| again == text))
    }

    #[test]
    fn it_agrees_with_the_writer_on_every_near_miss() {
        for text in [
            r#"{"a":1,"b":[true,false,"x"],"c":{}}"#,
            r#"{"a":1,"a":1}"#,
            r#"{"b":1,"a":1}"#,
            r#"{"A":1}"#,
            r#"{"_a":1}"#,
            r#"{"":1}"#,
            r#"{"a" :1}"#,
            r#"{"a":1,}"#,
            r#"[1,]"#,
            r#"[,1]"#,
            "[]",
            "{}",
            "[1 ]",
            "0",
            "00",
            "01",
            "-1",
            "-0",
            "1.0",
            "1e3",
            "9007199254740991",
            "9007199254740992",
            "10000000000000000",
            "null",
            "tru",
            "truee",
            "true",
            "\"\\u0041\"",
            "\"\\u001f\"",
            "\"\\u001F\"",
            "\"\\u0000\"",
            "\"\\u0008\"",
            "\"\\u000a\"",
            "\"\\u000b\"",
            "\"\\u007f\"",
            "\"\u{7f}\u{80}\u{2028}\"",
            "\"\\/\"",
            "\"\\b\\t\\n\\f\\r\\\"\\\\\"",
            "\"a",
            "\"\\",
            "\"\n\"",
            "",
            " 1",
            "{\"a\":1}\n",
            r#"{"a\n":1}"#,
        ] {
            assert_eq!(is_canonical(text), written_so(text), "{text:?}");
        }
    }

    #[test]
    fn a_mark_is_seen_wherever_it_stands_among_eight() {
        for byte in 0..=u8::MAX {
            let mark = byte < b' ' || byte == b'"' || byte == b'\\';
            for other in [b' ', b'!', b'#', b'[', b']', b'a', 0x7f, 0x80, 0xa2, 0xdc, 0xff] {
                for at in 0..8 {
                    let mut eight = [other; 8];
                    eight[at] = byte;
                    assert_eq!(has_mark(u64::from_ne_bytes(eight)), mark, "{byte} {other} {at}");
                }
            }
        }
    }

    #[test]
    fn what_is_very_deep_is_left_to_the_writer() {
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(is_canonical(&deep(100)));
        assert!(!is_canonical(&deep(101)));
        assert!(!is_canonical(&"[".repeat(100_000)));
    }

    proptest! {
        #[test]
        fn it_never_says_yes_where_the_writer_says_no(text in r#"[\[\]{}",:a-c0-2tfu\\ n.e-]{0,24}"#) {
            prop_assert_eq!(is_canonical(&text), written_so(&text));
        }

        #[test]
        fn one_changed_byte_is_judged_as_the_writer_judges_it(at in 0usize..200, byte in 0u8..128) {
            let good = r#"{"action":{"argv":["rm","-rf","b\"\\\n\u001b"],"size":1234567},"list":[0,1,[true,{}]],"z9_":"é"}"#;
            prop_assert!(is_canonical(good));
            let mut bytes = good.as_bytes().to_vec();
            let at = at % bytes.len();
            bytes[at] = byte;
            if let Ok(text) = String::from_utf8(bytes) {
                prop_assert_eq!(is_canonical(&text), written_so(&text), "{}", text);
            }
        }
    }
}
