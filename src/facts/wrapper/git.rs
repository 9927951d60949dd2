//! git: commands it runs for each commit or module, and programs its settings name.
//! Pure. The rules for git review most of these too; here no word of them hides what they run.

use super::launch::launches;
use super::options::{self, only_then};
use super::{Given, Unwrapped, Within};
use crate::facts::argv::Word;
use crate::facts::atoms::Change;

// `--exec-path` and `--config-env` are left out.
const GLOBAL: &str = "-C/ -c= -p -P --paginate --no-pager --git-dir= --work-tree= --namespace= --bare --no-replace-objects \
    --literal-pathspecs --glob-pathspecs --noglob-pathspecs --icase-pathspecs --no-optional-locks --no-lazy-fetch \
    --no-advice --html-path. --man-path. --info-path. -v. --version. -h. --help.";

/// What a call of git runs.
pub(super) fn git<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    let options = match options::read(given.from(1), GLOBAL) {
        Ok(options) => options,
        Err(why) => return given.not_known(&why),
    };
    let settings = options.met.iter().filter(|met| met.name == "-c");
    if let Some(word) = settings.filter_map(|met| met.value.as_ref()).find(|word| !is_harmless(word)) {
        let setting = String::from_utf8_lossy(&word.text);
        return given.not_known(&format!("the setting `{setting}` may name a program"));
    }
    let at = options.next + 1;
    let Some(word) = given.words.get(at).filter(|_| !options.answer()) else { return Unwrapped::default() };
    let Some(subcommand) = word.certain() else { return given.not_known(&only_then(word)) };
    match subcommand {
        b"bisect" => bisect(given, at + 1),
        b"submodule" => submodule(given, at + 1),
        b"rebase" => rebase(given, at + 1),
        b"filter-branch" | b"for-each-repo" | b"hook" | b"instaweb" | b"daemon" => {
            given.not_known("it is not looked into")
        }
        b"difftool" => launches(given, &["-x", "--extcmd"]),
        b"grep" => launches(given, &["-O", "--open-files-in-pager"]),
        b"fetch" | b"pull" | b"ls-remote" | b"fetch-pack" => launches(given, &["--upload-pack", "--exec"]),
        b"clone" => launches(given, &["-u", "--upload-pack", "-c", "--config", "--template"]),
        b"push" | b"send-pack" => launches(given, &["--receive-pack", "--exec"]),
        b"archive" => launches(given, &["--exec"]),
        b"send-email" => {
            launches(given, &["--smtp-server", "--sendmail-cmd", "--to-cmd", "--cc-cmd", "--header-cmd"])
        }
        _ => Unwrapped::default(),
    }
}

// Of what a setting can be, much names programs: an alias, a pager, an editor, a filter.
fn is_harmless(word: &Word<'_>) -> bool {
    const GROUPS: [&str; 7] = ["advice.", "color.", "column.", "log.", "user.", "branch.", "status."];
    const KEYS: [&str; 26] = [
        "commit.gpgsign",
        "core.abbrev",
        "core.autocrlf",
        "core.bare",
        "core.eol",
        "core.filemode",
        "core.ignorecase",
        "core.longpaths",
        "core.precomposeunicode",
        "core.quotepath",
        "diff.algorithm",
        "diff.noprefix",
        "diff.renames",
        "fetch.prune",
        "gc.auto",
        "grep.linenumber",
        "http.postbuffer",
        "init.defaultbranch",
        "merge.conflictstyle",
        "merge.ff",
        "pull.ff",
        "pull.rebase",
        "push.default",
        "rebase.autostash",
        "tag.gpgsign",
        "tag.sort",
    ];
    let key = word.known().split(|&b| b == b'=').next().unwrap_or_default().to_ascii_lowercase();
    let whole = word.certain().is_some() || key.len() < word.known().len();
    let known = KEYS.iter().any(|known| known.as_bytes() == key);
    whole && (known || GROUPS.iter().any(|group| key.starts_with(group.as_bytes())))
}

fn bisect<'a>(given: &Given<'_, 'a>, at: usize) -> Unwrapped<'a> {
    match given.from(at) {
        [run, inner @ ..] if run.certain() == Some(b"run") => command(given, at + 1, inner),
        [word, ..] if word.certain().is_none() => given.not_known(&only_then(word)),
        _ => Unwrapped::default(),
    }
}

fn command<'a>(given: &Given<'_, 'a>, at: usize, inner: &[Word<'a>]) -> Unwrapped<'a> {
    let own = given.words.get(..at).unwrap_or_default();
    Unwrapped::of(
        own,
        vec![(Within::Command(inner.to_vec()), Change { folder: Some(None), ..Change::default() })],
    )
}

// One word is code; the first of several is too, when it is more than a name.
fn submodule<'a>(given: &Given<'_, 'a>, start: usize) -> Unwrapped<'a> {
    let read =
        |at: usize| options::read(given.from(at), "-q --quiet --recursive").map(|options| at + options.next);
    let at = match read(start) {
        Ok(at) => at,
        Err(_)
            if given.from(start).iter().all(|word| word.certain().is_some_and(|word| word != b"foreach")) =>
        {
            return Unwrapped::default();
        }
        Err(why) => return given.not_known(&why),
    };
    match given.words.get(at) {
        Some(word) if word.certain() == Some(b"foreach") => {}
        Some(word) if word.certain().is_none() => return given.not_known(&only_then(word)),
        _ => return Unwrapped::default(),
    }
    let at = match read(at + 1) {
        Ok(at) => at,
        Err(why) => return given.not_known(&why),
    };
    let inner = given.from(at);
    let name = |word: &Word<'_>| {
        word.certain()
            .is_some_and(|word| word.iter().all(|b| b.is_ascii_alphanumeric() || b"-_./+".contains(b)))
    };
    match inner {
        [] => Unwrapped::default(),
        [code] => {
            let own = given.words.get(..at).unwrap_or_default();
            let change = Change { in_shell: true, folder: Some(None), ..Change::default() };
            Unwrapped::of(own, vec![(Within::Line(code.clone()), change)])
        }
        [first, ..] if name(first) => command(given, at, inner),
        [first, ..] => {
            given.not_known(&format!("`{}` is read by a shell", String::from_utf8_lossy(&first.text)))
        }
    }
}

// `--exec CODE`, any number of times.
fn rebase<'a>(given: &Given<'_, 'a>, start: usize) -> Unwrapped<'a> {
    let mut within = Vec::new();
    let mut others = given.words.get(..start).unwrap_or_default().to_vec();
    let mut words = given.from(start).iter();
    while let Some(word) = words.next() {
        let joined = [&b"--exec="[..], b"-x"]
            .into_iter()
            .find(|name| word.known().starts_with(name) && word.text.len() > name.len());
        let code = match word.certain() {
            Some(b"-x" | b"--exec") => words.next().cloned(),
            _ => joined.map(|name| options::tail(word, name.len())),
        };
        match code {
            Some(code) => within.push((Within::Line(code), Change { in_shell: true, ..Change::default() })),
            None => others.push(word.clone()),
        }
    }
    let rest = launches(&Given { words: &others, ..*given }, &["-x", "--exec"]);
    within.extend(rest.within);
    Unwrapped { own: None, within }
}
