//! Cards: opening, reading, and what becomes of them while they are open.

use std::time::Instant;

use crate::escaped::Escaped;
use crate::tui::card::{File, Open, Sheet};
use crate::tui::keys::Does;
use crate::tui::message::Effect;
use crate::tui::model::{Model, Screen};

/// What is shown now is on the screen: from here on it counts as shown.
pub(super) fn drawn(model: &mut Model, now: Instant) {
    if model.is_too_small() {
        return;
    }
    let height = model.card_height();
    match model.screens.last_mut() {
        Some(Screen::Card(open)) => open.showed(height, now),
        Some(Screen::Decide(form)) => {
            if let Some(question) = &mut form.question {
                question.showed(now);
            }
        }
        Some(Screen::Refuse(form)) => {
            form.since.get_or_insert(now);
        }
        _ => {}
    }
}

/// A ticket was read: for a card that is opened, or for one that is open and may have changed.
pub(super) fn opened(model: &mut Model, sheet: Sheet) -> Vec<Effect> {
    let width = model.size.columns;
    let Some(open) = model.card_mut().filter(|open| open.sheet.id == sheet.id) else {
        model.screens.push(Screen::Card(Box::new(Open::new(sheet, width))));
        model.new_surface();
        return Vec::new();
    };
    let changed = open.sheet.version != sheet.version
        || open.sheet.card != sheet.card
        || open.sheet.pending != sheet.pending;
    if !changed {
        // Who waits and what time it is may be other; what is read is not.
        open.sheet = sheet;
        return Vec::new();
    }
    let told = Escaped::trusted("it changed while it was open: ").and(&sheet.state);
    let told = told.and(&Escaped::trusted("; nothing was signed, read it anew"));
    *open = Open::new(sheet, width);
    drop_forms(model);
    model.warn(told);
    model.new_surface();
    Vec::new()
}

/// The forms above a card that changed are about something else now.
pub(super) fn drop_forms(model: &mut Model) {
    let above_card = |screen: &Screen| {
        matches!(
            screen,
            Screen::Decide(_)
                | Screen::Refuse(_)
                | Screen::Compare(..)
                | Screen::Attached(_)
                | Screen::Help(..)
        )
    };
    while model.screens.last().is_some_and(above_card) {
        model.screens.pop();
    }
}

/// Other rows at another width: what was read has to be read anew, and nothing typed so far counts.
pub(super) fn resized(model: &mut Model) {
    let width = model.size.columns;
    if model.card().is_none() {
        return;
    }
    let decided = matches!(model.screens.last(), Some(Screen::Decide(_)));
    if decided {
        drop_forms(model);
        model.warn(Escaped::trusted("the window changed: nothing was signed, read it anew"));
    }
    if let Some(open) = model.card_mut() {
        open.lay_out_for(width);
    }
    if let Some(Screen::Attached(file)) = model.screens.last() {
        let (index, top) = (file.index, file.top);
        show_attached(model, index, top);
    }
}

/// The next of the files that are attached; after the last the first.
pub(super) fn next_file(model: &mut Model) {
    let Some(Screen::Attached(file)) = model.screens.last() else { return };
    let next = file.index + 1;
    let count = model.card().map_or(0, |open| open.sheet.attached.len());
    show_attached(model, if next < count { next } else { 0 }, 0);
}

fn show_attached(model: &mut Model, index: usize, top: usize) {
    let width = model.size.columns;
    let file = model.card().and_then(|open| File::of(&open.sheet.attached, index, width));
    if matches!(model.screens.last(), Some(Screen::Attached(_))) {
        model.screens.pop();
    }
    if let Some(mut file) = file {
        file.go_to(top, model.card_height());
        model.screens.push(Screen::Attached(Box::new(file)));
    }
}

/// The open card's ticket, when something was recorded or its time is up.
pub(super) fn looked_at_again(model: &Model, changed: bool) -> Vec<Effect> {
    let Some(open) = model.card() else { return Vec::new() };
    let over = open.sheet.until.as_ref().is_some_and(|until| until.passed(&model.clock));
    let due = changed || over;
    due.then(|| Effect::Open(open.sheet.id.clone())).into_iter().collect()
}

pub(super) fn does(model: &mut Model, what: Does) -> Vec<Effect> {
    let Some(Screen::Card(open)) = model.screens.last_mut() else { return Vec::new() };
    match what {
        Does::Fold => open.fold(),
        Does::Attached => show_attached(model, 0, 0),
        _ => {
            if let Some(like) = open.sheet.like.clone() {
                model.screens.push(Screen::Compare(Box::new(like), 0));
            }
        }
    }
    Vec::new()
}
