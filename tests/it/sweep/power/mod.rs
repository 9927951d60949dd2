//! Power loss at every moment of one writer: from a recording of what it wrote and synced, the states that a disk
//! may be found in are built, opened, and held to what was told until then. A SIGKILL cannot show this, since what
//! was written stays in the machine's memory.
//!
//! By default a sample of the states is tried; `HANDOFF_SWEEP=full` tries many more.

mod disk;
mod record;

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use disk::{Disk, Obeys, Power};
use record::{Step, TRACE, steps};

use super::is_full;
use super::kills;
use super::scenes::{Scene, WORD, sound_program};

/// States of a sample, and of the full run, for one command.
const SAMPLE: usize = 10;
const FULL: usize = 600;
/// Ways of losing power at one moment that are drawn, beside those with one change more or less.
const DRAWN: usize = 6;

/// What was there to be seen outside when the power went.
#[derive(Debug, Clone, Default, Hash)]
struct Outside {
    told: String,
    started: bool,
    ended: bool,
}

/// A recording, and the moments at which the power can go.
struct Recording {
    before: Disk,
    steps: Vec<Step>,
}

impl Recording {
    fn of(scene: &mut Scene, beside_another: bool) -> Self {
        scene.keep();
        let another = beside_another.then(|| scene.another());
        let home = scene.world.home();
        let before = Disk::read(&home);
        let file = scene.world.root().join("trace");
        let options = ["-xx", "-y", "-s", "1048576", "-e", TRACE].map(str::to_owned);
        let output = scene.traced(sound_program(), "", &file, &options);
        assert_eq!(output.code, scene.ends, "{}", output.stderr);
        drop(another);
        let steps = steps(&std::fs::read_to_string(file).unwrap(), &before, &home);
        let syncs = steps.iter().filter(|step| matches!(step, Step::SyncFile(..))).count();
        assert!(
            syncs > 0 && matches!(steps.last(), Some(Step::Ended)),
            "{} steps, {syncs} syncs",
            steps.len()
        );
        Self { before, steps }
    }

    /// The disk and what was seen after the first `count` steps.
    fn at(&self, count: usize, obeys: Obeys) -> (Power, Outside) {
        let (mut power, mut outside) = (Power::new(self.before.clone(), obeys), Outside::default());
        for step in &self.steps[..count] {
            match step {
                Step::Change(change) => power.make(change),
                Step::SyncFile(file, name) => power.sync_file(*file, name),
                Step::SyncFolder(folder) => power.sync_folder(folder),
                Step::Told(text) => outside.told.push_str(text),
                Step::Started => outside.started = true,
                Step::Ended => outside.ended = true,
            }
        }
        (power, outside)
    }

    /// Up to `most` different states, evenly over the recording.
    fn states(&self, obeys: Obeys, most: usize) -> Vec<(String, Disk, Outside)> {
        let ways = |count| {
            let ways = self.at(count, obeys).0.ways(DRAWN);
            (0..ways).map(move |way| (count, way))
        };
        let all: Vec<(usize, usize)> = (0..=self.steps.len()).rev().flat_map(ways).collect();
        let step = all.len().div_ceil(most * 2).max(1);
        let (mut states, mut known) = (Vec::new(), BTreeSet::new());
        for (count, way) in all.into_iter().step_by(step) {
            let (power, outside) = self.at(count, obeys);
            let disk = power.lost(way);
            let mut hasher = DefaultHasher::new();
            (&disk, &outside).hash(&mut hasher);
            if known.insert(hasher.finish()) {
                states.push((format!("after {count} steps, way {way}"), disk, outside));
            }
        }
        let step = states.len().div_ceil(most).max(1);
        states.into_iter().step_by(step).collect()
    }
}

fn explored(scene: &mut Scene, beside_another: bool, obeys: Obeys, most: usize) -> Vec<String> {
    let recording = Recording::of(scene, beside_another);
    let states = recording.states(obeys, most);
    let mut found = Vec::new();
    for (name, disk, outside) in &states {
        scene.put_back();
        disk.write(&scene.world.home());
        if outside.started {
            scene.world.write("runs", format!("{WORD}\n"));
        }
        let wrong = scene.wrong_once(outside.ended, &outside.told);
        found.extend(wrong.into_iter().map(|wrong| format!("{name}, {outside:?}: {wrong}")));
    }
    super::tell(&format!("{:?}: {} states, {} of them wrong", scene.args, states.len(), found.len()));
    found
}

fn most() -> usize {
    if is_full() { FULL } else { SAMPLE }
}

macro_rules! losses {
    ($($name:ident: $scene:ident $beside_another:literal,)*) => {$(
        #[test]
        fn $name() {
            let Some(mut scene) = kills::$scene() else { return };
            let found = explored(&mut scene, $beside_another, Obeys::Every, most());
            assert!(found.is_empty(), "{}", found.join("\n"));
        }
    )*};
}

losses! {
    no_power_loss_takes_a_proposal_that_was_told: propose false,
    no_power_loss_takes_one_that_was_told_while_others_have_the_queue_open: propose true,
    no_power_loss_takes_an_approval_that_was_told: approve true,
    no_power_loss_makes_a_command_run_twice_or_unclaimed: exec false,
    no_power_loss_makes_one_run_twice_or_unclaimed_beside_others: exec true,
    no_power_loss_breaks_a_restore: restore false,
    no_power_loss_breaks_an_init: init false,
}

#[test]
fn a_disk_that_syncs_nothing_loses_what_was_told_and_the_explorer_finds_it() {
    let Some(mut scene) = kills::propose() else { return };
    assert_ne!(explored(&mut scene, true, Obeys::None, 8), [""; 0]);
}

#[test]
fn without_a_sync_at_each_commit_what_was_told_is_lost_and_the_explorer_finds_it() {
    let Some(mut scene) = kills::exec() else { return };
    assert_ne!(explored(&mut scene, true, Obeys::NotTheLog, 24), [""; 0]);
}
