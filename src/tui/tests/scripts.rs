//! Key scripts through `update`: what keys lead to, and that nothing is signed that was not read.

use proptest::prelude::*;

use super::*;
use crate::ids::{Digest, TicketId};
use crate::tui::card::Attached;
use crate::tui::forms::About;
use crate::tui::keys::{At, KEYS};
use crate::tui::message::Renewed;
use crate::tui::model::{Notice, Screen, UNLOCKED};

fn three() -> Person {
    Person::before(vec![row(1, 300), row(2, 600), row(3, 900)], 100, 30)
}

/// The row's sheet, as the queue would answer.
fn sheet_of(row: &Row) -> Sheet {
    Sheet { id: row.id.clone(), risk: Risk::Medium, ..sheet() }
}

fn said(person: &Person) -> String {
    person.model.notice.as_ref().map(|Notice { text, .. }| text.to_string()).unwrap_or_default()
}

fn opened(effects: &[Effect]) -> Option<TicketId> {
    effects.iter().find_map(|effect| match effect {
        Effect::Open(id) => Some(id.clone()),
        _ => None,
    })
}

#[test]
fn one_goes_through_the_queue_and_opens_a_card() {
    let mut person = three();
    person.types("jjj");
    assert_eq!(person.model.queue.cursor, 2, "the last row is the last");
    person.types("k\r");
    assert_eq!(opened(&person.asked()), Some(row(2, 600).id));
}

#[test]
fn a_card_is_approved_after_all_of_it_was_shown_and_the_moment_has_passed() {
    let mut person = Person::before(vec![row(1, 300)], 60, 16);
    let card = sheet_of(&row(1, 300));
    person.opens(card.clone());
    person.wait(MOMENT * 100);
    person.types("a");
    assert_eq!(person.model.at(), At::Card);
    assert!(said(&person).contains("read to the end"), "{}", said(&person));
    for _ in 0..20 {
        person.types(" ");
    }
    person.types("a");
    assert!(said(&person).contains("a moment"), "{}", said(&person));
    person.wait(MOMENT);
    person.is_asked(false);
    person.asked();
    person.types("looks right\r");
    let effects = person.asked();
    let [Effect::Approve { id, version, confirmed, note }] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!((id, *version, note.as_deref()), (&card.id, 1, Some("looks right")));
    assert_eq!(confirmed.card(), Digest::of(card.card.as_bytes()));
}

#[test]
fn a_jump_to_the_end_is_no_reading() {
    let mut person = Person::before(vec![row(1, 300)], 60, 16);
    person.opens(sheet_of(&row(1, 300)));
    person.types("G");
    person.wait(MOMENT);
    person.types("a");
    assert_eq!(person.model.at(), At::Card);
    assert!(said(&person).contains("read to the end"));
}

#[test]
fn at_high_risk_nothing_but_the_code_signs_and_each_draw_is_good_for_one_try() {
    let mut person = three();
    person.reads(sheet());
    let code = person.is_asked(true).unwrap();
    person.asked();
    person.types("\r");
    assert!(person.asked().is_empty() && said(&person).contains("code missing"));
    person.types("WREN 00X\r");
    let effects = person.asked();
    assert!(matches!(effects.as_slice(), [Effect::Draw { high: true, .. }]), "{effects:?}");
    let question = Question::draw(true, &sheet().id);
    let other = question.code().unwrap().to_owned();
    person.tell(Message::Asked(question));
    person.draw();
    person.types(&other);
    person.types("\r");
    assert!(person.asked().is_empty(), "the new question has only just appeared");
    person.wait(MOMENT);
    person.types("\r");
    assert!(matches!(person.asked().as_slice(), [Effect::Approve { .. }]));
    assert_ne!(code, "");
}

#[test]
fn the_next_card_opens_after_a_decision_and_has_to_be_read_itself() {
    let mut person = three();
    person.reads(sheet_of(&row(1, 300)));
    person.is_asked(false);
    person.types("\r");
    person.asked();
    person.tell(Message::Signed(row(1, 300).id, Escaped::trusted("approved")));
    assert_eq!(opened(&person.asked()), Some(row(2, 600).id));
    person.opens(sheet_of(&row(2, 600)));
    person.types("a\r");
    assert_eq!(person.model.at(), At::Card);
    assert!(!person.asked().iter().any(is_signature));
}

#[test]
fn what_changes_while_it_is_open_is_said_and_read_anew() {
    for stage in ["card", "question", "form"] {
        let mut person = three();
        let card = sheet_of(&row(1, 300));
        person.reads(card.clone());
        match stage {
            "question" => drop(person.is_asked(false)),
            "form" => person.types("r2"),
            _ => {}
        }
        let state = Escaped::trusted("rejected by bo@corp; nothing ran");
        let changed = Sheet { version: 2, pending: false, state, ..card };
        person.tell(Message::Tick { clock: moment(NOW + 1000), changed: true });
        assert_eq!(opened(&person.asked()), Some(changed.id.clone()), "{stage}");
        person.opens(changed);
        assert_eq!(person.model.at(), At::Card, "{stage}");
        assert!(said(&person).contains("it changed while it was open: rejected by bo@corp"));
        person.types("a\rr\r");
        assert!(!person.asked().iter().any(is_signature), "{stage}");
    }
}

#[test]
fn a_vote_that_comes_while_it_is_open_is_a_change_too() {
    let mut person = three();
    let card = sheet_of(&row(1, 300));
    person.reads(card.clone());
    person.opens(Sheet { version: 2, have: Escaped::trusted("1 of 2"), ..card });
    person.wait(MOMENT);
    assert!(
        person.model.why_not(crate::tui::keys::Does::Approve, person.now).is_some()
            || person.screen().contains("1 of 2")
    );
    assert!(said(&person).contains("read it anew"));
}

#[test]
fn a_card_whose_time_is_up_is_looked_at_again_though_nothing_was_recorded() {
    let mut person = three();
    person.opens(Sheet { until: Some(deadline(10)), ..sheet_of(&row(1, 300)) });
    person.tell(Message::Tick { clock: moment(NOW + 9_000), changed: false });
    assert!(person.asked().is_empty());
    person.tell(Message::Tick { clock: moment(NOW + 10_000), changed: false });
    assert!(opened(&person.asked()).is_some());
}

#[test]
fn another_window_is_read_anew_and_drops_the_question() {
    let mut person = three();
    person.reads(sheet_of(&row(1, 300)));
    person.is_asked(false);
    person.tell(Message::Resized(Size { rows: 16, columns: 60 }));
    person.draw();
    assert_eq!(person.model.at(), At::Card);
    person.wait(MOMENT);
    person.types("a");
    assert_eq!(person.model.at(), At::Card);
}

#[test]
fn in_too_small_a_window_only_leaving_works() {
    let mut person = Person::before(vec![row(1, 300)], 59, 16);
    person.opens(sheet_of(&row(1, 300)));
    for _ in 0..20 {
        person.types(" ");
    }
    person.wait(MOMENT);
    person.types("a\rr1\r");
    assert!(person.asked().is_empty());
    person.types("q");
    assert!(matches!(person.asked().as_slice(), [Effect::Quit]));
}

#[test]
fn new_rows_are_counted_and_come_below_and_the_cursor_stays_where_it_is() {
    let mut person = Person::before((1..=40).map(|n| row(n, 300 + n)).collect(), 100, 30);
    person.types("jj");
    let renewed = Row { have: Escaped::trusted("1/2"), version: 2, ..row(1, 301) };
    let (newest, counts) = (60, Counts { pending: 42, ..Counts::default() });
    let fresh = vec![row(50, 5), row(51, 6)];
    person.tell(Message::Renewed(Renewed { rows: vec![renewed], fresh, newest, counts }));
    person.draw();
    assert_eq!(person.model.queue.row().map(|row| row.id.clone()), Some(row(3, 303).id));
    let screen = person.screen();
    assert!(screen.contains("2 new, below") && screen.contains("1/2"), "{screen}");
    assert_eq!(person.model.queue.rows.last().map(|row| row.id.clone()), Some(row(51, 6).id));
    person.types("G");
    assert!(!person.screen().contains("new, below"), "they were seen");
}

#[test]
fn leaving_nothing_leaves_the_list_as_it_is() {
    let mut person = three();
    person.types("jj");
    person.key(Key::Esc);
    assert_eq!((person.model.queue.cursor, person.model.queue.rows.len()), (2, 3));
    assert!(person.asked().is_empty());
}

#[test]
fn a_no_needs_a_reason_and_its_own_moment() {
    let mut person = three();
    person.types("r\r");
    assert!(said(&person).contains("a reason first"));
    person.types("2\r");
    assert!(said(&person).contains("a moment"));
    person.wait(MOMENT);
    person.types("\tterraform plan\r");
    let effects = person.asked();
    let [Effect::Refuse { about: About::One(id, 1), reason, instead }] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!(*id, row(1, 300).id);
    assert!(reason.as_deref().unwrap().starts_with("wrong place"));
    assert_eq!(instead.as_deref(), Some("terraform plan"));
}

#[test]
fn rejecting_everything_of_one_account_is_one_signature_each_and_stops_when_told() {
    let mut person = three();
    person.types("X");
    assert!(matches!(person.asked().as_slice(), [Effect::Everything { uid: 1004, .. }]));
    let ids: Vec<TicketId> = (1..=3).map(|n| row(n, 300).id).collect();
    person.tell(Message::Everything(Escaped::trusted("claude"), ids.clone()));
    person.draw();
    assert!(person.screen().contains("3 pending of claude"), "{}", person.screen());
    person.wait(MOMENT);
    person.types("1\r");
    let mut signed = Vec::new();
    for _ in 0..2 {
        let effects = person.asked();
        let [Effect::RefuseNext { id, reason, .. }] = effects.as_slice() else { panic!("{effects:?}") };
        assert_eq!(reason.as_deref(), Some("stop, ask me first"));
        signed.push(id.clone());
        person.tell(Message::Signed(id.clone(), Escaped::trusted("rejected")));
    }
    assert_eq!(signed, ids[..2]);
    person.asked();
    person.types("\u{1b}\u{1b}");
    person.key(Key::Esc);
    assert!(said(&person).contains("stopped: 2 of 3 signed") || person.model.at() == At::Queue);
    assert!(!person.asked().iter().any(is_signature));
}

#[test]
fn a_key_that_does_nothing_says_why() {
    let mut person = three();
    person.model.queue.rows[0].stands = Stands::Unknown;
    person.types("r");
    assert_eq!(said(&person), "reject: it is approved");
    person.opens(Sheet { barred: Some(Escaped::trusted("you have approved it already")), ..sheet() });
    person.types("a");
    assert_eq!(said(&person), "approve: you have approved it already");
    person.types("d");
    assert!(said(&person).contains("none like it"));
}

#[test]
fn an_approval_is_taken_back_from_the_history_only_while_it_is_unused() {
    let mut person = three();
    person.types("h");
    let wanted = person.asked().into_iter().find_map(|effect| match effect {
        Effect::Find(wanted) => Some(wanted),
        _ => None,
    });
    let used = Row { stands: Stands::Claimed, ..row(4, 300) };
    let unused = Row { stands: Stands::Unclaimed, ..row(5, 300) };
    person.found(wanted.unwrap(), vec![used, unused.clone()]);
    person.types("V");
    assert_eq!(said(&person), "revoke: already used");
    person.types("jV");
    person.wait(MOMENT);
    person.types("5\r");
    let effects = person.asked();
    let taken = |effect: &Effect| matches!(effect, Effect::Refuse { about: About::Approval(id, 1), .. } if *id == unused.id);
    assert!(effects.iter().any(taken), "{effects:?}");
}

#[test]
fn what_came_of_a_run_is_signed_with_a_figure_and_how_one_knows_it() {
    let mut person = three();
    person.types("R");
    assert_eq!(said(&person), "reconcile: it did not run");
    person.model.queue.rows[1].stands = Stands::Unknown;
    person.types("jR\r");
    assert!(said(&person).contains("what came of it first"), "{}", said(&person));
    person.wait(MOMENT);
    person.types("3\r");
    assert!(said(&person).contains("how you know it"), "{}", said(&person));
    person.types("\tthe file on db1 is the old one\r");
    let effects = person.asked();
    let [Effect::Refuse { about: About::Outcome(id, 1), reason, instead: None }] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!(*id, row(2, 600).id);
    assert_eq!(reason.as_deref(), Some("it did not run: the file on db1 is the old one"));
}

#[test]
fn an_outcome_is_settled_from_its_card_too() {
    let mut person = three();
    person.opens(sheet());
    person.types("R");
    assert_eq!(said(&person), "reconcile: no outcome of it is unknown");
    person.opens(Sheet { version: 2, unsettled: true, pending: false, ..sheet() });
    person.types("R");
    assert!(
        matches!(person.model.screens.last(), Some(Screen::Refuse(form)) if form.about.verb() == "RECONCILE")
    );
}

#[test]
fn an_attachment_opens_by_itself_and_one_comes_back_to_the_card_as_it_was() {
    let mut person = Person::before(vec![row(1, 300)], 60, 16);
    let file = |name: &'static str, count: usize| Attached {
        title: Escaped::trusted(name),
        lines: (0..count).map(|n| Escaped::prose(format!("+ line {n}").as_bytes())).collect(),
    };
    let attached = vec![file("ATTACHED plan", 40), file("ATTACHED diff", 1)];
    person.opens(Sheet { attached, ..sheet_of(&row(1, 300)) });
    person.types(" o");
    assert_eq!(person.model.at(), At::Attached);
    assert!(person.screen().contains("ATTACHED plan") && person.screen().contains("file 1 of 2"));
    person.types("G");
    assert!(person.screen().contains("+ line 39"), "{}", person.screen());
    person.tell(Message::Resized(Size { rows: 24, columns: 80 }));
    assert!(person.screen().contains("+ line 39"), "{}", person.screen());
    person.types("\t");
    assert!(person.screen().contains("ATTACHED diff"));
    person.types("a\r");
    assert_eq!(person.model.at(), At::Attached, "nothing is decided here");
    person.key(Key::Esc);
    assert_eq!(person.model.at(), At::Card);
    person.opens(Sheet { attached: Vec::new(), version: 2, ..sheet_of(&row(1, 300)) });
    person.types("o");
    assert_eq!(said(&person), "open attached: nothing is attached");
}

#[test]
fn the_key_is_locked_after_five_idle_minutes() {
    let mut person = three();
    person.tell(Message::Key(KeyState::Unlocked(person.now + UNLOCKED)));
    person.wait(UNLOCKED - Duration::from_secs(1));
    person.types("j");
    person.wait(Duration::from_secs(2));
    person.tell(Message::Tick { clock: moment(NOW), changed: false });
    assert!(person.asked().is_empty(), "a key was pressed meanwhile");
    person.wait(UNLOCKED);
    person.tell(Message::Tick { clock: moment(NOW), changed: false });
    assert!(matches!(person.asked().as_slice(), [Effect::Lock]));
    assert_eq!(person.model.key, KeyState::Locked);
}

#[test]
fn a_search_reads_on_until_the_screen_is_full_and_an_older_one_is_not_taken() {
    let mut person = three();
    person.types("/program:git\r");
    let wanted = person.asked().into_iter().find_map(|effect| match effect {
        Effect::Find(wanted) => Some(wanted),
        _ => None,
    });
    let wanted = wanted.unwrap();
    let part = |wanted: &Wanted, rows: Vec<Row>, end| {
        let reached = Some(row(9, 900).place);
        Message::Found(Box::new(Found { wanted: wanted.clone(), rows, reached, looked: 500, end }))
    };
    person.tell(part(&wanted, vec![row(7, 700)], false));
    let later = person.asked();
    assert!(
        matches!(later.as_slice(), [Effect::Later(on)] if on.from == Some(row(9, 900).place)),
        "{later:?}"
    );
    assert!(person.screen().contains("looking: 500 of 500 so far"), "{}", person.screen());
    person.types("/program:cp\r");
    person.tell(part(&wanted, vec![row(8, 800)], false));
    assert!(!person.asked().iter().any(|effect| matches!(effect, Effect::Later(_))));
    assert!(person.model.queue.rows.is_empty());
}

fn any_key() -> impl Strategy<Value = Key> {
    let all: Vec<Key> = KEYS.iter().flat_map(|binding| binding.keys.iter().cloned()).collect();
    prop_oneof![
        prop::sample::select(all),
        any::<char>().prop_map(Key::Char),
        Just(Key::Pasted("a\r1\r".into()))
    ]
}

proptest! {
    #[test]
    fn no_keys_decide_anything_in_a_moment(keys in prop::collection::vec(any_key(), 0..60), drawn: bool) {
        let mut person = three();
        for key in keys {
            person.tell(Message::Typed(key));
            for effect in person.asked() {
                match effect {
                    Effect::Open(id) => person.tell(Message::Opened(Box::new(Sheet { id, ..sheet() }))),
                    Effect::Draw { id, high } => person.tell(Message::Asked(Question::draw(high, &id))),
                    Effect::Everything { account, .. } => {
                        person.tell(Message::Everything(account, vec![row(1, 300).id]));
                    }
                    effect => prop_assert!(!is_signature(&effect), "{effect:?}"),
                }
            }
            if drawn {
                person.draw();
            }
        }
    }

    #[test]
    fn what_was_never_drawn_is_never_decided(keys in prop::collection::vec(any_key(), 0..60)) {
        let mut person = three();
        for key in keys {
            person.wait(MOMENT);
            person.tell(Message::Typed(key));
            for effect in person.asked() {
                match effect {
                    Effect::Open(id) => person.tell(Message::Opened(Box::new(Sheet { id, ..sheet() }))),
                    Effect::Draw { id, high } => person.tell(Message::Asked(Question::draw(high, &id))),
                    effect => prop_assert!(!is_signature(&effect), "{effect:?}"),
                }
            }
        }
    }

    #[test]
    fn every_frame_fits_its_window(keys in prop::collection::vec(any_key(), 0..30), columns in 1_usize..140, rows in 1_usize..50) {
        let mut person = Person::before(vec![row(1, 300), row(2, 600)], columns, rows);
        for key in keys {
            person.key(key);
            for effect in person.asked() {
                if let Effect::Open(id) = effect {
                    person.opens(Sheet { id, ..sheet() });
                }
            }
            let frame = person.model.frame(person.now);
            prop_assert!(frame.lines.len() <= rows, "{} lines in {rows}", frame.lines.len());
            prop_assert!(frame.lines.iter().all(|line| line.columns() <= columns));
        }
    }
}

#[test]
fn these_laws_can_fail() {
    let mut person = three();
    person.reads(sheet());
    let code = person.is_asked(true).unwrap();
    person.types(&code);
    person.types("\r");
    assert!(person.asked().iter().any(is_signature));
    assert!(matches!(person.model.screens.last(), Some(Screen::Decide(_))));
}
