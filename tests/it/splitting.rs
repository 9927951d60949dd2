//! Words as bash makes them, against words as `facts::shell` reads them. bash runs nothing here: no program can be
//! found, and what it would have run is printed by its handler for commands that are not found.

use std::path::Path;
use std::process::{Command, Stdio};

use handoff::facts::argv::{Sure, Word};
use handoff::facts::shell;
use proptest::prelude::*;

use crate::world::skipped;

const HOME: &str = "/home/ana";
const LINES: usize = 24;
// Every command begins with this letter, and nothing else that runs does.
const MARK: u8 = b'z';

// One write for each command, so that those that run at once do not mix; numbered, as some outlive their line.
const HANDLER: &str = r#"
exec 3>&1
command_not_found_handle() {
  local words; printf -v words '%s\4' "$@"
  printf '%s\1%s\0' "$line_number" "${words//$'\n'/$'\5'}" >&3
}
for line do
  line_number=$((line_number + 1))
  ( eval "$line"; wait; printf '%s\2\0' "$line_number" >&3 ) >/dev/null
done
"#;

type Argv = Vec<Vec<u8>>;

/// What bash ran for a line.
#[derive(Clone, Default)]
struct Ran {
    commands: Vec<Argv>,
    /// Whether it came to its end, and not to an error that broke it off.
    whole: bool,
}

/// What bash runs for each line.
fn by_bash(lines: &[String]) -> Option<Vec<Ran>> {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new("/bin/bash")
        .args(["--norc", "--noprofile", "-c", HANDLER, "bash"])
        .args(lines)
        .env_clear()
        .env("PATH", "/nonexistent")
        .env("HOME", HOME)
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let mut runs = vec![Ran::default(); lines.len()];
    for record in output.stdout.split(|&b| b == 0).filter(|record| !record.is_empty()) {
        let end = record.iter().position(|b| matches!(b, 1 | 2))?;
        let number: usize = std::str::from_utf8(&record[..end]).ok()?.parse().ok()?;
        let run = runs.get_mut(number.checked_sub(1)?)?;
        match record[end] {
            1 => run.commands.push(words_of(&record[end + 1..])),
            _ => run.whole = true,
        }
    }
    Some(runs)
}

fn words_of(record: &[u8]) -> Argv {
    let lines = |word: &[u8]| word.iter().map(|&b| if b == 5 { b'\n' } else { b }).collect();
    let mut words: Argv = record.split(|&b| b == 4).map(lines).collect();
    // Each word has its mark behind it.
    words.pop();
    words
}

fn is_valid(line: &str) -> bool {
    let check = Command::new("/bin/bash").args(["-n", "-c", line]).stderr(Stdio::null()).status();
    check.is_ok_and(|status| status.success())
}

/// The commands read from a line; none when it is not understood.
fn by_handoff(line: &str) -> Option<Vec<Vec<Word<'static>>>> {
    let read = shell::line(line.as_bytes(), Path::new("/here"), Some(Path::new(HOME)));
    let refused = read.opaque.iter().any(|part| part.what.starts_with("this shell code"));
    let programs = read.atoms.iter().filter_map(|atom| atom.words.first());
    // Where a program is only known then, nothing is said of how many commands there are.
    if refused || programs.into_iter().any(|program| program.certain().is_none()) {
        return None;
    }
    let marked =
        |words: &Vec<Word<'_>>| words.first().is_some_and(|word| word.known().first() == Some(&MARK));
    Some(read.atoms.into_iter().map(|atom| atom.words).filter(marked).collect())
}

/// Whether what bash runs is what was read, as far as that was said to be certain.
// Which number a process substitution's pipe has makes no difference.
fn unnumbered(word: &[u8]) -> Vec<u8> {
    const PIPE: &[u8] = b"/dev/fd/";
    let Some(at) = word.windows(PIPE.len()).position(|part| part == PIPE) else { return word.to_vec() };
    let (before, rest) = word.split_at(at + PIPE.len());
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    [before.to_vec(), unnumbered(&rest[digits..])].concat()
}

fn agrees(read: &[Word<'_>], run: &Argv) -> bool {
    let mut run = run.iter().map(|got| unnumbered(got));
    for word in read {
        let got = run.next();
        let known = unnumbered(word.known());
        let fits = match word.sure {
            Sure::Exact | Sure::Files => got.is_some_and(|got| got == unnumbered(&word.text)),
            Sure::Partly(_) => got.is_some_and(|got| got.starts_with(&known)),
            Sure::Split(0) => return true,
            Sure::Split(_) => return got.is_some_and(|got| got.starts_with(&known)),
        };
        if !fits {
            return false;
        }
    }
    run.next().is_none()
}

fn compare(lines: &[String]) -> Result<(), TestCaseError> {
    let Some(runs) = by_bash(lines) else { return Ok(()) };
    prop_assert_eq!(runs.len(), lines.len());
    for (line, run) in lines.iter().zip(runs) {
        let (true, Some(read)) = (run.whole, by_handoff(line)) else { continue };
        let mut run = run.commands;
        run.retain(|argv| argv.first().is_some_and(|program| program.first() == Some(&MARK)));
        let same = read.len() == run.len() && read.iter().zip(&run).all(|(read, run)| agrees(read, run));
        prop_assert!(same || !is_valid(line), "{:?}\nbash {:?}\nread {:?}", line, run, read);
    }
    Ok(())
}

fn quoted() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-c \\$*{},#~\\\\\"\n=]{0,5}".prop_map(|text| format!("'{text}'")),
        prop::collection::vec(in_quotes(), 0..4).prop_map(|parts| format!("\"{}\"", parts.concat())),
        prop::collection::vec(escape(), 0..4).prop_map(|parts| format!("$'{}'", parts.concat())),
        prop::collection::vec(in_quotes(), 0..3).prop_map(|parts| format!("$\"{}\"", parts.concat())),
        "[a-c'\"$*?{},~#=:! ]".prop_map(|letter| format!("\\{letter}")),
    ]
}

fn in_quotes() -> impl Strategy<Value = String> {
    let fixed = [
        "\\$",
        "\\\\",
        "\\\"",
        "\\a",
        "\\`",
        "$A",
        "${B}",
        "$((1+2))",
        "$(printf a)",
        "`printf b`",
        "$",
        "'",
    ];
    prop_oneof![prop::sample::select(fixed.to_vec()).prop_map(str::to_owned), "[a-c *{},~#\n]{1,3}"]
}

fn escape() -> impl Strategy<Value = String> {
    let fixed =
        ["\\n", "\\t", "\\x61", "\\x6", "\\142", "\\\\", "\\u63", "\\e", "\\q", "\\\"", "a b", "$A", "*"];
    prop::sample::select(fixed.to_vec()).prop_map(str::to_owned)
}

fn piece() -> impl Strategy<Value = String> {
    let variables = [
        "$A",
        "${A}",
        "$B",
        "${B}",
        "$C",
        "${C:-d}",
        "${#A}",
        "$IFS",
        "${IFS}",
        "$HOME",
        "$((1+2))",
        "$(printf 'a b')",
        "`printf c`",
        "$@",
        "\"$@\"",
        "$",
        "$D",
        "\"$D\"",
    ];
    let braces = [
        "{a,b}",
        "{1..3}",
        "{a..c}",
        "{,b}",
        "{",
        "}",
        ",",
        "..",
        "{a,{b,c}}",
        "{}",
        "{a}",
        "{3..1}",
        "{-1..1}",
    ];
    let marks = ["~", "#", "=", ":", "*", "[", "]", "?", "!", "^", "%", "@", "+", "-", "q/", "."];
    prop_oneof![
        4 => "[a-c0-2]{1,3}",
        4 => quoted(),
        3 => prop::sample::select(variables.to_vec()).prop_map(str::to_owned),
        2 => prop::sample::select(braces.to_vec()).prop_map(str::to_owned),
        2 => prop::sample::select(marks.to_vec()).prop_map(str::to_owned),
    ]
}

fn word() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 1..5).prop_map(|pieces| pieces.concat())
}

fn command() -> impl Strategy<Value = String> {
    let programs =
        ["z", "'z'", "\"z\"", "\\z", "$'z'", "$'\\x7a'", "{z,a}", "$Z", "z${IFS}a", "A=q z", "z\\\n "];
    let gaps = [" ", "  ", "\t", " \\\n"];
    let words = prop::collection::vec((prop::sample::select(gaps.to_vec()), word()), 0..4);
    (prop::sample::select(programs.to_vec()), words, prop::option::of("# [a-c'\"]{0,3}")).prop_map(
        |(program, words, comment)| {
            let words: String = words.iter().map(|(gap, word)| format!("{gap}{word}")).collect();
            format!("{program}{words}{}", comment.map_or_else(String::new, |comment| format!(" {comment}\n")))
        },
    )
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![word(), quoted(), "'[a-c *]{0,4}'", "[a-c]{0,2}"]
}

fn line() -> impl Strategy<Value = String> {
    let assignment = ("[ABDZ]", value()).prop_map(|(name, value)| match name.as_str() {
        // Else what runs would not be marked.
        "Z" => "Z='z b'\n".to_owned(),
        name => format!("{name}={value}\n"),
    });
    let ifs = prop::option::weighted(0.1, prop::sample::select(vec!["IFS=a\n", "IFS=\n", "unset IFS\n"]));
    let shapes = [
        "%1",
        "%1\n%1",
        "{ %1\n}",
        "(%1\n)",
        "if true; then %1\nfi",
        "for A in a 'b c' d; do %1\ndone",
        "true && %1",
    ];
    let body = (prop::sample::select(shapes.to_vec()), prop::collection::vec(command(), 2)).prop_map(
        |(shape, commands)| {
            commands.iter().fold(shape.to_owned(), |line, command| line.replacen("%1", command, 1))
        },
    );
    (prop::collection::vec(assignment, 0..3), ifs, body).prop_map(|(assignments, ifs, body)| {
        format!("Z=z\n{}{}{body}", assignments.concat(), ifs.unwrap_or_default())
    })
}

// Anything at all, most of which is no shell code.
fn soup() -> impl Strategy<Value = String> {
    let tokens = [
        "z",
        "z a",
        "z b ",
        "z c\n",
        "(",
        ")",
        "((",
        "))",
        "( (",
        "{ ",
        "; }",
        ";",
        "&",
        "&&",
        "||",
        "|",
        "|&",
        "\n",
        " ",
        "$(",
        "`",
        "\"",
        "'",
        "\\",
        "\\\n",
        "$",
        "<<E\n",
        "<<'E'\n",
        "<<-E\n",
        "\nE\n",
        "E\n",
        "<<< ",
        "# ",
        "#",
        "! ",
        "if z; then ",
        "else ",
        "; fi",
        "for A in a b; do ",
        "; done",
        "case a in ",
        "a) ",
        "(b|a) ",
        ";;",
        ";& ",
        "esac",
        "[[ ",
        " ]]",
        "$((",
        "1",
        "<(",
        ">(",
        "2>&1 ",
        "> f ",
        "until z; do ",
        "echo ",
        "time ",
        "$A",
        "${A:-",
        "}",
        "A=a ",
        "B=(",
        "f() ",
        "$'",
        "$\"",
        "{z,a}",
        "in ",
        "then ",
        "do ",
        "coproc ",
        "function g ",
        "select A in a; do ",
        "=",
        ":",
    ];
    prop::collection::vec(prop::sample::select(tokens.to_vec()), 1..14).prop_map(|tokens| tokens.concat())
}

fn nothing_is_missed(lines: &[String]) -> Result<(), TestCaseError> {
    let Some(runs) = by_bash(lines) else { return Ok(()) };
    for (line, run) in lines.iter().zip(runs) {
        let read = shell::line(line.as_bytes(), Path::new("/here"), Some(Path::new(HOME)));
        if !read.opaque.is_empty() {
            continue;
        }
        // A wrapper's atom has its own words only.
        let is_wrapper = |argv: &&Argv| argv.first().is_some_and(|program| program == b"time");
        for argv in run.commands.iter().filter(|argv| !is_wrapper(argv)) {
            let found = read.atoms.iter().any(|atom| agrees(&atom.words, argv));
            prop_assert!(found, "{:?}\nruns {:?}\nread {:?}", line, argv, read.atoms);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_bash_runs_is_missed(lines in prop::collection::vec(soup(), LINES)) {
        nothing_is_missed(&lines)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn words_are_read_as_bash_makes_them(lines in prop::collection::vec(line(), LINES)) {
        compare(&lines)?;
    }
}

#[test]
fn the_tricks_that_hide_words_are_read_as_bash_reads_them() {
    if !Path::new("/bin/bash").exists() {
        return skipped("there is no /bin/bash");
    }
    let lines = [
        "z${IFS}-rf${IFS}/",
        "$'z' $'\\x2drf' /",
        "{z,-rf,/}",
        "z\\\n -rf #no\n",
        "x=z; $x a",
        "x='z  a\tb'; $x \"$x\"",
        "z \"a\"'b'\\c$'d'",
        "z a#b '#' # c",
        "for i in a b; do z $i; done",
        "z ~/a ~ a~ '~'",
    ];
    let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    let runs = by_bash(&lines).unwrap();
    for (line, run) in lines.iter().zip(runs) {
        let read = by_handoff(line).unwrap();
        let exact: Vec<Argv> = read
            .iter()
            .map(|words| words.iter().map(|word| word.certain().unwrap_or_default().to_vec()).collect())
            .collect();
        assert!(run.whole, "{line}");
        assert_eq!(exact, run.commands, "{line}");
    }
}
