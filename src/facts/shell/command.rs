//! Simple commands: their assignments, what they do to the shell, and the substitutions in their words.
//! Pure.

use super::effects::{self, holds};
use super::flow::Flow;
use super::grammar::assignment;
use super::state::{State, Value};
use super::syntax::{Arithmetic, Assignment, Open, Piece, Raw, Simple};
use super::walk::{Ends, Walk};
use crate::facts::argv::{Sure, Word};
use crate::facts::atoms::{Atom, Set};
use crate::facts::variables;

// Words of one command.
const MOST_WORDS: usize = 4096;
/// What a word costs, in bytes of code: those of loops are read again and again.
pub const COST: usize = 64;

impl Walk<'_, '_> {
    /// Goes through a simple command.
    pub fn simple(&mut self, simple: &Simple, state: State, flow: &Flow) -> Ends {
        let mut flow = flow.clone();
        let mut after = state.clone();
        let words = self.words(simple, &state);
        if words.len() > MOST_WORDS {
            self.atoms.not_understood("a command of very many words", &words);
        }
        if words.len() > MOST_WORDS || !self.atoms.spend(COST * (words.len() + 1)) {
            return (state.clone(), state);
        }
        for raw in &simple.words {
            let writers = self.process_writers(&raw.pieces, &state, &flow);
            flow.feed(writers);
        }
        self.redirects(&simple.redirects, &state, &mut flow);
        let sets = self.assigned(simple, &state, &mut after, &flow);
        if words.is_empty() {
            self.assignments_alone(&sets, &mut after, &state, &flow);
            self.read_words(simple, &mut after, &flow, &[]);
            return (after.clone(), after);
        }
        let from = self.atoms.atoms.len();
        let ends = self.command_of(&words, simple, sets, &state, after, &flow);
        let mut names = self.names(from);
        if words.first().is_some_and(|word| word.certain().is_none()) {
            // What is printed becomes the command: the shell runs it.
            names.push(b"sh".to_vec());
        }
        let (mut done, mut failed) = ends;
        self.read_words(simple, &mut done, &flow, &names);
        for raw in &simple.words {
            self.note_sets(&raw.pieces, &mut failed);
        }
        (done, failed)
    }

    fn words(&self, simple: &Simple, state: &State) -> Vec<Word<'static>> {
        let expander = self.expander(state);
        let declares = simple
            .words
            .first()
            .and_then(Raw::plain)
            .is_some_and(|name| holds(&["export", "declare", "typeset", "local", "readonly"], name));
        let word = |raw: &Raw| match assignment(raw).filter(|_| declares) {
            Some(assignment) => vec![declared(&assignment, &expander.value(&assignment.value))],
            None => expander.words(raw),
        };
        simple.words.iter().flat_map(word).take(MOST_WORDS + 1).collect()
    }

    // The assignments before a command, each with its value; without a command they stay.
    fn assigned(&mut self, simple: &Simple, state: &State, after: &mut State, flow: &Flow) -> Vec<Set> {
        let mut sets = Vec::new();
        let mut known = state.clone();
        for assignment in &simple.assignments {
            let mut value = self.expander(&known).value(&assignment.value);
            let old = self.expander(&known).state.value(&assignment.name);
            if assignment.appends {
                value = appended(old, value);
            }
            self.index(assignment, &known);
            for element in assignment.value.array.iter().flatten() {
                self.read_pieces(&element.pieces, &known, flow, &[]);
            }
            self.read_pieces(&assignment.value.pieces, &known, flow, &[]);
            self.note_sets(&assignment.value.pieces, &mut known);
            known.assign(&assignment.name, stored(assignment, &value));
            sets.push(Set { name: assignment.name.clone(), value });
        }
        if simple.words.is_empty() {
            *after = known;
        }
        sets
    }

    fn index(&mut self, assignment: &Assignment, state: &State) {
        let Some(index) = &assignment.index else { return };
        let is_plain = index.iter().all(u8::is_ascii_alphanumeric) && self.is_bash;
        let is_number =
            effects::names_in(index).all(|name| matches!(state.value(name), None | Some(Value::Number)));
        if !is_plain || !is_number {
            self.atoms.not_understood("an element of an array that is only known then", &[]);
        }
    }

    fn assignments_alone(&mut self, sets: &[Set], after: &mut State, state: &State, flow: &Flow) {
        if sets.is_empty() {
            return;
        }
        let mut around = self.standing(state, flow);
        around.sets.extend(sets.iter().cloned());
        self.atoms.atoms.push(Atom::command(Vec::new(), &around));
        for set in sets {
            // It may be exported already.
            if !variables::is_harmless(&set.name) {
                self.export(&set.name, &set.value, after);
            }
        }
    }

    /// Sets a variable for the commands from here on.
    pub fn export(&mut self, name: &[u8], value: &Word<'static>, state: &mut State) {
        if !state.export(name, value.clone()) {
            self.atoms.not_understood("the rest: it sets too many variables", &[]);
        }
    }

    fn command_of(
        &mut self,
        words: &[Word<'static>],
        simple: &Simple,
        sets: Vec<Set>,
        state: &State,
        mut after: State,
        flow: &Flow,
    ) -> Ends {
        let Some(program) = words.first() else { return (after.clone(), after) };
        let mut around = self.standing(state, flow);
        around.sets.extend(sets.iter().cloned());
        let name = program.certain();
        if name.is_some_and(|name| self.functions.contains(name)) {
            let name = String::from_utf8_lossy(&program.text);
            self.atoms.not_understood(format!("`{name}` is a function here"), words);
            after.lose();
            return (after.clone(), after);
        }
        if name == Some(b"exec") && words.len() == 1 && !simple.redirects.is_empty() {
            return (after.clone(), after);
        }
        let ends = self.builtin(words, &sets, state, after, flow);
        for set in &ends.0.sets {
            if !around.sets.contains(set) {
                around.sets.push(set.clone());
            }
        }
        self.atoms.command(words.to_vec(), &around);
        ends
    }

    // What is filled in within the words of a command; `names` get its output.
    fn read_words(&mut self, simple: &Simple, state: &mut State, flow: &Flow, names: &[Vec<u8>]) {
        for raw in &simple.words {
            self.read_pieces(&raw.pieces, state, flow, names);
            for element in raw.array.iter().flatten() {
                self.read_pieces(&element.pieces, state, flow, names);
            }
            self.note_sets(&raw.pieces, state);
        }
    }

    /// Goes through what is filled in within words that are no command's.
    pub fn read_raws(&mut self, raws: &[Raw], state: &mut State, flow: &Flow) {
        for raw in raws {
            self.read_pieces(&raw.pieces, state, flow, &[]);
            self.note_sets(&raw.pieces, state);
        }
    }

    /// Goes through what is filled in within a word; `names` get what substitutions print.
    pub fn read_pieces(&mut self, pieces: &[Piece], state: &State, flow: &Flow, names: &[Vec<u8>]) {
        for piece in pieces {
            let Piece::Open { what, .. } = piece else { continue };
            match what {
                Open::Output(list) | Open::Process { list, is_read: true } => {
                    if !self.atoms.spend(COST) {
                        return;
                    }
                    let mut inner = Flow::default();
                    inner.feed(names.to_vec());
                    inner.feed(flow.feeds.clone());
                    self.list(list, state.clone(), &inner);
                }
                Open::Arithmetic(arithmetic) => self.arithmetic(arithmetic, &mut state.clone(), flow),
                Open::Other { within, arithmetic, .. } if arithmetic.is_empty() => {
                    self.read_pieces(within, state, flow, names);
                }
                Open::Other { within, arithmetic, .. } => {
                    let arithmetic = Arithmetic { text: arithmetic.clone(), within: within.clone() };
                    self.arithmetic(&arithmetic, &mut state.clone(), flow);
                }
                Open::Variable(_) | Open::Number | Open::Process { .. } => {}
            }
        }
    }

    /// Goes through `>(…)` within a word; gives the programs in it.
    pub fn process_writers(&mut self, pieces: &[Piece], state: &State, flow: &Flow) -> Vec<Vec<u8>> {
        let from = self.atoms.atoms.len();
        for piece in pieces {
            if let Piece::Open { what: Open::Process { list, is_read: false }, .. } = piece {
                self.list(list, state.clone(), &Flow { input: None, found: Vec::new(), ..flow.clone() });
            }
        }
        self.names(from)
    }

    // Variables that are set while words are filled in.
    fn note_sets(&mut self, pieces: &[Piece], state: &mut State) {
        for piece in pieces {
            let Piece::Open { what, .. } = piece else { continue };
            match what {
                Open::Arithmetic(arithmetic) if effects::assigns(&arithmetic.text) => {
                    effects::names_in(&arithmetic.text).for_each(|name| state.assign(name, Value::Unknown));
                }
                Open::Other { within, arithmetic, sets, .. } => {
                    self.note_sets(within, state);
                    if effects::assigns(arithmetic) {
                        effects::names_in(arithmetic).for_each(|name| state.assign(name, Value::Unknown));
                    }
                    if let Some(name) = sets {
                        state.assign(name, Value::Unknown);
                        if !variables::is_harmless(name) {
                            let value = Word { text: Vec::new().into(), sure: Sure::Partly(0) };
                            self.export(name, &value, state);
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

// `NAME=value` as one word.
fn declared(assignment: &Assignment, value: &Word<'static>) -> Word<'static> {
    let mut text = assignment.name.clone();
    if let Some(index) = &assignment.index {
        text.push(b'[');
        text.extend(index);
        text.push(b']');
    }
    if assignment.appends {
        text.push(b'+');
    }
    text.push(b'=');
    let start = text.len();
    text.extend_from_slice(&value.text);
    let sure = match value.sure {
        Sure::Exact => Sure::Exact,
        _ => Sure::Partly(start + value.known().len()),
    };
    Word { text: text.into(), sure }
}

fn appended(old: Option<Value>, value: Word<'static>) -> Word<'static> {
    match (old, value.certain()) {
        (Some(Value::Exact(old)), Some(new)) => Word::exact([old.as_slice(), new].concat()),
        _ => Word { text: value.text, sure: Sure::Partly(0) },
    }
}

/// What is known of a variable behind its assignment.
pub fn stored(assignment: &Assignment, value: &Word<'_>) -> Value {
    let is_number = matches!(
        assignment.value.pieces.as_slice(),
        [Piece::Open { what: Open::Number | Open::Arithmetic(_), .. }]
    );
    match value.certain() {
        _ if assignment.index.is_some() || assignment.value.array.is_some() => Value::Unknown,
        Some(text) => Value::Exact(text.to_vec()),
        None if is_number && !assignment.appends => Value::Number,
        None => Value::Unknown,
    }
}
