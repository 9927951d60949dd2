//! The laws of the judgement, and what the packs say of everyday commands.

use std::collections::BTreeSet;
use std::path::PathBuf;

use proptest::prelude::*;

use super::{Judgement, Policy, PolicyFile, Risk, Said, Verdict};
use crate::facts::{Account, Declared, Facts, Observed};
use crate::ids::{Digest, RuleId};

pub(super) fn load(text: &str) -> Policy {
    let text = format!("version = \"1\"\n{text}");
    Policy::load(PolicyFile { file: "p", bytes: text.as_bytes() }, None, &BTreeSet::new()).unwrap()
}

pub(super) fn packs() -> Policy {
    load("packs = [\"core\", \"shell\", \"git\"]")
}

pub(super) fn facts_of(words: &[&str]) -> Facts {
    let program = words.first().map(|word| match word.strip_prefix('/') {
        Some(_) => PathBuf::from(word),
        None => PathBuf::from("/usr/bin").join(word),
    });
    Facts {
        observed: Observed {
            argv: words.iter().map(|word| (*word).into()).collect(),
            program,
            program_link: None,
            program_is_theirs: false,
            within: std::collections::BTreeMap::new(),
            links: Default::default(),
            cwd: "/home/ana/project".into(),
            home: Some("/home/ana".into()),
            repository: None,
            branch: None,
            account: Account { uid: 1000, name: "ana".into() },
            host: "laptop".to_owned(),
            terminal: false,
            env_all: false,
            stdin_pass: false,
            secret: false,
            env_added: BTreeSet::new(),
            variables: Default::default(),
        },
        declared: Declared::default(),
    }
}

pub(super) fn facts(line: &str) -> Facts {
    let words = shlex::split(line).unwrap();
    facts_of(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

fn declaring(mut facts: Facts, name: &str, value: &str) -> Facts {
    facts.declared.0.insert(name.to_owned(), value.into());
    facts
}

pub(super) fn rank(policy: &Policy, line: &str) -> u8 {
    policy.judge(&facts(line)).verdict.rank()
}

fn whys(judgement: &Judgement) -> String {
    match &judgement.verdict {
        Verdict::Allow { .. } => String::new(),
        Verdict::Review { why, .. } | Verdict::Deny { why, .. } => {
            why.iter().cloned().collect::<Vec<_>>().join("\n")
        }
    }
}

const LS: &str = "[[rule]]\nid = \"ls\"\nverdict = \"allow\"\nprogram = [\"ls\"]\nmatch = [\"ls\"]\n";

#[test]
fn without_a_policy_everything_is_reviewed() {
    let judgement = Policy::absent().judge(&facts("ls"));
    let Verdict::Review { rules, terms, risk, .. } = &judgement.verdict else { panic!("{judgement:?}") };
    assert!(rules.is_empty() && judgement.matched.is_empty());
    assert_eq!((terms.approvals, terms.deadline_s, *risk), (1, 900, Risk::Medium));
}

#[test]
fn an_allow_rule_lifts_the_default_and_nothing_else() {
    let stop = "[[rule]]\nid = \"stop\"\nverdict = \"review\"\nprogram = [\"ls\"]\nflag = [\"-R\"]\n";
    let policy = load(&format!("{LS}{stop}"));
    assert_eq!(policy.judge(&facts("ls")).verdict, Verdict::Allow { rules: ids(&["local.ls"]) });
    let both = policy.judge(&facts("ls -R"));
    assert_eq!(both.verdict.rules(), &ids(&["local.stop"]));
    let said: Vec<Said> = both.matched.iter().map(|rule| rule.answer).collect();
    assert_eq!(said, [Said::Allow, Said::Review]);
    assert_eq!(rank(&policy, "lsx"), 1);
}

fn ids(names: &[&str]) -> BTreeSet<RuleId> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

#[test]
fn nothing_is_allowed_that_handoff_cannot_vouch_for() {
    let policy = load(LS);
    let change = |change: fn(&mut Facts)| {
        let mut facts = facts("ls");
        change(&mut facts);
        let judgement = policy.judge(&facts);
        assert_eq!(judgement.verdict.rank(), 1);
        whys(&judgement)
    };
    assert!(
        change(|f| f.observed.program = None)
            .contains("local.ls does not allow it: the program was not found")
    );
    assert!(change(|f| f.observed.program_is_theirs = true).contains("could replace the program"));
    assert!(change(|f| f.observed.program = Some("/usr/bin/evil".into())).contains("has another name"));
    assert!(change(|f| f.observed.program = Some("ls".into())).contains("not absolute"));
    assert!(change(|f| f.observed.env_all = true).contains("--env-all"));
    assert!(change(|f| f.observed.stdin_pass = true).contains("--stdin pass"));
    assert!(change(|f| f.observed.secret = true).contains("secret"));
    assert!(change(|f| f.observed.env_added = ["LD_PRELOAD".into()].into()).contains("--env"));
    assert!(change(|f| drop(f.declared.0.insert("risk".to_owned(), "high".into()))).contains("high risk"));
    assert!(change(|f| f.observed.argv.clear()).contains("without a command"));
}

#[test]
fn a_link_bears_the_name_where_nobody_else_can_turn_it() {
    let policy = load(LS);
    let mut facts = facts("ls");
    facts.observed.program = Some("/usr/bin/coreutils".into());
    facts.observed.program_link = Some("/usr/bin/ls".into());
    assert_eq!(policy.judge(&facts).verdict.rank(), 0);
    facts.observed.program_is_theirs = true;
    assert!(whys(&policy.judge(&facts)).contains("could replace the program"));
    facts.observed.program_is_theirs = false;
    facts.observed.program_link = Some("/usr/bin/list".into());
    assert!(whys(&policy.judge(&facts)).contains("has another name"));
}

#[test]
fn a_program_under_another_name_is_still_stopped() {
    let mut facts = facts("harmless -rf x");
    facts.observed.program = Some("/bin/rm".into());
    assert_eq!(packs().judge(&facts).verdict.rules(), &ids(&["core.rm", "core.rm-recursive"]));
}

#[test]
fn a_rule_by_path_allows_that_file_only() {
    let policy = load(
        "[[rule]]\nid = \"d\"\nverdict = \"allow\"\nprogram = [\"/srv/bin/deploy\"]\nmatch = [\"/srv/bin/deploy x\"]\n",
    );
    let at = |path: &str| {
        let mut facts = facts("deploy x");
        facts.observed.program = Some(path.into());
        policy.judge(&facts).verdict.rank()
    };
    assert_eq!((at("/srv/bin/deploy"), at("/usr/bin/deploy")), (0, 1));
}

#[test]
fn declared_facts_make_stricter_and_never_milder() {
    let policy = load(&format!(
        "{LS}[[rule]]\nid = \"prod\"\nverdict = \"review\"\nenvironment = [\"production\"]\nrisk = \"high\"\napprovals = 2\n\
         [[rule]]\nid = \"scary\"\nverdict = \"deny\"\ndeclared = {{ impact = [\"high\"] }}\n"
    ));
    assert_eq!(policy.judge(&facts("ls")).verdict.rank(), 0);
    let prod = policy.judge(&declaring(facts("ls"), "environment", "Production")).verdict;
    let Verdict::Review { risk, terms, .. } = prod else { panic!() };
    assert_eq!((risk, terms.approvals), (Risk::High, 2));
    assert_eq!(policy.judge(&declaring(facts("ls"), "impact", "high")).verdict.rank(), 2);
    let Verdict::Review { risk, .. } = policy.judge(&declaring(facts("x"), "risk", "high")).verdict else {
        panic!()
    };
    assert_eq!(risk, Risk::High);
    let Verdict::Review { risk, .. } = policy.judge(&declaring(facts("x"), "risk", "low")).verdict else {
        panic!()
    };
    assert_eq!(risk, Risk::Medium);
}

#[test]
fn what_runs_something_else_is_never_allowed_and_hides_no_rule() {
    let policy = packs();
    for line in [
        "sh",
        "sudo -s",
        "env --frob ls",
        "bash x.sh",
        "python3 -c 'print(1)'",
        "find . -exec ls {}",
        "xargs --frob ls",
    ] {
        let judgement = policy.judge(&facts(line));
        assert_eq!(judgement.verdict.rank(), 1, "{line}");
        let part = judgement.not_understood.first().cloned().unwrap();
        assert!(whys(&judgement).contains(&format!("not understood: {part}")), "{line}");
    }
    for line in [
        "sudo rm -rf --no-preserve-root /",
        "sh -c 'cd / && rm -rf /'",
        "env -i A=1 nice -n 5 /bin/rm -fr /usr",
        "ssh host rm -rf /etc",
        "bash -c \"r'm' -r /\"",
        "find x -exec rm -rf / ;",
        "sh -c 'x=$(rm -rf /)'",
    ] {
        assert_eq!(rank(&policy, line), 2, "{line}");
    }
    let pushed = policy.judge(&facts("timeout 5 git push -f"));
    assert!(pushed.verdict.rules().is_superset(&ids(&["git.push", "git.push-force"])));
}

#[test]
fn prechecks_of_every_rule_that_speaks_are_asked_for() {
    let policy = load(
        "[precheck.fresh]\nargv = [\"git\", \"diff\"]\n[precheck.idle]\nargv = [\"who\"]\n\
         [[rule]]\nid = \"a\"\nverdict = \"review\"\nprogram = [\"t\"]\nprecheck = [\"fresh\"]\n\
         [[rule]]\nid = \"b\"\nverdict = \"review\"\nprogram = [\"t\"]\nflag = [\"-x\"]\nprecheck = [\"idle\"]\n",
    );
    let names =
        |line: &str| policy.judge(&facts(line)).prechecks.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names("t"), ["fresh"]);
    assert_eq!(names("t -x"), ["fresh", "idle"]);
    assert_eq!(policy.precheck(&"idle".parse().unwrap()), Some(&["who".to_owned()][..]));
}

#[test]
fn a_project_counts_only_when_its_digest_is_trusted() {
    let root = PolicyFile { file: "r", bytes: b"version = \"1\"" };
    let text = b"version = \"1\"\n[[rule]]\nid = \"no\"\nverdict = \"deny\"\nprogram = [\"x\"]";
    let project = Some(PolicyFile { file: "p", bytes: text });
    let aside = Policy::load(root, project, &BTreeSet::new()).unwrap();
    assert_eq!(aside.ignored().unwrap().digest, Digest::of(text));
    assert_eq!((rank(&aside, "x"), aside.layers().len()), (1, 1));
    let counted = Policy::load(root, project, &BTreeSet::from([Digest::of(text)])).unwrap();
    assert_eq!((rank(&counted, "x"), counted.layers().len()), (2, 2));
    assert!(counted.ignored().is_none());
    assert_ne!(counted.id(), aside.id());
}

#[test]
fn what_the_file_says_of_prechecks_and_variables_is_told_by_name() {
    let policy = load(
        "[precheck.fresh]\nargv = [\"git\", \"fetch\"]\n[environment.cargo]\nshow = [\"CARGO_*\"]\nhide = [\"TOKEN\"]",
    );
    let prechecks: Vec<String> = policy.prechecks().keys().map(ToString::to_string).collect();
    assert_eq!(prechecks, ["fresh"]);
    let rules = policy.env_rules("cargo".as_ref());
    assert_eq!((rules.show, rules.hide), (vec!["CARGO_*".to_owned()], vec!["TOKEN".to_owned()]));
    assert_eq!(policy.env_rules("npm".as_ref()), Default::default());
}

#[test]
fn the_rules_of_a_pack_are_read_again_with_their_examples() {
    let own = "[[rule]]\nid = \"own\"\nverdict = \"deny\"\nprogram = [\"frob\"]\nmatch = [\"frob\"]\n";
    let policy = load(&format!("packs = [\"core\", \"git\"]\n{own}"));
    let rules = policy.rules_with_examples().unwrap();
    let of = |layer: &str| rules.iter().filter(|rule| rule.id.as_str().starts_with(layer)).count();
    assert_eq!((of("local."), of("core.") + of("git.")), (1, rules.len() - 1));
    assert!(of("core.") > 1 && of("git.") > 1);
    assert!(rules.iter().all(|rule| !rule.matches.is_empty()));
}

#[test]
fn the_packs_know_everyday_commands() {
    let policy = packs();
    for line in [
        "ls -la",
        "cat README.md",
        "grep -rn x src",
        "git status",
        "git log --oneline -5",
        "git diff HEAD~1",
        "git --no-pager show",
        "find . -name x -type f",
        "git fetch origin",
        "pwd",
        "echo hi",
        "rg x",
        "rm -rf build",
    ] {
        assert_eq!(rank(&policy, line), 0, "{line}");
    }
    for line in [
        "rm x",
        "rm -rf src",
        "rm -rf build src",
        "git worktree add ../x",
        "git push",
        "git push -f",
        "git commit --no-verify -m x",
        "git -c alias.log=!x log",
        "unknown",
        "git log --output=x",
        "find . -delete",
        "find -- . -delete",
        "sort -o x y",
        "tree -o x",
        "date -s x",
        "git branch -d old",
        "cat /etc/shadow",
        "cat ../../../etc/shadow",
        "rg --pre x y",
        "git fetch ext::x",
        "dd of=/dev/sda",
        "git diff --ext-diff",
        "git grep -O x",
        "git archive --remote=x",
        "sudo ls",
        "git",
        "git help log",
        "ps auxe",
    ] {
        assert_eq!(rank(&policy, line), 1, "{line}");
    }
    for line in ["rm -rf /", "rm -rf --no-preserve-root /", "rm -r ../../../"] {
        assert_eq!(rank(&policy, line), 2, "{line}");
    }
    let Verdict::Review { risk, .. } = policy.judge(&facts("git push --force")).verdict else { panic!() };
    assert_eq!(risk, Risk::High);
}

pub(super) const PIECES: [&str; 6] = [
    "[[rule]]\nid = \"allow-a\"\nverdict = \"allow\"\nprogram = [\"a\", \"b\"]\nmatch = [\"a\"]\n",
    "[[rule]]\nid = \"allow-flag\"\nverdict = \"allow\"\nprogram = [\"a\"]\nflag = [\"-x\"]\nonly_flag = [\"-y\", \"--\"]\nmatch = [\"a -x\"]\n",
    "[[rule]]\nid = \"review-x\"\nverdict = \"review\"\nprogram = [\"a\"]\nflag = [\"-x\"]\nrisk = \"low\"\napprovals = 2\ndeadline = \"1h\"\n",
    "[[rule]]\nid = \"review-sub\"\nverdict = \"review\"\nsubcommand = [\"s\"]\nunless_flag = [\"-y\"]\nrisk = \"high\"\ndistinct = true\nvalidity = \"1m\"\n",
    "[[rule]]\nid = \"deny-arg\"\nverdict = \"deny\"\narg = [\"/etc/**\"]\n",
    "[[rule]]\nid = \"review-env\"\nverdict = \"review\"\nenvironment = [\"prod\"]\napprovals = 3\n",
];

pub(super) fn words() -> impl Strategy<Value = Vec<String>> {
    let word = prop::sample::select(vec![
        "a", "b", "s", "-x", "-y", "-xy", "--", "/etc/x", "sudo", "sh", "-c", "a -x", "../..",
    ]);
    prop::collection::vec(word.prop_map(str::to_owned), 1..6)
}

pub(super) fn no_milder(now: &Verdict, before: &Verdict) -> bool {
    match (now, before) {
        (
            Verdict::Review { risk, terms, rules, .. },
            Verdict::Review { risk: old_risk, terms: old, rules: old_rules, .. },
        ) => risk >= old_risk && *terms == terms.join(old) && rules.is_superset(old_rules),
        _ => now.rank() >= before.rank(),
    }
}

pub(super) fn as_facts(words: &[String]) -> Facts {
    facts_of(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

proptest! {
    #[test]
    fn the_order_of_rules_never_matters(
        pieces in Just(PIECES.to_vec()).prop_shuffle(), words in words(), prod in any::<bool>(),
    ) {
        let mut facts = as_facts(&words);
        if prod {
            facts = declaring(facts, "environment", "prod");
        }
        let judgement = load(&PIECES.concat()).judge(&facts);
        prop_assert_eq!(&judgement, &load(&pieces.concat()).judge(&facts));
    }

    #[test]
    fn adding_a_rule_that_stops_never_weakens(chosen in prop::collection::vec(any::<bool>(), 6), more in 2..6usize, words in words()) {
        let without: Vec<&str> =
            PIECES.iter().enumerate().filter(|(n, _)| chosen[*n] && *n != more).map(|(_, piece)| *piece).collect();
        let facts = declaring(as_facts(&words), "environment", "prod");
        let before = load(&without.concat()).judge(&facts).verdict;
        let now = load(&format!("{}{}", without.concat(), PIECES[more])).judge(&facts).verdict;
        prop_assert!(no_milder(&now, &before), "{before:?}\n{now:?}");
    }

    #[test]
    fn a_declared_fact_never_makes_milder(words in words(), name in prop::sample::select(vec!["risk", "environment", "impact"]),
        value in prop::sample::select(vec!["low", "high", "prod", "none", ""])) {
        let policy = load(&PIECES.concat());
        let before = policy.judge(&as_facts(&words)).verdict;
        let now = policy.judge(&declaring(as_facts(&words), name, value)).verdict;
        prop_assert!(no_milder(&now, &before), "{before:?}\n{now:?}");
    }

    #[test]
    fn the_defaults_always_join(words in words(), approvals in 1..5u32, distinct in any::<bool>()) {
        let defaults = format!("[defaults]\napprovals = {approvals}\ndistinct = {distinct}\ndeadline = \"2m\"\n");
        let policy = load(&format!("{defaults}{}", PIECES.concat()));
        if let Verdict::Review { terms, .. } = policy.judge(&as_facts(&words)).verdict {
            prop_assert_eq!(&terms, &terms.join(&policy.defaults().terms));
        }
    }

    #[test]
    fn no_words_whatever_stop_the_judgement(words in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..12), 0..8)) {
        let mut facts = facts("ls");
        facts.observed.argv = words.into_iter().map(Into::into).collect();
        facts.observed.program = None;
        prop_assert!(packs().judge(&facts).verdict.rank() >= 1);
    }
}
