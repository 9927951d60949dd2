//! Commands made to confuse, to exhaust or to hide: none is allowed, and the work for each is bounded.

use super::laws::{facts_of, load};
use super::verdict::{Risk, Verdict};
use super::{Judgement, Policy};
use crate::facts::atoms::Atoms;
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
