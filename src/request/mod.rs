//! The immutable record of an action with its context: what people are asked to agree to.
//! Pure: types, their canonical bytes and the digests over them.

pub mod action;
pub mod context;
pub mod placeholder;
pub mod secret;
pub mod wire;

use serde::{Deserialize, Serialize};

pub use action::{
    Action, ArgumentFile, Bind, BoundFile, Exec, HiddenValue, InnerProgram, Link, PrecheckResult, Program,
    Stdin, Value, Variable,
};
pub use context::{Account, Attachment, Context, DECLARED_NAMES, Declared, GitState, Requester};

use crate::clock::Timestamp;
use crate::ids::{Digest, Origin, TicketId};
use crate::record::{Record, RecordError, Text};

/// The one version of the request record we write and read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RequestType {
    /// The form described in docs/records.md.
    #[serde(rename = "request.v1")]
    V1,
}

/// Everything a ticket is about, written once when it is filed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The record's version.
    #[serde(rename = "type")]
    pub kind: RequestType,
    /// The queue it was filed in.
    pub queue: Origin,
    /// The ticket it opens; so no two requests have the same bytes.
    pub ticket: TicketId,
    /// When it was filed.
    pub time: Timestamp,
    /// Who asks, as observed.
    pub requester: Requester,
    /// What would be done.
    pub action: Action,
    /// Digest of the canonical bytes of `action`.
    pub action_sha256: Digest,
    /// What the requester says about it.
    pub context: Context,
    /// The state of the version control around the working folder, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git: Option<GitState>,
    /// The idempotency key, unique per requester.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub once: Option<Text>,
    /// The earlier attempt with the same key that expired or was cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt_of: Option<TicketId>,
    /// Seconds it may wait for an answer: the policy's, or shorter if asked.
    pub deadline_s: u64,
    /// The policy it was judged by when it was filed.
    pub policy: PolicyRef,
}

impl Request {
    /// The canonical bytes, as stored, hashed and exported.
    ///
    /// # Errors
    /// When the request is longer than a record may be.
    pub fn record(&self) -> Result<Record, RecordError> {
        Record::of(self)
    }

    /// The command of the action: today every action is one.
    #[must_use]
    pub const fn exec(&self) -> &Exec {
        match &self.action {
            Action::Exec(exec) => exec,
        }
    }

    /// What was handed in with it besides the request itself, kept by digest: attachments, bound files, captured input.
    #[must_use]
    pub fn payloads(&self) -> Vec<(&'static str, Digest)> {
        let exec = self.exec();
        let mut payloads: Vec<(&'static str, Digest)> = Vec::new();
        payloads.extend(self.context.attachments.iter().map(|file| ("attachment", file.sha256)));
        payloads.extend(exec.binds.iter().map(|bind| ("bind", bind.sha256)));
        if let Stdin::Captured { sha256, .. } = &exec.stdin {
            payloads.push(("stdin", *sha256));
        }
        payloads
    }

    /// What makes two requests of one requester the same question: action and context, without time.
    ///
    /// # Errors
    /// When the parts cannot be written as a record.
    pub fn join_digest(&self) -> Result<Digest, RecordError> {
        #[derive(Serialize)]
        struct Same<'a> {
            action: Digest,
            context: &'a Context,
            uid: u32,
        }
        let same =
            Same { action: self.action_sha256, context: &self.context, uid: self.requester.account.uid };
        Ok(Record::of(&same)?.digest())
    }
}

/// Digest of an action's canonical bytes.
///
/// # Errors
/// When the action is longer than a record may be.
pub fn action_digest(action: &Action) -> Result<Digest, RecordError> {
    Ok(Record::of(action)?.digest())
}

/// A policy's identity inside other records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyRef {
    /// The name its author gave this state of it.
    pub version: Text,
    /// Digest over all its bytes.
    pub sha256: Digest,
}
