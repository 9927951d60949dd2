//! Reads the parts of lists that the screen asks for, in steps short enough for keys to be heard in between.

use super::rows;
use crate::cli::error::CliError;
use crate::cli::open::Desk;
use crate::clock::Timestamp;
use crate::ids::Principal;
use crate::store::{Filter, Page, Place, Way};
use crate::ticket::Ticket;
use crate::tui::list::{Found, Wanted, Which};

/// How many tickets one step reads through for words that stand anywhere.
const STEP: u64 = 500;
/// How many that need a look, and are not pending, stand behind the queue.
pub(super) const BESIDE: u64 = 100;

/// Tickets of a list, in its order, and how far they were looked for.
struct Part {
    tickets: Vec<Ticket>,
    reached: Option<Place>,
    looked: u64,
    end: bool,
}

/// What is asked for, or the part of it that one step finds.
///
/// # Errors
/// When the queue cannot be read.
pub(super) fn find(desk: &mut Desk, me: &Principal, wanted: Wanted) -> Result<Found, CliError> {
    let Part { tickets, reached, looked, end } = match wanted.which {
        Which::Queue => waiting(desk, &wanted)?,
        Which::History => any(desk, &wanted)?,
    };
    let mut tickets: Vec<Ticket> = tickets.into_iter().filter(|ticket| wanted.search.fits(ticket)).collect();
    if wanted.which == Which::Queue {
        match wanted.way {
            Way::Onward if end => tickets.extend(beside(desk, &wanted)?),
            Way::Back if wanted.from.is_none() => {
                let mut all: Vec<Ticket> = beside(desk, &wanted)?;
                all.reverse();
                all.extend(tickets);
                tickets = all;
            }
            _ => {}
        }
    }
    let rows = rows::rows(desk, me, tickets)?;
    Ok(Found { wanted, rows, reached, looked, end })
}

/// What waits, by its deadline. Few wait at a time, so they are read through whatever is looked for.
fn waiting(desk: &mut Desk, wanted: &Wanted) -> Result<Part, CliError> {
    let Filter { states, unclaimed, running, .. } = wanted.search.filter();
    let over = states.iter().any(|state| state != "pending") || unclaimed || running;
    if over {
        return Ok(Part { tickets: Vec::new(), reached: None, looked: 0, end: true });
    }
    let step = if wanted.search.is_empty() { rows_of(wanted) } else { STEP };
    let (from, way) = (wanted.from, wanted.way);
    let tickets = desk.queue.read(&mut |read| Ok(read.waiting(from, way, step)?))?;
    let looked = u64::try_from(tickets.len()).unwrap_or(u64::MAX);
    let reached = tickets.last().map(Place::of);
    Ok(Part { tickets, reached, looked, end: looked < step })
}

/// Everything, newest first.
fn any(desk: &mut Desk, wanted: &Wanted) -> Result<Part, CliError> {
    let (filter, from, way) = (wanted.search.filter(), wanted.from.map(|place| place.seq), wanted.way);
    // What the indexes find mostly fits.
    let step = if wanted.search.has_words() { STEP } else { rows_of(wanted) };
    let found = desk.queue.read(&mut |read| Ok(read.search(&filter, from, way, step)?))?;
    // Of a place in the history only the number counts.
    let place = |seq| Place { due: Timestamp::from_millis(0), seq };
    let reached = found.reached.map(place);
    Ok(Part { tickets: found.tickets, reached, looked: found.looked, end: found.end })
}

fn rows_of(wanted: &Wanted) -> u64 {
    u64::try_from(wanted.rows).unwrap_or(STEP)
}

/// What needs a look and does not wait for people: unknown outcomes, then approved ones nobody ran.
fn beside(desk: &mut Desk, wanted: &Wanted) -> Result<Vec<Ticket>, CliError> {
    let page = Page { skip: 0, limit: BESIDE };
    let running = Filter { running: true, ..Filter::default() };
    let unclaimed = Filter { unclaimed: true, ..Filter::default() };
    let mut all = desk.queue.read(&mut |read| Ok(read.list(&running, page)?))?;
    all.extend(desk.queue.read(&mut |read| Ok(read.list(&unclaimed, page)?))?);
    all.retain(|ticket| wanted.search.fits(ticket));
    Ok(all)
}
