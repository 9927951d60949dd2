//! One attachment by itself: its lines, coloured where a diff or a plan says what changes, and never trusted.

use super::super::card::File;
use super::super::frame::{Frame, Line};
use super::super::model::Model;
use super::card::look;
use crate::escaped::Escaped;

pub(super) fn frame(model: &Model, file: &File) -> Frame {
    let height = model.card_height();
    let sheet = model.card().map(|open| &open.sheet);
    let attached = sheet.map(|sheet| sheet.attached.as_slice()).unwrap_or_default();
    let code = sheet.map(|sheet| Escaped::name(sheet.id.code().as_bytes())).unwrap_or_default();
    let mut title = Line::new().space(1).text(&code).space(2);
    if let Some(one) = attached.get(file.index) {
        title = title.text(&one.title);
    }
    let end = file.rows.len().min(file.top + height);
    let right = Line::new().text(&super::number(end)).words("/").text(&super::number(file.rows.len()));
    let which = Line::of("file ").text(&super::number(file.index + 1)).words(" of ");
    let which = which.text(&super::number(attached.len())).words("; what it says was not checked");
    let mut lines = vec![super::head(model, title, right), which];
    let shown = file.rows.get(file.top..end).unwrap_or_default();
    lines.extend(shown.iter().map(|(part, row)| Line::new().row(row, look(*part))));
    lines.resize(height + 2, Line::new());
    Frame { lines, cursor: None }
}
