//! The frame that both lists share: a title, the rows, what was new, and a pane about the row one is on.

use std::time::Instant;

use super::super::frame::{Frame, Line, Look};
use super::super::model::{Counts, Model, Screen};
use super::{history, in_history, queue};
use crate::escaped::Escaped;

pub(super) fn frame(model: &Model, now: Instant) -> Frame {
    let (columns, height) = (model.size.columns, model.list_height());
    let past = in_history(model);
    let list = model.list();
    let mut lines = vec![if past { history::title(model) } else { queue::title(model, now) }];
    lines.push(Line::new().ruled(columns));
    if columns >= 80 {
        lines.push(if past { history::header() } else { queue::header(columns) });
    }
    let from = lines.len();
    for (index, row) in list.shown(height).iter().enumerate() {
        let here = list.top + index == list.cursor;
        lines.push(if past { history::row(model, row, here) } else { queue::row(model, row, here) });
    }
    if list.rows.is_empty() {
        lines.push(nothing(model));
    }
    lines.resize(from + height, Line::new());
    // One line less than a list's frame has: the notice's, which `foot` adds, says what was said last.
    lines.push(below(model));
    let pane = match model.screens.iter().rev().find(|screen| matches!(screen, Screen::History(..))) {
        Some(Screen::History(list, events)) => history::pane(model, list, events.as_ref()),
        _ => queue::pane(model),
    };
    lines.extend(pane.into_iter().take(model.list_pane()));
    Frame { lines, cursor: None }
}

fn nothing(model: &Model) -> Line {
    let list = model.list();
    match list.looking {
        Some(_) => Line::of("   looking …"),
        None if !list.whole => Line::of("   reading …"),
        None if !list.search.is_empty() => Line::of("   nothing fits; Esc shows all of it again"),
        None => Line::of("   nothing waits.  propose:  handoff run --reason WHY -- CMD…"),
    }
}

/// The line under the rows: what is new, how far a search is, where the rest lies.
fn below(model: &Model) -> Line {
    let (list, columns, height) = (model.list(), model.size.columns, model.list_height());
    let mut line = Line::new().looking("───", Look::Dim);
    if list.fresh > 0 {
        line = line
            .space(1)
            .text_looking(&count(list.fresh), Look::Strong)
            .looking(" new, below", Look::Strong)
            .space(1);
    }
    if let Some(looked) = list.looking {
        let Counts { pending, all, .. } = model.counts;
        let of = if in_history(model) { all } else { pending };
        line = line.words(" looking: ").number(looked).words(" of ").number(of.max(looked)).words(" so far ");
    }
    if !list.search.is_empty() {
        line = line.words(" / ").text(&list.search.shown()).space(1);
    }
    let more = list.rows.len().saturating_sub(list.top + height);
    if list.whole && more > 0 {
        line = line.words(" ↓ ").text(&count(more)).words(" more ");
    } else if !list.whole && list.looking.is_none() {
        line = line.words(" ↓ more ");
    }
    if list.shown(height).iter().any(|row| row.own) && !in_history(model) {
        let own = Line::new().words(" * you would approve your own ").looking("───", Look::Dim);
        if line.columns() + own.columns() <= columns {
            let rule = columns - own.columns();
            return line.ruled(rule).then(own);
        }
    }
    line.ruled(columns)
}

fn count(number: usize) -> Escaped {
    super::number(number)
}
