//! What the doctor counted and measured, as numbers: for `--json`, and for Prometheus in the text form its textfile
//! collector reads (prometheus.io, "Exposition formats", text format 0.0.4).

use std::fmt::Write as _;

use serde_json::{Value, json};

/// What a number says. Each is a gauge: it may rise and fall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gauge {
    /// How a check came out, by its name.
    Check,
    /// The level of trust.
    Level,
    /// Tickets by state.
    Tickets,
    /// The age of the oldest pending ticket.
    OldestPending,
    /// Tickets past their time whose end is not recorded.
    Overdue,
    /// Executions without a recorded end, by what is known of them.
    Executions,
    /// The log's size.
    Events,
    /// Room on the queue's disk.
    DiskFree,
    /// The queue's size.
    QueueBytes,
    /// How far the clock is behind the last event.
    ClockBehind,
    /// Reviewers whose keys count now.
    Reviewers,
    /// The time until the next of their keys lapses.
    KeyLapses,
    /// Rules in force.
    Rules,
    /// Notifications that are due and were not sent.
    Untold,
}

/// Each with its name, what its label says, and its meaning, in the order they are printed.
const GAUGES: [(Gauge, &str, Option<&str>, &str); 14] = [
    (Gauge::Check, "check_status", Some("check"), "How each check came out: 0 ok, 1 warn, 2 bad."),
    (Gauge::Level, "trust_level", None, "The level of trust that is reached, 0 to 4."),
    (Gauge::Tickets, "tickets", Some("state"), "Tickets in each state."),
    (Gauge::OldestPending, "oldest_pending_seconds", None, "The age of the oldest pending ticket."),
    (Gauge::Overdue, "overdue_tickets", None, "Tickets past their time whose end is not recorded yet."),
    (Gauge::Executions, "executions", Some("state"), "Executions without a recorded end."),
    (Gauge::Events, "log_events", None, "Events in the log."),
    (Gauge::DiskFree, "disk_free_bytes", None, "Room left on the queue's disk."),
    (Gauge::QueueBytes, "queue_bytes", None, "The size of the queue's file."),
    (Gauge::ClockBehind, "clock_behind_seconds", None, "How far the clock is behind the last event."),
    (Gauge::Reviewers, "reviewers", None, "Reviewers whose keys count now."),
    (Gauge::KeyLapses, "key_lapses_seconds", None, "The time until the next reviewer's key lapses."),
    (Gauge::Rules, "policy_rules", None, "Rules of the policy in force."),
    (Gauge::Untold, "untold_notifications", None, "Notifications that are due and were not sent."),
];

/// A number, with what it is of where there are several.
#[derive(Debug, Clone)]
pub struct Sample {
    /// What it says.
    pub gauge: Gauge,
    /// The label's value; empty where the gauge has no label.
    pub of: String,
    /// The number.
    pub value: u64,
}

/// The samples as JSON.
pub fn as_json(samples: &[Sample]) -> Vec<Value> {
    let sorted = GAUGES
        .iter()
        .flat_map(|gauge| samples.iter().filter(|s| s.gauge == gauge.0).map(move |s| (gauge, s)));
    sorted
        .map(|((_, name, ..), sample)| json!({ "name": name, "of": sample.of, "value": sample.value }))
        .collect()
}

/// The samples for Prometheus.
pub fn for_prometheus(version: &str, queue: &str, samples: &[Sample]) -> String {
    let mut text = String::new();
    head(&mut text, "build_info", "handoff's version and the queue's name.");
    let _ =
        writeln!(text, "handoff_build_info{{version=\"{}\",queue=\"{}\"}} 1", quoted(version), quoted(queue));
    for (gauge, name, label, help) in GAUGES {
        let mut of_it = samples.iter().filter(|sample| sample.gauge == gauge).peekable();
        if of_it.peek().is_some() {
            head(&mut text, name, help);
        }
        for Sample { of, value, .. } in of_it {
            let label = label.map(|label| format!("{{{label}=\"{}\"}}", quoted(of))).unwrap_or_default();
            let _ = writeln!(text, "handoff_{name}{label} {value}");
        }
    }
    text
}

fn head(text: &mut String, name: &str, help: &str) {
    let _ = writeln!(text, "# HELP handoff_{name} {help}\n# TYPE handoff_{name} gauge");
}

/// A label's value, with what would end it escaped.
fn quoted(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_gauge_has_one_head_before_its_samples() {
        let sample = |gauge, of: &str, value| Sample { gauge, of: of.to_owned(), value };
        let samples = [
            sample(Gauge::Tickets, "pending", 2),
            sample(Gauge::Level, "", 1),
            sample(Gauge::Tickets, "approved", 7),
        ];
        let text = for_prometheus("1.0", "a\"b\\c\nd", &samples);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "# HELP handoff_build_info handoff's version and the queue's name.",
                "# TYPE handoff_build_info gauge",
                "handoff_build_info{version=\"1.0\",queue=\"a\\\"b\\\\c\\nd\"} 1",
                "# HELP handoff_trust_level The level of trust that is reached, 0 to 4.",
                "# TYPE handoff_trust_level gauge",
                "handoff_trust_level 1",
                "# HELP handoff_tickets Tickets in each state.",
                "# TYPE handoff_tickets gauge",
                "handoff_tickets{state=\"pending\"} 2",
                "handoff_tickets{state=\"approved\"} 7",
            ]
        );
        assert!(text.ends_with('\n'));
    }

    #[test]
    fn names_are_ones_prometheus_takes() {
        for (_, name, label, _) in GAUGES {
            for word in [Some(name), label].into_iter().flatten() {
                assert!(word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{word}");
            }
        }
    }
}
