//! Whom to tell of what: read off the log and the clock, so that no other memory is needed and none can be lost.
//! Reads; records in one transaction what was told.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use super::{Queue, QueueError, Trust};
use crate::clock::Moment;
use crate::ids::{Label, TicketId};
use crate::occasion::Occasion;
use crate::record::Record;
use crate::store::{EventRow, Filter, Page, Read, Store};
use crate::ticket::event::{Delivery, Event, What};
use crate::ticket::step::look;
use crate::ticket::{State, Ticket};

/// An answer or end older than this is told to nobody any more.
pub const STALE: Duration = Duration::from_secs(600);
/// How many of the newest events are looked through for them.
const LOOK_BACK: u64 = 4096;
const PAGE: u64 = 256;
/// How many waiting tickets, those with the nearest deadlines, are looked at.
const WAITING: u64 = 256;

/// Who wants to be told of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Whose name the log will hold.
    pub notifier: Label,
    /// What of.
    pub on: BTreeSet<Occasion>,
}

/// One thing to tell one notifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Whom.
    pub notifier: Label,
    /// What of.
    pub occasion: Occasion,
    /// Sequence number of the event it is about; of a reminder, the one that filed the ticket.
    pub about: u64,
    /// What happened, for an occasion that is an event.
    pub what: Option<What>,
    /// The ticket as it is now.
    pub ticket: Ticket,
}

impl Notice {
    /// By what the log knows it.
    #[must_use]
    pub fn told(&self) -> Told {
        Told { notifier: self.notifier.clone(), occasion: self.occasion, about: self.about }
    }
}

/// Who was told of what: recorded once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Told {
    /// Who.
    pub notifier: Label,
    /// What of.
    pub occasion: Occasion,
    /// As in a [`Notice`].
    pub about: u64,
}

/// The most urgent thing to tell of a ticket that waits: by how much of its time is over.
#[must_use]
pub fn stage(ticket: &Ticket, now: &Moment) -> Option<Occasion> {
    let waits = matches!(ticket.state, State::Pending {});
    if !waits || look(&ticket.state, &ticket.filed.deadline, now).is_some() {
        return None;
    }
    let (left, whole) = (ticket.filed.deadline.left(now), whole(ticket));
    Some(if left <= whole / 10 {
        Occasion::Late
    } else if left <= whole / 2 {
        Occasion::Half
    } else {
        Occasion::New
    })
}

/// How long until [`stage`] says more than it says now, and what then; nothing when it never will.
#[must_use]
pub fn next_stage(ticket: &Ticket, now: &Moment) -> Option<(Duration, Occasion)> {
    let (share, then) = match stage(ticket, now)? {
        Occasion::New => (whole(ticket) / 2, Occasion::Half),
        Occasion::Half => (whole(ticket) / 10, Occasion::Late),
        _ => return None,
    };
    Some((ticket.filed.deadline.left(now).saturating_sub(share), then))
}

const fn whole(ticket: &Ticket) -> Duration {
    Duration::from_secs(ticket.filed.request.deadline_s)
}

impl<S: Store> Queue<S> {
    /// What is to be told now, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn notices(&mut self, wishes: &[Wish]) -> Result<Vec<Notice>, QueueError> {
        let now = self.now();
        self.read(&mut |read| due(read, wishes, &now))
    }

    /// Whether anybody is to be told now of a ticket that waits: what a command that only looks can afford to ask.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn reminder_is_due(&mut self, wishes: &[Wish]) -> Result<bool, QueueError> {
        let now = self.now();
        let nothing = Recent { from: u64::MAX, ..Recent::default() };
        self.read(&mut |read| {
            for ticket in waiting(read)? {
                if !reminders(read, wishes, ticket, &now, &nothing)?.is_empty() {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    /// How long until the next reminder of a waiting ticket is due, and which.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn next_reminder(&mut self) -> Result<Option<(Duration, Occasion)>, QueueError> {
        let now = self.now();
        self.read(&mut |read| Ok(waiting(read)?.iter().filter_map(|ticket| next_stage(ticket, &now)).min()))
    }

    /// Records who was told, and how that ended. What is recorded already stays as it is.
    ///
    /// # Errors
    /// When it cannot be recorded.
    pub fn notified(&mut self, done: &[(Notice, Delivery)]) -> Result<(), QueueError> {
        self.transact(Trust::NotNeeded, &mut |journal| {
            for (notice, delivery) in done {
                let id = &notice.ticket.id;
                if !told_of(journal.read(), id)?.contains(&notice.told()) {
                    let Told { notifier, occasion, about } = notice.told();
                    let what = What::Notified { notifier, occasion, about, delivery: delivery.clone() };
                    journal.record(Some(id), what)?;
                }
            }
            Ok(())
        })
    }

    /// The newest deliveries in the log, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn deliveries(&mut self) -> Result<Vec<Event>, QueueError> {
        self.read(&mut |read| {
            let Some(newest) = read.newest("notified")? else { return Ok(Vec::new()) };
            let mut found = Vec::new();
            backwards(read, newest.seq.saturating_add(1), &mut |_, event| {
                found.extend(event.filter(|event| matches!(event.what, What::Notified { .. })));
                true
            })?;
            Ok(found)
        })
    }
}

fn due(read: &dyn Read, wishes: &[Wish], now: &Moment) -> Result<Vec<Notice>, QueueError> {
    let recent = Recent::of(read, now)?;
    let mut notices = Vec::new();
    for (event, occasion) in &recent.ends {
        let about = event.seq;
        let wants = |wish: &&Wish| wish.on.contains(occasion) && !recent.knows(wish, *occasion, about);
        let wishes: Vec<&Wish> = wishes.iter().filter(wants).collect();
        let Some(id) = event.ticket.as_ref().filter(|_| !wishes.is_empty()) else { continue };
        let Some(ticket) = read.ticket(id)? else { continue };
        notices.extend(wishes.into_iter().map(|wish| Notice {
            notifier: wish.notifier.clone(),
            occasion: *occasion,
            about,
            what: Some(event.what.clone()),
            ticket: ticket.clone(),
        }));
    }
    let mut tickets = waiting(read)?;
    let seen: HashSet<TicketId> = tickets.iter().map(|ticket| ticket.id.clone()).collect();
    for id in recent.filed.iter().filter(|id| !seen.contains(*id)) {
        tickets.extend(read.ticket(id)?);
    }
    for ticket in tickets {
        notices.extend(reminders(read, wishes, ticket, now, &recent)?);
    }
    notices.sort_by_key(|notice| notice.about);
    Ok(notices)
}

fn waiting(read: &dyn Read) -> Result<Vec<Ticket>, QueueError> {
    let pending = Filter { states: vec!["pending".to_owned()], ..Filter::default() };
    Ok(read.list(&pending, Page { skip: 0, limit: WAITING })?)
}

/// Each notifier hears the most urgent thing it wants and was not told; what is less urgent is past.
fn reminders(
    read: &dyn Read,
    wishes: &[Wish],
    ticket: Ticket,
    now: &Moment,
    recent: &Recent,
) -> Result<Vec<Notice>, QueueError> {
    let Some(stage) = stage(&ticket, now) else { return Ok(Vec::new()) };
    let about = ticket.filed.seq;
    // Where the proposal is recent, so is all that was told of it.
    let told = if about >= recent.from { None } else { Some(told_of(read, &ticket.id)?) };
    let told = told.as_ref().unwrap_or(&recent.told);
    let due = wishes.iter().filter_map(|wish| {
        let occasion = wish.on.iter().copied().filter(|occasion| *occasion <= stage).max()?;
        let was_told = told
            .iter()
            .any(|told| told.about == about && told.notifier == wish.notifier && told.occasion >= occasion);
        (!was_told).then(|| (wish.notifier.clone(), occasion))
    });
    Ok(due
        .map(|(notifier, occasion)| Notice { notifier, occasion, about, what: None, ticket: ticket.clone() })
        .collect())
}

fn told_of(read: &dyn Read, id: &TicketId) -> Result<HashSet<Told>, QueueError> {
    Ok(read.events_of(id)?.iter().filter_map(event).filter_map(told).collect())
}

fn told(event: Event) -> Option<Told> {
    match event.what {
        What::Notified { notifier, occasion, about, .. } => Some(Told { notifier, occasion, about }),
        _ => None,
    }
}

// What is no event is for `audit verify` to tell.
fn event(row: &EventRow) -> Option<Event> {
    Record::parse::<Event>(&row.bytes).ok().map(|(_, event)| event)
}

/// The end of the log, as far as it matters here.
#[derive(Default)]
struct Recent {
    from: u64,
    told: HashSet<Told>,
    filed: Vec<TicketId>,
    ends: Vec<(Event, Occasion)>,
}

impl Recent {
    fn of(read: &dyn Read, now: &Moment) -> Result<Self, QueueError> {
        let size = read.head()?.frontier.size();
        let mut recent = Self { from: size, ..Self::default() };
        let oldest = size.saturating_sub(LOOK_BACK);
        backwards(read, size, &mut |seq, event| {
            let fresh = event.as_ref().is_none_or(|event| event.time.until(now.wall) < STALE);
            if seq < oldest || !fresh {
                return false;
            }
            recent.from = seq;
            event.into_iter().for_each(|event| recent.take(event));
            true
        })?;
        Ok(recent)
    }

    fn take(&mut self, event: Event) {
        match event.what.occasion() {
            Some(Occasion::New) => self.filed.extend(event.ticket),
            Some(occasion) => self.ends.push((event, occasion)),
            None => self.told.extend(told(event)),
        }
    }

    fn knows(&self, wish: &Wish, occasion: Occasion, about: u64) -> bool {
        self.told.contains(&Told { notifier: wish.notifier.clone(), occasion, about })
    }
}

/// Goes through the log from `end` back, as long as `more` wants.
fn backwards(
    read: &dyn Read,
    end: u64,
    more: &mut dyn FnMut(u64, Option<Event>) -> bool,
) -> Result<(), QueueError> {
    let floor = end.saturating_sub(LOOK_BACK);
    let mut end = end;
    while end > floor {
        let from = end.saturating_sub(PAGE).max(floor);
        for row in read.events(from, end - from)?.iter().rev() {
            if !more(row.seq, event(row)) {
                return Ok(());
            }
        }
        end = from;
    }
    Ok(())
}
