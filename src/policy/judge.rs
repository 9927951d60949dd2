//! The judgement: every rule that speaks of an action, joined the strict way (DESIGN §8).
//! Pure. The default, review, always joins unless an allow rule lifts it; nothing else lifts anything.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::layers::Policy;
use super::rules::{Answer, Rule, Subject};
use super::verdict::{Risk, Terms, Verdict};
use crate::facts::Facts;
use crate::facts::argv::{Command, base_name, file_name};
use crate::facts::wrapper::{not_understood, words_within};
use crate::ids::{Label, RuleId};

/// What the policy says of an action, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Every rule that speaks of it, by name; an allow rule among them need not have lifted anything.
    pub matched: Vec<MatchedRule>,
    /// The part that was not understood, if there is one: then it is at least review.
    pub not_understood: Option<String>,
    /// The prechecks the rules ask for.
    pub prechecks: BTreeSet<Label>,
}

/// A rule that speaks of the action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatchedRule {
    /// Its full name.
    pub rule: RuleId,
    /// What it says.
    pub answer: Said,
    /// Why, in the policy's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// The answer of one rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Said {
    /// Lifts the default.
    Allow,
    /// People must agree.
    Review,
    /// Must not run.
    Deny,
}

// Programs looked for within a command that is not understood, before the rest is left to the review.
const MOST_WITHIN: usize = 512;

impl Policy {
    /// Judges an action by what is known of it.
    pub fn judge(&self, facts: &Facts) -> Judgement {
        let words: Vec<&[u8]> = facts.observed.argv.iter().map(|word| word.as_bytes()).collect();
        let mut found = BTreeMap::new();
        let mut opaque = Some("an action without a command".to_owned());
        if let Some(command) = Command::of(&words) {
            let subject =
                Subject { command, resolved: facts.observed.program.as_deref(), cwd: &facts.observed.cwd };
            opaque = opaque_part(&subject);
            self.find(&subject, facts, &mut found);
            if opaque.is_some() {
                self.find_within(&subject, facts, &mut found);
            }
        }
        self.sum_up(facts, &found, opaque)
    }

    fn find<'p>(&'p self, subject: &Subject<'_>, facts: &Facts, found: &mut BTreeMap<&'p RuleId, &'p Rule>) {
        let asked = subject.command.name();
        let other = subject.resolved.map(file_name).filter(|name| *name != asked).unwrap_or_default();
        let rules = self.rules_for(asked).chain(self.rules_for(other)).chain(self.rules_for_any());
        for rule in rules {
            if rule.fits_words(subject) && rule.context.fits(facts) {
                found.insert(&rule.id, rule);
            }
        }
    }

    // Rules that stop are held against every word that may be a program, so that no wrapper hides one.
    fn find_within<'p>(
        &'p self,
        subject: &Subject<'_>,
        facts: &Facts,
        found: &mut BTreeMap<&'p RuleId, &'p Rule>,
    ) {
        let words = words_within(&subject.command);
        let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
        let mut note = |rule: &'p Rule, words: &[&[u8]]| {
            let Some(command) = Command::of(words) else { return };
            let inner = Subject { command, resolved: None, cwd: subject.cwd };
            if rule.answer != Answer::Allow && rule.fits_words(&inner) && rule.context.fits(facts) {
                found.insert(&rule.id, rule);
            }
        };
        let named =
            |at: &usize| words.get(*at).is_some_and(|word| self.rules_for(base_name(word)).next().is_some());
        for at in (0..words.len()).filter(named).take(MOST_WITHIN) {
            let Some((word, rest)) = words.get(at..).and_then(|rest| Some((rest.first()?, rest))) else {
                continue;
            };
            self.rules_for(base_name(word)).for_each(|rule| note(rule, rest));
        }
        let whole: Vec<&[u8]> =
            std::iter::once(subject.command.program()).chain(words.iter().copied()).collect();
        self.rules_for_any().for_each(|rule| note(rule, &whole));
    }

    fn sum_up(&self, facts: &Facts, found: &BTreeMap<&RuleId, &Rule>, opaque: Option<String>) -> Judgement {
        let allowing = found.values().filter(|rule| rule.answer == Answer::Allow);
        let allowing: Vec<&Rule> = allowing.copied().collect();
        let mut why: BTreeSet<String> = opaque.iter().map(|part| format!("not understood: {part}")).collect();
        if !allowing.is_empty() {
            why.extend(hindrances(facts, &allowing));
        }
        let first = if !allowing.is_empty() && why.is_empty() {
            Verdict::Allow { rules: allowing.iter().map(|rule| rule.id.clone()).collect() }
        } else {
            self.review(BTreeSet::new(), why, Risk::Low, &Terms::mildest())
        };
        let verdict = found.values().filter_map(|rule| self.stops(rule)).fold(first, Verdict::join);
        Judgement {
            verdict: raised(verdict, declared_risk(facts)),
            matched: found.values().map(|rule| MatchedRule::of(rule)).collect(),
            not_understood: opaque,
            prechecks: found.values().flat_map(|rule| rule.prechecks.iter().cloned()).collect(),
        }
    }

    fn stops(&self, rule: &Rule) -> Option<Verdict> {
        let rules = BTreeSet::from([rule.id.clone()]);
        let why = rule.why.iter().cloned().collect();
        match &rule.answer {
            Answer::Allow => None,
            Answer::Review { risk, terms } => Some(self.review(rules, why, *risk, terms)),
            Answer::Deny { instead } => {
                Some(Verdict::Deny { rules, why, instead: instead.iter().cloned().collect() })
            }
        }
    }

    fn review(&self, rules: BTreeSet<RuleId>, why: BTreeSet<String>, risk: Risk, terms: &Terms) -> Verdict {
        let defaults = self.defaults();
        Verdict::Review { rules, why, risk: risk.max(defaults.risk), terms: terms.join(&defaults.terms) }
    }
}

fn opaque_part(subject: &Subject<'_>) -> Option<String> {
    let found = subject.resolved.map(file_name).unwrap_or_default();
    not_understood(&subject.command, subject.command.name())
        .or_else(|| not_understood(&subject.command, found))
}

// What keeps rules that fit from lifting the default. Reads only what handoff observed, but for the
// requester's own word that the risk is high.
fn hindrances(facts: &Facts, allowing: &[&Rule]) -> BTreeSet<String> {
    let seen = &facts.observed;
    let trusted = |path| allowing.iter().all(|rule| rule.shape.trusts(path));
    let hindrances = [
        (seen.program.is_none(), "the program was not found"),
        (
            seen.program.as_deref().is_some_and(|path| !path.is_absolute()),
            "the program's path is not absolute",
        ),
        (
            seen.program.as_deref().is_some_and(|path| !trusted(path)),
            "the file found has another name than the rule's program",
        ),
        (seen.program_is_theirs, "the requester could replace the program"),
        (seen.env_all, "the whole environment is handed on (--env-all)"),
        (!seen.env_added.is_empty(), "variables are added to the environment (--env)"),
        (seen.stdin_pass, "standard input is handed on unseen (--stdin pass)"),
        (seen.secret, "a secret is in the environment"),
        (declared_risk(facts) == Some(Risk::High), "the requester declares a high risk"),
    ];
    let rules: Vec<&str> = allowing.iter().map(|rule| rule.id.as_str()).collect();
    let because = |text: &str| format!("{} does not allow it: {text}", rules.join(", "));
    hindrances.iter().filter(|(holds, _)| *holds).map(|(_, text)| because(text)).collect()
}

fn declared_risk(facts: &Facts) -> Option<Risk> {
    let word = facts.declared.0.get("risk")?.plain()?.to_ascii_lowercase();
    match word.as_str() {
        "low" => Some(Risk::Low),
        "medium" => Some(Risk::Medium),
        "high" => Some(Risk::High),
        _ => None,
    }
}

fn raised(mut verdict: Verdict, declared: Option<Risk>) -> Verdict {
    if let (Verdict::Review { risk, .. }, Some(declared)) = (&mut verdict, declared) {
        *risk = declared.max(*risk);
    }
    verdict
}

impl MatchedRule {
    fn of(rule: &Rule) -> Self {
        let answer = match rule.answer {
            Answer::Allow => Said::Allow,
            Answer::Review { .. } => Said::Review,
            Answer::Deny { .. } => Said::Deny,
        };
        Self { rule: rule.id.clone(), answer, why: rule.why.clone() }
    }
}
