//! What is not understood of a line is never allowed, and what stands before it is not made milder by it.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use handoff::facts::atoms::Atoms;
use handoff::facts::effects::Links;
use handoff::facts::{Account, Facts, Found, Observed, shell};
use handoff::policy::{PACKS, Policy, PolicyFile, Verdict};

static ALL: LazyLock<Policy> = LazyLock::new(|| {
    let names: Vec<&str> = PACKS.iter().map(|pack| pack.name).collect();
    let text = format!("version = \"1\"\npacks = {names:?}\n");
    let root = PolicyFile { file: "policy.toml", bytes: text.as_bytes() };
    Policy::load(root, None, &BTreeSet::new()).expect("the packs load")
});

/// Any bytes, as a line of shell code.
pub fn holds(data: &[u8]) {
    let rank = |line: &[u8]| {
        let atoms = shell::line(line, Path::new("/srv/app"), Some(Path::new("/home/dev")));
        let judgement = ALL.judge_atoms(&atoms, &facts_of(&atoms, BTreeMap::new()));
        let allowed = matches!(judgement.verdict, Verdict::Allow { .. });
        assert!(!allowed || atoms.opaque.is_empty(), "allowed, and not understood: {line:?}");
        judgement.verdict.rank()
    };
    let own = rank(data);
    assert_eq!(own, rank(data), "the same line, the same verdict");
    // A shell carries out the first line whatever follows.
    assert!(rank(&[b"rm -rf /srv\n", data].concat()) > 0);
    assert!(rank(&[b"no-rule-speaks-of-this\n", data].concat()) > 0);
}

/// What would be observed around these commands, with each program in /usr/bin.
pub fn facts_of(atoms: &Atoms<'_>, variables: BTreeMap<Vec<u8>, Option<Vec<u8>>>) -> Facts {
    let found = |(name, _): (&[u8], Option<&Path>)| {
        let path = Path::new("/usr/bin").join(std::ffi::OsStr::from_bytes(name));
        (name.to_vec(), Found { path: Some(path), link: None, theirs: false })
    };
    let observed = Observed {
        argv: Vec::new(),
        program: None,
        program_link: None,
        program_is_theirs: false,
        within: atoms.inner_programs().map(found).collect(),
        links: Links::default(),
        cwd: PathBuf::from("/srv/app"),
        home: Some(PathBuf::from("/home/dev")),
        repository: None,
        branch: None,
        account: Account { uid: 1000, name: "dev".into() },
        host: "example".to_owned(),
        terminal: false,
        env_all: false,
        stdin_pass: false,
        secret: false,
        env_added: BTreeSet::new(),
        variables,
    };
    Facts { observed, declared: handoff::facts::Declared::default() }
}
