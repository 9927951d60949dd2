//! Who counts, how many are there, and who is missing (DESIGN §3 "Quorum").
//! Pure. Groups are filled by a matching, so that one person never holds two seats.

use std::collections::{BTreeMap, BTreeSet};

use super::file::Groups;
use super::verdict::Terms;
use crate::ids::{GroupName, Principal};

/// A person in their relation to one ticket.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seat {
    /// Who.
    pub principal: Principal,
    /// Whether the requester's account is mapped to this person.
    pub is_requester: bool,
}

/// Why a person's decision does not count on a ticket.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotEligible {
    /// The terms want somebody else than the requester.
    #[error("{0} asked for this, and the policy wants somebody else to decide (distinct)")]
    Requester(Principal),
    /// Every seat belongs to a group this person is not in.
    #[error("{principal} is in none of the groups that decide this: {}", list(groups))]
    OutsideGroups {
        /// Who.
        principal: Principal,
        /// The groups whose seats there are.
        groups: BTreeSet<GroupName>,
    },
}

/// That no people there could ever fulfil the terms.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{need} approvals are needed and at most {most} can ever be given{}", missing(groups))]
pub struct Unsatisfiable {
    /// Seats to fill.
    pub need: u32,
    /// Seats that can be filled at best.
    pub most: u32,
    /// Groups that cannot all be filled by different people.
    pub groups: BTreeSet<GroupName>,
}

fn list(groups: &BTreeSet<GroupName>) -> String {
    groups.iter().map(GroupName::as_str).collect::<Vec<_>>().join(", ")
}

fn missing(groups: &BTreeSet<GroupName>) -> String {
    if groups.is_empty() { String::new() } else { format!(" (nobody is left for: {})", list(groups)) }
}

/// How far a ticket's approvals fulfil its terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quorum {
    /// Seats filled.
    pub have: u32,
    /// Seats there are: one a group, and more when more approvals are asked for.
    pub need: u32,
    /// Groups nobody fills yet.
    pub missing_groups: BTreeSet<GroupName>,
    /// Whether nothing is missing.
    pub met: bool,
}

impl Quorum {
    /// Counts the eligible among `approvals`; a person who is there twice counts once.
    #[must_use]
    pub fn of(terms: &Terms, groups: &Groups, approvals: &[Seat]) -> Self {
        let counts = |seat: &&Seat| eligible(terms, groups, &seat.principal, seat.is_requester).is_ok();
        let people: BTreeSet<&Principal> =
            approvals.iter().filter(counts).map(|seat| &seat.principal).collect();
        let filled = fill(terms, groups, &people);
        let need = seats(terms);
        let free = need - terms.groups.len().min(need);
        let others = (people.len() - filled.len()).min(free);
        let have = filled.len() + others;
        let missing = |group: &&GroupName| !filled.values().any(|filled| filled == group);
        Self {
            have: u32::try_from(have).unwrap_or(u32::MAX),
            need: u32::try_from(need).unwrap_or(u32::MAX),
            missing_groups: terms.groups.iter().filter(missing).cloned().collect(),
            met: have >= need,
        }
    }

    /// Whether `candidates`, all approving, would fulfil the terms.
    ///
    /// # Errors
    /// What would still be missing.
    pub fn satisfiable(terms: &Terms, groups: &Groups, candidates: &[Seat]) -> Result<(), Unsatisfiable> {
        let best = Self::of(terms, groups, candidates);
        if best.met {
            return Ok(());
        }
        Err(Unsatisfiable { need: best.need, most: best.have, groups: best.missing_groups })
    }
}

/// Whether this person's decision counts under `terms`: for approving, rejecting and revoking alike.
///
/// # Errors
/// Why it does not.
pub fn eligible(
    terms: &Terms,
    groups: &Groups,
    principal: &Principal,
    is_requester: bool,
) -> Result<(), NotEligible> {
    if terms.distinct && is_requester {
        return Err(NotEligible::Requester(principal.clone()));
    }
    let every_seat_is_a_groups = !terms.groups.is_empty() && terms.groups.len() == seats(terms);
    let member = || terms.groups.iter().any(|group| is_member(groups, group, principal));
    if every_seat_is_a_groups && !member() {
        let groups = terms.groups.clone();
        return Err(NotEligible::OutsideGroups { principal: principal.clone(), groups });
    }
    Ok(())
}

fn is_member(groups: &Groups, group: &GroupName, principal: &Principal) -> bool {
    groups.get(group).is_some_and(|members| members.contains(principal))
}

fn seats(terms: &Terms) -> usize {
    terms.groups.len().max(usize::try_from(terms.approvals).unwrap_or(usize::MAX))
}

// A largest matching of people to groups, by augmenting paths (Kuhn): person to the group they fill.
fn fill<'a>(
    terms: &'a Terms,
    groups: &Groups,
    people: &BTreeSet<&'a Principal>,
) -> BTreeMap<&'a Principal, &'a GroupName> {
    let mut filled = BTreeMap::new();
    for group in &terms.groups {
        seat_one(group, groups, people, &mut filled, &mut BTreeSet::new());
    }
    filled
}

fn seat_one<'a>(
    group: &'a GroupName,
    groups: &Groups,
    people: &BTreeSet<&'a Principal>,
    filled: &mut BTreeMap<&'a Principal, &'a GroupName>,
    tried: &mut BTreeSet<&'a Principal>,
) -> bool {
    for &person in people.iter().filter(|person| is_member(groups, group, person)) {
        if !tried.insert(person) {
            continue;
        }
        let free = match filled.get(person).copied() {
            None => true,
            Some(held) => seat_one(held, groups, people, filled, tried),
        };
        if free {
            filled.insert(person, group);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn groups(spec: &[(&str, &[&str])]) -> Groups {
        let set = |members: &[&str]| members.iter().map(|member| member.parse().unwrap()).collect();
        spec.iter().map(|(name, members)| (name.parse().unwrap(), set(members))).collect()
    }

    fn terms(approvals: u32, names: &[&str], distinct: bool) -> Terms {
        let groups = names.iter().map(|name| name.parse().unwrap()).collect();
        Terms { approvals, groups, distinct, ..Terms::mildest() }
    }

    fn seats_of(names: &[&str]) -> Vec<Seat> {
        let seat = |name: &&str| Seat { principal: name.parse().unwrap(), is_requester: *name == "me" };
        names.iter().map(seat).collect()
    }

    #[test]
    fn one_person_cannot_fill_two_groups() {
        let groups = groups(&[("infra", &["a", "b"]), ("security", &["a"])]);
        let terms = terms(1, &["infra", "security"], false);
        let alone = Quorum::of(&terms, &groups, &seats_of(&["a"]));
        assert_eq!((alone.have, alone.need, alone.met), (1, 2, false));
        let both = Quorum::of(&terms, &groups, &seats_of(&["a", "b"]));
        assert!(both.met && both.missing_groups.is_empty());
    }

    #[test]
    fn a_person_moves_to_another_group_to_make_room() {
        let groups = groups(&[("g1", &["a", "b"]), ("g2", &["a", "c"]), ("g3", &["a"])]);
        let terms = terms(3, &["g1", "g2", "g3"], false);
        assert!(Quorum::of(&terms, &groups, &seats_of(&["a", "b", "c"])).met);
        assert!(!Quorum::of(&terms, &groups, &seats_of(&["b", "c"])).met);
    }

    #[test]
    fn the_same_person_twice_counts_once() {
        let quorum = Quorum::of(&terms(2, &[], false), &Groups::new(), &seats_of(&["a", "a"]));
        assert_eq!((quorum.have, quorum.need, quorum.met), (1, 2, false));
    }

    #[test]
    fn a_requester_counts_only_where_the_terms_do_not_say_distinct() {
        let none = Groups::new();
        assert!(Quorum::of(&terms(1, &[], false), &none, &seats_of(&["me"])).met);
        assert!(!Quorum::of(&terms(1, &[], true), &none, &seats_of(&["me"])).met);
        let me = "me".parse().unwrap();
        assert!(matches!(eligible(&terms(1, &[], true), &none, &me, true), Err(NotEligible::Requester(_))));
    }

    #[test]
    fn outsiders_count_only_when_a_seat_is_open_to_all() {
        let groups = groups(&[("infra", &["a"])]);
        let b: Principal = "b".parse().unwrap();
        assert!(eligible(&terms(1, &["infra"], false), &groups, &b, false).is_err());
        assert!(eligible(&terms(2, &["infra"], false), &groups, &b, false).is_ok());
        let quorum = Quorum::of(&terms(2, &["infra"], false), &groups, &seats_of(&["b", "c"]));
        assert_eq!((quorum.have, quorum.need, quorum.met), (1, 2, false));
        assert!(Quorum::of(&terms(2, &["infra"], false), &groups, &seats_of(&["a", "c"])).met);
    }

    #[test]
    fn two_of_one_group_do_not_fill_the_seat_of_another() {
        let groups = groups(&[("infra", &["a", "b"]), ("security", &["c"])]);
        let terms = terms(2, &["infra", "security"], false);
        let quorum = Quorum::of(&terms, &groups, &seats_of(&["a", "b"]));
        assert_eq!((quorum.have, quorum.need, quorum.met), (1, 2, false));
        assert_eq!(quorum.missing_groups, ["security".parse().unwrap()].into());
        assert!(Quorum::of(&terms, &groups, &seats_of(&["a", "b", "c"])).met);
    }

    #[test]
    fn a_member_alone_does_not_fill_the_open_seat_as_well() {
        let groups = groups(&[("infra", &["a", "b"])]);
        let terms = terms(2, &["infra"], false);
        let alone = Quorum::of(&terms, &groups, &seats_of(&["a"]));
        assert_eq!((alone.have, alone.need, alone.met), (1, 2, false));
        assert!(Quorum::of(&terms, &groups, &seats_of(&["a", "b"])).met);
    }

    #[test]
    fn what_can_never_be_met_is_said_with_its_groups() {
        let groups = groups(&[("x", &["a"]), ("y", &["a"])]);
        let error = Quorum::satisfiable(&terms(1, &["x", "y"], false), &groups, &seats_of(&["a", "b"]));
        let error = error.unwrap_err();
        assert_eq!((error.need, error.most), (2, 1));
        assert_eq!(
            error.to_string(),
            "2 approvals are needed and at most 1 can ever be given (nobody is left for: y)"
        );
    }

    proptest! {
        #[test]
        fn another_approval_never_takes_away_and_order_never_matters(
            members in prop::collection::vec(prop::collection::vec(0..5u8, 0..4), 0..4),
            approvals in 1..5u32,
            mut people in prop::collection::vec(0..6u8, 0..6),
            more in 0..6u8,
        ) {
            let name = |n: u8| format!("p{n}").parse::<Principal>().unwrap();
            let groups: Groups = members.iter().enumerate()
                .map(|(n, set)| (format!("g{n}").parse().unwrap(), set.iter().map(|&n| name(n)).collect()))
                .collect();
            let terms = Terms { approvals, groups: groups.keys().cloned().collect(), ..Terms::mildest() };
            let seats = |people: &[u8]| people.iter()
                .map(|&n| Seat { principal: name(n), is_requester: false }).collect::<Vec<_>>();
            let before = Quorum::of(&terms, &groups, &seats(&people));
            prop_assert!(before.have <= before.need);
            prop_assert_eq!(before.met, before.have == before.need);
            people.reverse();
            prop_assert_eq!(&before, &Quorum::of(&terms, &groups, &seats(&people)));
            people.push(more);
            prop_assert!(Quorum::of(&terms, &groups, &seats(&people)).have >= before.have);
        }
    }
}
