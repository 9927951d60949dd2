//! Programs whose words follow no common form: find(1), dd(1), tar(1).
//! Pure.

use super::Effect;
use super::row::{Role, Told, Used};
use crate::facts::argv::{Sure, Word};

const R: Role = Role::Path(&[Effect::Reads]);
const W: Role = Role::Path(&[Effect::Writes]);
const RW: Role = Role::Path(&[Effect::Reads, Effect::Writes]);
const D: Role = Role::Path(&[Effect::Deletes]);

/// The words of one of these programs, told apart; none for any other.
pub fn tell<'a>(name: &[u8], words: &'a [Word<'a>]) -> Option<Told<'a>> {
    match name {
        b"find" | b"gfind" => Some(find(words)),
        b"dd" | b"gdd" => Some(dd(words)),
        b"tar" | b"gtar" | b"bsdtar" => Some(tar(words)),
        _ => None,
    }
}

/// Whether it is one of these programs.
pub fn knows(name: &[u8]) -> bool {
    tell(name, &[]).is_some()
}

fn used<'a>(word: &'a Word<'a>, role: Role) -> Used<'a> {
    Used { text: &word.text, sure: word.sure, role }
}

const FIND_PLAIN: &[&str] = &[
    "-H",
    "-L",
    "-P",
    "-empty",
    "-not",
    "-a",
    "-o",
    "-and",
    "-or",
    "-true",
    "-false",
    "-readable",
    "-writable",
    "-executable",
    "-depth",
    "-d",
    "-xdev",
    "-mount",
    "-prune",
    "-quit",
    "-print",
    "-print0",
    "-ls",
    "-nouser",
    "-nogroup",
    "-daystart",
    "-follow",
    "-noleaf",
    "-nowarn",
    "-warn",
    "-delete",
    "!",
    "(",
    ")",
    ",",
    "\\(",
    "\\)",
];
const FIND_VALUED: &[&str] = &[
    "-name",
    "-iname",
    "-path",
    "-ipath",
    "-wholename",
    "-iwholename",
    "-regex",
    "-iregex",
    "-regextype",
    "-type",
    "-xtype",
    "-maxdepth",
    "-mindepth",
    "-size",
    "-mtime",
    "-mmin",
    "-atime",
    "-amin",
    "-ctime",
    "-cmin",
    "-perm",
    "-user",
    "-group",
    "-uid",
    "-gid",
    "-links",
    "-inum",
    "-lname",
    "-ilname",
    "-printf",
    "-fstype",
    "-used",
];

fn find<'a>(words: &'a [Word<'a>]) -> Told<'a> {
    let mut told = Told { complete: true, ..Told::default() };
    let expression =
        |word: &&Word<'_>| word.may_be_option() || matches!(&*word.text, b"!" | b"(" | b")" | b"," | b"\\(");
    let globals =
        words.iter().take_while(|word| matches!(word.certain(), Some(b"-H" | b"-L" | b"-P"))).count();
    let rest = words.get(globals..).unwrap_or_default();
    let count = rest.iter().take_while(|word| !expression(word)).count();
    let (starts, tests) = rest.split_at_checked(count).unwrap_or((rest, &[]));
    told.used.extend(starts.iter().map(|word| used(word, R)));
    told.complete &= starts.iter().all(|word| !matches!(word.sure, Sure::Split(_)));
    if starts.is_empty() {
        told.here = Some(Effect::Reads);
    }
    let mut tests = tests.iter();
    while let Some(test) = tests.next() {
        let value = |told: &mut Told<'a>, role: Role, word: Option<&'a Word<'a>>| {
            told.used.extend(word.map(|word| used(word, role)));
        };
        match test.certain() {
            Some(b"-fprint" | b"-fprint0" | b"-fls") => value(&mut told, W, tests.next()),
            Some(b"-fprintf") => {
                value(&mut told, W, tests.next());
                tests.next();
            }
            Some(b"-newer" | b"-anewer" | b"-cnewer" | b"-samefile" | b"-files0-from") => {
                value(&mut told, R, tests.next());
            }
            Some(known) if FIND_PLAIN.iter().any(|plain| plain.as_bytes() == known) => {}
            Some(known) if FIND_VALUED.iter().any(|valued| valued.as_bytes() == known) => {
                told.complete &= tests.next().is_none_or(Word::is_one);
            }
            _ => told.complete = false,
        }
    }
    // Wide: wherever the word stands.
    if words.iter().any(|word| &*word.text == b"-delete") {
        told.used.extend(starts.iter().map(|word| used(word, D)));
        if starts.is_empty() {
            told.here = Some(Effect::Deletes);
        }
    }
    told
}

fn dd<'a>(words: &'a [Word<'a>]) -> Told<'a> {
    let mut told = Told { complete: true, ..Told::default() };
    for word in words {
        let from = |at: usize| word.text.get(at..).unwrap_or_default();
        let part = |at: usize, role: Role| Used { text: from(at), sure: word.sure.from(at), role };
        match &*word.text {
            text if text.starts_with(b"if=") => told.used.push(part(3, R)),
            text if text.starts_with(b"of=") => told.used.push(part(3, W)),
            _ => {}
        }
        let open = word.sure != Sure::Exact && word.known().len() < 3;
        told.complete &= !open && !matches!(word.sure, Sure::Split(_)) && word.text.contains(&b'=');
    }
    told
}

// What was read of the options of tar(1).
#[derive(Default)]
struct Tar<'a> {
    letters: Vec<u8>,
    archives: Vec<Used<'a>>,
    folders: Vec<Used<'a>>,
    lists: Vec<Used<'a>>,
    members: Vec<&'a Word<'a>>,
    doubt: bool,
}

const TAR_SWITCHES: &[u8] = b"cxtruAdvzjJZaikmopSwhlpUW";
const TAR_VALUED: &[u8] = b"fCXTbgKNVH";
const TAR_LONGS: &[(&[u8], u8)] = &[
    (b"--extract", b'x'),
    (b"--get", b'x'),
    (b"--create", b'c'),
    (b"--list", b't'),
    (b"--append", b'r'),
    (b"--update", b'u'),
    (b"--concatenate", b'A'),
    (b"--catenate", b'A'),
    (b"--diff", b'd'),
    (b"--compare", b'd'),
    (b"--delete", b'D'),
    (b"--remove-files", b'R'),
    (b"--verbose", b'v'),
    (b"--gzip", b'z'),
    (b"--gunzip", b'z'),
    (b"--bzip2", b'j'),
    (b"--xz", b'J'),
    (b"--zstd", b'z'),
    (b"--auto-compress", b'a'),
    (b"--keep-old-files", b'k'),
    (b"--no-same-owner", b'o'),
    (b"--no-same-permissions", b'o'),
    (b"--dereference", b'h'),
    (b"--file", b'f'),
    (b"--directory", b'C'),
    (b"--exclude-from", b'X'),
    (b"--files-from", b'T'),
    (b"--exclude", b'N'),
    (b"--strip-components", b'N'),
    (b"--transform", b'N'),
    (b"--xform", b'N'),
    (b"--wildcards", b'v'),
    (b"--no-recursion", b'v'),
    (b"--owner", b'N'),
    (b"--group", b'N'),
    (b"--mode", b'N'),
    (b"--mtime", b'N'),
    (b"--sort", b'N'),
    (b"--one-file-system", b'l'),
];

fn tar<'a>(words: &'a [Word<'a>]) -> Told<'a> {
    let mut tar = Tar::default();
    let mut rest = words.iter();
    if let Some(first) = words.first().filter(|word| !word.is_option() && word.certain().is_some()) {
        rest.next();
        tar.bundle(&first.text, &mut rest);
    }
    while let Some(word) = rest.next() {
        tar.word(word, &mut rest);
    }
    tar.told()
}

impl<'a> Tar<'a> {
    // The old form, `tar xzf a.tar`: values follow in the order of their letters.
    fn bundle(&mut self, letters: &[u8], rest: &mut std::slice::Iter<'a, Word<'a>>) {
        for letter in letters {
            self.letter(*letter);
            if TAR_VALUED.contains(letter)
                && let Some(word) = rest.next()
            {
                self.value(*letter, &word.text, word.sure);
            }
        }
    }

    fn word(&mut self, word: &'a Word<'a>, rest: &mut std::slice::Iter<'a, Word<'a>>) {
        if !word.may_be_option() {
            self.members.push(word);
        } else if word.certain().is_none() {
            self.doubt = true;
            self.members.push(word);
        } else if word.text.starts_with(b"--") {
            self.long(&word.text, rest);
        } else {
            self.cluster(&word.text, rest);
        }
    }

    fn long(&mut self, word: &'a [u8], rest: &mut std::slice::Iter<'a, Word<'a>>) {
        let mut parts = word.splitn(2, |&b| b == b'=');
        let (name, joined) = (parts.next().unwrap_or_default(), parts.next());
        let exact = TAR_LONGS.iter().find(|(long, _)| *long == name);
        // An abbreviation may be any of several.
        self.doubt |= exact.is_none();
        let near = TAR_LONGS.iter().find(|(long, _)| name.len() > 2 && long.starts_with(name));
        let Some((_, letter)) = exact.or(near) else { return };
        self.letter(*letter);
        if TAR_VALUED.contains(letter) {
            match joined {
                Some(text) => self.value(*letter, text, Sure::Exact),
                None => {
                    if let Some(word) = rest.next() {
                        self.value(*letter, &word.text, word.sure);
                    }
                }
            }
        }
    }

    fn cluster(&mut self, word: &'a [u8], rest: &mut std::slice::Iter<'a, Word<'a>>) {
        for (at, letter) in word.iter().enumerate().skip(1) {
            self.letter(*letter);
            if TAR_VALUED.contains(letter) {
                let joined = word.get(at + 1..).unwrap_or_default();
                if !joined.is_empty() {
                    self.value(*letter, joined, Sure::Exact);
                } else if let Some(word) = rest.next() {
                    self.value(*letter, &word.text, word.sure);
                }
                return;
            }
        }
    }

    fn letter(&mut self, letter: u8) {
        self.doubt |=
            !TAR_SWITCHES.contains(&letter) && !TAR_VALUED.contains(&letter) && !b"DR".contains(&letter);
        self.letters.push(letter);
    }

    fn value(&mut self, letter: u8, text: &'a [u8], sure: Sure) {
        self.doubt |= matches!(sure, Sure::Split(_) | Sure::Files);
        let value = |role| Used { text, sure, role };
        match letter {
            b'f' => self.archives.push(value(Role::Nothing)),
            b'C' => self.folders.push(value(Role::Nothing)),
            b'X' | b'T' => {
                // What a list names is not in the words.
                self.doubt |= letter == b'T';
                self.lists.push(value(R));
            }
            b'g' => self.lists.push(value(RW)),
            _ => {}
        }
    }

    fn told(self) -> Told<'a> {
        let has = |letters: &[u8]| self.letters.iter().any(|letter| letters.contains(letter));
        let (extracts, creates, changes, reads) = (has(b"x"), has(b"c"), has(b"ruAD"), has(b"td"));
        let one = [extracts, creates, changes, reads].iter().filter(|holds| **holds).count() == 1;
        let mut told = Told { complete: one && !self.doubt, ..Told::default() };
        let mut add = |used: &[Used<'a>], role: Role| {
            told.used.extend(used.iter().map(|used| Used { role, ..*used }));
        };
        if extracts {
            add(&self.folders, W);
        }
        if extracts || reads || !one {
            add(&self.archives, R);
        }
        if creates || changes || !one {
            add(&self.archives, if changes { RW } else { W });
            add(&self.folders, R);
        }
        if creates || changes || has(b"d") {
            let role = if has(b"R") { Role::Path(&[Effect::Reads, Effect::Deletes]) } else { R };
            told.used.extend(self.members.iter().map(|word| used(word, role)));
            told.links = creates || changes;
            // From which folder a member is taken is another matter.
            told.complete &= self.folders.is_empty();
        }
        if extracts && self.folders.is_empty() {
            told.here = Some(Effect::Writes);
        }
        // `host:archive` is taken from another machine.
        told.complete &= !self.archives.iter().any(|used| used.text.contains(&b':'));
        told.used.extend(self.lists);
        told
    }
}
