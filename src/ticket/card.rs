//! The text a reviewer reads and signs, `card.v1`: a pure function of request, verdict and policy.
//! Unwrapped, without clock or window width, so that anyone can make the same bytes again.

use std::fmt;
use std::fmt::Write as _;

use crate::escaped::Escaped;
use crate::ids::Digest;
use crate::policy::{Risk, Terms, Verdict};
use crate::record::Text;
use crate::request::{
    Action, Attachment, Context, Exec, InnerProgram, Link, Request, Stdin, Value, Variable,
};

/// The lines of a card, escaped, in reading order, each with a line feed behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    text: String,
}

/// Room for the card of an ordinary command.
const ORDINARY: usize = 2048;

impl Card {
    /// The card of a request as this verdict stopped it.
    #[must_use]
    pub fn new(request: &Request, verdict: &Verdict) -> Self {
        let mut card = Self { text: String::with_capacity(ORDINARY) };
        card.line(format_args!("card.v1 of {} ({})", request.ticket.code(), request.ticket));
        let Action::Exec(exec) = &request.action;
        card.runs(exec);
        card.stopped(verdict, request);
        card.observed(request);
        card.not_bound(&exec.not_bound);
        card.claimed(request);
        card.attached(&request.context.attachments);
        card.line("END of the card");
        card
    }

    /// Its lines.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.text.split_terminator('\n')
    }

    /// The bytes that are hashed: every line with a line feed behind it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// As [`Card::text`].
    #[must_use]
    pub fn into_text(self) -> String {
        self.text
    }

    /// Digest of [`Card::text`], named by every decision.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.text.as_bytes())
    }

    // A string takes whatever is written to it.
    fn line(&mut self, line: impl fmt::Display) {
        let _ = writeln!(self.text, "{line}");
    }

    fn row(&mut self, name: &str, value: impl fmt::Display) {
        self.line(format_args!("   {name:<9} {value}"));
    }

    fn runs(&mut self, exec: &Exec) {
        let account = Escaped::name(exec.account.name.as_bytes());
        let host = Escaped::name(exec.host.as_bytes());
        let cwd = Escaped::argument(exec.cwd.as_bytes());
        let uid = exec.account.uid;
        self.line(format_args!("RUNS once, as {account} (uid {uid}) on {host}, in {cwd}"));
        for (index, argument) in exec.argv.iter().enumerate() {
            self.argument(index, argument, exec);
        }
        self.environment(exec);
        self.row("stdin", stdin(&exec.stdin));
        for check in &exec.prechecks {
            let argv: Vec<String> = check.argv.iter().map(quoted).collect();
            let output = check.output_sha256;
            self.row(
                "precheck",
                format_args!("{}: {} gave {}, output {output}", check.name, argv.join(" "), check.status),
            );
        }
    }

    fn argument(&mut self, index: usize, argument: &Text, exec: &Exec) {
        self.line(format_args!("   {index:>3} {}", quoted(argument)));
        if let Some(letters) = Escaped::letters(argument.as_bytes()) {
            self.note(format_args!("shows as: {letters}"));
        }
        if index == 0 {
            self.program(exec);
        }
        for file in exec.files.iter().filter(|file| usize::try_from(file.index) == Ok(index)) {
            self.note(format_args!(
                "file {}, {} bytes, bound {}",
                quoted(&file.path),
                file.size,
                file.sha256
            ));
        }
        for bind in &exec.binds {
            let hole = format!("{{bind:{}}}", bind.name);
            if contains(argument.as_bytes(), hole.as_bytes()) {
                let (path, size, digest) = (quoted(&bind.path), bind.size, bind.sha256);
                self.note(format_args!("{hole} is a private copy of {path}, {size} bytes, {digest}"));
            }
        }
    }

    fn program(&mut self, exec: &Exec) {
        let program = &exec.program;
        let kind = if program.script { "script" } else { "program" };
        let (path, size) = (quoted(&program.path), program.size);
        self.note(format_args!("{kind} {path}, {size} bytes, bound {}", program.sha256));
        if let Some(link) = &program.link {
            self.note(format_args!("found as {}", quoted(link)));
        }
        if program.theirs {
            self.note("the requester can replace this file");
        }
        for interpreter in &exec.interpreters {
            let (path, digest) = (quoted(&interpreter.path), interpreter.sha256);
            self.note(format_args!("run by {path}, bound {digest}"));
        }
    }

    fn note(&mut self, text: impl fmt::Display) {
        self.line(format_args!("         {text}"));
    }

    fn environment(&mut self, exec: &Exec) {
        if exec.env_all {
            self.row("env", "ALL of the requester's environment was handed over");
        }
        for variable in &exec.env {
            let added = if variable.added { "  (added by the requester)" } else { "" };
            self.row("env", format_args!("{}{added}", value(variable)));
        }
    }

    fn stopped(&mut self, verdict: &Verdict, request: &Request) {
        self.line("STOPPED BY");
        let rules = verdict.rules();
        if rules.is_empty() {
            self.row("rule", "none matched: what no rule knows needs a person");
        }
        for rule in rules {
            self.row("rule", rule);
        }
        match verdict {
            Verdict::Allow { .. } => self.row("verdict", "allow: nobody was asked"),
            Verdict::Deny { why, instead, .. } => {
                self.row("verdict", "deny");
                self.sentences("why", why);
                self.sentences("instead", instead);
            }
            Verdict::Review { why, risk, terms, .. } => {
                self.row("risk", risk_word(*risk));
                self.sentences("why", why);
                self.terms(terms, request.deadline_s);
            }
        }
        let (version, digest) = (Escaped::prose(request.policy.version.as_bytes()), request.policy.sha256);
        self.row("policy", format_args!("{version}, {digest}"));
    }

    fn sentences<'a>(&mut self, name: &str, sentences: impl IntoIterator<Item = &'a String>) {
        for sentence in sentences {
            self.row(name, Escaped::prose(sentence.as_bytes()));
        }
    }

    fn terms(&mut self, terms: &Terms, deadline_s: u64) {
        let people = if terms.approvals == 1 { "person" } else { "different people" };
        self.row("needs", format_args!("{} {people}", terms.approvals));
        for group in &terms.groups {
            self.row("needs", format_args!("one of group {group}"));
        }
        if terms.distinct {
            self.row("needs", "somebody other than the requester");
        }
        self.row(
            "waits",
            format_args!("{deadline_s} s for the answer; an approval holds {} s", terms.validity_s),
        );
    }

    fn observed(&mut self, request: &Request) {
        self.line("OBSERVED by handoff");
        let asks = &request.requester;
        let name = Escaped::name(asks.account.name.as_bytes());
        let from =
            asks.parent.as_ref().map_or_else(String::new, |parent| format!(", from {}", quoted(parent)));
        let terminal = if asks.terminal { "with a terminal" } else { "no terminal" };
        let (uid, pid) = (asks.account.uid, asks.pid);
        self.row("asks", format_args!("uid {uid} {name}{from} (pid {pid}), {terminal}"));
        self.row("filed", format_args!("{} in queue {}", request.time, request.queue));
        if let Some(git) = &request.git {
            let part = |text: &Option<Text>| {
                text.as_ref().map_or_else(|| "-".to_owned(), |t| Escaped::name(t.as_bytes()).into_string())
            };
            self.row("git", format_args!("branch {} commit {}", part(&git.branch), part(&git.commit)));
        }
        for inner in &request.exec().within {
            self.row("within", within(inner));
        }
        for link in &request.exec().links {
            self.row("link", leads(link));
        }
        if let Some(earlier) = &request.attempt_of {
            self.row("before", format_args!("{} with the same key ended without running", earlier.code()));
        }
        self.row("action", request.action_sha256);
    }

    fn not_bound(&mut self, sentences: &[Text]) {
        self.line("NOT BOUND");
        for sentence in sentences {
            self.row("free", Escaped::prose(sentence.as_bytes()));
        }
    }

    fn claimed(&mut self, request: &Request) {
        let name = Escaped::name(request.requester.account.name.as_bytes());
        self.line(format_args!("CLAIMED by {name}, not checked"));
        let Context { reason, resources, effect, rollback, declared, .. } = &request.context;
        self.prose("reason", reason);
        self.prose("effect", effect);
        self.prose("rollback", rollback);
        for resource in resources {
            self.row("resource", Escaped::prose(resource.as_bytes()));
        }
        for (name, value) in &declared.0 {
            self.row(
                "declares",
                format_args!("{} = {}", Escaped::name(name.as_bytes()), Escaped::prose(value.as_bytes())),
            );
        }
        if let Some(key) = &request.once {
            self.row("once", quoted(key));
        }
    }

    fn prose(&mut self, name: &str, text: &Option<Text>) {
        let Some(text) = text else {
            return self.row(name, "not given");
        };
        for (index, line) in Escaped::lines(text.as_bytes()).enumerate() {
            self.row(if index == 0 { name } else { "" }, line);
        }
    }

    fn attached(&mut self, attachments: &[Attachment]) {
        if attachments.is_empty() {
            return;
        }
        self.line("ATTACHED, not checked");
        for file in attachments {
            self.row("file", format_args!("{}, {} bytes, {}", quoted(&file.name), file.size, file.sha256));
        }
    }
}

/// The risk in the words of screens.
#[must_use]
pub const fn risk_word(risk: Risk) -> &'static str {
    match risk {
        Risk::Low => "LOW",
        Risk::Medium => "MED",
        Risk::High => "HIGH",
    }
}

fn quoted(text: &Text) -> String {
    Escaped::argument(text.as_bytes()).into_string()
}

fn stdin(stdin: &Stdin) -> String {
    match stdin {
        Stdin::None => "nothing".to_owned(),
        Stdin::Terminal => "the requester's terminal".to_owned(),
        Stdin::Captured { sha256, size } => format!("{size} bytes, bound {sha256}"),
        Stdin::Pass => "NOT BOUND: whatever comes".to_owned(),
    }
}

fn within(inner: &InnerProgram) -> String {
    let name = quoted(&inner.name);
    let Some(path) = &inner.path else { return format!("{name}, which was not found") };
    let link = inner.link.as_ref().map(|link| format!(" found as {}", quoted(link))).unwrap_or_default();
    let theirs = if inner.theirs { ", which the requester can replace" } else { "" };
    format!("{name} runs {}{link}{theirs}", quoted(path))
}

fn leads(link: &Link) -> String {
    let path = quoted(&link.path);
    let Some(to) = &link.to else { return format!("{path}: where it leads, and all below it, is not known") };
    format!("{path} leads to {}", quoted(to))
}

fn value(variable: &Variable) -> String {
    let name = Escaped::name(variable.name.as_bytes());
    match &variable.value {
        Value::Shown(text) => format!("{name}={}", quoted(text)),
        Value::Hidden(hidden) => {
            let secret = if hidden.secret { ", a secret" } else { "" };
            format!("{name}: {} bytes hidden{secret}, held by {}", hidden.bytes, hidden.commitment.short())
        }
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[cfg(test)]
pub(crate) mod tests;
