//! Random walks of two requesters, three reviewers and two executors through a queue on disk, beside the model of
//! `queue::tests::model`: after each step both say the same, and at the end the log verifies. For tests only.

mod real;

use proptest::prelude::*;

use super::{Given, verify};
use crate::queue::tests::model::acts::{Act, Scope};
use crate::queue::tests::model::machine::{Machine, Skip};
use crate::queue::tests::model::promises;
use crate::queue::tests::model::world::{Hand, Left, Rule, World};
use real::Real;

/// Walks tried when nobody says how many.
const CASES: u32 = 12;
/// What the policy says when a walk begins.
const BEGINNINGS: [Rule; 4] = [Rule::One, Rule::Two, Rule::Others, Rule::Allow];
/// Steps of the longest.
const STEPS: usize = 60;

fn scope() -> Scope {
    Scope {
        ticks: 14,
        people: 3,
        rules: vec![Rule::Allow, Rule::One, Rule::Two, Rule::Others, Rule::Short, Rule::Deny],
        requesters: 2,
        questions: 2,
        keys: vec![false, true],
        runs: true,
    }
}

fn budget() -> Left {
    Left {
        policies: 4,
        reviewers: 3,
        jumps: 3,
        reboots: 1,
        backups: 2,
        put_backs: 2,
        crashes: 2,
        drawn: 3,
        tickets: 4,
    }
}

/// Every kind of act is as likely as any other, however many there are of it.
fn chosen(acts: &[Act], kind: u16, which: u16) -> Act {
    let mut kinds: Vec<_> = acts.iter().map(std::mem::discriminant).collect();
    kinds.dedup();
    let kind = kinds[usize::from(kind) % kinds.len()];
    let same: Vec<&Act> = acts.iter().filter(|act| std::mem::discriminant(*act) == kind).collect();
    *same[usize::from(which) % same.len()]
}

/// The model and the queue, side by side.
struct Walk {
    machine: Machine,
    world: World,
    real: Real,
    /// The kinds of events the database holds, and held when the backup was made.
    log: Vec<&'static str>,
    kept: Vec<&'static str>,
    way: Vec<Act>,
}

impl Walk {
    fn new(machine: Machine, rule: Rule) -> Self {
        let log = vec!["created", "policy", "reviewers"];
        Self {
            machine,
            world: World::new(rule, budget()),
            real: Real::new(rule),
            log,
            kept: Vec::new(),
            way: Vec::new(),
        }
    }

    fn goes(&mut self, act: Act) -> Result<(), TestCaseError> {
        self.way.push(act);
        let done = act.done(&self.world, &self.machine);
        let broken = promises::broken(&self.world, act, &done).filter(|_| self.machine.skip == Skip::Nothing);
        if let Some(promise) = broken {
            return Err(TestCaseError::fail(format!("{promise}\n{:?}", self.way)));
        }
        match act {
            Act::Backup => self.kept = self.log.clone(),
            Act::Restore | Act::PutBack => self.log = self.kept.clone(),
            _ => {}
        }
        self.log.extend(&done.events);
        let answer = self.real.does(act, &self.world, &done.world);
        self.world = done.world;
        prop_assert_eq!(&answer, &done.answer.map(drop), "{:?}", self.way);
        self.real
            .is_as(&self.world, &self.log)
            .map_err(|why| TestCaseError::fail(format!("{why}\n{:?}", self.way)))
    }

    /// A step for each choice, as far as there is anything to do.
    fn goes_along(&mut self, choices: &[(u16, u16)]) -> Result<(), TestCaseError> {
        for (kind, which) in choices {
            let acts = Act::all(&self.world, &scope());
            if acts.is_empty() {
                break;
            }
            self.goes(chosen(&acts, *kind, *which))?;
            self.goes_on()?;
        }
        Ok(())
    }

    /// The claim and its being remembered outside are one call of the queue.
    fn goes_on(&mut self) -> Result<(), TestCaseError> {
        let open = |hand: &Hand| matches!(hand, Hand::Committed(..));
        match self.world.hands.iter().position(open) {
            Some(hand) => self.goes(Act::Remember { hand }),
            None => Ok(()),
        }
    }
}

fn cases() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES);
    ProptestConfig { cases, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases())]
    #[test]
    fn the_queue_does_what_the_model_does(
        begins in 0..BEGINNINGS.len(), choices in prop::collection::vec(any::<(u16, u16)>(), 1..STEPS),
    ) {
        let mut walk = Walk::new(Machine::REAL, BEGINNINGS[begins]);
        walk.goes_along(&choices)?;
        let report = verify(walk.real.queue.store(), Given::default(), &mut |_| {}).unwrap();
        prop_assert_eq!(report.faults.kept(), &[], "{:?}", walk.way);
    }
}

/// A walk that is the same each time.
fn choices(seed: u64) -> Vec<(u16, u16)> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        u16::try_from(state & 0xffff).unwrap()
    };
    (0..STEPS).map(|_| (next(), next())).collect()
}

#[test]
fn a_model_that_is_another_is_told_apart_from_the_queue() {
    for skip in [Skip::Owner, Skip::Recheck, Skip::Clock] {
        let machine = Machine { skip, ..Machine::REAL };
        let differs = |seed| Walk::new(machine, Rule::One).goes_along(&choices(seed)).is_err();
        assert!((1..60).any(differs), "{skip:?} makes no difference");
    }
}

#[test]
fn a_second_statement_kept_for_a_decided_ticket_is_no_copy_of_the_first() {
    let mut walk = Walk::new(Machine::REAL, Rule::One);
    walk.goes(Act::Propose { who: 0, question: 0, keyed: false }).unwrap();
    let id = walk.world.desk.slips[0].id;
    for person in [1, 2] {
        walk.goes(Act::Draw { person, id }).unwrap();
        walk.goes(Act::HandIn).unwrap();
    }
}
