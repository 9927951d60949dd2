//! The proof that a ticket may be executed: today's policy, today's reviewers, every signature.
//! Reads only; `Authority` is made here and nowhere else, and a claim takes it away.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use super::evidence::{Approval, Evidence, Logged, Witness, named_reviewer};
use super::{InForce, Queue, QueueError, existing};
use crate::clock::{Moment, Timestamp};
use crate::facts::Facts;
use crate::ids::{Digest, Incarnation, Label, Principal, TicketId};
use crate::policy::{Judgement, Policy, Quorum, Seat, Terms, Verdict, eligible};
use crate::record::Record;
use crate::request::Exec;
use crate::signing::Verified;
use crate::store::{Read, Store};
use crate::ticket::card::Card;
use crate::ticket::decision::{Choice, Decision};
use crate::ticket::{ApprovedBy, Ticket};

/// Everything that people and policy had to say was checked again, and it is yes. Not `Clone`.
#[derive(Debug)]
#[must_use]
pub struct Authority {
    ticket: Ticket,
    checks: u64,
}

impl Authority {
    /// The ticket it is for.
    pub const fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    /// How many signatures and rules were checked.
    pub const fn checks(&self) -> u64 {
        self.checks
    }

    pub(super) fn into_ticket(self) -> Ticket {
        self.ticket
    }
}

impl<S: Store> Queue<S> {
    /// Judges an approved ticket again, as of now.
    ///
    /// # Errors
    /// [`QueueError::Stale`] with every reason when it no longer holds; [`QueueError::Tampered`] when
    /// the log and the rows contradict each other.
    pub fn authority(&mut self, id: &TicketId, in_force: InForce<'_>) -> Result<Authority, QueueError> {
        let now = self.now();
        self.read(&mut |read| {
            let ticket = existing(read, id)?;
            authority(read, ticket, in_force, &now)
        })
    }
}

impl<S: Store> Queue<S> {
    /// Who has approved a pending ticket so far, and who is missing.
    ///
    /// # Errors
    /// When the log and the rows contradict each other.
    pub fn standing(&mut self, id: &TicketId, in_force: InForce<'_>) -> Result<Standing, QueueError> {
        let now = self.now().wall;
        self.read(&mut |read| {
            let ticket = existing(read, id)?;
            let at = Circumstances { in_force, life: read.identity()?.incarnation, now };
            standing(&mut Witness::of(read)?, &ticket, at)
        })
    }

    /// The same of many, each by itself, in one look at the log.
    ///
    /// # Errors
    /// When the store cannot be read at all.
    pub fn standings(
        &mut self,
        tickets: &[&Ticket],
        in_force: InForce<'_>,
    ) -> Result<Vec<Result<Standing, QueueError>>, QueueError> {
        let now = self.now().wall;
        self.read(&mut |read| {
            let at = Circumstances { in_force, life: read.identity()?.incarnation, now };
            let mut witness = Witness::of(read)?;
            Ok(tickets.iter().map(|ticket| standing(&mut witness, ticket, at)).collect())
        })
    }
}

fn standing(
    witness: &mut Witness<'_>,
    ticket: &Ticket,
    at: Circumstances<'_>,
) -> Result<Standing, QueueError> {
    let evidence = witness.evidence(ticket)?;
    let today = at.in_force.policy.judge(&Facts::of(&ticket.filed.request)).verdict;
    let filed = ticket.terms().cloned().unwrap_or_else(Terms::mildest);
    let terms = terms_now(&ticket.filed.verdict, &today).unwrap_or(filed);
    Ok(Standing::of(ticket, &evidence.decisions, &terms, at))
}

fn authority(
    read: &dyn Read,
    ticket: Ticket,
    in_force: InForce<'_>,
    now: &Moment,
) -> Result<Authority, QueueError> {
    let evidence = Evidence::gather(read, &ticket)?;
    let Some(Approval { time, by, until }) =
        evidence.approved.clone().filter(|_| !evidence.closed && !evidence.claimed)
    else {
        return Err(QueueError::Tampered(format!(
            "{} is not approved and unused in the log",
            ticket.id.code()
        )));
    };
    if until.passed(now) {
        return Err(QueueError::Stale(vec!["the approval has lapsed".to_owned()]));
    }
    let Judgement { verdict, prechecks, .. } = in_force.policy.judge(&Facts::of(&ticket.filed.request));
    if let Some(missing) = unchecked(ticket.filed.request.exec(), &prechecks) {
        return stale(&format!("the policy now wants the precheck {missing}, which it was filed without"));
    }
    let checks = match by {
        ApprovedBy::Policy(_) => by_policy(&ticket, &verdict)?,
        ApprovedBy::Reviewers(_) => {
            let at = Circumstances { in_force, life: read.identity()?.incarnation, now: now.wall };
            by_people(&ticket, &verdict, &evidence, at)?
        }
    };
    // An approval holds no longer than today's policy lets one hold.
    let validity = match &verdict {
        Verdict::Review { terms, .. } => terms.validity(),
        Verdict::Allow { .. } | Verdict::Deny { .. } => in_force.policy.defaults().terms.validity(),
    };
    if time.plus(validity) <= now.wall {
        return stale("the policy now lets an approval be used for a shorter time");
    }
    Ok(Authority { ticket, checks })
}

/// A precheck that is wanted and was not run for this action.
pub(super) fn unchecked<'a>(exec: &Exec, wanted: &'a BTreeSet<Label>) -> Option<&'a Label> {
    wanted.iter().find(|wanted| exec.prechecks.iter().all(|run| run.name != **wanted))
}

fn by_policy(ticket: &Ticket, today: &Verdict) -> Result<u64, QueueError> {
    match (&ticket.filed.verdict, today) {
        (Verdict::Allow { .. }, Verdict::Allow { rules }) => Ok(u64::try_from(rules.len()).unwrap_or(0)),
        (Verdict::Allow { .. }, _) => stale("the policy allowed it when it was filed, and no longer does"),
        _ => Err(QueueError::Tampered(format!("{} was never allowed by policy", ticket.id.code()))),
    }
}

fn by_people(
    ticket: &Ticket,
    today: &Verdict,
    evidence: &Evidence,
    at: Circumstances<'_>,
) -> Result<u64, QueueError> {
    let terms = terms_now(&ticket.filed.verdict, today)?;
    let standing = Standing::of(ticket, &evidence.decisions, &terms, at);
    if standing.quorum.met {
        return Ok(u64::try_from(standing.approvals.len()).unwrap_or(0) + 1);
    }
    let mut reasons = vec![format!("the approvals no longer suffice: {}", standing.missing())];
    reasons.extend(standing.dropped);
    Err(QueueError::Stale(reasons))
}

/// The join of the terms at filing and now.
///
/// # Errors
/// [`QueueError::Stale`] when the policy now denies it.
pub fn terms_now(filed: &Verdict, today: &Verdict) -> Result<Terms, QueueError> {
    match (filed, today) {
        (_, Verdict::Deny { .. }) => stale("the policy now denies it"),
        (Verdict::Review { terms, .. }, Verdict::Review { terms: now, .. }) => Ok(terms.join(now)),
        (Verdict::Review { terms, .. }, Verdict::Allow { .. }) => Ok(terms.clone()),
        _ => stale("nobody was asked about it when it was filed"),
    }
}

fn stale<T>(reason: &str) -> Result<T, QueueError> {
    Err(QueueError::Stale(vec![reason.to_owned()]))
}

/// What decisions are weighed against.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// Today's policy and reviewers.
    pub in_force: InForce<'a>,
    /// The queue's present life.
    pub life: Incarnation,
    /// The time of the weighing transaction.
    pub now: Timestamp,
}

/// Who has approved, by signatures checked just now, and what is missing.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Principals whose newest word is an approve that counts, in the order they came.
    pub approvals: Vec<Principal>,
    /// The latest moment each approve may be used, at its earliest.
    pub until: Option<Timestamp>,
    /// What the terms make of them.
    pub quorum: Quorum,
    /// Statements that no longer count, with the reason.
    pub dropped: Vec<String>,
}

impl Standing {
    /// Weighs the logged decisions of `ticket` under `terms`.
    #[must_use]
    pub fn of(ticket: &Ticket, decisions: &[Logged], terms: &Terms, at: Circumstances<'_>) -> Self {
        let (mut latest, mut dropped) = (BTreeMap::new(), Vec::new());
        // Nobody asks for the digest of a card that nobody has signed.
        let card = LazyCell::new(|| Card::new(&ticket.filed.request, &ticket.filed.verdict).digest());
        for logged in decisions {
            match weigh(ticket, logged, terms, &card, at) {
                Ok(decision) => drop(latest.insert(decision.principal().clone(), (logged.seq, decision))),
                Err(reason) => {
                    // Their newest word, even one that no longer counts: an older one does not come back.
                    if let Some(person) = named_reviewer(&logged.statement) {
                        latest.remove(&person);
                    }
                    dropped.push(reason);
                }
            }
        }
        Self::count(latest, dropped, at.in_force.policy, ticket, terms)
    }

    fn count(
        latest: BTreeMap<Principal, (u64, Verified<Decision>)>,
        dropped: Vec<String>,
        policy: &Policy,
        ticket: &Ticket,
        terms: &Terms,
    ) -> Self {
        let mut live: Vec<(u64, Verified<Decision>)> =
            latest.into_values().filter(|(_, d)| d.value().decision == Choice::Approve).collect();
        live.sort_by_key(|(seq, _)| *seq);
        let until = live.iter().filter_map(|(_, d)| d.value().valid_until).min();
        let approvals: Vec<Principal> = live.into_iter().map(|(_, d)| d.principal().clone()).collect();
        let seats: Vec<Seat> = approvals.iter().map(|person| seat(policy, person, ticket)).collect();
        let quorum = Quorum::of(terms, policy.groups(), &seats);
        Self { approvals, until, quorum, dropped }
    }

    /// What is missing, in words.
    #[must_use]
    pub fn missing(&self) -> String {
        let groups: Vec<String> = self.quorum.missing_groups.iter().map(ToString::to_string).collect();
        let count = format!("{} of {}", self.quorum.have, self.quorum.need);
        if groups.is_empty() { count } else { format!("{count}, {} still needed", groups.join(", ")) }
    }
}

/// A reviewer in their relation to the ticket's requester.
pub(super) fn seat(policy: &Policy, person: &Principal, ticket: &Ticket) -> Seat {
    let uid = ticket.filed.request.requester.account.uid;
    Seat { principal: person.clone(), is_requester: policy.accounts().get(person) == Some(&uid) }
}

/// One decision, if its signature and its reviewer count now.
fn weigh(
    ticket: &Ticket,
    logged: &Logged,
    terms: &Terms,
    card: &Digest,
    at: Circumstances<'_>,
) -> Result<Verified<Decision>, String> {
    let Circumstances { in_force, life, now } = at;
    let verified = verify(&logged.statement, &logged.signature, ticket, in_force, now)?;
    let decision = verified.value();
    about(decision, ticket, card)?;
    if decision.incarnation != life {
        return Err(format!("{}: signed for an earlier life of this queue", verified.principal()));
    }
    let seat = seat(in_force.policy, verified.principal(), ticket);
    eligible(terms, in_force.policy.groups(), &seat.principal, seat.is_requester)
        .map_err(|reason| reason.to_string())?;
    match decision.valid_until {
        Some(until) if until <= now => Err(format!("{}: the approval has lapsed", verified.principal())),
        None if decision.decision == Choice::Approve => Err("an approve without an end".to_owned()),
        _ => Ok(verified),
    }
}

/// The decision in `statement`, if a reviewer in force signed it for this queue.
pub(super) fn verify(
    statement: &str,
    signature: &str,
    ticket: &Ticket,
    in_force: InForce<'_>,
    now: Timestamp,
) -> Result<Verified<Decision>, String> {
    let (_, named) = Record::parse::<Decision>(statement).map_err(|error| error.to_string())?;
    let namespace = Decision::namespace(&ticket.filed.request.queue);
    in_force
        .reviewers
        .verify(&named.reviewer, &namespace, statement.as_bytes(), signature, now)
        .map_err(|error| format!("{}: {error}", named.reviewer))?
        .try_map(|_| Ok(named))
}

/// Whether the statement is about exactly this ticket, request, policy and card.
pub(super) fn about(decision: &Decision, ticket: &Ticket, card: &Digest) -> Result<(), String> {
    let request = &ticket.filed.request;
    let parts = [
        ("queue", decision.queue == request.queue),
        ("ticket", decision.ticket == ticket.id),
        ("request", decision.request_sha256 == ticket.filed.request_sha256),
        ("policy", decision.policy_sha256 == request.policy.sha256),
        ("card", decision.card_sha256 == *card),
    ];
    match parts.iter().find(|(_, same)| !same) {
        Some((part, _)) => Err(format!("it was signed for another {part}")),
        None => Ok(()),
    }
}
