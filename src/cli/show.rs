//! `show`: one ticket whole, or its card or one of its blobs byte for byte.
//! Signatures are verified as they are shown; nothing a row says of them is believed.

use std::io::IsTerminal as _;

use serde_json::{Value, json};

use super::args::{Globals, ShowArgs};
use super::attachments::Payload;
use super::error::CliError;
use super::open::Desk;
use super::progress::{minutes, needs};
use super::reader::Reader;
use super::{answer, attachments, events, json};
use crate::audit::statements;
use crate::escaped::Escaped;
use crate::gate::liveness::{Alive, Liveness};
use crate::ids::Digest;
use crate::queue::authority::Standing;
use crate::request::Stdin;
use crate::store::EventRow;
use crate::ticket::card::{Card, risk_word};
use crate::ticket::event::{Event, What};
use crate::ticket::{Execution, State, Ticket};

/// `handoff show ID`.
///
/// # Errors
/// When there is no such ticket or blob, or they cannot be read.
pub fn show(globals: &Globals, args: &ShowArgs) -> Result<u8, CliError> {
    let mut reader = Reader::open(globals)?;
    let ticket = reader.ticket(&args.id)?;
    let out = reader.desk.out();
    if args.card {
        let card = Card::new(&ticket.filed.request, &ticket.filed.verdict);
        out.bytes(card.text().as_bytes())?;
    } else if let Some(name) = &args.blob {
        blob(&mut reader, &ticket, name)?;
    } else {
        let seen = Seen::of(&mut reader, ticket)?;
        if out.json() { out.object(&seen.json())? } else { seen.print(&mut reader)? }
    }
    Ok(0)
}

fn blob(reader: &mut Reader, ticket: &Ticket, name: &str) -> Result<(), CliError> {
    if std::io::stdout().is_terminal() {
        let hint = format!("handoff show {} --blob NAME > FILE", ticket.id.code());
        return Err(CliError::usage("bytes from a request are not written to a terminal").hint(hint));
    }
    let digest = named(ticket, name)?;
    match attachments::payload(&mut reader.desk, ticket, &digest)? {
        Payload::There(bytes) => reader.desk.out().bytes(&bytes),
        Payload::Pruned(at) => Err(CliError::no(attachments::gone(at, &digest))),
    }
}

/// The one blob of the ticket that has this name or digest.
fn named(ticket: &Ticket, name: &str) -> Result<Digest, CliError> {
    let request = &ticket.filed.request;
    let exec = request.exec();
    let mut all: Vec<(Vec<u8>, Digest)> = Vec::new();
    all.extend(request.context.attachments.iter().map(|file| (file.name.as_bytes().to_vec(), file.sha256)));
    all.extend(exec.binds.iter().map(|bind| (bind.name.as_str().as_bytes().to_vec(), bind.sha256)));
    if let Stdin::Captured { sha256, .. } = &exec.stdin {
        all.push((b"stdin".to_vec(), *sha256));
    }
    all.push((b"request".to_vec(), ticket.filed.request_sha256));
    let fits = |(known, digest): &(Vec<u8>, Digest)| {
        known.as_slice() == name.as_bytes() || digest.to_string() == name
    };
    let mut found: Vec<Digest> = all.iter().filter(|blob| fits(blob)).map(|(_, digest)| *digest).collect();
    found.sort_unstable();
    found.dedup();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => {
            let names: Vec<String> =
                all.iter().map(|(name, _)| Escaped::argument(name).into_string()).collect();
            let name = Escaped::argument(name.as_bytes());
            Err(CliError::usage(format!("the ticket has no {name}"))
                .hint(format!("it has: {}", names.join(" "))))
        }
        many => {
            let digests: Vec<String> = many.iter().map(ToString::to_string).collect();
            Err(CliError::usage("several of that name")
                .hint(format!("give one's digest: {}", digests.join(" "))))
        }
    }
}

/// A ticket with what is known of it beside its row.
struct Seen {
    ticket: Ticket,
    standing: Option<Standing>,
    rows: Vec<EventRow>,
    decisions: Vec<Checked>,
    waiting: Option<bool>,
    alive: Option<Alive>,
    own: bool,
    left: String,
}

/// A decision as it was found just now.
struct Checked {
    seq: u64,
    event: Event,
    statement: String,
    fault: Option<String>,
    own: bool,
}

impl Seen {
    fn of(reader: &mut Reader, ticket: Ticket) -> Result<Self, CliError> {
        let standing = reader.standing(&ticket)?;
        let own = reader.is_own(&ticket);
        let rows = reader.desk.queue.read(&mut |read| Ok(read.events_of(&ticket.id)?))?;
        let live = Liveness::of(&reader.desk.setup.places.live(), &ticket.id);
        let decisions = rows.iter().filter_map(|row| checked(&reader.desk, &ticket, row)).collect();
        let executing = matches!(ticket.state, State::Approved { execution: Execution::Claimed(_), .. });
        Ok(Self {
            waiting: ticket.state.is_open().then(|| live.anyone_waits().ok()).flatten(),
            alive: executing.then(|| live.alive().ok()).flatten(),
            left: minutes(ticket.filed.deadline.left(&reader.desk.queue.now())),
            ticket,
            standing,
            rows,
            decisions,
            own,
        })
    }

    fn print(&self, reader: &mut Reader) -> Result<(), CliError> {
        let out = reader.desk.out();
        let ticket = &self.ticket;
        out.shown(&format!("{}  {}  {}", ticket.id.code(), risk_word(ticket.risk()), self.state()))?;
        self.stands().iter().try_for_each(|line| out.shown(&format!("   {line}")))?;
        out.shown("")?;
        let card = Card::new(&ticket.filed.request, &ticket.filed.verdict);
        card.lines().try_for_each(|line| out.shown(line))?;
        for attachment in &ticket.filed.request.context.attachments {
            let lines = attachments::lines(&mut reader.desk, ticket, attachment)?;
            lines.iter().try_for_each(|line| out.shown(line))?;
        }
        if !self.decisions.is_empty() {
            out.shown("DECISIONS, verified now")?;
        }
        self.decisions.iter().try_for_each(|decision| out.shown(&decision.line()))?;
        out.shown("EVENTS")?;
        self.rows.iter().try_for_each(|row| out.shown(&events::line(row, false)))
    }

    fn state(&self) -> String {
        match &self.ticket.state {
            State::Pending {} => format!("pending, {} left; nothing has run", self.left),
            _ => answer::sentence(&self.ticket),
        }
    }

    /// What changes while the card does not: who has signed, who is missing, who waits, whose it is.
    fn stands(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let (Some(standing), State::Pending {}) = (&self.standing, &self.ticket.state) {
            lines.push(format!("needs {}; has {}", needs(&self.ticket), standing.missing()));
            if !standing.approvals.is_empty() {
                let people: Vec<String> = standing.approvals.iter().map(ToString::to_string).collect();
                lines.push(format!("approved so far by {}", people.join(", ")));
            }
            lines.extend(standing.dropped.iter().map(|why| format!("does not count: {}", prose(why))));
        }
        lines.extend(self.liveness().map(str::to_owned));
        if self.own && self.ticket.state.is_open() {
            lines.push("you would approve your own request".to_owned());
        }
        lines
    }

    const fn liveness(&self) -> Option<&'static str> {
        match (self.waiting, self.alive) {
            (_, Some(Alive::Handoff)) => Some("its handoff is alive"),
            (_, Some(Alive::CommandOnly)) => Some("its handoff is gone, the command still runs"),
            (_, Some(Alive::Nobody)) => Some("its handoff and the command are gone"),
            (Some(true), None) => Some("somebody waits for it"),
            (Some(false), None) => Some("nobody waits for it; once approved: handoff exec"),
            (None, None) => None,
        }
    }

    fn json(&self) -> Value {
        let mut value = json::ticket(&self.ticket);
        let standing = self.standing.as_ref().filter(|_| matches!(self.ticket.state, State::Pending {}));
        let standing = standing.map(|standing| {
            json!({ "have": standing.quorum.have, "need": standing.quorum.need,
                    "approvals": standing.approvals, "missing_groups": standing.quorum.missing_groups,
                    "dropped": standing.dropped })
        });
        let more = json!({
            "standing": standing,
            "decisions": self.decisions.iter().map(Checked::json).collect::<Vec<_>>(),
            "events": self.rows.iter().map(events::json).collect::<Vec<_>>(),
            "waiting": self.waiting,
            "alive": self.alive.map(|alive| match alive {
                Alive::Handoff => "handoff",
                Alive::CommandOnly => "command",
                Alive::Nobody => "nobody",
            }),
            "own": self.own,
        });
        if let (Value::Object(ticket), Value::Object(more)) = (&mut value, more) {
            ticket.extend(more);
        }
        value
    }
}

/// A ticket's events, each on a line; signatures are verified now.
///
/// # Errors
/// When they cannot be read.
pub fn event_lines(desk: &mut Desk, ticket: &Ticket) -> Result<Vec<String>, CliError> {
    let rows = desk.queue.read(&mut |read| Ok(read.events_of(&ticket.id)?))?;
    let line = |row: &EventRow| {
        checked(desk, ticket, row).map_or_else(|| events::line(row, false), |decision| decision.line())
    };
    Ok(rows.iter().map(line).collect())
}

/// The decision in a row, its signature verified as of when it was recorded.
fn checked(desk: &Desk, ticket: &Ticket, row: &EventRow) -> Option<Checked> {
    let event = events::read(row)?;
    let What::Decision { statement, signature, own } = &event.what else { return None };
    let (statement, own) = (statement.clone(), *own);
    let origin = &desk.identity.origin;
    let found = statements::decision(&desk.reviewers, origin, &statement, signature, event.time);
    let fault = match found {
        Ok(proof) => {
            let about = statements::About::of(ticket);
            let differences = about.differences(proof.value(), event.incarnation);
            differences.first().map(|(field, ..)| format!("signed for another {field}"))
        }
        Err(why) => Some(why.to_string()),
    };
    Some(Checked { seq: row.seq, event, statement, fault, own })
}

impl Checked {
    fn line(&self) -> String {
        let verdict =
            self.fault.as_ref().map_or_else(|| "good".to_owned(), |why| format!("NOT GOOD: {}", prose(why)));
        let Some(decision) = events::decision(&self.statement) else {
            return format!("   {}  damaged  {verdict}  event {}", self.event.time, self.seq);
        };
        let reason = decision.reason.as_ref();
        let reason =
            reason.map(|text| format!("  \"{}\"", Escaped::prose(text.as_bytes()))).unwrap_or_default();
        let own = if self.own { "  (their own request)" } else { "" };
        format!(
            "   {}  {:<7}  {}  {verdict}{own}{reason}  log {}",
            self.event.time,
            decision.decision.word(),
            decision.reviewer,
            decision.log.size
        )
    }

    fn json(&self) -> Value {
        let decision = events::decision(&self.statement);
        json!({
            "seq": self.seq,
            "time": self.event.time,
            "decision": decision.as_ref().map(|decision| decision.decision.word()),
            "reviewer": decision.as_ref().map(|decision| &decision.reviewer),
            "reason": decision.as_ref().and_then(|decision| decision.reason.as_ref()),
            "suggest": decision.as_ref().and_then(|decision| decision.suggest.as_ref()),
            "valid_until": decision.as_ref().and_then(|decision| decision.valid_until),
            "own": self.own,
            "good": self.fault.is_none(),
            "fault": self.fault,
        })
    }
}

fn prose(text: &str) -> String {
    Escaped::prose(text.as_bytes()).into_string()
}
