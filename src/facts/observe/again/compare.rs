//! The comparison itself, one part of the action after the other.
//! Reads what the action names; runs its prechecks last, and only when all else holds.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::super::environment::Values;
use super::super::precheck::{self, Limits};
use super::super::program::{self, Found, Lookup, Writer};
use super::super::within::Within;
use super::super::{account, arguments, found_links, not_bound};
use super::{Difference, Given, Present, Ready};
use crate::escaped::Escaped;
use crate::facts::atoms_of;
use crate::files::Stamp;
use crate::ids::Digest;
use crate::record::Text;
use crate::request::{
    Account, ArgumentFile, Bind, BoundFile, Exec, InnerProgram, Link, PrecheckResult, Program, Stdin, Value,
    Variable,
};

type Blobs<'a> = &'a dyn Fn(&Digest) -> Option<Vec<u8>>;

/// All differences at once, so that one look says everything.
struct Comparison<'a> {
    exec: &'a Exec,
    cwd: &'a Path,
    found: Vec<Difference>,
    stamps: Vec<(PathBuf, Stamp)>,
}

pub(super) fn compare(exec: &Exec, present: Present<'_>, blobs: Blobs<'_>) -> Result<Ready, Vec<Difference>> {
    let cwd = Path::new(exec.cwd.as_os_str());
    let mut comparison = Comparison { exec, cwd, found: Vec::new(), stamps: Vec::new() };
    comparison.place();
    let env = comparison.environment(present);
    let program = comparison.program(present.requester, &env);
    comparison.within(present.requester, &env);
    comparison.links();
    let named = comparison.arguments();
    let input = comparison.input(present.reads_terminal, blobs);
    let binds = comparison.binds(blobs);
    if let Some((_, program_not_bound)) = &program {
        comparison.not_bound(program_not_bound, &named);
    }
    if comparison.found.is_empty() {
        comparison.prechecks(&env);
    }
    match program {
        Some((file, _)) if comparison.found.is_empty() => {
            Ok(Ready::new(exec, file, env, input, binds, comparison.stamps))
        }
        _ => Err(comparison.found),
    }
}

impl Comparison<'_> {
    fn differ(&mut self, field: impl Into<String>, was: impl Into<String>, is: impl Into<String>) {
        self.found.push(Difference { field: field.into(), was: was.into(), is: is.into() });
    }

    fn place(&mut self) {
        let account = account::execution();
        if account != self.exec.account {
            self.differ("account", account_words(&self.exec.account), account_words(&account));
        }
        let host = account::host();
        if host != self.exec.host {
            self.differ("host", text(&self.exec.host), text(&host));
        }
        let is = match fs::canonicalize(self.cwd) {
            Ok(path) if path != self.cwd => Escaped::os(path).into_string(),
            Ok(path) if !path.is_dir() => "something that is not a folder".to_owned(),
            Ok(_) => return,
            Err(error) => format!("out of reach ({error})"),
        };
        self.differ("working folder", text(&self.exec.cwd), is);
    }

    // Shown values are the record's own, whatever they are here by now: they are what was approved.
    fn environment(&mut self, present: Present<'_>) -> Values {
        let mut values = Vec::new();
        for Variable { name, value, .. } in &self.exec.env {
            let name = name.as_os_str();
            let value = match value {
                Value::Shown(value) => value.as_os_str().to_owned(),
                Value::Hidden(hidden) => match present.environment.get(name) {
                    Some(value) if present.key.holds(&hidden.commitment, name, value) => value.to_owned(),
                    Some(_) => {
                        self.differ(variable(name), "the approved value", "another value");
                        continue;
                    }
                    None => {
                        self.differ(variable(name), "the approved value", "not set");
                        continue;
                    }
                },
            };
            values.push((name.to_owned(), value));
        }
        Values(values)
    }

    fn program(&mut self, requester: &Account, env: &Values) -> Option<(File, Vec<Text>)> {
        let was = &self.exec.program;
        let field = format!("program {}", text(&was.path));
        let lookup = self.lookup(env);
        let gids = account::GroupsOf::uid(requester.uid);
        let writer = Writer { uid: requester.uid, gids: &gids };
        let named = was.link.as_ref().unwrap_or(&was.path);
        match program::inspect(Path::new(named.as_os_str()), lookup, writer) {
            Ok(found) => {
                self.same_program(&field, &found.program);
                self.same_interpreters(&found);
                self.stamps.extend(found.stamps);
                Some((found.file, found.not_bound))
            }
            Err(error) => {
                self.differ(field, digest(&was.sha256), format!("unusable ({error})"));
                None
            }
        }
    }

    fn lookup<'e>(&'e self, env: &'e Values) -> Lookup<'e> {
        Lookup { cwd: self.cwd, path: env.get(OsStr::new("PATH")) }
    }

    fn same_program(&mut self, field: &str, is: &Program) {
        let was = &self.exec.program;
        if is.path != was.path {
            self.differ(field, "itself", format!("a link to {}", text(&is.path)));
        }
        if is.sha256 != was.sha256 {
            self.differ(field, digest(&was.sha256), digest(&is.sha256));
        } else if (is.size, is.script) != (was.size, was.script) {
            self.differ(field, shape(was), shape(is));
        }
        if is.theirs && !was.theirs {
            self.differ(field, "out of the requester's reach", "replaceable by the requester");
        }
    }

    fn same_interpreters(&mut self, found: &Found) {
        let (was, is) = (&self.exec.interpreters, &found.interpreters);
        for index in 0..was.len().max(is.len()) {
            let (was, is) = (was.get(index), is.get(index));
            if was != is {
                self.differ(format!("interpreter {}", index + 1), bound(was), bound(is));
            }
        }
    }

    // By path only: what they are is not bound, which one runs is.
    fn within(&mut self, requester: &Account, env: &Values) {
        if self.exec.within.is_empty() {
            return;
        }
        let gids = account::GroupsOf::uid(requester.uid);
        let now = Within::look(&atoms_of(self.exec), self.lookup(env));
        for was in &self.exec.within {
            let is = now.inner(was.name.as_bytes(), Writer { uid: requester.uid, gids: &gids });
            let field = format!("program {} within the command", text(&was.name));
            if (&is.path, &is.link) != (&was.path, &was.link) {
                self.differ(&field, place(was), place(&is));
            }
            if is.theirs && !was.theirs {
                self.differ(field, "out of the requester's reach", "replaceable by the requester");
            }
        }
    }

    fn links(&mut self) {
        let now = found_links(self.exec);
        let leads = |links: &[Link], path: &Text| {
            let link = links.iter().find(|link| link.path == *path);
            link.map_or_else(|| "no link".to_owned(), target)
        };
        let paths: BTreeSet<&Text> = self.exec.links.iter().chain(&now).map(|link| &link.path).collect();
        for path in paths {
            let (was, is) = (leads(&self.exec.links, path), leads(&now, path));
            if was != is {
                self.differ(format!("link {}", text(path)), was, is);
            }
        }
    }

    fn arguments(&mut self) -> Vec<Text> {
        let argv: Vec<OsString> = self.exec.argv.iter().map(|text| text.as_os_str().to_owned()).collect();
        let named = arguments::bind(&argv, self.cwd);
        let keys = |files: &[ArgumentFile]| -> BTreeSet<(u32, Text)> {
            files.iter().map(|file| (file.index, file.path.clone())).collect()
        };
        for (index, path) in keys(&self.exec.files).union(&keys(&named.files)) {
            let find = |files: &[ArgumentFile]| {
                files.iter().find(|file| file.index == *index && file.path == *path).map(|file| file.sha256)
            };
            let (was, is) = (find(&self.exec.files), find(&named.files));
            if was != is {
                let field = format!("file {} of argument {index}", text(path));
                self.differ(field, there(was), there(is));
            }
        }
        self.stamps.extend(named.stamps);
        named.not_bound
    }

    fn input(&mut self, reads_terminal: bool, blobs: Blobs<'_>) -> Given {
        // Bytes from a pipe were on no card, and programs ask no questions where nobody can answer them.
        if self.exec.stdin == Stdin::Terminal && !reads_terminal {
            self.differ("standard input", "the requester's terminal", "something else");
        }
        let Stdin::Captured { sha256, .. } = &self.exec.stdin else { return Given::plain(&self.exec.stdin) };
        match blobs(sha256).filter(|bytes| Digest::of(bytes) == *sha256) {
            Some(bytes) => Given::Bytes(bytes),
            None => {
                self.differ("standard input", digest(sha256), "missing from the queue");
                Given::Nothing
            }
        }
    }

    fn binds(&mut self, blobs: Blobs<'_>) -> Vec<(Bind, Vec<u8>)> {
        let mut kept = Vec::new();
        for bind in &self.exec.binds {
            match blobs(&bind.sha256).filter(|bytes| Digest::of(bytes) == bind.sha256) {
                Some(bytes) => kept.push((bind.clone(), bytes)),
                None => {
                    self.differ(format!("bind {}", bind.name), digest(&bind.sha256), "missing from the queue")
                }
            }
        }
        kept
    }

    // A reviewer agreed to this list; a folder where there was nothing is a longer one.
    fn not_bound(&mut self, program: &[Text], named: &[Text]) {
        let now = not_bound(program, named, self.exec);
        for sentence in now.iter().filter(|sentence| !self.exec.not_bound.contains(sentence)) {
            self.found.push(Difference {
                field: "not bound".to_owned(),
                was: "not on the card".to_owned(),
                is: Escaped::prose(sentence.as_bytes()).into_string(),
            });
        }
    }

    fn prechecks(&mut self, env: &Values) {
        for was in &self.exec.prechecks {
            let argv: Vec<OsString> = was.argv.iter().map(|text| text.as_os_str().to_owned()).collect();
            let field = format!("precheck {}", was.name);
            match precheck::run(&was.name, &argv, env, self.cwd, Limits::default()) {
                Ok(is) if is == *was => {}
                Ok(is) => self.differ(field, ended(was), ended(&is)),
                Err(error) => self.differ(field, ended(was), error.to_string()),
            }
        }
    }
}

fn text(text: &Text) -> String {
    Escaped::argument(text.as_bytes()).into_string()
}

fn variable(name: &OsStr) -> String {
    format!("variable {}", Escaped::name(name.as_bytes()))
}

fn account_words(account: &Account) -> String {
    format!("uid {} {}", account.uid, Escaped::name(account.name.as_bytes()))
}

fn digest(digest: &Digest) -> String {
    format!("sha256 {}…", digest.short())
}

fn there(sha256: Option<Digest>) -> String {
    sha256.map_or_else(|| "no file that is bound".to_owned(), |sha256| digest(&sha256))
}

fn bound(file: Option<&BoundFile>) -> String {
    file.map_or_else(|| "none".to_owned(), |file| format!("{} {}", text(&file.path), digest(&file.sha256)))
}

fn shape(program: &Program) -> String {
    format!("{} of {} bytes", if program.script { "a script" } else { "a binary" }, program.size)
}

fn place(inner: &InnerProgram) -> String {
    match (&inner.path, &inner.link) {
        (None, _) => "not found".to_owned(),
        (Some(path), None) => text(path),
        (Some(path), Some(link)) => format!("{} by the name {}", text(path), text(link)),
    }
}

fn target(link: &Link) -> String {
    link.to
        .as_ref()
        .map_or_else(|| "a link to nobody knows where".to_owned(), |to| format!("a link to {}", text(to)))
}

fn ended(result: &PrecheckResult) -> String {
    format!("status {}, output {}", result.status, digest(&result.output_sha256))
}
