//! Everything that ends in a signature: the question, the form that says no, many of them in a row.

use std::time::Instant;

use super::{cards, lists};
use crate::escaped::Escaped;
use crate::ids::TicketId;
use crate::policy::Risk;
use crate::review::{Question, Unanswered};
use crate::tui::forms::{About, Batch, Deciding, Refusing};
use crate::tui::keys::Does;
use crate::tui::message::Effect;
use crate::tui::model::{Model, Screen};

pub(super) fn does(model: &mut Model, what: Does, now: Instant) -> Vec<Effect> {
    match what {
        Does::Approve => approve(model, now),
        Does::Reject | Does::Revoke | Does::Reconcile => refuse(model, what),
        Does::RejectAll => reject_all(model),
        Does::Field => {
            match model.screens.last_mut() {
                Some(Screen::Decide(form)) => form.next_field(),
                Some(Screen::Refuse(form)) => form.next_field(),
                Some(Screen::Attached(_)) => cards::next_file(model),
                _ => {}
            }
            Vec::new()
        }
        _ => sign(model, now),
    }
}

/// From the card that was read to the question.
fn approve(model: &mut Model, now: Instant) -> Vec<Effect> {
    let Some(Screen::Card(open)) = model.screens.last() else { return Vec::new() };
    let Ok(seen) = open.seen(now) else { return Vec::new() };
    let sheet = open.sheet.clone();
    let draw = Effect::Draw { id: sheet.id.clone(), high: sheet.risk == Risk::High };
    model.screens.push(Screen::Decide(Box::new(Deciding::new(sheet, seen))));
    model.new_surface();
    vec![draw]
}

/// The question was drawn.
pub(super) fn asked(model: &mut Model, question: Question) -> Vec<Effect> {
    if let Some(Screen::Decide(form)) = model.screens.last_mut() {
        form.ask(question);
    }
    model.new_surface();
    Vec::new()
}

fn refuse(model: &mut Model, what: Does) -> Vec<Effect> {
    let about = |id: &TicketId, version| match what {
        Does::Revoke => About::Approval(id.clone(), version),
        Does::Reconcile => About::Outcome(id.clone(), version),
        _ => About::One(id.clone(), version),
    };
    let form = match model.screens.last() {
        Some(Screen::Card(open)) => {
            let sheet = &open.sheet;
            Refusing::new(about(&sheet.id, sheet.version), sheet.action.clone(), sheet.account.clone())
        }
        _ => match model.list().row() {
            Some(row) => Refusing::new(about(&row.id, row.version), row.action.clone(), row.account.clone()),
            None => return Vec::new(),
        },
    };
    // No new surface: what is typed right after the key that opened it is meant for it, and only chooses. What
    // signs is not heard before the form has stood for its moment.
    model.screens.push(Screen::Refuse(Box::new(form)));
    Vec::new()
}

fn reject_all(model: &Model) -> Vec<Effect> {
    let row = model.list().row();
    row.map(|row| Effect::Everything { uid: row.uid, account: row.account.clone() }).into_iter().collect()
}

/// What waits of the account is known: the form for all of it.
pub(super) fn everything(model: &mut Model, account: Escaped, ids: Vec<TicketId>) -> Vec<Effect> {
    if model.screens.is_empty() && !ids.is_empty() {
        let form = Refusing::new(About::All(ids), Vec::new(), account);
        model.screens.push(Screen::Refuse(Box::new(form)));
        model.new_surface();
    }
    Vec::new()
}

fn sign(model: &mut Model, now: Instant) -> Vec<Effect> {
    match model.screens.pop() {
        Some(Screen::Decide(form)) => sign_approve(model, form, now),
        Some(Screen::Refuse(form)) => sign_refusal(model, *form),
        Some(Screen::Find(field)) => lists::search(model, field.text()),
        Some(other) => {
            model.screens.push(other);
            Vec::new()
        }
        None => Vec::new(),
    }
}

fn sign_approve(model: &mut Model, mut form: Box<Deciding>, now: Instant) -> Vec<Effect> {
    let (id, version, note) = (form.sheet.id.clone(), form.sheet.version, form.note.given());
    let high = form.sheet.risk == Risk::High;
    let (Some(question), Some(seen)) = (&form.question, form.seen.take()) else { return Vec::new() };
    match question.answer(seen, form.code.text(), now) {
        Ok(confirmed) => {
            model.screens.push(Screen::Decide(form));
            vec![Effect::Approve { id, version, confirmed, note }]
        }
        Err((seen, why)) => {
            form.seen = Some(seen);
            model.warn(Escaped::prose(why.to_string().as_bytes()));
            model.screens.push(Screen::Decide(form));
            // One draw, one try.
            if why == Unanswered::WrongCode { vec![Effect::Draw { id, high }] } else { Vec::new() }
        }
    }
}

fn sign_refusal(model: &mut Model, form: Refusing) -> Vec<Effect> {
    let (reason, instead) = (form.why(), form.instead.given());
    match form.about.clone() {
        About::All(mut ids) => {
            let (of, done, refused) = (ids.len(), 0, Vec::new());
            ids.reverse();
            let next = ids.pop();
            let effect =
                next.map(|id| Effect::RefuseNext { id, reason: reason.clone(), instead: instead.clone() });
            model.screens.push(Screen::Batch(Box::new(Batch {
                left: ids,
                of,
                done,
                refused,
                reason,
                instead,
            })));
            model.new_surface();
            effect.into_iter().collect()
        }
        about => {
            model.screens.push(Screen::Refuse(Box::new(form)));
            vec![Effect::Refuse { about, reason, instead }]
        }
    }
}

/// A decision holds: on to what waits next.
pub(super) fn signed(model: &mut Model, id: &TicketId, told: Escaped) -> Vec<Effect> {
    if let Some(Screen::Batch(_)) = model.screens.last() {
        return batch_goes_on(model, None);
    }
    model.say(told);
    let from_card = model.card().is_some_and(|open| open.sheet.id == *id);
    cards::drop_forms(model);
    if from_card && matches!(model.screens.last(), Some(Screen::Card(_))) {
        model.screens.pop();
    }
    model.new_surface();
    let mut effects = lists::renew(model);
    let next = model.screens.is_empty().then(|| model.queue.next_pending(id)).flatten();
    if let Some(index) = next.filter(|_| from_card) {
        let height = model.list_height();
        model.queue.go_to(index, height);
        effects.extend(model.queue.row().map(|row| Effect::Open(row.id.clone())));
    }
    effects
}

/// Nothing was signed: whatever was read is read anew.
pub(super) fn not_signed(model: &mut Model, id: &TicketId, why: Escaped) -> Vec<Effect> {
    if let Some(Screen::Batch(_)) = model.screens.last() {
        let told = Escaped::name(id.code().as_bytes()).and(&Escaped::trusted(": ")).and(&why);
        return batch_goes_on(model, Some(told));
    }
    cards::drop_forms(model);
    model.new_surface();
    model.warn(why);
    let mut effects = lists::renew(model);
    if let Some(open) = model.card_mut() {
        open.begin_anew();
        effects.push(Effect::Open(open.sheet.id.clone()));
    }
    effects
}

fn batch_goes_on(model: &mut Model, refused: Option<Escaped>) -> Vec<Effect> {
    let Some(Screen::Batch(batch)) = model.screens.last_mut() else { return Vec::new() };
    match refused {
        Some(why) => batch.refused.push(why),
        None => batch.done += 1,
    }
    if let Some(id) = batch.left.pop() {
        let (reason, instead) = (batch.reason.clone(), batch.instead.clone());
        return vec![Effect::RefuseNext { id, reason, instead }];
    }
    let mut told = Escaped::prose(format!("{} of {} rejected", batch.done, batch.of).as_bytes());
    if let Some(first) = batch.refused.first() {
        told = told.and(&Escaped::trusted("; ")).and(first);
    }
    model.screens.pop();
    model.new_surface();
    model.say(told);
    lists::renew(model)
}
