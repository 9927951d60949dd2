//! Whatever is typed, in whatever order with drawing, waiting and a queue that changes: nothing is approved whose
//! card was not wholly on the screen, long enough, with its code typed where one is asked for.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use handoff::clock::{BootTime, Moment, Timestamp};
use handoff::escaped::Escaped;
use handoff::ids::{Digest, TicketId};
use handoff::policy::Risk;
use handoff::review::{MOMENT, Question, Size};
use handoff::store::Place;
use handoff::ticket::Deadline;
use handoff::tui::card::Sheet;
use handoff::tui::input::{Key, Keyboard};
use handoff::tui::list::{Found, Row, Stands, Wanted};
use handoff::tui::message::{Effect, Message};
use handoff::tui::model::{KeyState, Model, Whose};
use handoff::tui::update::update;

const NOW: i64 = 1_795_361_060_000;
/// Lines of the card; more than one window holds.
const LINES: usize = 24;
/// Longest script that is played.
const LONGEST: usize = 600;

/// Bytes from 0xf5 on, which are in no UTF-8, are what happens; the others are typed.
pub fn holds(data: &[u8]) {
    let mut reader = Reader::new();
    for byte in data.iter().take(LONGEST) {
        match byte {
            0xf5 => reader.wait(Duration::from_millis(100)),
            0xf6 => reader.wait(MOMENT),
            0xf7 => reader.draw(),
            0xf8 => reader.resize(Size { rows: 16, columns: 60 }),
            0xf9 => reader.resize(Size { rows: 40, columns: 100 }),
            0xfa => reader.resize(Size { rows: 5, columns: 20 }),
            0xfb => reader.changes(),
            0xfc => reader.types_the_code(),
            0xfd => reader.settles(),
            byte => reader.types(&[*byte]),
        }
        reader.draws_as_the_program_does(*byte);
    }
}

struct Reader {
    model: Model,
    keyboard: Keyboard,
    now: Instant,
    version: u64,
    /// What of the open card was in a frame, and since when all of it.
    shown: BTreeSet<usize>,
    whole_since: Option<Instant>,
    open: Option<(TicketId, u64, Digest)>,
    code: Option<String>,
    typed_code: bool,
    asked_since: Option<Instant>,
}

impl Reader {
    fn new() -> Self {
        let whose =
            Whose { queue: Escaped::trusted("laptop-7f3k"), me: Escaped::trusted("ana@corp"), level: "L1" };
        let model = Model::new(whose, KeyState::Open, moment(), Size { rows: 16, columns: 60 });
        let mut reader = Self {
            model,
            keyboard: Keyboard::default(),
            now: Instant::now(),
            version: 1,
            shown: BTreeSet::new(),
            whole_since: None,
            open: None,
            code: None,
            typed_code: false,
            asked_since: None,
        };
        let wanted = reader.model.queue.first(reader.model.list_height());
        reader.found(wanted);
        reader.draw();
        reader
    }

    fn tell(&mut self, message: Message) {
        let effects = update(&mut self.model, message, self.now);
        for effect in effects {
            self.answer(effect);
        }
    }

    fn answer(&mut self, effect: Effect) {
        match effect {
            Effect::Find(wanted) | Effect::Later(wanted) => self.found(wanted),
            Effect::Open(id) => {
                let sheet = sheet(&id, self.version);
                self.open = Some((id, self.version, Digest::of(sheet.card.as_bytes())));
                self.anew();
                self.tell(Message::Opened(Box::new(sheet)));
            }
            Effect::Draw { id, high } => {
                let question = Question::draw(high, &id);
                self.code = question.code().map(str::to_owned);
                (self.typed_code, self.asked_since) = (false, None);
                self.tell(Message::Asked(question));
            }
            Effect::Approve { id, version, confirmed, .. } => {
                self.may_approve(&id, version, confirmed.card());
                self.tell(Message::Signed(id, Escaped::trusted("approved")));
            }
            Effect::Everything { account, .. } => {
                self.tell(Message::Everything(account, rows(1).into_iter().map(|row| row.id).collect()));
            }
            Effect::RefuseNext { id, .. } => self.tell(Message::Signed(id, Escaped::trusted("rejected"))),
            Effect::Events(id) => self.tell(Message::Events(id, vec![Escaped::trusted("filed")])),
            _ => {}
        }
    }

    /// The law.
    fn may_approve(&self, id: &TicketId, version: u64, card: Digest) {
        assert_eq!(self.open.as_ref(), Some(&(id.clone(), version, card)), "approved what is not open");
        assert_eq!(version, self.version, "approved what has changed since");
        let long = |since: Option<Instant>| since.is_some_and(|since| self.now >= since + MOMENT);
        assert!(long(self.whole_since), "approved unread: {:?} of {LINES} lines", self.shown.len());
        assert!(long(self.asked_since), "approved before the question had stood");
        assert!(self.code.is_none() || self.typed_code, "approved without the code");
        assert!(!self.model.is_too_small(), "approved in a window nobody can read in");
    }

    fn anew(&mut self) {
        self.shown.clear();
        (self.whole_since, self.asked_since) = (None, None);
    }

    fn found(&mut self, wanted: Wanted) {
        let rows = rows(self.version);
        let (looked, reached) = (rows.len() as u64, rows.last().map(|row| row.place));
        self.tell(Message::Found(Box::new(Found { wanted, rows, reached, looked, end: true })));
    }

    /// What a person could have seen is taken from the frame itself.
    fn draw(&mut self) {
        let text = self.model.frame(self.now).text();
        self.shown.extend((0..LINES).filter(|line| text.contains(&mark(*line))));
        if self.shown.len() == LINES {
            self.whole_since.get_or_insert(self.now);
        }
        let asks = self.code.as_ref().is_none_or(|code| text.contains(code.as_str()));
        if asks && !self.model.is_too_small() {
            self.asked_since.get_or_insert(self.now);
        }
        self.tell(Message::Drawn);
    }

    fn draws_as_the_program_does(&mut self, byte: u8) {
        // A burst of keys is heard before the next frame; a line end stands for a pause.
        if byte == b'\r' || byte == b' ' || byte >= 0xf5 {
            self.draw();
        }
    }

    fn wait(&mut self, span: Duration) {
        self.now += span;
    }

    fn resize(&mut self, size: Size) {
        // The same size again only asks for the same picture.
        if size != self.model.size {
            self.anew();
        }
        self.tell(Message::Resized(size));
    }

    fn changes(&mut self) {
        self.version += 1;
        self.tell(Message::Tick { clock: moment(), changed: true });
    }

    fn types(&mut self, bytes: &[u8]) {
        for key in self.keyboard.typed(bytes) {
            self.key(key);
        }
    }

    fn settles(&mut self) {
        if let Some(key) = self.keyboard.settle() {
            self.key(key);
        }
    }

    fn key(&mut self, key: Key) {
        self.tell(Message::Typed(key));
    }

    fn types_the_code(&mut self) {
        let Some(code) = self.code.clone() else { return };
        self.typed_code = true;
        self.types(code.as_bytes());
    }
}

fn moment() -> Moment {
    Moment {
        wall: Timestamp::from_millis(NOW),
        boot: BootTime { boot_id: "boot".to_owned(), millis: 1_000_000 },
    }
}

fn mark(line: usize) -> String {
    format!("line-{line:02}-of-the-card")
}

fn rows(version: u64) -> Vec<Row> {
    (1..=2).map(|number| row(number, version)).collect()
}

fn id(number: u64) -> TicketId {
    format!("K7QX{number:04}000000000000000000").parse().expect("an id")
}

fn row(number: u64, version: u64) -> Row {
    let until = Deadline::after(&moment(), 600 + number);
    let word = Escaped::trusted;
    Row {
        id: id(number),
        place: Place { due: until.wall, seq: number },
        version,
        risk: "MED",
        until: Some(until),
        stands: Stands::Pending,
        have: word("0/1"),
        missing: word("0 of 1"),
        waits: false,
        who: word("claude/bo"),
        account: word("claude"),
        uid: 1004,
        own: false,
        environment: word("-"),
        action: vec![word("git"), word("push")],
        rule: word("rule git.push; needs 1 approval"),
        filed: Timestamp::from_millis(NOW - 60_000),
        outcome: word("-"),
        by: word("-"),
    }
}

/// The second ticket is of high risk, and asks for a code.
fn sheet(of: &TicketId, version: u64) -> Sheet {
    let word = Escaped::trusted;
    let lines: Vec<String> = (0..LINES).map(mark).collect();
    Sheet {
        id: of.clone(),
        version,
        card: format!("card.v1 of {of} at {version}\n{}\n", lines.join("\n")),
        risk: if *of == id(2) { Risk::High } else { Risk::Medium },
        action: vec![word("git"), word("push")],
        account: word("claude"),
        runs: word("as deploy on db1, in '/srv/infra'"),
        pending: true,
        revocable: false,
        unsettled: false,
        state: word("is still pending; nothing ran"),
        have: word("0 of 1"),
        after: word("1/1, it runs at once: somebody waits"),
        until: None,
        valid_until: word("2026-11-22T16:40:00Z"),
        says_risk: None,
        bound: word("the program"),
        not_bound: word("what the network answers"),
        own: false,
        barred: None,
        attached: Vec::new(),
        events: Vec::new(),
        like: None,
    }
}
