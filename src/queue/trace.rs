//! What was recorded, for a structured log (`--log json`): one line an event, under its ticket and request.
//! Told after the commit, and only where somebody listens.

use tracing::{Level, Span, enabled, info, info_span};

use super::Queue;
use crate::ids::TicketId;
use crate::store::Store;
use crate::ticket::Ticket;

/// An event of the transaction, before it is committed.
#[derive(Debug)]
pub struct Noted {
    /// Its place in the log.
    pub seq: u64,
    /// Its kind, in its word.
    pub event: &'static str,
    /// What it is about.
    pub ticket: Option<TicketId>,
}

/// Everything told within it names the ticket and the request.
#[must_use]
pub fn about(ticket: &Ticket) -> Span {
    info_span!("ticket", ticket = ticket.id.as_str(), request = %ticket.filed.request_sha256)
}

impl<S: Store> Queue<S> {
    /// Tells of what was committed. Costs a look at the tickets, and nothing where nobody listens.
    pub(super) fn trace(&mut self, noted: Vec<Noted>) {
        if !enabled!(Level::INFO) {
            return;
        }
        for Noted { seq, event, ticket } in noted {
            let tell = || info!(seq, event, "recorded");
            match ticket.and_then(|id| self.peek(&id).ok()) {
                Some(ticket) => about(&ticket).in_scope(tell),
                None => tell(),
            }
        }
    }
}
