//! Many processes that write at once, ours and bare ones in turns: how many a second, how fairly, any refused.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::measure::Times;
use crate::world::{REVIEWED, World};

/// How one kind fared.
pub struct Storm {
    pub times: Times,
    pub errors: usize,
    pub a_second: f64,
}

/// `processes` at once, each as soon as the one before it in its lane has ended, `rounds` times in turns.
pub fn in_turns(world: &World, processes: usize, rounds: usize) -> (Storm, Storm) {
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        ours.push(storm(processes, || world.handoff(&["propose"], REVIEWED)));
        bare.push(storm(processes, || world.bare(&[])));
    }
    (sum(ours), sum(bare))
}

type One = (Vec<(Duration, bool)>, Duration);

fn storm(processes: usize, command: impl Fn() -> Command + Sync) -> One {
    let start = Instant::now();
    let lane = || -> Vec<(Duration, bool)> { (0..4).map(|_| one(command())).collect() };
    let all = std::thread::scope(|scope| {
        let lanes: Vec<_> = (0..processes).map(|_| scope.spawn(lane)).collect();
        lanes.into_iter().flat_map(|lane| lane.join().unwrap()).collect()
    });
    (all, start.elapsed())
}

fn one(mut command: Command) -> (Duration, bool) {
    let start = Instant::now();
    let good = command.status().unwrap().success();
    (start.elapsed(), good)
}

fn sum(storms: Vec<One>) -> Storm {
    let mut rates: Vec<f64> =
        storms.iter().map(|(all, took)| all.len() as f64 / took.as_secs_f64()).collect();
    rates.sort_by(f64::total_cmp);
    let all: Vec<(Duration, bool)> = storms.into_iter().flat_map(|(all, _)| all).collect();
    Storm {
        errors: all.iter().filter(|(_, good)| !good).count(),
        times: Times::of(all.into_iter().map(|(time, _)| time).collect()),
        a_second: rates[rates.len() / 2],
    }
}
