//! The way of one gated command: filed, waited for, checked again, executed, told.
//! Holds what the command needs on that way; each step answers how it ended.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::error::{CliError, code};
use super::notify::Reminders;
use super::open::Desk;
use super::outcome::{End, write_outcome};
use super::progress::Progress;
use super::{answer, json, propose};
use crate::bell;
use crate::clock::SystemClock;
use crate::facts::observe::Observation;
use crate::facts::observe::again::Present;
use crate::facts::observe::environment::Values;
use crate::files;
use crate::gate::child;
use crate::gate::execute::{ExecuteError, claim_of_this_process, execute, execute_allowed};
use crate::gate::liveness::{Alive, Execution, Liveness, sweep};
use crate::gate::recheck::{Around, NotCleared, Prepared, recheck};
use crate::gate::signals::Signals;
use crate::gate::wait::{Until, Waited, give_up, wait};
use crate::ids::TicketId;
use crate::policy::Verdict;
use crate::queue::QueueError;
use crate::queue::execution::Claimed;
use crate::queue::memory::MemoryError;
use crate::queue::propose::{Draft, Proposed};
use crate::request::secret::CommitmentKey;
use crate::ticket::{self, Outcome, State, Ticket};

/// The running command's own state: desk, signals, keys, where to tell.
pub struct Gate {
    /// What it works with.
    pub desk: Desk,
    signals: Signals,
    /// The key of the commitments to hidden values.
    pub key: CommitmentKey,
    outcome_file: Option<PathBuf>,
    // How often it is still worth trying to be the one that executes.
    tries: u32,
}

/// How long a lock may take to be seen held.
const SETTLED: Duration = Duration::from_millis(200);

impl Gate {
    /// Installs the handlers and makes the folders of waiters.
    ///
    /// # Errors
    /// When that is not possible.
    pub fn new(desk: Desk, outcome_file: Option<PathBuf>) -> Result<Self, CliError> {
        let signals = Signals::install()
            .map_err(|error| CliError::failed(format!("cannot handle signals: {error}")))?;
        let key = propose::commitment_key(&desk)?;
        files::private_folder(&desk.setup.places.bells()).map_err(CliError::failed)?;
        files::private_folder(&desk.setup.places.live()).map_err(CliError::failed)?;
        sweep(&desk.setup.places.live(), &desk.setup.places.binds());
        bell::sweep(&desk.setup.places.bells());
        Ok(Self { desk, signals, key, outcome_file, tries: 3 })
    }

    /// Files the draft. What the policy allows is made ready first and claimed in the same transaction.
    pub(super) fn propose(
        &mut self,
        draft: &Draft,
        observation: &Observation,
        verdict: &Verdict,
    ) -> Result<(Proposed, Option<(Prepared, Execution)>), CliError> {
        let start = match verdict {
            Verdict::Allow { .. } => Some(self.made_ready(draft, observation)?),
            Verdict::Review { .. } | Verdict::Deny { .. } => None,
        };
        let claim = start.as_ref().map(|_| claim_of_this_process(&SystemClock::new()));
        let (queue, in_force) = self.desk.parts();
        Ok((queue.propose(draft, in_force, claim.as_ref())?, start))
    }

    fn made_ready(
        &self,
        draft: &Draft,
        observation: &Observation,
    ) -> Result<(Prepared, Execution), CliError> {
        let ready = observation.ready().map_err(CliError::failed)?;
        let places = &self.desk.setup.places;
        let binds = places.binds().join(draft.ticket.as_str());
        let prepared = Prepared::new(ready, &observation.exec, &binds).map_err(CliError::failed)?;
        let locks = Liveness::of(&places.live(), &draft.ticket).execute().map_err(CliError::failed)?;
        Ok((prepared, locks))
    }

    /// A ticket that was there before: wait with the others, go on with it, or replay its end.
    pub(super) fn joined(&mut self, ticket: &Ticket) -> Result<End, CliError> {
        self.desk.out().note(&format!("joined {}, which asks the same", ticket.id.code()));
        match &ticket.state {
            State::Approved { execution: ticket::Execution::Claimed(_), .. } => self.other_executes(ticket),
            State::Approved { execution: ticket::Execution::Unclaimed {}, .. } => self.execute(&ticket.id),
            State::Pending {} => self.answered(&ticket.id),
            _ => Ok(End::of(ticket)),
        }
    }

    /// Waits for the answer and, if it is yes, executes.
    pub(super) fn answered(&mut self, id: &TicketId) -> Result<End, CliError> {
        let lock = Liveness::of(&self.desk.setup.places.live(), id).wait().map_err(CliError::failed)?;
        tracing::info!("waiting for the answer");
        let mut progress = Progress::new(self.desk.out());
        let mut reminders = Reminders::new(&self.desk.setup);
        let (queue, in_force) = (
            &mut self.desk.queue,
            crate::queue::InForce { policy: &self.desk.policy, reviewers: &self.desk.reviewers },
        );
        let mut tell = |queue: &mut super::open::EngineQueue, ticket: &Ticket| {
            reminders.look(queue, ticket);
            let standing = || queue.standing(&ticket.id, in_force).ok();
            progress.tell(ticket, standing);
        };
        let waited = wait(queue, id, Until::Answered, None, &mut self.signals, &mut tell);
        progress.clear();
        let waited = waited.map_err(|error| answer::left_behind(id, error))?;
        match waited {
            Waited::Interrupted(signal) => {
                drop(lock);
                self.interrupted(id, signal)
            }
            Waited::Answered(ticket) | Waited::TimedOut(ticket) => self.go_on(&ticket),
        }
    }

    fn go_on(&mut self, ticket: &Ticket) -> Result<End, CliError> {
        match &ticket.state {
            State::Approved { execution: ticket::Execution::Unclaimed {}, .. } => {
                self.desk.out().note(&format!("{} {}", ticket.id.code(), super::progress::approved(ticket)));
                self.execute(&ticket.id)
            }
            State::Approved { execution: ticket::Execution::Claimed(_), .. } => self.other_executes(ticket),
            _ => Ok(End::of(ticket)),
        }
    }

    fn interrupted(&mut self, id: &TicketId, signal: i32) -> Result<End, CliError> {
        let ticket = self.desk.queue.peek(id)?;
        let live = self.desk.setup.places.live();
        let cancelled = give_up(&mut self.desk.queue, &ticket, &live, signal)?;
        let now = self.desk.queue.peek(id)?;
        let (word, what) = if cancelled {
            ("cancelled", "cancelled; nothing ran".to_owned())
        } else if now.state.is_open() {
            ("interrupted", "is kept, and nobody waits for it here any more; nothing ran".to_owned())
        } else {
            // Somebody else executes it, or it has its answer: that is not undone by our going.
            ("interrupted", answer::sentence(&now))
        };
        let message = Some(format!("{} {what}", id.code()));
        let code = 128_u8.saturating_add(u8::try_from(signal).unwrap_or(0));
        Ok(End { ticket: Some(id.clone()), word, code, message, signal: Some(signal) })
    }

    /// Checks everything again and executes.
    pub(super) fn execute(&mut self, id: &TicketId) -> Result<End, CliError> {
        self.tries = self.tries.saturating_sub(1);
        self.desk.read_again(id)?;
        let ticket = self.desk.queue.peek(id)?;
        let environment = Values(std::env::vars_os().collect());
        let around = Around {
            in_force: crate::queue::InForce { policy: &self.desk.policy, reviewers: &self.desk.reviewers },
            present: Present {
                requester: &ticket.filed.request.requester.account,
                environment: &environment,
                key: &self.key,
                reads_terminal: std::io::stdin().is_terminal(),
            },
            binds: self.desk.setup.places.binds().join(id.as_str()),
        };
        let clearance = match recheck(&mut self.desk.queue, id, &around) {
            Ok(clearance) => clearance,
            Err(error) => return self.not_cleared(id, error),
        };
        tracing::info!("checked again: what was signed is what would run");
        let claim = claim_of_this_process(&SystemClock::new());
        let live = self.desk.setup.places.live();
        let done = execute(&mut self.desk.queue, clearance, &claim, &live, &mut self.signals);
        self.executed(id, done)
    }

    fn not_cleared(&mut self, id: &TicketId, error: NotCleared) -> Result<End, CliError> {
        let now = self.desk.queue.ticket(id)?;
        match (&now.state, error) {
            // Somebody joined to the same ticket was faster: their outcome is ours.
            (State::Approved { execution: ticket::Execution::Claimed(_), .. }, _) => {
                self.other_executes(&now)
            }
            // It has ended meanwhile, by this re-check or by somebody else's hand.
            (state, _) if !state.is_open() => Ok(End::of(&now)),
            (_, NotCleared::Stale(reasons)) => {
                let error = CliError::with_code(code::STALE, NotCleared::Stale(reasons));
                Ok(End::failed(Some(id), &error))
            }
            (_, NotCleared::Queue(error)) => Ok(End::failed(Some(id), &CliError::from(error).under_gate())),
            (_, error) => Ok(End::failed(Some(id), &CliError::failed(error))),
        }
    }

    /// Executes what the policy allowed and the filing transaction claimed.
    pub(super) fn execute_claimed(
        &mut self,
        claimed: Claimed,
        prepared: Prepared,
        locks: Execution,
    ) -> Result<End, CliError> {
        let id = claimed.ticket().id.clone();
        let done = execute_allowed(&mut self.desk.queue, claimed, prepared, locks, &mut self.signals);
        self.executed(&id, done)
    }

    fn executed(&mut self, id: &TicketId, done: Result<Outcome, ExecuteError>) -> Result<End, CliError> {
        let error = match done {
            Ok(outcome) => return Ok(End::finished(id, &outcome)),
            Err(error) => error,
        };
        let code = match &error {
            ExecuteError::NotClaimed(_) | ExecuteError::Locks(_) => {
                let now = self.desk.queue.ticket(id)?;
                let busy = matches!(&error, ExecuteError::Locks(_)) && self.tries > 0;
                match now.state.execution() {
                    Some(ticket::Execution::Claimed(_)) => return self.other_executes(&now),
                    Some(ticket::Execution::Unclaimed {}) if busy => return self.other_executes(&now),
                    _ if now.state.is_open() && is_spent(&error) => code::UNKNOWN,
                    _ if now.state.is_open() => code::FAILED,
                    // Whoever was faster has used the right: what the queue says of it is the answer.
                    _ => return Ok(End::of(&now)),
                }
            }
            ExecuteError::Moved(_) => code::STALE,
            ExecuteError::NotStarted(error) => error.exit_code(),
            ExecuteError::EndUnknown(_) | ExecuteError::NotRecorded { .. } => code::UNKNOWN,
        };
        Ok(End::failed(Some(id), &CliError::with_code(code, error)))
    }

    /// Another process uses the right, or is about to: wait for its outcome, or say that it is gone.
    pub(super) fn other_executes(&mut self, ticket: &Ticket) -> Result<End, CliError> {
        let live = Liveness::of(&self.desk.setup.places.live(), &ticket.id);
        let begun = Instant::now();
        loop {
            let now = self.desk.queue.ticket(&ticket.id)?;
            let Some(execution @ (ticket::Execution::Claimed(_) | ticket::Execution::Unclaimed {})) =
                now.state.execution()
            else {
                return Ok(End::of(&now));
            };
            let claimed = matches!(execution, ticket::Execution::Claimed(_));
            // The executor takes its locks before it claims, so a claim without a lock is a dead one.
            match live.alive().map_err(CliError::failed)? {
                Alive::Handoff => {}
                alive if claimed && begun.elapsed() > SETTLED => {
                    let ticket = self.desk.queue.lose(&ticket.id, alive == Alive::CommandOnly)?;
                    return Ok(End::of(&ticket));
                }
                _ if !claimed && self.tries > 0 => return self.execute(&ticket.id),
                _ => {}
            }
            let nap = Some(Duration::from_millis(250));
            let queue = &mut self.desk.queue;
            let waited = wait(queue, &ticket.id, Until::Ended, nap, &mut self.signals, &mut |_, _| {})?;
            if let Waited::Interrupted(signal) = waited {
                return self.interrupted(&ticket.id, signal);
            }
        }
    }

    /// `exec` of a ticket whose right was used: never a second run, and never taken for one.
    pub(super) fn used(&self, ticket: &Ticket) -> End {
        let message = Some(format!("{} {}; it is not run again", ticket.id.code(), answer::sentence(ticket)));
        End { ticket: Some(ticket.id.clone()), word: "used", code: code::UNKNOWN, message, signal: None }
    }

    /// Tells the end everywhere it is to be told, and becomes it.
    pub(super) fn finish(mut self, end: Result<End, CliError>) -> Result<u8, CliError> {
        let end = end.unwrap_or_else(|error| End::failed(None, &error.under_gate()));
        let out = self.desk.out();
        if let Some(message) = end.message.as_ref().filter(|_| end.word != "finished") {
            let code = end.ticket.as_ref().map(|id| format!("{} ", id.code())).unwrap_or_default();
            let known = message.starts_with(code.trim_end());
            out.note(&if known { message.clone() } else { format!("{code}{message}") });
        }
        tracing::info!(end = end.word, code = end.code, "ended");
        let ticket = end.ticket.as_ref().and_then(|id| self.desk.queue.peek(id).ok());
        let report = json::outcome(ticket.as_ref(), end.word, end.code, end.message.as_deref());
        if out.json() {
            out.object_beside(&report);
        }
        if let Err(error) = write_outcome(self.outcome_file.as_ref(), &report) {
            // The command has ended; not being able to say so in a file cannot change that.
            out.note(&format!("cannot write the outcome file: {error}"));
        }
        Ok(match end.signal {
            Some(signal) => child::die_of(signal),
            None => end.code,
        })
    }
}

/// The memory says that it ran.
const fn is_spent(error: &ExecuteError) -> bool {
    matches!(error, ExecuteError::NotClaimed(QueueError::Memory(MemoryError::Spent(_))))
}
