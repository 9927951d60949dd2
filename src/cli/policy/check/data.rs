//! `handoff.judgement.v1`: what `policy check --json` prints.
//! Pure.

use serde_json::{Value, json};

use super::Answer;
use super::looked::Sought;
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
        "atoms": judgement.atoms.iter().map(atom).collect::<Vec<_>>(),
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

fn atom(atom: &JudgedAtom) -> Value {
    json!({
        "words": atom.words,
        "within": atom.via,
        "rules": atom.rules,
        "allowed": atom.allowed,
        "hindrances": atom.hindrances,
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
