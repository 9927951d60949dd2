//! The fewest complete subtrees that stand for events left out.
//! Pure.

use std::collections::BTreeSet;

/// Level and index of the subtrees over the leaves from `begin` to before `end`, in order; none of them goes
/// across one of `cuts`.
pub fn cover(begin: u64, end: u64, cuts: &BTreeSet<u64>) -> Vec<(u8, u64)> {
    let mut subtrees = Vec::new();
    let mut at = begin;
    while at < end {
        let stop = cuts.range(at + 1..end).next().copied().unwrap_or(end);
        while at < stop {
            let level = at.trailing_zeros().min((stop - at).ilog2());
            subtrees.push((level as u8, at >> level));
            at += 1 << level;
        }
    }
    subtrees
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_gap_is_covered_by_the_largest_subtrees_that_fit() {
        assert_eq!(cover(0, 8, &BTreeSet::new()), [(3, 0)]);
        assert_eq!(cover(1, 8, &BTreeSet::new()), [(0, 1), (1, 1), (2, 1)]);
        assert_eq!(cover(0, 7, &BTreeSet::new()), [(2, 0), (1, 2), (0, 6)]);
        assert_eq!(cover(0, 8, &[6].into()), [(2, 0), (1, 2), (1, 3)]);
        assert_eq!(cover(3, 3, &BTreeSet::new()), []);
    }

    proptest! {
        #[test]
        fn every_leaf_is_covered_once_and_no_cut_is_crossed(
            begin in 0..200_u64, width in 0..200_u64, cuts in proptest::collection::btree_set(0..400_u64, 0..5)
        ) {
            let mut at = begin;
            for (level, index) in cover(begin, begin + width, &cuts) {
                prop_assert_eq!(index << level, at);
                let end = at + (1 << level);
                prop_assert!(cuts.range(at + 1..end).next().is_none());
                at = end;
            }
            prop_assert_eq!(at, begin + width);
        }
    }
}
