//! `policy check | test | trust | show`: what the rules say, and which rules they are.
//! Opens neither queue nor reviewers, so that a check is fast enough for a shell's prompt or a hook.

mod check;
mod show;
mod trust;

use serde_json::json;

use super::args::{Globals, PolicyCommand};
use super::error::{CliError, code};
use super::open::Setup;
use crate::escaped::Escaped;
use crate::policy;

/// `handoff policy …`.
///
/// # Errors
/// When a policy cannot be read, or what was asked for is wrong.
pub fn policy(globals: &Globals, command: PolicyCommand) -> Result<u8, CliError> {
    let setup = Setup::read(globals)?;
    match command {
        PolicyCommand::Check(args) => check::check(&setup, args),
        PolicyCommand::Test => test(&setup),
        PolicyCommand::Trust { file } => trust::trust(&setup, file),
        PolicyCommand::Show => show::show(&setup),
    }
}

fn working_folder() -> Result<std::path::PathBuf, CliError> {
    std::env::current_dir()
        .map_err(|error| CliError::failed(format!("cannot tell the working folder: {error}")))
}

/// `handoff policy test`. A policy that does not even load has failed its test.
fn test(setup: &Setup) -> Result<u8, CliError> {
    let policy = setup.policy(&working_folder()?).map_err(|error| CliError { code: code::NO, ..error })?;
    let report = policy::test(&policy).map_err(CliError::no)?;
    let out = setup.out;
    if out.json() {
        let finding = |finding: &policy::Finding| {
            json!({ "file": finding.file, "line": finding.line, "column": finding.column,
                    "rule": finding.rule, "fault": finding.fault.to_string() })
        };
        let findings: Vec<_> = report.findings.iter().map(finding).collect();
        out.object(&json!({ "schema": "handoff.policy-test.v1", "rules": report.rules,
                            "examples": report.examples, "findings": findings }))?;
    } else {
        for finding in &report.findings {
            out.line(Escaped::prose(finding.to_string().as_bytes()).as_str())?;
        }
        let problems = match report.findings.len() {
            0 => "all hold".to_owned(),
            1 => "1 finding".to_owned(),
            many => format!("{many} findings"),
        };
        out.line(&format!("{} rules, {} examples: {problems}", report.rules, report.examples))?;
    }
    Ok(if report.findings.is_empty() { 0 } else { code::NO })
}
