//! The code under test, and the same code broken on purpose: one way each.
//! The machine and the counting are the real ones; what the queue checks around them is told by [`Skip`].

use crate::clock::Moment;
use crate::policy::{Groups, Quorum, Seat, Terms};
use crate::ticket::step::{Input, Refused, Step, look, step};
use crate::ticket::{Deadline, Execution, State};

/// A check left out of the queue's own part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skip {
    Nothing,
    /// A clock that is behind the last event.
    Clock,
    /// That a statement was recorded before.
    Nonce,
    /// The queue's life a statement names.
    Life,
    /// The log's size and root remembered outside.
    Mark,
    /// The used rights remembered outside.
    Spent,
    /// That the claim still stands when it was written down outside.
    StandsStill,
    /// That a ticket is at the claim as it was at the judging before.
    Version,
    /// Judging again before a claim.
    Recheck,
    /// Whether a reviewer is the requester.
    Own,
    /// That only the requester cancels.
    Owner,
    /// That a restore cancels what was approved.
    Restore,
    /// That a ticket begins without an answer.
    FreshStart,
    /// Looking for an equal question.
    Join,
    /// That a cancel and an expiry are remembered outside.
    EndRemembered,
}

/// What is explored.
#[derive(Clone, Copy)]
pub struct Machine {
    pub step: fn(&State, &Deadline, Input, &Moment) -> Result<Step, Refused>,
    pub look: fn(&State, &Deadline, &Moment) -> Option<Step>,
    pub quorum: fn(&Terms, &[Seat]) -> bool,
    pub skip: Skip,
}

impl Machine {
    /// The code as it is.
    pub const REAL: Self = Self { step, look, quorum, skip: Skip::Nothing };

    /// Whether the queue checks this.
    pub fn checks(&self, what: Skip) -> bool {
        self.skip != what
    }
}

fn quorum(terms: &Terms, seats: &[Seat]) -> bool {
    Quorum::of(terms, &Groups::new(), seats).met
}

/// A machine broken on purpose, and the corner of the world where that shows.
pub struct Broken {
    pub what: &'static str,
    pub corner: usize,
    pub machine: Machine,
}

/// All of them. Where the queue checks a second time what the machine refuses, both are left out: either alone
/// holds.
pub fn broken() -> Vec<Broken> {
    let real = Machine::REAL;
    let steps = [
        ("the quorum counts one person twice", 0, Machine { quorum: counted_twice, ..real }),
        (
            "a claim does not look whether there is one",
            0,
            Machine { step: claims_again, skip: Skip::Version, ..real },
        ),
        (
            "a claim does not look whether it is approved",
            0,
            Machine { step: claims_pending, skip: Skip::Recheck, ..real },
        ),
        ("a late approval is accepted", 1, Machine { step: timeless, look: look_approved, ..real }),
        ("a late claim is accepted", 1, Machine { step: timeless, look: look_pending, ..real }),
        ("a revoke is ignored", 0, Machine { step: deaf_to_revoke, ..real }),
        ("a reject is ignored", 0, Machine { step: deaf_to_reject, ..real }),
        ("a rejected ticket can be approved", 0, Machine { step: changes_its_mind, ..real }),
        ("an unknown outcome is run again", 4, Machine { step: tries_again, skip: Skip::Version, ..real }),
    ];
    let skips = [
        ("a clock that went back is not noticed", 1, Skip::Clock),
        ("a statement counts again", 5, Skip::Nonce),
        ("a statement of an earlier life counts", 2, Skip::Life),
        ("a database that was put back is not noticed", 2, Skip::Mark),
        ("a used right is not remembered outside", 2, Skip::Spent),
        ("a claim that a restore has undone is executed", 2, Skip::StandsStill),
        ("nothing is judged again before a claim", 0, Skip::Recheck),
        ("requesters approve where others must", 0, Skip::Own),
        ("anybody cancels", 0, Skip::Owner),
        ("a restore keeps what was approved", 2, Skip::Restore),
        ("a new ticket takes over an old answer", 3, Skip::FreshStart),
        ("an equal question is not joined", 3, Skip::Join),
        ("an end is not remembered outside", 2, Skip::EndRemembered),
    ];
    let skipping = skips.map(|(what, corner, skip)| (what, corner, Machine { skip, ..real }));
    steps
        .into_iter()
        .chain(skipping)
        .map(|(what, corner, machine)| Broken { what, corner, machine })
        .collect()
}

fn counted_twice(terms: &Terms, seats: &[Seat]) -> bool {
    u32::try_from(seats.len()).unwrap() * 2 >= terms.approvals && !seats.is_empty()
}

fn with_execution(state: &State, fresh: Execution) -> State {
    match state {
        State::Approved { at, by, until, .. } => {
            State::Approved { at: *at, by: by.clone(), until: until.clone(), execution: fresh }
        }
        other => other.clone(),
    }
}

fn claims_again(state: &State, due: &Deadline, input: Input, now: &Moment) -> Result<Step, Refused> {
    match input {
        Input::Claim(_) => step(&with_execution(state, Execution::Unclaimed {}), due, input, now),
        _ => step(state, due, input, now),
    }
}

fn claims_pending(state: &State, due: &Deadline, input: Input, now: &Moment) -> Result<Step, Refused> {
    match (state, &input) {
        (State::Pending {}, Input::Claim(_)) => {
            let until = Deadline::after(now, 60);
            let by = crate::ticket::ApprovedBy::Reviewers(Vec::new());
            let execution = Execution::Unclaimed {};
            step(&State::Approved { at: now.wall, by, until, execution }, due, input, now)
        }
        _ => step(state, due, input, now),
    }
}

/// As if it were the boot's and the clock's first moment: nothing is ever over.
fn timeless(state: &State, _: &Deadline, input: Input, now: &Moment) -> Result<Step, Refused> {
    let never = Deadline::after(now, 60);
    let open = match state {
        State::Approved { at, by, execution: Execution::Unclaimed {}, .. } => State::Approved {
            at: *at,
            by: by.clone(),
            until: never.clone(),
            execution: Execution::Unclaimed {},
        },
        other => other.clone(),
    };
    let mut step = step(&open, &never, input, now)?;
    if let (State::Approved { until: kept, .. }, State::Approved { until, .. }) = (state, &mut step.state) {
        *until = kept.clone();
    }
    Ok(step)
}

fn look_approved(state: &State, due: &Deadline, now: &Moment) -> Option<Step> {
    look(state, due, now).filter(|_| !matches!(state, State::Pending {}))
}

fn look_pending(state: &State, due: &Deadline, now: &Moment) -> Option<Step> {
    look(state, due, now).filter(|_| matches!(state, State::Pending {}))
}

fn deaf_to_revoke(state: &State, due: &Deadline, input: Input, now: &Moment) -> Result<Step, Refused> {
    let deaf = matches!(input, Input::Revoke(_));
    let step = step(state, due, input, now)?;
    Ok(if deaf { Step { state: state.clone(), effects: Vec::new() } } else { step })
}

fn deaf_to_reject(state: &State, due: &Deadline, input: Input, now: &Moment) -> Result<Step, Refused> {
    let deaf = matches!(input, Input::Reject { .. });
    let step = step(state, due, input, now)?;
    Ok(if deaf { Step { state: state.clone(), effects: Vec::new() } } else { step })
}

fn changes_its_mind(state: &State, due: &Deadline, input: Input, now: &Moment) -> Result<Step, Refused> {
    match (state, &input) {
        (State::Rejected { .. }, Input::Approve { .. }) => step(&State::Pending {}, due, input, now),
        _ => step(state, due, input, now),
    }
}

fn tries_again(state: &State, due: &Deadline, input: Input, now: &Moment) -> Result<Step, Refused> {
    match (state.execution(), &input) {
        (Some(Execution::Unknown(_)), Input::Claim(_)) => {
            step(&with_execution(state, Execution::Unclaimed {}), due, input, now)
        }
        _ => step(state, due, input, now),
    }
}
