//! The engine's own promises: private places, guards in the schema, many at once, failed commits.

mod faults;
mod finding;
mod guards;
mod many;
mod places;
mod plans;

use std::path::PathBuf;
use std::time::Duration;

use super::*;
use crate::store::story;

/// A queue in a folder of its own.
pub(super) fn queue() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap().join("queue").join("queue.db");
    (folder, path)
}

/// An open, named, empty queue.
pub(super) fn open_queue() -> (tempfile::TempDir, SqliteStore) {
    let (folder, path) = queue();
    let mut store = SqliteStore::create(&path).unwrap();
    store.write(&mut |desk| desk.set_identity(&story::identity())).unwrap();
    (folder, store)
}

/// Files one pending ticket.
pub(super) fn file_one(store: &mut SqliteStore) -> crate::ticket::Ticket {
    let mut ticket = story::ticket(1000, 900);
    let joins = story::joins(&ticket);
    story::file(store, &mut ticket, &joins).unwrap();
    ticket
}

#[test]
fn sqlite_tells_the_story() {
    let (_keep, path) = queue();
    story::tell(&mut SqliteStore::create(&path).unwrap());
}

#[test]
fn what_one_process_wrote_another_reads_and_notices() {
    let (_keep, mut store) = open_queue();
    let mut other = SqliteStore::open(store.path()).unwrap();
    let before = other.data_version().unwrap();
    let ticket = file_one(&mut store);
    assert_ne!(other.data_version().unwrap(), before);
    let seen = other.read(&mut |desk| desk.ticket(&ticket.id)).unwrap();
    assert_eq!(seen, Some(ticket));
}

#[test]
fn the_database_and_all_beside_it_are_ours_alone() {
    use std::os::unix::fs::MetadataExt as _;
    let (_keep, mut store) = open_queue();
    file_one(&mut store);
    let folder = store.path().parent().unwrap();
    assert_eq!(folder.metadata().unwrap().mode() & 0o777, 0o700);
    let files: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap()).collect();
    assert!(files.len() >= 4, "database, WAL, its index, turnstile");
    for file in files {
        assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600, "{:?}", file.path());
    }
}

#[test]
fn the_commit_is_synced_and_the_guards_are_on() {
    let (_keep, mut store) = open_queue();
    let connection = store.connected().unwrap();
    let number = |pragma: &str| schema::number(connection, &format!("PRAGMA {pragma}")).unwrap();
    assert_eq!(number("synchronous"), 2);
    assert_eq!(number("foreign_keys"), 1);
    assert_eq!(number("recursive_triggers"), 1);
    assert_eq!(number("trusted_schema"), 0);
    assert_eq!(number("cell_size_check"), 1);
    assert_eq!(number("wal_autocheckpoint"), 1000);
    assert!(number("journal_size_limit") > 0);
    connection::require_wal(connection).unwrap();
}

#[test]
fn health_names_what_it_found() {
    let (_keep, mut store) = open_queue();
    file_one(&mut store);
    let health = store.health().unwrap();
    assert_eq!(health.problems, Vec::<String>::new());
    assert_eq!((health.schema, health.known_schema), (schema::VERSION, schema::VERSION));
    assert!(health.wal_bytes > 0 && health.pages > 10);
}

#[test]
fn a_backup_is_one_private_file_that_opens_as_the_queue_was() {
    use std::os::unix::fs::MetadataExt as _;
    let (_keep, mut store) = open_queue();
    let ticket = file_one(&mut store);
    let copy = store.path().with_file_name("backup.db");
    store.backup_to(&copy).unwrap();
    file_one(&mut store);
    assert_eq!(copy.metadata().unwrap().mode() & 0o777, 0o600);
    assert!(!place::beside(&copy, "-wal").exists());
    assert!(matches!(store.backup_to(&copy), Err(StoreError::CannotRecord(_))), "never over another file");
    let mut copied = SqliteStore::open(&copy);
    // A backup is no running queue: it is restored, not worked on.
    assert!(matches!(copied, Err(StoreError::Unsafe(_))));
    copied = SqliteStore::create(&store.path().with_file_name("copy.db"));
    let mut copied = copied.unwrap();
    copied.restore_from(&copy).unwrap();
    let all =
        copied.read(&mut |desk| desk.list(&Default::default(), crate::store::Page { skip: 0, limit: 9 }));
    assert_eq!(all.unwrap(), [ticket]);
}

#[test]
fn a_restore_replaces_the_queue_under_those_who_have_it_open() {
    let (_keep, mut store) = open_queue();
    let kept = file_one(&mut store);
    let copy = store.path().with_file_name("backup.db");
    store.backup_to(&copy).unwrap();
    let later = file_one(&mut store);
    let mut other = SqliteStore::open(store.path()).unwrap();
    assert!(other.read(&mut |desk| desk.ticket(&later.id)).unwrap().is_some());
    store.restore_from(&copy).unwrap();
    for store in [&mut store, &mut other] {
        assert_eq!(store.read(&mut |desk| desk.ticket(&later.id)).unwrap(), None);
        assert_eq!(store.read(&mut |desk| desk.ticket(&kept.id)).unwrap().as_ref(), Some(&kept));
    }
    file_one(&mut other);
    assert_eq!(store.health().unwrap().problems, Vec::<String>::new());
}

#[test]
fn a_file_that_is_no_backup_is_not_restored() {
    let (_keep, mut store) = open_queue();
    let ticket = file_one(&mut store);
    let other = store.path().with_file_name("other.db");
    std::fs::write(&other, b"not a database, but long enough to be looked at by anybody").unwrap();
    assert!(matches!(store.restore_from(&other), Err(StoreError::Corrupt(_))));
    assert!(store.read(&mut |desk| desk.ticket(&ticket.id)).unwrap().is_some());
}

const SCHEMA_1: &[u8] = include_bytes!("../../../tests/data/schema-1.db");

fn released(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let (folder, path) = queue();
    place::prepare(&path).unwrap();
    crate::files::create_private(&path, bytes).unwrap();
    (folder, path)
}

#[test]
fn a_database_of_schema_1_opens_and_goes_on() {
    let (_keep, path) = released(SCHEMA_1);
    let mut store = SqliteStore::open(&path).unwrap();
    let all =
        store.read(&mut |desk| desk.list(&Default::default(), crate::store::Page { skip: 0, limit: 9 }));
    let all = all.unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].filed.request.exec().argv[0].plain(), Some("rm"));
    assert_eq!(store.read(&mut |desk| desk.events_of(&all[0].id)).unwrap().len(), 1);
    file_one(&mut store);
}

#[test]
fn waiting_is_as_long_as_told() {
    let (_keep, mut store) = open_queue();
    store.set_patience(Duration::ZERO).unwrap();
    assert_eq!(schema::number(store.connected().unwrap(), "PRAGMA busy_timeout").unwrap(), 0);
}
