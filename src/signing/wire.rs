//! The few forms of RFC 4251 section 5 that keys and signatures are written in.
//! Pure; the reader gives nothing rather than guess.

/// Takes fields off the front of some bytes.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*head)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    /// A length in four bytes, then that many bytes.
    pub(super) fn string(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.u32()?).ok()?;
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    /// A string of exactly `N` bytes.
    pub(super) fn fixed<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.string()?.try_into().ok()
    }

    /// A string of printable ASCII.
    pub(super) fn ascii(&mut self) -> Option<&'a str> {
        let text = std::str::from_utf8(self.string()?).ok()?;
        text.bytes().all(|b| b.is_ascii_graphic()).then_some(text)
    }

    /// Nothing, if nothing is left.
    pub(super) fn end(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// Appends a length in four bytes, then `bytes`, which are short.
pub(super) fn put_string(to: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    to.extend(length.to_be_bytes());
    to.extend(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_is_read_back_and_nothing_is_left() {
        let mut bytes = 7u32.to_be_bytes().to_vec();
        put_string(&mut bytes, b"name");
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.u32(), Some(7));
        assert_eq!(reader.ascii(), Some("name"));
        assert_eq!(reader.end(), Some(()));
    }

    #[test]
    fn a_length_past_the_end_gives_nothing() {
        assert_eq!(Reader::new(&[0, 0, 0, 2, 1]).string(), None);
        assert_eq!(Reader::new(&[0xff; 4]).string(), None);
        assert_eq!(Reader::new(&[0, 0]).u32(), None);
    }

    #[test]
    fn a_fixed_string_has_its_length_and_ascii_no_blanks() {
        assert_eq!(Reader::new(&[0, 0, 0, 1, 9]).fixed::<2>(), None);
        assert_eq!(Reader::new(&[0, 0, 0, 1, b' ']).ascii(), None);
        assert_eq!(Reader::new(&[1]).end(), None);
    }
}
