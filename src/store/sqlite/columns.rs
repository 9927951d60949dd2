//! From rows, which anybody may have edited, to checked values; and from SQLite's errors to the store's.
//! Pure.

use std::fmt::Display;
use std::str::FromStr;

use rusqlite::types::ValueRef;
use rusqlite::{ErrorCode, Row};
use serde::de::DeserializeOwned;

use crate::escaped::Escaped;
use crate::ids::Digest;
use crate::record::{Record, RecordError};
use crate::store::StoreError;

/// One row of a table, read column by column; every failure names table, key and column.
pub(super) struct Columns<'r, 's> {
    row: &'r Row<'s>,
    table: &'static str,
    key: &'static str,
    names: &'static [&'static str],
}

impl<'r, 's> Columns<'r, 's> {
    /// A row of `table`, called by its column `key` in messages.
    pub(super) const fn of(row: &'r Row<'s>, table: &'static str, key: &'static str) -> Self {
        Self { row, table, key, names: &[] }
    }

    /// The same where the query's columns have these names in this order: SQLite is not asked for them, which
    /// tells among many rows.
    pub(super) const fn named(self, names: &'static [&'static str]) -> Self {
        Self { names, ..self }
    }

    /// A text column.
    pub(super) fn text(&self, column: &'static str) -> Result<&'r str, StoreError> {
        self.value(column)?.as_str().map_err(|_| self.broken(column, "is not text"))
    }

    /// A column of bytes.
    pub(super) fn bytes(&self, column: &'static str) -> Result<&'r [u8], StoreError> {
        self.value(column)?.as_blob().map_err(|_| self.broken(column, "is not bytes"))
    }

    /// A number; none of ours is negative.
    pub(super) fn number(&self, column: &'static str) -> Result<u64, StoreError> {
        let number = self.value(column)?.as_i64().ok().and_then(|number| u64::try_from(number).ok());
        number.ok_or_else(|| self.broken(column, "is not a whole number"))
    }

    /// Whether the column is empty.
    pub(super) fn is_null(&self, column: &'static str) -> Result<bool, StoreError> {
        Ok(matches!(self.value(column)?, ValueRef::Null))
    }

    /// A column of 32 bytes.
    pub(super) fn digest(&self, column: &'static str) -> Result<Digest, StoreError> {
        let bytes = <[u8; 32]>::try_from(self.bytes(column)?);
        bytes.map(Digest::from_bytes).map_err(|_| self.broken(column, "is not a digest"))
    }

    /// A text column that names something.
    pub(super) fn parsed<T: FromStr<Err: Display>>(&self, column: &'static str) -> Result<T, StoreError> {
        self.text(column)?.parse().map_err(|error| self.broken(column, error))
    }

    /// A text column that holds a record.
    pub(super) fn record<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        let parsed = Record::parse(self.text(column)?);
        parsed.map(|(_, value)| value).map_err(|error| self.broken(column, error))
    }

    /// Says what is wrong with a column.
    pub(super) fn broken(&self, column: &'static str, problem: impl Display) -> StoreError {
        let key = match self.row.get_ref(self.key) {
            Ok(ValueRef::Integer(number)) => number.to_string(),
            Ok(ValueRef::Text(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
            Ok(ValueRef::Blob(bytes)) => crate::ids::hex(bytes),
            _ => "?".to_owned(),
        };
        corrupt(format!("{} {key}: {column} {problem}", self.table))
    }

    fn value(&self, column: &'static str) -> Result<ValueRef<'r>, StoreError> {
        let place = self.names.iter().position(|name| *name == column);
        place.map_or_else(|| self.row.get_ref(column), |place| self.row.get_ref(place)).map_err(reading)
    }
}

/// Damage, in words fit for a screen.
pub(super) fn corrupt(what: impl AsRef<str>) -> StoreError {
    StoreError::Corrupt(Escaped::prose(what.as_ref().as_bytes()).into_string())
}

/// An error while reading.
pub(super) fn reading(error: rusqlite::Error) -> StoreError {
    of_code(&error).unwrap_or_else(|| StoreError::CannotRead(words(&error)))
}

/// An error before the end of a writing transaction: nothing was recorded.
pub(super) fn recording(error: rusqlite::Error) -> StoreError {
    of_code(&error).unwrap_or_else(|| StoreError::CannotRecord(words(&error)))
}

/// A value that cannot be kept as a record.
pub(super) fn unfit(error: RecordError) -> StoreError {
    StoreError::CannotRecord(Escaped::prose(error.to_string().as_bytes()).into_string())
}

/// A number as SQLite keeps it.
pub(super) fn stored(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::CannotRecord(format!("{number} is too large a number")))
}

/// A limit or an offset: what SQLite cannot count to is as good as no end.
pub(super) fn bound(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// SQLite's own words, fit for a screen.
pub(super) fn words(error: &rusqlite::Error) -> String {
    Escaped::prose(error.to_string().as_bytes()).into_string()
}

fn of_code(error: &rusqlite::Error) -> Option<StoreError> {
    // Reading needs that file too.
    if error.sqlite_error().is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE) {
        let why = "there is no room for the index all its users share (disk full, or a limit on file sizes)";
        return Some(StoreError::CannotRecord(why.to_owned()));
    }
    match error.sqlite_error_code()? {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Some(StoreError::Busy(None)),
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Some(StoreError::Corrupt(words(error))),
        _ => None,
    }
}
