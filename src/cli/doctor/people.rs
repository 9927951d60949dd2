//! Policy, reviewers and keys, checked against each other, and the level of trust they reach.
//! Reads the files they lie in.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Report;
use super::figures::Gauge;
use crate::cli::error::CliError;
use crate::cli::init::found::exists;
use crate::cli::key::own::OwnKey;
use crate::cli::level::{Kept, Level};
use crate::cli::open::{Setup, at_home, shown};
use crate::clock::{Clock as _, SystemClock, Timestamp};
use crate::ids::{Origin, Principal};
use crate::policy::{Policy, check_satisfiable};
use crate::signing::{Entry, Reviewers};
use crate::store::Identity;
use crate::ticket::decision::Decision;

/// A key that lapses within this is told of.
const SOON: Duration = Duration::from_secs(30 * 86_400);

/// Checks all of it.
pub fn check(setup: &Setup, queue: Option<Identity>, report: &mut Report) {
    let origin = queue.map(|identity| identity.origin);
    let people = reviewers(setup, origin.as_ref(), report);
    let own = key(setup, report);
    let valid = people.as_ref().map(|people| people.valid.clone()).unwrap_or_default();
    policy(setup, &valid, report);
    if let Some(people) = people {
        own_place(setup, own.as_ref(), &people, report);
        report.level = (!people.counting.is_empty()).then(|| level(&people, own.as_ref()));
    }
}

/// Those whose keys count now.
struct People {
    all: Reviewers,
    counting: Vec<Entry>,
    valid: BTreeSet<Principal>,
}

fn reviewers(setup: &Setup, origin: Option<&Origin>, report: &mut Report) -> Option<People> {
    let all = match setup.reviewers() {
        Ok(all) => all,
        Err(error) => {
            report.failed("reviewers", &error);
            return None;
        }
    };
    let now = SystemClock::new().now().wall;
    // Without a queue there is no name to count for; any purpose will do.
    let counts = |entry: &&Entry| match origin {
        Some(origin) => entry.counts(&Decision::namespace(origin), now),
        None => entry.namespaces().iter().any(|space| entry.counts(space, now)),
    };
    let counting: Vec<Entry> = all.entries().iter().filter(counts).cloned().collect();
    let valid: BTreeSet<Principal> = counting.iter().map(|entry| entry.principal().clone()).collect();
    report.figure(Gauge::Reviewers, "", valid.len() as u64);
    if let Some(until) = counting.iter().filter_map(Entry::valid_before).min() {
        report.figure(Gauge::KeyLapses, "", now.until(until).as_secs());
    }
    if valid.is_empty() {
        let what =
            format!("nobody's key counts in {}: nothing can be approved", at_home(&setup.places.reviewers()));
        report.bad("reviewers", what, "handoff init, or: handoff key trust NAME FILE.pub");
    } else {
        let names: Vec<&str> = valid.iter().map(Principal::as_str).collect();
        report.ok("reviewers", names.join(", "));
    }
    counting.iter().for_each(|entry| lapsing(entry, now, report));
    Some(People { all, counting, valid })
}

fn lapsing(entry: &Entry, now: Timestamp, report: &mut Report) {
    let Some(until) = entry.valid_before().filter(|until| now.until(*until) < SOON) else { return };
    let days = now.until(until).as_secs() / 86_400;
    let what =
        format!("{}'s key {} counts for {days} more days", entry.principal(), entry.key().fingerprint());
    report.warn("reviewers", what, "trust the next one in time: handoff key trust NAME FILE.pub");
}

fn policy(setup: &Setup, valid: &BTreeSet<Principal>, report: &mut Report) {
    let cwd = std::env::current_dir().map_err(CliError::failed);
    let policy = match cwd.and_then(|cwd| setup.policy(&cwd)) {
        Ok(policy) => policy,
        Err(error) => return report.failed("policy", &error),
    };
    if policy.layers().is_empty() {
        report.warn("policy", "there is none: everything is reviewed", "handoff init writes one");
    } else {
        in_force(&policy, report);
    }
    if let Some(ignored) = policy.ignored() {
        let what = format!("{} does not count: it is not trusted as it is now", shown(ignored.file.as_ref()));
        report.warn("policy", what, "read it, then: handoff policy trust");
    }
    if !valid.is_empty()
        && let Err(error) = check_satisfiable(&policy, valid)
    {
        report.bad("policy", error.to_string(), "handoff policy test");
    }
    mapped(setup, &policy, report);
}

fn in_force(policy: &Policy, report: &mut Report) {
    let (rules, layers) = (policy.rules().count(), policy.layers().len().saturating_sub(1));
    report.figure(Gauge::Rules, "", rules as u64);
    // Its own examples hold, or it would not have been loaded; those of packs were held when this was built.
    let version = &policy.id().version;
    let what =
        format!("version {version}, {rules} rules, {layers} layers beside the root; its examples hold");
    report.ok("policy", what);
}

fn mapped(setup: &Setup, policy: &Policy, report: &mut Report) {
    let Some(me) = &setup.settings.reviewer else { return };
    if !policy.layers().is_empty() && !policy.accounts().contains_key(me) {
        let what =
            format!("[accounts] does not say which account {me} is: approving one's own request goes unseen");
        let uid = crate::facts::observe::account::requester(std::env::var_os("SUDO_UID").as_deref()).uid;
        report.warn("policy", what, format!("add to [accounts]: \"{me}\" = {uid}"));
    }
}

fn key(setup: &Setup, report: &mut Report) -> Option<OwnKey> {
    let path = setup.places.key(&setup.settings);
    if !exists(&path) {
        if setup.settings.reviewer.is_some() {
            report.warn(
                "key",
                format!("{} is not there: this account cannot sign", at_home(&path)),
                "handoff key new, or name one in config.toml",
            );
        }
        return None;
    }
    match OwnKey::look(&path) {
        Ok(key) => {
            report.ok("key", format!("{}, {}, {}", at_home(&path), key.public.fingerprint(), key.word()));
            Some(key)
        }
        Err(error) => {
            report.failed("key", &error);
            None
        }
    }
}

fn own_place(setup: &Setup, own: Option<&OwnKey>, people: &People, report: &mut Report) {
    let (Some(own), Some(me)) = (own, &setup.settings.reviewer) else { return };
    let print = own.public.fingerprint();
    let trusted =
        people.counting.iter().any(|entry| entry.key().fingerprint() == print && entry.principal() == me);
    if trusted {
        return;
    }
    let what = match people.all.entry(&print) {
        Some(entry) if entry.principal() != me => {
            format!("your key is {}'s among the reviewers, and you sign as {me}", entry.principal())
        }
        Some(_) => "your key does not count now for this queue: lapsed, or for another one".to_owned(),
        None => "your key is not among the reviewers".to_owned(),
    };
    let file = crate::cli::key::own::public_file(own);
    report.warn("key", what, format!("handoff key trust {me} {file}"));
}

/// The weakest key decides; how others keep theirs cannot be seen from here.
fn level(people: &People, own: Option<&OwnKey>) -> Level {
    Level::of(people.counting.iter().map(|entry| {
        if entry.key().is_hardware() {
            return Kept::Hardware;
        }
        let mine = own.filter(|own| own.public.fingerprint() == entry.key().fingerprint());
        mine.map_or(Kept::Elsewhere, |own| own.kept)
    }))
}
