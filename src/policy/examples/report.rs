//! What `handoff policy test` finds: examples that do not hold, also in other spellings; rules that are dead,
//! shadowed or without examples; how much of the rules the examples show.
//! Pure.

use std::collections::BTreeSet;
use std::thread;

use super::check::{holds, wrong};
use super::coverage::Coverage;
use super::stage::Staged;
use super::variants::{quoted, wrapped};
use crate::ids::RuleId;
use crate::policy::error::{PolicyError, position};
use crate::policy::layers::Policy;
use crate::policy::rules::{Answer, Example, Place, Rule};

/// What `handoff policy test` says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct TestReport {
    /// How many rules are in force.
    pub rules: usize,
    /// How many examples were held against them, as written.
    pub examples: usize,
    /// How many other spellings of them.
    pub spellings: usize,
    /// How many rules have no `not_match` example: nothing shows where they end.
    pub unbounded: usize,
    /// How much of the rules the examples show.
    pub coverage: Coverage,
    /// What is wrong with them, in the order of the layers.
    pub findings: Vec<Finding>,
}

/// Something wrong with one rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {rule}: {fault}")]
pub struct Finding {
    /// The layer's file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// The rule.
    pub rule: RuleId,
    /// What is wrong.
    pub fault: Fault,
}

/// What can be wrong with a rule that loads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It has no `match` example, so nothing shows that it can match.
    #[error("has no `match` example; add one")]
    NoExamples,
    /// An example does not hold.
    #[error("the example `{0}` does not hold")]
    Example(String),
    /// An example does not hold in another spelling.
    #[error("loses its example when that is written `{0}`")]
    Spelling(String),
    /// An example is judged milder in another spelling.
    #[error("its example is judged milder when it is written `{0}`")]
    Milder(String),
    /// It matches none of its own examples.
    #[error("matches none of its own examples: a dead rule; correct or remove it")]
    Dead,
    /// Whatever it says of its examples, stricter rules decide them all.
    #[error("never decides: all its examples are decided by {}", names(.0))]
    Shadowed(BTreeSet<RuleId>),
}

fn names(rules: &BTreeSet<RuleId>) -> String {
    let names: Vec<&str> = rules.iter().map(RuleId::as_str).collect();
    if names.is_empty() { "the default".to_owned() } else { names.join(", ") }
}

/// Runs every example of every rule, packs included, in every spelling, and looks for rules that never decide.
///
/// # Errors
/// When a pack's examples cannot be read.
pub fn test(policy: &Policy) -> Result<TestReport, PolicyError> {
    let rules = policy.rules_with_examples()?;
    let of = |rules: &[Rule]| {
        rules.iter().map(|rule| TestReport::of(policy, rule)).fold(TestReport::none(), TestReport::and)
    };
    // Rules are tried apart from each other, so each processor takes its share.
    let share = rules.len().div_ceil(thread::available_parallelism().map_or(1, usize::from)).max(1);
    let reports: Vec<TestReport> = thread::scope(|scope| {
        let workers: Vec<_> = rules.chunks(share).map(|share| scope.spawn(|| of(share))).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    Ok(reports.into_iter().fold(TestReport::none(), TestReport::and))
}

impl TestReport {
    const fn none() -> Self {
        let coverage = Coverage { named: 0, shown: 0 };
        Self { rules: 0, examples: 0, spellings: 0, unbounded: 0, coverage, findings: Vec::new() }
    }

    fn of(policy: &Policy, rule: &Rule) -> Self {
        let mut found = faults(policy, rule);
        let spelt: Vec<_> = rule.matches.iter().map(|example| Spelt::of(policy, rule, example)).collect();
        let spellings = spelt.iter().map(|spelt| spelt.tried).sum();
        found.extend(spelt.into_iter().filter_map(|spelt| spelt.fault));
        Self {
            rules: 1,
            examples: rule.matches.len() + rule.not_matches.len(),
            spellings,
            unbounded: usize::from(rule.not_matches.is_empty()),
            coverage: Coverage::of(rule),
            findings: found.into_iter().map(|(place, fault)| finding(policy, rule, place, fault)).collect(),
        }
    }

    fn and(mut self, other: Self) -> Self {
        self.findings.extend(other.findings);
        Self {
            rules: self.rules + other.rules,
            examples: self.examples + other.examples,
            spellings: self.spellings + other.spellings,
            unbounded: self.unbounded + other.unbounded,
            coverage: self.coverage.and(other.coverage),
            findings: self.findings,
        }
    }
}

fn faults(policy: &Policy, rule: &Rule) -> Vec<(Place, Fault)> {
    if rule.matches.is_empty() {
        return vec![(rule.place, Fault::NoExamples)];
    }
    if !rule.matches.iter().any(|example| holds(rule, &example.line)) {
        return vec![(rule.place, Fault::Dead)];
    }
    let wrong = wrong(rule).map(|(example, _)| (example.place, Fault::Example(example.line.clone())));
    wrong.chain(shadow(policy, rule).map(|by| (rule.place, Fault::Shadowed(by)))).collect()
}

// A rule is shadowed when a stricter verdict than its own falls on each of its examples.
fn shadow(policy: &Policy, rule: &Rule) -> Option<BTreeSet<RuleId>> {
    let rank = match rule.answer {
        Answer::Allow => 0,
        Answer::Review { .. } => 1,
        Answer::Deny { .. } => 2,
    };
    let mut by = BTreeSet::new();
    for example in &rule.matches {
        let verdict = Staged::of(&example.line, Some(rule)).judged_by(policy).verdict;
        if verdict.rank() <= rank {
            return None;
        }
        by.extend(verdict.rules().iter().cloned());
    }
    Some(by)
}

// One `match` example in all other spellings.
struct Spelt {
    tried: usize,
    fault: Option<(Place, Fault)>,
}

impl Spelt {
    // A rule that stops must speak of every spelling. None may be judged milder, whatever the rule says.
    fn of(policy: &Policy, rule: &Rule, example: &Example) -> Self {
        let rank = |staged: &Staged| staged.judged_by(policy).verdict.rank();
        let plain = rank(&Staged::of(&example.line, Some(rule)));
        let lines: Vec<String> = wrapped(&example.line).chain(quoted(&example.line)).collect();
        let fault = lines.iter().find_map(|line| {
            let staged = Staged::of(line, Some(rule));
            if rule.answer != Answer::Allow && !staged.is_spoken_of_by(rule) {
                return Some(Fault::Spelling(line.clone()));
            }
            (rank(&staged) < plain).then(|| Fault::Milder(line.clone()))
        });
        Self { tried: lines.len(), fault: fault.map(|fault| (example.place, fault)) }
    }
}

fn finding(policy: &Policy, rule: &Rule, place: Place, fault: Fault) -> Finding {
    let layer = policy.layers().get(place.layer);
    let (line, column) = layer.map_or((1, 1), |layer| position(&layer.text, place.at));
    let file = layer.map(|layer| layer.file.clone()).unwrap_or_default();
    Finding { file, line, column, rule: rule.id.clone(), fault }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::PolicyFile;

    #[test]
    fn every_rule_of_every_pack_holds_its_examples_and_decides_something() {
        let root = format!("version = \"1\"\npacks = {:?}\n", crate::policy::packs::names());
        let policy =
            Policy::load(PolicyFile { file: "p", bytes: root.as_bytes() }, None, &BTreeSet::new()).unwrap();
        let report = test(&policy).unwrap();
        let findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
        assert!(findings.is_empty(), "{}", findings.join("\n"));
        assert!(report.rules > 50 && report.examples > 300);
    }

    #[test]
    fn what_was_tried_and_shown_is_counted() {
        let rule = |id: &str, more: &str| {
            format!(
                "[[rule]]\nid = \"{id}\"\nverdict = \"deny\"\nprogram = [\"{id}\", \"{id}{id}\", \"{id}3\"]\n{more}\n"
            )
        };
        let root = format!(
            "version = \"1\"\n{}{}{}",
            rule("frob", "match = [\"frob -x\", \"frob3\"]\nnot_match = [\"ls\"]"),
            rule(
                "twist",
                "subcommand = [\"on\", \"off\"]\nflag = [\"-a\", \"-b\"]\nmatch = [\"twist on -b\"]"
            ),
            rule("turn", "match = [\"turn\", \"turnturn\", \"turn3\"]\nnot_match = [\"ls\", \"cat\"]"),
        );
        let policy =
            Policy::load(PolicyFile { file: "p", bytes: root.as_bytes() }, None, &BTreeSet::new()).unwrap();
        let report = test(&policy).unwrap();
        assert_eq!((report.rules, report.examples, report.unbounded), (3, 9, 1));
        assert_eq!((report.coverage.shown, report.coverage.named), (2 + 3 + 3, 3 + 7 + 3));
        assert_eq!(report.coverage.percent(), 61);
        assert!(report.spellings > 100, "{}", report.spellings);
    }

    #[test]
    fn rules_that_never_decide_or_lack_examples_are_found() {
        let root = "version = \"1\"\n\
            [[rule]]\nid = \"bare\"\nverdict = \"deny\"\nprogram = [\"a\"]\n\
            [[rule]]\nid = \"late\"\nverdict = \"review\"\nprogram = [\"a\"]\nmatch = [\"a -x\"]\n\
            [[rule]]\nid = \"vain\"\nverdict = \"allow\"\nprogram = [\"python3\"]\nmatch = [\"python3 -c 1\"]\n";
        let policy =
            Policy::load(PolicyFile { file: "p", bytes: root.as_bytes() }, None, &BTreeSet::new()).unwrap();
        let findings: Vec<String> = test(&policy).unwrap().findings.iter().map(ToString::to_string).collect();
        assert_eq!(
            findings,
            [
                "p:3:6: local.bare: has no `match` example; add one",
                "p:7:6: local.late: never decides: all its examples are decided by local.bare",
                "p:12:6: local.vain: never decides: all its examples are decided by the default",
            ]
        );
    }
}
