//! A program on a terminal of its own, typed at and read as a person would.

#![allow(dead_code, reason = "a tool for tests, not all of which are written")]

use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

const PATIENCE: Duration = Duration::from_secs(20);
const HANGS: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(5);

/// A pseudo-terminal and the program on it.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    written: Arc<Mutex<Vec<u8>>>,
    // How much of the text has been expected already.
    read: usize,
}

impl Terminal {
    /// Starts `program` on a new terminal of `(rows, columns)`, with this environment only.
    pub fn open(
        program: &OsStr,
        args: &[&OsStr],
        environment: &[(OsString, OsString)],
        folder: &Path,
        (rows, cols): (u16, u16),
    ) -> Self {
        let pair = native_pty_system().openpty(size(rows, cols)).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env_clear();
        for (name, value) in environment {
            command.env(name, value);
        }
        command.cwd(folder);
        let child = pair.slave.spawn_command(command).unwrap();
        let keyboard = pair.master.take_writer().unwrap();
        let written = listen(pair.master.try_clone_reader().unwrap());
        Self { child, master: pair.master, keyboard, written, read: 0 }
    }

    /// Types `text`; a line is ended with `\r`, as the key does.
    pub fn send(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// Waits until `text` is written, behind what was expected before.
    #[track_caller]
    pub fn expect(&mut self, text: &str) {
        let end = Instant::now() + PATIENCE;
        loop {
            let all = self.screen();
            let found = all.get(self.read..).and_then(|rest| rest.find(text));
            if let Some(at) = found {
                self.read += at + text.len();
                return;
            }
            assert!(Instant::now() < end, "the terminal did not show {text:?}:\n{all}");
            std::thread::sleep(LOOK);
        }
    }

    /// All that was written so far, without the sequences that move the cursor or set colours.
    pub fn screen(&self) -> String {
        plain(&self.raw())
    }

    /// All bytes that were written so far.
    pub fn raw(&self) -> Vec<u8> {
        self.written.lock().unwrap().clone()
    }

    /// Makes the window another size.
    pub fn resize(&self, rows: u16, cols: u16) {
        self.master.resize(size(rows, cols)).unwrap();
    }

    /// Waits for the program's end: its status, 1 when a signal ended it.
    pub fn finish(mut self) -> u32 {
        let end = Instant::now() + HANGS;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(Instant::now() < end, "the program on the terminal hangs:\n{}", self.screen());
            std::thread::sleep(LOOK);
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

fn size(rows: u16, cols: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

fn listen(mut screen: Box<dyn Read + Send>) -> Arc<Mutex<Vec<u8>>> {
    let written = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&written);
    std::thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(length @ 1..) = screen.read(&mut buffer) {
            into.lock().unwrap().extend_from_slice(&buffer[..length]);
        }
    });
    written
}

// ECMA-48 sequences taken out: CSI to its final byte, OSC to BEL or ST, other escapes with one letter.
fn plain(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut rest = text.chars().peekable();
    let mut kept = String::new();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' => match rest.next() {
                Some('[') => while rest.next_if(|c| !('@'..='~').contains(c)).is_some() {},
                Some(']') => while rest.next_if(|&c| c != '\u{7}' && c != '\\').is_some() {},
                _ => continue,
            },
            '\r' => continue,
            _ => {
                kept.push(c);
                continue;
            }
        }
        rest.next();
    }
    kept
}

#[test]
fn what_moves_the_cursor_is_not_text() {
    assert_eq!(plain(b"\x1b[1;31mred\x1b[0m\x1b]0;title\x07 and\r\n\x1b7\x1b[?25lrest"), "red and\nrest");
}

#[test]
fn a_program_on_a_terminal_is_typed_at_and_read() {
    let world = crate::world::World::new();
    let script = world.script("ask", "stty size; printf 'name? '; read name; echo \"hello $name\"; exit 7");
    let mut terminal = world.terminal_for(script, &[] as &[&str], 12, 60);
    terminal.expect("12 60");
    terminal.expect("name? ");
    terminal.send("ana\r");
    terminal.expect("hello ana");
    assert_eq!(terminal.finish(), 7);
}
