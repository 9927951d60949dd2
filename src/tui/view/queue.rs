//! The queue: what waits, oldest deadline first.

use std::time::Instant;

use super::super::frame::{Line, Look, fitted};
use super::super::list::{Row, Stands};
use super::super::model::{Counts, Model};
use super::{key, key_in_brief, left, risk_look};
use crate::escaped::Escaped;

pub(super) fn title(model: &Model, now: Instant) -> Line {
    let (whole, brief) = (key(model, now), key_in_brief(model, now));
    let first = if model.size.columns >= 100 { Room::Enough } else { Room::Little };
    let ways = [(first, &whole), (Room::Little, &whole), (Room::Little, &brief)];
    let fits = |(room, right): &(Room, &Line)| {
        counts(model, *room).columns() + right.columns() + 2 <= model.size.columns
    };
    let (room, right) = ways.into_iter().find(fits).unwrap_or((Room::Least, &brief));
    super::head(model, counts(model, room), right.clone())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Room {
    Enough,
    Little,
    /// Not even for the queue's name: what needs a look comes first.
    Least,
}

/// How many of what.
fn counts(model: &Model, room: Room) -> Line {
    let Counts { pending, unclaimed, unknown, .. } = model.counts;
    let (is_wide, narrow) = (room == Room::Enough, model.size.columns < 80);
    let gap = if is_wide { 3 } else { 2 };
    let mut line = Line::of("handoff");
    if room != Room::Least {
        line = line.space(if narrow { 1 } else { 2 }).text(&model.whose.queue);
    }
    line = line.space(gap).number(pending).words(" pending");
    if unclaimed > 0 {
        let words = if is_wide { " approved, not run" } else { " to run" };
        line = line.space(gap).text(&many(unclaimed)).words(words);
    }
    if unknown > 0 {
        line = line.space(gap).text(&many(unknown)).words(" UNKNOWN");
    }
    if !narrow {
        line = line.space(gap).words(model.whose.level);
    }
    line
}

fn many(number: u64) -> Escaped {
    if number >= 100 { Escaped::trusted("100 or more") } else { Escaped::name(number.to_string().as_bytes()) }
}

/// Where the columns begin: after the risk, the time left, what it has, who asks, and where.
const fn columns(width: usize) -> [usize; 5] {
    match width {
        0..80 => [3, 8, 17, 17, 22],
        80..100 => [3, 8, 17, 23, 37],
        _ => [3, 8, 17, 23, 38],
    }
}

pub(super) fn header(width: usize) -> Line {
    let [risk, left, have, who, environment] = columns(width);
    let line =
        Line::new().to(risk).words("RISK").to(left).words("LEFT").to(have).words("HAVE").to(who).words("WHO");
    let line = match width {
        0..100 => line.to(environment),
        _ => line.to(environment).words("ENV").to(environment + 12),
    };
    line.words("ACTION")
}

pub(super) fn row(model: &Model, row: &Row, here: bool) -> Line {
    let width = model.size.columns;
    let mark = match (here, row.stands) {
        (true, _) => " > ",
        (false, Stands::Unknown) => " ~ ",
        _ => "   ",
    };
    let [_, left, have, who, environment] = columns(width);
    let mut line = Line::new().words(mark).then(Line::new().looking(row.risk, risk_look(row.risk))).to(left);
    let (until, is_short) = stands(model, row);
    line = line.text_looking(&until, if is_short { Look::Strong } else { Look::Plain }).to(have);
    line = line.text(&row.have);
    if width >= 80 {
        line = line.to(who).then(who_asks(row, environment - who - 1));
    }
    line = match width {
        0..80 => line.to(environment),
        80..100 => line.to(environment),
        _ => line.to(environment).then(Line::new().text(&row.environment).fit(11)).to(environment + 12),
    };
    let room = width.saturating_sub(line.columns());
    let line = line.text(&fitted(&row.action, Some(room))).fit(width);
    if here { line.reversed(width) } else { line }
}

/// The requester, cut with a mark, and the star of one's own behind it in any case.
fn who_asks(row: &Row, room: usize) -> Line {
    let own = if row.own { "*" } else { "" };
    Line::new().text(&row.who).fit(room.saturating_sub(own.len())).words(own)
}

fn stands(model: &Model, row: &Row) -> (Escaped, bool) {
    let time =
        row.until.as_ref().map(|until| (left(until, &model.clock), until.left(&model.clock).as_secs() < 300));
    match (row.stands, time) {
        (Stands::Pending, Some((time, short))) => (time, short),
        (Stands::Unclaimed, Some(_)) => (Escaped::trusted("to run"), false),
        (Stands::Unknown, _) => (Escaped::trusted("UNKNOWN"), true),
        (Stands::Claimed, _) => (Escaped::trusted("runs"), false),
        (Stands::Done, _) => (Escaped::trusted("done"), false),
        (Stands::Over(word), _) => (Escaped::trusted(word), false),
        (_, None) => (Escaped::trusted("-"), false),
    }
}

/// About the row one is on: which ticket, and what it waits for.
pub(super) fn pane(model: &Model) -> Vec<Line> {
    let Some(row) = model.list().row() else { return Vec::new() };
    let code = Escaped::name(row.id.code().as_bytes());
    let mut first = Line::new().space(1).text_looking(&code, Look::Strong).space(2);
    if model.size.columns < 80 {
        first = first.then(Line::new().text(&row.who).fit(20));
        if row.own {
            first = first.words(" (yourself)");
        }
        first = first.space(2).then(Line::new().text(&row.environment).fit(12)).space(2);
    }
    let second = match row.stands {
        Stands::Unknown => Line::of("what came of it is not known; find out, then say so: R"),
        Stands::Unclaimed => Line::of("approved, not run yet; V in the history takes it back: h"),
        Stands::Pending => {
            let waits = if row.waits { "; somebody waits" } else { "; nobody waits" };
            let line = Line::of("approved by ").text(&row.missing).words(waits);
            if row.own { line.words("; your own request") } else { line }
        }
        _ => Line::new(),
    };
    vec![first.text(&row.rule), second]
}
