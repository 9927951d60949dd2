//! The packs that come with handoff: libraries of rules a root policy picks by name.
//! Pure; their bytes are compiled in with what `build.rs` found in them, and readable under `policies/`.

use super::rules::Needs;

/// One pack.
#[derive(Debug)]
pub struct Pack {
    /// What a root policy calls it.
    pub name: &'static str,
    /// Its file.
    pub text: &'static str,
    /// SHA-256 of the text.
    pub(super) sha256: [u8; 32],
    /// Its rules, in their order.
    pub(super) rules: &'static [PackRule],
    /// Which of them name no program.
    pub(super) anywhere: &'static [usize],
}

/// Where a rule of a pack stands in its text, in bytes, without the examples at its end.
#[derive(Debug)]
pub(super) struct PackRule {
    pub from: usize,
    pub to: usize,
    /// Whether it asks for groups, prechecks or an account: the root layer must know them.
    pub now: bool,
    /// What it needs of a command.
    pub needs: Needs,
}

/// A program that rules name, by base name: where that stands, and what stands under it.
#[derive(Debug)]
pub(super) struct Program {
    name: (u32, u32),
    heads: (u32, u32),
}

/// The rules under one program and the first word of its subcommand, which is empty for those that ask for none.
#[derive(Debug)]
struct Head {
    name: (u32, u32),
    rules: (u32, u32),
}

impl Program {
    fn heads(&self) -> &'static [Head] {
        HEADS.get(range(self.heads)).unwrap_or_default()
    }

    /// Its rules that ask for this first word of a subcommand, or where it is empty for none: place of the pack in
    /// [`PACKS`], place of the rule in it.
    pub fn under(&self, head: &[u8]) -> &'static [(u8, u16)] {
        let heads = self.heads();
        let found = heads.binary_search_by(|known| name(known.name).cmp(head));
        found.ok().and_then(|at| heads.get(at)).map_or(&[], Head::rules)
    }

    /// All its rules.
    pub fn rules(&self) -> impl Iterator<Item = &'static (u8, u16)> {
        self.heads().iter().flat_map(Head::rules)
    }
}

impl Head {
    fn rules(&self) -> &'static [(u8, u16)] {
        RULES.get(range(self.rules)).unwrap_or_default()
    }
}

fn name(place: (u32, u32)) -> &'static [u8] {
    NAMES.as_bytes().get(range(place)).unwrap_or_default()
}

const fn range((from, to): (u32, u32)) -> std::ops::Range<usize> {
    from as usize..to as usize
}

include!(concat!(env!("OUT_DIR"), "/packs.rs"));

/// The pack `name`, with its place in [`PACKS`].
#[must_use]
pub(super) fn pack(name: &str) -> Option<(usize, &'static Pack)> {
    PACKS.iter().enumerate().find(|(_, pack)| pack.name == name)
}

/// The names of all packs.
#[must_use]
pub fn names() -> Vec<&'static str> {
    PACKS.iter().map(|pack| pack.name).collect()
}

/// The program of this base name, where a rule names it.
pub(super) fn program(base_name: &[u8]) -> Option<&'static Program> {
    let found = PROGRAMS.binary_search_by(|known| name(known.name).cmp(base_name));
    found.ok().and_then(|at| PROGRAMS.get(at))
}
