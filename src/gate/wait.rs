//! Waiting for an answer: asleep until somebody rings, a signal comes, or a second has passed.
//! Keeps no transaction open; says that it waits by a lock that ends with the process.

use std::path::Path;
use std::time::{Duration, Instant};

use super::liveness::Liveness;
use super::signals::Signals;
use crate::bell::Bell;
use crate::ids::TicketId;
use crate::queue::notices::next_stage;
use crate::queue::{Queue, QueueError};
use crate::store::Store;
use crate::ticket::{Execution, State, Ticket};

/// The longest sleep: what a lost ring may cost.
const SLEEP: Duration = Duration::from_secs(1);

/// Why a wait ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waited {
    /// The ticket is no longer pending (or, when an outcome was waited for, has ended).
    Answered(Ticket),
    /// The time given for waiting is over; the ticket is as it was.
    TimedOut(Ticket),
    /// This signal asked us to end.
    Interrupted(i32),
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Any answer: the ticket is no longer pending.
    Answered,
    /// The end: nothing of it is open or running any more.
    Ended,
}

impl Until {
    const fn reached(self, state: &State) -> bool {
        match (self, state) {
            (_, State::Pending {}) => false,
            (Self::Ended, State::Approved { execution, .. }) => {
                !matches!(execution, Execution::Unclaimed {} | Execution::Claimed(_))
            }
            _ => true,
        }
    }
}

/// Waits for `until` about `id`. `tell` hears of the ticket at the beginning, whenever it changed, and
/// at least every second, for a countdown.
///
/// # Errors
/// When the queue cannot be read or an expiry not be recorded.
pub fn wait<S: Store>(
    queue: &mut Queue<S>,
    id: &TicketId,
    until: Until,
    limit: Option<Duration>,
    signals: &mut Signals,
    tell: &mut dyn FnMut(&mut Queue<S>, &Ticket),
) -> Result<Waited, QueueError> {
    // Listen first, then look: a ring between the two is not lost.
    let bell = Bell::listen(queue.bells(), id.as_str()).ok();
    let end = limit.and_then(|limit| Instant::now().checked_add(limit));
    let mut seen = None;
    loop {
        let ticket = queue.ticket_again(id, &mut seen)?;
        tell(queue, &ticket);
        if until.reached(&ticket.state) {
            return Ok(Waited::Answered(ticket));
        }
        let left = end.map(|end| end.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| left.is_zero()) {
            return Ok(Waited::TimedOut(ticket));
        }
        sleep(bell.as_ref(), nap(queue, &ticket, left), signals);
        if let Some(signal) = signals.interrupted() {
            return Ok(Waited::Interrupted(signal));
        }
    }
}

/// Not past the deadline, which we then record ourselves, nor past a reminder, which we send.
fn nap<S: Store>(queue: &Queue<S>, ticket: &Ticket, left: Option<Duration>) -> Duration {
    let due = match &ticket.state {
        State::Approved { until, .. } => until.left(&queue.now()),
        _ => ticket.filed.deadline.left(&queue.now()),
    };
    let due = if due.is_zero() { SLEEP } else { due };
    let due = next_stage(ticket, &queue.now()).map_or(due, |(left, _)| left.min(due));
    due.min(SLEEP).min(left.unwrap_or(SLEEP))
}

fn sleep(bell: Option<&Bell>, nap: Duration, signals: &Signals) {
    use std::os::fd::AsFd as _;
    match bell {
        Some(bell) => drop(bell.wait(nap, Some(signals.as_fd()))),
        None => std::thread::sleep(nap),
    }
}

/// After an interrupt: cancels the ticket when nobody else waits for it and no key was given.
///
/// # Errors
/// When the cancellation cannot be recorded.
pub fn give_up<S: Store>(
    queue: &mut Queue<S>,
    ticket: &Ticket,
    live: &Path,
    signal: i32,
) -> Result<bool, QueueError> {
    let others = Liveness::of(live, &ticket.id).anyone_waits().unwrap_or(true);
    if others || ticket.filed.request.once.is_some() {
        return Ok(false);
    }
    match queue.interrupt(&ticket.id, signal) {
        Ok(_) => Ok(true),
        Err(QueueError::Refused { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}
