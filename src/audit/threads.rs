//! The threads that an audit's work is spread over: one a core, or this one alone where no other can be started.
//! Starts them once for the process.

use std::sync::OnceLock;

use rayon::{ThreadPool, ThreadPoolBuilder};

/// Does `work` where what it does in parallel is spread over every core.
pub fn on_every_core<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    static THREADS: OnceLock<Option<ThreadPool>> = OnceLock::new();
    match THREADS.get_or_init(|| ThreadPoolBuilder::new().build().ok()) {
        Some(threads) => threads.install(work),
        None => alone(work),
    }
}

// A limit on processes is no reason to verify nothing. A thread that is alone already stays so.
fn alone<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    match ThreadPoolBuilder::new().num_threads(1).use_current_thread().build() {
        Ok(this) => this.install(work),
        Err(_) => work(),
    }
}

#[cfg(test)]
mod tests {
    use rayon::prelude::*;

    use super::*;

    fn doubled(length: usize) -> Vec<usize> {
        (0..length).into_par_iter().map(|number| number * 2).collect()
    }

    #[test]
    fn all_is_done_in_its_order_on_every_core_and_on_one() {
        let wanted: Vec<usize> = (0..1000).map(|number| number * 2).collect();
        assert_eq!(on_every_core(|| doubled(1000)), wanted);
        for _ in 0..2 {
            assert_eq!(alone(|| doubled(1000)), wanted);
        }
    }

    #[test]
    fn what_fails_on_another_core_is_not_taken_for_done() {
        let fails = || (0..100).into_par_iter().for_each(|number| assert_ne!(number, 77, "lost"));
        assert!(std::panic::catch_unwind(|| on_every_core(fails)).is_err());
        assert!(std::panic::catch_unwind(|| alone(fails)).is_err());
    }
}
