//! The paths a part touches, for people and for data.
//! Pure.

use super::looked::Looked;
use crate::facts::argv::file_name;
use crate::facts::atoms::Atom;
use crate::facts::effects::{self, Effect, Ground, Place, Zone};

/// A path, and what happens to it.
pub(super) struct Touched {
    /// `reads`, `writes` or `deletes`.
    pub(super) how: &'static str,
    /// From the root where that is known, otherwise as written.
    pub(super) path: Vec<u8>,
    /// The zone it certainly lies in.
    pub(super) zone: Option<&'static str>,
}

/// The paths that part `number` touches, as far as is known.
pub(super) fn touched(looked: &Looked<'_>, number: usize, atom: &Atom<'_>) -> Vec<Touched> {
    let resolved = looked.resolved(number, atom).map(file_name);
    let effects = effects::of(atom, resolved, &Ground::of(&looked.facts.observed)).unwrap_or_default();
    effects.paths.into_iter().map(|(effect, place)| of(effect, place)).collect()
}

fn of(effect: Effect, place: Place<'_>) -> Touched {
    let how = match effect {
        Effect::Reads => "reads",
        Effect::Writes => "writes",
        Effect::Deletes => "deletes",
    };
    let named = |zone: Zone| Zone::ALL.iter().find(|(_, known)| *known == zone).map(|(name, _)| *name);
    Touched { how, path: place.path, zone: place.zone.and_then(named) }
}
