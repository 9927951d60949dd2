//! What the full screen asks for, done: reading the queue, signing, recording, unlocking the key.
//! What cannot be done is said on the screen; only a lost terminal or a signal ends the sitting.

use std::time::Instant;

use base64ct::{Base64, Encoding as _};

use super::find::{self, BESIDE};
use super::hearing::Hearing;
use super::{rows, sheets};
use crate::cli::close;
use crate::cli::decide::{self, pins, record, words};
use crate::cli::error::CliError;
use crate::cli::open::Desk;
use crate::cli::show;
use crate::cli::signer::{self, Locked, reading};
use crate::clock::Moment;
use crate::escaped::Escaped;
use crate::ids::{Principal, TicketId};
use crate::queue::decide::Decided;
use crate::record::Text;
use crate::review::sign::{Ballot, BallotError, SignedDecision, Unsigned};
use crate::review::{Confirmed, Question, Terminal};
use crate::signing::Signer;
use crate::store::{Filter, Page, Way};
use crate::ticket::decision::{Reconcile, Subject};
use crate::ticket::{State, Ticket};
use crate::tui::forms::About;
use crate::tui::list::Row;
use crate::tui::message::{Effect, Message, Renewed};
use crate::tui::model::{Counts, KeyState, Notice, UNLOCKED};
use crate::tui::terminal::Screen;

/// How many new tickets one look takes up.
const FRESH: u64 = 200;
/// How many tickets of one account are taken up at once.
const OF_ONE: u64 = 10_000;

/// The queue, the key and the terminal of one sitting.
pub(super) struct Performer {
    pub(super) screen: Screen,
    desk: Desk,
    me: Principal,
    key: Option<Signer>,
    // Whether that key was opened by a passphrase, and is to be locked again.
    asked: bool,
    changes: Option<i64>,
    hearing: Hearing,
}

impl Performer {
    pub(super) fn new(desk: Desk, me: Principal, screen: Screen) -> Self {
        let hearing = Hearing::new(&desk.setup);
        Self { screen, desk, me, key: None, asked: false, changes: None, hearing }
    }

    /// Before anything is read: what is recorded from here on is a change.
    pub(super) fn begin(&mut self) -> Result<(), CliError> {
        self.changed()?;
        self.hearing.begin(&mut self.desk.queue)
    }

    /// A second has passed: whether something was recorded, which rings where that is wanted.
    pub(super) fn tick(&mut self) -> Result<bool, CliError> {
        let changed = self.changed()?;
        let heard = changed && self.hearing.changed(&mut self.desk.queue, false)?;
        let due = self.hearing.look(&self.desk.setup, &mut self.desk.queue);
        self.ring(heard || due)?;
        Ok(changed)
    }

    fn ring(&mut self, rings: bool) -> Result<(), CliError> {
        if rings { self.screen.send("\x07").map_err(|error| reading(&error)) } else { Ok(()) }
    }

    /// Whether the key can sign as it is.
    pub(super) fn key_state(&self) -> KeyState {
        let path = self.desk.setup.places.key(&self.desk.setup.settings);
        match signer::locked(&path) {
            Ok(Locked::Open(signer)) => match *signer {
                Signer::File(_) => KeyState::Open,
                Signer::Stock(_) => KeyState::Elsewhere,
            },
            Ok(Locked::Needs(_)) | Err(_) => KeyState::Locked,
        }
    }

    /// The clocks.
    pub(super) fn clock(&self) -> Moment {
        self.desk.queue.now()
    }

    /// Whether something was recorded since the last look; what time alone has done is recorded now.
    fn changed(&mut self) -> Result<bool, CliError> {
        // A queue that cannot be written shows the truth all the same: rows are read as of now.
        let swept = matches!(self.desk.queue.sweep(), Ok(1..));
        let now = self.desk.queue.store().data_version()?;
        let before = self.changes.replace(now);
        Ok(swept || before.is_some_and(|before| before != now))
    }

    /// Does what was asked for.
    ///
    /// # Errors
    /// When the terminal is gone or a signal asked to end.
    pub(super) fn perform(&mut self, effect: Effect) -> Result<Vec<Message>, CliError> {
        let uses_key = matches!(
            effect,
            Effect::Approve { .. } | Effect::Refuse { .. } | Effect::RefuseNext { .. } | Effect::Unlock
        );
        let mut messages = self.done(effect)?;
        if uses_key && self.hearing.changed(&mut self.desk.queue, true)? {
            self.ring(true)?;
        }
        if uses_key && self.asked && self.key.is_some() {
            messages.insert(0, Message::Key(unlocked()));
        }
        Ok(messages)
    }

    fn done(&mut self, effect: Effect) -> Result<Vec<Message>, CliError> {
        let done = match effect {
            Effect::Find(wanted) | Effect::Later(wanted) => find::find(&mut self.desk, &self.me, wanted)
                .map(|found| vec![Message::Found(Box::new(found))]),
            Effect::Renew { ids, newest } => self.renew(&ids, newest),
            Effect::Open(id) => sheets::sheet(&mut self.desk, &self.me, &id)
                .map(|sheet| vec![Message::Opened(Box::new(sheet))]),
            Effect::Draw { id, high } => Ok(vec![Message::Asked(Question::draw(high, &id))]),
            Effect::Approve { id, version, confirmed, note } => {
                let signed = self.approve(&id, version, &confirmed, note);
                return answer(id, told(signed));
            }
            Effect::Refuse { about, reason, instead } => return self.refuse(about, reason, instead),
            Effect::RefuseNext { id, reason, instead } => {
                let signed = self.reject(&id, None, reason, instead);
                return answer(id, told(signed));
            }
            Effect::Everything { uid, account } => self.everything(uid, account),
            Effect::Events(id) => self.events(id),
            Effect::Unlock => self.unlock().map(|()| Vec::new()),
            Effect::Lock => {
                self.key = None;
                Ok(vec![Message::Key(KeyState::Locked)])
            }
            Effect::Copy(id) => self.copy(&id),
            Effect::Quit => Ok(Vec::new()),
        };
        said(done)
    }

    fn rows(&mut self, tickets: Vec<Ticket>) -> Result<Vec<Row>, CliError> {
        rows::rows(&mut self.desk, &self.me, tickets)
    }

    fn renew(&mut self, ids: &[TicketId], newest: u64) -> Result<Vec<Message>, CliError> {
        let known = self.desk.queue.peek_all(ids)?;
        let size = self.desk.queue.mark()?.size;
        // At most so many tickets can be new; at the beginning none is.
        let events = if newest == 0 { 0 } else { size.saturating_sub(newest).min(FRESH) };
        let mut fresh = self
            .desk
            .queue
            .read(&mut |read| Ok(read.newest_tickets(&Filter::default(), None, Way::Onward, events)?))?;
        fresh.retain(|ticket| ticket.filed.seq >= newest && matches!(ticket.state, State::Pending {}));
        fresh.reverse();
        let counts = self.counts()?;
        let (rows, fresh) = (self.rows(known)?, self.rows(fresh)?);
        Ok(vec![Message::Renewed(Renewed { rows, fresh, newest: size, counts })])
    }

    fn counts(&mut self) -> Result<Counts, CliError> {
        let page = Page { skip: 0, limit: BESIDE };
        let (unclaimed, running) =
            (Filter { unclaimed: true, ..Filter::default() }, Filter { running: true, ..Filter::default() });
        let (states, unclaimed, running) = self.desk.queue.read(&mut |read| {
            Ok((read.counts()?, read.list(&unclaimed, page)?, read.list(&running, page)?))
        })?;
        let of = |word: &str| states.iter().find(|(state, _)| state == word).map_or(0, |(_, n)| *n);
        let unknown = running.iter().filter(|ticket| rows::is_unknown(&self.desk, ticket)).count();
        Ok(Counts {
            pending: of("pending"),
            all: states.iter().map(|(_, n)| n).sum(),
            unclaimed: u64::try_from(unclaimed.len()).unwrap_or(0),
            unknown: u64::try_from(unknown).unwrap_or(0),
        })
    }

    fn everything(&mut self, uid: u32, account: Escaped) -> Result<Vec<Message>, CliError> {
        let filter = Filter { states: vec!["pending".to_owned()], uid: Some(uid), ..Filter::default() };
        let page = Page { skip: 0, limit: OF_ONE };
        let pending = self.desk.queue.read(&mut |read| Ok(read.list(&filter, page)?))?;
        let ids = pending.into_iter().map(|ticket| ticket.id).collect();
        Ok(vec![Message::Everything(account, ids)])
    }

    fn events(&mut self, id: TicketId) -> Result<Vec<Message>, CliError> {
        let ticket = self.desk.queue.peek(&id)?;
        let lines = show::event_lines(&mut self.desk, &ticket)?;
        let lines = lines.iter().map(|line| Escaped::composed(line)).collect();
        Ok(vec![Message::Events(id, lines)])
    }

    fn copy(&mut self, id: &TicketId) -> Result<Vec<Message>, CliError> {
        let code = id.code();
        // OSC 52: terminals that do not know it take no notice.
        let sequence = format!("\x1b]52;c;{}\x07", Base64::encode_string(code.as_bytes()));
        self.screen.send(&sequence).map_err(|error| reading(&error))?;
        let text = Escaped::composed(&format!("{code} was handed to the terminal's clipboard"));
        Ok(vec![Message::Said(Notice { text, care: false })])
    }

    fn approve(
        &mut self,
        id: &TicketId,
        version: u64,
        confirmed: &Confirmed,
        note: Option<String>,
    ) -> Result<Decided, CliError> {
        let me = self.me.clone();
        self.decide(id, Some(version), |ballot| ballot.approve(confirmed, &me, words(note.clone(), None)))
    }

    fn reject(
        &mut self,
        id: &TicketId,
        version: Option<u64>,
        reason: Option<String>,
        instead: Option<String>,
    ) -> Result<Decided, CliError> {
        let (me, words) = (self.me.clone(), words(reason, instead));
        self.decide(id, version, |ballot| ballot.reject(&me, words.clone()))
    }

    fn refuse(
        &mut self,
        about: About,
        reason: Option<String>,
        instead: Option<String>,
    ) -> Result<Vec<Message>, CliError> {
        match about {
            About::One(id, version) => {
                let signed = self.reject(&id, Some(version), reason, instead);
                answer(id, told(signed))
            }
            About::Approval(id, version) => {
                let (me, words) = (self.me.clone(), words(reason, None));
                let signed = self.decide(&id, Some(version), |ballot| ballot.revoke(&me, words.clone()));
                answer(id, told(signed))
            }
            About::Outcome(id, version) => {
                let signed = self.reconcile(&id, version, reason.unwrap_or_default());
                answer(id, signed)
            }
            // Signed one by one, so that it can be stopped.
            About::All(_) => Ok(Vec::new()),
        }
    }

    /// One signature about a ticket that is still what was on the screen.
    fn decide(
        &mut self,
        id: &TicketId,
        version: Option<u64>,
        say: impl Fn(&Ballot) -> Result<Unsigned, BallotError>,
    ) -> Result<Decided, CliError> {
        self.unlock()?;
        let pins = pins(&self.desk);
        let (queue, in_force) = self.desk.parts();
        let ballot = Ballot::open(queue, id, in_force, &pins)?;
        if version.is_some_and(|version| version != ballot.ticket.version) {
            return Err(CliError::no("it changed while it was open; nothing was signed"));
        }
        let unsigned = say(&ballot).map_err(CliError::failed)?;
        let signed = self.sign(unsigned)?;
        record(&mut self.desk, id, &pins, &signed)
    }

    fn sign(&mut self, unsigned: Unsigned) -> Result<SignedDecision, CliError> {
        self.with_key(|key| unsigned.sign(key))?.map_err(CliError::failed)
    }

    /// What came of a run, signed and handed in as `reconcile` does.
    fn reconcile(&mut self, id: &TicketId, version: u64, finding: String) -> Result<String, CliError> {
        self.unlock()?;
        self.desk.read_again(id)?;
        if self.desk.queue.peek(id)?.version != version {
            return Err(CliError::no("it changed while it was open; nothing was signed"));
        }
        close::note_a_lost_executor(&mut self.desk, id)?;
        let about = Subject::Ticket(id.clone());
        let record = close::statement(&self.desk, about, Text::from(finding), &self.me)?;
        let namespace = Reconcile::namespace(&self.desk.identity.origin);
        let signature = self.with_key(|key| key.sign(&namespace, record.as_str().as_bytes()))?;
        close::settle(&mut self.desk, record.as_str(), &signature.map_err(CliError::failed)?)
    }

    fn with_key<T>(&mut self, sign: impl FnOnce(&Signer) -> T) -> Result<T, CliError> {
        let Some(key) = self.key.take() else { return Err(CliError::failed("the key is locked")) };
        let signed = match &key {
            Signer::File(_) => Ok(sign(&key)),
            // It asks for a touch or a confirmation by itself, on the terminal as it was.
            Signer::Stock(_) => self.aside(|_| sign(&key)),
        };
        self.key = Some(key);
        signed
    }

    fn unlock(&mut self) -> Result<(), CliError> {
        if self.key.is_some() {
            return Ok(());
        }
        let path = self.desk.setup.places.key(&self.desk.setup.settings);
        let key = match signer::locked(&path)? {
            Locked::Open(signer) => *signer,
            Locked::Needs(_) => {
                let key = self.aside(|terminal| signer::open_on(&path, terminal))??;
                self.asked = true;
                key
            }
        };
        self.key = Some(key);
        Ok(())
    }

    fn aside<T>(&mut self, work: impl FnOnce(&mut Terminal<'static>) -> T) -> Result<T, CliError> {
        self.screen.aside(work).map_err(|error| reading(&error))
    }
}

fn unlocked() -> KeyState {
    KeyState::Unlocked(Instant::now() + UNLOCKED)
}

fn told(decided: Result<Decided, CliError>) -> Result<String, CliError> {
    decided.map(|decided| decide::told(&decided))
}

/// What became of a signature, said on the screen.
fn answer(id: TicketId, signed: Result<String, CliError>) -> Result<Vec<Message>, CliError> {
    match signed {
        Ok(told) => Ok(vec![Message::Signed(id, Escaped::composed(&told))]),
        Err(error) if error.code >= 128 => Err(error),
        Err(error) => Ok(vec![Message::NotSigned(id, Escaped::composed(&error.message))]),
    }
}

/// What could not be done, said on the screen.
fn said(done: Result<Vec<Message>, CliError>) -> Result<Vec<Message>, CliError> {
    match done {
        Err(error) if error.code < 128 => {
            let text = Escaped::composed(&error.message);
            Ok(vec![Message::Said(Notice { text, care: true })])
        }
        other => other,
    }
}
