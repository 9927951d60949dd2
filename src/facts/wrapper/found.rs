//! Names of files that one command finds and another gets: `find … -exec`, `find … | xargs`.
//! Pure. Only for what merely reads them: a name split at its blanks, or taken for an option, changes nothing then.

use std::borrow::Cow;

use crate::facts::argv::{Sure, Word, base_name};

// Programs that show or tell of the files they are given, and have no option that does more.
const READERS: [&str; 23] = [
    "basename",
    "cat",
    "cksum",
    "cut",
    "dirname",
    "du",
    "egrep",
    "fgrep",
    "file",
    "grep",
    "head",
    "jq",
    "ls",
    "md5sum",
    "nl",
    "paste",
    "sha1sum",
    "sha256sum",
    "stat",
    "tac",
    "tail",
    "wc",
    "zcat",
];
// Options of find that print something else than names, or follow links.
const PRINTS_OTHERWISE: [&str; 9] =
    ["-printf", "-fprintf", "-fprint", "-fprint0", "-fls", "-ls", "-L", "-follow", "-files0-from"];
// What begins another action than printing.
const ACTS: [&str; 5] = ["-exec", "-execdir", "-ok", "-okdir", "-delete"];
// What the names of files with credentials hold: who searches for them asks for what they hold.
const TELLING: [&str; 37] = [
    "env",
    "key",
    "pem",
    "secret",
    "cred",
    "id_",
    "ssh",
    "token",
    "passw",
    "netrc",
    "npmrc",
    "pypirc",
    "aws",
    "kube",
    "gnupg",
    "azure",
    "p12",
    "pfx",
    "jks",
    "kdb",
    "ppk",
    "asc",
    "gpg",
    "shadow",
    "wallet",
    "login",
    "cookie",
    "history",
    "docker/config",
    "gcloud",
    "htpasswd",
    "boto",
    "s3cfg",
    "vault",
    "sops",
    "/proc",
    "..",
];

/// Whether a program of these words merely reads the files it is given.
pub(super) fn is_reader(words: &[Word<'_>]) -> bool {
    let name = words.first().and_then(Word::certain).map(base_name);
    name.is_some_and(|name| READERS.iter().any(|reader| reader.as_bytes() == name))
}

/// The files that `find`, of these words, finds: a pattern for each folder it begins at; none where more than that
/// is to be said of them.
pub(super) fn by_find(words: &[Word<'_>]) -> Option<Vec<Word<'static>>> {
    let words = words.get(1..)?;
    let is_named = |word: &Word<'_>, names: &[&str]| names.iter().any(|name| *word.text == *name.as_bytes());
    if !all_innocent(words) || words.iter().any(|word| is_named(word, &PRINTS_OTHERWISE)) {
        return None;
    }
    let starts = words.iter().skip_while(|word| is_named(word, &["-H", "-P"]));
    let begins = |word: &&Word<'_>| word.is_option() || matches!(&*word.text, b"(" | b"!");
    let rest: Vec<&Word<'_>> = starts.collect();
    let count = rest.iter().position(begins).unwrap_or(rest.len());
    // Without a test, what it begins at is found too.
    rest.get(count).filter(|word| !is_named(word, &ACTS))?;
    let folders: Vec<&[u8]> = rest.iter().take(count).map(|word| &*word.text).collect();
    let folders = if folders.is_empty() { vec![&b"."[..]] } else { folders };
    Some(folders.into_iter().map(all_in).collect())
}

fn all_in(folder: &[u8]) -> Word<'static> {
    let folder = if folder.len() > 1 { folder.strip_suffix(b"/").unwrap_or(folder) } else { folder };
    Word { text: Cow::Owned([folder, b"/*"].concat()), sure: Sure::Files }
}

// Nothing in them is open, and none asks for credentials.
fn all_innocent(words: &[Word<'_>]) -> bool {
    words.iter().all(|word| word.certain().is_some_and(is_innocent))
}

fn is_innocent(text: &[u8]) -> bool {
    let text = text.to_ascii_lowercase();
    let holds = |part: &&str| text.windows(part.len()).any(|window| window == part.as_bytes());
    let plain = text.iter().filter(|b| !matches!(b, b'\\' | b'[' | b']'));
    let plain: Vec<u8> = plain.copied().collect();
    let hides = |part: &&str| plain.windows(part.len()).any(|window| window == part.as_bytes());
    let is_hidden = text.starts_with(b".") && text.iter().any(|b| matches!(b, b'*' | b'?'));
    !is_hidden && !TELLING.iter().any(|part| holds(part) || hides(part))
}

/// The files of the project whose names a command of these words prints, one a line; `before` are those it reads.
#[must_use]
pub fn printed(words: &[Word<'_>], before: Option<&[Word<'static>]>) -> Option<Vec<Word<'static>>> {
    let (program, arguments) = words.split_first()?;
    let has =
        |names: &[&str]| arguments.iter().any(|word| names.iter().any(|name| *word.text == *name.as_bytes()));
    let here = || (all_innocent(arguments) && arguments.iter().all(prints_names)).then(|| vec![all_in(b".")]);
    let cluster = |letter: u8| {
        let is_cluster = |word: &&Word<'_>| word.is_option() && !word.text.starts_with(b"--");
        arguments.iter().filter(is_cluster).any(|word| word.text.contains(&letter))
    };
    let stays = || !arguments.iter().any(|word| matches!(word.text.first(), Some(b'/' | b'~')));
    match base_name(program.certain()?) {
        b"find" | b"gfind" if !has(&ACTS) => by_find(words),
        b"git" if git_lists(arguments) => here(),
        b"rg" if has(&["-l", "--files", "--files-with-matches"]) && stays() => here(),
        b"grep" | b"egrep" | b"fgrep" if cluster(b'l') && stays() => here(),
        b"grep" | b"egrep" | b"fgrep" if is_filter(arguments) => before.map(<[_]>::to_vec),
        b"fd" | b"fdfind" if stays() && !has(&["-x", "-X", "--exec", "--exec-batch", "-L", "--follow"]) => {
            here()
        }
        b"sort" | b"uniq" | b"head" | b"tail" | b"tac" | b"shuf" if arguments.iter().all(is_plain_option) => {
            before.map(<[_]>::to_vec)
        }
        _ => None,
    }
}

// Long options of what lists files that leave it with their names: not `--format`, `--label`.
const LISTING: [&[u8]; 26] = [
    b"--",
    b"--cached",
    b"--deleted",
    b"--diff-filter",
    b"--exclude",
    b"--exclude-dir",
    b"--exclude-standard",
    b"--extension",
    b"--files",
    b"--files-with-matches",
    b"--fixed-strings",
    b"--glob",
    b"--hidden",
    b"--iglob",
    b"--ignore-case",
    b"--include",
    b"--max-depth",
    b"--modified",
    b"--name-only",
    b"--no-ignore",
    b"--null",
    b"--others",
    b"--recursive",
    b"--staged",
    b"--type",
    b"--word-regexp",
];

fn prints_names(word: &Word<'_>) -> bool {
    let head = word.text.split(|&b| b == b'=').next().unwrap_or_default();
    !word.text.starts_with(b"--") || LISTING.contains(&head)
}

fn git_lists(arguments: &[Word<'_>]) -> bool {
    let says = |at: usize, text: &[u8]| arguments.get(at).is_some_and(|word| *word.text == *text);
    let names_only = || arguments.iter().any(|word| *word.text == *b"--name-only");
    says(0, b"ls-files") || says(0, b"diff") && names_only()
}

// `grep PATTERN` without a file: it hands on lines of its input.
fn is_filter(arguments: &[Word<'_>]) -> bool {
    let others: Vec<&Word<'_>> = arguments.iter().filter(|word| !word.is_option()).collect();
    let known = |word: &Word<'_>| {
        matches!(&*word.text, b"-v" | b"-E" | b"-F" | b"-P" | b"-i" | b"-vE" | b"-iE" | b"-q")
    };
    others.len() == 1
        && all_innocent(arguments)
        && arguments.iter().filter(|word| word.is_option()).all(known)
}

// `-n`, `-20`, `-n 20`: nothing that names a file.
fn is_plain_option(word: &Word<'_>) -> bool {
    let Some(text) = word.certain() else { return false };
    let number = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    let option = text.strip_prefix(b"-").unwrap_or_default();
    number(text)
        || number(option)
        || matches!(option, b"n" | b"r" | b"u" | b"rn" | b"nr" | b"z" | b"c")
        || option.strip_prefix(b"n").is_some_and(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(line: &str, before: Option<&[Word<'static>]>) -> Option<Vec<String>> {
        let words: Vec<Word<'_>> = line.split(' ').map(Word::from).collect();
        let text = |word: Word<'static>| String::from_utf8_lossy(&word.text).into_owned();
        printed(&words, before).map(|names| names.into_iter().map(text).collect())
    }

    #[test]
    fn what_finds_files_of_the_project_says_where_they_lie() {
        for (line, found) in [
            ("find . -type f", "./*"),
            ("find -name *.rs", "./*"),
            ("find src/ -name *.py -print0", "src/*"),
            ("git ls-files", "./*"),
            ("git diff --name-only HEAD~1", "./*"),
            ("rg -l TODO src", "./*"),
            ("grep -rl TODO .", "./*"),
            ("fd -e rs", "./*"),
        ] {
            assert_eq!(names(line, None), Some(vec![found.to_owned()]), "{line}");
        }
        assert_eq!(names("find a b -type f", None), Some(vec!["a/*".to_owned(), "b/*".to_owned()]));
    }

    #[test]
    fn who_asks_for_credentials_or_hands_on_something_else_is_not_vouched_for() {
        for line in [
            "find . -name .env",
            "find . -name *.e[n]v",
            "find . -iname *.PEM",
            "find /home/a/.ssh -type f",
            "find . -printf /etc/shadow",
            "find -L . -type f",
            "find ..  -type f",
            "find . -delete",
            "find .",
            "ls",
            "echo x",
            "cat list",
            "fd -H .env",
            "fd . /etc",
            "rg -l x /etc",
            "git ls-files *.env",
            "rg --files-with-matches x ~/a",
            "git show --name-only HEAD",
            "git ls-files --format=/etc/x",
            "grep -l --label=/etc/x y -",
            "fd --base-directory /etc",
            "xargs echo",
        ] {
            assert_eq!(names(line, None), None, "{line}");
        }
    }

    #[test]
    fn a_filter_hands_on_what_it_gets() {
        let before = [all_in(b".")];
        for line in ["sort", "head -5", "head -n 5", "grep -v test", "grep -E x|y", "sort -u", "uniq"] {
            assert_eq!(names(line, Some(&before)), Some(vec!["./*".to_owned()]), "{line}");
            assert_eq!(names(line, None), None, "{line}");
        }
        for line in [
            "sort list",
            "head -n 5 list",
            "grep x list",
            "grep \\.env",
            "sed s/a/b/",
            "tail -f list",
            "sort -o x",
        ] {
            assert_eq!(names(line, Some(&before)), None, "{line}");
        }
    }
}
