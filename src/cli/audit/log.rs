//! `audit log`: events as they are, of a queue or a bundle, by ticket, time and kind.
//! Reads only. What is damaged is told as such, whatever was asked for.

use std::path::Path;

use crate::audit::bundle::Bundle;
use crate::audit::trail::{self, Trail as _};
use crate::cli::args::{Globals, ShownArgs};
use crate::cli::error::CliError;
use crate::cli::events::{self, Entry};
use crate::cli::open::{EngineQueue, find};
use crate::cli::out::Out;
use crate::escaped::Escaped;
use crate::ids::TicketPrefix;

/// How many events are read at a time.
const PAGE: u64 = 512;

/// `handoff audit log`.
///
/// # Errors
/// When the queue cannot be read, or has no such ticket.
pub fn queue(queue: &mut EngineQueue, out: Out, args: &ShownArgs) -> Result<u8, CliError> {
    let mut telling = Telling::new(out, args, None);
    if let Some(id) = &args.id {
        let id = find(queue, id)?;
        let rows = queue.read(&mut |read| Ok(read.events_of(&id)?))?;
        rows.iter().try_for_each(|row| telling.tell(row.into()))?;
        return Ok(0);
    }
    let mut next = args.from;
    while telling.left > 0 {
        let rows = queue.read(&mut |read| Ok(read.events(next, PAGE)?))?;
        let Some(last) = rows.last() else { break };
        next = last.seq.saturating_add(1);
        rows.iter().try_for_each(|row| telling.tell(row.into()))?;
    }
    Ok(0)
}

/// `handoff audit log --bundle BUNDLE`: what is in it, whether it holds or not.
///
/// # Errors
/// When it cannot be read.
pub fn bundle(globals: &Globals, path: &Path, args: &ShownArgs) -> Result<u8, CliError> {
    let prefix = args.id.as_deref().map(str::parse::<TicketPrefix>).transpose();
    let prefix = prefix.map_err(|error| CliError::usage(format!("no ticket: {error}")))?;
    let out = Out::new(globals);
    let mut telling = Telling::new(out, args, prefix);
    let mut bundle = Bundle::open(path).map_err(CliError::failed)?;
    if !bundle.take_faults().is_empty() {
        out.note("this bundle has faults; see: handoff audit verify");
    }
    let mut more = true;
    while more && telling.left > 0 {
        let page = bundle.page(0).map_err(CliError::failed)?;
        more = page.more;
        for entry in &page.entries {
            match entry {
                trail::Entry::Event(row) => telling.read(&row.bytes)?,
                trail::Entry::Damaged(seq, why) => telling.damaged(*seq, why)?,
                trail::Entry::Hidden(_) => {}
            }
        }
    }
    Ok(0)
}

struct Telling<'a> {
    out: Out,
    args: &'a ShownArgs,
    prefix: Option<TicketPrefix>,
    left: u64,
}

impl<'a> Telling<'a> {
    fn new(out: Out, args: &'a ShownArgs, prefix: Option<TicketPrefix>) -> Self {
        Self { out, args, prefix, left: args.limit.unwrap_or(u64::MAX) }
    }

    fn read(&mut self, bytes: &str) -> Result<(), CliError> {
        match events::event(bytes) {
            Some(event) => self.tell(Entry::of(&event, bytes)),
            None => self.damaged(0, "the bytes are no event"),
        }
    }

    fn damaged(&self, seq: u64, why: &str) -> Result<(), CliError> {
        self.out.line(&format!("{seq:>6}  damaged: {}", Escaped::prose(why.as_bytes())))
    }

    fn tell(&mut self, entry: Entry<'_>) -> Result<(), CliError> {
        if self.left == 0 || !self.wants(entry) {
            return Ok(());
        }
        self.left -= 1;
        if self.args.raw {
            self.out.line(entry.bytes)
        } else if self.out.json() {
            self.out.object(&events::json(entry))
        } else {
            self.out.line(&events::line(entry, self.args.id.is_none()))
        }
    }

    fn wants(&self, entry: Entry<'_>) -> bool {
        let ticket = |prefix: &TicketPrefix| {
            entry.ticket.is_some_and(|ticket| ticket.as_str().starts_with(prefix.as_str()))
        };
        if entry.seq < self.args.from || !self.prefix.as_ref().is_none_or(ticket) {
            return false;
        }
        if self.args.since.is_none() && self.args.until.is_none() && self.args.kind.is_empty() {
            return true;
        }
        events::read(entry).is_none_or(|event| {
            self.args.since.is_none_or(|since| event.time >= since)
                && self.args.until.is_none_or(|until| event.time < until)
                && (self.args.kind.is_empty() || self.args.kind.iter().any(|kind| kind == event.what.word()))
        })
    }
}
