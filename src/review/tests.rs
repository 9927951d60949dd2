//! A person at a real pseudo-terminal, played by the test: reads what is shown, presses keys.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{MasterPty, PtySize, native_pty_system};
use rustix::termios::{LocalModes, tcgetattr};

use super::*;
use crate::ids::{Digest, TicketId};

mod asking;

struct Person {
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    screen: Arc<Mutex<String>>,
}

fn size(rows: u16, cols: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

fn open_without_control(path: &Path) -> File {
    let no_control = i32::try_from(rustix::fs::OFlags::NOCTTY.bits()).unwrap();
    File::options().read(true).write(true).custom_flags(no_control).open(path).unwrap()
}

fn sit_down(rows: u16, cols: u16) -> (Person, File) {
    let pair = native_pty_system().openpty(size(rows, cols)).unwrap();
    let tty = open_without_control(&pair.master.tty_name().unwrap());
    let mut reader = pair.master.try_clone_reader().unwrap();
    let screen = Arc::new(Mutex::new(String::new()));
    let shown = Arc::clone(&screen);
    std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(read @ 1..) = reader.read(&mut bytes) {
            shown.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..read]));
        }
    });
    let keys = pair.master.take_writer().unwrap();
    (Person { master: pair.master, keys, screen }, tty)
}

impl Person {
    fn screen(&self) -> String {
        self.screen.lock().unwrap().clone()
    }

    /// Waits until the text is on the screen, so many times.
    fn sees(&self, text: &str, times: usize) {
        let limit = Instant::now() + Duration::from_secs(20);
        while self.screen().matches(text).count() < times {
            assert!(Instant::now() < limit, "{text:?} is not {times} times in {:?}", self.screen());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// The code last asked for.
    fn code(&self) -> String {
        let screen = self.screen();
        let (_, after) = screen.rsplit_once("type  ").unwrap();
        after.split_once("  (").unwrap().0.to_owned()
    }
}

fn nothing() -> Option<i32> {
    None
}

/// Lets the person act while the terminal is used, and returns what came of it.
fn meanwhile<T: Send>(
    tty: File,
    person: &mut Person,
    uses: impl FnOnce(&mut Terminal<'_>) -> T + Send,
    acts: impl FnOnce(&mut Person),
) -> T {
    std::thread::scope(|scope| {
        let user = scope.spawn(move || uses(&mut Terminal::on(tty, nothing).unwrap()));
        acts(person);
        user.join().unwrap()
    })
}

fn card(lines: usize) -> String {
    (1..=lines).map(|line| format!("line {line} of the card\n")).collect()
}

const TURN: &str = "q: leave";

#[test]
fn a_card_is_read_page_by_page_to_its_end() {
    let (mut person, tty) = sit_down(11, 80);
    let text = card(25);
    let seen = meanwhile(
        tty,
        &mut person,
        |terminal| read_card(terminal, &text),
        |person| {
            person.sees("1/3  Space: ↓ 15 more lines", 1);
            assert!(!person.screen().contains("line 11 "));
            person.types(" ");
            person.sees("2/3  Space: ↓ 5 more lines", 1);
            person.types("\r");
            person.sees("3/3  Space: to the decision", 1);
            person.types("\x1b[6~");
        },
    );
    assert_eq!(seen.unwrap().card(), Digest::of(text.as_bytes()));
    let screen = person.screen();
    assert!((1..=25).all(|line| screen.contains(&format!("│ line {line} of the card\r\n"))));
}

#[test]
fn keys_typed_before_the_card_was_there_turn_nothing() {
    let (mut person, tty) = sit_down(11, 80);
    person.types("   \r\r\r   ");
    let text = card(25);
    let left = meanwhile(
        tty,
        &mut person,
        |terminal| read_card(terminal, &text),
        |person| {
            person.sees(TURN, 1);
            std::thread::sleep(Duration::from_millis(150));
            assert!(!person.screen().contains("2/3"));
            person.types("q");
        },
    );
    assert!(matches!(left, Err(ReadingError::Left)));
}

#[test]
fn keys_typed_within_the_moment_of_the_end_decide_nothing() {
    let (mut person, tty) = sit_down(24, 80);
    let text = card(3);
    let begun = Instant::now();
    let seen = meanwhile(
        tty,
        &mut person,
        |terminal| read_card(terminal, &text),
        |person| {
            person.sees("end of the card", 1);
            person.types(" \r \r");
            person.sees("to the decision", 1);
            std::thread::sleep(Duration::from_millis(50));
            person.types(" ");
        },
    );
    assert!(seen.is_ok());
    assert!(begun.elapsed() >= MOMENT);
}

#[test]
fn a_long_line_is_wrapped_with_a_mark_and_not_cut() {
    let (mut person, tty) = sit_down(24, 20);
    let text = "ls aaaaaaaaaaaaaaaaaaaa; rm -rf x\n";
    let seen = meanwhile(
        tty,
        &mut person,
        |terminal| read_card(terminal, text),
        |person| {
            person.sees("── 1/1", 1);
            person.types(" ");
        },
    );
    assert!(seen.is_ok());
    assert!(
        person.screen().contains("│ ls aaaaaaaaaaaaaaa\r\n│↪aaaaa; rm -rf x\r\n"),
        "{:?}",
        person.screen()
    );
}

#[test]
fn a_window_that_changes_starts_the_card_again() {
    let (mut person, tty) = sit_down(11, 80);
    let text = card(12);
    let seen = meanwhile(
        tty,
        &mut person,
        |terminal| read_card(terminal, &text),
        |person| {
            person.sees("1/2", 1);
            person.master.resize(size(24, 60)).unwrap();
            person.sees("once more from the top", 1);
            person.sees("1/1", 1);
            person.types(" ");
        },
    );
    assert!(seen.is_ok());
    assert_eq!(person.screen().matches("│ line 1 of the card\r\n").count(), 2);
}

#[test]
fn a_card_with_a_control_character_is_not_put_on_the_terminal() {
    let (mut person, tty) = sit_down(24, 80);
    let shown = meanwhile(tty, &mut person, |terminal| read_card(terminal, "a\x1b[2Jb\n"), |_| ());
    assert!(matches!(shown, Err(ReadingError::Unshowable)));
    assert_eq!(person.screen(), "");
}

#[test]
fn a_terminal_that_goes_away_decides_nothing() {
    let pair = native_pty_system().openpty(size(24, 80)).unwrap();
    let tty = open_without_control(&pair.master.tty_name().unwrap());
    let mut master = Some(pair.master);
    let mut asked = 0;
    let hang_up = || {
        asked += 1;
        if asked == 2 {
            master = None;
        }
        nothing()
    };
    let lost = read_card(&mut Terminal::on(tty, hang_up).unwrap(), &card(3));
    assert!(matches!(lost, Err(ReadingError::Gone)), "{lost:?}");
}

#[test]
fn a_signal_ends_the_reading_and_the_terminal_is_as_before() {
    let (person, tty) = sit_down(24, 80);
    let before = tcgetattr(&tty).unwrap();
    let signal = AtomicI32::new(0);
    let text = card(3);
    let ended = std::thread::scope(|scope| {
        let ours = tty.try_clone().unwrap();
        let asked = || Some(signal.load(Ordering::SeqCst)).filter(|&signal| signal != 0);
        let text = &text;
        let user = scope.spawn(move || read_card(&mut Terminal::on(ours, asked).unwrap(), text));
        person.sees(TURN, 1);
        assert!(!tcgetattr(&tty).unwrap().local_modes.intersects(LocalModes::ECHO | LocalModes::ICANON));
        signal.store(15, Ordering::SeqCst);
        user.join().unwrap()
    });
    assert!(matches!(ended, Err(ReadingError::Interrupted(15))));
    let after = tcgetattr(&tty).unwrap();
    assert_eq!(after.local_modes, before.local_modes);
    assert_eq!(format!("{:?}", after.special_codes), format!("{:?}", before.special_codes));
}

#[test]
fn a_panic_restores_the_terminal_too() {
    let (_person, tty) = sit_down(24, 80);
    let ours = tty.try_clone().unwrap();
    let thread = std::thread::spawn(move || {
        let _terminal = Terminal::on(ours, nothing).unwrap();
        std::panic::resume_unwind(Box::new(()));
    });
    assert!(thread.join().is_err());
    assert!(tcgetattr(&tty).unwrap().local_modes.contains(LocalModes::ECHO | LocalModes::ICANON));
}

#[test]
fn a_shell_that_reset_the_terminal_while_we_were_stopped_is_noticed() {
    let (mut person, tty) = sit_down(24, 80);
    let cooked = tcgetattr(&tty).unwrap();
    let shells = tty.try_clone().unwrap();
    let text = card(3);
    let seen = meanwhile(
        tty,
        &mut person,
        |terminal| read_card(terminal, &text),
        |person| {
            person.sees("to the decision", 1);
            rustix::termios::tcsetattr(&shells, rustix::termios::OptionalActions::Now, &cooked).unwrap();
            person.sees("once more from the top", 1);
            person.sees("to the decision", 2);
            person.types(" ");
        },
    );
    assert!(seen.is_ok());
}

#[test]
fn a_terminal_that_was_reset_before_a_read_began_is_taken_back_without_a_line() {
    let (mut person, tty) = sit_down(24, 80);
    let (cooked, shells) = (tcgetattr(&tty).unwrap(), tty.try_clone().unwrap());
    let mut terminal = Terminal::on(tty, nothing).unwrap();
    rustix::termios::tcsetattr(&shells, rustix::termios::OptionalActions::Now, &cooked).unwrap();
    let (done, waits) = std::sync::mpsc::channel();
    let patience = std::thread::spawn(move || {
        // Ends a read that waits for a line, which then is one that was typed.
        if waits.recv_timeout(Duration::from_secs(20)).is_err() {
            person.types("\n");
        }
    });
    let mut bytes = [0; 64];
    let typed = terminal.typed(&mut bytes).unwrap().to_vec();
    let _ = done.send(());
    patience.join().unwrap();
    assert_eq!((typed, terminal.was_disturbed()), (Vec::new(), true));
    assert!(!tcgetattr(&shells).unwrap().local_modes.contains(LocalModes::ICANON));
}

#[test]
fn without_a_terminal_it_is_said_what_to_do() {
    let file = tempfile::tempfile().unwrap();
    let error = Terminal::on(file, nothing).unwrap_err();
    assert!(error.to_string().contains("handoff decide --prepare"));
}
