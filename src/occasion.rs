//! What people may want to be told of while they look elsewhere: six words, the same in settings, log and card.
//! Pure.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// One thing to be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Occasion {
    /// A ticket waits for people.
    New,
    /// It still waits, and half of its time is over.
    Half,
    /// It still waits, and nine tenths of its time are over.
    Late,
    /// People answered: approved, rejected, or an approval taken back.
    Decided,
    /// Its time ran out.
    Expired,
    /// It ran or may have run, and nobody knows how it ended.
    Unknown,
}

impl Occasion {
    /// All of them; of a ticket that waits, the more urgent the later.
    pub const ALL: [Self; 6] =
        [Self::New, Self::Half, Self::Late, Self::Decided, Self::Expired, Self::Unknown];

    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Half => "half",
            Self::Late => "late",
            Self::Decided => "decided",
            Self::Expired => "expired",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Occasion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A word that names no occasion.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no occasion {0:?}; write new, half, late, decided, expired or unknown")]
pub struct NoOccasion(String);

impl FromStr for Occasion {
    type Err = NoOccasion;

    fn from_str(word: &str) -> Result<Self, NoOccasion> {
        Self::ALL
            .into_iter()
            .find(|occasion| occasion.word() == word)
            .ok_or_else(|| NoOccasion(word.to_owned()))
    }
}

impl Serialize for Occasion {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.word())
    }
}

impl<'de> Deserialize<'de> for Occasion {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_means_one_occasion() {
        for occasion in Occasion::ALL {
            assert_eq!(occasion.word().parse(), Ok(occasion));
        }
        let error = "desided".parse::<Occasion>().unwrap_err().to_string();
        assert!(error.contains("\"desided\"") && error.contains("decided"), "{error}");
    }

    #[test]
    fn of_a_ticket_that_waits_the_later_is_the_more_urgent() {
        assert!(Occasion::New < Occasion::Half && Occasion::Half < Occasion::Late);
    }
}
