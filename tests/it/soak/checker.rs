//! What the promises come to over a log, the effects that were seen, and what each command was told. Knows nothing of
//! how handoff keeps them: the rules are those of the page that promises them, written again.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// How a `run` ended, by the word that its command leaves behind.
#[derive(Debug, Clone)]
pub struct Told {
    /// The word.
    pub tag: String,
    /// The exit code.
    pub code: i32,
}

/// All there is to go by.
#[derive(Debug, Default)]
pub struct Evidence {
    /// The log, oldest first, as `audit log --json` has it.
    pub events: Vec<Value>,
    /// Each ticket's words, program first, by its id.
    pub argv: BTreeMap<String, Vec<String>>,
    /// The words that commands left behind, each as often as it ran.
    pub effects: Vec<String>,
    /// Those left before the queue was last put back to a backup: their claims may be missing.
    pub older: BTreeSet<String>,
    /// How each `run` ended.
    pub told: Vec<Told>,
    /// Ids that were given out and must be there.
    pub filed: Vec<String>,
    /// Words that were asked for again and again under one key.
    pub retried: BTreeSet<String>,
    /// How often the queue was put back.
    pub restores: usize,
}

impl Evidence {
    /// Every promise that is broken, each in a line.
    pub fn broken(&self) -> Vec<String> {
        let mut broken = Vec::new();
        self.log_grows(&mut broken);
        let claimed = self.tickets(&mut broken);
        self.at_most_once(&mut broken);
        self.nothing_unclaimed_ran(&claimed, &mut broken);
        self.answers_are_true(&mut broken);
        self.retries_are_one(&claimed, &mut broken);
        self.nothing_is_lost(&mut broken);
        broken
    }

    fn log_grows(&self, broken: &mut Vec<String>) {
        for (number, event) in self.events.iter().enumerate() {
            if event["seq"].as_u64() != u64::try_from(number).ok() {
                broken.push(format!("8, the log only grows: event {number} has number {}", event["seq"]));
            }
        }
    }

    /// The tickets whose right was used, with how often.
    fn tickets(&self, broken: &mut Vec<String>) -> BTreeMap<String, usize> {
        let mut tickets: BTreeMap<&str, Life> = BTreeMap::new();
        for event in &self.events {
            if let Some(id) = event["ticket"].as_str() {
                let life = tickets.entry(id).or_default();
                if let Some(what) = life.goes_on(event) {
                    broken.push(format!("{what}: {id}, event {}", event["seq"]));
                }
            }
        }
        tickets.into_iter().map(|(id, life)| (id.to_owned(), life.claims)).collect()
    }

    fn at_most_once(&self, broken: &mut Vec<String>) {
        for (tag, count) in counted(&self.effects) {
            // A key whose ticket a restore took away is asked, and answered, anew.
            let most = if self.retried.contains(tag) { 1 + self.restores } else { 1 };
            if count > most {
                broken.push(format!("3, at most once: {tag} ran {count} times"));
            }
        }
    }

    fn nothing_unclaimed_ran(&self, claimed: &BTreeMap<String, usize>, broken: &mut Vec<String>) {
        let of_claimed: BTreeSet<&str> = self
            .argv
            .iter()
            .filter(|(id, _)| claimed.get(*id).is_some_and(|claims| *claims > 0))
            .filter_map(|(_, argv)| argv.last().map(String::as_str))
            .collect();
        for tag in self.effects.iter().filter(|tag| !self.older.contains(*tag)) {
            if !of_claimed.contains(tag.as_str()) {
                broken.push(format!("1, default deny: {tag} ran, and no ticket for it was claimed"));
            }
        }
    }

    fn answers_are_true(&self, broken: &mut Vec<String>) {
        let effects = counted(&self.effects);
        for Told { tag, code } in self.told.iter().filter(|told| !self.retried.contains(&told.tag)) {
            let ran = effects.get(tag.as_str()).is_some_and(|count| *count > 0);
            if (120..=124).contains(code) && ran {
                broken.push(format!("1, default deny: {tag} ran, and its answer was {code}"));
            }
            if *code == 0 && !ran {
                broken.push(format!("9, nothing done is lost: {tag} was told as done and did not run"));
            }
        }
    }

    fn retries_are_one(&self, claimed: &BTreeMap<String, usize>, broken: &mut Vec<String>) {
        for tag in &self.retried {
            let of_it = self.argv.iter().filter(|(_, argv)| argv.last() == Some(tag));
            let used: usize = of_it.filter_map(|(id, _)| claimed.get(id)).sum();
            if used > 1 {
                broken.push(format!("7, retries are harmless: {tag} was claimed {used} times"));
            }
        }
    }

    fn nothing_is_lost(&self, broken: &mut Vec<String>) {
        for id in &self.filed {
            if !self.argv.keys().any(|known| known.starts_with(id.as_str())) {
                broken.push(format!("9, nothing done is lost: {id} was given out and is not there"));
            }
        }
    }
}

fn counted(words: &[String]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    words.iter().for_each(|word| *counts.entry(word.as_str()).or_default() += 1);
    counts
}

/// What the log has said of one ticket so far.
#[derive(Debug, Default)]
struct Life {
    needed: u64,
    agreed: BTreeSet<String>,
    approved: bool,
    over: bool,
    claims: usize,
    ended: bool,
}

impl Life {
    /// Takes the next event; answers the promise that it breaks.
    fn goes_on(&mut self, event: &Value) -> Option<&'static str> {
        let detail = &event["detail"];
        match event["kind"].as_str()? {
            "proposed" => {
                self.needed = detail["verdict"]["terms"]["approvals"].as_u64().unwrap_or(0);
                None
            }
            "decision" => {
                self.decided(detail);
                None
            }
            "approved" => {
                let few = (self.agreed.len() as u64) < self.needed;
                let late = self.over || self.approved;
                self.approved = true;
                match (late, few) {
                    (true, _) => Some("1, default deny: approved after its end"),
                    (_, true) => Some("4, a decision is a signature: approved by too few"),
                    _ => None,
                }
            }
            "rejected" | "expired" | "cancelled" => {
                let late = self.over || self.claims > 0;
                self.over = true;
                late.then_some("a ticket has one end: ended again")
            }
            "claimed" => {
                self.claims += 1;
                match (self.claims, self.approved, self.over) {
                    (2.., ..) => Some("3, at most once: claimed again"),
                    (_, false, _) => Some("1, default deny: claimed and not approved"),
                    (_, _, true) => Some("1, default deny: claimed after its end"),
                    _ => None,
                }
            }
            "finished" | "not_started" => {
                let odd = self.claims == 0 || self.ended;
                self.ended = true;
                odd.then_some("3, at most once: an outcome without a claim, or a second one")
            }
            _ => None,
        }
    }

    fn decided(&mut self, detail: &Value) {
        let statement = detail["statement"].as_str().unwrap_or_default();
        let statement: Value = serde_json::from_str(statement).unwrap_or_default();
        let who = statement["reviewer"].as_str().unwrap_or_default().to_owned();
        match statement["decision"].as_str() {
            Some("approve") => drop(self.agreed.insert(who)),
            _ => drop(self.agreed.remove(&who)),
        }
    }
}

mod tests {
    use serde_json::json;

    use super::*;

    fn event(kind: &str, detail: Value) -> Value {
        json!({ "kind": kind, "ticket": "T", "detail": detail })
    }

    fn filed(approvals: u64) -> Value {
        event("proposed", json!({ "verdict": { "terms": { "approvals": approvals } } }))
    }

    fn agreed(who: &str) -> Value {
        let statement = json!({ "decision": "approve", "reviewer": who }).to_string();
        event("decision", json!({ "statement": statement }))
    }

    fn plain(kind: &str) -> Value {
        event(kind, Value::Null)
    }

    fn evidence(events: Vec<Value>, effects: &[&str]) -> Evidence {
        let number = |(seq, mut event): (usize, Value)| {
            event["seq"] = json!(seq);
            event
        };
        Evidence {
            events: events.into_iter().enumerate().map(number).collect(),
            argv: [("T".to_owned(), vec!["one".to_owned(), "tag".to_owned()])].into(),
            effects: effects.iter().map(|tag| (*tag).to_owned()).collect(),
            ..Evidence::default()
        }
    }

    fn honest() -> Vec<Value> {
        vec![filed(1), agreed("ana"), plain("approved"), plain("claimed"), plain("finished")]
    }

    #[track_caller]
    fn finds(evidence: &Evidence, promise: &str) {
        let broken = evidence.broken();
        assert!(broken.iter().any(|line| line.starts_with(promise)), "{promise}: {broken:?}");
    }

    #[test]
    fn an_honest_life_breaks_nothing() {
        assert_eq!(evidence(honest(), &["tag"]).broken(), [] as [String; 0]);
    }

    #[test]
    fn each_broken_promise_is_named() {
        let without = |kind: &str| honest().into_iter().filter(|event| event["kind"] != kind).collect();
        finds(&evidence(honest(), &["tag", "tag"]), "3");
        finds(&evidence(without("approved"), &["tag"]), "1");
        finds(&evidence(without("claimed"), &["tag"]), "1");
        finds(&evidence(without("decision"), &["tag"]), "4");
        let twice = [honest(), vec![plain("claimed")]].concat();
        finds(&evidence(twice, &["tag"]), "3");
        let two = vec![filed(2), agreed("ana"), agreed("ana"), plain("approved")];
        finds(&evidence(two, &[]), "4");
        let after = vec![filed(1), plain("expired"), agreed("ana"), plain("approved")];
        finds(&evidence(after, &[]), "1");
        finds(&evidence(vec![filed(1), plain("rejected"), plain("cancelled")], &[]), "a ticket has one end");
        let mut gap = evidence(honest(), &["tag"]);
        gap.events.remove(1);
        finds(&gap, "8");
        let told = |code| vec![Told { tag: "tag".to_owned(), code }];
        finds(&Evidence { told: told(124), ..evidence(honest(), &["tag"]) }, "1");
        finds(&Evidence { told: told(0), ..evidence(honest(), &[]) }, "9");
        finds(&Evidence { filed: vec!["U".to_owned()], ..evidence(honest(), &["tag"]) }, "9");
        let mut again = evidence([honest(), honest()].concat(), &["tag"]);
        for event in &mut again.events[5..] {
            event["ticket"] = json!("U");
        }
        again.argv.insert("U".to_owned(), vec!["one".to_owned(), "tag".to_owned()]);
        again.retried.insert("tag".to_owned());
        finds(&again, "7");
    }
}
