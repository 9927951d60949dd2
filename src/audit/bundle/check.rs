//! Whether a bundle's files are the ones its list names, and the list the one its log key vouches for.
//! Reads every file once, on every core.

use std::collections::BTreeSet;
use std::io::{self, Read as _};

use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use super::lines::Lines;
use super::{BundleError, EVENTS, Files, MANIFEST, Named, SUMS, SUMS_NOTE, named};
use crate::audit::fault::{Fault, Faults};
use crate::audit::threads::on_every_core;
use crate::ids::Digest;
use crate::log::logkey::LogVerifier;
use crate::log::sums::SignedSums;

/// How many files are hashed before the next lines of the list are read.
const AT_ONCE: usize = 512;
/// A note is three lines.
const LONGEST_NOTE: u64 = 4096;

/// Holds every file against the list, and the list against its note by `key`.
///
/// # Errors
/// When something is there and cannot be read.
pub fn files(files: &Files, key: Option<&LogVerifier>, faults: &mut Faults) -> Result<(), BundleError> {
    let Some(part) = files.part(SUMS)? else {
        faults.of_file(SUMS, "file", "missing", "there");
        return Ok(());
    };
    let mut lines = Lines::of(part);
    let mut listed = 0_usize;
    loop {
        let batch = batch(&mut lines)?;
        listed += batch.len();
        let done = batch.len() < AT_ONCE;
        let found: Vec<_> = on_every_core(|| batch.par_iter().map(|line| listed_file(files, line)).collect());
        for found in found {
            if let Some(fault) = found? {
                faults.add(fault);
            }
        }
        if done {
            break;
        }
    }
    vouched(files, key, faults)?;
    strangers(files, listed, faults)
}

fn batch(lines: &mut Lines) -> Result<Vec<String>, BundleError> {
    let mut batch = Vec::new();
    while batch.len() < AT_ONCE {
        match lines.next().map_err(|error| BundleError::io(SUMS, error))? {
            Some(line) => batch.push(line.unwrap_or_else(str::to_owned)),
            None => break,
        }
    }
    Ok(batch)
}

/// The digest and the name in a line of the list, in the one spelling that sha256sum(1) gives.
fn parts(line: &str) -> Option<(Digest, &str)> {
    let (digits, name) = line.split_at_checked(64)?;
    let digest = format!("sha256:{digits}").parse().ok()?;
    name.strip_prefix("  ").map(|name| (digest, name))
}

fn listed_file(files: &Files, line: &str) -> Result<Option<Fault>, BundleError> {
    let fault = |file: &str, found: String, wanted: String| Fault {
        file: Some(file.to_owned()),
        ..Fault::at(0, "content", found, wanted)
    };
    let Some((listed, name)) = parts(line) else {
        return Ok(Some(fault(SUMS, format!("a line {line:?}"), "a digest and a name".to_owned())));
    };
    let Some(binds) = named(name) else {
        return Ok(Some(fault(SUMS, format!("a line for {name:?}"), "of files of a bundle".to_owned())));
    };
    let Some(found) = digest_of(files, name)? else {
        return Ok(Some(fault(name, "missing".to_owned(), listed.to_string())));
    };
    let wrong = [Some(listed), digest_in(binds)].into_iter().flatten().find(|wanted| *wanted != found);
    Ok(wrong.map(|wanted| fault(name, found.to_string(), wanted.to_string())))
}

const fn digest_in(named: Named) -> Option<Digest> {
    match named {
        Named::Digest(digest) => Some(digest),
        Named::Freely => None,
    }
}

fn digest_of(files: &Files, name: &str) -> Result<Option<Digest>, BundleError> {
    let Some(mut part) = files.part(name)? else { return Ok(None) };
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; usize::try_from(part.left().clamp(1, 1 << 18)).unwrap_or(1 << 18)];
    loop {
        match part.read(&mut buffer) {
            Ok(0) => return Ok(Some(Digest::from_bytes(hasher.finalize().into()))),
            Ok(count) => hasher.update(buffer.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(BundleError::io(name, error)),
        }
    }
}

fn vouched(files: &Files, key: Option<&LogVerifier>, faults: &mut Faults) -> Result<(), BundleError> {
    let Some(note) = files.part(SUMS_NOTE)? else {
        faults.of_file(SUMS_NOTE, "file", "missing", "there");
        return Ok(());
    };
    let mut text = String::new();
    let read = note.take(LONGEST_NOTE).read_to_string(&mut text);
    let note = read
        .map_err(|error| error.to_string())
        .and_then(|_| SignedSums::parse(&text).map_err(|error| error.to_string()));
    let list = digest_of(files, SUMS)?.unwrap_or_else(|| Digest::of(b""));
    let verified = note.and_then(|note| match key {
        Some(key) => note.verify(key, &list).map_err(|error| error.to_string()),
        None => Err("of a log whose key is not known".to_owned()),
    });
    if let Err(why) = verified {
        faults.of_file(SUMS_NOTE, "signature", why, "this log's key's, over the list as it is");
    }
    Ok(())
}

/// Files that no line of the list names, or that are no files.
fn strangers(files: &Files, listed: usize, faults: &mut Faults) -> Result<(), BundleError> {
    let mut there = 0_usize;
    files.each(&mut |name, plain| {
        if !plain {
            faults.of_file(name, "file", "not a plain file of a bundle", "not there");
        } else if name != SUMS && name != SUMS_NOTE {
            there += 1;
        }
    })?;
    if there == listed {
        return Ok(());
    }
    let names = names(files)?;
    files.each(&mut |name, plain| {
        if plain && name != SUMS && name != SUMS_NOTE && !names.contains(name) {
            faults.of_file(name, "file", "not in the list", "not there");
        }
    })?;
    if names.len() < listed {
        faults.of_file(SUMS, "content", format!("{listed} lines for {} files", names.len()), "a line a file");
    }
    Ok(())
}

fn names(files: &Files) -> Result<BTreeSet<String>, BundleError> {
    let mut names = BTreeSet::new();
    let Some(part) = files.part(SUMS)? else { return Ok(names) };
    let mut lines = Lines::of(part);
    loop {
        match lines.next().map_err(|error| BundleError::io(SUMS, error))? {
            Some(Ok(line)) => names.extend(parts(&line).map(|(_, name)| name.to_owned())),
            Some(Err(_)) => {}
            None => return Ok(names),
        }
    }
}

/// Whether any of what makes a bundle is there.
///
/// # Errors
/// When it is there and cannot be read.
pub fn is_one(files: &Files) -> Result<bool, BundleError> {
    for name in [MANIFEST, EVENTS, SUMS] {
        if files.part(name)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
