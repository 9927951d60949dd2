//! Programs that run a command for what they find or read: find, fd, xargs, entr.
//! Pure.

use std::borrow::Cow;

use super::found;
use super::options::{self, only_then};
use super::plain::joined;
use super::{Given, Unwrapped, Within};
use crate::facts::argv::{Sure, Word};
use crate::facts::atoms::Change;

const XARGS: &str = "-0 -o -p -r -t -x -a= -d= -E= -e? -i? -I= -L= -l? -n= -P= -s= --null --arg-file= --delimiter= \
    --eof? --replace? --max-lines? --max-args= --max-procs= --interactive --no-run-if-empty --max-chars= --verbose \
    --exit --open-tty --show-limits --help. --version.";

/// `xargs COMMAND…`: the words read from its input follow, or stand where `-I` says.
pub(super) fn xargs<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    let options = match options::read(given.from(1), XARGS) {
        Ok(options) => options,
        Err(why) => return given.not_known(&why),
    };
    let (own, words) = given.words.split_at_checked(options.next + 1).unwrap_or((given.words, &[]));
    // Without a command it prints its input.
    if options.answer() || words.is_empty() {
        return Unwrapped::default();
    }
    let place = options.met.iter().rev().find(|met| matches!(met.name, "-I" | "-i" | "--replace"));
    // Names that the command before it found, where they are no matter of doubt for what gets them.
    let named = given.around.found.as_slice();
    let from_file = options.has(&["-a", "--arg-file"]);
    let named = if found::is_reader(words) && !from_file { named } else { &[] };
    let inner = match place {
        None if !named.is_empty() => words.iter().chain(named).cloned().collect(),
        None => words.iter().cloned().chain([from_input()]).collect(),
        Some(met) => {
            let mark = met.value.as_ref().map_or(Some(&b"{}"[..]), Word::certain);
            let Some(mark) = mark.filter(|mark| !mark.is_empty()) else {
                return given.not_known("where the words go is only known then");
            };
            let fill = |word: &Word<'a>| match word.certain() == Some(mark) && !named.is_empty() {
                true => named.to_vec(),
                false => vec![filled(word, mark, None)],
            };
            words.iter().flat_map(fill).collect()
        }
    };
    let change = Change { reads_input: true, ..Change::default() };
    Unwrapped::of(own, vec![(Within::Command(inner), change)])
}

fn from_input<'a>() -> Word<'a> {
    Word { text: Cow::Borrowed(b"{}"), sure: Sure::Split(0) }
}

// A word in which something stands for what is found: of that, `start` is known.
fn filled<'a>(word: &Word<'a>, mark: &[u8], start: Option<&Start>) -> Word<'a> {
    let Some(at) = position(&word.text, mark) else { return word.clone() };
    let before = word.text.get(..at).unwrap_or_default();
    let Some(start) = start.filter(|_| word.sure == Sure::Exact) else {
        let sure = match word.sure {
            Sure::Split(known) => Sure::Split(known.min(at)),
            Sure::Partly(known) => Sure::Partly(known.min(at)),
            Sure::Exact | Sure::Files => Sure::Partly(at),
        };
        return Word { text: word.text.clone(), sure };
    };
    let behind = word.text.get(at + mark.len()..).unwrap_or_default();
    let text = [before, &start.path, if start.itself { b"" } else { b"/{}" }, behind].concat();
    Word { text: text.into(), sure: Sure::Partly(at + start.path.len()) }
}

fn position(text: &[u8], mark: &[u8]) -> Option<usize> {
    text.windows(mark.len()).position(|window| window == mark)
}

// Where a search begins, and whether that place itself is among what is found.
struct Start {
    path: Vec<u8>,
    itself: bool,
}

/// `find … -exec COMMAND ;`
pub(super) fn find<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    found(given).unwrap_or_else(|why| given.not_known(&why))
}

fn found<'a>(given: &Given<'_, 'a>) -> Result<Unwrapped<'a>, String> {
    let mut own: Vec<Word<'a>> = given.words.get(..1).unwrap_or_default().to_vec();
    let mut within = Vec::new();
    let mut at = 1;
    let start = start(given);
    while let Some(word) = given.words.get(at) {
        at += 1;
        own.push(word.clone());
        if word.certain().is_none() && word.may_be_option() {
            return Err(only_then(word));
        }
        let Some(option) = word.certain() else { continue };
        if takes_a_value(option) {
            own.extend(given.words.get(at).cloned());
            at += 1;
        }
        if !EXEC.iter().any(|name| name.as_bytes() == option) {
            continue;
        }
        let at_option = at;
        let command = executed(given.from(at))?;
        at += command.len() + 1;
        // `-execdir` runs in the folder of what was found, and names that alone.
        let in_place = option.ends_with(b"dir");
        let start = start.as_ref().filter(|_| !in_place);
        let named = found::by_find(given.words.get(..at_option).unwrap_or_default());
        let named = named.filter(|_| found::is_reader(command) && !in_place);
        let fill = |word: &Word<'a>| match &named {
            Some(named) if word.certain() == Some(b"{}") => named.clone(),
            _ => vec![filled(word, b"{}", start)],
        };
        let inner = command.iter().flat_map(fill).collect();
        let folder = in_place.then_some(None);
        within.push((Within::Command(inner), Change { folder, ..Change::default() }));
    }
    let own = if within.is_empty() { None } else { Some(own) };
    Ok(Unwrapped { own, within })
}

const EXEC: [&str; 4] = ["-exec", "-execdir", "-ok", "-okdir"];

// The words up to `;`, or up to `+` behind `{}`.
fn executed<'w, 'a>(words: &'w [Word<'a>]) -> Result<&'w [Word<'a>], String> {
    for (at, word) in words.iter().enumerate() {
        match word.certain() {
            Some(b";") => return Ok(words.get(..at).unwrap_or_default()),
            Some(b"+") if at > 0 && words.get(at - 1).is_some_and(|word| word.certain() == Some(b"{}")) => {
                return Ok(words.get(..at).unwrap_or_default());
            }
            Some(_) => {}
            // It may turn out to be the end.
            None if word.known().first().is_none_or(|b| matches!(b, b';' | b'+'))
                || matches!(word.sure, Sure::Split(_)) =>
            {
                return Err(only_then(word));
            }
            None => {}
        }
    }
    Err("its command has no end".to_owned())
}

fn takes_a_value(option: &[u8]) -> bool {
    VALUED.split_ascii_whitespace().any(|name| name.as_bytes() == option)
}

const VALUED: &str = "-name -iname -path -ipath -wholename -iwholename -lname -ilname -regex -iregex -regextype -type \
    -xtype -maxdepth -mindepth -size -mtime -mmin -atime -amin -ctime -cmin -used -newer -anewer -cnewer -perm -user \
    -group -uid -gid -links -inum -samefile -fstype -context -printf -fprint -fprint0 -fls -D -files0-from";

// The one place the search begins at, when there is but one and it is certain.
fn start(given: &Given<'_, '_>) -> Option<Start> {
    let follow = [&b"-H"[..], b"-L", b"-P"];
    let mut words =
        given.from(1).iter().skip_while(|word| word.certain().is_some_and(|word| follow.contains(&word)));
    let first = words.next()?;
    let begins = |word: &Word<'_>| word.is_option() || matches!(&*word.text, b"(" | b"!");
    let next = words.next()?;
    if first.sure != Sure::Exact || begins(first) || !begins(next) {
        return None;
    }
    let path = first.text.to_vec();
    let path =
        if path.len() > 1 { path.strip_suffix(b"/").map_or(path.clone(), <[u8]>::to_vec) } else { path };
    // A test by name or kind leaves the start itself out, as a rule.
    let itself = EXEC.iter().any(|name| name.as_bytes() == &*next.text);
    Some(Start { path, itself })
}

/// `fd … -x COMMAND`
pub(super) fn fd<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    let launches = [&b"-x"[..], b"-X", b"--exec", b"--exec-batch"];
    let at = given.words.iter().position(|word| word.certain().is_some_and(|word| launches.contains(&word)));
    let Some(at) = at else {
        let may = |word: &Word<'_>| {
            let cluster = word.is_option()
                && !word.text.starts_with(b"--")
                && word.text.iter().any(|b| matches!(b, b'x' | b'X'));
            cluster || word.text.starts_with(b"--e") || (word.certain().is_none() && word.may_be_option())
        };
        let doubtful = given.from(1).iter().find(|word| may(word));
        return doubtful.map_or_else(Unwrapped::default, |word| given.not_known(&only_then(word)));
    };
    let (own, rest) = given.words.split_at_checked(at + 1).unwrap_or((given.words, &[]));
    let open = |word: &&Word<'_>| word.certain().is_none();
    let end = rest.iter().position(|word| word.certain() == Some(b";"));
    if let Some(word) = rest.iter().find(open) {
        return given.not_known(&only_then(word));
    }
    let command = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
    let marks = [&b"{}"[..], b"{/}", b"{//}", b"{.}", b"{/.}"];
    let mark = |word: &Word<'_>| marks.into_iter().find(|mark| position(&word.text, mark).is_some());
    let mut inner: Vec<Word<'a>> = command
        .iter()
        .map(|word| mark(word).map_or_else(|| word.clone(), |mark| filled(word, mark, None)))
        .collect();
    if !command.iter().any(|word| mark(word).is_some()) {
        inner.push(from_input());
    }
    let behind = end.and_then(|end| rest.get(end + 1..)).unwrap_or_default();
    if inner.is_empty() || !behind.is_empty() {
        return given.not_known("more follows its command");
    }
    Unwrapped::of(own, vec![(Within::Command(inner), Change::default())])
}

/// `entr COMMAND…`: `/_` is the file that changed; with `-s` the word is code.
pub(super) fn entr<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    let options = match options::read(given.from(1), "-a -c -d -n -p -r -s -x -z") {
        Ok(options) => options,
        Err(why) => return given.not_known(&why),
    };
    let (own, words) = given.words.split_at_checked(options.next + 1).unwrap_or((given.words, &[]));
    if options.has(&["-s"]) {
        let change = Change { in_shell: true, ..Change::default() };
        return Unwrapped::of(own, vec![(Within::Line(joined(words)), change)]);
    }
    let inner = words.iter().map(|word| filled(word, b"/_", None)).collect();
    Unwrapped::of(own, vec![(Within::Command(inner), Change::default())])
}
