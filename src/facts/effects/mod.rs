//! What an atom does beyond itself: the paths it reads, writes and deletes, and the hosts it talks to.
//! Pure, told by its words and tables of programs; a program that is in no table is not known.
//! Everything that may happen is listed; only when `complete` is it certain that nothing else does.

mod host;
mod names;
mod place;
mod row;
mod special;
mod table;
mod zone;

pub use host::Host;
pub use place::Place;
pub use zone::{Ground, Zone, Zones};

use super::argv::{Sure, base_name};
use super::atoms::Atom;
use row::{Role, Told, Used};

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
    let (program, words) = atom.words.split_first()?;
    let asked = base_name(&program.text);
    let told = if atom.is_command {
        let other = resolved.filter(|name| *name != asked).and_then(|name| tell(name, words));
        both(tell(asked, words), other)?
    } else {
        redirection(asked, words)?
    };
    let mut effects = Effects { complete: told.complete && !atom.elsewhere, ..Effects::default() };
    effects.is_all_code =
        told.complete && !told.used.iter().any(|used| matches!(used.role, Role::Orders | Role::More));
    let code = told.used.iter().filter(|used| used.role == Role::Code);
    effects.code = code.map(|used| (used.text, used.sure)).collect();
    let mut paths = Vec::new();
    let mut note = |text: &'a [u8], sure: Sure, effect: Effect| {
        let place = Place::of(text, sure, atom.folder.as_deref(), ground, effect);
        paths.extend(place.map(|place| (effect, place)));
    };
    for Used { text, sure, role } in &told.used {
        effects.hosts.extend(Host::of(text, *sure, *role));
        effects.complete &= !(role.is_more() || *role == Role::Link && goes_up(text));
        for effect in touched(*role, text) {
            note(path_of(*role, text), *sure, *effect);
        }
    }
    if let Some(effect) = told.here {
        note(b".", Sure::Exact, effect);
    }
    // A link copied from elsewhere leads elsewhere, and what is written through it later with it.
    let near = |(effect, place): &(Effect, Place<'_>)| {
        *effect != Effect::Reads || matches!(place.zone, Some(Zone::Repository | Zone::Temporary))
    };
    effects.complete &= !told.links || paths.iter().all(near);
    effects.paths = paths;
    Some(effects)
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
