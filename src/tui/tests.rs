//! Key scripts through `update`, and the screens at fixed sizes: see `tests/`.

use crate::escaped::Escaped;
use crate::policy::{Risk, Terms, Verdict};
use crate::ticket::card::Card;
use crate::ticket::card::tests::request;
use crate::tui::card::Sheet;

/// A sheet of a ticket that waits for one person.
pub(super) fn sheet() -> Sheet {
    let verdict = Verdict::Review {
        rules: ["terraform.apply".parse().unwrap()].into(),
        why: ["changes production".to_owned()].into(),
        risk: Risk::High,
        terms: Terms::mildest(),
    };
    let request = request();
    Sheet {
        id: request.ticket.clone(),
        version: 1,
        card: Card::new(&request, &verdict).text(),
        risk: Risk::High,
        action: request.exec().argv.iter().map(|word| Escaped::argument(word.as_bytes())).collect(),
        account: Escaped::trusted("claude"),
        runs: Escaped::trusted("as deploy on db1, in '/srv/infra'"),
        pending: true,
        revocable: false,
        state: Escaped::trusted("is still pending; nothing ran"),
        have: Escaped::trusted("0 of 1"),
        after: Escaped::trusted("1/1, it runs at once: somebody waits"),
        until: None,
        valid_until: Escaped::trusted("2026-11-22T16:40:00.000Z"),
        says_risk: Some(Escaped::trusted("low")),
        bound: Escaped::trusted("the program, 1 file, 9 variables"),
        not_bound: Escaped::trusted("what the network answers"),
        own: false,
        barred: None,
        attached: Vec::new(),
        events: Vec::new(),
        like: None,
    }
}
