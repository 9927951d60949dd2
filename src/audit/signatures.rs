//! The signatures of one page, verified together while the pages behind it are followed.
//! Pure, on every core.

use std::sync::Arc;

use rayon::prelude::*;

use super::chain::Parsed;
use super::fault::Fault;
use super::statements::{self, Unfounded};
use crate::ids::Origin;
use crate::signing::Reviewers;
use crate::ticket::decision::Decision;
use crate::ticket::event::{Event, What};

/// A signature to be verified beside others, some time after its event went by.
pub struct Task {
    parsed: Arc<Parsed>,
    origin: Origin,
    // Whose signatures count; none when the log does not say.
    reviewers: Option<Arc<Reviewers>>,
}

impl Task {
    /// Of the signed statement in an event.
    #[must_use]
    pub const fn of(parsed: Arc<Parsed>, origin: Origin, reviewers: Option<Arc<Reviewers>>) -> Self {
        Self { parsed, origin, reviewers }
    }
}

/// What is wrong with any of them.
#[must_use]
pub fn verify(tasks: &[Task]) -> Vec<Fault> {
    let faults_of = |Task { parsed, origin, reviewers }: &Task| match &parsed.event {
        Ok(event) => wrong(event, parsed.decision.as_ref(), origin, reviewers.as_deref()),
        Err(_) => Vec::new(),
    };
    tasks.par_iter().flat_map_iter(faults_of).collect()
}

/// What is wrong with the signature in an event, where that records the `decision`.
#[must_use]
pub fn wrong(
    event: &Event,
    decision: Option<&Result<Decision, String>>,
    origin: &Origin,
    reviewers: Option<&Reviewers>,
) -> Vec<Fault> {
    let fault = |field: &'static str, found: String, wanted: String| {
        let fault = Fault::at(event.seq, field, found, wanted);
        event.ticket.iter().fold(fault, Fault::of)
    };
    let Some(reviewers) = reviewers else {
        return vec![fault("signature", "by nobody known".to_owned(), "a reviewer's".to_owned())];
    };
    let wrong =
        |why: Unfounded| vec![fault("signature", why.to_string(), "good, by a reviewer in force".to_owned())];
    match (&event.what, decision) {
        (What::Decision { statement, signature, .. }, Some(Ok(decision))) => {
            let signed = statements::signed(reviewers, origin, decision, statement, signature, event.time);
            signed.map_or_else(|why| wrong(why.into()), |_proof| Vec::new())
        }
        (What::Decision { .. }, Some(Err(why))) => wrong(Unfounded::Form(why.clone())),
        (What::Reconciled { statement, signature }, _) => {
            match statements::reconcile(reviewers, origin, statement, signature, event.time) {
                Ok(proof) => {
                    let (ticket, life) = (event.ticket.as_ref(), event.incarnation);
                    statements::reconcile_differences(proof.value(), origin, ticket, life)
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
