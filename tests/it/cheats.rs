//! What a hostile requester, a colleague or bad luck tried, and what became of it.
//! Each test is a way around the gate that once worked, or a false word about what ran.

use crate::world::{Reviewer, World};

fn set_up() -> (World, Reviewer) {
    let world = World::new();
    let ana = world.init();
    (world, ana)
}

#[test]
fn bytes_from_a_pipe_do_not_pass_for_the_terminal_that_was_approved() {
    let (world, _) = set_up();
    let mut terminal = world.terminal(&["propose", "--", "cat", "-n"], 24, 80);
    terminal.expect("-");
    let screen = terminal.screen();
    terminal.finish();
    let id = screen.split_whitespace().find(|word| word.len() == 9 && word.contains('-')).unwrap();
    let output = world.handoff(&["exec", id]).stdin("unseen").run().expect(123);
    assert!(output.stderr.contains("the requester's terminal"), "{}", output.stderr);
    assert!(!output.stdout.contains("unseen"), "{}", output.stdout);
}
