//! What commands may do to the shell that runs them: which variables they may set, whether they leave the folder.
//! Pure. For loops, whose commands run again, and for functions; it is read wide.

use std::collections::BTreeSet;

use super::grammar::assignment;
use super::state::{State, Value};
use super::syntax::{Arithmetic, Command, Compound, List, Open, Piece, Raw, Simple};
use super::word::is_name;

/// What may happen to a shell.
#[derive(Debug, Default)]
pub struct Effects<'f> {
    functions: Option<&'f BTreeSet<Vec<u8>>>,
    // The variable of a loop over names of programs that are no builtins.
    programs: Option<Vec<u8>>,
    names: BTreeSet<Vec<u8>>,
    leaves_folder: bool,
    does_anything: bool,
}

/// Builtins that may do anything to the shell.
pub const ANYTHING: [&str; 14] = [
    "eval", "source", ".", "trap", "alias", "unalias", "enable", "shopt", "hash", "set", "builtin",
    "command", "exec", "emulate",
];
/// Builtins that set the variables they name.
pub const NAMING: [&str; 11] = [
    "export",
    "declare",
    "typeset",
    "local",
    "readonly",
    "unset",
    "read",
    "mapfile",
    "readarray",
    "getopts",
    "let",
];
/// Builtins that change the folder.
pub const MOVING: [&str; 3] = ["cd", "pushd", "popd"];

/// Whether it may be a builtin, or words of which the first is one.
#[must_use]
pub fn is_builtin(text: &[u8]) -> bool {
    holds(&ANYTHING, text)
        || holds(&NAMING, text)
        || holds(&MOVING, text)
        || text == b"printf"
        || text.iter().any(|b| b.is_ascii_whitespace() || matches!(b, b'*' | b'?' | b'['))
        || text.is_empty()
}

/// Whether a list holds a name.
#[must_use]
pub fn holds(list: &[&str], name: &[u8]) -> bool {
    list.iter().any(|own| own.as_bytes() == name)
}

impl<'f> Effects<'f> {
    /// None yet; these are functions.
    #[must_use]
    pub fn with(functions: &'f BTreeSet<Vec<u8>>) -> Self {
        Self { functions: Some(functions), ..Self::default() }
    }

    /// Forgets what may no longer hold.
    pub fn apply(&self, state: &mut State) {
        for name in &self.names {
            state.assign(name, Value::Unknown);
        }
        if self.leaves_folder {
            state.folder = None;
        }
        if self.does_anything {
            state.lose();
        }
    }

    /// Notes the variable of a loop, and whether it only names programs that can do nothing to the shell.
    pub fn programs_in(&mut self, name: &[u8], are_programs: bool) {
        self.programs = are_programs.then(|| name.to_vec());
    }

    /// Adds a variable that is set.
    pub fn name(&mut self, name: &[u8]) {
        self.names.insert(name.to_vec());
    }

    /// Adds what a list may do.
    pub fn list(&mut self, list: &List) {
        for item in &list.0 {
            let others = item.rest.iter().map(|(_, pipeline)| pipeline);
            for command in std::iter::once(&item.first).chain(others).flat_map(|pipeline| &pipeline.commands)
            {
                self.command(command);
            }
        }
    }

    fn command(&mut self, command: &Command) {
        match command {
            Command::Simple(simple) => self.simple(simple),
            Command::Compound(compound, redirects) => {
                redirects.iter().for_each(|redirect| self.raw(&redirect.target));
                self.compound(compound);
            }
            Command::Function(_, body) => self.command(body),
        }
    }

    fn compound(&mut self, compound: &Compound) {
        match compound {
            Compound::Group(list) | Compound::Subshell(list) => self.list(list),
            Compound::If(branches, otherwise) => {
                branches.iter().for_each(|(condition, body)| {
                    self.list(condition);
                    self.list(body);
                });
                otherwise.iter().for_each(|list| self.list(list));
            }
            Compound::While(condition, body) => {
                self.list(condition);
                self.list(body);
            }
            Compound::For(name, words, body) => {
                self.name(name);
                words.iter().flatten().for_each(|word| self.raw(word));
                self.list(body);
            }
            Compound::Count(arithmetic, body) => {
                self.arithmetic(arithmetic);
                self.list(body);
            }
            Compound::Case(words, bodies, _) => {
                words.iter().for_each(|word| self.raw(word));
                bodies.iter().for_each(|body| self.list(body));
            }
            Compound::Arithmetic(arithmetic) => self.arithmetic(arithmetic),
            Compound::Test(words) => words.iter().for_each(|word| self.raw(word)),
        }
    }

    fn simple(&mut self, simple: &Simple) {
        for raw in simple.words.iter().chain(simple.redirects.iter().map(|redirect| &redirect.target)) {
            self.raw(raw);
        }
        let program = simple.words.first().map(|raw| self.program(raw));
        for assignment in &simple.assignments {
            self.raw(&assignment.value);
            let stays = match &program {
                None => true,
                Some(program) => program.as_ref().is_none_or(|name| may_keep(name)),
            };
            if stays {
                self.name(&assignment.name);
            }
        }
        match program {
            None => {}
            Some(None) => self.does_anything = true,
            Some(Some(name)) => self.builtin(&name, simple.words.get(1..).unwrap_or_default()),
        }
    }

    fn program(&self, raw: &Raw) -> Option<Vec<u8>> {
        match raw
            .pieces
            .iter()
            .filter(|piece| !matches!(piece, Piece::Quoted(text) if text.is_empty()))
            .collect::<Vec<_>>()[..]
        {
            [Piece::Open { what: Open::Variable(name), .. }] if self.programs.as_ref() == Some(name) => {
                Some(Vec::new())
            }
            _ => literal(raw),
        }
    }

    fn builtin(&mut self, name: &[u8], arguments: &[Raw]) {
        let is_function = self.functions.is_some_and(|functions| functions.contains(name));
        if is_function || holds(&ANYTHING, name) {
            self.does_anything = true;
        } else if holds(&MOVING, name) {
            self.leaves_folder = true;
        } else if holds(&NAMING, name) || name == b"printf" && arguments.iter().any(|raw| may_be(raw, b"-v"))
        {
            for raw in arguments {
                self.named(raw);
            }
            self.name(b"REPLY");
        }
    }

    fn named(&mut self, raw: &Raw) {
        let assigned = assignment(raw).map(|assignment| assignment.name);
        match assigned.or_else(|| literal(raw)) {
            Some(name) if is_name(&name) => self.name(&name),
            Some(option) if option.first().is_some_and(|b| matches!(b, b'-' | b'+' | b'/' | b'0'..=b'9')) => {
            }
            Some(text) if text.iter().all(|b| !b.is_ascii_alphabetic()) => {}
            _ => self.does_anything = true,
        }
    }

    fn raw(&mut self, raw: &Raw) {
        self.pieces(&raw.pieces);
        raw.array.iter().flatten().for_each(|element| self.pieces(&element.pieces));
    }

    fn pieces(&mut self, pieces: &[Piece]) {
        for piece in pieces {
            let Piece::Open { what, .. } = piece else { continue };
            match what {
                Open::Arithmetic(arithmetic) => self.arithmetic(arithmetic),
                Open::Other { within, arithmetic, sets, .. } => {
                    self.pieces(within);
                    self.assigned_in(arithmetic);
                    sets.iter().for_each(|name| self.name(name));
                }
                // What runs in a substitution changes nothing here.
                Open::Variable(_) | Open::Number | Open::Output(_) | Open::Process { .. } => {}
            }
        }
    }

    fn arithmetic(&mut self, arithmetic: &Arithmetic) {
        self.pieces(&arithmetic.within);
        self.assigned_in(&arithmetic.text);
    }

    fn assigned_in(&mut self, text: &[u8]) {
        if assigns(text) {
            names_in(text).for_each(|name| self.name(name));
        }
    }
}

/// Whether arithmetic may set a variable.
#[must_use]
pub fn assigns(text: &[u8]) -> bool {
    text.contains(&b'=') || text.windows(2).any(|two| two == b"++" || two == b"--")
}

/// The variables that arithmetic names.
pub fn names_in(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|b| !b.is_ascii_alphanumeric() && *b != b'_').filter(|name| is_name(name))
}

/// The special builtins of sh(1), which may keep the variables set before them.
#[must_use]
pub fn may_keep(name: &[u8]) -> bool {
    const SPECIAL: [&str; 9] =
        [":", "break", "continue", "exit", "return", "shift", "times", "readonly", "unset"];
    holds(&SPECIAL, name) || holds(&ANYTHING, name) || name == b"export"
}

/// The word's text, when nothing in it is filled in.
#[must_use]
pub fn literal(raw: &Raw) -> Option<Vec<u8>> {
    let open = raw.pieces.iter().any(|piece| matches!(piece, Piece::Open { .. }));
    // Braces and patterns may make something else of it.
    let special = |piece: &Piece| match piece {
        Piece::Text(text) => text.iter().any(|b| matches!(b, b'{' | b'*' | b'?' | b'[')) && text != b"[",
        _ => false,
    };
    (!open && !raw.pieces.iter().any(special)).then(|| raw.written())
}

fn may_be(raw: &Raw, text: &[u8]) -> bool {
    literal(raw).is_none_or(|own| own.starts_with(text))
}
