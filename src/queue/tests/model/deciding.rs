//! How the queue takes a signed decision, written a second time and plainly, and whose words count now.
//! Held against the real queue as the rest of [`super::rules`].

use super::machine::Skip;
use super::rules::{Answer, No, Pen};
use super::world::{PEOPLE, SIGNED_FOR, Said, Slip, Statement, TICK_S, Word, members};
use crate::policy::{Groups, Seat, Terms, eligible};
use crate::queue::authority::terms_now;
use crate::ticket::Deadline;
use crate::ticket::step::Input;

impl Pen<'_> {
    /// Signs a yes and keeps it.
    pub fn draw(&mut self, person: u8, id: u8) -> Answer {
        let until = self.world.now.wall + SIGNED_FOR;
        let (life, grown) = (self.world.desk.life, self.world.grown);
        let number = self.world.left.drawn;
        self.world.drawer = Some(Statement { number, person, id, life, until, grown, forked: false });
        Ok(Some(id))
    }

    /// Signs and hands in at once.
    pub fn decide(&mut self, person: u8, id: u8, choice: Said) -> Answer {
        let until = self.world.now.wall + SIGNED_FOR;
        self.hand_in(person, id, Word { choice, life: self.world.desk.life, until }, None)
    }

    /// Hands in what is in the drawer.
    pub fn hand_in_drawn(&mut self) -> Answer {
        let Statement { number, person, id, life, until, .. } = self.world.drawer.unwrap();
        self.hand_in(person, id, Word { choice: Said::Approve, life, until }, Some(number))
    }

    fn hand_in(&mut self, person: u8, id: u8, word: Word, drawn: Option<u8>) -> Answer {
        self.memory()?;
        self.look(id)?;
        let answer = self.take(person, id, word, drawn);
        if let Err(No::Decision | No::Machine(_) | No::Stale) = &answer {
            self.record("refused");
        }
        self.raise();
        answer.map(|()| Some(id))
    }

    fn take(&mut self, person: u8, id: u8, word: Word, drawn: Option<u8>) -> Result<(), No> {
        let slip = self.slip(id)?;
        self.counts(person, &slip, word, drawn)?;
        let terms = self.terms(&slip, word.choice)?;
        eligible(&terms, &Groups::new(), &self.name(person), self.own(person, slip.who))
            .map_err(|_| No::Decision)?;
        if word.choice == Said::Approve && self.standing(&slip, &terms).contains(&person) {
            return Err(No::Decision);
        }
        self.permitted(&slip, person, word.choice)?;
        self.in_force();
        self.record("decision");
        let slip = self.world.desk.slip_mut(id);
        slip.words[usize::from(person)] = Some(word);
        slip.drawn |= drawn.map_or(0, |number| 1 << number);
        let slip = slip.clone();
        let input = self.input(&slip, person, word.choice, &terms);
        self.step(id, input)
    }

    fn counts(&self, person: u8, slip: &Slip, word: Word, drawn: Option<u8>) -> Result<(), No> {
        let trusted = self.world.trusted & (1 << person) != 0;
        let life = word.life == self.world.desk.life || !self.machine.checks(Skip::Life);
        let again = drawn.is_some_and(|number| slip.drawn & (1 << number) != 0);
        let fresh = !(again && self.machine.checks(Skip::Nonce));
        if !(trusted && life && fresh) {
            return Err(No::Decision);
        }
        if word.choice == Said::Approve {
            self.clock_is_right()?;
            if word.until <= self.world.now.wall {
                return Err(No::Decision);
            }
        }
        let forked = drawn.is_some() && self.world.drawer.is_some_and(|statement| statement.forked);
        if forked { Err(No::Decision) } else { Ok(()) }
    }

    pub(super) fn terms(&self, slip: &Slip, choice: Said) -> Result<Terms, No> {
        match terms_now(&slip.rule.verdict(), &self.world.rule.verdict()) {
            Ok(terms) => Ok(terms),
            Err(_) if choice == Said::Approve => Err(No::Stale),
            Err(_) => Ok(slip.rule.terms().unwrap_or_else(Terms::mildest)),
        }
    }

    pub(super) fn name(&self, person: u8) -> crate::ids::Principal {
        PEOPLE[usize::from(person)].parse().unwrap()
    }

    fn own(&self, person: u8, who: u8) -> bool {
        self.world.rule.is_requester(person, who) && self.machine.checks(Skip::Own)
    }

    fn seat(&self, person: u8, who: u8) -> Seat {
        Seat { principal: self.name(person), is_requester: self.own(person, who) }
    }

    /// Whose newest word is a yes that counts now.
    pub(super) fn standing(&self, slip: &Slip, terms: &Terms) -> Vec<u8> {
        let counts = |person: &u8| {
            let Some(word) = slip.words[usize::from(*person)] else { return false };
            let life = word.life == self.world.desk.life || !self.machine.checks(Skip::Life);
            let own = self.own(*person, slip.who);
            word.choice == Said::Approve
                && life
                && word.until > self.world.now.wall
                && eligible(terms, &Groups::new(), &self.name(*person), own).is_ok()
        };
        members(self.world.trusted).filter(counts).collect()
    }

    pub(super) fn met(&self, slip: &Slip, terms: &Terms, people: &[u8]) -> bool {
        let seats: Vec<Seat> = people.iter().map(|person| self.seat(*person, slip.who)).collect();
        (self.machine.quorum)(terms, &seats)
    }

    fn permitted(&self, slip: &Slip, person: u8, choice: Said) -> Result<(), No> {
        let now = self.world.now.moment();
        let until = Deadline::after(&now, 0);
        let trial = match choice {
            Said::Approve => Input::Approve { quorum: None, until },
            _ => self.no_input(person, choice),
        };
        let step = (self.machine.step)(&slip.stand.state(), &slip.due.deadline(), trial, &now);
        step.map(drop).map_err(No::Machine)
    }

    fn no_input(&self, person: u8, choice: Said) -> Input {
        let reviewer = self.name(person);
        match choice {
            Said::Revoke => Input::Revoke(reviewer),
            _ => Input::Reject { reviewer, reason: None, suggest: None },
        }
    }

    fn input(&self, slip: &Slip, person: u8, choice: Said, terms: &Terms) -> Input {
        if choice != Said::Approve {
            return self.no_input(person, choice);
        }
        let people = self.standing(slip, terms);
        let signed = people.iter().filter_map(|p| slip.words[usize::from(*p)]).map(|w| w.until).min();
        let ticks = signed.map_or(0, |until| until.saturating_sub(self.world.now.wall));
        let seconds = terms.validity_s.min(u64::from(ticks) * TICK_S);
        let until = Deadline::after(&self.world.now.moment(), seconds);
        let names = people.iter().map(|person| self.name(*person)).collect();
        Input::Approve { quorum: self.met(slip, terms, &people).then_some(names), until }
    }
}
