//! The help: the table of keys, screen by screen.

use super::super::frame::{Frame, Line, Look};
use super::super::keys::{At, SCREENS, here};
use super::super::model::Model;
use super::super::search::HOW;
use super::title_of;

pub(super) fn frame(model: &Model, at: At, top: usize) -> Frame {
    let height = model.card_height();
    let title = Line::of("handoff  keys   ").words(title_of(at));
    let mut lines =
        vec![super::head(model, title, Line::new().words(env!("CARGO_PKG_VERSION"))), Line::new()];
    lines.extend(all(at).into_iter().skip(top).take(height));
    lines.resize(height + 2, Line::new());
    Frame { lines, cursor: None }
}

/// How many lines the help has.
#[must_use]
pub fn lines() -> usize {
    all(At::Queue).len()
}

/// The screen one came from first, then the others.
fn all(at: At) -> Vec<Line> {
    let mut lines = Vec::new();
    let others = SCREENS.iter().filter(|(other, _)| *other != at);
    for (screen, title) in SCREENS.iter().filter(|(other, _)| *other == at).chain(others) {
        lines.push(Line::new().space(1).looking(title, Look::Strong));
        for binding in here(*screen) {
            lines.push(Line::new().to(4).looking(binding.named, Look::Strong).to(12).words(binding.words));
        }
        lines.push(Line::new());
    }
    lines.push(Line::of("Search: ").words(HOW));
    lines.push(Line::of(
        "The wheel scrolls. Nothing is decided by mouse, by pasted text, or by one key from a list.",
    ));
    lines
}
