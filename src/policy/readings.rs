//! Where each condition draws its line: rules that stop read widely, rules that let through read certainly.

use super::examples::Trial;
use super::laws::{facts, facts_of, load};
use super::structure::{assert_fits, changed, rule, set};

// The verdict on a line of shell code, in a checkout, every program where the system keeps it.
fn rank(policy: &str, line: &str) -> u8 {
    Trial::of(&load(policy), line).rank
}

fn assert_ranks(policy: &str, wanted: u8, lines: &[&str]) {
    for line in lines {
        assert_eq!(rank(policy, line), wanted, "{line}\n{policy}");
    }
}

fn allow(program: &str, more: &str, example: &str) -> String {
    let lines = format!("program = [\"{program}\"]\n{more}\nmatch = ['''{example}''']");
    rule("allow", &lines).replace("id = \"r\"", &format!("id = \"{program}\""))
}

#[test]
fn a_wrapper_is_told_from_one_with_nothing_to_run() {
    assert_fits("program = [\"env\"]\nwraps = true", &["env a=b ls"], &["env a=b", "env"]);
    assert_fits("program = [\"env\"]\nwraps = false", &["env a=b", "env"], &["env a=b ls"]);
    let ls = allow("ls", "", "ls");
    assert_ranks(&format!("{ls}{}", allow("env", "wraps = true", "env ls")), 0, &["env ls"]);
    assert_ranks(&format!("{ls}{}", allow("env", "wraps = true", "env ls")), 1, &["env"]);
    assert_ranks(&format!("{ls}{}", allow("env", "wraps = false", "env")), 0, &["env"]);
    assert_ranks(&format!("{ls}{}", allow("env", "wraps = false", "env")), 1, &["env ls"]);
}

#[test]
fn an_argument_that_is_not_certain_is_only_let_through_where_any_is() {
    let some = allow("frob", "only_flag = []\nonly_arg = [\"src/**\"]", "frob src/a");
    assert_ranks(&some, 0, &["frob", "frob src/a", "frob src/a src/b/c"]);
    assert_ranks(&some, 1, &["frob lib/a", "frob src/a lib/a", "frob src/*.rs", "frob \"src/$X\""]);
    let any = allow("frob", "only_flag = []\nonly_arg = [\"**\"]", "frob a");
    assert_ranks(&any, 0, &["frob lib/a", "frob src/*.rs", "frob \"src/$X\""]);
    assert_ranks(&any, 1, &["frob \"$X\"", "frob $X"]);
}

#[test]
fn a_star_alone_names_nothing_to_what_only_reads_the_project() {
    let stops = rule("deny", "arg = [\"**/*.pem\"]");
    assert_ranks(&stops, 1, &["cat *", "cat keys/*", "cat */x", "cat *.rs", "sort -r keys/*"]);
    for line in [
        "cat *.pem",
        "cat keys/*.p*",
        "cat */a.pem",
        "cat /etc/ssl/*",
        "sort --frobnicate keys/*",
        "rm *",
        "cp keys/* /srv",
        "frobnicate *",
    ] {
        assert_ranks(&stops, 2, &[line]);
    }
}

#[test]
fn where_the_folder_is_not_known_only_a_whole_path_is_certainly_not_a_place() {
    let frob = allow("frob", "unless_arg = [\"/etc/**\"]", "frob a");
    let policy = format!("{}{frob}", allow("cd", "", "cd x"));
    assert_ranks(&policy, 0, &["frob a", "cd /srv && frob a", "cd \"$X\" && frob /srv/a"]);
    assert_ranks(&policy, 1, &["cd \"$X\" && frob a", "frob \"$X\"", "cd \"$X\" && frob /etc/a"]);
}

#[test]
fn a_program_named_by_path_is_that_file_by_any_name_and_whatever_bears_the_path() {
    let policy = load(&rule("deny", "program = [\"/opt/x/deploy\"]"));
    let stops = |asked: &str, found: Option<&str>| {
        let mut facts = facts_of(&[asked, "web"]);
        facts.observed.program = found.map(Into::into);
        policy.judge(&facts).verdict.rank() == 2
    };
    assert!(stops("deploy", Some("/opt/x/deploy")), "the file, found by its name");
    assert!(stops("/opt/x/deploy", Some("/opt/x/deploy-2.1")), "the path, which leads to another file");
    assert!(stops("/opt/x/deploy", None));
    assert!(!stops("deploy", Some("/usr/bin/deploy")));
    assert!(!stops("deploy", None));
}

#[test]
fn a_rule_that_lets_a_file_through_speaks_of_its_path_where_nothing_is_found() {
    let policy = load(&rule("allow", "program = [\"/opt/x/deploy\"]\nmatch = [\"deploy web\"]"));
    let speaks = |asked: &str| {
        let mut facts = facts_of(&[asked, "web"]);
        facts.observed.program = None;
        let judged = policy.judge(&facts);
        assert_eq!(judged.verdict.rank(), 1, "what was not found is not let through");
        !judged.matched.is_empty()
    };
    assert!(speaks("/opt/x/deploy"));
    assert!(!speaks("/opt/y/deploy"));
}

#[test]
fn no_rule_speaks_of_what_has_no_words_and_sets_nothing() {
    let policy = load(&rule("deny", "elsewhere = false"));
    assert_eq!(changed(&policy, &["ls"], |_| {}), 2);
    assert_eq!(changed(&policy, &[], |atom| atom.sets = vec![set("A")]), 2);
    assert!(changed(&policy, &[], |_| {}) < 2);
}

#[test]
fn what_is_not_certain_lies_in_a_pattern_of_paths_only_where_that_is_all_paths() {
    let some = allow("rm", "only_deletes = [\"build/**\"]", "rm build/a");
    let all = allow("rm", "only_deletes = [\"**\"]", "rm build/a");
    assert_ranks(&some, 0, &["rm build/a", "rm build/a build/b/c"]);
    assert_ranks(&some, 1, &["rm build/*", "rm \"build/$X\"", "rm build/a build/*.o"]);
    assert_ranks(&all, 0, &["rm build/a", "rm build/*", "rm \"build/$X\"", "rm /a/*.o"]);
}

#[test]
fn a_pattern_that_is_a_place_is_held_against_the_whole_path() {
    let lets = allow("rm", "only_deletes = [\"/home/dev/project/build/**\"]", "rm build/a");
    assert_ranks(&lets, 0, &["rm build/a", "rm build/../build/a", "rm /home/dev/project/build/a"]);
    assert_ranks(&lets, 1, &["rm a", "rm build/../a", "rm build/*"]);
    let lets = allow("rm", "only_deletes = [\"build/**\"]", "rm build/a");
    assert_ranks(&lets, 0, &["rm build/a"]);
    assert_ranks(&lets, 1, &["rm a", "rm build/../a", "rm build/*", "rm /home/dev/project/build/a"]);
}

#[test]
fn a_push_of_a_pattern_concerns_the_branches_that_it_may_name() {
    let policy =
        load(&rule("deny", "program = [\"git\"]\nsubcommand = [\"push\"]\nbranch = [\"@protected\"]"));
    let stops = |refspec: &str| {
        let mut facts = facts(&format!("git push origin '{refspec}'"));
        facts.observed.branch = Some("topic".into());
        policy.judge(&facts).verdict.rank() == 2
    };
    for refspec in ["refs/heads/*:refs/heads/*", "ma*", "+release/*", "refs/heads/topic/*:refs/heads/p*"] {
        assert!(stops(refspec), "{refspec}");
    }
    for refspec in ["refs/heads/topic/*:refs/heads/topic/*", "to*", "main:topic/*"] {
        assert!(!stops(refspec), "{refspec}");
    }
}

#[test]
fn a_folder_below_a_checkout_may_be_one_of_its_own() {
    let policy =
        load(&rule("deny", "program = [\"git\"]\nsubcommand = [\"push\"]\nbranch = [\"@protected\"]"));
    let stops = |line: &str| {
        let mut facts = facts_of(&["bash", "-c", line]);
        facts.observed.repository = Some("/home/ana/project".into());
        facts.observed.cwd = "/home/ana/project/sub".into();
        facts.observed.branch = Some("topic".into());
        policy.judge(&facts).verdict.rank() == 2
    };
    for line in ["git push", "cd .. && git push", "cd /home/ana/project && git push", "cd . && git push"] {
        assert!(!stops(line), "{line}");
    }
    for line in ["cd below && git push", "cd ../other && git push", "cd ../.. && git push"] {
        assert!(stops(line), "{line}");
    }
}
