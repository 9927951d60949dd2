//! A request beside the last approved one like it: what differs stands out by its marks.

use super::super::compare::Like;
use super::super::frame::{Frame, Line, Look};
use super::super::model::Model;
use crate::review::rows;

pub(super) fn frame(model: &Model, like: &Like, top: usize) -> Frame {
    let (columns, height) = (model.size.columns, model.card_height());
    let title = if columns < 80 { Line::new().space(1) } else { Line::of("before/after   approved: ") };
    let title = title.text(&like.told);
    let right = Line::new().words("- before  + now");
    let mut lines = vec![super::head(model, title, right), Line::new().space(1).text(&like.short)];
    let mut all = Vec::new();
    for one in &like.lines {
        let sides = match (&one.before, &one.after) {
            (Some(before), Some(after)) if before == after => vec![("  ", after, Look::Plain)],
            (before, after) => {
                let before = before.iter().map(|text| ("- ", text, Look::Gone));
                let after = after.iter().map(|text| ("+ ", text, Look::Good));
                before.chain(after).collect()
            }
        };
        for (mark, text, look) in sides {
            let line = format!("{mark}{}  {text}", one.name);
            all.extend(rows(&line, columns).into_iter().map(|row| Line::new().row(&row, look)));
        }
    }
    lines.extend(all.into_iter().skip(top).take(height));
    lines.resize(height + 2, Line::new());
    Frame { lines, cursor: None }
}
