//! What each message does to the model, and what is to be done about it. Pure: time and everything that was
//! read come in as values.

mod cards;
mod lists;
mod signing;

use std::time::Instant;

use super::input::Key;
use super::keys::{At, Does, does};
use super::message::{Effect, Message};
use super::model::{KeyState, Model, Screen, UNLOCKED};
use crate::clock::Moment;
use crate::escaped::Escaped;
use crate::review::Size;

/// What a message does.
pub fn update(model: &mut Model, message: Message, now: Instant) -> Vec<Effect> {
    match message {
        Message::Typed(key) => typed(model, &key, now),
        Message::Resized(size) => resized(model, size),
        Message::Tick { clock, changed } => tick(model, clock, changed, now),
        Message::Drawn => {
            cards::drawn(model, now);
            Vec::new()
        }
        Message::Found(found) => lists::found(model, *found),
        Message::Renewed(renewed) => lists::renewed(model, renewed),
        Message::Events(id, lines) => lists::events(model, id, lines),
        Message::Opened(sheet) => cards::opened(model, *sheet),
        Message::Asked(question) => signing::asked(model, question),
        Message::Everything(account, ids) => signing::everything(model, account, ids),
        Message::Signed(id, told) => signing::signed(model, &id, told),
        Message::NotSigned(id, why) => signing::not_signed(model, &id, why),
        Message::Key(key) => {
            model.key = key;
            Vec::new()
        }
        Message::Said(notice) => {
            model.notice = Some(notice);
            Vec::new()
        }
    }
}

fn typed(model: &mut Model, key: &Key, now: Instant) -> Vec<Effect> {
    if let KeyState::Unlocked(until) = &mut model.key {
        *until = now + UNLOCKED;
    }
    let at = model.at();
    if model.is_too_small() {
        return if does(key, At::Queue) == Some(Does::Quit) { vec![Effect::Quit] } else { Vec::new() };
    }
    let Some(what) = does(key, at) else { return text(model, key) };
    if let Some(why) = model.why_not(what, now) {
        model.warn(Escaped::trusted(named(what)).and(&Escaped::trusted(": ")).and(&why));
        return Vec::new();
    }
    model.notice = None;
    match what {
        Does::Quit => vec![Effect::Quit],
        Does::Help => {
            model.screens.push(Screen::Help(at, 0));
            Vec::new()
        }
        Does::Lock => match model.key {
            KeyState::Unlocked(_) => vec![Effect::Lock],
            _ => vec![Effect::Unlock],
        },
        Does::Back => back(model),
        Does::Down | Does::Up | Does::PageDown | Does::PageUp | Does::First | Does::Last => {
            moved(model, what)
        }
        Does::Open | Does::History | Does::Find | Does::Sort | Does::Copy => lists::does(model, what),
        Does::Compare | Does::Fold | Does::Attached => cards::does(model, what),
        Does::Approve
        | Does::Reject
        | Does::RejectAll
        | Does::Revoke
        | Does::Reconcile
        | Does::Sign
        | Does::Field => signing::does(model, what, now),
    }
}

fn named(what: Does) -> &'static str {
    super::keys::KEYS.iter().find(|binding| binding.does == what).map_or("", |binding| binding.words)
}

/// Keys of no table are letters, where something is being written.
fn text(model: &mut Model, key: &Key) -> Vec<Effect> {
    match model.screens.last_mut() {
        Some(Screen::Decide(form)) => form.field().take(key),
        Some(Screen::Refuse(form)) => form.take(key),
        Some(Screen::Find(field)) => field.take(key),
        _ => {
            if matches!(key, Key::Pasted(_)) {
                model.warn(Escaped::trusted("pasted text is no key; nothing was done"));
            }
        }
    }
    Vec::new()
}

fn back(model: &mut Model) -> Vec<Effect> {
    let was = model.screens.pop();
    model.new_surface();
    match was {
        // Without a search there is nothing to go back from, and rows stay where they are.
        None if model.queue.search.is_empty() => Vec::new(),
        None => lists::search(model, ""),
        Some(Screen::Decide(_) | Screen::Refuse(_)) => {
            model.say(Escaped::trusted("nothing was recorded"));
            Vec::new()
        }
        Some(Screen::Batch(batch)) => {
            let told = format!("stopped: {} of {} signed", batch.done, batch.of);
            model.warn(Escaped::prose(told.as_bytes()));
            lists::renew(model)
        }
        Some(Screen::Card(_) | Screen::History(..)) => lists::renew(model),
        Some(_) => Vec::new(),
    }
}

fn moved(model: &mut Model, what: Does) -> Vec<Effect> {
    let height = model.card_height();
    match model.screens.last_mut() {
        None | Some(Screen::History(..)) => return lists::moved(model, what),
        Some(Screen::Card(open)) => {
            let top = scrolled(open.top, what, height);
            open.go_to(top, height);
        }
        Some(Screen::Attached(file)) => {
            let top = scrolled(file.top, what, height);
            file.go_to(top, height);
        }
        Some(Screen::Compare(like, top)) => {
            *top = scrolled(*top, what, height).min((like.lines.len() * 2).saturating_sub(1));
        }
        Some(Screen::Help(_, top)) => *top = scrolled(*top, what, height).min(super::view::help_lines()),
        Some(_) => {}
    }
    Vec::new()
}

/// Where a page lands: one line of the page before stays.
const fn scrolled(top: usize, what: Does, height: usize) -> usize {
    let page = if height > 2 { height - 1 } else { 1 };
    match what {
        Does::Down => top + 1,
        Does::Up => top.saturating_sub(1),
        Does::PageDown => top + page,
        Does::PageUp => top.saturating_sub(page),
        Does::First => 0,
        _ => usize::MAX / 2,
    }
}

fn resized(model: &mut Model, size: Size) -> Vec<Effect> {
    let other = model.size != size;
    model.size = size;
    if other {
        model.new_surface();
        cards::resized(model);
    }
    let height = model.list_height();
    let list = model.list_mut();
    list.go_to(list.cursor, height);
    let missing = list.missing(height);
    missing.map(Effect::Find).into_iter().collect()
}

fn tick(model: &mut Model, clock: Moment, changed: bool, now: Instant) -> Vec<Effect> {
    model.clock = clock;
    let mut effects = Vec::new();
    if matches!(model.key, KeyState::Unlocked(until) if now >= until) {
        model.key = KeyState::Locked;
        effects.push(Effect::Lock);
    }
    if changed {
        effects.extend(lists::renew(model));
    }
    effects.extend(cards::looked_at_again(model, changed));
    effects
}
