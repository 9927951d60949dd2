//! The state machine: what may become of a ticket, by whom, and what to do after the commit.
//! Pure: `(ticket, input, time) -> step | refused`; nothing is read or written here.

use super::event::What;
use super::{ApprovedBy, CancelledBy, Claim, Deadline, Execution, Outcome, RejectedBy, State};
use crate::clock::Moment;
use crate::ids::Principal;
use crate::record::Text;

/// Something that happens to a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A recorded approve. `quorum` names all who approved, once they are enough.
    Approve {
        /// Everybody whose approval counts, when the terms are met; none while somebody is missing.
        quorum: Option<Vec<Principal>>,
        /// When the approval lapses, if this one completes it.
        until: Deadline,
    },
    /// A recorded reject by an eligible reviewer.
    Reject {
        /// Whose.
        reviewer: Principal,
        /// Why.
        reason: Option<Text>,
        /// What to do instead.
        suggest: Option<Text>,
    },
    /// A recorded revoke by an eligible reviewer.
    Revoke(Principal),
    /// The requester, an interrupt, a failed re-check or a restore takes it back.
    Cancel(CancelledBy),
    /// A verified executor uses the right.
    Claim(Claim),
    /// The command ended.
    Finish(Outcome),
    /// The command could not be started.
    NotStart(Text),
    /// The executor is gone; the flag says whether the command still runs.
    Lose(bool),
    /// A person found out how an unknown outcome ended.
    Reconcile(Text, Principal),
}

/// What the commit must be followed by.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "a handful live at a time")]
pub enum Effect {
    /// Append this event, in the same transaction.
    Record(What),
    /// Wake whoever waits, after the commit.
    Ring,
}

/// A permitted transition.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Step {
    /// The state from here on.
    pub state: State,
    /// What else must be done.
    pub effects: Vec<Effect>,
}

/// Why nothing happened. Each has its own sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A decision after the answer.
    #[error("it is {0} already; a later decision changes nothing")]
    Decided(&'static str),
    /// A decision or claim after its end.
    #[error("it has expired; a new request is needed")]
    Expired,
    /// A reject where only a revoke can still help.
    #[error("it is approved already; take that back with: handoff revoke")]
    UseRevoke,
    /// Anything after the right was used.
    #[error("it was executed already; nothing can be taken back")]
    Used,
    /// A second claim.
    #[error("somebody has claimed it already; it runs at most once")]
    Claimed,
    /// A claim before the answer.
    #[error("it is not approved: it is {0}")]
    NotApproved(&'static str),
    /// An end without a beginning, or a second end.
    #[error("no execution of it is open")]
    NotRunning,
    /// A finding about a known outcome.
    #[error("its outcome is not unknown; there is nothing to reconcile")]
    Known,
}

/// What time alone does: an open ticket whose end has passed expires.
pub fn look(state: &State, deadline: &Deadline, now: &Moment) -> Option<Step> {
    let approved = match state {
        State::Pending {} if deadline.passed(now) => false,
        State::Approved { until, execution: Execution::Unclaimed {}, .. } if until.passed(now) => true,
        _ => return None,
    };
    Some(ending(State::Expired { at: now.wall, approved }, What::Expired { approved }))
}

/// What `input` does to a ticket in `state` whose wait ends at `deadline`.
///
/// # Errors
/// When the table of transitions has no such row; nothing happens then.
pub fn step(state: &State, deadline: &Deadline, input: Input, now: &Moment) -> Result<Step, Refused> {
    if look(state, deadline, now).is_some() {
        return Err(Refused::Expired);
    }
    match input {
        Input::Approve { quorum, until } => approve(state, quorum, until, now),
        Input::Reject { reviewer, reason, suggest } => reject(state, reviewer, reason, suggest, now),
        Input::Revoke(reviewer) => revoke(state, reviewer, now),
        Input::Cancel(why) => cancel(state, why, now),
        other => execution(state, other),
    }
}

fn ending(state: State, what: What) -> Step {
    Step { state, effects: vec![Effect::Record(what), Effect::Ring] }
}

fn approve(
    state: &State,
    quorum: Option<Vec<Principal>>,
    until: Deadline,
    now: &Moment,
) -> Result<Step, Refused> {
    only_pending(state)?;
    let Some(people) = quorum else {
        return Ok(Step { state: state.clone(), effects: vec![Effect::Ring] });
    };
    let by = ApprovedBy::Reviewers(people);
    let what = What::Approved { by: by.clone(), until: until.clone() };
    let execution = Execution::Unclaimed {};
    Ok(ending(State::Approved { at: now.wall, by, until, execution }, what))
}

fn reject(
    state: &State,
    reviewer: Principal,
    reason: Option<Text>,
    suggest: Option<Text>,
    now: &Moment,
) -> Result<Step, Refused> {
    if matches!(state, State::Approved { execution: Execution::Unclaimed {}, .. }) {
        return Err(Refused::UseRevoke);
    }
    only_pending(state)?;
    let by = RejectedBy::Reviewer(reviewer);
    let what = What::Rejected { by: by.clone() };
    Ok(ending(State::Rejected { at: now.wall, by, reason, suggest }, what))
}

fn revoke(state: &State, reviewer: Principal, now: &Moment) -> Result<Step, Refused> {
    match state {
        State::Pending {} => Ok(Step { state: state.clone(), effects: vec![Effect::Ring] }),
        State::Approved { execution: Execution::Unclaimed {}, .. } => {
            Ok(cancelled(CancelledBy::Revoke(reviewer), now))
        }
        State::Approved { .. } => Err(Refused::Used),
        other => Err(Refused::Decided(other.word())),
    }
}

fn cancel(state: &State, why: CancelledBy, now: &Moment) -> Result<Step, Refused> {
    match state {
        State::Pending {} | State::Approved { execution: Execution::Unclaimed {}, .. } => {
            Ok(cancelled(why, now))
        }
        State::Approved { .. } => Err(Refused::Used),
        other => Err(Refused::Decided(other.word())),
    }
}

fn cancelled(why: CancelledBy, now: &Moment) -> Step {
    let what = What::Cancelled { why: why.clone() };
    ending(State::Cancelled { at: now.wall, why }, what)
}

fn only_pending(state: &State) -> Result<(), Refused> {
    match state {
        State::Pending {} => Ok(()),
        other => Err(Refused::Decided(other.word())),
    }
}

fn execution(state: &State, input: Input) -> Result<Step, Refused> {
    let State::Approved { at, by, until, execution } = state else {
        return Err(match input {
            Input::Claim(_) => Refused::NotApproved(state.word()),
            Input::Reconcile(..) => Refused::Known,
            _ => Refused::NotRunning,
        });
    };
    let (execution, what) = execute(execution, input)?;
    let state = State::Approved { at: *at, by: by.clone(), until: until.clone(), execution };
    Ok(Step { state, effects: what.into_iter().map(Effect::Record).chain([Effect::Ring]).collect() })
}

/// The execution's own small machine. Recording a claim or a finding is left to the caller,
/// which holds the proof that belongs into the event.
fn execute(execution: &Execution, input: Input) -> Result<(Execution, Option<What>), Refused> {
    match (execution, input) {
        (Execution::Unclaimed {}, Input::Claim(claim)) => Ok((Execution::Claimed(claim), None)),
        (_, Input::Claim(_)) => Err(Refused::Claimed),
        (Execution::Claimed(claim) | Execution::Unknown(claim), Input::Finish(outcome)) => {
            let what = What::Finished { outcome: outcome.clone() };
            Ok((Execution::Finished(claim.clone(), outcome), Some(what)))
        }
        (Execution::Claimed(claim), Input::NotStart(reason)) => {
            let what = What::NotStarted { reason: reason.clone() };
            Ok((Execution::NotStarted(claim.clone(), reason), Some(what)))
        }
        (Execution::Claimed(claim), Input::Lose(running)) => {
            Ok((Execution::Unknown(claim.clone()), Some(What::Unknown { running })))
        }
        (Execution::Unknown(claim), Input::Reconcile(finding, who)) => {
            Ok((Execution::Reconciled(claim.clone(), finding, who), None))
        }
        (_, Input::Reconcile(..)) => Err(Refused::Known),
        _ => Err(Refused::NotRunning),
    }
}

#[cfg(test)]
mod tests;
