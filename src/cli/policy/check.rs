//! `policy check -- CMD…`: the verdict a proposal would meet, with every rule behind it; files nothing.
//! Looks at the program and the account; reads neither file contents nor the queue.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::Path;

use serde_json::{Value, json};

use super::working_folder;
use crate::cli::args::PolicyCheckArgs;
use crate::cli::error::{CliError, code};
use crate::cli::open::Setup;
use crate::cli::propose::named;
use crate::escaped::Escaped;
use crate::facts::observe::program::{Located, Lookup, Writer, locate};
use crate::facts::observe::{account, process};
use crate::facts::{Account, Facts, Observed};
use crate::policy::{Judgement, Policy, Said, Terms, Verdict};
use crate::request::wire::{Asked, ENVIRONMENT, Proposal};
use crate::ticket::card::risk_word;

/// `handoff policy check`: 0 allow, 119 review, 121 deny.
///
/// # Errors
/// When the command cannot be a request at all, or the policy cannot be read.
pub fn check(setup: &Setup, args: PolicyCheckArgs) -> Result<u8, CliError> {
    let cwd = working_folder()?;
    let policy = setup.policy(&cwd)?;
    let proposal = proposal(args)?;
    let path = std::env::var_os("PATH");
    let found = locate(proposal.program(), Lookup { cwd: &cwd, path: path.as_deref() });
    let (judgement, found) = judge(&policy, &proposal, &cwd, found.ok());
    let exit = match judgement.verdict {
        Verdict::Allow { .. } => 0,
        Verdict::Review { .. } => code::PENDING,
        Verdict::Deny { .. } => code::DENIED,
    };
    if setup.out.json() {
        setup.out.object(&as_json(&policy, &judgement, found.as_ref(), exit))?;
    } else {
        for line in lines(&policy, &judgement, found.as_ref()) {
            setup.out.line(&line)?;
        }
    }
    Ok(exit)
}

fn proposal(args: PolicyCheckArgs) -> Result<Proposal, CliError> {
    let mut declared = Vec::new();
    for text in &args.declare {
        declared.push(named(text, "--declare")?);
    }
    declared.extend(args.environment.map(|value| (ENVIRONMENT.to_owned(), value)));
    let asked = Asked { argv: args.command, declared, ..Asked::default() };
    asked.check().map_err(CliError::usage)
}

/// The judgement a proposal of the same command would get. Who could replace the program is looked up only
/// where a rule that allows hangs on it: that takes the user database.
fn judge(
    policy: &Policy,
    proposal: &Proposal,
    cwd: &Path,
    found: Option<Located>,
) -> (Judgement, Option<Located>) {
    let mut facts = facts(policy, proposal, cwd, found.as_ref());
    let judgement = policy.judge(&facts);
    let allows = judgement.matched.iter().any(|rule| rule.answer == Said::Allow);
    let Some(located) = found.as_ref().filter(|_| allows) else { return (judgement, found) };
    let uid = account::requester_uid(std::env::var_os("SUDO_UID").as_deref());
    let gids = account::GroupsOf::uid(uid);
    facts.observed.program_is_theirs = located.is_theirs(Writer { uid, gids: &gids });
    (policy.judge(&facts), found)
}

fn facts(policy: &Policy, proposal: &Proposal, cwd: &Path, found: Option<&Located>) -> Facts {
    // The account's name takes the user database; most policies have no rule that asks for it.
    let named = policy.rules_read_at_load().any(|rule| !rule.context.account.is_empty());
    let uid = account::execution_uid();
    let nameless = || Account { uid, name: uid.to_string().into() };
    let observed = Observed {
        argv: proposal.argv().iter().map(|word| OsStr::new(word).into()).collect(),
        program: found.map(|located| located.path.clone()),
        program_link: found.and_then(Located::link).map(Path::to_path_buf),
        program_is_theirs: false,
        within: BTreeMap::new(),
        cwd: cwd.to_path_buf(),
        home: None,
        repository: None,
        branch: None,
        account: if named { account::execution() } else { nameless() },
        host: account::host().as_os_str().to_string_lossy().into_owned(),
        terminal: process::has_terminal(),
        env_all: false,
        stdin_pass: false,
        secret: false,
        env_added: BTreeSet::new(),
    };
    Facts { observed, declared: proposal.context().declared.clone() }
}

fn lines(policy: &Policy, judgement: &Judgement, found: Option<&Located>) -> Vec<String> {
    let mut lines = vec![headline(&judgement.verdict)];
    let row = |name: &str, text: &str| format!("   {name:<9} {}", Escaped::prose(text.as_bytes()));
    for rule in &judgement.matched {
        let said = match rule.answer {
            Said::Allow => "allow",
            Said::Review => "review",
            Said::Deny => "deny",
        };
        let why = rule.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        lines.push(row("rule", &format!("{} says {said}{why}", rule.rule)));
    }
    if judgement.matched.is_empty() {
        lines.push(row("rule", "none matched: what no rule knows needs a person"));
    }
    match &judgement.verdict {
        Verdict::Allow { .. } => {}
        Verdict::Review { why, terms, .. } => {
            let known: BTreeSet<&String> =
                judgement.matched.iter().filter_map(|rule| rule.why.as_ref()).collect();
            lines.extend(why.iter().filter(|why| !known.contains(why)).map(|why| row("why", why)));
            lines.extend(needs(terms).iter().map(|need| row("needs", need)));
        }
        Verdict::Deny { instead, .. } => lines.extend(instead.iter().map(|text| row("instead", text))),
    }
    lines.extend(judgement.prechecks.iter().map(|name| row("precheck", name.as_str())));
    match found {
        Some(located) => lines.push(format!("   {:<9} {}", "program", Escaped::os(&located.path))),
        None => lines.push(row("program", "not found; judged by its name")),
    }
    lines.extend(
        policy.ignored().map(|layer| {
            row("ignored", &format!("{} is not trusted; see: handoff policy trust", layer.file))
        }),
    );
    lines
}

fn headline(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Allow { .. } => "allow".to_owned(),
        Verdict::Review { risk, .. } => format!("review, risk {}", risk_word(*risk)),
        Verdict::Deny { .. } => "deny".to_owned(),
    }
}

/// What terms ask for, a line each.
pub(super) fn needs(terms: &Terms) -> Vec<String> {
    let people = if terms.approvals == 1 { "person" } else { "different people" };
    let mut needs = vec![format!("{} {people}", terms.approvals)];
    needs.extend(terms.groups.iter().map(|group| format!("one of group {group}")));
    if terms.distinct {
        needs.push("somebody other than the requester".to_owned());
    }
    needs.push(format!("an answer within {} s; an approval holds {} s", terms.deadline_s, terms.validity_s));
    needs
}

fn as_json(policy: &Policy, judgement: &Judgement, found: Option<&Located>, exit: u8) -> Value {
    json!({
        "schema": "handoff.judgement.v1",
        "answer": match judgement.verdict {
            Verdict::Allow { .. } => "allow",
            Verdict::Review { .. } => "review",
            Verdict::Deny { .. } => "deny",
        },
        "exit_code": exit,
        "verdict": judgement.verdict,
        "matched": judgement.matched,
        "not_understood": judgement.not_understood,
        "prechecks": judgement.prechecks,
        "program": found.map(|located| crate::record::Text::from(located.path.as_path())),
        "policy": { "version": policy.id().version, "sha256": policy.id().digest },
        "ignored": policy.ignored().map(|layer| json!({ "file": layer.file, "sha256": layer.digest })),
    })
}
