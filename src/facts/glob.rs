//! Patterns of arguments and paths: `*` and `?` stay within a path's part, `**` crosses parts.
//! Pure; works on bytes, in time linear in pattern times text, and compiles nothing.

use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A checked pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob {
    pattern: String,
    whole: Ends,
    // `/srv/**` fits the folder itself too.
    folder: Option<Ends>,
    // The longest text every fit holds: most words are told apart by it alone.
    needle: Range<usize>,
    pairs: Pairs,
    is_place: bool,
}

/// Which pairs of neighbouring bytes a text holds, roughly: what lacks one that a pattern needs does not fit it,
/// told in one step. For texts that are held against many patterns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pairs(u64);

impl Pairs {
    /// Those of `text`.
    #[must_use]
    pub fn of(text: &[u8]) -> Self {
        let bit = |first: u8, second: u8| 1_u64 << ((first ^ second.wrapping_mul(29)) & 63);
        let seconds = text.iter().skip(1);
        Self(text.iter().zip(seconds).fold(0, |all, (&first, &second)| all | bit(first, second)))
    }
}

impl Glob {
    /// The pattern, unless it uses signs that other tools give a meaning and this one does not.
    #[must_use]
    pub fn new(pattern: &str) -> Option<Self> {
        if pattern.is_empty() || pattern.contains(['[', ']', '{', '}', '\\']) {
            return None;
        }
        let folder = folder(pattern);
        let literals = folder.unwrap_or(pattern).split(['*', '?']);
        let ranges = literals.scan(0, |at, literal| {
            let from = *at;
            *at += literal.len() + 1;
            Some(from..from + literal.len())
        });
        let needle = ranges.max_by_key(ExactSizeIterator::len).unwrap_or_default();
        Some(Self {
            pattern: pattern.to_owned(),
            whole: Ends::of(pattern),
            folder: folder.map(Ends::of),
            pairs: Pairs::of(pattern.as_bytes().get(needle.clone()).unwrap_or_default()),
            needle,
            is_place: pattern.starts_with('/') || pattern.starts_with("**/"),
        })
    }

    /// The pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.pattern
    }

    /// Whether it speaks of places in the file system, so that paths are resolved before comparing.
    #[must_use]
    pub const fn is_place(&self) -> bool {
        self.is_place
    }

    /// Whether the whole of `text` fits. A pattern ending in `/**` fits the folder itself too.
    #[must_use]
    pub fn fits(&self, text: &[u8]) -> bool {
        let pattern = self.pattern.as_bytes();
        let has_needle = || contains(text, pattern.get(self.needle.clone()).unwrap_or_default());
        let tried = |ends: &Ends| ends.fit(pattern, text) && has_needle() && ends.middle_fits(pattern, text);
        tried(&self.whole) || self.folder.as_ref().is_some_and(tried)
    }

    /// [`Glob::fits`], for a text whose pairs were found out before.
    #[must_use]
    pub fn fits_with(&self, text: &[u8], pairs: Pairs) -> bool {
        self.pairs.0 & !pairs.0 == 0 && self.fits(text)
    }

    /// Whether some text could fit both this and `files`, a shell's pattern of file names (`*`, `?`, `[…]`).
    #[must_use]
    pub fn may_meet(&self, files: &[u8]) -> bool {
        self.meets(&shell_parts(files))
    }

    /// The same, where a part that is but `*` says nothing of names: `src/*` is all there is in `src`.
    #[must_use]
    pub fn may_meet_named(&self, files: &[u8]) -> bool {
        let nameless = |part: &[u8]| if part == b"*" { vec![NAMELESS] } else { part.to_vec() };
        let files: Vec<Vec<u8>> = files.split(|&b| b == b'/').map(nameless).collect();
        self.meets(&shell_parts(&files.join(&b'/')))
    }

    fn meets(&self, files: &[Part]) -> bool {
        meet(&parts(self.pattern.as_bytes()), files)
            || folder(&self.pattern).is_some_and(|folder| meet(&parts(folder.as_bytes()), files))
    }
}

/// Whether a shell's pattern of file names, one part of a path, may name this file. `.x` is named by `.*` only.
#[must_use]
pub fn may_name(files: &[u8], name: &[u8]) -> bool {
    let is_hidden = name.first() == Some(&b'.') && files.first() != Some(&b'.');
    let name: Vec<Part> = name.iter().copied().map(Part::Byte).collect();
    !is_hidden && (files.contains(&b'(') || meet(&name, &shell_parts(files)))
}

// Stands for any name, and is in none that a pattern of ours spells out.
const NAMELESS: u8 = 0;
// What is literal at both ends of a pattern, of which only the first `length` bytes count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ends {
    length: usize,
    prefix: usize,
    suffix: usize,
}

impl Ends {
    fn of(pattern: &str) -> Self {
        let wild = |byte: &u8| matches!(byte, b'*' | b'?');
        let length = pattern.len();
        let prefix = pattern.bytes().position(|byte| wild(&byte)).unwrap_or(length);
        let suffix = pattern.bytes().rev().position(|byte| wild(&byte)).unwrap_or(0);
        Self { length, prefix, suffix }
    }

    fn fit(&self, pattern: &[u8], text: &[u8]) -> bool {
        let pattern = pattern.get(..self.length).unwrap_or_default();
        let (first, last) = (pattern.first(), pattern.last());
        // One byte tells most apart, and costs no call.
        (self.prefix == 0 || text.first() == first)
            && (self.suffix == 0 || text.last() == last)
            && text.len() >= self.prefix + self.suffix
            && text.get(..self.prefix) == pattern.get(..self.prefix)
            && text.get(text.len() - self.suffix..) == pattern.get(self.length - self.suffix..)
    }

    // What lies between the ends.
    fn middle_fits(&self, pattern: &[u8], text: &[u8]) -> bool {
        if self.prefix == self.length {
            return text.len() == self.length;
        }
        let text = text.get(self.prefix..text.len() - self.suffix).unwrap_or_default();
        match pattern.get(self.prefix..self.length - self.suffix).unwrap_or_default() {
            b"**" => true,
            b"*" => !text.contains(&b'/'),
            wild => fits(wild, text),
        }
    }
}

// Which pairs of positions in both patterns one text can reach.
fn meet(ours: &[Part], theirs: &[Part]) -> bool {
    let wide = theirs.len() + 1;
    let mut reached = vec![false; (ours.len() + 1) * wide];
    let mut open = vec![(0_usize, 0_usize)];
    while let Some((a, b)) = open.pop() {
        let Some(cell) = reached.get_mut(a * wide + b) else { continue };
        if std::mem::replace(cell, true) {
            continue;
        }
        let (left, right) = (ours.get(a), theirs.get(b));
        if left.is_some_and(|part| part.repeats()) {
            open.push((a + 1, b));
        }
        match right {
            Some(Part::First) => open.push((a, b + 2)),
            Some(part) if part.repeats() => open.push((a, b + 1)),
            _ => {}
        }
        if let (Some(left), Some(right)) = (left, right)
            && left.shares(*right)
        {
            let next = |part: &Part, at: usize| if part.repeats() { at } else { at + 1 };
            open.push((next(left, a), next(right, b)));
        }
    }
    reached.last().copied().unwrap_or(false)
}

fn shell_parts(pattern: &[u8]) -> Vec<Part> {
    let mut parts = Vec::with_capacity(pattern.len());
    let mut rest = pattern;
    // A wildcard that begins a name fits no hidden file.
    let mut begins = true;
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        let one = if begins { Part::Seen } else { Part::One };
        match first {
            b'*' if begins => parts.extend([Part::First, Part::Some]),
            b'*' => parts.push(Part::Some),
            b'?' => parts.push(one),
            b'[' => {
                let end = tail.iter().skip(1).position(|&b| b == b']').map(|at| at + 2);
                rest = tail.get(end.unwrap_or(0)..).unwrap_or_default();
                parts.push(if end.is_some() { one } else { Part::Byte(b'[') });
            }
            byte => parts.push(Part::Byte(byte)),
        }
        begins = first == b'/';
    }
    parts
}

fn folder(pattern: &str) -> Option<&str> {
    pattern.strip_suffix("/**").filter(|folder| !folder.is_empty())
}

fn contains(text: &[u8], needle: &[u8]) -> bool {
    // Both ends first: nearly every window differs there, and comparing whole ones costs a call each.
    let ends = |window: &[u8]| window.first() == needle.first() && window.last() == needle.last();
    needle.is_empty() || text.windows(needle.len()).any(|window| ends(window) && window == needle)
}

/// The path a word names from `cwd`, without `.`, `..` and doubled slashes; links are not followed.
#[must_use]
pub fn absolute(cwd: &Path, word: &[u8]) -> Vec<u8> {
    let from = if word.first() == Some(&b'/') { &b""[..] } else { cwd.as_os_str().as_bytes() };
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in from.split(|&b| b == b'/').chain(word.split(|&b| b == b'/')) {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let mut path: Vec<u8> = parts.iter().flat_map(|part| [&b"/"[..], part]).flatten().copied().collect();
    if path.is_empty() {
        path.push(b'/');
    }
    path
}

// The set of pattern positions reachable after each byte, as for any nondeterministic automaton.
fn fits(pattern: &[u8], text: &[u8]) -> bool {
    let parts = parts(pattern);
    let mut here = vec![false; parts.len() + 1];
    let mut next = here.clone();
    if let Some(start) = here.first_mut() {
        *start = true;
    }
    spread(&parts, &mut here);
    for &byte in text {
        next.fill(false);
        for (index, part) in parts.iter().enumerate() {
            let lives = here.get(index).copied().unwrap_or(false) && part.takes(byte);
            let to = if part.repeats() { index } else { index + 1 };
            if let Some(cell) = next.get_mut(to) {
                *cell |= lives;
            }
        }
        spread(&parts, &mut next);
        std::mem::swap(&mut here, &mut next);
    }
    here.last().copied().unwrap_or(false)
}

fn spread(parts: &[Part], here: &mut [bool]) {
    for (index, part) in parts.iter().enumerate() {
        let lives = here.get(index).copied().unwrap_or(false) && part.repeats();
        if let Some(cell) = here.get_mut(index + 1) {
            *cell |= lives;
        }
    }
}

#[derive(Clone, Copy)]
enum Part {
    Byte(u8),
    One,
    Some,
    Any,
    // One that is no dot.
    Seen,
    // The same, or nothing, and then not what follows either: the start of a `Some` that begins a name.
    First,
}

impl Part {
    const fn takes(self, byte: u8) -> bool {
        match self {
            Self::Byte(wanted) => wanted == byte,
            Self::One | Self::Some => byte != b'/',
            Self::Any => true,
            Self::Seen | Self::First => byte != b'/' && byte != b'.',
        }
    }

    // Whether one byte can be taken by both.
    const fn shares(self, other: Self) -> bool {
        match (self, other) {
            (Self::Byte(byte), part) | (part, Self::Byte(byte)) => part.takes(byte),
            _ => true,
        }
    }

    const fn repeats(self) -> bool {
        matches!(self, Self::Some | Self::Any)
    }
}

fn parts(pattern: &[u8]) -> Vec<Part> {
    let mut parts = Vec::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        parts.push(match first {
            b'*' if tail.first() == Some(&b'*') => {
                rest = tail.get(1..).unwrap_or_default();
                Part::Any
            }
            b'*' => Part::Some,
            b'?' => Part::One,
            byte => Part::Byte(byte),
        });
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_star_stays_within_its_part_and_two_cross() {
        let cases = [
            ("*.env", ".env", true),
            ("*.env", "a/.env", false),
            ("/srv/*", "/srv/a", true),
            ("/srv/*", "/srv/a/b", false),
            ("/srv/**", "/srv/a/b", true),
            ("/srv/**", "/srv", true),
            ("/srv/**", "/srvx", false),
            ("**/.ssh/**", "/home/a/.ssh/id", true),
            ("+**", "+refs/heads/main", true),
            ("of=/dev/sd?", "of=/dev/sda", true),
            ("of=/dev/sd?", "of=/dev/sd", false),
            ("/**", "/", true),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(Glob::new(pattern).unwrap().fits(text.as_bytes()), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn signs_that_mean_something_elsewhere_are_refused() {
        for bad in ["[ab]", "{a,b}", "a\\*", ""] {
            assert!(Glob::new(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn many_stars_do_not_take_long() {
        let pattern = Glob::new(&"*a".repeat(40)).unwrap();
        assert!(!pattern.fits("a".repeat(4_000).replace("aaaa", "aab").as_bytes()));
    }

    #[test]
    fn a_path_is_resolved_by_its_words_alone() {
        let cwd = Path::new("/srv/app");
        for (word, path) in [
            ("x", "/srv/app/x"),
            ("../../etc//passwd", "/etc/passwd"),
            ("/", "/"),
            ("/..", "/"),
            ("/etc/./", "/etc"),
            (".", "/srv/app"),
        ] {
            assert_eq!(absolute(cwd, word.as_bytes()), path.as_bytes(), "{word}");
        }
    }

    #[test]
    fn patterns_meet_where_one_text_fits_both() {
        let cases = [
            ("/etc/**", "/e*c/passwd", true),
            ("/etc/**", "/*", true),
            ("/*", "/*", true),
            ("**/.ssh/**", "/home/a/.s*", true),
            ("**/.ssh/**", "/home/a/src/*.rs", false),
            ("/etc/shadow", "/etc/sh[ab]dow", true),
            ("*.env", "*.rs", false),
            ("**/id_*", "/home/a/[x-z]*", true),
            ("**/.env", "/a/*", false),
            ("**/.env", "/a/?env", false),
            ("**/.env", "/a/[.]env", false),
            ("**/.env", "/a/.*", true),
            ("**/.env", "/a/.e*", true),
            ("**/.env*", "/a/*.env", true),
            ("**/*.env", "/a/*.env", true),
            ("**/*.env", "/a/*", true),
            ("**/.ssh/**", "/a/*/id", false),
            ("**/a", "/*", true),
            ("/a/**", "/a/*", true),
            (".*", "*", false),
            ("*", "*", true),
        ];
        for (ours, theirs, expected) in cases {
            assert_eq!(Glob::new(ours).unwrap().may_meet(theirs.as_bytes()), expected, "{ours} {theirs}");
        }
    }

    #[test]
    fn a_star_alone_names_nothing() {
        let cases = [
            ("**/id_rsa", "/a/*", false),
            ("**/*.pem", "/a/*", false),
            ("**/*.pem", "/a/*.pem", true),
            ("**/id_rsa", "/a/i*", true),
            ("/a/**", "/a/*", true),
            ("**/keys/**", "/a/keys/*", true),
            ("**/keys/**", "/a/*/x", false),
        ];
        for (ours, theirs, expected) in cases {
            assert_eq!(
                Glob::new(ours).unwrap().may_meet_named(theirs.as_bytes()),
                expected,
                "{ours} {theirs}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_text_that_fits_both_is_never_missed(ours in "[ab./*?]{1,6}", theirs in "[ab./*?]{1,6}", text in "[ab./]{0,6}") {
            // Two stars are one to a shell, and cross parts to us.
            prop_assume!(!theirs.contains("**"));
            let (left, right) = (Glob::new(&ours).unwrap(), Glob::new(&theirs).unwrap());
            // A shell's wildcard at the start of a name fits no dot.
            let hidden = theirs.split('/').zip(text.split('/')).any(|(theirs, text)| text.starts_with('.') && !theirs.starts_with('.'));
            if !hidden && left.fits(text.as_bytes()) && fits(right.pattern.as_bytes(), text.as_bytes()) {
                prop_assert!(left.may_meet(right.pattern.as_bytes()));
            }
        }

        #[test]
        fn it_agrees_with_an_independent_matcher(pattern in "[ab/*?]{1,8}", text in "[ab/]{0,8}") {
            // Theirs gives a meaning of its own to `**` beside other signs than `/`.
            prop_assume!(!pattern.contains("**"));
            let theirs = globset::GlobBuilder::new(&pattern).literal_separator(true).build().unwrap();
            let ours = Glob::new(&pattern).unwrap();
            let expected = theirs.compile_matcher().is_match(&text);
            prop_assert_eq!(ours.fits(text.as_bytes()), expected);
            prop_assert_eq!(ours.fits_with(text.as_bytes(), Pairs::of(text.as_bytes())), expected);
        }
    }
}
