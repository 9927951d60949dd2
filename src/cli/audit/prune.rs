//! `audit prune-blobs`: attachments, bound files and captured input of tickets that ended long ago, removed for good.
//! Writes into the queue what went, and then its file anew.

use serde_json::json;

use crate::cli::args::PruneArgs;
use crate::cli::error::CliError;
use crate::cli::open::{EngineQueue, Setup};
use crate::cli::progress::Work;
use crate::clock::Timestamp;
use crate::facts::observe::account;
use crate::queue::QueueError;
use crate::queue::prune::{Order, Pruned};
use crate::store::{Store as _, StoreError};

/// What went, or would go.
#[derive(Debug, Default)]
struct Sum {
    tickets: u64,
    payloads: u64,
    bytes: u64,
}

impl Sum {
    const fn add(&mut self, pruned: &Pruned) {
        self.tickets += 1;
        self.payloads += pruned.payloads;
        self.bytes += pruned.bytes;
    }
}

/// `handoff audit prune-blobs`.
///
/// # Errors
/// When the queue is damaged or cannot be written; what was removed until then is recorded, and told.
pub fn prune(setup: &Setup, queue: &mut EngineQueue, args: &PruneArgs) -> Result<u8, CliError> {
    let age = i64::try_from(args.older_than.as_millis()).unwrap_or(i64::MAX);
    let before = Timestamp::from_millis(queue.now().wall.millis().saturating_sub(age));
    let uid = account::requester(std::env::var_os("SUDO_UID").as_deref()).uid;
    let order = Order { before, uid };
    let size = queue.mark()?.size;
    let mut work = Work::new("looking through", "the log");
    let mut seen = |at| work.at(at, size);
    if args.dry_run {
        let tickets = queue.prunable(order, &mut seen);
        work.clear();
        return would(setup, order, &tickets?);
    }
    let mut sum = Sum::default();
    let pruned = queue.prune(order, &mut seen, &mut |pruned| sum.add(&pruned));
    work.clear();
    let wiped = if queue.store().is_unwiped() { Some(wiped(queue)) } else { None };
    told(setup, order, &sum, matches!(wiped, None | Some(Ok(()))))?;
    pruned.map_err(|error| match error {
        // What went before this is recorded, whatever a store says of its last transaction.
        QueueError::Store(error) if sum.payloads > 0 => {
            CliError::failed(format!("not all of it: {}", why(error)))
        }
        other => other.into(),
    })?;
    wiped.unwrap_or(Ok(()))?;
    Ok(0)
}

fn wiped(queue: &mut EngineQueue) -> Result<(), CliError> {
    let left = "what was removed may still be found in its files";
    queue.store().wipe().map_err(|error| {
        CliError::failed(format!("the queue could not be written anew, so {left}: {}", why(error)))
            .hint("the same again, with room for two more copies of it and while nobody else uses it")
    })
}

/// What hinders, without the word on what was recorded: that was before.
fn why(error: StoreError) -> String {
    match error {
        StoreError::CannotRecord(why) | StoreError::CannotRead(why) => why,
        StoreError::Busy(_) => "others have it open".to_owned(),
        other => other.to_string(),
    }
}

fn would(setup: &Setup, order: Order, tickets: &[Pruned]) -> Result<u8, CliError> {
    let mut sum = Sum::default();
    for pruned in tickets {
        sum.add(pruned);
        if !setup.out.json() {
            let Pruned { ticket, ended, payloads, bytes } = pruned;
            setup
                .out
                .line(&format!("{}  ended {ended}  {payloads} payloads, {bytes} bytes", ticket.code()))?;
        }
    }
    if setup.out.json() {
        return object(setup, order, &sum, true, false);
    }
    setup.out.note(&format!("would remove {}; nothing was removed", words(&sum, order)));
    Ok(0)
}

fn told(setup: &Setup, order: Order, sum: &Sum, wiped: bool) -> Result<u8, CliError> {
    if setup.out.json() {
        return object(setup, order, sum, false, wiped);
    }
    setup.out.line(&format!("removed {}", words(sum, order)))?;
    if sum.payloads > 0 {
        setup
            .out
            .note("the log names their digests and when they went; backups and exports keep what they hold");
    }
    Ok(0)
}

fn words(sum: &Sum, order: Order) -> String {
    let Sum { tickets, payloads, bytes } = sum;
    format!("{payloads} payloads ({bytes} bytes) of {tickets} tickets that ended before {}", order.before)
}

fn object(setup: &Setup, order: Order, sum: &Sum, dry_run: bool, wiped: bool) -> Result<u8, CliError> {
    setup.out.object(&json!({
        "schema": "handoff.prune.v1", "before": order.before, "dry_run": dry_run, "tickets": sum.tickets,
        "payloads": sum.payloads, "bytes": sum.bytes, "wiped": wiped,
    }))?;
    Ok(0)
}
