//! Lists: moving in them, reading on, searching, and what is new in the queue.

use crate::escaped::Escaped;
use crate::ids::TicketId;
use crate::tui::forms::Field;
use crate::tui::keys::Does;
use crate::tui::list::{Found, List, Which};
use crate::tui::message::{Effect, Renewed};
use crate::tui::model::{Model, Screen};
use crate::tui::search::Search;

/// A part of a list was read.
pub(super) fn found(model: &mut Model, found: Found) -> Vec<Effect> {
    let (height, first) = (model.list_height(), model.list().rows.is_empty());
    let which = found.wanted.which;
    let list = match which {
        Which::Queue => &mut model.queue,
        Which::History => model.list_mut(),
    };
    if list.which != which {
        return Vec::new();
    }
    let more = list.take(found, height);
    // What is beyond the screen is read when what is on it can be seen; a search looks no further than it must.
    let beyond = list.search.is_empty() && !list.rows.is_empty();
    let more = more.or_else(|| list.missing(height).filter(|_| beyond));
    let mut effects: Vec<Effect> = more.map(Effect::Later).into_iter().collect();
    if first {
        effects.extend(events_of_row(model));
    }
    effects
}

/// Newer word of the queue.
pub(super) fn renewed(model: &mut Model, renewed: Renewed) -> Vec<Effect> {
    model.counts = renewed.counts;
    model.newest = model.newest.max(renewed.newest);
    model.queue.renew(renewed.rows.clone());
    let search = model.queue.search.is_empty();
    let fresh = if search { renewed.fresh } else { Vec::new() };
    model.queue.add_fresh(fresh);
    let height = model.list_height();
    let list = model.list_mut();
    list.go_to(list.cursor, height);
    if list.which == Which::History {
        list.renew(renewed.rows);
    }
    events_of_row(model)
}

/// Looks again at the rows on the screen, and for new ones.
pub(super) fn renew(model: &Model) -> Vec<Effect> {
    let height = model.list_height();
    let ids = model.list().shown(height).iter().map(|row| row.id.clone()).collect();
    vec![Effect::Renew { ids, newest: model.newest }]
}

/// The events of the ticket one is on.
pub(super) fn events(model: &mut Model, id: TicketId, lines: Vec<Escaped>) -> Vec<Effect> {
    if let Some(Screen::History(_, events)) = model.screens.last_mut() {
        *events = Some((id, lines));
    }
    Vec::new()
}

fn events_of_row(model: &Model) -> Vec<Effect> {
    match model.screens.last() {
        Some(Screen::History(list, _)) => {
            list.row().map(|row| Effect::Events(row.id.clone())).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

pub(super) fn moved(model: &mut Model, what: Does) -> Vec<Effect> {
    let height = model.list_height();
    let list = model.list_mut();
    let page = height.saturating_sub(1).max(1);
    let to = match what {
        Does::Down => list.cursor.saturating_add(1),
        Does::Up => list.cursor.saturating_sub(1),
        Does::PageDown => list.cursor.saturating_add(page),
        Does::PageUp => list.cursor.saturating_sub(page),
        Does::First => return to_the_beginning(model),
        _ => {
            let wanted = list.to_the_end(height).map(Effect::Find);
            return wanted.into_iter().chain(events_of_row(model)).collect();
        }
    };
    list.go_to(to, height);
    let missing = list.missing(height).map(Effect::Later);
    missing.into_iter().chain(events_of_row(model)).collect()
}

fn to_the_beginning(model: &mut Model) -> Vec<Effect> {
    let height = model.list_height();
    let list = model.list_mut();
    if list.starts_here() {
        list.go_to(0, height);
        return events_of_row(model);
    }
    let typed = list.search.typed().to_owned();
    search(model, &typed)
}

pub(super) fn does(model: &mut Model, what: Does) -> Vec<Effect> {
    match what {
        Does::Open => model.list().row().map(|row| Effect::Open(row.id.clone())).into_iter().collect(),
        Does::Copy => {
            let card = model.card().map(|open| open.sheet.id.clone());
            let id = card.or_else(|| model.list().row().map(|row| row.id.clone()));
            id.map(Effect::Copy).into_iter().collect()
        }
        Does::History => {
            let list = List::new(Which::History, Search::default(), model.surface);
            model.screens.push(Screen::History(Box::new(list), None));
            let height = model.list_height();
            vec![Effect::Find(model.list().first(height))]
        }
        Does::Find => {
            let field = Field::of(model.list().search.typed());
            model.screens.push(Screen::Find(field));
            Vec::new()
        }
        _ => {
            let typed = model.list().search.typed().to_owned();
            search(model, &typed)
        }
    }
}

/// Reads the list that is to be seen anew, in its order, with what was typed.
pub(super) fn search(model: &mut Model, typed: &str) -> Vec<Effect> {
    model.new_surface();
    let (run, height) = (model.surface, model.list_height());
    let list = model.list_mut();
    *list = List::new(list.which, Search::of(typed), run);
    let wanted = list.first(height);
    let mut effects = vec![Effect::Find(wanted)];
    effects.extend(renew(model));
    effects
}
