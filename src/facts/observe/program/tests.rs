//! Where a program is found, what interprets it, and what is refused.

use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::*;
use crate::ids::Digest;

const NOBODY: Writer<'static> = Writer { uid: 54_321, gids: &[] };

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    fn write(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    fn find_in(&self, name: &str, path: &str) -> Result<Found, ProgramError> {
        find(OsStr::new(name), Lookup { cwd: &self.path(), path: Some(OsStr::new(path)) }, NOBODY)
    }

    fn find(&self, name: &str) -> Result<Found, ProgramError> {
        self.find_in(name, &format!("{}:/usr/bin:/bin", self.path().display()))
    }
}

fn paths(files: &[BoundFile]) -> Vec<PathBuf> {
    files.iter().map(|file| PathBuf::from(file.path.as_os_str())).collect()
}

#[test]
fn a_binary_is_found_in_path_and_bound_by_its_bytes() {
    let found = Place::new().find("env").unwrap();
    let real = fs::canonicalize("/usr/bin/env").unwrap();
    assert_eq!(found.program.path.as_os_str(), real);
    assert_eq!(found.program.sha256, Digest::of(&fs::read(&real).unwrap()));
    assert!(!found.program.script && !found.program.theirs);
    assert!(found.interpreters.is_empty() && found.not_bound.is_empty());
}

#[test]
fn empty_and_relative_elements_of_path_are_refused_wherever_they_stand() {
    for path in ["", ".", "bin", "/usr/bin:", ":/usr/bin", "/usr/bin::/bin", "/usr/bin:../bin"] {
        let error = Place::new().find_in("env", path).unwrap_err();
        if path.is_empty() {
            assert!(matches!(error, ProgramError::NotFound { .. }), "{error}");
        } else {
            assert!(matches!(error, ProgramError::PathElement { .. }), "{path}: {error}");
        }
    }
}

#[test]
fn a_name_with_a_slash_is_taken_against_the_working_folder() {
    let place = Place::new();
    let tool = place.write("tool", "#!/bin/sh\n", 0o755);
    assert_eq!(place.find_in("./tool", "").unwrap().program.path.as_os_str(), tool);
    assert!(matches!(place.find_in("tool", "/usr/bin"), Err(ProgramError::NotFound { .. })));
}

#[test]
fn what_cannot_be_executed_is_told_from_what_is_not_there() {
    let place = Place::new();
    place.write("plain", "#!/bin/sh\n", 0o644);
    fs::create_dir(place.path().join("folder")).unwrap();
    for name in ["plain", "./plain", "./folder"] {
        assert!(matches!(place.find(name), Err(ProgramError::NotExecutable { .. })), "{name}");
    }
    for name in ["no-such-thing", "./no-such-thing", "/no/such/thing"] {
        assert!(matches!(place.find(name), Err(ProgramError::NotFound { .. })), "{name}");
    }
}

#[test]
fn a_file_without_the_bit_does_not_hide_the_program_behind_it() {
    let place = Place::new();
    place.write("env", "not it", 0o644);
    assert_eq!(
        place.find("env").unwrap().program.path.as_os_str(),
        fs::canonicalize("/usr/bin/env").unwrap()
    );
}

#[test]
fn links_are_followed_to_the_file_that_runs() {
    let place = Place::new();
    let real = place.write("real", "#!/bin/sh\n", 0o755);
    symlink("real", place.path().join("alias")).unwrap();
    assert_eq!(place.find("alias").unwrap().program.path.as_os_str(), real);
}

#[test]
fn the_interpreters_of_a_script_are_bound_in_the_order_of_the_kernel() {
    let place = Place::new();
    let inner = place.write("inner", "#!/bin/sh -e\n", 0o755);
    place.write("outer", &format!("#!{}\n", inner.display()), 0o755);
    let found = place.find("outer").unwrap();
    assert!(found.program.script);
    assert_eq!(paths(&found.interpreters), [inner, fs::canonicalize("/bin/sh").unwrap()]);
}

#[test]
fn env_binds_the_interpreter_it_finds_in_path() {
    let place = Place::new();
    let interpreter = place.write("mine", "#!/bin/sh\n", 0o755);
    place.write("script", "#!/usr/bin/env mine\n", 0o755);
    let found = place.find("script").unwrap();
    let env = fs::canonicalize("/usr/bin/env").unwrap();
    assert_eq!(paths(&found.interpreters), [env, interpreter, fs::canonicalize("/bin/sh").unwrap()]);
    assert!(found.not_bound.is_empty());
}

#[test]
fn what_env_does_with_options_is_said_not_to_be_bound() {
    let place = Place::new();
    place.write("script", "#!/usr/bin/env -S sh -e\n", 0o755);
    let found = place.find("script").unwrap();
    assert_eq!(found.interpreters.len(), 1);
    assert!(found.not_bound[0].plain().unwrap().contains("env options"));
}

#[test]
fn a_chain_without_an_end_and_a_missing_interpreter_are_refused() {
    let place = Place::new();
    let own = place.path().join("loop");
    place.write("loop", &format!("#!{}\n", own.display()), 0o755);
    assert!(matches!(place.find("loop"), Err(ProgramError::NotExecutable { .. })));
    place.write("broken", "#!/no/such/interpreter\n", 0o755);
    assert!(matches!(place.find("broken"), Err(ProgramError::NotFound { .. })));
    place.write("nameless", "#!\n", 0o755);
    assert!(matches!(place.find("nameless"), Err(ProgramError::NotExecutable { .. })));
}

#[test]
fn a_file_of_no_known_format_says_so() {
    let place = Place::new();
    place.write("odd", "echo hello\n", 0o755);
    let found = place.find("odd").unwrap();
    assert!(found.program.script && found.not_bound[0].plain().unwrap().contains("neither"));
}

#[test]
fn a_program_the_requester_can_replace_is_theirs_also_through_its_interpreter() {
    let place = Place::new();
    let tool = place.write("tool", "#!/bin/sh\n", 0o755);
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
    assert!(!place.find("tool").unwrap().program.theirs);
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o757)).unwrap();
    assert!(place.find("tool").unwrap().program.theirs);
    place.write("script", &format!("#!{}\n", tool.display()), 0o755);
    assert!(place.find("script").unwrap().program.theirs);
}

#[test]
fn hostile_names_are_escaped_in_messages() {
    let error = Place::new().find("x\u{1b}[2J\u{202e}").unwrap_err().to_string();
    assert_eq!(error, "'x\\x1b[2J\\u{202e}' was not found");
}

#[test]
fn a_chain_may_have_four_interpreters_and_no_fifth() {
    let place = Place::new();
    let mut before = "/bin/sh".to_owned();
    for step in 1..=5 {
        let path = place.write(&format!("step{step}"), &format!("#!{before}\n"), 0o755);
        before = path.display().to_string();
    }
    assert_eq!(place.find("step4").unwrap().interpreters.len(), 4);
    assert!(matches!(place.find("step5"), Err(ProgramError::NotExecutable { .. })));
}

#[test]
fn to_root_the_systems_own_programs_are_not_theirs_and_all_others_are() {
    let root = Writer { uid: 0, gids: &[] };
    assert!(!super::theirs(&fs::canonicalize("/usr/bin/env").unwrap(), root));
    let place = Place::new();
    let tool = place.path().join("tool");
    fs::copy("/usr/bin/env", &tool).unwrap();
    assert!(super::theirs(&tool, root));
}

#[test]
fn a_link_out_of_the_system_is_theirs_to_root_whatever_it_leads_to() {
    let root = Writer { uid: 0, gids: &[] };
    let place = Place::new();
    symlink("/usr/bin/env", place.path().join("ls")).unwrap();
    assert!(super::theirs(&place.path().join("ls"), root));
    let around = Path::new("/usr/bin/../..").join(place.path().strip_prefix("/").unwrap()).join("ls");
    assert!(around.exists() && super::theirs(&around, root));
}

#[test]
fn a_link_belongs_to_whoever_could_turn_it_elsewhere() {
    let place = Place::new();
    symlink("/usr/bin/env", place.path().join("ls")).unwrap();
    let path = place.path();
    let located = |path: &Path| locate(OsStr::new("ls"), Lookup { cwd: path, path: Some(path.as_os_str()) });
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let found = located(&path).unwrap();
    assert_eq!(found.link(), Some(path.join("ls").as_path()));
    assert!(!found.is_theirs(NOBODY));
    let owner = Writer { uid: rustix::process::geteuid().as_raw(), gids: &[] };
    assert!(found.is_theirs(owner));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o757)).unwrap();
    assert!(found.is_theirs(NOBODY));
}

#[test]
fn a_folder_searched_earlier_is_a_way_in_for_those_who_can_write_there() {
    let place = Place::new();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let search = format!("{}:/usr/bin:/bin", place.path().join("bin").display());
    let lookup = Lookup { cwd: Path::new("/"), path: Some(OsStr::new(&search)) };
    assert!(!locate(OsStr::new("env"), lookup).unwrap().could_be_preceded(NOBODY));
    fs::create_dir(place.path().join("bin")).unwrap();
    fs::set_permissions(place.path().join("bin"), fs::Permissions::from_mode(0o777)).unwrap();
    assert!(locate(OsStr::new("env"), lookup).unwrap().could_be_preceded(NOBODY));
}
