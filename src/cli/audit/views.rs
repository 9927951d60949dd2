//! `audit export --format csv|ocsf|cef`: the log for spreadsheets and SIEMs, one event a line. Views, not evidence:
//! nothing in them can be verified. Writes the file, or standard output.

use serde_json::{Value, json};

use super::export::{filter, taken};
use crate::audit::export::{ExportError, Selection, walk, whole_file};
use crate::cli::args::{ExportArgs, FormatArg};
use crate::cli::error::CliError;
use crate::cli::events::{self, Told};
use crate::cli::open::{EngineQueue, Setup, shown};
use crate::cli::progress::Work;
use crate::ids::{Origin, TicketId};
use crate::store::{EventRow, Identity};
use crate::ticket::decision::Choice;
use crate::ticket::event::{Event, What};
use crate::ticket::{CancelledBy, End};

const HEADER: &str = "seq,time,ticket,code,event,by,text,leaf\r\n";

/// Writes the view.
///
/// # Errors
/// When the queue cannot be read or the file not written.
pub fn view(
    setup: &Setup,
    queue: &mut EngineQueue,
    identity: &Identity,
    args: &ExportArgs,
    format: FormatArg,
) -> Result<u8, CliError> {
    let size = queue.mark()?.size;
    let passes = if filter(args).is_some() { 2 } else { 1 };
    let mut work = Work::new("exporting", "the log");
    let mut selection = None;
    if let Some(filter) = filter(args) {
        let seen = &mut |at| work.at(at, passes * size);
        selection = Some(Selection::of(queue.store(), &filter, size, seen).map_err(CliError::failed)?);
    }
    let mut lines = 0_u64;
    let mut all = |into: &mut dyn FnMut(&str) -> Result<(), ExportError>| {
        into(if format == FormatArg::Csv { HEADER } else { "" })?;
        let seen = &mut |at| work.at((passes - 1) * size + at, passes * size);
        walk(queue.store(), selection.as_ref(), size, seen, &mut |_, row| {
            lines += 1;
            into(&line(format, &identity.origin, row))
        })
    };
    if args.output.as_os_str() == "-" {
        let wrong = |error: CliError| {
            ExportError::Write("standard output".to_owned(), std::io::Error::other(error.message))
        };
        all(&mut |text| setup.out.bytes(text.as_bytes()).map_err(wrong)).map_err(CliError::failed)?;
        work.clear();
        return Ok(0);
    }
    let path = args.output.clone();
    let done = whole_file(&path, &mut |file| {
        all(&mut |text| {
            let written = file.write_all(text.as_bytes());
            written.map_err(|error| ExportError::Write(shown(&path), error))
        })
    });
    work.clear();
    done.map_err(|error| match error {
        ExportError::Taken(_) => taken(&path),
        other => CliError::failed(other),
    })?;
    setup.out.note(&format!(
        "{lines} events in {}: a view for people and tools, not evidence; that is an export without --format",
        shown(&path)
    ));
    Ok(0)
}

fn line(format: FormatArg, origin: &Origin, row: &EventRow) -> String {
    match format {
        FormatArg::Csv => csv(row),
        FormatArg::Ocsf => format!("{}\n", ocsf(origin, row)),
        FormatArg::Cef => cef(origin, row),
    }
}

/// RFC 4180. A cell that a spreadsheet would take for a formula begins with an apostrophe.
fn csv(row: &EventRow) -> String {
    let Told { time, what, by, text } = events::told(row);
    let ticket = row.ticket.as_ref();
    let cells = [
        row.seq.to_string(),
        time,
        ticket.map(ToString::to_string).unwrap_or_default(),
        ticket.map(TicketId::code).unwrap_or_default(),
        what,
        by.unwrap_or_default(),
        text,
        row.leaf.to_string(),
    ];
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    format!("{}\r\n", cells.join(","))
}

fn cell(text: &str) -> String {
    let formula = text
        .trim_start()
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    let guard = if formula { "'" } else { "" };
    if !formula && !text.contains(['"', ',', '\n', '\r', ' ', ';', '\t']) {
        return text.to_owned();
    }
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

/// OCSF's base event, which claims no more than it can say.
fn ocsf(origin: &Origin, row: &EventRow) -> Value {
    let Told { what, by, text, .. } = events::told(row);
    let event = events::read(row);
    let severity = severity(event.as_ref());
    let mut told = events::json(row);
    if let Some(fields) = told.as_object_mut() {
        fields.retain(|name, _| {
            matches!(name.as_str(), "seq" | "kind" | "ticket" | "code" | "by" | "detail" | "leaf")
        });
    }
    let ticket = row.ticket.as_ref().map(TicketId::as_str);
    let observables: Vec<Value> =
        ticket.iter().map(|id| json!({ "name": "unmapped.ticket", "type_id": 10, "value": id })).collect();
    json!({
        "activity_id": 99, "activity_name": what, "category_uid": 0, "class_uid": 0, "type_uid": 99,
        "severity_id": severity.ocsf(),
        "time": event.as_ref().map_or(0, |event| event.time.millis()),
        "message": sentence(&what, by.as_deref(), &text),
        "metadata": {
            "version": "1.3.0", "log_name": origin, "sequence": row.seq, "uid": row.leaf,
            "product": { "name": "handoff", "vendor_name": "handoff", "version": env!("CARGO_PKG_VERSION") },
        },
        "observables": observables,
        "unmapped": told,
    })
}

fn cef(origin: &Origin, row: &EventRow) -> String {
    let Told { what, by, text, .. } = events::told(row);
    let event = events::read(row);
    let time = event.as_ref().map_or(0, |event| event.time.millis());
    let header = |text: &str| text.replace('\\', "\\\\").replace('|', "\\|").replace(['\n', '\r'], " ");
    let value =
        |text: &str| text.replace('\\', "\\\\").replace('=', "\\=").replace('\r', "").replace('\n', "\\n");
    let mut line = format!(
        "CEF:0|handoff|handoff|{}|{}|{}|{}|rt={time} externalId={} dvchost={} cs2Label=leaf cs2={}",
        env!("CARGO_PKG_VERSION"),
        header(event.as_ref().map_or("damaged", |event| event.what.word())),
        header(&what),
        severity(event.as_ref()).cef(),
        row.seq,
        value(origin.as_str()),
        row.leaf,
    );
    if let Some(ticket) = &row.ticket {
        line += &format!(" cs1Label=ticket cs1={ticket}");
    }
    if let Some(by) = &by {
        line += &format!(" suser={}", value(by));
    }
    if !text.is_empty() {
        line += &format!(" msg={}", value(&text));
    }
    line + "\n"
}

fn sentence(what: &str, by: Option<&str>, text: &str) -> String {
    let parts = [Some(what), by, Some(text).filter(|text| !text.is_empty())];
    parts.into_iter().flatten().collect::<Vec<_>>().join("  ")
}

/// How much an event asks to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Severity {
    Informational,
    Low,
    Medium,
    High,
}

impl Severity {
    const fn ocsf(self) -> u8 {
        match self {
            Self::Informational => 1,
            Self::Low => 2,
            Self::Medium => 3,
            Self::High => 4,
        }
    }

    const fn cef(self) -> u8 {
        match self {
            Self::Informational => 1,
            Self::Low => 3,
            Self::Medium => 6,
            Self::High => 8,
        }
    }
}

fn severity(event: Option<&Event>) -> Severity {
    match event.map(|event| &event.what) {
        None | Some(What::Unknown { .. } | What::Restored { .. }) => Severity::High,
        Some(
            What::Refused { .. } | What::Policy { .. } | What::Reviewers { .. } | What::Reconciled { .. },
        ) => Severity::Medium,
        Some(What::Cancelled { why: CancelledBy::Revoke(_) | CancelledBy::Stale(_) }) => Severity::Medium,
        Some(What::Finished { outcome }) if outcome.end != End::Exit(0) => Severity::Low,
        Some(What::Rejected { .. } | What::NotStarted { .. }) => Severity::Low,
        Some(What::Decision { statement, .. })
            if events::decision(statement).is_some_and(|said| said.decision != Choice::Approve) =>
        {
            Severity::Low
        }
        Some(_) => Severity::Informational,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Digest;

    #[test]
    fn no_cell_is_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1", "\u{ff1d}1"] {
            let cell = cell(text);
            assert!(cell.starts_with("\"'"), "{cell:?}");
        }
        assert_eq!(cell("plain"), "plain");
        assert_eq!(cell("a \"b\", c"), "\"a \"\"b\"\", c\"");
    }

    #[test]
    fn a_damaged_event_is_a_line_like_any_other_and_ends_no_other() {
        let digest = Digest::of(b"");
        let row = EventRow { seq: 7, ticket: None, bytes: "{}|=\n".to_owned(), leaf: digest, root: digest };
        let origin = "laptop".parse().unwrap();
        for format in [FormatArg::Csv, FormatArg::Ocsf, FormatArg::Cef] {
            let line = line(format, &origin, &row);
            assert_eq!(line.matches('\n').count(), 1, "{line}");
            assert!(line.contains("damaged"), "{line}");
        }
        assert_eq!(ocsf(&origin, &row)["severity_id"], 4);
    }
}
