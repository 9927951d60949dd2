//! What the schema refuses on our own connections, and what an edited row says of itself.

use rusqlite::Connection;

use super::*;
use crate::store::{Filter, Page};

const ALL: Page = Page { skip: 0, limit: 9 };

/// Runs a statement as any program with rights on the file could, guards of the schema taken away.
fn edit(store: &SqliteStore, sql: &str) {
    let foreign = Connection::open(store.path()).unwrap();
    let drops = "SELECT 'DROP TRIGGER ' || name FROM sqlite_schema WHERE type = 'trigger'";
    let drops: Vec<String> = {
        let mut statement = foreign.prepare(drops).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    drops.iter().for_each(|drop| foreign.execute_batch(drop).unwrap());
    assert!(foreign.execute(sql, []).unwrap() > 0, "{sql}");
}

fn damage(store: &mut SqliteStore) -> String {
    let look = store.read(&mut |desk| {
        desk.identity()?;
        desk.head()?;
        desk.events(0, 99)?;
        for ticket in desk.list(&Filter::default(), ALL)? {
            desk.decisions(&ticket.id)?;
        }
        desk.counts()
    });
    match look {
        Err(StoreError::Corrupt(what)) => what,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_event_is_never_changed_replaced_or_deleted() {
    let (_keep, mut store) = open_queue();
    file_one(&mut store);
    file_one(&mut store);
    let connection = store.connected().unwrap();
    for sql in [
        "UPDATE events SET bytes = 'x' WHERE seq = 1",
        "UPDATE events SET seq = 7 WHERE seq = 1",
        "DELETE FROM events",
        "DELETE FROM events WHERE seq = 1",
        "INSERT OR REPLACE INTO events VALUES (1, NULL, 'policy', 'x', x'00', x'00')",
        "REPLACE INTO events VALUES (0, NULL, 'policy', 'x', x'00', x'00')",
        "UPDATE OR REPLACE events SET seq = 0 WHERE seq = 1",
        "INSERT INTO events VALUES (3, NULL, 'policy', 'x', x'00', x'00')",
        "INSERT INTO events VALUES (-1, NULL, 'policy', 'x', x'00', x'00')",
        "INSERT INTO events VALUES (1, NULL, 'policy', 'x', x'00', x'00') ON CONFLICT DO UPDATE SET bytes = 'x'",
        "UPDATE nodes SET hash = x'00'",
        "DELETE FROM nodes",
        "INSERT OR REPLACE INTO nodes VALUES (1, 0, x'00')",
        "DELETE FROM tickets",
    ] {
        let refused = connection.execute_batch(sql).unwrap_err().to_string();
        assert!(
            ["never", "takes the next number"].iter().any(|word| refused.contains(word)),
            "{sql}: {refused}"
        );
    }
    let kept: i64 = schema::number(connection, "SELECT count(*) FROM events WHERE bytes LIKE '{%'").unwrap();
    assert_eq!(kept, 2);
}

#[test]
fn the_first_event_has_number_0() {
    let (_keep, mut store) = open_queue();
    let insert = "INSERT INTO events VALUES (1, NULL, 'policy', 'x', x'00', x'00')";
    assert!(store.connected().unwrap().execute_batch(insert).is_err());
    assert!(store.connected().unwrap().execute_batch(&insert.replace('1', "0")).is_ok());
}

#[test]
fn an_edited_row_is_named_with_its_table_and_key() {
    for (edited, named) in [
        ("UPDATE tickets SET state = '{\"state\":\"approved\"}'", "tickets "),
        ("UPDATE tickets SET state = '{ \"state\":\"pending\"}'", "state record is not in canonical form"),
        ("UPDATE tickets SET phase = 'finished'", "phase is not that of the state"),
        ("UPDATE tickets SET id = 'not an id'", "tickets not an id: id"),
        ("UPDATE tickets SET uid = 1001", "request is that of another ticket or requester"),
        ("UPDATE tickets SET version = -1", "version is not a whole number"),
        ("UPDATE tickets SET verdict = '{}'", "verdict"),
        ("UPDATE tickets SET deadline = '{}'", "deadline"),
        ("UPDATE tickets SET request_sha256 = x'00'", "request_sha256 is not a digest"),
        (
            "UPDATE blobs SET bytes = CAST(replace(CAST(bytes AS TEXT), '-rf', '-rt') AS BLOB)",
            "request does not have the digest",
        ),
        ("UPDATE blobs SET bytes = x'ff'", "request is not text"),
        ("DELETE FROM blobs", "request is not bytes"),
        ("UPDATE events SET leaf = x'00'", "events 0: event_leaf is not a digest"),
        ("UPDATE events SET ticket = 'x'", "events 0: ticket"),
        ("UPDATE events SET seq = 5", "head 1: frontier is not that of the 6 events"),
        ("DELETE FROM events", "head 1: frontier is not that of the 0 events"),
        ("DELETE FROM head", "there are events and no head"),
        ("UPDATE head SET frontier = x'0000'", "head 1: frontier"),
        ("UPDATE identity SET origin = char(27) || '[2J'", "identity 1: origin"),
        ("UPDATE counts SET n = -1", "counts pending: n is not a whole number"),
        ("UPDATE counts SET phase = 'lost'", "counts has a phase lost"),
    ] {
        let (_keep, mut store) = open_queue();
        file_one(&mut store);
        edit(&store, edited);
        let said = damage(&mut store);
        assert!(said.contains(named), "{edited}: {said}");
        assert!(!said.contains('\u{1b}'), "{said:?}");
    }
}

#[test]
fn a_ticket_whose_request_does_not_have_its_digest_is_not_filed() {
    let (_keep, mut store) = open_queue();
    let mut ticket = story::ticket(1000, 900);
    ticket.filed.request_sha256 = crate::ids::Digest::of(b"another request");
    let joins = story::joins(&ticket);
    assert!(matches!(story::file(&mut store, &mut ticket, &joins), Err(StoreError::CannotRecord(_))));
}

#[test]
fn a_newer_schema_stops_readers_and_writers_that_were_open_already() {
    let (_keep, mut store) = open_queue();
    Connection::open(store.path()).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let newer = StoreError::NewerSchema { found: 99, known: schema::VERSION };
    assert_eq!(store.read(&mut |desk| desk.head()).unwrap_err(), newer);
    assert_eq!(store.write(&mut |desk| story::log(desk, None, "policy")).unwrap_err(), newer);
    assert_eq!(SqliteStore::open(store.path()).unwrap_err(), newer);
}

#[test]
fn a_file_that_is_no_queue_is_refused() {
    let (_keep, store) = open_queue();
    let foreign = Connection::open(store.path()).unwrap();
    foreign.pragma_update(None, "application_id", 7).unwrap();
    let not_ours = StoreError::Corrupt("not a handoff queue".to_owned());
    assert_eq!(SqliteStore::open(store.path()).unwrap_err(), not_ours);
    foreign.pragma_update(None, "application_id", 0).unwrap();
    foreign.pragma_update(None, "user_version", 0).unwrap();
    assert_eq!(SqliteStore::open(store.path()).unwrap_err(), not_ours);
    for bytes in [
        &b"#!/bin/sh\necho this is long enough to be taken for a header, it is not one, really not\n"[..],
        &SCHEMA_1[..700],
        &SCHEMA_1[..50],
    ] {
        let (_keep, path) = released(bytes);
        assert!(matches!(SqliteStore::open(&path), Err(StoreError::Corrupt(_))), "{}", bytes.len());
    }
}

#[test]
fn a_truncated_or_scribbled_file_is_an_error_and_never_a_panic() {
    for cut in (4096..SCHEMA_1.len()).step_by(4096) {
        let (_keep, path) = released(&SCHEMA_1[..cut]);
        let looked = SqliteStore::open(&path).and_then(|mut store| {
            store.read(&mut |desk| desk.list(&Filter::default(), ALL).map(drop))?;
            store.health()
        });
        assert!(looked.is_err() || looked.is_ok_and(|health| !health.problems.is_empty()), "{cut}");
    }
    for page in 1..SCHEMA_1.len() / 4096 {
        let mut bytes = SCHEMA_1.to_vec();
        bytes[page * 4096..page * 4096 + 64].fill(0xa5);
        let (_keep, path) = released(&bytes);
        let health = SqliteStore::open(&path).and_then(|mut store| store.health());
        assert!(health.is_err() || health.is_ok_and(|health| !health.problems.is_empty()), "page {page}");
    }
}
