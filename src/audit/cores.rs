//! Work on a list, spread over the machine's cores.
//! Starts threads and joins them all.

use std::thread::ScopedJoinHandle;

/// Less than this is done sooner than a thread is started.
const FEWEST: usize = 16;

/// How many cores a work is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cores {
    /// As many as there are.
    All,
    /// One is busy with something else.
    Others,
}

impl Cores {
    fn number(self) -> usize {
        let all = std::thread::available_parallelism().map_or(1, usize::from);
        match self {
            Self::All => all,
            Self::Others => all.saturating_sub(1).max(1),
        }
    }
}

/// Does `there` on another core while `here` is done on this one.
pub fn both<T: Send, U>(there: impl FnOnce() -> T + Send, here: impl FnOnce() -> U) -> (T, U) {
    std::thread::scope(|scope| {
        let there = scope.spawn(there);
        let here = here();
        (joined(there), here)
    })
}

/// Does `work` on the parts of `items`, each on a core of its own; the results keep their order.
pub fn beside<T: Send, U: Send>(
    cores: Cores,
    mut items: Vec<T>,
    work: impl Fn(Vec<T>) -> Vec<U> + Sync,
) -> Vec<U> {
    let part = items.len().div_ceil(cores.number()).max(FEWEST);
    let mut others = Vec::new();
    while items.len() > part {
        others.push(items.split_off(items.len() - part));
    }
    let work = &work;
    std::thread::scope(|scope| {
        let others: Vec<_> = others.into_iter().map(|part| scope.spawn(move || work(part))).collect();
        let mut done = work(items);
        for other in others.into_iter().rev() {
            done.extend(joined(other));
        }
        done
    })
}

// A part that was lost is not a part without faults.
fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_and_the_order_stays() {
        for length in [0, 1, 15, 16, 17, 32, 33, 100, 1001] {
            let items: Vec<usize> = (0..length).collect();
            let all: Vec<_> = items.iter().map(|item| item * 2).collect();
            for cores in [Cores::All, Cores::Others] {
                let doubled =
                    beside(cores, items.clone(), |part| part.into_iter().map(|item| item * 2).collect());
                assert_eq!(doubled, all, "{length}");
            }
        }
    }

    #[test]
    fn what_is_done_on_another_core_is_waited_for_and_not_lost_when_it_fails() {
        let (mut here, list) = (0, vec![1, 2, 3]);
        let done = both(|| list.iter().sum::<i32>(), || here = 7);
        assert_eq!((done, here), ((6, ()), 7));
        let lost = std::panic::catch_unwind(|| both(|| panic!("lost"), || 1));
        assert!(lost.is_err());
    }
}
