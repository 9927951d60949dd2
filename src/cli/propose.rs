//! `propose`, and the part of `run` that comes before the wait: observe, judge, file.
//! Reads this process's surroundings; starts nothing but the policy's prechecks.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use super::args::{ProposalArgs, ProposeArgs, StdinArg};
use super::error::{CliError, code};
use super::open::Desk;
use super::{answer, json};
use crate::facts::observe::precheck::{self, Limits};
use crate::facts::observe::program::ProgramError;
use crate::facts::observe::{Observation, ObserveError, Surroundings, observe};
use crate::ids::{Label, TicketId};
use crate::policy::{Judgement, Policy, Verdict};
use crate::queue::propose::{Draft, Proposed};
use crate::queue::trace::about;
use crate::request::secret::CommitmentKey;
use crate::request::wire::{Asked, ENVIRONMENT, Proposal, StdinMode};
use crate::request::{Action, Context, Exec};
use crate::ticket::{State, Ticket};

/// `handoff propose`.
///
/// # Errors
/// When the request is wrong or cannot be filed; a denied one is filed, and exits 121.
pub fn propose(mut desk: Desk, args: ProposeArgs) -> Result<u8, CliError> {
    let key = commitment_key(&desk)?;
    let (draft, ..) = draft(&desk, args.proposal, args.command, &key)?;
    let (queue, in_force) = desk.parts();
    let proposed = queue.propose(&draft, in_force, None)?;
    let ticket = proposed.ticket();
    let _about = about(ticket).entered();
    let out = desk.out();
    if out.json() { out.answer(&json::ticket(ticket).to_string()) } else { out.answer(&ticket.id.code()) }
        .map_err(|error| error.hint(format!("{} is filed all the same", ticket.id.code())))?;
    if matches!(proposed, Proposed::Joined(_)) {
        out.note(&format!("{} asks the same already; joined", ticket.id.code()));
    }
    Ok(filed_code(ticket, &desk))
}

fn filed_code(ticket: &Ticket, desk: &Desk) -> u8 {
    match &ticket.state {
        State::Pending {} | State::Approved { .. } => 0,
        _ => answer::tell(desk.out(), ticket),
    }
}

/// The key under which hidden values are committed to.
///
/// # Errors
/// When it cannot be read or made.
pub fn commitment_key(desk: &Desk) -> Result<CommitmentKey, CliError> {
    CommitmentKey::load_or_create(&desk.setup.places.commitment_key()).map_err(CliError::failed)
}

/// Observes and judges a command: everything but the filing, which judges again what it records.
///
/// # Errors
/// When something asked for is wrong or cannot be bound; 126 and 127 for the program itself.
pub fn draft(
    desk: &Desk,
    args: ProposalArgs,
    command: Vec<OsString>,
    key: &CommitmentKey,
) -> Result<(Draft, Observation, Verdict), CliError> {
    let proposal = asked(args, command)?.check().map_err(CliError::usage)?;
    let surroundings = Surroundings::of_this_process().map_err(observing)?;
    let rules = |program: &OsStr| desk.policy.env_rules(program);
    let mut observation = observe(&proposal, &surroundings, rules, key).map_err(observing)?;
    let facts =
        crate::facts::Facts { declared: proposal.context().declared.clone(), ..observation.facts.clone() };
    let judgement = desk.policy.judge(&facts);
    desk.check_approvable(&judgement.verdict)?;
    run_prechecks(&desk.policy, &proposal, &judgement, &mut observation)?;
    Ok((assemble(&proposal, &observation), observation, judgement.verdict))
}

fn assemble(proposal: &Proposal, observation: &Observation) -> Draft {
    let attachments = observation.attachments.clone();
    Draft {
        ticket: TicketId::random(),
        requester: observation.requester.clone(),
        action: Action::Exec(observation.exec.clone()),
        context: Context { attachments, ..proposal.context().clone() },
        git: observation.git.clone(),
        once: proposal.once().cloned(),
        deadline_s: proposal.deadline().map(|deadline| deadline.as_secs()),
        blobs: observation.blobs.clone().into_iter().collect(),
    }
}

fn run_prechecks(
    policy: &Policy,
    proposal: &Proposal,
    judgement: &Judgement,
    observation: &mut Observation,
) -> Result<(), CliError> {
    let mut names: Vec<&Label> = judgement.prechecks.iter().chain(proposal.prechecks()).collect();
    names.sort_unstable();
    names.dedup();
    let Exec { cwd, .. } = &observation.exec;
    let cwd = std::path::PathBuf::from(cwd.as_os_str());
    for name in names {
        let defined = policy.precheck(name).ok_or_else(|| {
            CliError::usage(format!("the policy defines no precheck {name}; see: handoff policy show"))
        })?;
        let argv: Vec<OsString> = defined.iter().map(OsString::from).collect();
        let result = precheck::run(name, &argv, observation.opened.values(), &cwd, Limits::default())
            .map_err(CliError::failed)?;
        observation.exec.prechecks.push(result);
    }
    Ok(())
}

fn observing(error: ObserveError) -> CliError {
    let code = match &error {
        ObserveError::Program(ProgramError::NotFound { .. }) => code::NOT_FOUND,
        ObserveError::Program(_) => code::NOT_EXECUTABLE,
        _ => code::FAILED,
    };
    CliError::with_code(code, error)
}

/// The options as the request floor wants them.
///
/// # Errors
/// When one that needs `NAME=VALUE` has no `=`.
pub fn asked(args: ProposalArgs, argv: Vec<OsString>) -> Result<Asked, CliError> {
    let mut declared = Vec::new();
    for text in &args.declare {
        declared.push(named(text, "--declare")?);
    }
    declared.extend(args.environment.map(|value| (ENVIRONMENT.to_owned(), value)));
    let mut bind = Vec::new();
    for text in &args.bind {
        let (name, path) = named(text, "--bind")?;
        bind.push((name, path.into()));
    }
    Ok(Asked {
        argv,
        reason: args.reason,
        effect: args.effect,
        rollback: args.rollback,
        resources: args.resource,
        declared,
        attach: args.attach,
        bind,
        env: args.env.iter().map(|text| variable(text)).collect(),
        env_all: args.env_all,
        secret_env: args.secret_env,
        stdin: args.stdin.map(|how| match how {
            StdinArg::None => StdinMode::None,
            StdinArg::Capture => StdinMode::Capture,
            StdinArg::Pass => StdinMode::Pass,
        }),
        prechecks: args.precheck,
        once: args.once,
        deadline: args.deadline,
    })
}

fn variable(text: &OsStr) -> (OsString, Option<OsString>) {
    match split(text) {
        Some((name, value)) => (name, Some(value)),
        None => (text.to_owned(), None),
    }
}

/// The two halves of `NAME=VALUE`.
///
/// # Errors
/// When there is no `=`, or the name is no text.
pub fn named(text: &OsStr, option: &str) -> Result<(String, OsString), CliError> {
    let wrong = || CliError::usage(format!("{option} is written {option} NAME=VALUE"));
    let (name, value) = split(text).ok_or_else(wrong)?;
    Ok((name.into_string().map_err(|_| wrong())?, value))
}

fn split(text: &OsStr) -> Option<(OsString, OsString)> {
    let bytes = text.as_bytes();
    let at = bytes.iter().position(|&byte| byte == b'=')?;
    let (name, value) = (bytes.get(..at)?, bytes.get(at + 1..)?);
    Some((OsString::from_vec(name.to_vec()), OsString::from_vec(value.to_vec())))
}
