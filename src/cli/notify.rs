//! `notify`: tells whoever the settings name what is due. Commands that record something start it beside
//! themselves and go on; one process at a time tells, so that nobody is told twice.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::SigSet;

use super::args::{Globals, NotifyArgs};
use super::error::{CliError, code};
use super::events;
use super::open::{EngineQueue, Setup};
use super::out::Out;
use crate::config::Places;
use crate::config::notify::{Choice, DESKTOP, Notify};
use crate::files;
use crate::ids::{Label, Origin};
use crate::locks::Lock;
use crate::notify::card::Card;
use crate::notify::deliver::{LIMIT, Message, VARIABLES, deliver};
use crate::notify::{desktop, inherited};
use crate::occasion::Occasion;
use crate::queue::Herald;
use crate::queue::notices::{Notice, Wish, stage};
use crate::ticket::event::Delivery;
use crate::ticket::{State, Ticket};

/// How long the next one waits for the present one's end: longer than any delivery of a page.
const PATIENCE: Duration = Duration::from_secs(3600);
/// How many are told before what was told is recorded.
const AT_ONCE: usize = 8;
/// How often one process looks again after it has told, so that none works for ever.
const ROUNDS: usize = 64;

/// `handoff notify`: 0 when everybody was told, 1 when a notifier failed.
///
/// # Errors
/// When the settings or the queue cannot be read, or nothing can be recorded.
pub fn notify(globals: &Globals, args: &NotifyArgs) -> Result<u8, CliError> {
    if args.detached {
        inherited::close_all();
        // Fails only for the leader of a group, which has no terminal to be kept from either.
        let _ = rustix::process::setsid();
    }
    let setup = Setup::read(globals)?;
    let (queue, identity) = setup.queue()?;
    let teller = Teller { setup: &setup, origin: identity.origin, quiet: args.detached };
    if args.test { teller.test(&queue, &args.names) } else { teller.tell(queue.with_herald(None)) }
}

/// Whom the settings name, as the queue asks for it.
#[must_use]
pub fn wishes(notify: &Notify) -> Vec<Wish> {
    notify.told().map(|(notifier, on)| Wish { notifier, on: on.iter().collect() }).collect()
}

struct Teller<'a> {
    setup: &'a Setup,
    origin: Origin,
    quiet: bool,
}

impl Teller<'_> {
    fn tell(&self, mut queue: EngineQueue) -> Result<u8, CliError> {
        let wishes = wishes(&self.setup.settings.notify);
        let Some(_turn) = turn(&self.setup.places)? else { return Ok(0) };
        let mut failed = false;
        for _ in 0..ROUNDS {
            let _ = queue.sweep();
            let notices = queue.notices(&wishes)?;
            if notices.is_empty() {
                break;
            }
            for some in notices.chunks(AT_ONCE) {
                failed |= self.tell_some(&mut queue, some)?;
            }
        }
        Ok(if failed { code::NO } else { 0 })
    }

    fn tell_some(&self, queue: &mut EngineQueue, notices: &[Notice]) -> Result<bool, CliError> {
        let now = queue.now();
        let message = |notice: &Notice| {
            let card = Card::new(notice, &self.origin, &now);
            Message { argv: argv(&self.setup.settings.notify, &notice.notifier, &card), card }
        };
        let messages: Vec<Message> = notices.iter().map(message).collect();
        let ends = deliver(&messages, &environment(), LIMIT);
        let done: Vec<(Notice, Delivery)> = notices.iter().cloned().zip(ends).collect();
        queue.notified(&done)?;
        for (notice, delivery) in done.iter().filter(|_| !self.quiet) {
            let Notice { notifier, occasion, ticket, .. } = notice;
            let how = events::delivered(delivery);
            self.setup.out.note(&format!("{} {occasion}: {notifier} {how}", ticket.id.code()));
        }
        Ok(done.iter().any(|(_, delivery)| *delivery != Delivery::Delivered))
    }

    /// Tries notifiers with a card about nothing; the log is left alone.
    fn test(&self, queue: &EngineQueue, names: &[Label]) -> Result<u8, CliError> {
        let notify = &self.setup.settings.notify;
        let known: Vec<Label> = notify.told().map(|(name, _)| name).collect();
        if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
            let known: Vec<&str> = known.iter().map(Label::as_str).collect();
            let set = if known.is_empty() { "none is set".to_owned() } else { known.join(", ") };
            return Err(CliError::usage(format!("no notifier is named {unknown}; there are: {set}")));
        }
        let tried: Vec<&Label> =
            known.iter().filter(|name| names.is_empty() || names.contains(name)).collect();
        if tried.is_empty() {
            return Err(CliError::failed("no notifier is set")
                .hint("set one under [notify] in config.toml, for example: desktop = true"));
        }
        let card = Card::sample(&self.origin, &queue.now());
        let message = |name: &&Label| Message { argv: argv(notify, name, &card), card: card.clone() };
        let messages: Vec<Message> = tried.iter().map(message).collect();
        let ends = deliver(&messages, &environment(), LIMIT);
        for (name, end) in tried.iter().zip(&ends) {
            self.setup.out.note(&format!("{name}: {}", events::delivered(end)));
        }
        Ok(if ends.iter().all(|end| *end == Delivery::Delivered) { 0 } else { code::NO })
    }
}

/// One tells at a time, and one more may wait to look after it; a third has nothing to add, for whoever
/// waits begins to look only after this was asked.
fn turn(places: &Places) -> Result<Option<Lock>, CliError> {
    let live = places.live();
    files::private_folder(&live).map_err(CliError::failed)?;
    let Some(_next) = Lock::exclusive_try(&live.join("notify.next")).map_err(CliError::failed)? else {
        return Ok(None);
    };
    Lock::exclusive_within(&live.join("notify.turn"), PATIENCE).map_err(CliError::failed)
}

fn argv(notify: &Notify, name: &Label, card: &Card) -> Vec<String> {
    let command = notify.command.iter().find(|command| command.name.get_ref() == name);
    match command {
        Some(command) => command.run.words().to_vec(),
        None if name.as_str() == DESKTOP => desktop::command(card),
        None => Vec::new(),
    }
}

fn environment() -> Vec<(OsString, OsString)> {
    let found = VARIABLES.iter().filter_map(|name| Some((OsString::from(name), std::env::var_os(name)?)));
    found.collect()
}

/// Starts `handoff notify` beside this process whenever somebody is to be told of something.
#[derive(Debug, Clone)]
pub struct Messenger {
    notify: Notify,
    queue: PathBuf,
}

impl Messenger {
    /// One for these settings; none when they name nobody.
    #[must_use]
    pub fn new(setup: &Setup) -> Option<Self> {
        let notify = setup.settings.notify.clone();
        let queue = std::path::absolute(setup.places.queue()).ok()?;
        let anybody = notify.told().next().is_some();
        anybody.then_some(Self { notify, queue })
    }

    /// Whether anybody wants to hear of this.
    #[must_use]
    pub fn wants(&self, occasion: Occasion) -> bool {
        self.notify.wants(occasion)
    }

    /// Starts it, and does not wait. That it cannot be started is found out by whoever looks next.
    pub fn send(&self) {
        let Some(program) = ourselves() else { return };
        let started = Command::new(program)
            .arg0("handoff")
            .args(["notify", "--detached", "--queue"])
            .arg(&self.queue)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut child) = started else { return };
        // Only so that no dead process stays behind a long wait.
        let reap = move || {
            let _ = SigSet::all().thread_block();
            let _ = child.wait();
        };
        let _ = std::thread::Builder::new().name("notify".to_owned()).spawn(reap);
    }
}

impl Herald for Messenger {
    fn heard(&self, news: &BTreeSet<Occasion>) {
        if news.iter().any(|occasion| self.wants(*occasion)) {
            self.send();
        }
    }
}

fn ourselves() -> Option<PathBuf> {
    // Also when the program was replaced since: the one that runs is the one that knows this queue.
    let running = Path::new("/proc/self/exe");
    if running.exists() { Some(running.to_path_buf()) } else { std::env::current_exe().ok() }
}

/// What somebody who waits for a ticket does about its reminders, and about the bell.
#[derive(Debug)]
pub struct Reminders {
    messenger: Option<Messenger>,
    bell: Choice,
    out: Out,
    seen: Option<Occasion>,
}

impl Reminders {
    /// For a wait under these settings.
    #[must_use]
    pub fn new(setup: &Setup) -> Self {
        let bell = setup.settings.notify.bell.clone();
        Self { messenger: Messenger::new(setup), bell, out: setup.out, seen: None }
    }

    /// Passes the word on when the ticket has come to its half, to its last tenth, or to its answer.
    pub fn look(&mut self, queue: &EngineQueue, ticket: &Ticket) {
        let Some(before) = self.seen else {
            self.seen = stage(ticket, &queue.now());
            // Joined late: what is due by now was perhaps told to nobody.
            return self.send(self.seen.filter(|now| *now > Occasion::New));
        };
        let now = stage(ticket, &queue.now()).or_else(|| answered(&ticket.state));
        let Some(now) = now.filter(|now| *now > before) else { return };
        self.seen = Some(now);
        if self.bell.has(now) {
            self.out.bell();
        }
        // An answer was passed on by whoever recorded it.
        self.send(Some(now).filter(|now| *now <= Occasion::Late));
    }

    fn send(&self, occasion: Option<Occasion>) {
        let messenger = self.messenger.as_ref().zip(occasion);
        if let Some((messenger, _)) = messenger.filter(|(messenger, occasion)| messenger.wants(*occasion)) {
            messenger.send();
        }
    }
}

/// The reminders of all tickets that wait, for whoever looks at the whole queue for long.
#[derive(Debug)]
pub struct Reminding {
    messenger: Option<Messenger>,
    bell: Choice,
    next: Option<(Instant, Occasion)>,
}

impl Reminding {
    /// For a look under these settings, at nothing yet.
    #[must_use]
    pub fn new(setup: &Setup) -> Self {
        let bell = setup.settings.notify.bell.clone();
        Self { messenger: Messenger::new(setup), bell, next: None }
    }

    /// Something was recorded: other reminders may be the next ones.
    pub fn changed(&mut self, queue: &mut EngineQueue) {
        let rings = [Occasion::Half, Occasion::Late].into_iter().any(|occasion| self.bell.has(occasion));
        if self.messenger.is_some() || rings {
            let next = queue.next_reminder().ok().flatten();
            self.next = next.and_then(|(left, what)| Some((Instant::now().checked_add(left)?, what)));
        }
    }

    /// What has come due since the last look; whoever is told of it by a program is told now.
    pub fn look(&mut self, queue: &mut EngineQueue) -> Option<Occasion> {
        let (_, due) = self.next.filter(|(at, _)| *at <= Instant::now())?;
        self.send();
        self.changed(queue);
        Some(due)
    }

    /// What came due before anybody looked.
    pub fn catch_up(&self, setup: &Setup, queue: &mut EngineQueue) {
        if self.messenger.is_some()
            && matches!(queue.reminder_is_due(&wishes(&setup.settings.notify)), Ok(true))
        {
            self.send();
        }
    }

    fn send(&self) {
        if let Some(messenger) = &self.messenger {
            messenger.send();
        }
    }
}

const fn answered(state: &State) -> Option<Occasion> {
    match state {
        State::Approved { .. } | State::Rejected { .. } => Some(Occasion::Decided),
        State::Expired { .. } => Some(Occasion::Expired),
        State::Pending {} | State::Cancelled { .. } => None,
    }
}
