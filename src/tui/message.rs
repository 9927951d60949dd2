//! What comes into the model, and what it asks for: plain values both ways.
//! Pure.

use super::card::Sheet;
use super::forms::About;
use super::input::Key;
use super::list::{Found, Row, Wanted};
use super::model::{Counts, KeyState, Notice};
use crate::clock::Moment;
use crate::escaped::Escaped;
use crate::ids::TicketId;
use crate::review::{Confirmed, Question, Size};

/// What comes in.
#[derive(Debug)]
pub enum Message {
    /// A key.
    Typed(Key),
    /// The window's size, whether it changed or the screen has to be drawn anew.
    Resized(Size),
    /// Time passed; the queue may have changed.
    Tick {
        /// The clocks.
        clock: Moment,
        /// Something was recorded since the last look.
        changed: bool,
    },
    /// What the model shows now is on the screen.
    Drawn,
    /// A part of a list was read.
    Found(Box<Found>),
    /// Newer word of rows that are there, new ones, and how many there are in all.
    Renewed(Renewed),
    /// A ticket was read for its card.
    Opened(Box<Sheet>),
    /// The question for an approve was drawn.
    Asked(Question),
    /// The events of a ticket, each on a line.
    Events(TicketId, Vec<Escaped>),
    /// What waits of one account.
    Everything(Escaped, Vec<TicketId>),
    /// A decision was signed and recorded.
    Signed(TicketId, Escaped),
    /// Nothing was signed, or it was refused.
    NotSigned(TicketId, Escaped),
    /// The key was unlocked, or locked.
    Key(KeyState),
    /// Something to be said.
    Said(Notice),
}

/// Newer word of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewed {
    /// Rows that were asked about.
    pub rows: Vec<Row>,
    /// Tickets filed since.
    pub fresh: Vec<Row>,
    /// The newest event now.
    pub newest: u64,
    /// How many of what.
    pub counts: Counts,
}

/// What is to be done.
#[derive(Debug)]
pub enum Effect {
    /// Read a part of a list.
    Find(Wanted),
    /// The same, after the next frame, so that keys are heard in between.
    Later(Wanted),
    /// Look again at these, and for what is newer than `newest`.
    Renew {
        /// The rows on the screen.
        ids: Vec<TicketId>,
        /// The newest event known.
        newest: u64,
    },
    /// Read a ticket for its card.
    Open(TicketId),
    /// Draw the question for an approve.
    Draw {
        /// Of this ticket.
        id: TicketId,
        /// With a code to type.
        high: bool,
    },
    /// Sign and record an approve.
    Approve {
        /// Of this ticket.
        id: TicketId,
        /// As it was read.
        version: u64,
        /// The proof that it was read and confirmed.
        confirmed: Confirmed,
        /// For the requester and the log.
        note: Option<String>,
    },
    /// Sign and record a no, or a taking back.
    Refuse {
        /// Of what.
        about: About,
        /// Why.
        reason: Option<String>,
        /// What to do instead.
        instead: Option<String>,
    },
    /// Sign the next no of many, after the next frame.
    RefuseNext {
        /// Of this ticket.
        id: TicketId,
        /// Why.
        reason: Option<String>,
        /// What to do instead.
        instead: Option<String>,
    },
    /// Find all that waits of one account.
    Everything {
        /// Its number.
        uid: u32,
        /// Its name.
        account: Escaped,
    },
    /// Read the events of a ticket.
    Events(TicketId),
    /// Ask for the key's passphrase.
    Unlock,
    /// Forget the key.
    Lock,
    /// Hand the id to the terminal's clipboard.
    Copy(TicketId),
    /// Leave.
    Quit,
}
