//! `audit verify`: what the auditor brings along, and the audit's result in words and as JSON.
//! The exit code says which of four things it came to.

use std::path::Path;

use serde_json::{Value, json};

use super::receipt;
use crate::audit::bundle::Bundle;
use crate::audit::fault::{Fault, Faults};
use crate::audit::trail::TrailError;
use crate::audit::{Conclusion, Counts, Given, Report, verify as audited, verify_trail};
use crate::cli::args::{GivenArgs, Globals};
use crate::cli::error::{CliError, code};
use crate::cli::open::{EngineQueue, LONGEST, Setup, shown};
use crate::cli::out::Out;
use crate::cli::progress::Work;
use crate::files;
use crate::log::checkpoint::SignedCheckpoint;
use crate::queue::mark::Mark;
use crate::signing::Reviewers;

/// `handoff audit verify`: 0 holds, 1 tampered, 3 own reviewers, 4 may be cut.
///
/// # Errors
/// When the queue, or something that was brought along, cannot be read.
pub fn verify(
    globals: &Globals,
    setup: &Setup,
    queue: &mut EngineQueue,
    args: &GivenArgs,
) -> Result<u8, CliError> {
    let given = given(globals, args)?;
    let size = queue.mark().map(|mark| mark.size).unwrap_or_default();
    let mut work = Work::new("verifying", "events");
    let report = audited(queue.store(), given, &mut |at| work.at(at, size)).map_err(unreadable)?;
    work.clear();
    told(setup.out, &report)
}

/// `handoff audit verify BUNDLE|RECEIPT`, with the same answers.
///
/// # Errors
/// When the bundle, or something that was brought along, cannot be read.
pub fn bundle(globals: &Globals, path: &Path, args: &GivenArgs) -> Result<u8, CliError> {
    if receipt::is_one(path) {
        return receipt::verify(globals, path, args);
    }
    let given = given(globals, args)?;
    let mut work = Work::new("verifying", "events");
    let mut bundle = Bundle::open(path).map_err(CliError::failed)?;
    let (found, size) = (bundle.take_faults(), bundle.manifest().map_or(0, |manifest| manifest.size));
    let report = verify_trail(&mut bundle, given, found, &mut |at| work.at(at, size)).map_err(unreadable)?;
    work.clear();
    told(Out::new(globals), &report)
}

fn unreadable(error: TrailError) -> CliError {
    match error {
        TrailError::Queue(error) => error.into(),
        other => CliError::failed(other),
    }
}

fn told(out: Out, report: &Report) -> Result<u8, CliError> {
    let exit = exit_code(report.conclusion());
    if out.json() {
        out.object(&as_json(report, exit))?
    } else {
        print(out, report)?
    }
    Ok(exit)
}

/// The exit code for what an audit came to.
pub const fn exit_code(conclusion: Conclusion) -> u8 {
    match conclusion {
        Conclusion::Holds => 0,
        Conclusion::Tampered => code::NO,
        Conclusion::OwnReviewers => code::OWN_REVIEWERS,
        Conclusion::MayBeCut => code::MAY_BE_CUT,
    }
}

/// What the auditor brought along, read.
///
/// # Errors
/// When something of it cannot be read or is none.
pub fn given(globals: &Globals, args: &GivenArgs) -> Result<Given, CliError> {
    let reviewers = globals.reviewers.as_deref().map(reviewers).transpose()?;
    let checkpoint = args.checkpoint.as_deref().map(checkpoint).transpose()?;
    let pins = args.pins.as_deref().map(pins).transpose()?;
    Ok(Given { reviewers, checkpoints: checkpoint.into_iter().collect(), pins: pins.unwrap_or_default() })
}

fn text(path: &Path) -> Result<String, CliError> {
    let bytes = files::read_limited(path, LONGEST).map_err(CliError::failed)?;
    String::from_utf8(bytes).map_err(|_| CliError::failed(format!("{} is not text", shown(path))))
}

fn reviewers(path: &Path) -> Result<Reviewers, CliError> {
    Reviewers::parse(&text(path)?).map_err(|error| CliError::failed(format!("{}: {error}", shown(path))))
}

/// A signed head somebody kept.
///
/// # Errors
/// When the file cannot be read or is none.
pub fn checkpoint(path: &Path) -> Result<SignedCheckpoint, CliError> {
    SignedCheckpoint::parse(&text(path)?)
        .map_err(|error| CliError::failed(format!("{}: {error}", shown(path))))
}

fn pins(path: &Path) -> Result<Vec<Mark>, CliError> {
    let wrong = || CliError::failed(format!("{} is no file of pins", shown(path)));
    let text = text(path)?;
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let pins: Vec<Mark> = lines.map(|line| Mark::parse(line).ok_or_else(wrong)).collect::<Result<_, _>>()?;
    if pins.is_empty() { Err(wrong()) } else { Ok(pins) }
}

fn print(out: Out, report: &Report) -> Result<(), CliError> {
    if report.conclusion() == Conclusion::Tampered {
        return tampered(out, report);
    }
    out.line(&counted(report))?;
    let what = if report.bundle { "bundle" } else { "queue" };
    if report.conclusion() != Conclusion::Holds {
        out.line(&ends(&report.counts))?;
    }
    match report.conclusion() {
        Conclusion::OwnReviewers => {
            out.line(&format!("consistent with itself only: its reviewers came from the {what}"))?;
            out.words(
                "  give:  --reviewers FILE (allowed_signers from your own records), --checkpoint FILE (one \
                 you kept) or --pins FILE (any reviewer's)",
            );
        }
        Conclusion::MayBeCut => {
            for sentence in report.not_excluded() {
                out.line(&format!("not excluded: {sentence}"))?;
            }
        }
        _ => {
            out.line(&format!("holds.   {}", ends(&report.counts)))?;
            if let Some(size) = report.given_head.filter(|size| *size < report.events) {
                out.note(&format!("what you gave reaches to event {size}; later ones could be cut off"));
            }
        }
    }
    Ok(())
}

fn tampered(out: Out, report: &Report) -> Result<(), CliError> {
    out.line(&format!("TAMPERED: {}", counted(report)))?;
    for fault in report.faults.kept() {
        out.line(&format!("   {fault}"))?;
    }
    if report.faults.more() > 0 {
        out.line(&format!("   … {} more", thousands(report.faults.more())))?;
    }
    for sentence in report.still_holds() {
        out.line(&format!("still holds: {sentence}"))?;
    }
    Ok(())
}

fn counted(report: &Report) -> String {
    let span = report.span.map(|(first, last)| {
        let day = |time: crate::clock::Timestamp| time.to_string().chars().take(10).collect::<String>();
        format!(", {} to {}", day(first), day(last))
    });
    let signed = if report.faults.is_empty() { "; every signature good" } else { "" };
    let shown = match report.events - report.shown {
        0 => String::new(),
        left_out => format!(" ({} shown, {} by hash only)", thousands(report.shown), thousands(left_out)),
    };
    format!(
        "{} tickets, {} events{shown}{}{signed}",
        thousands(report.counts.tickets),
        thousands(report.events),
        span.unwrap_or_default()
    )
}

fn ends(counts: &Counts) -> String {
    let ends = [
        (counts.complete, "complete"),
        (counts.rejected, "rejected"),
        (counts.denied, "denied"),
        (counts.expired, "expired"),
        (counts.cancelled, "cancelled"),
        (counts.not_started, "not started"),
        (counts.unknown, "unknown"),
        (counts.reconciled, "reconciled"),
        (counts.open, "open"),
        (counts.alone, "by one person alone"),
        (counts.unasked, "by policy, nobody asked"),
        (counts.pruned, "payloads pruned"),
    ];
    let ends = ends.iter().filter(|(count, _)| *count > 0);
    let ends: Vec<String> = ends.map(|(count, word)| format!("{} {word}", thousands(*count))).collect();
    if ends.is_empty() { "no tickets yet".to_owned() } else { ends.join("  ") }
}

/// `61003` as `61,003`.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn as_json(report: &Report, exit: u8) -> Value {
    json!({
        "schema": "handoff.verification.v1",
        "conclusion": report.conclusion().word(),
        "exit_code": exit,
        "origin": report.origin,
        "incarnation": report.incarnation,
        "log_key": report.log_key,
        "source": if report.bundle { "bundle" } else { "queue" },
        "events": report.events,
        "shown": report.shown,
        "root": report.root,
        "from": report.span.map(|(first, _)| first),
        "to": report.span.map(|(_, last)| last),
        "counts": counts(&report.counts),
        "reviewers": match (report.given_reviewers, report.bundle) {
            (true, _) => "yours",
            (false, true) => "bundle",
            (false, false) => "queue",
        },
        "known_to": report.given_head,
        "not_excluded": report.not_excluded(),
        "still_holds": report.still_holds(),
        "faults": faults(&report.faults),
        "more_faults": report.faults.more(),
    })
}

/// Faults as data.
pub fn faults(faults: &Faults) -> Vec<Value> {
    let fault = |fault: &Fault| {
        let seq = fault.file.is_none().then_some(fault.seq);
        json!({ "seq": seq, "file": fault.file, "ticket": fault.ticket.as_ref().map(crate::ids::TicketId::as_str),
                "field": fault.field, "found": fault.found, "wanted": fault.wanted })
    };
    faults.kept().iter().map(fault).collect()
}

fn counts(counts: &Counts) -> Value {
    json!({
        "tickets": counts.tickets, "complete": counts.complete, "not_started": counts.not_started,
        "unknown": counts.unknown, "reconciled": counts.reconciled, "rejected": counts.rejected,
        "denied": counts.denied, "expired": counts.expired, "cancelled": counts.cancelled,
        "open": counts.open, "alone": counts.alone, "unasked": counts.unasked, "pruned": counts.pruned,
        "signatures": counts.signatures,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_three() {
        for (number, text) in
            [(0, "0"), (999, "999"), (1000, "1,000"), (61_003, "61,003"), (1_234_567, "1,234,567")]
        {
            assert_eq!(thousands(number), text);
        }
    }

    #[test]
    fn a_file_of_pins_holds_marks_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = |text: &str| {
            let path = folder.path().join("pins");
            std::fs::write(&path, text).unwrap();
            pins(&path)
        };
        let mark = Mark {
            incarnation: crate::ids::Incarnation::random(),
            size: 7,
            root: crate::ids::Digest::of(b""),
        };
        assert_eq!(file(&format!("# ana's\n{}", mark.line())).unwrap(), [mark]);
        for bad in ["", "# nothing\n", "mark.v1 x 1 y\n"] {
            assert!(file(bad).is_err(), "{bad:?}");
        }
    }
}
