//! `policy test`: the rules' own examples in every spelling, and with `--corpus` lists of labelled commands.
//! Reads the policy and the lists; runs nothing.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::working_folder;
use crate::cli::args::PolicyTestArgs;
use crate::cli::error::{CliError, code};
use crate::cli::open::Setup;
use crate::escaped::Escaped;
use crate::files::read_limited;
use crate::policy::{self, Case, Expected, Finding, Policy, Score, TestReport, Trial};

// A list of commands is read whole.
const LONGEST_LIST: u64 = 256 << 20;

/// `handoff policy test`: 0 all hold, 1 not. A policy that does not even load has failed its test.
///
/// # Errors
/// When a list cannot be read.
pub fn test(setup: &Setup, args: &PolicyTestArgs) -> Result<u8, CliError> {
    let policy = setup.policy(&working_folder()?).map_err(|error| CliError { code: code::NO, ..error })?;
    if args.corpus.is_empty() { examples(setup, &policy) } else { lists(setup, &policy, &args.corpus) }
}

fn examples(setup: &Setup, policy: &Policy) -> Result<u8, CliError> {
    let report = policy::test(policy).map_err(CliError::no)?;
    let out = setup.out;
    if out.json() {
        out.object(&as_json(&report))?;
    } else {
        for finding in &report.findings {
            out.line(Escaped::prose(finding.to_string().as_bytes()).as_str())?;
        }
        for line in summary(&report) {
            out.line(&line)?;
        }
    }
    Ok(if report.findings.is_empty() { 0 } else { code::NO })
}

fn summary(report: &TestReport) -> [String; 2] {
    let problems = match report.findings.len() {
        0 => "all hold".to_owned(),
        1 => "1 finding".to_owned(),
        many => format!("{many} findings"),
    };
    let TestReport { rules, examples, spellings, unbounded, coverage, .. } = report;
    [
        format!("{rules} rules, {examples} examples, {spellings} other spellings of them: {problems}"),
        format!(
            "{} of {} alternatives shown by an example ({} %), {unbounded} rules without not_match",
            coverage.shown,
            coverage.named,
            coverage.percent()
        ),
    ]
}

fn as_json(report: &TestReport) -> Value {
    let finding = |finding: &Finding| {
        json!({ "file": finding.file, "line": finding.line, "column": finding.column,
                "rule": finding.rule, "fault": finding.fault.to_string() })
    };
    json!({
        "schema": "handoff.policy-test.v1",
        "rules": report.rules,
        "examples": report.examples,
        "spellings": report.spellings,
        "unbounded": report.unbounded,
        "coverage": { "named": report.coverage.named, "shown": report.coverage.shown },
        "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

fn lists(setup: &Setup, policy: &Policy, files: &[std::path::PathBuf]) -> Result<u8, CliError> {
    let mut held = true;
    for file in files {
        let list = List::judged(policy, file)?;
        held &= list.misses.is_empty();
        if setup.out.json() {
            setup.out.object(&list.as_json())?;
        } else {
            list.lines().iter().try_for_each(|line| setup.out.line(line))?;
        }
    }
    Ok(if held { 0 } else { code::NO })
}

// One list, judged.
struct List<'a> {
    file: &'a Path,
    scores: BTreeMap<Expected, Score>,
    misses: Vec<Miss>,
}

struct Miss {
    line: usize,
    case: Case,
    trial: Trial,
}

impl<'a> List<'a> {
    fn judged(policy: &Policy, file: &'a Path) -> Result<Self, CliError> {
        let name = Escaped::os(file);
        let text = read_limited(file, LONGEST_LIST);
        let text = text.map_err(|error| CliError::usage(format!("cannot read {name}: {error}")))?;
        let mut list = Self { file, scores: BTreeMap::new(), misses: Vec::new() };
        for (index, line) in text.split(|&byte| byte == b'\n').enumerate() {
            if line.trim_ascii().is_empty() {
                continue;
            }
            let case = serde_json::from_slice(line).map_err(|error: serde_json::Error| {
                let hint = "each line: {\"command\": \"…\", \"expected\": \"allow\"}; expected is allow, review, \
                            deny, not-allow or not-deny";
                let error = Escaped::composed(&error.to_string());
                CliError::usage(format!("{name}:{}: {error}", index + 1)).hint(hint)
            })?;
            list.add(policy, index + 1, case);
        }
        Ok(list)
    }

    fn add(&mut self, policy: &Policy, line: usize, case: Case) {
        let trial = Trial::of(policy, &case.command);
        self.scores.entry(case.expected).or_default().add(case.expected, trial.rank);
        let (mildest, strictest) = case.expected.ranks();
        if !(mildest..=strictest).contains(&trial.rank) {
            self.misses.push(Miss { line, case, trial });
        }
    }

    fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.misses.iter().map(|miss| miss.text(self.file)).collect();
        lines.push(format!(
            "{:<12}{:>8}{:>8}{:>8}{:>10}{:>12}",
            "expected", "allow", "review", "deny", "too mild", "too strict"
        ));
        for (expected, score) in &self.scores {
            let [allow, review, deny] = score.judged;
            let (mild, strict) = (score.too_mild, score.too_strict);
            lines
                .push(format!("{:<12}{allow:>8}{review:>8}{deny:>8}{mild:>10}{strict:>12}", expected.name()));
        }
        lines.push(format!(
            "{}: {} lines, {} missed",
            Escaped::os(self.file),
            self.count(),
            self.misses.len()
        ));
        lines
    }

    fn count(&self) -> usize {
        self.scores.values().flat_map(|score| score.judged).sum()
    }

    fn as_json(&self) -> Value {
        let score = |(expected, score): (&Expected, &Score)| {
            let [allow, review, deny] = score.judged;
            json!({ "expected": expected.name(), "allow": allow, "review": review, "deny": deny,
                    "too_mild": score.too_mild, "too_strict": score.too_strict })
        };
        json!({
            "schema": "handoff.corpus.v1",
            "file": crate::record::Text::from(self.file),
            "lines": self.count(),
            "scores": self.scores.iter().map(score).collect::<Vec<_>>(),
            "misses": self.misses.iter().map(Miss::as_json).collect::<Vec<_>>(),
        })
    }
}

impl Miss {
    fn way(&self) -> &'static str {
        if self.trial.rank < self.case.expected.ranks().0 { "too mild" } else { "too strict" }
    }

    fn text(&self, file: &Path) -> String {
        let because = self.trial.rules.iter().map(ToString::to_string);
        let opaque = self.trial.not_understood.iter().map(|part| format!("not understood: {part}"));
        let because: Vec<String> = because.chain(opaque).collect();
        let because = if because.is_empty() { "no rule".to_owned() } else { because.join(", ") };
        let (way, judged) = (self.way(), judged(self.trial.rank));
        let command = Escaped::prose(self.case.command.as_bytes());
        let because = Escaped::prose(because.as_bytes());
        format!("{}:{}: {way}: {judged} ({because}): {command}", Escaped::os(file), self.line)
    }

    fn as_json(&self) -> Value {
        json!({ "line": self.line, "way": self.way(), "command": self.case.command,
                "expected": self.case.expected.name(), "judged": judged(self.trial.rank),
                "rules": self.trial.rules, "not_understood": self.trial.not_understood })
    }
}

const fn judged(rank: u8) -> &'static str {
    match rank {
        0 => "allow",
        1 => "review",
        _ => "deny",
    }
}
