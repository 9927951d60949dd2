//! The reviewers: an `allowed_signers` file, whose bytes are kept, and the one check that a signature is theirs.
//! Pure. Narrower than stock (see `allowed`), and one key is one person's.

use std::collections::{BTreeMap, BTreeSet};

use super::allowed::{Entry, LineProblem};
use super::public::{Fingerprint, PublicKey, PublicKeyError};
use super::sshsig::{Signature, SignatureError};
use super::verified::Verified;
use crate::clock::Timestamp;
use crate::ids::{Digest, Principal};

/// Room for some two thousand reviewers.
const LONGEST: usize = 1 << 20;

/// What is wrong with a reviewers file, or with a change to it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReviewersError {
    /// One line; counted from 1.
    #[error("reviewers, line {line}: {problem}")]
    Line {
        /// Which line.
        line: usize,
        /// What is wrong, and what to write.
        problem: LineProblem,
    },
    /// A reviewer's key a second time.
    #[error(
        "reviewers, line {line}: {principal} has this key on line {earlier} already; change that line instead"
    )]
    Duplicate {
        /// The second line.
        line: usize,
        /// The first.
        earlier: usize,
        /// Whose key it is.
        principal: Principal,
    },
    /// Two names for one key would be two seats for one person.
    #[error(
        "reviewers, line {line}: this key is {principal}'s on line {earlier}; each reviewer needs a key of their own"
    )]
    Shared {
        /// The second line.
        line: usize,
        /// The first.
        earlier: usize,
        /// Whose key it is there.
        principal: Principal,
    },
    /// To be revoked or removed, but not there.
    #[error("no reviewer has key {0}; `handoff key list` shows the keys")]
    NoSuchKey(Fingerprint),
    /// No list of people is that long.
    #[error("the reviewers file is longer than 1 MiB; give the allowed_signers file itself")]
    TooLong,
}

/// Everyone whose signature may count, with the exact bytes that say so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reviewers {
    text: String,
    entries: Vec<Entry>,
    lines: BTreeMap<Fingerprint, Place>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    line: usize,
    entry: usize,
}

impl Reviewers {
    /// Reads the file's text. Blank lines and lines that start with `#` say nothing and are kept.
    ///
    /// # Errors
    /// At the first line that is wider than what we take, or that repeats a key.
    pub fn parse(text: &str) -> Result<Self, ReviewersError> {
        if text.len() > LONGEST {
            return Err(ReviewersError::TooLong);
        }
        let mut reviewers = Self { text: text.to_owned(), entries: Vec::new(), lines: BTreeMap::new() };
        for (line, content) in (1..).zip(text.split('\n')) {
            if !is_silent(content) {
                let entry =
                    Entry::parse(content).map_err(|problem| ReviewersError::Line { line, problem })?;
                reviewers.push(line, entry)?;
            }
        }
        Ok(reviewers)
    }

    fn push(&mut self, line: usize, entry: Entry) -> Result<(), ReviewersError> {
        let key = entry.key().fingerprint();
        if let Some((earlier, first)) = self.find(&key) {
            let principal = first.principal().clone();
            return Err(if principal == *entry.principal() {
                ReviewersError::Duplicate { line, earlier, principal }
            } else {
                ReviewersError::Shared { line, earlier, principal }
            });
        }
        self.lines.insert(key, Place { line, entry: self.entries.len() });
        self.entries.push(entry);
        Ok(())
    }

    fn find(&self, key: &Fingerprint) -> Option<(usize, &Entry)> {
        let place = self.lines.get(key)?;
        Some((place.line, self.entries.get(place.entry)?))
    }

    /// The exact text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The digest of the exact text.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.text.as_bytes())
    }

    /// Every key, in the order of the file.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of a key, whatever its validity.
    #[must_use]
    pub fn entry(&self, key: &Fingerprint) -> Option<&Entry> {
        self.find(key).map(|(_, entry)| entry)
    }

    /// Who has a key that counts for `namespace` at `at`.
    #[must_use]
    pub fn valid_at(&self, namespace: &str, at: Timestamp) -> BTreeSet<Principal> {
        let counting = self.entries.iter().filter(|entry| entry.counts(namespace, at));
        counting.map(|entry| entry.principal().clone()).collect()
    }

    /// The only maker of [`Verified`]: `armored` is a signature over exactly `message`, for `namespace`,
    /// by a key that was `principal`'s, for that namespace, at `at`.
    ///
    /// # Errors
    /// Each reason has its own [`SignatureError`]; the arithmetic is settled before the question of trust.
    pub fn verify(
        &self,
        principal: &Principal,
        namespace: &str,
        message: &[u8],
        armored: &str,
        at: Timestamp,
    ) -> Result<Verified<Vec<u8>>, SignatureError> {
        let signature = Signature::parse_with(armored, &|blob| self.key(blob))?;
        signature.verify(namespace, message)?;
        let key = signature.public_key().fingerprint();
        let entry = self.entry(&key).ok_or(SignatureError::Untrusted { key })?;
        trusted(entry, key, principal, namespace, at)?;
        Ok(Verified::new(message.to_vec(), principal.clone(), key))
    }

    // A reviewer's key was read when the file was, and found good: its point is not computed again.
    fn key(&self, blob: &[u8]) -> Result<PublicKey, PublicKeyError> {
        let known = self.entry(&Fingerprint::of_blob(blob)).map(Entry::key);
        known
            .filter(|key| key.to_blob() == blob)
            .map_or_else(|| PublicKey::from_blob(blob), |key| Ok(key.clone()))
    }

    /// These reviewers and one more line at the end; every other byte stays.
    ///
    /// # Errors
    /// When the key is there already.
    pub fn with_line(&self, entry: &Entry) -> Result<Self, ReviewersError> {
        let gap = if self.text.is_empty() || self.text.ends_with('\n') { "" } else { "\n" };
        Self::parse(&format!("{}{gap}{entry}\n", self.text))
    }

    /// The same reviewers, but `key` counts no longer from `at` on (rotation): what it signed before stays good. The
    /// file knows whole seconds only, so an instant within one ends the key with that second, not before it. A key that ends earlier already is left as it is; one that was not valid yet becomes a comment.
    ///
    /// # Errors
    /// When nobody has the key.
    pub fn revoked_at(&self, key: &Fingerprint, at: Timestamp) -> Result<Self, ReviewersError> {
        let (line, entry) = self.find(key).ok_or(ReviewersError::NoSuchKey(*key))?;
        let at = if at.millis() % 1000 == 0 { at } else { at.next_second() };
        if entry.valid_before().is_some_and(|before| before <= at) {
            return Ok(self.clone());
        }
        match entry.clone().valid(entry.valid_after(), Some(at)) {
            Ok(ended) => self.with_line_as(line, &ended.to_string()),
            Err(_) => self.removed(key),
        }
    }

    /// The same reviewers, but `key` never counted (theft): its line becomes a comment.
    ///
    /// # Errors
    /// When nobody has the key.
    pub fn removed(&self, key: &Fingerprint) -> Result<Self, ReviewersError> {
        let (line, entry) = self.find(key).ok_or(ReviewersError::NoSuchKey(*key))?;
        self.with_line_as(line, &format!("# removed: {entry}"))
    }

    fn with_line_as(&self, number: usize, replacement: &str) -> Result<Self, ReviewersError> {
        let lines = (1..).zip(self.text.split('\n'));
        let lines: Vec<&str> = lines.map(|(n, line)| if n == number { replacement } else { line }).collect();
        Self::parse(&lines.join("\n"))
    }
}

fn is_silent(line: &str) -> bool {
    line.starts_with('#') || line.bytes().all(|b| b == b' ')
}

fn trusted(
    entry: &Entry,
    key: Fingerprint,
    claimed: &Principal,
    namespace: &str,
    at: Timestamp,
) -> Result<(), SignatureError> {
    let principal = entry.principal().clone();
    if principal != *claimed {
        return Err(SignatureError::TrustedForAnother { key, owner: principal, claimed: claimed.clone() });
    }
    if !entry.namespaces().contains(namespace) {
        return Err(SignatureError::NamespaceNotAllowed { key, principal, namespace: namespace.to_owned() });
    }
    match (entry.valid_after(), entry.valid_before()) {
        (Some(from), _) if at < from => Err(SignatureError::NotYetValid { key, principal, from }),
        (_, Some(until)) if until <= at => Err(SignatureError::NoLongerValid { key, principal, until }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::signing::{FileKey, Signer};

    const SPACE: &str = "decision.v1@q";

    fn signer(seed: u8) -> Signer {
        Signer::File(FileKey::from_seed(&[seed; 32]))
    }

    fn print(seed: u8) -> Fingerprint {
        signer(seed).public_key().fingerprint()
    }

    fn line(name: &str, seed: u8, options: &str) -> String {
        format!("{name} namespaces=\"{SPACE}\"{options} {}", signer(seed).public_key().to_openssh())
    }

    fn who(name: &str) -> Principal {
        name.parse().unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn noon() -> Timestamp {
        at("2026-11-22T12:00:00Z")
    }

    fn verify(
        text: &str,
        name: &str,
        seed: u8,
        time: Timestamp,
    ) -> Result<Verified<Vec<u8>>, SignatureError> {
        let armored = signer(seed).sign(SPACE, b"m").unwrap();
        Reviewers::parse(text).unwrap().verify(&who(name), SPACE, b"m", &armored, time)
    }

    #[test]
    fn a_reviewers_signature_is_proof_of_who_signed_what() {
        let proof = verify(&line("ana", 1, ""), "ana", 1, noon()).unwrap();
        assert_eq!((proof.value().as_slice(), proof.principal()), (&b"m"[..], &who("ana")));
        assert_eq!(*proof.fingerprint(), print(1));
        let text = proof.try_map(String::from_utf8).unwrap();
        assert_eq!((text.value().as_str(), text.principal()), ("m", &who("ana")));
    }

    #[test]
    fn every_reason_not_to_trust_has_its_own_answer() {
        let text = format!("{}\n{}\n", line("ana", 1, ""), line("bo", 2, ""));
        let untrusted = verify(&text, "ana", 3, noon()).unwrap_err();
        assert_eq!(untrusted, SignatureError::Untrusted { key: print(3) });
        let another = verify(&text, "ana", 2, noon()).unwrap_err();
        assert!(matches!(another, SignatureError::TrustedForAnother { owner, .. } if owner == who("bo")));
        let narrow = line("ana", 1, "").replace(SPACE, "other");
        let narrow = verify(&narrow, "ana", 1, noon()).unwrap_err();
        assert!(matches!(narrow, SignatureError::NamespaceNotAllowed { .. }));
        let early = verify(&line("ana", 1, ",valid-after=\"20261123Z\""), "ana", 1, noon()).unwrap_err();
        assert!(matches!(early, SignatureError::NotYetValid { .. }));
        let late = verify(&line("ana", 1, ",valid-before=\"20261122Z\""), "ana", 1, noon()).unwrap_err();
        assert!(matches!(late, SignatureError::NoLongerValid { .. }));
    }

    #[test]
    fn damage_is_told_before_distrust() {
        let reviewers = Reviewers::parse("").unwrap();
        let armored = signer(1).sign(SPACE, b"m").unwrap();
        let bad = reviewers.verify(&who("ana"), SPACE, b"other", &armored, noon()).unwrap_err();
        assert_eq!(bad, SignatureError::Bad);
        let malformed = reviewers.verify(&who("ana"), SPACE, b"m", "", noon()).unwrap_err();
        assert!(matches!(malformed, SignatureError::Malformed(_)));
    }

    #[test]
    fn one_key_is_one_line_and_one_person() {
        let twice =
            format!("# keys\n{}\n\n{}\n", line("ana", 1, ""), line("ana", 1, ",valid-after=\"20261122Z\""));
        let error = Reviewers::parse(&twice).unwrap_err();
        assert_eq!(error, ReviewersError::Duplicate { line: 4, earlier: 2, principal: who("ana") });
        let shared = format!("{}\n{}", line("ana", 1, ""), line("bo", 1, ""));
        let error = Reviewers::parse(&shared).unwrap_err();
        assert_eq!(error, ReviewersError::Shared { line: 2, earlier: 1, principal: who("ana") });
    }

    #[test]
    fn an_error_names_its_line() {
        let text = format!("# ok\n\n{}\n* {}\n", line("ana", 1, ""), line("", 2, "").trim_start());
        let error = Reviewers::parse(&text).unwrap_err().to_string();
        assert!(error.starts_with("reviewers, line 4: \"*\" is not one literal name; write"), "{error}");
    }

    #[test]
    fn adding_a_line_keeps_every_other_byte() {
        let old = format!("# our people\n\n{}", line("ana", 1, ""));
        let reviewers = Reviewers::parse(&old).unwrap();
        let key = signer(2).public_key().clone();
        let entry = Entry::new(who("bo"), [SPACE.to_owned()], key, "laptop").unwrap();
        let more = reviewers.with_line(&entry).unwrap();
        assert_eq!(more.as_str(), format!("{old}\n{entry}\n"));
        assert_ne!(more.digest(), reviewers.digest());
        assert_eq!(more.valid_at(SPACE, noon()), [who("ana"), who("bo")].into());
        assert!(matches!(more.with_line(&entry), Err(ReviewersError::Duplicate { line: 5, earlier: 4, .. })));
    }

    #[test]
    fn a_revoked_key_no_longer_counts_but_did_before() {
        let text = format!("# a\n{} x\n{}\n", line("ana", 1, ""), line("bo", 2, ""));
        let reviewers = Reviewers::parse(&text).unwrap().revoked_at(&print(1), noon()).unwrap();
        assert_eq!(reviewers.valid_at(SPACE, noon()), [who("bo")].into());
        assert_eq!(reviewers.valid_at(SPACE, at("2026-11-22T11:59:59Z")).len(), 2);
        let again = reviewers.revoked_at(&print(1), noon().plus(Duration::from_secs(60))).unwrap();
        assert_eq!(again, reviewers, "a later revocation must not lengthen its life");
        assert!(
            reviewers
                .as_str()
                .starts_with("# a\nana namespaces=\"decision.v1@q\",valid-before=\"20261122120000Z\"")
        );
        assert!(reviewers.as_str().ends_with(&format!("\n{}\n", line("bo", 2, ""))));
    }

    #[test]
    fn a_key_that_ends_within_a_second_counts_to_its_end() {
        let reviewers = Reviewers::parse(&line("ana", 1, "")).unwrap();
        for millis in [1, 500, 999] {
            let within = noon().plus(Duration::from_millis(millis));
            let revoked = reviewers.revoked_at(&print(1), within).unwrap();
            assert_eq!(revoked.valid_at(SPACE, within).len(), 1, "{millis}");
            assert!(revoked.valid_at(SPACE, noon().next_second()).is_empty(), "{millis}");
            assert_eq!(revoked.revoked_at(&print(1), within).unwrap(), revoked);
        }
        assert_eq!(noon().next_second(), noon().plus(Duration::from_secs(1)));
    }

    #[test]
    fn a_stolen_key_never_counted() {
        let reviewers = Reviewers::parse(&line("ana", 1, "")).unwrap();
        let removed = reviewers.removed(&print(1)).unwrap();
        assert!(removed.entries().is_empty() && removed.as_str().starts_with("# removed: ana "));
        assert_eq!(removed.removed(&print(1)), Err(ReviewersError::NoSuchKey(print(1))));
    }

    #[test]
    fn a_key_revoked_before_its_first_second_is_taken_out() {
        let text = line("ana", 1, ",valid-after=\"20261122130000Z\"");
        let revoked = Reviewers::parse(&text).unwrap().revoked_at(&print(1), noon()).unwrap();
        assert!(revoked.entries().is_empty());
    }

    #[test]
    fn blanks_and_remarks_say_nothing_and_a_lone_word_is_an_error() {
        assert_eq!(Reviewers::parse("# ana\n\n   \n#\n").unwrap().entries(), []);
        assert!(matches!(Reviewers::parse("ana\n"), Err(ReviewersError::Line { line: 1, .. })));
        assert!(matches!(Reviewers::parse(" # ana\n"), Err(ReviewersError::Line { line: 1, .. })));
    }

    #[test]
    fn every_key_is_listed_in_the_order_of_the_file() {
        let reviewers =
            Reviewers::parse(&format!("{}\n# x\n{}\n", line("bo", 2, ""), line("ana", 1, ""))).unwrap();
        let listed: Vec<_> = reviewers.entries().iter().map(|entry| entry.principal().clone()).collect();
        assert_eq!(listed, [who("bo"), who("ana")]);
    }

    #[test]
    fn a_file_has_its_longest_length() {
        let long = |length: usize| Reviewers::parse(&format!("#{}", "x".repeat(length - 1)));
        assert!(long(LONGEST).is_ok());
        assert_eq!(long(LONGEST + 1), Err(ReviewersError::TooLong));
        assert_eq!(long(LONGEST + 2), Err(ReviewersError::TooLong));
    }

    #[test]
    fn lines_end_with_a_line_feed_only() {
        let text = format!("{}\r\n", line("ana", 1, ""));
        let problem = LineProblem::Control;
        assert_eq!(Reviewers::parse(&text), Err(ReviewersError::Line { line: 1, problem }));
    }
}
