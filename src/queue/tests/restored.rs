//! A database that is put back, or a life that ends, at a bad moment.
//! For tests only.

use super::bench::{Bench, ONE, claim};
use crate::queue::memory::Memory;
use crate::queue::{InForce, Queue, QueueError};
use crate::store::sqlite::SqliteStore;
use crate::store::{Read, Store, StoreError, Write};
use crate::ticket::decision::Choice;

/// A store in which something happens right after the next commit.
struct Interrupted {
    store: SqliteStore,
    then: Option<Box<dyn FnOnce()>>,
}

impl Store for Interrupted {
    fn read<T, E: From<StoreError>>(
        &mut self,
        work: &mut dyn FnMut(&dyn Read) -> Result<T, E>,
    ) -> Result<T, E> {
        self.store.read(work)
    }

    fn write<T, E: From<StoreError>>(
        &mut self,
        work: &mut dyn FnMut(&mut dyn Write) -> Result<T, E>,
    ) -> Result<T, E> {
        let done = self.store.write(work);
        if let Some(then) = self.then.take() {
            then();
        }
        done
    }
}

#[test]
fn a_claim_that_a_restore_has_undone_is_not_executed() {
    let mut bench = Bench::new(ONE);
    let ticket = bench.file(&["terraform", "apply"]);
    bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    let mut restoring = bench.another_process();
    let store = SqliteStore::open(bench.queue.store().path()).unwrap();
    let then: Box<dyn FnOnce()> = Box::new(move || drop(restoring.begin_again().unwrap()));
    let store = Interrupted { store, then: Some(then) };
    let memory = Memory::new(&bench.folder.path().join("state"), &bench.identity.origin);
    let mut executor =
        Queue::new(store, Box::new(bench.clock.clone()), bench.folder.path().join("bells"), memory);
    let in_force = InForce { policy: &bench.policy, reviewers: &bench.reviewers };
    let authority = executor.authority(&ticket.id, in_force).unwrap();
    let claimed = executor.claim(authority, &claim(), 1);
    assert!(matches!(&claimed, Err(QueueError::Stale(why)) if why[0].contains("restored")), "{claimed:?}");
    let waiting = bench.file(&["terraform", "destroy"]);
    assert!(bench.decide(&waiting, Choice::Approve, "ana").is_ok(), "the new life is remembered and goes on");
}

/// The queue with an older copy of its file in place.
fn put_back(bench: &mut Bench, copy: &std::path::Path) {
    bench.queue.store().restore_from(copy).unwrap();
}

#[test]
fn what_was_cancelled_does_not_run_from_an_older_copy() {
    for cancels in [true, false] {
        let mut bench = Bench::new(ONE);
        let ticket = bench.file(&["terraform", "apply"]);
        bench.decide(&ticket, Choice::Approve, "ana").unwrap();
        let copy = bench.folder.path().join("copy.db");
        bench.queue.store().backup_to(&copy).unwrap();
        if cancels {
            bench.queue.cancel(&ticket.id, 1004).unwrap();
        }
        put_back(&mut bench, &copy);
        let claimed = bench.claim(&ticket.id);
        assert_eq!(claimed.is_err(), cancels, "{claimed:?}");
    }
}

#[test]
fn what_lapsed_does_not_run_from_an_older_copy_by_an_older_clock() {
    let mut bench = Bench::new(ONE);
    let ticket = bench.file(&["terraform", "apply"]);
    bench.decide(&ticket, Choice::Approve, "ana").unwrap();
    let copy = bench.folder.path().join("copy.db");
    bench.queue.store().backup_to(&copy).unwrap();
    bench.clock.set_wall(601);
    assert_eq!(bench.queue.ticket(&ticket.id).unwrap().state.word(), "expired");
    put_back(&mut bench, &copy);
    bench.clock.set_wall(-601);
    let claimed = bench.claim(&ticket.id);
    assert!(matches!(&claimed, Err(QueueError::Memory(_))), "{claimed:?}");
}
