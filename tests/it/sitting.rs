//! `approve` on a real terminal: nothing is approved that was not read and typed here and now, in any window.

use std::time::Duration;

use crate::terminal::Terminal;
use crate::world::{Reviewer, World};

fn set_up(options: &[&str]) -> (World, Reviewer, String) {
    let world = World::new();
    let ana = world.init();
    let args = [&["propose"], options, &["--", "touch", "done"]].concat();
    let id = world.handoff(&args).run().expect(0).line().to_owned();
    (world, ana, id)
}

#[track_caller]
fn is(world: &World, id: &str, state: &str) {
    let shown = world.handoff(&["show", id, "--json"]).run().expect(0).json();
    assert_eq!(shown["state"], state, "{shown}");
}

/// Turns the pages to the question for the code.
#[track_caller]
pub fn read_to_the_end(terminal: &mut Terminal) {
    for _ in 0..200 {
        terminal.expect("Space: ");
        let end = std::time::Instant::now() + Duration::from_secs(10);
        let words = loop {
            let screen = terminal.screen();
            let rest = screen.rsplit("Space: ").next().unwrap().to_owned();
            if rest.contains("decision") || rest.contains("more") || std::time::Instant::now() > end {
                break rest;
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        terminal.send(" ");
        if words.contains("decision") {
            return;
        }
    }
    panic!("the card has no end:\n{}", terminal.screen());
}

/// What is to be typed, read off the screen.
#[track_caller]
pub fn asked(terminal: &mut Terminal) -> String {
    terminal.expect("To approve, type  ");
    terminal.expect("(Enter alone: leave)");
    let screen = terminal.screen();
    let asked = screen.rsplit("To approve, type").next().unwrap();
    asked.split("(Enter").next().unwrap().trim().to_owned()
}

#[test]
fn read_and_typed_it_is_approved() {
    let (world, _, id) = set_up(&[]);
    let mut terminal = world.terminal(&["approve", &id], 24, 80);
    read_to_the_end(&mut terminal);
    let code = asked(&mut terminal);
    assert_eq!(code, id);
    terminal.send(&format!("{code}\r"));
    terminal.expect("approved");
    assert_eq!(terminal.finish(), 0);
    is(&world, &id, "approved");
}

#[test]
fn without_a_terminal_the_way_to_sign_elsewhere_is_named() {
    let (world, _, id) = set_up(&[]);
    let output = world.handoff(&["approve", &id]).stdin(format!(" \n{id}\n")).run().expect(125);
    assert!(output.stderr.contains("handoff decide --prepare"), "{}", output.stderr);
    is(&world, &id, "pending");
}

#[test]
fn what_was_typed_ahead_approves_nothing() {
    let (world, _, id) = set_up(&[]);
    let mut terminal = world.terminal(&["approve", &id], 24, 80);
    // Everything a person would type, as fast as a program can, from before the first line on.
    for _ in 0..40 {
        terminal.send(&format!("   {id}\r"));
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(300));
    is(&world, &id, "pending");
    drop(terminal);
    is(&world, &id, "pending");
}

#[test]
fn at_high_risk_a_program_that_types_on_cannot_know_the_code() {
    let (world, _, id) = set_up(&["--declare", "risk=high"]);
    let mut terminal = world.terminal(&["approve", &id], 40, 100);
    read_to_the_end(&mut terminal);
    let first = asked(&mut terminal);
    assert_ne!(first, id);
    terminal.send(&format!("{id}\r"));
    let second = asked(&mut terminal);
    terminal.send(&format!("{second}\r"));
    terminal.expect("approved");
    assert_eq!(terminal.finish(), 0);
    is(&world, &id, "approved");
}

#[test]
fn a_wrong_code_three_times_ends_it() {
    let (world, _, id) = set_up(&[]);
    let mut terminal = world.terminal(&["approve", &id], 24, 80);
    read_to_the_end(&mut terminal);
    for wrong in ["y", "yes", "AAAA-AAAA"] {
        asked(&mut terminal);
        terminal.send(&format!("{wrong}\r"));
    }
    terminal.expect("nothing was decided");
    assert_eq!(terminal.finish(), 125);
    is(&world, &id, "pending");
}

#[test]
fn leaving_decides_nothing_wherever_one_is() {
    let (world, _, id) = set_up(&[]);
    let mut terminal = world.terminal(&["approve", &id], 24, 80);
    terminal.expect("Space: ");
    terminal.send("q");
    terminal.expect("nothing was signed");
    assert_eq!(terminal.finish(), 1);
    for (key, code) in [("\r", 1), ("\u{4}", 1)] {
        let mut terminal = world.terminal(&["approve", &id], 24, 80);
        read_to_the_end(&mut terminal);
        asked(&mut terminal);
        terminal.send(key);
        terminal.expect("nothing was signed");
        assert_eq!(terminal.finish(), code);
    }
    is(&world, &id, "pending");
}

#[test]
fn an_interrupt_in_the_middle_gives_the_terminal_back_as_it_was() {
    let (world, _, id) = set_up(&[]);
    let handoff = crate::world::program().display();
    let line = format!(
        "trap : INT; {handoff} approve {id}; echo code=$?; stty -a | grep -o '[-]*icanon\\|[-]*echo '"
    );
    let mut terminal = world.terminal_for("/bin/sh", &["-c", &line], 24, 80);
    terminal.expect("Space: ");
    terminal.send("\u{3}");
    terminal.expect("code=130");
    terminal.expect("icanon");
    terminal.expect("echo");
    let screen = terminal.screen();
    assert!(!screen.contains("-icanon") && !screen.contains("-echo "), "{screen}");
    is(&world, &id, "pending");
}

#[test]
fn a_window_of_sixty_by_sixteen_shows_all_of_it() {
    let (world, _, id) = set_up(&["--reason", &"a long reason that does not fit ".repeat(9)]);
    let card = world.handoff(&["show", &id, "--card"]).run().expect(0).stdout;
    let mut terminal = world.terminal(&["approve", &id], 16, 60);
    read_to_the_end(&mut terminal);
    let code = asked(&mut terminal);
    terminal.send(&format!("{code}\r"));
    terminal.expect("approved");
    let (screen, raw) = (terminal.screen(), terminal.raw());
    assert_eq!(terminal.finish(), 0);
    // The rows put together again are the card, letter for letter.
    let mut read = String::new();
    for row in screen.lines() {
        if let Some(text) = row.rsplit_once("\u{2502} ").map(|(_, text)| text) {
            read.push('\n');
            read.push_str(text);
        } else if let Some((_, text)) = row.rsplit_once("\u{2502}\u{21aa}") {
            read.push_str(text);
        }
    }
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    assert_eq!(squeezed(&read), squeezed(&card), "{screen}");
    let raw = String::from_utf8(raw).unwrap();
    let rows = raw.split(['\r', '\n']).filter(|row| row.starts_with(['\u{2502}', '\u{2500}']));
    rows.for_each(|row| assert!(row.chars().count() <= 60, "{row:?}"));
}

#[test]
fn a_window_that_changes_begins_again_from_the_top() {
    let (world, _, id) = set_up(&[]);
    let mut terminal = world.terminal(&["approve", &id], 16, 80);
    terminal.expect("Space: ");
    terminal.resize(16, 60);
    terminal.expect("once more from the top");
    terminal.expect("card.v1 of");
    terminal.expect("Space: ");
    terminal.send("q");
    assert_eq!(terminal.finish(), 1);
    is(&world, &id, "pending");
}

#[test]
fn a_ticket_that_ends_while_it_is_read_is_not_approved() {
    let (world, ana, id) = set_up(&[]);
    let mut terminal = world.terminal(&["approve", &id], 24, 80);
    read_to_the_end(&mut terminal);
    let code = asked(&mut terminal);
    world.reject(&id, &ana, "no").expect(0);
    terminal.send(&format!("{code}\r"));
    terminal.expect("rejected");
    assert_eq!(terminal.finish(), 1);
    is(&world, &id, "rejected");
}
