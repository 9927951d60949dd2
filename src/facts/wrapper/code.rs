//! Interpreters: whether they are given code on the command line, or read it from their input.
//! Pure. Such code is not read; a script in a file is for the rules.

use super::options::{self, Mark};
use super::{Given, Unwrapped};

/// How an interpreter is given code.
#[derive(Debug, Clone, Copy)]
pub(super) struct Code {
    /// Its options, see [`options::read`]; those that give it code are left out.
    options: &'static str,
    /// Options behind which a module or a file stands instead of a script.
    modules: &'static [&'static str],
    /// First words that do not give it code of the line or of its input.
    plain: &'static [&'static str],
}

/// An interpreter with these options, and options that name a module.
pub(super) const fn interprets(options: &'static str, modules: &'static [&'static str]) -> Code {
    Code { options, modules, plain: &[] }
}

impl Code {
    /// These subcommands run what is in files, or nothing.
    pub(super) const fn with(self, plain: &'static [&'static str]) -> Self {
        Self { plain, ..self }
    }

    pub(super) fn unwrap<'a>(&self, given: &Given<'_, 'a>) -> Unwrapped<'a> {
        if self.is_plain(given) {
            Unwrapped::default()
        } else {
            Unwrapped::opaque(format!("the code given to `{}`", given.name))
        }
    }

    fn is_plain(&self, given: &Given<'_, '_>) -> bool {
        // A module ends the options: what stands behind it is for the module.
        let module = given.from(1).iter().position(|word| {
            word.certain().is_some_and(|word| self.modules.iter().any(|name| name.as_bytes() == word))
        });
        let before = module.and_then(|at| given.words.get(1..=at));
        let Ok(options) = options::read(before.unwrap_or(given.from(1)), self.options) else { return false };
        if options.met.iter().any(|met| met.mark == Mark::Answer) {
            return true;
        }
        let at = options.next + 1;
        if module == Some(options.next) {
            return given.words.get(at + 1).is_some_and(|word| word.certain().is_some());
        }
        // Without a script it runs the tests it finds, and reads no input.
        let Some(word) = given.words.get(at) else {
            return options.met.iter().any(|met| met.name == "--test");
        };
        match word.certain() {
            Some(b"-" | b"/dev/stdin" | b"/proc/self/fd/0") => false,
            Some(word) if word.starts_with(b"/dev/fd/") => false,
            Some(word) if self.plain.is_empty() => !is_fetched(word),
            Some(word) => {
                let file = word.iter().any(|b| matches!(b, b'.' | b'/'));
                let named = self.plain.iter().any(|name| name.as_bytes() == word);
                (file || named) && !given.from(at).iter().any(|word| is_fetched(&word.text))
            }
            None => word.is_one() && !word.may_be_option(),
        }
    }
}

// Code that comes from a network, not from a file.
fn is_fetched(word: &[u8]) -> bool {
    word.windows(3).any(|part| part == b"://") || word.starts_with(b"npm:") || word.starts_with(b"jsr:")
}
