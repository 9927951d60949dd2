//! Every world that can be reached, breadth first, so that what is found is found on a shortest way.
//! Keeps a 128-bit fingerprint of each, its parent, and one level of worlds.

use std::collections::{BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::acts::{Act, Scope};
use super::machine::Machine;
use super::promises;
use super::world::World;

/// What an exploration came to.
pub struct Explored {
    pub states: usize,
    pub transitions: usize,
    pub depth: usize,
    /// Whether there was nothing left to explore.
    pub whole: bool,
    /// The rows of the table of transitions that were gone.
    pub rows: BTreeSet<String>,
    /// The first promise that was broken, and the way to it.
    pub found: Option<Found>,
}

/// A way to a broken promise.
#[derive(Debug)]
pub struct Found {
    pub promise: String,
    pub way: Vec<Act>,
}

struct Way {
    parent: u32,
    act: Act,
}

/// Explores from `beginning`, `most` worlds at most.
pub fn explore(machine: &Machine, beginning: World, scope: &Scope, most: usize) -> Explored {
    let mut known = HashSet::from([fingerprint(&beginning)]);
    let mut ways = vec![Way { parent: 0, act: Act::Pass }];
    let mut level = vec![(0_u32, beginning)];
    let mut told =
        Explored { states: 1, transitions: 0, depth: 0, whole: false, rows: BTreeSet::new(), found: None };
    while !level.is_empty() {
        let mut next = Vec::new();
        for (index, world) in level {
            for act in Act::all(&world, scope) {
                let mut done = act.done(&world, machine);
                told.transitions += 1;
                let broken = promises::broken(&world, act, &done);
                if let Some(promise) = broken.or_else(|| promises::unfounded(&world, act, &done)) {
                    let way = way(&ways, index, act);
                    return Explored { found: Some(Found { promise, way }), ..told };
                }
                if !matches!(act, Act::PutBack | Act::Restore) {
                    told.rows.extend(rows(&world, &done.world));
                }
                // Either executor could be the other.
                done.world.hands.sort();
                if known.insert(fingerprint(&done.world)) {
                    ways.push(Way { parent: index, act });
                    next.push((u32::try_from(ways.len() - 1).unwrap(), done.world));
                }
            }
            told.states = known.len();
            if told.states >= most {
                return told;
            }
        }
        told.depth += 1;
        level = next;
    }
    Explored { whole: true, ..told }
}

fn fingerprint(world: &World) -> u128 {
    let half = |seed: u8| {
        let mut hasher = DefaultHasher::new();
        seed.hash(&mut hasher);
        world.hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}

fn way(ways: &[Way], from: u32, last: Act) -> Vec<Act> {
    let mut acts = vec![last];
    let mut at = from;
    while at != 0 {
        let Way { parent, act } = &ways[usize::try_from(at).unwrap()];
        acts.push(*act);
        at = *parent;
    }
    acts.reverse();
    acts
}

fn rows(before: &World, after: &World) -> Vec<String> {
    let changed = |slip: &super::world::Slip| {
        let new = after.desk.slip(slip.id)?.stand;
        let name = |stand: super::world::Stand| match stand.run() {
            Some(run) => format!("{run:?}").to_lowercase(),
            None => format!("{stand:?}").to_lowercase(),
        };
        (new != slip.stand).then(|| format!("{} -> {}", name(slip.stand), name(new)))
    };
    before.desk.slips.iter().filter_map(changed).collect()
}
