//! Where everything of one account lives, and the few settings of its reviewer.
//! Pure: the environment and the home folder are read by the command line and given in.

pub mod notify;

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::ids::Principal;
use notify::Notify;

/// The system-wide root policy; where it exists, the account's own is not read.
pub const SYSTEM_POLICY: &str = "/etc/handoff/policy.toml";

/// Every place handoff touches, from the three folders of the XDG base directory specification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    config: PathBuf,
    state: PathBuf,
    queue: PathBuf,
    policy: Option<PathBuf>,
    reviewers: Option<PathBuf>,
    key: Option<PathBuf>,
}

/// Overrides given by flags or `HANDOFF_*`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// The database file.
    pub queue: Option<PathBuf>,
    /// The root policy.
    pub policy: Option<PathBuf>,
    /// The allowed_signers file.
    pub reviewers: Option<PathBuf>,
    /// The signing key.
    pub key: Option<PathBuf>,
}

impl Places {
    /// From the account's config, data and state folders (each already ending in `handoff`).
    #[must_use]
    pub fn new(config: PathBuf, data: &Path, state: PathBuf, overrides: Overrides) -> Self {
        let Overrides { queue, policy, reviewers, key } = overrides;
        let queue = queue.unwrap_or_else(|| data.join("queue.db"));
        Self { config, state, queue, policy, reviewers, key }
    }

    /// The folder of settings, policy, reviewers and key.
    #[must_use]
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// The settings file.
    #[must_use]
    pub fn settings(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// The root policy of this account, or the one named instead.
    #[must_use]
    pub fn policy(&self) -> PathBuf {
        self.policy.clone().unwrap_or_else(|| self.config.join("policy.toml"))
    }

    /// Whether the policy was named by a flag or variable.
    #[must_use]
    pub const fn policy_is_named(&self) -> bool {
        self.policy.is_some()
    }

    /// Digests of project policies this account trusts, one a line.
    #[must_use]
    pub fn trusted_policies(&self) -> PathBuf {
        self.config.join("trusted-policies")
    }

    /// The allowed_signers file.
    #[must_use]
    pub fn reviewers(&self) -> PathBuf {
        self.reviewers.clone().unwrap_or_else(|| self.config.join("reviewers"))
    }

    /// The reviewer's signing key.
    #[must_use]
    pub fn key(&self, settings: &Settings) -> PathBuf {
        let configured = settings.key.clone().unwrap_or_else(|| self.config.join("key"));
        self.key.clone().unwrap_or(configured)
    }

    /// The database.
    #[must_use]
    pub fn queue(&self) -> &Path {
        &self.queue
    }

    /// The folder the database lies in, with what belongs to it.
    #[must_use]
    pub fn data(&self) -> &Path {
        self.queue.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    /// The private half of the log's key.
    #[must_use]
    pub fn log_key(&self) -> PathBuf {
        self.data().join("log.key")
    }

    /// The key under which hidden values are committed to.
    #[must_use]
    pub fn commitment_key(&self) -> PathBuf {
        self.data().join("commitment.key")
    }

    /// Where waiters listen.
    #[must_use]
    pub fn bells(&self) -> PathBuf {
        self.data().join("bells")
    }

    /// Lock files that say who waits and who executes.
    #[must_use]
    pub fn live(&self) -> PathBuf {
        self.data().join("live")
    }

    /// Private copies handed to commands by `{bind:NAME}`.
    #[must_use]
    pub fn binds(&self) -> PathBuf {
        self.data().join("binds")
    }

    /// What gate and reviewer remember outside the database.
    #[must_use]
    pub fn state(&self) -> &Path {
        &self.state
    }
}

/// The account's settings file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Who this account signs as.
    pub reviewer: Option<Principal>,
    /// The signing key, where it is not the one beside this file: a private key file, or a public one
    /// whose private half an agent or a hardware token holds.
    pub key: Option<PathBuf>,
    /// Who is told of what happens while nobody looks.
    #[serde(default)]
    pub notify: Notify,
}

// `init` never writes over a file, so what somebody put under [notify] is not written anew.
const NOTIFY_HINT: &str = "
# Who is told of what happens; `handoff doctor` checks it, docs/notify.md explains it.
# [notify]
# bell = true       # the terminal of `handoff watch`, and of a waiting `handoff run`
# desktop = true    # a notification on the desktop
# [[notify.command]]
# name = \"mail\"
# run = [\"mail\", \"-s\", \"handoff\", \"me@example.org\"]
# on = [\"new\", \"half\", \"late\", \"decided\", \"expired\", \"unknown\"]
";

/// A settings file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{file}:{line}:{column}: {problem}")]
pub struct SettingsError {
    file: String,
    line: usize,
    column: usize,
    problem: String,
}

impl SettingsError {
    fn at(file: &str, text: &str, at: usize, problem: &str) -> Self {
        let before = text.get(..at).unwrap_or_default();
        Self {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before.chars().rev().take_while(|&c| c != '\n').count() + 1,
            problem: problem.to_owned(),
        }
    }
}

impl Settings {
    /// Reads the settings in `text`, which came from `file`.
    ///
    /// # Errors
    /// With the place of the first mistake.
    pub fn parse(file: &str, text: &str) -> Result<Self, SettingsError> {
        let settings: Self = toml::from_str(text).map_err(|error| {
            SettingsError::at(file, text, error.span().map_or(0, |span| span.start), error.message())
        })?;
        match settings.notify.fault() {
            Some((at, problem)) => Err(SettingsError::at(file, text, at, &problem)),
            None => Ok(settings),
        }
    }

    /// The file's text for these settings.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::from("# Settings of this account. Written by handoff init; yours to edit.\n");
        if let Some(reviewer) = &self.reviewer {
            text.push_str(&format!("reviewer = \"{reviewer}\"\n"));
        }
        if let Some(key) = &self.key {
            let path = toml::Value::String(key.display().to_string());
            text.push_str(&format!("key = {path}\n"));
        }
        text.push_str(NOTIFY_HINT);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_come_back_from_their_text() {
        let key = Some(PathBuf::from("/home/ana/.ssh/id \"x\".pub"));
        let reviewer = Some("ana@laptop".parse().unwrap());
        let settings = Settings { reviewer, key, notify: Notify::default() };
        assert_eq!(Settings::parse("config.toml", &settings.to_text()).unwrap(), settings);
    }

    #[test]
    fn what_a_new_file_proposes_can_be_switched_on_as_it_stands() {
        let lines: String = NOTIFY_HINT.lines().skip(2).map(|line| format!("{}\n", &line[2..])).collect();
        let settings = Settings::parse("config.toml", &lines).unwrap();
        assert_eq!(settings.notify.told().count(), 2);
        assert!(!settings.notify.bell.is_off());
    }

    #[test]
    fn a_mistake_is_told_with_its_place() {
        let error = Settings::parse("config.toml", "# x\n  reviewr = \"a\"\n").unwrap_err().to_string();
        assert!(error.starts_with("config.toml:2:3: "), "{error}");
        assert!(error.contains("reviewr"), "{error}");
    }

    #[test]
    fn what_belongs_to_a_queue_lies_beside_it() {
        let overrides = Overrides { queue: Some("/srv/q/queue.db".into()), ..Overrides::default() };
        let places = Places::new("/c".into(), Path::new("/d"), "/s".into(), overrides);
        assert_eq!(places.log_key(), Path::new("/srv/q/log.key"));
        assert_eq!(places.reviewers(), Path::new("/c/reviewers"));
    }
}
