//! Holds rules against their own examples: at load, and as the report of `handoff policy test`.
//! Pure. An example tests the words of a rule; folder, account and declared facts are taken as given.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::error::{PolicyError, position};
use super::layers::Policy;
use super::rules::{Answer, Example, Place, Rule, Subject};
use crate::facts::argv::{Word, base_name};
use crate::facts::atoms::{Around, Atom, Atoms};
use crate::facts::{Account, Declared, Facts, Observed};
use crate::ids::RuleId;

// Where the examples are taken to run: a place no rule of ours speaks of.
const CWD: &str = "/example/folder";

/// Every rule of the root and project layers must fit its `match` and no `not_match` examples.
/// The packs' examples are not read at load: they are checked when handoff is built.
///
/// # Errors
/// At the first example that does not hold.
pub fn examples(policy: &Policy) -> Result<(), PolicyError> {
    policy.rules_read_at_load().flat_map(wrong_examples).next().map_or(Ok(()), |(example, must)| {
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

// The examples that do not hold, and whether they had to match.
fn wrong_examples(rule: &Rule) -> impl Iterator<Item = (&Example, bool)> {
    let must = rule.matches.iter().map(|example| (example, true));
    let must_not = rule.not_matches.iter().map(|example| (example, false));
    must.chain(must_not).filter(|(example, must)| holds(rule, example) != *must)
}

// An example fits when the rule speaks of one of the atoms it comes down to.
fn holds(rule: &Rule, example: &Example) -> bool {
    let facts = facts(example, rule);
    let path = resolved(example, rule);
    let fits = |(number, atom): (usize, &Atom<'_>)| {
        let resolved = (number == 0).then_some(path.as_path());
        Subject::of(atom, resolved, &facts.observed).is_some_and(|subject| rule.fits_words(&subject))
    };
    atoms(example, &facts).atoms.iter().enumerate().any(fits)
}

// An example is a plain command; a word that is an operator of the shell redirects to the next one.
fn atoms<'a>(example: &'a Example, facts: &'a Facts) -> Atoms<'a> {
    const OPERATORS: [&str; 7] = [">", ">>", ">|", "&>", "&>>", "<", "<>"];
    let operator = |word: &String| OPERATORS.iter().find(|operator| *operator == word);
    let Some(at) = example.words.iter().position(|word| operator(word).is_some()) else {
        return facts.observed.atoms();
    };
    let (command, rest) = example.words.split_at_checked(at).unwrap_or_default();
    let seen = &facts.observed;
    let around = Around::outermost(&seen.cwd, seen.home.as_deref());
    let mut atoms = Atoms::default();
    if !command.is_empty() {
        atoms = Atoms::of(command.iter().map(String::as_bytes), &seen.cwd, seen.home.as_deref());
    }
    for pair in rest.windows(2) {
        let [word, target] = pair else { continue };
        let target = Word::from(target.as_str());
        let found = operator(word).map(|operator| Atom::redirection(operator, target, &around));
        atoms.atoms.extend(found);
    }
    atoms
}

// An example's program is found where the rule wants it, else in /usr/bin.
fn resolved(example: &Example, rule: &Rule) -> PathBuf {
    let word = example.words.first().map(String::as_str).unwrap_or_default();
    let named = rule.shape.program.iter().find_map(|program| match program {
        super::rules::Program::Path(path) if program.name() == word.as_bytes() => Some(path.clone()),
        _ => None,
    });
    let usual = if word.starts_with('/') {
        PathBuf::from(word)
    } else {
        Path::new("/usr/bin").join(String::from_utf8_lossy(base_name(word.as_bytes())).as_ref())
    };
    named.unwrap_or(usual)
}

/// What `handoff policy test` says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct TestReport {
    /// How many rules are in force.
    pub rules: usize,
    /// How many examples were held against them.
    pub examples: usize,
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

/// Runs every example of every rule, packs included, and looks for rules that never decide.
///
/// # Errors
/// When a pack's examples cannot be read.
pub fn test(policy: &Policy) -> Result<TestReport, PolicyError> {
    let rules = policy.rules_with_examples()?;
    let findings = rules.iter().flat_map(|rule| {
        faults(policy, rule).into_iter().map(|(place, fault)| finding(policy, rule, place, fault))
    });
    let count = |rule: &Rule| rule.matches.len() + rule.not_matches.len();
    Ok(TestReport {
        rules: rules.len(),
        examples: rules.iter().map(count).sum(),
        findings: findings.collect(),
    })
}

fn faults(policy: &Policy, rule: &Rule) -> Vec<(Place, Fault)> {
    if rule.matches.is_empty() {
        return vec![(rule.place, Fault::NoExamples)];
    }
    if !rule.matches.iter().any(|example| holds(rule, example)) {
        return vec![(rule.place, Fault::Dead)];
    }
    let wrong =
        wrong_examples(rule).map(|(example, _)| (example.place, Fault::Example(example.line.clone())));
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
        let facts = facts(example, rule);
        let verdict = policy.judge_atoms(&atoms(example, &facts), &facts).verdict;
        if verdict.rank() <= rank {
            return None;
        }
        by.extend(verdict.rules().iter().cloned());
    }
    Some(by)
}

fn facts(example: &Example, rule: &Rule) -> Facts {
    let first = |list: &[String]| list.first().cloned().unwrap_or_else(|| "someone".to_owned());
    let mut declared = Declared::default();
    if let Some(environment) = rule.context.environment.first() {
        declared.0.insert("environment".to_owned(), environment.as_str().into());
    }
    for (name, values) in &rule.context.declared {
        if let Some(value) = values.first() {
            declared.0.insert(name.clone(), value.as_str().into());
        }
    }
    Facts {
        observed: Observed {
            argv: example.words.iter().map(|word| word.as_str().into()).collect(),
            program: Some(resolved(example, rule)),
            program_link: None,
            program_is_theirs: false,
            within: BTreeMap::new(),
            cwd: folder(rule),
            home: Some(PathBuf::from("/example")),
            repository: None,
            branch: None,
            account: Account { uid: 1000, name: first(&rule.context.account).into() },
            host: "example".to_owned(),
            terminal: rule.context.terminal.unwrap_or(false),
            env_all: false,
            stdin_pass: false,
            secret: false,
            env_added: BTreeSet::new(),
        },
        declared,
    }
}

fn folder(rule: &Rule) -> PathBuf {
    let inside =
        rule.context.cwd.first().map(|glob| glob.as_str().replace("**", "a").replace(['*', '?'], "a"));
    PathBuf::from(inside.unwrap_or_else(|| CWD.to_owned()))
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
