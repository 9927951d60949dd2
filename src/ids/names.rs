//! Short printable names, each a type of its own with a fixed alphabet.
//! Pure.

use std::fmt;
use std::str::FromStr;

use super::{InvalidId, invalid};

/// Defines a short printable name with a fixed alphabet.
macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $what:literal, $longest:literal, $allowed:expr, $problem:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(String);

        impl $type {
            /// The name itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $type {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let allowed: fn(char) -> bool = $allowed;
                let starts = text.chars().next().is_some_and(|c| c.is_ascii_alphanumeric());
                if starts && text.len() <= $longest && text.chars().all(allowed) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(invalid($what, $problem))
                }
            }
        }

        serde_text!($type);
    };
}

name!(
    /// A queue's name, which is also its log's origin and its signatures' domain: `laptop-7f3k`.
    Origin,
    "queue name",
    64,
    |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'),
    "starts with a letter or digit and has up to 64 of A-Z a-z 0-9 - . _"
);
name!(
    /// A reviewer's name as in allowed_signers: `ana@laptop`. One literal name, never a pattern.
    Principal,
    "reviewer",
    128,
    |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '@' | '+'),
    "starts with a letter or digit and has up to 128 of A-Z a-z 0-9 - . _ @ +"
);
name!(
    /// A group of reviewers that the policy names: `infra`.
    GroupName,
    "group",
    64,
    |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'),
    "starts with a letter or digit and has up to 64 of A-Z a-z 0-9 - _"
);
name!(
    /// A rule's full name, pack first: `core.rm-recursive`.
    RuleId,
    "rule id",
    96,
    |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'),
    "starts with a letter or digit and has up to 96 of A-Z a-z 0-9 - _ ."
);
name!(
    /// A short name the requester or policy chooses for a thing: a bind, a precheck, an attachment.
    Label,
    "name",
    64,
    |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'),
    "starts with a letter or digit and has up to 64 of A-Z a-z 0-9 - _ ."
);
