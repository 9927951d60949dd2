//! Those who use one queue at once, each in a thread that starts the real program, and what troubles them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, RwLock};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::checker::{Evidence, Told};
use crate::world::{Output, Reviewer, Run, World, program};

/// What no command may say, whatever happens to it.
const NEVER: [&str; 5] = ["panicked", "is locked", "damaged", "contradicts", "malformed"];
/// How long a command that was started before a restore may go on.
const GRACE: Duration = Duration::from_secs(3);
/// From one restore to the next.
const LIFE: Duration = Duration::from_secs(20);

const POLICY: &str = r#"
[limits]
max_pending = 100000
[[rule]]
id = "two-people"
verdict = "review"
program = ["two"]
approvals = 2
match = ["two x"]
"#;

/// How many of each.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    pub proposers: usize,
    pub reviewers: usize,
    pub executors: usize,
}

/// How much was done.
#[derive(Debug, Default, Clone, Copy)]
pub struct Counts {
    pub proposals: usize,
    pub decisions: usize,
    pub runs: usize,
    pub troubles: usize,
    pub jumps: usize,
    pub restores: usize,
}

#[derive(Default)]
struct Board {
    pids: BTreeSet<u32>,
    counts: Counts,
    odd: Vec<String>,
    heads: Vec<PathBuf>,
    evidence: Evidence,
}

/// All of them, and their world.
pub struct Crowd {
    world: World,
    sizes: Sizes,
    people: Vec<Reviewer>,
    scripts: [String; 2],
    has_faketime: bool,
    board: Mutex<Board>,
    // Held by whoever files and notes the id, so that a restore is before or after both.
    filing: RwLock<()>,
    dice: AtomicU64,
    over: AtomicBool,
}

impl Crowd {
    pub fn new(sizes: Sizes, seed: u64) -> Self {
        let world = World::new();
        let first = world.init();
        let policy = world.config().join("policy.toml");
        let text = std::fs::read_to_string(&policy).unwrap();
        std::fs::write(&policy, text + POLICY).unwrap();
        let mut people = vec![first];
        for number in 1..sizes.reviewers {
            let one = world.reviewer(&format!("r{number}@test"));
            let public = format!("{}.pub", one.key.display());
            world.handoff(&["key", "trust", &one.name, &public]).run().expect(0);
            people.push(one);
        }
        let effect = "echo \"$1\" >> effects";
        let scripts = ["one", "two"].map(|name| world.script(name, effect).to_str().unwrap().to_owned());
        let has_faketime = world.command("sh", &["-c", "command -v faketime"]).run().code == 0;
        Self {
            world,
            sizes,
            people,
            scripts,
            has_faketime,
            board: Mutex::default(),
            filing: RwLock::default(),
            dice: AtomicU64::new(seed),
            over: AtomicBool::new(false),
        }
    }

    /// Lets everybody do what they do for so long.
    pub fn live(&self, length: Duration) {
        let end = Instant::now() + length;
        std::thread::scope(|scope| {
            (0..self.sizes.proposers)
                .for_each(|me| drop(scope.spawn(move || self.until_over(|n| self.propose(me, n)))));
            self.people
                .iter()
                .for_each(|one| drop(scope.spawn(move || self.until_over(|_| self.decide(one)))));
            (0..self.sizes.executors).for_each(|_| drop(scope.spawn(|| self.until_over(|_| self.execute()))));
            scope.spawn(|| self.until_over(|_| self.trouble()));
            scope.spawn(|| self.until_over(|n| self.jump(n)));
            scope.spawn(|| self.keep(end));
            std::thread::sleep(end.saturating_duration_since(Instant::now()));
            self.over.store(true, Ordering::SeqCst);
        });
    }

    fn until_over(&self, step: impl Fn(usize)) {
        (0..).take_while(|_| !self.over.load(Ordering::SeqCst)).for_each(step);
    }

    /// A number below `sides`. The same seed gives the same numbers, though not to the same threads.
    fn roll(&self, sides: usize) -> usize {
        let mixed = self.dice.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        usize::try_from((mixed ^ (mixed >> 27)) % u64::try_from(sides).unwrap()).unwrap()
    }

    fn nap(&self, most: u64) {
        std::thread::sleep(Duration::from_millis(self.roll(usize::try_from(most).unwrap()) as u64));
    }

    /// Runs it among those that may be killed or stopped.
    fn start(&self, run: Run) -> Output {
        let waiting = run.spawn();
        let pid = waiting.pid();
        self.board.lock().unwrap().pids.insert(pid);
        let output = waiting.finish();
        let mut board = self.board.lock().unwrap();
        board.pids.remove(&pid);
        if let Some(word) = NEVER.iter().find(|word| output.stderr.contains(**word)) {
            board.odd.push(format!("{word}: {}", output.stderr));
        }
        output
    }

    fn propose(&self, me: usize, number: usize) {
        let script = &self.scripts[usize::from(self.roll(4) == 0)];
        match self.roll(4) {
            // Asked again and again, by everybody.
            0 => {
                let key = format!("k{}-{}", number / 8, self.roll(4));
                self.board.lock().unwrap().evidence.retried.insert(key.clone());
                self.run(&["run", "--deadline", "4s", "--once", &key, "--", &self.scripts[0], &key], &key);
            }
            1 => self.file(&["propose", "--deadline", "6s", "--", script, &format!("p{me}-{number}")]),
            _ => {
                let tag = format!("r{me}-{number}");
                self.run(&["run", "--deadline", "4s", "--", script, &tag], &tag);
            }
        }
    }

    fn run(&self, args: &[&str], tag: &str) {
        let code = self.start(self.world.handoff(args)).code;
        let mut board = self.board.lock().unwrap();
        board.counts.proposals += 1;
        board.evidence.told.push(Told { tag: tag.to_owned(), code });
    }

    fn file(&self, args: &[&str]) {
        let _filing = self.filing.read().unwrap();
        let output = self.start(self.world.handoff(args));
        let mut board = self.board.lock().unwrap();
        board.counts.proposals += 1;
        if output.code == 0 {
            board.evidence.filed.push(output.line().replace('-', ""));
        }
    }

    /// One of those in this state that is open.
    fn pick(&self, state: &str) -> Option<String> {
        let output = self.start(self.world.handoff(&["list", "--json"]));
        let open = output.stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let ids: Vec<String> = open
            .filter(|ticket| ticket["state"] == state)
            .filter_map(|ticket| ticket["id"].as_str().map(str::to_owned))
            .collect();
        (!ids.is_empty()).then(|| ids[self.roll(ids.len())].clone())
    }

    fn decide(&self, one: &Reviewer) {
        let flags: &[&str] = match self.roll(12) {
            0 => &["--reject", "--reason", "no"],
            1 | 2 => &["--revoke"],
            _ => &[],
        };
        let state = if flags == ["--revoke"] { "approved" } else { "pending" };
        let Some(id) = self.pick(state) else { return self.nap(50) };
        let args = [&["decide", "--prepare", &id, "--as", &one.name], flags].concat();
        let prepared = self.start(self.world.handoff(&args));
        if prepared.code != 0 {
            return;
        }
        let signature = self.world.sign(one, &prepared.bytes);
        let signature = signature.to_str().unwrap();
        if self.start(self.world.handoff(&["decide", "--import", signature])).code == 0 {
            self.board.lock().unwrap().counts.decisions += 1;
        }
    }

    fn execute(&self) {
        let Some(id) = self.pick("approved") else { return self.nap(50) };
        self.start(self.world.handoff(&["exec", &id]));
    }

    /// Kills somebody, or stops them for a while.
    fn trouble(&self) {
        self.nap(60);
        let pids: Vec<u32> = self.board.lock().unwrap().pids.iter().copied().collect();
        if pids.is_empty() {
            return;
        }
        let pid = Pid::from_raw(i32::try_from(pids[self.roll(pids.len())]).unwrap()).unwrap();
        // It may have ended meanwhile; nobody has waited for it yet, so the number is nobody else's.
        if self.roll(2) == 0 {
            let _ = kill_process(pid, Signal::KILL);
        } else {
            let _ = kill_process(pid, Signal::STOP);
            self.nap(400);
            let _ = kill_process(pid, Signal::CONT);
        }
        self.board.lock().unwrap().counts.troubles += 1;
    }

    /// Somebody's clock is wrong; after one that went ahead, a reviewer accepts the right one.
    fn jump(&self, number: usize) {
        std::thread::sleep(Duration::from_millis(900));
        if !self.has_faketime {
            return;
        }
        let (ahead, args): (bool, Vec<String>) = match (number % 3, self.pick("approved")) {
            (0, _) => {
                (true, ["propose", "--", &self.scripts[0], &format!("f{number}")].map(str::to_owned).into())
            }
            (_, Some(id)) => (false, vec!["exec".to_owned(), id]),
            (_, None) => (false, vec!["list".to_owned()]),
        };
        let clock = if ahead { "+1h" } else { "-1h" };
        let mut all = vec!["-f".to_owned(), clock.to_owned(), program().display().to_string()];
        all.extend(args);
        self.world.command("faketime", &all).run();
        if ahead {
            self.world.handoff(&["reconcile", "--clock"]).run();
        }
        self.board.lock().unwrap().counts.jumps += 1;
    }

    /// Remembers heads of the log, and puts the queue back to a backup now and then.
    fn keep(&self, end: Instant) {
        let mut saved = Instant::now();
        let mut backup = None;
        for number in 0.. {
            if Instant::now() + GRACE > end {
                return;
            }
            std::thread::sleep(Duration::from_millis(500));
            let head = self.world.root().join(format!("head-{number}"));
            let output = self.world.handoff(&["audit", "checkpoint"]).run();
            if output.code == 0 {
                std::fs::write(&head, &output.bytes).unwrap();
                self.board.lock().unwrap().heads.push(head);
            }
            if backup.is_none() && saved.elapsed() > LIFE / 2 {
                backup = self.back_up(number);
            }
            if let Some((file, filed)) =
                backup.take_if(|_| saved.elapsed() > LIFE && Instant::now() + GRACE < end)
            {
                self.restore(&file, filed);
                saved = Instant::now();
            }
        }
    }

    fn back_up(&self, number: usize) -> Option<(String, usize)> {
        let file = self.world.root().join(format!("backup-{number}.db"));
        let file = file.to_str()?.to_owned();
        let filed = self.board.lock().unwrap().evidence.filed.len();
        (self.world.handoff(&["backup", &file]).run().code == 0).then_some((file, filed))
    }

    fn restore(&self, file: &str, filed: usize) {
        let filing = self.filing.write().unwrap();
        self.world.handoff(&["restore", file]).run().expect(0);
        let mut board = self.board.lock().unwrap();
        board.evidence.filed.truncate(filed);
        board.evidence.restores += 1;
        board.counts.restores += 1;
        board.heads.clear();
        drop((board, filing));
        std::thread::sleep(GRACE);
        let older = self.effects();
        self.board.lock().unwrap().evidence.older.extend(older);
    }

    fn effects(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.world.work().join("effects")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    fn lines(&self, args: &[&str]) -> Vec<Value> {
        let output = self.world.handoff(args).run().expect(0);
        output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What was done, and everything that is wrong.
    pub fn looked_over(self) -> (Counts, Vec<String>) {
        // Whose handoff was killed may still be at its command.
        std::thread::sleep(Duration::from_millis(500));
        self.world.handoff(&["reconcile", "--clock"]).run();
        let words = |value: &Value| -> Vec<String> {
            value.as_array().unwrap().iter().filter_map(|word| word.as_str().map(str::to_owned)).collect()
        };
        let tickets = self.lines(&["list", "--all", "--json", "--limit", "1000000"]);
        let argv: BTreeMap<String, Vec<String>> =
            tickets.iter().map(|one| (one["id"].as_str().unwrap().to_owned(), words(&one["argv"]))).collect();
        let (events, effects) = (self.lines(&["audit", "log", "--json"]), self.effects());
        let Board { mut counts, odd, heads, evidence, .. } = self.board.into_inner().unwrap();
        counts.runs = effects.len();
        let evidence = Evidence { events, argv, effects, ..evidence };
        let mut found: Vec<String> = odd.into_iter().chain(evidence.broken()).collect();
        for head in heads.iter().rev().take(8) {
            let head = head.to_str().unwrap();
            let verified = self.world.handoff(&["audit", "verify", "--checkpoint", head]).run();
            if ![0, 3, 4].contains(&verified.code) {
                found.push(format!("8, the log only grows: {}{}", verified.stdout, verified.stderr));
            }
        }
        (counts, found)
    }
}
