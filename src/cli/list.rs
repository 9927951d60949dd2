//! `list`: the queue as a table, or one JSON object a line.
//! What does not fit the terminal is counted, never silently cut; without a terminal nothing is cut.

use std::io::IsTerminal as _;

use super::args::{Globals, ListArgs};
use super::error::CliError;
use super::progress::minutes;
use super::reader::{Reader, Weighed, as_of};
use super::{answer, json};
use crate::clock::Moment;
use crate::escaped::Escaped;
use crate::facts::observe::account;
use crate::store::{Filter, Page};
use crate::ticket::card::risk_word;
use crate::ticket::{ApprovedBy, Execution, State, Ticket};

/// `handoff list`.
///
/// # Errors
/// When the queue cannot be read.
pub fn list(globals: &Globals, args: &ListArgs) -> Result<u8, CliError> {
    let mut reader = Reader::open(globals)?;
    reader.sweep();
    let tickets = chosen(&mut reader, args)?;
    let out = reader.desk.out();
    if out.json() {
        tickets.iter().try_for_each(|ticket| out.object(&json::ticket(ticket)))?;
        return Ok(0);
    }
    if tickets.is_empty() {
        out.note(if args.all {
            "the queue is empty"
        } else {
            "nothing is open; all of it: handoff list --all"
        });
        return Ok(0);
    }
    let now = reader.desk.queue.now();
    let standings = reader.standings(&tickets)?;
    let mut rows = vec![HEADER.map(str::to_owned)];
    for (ticket, standing) in tickets.iter().zip(&standings) {
        rows.push(row(&reader, ticket, standing.as_ref(), &now));
    }
    let actions: Vec<Vec<String>> = tickets.iter().map(words).collect();
    for line in table(&rows, &actions, width()) {
        out.line(&line)?;
    }
    Ok(0)
}

const HEADER: [&str; 7] = ["CODE", "RISK", "LEFT", "HAVE", "WHO", "ENV", "ACTION"];

/// The order of a listing without options: what waits, what may run, what runs or ran into the dark.
fn chosen(reader: &mut Reader, args: &ListArgs) -> Result<Vec<Ticket>, CliError> {
    let uid = args.mine.then(|| account::requester(std::env::var_os("SUDO_UID").as_deref()).uid);
    let plain = args.state.is_empty() && !args.all;
    let states = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    let filters = if plain {
        vec![
            Filter { states: states(&["pending"]), uid, ..Filter::default() },
            Filter { unclaimed: true, uid, ..Filter::default() },
            Filter { running: true, uid, ..Filter::default() },
        ]
    } else {
        vec![Filter { states: args.state.clone(), uid, ..Filter::default() }]
    };
    let wanted = args.skip.saturating_add(args.limit);
    let mut tickets = Vec::new();
    for filter in filters {
        let have = u64::try_from(tickets.len()).unwrap_or(u64::MAX);
        let page = Page { skip: 0, limit: wanted.saturating_sub(have) };
        tickets.extend(reader.desk.queue.read(&mut |read| Ok(read.list(&filter, page)?))?);
    }
    let now = reader.desk.queue.now();
    let skip = usize::try_from(args.skip).unwrap_or(usize::MAX);
    Ok(tickets.into_iter().skip(skip).map(|ticket| as_of(ticket, &now)).collect())
}

fn row(reader: &Reader, ticket: &Ticket, standing: Option<&Weighed>, now: &Moment) -> [String; 7] {
    let request = &ticket.filed.request;
    let own = if reader.is_own(ticket) { "*" } else { "" };
    let name = Escaped::name(request.requester.account.name.as_bytes());
    let declared = |name: &str| request.context.declared.0.get(name);
    let label = declared("label").map(|label| format!("/{}", Escaped::name(label.as_bytes())));
    let environment = declared("environment").map(|name| Escaped::name(name.as_bytes()).into_string());
    [
        ticket.id.code(),
        risk(ticket).to_owned(),
        left(ticket, now),
        have(ticket, standing),
        format!("{name}{}{own}", label.unwrap_or_default()),
        environment.unwrap_or_else(|| "-".to_owned()),
        String::new(),
    ]
}

/// A risk nobody could judge is no risk level.
fn risk(ticket: &Ticket) -> &'static str {
    if not_understood(ticket) && ticket.filed.verdict.rules().is_empty() {
        return "?";
    }
    risk_word(ticket.risk())
}

fn not_understood(ticket: &Ticket) -> bool {
    match &ticket.filed.verdict {
        crate::policy::Verdict::Review { why, .. } => why.iter().any(|why| why.starts_with("not understood")),
        _ => false,
    }
}

fn left(ticket: &Ticket, now: &Moment) -> String {
    match &ticket.state {
        State::Pending {} => minutes(ticket.filed.deadline.left(now)),
        State::Approved { until, execution: Execution::Unclaimed {}, .. } => {
            format!("may run, {}", minutes(until.left(now)))
        }
        State::Approved { execution: Execution::Finished(_, outcome), .. } => match outcome.end {
            crate::ticket::End::Exit(status) => format!("exit {status}"),
            crate::ticket::End::Signal(signal) => format!("signal {signal}"),
        },
        State::Approved { execution: Execution::Unknown(_), .. } => "UNKNOWN".to_owned(),
        _ => answer::word(ticket).replace('_', " "),
    }
}

fn have(ticket: &Ticket, standing: Option<&Weighed>) -> String {
    match &ticket.state {
        State::Pending {} => match standing {
            Some(Ok(standing)) => format!("{}/{}", standing.quorum.have, standing.quorum.need),
            None => "?".to_owned(),
            // A ticket whose log contradicts it is still listed, and not as if nothing were wrong.
            Some(Err(_)) => "DAMAGED".to_owned(),
        },
        State::Approved { by: ApprovedBy::Reviewers(people), .. } => format!("{0}/{0}", people.len()),
        State::Approved { by: ApprovedBy::Policy(_), .. } => "policy".to_owned(),
        _ => "-".to_owned(),
    }
}

/// The action's words, quoted.
pub(super) fn words(ticket: &Ticket) -> Vec<String> {
    let argv = ticket.filed.request.exec().argv.iter();
    let mut words: Vec<String> = argv.map(|word| Escaped::argument(word.as_bytes()).into_string()).collect();
    if let Some(first) = words.first_mut().filter(|_| not_understood(ticket)) {
        first.insert_str(0, "not understood: ");
    }
    words
}

/// Columns of the terminal that standard output is; none where it is no terminal.
pub(super) fn width() -> Option<usize> {
    let stdout = std::io::stdout();
    if !stdout.is_terminal() {
        return None;
    }
    let size = rustix::termios::tcgetwinsize(&stdout).ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

/// The lines of a table whose first row is its header; `actions` are the last column's words.
fn table(rows: &[[String; 7]], actions: &[Vec<String>], width: Option<usize>) -> Vec<String> {
    let widest = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..HEADER.len() - 1).map(widest).collect();
    let before: usize = widths.iter().map(|width| width + 2).sum();
    let room = width.map(|width| width.saturating_sub(before));
    let actions = std::iter::once("ACTION".to_owned()).chain(actions.iter().map(|words| fitted(words, room)));
    rows.iter()
        .zip(actions)
        .map(|(row, action)| {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}  "));
            format!("{}{action}", cells.collect::<String>()).trim_end().to_owned()
        })
        .collect()
}

/// As many whole words as fit, and how many more there are; the first one always.
pub(super) fn fitted(words: &[String], room: Option<usize>) -> String {
    let all = words.join(" ");
    let Some(room) = room.filter(|room| all.chars().count() > *room) else { return all };
    let mut shown = String::new();
    for (index, word) in words.iter().enumerate() {
        let more = format!(" … {} more", words.len() - index);
        let next = word.chars().count() + 1;
        // The mark for what comes after this word may need as much room as the one now.
        if index > 0 && shown.chars().count() + next + more.chars().count() > room {
            return format!("{shown}{more}");
        }
        if index > 0 {
            shown.push(' ');
        }
        shown.push_str(word);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn action(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| Escaped::argument(word.as_bytes()).into_string()).collect()
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let words = action(&["git", "push", "--force", "origin"]);
        assert_eq!(fitted(&words, None), "'git' 'push' '--force' 'origin'");
        assert_eq!(fitted(&words, Some(31)), "'git' 'push' '--force' 'origin'");
        assert_eq!(fitted(&words, Some(30)), "'git' 'push' … 2 more");
        assert_eq!(fitted(&words, Some(3)), "'git' … 3 more");
    }

    #[test]
    fn a_cut_line_never_claims_to_be_whole() {
        let words = action(&["sh", "-c", "ls", "; rm -rf ~"]);
        for room in 0..60 {
            let shown = fitted(&words, Some(room));
            assert!(shown == words.join(" ") || shown.contains(" more"), "{room}: {shown}");
            assert!(
                shown.chars().count() <= room.max(fitted(&words, Some(0)).chars().count()),
                "{room}: {shown}"
            );
        }
    }

    #[test]
    fn columns_stand_under_their_headers() {
        let cells = |action: &str| ["K7QX-M2FD", "HIGH", "04:12", "1/2", action, "-", ""].map(str::to_owned);
        let rows = [HEADER.map(str::to_owned), cells("claude/bo"), cells("ci")];
        let lines = table(&rows, &[action(&["ls"]), action(&["rm", "x"])], Some(80));
        let at = |line: &String, text: &str| line.find(text).unwrap();
        assert_eq!(at(&lines[0], "ACTION"), at(&lines[1], "'ls'"));
        assert_eq!(at(&lines[0], "ACTION"), at(&lines[2], "'rm' 'x'"));
        assert_eq!(at(&lines[0], "ENV"), at(&lines[2], "-  "));
    }
}
