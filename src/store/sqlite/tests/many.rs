//! Many connections, threads and processes on one queue.

use std::process::{Command, Stdio};
use std::sync::{Arc, Barrier};
use std::thread;

use super::*;
use crate::ticket::{CancelledBy, Execution, State};

#[test]
fn of_two_who_change_a_ticket_at_once_one_wins() {
    let (_keep, mut store) = open_queue();
    for _ in 0..10 {
        let ticket = file_one(&mut store);
        let start = Arc::new(Barrier::new(2));
        let racers: Vec<_> = [
            story::approved(2000, Execution::Unclaimed {}),
            State::Cancelled { at: story::at(1), why: CancelledBy::Requester },
        ]
        .into_iter()
        .map(|state| {
            let (path, start) = (store.path().to_owned(), Arc::clone(&start));
            let mut ticket = ticket.clone();
            thread::spawn(move || {
                let mut store = SqliteStore::open(&path).unwrap();
                start.wait();
                story::step(&mut store, &mut ticket, state).unwrap().then_some(ticket)
            })
        })
        .collect();
        let winners: Vec<_> = racers.into_iter().filter_map(|racer| racer.join().unwrap()).collect();
        assert_eq!(winners.len(), 1);
        let kept = store.read(&mut |desk| desk.ticket(&ticket.id)).unwrap();
        assert_eq!(kept.as_ref(), winners.first());
        assert_eq!(store.read(&mut |desk| desk.events_of(&ticket.id)).unwrap().len(), 2);
    }
}

#[test]
fn writers_side_by_side_make_one_unbroken_log() {
    let (_keep, mut store) = open_queue();
    let writers: Vec<_> = (0..8)
        .map(|_| {
            let path = store.path().to_owned();
            thread::spawn(move || {
                let mut store = SqliteStore::open(&path).unwrap();
                (0..10).for_each(|_| drop(file_one(&mut store)));
            })
        })
        .collect();
    writers.into_iter().for_each(|writer| writer.join().unwrap());
    let (size, count) = store
        .read(&mut |desk| Ok::<_, StoreError>((desk.head()?.frontier.size(), desk.pending_of(1000)?)))
        .unwrap();
    assert_eq!((size, count), (80, 80));
}

#[test]
fn one_who_holds_the_database_too_long_is_named() {
    let (_keep, mut store) = open_queue();
    store.set_patience(Duration::from_millis(10)).unwrap();
    let mut holder = SqliteStore::open(store.path()).unwrap();
    let refused = holder.write(&mut |_| Ok::<_, StoreError>(store.write(&mut |desk| desk.head()))).unwrap();
    assert_eq!(refused, Err(StoreError::Busy(Some(std::process::id()))));
    assert!(refused.unwrap_err().to_string().contains("held by pid"));
}

/// Not a test: a process that stops in the middle of a transaction.
#[test]
#[ignore = "a process of another test"]
fn stop_inside_a_transaction_on_the_queue_named_on_standard_input() {
    let mut path = String::new();
    std::io::stdin().read_line(&mut path).unwrap();
    let mut store = SqliteStore::open(path.trim_end().as_ref()).unwrap();
    let work = store.write(&mut |desk| {
        story::log(desk, None, "policy")?;
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP).unwrap();
        // The stop reaches this thread by way of another one: on a busy machine that takes a moment.
        std::thread::sleep(Duration::from_millis(500));
        Ok::<_, StoreError>(())
    });
    work.unwrap();
}

/// A stopped process left behind would keep whoever listens to this one's output waiting for ever.
struct EndsWithTheTest(std::process::Child);

impl Drop for EndsWithTheTest {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_process_stopped_in_a_transaction_is_named_to_the_others_and_goes_on_later() {
    use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
    use std::io::Write as _;
    let (_keep, mut store) = open_queue();
    store.set_patience(Duration::from_millis(10)).unwrap();
    let name = "store::sqlite::tests::many::stop_inside_a_transaction_on_the_queue_named_on_standard_input";
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", name]).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut stopped = EndsWithTheTest(command.spawn().unwrap());
    let stopped = &mut stopped.0;
    writeln!(stopped.stdin.take().unwrap(), "{}", store.path().display()).unwrap();
    let pid = Pid::from_child(stopped);
    assert!(waitpid(Some(pid), WaitOptions::UNTRACED).unwrap().unwrap().1.stopped());

    let refused = store.write(&mut |desk| story::log(desk, None, "policy"));
    assert_eq!(refused, Err(StoreError::Busy(Some(stopped.id()))));
    assert_eq!(store.read(&mut |desk| desk.event(0)), Ok(None), "readers are not held up");
    kill_process(pid, Signal::CONT).unwrap();
    assert!(stopped.wait().unwrap().success());
    assert_eq!(store.write(&mut |desk| story::log(desk, None, "policy")), Ok(1));
}

#[test]
fn work_that_panics_leaves_no_transaction_open() {
    let (_keep, mut store) = open_queue();
    let before = store.read(&mut |desk| desk.head()).unwrap();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        store.write::<(), StoreError>(&mut |desk| {
            story::log(desk, None, "policy")?;
            panic!("on purpose")
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(store.read(&mut |desk| desk.head()).unwrap(), before);
    file_one(&mut store);
}

#[test]
fn threads_that_make_the_same_queue_at_once_make_one() {
    for _ in 0..5 {
        let (_keep, path) = queue();
        let start = Arc::new(Barrier::new(8));
        let makers: Vec<_> = (0..8)
            .map(|_| {
                let (path, start) = (path.clone(), Arc::clone(&start));
                thread::spawn(move || {
                    start.wait();
                    file_one(&mut SqliteStore::create(&path).unwrap());
                })
            })
            .collect();
        makers.into_iter().for_each(|maker| maker.join().unwrap());
        let mut store = SqliteStore::open(&path).unwrap();
        assert_eq!(store.read(&mut |desk| desk.pending_of(1000)).unwrap(), 8);
    }
}

/// Not a test: one process of the test below.
#[test]
#[ignore = "a process of another test"]
fn make_the_queue_named_on_standard_input() {
    let mut path = String::new();
    std::io::stdin().read_line(&mut path).unwrap();
    let mut store = SqliteStore::create(path.trim_end().as_ref()).unwrap();
    store.set_patience(Duration::from_secs(60)).unwrap();
    file_one(&mut store);
}

#[test]
fn processes_that_make_the_same_queue_at_once_make_one() {
    use std::io::Write as _;
    for _ in 0..3 {
        let (_keep, path) = queue();
        let me = std::env::current_exe().unwrap();
        let name = "store::sqlite::tests::many::make_the_queue_named_on_standard_input";
        let mut makers: Vec<_> = (0..16)
            .map(|_| {
                let mut command = Command::new(&me);
                command.args(["--ignored", "--exact", name]).stdin(Stdio::piped()).stdout(Stdio::null());
                command.spawn().unwrap()
            })
            .collect();
        for maker in &mut makers {
            writeln!(maker.stdin.take().unwrap(), "{}", path.display()).unwrap();
        }
        assert!(makers.iter_mut().all(|maker| maker.wait().unwrap().success()));
        let mut store = SqliteStore::open(&path).unwrap();
        assert_eq!(store.read(&mut |desk| desk.pending_of(1000)).unwrap(), 16);
        assert_eq!(store.health().unwrap().problems, Vec::<String>::new());
    }
}
