//! A policy held against a list of labelled command lines, one JSON object a line.
//! Pure. Counts misses each way: judged milder than the label says, and stricter.

use serde::Deserialize;

use super::stage::Staged;
use crate::ids::RuleId;
use crate::policy::layers::Policy;

/// One labelled command line.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Case {
    /// The line, as a shell would get it.
    #[serde(alias = "cmd", alias = "line")]
    pub command: String,
    /// What it should be judged.
    #[serde(alias = "label", alias = "verdict", alias = "expect")]
    pub expected: Expected,
}

/// What a command line should be judged. The other names are those that published lists use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expected {
    /// Allow, and nothing else.
    #[serde(alias = "known_safe", alias = "safe", alias = "benign", alias = "harmless")]
    Allow,
    /// Review, and nothing else.
    #[serde(alias = "ask", alias = "defer")]
    Review,
    /// Deny, and nothing else.
    #[serde(alias = "block")]
    Deny,
    /// Review or deny.
    #[serde(alias = "must_not_allow", alias = "needs_approval", alias = "match", alias = "risky")]
    #[serde(alias = "dangerous", alias = "unsafe", alias = "malicious")]
    NotAllow,
    /// Allow or review.
    #[serde(alias = "must_not_deny", alias = "nomatch")]
    NotDeny,
}

impl Expected {
    /// The mildest and the strictest rank it takes: 0 allow, 1 review, 2 deny.
    #[must_use]
    pub const fn ranks(self) -> (u8, u8) {
        match self {
            Self::Allow => (0, 0),
            Self::Review => (1, 1),
            Self::Deny => (2, 2),
            Self::NotAllow => (1, 2),
            Self::NotDeny => (0, 1),
        }
    }

    /// Its name in a list.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Review => "review",
            Self::Deny => "deny",
            Self::NotAllow => "not-allow",
            Self::NotDeny => "not-deny",
        }
    }
}

/// One case as it was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// 0 allow, 1 review, 2 deny.
    pub rank: u8,
    /// The rules that decided; none when the default did.
    pub rules: Vec<RuleId>,
    /// What was not understood.
    pub not_understood: Vec<String>,
}

impl Trial {
    /// Judges one line as `policy` would, were it proposed on an ordinary machine.
    #[must_use]
    pub fn of(policy: &Policy, line: &str) -> Self {
        let judgement = Staged::of(line, None).judged_by(policy);
        Self {
            rank: judgement.verdict.rank(),
            rules: judgement.verdict.rules().iter().cloned().collect(),
            not_understood: judgement.not_understood.into_iter().collect(),
        }
    }
}

/// How many lines with one label were judged how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Score {
    /// Judged allow, review and deny.
    pub judged: [usize; 3],
    /// Of all of them, judged milder than the label says.
    pub too_mild: usize,
    /// Judged stricter.
    pub too_strict: usize,
}

impl Score {
    /// Counts one more.
    pub fn add(&mut self, expected: Expected, rank: u8) {
        if let Some(count) = self.judged.get_mut(usize::from(rank)) {
            *count += 1;
        }
        let (mildest, strictest) = expected.ranks();
        self.too_mild += usize::from(rank < mildest);
        self.too_strict += usize::from(rank > strictest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_read_under_the_names_published_lists_use() {
        let case = |text: &str| serde_json::from_str::<Case>(text).unwrap().expected;
        assert_eq!(case(r#"{"command":"ls","expected":"allow"}"#), Expected::Allow);
        assert_eq!(case(r#"{"command":"ls","label":"must_not_allow","id":1}"#), Expected::NotAllow);
        assert!(serde_json::from_str::<Case>(r#"{"command":"ls","expected":"alow"}"#).is_err());
    }

    #[test]
    fn each_label_takes_what_it_says_and_misses_the_rest() {
        use Expected::*;
        let rows = [
            (Allow, "allow", [0, 0, 0], [0, 1, 1]),
            (Review, "review", [1, 0, 0], [0, 0, 1]),
            (Deny, "deny", [1, 1, 0], [0, 0, 0]),
            (NotAllow, "not-allow", [1, 0, 0], [0, 0, 0]),
            (NotDeny, "not-deny", [0, 0, 0], [0, 0, 1]),
        ];
        for (label, name, too_mild, too_strict) in rows {
            assert_eq!(label.name(), name);
            for rank in 0..3_u8 {
                let mut score = Score::default();
                score.add(label, rank);
                let missed = (too_mild[usize::from(rank)], too_strict[usize::from(rank)]);
                assert_eq!((score.too_mild, score.too_strict), missed, "{name} {rank}");
            }
        }
    }

    #[test]
    fn misses_are_counted_each_way() {
        let mut score = Score::default();
        for rank in 0..3 {
            score.add(Expected::Review, rank);
        }
        assert_eq!((score.judged, score.too_mild, score.too_strict), ([1, 1, 1], 1, 1));
        score.add(Expected::NotDeny, 1);
        assert_eq!((score.too_mild, score.too_strict), (1, 1));
    }
}
