//! A crowd on one queue, with kills, stops, jumping clocks and restores; afterwards a checker that knows the promises
//! goes over the log, the effects and what everybody was told. `HANDOFF_SOAK=600` is ten minutes of it with the
//! whole crowd; by default a few seconds with a small one. `HANDOFF_SOAK_SEED` repeats the same choices.

mod checker;
mod crowd;

use std::io::Write as _;
use std::time::Duration;

use crowd::{Crowd, Sizes};

const SHORT: Duration = Duration::from_secs(6);
const SMALL: Sizes = Sizes { proposers: 6, reviewers: 3, executors: 2 };
const WHOLE: Sizes = Sizes { proposers: 64, reviewers: 20, executors: 8 };

fn number(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} is a number, not {value:?}")))
}

#[test]
fn the_promises_hold_in_a_crowd() {
    let asked = number("HANDOFF_SOAK");
    let (sizes, length) = asked.map_or((SMALL, SHORT), |seconds| (WHOLE, Duration::from_secs(seconds)));
    let seed = number("HANDOFF_SOAK_SEED").unwrap_or_else(|| u64::from(std::process::id()) + 1);
    let crowd = Crowd::new(sizes, seed);
    crowd.live(length);
    let (told, found) = crowd.looked_over();
    // A crowd that did nothing would keep every promise.
    assert!(told.proposals > 0 && told.decisions > 0 && told.runs > 0, "{told:?}");
    assert!(found.is_empty(), "seed {seed}, {told:?}:\n{}", found.join("\n"));
    if asked.is_some() {
        // Past the tests' own capture of output: a long run is asked for to see what it did.
        let _ = writeln!(std::io::stderr(), "seed {seed}: {told:?}");
    }
}
