//! Which variables the command gets, and which of their values are told.
//! Pure: the requester's environment comes in as a value.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use crate::escaped::Escaped;
use crate::request::secret::CommitmentKey;
use crate::request::wire::{Proposal, Wanted, steers};
use crate::request::{HiddenValue, Value, Variable};

/// Handed on when present, in the clear: what almost every program reads, and nothing that is secret.
const BASE: [&str; 16] = [
    "COLORTERM",
    "HOME",
    "LANG",
    "LANGUAGE",
    "LOGNAME",
    "NO_COLOR",
    "PATH",
    "SHELL",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TEMP",
    "TERM",
    "TMP",
    "TMPDIR",
    "TZ",
    "USER",
];
const BASE_PREFIX: &str = "LC_";
/// Our own settings never reach a command unless named.
const OURS: &str = "HANDOFF_";

/// What the policy says about the variables of a program; a name may end in `*`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EnvRules {
    /// Handed on, in the clear.
    pub show: Vec<String>,
    /// Handed on, held by a commitment.
    pub hide: Vec<String>,
}

/// Why an environment cannot be bound.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvironmentError {
    /// Asked for, but not there.
    #[error("{name} is not set here; set it, or leave out --env or --secret-env {name}")]
    NotSet {
        /// The variable.
        name: Escaped,
    },
    /// A secret stands where everybody can read it.
    #[error(
        "the value of the secret {name} stands in {place}, where it would be shown; hand it over as {name} only"
    )]
    SecretShown {
        /// The variable.
        name: Escaped,
        /// Where else it was found.
        place: String,
    },
}

/// Variables with their true values. Its Debug tells names only.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Values(pub Vec<(OsString, OsString)>);

impl std::fmt::Debug for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl Values {
    /// The value of a variable; of the last one, should a name come twice.
    #[must_use]
    pub fn get(&self, name: &OsStr) -> Option<&OsStr> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_os_str())
    }
}

/// The environment of the command.
#[derive(Debug, Clone)]
pub struct Environment {
    /// What goes into the record, sorted by name, each name once.
    pub variables: Vec<Variable>,
    /// The same variables with their values.
    pub values: Values,
}

/// Binds the variables the proposal asks for, the base set, and what the policy lists for the program.
///
/// # Errors
/// When a variable asked for by name is not set, or a secret's value stands in the open somewhere else.
pub fn bind(
    parent: &Values,
    proposal: &Proposal,
    rules: &EnvRules,
    key: &CommitmentKey,
) -> Result<Environment, EnvironmentError> {
    let chosen = choose(parent, proposal, rules)?;
    let environment = Environment {
        variables: chosen.iter().map(|(name, choice)| variable(name, choice, key)).collect(),
        values: Values(chosen.iter().map(|(name, choice)| (name.clone(), choice.value.clone())).collect()),
    };
    keep_secrets(&chosen, proposal)?;
    Ok(environment)
}

/// What a program gets beside the base set when nothing is asked for by name, each with its value where that is told.
#[must_use]
pub fn handed_on(parent: &Values, rules: &EnvRules) -> BTreeMap<Vec<u8>, Option<Vec<u8>>> {
    let told = |name: &OsStr, value: &OsString| match shown(name, None, rules) {
        Shown::Clear => Some(value.as_bytes().to_vec()),
        Shown::Hidden | Shown::Secret => None,
    };
    let listed = |name: &OsStr| matches(&rules.show, name) || matches(&rules.hide, name);
    let given = parent.0.iter().filter(|(name, _)| settable(name) && listed(name) && !is_base(name));
    given.map(|(name, value)| (name.as_bytes().to_vec(), told(name, value))).collect()
}

/// Whether a variable belongs to the base set.
#[must_use]
pub fn is_base(name: &OsStr) -> bool {
    BASE.iter().any(|base| OsStr::new(base) == name) || name.as_bytes().starts_with(BASE_PREFIX.as_bytes())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Clear,
    Hidden,
    Secret,
}

struct Choice {
    value: OsString,
    shown: Shown,
    added: bool,
}

fn choose(
    parent: &Values,
    proposal: &Proposal,
    rules: &EnvRules,
) -> Result<BTreeMap<OsString, Choice>, EnvironmentError> {
    let mut chosen = BTreeMap::new();
    for (name, value) in &parent.0 {
        let listed = is_base(name) || matches(&rules.show, name) || matches(&rules.hide, name);
        let ours = name.as_bytes().starts_with(OURS.as_bytes());
        if settable(name) && !ours && (listed || proposal.env_all()) {
            let shown = shown(name, None, rules);
            chosen.insert(name.clone(), Choice { value: value.clone(), shown, added: !listed });
        }
    }
    for (name, wanted) in proposal.variables() {
        let value = match wanted {
            Wanted::Given(value) => value.as_os_str(),
            Wanted::Inherited | Wanted::Secret => {
                parent.get(name).ok_or_else(|| EnvironmentError::NotSet { name: Escaped::os(name) })?
            }
        };
        let listed = is_base(name) || matches(&rules.show, name) || matches(&rules.hide, name);
        let added = !listed || parent.get(name) != Some(value);
        let shown = shown(name, Some(wanted), rules);
        chosen.insert(name.clone(), Choice { value: value.to_owned(), shown, added });
    }
    Ok(chosen)
}

// What decides which code runs is always told; then a secret never is; then the policy's word counts.
fn shown(name: &OsStr, wanted: Option<&Wanted>, rules: &EnvRules) -> Shown {
    let told = matches!(wanted, Some(Wanted::Given(_))) || is_base(name) || matches(&rules.show, name);
    if steers(name) {
        Shown::Clear
    } else if wanted == Some(&Wanted::Secret) {
        Shown::Secret
    } else if told && !matches(&rules.hide, name) {
        Shown::Clear
    } else {
        Shown::Hidden
    }
}

fn matches(patterns: &[String], name: &OsStr) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(start) => name.as_bytes().starts_with(start.as_bytes()),
        None => OsStr::new(pattern) == name,
    })
}

// An environment block may hold entries without a name; no program can be handed those by name.
fn settable(name: &OsStr) -> bool {
    !name.is_empty() && !name.as_bytes().contains(&b'=')
}

fn variable(name: &OsStr, choice: &Choice, key: &CommitmentKey) -> Variable {
    let value = match choice.shown {
        Shown::Clear => Value::Shown(choice.value.as_os_str().into()),
        Shown::Hidden | Shown::Secret => Value::Hidden(HiddenValue {
            commitment: key.commit(name, &choice.value),
            bytes: choice.value.len() as u64,
            secret: choice.shown == Shown::Secret,
        }),
    };
    Variable { name: name.into(), value, added: choice.added }
}

/// Shorter values would be found by chance in places that have nothing to do with them.
const SHORTEST_SECRET: usize = 4;

fn keep_secrets(chosen: &BTreeMap<OsString, Choice>, proposal: &Proposal) -> Result<(), EnvironmentError> {
    let secrets = chosen
        .iter()
        .filter(|(_, choice)| choice.shown == Shown::Secret && choice.value.len() >= SHORTEST_SECRET);
    for (name, secret) in secrets {
        let place = in_argument(proposal, &secret.value)
            .or_else(|| in_variable(chosen, &secret.value))
            .or_else(|| in_context(proposal, &secret.value));
        if let Some(place) = place {
            return Err(EnvironmentError::SecretShown { name: Escaped::name(name.as_bytes()), place });
        }
    }
    Ok(())
}

fn in_argument(proposal: &Proposal, secret: &OsStr) -> Option<String> {
    let index = proposal.argv().iter().position(|argument| holds(argument.as_bytes(), secret))?;
    Some(format!("argument {index}"))
}

fn in_variable(chosen: &BTreeMap<OsString, Choice>, secret: &OsStr) -> Option<String> {
    let shown = |choice: &Choice| choice.shown == Shown::Clear && holds(choice.value.as_bytes(), secret);
    let (name, _) = chosen.iter().find(|(_, choice)| shown(choice))?;
    Some(format!("the variable {}", Escaped::name(name.as_bytes())))
}

fn in_context(proposal: &Proposal, secret: &OsStr) -> Option<String> {
    let context = proposal.context();
    let said = [
        ("the reason", &context.reason),
        ("the effect", &context.effect),
        ("the rollback", &context.rollback),
    ]
    .into_iter()
    .filter_map(|(what, text)| Some((what, text.as_ref()?)));
    let resources = context.resources.iter().map(|text| ("a resource", text));
    let declared = context.declared.0.values().map(|text| ("a declared value", text));
    let key = proposal.once().map(|text| ("the idempotency key", text));
    let mut all = said.chain(resources).chain(declared).chain(key);
    all.find(|(_, text)| holds(text.as_bytes(), secret)).map(|(what, _)| what.to_owned())
}

fn holds(text: &[u8], secret: &OsStr) -> bool {
    text.windows(secret.len()).any(|window| window == secret.as_bytes())
}

#[cfg(test)]
mod tests;
