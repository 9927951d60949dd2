//! Patterns of arguments and paths: `*` and `?` stay within a path's part, `**` crosses parts.
//! Pure; works on bytes, in time linear in pattern times text, and compiles nothing.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A checked pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob {
    pattern: String,
    // The longest text every fit holds: most words are told apart by it alone.
    needle: String,
}

impl Glob {
    /// The pattern, unless it uses signs that other tools give a meaning and this one does not.
    #[must_use]
    pub fn new(pattern: &str) -> Option<Self> {
        let foreign = pattern.contains(['[', ']', '{', '}', '\\']);
        let literals = folder(pattern).unwrap_or(pattern).split(['*', '?']);
        let needle = literals.max_by_key(|literal| literal.len()).unwrap_or_default().to_owned();
        (!foreign && !pattern.is_empty()).then(|| Self { pattern: pattern.to_owned(), needle })
    }

    /// The pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.pattern
    }

    /// Whether it speaks of places in the file system, so that paths are resolved before comparing.
    #[must_use]
    pub fn is_place(&self) -> bool {
        self.pattern.starts_with('/') || self.pattern.starts_with("**/")
    }

    /// Whether the whole of `text` fits. A pattern ending in `/**` fits the folder itself too.
    #[must_use]
    pub fn fits(&self, text: &[u8]) -> bool {
        contains(text, self.needle.as_bytes())
            && (fits(self.pattern.as_bytes(), text)
                || folder(&self.pattern).is_some_and(|folder| fits(folder.as_bytes(), text)))
    }

    /// Whether some text could fit both this and `files`, a shell's pattern of file names (`*`, `?`, `[…]`).
    #[must_use]
    pub fn may_meet(&self, files: &[u8]) -> bool {
        meet(&parts(self.pattern.as_bytes()), &shell_parts(files))
            || folder(&self.pattern)
                .is_some_and(|folder| meet(&parts(folder.as_bytes()), &shell_parts(files)))
    }
}

/// Whether a shell's pattern of file names, one part of a path, may name this file. `.x` is named by `.*` only.
#[must_use]
pub fn may_name(files: &[u8], name: &[u8]) -> bool {
    let is_hidden = name.first() == Some(&b'.') && files.first() != Some(&b'.');
    let name: Vec<Part> = name.iter().copied().map(Part::Byte).collect();
    !is_hidden && (files.contains(&b'(') || meet(&name, &shell_parts(files)))
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
        if right.is_some_and(|part| part.repeats()) {
            open.push((a, b + 1));
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
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        parts.push(match first {
            b'*' => Part::Some,
            b'?' => Part::One,
            b'[' => {
                let end = tail.iter().skip(1).position(|&b| b == b']').map(|at| at + 2);
                rest = tail.get(end.unwrap_or(0)..).unwrap_or_default();
                if end.is_some() { Part::One } else { Part::Byte(b'[') }
            }
            byte => Part::Byte(byte),
        });
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
    if !pattern.iter().any(|sign| matches!(sign, b'*' | b'?')) {
        return pattern == text;
    }
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
}

impl Part {
    const fn takes(self, byte: u8) -> bool {
        match self {
            Self::Byte(wanted) => wanted == byte,
            Self::One | Self::Some => byte != b'/',
            Self::Any => true,
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
        ];
        for (ours, theirs, expected) in cases {
            assert_eq!(Glob::new(ours).unwrap().may_meet(theirs.as_bytes()), expected, "{ours} {theirs}");
        }
    }

    proptest! {
        #[test]
        fn a_text_that_fits_both_is_never_missed(ours in "[ab/*?]{1,6}", theirs in "[ab/*?]{1,6}", text in "[ab/]{0,6}") {
            // Two stars are one to a shell, and cross parts to us.
            prop_assume!(!theirs.contains("**"));
            let (left, right) = (Glob::new(&ours).unwrap(), Glob::new(&theirs).unwrap());
            if left.fits(text.as_bytes()) && fits(right.pattern.as_bytes(), text.as_bytes()) {
                prop_assert!(left.may_meet(right.pattern.as_bytes()));
            }
        }

        #[test]
        fn it_agrees_with_an_independent_matcher(pattern in "[ab/*?]{1,8}", text in "[ab/]{0,8}") {
            // Theirs gives a meaning of its own to `**` beside other signs than `/`.
            prop_assume!(!pattern.contains("**"));
            let theirs = globset::GlobBuilder::new(&pattern).literal_separator(true).build().unwrap();
            let ours = Glob::new(&pattern).unwrap();
            prop_assert_eq!(ours.fits(text.as_bytes()), theirs.compile_matcher().is_match(&text));
        }
    }
}
