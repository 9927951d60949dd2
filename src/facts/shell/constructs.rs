//! Constructs as they are written: `if`, loops, `case`, groups, functions, tests.
//! Pure.

use super::source::{Refusal, Source};
use super::syntax::{Command, Compound, List, Raw};
use super::word::is_name;

impl Source<'_> {
    /// Reads a construct, which begins with a parenthesis or a reserved word.
    pub fn construct(&mut self) -> Result<Command, Refusal> {
        let keyword = self.keyword().unwrap_or_default().to_vec();
        let compound = match keyword.as_slice() {
            b"function" => return self.named_function(),
            b"{" => self.group()?,
            b"if" => self.condition()?,
            b"while" => self.repeated(b"while")?,
            b"until" => self.repeated(b"until")?,
            b"for" => self.for_each(b"for")?,
            b"select" => self.for_each(b"select")?,
            b"case" => self.case()?,
            b"[[" => self.test()?,
            b"coproc" => return Err("a coprocess"),
            b"" if self.rest().starts_with(b"((") => self.counted()?,
            b"" if self.take(b"(") => self.subshell()?,
            _ => return Err("a reserved word out of place"),
        };
        Ok(Command::Compound(Box::new(compound), self.redirects()?))
    }

    fn expect(&mut self, keyword: &[u8]) -> Result<(), Refusal> {
        if self.take_keyword(keyword) { Ok(()) } else { Err("a construct that does not end") }
    }

    // Commands, of which there must be some, up to `keyword`.
    fn body(&mut self, keyword: &[u8]) -> Result<List, Refusal> {
        let list = self.some()?;
        self.expect(keyword)?;
        Ok(list)
    }

    fn some(&mut self) -> Result<List, Refusal> {
        let list = self.list()?;
        if list.0.is_empty() { Err("a construct without commands") } else { Ok(list) }
    }

    fn group(&mut self) -> Result<Compound, Refusal> {
        self.expect(b"{")?;
        Ok(Compound::Group(self.body(b"}")?))
    }

    fn subshell(&mut self) -> Result<Compound, Refusal> {
        let list = self.some()?;
        if self.take(b")") { Ok(Compound::Subshell(list)) } else { Err("an unclosed parenthesis") }
    }

    fn counted(&mut self) -> Result<Compound, Refusal> {
        if !self.is_bash {
            return Err("two parentheses in a shell that may not know arithmetic");
        }
        self.take(b"((");
        Ok(Compound::Arithmetic(self.arithmetic(false)?))
    }

    fn condition(&mut self) -> Result<Compound, Refusal> {
        self.expect(b"if")?;
        let mut branches = Vec::new();
        loop {
            let condition = self.body(b"then")?;
            branches.push((condition, self.some()?));
            if self.take_keyword(b"elif") {
                continue;
            }
            let otherwise = if self.take_keyword(b"else") { Some(self.some()?) } else { None };
            self.expect(b"fi")?;
            return Ok(Compound::If(branches, otherwise));
        }
    }

    fn repeated(&mut self, keyword: &[u8]) -> Result<Compound, Refusal> {
        self.expect(keyword)?;
        let condition = self.body(b"do")?;
        Ok(Compound::While(condition, self.body(b"done")?))
    }

    fn for_each(&mut self, keyword: &[u8]) -> Result<Compound, Refusal> {
        self.expect(keyword)?;
        self.skip_blanks();
        if keyword == b"for" && self.is_bash && self.take(b"((") {
            let arithmetic = self.arithmetic(true)?;
            self.skip_blanks();
            self.take(b";");
            return Ok(Compound::Count(arithmetic, self.repeated_body()?));
        }
        let name = self.word()?.plain().filter(|name| is_name(name)).map(<[u8]>::to_vec);
        let name = name.ok_or("a loop without a variable")?;
        self.skip_lines()?;
        let words = if self.take_keyword(b"in") { Some(self.words()?) } else { None };
        self.skip_blanks();
        self.take(b";");
        let words = words.filter(|_| keyword == b"for");
        Ok(Compound::For(name, words, self.repeated_body()?))
    }

    fn repeated_body(&mut self) -> Result<List, Refusal> {
        self.skip_lines()?;
        self.expect(b"do")?;
        self.body(b"done")
    }

    fn words(&mut self) -> Result<Vec<Raw>, Refusal> {
        let mut words = Vec::new();
        loop {
            self.skip_blanks();
            self.skip_comment();
            if matches!(self.peek(), Some(b';' | b'\n')) {
                return Ok(words);
            }
            let word = self.word()?;
            if word.pieces.is_empty() || word.array.is_some() {
                return Err("a loop over something that is no word");
            }
            words.push(word);
        }
    }

    fn case(&mut self) -> Result<Compound, Refusal> {
        self.expect(b"case")?;
        self.skip_blanks();
        let mut words = vec![self.word()?];
        self.skip_lines()?;
        self.expect(b"in")?;
        let (mut bodies, mut runs_on) = (Vec::new(), false);
        loop {
            self.skip_lines()?;
            if self.take_keyword(b"esac") {
                return Ok(Compound::Case(words, bodies, runs_on));
            }
            self.patterns(&mut words)?;
            bodies.push(self.list()?);
            if self.take(b";;&") || self.take(b";&") {
                runs_on = true;
            } else if !self.take(b";;") && self.keyword() != Some(b"esac") {
                return Err("a case that does not end");
            }
        }
    }

    fn patterns(&mut self, words: &mut Vec<Raw>) -> Result<(), Refusal> {
        self.take(b"(");
        loop {
            self.skip_blanks();
            let pattern = self.word()?;
            if pattern.pieces.is_empty() || pattern.array.is_some() {
                return Err("a case without a pattern");
            }
            words.push(pattern);
            self.skip_blanks();
            if self.take(b")") {
                return Ok(());
            }
            if !self.take(b"|") {
                return Err("a case with a pattern that does not end");
            }
        }
    }

    fn test(&mut self) -> Result<Compound, Refusal> {
        if !self.is_bash {
            return Err("[[ in a shell that may not know it");
        }
        self.expect(b"[[")?;
        let mut words = Vec::new();
        loop {
            self.skip_blanks();
            if self.newline()? || self.take(b"&&") || self.take(b"||") {
                continue;
            }
            if self.take_keyword(b"]]") {
                return Ok(Compound::Test(words));
            }
            match self.peek() {
                None | Some(b';' | b'&' | b'#') => return Err("a test that does not end"),
                Some(b'<' | b'>') if self.second() == Some(b'(') => return Err("a substitution in a test"),
                Some(b'(' | b')' | b'|' | b'<' | b'>') => self.at += 1,
                _ => words.push(self.tested()?),
            }
        }
    }

    fn tested(&mut self) -> Result<Raw, Refusal> {
        let word = self.word()?;
        if word.array.is_some() { Err("an array in a test") } else { Ok(word) }
    }

    fn named_function(&mut self) -> Result<Command, Refusal> {
        self.expect(b"function")?;
        self.skip_blanks();
        let name = self.word()?.plain().ok_or("a function without a name")?.to_vec();
        self.skip_blanks();
        if self.take(b"(") {
            self.skip_blanks();
            if !self.take(b")") {
                return Err("a function without a body");
            }
        }
        self.function_body(name)
    }

    /// Reads the body of a function, which is a construct.
    pub fn function_body(&mut self, name: Vec<u8>) -> Result<Command, Refusal> {
        self.skip_lines()?;
        if self.peek() != Some(b'(') && self.keyword().is_none() {
            return Err("a function without a body");
        }
        let body = self.construct()?;
        match body {
            Command::Compound(..) => Ok(Command::Function(name, Box::new(body))),
            _ => Err("a function without a body"),
        }
    }
}
