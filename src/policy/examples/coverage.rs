//! How much of the rules their examples show: each alternative a rule names is shown when an example matches
//! that would not match without it.
//! Pure.

use super::stage::Staged;
use crate::policy::rules::{Rule, Shape};

/// Alternatives named (programs, subcommands, options, patterns), and how many of them an example shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Coverage {
    /// Named by rules.
    pub named: usize,
    /// Of those, shown by a `match` example.
    pub shown: usize,
}

impl Coverage {
    /// In whole percent; all of nothing is all.
    #[must_use]
    pub fn percent(self) -> usize {
        (self.shown * 100).checked_div(self.named).unwrap_or(100)
    }

    /// That of one rule.
    pub(super) fn of(rule: &Rule) -> Self {
        let mut coverage = Self::default();
        let examples: Vec<Staged> =
            rule.matches.iter().map(|example| Staged::of(&example.line, Some(rule))).collect();
        for narrowed in alternatives(&rule.shape) {
            let narrowed = Rule { shape: narrowed, ..rule.clone() };
            coverage.named += 1;
            coverage.shown += usize::from(examples.iter().any(|example| example.is_spoken_of_by(&narrowed)));
        }
        coverage
    }

    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self { named: self.named + other.named, shown: self.shown + other.shown }
    }
}

// The shape with one alternative left in one of its lists, for each alternative of each list.
fn alternatives(shape: &Shape) -> Vec<Shape> {
    let mut all = Vec::new();
    let mut each = |count: usize, keep: &dyn Fn(&mut Shape, usize)| {
        for index in 0..count {
            let mut narrowed = shape.clone();
            keep(&mut narrowed, index);
            all.push(narrowed);
        }
    };
    each(shape.program.len(), &|shape, at| only(&mut shape.program, at));
    each(shape.subcommand.len(), &|shape, at| only(&mut shape.subcommand, at));
    each(shape.flag.len(), &|shape, at| only(&mut shape.flag, at));
    each(shape.global_flag.len(), &|shape, at| only(&mut shape.global_flag, at));
    each(shape.arg.len(), &|shape, at| only(&mut shape.arg, at));
    all
}

fn only<T>(list: &mut Vec<T>, at: usize) {
    if at < list.len() {
        list.swap(0, at);
        list.truncate(1);
    }
}
