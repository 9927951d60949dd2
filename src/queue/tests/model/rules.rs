//! What the queue does around the machine, written a second time and plainly, one function a use case.
//! Held against the real queue on a real store by the random walks of the audit's tests.

use super::machine::{Machine, Skip};
use super::world::{Aside, Desk, Hand, Rule, Run, Slip, Stand, TICK_S, World};
use super::world::{claim, tick};
use crate::policy::Verdict;
use crate::queue::authority::terms_now;
use crate::ticket::step::{Effect, Input, Refused};
use crate::ticket::{CancelledBy, Deadline, End, Outcome};

/// Why nothing was done, or what was recorded instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum No {
    /// The log is not the one remembered outside.
    Memory,
    /// The right was used in a life that is gone.
    Spent,
    ClockBehind,
    /// A statement that does not count.
    Decision,
    Stale,
    /// The log knows of no unused approval.
    Tampered,
    Machine(Refused),
    NotYours,
    OtherAction,
    Unheard,
    /// The claim does not stand any more.
    Undone,
}

/// What a use case came to: the answer, and the kinds of the events it recorded.
pub type Answer = Result<Option<u8>, No>;

/// One transaction at the desk. What it did is kept only if it is asked to.
pub struct Pen<'a> {
    pub(super) machine: &'a Machine,
    pub world: World,
    events: Vec<&'static str>,
}

impl<'a> Pen<'a> {
    pub fn new(machine: &'a Machine, world: &World) -> Self {
        Self { machine, world: world.clone(), events: Vec::new() }
    }

    /// The world afterwards, and the kinds of the events that were recorded.
    pub fn done(self) -> (World, Vec<&'static str>) {
        (self.world, self.events)
    }

    pub(super) fn record(&mut self, kind: &'static str) {
        self.events.push(kind);
        self.world.grown = true;
        self.world.desk.seen = self.world.desk.seen.max(self.world.now.wall);
    }

    /// The memory outside learns how far the log has come.
    pub(super) fn raise(&mut self) {
        self.world.raised |= self.world.grown;
    }

    fn raise_if_sound(&mut self) {
        if !self.world.behind && self.machine.checks(Skip::EndRemembered) {
            self.raise();
        }
    }

    pub(super) fn slip(&self, id: u8) -> Result<Slip, No> {
        self.world.desk.slip(id).cloned().ok_or(No::Unheard)
    }

    fn apply(&mut self, id: u8, step: crate::ticket::step::Step) {
        self.world.desk.slip_mut(id).stand = Stand::of(&step.state);
        for hand in &mut self.world.hands {
            if let Hand::Checked(checked, changed) = hand {
                *changed |= *checked == id;
            }
        }
        for effect in step.effects {
            if let Effect::Record(what) = effect {
                self.record(what.word());
            }
        }
    }

    pub(super) fn step(&mut self, id: u8, input: Input) -> Result<(), No> {
        let (slip, now) = (self.slip(id)?, self.world.now.moment());
        let step = (self.machine.step)(&slip.stand.state(), &slip.due.deadline(), input, &now);
        self.apply(id, step.map_err(No::Machine)?);
        Ok(())
    }

    /// What time alone has done.
    pub fn look(&mut self, id: u8) -> Answer {
        let (slip, now) = (self.slip(id)?, self.world.now.moment());
        if let Some(step) = (self.machine.look)(&slip.stand.state(), &slip.due.deadline(), &now) {
            self.apply(id, step);
        }
        Ok(Some(id))
    }

    /// The same as a transaction of its own.
    pub fn look_only(&mut self, id: u8) -> Answer {
        let answer = self.look(id);
        self.raise_if_sound();
        answer
    }

    pub(super) fn clock_is_right(&self) -> Result<(), No> {
        let behind = self.world.now.wall < self.world.desk.seen && self.machine.checks(Skip::Clock);
        if behind { Err(No::ClockBehind) } else { Ok(()) }
    }

    pub(super) fn memory(&self) -> Result<(), No> {
        let behind = self.world.behind && self.machine.checks(Skip::Mark);
        if behind { Err(No::Memory) } else { Ok(()) }
    }

    pub(super) fn in_force(&mut self) {
        let (rule, trusted) = self.world.desk.noted.0;
        if rule != self.world.rule {
            self.record("policy");
        }
        if trusted != self.world.trusted {
            self.record("reviewers");
        }
        self.world.desk.noted = Aside((self.world.rule, self.world.trusted));
    }

    /// Files a question, or finds the ticket that asks the same. With a hand, what the policy allows is claimed.
    pub fn propose(&mut self, who: u8, question: u8, keyed: bool, hand: Option<usize>) -> Answer {
        let hand = hand.filter(|_| self.world.rule == Rule::Allow);
        if hand.is_some() {
            self.memory()?;
        }
        let earlier = self.earlier(who, question, keyed)?;
        if let Some(id) = earlier.filter(|_| self.machine.checks(Skip::Join)) {
            if hand.is_some() {
                self.raise();
            }
            return Ok(Some(id));
        }
        self.in_force();
        let id = self.file(who, question, keyed)?;
        if let Some(hand) = hand {
            self.record("claimed");
            self.world.desk.slip_mut(id).stand = claimed(self.world.desk.slip(id).unwrap().stand);
            self.world.hands[hand] = Hand::Claimed(id);
            self.raise();
        }
        Ok(Some(id))
    }

    fn earlier(&mut self, who: u8, question: u8, keyed: bool) -> Result<Option<u8>, No> {
        let same = |slip: &&Slip| slip.who == who && slip.keyed == keyed;
        let found = if keyed {
            self.world.desk.slips.iter().filter(same).find(|slip| slip.newest)
        } else {
            let open = |slip: &&Slip| slip.question == question && slip.stand.is_open();
            self.world.desk.slips.iter().filter(same).find(open)
        };
        let Some(id) = found.map(|slip| slip.id) else { return Ok(None) };
        if self.slip(id)?.question != question {
            return Err(No::OtherAction);
        }
        self.look(id)?;
        let stand = self.slip(id)?.stand;
        if keyed && matches!(stand, Stand::Expired | Stand::Cancelled) {
            self.world.desk.slip_mut(id).newest = false;
            return Ok(None);
        }
        Ok((keyed || stand.is_open()).then_some(id))
    }

    fn file(&mut self, who: u8, question: u8, keyed: bool) -> Result<u8, No> {
        let (id, now, rule) = (self.world.ids, self.world.now.moment(), self.world.rule);
        self.record("proposed");
        let stand = match rule.verdict() {
            Verdict::Review { .. } => self.pending(),
            Verdict::Deny { .. } => {
                self.record("rejected");
                Stand::Rejected
            }
            Verdict::Allow { .. } => {
                self.clock_is_right()?;
                self.record("approved");
                let until = after(&now, 2 * TICK_S);
                Stand::Approved { at: self.world.now.wall, by: None, until, run: Run::Unclaimed }
            }
        };
        let due = after(&now, 2 * TICK_S);
        let words = [None; 3];
        let slip = Slip { id, who, question, keyed, newest: keyed, rule, due, stand, words, drawn: 0 };
        self.world.desk.slips.push(slip);
        self.world.ids += 1;
        self.world.left.tickets -= 1;
        Ok(id)
    }

    fn pending(&self) -> Stand {
        let answered = |slip: &&Slip| matches!(slip.stand, Stand::Approved { .. });
        let old = self.world.desk.slips.iter().find(answered).map(|slip| slip.stand);
        match old {
            Some(Stand::Approved { at, by, until, .. }) if !self.machine.checks(Skip::FreshStart) => {
                Stand::Approved { at, by, until, run: Run::Unclaimed }
            }
            _ => Stand::Pending,
        }
    }

    /// Ends it without a run: the requester, or whoever found that it no longer holds.
    pub fn cancel(&mut self, id: u8, why: CancelledBy, by: Option<u8>) -> Answer {
        let slip = self.slip(id)?;
        if by.is_some_and(|who| who != slip.who) && self.machine.checks(Skip::Owner) {
            return Err(No::NotYours);
        }
        self.look(id)?;
        let answer = self.step(id, Input::Cancel(why)).map(|()| Some(id));
        self.raise_if_sound();
        answer
    }

    /// Judges an approved ticket again: the proof that a claim takes.
    pub fn check(&mut self, id: u8, hand: usize) -> Answer {
        let slip = self.slip(id)?;
        if self.machine.checks(Skip::Recheck) {
            self.holds(&slip)?;
        }
        self.world.hands[hand] = Hand::Checked(id, false);
        Ok(Some(id))
    }

    fn holds(&self, slip: &Slip) -> Result<(), No> {
        let Stand::Approved { at, by, until, run: Run::Unclaimed } = slip.stand else {
            return Err(No::Tampered);
        };
        let (now, today) = (self.world.now, self.world.rule.verdict());
        if until.is_over(now) {
            return Err(No::Stale);
        }
        if by.is_none() {
            let allowed = matches!(today, Verdict::Allow { .. });
            return if allowed { Ok(()) } else { Err(No::Stale) };
        }
        let terms = terms_now(&slip.rule.verdict(), &today).map_err(|_| No::Stale)?;
        let people = self.standing(slip, &terms);
        let validity = self.world.rule.terms().map_or(2 * TICK_S, |terms| terms.validity_s);
        let lapsed = u64::from(at) * TICK_S + validity <= u64::from(now.wall) * TICK_S;
        if self.met(slip, &terms, &people) && !lapsed { Ok(()) } else { Err(No::Stale) }
    }

    /// Commits the claim of a hand that holds the proof.
    pub fn claim(&mut self, hand: usize) -> Answer {
        let Hand::Checked(id, changed) = self.world.hands[hand] else { return Err(No::Tampered) };
        self.world.hands[hand] = Hand::Idle;
        if self.world.spent & (1 << id) != 0 && self.machine.checks(Skip::Spent) {
            return Err(No::Spent);
        }
        self.memory()?;
        let slip = self.slip(id)?;
        self.clock_is_right()?;
        let now = self.world.now.moment();
        let input = Input::Claim(claim());
        let step = (self.machine.step)(&slip.stand.state(), &slip.due.deadline(), input, &now);
        let step = step.map_err(No::Machine)?;
        if changed && self.machine.checks(Skip::Version) {
            return Err(No::Stale);
        }
        self.apply(id, step);
        self.record("claimed");
        self.world.hands[hand] = Hand::Committed(id, self.world.desk.life);
        self.raise();
        Ok(Some(id))
    }

    /// Writes the used right down outside, and looks once more whether the claim stands.
    pub fn remember(&mut self, hand: usize) -> Answer {
        let Hand::Committed(id, life) = self.world.hands[hand] else { return Err(No::Tampered) };
        self.world.spent |= 1 << id;
        let stands = self.world.desk.life == life
            && self.world.desk.slip(id).is_some_and(|slip| slip.stand.run() == Some(Run::Claimed));
        if !stands && self.machine.checks(Skip::StandsStill) {
            self.world.hands[hand] = Hand::Idle;
            return Err(No::Undone);
        }
        self.world.hands[hand] = Hand::Claimed(id);
        Ok(Some(id))
    }

    /// The command ended, or could not be started.
    pub fn end(&mut self, hand: usize, ran: bool) -> Answer {
        let id = self.world.hands[hand].id().unwrap();
        self.world.hands[hand] = Hand::Idle;
        let input = match ran {
            true => Input::Finish(Outcome { end: End::Exit(0), millis: 1 }),
            false => Input::NotStart("x".into()),
        };
        self.step(id, input).map(|()| Some(id))
    }

    /// Somebody finds a claim whose executor is gone.
    pub fn lose(&mut self, id: u8) -> Answer {
        self.step(id, Input::Lose(false)).map(|()| Some(id))
    }

    /// A person says how an unknown outcome ended.
    pub fn reconcile(&mut self, person: u8, id: u8) -> Answer {
        if self.world.trusted & (1 << person) == 0 {
            return Err(No::Decision);
        }
        self.step(id, Input::Reconcile("x".into(), self.name(person)))?;
        self.record("reconciled");
        Ok(Some(id))
    }

    /// A person accepts the clock as it is.
    pub fn accept_clock(&mut self, person: u8) -> Answer {
        if self.world.trusted & (1 << person) == 0 {
            return Err(No::Decision);
        }
        self.world.desk.seen = self.world.now.wall;
        self.record("reconciled");
        Ok(None)
    }

    /// The backup takes the database's place as `handoff restore` puts it there.
    pub fn restore(&mut self) -> Answer {
        self.put(self.world.backup.clone().unwrap());
        self.world.desk.life = self.world.lives;
        self.world.lives += 1;
        self.world.behind = false;
        self.record("restored");
        self.raise();
        let open: Vec<u8> =
            self.world.desk.slips.iter().filter(|slip| unclaimed(slip)).map(|s| s.id).collect();
        for id in open.into_iter().filter(|_| self.machine.checks(Skip::Restore)) {
            self.look(id)?;
            let _ = self.step(id, Input::Cancel(CancelledBy::Restore));
        }
        Ok(None)
    }

    /// The backup takes the database's place by itself.
    pub fn put_back(&mut self) -> Answer {
        self.put(self.world.backup.clone().unwrap());
        self.world.behind |= self.world.raised;
        self.world.grown = false;
        Ok(None)
    }

    fn put(&mut self, desk: Desk) {
        self.world.desk = desk;
        if let Some(statement) = &mut self.world.drawer {
            statement.forked |= statement.grown;
        }
    }
}

fn claimed(stand: Stand) -> Stand {
    match stand {
        Stand::Approved { at, by, until, .. } => Stand::Approved { at, by, until, run: Run::Claimed },
        other => other,
    }
}

fn unclaimed(slip: &Slip) -> bool {
    slip.stand.run() == Some(Run::Unclaimed)
}

fn after(now: &crate::clock::Moment, seconds: u64) -> super::world::Time {
    let end = Deadline::after(now, seconds);
    let boot = end.boot.boot_id.trim_start_matches("boot-").parse().unwrap();
    let up = u8::try_from(end.boot.millis / (TICK_S * 1000)).unwrap();
    super::world::Time { wall: tick(end.wall), boot, up }
}
