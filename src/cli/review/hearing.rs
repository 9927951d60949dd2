//! What a reviewer at the screen hears: the terminal's bell, as the settings want it. Sees to the reminders
//! of what waits meanwhile, so that nobody else has to. Reads the log; records nothing.

use crate::cli::error::CliError;
use crate::cli::events;
use crate::cli::notify::Reminding;
use crate::cli::open::{EngineQueue, Setup};
use crate::config::notify::Choice;
use crate::occasion::Occasion;

/// How many of the newest events one look goes through.
const NEWEST: u64 = 256;

/// One sitting's ear.
pub(super) struct Hearing {
    bell: Choice,
    reminders: Reminding,
    // Up to which event the log was heard.
    heard: u64,
    caught_up: bool,
}

impl Hearing {
    pub(super) fn new(setup: &Setup) -> Self {
        let bell = setup.settings.notify.bell.clone();
        Self { bell, reminders: Reminding::new(setup), heard: 0, caught_up: false }
    }

    /// What is in the log now is no news.
    pub(super) fn begin(&mut self, queue: &mut EngineQueue) -> Result<(), CliError> {
        if !self.bell.is_off() {
            self.heard = queue.mark()?.size;
        }
        self.reminders.changed(queue);
        Ok(())
    }

    /// Whether something was recorded that is to be heard. A decision made at this screen is none.
    pub(super) fn changed(&mut self, queue: &mut EngineQueue, own: bool) -> Result<bool, CliError> {
        self.reminders.changed(queue);
        if self.bell.is_off() {
            return Ok(false);
        }
        let size = queue.mark()?.size;
        let from = self.heard.min(size).max(size.saturating_sub(NEWEST));
        self.heard = size;
        let news = queue.read(&mut |read| Ok(read.events(from, NEWEST)?))?;
        let occasions = news.iter().filter_map(|row| events::read(row)?.what.occasion());
        let mut heard = occasions.filter(|occasion| !(own && *occasion == Occasion::Decided));
        Ok(heard.any(|occasion| self.bell.has(occasion)))
    }

    /// Whether a reminder has come due that is to be heard; whoever is told by a program is told.
    pub(super) fn look(&mut self, setup: &Setup, queue: &mut EngineQueue) -> bool {
        if !std::mem::replace(&mut self.caught_up, true) {
            self.reminders.catch_up(setup, queue);
        }
        self.reminders.look(queue).is_some_and(|occasion| self.bell.has(occasion))
    }
}
