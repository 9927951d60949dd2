//! Conditions over the surroundings of a command.
//! Pure.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::none_or;
use crate::facts::Facts;
use crate::facts::atoms::Atom;
use crate::facts::glob::Glob;
use crate::facts::pointing;

/// Conditions over the surroundings; all that are given must hold.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// The folder fits one of these.
    pub cwd: Vec<Glob>,
    /// The account it runs as, by name or number.
    pub account: Vec<String>,
    /// The environment, declared or pointed at, whatever its case.
    pub environment: Vec<String>,
    /// Declared facts, each with the values it may have.
    pub declared: BTreeMap<String, Vec<String>>,
    /// Whether there is a terminal.
    pub terminal: Option<bool>,
}

impl Context {
    /// Whether these are the surroundings of an atom: possibly, or for a rule that lets through, `surely`.
    #[must_use]
    pub fn fits(&self, facts: &Facts, atom: &Atom<'_>, surely: bool) -> bool {
        let seen = &facts.observed;
        let folder = |glob: &Glob, folder: &Path| glob.fits(folder.as_os_str().as_bytes());
        let here = |glob: &Glob| match &atom.folder {
            Some(known) if surely => folder(glob, known),
            Some(known) => folder(glob, known) || folder(glob, &seen.cwd),
            None => !surely,
        };
        let declares = |name: &str, values: &[String]| {
            let value = facts.declared.0.get(name);
            value.is_some_and(|value| {
                values.iter().any(|wanted| wanted.as_bytes().eq_ignore_ascii_case(value.as_bytes()))
            })
        };
        let uid = || seen.account.uid.to_string();
        none_or(&self.cwd, here)
            && none_or(&self.account, |name| {
                seen.account.name.as_bytes() == name.as_bytes() || uid() == *name
            })
            && (self.environment.is_empty()
                || declares("environment", &self.environment)
                || (!surely && pointing::may_point_at(atom, seen, &self.environment)))
            && self.declared.iter().all(|(name, values)| declares(name, values))
            && self.terminal.is_none_or(|terminal| terminal == seen.terminal)
    }
}
