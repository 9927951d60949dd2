//! `policy trust [FILE]`: lets a project's policy count, as its bytes are now.
//! Writes one line to the file of trusted digests; a project's policy can only tighten.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::working_folder;
use crate::cli::error::CliError;
use crate::cli::open::{LONGEST, PROJECT_POLICY, Setup, shown};
use crate::clock::{Clock as _, SystemClock};
use crate::files;
use crate::ids::Digest;
use crate::policy::{Policy, PolicyFile};

/// Stands in where the account has no root policy: only the project's own rules are looked at then.
const NO_ROOT: &[u8] = b"version = \"none\"\n";

/// `handoff policy trust`.
///
/// # Errors
/// When the file cannot be read, is no project's policy, or the digest cannot be kept.
pub fn trust(setup: &Setup, file: Option<PathBuf>) -> Result<u8, CliError> {
    let path = match file {
        Some(file) => file,
        None => nearest(&working_folder()?)?,
    };
    let bytes = files::read_limited(&path, LONGEST).map_err(CliError::failed)?;
    let digest = Digest::of(&bytes);
    let policy = loaded(setup, &path, &bytes)?;
    let known = setup.trusted()?.contains(&digest);
    let out = setup.out;
    let rules: Vec<String> = policy
        .rules()
        .filter(|rule| policy.layers().get(rule.place.layer).is_some_and(|layer| layer.name == "project"))
        .map(super::show::line)
        .collect();
    if !out.json() {
        out.line(&format!("{}, {digest}: {} rules, none of which can allow", shown(&path), rules.len()))?;
        rules.iter().try_for_each(|rule| out.line(rule))?;
    }
    if !known {
        keep(setup, &path, &digest)?;
    }
    if out.json() {
        let file = crate::record::Text::from(path.as_path());
        out.object(&json!({ "schema": "handoff.trust.v1", "file": file, "sha256": digest,
                            "rules": rules.len(), "was_trusted": known }))?;
    } else {
        out.note(if known {
            "it was trusted already"
        } else {
            "it counts from now on, until a byte of it changes"
        });
    }
    Ok(0)
}

fn nearest(cwd: &Path) -> Result<PathBuf, CliError> {
    let folder = cwd.ancestors().find(|folder| folder.join(PROJECT_POLICY).exists());
    folder
        .map(|folder| folder.join(PROJECT_POLICY))
        .ok_or_else(|| CliError::usage(format!("there is no {PROJECT_POLICY} here or above; name the file")))
}

/// The policy as it would be with this layer, so that what cannot count is not trusted either.
fn loaded(setup: &Setup, path: &Path, bytes: &[u8]) -> Result<Policy, CliError> {
    let root = setup.root_policy()?;
    let (root_file, root_bytes) = match &root {
        Some((path, bytes)) => (path.display().to_string(), bytes.as_slice()),
        None => ("no root policy".to_owned(), NO_ROOT),
    };
    let project_file = path.display().to_string();
    let trusted = BTreeSet::from([Digest::of(bytes)]);
    let root = PolicyFile { file: &root_file, bytes: root_bytes };
    let project = PolicyFile { file: &project_file, bytes };
    Policy::load(root, Some(project), &trusted).map_err(CliError::failed)
}

fn keep(setup: &Setup, path: &Path, digest: &Digest) -> Result<(), CliError> {
    let file = setup.places.trusted_policies();
    let mut text = match files::read_private(&file, LONGEST) {
        Ok(bytes) => String::from_utf8(bytes).map_err(CliError::failed)?,
        Err(error) if error.is_missing() => String::new(),
        Err(error) => return Err(CliError::failed(error)),
    };
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    text.push_str(&format!("{digest}  # {} {}\n", shown(&path), SystemClock::new().now().wall));
    files::private_folder(setup.places.config()).map_err(CliError::failed)?;
    files::replace_private(&file, text.as_bytes()).map_err(CliError::failed)
}
