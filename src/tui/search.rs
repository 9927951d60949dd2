//! What is looked for in a list: words, and names with a colon before them.
//! Pure, over whole tickets; what fits decides nothing.

use crate::escaped::Escaped;
use crate::store::{Clue, Filter, folded};
use crate::ticket::{Execution, Ticket};

/// A search as it was typed, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Search {
    typed: String,
    terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Term {
    State(String),
    Who(String),
    Environment(String),
    Program(String),
    Text(String),
}

/// How searches are written, for the line they are typed in.
pub const HOW: &str = "state:  who:  env:  program:  or any words";

impl Search {
    /// Takes apart what was typed: `state:approved who:claude env:production program:git` and words that
    /// stand anywhere in the action, the claims, the rules or the id. All of them have to fit.
    #[must_use]
    pub fn of(typed: &str) -> Self {
        let terms = typed.split_whitespace().map(term).collect();
        Self { typed: typed.trim().to_owned(), terms }
    }

    /// Whether everything fits.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// As it was typed, fit for a screen.
    #[must_use]
    pub fn shown(&self) -> Escaped {
        Escaped::prose(self.typed.as_bytes())
    }

    /// As it was typed.
    #[must_use]
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// Whether it asks for words anywhere, for which every ticket is read.
    #[must_use]
    pub fn has_words(&self) -> bool {
        self.terms.iter().any(|term| matches!(term, Term::Text(_)))
    }

    /// What the store's indexes know of it. Whatever fits the search passes; what passes is still asked.
    #[must_use]
    pub fn filter(&self) -> Filter {
        let mut filter = Filter::default();
        for term in &self.terms {
            match term {
                Term::State(word) => narrow(&mut filter, word),
                // A number may be that of an account.
                Term::Who(text) if text.parse::<u32>().is_err() => {
                    filter.clues.push(Clue::Who(text.clone()));
                }
                Term::Environment(text) => filter.clues.push(Clue::Environment(text.clone())),
                Term::Program(text) => filter.clues.push(Clue::Program(text.clone())),
                Term::Who(_) | Term::Text(_) => {}
            }
        }
        filter
    }

    /// Whether the ticket fits.
    #[must_use]
    pub fn fits(&self, ticket: &Ticket) -> bool {
        self.terms.iter().all(|term| term.fits(ticket))
    }
}

/// Only where the word means one thing: `r` is the beginning of rejected, and of running.
fn narrow(filter: &mut Filter, word: &str) {
    let known =
        ["pending", "approved", "rejected", "expired", "cancelled", "unclaimed", "running", "unknown"];
    let meant: Vec<&str> = known.into_iter().filter(|state| state.starts_with(word)).collect();
    match meant.as_slice() {
        ["unclaimed"] => filter.unclaimed = true,
        ["running" | "unknown"] => filter.running = true,
        [state] => filter.states.push((*state).to_owned()),
        _ => {}
    }
}

fn term(word: &str) -> Term {
    let lower = |text: &str| text.to_lowercase();
    match word.split_once(':') {
        Some(("state", text)) => Term::State(lower(text)),
        Some(("who" | "requester", text)) => Term::Who(lower(text)),
        Some(("env" | "environment", text)) => Term::Environment(lower(text)),
        Some(("program", text)) => Term::Program(lower(text)),
        _ => Term::Text(lower(word)),
    }
}

impl Term {
    fn fits(&self, ticket: &Ticket) -> bool {
        let request = &ticket.filed.request;
        let exec = request.exec();
        let has = |bytes: &[u8], text: &str| folded(bytes).contains(text);
        match self {
            Self::State(word) => state_words(ticket).iter().any(|state| state.starts_with(word.as_str())),
            Self::Who(text) => {
                let account = &request.requester.account;
                let label = request.context.declared.0.get("label");
                has(account.name.as_bytes(), text)
                    || account.uid.to_string() == *text
                    || label.is_some_and(|label| has(label.as_bytes(), text))
            }
            Self::Environment(text) => {
                let declared = request.context.declared.0.get("environment");
                declared.is_some_and(|name| has(name.as_bytes(), text))
            }
            Self::Program(text) => {
                has(exec.program.path.as_bytes(), text)
                    || exec.argv.first().is_some_and(|name| has(name.as_bytes(), text))
            }
            Self::Text(text) => {
                let claims = &request.context;
                exec.argv.iter().any(|word| has(word.as_bytes(), text))
                    || [&claims.reason, &claims.effect, &claims.rollback]
                        .into_iter()
                        .flatten()
                        .any(|prose| has(prose.as_bytes(), text))
                    || ticket.filed.verdict.rules().iter().any(|rule| rule.as_str().contains(text.as_str()))
                    || ticket.id.code().to_lowercase().contains(text)
                    || has(exec.cwd.as_bytes(), text)
            }
        }
    }
}

/// A ticket's state, and for an approved one how its run stands.
fn state_words(ticket: &Ticket) -> [&'static str; 2] {
    let state = ticket.state.word();
    let run = match ticket.state.execution() {
        Some(Execution::Unclaimed {}) => "unclaimed",
        Some(Execution::Claimed(_)) => "running",
        Some(Execution::Unknown(_)) => "unknown",
        _ => state,
    };
    [state, run]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::story;

    #[test]
    fn all_that_is_asked_has_to_fit() {
        let ticket = story::ticket(1000, 900);
        let program = ticket.filed.request.exec().argv[0].as_bytes().to_vec();
        let program = String::from_utf8(program).unwrap();
        for (typed, fits) in [
            ("", true),
            ("state:pending", true),
            ("state:pend", true),
            ("state:approved", false),
            ("who:1000", true),
            ("who:nobody-known", false),
            ("env:production", false),
            (&format!("program:{program}"), true),
            (&format!("{program} state:rejected"), false),
            (&ticket.id.code().to_lowercase(), true),
        ] {
            assert_eq!(Search::of(typed).fits(&ticket), fits, "{typed}");
        }
    }

    #[test]
    fn the_indexes_are_asked_only_for_what_one_word_means() {
        let filter = |typed: &str| Search::of(typed).filter();
        assert_eq!(filter("state:rej").states, ["rejected"]);
        assert_eq!(filter("state:r"), Filter::default(), "rejected, or running");
        assert!(filter("state:unc").unclaimed && filter("state:unk").running && filter("state:run").running);
        assert_eq!(filter("who:1004"), Filter::default(), "an account's number stands in no name");
        let clues = [Clue::Who("bo".into()), Clue::Environment("prod".into()), Clue::Program("git".into())];
        assert_eq!(filter("who:Bo env:prod program:git push").clues, clues);
        assert!(Search::of("env:prod push").has_words() && !Search::of("env:prod").has_words());
    }

    #[test]
    fn what_was_typed_is_shown_escaped() {
        assert_eq!(Search::of("a\u{1b}[2J").shown().as_str(), "a\\x1b[2J");
    }
}
