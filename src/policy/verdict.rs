//! The lattice of verdicts and the terms a review must meet.
//! Pure: joining is commutative, associative, idempotent, and never milder than either side.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ids::{GroupName, RuleId};

/// How bad it would be if this went wrong, as a rule sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Easily undone, little reach.
    Low,
    /// Undone with work.
    Medium,
    /// Not undone, or reaches many.
    High,
}

/// What an approval must fulfil. Joining two takes the stricter of each field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// How many different people must approve, at least.
    pub approvals: u32,
    /// Groups of which each needs a member, all of them different people.
    pub groups: BTreeSet<GroupName>,
    /// Seconds a ticket may wait for its answer.
    pub deadline_s: u64,
    /// Seconds an approval may be used after it was given.
    pub validity_s: u64,
    /// Whether the requester's own reviewer name is refused.
    pub distinct: bool,
}

impl Terms {
    /// The mildest terms: the unit of [`Terms::join`] for all but the times, which have an upper end.
    #[must_use]
    pub const fn mildest() -> Self {
        Self {
            approvals: 1,
            groups: BTreeSet::new(),
            deadline_s: 604_800,
            validity_s: 604_800,
            distinct: false,
        }
    }

    /// The stricter of both, field by field.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        Self {
            approvals: self.approvals.max(other.approvals),
            groups: self.groups.union(&other.groups).cloned().collect(),
            deadline_s: self.deadline_s.min(other.deadline_s),
            validity_s: self.validity_s.min(other.validity_s),
            distinct: self.distinct || other.distinct,
        }
    }

    /// How long a ticket may wait.
    #[must_use]
    pub const fn deadline(&self) -> Duration {
        Duration::from_secs(self.deadline_s)
    }

    /// How long an approval may be used.
    #[must_use]
    pub const fn validity(&self) -> Duration {
        Duration::from_secs(self.validity_s)
    }
}

/// What the policy says of an action: allow < review < deny.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "lowercase", deny_unknown_fields)]
#[must_use]
pub enum Verdict {
    /// May run without asking anybody.
    Allow {
        /// The rules that allow it.
        rules: BTreeSet<RuleId>,
    },
    /// People must agree.
    Review {
        /// The rules that stopped it; empty when no rule matched and the default did.
        rules: BTreeSet<RuleId>,
        /// Why, one sentence a reason, in the policy's words.
        why: BTreeSet<String>,
        /// The highest risk of those rules.
        risk: Risk,
        /// What the approval must fulfil.
        terms: Terms,
    },
    /// Must not run.
    Deny {
        /// The rules that deny it.
        rules: BTreeSet<RuleId>,
        /// Why, in the policy's words.
        why: BTreeSet<String>,
        /// What to do instead, in the policy's words.
        instead: BTreeSet<String>,
    },
}

impl Verdict {
    /// 0 allow, 1 review, 2 deny.
    #[must_use]
    pub const fn rank(&self) -> u8 {
        match self {
            Self::Allow { .. } => 0,
            Self::Review { .. } => 1,
            Self::Deny { .. } => 2,
        }
    }

    /// The stricter of both; two of the same kind are merged.
    pub fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Allow { rules: a }, Self::Allow { rules: b }) => Self::Allow { rules: &a | &b },
            (
                Self::Review { rules: a, why: x, risk: r, terms: t },
                Self::Review { rules: b, why: y, risk: s, terms: u },
            ) => Self::Review { rules: &a | &b, why: &x | &y, risk: r.max(s), terms: t.join(&u) },
            (Self::Deny { rules: a, why: x, instead: i }, Self::Deny { rules: b, why: y, instead: j }) => {
                Self::Deny { rules: &a | &b, why: &x | &y, instead: &i | &j }
            }
            (a, b) if a.rank() > b.rank() => a,
            (_, b) => b,
        }
    }

    /// The rules behind it.
    #[must_use]
    pub const fn rules(&self) -> &BTreeSet<RuleId> {
        match self {
            Self::Allow { rules } | Self::Review { rules, .. } | Self::Deny { rules, .. } => rules,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names<T>(prefix: &'static str) -> impl Strategy<Value = BTreeSet<T>>
    where
        T: Ord + std::str::FromStr + std::fmt::Debug,
        T::Err: std::fmt::Debug,
    {
        prop::collection::btree_set(0..4u8, 0..3)
            .prop_map(move |set| set.into_iter().map(|n| format!("{prefix}{n}").parse().unwrap()).collect())
    }

    fn terms() -> impl Strategy<Value = Terms> {
        (1..4u32, names("g"), 1..100u64, 1..100u64, any::<bool>()).prop_map(
            |(approvals, groups, deadline_s, validity_s, distinct)| Terms {
                approvals,
                groups,
                deadline_s,
                validity_s,
                distinct,
            },
        )
    }

    fn verdict() -> impl Strategy<Value = Verdict> {
        let risk = prop_oneof![Just(Risk::Low), Just(Risk::Medium), Just(Risk::High)];
        prop_oneof![
            names("r").prop_map(|rules| Verdict::Allow { rules }),
            (names("r"), names("w"), risk, terms()).prop_map(|(rules, why, risk, terms)| Verdict::Review {
                rules,
                why,
                risk,
                terms
            }),
            (names("r"), names("w"), names("i")).prop_map(|(rules, why, instead)| Verdict::Deny {
                rules,
                why,
                instead
            }),
        ]
    }

    fn said(verdict: &Verdict) -> BTreeSet<String> {
        match verdict {
            Verdict::Allow { .. } => BTreeSet::new(),
            Verdict::Review { why, .. } => why.clone(),
            Verdict::Deny { why, instead, .. } => why | instead,
        }
    }

    #[test]
    fn the_stricter_of_two_kinds_stays_as_it_is() {
        let rules = |name: &str| BTreeSet::from([name.parse().unwrap()]);
        let allow = Verdict::Allow { rules: rules("a") };
        let review = Verdict::Review {
            rules: rules("r"),
            why: BTreeSet::new(),
            risk: Risk::Low,
            terms: Terms::mildest(),
        };
        let deny = Verdict::Deny { rules: rules("d"), why: BTreeSet::new(), instead: BTreeSet::new() };
        for (milder, stricter) in [(&allow, &review), (&allow, &deny), (&review, &deny)] {
            assert_eq!(&milder.clone().join(stricter.clone()), stricter);
            assert_eq!(&stricter.clone().join(milder.clone()), stricter);
        }
    }

    #[test]
    fn terms_are_told_in_times() {
        let terms = Terms { deadline_s: 90, validity_s: 7, ..Terms::mildest() };
        assert_eq!((terms.deadline().as_secs(), terms.validity().as_secs()), (90, 7));
    }

    proptest! {
        #[test]
        fn joining_does_not_depend_on_order(a in verdict(), b in verdict(), c in verdict()) {
            prop_assert_eq!(a.clone().join(b.clone()), b.clone().join(a.clone()));
            prop_assert_eq!(a.clone().join(b.clone()).join(c.clone()), a.join(b.join(c)));
        }

        #[test]
        fn joining_never_makes_milder(a in verdict(), b in verdict()) {
            let joined = a.clone().join(b.clone());
            prop_assert!(joined.rank() >= a.rank().max(b.rank()));
            if let (Verdict::Review { terms: x, .. }, Verdict::Review { terms: y, .. }, Verdict::Review { terms, .. }) =
                (&a, &b, &joined)
            {
                prop_assert!(terms.approvals >= x.approvals.max(y.approvals));
                prop_assert!(terms.groups.is_superset(&x.groups) && terms.groups.is_superset(&y.groups));
                prop_assert!(terms.deadline_s <= x.deadline_s.min(y.deadline_s));
                prop_assert!(terms.distinct >= (x.distinct || y.distinct));
            }
        }

        #[test]
        fn of_two_of_a_kind_all_that_was_said_is_kept(a in verdict(), b in verdict()) {
            if a.rank() == b.rank() {
                let joined = a.clone().join(b.clone());
                prop_assert_eq!(joined.rules(), &(a.rules() | b.rules()));
                prop_assert_eq!(said(&joined), &said(&a) | &said(&b));
            }
        }

        #[test]
        fn joining_with_itself_changes_nothing(a in verdict()) {
            prop_assert_eq!(a.clone().join(a.clone()), a);
        }
    }
}
