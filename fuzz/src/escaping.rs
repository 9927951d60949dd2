//! Whatever is shown is harmless, and two arguments never look the same.

use handoff::escaped::Escaped;

/// The first byte splits the rest into two arguments.
pub fn holds(data: &[u8]) {
    let Some((split, rest)) = data.split_first() else { return };
    let (one, other) = rest.split_at(usize::from(*split).min(rest.len()));
    for bytes in [one, other] {
        for shown in [Escaped::argument(bytes), Escaped::name(bytes)] {
            let shown = shown.as_str();
            assert!(shown.bytes().all(|b| (0x20..0x7f).contains(&b)), "{shown:?}");
        }
        super::harmless(Escaped::prose(bytes).as_str());
        Escaped::lines(bytes).for_each(|line| assert!(!line.as_str().contains('\n')));
    }
    assert_eq!(one == other, Escaped::argument(one) == Escaped::argument(other), "{one:?} {other:?}");
    assert_eq!(one == other, Escaped::name(one) == Escaped::name(other), "{one:?} {other:?}");
}
