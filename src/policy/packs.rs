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

/// The rules under one program and, unless that is empty, the first word of its subcommand: where all of that stands.
#[derive(Debug)]
struct Named {
    program: (u32, u32),
    head: (u32, u32),
    rules: (u32, u32),
}

impl Named {
    fn key(&self) -> (&'static [u8], &'static [u8]) {
        let name = |place| NAMES.as_bytes().get(range(place)).unwrap_or_default();
        (name(self.program), name(self.head))
    }

    fn rules(&self) -> &'static [(u8, u16)] {
        RULES.get(range(self.rules)).unwrap_or_default()
    }
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

/// The rules that name a program by this base name, and a subcommand by this first word or, where it is empty, none:
/// place of the pack in [`PACKS`], place of the rule in it.
pub(super) fn naming(program: &[u8], head: &[u8]) -> &'static [(u8, u16)] {
    let found = BY_NAME.binary_search_by(|named| named.key().cmp(&(program, head)));
    found.ok().and_then(|at| BY_NAME.get(at)).map_or(&[], Named::rules)
}

/// All that name the program, whatever its subcommand.
pub(super) fn naming_any(program: &[u8]) -> impl Iterator<Item = &'static (u8, u16)> {
    let first = BY_NAME.partition_point(|named| named.key().0 < program);
    let all = BY_NAME.get(first..).unwrap_or_default().iter();
    all.take_while(move |named| named.key().0 == program).flat_map(Named::rules)
}
