//! Many waiting processes: what they cost while they wait, and how soon an approved one has started its command.
//! The command is date(1), which tells when it ran; the moment of the commit is taken inside the store.

use std::fs;
use std::io::Read as _;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};

use handoff::ids::{Nonce, TicketId};
use handoff::queue::decide::Signed;
use handoff::queue::{InForce, Queue};
use handoff::record::Record;
use handoff::store::sqlite::SqliteStore;
use handoff::store::{Filter, Page, Read, Store, StoreError, Write};
use handoff::ticket::Ticket;
use handoff::ticket::decision::{Decision, LogHead};

use crate::generate::approval;
use crate::measure::Times;
use crate::world::{World, handoff, now_nanos};

const IDLE: Duration = Duration::from_secs(4);

/// The engine, with the moment of its last commit kept.
struct Watched {
    store: SqliteStore,
    committed: Arc<Mutex<u128>>,
}

impl Store for Watched {
    fn read<T, E: From<StoreError>>(
        &mut self,
        work: &mut dyn FnMut(&dyn Read) -> Result<T, E>,
    ) -> Result<T, E> {
        self.store.read(work)
    }

    fn write<T, E: From<StoreError>>(
        &mut self,
        work: &mut dyn FnMut(&mut dyn Write) -> Result<T, E>,
    ) -> Result<T, E> {
        let done = self.store.write(work);
        *self.committed.lock().unwrap() = now_nanos();
        done
    }
}

/// What many waiters cost and how soon they wake.
pub struct Waiting {
    /// From the commit of the decision to the command running.
    pub wake: Times,
    /// Share of one core all of them used while nothing happened, in percent.
    pub idle_percent: f64,
    /// Resident memory of the largest, in MiB, and of it what no other process shares.
    pub resident: f64,
    pub own: f64,
}

/// Starts `waiters`, lets them idle, then approves one after the other.
pub fn measure(world: &World, waiters: usize) -> Waiting {
    let mut children: Vec<(Nonce, Child)> = (0..waiters).map(|_| start(world)).collect();
    let committed = Arc::new(Mutex::new(0));
    let store = SqliteStore::open(&world.db()).unwrap();
    let mut queue = world.queue_over(Watched { store, committed: committed.clone() });
    listening(world, waiters);
    let idle_percent = idle(&children);
    let largest = children
        .iter()
        .map(|(_, child)| memory(child))
        .fold((0.0, 0.0), |most, one| if one.0 > most.0 { one } else { most });
    let filter = Filter { states: vec!["pending".to_owned()], ..Filter::default() };
    let tickets = queue.read(&mut |read| Ok(read.list(&filter, Page { skip: 0, limit: 1_000 })?)).unwrap();
    let mut times = Vec::new();
    for ticket in tickets {
        let exec = ticket.filed.request.exec();
        let word = exec.argv.last().and_then(|word| word.plain().map(str::to_owned)).unwrap_or_default();
        let Some(at) = children.iter().position(|(nonce, _)| word.ends_with(&nonce.to_string())) else {
            continue;
        };
        let (_, mut child) = children.swap_remove(at);
        approve(world, &mut queue, &ticket);
        let mut said = String::new();
        child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(child.wait().unwrap().success(), "{said}");
        let ran: u128 = said.split_whitespace().next().unwrap().parse().unwrap();
        let commit = *committed.lock().unwrap();
        times.push(Duration::from_nanos(ran.saturating_sub(commit).try_into().unwrap()));
    }
    assert!(children.is_empty(), "{} waiters found no ticket", children.len());
    Waiting { wake: Times::of(times), idle_percent, resident: largest.0, own: largest.1 }
}

fn start(world: &World) -> (Nonce, Child) {
    let nonce = Nonce::random();
    let mut command = world.command(handoff());
    command.args(["--policy"]).arg(world.path(".config/handoff/nothing.toml"));
    command.args(["run", "--deadline", "15m", "--", "date", &format!("+%s%N {nonce}")]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    (nonce, child)
}

fn listening(world: &World, waiters: usize) {
    let start = Instant::now();
    loop {
        let bells = fs::read_dir(world.bells()).into_iter().flatten().flatten();
        let ready = bells.filter(|bell| !bell.file_name().to_string_lossy().starts_with('.')).count();
        if ready >= waiters {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(120), "only {ready} of {waiters} listen");
        sleep(Duration::from_millis(5));
    }
    sleep(Duration::from_millis(20));
}

fn idle(children: &[(Nonce, Child)]) -> f64 {
    if children.len() == 1 {
        return 0.0;
    }
    let (start, before) = (Instant::now(), used(children));
    sleep(IDLE);
    (used(children) - before) * 100.0 / start.elapsed().as_secs_f64()
}

// Seconds on a processor, from the scheduler's own nanoseconds.
fn used(children: &[(Nonce, Child)]) -> f64 {
    let of = |child: &Child| {
        let text = fs::read_to_string(format!("/proc/{}/schedstat", child.id())).unwrap_or_default();
        text.split_whitespace().next().and_then(|nanos| nanos.parse::<f64>().ok()).unwrap_or(0.0)
    };
    children.iter().map(|(_, child)| of(child)).sum::<f64>() / 1e9
}

fn memory(child: &Child) -> (f64, f64) {
    let text = fs::read_to_string(format!("/proc/{}/smaps_rollup", child.id())).unwrap_or_default();
    let sum = |names: &[&str]| {
        let lines = text.lines().filter(|line| names.iter().any(|name| line.starts_with(name)));
        let kib = lines.filter_map(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
        kib.sum::<f64>() / 1024.0
    };
    (sum(&["Rss:"]), sum(&["Private_Clean:", "Private_Dirty:"]))
}

fn approve<S: Store>(world: &World, queue: &mut Queue<S>, ticket: &Ticket) {
    let statement = Record::of(&statement(world, queue, ticket)).unwrap();
    let namespace = Decision::namespace(&world.identity.origin);
    let signature = world.ana.sign(&namespace, statement.as_str().as_bytes()).unwrap();
    let in_force = InForce { policy: &world.nothing, reviewers: &world.reviewers };
    let signed = Signed { statement: statement.as_str(), signature: &signature };
    let id: &TicketId = &ticket.id;
    let _ = queue.decide(id, signed, in_force).unwrap();
}

fn statement<S: Store>(world: &World, queue: &mut Queue<S>, ticket: &Ticket) -> Decision {
    let mark = queue.mark().unwrap();
    let head = LogHead { origin: world.identity.origin.clone(), size: mark.size, root: mark.root };
    approval(&ticket.filed.request, &ticket.filed.verdict, mark.incarnation, head)
}
