//! Each binding is changed in turn, and named.

use std::ffi::OsStr;
use std::io::Write as _;
use std::os::fd::AsFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::super::environment::EnvRules;
use super::super::precheck::{self, Limits};
use super::super::{Observation, Surroundings, observe};
use super::*;
use crate::request::wire::{Asked, StdinMode};

/// A script with an interpreter of its own, an argument, a bind, a hidden variable, an input and a precheck.
struct Scene {
    folder: tempfile::TempDir,
    key: CommitmentKey,
    environment: Values,
    seen: Observation,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap();
        program(&path.join("interp"), "#!/bin/sh\n");
        program(&path.join("tool"), "#!/usr/bin/env interp\n");
        fs::create_dir(path.join("work")).unwrap();
        fs::write(path.join("work/plan"), "a plan").unwrap();
        fs::write(path.join("work/state"), "state").unwrap();
        let key = CommitmentKey::random();
        let environment = Values(vec![
            ("PATH".into(), format!("{}:/usr/bin:/bin", path.display()).into()),
            ("TOKEN".into(), "canary".into()),
        ]);
        let seen = look(&path, &environment, &key);
        Self { folder, key, environment, seen }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    fn again(&self) -> Result<Ready, Vec<Difference>> {
        self.again_as(&self.seen.exec)
    }

    fn again_as(&self, exec: &Exec) -> Result<Ready, Vec<Difference>> {
        let requester = &self.seen.requester.account;
        let present =
            Present { requester, environment: &self.environment, key: &self.key, reads_terminal: false };
        again(exec, present, |digest| {
            self.seen.blobs.iter().find(|(known, _)| known == digest).map(|(_, bytes)| bytes.clone())
        })
    }

    fn differs(&self) -> String {
        self.again().unwrap_err().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }
}

fn program(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn look(path: &Path, environment: &Values, key: &CommitmentKey) -> Observation {
    let mut input = tempfile::tempfile().unwrap();
    input.write_all(b"input").unwrap();
    std::io::Seek::rewind(&mut input).unwrap();
    let asked = Asked {
        argv: ["tool", "plan", "later", "--file={bind:b}"].map(Into::into).to_vec(),
        bind: vec![("b".into(), "plan".into())],
        env: vec![("TOKEN".into(), None), ("SIZE".into(), Some("3".into()))],
        stdin: Some(StdinMode::Capture),
        ..Asked::default()
    };
    let surroundings = Surroundings {
        environment: environment.clone(),
        cwd: path.join("work"),
        input: input.as_fd(),
        terminal: false,
        parent: None,
    };
    let mut seen = observe(&asked.check().unwrap(), &surroundings, |_| EnvRules::default(), key).unwrap();
    let argv = ["cat", "state"].map(OsString::from);
    let name = "state".parse().unwrap();
    let work = path.join("work");
    seen.exec.prechecks =
        vec![precheck::run(&name, &argv, seen.opened.values(), &work, Limits::default()).unwrap()];
    seen
}

#[test]
fn what_did_not_change_is_ready() {
    let scene = Scene::new();
    let ready = scene.again().unwrap();
    ready.still().unwrap();
    assert_eq!(ready.argv[1], "plan");
    assert_eq!(ready.env.get(OsStr::new("TOKEN")), Some(OsStr::new("canary")));
    assert_eq!(ready.input, Given::Bytes(b"input".to_vec()));
    assert!(matches!(&ready.runs, Runs::Path(path) if *path == scene.path().join("tool")));
    assert!(!format!("{ready:?}").contains("canary"));
}

#[test]
fn a_binary_runs_through_the_descriptor_that_was_hashed() {
    let scene = Scene::new();
    let mut exec = scene.seen.exec.clone();
    let found = fs::canonicalize("/bin/cat").unwrap();
    let hashed = crate::files::hash_file(&found, u64::MAX - 1).unwrap();
    exec.program.path = found.as_path().into();
    (exec.program.sha256, exec.program.size, exec.program.script) = (hashed.digest, hashed.size, false);
    exec.interpreters.clear();
    let ready = scene.again_as(&exec).unwrap();
    assert_eq!(matches!(ready.runs, Runs::Descriptor(_)), cfg!(target_os = "linux"));
}

#[test]
fn a_changed_program_is_named_with_both_digests() {
    let scene = Scene::new();
    fs::write(scene.path().join("tool"), "#!/usr/bin/env interp\nrm -rf /\n").unwrap();
    let said = scene.differs();
    assert!(said.starts_with("program '/") && said.contains("/tool': sha256 "), "{said}");
    assert_eq!(said.matches("became sha256 ").count(), 1, "{said}");
}

#[test]
fn a_program_that_is_gone_or_became_a_link_is_named() {
    let scene = Scene::new();
    let tool = scene.path().join("tool");
    fs::rename(&tool, scene.path().join("moved")).unwrap();
    assert!(scene.differs().contains("became unusable"), "{}", scene.differs());
    std::os::unix::fs::symlink("moved", &tool).unwrap();
    assert!(scene.differs().contains("itself became a link to '"), "{}", scene.differs());
}

#[test]
fn a_changed_interpreter_is_named() {
    let scene = Scene::new();
    program(&scene.path().join("interp"), "#!/bin/sh -e\n");
    assert!(scene.differs().starts_with("interpreter 2: '/"), "{}", scene.differs());
}

#[test]
fn an_interpreter_that_slips_in_before_the_approved_one_is_named() {
    let scene = Scene::new();
    fs::rename(scene.path().join("interp"), scene.path().join("other")).unwrap();
    std::os::unix::fs::symlink("/bin/cat", scene.path().join("interp")).unwrap();
    let said = scene.differs();
    assert!(said.contains("interpreter 2") && said.contains("interpreter 3"), "{said}");
}

#[test]
fn a_changed_a_missing_and_a_new_file_of_an_argument_are_named() {
    let scene = Scene::new();
    fs::write(scene.path().join("work/plan"), "b plan").unwrap();
    assert!(scene.differs().contains("work/plan' of argument 1: sha256"), "{}", scene.differs());
    fs::remove_file(scene.path().join("work/plan")).unwrap();
    assert!(scene.differs().ends_with("became no file that is bound"), "{}", scene.differs());
    fs::write(scene.path().join("work/plan"), "a plan").unwrap();
    fs::write(scene.path().join("work/later"), "new").unwrap();
    assert!(scene.differs().contains("work/later' of argument 2: no file that is bound became"));
}

#[test]
fn a_folder_where_nothing_was_is_named() {
    let scene = Scene::new();
    fs::create_dir(scene.path().join("work/later")).unwrap();
    assert!(scene.differs().contains("what is in the folder that argument 2 names"), "{}", scene.differs());
}

#[test]
fn a_hidden_value_must_be_given_again_and_is_never_told() {
    let mut scene = Scene::new();
    scene.environment.0[1].1 = "canary2".into();
    assert_eq!(scene.differs(), "variable TOKEN: the approved value became another value");
    scene.environment.0.truncate(1);
    assert_eq!(scene.differs(), "variable TOKEN: the approved value became not set");
}

#[test]
fn a_shown_value_comes_from_the_record_whatever_is_set_now() {
    let mut scene = Scene::new();
    scene.environment.0[0].1 = "/evil".into();
    scene.environment.0.push(("SIZE".into(), "4".into()));
    let ready = scene.again().unwrap();
    assert_eq!(ready.env.get(OsStr::new("SIZE")), Some(OsStr::new("3")));
    assert!(ready.env.get(OsStr::new("PATH")).unwrap().to_str().unwrap().ends_with(":/usr/bin:/bin"));
}

#[test]
fn a_moved_working_folder_is_named() {
    let scene = Scene::new();
    let work = scene.path().join("work");
    fs::rename(&work, scene.path().join("moved")).unwrap();
    assert!(scene.differs().contains("working folder: '"), "{}", scene.differs());
    std::os::unix::fs::symlink("moved", &work).unwrap();
    assert!(scene.differs().ends_with("/moved'"), "{}", scene.differs());
}

#[test]
fn another_account_and_another_host_are_named() {
    let scene = Scene::new();
    let mut exec = scene.seen.exec.clone();
    exec.account.uid += 1;
    exec.host = "elsewhere\u{1b}".into();
    let differences = scene.again_as(&exec).unwrap_err();
    assert_eq!(differences[0].field, "account");
    assert_eq!((differences[1].field.as_str(), differences[1].was.as_str()), ("host", "'elsewhere\\x1b'"));
}

#[test]
fn a_program_that_came_into_the_requesters_reach_is_named() {
    let mut scene = Scene::new();
    let tool = scene.path().join("tool");
    fs::set_permissions(scene.path(), fs::Permissions::from_mode(0o755)).unwrap();
    scene.seen.requester.account.uid = 54_321;
    scene.seen.exec.program.theirs = false;
    scene.again().unwrap().still().unwrap();
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o757)).unwrap();
    assert!(scene.differs().ends_with("became replaceable by the requester"), "{}", scene.differs());
}

#[test]
fn missing_or_other_stored_bytes_are_named() {
    let mut scene = Scene::new();
    for (_, bytes) in &mut scene.seen.blobs {
        bytes.push(b'x');
    }
    let said = scene.differs();
    assert!(said.contains("standard input: sha256") && said.contains("bind b: sha256"), "{said}");
}

#[test]
fn a_precheck_that_ends_another_way_is_named() {
    let scene = Scene::new();
    fs::write(scene.path().join("work/state"), "changed").unwrap();
    let said = scene.differs();
    assert!(said.starts_with("precheck state: status 0, output sha256 "), "{said}");
}

#[test]
fn a_file_touched_between_the_check_and_the_start_is_noticed() {
    for name in ["tool", "interp", "work/plan"] {
        let scene = Scene::new();
        let ready = scene.again().unwrap();
        let path = scene.path().join(name);
        fs::copy(&path, scene.path().join("copy")).unwrap();
        fs::rename(scene.path().join("copy"), &path).unwrap();
        assert!(ready.still().unwrap_err().field.contains(name));
    }
}

#[test]
fn the_bound_bytes_are_handed_over_whatever_became_of_their_file() {
    let scene = Scene::new();
    let mut exec = scene.seen.exec.clone();
    exec.files.clear();
    exec.argv[1] = "x".into();
    fs::remove_file(scene.path().join("work/plan")).unwrap();
    let mut ready = scene.again_as(&exec).unwrap();
    let copies = ready.materialize(scene.folder.path()).unwrap();
    let copy = ready.argv[3].to_str().unwrap().strip_prefix("--file=").unwrap().to_owned();
    assert_eq!(fs::read(&copy).unwrap(), b"a plan");
    drop(copies);
    assert!(!Path::new(&copy).exists());
}

#[test]
fn a_terminal_that_was_approved_is_not_replaced_by_a_pipe() {
    let scene = Scene::new();
    let mut exec = scene.seen.exec.clone();
    exec.stdin = Stdin::Terminal;
    let found = scene.again_as(&exec).unwrap_err();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].to_string(), "standard input: the requester's terminal became something else");
}

#[test]
fn a_folder_that_became_a_link_after_it_was_looked_at_is_found() {
    let scene = Scene::new();
    let ready = scene.again().unwrap();
    fs::rename(scene.path().join("work"), scene.path().join("moved")).unwrap();
    std::os::unix::fs::symlink("moved", scene.path().join("work")).unwrap();
    assert_eq!(ready.still().unwrap_err().field, "working folder");
}

#[test]
fn a_program_within_that_is_found_elsewhere_is_named() {
    let scene = Scene::new();
    let mut exec = scene.seen.exec.clone();
    exec.within = vec![crate::request::InnerProgram {
        name: "git".into(),
        path: Some("/usr/bin/git".into()),
        link: None,
        theirs: false,
    }];
    let found: Vec<String> = scene.again_as(&exec).unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(found[0], "program 'git' within the command: '/usr/bin/git' became not found");
}

#[test]
fn a_link_that_leads_elsewhere_by_now_is_named() {
    let scene = Scene::new();
    let link = scene.path().join("work/l");
    std::os::unix::fs::symlink("/etc", &link).unwrap();
    let mut exec = scene.seen.exec.clone();
    exec.argv.push("--into=l/passwd".into());
    let named = |exec: &Exec| {
        let found = scene.again_as(exec).unwrap_err();
        found.iter().filter(|one| one.field.starts_with("link ")).map(ToString::to_string).collect::<Vec<_>>()
    };
    let link_of = |to: &str| crate::request::Link { path: link.as_path().into(), to: Some(to.into()) };
    let field = format!("link '{}'", link.display());
    assert_eq!(named(&exec), [format!("{field}: no link became a link to '/etc'")]);
    exec.links = vec![link_of("/usr")];
    assert_eq!(named(&exec), [format!("{field}: a link to '/usr' became a link to '/etc'")]);
    exec.links = vec![link_of("/etc")];
    assert!(named(&exec).is_empty());
    fs::remove_file(&link).unwrap();
    assert_eq!(named(&exec), [format!("{field}: a link to '/etc' became no link")]);
}
