//! Holds rules against their own examples.
//! Pure. An example fits a rule that speaks of any atom it comes down to.

use super::stage::Staged;
use crate::policy::error::PolicyError;
use crate::policy::layers::Policy;
use crate::policy::rules::{Example, Rule};

/// Every rule of the root and project layers must fit its `match` and no `not_match` examples.
/// The packs' examples are not read at load: they are checked when handoff is built.
///
/// # Errors
/// At the first example that does not hold.
pub fn check(policy: &Policy) -> Result<(), PolicyError> {
    policy.rules_read_at_load().flat_map(wrong).next().map_or(Ok(()), |(example, must)| {
        let what =
            format!("`{}` {} this rule", example.line, if must { "does not match" } else { "matches" });
        let instead = if must {
            "widen the rule or move it to not_match"
        } else {
            "narrow the rule or move it to match"
        };
        Err(policy.fault(example.place, what, instead.to_owned()))
    })
}

/// The examples that do not hold, and whether they had to match.
pub(super) fn wrong(rule: &Rule) -> impl Iterator<Item = (&Example, bool)> {
    let must = rule.matches.iter().map(|example| (example, true));
    let must_not = rule.not_matches.iter().map(|example| (example, false));
    must.chain(must_not).filter(|(example, must)| holds(rule, &example.line) != *must)
}

/// Whether the rule speaks of any part of `line`.
pub(super) fn holds(rule: &Rule, line: &str) -> bool {
    Staged::of(line, Some(rule)).is_spoken_of_by(rule)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::policy::{Policy, PolicyFile};

    // What is wrong with a rule's examples, if anything is.
    fn wrong(rule: &str) -> Option<String> {
        let text = format!("version = \"1\"\n[[rule]]\nid = \"r\"\n{rule}\n");
        let loaded = Policy::load(PolicyFile { file: "p", bytes: text.as_bytes() }, None, &BTreeSet::new());
        loaded.err().map(|error| error.to_string())
    }

    fn assert_wrong(rule: &str, what: &str) {
        assert!(wrong(rule).is_some_and(|said| said.contains(what)), "{rule}: {:?}", wrong(rule));
    }

    #[test]
    fn an_example_holds_where_the_command_lies_in_code_that_is_not_understood() {
        let stops = "verdict = \"deny\"\nprogram = [\"rm\"]\nflag = [\"-r\"]\n";
        let within = |code: &str| format!("\"perl -e 'system q({code})'\"");
        assert_eq!(wrong(&format!("{stops}match = [{}]", within("cd x && /bin/rm -r y"))), None);
        assert_eq!(wrong(&format!("{stops}not_match = [{}, {}]", within("rm y"), within("ls -r y"))), None);
        assert_wrong(&format!("{stops}match = [{}]", within("ls -r y")), "does not match this rule");
        assert_wrong(&format!("{stops}not_match = [{}]", within("rm -r y")), "matches this rule");
        let anything = "verdict = \"deny\"\ndeletes = [\"@system\"]\n";
        assert_eq!(wrong(&format!("{anything}match = [{}]", within("rm /etc/x"))), None);
        assert_eq!(wrong(&format!("{anything}not_match = [{}]", within("rm x"))), None);
    }

    #[test]
    fn a_rule_that_allows_speaks_of_nothing_in_code_that_is_not_understood() {
        let lets = "verdict = \"allow\"\nprogram = [\"ls\"]\n";
        assert_wrong(&format!("{lets}match = [\"perl -e 'system q(ls x)'\"]"), "does not match this rule");
    }

    #[test]
    fn an_example_finds_a_program_where_its_rule_wants_it_and_no_other_there() {
        for verdict in ["allow", "deny"] {
            let path = format!("verdict = \"{verdict}\"\nprogram = [\"/opt/x/deploy\"]\n");
            let holds = "match = [\"deploy web\", \"/opt/x/deploy web\"]\nnot_match = [\"undeploy web\"]";
            assert_eq!(wrong(&format!("{path}{holds}")), None);
            assert_wrong(&format!("{path}match = [\"undeploy web\"]"), "does not match this rule");
        }
    }
}
