//! `policy check`: the verdict a command or a line of shell code would meet, with every rule behind it; files nothing.
//! Looks at programs, account and checkout; reads neither file contents nor the queue.

mod data;
mod looked;
mod screen;
mod touched;

use std::ffi::OsString;

use super::working_folder;
use crate::cli::args::PolicyCheckArgs;
use crate::cli::error::{CliError, code};
use crate::cli::open::Setup;
use crate::cli::propose::named;
use crate::facts::Declared;
use crate::policy::{Judgement, Policy, Verdict};
use crate::request::wire::{Asked, ENVIRONMENT};
use looked::Looked;
pub(super) use screen::needs;

/// What is judged.
enum Question {
    /// A command: program and arguments.
    Command(Vec<OsString>),
    /// Code for a shell.
    Line(OsString),
}

/// The answer, with all that it rests on.
struct Answer<'a> {
    policy: &'a Policy,
    looked: &'a Looked<'a>,
    judgement: Judgement,
}

impl Answer<'_> {
    const fn exit(&self) -> u8 {
        match self.judgement.verdict {
            Verdict::Allow { .. } => 0,
            Verdict::Review { .. } => code::PENDING,
            Verdict::Deny { .. } => code::DENIED,
        }
    }
}

/// `handoff policy check`: 0 allow, 119 review, 121 deny.
///
/// # Errors
/// When the command cannot be a request at all, or the policy cannot be read.
pub fn check(setup: &Setup, args: PolicyCheckArgs) -> Result<u8, CliError> {
    let cwd = working_folder()?;
    let policy = setup.policy(&cwd)?;
    let (question, declared) = asked(args)?;
    let mut looked = Looked::at(&question, cwd, declared, &policy);
    let judgement = looked.judge(&policy);
    let answer = Answer { policy: &policy, looked: &looked, judgement };
    if setup.out.json() {
        setup.out.object(&data::as_json(&answer))?;
    } else {
        setup.out.line(&screen::lines(&answer).join("\n"))?;
    }
    Ok(answer.exit())
}

fn asked(args: PolicyCheckArgs) -> Result<(Question, Declared), CliError> {
    let mut declared = Vec::new();
    for text in &args.declare {
        declared.push(named(text, "--declare")?);
    }
    declared.extend(args.environment.map(|value| (ENVIRONMENT.to_owned(), value)));
    let (argv, question) = match args.shell {
        Some(line) => (vec!["sh".into(), "-c".into(), line.clone()], Question::Line(line)),
        None => (args.command.clone(), Question::Command(args.command)),
    };
    let proposal = Asked { argv, declared, ..Asked::default() }.check().map_err(CliError::usage)?;
    Ok((question, proposal.context().declared.clone()))
}
