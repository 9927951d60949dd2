//! The policy and the reviewers that were in force at each point of the log, from their own bytes.
//! Reads blobs; believes their digests only.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::fault::Faults;
use super::trail::{Trail, TrailError};
use crate::ids::{Digest, Principal};
use crate::policy::{Groups, Policy, PolicyFile, Seat};
use crate::record::Text;
use crate::request::PolicyRef;
use crate::signing::Reviewers;
use crate::ticket::event::{LayerRef, What};

/// What a policy says of people.
#[derive(Debug, Default)]
pub struct People {
    /// Groups and who is in them.
    pub groups: Groups,
    accounts: BTreeMap<Principal, u32>,
}

impl People {
    /// A person in their relation to the account `uid`.
    #[must_use]
    pub fn seat(&self, person: &Principal, uid: u32) -> Seat {
        Seat { principal: person.clone(), is_requester: self.accounts.get(person) == Some(&uid) }
    }
}

/// What was in force at the point of the log that was reached.
#[derive(Debug, Default)]
pub struct Law {
    given: Option<Arc<Reviewers>>,
    logged: Option<Arc<Reviewers>>,
    policy: Option<Digest>,
    people: HashMap<Digest, Arc<People>>,
    named: HashSet<Digest>,
}

impl Law {
    /// With the auditor's own reviewers, who then alone are asked.
    #[must_use]
    pub fn new(given: Option<Reviewers>) -> Self {
        Self { given: given.map(Arc::new), ..Self::default() }
    }

    /// Whose signatures count here.
    #[must_use]
    pub fn reviewers(&self) -> Option<Arc<Reviewers>> {
        self.given.as_ref().or(self.logged.as_ref()).map(Arc::clone)
    }

    /// The policy in force, by digest.
    #[must_use]
    pub const fn policy(&self) -> Option<Digest> {
        self.policy
    }

    /// What that policy says of people.
    #[must_use]
    pub fn people(&self) -> Arc<People> {
        self.policy.and_then(|digest| self.people.get(&digest).map(Arc::clone)).unwrap_or_default()
    }

    /// Whether this is a policy, a layer of one, or a reviewers file that was ever in force until here.
    #[must_use]
    pub fn rests_on(&self, digest: &Digest) -> bool {
        self.named.contains(digest)
    }

    /// Takes an event that changes what is in force.
    ///
    /// # Errors
    /// When the trail cannot be read; what is wrong in it is a fault.
    pub fn take(
        &mut self,
        read: &dyn Trail,
        seq: u64,
        what: &What,
        faults: &mut Faults,
    ) -> Result<(), TrailError> {
        match what {
            What::Policy { policy, layers } => {
                self.policy = Some(policy.sha256);
                self.named.insert(policy.sha256);
                self.named.extend(layers.iter().map(|layer| layer.sha256));
                if let Entry::Vacant(unknown) = self.people.entry(policy.sha256) {
                    let people = people(read, policy, layers)?;
                    unknown.insert(Arc::new(people.unwrap_or_else(|why| {
                        faults.of_log(seq, "policy", why, format!("the bytes of {}", policy.sha256));
                        People::default()
                    })));
                }
            }
            What::Reviewers { sha256 } => {
                self.named.insert(*sha256);
                let text = text(read, sha256)?;
                let reviewers =
                    text.and_then(|text| Reviewers::parse(&text).map_err(|error| error.to_string()));
                match reviewers {
                    Ok(reviewers) => self.logged = Some(Arc::new(reviewers)),
                    Err(why) => {
                        faults.of_log(seq, "reviewers", why, format!("the bytes of {sha256}"));
                        self.logged = None;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// A blob's bytes, or what is wrong with it.
///
/// # Errors
/// When the trail cannot be read at all.
pub fn blob(read: &dyn Trail, digest: &Digest) -> Result<Result<Vec<u8>, String>, TrailError> {
    Ok(kept(read, digest)?.unwrap_or_else(|| Err(missing(digest))))
}

/// A blob's bytes, or what is wrong with it; nothing where there is none.
///
/// # Errors
/// When the trail cannot be read at all.
pub fn kept(read: &dyn Trail, digest: &Digest) -> Result<Option<Result<Vec<u8>, String>>, TrailError> {
    let bytes = fetched(read, digest)?;
    Ok(bytes.map(|bytes| bytes.and_then(|bytes| held(digest, bytes))))
}

/// As [`kept`], with bytes that are still to be [`held`] against the digest.
///
/// # Errors
/// When the trail cannot be read at all.
pub fn fetched(read: &dyn Trail, digest: &Digest) -> Result<Option<Result<Vec<u8>, String>>, TrailError> {
    match read.blob(digest) {
        Ok(bytes) => Ok(bytes.map(Ok)),
        Err(TrailError::Damaged(why)) => Ok(Some(Err(why))),
        Err(error) => Err(error),
    }
}

/// These bytes, if their digest is this one.
///
/// # Errors
/// Whose bytes they are instead.
pub fn held(digest: &Digest, bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    let found = Digest::of(&bytes);
    if found == *digest { Ok(bytes) } else { Err(format!("other bytes, of {found}")) }
}

/// What is wrong with a blob that is not there.
#[must_use]
pub fn missing(digest: &Digest) -> String {
    format!("{digest} is missing")
}

fn text(read: &dyn Trail, digest: &Digest) -> Result<Result<String, String>, TrailError> {
    let bytes = blob(read, digest)?;
    Ok(bytes.and_then(|bytes| String::from_utf8(bytes).map_err(|_| format!("{digest} is not text"))))
}

/// The policy as it was: its record, its layers, and the people in them.
fn people(
    read: &dyn Trail,
    policy: &PolicyRef,
    layers: &[LayerRef],
) -> Result<Result<People, String>, TrailError> {
    let record = match text(read, &policy.sha256)? {
        Ok(record) => record,
        Err(why) => return Ok(Err(why)),
    };
    if !lists(&record, policy, layers) {
        return Ok(Err("its record lists other layers".to_owned()));
    }
    let mut texts = Vec::new();
    for layer in layers {
        match text(read, &layer.sha256)? {
            Ok(text) => texts.push((layer.name.clone(), text)),
            Err(why) => return Ok(Err(why)),
        }
    }
    Ok(loaded(&texts))
}

fn lists(record: &str, policy: &PolicyRef, layers: &[LayerRef]) -> bool {
    let wanted = serde_json::json!({ "layers": layers, "type": "policy.v1", "version": policy.version });
    serde_json::from_str::<serde_json::Value>(record).is_ok_and(|record| record == wanted)
}

// Groups and accounts stand in the root layer; a project's is loaded with it only to find out whether both
// still can be. The packs are this handoff's own, and say nothing of people.
fn loaded(texts: &[(Text, String)]) -> Result<People, String> {
    let layer = |wanted: &str| texts.iter().find(|(name, _)| name.plain() == Some(wanted));
    let Some((_, root)) = layer("root") else { return Ok(People::default()) };
    let root = PolicyFile { file: "root", bytes: root.as_bytes() };
    let project = layer("project").map(|(_, text)| PolicyFile { file: "project", bytes: text.as_bytes() });
    let trusted: BTreeSet<Digest> = project.iter().map(|file| Digest::of(file.bytes)).collect();
    let policy = Policy::load(root, project, &trusted).map_err(|error| error.to_string())?;
    Ok(People { groups: policy.groups().clone(), accounts: policy.accounts().clone() })
}
