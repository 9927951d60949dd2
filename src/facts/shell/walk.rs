//! Goes through shell code in the order it runs, and adds all that runs to the atoms.
//! Pure. What may run is read as if it ran; what is certain is only what holds whichever way the code takes.

use std::collections::BTreeSet;

use super::command::COST;
use super::effects::{self, Effects};
use super::expand::Expander;
use super::flow::Flow;
use super::state::{State, Value};
use super::syntax::{Command, Compound, Item, Joint, List, Pipeline, Raw, Redirect};
use crate::facts::argv::{Sure, Word, base_name};
use crate::facts::atoms::{Around, Atoms};
use crate::facts::variables;

/// Bodies of loops over words are read once a word, up to this many.
const MOST_TURNS: usize = 8;

/// Goes through one piece of code.
#[derive(Debug)]
pub struct Walk<'w, 'a> {
    /// What was found.
    pub atoms: &'w mut Atoms<'a>,
    /// Where the code stands.
    pub around: &'w Around,
    /// The functions it defines.
    pub functions: &'w BTreeSet<Vec<u8>>,
    /// The shell is bash, or one that has its constructs.
    pub is_bash: bool,
}

/// What holds behind a command that succeeded, and behind one that failed.
pub type Ends = (State, State);

impl Walk<'_, '_> {
    /// Goes through a list.
    pub fn list(&mut self, list: &List, mut state: State, flow: &Flow) -> State {
        let alone = matches!(list.0.as_slice(), [item] if item.rest.is_empty());
        // Of several commands the first may read some of it.
        let flow = &if alone { flow.clone() } else { flow.without_input() };
        for item in &list.0 {
            if !self.atoms.spend(COST) {
                break;
            }
            let after = self.item(item, state.clone(), flow);
            if !item.background {
                state = after;
            }
        }
        state
    }

    fn item(&mut self, item: &Item, state: State, flow: &Flow) -> State {
        let (mut done, mut failed) = self.pipeline(&item.first, state, flow);
        for (joint, pipeline) in &item.rest {
            (done, failed) = match joint {
                Joint::And => {
                    let (next, other) = self.pipeline(pipeline, done, flow);
                    (next, failed.or(other))
                }
                Joint::Or => {
                    let (other, next) = self.pipeline(pipeline, failed, flow);
                    (done.or(other), next)
                }
            };
        }
        done.or(failed)
    }

    fn pipeline(&mut self, pipeline: &Pipeline, state: State, flow: &Flow) -> Ends {
        if let [command] = pipeline.commands.as_slice() {
            let (done, failed) = self.command(command, state, flow);
            return if pipeline.negated { (failed, done) } else { (done, failed) };
        }
        let mut inputs = vec![(flow.input.clone(), None)];
        for command in &pipeline.commands {
            let (before, found) = inputs.last().cloned().unwrap_or_default();
            let found = self.found(command, &state, found.as_deref());
            inputs.push((self.printed(command, &state, before), found));
        }
        let mut flow = flow.clone();
        let (mut parts, mut after) = (Vec::new(), None);
        // From the last to the first, for each is told who gets its output.
        for (command, (input, found)) in pipeline.commands.iter().zip(inputs).rev() {
            let from = self.atoms.atoms.len();
            (flow.input, flow.found) = (input, found.unwrap_or_default());
            let (end, _) = self.command(command, state.clone(), &flow);
            // Some shells run the last command themselves.
            after.get_or_insert(end);
            let behind = std::mem::replace(&mut flow.feeds, self.names(from));
            flow.feed(behind);
            parts.push(self.atoms.atoms.split_off(from));
        }
        self.atoms.atoms.extend(parts.into_iter().rev().flatten());
        let state = after.map_or(state.clone(), |after| state.or(after));
        (state.clone(), state)
    }

    fn command(&mut self, command: &Command, state: State, flow: &Flow) -> Ends {
        match command {
            Command::Simple(simple) => self.simple(simple, state, flow),
            Command::Compound(compound, redirects) => {
                let mut flow = flow.clone();
                self.redirects(redirects, &state, &mut flow);
                let after = self.compound(compound, state, &flow);
                (after.clone(), after)
            }
            Command::Function(_, body) => {
                // Whenever it is called, anything may have been set before.
                let mut unknown = state.clone();
                unknown.lose();
                self.command(body, unknown, &flow.without_input());
                (state.clone(), state)
            }
        }
    }

    fn compound(&mut self, compound: &Compound, mut state: State, flow: &Flow) -> State {
        let is_group = matches!(compound, Compound::Group(_) | Compound::Subshell(_));
        let flow = &if is_group { flow.clone() } else { flow.without_input() };
        match compound {
            Compound::Group(list) => self.list(list, state, flow),
            Compound::Subshell(list) => {
                self.list(list, state.clone(), flow);
                state
            }
            Compound::If(branches, otherwise) => self.branches(branches, otherwise.as_ref(), state, flow),
            Compound::While(condition, body) => {
                self.forget(&mut state, |effects| {
                    effects.list(condition);
                    effects.list(body);
                });
                let begun = self.list(condition, state, flow);
                let end = self.list(body, begun.clone(), flow);
                begun.or(end)
            }
            Compound::For(name, words, body) => self.for_each(name, words.as_deref(), body, state, flow),
            Compound::Count(arithmetic, body) => {
                self.arithmetic(arithmetic, &mut state, flow);
                self.forget(&mut state, |effects| effects.list(body));
                self.arithmetic(arithmetic, &mut state, flow);
                let end = self.list(body, state.clone(), flow);
                state.or(end)
            }
            Compound::Case(words, bodies, runs_on) => {
                self.read_raws(words, &mut state, flow);
                if *runs_on {
                    self.forget(&mut state, |effects| bodies.iter().for_each(|body| effects.list(body)));
                }
                let ends = bodies.iter().map(|body| self.list(body, state.clone(), flow));
                ends.fold(state.clone(), State::or)
            }
            Compound::Arithmetic(arithmetic) => {
                self.arithmetic(arithmetic, &mut state, flow);
                state
            }
            Compound::Test(words) => {
                self.read_raws(words, &mut state, flow);
                self.test(words, &state);
                state
            }
        }
    }

    fn branches(
        &mut self,
        branches: &[(List, List)],
        otherwise: Option<&List>,
        mut state: State,
        flow: &Flow,
    ) -> State {
        let mut ends = Vec::new();
        for (condition, body) in branches {
            state = self.list(condition, state, flow);
            ends.push(self.list(body, state.clone(), flow));
        }
        let last = match otherwise {
            Some(body) => self.list(body, state, flow),
            None => state,
        };
        ends.into_iter().fold(last, State::or)
    }

    fn for_each(
        &mut self,
        name: &[u8],
        words: Option<&[Raw]>,
        body: &List,
        mut state: State,
        flow: &Flow,
    ) -> State {
        let raws = words.unwrap_or_default();
        self.read_raws(raws, &mut state, flow);
        let expander = self.expander(&state);
        let values: Vec<Word<'static>> = raws.iter().flat_map(|raw| expander.words(raw)).collect();
        let known: Option<Vec<Value>> = values.into_iter().map(known).collect();
        let turns = match known {
            Some(values) if words.is_some() && values.len() <= MOST_TURNS => values,
            _ => vec![Value::Unknown],
        };
        let runs_programs = turns.iter().all(|value| match value {
            Value::Exact(text) => !effects::is_builtin(text) && !self.functions.contains(text),
            _ => false,
        });
        self.forget(&mut state, |effects| {
            effects.programs_in(name, runs_programs);
            effects.list(body);
        });
        if !variables::is_harmless(name) {
            self.export(name, &Word { text: Vec::new().into(), sure: Sure::Partly(0) }, &mut state);
        }
        let mut after = state.clone();
        after.assign(name, Value::Unknown);
        for value in turns {
            let mut turn = state.clone();
            turn.assign(name, value);
            after = after.or(self.list(body, turn, flow));
        }
        after
    }

    fn forget(&self, state: &mut State, scan: impl FnOnce(&mut Effects<'_>)) {
        let mut effects = Effects::with(self.functions);
        scan(&mut effects);
        effects.apply(state);
    }

    /// Where a command at this point stands.
    pub fn standing(&self, state: &State, flow: &Flow) -> Around {
        let folder = state.folder.clone().filter(|_| !self.around.elsewhere);
        Around {
            folder,
            home: self.around.home.clone(),
            via: self.around.via.clone(),
            in_shell: true,
            privileged: self.around.privileged,
            elsewhere: self.around.elsewhere,
            sets: state.sets.clone(),
            feeds: flow.feeds.clone(),
            input: flow.input.clone(),
            found: flow.found.clone(),
            spoken_for: false,
        }
    }

    /// Expands words at this point.
    pub fn expander<'s>(&'s self, state: &'s State) -> Expander<'s> {
        let functions = self.functions;
        Expander { state, home: self.around.home.as_deref(), is_bash: self.is_bash, functions }
    }

    /// The base names of the programs found since the atom `from`.
    pub fn names(&self, from: usize) -> Vec<Vec<u8>> {
        let new = self.atoms.atoms.get(from..).unwrap_or_default();
        let programs = new.iter().filter(|atom| atom.is_command).filter_map(|atom| atom.words.first());
        programs.map(|word| base_name(&word.text).to_vec()).collect()
    }

    /// The redirections of a command; they change what it reads and who gets its output.
    pub fn redirects(&mut self, redirects: &[Redirect], state: &State, flow: &mut Flow) {
        for redirect in redirects {
            self.redirect(redirect, state, flow);
        }
    }
}

fn known(word: Word<'static>) -> Option<Value> {
    match word.sure {
        Sure::Exact => Some(Value::Exact(word.text.into_owned())),
        Sure::Files => Some(Value::File(word.text.into_owned())),
        Sure::Partly(_) | Sure::Split(_) => None,
    }
}
