//! The record of an execution: claimed before anything starts, ended once, or honestly unknown.
//! One transaction each.

use super::authority::Authority;
use super::{InForce, Queue, QueueError, Trust, existing};
use crate::ids::{Incarnation, TicketId};
use crate::record::{Record, Text};
use crate::store::{Store, StoreError};
use crate::ticket::decision::{Reconcile, Subject};
use crate::ticket::event::What;
use crate::ticket::step::{Input, step};
use crate::ticket::{Claim, Outcome, Ticket};

use super::decide::Signed;

/// The proof that the one right to execute is used, durably, and ours. Not `Clone`.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "the right is used: start the command, or record why not"]
pub struct Claimed(Ticket);

impl Claimed {
    pub(super) const fn new(ticket: Ticket) -> Self {
        Self(ticket)
    }

    /// The claimed ticket.
    pub const fn ticket(&self) -> &Ticket {
        &self.0
    }
}

impl<S: Store> Queue<S> {
    /// Uses the one right to execute. Durable when this answers; only then may anything start.
    ///
    /// # Errors
    /// When somebody else was first, the clock or the outside memory object, or it cannot be
    /// recorded: nothing may be started then.
    pub fn claim(&mut self, authority: Authority, claim: &Claim, checks: u64) -> Result<Claimed, QueueError> {
        let checks = checks + authority.checks();
        let checked = authority.into_ticket();
        self.memory.unspent(&checked.id)?;
        let id = checked.id.clone();
        let claimed = self.transact(Trust::Needed, &mut |journal| {
            let mut ticket = existing(journal.read(), &checked.id)?;
            journal.clock_is_right()?;
            let claim = Claim { at: journal.now().wall, ..claim.clone() };
            let input = Input::Claim(claim.clone());
            let step = step(&ticket.state, &ticket.filed.deadline, input, journal.now())
                .map_err(|why| QueueError::Refused { ticket: checked.id.clone(), why })?;
            if ticket.version != checked.version || ticket.filed != checked.filed {
                return Err(QueueError::Stale(vec!["the ticket changed while it was checked".to_owned()]));
            }
            journal.apply(&mut ticket, step)?;
            journal.record(Some(&ticket.id), What::Claimed { claim, checks })?;
            Ok((ticket, journal.identity().incarnation))
        });
        let (ticket, life) = self.or_unused(&id, claimed)?;
        let spent = self.memory.spend(&ticket).map_err(QueueError::Unremembered);
        self.or_unused(&id, spent)?;
        self.still_stands(&ticket, life)?;
        self.commit_was_clean(&id)?;
        Ok(Claimed::new(ticket))
    }

    /// Refuses a claim that a restore has undone between its commit and its being remembered outside: somebody
    /// else may hold the right by then, and could not have known of this use of it. From here on they do.
    fn still_stands(&mut self, claimed: &Ticket, life: Incarnation) -> Result<(), QueueError> {
        let stands = self.read(&mut |read| {
            Ok(read.identity()?.incarnation == life && read.ticket(&claimed.id)?.as_ref() == Some(claimed))
        })?;
        let undone =
            || QueueError::Stale(vec!["the queue was restored while it was being claimed".to_owned()]);
        if stands { Ok(()) } else { Err(undone()) }
    }

    /// A claim that is recorded and not remembered outside does not execute either, and that is recorded.
    pub(super) fn or_unused<T>(
        &mut self,
        id: &TicketId,
        claimed: Result<T, QueueError>,
    ) -> Result<T, QueueError> {
        if let Err(why @ QueueError::Unremembered(_)) = &claimed {
            // Where not even that can be recorded, the claim stands, and is found to be a dead one.
            let _ = self.not_started(id, Text::from(why.to_string()));
        }
        claimed
    }

    /// A claim whose commit failed never executes, even when it turned out to hold.
    pub(super) fn commit_was_clean(&mut self, id: &TicketId) -> Result<(), QueueError> {
        if !self.store.was_fenced() {
            return Ok(());
        }
        let why = "the commit of the claim failed, and was found to hold only afterwards";
        self.not_started(id, Text::from(why))?;
        Err(StoreError::CannotRecord(why.to_owned()).into())
    }

    /// The command ended.
    ///
    /// # Errors
    /// When no execution is open, or it cannot be recorded.
    pub fn finish(&mut self, id: &TicketId, outcome: Outcome) -> Result<Ticket, QueueError> {
        self.run_step(id, Input::Finish(outcome))
    }

    /// The claim was used and the command could not be started: nothing ran.
    ///
    /// # Errors
    /// As [`Queue::finish`].
    pub fn not_started(&mut self, id: &TicketId, reason: Text) -> Result<Ticket, QueueError> {
        self.run_step(id, Input::NotStart(reason))
    }

    /// The executor is gone; `running` says whether the command still lives.
    ///
    /// # Errors
    /// As [`Queue::finish`].
    pub fn lose(&mut self, id: &TicketId, running: bool) -> Result<Ticket, QueueError> {
        self.run_step(id, Input::Lose(running))
    }

    fn run_step(&mut self, id: &TicketId, input: Input) -> Result<Ticket, QueueError> {
        self.transact(Trust::NotNeeded, &mut |journal| {
            let mut ticket = existing(journal.read(), id)?;
            let step = step(&ticket.state, &ticket.filed.deadline, input.clone(), journal.now())
                .map_err(|why| QueueError::Refused { ticket: id.clone(), why })?;
            journal.apply(&mut ticket, step)?;
            Ok(ticket)
        })
    }

    /// A person's signed finding: closes an unknown outcome, or accepts a clock that went back.
    ///
    /// # Errors
    /// When the signature does not count, or there is nothing to close.
    pub fn reconcile(&mut self, signed: Signed<'_>, in_force: InForce<'_>) -> Result<Subject, QueueError> {
        let (_, named) = Record::parse::<Reconcile>(signed.statement)?;
        self.transact(Trust::NotNeeded, &mut |journal| {
            let identity = journal.identity().clone();
            if named.queue != identity.origin || named.incarnation != identity.incarnation {
                return Err(QueueError::Decision("it was signed for another queue or life of it".to_owned()));
            }
            let namespace = Reconcile::namespace(&identity.origin);
            let (statement, now) = (signed.statement.as_bytes(), journal.now().wall);
            let verified =
                in_force.reviewers.verify(&named.reviewer, &namespace, statement, signed.signature, now)?;
            let what = What::Reconciled {
                statement: signed.statement.to_owned(),
                signature: signed.signature.to_owned(),
            };
            match &named.about {
                Subject::Clock(accepted) => {
                    if accepted.until(now) > super::CLOCK_SLACK * 60
                        || now.until(*accepted) > super::CLOCK_SLACK
                    {
                        return Err(QueueError::Decision("it accepts another time than now".to_owned()));
                    }
                    journal.accept_clock();
                    journal.record(None, what)?;
                }
                Subject::Ticket(id) => {
                    let mut ticket = existing(journal.read(), id)?;
                    let input = Input::Reconcile(named.finding.clone(), verified.principal().clone());
                    let step = step(&ticket.state, &ticket.filed.deadline, input, journal.now())
                        .map_err(|why| QueueError::Refused { ticket: id.clone(), why })?;
                    journal.apply(&mut ticket, step)?;
                    journal.record(Some(id), what)?;
                }
            }
            Ok(named.about.clone())
        })
    }
}
