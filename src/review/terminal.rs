//! The reviewer's own terminal, `/dev/tty`: keys one at a time, lines, passphrases.
//! Changes the terminal's mode while it lives and restores it however it ends; never reads stdin.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};

#[cfg(target_os = "linux")]
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{
    self, LocalModes, OptionalActions, OutputModes, QueueSelector, SpecialCodeIndex, Termios, tcgetattr,
    tcsetattr,
};
use zeroize::Zeroizing;

use super::line::{Line, Typed};

/// A card was not read, or a decision not confirmed: nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum ReadingError {
    /// There is nobody to ask.
    #[error(
        "there is no terminal to show the card on; sign it elsewhere: \
         handoff decide --prepare ID --as PRINCIPAL > d.json"
    )]
    NoTerminal,
    /// The terminal went away.
    #[error("the terminal is gone; nothing was decided")]
    Gone,
    /// The person left.
    #[error("left; nothing was decided")]
    Left,
    /// A signal asked this process to end.
    #[error("interrupted by signal {0}; nothing was decided")]
    Interrupted(i32),
    /// What was typed was not what was asked for, each time.
    #[error("the code was not typed; nothing was decided")]
    NotConfirmed,
    /// The card holds characters that no card may hold.
    #[error("the card holds characters that cannot be shown safely; nothing was decided")]
    Unshowable,
    /// What was typed is not UTF-8.
    #[error("what was typed is not UTF-8 text")]
    NotText,
    /// The terminal does not do what it should.
    #[error("the terminal failed: {0}; nothing was decided")]
    Failed(#[source] io::Error),
}

impl From<rustix::io::Errno> for ReadingError {
    fn from(error: rustix::io::Errno) -> Self {
        Self::from(io::Error::from(error))
    }
}

impl From<io::Error> for ReadingError {
    fn from(error: io::Error) -> Self {
        match rustix::io::Errno::from_io_error(&error) {
            Some(rustix::io::Errno::IO | rustix::io::Errno::NXIO) => Self::Gone,
            _ => Self::Failed(error),
        }
    }
}

/// What a person did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// Space, Enter, page or arrow down.
    On,
    /// `q`, Esc, or the end of input.
    Leave,
    /// Anything else.
    Other,
}

/// The rows and columns of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// How many lines it has.
    pub rows: usize,
    /// How many characters a line has.
    pub columns: usize,
}

/// The controlling terminal, in a mode where keys arrive at once and are not echoed.
pub struct Terminal<'a> {
    tty: File,
    before: Termios,
    interrupted: Box<dyn FnMut() -> Option<i32> + 'a>,
    disturbed: bool,
}

impl fmt::Debug for Terminal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terminal").field("tty", &self.tty).finish_non_exhaustive()
    }
}

impl<'a> Terminal<'a> {
    /// Opens `/dev/tty`. `interrupted` is asked ten times a second whether to give up, and for which signal;
    /// the caller has handlers installed, or a signal would leave the terminal without echo.
    pub fn open(interrupted: impl FnMut() -> Option<i32> + 'a) -> Result<Self, ReadingError> {
        let tty = File::options().read(true).write(true).open("/dev/tty");
        Self::on(tty.map_err(|_| ReadingError::NoTerminal)?, interrupted)
    }

    /// Whether there is one to open, without a change to how it stands.
    #[must_use]
    pub fn is_there() -> bool {
        let tty = File::options().read(true).write(true).open("/dev/tty");
        tty.is_ok_and(|tty| tcgetattr(&tty).is_ok())
    }

    pub(super) fn on(tty: File, interrupted: impl FnMut() -> Option<i32> + 'a) -> Result<Self, ReadingError> {
        let before = tcgetattr(&tty).map_err(|_| ReadingError::NoTerminal)?;
        let terminal = Self { tty, before, interrupted: Box::new(interrupted), disturbed: false };
        terminal.enter()?;
        Ok(terminal)
    }

    /// Puts our own words on the terminal; anything from outside in them has passed `Escaped`.
    pub fn say(&mut self, text: &str) -> Result<(), ReadingError> {
        self.write(text)
    }

    /// Puts what draws a screen on the terminal, whose text the caller has made safe.
    pub fn send(&mut self, bytes: &[u8]) -> Result<(), ReadingError> {
        Ok(self.tty.write_all(bytes)?)
    }

    /// Asks for a line; what was typed before the question does not count.
    pub fn prompt_line(&mut self, prompt: &str) -> Result<String, ReadingError> {
        let line = self.ask(prompt, Echo::Shown)?;
        Ok(line.as_str().to_owned())
    }

    /// Asks for a passphrase, which is not shown.
    pub fn prompt_passphrase(&mut self, prompt: &str) -> Result<Zeroizing<String>, ReadingError> {
        self.ask(prompt, Echo::Hidden)
    }

    /// Puts text on the terminal, which the caller has made safe.
    pub(super) fn write(&mut self, text: &str) -> Result<(), ReadingError> {
        Ok(self.tty.write_all(text.as_bytes())?)
    }

    /// The window, or the size of old terminals where none is known.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn size(&self) -> Result<Size, ReadingError> {
        let size = termios::tcgetwinsize(&self.tty)?;
        let or = |value: u16, usual| if value == 0 { usual } else { usize::from(value) };
        Ok(Size { rows: or(size.ws_row, 24), columns: or(size.ws_col, 80) })
    }

    /// Throws away what was typed and not yet read.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn discard_typed(&self) -> Result<(), ReadingError> {
        Ok(termios::tcflush(&self.tty, QueueSelector::IFlush)?)
    }

    /// Whether the process was stopped and continued since last asked, so that the screen has to be redrawn.
    pub fn was_disturbed(&mut self) -> bool {
        std::mem::take(&mut self.disturbed)
    }

    /// The next key, or `None` after a tenth of a second.
    pub(super) fn key(&mut self) -> Result<Option<Key>, ReadingError> {
        let mut bytes = [0; 64];
        let typed = self.typed(&mut bytes)?;
        Ok(match typed {
            [] => None,
            [b' ' | b'\n' | b'\r' | b'j'] | [0x1b, b'[', b'6', b'~'] | [0x1b, b'[' | b'O', b'B'] => {
                Some(Key::On)
            }
            [b'q' | b'Q' | 0x1b | 0x03 | 0x04] => Some(Key::Leave),
            _ => Some(Key::Other),
        })
    }

    fn ask(&mut self, prompt: &str, echo: Echo) -> Result<Zeroizing<String>, ReadingError> {
        self.discard_typed()?;
        self.write(prompt)?;
        let line = self.line(echo);
        self.write("\n")?;
        line
    }

    fn line(&mut self, echo: Echo) -> Result<Zeroizing<String>, ReadingError> {
        let mut line = Line::new();
        let mut bytes = Zeroizing::new([0; 64]);
        loop {
            for &byte in self.typed(&mut *bytes)? {
                match line.typed(byte) {
                    Typed::Entered => return line.text(),
                    Typed::Left => return Err(ReadingError::Left),
                    typed => self.echo(typed, echo)?,
                }
            }
        }
    }

    fn echo(&mut self, typed: Typed, echo: Echo) -> Result<(), ReadingError> {
        match typed {
            Typed::Added(byte) if echo == Echo::Shown => Ok(self.tty.write_all(&[byte])?),
            Typed::Rubbed(columns) if echo == Echo::Shown => self.write(&"\x08 \x08".repeat(columns)),
            _ => Ok(()),
        }
    }

    /// What was typed, as it came; nothing after a tenth of a second.
    ///
    /// # Errors
    /// When the terminal is gone, or a signal asked to end.
    pub fn typed<'b>(&mut self, bytes: &'b mut [u8]) -> Result<&'b [u8], ReadingError> {
        let read = match self.has_typed().and_then(|has| if has { self.tty.read(bytes) } else { Ok(0) }) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
            read => read?,
        };
        if let Some(signal) = (self.interrupted)() {
            return Err(ReadingError::Interrupted(signal));
        }
        self.stay()?;
        Ok(bytes.get(..read).unwrap_or_default())
    }

    // A read that begins after another process has set the mode for lines would wait for a whole one.
    #[cfg(target_os = "linux")]
    fn has_typed(&self) -> io::Result<bool> {
        let tenth = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
        Ok(poll(&mut [PollFd::new(&self.tty, PollFlags::IN)], Some(&tenth))? > 0)
    }

    // `poll(2)` does not work on `/dev/tty` everywhere (macOS); there the read itself ends after a tenth of a second.
    #[cfg(not(target_os = "linux"))]
    fn has_typed(&self) -> io::Result<bool> {
        Ok(true)
    }

    /// Gives the terminal its own mode back for a while; [`Terminal::typed`] takes it again.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn lend(&self) -> Result<(), ReadingError> {
        Ok(tcsetattr(&self.tty, OptionalActions::Drain, &self.before)?)
    }

    /// Takes the mode for keys again, throwing away what was typed meanwhile.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn take_back(&self) -> Result<(), ReadingError> {
        self.enter()
    }

    fn mode(&self) -> Termios {
        let mut mode = self.before.clone();
        mode.local_modes -= LocalModes::ICANON | LocalModes::ECHO | LocalModes::ECHONL | LocalModes::IEXTEN;
        mode.output_modes |= OutputModes::OPOST | OutputModes::ONLCR;
        // Reads end after a tenth of a second.
        mode.special_codes[SpecialCodeIndex::VMIN] = 0;
        mode.special_codes[SpecialCodeIndex::VTIME] = 1;
        mode
    }

    fn enter(&self) -> Result<(), ReadingError> {
        Ok(tcsetattr(&self.tty, OptionalActions::Flush, &self.mode())?)
    }

    /// Sees to it that the mode is still ours: a shell sets its own while we are stopped.
    ///
    /// # Errors
    /// When the terminal is gone, which has none.
    pub fn stay(&mut self) -> Result<(), ReadingError> {
        if tcgetattr(&self.tty)?.local_modes.contains(LocalModes::ICANON) {
            self.enter()?;
            self.disturbed = true;
        }
        Ok(())
    }
}

/// For `poll(2)` beside other things.
impl AsFd for Terminal<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.tty.as_fd()
    }
}

impl Drop for Terminal<'_> {
    fn drop(&mut self) {
        let _ = tcsetattr(&self.tty, OptionalActions::Flush, &self.before);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Echo {
    Shown,
    Hidden,
}
