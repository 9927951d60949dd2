//! The re-check right before an execution: people, policy, bindings, prechecks, each again as of now.
//! `Clearance` is made here and nowhere else; it is the only key to a claim.

use std::path::{Path, PathBuf};

use crate::escaped::Escaped;
use crate::facts::atoms::Atom;
use crate::facts::atoms_of;
use crate::facts::observe::again::{Difference, Present, Ready, again};
use crate::facts::observe::copies::Copies;
use crate::facts::observe::git::git_place;
use crate::ids::{Digest, TicketId};
use crate::policy::Policy;
use crate::queue::authority::Authority;
use crate::queue::{InForce, Queue, QueueError};
use crate::record::Text;
use crate::request::{Action, Exec, GitState, Request, action_digest};
use crate::store::Store;
use crate::ticket::Ticket;

/// The proof that every re-check passed. Not `Clone`; a claim consumes it.
#[derive(Debug)]
#[must_use]
pub struct Clearance {
    authority: Authority,
    ready: Prepared,
    checks: u64,
}

impl Clearance {
    pub(super) fn into_parts(self) -> (Authority, Prepared, u64) {
        (self.authority, self.ready, self.checks)
    }
}

/// A start that was checked, with the private copies it reads; they go when this goes.
#[derive(Debug)]
pub struct Prepared {
    pub(super) ready: Ready,
    pub(super) copies: Option<Copies>,
    pub(super) action: Digest,
}

impl Prepared {
    /// Writes the private copies of bound files below `place`.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn new(mut ready: Ready, exec: &Exec, place: &std::path::Path) -> Result<Self, NotCleared> {
        let failed = |error: &dyn std::fmt::Display| NotCleared::Failed(error.to_string());
        let action = action_digest(&Action::Exec(exec.clone())).map_err(|error| failed(&error))?;
        if exec.binds.is_empty() {
            return Ok(Self { ready, copies: None, action });
        }
        let copies = ready.materialize(place).map_err(|error| failed(&error))?;
        Ok(Self { ready, copies: Some(copies), action })
    }
}

/// Why nothing may be executed.
#[derive(Debug, thiserror::Error)]
pub enum NotCleared {
    /// Something changed; the ticket is void now.
    #[error("stale: {}; a new request is needed", .0.join("; "))]
    Stale(Vec<String>),
    /// The queue says no, or cannot say.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// handoff could not finish checking.
    #[error("{0}")]
    Failed(String),
}

/// What the re-check needs from around it.
#[derive(Debug, Clone)]
pub struct Around<'a> {
    /// Today's policy and reviewers.
    pub in_force: InForce<'a>,
    /// The environment and keys hidden values are taken from.
    pub present: Present<'a>,
    /// Where private copies are written.
    pub binds: PathBuf,
}

/// Checks everything about an approved ticket again. What changed voids the ticket.
///
/// # Errors
/// [`NotCleared::Stale`] with every difference, or why it cannot be told.
pub fn recheck<S: Store>(
    queue: &mut Queue<S>,
    id: &TicketId,
    around: &Around<'_>,
) -> Result<Clearance, NotCleared> {
    match check(queue, id, around) {
        Err(NotCleared::Stale(differences) | NotCleared::Queue(QueueError::Stale(differences))) => {
            // A lapsed approval becomes expired rather than cancelled; both mean that nothing runs.
            match queue.void(id, &differences) {
                Ok(_) | Err(QueueError::Refused { .. }) => Err(NotCleared::Stale(differences)),
                Err(error) => Err(error.into()),
            }
        }
        other => other,
    }
}

fn check<S: Store>(
    queue: &mut Queue<S>,
    id: &TicketId,
    around: &Around<'_>,
) -> Result<Clearance, NotCleared> {
    let authority = queue.authority(id, around.in_force)?;
    let exec = authority.ticket().filed.request.exec().clone();
    branch(&authority.ticket().filed.request)?;
    prechecks(&exec, around.in_force.policy)?;
    let blobs = bound_bytes(queue, authority.ticket())?;
    let find =
        |digest: &Digest| blobs.iter().find(|(known, _)| known == digest).map(|(_, bytes)| bytes.clone());
    let ready = again(&exec, around.present, find).map_err(|found| NotCleared::Stale(words(&found)))?;
    let ready = Prepared::new(ready, &exec, &around.binds)?;
    Ok(Clearance { authority, ready, checks: bindings(&exec) })
}

fn words(differences: &[Difference]) -> Vec<String> {
    differences.iter().map(ToString::to_string).collect()
}

/// The stored bytes the command will read: binds and captured input.
fn bound_bytes<S: Store>(
    queue: &mut Queue<S>,
    ticket: &Ticket,
) -> Result<Vec<(Digest, Vec<u8>)>, QueueError> {
    let exec = ticket.filed.request.exec();
    let mut wanted: Vec<Digest> = exec.binds.iter().map(|bind| bind.sha256).collect();
    if let crate::request::Stdin::Captured { sha256, .. } = &exec.stdin {
        wanted.push(*sha256);
    }
    queue.read(&mut |read| {
        let mut found = Vec::new();
        for digest in &wanted {
            if let Some(bytes) = read.blob(digest)? {
                found.push((*digest, bytes));
            }
        }
        Ok(found)
    })
}

/// `again` has run the recorded prechecks; the policy must still define each as it was.
fn prechecks(exec: &Exec, policy: &Policy) -> Result<(), NotCleared> {
    let otherwise = exec.prechecks.iter().filter(|was| {
        let defined = policy.precheck(&was.name).unwrap_or_default();
        let same = defined.iter().zip(&was.argv).all(|(now, then)| now.as_bytes() == then.as_bytes());
        defined.len() != was.argv.len() || !same
    });
    let differences: Vec<String> =
        otherwise.map(|was| format!("precheck {}: the policy defines it otherwise now", was.name)).collect();
    if differences.is_empty() { Ok(()) } else { Err(NotCleared::Stale(differences)) }
}

/// What git does hangs on the branch that is checked out.
fn branch(request: &Request) -> Result<(), NotCleared> {
    let exec = request.exec();
    let is_git = |atom: &Atom<'_>| atom.as_command().is_some_and(|command| command.name() == b"git");
    if !atoms_of(exec).atoms.iter().any(is_git) {
        return Ok(());
    }
    let words = |git: Option<GitState>| {
        let name = |name: &Text| format!("branch {}", Escaped::name(name.as_bytes()));
        git.and_then(|git| git.branch).as_ref().map_or_else(|| "no branch".to_owned(), name)
    };
    let (was, is) = (words(request.git.clone()), words(git_place(Path::new(exec.cwd.as_os_str()))));
    if was == is { Ok(()) } else { Err(NotCleared::Stale(vec![format!("git checkout: {was} became {is}")])) }
}

/// How many bindings an action has, as the log counts them.
fn bindings(exec: &Exec) -> u64 {
    let program = 1 + exec.interpreters.len() + exec.within.len();
    let parts = exec.files.len() + exec.binds.len() + exec.env.len() + exec.prechecks.len();
    // Folder, account and host are three more.
    u64::try_from(program + parts + 3).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::policy::PolicyFile;
    use crate::request::{
        Action, ArgumentFile, Bind, BoundFile, InnerProgram, PrecheckResult, Value, Variable,
    };
    use crate::ticket::card::tests::request;

    fn exec() -> Exec {
        let Action::Exec(exec) = request().action;
        exec
    }

    fn precheck() -> PrecheckResult {
        let argv = vec!["cat".into(), "state".into()];
        PrecheckResult { name: "fresh".parse().unwrap(), argv, status: 0, output_sha256: Digest::of(b"x") }
    }

    fn policy(more: &str) -> Policy {
        let text = format!("version = \"1\"\n{more}");
        let file = PolicyFile { file: "p", bytes: text.as_bytes() };
        Policy::load(file, None, &BTreeSet::new()).unwrap()
    }

    #[test]
    fn a_precheck_that_the_policy_defines_otherwise_now_stops_it() {
        let exec = Exec { prechecks: vec![precheck()], ..exec() };
        let checked = |argv: &str| prechecks(&exec, &policy(&format!("[precheck.fresh]\nargv = {argv}")));
        assert!(checked("[\"cat\", \"state\"]").is_ok());
        for otherwise in
            ["[\"cat\", \"other\"]", "[\"cat\"]", "[\"cat\", \"state\", \"x\"]", "[\"true\", \"state\"]"]
        {
            let Err(NotCleared::Stale(found)) = checked(otherwise) else { panic!("{otherwise}") };
            assert_eq!(found, ["precheck fresh: the policy defines it otherwise now"]);
        }
        assert!(matches!(prechecks(&exec, &policy("")), Err(NotCleared::Stale(_))), "nor may it be gone");
    }

    #[test]
    fn each_thing_that_is_bound_is_counted_once() {
        let (plain, digest) = (exec(), Digest::of(b"x"));
        assert_eq!(bindings(&plain), 5, "program, folder, account, host and one variable");
        let file = BoundFile { path: "/bin/sh".into(), sha256: digest, size: 1 };
        let inner = InnerProgram { name: "git".into(), path: None, link: None, theirs: false };
        let argument = ArgumentFile { index: 1, path: "/a".into(), sha256: digest, size: 1 };
        let bind = Bind { name: "b".parse().unwrap(), path: "/b".into(), sha256: digest, size: 1 };
        let variable = Variable { name: "A".into(), value: Value::Shown("".into()), added: false };
        let full = Exec {
            interpreters: vec![file; 2],
            within: vec![inner; 3],
            files: vec![argument; 4],
            binds: vec![bind; 5],
            env: vec![variable; 6],
            prechecks: vec![precheck(); 7],
            ..plain
        };
        assert_eq!(bindings(&full), 4 + 2 + 3 + 4 + 5 + 6 + 7);
    }
}
