//! Reads an object that says in one of its members what the others are, as they come and without a copy.
//! Pure.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Error, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// The member called `tag`, read as a `K`, and all others, read as a `T`.
///
/// # Errors
/// When there is no such member, or two, and those of `K` and `T`.
pub fn tagged<'de, D, K, T>(deserializer: D, tag: &'static str) -> Result<(K, T), D::Error>
where
    D: Deserializer<'de>,
    K: Deserialize<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_map(Tagged { tag, read: PhantomData })
}

struct Tagged<K, T> {
    tag: &'static str,
    read: PhantomData<(K, T)>,
}

impl<'de, K: Deserialize<'de>, T: Deserialize<'de>> Visitor<'de> for Tagged<K, T> {
    type Value = (K, T);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with {}", self.tag)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(K, T), A::Error> {
        let mut kind = None;
        let others = Others { map, tag: self.tag, kind: &mut kind };
        let value = T::deserialize(MapAccessDeserializer::new(others))?;
        kind.map(|kind| (kind, value)).ok_or_else(|| A::Error::missing_field(self.tag))
    }
}

/// A map without the member that says what it is, which is put aside when it comes.
struct Others<'k, A, K> {
    map: A,
    tag: &'static str,
    kind: &'k mut Option<K>,
}

impl<'de, A: MapAccess<'de>, K: Deserialize<'de>> MapAccess<'de> for Others<'_, A, K> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        while let Some(Name(name)) = self.map.next_key()? {
            if name != self.tag {
                return seed.deserialize(name.into_deserializer()).map(Some);
            }
            if self.kind.replace(self.map.next_value()?).is_some() {
                return Err(A::Error::duplicate_field(self.tag));
            }
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

/// A member's name, where it stands.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsItStands;
        impl<'de> Visitor<'de> for AsItStands {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }

            fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }
        }
        deserializer.deserialize_str(AsItStands)
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    enum Kind {
        #[serde(rename = "a.v1")]
        A,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        #[serde(default)]
        list: Vec<u64>,
        zone: String,
    }

    /// What serde makes of the same by a copy.
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "type")]
    enum Copied {
        #[serde(rename = "a.v1")]
        A(Body),
    }

    fn streamed(text: &str) -> Option<Body> {
        let mut json = serde_json::Deserializer::from_str(text);
        let (Kind::A, body) = tagged(&mut json, "type").ok()?;
        json.end().ok().map(|()| body)
    }

    #[test]
    fn it_takes_and_refuses_what_serde_does_by_a_copy() {
        let (mut taken, mut refused) = (0, 0);
        for text in [
            r#"{"type":"a.v1","zone":"z"}"#,
            r#"{"list":[1],"type":"a.v1","zone":"z"}"#,
            r#"{"list":[1],"zone":"z","type":"a.v1"}"#,
            r#"{"list":[1],"zone":"z"}"#,
            r#"{"type":"a.v1"}"#,
            r#"{"type":"a.v2","zone":"z"}"#,
            r#"{"type":"a.v1","type":"a.v1","zone":"z"}"#,
            r#"{"type":"a.v1","zone":"z","zone":"y"}"#,
            r#"{"type":"a.v1","zone":"z","other":1}"#,
            r#"{"type":1,"zone":"z"}"#,
            r#"{"type":"a.v1","zone":1}"#,
            r#"{}"#,
            r#""a.v1""#,
            r#"null"#,
        ] {
            let copied = serde_json::from_str::<Copied>(text).ok().map(|Copied::A(body)| body);
            *(if copied.is_some() { &mut taken } else { &mut refused }) += 1;
            assert_eq!(streamed(text), copied, "{text}");
        }
        assert_eq!((taken, refused), (3, 11));
    }
}
