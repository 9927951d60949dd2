//! Commands made to confuse, to exhaust or to hide: none is allowed, and the work for each is bounded.

use super::laws::{facts_of, load};
use super::verdict::{Risk, Verdict};
use super::{Judgement, Policy};
use crate::facts::atoms::{Atoms, Opaque};
use crate::facts::shell;

// Atoms an action may come to, and the code it may come to, in bytes, with one piece more.
const ATOMS: usize = 2_000;
const CODE: usize = 262_144 + 65_536;

fn policy() -> Policy {
    let allows = "[[rule]]\nid = \"a\"\nverdict = \"allow\"\nprogram = [\"ls\", \"echo\", \"cat\", \"a\", \"env\", \"xargs\", \">\", \"bash\"]\nmatch = [\"ls\"]\n";
    let stops = "[[rule]]\nid = \"s\"\nverdict = \"deny\"\nprogram = [\"rm\"]\nregex = ['rm .*-rf /']\nmatch = [\"rm -rf /\"]\n";
    load(&format!("{allows}{stops}"))
}

fn judge(policy: &Policy, line: &str) -> (usize, usize, Judgement) {
    let facts = facts_of(&[]);
    let read: Atoms<'_> = shell::line(line.as_bytes(), &facts.observed.cwd, None);
    (read.atoms.len(), read.spent, policy.judge_atoms(&read, &facts))
}

fn assert_bounded(policy: &Policy, line: &str) {
    let what = line.get(..40).unwrap_or(line);
    let (atoms, spent, judged) = judge(policy, line);
    assert!(atoms <= ATOMS && spent <= CODE, "{what:?}: {atoms} atoms, {spent} bytes of code");
    assert!(judged.verdict.rank() > 0, "{what:?}");
    if !line.contains('\0') {
        let judged = policy.judge(&facts_of(&["bash", "-c", line]));
        assert!(judged.verdict.rank() > 0, "bash -c {what:?}");
    }
}

#[test]
fn nothing_unclosed_is_allowed_however_deep() {
    let policy = policy();
    for open in [
        "(",
        "{ ",
        "$(",
        "`",
        "${",
        "$((",
        "((",
        "[[ ",
        "\"",
        "'",
        "<(",
        "if ",
        "while ",
        "case x in ",
        "f() { ",
        "\"$(",
        "for i in ",
        "$[",
        "<<E\n",
    ] {
        for times in [1, 3, 25, 301, 5_001] {
            assert_bounded(&policy, &format!("{}ls", open.repeat(times)));
        }
    }
}

#[test]
fn nothing_is_allowed_for_being_too_long() {
    let policy = policy();
    for piece in [
        "ls;",
        "ls >a ",
        "a ",
        "$(ls)",
        "env ",
        "xargs ",
        "ls|",
        "ls &&",
        "ls\n",
        "A=$A$A;",
        "{a,b}",
        "echo {a,b}{a,b}{a,b};",
        "cat <<E\nx\nE\n",
        "for i in 1 2 3 4 5 6 7 8; do ls;",
        "f() { f; };f;",
        "eval ls;",
        "cat a/../",
        "ls *?[a]*/",
    ] {
        assert_bounded(&policy, &piece.repeat(65_537 / piece.len() + 1));
    }
    assert_bounded(&policy, &"a".repeat(1 << 20));
    assert_bounded(&policy, &"{a,b}".repeat(40));
    assert_bounded(&policy, &format!("ls{}", "{1..99999}".repeat(4)));
}

#[test]
fn odd_bytes_are_not_read_as_something_else() {
    let policy = policy();
    for line in [
        "\u{feff}ls",
        "ls\0",
        "ls \0",
        "ls\r\n",
        "ls \x1b[A",
        "ls \u{7f}",
        "",
        " ",
        "\n",
        "#",
        "ls \\",
        "ls \u{85}",
    ] {
        if line.trim().is_empty() || line == "#" {
            assert!(judge(&policy, line).2.verdict.rank() > 0, "{line:?}");
        } else {
            assert_bounded(&policy, line);
        }
    }
}

#[test]
fn an_argument_list_longer_than_a_record_is_not_allowed() {
    let policy = policy();
    let long = "x".repeat(70_000);
    assert!(policy.judge(&facts_of(&["ls", &long])).verdict.rank() > 0);
    let many = vec!["ls"; 40_000];
    assert!(policy.judge(&facts_of(&many)).verdict.rank() > 0);
    assert_eq!(policy.judge(&facts_of(&["ls", "x"])).verdict.rank(), 0);
}

#[test]
fn what_was_not_looked_through_counts_as_a_high_risk() {
    let policy = policy();
    let hidden = |filling: usize| {
        judge(&policy, &format!("eval \"$X\" {}; rm -rf /", "ls ".repeat(filling))).2.verdict
    };
    assert_eq!(hidden(10).rank(), 2);
    let Verdict::Review { risk, .. } =
        judge(&policy, &format!("(( {}", "frobnicate x;".repeat(4_000))).2.verdict
    else {
        panic!("a review");
    };
    assert_eq!(risk, Risk::High);
    let Verdict::Review { risk, .. } = judge(&policy, "(( frobnicate x").2.verdict else {
        panic!("a review")
    };
    assert!(risk < Risk::High);
}

#[test]
fn words_beyond_what_is_kept_count_as_a_high_risk() {
    let policy = policy();
    let risk = |words: usize| match judge(&policy, &format!("(( x {}", "-a ".repeat(words))).2.verdict {
        Verdict::Review { risk, .. } => risk,
        _ => panic!("a review"),
    };
    assert!(risk(30_000) < Risk::High);
    assert_eq!(risk(350_000), Risk::High);
}

/// What the policy says of a part that was not understood, where these words are, each so many times.
fn said_of(words: &[(&str, usize)]) -> Verdict {
    let words = words.iter().flat_map(|(word, times)| vec![word.as_bytes().to_vec(); *times]).collect();
    let opaque = vec![Opaque { what: "this".into(), words, is_cut: false }];
    policy().judge_atoms(&Atoms { opaque, ..Atoms::default() }, &facts_of(&["x"])).verdict
}

fn is_high(words: &[(&str, usize)]) -> bool {
    matches!(said_of(words), Verdict::Review { risk: Risk::High, .. })
}

#[test]
fn every_word_within_is_looked_behind_or_the_risk_is_high() {
    // Words that no rule names, programs, and options, which begin nothing.
    assert!(!is_high(&[("frob", 64), ("-x", 100)]) && is_high(&[("frob", 65)]));
    assert!(!is_high(&[("ls", 50), ("frob", 50)]) && is_high(&[("ls", 80), ("frob", 60)]));
    assert!(is_high(&[("ls", 100), ("-x", 100)]));
    // Named by a rule alone, and known for what it does alone.
    assert!(!is_high(&[("a", 100)]) && !is_high(&[("mv", 100)]));
    assert!(!is_high(&[("frob", 1), ("-x", 1_000)]), "of these only the nearest can be its arguments");
}

#[test]
fn a_word_within_that_is_too_long_to_be_held_is_a_high_risk() {
    let (held, longer) = ("x".repeat(4_096), "x".repeat(4_097));
    assert!(!is_high(&[("frob", 1), (&held, 1)]) && is_high(&[("frob", 1), (&longer, 1)]));
}

#[test]
fn the_last_program_within_that_is_looked_for_is_found() {
    let behind = |programs: usize| said_of(&[("ls", programs), ("rm", 1), ("-rf", 1), ("/", 1)]);
    assert!(matches!(behind(255), Verdict::Deny { .. }));
    assert!(matches!(behind(256), Verdict::Review { risk: Risk::High, .. }));
}

#[test]
fn what_no_rule_allows_is_not_said_to_be_hindered() {
    let policy = policy();
    let why = |program: &str| {
        let mut facts = facts_of(&[program, "x"]);
        facts.observed.program_is_theirs = true;
        match policy.judge(&facts).verdict {
            Verdict::Review { why, .. } => why,
            other => panic!("a review: {other:?}"),
        }
    };
    assert!(why("frobnicate").is_empty());
    assert!(!why("cat").is_empty());
}

#[test]
fn a_variable_that_may_change_a_program_keeps_it_from_being_allowed() {
    let policy = policy();
    let rank = |line: &str| super::examples::Trial::of(&policy, line).rank;
    assert_eq!((rank("ls"), rank("LC_ALL=C ls")), (0, 0));
    assert_eq!((rank("LD_PRELOAD=./x ls"), rank("LC_ALL=C LD_PRELOAD=./x ls")), (1, 1));
}

#[test]
fn a_declared_risk_is_read_in_any_case_and_only_in_its_words() {
    let declared = |word: &str| {
        let mut facts = facts_of(&["ls"]);
        facts.declared.0.insert("risk".to_owned(), word.into());
        super::vouch::declared_risk(&facts)
    };
    assert_eq!(declared("low"), Some(Risk::Low));
    assert_eq!(declared("Medium"), Some(Risk::Medium));
    assert_eq!(declared("HIGH"), Some(Risk::High));
    assert_eq!((declared(""), declared("huge")), (None, None));
}

#[test]
fn a_name_in_a_zone_is_that_name_in_that_zone() {
    let rule =
        "[[rule]]\nid = \"s\"\nverdict = \"deny\"\nprogram = [\"rm\"]\ndeletes = [\"@repository/dist\"]\n";
    let policy = load(&format!("{rule}match = [\"rm -r dist\"]\n"));
    let rank = |line: &str| super::examples::Trial::of(&policy, line).rank;
    for line in ["rm -r dist", "rm -r a/dist", "rm -r d*"] {
        assert_eq!(rank(line), 2, "{line}");
    }
    for line in ["rm -r src", "rm -r /etc/dist", "rm -r dist/a", "rm -r x*"] {
        assert_eq!(rank(line), 1, "{line}");
    }
}
