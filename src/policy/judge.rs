//! The judgement: every rule that speaks of an atom, joined the strict way over all atoms (DESIGN §8).
//! Pure. The default, review, always joins unless each atom is allowed by a rule; nothing else lifts anything.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::layers::Policy;
use super::rules::{Answer, Rule, Subject};
use super::verdict::{Risk, Terms, Verdict};
use super::vouch;
use crate::facts::Facts;
use crate::facts::argv::{Sure, Word, base_name, is_option};
use crate::facts::atoms::{Around, Atom, Atoms, Opaque};
use crate::facts::effects;
use crate::ids::{Label, RuleId};
use crate::record::Text;

/// What the policy says of an action, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// What the action comes down to, each with the rules that speak of it.
    pub atoms: Vec<JudgedAtom>,
    /// Every rule that speaks of any of it, by name; an allow rule among them need not have lifted anything.
    pub matched: Vec<MatchedRule>,
    /// The parts that were not understood: if there are any, it is at least review.
    pub not_understood: BTreeSet<String>,
    /// The prechecks the rules ask for.
    pub prechecks: BTreeSet<Label>,
}

/// One atom, and what was said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedAtom {
    /// Its words as the programs get them.
    pub words: Vec<Text>,
    /// The commands it lies within, outermost first.
    pub via: Vec<String>,
    /// The rules that speak of it.
    pub rules: BTreeSet<RuleId>,
    /// Whether a rule lets it through, and nothing hinders that.
    pub allowed: bool,
    /// What keeps the rules that fit from letting it through, a sentence each.
    pub hindrances: BTreeSet<String>,
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

// Programs looked for within a part that is not understood, before the rest is left to the review.
const MOST_WITHIN: usize = 256;
// Other words there that rules for any program are held against.
const MOST_OTHERS: usize = 64;
// Words behind each that may be its arguments.
const MOST_BEHIND: usize = 256;

// The rules that speak of something, by name.
type Found<'p> = BTreeMap<&'p RuleId, &'p Rule>;

impl Policy {
    /// Judges an action by what is known of it.
    pub fn judge(&self, facts: &Facts) -> Judgement {
        self.judge_atoms(&facts.observed.atoms(), facts)
    }

    /// Judges what was read from a command or a line of shell code.
    pub fn judge_atoms(&self, read: &Atoms<'_>, facts: &Facts) -> Judgement {
        let mut sum = Sum::default();
        for (number, atom) in read.atoms.iter().enumerate() {
            self.judge_atom(atom, number == 0, facts, &mut sum);
        }
        for part in &read.opaque {
            sum.why.insert(format!("not understood: {}", part.what));
            self.find_within(part, facts, &mut sum.found);
        }
        self.sum_up(facts, sum, read)
    }

    fn judge_atom<'p>(&'p self, atom: &Atom<'_>, first: bool, facts: &Facts, sum: &mut Sum<'p>) {
        let program = vouch::Program::of(atom, first, &facts.observed).trusted_by(self.trusted_programs());
        let mut found = Found::new();
        if let Some(subject) = self.subject(atom, program.path(), facts) {
            self.find(&subject, facts, &mut found);
        }
        let allowing = found.values().copied().filter(|rule| rule.answer == Answer::Allow);
        let allowing: Vec<&Rule> = allowing.collect();
        // An assignment alone needs no rule, when nothing hinders it.
        let fits = !allowing.is_empty() || atom.words.is_empty();
        let hindrances = match fits && !atom.spoken_for {
            true => vouch::hindrances(atom, &program, facts, &allowing),
            false => BTreeSet::new(),
        };
        let allowed = atom.spoken_for || (fits && hindrances.is_empty());
        sum.why.extend(hindrances.iter().cloned());
        sum.atoms.push(JudgedAtom::of(atom, &found, allowed, hindrances));
        sum.found.extend(found);
    }

    fn subject<'a>(
        &'a self,
        atom: &'a Atom<'a>,
        program: Option<&'a Path>,
        facts: &'a Facts,
    ) -> Option<Subject<'a>> {
        let subject = Subject::of(atom, program, &facts.observed)?;
        Some(match self.protected() {
            Some(protected) => subject.with_protected(protected),
            None => subject,
        })
    }

    fn find<'p>(&'p self, subject: &Subject<'_>, facts: &Facts, found: &mut Found<'p>) {
        let asked = subject.name;
        let other = subject.resolved_name.filter(|name| *name != asked).unwrap_or_default();
        let rules = self.rules_for(asked).chain(self.rules_for(other)).chain(self.rules_for_any());
        found.extend(rules.filter(|rule| rule.fits(subject, facts)).map(|rule| (&rule.id, rule)));
    }

    // Rules that stop are held against every word that may be a program, so that nothing hides one.
    fn find_within<'p>(&'p self, part: &Opaque, facts: &Facts, found: &mut Found<'p>) {
        let around = Around::outermost(&facts.observed.cwd, facts.observed.home.as_deref());
        let mut note = |rules: &mut dyn Iterator<Item = &'p Rule>, words: &[Vec<u8>]| {
            // Not certain, so that no word there exempts from a rule.
            let word = |text: &Vec<u8>| Sure::Split(text.len());
            let words = words.iter().map(|text| Word { text: text.as_slice().into(), sure: word(text) });
            let atom = Atom::command(words.take(MOST_BEHIND).collect(), &around);
            let atom = Atom { branch_moved: true, ..atom };
            let Some(subject) = self.subject(&atom, None, facts) else { return };
            let stops = rules.filter(|rule| rule.answer != Answer::Allow && rule.fits(&subject, facts));
            found.extend(stops.map(|rule| (&rule.id, rule)));
        };
        let rest = |at: usize| part.words.get(at..).unwrap_or_default();
        let named = |word: &[u8]| self.rules_for(word).next().is_some() || effects::knows(word);
        let words = || part.words.iter().enumerate();
        for (at, word) in words().filter(|(_, word)| named(base_name(word))).take(MOST_WITHIN) {
            note(&mut self.rules_for(base_name(word)).chain(self.rules_for_any()), rest(at));
        }
        let other = |(at, word): &(usize, &Vec<u8>)| *at == 0 || !(is_option(word) || named(base_name(word)));
        for (at, _) in words().filter(other).take(MOST_OTHERS) {
            note(&mut self.rules_for_any(), rest(at));
        }
    }

    fn sum_up(&self, facts: &Facts, sum: Sum<'_>, read: &Atoms<'_>) -> Judgement {
        let allowing = sum.found.values().filter(|rule| rule.answer == Answer::Allow);
        let rules: BTreeSet<RuleId> = allowing.map(|rule| rule.id.clone()).collect();
        let allowed =
            read.opaque.is_empty() && sum.atoms.iter().all(|atom| atom.allowed) && !rules.is_empty();
        let first = if allowed {
            Verdict::Allow { rules }
        } else {
            self.review(BTreeSet::new(), sum.why, Risk::Low, &Terms::mildest())
        };
        let verdict = sum.found.values().filter_map(|rule| self.stops(rule)).fold(first, Verdict::join);
        Judgement {
            verdict: raised(verdict, vouch::declared_risk(facts)),
            atoms: sum.atoms,
            matched: sum.found.values().map(|rule| MatchedRule::of(rule)).collect(),
            not_understood: read.opaque.iter().map(|part| part.what.clone()).collect(),
            prechecks: sum.found.values().flat_map(|rule| rule.prechecks.iter().cloned()).collect(),
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

// What was found so far, atom by atom.
#[derive(Default)]
struct Sum<'p> {
    found: Found<'p>,
    atoms: Vec<JudgedAtom>,
    why: BTreeSet<String>,
}

impl JudgedAtom {
    fn of(atom: &Atom<'_>, found: &Found<'_>, allowed: bool, hindrances: BTreeSet<String>) -> Self {
        Self {
            words: atom.words.iter().map(|word| Text::from(word.text.to_vec())).collect(),
            via: atom.via.clone(),
            rules: found.keys().copied().cloned().collect(),
            allowed,
            hindrances,
        }
    }
}

impl Rule {
    /// Whether it speaks of any part of what was read.
    #[must_use]
    pub fn speaks_of(&self, read: &Atoms<'_>, facts: &Facts) -> bool {
        let fits = |atom: &Atom<'_>| {
            let program = vouch::Program::of(atom, false, &facts.observed);
            let subject = Subject::of(atom, program.path(), &facts.observed);
            subject.is_some_and(|subject| self.fits(&subject, facts))
        };
        read.atoms.iter().any(fits)
            || (self.answer != Answer::Allow
                && read.opaque.iter().any(|part| self.may_lie_within(part, facts)))
    }

    fn may_lie_within(&self, part: &Opaque, facts: &Facts) -> bool {
        let around = Around::outermost(&facts.observed.cwd, facts.observed.home.as_deref());
        let names = |word: &[u8]| {
            let name = base_name(word);
            self.shape.program.is_empty() || self.shape.program.iter().any(|program| program.name() == name)
        };
        (0..part.words.len()).take(MOST_WITHIN).any(|at| {
            let words = part.words.get(at..).unwrap_or_default();
            let atom =
                Atom::command(words.iter().map(|word| Word::exact(word.as_slice())).collect(), &around);
            words.first().is_some_and(|word| names(word))
                && Subject::of(&atom, None, &facts.observed).is_some_and(|subject| self.fits(&subject, facts))
        })
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
