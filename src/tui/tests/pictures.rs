//! The screens in README.md and docs/review.md: drawn by the program itself from a made-up queue.
//! `UPDATE_GENERATED=1 cargo test --lib tui::` draws them anew.

use super::*;
use crate::ids::Digest;
use crate::request::{Action, ArgumentFile, Declared, GitState, Request, Value, Variable};
use crate::tui::card::Attached;
use crate::tui::compare::{Like, differences, short};
use crate::tui::keys::{SCREENS, here};

fn plan_applied(bytes: &[u8]) -> Request {
    let mut request = request();
    let Action::Exec(exec) = &mut request.action;
    exec.argv = ["terraform", "apply", "tf.plan"].map(Into::into).into();
    exec.account.name = "deploy".into();
    exec.env = ["AWS_PROFILE", "TF_VAR_size"]
        .map(|name| Variable { name: name.into(), value: Value::Shown("prod".into()), added: true })
        .into();
    exec.files = vec![ArgumentFile {
        index: 2,
        path: "/srv/infra/tf.plan".into(),
        sha256: Digest::of(bytes),
        size: 49_152,
    }];
    let context = &mut request.context;
    context.reason = Some("INC-4711 bigger pool".into());
    context.effect = Some("1 to change, 0 to destroy".into());
    context.rollback = Some("apply tag v41".into());
    context.declared = Declared([("risk".to_owned(), "low".into())].into());
    let commit = Some("4be1c9d0a3f2".into());
    request.git = Some(GitState { root: None, branch: Some("main".into()), commit });
    request
}

fn plan_sheet() -> Sheet {
    let (before, now) = (plan_applied(b"before"), plan_applied(b"now"));
    let verdict = Verdict::Review {
        rules: ["terraform.apply".parse().unwrap()].into(),
        why: ["production needs 1 of infra and 1 of security".to_owned()].into(),
        risk: Risk::High,
        terms: Terms { approvals: 2, ..Terms::mildest() },
    };
    let lines = differences(&before, &now);
    let plan = [
        "~ aws_db_instance.pool",
        "-   instance_class = \"db.m5.large\"",
        "+   instance_class = \"db.m5.xlarge\"",
    ];
    Sheet {
        card: Card::new(&now, &verdict).into_text(),
        action: words(&[b"terraform", b"apply", b"tf.plan"]),
        have: Escaped::trusted("1 of 2, security still needed"),
        after: Escaped::trusted("2/2, it runs at once: somebody waits"),
        until: Some(deadline(852)),
        attached: vec![Attached {
            title: Escaped::trusted("ATTACHED 'plan.txt', 96 bytes, not checked"),
            lines: plan.iter().map(|line| Escaped::lines(line.as_bytes()).next().unwrap()).collect(),
        }],
        events: vec![
            Escaped::trusted("    14  2026-11-22T15:23:20.000Z  proposed     uid 1004  rule terraform.apply"),
            Escaped::trusted("   2026-11-22T15:24:02.118Z  approve  alice@corp  good  \"plan read\"  log 15"),
        ],
        like: Some(Like {
            told: Escaped::trusted("like B3TT-91PA, 2 h ago by bo@corp"),
            short: short(&lines),
            lines,
        }),
        ..sheet()
    }
}

fn plan_rows() -> Vec<Row> {
    let production = || Escaped::trusted("production");
    vec![
        Row {
            risk: "HIGH",
            have: Escaped::trusted("1/2"),
            missing: Escaped::trusted("1 of 2, security still needed"),
            waits: true,
            environment: production(),
            action: words(&[b"terraform", b"apply", b"tf.plan"]),
            rule: Escaped::trusted("rule terraform.apply; needs 2 approvals: 1 of infra, 1 of security"),
            ..row(1, 252)
        },
        Row {
            risk: "HIGH",
            have: Escaped::trusted("0/2"),
            who: Escaped::trusted("ci"),
            environment: production(),
            action: words(&[b"kubectl", b"delete", b"ns", b"shop"]),
            ..row(2, 880)
        },
        Row { own: true, action: words(&[b"git", b"push", b"--force", b"origin", b"main"]), ..row(3, 595) },
        Row {
            risk: "?",
            action: vec![
                Escaped::trusted("not understood:"),
                Escaped::argument(b"bash"),
                Escaped::argument(b"-c"),
            ],
            ..row(4, 1750)
        },
        Row {
            risk: "HIGH",
            stands: Stands::Unknown,
            until: None,
            have: Escaped::trusted("2/2"),
            who: Escaped::trusted("ci"),
            environment: production(),
            action: words(&[b"terraform", b"apply", b"old.plan"]),
            ..row(5, 1)
        },
    ]
}

fn past_rows() -> Vec<Row> {
    let row_of = |number, hours: i64, stands, outcome, by, argv: &[&[u8]]| Row {
        stands,
        until: None,
        outcome: Escaped::trusted(outcome),
        by: Escaped::trusted(by),
        action: words(argv),
        filed: Timestamp::from_millis(NOW - hours * 3_600_000),
        rule: Escaped::trusted("rule terraform.apply"),
        ..row(number, 1)
    };
    vec![
        row_of(11, 2, Stands::Done, "exit 0, 41.2 s", "bo, alice", &[b"terraform", b"apply", b"tf.plan"]),
        row_of(10, 3, Stands::Unknown, "UNKNOWN", "bo, alice", &[b"terraform", b"apply", b"old.plan"]),
        row_of(9, 22, Stands::Over("rejected"), "-", "alice", &[b"kubectl", b"delete", b"ns", b"shop"]),
        row_of(8, 23, Stands::Done, "exit 1, 2.0 s", "policy", &[b"git", b"fetch"]),
        row_of(7, 99, Stands::Over("expired"), "-", "-", &[b"psql", b"-c", b"vacuum"]),
    ]
}

fn picture(name: &str) -> String {
    let lines = match name {
        "card" => 50,
        "history" => 26,
        _ => 18,
    };
    let mut person = Person::before(plan_rows(), 100, lines);
    person.model.counts = Counts { pending: 4, all: 1204, unclaimed: 1, unknown: 1 };
    person.model.key = KeyState::Unlocked(person.now + Duration::from_secs(230));
    match name {
        "queue" => {}
        "card" => person.opens(plan_sheet()),
        "decide" => {
            person.reads(plan_sheet());
            person.types("a");
            person.tell(Message::Asked(Question::with_code("WREN 52")));
        }
        "reject" => person.types("r1\tterraform plan -target=aws_db_instance.pool"),
        "attached" => {
            person.opens(plan_sheet());
            person.types("o");
        }
        "reconcile" => person.types("jjjjR3the state file on s3 is the old one"),
        "compare" => {
            person.opens(plan_sheet());
            person.types("d");
        }
        _ => {
            person.types("h");
            let wanted = person.asked().into_iter().find_map(|effect| match effect {
                Effect::Find(wanted) => Some(wanted),
                _ => None,
            });
            person.found(wanted.unwrap(), past_rows());
            let events = [
                "    14  2026-11-22T14:02:11.204Z  proposed     uid 1004  rule terraform.apply",
                "   2026-11-22T14:05:40.118Z  approve  alice@corp  good  \"plan read\"  log 15",
                "   2026-11-22T14:09:02.730Z  approve  bo@corp  good  log 16",
                "    18  2026-11-22T14:09:02.751Z  claimed      pid 3977  14 checks held",
                "    19  2026-11-22T14:09:43.962Z  finished     exit 0, 41.2 s",
            ];
            let lines = events.map(Escaped::trusted).into();
            person.tell(Message::Events(past_rows()[0].id.clone(), lines));
        }
    }
    person.screen()
}

fn keys() -> String {
    let mut table = String::new();
    for (at, title) in SCREENS {
        table += &format!("\n**{title}**\n\n| key | |\n|---|---|\n");
        for binding in here(at) {
            table += &format!("| `{}` | {} |\n", binding.named, binding.words);
        }
    }
    table + "\n"
}

/// Puts what is drawn between `<!-- NAME -->` and `<!-- end -->`.
fn with_pictures(page: &str) -> String {
    let mut parts = page.split("<!-- screen: ");
    let mut drawn = parts.next().unwrap().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(" -->").unwrap();
        let (_, after) = rest.split_once("<!-- end -->").unwrap();
        let picture = match name {
            "keys" => keys(),
            name => format!("\n```\n{}```\n", picture(name)),
        };
        drawn += &format!("<!-- screen: {name} -->{picture}<!-- end -->{after}");
    }
    drawn
}

#[test]
fn the_pictures_are_what_the_program_draws() {
    for name in ["README.md", "docs/review.md"] {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let kept = std::fs::read_to_string(&file).unwrap();
        assert!(kept.contains("<!-- screen: "), "{name} has no pictures");
        let drawn = with_pictures(&kept);
        if std::env::var_os("UPDATE_GENERATED").is_some() {
            std::fs::write(&file, &drawn).unwrap();
        } else {
            let how = "UPDATE_GENERATED=1 cargo test --lib tui::";
            assert!(kept == drawn, "the screens in {name} are others than the program draws; run: {how}");
        }
    }
}
