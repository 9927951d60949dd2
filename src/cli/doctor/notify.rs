//! Who is told, whether the programs that tell them are there, and what they last failed at.
//! Starts none of them.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Report;
use super::figures::Gauge;
use crate::cli::events::delivered;
use crate::cli::notify::wishes;
use crate::cli::open::{Setup, shown};
use crate::config::notify::{Choice, DESKTOP};
use crate::ids::{Label, TicketId};
use crate::notify::desktop;
use crate::ticket::event::{Delivery, Event, What};

/// What is due for longer than this should have been told.
const SETTLED: Duration = Duration::from_secs(60);

/// Checks all of it.
pub fn check(setup: &Setup, report: &mut Report) {
    let notify = &setup.settings.notify;
    if notify.told().next().is_none() {
        return report.ok("notify", "nobody is told by a program; [notify] in config.toml names whom");
    }
    let events = setup.queue().ok().and_then(|(mut queue, _)| queue.deliveries().ok()).unwrap_or_default();
    for (name, on) in notify.told() {
        let command = notify.command.iter().find(|command| *command.name.get_ref() == name);
        let program = command.map_or(desktop::PROGRAM, |command| command.run.program());
        one(&name, on, program, &events, report);
    }
    untold(setup, report);
}

fn one(name: &Label, on: &Choice, program: &str, events: &[Event], report: &mut Report) {
    let occasions: Vec<&str> = on.iter().map(crate::occasion::Occasion::word).collect();
    let occasions = occasions.join(", ");
    let Some(path) = found(program) else {
        let what =
            format!("{name} is told of {occasions}: there is no program {}", shown(Path::new(program)));
        let advice = if name.as_str() == DESKTOP {
            "install it (Debian: apt-get install libnotify-bin), or take desktop out of [notify]"
        } else {
            "install it, or give its whole path in config.toml"
        };
        return report.bad("notify", what, advice);
    };
    let set = format!("{name} is told of {occasions} by {}", shown(&path));
    let mut last = events.iter().filter_map(|event| delivery_to(name, event));
    let newest = last.next();
    let failure = newest.into_iter().chain(last).find(|(.., how)| **how != Delivery::Delivered);
    let Some((event, ticket, occasion, how)) = failure else { return report.ok("notify", set) };
    let what = format!("{occasion} of {} at {}: {}", ticket.code(), event.time, delivered(how));
    if newest.is_some_and(|(.., how)| *how == Delivery::Delivered) {
        report.ok("notify", format!("{set}; it works again, and last failed with {what}"));
    } else {
        let advice = format!("handoff notify --test {name}");
        report.warn("notify", format!("{set}; the last one failed, {what}"), advice);
    }
}

type Delivered<'a> = (&'a Event, &'a TicketId, crate::occasion::Occasion, &'a Delivery);

fn delivery_to<'a>(name: &Label, event: &'a Event) -> Option<Delivered<'a>> {
    match (&event.what, &event.ticket) {
        (What::Notified { notifier, occasion, delivery, .. }, Some(ticket)) if notifier == name => {
            Some((event, ticket, *occasion, delivery))
        }
        _ => None,
    }
}

/// Something that was due and that nobody was told of means that telling does not work at all.
fn untold(setup: &Setup, report: &mut Report) {
    let Ok((mut queue, _)) = setup.queue() else { return };
    let now = queue.now().wall;
    let Ok(due) = queue.notices(&wishes(&setup.settings.notify)) else { return };
    let old = due.iter().filter(|notice| notice.ticket.filed.request.time.until(now) > SETTLED);
    let count = old.count();
    report.figure(Gauge::Untold, "", count as u64);
    if count > 0 {
        let advice = "handoff notify tells them now, and says what hinders it";
        report.warn("notify", format!("{count} notifications are due and were not sent"), advice);
    }
}

fn found(program: &str) -> Option<PathBuf> {
    if program.starts_with('/') {
        return Some(PathBuf::from(program)).filter(|path| runs(path));
    }
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| runs(path))
}

fn runs(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}
