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
// Words behind each that may be its arguments, and the fewest where there are many of these.
const MOST_BEHIND: usize = 256;
const FEWEST_BEHIND: usize = 24;
// Words that all of these together may hold; where that is not all, the risk is taken to be high.
const MOST_HELD: usize = 16_384;
// Bytes of each.
const LONGEST_WORD: usize = 4_096;

// The rules that speak of something, by name.
type Found<'p> = BTreeMap<&'p RuleId, &'p Rule>;

impl Policy {
    /// Judges an action by what is known of it.
    pub fn judge(&self, facts: &Facts) -> Judgement {
        self.judge_atoms(&facts.observed.atoms(), facts)
    }

    /// Judges what was read from a command or a line of shell code.
    pub fn judge_atoms(&self, read: &Atoms<'_>, facts: &Facts) -> Judgement {
        let mut sum = Sum::new();
        for (number, atom) in read.atoms.iter().enumerate() {
            self.judge_atom(atom, number == 0, facts, &mut sum);
        }
        for part in &read.opaque {
            sum.why.insert(format!("not understood: {}", part.what));
            self.find_within(part, facts, &mut sum);
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
        let other = subject.resolved_name.filter(|name| *name != asked);
        let names = [asked, other.unwrap_or_default()];
        let names = names.get(..1 + usize::from(other.is_some())).unwrap_or(&names);
        self.each_rule_for(names, subject, |rule| {
            if rule.fits(subject, facts) {
                found.insert(&rule.id, rule);
            }
        });
    }

    // Rules that stop are held against every word that may be a program, so that nothing hides one.
    fn find_within<'p>(&'p self, part: &Opaque, facts: &Facts, sum: &mut Sum<'p>) {
        let named = |word: &[u8]| self.names(word) || effects::knows(word);
        let words = || part.words.iter().enumerate();
        let other = |(at, word): &(usize, &Vec<u8>)| *at == 0 || !(is_option(word) || named(base_name(word)));
        let programs = words().filter(|(_, word)| named(base_name(word))).map(|(at, _)| at);
        let programs: Vec<usize> = programs.take(MOST_WITHIN + 1).collect();
        let others: Vec<usize> = words().filter(other).map(|(at, _)| at).take(MOST_OTHERS + 1).collect();
        let count = programs.len().min(MOST_WITHIN) + others.len().min(MOST_OTHERS);
        let behind = (MOST_HELD / count.max(1)).clamp(FEWEST_BEHIND, MOST_BEHIND);
        sum.is_cut |= part.is_cut || programs.len() > MOST_WITHIN || others.len() > MOST_OTHERS;
        let programs = programs.into_iter().take(MOST_WITHIN).map(|at| (at, true));
        for (at, is_program) in programs.chain(others.into_iter().take(MOST_OTHERS).map(|at| (at, false))) {
            let rest = part.words.get(at..).unwrap_or_default();
            let held = rest.get(..behind.min(sum.left)).unwrap_or(rest);
            sum.is_cut |=
                held.len() < rest.len().min(MOST_BEHIND) || held.iter().any(|word| word.len() > LONGEST_WORD);
            sum.left -= held.len();
            self.find_behind(held, is_program, facts, &mut sum.found);
        }
    }

    fn find_behind<'p>(&'p self, words: &[Vec<u8>], is_program: bool, facts: &Facts, found: &mut Found<'p>) {
        let around = Around::outermost(&facts.observed.cwd, facts.observed.home.as_deref());
        // Not certain, so that no word there exempts from a rule.
        let word = |text: &[u8]| Word { sure: Sure::Split(text.len()), text: text.to_vec().into() };
        let all = words.iter().map(|text| word(text.get(..LONGEST_WORD).unwrap_or(text))).collect();
        let atom = Atom { branch_moved: true, ..Atom::command(all, &around) };
        let Some(subject) = self.subject(&atom, None, facts) else { return };
        let name = words.first().filter(|_| is_program).map(|word| base_name(word));
        self.each_rule_for(name.as_slice(), &subject, |rule| {
            if rule.answer != Answer::Allow && rule.fits(&subject, facts) {
                found.insert(&rule.id, rule);
            }
        });
    }

    fn sum_up(&self, facts: &Facts, sum: Sum<'_>, read: &Atoms<'_>) -> Judgement {
        let allowing = sum.found.values().filter(|rule| rule.answer == Answer::Allow);
        let rules: BTreeSet<RuleId> = allowing.map(|rule| rule.id.clone()).collect();
        let allowed =
            read.opaque.is_empty() && sum.atoms.iter().all(|atom| atom.allowed) && !rules.is_empty();
        let first = if allowed {
            Verdict::Allow { rules }
        } else {
            let risk = if sum.is_cut { Risk::High } else { Risk::Low };
            self.review(BTreeSet::new(), sum.why, risk, &Terms::mildest())
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
struct Sum<'p> {
    found: Found<'p>,
    atoms: Vec<JudgedAtom>,
    why: BTreeSet<String>,
    /// How many words of parts that are not understood may still be held against rules.
    left: usize,
    /// Not all of them were.
    is_cut: bool,
}

impl Sum<'_> {
    const fn new() -> Self {
        Self { found: Found::new(), atoms: Vec::new(), why: BTreeSet::new(), left: MOST_HELD, is_cut: false }
    }
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
