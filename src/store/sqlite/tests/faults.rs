//! Disks that fill, commits that fail, accounts that may only read.

use std::process::{Command, Stdio};

use nix::sys::signal::{SigSet, Signal};
use rustix::process::{Resource, Rlimit, setrlimit};

use super::*;
use crate::ids::Digest;

fn failure(code: std::os::raw::c_int) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None)
}

fn newest(store: &mut SqliteStore) -> Appended {
    let head = store.read(&mut |desk| desk.head()).unwrap();
    Appended { seq: head.frontier.size() - 1, leaf: head.leaf }
}

fn settle(store: &SqliteStore, last: &Appended, code: std::os::raw::c_int) -> Result<Settled, StoreError> {
    fence::settle(&store.place, Duration::from_millis(20), last, &failure(code)).map(|(_, settled)| settled)
}

const EIO: std::os::raw::c_int = rusqlite::ffi::SQLITE_IOERR_FSYNC;

#[test]
fn a_full_database_records_nothing_and_goes_on_when_there_is_room() {
    let (_keep, mut store) = open_queue();
    file_one(&mut store);
    let before = store.read(&mut |desk| desk.head()).unwrap();
    let pages = schema::number(store.connected().unwrap(), "PRAGMA page_count").unwrap();
    let set = |store: &mut SqliteStore, pages: i64| {
        store.connected().unwrap().pragma_update(None, "max_page_count", pages).unwrap();
    };
    set(&mut store, pages);
    let bytes = vec![7; 100_000];
    let refused = store.write(&mut |desk| {
        story::log(desk, None, "policy")?;
        desk.put_blob(&Digest::of(&bytes), &bytes)
    });
    assert!(matches!(refused, Err(StoreError::CannotRecord(why)) if why.contains("full")));
    assert_eq!(store.read(&mut |desk| desk.head()).unwrap(), before);
    set(&mut store, pages + 1000);
    file_one(&mut store);
}

#[test]
fn a_commit_that_failed_and_left_nothing_is_said_to_have_recorded_nothing() {
    let (_keep, mut store) = open_queue();
    file_one(&mut store);
    let before = store.read(&mut |desk| desk.head()).unwrap();
    store.connected().unwrap().commit_hook(Some(|| true)).unwrap();
    let refused = store.write(&mut |desk| story::log(desk, None, "policy"));
    assert!(matches!(refused, Err(StoreError::CannotRecord(_))), "{refused:?}");
    assert_eq!(store.read(&mut |desk| desk.head()).unwrap(), before);
    // The hook went with the connection that failed.
    assert_eq!(store.write(&mut |desk| story::log(desk, None, "policy")), Ok(1));
    assert!(!store.was_fenced());
}

#[test]
fn a_failed_commit_without_an_event_is_done_again() {
    let (_keep, mut store) = open_queue();
    store.connected().unwrap().commit_hook(Some(|| true)).unwrap();
    let mut calls = 0;
    let digest = Digest::of(b"kept");
    let done = store.write(&mut |desk| {
        calls += 1;
        desk.put_blob(&digest, b"kept")
    });
    assert_eq!((done, calls), (Ok(()), 2));
    assert_eq!(store.read(&mut |desk| desk.blob(&digest)).unwrap().as_deref(), Some(&b"kept"[..]));
}

#[test]
fn what_is_found_committed_is_moved_into_the_database_itself() {
    let (_keep, mut store) = open_queue();
    file_one(&mut store);
    let last = newest(&mut store);
    assert_eq!(settle(&store, &last, EIO), Ok(Settled::Recorded));
    assert_eq!(store.place.beside("-wal").metadata().unwrap().len(), 0, "nothing is left to a recovery");
}

#[test]
fn what_is_not_found_is_written_over() {
    let (_keep, mut store) = open_queue();
    file_one(&mut store);
    let last = newest(&mut store);
    let other = Appended { leaf: Digest::of(b"another event with this number"), ..last };
    let next = Appended { seq: last.seq + 1, ..last };
    for absent in [other, next] {
        assert_eq!(settle(&store, &absent, EIO), Ok(Settled::NotRecorded));
        assert!(store.place.beside("-wal").metadata().unwrap().len() > 0, "a page of ours is in the log");
    }
}

#[test]
fn while_a_reader_keeps_the_log_the_outcome_of_a_found_commit_is_unknown() {
    let (_keep, mut store) = open_queue();
    let reader = rusqlite::Connection::open(store.path()).unwrap();
    file_one(&mut store);
    reader.execute_batch("BEGIN; SELECT * FROM head").unwrap();
    file_one(&mut store);
    let last = newest(&mut store);
    assert!(matches!(settle(&store, &last, EIO), Err(StoreError::OutcomeUnknown(_))));
}

#[test]
fn when_even_the_fence_cannot_be_written_only_a_refused_write_is_certain() {
    let (_keep, mut store) = open_queue();
    file_one(&mut store);
    let last = newest(&mut store);
    let next = Appended { seq: last.seq + 1, ..last };
    let foreign = rusqlite::Connection::open(store.path()).unwrap();
    foreign.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(matches!(settle(&store, &next, EIO), Err(StoreError::OutcomeUnknown(_))));
    assert_eq!(settle(&store, &next, rusqlite::ffi::SQLITE_FULL), Ok(Settled::NotRecorded));
    assert_eq!(settle(&store, &next, rusqlite::ffi::SQLITE_IOERR_WRITE), Ok(Settled::NotRecorded));
}

/// Not a test: the process of the test below, which may not make files longer than they are.
#[test]
#[ignore = "a process of another test"]
fn write_to_the_queue_named_on_standard_input_on_a_full_disk() {
    let mut path = String::new();
    std::io::stdin().read_line(&mut path).unwrap();
    let mut store = SqliteStore::open(path.trim_end().as_ref()).unwrap();
    file_one(&mut store);
    let before = store.read(&mut |desk| desk.head()).unwrap();
    let mut ignored = SigSet::empty();
    ignored.add(Signal::SIGXFSZ);
    ignored.thread_block().unwrap();
    let room = |bytes| {
        setrlimit(Resource::Fsize, Rlimit { current: Some(bytes), maximum: None }).unwrap();
    };
    for more in [0, 5000, 20_000] {
        room(store.place.beside("-wal").metadata().unwrap().len() + more);
        let mut ticket = story::ticket(1000, 900);
        let joins = story::joins(&ticket);
        let refused = story::file(&mut store, &mut ticket, &joins);
        assert!(matches!(refused, Err(StoreError::CannotRecord(_))), "{refused:?}");
        assert_eq!(store.read(&mut |desk| desk.head()).unwrap(), before);
    }
    room(1 << 30);
    file_one(&mut store);
}

#[test]
fn a_disk_that_fills_at_the_commit_records_nothing_and_the_queue_goes_on_after() {
    use std::io::Write as _;
    let (_keep, store) = open_queue();
    let name = "store::sqlite::tests::faults::write_to_the_queue_named_on_standard_input_on_a_full_disk";
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", name]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut process = command.spawn().unwrap();
    writeln!(process.stdin.take().unwrap(), "{}", store.path().display()).unwrap();
    let output = process.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let (size, _) = store_after(store);
    assert_eq!(size, 2);
}

fn store_after(mut store: SqliteStore) -> (u64, Vec<String>) {
    let size = store.read(&mut |desk| desk.head()).unwrap().frontier.size();
    (size, store.health().unwrap().problems)
}

#[test]
fn a_queue_that_may_only_be_read_says_so_before_anything_is_tried() {
    let (_keep, mut store) = open_queue();
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    store.connection = Some(rusqlite::Connection::open_with_flags(store.path(), flags).unwrap());
    let refused = store.write(&mut |desk| story::log(desk, None, "policy"));
    assert!(matches!(refused, Err(StoreError::CannotRecord(why)) if why.contains("read-only")));
    assert!(store.read(&mut |desk| desk.head()).is_ok());
}
