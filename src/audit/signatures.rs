//! The signatures of one page, verified together once the page has been read and nothing is held open.
//! Pure, on every core.

use std::sync::Arc;

use super::cores::beside;
use super::fault::Fault;
use super::statements;
use crate::clock::Timestamp;
use crate::ids::{Incarnation, Origin, TicketId};
use crate::signing::Reviewers;
use crate::ticket::event::{Event, What};

/// A signature to be verified after the page was read, beside others.
pub struct Task {
    seq: u64,
    ticket: Option<TicketId>,
    what: What,
    at: Timestamp,
    life: Incarnation,
    origin: Origin,
    // Whose signatures count; none when the log does not say.
    reviewers: Option<Arc<Reviewers>>,
}

impl Task {
    /// Of the signed statement in `event`.
    #[must_use]
    pub fn of(event: &Event, origin: &Origin, reviewers: Option<Arc<Reviewers>>) -> Self {
        Self {
            seq: event.seq,
            ticket: event.ticket.clone(),
            what: event.what.clone(),
            at: event.time,
            life: event.incarnation,
            origin: origin.clone(),
            reviewers,
        }
    }
}

/// What is wrong with any of them.
#[must_use]
pub fn verify(tasks: Vec<Task>) -> Vec<Fault> {
    beside(tasks, |tasks| tasks.iter().flat_map(faults_of).collect())
}

fn faults_of(task: &Task) -> Vec<Fault> {
    let fault = |field: &'static str, found: String, wanted: String| Fault {
        seq: task.seq,
        ticket: task.ticket.clone(),
        file: None,
        field,
        found,
        wanted,
    };
    let Some(reviewers) = &task.reviewers else {
        return vec![fault("signature", "by nobody known".to_owned(), "a reviewer's".to_owned())];
    };
    let wrong = |why: statements::Unfounded| {
        vec![fault("signature", why.to_string(), "good, by a reviewer in force".to_owned())]
    };
    match &task.what {
        What::Decision { statement, signature, .. } => {
            match statements::decision(reviewers, &task.origin, statement, signature, task.at) {
                Ok(_proof) => Vec::new(),
                Err(why) => wrong(why),
            }
        }
        What::Reconciled { statement, signature } => {
            match statements::reconcile(reviewers, &task.origin, statement, signature, task.at) {
                Ok(proof) => {
                    let ticket = task.ticket.as_ref();
                    statements::reconcile_differences(proof.value(), &task.origin, ticket, task.life)
                        .into_iter()
                        .map(|(field, found, wanted)| fault(field, found, wanted))
                        .collect()
                }
                Err(why) => wrong(why),
            }
        }
        _ => Vec::new(),
    }
}
