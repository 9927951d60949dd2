//! A queue's history in which everything happens that can: every kind of event, keys that come and go, policies
//! that change, a new life. For tests only.

use crate::audit::tests::{finished, tell};
use crate::clock::Clock as _;
use crate::ids::{Digest, Nonce};
use crate::queue::InForce;
use crate::queue::decide::Signed;
use crate::queue::tests::bench::{Bench, load};
use crate::record::Record;
use crate::request::{Attachment, Context, Stdin};
use crate::signing::{Entry, NewKey, Signer};
use crate::ticket::decision::{Choice, Decision, Reconcile, ReconcileType, Subject};
use crate::ticket::{State, Ticket};

const FIRST: &str = r#"
version = "first"
[groups]
infra = ["ana", "bo"]
security = ["bo"]
[accounts]
ana = 1004
[[rule]]
id = "look"
verdict = "allow"
program = ["terraform"]
arg = ["plan"]
match = ["terraform plan"]
[[rule]]
id = "no-destroy"
verdict = "deny"
program = ["terraform"]
arg = ["destroy"]
why = "never"
instead = "ask for a plan"
match = ["terraform destroy"]
[[rule]]
id = "both"
verdict = "review"
program = ["terraform"]
arg = ["import"]
groups = ["infra", "security"]
distinct = false
why = "two of you"
match = ["terraform import"]
"#;

/// The same with another policy in force from here on.
fn policy(bench: &mut Bench, text: &str) {
    bench.policy = load(text);
    note(bench);
}

fn note(bench: &mut Bench) {
    let in_force = InForce { policy: &bench.policy, reviewers: &bench.reviewers };
    bench.queue.note_in_force(in_force).unwrap();
}

fn key(bench: &Bench, name: &str) -> (NewKey, Entry) {
    let key = NewKey::generate(name).unwrap();
    let origin = &bench.identity.origin;
    let spaces = [Decision::namespace(origin), Reconcile::namespace(origin)];
    let entry = Entry::new(name.parse().unwrap(), spaces, key.public_key().clone(), name).unwrap();
    (key, entry)
}

/// Ana gets another key; her old one counts until now only, and is given back.
fn rotate(bench: &mut Bench) -> Signer {
    let now = bench.clock.now().wall;
    let old = bench.ana.public_key().fingerprint();
    let (key, entry) = key(bench, "ana");
    bench.reviewers = bench.reviewers.revoked_at(&old, now).unwrap().with_line(&entry).unwrap();
    let old = std::mem::replace(&mut bench.ana, key.into_signer());
    note(bench);
    old
}

/// Somebody's key is trusted by mistake, for a moment.
fn mistake(bench: &mut Bench) -> Signer {
    let (key, entry) = key(bench, "eve");
    bench.reviewers = bench.reviewers.with_line(&entry).unwrap();
    note(bench);
    bench.reviewers = bench.reviewers.removed(&entry.key().fingerprint()).unwrap();
    note(bench);
    key.into_signer()
}

fn approved(bench: &mut Bench, argv: &[&str]) -> Ticket {
    let ticket = bench.file(argv);
    bench.decide(&ticket, Choice::Approve, "bo").unwrap();
    ticket
}

fn reconcile(bench: &mut Bench, about: Subject) {
    let said = Reconcile {
        kind: ReconcileType::V1,
        queue: bench.identity.origin.clone(),
        incarnation: bench.queue.mark().unwrap().incarnation,
        about,
        finding: "seen in the console".into(),
        reviewer: "ana".parse().unwrap(),
        nonce: Nonce::random(),
        time: bench.clock.now().wall,
    };
    let statement = Record::of(&said).unwrap();
    let namespace = Reconcile::namespace(&bench.identity.origin);
    let signature = bench.ana.sign(&namespace, statement.as_str().as_bytes()).unwrap();
    let in_force = InForce { policy: &bench.policy, reviewers: &bench.reviewers };
    let signed = Signed { statement: statement.as_str(), signature: &signature };
    bench.queue.reconcile(signed, in_force).unwrap();
}

fn with_blobs(bench: &mut Bench) -> Ticket {
    let mut draft = bench.draft(&["rm", "kept"]);
    let blob = |text: &str| (Digest::of(text.as_bytes()), text.as_bytes().to_vec());
    let (plan, input) = (blob("the plan\n"), blob("yes\n"));
    let attachment = Attachment { name: "plan.txt".into(), sha256: plan.0, size: 9 };
    draft.context =
        Context { reason: Some("INC-4711".into()), attachments: vec![attachment], ..Context::default() };
    draft.context.declared.0.insert("environment".to_owned(), "production".into());
    let crate::request::Action::Exec(exec) = &mut draft.action;
    exec.stdin = Stdin::Captured { sha256: input.0, size: 4 };
    draft.blobs = vec![plan, input];
    match bench.propose(&draft).unwrap() {
        crate::queue::propose::Proposed::Filed(ticket) => ticket,
        other => panic!("{other:?}"),
    }
}

fn rejected_with(bench: &mut Bench, name: &str) -> Ticket {
    let ticket = bench.file_with(&["rm", name], &[&format!("what {name} attached")]);
    bench.decide(&ticket, Choice::Reject, "bo").unwrap();
    ticket
}

/// Keys that count no longer.
pub struct Spent {
    /// Ana's first.
    pub old: Signer,
    /// Eve's.
    pub eve: Signer,
}

/// Everything, in a queue whose head is signed twice on the way.
pub fn everything() -> Bench {
    with_spent_keys().0
}

/// The same, with the keys that are out of use at its end.
pub fn with_spent_keys() -> (Bench, Spent) {
    let mut bench = Bench::new(FIRST);
    let plan = bench.draft(&["terraform", "plan"]);
    bench.propose(&plan).unwrap();
    let never = bench.draft(&["terraform", "destroy"]);
    bench.propose(&never).unwrap();
    bench.clock.pass(1);
    finished(&mut bench, &["rm", "own"]);
    let kept = with_blobs(&mut bench);
    bench.decide(&kept, Choice::Approve, "bo").unwrap();
    let claimed = bench.claim(&kept.id).unwrap();
    bench.queue.not_started(&claimed.ticket().id, "permission denied".into()).unwrap();
    let both = bench.file(&["terraform", "import", "x"]);
    bench.decide(&both, Choice::Approve, "ana").unwrap();
    bench.decide(&both, Choice::Approve, "bo").unwrap();
    bench.clock.pass(60);
    bench.queue.checkpoint(&bench.log_key).unwrap();
    let old = rotate(&mut bench);
    bench.clock.pass(60);
    let no = bench.file(&["rm", "a"]);
    bench.decide(&no, Choice::Reject, "ana").unwrap();
    bench.decide(&no, Choice::Approve, "bo").unwrap_err();
    let back = approved(&mut bench, &["rm", "b"]);
    bench.decide(&back, Choice::Revoke, "ana").unwrap();
    policy(&mut bench, "version = \"second\"\n[accounts]\nana = 1004\n");
    tell(&mut bench);
    let mine = bench.file(&["rm", "c"]);
    bench.queue.cancel(&mine.id, 1004).unwrap();
    let interrupted = bench.file(&["rm", "d"]);
    bench.queue.interrupt(&interrupted.id, 2).unwrap();
    let stale = approved(&mut bench, &["rm", "e"]);
    bench.queue.void(&stale.id, &["another branch".to_owned()]).unwrap();
    let (late, lapsed) = (bench.file(&["rm", "f"]), approved(&mut bench, &["rm", "g"]));
    bench.clock.pass(901);
    bench.queue.ticket(&late.id).unwrap();
    bench.queue.ticket(&lapsed.id).unwrap();
    tell(&mut bench);
    for (name, settled) in [("h", true), ("i", false)] {
        let lost = approved(&mut bench, &["rm", name]);
        let _claimed = bench.claim(&lost.id).unwrap();
        bench.queue.lose(&lost.id, false).unwrap();
        if settled {
            reconcile(&mut bench, Subject::Ticket(lost.id));
        }
    }
    let mut again = bench.draft(&["rm", "again"]);
    again.once = Some("again-1".into());
    bench.propose(&again).unwrap();
    bench.clock.pass(901);
    bench.propose(&again).unwrap();
    let eve = mistake(&mut bench);
    bench.queue.checkpoint(&bench.log_key).unwrap();
    let unused = approved(&mut bench, &["rm", "j"]);
    bench.queue.begin_again().unwrap();
    assert!(matches!(bench.queue.peek(&unused.id).unwrap().state, State::Cancelled { .. }));
    bench.clock.set_wall(-30);
    let now = bench.clock.now().wall;
    reconcile(&mut bench, Subject::Clock(now));
    bench.clock.pass(40);
    let gone = rejected_with(&mut bench, "gone");
    bench.clock.pass(40);
    assert!(bench.prune(20).iter().any(|pruned| pruned.ticket == gone.id));
    let kept = rejected_with(&mut bench, "kept");
    assert_eq!(kept.filed.request.context.attachments.len(), 1);
    policy(&mut bench, FIRST);
    finished(&mut bench, &["rm", "k"]);
    bench.file(&["rm", "l"]);
    (bench, Spent { old, eve })
}

#[test]
fn everything_holds_every_kind_of_event() {
    let mut bench = everything();
    let kinds: std::collections::BTreeSet<String> = bench.kinds().into_iter().collect();
    assert_eq!(kinds.len(), 18, "{kinds:?}");
}
