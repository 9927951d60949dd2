//! The policy's structured inputs: what handoff observed, and what the requester declared.
//! Pure, but for `observe`, which looks at the machine.

pub mod argv;
pub mod atoms;
pub mod branches;
pub mod builtins;
pub mod effects;
pub mod glob;
pub mod inline;
pub mod observe;
pub mod pointing;
pub mod shell;
pub mod statement;
pub mod variables;
pub mod wrapper;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::record::Text;
pub use crate::request::{Account, DECLARED_NAMES, Declared};
use crate::request::{Exec, GitState, InnerProgram, Link, Request, Stdin, Value, Variable};

/// Everything a rule may look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Seen by handoff itself.
    pub observed: Observed,
    /// The requester's word, which only raises the bar.
    pub declared: Declared,
}

/// What handoff saw of the action and its surroundings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// All arguments as given, program first.
    pub argv: Vec<Text>,
    /// Absolute path the program resolves to, if it was found.
    pub program: Option<PathBuf>,
    /// The path the program was found by, where that leads through symbolic links.
    pub program_link: Option<PathBuf>,
    /// Whether the requester could replace the program: it, a link to it, or a folder on the way is theirs to write.
    pub program_is_theirs: bool,
    /// Where the programs that run within the command are found, by the word that names them.
    pub within: BTreeMap<Vec<u8>, Found>,
    /// The symbolic links on the way of the paths that its words name.
    pub links: effects::Links,
    /// The folder the command would run in.
    pub cwd: PathBuf,
    /// What `~` is for it, if known.
    pub home: Option<PathBuf>,
    /// The top folder of the git checkout around the working folder.
    pub repository: Option<PathBuf>,
    /// The branch checked out there.
    pub branch: Option<Text>,
    /// The account it would run as.
    pub account: Account,
    /// The machine's name.
    pub host: String,
    /// Whether the requester has a terminal.
    pub terminal: bool,
    /// The whole environment is handed on (`--env-all`): never allowed without a person.
    pub env_all: bool,
    /// Standard input is handed on unseen (`--stdin pass`): never allowed without a person.
    pub stdin_pass: bool,
    /// A secret is among the environment: forces a review.
    pub secret: bool,
    /// Names bound by `--env` beyond the base set and what the policy lists. A variable such as
    /// `LD_PRELOAD` or `GIT_EXTERNAL_DIFF` changes what a program does, so nothing is allowed with one.
    pub env_added: BTreeSet<Text>,
    /// The variables it gets beside the base set, each with its value unless that is hidden.
    pub variables: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
}

/// Where a program was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its absolute path; none when there is no such program.
    pub path: Option<PathBuf>,
    /// The path it was found by, where that leads through symbolic links.
    pub link: Option<PathBuf>,
    /// Whether the requester could replace it.
    pub theirs: bool,
}

impl Found {
    /// There is no such program.
    #[must_use]
    pub const fn nowhere() -> Self {
        Self { path: None, link: None, theirs: false }
    }
}

impl Observed {
    /// What the command comes down to.
    pub fn atoms(&self) -> atoms::Atoms<'_> {
        let argv = self.argv.iter().map(Text::as_bytes);
        atoms::Atoms::of(argv, &self.cwd, self.home.as_deref())
    }

    /// The file that the program of part `number` was found at.
    #[must_use]
    pub fn resolved(&self, number: usize, atom: &atoms::Atom<'_>) -> Option<&Path> {
        if number == 0 && atom.is_outermost() {
            return self.program.as_deref();
        }
        self.within.get(atom.words.first()?.certain()?)?.path.as_deref()
    }
}

impl Facts {
    /// The facts a request carries: the same at filing and at every later judgement of it.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        let terminal = request.requester.terminal;
        Self::about(request.exec(), request.git.as_ref(), terminal, request.context.declared.clone())
    }

    /// The facts of an action that is not a request yet; `terminal` says whether its requester has one.
    #[must_use]
    pub fn about(exec: &Exec, git: Option<&GitState>, terminal: bool, declared: Declared) -> Self {
        Self { observed: observed(exec, git, terminal), declared }
    }
}

/// What an action comes down to, as its request tells it.
pub(crate) fn atoms_of(exec: &Exec) -> atoms::Atoms<'_> {
    let folder = Path::new(exec.cwd.as_os_str());
    atoms::Atoms::of(exec.argv.iter().map(Text::as_bytes), folder, home(exec).as_deref())
}

fn observed(exec: &Exec, git: Option<&GitState>, terminal: bool) -> Observed {
    let added = exec.env.iter().filter(|variable| variable.added);
    Observed {
        argv: exec.argv.clone(),
        program: Some(path(&exec.program.path)),
        program_link: exec.program.link.as_ref().map(path),
        program_is_theirs: exec.program.theirs,
        within: exec.within.iter().map(found).collect(),
        links: links(&exec.links),
        cwd: path(&exec.cwd),
        home: home(exec),
        repository: git.and_then(|git| git.root.as_ref()).map(path),
        branch: git.and_then(|git| git.branch.clone()),
        account: exec.account.clone(),
        host: exec.host.as_os_str().to_string_lossy().into_owned(),
        terminal,
        env_all: exec.env_all,
        stdin_pass: exec.stdin == Stdin::Pass,
        secret: exec.env.iter().any(|variable| matches!(&variable.value, Value::Hidden(v) if v.secret)),
        env_added: added.map(|variable| variable.name.clone()).collect(),
        variables: exec.env.iter().filter_map(variable).collect(),
    }
}

fn path(text: &Text) -> PathBuf {
    PathBuf::from(text.as_os_str())
}

fn found(inner: &InnerProgram) -> (Vec<u8>, Found) {
    let (path, link) = (inner.path.as_ref().map(path), inner.link.as_ref().map(path));
    (inner.name.as_bytes().to_vec(), Found { path, link, theirs: inner.theirs })
}

fn variable(variable: &Variable) -> Option<(Vec<u8>, Option<Vec<u8>>)> {
    let value = match &variable.value {
        Value::Shown(value) => Some(value.as_bytes().to_vec()),
        Value::Hidden(_) => None,
    };
    let is_base = observe::environment::is_base(variable.name.as_os_str());
    (!is_base || variable.added).then(|| (variable.name.as_bytes().to_vec(), value))
}

fn links(recorded: &[Link]) -> effects::Links {
    let bytes = |text: &Text| text.as_bytes().to_vec();
    let link = |link: &Link| (bytes(&link.path), link.to.as_ref().map(bytes));
    effects::Links::new(recorded.iter().map(link).collect())
}

// The command's own word for it, when that is in the clear.
fn home(exec: &Exec) -> Option<PathBuf> {
    let variable = exec.env.iter().find(|variable| variable.name.as_bytes() == b"HOME")?;
    let Value::Shown(value) = &variable.value else { return None };
    let path = Path::new(value.as_os_str());
    path.is_absolute().then(|| path.to_path_buf())
}
