//! The frames: what the model knows, drawn as lines. Pure; every line fits the window.

mod attached;
mod card;
mod compare;
mod decide;
mod help;
mod history;
mod lists;
mod queue;
mod refuse;

use std::time::{Duration, Instant};

use super::frame::{Frame, Line, Look, fitted, joined, number};
use super::keys::{At, Binding, Does, here};
use super::list::Stands;
use super::model::{KeyState, Model, SMALLEST, Screen};
use crate::clock::{Moment, Timestamp};
use crate::escaped::Escaped;
use crate::review::rows;
use crate::ticket::Deadline;

pub use help::lines as help_lines;

/// The frame to be seen.
#[must_use]
pub fn frame(model: &Model, now: Instant) -> Frame {
    if model.is_too_small() {
        return too_small(model);
    }
    let mut frame = match model.screens.last() {
        None | Some(Screen::Find(_) | Screen::History(..)) => lists::frame(model, now),
        Some(Screen::Card(open)) => card::frame(model, open),
        Some(Screen::Decide(form)) => decide::frame(model, form, now),
        Some(Screen::Refuse(form)) => refuse::frame(model, form, now),
        Some(Screen::Batch(batch)) => refuse::batch(model, batch),
        Some(Screen::Attached(file)) => attached::frame(model, file),
        Some(Screen::Compare(like, top)) => compare::frame(model, like, *top),
        Some(Screen::Help(at, top)) => help::frame(model, *at, *top),
    };
    foot(&mut frame, model, now);
    let columns = model.size.columns;
    frame.lines = frame.lines.into_iter().map(|line| line.fit(columns)).collect();
    frame
}

fn too_small(model: &Model) -> Frame {
    let size = |columns, rows| number(columns).and(&Escaped::trusted("x")).and(&number(rows));
    let lines = vec![
        Line::new().words("handoff needs a window of ").text(&size(SMALLEST.columns, SMALLEST.rows)),
        Line::new().words("this one is ").text(&size(model.size.columns, model.size.rows)),
        Line::new().words("nothing can be decided here"),
        Line::new().words("make it larger, or q quits"),
    ];
    let columns = model.size.columns;
    let lines = lines.into_iter().take(model.size.rows).map(|line| line.fit(columns)).collect();
    Frame { lines, cursor: None }
}

/// The last two lines: what was said last, and the keys.
fn foot(frame: &mut Frame, model: &Model, now: Instant) {
    let rows = model.size.rows;
    frame.lines.resize(rows.saturating_sub(2), Line::new());
    let said = match &model.notice {
        Some(notice) if notice.care => Line::new().space(1).text_looking(&notice.text, Look::Strong),
        Some(notice) => Line::new().space(1).text(&notice.text),
        None => Line::new(),
    };
    frame.lines.push(match model.screens.last() {
        Some(Screen::Find(field)) => {
            let room = model.size.columns.saturating_sub(3);
            let line = Line::of("/").then(Line::new().text(&field.shown()).fit_end(room));
            frame.cursor = Some((rows.saturating_sub(2), line.columns()));
            line
        }
        _ => said,
    });
    frame.lines.push(footer(model, now));
}

/// The keys of this screen as far as they fit, the way out and `?` in any case. One that does nothing now
/// says why if it is what one came for; for the others the key itself says it.
fn footer(model: &Model, now: Instant) -> Line {
    let (line, whole) = keys_that_fit(model, now, false);
    if whole { line } else { keys_that_fit(model, now, true).0 }
}

/// The keys, in few words where there is little room; and whether all of them are there.
fn keys_that_fit(model: &Model, now: Instant, brief: bool) -> (Line, bool) {
    let at = model.at();
    let keys: Vec<(bool, Line)> = here(at)
        .filter(|binding| binding.in_footer)
        .filter_map(|binding| Some((is_kept(binding.does), one_key(model, binding, now, brief)?)))
        .collect();
    let kept: usize = keys.iter().filter(|(kept, _)| *kept).map(|(_, key)| key.columns()).sum();
    let mut room = model.size.columns.saturating_sub(kept);
    let (mut line, mut whole) = (Line::new(), true);
    for (kept, key) in keys {
        if kept {
            line = line.then(key);
        } else if key.columns() <= room {
            room -= key.columns();
            line = line.then(key);
        } else {
            whole = false;
            if line.columns() == 0 {
                line = key.fit(room);
                room = 0;
            }
        }
    }
    (line, whole)
}

const fn is_kept(does: Does) -> bool {
    matches!(does, Does::Help | Does::Back | Does::Quit)
}

fn one_key(model: &Model, binding: &Binding, now: Instant, brief: bool) -> Option<Line> {
    let Binding { does, named, .. } = *binding;
    let words = words(model, does, binding.words);
    let words = if brief { in_brief(words) } else { words };
    let mut key = Line::new().space(1).looking(named, Look::Strong);
    if !words.is_empty() {
        key = key.space(1).words(words);
    }
    if does == Does::RejectAll && brief {
        key = Line::new().space(1).looking(named, Look::Strong).words(" reject all");
    } else if does == Does::RejectAll {
        key = key.space(1).text(&model.list().row()?.account);
    }
    let one_came_for_it =
        matches!((does, model.at()), (Does::Approve | Does::Sign, _) | (Does::Revoke, At::History))
            || does == Does::Reconcile && at_an_outcome(model);
    let gap = if brief { 1 } else { 2 };
    match model.why_not(does, now) {
        Some(why) if one_came_for_it => Some(key.words(": ").text(&why).space(gap)),
        Some(_) => None,
        None => Some(key.space(gap)),
    }
}

/// What everybody knows of Esc and `?` needs no words, and of the others the beginning will do.
fn in_brief(words: &'static str) -> &'static str {
    match words {
        "list" | "keys" => "",
        words => words.split(',').next().unwrap_or(words),
    }
}

/// Whether the history stands at a ticket that was run.
fn at_an_outcome(model: &Model) -> bool {
    model.at() == At::History && model.list().row().is_some_and(|row| row.stands == Stands::Done)
}

fn words(model: &Model, does: Does, words: &'static str) -> &'static str {
    match (does, model.key) {
        (Does::Lock, KeyState::Locked) => "unlock",
        _ => words,
    }
}

/// Who signs, and whether the key is ready.
fn key(model: &Model, now: Instant) -> Line {
    let line = Line::new().text(&model.whose.me);
    match model.key {
        KeyState::Locked => line.words("  locked"),
        KeyState::Unlocked(until) => line.words("  unlocked, ").text(&minutes(until, now)).words(" left"),
        KeyState::Open => line.words("  no passphrase"),
        KeyState::Elsewhere => line.words("  agent or hardware"),
    }
}

/// The same where there is little room.
fn key_in_brief(model: &Model, now: Instant) -> Line {
    let line = Line::new().text(&model.whose.me).fit(model.size.columns / 3);
    match model.key {
        KeyState::Locked => line.words(" locked"),
        KeyState::Unlocked(until) => line.space(1).text(&minutes(until, now)),
        KeyState::Open | KeyState::Elsewhere => line,
    }
}

/// The minutes that an unlocked key has left, those begun counted.
fn minutes(until: Instant, now: Instant) -> Escaped {
    let minutes = until.saturating_duration_since(now).as_secs().div_ceil(60);
    Escaped::prose(format!("{minutes} m").as_bytes())
}

/// How long is left of a deadline.
fn left(until: &Deadline, clock: &Moment) -> Escaped {
    span(until.left(clock))
}

/// A span as people read it: `14:59`, `2:05:00`.
fn span(span: Duration) -> Escaped {
    let total = span.as_millis().div_ceil(1000);
    let (hours, minutes, seconds) = (total / 3600, total / 60 % 60, total % 60);
    let text = if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes:02}:{seconds:02}")
    };
    Escaped::name(text.as_bytes())
}

/// How long ago something was.
#[must_use]
pub fn ago(then: Timestamp, now: Timestamp) -> Escaped {
    let seconds = then.until(now).as_secs();
    let text = match seconds {
        0..60 => format!("{seconds} s ago"),
        60..3600 => format!("{} min ago", seconds / 60),
        3600..86_400 => format!("{} h ago", seconds / 3600),
        _ => format!("{} d ago", seconds / 86_400),
    };
    Escaped::prose(text.as_bytes())
}

/// The look of a risk's word, which says it all by itself.
fn risk_look(risk: &str) -> Look {
    match risk {
        "HIGH" => Look::Alarm,
        "?" => Look::Care,
        _ => Look::Plain,
    }
}

/// A screen's first line.
fn head(model: &Model, left: Line, right: Line) -> Line {
    let (columns, right) = (model.size.columns, right.space(1));
    // What stands at the right says who one is, or how far: it stays, unless nothing else would.
    let room = columns.saturating_sub(right.columns() + 1);
    let left = if right.columns() * 2 < columns { left.fit(room) } else { left };
    left.against(right, columns).reversed(columns)
}

/// What would run: word by word on one line, or all of it in as many as there is room for.
fn action(model: &Model, words: &[Escaped], spare: usize) -> Vec<Line> {
    let columns = model.size.columns;
    let short = fitted(words, Some(columns.saturating_sub(8)));
    let whole = joined(words);
    let all = rows(whole.as_str(), columns.saturating_sub(7));
    if short == whole || all.len() > spare + 1 {
        return vec![Line::new().space(7).text_looking(&short, Look::Strong)];
    }
    all.iter().map(|row| Line::new().space(5).row(row, Look::Strong)).collect()
}

/// Whether the screen below is the history.
fn in_history(model: &Model) -> bool {
    model.list().which == super::list::Which::History
}

/// What `?` is pressed on.
fn title_of(at: At) -> &'static str {
    super::keys::SCREENS.iter().find(|(screen, _)| *screen == at).map_or("", |(_, title)| title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_ages_read_like_people_say_them() {
        assert_eq!(span(Duration::from_millis(899_001)).as_str(), "15:00");
        assert_eq!(span(Duration::from_secs(7505)).as_str(), "2:05:05");
        let at = Timestamp::from_millis;
        assert_eq!(ago(at(0), at(59_000)).as_str(), "59 s ago");
        assert_eq!(ago(at(0), at(7_200_000)).as_str(), "2 h ago");
        assert_eq!(ago(at(5000), at(0)).as_str(), "0 s ago", "a clock that went back");
    }
}
