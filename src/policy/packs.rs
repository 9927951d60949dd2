//! The packs that come with handoff: libraries of rules a root policy picks by name.
//! Pure; the bytes are compiled in, and readable under `policies/`.

/// Every pack: its name and its text.
pub const PACKS: &[(&str, &str)] = &[
    ("core", include_str!("../../policies/core.toml")),
    ("build", include_str!("../../policies/build.toml")),
    ("shell", include_str!("../../policies/shell.toml")),
    ("remote", include_str!("../../policies/remote.toml")),
    ("secrets", include_str!("../../policies/secrets.toml")),
    ("system", include_str!("../../policies/system.toml")),
    ("git", include_str!("../../policies/git.toml")),
    ("terraform", include_str!("../../policies/terraform.toml")),
    ("kubernetes", include_str!("../../policies/kubernetes.toml")),
    ("databases", include_str!("../../policies/databases.toml")),
    ("migrations", include_str!("../../policies/migrations.toml")),
    ("ci", include_str!("../../policies/ci.toml")),
    ("packages", include_str!("../../policies/packages.toml")),
    ("containers", include_str!("../../policies/containers.toml")),
    ("cloud", include_str!("../../policies/cloud.toml")),
];

/// The text of the pack `name`.
#[must_use]
pub fn pack(name: &str) -> Option<&'static str> {
    PACKS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// The names of all packs.
#[must_use]
pub fn names() -> Vec<&'static str> {
    PACKS.iter().map(|(name, _)| *name).collect()
}
