//! Work on a list, spread over the machine's cores.
//! Starts threads and joins them all.

/// Does `work` on the parts of `items`, each on a core of its own; the results keep their order.
pub fn beside<T: Sync, U: Send>(items: &[T], work: impl Fn(&[T]) -> Vec<U> + Sync) -> Vec<U> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let part = items.len().div_ceil(cores).max(16);
    if items.len() <= part {
        return work(items);
    }
    let work = &work;
    std::thread::scope(|scope| {
        let parts: Vec<_> = items.chunks(part).map(|part| scope.spawn(move || work(part))).collect();
        // A part that was lost is not a part without faults.
        let done = |part: std::thread::ScopedJoinHandle<'_, Vec<U>>| {
            part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        parts.into_iter().flat_map(done).collect()
    })
}
