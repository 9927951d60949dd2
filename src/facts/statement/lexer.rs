//! Splits SQL into words, quoted texts and signs, leaving out comments.
//! Pure, linear. What the same text means differs between databases, so each reads it its own way.

/// How one database reads quotes and comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// `\` takes the sign behind it out of its quote.
    pub backslash: bool,
    /// `$tag$` begins a quote.
    pub dollar: bool,
    /// `#` begins a comment, and `--` only before a space.
    pub hash: bool,
    /// Comments lie within comments.
    pub nested: bool,
    /// What stands in `/*! … */` is run.
    pub run_comments: bool,
}

/// PostgreSQL, and what follows it.
pub const POSTGRES: Dialect =
    Dialect { backslash: false, dollar: true, hash: false, nested: true, run_comments: false };
/// MySQL and MariaDB.
pub const MYSQL: Dialect =
    Dialect { backslash: true, dollar: false, hash: true, nested: false, run_comments: true };
/// SQLite, and the standard without more.
pub const PLAIN: Dialect =
    Dialect { backslash: false, dollar: false, hash: false, nested: false, run_comments: false };

/// One part of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'a> {
    /// A keyword, a name or a number.
    Word(&'a [u8]),
    /// What stands in quotes of a name.
    Name(&'a [u8]),
    /// What stands in quotes of a text.
    Text(&'a [u8]),
    /// Any other sign.
    Sign(u8),
}

impl Token<'_> {
    /// Whether it is this word, whatever its case.
    #[must_use]
    pub fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(given) if given.eq_ignore_ascii_case(word.as_bytes()))
    }
}

/// The parts of a text, and whether every quote and comment in it ends.
#[must_use]
pub fn lex(text: &[u8], dialect: Dialect) -> (Vec<Token<'_>>, bool) {
    let mut lexer = Lexer { text, at: 0, dialect, tokens: Vec::new(), whole: true };
    while lexer.step() {}
    (lexer.tokens, lexer.whole)
}

struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
    dialect: Dialect,
    tokens: Vec<Token<'a>>,
    whole: bool,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn step(&mut self) -> bool {
        let rest = self.rest();
        let Some(&first) = rest.first() else { return false };
        match first {
            b if b.is_ascii_whitespace() => self.at += 1,
            b'-' if rest.starts_with(b"--") && self.is_comment(rest) => self.line(),
            b'#' if self.dialect.hash => self.line(),
            b'/' if rest.starts_with(b"/*") => self.comment(),
            b'\'' => {
                let escaped = self.dialect.backslash || self.follows_e();
                self.quote(b'\'', escaped, Token::Text);
            }
            b'"' => self.quote(b'"', self.dialect.backslash, Token::Name),
            b'`' => self.quote(b'`', false, Token::Name),
            b'$' if self.dialect.dollar && self.dollar() => {}
            b if is_word(b) => {
                let end = rest.iter().position(|b| !is_word(*b) && *b != b'$').unwrap_or(rest.len());
                self.tokens.extend(rest.get(..end).map(Token::Word));
                self.at += end;
            }
            sign => {
                self.tokens.push(Token::Sign(sign));
                self.at += 1;
            }
        }
        true
    }

    fn is_comment(&self, rest: &[u8]) -> bool {
        !self.dialect.hash || rest.get(2).is_none_or(|b| b.is_ascii_whitespace() || b.is_ascii_control())
    }

    fn line(&mut self) {
        let rest = self.rest();
        self.at += rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
    }

    fn comment(&mut self) {
        if self.dialect.run_comments && matches!(self.rest().get(2), Some(b'!' | b'M')) {
            let mark =
                self.rest().iter().skip(2).take_while(|b| matches!(b, b'!' | b'M' | b'0'..=b'9')).count();
            self.at += 2 + mark;
            return;
        }
        let mut depth = 0_usize;
        while let Some(pair) = self.text.get(self.at..self.at + 2) {
            match pair {
                b"/*" if depth == 0 || self.dialect.nested => (depth, self.at) = (depth + 1, self.at + 2),
                b"*/" => {
                    (depth, self.at) = (depth - 1, self.at + 2);
                    if depth == 0 {
                        return;
                    }
                }
                _ => self.at += 1,
            }
        }
        (self.at, self.whole) = (self.text.len(), false);
    }

    fn quote(&mut self, mark: u8, escaped: bool, token: fn(&'a [u8]) -> Token<'a>) {
        let start = self.at + 1;
        let mut at = start;
        while let Some(&b) = self.text.get(at) {
            let doubled = b == mark && self.text.get(at + 1) == Some(&mark);
            if doubled || (b == b'\\' && escaped) {
                at += 2;
            } else if b == mark {
                self.tokens.extend(self.text.get(start..at).map(token));
                self.at = at + 1;
                return;
            } else {
                at += 1;
            }
        }
        self.tokens.extend(self.text.get(start..).map(token));
        (self.at, self.whole) = (self.text.len(), false);
    }

    // E'…' of PostgreSQL.
    fn follows_e(&self) -> bool {
        let before = self.at.checked_sub(1).and_then(|at| self.text.get(at));
        let further = self.at.checked_sub(2).and_then(|at| self.text.get(at));
        matches!(before, Some(b'e' | b'E')) && further.is_none_or(|b| !is_word(*b))
    }

    fn dollar(&mut self) -> bool {
        let rest = self.rest();
        let end = rest.iter().skip(1).position(|&b| b == b'$').map(|at| at + 2);
        let Some(tag) = end.and_then(|end| rest.get(..end)) else { return false };
        let inner = tag.get(1..tag.len() - 1).unwrap_or_default();
        if !inner.iter().all(|b| is_word(*b)) || inner.first().is_some_and(u8::is_ascii_digit) {
            return false;
        }
        let body = rest.get(tag.len()..).unwrap_or_default();
        let length = body.windows(tag.len()).position(|window| window == tag);
        self.tokens.extend(body.get(..length.unwrap_or(body.len())).map(Token::Text));
        self.whole &= length.is_some();
        self.at += tag.len() + length.map_or(body.len(), |length| length + tag.len());
        true
    }
}

const fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, dialect: Dialect) -> String {
        let (tokens, whole) = lex(text.as_bytes(), dialect);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let token = |token: &Token<'_>| match token {
            Token::Word(word) => text(word),
            Token::Name(name) => format!("\"{}\"", text(name)),
            Token::Text(quoted) => format!("'{}'", text(quoted)),
            Token::Sign(sign) => char::from(*sign).to_string(),
        };
        let mut all: Vec<String> = tokens.iter().map(token).collect();
        all.extend((!whole).then(|| "…".to_owned()));
        all.join(" ")
    }

    #[test]
    fn each_database_reads_quotes_and_comments_its_own_way() {
        for (text, postgres, mysql) in [
            ("a -- b\n c", "a c", "a c"),
            ("a --b\n c", "a c", "a - - b c"),
            ("a # b\n c", "a # b c", "a c"),
            ("a /* b */ c", "a c", "a c"),
            ("a /* /* */ */ c", "a c", "a * / c"),
            ("a /*!50000 b */ c", "a c", "a b * / c"),
            ("'a''b'", "'a''b'", "'a''b'"),
            ("'\\'; b --'", "'\\' ; b", "'\\'; b --'"),
            ("E'\\'' b", "E '\\'' b", "E '\\'' b"),
            ("$$a;b$$ c", "'a;b' c", "$ $ a ; b$$ c"),
            ("$x$a$$b$x$", "'a$$b'", "$ x$a$$b$x$"),
            ("\"a;b\" `c`", "\"a;b\" \"c\"", "\"a;b\" \"c\""),
            ("'a", "'a' …", "'a' …"),
            ("/* a", "…", "…"),
            ("$1", "$ 1", "$ 1"),
        ] {
            assert_eq!(shown(text, POSTGRES), postgres, "{text}");
            assert_eq!(shown(text, MYSQL), mysql, "{text}");
        }
    }
}
