//! One ticket's life as its events tell it: each held against the ones before, and the state they end in.
//! Pure; independent of the state machine that wrote them.

use std::collections::BTreeSet;

use super::fault::{Fault, Faults};
use super::law::People;
use super::retries::Retry;
use super::statements::About;
use super::succession::Phase;
use crate::clock::Timestamp;
use crate::ids::{Digest, Incarnation, Nonce, Principal};
use crate::policy::{Quorum, Seat, Terms, Verdict};
use crate::record::Text;
use crate::ticket::decision::{Choice, Decision};
use crate::ticket::event::{Event, What};
use crate::ticket::{ApprovedBy, CancelledBy, Claim, Deadline, Execution, RejectedBy, State};

/// A decision on the way to the answer.
#[derive(Debug, Clone)]
pub struct Vote {
    /// The event.
    pub seq: u64,
    /// The statement's nonce.
    pub nonce: Nonce,
    /// Whose.
    pub reviewer: Principal,
    /// Digest of statement and signature, as [`signed`] makes it.
    pub signed: Digest,
    choice: Choice,
    until: Option<Timestamp>,
    life: Incarnation,
    reason: Option<Text>,
    suggest: Option<Text>,
    own: bool,
}

/// Digest of a statement and its signature, so that rows can be held against them without keeping either.
#[must_use]
pub fn signed(statement: &str, signature: &str) -> Digest {
    // With its length in front, so that neither can begin elsewhere.
    Digest::of(format!("{} {statement}{signature}", statement.len()).as_bytes())
}

/// A ticket while it is followed.
#[derive(Debug, Clone)]
pub struct Life {
    /// What decisions about it must name.
    pub about: About,
    /// The event that filed it.
    pub seq: u64,
    /// The newest event of it.
    pub last: u64,
    /// The requester.
    pub uid: u32,
    /// What the policy said.
    pub verdict: Verdict,
    /// When its wait ends.
    pub deadline: Deadline,
    /// Where it stands.
    pub phase: Phase,
    /// Its decisions, oldest first.
    pub votes: Vec<Vote>,
    /// What was handed in with its request, by digest, until somebody looks after it.
    pub payloads: Vec<(&'static str, Digest)>,
    /// By which it and its retries find each other.
    pub retry: Retry,
    /// Approved by nobody but the one who asked.
    pub alone: bool,
    /// Approved by the policy: nobody was asked.
    pub unasked: bool,
    state: State,
}

impl Life {
    /// A ticket just filed.
    #[must_use]
    pub fn new(about: About, seq: u64, uid: u32, verdict: Verdict, deadline: Deadline) -> Self {
        let phase = Phase::filed(&verdict);
        let state = State::Pending {};
        let (votes, payloads, retry) = (Vec::new(), Vec::new(), Retry::default());
        let (last, alone, unasked) = (seq, false, false);
        Self {
            about,
            seq,
            last,
            uid,
            verdict,
            deadline,
            phase,
            votes,
            payloads,
            retry,
            alone,
            unasked,
            state,
        }
    }

    /// The state its row must be in.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// Takes the next event about it, with the decision it records if it records one.
    pub fn take(&mut self, event: &Event, decision: Option<&Decision>, people: &People, faults: &mut Faults) {
        let word = event.what.word();
        let Some(next) = self.phase.after(word) else {
            let wanted = self.phase.followers();
            return self.wrong(faults, event.seq, "what", word, &wanted);
        };
        self.last = event.seq;
        match &event.what {
            What::Decision { statement, signature, own } => {
                if let Some(decision) = decision {
                    self.voted(event, decision, signed(statement, signature), *own, people, faults);
                }
            }
            What::Approved { by, until } => self.approved(event, by, until, people, faults),
            What::Rejected { by } => self.rejected(event, by, faults),
            What::Expired { approved } => {
                let wanted = self.phase == Phase::Approved;
                self.same(faults, event.seq, "expired.approved", approved, &wanted);
                self.state = State::Expired { at: event.time, approved: *approved };
            }
            What::Cancelled { why } => self.cancelled(event, why, faults),
            other => self.executed(event, other, faults),
        }
        self.phase = next;
    }

    fn voted(
        &mut self,
        event: &Event,
        decision: &Decision,
        signed: Digest,
        own: bool,
        people: &People,
        faults: &mut Faults,
    ) {
        for (field, found, wanted) in self.about.differences(decision, event.incarnation) {
            self.wrong(faults, event.seq, field, &found, &wanted);
        }
        if self.votes.iter().any(|vote| vote.nonce == decision.nonce) {
            self.wrong(faults, event.seq, "nonce", &decision.nonce.to_string(), "used once for a ticket");
        }
        let seat = people.seat(&decision.reviewer, self.uid);
        self.same(faults, event.seq, "own", &own, &seat.is_requester);
        let distinct = self.terms().is_some_and(|terms| terms.distinct);
        if distinct && seat.is_requester {
            self.wrong(
                faults,
                event.seq,
                "reviewer",
                decision.reviewer.as_str(),
                "somebody else than the requester",
            );
        }
        if (decision.decision == Choice::Approve) != decision.valid_until.is_some() {
            let found = decision.valid_until.map_or("none".to_owned(), |until| until.to_string());
            self.wrong(faults, event.seq, "valid_until", &found, "there for an approve, and only for one");
        }
        if self.phase == Phase::Approved && decision.decision != Choice::Revoke {
            self.wrong(
                faults,
                event.seq,
                "decision",
                decision.decision.word(),
                "revoke, once it is approved",
            );
        }
        self.votes.push(Vote {
            seq: event.seq,
            nonce: decision.nonce,
            reviewer: decision.reviewer.clone(),
            signed,
            choice: decision.decision,
            until: decision.valid_until,
            life: event.incarnation,
            reason: decision.reason.clone(),
            suggest: decision.suggest.clone(),
            own,
        });
    }

    const fn terms(&self) -> Option<&Terms> {
        match &self.verdict {
            Verdict::Review { terms, .. } => Some(terms),
            Verdict::Allow { .. } | Verdict::Deny { .. } => None,
        }
    }

    /// A person's newest word in this life of the queue.
    fn word_of(&self, person: &Principal, life: Incarnation) -> Option<&Vote> {
        self.votes.iter().rev().find(|vote| vote.reviewer == *person && vote.life == life)
    }

    fn approved(
        &mut self,
        event: &Event,
        by: &ApprovedBy,
        until: &Deadline,
        people: &People,
        faults: &mut Faults,
    ) {
        match (by, &self.verdict) {
            (ApprovedBy::Policy(rules), Verdict::Allow { rules: filed }) if rules == filed => {
                self.unasked = true
            }
            (ApprovedBy::Reviewers(persons), Verdict::Review { terms, .. }) => {
                let terms = terms.clone();
                self.by_people(event, persons, until, &terms, people, faults);
            }
            _ => self.wrong(faults, event.seq, "approved by", &format!("{by:?}"), "as the verdict says"),
        }
        let execution = Execution::Unclaimed {};
        self.state = State::Approved { at: event.time, by: by.clone(), until: until.clone(), execution };
    }

    fn by_people(
        &mut self,
        event: &Event,
        persons: &[Principal],
        until: &Deadline,
        terms: &Terms,
        people: &People,
        faults: &mut Faults,
    ) {
        let (seq, now) = (event.seq, event.time);
        let mut latest = now.plus(terms.validity());
        let mut seats: Vec<Seat> = Vec::new();
        let mut own = true;
        for person in persons {
            let counts = |vote: &&Vote| vote.choice == Choice::Approve && vote.until > Some(now);
            match self.word_of(person, event.incarnation).filter(counts) {
                Some(vote) => {
                    latest = latest.min(vote.until.unwrap_or(now));
                    own &= vote.own;
                    seats.push(people.seat(person, self.uid));
                }
                None => self.wrong(faults, seq, "approved by", person.as_str(), "people whose approve holds"),
            }
        }
        let quorum = Quorum::of(terms, &people.groups, &seats);
        let different: BTreeSet<&Principal> = persons.iter().collect();
        if !quorum.met || different.len() != persons.len() {
            let missing: Vec<String> = quorum.missing_groups.iter().map(ToString::to_string).collect();
            let found = format!("{} of {} {}", quorum.have, quorum.need, missing.join(", "));
            self.wrong(faults, seq, "quorum", found.trim_end(), "met, by different people");
        }
        if until.wall > latest {
            self.wrong(faults, seq, "until", &until.wall.to_string(), &format!("at most {latest}"));
        }
        if now >= self.deadline.wall {
            self.wrong(faults, seq, "time", &now.to_string(), &format!("before {}", self.deadline.wall));
        }
        self.alone = own && !persons.is_empty();
    }

    fn rejected(&mut self, event: &Event, by: &RejectedBy, faults: &mut Faults) {
        let (reason, suggest) = match (by, &self.verdict) {
            (RejectedBy::Policy(rules), Verdict::Deny { rules: filed, why, instead }) if rules == filed => {
                (sentence(why), sentence(instead))
            }
            (RejectedBy::Reviewer(person), Verdict::Review { .. }) => {
                match self.word_of(person, event.incarnation).filter(|vote| vote.choice == Choice::Reject) {
                    Some(vote) => (vote.reason.clone(), vote.suggest.clone()),
                    None => {
                        self.wrong(
                            faults,
                            event.seq,
                            "rejected by",
                            person.as_str(),
                            "one who signed a reject",
                        );
                        (None, None)
                    }
                }
            }
            _ => {
                self.wrong(faults, event.seq, "rejected by", &format!("{by:?}"), "as the verdict says");
                (None, None)
            }
        };
        self.state = State::Rejected { at: event.time, by: by.clone(), reason, suggest };
    }

    fn cancelled(&mut self, event: &Event, why: &CancelledBy, faults: &mut Faults) {
        if let CancelledBy::Revoke(person) = why {
            let revoked = self.word_of(person, event.incarnation);
            if revoked.is_none_or(|vote| vote.choice != Choice::Revoke) {
                self.wrong(faults, event.seq, "cancelled by", person.as_str(), "one who signed a revoke");
            }
        }
        self.state = State::Cancelled { at: event.time, why: why.clone() };
    }

    fn executed(&mut self, event: &Event, what: &What, faults: &mut Faults) {
        let (at, by, until, execution) = match std::mem::replace(&mut self.state, State::Pending {}) {
            State::Approved { at, by, until, execution } => (at, by, until, execution),
            other => return self.state = other,
        };
        let next = match (what, claim_of(&execution)) {
            (What::Claimed { claim, .. }, _) => {
                if event.time >= until.wall {
                    let wanted = format!("before {}, when the approval lapsed", until.wall);
                    self.wrong(faults, event.seq, "time", &event.time.to_string(), &wanted);
                }
                self.same(faults, event.seq, "claim.at", &claim.at, &event.time);
                Execution::Claimed(claim.clone())
            }
            (What::Finished { outcome }, Some(claim)) => Execution::Finished(claim, outcome.clone()),
            (What::NotStarted { reason }, Some(claim)) => Execution::NotStarted(claim, reason.clone()),
            (What::Unknown { .. }, Some(claim)) => Execution::Unknown(claim),
            (What::Reconciled { statement, .. }, Some(claim)) => match found_out(statement) {
                Some((finding, who)) => Execution::Reconciled(claim, finding, who),
                None => execution,
            },
            _ => execution,
        };
        self.state = State::Approved { at, by, until, execution: next };
    }

    fn wrong(&self, faults: &mut Faults, seq: u64, field: &'static str, found: &str, wanted: &str) {
        faults.add(Fault::at(seq, field, found, wanted).of(&self.about.ticket));
    }

    fn same<T: PartialEq + ToString>(
        &self,
        faults: &mut Faults,
        seq: u64,
        field: &'static str,
        found: &T,
        wanted: &T,
    ) {
        if found != wanted {
            self.wrong(faults, seq, field, &found.to_string(), &wanted.to_string());
        }
    }
}

fn claim_of(execution: &Execution) -> Option<Claim> {
    match execution {
        Execution::Claimed(claim) | Execution::Unknown(claim) => Some(claim.clone()),
        _ => None,
    }
}

fn found_out(statement: &str) -> Option<(Text, Principal)> {
    let said = crate::record::decode::<crate::ticket::decision::Reconcile>(statement).ok()?;
    Some((said.finding, said.reviewer))
}

fn sentence(parts: &BTreeSet<String>) -> Option<Text> {
    let joined: Vec<&str> = parts.iter().map(String::as_str).collect();
    (!joined.is_empty()).then(|| Text::from(joined.join("; ")))
}
