//! `demo`: the whole cycle with real processes, real keys and a real command, in a queue that is thrown away.
//! Everything happens in one private folder; the account's own set-up is not touched.

mod stage;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Instant;

use super::args::{DemoArgs, Globals};
use super::error::{CliError, code};
use super::open::shown;
use super::out::Out;
use crate::files;
use crate::gate::signals::Signals;
use crate::signing::KeyFile;
use crate::ticket::decision::Decision;
use stage::{Stage, args, typed};

/// Who reviews.
const REVIEWER: &str = "demo@example";
/// Lines of the card that are shown; all of it is kept in the folder.
const CARD: usize = 12;

/// `handoff demo`: 0 when every step came out as it should, 1 otherwise.
///
/// # Errors
/// When a step cannot be taken at all.
pub fn demo(globals: &Globals, options: &DemoArgs) -> Result<u8, CliError> {
    let begun = Instant::now();
    let out = Out::new(globals);
    let signals = Signals::install().map_err(CliError::failed)?;
    let stage = Stage::set(out, options.keep)?;
    let mut demo = Demo { stage, out, signals, queue: String::new(), steps: Vec::new() };
    demo.set_up()?;
    demo.approved()?;
    demo.rejected()?;
    demo.allowed()?;
    demo.swapped()?;
    demo.verified()?;
    out.words("");
    let held = demo.tell();
    demo.farewell(options.keep);
    out.words(&format!(
        "That took {:.1} s. For your own account: handoff init",
        begun.elapsed().as_secs_f32()
    ));
    Ok(if held { 0 } else { code::NO })
}

struct Step {
    what: &'static str,
    wanted: i32,
    found: i32,
}

struct Demo {
    stage: Stage,
    out: Out,
    signals: Signals,
    queue: String,
    steps: Vec<Step>,
}

/// What a reviewer does.
enum Answer {
    Approve,
    Reject,
}

impl Demo {
    fn title(&self, text: &str) {
        self.out.words("");
        self.out.words(text);
    }

    fn step(&mut self, what: &'static str, wanted: i32, found: i32) {
        self.stage.says("", " ", &format!("exit code {found}"));
        self.steps.push(Step { what, wanted, found });
    }

    fn set_up(&mut self) -> Result<(), CliError> {
        let name = self.stage.folder().file_name().and_then(|name| name.to_str()).unwrap_or("demo");
        self.queue = name.trim_start_matches("handoff-").to_owned();
        self.out
            .words(&format!("A queue, a policy and a key of their own, in {}", shown(self.stage.folder())));
        let mut init = args(&["init", "--as", REVIEWER, "--name", &self.queue, "--key"]);
        init.push(self.stage.key().into());
        self.done(&init).map(drop)
    }

    /// Runs a step that everything rests on.
    fn done(&self, args: &[OsString]) -> Result<Output, CliError> {
        let output = self.stage.handoff(args)?;
        if output.status.success() {
            return Ok(output);
        }
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(CliError::failed(format!("{} failed ({})", typed("handoff", args), output.status)).hint(said))
    }

    fn files(&self, name: &str) -> Result<PathBuf, CliError> {
        let folder = self.stage.work().join(name);
        files::private_folder(&folder).map_err(CliError::failed)?;
        for file in ["one.o", "two.o", "three.o"] {
            files::create_private(&folder.join(file), b"made for the demo\n").map_err(CliError::failed)?;
        }
        Ok(folder)
    }

    fn approved(&mut self) -> Result<(), CliError> {
        self.title("1. A dangerous command waits until a person has signed exactly it, then runs once");
        let folder = self.files("archive")?;
        let run = args(&["run", "--reason", "make room", "--", "rm", "-r", "archive"]);
        let mut requester = self.stage.requester(&run)?;
        let ticket = requester.ticket(&mut self.signals)?;
        self.decide(&ticket, &Answer::Approve, true)?;
        let found = requester.finish(&mut self.signals)?;
        let gone = if folder.exists() { "build is still there" } else { "build is gone" };
        self.stage.says("", " ", gone);
        self.step("approved: checked again, ran once", 0, found);
        Ok(())
    }

    fn rejected(&mut self) -> Result<(), CliError> {
        self.title("2. A refusal says why, and what to do instead");
        let folder = self.files("backups")?;
        let mut requester = self.stage.requester(&args(&["run", "--", "rm", "-r", "backups"]))?;
        let ticket = requester.ticket(&mut self.signals)?;
        self.decide(&ticket, &Answer::Reject, false)?;
        let found = requester.finish(&mut self.signals)?;
        let there = if folder.exists() { "backups is still there" } else { "backups is gone" };
        self.stage.says("", " ", there);
        self.step("rejected: nothing ran", i32::from(code::REJECTED), found);
        Ok(())
    }

    fn allowed(&mut self) -> Result<(), CliError> {
        self.title("3. What the policy allows runs at once, and is recorded all the same");
        let requester = self.stage.requester(&args(&["run", "--", "ls", "backups"]))?;
        let found = requester.finish(&mut self.signals)?;
        self.step("allowed by policy: nobody was asked", 0, found);
        Ok(())
    }

    fn swapped(&mut self) -> Result<(), CliError> {
        self.title("4. An approved script that is changed afterwards does not run");
        let script = self.stage.work().join("deploy.sh");
        files::create_private(&script, b"echo deployed\n").map_err(CliError::failed)?;
        let propose = args(&["propose", "--reason", "release 41", "--", "sh", "deploy.sh"]);
        let mut requester = self.stage.requester(&propose)?;
        let ticket = requester.filed(&mut self.signals)?;
        requester.finish(&mut self.signals)?;
        self.decide(&ticket, &Answer::Approve, false)?;
        self.stage.says("attacker", "$", "echo 'rm -rf ~' >> deploy.sh");
        files::replace_private(&script, b"echo deployed\nrm -rf ~\n").map_err(CliError::failed)?;
        let requester = self.stage.requester(&args(&["exec", &ticket]))?;
        let found = requester.finish(&mut self.signals)?;
        self.step("changed after the approval: nothing ran", i32::from(code::STALE), found);
        Ok(())
    }

    fn verified(&mut self) -> Result<(), CliError> {
        self.title("5. Anyone can check all of it");
        let kept = self.stage.desk().join("kept.checkpoint");
        let checkpoint = self.done(&args(&["audit", "checkpoint"]))?;
        files::create_private(&kept, &checkpoint.stdout).map_err(CliError::failed)?;
        let reviewers = "../home/.config/handoff/reviewers";
        let verify = args(&[
            "audit",
            "verify",
            "--reviewers",
            reviewers,
            "--checkpoint",
            "../reviewer/kept.checkpoint",
        ]);
        let requester = self.stage.requester(&verify)?;
        let found = requester.finish(&mut self.signals)?;
        self.step("the whole log verified, with the reviewers and a checkpoint kept apart", 0, found);
        Ok(())
    }

    /// The reviewer's side, in processes of its own: prepare, sign with stock tools, hand in.
    fn decide(&self, ticket: &str, answer: &Answer, show_card: bool) -> Result<(), CliError> {
        let mut prepare = args(&["decide", "--prepare", ticket, "--as", REVIEWER]);
        let (why, instead) = ("those are last month's backups", "rm -r backups/tmp");
        if matches!(answer, Answer::Reject) {
            prepare.extend(args(&["--reject", "--reason", why, "--suggest", instead]));
        }
        self.stage.says("reviewer", "$", &format!("{} > d.json", typed("handoff", &prepare)));
        let prepared = self.done(&prepare)?;
        self.card(ticket, &prepared.stderr, show_card)?;
        let statement = self.stage.desk().join(format!("{ticket}.json"));
        files::create_private(&statement, &prepared.stdout).map_err(CliError::failed)?;
        let signature = self.sign(&statement, &prepared.stdout)?;
        let mut import = args(&["decide", "--import"]);
        import.push(signature.into());
        self.stage.says("reviewer", "$", "handoff decide --import d.json.sig");
        let imported = self.done(&import)?;
        let said = String::from_utf8_lossy(&imported.stderr);
        said.lines().for_each(|line| self.stage.says("reviewer", "|", line));
        Ok(())
    }

    fn card(&self, ticket: &str, card: &[u8], show: bool) -> Result<(), CliError> {
        let file = self.stage.desk().join(format!("{ticket}.card"));
        files::create_private(&file, card).map_err(CliError::failed)?;
        let text = String::from_utf8_lossy(card);
        let shown = if show { CARD } else { 0 };
        text.lines().take(shown).for_each(|line| self.stage.says("reviewer", "|", line));
        let left = text.lines().count().saturating_sub(shown);
        if show && left > 0 {
            self.stage.says("reviewer", "|", &format!("  … {left} more lines of the card"));
        }
        Ok(())
    }

    fn sign(&self, statement: &Path, bytes: &[u8]) -> Result<PathBuf, CliError> {
        let namespace = format!("decision.v1@{}", self.queue);
        let mut stock = args(&["-Y", "sign", "-n", &namespace, "-f"]);
        stock.extend([self.stage.key().into(), statement.as_os_str().to_owned()]);
        self.stage.says("reviewer", "$", &format!("ssh-keygen -Y sign -n {namespace} -f key d.json"));
        let mut signature = statement.as_os_str().to_owned();
        signature.push(".sig");
        let signature = PathBuf::from(signature);
        match self.stage.quietly(Path::new("ssh-keygen"), &stock) {
            Ok(output) if output.status.success() => Ok(signature),
            // Where OpenSSH is not installed, our own signer writes the same format.
            _ => {
                self.stage.says("reviewer", "|", "no ssh-keygen here that can: signed by handoff itself");
                let origin = self.queue.parse().map_err(CliError::failed)?;
                let key =
                    KeyFile::read(&self.stage.key()).and_then(|key| key.open()).map_err(CliError::failed)?;
                let armor = key.sign(&Decision::namespace(&origin), bytes).map_err(CliError::failed)?;
                files::replace_private(&signature, armor.as_bytes()).map_err(CliError::failed)?;
                Ok(signature)
            }
        }
    }

    /// The table of what was done; whether all came out as it should.
    fn tell(&self) -> bool {
        for Step { what, wanted, found } in &self.steps {
            let note = if wanted == found { String::new() } else { format!("   expected {wanted}") };
            self.out.words(&format!("  exit {found:>3}  {what}{note}"));
        }
        self.steps.iter().all(|step| step.wanted == step.found)
    }

    fn farewell(&self, keep: bool) {
        let folder = self.stage.folder();
        if !keep {
            match self.stage.remove() {
                Ok(()) => self.out.words(&format!(
                    "Removed with all its evidence: {}  (handoff demo --keep keeps it)",
                    shown(folder)
                )),
                Err(error) => self.out.words(&format!("Could not remove {}: {error}", shown(folder))),
            }
            return;
        }
        self.out.words(&format!(
            "Kept in {}: home/ holds queue and policy, reviewer/ the signed decisions",
            shown(folder)
        ));
        self.out.words(
            "  look at it:  export XDG_CONFIG_HOME=$PWD/home/.config XDG_DATA_HOME=$PWD/home/.local/share \\",
        );
        self.out.words(
            "               XDG_STATE_HOME=$PWD/home/.local/state; handoff list --all; handoff audit log",
        );
        self.out.words(&format!(
            "  by hand:     cd reviewer; for s in *.json; do ssh-keygen -Y verify -f ../home/.config/handoff/reviewers \\\n               \
             -I {REVIEWER} -n decision.v1@{} -s $s.sig < $s; done",
            self.queue
        ));
    }
}
