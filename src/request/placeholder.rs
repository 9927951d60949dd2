//! `{bind:NAME}` in an argument: where the name of a private copy will stand.
//! Pure.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use crate::ids::Label;

const OPENING: &[u8] = b"{bind:";

/// A part of an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Handed on as it is.
    Literal(&'a [u8]),
    /// The path of the copy of this name goes here.
    Bind(Label),
}

/// Splits an argument. Only `{bind:NAME}` with a well-formed name is a bind; all else is literal.
#[must_use]
pub fn pieces(argument: &OsStr) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = argument.as_bytes();
    let mut from = 0;
    while let Some(start) = find_opening(rest, from) {
        match bind_at(rest, start) {
            Some((name, end)) => {
                let (literal, _) = rest.split_at(start);
                push_literal(&mut pieces, literal);
                pieces.push(Piece::Bind(name));
                rest = rest.get(end..).unwrap_or_default();
                from = 0;
            }
            None => from = start + OPENING.len(),
        }
    }
    push_literal(&mut pieces, rest);
    pieces
}

/// The names of the binds in an argument, in order.
pub fn bind_names(argument: &OsStr) -> impl Iterator<Item = Label> + '_ {
    pieces(argument).into_iter().filter_map(|piece| match piece {
        Piece::Bind(name) => Some(name),
        Piece::Literal(_) => None,
    })
}

fn push_literal<'a>(pieces: &mut Vec<Piece<'a>>, literal: &'a [u8]) {
    if !literal.is_empty() {
        pieces.push(Piece::Literal(literal));
    }
}

fn find_opening(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.windows(OPENING.len()).position(|window| window == OPENING).map(|at| at + from)
}

fn bind_at(bytes: &[u8], start: usize) -> Option<(Label, usize)> {
    let name = bytes.get(start + OPENING.len()..)?;
    let length = name.iter().position(|&byte| byte == b'}')?;
    let label = std::str::from_utf8(name.get(..length)?).ok()?.parse().ok()?;
    Some((label, start + OPENING.len() + length + 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bind(name: &str) -> Piece<'static> {
        Piece::Bind(name.parse().unwrap())
    }

    #[test]
    fn a_bind_is_found_anywhere_in_an_argument() {
        assert_eq!(pieces(OsStr::new("{bind:plan}")), [bind("plan")]);
        assert_eq!(
            pieces(OsStr::new("-var-file={bind:v},{bind:w}x")),
            [Piece::Literal(b"-var-file="), bind("v"), Piece::Literal(b","), bind("w"), Piece::Literal(b"x")]
        );
    }

    #[test]
    fn what_is_not_a_well_formed_name_is_literal() {
        for text in ["{bind:}", "{bind:a b}", "{bind:x", "bind:x}", "", "{bind:-x}"] {
            assert_eq!(bind_names(OsStr::new(text)).count(), 0, "{text}");
        }
        assert_eq!(pieces(OsStr::new("{bind:{bind:a}")), [Piece::Literal(b"{bind:"), bind("a")]);
    }

    proptest! {
        #[test]
        fn the_pieces_put_together_are_the_argument(text in "([a-z{}:]|\\{bind:|\\{bind:a\\}){0,12}") {
            let mut again = Vec::new();
            for piece in pieces(OsStr::new(&text)) {
                match piece {
                    Piece::Literal(bytes) => again.extend_from_slice(bytes),
                    Piece::Bind(name) => again.extend_from_slice(format!("{{bind:{name}}}").as_bytes()),
                }
            }
            prop_assert_eq!(again, text.into_bytes());
        }
    }
}
