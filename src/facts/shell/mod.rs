//! Shell code: the commands, redirections and assignments it comes down to.
//! Pure. Reading takes time in proportion to the code, and it does not guess: what shells read differently, or what
//! it does not know, it says is not understood; stop rules are then tried against the words there.

mod ansi;
mod braces;
mod builtin;
mod command;
mod constructs;
mod dollar;
mod effects;
mod expand;
mod flow;
mod grammar;
mod numbers;
mod source;
mod state;
mod syntax;
#[cfg(test)]
mod tests;
mod walk;
mod word;

use std::collections::BTreeSet;
use std::path::Path;

use flow::Flow;
use source::{Refusal, Source};
use state::State;
use syntax::{Command, Compound, List, Open, Piece};
use walk::Walk;

use super::argv::Word;
use super::atoms::{Around, Atoms};
use super::branches::runs_in_order;
use super::builtins::is_bash;

/// The longest code that is read, in bytes.
const LONGEST: usize = 65_536;
/// How deep code may lie within commands.
const DEEPEST: usize = 32;

/// Reads shell code that stands in these surroundings, and adds all that runs in it. Which shell runs it is told by
/// the last of [`Around::via`]: one that is not bash is not trusted to know what sh(1) does not.
pub fn read(code: &[u8], around: &Around, atoms: &mut Atoms<'_>) {
    if around.via.len() >= DEEPEST {
        atoms.not_understood("shell code that lies too deep within commands", &[Word::exact(code)]);
        return;
    }
    if code.len() > LONGEST || !atoms.spend(code.len()) {
        atoms.not_understood("this shell code: it is too long", &[Word::exact(code)]);
        return;
    }
    let is_bash = is_bash(&around.via);
    match parse(code, is_bash) {
        Ok(list) => {
            let from = atoms.atoms.len();
            walk(&list, code, is_bash, around, atoms);
            // A wrapper may run it again and again.
            if !(around.via.is_empty() && runs_in_order(code)) {
                atoms.in_any_order(from);
            }
            if !atoms.spend(0) {
                atoms.not_understood("this shell code: it is too much", &[Word::exact(code)]);
            }
        }
        Err(why) => atoms.not_understood(format!("this shell code: {why}"), &[Word::exact(code)]),
    }
}

/// What a line of shell code comes down to, run by bash in `folder`; `home` is what `~` is.
pub fn line<'a>(code: &[u8], folder: &Path, home: Option<&Path>) -> Atoms<'a> {
    let mut atoms = Atoms::default();
    let around = Around { in_shell: true, ..Around::outermost(folder, home) };
    read(code, &around, &mut atoms);
    atoms.settle()
}

fn parse(code: &[u8], is_bash: bool) -> Result<List, Refusal> {
    let text = std::str::from_utf8(code).map_err(|_| "it is not UTF-8")?;
    let odd = |c: char| c.is_control() && !matches!(c, '\t' | '\n') || matches!(c, '\u{feff}');
    if text.chars().any(odd) {
        return Err("it has control characters");
    }
    Source::new(code, is_bash, 0).whole()
}

fn walk(list: &List, code: &[u8], is_bash: bool, around: &Around, atoms: &mut Atoms<'_>) {
    let mut functions = BTreeSet::new();
    functions_in(list, &mut functions);
    let state = State::starting(around.folder.clone(), around.sets.clone());
    // A shell that reads its code from its input has none left.
    let input = around.input.clone().filter(|input| *input.text != *code);
    let flow = Flow { feeds: around.feeds.clone(), input, found: Vec::new() };
    Walk { atoms, around, functions: &functions, is_bash }.list(list, state, &flow);
}

// Every function that is defined anywhere in the list.
fn functions_in(list: &List, found: &mut BTreeSet<Vec<u8>>) {
    for item in &list.0 {
        let others = item.rest.iter().map(|(_, pipeline)| pipeline);
        for command in std::iter::once(&item.first).chain(others).flat_map(|pipeline| &pipeline.commands) {
            functions_of(command, found);
        }
    }
}

fn functions_of(command: &Command, found: &mut BTreeSet<Vec<u8>>) {
    match command {
        Command::Simple(simple) => {
            simple.words.iter().for_each(|raw| functions_within(&raw.pieces, found));
        }
        Command::Function(name, body) => {
            found.insert(name.clone());
            functions_of(body, found);
        }
        Command::Compound(compound, _) => match &**compound {
            Compound::Group(list) | Compound::Subshell(list) => functions_in(list, found),
            Compound::If(branches, otherwise) => {
                let lists = branches.iter().flat_map(|(condition, body)| [condition, body]);
                lists.chain(otherwise).for_each(|list| functions_in(list, found));
            }
            Compound::While(condition, body) => {
                functions_in(condition, found);
                functions_in(body, found);
            }
            Compound::For(_, _, body) | Compound::Count(_, body) => functions_in(body, found),
            Compound::Case(_, bodies, _) => bodies.iter().for_each(|body| functions_in(body, found)),
            Compound::Arithmetic(_) | Compound::Test(_) => {}
        },
    }
}

fn functions_within(pieces: &[Piece], found: &mut BTreeSet<Vec<u8>>) {
    for piece in pieces {
        if let Piece::Open { what: Open::Output(list) | Open::Process { list, .. }, .. } = piece {
            functions_in(list, found);
        }
    }
}
