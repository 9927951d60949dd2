//! The conditions of a rule as written, made into what a command is held against.
//! Pure.

use std::path::PathBuf;

use regex_lite::{Regex, RegexBuilder};

use super::unknown;
use crate::facts::DECLARED_NAMES;
use crate::facts::argv::Flag;
use crate::facts::effects::{Effect, Zone};
use crate::facts::glob::Glob;
use crate::facts::statement::{Kind, Kinds};
use crate::policy::error::PolicyError;
use crate::policy::rules::{Branch, Context, Program, Setting, Shape, Spot, Structure, Touches};
use crate::policy::section::{At, Section};

/// The conditions over the words.
///
/// # Errors
/// At the first that does not fit.
pub fn shape(section: &Section<'_>) -> Result<Shape, PolicyError> {
    let only_flag = section.key_at("only_flag").map(|_| flags(section, "only_flag")).transpose()?;
    let only_arg = section.key_at("only_arg").map(|_| globs(section, "only_arg")).transpose()?;
    let (flag, unless_flag) = (flags(section, "flag")?, flags(section, "unless_flag")?);
    let only = only_flag.iter().flatten();
    Ok(Shape {
        program: programs(section)?,
        subcommand: subcommands(section)?,
        global_flag: flags(section, "global_flag")?,
        only_global_flag: flags(section, "only_global_flag")?,
        known: flag.iter().chain(&unless_flag).chain(only).cloned().collect(),
        arg: globs(section, "arg")?,
        unless_arg: globs(section, "unless_arg")?,
        flag,
        unless_flag,
        only_flag,
        only_arg,
        wraps: section.flag("wraps")?.map(|flag| flag.value),
        touches: touches(section)?,
        structure: structure(section)?,
    })
}

fn programs(section: &Section<'_>) -> Result<Vec<Program>, PolicyError> {
    let program = |At { at, value }: At<&str>| match value {
        _ if value.starts_with('/') && !value.ends_with('/') => Ok(Program::Path(PathBuf::from(value))),
        _ if !value.is_empty() && !value.contains('/') => Ok(Program::Name(value.to_owned())),
        _ => {
            let wanted = "write a base name (\"rm\") or an absolute path (\"/usr/bin/rm\")";
            Err(section.fault(at, format!("`{value}` is no program"), wanted))
        }
    };
    section.texts("program")?.into_iter().map(program).collect()
}

fn subcommands(section: &Section<'_>) -> Result<Vec<Vec<String>>, PolicyError> {
    let sequence = |At { at, value }: At<&str>| {
        let words: Vec<String> = value.split_whitespace().map(str::to_owned).collect();
        if words.is_empty() || words.iter().any(|word| word.starts_with('-')) {
            let wanted = "write its words, such as \"push\" or \"stash drop\"; options belong in `flag`";
            return Err(section.fault(at, format!("`{value}` is no subcommand"), wanted));
        }
        Ok(words)
    };
    section.texts("subcommand")?.into_iter().map(sequence).collect()
}

fn flags(section: &Section<'_>, key: &str) -> Result<Vec<Flag>, PolicyError> {
    let flag = |At { at, value }: At<&str>| {
        let wanted =
            "write \"-r\", \"--recursive\", with `=` if it takes a value (\"-n=\"), \"-#\" for a number";
        let end = (key == "only_flag" && value == "--").then(Flag::end);
        end.or_else(|| Flag::new(value))
            .ok_or_else(|| section.fault(at, format!("`{value}` is no option"), wanted))
    };
    section.texts(key)?.into_iter().map(flag).collect()
}

fn globs(section: &Section<'_>, key: &str) -> Result<Vec<Glob>, PolicyError> {
    let glob = |At { at, value }: At<&str>| {
        let wanted = "use * (within a path's part), ** (across) and ?; write one entry for each alternative";
        Glob::new(value).ok_or_else(|| section.fault(at, format!("`{value}` is no pattern"), wanted))
    };
    section.texts(key)?.into_iter().map(glob).collect()
}

/// The conditions over the surroundings.
///
/// # Errors
/// At the first that does not fit.
pub fn context(section: &Section<'_>) -> Result<Context, PolicyError> {
    let owned = |texts: Vec<At<&str>>| texts.into_iter().map(|text| text.value.to_owned()).collect();
    let mut context = Context {
        cwd: globs(section, "cwd")?,
        account: owned(section.texts("account")?),
        environment: owned(section.texts("environment")?),
        terminal: section.flag("terminal")?.map(|flag| flag.value),
        ..Context::default()
    };
    let Some(declared) = section.section("declared")? else { return Ok(context) };
    declared.only(&DECLARED_NAMES)?;
    for At { value: name, .. } in declared.keys() {
        context.declared.insert(name.to_owned(), owned(declared.texts(name)?));
    }
    Ok(context)
}

fn structure(section: &Section<'_>) -> Result<Structure, PolicyError> {
    let only_host = section.key_at("only_host").map(|_| hosts(section, "only_host")).transpose()?;
    let is = |key: &str| Ok(section.flag(key)?.map(|flag| flag.value));
    Ok(Structure {
        host: hosts(section, "host")?,
        only_host,
        pipes_to: names(section, "pipes_to", "a program's base name, such as \"bash\" or \"python*\"")?,
        sets: settings(section)?,
        option: options(section)?,
        privileged: is("privileged")?,
        elsewhere: is("elsewhere")?,
        inline: is("inline")?,
        statement: kinds(section, "statement")?,
        only_statement: kinds(section, "only_statement")?,
        regex: section
            .texts("regex")?
            .into_iter()
            .map(|text| regex(section, text))
            .collect::<Result<_, _>>()?,
        branch: section
            .texts("branch")?
            .into_iter()
            .map(|text| branch(section, text))
            .collect::<Result<_, _>>()?,
    })
}

// Bounds on what compiling one takes, in bytes.
const LONGEST_REGEX: usize = 1_000;
const LARGEST_REGEX: usize = 1 << 20;

fn regex(section: &Section<'_>, At { at, value }: At<&str>) -> Result<Regex, PolicyError> {
    let wanted = "write one as the Rust crate `regex` takes it, in 'single quotes': '(?i)drop\\s+table'";
    let fault = |what: String| section.fault(at, what, wanted);
    if value.is_empty() || value.len() > LONGEST_REGEX {
        return Err(fault(format!("a regular expression has 1 to {LONGEST_REGEX} bytes")));
    }
    let regex = RegexBuilder::new(value).size_limit(LARGEST_REGEX).build();
    regex.map_err(|error| fault(format!("`{value}` is no regular expression: {error}")))
}

fn branch(section: &Section<'_>, At { at, value }: At<&str>) -> Result<Branch, PolicyError> {
    if value.starts_with('@') {
        let protected = (value == "@protected").then_some(Branch::Protected);
        return protected.ok_or_else(|| unknown(section, at, "list of branches", value, &["@protected"]));
    }
    branch_name(section, At { at, value }).map(Branch::Named)
}

/// A pattern of names of branches.
///
/// # Errors
/// When it is none.
pub fn branch_name(section: &Section<'_>, At { at, value }: At<&str>) -> Result<Glob, PolicyError> {
    let wanted = "write its short name, such as \"main\" or \"release/**\"";
    let plain = !value.starts_with("refs/") && !value.contains([':', ' ', '~', '^', '+', '@']);
    let glob = Glob::new(value).filter(|_| plain);
    glob.ok_or_else(|| section.fault(at, format!("`{value}` is no branch"), wanted))
}

fn kinds(section: &Section<'_>, key: &str) -> Result<Option<Kinds>, PolicyError> {
    if section.key_at(key).is_none() {
        return Ok(None);
    }
    let kind = |At { at, value }: At<&str>| {
        let found = Kind::ALL.iter().find(|(name, _)| *name == value);
        let names = Kind::ALL.map(|(name, _)| name);
        found.map(|(_, kind)| *kind).ok_or_else(|| unknown(section, at, "kind of statement", value, &names))
    };
    let kinds: Result<Vec<Kind>, PolicyError> = section.texts(key)?.into_iter().map(kind).collect();
    Ok(Some(Kinds::of(&kinds?)))
}

fn hosts(section: &Section<'_>, key: &str) -> Result<Vec<Glob>, PolicyError> {
    let host = |At { at, value }: At<&str>| {
        let wanted = "write a machine's name in small letters, without scheme and port: \"*.corp.example\"";
        let fits = !value.contains(['/', '@']) && !value.contains(|c: char| c.is_ascii_uppercase());
        let glob = Glob::new(value).filter(|_| fits && !is_with_port(value));
        glob.ok_or_else(|| section.fault(at, format!("`{value}` is no host"), wanted))
    };
    section.texts(key)?.into_iter().map(host).collect()
}

fn is_with_port(value: &str) -> bool {
    matches!(value.split_once(':'), Some((_, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()))
}

fn names(section: &Section<'_>, key: &str, what: &str) -> Result<Vec<Glob>, PolicyError> {
    let name = |At { at, value }: At<&str>| {
        let glob = Glob::new(value).filter(|_| !value.contains(['/', '=', ' ']));
        glob.ok_or_else(|| {
            section.fault(at, format!("`{value}` does not fit `{key}`"), format!("write {what}"))
        })
    };
    section.texts(key)?.into_iter().map(name).collect()
}

fn settings(section: &Section<'_>) -> Result<Vec<Setting>, PolicyError> {
    let setting = |At { at, value }: At<&str>| {
        let (name, wanted) = value.split_once('=').map_or((value, None), |(name, value)| (name, Some(value)));
        let plain = !name.contains(['/', ' ']);
        let lower = |value: &str| Glob::new(&value.to_ascii_lowercase());
        let made = match (Glob::new(name).filter(|_| plain), wanted.map(lower)) {
            (Some(name), None) => Some(Setting { name, value: None }),
            (Some(name), Some(Some(value))) => Some(Setting { name, value: Some(value) }),
            _ => None,
        };
        let wanted = "write a variable's name, such as \"LD_PRELOAD\" or \"GIT_*\", with `=` and a pattern \
                      if its value matters: \"RAILS_ENV=prod*\"";
        made.ok_or_else(|| section.fault(at, format!("`{value}` does not fit `sets`"), wanted))
    };
    section.texts("sets")?.into_iter().map(setting).collect()
}

fn options(section: &Section<'_>) -> Result<Vec<(String, Glob)>, PolicyError> {
    let option = |At { at, value }: At<&str>| {
        let parts = value.split_once('=').filter(|(name, _)| Flag::new(name).is_some());
        let made =
            parts.and_then(|(name, value)| Some((name.to_owned(), Glob::new(&value.to_ascii_lowercase())?)));
        let wanted = "write an option, `=` and a pattern of its value: \"--context=*prod*\", \"-n=prod\"";
        made.ok_or_else(|| section.fault(at, format!("`{value}` does not fit `option`"), wanted))
    };
    section.texts("option")?.into_iter().map(option).collect()
}

fn touches(section: &Section<'_>) -> Result<Touches, PolicyError> {
    const EFFECTS: [(Effect, &str, &str); 3] = [
        (Effect::Reads, "reads", "only_reads"),
        (Effect::Writes, "writes", "only_writes"),
        (Effect::Deletes, "deletes", "only_deletes"),
    ];
    const UNLESS: &str = "unless_deletes";
    let mut touches = Touches::default();
    for (effect, wide, only) in EFFECTS {
        if section.key_at(wide).is_some() {
            touches.some.push((effect, spots(section, wide)?));
        }
        if section.key_at(only).is_some() {
            touches.only.push((effect, spots(section, only)?));
        }
    }
    if section.key_at(UNLESS).is_some() {
        touches.unless.push((Effect::Deletes, spots(section, UNLESS)?));
    }
    Ok(touches)
}

fn spots(section: &Section<'_>, key: &str) -> Result<Vec<Spot>, PolicyError> {
    section.texts(key)?.into_iter().map(|text| spot(section, text)).collect()
}

fn spot(section: &Section<'_>, At { at, value }: At<&str>) -> Result<Spot, PolicyError> {
    if let Some((zone, name)) = value.split_once('/').filter(|_| value.starts_with('@')) {
        let found = Zone::ALL.iter().find(|(known, _)| *known == zone).map(|(_, zone)| *zone);
        let name = Glob::new(name)
            .filter(|_| !name.is_empty() && !name.contains(['/', '@']) && !name.contains("**"));
        let wanted = "write a zone and the name of what lies in it: \"@repository/node_modules\"";
        let named = found.zip(name).map(|(zone, name)| Spot::Named(zone, name));
        return named.ok_or_else(|| section.fault(at, format!("`{value}` is no name in a zone"), wanted));
    }
    if value.starts_with('@') {
        let found = Zone::ALL.iter().find(|(name, _)| *name == value);
        let names = Zone::ALL.map(|(name, _)| name);
        let zone = found.map(|(_, zone)| Spot::Zone(*zone));
        return zone.ok_or_else(|| unknown(section, at, "zone", value, &names));
    }
    if value.starts_with('~') {
        let instead = "write @home, or a pattern for any home folder: **/.config/**";
        return Err(section.fault(at, format!("`{value}` begins with ~, which is nobody's here"), instead));
    }
    let wanted = "use * (within a path's part), ** (across) and ?; write one entry for each alternative";
    let glob = Glob::new(value).ok_or_else(|| section.fault(at, format!("`{value}` is no pattern"), wanted));
    glob.map(Spot::Paths)
}
