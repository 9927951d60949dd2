//! The history: everything there was, newest first, and the events of the ticket one is on.

use super::super::frame::{Line, Look, fitted};
use super::super::list::{List, Row, Stands};
use super::super::model::Model;
use super::ago;
use crate::escaped::Escaped;
use crate::ids::TicketId;

const COLUMNS: [usize; 4] = [3, 15, 26, 41];

pub(super) fn title(model: &Model) -> Line {
    let mut line = Line::of("handoff  history");
    let search = &model.list().search;
    if !search.is_empty() {
        line = line.words("   / ").text(&search.shown());
    }
    let right = Line::new().number(model.counts.all).words(" tickets   newest first");
    super::head(model, line, right)
}

pub(super) fn header() -> Line {
    let [when, state, outcome, by] = COLUMNS;
    let line = Line::new().to(when).words("WHEN").to(state).words("STATE").to(outcome).words("OUTCOME");
    line.to(by).words("BY").to(by + 16).words("ACTION")
}

pub(super) fn row(model: &Model, row: &Row, here: bool) -> Line {
    let width = model.size.columns;
    let [_, state, outcome, by] = COLUMNS;
    let mut line = Line::new().words(if here { " > " } else { "   " });
    // Where there is no room for the outcome, the one that matters stands for the state.
    let word = match row.stands {
        Stands::Unknown if width < 80 => "UNKNOWN",
        stands => stands.word(),
    };
    line = line.text(&ago(row.filed, model.clock.wall)).to(state).words(word);
    if width >= 80 {
        line = line.to(outcome).then(Line::new().text(&row.outcome).fit(14)).to(by);
        line = line.then(Line::new().text(&row.by).fit(15)).to(by + 16);
    } else {
        line = line.to(outcome);
    }
    let room = width.saturating_sub(line.columns());
    let line = line.text(&fitted(&row.action, Some(room))).fit(width);
    if here { line.reversed(width) } else { line }
}

/// The events of the ticket one is on, its code before them.
pub(super) fn pane(model: &Model, list: &List, events: Option<&(TicketId, Vec<Escaped>)>) -> Vec<Line> {
    let Some(row) = list.row() else { return Vec::new() };
    let code = Escaped::name(row.id.code().as_bytes());
    let title = Line::new().space(1).text_looking(&code, Look::Strong).space(2).text(&row.who).space(2);
    let title = match row.stands {
        Stands::Unknown => title.words("find out what came of it, then say so: R"),
        _ => title.text(&row.rule),
    };
    let known = events.filter(|(id, _)| *id == row.id).map(|(_, lines)| lines.as_slice()).unwrap_or_default();
    let room = model.list_pane().saturating_sub(1);
    let hidden = known.len().saturating_sub(room);
    let mut lines = vec![title];
    // The newest are those that matter when not all of them fit.
    if hidden > 0 {
        let earlier = Line::new().to(3).words("… ").number(u64::try_from(hidden + 1).unwrap_or(u64::MAX));
        lines.push(earlier.words(" earlier, on its card"));
    }
    let skipped = if hidden > 0 { hidden + 1 } else { 0 };
    lines.extend(known.iter().skip(skipped).map(|event| Line::new().text(event)));
    lines
}
