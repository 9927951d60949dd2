//! The sweep over programs that are broken on purpose: one that finds nothing wrong with them would find nothing at
//! all. Built with `HANDOFF_SWEEP=full` only, for it costs a compilation of the whole library.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use super::is_full;
use super::kills::{self, swept};
use super::scenes::Scene;
use crate::world::skipped;

type Making = fn() -> Option<Scene>;

/// Commits after it has answered, restores over the live file, writes over files, answers before it has done.
fn program() -> PathBuf {
    let target = PathBuf::from(env!("CARGO_BIN_EXE_handoff")).ancestors().nth(2).unwrap().to_owned();
    let wrapper = target.join("broken-rustc");
    fs::write(&wrapper, "#!/bin/sh\nexec \"$@\" --cfg handoff_broken\n").unwrap();
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).unwrap();
    // Of the crates only ours is built anew, and what is built is kept apart from the program that is tested.
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--locked", "--quiet", "--example", "broken", "--target-dir"]).arg(&target);
    build.env("RUSTC_WORKSPACE_WRAPPER", &wrapper).current_dir(env!("CARGO_MANIFEST_DIR"));
    assert!(build.status().unwrap().success());
    target.join("debug/examples/broken")
}

#[test]
fn every_sweep_finds_the_program_that_is_broken_on_purpose() {
    if !is_full() {
        return skipped("the sweep over broken programs: HANDOFF_SWEEP=full");
    }
    let program = program();
    // Not in it is the expiry: one that was told and not recorded is recorded by the next who looks, since it is the
    // deadline that decides.
    let sweeps: [(&str, Making); 13] = [
        ("restored_in_place", kills::restore),
        ("written_in_place", kills::init),
        ("written_in_place", kills::trust),
        ("commit_late", kills::reconcile),
        ("told_early", kills::backup),
        ("commit_late", kills::propose),
        ("commit_late", kills::approve),
        ("commit_late", kills::reject),
        ("commit_late", kills::exec),
        ("commit_late", kills::run),
        ("commit_late", kills::wait),
        ("commit_late", kills::allowed),
        ("commit_late", kills::cancel),
    ];
    for (how, scene) in sweeps {
        let Some(mut scene) = scene() else { return };
        let found = swept(&mut scene, &program, how);
        assert!(!found.is_empty(), "{how}: {:?} was swept and nothing found", scene.args);
        super::tell(&format!("{how}: {} found, the first: {}", found.len(), found[0]));
    }
}
