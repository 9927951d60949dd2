//! The `#!` line as the kernel reads it (execve(2), "Interpreter scripts").
//! Pure.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

/// What a `#!` line names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shebang {
    /// The interpreter, as written; a relative one is looked for in the working folder.
    pub(super) interpreter: OsString,
    /// All that follows it, as one argument, without blanks at the ends.
    pub(super) argument: Option<OsString>,
}

impl Shebang {
    /// Reads the first bytes of a script; none when no interpreter is named, or its name does not end in them.
    pub(super) fn parse(head: &[u8]) -> Option<Self> {
        let rest = head.strip_prefix(b"#!")?;
        let end = rest.iter().position(|&byte| matches!(byte, b'\n' | 0));
        let line = trim(rest.get(..end.unwrap_or(rest.len()))?);
        let blank = line.iter().position(|byte| is_blank(*byte));
        let cut_off = end.is_none() && blank.is_none() && head.len() >= 256;
        let (interpreter, argument) = line.split_at(blank.unwrap_or(line.len()));
        if interpreter.is_empty() || cut_off {
            return None;
        }
        let argument = Some(trim(argument)).filter(|argument| !argument.is_empty());
        Some(Self { interpreter: os(interpreter), argument: argument.map(os) })
    }
}

/// The program that env(1) starts for the argument of a `#!` line, when that is plain to see.
pub(super) fn through_env(argument: Option<&OsStr>) -> Option<&OsStr> {
    argument.filter(|name| !name.as_bytes().starts_with(b"-") && !name.as_bytes().contains(&b'='))
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes
        && is_blank(*first)
    {
        bytes = rest;
    }
    while let [rest @ .., last] = bytes
        && is_blank(*last)
    {
        bytes = rest;
    }
    bytes
}

fn os(bytes: &[u8]) -> OsString {
    OsStr::from_bytes(bytes).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(head: &[u8]) -> Option<(String, Option<String>)> {
        let text = |part: OsString| part.into_string().unwrap();
        Shebang::parse(head).map(|line| (text(line.interpreter), line.argument.map(text)))
    }

    fn line(interpreter: &str, argument: Option<&str>) -> Option<(String, Option<String>)> {
        Some((interpreter.to_owned(), argument.map(str::to_owned)))
    }

    #[test]
    fn everything_behind_the_interpreter_is_one_argument() {
        assert_eq!(parsed(b"#!/bin/sh\nrest"), line("/bin/sh", None));
        assert_eq!(parsed(b"#! \t/bin/sh  -e -u \t\n"), line("/bin/sh", Some("-e -u")));
        assert_eq!(parsed(b"#!/bin/sh"), line("/bin/sh", None));
        assert_eq!(parsed(b"#!/bin/sh\r\n"), line("/bin/sh\r", None));
    }

    #[test]
    fn a_line_that_names_nothing_or_is_cut_off_is_none() {
        assert_eq!(parsed(b"#!\n/bin/sh"), None);
        assert_eq!(parsed(b"#!   "), None);
        assert_eq!(parsed(&[b"#!/", "x".repeat(253).as_bytes()].concat()), None);
    }

    #[test]
    fn env_is_followed_only_where_it_is_plain() {
        assert_eq!(through_env(Some(OsStr::new("python3"))), Some(OsStr::new("python3")));
        for other in ["-S bash -e", "-i", "A=b"] {
            assert_eq!(through_env(Some(OsStr::new(other))), None);
        }
        assert_eq!(through_env(None), None);
    }
}
