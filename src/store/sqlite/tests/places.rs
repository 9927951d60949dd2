//! Places that are refused, and files that change under an open queue.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use super::*;

fn refusal(path: &Path) -> String {
    match SqliteStore::open(path) {
        Err(StoreError::Unsafe(why)) => why,
        other => panic!("{other:?}"),
    }
}

fn closed_queue() -> (tempfile::TempDir, PathBuf) {
    let (keep, store) = open_queue();
    let path = store.path().to_owned();
    (keep, path)
}

#[test]
fn where_nothing_is_there_is_no_queue_and_none_is_made() {
    let (keep, path) = queue();
    assert!(matches!(SqliteStore::open(&path), Err(StoreError::Missing(_))));
    assert_eq!(keep.path().read_dir().unwrap().count(), 0);
}

#[test]
fn a_folder_or_file_that_others_can_write_is_refused() {
    let (_keep, path) = closed_queue();
    let folder = path.parent().unwrap();
    fs::set_permissions(folder, Permissions::from_mode(0o777)).unwrap();
    assert!(refusal(&path).contains("others can write"));
    fs::set_permissions(folder, Permissions::from_mode(0o700)).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
    assert!(refusal(&path).contains("others can write"));
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    assert!(SqliteStore::open(&path).is_ok());
}

#[test]
fn a_link_to_a_queue_is_refused_and_a_linked_folder_is_resolved() {
    let (keep, path) = closed_queue();
    let soft = path.with_file_name("soft.db");
    symlink(&path, &soft).unwrap();
    assert!(refusal(&soft).contains("symbolic link"));
    assert!(SqliteStore::create(&soft).is_err());
    let hard = path.with_file_name("hard.db");
    fs::hard_link(&path, &hard).unwrap();
    assert!(refusal(&hard).contains("hard links"));
    assert!(refusal(&path).contains("hard links"));
    fs::remove_file(&hard).unwrap();
    let folder = keep.path().join("shortcut");
    symlink(path.parent().unwrap(), &folder).unwrap();
    assert_eq!(SqliteStore::open(&folder.join("queue.db")).unwrap().path(), path);
}

#[test]
fn a_second_name_made_while_the_queue_is_open_stops_it() {
    let (_keep, mut store) = open_queue();
    let hard = store.path().with_file_name("hard.db");
    fs::hard_link(store.path(), &hard).unwrap();
    let refused = store.write(&mut |desk| story::log(desk, None, "policy"));
    assert!(matches!(refused, Err(StoreError::Unsafe(why)) if why.contains("hard links")));
    fs::remove_file(hard).unwrap();
    assert!(store.write(&mut |desk| story::log(desk, None, "policy")).is_ok());
}

#[test]
fn a_file_put_in_the_queues_place_while_it_is_open_is_not_used() {
    let (_keep, mut store) = open_queue();
    let (_other, other) = closed_queue();
    fs::rename(&other, store.path()).unwrap();
    for refused in [
        store.write(&mut |desk| story::log(desk, None, "policy")).map(drop),
        store.read(&mut |desk| desk.head()).map(drop),
    ] {
        assert!(matches!(refused, Err(StoreError::Unsafe(why)) if why.contains("was replaced")));
    }
    fs::remove_file(store.path()).unwrap();
    let refused = store.write(&mut |desk| story::log(desk, None, "policy"));
    assert!(matches!(refused, Err(StoreError::Unsafe(_))));
}

#[test]
fn a_queue_in_another_journal_mode_is_refused() {
    let (_keep, path) = closed_queue();
    let foreign = rusqlite::Connection::open(&path).unwrap();
    connection::use_rollback_journal(&foreign).unwrap();
    drop(foreign);
    assert!(refusal(&path).contains("journal mode is delete"));
}
