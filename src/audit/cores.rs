//! Work on a list, spread over the machine's cores.
//! Starts threads and joins them all.

/// Less than this is done sooner than a thread is started.
const FEWEST: usize = 16;

/// Does `work` on the parts of `items`, each on a core of its own; the results keep their order.
pub fn beside<T: Send, U: Send>(mut items: Vec<T>, work: impl Fn(Vec<T>) -> Vec<U> + Sync) -> Vec<U> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let part = items.len().div_ceil(cores).max(FEWEST);
    let mut others = Vec::new();
    while items.len() > part {
        others.push(items.split_off(items.len() - part));
    }
    let work = &work;
    std::thread::scope(|scope| {
        let others: Vec<_> = others.into_iter().map(|part| scope.spawn(move || work(part))).collect();
        let mut done = work(items);
        for other in others.into_iter().rev() {
            // A part that was lost is not a part without faults.
            done.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        done
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_and_the_order_stays() {
        for length in [0, 1, 15, 16, 17, 32, 33, 100, 1001] {
            let items: Vec<usize> = (0..length).collect();
            let doubled = beside(items.clone(), |part| part.into_iter().map(|item| item * 2).collect());
            assert_eq!(doubled, items.iter().map(|item| item * 2).collect::<Vec<_>>(), "{length}");
        }
    }
}
