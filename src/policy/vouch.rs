//! What keeps a rule that fits from letting an atom through: all that handoff could not vouch for.
//! Pure. Reads only what handoff observed, but for the requester's own word that the risk is high.

use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::rules::Rule;
use super::verdict::Risk;
use crate::facts::atoms::Atom;
use crate::facts::glob::Glob;
use crate::facts::{Facts, Observed, builtins, variables};

/// Where the program of an atom comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program<'a> {
    /// A file.
    File {
        /// Its path, without symbolic links.
        path: &'a Path,
        /// The path it was found by, where that leads through symbolic links.
        link: Option<&'a Path>,
        /// Whether the requester could replace it.
        theirs: bool,
    },
    /// The shell itself, or a redirection: no file is looked for.
    Shell,
    /// There is none, or it was not looked for.
    Missing,
}

impl<'a> Program<'a> {
    /// That of `atom`; the action's own program when it is the `first`.
    #[must_use]
    pub fn of(atom: &Atom<'_>, first: bool, seen: &'a Observed) -> Self {
        let Some(word) = atom.words.first() else { return Self::Shell };
        if !atom.is_command {
            return Self::Shell;
        }
        if first && atom.is_outermost() {
            let link = seen.program_link.as_deref();
            let file = |path| Self::File { path, link, theirs: seen.program_is_theirs };
            return seen.program.as_deref().map_or(Self::Missing, file);
        }
        let Some(name) = word.certain() else { return Self::Missing };
        if atom.in_shell && builtins::is_shells_own(name, &atom.via) {
            return Self::Shell;
        }
        let found = seen.within.get(name).filter(|_| !atom.elsewhere);
        found
            .and_then(|found| {
                let (path, link) = (found.path.as_deref()?, found.link.as_deref());
                Some(Self::File { path, link, theirs: found.theirs })
            })
            .unwrap_or(Self::Missing)
    }

    /// The same, where who could replace these files is trusted not to. A link on the way must be one of them too.
    #[must_use]
    pub fn trusted_by(self, files: &[Glob]) -> Self {
        let named = |path: &Path| files.iter().any(|glob| glob.fits(path.as_os_str().as_bytes()));
        match self {
            Self::File { path, link, theirs: true } if named(path) && link.is_none_or(named) => {
                Self::File { path, link, theirs: false }
            }
            other => other,
        }
    }

    /// Its file.
    #[must_use]
    pub const fn path(&self) -> Option<&'a Path> {
        match self {
            Self::File { path, .. } => Some(path),
            Self::Shell | Self::Missing => None,
        }
    }

    // A program's own name is the one it was found by: `python3`, `vi`, `awk` lead to files of other names. Who
    // could replace the link, or a folder on the way, could replace the program: `theirs` covers all of them.
    const fn link(&self) -> Option<&'a Path> {
        match self {
            Self::File { link, .. } => *link,
            Self::Shell | Self::Missing => None,
        }
    }
}

/// What keeps the rules `allowing` from letting `atom` through, a sentence each.
#[must_use]
pub fn hindrances(
    atom: &Atom<'_>,
    program: &Program<'_>,
    facts: &Facts,
    allowing: &[&Rule],
) -> BTreeSet<String> {
    let rules: Vec<&str> = allowing.iter().map(|rule| rule.id.as_str()).collect();
    let because = |text: &str| match rules.is_empty() {
        true => format!("not allowed: {text}"),
        false => format!("{} does not allow it: {text}", rules.join(", ")),
    };
    let own = of_the_program(atom, program, allowing);
    own.chain(of_the_atom(atom)).chain(of_the_action(facts)).map(because).collect()
}

fn of_the_program<'a>(
    atom: &Atom<'_>,
    program: &Program<'_>,
    allowing: &[&Rule],
) -> impl Iterator<Item = &'a str> + use<'a> {
    let path = program.path();
    let trusted = |path| {
        let named = program.link();
        let bears =
            |rule: &&Rule| rule.shape.trusts(path) || named.is_some_and(|link| rule.shape.trusts(link));
        allowing.iter().all(bears)
    };
    let found = [
        (*program == Program::Missing && !atom.elsewhere, "the program was not found"),
        (path.is_some_and(|path| !path.is_absolute()), "the program's path is not absolute"),
        (path.is_some_and(|path| !trusted(path)), "the file found has another name than the rule's program"),
        (matches!(program, Program::File { theirs: true, .. }), "the requester could replace the program"),
    ];
    found.into_iter().filter(|(holds, _)| *holds).map(|(_, text)| text)
}

fn of_the_atom<'a>(atom: &Atom<'_>) -> impl Iterator<Item = &'a str> + use<'a> {
    let sets = atom.sets.iter().any(|set| !variables::sets_nothing(&set.name, set.value.certain()));
    let found = [
        (atom.privileged, "it may run as another account"),
        (atom.elsewhere, "it runs elsewhere, where nothing was looked at"),
        (sets, "a variable is set that may change what it does"),
    ];
    found.into_iter().filter(|(holds, _)| *holds).map(|(_, text)| text)
}

fn of_the_action<'a>(facts: &Facts) -> impl Iterator<Item = &'a str> + use<'a> {
    let seen = &facts.observed;
    let found = [
        (seen.env_all, "the whole environment is handed on (--env-all)"),
        (!seen.env_added.is_empty(), "variables are added to the environment (--env)"),
        (seen.stdin_pass, "standard input is handed on unseen (--stdin pass)"),
        (seen.secret, "a secret is in the environment"),
        (declared_risk(facts) == Some(Risk::High), "the requester declares a high risk"),
    ];
    found.into_iter().filter(|(holds, _)| *holds).map(|(_, text)| text)
}

/// The risk the requester declares.
#[must_use]
pub fn declared_risk(facts: &Facts) -> Option<Risk> {
    let word = facts.declared.0.get("risk")?.plain()?.to_ascii_lowercase();
    match word.as_str() {
        "low" => Some(Risk::Low),
        "medium" => Some(Risk::Medium),
        "high" => Some(Risk::High),
        _ => None,
    }
}
