//! Programs of which some subcommands run a command: of the project's own environment, or of a registry.
//! Pure.

use super::options;
use super::plain::{Row, runs};
use super::{Given, Unwrapped};
use crate::facts::argv::{Word, is_option};

/// `npx PACKAGE`, `uvx PACKAGE`, …: whatever the registry holds under that name.
pub(super) fn registry<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    match given.from(1) {
        [word] if matches!(word.certain(), Some(b"--version" | b"-V" | b"--help")) => Unwrapped::default(),
        // pipx fetches and runs in one go only so.
        [word, ..]
            if given.name == "pipx"
                && word.certain().is_some_and(|word| !is_option(word) && word != b"run") =>
        {
            Unwrapped::default()
        }
        words => fetched(given, words.iter().find(|word| !word.is_option()).map(|word| &*word.text)),
    }
}

fn fetched<'a>(given: &Given<'_, 'a>, package: Option<&[u8]>) -> Unwrapped<'a> {
    let package = String::from_utf8_lossy(package.unwrap_or(b"?"));
    Unwrapped::opaque(format!(
        "what `{}` fetches and runs: the package `{package}` of a registry",
        given.name
    ))
}

// A subcommand that runs something: the program, the words behind it, its options before those, and how
// it is written from there. What a tool looks up in its own environment is taken as a plain command:
// that environment is the project's, as a script of its `package.json` is.
struct Runner {
    program: &'static str,
    before: &'static str,
    subcommand: &'static [&'static str],
    row: Row,
}

const fn runner(
    program: &'static str,
    before: &'static str,
    subcommand: &'static [&'static str],
    row: Row,
) -> Runner {
    Runner { program, before, subcommand, row }
}

static RUNNERS: [Runner; 16] = [
    runner(
        "poetry",
        "-q -v -n --quiet --no-interaction --no-ansi --ansi -C= --directory= --project=",
        &["run"],
        runs("").speaking(),
    ),
    runner("pipenv", "--quiet --verbose", &["run"], runs("").speaking()),
    runner("pdm", "-q -v", &["run"], runs("-s --no-site-packages").speaking()),
    runner("hatch", "-q -v -e= --env=", &["run"], runs("").speaking()),
    runner("rye", "", &["run"], runs("").speaking()),
    runner(
        "uv",
        "-q -v --quiet --verbose --offline --no-progress",
        &["run"],
        runs(
            "-q -v --quiet --verbose --frozen --locked --no-sync --offline --no-dev --dev --all-extras --isolated -p= --python= --extra= --group= --active --exact",
        ).speaking(),
    ),
    runner("bundle", "", &["exec"], runs("--keep-file-descriptors").speaking()),
    runner(
        "conda",
        "",
        &["run"],
        runs("-n= -p= --name= --prefix= -v --verbose --no-capture-output --live-stream").speaking(),
    ),
    runner(
        "mamba",
        "",
        &["run"],
        runs("-n= -p= --name= --prefix= -v --verbose --no-capture-output --live-stream").speaking(),
    ),
    runner("direnv", "", &["exec"], runs("").after(1).speaking()),
    runner("rbenv", "", &["exec"], runs("").speaking()),
    runner("pyenv", "", &["exec"], runs("").speaking()),
    runner("asdf", "", &["exec"], runs("").speaking()),
    runner("mise", "-q -v -y", &["exec"], runs("").speaking()),
    runner("perf", "", &["stat"], runs("-a -d -v -e= -r= -p= -o= -x=").speaking()),
    runner("ip", "-4 -6 -n= --netns=", &["netns", "exec"], runs("").after(1).elsewhere()),
];

/// `poetry run COMMAND`, `bundle exec COMMAND`, …
pub(super) fn run<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    let Some(runner) = RUNNERS.iter().find(|runner| runner.program == given.name) else {
        return given.not_known("no row");
    };
    let options = match options::read(given.from(1), runner.before) {
        Ok(options) => options,
        Err(why) if may_run(given, runner) => return given.not_known(&why),
        Err(_) => return Unwrapped::default(),
    };
    let at = options.next + 1;
    let says = |(number, name): (usize, &&str)| {
        given.words.get(at + number).is_some_and(|word| word.certain() == Some(name.as_bytes()))
    };
    if runner.subcommand.iter().enumerate().all(says) {
        return runner
            .row
            .from(given, at + runner.subcommand.len())
            .unwrap_or_else(|why| given.not_known(&why));
    }
    let open = given.from(at).iter().take(runner.subcommand.len()).find(|word| word.certain().is_none());
    open.map_or_else(Unwrapped::default, |word| given.not_known(&options::only_then(word)))
}

fn may_run(given: &Given<'_, '_>, runner: &Runner) -> bool {
    let last = runner.subcommand.last().map(|name| name.as_bytes()).unwrap_or_default();
    given.from(1).iter().any(|word| word.certain().is_none_or(|word| word == last))
}

/// `npm exec PACKAGE`, `pnpm dlx PACKAGE`, `pnpm exec COMMAND`, …
pub(super) fn packages<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    const FETCH: [&[u8]; 4] = [b"exec", b"x", b"dlx", b"create"];
    const ITS_OWN: [&[u8]; 4] = [b"-s", b"--silent", b"-w", b"-r"];
    let skipped = |word: &&Word<'_>| word.certain().is_some_and(|word| ITS_OWN.contains(&word));
    let words = given.from(1);
    let at = words.iter().take_while(skipped).count();
    match words.get(at).map(|word| (word.certain(), word)) {
        Some((Some(word), _)) if FETCH.contains(&word) => {
            fetched(given, words.get(at + 1).map(|word| &*word.text))
        }
        Some((Some(word), _)) if !is_option(word) => Unwrapped::default(),
        Some((Some(_), _)) => {
            let fetches = words.iter().find(|word| FETCH.contains(&&*word.text));
            fetches.map_or_else(Unwrapped::default, |word| fetched(given, Some(&word.text)))
        }
        Some((None, word)) => given.not_known(&options::only_then(word)),
        None => Unwrapped::default(),
    }
}
