//! What DESIGN §2 and §3 promise, said of one step from world to world without asking the machine.
//! Counts for itself: nothing here calls the code under test.

use super::acts::{Act, Done};
use super::world::{Hand, PEOPLE, Rule, Run, Said, Slip, Stand, TICK_S, World, members};

/// The promise that this step breaks, if there is one.
pub fn broken(before: &World, act: Act, done: &Done) -> Option<String> {
    let after = &done.world;
    at_most_once(after)
        .or_else(|| retries(after))
        .or_else(|| started(before, act))
        .or_else(|| again(before, act, done))
        .or_else(|| {
            after.desk.slips.iter().find_map(|slip| {
                let old = before.desk.slip(slip.id);
                match old {
                    _ if matches!(act, Act::Restore | Act::PutBack) => restored(act, slip),
                    None => fresh(slip),
                    Some(old) if old.stand != slip.stand => changed(before, act, old, slip),
                    Some(old) => unchanged(act, done, old),
                }
            })
        })
        .or_else(|| vanished(before, act, after))
}

fn says(promise: &str, slip: &Slip) -> Option<String> {
    Some(format!("{promise}: {slip:?}"))
}

/// Promise 3.
fn at_most_once(after: &World) -> Option<String> {
    let twice = after.starts.iter().position(|starts| *starts > 1)?;
    Some(format!("at most once: ticket {twice} was started {} times", after.starts[twice]))
}

/// Promise 7: of all attempts under one key one runs, within the life of the queue that knows of them; an equal
/// open question is one ticket.
fn retries(after: &World) -> Option<String> {
    let slips = &after.desk.slips;
    for (index, slip) in slips.iter().enumerate() {
        let same = |other: &&Slip| other.who == slip.who && other.keyed == slip.keyed;
        let others = || slips.iter().skip(index + 1).filter(same);
        if slip.keyed && others().any(|other| runs(other) && runs(slip)) {
            return says("one key, one execution", slip);
        }
        if slip.keyed && others().any(|other| other.newest && slip.newest) {
            return says("one key, one ticket", slip);
        }
        let twin = |other: &Slip| other.question == slip.question && other.stand.is_open();
        if !slip.keyed && slip.stand.is_open() && others().any(twin) {
            return says("an equal open question is joined", slip);
        }
    }
    None
}

fn runs(slip: &Slip) -> bool {
    slip.stand.run().is_some_and(|run| run != Run::Unclaimed)
}

/// What starts was claimed durably, in the life that is now, and by nobody else.
fn started(before: &World, act: Act) -> Option<String> {
    let Act::Start { hand } = act else { return None };
    let Hand::Claimed(id) = before.hands[hand] else { return Some("started without a claim".to_owned()) };
    let ready = |hand: &&Hand| matches!(hand, Hand::Claimed(of) | Hand::Running(of) if *of == id);
    (before.hands.iter().filter(ready).count() != 1)
        .then(|| format!("two executors hold the right of ticket {id}"))
}

/// A statement counts once, and in the life it was signed for.
fn again(before: &World, act: Act, done: &Done) -> Option<String> {
    let statement = before.drawer.filter(|_| act == Act::HandIn && done.answer.is_ok())?;
    let slip = before.desk.slip(statement.id)?;
    let right = slip.drawn & (1 << statement.number) == 0 && statement.life == before.desk.life;
    if right { None } else { says("a statement counts once, and in its own life", slip) }
}

/// DESIGN §3, the rows from nothing.
fn fresh(slip: &Slip) -> Option<String> {
    let right = match (slip.rule, slip.stand) {
        (Rule::Allow, Stand::Approved { by: None, run: Run::Unclaimed | Run::Claimed, .. }) => true,
        (Rule::Deny, Stand::Rejected) => true,
        (Rule::Allow | Rule::Deny, _) => false,
        (_, stand) => stand == Stand::Pending && slip.words == [None; 3],
    };
    if right { None } else { says("a new ticket begins as the policy says, and unanswered", slip) }
}

fn changed(before: &World, act: Act, old: &Slip, new: &Slip) -> Option<String> {
    if old.stand.is_over() {
        return says("there is no way out of an end", new);
    }
    match new.stand {
        Stand::Pending => says("nothing goes back to waiting", new),
        Stand::Approved { run: Run::Unclaimed, .. } => approved(before, old, new),
        Stand::Approved { run: Run::Claimed, .. } => claimed(before, act, old, new),
        Stand::Approved { run, .. } => ended(run, old, new),
        Stand::Rejected => rejected(before, act, old, new),
        Stand::Expired => expired(before, old, new),
        Stand::Cancelled => cancelled(act, old, new),
    }
}

/// The right is used and not given back: from a claim to its end, or through unknown.
fn ended(run: Run, old: &Slip, new: &Slip) -> Option<String> {
    let right = matches!(
        (old.stand.run(), run),
        (Some(Run::Claimed), Run::Finished | Run::NotStarted | Run::Unknown)
            | (Some(Run::Unknown), Run::Finished | Run::Reconciled)
    );
    if right { None } else { says("an execution ends once, and one that began", new) }
}

/// Promises 1 and 4: enough different people whose newest word is yes, in time, by a clock that is right.
fn approved(before: &World, old: &Slip, new: &Slip) -> Option<String> {
    if old.stand != Stand::Pending {
        return says("only what waits is approved", new);
    }
    if old.due.is_over(before.now) {
        return says("an expired ticket is never approved", new);
    }
    if before.now.wall < before.desk.seen {
        return says("nothing is approved while the clock is behind", new);
    }
    if !enough(before, new) {
        return says("an approval is the word of enough different people", new);
    }
    None
}

/// Promises 1, 3 and 4, at the moment the right is used.
fn claimed(before: &World, act: Act, old: &Slip, new: &Slip) -> Option<String> {
    let Stand::Approved { by, until, run: Run::Unclaimed, .. } = old.stand else {
        return says("only an unused approval is claimed", new);
    };
    if !matches!(act, Act::Claim { .. }) {
        return says("only an executor claims", new);
    }
    if until.is_over(before.now) {
        return says("an approval that has lapsed is never used", new);
    }
    if before.now.wall < before.desk.seen || before.behind {
        return says("nothing is claimed while the clock or the log is behind", new);
    }
    if before.over & (1 << new.id) != 0 {
        return says("what has ended in this life is not run in it", new);
    }
    let Act::Claim { hand } = act else { return None };
    // The judging comes a moment before the claim; what a world apart says is said at the judging.
    let judged = matches!(before.hands[hand], Hand::Checked(_, false));
    if !judged || (by.is_some() && new.words.iter().flatten().all(|word| word.choice != Said::Approve)) {
        return says("a claim rests on words that hold", new);
    }
    None
}

/// What a proof of a re-check must have found; asked when it is made.
pub fn unfounded(before: &World, act: Act, done: &Done) -> Option<String> {
    let Act::Check { id, .. } = act else { return None };
    let (Ok(_), Some(slip)) = (&done.answer, before.desk.slip(id)) else { return None };
    let right = match slip.stand {
        Stand::Approved { by: None, until, run: Run::Unclaimed, .. } => {
            before.rule == Rule::Allow && !until.is_over(before.now)
        }
        Stand::Approved { at, until, run: Run::Unclaimed, .. } => {
            let validity = before.rule.terms().map_or(2, |terms| terms.validity_s / TICK_S);
            let lapsed = u64::from(at) + validity <= u64::from(before.now.wall);
            !until.is_over(before.now) && !lapsed && enough(before, slip)
        }
        _ => false,
    };
    if right { None } else { says("only what holds today is cleared", slip) }
}

/// Counted by hand, by the rules of filing and of now.
fn enough(world: &World, slip: &Slip) -> bool {
    let rules = [slip.rule, world.rule];
    if world.rule == Rule::Deny || matches!(slip.rule, Rule::Allow | Rule::Deny) {
        return false;
    }
    let need = if rules.contains(&Rule::Two) { 2 } else { 1 };
    let others_only = rules.contains(&Rule::Others);
    let counts = |person: &u8| {
        let own = others_only && world.rule == Rule::Others && *person == 0 && slip.who == 0;
        slip.words[usize::from(*person)].is_some_and(|word| {
            let holds = word.life == world.desk.life && word.until > world.now.wall;
            word.choice == Said::Approve && holds && !own
        })
    };
    members(world.trusted).filter(counts).count() >= need
}

/// A no is a person's, who may decide, about what still waits.
fn rejected(before: &World, act: Act, old: &Slip, new: &Slip) -> Option<String> {
    let who = match act {
        Act::Decide { person, choice: Said::Reject, .. } => person,
        _ => return says("only a signed no rejects", new),
    };
    let trusted = before.trusted & (1 << who) != 0;
    let waits = old.stand == Stand::Pending && !old.due.is_over(before.now);
    if trusted && waits { None } else { says("a no counts from those in force, while it waits", new) }
}

fn expired(before: &World, old: &Slip, new: &Slip) -> Option<String> {
    let over = match old.stand {
        Stand::Pending => old.due.is_over(before.now),
        Stand::Approved { until, run: Run::Unclaimed, .. } => until.is_over(before.now),
        _ => false,
    };
    if over { None } else { says("only time that has passed expires", new) }
}

fn cancelled(act: Act, old: &Slip, new: &Slip) -> Option<String> {
    if !old.stand.is_open() {
        return says("what ran is not taken back", new);
    }
    let right = match act {
        Act::Cancel { who, .. } => who == new.who,
        Act::Decide { choice: Said::Revoke, .. } | Act::Void { .. } => true,
        _ => false,
    };
    if right { None } else { says("only its requester, a revoke or a re-check cancels", new) }
}

/// A decision that was taken has an effect.
fn unchanged(act: Act, done: &Done, old: &Slip) -> Option<String> {
    let Act::Decide { id, choice, person } = act else { return None };
    if id != old.id || done.answer.is_err() {
        return None;
    }
    match (choice, old.stand) {
        (Said::Reject, _) => says(&format!("one no of {} is enough", PEOPLE[usize::from(person)]), old),
        (Said::Revoke, Stand::Approved { .. }) => says("a revoke takes the approval back", old),
        (Said::Approve, stand) if stand != Stand::Pending => says("only what waits takes a yes", old),
        _ => None,
    }
}

/// After a restore nothing is left that could run without being asked again.
fn restored(act: Act, slip: &Slip) -> Option<String> {
    let unused = slip.stand.run() == Some(Run::Unclaimed);
    if act == Act::Restore && unused {
        says("a restore cancels what was approved and unused", slip)
    } else {
        None
    }
}

fn vanished(before: &World, act: Act, after: &World) -> Option<String> {
    if matches!(act, Act::Restore | Act::PutBack) {
        return None;
    }
    let gone = before.desk.slips.iter().find(|slip| after.desk.slip(slip.id).is_none())?;
    says("no ticket is lost", gone)
}
