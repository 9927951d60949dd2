//! Bytes are accepted as a record only if they are what would be written of what was read.

use handoff::record::{Record, Text, canonical, decode};
use handoff::request::Request;
use handoff::ticket::event::Event;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Any text, as each type of record.
pub fn holds(data: &[u8]) {
    let Some(text) = super::text(data) else { return };
    if let Ok(value) = decode::<serde_json::Value>(text) {
        assert_eq!(canonical(&value).ok().as_deref(), Some(text));
    }
    same::<Request>(text);
    same::<Event>(text);
    same::<Vec<Text>>(text);
}

/// What is read as a `T` is written as it was.
pub fn same<T: Serialize + DeserializeOwned>(text: &str) -> Option<T> {
    match Record::parse::<T>(text) {
        Ok((record, value)) => {
            assert_eq!(record.as_str(), text);
            let again = Record::of(&value).ok();
            assert_eq!(again.as_ref().map(Record::as_str), Some(text));
            Some(value)
        }
        Err(error) => {
            super::harmless(&error.to_string());
            None
        }
    }
}
