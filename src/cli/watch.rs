//! `watch`: waits for one ticket's answer, or follows the whole queue event by event.
//! Keeps no transaction open; between looks it sleeps.

use std::os::fd::AsFd as _;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::args::{Globals, WatchArgs};
use super::error::{CliError, code};
use super::out::Out;
use super::progress::Progress;
use super::reader::Reader;
use super::{answer, events, json};
use crate::gate::child::die_of;
use crate::gate::liveness::Liveness;
use crate::gate::signals::Signals;
use crate::gate::wait::{Until, Waited, wait};
use crate::queue::InForce;
use crate::ticket::{State, Ticket};

/// How long a follower sleeps between two looks at the queue.
const LOOK: Duration = Duration::from_millis(200);
/// How often a follower records what time has done, so that an expiry is an event at its time.
const SWEEP: Duration = Duration::from_secs(1);
/// How many events one look reads at a time.
const PAGE: u64 = 256;

/// `handoff watch [ID]`.
///
/// # Errors
/// When the queue cannot be read.
pub fn watch(globals: &Globals, args: &WatchArgs) -> Result<u8, CliError> {
    let reader = Reader::open(globals)?;
    let signals =
        Signals::install().map_err(|error| CliError::failed(format!("cannot handle signals: {error}")))?;
    match &args.id {
        Some(id) => one(reader, id, args.limit, signals),
        None => follow(reader, args.limit, signals),
    }
}

fn one(mut reader: Reader, id: &str, limit: Option<Duration>, mut signals: Signals) -> Result<u8, CliError> {
    let first = reader.ticket(id)?;
    let desk = &mut reader.desk;
    let out = desk.out();
    // Who watches waits too; where that cannot be said, on a disk that is read-only, it is not.
    let live = desk.setup.places.live();
    let _waits =
        crate::files::private_folder(&live).ok().and_then(|()| Liveness::of(&live, &first.id).wait().ok());
    let _bells = crate::files::private_folder(&desk.setup.places.bells());
    let mut progress = Progress::watching(out);
    let mut told = Changes { out, version: None };
    let in_force = InForce { policy: &desk.policy, reviewers: &desk.reviewers };
    let waited =
        wait(&mut desk.queue, &first.id, Until::Answered, limit, &mut signals, &mut |queue, ticket| {
            progress.tell(ticket, || queue.standing(&ticket.id, in_force).ok());
            told.tell(ticket);
        })?;
    progress.clear();
    match waited {
        Waited::Interrupted(signal) => Ok(die_of(signal)),
        Waited::Answered(ticket) | Waited::TimedOut(ticket) => {
            told.tell(&ticket);
            answer::tell(out, &ticket);
            Ok(exit_code(&ticket))
        }
    }
}

/// Whoever watches asked for the answer, not for the command's own end.
fn exit_code(ticket: &Ticket) -> u8 {
    match &ticket.state {
        State::Approved { .. } => 0,
        _ => answer::exit_code(ticket),
    }
}

/// With `--json`, the ticket once for each of its versions.
struct Changes {
    out: Out,
    version: Option<u64>,
}

impl Changes {
    fn tell(&mut self, ticket: &Ticket) {
        if self.out.json() && self.version != Some(ticket.version) {
            self.version = Some(ticket.version);
            let _ = self.out.object(&json::ticket(ticket));
        }
    }
}

fn follow(mut reader: Reader, limit: Option<Duration>, mut signals: Signals) -> Result<u8, CliError> {
    let end = limit.and_then(|limit| Instant::now().checked_add(limit));
    let mut next = reader.desk.queue.mark()?.size;
    let mut version = None;
    let mut swept = Instant::now();
    loop {
        // Our own commits do not change it, so what we record ourselves is looked for at once.
        let recorded = swept.elapsed() >= SWEEP && {
            swept = Instant::now();
            matches!(reader.desk.queue.sweep(), Ok(1..))
        };
        let now = reader.desk.queue.store().data_version()?;
        if recorded || version.replace(now) != Some(now) {
            next = tell_from(&mut reader, next)?;
        }
        if nobody_reads(&signals)? {
            return Ok(0);
        }
        if let Some(signal) = signals.interrupted() {
            return Ok(die_of(signal));
        }
        if end.is_some_and(|end| Instant::now() >= end) {
            return Ok(code::PENDING);
        }
    }
}

/// Tells every event from `next` on; answers where to go on.
fn tell_from(reader: &mut Reader, mut next: u64) -> Result<u64, CliError> {
    let out = reader.desk.out();
    loop {
        let page = reader.desk.queue.read(&mut |read| Ok(read.events(next, PAGE)?))?;
        for row in &page {
            if out.json() { out.object(&events::json(row))? } else { out.line(&events::line(row, true))? }
        }
        match page.last() {
            Some(last) => next = last.seq.saturating_add(1),
            None => return Ok(next),
        }
    }
}

/// Sleeps until it is time to look again; says whether whoever read us has gone away.
fn nobody_reads(signals: &Signals) -> Result<bool, CliError> {
    let stdout = std::io::stdout();
    // Nothing is asked of standard output: that its other end is closed is told unasked.
    let mut fds =
        [PollFd::new(signals, PollFlags::IN), PollFd::from_borrowed_fd(stdout.as_fd(), PollFlags::empty())];
    let nap = Timespec { tv_sec: 0, tv_nsec: i64::from(LOOK.subsec_nanos()) };
    match poll(&mut fds, Some(&nap)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(error) => return Err(CliError::failed(format!("cannot wait: {error}"))),
    }
    let [_, stdout] = &fds;
    Ok(stdout.revents().intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL))
}
