//! What would be done, with everything that is bound to it.
//! Pure types; `facts::observe` fills them, `gate::recheck` compares them.

use serde::{Deserialize, Deserializer, Serialize};

use super::context::Account;
use crate::ids::{Digest, Label};
use crate::record::{Text, tagged};

/// One thing that could be done. The tag leaves room for tool calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type")]
pub enum Action {
    /// Run a program.
    #[serde(rename = "exec.v1")]
    Exec(Exec),
}

#[derive(Deserialize)]
enum ActionType {
    #[serde(rename = "exec.v1")]
    Exec,
}

impl<'de> Deserialize<'de> for Action {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (ActionType::Exec, exec) = tagged(deserializer, "type")?;
        Ok(Self::Exec(exec))
    }
}

/// A command and all that decides what it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exec {
    /// Arguments as given, program first; `{bind:NAME}` stands where a bound copy will be named.
    pub argv: Vec<Text>,
    /// The folder it runs in, without symbolic links.
    pub cwd: Text,
    /// The account it runs as.
    pub account: Account,
    /// The machine it runs on.
    pub host: Text,
    /// The program file.
    pub program: Program,
    /// The interpreters its `#!` line names, in the order the kernel follows them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interpreters: Vec<BoundFile>,
    /// The programs that run within the command, sorted by name, each once: held by path, not by content.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub within: Vec<InnerProgram>,
    /// The symbolic links on the way of paths that the command names, sorted by path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Exactly the variables the command gets, sorted by name.
    pub env: Vec<Variable>,
    /// Everything in the environment was bound because the requester asked for it.
    pub env_all: bool,
    /// What it reads.
    pub stdin: Stdin,
    /// Arguments that name existing regular files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<ArgumentFile>,
    /// Files whose bytes are kept and handed over as private copies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub binds: Vec<Bind>,
    /// What is not bound, one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_bound: Vec<Text>,
    /// Commands the policy runs before filing and again before execution.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prechecks: Vec<PrecheckResult>,
}

/// The program file, found and hashed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// Absolute path without symbolic links.
    pub path: Text,
    /// The path it was found by, where that leads through symbolic links. A script is run by it, for
    /// many ask their own name what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<Text>,
    /// Digest of its bytes.
    pub sha256: Digest,
    /// Its length in bytes.
    pub size: u64,
    /// It is a script: run by path right after the hash, not through the same descriptor.
    pub script: bool,
    /// The requester can replace it, or a folder above it.
    pub theirs: bool,
}

/// A program that runs within the command, such as `git` in `bash -c 'git status'`, where it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InnerProgram {
    /// The word that names it.
    pub name: Text,
    /// Absolute path without symbolic links; none when there is no such program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<Text>,
    /// The path it was found by, where that leads through symbolic links.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<Text>,
    /// The requester can replace it, a link to it, or a folder on the way.
    pub theirs: bool,
}

/// A symbolic link, as it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Where it lies: absolute, through no other link. `/` stands where not all of them could be looked at.
    pub path: Text,
    /// The path it leads to in the end, through no link; none when that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Text>,
}

/// A file held by its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoundFile {
    /// Absolute path without symbolic links.
    pub path: Text,
    /// Digest of its bytes.
    pub sha256: Digest,
    /// Its length in bytes.
    pub size: u64,
}

/// An argument that names a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArgumentFile {
    /// Which argument, counted from 0 (the program).
    pub index: u32,
    /// The path as the argument has it, resolved against the working folder.
    pub path: Text,
    /// Digest of its bytes.
    pub sha256: Digest,
    /// Its length in bytes.
    pub size: u64,
}

/// A file whose bytes are kept: the command gets a private read-only copy of exactly those.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bind {
    /// The name in `{bind:NAME}`.
    pub name: Label,
    /// Where the bytes came from.
    pub path: Text,
    /// Their digest; they are a blob.
    pub sha256: Digest,
    /// Their length.
    pub size: u64,
}

/// One variable of the command's environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// Its name.
    pub name: Text,
    /// Its value, or a commitment to it.
    pub value: Value,
    /// The requester added it: neither of the base set nor listed by the policy for the program.
    pub added: bool,
}

/// A value in the clear, or held by a commitment only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Value {
    /// Anyone who reads the ticket may see it.
    Shown(Text),
    /// Only its length shows.
    Hidden(HiddenValue),
}

/// What is kept of a hidden value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HiddenValue {
    /// HMAC-SHA-256 under the queue's commitment key, over name and value.
    pub commitment: Digest,
    /// Length of the value in bytes.
    pub bytes: u64,
    /// Given as a secret: forces a review.
    pub secret: bool,
}

/// What the command reads on its standard input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Stdin {
    /// Nothing: it reads end of file.
    None,
    /// The requester's terminal.
    Terminal,
    /// Exactly these bytes, which are a blob.
    Captured {
        /// Their digest.
        sha256: Digest,
        /// Their length.
        size: u64,
    },
    /// Whatever comes: not bound.
    Pass,
}

/// How a precheck ended; it must end the same right before execution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrecheckResult {
    /// Its name in the policy.
    pub name: Label,
    /// What was run.
    pub argv: Vec<Text>,
    /// Its exit status (128+n for a signal).
    pub status: u32,
    /// Digest of its standard output followed by its standard error.
    pub output_sha256: Digest,
}
