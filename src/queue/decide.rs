//! Recording a signed decision: verified, weighed, and with it perhaps the ticket's answer.
//! One transaction; a decision that does not count leaves an event that says why.

use super::authority::{Circumstances, Standing, about, seat, terms_now, verify};
use super::evidence::{Evidence, Logged, named_reviewer};
use super::journal::Journal;
use super::{InForce, Queue, QueueError, Trust, existing};
use crate::facts::Facts;
use crate::ids::{Digest, TicketId};
use crate::policy::{self, Terms};
use crate::record::Text;
use crate::signing::Verified;
use crate::store::{DecisionRow, Store};
use crate::ticket::card::Card;
use crate::ticket::decision::{Choice, Decision, LogHead};
use crate::ticket::event::What;
use crate::ticket::step::{Input, step};
use crate::ticket::{Deadline, Ticket};

/// What a recorded decision came to.
#[derive(Debug, Clone)]
pub struct Decided {
    /// The ticket afterwards.
    pub ticket: Ticket,
    /// Who has approved and who is missing.
    pub standing: Standing,
}

/// A decision and its signature, as they came in.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    /// The signed bytes.
    pub statement: &'a str,
    /// The armored SSHSIG.
    pub signature: &'a str,
}

impl<S: Store> Queue<S> {
    /// Records a signed decision about `id`.
    ///
    /// # Errors
    /// [`QueueError::Decision`] or [`QueueError::Refused`] when it does not count: that is recorded too.
    pub fn decide(
        &mut self,
        id: &TicketId,
        signed: Signed<'_>,
        in_force: InForce<'_>,
    ) -> Result<Decided, QueueError> {
        self.transact(Trust::Needed, &mut |journal| {
            let mut ticket = existing(journal.read(), id)?;
            journal.look(&mut ticket)?;
            match take(journal, &mut ticket, signed, in_force) {
                Err(why) if leaves_an_event(&why) => {
                    refuse(journal, &ticket, signed, &why)?;
                    Ok(Err(why))
                }
                other => other.map(Ok),
            }
        })?
    }
}

/// A refusal is recorded; trouble with the store or the clock is not, for nothing was decided.
const fn leaves_an_event(why: &QueueError) -> bool {
    matches!(why, QueueError::Decision(_) | QueueError::Refused { .. } | QueueError::Stale(_))
}

fn refuse(
    journal: &mut Journal<'_>,
    ticket: &Ticket,
    signed: Signed<'_>,
    why: &QueueError,
) -> Result<(), QueueError> {
    let refused = What::Refused {
        reviewer: named_reviewer(signed.statement),
        statement_sha256: Digest::of(signed.statement.as_bytes()),
        reason: Text::from(why.to_string()),
    };
    journal.record(Some(&ticket.id), refused).map(drop)
}

fn take(
    journal: &mut Journal<'_>,
    ticket: &mut Ticket,
    signed: Signed<'_>,
    in_force: InForce<'_>,
) -> Result<Decided, QueueError> {
    let verified = check(journal, ticket, signed, in_force)?;
    let terms = terms(ticket, in_force)?;
    let own = eligible(ticket, &verified, in_force, &terms)?;
    let evidence = Evidence::gather(journal.read(), ticket)?;
    let at = Circumstances { in_force, life: journal.identity().incarnation, now: journal.now().wall };
    no_second(&verified, &Standing::of(ticket, &evidence.decisions, &terms, at))?;
    // The machine is asked before anything is written, so that a refusal leaves only its own event.
    permitted(ticket, &verified, journal)?;
    journal.in_force(in_force)?;
    let logged = write(journal, ticket, &verified, signed, own)?;
    let mut decisions = evidence.decisions;
    decisions.push(logged);
    let standing = Standing::of(ticket, &decisions, &terms, at);
    let input = input(journal, verified.value(), &standing, &terms);
    let step = step(&ticket.state, &ticket.filed.deadline, input, journal.now())
        .map_err(|why| QueueError::Refused { ticket: ticket.id.clone(), why })?;
    journal.apply(ticket, step)?;
    Ok(Decided { ticket: ticket.clone(), standing })
}

fn check(
    journal: &Journal<'_>,
    ticket: &Ticket,
    signed: Signed<'_>,
    in_force: InForce<'_>,
) -> Result<Verified<Decision>, QueueError> {
    let now = journal.now().wall;
    let as_of = |at| verify(signed.statement, signed.signature, ticket, in_force, at);
    let mut verified = as_of(now).map_err(QueueError::Decision)?;
    if journal.latest() > now {
        verified = as_of(journal.latest()).map_err(QueueError::Decision)?;
    }
    let decision = verified.value();
    let card = Card::new(&ticket.filed.request, &ticket.filed.verdict).digest();
    about(decision, ticket, &card).map_err(QueueError::Decision)?;
    if decision.incarnation != journal.identity().incarnation {
        return refused("it was signed for an earlier life of this queue");
    }
    if journal.read().has_nonce(&ticket.id, &decision.nonce)? {
        return refused("this very statement was recorded before");
    }
    if decision.decision == Choice::Approve {
        journal.clock_is_right()?;
        if decision.valid_until.is_none_or(|until| until <= now) {
            return refused("the approval it gives has lapsed already");
        }
    }
    known_head(journal, ticket, &decision.log)?;
    Ok(verified)
}

fn refused<T>(why: &str) -> Result<T, QueueError> {
    Err(QueueError::Decision(why.to_owned()))
}

/// The head a statement names must be one this log had, with the proposal under it.
fn known_head(journal: &Journal<'_>, ticket: &Ticket, seen: &LogHead) -> Result<(), QueueError> {
    if seen.origin != journal.identity().origin || seen.size <= ticket.filed.seq {
        return refused("the log it names does not hold the proposal");
    }
    match journal.read().event(seen.size - 1)? {
        Some(row) if row.root == seen.root => Ok(()),
        _ => refused("the log it names is not this queue's"),
    }
}

fn terms(ticket: &Ticket, in_force: InForce<'_>) -> Result<Terms, QueueError> {
    let today = in_force.policy.judge(&Facts::of(&ticket.filed.request)).verdict;
    match terms_now(&ticket.filed.verdict, &today) {
        // A no needs no terms to be met; only a yes is stopped by what the policy says today.
        Err(QueueError::Stale(_)) => Ok(ticket.terms().cloned().unwrap_or_else(Terms::mildest)),
        other => other,
    }
}

fn eligible(
    ticket: &Ticket,
    verified: &Verified<Decision>,
    in_force: InForce<'_>,
    terms: &Terms,
) -> Result<bool, QueueError> {
    let seat = seat(in_force.policy, verified.principal(), ticket);
    if verified.value().decision == Choice::Approve {
        let today = in_force.policy.judge(&Facts::of(&ticket.filed.request)).verdict;
        terms_now(&ticket.filed.verdict, &today)?;
    }
    policy::eligible(terms, in_force.policy.groups(), &seat.principal, seat.is_requester)
        .map_err(|reason| QueueError::Decision(reason.to_string()))?;
    Ok(seat.is_requester)
}

fn no_second(verified: &Verified<Decision>, standing: &Standing) -> Result<(), QueueError> {
    let seated = standing.approvals.contains(verified.principal());
    match verified.value().decision {
        Choice::Approve if seated => refused("this reviewer has approved it already; one person, one seat"),
        _ => Ok(()),
    }
}

fn permitted(
    ticket: &Ticket,
    verified: &Verified<Decision>,
    journal: &Journal<'_>,
) -> Result<(), QueueError> {
    let decision = verified.value();
    let trial = match decision.decision {
        Choice::Approve => Input::Approve { quorum: None, until: Deadline::after(journal.now(), 0) },
        _ => no_input(decision),
    };
    step(&ticket.state, &ticket.filed.deadline, trial, journal.now())
        .map(drop)
        .map_err(|why| QueueError::Refused { ticket: ticket.id.clone(), why })
}

fn no_input(decision: &Decision) -> Input {
    let reviewer = decision.reviewer.clone();
    match decision.decision {
        Choice::Revoke => Input::Revoke(reviewer),
        _ => Input::Reject { reviewer, reason: decision.reason.clone(), suggest: decision.suggest.clone() },
    }
}

fn input(journal: &Journal<'_>, decision: &Decision, standing: &Standing, terms: &Terms) -> Input {
    if decision.decision != Choice::Approve {
        return no_input(decision);
    }
    let now = journal.now();
    let signed_for = standing.until.map_or(0, |until| now.wall.until(until).as_secs());
    let until = Deadline::after(now, terms.validity_s.min(signed_for));
    Input::Approve { quorum: standing.quorum.met.then(|| standing.approvals.clone()), until }
}

fn write(
    journal: &mut Journal<'_>,
    ticket: &Ticket,
    verified: &Verified<Decision>,
    signed: Signed<'_>,
    own: bool,
) -> Result<Logged, QueueError> {
    let (statement, signature) = (signed.statement.to_owned(), signed.signature.to_owned());
    let what = What::Decision { statement: statement.clone(), signature: signature.clone(), own };
    let seq = journal.record(Some(&ticket.id), what)?;
    let logged = Logged { seq, time: journal.now().wall, statement, signature };
    journal.desk().insert_decision(&DecisionRow {
        ticket: ticket.id.clone(),
        reviewer: verified.principal().clone(),
        nonce: verified.value().nonce,
        seq,
        statement: logged.statement.clone(),
        signature: logged.signature.clone(),
    })?;
    Ok(logged)
}
