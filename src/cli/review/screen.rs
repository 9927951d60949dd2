//! The loop of the full screen: draw, wait, let the model decide what it means, do what it asks for.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::perform::Performer;
use crate::cli::args::ReviewArgs;
use crate::cli::error::CliError;
use crate::cli::key::own::OwnKey;
use crate::cli::level::Level;
use crate::cli::open::Desk;
use crate::cli::signer::{self, reading};
use crate::escaped::Escaped;
use crate::gate::signals::Signals;
use crate::tui::list::Wanted;
use crate::tui::message::{Effect, Message};
use crate::tui::model::{Model, TICK, Whose};
use crate::tui::terminal::{Happened, Screen};
use crate::tui::update::update;

/// `handoff review [ID]` on a full screen.
///
/// # Errors
/// When there is no terminal, it goes away, or a signal asks to end: nothing was decided then.
pub(super) fn review(mut desk: Desk, args: &ReviewArgs) -> Result<u8, CliError> {
    let me = signer::principal(&desk.setup, args.principal.as_deref())?;
    let first = args.id.as_deref().map(|text| desk.find(text)).transpose()?;
    let signals =
        Signals::install().map_err(|error| CliError::failed(format!("cannot handle signals: {error}")))?;
    let path = desk.setup.places.key(&desk.setup.settings);
    let level = OwnKey::look(&path).map_or("", |own| Level::of([own.kept]).word());
    let whose = Whose {
        queue: Escaped::name(desk.identity.origin.as_str().as_bytes()),
        me: Escaped::name(me.as_str().as_bytes()),
        level,
    };
    let color = desk.out().color();
    let screen = Screen::take(signals, color).map_err(|error| reading(&error))?;
    let mut performer = Performer::new(desk, me, screen);
    performer.begin()?;
    let model = Model::new(whose, performer.key_state(), performer.clock(), performer.screen.size());
    let height = model.list_height();
    let mut begin =
        vec![Effect::Find(model.queue.first(height)), Effect::Renew { ids: Vec::new(), newest: 0 }];
    begin.extend(first.map(Effect::Open));
    Sitting { model, performer, later: VecDeque::new(), ticked: Instant::now(), quit: false }.sit(begin)
}

struct Sitting {
    model: Model,
    performer: Performer,
    // One of these is done after each frame, so that keys are heard in between.
    later: VecDeque<Effect>,
    ticked: Instant,
    quit: bool,
}

impl Sitting {
    fn sit(mut self, begin: Vec<Effect>) -> Result<u8, CliError> {
        begin.into_iter().try_for_each(|effect| self.now(effect))?;
        let mut surface = None;
        while !self.quit {
            self.paint()?;
            // What was typed before something new could be seen was not meant for it.
            let new = surface.replace(self.model.surface) != Some(self.model.surface);
            if new && self.model.can_decide() {
                self.performer.screen.discard_typed().map_err(|error| reading(&error))?;
            }
            self.tell(Message::Drawn)?;
            self.paint()?;
            // What comes of it is to be seen before anything is waited for.
            let later = self.later.pop_front();
            let longest = if later.is_some() { Duration::ZERO } else { TICK };
            later.map_or(Ok(()), |effect| self.now(effect))?;
            self.wait(longest)?;
        }
        Ok(0)
    }

    fn paint(&mut self) -> Result<(), CliError> {
        let frame = self.model.frame(Instant::now());
        self.performer.screen.paint(&frame).map_err(|error| reading(&error))
    }

    fn wait(&mut self, longest: Duration) -> Result<(), CliError> {
        let now = Instant::now();
        let to_tick = TICK.saturating_sub(now.saturating_duration_since(self.ticked));
        let wait = to_tick.min(self.model.wake(now)).min(longest);
        let surface = self.model.surface;
        for happened in self.performer.screen.next(wait).map_err(|error| reading(&error))? {
            let message = match happened {
                Happened::Typed(_) if self.model.surface != surface => continue,
                Happened::Typed(key) => Message::Typed(key),
                Happened::Changed(size) => Message::Resized(size),
            };
            self.tell(message)?;
        }
        if self.ticked.elapsed() >= TICK {
            self.ticked = Instant::now();
            let (clock, changed) = (self.performer.clock(), self.performer.tick()?);
            self.tell(Message::Tick { clock, changed })?;
        }
        Ok(())
    }

    fn tell(&mut self, message: Message) -> Result<(), CliError> {
        let effects = update(&mut self.model, message, Instant::now());
        self.perform(effects)
    }

    fn perform(&mut self, effects: Vec<Effect>) -> Result<(), CliError> {
        for effect in effects {
            match effect {
                Effect::Quit => self.quit = true,
                // Keys may ask for the same rows again before they are read.
                Effect::Later(wanted) if self.is_awaited(&wanted) => {}
                Effect::Later(wanted) => self.later.push_back(Effect::Find(wanted)),
                // What is known already can be seen first.
                renew @ Effect::Renew { .. } => self.renew_later(renew),
                next @ Effect::RefuseNext { .. } => self.later.push_back(next),
                effect => self.now(effect)?,
            }
        }
        Ok(())
    }

    fn renew_later(&mut self, renew: Effect) {
        self.later.retain(|later| !matches!(later, Effect::Renew { .. }));
        self.later.push_back(renew);
    }

    fn is_awaited(&self, wanted: &Wanted) -> bool {
        self.later.iter().any(|later| matches!(later, Effect::Find(find) if find == wanted))
    }

    fn now(&mut self, effect: Effect) -> Result<(), CliError> {
        for message in self.performer.perform(effect)? {
            self.tell(message)?;
        }
        Ok(())
    }
}
