//! `doctor`: health, level of trust, and what to do about each.
//! Reads only, and says all it can whatever is missing or damaged.

mod figures;
mod log;
mod notify;
mod people;
mod places;
mod queue;

use serde_json::{Value, json};

use super::args::{DoctorArgs, DoctorFormatArg, Globals};
use super::error::{CliError, code};
use super::level::{Level, NOT_KEPT_OUT, wrapped};
use super::open::{self, Setup};
use super::out::Out;
use crate::config::Settings;
use crate::ids::Origin;
use figures::{Gauge, Sample};

/// Columns of a narrow terminal, less the indentation.
const WIDTH: usize = 94;

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// As it should be.
    Ok,
    /// It works, and somebody should know.
    Warn,
    /// Something does not work, or is not safe.
    Bad,
}

impl Status {
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

/// One check's answer.
#[derive(Debug, Clone)]
pub struct Finding {
    check: &'static str,
    status: Status,
    message: String,
    advice: Option<String>,
}

/// All answers, in the order they are shown.
#[derive(Debug, Default)]
pub struct Report {
    findings: Vec<Finding>,
    samples: Vec<Sample>,
    queue: Option<Origin>,
    level: Option<Level>,
}

impl Report {
    fn ok(&mut self, check: &'static str, message: impl Into<String>) {
        self.findings.push(Finding { check, status: Status::Ok, message: message.into(), advice: None });
    }

    fn warn(&mut self, check: &'static str, message: impl Into<String>, advice: impl Into<String>) {
        let advice = Some(advice.into());
        self.findings.push(Finding { check, status: Status::Warn, message: message.into(), advice });
    }

    fn bad(&mut self, check: &'static str, message: impl Into<String>, advice: impl Into<String>) {
        let advice = Some(advice.into());
        self.findings.push(Finding { check, status: Status::Bad, message: message.into(), advice });
    }

    /// An error of another floor, whose message says what to do unless a hint does.
    fn failed(&mut self, check: &'static str, error: &CliError) {
        let advice = error.hint.clone();
        self.findings.push(Finding { check, status: Status::Bad, message: error.message.clone(), advice });
    }

    /// A number that was found.
    fn figure(&mut self, gauge: Gauge, of: &str, value: u64) {
        self.samples.push(Sample { gauge, of: of.to_owned(), value });
    }

    /// The worst of each check, as a number.
    fn sum_up(&mut self) {
        let mut worst: Vec<(&str, Status)> = Vec::new();
        for Finding { check, status, .. } in &self.findings {
            match worst.iter_mut().find(|(known, _)| known == check) {
                Some((_, known)) => *known = (*known).max(*status),
                None => worst.push((check, *status)),
            }
        }
        worst.into_iter().for_each(|(check, status)| self.figure(Gauge::Check, check, status as u64));
        if let Some(level) = self.level {
            self.figure(Gauge::Level, "", level as u64);
        }
    }

    fn is_bad(&self) -> bool {
        self.findings.iter().any(|finding| finding.status == Status::Bad)
    }
}

/// `handoff doctor`: 0 when nothing is bad, 1 otherwise.
///
/// # Errors
/// Only when the answer cannot be printed.
pub fn doctor(globals: &Globals, args: &DoctorArgs) -> Result<u8, CliError> {
    let mut report = Report::default();
    if let Some(setup) = setup(globals, &mut report) {
        places::check(&setup, &mut report);
        let queue = queue::check(&setup, &mut report);
        people::check(&setup, queue, &mut report);
        notify::check(&setup, &mut report);
    }
    report.sum_up();
    let out = Out::new(globals);
    match args.format {
        Some(DoctorFormatArg::Prometheus) => out.bytes(for_prometheus(&report).as_bytes())?,
        None if out.json() => out.object(&as_json(&report))?,
        None => tell(out, &report)?,
    }
    Ok(if report.is_bad() { code::NO } else { 0 })
}

/// The account's places and settings; a mistake in the settings hides nothing else.
fn setup(globals: &Globals, report: &mut Report) -> Option<Setup> {
    match Setup::read(globals) {
        Ok(setup) => {
            match &setup.settings.reviewer {
                Some(name) => report.ok("settings", format!("this account reviews as {name}")),
                None => report.warn("settings", "this account is set up as nobody's", "handoff init"),
            }
            Some(setup)
        }
        Err(error) => {
            report.failed("settings", &error);
            let places = open::places(globals).ok()?;
            Some(Setup { places, settings: Settings::default(), out: Out::new(globals) })
        }
    }
}

fn tell(out: Out, report: &Report) -> Result<(), CliError> {
    let queue = report.queue.as_ref().map_or("no queue", Origin::as_str);
    out.line(&format!("handoff {}  {queue}", env!("CARGO_PKG_VERSION")))?;
    for finding in &report.findings {
        let Finding { check, status, message, advice } = finding;
        out.line(&format!("  {:<5} {check:<11} {message}", status.word()))?;
        if let Some(advice) = advice {
            out.line(&format!("  {:<5} {:<11}   do: {advice}", "", ""))?;
        }
    }
    let Some(level) = report.level else { return Ok(()) };
    out.line(&format!("Level {}: {}.", level.word(), level.gives()))?;
    for words in [NOT_KEPT_OUT, level.more()] {
        wrapped(words, WIDTH).iter().try_for_each(|line| out.line(&format!("  {line}")))?;
    }
    Ok(())
}

fn for_prometheus(report: &Report) -> String {
    let queue = report.queue.as_ref().map_or("", Origin::as_str);
    figures::for_prometheus(env!("CARGO_PKG_VERSION"), queue, &report.samples)
}

fn as_json(report: &Report) -> Value {
    let checks: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| {
            json!({ "check": finding.check, "status": finding.status.word(), "message": finding.message,
                    "advice": finding.advice })
        })
        .collect();
    json!({
        "schema": "handoff.doctor.v1",
        "version": env!("CARGO_PKG_VERSION"),
        "queue": report.queue,
        "level": report.level.map(Level::word),
        "checks": checks,
        "figures": figures::as_json(&report.samples),
    })
}
