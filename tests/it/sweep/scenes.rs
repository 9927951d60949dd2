//! A command about to be given in a world that can be put back as it was, and what may never be seen after it
//! was disturbed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::world::{Output, Reviewer, Waiting, World, program, skipped};

/// What the command that is executed appends to `runs`, once a run.
pub const WORD: &str = "effect";

/// What is known of one ticket.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// How often the command had its effect.
    pub effects: usize,
    /// The kinds of the ticket's events, in order.
    pub kinds: Vec<String>,
}

impl Seen {
    pub fn has(&self, kind: &str) -> bool {
        self.kinds.iter().any(|known| known == kind)
    }

    pub fn count(&self, kind: &str) -> usize {
        self.kinds.iter().filter(|known| *known == kind).count()
    }

    /// Everything that must never be, whatever was done to the ticket and whenever it was broken off.
    pub fn faults(&self) -> Vec<&'static str> {
        let ends = ["rejected", "expired", "cancelled"].iter().filter(|end| self.has(end)).count();
        let faults = [
            (self.effects > 1, "it ran twice"),
            (self.effects > 0 && !self.has("claimed"), "it ran without a claim"),
            (self.effects > 0 && !self.has("approved"), "it ran without its decision"),
            (self.count("claimed") > 1, "it was claimed twice"),
            (self.count("approved") > 1, "it was approved twice"),
            (self.has("finished") && self.effects == 0, "it is recorded as finished and never ran"),
            (self.has("not_started") && self.effects > 0, "it is recorded as not started and ran"),
            (ends > 1, "it ended twice"),
            (ends > 0 && self.effects > 0, "it ran and was closed as if it had not"),
        ];
        faults.into_iter().filter(|(is, _)| *is).map(|(_, fault)| fault).collect()
    }
}

/// An approval that lapses while a full sweep is at its later points would come to another end than the one asked for.
const FOR_THE_WHOLE_SWEEP: &str = "\n[defaults]\ndeadline = \"12h\"\nvalidity = \"12h\"\n";

/// A command, what it is done to, and what follows when it says that it is done.
pub struct Scene {
    pub world: World,
    pub ana: Reviewer,
    /// The command line that is disturbed.
    pub args: Vec<String>,
    /// The ticket it is about, if there is one before.
    pub ticket: Option<String>,
    /// The event that is there once it says that it is done.
    pub done: &'static str,
    /// What it ends with when it is done.
    pub ends: i32,
    /// What it says on standard error once it is done.
    pub phrase: &'static str,
    /// Its word is on standard output once for each time it ran.
    pub says: bool,
    /// Whether it is done now, where no event of the ticket says so.
    pub made: fn(&Self) -> bool,
    /// It makes a backup, which is sound if it says so.
    pub sound_backup: bool,
    /// What is done over afterwards, where that is another command than the one disturbed.
    again_args: Option<Vec<String>>,
    /// What the same command may end with when it is given again.
    pub again: fn(&Seen) -> &'static [i32],
    /// Signed beforehand, and handed in while the command waits.
    pub answer: Option<PathBuf>,
    tickets: BTreeSet<String>,
    strays: BTreeSet<String>,
}

impl Scene {
    /// A set-up account; `None` where nothing can be traced.
    pub fn new() -> Option<Self> {
        let mut scene = Self::bare()?;
        scene.ana = scene.world.init();
        let policy = scene.world.config().join("policy.toml");
        let text = fs::read_to_string(&policy).unwrap();
        fs::write(&policy, text + FOR_THE_WHOLE_SWEEP).unwrap();
        Some(scene)
    }

    /// An account before `init`.
    pub fn bare() -> Option<Self> {
        let world = World::new();
        let traced = world.command("strace", &["-o", "/dev/null", "true"]).run();
        if traced.code != 0 {
            skipped(&format!("nothing can be traced here: {}", traced.stderr));
            return None;
        }
        world.script("count", "echo \"$1\" >> runs");
        let ana = Reviewer { name: String::new(), key: PathBuf::new() };
        let (tickets, strays) = (BTreeSet::new(), BTreeSet::new());
        let again: fn(&Seen) -> &'static [i32] = |_| &[0];
        Some(Self {
            world,
            ana,
            args: Vec::new(),
            ticket: None,
            done: "",
            ends: 0,
            phrase: "",
            says: false,
            made: |scene| scene.seen(scene.id()).has(scene.done),
            sound_backup: false,
            again_args: None,
            again,
            answer: None,
            tickets,
            strays,
        })
    }

    /// The command that is disturbed.
    pub fn command(mut self, args: &[&str]) -> Self {
        self.args = args.iter().map(|arg| (*arg).to_owned()).collect();
        self
    }

    /// What is done over afterwards instead: this, with the ticket's id.
    pub fn command_again(&mut self, args: &[&str]) {
        let args = args.iter().copied().chain([self.id()]);
        self.again_args = Some(args.map(str::to_owned).collect());
    }

    pub fn propose(&self, flags: &[&str], word: &str) -> String {
        let args = [&["propose"], flags, &["--", "./count", word]].concat();
        self.world.handoff(&args).run().expect(0).line().to_owned()
    }

    /// Files the ticket of this scene.
    pub fn filed(mut self, flags: &[&str]) -> Self {
        self.ticket = Some(self.propose(flags, WORD));
        self
    }

    /// And approves it.
    pub fn approved(self) -> Self {
        let scene = self.filed(&[]);
        scene.world.approve(scene.id(), &scene.ana).expect(0);
        scene
    }

    pub fn id(&self) -> &str {
        self.ticket.as_deref().unwrap()
    }

    /// A signed decision on the ticket, not handed in yet.
    pub fn signed(&self, flags: &[&str]) -> PathBuf {
        let args = [&["decide", "--prepare", self.id(), "--as", &self.ana.name], flags].concat();
        let statement = self.world.handoff(&args).run().expect(0);
        self.world.sign(&self.ana, &statement.bytes)
    }

    /// From here on [`Scene::put_back`] comes back to how it is now.
    pub fn keep(&mut self) {
        if self.world.root().join("kept").exists() {
            return self.put_back();
        }
        self.tickets = self.listed();
        let line = "mkdir kept && cp -a home tmp run work kept/";
        self.world.command("sh", &["-c", line]).cwd(self.world.root()).run().expect(0);
    }

    /// Whether what the command is for is done, told or not.
    pub fn is_done(&self) -> bool {
        (self.made)(self)
    }

    /// A ticket is there that was not there before.
    pub fn has_filed(&self) -> bool {
        !self.listed().is_subset(&self.tickets)
    }

    /// The reviewers are others than they were.
    pub fn has_other_reviewers(&self) -> bool {
        self.has_changed(&self.world.config().join("reviewers"))
    }

    /// The database is another than it was, or its log has begun.
    pub fn has_written(&self) -> bool {
        let log = fs::metadata(self.world.data().join("queue.db-wal"));
        log.is_ok_and(|log| log.len() > 0) || self.has_changed(&self.world.data().join("queue.db"))
    }

    fn has_changed(&self, file: &Path) -> bool {
        let kept = self.world.root().join("kept").join(file.strip_prefix(self.world.root()).unwrap());
        fs::read(file).unwrap() != fs::read(kept).unwrap()
    }

    /// Where the backup of a scene goes.
    pub fn backup(&self) -> PathBuf {
        self.world.root().join("tmp/b.db")
    }

    /// Everything as it was when it was kept.
    pub fn put_back(&self) {
        // The folder itself stays: it is where programs are started.
        let line = "rm -rf home tmp run work/* && cp -a kept/home kept/tmp kept/run kept/work .";
        self.world.command("sh", &["-c", line]).cwd(self.world.root()).run().expect(0);
    }

    /// What is left by the undisturbed command, done over as a disturbed one would be, counts as tidy.
    pub fn note_what_is_tidy(&mut self) {
        self.strays = self.files();
    }

    fn listed(&self) -> BTreeSet<String> {
        let list = self.world.handoff(&["list", "--all", "--json"]).run();
        let id = |line: &str| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["code"].as_str().unwrap().to_owned()
        };
        list.stdout.lines().map(id).collect()
    }

    /// Every file of the account, with random names as `*`.
    pub fn files(&self) -> BTreeSet<String> {
        let found =
            self.world.command("find", &["home", "tmp", "run", "-print"]).cwd(self.world.root()).run();
        let random = |part: &str| part.len() >= 20 && part.bytes().all(|b| b.is_ascii_alphanumeric());
        let named = |line: &str| {
            let parts = line.split_inclusive(['/', '.', '-']);
            parts
                .map(|part| if random(part.trim_end_matches(['/', '.', '-'])) { "*" } else { part })
                .collect()
        };
        found.expect(0).stdout.lines().map(named).collect()
    }

    /// What is there of one ticket; nothing if it is not there.
    pub fn seen(&self, id: &str) -> Seen {
        let runs = fs::read_to_string(self.world.work().join("runs")).unwrap_or_default();
        let effects = runs.lines().filter(|line| *line == WORD).count();
        let shown = self.world.handoff(&["show", id, "--json"]).run();
        if shown.code != 0 {
            return Seen { effects, kinds: Vec::new() };
        }
        let shown = shown.json();
        let kind = |event: &serde_json::Value| event["kind"].as_str().unwrap().to_owned();
        Seen { effects, kinds: shown["events"].as_array().unwrap().iter().map(kind).collect() }
    }

    /// Another process that has the queue open, so that the log is not cleared away by whoever ends.
    pub fn another(&self) -> Waiting {
        let mut watching = self.world.handoff(&["watch"]).spawn();
        let folder = format!("/proc/{}/fd", watching.pid());
        let has_it = || {
            let links = fs::read_dir(&folder).into_iter().flatten().flatten();
            links
                .filter_map(|link| fs::read_link(link.path()).ok())
                .any(|path| path.ends_with("queue.db-wal"))
        };
        while !has_it() {
            assert!(watching.runs(), "{}", watching.stderr());
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        watching
    }

    /// The command under strace with these options, answered while it waits if there is an answer to give.
    pub fn disturbed(&self, program: &Path, broken: &str, options: &[String]) -> Output {
        self.traced(program, broken, Path::new("/dev/null"), options)
    }

    /// The same, with a trace kept.
    pub fn traced(&self, program: &Path, broken: &str, trace: &Path, options: &[String]) -> Output {
        let into = ["-o".to_owned(), trace.display().to_string()];
        let mut all: Vec<String> = [&into, options].concat();
        all.push(program.display().to_string());
        all.extend(self.args.iter().cloned());
        let mut started = self.world.command("strace", &all).env("HANDOFF_BROKEN", broken).spawn();
        if let Some(answer) = &self.answer {
            while started.runs() && !started.stderr().contains("review it:") {
                std::thread::sleep(std::time::Duration::from_millis(2));
            }
            self.world.handoff(&["decide", "--import", answer.to_str().unwrap()]).run();
        }
        started.finish()
    }

    /// What it says that is not so, and what it does not say.
    pub fn untrue_in(&self, output: &Output) -> Vec<String> {
        let mut wrong = Vec::new();
        let seen = self.ticket.as_deref().map(|id| self.seen(id)).unwrap_or_default();
        let failed = output.code != self.ends;
        if failed && ![1, 118, 123, 125].contains(&output.code) {
            wrong.push(format!("it ends with {}", output.code));
        }
        if failed && output.stderr.trim().is_empty() {
            wrong.push("it fails and says nothing".to_owned());
        }
        if output.stderr.contains("nothing was recorded") && !self.sound_backup && seen.has(self.done) {
            wrong.push("told as not recorded, and it is".to_owned());
        }
        let ran = seen.effects + output.stdout.lines().filter(|line| self.says && *line == WORD).count();
        if ran > 0 && (output.stderr.contains("nothing ran") || output.code == 125) {
            wrong.push("told as not run, and it did".to_owned());
        }
        wrong
    }

    /// What is wrong after the command ended like this, and after everything is done over.
    pub fn wrong_after(&self, output: &Output) -> Vec<String> {
        let said = !self.phrase.is_empty() && output.stderr.contains(self.phrase);
        let told = output.code == self.ends || said;
        let mut wrong = self.wrong_once(told, &output.stdout);
        if output.stderr.contains("panicked") {
            wrong.push("it panicked".to_owned());
        }
        wrong
    }

    /// The same of a command that wrote this to standard output, and said that it is done or did not.
    pub fn wrong_once(&self, told: bool, stdout: &str) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut claim = |holds: bool, what: &str| {
            if !holds {
                wrong.push(what.to_owned());
            }
        };
        if self.says {
            let said = stdout.lines().filter(|line| *line == WORD).count();
            claim(said <= 1 && (said == 1 || !told), &format!("it ran {said} times"));
        }
        let told_id = stdout.lines().next().filter(|_| self.done == "proposed").map(str::to_owned);
        let id = self.ticket.clone().or(told_id.clone());
        let then = id.as_deref().map(|id| self.seen(id));
        if let Some(then) = &then {
            then.faults().iter().for_each(|fault| claim(false, fault));
            claim(!told || then.has(self.done), "it is told as done and not recorded");
            claim(!then.kinds.is_empty(), "a ticket that was told of is gone");
            claim(!told || self.done != "finished" || then.effects == 1, "it is told as done and never ran");
        }
        claim(self.tickets.is_subset(&self.listed()), "a ticket from before is gone");

        claim(!told || !self.sound_backup || self.backup().exists(), "told as a backup, and there is none");

        self.age();
        let again = self.world.handoff(self.again_args.as_ref().unwrap_or(&self.args)).run();
        let expected = (self.again)(&then.clone().unwrap_or_default());
        claim(expected.contains(&again.code), &format!("again: {} {}", again.code, again.stderr));
        if let Some(told) = told_id {
            claim(again.stdout.trim() == told, "asked again, it is another ticket");
        }
        let id = id.or_else(|| (self.done == "proposed").then(|| again.stdout.trim().to_owned()));
        if let Some(id) = id {
            let now = self.seen(&id);
            now.faults().iter().for_each(|fault| claim(false, &format!("again: {fault}")));
            let claimed = then.is_some_and(|then| then.has("claimed"));
            claim(claimed || now.count(self.done) == 1, &format!("again: it came to {:?}", now.kinds));
        }
        self.is_usable(&mut claim);
        if self.sound_backup {
            let restored = self.world.handoff(&["restore", "../tmp/b.db"]).run();
            let whole = restored.code == 0 && self.tickets.is_subset(&self.listed());
            claim(whole || !told, &format!("told as a backup: {}", restored.stderr));
            claim(whole || restored.code == 125, "half a backup was put back");
            self.is_usable(&mut claim);
        }
        wrong
    }

    // Copies of bound files, and pipes in the making, are kept for a while in case somebody is at it.
    fn age(&self) {
        let aged = "for left in binds/* bells/.new.*; do [ ! -e \"$left\" ] || touch -d '1 hour ago' \"$left\"; done";
        let data = Some(self.world.data()).filter(|data| data.is_dir());
        self.world.command("sh", &["-c", aged]).cwd(data.unwrap_or(self.world.home())).run();
    }

    // The log verifies, the next command works, nothing is in need of a doctor, nothing lies about.
    fn is_usable(&self, claim: &mut dyn FnMut(bool, &str)) {
        let next = self.world.handoff(&["propose", "--", "./count", "next"]).run();
        claim(next.code == 0, &format!("the next proposal: {} {}", next.code, next.stderr));
        let listed = self.listed();
        claim(listed.contains(next.stdout.trim()), "the next proposal is not there");
        claim(self.tickets.is_subset(&listed), "a ticket from before is gone now");
        let reviewers = fs::read_to_string(self.world.config().join("reviewers")).unwrap_or_default();
        claim(reviewers.contains(&self.ana.name), "a reviewer is gone");
        let verified = self.world.handoff(&["audit", "verify"]).run();
        claim([0, 3, 4].contains(&verified.code), &format!("the log: {}", verified.stderr));
        let doctor = self.world.handoff(&["doctor", "--json"]).run();
        let checks = serde_json::from_str::<serde_json::Value>(&doctor.stdout).unwrap_or_default();
        for check in checks["checks"].as_array().unwrap_or(&Vec::new()) {
            let asked = ["settings", "places", "queue", "log", "log key", "memory"];
            let name = check["check"].as_str().unwrap();
            // The memory begins with the first approval at the latest.
            let sound = check["status"] == "ok" || name == "memory" && check["status"] == "warn";
            claim(sound || !asked.contains(&name), &format!("doctor: {check}"));
        }
        claim(checks["checks"].is_array(), &format!("doctor: {} {}", doctor.code, doctor.stderr));
        let files = self.files();
        // Beside the file that a person named lies what SQLite needs to tell that it is not whole.
        let strays: Vec<_> =
            files.difference(&self.strays).filter(|file| !file.starts_with("tmp/b.db-")).collect();
        claim(self.strays.is_empty() || strays.is_empty(), &format!("left behind: {strays:?}"));
    }
}

pub fn sound_program() -> &'static Path {
    program()
}
