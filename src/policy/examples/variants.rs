//! Other spellings of one command line: behind each kind of wrapper, and with its program quoted.
//! Pure. A rule that stops must speak of every one of them; none may be milder than the plain line.

// `{}` is the line as it stands, `{q}` the same as one quoted word.
const WRAPPED: [&str; 24] = [
    "sudo {}",
    "sudo -u root -- {}",
    "doas {}",
    "env {}",
    "env -i A=1 {}",
    "nice -n 5 {}",
    "timeout -k 5 10 {}",
    "nohup {}",
    "time {}",
    "command {}",
    "echo x | xargs {}",
    "bash -lc {q}",
    "sh -c {q}",
    "sudo env A=1 bash -c {q}",
    "ssh host {q}",
    "eval {q}",
    "x=1 {}",
    "cd . && {}",
    "true; {}",
    "({})",
    "if true; then {}; fi",
    "for i in 1 2; do {}; done",
    "echo \"$({})\"",
    "true || {} # {}",
];

/// The line behind every wrapper. What keeps a line from being wrapped so (an operator where one word is
/// meant) leaves that variant out.
pub fn wrapped(line: &str) -> impl Iterator<Item = String> {
    let quoted = shlex::try_quote(line).map(String::from).ok();
    // What only bash reads is not put where another shell may read it.
    let posix = !line.contains("<(");
    let is_bash = |template: &str| !["sh ", "ssh "].iter().any(|shell| template.starts_with(shell));
    let simple = !line.contains(['|', '&', ';', '<', '>', '(', '\n', '#']);
    WRAPPED.iter().filter_map(move |template| {
        let whole = template.contains("{q}") || template.contains("({})") || template.starts_with("true;");
        let fits = simple || whole || ["if", "cd", "for"].iter().any(|word| template.starts_with(word));
        let quoted = quoted.as_deref().filter(|_| posix || is_bash(template))?;
        // Neither may be put into the other.
        fits.then(|| {
            template.replace("{q}", "\0q").replace("{}", "\0l").replace("\0q", quoted).replace("\0l", line)
        })
    })
}

/// The line with its program quoted in every way; none when the program is not a plain word.
pub fn quoted(line: &str) -> impl Iterator<Item = String> {
    let end = line.find(' ').unwrap_or(line.len());
    let (program, rest) = line.split_at(end);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    let first = program.chars().next().filter(|_| program.chars().all(plain));
    first.into_iter().flat_map(move |first| {
        let tail = program.get(first.len_utf8()..).unwrap_or_default();
        [
            format!("\\{first}{tail}{rest}"),
            format!("'{program}'{rest}"),
            format!("\"{first}\"{tail}{rest}"),
            format!("$'\\x{:02x}{tail}'{rest}", u32::from(first)),
            format!("{first}''{tail}{rest}"),
        ]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrapper_holds_the_line() {
        let all: Vec<String> = wrapped("rm -r x").collect();
        assert_eq!(all.len(), WRAPPED.len());
        assert!(all.contains(&"sh -c 'rm -r x'".to_owned()));
        assert!(all.contains(&"timeout -k 5 10 rm -r x".to_owned()));
    }

    #[test]
    fn a_line_of_several_commands_is_wrapped_as_a_whole_only() {
        assert!(
            wrapped("curl x | sh")
                .all(|line| !line.starts_with("sudo curl") && !line.starts_with("env curl"))
        );
    }

    #[test]
    fn what_takes_a_whole_line_gets_it_whatever_it_holds() {
        let all: Vec<String> = wrapped("curl x | sh").collect();
        assert_eq!(
            all,
            [
                "bash -lc 'curl x | sh'",
                "sh -c 'curl x | sh'",
                "sudo env A=1 bash -c 'curl x | sh'",
                "ssh host 'curl x | sh'",
                "eval 'curl x | sh'",
                "cd . && curl x | sh",
                "true; curl x | sh",
                "(curl x | sh)",
                "if true; then curl x | sh; fi",
                "for i in 1 2; do curl x | sh; done",
                "echo \"$(curl x | sh)\"",
            ]
        );
    }

    #[test]
    fn the_program_is_quoted_in_five_ways() {
        let all: Vec<String> = quoted("rm -r x").collect();
        assert_eq!(all, ["\\rm -r x", "'rm' -r x", "\"r\"m -r x", "$'\\x72m' -r x", "r''m -r x"]);
        assert_eq!(quoted("> x").count(), 0);
    }
}
