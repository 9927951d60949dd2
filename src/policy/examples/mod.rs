//! Commands a policy is tried on: its rules' own examples, those in other spellings, and labelled lists.
//! Pure. Only `check` runs whenever a policy is loaded; the rest is `handoff policy test`.

mod check;
mod corpus;
mod coverage;
mod report;
mod stage;
mod variants;

pub use check::check;
pub use corpus::{Case, Expected, Score, Trial};
pub use coverage::Coverage;
pub use report::{Fault, Finding, TestReport, test};
#[cfg(test)]
pub use stage::Staged;
