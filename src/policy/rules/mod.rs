//! A checked rule, and whether it speaks of a command.
//! Pure. Rules that stop are read wide, rules that let through certain (see `facts::argv`).

mod branch;
mod context;
mod needs;
mod shape;
mod structure;
mod subject;
mod touches;

pub use branch::Branch;
pub use context::Context;
pub use needs::Needs;
pub use shape::Shape;
pub use structure::{Setting, Structure};
pub use subject::{Program, Subject};
pub use touches::{Spot, Touches};

use super::verdict::{Risk, Terms};
use crate::facts::Facts;
use crate::ids::{Label, RuleId};

/// One rule of a policy.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its full name: `core.rm-recursive`.
    pub id: RuleId,
    /// Where it stands.
    pub place: Place,
    /// What it says of a command it fits.
    pub answer: Answer,
    /// Why, for the card.
    pub why: Option<String>,
    /// The words it fits.
    pub shape: Shape,
    /// The surroundings it fits.
    pub context: Context,
    /// Prechecks that the command then needs, by name.
    pub prechecks: Vec<Label>,
    /// Commands it must fit.
    pub matches: Vec<Example>,
    /// Commands it must not fit.
    pub not_matches: Vec<Example>,
}

/// A spot in a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which layer, by its index in the policy.
    pub layer: usize,
    /// Byte offset in its text.
    pub at: usize,
}

/// What a rule says; only a rule that reviews carries terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Lifts the default.
    Allow,
    /// People must agree.
    Review {
        /// How bad it would be.
        risk: Risk,
        /// What the approval must fulfil beyond the defaults.
        terms: Terms,
    },
    /// Must not run.
    Deny {
        /// What to do instead.
        instead: Option<String>,
    },
}

/// An example command, already split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Where it stands.
    pub place: Place,
    /// As written.
    pub line: String,
}

impl Rule {
    /// Whether the rule speaks of this atom in these surroundings.
    #[must_use]
    pub fn fits(&self, subject: &Subject<'_>, facts: &Facts) -> bool {
        self.fits_words(subject) && self.context.fits(facts, subject.atom, self.answer == Answer::Allow)
    }

    /// Whether the rule speaks of this command: certainly, when it lets through; possibly, when it stops.
    #[must_use]
    pub fn fits_words(&self, subject: &Subject<'_>) -> bool {
        match self.answer {
            Answer::Allow => self.shape.fits(subject),
            Answer::Review { .. } | Answer::Deny { .. } => self.shape.may_fit(subject),
        }
    }
}

fn none_or<T>(conditions: &[T], holds: impl Fn(&T) -> bool) -> bool {
    conditions.is_empty() || conditions.iter().any(holds)
}
