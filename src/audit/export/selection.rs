//! Which tickets a filtered export takes along, and where the tree must be cut for what they name.
//! Reads the log once; keeps the tickets that were chosen.

use std::collections::{BTreeSet, HashSet};

use super::ExportError;
use crate::audit::bundle::Filter;
use crate::ids::TicketId;
use crate::record::{Record, Text, decode};
use crate::request::Request;
use crate::store::{EventRow, Read, Store};
use crate::ticket::decision::Decision;
use crate::ticket::event::{Event, What};

/// What a filter came to.
#[derive(Debug, Default)]
pub struct Selection {
    tickets: HashSet<TicketId>,
    /// Sizes at which no left-out subtree may begin before and end behind.
    pub cuts: BTreeSet<u64>,
    /// How many events are taken along.
    pub events: u64,
}

impl Selection {
    /// Whether an event of this ticket, or of none, is taken along.
    #[must_use]
    pub fn takes(&self, ticket: Option<&TicketId>) -> bool {
        ticket.is_none_or(|ticket| self.tickets.contains(ticket))
    }

    /// Goes through the log up to `size`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of<S: Store>(
        store: &mut S,
        filter: &Filter,
        size: u64,
        seen: &mut dyn FnMut(u64),
    ) -> Result<Self, ExportError> {
        let mut selection = Self::default();
        let mut next = 0;
        while next < size {
            next = store.read(&mut |read| {
                let rows = super::rows(read, next, size)?;
                let reached = rows.last().map_or(size, |row| row.seq + 1);
                rows.iter().try_for_each(|row| selection.look(read, filter, size, row))?;
                Ok::<_, ExportError>(reached)
            })?;
            seen(next);
        }
        Ok(selection)
    }

    fn look(
        &mut self,
        read: &dyn Read,
        filter: &Filter,
        size: u64,
        row: &EventRow,
    ) -> Result<(), ExportError> {
        if let Some(ticket) = &row.ticket
            && row.bytes.contains(r#""what":{"proposed":{"#)
            && fits(read, filter, size, row)?
        {
            self.tickets.insert(ticket.clone());
        }
        if !self.takes(row.ticket.as_ref()) {
            return Ok(());
        }
        self.events += 1;
        if row.bytes.contains(r#""what":{"decision":{"#)
            && let What::Decision { statement, .. } = event(row)?.what
            && let Ok(decision) = decode::<Decision>(&statement)
        {
            self.cuts.insert(decision.log.size);
        }
        Ok(())
    }
}

fn fits(read: &dyn Read, filter: &Filter, size: u64, row: &EventRow) -> Result<bool, ExportError> {
    let event = event(row)?;
    let What::Proposed { request_sha256, .. } = &event.what else { return Ok(false) };
    let time = filter.since.is_none_or(|since| event.time >= since)
        && filter.until.is_none_or(|until| event.time < until);
    if !time {
        return Ok(false);
    }
    if !filter.environment.is_empty() || !filter.requester.is_empty() {
        let request = super::request(read, request_sha256)?.ok_or(ExportError::NoRequest(row.seq))?;
        if !of_environment(filter, &request) || !of_requester(filter, &request) {
            return Ok(false);
        }
    }
    let Some(ticket) = row.ticket.as_ref().filter(|_| !filter.state.is_empty()) else { return Ok(true) };
    let word = state(&read.events_of(ticket)?, size);
    Ok(filter.state.iter().any(|state| state == word))
}

fn of_environment(filter: &Filter, request: &Request) -> bool {
    let declared = request.context.declared.0.get("environment");
    filter.environment.is_empty() || declared.is_some_and(|name| filter.environment.contains(name))
}

fn of_requester(filter: &Filter, request: &Request) -> bool {
    let account = &request.requester.account;
    let uid = Text::from(account.uid.to_string());
    filter.requester.is_empty() || filter.requester.iter().any(|who| *who == account.name || *who == uid)
}

/// The state a ticket was in when the log had `size` events.
fn state(rows: &[EventRow], size: u64) -> &'static str {
    let before = rows.iter().filter(|row| row.seq < size);
    let words = before.filter_map(|row| event(row).ok().map(|event| event.what.word()));
    let mut states = words.filter(|word| matches!(*word, "approved" | "rejected" | "expired" | "cancelled"));
    states.next_back().unwrap_or("pending")
}

fn event(row: &EventRow) -> Result<Event, ExportError> {
    let parsed = Record::parse::<Event>(&row.bytes);
    parsed.map(|(_, event)| event).map_err(|error| ExportError::NoEvent(row.seq, error.to_string()))
}
