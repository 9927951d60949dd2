//! A list of tickets as far as it was read: rows stay where they are, new ones come below.
//! Pure.

use super::search::Search;
use crate::clock::Timestamp;
use crate::escaped::Escaped;
use crate::ids::TicketId;
use crate::store::{Place, Way};
use crate::ticket::Deadline;

/// One ticket in a list, everything of it fit for a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The ticket.
    pub id: TicketId,
    /// Where it stands in the listings.
    pub place: Place,
    /// Its version, which every change raises.
    pub version: u64,
    /// `HIGH`, `MED`, `LOW`; `?` for what was not understood.
    pub risk: &'static str,
    /// When its wait, or its approval, ends; nothing once it is over.
    pub until: Option<Deadline>,
    /// How it stands.
    pub stands: Stands,
    /// How many approved, of how many: `1/2`.
    pub have: Escaped,
    /// The same with those who are missing, in words: `1 of 2, infra still needed`.
    pub missing: Escaped,
    /// Whether somebody waits for the answer.
    pub waits: bool,
    /// The requester, with a label of its own.
    pub who: Escaped,
    /// The requester's account.
    pub account: Escaped,
    /// Its uid.
    pub uid: u32,
    /// The reviewer would approve their own request.
    pub own: bool,
    /// The declared environment.
    pub environment: Escaped,
    /// What would run, word by word.
    pub action: Vec<Escaped>,
    /// The rules that stopped it, and what they ask for.
    pub rule: Escaped,
    /// When it was filed.
    pub filed: Timestamp,
    /// What came of it: `exit 0, 41 s`.
    pub outcome: Escaped,
    /// Who decided.
    pub by: Escaped,
}

/// How a ticket stands, as far as the lists tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// Waits for people.
    Pending,
    /// Approved, and not run yet.
    Unclaimed,
    /// Is being executed.
    Claimed,
    /// Its outcome is not known, or nobody is left who would record one.
    Unknown,
    /// Ran, or could not be started; what came of it is recorded.
    Done,
    /// Over without a run.
    Over(&'static str),
}

impl Stands {
    /// The word of the state.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Unclaimed | Self::Claimed | Self::Unknown | Self::Done => "approved",
            Self::Over(word) => word,
        }
    }
}

/// Which list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// What waits, by deadline; behind it what needs a look.
    Queue,
    /// Everything, newest first.
    History,
}

/// What to read next for a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// For which list.
    pub which: Which,
    /// For which making of it: what comes for an earlier one is not taken.
    pub run: u64,
    /// What is searched for.
    pub search: Search,
    /// From where.
    pub from: Option<Place>,
    /// Which way.
    pub way: Way,
    /// How many rows are missing.
    pub rows: usize,
}

/// What was read for a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What was asked for.
    pub wanted: Wanted,
    /// The rows that fit, the nearest first.
    pub rows: Vec<Row>,
    /// The last place looked at.
    pub reached: Option<Place>,
    /// How many tickets were looked at.
    pub looked: u64,
    /// Whether there is nothing beyond.
    pub end: bool,
}

/// A list.
#[derive(Debug, Clone)]
pub struct List {
    /// Which one.
    pub which: Which,
    /// What is searched for.
    pub search: Search,
    /// Its rows, as far as they were read.
    pub rows: Vec<Row>,
    /// The row one is on.
    pub cursor: usize,
    /// The first row on the screen.
    pub top: usize,
    /// How many new rows were not on the screen yet.
    pub fresh: usize,
    /// Whether all of it was read, towards the end and towards the beginning.
    pub whole: bool,
    starts: bool,
    reached: Option<Place>,
    /// How many tickets a search has looked at, while it goes on.
    pub looking: Option<u64>,
    run: u64,
    // New ones, until the rows they come below are all there.
    held: Vec<Row>,
}

/// How many rows beyond the screen are read, at least; two screens if that is more, so that a page is always there.
const MARGIN: usize = 20;

const fn margin(height: usize) -> usize {
    if height * 2 > MARGIN { height * 2 } else { MARGIN }
}

impl List {
    /// An empty one, of which nothing was read yet.
    #[must_use]
    pub const fn new(which: Which, search: Search, run: u64) -> Self {
        Self {
            which,
            search,
            rows: Vec::new(),
            cursor: 0,
            top: 0,
            fresh: 0,
            whole: false,
            starts: true,
            reached: None,
            looking: None,
            run,
            held: Vec::new(),
        }
    }

    /// The row one is on.
    #[must_use]
    pub fn row(&self) -> Option<&Row> {
        self.rows.get(self.cursor)
    }

    /// Whether its first row is the first there is.
    #[must_use]
    pub const fn starts_here(&self) -> bool {
        self.starts
    }

    /// The first read of it: what is to be seen, and no more before that is.
    #[must_use]
    pub fn first(&self, height: usize) -> Wanted {
        self.wanted(None, Way::Onward, height)
    }

    /// What is missing around the screen, if anything.
    #[must_use]
    pub fn missing(&self, height: usize) -> Option<Wanted> {
        if self.looking.is_some() {
            return None;
        }
        let (below, margin) = (self.rows.len().saturating_sub(self.top + height), margin(height));
        if !self.whole && below < margin {
            return Some(self.wanted(self.reached, Way::Onward, margin));
        }
        let first = self.rows.first().map(|row| row.place);
        (!self.starts && self.top < margin).then(|| self.wanted(first, Way::Back, margin))
    }

    /// The end of it, however far that is. New rows are held until it is there.
    #[must_use]
    pub fn to_the_end(&mut self, height: usize) -> Option<Wanted> {
        if self.whole {
            self.go_to(usize::MAX, height);
            return None;
        }
        self.run += 1;
        self.rows.clear();
        self.held.clear();
        (self.cursor, self.top, self.fresh, self.starts, self.reached) = (0, 0, 0, false, None);
        Some(self.wanted(None, Way::Back, height))
    }

    /// Takes what was read; answers what to read on, for a search that is not filled yet.
    pub fn take(&mut self, mut found: Found, height: usize) -> Option<Wanted> {
        let Wanted { run, way, rows: needed, .. } = found.wanted;
        if run != self.run {
            return None;
        }
        let got = found.rows.len();
        found.rows.retain(|row| !self.knows(row));
        match way {
            Way::Onward => {
                self.rows.extend(found.rows);
                self.reached = found.reached.or(self.reached);
                self.whole |= found.end;
            }
            Way::Back => self.prepend(found.rows, found.end, height),
        }
        self.hold_no_longer();
        let looked = self.looking.unwrap_or(0) + found.looked;
        let goes_on = !found.end && got < needed;
        self.looking = goes_on.then_some(looked);
        goes_on.then(|| Wanted {
            from: found.reached.or(found.wanted.from),
            rows: needed - got,
            ..found.wanted
        })
    }

    fn prepend(&mut self, nearest_first: Vec<Row>, end: bool, height: usize) {
        let was_empty = self.rows.is_empty();
        if was_empty {
            self.reached = nearest_first.first().map(|row| row.place);
            self.whole = true;
        }
        let added = nearest_first.len();
        let mut rows: Vec<Row> = nearest_first.into_iter().rev().collect();
        rows.append(&mut self.rows);
        self.rows = rows;
        self.starts |= end;
        if was_empty {
            self.go_to(usize::MAX, height);
        } else {
            self.cursor += added;
            self.top += added;
        }
    }

    fn hold_no_longer(&mut self) {
        if self.whole {
            self.rows.append(&mut self.held);
        }
    }

    /// New tickets: they come below whatever is there.
    pub fn add_fresh(&mut self, rows: Vec<Row>) {
        let new = rows.into_iter().filter(|row| !self.knows(row)).collect::<Vec<_>>();
        self.fresh += new.len();
        self.held.extend(new);
        self.hold_no_longer();
    }

    fn knows(&self, row: &Row) -> bool {
        self.rows.iter().chain(&self.held).any(|known| known.id == row.id)
    }

    /// Newer word of tickets that are in the list already: they change where they stand.
    pub fn renew(&mut self, rows: Vec<Row>) {
        for row in rows {
            if let Some(known) = self.rows.iter_mut().chain(&mut self.held).find(|known| known.id == row.id) {
                *known = row;
            }
        }
    }

    /// Puts the cursor on this row, or the last, and the screen around it.
    pub fn go_to(&mut self, row: usize, height: usize) {
        self.cursor = row.min(self.rows.len().saturating_sub(1));
        let height = height.max(1);
        if self.cursor < self.top {
            self.top = self.cursor;
        }
        if self.cursor >= self.top + height {
            self.top = self.cursor + 1 - height;
        }
        self.top = self.top.min(self.rows.len().saturating_sub(1));
        let below = self.rows.len().saturating_sub(self.top + height) + self.held.len();
        self.fresh = self.fresh.min(below);
    }

    /// The rows on a screen of this height.
    #[must_use]
    pub fn shown(&self, height: usize) -> &[Row] {
        let end = self.rows.len().min(self.top + height);
        self.rows.get(self.top..end).unwrap_or_default()
    }

    /// The next ticket that waits, behind `id`, then from the beginning.
    #[must_use]
    pub fn next_pending(&self, id: &TicketId) -> Option<usize> {
        let at = self.rows.iter().position(|row| row.id == *id).unwrap_or(self.cursor);
        let waits = |&index: &usize| {
            self.rows.get(index).is_some_and(|row| row.stands == Stands::Pending && row.id != *id)
        };
        (at..self.rows.len()).chain(0..at).find(waits)
    }

    fn wanted(&self, from: Option<Place>, way: Way, rows: usize) -> Wanted {
        Wanted { which: self.which, run: self.run, search: self.search.clone(), from, way, rows }
    }
}
