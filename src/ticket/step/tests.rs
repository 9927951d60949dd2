//! The table of transitions, exactly; and that nothing is claimed twice, whatever happens.

use proptest::prelude::*;

use super::*;
use crate::clock::{BootTime, Timestamp};
use crate::ticket::End;

fn moment(millis: u64) -> Moment {
    Moment {
        wall: Timestamp::from_millis(i64::try_from(millis).unwrap()),
        boot: BootTime { boot_id: "boot".into(), millis },
    }
}

fn claim() -> Claim {
    Claim { at: Timestamp::from_millis(0), pid: 1, start: "s".into(), boot_id: "boot".into() }
}

fn outcome() -> Outcome {
    Outcome { end: End::Exit(0), millis: 1 }
}

fn ana() -> Principal {
    "ana".parse().unwrap()
}

fn approved(execution: Execution) -> State {
    State::Approved {
        at: Timestamp::from_millis(0),
        by: ApprovedBy::Reviewers(vec![ana()]),
        until: Deadline::after(&moment(0), 20),
        execution,
    }
}

/// Every state with every execution, by name.
fn states() -> Vec<(&'static str, State)> {
    let at = Timestamp::from_millis(0);
    let by = RejectedBy::Reviewer(ana());
    vec![
        ("pending", State::Pending {}),
        ("unclaimed", approved(Execution::Unclaimed {})),
        ("claimed", approved(Execution::Claimed(claim()))),
        ("finished", approved(Execution::Finished(claim(), outcome()))),
        ("not started", approved(Execution::NotStarted(claim(), "x".into()))),
        ("unknown", approved(Execution::Unknown(claim()))),
        ("reconciled", approved(Execution::Reconciled(claim(), "x".into(), ana()))),
        ("rejected", State::Rejected { at, by, reason: None, suggest: None }),
        ("expired", State::Expired { at, approved: false }),
        ("cancelled", State::Cancelled { at, why: CancelledBy::Requester }),
    ]
}

/// Every input, by name.
fn inputs() -> Vec<(&'static str, Input)> {
    let until = Deadline::after(&moment(0), 20);
    vec![
        ("approve 1 of 2", Input::Approve { quorum: None, until: until.clone() }),
        ("approve", Input::Approve { quorum: Some(vec![ana()]), until }),
        ("reject", Input::Reject { reviewer: ana(), reason: None, suggest: None }),
        ("revoke", Input::Revoke(ana())),
        ("cancel", Input::Cancel(CancelledBy::Requester)),
        ("claim", Input::Claim(claim())),
        ("finish", Input::Finish(outcome())),
        ("not start", Input::NotStart("x".into())),
        ("lose", Input::Lose(false)),
        ("reconcile", Input::Reconcile("x".into(), ana())),
    ]
}

fn name(state: &State) -> &'static str {
    let same = std::mem::discriminant::<State>;
    let execution = state.execution().map(std::mem::discriminant);
    let of = |s: &State| (same(s), s.execution().map(std::mem::discriminant));
    states().into_iter().find(|(_, s)| of(s) == (same(state), execution)).unwrap().0
}

#[test]
fn exactly_the_rows_of_the_table_are_permitted() {
    let deadline = Deadline::after(&moment(0), 10);
    let mut permitted = Vec::new();
    for (from, state) in states() {
        for (by, input) in inputs() {
            if let Ok(step) = step(&state, &deadline, input, &moment(1)) {
                permitted.push(format!("{from} --{by}--> {}", name(&step.state)));
            }
        }
    }
    let table = [
        "pending --approve 1 of 2--> pending",
        "pending --approve--> unclaimed",
        "pending --reject--> rejected",
        "pending --revoke--> pending",
        "pending --cancel--> cancelled",
        "unclaimed --revoke--> cancelled",
        "unclaimed --cancel--> cancelled",
        "unclaimed --claim--> claimed",
        "claimed --finish--> finished",
        "claimed --not start--> not started",
        "claimed --lose--> unknown",
        "unknown --finish--> finished",
        "unknown --reconcile--> reconciled",
    ];
    assert_eq!(permitted, table);
}

#[test]
fn whatever_else_is_tried_is_told_why_it_cannot_be() {
    let deadline = Deadline::after(&moment(0), 10);
    let why = |from: &str, by: &str| match (from, by) {
        ("unclaimed", "reject") => Refused::UseRevoke,
        ("pending" | "rejected" | "expired" | "cancelled", "claim") => Refused::NotApproved(word(from)),
        (_, "claim") => Refused::Claimed,
        (_, "finish" | "not start" | "lose") => Refused::NotRunning,
        (_, "reconcile") => Refused::Known,
        ("rejected" | "expired" | "cancelled", _) | (_, "approve 1 of 2" | "approve" | "reject") => {
            Refused::Decided(word(from))
        }
        (_, _) => Refused::Used,
    };
    for (from, state) in states() {
        for (by, input) in inputs() {
            if let Err(refused) = step(&state, &deadline, input, &moment(1)) {
                assert_eq!(refused, why(from, by), "{from} {by}");
            }
        }
    }
}

fn word(from: &str) -> &'static str {
    states().into_iter().find(|(name, _)| *name == from).unwrap().1.word()
}

#[test]
fn time_alone_ends_what_is_open_and_nothing_else() {
    let deadline = Deadline::after(&moment(0), 10);
    let ended: Vec<_> = states()
        .into_iter()
        .filter(|(_, state)| look(state, &deadline, &moment(20_000)).is_some())
        .map(|(name, _)| name)
        .collect();
    assert_eq!(ended, ["pending", "unclaimed"]);
    assert!(look(&State::Pending {}, &deadline, &moment(9_999)).is_none());
}

#[test]
fn nothing_at_all_is_permitted_after_the_end() {
    let deadline = Deadline::after(&moment(0), 10);
    for state in [State::Pending {}, approved(Execution::Unclaimed {})] {
        for (by, input) in inputs() {
            assert_eq!(step(&state, &deadline, input, &moment(20_000)), Err(Refused::Expired), "{by}");
        }
    }
}

proptest! {
    #[test]
    fn whatever_happens_it_is_claimed_at_most_once(
        order in prop::collection::vec((0..10usize, 0..3_000u64), 1..60)
    ) {
        let deadline = Deadline::after(&moment(0), 10);
        let (mut state, mut now, mut claims) = (State::Pending {}, 0, 0);
        let mut was_approved = false;
        for (index, pause) in order {
            now += pause;
            let (by, input) = inputs().swap_remove(index);
            if let Some(step) = look(&state, &deadline, &moment(now)) {
                state = step.state;
            }
            if let Ok(step) = step(&state, &deadline, input, &moment(now)) {
                state = step.state;
                was_approved |= name(&state) == "unclaimed";
                claims += u32::from(by == "claim");
                prop_assert!(was_approved || claims == 0, "claimed without approval");
            }
        }
        prop_assert!(claims <= 1);
    }
}
