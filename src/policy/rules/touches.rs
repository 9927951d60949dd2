//! Conditions over what a command does to paths.
//! Pure. Without the word `only` they are wide; with it, everything of that kind must be certain.

use super::subject::Subject;
use crate::facts::effects::{Effect, Place, Zone};
use crate::facts::glob::Glob;

/// A place as a rule names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot {
    /// A zone: `@system`.
    Zone(Zone),
    /// A pattern of paths.
    Paths(Glob),
}

/// What a rule asks of the paths a command touches; all that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touches {
    /// Some path that is touched so lies in one of these.
    pub some: Vec<(Effect, Vec<Spot>)>,
    /// Every path that is touched so certainly lies in one of these.
    pub only: Vec<(Effect, Vec<Spot>)>,
}

impl Touches {
    /// Whether some reading of the command touches such places.
    #[must_use]
    pub fn may_fit(&self, subject: &Subject<'_>) -> bool {
        self.some.iter().all(|(wanted, spots)| {
            let Some(effects) = subject.effects() else { return false };
            let touched = effects.paths.iter().filter(|(effect, _)| effect == wanted);
            touched.into_iter().any(|(_, place)| spots.iter().any(|spot| spot.may_hold(place)))
        })
    }

    /// Whether the command certainly touches no other places so.
    #[must_use]
    pub fn fits(&self, subject: &Subject<'_>) -> bool {
        self.only.iter().all(|(wanted, spots)| {
            let Some(effects) = subject.effects() else { return false };
            let mut touched = effects.paths.iter().filter(|(effect, _)| effect == wanted);
            effects.complete && touched.all(|(_, place)| spots.iter().any(|spot| spot.holds(place)))
        })
    }
}

impl Spot {
    // As written, or where it is resolved to.
    fn may_hold(&self, place: &Place<'_>) -> bool {
        match self {
            Self::Zone(zone) => place.zones.has(*zone),
            Self::Paths(glob) => {
                let meets =
                    |text: &[u8]| if place.is_pattern { glob.may_meet(text) } else { glob.fits(text) };
                meets(&place.text) || meets(&place.path)
            }
        }
    }

    // A path whose zone is certain is itself certain, but for a pattern's.
    fn holds(&self, place: &Place<'_>) -> bool {
        match self {
            Self::Zone(zone) => place.zone == Some(*zone),
            Self::Paths(glob) if place.zone.is_none() || place.is_pattern => glob.as_str() == "**",
            Self::Paths(glob) if glob.is_place() => glob.fits(&place.path),
            Self::Paths(glob) => !goes_up(&place.text) && glob.fits(&place.text),
        }
    }
}

fn goes_up(text: &[u8]) -> bool {
    text.split(|&b| b == b'/').any(|part| part == b"..")
}
