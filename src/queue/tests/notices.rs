//! Who is to be told of what, at which time, and never twice.
//! For tests only.

use super::bench::{Bench, ONE};
use crate::occasion::Occasion::{self, Decided, Expired, Half, Late, New, Unknown};
use crate::queue::notices::{Notice, Wish};
use crate::ticket::decision::Choice;
use crate::ticket::event::Delivery;

fn wish(name: &str, on: &[Occasion]) -> Wish {
    Wish { notifier: name.parse().unwrap(), on: on.iter().copied().collect() }
}

fn due(bench: &mut Bench, wishes: &[Wish]) -> Vec<Notice> {
    bench.queue.notices(wishes).unwrap()
}

/// What is due now, as occasions; recorded as told.
fn told(bench: &mut Bench, wishes: &[Wish]) -> Vec<Occasion> {
    let notices = due(bench, wishes);
    let done: Vec<_> = notices.into_iter().map(|notice| (notice, Delivery::Delivered)).collect();
    bench.queue.notified(&done).unwrap();
    done.into_iter().map(|(notice, _)| notice.occasion).collect()
}

#[test]
fn a_ticket_that_waits_is_told_at_its_beginning_its_half_and_its_last_tenth() {
    let mut bench = Bench::new(ONE);
    let all = [wish("a", &Occasion::ALL)];
    bench.file(&["terraform", "apply"]);
    assert_eq!(told(&mut bench, &all), [New]);
    for (seconds, expected) in
        [(449, vec![]), (1, vec![Half]), (359, vec![]), (1, vec![Late]), (89, vec![]), (2, vec![])]
    {
        bench.clock.pass(seconds);
        assert_eq!(told(&mut bench, &all), expected);
        assert_eq!(told(&mut bench, &all), [], "never twice");
    }
    bench.queue.sweep().unwrap();
    assert_eq!(told(&mut bench, &all), [Expired]);
    assert_eq!(bench.queue.deliveries().unwrap().len(), 4);
}

#[test]
fn whoever_only_looks_learns_whether_a_reminder_is_due() {
    let mut bench = Bench::new(ONE);
    let wishes = [wish("a", &[New, Late, Decided])];
    let is_due = |bench: &mut Bench| bench.queue.reminder_is_due(&wishes).unwrap();
    assert!(!is_due(&mut bench));
    let ticket = bench.file(&["terraform", "apply"]);
    assert!(is_due(&mut bench));
    assert_eq!(told(&mut bench, &wishes), [New]);
    bench.clock.pass(500);
    assert!(!is_due(&mut bench), "nobody wants to hear of the half");
    bench.clock.pass(350);
    assert!(is_due(&mut bench));
    bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    assert!(!is_due(&mut bench), "it waits no more");
}

#[test]
fn the_next_reminder_is_when_there_is_more_to_say() {
    let mut bench = Bench::new(ONE);
    assert_eq!(bench.queue.next_reminder().unwrap(), None);
    bench.file(&["terraform", "apply"]);
    let next =
        |bench: &mut Bench| bench.queue.next_reminder().unwrap().map(|(left, what)| (left.as_secs(), what));
    assert_eq!(next(&mut bench), Some((450, Half)));
    bench.clock.pass(450);
    assert_eq!(next(&mut bench), Some((360, Late)));
    bench.clock.pass(360);
    assert_eq!(next(&mut bench), None);
}

#[test]
fn who_comes_late_hears_the_most_urgent_thing_only_and_each_what_it_wants() {
    let mut bench = Bench::new(ONE);
    bench.file(&["terraform", "apply"]);
    bench.clock.pass(820);
    let wishes = [wish("all", &Occasion::ALL), wish("first", &[New]), wish("ends", &[Decided, Unknown])];
    let notices = due(&mut bench, &wishes);
    let told: Vec<_> = notices.iter().map(|it| (it.notifier.as_str(), it.occasion)).collect();
    assert_eq!(told, [("all", Late), ("first", New)]);
}

#[test]
fn answers_are_told_once_each_and_not_long_afterwards() {
    let mut bench = Bench::new(ONE);
    let all = [wish("a", &Occasion::ALL)];
    let ticket = bench.file(&["terraform", "apply"]);
    bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    assert_eq!(told(&mut bench, &all), [Decided], "that it is new is no news any more");
    bench.decide(&ticket, Choice::Revoke, "ana").unwrap();
    assert_eq!(told(&mut bench, &all), [Decided]);
    let other = bench.file(&["terraform", "destroy"]);
    bench.decide(&other, Choice::Reject, "bo").unwrap();
    bench.clock.pass(601);
    assert_eq!(told(&mut bench, &all), []);
}

#[test]
fn two_who_tell_the_same_leave_one_event() {
    let mut bench = Bench::new(ONE);
    let all = [wish("a", &Occasion::ALL)];
    bench.file(&["terraform", "apply"]);
    let (one, two) = (due(&mut bench, &all), due(&mut bench, &all));
    for notices in [one, two] {
        let done: Vec<_> = notices.into_iter().map(|notice| (notice, Delivery::CutOff)).collect();
        bench.queue.notified(&done).unwrap();
    }
    assert_eq!(bench.kinds().iter().filter(|kind| *kind == "notified").count(), 1);
}

#[test]
fn an_execution_goes_its_way_whatever_is_told_meanwhile() {
    let mut bench = Bench::new(ONE);
    let all = [wish("a", &Occasion::ALL)];
    let ticket = bench.file(&["terraform", "apply"]);
    let stale = due(&mut bench, &all);
    bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    let claimed = bench.claim(&ticket.id).unwrap();
    assert_eq!(told(&mut bench, &all), [Decided]);
    bench.queue.lose(&claimed.ticket().id, false).unwrap();
    assert_eq!(told(&mut bench, &all), [Unknown]);
    bench.queue.notified(&stale.into_iter().map(|it| (it, Delivery::Delivered)).collect::<Vec<_>>()).unwrap();
    let version = bench.queue.peek(&ticket.id).unwrap().version;
    assert_eq!(version, 4, "filed, approved, claimed, lost");
}
