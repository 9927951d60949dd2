//! What programs do to paths and hosts, as rows of data. An option or a program that is not here is not known,
//! so nothing is certain about it.
//! Pure.

mod changing;
mod databases;
mod network;
mod reading;

use std::collections::HashMap;
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

static BY_NAME: LazyLock<HashMap<&'static [u8], &'static Row>> = LazyLock::new(|| {
    let rows = reading::ROWS.iter().chain(changing::ROWS).chain(network::ROWS).chain(databases::ROWS);
    rows.flat_map(|row| row.names.split(' ').map(move |name| (name.as_bytes(), row))).collect()
});

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
    }
}
