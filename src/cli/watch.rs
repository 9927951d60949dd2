//! `watch`: waits for the answer to one ticket or several, or follows the whole queue event by event.
//! Keeps no transaction open; between looks it sleeps.

mod follow;
mod several;

use std::time::Duration;

use super::args::{Globals, WatchArgs};
use super::error::CliError;
use super::notify::Reminders;
use super::out::Out;
use super::progress::Progress;
use super::reader::Reader;
use super::{answer, json};
use crate::gate::child::die_of;
use crate::gate::liveness::Liveness;
use crate::gate::signals::Signals;
use crate::gate::wait::{Until, Waited, wait};
use crate::queue::InForce;
use crate::ticket::{State, Ticket};

/// How long a watcher of more than one ticket sleeps between two looks at the queue.
const LOOK: Duration = Duration::from_millis(200);

/// `handoff watch [ID…]`.
///
/// # Errors
/// When the queue cannot be read.
pub fn watch(globals: &Globals, args: &WatchArgs) -> Result<u8, CliError> {
    let reader = Reader::open(globals)?;
    let signals =
        Signals::install().map_err(|error| CliError::failed(format!("cannot handle signals: {error}")))?;
    match args.ids.as_slice() {
        [] => follow::follow(reader, args.limit, signals),
        [id] => one(reader, id, args.limit, signals),
        ids => several::several(reader, ids, args.limit, signals),
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
    let mut reminders = Reminders::new(&desk.setup);
    let in_force = InForce { policy: &desk.policy, reviewers: &desk.reviewers };
    let waited =
        wait(&mut desk.queue, &first.id, Until::Answered, limit, &mut signals, &mut |queue, ticket| {
            reminders.look(queue, ticket);
            progress.tell(ticket, || queue.standing(&ticket.id, in_force).ok());
            told.tell(ticket);
        });
    progress.clear();
    let waited = waited.map_err(|error| answer::left_behind(&first.id, error))?;
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
