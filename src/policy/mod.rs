//! What may run, what must be asked, what must not: rules, layers and the judgement over them.
//! Pure: the caller reads the files and hands in their bytes.

mod error;
mod examples;
mod file;
mod identity;
mod judge;
mod layers;
mod packs;
mod quorum;
mod rule_form;
mod rulebook;
mod rules;
mod section;
pub mod verdict;
mod vouch;

pub use error::PolicyError;
pub use examples::{Case, Coverage, Expected, Fault, Finding, Score, TestReport, Trial, test};
pub use file::{Defaults, Groups, Limits, Prechecks};
pub use identity::{Layer, PolicyId};
pub use judge::{JudgedAtom, Judgement, MatchedRule, Said};
pub use layers::{Policy, PolicyFile, can_approve, check_satisfiable};
pub use packs::{PACKS, names as pack_names};
pub use quorum::{NotEligible, Quorum, Seat, Unsatisfiable, eligible};
pub use rules::{Answer, Rule};
pub use verdict::{Risk, Terms, Verdict};

#[cfg(test)]
mod adversarial;
#[cfg(test)]
mod finding;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod lines;
#[cfg(test)]
mod page;
#[cfg(test)]
mod readings;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod structure;
#[cfg(test)]
mod surroundings;
#[cfg(test)]
mod wrapping;
