//! Shell lines made to exhaust, as long as one argument may be and longer: the work for each is bounded.

use std::hint::black_box;
use std::process::Stdio;

use handoff::facts::shell;

use crate::measure::{Times, time};
use crate::table::{self, Budget};
use crate::world::{World, handoff, load};

/// Linux takes no longer argument than 128 KiB.
const ARGUMENTS: [usize; 2] = [64 << 10, 127 << 10];
const LONG: usize = 1 << 20;
const ROUNDS: usize = 15;
/// What is repeated until the line is so long.
const PIECES: [&str; 16] = [
    "ls; ", "a ", "$(", "$(ls)", "{a,b}", "(", "`", "ls|", "A=$A$A;", "<<E\n", "*", "${A:-", "[[ ", "\\",
    "'\"", "env ",
];

/// The rows of `hostile`.
pub fn rows() {
    let world = World::new();
    for size in ARGUMENTS {
        let worst = worst(|piece| {
            let line = piece.repeat(size / piece.len());
            let times = (0..ROUNDS).map(|_| time(|| check(&world, &line)));
            Times::of(times.collect())
        });
        report(&format!("`policy check --shell`, hostile lines of {} KiB", size >> 10), worst);
    }
    let policy = load("version = \"bench\"\npacks = [\"core\", \"shell\", \"system\", \"git\"]\n");
    let facts = crate::judge::facts(&["bash", "-c", "true"]);
    let worst = worst(|piece| {
        let line = piece.repeat(LONG / piece.len());
        let judge = || {
            let read = shell::line(line.as_bytes(), &facts.observed.cwd, None);
            drop(black_box(policy.judge_atoms(&read, &facts)));
        };
        Times::of((0..ROUNDS).map(|_| time(judge)).collect())
    });
    report("the same of 1 MiB, in process", worst);
}

fn worst(times: impl Fn(&str) -> Times) -> (&'static str, Times) {
    let all = PIECES.iter().map(|piece| (*piece, times(piece)));
    all.max_by_key(|(_, times)| times.median()).unwrap()
}

fn report(what: &str, (piece, times): (&str, Times)) {
    let what = format!("{what}: the slowest, of {piece:?}");
    table::times(&what, Budget::Most(50.0), times.median(), None);
}

fn check(world: &World, line: &str) {
    let mut check = world.command(handoff());
    check.args(["policy", "check", "--shell", line]).stderr(Stdio::null());
    let code = check.status().unwrap().code();
    // 119, 121: nothing of it is allowed; 125: it is no request at all.
    assert!(matches!(code, Some(119 | 121 | 125 | 2)), "{code:?}");
}
