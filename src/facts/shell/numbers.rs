//! What shell code works out with numbers, where a value that is no number may run commands: `a[$(…)]`.
//! Pure.

use super::effects::{assigns, names_in};
use super::flow::Flow;
use super::state::{State, Value};
use super::syntax::{Arithmetic, Open, Piece, Raw};
use super::walk::Walk;
use crate::facts::argv::Word;

const RUNS: &str = "arithmetic on a value that may not be a number";

impl Walk<'_, '_> {
    /// Goes through an arithmetic expression.
    pub fn arithmetic(&mut self, arithmetic: &Arithmetic, state: &mut State, flow: &Flow) {
        self.read_pieces(&arithmetic.within, state, flow, &[]);
        let is_number = arithmetic.within.iter().all(|piece| is_number(piece, state));
        if !is_number || !are_numbers(&arithmetic.text, state) {
            self.atoms.not_understood(RUNS, &[Word::exact(arithmetic.text.as_slice())]);
        }
        if assigns(&arithmetic.text) {
            names_in(&arithmetic.text).for_each(|name| state.assign(name, Value::Number));
        }
    }

    /// Notes what a test `[[ … ]]` works out with.
    pub fn test(&mut self, words: &[Raw], state: &State) {
        const COMPARING: [&[u8]; 6] = [b"-eq", b"-ne", b"-lt", b"-le", b"-gt", b"-ge"];
        let plain = |raw: &Raw, of: &[&[u8]]| raw.plain().is_some_and(|text| of.contains(&text));
        let compares = words.iter().any(|raw| plain(raw, &COMPARING));
        let number = |raw: &Raw| {
            raw.pieces.iter().all(|piece| is_number(piece, state))
                && (raw.plain().is_some_and(|text| text.starts_with(b"-"))
                    || are_numbers(&raw.written(), state))
        };
        let named = words.iter().any(|raw| plain(raw, &[b"-v", b"-R"]));
        let is_open = |raw: &Raw| raw.plain().is_none_or(|text| text.contains(&b'['));
        if compares && !words.iter().all(number) || named && words.iter().any(is_open) {
            self.atoms.not_understood(RUNS, &[]);
        }
    }

    /// Notes an argument of a builtin that names a variable and may run commands in its index.
    pub fn indexed(&mut self, name: &[u8], arguments: &[Word<'static>]) {
        let indexes = |word: &Word<'_>| {
            word.certain()
                .is_none_or(|text| text.contains(&b'[') && text.iter().any(|b| matches!(b, b'$' | b'`')))
        };
        let names = |word: &Word<'_>| matches!(word.certain(), Some(b"-v" | b"-R"));
        let tests = matches!(name, b"test" | b"[");
        // An operand that may be several words, or the operator of two, may be `-v` and its variable.
        let may_name = |word: &Word<'_>| !word.is_one() || word.certain().is_none() && arguments.len() <= 3;
        let is_open = if tests {
            arguments.iter().any(names) && arguments.iter().any(indexes)
                || arguments.first().is_some_and(may_name) && arguments.len() != 1
        } else {
            arguments.iter().any(indexes)
        };
        if is_open {
            self.atoms.not_understood(RUNS, arguments);
        }
    }
}

fn are_numbers(text: &[u8], state: &State) -> bool {
    names_in(text).all(|name| match state.value(name) {
        None | Some(Value::Number) => true,
        Some(Value::Exact(value)) => is_decimal(&value),
        Some(Value::File(_) | Value::Unknown) => false,
    })
}

fn is_decimal(text: &[u8]) -> bool {
    text.strip_prefix(b"-").unwrap_or(text).iter().all(u8::is_ascii_digit)
}

fn is_number(piece: &Piece, state: &State) -> bool {
    match piece {
        Piece::Text(_) | Piece::Quoted(_) => true,
        Piece::Open { what, .. } => match what {
            Open::Number | Open::Arithmetic(_) => true,
            Open::Variable(name) => are_numbers(name, state),
            _ => false,
        },
    }
}
