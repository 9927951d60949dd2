//! `policy show`: the layers, defaults, groups and rules in force, as they were read.
//! Everything from the files passes through `Escaped`.

use serde_json::{Value, json};

use super::check::needs;
use super::working_folder;
use crate::cli::error::CliError;
use crate::cli::open::Setup;
use crate::escaped::Escaped;
use crate::policy::{Answer, Policy, Rule};
use crate::ticket::card::risk_word;

/// `handoff policy show`.
///
/// # Errors
/// When the policy cannot be read.
pub fn show(setup: &Setup) -> Result<u8, CliError> {
    let policy = setup.policy(&working_folder()?)?;
    let rules = policy.rules_with_examples().map_err(CliError::failed)?;
    if setup.out.json() {
        setup.out.object(&as_json(&policy, &rules))?;
    } else {
        for line in lines(&policy, &rules) {
            setup.out.line(&line)?;
        }
    }
    Ok(0)
}

fn prose(text: &str) -> Escaped {
    Escaped::prose(text.as_bytes())
}

fn lines(policy: &Policy, rules: &[Rule]) -> Vec<String> {
    let mut lines = vec![format!("policy {}, {}", prose(&policy.id().version), policy.id().digest)];
    if policy.layers().is_empty() {
        lines.push("   no policy file: everything needs a person".to_owned());
    }
    for layer in policy.layers() {
        lines.push(format!(
            "   layer     {:<12} {}  {}",
            layer.name,
            layer.digest.short(),
            prose(&layer.file)
        ));
    }
    lines.extend(
        policy.ignored().map(|layer| {
            format!("   IGNORED   {}, not trusted; see: handoff policy trust", prose(&layer.file))
        }),
    );
    let defaults = policy.defaults();
    lines.push(format!(
        "   default   review, risk {}; {}",
        risk_word(defaults.risk),
        needs(&defaults.terms).join("; ")
    ));
    lines.push(format!("   limit     {} pending tickets of one requester", policy.limits().max_pending));
    for (group, members) in policy.groups() {
        let members: Vec<&str> = members.iter().map(crate::ids::Principal::as_str).collect();
        lines.push(format!("   group     {group}: {}", members.join(", ")));
    }
    for (reviewer, uid) in policy.accounts() {
        lines.push(format!("   account   {reviewer} is uid {uid}"));
    }
    for (name, argv) in policy.prechecks() {
        let argv: Vec<String> =
            argv.iter().map(|word| Escaped::argument(word.as_bytes()).into_string()).collect();
        lines.push(format!("   precheck  {name}: {}", argv.join(" ")));
    }
    lines.extend(rules.iter().map(line));
    lines
}

/// One rule on one line.
pub(super) fn line(rule: &Rule) -> String {
    let answer = match &rule.answer {
        Answer::Allow => "allow".to_owned(),
        Answer::Review { risk, .. } => format!("review {}", risk_word(*risk)),
        Answer::Deny { .. } => "deny".to_owned(),
    };
    let why = rule.why.as_ref().map(|why| format!("  {}", prose(why))).unwrap_or_default();
    let example = rule.matches.first().map(|example| format!("  like: {}", prose(&example.line)));
    format!("   {answer:<11} {}{why}{}", rule.id, example.unwrap_or_default())
}

fn as_json(policy: &Policy, rules: &[Rule]) -> Value {
    let defaults = policy.defaults();
    json!({
        "schema": "handoff.policy.v1",
        "version": policy.id().version,
        "sha256": policy.id().digest,
        "layers": policy.layers().iter().map(|layer| {
            json!({ "name": layer.name, "file": layer.file, "sha256": layer.digest })
        }).collect::<Vec<_>>(),
        "ignored": policy.ignored().map(|layer| json!({ "file": layer.file, "sha256": layer.digest })),
        "defaults": { "risk": defaults.risk, "terms": defaults.terms },
        "max_pending": policy.limits().max_pending,
        "groups": policy.groups(),
        "accounts": policy.accounts(),
        "prechecks": policy.prechecks(),
        "rules": rules.iter().map(rule).collect::<Vec<_>>(),
    })
}

fn rule(rule: &Rule) -> Value {
    let (answer, risk, terms, instead) = match &rule.answer {
        Answer::Allow => ("allow", None, None, None),
        Answer::Review { risk, terms } => ("review", Some(risk), Some(terms), None),
        Answer::Deny { instead } => ("deny", None, None, instead.as_ref()),
    };
    let examples = rule.matches.iter().map(|example| &example.line).collect::<Vec<_>>();
    json!({ "id": rule.id, "answer": answer, "risk": risk, "terms": terms, "instead": instead,
            "why": rule.why, "match": examples })
}
