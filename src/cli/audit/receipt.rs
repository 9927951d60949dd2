//! `audit receipt`: one event of a ticket, proven by itself; and what `audit verify` says of such a file.
//! Making one writes the signed head into the queue, and the file that was asked for.

use std::io::Read as _;
use std::path::Path;

use serde_json::json;

use super::log_key;
use super::verify::{exit_code, faults, given};
use crate::audit::Conclusion;
use crate::audit::receipt::{Shown, check, receipt as made};
use crate::cli::args::{GivenArgs, Globals, ReceiptArgs};
use crate::cli::error::CliError;
use crate::cli::events::{self, Entry};
use crate::cli::open::{EngineQueue, Setup, find, shown};
use crate::cli::out::Out;
use crate::files;
use crate::log::logkey::LogVerifier;
use crate::log::receipt::Receipt;
use crate::record::Record;
use crate::store::EventRow;
use crate::ticket::event::{Event, What};

/// An event's 64 KiB in base64, a path of 53 hashes and a head.
const LONGEST: u64 = 128 * 1024;
const BEGINNING: &[u8] = b"c2sp.org/tlog-proof@";

/// `handoff audit receipt`.
///
/// # Errors
/// When the ticket has no such event, or the log's key or the place to write cannot be had.
pub fn receipt(setup: &Setup, queue: &mut EngineQueue, args: &ReceiptArgs) -> Result<u8, CliError> {
    let id = find(queue, &args.id)?;
    let rows = queue.read(&mut |read| Ok(read.events_of(&id)?))?;
    let seq = chosen(&rows, args.event, &id.code())?;
    let key = log_key(setup)?;
    let head = queue.checkpoint(&key)?;
    let receipt = queue.read(&mut |read| made(read, seq, &head))?;
    let text = receipt.to_string();
    if let Some(path) = &args.output {
        files::create_private(path, text.as_bytes()).map_err(CliError::failed)?;
    }
    let log_key = key.verifier().to_string();
    if setup.out.json() {
        let head = head.unverified();
        setup.out.object(&json!({
            "schema": "handoff.receipt.v1", "origin": head.origin, "seq": seq, "size": head.size,
            "root": head.root, "log_key": log_key, "receipt": text,
        }))?;
        return Ok(0);
    }
    if args.output.is_none() {
        // The head's last line ends it; one more would spoil it.
        setup.out.answer(text.trim_end_matches('\n'))?;
    }
    setup.out.note(&format!("for audit verify, keep the log's key: --log-key {log_key}"));
    Ok(0)
}

/// The event that was named, or the only one that somebody signed.
fn chosen(rows: &[EventRow], named: Option<u64>, code: &str) -> Result<u64, CliError> {
    if let Some(seq) = named {
        let known = rows.iter().any(|row| row.seq == seq);
        let other = || CliError::failed(format!("event {seq} is not one of {code}"));
        return known.then_some(seq).ok_or_else(|| other().hint(format!("handoff audit log {code}")));
    }
    let signed: Vec<u64> = rows.iter().filter(|row| is_signed(row)).map(|row| row.seq).collect();
    match signed.as_slice() {
        [seq] => Ok(*seq),
        [] => Err(CliError::failed(format!("nobody signed anything about {code}"))
            .hint(format!("handoff audit log {code} lists its events; name one with --event SEQ"))),
        several => {
            let several: Vec<String> = several.iter().map(ToString::to_string).collect();
            Err(CliError::failed(format!("{code} has several signed events: {}", several.join(", ")))
                .hint("name one with --event SEQ"))
        }
    }
}

fn is_signed(row: &EventRow) -> bool {
    let event = Record::parse::<Event>(&row.bytes).map(|(_, event)| event.what);
    matches!(event, Ok(What::Decision { .. } | What::Reconciled { .. }))
}

/// Whether the file is a receipt rather than a bundle.
pub fn is_one(path: &Path) -> bool {
    let mut beginning = [0; BEGINNING.len()];
    let file = files::open_regular(path);
    file.is_ok_and(|mut file| file.read_exact(&mut beginning).is_ok()) && beginning == BEGINNING
}

/// `handoff audit verify RECEIPT`: 0 holds, 1 tampered, 3 whose signature counts was not given, 4 the head is not known.
///
/// # Errors
/// When the receipt, or something that was brought along, cannot be read.
pub fn verify(globals: &Globals, path: &Path, args: &GivenArgs) -> Result<u8, CliError> {
    let bytes = files::read_limited(path, LONGEST).map_err(CliError::failed)?;
    let text =
        String::from_utf8(bytes).map_err(|_| CliError::failed(format!("{} is not text", shown(path))))?;
    let receipt =
        Receipt::parse(&text).map_err(|error| CliError::failed(format!("{}: {error}", shown(path))))?;
    let key = args.log_key.as_deref().map(str::parse::<LogVerifier>).transpose();
    let key = key.map_err(|error| CliError::usage(format!("--log-key: {error}")))?;
    let found = check(&receipt, &given(globals, args)?, key.as_ref());
    let (out, exit) = (Out::new(globals), exit_code(found.conclusion()));
    if out.json() {
        out.object(&as_json(&receipt, &found, exit))?;
    } else {
        print(out, &receipt, &found)?;
    }
    Ok(exit)
}

fn print(out: Out, receipt: &Receipt, found: &Shown) -> Result<(), CliError> {
    if let (Some(event), Some(bytes)) = (&found.event, text(receipt)) {
        out.line(&events::line(Entry::of(event, bytes), true))?;
    }
    for fault in found.faults.kept() {
        out.line(&format!("   {fault}"))?;
    }
    let head = format!("the head of {} events of {}", found.head.size, found.head.origin);
    match found.conclusion() {
        Conclusion::Tampered => out.line("TAMPERED: this proves nothing"),
        Conclusion::Holds => out.line(&format!("holds.   In the log, under {head}")),
        Conclusion::OwnReviewers => {
            out.line(&format!(
                "consistent with itself only: it is under {head}; whose signatures count was not given"
            ))?;
            out.words("  give:  --reviewers FILE (allowed_signers from your own records)");
            Ok(())
        }
        Conclusion::MayBeCut => {
            out.line(&format!("not excluded: that {head} was never this queue's"))?;
            out.words("  give:  --log-key KEY (from your own records), or that head as --checkpoint FILE");
            Ok(())
        }
    }
}

/// The event's bytes.
fn text(receipt: &Receipt) -> Option<&str> {
    std::str::from_utf8(&receipt.extra).ok()
}

fn as_json(receipt: &Receipt, found: &Shown, exit: u8) -> serde_json::Value {
    json!({
        "schema": "handoff.receipt-verification.v1",
        "conclusion": found.conclusion().word(),
        "exit_code": exit,
        "origin": found.head.origin,
        "size": found.head.size,
        "root": found.head.root,
        "event": found.event.as_ref().and_then(|_| text(receipt)),
        "head_known": found.known_head,
        "signer_known": !found.unknown_signer,
        "faults": faults(&found.faults),
    })
}
