//! The files that are made from the definition of the command line are what the program prints today.
//! To write them again: UPDATE_GENERATED=1 cargo test --test it generated

use std::path::Path;

use crate::world::World;

fn held(name: &str, args: &[&str]) {
    let printed = World::new().handoff(args).run().expect(0);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &printed.bytes).unwrap();
    }
    let kept = std::fs::read(&path).unwrap_or_default();
    let how = "UPDATE_GENERATED=1 cargo test --test it generated";
    assert!(kept == printed.bytes, "{name} is not what the program prints; run: {how}");
    assert!(!kept.is_empty());
}

#[test]
fn the_completions_are_those_of_the_commands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        held(&format!("completions/handoff.{shell}"), &["completions", shell]);
    }
}

#[test]
fn the_manual_page_is_that_of_the_commands() {
    held("man/handoff.1", &["man"]);
}
