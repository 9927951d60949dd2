//! Brace expansion: `{a,b}` and `{1..3}` (bash(1)).
//! Pure. Bounded: what would be too many words, or is written so that shells differ, is given up.

use super::syntax::{Open, Piece};

// Words one word may become.
const MOST: usize = 64;
// Parts handled on the way there.
const LONGEST: usize = 32_768;

/// A part of a word that no longer has parts.
#[derive(Debug, Clone, Copy)]
pub enum Unit<'p> {
    /// A byte without quotes.
    Bare(u8),
    /// A byte in quotes.
    Quoted(u8),
    /// Quotes with nothing in them.
    Nothing,
    /// Something that is filled in.
    Open(&'p Piece),
}

impl Unit<'_> {
    const fn is(self, byte: u8) -> bool {
        matches!(self, Self::Bare(own) if own == byte)
    }
}

/// The word's parts.
#[must_use]
pub fn units(pieces: &[Piece]) -> Vec<Unit<'_>> {
    let mut units = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => units.extend(text.iter().map(|&byte| Unit::Bare(byte))),
            Piece::Quoted(text) if text.is_empty() => units.push(Unit::Nothing),
            Piece::Quoted(text) => units.extend(text.iter().map(|&byte| Unit::Quoted(byte))),
            Piece::Open { .. } => units.push(Unit::Open(piece)),
        }
    }
    units
}

/// The words that a word becomes; none when that cannot be said.
#[must_use]
pub fn expand<'p>(word: &[Unit<'p>]) -> Option<Vec<Vec<Unit<'p>>>> {
    let mut done = Vec::new();
    let mut steps = (MOST * 4).min(LONGEST / word.len().max(1));
    let mut open = vec![(word.to_vec(), 0)];
    let mut has_expanded = false;
    while let Some((word, from)) = open.pop() {
        steps = steps.checked_sub(1)?;
        let Some((start, end, choices)) = next(&word, from)? else {
            done.push(word);
            if done.len() > MOST {
                return None;
            }
            continue;
        };
        has_expanded = true;
        for choice in choices.into_iter().rev() {
            let mut made = word.get(..start)?.to_vec();
            made.extend(choice);
            made.extend_from_slice(word.get(end..)?);
            open.push((made, start));
        }
        if open.len() > MOST {
            return None;
        }
    }
    // A dollar sign or a variable's name may now meet letters that it did not stand before.
    (!has_expanded || !done.iter().any(|word| joins(word))).then_some(done)
}

// The first brace expression at or behind `from`: where it starts and ends, and its choices.
type Found<'p> = (usize, usize, Vec<Vec<Unit<'p>>>);

fn next<'p>(word: &[Unit<'p>], from: usize) -> Option<Option<Found<'p>>> {
    let starts = word.iter().enumerate().skip(from).filter(|(_, unit)| unit.is(b'{'));
    for (start, _) in starts.map(|(at, unit)| (at, *unit)) {
        let inner = word.get(start + 1..)?;
        let Some(length) = closing(inner) else {
            // Shells differ on what an unclosed brace does to those within.
            let telling = |unit: &Unit<'_>| unit.is(b',') || unit.is(b'.');
            return if inner.iter().any(telling) { None } else { Some(None) };
        };
        let content = inner.get(..length)?;
        if let Some(choices) = choices(content)? {
            return Some(Some((start, start + length + 2, choices)));
        }
        if closes_later(inner) {
            return None;
        }
    }
    Some(None)
}

// Bash passes over a closing brace before which there is nothing to choose from: `{a},}` is `a}` and nothing.
fn closes_later(inner: &[Unit<'_>]) -> bool {
    let (mut depth, mut telling) = (0_usize, false);
    for (at, unit) in inner.iter().enumerate() {
        let dots = unit.is(b'.') && inner.get(at + 1).is_some_and(|unit| unit.is(b'.'));
        if unit.is(b'{') {
            depth += 1;
        } else if unit.is(b'}') && depth > 0 {
            depth -= 1;
        } else if unit.is(b'}') && telling {
            return true;
        } else if depth == 0 && (dots || unit.is(b',')) {
            telling = true;
        }
    }
    false
}

fn closing(inner: &[Unit<'_>]) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, unit) in inner.iter().enumerate() {
        if unit.is(b'{') {
            depth += 1;
        } else if unit.is(b'}') {
            let Some(less) = depth.checked_sub(1) else { return Some(at) };
            depth = less;
        }
    }
    None
}

fn choices<'p>(content: &[Unit<'p>]) -> Option<Option<Vec<Vec<Unit<'p>>>>> {
    let mut depth = 0_usize;
    let mut choices = vec![Vec::new()];
    for unit in content {
        if unit.is(b'{') {
            depth += 1;
        } else if unit.is(b'}') {
            depth = depth.saturating_sub(1);
        }
        if depth == 0 && unit.is(b',') {
            choices.push(Vec::new());
        } else {
            choices.last_mut()?.push(*unit);
        }
    }
    if choices.len() > MOST {
        return None;
    }
    if choices.len() > 1 {
        return Some(Some(choices));
    }
    let bare: Option<Vec<u8>> = content.iter().map(|unit| bare(*unit)).collect();
    let Some(text) = bare.and_then(|bytes| String::from_utf8(bytes).ok()) else {
        // A sequence may have its ends filled in, which shells do not look at; leave those alone.
        let dots = content.windows(2).any(|two| two.iter().all(|unit| unit.is(b'.')));
        return if dots { None } else { Some(None) };
    };
    match text.split_once("..") {
        None => Some(None),
        Some((first, last)) => sequence(first, last).map(Some),
    }
}

const fn bare(unit: Unit<'_>) -> Option<u8> {
    match unit {
        Unit::Bare(byte) => Some(byte),
        _ => None,
    }
}

// `1..3` and `a..c`; steps, padded numbers and other letters are given up.
fn sequence<'p>(first: &str, last: &str) -> Option<Vec<Vec<Unit<'p>>>> {
    let plain = |text: &str| text == "0" || !text.trim_start_matches('-').starts_with('0');
    let number = |text: &str| text.parse::<i32>().ok().filter(|_| plain(text) && !text.starts_with('+'));
    let letter = |text: &str| match text.as_bytes() {
        [byte] if byte.is_ascii_lowercase() => Some(i32::from(*byte)),
        _ => None,
    };
    let (ends, is_number) = match (number(first), number(last)) {
        (Some(first), Some(last)) => ((first, last), true),
        _ => ((letter(first)?, letter(last)?), false),
    };
    let (low, high) = (ends.0.min(ends.1), ends.0.max(ends.1));
    if high.checked_sub(low)? >= i32::try_from(MOST).ok()? {
        return None;
    }
    let text = |value: i32| match u8::try_from(value) {
        Ok(byte) if !is_number => vec![byte],
        _ => value.to_string().into_bytes(),
    };
    let mut words: Vec<Vec<Unit<'p>>> =
        (low..=high).map(|value| text(value).into_iter().map(Unit::Bare).collect()).collect();
    if ends.0 > ends.1 {
        words.reverse();
    }
    Some(words)
}

fn joins(word: &[Unit<'_>]) -> bool {
    let is_open_name = |unit: &Unit<'_>| match unit {
        Unit::Open(Piece::Open { written, what: Open::Variable(_), .. }) => written.last() != Some(&b'}'),
        _ => false,
    };
    let is_letter = |unit: &Unit<'_>| bare(*unit).is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
    word.iter().any(|unit| unit.is(b'$'))
        || word.windows(2).any(|two| matches!(two, [name, letter] if is_open_name(name) && is_letter(letter)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Option<Vec<String>> {
        let units: Vec<Unit<'_>> = text.bytes().map(Unit::Bare).collect();
        let text =
            |word: Vec<Unit<'_>>| word.into_iter().map(|unit| char::from(bare(unit).unwrap())).collect();
        Some(expand(&units)?.into_iter().map(text).collect())
    }

    #[test]
    fn braces_become_words() {
        for (written, wanted) in [
            ("{rm,-rf,/}", "rm -rf /"),
            ("a{b,c}d", "abd acd"),
            ("{a,b}{c,d}", "ac ad bc bd"),
            ("{a,{b,c}}", "a b c"),
            ("{1..3}x", "1x 2x 3x"),
            ("{c..a}", "c b a"),
            ("a{,b}", "a ab"),
            ("{}", "{}"),
            ("HEAD@{1}", "HEAD@{1}"),
            ("{{a,b}}", "{a} {b}"),
            ("{a,b}}", "a} b}"),
        ] {
            assert_eq!(words(written).unwrap().join(" "), wanted, "{written}");
        }
    }

    #[test]
    fn what_would_be_too_many_words_is_given_up() {
        for written in ["{1..1000}", "{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}", "{a,b{c}", "{01..3}", "{$,x}y"] {
            assert_eq!(words(written), None, "{written}");
        }
    }
}
