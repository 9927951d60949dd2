//! The first minute, in accounts as containers and services have them: no environment, no home, no terminal, a
//! folder that cannot be written, another user. It works, or says what to do, and leaves nothing half-made.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::world::{FIRST_REVIEWER, Output, QUEUE, Run, World, program, skipped};

/// An account of nobody's, as services run under.
const NOBODY: &str = "65534";
/// One that no table of accounts knows.
const STRANGER: &str = "54321";

/// The program with nothing in its environment but these.
fn with_only(world: &World, args: &[&str], kept: &[(&str, &Path)]) -> Run {
    let all = world.environment();
    let bare = all.iter().fold(world.handoff(args), |run, (name, _)| run.without(name));
    kept.iter().fold(bare, |run, (name, value)| run.env(name, value))
}

/// Everything below a folder, by name.
fn found(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let inner = all.iter().filter(|path| path.is_dir() && !path.is_symlink()).flat_map(|path| found(path));
    let inner: Vec<PathBuf> = inner.collect();
    all.extend(inner);
    all
}

/// The whole cycle was shown, and nothing of it is left.
fn shown_and_gone(output: Output) {
    let output = output.expect(0);
    let said = format!("{}{}", output.stdout, output.stderr);
    assert!(said.contains("changed after the approval: nothing ran"), "{said}");
    let folder = said.split_once("of their own, in '").unwrap().1.split('\'').next().unwrap();
    assert!(!Path::new(folder).exists(), "{folder} is left");
}

/// It ends with this, in words for a person that name this cure.
fn refused(output: Output, code: i32, cure: &str) {
    let output = output.expect(code);
    assert!(output.stderr.starts_with("handoff: "), "{}", output.stderr);
    assert!(output.stderr.contains(cure) && !output.stderr.contains("panicked"), "{}", output.stderr);
}

#[test]
fn the_demo_needs_nothing_of_the_environment() {
    let world = World::new();
    shown_and_gone(with_only(&world, &["demo"], &[]).run());
    assert!(found(&world.home()).is_empty());
}

#[test]
fn the_demo_needs_no_home_and_writes_into_none() {
    let world = World::new();
    shown_and_gone(world.handoff(&["demo"]).without("HOME").run());
    let nowhere = world.root().join("nowhere/home");
    shown_and_gone(world.handoff(&["demo"]).env("HOME", &nowhere).env("LC_ALL", "C").run());
    assert!(!world.root().join("nowhere").exists());
    assert!(found(&world.home()).is_empty() && found(&world.root().join("tmp")).is_empty());
}

#[test]
fn the_demo_fits_a_small_terminal() {
    let world = World::new();
    let mut terminal = world.terminal(&["demo"], 16, 60);
    terminal.expect("For your own account: handoff init");
    assert_eq!(terminal.finish(), 0);
    assert!(found(&world.root().join("tmp")).is_empty());
}

#[test]
fn where_the_demo_has_no_place_it_says_what_to_set_and_makes_none() {
    let world = World::new();
    let nowhere = world.root().join("nowhere");
    let cure = "set TMPDIR to a private folder on a local disk";
    refused(world.handoff(&["demo"]).env("TMPDIR", nowhere.join("tmp")).run(), 125, cure);
    assert!(!nowhere.exists(), "TMPDIR was made, and left");
    refused(world.handoff(&["demo"]).env("TMPDIR", "/proc/self").run(), 125, cure);
    let file = world.write("file", "");
    refused(world.handoff(&["demo"]).env("TMPDIR", file).run(), 125, cure);
    shown_and_gone(world.handoff(&["demo"]).env("TMPDIR", "").run());
}

#[test]
fn the_demo_without_its_tools_says_which_is_missing_and_leaves_nothing() {
    let world = World::new();
    let output = world.handoff(&["demo"]).env("PATH", world.root().join("nowhere")).run();
    let said = output.expect(125).stderr;
    assert!(said.contains("'rm' was not found") && said.contains("its last words above"), "{said}");
    assert!(found(&world.root().join("tmp")).is_empty());
}

#[test]
fn init_without_a_terminal_says_what_to_give_and_makes_nothing_at_all() {
    let world = World::new();
    refused(world.handoff(&["init"]).run(), 2, "--key FILE");
    refused(with_only(&world, &["init"], &[("HOME", &world.home())]).run(), 2, "--agent");
    assert!(found(&world.home()).is_empty(), "{:?}", found(&world.home()));
}

#[test]
fn init_goes_where_the_three_folders_say_when_there_is_no_home() {
    let world = World::new();
    let ana = world.reviewer(FIRST_REVIEWER);
    let args = ["init", "--key", ana.key.to_str().unwrap(), "--as", FIRST_REVIEWER, "--name", QUEUE];
    world.handoff(&args).without("HOME").run().expect(0);
    world.handoff(&["propose", "--", "touch", "x"]).without("HOME").run().expect(0);
    assert!(world.data().join("queue.db").exists() && world.config().join("policy.toml").exists());
}

#[test]
fn init_makes_a_home_that_does_not_exist() {
    let world = World::new();
    let ana = world.reviewer(FIRST_REVIEWER);
    let home = world.root().join("not/yet");
    let args = ["init", "--key", ana.key.to_str().unwrap()];
    let places = [("HOME", home.as_path()), ("PATH", Path::new("/usr/bin:/bin"))];
    with_only(&world, &args, &places).run().expect(0);
    with_only(&world, &["propose", "--", "touch", "x"], &places).run().expect(0);
    assert!(home.join(".local/share/handoff/queue.db").exists() && found(&world.work()).is_empty());
}

#[test]
fn a_home_that_is_another_from_each_folder_is_refused() {
    let world = World::new();
    let home = [("HOME", Path::new("here"))];
    for args in [&["init", "--key", "k"][..], &["propose", "--", "true"], &["run", "--", "true"]] {
        refused(with_only(&world, args, &home).run(), 125, "set HOME to the whole path");
    }
    assert!(found(&world.work()).is_empty());
}

#[test]
fn init_in_a_home_that_cannot_be_written_says_what_to_set() {
    let world = World::new();
    let ana = world.reviewer(FIRST_REVIEWER);
    let key = ana.key.to_str().unwrap();
    // Not even root makes a folder there.
    let output = with_only(&world, &["init", "--key", key], &[("HOME", Path::new("/proc/self"))]).run();
    refused(output, 125, "set HOME to a folder of yours that can be written");
    let home = world.home();
    fs::set_permissions(&home, fs::Permissions::from_mode(0o555)).unwrap();
    if rustix::process::geteuid().is_root() {
        return skipped("a home that is read-only by its mode: root writes there all the same");
    }
    let output = with_only(&world, &["init", "--key", key], &[("HOME", &home)]).run();
    assert!(output.stderr.contains("XDG_STATE_HOME"), "{}", output.stderr);
    refused(output, 125, "set HOME to a folder of yours that can be written");
    assert!(found(&home).is_empty());
    // What it says helps.
    let elsewhere = world.root().join("tmp");
    with_only(&world, &["init", "--key", key], &[("HOME", &elsewhere)]).run().expect(0);
}

#[test]
fn init_on_a_home_mounted_read_only_says_what_to_set() {
    let world = World::new();
    let ana = world.reviewer(FIRST_REVIEWER);
    let may = world.command("unshare", &["-m", "mount", "-t", "tmpfs", "none", "/mnt"]).run();
    if may.code != 0 {
        return skipped(&format!("a home on a read-only disk: {}", may.stderr));
    }
    let lines = "mount -t tmpfs -o ro,mode=755 none \"$HOME\" && exec \"$0\" init --key \"$1\"";
    let args = ["-m", "sh", "-c", lines, program().to_str().unwrap(), ana.key.to_str().unwrap()];
    refused(world.command("unshare", &args).run(), 125, "XDG_CONFIG_HOME, XDG_DATA_HOME and XDG_STATE_HOME");
    assert!(found(&world.home()).is_empty());
}

/// A copy of the program where everybody can start it, run as somebody else with an environment of two.
struct Other {
    world: World,
    program: PathBuf,
}

impl Other {
    /// `None` where nobody can become somebody else.
    fn new() -> Option<Self> {
        let world = World::new();
        let open = fs::Permissions::from_mode(0o755);
        fs::set_permissions(world.root(), open.clone()).unwrap();
        let copy = world.root().join("handoff");
        fs::copy(program(), &copy).unwrap();
        let other = Self { world, program: copy };
        let may = other.run(NOBODY, &["--version"], Path::new("/"));
        if may.code == 0 {
            return Some(other);
        }
        skipped(&format!("another user: {}", may.stderr));
        None
    }

    fn run(&self, uid: &str, args: &[&str], home: &Path) -> Output {
        self.run_within(&[], uid, args, home)
    }

    /// The same, by what sets a limit first.
    fn run_within(&self, limit: &[&str], uid: &str, args: &[&str], home: &Path) -> Output {
        let mut all = vec!["--reuid", uid, "--regid", uid, "--clear-groups"];
        all.extend(limit);
        all.extend(["env", "-i"]);
        let (home, program) = (format!("HOME={}", home.display()), self.program.to_str().unwrap());
        let home = Some(home.as_str()).filter(|home| *home != "HOME=");
        all.extend(home.into_iter().chain(["PATH=/usr/bin:/bin", program]));
        all.extend(args);
        self.world.command("setpriv", &all).run()
    }
}

#[test]
fn the_demo_works_as_any_user() {
    let Some(other) = Other::new() else { return };
    shown_and_gone(other.run(NOBODY, &["demo"], Path::new("/nonexistent")));
    shown_and_gone(other.run(STRANGER, &["demo"], Path::new("")));
}

#[test]
fn init_as_a_user_without_a_home_says_what_to_set_and_makes_nothing() {
    let Some(other) = Other::new() else { return };
    let ana = other.world.reviewer(FIRST_REVIEWER);
    let open = fs::Permissions::from_mode(0o755);
    fs::set_permissions(other.world.root().join("keys"), open).unwrap();
    let key = format!("{}.pub", ana.key.display());
    let args = ["init", "--key", &key, "--as", FIRST_REVIEWER];
    let cure = "set HOME to a folder of yours";
    refused(other.run(STRANGER, &args, Path::new("")), 125, cure);
    // Somebody else's, which they cannot write.
    refused(other.run(NOBODY, &args, &other.world.home()), 125, cure);
    refused(other.run(NOBODY, &args, &other.world.home().join("below")), 125, cure);
    assert!(found(&other.world.home()).is_empty());
}

/// The lines of shell that README shows before the log's, as they stand there.
fn lines_of_readme() -> Vec<String> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let blocks = text.split("\n```sh\n").skip(1).map(|rest| rest.split("\n```").next().unwrap());
    let lines = blocks.flat_map(str::lines).filter(|line| line.contains("handoff "));
    lines.filter(|line| !line.starts_with("sh install")).map(str::to_owned).collect()
}

#[test]
fn every_line_of_readme_in_an_account_that_was_not_set_up_names_the_next_step() {
    let world = World::new();
    let folder = program().parent().unwrap().display();
    let path = format!("{folder}:/usr/bin:/bin");
    let lines = lines_of_readme();
    assert!(lines.len() > 12, "{lines:#?}");
    for line in &lines {
        // What is bound to a file speaks of the file first.
        let output = world.command("sh", &["-c", line]).env("PATH", &path).env("id", "K7QX-M2FD").run();
        let said = &output.stderr;
        assert!([0, 1, 2, 119, 125].contains(&output.code), "{line}: {} {said}", output.code);
        let cured = ["handoff init", "--key FILE", "No such file"].iter().any(|cure| said.contains(cure));
        let judged = output.stdout.contains("handoff init");
        assert!(cured || judged, "{line}: {} {said}{}", output.code, output.stdout);
        assert!(!said.contains("error: ") && !said.contains("panicked"), "{line}: {said}");
    }
    assert!(found(&world.home()).is_empty(), "{:?}", found(&world.home()));
}

#[test]
fn an_account_that_may_start_no_thread_verifies_all_the_same() {
    const ONE_PROCESS: [&str; 2] = ["prlimit", "--nproc=1"];
    let Some(other) = Other::new() else { return };
    let (world, bundle) = (&other.world, other.world.root().join("bundle.tar"));
    world.init();
    world.handoff(&["audit", "export", "-o", bundle.to_str().unwrap()]).run().expect(0);
    fs::set_permissions(&bundle, fs::Permissions::from_mode(0o644)).unwrap();
    let verify = ["audit", "verify", bundle.to_str().unwrap()];
    let output = other.run_within(&ONE_PROCESS, STRANGER, &verify, Path::new("/nonexistent")).expect(3);
    assert!(output.stdout.contains("every signature good"), "{}", output.stdout);
}
