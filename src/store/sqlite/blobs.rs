//! Bytes kept under their digest.
//! Touches the table `blobs`.

use rusqlite::{Connection, OptionalExtension as _};

use super::columns::{Columns, bound, reading, recording};
use crate::ids::Digest;
use crate::store::StoreError;

pub(super) fn blob(connection: &Connection, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
    let query = "SELECT digest, bytes FROM blobs WHERE digest = ?1";
    let mut statement = connection.prepare_cached(query).map_err(reading)?;
    let mut rows = statement.query([digest.as_bytes()]).map_err(reading)?;
    let Some(row) = rows.next().map_err(reading)? else { return Ok(None) };
    let columns = Columns::of(row, "blobs", "digest");
    let bytes = columns.bytes("bytes")?;
    if Digest::of(bytes) == *digest {
        Ok(Some(bytes.to_vec()))
    } else {
        Err(columns.broken("bytes", "do not have this digest"))
    }
}

pub(super) fn length(connection: &Connection, digest: &Digest) -> Result<Option<u64>, StoreError> {
    let query = "SELECT digest, length(bytes) AS length FROM blobs WHERE digest = ?1";
    let mut statement = connection.prepare_cached(query).map_err(reading)?;
    let read = |row: &rusqlite::Row<'_>| Ok(Columns::of(row, "blobs", "digest").number("length"));
    statement.query_row([digest.as_bytes()], read).optional().map_err(reading)?.transpose()
}

pub(super) fn remove(connection: &Connection, digest: &Digest) -> Result<(), StoreError> {
    let query = "DELETE FROM blobs WHERE digest = ?1";
    let mut statement = connection.prepare_cached(query).map_err(recording)?;
    statement.execute([digest.as_bytes()]).map(drop).map_err(recording)
}

pub(super) fn put(connection: &Connection, digest: &Digest, bytes: &[u8]) -> Result<(), StoreError> {
    if Digest::of(bytes) != *digest {
        return Err(StoreError::CannotRecord(format!("a blob's bytes do not have the digest {digest}")));
    }
    let query = "INSERT INTO blobs (digest, bytes) VALUES (?1, ?2) ON CONFLICT (digest) DO NOTHING";
    let mut statement = connection.prepare_cached(query).map_err(recording)?;
    statement.execute((digest.as_bytes(), bytes)).map(drop).map_err(recording)
}

pub(super) fn checkpoint(connection: &Connection) -> Result<Option<(u64, String)>, StoreError> {
    let query = "SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT 1";
    let mut statement = connection.prepare_cached(query).map_err(reading)?;
    let read = |row: &rusqlite::Row<'_>| {
        let columns = Columns::of(row, "checkpoints", "size");
        Ok(columns.number("size").and_then(|size| Ok((size, columns.text("note")?.to_owned()))))
    };
    statement.query_row([], read).optional().map_err(reading)?.transpose()
}

pub(super) fn checkpoints(
    connection: &Connection,
    size: u64,
    limit: u64,
) -> Result<Vec<(u64, String)>, StoreError> {
    let query = "SELECT size, note FROM checkpoints WHERE size >= ?1 ORDER BY size LIMIT ?2";
    let mut statement = connection.prepare_cached(query).map_err(reading)?;
    let mut rows = statement.query((bound(size), bound(limit))).map_err(reading)?;
    let mut heads = Vec::new();
    while let Some(row) = rows.next().map_err(reading)? {
        let columns = Columns::of(row, "checkpoints", "size");
        heads.push((columns.number("size")?, columns.text("note")?.to_owned()));
    }
    Ok(heads)
}

pub(super) fn put_checkpoint(connection: &Connection, size: i64, note: &str) -> Result<(), StoreError> {
    let query = "INSERT INTO checkpoints (size, note) VALUES (?1, ?2) ON CONFLICT (size) DO NOTHING";
    let mut statement = connection.prepare_cached(query).map_err(recording)?;
    statement.execute((size, note)).map(drop).map_err(recording)
}
