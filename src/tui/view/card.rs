//! The card: exactly the text that is hashed, in rows behind a gutter, and around it what changes with time.

use super::super::card::{Open, Part};
use super::super::frame::{Frame, Line, Look};
use super::super::model::Model;
use super::left;
use crate::escaped::Escaped;
use crate::ticket::card::risk_word;

pub(super) fn frame(model: &Model, open: &Open) -> Frame {
    let (columns, height) = (model.size.columns, model.card_height());
    let mut lines = vec![title(model, open)];
    lines.extend(facts(model, open));
    let above = lines.len();
    let shown = open.shown(height);
    for (part, row) in open.rows.get(shown.clone()).unwrap_or_default() {
        lines.push(match part {
            Part::Title if !row.continues && row.text.len() + 4 < columns => {
                Line::new().row(row, Look::Strong).space(1).ruled(columns)
            }
            Part::Card if is_high(&row.text) => Line::new().row(row, Look::Alarm),
            part => Line::new().row(row, look(*part)),
        });
    }
    lines.resize(height + above, Line::new());
    Frame { lines, cursor: None }
}

/// How a line of this part looks; its own marks say the same without a colour.
pub(super) const fn look(part: Part) -> Look {
    match part {
        Part::Title | Part::Place => Look::Strong,
        Part::Card | Part::Attached | Part::Event => Look::Plain,
        Part::Changed => Look::Care,
        Part::Added => Look::Good,
        Part::Removed => Look::Gone,
    }
}

/// The policy's own word for high risk, in its own place on the card.
fn is_high(text: &str) -> bool {
    text.trim_end() == "   risk      HIGH"
}

fn title(model: &Model, open: &Open) -> Line {
    let (sheet, height) = (&open.sheet, model.card_height());
    let code = Escaped::name(sheet.id.code().as_bytes());
    let line = Line::new().space(1).text(&code).space(2).words(risk_word(sheet.risk)).space(2);
    let line = line.text(if sheet.pending { &sheet.have } else { &sheet.state });
    let mut right = Line::new();
    if let Some(until) = sheet.until.as_ref().filter(|_| sheet.pending) {
        right = right.text(&left(until, &model.clock)).words(" left  ");
        if model.size.columns >= 80 {
            right = right.words("nothing has run  ");
        }
    }
    let end = open.shown(height).end;
    right = right.text(&super::number(end)).words("/").text(&super::number(open.rows.len()));
    super::head(model, line, right)
}

/// What is not on the card, because it changes.
fn facts(model: &Model, open: &Open) -> Vec<Line> {
    let sheet = &open.sheet;
    let mut line = Line::new().space(1);
    if sheet.own {
        line = line.looking("your own request", Look::Strong).space(3);
    }
    if sheet.pending {
        line = line.text(&sheet.after).space(3);
    }
    let Some(like) = &sheet.like else { return vec![line] };
    let before = Line::new().words("before: ").text(&like.told).words(", ").text(&like.short);
    if model.has_two_facts() {
        vec![line, Line::new().space(1).then(before)]
    } else {
        vec![line.then(before)]
    }
}
