//! Code given to an interpreter on its command line: `-c`, `-e`, `eval`.
//! Pure.

use super::argv::{Command, is_option};

// Interpreters, without the version in their names; letters of options that give code; long ones.
const INTERPRETERS: &[(&str, &[u8], &[&str])] = &[
    (
        "sh bash dash zsh fish ksh mksh ash csh tcsh rbash yash nu elvish xonsh osh busybox",
        b"c",
        &["--command"],
    ),
    ("pwsh powershell", b"ceC", &["-command", "-Command", "-EncodedCommand", "-enc"]),
    ("python pypy ipython micropython", b"c", &[]),
    ("perl", b"eE", &[]),
    ("ruby irb jruby", b"e", &[]),
    ("node nodejs", b"ep", &["--eval", "--print"]),
    ("bun", b"ep", &["--eval", "--print"]),
    ("deno", b"", &[]),
    ("tsx ts-node", b"ep", &["--eval", "--print"]),
    ("php", b"rBRE", &["--run", "--process-begin", "--process-code", "--process-end"]),
    ("lua luajit", b"e", &[]),
    ("R Rscript", b"e", &[]),
    ("julia", b"eE", &["--eval", "--print"]),
    ("elixir iex", b"e", &["--eval", "--rpc-eval"]),
    ("erl", b"", &["-eval"]),
    ("osascript", b"e", &[]),
    ("ghc ghci runghc", b"e", &[]),
    ("scala", b"e", &[]),
    ("guile", b"c", &[]),
    ("sbcl", b"", &["--eval"]),
    ("emacs emacsclient", b"", &["--eval", "-eval", "--execute"]),
    ("vim vi nvim ex", b"c", &["--cmd"]),
    ("groovy", b"e", &[]),
    ("kotlin", b"e", &[]),
    ("gdb lldb", b"o", &["-ex", "--eval-command", "--one-line", "-batch-silent"]),
    ("sqlite3", b"", &["-cmd"]),
];
// Their first word is code, unless it comes from a file.
const FIRST: [&str; 9] = ["awk", "gawk", "mawk", "nawk", "goawk", "eval", "trap", "bc-expr", "let"];

/// How surely a command is given code on its command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inline {
    /// It is not.
    No,
    /// Some reading of its words gives it code.
    Maybe,
    /// It is.
    Yes,
}

/// Whether this command, of a program of this base name, is given code on its command line.
#[must_use]
pub fn inline(command: &Command<'_>, name: &[u8]) -> Inline {
    let Ok(name) = std::str::from_utf8(name) else { return Inline::No };
    let words = command.words();
    if FIRST.contains(&name) {
        let from_file =
            words.iter().any(|word| word.text.starts_with(b"-f") || word.text.starts_with(b"--file"));
        return match (words.is_empty(), from_file) {
            (true, _) => Inline::No,
            (_, true) => Inline::Maybe,
            _ => Inline::Yes,
        };
    }
    let family = name.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-'));
    let of = |names: &str| names.split(' ').any(|known| known == family || known == name);
    let Some((_, letters, longs)) = INTERPRETERS.iter().find(|(names, ..)| of(names)) else {
        return Inline::No;
    };
    let first = words.first().map(|word| &*word.text);
    if first == Some(b"eval") && matches!(name, "deno" | "bun") {
        return Inline::Yes;
    }
    let exact = |word: &[u8]| match word {
        [b'-', letter] => letters.contains(letter),
        _ => longs.iter().any(|long| long.as_bytes() == word),
    };
    if first.is_some_and(exact) {
        return Inline::Yes;
    }
    if words
        .iter()
        .any(|word| may_give_code(&word.text, letters, longs) || word.may_be_option() && !word.is_option())
    {
        Inline::Maybe
    } else {
        Inline::No
    }
}

// Wide: the letter anywhere in a cluster, the long option abbreviated or with its value.
fn may_give_code(word: &[u8], letters: &[u8], longs: &[&str]) -> bool {
    let head = word.split(|&b| b == b'=').next().unwrap_or(word);
    let long = |long: &&str| long.as_bytes() == head || (head.len() > 2 && long.as_bytes().starts_with(head));
    let cluster = is_option(word) && word.get(1) != Some(&b'-') && word.iter().any(|b| letters.contains(b));
    cluster || longs.iter().any(long)
}

#[cfg(test)]
mod tests {
    use super::super::argv::Word;
    use super::*;

    fn of(line: &str) -> Inline {
        let words: Vec<Word<'_>> = line.split(' ').map(Word::from).collect();
        let command = Command::of(&words).unwrap();
        inline(&command, command.name())
    }

    #[test]
    fn code_on_the_command_line_is_seen_in_every_spelling() {
        for line in [
            "python -c x",
            "python3.12 -c x",
            "/usr/bin/perl -e x",
            "node --eval x",
            "deno eval x",
            "awk {x}",
            "eval x",
            "bash -c x",
            "php -r x",
            "emacs --eval x",
        ] {
            assert_eq!(of(line), Inline::Yes, "{line}");
        }
        for line in [
            "python3 -Ic x",
            "perl -lane x",
            "node --ev x",
            "bash -lc x",
            "ruby -W -e x",
            "awk -f x y",
            "node --eval=x",
        ] {
            assert_eq!(of(line), Inline::Maybe, "{line}");
        }
        for line in ["python x.py", "node app.js", "perl -v", "cat -e x", "bash x.sh", "make -c", "eval"] {
            assert_eq!(of(line), Inline::No, "{line}");
        }
    }
}
