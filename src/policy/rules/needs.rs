//! What a rule needs of a command before it is worth holding the two together, told without reading the rule.
//! Pure; wide: a rule that is left out by it does not fit.

use std::ops::BitOr;

use super::subject::Subject;
use super::{Answer, Rule};
use crate::facts::effects::Effect;

/// Things a command may do, as a set: those a rule asks for, or those a command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Needs(u8);

impl Needs {
    /// Nothing.
    pub const NOTHING: Self = Self(0);
    /// It reads a path.
    pub const READS: Self = Self(1);
    /// It writes a path.
    pub const WRITES: Self = Self(2);
    /// It deletes a path.
    pub const DELETES: Self = Self(4);
    /// A program gets its output.
    pub const PIPES: Self = Self(8);
    /// A variable is set for it, or handed on to it.
    pub const SETS: Self = Self(16);

    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a command that does `done` does all of this.
    #[must_use]
    pub const fn lie_in(self, done: Self) -> bool {
        self.0 & !done.0 == 0
    }

    const fn of(effect: Effect) -> Self {
        match effect {
            Effect::Reads => Self::READS,
            Effect::Writes => Self::WRITES,
            Effect::Deletes => Self::DELETES,
        }
    }

    const fn only_if(self, holds: bool) -> Self {
        if holds { self } else { Self::NOTHING }
    }
}

impl BitOr for Needs {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.and(other)
    }
}

impl Rule {
    /// What it needs of a command.
    #[must_use]
    pub fn needs(&self) -> Needs {
        if self.answer == Answer::Allow {
            return Needs::NOTHING;
        }
        let structure = &self.shape.structure;
        let touches = self.shape.touches.some.iter().map(|(effect, _)| Needs::of(*effect));
        // A variable with a value may also be one that the command inherits.
        let sets = !structure.sets.is_empty() && structure.sets.iter().all(|set| set.value.is_none());
        touches.fold(Needs::NOTHING, Needs::and)
            | Needs::PIPES.only_if(!structure.pipes_to.is_empty())
            | Needs::SETS.only_if(sets)
    }

    /// The words of which one must be the first of the command's subcommand; none where it asks for no subcommand.
    pub fn heads(&self) -> impl Iterator<Item = &str> {
        self.shape.subcommand.iter().filter_map(|sequence| sequence.first()).map(String::as_str)
    }
}

impl Subject<'_> {
    /// What the command may do.
    #[must_use]
    pub fn does(&self) -> Needs {
        let paths = self.effects().map(|effects| effects.paths.as_slice()).unwrap_or_default();
        let touches = paths.iter().map(|(effect, _)| Needs::of(*effect));
        touches.fold(Needs::NOTHING, Needs::and)
            | Needs::PIPES.only_if(!self.atom.feeds.is_empty())
            | Needs::SETS.only_if(!self.atom.sets.is_empty() || !self.seen.env_added.is_empty())
    }
}
