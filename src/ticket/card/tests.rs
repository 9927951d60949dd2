//! The order of a card, that every part of a request is on it, and that hostile text stays in its place.

use super::*;
use crate::clock::Timestamp;
use crate::request::{
    Account, ArgumentFile, Bind, BoundFile, Declared, GitState, HiddenValue, Link, PolicyRef, PrecheckResult,
    Program, RequestType, Requester,
};

/// A plain request for tests of this floor and those above.
pub(crate) fn request() -> Request {
    let account = Account { uid: 1004, name: "claude".into() };
    let digest = Digest::of(b"x");
    let exec = Exec {
        argv: vec!["terraform".into(), "apply".into()],
        cwd: "/srv/infra".into(),
        account: account.clone(),
        host: "db1".into(),
        program: Program {
            path: "/usr/bin/terraform".into(),
            link: None,
            sha256: digest,
            size: 9,
            script: false,
            theirs: false,
        },
        interpreters: Vec::new(),
        within: Vec::new(),
        links: Vec::new(),
        env: vec![Variable { name: "LANG".into(), value: Value::Shown("C".into()), added: false }],
        env_all: false,
        stdin: Stdin::None,
        files: Vec::new(),
        binds: Vec::new(),
        not_bound: vec!["what the network answers".into()],
        prechecks: Vec::new(),
    };
    let action = Action::Exec(exec);
    Request {
        kind: RequestType::V1,
        queue: "laptop-7f3k".parse().unwrap(),
        ticket: "K7QXM2FD00000000000000000A".parse().unwrap(),
        time: Timestamp::from_millis(1_795_361_000_000),
        requester: Requester { account, pid: 41, parent: Some("node".into()), terminal: false },
        action_sha256: crate::request::action_digest(&action).unwrap(),
        action,
        context: Context::default(),
        git: None,
        once: None,
        attempt_of: None,
        deadline_s: 900,
        policy: PolicyRef { version: "1".into(), sha256: digest },
    }
}

fn verdict() -> Verdict {
    let terms = Terms { approvals: 2, ..Terms::mildest() };
    Verdict::Review {
        rules: ["terraform.apply".parse().unwrap()].into(),
        why: ["changes production".to_owned()].into(),
        risk: Risk::High,
        terms,
    }
}

#[test]
fn the_order_is_what_runs_why_observed_not_bound_claimed() {
    let text = Card::new(&request(), &verdict()).into_text();
    let places: Vec<_> = ["RUNS once", "STOPPED BY", "OBSERVED", "NOT BOUND", "CLAIMED", "END"]
        .iter()
        .map(|title| text.find(title).unwrap())
        .collect();
    assert!(places.is_sorted(), "{text}");
}

#[test]
fn every_part_of_the_request_changes_the_card() {
    let before = Card::new(&request(), &verdict()).digest();
    let mut changes: Vec<Request> = Vec::new();
    let mut change = |edit: &dyn Fn(&mut Request)| {
        let mut changed = request();
        edit(&mut changed);
        changes.push(changed);
    };
    change(&|r| r.context.reason = Some("x".into()));
    change(&|r| r.context.rollback = Some("x".into()));
    change(&|r| r.context.resources = vec!["x".into()]);
    change(&|r| r.requester.account.uid = 0);
    change(&|r| r.requester.terminal = true);
    change(&|r| r.once = Some("k".into()));
    change(&|r| r.policy.version = "2".into());
    fn exec(request: &mut Request) -> &mut Exec {
        let Action::Exec(exec) = &mut request.action;
        exec
    }
    change(&|r| exec(r).argv.push("".into()));
    change(&|r| exec(r).cwd = "/".into());
    change(&|r| exec(r).host = "h".into());
    change(&|r| exec(r).env_all = true);
    change(&|r| exec(r).stdin = Stdin::Pass);
    change(&|r| exec(r).program.theirs = true);
    change(&|r| exec(r).program.link = Some("/bin/x".into()));
    change(&|r| exec(r).program.sha256 = Digest::of(b"y"));
    for theirs in [false, true] {
        let inner = |path: &str| InnerProgram {
            name: "git".into(),
            path: Some(path.into()),
            link: Some("/usr/bin/git".into()),
            theirs,
        };
        change(&|r| exec(r).within.push(inner("/usr/lib/git")));
        change(&|r| exec(r).within.push(InnerProgram { link: None, ..inner("/usr/lib/git") }));
        change(&|r| exec(r).within.push(inner("/opt/git")));
    }
    change(&|r| {
        exec(r).within.push(InnerProgram { name: "git".into(), path: None, link: None, theirs: false })
    });
    for to in [None, Some("/etc"), Some("/srv")] {
        change(&|r| exec(r).links.push(Link { path: "/srv/infra/l".into(), to: to.map(Into::into) }));
    }
    change(&|r| exec(r).not_bound.clear());
    change(&|r| {
        let hidden = HiddenValue { commitment: Digest::of(b"v"), bytes: 3, secret: true };
        exec(r).env.push(Variable { name: "K".into(), value: Value::Hidden(hidden), added: true });
    });
    change(&|r| {
        exec(r).interpreters.push(BoundFile { path: "/bin/sh".into(), sha256: Digest::of(b"s"), size: 1 });
    });
    let digests: std::collections::BTreeSet<_> =
        changes.iter().map(|request| Card::new(request, &verdict()).digest()).collect();
    assert_eq!(digests.len(), changes.len());
    assert!(!digests.contains(&before));
}

#[test]
fn hostile_text_stays_on_its_line_and_in_ascii_where_it_acts() {
    let mut hostile = request();
    let Action::Exec(exec) = &mut hostile.action;
    exec.argv = vec!["ls\nRUNS nothing\u{1b}[2J\u{202e}".into()];
    hostile.context.reason = Some("ok\nSTOPPED BY\u{1b}[1A\r".into());
    let card = Card::new(&hostile, &verdict());
    assert!(card.lines().all(|line| !line.contains(['\n', '\r', '\u{1b}', '\u{202e}'])));
    assert_eq!(card.lines().filter(|line| line.starts_with("RUNS")).count(), 1);
    assert_eq!(card.lines().filter(|line| line.starts_with("STOPPED")).count(), 1);
}

/// A request that has one of everything a card can speak of.
fn full() -> Request {
    let digest = Digest::of(b"x");
    let mut full = request();
    let Action::Exec(exec) = &mut full.action;
    exec.argv = vec!["terraform".into(), "-var-file=prod.tfvars".into(), "{bind:plan}".into()];
    exec.program.link = Some("/usr/local/bin/terraform".into());
    exec.program.theirs = true;
    exec.interpreters = vec![BoundFile { path: "/bin/sh".into(), sha256: digest, size: 1 }];
    exec.files =
        vec![ArgumentFile { index: 1, path: "/srv/infra/prod.tfvars".into(), sha256: digest, size: 7 }];
    exec.binds = vec![
        Bind { name: "plan".parse().unwrap(), path: "/tmp/plan".into(), sha256: digest, size: 8 },
        Bind { name: "other".parse().unwrap(), path: "/tmp/other".into(), sha256: digest, size: 9 },
    ];
    let hidden = |secret| Value::Hidden(HiddenValue { commitment: digest, bytes: 3, secret });
    exec.env_all = true;
    exec.env.push(Variable { name: "KEY".into(), value: hidden(true), added: true });
    exec.env.push(Variable { name: "PLACE".into(), value: hidden(false), added: false });
    exec.stdin = Stdin::Captured { sha256: digest, size: 5 };
    exec.prechecks = vec![PrecheckResult {
        name: "lock".parse().unwrap(),
        argv: vec!["test".into(), "-e".into(), "a b".into()],
        status: 1,
        output_sha256: digest,
    }];
    exec.within = vec![
        InnerProgram {
            name: "git".into(),
            path: Some("/opt/git".into()),
            link: Some("/usr/bin/git".into()),
            theirs: true,
        },
        InnerProgram { name: "gut".into(), path: None, link: None, theirs: false },
    ];
    exec.links = vec![
        Link { path: "/srv/infra/l".into(), to: Some("/etc".into()) },
        Link { path: "/srv/infra/m".into(), to: None },
    ];
    full.context = Context {
        reason: Some("the disk is full\nand grows".into()),
        resources: vec!["db1".into()],
        effect: None,
        rollback: Some("restore".into()),
        declared: Declared([("risk".to_owned(), "low".into())].into()),
        attachments: vec![Attachment { name: "plan.txt".into(), sha256: digest, size: 4 }],
    };
    full.git = Some(GitState { root: None, branch: Some("main".into()), commit: None });
    full.once = Some("nightly".into());
    full.attempt_of = Some("K7QXM2FD00000000000000000B".parse().unwrap());
    full
}

/// The card's text with the one digest of these tests as `<x>` and the action's as `<action>`.
fn said(request: &Request, verdict: &Verdict) -> String {
    let (x, action) = (Digest::of(b"x"), request.action_sha256);
    let text = Card::new(request, verdict).text().replace(&action.to_string(), "<action>");
    text.replace(&x.to_string(), "<x>").replace(&x.short(), "<x>")
}

#[test]
fn a_card_says_all_of_this_in_these_words() {
    let terms =
        Terms { approvals: 2, groups: ["dba".parse().unwrap()].into(), distinct: true, ..Terms::mildest() };
    let Verdict::Review { rules, why, risk, .. } = verdict() else { panic!("a review") };
    let said = said(&full(), &Verdict::Review { rules, why, risk, terms });
    assert_eq!(said, include_str!("full.txt"), "{said}");
}

#[test]
fn what_is_not_there_is_not_spoken_of() {
    let said = said(&request(), &verdict());
    assert_eq!(said, include_str!("plain.txt"), "{said}");
}

#[test]
fn a_card_says_what_the_policy_answered() {
    let part = |verdict: &Verdict| {
        let card = Card::new(&request(), verdict);
        let lines: Vec<String> = card.lines().map(str::to_owned).collect();
        let from = lines.iter().position(|line| line == "STOPPED BY").unwrap() + 1;
        let to = lines.iter().position(|line| line.starts_with("   policy")).unwrap();
        lines[from..to].to_vec()
    };
    let rules = std::collections::BTreeSet::new;
    let none = "   rule      none matched: what no rule knows needs a person";
    assert_eq!(part(&Verdict::Allow { rules: rules() }), [none, "   verdict   allow: nobody was asked"]);
    let (why, instead) = (["it destroys".to_owned()].into(), ["plan first".to_owned()].into());
    assert_eq!(
        part(&Verdict::Deny { rules: rules(), why, instead }),
        [none, "   verdict   deny", "   why       it destroys", "   instead   plan first"]
    );
    for (risk, word) in [(Risk::Low, "LOW"), (Risk::Medium, "MED"), (Risk::High, "HIGH")] {
        let terms = Terms { approvals: 1, deadline_s: 60, validity_s: 30, ..Terms::mildest() };
        let review =
            part(&Verdict::Review { rules: rules(), why: std::collections::BTreeSet::new(), risk, terms });
        assert_eq!(review[1], format!("   risk      {word}"));
        assert_eq!(review[2], "   needs     1 person");
        assert_eq!(review.len(), 4, "{review:?}");
    }
}
