//! What programs do to paths and hosts, as rows of data. An option or a program that is not here is not known,
//! so nothing is certain about it.
//! Pure.

mod changing;
mod databases;
mod network;
mod reading;

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

use super::Effect;
use super::row::{Role, Row};

const N: Role = Role::Nothing;
const R: Role = Role::Path(&[Effect::Reads]);
const W: Role = Role::Path(&[Effect::Writes]);
const RW: Role = Role::Path(&[Effect::Reads, Effect::Writes]);
const D: Role = Role::Path(&[Effect::Deletes]);
const RD: Role = Role::Path(&[Effect::Reads, Effect::Deletes]);
const RWD: Role = Role::Path(&[Effect::Reads, Effect::Writes, Effect::Deletes]);

static BY_NAME: LazyLock<HashMap<&'static [u8], &'static Row, BuildHasherDefault<Fnv>>> =
    LazyLock::new(|| {
        let rows = reading::ROWS.iter().chain(changing::ROWS).chain(network::ROWS).chain(databases::ROWS);
        let mut by_name = HashMap::with_capacity_and_hasher(MOST_NAMES, BuildHasherDefault::default());
        by_name.extend(rows.flat_map(|row| row.names.split(' ').map(move |name| (name.as_bytes(), row))));
        by_name
    });

// Room for all of them at once, where it is made at every start.
const MOST_NAMES: usize = 448;

/// FNV-1a: short names, and none but those of the tables is ever put in.
#[derive(Debug, Clone, Copy)]
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        self.0 =
            bytes.iter().fold(self.0, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    }

    // The length of a slice: its bytes tell enough.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The row of the program of this base name.
#[must_use]
pub fn row(name: &[u8]) -> Option<&'static Row> {
    BY_NAME.get(name).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_program_has_one_row() {
        let rows = reading::ROWS.iter().chain(changing::ROWS).chain(network::ROWS).chain(databases::ROWS);
        let names: usize = rows.map(|row| row.names.split(' ').count()).sum();
        assert_eq!(names, BY_NAME.len());
        assert!(names <= MOST_NAMES, "{names}");
    }
}
