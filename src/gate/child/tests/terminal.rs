//! The supervisor and its command at a keyboard, with and without a shell between.

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use super::wrapped::{Wrapper, state_of};
use super::*;

const SIZE: PtySize = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };

/// A program on a pseudo-terminal of its own.
struct Seat {
    child: Box<dyn portable_pty::Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    folder: tempfile::TempDir,
    _master: Box<dyn portable_pty::MasterPty + Send>,
}

impl Seat {
    fn take(program: &[&str], script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let wrapper = Wrapper::command(&folder, script);
        let mut command = CommandBuilder::new(program.first().map_or(wrapper.get_program(), AsRef::as_ref));
        command.args(program.iter().skip(1));
        if program.is_empty() {
            command.args(wrapper.get_args());
        }
        let args: Vec<&str> = wrapper.get_args().map(|arg| arg.to_str().unwrap()).collect();
        command.env("WRAPPER", wrapper.get_program());
        command.env("ARGS", args.join(" "));
        wrapper.get_envs().for_each(|(name, value)| command.env(name, value.unwrap()));
        let pty = native_pty_system().openpty(SIZE).unwrap();
        let child = pty.slave.spawn_command(command).unwrap();
        let mut reader = pty.master.try_clone_reader().unwrap();
        std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
        let keys = pty.master.take_writer().unwrap();
        Self { child, keys, folder, _master: pty.master }
    }

    fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    fn said(&self, name: &str) -> Option<String> {
        let text = std::fs::read_to_string(self.folder.path().join(name)).ok();
        text.filter(|text| text.ends_with('\n')).map(|text| text.trim().to_owned())
    }

    fn wait_for(&self, name: &str) -> String {
        until(name, || self.said(name))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn one_interrupt_at_the_keyboard_is_one_interrupt_for_the_command() {
    // Not in the moment of the start, when the wrapper cannot tell whether the command heard it, and passes it on.
    let script = "trap 'echo got >> $DIR/got' INT; sleep 0.3; echo up > $DIR/up; \
                  until test -s $DIR/got; do sleep 0.01; done; sleep 0.1; exit 8";
    let mut seat = Seat::take(&[], script);
    seat.wait_for("up");
    seat.types("\x03");
    assert_eq!(seat.child.wait().unwrap().exit_code(), 8);
    assert_eq!(seat.said("got").unwrap(), "got");
}

#[test]
fn a_shell_can_stop_both_and_take_both_up_again() {
    // Builtins only: a shell that is stopped while it starts a program by vfork cannot be stopped itself.
    let script = "echo $PPID > $DIR/wrapper; echo $$ > $DIR/pid; echo up > $DIR/up; \
                  until test -e $DIR/end; do :; done; exit 8";
    let mut seat = Seat::take(&["/bin/sh", "-i"], script);
    seat.types("$WRAPPER $ARGS >/dev/null 2>&1; echo $? > $DIR/stopped\r");
    seat.wait_for("up");
    let pids = ["wrapper", "pid"].map(|name| seat.wait_for(name).parse().unwrap());
    seat.types("\x1a");
    assert!(seat.wait_for("stopped").parse::<i32>().unwrap() > 128);
    assert_eq!(pids.map(state_of), [Some('T'); 2]);
    seat.types("fg; echo $? > $DIR/ended\r");
    until("both go on", || pids.iter().all(|&pid| state_of(pid) != Some('T')).then_some(()));
    std::fs::write(seat.folder.path().join("end"), "").unwrap();
    assert_eq!(seat.wait_for("ended"), "8");
}

#[test]
fn a_terminal_that_is_closed_hangs_up_on_the_command() {
    let script = "trap 'echo got > $DIR/got; exit 1' HUP; echo up > $DIR/up; \
                  until test -e $DIR/end; do sleep 0.01; done";
    let mut seat = Seat::take(&[], script);
    seat.wait_for("up");
    let wrapper = i32::try_from(seat.child.process_id().unwrap()).unwrap();
    // What the kernel sends when a line is lost goes to the whole foreground group.
    process::kill_process_group(Pid::from_raw(wrapper).unwrap(), Signal::HUP).unwrap();
    assert_eq!(seat.wait_for("got"), "got");
    assert_eq!(seat.child.wait().unwrap().exit_code(), 1);
}
