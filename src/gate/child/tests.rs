//! Real processes: directly where the test process may play the supervisor, and through `Wrapper`, this
//! test binary started once more, where signals go to the supervisor itself.

use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::time::{Duration, Instant};

use nix::sys::signal::{SigSet, Signal as Held};

use super::*;

#[cfg(target_os = "linux")]
mod terminal;
mod wrapped;

// Handlers belong to the whole process: one supervising test at a time.
static SUPERVISING: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    take_signals_from_here_on();
    SUPERVISING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Some runners start their jobs with signals ignored or held back, which every process below would inherit.
/// A handled signal is back at its default in a process that is started; a mask is a thread's own.
fn take_signals_from_here_on() {
    static ONCE: Once = Once::new();
    SigSet::empty().thread_set_mask().unwrap();
    ONCE.call_once(|| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap_or("0").trim();
        let mask = u64::from_str_radix(mask, 16).unwrap();
        let ignored = (1..=31).filter(|&signal| mask >> (signal - 1) & 1 == 1);
        for signal in ignored.filter(|&signal| signal != Signal::PIPE.as_raw()) {
            signal_hook::flag::register(signal, Arc::default()).unwrap();
        }
    });
}

fn launch(argv: &[&str]) -> Launch {
    Launch {
        program: Program::Path(argv[0].into()),
        argv: argv.iter().map(OsString::from).collect(),
        env: vec![("PATH".into(), "/usr/bin:/bin".into())],
        cwd: "/".into(),
        stdin: Stdin::Nothing,
        inherit: None,
    }
}

fn shell(script: &str) -> Launch {
    launch(&["/bin/sh", "-c", script])
}

fn run(launch: Launch) -> Ended {
    let _alone = alone();
    let mut signals = Signals::install().unwrap();
    start(launch, &mut signals).unwrap().supervise(&mut signals).unwrap()
}

fn refusal(launch: Launch) -> StartError {
    let _alone = alone();
    let mut signals = Signals::install().unwrap();
    start(launch, &mut signals).unwrap_err()
}

fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let limit = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < limit, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// What the script writes to `out` in its folder.
fn output_of(script: &str, change: impl FnOnce(&mut Launch)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let mut launch = shell(script);
    launch.env.push(("OUT".into(), out.clone().into()));
    change(&mut launch);
    assert_eq!(run(launch), Ended::Exited(0));
    std::fs::read_to_string(out).unwrap()
}

#[test]
fn every_exit_code_comes_back_as_it_was() {
    for code in [0, 1, 2, 42, 118, 119, 125, 126, 127, 128, 130, 137, 254, 255] {
        assert_eq!(run(shell(&format!("exit {code}"))), Ended::Exited(code));
    }
}

#[test]
fn every_death_by_a_signal_is_told_with_its_number() {
    for signal in [1, 2, 3, 4, 6, 8, 9, 10, 11, 12, 13, 14, 15, 24, 31] {
        let ended = run(shell(&format!("ulimit -c 0; kill -{signal} $$")));
        assert_eq!(ended, Ended::Signaled { signal, core: false });
    }
}

#[test]
fn a_missing_program_is_127_and_nothing_runs() {
    assert_eq!(refusal(launch(&["/nowhere/at/all"])).exit_code(), 127);
}

#[test]
fn a_file_that_cannot_be_executed_is_126() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data");
    std::fs::write(&file, "not a program").unwrap();
    let path = file.to_str().unwrap();
    assert!(matches!(refusal(launch(&[path])), StartError::NotExecutable(_)));
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    // No `#!` line: a C library's shell fall-back would run something nobody bound.
    assert_eq!(refusal(launch(&[path])).exit_code(), 126);
}

#[test]
fn a_missing_folder_is_not_taken_for_a_missing_program() {
    let mut launch = shell("true");
    launch.cwd = "/nowhere/at/all".into();
    assert!(matches!(refusal(launch), StartError::BadCwd(_)));
    let mut launch = shell("true");
    launch.cwd = "/etc/passwd".into();
    assert!(matches!(refusal(launch), StartError::BadCwd(_)));
}

#[test]
fn a_program_runs_by_its_descriptor_under_its_own_name() {
    let mut launch = launch(&["a-name-of-its-own", "-c", "test $0 = a-name-of-its-own"]);
    launch.program = Program::Descriptor(File::open("/bin/sh").unwrap().into());
    assert_eq!(run(launch), Ended::Exited(0));
}

#[test]
fn the_environment_is_exactly_the_given_one() {
    let text = output_of("exec /usr/bin/env > $OUT", |launch| {
        launch.env.push(("EMPTY".into(), OsString::new()));
        launch.env.push(("LINES".into(), "a\nb".into()));
    });
    let text: Vec<&str> = text.lines().filter(|line| !line.starts_with("OUT=")).collect();
    // A shell sets PWD by itself; the rest is ours.
    let text: Vec<&str> = text.into_iter().filter(|line| !line.starts_with("PWD=")).collect();
    assert_eq!(text, ["PATH=/usr/bin:/bin", "EMPTY=", "LINES=a", "b"]);
}

#[test]
fn it_starts_in_the_given_folder() {
    let folder = tempfile::tempdir().unwrap();
    let there = folder.path().canonicalize().unwrap();
    let text = output_of("pwd -P > $OUT", |launch| launch.cwd = there.clone());
    assert_eq!(text.trim_end(), there.to_str().unwrap());
}

#[test]
fn captured_input_arrives_whole_however_large() {
    let bytes: Vec<u8> = (0..1_000_000_u32).flat_map(|n| format!("{n}\n").into_bytes()).collect();
    let digest = output_of("sha256sum > $OUT", |launch| launch.stdin = Stdin::Bytes(bytes.clone()));
    assert_eq!(format!("sha256:{}", &digest[..64]), crate::ids::Digest::of(&bytes).to_string());
}

#[cfg(target_os = "linux")]
#[test]
fn captured_input_cannot_be_changed_by_the_command() {
    let script = "echo x >> /proc/self/fd/0 && exit 1; cat > $OUT";
    let text = output_of(script, |launch| launch.stdin = Stdin::Bytes(b"as approved".to_vec()));
    assert_eq!(text, "as approved");
}

#[cfg(target_os = "linux")]
#[test]
fn captured_input_is_sealed_against_every_change() {
    let file = kept(b"as approved").unwrap();
    assert!((&file).write_all(b"x").is_err());
    assert!(file.set_len(3).is_err() && file.set_len(30).is_err());
    let more = rustix::fs::fcntl_add_seals(&file, rustix::fs::SealFlags::WRITE);
    assert_eq!(more, Err(Errno::PERM), "nor are its seals");
}

#[test]
fn why_nothing_was_started_is_told_apart() {
    let told = |errno: Errno, by_descriptor| refused(errno.into(), by_descriptor);
    assert!(matches!(told(Errno::NOENT, false), StartError::NotFound));
    assert!(matches!(told(Errno::NOENT, true), StartError::NotExecutable(_)));
    for errno in [Errno::ACCESS, Errno::NOEXEC] {
        assert!(matches!(told(errno, false), StartError::NotExecutable(_)));
    }
    for errno in [Errno::AGAIN, Errno::NOMEM, Errno::MFILE, Errno::NFILE] {
        assert!(matches!(told(errno, true), StartError::Other(_)));
    }
}

#[test]
fn without_input_there_is_none() {
    assert_eq!(output_of("wc -c > $OUT", |_| ()).trim(), "0");
}

#[cfg(target_os = "linux")]
#[test]
fn the_command_holds_back_what_was_held_back_and_dies_of_a_broken_pipe() {
    let field = |status: &str, name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
        u64::from_str_radix(&line, 16).unwrap()
    };
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    // Not through a shell: some lay down their mask.
    let copy = launch(&["/bin/dd", "if=/proc/self/status", &format!("of={}", out.display()), "status=none"]);
    SigSet::from_iter([Held::SIGCHLD, Held::SIGUSR2]).thread_set_mask().unwrap();
    let ours = std::fs::read_to_string("/proc/thread-self/status").unwrap();
    let mut signals = Signals::install().unwrap();
    let ended = start(copy, &mut signals).unwrap().supervise(&mut signals).unwrap();
    SigSet::empty().thread_set_mask().unwrap();
    assert_eq!(ended, Ended::Exited(0));
    let text = std::fs::read_to_string(out).unwrap();
    assert_ne!(field(&ours, "SigBlk:"), 0);
    assert_eq!(field(&text, "SigBlk:"), field(&ours, "SigBlk:"));
    const PIPE: u64 = 1 << 12;
    assert_ne!(field(&ours, "SigIgn:") & PIPE, 0, "our own runtime ignores it");
    assert_eq!(field(&text, "SigIgn:") & PIPE, 0);
}

#[cfg(target_os = "linux")]
#[test]
fn the_command_inherits_no_descriptor_of_ours() {
    let links = || std::fs::read_dir("/proc/self/fd").unwrap();
    let before: Vec<PathBuf> = links().filter_map(|fd| std::fs::read_link(fd.unwrap().path()).ok()).collect();
    let text = output_of("for f in /proc/self/fd/*; do readlink $f; done > $OUT; true", |launch| {
        launch.program = Program::Descriptor(File::open("/bin/sh").unwrap().into());
    });
    let ours = ["/out", "/fd", "/dev/null", "readlink"];
    let leaked: Vec<&str> = text
        .lines()
        .filter(|link| !before.iter().any(|old| old == Path::new(link)))
        .filter(|link| !ours.iter().any(|own| link.ends_with(own)))
        .collect();
    assert_eq!(leaked, Vec::<&str>::new());
}

#[test]
fn a_command_that_closes_everything_and_leaves_children_behind_still_ends() {
    let script = "exec 0<&- 1>&- 2>&-; (sleep 5 &) ; exit 7";
    assert_eq!(run(shell(script)), Ended::Exited(7));
}
