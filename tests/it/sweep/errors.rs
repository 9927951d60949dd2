//! The disk says no at any call: once, and from then on. What is told is true, nothing runs on a claim that failed,
//! and afterwards the queue is as usable as before.

use super::calls::{Point, points_of, sample};
use super::is_full;
use super::kills;
use super::scenes::{Scene, sound_program};

/// What a disk that is full, broken or read-only refuses.
const REFUSED: [&str; 12] = [
    "fsync",
    "fdatasync",
    "pwrite64",
    "ftruncate",
    "open",
    "openat",
    "rename",
    "renameat2",
    "linkat",
    "mkdir",
    "unlink",
    "mknodat",
];
const ERRORS: [&str; 3] = ["EIO", "ENOSPC", "EROFS"];
/// Points of a sample.
const SAMPLE: usize = 7;

/// Each point with an error, and whether every later call of that name fails too.
fn trials(points: Vec<Point>) -> Vec<(Point, &'static str, bool)> {
    let points: Vec<Point> =
        points.into_iter().filter(|point| REFUSED.contains(&point.call.as_str())).collect();
    let both = [false, true];
    if is_full() {
        let every = |point: &Point| {
            let with = |error| both.map(|later| (point.clone(), error, later));
            ERRORS.map(with).concat()
        };
        return points.iter().flat_map(every).collect();
    }
    let turn = |(at, point)| (point, ERRORS[at % ERRORS.len()], both[at / ERRORS.len() % 2]);
    sample(points, SAMPLE).into_iter().enumerate().map(turn).collect()
}

fn refused(scene: &mut Scene) {
    scene.keep();
    let trace = scene.world.root().join("trace");
    let undisturbed = scene.traced(sound_program(), "", &trace, &["-f".to_owned()]);
    let points = points_of(&std::fs::read_to_string(trace).unwrap()).unwrap();
    assert_eq!(scene.wrong_after(&undisturbed), [""; 0], "undisturbed");
    let (mut found, mut failed, trials) = (Vec::new(), 0, trials(points));
    let all = trials.len();
    for (point, error, later) in trials {
        scene.put_back();
        let output = scene.disturbed(sound_program(), "", &point.inject(&format!("error={error}"), later));
        let mut wrong = scene.untrue_in(&output);
        wrong.extend(scene.wrong_after(&output));
        failed += usize::from(output.code != scene.ends);
        let what = format!("{point} {error}{}", if later { " and later" } else { "" });
        found.extend(
            wrong.into_iter().map(|wrong| format!("{what} ({}): {wrong}\n{}", output.code, output.stderr)),
        );
    }
    let wrong = found.len();
    super::tell(&format!("{:?}: {all} errors, after {failed} of them it failed, {wrong} wrong", scene.args));
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(failed > 0, "no failure reached the program");
}

macro_rules! refusals {
    ($($name:ident: $scene:ident,)*) => {$(
        #[test]
        fn $name() {
            let Some(mut scene) = kills::$scene() else { return };
            refused(&mut scene);
        }
    )*};
}

refusals! {
    a_proposal_on_a_failing_disk_is_told_truly: propose,
    an_approval_on_a_failing_disk_is_told_truly: approve,
    an_execution_on_a_failing_disk_never_runs_unclaimed: exec,
    an_allowed_run_on_a_failing_disk_never_runs_unclaimed: allowed,
    a_restore_on_a_failing_disk_is_told_truly: restore,
    a_backup_on_a_failing_disk_is_told_truly: backup,
    a_pruning_on_a_failing_disk_is_told_truly: prune,
    an_init_on_a_failing_disk_goes_on_later: init,
}

/// A write that stops in the middle, as at the end of a quota: what fits is written, and the rest refused.
#[test]
fn a_write_that_ends_early_is_no_record_and_runs_nothing() {
    let Some(mut scene) = kills::exec() else { return };
    scene.keep();
    let sizes: Vec<usize> = (0..110).map(|at| at * 3001).collect();
    let step = if is_full() { 1 } else { 14 };
    let (mut failed, mut done) = (0, 0);
    for size in sizes.into_iter().step_by(step) {
        scene.put_back();
        let limit = format!("--fsize={size}");
        let mut args = vec![limit.as_str(), sound_program().to_str().unwrap()];
        args.extend(scene.args.iter().map(String::as_str));
        let output = scene.world.command("prlimit", &args).run();
        let mut wrong = scene.untrue_in(&output);
        wrong.extend(scene.wrong_after(&output));
        assert_eq!(wrong, [""; 0], "{size} bytes ({}): {}", output.code, output.stderr);
        if output.code == 0 { done += 1 } else { failed += 1 }
    }
    assert!(failed > 0 && done > 0, "{failed} failed, {done} done");
}

/// Another process has the queue open, so that nobody recovers the log until it is gone too.
#[test]
fn a_commit_that_failed_beside_another_process_stays_as_it_was_told_when_that_is_killed() {
    for make in [kills::approve, kills::exec] {
        let Some(mut scene) = make() else { return };
        scene.keep();
        let mut failed = 0;
        for at in 1..=3 {
            for later in [false, true] {
                scene.put_back();
                let another = scene.another();
                let point = Point { call: "fsync".to_owned(), at };
                let output = scene.disturbed(sound_program(), "", &point.inject("error=EIO", later));
                another.signal(rustix::process::Signal::KILL);
                another.finish();
                let mut wrong = scene.untrue_in(&output);
                wrong.extend(scene.wrong_after(&output));
                assert_eq!(wrong, [""; 0], "{point} {later} ({}): {}", output.code, output.stderr);
                failed += usize::from(output.code != 0);
            }
        }
        assert!(failed > 0, "no failure reached the program");
    }
}
