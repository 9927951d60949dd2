//! What builtins do to the shell that runs them (bash(1), sh(1)).
//! Pure.

use std::path::Path;

use super::effects::{self, NAMING, holds};
use super::flow::Flow;
use super::state::{State, Value};
use super::syntax::Arithmetic;
use super::walk::{Ends, Walk};
use super::word::is_name;
use crate::facts::argv::Word;
use crate::facts::atoms::{Around, Set};

// Builtins that make names or words mean something else, or run code at some later time.
const NOT_UNDERSTOOD: [&str; 12] = [
    "alias", "unalias", "enable", "bind", "complete", "compgen", "compopt", "fc", "history", ".", "source",
    "emulate",
];
const DECLARING: [&str; 5] = ["export", "declare", "typeset", "local", "readonly"];

impl Walk<'_, '_> {
    /// What holds behind a command of these words, with these assignments before it.
    pub fn builtin(
        &mut self,
        words: &[Word<'static>],
        sets: &[Set],
        state: &State,
        mut after: State,
        flow: &Flow,
    ) -> Ends {
        let words = behind_prefixes(words);
        let Some((program, arguments)) = words.split_first() else { return (after.clone(), after) };
        let Some(name) = program.certain() else {
            after.lose();
            return (after.clone(), after);
        };
        if effects::may_keep(name) {
            sets.iter().for_each(|set| after.assign(&set.name, Value::Unknown));
        }
        match name {
            b"cd" | b"pushd" | b"popd" => return self.moved(name, arguments, after),
            b"exit" | b"return" => after.end(),
            b"set" => self.options(arguments, &mut after),
            b"shopt" => self.shell_options(arguments, &mut after),
            b"hash" if !arguments.is_empty() => self.unknown(name, words, &mut after),
            b"eval" => after.lose(),
            b"trap" => self.trap(arguments, state, flow, &mut after),
            b"let" => self.evaluated(arguments, &mut after, flow),
            b"test" | b"[" => self.indexed(name, arguments),
            b"printf" | b"wait" if arguments.iter().any(may_name) => self.named(name, arguments, &mut after),
            b"mapfile" | b"readarray" if arguments.iter().any(runs_callback) => {
                self.unknown(name, words, &mut after);
            }
            _ if holds(&DECLARING, name) => self.declared(name, arguments, &mut after),
            _ if holds(&NAMING, name) => self.named(name, arguments, &mut after),
            _ if holds(&NOT_UNDERSTOOD, name) => self.unknown(name, words, &mut after),
            _ => {}
        }
        (after.clone(), after)
    }

    fn unknown(&mut self, name: &[u8], words: &[Word<'static>], after: &mut State) {
        let name = String::from_utf8_lossy(name);
        self.atoms.not_understood(format!("what `{name}` does to this shell"), words);
        after.lose();
    }

    fn moved(&mut self, name: &[u8], arguments: &[Word<'static>], after: State) -> Ends {
        let options = [&b"-P"[..], b"-L", b"--", b"-e", b"-@"];
        let mut arguments = arguments;
        while let Some((first, rest)) = arguments.split_first() {
            if !first.certain().is_some_and(|text| options.contains(&text)) {
                break;
            }
            arguments = rest;
        }
        let mut moved = after.clone();
        let target = match arguments {
            [] if name == b"cd" => self.home_for(&after),
            [one] if name != b"popd" => one.certain().map(<[u8]>::to_vec),
            _ => None,
        };
        let set = after.value(b"CDPATH").is_some();
        let searched = |path: &[u8]| set && !path.starts_with(b"/") && !path.starts_with(b".");
        match target.filter(|path| !path.is_empty() && !matches!(path.first(), Some(b'-' | b'+'))) {
            Some(path) if !searched(&path) && !after.is_lost() => moved.enter(&path),
            _ => moved.folder = None,
        }
        (moved, after)
    }

    fn home_for(&self, state: &State) -> Option<Vec<u8>> {
        use std::os::unix::ffi::OsStrExt;
        match state.value(b"HOME") {
            None => self.around.home.as_deref().map(|home: &Path| home.as_os_str().as_bytes().to_vec()),
            Some(Value::Exact(home)) => Some(home),
            Some(_) => None,
        }
    }

    // `set`: what makes the shell more careful, and the positional parameters.
    fn options(&mut self, arguments: &[Word<'static>], after: &mut State) {
        const NAMED: [&[u8]; 4] = [b"pipefail", b"errexit", b"nounset", b"xtrace"];
        for (at, word) in arguments.iter().enumerate() {
            let careful = |text: &[u8]| {
                text.strip_prefix(b"-").or(text.strip_prefix(b"+")).is_some_and(|letters| {
                    !letters.is_empty()
                        && letters.iter().all(|b| matches!(b, b'e' | b'u' | b'x' | b'v' | b'o'))
                })
            };
            match word.certain() {
                Some(b"--") => return,
                Some(text) if careful(text) => {}
                Some(text) if at > 0 && NAMED.contains(&text) => {}
                _ => return self.unknown(b"set", arguments, after),
            }
        }
    }

    fn shell_options(&mut self, arguments: &[Word<'static>], after: &mut State) {
        const KNOWN: [&[u8]; 6] = [b"-s", b"-u", b"nullglob", b"globstar", b"inherit_errexit", b"failglob"];
        if !arguments.iter().all(|word| word.certain().is_some_and(|text| KNOWN.contains(&text))) {
            self.unknown(b"shopt", arguments, after);
        }
    }

    // The code runs at some later time, in the shell as it is then.
    fn trap(&mut self, arguments: &[Word<'static>], state: &State, flow: &Flow, after: &mut State) {
        let arguments = match arguments {
            [first, rest @ ..] if first.certain() == Some(b"--") => rest,
            all => all,
        };
        let Some((code, _)) = arguments.split_first() else { return };
        let mut around =
            Around { folder: None, input: None, found: Vec::new(), ..self.standing(state, flow) };
        around.via.push("trap".to_owned());
        match code.certain() {
            Some(text) if text.is_empty() || text.starts_with(b"-") => {}
            Some(text) => super::read(text, &around, self.atoms),
            None => self.atoms.not_understood("the code given to `trap`", arguments),
        }
        after.lose();
    }

    fn evaluated(&mut self, arguments: &[Word<'static>], after: &mut State, flow: &Flow) {
        for word in arguments {
            match word.certain() {
                Some(text) => {
                    let arithmetic = Arithmetic { text: text.to_vec(), within: Vec::new() };
                    self.arithmetic(&arithmetic, after, flow);
                    if text.iter().any(|b| matches!(b, b'$' | b'`' | b'[')) {
                        self.unknown(b"let", arguments, after);
                    }
                }
                None => self.unknown(b"let", arguments, after),
            }
        }
    }

    // Builtins that set the variables they name to what is only known then.
    fn named(&mut self, name: &[u8], arguments: &[Word<'static>], after: &mut State) {
        let names: Vec<Word<'static>> = match name {
            b"printf" | b"wait" => {
                arguments.iter().skip_while(|word| !may_name(word)).take(2).cloned().collect()
            }
            _ => arguments.to_vec(),
        };
        self.indexed(name, &names);
        for word in &names {
            match word.certain() {
                Some(text) if is_name(text) => after.assign(text, Value::Unknown),
                Some(text) => {
                    let start = text.iter().position(|&b| b == b'[').unwrap_or(0);
                    if let Some(array) = text.get(..start).filter(|array| is_name(array)) {
                        after.assign(array, Value::Unknown);
                    }
                }
                None => after.lose(),
            }
            let harmless = word.certain().is_some_and(|text| {
                !is_name(text) || crate::facts::variables::is_harmless(text) || name == b"unset"
            });
            if !harmless {
                let value = Word { text: Vec::new().into(), sure: crate::facts::argv::Sure::Partly(0) };
                self.export(&word.text, &value, after);
            }
        }
        if matches!(name, b"read" | b"mapfile" | b"readarray" | b"getopts") {
            for implied in [&b"REPLY"[..], b"MAPFILE", b"OPTARG", b"OPTIND"] {
                after.assign(implied, Value::Unknown);
            }
        }
    }

    // `export A=1`, and its kin.
    fn declared(&mut self, name: &[u8], arguments: &[Word<'static>], after: &mut State) {
        let is_option = |word: &&Word<'static>| matches!(word.text.first(), Some(b'-' | b'+'));
        let options: Vec<u8> =
            arguments.iter().filter(is_option).flat_map(|word| word.text.to_vec()).collect();
        let plain = options.iter().all(|b| matches!(b, b'-' | b'+' | b'x' | b'r' | b'g' | b'p' | b'a'));
        if options.iter().any(|b| matches!(b, b'n' | b'i' | b'f' | b'F')) && name != b"readonly" {
            return self.unknown(name, arguments, after);
        }
        self.indexed(name, arguments);
        for word in arguments.iter().filter(|word| !is_option(word)) {
            let known = word.known();
            let Some(at) = known.iter().position(|&b| b == b'=') else {
                match word.certain() {
                    Some(text) => self.declared_without_value(name, text, after),
                    None => after.lose(),
                }
                continue;
            };
            let (variable, rest) = known.split_at(at);
            let variable = variable.strip_suffix(b"+").map_or(variable, |variable| variable);
            let appends = known.get(..at).is_some_and(|before| before.ends_with(b"+"));
            let text = word.text.get(at + 1..).unwrap_or_default().to_vec();
            let value = Word { text: text.into(), sure: word.sure.from(at + 1) };
            let is_known = plain && !appends && is_name(variable) && rest.len() <= 4096;
            let stored = value.certain().filter(|_| is_known).map(|text| Value::Exact(text.to_vec()));
            after.assign(variable, stored.unwrap_or(Value::Unknown));
            self.export(variable, &value, after);
            if name == b"readonly" || options.contains(&b'r') {
                after.fix(variable);
            }
        }
    }

    fn declared_without_value(&mut self, name: &[u8], variable: &[u8], after: &mut State) {
        let kept = match after.value(variable) {
            Some(Value::Exact(text)) => Word::exact(text),
            _ => Word { text: Vec::new().into(), sure: crate::facts::argv::Sure::Partly(0) },
        };
        if name == b"readonly" {
            after.fix(variable);
        } else if name != b"export" {
            after.assign(variable, Value::Unknown);
        }
        self.export(variable, &kept, after);
    }
}

// The words behind `command` and `builtin`, which run the builtin they name.
fn behind_prefixes<'w>(words: &'w [Word<'static>]) -> &'w [Word<'static>] {
    let mut rest = words;
    while let [first, others @ ..] = rest {
        if !matches!(first.certain(), Some(b"command" | b"builtin")) || others.is_empty() {
            break;
        }
        let options = others.iter().take_while(|word| word.is_option()).count();
        match others.get(options..) {
            Some(inner) if !inner.is_empty() => rest = inner,
            _ => break,
        }
    }
    rest
}

// `printf -v NAME`, `wait -p NAME`
fn may_name(word: &Word<'static>) -> bool {
    match word.certain() {
        Some(text) => text.starts_with(b"-v") || text.starts_with(b"-p"),
        None => word.may_be_option(),
    }
}

fn runs_callback(word: &Word<'static>) -> bool {
    word.certain().is_none_or(|text| text.starts_with(b"-") && text.contains(&b'C'))
}
