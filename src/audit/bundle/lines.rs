//! Lines of a bundle's file, one after the other, none longer than a record.
//! Reads the part it is given.

use std::io::{self, BufRead, BufReader, Read as _};

use super::files::Part;
use crate::record::LONGEST;

/// A line, or why it is none.
pub type Line = Result<String, &'static str>;

/// The lines of a part.
#[derive(Debug)]
pub struct Lines(BufReader<Part>);

impl Lines {
    /// From its beginning.
    #[must_use]
    pub fn of(part: Part) -> Self {
        Self(BufReader::with_capacity(1 << 17, part))
    }

    /// The next line, without its line feed.
    ///
    /// # Errors
    /// As read(2).
    pub fn next(&mut self) -> io::Result<Option<Line>> {
        let mut bytes = Vec::new();
        let most = LONGEST as u64 + 1;
        let count = (&mut self.0).take(most).read_until(b'\n', &mut bytes)?;
        if count == 0 {
            return Ok(None);
        }
        if bytes.pop_if(|last| *last == b'\n').is_some() {
            return Ok(Some(String::from_utf8(bytes).map_err(|_| "not UTF-8")));
        }
        if (count as u64) < most {
            return Ok(Some(Err("not ended by a line feed")));
        }
        self.skip()?;
        Ok(Some(Err("longer than a record")))
    }

    fn skip(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.0.fill_buf()?;
            let (end, length) = (buffer.iter().position(|byte| *byte == b'\n'), buffer.len());
            self.0.consume(end.map_or(length, |at| at + 1));
            if end.is_some() || length == 0 {
                return Ok(());
            }
        }
    }
}
