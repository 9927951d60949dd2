//! What a proposal is refused for, and what it says then.

use super::*;

fn asked(argv: &[&str]) -> Asked {
    Asked { argv: argv.iter().map(OsString::from).collect(), ..Asked::default() }
}

fn refusal(asked: Asked) -> String {
    asked.check().unwrap_err().to_string()
}

#[test]
fn a_plain_command_is_a_proposal_that_claims_nothing() {
    let proposal = asked(&["rm", "-r", "build", ""]).check().unwrap();
    assert_eq!(proposal.program(), "rm");
    assert_eq!(proposal.argv().len(), 4);
    assert_eq!(proposal.context(), &Context::default());
}

#[test]
fn no_command_and_an_empty_one_are_refused() {
    assert!(matches!(asked(&[]).check(), Err(WireError::NoCommand)));
    assert!(matches!(asked(&["", "x"]).check(), Err(WireError::NoCommand)));
}

#[test]
fn a_nul_byte_is_refused_wherever_it_stands() {
    assert_eq!(refusal(asked(&["a", "b\0c"])), "argument 1 holds a NUL byte, which no process can be given");
    let env = vec![("A".into(), Some("\0".into()))];
    assert!(refusal(Asked { env, ..asked(&["a"]) }).starts_with("--env 'A' holds a NUL"));
    let reason = Some("\0".into());
    assert!(refusal(Asked { reason, ..asked(&["a"]) }).starts_with("--reason holds a NUL"));
}

#[test]
fn only_known_names_can_be_declared() {
    let declared = vec![("risk".to_owned(), "low".into()), ("environment".to_owned(), "production".into())];
    let proposal = Asked { declared, ..asked(&["a"]) }.check().unwrap();
    assert_eq!(proposal.context().declared.0.len(), 2);
    let declared = vec![("approved".to_owned(), "yes".into())];
    let error = refusal(Asked { declared, ..asked(&["a"]) });
    assert!(error.contains("cannot declare 'approved'; known are risk, sensitivity"), "{error}");
}

#[test]
fn binds_and_their_places_must_match_both_ways() {
    let bind = vec![("plan".to_owned(), PathBuf::from("tf.plan"))];
    let good = Asked { bind: bind.clone(), ..asked(&["tf", "-p={bind:plan}"]) };
    assert_eq!(good.check().unwrap().binds().len(), 1);
    assert!(refusal(asked(&["tf", "{bind:plan}"])).contains("no --bind plan=FILE is given"));
    assert!(refusal(Asked { bind: bind.clone(), ..asked(&["tf"]) }).contains("has no {bind:plan}"));
    assert!(refusal(Asked { bind, ..asked(&["{bind:plan}"]) }).contains("cannot be the program"));
}

#[test]
fn one_thing_cannot_be_said_in_two_ways() {
    let env = vec![("A".into(), Some("1".into())), ("A".into(), Some("1".into()))];
    assert!(Asked { env, ..asked(&["a"]) }.check().is_ok());
    let env = vec![("A".into(), None)];
    let both = Asked { env, secret_env: vec!["A".into()], ..asked(&["a"]) };
    assert_eq!(refusal(both), "variable 'A' is given twice, in two ways; give it once");
    let bind = vec![("x".to_owned(), "a".into()), ("x".to_owned(), "b".into())];
    assert!(refusal(Asked { bind, ..asked(&["a", "{bind:x}"]) }).contains("bind 'x' is given twice"));
}

#[test]
fn a_secret_may_not_be_a_path_an_option_or_code() {
    for name in ["PATH", "LD_PRELOAD", "GIT_SSH_COMMAND", "BASH_FUNC_ls%%", "KUBECONFIG", "NODE_OPTIONS"] {
        let error = refusal(Asked { secret_env: vec![name.into()], ..asked(&["a"]) });
        assert!(error.contains("cannot be hidden"), "{error}");
    }
    assert!(Asked { secret_env: vec!["GIT_TOKEN".into()], ..asked(&["a"]) }.check().is_ok());
}

#[test]
fn the_name_of_a_variable_has_no_equals_sign_and_is_not_empty() {
    for name in ["", "A=B", "A\0"] {
        let env = vec![(name.into(), None)];
        assert!(matches!(Asked { env, ..asked(&["a"]) }.check(), Err(WireError::VariableName { .. })));
    }
}

#[test]
fn more_than_a_record_holds_is_refused_with_a_way_out() {
    let long = "x".repeat(LONGEST);
    let error = refusal(asked(&["psql", "-c", &long]));
    assert!(error.contains("--bind NAME=FILE"), "{error}");
    let env = vec![("A".into(), Some("\n".repeat(LONGEST / 4 * 3).into()))];
    assert!(matches!(Asked { env, ..asked(&["a"]) }.check(), Err(WireError::TooLarge(_))));
}

#[test]
fn names_keys_and_deadlines_have_bounds() {
    let prechecks = vec!["a b".to_owned()];
    assert!(matches!(Asked { prechecks, ..asked(&["a"]) }.check(), Err(WireError::Name { .. })));
    for once in ["".to_owned(), "k".repeat(LONGEST_KEY + 1)] {
        let once = Some(once.into());
        assert!(matches!(Asked { once, ..asked(&["a"]) }.check(), Err(WireError::OnceLength)));
    }
    let deadline = Some(Duration::ZERO);
    assert!(matches!(Asked { deadline, ..asked(&["a"]) }.check(), Err(WireError::Deadline)));
}

#[test]
fn hostile_names_are_escaped_in_messages() {
    let declared = vec![("\u{1b}[2J".to_owned(), "x".into())];
    assert!(refusal(Asked { declared, ..asked(&["a"]) }).contains("'\\x1b[2J'"));
}

#[test]
fn the_value_given_for_a_variable_is_not_in_debug_output() {
    let env = vec![("TOKEN".into(), Some("canary".into()))];
    let proposal = Asked { env, ..asked(&["a"]) }.check().unwrap();
    assert!(!format!("{proposal:?}").contains("canary"));
}
