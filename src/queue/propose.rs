//! Filing a request: joined to an equal one, answered by the policy, or set to wait for people.
//! One transaction; an allowed `run` is filed and claimed in it.

use super::execution::Claimed;
use super::journal::Journal;
use super::judge::Judged;
use super::{InForce, Queue, QueueError, Trust, existing};
use crate::clock::Timestamp;
use crate::ids::{Digest, TicketId};
use crate::policy::Verdict;
use crate::record::Text;
use crate::request::{Action, Context, GitState, Request, RequestType, Requester, action_digest};
use crate::store::{Joins, Store};
use crate::ticket::event::What;
use crate::ticket::{ApprovedBy, Claim, Deadline, Execution, Filed, RejectedBy, State, Ticket};

/// A request before it has a ticket, a time and a place in the log.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The id it will have, if it is not joined to another.
    pub ticket: TicketId,
    /// Who asks.
    pub requester: Requester,
    /// What would be done.
    pub action: Action,
    /// What they say about it.
    pub context: Context,
    /// The checkout around it.
    pub git: Option<GitState>,
    /// The idempotency key.
    pub once: Option<Text>,
    /// Seconds it is to wait at most, if that was asked; the policy may give fewer.
    pub deadline_s: Option<u64>,
    /// Bytes named by digest in the action and context.
    pub blobs: Vec<(Digest, Vec<u8>)>,
}

/// What became of a draft.
#[derive(Debug, PartialEq, Eq)]
pub enum Proposed {
    /// A new ticket.
    Filed(Ticket),
    /// The ticket that asks the same already.
    Joined(Ticket),
    /// A new ticket that the policy allowed, claimed in the same transaction.
    Claimed(Claimed),
}

impl Proposed {
    /// The ticket, however it came about.
    #[must_use]
    pub const fn ticket(&self) -> &Ticket {
        match self {
            Self::Filed(ticket) | Self::Joined(ticket) => ticket,
            Self::Claimed(claimed) => claimed.ticket(),
        }
    }
}

impl<S: Store> Queue<S> {
    /// Judges and files `draft`. With `claim`, an action the policy allows is claimed at once.
    ///
    /// # Errors
    /// When the key belongs to another action, too many are pending, the request does not fit a
    /// record, or nothing can be recorded.
    pub fn propose(
        &mut self,
        draft: &Draft,
        in_force: InForce<'_>,
        claim: Option<&Claim>,
    ) -> Result<Proposed, QueueError> {
        let filing = Filing { draft, judged: Judged::of(draft, in_force)? };
        let allowed = matches!(filing.judged.verdict(), Verdict::Allow { .. });
        let claim = claim.filter(|_| allowed);
        let trust = if claim.is_some() { Trust::Needed } else { Trust::NotNeeded };
        let proposed = self.transact(trust, &mut |journal| {
            let mut request = filing.request(journal)?;
            let earlier = earlier(journal, &request)?;
            if let Some(Earlier::Same(ticket)) = earlier {
                return Ok(Proposed::Joined(*ticket));
            }
            if let Some(Earlier::Ended(ended)) = earlier {
                journal.desk().release_once(&ended)?;
                request.attempt_of = Some(ended);
            }
            journal.in_force(in_force)?;
            filing.open(journal, request, claim)
        });
        // Only a claim needs the memory, and only a new ticket is claimed here.
        let proposed = self.or_unused(&draft.ticket, proposed)?;
        if let Proposed::Claimed(claimed) = &proposed {
            self.commit_was_clean(&claimed.ticket().id)?;
        }
        Ok(proposed)
    }
}

/// What the queue knows about the same question.
enum Earlier {
    /// It is answered, running or waiting: join it.
    Same(Box<Ticket>),
    /// It ended without running; this is the next attempt.
    Ended(TicketId),
}

fn earlier(journal: &mut Journal<'_>, request: &Request) -> Result<Option<Earlier>, QueueError> {
    let (uid, same) = (request.requester.account.uid, request.join_digest()?);
    let Some(key) = &request.once else {
        return open_twin(journal, uid, &same);
    };
    let Some(id) = journal.read().by_once(uid, key.as_bytes())? else { return Ok(None) };
    let mut ticket = existing(journal.read(), &id)?;
    if ticket.filed.request.join_digest()? != same {
        return Err(QueueError::OtherAction(id));
    }
    journal.look(&mut ticket)?;
    Ok(Some(match ticket.state {
        State::Expired { .. } | State::Cancelled { .. } => Earlier::Ended(id),
        _ => Earlier::Same(Box::new(ticket)),
    }))
}

fn open_twin(journal: &mut Journal<'_>, uid: u32, same: &Digest) -> Result<Option<Earlier>, QueueError> {
    let Some(id) = journal.read().by_same(uid, same)? else { return Ok(None) };
    let mut ticket = existing(journal.read(), &id)?;
    if ticket.filed.request.join_digest()? != *same {
        return Err(QueueError::Tampered(format!("{} is kept under another question", ticket.id.code())));
    }
    journal.look(&mut ticket)?;
    Ok(ticket.state.is_open().then(|| Earlier::Same(Box::new(ticket))))
}

/// A draft with what the policy made of it.
struct Filing<'a> {
    draft: &'a Draft,
    judged: Judged,
}

impl Filing<'_> {
    fn request(&self, journal: &Journal<'_>) -> Result<Request, QueueError> {
        Ok(Request {
            kind: RequestType::V1,
            queue: journal.identity().origin.clone(),
            ticket: self.draft.ticket.clone(),
            time: journal.now().wall,
            requester: self.draft.requester.clone(),
            action_sha256: action_digest(&self.draft.action)?,
            action: self.draft.action.clone(),
            context: self.draft.context.clone(),
            git: self.draft.git.clone(),
            once: self.draft.once.clone(),
            attempt_of: None,
            deadline_s: self.judged.deadline_s(self.draft.deadline_s),
            policy: self.judged.policy().clone(),
        })
    }

    fn open(
        &self,
        journal: &mut Journal<'_>,
        request: Request,
        claim: Option<&Claim>,
    ) -> Result<Proposed, QueueError> {
        let record = request.record()?;
        for (digest, bytes) in &self.draft.blobs {
            journal.desk().put_blob(digest, bytes)?;
        }
        let deadline = Deadline::after(journal.now(), request.deadline_s);
        let seq =
            journal.record(Some(&request.ticket), self.proposed(&request, record.digest(), &deadline))?;
        let joins = self.joins(&request)?;
        let filed = Filed {
            request_sha256: record.digest(),
            verdict: self.judged.verdict().clone(),
            deadline,
            seq,
            request,
        };
        let state = self.first_state(journal, &filed, claim)?;
        let ticket = Ticket { id: filed.request.ticket.clone(), version: 1, filed, state };
        journal.desk().insert_ticket(&ticket, &joins)?;
        Ok(if claim.is_some() { Proposed::Claimed(Claimed::new(ticket)) } else { Proposed::Filed(ticket) })
    }

    fn proposed(&self, request: &Request, request_sha256: Digest, deadline: &Deadline) -> What {
        What::Proposed {
            request_sha256,
            action_sha256: request.action_sha256,
            uid: request.requester.account.uid,
            policy_sha256: request.policy.sha256,
            verdict: self.judged.verdict().clone(),
            deadline: deadline.clone(),
        }
    }

    fn joins(&self, request: &Request) -> Result<Joins, QueueError> {
        let once = request.once.as_ref().map(|key| key.as_bytes().to_vec());
        let same = if once.is_none() { Some(request.join_digest()?) } else { None };
        Ok(Joins { uid: request.requester.account.uid, once, same })
    }

    /// The state a new ticket begins in, with the event that says so.
    fn first_state(
        &self,
        journal: &mut Journal<'_>,
        filed: &Filed,
        claim: Option<&Claim>,
    ) -> Result<State, QueueError> {
        let at = journal.now().wall;
        match self.judged.verdict() {
            Verdict::Review { .. } => self.pending(journal, filed),
            Verdict::Deny { rules, why, instead } => {
                let by = RejectedBy::Policy(rules.clone());
                journal.record(Some(&filed.request.ticket), What::Rejected { by: by.clone() })?;
                let (reason, suggest) = (sentence(why), sentence(instead));
                Ok(State::Rejected { at, by, reason, suggest })
            }
            Verdict::Allow { rules } => {
                self.allowed(journal, filed, at, ApprovedBy::Policy(rules.clone()), claim)
            }
        }
    }

    fn pending(&self, journal: &Journal<'_>, filed: &Filed) -> Result<State, QueueError> {
        let uid = filed.request.requester.account.uid;
        let pending = journal.read().pending_of(uid)?;
        if pending >= self.judged.max_pending() {
            Err(QueueError::TooMany(pending))
        } else {
            Ok(State::Pending {})
        }
    }

    fn allowed(
        &self,
        journal: &mut Journal<'_>,
        filed: &Filed,
        at: Timestamp,
        by: ApprovedBy,
        claim: Option<&Claim>,
    ) -> Result<State, QueueError> {
        journal.clock_is_right()?;
        let (id, until) = (&filed.request.ticket, Deadline::after(journal.now(), self.judged.validity_s()));
        journal.record(Some(id), What::Approved { by: by.clone(), until: until.clone() })?;
        let execution = match claim {
            None => Execution::Unclaimed {},
            Some(claim) => {
                let claim = Claim { at, ..claim.clone() };
                journal.record(Some(id), What::Claimed { claim: claim.clone(), checks: 0 })?;
                Execution::Claimed(claim)
            }
        };
        Ok(State::Approved { at, by, until, execution })
    }
}

fn sentence(parts: &std::collections::BTreeSet<String>) -> Option<Text> {
    let joined: Vec<&str> = parts.iter().map(String::as_str).collect();
    (!joined.is_empty()).then(|| Text::from(joined.join("; ")))
}
