//! Enough of a reader of Rust source to ask what a file names: comments, literals and test code are taken
//! out, then paths are looked for. Reads the files under `src`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// One file of `src`.
pub struct Source {
    /// Its path from the repository's root: `src/gate/child.rs`.
    pub path: String,
    /// Its module path: `["gate", "child"]`; empty for `lib.rs` and `main.rs`.
    pub module: Vec<String>,
    /// As it is.
    pub text: String,
    /// Without comments, literals and items under `#[cfg(test)]`; empty for a file that is test code.
    pub code: String,
}

impl Source {
    /// From the text of the file at `path`, which starts with `src/`.
    pub fn new(path: &str, text: &str) -> Self {
        let code = without_tests(&without_comments_and_literals(text));
        Self { path: path.to_owned(), module: module_of(path), text: text.to_owned(), code }
    }

    /// The module of the crate's root it is in: `gate`.
    pub fn floor(&self) -> &str {
        self.module.first().map_or("", String::as_str)
    }

    /// The crate's top modules that its code names.
    pub fn imports(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let supers = "super::".repeat(self.module.len().max(1));
        for root in ["crate::", "handoff::", &supers] {
            for tail in tails(&self.code, root) {
                found.extend(heads(tail));
            }
        }
        found
    }

    /// Whether `word` stands in the code by itself.
    pub fn names(&self, word: &str) -> bool {
        tails(&self.code, word).any(|tail| !tail.starts_with(is_word))
    }

    /// How many lines the file has.
    pub fn lines(&self) -> usize {
        self.text.lines().count()
    }
}

/// Every file under `src`, test code emptied.
pub fn all() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    walk(&root.join("src"), &mut files);
    let mut sources: Vec<Source> = files.iter().map(|file| read(root, file)).collect();
    let tests: BTreeSet<Vec<String>> = sources.iter().flat_map(test_modules).collect();
    for source in &mut sources {
        if tests.iter().any(|test| source.module.starts_with(test)) {
            source.code.clear();
        }
    }
    sources
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            walk(&entry, files);
        } else if entry.extension().is_some_and(|ending| ending == "rs") {
            files.push(entry);
        }
    }
}

fn read(root: &Path, file: &Path) -> Source {
    let path = file.strip_prefix(root).unwrap().to_str().unwrap();
    Source::new(path, &std::fs::read_to_string(file).unwrap())
}

fn module_of(path: &str) -> Vec<String> {
    let inner = path.strip_prefix("src/").unwrap().strip_suffix(".rs").unwrap();
    let inner = inner.strip_suffix("/mod").unwrap_or(inner);
    let root = matches!(inner, "lib" | "main");
    inner.split('/').filter(|_| !root).map(str::to_owned).collect()
}

// The modules that `#[cfg(test)] mod NAME;` declares in this file.
fn test_modules(source: &Source) -> Vec<Vec<String>> {
    let plain = without_comments_and_literals(&source.text);
    let mut found = Vec::new();
    for tail in tails(&plain, TEST) {
        let words: Vec<&str> = tail.split_whitespace().take(3).collect();
        let name = words.iter().skip_while(|word| **word != "mod").nth(1);
        if let Some(name) = name.and_then(|name| name.strip_suffix(';')) {
            let mut module = source.module.clone();
            module.push(name.to_owned());
            found.push(module);
        }
    }
    found
}

const TEST: &str = "#[cfg(test)]";

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

// What follows each place where `start` begins a word.
fn tails<'a>(code: &'a str, start: &'a str) -> impl Iterator<Item = &'a str> {
    code.match_indices(start).filter_map(move |(at, _)| {
        let (before, rest) = code.split_at(at);
        let inside = start.starts_with(is_word) && before.ends_with(is_word);
        (!inside).then(|| rest.strip_prefix(start)).flatten()
    })
}

// The first names of a path, or of each path in a group of them: `a::b`, `{a, b::{c, d}}`.
fn heads(tail: &str) -> Vec<String> {
    let Some(group) = tail.strip_prefix('{') else {
        return name_at(tail).into_iter().collect();
    };
    let mut heads: Vec<String> = name_at(group.trim_start()).into_iter().collect();
    let mut depth = 1;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => heads.extend(name_at(group[at + 1..].trim_start())),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    heads
}

fn name_at(text: &str) -> Option<String> {
    let name: String = text.chars().take_while(|&c| is_word(c)).collect();
    name.starts_with(|c: char| c.is_lowercase()).then_some(name)
}

/// Comments become nothing, string and character literals become `""`; line breaks stay.
pub fn without_comments_and_literals(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (kept, length) = token(rest, first, code.ends_with(is_word));
        code.push_str(kept);
        rest = &rest[length..];
    }
    code
}

// What stays of the token that `rest` starts with, and how long it is.
fn token(rest: &str, first: char, in_word: bool) -> (&str, usize) {
    if rest.starts_with("//") {
        return ("", rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return ("", rest.find("*/").map_or(rest.len(), |end| end + 2));
    }
    if first == '"' {
        return ("\"\"", quoted(rest, 1));
    }
    if first == 'r'
        && !in_word
        && let Some(length) = raw(rest)
    {
        return ("\"\"", length);
    }
    if first == '\''
        && let Some(length) = character(rest)
    {
        return ("\"\"", length);
    }
    (&rest[..first.len_utf8()], first.len_utf8())
}

fn quoted(rest: &str, from: usize) -> usize {
    let mut escaped = false;
    for (at, c) in rest[from..].char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return from + at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn raw(rest: &str) -> Option<usize> {
    let hashes = rest[1..].bytes().take_while(|&b| b == b'#').count();
    let body = rest[1 + hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    body.find(&end).map(|at| 2 + hashes + at + end.len())
}

// A lifetime has no closing quote after its first letter.
fn character(rest: &str) -> Option<usize> {
    if rest.starts_with("'\\") {
        return rest[3..].find('\'').map(|at| at + 4);
    }
    let letter = rest[1..].chars().next()?;
    rest[1 + letter.len_utf8()..].starts_with('\'').then_some(2 + letter.len_utf8())
}

/// Without the items that stand under `#[cfg(test)]`, of a text without comments and literals.
pub fn without_tests(code: &str) -> String {
    let mut kept = String::new();
    let mut rest = code;
    while let Some(at) = rest.find(TEST) {
        kept.push_str(&rest[..at]);
        rest = &rest[at + TEST.len()..];
        rest = &rest[item(rest)..];
    }
    kept + rest
}

// How long the item is: to its `;`, or to the brace that closes its first one.
fn item(text: &str) -> usize {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 && (c == '}' || c == ';') {
            return at + 1;
        }
    }
    text.len()
}

#[test]
fn a_file_names_what_its_code_names_and_nothing_from_comments_strings_or_tests() {
    let text = r##"
        //! crate::comment
        use crate::{facts::Facts, policy::{file, rules}, ids};
        use super::super::store;
        fn f(x: &'static str) -> char { crate::queue::g("crate::text \" crate::more"); '"' }
        const RAW: &str = r#"crate::raw "#; /* crate::block */
        #[cfg(test)]
        mod tests { use crate::cli; fn g() { {} } }
        #[cfg(test)]
        use crate::tui;
        pub(crate) fn h() { mycrate::no(); crate::gate::x() }
    "##;
    let source = Source::new("src/audit/export.rs", text);
    let names: Vec<String> = source.imports().into_iter().collect();
    assert_eq!(names, ["facts", "gate", "ids", "policy", "queue", "store"]);
    assert!(source.names("Facts") && !source.names("Fact") && !source.names("cli"));
}

#[test]
fn a_file_knows_its_module() {
    for (path, module) in [
        ("src/lib.rs", vec![]),
        ("src/clock.rs", vec!["clock"]),
        ("src/gate/mod.rs", vec!["gate"]),
        ("src/gate/child/tests.rs", vec!["gate", "child", "tests"]),
    ] {
        assert_eq!(module_of(path), module, "{path}");
    }
}
