//! Conditions over what a command talks to, where its output goes, and how it is run.
//! Pure. Without the word `only` they are wide; with it, everything of that kind must be certain.

use std::collections::BTreeSet;

use regex_lite::Regex;

use super::branch::{self, Branch};
use super::none_or;
use super::subject::Subject;
use crate::facts::argv::Sure;
use crate::facts::effects::Host;
use crate::facts::glob::Glob;
use crate::facts::inline::{Inline, inline};
use crate::facts::pointing::values;
use crate::facts::statement::{self, Kinds};

/// A variable as a rule names it, with a value or whatever its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub name: Glob,
    /// Its value, in small letters.
    pub value: Option<Glob>,
}

/// What a rule asks beyond words and paths; all that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct Structure {
    /// Some machine it may talk to fits one of these.
    pub host: Vec<Glob>,
    /// Every machine it talks to certainly fits one of these.
    pub only_host: Option<Vec<Glob>>,
    /// Some program that gets its output fits one of these.
    pub pipes_to: Vec<Glob>,
    /// Some variable set for it fits one of these.
    pub sets: Vec<Setting>,
    /// Some option it is given may have such a value.
    pub option: Vec<(String, Glob)>,
    /// Whether it may run as another account.
    pub privileged: Option<bool>,
    /// Whether it runs elsewhere.
    pub elsewhere: Option<bool>,
    /// Whether it is given code on its command line.
    pub inline: Option<bool>,
    /// Some statement it gives a database is of one of these kinds.
    pub statement: Option<Kinds>,
    /// Every statement is certainly of these kinds, and stands on the command line.
    pub only_statement: Option<Kinds>,
    /// Its words, a space between them, fit one of these somewhere.
    pub regex: Vec<Regex>,
    /// It names one of these branches, or works on one.
    pub branch: Vec<Branch>,
}

impl Structure {
    /// Whether some reading of the command is so.
    #[must_use]
    pub fn may_fit(&self, subject: &Subject<'_>) -> bool {
        let atom = subject.atom;
        let is = |wanted: Option<bool>, given: bool| wanted.is_none_or(|wanted| wanted == given);
        let piped = |glob: &Glob| atom.feeds.iter().any(|name| glob.fits(name));
        is(self.privileged, atom.privileged)
            && is(self.elsewhere, atom.elsewhere)
            && none_or(&self.pipes_to, piped)
            && none_or(&self.sets, |setting| sets(subject, setting))
            && none_or(&self.option, |(name, glob)| has_value(subject, name, glob))
            && self.inline.is_none_or(|wanted| may_be_inline(subject, wanted))
            && (self.host.is_empty() || talks_to(subject, &self.host))
            && self.statement.is_none_or(|wanted| may_state(subject, wanted))
            && none_or(&self.regex, |regex| subject.lines().any(|line| regex.is_match(line)))
            && (self.branch.is_empty() || branch::may_concern(subject, &self.branch))
    }

    /// Whether the command certainly talks to no other machine, and states nothing else.
    #[must_use]
    pub fn fits(&self, subject: &Subject<'_>) -> bool {
        self.only_host.as_ref().is_none_or(|globs| talks_only_to(subject, globs))
            && self.only_statement.is_none_or(|kinds| states_only(subject, kinds))
    }
}

fn talks_only_to(subject: &Subject<'_>, globs: &[Glob]) -> bool {
    let Some(effects) = subject.effects() else { return false };
    let named = |host: &Host| host.certain && globs.iter().any(|glob| glob.fits(&host.name));
    effects.complete && effects.hosts.iter().all(named)
}

// Code where the client takes it, and any word that holds a space: an option's form may not be known.
fn may_state(subject: &Subject<'_>, wanted: Kinds) -> bool {
    subject.statements.get_or_init(|| statements(subject)).meets(wanted)
}

fn statements(subject: &Subject<'_>) -> Kinds {
    let resolved = subject.resolved_name.and_then(statement::language);
    let named = statement::language(subject.name);
    let Some(language) = named.or(resolved) else { return Kinds::default() };
    let known = subject.effects().map(|effects| effects.code.as_slice()).unwrap_or_default();
    let spaced =
        subject.command.words().iter().filter(|word| word.text.contains(&b' ')).map(|word| &*word.text);
    let values = subject.command.may_be_arguments().map(|(text, _)| text).filter(|text| text.contains(&b' '));
    // In a part that is not understood, what was one word may be many.
    let joined = subject.command.words().iter().any(|word| matches!(word.sure, Sure::Split(_)));
    let line = subject.lines().filter(|_| joined).map(str::as_bytes);
    let all: BTreeSet<&[u8]> =
        known.iter().map(|(text, _)| *text).chain(spaced).chain(values).chain(line).collect();
    all.into_iter().fold(Kinds::default(), |all, code| all.or(statement::kinds(code, language)))
}

fn states_only(subject: &Subject<'_>, wanted: Kinds) -> bool {
    let Some(language) = statement::language(subject.name) else { return false };
    let Some(effects) = subject.effects() else { return false };
    let states = |(text, sure): &(&[u8], Sure)| {
        *sure == Sure::Exact && statement::kinds(text, language).lie_in(wanted)
    };
    effects.is_all_code && !effects.code.is_empty() && effects.code.iter().all(states)
}

// A value that is hidden, or only known then, may be any.
fn sets(subject: &Subject<'_>, setting: &Setting) -> bool {
    let Some(wanted) = &setting.value else {
        let added = subject.seen.env_added.iter().any(|name| setting.name.fits(name.as_bytes()));
        return added || subject.atom.sets.iter().any(|set| setting.name.fits(&set.name));
    };
    let set = subject.atom.sets.iter().map(|set| (&set.name, set.value.certain()));
    let bound = subject.seen.variables.iter().map(|(name, value)| (name, value.as_deref()));
    let fits = |value: &[u8]| wanted.fits(&value.to_ascii_lowercase());
    set.chain(bound).any(|(name, value)| setting.name.fits(name) && value.is_none_or(fits))
}

fn has_value(subject: &Subject<'_>, name: &str, glob: &Glob) -> bool {
    let fits = |(text, sure): (&[u8], Sure)| match sure {
        Sure::Exact => glob.fits(&text.to_ascii_lowercase()),
        Sure::Files => glob.may_meet(&text.to_ascii_lowercase()),
        Sure::Partly(_) | Sure::Split(_) => true,
    };
    values(subject.command.words(), name).any(fits)
}

fn may_be_inline(subject: &Subject<'_>, wanted: bool) -> bool {
    let names = [Some(subject.name), subject.resolved_name];
    let mut found = names.into_iter().flatten().map(|name| inline(&subject.command, name));
    if wanted { found.any(|found| found != Inline::No) } else { found.any(|found| found != Inline::Yes) }
}

// By what is known of the program, or by the looks of any of its words.
fn talks_to(subject: &Subject<'_>, globs: &[Glob]) -> bool {
    let fits = |host: &Host| globs.iter().any(|glob| glob.fits(&host.name));
    subject.effects().is_some_and(|effects| effects.hosts.iter().any(fits))
        || subject.hosts().iter().any(fits)
}
