//! A program on a pseudo-terminal, typed at as a person would, and what then stands on its screen, with the
//! moment it stood there. Knows the sequences that less(1) and full screens of our kind write; no others.

use std::io::{Read, Write};
use std::process::Command;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

pub const ROWS: u16 = 40;
pub const COLUMNS: u16 = 120;
const PATIENCE: Duration = Duration::from_secs(60);
/// A frame is complete when nothing more came for so long.
const SILENCE: Duration = Duration::from_millis(15);

/// A terminal and the program on it.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    written: Receiver<(Instant, Vec<u8>)>,
    pub screen: Screen,
    started: Instant,
}

impl Terminal {
    /// Starts `command` (its program, arguments, environment and folder) on a new terminal.
    pub fn start(command: &Command) -> Self {
        let size = PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut on_it = CommandBuilder::new(command.get_program());
        on_it.args(command.get_args());
        on_it.env_clear();
        for (name, value) in command.get_envs() {
            on_it.env(name, value.unwrap_or_default());
        }
        on_it.env("TERM", "xterm-256color");
        on_it.cwd(command.get_current_dir().unwrap());
        let mut output = pair.master.try_clone_reader().unwrap();
        let (bytes, written) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 65_536];
            while let Ok(length @ 1..) = output.read(&mut buffer) {
                if bytes.send((Instant::now(), buffer[..length].to_vec())).is_err() {
                    break;
                }
            }
        });
        let keyboard = pair.master.take_writer().unwrap();
        let started = Instant::now();
        let child = pair.slave.spawn_command(on_it).unwrap();
        Self { child, _master: pair.master, keyboard, written, screen: Screen::default(), started }
    }

    /// How long after the start the screen was first as `complete` says.
    pub fn first(&mut self, complete: impl Fn(&Screen) -> bool) -> Duration {
        let started = self.started;
        self.until(started, &complete)
    }

    /// How long after `keys` were typed the screen was first as `answered` says; the frame before it is done.
    pub fn key(&mut self, keys: &str, answered: impl Fn(&Screen, &Screen) -> bool) -> Duration {
        self.settle();
        let before = self.screen.clone();
        let typed = Instant::now();
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
        self.until(typed, &|screen| answered(&before, screen))
    }

    /// Takes what is still being written.
    pub fn settle(&mut self) {
        while let Ok((_, bytes)) = self.written.recv_timeout(SILENCE) {
            self.screen.take(&bytes);
        }
    }

    fn until(&mut self, from: Instant, complete: &dyn Fn(&Screen) -> bool) -> Duration {
        loop {
            let left = PATIENCE.saturating_sub(from.elapsed());
            match self.written.recv_timeout(left) {
                Ok((at, bytes)) => {
                    self.screen.take(&bytes);
                    if complete(&self.screen) {
                        return at.duration_since(from);
                    }
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("the screen never came to that:\n{}", self.screen.text());
                }
            }
        }
    }

    /// Seconds on a processor so far, from the scheduler's own nanoseconds.
    pub fn used(&self) -> f64 {
        let text = self.proc("schedstat");
        text.split_whitespace().next().and_then(|nanos| nanos.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
    }

    /// Resident memory in MiB, and of it what no other process shares.
    pub fn memory(&self) -> (f64, f64) {
        let text = self.proc("smaps_rollup");
        let sum = |names: &[&str]| {
            let lines = text.lines().filter(|line| names.iter().any(|name| line.starts_with(name)));
            lines.filter_map(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok()).sum::<f64>() / 1024.0
        };
        (sum(&["Rss:"]), sum(&["Private_Clean:", "Private_Dirty:"]))
    }

    fn proc(&self, file: &str) -> String {
        let id = self.child.process_id().unwrap();
        std::fs::read_to_string(format!("/proc/{id}/{file}")).unwrap_or_default()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What stands on a terminal.
#[derive(Clone)]
pub struct Screen {
    lines: Vec<Vec<char>>,
    at: (usize, usize),
    rest: Vec<u8>,
}

impl Default for Screen {
    fn default() -> Self {
        let lines = vec![vec![' '; usize::from(COLUMNS)]; usize::from(ROWS)];
        Self { lines, at: (0, 0), rest: Vec::new() }
    }
}

impl Screen {
    /// A line, without the spaces behind it.
    pub fn line(&self, row: usize) -> String {
        self.lines[row].iter().collect::<String>().trim_end().to_owned()
    }

    /// All of it.
    pub fn text(&self) -> String {
        (0..self.lines.len()).map(|row| self.line(row) + "\n").collect()
    }

    fn take(&mut self, bytes: &[u8]) {
        self.rest.extend_from_slice(bytes);
        let all = std::mem::take(&mut self.rest);
        let mut left = &all[..];
        while !left.is_empty() {
            let Some(used) = self.one(left) else { break };
            left = &left[used..];
        }
        self.rest = left.to_vec();
    }

    /// Takes one letter or sequence and answers its length; none while it is not whole.
    fn one(&mut self, bytes: &[u8]) -> Option<usize> {
        match bytes[0] {
            0x1b => return self.sequence(bytes),
            b'\r' => self.at.1 = 0,
            b'\n' => self.down(),
            0x08 => self.at.1 = self.at.1.saturating_sub(1),
            0..0x20 => {}
            first => {
                let length = match first {
                    0..0x80 => 1,
                    0x80..0xe0 => 2,
                    0xe0..0xf0 => 3,
                    _ => 4,
                };
                let letter = bytes.get(..length)?;
                self.put(
                    std::str::from_utf8(letter).ok().and_then(|text| text.chars().next()).unwrap_or('?'),
                );
                return Some(length);
            }
        }
        Some(1)
    }

    fn put(&mut self, letter: char) {
        if self.at.1 >= usize::from(COLUMNS) {
            self.at.1 = 0;
            self.down();
        }
        let (row, column) = self.at;
        self.lines[row][column] = letter;
        self.at.1 += 1;
    }

    fn down(&mut self) {
        if self.at.0 + 1 < self.lines.len() {
            self.at.0 += 1;
        } else {
            self.lines.remove(0);
            self.lines.push(vec![' '; usize::from(COLUMNS)]);
        }
    }

    fn up(&mut self) {
        if self.at.0 > 0 {
            self.at.0 -= 1;
        } else {
            self.lines.pop();
            self.lines.insert(0, vec![' '; usize::from(COLUMNS)]);
        }
    }

    fn sequence(&mut self, bytes: &[u8]) -> Option<usize> {
        match bytes.get(1)? {
            b'[' => {
                let length = bytes[2..].iter().position(|byte| (b'@'..=b'~').contains(byte))?;
                let text = String::from_utf8_lossy(&bytes[2..2 + length]).into_owned();
                self.control(&text, bytes[2 + length]);
                Some(length + 3)
            }
            b']' => bytes.iter().position(|&byte| byte == 0x07 || byte == b'\\').map(|end| end + 1),
            b'M' => {
                self.up();
                Some(2)
            }
            b'(' | b')' | b'#' => bytes.get(2).map(|_| 3),
            _ => Some(2),
        }
    }

    fn control(&mut self, text: &str, last: u8) {
        let number = |index: usize, usual: usize| {
            text.split(';').nth(index).and_then(|part| part.parse().ok()).unwrap_or(usual)
        };
        let (rows, columns) = (usize::from(ROWS), usize::from(COLUMNS));
        match last {
            b'H' | b'f' => {
                self.at = (number(0, 1).clamp(1, rows) - 1, number(1, 1).clamp(1, columns) - 1);
            }
            b'A' => self.at.0 = self.at.0.saturating_sub(number(0, 1)),
            b'B' => self.at.0 = (self.at.0 + number(0, 1)).min(rows - 1),
            b'C' => self.at.1 = (self.at.1 + number(0, 1)).min(columns - 1),
            b'D' => self.at.1 = self.at.1.saturating_sub(number(0, 1)),
            b'G' => self.at.1 = number(0, 1).clamp(1, columns) - 1,
            b'd' => self.at.0 = number(0, 1).clamp(1, rows) - 1,
            b'J' => self.erase(number(0, 0)),
            b'K' => self.erase_line(number(0, 0)),
            b'X' => {
                let (row, column) = self.at;
                let end = (column + number(0, 1)).min(columns);
                self.lines[row][column.min(end)..end].fill(' ');
            }
            b'L' => (0..number(0, 1)).for_each(|_| {
                self.lines.insert(self.at.0, vec![' '; columns]);
                self.lines.pop();
            }),
            b'h' if text == "?1049" => self.erase(2),
            _ => {}
        }
    }

    fn erase(&mut self, what: usize) {
        let row = self.at.0;
        match what {
            0 => {
                self.erase_line(0);
                self.lines[row + 1..].iter_mut().for_each(|line| line.fill(' '));
            }
            1 => {
                self.erase_line(1);
                self.lines[..row].iter_mut().for_each(|line| line.fill(' '));
            }
            _ => self.lines.iter_mut().for_each(|line| line.fill(' ')),
        }
    }

    fn erase_line(&mut self, what: usize) {
        let (row, column) = (self.at.0, self.at.1.min(usize::from(COLUMNS) - 1));
        match what {
            0 => self.lines[row][column..].fill(' '),
            1 => self.lines[row][..=column].fill(' '),
            _ => self.lines[row].fill(' '),
        }
    }
}
