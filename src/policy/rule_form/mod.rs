//! From a `[[rule]]` as written to a checked [`Rule`].
//! Pure. Every refusal names the place and what to write instead.

mod conditions;

pub use conditions::branch_name;

use super::error::{PolicyError, nearest};
use super::rules::{Answer, Example, Place, Rule};
use super::section::{At, Section};
use super::verdict::{Risk, Terms};
use crate::ids::RuleId;

/// The most people a rule may ask for.
pub const MOST_APPROVALS: u32 = 100;

/// Every key a rule may have.
pub const KEYS: [&str; 48] = [
    "id",
    "verdict",
    "program",
    "subcommand",
    "global_flag",
    "only_global_flag",
    "flag",
    "unless_flag",
    "only_flag",
    "arg",
    "unless_arg",
    "only_arg",
    "reads",
    "writes",
    "deletes",
    "only_reads",
    "only_writes",
    "only_deletes",
    "unless_deletes",
    "host",
    "only_host",
    "pipes_to",
    "sets",
    "option",
    "privileged",
    "elsewhere",
    "inline",
    "wraps",
    "statement",
    "only_statement",
    "regex",
    "branch",
    "cwd",
    "account",
    "environment",
    "declared",
    "terminal",
    "risk",
    "why",
    "instead",
    "approvals",
    "groups",
    "deadline",
    "validity",
    "distinct",
    "precheck",
    "match",
    "not_match",
];
const TERMS: [&str; 5] = ["approvals", "groups", "deadline", "validity", "distinct"];
const FOR_ALLOW: [&str; 9] = [
    "only_global_flag",
    "only_flag",
    "unless_arg",
    "only_arg",
    "only_reads",
    "only_writes",
    "only_deletes",
    "only_host",
    "only_statement",
];
const DECLARED: [&str; 2] = ["environment", "declared"];
// Wide, and what to write in a rule that allows.
const WIDE: [(&str, &str); 15] = [
    ("global_flag", "write only_global_flag, the options it may have"),
    ("reads", "write only_reads, the places everything it reads must lie in"),
    ("writes", "write only_writes, the places everything it writes must lie in"),
    ("deletes", "write only_deletes, the places everything it deletes must lie in"),
    ("unless_deletes", "write only_deletes; what a rule that allows does not list is reviewed"),
    ("host", "write only_host, the machines all it talks to must be among"),
    ("statement", "write only_statement, the kinds all its statements must be of"),
    ("regex", "name the words: subcommand, only_flag, only_arg; a regular expression lets nothing through"),
    ("branch", "name the words: subcommand, only_flag, only_arg"),
    ("pipes_to", "remove it; the command behind the pipe is judged for itself"),
    ("sets", "remove it; only variables that change nothing may be set where a rule allows"),
    ("option", "name the options it may have: only_flag, only_global_flag"),
    ("privileged", "remove it; what may run as another account is never allowed"),
    ("elsewhere", "remove it; what runs elsewhere is never allowed"),
    ("inline", "remove it; code on the command line is read, or never allowed"),
];

/// The layer a rule is read from.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// Its index in the policy.
    pub layer: usize,
    /// What its rules' names begin with.
    pub prefix: &'a str,
    /// Whether the examples are read too; those of packs are only for the asking.
    pub examples: bool,
}

/// Reads one rule.
///
/// # Errors
/// At the first thing in it that is wrong.
pub fn rule(section: &Section<'_>, origin: Origin<'_>) -> Result<Rule, PolicyError> {
    section.only(&KEYS)?;
    let id = id(section, origin.prefix)?;
    let answer = answer(section)?;
    refuse_misplaced(section, &answer)?;
    let rule = Rule {
        place: Place { layer: origin.layer, at: id.at },
        why: section.text("why")?.map(|why| why.value.to_owned()),
        shape: conditions::shape(section)?,
        context: conditions::context(section)?,
        prechecks: section.names("precheck")?.into_iter().map(|name| name.value).collect(),
        matches: examples(section, "match", origin)?,
        not_matches: examples(section, "not_match", origin)?,
        id: id.value,
        answer,
    };
    if rule.answer == Answer::Allow {
        check_allow(section, &rule, origin.examples)?;
    }
    check_not_empty(section, &rule)?;
    Ok(rule)
}

fn id(section: &Section<'_>, prefix: &str) -> Result<At<RuleId>, PolicyError> {
    let missing = || section.fault(section.at, "a rule has no `id`", "give it one: id = \"rm-recursive\"");
    let short = section.text("id")?.ok_or_else(missing)?;
    let full = format!("{prefix}.{}", short.value);
    section.parse::<RuleId>(short)?;
    section.parse(At { at: short.at, value: full.as_str() })
}

fn answer(section: &Section<'_>) -> Result<Answer, PolicyError> {
    let wanted = "write verdict = \"allow\", \"review\" or \"deny\"";
    let Some(At { at, value }) = section.text("verdict")? else {
        return Err(section.fault(section.at, "a rule has no `verdict`", wanted));
    };
    match value {
        "allow" => Ok(Answer::Allow),
        "review" => {
            let risk = risk(section)?.unwrap_or(Risk::Low);
            Ok(Answer::Review { risk, terms: terms(section, Terms::mildest())? })
        }
        "deny" => {
            let instead = section.text("instead")?.map(|text| text.value.to_owned());
            Ok(Answer::Deny { instead })
        }
        other => Err(section.fault(at, format!("`{other}` is no verdict"), wanted)),
    }
}

/// The risk a section names, if it names one.
///
/// # Errors
/// When it is not one of the three.
pub fn risk(section: &Section<'_>) -> Result<Option<Risk>, PolicyError> {
    let Some(At { at, value }) = section.text("risk")? else { return Ok(None) };
    match value {
        "low" => Ok(Some(Risk::Low)),
        "medium" => Ok(Some(Risk::Medium)),
        "high" => Ok(Some(Risk::High)),
        other => {
            let wanted = "write risk = \"low\", \"medium\" or \"high\"";
            Err(section.fault(at, format!("`{other}` is no risk"), wanted))
        }
    }
}

/// `base` with the terms the section names in place of its own.
///
/// # Errors
/// When one of them does not fit.
pub fn terms(section: &Section<'_>, base: Terms) -> Result<Terms, PolicyError> {
    let approvals = section.number("approvals", 1, MOST_APPROVALS)?;
    Ok(Terms {
        approvals: approvals.map_or(base.approvals, |number| number.value),
        groups: match section.key_at("groups") {
            Some(_) => section.names("groups")?.into_iter().map(|name| name.value).collect(),
            None => base.groups,
        },
        deadline_s: section.span("deadline")?.map_or(base.deadline_s, |span| span.value),
        validity_s: section.span("validity")?.map_or(base.validity_s, |span| span.value),
        distinct: section.flag("distinct")?.map_or(base.distinct, |flag| flag.value),
    })
}

fn refuse_misplaced(section: &Section<'_>, answer: &Answer) -> Result<(), PolicyError> {
    let misplaced =
        |keys: &[&str]| keys.iter().find_map(|key| Some((section.key_at(key)?, (*key).to_owned())));
    let refuse = |keys: &[&str], verdict: &str, instead: &str| match misplaced(keys) {
        Some((at, key)) => Err(section.fault(at, format!("`{key}` in a rule that {verdict}"), instead)),
        None => Ok(()),
    };
    let of_review = "it belongs to a rule with verdict = \"review\"; remove it";
    match answer {
        Answer::Allow => {
            let word =
                "the requester's word never makes milder; use what is observed: program, flag, arg, cwd";
            refuse(&DECLARED, "allows", word)?;
            WIDE.iter().try_for_each(|(key, instead)| refuse(&[key], "allows", instead))?;
            refuse(&TERMS, "allows", of_review)?;
            refuse(&["risk", "instead"], "allows", "remove it")
        }
        Answer::Review { .. } => {
            refuse(&FOR_ALLOW, "reviews", "it belongs to a rule with verdict = \"allow\"; remove it")?;
            refuse(&["instead"], "reviews", "it belongs to a rule with verdict = \"deny\"; remove it")
        }
        Answer::Deny { .. } => {
            refuse(&FOR_ALLOW, "denies", "it belongs to a rule with verdict = \"allow\"; remove it")?;
            refuse(&TERMS, "denies", of_review)?;
            refuse(&["risk", "precheck"], "denies", of_review)
        }
    }
}

fn examples(section: &Section<'_>, key: &str, origin: Origin<'_>) -> Result<Vec<Example>, PolicyError> {
    if !origin.examples {
        return Ok(Vec::new());
    }
    let example = |At { at, value }: At<&str>| {
        let wanted = "write a command as one would type it, quotes closed";
        if shlex::split(value).is_none_or(|words| words.is_empty()) {
            return Err(section.fault(at, format!("`{value}` is no command"), wanted));
        }
        Ok(Example { place: Place { layer: origin.layer, at }, line: value.to_owned() })
    };
    section.texts(key)?.into_iter().map(example).collect()
}

fn check_allow(section: &Section<'_>, rule: &Rule, has_examples: bool) -> Result<(), PolicyError> {
    let at = |key: &str| section.key_at(key).unwrap_or(rule.place.at);
    let fault = |key: &str, what: String, instead: &str| Err(section.fault(at(key), what, instead));
    let shape = &rule.shape;
    if shape.program.is_empty() {
        let what = format!("`{}` allows any program", rule.id);
        return fault("program", what, "name the programs: program = [\"ls\"]");
    }
    if shape.only_flag.is_none() && (!shape.flag.is_empty() || shape.only_arg.is_some()) {
        let key = if shape.flag.is_empty() { "only_arg" } else { "flag" };
        let instead = "add only_flag with every option it may have, so that the words are read without doubt";
        return fault(key, format!("`{key}` without `only_flag` in a rule that allows"), instead);
    }
    if has_examples && section.texts("match")?.is_empty() {
        let what = format!("`{}` allows and has no example", rule.id);
        return fault("match", what, "add match = [\"…\"] with commands it must fit");
    }
    Ok(())
}

// A rule that stops everything is a default in disguise, and most often a forgotten `program`.
fn check_not_empty(section: &Section<'_>, rule: &Rule) -> Result<(), PolicyError> {
    const CONDITIONS: [&str; 23] = [
        "program",
        "subcommand",
        "global_flag",
        "flag",
        "arg",
        "reads",
        "writes",
        "deletes",
        "host",
        "pipes_to",
        "sets",
        "option",
        "privileged",
        "elsewhere",
        "inline",
        "statement",
        "regex",
        "branch",
        "cwd",
        "account",
        "environment",
        "declared",
        "terminal",
    ];
    let named = |key: &&str| section.key_at(key).is_some();
    if CONDITIONS.iter().any(named) {
        return Ok(());
    }
    let what = format!("`{}` has no condition", rule.id);
    Err(section.fault(rule.place.at, what, "name at least a program; terms for everything go in [defaults]"))
}

/// The pack or precheck `name` does not exist: says so, with the nearest that does.
#[must_use]
pub fn unknown(section: &Section<'_>, at: usize, what: &str, name: &str, known: &[&str]) -> PolicyError {
    let instead = match nearest(name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => format!("define it first: there is no {what} yet"),
        None => format!("there are: {}", known.join(", ")),
    };
    section.fault(at, format!("no {what} is named `{name}`"), instead)
}
