//! What one verdict costs within the process, beside no other work: the median of many.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::hint::black_box;

use handoff::facts::atoms::Atoms;
use handoff::facts::{Account, Declared, Facts, Found, Observed, shell};
use handoff::policy::{PACKS, Policy, PolicyFile};

use crate::measure::{Times, time};
use crate::table::{self, Budget};

const RULES: usize = 1_000;
const ROUNDS: usize = 2_000;
// So short that a single one cannot be timed.
const AT_ONCE: usize = 20;

const WORDS: [&str; 5] = ["git", "log", "--oneline", "-5", "src/main.rs"];
const LINE: &str = "cd src && grep -rn 'fn main' . | head -20 > /tmp/found 2>&1; git status --short";

/// The rows of `judge`.
pub fn rows() {
    let policy = policy();
    let rules = policy.rules().count();
    let plain = facts(&WORDS);
    let read = plain.observed.atoms();
    row(&format!("a plain command, {rules} rules: judged"), || {
        drop(black_box(policy.judge_atoms(&read, &plain)))
    });
    row("the same: read and judged", || drop(black_box(policy.judge(&plain))));
    let shell = facts(&["bash", "-c", LINE]);
    let read = line(&shell);
    row(&format!("a shell line of {} atoms: judged", read.atoms.len()), || {
        drop(black_box(policy.judge_atoms(&read, &shell)));
    });
    row("the same: read and judged", || drop(black_box(policy.judge_atoms(&line(&shell), &shell))));
}

fn row(what: &str, work: impl Fn()) {
    // Packs' rules are read when they are first asked for.
    work();
    let many = || (0..AT_ONCE).for_each(|_| work());
    let times = Times::of((0..ROUNDS).map(|_| time(many)).collect());
    let micros = times.median().as_secs_f64() * 1e6 / AT_ONCE as f64;
    table::figures(what, Budget::Most(10.0), "µs", (micros * 100.0).round() / 100.0, None);
}

fn line(facts: &Facts) -> Atoms<'static> {
    shell::line(LINE.as_bytes(), &facts.observed.cwd, facts.observed.home.as_deref())
}

// All packs, and rules of one's own until there are as many as asked: of every kind, some for any program.
fn policy() -> Policy {
    let names: Vec<&str> = PACKS.iter().map(|pack| pack.name).collect();
    let mut text = format!("version = \"bench\"\npacks = {names:?}\n");
    let own = RULES.saturating_sub(load(&text).rules().count());
    for number in 0..own {
        let condition = match number % 50 {
            0 => "writes = [\"@secret\", \"/data/**\"]".to_owned(),
            1 => "host = [\"*.internal.example\"]".to_owned(),
            2 => "sets = [\"LD_*\"]".to_owned(),
            _ => format!("program = [\"tool-{number}\", \"git\"]\nsubcommand = [\"verb-{number}\"]"),
        };
        let condition = if number % 5 == 0 { condition } else { condition.replace(", \"git\"", "") };
        write!(text, "[[rule]]\nid = \"own-{number}\"\nverdict = \"review\"\n{condition}\n").unwrap();
    }
    load(&text)
}

fn load(text: &str) -> Policy {
    Policy::load(PolicyFile { file: "bench", bytes: text.as_bytes() }, None, &BTreeSet::new()).unwrap()
}

pub fn facts(words: &[&str]) -> Facts {
    let found =
        |name: &str| Found { path: Some(format!("/usr/bin/{name}").into()), link: None, theirs: false };
    let within = ["grep", "head", "git"].map(|name| (name.as_bytes().to_vec(), found(name)));
    Facts {
        observed: Observed {
            argv: words.iter().map(|word| (*word).into()).collect(),
            program: Some(format!("/usr/bin/{}", words[0]).into()),
            program_link: None,
            program_is_theirs: false,
            within: BTreeMap::from(within),
            links: Default::default(),
            cwd: "/home/ana/project".into(),
            home: Some("/home/ana".into()),
            repository: Some("/home/ana/project".into()),
            branch: Some("topic".into()),
            account: Account { uid: 1000, name: "ana".into() },
            host: "laptop".to_owned(),
            terminal: false,
            env_all: false,
            stdin_pass: false,
            secret: false,
            env_added: BTreeSet::new(),
            variables: BTreeMap::new(),
        },
        declared: Declared::default(),
    }
}
