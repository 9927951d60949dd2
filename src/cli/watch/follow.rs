//! `watch` without an id: what waits now, and then every event as it is recorded, one a line.
//! Sees to the reminders meanwhile, and goes on when the queue is restored underneath.

use std::os::fd::AsFd as _;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::LOOK;
use crate::cli::error::{CliError, code};
use crate::cli::list::{fitted, width, words};
use crate::cli::notify::Reminding;
use crate::cli::open::EngineQueue;
use crate::cli::out::Out;
use crate::cli::progress::{minutes, needs};
use crate::cli::reader::Reader;
use crate::cli::{events, json};
use crate::config::notify::Choice;
use crate::gate::child::die_of;
use crate::gate::signals::Signals;
use crate::ids::Incarnation;
use crate::queue::QueueError;
use crate::store::{EventRow, Filter, Page, Read};
use crate::ticket::Ticket;
use crate::ticket::card::risk_word;
use crate::ticket::event::What;

/// How often a follower records what time has done, so that an expiry is an event at its time.
const SWEEP: Duration = Duration::from_secs(1);
/// How many events or tickets one look reads at a time.
const PAGE: u64 = 256;

pub(super) fn follow(
    mut reader: Reader,
    limit: Option<Duration>,
    mut signals: Signals,
) -> Result<u8, CliError> {
    let end = limit.and_then(|limit| Instant::now().checked_add(limit));
    reader.sweep();
    let mut place = Place::now(&mut reader.desk.queue)?;
    tell_waiting(&mut reader)?;
    let mut reminders = Reminding::new(&reader.desk.setup);
    reminders.changed(&mut reader.desk.queue);
    let bell = reader.desk.setup.settings.notify.bell.clone();
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
            place.tell_on(&mut reader, &bell)?;
            reminders.changed(&mut reader.desk.queue);
        }
        let due = reminders.look(&mut reader.desk.queue);
        if due.is_some_and(|occasion| bell.has(occasion)) {
            reader.desk.out().bell();
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

/// How far the log was told, and in which of the queue's lives.
struct Place {
    next: u64,
    life: Incarnation,
}

impl Place {
    fn now(queue: &mut EngineQueue) -> Result<Self, CliError> {
        let mark = queue.mark()?;
        Ok(Self { next: mark.size, life: mark.incarnation })
    }

    /// Tells every event that was not told yet.
    fn tell_on(&mut self, reader: &mut Reader, bell: &Choice) -> Result<(), CliError> {
        loop {
            let (next, life) = (self.next, self.life);
            let (place, page) = reader.desk.queue.read(&mut |read| {
                let place = found(read, next, life)?;
                let page = read.events(place.next, PAGE)?;
                let page: Vec<_> = page.into_iter().map(|row| (filed(read, &row), row)).collect();
                Ok((place, page))
            })?;
            if place.life != self.life {
                reader.desk.out().note("the queue was restored from a backup; what follows is its new life");
            }
            *self = place;
            for (ticket, row) in &page {
                tell(reader.desk.out(), row, ticket.as_ref(), bell)?;
            }
            match page.last() {
                Some((_, last)) => self.next = last.seq.saturating_add(1),
                None => return Ok(()),
            }
        }
    }
}

/// Where to go on: in another life of the queue, where that one begins.
fn found(read: &dyn Read, next: u64, life: Incarnation) -> Result<Place, QueueError> {
    let now = read.identity()?.incarnation;
    if now == life {
        return Ok(Place { next, life });
    }
    let begins = read.newest("restored")?.map_or(0, |row| row.seq);
    Ok(Place { next: begins, life: now })
}

// Of a request, what it asks for is the news. One that cannot be read is still an event.
fn filed(read: &dyn Read, row: &EventRow) -> Option<Ticket> {
    let event = events::read(row)?;
    let proposed = matches!(event.what, What::Proposed { .. });
    event.ticket.filter(|_| proposed).and_then(|id| read.ticket(&id).ok().flatten())
}

fn tell(out: Out, row: &EventRow, ticket: Option<&Ticket>, bell: &Choice) -> Result<(), CliError> {
    let occasion = events::read(row).and_then(|event| event.what.occasion());
    if out.json() {
        out.object(&events::json(row))?;
    } else {
        let line = events::line(row, true);
        out.line(&ticket.map_or_else(|| line.clone(), |ticket| with_action(&format!("{line}: "), ticket)))?;
    }
    if occasion.is_some_and(|occasion| bell.has(occasion)) {
        out.bell();
    }
    Ok(())
}

/// What waits now, nearest deadline first.
fn tell_waiting(reader: &mut Reader) -> Result<(), CliError> {
    let out = reader.desk.out();
    let pending = Filter { states: vec!["pending".to_owned()], ..Filter::default() };
    let mut skip = 0;
    loop {
        let page = Page { skip, limit: PAGE };
        let tickets = reader.desk.queue.read(&mut |read| Ok(read.list(&pending, page)?))?;
        for ticket in &tickets {
            if out.json() {
                out.object(&json::ticket(ticket))?;
            } else {
                out.line(&waiting(&reader.desk.queue, ticket))?;
            }
        }
        if tickets.is_empty() || !somebody_reads() {
            return Ok(());
        }
        skip += PAGE;
    }
}

/// In the columns of an event: the one that filed it, and how it stands.
fn waiting(queue: &EngineQueue, ticket: &Ticket) -> String {
    let (seq, time) = (ticket.filed.seq, ticket.filed.request.time.to_string());
    let (code, risk) = (ticket.id.code(), risk_word(ticket.risk()));
    let left = minutes(ticket.filed.deadline.left(&queue.now()));
    let needs = needs(ticket);
    let line =
        format!("{seq:>6}  {time:<24}  {code:<9}  {:<11}  {risk}, {left} left, for {needs}: ", "waits");
    with_action(&line, ticket)
}

fn with_action(line: &str, ticket: &Ticket) -> String {
    let room = width().map(|width| width.saturating_sub(line.chars().count()));
    format!("{line}{}", fitted(&words(ticket), room))
}

fn somebody_reads() -> bool {
    let stdout = std::io::stdout();
    let mut fds = [PollFd::from_borrowed_fd(stdout.as_fd(), PollFlags::empty())];
    let asked = poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }));
    let [stdout] = &fds;
    asked.is_err() || !gone(stdout)
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
    Ok(gone(stdout))
}

fn gone(stdout: &PollFd<'_>) -> bool {
    stdout.revents().intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL)
}
