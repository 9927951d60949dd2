//! The profile and its one encoding (RFC 8785, narrowed: DESIGN "Records").
//! Pure.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::scan::is_canonical;
use super::writer::written;
use crate::escaped::Escaped;

/// The longest record, in bytes. Larger things are blobs named by digest.
pub const LONGEST: usize = 65_535;
/// 2^53 - 1: beyond it two JSON readers may disagree on a number.
pub(super) const LARGEST: u64 = 9_007_199_254_740_991;

/// Why bytes are not a record.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Longer than [`LONGEST`].
    #[error("record of {0} bytes: at most {LONGEST} fit")]
    TooLong(usize),
    /// A JSON type the profile has no place for.
    #[error("record holds {0}")]
    Profile(&'static str),
    /// The same content has another, canonical form.
    #[error("record is not in canonical form")]
    NotCanonical,
    /// Not JSON, or not the fields of this record; whoever wrote it chose some of these words.
    #[error("record cannot be read: {0}")]
    Shape(Escaped),
}

impl From<serde_json::Error> for RecordError {
    fn from(error: serde_json::Error) -> Self {
        Self::Shape(Escaped::composed(&error.to_string()))
    }
}

/// The canonical bytes of `value`.
///
/// # Errors
/// When the value breaks the profile or is too long.
pub fn encode<T: Serialize>(value: &T) -> Result<String, RecordError> {
    let text = written(value)?;
    if text.len() > LONGEST {
        return Err(RecordError::TooLong(text.len()));
    }
    Ok(text)
}

/// Reads a record, refusing any bytes but the canonical ones.
///
/// # Errors
/// When the bytes are not canonical, break the profile, or are not a `T`.
pub fn decode<T: DeserializeOwned>(bytes: &str) -> Result<T, RecordError> {
    if bytes.len() > LONGEST {
        return Err(RecordError::TooLong(bytes.len()));
    }
    if is_canonical(bytes) {
        return Ok(serde_json::from_str(bytes)?);
    }
    // Most likely refused; in any case the writer has the last word, and gives the reason.
    let value: Value = serde_json::from_str(bytes)?;
    if canonical(&value)? != bytes {
        return Err(RecordError::NotCanonical);
    }
    Ok(serde_json::from_value(value)?)
}

/// The canonical text of a JSON value under the profile, of any length.
///
/// # Errors
/// When the value breaks the profile.
pub fn canonical(value: &Value) -> Result<String, RecordError> {
    let mut text = String::new();
    write_value(&mut text, value)?;
    Ok(text)
}

fn write_value(out: &mut String, value: &Value) -> Result<(), RecordError> {
    match value {
        Value::Null => return Err(RecordError::Profile("a null")),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => write_number(out, number)?,
        Value::String(text) => write_string(out, text),
        Value::Array(items) => write_list(out, items)?,
        Value::Object(fields) => write_object(out, fields)?,
    }
    Ok(())
}

fn write_number(out: &mut String, number: &serde_json::Number) -> Result<(), RecordError> {
    match number.as_u64() {
        Some(integer) if integer <= LARGEST => {
            out.push_str(&integer.to_string());
            Ok(())
        }
        _ => Err(RecordError::Profile("a number that is not an integer from 0 to 2^53-1")),
    }
}

/// Whether nothing in it is to be escaped.
pub(super) fn is_plain(text: &str) -> bool {
    !text.bytes().any(|byte| byte < 0x20 || matches!(byte, b'"' | b'\\'))
}

// RFC 8785 §3.2.2.2: the five short escapes, \u00xx for other controls, all else as it is.
pub(super) fn write_string(out: &mut String, text: &str) {
    out.push('"');
    if is_plain(text) {
        out.push_str(text);
        out.push('"');
        return;
    }
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            '\0'..='\u{1f}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => out.push(c),
        }
    }
    out.push('"');
}

fn write_list(out: &mut String, items: &[Value]) -> Result<(), RecordError> {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_value(out, item)?;
    }
    out.push(']');
    Ok(())
}

fn write_object(out: &mut String, fields: &serde_json::Map<String, Value>) -> Result<(), RecordError> {
    let mut keys: Vec<&String> = fields.keys().collect();
    keys.sort_unstable();
    out.push('{');
    for (index, key) in keys.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        check_key(key)?;
        write_string(out, key);
        out.push(':');
        write_value(out, fields.get(key).unwrap_or(&Value::Null))?;
    }
    out.push('}');
    Ok(())
}

pub(super) fn check_key(key: &str) -> Result<(), RecordError> {
    let starts = key.starts_with(|c: char| c.is_ascii_lowercase());
    let rest = key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if starts && rest { Ok(()) } else { Err(RecordError::Profile("a key that is not [a-z][a-z0-9_]*")) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_sorted_and_nothing_is_spaced() {
        let text = encode(&json!({"b": [1, true], "a": "x", "a_1": {}})).unwrap();
        assert_eq!(text, r#"{"a":"x","a_1":{},"b":[1,true]}"#);
    }

    #[test]
    fn what_the_profile_has_no_place_for_is_refused() {
        for bad in [json!({"a": null}), json!({"a": 1.5}), json!({"a": -1}), json!({"A": 1}), json!({"": 1})]
        {
            assert!(encode(&bad).is_err(), "{bad}");
        }
        assert!(encode(&json!({"a": LARGEST})).is_ok());
        assert!(encode(&json!({"a": LARGEST + 1})).is_err());
    }

    #[test]
    fn what_somebody_wrote_for_a_record_is_told_in_letters_only() {
        #[derive(Debug, serde::Serialize, serde::Deserialize)]
        enum Known {
            One,
        }
        for hostile in [r#""\u001b[2J""#, "\"\u{7f}\u{9b}2J\"", "\"\u{202e}\"", r#"{"\u001b":1}"#] {
            let told = decode::<Known>(hostile).unwrap_err().to_string();
            assert!(told.chars().all(|c| c == ' ' || c.is_ascii_graphic()), "{told:?}");
        }
        let told = decode::<Known>("\"Two\"").unwrap_err().to_string();
        assert!(told.contains("unknown variant `Two`, expected `One`"), "{told}");
        assert_eq!(encode(&Known::One).unwrap(), "\"One\"");
    }

    #[test]
    fn any_other_spelling_of_the_same_content_is_refused() {
        assert!(decode::<Value>(r#"{"a":1}"#).is_ok());
        for other in [
            r#"{"a": 1}"#,
            r#"{"a":1,"a":1}"#,
            r#"{"b":1,"a":2}"#,
            "{\"a\":\"\\u0041\"}",
            "{\"a\":1}\n",
            r#"{"a":1.0}"#,
        ] {
            assert!(decode::<Value>(other).is_err(), "{other}");
        }
    }

    #[test]
    fn a_record_has_a_longest_length() {
        let text = "x".repeat(LONGEST);
        assert!(matches!(encode(&json!({ "a": text })), Err(RecordError::TooLong(_))));
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            (0..=LARGEST).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map("[a-z][a-z0-9_]{0,6}", inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn our_bytes_equal_those_of_an_independent_rfc_8785_writer(value in value()) {
            let theirs = serde_jcs::to_string(&value).unwrap();
            prop_assert_eq!(canonical(&value).unwrap(), theirs);
        }

        #[test]
        fn what_was_written_is_read_back_the_same(value in value()) {
            let text = canonical(&value).unwrap();
            prop_assert_eq!(decode::<Value>(&text).unwrap(), value);
        }
    }
}
