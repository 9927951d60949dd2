//! `install.sh` with small made-up release files; the build from a clone is not run here.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::world::{Output, Run, World};

const RELEASE: &str = "handoff-9.9.9-test.tar.gz";
const PROGRAM: &str = r##"case "$1" in
    --version) echo "handoff 9.9.9" ;;
    man) echo ".TH handoff 1" ;;
    completions) echo "# for $2" ;;
esac"##;
const INSTALLED: [(&str, &str); 4] = [
    ("share/man/man1/handoff.1", ".TH handoff 1\n"),
    ("share/bash-completion/completions/handoff", "# for bash\n"),
    ("share/zsh/site-functions/_handoff", "# for zsh\n"),
    ("share/fish/vendor_completions.d/handoff.fish", "# for fish\n"),
];

/// A release file in a world of its own, and where it would go.
struct Bench {
    world: World,
    release: PathBuf,
    sum: String,
}

impl Bench {
    fn new() -> Self {
        Self::holding(PROGRAM)
    }

    fn holding(program: &str) -> Self {
        let world = World::new();
        let inner = world.work().join("handoff-9.9.9-test");
        fs::create_dir(&inner).unwrap();
        world.script("handoff-9.9.9-test/handoff", program);
        world.command("tar", &["-czf", RELEASE, "handoff-9.9.9-test"]).run().expect(0);
        fs::remove_dir_all(inner).unwrap();
        let release = world.work().join(RELEASE);
        let sum =
            Sha256::digest(fs::read(&release).unwrap()).iter().map(|byte| format!("{byte:02x}")).collect();
        Self { world, release, sum }
    }

    fn prefix(&self) -> PathBuf {
        self.world.home().join(".local")
    }

    fn script(&self, args: &[&str]) -> Run {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("install.sh");
        let args: Vec<&str> = [script.to_str().unwrap()].into_iter().chain(args.iter().copied()).collect();
        self.world.command("sh", &args)
    }

    fn install(&self, sum: &str) -> Output {
        self.script(&["--file", self.release.to_str().unwrap(), "--sha256", sum]).run()
    }

    fn sums(&self, text: &str) -> String {
        self.world.write("SHA256SUMS", text).to_str().unwrap().to_owned()
    }

    /// Nothing was installed, nothing was left behind, and this was said.
    #[track_caller]
    fn refused(&self, output: &Output, said: &str) {
        assert_ne!(output.code, 0, "{}", output.stdout);
        assert!(output.stderr.contains(said), "{}", output.stderr);
        assert!(!self.prefix().exists());
        self.nothing_temporary();
    }

    #[track_caller]
    fn nothing_temporary(&self) {
        let left: Vec<_> = fs::read_dir(self.world.root().join("tmp")).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[test]
fn a_release_whose_checksum_is_given_is_installed_with_its_pages() {
    let bench = Bench::new();
    let output = bench.install(&bench.sum).expect(0);
    assert!(output.stdout.contains("handoff 9.9.9 is installed"), "{}", output.stdout);
    assert!(output.stdout.contains("is not in PATH"), "{}", output.stdout);
    let program = bench.prefix().join("bin/handoff");
    assert_eq!(fs::metadata(&program).unwrap().permissions().mode() & 0o7777, 0o755);
    let run = bench.world.command(program, &["--version"]).run().expect(0);
    assert_eq!(run.line(), "handoff 9.9.9");
    for (path, text) in INSTALLED {
        assert_eq!(fs::read_to_string(bench.prefix().join(path)).unwrap(), text, "{path}");
    }
    bench.nothing_temporary();
}

#[test]
fn the_checksum_may_stand_in_a_file_among_others() {
    let bench = Bench::new();
    let zeros = "0".repeat(64);
    for mark in ["  ", " *"] {
        let upper = bench.sum.to_uppercase();
        let sums = bench.sums(&format!("{zeros}{mark}other.tar.gz\n{upper}{mark}{RELEASE}\n"));
        bench.install(&sums).expect(0);
    }
    let unended = bench.sums(&format!("{}  {RELEASE}", bench.sum));
    bench.install(&unended).expect(0);
}

#[test]
fn a_wrong_checksum_installs_nothing() {
    let bench = Bench::new();
    let zeros = "0".repeat(64);
    bench.refused(&bench.install(&zeros), "checksum does not match");
    let sums = bench.sums(&format!("{zeros}  {RELEASE}\n"));
    bench.refused(&bench.install(&sums), "checksum does not match");
}

#[test]
fn a_changed_release_is_not_installed() {
    let bench = Bench::new();
    let mut bytes = fs::read(&bench.release).unwrap();
    bytes.push(0);
    fs::write(&bench.release, bytes).unwrap();
    bench.refused(&bench.install(&bench.sum), "checksum does not match");
}

#[test]
fn without_a_checksum_nothing_is_installed() {
    let bench = Bench::new();
    let release = bench.release.to_str().unwrap().to_owned();
    bench.refused(&bench.script(&["--file", &release]).run(), "needs --sha256");
    bench.refused(&bench.script(&["--file", &release, "--sha256"]).run(), "needs a checksum");
    bench.refused(&bench.install(""), "needs --sha256");
    bench.refused(&bench.install("no-such-file"), "neither 64 hex digits nor a file");
    bench.refused(&bench.install(&bench.sum[..63]), "neither 64 hex digits nor a file");
    bench.refused(&bench.install(&bench.sums("")), "the file is empty");
}

#[test]
fn a_file_of_checksums_must_name_this_release_once_and_with_a_checksum() {
    let bench = Bench::new();
    let sum = &bench.sum;
    let other = bench.sums(&format!("{sum}  handoff-9.9.8-test.tar.gz\n"));
    bench.refused(&bench.install(&other), "has no line for");
    let bare = bench.sums(&format!("{sum}\n"));
    bench.refused(&bench.install(&bare), "has no line for");
    let twice = bench.sums(&format!("{sum}  {RELEASE}\n{sum}  {RELEASE}\n"));
    bench.refused(&bench.install(&twice), "twice");
    let none = bench.sums(&format!("-  {RELEASE}\n"));
    bench.refused(&bench.install(&none), "no checksum of 64 hex digits");
}

#[test]
fn a_place_with_spaces_in_its_name_is_a_place() {
    let bench = Bench::new();
    let folder = bench.world.work().join("two words");
    fs::create_dir(&folder).unwrap();
    let release = folder.join(RELEASE);
    fs::rename(&bench.release, &release).unwrap();
    let prefix = bench.world.home().join("a place of my own");
    let args = ["--file", release.to_str().unwrap(), "--sha256", &bench.sum];
    bench.script(&args).env("PREFIX", &prefix).run().expect(0);
    assert!(prefix.join("bin/handoff").exists());
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let bench = Bench::new();
    let file = bench.world.write("file", "");
    let args = ["--file", bench.release.to_str().unwrap(), "--sha256", &bench.sum];
    let output = bench.script(&args).env("PREFIX", file.join("below")).run();
    bench.refused(&output, "choose another place, as in PREFIX=");
    let relative = bench.script(&args).env("PREFIX", "here").run();
    bench.refused(&relative, "must be an absolute path");
}

#[test]
fn a_program_that_does_not_run_here_is_not_installed() {
    let bench = Bench::holding("exit 1");
    bench.refused(&bench.install(&bench.sum), "does not run here");
}

#[test]
fn an_older_program_is_replaced_and_not_written_into() {
    let bench = Bench::new();
    bench.install(&bench.sum).expect(0);
    let program = bench.prefix().join("bin/handoff");
    let kept = bench.world.work().join("kept");
    fs::hard_link(&program, &kept).unwrap();
    bench.install(&bench.sum).expect(0);
    use std::os::unix::fs::MetadataExt as _;
    assert_ne!(fs::metadata(&program).unwrap().ino(), fs::metadata(&kept).unwrap().ino());
}

#[test]
fn what_was_installed_can_be_removed_again() {
    let bench = Bench::new();
    bench.install(&bench.sum).expect(0);
    bench.script(&["--uninstall"]).run().expect(0);
    assert!(!bench.prefix().join("bin/handoff").exists());
    for (path, _) in INSTALLED {
        assert!(!bench.prefix().join(path).exists(), "{path}");
    }
    let again = bench.script(&["--uninstall"]).run().expect(0);
    assert!(again.stdout.contains("nothing of handoff"), "{}", again.stdout);
}
