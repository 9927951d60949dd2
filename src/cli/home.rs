//! `handoff` alone: where this account stands, and the next step.
//! Reads only.

use super::args::Globals;
use super::error::CliError;
use super::init::texts;
use super::open::{EngineQueue, Setup};
use super::out::Out;
use crate::facts::observe::account;
use crate::store::{Filter, Page};
use crate::ticket::{Execution, Ticket};

/// Tickets shown by their codes; more are counted.
const SHOWN: usize = 3;

/// `handoff` without a command.
///
/// # Errors
/// When there is a queue and it cannot be read.
pub fn home(globals: &Globals) -> Result<u8, CliError> {
    let setup = Setup::read(globals)?;
    let Some(identity) = setup.identity().map_err(|error| error.hint("what is wrong: handoff doctor"))?
    else {
        not_set_up(setup.out);
        return Ok(0);
    };
    let (mut queue, _) = setup.queue()?;
    let uid = account::requester(std::env::var_os("SUDO_UID").as_deref()).uid;
    let standing = Standing::of(&mut queue, uid)?;
    let me =
        setup.settings.reviewer.as_ref().map_or_else(String::new, |name| format!(", you review as {name}"));
    setup.out.note(&format!("queue {}{me}", identity.origin));
    standing.tell(setup.out, setup.settings.reviewer.is_some());
    Ok(0)
}

fn not_set_up(out: Out) {
    let account = account::requester(std::env::var_os("SUDO_UID").as_deref());
    let user = texts::name_part(account.name.as_bytes(), 60);
    let host = texts::name_part(account::host().as_bytes(), 60);
    out.note(&format!("not set up for {user} on {host}."));
    out.words("  try it with nothing kept:   handoff demo");
    out.words("  set up this account:        handoff init");
}

/// What is open, and what of it is this account's to do.
struct Standing {
    pending: u64,
    own: Vec<Ticket>,
    approved: Vec<Ticket>,
    unknown: Vec<Ticket>,
    running: usize,
}

impl Standing {
    fn of(queue: &mut EngineQueue, uid: u32) -> Result<Self, CliError> {
        let now = queue.now();
        let page = Page { skip: 0, limit: 100 };
        let pending = Filter { states: vec!["pending".to_owned()], uid: Some(uid), ..Filter::default() };
        let unclaimed = Filter { uid: Some(uid), unclaimed: true, ..Filter::default() };
        let ended_unknown = Filter { running: true, ..Filter::default() };
        let standing = queue.read(&mut |read| {
            let counts = read.counts()?;
            let pending_all = counts.iter().find(|(word, _)| word == "pending").map_or(0, |(_, n)| *n);
            let claimed = read.list(&ended_unknown, page)?;
            let (unknown, running): (Vec<_>, Vec<_>) = claimed
                .into_iter()
                .partition(|ticket| matches!(ticket.state.execution(), Some(Execution::Unknown(_))));
            Ok(Self {
                pending: pending_all,
                own: read.list(&pending, page)?,
                approved: read.list(&unclaimed, page)?,
                unknown,
                running: running.len(),
            })
        })?;
        Ok(standing.at(&now))
    }

    // Nothing is recorded here, but what time has ended is not called open.
    fn at(mut self, now: &crate::clock::Moment) -> Self {
        let open =
            |ticket: &Ticket| crate::ticket::step::look(&ticket.state, &ticket.filed.deadline, now).is_none();
        self.approved.retain(open);
        self.own.retain(open);
        self
    }

    fn tell(&self, out: Out, reviews: bool) {
        let Self { pending, own, approved, unknown, running } = self;
        if !approved.is_empty() {
            out.words(&format!("  {} approved for you, not run yet: {}", approved.len(), codes(approved)));
            out.words("      run it:      handoff exec ID");
        }
        if !unknown.is_empty() {
            out.words(&format!("  {} with an unknown outcome: {}", unknown.len(), codes(unknown)));
            out.words("      find out, then:  handoff reconcile ID --finding TEXT");
        }
        if *running > 0 {
            out.words(&format!("  {running} running"));
        }
        if !own.is_empty() {
            out.words(&format!("  {} of yours pending: {}", own.len(), codes(own)));
        }
        if *pending > 0 {
            out.words(&format!("  {pending} pending in all"));
            out.words(if reviews {
                "      review:      handoff review"
            } else {
                "      see:         handoff list"
            });
        }
        if *pending == 0 && approved.is_empty() && unknown.is_empty() {
            out.words("  nothing waits.");
            out.words("      propose:     handoff run --reason WHY -- CMD…");
        }
    }
}

fn codes(tickets: &[Ticket]) -> String {
    let shown: Vec<String> = tickets.iter().take(SHOWN).map(|ticket| ticket.id.code()).collect();
    let more = tickets.len().saturating_sub(SHOWN);
    if more == 0 { shown.join(" ") } else { format!("{} … {more} more", shown.join(" ")) }
}
