//! Puts the packs under `policies/` into the program, with what is known of them beforehand: where each rule
//! stands, which program it speaks of, and the digest of the text. Reading 500 KB of TOML costs more than
//! most commands.

#![allow(clippy::disallowed_methods, reason = "a build script reads the sources and writes what is built")]

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use sha2::{Digest as _, Sha256};
use toml::Table;

const HEAD: &str = "\n[[rule]]\n";
/// What the root layer must know, or what depends on the account: such a rule is read at every start.
const NOW: [&str; 3] = ["account", "groups", "precheck"];

type Faulty<T> = Result<T, Box<dyn Error>>;

fn main() -> Faulty<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=policies");
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("policies");
    let mut index = Index::default();
    for file in packs_in(&folder)? {
        index.add(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    fs::write(Path::new(&env::var("OUT_DIR")?).join("packs.rs"), index.write()?)?;
    Ok(())
}

fn packs_in(folder: &Path) -> Faulty<Vec<PathBuf>> {
    let paths =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    let mut packs: Vec<PathBuf> =
        paths.into_iter().filter(|path| path.extension().is_some_and(|e| e == "toml")).collect();
    packs.sort();
    Ok(packs)
}

/// What a rule that stops asks of a command, and how `policy::rules::Needs` calls it.
const NEEDS: [(&str, &str); 5] = [
    ("reads", "READS"),
    ("writes", "WRITES"),
    ("deletes", "DELETES"),
    ("pipes_to", "PIPES"),
    ("sets", "SETS"),
];

/// One `[[rule]]`: its bytes but for its examples, and what it says of when it must be read.
struct Rule {
    from: usize,
    to: usize,
    now: bool,
    needs: String,
}

#[derive(Default)]
struct Index {
    packs: Vec<String>,
    // Under the program, and the first word of the subcommand where the rule asks for one.
    by_name: BTreeMap<String, BTreeMap<String, BTreeSet<(usize, usize)>>>,
}

impl Index {
    fn add(&mut self, file: &Path) -> Faulty<()> {
        let text = fs::read_to_string(file)?;
        let name = file.file_stem().and_then(|name| name.to_str()).ok_or("its name is no text")?;
        let pack = self.packs.len();
        let (mut rules, mut anywhere) = (Vec::new(), Vec::new());
        for (from, to) in pieces(&text) {
            let table: Table = toml::from_str(text.get(from..to).ok_or("no text there")?)?;
            let rule = table.get("rule").and_then(|rules| rules.get(0)).ok_or("no rule there")?;
            let programs = programs(rule)?;
            if programs.is_empty() {
                anywhere.push(rules.len());
            }
            let heads = heads(rule)?;
            for program in programs {
                let of_it = self.by_name.entry(program).or_default();
                for head in &heads {
                    of_it.entry(head.clone()).or_default().insert((pack, rules.len()));
                }
            }
            let to = without_examples(&text, from, to, rule)?;
            let now = NOW.iter().any(|key| rule.get(key).is_some());
            rules.push(Rule { from, to, now, needs: needs(rule)? });
        }
        self.packs.push(written(name, file, &text, &rules, &anywhere)?);
        Ok(())
    }

    fn write(&self) -> Faulty<String> {
        let mut out =
            String::from("/// Every pack, in the order of their names.\npub static PACKS: &[Pack] = &[\n");
        self.packs.iter().for_each(|pack| out.push_str(pack));
        // Numbers in place of addresses, which the loader would have to write at every start.
        let (mut names, mut rules) = (Names::default(), Vec::<(usize, usize)>::new());
        let (mut programs, mut heads) = (String::new(), String::new());
        let mut count = 0;
        for (program, by_head) in &self.by_name {
            let first = count;
            for (head, of_it) in by_head {
                let (head, from) = (names.place(head), rules.len());
                rules.extend(of_it);
                writeln!(heads, "Head {{ name: {head:?}, rules: ({from}, {}) }},", rules.len())?;
                count += 1;
            }
            let program = names.place(program);
            writeln!(programs, "Program {{ name: {program:?}, heads: ({first}, {count}) }},")?;
        }
        writeln!(
            out,
            "];\nstatic PROGRAMS: &[Program] = &[\n{programs}];\nstatic HEADS: &[Head] = &[\n{heads}];"
        )?;
        writeln!(out, "static NAMES: &str = {:?};\nstatic RULES: &[(u8, u16)] = &{rules:?};", names.text)?;
        Ok(out)
    }
}

/// One text that holds all names, each once, and where they stand in it.
#[derive(Default)]
struct Names {
    text: String,
    places: BTreeMap<String, (usize, usize)>,
}

impl Names {
    fn place(&mut self, name: &str) -> (usize, usize) {
        let (from, text) = (self.text.len(), &mut self.text);
        *self.places.entry(name.to_owned()).or_insert_with(|| {
            text.push_str(name);
            (from, text.len())
        })
    }
}

fn written(name: &str, file: &Path, text: &str, rules: &[Rule], anywhere: &[usize]) -> Faulty<String> {
    let mut out = format!("Pack {{ name: {name:?}, text: include_str!({file:?}), ");
    write!(out, "sha256: {:?}, anywhere: &{anywhere:?}, rules: &[", <[u8; 32]>::from(Sha256::digest(text)))?;
    for Rule { from, to, now, needs } in rules {
        write!(out, "PackRule {{ from: {from}, to: {to}, now: {now}, needs: {needs} }}, ")?;
    }
    out.push_str("] },\n");
    Ok(out)
}

/// Where each rule begins and ends.
fn pieces(text: &str) -> Vec<(usize, usize)> {
    let starts: Vec<usize> = text.match_indices(HEAD).map(|(at, _)| at + 1).collect();
    let ends = starts.iter().copied().skip(1).chain([text.len()]);
    starts.iter().copied().zip(ends).collect()
}

/// Where the rule ends when its examples, of which a judgement asks nothing, stand last; else where it ends.
fn without_examples(text: &str, from: usize, to: usize, rule: &toml::Value) -> Faulty<usize> {
    let whole = text.get(from..to).ok_or("no text there")?;
    let Some(lean) = whole.find("\nmatch = ").and_then(|end| whole.get(..=end)) else { return Ok(to) };
    let mut expected = rule.as_table().ok_or("a rule is a table")?.clone();
    ["match", "not_match"].iter().for_each(|key| drop(expected.remove(*key)));
    let read: Option<Table> = toml::from_str(lean).ok();
    let same = read.is_some_and(|table| {
        table.get("rule").and_then(|rules| rules.get(0)).and_then(toml::Value::as_table) == Some(&expected)
    });
    Ok(if same { from + lean.len() } else { to })
}

/// The base names of the programs a rule speaks of; none when it speaks of any.
fn programs(rule: &toml::Value) -> Faulty<Vec<String>> {
    let base = |name: &str| name.rsplit('/').next().map(str::to_owned);
    Ok(texts(rule, "program")?.into_iter().filter_map(base).collect())
}

/// The first words of the subcommands a rule speaks of; an empty one where it speaks of any.
fn heads(rule: &toml::Value) -> Faulty<Vec<String>> {
    let list = texts(rule, "subcommand")?;
    let head =
        |text: &&str| text.split_whitespace().next().map(str::to_owned).ok_or("an empty subcommand".into());
    let heads: Faulty<Vec<String>> = list.iter().map(head).collect();
    heads.map(|heads| if heads.is_empty() { vec![String::new()] } else { heads })
}

/// The set of what a rule needs, as it is written in the program.
fn needs(rule: &toml::Value) -> Faulty<String> {
    let mut needs = "Needs::NOTHING".to_owned();
    if rule.get("verdict").and_then(toml::Value::as_str) == Some("allow") {
        return Ok(needs);
    }
    for (key, need) in NEEDS {
        let list = texts(rule, key)?;
        let valued = key == "sets" && list.iter().any(|text| text.contains('='));
        if !list.is_empty() && !valued {
            write!(needs, ".and(Needs::{need})")?;
        }
    }
    Ok(needs)
}

fn texts<'r>(rule: &'r toml::Value, key: &str) -> Faulty<Vec<&'r str>> {
    let Some(list) = rule.get(key) else { return Ok(Vec::new()) };
    let list = list.as_array().ok_or_else(|| format!("`{key}` is no list"))?;
    list.iter()
        .map(|text| text.as_str().ok_or_else(|| format!("`{key}` holds what is no text").into()))
        .collect()
}
