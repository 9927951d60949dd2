//! The reviewer's terminal as a full screen: taken, painted line by line, and given back however it ends.
//! Touches `/dev/tty` through `review::Terminal`, and the signals of this process.

use std::cell::{Cell, RefCell};
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;
use std::rc::Rc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::frame::Frame;
use super::input::{Key, Keyboard};
use super::paint::{self, Cells};
use crate::gate::signals::Signals;
use crate::review::{ReadingError, Size, Terminal};

/// How long the rest of a key's sequence may take.
const SEQUENCE: Duration = Duration::from_millis(50);

/// What happened at the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// A key, or pasted text.
    Typed(Key),
    /// The window has another size, or has to be drawn anew.
    Changed(Size),
}

/// The screen, from its taking to its giving back.
pub struct Screen {
    terminal: Terminal<'static>,
    signals: Rc<RefCell<Signals>>,
    // While somebody else talks on the terminal, signals are taken from there.
    lent: Rc<Cell<bool>>,
    keyboard: Keyboard,
    // What the window shows; nothing is known of it when it was just taken.
    drawn: Option<Cells>,
    cursor: Option<(usize, usize)>,
    size: Size,
    color: bool,
}

impl Screen {
    /// Takes the terminal.
    ///
    /// # Errors
    /// When there is none.
    pub fn take(signals: Signals, color: bool) -> Result<Self, ReadingError> {
        let signals = Rc::new(RefCell::new(signals));
        let lent = Rc::new(Cell::new(false));
        let (theirs, while_lent) = (Rc::clone(&signals), Rc::clone(&lent));
        let interrupted = move || {
            let mut signals = theirs.borrow_mut();
            if while_lent.get() { signals.interrupted() } else { signals.asked_to_end() }
        };
        let mut terminal = Terminal::open(interrupted)?;
        let size = terminal.size()?;
        give_back_before_a_panic_is_told();
        terminal.send(&bytes(paint::take)?)?;
        let (keyboard, cursor) = (Keyboard::default(), None);
        Ok(Self { terminal, signals, lent, keyboard, drawn: None, cursor, size, color })
    }

    /// The window.
    #[must_use]
    pub const fn size(&self) -> Size {
        self.size
    }

    /// Puts a frame on the screen; only the lines that changed are written.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn paint(&mut self, frame: &Frame) -> Result<(), ReadingError> {
        let cells = paint::cells(frame, self.size, self.color);
        let rows = bytes(|out| paint::changes(out, self.drawn.as_ref(), &cells))?;
        self.drawn = Some(cells);
        let moved = std::mem::replace(&mut self.cursor, frame.cursor) != frame.cursor;
        if rows.is_empty() && !moved {
            return Ok(());
        }
        let hidden = bytes(|out| paint::cursor(out, None))?;
        let cursor = bytes(|out| paint::cursor(out, frame.cursor))?;
        self.terminal.send(&[hidden, rows, cursor].concat())
    }

    /// Throws away what was typed and not yet looked at.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn discard_typed(&mut self) -> Result<(), ReadingError> {
        self.keyboard.forget();
        self.terminal.discard_typed()
    }

    /// Puts bytes on the terminal that draw nothing, such as the clipboard's sequence.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn send(&mut self, sequence: &str) -> Result<(), ReadingError> {
        self.terminal.say(sequence)
    }

    /// Waits for something to happen, no longer than `wait`.
    ///
    /// # Errors
    /// When the terminal is gone, or a signal asked to end.
    pub fn next(&mut self, wait: Duration) -> Result<Vec<Happened>, ReadingError> {
        let waits_for_more = self.keyboard.is_waiting();
        let readable = self.ready(if waits_for_more { wait.min(SEQUENCE) } else { wait })?;
        self.obey_signals()?;
        let mut happened = Vec::new();
        if readable {
            let mut bytes = [0; 1024];
            let typed = self.terminal.typed(&mut bytes)?;
            happened.extend(self.keyboard.typed(typed).into_iter().map(Happened::Typed));
        } else {
            self.terminal.stay()?;
            if waits_for_more {
                happened.extend(self.keyboard.settle().map(Happened::Typed));
            }
        }
        if let Some(size) = self.changed()? {
            happened.insert(0, Happened::Changed(size));
        }
        Ok(happened)
    }

    /// Lends the terminal, as it was before, to something that asks a person by itself.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn aside<T>(&mut self, work: impl FnOnce(&mut Terminal<'static>) -> T) -> Result<T, ReadingError> {
        self.terminal.send(&bytes(paint::give_back)?)?;
        self.lent.set(true);
        let done = work(&mut self.terminal);
        self.lent.set(false);
        self.terminal.take_back()?;
        self.take_again()?;
        Ok(done)
    }

    #[cfg(target_os = "linux")]
    fn ready(&self, wait: Duration) -> Result<bool, ReadingError> {
        let signals = self.signals.borrow();
        let fds = &mut [
            PollFd::from_borrowed_fd(self.terminal.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(signals.as_fd(), PollFlags::IN),
        ];
        match poll(fds, Timespec::try_from(wait).ok().as_ref()) {
            Ok(_) => Ok(fds.first().is_some_and(|tty| !tty.revents().is_empty())),
            Err(rustix::io::Errno::INTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    // `poll(2)` does not work on `/dev/tty` there; reading itself waits a tenth of a second.
    #[cfg(not(target_os = "linux"))]
    fn ready(&self, _: Duration) -> Result<bool, ReadingError> {
        Ok(true)
    }

    fn obey_signals(&mut self) -> Result<(), ReadingError> {
        let signals = Rc::clone(&self.signals);
        let mut stopped = Ok(false);
        let asked = signals.borrow_mut().interrupted_around(&mut |stop| stopped = self.stop(stop));
        if stopped? {
            self.take_again()?;
        }
        asked.map_or(Ok(()), |signal| Err(ReadingError::Interrupted(signal)))
    }

    /// The terminal is the shell's while we are stopped.
    fn stop(&mut self, stop: &mut dyn FnMut()) -> Result<bool, ReadingError> {
        self.terminal.send(&bytes(paint::give_back)?)?;
        self.terminal.lend()?;
        stop();
        self.terminal.take_back()?;
        Ok(true)
    }

    fn take_again(&mut self) -> Result<(), ReadingError> {
        self.terminal.send(&bytes(paint::take)?)?;
        self.keyboard.forget();
        self.drawn = None;
        Ok(())
    }

    fn changed(&mut self) -> Result<Option<Size>, ReadingError> {
        let size = self.terminal.size()?;
        if self.terminal.was_disturbed() {
            self.take_again()?;
        }
        if size != self.size {
            self.drawn = None;
        }
        self.size = size;
        Ok(self.drawn.is_none().then_some(size))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = bytes(paint::give_back).map(|out| self.terminal.send(&out));
        if !std::thread::panicking() {
            let _ = std::panic::take_hook();
        }
    }
}

/// What a panic says has to stand on the screen that stays.
fn give_back_before_a_panic_is_told() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if let Ok(mut tty) = std::fs::File::options().write(true).open("/dev/tty") {
            let _ = paint::give_back(&mut tty).and_then(|()| tty.flush());
        }
        before(panic);
    }));
}

/// What is to be sent, in one piece.
fn bytes(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    write(&mut out)?;
    Ok(out)
}
