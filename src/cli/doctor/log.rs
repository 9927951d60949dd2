//! The chain of events as it lies in the queue: every leaf, every root, every node of the tree, no gap.
//! Reads events in pages; signatures are `audit verify`'s.

use crate::cli::open::EngineQueue;
use crate::log::tree::{Frontier, leaf_hash};
use crate::queue::QueueError;
use crate::store::{EventRow, Read, StoreError};

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
        match queue.read(&mut |read| Ok(page(read, edge.clone())?))? {
            Page::Whole(further) => edge = further,
            Page::Broken(problem) => return Ok(Chain::Broken(problem)),
            Page::End => break,
        }
    }
    // Others may have added events since; fewer than there were cannot be.
    if edge.size() < size {
        return Ok(Chain::Broken(format!("event {} is missing", edge.size())));
    }
    Ok(Chain::Whole(edge.size()))
}

/// What the next events are.
enum Page {
    End,
    Whole(Frontier),
    Broken(String),
}

fn page(read: &dyn Read, mut edge: Frontier) -> Result<Page, StoreError> {
    let rows = read.events(edge.size(), PAGE)?;
    for row in &rows {
        if let Some(problem) = broken(read, row, &mut edge)? {
            return Ok(Page::Broken(problem));
        }
    }
    Ok(if rows.is_empty() { Page::End } else { Page::Whole(edge) })
}

fn broken(read: &dyn Read, row: &EventRow, edge: &mut Frontier) -> Result<Option<String>, StoreError> {
    let seq = edge.size();
    if row.seq != seq {
        return Ok(Some(format!("event {seq} is missing")));
    }
    if leaf_hash(row.bytes.as_bytes()) != row.leaf {
        return Ok(Some(format!("event {seq} was changed after it was recorded")));
    }
    let nodes = edge.append(row.leaf);
    if edge.root() != row.root {
        return Ok(Some(format!("event {seq} or one before it is not the one recorded")));
    }
    // Without them nothing can be proven, and nobody can decide.
    for node in nodes {
        if read.node(node.level, node.index)? != Some(node.hash) {
            return Ok(Some(format!("the tree over event {seq} is not the one recorded")));
        }
    }
    Ok(None)
}
