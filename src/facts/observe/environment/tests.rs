//! Which variables are handed on, and that a hidden value stays hidden.

use super::*;
use crate::request::wire::Asked;

fn parent(pairs: &[(&str, &str)]) -> Values {
    Values(pairs.iter().map(|(name, value)| (name.into(), value.into())).collect())
}

fn rules(show: &[&str], hide: &[&str]) -> EnvRules {
    let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    EnvRules { show: owned(show), hide: owned(hide) }
}

fn bound(asked: Asked, parent: &Values, rules: &EnvRules) -> Result<Environment, EnvironmentError> {
    let argv = if asked.argv.is_empty() { vec!["prog".into()] } else { asked.argv };
    let proposal = Asked { argv, ..asked }.check().unwrap();
    bind(parent, &proposal, rules, &CommitmentKey::random())
}

/// `NAME=value`, `NAME hidden` or `NAME secret`, as the record has them.
fn lines(environment: &Environment) -> Vec<String> {
    let line = |variable: &Variable| {
        let name = variable.name.plain().unwrap();
        match &variable.value {
            Value::Shown(value) => format!("{name}={}", value.plain().unwrap()),
            Value::Hidden(hidden) if hidden.secret => format!("{name} secret"),
            Value::Hidden(_) => format!("{name} hidden"),
        }
    };
    environment.variables.iter().map(line).collect()
}

fn added(environment: &Environment) -> Vec<&str> {
    let added = environment.variables.iter().filter(|variable| variable.added);
    added.map(|variable| variable.name.plain().unwrap()).collect()
}

const SHELL: [(&str, &str); 5] = [
    ("PATH", "/bin"),
    ("LC_TIME", "C"),
    ("AWS_PROFILE", "prod"),
    ("TOKEN", "canary-1"),
    ("HANDOFF_QUEUE", "/q"),
];

#[test]
fn only_the_base_set_is_handed_on_by_itself_and_sorted() {
    let environment = bound(Asked::default(), &parent(&SHELL), &EnvRules::default()).unwrap();
    assert_eq!(lines(&environment), ["LC_TIME=C", "PATH=/bin"]);
    assert!(added(&environment).is_empty());
}

#[test]
fn the_policy_says_what_a_program_gets_and_what_of_it_is_told() {
    let rules = rules(&["AWS_*"], &["TOK*"]);
    let environment = bound(Asked::default(), &parent(&SHELL), &rules).unwrap();
    assert_eq!(lines(&environment), ["AWS_PROFILE=prod", "LC_TIME=C", "PATH=/bin", "TOKEN hidden"]);
    assert!(added(&environment).is_empty());
}

#[test]
fn a_variable_asked_for_is_a_commitment_unless_its_value_is_given() {
    let env = vec![("TOKEN".into(), None), ("SIZE".into(), Some("3".into()))];
    let environment =
        bound(Asked { env, ..Asked::default() }, &parent(&SHELL), &EnvRules::default()).unwrap();
    assert_eq!(lines(&environment), ["LC_TIME=C", "PATH=/bin", "SIZE=3", "TOKEN hidden"]);
    assert_eq!(added(&environment), ["SIZE", "TOKEN"]);
    assert_eq!(environment.values.get(OsStr::new("TOKEN")), Some(OsStr::new("canary-1")));
}

#[test]
fn a_base_variable_with_another_value_is_an_added_one() {
    let env = vec![("PATH".into(), Some("/evil".into())), ("LC_TIME".into(), Some("C".into()))];
    let environment =
        bound(Asked { env, ..Asked::default() }, &parent(&SHELL), &EnvRules::default()).unwrap();
    assert_eq!(added(&environment), ["PATH"]);
}

#[test]
fn everything_means_everything_but_our_own_settings() {
    let asked = Asked { env_all: true, ..Asked::default() };
    let environment = bound(asked, &parent(&SHELL), &EnvRules::default()).unwrap();
    assert_eq!(lines(&environment), ["AWS_PROFILE hidden", "LC_TIME=C", "PATH=/bin", "TOKEN hidden"]);
    let env = vec![("HANDOFF_QUEUE".into(), None)];
    let named = bound(Asked { env, ..Asked::default() }, &parent(&SHELL), &EnvRules::default()).unwrap();
    assert!(lines(&named).contains(&"HANDOFF_QUEUE hidden".to_owned()));
}

#[test]
fn what_decides_which_code_runs_is_always_told() {
    let parent = parent(&[("LD_PRELOAD", "/tmp/evil.so"), ("GIT_SSH_COMMAND", "evil")]);
    let asked = Asked { env_all: true, ..Asked::default() };
    let environment = bound(asked, &parent, &rules(&[], &["LD_*"])).unwrap();
    assert_eq!(lines(&environment), ["GIT_SSH_COMMAND=evil", "LD_PRELOAD=/tmp/evil.so"]);
}

#[test]
fn a_variable_that_is_not_set_is_an_error() {
    let env = vec![("NOWHERE".into(), None)];
    let error = bound(Asked { env, ..Asked::default() }, &parent(&SHELL), &EnvRules::default()).unwrap_err();
    assert!(error.to_string().starts_with("'NOWHERE' is not set"), "{error}");
}

#[test]
fn a_secret_is_in_no_record_and_no_debug_output() {
    let secret_env = vec!["TOKEN".into()];
    let rules = rules(&["TOKEN"], &[]);
    let environment = bound(Asked { secret_env, ..Asked::default() }, &parent(&SHELL), &rules).unwrap();
    assert!(lines(&environment).contains(&"TOKEN secret".to_owned()));
    let record = serde_json::to_string(&environment.variables).unwrap();
    for text in [record, format!("{environment:?}"), format!("{:?}", parent(&SHELL))] {
        assert!(!text.contains("canary"), "{text}");
    }
}

#[test]
fn a_secret_that_stands_in_the_open_elsewhere_is_refused() {
    let secret = || vec![OsString::from("TOKEN")];
    let refused = |asked: Asked| {
        let error = bound(asked, &parent(&SHELL), &EnvRules::default()).unwrap_err().to_string();
        assert!(!error.contains("canary"), "{error}");
        error
    };
    let argv = vec!["curl".into(), "-Hauth: canary-1".into()];
    assert!(refused(Asked { argv, secret_env: secret(), ..Asked::default() }).contains("argument 1"));
    let env = vec![("OTHER".into(), Some("x canary-1".into()))];
    assert!(refused(Asked { env, secret_env: secret(), ..Asked::default() }).contains("variable OTHER"));
    let reason = Some("with canary-1".into());
    assert!(refused(Asked { reason, secret_env: secret(), ..Asked::default() }).contains("the reason"));
    let once = Some("canary-1".into());
    assert!(refused(Asked { once, secret_env: secret(), ..Asked::default() }).contains("idempotency"));
}

#[test]
fn a_name_that_comes_twice_is_bound_once_with_the_value_that_counts() {
    let twice = parent(&[("LANG", "first"), ("LANG", "last")]);
    let environment = bound(Asked::default(), &twice, &EnvRules::default()).unwrap();
    assert_eq!(lines(&environment), ["LANG=last"]);
    assert_eq!(environment.values.0.len(), 1);
}

#[test]
fn a_value_that_is_not_utf_8_is_kept_to_the_byte() {
    let value = OsStr::from_bytes(b"\xff\n").to_owned();
    let parent = Values(vec![("LANG".into(), value.clone())]);
    let environment = bound(Asked::default(), &parent, &EnvRules::default()).unwrap();
    assert_eq!(environment.variables[0].value, Value::Shown(value.into()));
}
