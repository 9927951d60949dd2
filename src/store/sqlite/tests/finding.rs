//! What the store finds by its clues is what reading every ticket finds.

use super::*;
use crate::record::Text;
use crate::store::{Clue, Filter, Looked, Page, Way, folded};
use crate::ticket::{CancelledBy, Execution, State, Ticket};

/// Files a ticket of this account, label, environment and command.
fn file(store: &mut SqliteStore, who: &str, label: &str, environment: &str, argv: &[&str]) -> Ticket {
    let mut ticket = story::ticket(1000, 900);
    let request = &mut ticket.filed.request;
    request.requester.account.name = Text::from(who);
    for (name, value) in [("label", label), ("environment", environment)] {
        if !value.is_empty() {
            request.context.declared.0.insert(name.to_owned(), Text::from(value));
        }
    }
    let crate::request::Action::Exec(exec) = &mut request.action;
    exec.argv = argv.iter().map(|word| Text::from(*word)).collect();
    exec.program.path = Text::from(format!("/usr/bin/{}", argv[0]).as_str());
    ticket.filed.request_sha256 = request.record().unwrap().digest();
    let joins = story::joins(&ticket);
    story::file(store, &mut ticket, &joins).unwrap();
    ticket
}

fn approve(store: &mut SqliteStore, mut ticket: Ticket) -> Ticket {
    assert!(story::step(store, &mut ticket, story::approved(2000, Execution::Unclaimed {})).unwrap());
    ticket
}

fn like(store: &mut SqliteStore, ticket: &Ticket) -> Option<crate::ids::TicketId> {
    store.read(&mut |desk| desk.approved_like(ticket)).unwrap().map(|other| other.id)
}

fn many(store: &mut SqliteStore) {
    let (people, places) = (["ana", "Bo", "claude"], ["", "Production", "staging"]);
    let commands: [&[&str]; 4] = [&["git", "push"], &["terraform", "apply"], &["Kubectl", "get"], &["rm"]];
    for n in 0..72 {
        let label = if n % 5 == 0 { "ana's agent" } else { "" };
        let long = "x".repeat(300);
        let label = if n == 70 { long.as_str() } else { label };
        let ticket = file(store, people[n % 3], label, places[n / 3 % 3], commands[n % 4]);
        if n % 7 == 0 {
            approve(store, ticket);
        }
    }
}

fn holds(clue: &Clue, ticket: &Ticket) -> bool {
    let (request, exec) = (&ticket.filed.request, ticket.filed.request.exec());
    let declared = |name: &str| request.context.declared.0.get(name).map(Text::as_bytes);
    let (fields, text) = match clue {
        Clue::Who(text) => (vec![Some(request.requester.account.name.as_bytes()), declared("label")], text),
        Clue::Environment(text) => (vec![declared("environment")], text),
        Clue::Program(text) => {
            (vec![Some(exec.program.path.as_bytes()), exec.argv.first().map(Text::as_bytes)], text)
        }
    };
    fields.into_iter().flatten().any(|field| folded(field).contains(text.as_str()))
}

/// Searches on until the end, so many at a time, and keeps what fits.
fn searched(store: &mut SqliteStore, filter: &Filter, way: Way, limit: u64) -> Vec<u64> {
    let (mut found, mut from) = (Vec::new(), None);
    loop {
        let Looked { tickets, reached, end, .. } =
            store.read(&mut |desk| desk.search(filter, from, way, limit)).unwrap();
        assert!(u64::try_from(tickets.len()).unwrap() <= limit);
        let fits = |ticket: &Ticket| filter.clues.iter().all(|clue| holds(clue, ticket));
        found.extend(tickets.into_iter().filter(fits).map(|ticket| ticket.filed.seq));
        if end {
            return found;
        }
        assert!(reached.is_some() && reached != from, "it goes on");
        from = reached;
    }
}

#[test]
fn whatever_is_looked_for_the_clues_find_what_reading_all_of_it_finds() {
    let (_keep, mut store) = open_queue();
    many(&mut store);
    let all = store.read(&mut |desk| desk.list(&Filter::default(), Page { skip: 0, limit: 100 })).unwrap();
    let text = |word: &str| word.to_owned();
    let clues = [
        Clue::Who(text("ana")),
        Clue::Who(text("bo")),
        Clue::Who(text("xx")),
        Clue::Who(text("nobody")),
        Clue::Who(text("")),
        Clue::Environment(text("prod")),
        Clue::Environment(text("g")),
        Clue::Program(text("git")),
        Clue::Program(text("kubectl")),
        Clue::Program(text("/usr")),
    ];
    for states in [vec![], vec!["approved".to_owned()], vec!["rejected".to_owned()]] {
        for (one, other) in clues.iter().flat_map(|one| clues.iter().map(move |other| (one, other))) {
            let filter = Filter {
                states: states.clone(),
                clues: vec![one.clone(), other.clone()],
                ..Filter::default()
            };
            let fits = |ticket: &&Ticket| {
                (states.is_empty() || states[0] == ticket.state.word())
                    && filter.clues.iter().all(|clue| holds(clue, ticket))
            };
            let mut expected: Vec<u64> = all.iter().filter(fits).map(|ticket| ticket.filed.seq).collect();
            for limit in [1, 7, 100] {
                assert_eq!(searched(&mut store, &filter, Way::Onward, limit), expected, "{filter:?}");
            }
            expected.reverse();
            assert_eq!(searched(&mut store, &filter, Way::Back, 5), expected, "{filter:?}");
        }
    }
}

#[test]
fn what_is_looked_for_is_not_read_through() {
    let (_keep, mut store) = open_queue();
    for _ in 0..40 {
        file(&mut store, "ana", "", "", &["git"]);
    }
    let wanted = file(&mut store, "ana", "", "production", &["git"]);
    file(&mut store, "ana", "", "", &["git"]);
    let clues = vec![Clue::Environment("prod".to_owned()), Clue::Program("git".to_owned())];
    let filter = Filter { clues, ..Filter::default() };
    let found = store.read(&mut |desk| desk.search(&filter, None, Way::Onward, 9)).unwrap();
    assert_eq!((found.tickets, found.looked, found.end), (vec![wanted], 1, true));
}

#[test]
fn the_last_approved_like_it_is_found_however_many_were_approved_since() {
    let (_keep, mut store) = open_queue();
    let first = file(&mut store, "ana", "", "", &["terraform", "apply", "tf.plan"]);
    let first = approve(&mut store, first);
    for n in 0..30 {
        let name = format!("file{n}");
        let other = file(&mut store, "ana", "", "", &["terraform", "plan", &name]);
        approve(&mut store, other);
    }
    let now = file(&mut store, "ana", "", "", &["terraform", "apply", "other.plan"]);
    assert_eq!(like(&mut store, &now), Some(first.id.clone()), "the same for the longest");
    let second = file(&mut store, "ana", "", "", &["terraform", "apply", "tf.plan", "-x"]);
    let second = approve(&mut store, second);
    assert_eq!(like(&mut store, &now), Some(second.id.clone()), "of equals the newest");
    let mut taken_back = second;
    let cancelled = State::Cancelled { at: story::at(1), why: CancelledBy::Requester };
    assert!(story::step(&mut store, &mut taken_back, cancelled).unwrap());
    assert_eq!(like(&mut store, &now), Some(first.id), "one that was taken back counts no more");
    let none = file(&mut store, "ana", "", "", &["kubectl", "delete"]);
    assert_eq!(like(&mut store, &none), None);
    let none = approve(&mut store, none);
    assert_eq!(like(&mut store, &none), None, "it is not like itself");
}

#[test]
fn a_queue_of_schema_1_is_searched_by_its_clues_too() {
    let (_keep, path) = released(SCHEMA_1);
    let mut store = SqliteStore::open(&path).unwrap();
    for (text, count) in [("rm", 1), ("git", 0)] {
        let filter = Filter { clues: vec![Clue::Program(text.to_owned())], ..Filter::default() };
        let found = store.read(&mut |desk| desk.search(&filter, None, Way::Onward, 9)).unwrap();
        assert_eq!((found.tickets.len(), found.looked), (count, u64::try_from(count).unwrap()));
    }
}
