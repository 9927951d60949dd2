//! What the pages tell people to type, held against the program's own definition of its command line.

use std::collections::BTreeSet;
use std::path::Path;

use clap::{CommandFactory as _, Parser as _};
use handoff::cli::args::Cli;
use handoff::cli::error::code;

const PAGES: [&str; 9] = [
    "README.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "docs/audit.md",
    "docs/health.md",
    "docs/json.md",
    "docs/notify.md",
    "docs/records.md",
];

fn page(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The lines of shell in a page that call the program, from its name to the end of its arguments.
fn calls(text: &str) -> Vec<Vec<String>> {
    let blocks = text.split("\n```sh\n").skip(1).map(|rest| rest.split("\n```").next().unwrap());
    let lines = blocks.flat_map(str::lines).filter_map(|line| match line.split_once("$(handoff ") {
        Some((_, inner)) => inner.strip_suffix(')').map(|inner| format!("handoff {inner}")),
        None => line.starts_with("handoff ").then(|| line.to_owned()),
    });
    lines.map(|line| words(&line)).collect()
}

fn words(line: &str) -> Vec<String> {
    let words = shlex::split(line).unwrap_or_else(|| panic!("not a line of shell: {line}"));
    words.into_iter().take_while(|word| word != ">").collect()
}

/// What stands between single backticks.
fn quoted(text: &str) -> Vec<String> {
    let prose = text.split("\n```").step_by(2).collect::<String>();
    prose.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_call_that_is_shown_is_one_the_program_understands() {
    let mut count = 0;
    for name in PAGES {
        for call in calls(&page(name)) {
            count += 1;
            Cli::try_parse_from(&call).unwrap_or_else(|error| panic!("{name}: {}\n{error}", call.join(" ")));
        }
    }
    assert!(count > 10, "{count}");
}

#[test]
fn every_command_and_option_that_is_named_exists() {
    let mut cli = Cli::command();
    cli.build();
    let mut commands = BTreeSet::new();
    let mut options: BTreeSet<String> =
        ["help", "version", "file", "sha256", "uninstall"].map(String::from).into();
    let mut open = vec![&cli];
    while let Some(command) = open.pop() {
        commands.insert(command.get_name().to_owned());
        options.extend(command.get_arguments().flat_map(|option| {
            option.get_long_and_visible_aliases().unwrap_or_default().into_iter().map(str::to_owned)
        }));
        open.extend(command.get_subcommands());
    }
    for name in PAGES {
        for text in quoted(&page(name)) {
            let mut words = text.split_whitespace();
            match words.next() {
                Some("handoff") => {
                    let word = words.next().unwrap_or("run");
                    assert!(word.starts_with('-') || commands.contains(word), "{name}: {text}");
                }
                Some(word) => {
                    let option = word.strip_prefix("--").filter(|option| !option.is_empty());
                    assert!(option.is_none_or(|option| options.contains(option)), "{name}: {text}");
                }
                None => {}
            }
        }
    }
}

/// What a page names in its tables as a test: a word of three parts or more.
fn tests_named(text: &str) -> BTreeSet<String> {
    let rows: String = text.lines().filter(|line| line.starts_with('|')).collect();
    let is_name = |word: &String| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        word.chars().all(plain) && word.matches('_').count() >= 2
    };
    quoted(&rows).into_iter().filter(is_name).collect()
}

/// All of our code, tests and all.
fn code() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut code, mut open) = (String::new(), vec![root.join("src"), root.join("tests")]);
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension() {
                Some(ending) if ending == "rs" => code.push_str(&std::fs::read_to_string(path).unwrap()),
                _ if path.is_dir() => open.push(path),
                _ => {}
            }
        }
    }
    code
}

#[test]
fn every_test_that_a_table_of_attacks_or_faults_names_exists() {
    let code = code();
    for (name, least) in [("docs/attacks.md", 50), ("docs/faults.md", 60)] {
        let named = tests_named(&page(name));
        assert!(named.len() > least, "{name}: {}", named.len());
        // A test that a macro makes is written with its name and a colon.
        let is_there =
            |name: &&String| code.contains(&format!("fn {name}(")) || code.contains(&format!(" {name}: "));
        let missing: Vec<&String> = named.iter().filter(|name| !is_there(name)).collect();
        assert!(missing.is_empty(), "{name}: {missing:#?}");
    }
    let faults = page("docs/faults.md");
    assert!((1..=33).all(|row| faults.contains(&format!("\n| {row} | "))));
}

#[test]
fn the_table_of_exit_codes_has_every_code() {
    let text = page("README.md");
    let rows: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("| ")).collect();
    let cells: Vec<&str> = rows.iter().filter_map(|row| row.split(" |").next()).collect();
    let told: BTreeSet<&str> = cells.iter().flat_map(|cell| cell.split(", ")).collect();
    for known in [
        code::NO,
        code::USAGE,
        code::OWN_REVIEWERS,
        code::MAY_BE_CUT,
        code::UNKNOWN,
        code::PENDING,
        code::REJECTED,
        code::DENIED,
        code::CANCELLED,
        code::STALE,
        code::EXPIRED,
        code::FAILED,
        code::NOT_EXECUTABLE,
        code::NOT_FOUND,
    ] {
        assert!(told.contains(known.to_string().as_str()), "{known}");
    }
}
