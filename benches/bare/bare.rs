//! Only the unavoidable part: one durable insert into a SQLite file, as any program would do it.
//! `bare DB [--inserts N] [--hash FILE] [--run PROGRAM]`; the inserts after the first come after the program.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a program to compare with")]

use std::process::{Command, Stdio};
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

const BYTES: usize = 2048;

fn main() {
    let mut words = std::env::args().skip(1);
    let mut db = open(&words.next().unwrap());
    let mut inserts = 1;
    while let Some(word) = words.next() {
        let value = words.next().unwrap();
        match word.as_str() {
            "--inserts" => inserts = value.parse().unwrap(),
            "--hash" => hash(&value),
            _ => {
                insert(&mut db);
                inserts -= 1;
                let status = Command::new(value).stdin(Stdio::null()).status().unwrap();
                assert!(status.success());
            }
        }
    }
    (0..inserts).for_each(|_| insert(&mut db));
}

fn open(path: &str) -> Connection {
    let db = Connection::open(path).unwrap();
    db.busy_timeout(Duration::from_secs(5)).unwrap();
    db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;").unwrap();
    db
}

fn insert(db: &mut Connection) {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    transaction.execute("INSERT INTO rows (bytes) VALUES (?1)", [vec![b'x'; BYTES]]).unwrap();
    transaction.commit().unwrap();
}

fn hash(path: &str) {
    use sha2::Digest as _;
    let digest = sha2::Sha256::digest(std::fs::read(path).unwrap());
    assert!(digest.len() == 32);
}
