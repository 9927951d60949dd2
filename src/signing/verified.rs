//! The proof that a trusted reviewer signed; made in one place, by one check.
//! Pure.

use super::public::Fingerprint;
use crate::ids::Principal;

/// What a trusted reviewer's key signed, with whose key it was. Only
/// [`Reviewers::verify`](super::Reviewers::verify) makes one: it cannot be read from disk or built by hand.
#[must_use]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified<T> {
    value: T,
    principal: Principal,
    key: Fingerprint,
}

impl<T> Verified<T> {
    pub(super) const fn new(value: T, principal: Principal, key: Fingerprint) -> Self {
        Self { value, principal, key }
    }

    /// What was signed.
    pub const fn value(&self) -> &T {
        &self.value
    }

    /// Who signed it.
    pub const fn principal(&self) -> &Principal {
        &self.principal
    }

    /// With which of their keys.
    pub const fn fingerprint(&self) -> &Fingerprint {
        &self.key
    }

    /// Reads the signed bytes as something richer; the proof stays with it.
    ///
    /// # Errors
    /// Those of `read`.
    pub fn try_map<U, E>(self, read: impl FnOnce(T) -> Result<U, E>) -> Result<Verified<U>, E> {
        let Self { value, principal, key } = self;
        read(value).map(|value| Verified { value, principal, key })
    }
}
