//! A reviewer's own memory: every decision, however it is made, leaves the log's head and the statement on their side,
//! and a queue that went back, or went on otherwise, is refused by it; by the gate's memory too.

use std::fs;
use std::path::{Path, PathBuf};

use crate::screen::read_and_approve;
use crate::sitting::{asked, read_to_the_end};
use crate::world::{Output, QUEUE, Reviewer, World};

/// So high that a card fits at once.
const HIGH: u16 = 70;

fn set_up() -> (World, Reviewer) {
    let world = World::new();
    let ana = world.init();
    (world, ana)
}

fn propose(world: &World, name: &str) -> String {
    world.handoff(&["propose", "--", "touch", name]).run().expect(0).line().to_owned()
}

fn side(world: &World) -> PathBuf {
    world.state().join("reviewer").join(QUEUE)
}

fn events(world: &World) -> Vec<serde_json::Value> {
    let log = world.handoff(&["audit", "log", "--raw"]).run().expect(0).stdout;
    log.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The pin is of the log as it is, and the newest statement of the log lies beside it with its signature.
#[track_caller]
pub fn remembered(world: &World) {
    let log = events(world);
    let pin = fs::read_to_string(side(world).join("pin")).unwrap();
    assert_eq!(pin.split_whitespace().nth(2).unwrap().parse(), Ok(log.len()), "{pin}");
    let what = |event: &serde_json::Value| {
        let what = &event["what"];
        if what["decision"].is_object() { what["decision"].clone() } else { what["reconciled"].clone() }
    };
    let signed = log.iter().rev().map(what).find(|what| what.is_object()).unwrap();
    let statement = signed["statement"].as_str().unwrap();
    let said: serde_json::Value = serde_json::from_str(statement).unwrap();
    let nonce = said["nonce"].as_str().unwrap();
    let kept =
        |ending: &str| fs::read_to_string(side(world).join(format!("statements/{nonce}.{ending}"))).unwrap();
    assert_eq!(
        (kept("json").as_str(), kept("json.sig").as_str()),
        (statement, signed["signature"].as_str().unwrap())
    );
}

#[test]
fn every_way_to_decide_leaves_head_and_statement_on_the_reviewers_side() {
    let (world, ana) = set_up();
    let first = propose(&world, "a");
    let mut terminal = world.terminal(&["approve", &first], 24, 80);
    read_to_the_end(&mut terminal);
    let code = asked(&mut terminal);
    terminal.send(&format!("{code}\r"));
    terminal.expect("approved");
    assert_eq!(terminal.finish(), 0);
    remembered(&world);

    world.handoff(&["revoke", &first, "--reason", "no"]).run().expect(0);
    remembered(&world);

    let screen = propose(&world, "b");
    let mut terminal = world.terminal(&["review", &screen], HIGH, 100);
    read_and_approve(&mut terminal);
    terminal.expect("Enter sign   ");
    terminal.send("\r");
    terminal.expect("approved");
    terminal.send("q");
    let _ = terminal.finish();
    remembered(&world);

    let elsewhere = propose(&world, "c");
    world.approve(&elsewhere, &ana).expect(0);
    remembered(&world);

    let no = propose(&world, "d");
    world.handoff(&["reject", &no, "--reason", "no"]).run().expect(0);
    remembered(&world);
    let elsewhere = propose(&world, "e");
    world.reject(&elsewhere, &ana, "no").expect(0);
    remembered(&world);
    world.handoff(&["reconcile", "--clock"]).run().expect(0);
    remembered(&world);
    assert_eq!(fs::read_dir(side(&world).join("statements")).unwrap().count(), 2 * 7);
}

#[test]
fn a_statement_that_is_prepared_is_remembered_with_the_head_it_names() {
    let (world, ana) = set_up();
    let id = propose(&world, "a");
    let prepared = world.handoff(&["decide", "--prepare", &id, "--as", &ana.name]).run().expect(0);
    let said: serde_json::Value = serde_json::from_slice(&prepared.bytes).unwrap();
    let pin = fs::read_to_string(side(&world).join("pin")).unwrap();
    assert_eq!(pin.split_whitespace().nth(3), said["log"]["root"].as_str());
}

/// A queue with a decision in it, that somebody has put back to before it.
struct PutBack {
    world: World,
    ana: Reviewer,
    waits: String,
    signed: PathBuf,
    size: usize,
}

impl PutBack {
    fn new() -> Self {
        let (world, ana) = set_up();
        let (waits, other) = (propose(&world, "waits"), propose(&world, "other"));
        let prepared = world.handoff(&["decide", "--prepare", &waits, "--as", &ana.name]).run().expect(0);
        let signed = world.sign(&ana, &prepared.bytes);
        let (queue, copy) = (world.data().join("queue.db"), world.work().join("copy.db"));
        fs::copy(&queue, &copy).unwrap();
        world.handoff(&["reject", &other, "--reason", "no"]).run().expect(0);
        let size = events(&world).len();
        fs::copy(&copy, &queue).unwrap();
        Self { world, ana, waits, signed, size }
    }

    /// Other events, until there are more than there were.
    fn forked() -> Self {
        let put_back = Self::new();
        let mut names = 0;
        while events(&put_back.world).len() <= put_back.size {
            names += 1;
            propose(&put_back.world, &format!("fork-{names}"));
        }
        put_back
    }

    fn ways(&self) -> Vec<Output> {
        let (world, signed) = (&self.world, self.signed.to_str().unwrap());
        let ways = [
            vec!["decide", "--prepare", &self.waits, "--as", &self.ana.name],
            vec!["decide", "--import", signed],
            vec!["reject", &self.waits, "--reason", "no"],
            vec!["revoke", &self.waits, "--reason", "no"],
            vec!["reconcile", "--clock"],
        ];
        ways.iter().map(|way| world.handoff(way).run()).collect()
    }

    /// Every way to decide says this, and decides nothing; so does the terminal.
    #[track_caller]
    fn is_refused(&self, words: &str) {
        for said in self.ways() {
            assert!(said.code == 125 && said.stderr.contains(words), "{}: {}", said.code, said.stderr);
            assert!(said.bytes.is_empty(), "nothing to sign is given: {}", said.stdout);
        }
        let mut terminal = self.world.terminal(&["approve", &self.waits], 24, 80);
        terminal.expect("remember");
        assert_eq!(terminal.finish(), 125);
        let mut terminal = self.world.terminal(&["review", &self.waits], HIGH, 100);
        terminal.expect("remember");
        terminal.send("q");
        terminal.expect("q quit");
        terminal.send("q");
        let _ = terminal.finish();
        let state = self.world.handoff(&["--json", "show", &self.waits]).run().expect(0).json();
        assert_eq!(state["state"], "pending");
    }
}

fn forget(path: &Path) {
    if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
}

const BEHIND: &str = "is behind what this account remembers of it";
const REWRITTEN: &str = "the queue's log was rewritten: event ";

#[test]
fn a_queue_that_was_put_back_is_refused_by_the_gate_and_by_the_reviewers_memory_alone() {
    let put_back = PutBack::new();
    put_back.is_refused(BEHIND);
    forget(&put_back.world.state().join(format!("{QUEUE}.mark")));
    put_back.is_refused(BEHIND);
}

#[test]
fn a_queue_that_went_on_otherwise_is_refused_by_the_gate_and_by_the_reviewers_memory_alone() {
    let forked = PutBack::forked();
    forked.is_refused(REWRITTEN);
    forget(&forked.world.state().join(format!("{QUEUE}.mark")));
    forked.is_refused(REWRITTEN);
}

#[test]
fn the_gates_memory_refuses_where_no_reviewer_remembers() {
    for (put_back, words) in [(PutBack::new(), BEHIND), (PutBack::forked(), REWRITTEN)] {
        let world = &put_back.world;
        forget(&side(world));
        let said =
            world.handoff(&["decide", "--import", put_back.signed.to_str().unwrap()]).run().expect(125);
        assert!(said.stderr.contains(words), "{}", said.stderr);
        let said = world.handoff(&["run", "--", "ls"]).run().expect(125);
        assert!(said.stderr.contains(words), "{}", said.stderr);
    }
}
