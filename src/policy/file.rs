//! From the bytes of one layer to its checked parts.
//! Pure. A layer says no more than its kind may: a pack has rules, a project only tightens.

use std::collections::BTreeMap;

use toml::de::DeTable;

use super::error::{PolicyError, Source};
use super::rule_form::{self, Origin};
use super::rules::{Answer, Rule};
use super::section::{At, Section};
use super::verdict::{Risk, Terms};
use crate::facts::glob::Glob;
use crate::facts::observe::environment::EnvRules;
use crate::ids::{GroupName, Label, Principal};
use crate::record::Text;

/// Groups of reviewers, by name.
pub type Groups = BTreeMap<GroupName, std::collections::BTreeSet<Principal>>;
/// Prechecks, by name: the words of each.
pub type Prechecks = BTreeMap<Label, Vec<String>>;

/// What is joined into every review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defaults {
    /// The terms every approval must fulfil.
    pub terms: Terms,
    /// The risk shown when no rule says more.
    pub risk: Risk,
}

impl Default for Defaults {
    fn default() -> Self {
        let terms = Terms { deadline_s: 900, validity_s: 600, ..Terms::mildest() };
        Self { terms, risk: Risk::Medium }
    }
}

/// Bounds on what one requester may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Pending tickets of one requester.
    pub max_pending: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_pending: 50 }
    }
}

/// What only the root layer says.
#[derive(Debug, Clone, Default)]
pub struct Root {
    /// The packs it picks.
    pub packs: Vec<String>,
    /// Joined into every review.
    pub defaults: Defaults,
    /// Bounds.
    pub limits: Limits,
    /// Groups of reviewers.
    pub groups: Groups,
    /// Which reviewer is which local account.
    pub accounts: BTreeMap<Principal, u32>,
    /// Variables by program name.
    pub environment: BTreeMap<String, EnvRules>,
    /// Prechecks by name.
    pub prechecks: Prechecks,
    /// The protected branches, where the policy says which.
    pub protected: Option<Vec<Glob>>,
    /// Files that count as not the requester's to replace, though they are.
    pub trusted: Vec<Glob>,
}

const ROOT_KEYS: [&str; 11] = [
    "version",
    "packs",
    "defaults",
    "limits",
    "groups",
    "accounts",
    "environment",
    "git",
    "programs",
    "precheck",
    "rule",
];
const PACK_KEYS: [&str; 2] = ["version", "rule"];
const PROJECT_KEYS: [&str; 3] = ["version", "defaults", "rule"];
const DEFAULTS_KEYS: [&str; 6] = ["approvals", "groups", "deadline", "validity", "distinct", "risk"];

/// The TOML of `source`.
///
/// # Errors
/// At the first place that is not TOML.
pub fn parse(source: Source<'_>) -> Result<DeTable<'_>, PolicyError> {
    let wrong = |error: &toml::de::Error| {
        let at = error.span().map_or(0, |span| span.start);
        source.fault(at, format!("not TOML: {}", error.message()), "correct that line")
    };
    DeTable::parse(source.text).map(toml::Spanned::into_inner).map_err(|error| wrong(&error))
}

/// The root layer: its version, what only it says, and its rules.
///
/// # Errors
/// At the first thing in it that is wrong.
pub fn root(section: &Section<'_>, layer: usize) -> Result<(String, Root, Vec<Rule>), PolicyError> {
    section.only(&ROOT_KEYS)?;
    let version = version(section)?;
    let groups = groups(section)?;
    let root = Root {
        packs: packs(section)?,
        defaults: defaults(section, &Defaults::default(), &groups)?,
        limits: limits(section)?,
        accounts: accounts(section)?,
        environment: environment(section)?,
        prechecks: prechecks(section)?,
        protected: protected(section)?,
        trusted: trusted(section)?,
        groups,
    };
    let rules = rules(section, Origin { layer, prefix: "local", examples: true }, &root)?;
    Ok((version, root, rules))
}

/// The rules of a pack.
///
/// # Errors
/// At the first thing in it that is wrong.
pub fn pack(section: &Section<'_>, origin: Origin<'_>, root: &Root) -> Result<Vec<Rule>, PolicyError> {
    section.only(&PACK_KEYS)?;
    version(section)?;
    rules(section, origin, root)
}

/// A project's layer: the defaults as it tightens them, and its rules, none of which allows.
///
/// # Errors
/// At the first thing in it that is wrong, or milder than the root layer.
pub fn project(
    section: &Section<'_>,
    layer: usize,
    root: &Root,
) -> Result<(Defaults, Vec<Rule>), PolicyError> {
    let foreign = ROOT_KEYS.iter().find(|key| !PROJECT_KEYS.contains(key) && section.key_at(key).is_some());
    if let Some(key) = foreign {
        let at = section.key_at(key).unwrap_or(0);
        let instead = "a project may only tighten; write it in the root policy";
        return Err(section.fault(at, format!("`{key}` in a project's policy"), instead));
    }
    section.only(&PROJECT_KEYS)?;
    version(section)?;
    let stricter = defaults(section, &root.defaults, &root.groups)?;
    refuse_milder(section, &root.defaults, &stricter)?;
    let rules = rules(section, Origin { layer, prefix: "project", examples: true }, root)?;
    match rules.iter().find(|rule| rule.answer == Answer::Allow) {
        Some(rule) => {
            let what = format!("`{}` allows, in a project's policy", rule.id);
            let instead = "a project may only tighten; write it in the root policy";
            Err(section.fault(rule.place.at, what, instead))
        }
        None => Ok((stricter, rules)),
    }
}

fn refuse_milder(section: &Section<'_>, root: &Defaults, project: &Defaults) -> Result<(), PolicyError> {
    let Some(section) = section.section("defaults")? else { return Ok(()) };
    let (a, b) = (&root.terms, &project.terms);
    let milder = [
        ("approvals", b.approvals < a.approvals),
        ("groups", !b.groups.is_superset(&a.groups)),
        ("deadline", b.deadline_s > a.deadline_s),
        ("validity", b.validity_s > a.validity_s),
        ("distinct", a.distinct && !b.distinct),
        ("risk", project.risk < root.risk),
    ];
    let Some((key, _)) = milder.iter().find(|(_, milder)| *milder) else { return Ok(()) };
    let at = section.key_at(key).unwrap_or(section.at);
    let instead = "a project may only tighten; make it stricter or remove it";
    Err(section.fault(at, format!("`{key}` is milder than the root policy's"), instead))
}

fn version(section: &Section<'_>) -> Result<String, PolicyError> {
    let wanted = "write it first: version = \"2026-11-22.1\", any short text that you change with the policy";
    let Some(At { at, value }) = section.text("version")? else {
        return Err(section.fault(0, "the policy has no `version`", wanted));
    };
    let plain = Text::from(value).plain().is_some() && !value.trim().is_empty() && value.len() <= 64;
    if plain {
        Ok(value.to_owned())
    } else {
        Err(section.fault(at, "`version` is not 1 to 64 bytes of plain text", wanted))
    }
}

fn rules(section: &Section<'_>, origin: Origin<'_>, root: &Root) -> Result<Vec<Rule>, PolicyError> {
    let mut rules: Vec<Rule> = Vec::new();
    for section in section.sections("rule")? {
        let rule = rule(&section, origin, root)?;
        if rules.iter().any(|other| other.id == rule.id) {
            let what = format!("`{}` is there twice", rule.id);
            return Err(section.fault(rule.place.at, what, "give each rule an id of its own"));
        }
        rules.push(rule);
    }
    Ok(rules)
}

/// One rule, which names only groups and prechecks that the root layer has.
///
/// # Errors
/// At the first thing in it that is wrong.
pub fn rule(section: &Section<'_>, origin: Origin<'_>, root: &Root) -> Result<Rule, PolicyError> {
    let rule = rule_form::rule(section, origin)?;
    check_names(section, root)?;
    Ok(rule)
}

fn check_names(section: &Section<'_>, root: &Root) -> Result<(), PolicyError> {
    check_groups(section, &root.groups)?;
    let known: Vec<&str> = root.prechecks.keys().map(Label::as_str).collect();
    let unknown = section.texts("precheck")?.into_iter().find(|name| !known.contains(&name.value));
    match unknown {
        Some(At { at, value }) => Err(rule_form::unknown(section, at, "precheck", value, &known)),
        None => Ok(()),
    }
}

fn check_groups(section: &Section<'_>, groups: &Groups) -> Result<(), PolicyError> {
    let known: Vec<&str> = groups.keys().map(GroupName::as_str).collect();
    let unknown = section.texts("groups")?.into_iter().find(|name| !known.contains(&name.value));
    match unknown {
        Some(At { at, value }) => Err(rule_form::unknown(section, at, "group", value, &known)),
        None => Ok(()),
    }
}

fn packs(section: &Section<'_>) -> Result<Vec<String>, PolicyError> {
    let known = super::packs::names();
    let mut packs = Vec::new();
    for At { at, value } in section.texts("packs")? {
        if !known.contains(&value) {
            return Err(rule_form::unknown(section, at, "pack", value, &known));
        }
        if packs.iter().any(|pack| pack == value) {
            return Err(section.fault(at, format!("pack `{value}` is there twice"), "remove one"));
        }
        packs.push(value.to_owned());
    }
    Ok(packs)
}

fn defaults(section: &Section<'_>, base: &Defaults, groups: &Groups) -> Result<Defaults, PolicyError> {
    let Some(section) = section.section("defaults")? else { return Ok(base.clone()) };
    section.only(&DEFAULTS_KEYS)?;
    check_groups(&section, groups)?;
    let terms = rule_form::terms(&section, base.terms.clone())?;
    Ok(Defaults { terms, risk: rule_form::risk(&section)?.unwrap_or(base.risk) })
}

fn limits(section: &Section<'_>) -> Result<Limits, PolicyError> {
    let Some(section) = section.section("limits")? else { return Ok(Limits::default()) };
    section.only(&["max_pending"])?;
    let max_pending = section.number("max_pending", 1, 1_000_000)?;
    Ok(max_pending.map_or_else(Limits::default, |number| Limits { max_pending: number.value }))
}

fn groups(section: &Section<'_>) -> Result<Groups, PolicyError> {
    let Some(section) = section.section("groups")? else { return Ok(Groups::new()) };
    let mut groups = Groups::new();
    for key in section.keys() {
        let name: At<GroupName> = section.parse(key)?;
        let members = section.names(key.value)?.into_iter().map(|member| member.value).collect();
        groups.insert(name.value, members);
        if groups.values().any(std::collections::BTreeSet::is_empty) {
            let what = format!("group `{}` has no members", key.value);
            return Err(section.fault(key.at, what, "name them: infra = [\"alice@corp\"]"));
        }
    }
    Ok(groups)
}

fn accounts(section: &Section<'_>) -> Result<BTreeMap<Principal, u32>, PolicyError> {
    let Some(section) = section.section("accounts")? else { return Ok(BTreeMap::new()) };
    let mut accounts = BTreeMap::new();
    for key in section.keys() {
        let name: At<Principal> = section.parse(key)?;
        if let Some(uid) = section.number(key.value, 0, u32::MAX - 1)? {
            accounts.insert(name.value, uid.value);
        }
    }
    Ok(accounts)
}

fn environment(section: &Section<'_>) -> Result<BTreeMap<String, EnvRules>, PolicyError> {
    let Some(section) = section.section("environment")? else { return Ok(BTreeMap::new()) };
    let mut programs = BTreeMap::new();
    for key in section.keys() {
        let Some(program) = section.section(key.value)? else { continue };
        program.only(&["show", "hide"])?;
        let variables = EnvRules { show: variables(&program, "show")?, hide: variables(&program, "hide")? };
        let both = variables.show.iter().find(|name| variables.hide.contains(name));
        if let Some(name) = both {
            let what = format!("`{name}` is shown and hidden");
            return Err(section.fault(key.at, what, "keep it in one list"));
        }
        programs.insert(key.value.to_owned(), variables);
    }
    Ok(programs)
}

fn protected(section: &Section<'_>) -> Result<Option<Vec<Glob>>, PolicyError> {
    let Some(section) = section.section("git")? else { return Ok(None) };
    section.only(&["protected"])?;
    if section.key_at("protected").is_none() {
        return Ok(None);
    }
    let names = section.texts("protected")?;
    names.into_iter().map(|name| rule_form::branch_name(&section, name)).collect::<Result<_, _>>().map(Some)
}

fn trusted(section: &Section<'_>) -> Result<Vec<Glob>, PolicyError> {
    let Some(section) = section.section("programs")? else { return Ok(Vec::new()) };
    section.only(&["trusted"])?;
    let path = |At { at, value }: At<&str>| {
        let wanted =
            "write an absolute path with at least two folders spelt out: \"/home/ana/.cargo/bin/**\"";
        let spelt = value.split('/').skip(1).take_while(|part| !part.contains(['*', '?'])).count();
        let plain =
            value.starts_with('/') && !value.split('/').skip(1).any(|part| matches!(part, "" | "." | ".."));
        let glob = Glob::new(value).filter(|_| plain && spelt >= 2);
        glob.ok_or_else(|| {
            section.fault(at, format!("`{value}` does not say closely enough what is trusted"), wanted)
        })
    };
    section.texts("trusted")?.into_iter().map(path).collect()
}

fn variables(section: &Section<'_>, key: &str) -> Result<Vec<String>, PolicyError> {
    let variable = |At { at, value }: At<&str>| {
        let starts = value.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let stem = value.strip_suffix('*').unwrap_or(value);
        let fits = starts && stem.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let wanted = "write its name, of A-Z a-z 0-9 _, with a * at the end for all that begin so";
        fits.then(|| value.to_owned())
            .ok_or_else(|| section.fault(at, format!("`{value}` is no variable"), wanted))
    };
    section.texts(key)?.into_iter().map(variable).collect()
}

fn prechecks(section: &Section<'_>) -> Result<Prechecks, PolicyError> {
    let Some(section) = section.section("precheck")? else { return Ok(Prechecks::new()) };
    let mut prechecks = Prechecks::new();
    for key in section.keys() {
        let name: At<Label> = section.parse(key)?;
        let Some(precheck) = section.section(key.value)? else { continue };
        precheck.only(&["argv"])?;
        let argv: Vec<String> =
            precheck.texts("argv")?.into_iter().map(|word| word.value.to_owned()).collect();
        if argv.first().is_none_or(String::is_empty) {
            let what = format!("precheck `{}` has no command", key.value);
            return Err(section.fault(
                key.at,
                what,
                "write its words: argv = [\"git\", \"diff\", \"--quiet\"]",
            ));
        }
        prechecks.insert(name.value, argv);
    }
    Ok(prechecks)
}
