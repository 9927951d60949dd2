//! Tickets to try the screens on, and a person at the keyboard of a model.

mod pictures;
mod screens;
mod scripts;

use std::time::{Duration, Instant};

use crate::clock::{BootTime, Moment, Timestamp};
use crate::escaped::Escaped;
use crate::policy::{Risk, Terms, Verdict};
use crate::review::{MOMENT, Question, Size};
use crate::store::Place;
use crate::ticket::Deadline;
use crate::ticket::card::Card;
use crate::ticket::card::tests::request;
use crate::tui::card::Sheet;
use crate::tui::input::{Key, Keyboard};
use crate::tui::list::{Found, Row, Stands, Wanted};
use crate::tui::message::{Effect, Message};
use crate::tui::model::{Counts, KeyState, Model, Whose};
use crate::tui::update::update;

/// When everything here happens.
const NOW: i64 = 1_795_361_060_000;

fn moment(millis: i64) -> Moment {
    let up = u64::try_from(millis - NOW + 1_000_000).unwrap();
    Moment { wall: Timestamp::from_millis(millis), boot: BootTime { boot_id: "boot".into(), millis: up } }
}

fn deadline(seconds: u64) -> Deadline {
    Deadline::after(&moment(NOW), seconds)
}

/// The row of the ticket with this number, which waits so many seconds.
fn row(number: u64, left: u64) -> Row {
    let until = deadline(left);
    Row {
        id: format!("K7QX{number:04}000000000000000000").parse().unwrap(),
        place: Place { due: until.wall, seq: number },
        version: 1,
        risk: "MED",
        until: Some(until),
        stands: Stands::Pending,
        have: Escaped::trusted("0/1"),
        missing: Escaped::trusted("0 of 1"),
        waits: false,
        who: Escaped::trusted("claude/bo"),
        account: Escaped::trusted("claude"),
        uid: 1004,
        own: false,
        environment: Escaped::trusted("-"),
        action: words(&[b"git", b"push", b"origin"]),
        rule: Escaped::trusted("rule git.push; needs 1 approval"),
        filed: Timestamp::from_millis(NOW - 60_000),
        outcome: Escaped::trusted("-"),
        by: Escaped::trusted("-"),
    }
}

fn words(argv: &[&[u8]]) -> Vec<Escaped> {
    argv.iter().map(|word| Escaped::argument(word)).collect()
}

/// A model with a person before it, and a clock that only they move.
struct Person {
    model: Model,
    now: Instant,
    effects: Vec<Effect>,
}

impl Person {
    /// Before a queue of these rows, in a window of this size.
    fn before(rows: Vec<Row>, columns: usize, lines: usize) -> Self {
        let whose =
            Whose { queue: Escaped::trusted("laptop-7f3k"), me: Escaped::trusted("ana@corp"), level: "L1" };
        let size = Size { rows: lines, columns };
        let mut model = Model::new(whose, KeyState::Open, moment(NOW), size);
        let pending = u64::try_from(rows.len()).unwrap();
        model.counts = Counts { pending, all: 1204, ..Counts::default() };
        let wanted = model.queue.first(model.list_height());
        let mut person = Self { model, now: Instant::now(), effects: Vec::new() };
        person.found(wanted, rows);
        person.draw();
        person
    }

    fn found(&mut self, wanted: Wanted, rows: Vec<Row>) {
        let looked = u64::try_from(rows.len()).unwrap();
        let reached = rows.last().map(|row| row.place);
        self.tell(Message::Found(Box::new(Found { wanted, rows, reached, looked, end: true })));
    }

    fn tell(&mut self, message: Message) {
        self.effects.extend(update(&mut self.model, message, self.now));
    }

    /// What is to be seen is on the screen.
    fn draw(&mut self) {
        self.tell(Message::Drawn);
    }

    fn wait(&mut self, span: Duration) {
        self.now += span;
    }

    /// Types, each key after the last was drawn.
    fn types(&mut self, keys: &str) {
        for key in Keyboard::default().typed(keys.as_bytes()) {
            self.key(key);
        }
    }

    fn key(&mut self, key: Key) {
        self.tell(Message::Typed(key));
        self.draw();
    }

    /// What was asked for since the last time.
    fn asked(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Opens a card, looks at all of it, and lets the moment pass.
    fn reads(&mut self, sheet: Sheet) {
        self.opens(sheet);
        for _ in 0..100 {
            self.types(" ");
        }
        self.wait(MOMENT);
    }

    fn opens(&mut self, sheet: Sheet) {
        self.tell(Message::Opened(Box::new(sheet)));
        self.draw();
    }

    /// From a card that was read to the question, which is drawn; the moment passes.
    fn is_asked(&mut self, high: bool) -> Option<String> {
        self.types("a");
        let id = self.asked().into_iter().find_map(|effect| match effect {
            Effect::Draw { id, .. } => Some(id),
            _ => None,
        });
        let question = Question::draw(high, &id.expect("a question"));
        let code = question.code().map(str::to_owned);
        self.tell(Message::Asked(question));
        self.draw();
        self.wait(MOMENT);
        code
    }

    fn screen(&self) -> String {
        self.model.frame(self.now).text()
    }
}

fn is_signature(effect: &Effect) -> bool {
    matches!(effect, Effect::Approve { .. } | Effect::Refuse { .. } | Effect::RefuseNext { .. })
}

/// A sheet of a ticket that waits for one person.
pub(super) fn sheet() -> Sheet {
    let verdict = Verdict::Review {
        rules: ["terraform.apply".parse().unwrap()].into(),
        why: ["changes production".to_owned()].into(),
        risk: Risk::High,
        terms: Terms::mildest(),
    };
    let request = request();
    Sheet {
        id: request.ticket.clone(),
        version: 1,
        card: Card::new(&request, &verdict).into_text(),
        risk: Risk::High,
        action: request.exec().argv.iter().map(|word| Escaped::argument(word.as_bytes())).collect(),
        account: Escaped::trusted("claude"),
        runs: Escaped::trusted("as deploy on db1, in '/srv/infra'"),
        pending: true,
        revocable: false,
        unsettled: false,
        state: Escaped::trusted("is still pending; nothing ran"),
        have: Escaped::trusted("0 of 1"),
        after: Escaped::trusted("1/1, it runs at once: somebody waits"),
        until: None,
        valid_until: Escaped::trusted("2026-11-22T16:40:00Z"),
        says_risk: Some(Escaped::trusted("low")),
        bound: Escaped::trusted("the program, 1 file, 9 variables"),
        not_bound: Escaped::trusted("what the network answers"),
        own: false,
        barred: None,
        attached: Vec::new(),
        events: Vec::new(),
        like: None,
    }
}
