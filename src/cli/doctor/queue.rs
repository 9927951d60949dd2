//! The queue itself: file, schema, log, clock, memory, and the tickets somebody should look at.
//! Reads only; each check says its own trouble and stops no other.

use super::Report;
use super::figures::Gauge;
use super::log::{Chain, chain};
use crate::cli::init::found::log_key;
use crate::cli::open::{Engine, EngineQueue, Setup, at_home};
use crate::gate::liveness::{Alive, Liveness};
use crate::notify::card::span;
use crate::queue::memory::Memory;
use crate::queue::{CLOCK_SLACK, QueueError};
use crate::store::{Filter, Identity, Page, Read, Store as _, Way};
use crate::ticket::{Execution, Ticket};

/// A write-ahead log this long is one that a reader keeps from being cut back.
const LONG_WAL: u64 = 16 << 20;
/// Tickets looked at for their executors.
const LOOKED_AT: u64 = 100;
/// Overdue tickets counted.
const COUNTED: u64 = 1000;

/// Checks all of it; answers the queue's identity, for those who look at keys.
pub fn check(setup: &Setup, report: &mut Report) -> Option<Identity> {
    if matches!(setup.identity(), Ok(None)) {
        let what = format!("there is none at {}", at_home(setup.places.queue()));
        report.bad("queue", what, "handoff init; or try it with nothing kept: handoff demo");
        return None;
    }
    let (mut queue, identity) = match setup.queue() {
        Ok(opened) => opened,
        Err(error) => {
            report.failed("queue", &error);
            return None;
        }
    };
    report.queue = Some(identity.origin.clone());
    file(queue.store(), report);
    let found = chain(&mut queue);
    if let Chain::Whole(size) | Chain::TooLong(size) = found {
        report.figure(Gauge::Events, "", size);
    }
    match found {
        Chain::Whole(size) => report.ok("log", format!("{size} events, none missing, none changed")),
        Chain::TooLong(size) => {
            report.ok("log", format!("{size} events; handoff audit verify goes through them"))
        }
        Chain::Broken(problem) => {
            report.bad(
                "log",
                problem,
                "handoff audit verify; keep the files for whoever finds out why; then handoff restore",
            );
        }
    }
    key(setup, &identity, report);
    memory(setup, &identity, &mut queue, report);
    let looked = queue.read(&mut |read| look(read));
    match looked {
        Ok(looked) => tickets(setup, &queue, looked, report),
        Err(error) => report.failed("tickets", &error.into()),
    }
    Some(identity)
}

fn file(store: &mut Engine, report: &mut Report) {
    let health = match store.health() {
        Ok(health) => health,
        Err(error) => return report.failed("queue", &error.into()),
    };
    report.figure(Gauge::QueueBytes, "", health.pages.saturating_mul(health.page_size));
    for problem in &health.problems {
        report.bad(
            "queue",
            format!("damaged: {problem}"),
            "move queue.db away, with its -wal and -shm, then: handoff restore",
        );
    }
    if health.problems.is_empty() {
        let kib = health.pages.saturating_mul(health.page_size) >> 10;
        let what = format!(
            "sound, {kib} KiB, schema {} of {}, {}",
            health.schema, health.known_schema, health.engine
        );
        report.ok("queue", what);
    }
    if store.is_unwiped() {
        report.warn(
            "queue",
            "a pruning was not finished: what it removed may still be found in the queue's file",
            "finish it: handoff audit prune-blobs --older-than 36500d",
        );
    }
    if health.wal_bytes > LONG_WAL {
        let mib = health.wal_bytes >> 20;
        report.warn(
            "queue",
            format!("{mib} MiB wait in queue.db-wal: some process keeps an old state open"),
            "find it: fuser -v queue.db-shm",
        );
    }
}

fn key(setup: &Setup, identity: &Identity, report: &mut Report) {
    match log_key(&setup.places.log_key()) {
        Ok(Some(key)) if key.verifier().to_string() == identity.log_key => {
            report.ok("log key", "signs this queue's heads");
        }
        Ok(Some(_)) => {
            report.bad(
                "log key",
                "log.key is another queue's: heads it signs would not be believed",
                "put back the one that was made with the queue",
            );
        }
        Ok(None) => report.bad(
            "log key",
            "log.key is gone: no head of the log can be signed",
            "put it back from where you keep it",
        ),
        Err(error) => report.failed("log key", &error),
    }
}

fn memory(setup: &Setup, identity: &Identity, queue: &mut EngineQueue, report: &mut Report) {
    let mark = match Memory::new(setup.places.state(), &identity.origin).mark() {
        Ok(Some(mark)) => mark,
        Ok(None) => {
            return report.warn(
                "memory",
                "this account remembers nothing of the log yet",
                "the first approval or run here begins it",
            );
        }
        Err(error) => {
            return report.bad(
                "memory",
                error.to_string(),
                "move it away once you are sure the queue is sound",
            );
        }
    };
    let held = queue.read(&mut |read| {
        let size = read.head()?.frontier.size();
        let last = mark.size.checked_sub(1);
        let row = last.map(|last| read.event(last)).transpose()?.flatten();
        Ok((size, row.map(|row| row.root)))
    });
    let advice = "an older copy was put back; put back the right one with: handoff restore FILE";
    match held {
        Err(error) => report.failed("memory", &error.into()),
        Ok(_) if mark.incarnation != identity.incarnation => {
            report.bad("memory", "the queue has another life than the one this account remembers", advice);
        }
        Ok((size, _)) if size < mark.size => {
            let what = format!("the log has {size} events, and this account remembers {}", mark.size);
            report.bad("memory", what, advice);
        }
        Ok((_, root)) if mark.size > 0 && root != Some(mark.root) => {
            report.bad(
                "memory",
                "the log was rewritten since this account last saw it",
                "handoff audit verify",
            );
        }
        Ok(_) => {
            report.ok("memory", format!("the log continues the {} events this account remembers", mark.size))
        }
    }
}

/// What one consistent look tells of tickets and clock.
struct Looked {
    last: crate::clock::Timestamp,
    counts: Vec<(String, u64)>,
    oldest: Option<crate::clock::Timestamp>,
    overdue: usize,
    claimed: Vec<Ticket>,
}

fn look(read: &dyn Read) -> Result<Looked, QueueError> {
    let last = read.head()?.time;
    let running = Filter { running: true, ..Filter::default() };
    let pending = Filter { states: vec!["pending".to_owned()], ..Filter::default() };
    let oldest = read.newest_tickets(&pending, None, Way::Back, 1)?;
    Ok(Looked {
        last,
        counts: read.counts()?,
        oldest: oldest.first().map(|ticket| ticket.filed.request.time),
        overdue: read
            .overdue(crate::clock::Clock::now(&crate::clock::SystemClock::new()).wall, COUNTED)?
            .len(),
        claimed: read.list(&running, Page { skip: 0, limit: LOOKED_AT })?,
    })
}

fn tickets(setup: &Setup, queue: &EngineQueue, looked: Looked, report: &mut Report) {
    let now = queue.now().wall;
    let behind = now.until(looked.last);
    report.figure(Gauge::ClockBehind, "", behind.as_secs());
    if behind > CLOCK_SLACK {
        let what =
            format!("the clock is {} s behind the last event: nothing is approved or run", behind.as_secs());
        report.bad(
            "clock",
            what,
            "set the clock; or, if it is right now, a reviewer signs: handoff reconcile --clock",
        );
    } else {
        report.ok("clock", "not behind the log");
    }
    let open = |wanted: &str| looked.counts.iter().find(|(word, _)| word == wanted).map_or(0, |(_, n)| *n);
    let (pending, all) = (open("pending"), looked.counts.iter().map(|(_, n)| n).sum::<u64>());
    let age = looked.oldest.map(|time| time.until(now));
    let oldest = age.map(|age| format!(", the oldest for {}", span(age))).unwrap_or_default();
    let what = format!("{all} in all, {pending} pending{oldest}");
    looked.counts.iter().for_each(|(state, count)| report.figure(Gauge::Tickets, state, *count));
    report.figure(Gauge::OldestPending, "", age.unwrap_or_default().as_secs());
    report.figure(Gauge::Overdue, "", looked.overdue as u64);
    if looked.overdue > 0 {
        report.warn(
            "tickets",
            format!("{what}, {} past their time and not recorded so", looked.overdue),
            "handoff list records their end",
        );
    } else {
        report.ok("tickets", what);
    }
    let mut known = [("running", 0), ("orphaned", 0), ("unknown", 0)];
    for ticket in &looked.claimed {
        let what = execution(setup, ticket, report);
        known.iter_mut().filter(|(word, _)| *word == what).for_each(|(_, count)| *count += 1);
    }
    known.into_iter().for_each(|(word, count)| report.figure(Gauge::Executions, word, count));
}

/// Tells of one, and answers what is known of it, in a word.
fn execution(setup: &Setup, ticket: &Ticket, report: &mut Report) -> &'static str {
    let code = ticket.id.code();
    let advice = format!("find out what it did, then: handoff reconcile {code} --finding TEXT");
    let alive = Liveness::of(&setup.places.live(), &ticket.id).alive();
    match (ticket.state.execution(), alive) {
        (Some(Execution::Claimed(_)), Ok(Alive::Handoff)) => {
            report.ok("executions", format!("{code} is running"));
            "running"
        }
        (Some(Execution::Claimed(_)), Ok(Alive::CommandOnly)) => {
            let what = format!("{code}: its handoff is gone, and the command still runs");
            report.warn("executions", what, advice);
            "orphaned"
        }
        (_, Err(error)) => {
            report.failed("executions", &crate::cli::error::CliError::failed(error));
            "unknown"
        }
        _ => {
            report.warn("executions", format!("{code} ran or may have run; its outcome is unknown"), advice);
            "unknown"
        }
    }
}
