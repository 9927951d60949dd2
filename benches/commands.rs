//! What each command costs, as a ratio to a bare program that does only the unavoidable part, in the same run.
//! `cargo bench`; `docs/speed.md` says how to read it. Prints one table and asserts nothing about time.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, clippy::disallowed_methods)]
#![allow(
    clippy::panic,
    clippy::expect_used,
    reason = "a bench, as a test, may stop at what it did not expect"
)]

mod audit;
mod generate;
mod hostile;
mod judge;
mod measure;
mod screen;
mod storm;
mod syncs;
mod table;
mod terminal;
mod wake;
mod world;

use std::process::Command;

use handoff::store::{Filter, Page};
use measure::{Times, in_turns, time};
use table::Budget;
use world::{ALLOWED, REVIEWED, World, beside, build_beside, done, handoff};

const ROUNDS: usize = 150;

fn main() {
    // cargo adds --bench; a word of one's own picks rows.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let all: [(&str, fn()); 13] = [
        ("size", binary),
        ("start", start),
        ("propose", propose),
        ("run", run),
        ("judge", judge::rows),
        ("syncs", syncs),
        ("wake", waiters),
        ("storm", storm),
        ("grown", grown),
        ("screen", screen::rows),
        ("audit", audit::rows),
        ("export", audit::exports),
        ("hostile", hostile::rows),
    ];
    // These need no program beside them.
    let alone = ["judge", "screen", "audit", "export", "hostile"];
    if wanted.is_empty() || !wanted.iter().all(|word| alone.contains(&word.as_str())) {
        build_beside();
    }
    table::head();
    for (name, rows) in all {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            rows();
        }
    }
}

fn binary() {
    let size = std::fs::metadata(handoff()).unwrap().len();
    table::figures("the binary", Budget::Most(12.0), "MiB", size as f64 / f64::from(1 << 20), None);
}

fn start() {
    let world = World::new();
    let empty = || done(world.command(&beside("empty")));
    let version = || {
        let mut version = world.command(handoff());
        version.arg("--version");
        done(version);
    };
    let (ours, bare) = in_turns(ROUNDS, |_| version(), |_| empty());
    table::times("`--version` beside an empty program", Budget::None, ours.median(), Some(bare.median()));
    let check = || world.handoff(&["policy", "check"], ALLOWED);
    if check().stderr(std::process::Stdio::null()).status().unwrap().success() {
        let (ours, bare) = in_turns(ROUNDS, |_| done(check()), |_| empty());
        table::times("`policy check`, all packs", Budget::Ratio(2.0), ours.median(), Some(bare.median()));
    } else {
        table::left_out("`policy check`, all packs", "this build has no such command");
    }
}

fn propose() {
    let world = World::new();
    let ours = |_| done(world.handoff(&["propose"], REVIEWED));
    let hashing = ["--hash", "/usr/bin/rm"];
    let (a, b) = in_turns(ROUNDS, ours, |_| done(world.bare(&[])));
    table::times("`propose`, alone", Budget::Ratio(1.5), a.median(), Some(b.median()));
    let (a, b) = in_turns(ROUNDS, ours, |_| done(world.bare(&hashing)));
    table::times(
        "`propose`, alone; bare hashes the program too",
        Budget::Ratio(1.5),
        a.median(),
        Some(b.median()),
    );
    let _others = world.others();
    let (a, b) = in_turns(ROUNDS, ours, |_| done(world.bare(&[])));
    table::times("`propose`, beside another connection", Budget::Ratio(1.5), a.median(), Some(b.median()));
    let (a, b) = in_turns(ROUNDS, ours, |_| done(world.bare(&hashing)));
    table::times(
        "`propose`, beside another; bare hashes too",
        Budget::Ratio(1.5),
        a.median(),
        Some(b.median()),
    );
}

fn run() {
    let world = World::new();
    let ours = |_| done(world.handoff(&["run"], ALLOWED));
    let words = ["--inserts", "2", "--run", "/usr/bin/true"];
    let (a, b) = in_turns(ROUNDS, ours, |_| done(world.bare(&words)));
    let what = "allowed `run` of `true`; bare: insert, start `true`, insert";
    table::times(what, Budget::None, a.median(), Some(b.median()));
    let (a, b) = in_turns(ROUNDS, ours, |_| done(world.command("/usr/bin/true".as_ref())));
    table::times("allowed `run` of `true`; bare: `true`", Budget::None, a.median(), Some(b.median()));
}

fn syncs() {
    let world = World::new();
    let propose = || world.handoff(&["propose"], REVIEWED);
    let run = || world.handoff(&["run"], ALLOWED);
    let count = |command: Command| syncs::count(&world, command);
    let Some(bare) = count(world.bare(&[])) else {
        table::left_out("syncs", "there is no strace");
        return;
    };
    let row = |what: &str, ours: Command, bare: f64| {
        table::figures(what, Budget::Ratio(1.0), "syncs", count(ours).unwrap_or(f64::NAN), Some(bare));
    };
    done(propose());
    done(run());
    row("`propose`, alone", propose(), bare);
    let twice = ["--inserts", "2", "--run", "/usr/bin/true"];
    row("allowed `run`, alone", run(), count(world.bare(&twice)).unwrap());
    let _others = world.others();
    // The first to write makes the log anew, which costs a sync more.
    done(propose());
    done(world.bare(&[]));
    row("`propose`, beside another connection", propose(), count(world.bare(&[])).unwrap());
    row("allowed `run`, beside another connection", run(), count(world.bare(&twice)).unwrap());
    let (before, after) = syncs::commits_around(&world, run(), "true").unwrap();
    let what = |when: &str| format!("allowed `run` of `true`: transactions {when}");
    table::figures(&what("before it starts"), Budget::Most(1.0), "", before, None);
    table::figures(&what("after"), Budget::Most(1.0), "", after, None);
}

fn waiters() {
    let world = World::new();
    let one = Times::of((0..40).map(|_| wake::measure(&world, 1).wake.median()).collect());
    table::times("decision committed to command running, 1 waiter, p50", Budget::None, one.median(), None);
    table::times("the same, p99", Budget::Most(10.0), one.percentile(99), None);
    let many = number("HANDOFF_BENCH_WAITERS", 50);
    let waiting = wake::measure(&world, many);
    let what = |figure: &str| format!("{many} waiters: {figure}");
    table::times(&what("committed to running, p50"), Budget::None, waiting.wake.median(), None);
    table::times(&what("the same, p99"), Budget::Most(10.0), waiting.wake.percentile(99), None);
    let share = 10.0 * many as f64 / 500.0;
    table::figures(&what("all idle, of a core"), Budget::Most(share), "%", waiting.idle_percent, None);
    table::figures(&what("resident, the largest"), Budget::Most(12.0), "MiB", waiting.resident, None);
    table::figures(&what("of it not shared"), Budget::None, "MiB", waiting.own, None);
}

fn storm() {
    let world = World::new();
    let (ours, bare) = storm::in_turns(&world, 64, 3);
    let each = |storm: &storm::Storm| storm.times.median();
    let (a, b) = (ours.a_second, bare.a_second);
    table::figures("64 at once: errors", Budget::Most(0.0), "", ours.errors as f64, None);
    table::figures("64 at once: proposals a second", Budget::AtLeast(0.8), "", a.round(), Some(b.round()));
    table::times("64 at once: median", Budget::None, each(&ours), Some(each(&bare)));
    let spread = |storm: &storm::Storm| measure::ratio(storm.times.percentile(99), each(storm));
    table::figures("64 at once: p99 by median", Budget::Most(10.0), "×", spread(&ours), Some(spread(&bare)));
    table::times("64 at once: longest", Budget::None, ours.times.longest(), Some(bare.times.longest()));
}

fn grown() {
    let (few, many) = (1_000, number("HANDOFF_BENCH_TICKETS", 100_000));
    let small = screen::filled(few, few / 10);
    let mut large = None;
    let took = time(|| large = Some(screen::filled(many, many / 10)));
    let large = large.unwrap();
    let size = std::fs::metadata(large.db()).unwrap().len() >> 20;
    println!(
        "| {many} tickets and {} events made, {size} MiB | | {:.0} s | | | |",
        generate::events(many - many / 10, many / 10),
        took.as_secs_f64()
    );
    let what = |figure: &str| format!("{figure}: {many} tickets beside {few}");
    let (a, b) = in_turns(
        ROUNDS,
        |_| done(large.handoff(&["propose"], REVIEWED)),
        |_| done(small.handoff(&["propose"], REVIEWED)),
    );
    table::times(&what("`propose`"), Budget::Ratio(1.2), a.median(), Some(b.median()));
    for (name, states) in
        [("first page, pending", vec!["pending".to_owned()]), ("first page, all", Vec::new())]
    {
        let (mut one, mut other) = (large.queue(), small.queue());
        let filter = Filter { states, ..Filter::default() };
        let page = Page { skip: 0, limit: 100 };
        let (a, b) = in_turns(
            ROUNDS,
            |_| drop(one.read(&mut |read| Ok(read.list(&filter, page)?)).unwrap()),
            |_| drop(other.read(&mut |read| Ok(read.list(&filter, page)?)).unwrap()),
        );
        table::times(&what(name), Budget::Ratio(1.2), a.median(), Some(b.median()));
    }
    list(&large, &small, &what("`list`"));
}

fn list(large: &World, small: &World, what: &str) {
    let list = |world: &World| {
        let mut list = world.command(handoff());
        list.arg("list");
        list
    };
    if !list(small).stderr(std::process::Stdio::null()).status().unwrap().success() {
        return table::left_out(what, "this build has no such command");
    }
    let (a, b) = in_turns(ROUNDS, |_| done(list(large)), |_| done(list(small)));
    table::times(what, Budget::Ratio(1.2), a.median(), Some(b.median()));
}

fn number(variable: &str, usual: usize) -> usize {
    std::env::var(variable).map_or(usual, |text| text.parse().expect("a number"))
}
