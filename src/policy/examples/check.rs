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
