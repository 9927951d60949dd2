//! All rules of a policy, found by the program they speak of. A pack's rule is read when a command first
//! asks for it: packs come with the program, and most commands concern few of their rules.
//! Pure.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::error::{PolicyError, Source};
use super::file;
use super::rule_form::{self, Origin};
use super::rules::{Answer, Context, Place, Rule, Shape};
use super::section::Section;
use crate::ids::RuleId;

/// Rules, and which of them name which program.
#[derive(Debug, Default)]
pub struct Rulebook {
    entries: Vec<Entry>,
    by_program: HashMap<Vec<u8>, Vec<usize>>,
    anywhere: Vec<usize>,
}

#[derive(Debug)]
enum Entry {
    Read(Box<Rule>),
    Unread(Unread),
}

/// A rule of a pack that nobody has asked for yet.
#[derive(Debug)]
struct Unread {
    text: &'static str,
    at: usize,
    layer: usize,
    prefix: &'static str,
    unreadable: Arc<RuleId>,
    rule: OnceLock<Box<Rule>>,
}

impl Rulebook {
    /// Adds a rule that was read.
    pub fn add(&mut self, rule: Rule) {
        let names: Vec<Vec<u8>> = rule.shape.program.iter().map(|program| program.name().to_vec()).collect();
        self.enter(Entry::Read(Box::new(rule)), names);
    }

    /// Adds the rules of the pack `prefix`, whose text comes with the program. Those that ask for groups or
    /// prechecks, which the root layer must know, or for an account are read at once; so are those that name
    /// no program.
    ///
    /// # Errors
    /// At the first thing wrong in one of these.
    pub fn add_pack(
        &mut self,
        layer: usize,
        prefix: &'static str,
        text: &'static str,
        mut read: impl FnMut(&Section<'_>) -> Result<Rule, PolicyError>,
    ) -> Result<(), PolicyError> {
        let source = Source { file: prefix, text };
        let name = format!("{prefix}.unreadable").parse();
        let name = name.map_err(|_| source.fault(0, "the pack's name does not fit", "shorten it"))?;
        let unreadable: Arc<RuleId> = Arc::new(name);
        for (at, text) in pieces(text) {
            let unreadable = Arc::clone(&unreadable);
            let unread = Unread { text, at, layer, prefix, unreadable, rule: OnceLock::new() };
            match named_programs(text) {
                Some(names) => {
                    let names = names.into_iter().map(|name| name.as_bytes().to_vec()).collect();
                    self.enter(Entry::Unread(unread), names);
                }
                None => self.add(unread.with(&mut read)?),
            }
        }
        Ok(())
    }

    fn enter(&mut self, entry: Entry, names: Vec<Vec<u8>>) {
        let number = self.entries.len();
        self.entries.push(entry);
        if names.is_empty() {
            self.anywhere.push(number);
        }
        for name in names {
            let numbers = self.by_program.entry(name).or_default();
            if numbers.last() != Some(&number) {
                numbers.push(number);
            }
        }
    }

    /// All rules, in the order of the layers.
    pub fn all(&self) -> impl Iterator<Item = &Rule> {
        self.entries.iter().map(Entry::rule)
    }

    /// Those that were read when the policy was loaded: all of the files, and of packs those that name an
    /// account, a precheck or groups.
    pub fn read_at_load(&self) -> impl Iterator<Item = &Rule> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Read(rule) => Some(&**rule),
            Entry::Unread(_) => None,
        })
    }

    /// Those that name this program, by base name.
    pub fn naming(&self, program: &[u8]) -> impl Iterator<Item = &Rule> {
        let numbers = self.by_program.get(program).map(Vec::as_slice).unwrap_or_default();
        numbers.iter().filter_map(|&number| self.entries.get(number)).map(Entry::rule)
    }

    /// Those that name no program.
    pub fn naming_none(&self) -> impl Iterator<Item = &Rule> {
        self.anywhere.iter().filter_map(|&number| self.entries.get(number)).map(Entry::rule)
    }
}

impl Entry {
    fn rule(&self) -> &Rule {
        match self {
            Self::Read(rule) => rule,
            Self::Unread(unread) => unread.rule.get_or_init(|| Box::new(unread.read())),
        }
    }
}

impl Unread {
    // The packs' tests read every rule. Should one still not be readable, nothing it might stop goes through.
    fn read(&self) -> Rule {
        let origin = Origin { layer: self.layer, prefix: self.prefix, examples: false };
        self.with(&mut |section| rule_form::rule(section, origin)).unwrap_or_else(|error| self.deny(&error))
    }

    fn with(
        &self,
        read: &mut impl FnMut(&Section<'_>) -> Result<Rule, PolicyError>,
    ) -> Result<Rule, PolicyError> {
        let source = Source { file: self.prefix, text: self.text };
        let table = file::parse(source)?;
        let sections = Section::of(source, &table).sections("rule")?;
        let section = sections.first().ok_or_else(|| source.fault(0, "there is no rule", "add one"))?;
        let mut rule = read(section)?;
        rule.place.at += self.at;
        Ok(rule)
    }

    fn deny(&self, error: &PolicyError) -> Rule {
        Rule {
            id: RuleId::clone(&self.unreadable),
            place: Place { layer: self.layer, at: self.at },
            answer: Answer::Deny { instead: Some("handoff policy test".to_owned()) },
            why: Some(format!("A rule of the pack {} cannot be read: {error}", self.prefix)),
            shape: Shape::default(),
            context: Context::default(),
            prechecks: Vec::new(),
            matches: Vec::new(),
            not_matches: Vec::new(),
        }
    }
}

// Where each rule's text begins, and that text.
fn pieces(text: &'static str) -> impl Iterator<Item = (usize, &'static str)> {
    const HEAD: &str = "\n[[rule]]\n";
    let starts = text.match_indices(HEAD).map(|(at, _)| at + 1);
    let ends = text.match_indices(HEAD).map(|(at, _)| at + 1).skip(1).chain([text.len()]);
    starts.zip(ends).filter_map(|(start, end)| Some((start, text.get(start..end)?)))
}

// The base names under `program`, when the rest of the rule can wait.
fn named_programs(text: &str) -> Option<Vec<&str>> {
    const NOW: [&str; 3] = ["account", "groups", "precheck"];
    let waits = |line: &str| !NOW.iter().any(|key| line.starts_with(key));
    let (_, list) = text.split_once("\nprogram = [")?;
    let names = strings(list)?;
    (!names.is_empty() && text.lines().all(waits)).then_some(names)
}

// A list of plain strings up to its bracket.
fn strings(list: &str) -> Option<Vec<&str>> {
    let mut names = Vec::new();
    let mut rest = list;
    loop {
        rest = rest.trim_start_matches([' ', '\n', ',']);
        if rest.starts_with(']') {
            return Some(names);
        }
        let (name, after) = rest.strip_prefix('"')?.split_once('"')?;
        if name.is_empty() || name.contains(['\\', '\n']) {
            return None;
        }
        names.push(name.rsplit('/').next().unwrap_or(name));
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::file::Root;
    use crate::policy::packs::PACKS;

    fn book(prefix: &'static str, text: &'static str) -> Rulebook {
        let origin = Origin { layer: 1, prefix, examples: false };
        let mut book = Rulebook::default();
        book.add_pack(1, prefix, text, |section| rule_form::rule(section, origin)).unwrap();
        book
    }

    #[test]
    fn every_pack_read_rule_by_rule_is_what_it_is_read_as_a_whole() {
        for (prefix, text) in PACKS {
            let source = Source { file: prefix, text };
            let table = file::parse(source).unwrap();
            let origin = Origin { layer: 1, prefix, examples: false };
            let whole = file::pack(&Section::of(source, &table), origin, &Root::default()).unwrap();
            let book = book(prefix, text);
            let piecemeal: Vec<String> = book.all().map(|rule| format!("{rule:?}")).collect();
            assert_eq!(piecemeal, whole.iter().map(|rule| format!("{rule:?}")).collect::<Vec<_>>());
            for (number, rule) in whole.iter().enumerate() {
                let found = |name: &[u8]| book.by_program[name].contains(&number);
                assert!(rule.shape.program.iter().all(|program| found(program.name())), "{}", rule.id);
                assert_eq!(rule.shape.program.is_empty(), book.anywhere.contains(&number), "{}", rule.id);
            }
        }
    }

    #[test]
    fn most_rules_of_packs_wait_and_what_asks_for_groups_does_not() {
        for (prefix, text) in PACKS {
            let book = book(prefix, text);
            assert!(book.read_at_load().count() * 4 < book.entries.len(), "{prefix}");
        }
        let text = "version = \"1\"\n[[rule]]\nid = \"a\"\nprogram = [\"b\"]\ngroups = [\"c\"]\n";
        assert_eq!(pieces(text).filter_map(|(_, text)| named_programs(text)).count(), 0);
    }

    #[test]
    fn programs_are_told_from_the_text_only_when_that_is_certain() {
        let named = |list: &'static str| strings(list);
        assert_eq!(named(" \"a\", \"[\",\n  \"/usr/bin/c\" ]"), Some(vec!["a", "[", "c"]));
        assert_eq!(named("'a']"), None);
        assert_eq!(named("\"a\\u0062\"]"), None);
        assert_eq!(named("\"a\", # x\n \"b\"]"), None);
    }

    #[test]
    fn a_rule_that_cannot_be_read_after_all_denies() {
        let broken = book("core", "x\n[[rule]]\nid = \"a\"\nprogram = [\"b\"]\nverdict = \"perhaps\"\n");
        let rule = broken.naming(b"b").next().unwrap();
        assert!(matches!(rule.answer, Answer::Deny { .. }));
        assert!(rule.why.as_ref().is_some_and(|why| why.contains("perhaps")), "{rule:?}");
    }
}
