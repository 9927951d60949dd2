//! What a reading command opens: the queue for certain, policy and reviewers as far as they can be read.
//! A mistake in a policy stops nobody from looking at the queue; it is told, and no standing is shown.

use std::path::Path;

use super::args::Globals;
use super::error::CliError;
use super::notify::{Messenger, wishes};
use super::open::{Desk, Setup};
use crate::clock::Moment;
use crate::policy::Policy;
use crate::queue::QueueError;
use crate::queue::authority::Standing;
use crate::signing::Reviewers;
use crate::ticket::step::look;
use crate::ticket::{State, Ticket};

/// The most transactions one look spends on recording what time has done.
const SWEEPS: usize = 32;

/// How a ticket stands, unless its log contradicts it.
pub type Weighed = Result<Standing, QueueError>;

/// A desk to look at, not to decide on.
pub struct Reader {
    /// Queue, places, and what is in force.
    pub desk: Desk,
    sound: bool,
}

impl Reader {
    /// Opens the queue, and policy and reviewers if they can be read.
    ///
    /// # Errors
    /// When settings or queue cannot be read.
    pub fn open(globals: &Globals) -> Result<Self, CliError> {
        let setup = Setup::read(globals)?;
        let (queue, identity) = setup.queue()?;
        let (policy, reviewers, sound) = match in_force(&setup) {
            Ok((policy, reviewers)) => (policy, reviewers, true),
            Err(error) => {
                setup.out.note(&format!("{}; who is missing is not shown", error.message));
                (Policy::absent(), nobody()?, false)
            }
        };
        Ok(Self { desk: Desk { setup, policy, reviewers, queue, identity }, sound })
    }

    /// Who has approved and who is missing; nothing when policy or reviewers cannot be read.
    ///
    /// # Errors
    /// When the log and the rows contradict each other.
    pub fn standing(&mut self, ticket: &Ticket) -> Result<Option<Standing>, CliError> {
        if !self.sound || ticket.terms().is_none() {
            return Ok(None);
        }
        let (queue, in_force) = self.desk.parts();
        Ok(Some(queue.standing(&ticket.id, in_force)?))
    }

    /// The same of many that wait, each by itself; nothing for those that do not.
    ///
    /// # Errors
    /// When the queue cannot be read at all.
    pub fn standings(&mut self, tickets: &[Ticket]) -> Result<Vec<Option<Weighed>>, CliError> {
        let sound = self.sound;
        let asked = |ticket: &&Ticket| sound && is_pending(ticket) && ticket.terms().is_some();
        let waiting: Vec<&Ticket> = tickets.iter().filter(asked).collect();
        let (queue, in_force) = self.desk.parts();
        let mut weighed = queue.standings(&waiting, in_force)?.into_iter();
        Ok(tickets.iter().map(|ticket| if asked(&ticket) { weighed.next() } else { None }).collect())
    }

    /// Whether this account's reviewer is the one who asks.
    #[must_use]
    pub fn is_own(&self, ticket: &Ticket) -> bool {
        let Desk { setup, policy, .. } = &self.desk;
        let uid = ticket.filed.request.requester.account.uid;
        setup.settings.reviewer.as_ref().and_then(|me| policy.accounts().get(me)) == Some(&uid)
    }

    /// Records the end of what is overdue. On a disk that cannot be written nothing is recorded, and
    /// [`as_of`] shows the truth all the same.
    pub fn sweep(&mut self) {
        for _ in 0..SWEEPS {
            if !matches!(self.desk.queue.sweep(), Ok(1..)) {
                break;
            }
        }
        self.remind();
    }

    /// Reminders of tickets that nobody waits for come from whoever looks at the queue next.
    fn remind(&mut self) {
        let Some(messenger) = Messenger::new(&self.desk.setup) else { return };
        let wishes = wishes(&self.desk.setup.settings.notify);
        if matches!(self.desk.queue.reminder_is_due(&wishes), Ok(true)) {
            messenger.send();
        }
    }

    /// The ticket as it is now, its end by time taken into account whether or not that can be recorded.
    ///
    /// # Errors
    /// When there is no such ticket.
    pub fn ticket(&mut self, text: &str) -> Result<Ticket, CliError> {
        let id = self.desk.find(text)?;
        let ticket = match self.desk.queue.ticket(&id) {
            Ok(ticket) => ticket,
            Err(_) => self.desk.queue.peek(&id)?,
        };
        Ok(as_of(ticket, &self.desk.queue.now()))
    }
}

const fn is_pending(ticket: &Ticket) -> bool {
    matches!(ticket.state, State::Pending {})
}

fn in_force(setup: &Setup) -> Result<(Policy, Reviewers), CliError> {
    // A working folder that is gone has no project's policy either.
    let cwd = std::env::current_dir().unwrap_or_else(|_| Path::new("/").to_path_buf());
    Ok((setup.policy(&cwd)?, setup.reviewers()?))
}

fn nobody() -> Result<Reviewers, CliError> {
    Reviewers::parse("").map_err(CliError::failed)
}

/// The ticket with what time alone has done to it.
#[must_use]
pub fn as_of(mut ticket: Ticket, now: &Moment) -> Ticket {
    if let Some(step) = look(&ticket.state, &ticket.filed.deadline, now) {
        ticket.state = step.state;
    }
    ticket
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::BootTime;
    use crate::store::story;

    #[test]
    fn an_overdue_ticket_is_shown_as_expired_though_nobody_recorded_it() {
        let ticket = story::ticket(1000, 900);
        let now = |millis| Moment {
            wall: story::at(millis),
            boot: BootTime { boot_id: "other".to_owned(), millis: 0 },
        };
        assert_eq!(as_of(ticket.clone(), &now(899)).state, State::Pending {});
        assert_eq!(as_of(ticket, &now(900)).state, State::Expired { at: story::at(900), approved: false });
    }
}
