//! What `--once` promises, held against the log: one key of one requester is one ticket, and only a ticket that ended
//! without having run gives its key on, to an attempt that names it. Pure; keeps some forty bytes a key.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

use super::succession::Phase;
use crate::ids::TicketId;
use crate::record::Text;
use crate::request::Request;

/// By which a ticket and its retries find each other, as its request says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Retry {
    /// The requester's key.
    pub key: Option<Text>,
    /// The ticket it says it is the next attempt of.
    pub of: Option<TicketId>,
}

impl Retry {
    /// That of a request.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        Self { key: request.once.clone(), of: request.attempt_of.clone() }
    }
}

/// The newest ticket of every key.
#[derive(Debug, Default)]
pub struct Retries {
    newest: HashMap<u64, Newest>,
    // Keyed anew for each audit, so that nobody can choose two keys that fall together.
    digest: RandomState,
}

#[derive(Debug)]
struct Newest {
    ticket: TicketId,
    free: bool,
}

/// What is wrong with a retry: the field, what it is and what it should be.
pub type Wrong = (&'static str, String, String);

impl Retries {
    /// Takes a ticket just filed by `uid`. `whole` says that no ticket before it was left out of the trail.
    pub fn filed(&mut self, uid: u32, ticket: &TicketId, retry: &Retry, whole: bool) -> Option<Wrong> {
        let newest = || Newest { ticket: ticket.clone(), free: false };
        let before = self.place(uid, retry).and_then(|place| self.newest.insert(place, newest()));
        if let Some(before) = before.as_ref().filter(|before| !before.free) {
            let wanted = "one whose ticket, if there was one, expired or was cancelled".to_owned();
            return Some(("once", format!("the key of {}", before.ticket.code()), wanted));
        }
        let wanted = before.map(|before| before.ticket);
        let told = |id: Option<&TicketId>| id.map_or("none".to_owned(), ToString::to_string);
        (whole && retry.of != wanted).then(|| ("attempt_of", told(retry.of.as_ref()), told(wanted.as_ref())))
    }

    /// A ticket is over, in this phase.
    pub fn ended(&mut self, uid: u32, ticket: &TicketId, retry: &Retry, phase: Phase) {
        let newest = self.place(uid, retry).and_then(|place| self.newest.get_mut(&place));
        if let Some(newest) = newest.filter(|newest| newest.ticket == *ticket) {
            newest.free = gives_its_key_on(phase);
        }
    }

    fn place(&self, uid: u32, retry: &Retry) -> Option<u64> {
        retry.key.as_ref().map(|key| self.digest.hash_one((uid, key.as_bytes())))
    }
}

/// Nothing ran, and nobody said no.
const fn gives_its_key_on(phase: Phase) -> bool {
    matches!(phase, Phase::Expired | Phase::Cancelled)
}

#[cfg(test)]
mod tests {
    use super::*;

    const UID: u32 = 1004;

    fn keyed(of: Option<&TicketId>) -> Retry {
        Retry { key: Some("deploy-1".into()), of: of.cloned() }
    }

    fn field(wrong: Option<Wrong>) -> Option<&'static str> {
        wrong.map(|(field, ..)| field)
    }

    #[test]
    fn only_a_ticket_that_ended_without_having_run_gives_its_key_on() {
        for (phase, goes_on) in [
            (Phase::Expired, true),
            (Phase::Cancelled, true),
            (Phase::Finished, false),
            (Phase::NotStarted, false),
            (Phase::Lost, false),
            (Phase::Settled, false),
            (Phase::Rejected, false),
        ] {
            let (mut retries, [first, second]) = (Retries::default(), [(); 2].map(|()| TicketId::random()));
            assert_eq!(retries.filed(UID, &first, &keyed(None), true), None);
            retries.ended(UID, &first, &keyed(None), phase);
            let wrong = retries.filed(UID, &second, &keyed(Some(&first)), true);
            assert_eq!(field(wrong), (!goes_on).then_some("once"), "{phase:?}");
        }
    }

    #[test]
    fn an_attempt_names_the_one_before_it_and_nothing_else_does() {
        let (mut retries, [first, second, third]) =
            (Retries::default(), [(); 3].map(|()| TicketId::random()));
        assert_eq!(field(retries.filed(UID, &first, &keyed(Some(&third)), true)), Some("attempt_of"));
        retries.ended(UID, &first, &keyed(None), Phase::Expired);
        assert_eq!(field(retries.filed(UID, &second, &keyed(None), true)), Some("attempt_of"));
        let keyless = Retry { key: None, of: Some(first) };
        assert_eq!(field(retries.filed(UID, &third, &keyless, true)), Some("attempt_of"));
    }

    #[test]
    fn keys_are_each_requesters_own_and_a_ticket_that_was_left_out_may_be_named() {
        let (mut retries, [first, second, third]) =
            (Retries::default(), [(); 3].map(|()| TicketId::random()));
        assert_eq!(retries.filed(UID, &first, &keyed(None), true), None);
        assert_eq!(retries.filed(UID + 1, &second, &keyed(None), true), None);
        retries.ended(UID, &first, &keyed(None), Phase::Cancelled);
        assert_eq!(retries.filed(UID, &third, &keyed(Some(&TicketId::random())), false), None);
        assert_eq!(field(retries.filed(UID, &second, &keyed(Some(&third)), false)), Some("once"));
    }

    #[test]
    fn an_older_attempt_that_ends_late_frees_nothing() {
        let (mut retries, [first, second, third]) =
            (Retries::default(), [(); 3].map(|()| TicketId::random()));
        assert_eq!(retries.filed(UID, &first, &keyed(None), true), None);
        assert_eq!(field(retries.filed(UID, &second, &keyed(None), true)), Some("once"));
        retries.ended(UID, &first, &keyed(None), Phase::Expired);
        assert_eq!(field(retries.filed(UID, &third, &keyed(Some(&second)), true)), Some("once"));
    }
}
