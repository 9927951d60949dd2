//! Text from outside inside a record: plain where it is plain, base64 where it is not.
//! Pure.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use base64ct::{Base64, Encoding};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Any bytes, written as a JSON string when they are UTF-8 without control or bidi characters,
/// and as `{"b64":"…"}` in every other case; each content has exactly one form.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text(Vec<u8>);

impl Text {
    /// The bytes themselves.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// For system calls, which take bytes.
    #[must_use]
    pub fn as_os_str(&self) -> &OsStr {
        OsStr::from_bytes(&self.0)
    }

    /// The text, when it is plain: UTF-8 without control or bidi characters.
    #[must_use]
    pub fn plain(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok().filter(|text| is_plain(text))
    }

    /// No bytes at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

// Nearly all text is ASCII, which is told byte by byte.
fn is_plain(text: &str) -> bool {
    if text.is_ascii() { !text.bytes().any(|b| b.is_ascii_control()) } else { !text.chars().any(is_hidden) }
}

// Unicode's control characters (general category Cc) and the twelve that reorder a line (UAX #9).
const fn is_hidden(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{61c}' | '\u{200e}' | '\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(text.into_bytes())
    }
}

impl From<&OsStr> for Text {
    fn from(text: &OsStr) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl From<OsString> for Text {
    fn from(text: OsString) -> Self {
        Self(text.into_vec())
    }
}

impl From<&std::path::Path> for Text {
    fn from(path: &std::path::Path) -> Self {
        path.as_os_str().into()
    }
}

impl From<Vec<u8>> for Text {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_os_str())
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Encoded {
    b64: String,
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.plain() {
            Some(text) => serializer.serialize_str(text),
            None => Encoded { b64: Base64::encode_string(&self.0) }.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Forms)
    }
}

/// Reads either form as it comes, without a copy of it in between.
struct Forms;

impl<'de> Visitor<'de> for Forms {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, or an object with b64")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
        if is_plain(text) {
            Ok(text.into())
        } else {
            Err(E::custom("text with control or bidi characters must be b64"))
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Text, A::Error> {
        let Encoded { b64 } = Encoded::deserialize(MapAccessDeserializer::new(map))?;
        let text = Base64::decode_vec(&b64).ok().map(Text).filter(|text| text.plain().is_none());
        text.ok_or_else(|| A::Error::custom("b64 is malformed, or holds plain text"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_text_stays_readable_and_the_rest_is_base64() {
        for (bytes, json) in [
            (&b"caf\xc3\xa9"[..], "\"café\""),
            (b"a\nb", "{\"b64\":\"YQpi\"}"),
            (b"\xff", "{\"b64\":\"/w==\"}"),
            ("\u{202e}".as_bytes(), "{\"b64\":\"4oCu\"}"),
        ] {
            assert_eq!(serde_json::to_string(&Text::from(bytes.to_vec())).unwrap(), json);
        }
    }

    #[test]
    fn the_other_form_of_the_same_text_is_refused() {
        let others = ["[\"YQpi\"]", "{}", "1", "true", "null", "{\"b64\":\"YQpi\",\"b64\":\"YQpi\"}"];
        for bad in others {
            assert!(serde_json::from_str::<Text>(bad).is_err(), "{bad}");
        }
        for bad in ["{\"b64\":\"YQ==\"}", "\"a\\nb\"", "{\"b64\":\"YQpi\",\"x\":1}", "{\"b64\":\"YQpi \"}"] {
            assert!(serde_json::from_str::<Text>(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_sequence_of_bytes_comes_back(bytes: Vec<u8>) {
            let text = Text::from(bytes);
            let json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(serde_json::from_str::<Text>(&json).unwrap(), text);
        }
    }
}
