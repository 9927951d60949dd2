//! The facts a check judges by: as a proposal would find them, and as they may be where a program is missing.
//! Looks at programs, account and checkout, and at no more than a verdict hangs on.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::Question;
use crate::facts::atoms::{Atom, Atoms};
use crate::facts::effects::Links;
use crate::facts::observe::environment::{Values, handed_on};
use crate::facts::observe::program::{Located, Lookup, ProgramError, Writer, locate};
use crate::facts::observe::within::Within;
use crate::facts::observe::{account, git, links, process};
use crate::facts::{Account, Declared, Facts, Found, Observed, builtins, shell};
use crate::policy::{Judgement, Policy, Said};
use crate::request::GitState;

/// Where programs that are not installed here are taken to be.
const ASSUMED: &str = "/usr/bin";

/// What was looked at.
pub(super) struct Looked<'q> {
    /// For the policy.
    pub(super) facts: Facts,
    /// What the command or the line comes down to.
    pub(super) read: Atoms<'q>,
    /// The names of programs that are not installed here, taken to be in a system folder.
    pub(super) assumed: BTreeSet<Vec<u8>>,
    own: Option<(OsString, Option<Located>)>,
    inner: Within,
}

/// A program that was looked for.
pub(super) struct Sought<'a> {
    /// The word that names it.
    pub(super) name: &'a [u8],
    /// Where it was found, or taken to be.
    pub(super) found: Found,
    /// Whether it is only taken to be there.
    pub(super) assumed: bool,
}

impl<'q> Looked<'q> {
    /// Looks at all but who could replace the programs.
    pub(super) fn at(question: &'q Question, cwd: PathBuf, declared: Declared, policy: &Policy) -> Self {
        let (home, path) = (variable("HOME").map(PathBuf::from), variable("PATH"));
        let home = home.filter(|home| home.is_absolute());
        let read = read(question, &cwd, home.as_deref());
        let lookup = Lookup { cwd: &cwd, path: path.as_deref() };
        let own = match question {
            Question::Command(argv) => argv.first().map(|name| (name.clone(), locate(name, lookup).ok())),
            Question::Line(_) => None,
        };
        let inner = Within::look(&read, lookup);
        let names = own.iter().filter(|(_, located)| located.is_none()).map(|(name, _)| name.as_bytes());
        let names = names.chain(inner.iter().filter(|(_, located)| located.is_none()).map(|(name, _)| name));
        let assumed = names.filter(|name| is_not_installed(name, lookup)).map(<[u8]>::to_vec).collect();
        let git = git::git_place(&cwd);
        let observed = observed(question, cwd, home, git, policy);
        let facts = Facts { observed, declared };
        let mut looked = Self { facts, read, assumed, own, inner };
        looked.programs(None);
        if let Question::Command(argv) = question {
            let rules = policy
                .env_rules(argv.first().and_then(|name| Path::new(name).file_name()).unwrap_or_default());
            looked.facts.observed.variables = handed_on(&Values(std::env::vars_os().collect()), &rules);
        }
        looked.facts.observed.links = links::look(&looked.read, &looked.facts.observed);
        looked
    }

    /// The judgement a proposal of the same would get. Who could replace a program is looked up only where a
    /// rule that allows hangs on it: that takes the user database.
    pub(super) fn judge(&mut self, policy: &Policy) -> Judgement {
        let judgement = policy.judge_atoms(&self.read, &self.facts);
        if !judgement.matched.iter().any(|rule| rule.answer == Said::Allow) {
            return judgement;
        }
        let uid = account::requester_uid(variable("SUDO_UID").as_deref());
        let gids = account::GroupsOf::uid(uid);
        self.programs(Some(Writer { uid, gids: &gids }));
        policy.judge_atoms(&self.read, &self.facts)
    }

    /// The file the command's own program was found at.
    pub(super) fn own(&self) -> Option<&Path> {
        self.own.as_ref().and_then(|(_, located)| located.as_ref()).map(|located| located.path.as_path())
    }

    /// The file that the program of part `number` was found at, or is taken to be at.
    pub(super) fn resolved(&self, number: usize, atom: &Atom<'_>) -> Option<&Path> {
        self.facts.observed.resolved(number, atom)
    }

    /// The programs, the action's own first.
    pub(super) fn sought(&self) -> Vec<Sought<'_>> {
        let seen = &self.facts.observed;
        let own = self.own.iter().map(|(name, _)| (name.as_bytes(), own_of(seen)));
        let inner = seen.within.iter().map(|(name, found)| (name.as_slice(), found.clone()));
        let sought = |(name, found)| Sought { name, found, assumed: self.assumed.contains(name) };
        own.chain(inner).map(sought).collect()
    }

    fn programs(&mut self, writer: Option<Writer<'_>>) {
        let seen = &mut self.facts.observed;
        seen.within = self.inner.found(writer);
        if let Some((name, located)) = &self.own {
            let own = match located {
                Some(located) => located.found(writer.is_some_and(|writer| located.is_theirs(writer))),
                None => self.assumed.get(name.as_bytes()).map_or_else(Found::nowhere, |name| assumed(name)),
            };
            (seen.program, seen.program_link, seen.program_is_theirs) = (own.path, own.link, own.theirs);
        }
        for (name, found) in &mut seen.within {
            if found.path.is_none() && self.assumed.contains(name) {
                *found = assumed(name);
            }
        }
    }
}

fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

fn read<'q>(question: &'q Question, cwd: &Path, home: Option<&Path>) -> Atoms<'q> {
    match question {
        Question::Command(argv) => Atoms::of(argv.iter().map(|word| word.as_bytes()), cwd, home),
        Question::Line(line) => shell::line(line.as_bytes(), cwd, home),
    }
}

// A path that leads nowhere is no program, nor is what only some shells do themselves; a name may be one on the
// machine where it will run.
fn is_not_installed(name: &[u8], lookup: Lookup<'_>) -> bool {
    let missing = lookup.resolve(OsStr::from_bytes(name));
    let may_be_one = !name.contains(&b'/') && !builtins::is_shells_own(name, &[]);
    may_be_one && matches!(missing, Err(ProgramError::NotFound { .. }))
}

fn assumed(name: &[u8]) -> Found {
    let path = Path::new(ASSUMED).join(OsStr::from_bytes(name));
    Found { path: Some(path), link: None, theirs: false }
}

fn own_of(seen: &Observed) -> Found {
    let (path, link) = (seen.program.clone(), seen.program_link.clone());
    Found { path, link, theirs: seen.program_is_theirs }
}

fn observed(
    question: &Question,
    cwd: PathBuf,
    home: Option<PathBuf>,
    git: Option<GitState>,
    policy: &Policy,
) -> Observed {
    // The account's name takes the user database; most policies have no rule that asks for it.
    let named = policy.rules_read_at_load().any(|rule| !rule.context.account.is_empty());
    let uid = account::execution_uid();
    let nameless = || Account { uid, name: uid.to_string().into() };
    let (root, branch) = git.map_or((None, None), |git| (git.root, git.branch));
    let argv = match question {
        Question::Command(argv) => argv.iter().map(|word| word.as_os_str().into()).collect(),
        Question::Line(_) => Vec::new(),
    };
    Observed {
        argv,
        program: None,
        program_link: None,
        program_is_theirs: false,
        within: BTreeMap::new(),
        links: Links::default(),
        cwd,
        home,
        repository: root.map(|root| PathBuf::from(root.as_os_str())),
        branch,
        account: if named { account::execution() } else { nameless() },
        host: account::host().as_os_str().to_string_lossy().into_owned(),
        terminal: process::has_terminal(),
        env_all: false,
        stdin_pass: false,
        secret: false,
        env_added: BTreeSet::new(),
        variables: BTreeMap::new(),
    }
}
