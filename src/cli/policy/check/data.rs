//! `handoff.judgement.v1`: what `policy check --json` prints.
//! Pure.

use serde_json::{Value, json};

use super::Answer;
use super::looked::Sought;
use super::touched::{Touched, touched};
use crate::policy::{JudgedAtom, Verdict};
use crate::record::Text;

/// The one object.
pub(super) fn as_json(answer: &Answer<'_>) -> Value {
    let Answer { policy, looked, judgement } = answer;
    let seen = &looked.facts.observed;
    json!({
        "schema": "handoff.judgement.v1",
        "answer": match judgement.verdict {
            Verdict::Allow { .. } => "allow",
            Verdict::Review { .. } => "review",
            Verdict::Deny { .. } => "deny",
        },
        "exit_code": answer.exit(),
        "verdict": judgement.verdict,
        "atoms": atoms(answer),
        "matched": judgement.matched,
        "not_understood": judgement.not_understood,
        "prechecks": judgement.prechecks,
        "program": looked.own().map(Text::from),
        "programs": looked.sought().iter().map(program).collect::<Vec<_>>(),
        "cwd": Text::from(seen.cwd.as_path()),
        "repository": seen.repository.as_deref().map(Text::from),
        "branch": seen.branch,
        "policy": { "version": policy.id().version, "sha256": policy.id().digest },
        "ignored": policy.ignored().map(|layer| json!({ "file": layer.file, "sha256": layer.digest })),
    })
}

fn atoms(answer: &Answer<'_>) -> Vec<Value> {
    let parts = answer.looked.read.atoms.iter().zip(&answer.judgement.atoms).enumerate();
    parts.map(|(number, (read, judged))| atom(judged, touched(answer.looked, number, read))).collect()
}

fn atom(atom: &JudgedAtom, touched: Vec<Touched>) -> Value {
    let path = |touched: Touched| json!({ "effect": touched.how, "path": Text::from(touched.path), "zone": touched.zone });
    json!({
        "words": atom.words,
        "within": atom.via,
        "rules": atom.rules,
        "allowed": atom.allowed,
        "hindrances": atom.hindrances,
        "paths": touched.into_iter().map(path).collect::<Vec<_>>(),
    })
}

fn program(sought: &Sought<'_>) -> Value {
    json!({
        "name": Text::from(sought.name.to_vec()),
        "path": sought.found.path.as_deref().filter(|_| !sought.assumed).map(Text::from),
        "link": sought.found.link.as_deref().map(Text::from),
        "assumed": sought.assumed,
    })
}
