//! The chain of events as it lies in the queue: every leaf, every root, no gap.
//! Reads events in pages; signatures are `audit verify`'s.

use crate::cli::open::EngineQueue;
use crate::log::tree::{Frontier, leaf_hash};
use crate::queue::QueueError;
use crate::store::EventRow;

/// Events read at a time.
const PAGE: u64 = 1000;
/// More are left to `audit verify`, which takes its time.
const MOST: u64 = 500_000;

/// What was found.
pub enum Chain {
    /// Every event is where and what it should be, up to this many.
    Whole(u64),
    /// More than a look goes through.
    TooLong(u64),
    /// The first one that is not.
    Broken(String),
}

/// Goes through the log.
pub fn chain(queue: &mut EngineQueue) -> Chain {
    match walk(queue) {
        Ok(chain) => chain,
        Err(error) => Chain::Broken(error.to_string()),
    }
}

fn walk(queue: &mut EngineQueue) -> Result<Chain, QueueError> {
    let size = queue.read(&mut |read| Ok(read.head()?.frontier.size()))?;
    if size > MOST {
        return Ok(Chain::TooLong(size));
    }
    let mut edge = Frontier::new();
    loop {
        let from = edge.size();
        let rows = queue.read(&mut |read| Ok(read.events(from, PAGE)?))?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            if let Some(problem) = broken(row, &mut edge) {
                return Ok(Chain::Broken(problem));
            }
        }
    }
    // Others may have added events since; fewer than there were cannot be.
    if edge.size() < size {
        return Ok(Chain::Broken(format!("event {} is missing", edge.size())));
    }
    Ok(Chain::Whole(edge.size()))
}

fn broken(row: &EventRow, edge: &mut Frontier) -> Option<String> {
    let seq = edge.size();
    if row.seq != seq {
        return Some(format!("event {seq} is missing"));
    }
    if leaf_hash(row.bytes.as_bytes()) != row.leaf {
        return Some(format!("event {seq} was changed after it was recorded"));
    }
    edge.append(row.leaf);
    (edge.root() != row.root).then(|| format!("event {seq} or one before it is not the one recorded"))
}
