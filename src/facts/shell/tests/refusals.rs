//! Code of which no word is certain, or that is not read at all.

use super::{read_line, why, words};

#[test]
fn a_brace_that_bash_closes_later_leaves_no_word_certain() {
    for code in ["ls {a},}", "ls {a}{b},c}", "ls {a}..b}"] {
        let read = read_line(code);
        assert!(read.atoms[0].words.iter().any(|word| word.certain().is_none()), "{code}");
    }
    assert_eq!(words(&read_line("ls {a} @{1}..@{0}").atoms[0]), "ls {a} @{1}..@{0}");
}

#[test]
fn code_without_end_is_refused_at_once() {
    for part in [
        "(",
        "((",
        "{ ",
        "$(",
        "${a:-",
        "`",
        "\"$(",
        "[[ (",
        "[[|((",
        "[[ a)((",
        "if ",
        "case a in (",
        "$((",
        "<(",
        "a=(",
        "f() { ",
    ] {
        for times in [1, 8, 64, 4096] {
            let read = read_line(&part.repeat(times));
            assert!(!read.opaque.is_empty(), "{part} {times}");
        }
    }
    assert!(!why(&"a".repeat(70_000)).is_empty());
}
