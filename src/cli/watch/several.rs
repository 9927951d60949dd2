//! `watch` with several ids: each waited for beside the others, each with its own countdown and answer.
//! Ends with the last answer.

use std::time::{Duration, Instant};

use indicatif::MultiProgress;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::{Changes, LOOK, exit_code};
use crate::cli::answer;
use crate::cli::error::CliError;
use crate::cli::notify::Reminders;
use crate::cli::progress::Progress;
use crate::cli::reader::Reader;
use crate::files;
use crate::gate::child::die_of;
use crate::gate::liveness::Liveness;
use crate::gate::signals::Signals;
use crate::ids::TicketId;
use crate::locks::Lock;
use crate::queue::{InForce, Seen};
use crate::ticket::{State, Ticket};

/// One of them.
struct Watched {
    id: TicketId,
    progress: Progress,
    reminders: Reminders,
    changes: Changes,
    seen: Option<Seen>,
    answer: Option<Ticket>,
    // Who watches waits too.
    lock: Option<Lock>,
}

/// The exit code is that of the first id, as they were given, that was not approved.
pub(super) fn several(
    mut reader: Reader,
    ids: &[String],
    limit: Option<Duration>,
    mut signals: Signals,
) -> Result<u8, CliError> {
    let end = limit.and_then(|limit| Instant::now().checked_add(limit));
    let mut all = begin(&mut reader, ids)?;
    loop {
        for watched in all.iter_mut().filter(|watched| watched.answer.is_none()) {
            watched.look(&mut reader)?;
        }
        let over = end.is_some_and(|end| Instant::now() >= end);
        if over || all.iter().all(|watched| watched.answer.is_some()) {
            break;
        }
        sleep(&signals);
        if let Some(signal) = signals.interrupted() {
            all.iter_mut().for_each(|watched| watched.progress.clear());
            return Ok(die_of(signal));
        }
    }
    let mut code = 0;
    for watched in &mut all {
        watched.progress.clear();
        let ticket = match watched.answer.take() {
            Some(ticket) => ticket,
            None => {
                let ticket = reader.desk.queue.ticket(&watched.id)?;
                answer::tell(reader.desk.out(), &ticket);
                ticket
            }
        };
        code = if code == 0 { exit_code(&ticket) } else { code };
    }
    Ok(code)
}

fn begin(reader: &mut Reader, ids: &[String]) -> Result<Vec<Watched>, CliError> {
    let mut tickets: Vec<TicketId> = Vec::new();
    for id in ids {
        let id = reader.ticket(id)?.id;
        if !tickets.contains(&id) {
            tickets.push(id);
        }
    }
    let (setup, out) = (&reader.desk.setup, reader.desk.out());
    let live = setup.places.live();
    let writable = files::private_folder(&live).is_ok();
    let together = MultiProgress::new();
    let watched = |id: TicketId| Watched {
        progress: Progress::beside(out, &together),
        reminders: Reminders::new(setup),
        changes: Changes { out, version: None },
        seen: None,
        answer: None,
        lock: writable.then(|| Liveness::of(&live, &id).wait().ok().flatten()).flatten(),
        id,
    };
    Ok(tickets.into_iter().map(watched).collect())
}

impl Watched {
    fn look(&mut self, reader: &mut Reader) -> Result<(), CliError> {
        let desk = &mut reader.desk;
        let (queue, in_force) =
            (&mut desk.queue, InForce { policy: &desk.policy, reviewers: &desk.reviewers });
        let ticket = queue.ticket_again(&self.id, &mut self.seen);
        let ticket = ticket.map_err(|error| answer::left_behind(&self.id, error))?;
        self.reminders.look(queue, &ticket);
        self.progress.tell(&ticket, || queue.standing(&ticket.id, in_force).ok());
        self.changes.tell(&ticket);
        if !matches!(ticket.state, State::Pending {}) {
            self.lock = None;
            self.progress.say(&format!("{} {}", ticket.id.code(), answer::sentence(&ticket)));
            self.progress.clear();
            self.answer = Some(ticket);
        }
        Ok(())
    }
}

fn sleep(signals: &Signals) {
    let nap = Timespec { tv_sec: 0, tv_nsec: i64::from(LOOK.subsec_nanos()) };
    // Woken early by a signal, or not able to sleep at all: it is looked at again either way.
    let _ = poll(&mut [PollFd::new(signals, PollFlags::IN)], Some(&nap));
}
