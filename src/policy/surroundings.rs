//! What rules say by the surroundings a command stands in: links on the way, values that point elsewhere, branches.

use proptest::prelude::*;

use super::Policy;
use super::laws::{facts, load};
use super::structure::{assert_fits, changed, judge_atom, rule};
use crate::facts::argv::{Sure, Word};
use crate::facts::atoms::Set;
use crate::facts::effects::Links;

fn rank_with(policy: &Policy, line: &str, links: &[(&str, Option<&str>)]) -> u8 {
    let bytes = |text: &str| text.as_bytes().to_vec();
    let mut facts = facts(line);
    facts.observed.links = Links::new(links.iter().map(|(path, to)| (bytes(path), to.map(bytes))).collect());
    policy.judge(&facts).verdict.rank()
}

#[test]
fn a_link_leads_out_of_the_checkout() {
    let lets = rule(
        "allow",
        "program = [\"cp\", \"rm\", \"cat\", \"tee\"]\nonly_writes = [\"@repository\", \"@temporary\"]\n\
         only_reads = [\"@repository\"]\nonly_deletes = [\"@repository\"]\nmatch = [\"cp a b\"]",
    );
    let stops =
        "[[rule]]\nid = \"s\"\nverdict = \"deny\"\nwrites = [\"@system\"]\nmatch = [\"tee /etc/x\"]\n";
    let policy = load(&format!("{lets}{stops}"));
    let links = [("/home/ana/project/l", Some("/etc")), ("/home/ana/project/t", Some("/tmp/x"))];
    for (line, rank) in [
        ("tee l/passwd", 2),
        ("tee l", 2),
        ("cp a l/passwd", 2),
        ("cat l/passwd", 1),
        ("rm l/passwd", 1),
        ("rm l", 0),
        ("rm -r l/", 1),
        ("tee t/a", 0),
        ("cat t/a", 1),
        ("tee l/../home/ana/project/x", 0),
        ("tee l/../x", 1),
        ("tee x", 0),
    ] {
        assert_eq!(rank_with(&policy, line, &links), rank, "{line}");
    }
    for line in ["tee x", "cat x", "rm -r x"] {
        assert_eq!(rank_with(&policy, line, &[("/", None)]), 1, "{line}");
    }
    let named = load(&rule("deny", "arg = [\"/etc/**\"]"));
    assert_eq!(rank_with(&named, "frobnicate --x=l/passwd", &links), 2);
    assert_eq!(rank_with(&named, "rm l", &links), 1);
    assert_eq!(rank_with(&named, "cat l", &links), 2, "only what is taken away is the link itself");
    assert_eq!(rank_with(&named, "cp l x", &links), 2);
}

#[test]
fn a_rule_stops_by_the_value_of_a_variable() {
    let policy = load(&rule("deny", "sets = [\"*_ENV=prod*\", \"DATABASE_URL=**prod**\"]"));
    let stops = |name: &str, value: Word<'static>| {
        let set = || Set { name: name.as_bytes().to_vec(), value: value.clone() };
        changed(&policy, &["rake"], |atom| atom.sets = vec![set()]) == 2
    };
    assert!(stops("RAILS_ENV", "production".into()) && stops("RACK_ENV", "Prod".into()));
    assert!(stops("DATABASE_URL", "postgres://a@prod-db/x".into()));
    assert!(stops("RAILS_ENV", Word { text: b"$X".into(), sure: Sure::Partly(0) }), "it may be");
    assert!(!stops("RAILS_ENV", "test".into()) && !stops("OTHER", "production".into()));
    let bound = |value: Option<&str>| {
        let mut facts = facts("rake");
        let value = value.map(|value| value.as_bytes().to_vec());
        facts.observed.variables = [(b"RAILS_ENV".to_vec(), value)].into();
        policy.judge(&facts).verdict.rank() == 2
    };
    assert!(bound(Some("production")) && bound(None), "what is hidden may be");
    assert!(!bound(Some("test")));
}

#[test]
fn a_rule_stops_by_the_value_of_an_option() {
    assert_fits(
        "option = [\"--context=*prod*\", \"-n=prod\"]",
        &[
            "kubectl --context=eks-prod-1 delete pod x",
            "kubectl delete pod x --context PROD",
            "kubectl -n prod delete pod x",
            "kubectl -nprod delete pod x",
            "kubectl -n=prod get pods",
        ],
        &["kubectl --context dev delete pod prod", "kubectl -n products get pods", "kubectl get pods -n"],
    );
    let policy = load(&rule("deny", "option = [\"--context=*prod*\"]"));
    let words = [("kubectl", Sure::Exact), ("--context", Sure::Exact), ("$X", Sure::Partly(0))];
    assert_eq!(judge_atom(&policy, &words, true).verdict.rank(), 2, "it may be");
}

#[test]
fn a_rule_for_an_environment_stops_what_points_at_it() {
    let policy = load(&rule(
        "deny",
        "program = [\"kubectl\", \"rake\", \"terraform\"]\nenvironment = [\"prod\", \"production\"]",
    ));
    let stops = |line: &str| policy.judge(&facts(line)).verdict.rank() == 2;
    for line in [
        "kubectl --context prod delete pod x",
        "kubectl --kubeconfig=/srv/prod.yaml delete pod x",
        "kubectl -n prod-eu delete pod x",
        "env RAILS_ENV=production rake db:drop",
        "env DATABASE_URL=postgres://a@prod-db/x rake db:drop",
        "rake db:drop RAILS_ENV=production",
        "terraform -chdir=envs/prod destroy",
        "terraform destroy -var-file=prod.tfvars",
        "bash -c 'export AWS_PROFILE=prod; terraform destroy'",
        "bash -c 'AWS_PROFILE=$P terraform destroy'",
        "bash -c 'kubectl --context \"$C\" delete pod x'",
    ] {
        assert!(stops(line), "{line}");
    }
    for line in [
        "kubectl --context dev delete pod x",
        "kubectl delete pod prod",
        "kubectl -n preprod delete pod x",
        "env RAILS_ENV=test rake db:drop",
        "bash -c 'for i in 1; do N=$X rake db:drop; done'",
        "terraform destroy",
    ] {
        assert!(!stops(line), "{line}");
    }
    let mut facts = facts("terraform destroy");
    facts.observed.variables = [(b"AWS_PROFILE".to_vec(), None)].into();
    assert_eq!(policy.judge(&facts).verdict.rank(), 2, "what is hidden may be");
    facts.observed.variables = [(b"AWS_PROFILE".to_vec(), Some(b"dev".to_vec()))].into();
    assert!(policy.judge(&facts).verdict.rank() < 2);
    facts.observed.repository = Some("/home/ana/project".into());
    facts.observed.cwd = "/home/ana/project/envs/prod".into();
    assert_eq!(policy.judge(&facts).verdict.rank(), 2);
}

fn on_branch(policy: &Policy, line: &str, branch: Option<&str>) -> bool {
    let mut facts = facts(line);
    facts.observed.branch = branch.map(Into::into);
    policy.judge(&facts).verdict.rank() == 2
}

#[test]
fn a_push_concerns_the_branch_it_names_or_the_current_one() {
    let policy =
        load(&rule("deny", "program = [\"git\"]\nsubcommand = [\"push\"]\nbranch = [\"@protected\"]"));
    for line in [
        "git push origin main",
        "git push origin HEAD:main",
        "git push origin +main",
        "git push origin topic:refs/heads/main",
        "git push origin :main",
        "git push origin --delete main",
        "git push origin release/1.2",
        "git push --all origin",
        "git push --mirror",
        "git push origin 'refs/heads/*:refs/heads/*'",
        "git -C ../other push",
    ] {
        assert!(on_branch(&policy, line, Some("topic")), "{line}");
    }
    for line in [
        "git push origin topic",
        "git push -u origin HEAD:topic",
        "git push",
        "git push -f origin",
        "git push origin main:topic",
    ] {
        assert!(!on_branch(&policy, line, Some("topic")), "{line}");
    }
    for line in [
        "git push",
        "git push origin",
        "git push -f origin HEAD",
        "git push -o x origin",
        "git push origin @",
    ] {
        assert!(on_branch(&policy, line, Some("main")), "{line}");
        assert!(on_branch(&policy, line, None), "{line}: which branch is not known");
    }
    assert!(!on_branch(&policy, "git push origin topic", Some("main")));
    assert!(!on_branch(&policy, "git push --force-with-lease origin topic", Some("main")));
}

#[test]
fn where_another_branch_may_be_checked_out_a_push_may_concern_it() {
    let policy =
        load(&rule("deny", "program = [\"git\"]\nsubcommand = [\"push\"]\nbranch = [\"@protected\"]"));
    for line in [
        "bash -c 'git switch main && git push'",
        "bash -c 'cd sub && git push'",
        "git -c a=b -C ../other push",
        "env GIT_DIR=../other/.git git push",
        "bash -c 'git checkout \"$X\"; git push'",
    ] {
        assert!(on_branch(&policy, line, Some("topic")), "{line}");
    }
    for line in [
        "bash -c 'git add . && git commit -m x && git push'",
        "bash -c 'git switch main; git push origin topic'",
    ] {
        assert!(!on_branch(&policy, line, Some("topic")), "{line}");
    }
    let mut facts = facts("bash -c 'cd .. && git push'");
    (facts.observed.repository, facts.observed.branch) = (Some("/home/ana".into()), Some("topic".into()));
    assert!(policy.judge(&facts).verdict.rank() < 2);
}

#[test]
fn other_commands_concern_the_current_branch_unless_they_name_one() {
    let policy = load(&rule("deny", "program = [\"git\"]\nbranch = [\"@protected\"]"));
    for line in ["git commit -m x", "git reset --hard", "git branch -D main", "git branch"] {
        assert!(on_branch(&policy, line, Some("main")), "{line}");
    }
    assert!(!on_branch(&policy, "git branch -D topic", Some("main")));
    assert!(!on_branch(&policy, "git commit -m x", Some("topic")));
    let policy = load(&rule("deny", "program = [\"gh\"]\nbranch = [\"main\"]"));
    assert!(on_branch(&policy, "gh pr create --base=main", Some("topic")));
    assert!(!on_branch(&policy, "gh pr create", Some("main")));
}

#[test]
fn the_root_policy_says_which_branches_are_protected() {
    let push = rule("deny", "program = [\"git\"]\nbranch = [\"@protected\"]");
    let policy = load(&format!("[git]\nprotected = [\"stable\", \"v*\"]\n{push}"));
    assert!(on_branch(&policy, "git push origin stable", Some("x")));
    assert!(on_branch(&policy, "git push origin v2", Some("x")));
    assert!(!on_branch(&policy, "git push origin main", Some("x")));
}

const BOTH: &str = "[[rule]]\nid = \"a\"\nverdict = \"allow\"\nprogram = [\"cp\", \"rm\", \"cat\"]\n\
    only_writes = [\"@repository\"]\nonly_deletes = [\"@temporary\", \"@repository\"]\nmatch = [\"cp a b\"]\n\
    [[rule]]\nid = \"d\"\nverdict = \"deny\"\nwrites = [\"/home/ana/project/kept/**\"]\nmatch = [\"touch /home/ana/project/kept/x\"]\n";

proptest! {
    #[test]
    fn a_link_never_weakens(
        program in prop::sample::select(vec!["cp", "rm", "cat", "tee"]),
        words in prop::collection::vec("(a|b|kept|\\.\\.|\\.){1}(/(a|b|kept|\\.\\.)){0,2}/?", 1..4),
        found in prop::collection::btree_map(
            "/home/ana/project(/a|/b|/kept){1,2}",
            prop::option::of(prop::sample::select(vec!["/etc", "/", "/tmp/x", "/home/ana/project/kept", "/home/ana/project"])),
            0..4,
        ),
    ) {
        let policy = load(BOTH);
        let line = format!("{program} {}", words.join(" "));
        let found: Vec<(&str, Option<&str>)> = found.iter().map(|(path, to)| (path.as_str(), *to)).collect();
        let (plain, linked) = (rank_with(&policy, &line, &[]), rank_with(&policy, &line, &found));
        prop_assert!(linked >= plain, "{line} {found:?}: {plain} became {linked}");
    }
}

#[test]
fn a_rule_for_an_account_or_a_terminal_speaks_of_these_only() {
    let stops =
        |more: &str| load(&rule("deny", &format!("program = [\"frob\"]\n{more}\nmatch = [\"frob\"]")));
    let rank = |policy: &Policy, terminal| {
        let mut facts = facts("frob");
        facts.observed.terminal = terminal;
        policy.judge(&facts).verdict.rank()
    };
    for (account, wanted) in [("ana", 2), ("1000", 2), ("bo", 1), ("1001", 1), ("100", 1)] {
        assert_eq!(rank(&stops(&format!("account = [\"{account}\"]")), false), wanted, "{account}");
    }
    assert_eq!((rank(&stops("terminal = true"), true), rank(&stops("terminal = true"), false)), (2, 1));
    assert_eq!((rank(&stops("terminal = false"), true), rank(&stops("terminal = false"), false)), (1, 2));
}

#[test]
fn a_rule_for_a_folder_stops_where_it_may_be_that_one() {
    let policy = load(&rule("deny", "program = [\"frob\"]\ncwd = [\"/srv/in\"]"));
    for (line, cwd, wanted) in [
        ("frob", "/srv/in", 2),
        ("frob", "/srv/out", 1),
        ("cd /srv/in && frob", "/srv/out", 2),
        ("cd /srv/out && frob", "/srv/in", 2),
        ("cd \"$X\" && frob", "/srv/out", 2),
    ] {
        let mut facts = facts_in_shell(line);
        facts.observed.cwd = cwd.into();
        assert_eq!(policy.judge(&facts).verdict.rank(), wanted, "{line} in {cwd}");
    }
}

#[test]
fn a_rule_for_a_folder_allows_where_it_surely_is_that_one() {
    let rank = |cwd: &str, line: &str| {
        let cd = rule("allow", "program = [\"cd\"]\nmatch = [\"cd x\"]");
        let frob = format!("program = [\"frob\"]\ncwd = [\"{cwd}\"]\nmatch = [\"frob\"]");
        let policy = load(&format!("{cd}{}", rule("allow", &frob).replace("id = \"r\"", "id = \"frob\"")));
        super::examples::Trial::of(&policy, line).rank
    };
    for (cwd, line, wanted) in [
        ("/home/dev/project", "frob", 0),
        ("/home/dev/project", "cd /srv && cd /home/dev/project && frob", 0),
        ("/home/dev/project", "cd /srv && frob", 1),
        ("/home/dev/project", "cd \"$X\" && frob", 1),
        ("/srv/**", "frob", 1),
        ("/srv/**", "cd /srv/in && frob", 0),
    ] {
        assert_eq!(rank(cwd, line), wanted, "{cwd}: {line}");
    }
}

fn facts_in_shell(line: &str) -> crate::facts::Facts {
    super::laws::facts_of(&["bash", "-c", line])
}

#[test]
fn what_keeps_a_rule_from_allowing_does_so_where_it_is_only_possible() {
    let allows =
        |more: &str| load(&rule("allow", &format!("program = [\"frob\"]\n{more}\nmatch = [\"frob x\"]")));
    let rank = |policy: &Policy, line: &str| super::examples::Trial::of(policy, line).rank;
    let (flag, arg) = (allows("unless_flag = [\"--force\"]"), allows("unless_arg = [\"/etc/**\"]"));
    for line in ["frob x", "frob a b"] {
        assert_eq!((rank(&flag, line), rank(&arg, line)), (0, 0), "{line}");
    }
    for line in ["frob src/*.rs", "frob \"a$X\"", "frob --into=\"$X\"", "frob --into=src/*.rs"] {
        assert_eq!(rank(&flag, line), 0, "{line}: that is surely not the option");
    }
    for line in ["frob --force x", "frob x --force", "frob $X", "frob \"$X\"", "frob \"--$X\""] {
        assert_eq!(rank(&flag, line), 1, "{line}");
    }
    for line in
        ["frob /etc/passwd", "frob x /etc/passwd", "frob $X", "frob \"/$X\"", "frob ../../../etc/passwd"]
    {
        assert_eq!(rank(&arg, line), 1, "{line}");
    }
}
