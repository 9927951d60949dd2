//! Shell code: the commands, redirections and assignments it comes down to.
//! Pure. What it does not understand it says; stop rules are then tried against the words there.

use std::path::Path;

use super::argv::Word;
use super::atoms::{Around, Atoms};

/// Reads shell code that stands in these surroundings, and adds all that runs in it. Which shell reads it is
/// told by [`Around::via`].
pub fn read(code: &[u8], _around: &Around, atoms: &mut Atoms<'_>) {
    atoms.not_understood("this shell code", &[Word::exact(code)]);
}

/// What a line of shell code comes down to, run by a shell in `folder`; `home` is what `~` is.
pub fn line<'a>(code: &[u8], folder: &Path, home: Option<&Path>) -> Atoms<'a> {
    let mut atoms = Atoms::default();
    let around = Around { in_shell: true, ..Around::outermost(folder, home) };
    read(code, &around, &mut atoms);
    atoms
}
