//! The screens at fixed sizes, with hostile text in every field, held against the files in `screens/`.
//! `UPDATE_GENERATED=1 cargo test --lib tui::` writes those anew.

use super::*;
use crate::policy::Risk;
use crate::record::Text;
use crate::request::{Action, Attachment, Declared, GitState, PolicyRef, Request};
use crate::tui::card::Attached;
use crate::tui::compare::{Like, differences, short};
use crate::tui::frame::Look;
use crate::tui::keys::At;
use crate::tui::model::Screen;

const SIZES: [(usize, usize); 4] = [(60, 16), (80, 24), (100, 30), (120, 40)];

/// What has fooled screens: an overwriting line, a cleared one, bidi, zero width, tags, fillers, blanks, a title
/// of our own, a gutter, an escape that is only text, a long run of spaces before the rest, wide letters.
const ATTACKS: [&str; 12] = [
    "safe\rrm",
    "a\u{1b}[2K\u{1b}]0;x\u{7}b",
    "\u{202e}dlrow\u{2066}",
    "in\u{200b}visi\u{2060}ble",
    "tag\u{e0041}\u{e0042}",
    "\u{3164}\u{115f}\u{ffa0}",
    "\u{2800}\u{2800}",
    "x\nRUNS once, as root",
    "│ ── a approve",
    "\\x1b[2K",
    "ls                                                            ; rm -rf ~",
    "日本語 é e\u{301}\u{301}\u{301}",
];

fn attack(number: usize) -> Text {
    Text::from(ATTACKS[number % ATTACKS.len()].to_owned())
}

fn everything_hostile() -> Request {
    let mut request = request();
    let Action::Exec(exec) = &mut request.action;
    exec.argv = ATTACKS.iter().map(|attack| Text::from((*attack).to_owned())).collect();
    exec.cwd = attack(0);
    exec.account.name = attack(1);
    exec.host = attack(2);
    exec.program.path = attack(3);
    exec.program.link = Some(attack(4));
    exec.env[0].name = attack(5);
    exec.env[0].value = crate::request::Value::Shown(attack(6));
    exec.not_bound = vec![attack(7), attack(8)];
    request.requester.account.name = attack(9);
    request.requester.parent = Some(attack(10));
    request.context.reason = Some(Text::from(ATTACKS.join("\n")));
    request.context.effect = Some(attack(1));
    request.context.rollback = Some(attack(2));
    request.context.resources = vec![attack(3), attack(7)];
    request.context.declared =
        Declared([("environment".to_owned(), attack(8)), ("label".to_owned(), attack(7))].into());
    let sha256 = crate::ids::Digest::of(b"x");
    request.context.attachments = vec![Attachment { name: attack(7), sha256, size: 9 }];
    request.git = Some(GitState { root: Some(attack(0)), branch: Some(attack(1)), commit: Some(attack(2)) });
    request.once = Some(attack(7));
    request.policy = PolicyRef { version: attack(7), sha256 };
    request
}

fn hostile_sheet() -> Sheet {
    let request = everything_hostile();
    let verdict = Verdict::Review {
        rules: ["terraform.apply".parse().unwrap()].into(),
        why: [ATTACKS[7].to_owned()].into(),
        risk: Risk::High,
        terms: Terms { approvals: 2, ..Terms::mildest() },
    };
    let prose = |number: usize| Escaped::prose(attack(number).as_bytes());
    let lines = differences(&super::request(), &request);
    Sheet {
        card: Card::new(&request, &verdict).into_text(),
        action: request.exec().argv.iter().map(|word| Escaped::argument(word.as_bytes())).collect(),
        account: Escaped::name(attack(9).as_bytes()),
        runs: Escaped::argument(attack(0).as_bytes()),
        have: Escaped::trusted("1 of 2, security still needed"),
        until: Some(deadline(852)),
        says_risk: Some(prose(1)),
        not_bound: prose(8),
        own: true,
        attached: vec![Attached {
            title: Escaped::composed(&format!(
                "ATTACHED {}, 9 bytes, not checked",
                Escaped::argument(attack(7).as_bytes())
            )),
            lines: ["-old", "+new", ATTACKS[1], ATTACKS[8]]
                .iter()
                .map(|line| Escaped::prose(line.as_bytes()))
                .collect(),
        }],
        events: vec![Escaped::composed(&format!(
            "     4  2026-11-22T23:05:48.811Z  approve  bo@corp  good  \"{}\"",
            prose(7)
        ))],
        like: Some(Like {
            told: Escaped::trusted("like B3TT-91PA, 2 h ago by bo@corp"),
            short: short(&lines),
            lines,
        }),
        ..sheet()
    }
}

fn rows() -> Vec<Row> {
    let hostile = |number: usize| Row {
        who: Escaped::name(attack(number).as_bytes()),
        account: Escaped::name(attack(number).as_bytes()),
        environment: Escaped::name(attack(number + 1).as_bytes()),
        action: vec![
            Escaped::argument(attack(number).as_bytes()),
            Escaped::argument(attack(number + 2).as_bytes()),
        ],
        rule: Escaped::prose(attack(number + 3).as_bytes()),
        by: Escaped::name(attack(number + 4).as_bytes()),
        ..row(u64::try_from(number).unwrap() + 10, 900)
    };
    let mut rows = vec![
        Row {
            risk: "HIGH",
            have: Escaped::trusted("1/2"),
            environment: Escaped::trusted("production"),
            action: words(&[b"terraform", b"apply", b"tf.plan"]),
            ..row(1, 252)
        },
        Row { own: true, ..row(2, 595) },
        Row {
            risk: "?",
            action: vec![Escaped::trusted("not understood:"), Escaped::argument(b"bash")],
            ..row(3, 1750)
        },
        Row {
            risk: "HIGH",
            stands: Stands::Unknown,
            until: None,
            outcome: Escaped::trusted("UNKNOWN"),
            by: Escaped::trusted("bo, alice"),
            ..row(4, 1)
        },
        Row { stands: Stands::Over("rejected"), until: None, by: Escaped::trusted("alice"), ..row(5, 1) },
    ];
    rows.extend((0..ATTACKS.len()).map(hostile));
    rows
}

/// The person, brought to each of the screens.
fn at(name: &str, columns: usize, lines: usize) -> Person {
    let mut person = Person::before(rows(), columns, lines);
    person.model.counts = Counts { pending: 4, all: 1204, unclaimed: 1, unknown: 1 };
    match name {
        "queue" => {}
        "card" => person.opens(hostile_sheet()),
        "decide" => {
            person.reads(hostile_sheet());
            person.types("a");
            // The code of a picture has to be the same each time.
            person.tell(Message::Asked(Question::with_code("WREN 52")));
            person.types("wren\tthe plan was read");
        }
        "attached" => {
            person.opens(hostile_sheet());
            person.types("o");
        }
        "reconcile" => person.types("jjjR3looked at it"),
        "refuse" => person.types("r2\tterraform plan -target=x"),
        "compare" => {
            person.opens(hostile_sheet());
            person.types("d");
        }
        "history" => {
            person.types("h");
            let wanted = person.asked().into_iter().find_map(|effect| match effect {
                Effect::Find(wanted) => Some(wanted),
                _ => None,
            });
            person.found(wanted.unwrap(), rows());
            let lines = hostile_sheet().events;
            person.tell(Message::Events(row(1, 252).id, lines));
        }
        _ => person.types("?"),
    }
    person
}

const SCREENS: [&str; 9] =
    ["attached", "queue", "card", "decide", "refuse", "reconcile", "compare", "history", "help"];

#[test]
fn the_screens_are_those_that_are_kept() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tui/tests/screens");
    for (columns, lines) in SIZES {
        for name in SCREENS {
            let shown = at(name, columns, lines).screen();
            let file = folder.join(format!("{name}-{columns}x{lines}.txt"));
            if std::env::var_os("UPDATE_GENERATED").is_some() {
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(&file, &shown).unwrap();
            }
            let kept = std::fs::read_to_string(&file).unwrap_or_default();
            let how = "UPDATE_GENERATED=1 cargo test --lib tui::";
            assert!(kept == shown, "{name} at {columns}x{lines} is another; to keep it: {how}\n{shown}");
        }
    }
}

#[test]
fn no_attack_reaches_a_cell() {
    for (columns, lines) in SIZES {
        for name in SCREENS {
            let mut person = at(name, columns, lines);
            for _ in 0..12 {
                let frame = person.model.frame(person.now);
                let text: String =
                    frame.lines.iter().flat_map(|line| line.spans()).map(|span| span.text.as_str()).collect();
                assert!(crate::review::is_showable(&text), "{name} {columns}x{lines}: {text:?}");
                assert!(frame.lines.iter().all(|line| line.columns() <= columns), "{name}");
                assert!(!text.contains("│ ── a approve") && !text.contains("e\u{301}\u{301}\u{301}"));
                person.types(" ");
            }
        }
    }
}

#[test]
fn a_title_of_ours_is_not_to_be_imitated() {
    for (columns, lines) in SIZES {
        let person = at("card", columns, lines);
        let Some(Screen::Card(open)) = person.model.screens.last() else { panic!() };
        let runs = open.rows.iter().filter(|(_, row)| !row.continues && row.text.starts_with("RUNS"));
        assert_eq!(runs.count(), 1);
    }
}

#[test]
fn what_carries_meaning_looks_like_it() {
    let frame = |name| {
        let person = at(name, 100, 30);
        person.model.frame(person.now)
    };
    let look_of = |name, text: &str| {
        let all = frame(name).lines.into_iter().flat_map(|line| line.spans().to_vec());
        all.filter(|span| span.text.contains(text)).map(|span| span.look).collect::<Vec<_>>()
    };
    assert_eq!(look_of("queue", "> HIGH"), [Look::Reverse], "where one is");
    assert_eq!(look_of("queue", "handoff"), [Look::Reverse]);
    let queue = at("queue", 100, 30);
    let risks = queue
        .model
        .frame(queue.now)
        .lines
        .iter()
        .flat_map(|line| line.spans().to_vec())
        .filter(|span| span.text == "HIGH" && span.look == Look::Alarm)
        .count();
    assert_eq!(risks, 1, "of the two, one is under the cursor");
    assert_eq!(look_of("card", "STOPPED BY"), [Look::Strong]);
    let mut person = at("card", 100, 60);
    person.types("G");
    let Some(Screen::Card(_)) = person.model.screens.last() else { panic!() };
    let looks: Vec<Look> = person
        .model
        .frame(person.now)
        .lines
        .iter()
        .flat_map(|line| line.spans().to_vec())
        .filter(|span| span.text.contains("-old") || span.text.contains("+new"))
        .map(|span| span.look)
        .collect();
    assert_eq!(looks, [Look::Gone, Look::Good]);
}

#[test]
fn the_footer_says_what_is_missing() {
    let person = at("card", 100, 30);
    assert!(person.screen().contains("a approve: read to the end"));
    assert_eq!(person.model.at(), At::Card);
    let person = at("refuse", 100, 30);
    assert!(person.screen().contains("Enter sign: a moment"));
}
