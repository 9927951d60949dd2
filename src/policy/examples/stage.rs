//! Where a command is taken to run when it is judged as an example and not as an action: a checkout in
//! somebody's home, on a machine where every program is where the system keeps it.
//! Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::facts::argv::base_name;
use crate::facts::atoms::Atoms;
use crate::facts::effects::Links;
use crate::facts::{Account, Declared, Facts, Found, Observed, shell};
use crate::policy::judge::Judgement;
use crate::policy::layers::Policy;
use crate::policy::rules::{Context, Program, Rule};

const HOME: &str = "/home/dev";
const FOLDER: &str = "/home/dev/project";

/// A command line, read in the surroundings that `rule` wants, if it wants any.
#[derive(Debug)]
pub struct Staged {
    /// What it comes down to.
    pub atoms: Atoms<'static>,
    /// What is known around it.
    pub facts: Facts,
}

impl Staged {
    /// Reads `line` as a shell would, for `rule` if it is an example of one.
    #[must_use]
    pub fn of(line: &str, rule: Option<&Rule>) -> Self {
        let context = rule.map(|rule| &rule.context);
        let folder = context.map_or_else(|| PathBuf::from(FOLDER), folder);
        let atoms = shell::line(line.as_bytes(), &folder, Some(Path::new(HOME)));
        let observed = observed(&atoms, folder, rule);
        Self { atoms, facts: Facts { observed, declared: context.map(declared).unwrap_or_default() } }
    }
}

impl Staged {
    /// Whether the rule speaks of any part of it.
    #[must_use]
    pub fn is_spoken_of_by(&self, rule: &Rule) -> bool {
        rule.speaks_of(&self.atoms, &self.facts)
    }

    /// What `policy` says of it.
    pub fn judged_by(&self, policy: &Policy) -> Judgement {
        policy.judge_atoms(&self.atoms, &self.facts)
    }
}

fn observed(atoms: &Atoms<'_>, folder: PathBuf, rule: Option<&Rule>) -> Observed {
    let account = rule.and_then(|rule| rule.context.account.first());
    let programs = rule.map(|rule| rule.shape.program.as_slice()).unwrap_or_default();
    let found = |(name, place): (&[u8], Option<&Path>)| {
        (name.to_vec(), found(name, place.unwrap_or(&folder), programs))
    };
    Observed {
        argv: Vec::new(),
        program: None,
        program_link: None,
        program_is_theirs: false,
        within: atoms.inner_programs().map(found).collect(),
        links: Links::default(),
        account: Account { uid: 1000, name: account.map_or("dev", String::as_str).into() },
        host: "example".to_owned(),
        terminal: rule.and_then(|rule| rule.context.terminal).unwrap_or(false),
        home: Some(PathBuf::from(HOME)),
        repository: Some(folder.clone()),
        branch: Some("main".into()),
        cwd: folder,
        env_all: false,
        stdin_pass: false,
        secret: false,
        env_added: BTreeSet::new(),
        variables: BTreeMap::new(),
    }
}

// A bare name is in /usr/bin, or where the rule wants it; a path is itself, and the requester's own unless
// it is in one of the system's folders.
fn found(name: &[u8], folder: &Path, programs: &[Program]) -> Found {
    const SYSTEM: [&str; 5] = ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"];
    let wanted = programs.iter().find_map(|program| match program {
        Program::Path(path) if program.name() == base_name(name) => Some(path.clone()),
        _ => None,
    });
    let name = Path::new(OsStr::from_bytes(name));
    let path = wanted.clone().unwrap_or_else(|| match name.components().count() {
        1 => Path::new("/usr/bin").join(name),
        _ => folder.join(name),
    });
    let theirs = wanted.is_none() && !SYSTEM.iter().any(|system| path.parent() == Some(Path::new(system)));
    Found { path: Some(path), link: None, theirs }
}

fn folder(context: &Context) -> PathBuf {
    let inside = context.cwd.first().map(|glob| glob.as_str().replace("**", "a").replace(['*', '?'], "a"));
    PathBuf::from(inside.unwrap_or_else(|| FOLDER.to_owned()))
}

fn declared(context: &Context) -> Declared {
    let environment = context.environment.first().map(|name| ("environment", name));
    let others = context.declared.iter().filter_map(|(name, values)| Some((name.as_str(), values.first()?)));
    let all = environment.into_iter().chain(others);
    Declared(all.map(|(name, value)| (name.to_owned(), value.as_str().into())).collect())
}
