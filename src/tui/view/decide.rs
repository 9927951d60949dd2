//! The question before an approve: what is signed, what comes of it, what is missing still.

use std::time::Instant;

use super::super::forms::Deciding;
use super::super::frame::{Frame, Line, Look};
use super::super::model::Model;
use super::{key, left};
use crate::escaped::Escaped;
use crate::ticket::card::risk_word;

/// Where the values begin.
const VALUE: usize = 16;
/// The lines this screen takes beside those of what would run, at most.
const TAKEN: usize = 16;

pub(super) fn frame(model: &Model, form: &Deciding, now: Instant) -> Frame {
    let (columns, sheet) = (model.size.columns, &form.sheet);
    let code = Escaped::name(sheet.id.code().as_bytes());
    let title = Line::new().space(1).text(&code).space(2).words(risk_word(sheet.risk)).words("  APPROVE");
    let mut right = Line::new();
    if let Some(until) = &sheet.until {
        right = right.text(&left(until, &model.clock)).words(" left  ");
    }
    let mut lines = vec![super::head(model, title, right.words("nothing is signed"))];
    lines.push(Line::new());
    lines.push(Line::of("  You sign: this may run once, until ").text(&sheet.valid_until).words(","));
    lines.push(Line::of("  ").text(&sheet.runs));
    lines.extend(super::action(model, &sheet.action, model.size.rows.saturating_sub(TAKEN)));
    lines.push(Line::new());
    let named = |name: &'static str| Line::of("  ").words(name).to(VALUE);
    lines.push(named("After you").text(&sheet.after));
    lines.push(named("Bound").text(&sheet.bound));
    lines.push(named("Not bound").text(&sheet.not_bound));
    if let Some(says) = &sheet.says_risk {
        lines.push(named("Policy").words(risk_word(sheet.risk)).words(", the requester says ").text(says));
    }
    if sheet.own {
        lines.push(named("Own").looking("you would approve your own request", Look::Strong));
    }
    let mut frame = Frame { lines, cursor: None };
    let typed = Line::new().text(&form.note.shown());
    let note = named("Note").then(typed.fit_end(columns.saturating_sub(VALUE + 1)));
    frame.cursor = (!form.on_code).then(|| (frame.lines.len(), note.columns()));
    frame.lines.push(note);
    if let Some(code) = form.question.as_ref().and_then(|question| question.code()) {
        let code = Escaped::prose(code.as_bytes());
        let line = named("Code").words("type  ").text_looking(&code, Look::Reverse).words("   ");
        let line = line.text(&form.code.shown());
        if form.on_code {
            frame.cursor = Some((frame.lines.len(), line.columns()));
        }
        frame.lines.push(line);
    }
    frame.lines.push(named("Key").then(key(model, now)));
    frame
}
