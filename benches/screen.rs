//! The reviewer's screen in a real pseudo-terminal, in turns with less(1) on a text of the same rows: start to the
//! first whole screen, key to the screen that answers it; what it costs while nothing happens.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use crate::measure::Times;
use crate::table::{self, Budget};
use crate::terminal::{ROWS, Screen, Terminal};
use crate::world::{World, handoff};
use crate::{generate, number};

const ROUNDS: usize = 40;
const IDLE: Duration = Duration::from_secs(5);
/// Where the rows of the list begin, and how many are to be seen.
const FIRST: usize = 3;
const SHOWN: usize = 32;

/// A key, what it is for, and how it is seen to be answered.
type Key = (&'static str, &'static str, fn(&Screen, &Screen) -> bool);

/// The rows of `screen`.
pub fn rows() {
    let less = has_less();
    for tickets in [10, 10_000, number("HANDOFF_BENCH_TICKETS", 100_000)] {
        let pending = (tickets / 10).max(10);
        let world = filled(tickets, pending);
        let text = less.then(|| text(&world, tickets));
        let text = text.as_deref();
        if text.is_none() {
            table::left_out("the screen beside `less`", "there is no less");
        }
        let what = |figure: &str| format!("screen, {tickets} tickets, {pending} pending: {figure}");
        start(&world, text, pending, &what);
        keys(&world, text, pending, &what);
        others(&world, pending, &what);
        idle(&world, pending, &what);
    }
}

/// A queue of this size, a tenth of it waiting.
pub fn filled(tickets: usize, pending: usize) -> World {
    World::kept(&format!("{tickets}"), |world| generate::fill(world, tickets - pending, pending))
}

fn has_less() -> bool {
    Command::new("less").arg("--version").output().is_ok_and(|output| output.status.success())
}

fn review(world: &World) -> Command {
    let mut review = world.command(handoff());
    review.args(["review", "--as", "ana@bench"]);
    review
}

fn less(world: &World, text: &Path) -> Command {
    let mut less = world.command("less".as_ref());
    less.env("LESSHISTFILE", "-").arg("-S").arg(text);
    less
}

// As many lines as there are tickets, such as the screen shows.
fn text(world: &World, lines: usize) -> PathBuf {
    let path = world.path("rows.txt");
    let mut out = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    for line in 0..lines {
        let fresh = format!("{line:032x}");
        writeln!(out, "   MED     167:59:59 0/1   bench          -           'rm' '{fresh}'").unwrap();
    }
    path
}

fn start(world: &World, text: Option<&Path>, pending: usize, what: &dyn Fn(&str) -> String) {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS + 2 {
        let took = Terminal::start(&review(world)).first(|screen| is_whole(screen, pending));
        let less = text.map(|text| Terminal::start(&less(world, text)).first(is_less));
        if round >= 2 {
            ours.push(took);
            theirs.extend(less);
        }
    }
    let bare = text.map(|_| Times::of(theirs).median());
    let ours = Times::of(ours);
    table::times(&what("start to first frame; bare: `less`"), Budget::Most(25.0), ours.median(), bare);
    table::times(&what("the same, p95"), Budget::None, ours.percentile(95), None);
}

fn keys(world: &World, text: Option<&Path>, pending: usize, what: &dyn Fn(&str) -> String) {
    let keys: [Key; 4] = [
        ("j", "down (j)", |before, after| marked(after) == marked(before) + 1),
        ("k", "up (k)", |before, after| marked(after) + 1 == marked(before)),
        (" ", "a page on (Space)", |before, after| before.text() != after.text() && page(after)),
        ("b", "a page back (b)", |before, after| before.text() != after.text() && page(after)),
    ];
    let mut ours = Terminal::start(&review(world));
    ours.first(|screen| is_whole(screen, pending));
    let mut theirs = text.map(|text| Terminal::start(&less(world, text)));
    if let Some(less) = &mut theirs {
        less.first(is_less);
    }
    for (key, named, answered) in keys {
        // Of ten rows no page is turned.
        if pending < 4 * SHOWN && !matches!(key, "j" | "k") {
            continue;
        }
        let (mut a, mut b) = (Vec::new(), Vec::new());
        let back = match key {
            "j" => "k",
            "k" => "j",
            _ => "",
        };
        // Each page goes on from the one before.
        let rounds = if back.is_empty() { ROUNDS / 2 } else { ROUNDS };
        for _ in 0..rounds {
            if key == "k" {
                step(&mut ours, &mut theirs, back);
            }
            a.push(ours.key(key, answered));
            b.extend(theirs.as_mut().filter(|_| pending > SHOWN).map(|less| less.key(key, scrolled)));
            if key == "j" {
                step(&mut ours, &mut theirs, back);
            }
        }
        let bare = (!b.is_empty()).then(|| Times::of(b).median());
        let times = Times::of(a);
        table::times(&what(named), Budget::Most(3.0), times.median(), bare);
        table::times(&what(&format!("{named}, p95")), Budget::None, times.percentile(95), None);
    }
}

fn step(ours: &mut Terminal, theirs: &mut Option<Terminal>, key: &str) {
    let other = |before: &Screen, after: &Screen| before.text() != after.text();
    ours.key(key, |before, after| marked(after) != marked(before));
    if let Some(less) = theirs {
        // At its beginning it has nothing to scroll back.
        if less.screen.text().contains("(END)") {
            return;
        }
        less.key(key, other);
    }
}

// What less(1) has no like of.
fn others(world: &World, pending: usize, what: &dyn Fn(&str) -> String) {
    let mut screen = Terminal::start(&review(world));
    screen.first(|screen| is_whole(screen, pending));
    let other: fn(&Screen, &Screen) -> bool =
        |before, after| before.line(0) != after.line(0) && !after.line(usize::from(ROWS) - 1).is_empty();
    let list: fn(&Screen, &Screen) -> bool = |before, after| other_title(before, after) && marked(after) > 0;
    // `s` is not among them: where the order is right already, it draws nothing.
    let keys: [Key; 7] = [
        ("\r", "open a card (Enter)", other),
        ("q", "back from it (q)", list),
        ("h", "the history (h)", history),
        ("j", "down in it (j)", |before, after| before.text() != after.text()),
        ("q", "back from it (q)", list),
        ("?", "the keys (?)", |before, after| before.text() != after.text()),
        ("q", "back from them (q)", |before, after| before.text() != after.text()),
    ];
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); keys.len()];
    for _ in 0..ROUNDS / 2 {
        for ((key, _, answered), times) in keys.iter().zip(&mut times) {
            times.push(screen.key(key, answered));
        }
    }
    for ((_, named, _), times) in keys.iter().zip(times) {
        table::times(&what(named), Budget::Most(3.0), Times::of(times).median(), None);
    }
}

fn idle(world: &World, pending: usize, what: &dyn Fn(&str) -> String) {
    let mut screen = Terminal::start(&review(world));
    screen.first(|screen| is_whole(screen, pending));
    screen.settle();
    let before = screen.used();
    let until = std::time::Instant::now() + IDLE;
    while std::time::Instant::now() < until {
        sleep(Duration::from_millis(200));
        screen.settle();
    }
    let share = (screen.used() - before) * 100.0 / IDLE.as_secs_f64();
    table::figures(&what("idle, of a core"), Budget::Most(0.5), "%", (share * 100.0).round() / 100.0, None);
    let (resident, own) = screen.memory();
    table::figures(&what("resident"), Budget::Most(20.0), "MiB", resident, None);
    table::figures(&what("of it not shared"), Budget::None, "MiB", own, None);
}

fn is_whole(screen: &Screen, pending: usize) -> bool {
    let shown = pending.min(SHOWN);
    let title = screen.line(0);
    title.contains(" pending")
        && (FIRST..FIRST + shown)
            .all(|row| screen.line(row).contains("0/1") && screen.line(row).contains("rm"))
        && foot(screen)
}

fn page(screen: &Screen) -> bool {
    (FIRST..FIRST + SHOWN).all(|row| screen.line(row).contains("'rm'")) && foot(screen)
}

fn history(_: &Screen, after: &Screen) -> bool {
    after.line(0).contains("history") && after.line(FIRST).contains("'rm'") && foot(after)
}

fn foot(screen: &Screen) -> bool {
    screen.line(usize::from(ROWS) - 1).contains('?')
}

fn other_title(before: &Screen, after: &Screen) -> bool {
    before.line(0) != after.line(0) && foot(after)
}

// The row one is on; 0 when there is none.
fn marked(screen: &Screen) -> usize {
    (FIRST..FIRST + SHOWN).find(|&row| screen.line(row).starts_with(" > ")).unwrap_or(0)
}

fn is_less(screen: &Screen) -> bool {
    // Its prompt stands below the text, however short that is.
    let prompt = |row: usize| !screen.line(row).is_empty() && !screen.line(row).contains("'rm'");
    screen.line(0).contains("'rm'") && (1..usize::from(ROWS)).any(prompt)
}

fn scrolled(before: &Screen, after: &Screen) -> bool {
    before.line(0) != after.line(0) && !after.line(usize::from(ROWS) - 1).is_empty()
}
