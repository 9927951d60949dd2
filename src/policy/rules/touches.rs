//! Conditions over what a command does to paths.
//! Pure. Without the word `only` they are wide; with it, everything of that kind must be certain.

use super::subject::Subject;
use crate::facts::argv::base_name;
use crate::facts::effects::{Effect, Place, Zone};
use crate::facts::glob::Glob;

/// A place as a rule names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot {
    /// A zone: `@system`.
    Zone(Zone),
    /// A pattern of paths.
    Paths(Glob),
    /// What is called so in a zone: `@repository/node_modules`.
    Named(Zone, Glob),
}

/// What a rule asks of the paths a command touches; all that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touches {
    /// Some path that is touched so lies in one of these.
    pub some: Vec<(Effect, Vec<Spot>)>,
    /// Every path that is touched so certainly lies in one of these.
    pub only: Vec<(Effect, Vec<Spot>)>,
    /// Not where every path that is touched so certainly lies in one of these, and there is one.
    pub unless: Vec<(Effect, Vec<Spot>)>,
}

impl Touches {
    /// Whether some reading of the command touches such places.
    #[must_use]
    pub fn may_fit(&self, subject: &Subject<'_>) -> bool {
        self.some.iter().all(|(wanted, spots)| {
            let Some(effects) = subject.effects() else { return false };
            let touched = effects.paths.iter().filter(|(effect, _)| effect == wanted);
            touched.into_iter().any(|(_, place)| spots.iter().any(|spot| spot.may_hold(place)))
        }) && !self.unless.iter().any(|(effect, spots)| surely_in(subject, *effect, spots))
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

fn surely_in(subject: &Subject<'_>, wanted: Effect, spots: &[Spot]) -> bool {
    let Some(effects) = subject.effects().filter(|effects| effects.complete) else { return false };
    let mut touched = effects.paths.iter().filter(|(effect, _)| *effect == wanted).peekable();
    touched.peek().is_some() && touched.all(|(_, place)| spots.iter().any(|spot| spot.holds(place)))
}

impl Spot {
    // As written, or where it is resolved to.
    fn may_hold(&self, place: &Place<'_>) -> bool {
        match self {
            Self::Zone(zone) => place.zones.has(*zone),
            Self::Named(zone, name) => {
                let last = base_name(&place.path);
                let meets = if place.is_pattern { name.may_meet(last) } else { name.fits(last) };
                place.zones.has(*zone) && meets
            }
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
            Self::Named(zone, name) => {
                place.zone == Some(*zone) && !place.is_pattern && name.fits(base_name(&place.path))
            }
            Self::Paths(glob) if place.zone.is_none() || place.is_pattern => glob.as_str() == "**",
            Self::Paths(glob) if glob.is_place() => glob.fits(&place.path),
            Self::Paths(glob) => !goes_up(&place.text) && glob.fits(&place.text),
        }
    }
}

fn goes_up(text: &[u8]) -> bool {
    text.split(|&b| b == b'/').any(|part| part == b"..")
}
