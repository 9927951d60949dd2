//! Two requests beside each other, argument by argument and binding by binding.
//! Pure. What it finds is a help for reading; nothing rests on it.

use std::collections::BTreeMap;

use crate::escaped::Escaped;
use crate::request::{Request, Stdin, Value};

/// The last approved ticket like one, and how the two differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Like {
    /// The other ticket's code, how long ago it was approved, and by whom.
    pub told: Escaped,
    /// How they differ, in a few words.
    pub short: Escaped,
    /// Line by line.
    pub lines: Vec<Difference>,
}

/// One thing of both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it is.
    pub name: Escaped,
    /// As it was then.
    pub before: Option<Escaped>,
    /// As it is now.
    pub after: Option<Escaped>,
}

impl Difference {
    /// Whether both are the same.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.before == self.after
    }
}

/// Everything of two requests, in the order of the card.
#[must_use]
pub fn differences(before: &Request, after: &Request) -> Vec<Difference> {
    let (before, after) = (parts(before), parts(after));
    let mut all: Vec<Difference> = Vec::new();
    for (name, value) in &after {
        let known = before.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone());
        all.push(Difference { name: name.clone(), before: known, after: Some(value.clone()) });
    }
    for (name, value) in before {
        if !after.iter().any(|(other, _)| *other == name) {
            all.push(Difference { name, before: Some(value), after: None });
        }
    }
    all
}

/// What differs, in a few words.
#[must_use]
pub fn short(differences: &[Difference]) -> Escaped {
    let other: Vec<Escaped> =
        differences.iter().filter(|one| !one.is_same()).map(|one| one.name.clone()).collect();
    if other.is_empty() {
        return Escaped::trusted("all of it is the same");
    }
    let mut text = Escaped::trusted("other: ");
    for (index, name) in other.iter().take(4).enumerate() {
        if index > 0 {
            text = text.and(&Escaped::trusted(", "));
        }
        text = text.and(name);
    }
    match other.len().saturating_sub(4) {
        0 => text,
        more => text.and(&Escaped::prose(format!(", and {more} more").as_bytes())),
    }
}

fn parts(request: &Request) -> Vec<(Escaped, Escaped)> {
    let exec = request.exec();
    let mut all = Vec::new();
    let mut add = |name: String, value: Escaped| all.push((Escaped::prose(name.as_bytes()), value));
    for (index, argument) in exec.argv.iter().enumerate() {
        add(format!("argument {index}"), Escaped::argument(argument.as_bytes()));
    }
    add("program".into(), digest(exec.program.path.as_bytes(), &exec.program.sha256.to_string()));
    for file in &exec.files {
        add(
            format!("bytes of argument {}", file.index),
            digest(file.path.as_bytes(), &file.sha256.to_string()),
        );
    }
    for bind in &exec.binds {
        add(format!("bytes of bind:{}", bind.name), digest(bind.path.as_bytes(), &bind.sha256.to_string()));
    }
    add("folder".into(), Escaped::argument(exec.cwd.as_bytes()));
    add("account".into(), Escaped::name(exec.account.name.as_bytes()));
    add("host".into(), Escaped::name(exec.host.as_bytes()));
    let variables: BTreeMap<_, _> =
        exec.env.iter().map(|one| (one.name.as_bytes().to_vec(), &one.value)).collect();
    for (name, value) in variables {
        let name = Escaped::name(&name);
        let value = match value {
            Value::Shown(text) => Escaped::argument(text.as_bytes()),
            Value::Hidden(hidden) => Escaped::name(hidden.commitment.to_string().as_bytes()),
        };
        all.push((Escaped::trusted("variable ").and(&name), value));
    }
    all.push((Escaped::trusted("stdin"), stdin(&exec.stdin)));
    for check in &exec.prechecks {
        let output = Escaped::name(check.output_sha256.to_string().as_bytes());
        all.push((Escaped::prose(format!("precheck {}", check.name).as_bytes()), output));
    }
    let claims = &request.context;
    for (name, value) in
        [("reason", &claims.reason), ("effect", &claims.effect), ("rollback", &claims.rollback)]
    {
        if let Some(value) = value {
            all.push((
                Escaped::trusted(name).and(&Escaped::trusted(" (claimed)")),
                Escaped::prose(value.as_bytes()),
            ));
        }
    }
    for (name, value) in &claims.declared.0 {
        let name = Escaped::trusted("declared ").and(&Escaped::name(name.as_bytes()));
        all.push((name, Escaped::prose(value.as_bytes())));
    }
    for file in &claims.attachments {
        let name = Escaped::trusted("attached ").and(&Escaped::argument(file.name.as_bytes()));
        all.push((name, Escaped::name(file.sha256.to_string().as_bytes())));
    }
    all
}

fn digest(path: &[u8], sha256: &str) -> Escaped {
    Escaped::argument(path).and(&Escaped::trusted(" ")).and(&Escaped::name(sha256.as_bytes()))
}

fn stdin(stdin: &Stdin) -> Escaped {
    match stdin {
        Stdin::None => Escaped::trusted("nothing"),
        Stdin::Terminal => Escaped::trusted("a terminal"),
        Stdin::Captured { sha256, .. } => Escaped::name(sha256.to_string().as_bytes()),
        Stdin::Pass => Escaped::trusted("not bound"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket::card::tests::request;

    #[test]
    fn what_changed_is_found_and_what_did_not_is_not() {
        let (before, mut after) = (request(), request());
        assert_eq!(short(&differences(&before, &after)).as_str(), "all of it is the same");
        let crate::request::Action::Exec(exec) = &mut after.action;
        exec.argv.push("-auto-approve".into());
        exec.program.sha256 = crate::ids::Digest::of(b"other");
        let found = differences(&before, &after);
        assert_eq!(short(&found).as_str(), "other: argument 2, program");
        let back = differences(&after, &before);
        assert!(back.iter().any(|one| one.after.is_none() && one.name.as_str() == "argument 2"));
    }
}
