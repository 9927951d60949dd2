//! The reviewer's terminal as a full screen: taken, painted line by line, and given back however it ends.
//! Touches `/dev/tty` through `review::Terminal`, and the signals of this process.

use std::cell::{Cell, RefCell};
use std::fmt::Write as _;
use std::io::Write as _;
use std::os::fd::AsFd as _;
use std::rc::Rc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::frame::{Frame, Line, Look};
use super::input::{Key, Keyboard};
use crate::gate::signals::Signals;
use crate::review::{ReadingError, Size, Terminal};

// Its own screen; no wrapping at the edge; pasted text marked as such; the wheel as arrow keys.
const TAKE: &str = "\x1b[?1049h\x1b[?7l\x1b[?2004h\x1b[?1007s\x1b[?1007h\x1b[?25l\x1b[2J";
const GIVE_BACK: &str = "\x1b[0m\x1b[?1007r\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l";
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
    drawn: Vec<Line>,
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
        terminal.say(TAKE)?;
        let (keyboard, drawn) = (Keyboard::default(), Vec::new());
        Ok(Self { terminal, signals, lent, keyboard, drawn, size, color })
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
        let mut out = String::from("\x1b[?25l");
        let empty = Line::new();
        for row in 0..self.size.rows {
            let line = frame.lines.get(row).unwrap_or(&empty);
            if self.drawn.get(row) != Some(line) {
                draw(&mut out, row, line, self.color);
            }
        }
        self.drawn =
            (0..self.size.rows).map(|row| frame.lines.get(row).cloned().unwrap_or_default()).collect();
        if let Some((row, column)) = frame.cursor {
            let _ = write!(out, "\x1b[{};{}H\x1b[?25h", row + 1, column + 1);
        }
        self.terminal.say(&out)
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
        self.terminal.say(GIVE_BACK)?;
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
        self.terminal.say(GIVE_BACK)?;
        self.terminal.lend()?;
        stop();
        self.terminal.take_back()?;
        Ok(true)
    }

    fn take_again(&mut self) -> Result<(), ReadingError> {
        self.terminal.say(TAKE)?;
        self.keyboard.forget();
        self.drawn.clear();
        Ok(())
    }

    fn changed(&mut self) -> Result<Option<Size>, ReadingError> {
        let size = self.terminal.size()?;
        if self.terminal.was_disturbed() {
            self.take_again()?;
        }
        if size != self.size {
            self.terminal.say("\x1b[0m\x1b[2J")?;
            self.drawn.clear();
        }
        self.size = size;
        Ok(self.drawn.is_empty().then_some(size))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.terminal.say(GIVE_BACK);
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
            let _ = tty.write_all(GIVE_BACK.as_bytes());
        }
        before(panic);
    }));
}

// Cleared before it is written: at the last column clearing behind would take the last letter.
fn draw(out: &mut String, row: usize, line: &Line, color: bool) {
    let _ = write!(out, "\x1b[{};1H\x1b[0m\x1b[2K", row + 1);
    for span in line.spans() {
        let _ = match style(span.look, color) {
            "" => write!(out, "{}", span.text),
            style => write!(out, "\x1b[{style}m{}\x1b[0m", span.text),
        };
    }
}

const fn style(look: Look, color: bool) -> &'static str {
    match (look, color) {
        (Look::Plain, _) | (Look::Care | Look::Good | Look::Gone, false) => "",
        (Look::Strong, _) | (Look::Alarm, false) => "1",
        (Look::Dim, _) => "2",
        (Look::Reverse, _) => "7",
        (Look::Alarm, true) => "1;31",
        (Look::Care, true) => "33",
        (Look::Good, true) => "32",
        (Look::Gone, true) => "31",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colour_bold_and_reverse_stay() {
        let colours = ["30", "31", "32", "33", "34", "35", "36", "37"];
        let looks = [
            Look::Plain,
            Look::Strong,
            Look::Dim,
            Look::Reverse,
            Look::Alarm,
            Look::Care,
            Look::Good,
            Look::Gone,
        ];
        assert!(looks.iter().all(|look| colours.iter().all(|colour| !style(*look, false).contains(colour))));
        assert_eq!((style(Look::Reverse, false), style(Look::Alarm, false)), ("7", "1"));
    }

    #[test]
    fn a_line_is_cleared_before_it_is_written() {
        let mut out = String::new();
        draw(&mut out, 4, &Line::new().looking("HIGH", Look::Alarm).words(" x"), true);
        assert_eq!(out, "\x1b[5;1H\x1b[0m\x1b[2K\x1b[1;31mHIGH\x1b[0m x");
    }
}
