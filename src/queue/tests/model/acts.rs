//! Everything anybody can do next, and doing it.
//! What is rare has a budget, so that there is an end to it.

use super::machine::Machine;
use super::rules::{Answer, No, Pen};
use super::world::{Hand, Rule, Run, Said, World};
use crate::ticket::CancelledBy;

/// One thing that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// A tick passes on both clocks.
    Pass,
    /// Somebody sets the wall clock.
    SetWall(u8),
    /// The machine starts anew; every process is gone.
    Reboot,
    Policy(Rule),
    Reviewers(u8),
    Propose {
        who: u8,
        question: u8,
        keyed: bool,
    },
    /// `run`: files, and claims what the policy allows.
    Run {
        who: u8,
        question: u8,
        keyed: bool,
        hand: usize,
    },
    Decide {
        person: u8,
        id: u8,
        choice: Said,
    },
    /// Signs a yes without handing it in.
    Draw {
        person: u8,
        id: u8,
    },
    HandIn,
    Cancel {
        who: u8,
        id: u8,
    },
    Void {
        id: u8,
    },
    Look {
        id: u8,
    },
    Check {
        id: u8,
        hand: usize,
    },
    Claim {
        hand: usize,
    },
    Remember {
        hand: usize,
    },
    Start {
        hand: usize,
    },
    Finish {
        hand: usize,
    },
    NotStart {
        hand: usize,
    },
    Crash {
        hand: usize,
    },
    Lose {
        id: u8,
    },
    Reconcile {
        person: u8,
        id: u8,
    },
    AcceptClock {
        person: u8,
    },
    Backup,
    Restore,
    PutBack,
}

/// What is tried: so many ticks, policies, questions.
#[derive(Debug, Clone)]
pub struct Scope {
    pub ticks: u8,
    pub people: u8,
    pub rules: Vec<Rule>,
    pub requesters: u8,
    pub questions: u8,
    pub keys: Vec<bool>,
    pub runs: bool,
}

/// What happened, in what followed.
pub struct Done {
    pub world: World,
    pub answer: Answer,
    pub events: Vec<&'static str>,
}

impl Act {
    /// Everything that could happen now.
    pub fn all(world: &World, scope: &Scope) -> Vec<Self> {
        let mut acts = Vec::new();
        clocks(world, scope, &mut acts);
        circumstances(world, scope, &mut acts);
        filing(world, scope, &mut acts);
        for slip in &world.desk.slips {
            about(slip.id, world, scope, &mut acts);
        }
        for (hand, at) in world.hands.iter().enumerate() {
            executing(hand, *at, world, &mut acts);
        }
        acts
    }

    /// What follows from it.
    pub fn done(self, world: &World, machine: &Machine) -> Done {
        let mut pen = Pen::new(machine, world);
        let answer = self.carried_out(&mut pen);
        let (mut after, mut events) = pen.done();
        if !self.is_kept(&answer) {
            let World { desk, ids, left, grown, raised, .. } = world.clone();
            after = World { desk, ids, left, grown, raised, ..after };
            events.clear();
        }
        after.remember(world, self == Self::Restore);
        Done { world: after, answer, events }
    }

    /// Whether a transaction with this answer is committed.
    fn is_kept(self, answer: &Answer) -> bool {
        matches!(
            (self, answer),
            (Self::Decide { .. } | Self::HandIn, Err(No::Decision | No::Machine(_) | No::Stale))
                | (Self::Cancel { .. } | Self::Void { .. }, Err(No::Machine(_)))
                | (_, Ok(_))
        )
    }

    fn carried_out(self, pen: &mut Pen<'_>) -> Answer {
        match self {
            Self::Propose { who, question, keyed } => pen.propose(who, question, keyed, None),
            Self::Run { who, question, keyed, hand } => pen.propose(who, question, keyed, Some(hand)),
            Self::Decide { person, id, choice } => pen.decide(person, id, choice),
            Self::Draw { person, id } => pen.draw(person, id),
            Self::HandIn => pen.hand_in_drawn(),
            Self::Cancel { who, id } => pen.cancel(id, CancelledBy::Requester, Some(who)),
            Self::Void { id } => pen.cancel(id, CancelledBy::Stale(Vec::new()), None),
            Self::Look { id } => pen.look_only(id),
            Self::Check { id, hand } => pen.check(id, hand),
            Self::Claim { hand } => pen.claim(hand),
            Self::Remember { hand } => pen.remember(hand),
            Self::Finish { hand } => pen.end(hand, true),
            Self::NotStart { hand } => pen.end(hand, false),
            Self::Lose { id } => pen.lose(id),
            Self::Reconcile { person, id } => pen.reconcile(person, id),
            Self::AcceptClock { person } => pen.accept_clock(person),
            Self::Restore => pen.restore(),
            Self::PutBack => pen.put_back(),
            outside => {
                outside.happened(&mut pen.world);
                Ok(None)
            }
        }
        .inspect(|_| self.spent(&mut pen.world))
    }

    /// What no transaction is about.
    fn happened(self, world: &mut World) {
        match self {
            Self::Pass => (world.now.wall, world.now.up) = (world.now.wall + 1, world.now.up + 1),
            Self::SetWall(wall) => {
                world.now.wall = wall;
                world.left.jumps -= 1;
            }
            Self::Reboot => {
                (world.now.boot, world.now.up) = (world.now.boot + 1, 0);
                world.hands = [Hand::Idle; 2];
                world.left.reboots -= 1;
            }
            Self::Policy(rule) => {
                world.rule = rule;
                world.left.policies -= 1;
            }
            Self::Reviewers(trusted) => {
                world.trusted = trusted;
                world.left.reviewers -= 1;
            }
            Self::Start { hand } => {
                let Hand::Claimed(id) = world.hands[hand] else { return };
                world.starts[usize::from(id)] += 1;
                world.hands[hand] = Hand::Running(id);
            }
            Self::Crash { hand } => {
                world.hands[hand] = Hand::Idle;
                world.left.crashes -= 1;
            }
            Self::Backup => {
                world.backup = Some(world.desk.clone());
                (world.grown, world.raised) = (false, false);
                if let Some(statement) = &mut world.drawer {
                    statement.grown = false;
                }
                world.left.backups -= 1;
            }
            _ => {}
        }
    }

    fn spent(self, world: &mut World) {
        match self {
            Self::Restore | Self::PutBack => world.left.put_backs -= 1,
            Self::Draw { .. } => world.left.drawn -= 1,
            _ => {}
        }
    }
}

fn clocks(world: &World, scope: &Scope, acts: &mut Vec<Act>) {
    if world.now.wall < scope.ticks && world.now.up < scope.ticks {
        acts.push(Act::Pass);
    }
    if world.left.jumps > 0 {
        acts.extend((0..=scope.ticks).filter(|wall| *wall != world.now.wall).map(Act::SetWall));
    }
    if world.left.reboots > 0 {
        acts.push(Act::Reboot);
    }
    if world.now.wall < world.desk.seen {
        acts.push(Act::AcceptClock { person: 2 });
    }
}

fn circumstances(world: &World, scope: &Scope, acts: &mut Vec<Act>) {
    if world.left.policies > 0 {
        acts.extend(scope.rules.iter().filter(|rule| **rule != world.rule).map(|rule| Act::Policy(*rule)));
    }
    if world.left.reviewers > 0 {
        acts.extend(
            [0b111, 0b110, 0b101].into_iter().filter(|set| *set != world.trusted).map(Act::Reviewers),
        );
    }
    if world.left.backups > 0 {
        acts.push(Act::Backup);
    }
    if world.left.put_backs > 0 && world.backup.is_some() {
        acts.extend([Act::Restore, Act::PutBack]);
    }
    if world.drawer.is_some() {
        acts.push(Act::HandIn);
    }
}

fn filing(world: &World, scope: &Scope, acts: &mut Vec<Act>) {
    if world.left.tickets == 0 {
        return;
    }
    for who in 0..scope.requesters {
        for question in 0..scope.questions {
            for &keyed in &scope.keys {
                acts.push(Act::Propose { who, question, keyed });
                if scope.runs && world.hands[0] == Hand::Idle {
                    acts.push(Act::Run { who, question, keyed, hand: 0 });
                }
            }
        }
    }
}

fn about(id: u8, world: &World, scope: &Scope, acts: &mut Vec<Act>) {
    for person in 0..scope.people {
        acts.extend([Said::Approve, Said::Reject, Said::Revoke].map(|choice| Act::Decide {
            person,
            id,
            choice,
        }));
        if world.left.drawn > 0 {
            acts.push(Act::Draw { person, id });
        }
    }
    acts.extend([0, 1].map(|who| Act::Cancel { who, id }));
    acts.extend([Act::Void { id }, Act::Look { id }, Act::Reconcile { person: 2, id }]);
    if let Some(hand) = world.hands.iter().position(|hand| *hand == Hand::Idle) {
        acts.push(Act::Check { id, hand });
    }
    let dead = world.hands.iter().all(|hand| !hand.executes(id));
    if dead && world.desk.slip(id).is_some_and(|slip| slip.stand.run() == Some(Run::Claimed)) {
        acts.push(Act::Lose { id });
    }
}

fn executing(hand: usize, at: Hand, world: &World, acts: &mut Vec<Act>) {
    match at {
        Hand::Idle => return,
        Hand::Checked(..) => return acts.push(Act::Claim { hand }),
        Hand::Committed(..) => acts.push(Act::Remember { hand }),
        Hand::Claimed(_) => acts.extend([Act::Start { hand }, Act::NotStart { hand }]),
        Hand::Running(_) => acts.push(Act::Finish { hand }),
    }
    if world.left.crashes > 0 {
        acts.push(Act::Crash { hand });
    }
}
