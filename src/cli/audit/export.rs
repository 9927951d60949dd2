//! `audit export`: the log as a bundle, in a folder or a tar, up to a head that is signed for it.
//! Writes the bundle, and the signed head into the queue.

use std::path::Path;

use serde_json::json;

use super::verify::checkpoint;
use super::{log_key, views};
use crate::audit::bundle::Filter;
use crate::audit::export::{ExportError, Exported, Order, Target, export as exported};
use crate::cli::args::ExportArgs;
use crate::cli::error::CliError;
use crate::cli::open::{EngineQueue, Setup, shown};
use crate::cli::progress::Work;
use crate::clock::{Clock as _, SystemClock};
use crate::record::Text;
use crate::store::Identity;

/// `handoff audit export`.
///
/// # Errors
/// When the queue or its log key cannot be read, or the bundle cannot be written.
pub fn export(
    setup: &Setup,
    queue: &mut EngineQueue,
    identity: &Identity,
    args: &ExportArgs,
) -> Result<u8, CliError> {
    if let Some(format) = args.format {
        return views::view(setup, queue, identity, args, format);
    }
    let target = target(&args.output);
    if std::fs::symlink_metadata(target.path()).is_ok() {
        return Err(taken(&args.output));
    }
    let key = log_key(setup)?;
    let kept = args.checkpoint.iter().map(|path| Ok(checkpoint(path)?.unverified().size));
    let cuts = kept.collect::<Result<_, CliError>>()?;
    let head = queue.checkpoint(&key)?;
    let made = SystemClock::new().now().wall;
    let order = Order { identity, head: &head, key: &key, filter: filter(args), cuts, made };
    let mut work = Work::new("exporting", "the log");
    let done = exported(queue.store(), &target, &order, &mut |at, all| work.at(at, all));
    work.clear();
    let done = done.map_err(|error| match error {
        ExportError::Taken(_) => taken(&args.output),
        ExportError::Store(error) => error.into(),
        other => CliError::failed(other),
    })?;
    told(setup, &args.output, &order, &done)
}

/// A name that ends as a tar's does is one.
fn target(path: &Path) -> Target {
    if path.extension().is_some_and(|ending| ending == "tar") {
        Target::Archive(path.to_owned())
    } else {
        Target::Folder(path.to_owned())
    }
}

/// That something is where the export should go.
pub fn taken(path: &Path) -> CliError {
    CliError::failed(format!("{} is there already; nothing was written", shown(path)))
        .hint("name a place that is free; an export is never written over another")
}

/// Which tickets were asked for; nothing for all.
pub fn filter(args: &ExportArgs) -> Option<Filter> {
    let texts = |words: &[String]| words.iter().map(|word| Text::from(word.as_str())).collect();
    let filter = Filter {
        since: args.since,
        until: args.until,
        environment: texts(&args.environment),
        requester: texts(&args.requester),
        state: args.state.clone(),
    };
    (filter != Filter::default()).then_some(filter)
}

fn told(setup: &Setup, path: &Path, order: &Order<'_>, done: &Exported) -> Result<u8, CliError> {
    let head = order.head.unverified();
    if setup.out.json() {
        setup.out.object(&json!({
            "schema": "handoff.export.v1", "path": path.to_string_lossy(), "origin": head.origin,
            "size": head.size, "root": head.root, "events": done.events, "files": done.written.files,
            "bytes": done.written.bytes, "filtered": order.filter.is_some(),
        }))?;
        return Ok(0);
    }
    setup.out.line(&format!(
        "{} of {} events, {} files, {} bytes in {}",
        done.events,
        done.size,
        done.written.files,
        done.written.bytes,
        shown(path)
    ))?;
    setup.out.note(&format!("check it: handoff audit verify {}, or by its own VERIFY.md", shown(path)));
    Ok(0)
}
