//! What `policy check` prints for people: the verdict, then each part with its reasons, then what it rests on.
//! Everything from outside passes through `Escaped`.

use std::collections::BTreeSet;
use std::path::Path;

use super::Answer;
use super::looked::Sought;
use super::touched::{Touched, touched};
use crate::escaped::Escaped;
use crate::facts::atoms::Atom;
use crate::facts::variables;
use crate::policy::{JudgedAtom, MatchedRule, Said, Terms, Verdict};
use crate::ticket::card::risk_word;

/// How many paths of one part are told.
const MOST_TOUCHED: usize = 6;

/// All lines, in reading order.
pub(super) fn lines(answer: &Answer<'_>) -> Vec<String> {
    let mut lines = vec![headline(&answer.judgement.verdict)];
    let parts = answer.looked.read.atoms.iter().zip(&answer.judgement.atoms).enumerate();
    for (number, (atom, judged)) in parts {
        lines.extend(part(answer, atom, judged));
        if !judged.allowed {
            lines.extend(touches(&touched(answer.looked, number, atom)));
        }
    }
    lines.extend(not_understood(answer));
    lines.extend(asked_for(answer));
    lines.extend(rests_on(answer));
    lines
}

fn headline(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Allow { .. } => "allow".to_owned(),
        Verdict::Review { risk, .. } => format!("review, risk {}", risk_word(*risk)),
        Verdict::Deny { .. } => "deny".to_owned(),
    }
}

fn row(name: &str, text: &str) -> String {
    format!("   {name:<9} {}", Escaped::prose(text.as_bytes()))
}

fn reason(text: &str) -> String {
    format!("{:15}{}", "", Escaped::prose(text.as_bytes()))
}

// A word, what it is within, and the rules: below it, where they stop it or cannot lift it.
fn part(answer: &Answer<'_>, atom: &Atom<'_>, judged: &JudgedAtom) -> Vec<String> {
    let rules: Vec<&MatchedRule> =
        answer.judgement.matched.iter().filter(|rule| judged.rules.contains(&rule.rule)).collect();
    let stopping: Vec<&&MatchedRule> = rules.iter().filter(|rule| rule.answer != Said::Allow).collect();
    let said = match stopping.iter().any(|rule| rule.answer == Said::Deny) {
        true => "deny",
        false if judged.allowed && stopping.is_empty() => "allow",
        false => "review",
    };
    let by: Vec<&str> = rules.iter().map(|rule| rule.rule.as_str()).collect();
    let allowed_by = match said {
        "allow" if !by.is_empty() => format!("   {}", by.join(", ")),
        _ => String::new(),
    };
    let mut lines = vec![format!("   {said:<9} {}{}{allowed_by}", words(atom), around(atom))];
    lines.extend(stopping.iter().map(|rule| reason(&spoken(rule))));
    lines.extend(judged.hindrances.iter().map(|text| reason(text)));
    if said == "review" && rules.is_empty() && judged.hindrances.is_empty() {
        lines.push(reason("no rule knows it"));
    }
    lines
}

// As many as tell what it is about; reading within the checkout is no news.
fn touches(touched: &[Touched]) -> Vec<String> {
    let told = touched.iter().filter(|touched| touched.how != "reads" || touched.zone != Some("@repository"));
    let told: Vec<&Touched> = told.collect();
    let line = |touched: &&Touched| {
        let zone = touched.zone.map(|zone| format!(" ({zone})")).unwrap_or_default();
        format!("{:15}{} {}{zone}", "", touched.how, Escaped::argument(&touched.path))
    };
    let mut lines: Vec<String> = told.iter().take(MOST_TOUCHED).map(line).collect();
    if told.len() > MOST_TOUCHED {
        lines.push(reason(&format!("and {} more", told.len() - MOST_TOUCHED)));
    }
    lines
}

fn spoken(rule: &MatchedRule) -> String {
    match &rule.why {
        Some(why) => format!("{}: {why}", rule.rule),
        None => rule.rule.to_string(),
    }
}

// An operator stands bare: it is no word anybody could have written in its place.
fn words(atom: &Atom<'_>) -> String {
    if atom.words.is_empty() {
        let set = atom
            .sets
            .iter()
            .map(|set| format!("{}={}", Escaped::name(&set.name), Escaped::argument(&set.value.text)));
        return set.collect::<Vec<_>>().join(" ");
    }
    let word = |(at, word): (usize, &crate::facts::argv::Word<'_>)| match at == 0 && !atom.is_command {
        true => Escaped::name(&word.text).into_string(),
        false => Escaped::argument(&word.text).into_string(),
    };
    atom.words.iter().enumerate().map(word).collect::<Vec<_>>().join(" ")
}

fn around(atom: &Atom<'_>) -> String {
    let names = |names: &mut dyn Iterator<Item = &[u8]>| {
        names.map(|name| Escaped::name(name).into_string()).collect::<Vec<_>>().join(", ")
    };
    let via = names(&mut atom.via.iter().map(String::as_bytes));
    let telling =
        atom.sets.iter().map(|set| set.name.as_slice()).filter(|name| !variables::is_harmless(name));
    let telling: BTreeSet<&[u8]> = telling.collect();
    let set = names(&mut telling.into_iter());
    let mut around = String::new();
    if !via.is_empty() {
        around.push_str(&format!("   in {via}"));
    }
    if !set.is_empty() && !atom.words.is_empty() {
        around.push_str(&format!("   with {set}"));
    }
    around
}

fn not_understood(answer: &Answer<'_>) -> Vec<String> {
    let judgement = &answer.judgement;
    let of_parts: BTreeSet<_> = judgement.atoms.iter().flat_map(|atom| &atom.rules).collect();
    let within = judgement.matched.iter().filter(|rule| !of_parts.contains(&rule.rule));
    let mut lines: Vec<String> = judgement
        .not_understood
        .iter()
        .map(|what| row("review", &format!("not understood: {what}")))
        .collect();
    lines.extend(within.map(|rule| reason(&spoken(rule))));
    lines
}

fn asked_for(answer: &Answer<'_>) -> Vec<String> {
    let mut lines = match &answer.judgement.verdict {
        Verdict::Allow { .. } => Vec::new(),
        Verdict::Review { terms, .. } => needs(terms).iter().map(|need| row("needs", need)).collect(),
        Verdict::Deny { instead, .. } => instead.iter().map(|text| row("instead", text)).collect(),
    };
    lines.extend(answer.judgement.prechecks.iter().map(|name| row("precheck", name.as_str())));
    lines
}

/// What terms ask for, a line each.
pub(in crate::cli::policy) fn needs(terms: &Terms) -> Vec<String> {
    let people = if terms.approvals == 1 { "person" } else { "different people" };
    let mut needs = vec![format!("{} {people}", terms.approvals)];
    needs.extend(terms.groups.iter().map(|group| format!("one of group {group}")));
    if terms.distinct {
        needs.push("somebody other than the requester".to_owned());
    }
    needs.push(format!("an answer within {} s; an approval holds {} s", terms.deadline_s, terms.validity_s));
    needs
}

fn rests_on(answer: &Answer<'_>) -> Vec<String> {
    let seen = &answer.looked.facts.observed;
    let path = |path: &Path| Escaped::os(path).into_string();
    let plain = |name: &str, text: String| format!("   {name:<9} {text}");
    let mut lines: Vec<String> =
        answer.looked.sought().iter().map(|sought| plain("program", program(sought))).collect();
    lines.push(plain("folder", path(&seen.cwd)));
    if let Some(root) = &seen.repository {
        let branch = seen.branch.as_ref().map(|branch| Escaped::name(branch.as_bytes()).into_string());
        let branch = branch.map_or_else(|| "no branch".to_owned(), |branch| format!("branch {branch}"));
        lines.push(plain("git", format!("{branch} of {}", path(root))));
    }
    if answer.policy.layers().is_empty() {
        lines.push(row("policy", "none, so everything is reviewed; `handoff init` makes one"));
    }
    lines.extend(
        answer.policy.ignored().map(|layer| {
            row("ignored", &format!("{} is not trusted; see: handoff policy trust", layer.file))
        }),
    );
    lines
}

fn program(sought: &Sought<'_>) -> String {
    let name = Escaped::name(sought.name);
    let Some(path) = sought.found.path.as_deref().filter(|_| !sought.assumed) else {
        let judged = if sought.assumed { "; judged as if it were in /usr/bin" } else { "" };
        return format!("{name}: not found here{judged}");
    };
    let theirs = if sought.found.theirs {
        ", which the requester could replace (see `[programs] trusted`)"
    } else {
        ""
    };
    let link = sought.found.link.as_deref();
    let link = link.map(|link| format!(", found as {}", Escaped::os(link))).unwrap_or_default();
    format!("{name}: {}{link}{theirs}", Escaped::os(path))
}
