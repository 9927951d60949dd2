//! The form that says no or what came of a run, and the signing of many in a row.

use std::time::Instant;

use super::super::forms::{About, Batch, Field, Refusing};
use super::super::frame::{Frame, Line, Look, number};
use super::super::model::Model;
use super::key;
use crate::escaped::Escaped;

/// Where the values begin.
const VALUE: usize = 16;
/// The lines this screen takes beside those of what would run, at most.
const TAKEN: usize = 16;

pub(super) fn frame(model: &Model, form: &Refusing, now: Instant) -> Frame {
    let columns = model.size.columns;
    let mut title = Line::new().space(1);
    let what = match &form.about {
        About::One(id, _) | About::Approval(id, _) | About::Outcome(id, _) => {
            title = title.text(&Escaped::name(id.code().as_bytes())).space(2);
            super::action(model, &form.action, model.size.rows.saturating_sub(TAKEN))
        }
        About::All(ids) => {
            let many = Line::new().space(7).text_looking(&number(ids.len()), Look::Strong);
            vec![many.looking(" pending of ", Look::Strong).text_looking(&form.account, Look::Strong)]
        }
    };
    title = title.words(form.about.verb());
    let mut lines = vec![super::head(model, title, Line::new().words("nothing is signed")), Line::new()];
    lines.push(match form.about {
        About::One(..) => Line::of("  You sign: this must not run"),
        About::All(_) => Line::of("  You sign for each of them: this must not run"),
        About::Approval(..) => Line::of("  You sign: the approval is taken back"),
        About::Outcome(..) => Line::of("  You sign what came of it; nothing runs by that"),
    });
    lines.extend(what);
    lines.push(Line::new());
    let finding = matches!(form.about, About::Outcome(..));
    let own_words = form.reason.given().is_some() && !finding;
    for (index, reason) in form.about.presets().iter().enumerate() {
        let chosen = form.chosen == Some(index) && !own_words;
        let line = Line::new()
            .words(if chosen { " > " } else { "   " })
            .text(&number(index + 1))
            .space(2)
            .words(reason);
        lines.push(if chosen { line.reversed(columns) } else { line });
    }
    let named = |name: &'static str| Line::of("  ").words(name).to(VALUE);
    let typed = |field: &Field| Line::new().text(&field.shown()).fit_end(columns.saturating_sub(VALUE + 1));
    let why = named(if finding { "How known" } else { "Own words" }).then(typed(&form.reason));
    let instead = named("Instead").then(typed(&form.instead));
    let cursor = match form.on_instead {
        false => (lines.len(), why.columns()),
        true => (lines.len() + 1, instead.columns()),
    };
    lines.push(why);
    if form.about.has_instead() {
        lines.push(instead);
    }
    lines.push(named("Key").then(key(model, now)));
    Frame { lines, cursor: Some(cursor) }
}

pub(super) fn batch(model: &Model, batch: &Batch) -> Frame {
    let title = Line::of("REJECT ALL");
    let count =
        Line::of("  ").text(&number(batch.done)).words(" of ").text(&number(batch.of)).words(" signed");
    let mut lines = vec![super::head(model, title, Line::new()), Line::new(), count, Line::new()];
    let room = model.size.rows.saturating_sub(lines.len() + 2);
    let hidden = batch.refused.len().saturating_sub(room);
    lines.extend(batch.refused.iter().skip(hidden).map(|why| Line::new().space(3).text(why)));
    Frame { lines, cursor: None }
}
