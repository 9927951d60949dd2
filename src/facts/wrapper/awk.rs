//! awk: whether its program only prints, or runs others, reads what it names and writes files as well.
//! Pure. A program is looked through for what does more; where its quotes cannot be told from its
//! patterns, they count for nothing.

use super::options;
use super::{Given, Unwrapped};

const OPTIONS: &str = "-F= -v= -b -c -C -n -N -P -r -S -t --field-separator= --assign= --characters-as-bytes --posix \
    --re-interval --sandbox --traditional --non-decimal-data -V. --version. --help.";

/// What awk runs: nothing, when its program only prints.
pub(super) fn awk<'a>(given: &Given<'_, 'a>) -> Unwrapped<'a> {
    let options = match options::read(given.from(1), OPTIONS) {
        Ok(options) => options,
        Err(why) => return given.not_known(&why),
    };
    let program = given.words.get(options.next + 1);
    let prints = program.and_then(|word| word.certain()).is_some_and(only_prints);
    if options.answer() || prints {
        return Unwrapped::default();
    }
    Unwrapped::opaque(format!("the code given to `{}`", given.name))
}

// Names that run, read or write, or by which a program changes what is read.
const DOES_MORE: [&[u8]; 9] =
    [b"system", b"getline", b"ARGV", b"ARGC", b"SYMTAB", b"FUNCTAB", b"PROCINFO", b"extension", b"ENVIRON"];

fn only_prints(program: &[u8]) -> bool {
    // A slash may begin a pattern or divide: then no quote is sure to begin a text.
    if program.contains(&b'/') {
        return is_harmless(program, false);
    }
    without_texts(program).is_some_and(|program| is_harmless(&program, true))
}

// The program without its texts and comments; none when one has no end.
fn without_texts(program: &[u8]) -> Option<Vec<u8>> {
    let mut kept = Vec::with_capacity(program.len());
    let mut bytes = program.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => {
                loop {
                    match bytes.next()? {
                        b'\\' => {
                            bytes.next()?;
                        }
                        b'"' => break,
                        _ => {}
                    }
                }
                kept.extend(b"\"\"");
            }
            b'#' => {
                bytes.by_ref().find(|&b| b == b'\n');
                kept.push(b'\n');
            }
            b'\\' => return None,
            _ => kept.push(byte),
        }
    }
    Some(kept)
}

fn is_harmless(program: &[u8], without_texts: bool) -> bool {
    let named = |name: &&[u8]| program.windows(name.len()).any(|part| part == *name);
    if DOES_MORE.iter().any(named)
        || program.contains(&b'@')
        || program.windows(2).any(|part| part == b"\\\n")
    {
        return false;
    }
    !pipes(program) && if without_texts { !redirects(program) } else { !greater(program) }
}

// A `|` that is no `||`.
fn pipes(program: &[u8]) -> bool {
    let mut rest = program;
    while let Some(at) = rest.iter().position(|&b| b == b'|') {
        match rest.get(at + 1) {
            Some(b'|') => rest = rest.get(at + 2..).unwrap_or_default(),
            _ => return true,
        }
    }
    false
}

fn greater(program: &[u8]) -> bool {
    program.iter().enumerate().any(|(at, &b)| b == b'>' && program.get(at + 1) != Some(&b'='))
}

// A `>` behind `print` that no bracket holds: there it names a file.
fn redirects(program: &[u8]) -> bool {
    let mut printing = false;
    let mut depth = 0_usize;
    let mut word: Vec<u8> = Vec::new();
    for (at, &byte) in program.iter().enumerate() {
        if byte.is_ascii_alphanumeric() || byte == b'_' {
            word.push(byte);
            continue;
        }
        if word.ends_with(b"print") || word.ends_with(b"printf") {
            (printing, depth) = (true, 0);
        }
        word.clear();
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            // Not the end of a line, behind which a statement may go on.
            b';' | b'}' => printing = false,
            b'>' if printing && depth == 0 => return true,
            b'>' if program.get(at + 1) == Some(&b'>') => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_that_only_print_are_known() {
        for program in [
            "{print $1}",
            "NR==1",
            "$3 > 5 {print $1, $2}",
            "{s += $1} END {print s}",
            "/a.b/ {print $2}",
            "{printf \"%s | %s\\n\", $1, $2}",
            "!seen[$0]++",
            "BEGIN{FS=\",\"} {print $2}",
            "{print ($1 > $2)}",
            "length($0) > 80",
            "{print $1 / 2}",
            "NR>=2 && NR<=5",
            "$1==\"a\" || $2==\"system\" {print}",
            "{print \"a > b\"}",
            "{gsub(/a/,\"b\"); print}",
            "{x[$1]++} END {for (i in x) print i, x[i]}",
        ] {
            assert!(only_prints(program.as_bytes()), "{program}");
        }
    }

    #[test]
    fn programs_that_do_more_are_found_however_they_are_written() {
        for program in [
            "BEGIN{system(\"id\")}",
            "{print > \"x\"}",
            "{print >> \"x\"}",
            "{print $1 > $2}",
            "{print | \"sh\"}",
            "{\"id\" | getline}",
            "{print |& \"sh\"}",
            "BEGIN{while((getline l < \"/etc/shadow\")>0) print l}",
            "BEGIN{ARGV[1]=\"/etc/shadow\";ARGC=2}",
            "@load \"x\"",
            "BEGIN{f=\"system\";@f(\"id\")}",
            "/\"/{system(\"id\")}#\"",
            "{print(1)(2) > \"x\"}",
            "{printf \"a\" > \"x\"}",
            "{print \"a\" \\\n > \"x\"}",
            "BEGIN{SYMTAB[\"x\"]=1}",
            "{print \"x",
            "1/2{print \"a\" > \"x\"}/1",
            "{if (1) print > \"x\"}",
            "{print $1, $2>\"x\"}",
            "BEGIN { printf(\"a\") > \"x\" }",
            "{print a[1] > \"x\"}",
            "{print\n}{print>\"x\"}",
            "{print 1,\n2 > \"x\"}",
        ] {
            assert!(!only_prints(program.as_bytes()), "{program}");
        }
    }
}
