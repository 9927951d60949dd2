//! What a person is asked to type, and what does not count as an answer.

use super::*;

fn seen() -> Seen {
    let mut reading = Reading::of("card");
    let now = Instant::now();
    reading.showed(&(0..1), 1, now);
    reading.seen(now + MOMENT).unwrap()
}

fn confirming(high_risk: bool, acts: impl FnOnce(&mut Person)) -> (Result<Confirmed, ReadingError>, Person) {
    let (mut person, tty) = sit_down(24, 80);
    let ticket = TicketId::random();
    let confirmed = meanwhile(
        tty,
        &mut person,
        |terminal| confirm(terminal, seen(), "approve", high_risk, &ticket),
        acts,
    );
    (confirmed, person)
}

#[test]
fn at_high_risk_the_drawn_code_is_typed() {
    let (confirmed, _) = confirming(true, |person| {
        person.sees("): ", 1);
        let code = person.code();
        person.types(&format!("{}\r", code.to_lowercase()));
    });
    assert_eq!(confirmed.unwrap().card(), Digest::of(b"card"));
}

#[test]
fn three_wrong_codes_decide_nothing_and_each_time_another_is_asked_for() {
    let mut codes = Vec::new();
    let (confirmed, _) = confirming(true, |person| {
        for time in 1..=3 {
            person.sees("): ", time);
            codes.push(person.code());
            person.types("yes\r");
        }
    });
    assert!(matches!(confirmed, Err(ReadingError::NotConfirmed)));
    codes.dedup();
    assert!(codes.len() > 1, "one code for all: {codes:?}");
}

#[test]
fn an_earlier_code_does_not_confirm_a_later_showing() {
    let (confirmed, _) = confirming(true, |person| {
        person.sees("): ", 1);
        let first = person.code();
        person.types("WRONG\r");
        person.sees("): ", 2);
        if person.code() == first {
            return person.types("\r");
        }
        person.types(&format!("{first}\r"));
        person.sees("): ", 3);
        person.types("\r");
    });
    assert!(matches!(confirmed, Err(ReadingError::Left)));
}

#[test]
fn what_was_typed_ahead_of_the_question_is_no_answer() {
    let (mut person, tty) = sit_down(24, 80);
    let ticket = TicketId::random();
    person.types(&format!("{}\r", ticket.code()));
    let left = meanwhile(
        tty,
        &mut person,
        |terminal| confirm(terminal, seen(), "approve", false, &ticket),
        |person| {
            person.sees("): ", 1);
            person.types("\r");
        },
    );
    assert!(matches!(left, Err(ReadingError::Left)));
}

#[test]
fn a_line_can_be_corrected_while_it_is_typed() {
    let (mut person, tty) = sit_down(24, 80);
    let line = meanwhile(
        tty,
        &mut person,
        |terminal| terminal.prompt_line("Note: "),
        |person| {
            person.sees("Note: ", 1);
            person.types("wrong\x15plan reaé\x7fd\x1b[D\r");
        },
    );
    assert_eq!(line.unwrap(), "plan read");
}

#[test]
fn a_passphrase_is_not_shown() {
    let (mut person, tty) = sit_down(24, 80);
    let line = meanwhile(
        tty,
        &mut person,
        |terminal| terminal.prompt_passphrase("Passphrase: "),
        |person| {
            person.sees("Passphrase: ", 1);
            person.types("correct horse\r");
        },
    );
    assert_eq!(line.unwrap().as_str(), "correct horse");
    person.sees("\r\n", 1);
    assert_eq!(person.screen(), "Passphrase: \r\n");
}
