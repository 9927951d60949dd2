//! A path an atom touches: as written, where it lies, and how surely.
//! Pure.

use std::borrow::Cow;
use std::path::Path;

use super::Effect;
use super::names;
use super::zone::{Ground, Zone, Zones};
use crate::facts::argv::Sure;
use crate::facts::glob::absolute;

/// A path as an atom names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<'a> {
    /// As written.
    pub text: Cow<'a, [u8]>,
    /// From the root, without `.`, `..` and doubled slashes. Where the folder is not known the action's own stands
    /// for it, so that being elsewhere hides nothing from a rule that stops.
    pub path: Vec<u8>,
    /// A shell's pattern of file names.
    pub is_pattern: bool,
    /// The zones it may lie in, as far as its text tells.
    pub zones: Zones,
    /// Its zone, when that is certain.
    pub zone: Option<Zone>,
}

impl<'a> Place<'a> {
    /// What `text` names from `folder`; none when it is no file at all, as `/dev/null` and `-`.
    #[must_use]
    pub fn of(
        text: &'a [u8],
        sure: Sure,
        folder: Option<&Path>,
        ground: &Ground<'_>,
        effect: Effect,
    ) -> Option<Self> {
        if sure == Sure::Exact && is_no_file(text) {
            return None;
        }
        let start = folder.unwrap_or(ground.folder);
        let (path, known) = (absolute(start, text), known(text, sure));
        let base = absolute(start, known);
        let here = ground.zone(&path, effect);
        let zone = match sure {
            Sure::Exact => Some(here),
            Sure::Files => Some(here).filter(|zone| {
                let inside = ground.zone(&[&base, &b"/x"[..]].concat(), effect);
                let project = effect == Effect::Reads && matches!(inside, Zone::Repository | Zone::Temporary);
                stays(text, known, project) && *zone == inside && !ground.is_mixed(&base)
            }),
            Sure::Partly(_) | Sure::Split(_) => None,
        };
        let is_placed = folder.is_some() || text.starts_with(b"/");
        let mut zones = Zones::default().and(here).and(ground.zone(&path, Effect::Reads));
        if sure != Sure::Exact && text.starts_with(b"/") {
            zones = zones.and(ground.zone(&base, effect));
        }
        if effect == Effect::Deletes && ground.holds_handoff(&path) {
            zones = zones.and(Zone::Handoff);
        }
        let zone = zone.filter(|_| is_placed);
        Some(Self { text: text.into(), path, is_pattern: sure == Sure::Files, zones, zone })
    }

    /// All that `text` names from `folder`: the place its text tells of, and those that links on the way lead to.
    #[must_use]
    pub fn all(
        text: &'a [u8],
        sure: Sure,
        folder: Option<&Path>,
        ground: &Ground<'_>,
        effect: Effect,
    ) -> Vec<Self> {
        let Some(told) = Self::of(text, sure, folder, ground, effect) else { return Vec::new() };
        let start = folder.unwrap_or(ground.folder);
        // What is taken away is the link itself.
        let follows = effect != Effect::Deletes;
        let Some(ways) = ground.links.ways(start, text, sure, follows) else {
            return vec![Self { zone: None, ..told }];
        };
        let is_placed = folder.is_some() || text.starts_with(b"/");
        let other = |(text, sure): (Vec<u8>, Sure)| {
            let place = Place::of(&text, sure, None, ground, effect)?;
            let zone = place.zone.filter(|_| is_placed);
            Some(Self { text: place.text.into_owned().into(), zone, ..place })
        };
        std::iter::once(told.clone()).chain(ways.into_iter().filter_map(other)).collect()
    }
}

// The whole folders at its start that are certain.
pub(super) fn known(text: &[u8], sure: Sure) -> &[u8] {
    let end = match sure {
        Sure::Exact => return text,
        Sure::Files => text.iter().position(|b| matches!(b, b'*' | b'?' | b'[')).unwrap_or(0),
        Sure::Partly(known) | Sure::Split(known) => known.min(text.len()),
    };
    let start = text.get(..end).unwrap_or_default();
    let slash = start.iter().rposition(|&b| b == b'/').map_or(0, |at| at + 1);
    start.get(..slash).unwrap_or_default()
}

// Whether a pattern names nothing but what its text says of the zone: no way up, no telling names. What reads all that
// the project's folders show (`*`) asks for no name: it is as a search of them.
fn stays(text: &[u8], known: &[u8], all_is_read: bool) -> bool {
    let rest = text.get(known.len()..).unwrap_or_default();
    let tells = |part: &[u8]| names::may_be_telling(part) && !(all_is_read && part == b"*");
    rest.split(|&b| b == b'/').all(|part| part != b".." && !tells(part))
}

// Reading these reads no file, and what is written to them is gone or shown.
fn is_no_file(text: &[u8]) -> bool {
    const NONE: [&[u8]; 10] = [
        b"-",
        b"/dev/null",
        b"/dev/zero",
        b"/dev/full",
        b"/dev/random",
        b"/dev/urandom",
        b"/dev/stdin",
        b"/dev/stdout",
        b"/dev/stderr",
        b"/dev/tty",
    ];
    let descriptor =
        text.strip_prefix(b"/dev/fd/").is_some_and(|number| number.iter().all(u8::is_ascii_digit));
    NONE.contains(&text) || descriptor
}
