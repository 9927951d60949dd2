//! Reads one table of a policy file key by key, each wrong value an error at its own place.
//! Pure.

use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{PolicyError, Source, nearest};

/// A table of the file, with the text it came from.
#[derive(Clone, Copy)]
pub struct Section<'t> {
    /// The file.
    pub source: Source<'t>,
    /// Byte where the table begins.
    pub at: usize,
    table: &'t DeTable<'t>,
}

/// A value and the byte where it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At<T> {
    /// Byte offset in the file.
    pub at: usize,
    /// The value.
    pub value: T,
}

type Value<'t> = &'t Spanned<DeValue<'t>>;

impl<'t> Section<'t> {
    /// The whole file's table.
    #[must_use]
    pub fn of(source: Source<'t>, table: &'t DeTable<'t>) -> Self {
        Self { source, at: 0, table }
    }

    /// The fault at this value.
    #[must_use]
    pub fn fault(&self, at: usize, what: impl Into<String>, instead: impl Into<String>) -> PolicyError {
        self.source.fault(at, what, instead)
    }

    /// Every key must be one of `known`.
    ///
    /// # Errors
    /// At the first key that is not, with the nearest known name.
    pub fn only(&self, known: &[&str]) -> Result<(), PolicyError> {
        let unknown = self.table.keys().filter(|key| !known.contains(&key.get_ref().as_ref()));
        let Some(key) = unknown.min_by_key(|key| key.span().start) else { return Ok(()) };
        let name = key.get_ref();
        let instead = match nearest(name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known here: {}", known.join(", ")),
        };
        Err(self.fault(key.span().start, format!("unknown key `{name}`"), instead))
    }

    /// Where `key` itself stands, if it is there.
    #[must_use]
    pub fn key_at(&self, key: &str) -> Option<usize> {
        self.table.get_key_value(key).map(|(key, _)| key.span().start)
    }

    fn value(&self, key: &str) -> Option<Value<'t>> {
        self.table.get(key)
    }

    fn wrong(&self, value: Value<'t>, key: &str, wanted: &str) -> PolicyError {
        let found = value.get_ref().type_str();
        self.fault(value.span().start, format!("`{key}` is of type {found}"), format!("write {wanted}"))
    }

    /// The text under `key`.
    ///
    /// # Errors
    /// When it is not a string.
    pub fn text(&self, key: &str) -> Result<Option<At<&'t str>>, PolicyError> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let text = value.get_ref().as_str();
        let text = text.ok_or_else(|| self.wrong(value, key, &format!("a text: {key} = \"…\"")))?;
        Ok(Some(At { at: value.span().start, value: text }))
    }

    /// `text` in the form its type demands.
    ///
    /// # Errors
    /// When it is not such a name.
    pub fn parse<T: FromStr<Err: std::fmt::Display>>(&self, text: At<&str>) -> Result<At<T>, PolicyError> {
        let At { at, value } = text;
        let parsed = value.parse().map_err(|error| {
            self.fault(at, format!("`{value}` is not a name that fits"), format!("a {error}"))
        })?;
        Ok(At { at, value: parsed })
    }

    /// The list of texts under `key`; empty when it is not there.
    ///
    /// # Errors
    /// When it is not a list, or holds something else.
    pub fn texts(&self, key: &str) -> Result<Vec<At<&'t str>>, PolicyError> {
        let Some(value) = self.value(key) else { return Ok(Vec::new()) };
        let wanted = format!("a list of texts: {key} = [\"…\"]");
        let list = value.get_ref().as_array().ok_or_else(|| self.wrong(value, key, &wanted))?;
        let text = |item: Value<'t>| {
            let text = item.get_ref().as_str().ok_or_else(|| self.wrong(item, key, &wanted))?;
            Ok(At { at: item.span().start, value: text })
        };
        list.iter().map(text).collect()
    }

    /// The list of names under `key`; empty when it is not there.
    ///
    /// # Errors
    /// When it is not a list of such names.
    pub fn names<T: FromStr<Err: std::fmt::Display>>(&self, key: &str) -> Result<Vec<At<T>>, PolicyError> {
        self.texts(key)?.into_iter().map(|text| self.parse(text)).collect()
    }

    /// The truth value under `key`.
    ///
    /// # Errors
    /// When it is neither true nor false.
    pub fn flag(&self, key: &str) -> Result<Option<At<bool>>, PolicyError> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let wanted = || self.wrong(value, key, &format!("{key} = true, or {key} = false"));
        let flag = value.get_ref().as_bool().ok_or_else(wanted)?;
        Ok(Some(At { at: value.span().start, value: flag }))
    }

    /// The whole number under `key`, between `least` and `most`.
    ///
    /// # Errors
    /// When it is not one.
    pub fn number(&self, key: &str, least: u32, most: u32) -> Result<Option<At<u32>>, PolicyError> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let wanted = || self.wrong_number(value, key, least, most);
        let number = value.get_ref().as_integer().ok_or_else(wanted)?;
        let parsed = u32::from_str_radix(number.as_str(), number.radix());
        let fits = parsed.ok().filter(|number| (least..=most).contains(number));
        Ok(Some(At { at: value.span().start, value: fits.ok_or_else(wanted)? }))
    }

    fn wrong_number(&self, value: Value<'t>, key: &str, least: u32, most: u32) -> PolicyError {
        let what = format!("`{key}` does not fit");
        self.fault(value.span().start, what, format!("write a whole number from {least} to {most}"))
    }

    /// The time span under `key`, in seconds: `"90s"`, `"15m"`, `"2h"`, `"7d"`.
    ///
    /// # Errors
    /// When it is not one, or longer than seven days.
    pub fn span(&self, key: &str) -> Result<Option<At<u64>>, PolicyError> {
        let Some(At { at, value }) = self.text(key)? else { return Ok(None) };
        let wanted = "write a time from \"1s\" to \"7d\", in s, m, h or d, such as \"15m\"";
        let seconds = seconds(value);
        let seconds = seconds.ok_or_else(|| self.fault(at, format!("`{value}` is not a time"), wanted))?;
        Ok(Some(At { at, value: seconds }))
    }

    /// The table under `key`.
    ///
    /// # Errors
    /// When it is something else.
    pub fn section(&self, key: &str) -> Result<Option<Self>, PolicyError> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let wanted = || self.wrong(value, key, &format!("a table: [{key}]"));
        let table = value.get_ref().as_table().ok_or_else(wanted)?;
        Ok(Some(Self { table, at: value.span().start, ..*self }))
    }

    /// The tables under `key`, in the order of the file; none when it is not there.
    ///
    /// # Errors
    /// When it is something else.
    pub fn sections(&self, key: &str) -> Result<Vec<Self>, PolicyError> {
        let Some(value) = self.value(key) else { return Ok(Vec::new()) };
        let wanted = format!("[[{key}]] above each");
        let list = value.get_ref().as_array().ok_or_else(|| self.wrong(value, key, &wanted))?;
        let section = |item: Value<'t>| {
            let table = item.get_ref().as_table().ok_or_else(|| self.wrong(item, key, &wanted))?;
            Ok(Self { table, at: item.span().start, ..*self })
        };
        list.iter().map(section).collect()
    }

    /// Every key of this table, in the order of the file.
    #[must_use]
    pub fn keys(&self) -> Vec<At<&'t str>> {
        let key = |key: &'t Spanned<_>| At { at: key.span().start, value: spelling(key) };
        let mut keys: Vec<_> = self.table.keys().map(key).collect();
        keys.sort_by_key(|key| key.at);
        keys
    }
}

fn spelling<'t>(key: &'t Spanned<toml::de::DeString<'t>>) -> &'t str {
    key.get_ref()
}

const LONGEST_SPAN_S: u64 = 604_800;

fn seconds(text: &str) -> Option<u64> {
    let unit = match text.chars().next_back()? {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    let digits = text.get(..text.len() - 1)?;
    let count: u64 =
        Some(digits).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()?;
    count.checked_mul(unit).filter(|span| (1..=LONGEST_SPAN_S).contains(span))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_number_and_its_unit() {
        for (text, expected) in [("90s", 90), ("15m", 900), ("2h", 7_200), ("7d", 604_800)] {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
        for bad in ["", "m", "15", "1.5h", "-1s", "+1s", "0s", "8d", "15 m", "99999999999999999999d", "é"] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }
}
