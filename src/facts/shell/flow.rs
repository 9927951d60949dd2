//! What flows between commands: who gets their output, and what stands in the code as their input.
//! Pure.

use super::expand::Expander;
use super::state::State;
use super::syntax::{Command, Redirect, Redirection, Simple};
use super::walk::Walk;
use crate::facts::argv::{Sure, Word};
use crate::facts::atoms::Atom;
use crate::facts::wrapper;

// Programs a command is told of as getting its output.
const MOST_FED: usize = 128;

/// What flows in and out of a command.
#[derive(Debug, Clone, Default)]
pub struct Flow {
    /// Base names of the programs that get its output.
    pub feeds: Vec<Vec<u8>>,
    /// Its input, when that stands in the code.
    pub input: Option<Word<'static>>,
    /// The files whose names are its input: a pattern for each folder they lie in.
    pub found: Vec<Word<'static>>,
}

impl Flow {
    /// The same, where something else may have read the input.
    #[must_use]
    pub fn without_input(&self) -> Self {
        Self { feeds: self.feeds.clone(), ..Self::default() }
    }

    /// Adds programs that get the output.
    pub fn feed(&mut self, names: Vec<Vec<u8>>) {
        for name in names {
            if self.feeds.len() < MOST_FED && !self.feeds.contains(&name) {
                self.feeds.push(name);
            }
        }
    }
}

impl Walk<'_, '_> {
    /// One redirection.
    pub fn redirect(&mut self, redirect: &Redirect, state: &State, flow: &mut Flow) {
        let writers = self.process_writers(&redirect.target.pieces, state, flow);
        flow.feed(writers);
        let target = self.expander(state).target(&redirect.target);
        let is_input = redirect.descriptor.is_none_or(|descriptor| descriptor == 0);
        match &redirect.kind {
            Redirection::HereDocument(body) => {
                let Some(body) = body.get() else { return };
                self.read_pieces(&body.pieces, state, flow, &[]);
                let text = self.expander(state).value(body);
                flow.input = Some(text).filter(|_| is_input);
                flow.found = Vec::new();
                return;
            }
            Redirection::HereString => {
                self.read_pieces(&redirect.target.pieces, state, flow, &[]);
                flow.input = Some(self.expander(state).value(&redirect.target)).filter(|_| is_input);
                flow.found = Vec::new();
                return;
            }
            Redirection::Write | Redirection::Append | Redirection::Copy
                if redirect.descriptor != Some(0) => {}
            _ if !is_input => {}
            _ => (flow.input, flow.found) = (None, Vec::new()),
        }
        self.read_pieces(&redirect.target.pieces, state, flow, &[]);
        for operator in operators(&redirect.kind, &target) {
            let around = self.standing(state, flow);
            self.atoms.atoms.push(Atom::redirection(operator, target.clone(), &around));
        }
    }

    /// The files whose names a command prints, when that is known; `before` are those it reads.
    pub fn found(
        &self,
        command: &Command,
        state: &State,
        before: Option<&[Word<'static>]>,
    ) -> Option<Vec<Word<'static>>> {
        let Command::Simple(simple) = command else { return None };
        let expander = self.expander(state);
        let words: Vec<Word<'static>> = simple.words.iter().flat_map(|raw| expander.words(raw)).collect();
        let is_function = self.functions.contains(&*words.first()?.text);
        let plain = simple.assignments.is_empty() && simple.redirects.iter().all(hides_errors);
        if is_function || !plain { None } else { wrapper::printed(&words, before) }
    }

    /// What a command prints, when that stands in the code; `input` is what it reads.
    pub fn printed(
        &self,
        command: &Command,
        state: &State,
        input: Option<Word<'static>>,
    ) -> Option<Word<'static>> {
        let Command::Simple(simple) = command else { return None };
        let expander = self.expander(state);
        let words: Vec<Word<'static>> = simple.words.iter().flat_map(|raw| expander.words(raw)).collect();
        let (program, arguments) = words.split_first()?;
        if self.functions.contains(&*program.text) {
            return None;
        }
        match (program.certain()?, arguments) {
            (b"echo", _) if simple.redirects.is_empty() => echoed(arguments),
            (b"printf", [format, text]) if simple.redirects.is_empty() => {
                let ends = matches!(format.certain()?, b"%s" | b"%s\\n");
                ends.then(|| text.clone())
            }
            (b"cat", []) => here(simple, &expander).or(input.filter(|_| simple.redirects.is_empty())),
            _ => None,
        }
    }
}

// `2>/dev/null`
fn hides_errors(redirect: &Redirect) -> bool {
    redirect.descriptor == Some(2)
        && matches!(redirect.kind, Redirection::Write)
        && redirect.target.plain() == Some(b"/dev/null")
}

// The document of a command that has but this redirection.
fn here(simple: &Simple, expander: &Expander<'_>) -> Option<Word<'static>> {
    match simple.redirects.as_slice() {
        [Redirect { kind: Redirection::HereDocument(body), descriptor: None, .. }] => {
            Some(expander.value(body.get()?))
        }
        [Redirect { kind: Redirection::HereString, descriptor: None, target }] => {
            Some(expander.value(target))
        }
        _ => None,
    }
}

// Shells differ on what echo does to backslashes and options.
fn echoed(arguments: &[Word<'static>]) -> Option<Word<'static>> {
    let mut text = Vec::new();
    let mut known = None;
    for word in arguments {
        if word.text.contains(&b'\\') || text.is_empty() && word.may_be_option() {
            return None;
        }
        if !text.is_empty() {
            text.push(b' ');
        }
        if word.sure != Sure::Exact {
            known.get_or_insert(text.len() + word.known().len());
        }
        text.extend_from_slice(&word.text);
    }
    Some(Word { text: text.into(), sure: known.map_or(Sure::Exact, Sure::Partly) })
}

fn is_descriptor(target: &Word<'_>) -> bool {
    let digits = target.certain().map(|text| text.strip_suffix(b"-").unwrap_or(text));
    digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_digit))
}

// The operators to name a redirection by; none for one to nowhere or to what is open already.
fn operators(kind: &Redirection, target: &Word<'_>) -> &'static [&'static str] {
    const OPEN: [&[u8]; 3] = [b"/dev/null", b"/dev/stdout", b"/dev/stderr"];
    if target.certain().is_some_and(|path| OPEN.contains(&path)) {
        return &[];
    }
    match kind {
        Redirection::Read => &["<"],
        Redirection::Write => &[">"],
        Redirection::Append => &[">>"],
        Redirection::Both => &[">", "<"],
        Redirection::Copy | Redirection::CopyInput if is_descriptor(target) => &[],
        Redirection::Copy => &[">"],
        Redirection::CopyInput => &["<"],
        Redirection::HereString | Redirection::HereDocument(_) => &[],
    }
}
