//! What honest people do, in every order.
//! For tests only.

use super::bench::{Bench, ONE, OTHERS_ONLY, TWO, load, person};
use crate::queue::QueueError;
use crate::queue::propose::Proposed;
use crate::record::Text;
use crate::ticket::decision::Choice;
use crate::ticket::step::Refused;
use crate::ticket::{ApprovedBy, CancelledBy, End, Execution, Outcome, State};

#[test]
fn a_request_is_filed_approved_claimed_and_finished() {
    let mut bench = Bench::new(ONE);
    let ticket = bench.file(&["terraform", "apply"]);
    let decided = bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    assert!(
        matches!(&decided.ticket.state, State::Approved { by: ApprovedBy::Reviewers(who), .. } if *who == [person("ana")])
    );
    let claimed = bench.claim(&ticket.id).unwrap();
    let outcome = Outcome { end: End::Exit(0), millis: 7 };
    let done = bench.queue.finish(&claimed.ticket().id, outcome.clone()).unwrap();
    assert!(matches!(done.state.execution(), Some(Execution::Finished(_, end)) if *end == outcome));
    let kinds = bench.kinds();
    let expected =
        ["created", "policy", "reviewers", "proposed", "decision", "approved", "claimed", "finished"];
    assert_eq!(kinds, expected);
}

#[test]
fn whoever_looks_again_sees_what_others_recorded_and_what_time_has_done() {
    let mut bench = Bench::new(TWO);
    let ticket = bench.file(&["terraform", "apply"]);
    let mut waiter = bench.another_process();
    let mut seen = None;
    assert_eq!(waiter.ticket_again(&ticket.id, &mut seen).unwrap(), ticket);
    assert!(seen.is_some());
    assert_eq!(waiter.ticket_again(&ticket.id, &mut seen).unwrap(), ticket);
    bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    assert_eq!(waiter.ticket_again(&ticket.id, &mut seen).unwrap(), bench.queue.peek(&ticket.id).unwrap());
    bench.clock.pass(3600);
    assert_eq!(waiter.ticket_again(&ticket.id, &mut seen).unwrap().state.word(), "expired");
}

#[test]
fn two_people_are_two_people() {
    let mut bench = Bench::new(TWO);
    let ticket = bench.file(&["terraform", "apply"]);
    let first = bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    assert_eq!(first.ticket.state, State::Pending {});
    assert_eq!(first.standing.missing(), "1 of 2");
    assert!(
        matches!(bench.decide(&ticket, Choice::Approve, "ana"), Err(QueueError::Decision(why)) if why.contains("one seat"))
    );
    assert!(matches!(bench.claim(&ticket.id), Err(QueueError::Tampered(_))), "half approved is not approved");
    let second = bench.decide(&ticket, Choice::Approve, "bo").unwrap();
    assert_eq!(second.ticket.state.word(), "approved");
    let _claimed = bench.claim(&ticket.id).unwrap();
}

#[test]
fn one_no_is_enough_and_carries_its_reason() {
    let mut bench = Bench::new(TWO);
    let ticket = bench.file(&["terraform", "apply"]);
    bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    let mut no = bench.statement(&ticket, Choice::Reject, "bo");
    (no.reason, no.suggest) = (Some("stop".into()), Some("plan first".into()));
    let decided = bench.hand_in(&no).unwrap();
    let State::Rejected { reason, suggest, .. } = decided.ticket.state else { panic!() };
    assert_eq!((reason, suggest), (Some(Text::from("stop")), Some(Text::from("plan first"))));
    let late = bench.decide(&ticket, Choice::Approve, "bo");
    assert!(matches!(late, Err(QueueError::Refused { why: Refused::Decided("rejected"), .. })));
    assert_eq!(bench.kinds().last().map(String::as_str), Some("refused"), "a late decision leaves an event");
}

#[test]
fn no_answer_is_a_no() {
    let mut bench = Bench::new(ONE);
    let ticket = bench.file(&["terraform", "apply"]);
    bench.clock.pass(901);
    assert_eq!(bench.queue.ticket(&ticket.id).unwrap().state.word(), "expired");
    let late = bench.decide(&ticket, Choice::Approve, "ana");
    assert!(matches!(late, Err(QueueError::Refused { .. })), "{late:?}");
    assert!(bench.claim(&ticket.id).is_err());
}

#[test]
fn whoever_decides_first_after_the_deadline_finds_it_expired() {
    let mut bench = Bench::new(ONE);
    let ticket = bench.file(&["terraform", "apply"]);
    let yes = bench.statement(&ticket, Choice::Approve, "ana");
    bench.clock.pass(901);
    assert!(bench.hand_in(&yes).is_err());
    assert_eq!(bench.queue.peek(&ticket.id).unwrap().state.word(), "expired");
}

#[test]
fn an_approval_lapses() {
    let mut bench = Bench::new(ONE);
    let ticket = bench.file(&["terraform", "apply"]);
    bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    bench.clock.pass(601);
    assert!(matches!(bench.claim(&ticket.id), Err(QueueError::Stale(_))));
    let now = bench.queue.ticket(&ticket.id).unwrap();
    assert!(matches!(now.state, State::Expired { approved: true, .. }));
}

#[test]
fn an_approval_is_taken_back_before_it_is_used_and_not_after() {
    let mut bench = Bench::new(ONE);
    let ticket = bench.file(&["terraform", "apply"]);
    bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    let decided = bench.decide(&ticket, Choice::Revoke, "ana").unwrap();
    assert!(
        matches!(&decided.ticket.state, State::Cancelled { why: CancelledBy::Revoke(who), .. } if *who == person("ana"))
    );
    let other = bench.file(&["terraform", "destroy"]);
    bench.decide(&other, Choice::Approve, "ana").unwrap();
    let _claimed = bench.claim(&other.id).unwrap();
    let late = bench.decide(&other, Choice::Revoke, "ana");
    assert!(matches!(late, Err(QueueError::Refused { why: Refused::Used, .. })));
}

#[test]
fn a_revoke_while_pending_frees_the_seat() {
    let mut bench = Bench::new(TWO);
    let ticket = bench.file(&["terraform", "apply"]);
    bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    let decided = bench.decide(&ticket, Choice::Revoke, "ana").unwrap();
    assert_eq!(decided.standing.missing(), "0 of 2");
    bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    assert_eq!(bench.decide(&ticket, Choice::Approve, "bo").unwrap().ticket.state.word(), "approved");
}

#[test]
fn where_the_terms_say_distinct_nobody_decides_their_own() {
    let mut bench = Bench::new(OTHERS_ONLY);
    let ticket = bench.file(&["terraform", "apply"]);
    let own = bench.decide(&ticket, Choice::Approve, "ana");
    assert!(matches!(own, Err(QueueError::Decision(why)) if why.contains("distinct")));
    assert_eq!(bench.decide(&ticket, Choice::Approve, "bo").unwrap().ticket.state.word(), "approved");
}

#[test]
fn the_same_question_is_one_ticket() {
    let mut bench = Bench::new(ONE);
    let ticket = bench.file(&["terraform", "apply"]);
    let draft = bench.draft(&["terraform", "apply"]);
    assert!(matches!(bench.propose(&draft).unwrap(), Proposed::Joined(other) if other.id == ticket.id));
    let mut reasoned = bench.draft(&["terraform", "apply"]);
    reasoned.context.reason = Some("another".into());
    assert!(matches!(bench.propose(&reasoned).unwrap(), Proposed::Filed(_)), "other context, other question");
    bench.decide(&ticket, Choice::Reject, "ana").unwrap();
    assert!(matches!(bench.propose(&draft).unwrap(), Proposed::Filed(_)), "an answered one is not joined");
}

#[test]
fn a_key_is_one_ticket_for_ever_and_one_action_only() {
    let mut bench = Bench::new(ONE);
    let mut draft = bench.draft(&["terraform", "apply"]);
    draft.once = Some("deploy-1".into());
    let Proposed::Filed(ticket) = bench.propose(&draft).unwrap() else { panic!() };
    assert!(matches!(bench.propose(&draft).unwrap(), Proposed::Joined(_)));
    bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    let claimed = bench.claim(&ticket.id).unwrap();
    bench.queue.finish(&claimed.ticket().id, Outcome { end: End::Exit(3), millis: 1 }).unwrap();
    let Proposed::Joined(again) = bench.propose(&draft).unwrap() else { panic!() };
    assert!(matches!(again.state.execution(), Some(Execution::Finished(..))), "replayed, not run");
    let mut other = bench.draft(&["terraform", "destroy"]);
    other.once = draft.once.clone();
    assert!(matches!(bench.propose(&other), Err(QueueError::OtherAction(_))));
}

#[test]
fn an_attempt_that_ended_unrun_is_followed_by_a_linked_one() {
    let mut bench = Bench::new(ONE);
    let mut draft = bench.draft(&["terraform", "apply"]);
    draft.once = Some("deploy-1".into());
    let Proposed::Filed(first) = bench.propose(&draft).unwrap() else { panic!() };
    bench.clock.pass(901);
    let Proposed::Filed(second) = bench.propose(&draft).unwrap() else { panic!() };
    assert_eq!(second.filed.request.attempt_of, Some(first.id));
    assert!(matches!(bench.propose(&draft).unwrap(), Proposed::Joined(other) if other.id == second.id));
}

#[test]
fn a_requester_has_only_so_many_questions_open() {
    let mut bench = Bench::new("version = \"few\"\n[limits]\nmax_pending = 2\n");
    let mut draft = bench.draft(&["terraform", "apply"]);
    for name in ["1", "2", "3"] {
        draft.context.reason = Some(name.into());
        let filed = bench.propose(&draft);
        assert_eq!(filed.is_ok(), name != "3", "{filed:?}");
    }
}

#[test]
fn a_policy_that_turned_stricter_is_met_or_the_approval_is_stale() {
    let mut bench = Bench::new(ONE);
    let ticket = bench.file(&["terraform", "apply"]);
    bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    bench.policy = load(TWO);
    assert!(matches!(bench.claim(&ticket.id), Err(QueueError::Stale(_))));
}

#[test]
fn an_approval_holds_no_longer_than_todays_policy_lets_one_hold() {
    let mut bench = Bench::new(ONE);
    let ticket = bench.file(&["terraform", "apply"]);
    bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    bench.policy = load("version = \"short\"\n[defaults]\nvalidity = \"1m\"\n");
    bench.clock.pass(61);
    assert!(matches!(bench.claim(&ticket.id), Err(QueueError::Stale(why)) if why[0].contains("shorter")));
    bench.policy = load(ONE);
    let _claimed = bench.claim(&ticket.id).unwrap();
}

#[test]
fn a_policy_that_now_denies_makes_it_stale() {
    let mut bench = Bench::new(ONE);
    let ticket = bench.file(&["terraform", "apply"]);
    bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    bench.policy = load(
        "version = \"no\"\n[[rule]]\nid = \"no\"\nverdict = \"deny\"\nprogram = [\"terraform\"]\nwhy = \"no\"\nmatch = [\"terraform apply\"]\n",
    );
    assert!(matches!(bench.claim(&ticket.id), Err(QueueError::Stale(why)) if why[0].contains("denies")));
}

#[test]
fn a_reviewer_who_is_no_longer_trusted_no_longer_counts() {
    let mut bench = Bench::new(ONE);
    let ticket = bench.file(&["terraform", "apply"]);
    bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    let key = bench.ana.public_key().fingerprint();
    bench.reviewers = bench.reviewers.removed(&key).unwrap();
    let stale = bench.claim(&ticket.id);
    assert!(matches!(&stale, Err(QueueError::Stale(_))), "{stale:?}");
}

#[test]
fn approvals_and_claims_stop_while_the_clock_is_behind() {
    let mut bench = Bench::new(ONE);
    let ticket = bench.file(&["terraform", "apply"]);
    bench.clock.set_wall(-60);
    let refused = bench.decide(&ticket, Choice::Approve, "ana");
    assert!(matches!(refused, Err(QueueError::ClockBehind(60))), "{refused:?}");
    bench.clock.set_wall(56);
    bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    bench.clock.set_wall(-60);
    assert!(matches!(bench.claim(&ticket.id), Err(QueueError::ClockBehind(_))));
}

#[test]
fn filing_while_the_clock_is_behind_does_not_reset_the_comparison() {
    let mut bench = Bench::new(ONE);
    let ticket = bench.file(&["terraform", "apply"]);
    bench.clock.set_wall(-60);
    bench.file(&["terraform", "destroy"]);
    assert!(matches!(bench.decide(&ticket, Choice::Approve, "ana"), Err(QueueError::ClockBehind(_))));
}

#[test]
fn after_a_restore_nothing_approved_before_can_run() {
    let mut bench = Bench::new(ONE);
    let ticket = bench.file(&["terraform", "apply"]);
    let waiting = bench.file(&["terraform", "destroy"]);
    let old = bench.statement(&waiting, Choice::Approve, "ana");
    bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    assert_eq!(bench.queue.begin_again().unwrap().len(), 1);
    assert!(matches!(
        bench.queue.peek(&ticket.id).unwrap().state,
        State::Cancelled { why: CancelledBy::Restore, .. }
    ));
    let refused = bench.hand_in(&old);
    assert!(
        matches!(&refused, Err(QueueError::Decision(why)) if why.contains("earlier life")),
        "{refused:?}"
    );
    assert_eq!(bench.decide(&waiting, Choice::Approve, "ana").unwrap().ticket.state.word(), "approved");
}

const CHECKED: &str = concat!(
    "version = \"checked\"\n[precheck.p]\nargv = [\"true\"]\n[[rule]]\nid = \"r\"\nverdict = \"review\"\n",
    "program = [\"terraform\"]\nprecheck = [\"p\"]\nwhy = \"w\"\nmatch = [\"terraform apply\"]\n"
);

#[test]
fn a_precheck_the_policy_asks_for_cannot_be_left_out() {
    let mut bench = Bench::new(ONE);
    let ticket = bench.file(&["terraform", "apply"]);
    bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    bench.policy = load(CHECKED);
    let refused = bench.claim(&ticket.id);
    assert!(matches!(&refused, Err(QueueError::Stale(why)) if why[0].contains("precheck")), "{refused:?}");
    let refused = bench.propose(&bench.draft(&["terraform", "apply", "again"]));
    assert!(matches!(&refused, Err(QueueError::Unchecked(_))), "{refused:?}");
}
