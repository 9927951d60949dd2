//! From `Asked` to `Proposal`: what fits together without looking at the machine.
//! Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use super::{Asked, ENVIRONMENT, LONGEST_KEY, Proposal, Wanted, WireError, steers};
use crate::escaped::Escaped;
use crate::ids::Label;
use crate::record::{LONGEST, RecordError, Text, canonical};
use crate::request::placeholder::bind_names;
use crate::request::{Context, DECLARED_NAMES, Declared};

impl Asked {
    /// Checks everything that can be checked without looking at the machine.
    ///
    /// # Errors
    /// The first thing that is wrong, with what to do about it.
    pub fn check(self) -> Result<Proposal, WireError> {
        check_argv(&self.argv)?;
        let binds = check_binds(&self.argv, self.bind)?;
        let variables = check_variables(self.env, self.secret_env)?;
        let context = Context {
            reason: text("--reason", self.reason)?,
            effect: text("--effect", self.effect)?,
            rollback: text("--rollback", self.rollback)?,
            resources: self
                .resources
                .into_iter()
                .map(|resource| one_text("--resource", resource))
                .collect::<Result<_, _>>()?,
            declared: check_declared(self.declared)?,
            attachments: Vec::new(),
        };
        check_size(&self.argv, &variables, &context)?;
        if self.deadline.is_some_and(|deadline| deadline < Duration::from_secs(1)) {
            return Err(WireError::Deadline);
        }
        Ok(Proposal {
            argv: self.argv,
            context,
            attach: self.attach,
            binds,
            variables,
            env_all: self.env_all,
            stdin: self.stdin,
            prechecks: check_prechecks(&self.prechecks)?,
            once: self.once.map(check_once).transpose()?,
            deadline: self.deadline,
        })
    }
}

fn check_argv(argv: &[OsString]) -> Result<(), WireError> {
    let program = argv.first().filter(|program| !program.is_empty()).ok_or(WireError::NoCommand)?;
    if bind_names(program).next().is_some() {
        return Err(WireError::BoundProgram);
    }
    argv.iter().enumerate().try_for_each(|(index, argument)| no_nul(|| format!("argument {index}"), argument))
}

fn no_nul(what: impl FnOnce() -> String, value: &OsStr) -> Result<(), WireError> {
    if value.as_bytes().contains(&0) { Err(WireError::Nul { what: what() }) } else { Ok(()) }
}

fn text(what: &str, value: Option<OsString>) -> Result<Option<Text>, WireError> {
    value.map(|value| one_text(what, value)).transpose()
}

fn one_text(what: &str, value: OsString) -> Result<Text, WireError> {
    no_nul(|| what.to_owned(), &value)?;
    Ok(value.into())
}

fn label(what: &'static str, name: &str) -> Result<Label, WireError> {
    name.parse().map_err(|source| WireError::Name { what, name: Escaped::os(name), source })
}

fn check_binds(
    argv: &[OsString],
    given: Vec<(String, PathBuf)>,
) -> Result<BTreeMap<Label, PathBuf>, WireError> {
    let mut binds = BTreeMap::new();
    for (name, path) in given {
        no_nul(|| format!("--bind {}", Escaped::os(&name)), path.as_os_str())?;
        if binds.insert(label("bind", &name)?, path).is_some() {
            return Err(WireError::Twice { what: "bind", name: Escaped::os(name) });
        }
    }
    let used: BTreeSet<Label> = argv.iter().flat_map(|argument| bind_names(argument)).collect();
    if let Some(missing) = used.iter().find(|name| !binds.contains_key(name)) {
        return Err(WireError::MissingBind(missing.clone()));
    }
    match binds.keys().find(|name| !used.contains(name)) {
        Some(unused) => Err(WireError::UnusedBind(unused.clone())),
        None => Ok(binds),
    }
}

fn check_variables(
    named: Vec<(OsString, Option<OsString>)>,
    secret: Vec<OsString>,
) -> Result<BTreeMap<OsString, Wanted>, WireError> {
    let named = named.into_iter().map(|(name, value)| (name, value.map_or(Wanted::Inherited, Wanted::Given)));
    let secret = secret.into_iter().map(|name| (name, Wanted::Secret));
    let mut variables = BTreeMap::new();
    for (name, wanted) in named.chain(secret) {
        check_variable(&name, &wanted)?;
        let escaped = Escaped::os(&name);
        let before = variables.insert(name, wanted.clone());
        if before.is_some_and(|before| before != wanted) {
            return Err(WireError::Twice { what: "variable", name: escaped });
        }
    }
    Ok(variables)
}

fn check_variable(name: &OsStr, wanted: &Wanted) -> Result<(), WireError> {
    let bytes = name.as_bytes();
    if bytes.is_empty() || bytes.contains(&b'=') || bytes.contains(&0) {
        return Err(WireError::VariableName { name: Escaped::os(name) });
    }
    match wanted {
        Wanted::Given(value) => no_nul(|| format!("--env {}", Escaped::os(name)), value),
        Wanted::Secret if steers(name) => Err(WireError::SteeringSecret { name: Escaped::name(bytes) }),
        _ => Ok(()),
    }
}

fn check_declared(given: Vec<(String, OsString)>) -> Result<Declared, WireError> {
    let mut declared = BTreeMap::new();
    for (name, value) in given {
        if name != ENVIRONMENT && !DECLARED_NAMES.contains(&name.as_str()) {
            return Err(WireError::UnknownDeclared { name: Escaped::os(name) });
        }
        let value = one_text(&name, value)?;
        let before = declared.insert(name.clone(), value.clone());
        if before.is_some_and(|before| before != value) {
            return Err(WireError::Twice { what: "declared", name: Escaped::os(name) });
        }
    }
    Ok(Declared(declared))
}

fn check_prechecks(names: &[String]) -> Result<Vec<Label>, WireError> {
    let mut labels = Vec::new();
    for name in names {
        let label = label("precheck", name)?;
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    Ok(labels)
}

fn check_once(key: OsString) -> Result<Text, WireError> {
    if key.is_empty() || key.len() > LONGEST_KEY {
        return Err(WireError::OnceLength);
    }
    one_text("--once", key)
}

// What is known now; `observe` adds the rest, and the record itself has the last word.
fn check_size(
    argv: &[OsString],
    variables: &BTreeMap<OsString, Wanted>,
    context: &Context,
) -> Result<(), WireError> {
    #[derive(Serialize)]
    struct Known<'a> {
        argv: Vec<Text>,
        env: Vec<(Text, Text)>,
        context: &'a Context,
    }
    let given = variables.iter().map(|(name, wanted)| match wanted {
        Wanted::Given(value) => (name.as_os_str().into(), value.as_os_str().into()),
        _ => (name.as_os_str().into(), Text::default()),
    });
    let known = Known {
        argv: argv.iter().map(|arg| arg.as_os_str().into()).collect(),
        env: given.collect(),
        context,
    };
    let size = canonical(&serde_json::to_value(&known).map_err(RecordError::from)?)?.len();
    if size > LONGEST { Err(WireError::TooLarge(size)) } else { Ok(()) }
}
