//! Conditions over what a command talks to, where its output goes, and how it is run.
//! Pure. Without the word `only` they are wide; with it, everything of that kind must be certain.

use super::none_or;
use super::subject::Subject;
use crate::facts::effects::{self, Host};
use crate::facts::glob::Glob;
use crate::facts::inline::{Inline, inline};

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
    pub sets: Vec<Glob>,
    /// Whether it may run as another account.
    pub privileged: Option<bool>,
    /// Whether it runs elsewhere.
    pub elsewhere: Option<bool>,
    /// Whether it is given code on its command line.
    pub inline: Option<bool>,
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
            && none_or(&self.sets, |glob| sets(subject, glob))
            && self.inline.is_none_or(|wanted| may_be_inline(subject, wanted))
            && (self.host.is_empty() || talks_to(subject, &self.host))
    }

    /// Whether the command certainly talks to no other machine.
    #[must_use]
    pub fn fits(&self, subject: &Subject<'_>) -> bool {
        let Some(globs) = &self.only_host else { return true };
        let Some(effects) = subject.effects() else { return false };
        let named = |host: &Host| host.certain && globs.iter().any(|glob| glob.fits(&host.name));
        effects.complete && effects.hosts.iter().all(named)
    }
}

fn sets(subject: &Subject<'_>, glob: &Glob) -> bool {
    let added = subject.seen.env_added.iter().any(|name| glob.fits(name.as_bytes()));
    added || subject.atom.sets.iter().any(|set| glob.fits(&set.name))
}

fn may_be_inline(subject: &Subject<'_>, wanted: bool) -> bool {
    let resolved = subject.resolved.map(crate::facts::argv::file_name);
    let names = [Some(subject.command.name()), resolved];
    let mut found = names.into_iter().flatten().map(|name| inline(&subject.command, name));
    if wanted { found.any(|found| found != Inline::No) } else { found.any(|found| found != Inline::Yes) }
}

// By what is known of the program, or by the looks of any of its words.
fn talks_to(subject: &Subject<'_>, globs: &[Glob]) -> bool {
    let fits = |host: &Host| globs.iter().any(|glob| glob.fits(&host.name));
    subject.effects().is_some_and(|effects| effects.hosts.iter().any(fits))
        || effects::hosts_seen(subject.atom).any(|host| fits(&host))
}
