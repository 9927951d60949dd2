//! The shape of the source, held by reading it: which way imports point, who may name what, how long a file
//! may grow. What each rule is for stands in CONTRIBUTING.md.

use std::collections::BTreeSet;
use std::path::Path;

use crate::source::{self, Source};

/// The crate's modules from the ground up. A module may use those of lower floors; those that share a floor
/// do not know of each other.
const FLOORS: [&[&str]; 23] = [
    // Not part of the program: see the file.
    &["broken"],
    &["ids"],
    &["occasion"],
    &["escaped"],
    &["record"],
    &["clock"],
    &["files"],
    &["locks"],
    &["bell"],
    &["holding"],
    &["config"],
    &["signing"],
    &["request"],
    &["log"],
    &["facts"],
    &["policy"],
    &["ticket"],
    &["store"],
    &["queue"],
    &["audit", "review", "gate", "notify"],
    &["tui"],
    &["cli"],
    &[""],
];

const LONGEST_FILE: usize = 500;
const VAGUE: [&str; 7] = ["util", "utils", "common", "helper", "helpers", "manager", "managers"];
const PRINTING: [&str; 5] = ["println!", "eprintln!", "print!", "eprint!", "dbg!"];

fn height(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

fn breaks_in(source: &Source) -> Vec<String> {
    let here = source.floor();
    let Some(own) = height(here) else {
        return vec![format!("{}: `{here}` has no floor in FLOORS", source.path)];
    };
    let up = |name: &String| name != here && height(name).is_none_or(|other| other >= own);
    let is_module = |name: &String| height(name).is_some() || name.as_str() == here;
    source
        .imports()
        .into_iter()
        .filter(is_module)
        .filter(up)
        .map(|name| format!("{}: {here} may not use {name}", source.path))
        .collect()
}

fn none_of(breaks: impl IntoIterator<Item = String>) {
    let breaks: Vec<String> = breaks.into_iter().collect();
    assert!(breaks.is_empty(), "\n{}\n", breaks.join("\n"));
}

fn paths_where(holds: impl Fn(&Source) -> bool) -> Vec<String> {
    source::all().into_iter().filter(|source| holds(source)).map(|source| source.path).collect()
}

fn in_store_engine(source: &Source) -> bool {
    source.path.starts_with("src/store/") || source.path.starts_with("src/cli/open")
}

#[test]
fn imports_point_down_only() {
    none_of(source::all().iter().flat_map(breaks_in));
}

#[test]
fn an_import_that_points_up_or_sideways_is_found() {
    for (path, text) in [
        ("src/ids.rs", "use crate::record::Text;"),
        ("src/gate/mod.rs", "use crate::review::Seen;"),
        ("src/queue/judge.rs", "fn f() { crate::cli::run() }"),
        ("src/store/sqlite/mod.rs", "use crate::{ids, gate::Clearance};"),
        ("src/clock.rs", "use super::ticket::Ticket;"),
        ("src/misc/mod.rs", ""),
    ] {
        assert_eq!(breaks_in(&Source::new(path, text)).len(), 1, "{path}: {text}");
    }
    assert!(breaks_in(&Source::new("src/gate/wait.rs", "use crate::{queue, gate::child};")).is_empty());
}

#[test]
fn every_module_has_a_floor_and_every_module_of_the_library_is_declared() {
    let lib = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let floors: BTreeSet<String> = source::all().iter().map(|source| source.floor().to_owned()).collect();
    for floor in floors.iter().filter(|floor| !floor.is_empty()) {
        assert!(height(floor).is_some(), "{floor} has no floor");
        assert!(lib.contains(&format!("mod {floor};")), "{floor} is not declared in src/lib.rs");
    }
}

#[test]
fn only_one_file_of_the_program_picks_the_database() {
    let named = |source: &Source| source.names("sqlite") || source.names("rusqlite");
    none_of(paths_where(|source| named(source) && !in_store_engine(source)));
}

#[test]
fn only_one_file_of_the_screen_makes_cells() {
    let named = |source: &Source| source.names("ratatui") || source.names("crossterm");
    none_of(paths_where(|source| named(source) && source.path != "src/tui/paint.rs"));
}

#[test]
fn only_the_printer_prints() {
    let prints = |source: &Source| PRINTING.iter().any(|name| source.names(name));
    none_of(paths_where(|source| prints(source) && !source.path.starts_with("src/cli/out")));
}

#[test]
fn every_file_says_what_it_is_for() {
    none_of(paths_where(|source| !source.text.starts_with("//! ")));
}

#[test]
fn no_file_grows_past_what_one_reads_in_a_sitting() {
    none_of(paths_where(|source| source.lines() > LONGEST_FILE));
}

#[test]
fn no_module_has_a_name_that_says_nothing() {
    let vague = |name: &String| name.split('_').any(|part| VAGUE.contains(&part));
    none_of(paths_where(|source| source.module.iter().any(vague)));
}

#[test]
fn every_file_of_these_tests_is_compiled() {
    let main = std::fs::read_to_string(root().join("tests/it/main.rs")).unwrap();
    for entry in std::fs::read_dir(root().join("tests/it")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let rust = path.extension().is_some_and(|ending| ending == "rs") || path.is_dir();
        if rust && name != "main" && path.file_name().unwrap() != "snapshots" {
            assert!(main.contains(&format!("mod {name};")), "tests/it/{name}.rs is not in main.rs");
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
