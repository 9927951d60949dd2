//! Commands behind which another branch may be checked out than the one that was seen.
//! Pure; wide: a list of what certainly switches to no branch, for an alias may be anything.

use super::argv::{Command, Word};
use super::atoms::Atom;

// Subcommands of git that leave HEAD on its branch, whatever they do to it.
const STAYING: &str = "add am annotate apply archive blame bundle cat-file check-attr check-ignore cherry cherry-pick \
    clean clone commit commit-tree config count-objects describe diff diff-files diff-index diff-tree difftool \
    fast-export fetch for-each-ref format-patch fsck gc grep hash-object help init lfs log ls-files ls-remote ls-tree \
    maintenance merge merge-base merge-tree mv name-rev notes prune pull push range-diff read-tree reflog remote \
    repack rerere reset restore rev-list rev-parse revert rm send-email send-pack shortlog show show-branch show-ref \
    sparse-checkout status submodule tag update-index var verify-commit verify-tag version whatchanged worktree \
    write-tree";
// Programs that switch branches, with the words that do; none stands for any.
const OTHERS: [(&str, &[&str]); 11] = [
    ("gh", &["checkout", "co", "develop"]),
    ("glab", &["checkout"]),
    ("hub", &["checkout", "switch", "co"]),
    ("tea", &["checkout", "co"]),
    ("jj", &[]),
    ("gt", &[]),
    ("gitui", &[]),
    ("lazygit", &[]),
    ("tig", &[]),
    ("stg", &[]),
    ("repo", &[]),
];
const RENAMING: [&str; 3] = ["-m", "-M", "--move"];

/// Whether another branch may be checked out behind this command.
#[must_use]
pub fn may_switch(atom: &Atom<'_>) -> bool {
    let Some(command) = atom.as_command().filter(|_| !atom.elsewhere) else { return false };
    if command.words().iter().any(|word| holds(&word.text, b".git/HEAD")) {
        return true;
    }
    let name = command.name();
    if name == b"git" {
        return git_may_switch(&command);
    }
    let other = OTHERS.iter().find(|(other, _)| other.as_bytes() == name);
    let named =
        |word: &Word<'_>, switching: &[&str]| switching.iter().any(|text| *word.text == *text.as_bytes());
    name.starts_with(b"git-")
        || other.is_some_and(|(_, switching)| {
            switching.is_empty()
                || command.words().iter().any(|word| named(word, switching) || !word.is_one())
        })
}

fn git_may_switch(command: &Command<'_>) -> bool {
    let words = command.words();
    let Some(at) = subcommand(words) else { return words.iter().any(|word| word.certain().is_none()) };
    let rest = words.get(at + 1..).unwrap_or_default();
    let is = |wanted: &[u8]| rest.iter().any(|word| word.certain() == Some(wanted));
    let plain = rest.iter().filter(|word| !word.is_option()).count();
    match words.get(at).and_then(Word::certain) {
        // With paths named so, it takes files from a branch and stays.
        Some(b"checkout") => !is(b"--"),
        Some(b"branch") => rest.iter().any(|word| {
            let cluster = word.text.starts_with(b"-") && !word.text.starts_with(b"--");
            let renames = RENAMING.iter().any(|option| word.text.starts_with(option.as_bytes()));
            word.certain().is_none()
                || renames
                || (cluster && word.text.iter().any(|b| matches!(b, b'm' | b'M')))
        }),
        Some(b"rebase") => plain > 1 || rest.iter().any(|word| word.certain().is_none()),
        Some(b"stash") => rest.iter().any(|word| word.certain().is_none_or(|word| word == b"branch")),
        Some(name) => !STAYING.split_ascii_whitespace().any(|staying| staying.as_bytes() == name),
        None => true,
    }
}

// Where the subcommand of git(1) stands, behind the options before it.
fn subcommand(words: &[Word<'_>]) -> Option<usize> {
    let mut at = 0;
    while let Some(word) = words.get(at).filter(|word| word.is_option()) {
        let valued =
            matches!(word.certain(), Some(b"-C" | b"-c" | b"--git-dir" | b"--work-tree" | b"--namespace"));
        at += if valued { 2 } else { 1 };
    }
    (at < words.len()).then_some(at)
}

fn holds(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// Whether everything in this code runs once, in the order it stands in.
#[must_use]
pub fn runs_in_order(code: &[u8]) -> bool {
    const TURNING: [&str; 10] =
        ["for", "while", "until", "select", "function", "trap", "alias", "coproc", "source", "eval"];
    let Ok(text) = std::str::from_utf8(code) else { return false };
    let text = text.replace("&&", ";").replace("||", ";").replace(">&", ">").replace("&>", ">");
    let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    let turns = text.contains(['|', '&']) || text.contains("()") || words.any(|word| TURNING.contains(&word));
    !turns
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::facts::atoms::Atoms;
    use crate::facts::shell;

    fn switches(line: &str) -> bool {
        let read = Atoms::of(line.split(' ').map(str::as_bytes), Path::new("/srv"), None);
        read.atoms.iter().any(may_switch)
    }

    #[test]
    fn what_may_check_out_another_branch_is_told() {
        for line in [
            "git switch main",
            "git -c a=b -C x switch main",
            "git checkout main",
            "git checkout -b x",
            "git branch -m main",
            "git branch -fM a main",
            "git branch --move main",
            "git rebase main topic",
            "git symbolic-ref HEAD refs/heads/main",
            "git stash branch x",
            "git bisect start",
            "git co main",
            "/usr/bin/git switch main",
            "git-switch main",
            "gh pr checkout 12",
            "tee .git/HEAD",
        ] {
            assert!(switches(line), "{line}");
        }
        for line in [
            "git push",
            "git pull --rebase",
            "git commit -m x",
            "git checkout -- file",
            "git branch -D x",
            "git rebase main",
            "git stash pop",
            "git reset --hard origin/main",
            "gh pr view",
            "cargo test",
            "git",
            "ssh host git switch main",
        ] {
            let read = Atoms::of(line.split(' ').map(str::as_bytes), Path::new("/srv"), None);
            assert!(!read.atoms.iter().filter(|atom| !atom.elsewhere).any(may_switch), "{line}");
        }
    }

    fn moved(line: &str) -> Vec<bool> {
        let read = shell::line(line.as_bytes(), Path::new("/srv"), None);
        let push = |atom: &&Atom<'_>| atom.words.iter().any(|word| &*word.text == b"push");
        read.atoms.iter().filter(push).map(|atom| atom.branch_moved).collect()
    }

    #[test]
    fn behind_a_switch_the_branch_is_not_known() {
        for line in [
            "git switch main && git push",
            "git switch main; (cd x; git push)",
            "git switch -c x || git push",
            "bash -c 'git switch main'; git push",
            "bash -c 'git push; git switch main'",
            "git push & git switch main",
            "git push | git switch main",
            "for i in 1 2; do git push; git switch main; done",
            "f() { git push; }; git switch main; f",
            "if git switch main; then git push; fi",
            "x=$(git switch main); git push",
            "eval \"$X\"; git push",
        ] {
            let found = moved(line);
            assert!(!found.is_empty() && found.iter().all(|moved| *moved), "{line}: {found:?}");
        }
        for line in ["git push && git switch main", "git push", "git pull && git push", "cd x && git push"] {
            assert_eq!(moved(line), [false], "{line}");
        }
    }
}
