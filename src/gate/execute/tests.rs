//! What is made ready is started only under the claim of its own ticket.

use std::os::fd::AsFd as _;

use super::*;
use crate::facts::observe::environment::{EnvRules, Values};
use crate::facts::observe::{Observation, Surroundings, observe};
use crate::queue::tests::bench::{Bench, ONE};
use crate::request::secret::CommitmentKey;
use crate::request::wire::Asked;
use crate::ticket::decision::Choice;

/// A real command that leaves a file, observed as it is.
fn observed(folder: &Path) -> Observation {
    let input = std::fs::File::open("/dev/null").unwrap();
    let asked = Asked { argv: ["touch", "ran"].map(Into::into).to_vec(), ..Asked::default() };
    let surroundings = Surroundings {
        environment: Values(vec![("PATH".into(), "/usr/bin:/bin".into())]),
        cwd: folder.to_owned(),
        input: input.as_fd(),
        terminal: false,
        parent: None,
    };
    observe(&asked.check().unwrap(), &surroundings, |_| EnvRules::default(), &CommitmentKey::random())
        .unwrap()
}

#[test]
fn what_was_made_ready_for_another_command_is_not_started_under_this_claim() {
    let folder = tempfile::tempdir().unwrap();
    let seen = observed(&folder.path().canonicalize().unwrap());
    let prepared = Prepared::new(seen.ready().unwrap(), &seen.exec, folder.path()).unwrap();
    let mut bench = Bench::new(ONE);
    let ticket = bench.file(&["terraform", "apply"]);
    bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    let claimed = bench.claim(&ticket.id).unwrap();
    let locks = Liveness::of(folder.path(), &ticket.id).execute().unwrap();
    let mut signals = Signals::install().unwrap();
    let done = execute_allowed(&mut bench.queue, claimed, prepared, locks, &mut signals);
    assert!(matches!(&done, Err(ExecuteError::Moved(why)) if why.contains("another ticket's")), "{done:?}");
    assert!(!folder.path().join("ran").exists());
    assert_eq!(bench.kinds().last().map(String::as_str), Some("not_started"));
}
