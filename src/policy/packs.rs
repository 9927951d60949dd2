//! The packs that come with handoff: libraries of rules a root policy picks by name.
//! Pure; their bytes are compiled in with what `build.rs` found in them, and readable under `policies/`.

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

/// The rules that name a program by this base name: place of the pack in [`PACKS`], place of the rule in it.
pub(super) fn naming(program: &[u8]) -> &'static [(u8, u16)] {
    let found = BY_PROGRAM.binary_search_by(|(name, _)| name.as_bytes().cmp(program));
    found.ok().and_then(|at| BY_PROGRAM.get(at)).map_or(&[], |(_, rules)| rules)
}
