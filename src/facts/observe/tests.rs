//! A whole observation, from a proposal to the record.

use std::fs::{self, File};
use std::os::fd::AsFd as _;
use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::request::Value;
use crate::request::wire::{Asked, StdinMode};

fn observed(asked: Asked, cwd: &Path, pairs: &[(&str, &str)]) -> Result<Observation, ObserveError> {
    let input = File::open("/dev/null").unwrap();
    let surroundings = Surroundings {
        environment: Values(pairs.iter().map(|(name, value)| (name.into(), value.into())).collect()),
        cwd: cwd.to_owned(),
        input: input.as_fd(),
        terminal: false,
        parent: Some(Parent { pid: 1, name: Some("node".into()) }),
    };
    let rules =
        |name: &OsStr| EnvRules { show: vec![format!("{}_VAR", name.to_str().unwrap())], hide: vec![] };
    observe(&asked.check().unwrap(), &surroundings, rules, &CommitmentKey::random())
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("plan"), "a plan").unwrap();
    fs::create_dir(folder.path().join("sub")).unwrap();
    folder
}

const PATH: (&str, &str) = ("PATH", "/usr/bin:/bin");

#[test]
fn an_observation_holds_all_that_decides_what_runs() {
    let folder = folder();
    let asked = Asked {
        argv: ["cat", "plan", "sub", "{bind:p}"].map(Into::into).to_vec(),
        bind: vec![("p".into(), "plan".into())],
        attach: vec!["plan".into()],
        reason: Some("because".into()),
        stdin: Some(StdinMode::Pass),
        ..Asked::default()
    };
    let seen = observed(asked, folder.path(), &[PATH, ("cat_VAR", "1")]).unwrap();
    let exec = &seen.exec;
    assert_eq!(exec.cwd.as_os_str(), folder.path().canonicalize().unwrap());
    assert_eq!(exec.files.len(), 1);
    assert_eq!((exec.binds.len(), seen.attachments.len(), seen.blobs.len()), (1, 1, 1));
    assert_eq!(exec.env.iter().map(|one| one.name.plain().unwrap()).collect::<Vec<_>>(), ["PATH", "cat_VAR"]);
    assert_eq!(seen.requester.parent, Some("node".into()));
    assert!(seen.facts.observed.stdin_pass);
    let free: Vec<&str> = exec.not_bound.iter().map(|text| text.plain().unwrap()).collect();
    assert_eq!(
        free,
        [
            "what the network answers",
            "other programs it starts, shared libraries and files it opens by itself",
            "what is in the folder that argument 2 names",
            "what comes through standard input",
        ]
    );
}

#[test]
fn the_program_is_looked_for_in_the_path_the_command_gets() {
    let folder = folder();
    let tool = folder.path().join("tool");
    fs::write(&tool, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
    let env = vec![("PATH".into(), Some(folder.path().into()))];
    let asked = Asked { argv: vec!["tool".into()], env, ..Asked::default() };
    assert!(observed(asked, Path::new("/"), &[PATH]).is_ok());
    let asked = Asked { argv: vec!["tool".into()], ..Asked::default() };
    let missing = observed(asked, Path::new("/"), &[PATH]);
    assert!(matches!(missing, Err(ObserveError::Program(ProgramError::NotFound { .. }))));
}

#[test]
fn a_secret_is_neither_in_the_action_nor_in_debug_output() {
    let asked = Asked { argv: vec!["true".into()], secret_env: vec!["TOKEN".into()], ..Asked::default() };
    let seen = observed(asked, Path::new("/"), &[PATH, ("TOKEN", "canary")]).unwrap();
    assert!(seen.facts.observed.secret);
    assert!(matches!(&seen.exec.env[1].value, Value::Hidden(hidden) if hidden.secret && hidden.bytes == 6));
    let record = crate::record::Record::of(&Action::Exec(seen.exec.clone())).unwrap();
    let ready = seen.ready().unwrap();
    for text in [record.as_str().to_owned(), format!("{seen:?}"), format!("{ready:?}")] {
        assert!(!text.contains("canary"), "{text}");
    }
    assert_eq!(ready.env.get(OsStr::new("TOKEN")), Some(OsStr::new("canary")));
}

#[test]
fn more_than_a_record_holds_is_refused() {
    let pairs: Vec<(String, String)> = (0..1000).map(|n| (format!("LC_{n}"), "x".repeat(100))).collect();
    let mut pairs: Vec<(&str, &str)> =
        pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    pairs.push(PATH);
    let asked = Asked { argv: vec!["true".into()], ..Asked::default() };
    let refused = observed(asked, Path::new("/"), &pairs);
    assert!(matches!(refused, Err(ObserveError::Record(RecordError::TooLong(_)))));
}

#[test]
fn a_command_that_is_ready_at_once_notices_a_touched_file() {
    let folder = folder();
    let asked = Asked { argv: vec!["cat".into(), "plan".into()], ..Asked::default() };
    let seen = observed(asked, folder.path(), &[PATH]).unwrap();
    let ready = seen.ready().unwrap();
    ready.still().unwrap();
    fs::write(folder.path().join("plan"), "another plan").unwrap();
    let difference = ready.still().unwrap_err();
    assert!(difference.to_string().ends_with("plan': hashed became touched since"), "{difference}");
}

#[test]
fn links_on_the_way_are_recorded_and_change_where_a_path_lies() {
    let folder = folder();
    let link = folder.path().canonicalize().unwrap().join("l");
    std::os::unix::fs::symlink("/etc", &link).unwrap();
    let asked = |path: &str| Asked { argv: vec!["cat".into(), path.into()], ..Asked::default() };
    let seen = observed(asked("l/passwd"), folder.path(), &[PATH]).unwrap();
    let expected = Link { path: link.as_path().into(), to: Some("/etc".into()) };
    assert_eq!(seen.exec.links, [expected]);
    assert!(!seen.facts.observed.links.is_empty());
    let plain = observed(asked("plan"), folder.path(), &[PATH]).unwrap();
    let record = crate::record::Record::of(&Action::Exec(plain.exec)).unwrap();
    assert!(!record.as_str().contains("links"), "{}", record.as_str());
}
