//! Every refusal of a policy at load, with the exact place and the words.

use std::collections::BTreeSet;

use super::{Policy, PolicyError, PolicyFile, check_satisfiable};
use crate::ids::Digest;

fn load(text: &str) -> Result<Policy, PolicyError> {
    Policy::load(PolicyFile { file: "policy.toml", bytes: text.as_bytes() }, None, &BTreeSet::new())
}

fn load_with_project(root: &str, project: &str) -> Result<Policy, PolicyError> {
    let file = PolicyFile { file: ".handoff.toml", bytes: project.as_bytes() };
    let trusted = BTreeSet::from([Digest::of(project.as_bytes())]);
    Policy::load(PolicyFile { file: "policy.toml", bytes: root.as_bytes() }, Some(file), &trusted)
}

// The error of a policy whose second line and following are `text`.
fn refused(text: &str) -> String {
    load(&format!("version = \"1\"\n{text}")).unwrap_err().to_string()
}

fn assert_refused(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let error = refused(text);
        assert!(error.starts_with(expected), "\n  text {text}\n  want {expected}\n  have {error}");
    }
}

#[test]
fn a_policy_has_a_version() {
    let error = load("packs = []\n").unwrap_err().to_string();
    assert!(
        error.starts_with("policy.toml:1:1: the policy has no `version`; write it first: version ="),
        "{error}"
    );
    let error = load("version = \"a\\u001b\"").unwrap_err().to_string();
    assert!(error.starts_with("policy.toml:1:11: `version` is not 1 to 64 bytes of plain text"), "{error}");
}

#[test]
fn what_is_not_toml_or_text_is_said_with_its_place() {
    assert_refused(&[("[defaults\n", "policy.toml:2:10: not TOML"), ("a = \n", "policy.toml:2:5: not TOML")]);
    let bytes = b"version = \"1\"\n# \xff\n";
    let error = Policy::load(PolicyFile { file: "p", bytes }, None, &BTreeSet::new()).unwrap_err();
    assert_eq!(error.to_string(), "p:2:3: not UTF-8; save the file as UTF-8");
}

#[test]
fn an_unknown_key_names_the_nearest() {
    assert_refused(&[
        ("pakcs = []", "policy.toml:2:1: unknown key `pakcs`; did you mean `packs`?"),
        (
            "[defaults]\ndead_line = \"1m\"",
            "policy.toml:3:1: unknown key `dead_line`; did you mean `deadline`?",
        ),
        (
            "[[rule]]\nid = \"a\"\nverdcit = \"deny\"",
            "policy.toml:4:1: unknown key `verdcit`; did you mean `verdict`?",
        ),
        ("[limits]\nx = 1", "policy.toml:3:1: unknown key `x`; known here: max_pending"),
        ("[environment]\nls = { shwo = [] }", "policy.toml:3:8: unknown key `shwo`; did you mean `show`?"),
        ("[precheck.a]\nargs = []", "policy.toml:3:1: unknown key `args`; did you mean `argv`?"),
    ]);
}

#[test]
fn a_value_of_the_wrong_kind_says_what_to_write() {
    assert_refused(&[
        (
            "packs = \"core\"",
            "policy.toml:2:9: `packs` is of type string; write a list of texts: packs = [\"…\"]",
        ),
        ("packs = [1]", "policy.toml:2:10: `packs` is of type integer; write a list of texts"),
        ("packs = [\"cor\"]", "policy.toml:2:10: no pack is named `cor`; did you mean `core`?"),
        ("packs = [\"git\", \"git\"]", "policy.toml:2:17: pack `git` is there twice; remove one"),
        (
            "[defaults]\napprovals = 0",
            "policy.toml:3:13: `approvals` does not fit; write a whole number from 1 to 100",
        ),
        ("[defaults]\napprovals = -1", "policy.toml:3:13: `approvals` does not fit"),
        (
            "[defaults]\ndeadline = \"15\"",
            "policy.toml:3:12: `15` is not a time; write a time from \"1s\" to \"7d\"",
        ),
        ("[defaults]\nvalidity = 10", "policy.toml:3:12: `validity` is of type integer; write a text"),
        (
            "[defaults]\ndistinct = \"yes\"",
            "policy.toml:3:12: `distinct` is of type string; write distinct = true",
        ),
        ("[defaults]\nrisk = \"huge\"", "policy.toml:3:8: `huge` is no risk; write risk ="),
        ("defaults = 1", "policy.toml:2:12: `defaults` is of type integer; write a table: [defaults]"),
        ("[rule]\nid = \"a\"", "policy.toml:2:1: `rule` is of type table; write [[rule]] above each"),
        ("[groups]\ninfra = []", "policy.toml:3:1: group `infra` has no members; name them"),
        ("[groups]\n\"a b\" = [\"x\"]", "policy.toml:3:1: `a b` is not a name that fits; a group starts"),
        ("[groups]\na = [\"*\"]", "policy.toml:3:6: `*` is not a name that fits; a reviewer starts"),
        ("[accounts]\nana = \"1000\"", "policy.toml:3:7: `ana` does not fit; write a whole number"),
        ("[accounts]\nana = 4294967295", "policy.toml:3:7: `ana` does not fit; write a whole number"),
        ("[environment]\nls = { show = [\"A-B\"] }", "policy.toml:3:16: `A-B` is no variable"),
        ("[environment]\nls = { show = [\"A*B\"] }", "policy.toml:3:16: `A*B` is no variable"),
        (
            "[environment]\nls = { show = [\"A\"], hide = [\"A\"] }",
            "policy.toml:3:1: `A` is shown and hidden",
        ),
        ("[precheck.a]\nargv = []", "policy.toml:2:11: precheck `a` has no command"),
        ("[git]\nprotcted = []", "policy.toml:3:1: unknown key `protcted`; did you mean `protected`?"),
        ("[git]\nprotected = [\"a b\"]", "policy.toml:3:14: `a b` is no branch; write its short name"),
        ("[programs]\ntrusted = [\"bin/x\"]", "policy.toml:3:12: `bin/x` does not say closely enough"),
        ("[programs]\ntrusted = [\"/home/**\"]", "policy.toml:3:12: `/home/**` does not say closely enough"),
        (
            "[programs]\ntrusted = [\"/a/b/../**\"]",
            "policy.toml:3:12: `/a/b/../**` does not say closely enough",
        ),
        ("[limits]\nmax_pending = 0", "policy.toml:3:15: `max_pending` does not fit"),
    ]);
}

fn rule(lines: &str) -> String {
    format!("[[rule]]\nid = \"a\"\n{lines}")
}

#[test]
fn a_rule_says_what_it_is_in_terms_that_are_understood() {
    let cases = [
        ("verdict = \"ask\"", "4:11: `ask` is no verdict; write verdict = \"allow\", \"review\" or \"deny\""),
        ("program = [\"x\"]", "2:1: a rule has no `verdict`"),
        ("verdict = \"deny\"", "3:6: `local.a` has no condition; name at least a program"),
        ("verdict = \"deny\"\nprogram = [\"a/b\"]", "5:12: `a/b` is no program"),
        ("verdict = \"deny\"\nsubcommand = [\"\"]", "5:15: `` is no subcommand"),
        ("verdict = \"deny\"\nsubcommand = [\"push -f\"]", "5:15: `push -f` is no subcommand"),
        ("verdict = \"deny\"\nflag = [\"force\"]", "5:9: `force` is no option"),
        ("verdict = \"deny\"\nflag = [\"--\"]", "5:9: `--` is no option"),
        ("verdict = \"deny\"\narg = [\"[ab]\"]", "5:8: `[ab]` is no pattern; use *"),
        ("verdict = \"deny\"\nprogram = [\"x\"]\nmatch = [\"x 'y\"]", "6:10: `x 'y` is no command"),
        (
            "verdict = \"deny\"\nprogram = [\"x\"]\ndeclared = { rsik = [\"high\"] }",
            "6:14: unknown key `rsik`; did you mean `risk`?",
        ),
        ("verdict = \"deny\"\nprogram = [\"x\"]\nrisk = \"high\"", "6:1: `risk` in a rule that denies"),
        ("verdict = \"deny\"\nprogram = [\"x\"]\napprovals = 2", "6:1: `approvals` in a rule that denies"),
        ("verdict = \"review\"\nprogram = [\"x\"]\ninstead = \"y\"", "6:1: `instead` in a rule that reviews"),
        (
            "verdict = \"review\"\nprogram = [\"x\"]\nunless_arg = [\"y\"]",
            "6:1: `unless_arg` in a rule that reviews",
        ),
        (
            "verdict = \"review\"\nprogram = [\"x\"]\ngroups = [\"infra\"]",
            "6:11: no group is named `infra`; define it first",
        ),
        (
            "verdict = \"review\"\nprogram = [\"x\"]\nprecheck = [\"p\"]",
            "6:13: no precheck is named `p`; define it first",
        ),
    ];
    for (lines, expected) in cases {
        assert_refused(&[(&rule(lines), &format!("policy.toml:{expected}"))]);
    }
    assert_refused(&[
        ("[[rule]]\nverdict = \"deny\"", "policy.toml:2:1: a rule has no `id`"),
        ("[[rule]]\nid = \"a b\"", "policy.toml:3:6: `a b` is not a name that fits"),
    ]);
    let twice = rule("verdict = \"deny\"\nprogram = [\"x\"]\n").repeat(2);
    assert_refused(&[(&twice, "policy.toml:7:6: `local.a` is there twice")]);
}

#[test]
fn a_rule_that_allows_stands_on_what_is_observed_and_certain() {
    let cases = [
        (
            "environment = [\"test\"]",
            "5:1: `environment` in a rule that allows; the requester's word never makes milder",
        ),
        (
            "declared = { risk = [\"low\"] }",
            "5:1: `declared` in a rule that allows; the requester's word never",
        ),
        ("global_flag = [\"-c\"]", "5:1: `global_flag` in a rule that allows"),
        ("risk = \"low\"", "5:1: `risk` in a rule that allows"),
        ("deadline = \"1m\"", "5:1: `deadline` in a rule that allows"),
        ("cwd = [\"/srv/**\"]", "3:6: `local.a` allows any program; name the programs"),
        ("flag = [\"-n\"]\nprogram = [\"x\"]", "5:1: `flag` without `only_flag` in a rule that allows"),
        (
            "only_arg = [\"y\"]\nprogram = [\"x\"]",
            "5:1: `only_arg` without `only_flag` in a rule that allows",
        ),
        ("program = [\"x\"]", "3:6: `local.a` allows and has no example; add match"),
    ];
    for (lines, expected) in cases {
        let text = rule(&format!("verdict = \"allow\"\n{lines}"));
        assert_refused(&[(&text, &format!("policy.toml:{expected}"))]);
    }
}

#[test]
fn places_are_zones_or_patterns_and_each_key_fits_its_verdict() {
    let cases = [
        ("deny", "writes = [\"@sytem\"]", "5:11: no zone is named `@sytem`; did you mean `@system`?"),
        ("deny", "deletes = [\"@x\"]", "5:12: no zone is named `@x`; there are: @repository, @home"),
        (
            "deny",
            "deletes = [\"@repository/a/b\"]",
            "5:12: `@repository/a/b` is no name in a zone; write a zone",
        ),
        ("deny", "deletes = [\"@repositry/a\"]", "5:12: `@repositry/a` is no name in a zone; write a zone"),
        (
            "deny",
            "deletes = [\"@repository/**\"]",
            "5:12: `@repository/**` is no name in a zone; write a zone",
        ),
        (
            "allow",
            "unless_deletes = [\"@home\"]",
            "5:1: `unless_deletes` in a rule that allows; write only_deletes",
        ),
        ("deny", "reads = [\"~/.ssh\"]", "5:10: `~/.ssh` begins with ~, which is nobody's here; write @home"),
        ("deny", "reads = [\"{a}\"]", "5:10: `{a}` is no pattern; use *"),
        ("deny", "only_writes = [\"@home\"]", "5:1: `only_writes` in a rule that denies"),
        ("review", "only_reads = [\"@home\"]", "5:1: `only_reads` in a rule that reviews"),
        ("allow", "writes = [\"@home\"]", "5:1: `writes` in a rule that allows; write only_writes"),
        ("allow", "only_writes = [\"@home\"]", "3:6: `local.a` allows any program"),
        ("deny", "writs = [\"@home\"]", "5:1: unknown key `writs`; did you mean `writes`?"),
    ];
    assert_rules_refused(&cases);
    let alone = rule("verdict = \"deny\"\nwrites = [\"@system\"]");
    assert!(load(&format!("version = \"1\"\n{alone}")).is_ok());
}

#[test]
fn hosts_programs_and_variables_are_names() {
    assert_rules_refused(&[
        ("deny", "host = [\"https://x\"]", "5:9: `https://x` is no host; write a machine's name"),
        ("deny", "host = [\"x:80\"]", "5:9: `x:80` is no host"),
        ("deny", "host = [\"X\"]", "5:9: `X` is no host"),
        (
            "deny",
            "pipes_to = [\"/bin/sh\"]",
            "5:13: `/bin/sh` does not fit `pipes_to`; write a program's base name",
        ),
        ("deny", "sets = [\"A B=1\"]", "5:9: `A B=1` does not fit `sets`; write a variable's name"),
        ("deny", "option = [\"--context\"]", "5:11: `--context` does not fit `option`; write an option, `=`"),
        ("deny", "privileged = \"yes\"", "5:14: `privileged` is of type string; write privileged = true"),
        (
            "deny",
            "statement = [\"dorp\"]",
            "5:14: no kind of statement is named `dorp`; did you mean `drop`?",
        ),
        ("deny", "statement = [\"x\"]", "5:14: no kind of statement is named `x`; there are: read, insert"),
        ("deny", "only_statement = [\"read\"]", "5:1: `only_statement` in a rule that denies"),
        ("allow", "statement = [\"read\"]", "5:1: `statement` in a rule that allows; write only_statement"),
        ("deny", "regex = ['(']", "5:10: `(` is no regular expression"),
        ("deny", "regex = ['']", "5:10: a regular expression has 1 to 1000 bytes"),
        ("deny", "regex = ['(a{999}){999}']", "5:10: `(a{999}){999}` is no regular expression"),
        ("allow", "regex = ['a']", "5:1: `regex` in a rule that allows; name the words"),
        (
            "deny",
            "branch = [\"@protcted\"]",
            "5:11: no list of branches is named `@protcted`; did you mean `@protected`?",
        ),
        (
            "deny",
            "branch = [\"refs/heads/main\"]",
            "5:11: `refs/heads/main` is no branch; write its short name",
        ),
        ("allow", "branch = [\"main\"]", "5:1: `branch` in a rule that allows"),
        ("review", "only_host = [\"x\"]", "5:1: `only_host` in a rule that reviews"),
        ("allow", "host = [\"x\"]", "5:1: `host` in a rule that allows; write only_host"),
        ("allow", "pipes_to = [\"x\"]", "5:1: `pipes_to` in a rule that allows; remove it"),
        ("allow", "sets = [\"x\"]", "5:1: `sets` in a rule that allows"),
        ("allow", "privileged = false", "5:1: `privileged` in a rule that allows"),
        ("allow", "elsewhere = false", "5:1: `elsewhere` in a rule that allows"),
        ("allow", "inline = false", "5:1: `inline` in a rule that allows"),
    ]);
}

fn assert_rules_refused(cases: &[(&str, &str, &str)]) {
    for (verdict, line, expected) in cases {
        let text = rule(&format!("verdict = \"{verdict}\"\n{line}"));
        assert_refused(&[(&text, &format!("policy.toml:{expected}"))]);
    }
}

#[test]
fn an_example_that_does_not_hold_is_refused_where_it_stands() {
    let lines = "verdict = \"deny\"\nprogram = [\"x\"]\nflag = [\"-r\"]\nmatch = [\"x -r\", \"x -f\"]";
    assert_refused(&[(&rule(lines), "policy.toml:7:18: `x -f` does not match this rule; widen the rule")]);
    let lines = "verdict = \"deny\"\nprogram = [\"x\"]\nnot_match = [\"x\"]";
    assert_refused(&[(&rule(lines), "policy.toml:6:14: `x` matches this rule; narrow the rule")]);
}

#[test]
fn terms_nobody_can_fulfil_are_refused() {
    let groups = "[groups]\na = [\"x\"]\nb = [\"x\"]\n";
    let both = format!(
        "{groups}[[rule]]\nid = \"r\"\nverdict = \"review\"\nprogram = [\"p\"]\ngroups = [\"a\", \"b\"]"
    );
    assert_refused(&[(
        &both,
        "policy.toml:6:6: what `local.r` stops can never be approved: 2 approvals are needed and at most 1 can",
    )]);
    let joined = "[defaults]\ngroups = [\"a\"]\n[groups]\na = [\"x\"]\nb = [\"x\"]\n[[rule]]\nid = \"r\"\n\
                  verdict = \"review\"\nprogram = [\"p\"]\ngroups = [\"b\"]";
    assert_refused(&[(joined, "policy.toml:8:6: what `local.r` stops can never be approved")]);
}

#[test]
fn terms_the_reviewers_there_are_cannot_fulfil_are_refused() {
    let text =
        "version = \"1\"\n[[rule]]\nid = \"r\"\nverdict = \"review\"\nprogram = [\"p\"]\napprovals = 2";
    let policy = load(text).unwrap();
    let reviewers = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect();
    let error = check_satisfiable(&policy, &reviewers(&["ana"])).unwrap_err().to_string();
    assert!(
        error.starts_with("policy.toml:3:6: what `local.r` stops can never be approved: 2 approvals"),
        "{error}"
    );
    assert_eq!(check_satisfiable(&policy, &reviewers(&["ana", "bo"])), Ok(()));
    let error = check_satisfiable(&Policy::absent(), &reviewers(&[])).unwrap_err().to_string();
    assert!(error.starts_with("policy:1:1: anything under these defaults can never be approved"), "{error}");
}

#[test]
fn a_regular_expression_has_its_longest() {
    let rule = |length: usize| {
        let regex = "x".repeat(length);
        load(&format!(
            "version = \"1\"\n[[rule]]\nid = \"r\"\nverdict = \"deny\"\nregex = ['{regex}']\nmatch = [\"{regex}\"]"
        ))
    };
    rule(1_000).unwrap();
    assert!(rule(1_001).unwrap_err().to_string().contains("a regular expression has 1 to 1000 bytes"));
    assert!(rule(1_002).is_err());
}

#[test]
fn the_last_account_and_names_with_underscores_fit() {
    let policy = load("version = \"1\"\n[accounts]\nana = 4294967294\nbo = 0\n").unwrap();
    assert_eq!(policy.accounts().values().copied().collect::<Vec<u32>>(), [4_294_967_294, 0]);
    let text = "version = \"1\"\n[environment]\nls = { show = [\"LS_2\", \"_\", \"LS_*\"] }\n";
    assert!(load(text).is_ok());
}

#[test]
fn a_project_only_tightens() {
    let root = "version = \"1\"\n[defaults]\napprovals = 2\ndeadline = \"10m\"\ndistinct = true\n[groups]\ng = [\"x\", \"y\"]\n";
    let cases = [
        ("[groups]\nh = [\"me\"]", "2:2: `groups` in a project's policy; a project may only tighten"),
        ("packs = []", "2:1: `packs` in a project's policy"),
        ("[programs]\ntrusted = [\"/a/b/**\"]", "2:2: `programs` in a project's policy"),
        ("[git]\nprotected = []", "2:2: `git` in a project's policy"),
        ("[accounts]\nana = 0", "2:2: `accounts` in a project's policy"),
        ("[precheck.x]\nargv = [\"x\"]", "2:2: `precheck` in a project's policy"),
        (
            "[defaults]\napprovals = 1",
            "3:1: `approvals` is milder than the root policy's; a project may only tighten",
        ),
        ("[defaults]\ndeadline = \"11m\"", "3:1: `deadline` is milder"),
        ("[defaults]\nvalidity = \"1h\"", "3:1: `validity` is milder"),
        ("[defaults]\ndistinct = false", "3:1: `distinct` is milder"),
        ("[defaults]\nrisk = \"low\"", "3:1: `risk` is milder"),
        (
            "[[rule]]\nid = \"r\"\nverdict = \"allow\"\nprogram = [\"x\"]\nmatch = [\"x\"]",
            "3:6: `project.r` allows, in a project's policy",
        ),
    ];
    for (text, expected) in cases {
        let error = load_with_project(root, &format!("version = \"1\"\n{text}")).unwrap_err().to_string();
        assert!(error.starts_with(&format!(".handoff.toml:{expected}")), "{text}: {error}");
    }
    let stricter = "version = \"p\"\n[defaults]\ndeadline = \"5m\"\ngroups = [\"g\"]\n[[rule]]\nid = \"r\"\nverdict = \"deny\"\nprogram = [\"x\"]";
    let policy = load_with_project(root, stricter).unwrap();
    assert_eq!((policy.defaults().terms.deadline_s, policy.defaults().terms.approvals), (300, 2));
    assert!(policy.defaults().terms.distinct);
}
