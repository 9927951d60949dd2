//! All rules of a policy, found by the program and the subcommand they speak of. A pack's rule is read when a command first
//! asks for it: packs come with the program, and most commands concern few of their rules.
//! Pure.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::error::{PolicyError, Source};
use super::file;
use super::packs::{self, Pack, PackRule};
use super::rule_form::{self, Origin};
use super::rules::{Answer, Context, Needs, Place, Rule, Shape};
use super::section::Section;
use crate::ids::RuleId;

/// Rules, and which of them name which program.
#[derive(Debug, Default)]
pub struct Rulebook {
    parts: Vec<Part>,
    // By program, and the first word of the subcommand: empty for those that ask for none.
    by_name: HashMap<Vec<u8>, HashMap<Vec<u8>, Vec<usize>>>,
    anywhere: Vec<usize>,
    // By the place of the pack in `packs::PACKS`.
    picked: Vec<Option<usize>>,
}

#[derive(Debug)]
enum Part {
    Rule(Box<Rule>, Needs),
    Pack(Picked),
}

/// A pack that the policy picked, and those of its rules that somebody has asked for.
#[derive(Debug)]
struct Picked {
    pack: &'static Pack,
    layer: usize,
    unreadable: Arc<RuleId>,
    rules: Vec<OnceLock<Box<Rule>>>,
}

impl Rulebook {
    /// Adds a rule of a file.
    pub fn add(&mut self, rule: Rule) {
        let number = self.parts.len();
        if rule.shape.program.is_empty() {
            self.anywhere.push(number);
        }
        let any = rule.shape.subcommand.is_empty().then_some("");
        let heads: Vec<&str> = rule.heads().chain(any).collect();
        for program in &rule.shape.program {
            let of_it = self.by_name.entry(program.name().to_vec()).or_default();
            for head in &heads {
                let numbers = of_it.entry(head.as_bytes().to_vec()).or_default();
                if numbers.last() != Some(&number) {
                    numbers.push(number);
                }
            }
        }
        let needs = rule.needs();
        self.parts.push(Part::Rule(Box::new(rule), needs));
    }

    /// Adds the rules of the pack at `number`. Those that ask for groups or prechecks, which the root layer
    /// must know, or for an account are read at once.
    ///
    /// # Errors
    /// At the first thing wrong in one of these.
    pub fn add_pack(
        &mut self,
        (number, pack): (usize, &'static Pack),
        layer: usize,
        mut read: impl FnMut(&Section<'_>) -> Result<Rule, PolicyError>,
    ) -> Result<(), PolicyError> {
        let picked = Picked::new(pack, layer)?;
        for (rule, cell) in pack.rules.iter().zip(&picked.rules).filter(|(rule, _)| rule.now) {
            let _ = cell.set(Box::new(picked.read(rule, &mut read)?));
        }
        self.picked.resize(self.picked.len().max(number + 1), None);
        if let Some(place) = self.picked.get_mut(number) {
            *place = Some(self.parts.len());
        }
        self.parts.push(Part::Pack(picked));
        Ok(())
    }

    /// All rules, in the order of the layers.
    pub fn all(&self) -> impl Iterator<Item = &Rule> {
        self.rules(|_| true)
    }

    /// Those that were read when the policy was loaded: all of the files, and of packs those that name an
    /// account, a precheck or groups.
    pub fn read_at_load(&self) -> impl Iterator<Item = &Rule> {
        self.rules(|rule| rule.now)
    }

    // All of the files, and of packs those that are asked for.
    fn rules(&self, asked: impl Fn(&PackRule) -> bool + Copy) -> impl Iterator<Item = &Rule> {
        self.parts.iter().flat_map(move |part| {
            let (rule, pack) = match part {
                Part::Rule(rule, _) => (Some(&**rule), None),
                Part::Pack(pack) => (None, Some(pack)),
            };
            rule.into_iter().chain(pack.into_iter().flat_map(move |pack| pack.rules(asked)))
        })
    }

    /// Whether some rule names this program, by base name.
    #[must_use]
    pub fn names(&self, program: &[u8]) -> bool {
        let picked = |&(pack, _): &(u8, u16)| self.pack(usize::from(pack)).is_some();
        self.by_name.contains_key(program)
            || packs::program(program).is_some_and(|of_it| of_it.rules().any(picked))
    }

    /// Those that name this program, by base name, and none but one of these first words of a subcommand, where a
    /// command that does no more than `done` may fit.
    pub fn naming<'p, 'b>(
        &'p self,
        program: &'b [u8],
        heads: &'b [&'b [u8]],
        done: Needs,
    ) -> impl Iterator<Item = &'p Rule> {
        let (own, of_packs) = (self.by_name.get(program), packs::program(program));
        let heads = || std::iter::once(&b""[..]).chain(heads.iter().copied());
        let own = heads().filter_map(move |head| own?.get(head)).flatten();
        let of_packs = heads().filter_map(move |head| Some(of_packs?.under(head))).flatten();
        own.filter_map(move |&number| self.own(number, done))
            .chain(of_packs.filter_map(move |&(pack, rule)| self.of_pack((pack, rule), done)))
    }

    /// Those that name no program, where a command that does no more than `done` may fit.
    pub fn naming_none(&self, done: Needs) -> impl Iterator<Item = &Rule> {
        let of_packs = self.parts.iter().filter_map(|part| match part {
            Part::Pack(picked) => Some(picked),
            Part::Rule(..) => None,
        });
        let own = self.anywhere.iter().filter_map(move |&number| self.own(number, done));
        let of_packs = of_packs.flat_map(move |picked| {
            picked.pack.anywhere.iter().filter_map(move |&at| picked.asked(at, done))
        });
        own.chain(of_packs)
    }

    fn own(&self, number: usize, done: Needs) -> Option<&Rule> {
        match self.parts.get(number)? {
            Part::Rule(rule, needs) => needs.lie_in(done).then_some(rule),
            Part::Pack(_) => None,
        }
    }

    fn of_pack(&self, (pack, rule): (u8, u16), done: Needs) -> Option<&Rule> {
        self.pack(usize::from(pack))?.asked(usize::from(rule), done)
    }

    fn pack(&self, number: usize) -> Option<&Picked> {
        match self.parts.get((*self.picked.get(number)?)?)? {
            Part::Pack(picked) => Some(picked),
            Part::Rule(..) => None,
        }
    }
}

impl Picked {
    fn new(pack: &'static Pack, layer: usize) -> Result<Self, PolicyError> {
        let source = Source { file: pack.name, text: pack.text };
        let name = format!("{}.unreadable", pack.name).parse();
        let name = name.map_err(|_| source.fault(0, "the pack's name does not fit", "shorten it"))?;
        let rules = pack.rules.iter().map(|_| OnceLock::new()).collect();
        Ok(Self { pack, layer, unreadable: Arc::new(name), rules })
    }

    fn rules(&self, asked: impl Fn(&PackRule) -> bool) -> impl Iterator<Item = &Rule> {
        let rules = self.pack.rules.iter().enumerate();
        rules.filter(move |(_, rule)| asked(rule)).filter_map(|(at, _)| self.rule(at))
    }

    // One that cannot fit is not even read.
    fn asked(&self, at: usize, done: Needs) -> Option<&Rule> {
        self.pack.rules.get(at)?.needs.lie_in(done).then(|| self.rule(at))?
    }

    // The packs' tests read every rule. Should one still not be readable, nothing it might stop goes through.
    fn rule(&self, at: usize) -> Option<&Rule> {
        let (rule, cell) = (self.pack.rules.get(at)?, self.rules.get(at)?);
        let origin = Origin { layer: self.layer, prefix: self.pack.name, examples: false };
        let read = || self.read(rule, &mut |section| rule_form::rule(section, origin));
        Some(cell.get_or_init(|| Box::new(read().unwrap_or_else(|error| self.deny(rule, &error)))))
    }

    fn read(
        &self,
        rule: &PackRule,
        read: &mut impl FnMut(&Section<'_>) -> Result<Rule, PolicyError>,
    ) -> Result<Rule, PolicyError> {
        let text = self.pack.text.get(rule.from..rule.to).unwrap_or_default();
        let source = Source { file: self.pack.name, text };
        let table = file::parse(source)?;
        let sections = Section::of(source, &table).sections("rule")?;
        let section = sections.first().ok_or_else(|| source.fault(0, "there is no rule", "add one"))?;
        let mut read = read(section)?;
        read.place.at += rule.from;
        Ok(read)
    }

    fn deny(&self, rule: &PackRule, error: &PolicyError) -> Rule {
        Rule {
            id: RuleId::clone(&self.unreadable),
            place: Place { layer: self.layer, at: rule.from },
            answer: Answer::Deny { instead: Some("handoff policy test".to_owned()) },
            why: Some(format!("A rule of the pack {} cannot be read: {error}", self.pack.name)),
            shape: Shape::default(),
            context: Context::default(),
            prechecks: Vec::new(),
            matches: Vec::new(),
            not_matches: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Digest;
    use crate::policy::file::Root;
    use crate::policy::packs::PACKS;

    const EVERYTHING: Needs =
        Needs::READS.and(Needs::WRITES).and(Needs::DELETES).and(Needs::PIPES).and(Needs::SETS);

    fn book(pack: (usize, &'static Pack)) -> Rulebook {
        let origin = Origin { layer: 1, prefix: pack.1.name, examples: false };
        let mut book = Rulebook::default();
        book.add_pack(pack, 1, |section| rule_form::rule(section, origin)).unwrap();
        book
    }

    fn ids<'r>(rules: impl Iterator<Item = &'r Rule>) -> Vec<String> {
        rules.map(|rule| rule.id.to_string()).collect()
    }

    #[test]
    fn every_pack_read_rule_by_rule_is_what_it_is_read_as_a_whole() {
        for (number, pack) in PACKS.iter().enumerate() {
            let source = Source { file: pack.name, text: pack.text };
            let table = file::parse(source).unwrap();
            let origin = Origin { layer: 1, prefix: pack.name, examples: false };
            let whole = file::pack(&Section::of(source, &table), origin, &Root::default()).unwrap();
            let book = book((number, pack));
            let piecemeal: Vec<String> = book.all().map(|rule| format!("{rule:?}")).collect();
            assert_eq!(piecemeal, whole.iter().map(|rule| format!("{rule:?}")).collect::<Vec<_>>());
            for rule in &whole {
                let any = rule.shape.subcommand.is_empty().then_some("a subcommand");
                for head in rule.heads().chain(any) {
                    let found = |name: &[u8]| {
                        ids(book.naming(name, &[head.as_bytes()], rule.needs()))
                            .contains(&rule.id.to_string())
                    };
                    assert!(rule.shape.program.iter().all(|program| found(program.name())), "{}", rule.id);
                }
                let none = ids(book.naming_none(rule.needs())).contains(&rule.id.to_string());
                assert_eq!(rule.shape.program.is_empty(), none, "{}", rule.id);
            }
        }
    }

    #[test]
    fn what_was_found_in_the_packs_beforehand_is_what_they_say() {
        for pack in PACKS {
            assert_eq!(pack.sha256, *Digest::of(pack.text.as_bytes()).as_bytes(), "{}", pack.name);
        }
        assert!(packs::program(b"no such program").is_none());
        let git = packs::program(b"git").unwrap();
        assert!(git.under(b"no such subcommand").is_empty() && !git.under(b"push").is_empty());
        assert!(git.rules().count() > git.under(b"push").len());
    }

    #[test]
    fn a_rule_is_found_by_its_program_only_where_its_pack_was_picked() {
        let of = |name: &str| book(packs::pack(name).unwrap());
        assert!(of("git").naming(b"git", &[b"push"], EVERYTHING).count() > 5);
        assert_eq!(of("cloud").naming(b"git", &[b"push"], EVERYTHING).count(), 0);
        assert!(of("git").names(b"git") && !of("cloud").names(b"git"));
    }

    #[test]
    fn a_rule_is_found_by_its_subcommand_and_by_what_it_needs() {
        let git = book(packs::pack("git").unwrap());
        let found = |heads: &[&[u8]], done| ids(git.naming(b"git", heads, done));
        assert!(found(&[b"push"], EVERYTHING).contains(&"git.push".to_owned()));
        assert!(!found(&[b"log"], EVERYTHING).contains(&"git.push".to_owned()));
        let core = book(packs::pack("core").unwrap());
        let found = |done| ids(core.naming_none(done));
        assert_eq!(found(Needs::NOTHING), Vec::<String>::new());
        assert!(found(Needs::WRITES).contains(&"core.write-to-device".to_owned()));
        assert!(!found(Needs::WRITES).contains(&"core.read-device".to_owned()));
    }

    #[test]
    fn most_rules_of_packs_wait() {
        for (number, pack) in PACKS.iter().enumerate() {
            assert!(book((number, pack)).read_at_load().count() * 4 < pack.rules.len(), "{}", pack.name);
        }
    }

    #[test]
    fn a_rule_that_cannot_be_read_after_all_denies() {
        const TEXT: &str = "[[rule]]\nid = \"a\"\nverdict = \"perhaps\"\n";
        static BROKEN: Pack = Pack {
            name: "core",
            text: TEXT,
            sha256: [0; 32],
            rules: &[PackRule { from: 0, to: TEXT.len(), now: false, needs: Needs::NOTHING }],
            anywhere: &[0],
        };
        let broken = book((0, &BROKEN));
        let rule = broken.naming_none(Needs::NOTHING).next().unwrap();
        assert!(matches!(rule.answer, Answer::Deny { .. }));
        assert!(rule.why.as_ref().is_some_and(|why| why.contains("perhaps")), "{rule:?}");
    }
}
