//! A home in a temporary folder with a queue, a policy of all packs and one reviewer, and the programs beside it.
//! Set up through the library, so that nothing of the command line is measured by accident.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use handoff::clock::{Clock as _, SystemClock};
use handoff::ids::{Incarnation, Nonce, Origin};
use handoff::log::logkey::LogKey;
use handoff::policy::{Policy, PolicyFile};
use handoff::queue::memory::Memory;
use handoff::queue::{InForce, Queue};
use handoff::signing::{Entry, KeyFile, NewKey, Passphrase, Reviewers, Signer};
use handoff::store::sqlite::SqliteStore;
use handoff::store::{Identity, Store};
use handoff::ticket::decision::Decision;
use rusqlite::Connection;

/// The command every account is allowed, and one that waits for people.
pub const ALLOWED: &str = "true";
pub const REVIEWED: &str = "rm";

const POLICY: &str = r#"version = "bench"
packs = [
  "core", "build", "shell", "remote", "secrets", "system", "git", "terraform", "kubernetes", "databases",
  "migrations", "ci", "packages", "containers", "cloud",
]
[limits]
max_pending = 1000000
"#;
/// Nothing is allowed by it.
const NOTHING: &str = "version = \"bench-nothing\"\n[limits]\nmax_pending = 1000000\n";

/// A home with all that is in it.
pub struct World {
    folder: PathBuf,
    // Deleted with it, unless the folder is kept.
    _temporary: Option<tempfile::TempDir>,
    pub identity: Identity,
    pub policy: Policy,
    pub nothing: Policy,
    pub reviewers: Reviewers,
    pub ana: Signer,
}

impl World {
    /// A fresh one, its queue empty but for its first events.
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("handoff-bench").tempdir().unwrap();
        Self::made(folder.path().to_path_buf(), Some(folder))
    }

    /// One in the folder of this name below the one `HANDOFF_BENCH_WORLDS` names, as it was left there, or filled
    /// first by `fill`; without the variable a fresh one.
    pub fn kept(name: &str, fill: impl FnOnce(&Self)) -> Self {
        let world = match std::env::var_os("HANDOFF_BENCH_WORLDS").map(|worlds| Path::new(&worlds).join(name))
        {
            None => Self::new(),
            Some(folder) if folder.join("filled").exists() => return Self::found(folder),
            Some(folder) => {
                assert!(!folder.exists(), "{} was not filled to its end: delete it", folder.display());
                private(&folder);
                Self::made(folder, None)
            }
        };
        fill(&world);
        fs::write(world.path("filled"), "").unwrap();
        world
    }

    fn found(folder: PathBuf) -> Self {
        let config = folder.join(".config/handoff");
        let mut store = SqliteStore::open(&folder.join(".local/share/handoff/queue.db")).unwrap();
        Self {
            identity: store.read(&mut |read| read.identity()).unwrap(),
            policy: load(POLICY),
            nothing: load(NOTHING),
            reviewers: Reviewers::parse(&fs::read_to_string(config.join("reviewers")).unwrap()).unwrap(),
            ana: KeyFile::read(&config.join("key")).unwrap().open().unwrap(),
            folder,
            _temporary: None,
        }
    }

    fn made(folder: PathBuf, temporary: Option<tempfile::TempDir>) -> Self {
        let origin: Origin = "bench-0000".parse().unwrap();
        let key = NewKey::generate("ana@bench").unwrap();
        let spaces = [Decision::namespace(&origin), format!("reconcile.v1@{origin}")];
        let ana = "ana@bench".parse().unwrap();
        let entry = Entry::new(ana, spaces, key.public_key().clone(), "bench").unwrap();
        let text = format!("{entry}\n");
        let config = folder.join(".config/handoff");
        private(&config);
        write(&config.join("policy.toml"), POLICY);
        write(&config.join("nothing.toml"), NOTHING);
        write(&config.join("reviewers"), &text);
        key.save(&config.join("key"), &Passphrase::NONE).unwrap();
        let log_key = LogKey::generate(origin.clone()).unwrap();
        let identity =
            Identity { origin, incarnation: Incarnation::random(), log_key: log_key.verifier().to_string() };
        let world = Self {
            folder,
            _temporary: temporary,
            identity,
            policy: load(POLICY),
            nothing: load(NOTHING),
            reviewers: Reviewers::parse(&text).unwrap(),
            ana: key.into_signer(),
        };
        let in_force = InForce { policy: &world.policy, reviewers: &world.reviewers };
        private(&world.path(".local/share/handoff"));
        write(&world.path(".local/share/handoff/log.key"), &log_key.to_text());
        let store = SqliteStore::create(&world.db()).unwrap();
        world.queue_over(store).create(&world.identity, in_force).unwrap();
        Connection::open(world.bare_db())
            .unwrap()
            .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE rows (bytes BLOB NOT NULL)")
            .unwrap();
        world
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.folder.join(below)
    }

    pub fn db(&self) -> PathBuf {
        self.path(".local/share/handoff/queue.db")
    }

    pub fn bells(&self) -> PathBuf {
        self.path(".local/share/handoff/bells")
    }

    pub fn bare_db(&self) -> PathBuf {
        self.path("bare.db")
    }

    pub fn queue(&self) -> Queue<SqliteStore> {
        self.queue_over(SqliteStore::open(&self.db()).unwrap())
    }

    pub fn queue_over<S: Store>(&self, store: S) -> Queue<S> {
        let memory = Memory::new(&self.path(".local/state/handoff"), &self.identity.origin);
        Queue::new(store, Box::new(SystemClock::new()), self.bells(), memory)
    }

    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("HOME", &self.folder).env("PATH", "/usr/bin:/bin");
        command.current_dir(&self.folder);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit());
        command
    }

    /// handoff with these words, and after `--` a command that nobody has named before.
    pub fn handoff(&self, words: &[&str], command: &str) -> Command {
        let mut handoff = self.command(handoff());
        let fresh = Nonce::random().to_string();
        handoff.args(words).args(["--", command, &fresh]);
        handoff
    }

    pub fn bare(&self, words: &[&str]) -> Command {
        let mut bare = self.command(&beside("bare"));
        bare.arg(self.bare_db()).args(words);
        bare
    }

    /// A connection to both databases, as a waiting process or a screen holds one.
    pub fn others(&self) -> [Connection; 2] {
        [self.db(), self.bare_db()].map(|path| {
            let other = Connection::open(path).unwrap();
            other.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0)).unwrap();
            other
        })
    }
}

/// The program that is measured.
pub fn handoff() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_handoff"))
}

/// One of the programs it is compared with.
pub fn beside(name: &str) -> PathBuf {
    handoff().with_file_name("examples").join(name)
}

/// Builds those with the same settings as the program.
pub fn build_beside() {
    let target = handoff().parent().and_then(Path::parent).unwrap();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--release", "--quiet", "--example", "bare", "--example", "empty", "--target-dir"]);
    assert!(build.arg(target).current_dir(env!("CARGO_MANIFEST_DIR")).status().unwrap().success());
}

/// Runs it to its end, which must be a good one.
pub fn done(mut command: Command) {
    let status = command.status().unwrap();
    assert!(status.success(), "{command:?}: {status}");
}

/// Milliseconds since 1970, as a ticket's command can tell them too.
pub fn now_nanos() -> u128 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos()
}

pub fn load(text: &str) -> Policy {
    let file = PolicyFile { file: "policy.toml", bytes: text.as_bytes() };
    Policy::load(file, None, &Default::default()).unwrap()
}

fn private(folder: &Path) {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).unwrap();
}

fn write(path: &Path, text: &str) {
    handoff::files::create_private(path, text.as_bytes()).unwrap();
}

/// Now, on both clocks.
pub fn moment() -> handoff::clock::Moment {
    SystemClock::new().now()
}
