//! Programs that run another when an option, or their own language, says so.
//! Pure. Read wide: what may be such an option is taken for one.

use super::{Given, Unwrapped};
use crate::facts::argv::{Command, Flag, Word};

// Whether one of these options may be among the words, or a word may turn out to be one.
pub(super) fn launches<'a>(given: &Given<'_, 'a>, options: &[&str]) -> Unwrapped<'a> {
    let open = given.from(1).iter().find(|word| word.certain().is_none() && word.may_be_option());
    if let Some(word) = open {
        return given.not_known(&super::options::only_then(word));
    }
    let command = Command::of(given.words);
    let may = |flag: &Flag| command.is_some_and(|command| command.may_have(flag));
    let found = options.iter().filter_map(|option| Flag::new(option)).find(may);
    found.map_or_else(Unwrapped::default, |flag| {
        Unwrapped::opaque(format!("what `{} {}` runs", given.name, flag.name()))
    })
}

fn any_word<'a>(given: &Given<'_, 'a>, what: &str, holds: impl Fn(&[u8]) -> bool) -> Option<Unwrapped<'a>> {
    let found = given.from(1).iter().any(|word| holds(&word.text));
    found.then(|| Unwrapped::opaque(format!("what `{}` runs: {what}", given.name)))
}

/// vi and its kin: commands of the editor can run anything.
pub(super) fn vim<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    any_word(given, "commands behind `+`", |word| word.starts_with(b"+"))
        .unwrap_or_else(|| launches(given, &["-c", "--cmd", "-S", "-s", "-l", "-u", "-U", "-i", "-q"]))
}

/// Emacs: its Lisp can run anything.
pub(super) fn emacs<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    launches(
        given,
        &["--eval", "-eval", "--execute", "-l", "--load", "-f", "--funcall", "--script", "-x", "--batch"],
    )
}

/// tar: for compression, for every file, at checkpoints and ends of volumes.
pub(super) fn tar<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    // The letters may come first and without a dash.
    let bundled = given.words.get(1).filter(|word| !word.is_option());
    if bundled.is_some_and(|word| word.text.iter().any(|b| matches!(b, b'I' | b'F'))) {
        return given.not_known("`I` and `F` name programs");
    }
    let options = [
        "--to-command",
        "--checkpoint-action",
        "-I",
        "--use-compress-program",
        "-F",
        "--info-script",
        "--new-volume-script",
        "--rsh-command",
        "--rmt-command",
    ];
    launches(given, &options)
}

/// ripgrep, which can hand every file to a program first.
pub(super) fn rg<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    launches(given, &["--pre", "--hostname-bin"])
}

/// rsync, and the programs it takes for the way there and at the other end.
pub(super) fn rsync<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    launches(given, &["-e", "--rsh", "--rsync-path", "--daemon", "--early-exec"])
}

/// scp and sftp, and the program they take for the way there.
pub(super) fn scp<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    launches(given, &["-S", "-F", "-o", "-D", "-b"])
}

/// split, which can hand every piece to a program.
pub(super) fn split<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    launches(given, &["--filter"])
}

/// netcat, which can put a program behind a connection.
pub(super) fn nc<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    launches(given, &["-e", "-c", "--exec", "--sh-exec", "--lua-exec"])
}

/// man, and the program it shows pages with.
pub(super) fn man<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    launches(given, &["-P", "--pager", "-H", "--html", "-B", "-C", "--config-file"])
}

/// less, whose first command may stand behind a `+`.
pub(super) fn less<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    any_word(given, "commands behind `+`", |word| word.starts_with(b"+"))
        .unwrap_or_else(|| launches(given, &["-k", "--lesskey-src", "--lesskey-file", "--lesskey-content"]))
}

/// tmux: what only looks is plain.
pub(super) fn tmux<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    const LOOKS: [&[u8]; 14] = [
        b"ls",
        b"list-sessions",
        b"lsw",
        b"list-windows",
        b"lsp",
        b"list-panes",
        b"has-session",
        b"has",
        b"capture-pane",
        b"capturep",
        b"kill-session",
        b"kill-server",
        b"-V",
        b"lsk",
    ];
    let looks = given.words.get(1).and_then(Word::certain).is_some_and(|word| LOOKS.contains(&word));
    // `#(…)` in a format is code, and a `;` begins another command.
    let codes =
        |word: &Word<'_>| word.text.contains(&b'#') || word.text.contains(&b';') || word.certain().is_none();
    if looks && !given.from(1).iter().any(codes) {
        return Unwrapped::default();
    }
    given.not_known("it is not looked into")
}

/// GNU screen: listing its sessions is plain.
pub(super) fn screen<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    match given.from(1) {
        [word] if matches!(word.certain(), Some(b"-ls" | b"-list" | b"--version" | b"-v")) => {
            Unwrapped::default()
        }
        _ => given.not_known("it is not looked into"),
    }
}
