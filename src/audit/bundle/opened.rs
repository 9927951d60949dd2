//! A bundle as the trail an audit reads: its events from front to back, blobs by digest.
//! Reads the bundle's files; keeps one page and the sizes that statements name.

use std::cell::Cell;
use std::path::Path;

use super::lines::{Line, Lines};
use super::{
    BLOBS, BundleError, CARDS, CHECKPOINTS, EVENTS, Files, Left, MANIFEST, Manifest, POLICIES, REVIEWERS,
    STATEMENTS, TREE, by_digest, check,
};
use crate::audit::fault::Faults;
use crate::audit::trail::{End, Entry, OwnHead, Page, Row, Trail, TrailError};
use crate::escaped::Escaped;
use crate::ids::Digest;
use crate::log::checkpoint::SignedCheckpoint;
use crate::log::logkey::LogVerifier;
use crate::log::tree::Node;
use crate::record::{LONGEST, decode};
use crate::store::Read;

/// How many entries are read at a time.
const PAGE: usize = if cfg!(test) { 8 } else { 512 };
/// A signed head is short, also with its witnesses.
const LONGEST_HEAD: u64 = 16 * 1024;

/// A bundle whose files were held against their list.
#[derive(Debug)]
pub struct Bundle {
    files: Files,
    manifest: Option<Manifest>,
    events: Option<Lines>,
    tree: Option<Lines>,
    left: Option<Node>,
    at: u64,
    named: Vec<u64>,
    statements: Cell<u64>,
    faults: Faults,
}

impl Bundle {
    /// Opens a bundle and holds every file of it against the list.
    ///
    /// # Errors
    /// When there is none, or it cannot be read; what is wrong in it is a fault.
    pub fn open(path: &Path) -> Result<Self, BundleError> {
        let files = Files::open(path)?;
        if !check::is_one(&files)? {
            return Err(BundleError::NotOne(Escaped::os(path).into_string()));
        }
        let mut faults = Faults::default();
        let manifest = manifest(&files, &mut faults)?;
        let key = manifest.as_ref().and_then(|manifest| manifest.log_key.plain());
        let key = key.and_then(|key| key.parse::<LogVerifier>().ok());
        check::files(&files, key.as_ref(), &mut faults)?;
        let named = named_heads(&files)?;
        let (events, tree) = (files.part(EVENTS)?.map(Lines::of), files.part(TREE)?.map(Lines::of));
        let statements = Cell::new(0);
        let mut bundle = Self { files, manifest, events, tree, left: None, at: 0, named, statements, faults };
        bundle.left = bundle.next_left()?;
        Ok(bundle)
    }

    /// What was found wrong with its files so far, which is told once.
    #[must_use]
    pub fn take_faults(&mut self) -> Faults {
        std::mem::take(&mut self.faults)
    }

    /// What it says of itself.
    #[must_use]
    pub const fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref()
    }

    /// A subtree that was left out, from the next line that is one.
    fn next_left(&mut self) -> Result<Option<Node>, BundleError> {
        loop {
            let Some(line) = next(&mut self.tree, TREE)? else { return Ok(None) };
            let left = line.map_err(str::to_owned);
            match left.and_then(|line| decode::<Left>(&line).map_err(|error| error.to_string())) {
                Ok(Left { level, index, hash }) if level < 53 => {
                    return Ok(Some(Node { level, index, hash }));
                }
                Ok(_) => self.faults.of_file(TREE, "level", "too high", "below 53"),
                Err(why) => self.faults.of_file(TREE, "line", why, "a subtree that was left out"),
            }
        }
    }

    fn next_entry(&mut self) -> Result<Option<Entry>, BundleError> {
        let here = |node: &Node| node.index.checked_shl(u32::from(node.level));
        if let Some(node) = self.left.filter(|node| here(node) == Some(self.at)) {
            self.at = self.at.saturating_add(1 << node.level);
            self.left = self.next_left()?;
            return Ok(Some(Entry::Hidden(node)));
        }
        let Some(line) = next(&mut self.events, EVENTS)? else { return Ok(None) };
        let at = self.at;
        self.at = self.at.saturating_add(1);
        Ok(Some(match line {
            Ok(bytes) => Entry::Event(Row { bytes, kept: None }),
            Err(why) => Entry::Damaged(at, why.to_owned()),
        }))
    }
}

fn next(lines: &mut Option<Lines>, file: &str) -> Result<Option<Line>, BundleError> {
    lines.as_mut().map_or(Ok(None), Lines::next).map_err(|error| BundleError::io(file, error))
}

fn manifest(files: &Files, faults: &mut Faults) -> Result<Option<Manifest>, BundleError> {
    let Some(text) = text(files, MANIFEST, LONGEST as u64)? else {
        faults.of_file(MANIFEST, "file", "missing", "there");
        return Ok(None);
    };
    match text.and_then(|text| decode(&text).map_err(|error| error.to_string())) {
        Ok(manifest) => Ok(Some(manifest)),
        Err(why) => {
            faults.of_file(MANIFEST, "record", why, "a bundle's manifest");
            Ok(None)
        }
    }
}

/// A short file's text, or what is wrong with it.
fn text(files: &Files, name: &str, longest: u64) -> Result<Option<Result<String, String>>, BundleError> {
    let Some(part) = files.part(name)? else { return Ok(None) };
    if part.left() > longest {
        return Ok(Some(Err("too long".to_owned())));
    }
    let bytes = files.bytes(name)?.unwrap_or_default();
    Ok(Some(String::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())))
}

/// The sizes of the heads that decisions name. Only a hint which roots to remember: what is missed here is
/// missing where it is asked for.
fn named_heads(files: &Files) -> Result<Vec<u64>, BundleError> {
    let Some(part) = files.part(EVENTS)? else { return Ok(Vec::new()) };
    let (mut lines, mut sizes) = (Lines::of(part), Vec::new());
    while let Some(line) = lines.next().map_err(|error| BundleError::io(EVENTS, error))? {
        sizes.extend(line.ok().as_deref().and_then(named_head));
    }
    Ok(sizes)
}

fn named_head(line: &str) -> Option<u64> {
    let (_, statement) = line.split_once(r#""what":{"decision":{"#)?;
    let (_, log) = statement.split_once(r#"\"log\":{"#)?;
    let (_, size) = log.split_once(r#"\"size\":"#)?;
    let digits = size.split_once('}')?.0;
    digits.parse().ok()
}

impl Trail for Bundle {
    fn page(&mut self, _: u64) -> Result<Page, TrailError> {
        let mut page = Page::default();
        while page.entries.len() < PAGE {
            match self.next_entry()? {
                Some(entry) => page.entries.push(entry),
                None => return Ok(page),
            }
        }
        page.more = true;
        page.next = Some(self.at);
        Ok(page)
    }

    fn heads(&self) -> Result<Vec<OwnHead>, TrailError> {
        let mut names = Vec::new();
        self.files.each(&mut |name, plain| {
            if plain && name.starts_with(CHECKPOINTS) {
                names.push(name.to_owned());
            }
        })?;
        let mut heads = Vec::new();
        for name in names {
            let Some(text) = text(&self.files, &name, LONGEST_HEAD)? else { continue };
            let head = text
                .and_then(|text| SignedCheckpoint::parse(&text).map_err(|error| error.to_string()))
                .and_then(|head| is_called(&name, head));
            heads.push(head);
        }
        Ok(heads)
    }

    fn named(&self) -> Vec<u64> {
        self.named.clone()
    }

    fn blob(&self, digest: &Digest) -> Result<Option<Vec<u8>>, TrailError> {
        for folder in [BLOBS, POLICIES, REVIEWERS] {
            if let Some(bytes) = self.files.bytes(&by_digest(folder, digest))? {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }

    fn shows(&self, card: &Digest) -> Result<bool, TrailError> {
        Ok(self.files.part(&by_digest(CARDS, card))?.is_some())
    }

    fn queue(&self) -> Option<&dyn Read> {
        None
    }

    fn copies(
        &self,
        seq: u64,
        statement: &str,
        signature: &str,
        faults: &mut Faults,
    ) -> Result<(), TrailError> {
        self.statements.set(self.statements.get() + 1);
        for (ending, wanted) in [("json", statement), ("json.sig", signature)] {
            let name = format!("{STATEMENTS}/{seq}.{ending}");
            match self.files.bytes(&name)? {
                Some(bytes) if bytes == wanted.as_bytes() => {}
                Some(bytes) => {
                    let (found, wanted) = (Digest::of(&bytes), Digest::of(wanted.as_bytes()));
                    faults.of_file(&name, "content", found, format!("{wanted}, as in event {seq}"));
                }
                None => faults.of_file(&name, "file", "missing", format!("as in event {seq}")),
            }
        }
        Ok(())
    }

    fn end(&self, end: &End<'_>, faults: &mut Faults) -> Result<(), TrailError> {
        self.faults.kept().iter().for_each(|fault| faults.add(fault.clone()));
        if let Some(left) = self.left {
            let found = format!("level {}, index {} left over", left.level, left.index);
            faults.of_file(TREE, "line", found, "subtrees in the order of the log");
        }
        self.count_statements(faults)?;
        let Some(manifest) = &self.manifest else { return Ok(()) };
        let mut same = |field: &'static str, found: String, wanted: String| {
            if found != wanted {
                faults.of_file(MANIFEST, field, found, wanted);
            }
        };
        let origin = end.origin.map(ToString::to_string).unwrap_or_default();
        same("origin", manifest.origin.to_string(), origin);
        let key = end.log_key.unwrap_or_default().to_owned();
        same("log_key", manifest.log_key.plain().unwrap_or_default().to_owned(), key);
        same("size", manifest.size.to_string(), end.size.to_string());
        same("root", manifest.root.to_string(), end.root.to_string());
        same("events", manifest.events.to_string(), end.shown.to_string());
        if let Some(life) = end.life {
            same("incarnation", manifest.incarnation.to_string(), life.to_string());
        }
        if manifest.filter.is_none() && end.shown != end.size {
            same("filter", "none".to_owned(), format!("one: {} of {} events are there", end.shown, end.size));
        }
        let head = format!("{CHECKPOINTS}/{}", manifest.size);
        if self.files.part(&head)?.is_none() {
            faults.of_file(&head, "file", "missing", "the signed head of the bundle");
        }
        Ok(())
    }
}

impl Bundle {
    fn count_statements(&self, faults: &mut Faults) -> Result<(), BundleError> {
        let mut there = 0_u64;
        self.files.each(&mut |name, plain| there += u64::from(plain && name.starts_with(STATEMENTS)))?;
        let wanted = self.statements.get() * 2;
        if there > wanted {
            faults.of_file(STATEMENTS, "files", there, format!("{wanted}: two for each signed statement"));
        }
        Ok(())
    }
}

fn is_called(name: &str, head: SignedCheckpoint) -> OwnHead {
    let size = head.unverified().size;
    if name == format!("{CHECKPOINTS}/{size}") {
        return Ok(head);
    }
    Err(format!("{name} is of {size} events"))
}
