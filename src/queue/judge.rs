//! What the policy in force makes of a draft: its verdict, and how long, how soon and how often.
//! Pure. Judged where it is recorded, so that no caller's word is taken for the policy's.

use super::authority::unchecked;
use super::journal::reference;
use super::propose::Draft;
use super::{InForce, QueueError};
use crate::facts::Facts;
use crate::policy::{Judgement, Terms, Verdict};
use crate::request::{Action, PolicyRef};

/// A draft's verdict, with the policy's own numbers. Made by [`Judged::of`] only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    verdict: Verdict,
    policy: PolicyRef,
    terms: Terms,
    max_pending: u64,
}

impl Judged {
    /// Judges `draft`, from what it records and nothing else.
    ///
    /// # Errors
    /// [`QueueError::Unchecked`] when a precheck the policy asks for was not run.
    pub fn of(draft: &Draft, in_force: InForce<'_>) -> Result<Self, QueueError> {
        let Action::Exec(exec) = &draft.action;
        let facts =
            Facts::about(exec, draft.git.as_ref(), draft.requester.terminal, draft.context.declared.clone());
        let policy = in_force.policy;
        let Judgement { verdict, prechecks, .. } = policy.judge(&facts);
        if let Some(missing) = unchecked(exec, &prechecks) {
            return Err(QueueError::Unchecked(missing.clone()));
        }
        Ok(Self {
            verdict,
            policy: reference(policy),
            terms: policy.defaults().terms.clone(),
            max_pending: u64::from(policy.limits().max_pending),
        })
    }

    /// What the policy says.
    pub const fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// Which policy said it.
    #[must_use]
    pub const fn policy(&self) -> &PolicyRef {
        &self.policy
    }

    /// Seconds it may wait: the policy's, or fewer if so many were `asked` for.
    #[must_use]
    pub fn deadline_s(&self, asked: Option<u64>) -> u64 {
        let most = match &self.verdict {
            Verdict::Review { terms, .. } => terms.deadline_s,
            Verdict::Allow { .. } | Verdict::Deny { .. } => self.terms.deadline_s,
        };
        asked.unwrap_or(most).min(most).max(1)
    }

    /// Seconds an approval by the policy alone may be used.
    #[must_use]
    pub const fn validity_s(&self) -> u64 {
        self.terms.validity_s
    }

    /// How many pending tickets one requester may have.
    #[must_use]
    pub const fn max_pending(&self) -> u64 {
        self.max_pending
    }
}
