//! One sweep a command.

use std::path::Path;

use super::calls::{points_of, sample};
use super::is_full;
use super::scenes::{Scene, Seen, WORD, sound_program};
use crate::world::{FIRST_REVIEWER, QUEUE};

/// Points of a sample.
const SAMPLE: usize = 9;
/// Points that show that a program is broken.
const ENOUGH: usize = 24;

/// How strace(1) ends when the program was killed: in the same way.
const KILLED: i32 = 137;

/// Kills the command of a scene at its points, some of which lie before and some after the moment from which on
/// it is done; what was wrong.
pub fn swept(scene: &mut Scene, program: &Path, broken: &str) -> Vec<String> {
    scene.keep();
    let trace = scene.world.root().join("trace");
    let undisturbed = scene.traced(program, broken, &trace, &["-f".to_owned()]);
    let points = points_of(&std::fs::read_to_string(trace).unwrap()).unwrap();
    let wrong = scene.wrong_after(&undisturbed);
    assert!(wrong.is_empty(), "undisturbed: {wrong:?}");
    scene.note_what_is_tidy();
    let points = match (is_full(), broken.is_empty()) {
        (true, true) => points,
        (true, false) => sample(points, ENOUGH),
        (false, _) => sample(points, SAMPLE),
    };
    let (mut found, mut missed, mut done) = (Vec::new(), 0, 0);
    for point in &points {
        scene.put_back();
        let output = scene.disturbed(program, broken, &point.inject("signal=SIGKILL", false));
        missed += usize::from(output.code != KILLED);
        done += usize::from(scene.is_done());
        let wrong = scene.wrong_after(&output);
        found.extend(wrong.into_iter().map(|wrong| format!("{point} ({}): {wrong}", output.code)));
    }
    let (all, wrong) = (points.len(), found.len());
    super::tell(&format!("{:?}: {all} points, {done} of them after it was done, {wrong} wrong", scene.args));
    // A sweep that kills nobody, or always on one side of the moment it is about, would find nothing wrong.
    // How often it waits or looks is not the same in each run.
    assert!(missed * 4 <= all, "{missed} of {all} were not killed");
    assert!(0 < done && done < all, "{done} of {all} were killed after it was done");
    found
}

pub fn propose() -> Option<Scene> {
    let mut scene = Scene::new()?.command(&["propose", "--", "./count", WORD]);
    (scene.done, scene.made) = ("proposed", Scene::has_filed);
    Some(scene)
}

pub fn approve() -> Option<Scene> {
    decision(&[], "approved", |then| if then.has("approved") { &[1] } else { &[0] })
}

pub fn reject() -> Option<Scene> {
    let flags = ["--reject", "--reason", "no"];
    decision(&flags, "rejected", |then| if then.has("rejected") { &[1] } else { &[0] })
}

fn decision(flags: &[&str], done: &'static str, again: fn(&Seen) -> &'static [i32]) -> Option<Scene> {
    let scene = Scene::new()?.filed(&[]);
    let file = scene.signed(flags);
    let mut scene = scene.command(&["decide", "--import", file.to_str().unwrap()]);
    (scene.done, scene.phrase, scene.again) = (done, done, again);
    Some(scene)
}

pub fn exec() -> Option<Scene> {
    let scene = Scene::new()?;
    scene.world.write("notes", "bound\n");
    // With a private copy, which is not to stay.
    let args = ["propose", "--bind", "notes=notes", "--", "./count", WORD, "{bind:notes}"];
    let id = scene.world.handoff(&args).run().expect(0).line().to_owned();
    scene.world.approve(&id, &scene.ana).expect(0);
    let mut scene = scene.command(&["exec", &id]);
    scene.ticket = Some(id);
    scene.done = "finished";
    scene.again = |then| if then.has("claimed") { &[118] } else { &[0] };
    Some(scene)
}

pub fn cancel() -> Option<Scene> {
    let scene = Scene::new()?.filed(&[]);
    let id = scene.id().to_owned();
    let mut scene = scene.command(&["cancel", &id]);
    (scene.done, scene.phrase) = ("cancelled", "cancelled");
    scene.again = |then| if then.has("cancelled") { &[1] } else { &[0] };
    Some(scene)
}

/// Whoever looks first records that the time is over.
pub fn expire() -> Option<Scene> {
    let mut scene = Scene::new()?.filed(&["--deadline", "3s"]);
    // Kept while there is time, since whoever lists the tickets looks too.
    scene.keep();
    std::thread::sleep(std::time::Duration::from_millis(3100));
    let id = scene.id().to_owned();
    let mut scene = scene.command(&["exec", &id]);
    (scene.done, scene.ends, scene.phrase) = ("expired", 124, "expired without");
    scene.again = |_| &[124];
    // Whoever asks for the events records it.
    scene.made = Scene::has_written;
    Some(scene)
}

/// Joins a ticket that is approved and unused, and executes it.
pub fn run() -> Option<Scene> {
    let mut scene = Scene::new()?.approved().command(&["run", "--", "./count", WORD]);
    scene.done = "finished";
    // A new ticket is filed where the right is used, and nobody answers that one.
    scene.command_again(&["exec"]);
    scene.again = |then| if then.has("claimed") { &[118] } else { &[0] };
    Some(scene)
}

/// Joins a ticket that is pending, waits, and executes it once the answer is there.
pub fn wait() -> Option<Scene> {
    let scene = Scene::new()?.filed(&[]);
    let answer = scene.signed(&[]);
    let mut scene = scene.command(&["run", "--", "./count", WORD]);
    scene.answer = Some(answer);
    scene.done = "finished";
    scene.command_again(&["exec"]);
    scene.again = |then| if then.has("claimed") { &[118] } else { &[0] };
    Some(scene)
}

/// The policy allows it: filed and claimed at once.
pub fn allowed() -> Option<Scene> {
    let mut scene = Scene::new()?.command(&["run", "--", "echo", WORD]);
    (scene.says, scene.made) = (true, Scene::has_filed);
    Some(scene)
}

pub fn backup() -> Option<Scene> {
    let mut scene = Scene::new()?.approved().command(&["backup", "../tmp/b.db"]);
    scene.done = "approved";
    // A file that is there is never written over.
    scene.again = |_| &[0, 125];
    (scene.sound_backup, scene.phrase) = (true, "holds all of");
    scene.made = |scene| scene.backup().exists();
    Some(scene)
}

/// What was approved in the backup is cancelled in its new life, and ran never.
pub fn restore() -> Option<Scene> {
    let scene = Scene::new()?.approved().command(&["restore", "../tmp/b.db"]);
    scene.world.handoff(&["backup", "../tmp/b.db"]).run().expect(0);
    let mut scene = scene;
    scene.done = "cancelled";
    Some(scene)
}

pub fn init() -> Option<Scene> {
    let scene = Scene::bare()?;
    let ana = scene.world.reviewer(FIRST_REVIEWER);
    let args = ["init", "--key", ana.key.to_str().unwrap(), "--as", FIRST_REVIEWER, "--name", QUEUE];
    let args = args.map(str::to_owned);
    let mut scene = scene.command(&args.each_ref().map(String::as_str));
    scene.ana = ana;
    scene.made = |scene| scene.world.data().join("queue.db").exists();
    Some(scene)
}

pub fn trust() -> Option<Scene> {
    let scene = Scene::new()?;
    let bob = scene.world.reviewer("bob@test");
    let file = format!("{}.pub", bob.key.display());
    let mut scene = scene.command(&["key", "trust", "bob@test", &file]);
    scene.again = |_| &[0, 1, 125];
    scene.made = Scene::has_other_reviewers;
    Some(scene)
}

pub fn revoke() -> Option<Scene> {
    let scene = Scene::new()?;
    let bob = scene.world.reviewer("bob@test");
    let file = format!("{}.pub", bob.key.display());
    scene.world.handoff(&["key", "trust", "bob@test", &file]).run().expect(0);
    let print = scene.world.command("ssh-keygen", &["-l", "-f", &file]).run().expect(0);
    let print = print.stdout.split(' ').nth(1).unwrap().to_owned();
    let mut scene = scene.command(&["key", "revoke", &print]);
    scene.again = |_| &[0, 1, 125];
    scene.made = Scene::has_other_reviewers;
    Some(scene)
}

/// Removes what was handed in with a ticket that is over.
pub fn prune() -> Option<Scene> {
    let scene = Scene::new()?;
    scene.world.write("plan", "what is going to be");
    let scene = scene.filed(&["--attach", "plan"]);
    scene.world.handoff(&["cancel", scene.id()]).run().expect(0);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let mut scene = scene.command(&["audit", "prune-blobs", "--older-than", "1s"]);
    scene.done = "pruned";
    Some(scene)
}

/// Closes what an executor that was killed left unknown.
pub fn reconcile() -> Option<Scene> {
    let mut scene = Scene::new()?.approved();
    let id = scene.id().to_owned();
    scene.args = ["exec", &id].map(str::to_owned).to_vec();
    let kill = ["-e", "trace=wait4", "-e", "inject=wait4:signal=SIGKILL:when=1"].map(str::to_owned);
    scene.disturbed(sound_program(), "", &kill).expect(137);
    let mut scene = scene.command(&["reconcile", &id, "--finding", "it ran"]);
    (scene.done, scene.phrase) = ("reconciled", "found: ");
    scene.again = |then| if then.has("reconciled") { &[1] } else { &[0] };
    Some(scene)
}

macro_rules! sweeps {
    ($($name:ident: $scene:ident,)*) => {$(
        #[test]
        fn $name() {
            let Some(mut scene) = $scene() else { return };
            let found = swept(&mut scene, sound_program(), "");
            assert!(found.is_empty(), "{}", found.join("\n"));
        }
    )*};
}

sweeps! {
    a_proposal_killed_anywhere_is_there_if_it_was_told_and_asked_again_harmlessly: propose,
    an_approval_killed_anywhere_counts_once: approve,
    a_rejection_killed_anywhere_counts_once: reject,
    an_execution_killed_anywhere_runs_at_most_once_and_never_unclaimed: exec,
    a_run_killed_anywhere_runs_at_most_once_and_never_unclaimed: run,
    a_waiting_run_killed_anywhere_runs_at_most_once_and_never_unclaimed: wait,
    an_allowed_run_killed_anywhere_runs_at_most_once: allowed,
    an_expiry_killed_anywhere_stays_a_no: expire,
    a_cancellation_killed_anywhere_is_there_if_it_was_told: cancel,
    a_backup_killed_anywhere_is_sound_if_it_was_told: backup,
    a_restore_killed_anywhere_is_the_old_queue_or_the_new_life_of_it: restore,
    an_init_killed_anywhere_goes_on_where_it_was: init,
    a_key_trusted_and_killed_anywhere: trust,
    a_key_revoked_and_killed_anywhere: revoke,
    a_finding_killed_anywhere_counts_once: reconcile,
    a_pruning_killed_anywhere_is_finished_by_the_next: prune,
}
