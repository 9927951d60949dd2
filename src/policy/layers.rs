//! Root layer, the packs it picks, and a trusted project's layer become one policy with one identity.
//! Pure: the caller reads the files and says which digests are trusted.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;

use super::error::{PolicyError, Source};
use super::examples;
use super::file::{self, Defaults, Groups, Limits, Prechecks, Root};
use super::identity::{Identity, Layer, PACK, PolicyId};
use super::packs::{self, Pack};
use super::quorum::{Quorum, Seat, Unsatisfiable};
use super::rule_form::Origin;
use super::rulebook::Rulebook;
use super::rules::{Answer, Place, Rule, Subject};
use super::section::Section;
use super::verdict::{Terms, Verdict};
use crate::facts::glob::Glob;
use crate::facts::observe::environment::EnvRules;
use crate::ids::{Digest, Label, Principal};

/// A policy file as the caller read it.
#[derive(Debug, Clone, Copy)]
pub struct PolicyFile<'a> {
    /// What messages call it, most often its path.
    pub file: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// All rules in force, and what belongs to them.
#[derive(Debug)]
pub struct Policy {
    identity: Identity,
    layers: Vec<Layer>,
    ignored: Option<Layer>,
    root: Root,
    defaults: Place,
    rules: Rulebook,
}

impl Policy {
    /// The policy where there is no file: everything is review.
    #[must_use]
    pub fn absent() -> Self {
        Self {
            identity: Identity::absent(),
            layers: Vec::new(),
            ignored: None,
            root: Root::default(),
            defaults: Place { layer: 0, at: 0 },
            rules: Rulebook::default(),
        }
    }

    /// The policy of the root file `root`, the packs it picks, and the project's layer if `trusted` holds
    /// its digest; else that layer is kept aside, see [`Policy::ignored`].
    ///
    /// # Errors
    /// At the first thing in any layer that is wrong, or that no people could ever satisfy.
    pub fn load(
        root: PolicyFile<'_>,
        project: Option<PolicyFile<'_>>,
        trusted: &BTreeSet<Digest>,
    ) -> Result<Self, PolicyError> {
        let mut policy = Self::absent();
        let version = policy.take_root(root)?;
        policy.take_packs()?;
        if let Some(project) = project {
            policy.take_project(project, trusted)?;
        }
        policy.identify(version)?;
        examples::check(&policy)?;
        policy.check_conceivable()?;
        Ok(policy)
    }

    fn take_root(&mut self, root: PolicyFile<'_>) -> Result<String, PolicyError> {
        let layer = Layer::new("root", root.file, text(root)?);
        let table = file::parse(layer.source())?;
        let section = Section::of(layer.source(), &table);
        let (version, root, rules) = file::root(&section, 0)?;
        self.defaults.at = section.key_at("defaults").unwrap_or(0);
        self.root = root;
        rules.into_iter().for_each(|rule| self.rules.add(rule));
        drop(table);
        self.layers.push(layer);
        Ok(version)
    }

    fn take_packs(&mut self) -> Result<(), PolicyError> {
        for name in &self.root.packs.clone() {
            // Names that no pack has were refused with the root layer.
            if let Some(pack) = packs::pack(name) {
                let layer = Layer::of_pack(pack.1);
                self.take_pack(&layer, pack)?;
                self.layers.push(layer);
            }
        }
        Ok(())
    }

    fn take_pack(&mut self, layer: &Layer, pack: (usize, &'static Pack)) -> Result<(), PolicyError> {
        let origin = Origin { layer: self.layers.len(), prefix: pack.1.name, examples: false };
        let root = &self.root;
        let read = |section: &Section<'_>| file::rule(section, origin, root);
        let taken = self.rules.add_pack(pack, origin.layer, read);
        // Only a reading of the whole knows the true place of what is wrong.
        taken.or_else(|error| self.pack_rules(layer, origin).and(Err(error)))
    }

    fn pack_rules(&self, layer: &Layer, origin: Origin<'_>) -> Result<Vec<Rule>, PolicyError> {
        let table = file::parse(layer.source())?;
        file::pack(&Section::of(layer.source(), &table), origin, &self.root)
    }

    /// All rules in force, those of packs read again with their examples.
    ///
    /// # Errors
    /// When a pack's examples cannot be read.
    pub fn rules_with_examples(&self) -> Result<Vec<Rule>, PolicyError> {
        let mut all = Vec::new();
        for (number, layer) in self.layers.iter().enumerate() {
            match layer.name.strip_prefix(PACK) {
                Some(prefix) => {
                    all.extend(self.pack_rules(layer, Origin { layer: number, prefix, examples: true })?);
                }
                None => {
                    let own = self.rules.read_at_load().filter(|rule| rule.place.layer == number);
                    all.extend(own.cloned());
                }
            }
        }
        Ok(all)
    }

    fn take_project(
        &mut self,
        project: PolicyFile<'_>,
        trusted: &BTreeSet<Digest>,
    ) -> Result<(), PolicyError> {
        // Untrusted bytes are not even parsed: their digest is all that is told.
        if !trusted.contains(&Digest::of(project.bytes)) {
            let text = String::from_utf8_lossy(project.bytes);
            let layer = Layer::new("project", project.file, &text);
            self.ignored = Some(Layer { digest: Digest::of(project.bytes), ..layer });
            return Ok(());
        }
        let layer = Layer::new("project", project.file, text(project)?);
        let table = file::parse(layer.source())?;
        let section = Section::of(layer.source(), &table);
        let (defaults, rules) = file::project(&section, self.layers.len(), &self.root)?;
        if let Some(at) = section.key_at("defaults") {
            self.defaults = Place { layer: self.layers.len(), at };
        }
        self.root.defaults = defaults;
        rules.into_iter().for_each(|rule| self.rules.add(rule));
        drop(table);
        self.layers.push(layer);
        Ok(())
    }

    fn identify(&mut self, version: String) -> Result<(), PolicyError> {
        let wrong = |error: crate::record::RecordError| {
            let what = format!("no identity can be written: {error}");
            self.fault(Place { layer: 0, at: 0 }, what, "shorten `version`".to_owned())
        };
        self.identity = Identity::of(version, &self.layers).map_err(wrong)?;
        Ok(())
    }

    // With everybody a group names, and any number of others: a rule unsatisfiable even so never fits.
    fn check_conceivable(&self) -> Result<(), PolicyError> {
        // Where no group is named, enough others are all it takes.
        if self.root.groups.is_empty() {
            return Ok(());
        }
        let members = self.root.groups.values().flatten().cloned();
        let others =
            (0..super::rule_form::MOST_APPROVALS).filter_map(|n| format!("someone-{n}").parse().ok());
        check_satisfiable(self, &members.chain(others).collect())
    }

    /// The fault at `place`.
    #[must_use]
    pub fn fault(&self, place: Place, what: String, instead: String) -> PolicyError {
        let none = Source { file: "policy", text: "" };
        self.layers.get(place.layer).map_or(none, Layer::source).fault(place.at, what, instead)
    }

    /// Its identity.
    #[must_use]
    pub const fn id(&self) -> &PolicyId {
        self.identity.id()
    }

    /// The canonical record its digest is of: every layer's name and digest.
    #[must_use]
    pub fn record(&self) -> &str {
        self.identity.record()
    }

    /// The layers in force: root first, packs, then the project.
    #[must_use]
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// A project's layer that does not count, because its digest is not trusted.
    #[must_use]
    pub const fn ignored(&self) -> Option<&Layer> {
        self.ignored.as_ref()
    }

    /// All rules in force.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.all()
    }

    /// Those read when the policy was loaded: all of the files, and of packs those that name groups, prechecks
    /// or accounts.
    pub fn rules_read_at_load(&self) -> impl Iterator<Item = &Rule> {
        self.rules.read_at_load()
    }

    /// What is joined into every review.
    #[must_use]
    pub const fn defaults(&self) -> &Defaults {
        &self.root.defaults
    }

    /// Bounds on one requester.
    #[must_use]
    pub const fn limits(&self) -> Limits {
        self.root.limits
    }

    /// The groups of reviewers.
    #[must_use]
    pub const fn groups(&self) -> &Groups {
        &self.root.groups
    }

    /// Which reviewer is which local account.
    #[must_use]
    pub const fn accounts(&self) -> &BTreeMap<Principal, u32> {
        &self.root.accounts
    }

    /// The variables bound for the program of this base name, besides the base set.
    #[must_use]
    pub fn env_rules(&self, program: &OsStr) -> EnvRules {
        let rules = program.to_str().and_then(|name| self.root.environment.get(name));
        rules.cloned().unwrap_or_default()
    }

    /// The prechecks, by name.
    #[must_use]
    pub const fn prechecks(&self) -> &Prechecks {
        &self.root.prechecks
    }

    /// The branches that are protected, where the policy says which.
    #[must_use]
    pub fn protected(&self) -> Option<&[Glob]> {
        self.root.protected.as_deref()
    }

    /// Files that count as not the requester's to replace, though they are.
    #[must_use]
    pub fn trusted_programs(&self) -> &[Glob] {
        &self.root.trusted
    }

    /// The words of the precheck `name`.
    #[must_use]
    pub fn precheck(&self, name: &Label) -> Option<&[String]> {
        self.root.prechecks.get(name).map(Vec::as_slice)
    }

    fn is_of_a_pack(&self, rule: &Rule) -> bool {
        self.layers.get(rule.place.layer).is_some_and(|layer| layer.name.starts_with(PACK))
    }

    /// Whether some rule names this program, by base name.
    #[must_use]
    pub fn names(&self, program: &[u8]) -> bool {
        self.rules.names(program)
    }

    /// Takes each rule that may fit this, asked for by one of these names, as far as that is told without holding it
    /// against it: all that do fit are among them.
    pub(super) fn each_rule_for<'p>(
        &'p self,
        names: &[&[u8]],
        subject: &Subject<'_>,
        take: impl FnMut(&'p Rule),
    ) {
        let (heads, done) = (subject.command.subcommand_heads(), subject.does());
        let named = names.iter().flat_map(|name| self.rules.naming(name, &heads, done));
        named.chain(self.rules.naming_none(done)).for_each(take);
    }
}

fn text(file: PolicyFile<'_>) -> Result<&str, PolicyError> {
    std::str::from_utf8(file.bytes).map_err(|error| {
        let good = file.bytes.get(..error.valid_up_to()).unwrap_or_default();
        let text = String::from_utf8_lossy(good);
        let source = Source { file: file.file, text: &text };
        source.fault(text.len(), "not UTF-8", "save the file as UTF-8")
    })
}

/// Whether the `reviewers` there are could fulfil what each rule, joined with the defaults, asks for. Rules of
/// packs are left out: a library may ask for two people where there is one so far, see [`can_approve`].
///
/// # Errors
/// At the first rule that nobody could ever satisfy.
pub fn check_satisfiable(policy: &Policy, reviewers: &BTreeSet<Principal>) -> Result<(), PolicyError> {
    let seats = seats(reviewers);
    let defaults = &policy.defaults().terms;
    let mut checked = BTreeSet::new();
    let mut check = |place: Place, what: &dyn Fn() -> String, terms: &Terms| {
        if !checked.insert((terms.approvals, terms.groups.clone(), terms.distinct)) {
            return Ok(());
        }
        Quorum::satisfiable(terms, policy.groups(), &seats).map_err(|error| {
            let instead = "ask for fewer approvals, or trust more reviewers or name them in those groups";
            policy.fault(place, format!("{} can never be approved: {error}", what()), instead.to_owned())
        })
    };
    check(policy.defaults, &|| "anything under these defaults".to_owned(), defaults)?;
    // A rule that names no people asks for those of the defaults, which were checked just now.
    for rule in policy.rules_read_at_load().filter(|rule| !policy.is_of_a_pack(rule)) {
        if let Answer::Review { terms, .. } = &rule.answer {
            check(rule.place, &|| format!("what `{}` stops", rule.id), &defaults.join(terms))?;
        }
    }
    Ok(())
}

/// Whether the `reviewers` there are could ever approve what got this verdict.
///
/// # Errors
/// What it would need, and the most they can give.
pub fn can_approve(
    policy: &Policy,
    verdict: &Verdict,
    reviewers: &BTreeSet<Principal>,
) -> Result<(), Unsatisfiable> {
    match verdict {
        Verdict::Review { terms, .. } => Quorum::satisfiable(terms, policy.groups(), &seats(reviewers)),
        Verdict::Allow { .. } | Verdict::Deny { .. } => Ok(()),
    }
}

fn seats(reviewers: &BTreeSet<Principal>) -> Vec<Seat> {
    let seat = |principal: &Principal| Seat { principal: principal.clone(), is_requester: false };
    reviewers.iter().map(seat).collect()
}
