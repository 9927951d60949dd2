//! What an atom does beyond itself: the paths it reads, writes and deletes, and the hosts it talks to.
//! Pure, told by its words and tables of programs; a program that is in no table is not known.
//! Everything that may happen is listed; only when `complete` is it certain that nothing else does.

mod host;
mod links;
mod names;
mod place;
mod row;
mod special;
mod table;
mod zone;

use std::borrow::Cow;

pub use host::Host;
pub use links::{Links, Step, is_pattern, walk};
pub use place::Place;
pub use zone::{Ground, Zone, Zones};

use super::argv::{Sure, base_name};
use super::atoms::Atom;
use row::{Role, Told, Used};

// How many targets, and sources of each, are looked at for links of the same name.
const MOST_COPIES: usize = 64;

/// What happens to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Its content, or what is said of it, is read.
    Reads,
    /// It is made or changed.
    Writes,
    /// It is taken away.
    Deletes,
}

/// What one atom does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Effects<'a> {
    /// The paths, each with what happens to it.
    pub paths: Vec<(Effect, Place<'a>)>,
    /// The machines it talks to.
    pub hosts: Vec<Host>,
    /// Code given to a database's client.
    pub code: Vec<(&'a [u8], Sure)>,
    /// Whether that is all the code it is given: none comes from elsewhere.
    pub is_all_code: bool,
    /// Whether it certainly does nothing else to files and talks to no other machine.
    pub complete: bool,
}

/// The effects of `atom`, whose program may also be `resolved`, a base name; none when that is not known.
#[must_use]
pub fn of<'a>(atom: &'a Atom<'a>, resolved: Option<&[u8]>, ground: &Ground<'_>) -> Option<Effects<'a>> {
    let told = told(atom, resolved)?;
    let mut effects = Effects { complete: told.complete && !atom.elsewhere, ..Effects::default() };
    effects.is_all_code =
        told.complete && !told.used.iter().any(|used| matches!(used.role, Role::Orders | Role::More));
    let code = told.used.iter().filter(|used| used.role == Role::Code);
    effects.code = code.map(|used| (used.text, used.sure)).collect();
    for Used { text, sure, role } in &told.used {
        effects.hosts.extend(Host::of(text, *sure, *role));
        effects.complete &= !(role.is_more() || *role == Role::Link && goes_up(text));
    }
    let folder = atom.folder.as_deref();
    for (effect, text, sure) in paths(&told) {
        let places = Place::all(text, sure, folder, ground, effect);
        effects.paths.extend(places.into_iter().map(|place| (effect, place)));
    }
    if !ground.links.is_empty() {
        effects.paths.extend(copied(atom, resolved, &told, ground));
    }
    // A link copied from elsewhere leads elsewhere, and what is written through it later with it.
    let near = |(effect, place): &(Effect, Place<'_>)| {
        *effect != Effect::Reads || matches!(place.zone, Some(Zone::Repository | Zone::Temporary))
    };
    effects.complete &= !told.links || effects.paths.iter().all(near);
    Some(effects)
}

/// The words of `atom` that name paths, and the names that it gives copies; those that links are looked for on.
#[must_use]
pub fn named<'a>(atom: &'a Atom<'a>, resolved: Option<&[u8]>) -> Vec<(Cow<'a, [u8]>, Sure)> {
    let Some(told) = told(atom, resolved) else { return Vec::new() };
    let words = paths(&told).map(|(_, text, sure)| (Cow::Borrowed(text), sure));
    let copies = copies(atom, resolved, &told).into_iter().map(|(text, sure)| (text.into(), sure));
    words.chain(copies).collect()
}

fn told<'a>(atom: &'a Atom<'a>, resolved: Option<&[u8]>) -> Option<Told<'a>> {
    let (program, words) = atom.words.split_first()?;
    if !atom.is_command {
        return redirection(base_name(&program.text), words);
    }
    let asked = base_name(&program.text);
    let other = resolved.filter(|name| *name != asked).and_then(|name| tell(name, words));
    both(tell(asked, words), other)
}

// Every path in the words, and the folder where nothing is named.
fn paths<'a>(told: &Told<'a>) -> impl Iterator<Item = (Effect, &'a [u8], Sure)> {
    let used = told.used.iter().flat_map(|Used { text, sure, role }| {
        touched(*role, text).iter().map(move |effect| (*effect, path_of(*role, text), *sure))
    });
    used.chain(told.here.map(|effect| (effect, &b"."[..], Sure::Exact)))
}

// What is copied into a folder is written through a link of the same name there.
fn copied<'a>(
    atom: &Atom<'_>,
    resolved: Option<&[u8]>,
    told: &Told<'_>,
    ground: &Ground<'_>,
) -> Vec<(Effect, Place<'a>)> {
    let place = |(text, sure): (Vec<u8>, Sure)| {
        let places = Place::all(&text, sure, atom.folder.as_deref(), ground, Effect::Writes);
        let led = |place: Place<'_>| Place { text: place.text.into_owned().into(), ..place };
        let is_open = places.len() > 1 || places.iter().any(|place| place.zone.is_none());
        let wanted = places.into_iter().skip_while(move |_| !is_open);
        wanted.map(led).map(|place| (Effect::Writes, place)).collect::<Vec<_>>()
    };
    copies(atom, resolved, told).into_iter().flat_map(place).collect()
}

// The paths that cp(1) gives what it copies, where the target is a folder.
fn copies(atom: &Atom<'_>, resolved: Option<&[u8]>, told: &Told<'_>) -> Vec<(Vec<u8>, Sure)> {
    let names = [atom.words.first().map(|word| base_name(&word.text)), resolved];
    if !atom.is_command || !names.into_iter().flatten().any(|name| matches!(name, b"cp" | b"gcp")) {
        return Vec::new();
    }
    let of = |wanted: Effect| {
        let is = move |(effect, _, sure): &(Effect, &[u8], Sure)| {
            *effect == wanted && matches!(sure, Sure::Exact | Sure::Files)
        };
        paths(told).filter(is).map(|(_, text, sure)| (text, sure))
    };
    let into = |(target, _): (&[u8], Sure)| {
        let names = of(Effect::Reads).map(|(text, sure)| (base_name(text), sure));
        let copy = |(name, sure): (&[u8], Sure)| ([target, b"/", name].concat(), sure);
        names.filter(|(name, _)| !name.is_empty()).map(copy).take(MOST_COPIES).collect::<Vec<_>>()
    };
    of(Effect::Writes).take(MOST_COPIES).flat_map(into).collect()
}

/// Whether it is known what the program of this base name does.
#[must_use]
pub fn knows(name: &[u8]) -> bool {
    special::knows(name) || table::row(name).is_some()
}

fn tell<'a>(name: &[u8], words: &'a [super::argv::Word<'a>]) -> Option<Told<'a>> {
    special::tell(name, words).or_else(|| table::row(name).map(|row| row.tell(words)))
}

// A program that bears two names may be either.
fn both<'a>(asked: Option<Told<'a>>, other: Option<Told<'a>>) -> Option<Told<'a>> {
    match (asked, other) {
        (Some(mut asked), Some(other)) => {
            asked.used.extend(other.used);
            asked.here = asked.here.or(other.here);
            asked.complete = false;
            Some(asked)
        }
        (asked, other) => asked.or(other),
    }
}

fn redirection<'a>(operator: &[u8], words: &'a [super::argv::Word<'a>]) -> Option<Told<'a>> {
    let effects: &'static [Effect] = match operator {
        b">" | b">>" | b">|" | b"&>" | b"&>>" => &[Effect::Writes],
        b"<" => &[Effect::Reads],
        b"<>" => &[Effect::Reads, Effect::Writes],
        _ => return None,
    };
    let used = words.iter().map(|word| Used { text: &word.text, sure: word.sure, role: Role::Path(effects) });
    Some(Told { used: used.collect(), complete: true, ..Told::default() })
}

// What happens to the path in a word, if it is one.
fn touched(role: Role, text: &[u8]) -> &'static [Effect] {
    match role {
        Role::Path(effects) => effects,
        Role::Orders => &[Effect::Reads],
        // What is written through a link is written to what it leads to.
        Role::Link => &[Effect::Reads, Effect::Writes],
        Role::Remote(effects) if !host::is_remote(text) => effects,
        Role::Data if text.iter().any(|b| matches!(b, b'@' | b'<')) => &[Effect::Reads],
        Role::Url if text.starts_with(b"file:") => &[Effect::Reads],
        _ => &[],
    }
}

// Seen from another folder than the working one it may lead anywhere.
fn goes_up(text: &[u8]) -> bool {
    !text.starts_with(b"/") && text.split(|&b| b == b'/').any(|part| part == b"..")
}

fn path_of(role: Role, text: &[u8]) -> &[u8] {
    match role {
        Role::Data => text.splitn(2, |b| matches!(b, b'@' | b'<')).nth(1).unwrap_or(text),
        Role::Url => text.strip_prefix(b"file://").unwrap_or(text),
        _ => text,
    }
}

/// Every machine that some word of the atom may name, whatever its program.
pub fn hosts_seen<'a>(atom: &'a Atom<'a>) -> impl Iterator<Item = Host> + use<'a> {
    atom.words.iter().filter_map(|word| Host::seen_in(&word.text, word.sure))
}

#[cfg(test)]
mod tests;
