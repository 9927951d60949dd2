//! What a notification says: enough to know that somebody must look, and nothing of what would run.
//! Pure; a change of a name or a meaning here is a new version.

use crate::clock::Moment;
use crate::escaped::Escaped;
use crate::ids::{Origin, Principal, RuleId};
use crate::occasion::Occasion;
use crate::policy::{Risk, Terms};
use crate::queue::notices::Notice;
use crate::ticket::event::What;
use crate::ticket::{ApprovedBy, CancelledBy, RejectedBy, State, Ticket};

/// The version, the first line's value.
pub const VERSION: &str = "notification.v1";
/// What stands before each name when the same is given as variables.
const PREFIX: &str = "HANDOFF_NOTIFY_";

/// One notification, as names and values; each value is one line of printable text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card(Vec<(&'static str, String)>);

impl Card {
    /// What `notice` says to people of the queue `queue`.
    #[must_use]
    pub fn new(notice: &Notice, queue: &Origin, now: &Moment) -> Self {
        let ticket = &notice.ticket;
        let left = match &ticket.state {
            State::Pending {} => span(ticket.filed.deadline.left(now)),
            _ => "-".to_owned(),
        };
        Self(vec![
            ("card", VERSION.to_owned()),
            ("occasion", notice.occasion.word().to_owned()),
            ("code", ticket.id.code()),
            ("risk", risk(ticket.risk()).to_owned()),
            ("rule", rules(ticket)),
            ("deadline", ticket.filed.deadline.wall.to_string()),
            ("left", left),
            ("requester", requester(ticket)),
            ("queue", queue.to_string()),
            ("what", what(notice)),
        ])
    }

    /// One that tells of nothing, to try a notifier with.
    #[must_use]
    pub fn sample(queue: &Origin, now: &Moment) -> Self {
        let values = [
            VERSION,
            Occasion::New.word(),
            "TEST-TEST",
            "LOW",
            "-",
            &now.wall.to_string(),
            "15:00",
            "nobody",
            queue.as_str(),
            "a test of this notifier; nothing waits",
        ];
        let names =
            ["card", "occasion", "code", "risk", "rule", "deadline", "left", "requester", "queue", "what"];
        Self(names.into_iter().zip(values.map(str::to_owned)).collect())
    }

    /// `name: value`, one a line.
    #[must_use]
    pub fn lines(&self) -> String {
        self.0.iter().map(|(name, value)| format!("{name}: {value}\n")).collect()
    }

    /// The same for a shell: `HANDOFF_NOTIFY_CODE` and so on.
    pub fn variables(&self) -> impl Iterator<Item = (String, &str)> {
        self.0.iter().map(|(name, value)| (format!("{PREFIX}{}", name.to_ascii_uppercase()), value.as_str()))
    }

    /// One value.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| *known == name).map_or("-", |(_, value)| value)
    }
}

const fn risk(risk: Risk) -> &'static str {
    match risk {
        Risk::Low => "LOW",
        Risk::Medium => "MED",
        Risk::High => "HIGH",
    }
}

fn rules(ticket: &Ticket) -> String {
    let rules: Vec<&str> = ticket.filed.verdict.rules().iter().map(RuleId::as_str).collect();
    if rules.is_empty() { "-".to_owned() } else { rules.join(", ") }
}

// The observed account only: a label is the requester's own word.
fn requester(ticket: &Ticket) -> String {
    let account = &ticket.filed.request.requester.account;
    format!("{} (uid {})", Escaped::prose(account.name.as_bytes()), account.uid)
}

fn what(notice: &Notice) -> String {
    let waits = || ticket_needs(&notice.ticket);
    match (notice.occasion, &notice.what) {
        (Occasion::Half, _) => format!("still waits for {}; half of its time is over", waits()),
        (Occasion::Late, _) => format!("still waits for {}; its time is nearly over", waits()),
        (_, Some(What::Approved { by: ApprovedBy::Reviewers(people), .. })) => {
            format!("approved by {}", names(people))
        }
        (_, Some(What::Rejected { by: RejectedBy::Reviewer(person) })) => format!("rejected by {person}"),
        (_, Some(What::Cancelled { why: CancelledBy::Revoke(person) })) => {
            format!("the approval was taken back by {person}")
        }
        (_, Some(What::Expired { approved: true })) => "expired: approved, and not used in time".to_owned(),
        (_, Some(What::Expired { .. })) => "expired: nobody answered in time".to_owned(),
        (_, Some(What::Unknown { running: true })) => {
            "its outcome is unknown: whoever ran it is gone, and the command still runs".to_owned()
        }
        (_, Some(What::Unknown { .. })) => "its outcome is unknown: whoever ran it is gone".to_owned(),
        _ => format!("waits for {}", waits()),
    }
}

fn names(people: &[Principal]) -> String {
    people.iter().map(Principal::as_str).collect::<Vec<_>>().join(", ")
}

fn ticket_needs(ticket: &Ticket) -> String {
    ticket.terms().map_or_else(|| "nobody".to_owned(), needs)
}

/// What the terms ask for, in words.
#[must_use]
pub fn needs(terms: &Terms) -> String {
    let count = terms.approvals.max(u32::try_from(terms.groups.len()).unwrap_or(u32::MAX));
    let approvals = if count == 1 { "1 approval".to_owned() } else { format!("{count} approvals") };
    let groups: Vec<String> = terms.groups.iter().map(|group| format!("1 of {group}")).collect();
    if groups.is_empty() { approvals } else { format!("{approvals}: {}", groups.join(", ")) }
}

/// A span as people read it: `14:59`, `2:05:00`.
#[must_use]
pub fn span(span: std::time::Duration) -> String {
    // Rounded up, so that a wait of one second does not begin with 00:00.
    let total = span.as_millis().div_ceil(1000);
    let (hours, minutes, seconds) = (total / 3600, total / 60 % 60, total % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes:02}:{seconds:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::notices::Wish;
    use crate::queue::tests::bench::{Bench, TWO};
    use crate::record::Text;

    fn notice(bench: &mut Bench) -> Notice {
        let mut draft = bench.draft(&["secret-argument", "x"]);
        draft.requester.account.name = Text::from("eve\ncode: FAKE-CODE\u{1b}[2J\u{202e}");
        draft.context.reason = Some(Text::from("secret-reason"));
        bench.propose(&draft).unwrap();
        let wish = Wish { notifier: "a".parse().unwrap(), on: Occasion::ALL.into() };
        bench.queue.notices(&[wish]).unwrap().remove(0)
    }

    #[test]
    fn a_card_has_ten_lines_whatever_stands_in_the_request() {
        let mut bench = Bench::new(TWO);
        let notice = notice(&mut bench);
        let card = Card::new(&notice, &bench.identity.origin, &bench.queue.now());
        let lines = card.lines();
        assert_eq!(lines.lines().count(), 10, "{lines}");
        assert!(lines.chars().all(|c| c == '\n' || (' '..='~').contains(&c)), "{lines}");
        assert!(!lines.contains("secret"), "{lines}");
        assert!(lines.contains("requester: eve\\ncode: FAKE-CODE\\x1b[2J\\u{202e} (uid "), "{lines}");
        assert_eq!(card.value("what"), "waits for 2 approvals");
        let sample = Card::sample(&bench.identity.origin, &bench.queue.now());
        let names = |card: &Card| card.0.iter().map(|(name, _)| *name).collect::<Vec<_>>();
        assert_eq!(names(&card), names(&sample));
    }

    #[test]
    fn variables_are_the_same_words() {
        let mut bench = Bench::new(TWO);
        let notice = notice(&mut bench);
        let card = Card::new(&notice, &bench.identity.origin, &bench.queue.now());
        let variables: Vec<(String, &str)> = card.variables().collect();
        assert_eq!(variables.len(), 10);
        assert!(variables.contains(&("HANDOFF_NOTIFY_WHAT".to_owned(), "waits for 2 approvals")));
    }

    #[test]
    fn spans_read_like_clocks() {
        let millis = std::time::Duration::from_millis;
        assert_eq!(span(millis(899_001)), "15:00");
        assert_eq!(span(millis(7_505_000)), "2:05:05");
        assert_eq!(span(millis(0)), "00:00");
    }
}
