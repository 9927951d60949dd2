//! What the full screen knows: the lists, the screens one is on above them, and what was said last.
//! Pure; `update` changes it, the views draw it.

use std::time::{Duration, Instant};

use super::card::{File, Open};
use super::compare::Like;
use super::forms::{Batch, Deciding, Field, Refusing};
use super::frame::{Frame, number};
use super::keys::{At, Does};
use super::list::{List, Which};
use super::search::Search;
use crate::clock::Moment;
use crate::escaped::Escaped;
use crate::ids::TicketId;
use crate::review::{NotYet, Size, Unanswered};

/// The smallest window in which anything can be decided.
pub const SMALLEST: Size = Size { rows: 16, columns: 60 };
/// How long an unlocked key stays so without a key pressed.
pub const UNLOCKED: Duration = Duration::from_secs(300);
/// How often the clock and the queue are looked at.
pub const TICK: Duration = Duration::from_secs(1);

/// Whose screen this is, of which queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whose {
    /// The queue's name.
    pub queue: Escaped,
    /// Who signs here.
    pub me: Escaped,
    /// The level of trust, as `doctor` says it.
    pub level: &'static str,
}

/// How many of what, at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Waiting for people.
    pub pending: u64,
    /// All there ever were.
    pub all: u64,
    /// Approved, and not run; up to a hundred.
    pub unclaimed: u64,
    /// Outcome not known; up to a hundred.
    pub unknown: u64,
}

/// Whether the key can sign as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Its passphrase is asked when it is needed.
    Locked,
    /// It stays so until then, or five minutes after the last key pressed.
    Unlocked(Instant),
    /// It has no passphrase.
    Open,
    /// It is in an agent or in hardware, which ask by themselves.
    Elsewhere,
}

/// Something said at the foot of the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The sentence.
    pub text: Escaped,
    /// Whether it needs a second look.
    pub care: bool,
}

/// A screen above the queue.
#[derive(Debug)]
pub enum Screen {
    /// Everything there was, and the events of the ticket one is on.
    History(Box<List>, Option<(TicketId, Vec<Escaped>)>),
    /// One card.
    Card(Box<Open>),
    /// The question before an approve.
    Decide(Box<Deciding>),
    /// The form that says no.
    Refuse(Box<Refusing>),
    /// A card's request beside an earlier one, from this line on.
    Compare(Box<Like>, usize),
    /// One file attached to the card below.
    Attached(Box<File>),
    /// The line a search is typed in.
    Find(Field),
    /// Signing one after the other.
    Batch(Box<Batch>),
    /// The keys, from this line on.
    Help(At, usize),
}

/// Everything the screen knows.
#[derive(Debug)]
pub struct Model {
    /// Whose screen it is.
    pub whose: Whose,
    /// How many of what.
    pub counts: Counts,
    /// Whether the key can sign.
    pub key: KeyState,
    /// The clocks, as they were last looked at.
    pub clock: Moment,
    /// The window.
    pub size: Size,
    /// What waits: the screen under all others.
    pub queue: List,
    /// The screens above it, the one to be seen last.
    pub screens: Vec<Screen>,
    /// What was said last.
    pub notice: Option<Notice>,
    /// The newest event when the lists were read: tickets filed later are new.
    pub newest: u64,
    /// Counts the surfaces on which something could be decided: keys typed before one was drawn are not for it.
    pub surface: u64,
}

impl Model {
    /// The screen before anything was read.
    #[must_use]
    pub fn new(whose: Whose, key: KeyState, clock: Moment, size: Size) -> Self {
        let queue = List::new(Which::Queue, Search::default(), 0);
        let (counts, screens) = (Counts::default(), Vec::new());
        Self { whose, counts, key, clock, size, queue, screens, notice: None, newest: 0, surface: 0 }
    }

    /// Which screen is to be seen.
    #[must_use]
    pub fn at(&self) -> At {
        match self.screens.last() {
            None => At::Queue,
            Some(Screen::History(..)) => At::History,
            Some(Screen::Card(_)) => At::Card,
            Some(Screen::Decide(_)) => At::Decide,
            Some(Screen::Refuse(_)) => At::Refuse,
            Some(Screen::Compare(..)) => At::Compare,
            Some(Screen::Attached(_)) => At::Attached,
            Some(Screen::Find(_)) => At::Find,
            Some(Screen::Batch(_)) => At::Batch,
            Some(Screen::Help(..)) => At::Help,
        }
    }

    /// The list that is to be seen, or lies under what is.
    #[must_use]
    pub fn list(&self) -> &List {
        let history = self.screens.iter().rev().find_map(|screen| match screen {
            Screen::History(list, _) => Some(&**list),
            _ => None,
        });
        history.unwrap_or(&self.queue)
    }

    /// The same, to be changed.
    pub fn list_mut(&mut self) -> &mut List {
        let history = self.screens.iter_mut().rev().find_map(|screen| match screen {
            Screen::History(list, _) => Some(&mut **list),
            _ => None,
        });
        history.unwrap_or(&mut self.queue)
    }

    /// The card that is open, if one is.
    #[must_use]
    pub fn card(&self) -> Option<&Open> {
        self.screens.iter().rev().find_map(|screen| match screen {
            Screen::Card(open) => Some(&**open),
            _ => None,
        })
    }

    /// The same, to be changed.
    pub fn card_mut(&mut self) -> Option<&mut Open> {
        self.screens.iter_mut().rev().find_map(|screen| match screen {
            Screen::Card(open) => Some(&mut **open),
            _ => None,
        })
    }

    /// Whether the window shows too little for anything to be decided.
    #[must_use]
    pub const fn is_too_small(&self) -> bool {
        self.size.rows < SMALLEST.rows || self.size.columns < SMALLEST.columns
    }

    /// How many rows of a list are on the screen.
    #[must_use]
    pub fn list_height(&self) -> usize {
        let (columns, below) = (usize::from(self.size.columns >= 80), self.list_pane());
        self.size.rows.saturating_sub(5 + columns + below).max(1)
    }

    /// How many lines stand below a list about the row one is on.
    #[must_use]
    pub fn list_pane(&self) -> usize {
        match self.list().which {
            Which::Queue => 2,
            Which::History if self.size.rows >= 24 => self.size.rows / 3,
            Which::History => 3,
        }
    }

    /// How many rows of a card, a comparison, an attachment or the help are on the screen.
    #[must_use]
    pub fn card_height(&self) -> usize {
        self.size.rows.saturating_sub(4 + usize::from(self.has_two_facts()))
    }

    /// Whether what is known beside an open card needs two lines of this window.
    #[must_use]
    pub fn has_two_facts(&self) -> bool {
        let like = |screen: &Screen| matches!(screen, Screen::Card(open) if open.sheet.like.is_some());
        self.size.columns < 140 && self.screens.last().is_some_and(like)
    }

    /// A new surface on which something could be decided.
    pub const fn new_surface(&mut self) {
        self.surface = self.surface.wrapping_add(1);
    }

    /// Says something at the foot of the screen.
    pub fn say(&mut self, text: Escaped) {
        self.notice = Some(Notice { text, care: false });
    }

    /// Says something that needs a second look.
    pub fn warn(&mut self, text: Escaped) {
        self.notice = Some(Notice { text, care: true });
    }

    /// Whether something could be decided here, or one key further.
    #[must_use]
    pub fn can_decide(&self) -> bool {
        matches!(self.at(), At::Card | At::Decide | At::Refuse)
    }

    /// Why a key does nothing now; nothing when it does what the table says.
    #[must_use]
    pub fn why_not(&self, does: Does, now: Instant) -> Option<Escaped> {
        match (does, self.screens.last()) {
            (Does::Approve, Some(Screen::Card(open))) => cannot_approve(open, now, self.size.columns),
            (Does::Reject, Some(Screen::Card(open))) if !open.sheet.pending => Some(open.sheet.state.clone()),
            (Does::Revoke, Some(Screen::Card(open))) if !open.sheet.revocable => {
                Some(Escaped::trusted("no approval that could be taken back"))
            }
            (Does::Reconcile, Some(Screen::Card(open))) if !open.sheet.unsettled => {
                Some(Escaped::trusted("no outcome of it is unknown"))
            }
            (Does::Compare, Some(Screen::Card(open))) if open.sheet.like.is_none() => {
                Some(Escaped::trusted("none like it was ever approved by people"))
            }
            (Does::Field, Some(Screen::Attached(_)))
                if self.card().is_none_or(|open| open.sheet.attached.len() < 2) =>
            {
                Some(Escaped::trusted("there is no other"))
            }
            (Does::Fold | Does::Attached, Some(Screen::Card(open))) if open.sheet.attached.is_empty() => {
                Some(Escaped::trusted("nothing is attached"))
            }
            (Does::Sign, Some(Screen::Decide(form))) => {
                // Whether a code is right is told to nobody before it is given.
                let lacks = form.lacks(now).err().filter(|lacks| *lacks != Unanswered::WrongCode);
                lacks.map(|lacks| Escaped::prose(lacks.to_string().as_bytes()))
            }
            (Does::Sign, Some(Screen::Refuse(form))) => {
                form.lacks(now).map(|lacks| Escaped::prose(lacks.to_string().as_bytes()))
            }
            (Does::Lock, _) => match self.key {
                KeyState::Open => Some(Escaped::trusted("the key has no passphrase")),
                KeyState::Elsewhere => Some(Escaped::trusted("the key is in an agent or in hardware")),
                KeyState::Locked | KeyState::Unlocked(_) => None,
            },
            (
                Does::Reject | Does::RejectAll | Does::Revoke | Does::Reconcile,
                None | Some(Screen::History(..)),
            ) => self.cannot_refuse(does),
            (Does::Open | Does::Copy, None | Some(Screen::History(..))) if self.list().row().is_none() => {
                Some(Escaped::trusted("no ticket here"))
            }
            _ => None,
        }
    }

    fn cannot_refuse(&self, does: Does) -> Option<Escaped> {
        use super::list::Stands;
        let Some(row) = self.list().row() else { return Some(Escaped::trusted("no ticket here")) };
        match (does, row.stands) {
            (Does::Revoke, Stands::Unclaimed)
            | (Does::Reject | Does::RejectAll, Stands::Pending)
            | (Does::Reconcile, Stands::Unknown) => None,
            (Does::Revoke, Stands::Claimed | Stands::Unknown | Stands::Done) => {
                Some(Escaped::trusted("already used"))
            }
            (Does::Reconcile, Stands::Claimed) => Some(Escaped::trusted("it is being executed")),
            (Does::Reconcile, Stands::Done) => Some(Escaped::trusted("outcome is known")),
            (Does::Reconcile, _) => Some(Escaped::trusted("it did not run")),
            (Does::Revoke, _) => Some(Escaped::trusted("not approved")),
            (_, stands) => Some(Escaped::trusted("it is ").and(&Escaped::trusted(stands.word()))),
        }
    }

    /// How long nothing will change by itself.
    #[must_use]
    pub fn wake(&self, now: Instant) -> Duration {
        let arming = match self.screens.last() {
            Some(Screen::Card(open)) => match open.seen(now) {
                Err(NotYet::TooSoon(left)) => Some(left),
                _ => None,
            },
            Some(Screen::Decide(form)) => match form.lacks(now) {
                Err(Unanswered::TooSoon(left)) => Some(left),
                _ => None,
            },
            Some(Screen::Refuse(form)) => match form.lacks(now) {
                Some(super::forms::Lacks::Moment(left)) => Some(left),
                _ => None,
            },
            _ => None,
        };
        arming.unwrap_or(TICK).min(TICK)
    }

    /// The frame to be seen.
    #[must_use]
    pub fn frame(&self, now: Instant) -> Frame {
        super::view::frame(self, now)
    }
}

/// Why an open card cannot be approved yet, or at all.
fn cannot_approve(open: &Open, now: Instant, columns: usize) -> Option<Escaped> {
    if !open.sheet.pending {
        return Some(open.sheet.state.clone());
    }
    if let Some(why) = &open.sheet.barred {
        return Some(why.clone());
    }
    match open.seen(now) {
        Ok(_seen) => None,
        // Where there is little room the title alone says how far one is.
        Err(NotYet::EndNotShown) if columns < 80 => Some(Escaped::trusted("read to the end")),
        Err(NotYet::EndNotShown) => {
            let left = open.rows.len().saturating_sub(open.unread());
            let left = number(left).and(&Escaped::trusted(" more"));
            Some(Escaped::trusted("read to the end, ").and(&left))
        }
        Err(soon @ NotYet::TooSoon(_)) => Some(Escaped::prose(soon.to_string().as_bytes())),
    }
}
