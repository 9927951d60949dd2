//! `audit verify` beside the two things it cannot do without over the same bytes: SHA-256 of every event, and one
//! strict check of every signature. `audit export`, into a folder and into a tar, and what a bundle takes to verify.

use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use ed25519_dalek::{Signature, VerifyingKey};
use handoff::record::Record;
use handoff::signing::signed_bytes;
use handoff::store::Store as _;
use handoff::store::sqlite::SqliteStore;
use handoff::ticket::decision::Decision;
use handoff::ticket::event::{Event, What};
use rustix::time::{ClockId, clock_gettime};
use sha2::{Digest as _, Sha256};
use ssh_key::SshSig;

use crate::generate;
use crate::measure::{Times, time};
use crate::table::{self, Budget};
use crate::world::{World, handoff};

const DECISIONS: usize = 10_000;
const ALLOWED: usize = 12_500;
const ROUNDS: usize = 5;
const EXPORTS: usize = 3;

fn world() -> World {
    World::kept("audit", |world| generate::fill_sound(world, DECISIONS, ALLOWED))
}

/// The rows of `audit`.
pub fn rows() {
    let world = world();
    let (events, signed) = read(&world);
    let key = key(&world);
    let what = format!("`audit verify`, {} events, {} decisions", events.len(), signed.len());
    let (mut ours, mut used, mut hashed, mut checked) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let before = children();
        let took = time(|| done(verify(&world), 3));
        let cpu = children() - before;
        let hash = on_processor(|| {
            events.iter().for_each(|bytes| {
                black_box(Sha256::digest(bytes));
            })
        });
        let check = on_processor(|| {
            for (bytes, signature) in &signed {
                key.verify_strict(bytes, signature).unwrap();
            }
        });
        if round > 0 {
            ours.push(took);
            used.push(cpu);
            hashed.push(hash);
            checked.push(check);
        }
    }
    let (ours, used) = (Times::of(ours).median(), Times::of(used).median());
    let (hashed, checked) = (Times::of(hashed).median(), Times::of(checked).median());
    let bare = seconds(hashed + checked);
    table::figures(&format!("{what}: of processors"), Budget::Most(1.5), "s", seconds(used), Some(bare));
    table::figures(&format!("{what}: by the clock"), Budget::None, "s", seconds(ours), None);
    table::times("of the bare: SHA-256 of every event", Budget::None, hashed, None);
    table::times("of the bare: every signature, strictly", Budget::None, checked, None);
    let resident = resident(verify(&world));
    table::figures(&format!("{what}: resident at most"), Budget::None, "MiB", resident, None);
}

/// The rows of `export`.
pub fn exports() {
    let world = world();
    for (name, what) in [("bundle", "into a folder"), ("bundle.tar", "into a tar")] {
        let to = world.path(name);
        let export = || {
            let mut export = world.command(handoff());
            export.args(["audit", "export", "-o"]).arg(&to).stderr(Stdio::null());
            export
        };
        let (mut took, mut used) = (Vec::new(), Vec::new());
        for _ in 0..EXPORTS {
            remove(&to);
            let before = children();
            took.push(time(|| done(export(), 0)));
            used.push(children() - before);
        }
        let size = size(&to) as f64 / 1e6;
        let (took, used) = (Times::of(took).median(), Times::of(used).median());
        let rate = (size / took.as_secs_f64()).round();
        let what = format!("`audit export` {what}, {size:.0} MB");
        table::figures(&what, Budget::Figure(50.0), "MB/s", rate, None);
        let bare = to.is_dir().then(|| bare(&to, &world.path("bare")));
        let (clock, cpu) = bare.unzip();
        table::figures(&format!("{what}: by the clock"), Budget::None, "s", seconds(took), clock);
        table::figures(&format!("{what}: of processors"), Budget::None, "s", seconds(used), cpu);
        remove(&to);
        table::figures(&format!("{what}: resident at most"), Budget::None, "MiB", resident(export()), None);
        let check = || {
            let mut check = world.command(handoff());
            check.args(["audit", "verify"]).arg(&to).stderr(Stdio::null());
            check
        };
        let before = children();
        let clock = time(|| done(check(), 3));
        let cpu = children() - before;
        table::figures(&format!("{what}, verified: of processors"), Budget::None, "s", seconds(cpu), None);
        table::figures(&format!("{what}, verified: by the clock"), Budget::None, "s", seconds(clock), None);
        remove(&to);
    }
}

/// What it takes to make the files of this folder once more and have them on disk, with all bytes at hand: seconds by
/// the clock, and of processors.
fn bare(from: &Path, to: &Path) -> (f64, f64) {
    let list = std::fs::read_to_string(from.join("SHA256SUMS")).unwrap();
    let names = list.lines().filter_map(|line| line.split_once("  ").map(|(_, name)| name));
    let files: Vec<_> = names.map(|name| (to.join(name), std::fs::read(from.join(name)).unwrap())).collect();
    for (path, _) in &files {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    }
    let mut clock = Duration::ZERO;
    let cpu = on_processor(|| {
        clock = time(|| {
            for (path, bytes) in &files {
                std::fs::write(path, bytes).unwrap();
            }
            rustix::fs::sync();
        });
    });
    remove(to);
    (seconds(clock), seconds(cpu))
}

fn remove(path: &Path) {
    let _ = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
}

fn size(path: &Path) -> u64 {
    let there = std::fs::symlink_metadata(path).unwrap();
    if !there.is_dir() {
        return there.len();
    }
    std::fs::read_dir(path).unwrap().map(|entry| size(&entry.unwrap().path())).sum()
}

fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 100.0).round() / 100.0
}

/// How long this thread was on a processor for it: the machine may be shared.
fn on_processor(work: impl FnOnce()) -> Duration {
    let now = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
    };
    let before = now();
    work();
    now() - before
}

fn verify(world: &World) -> Command {
    let mut verify = world.command(handoff());
    verify.args(["audit", "verify"]).stderr(Stdio::null());
    verify
}

// 3 is that it holds, and the reviewers are the queue's own.
fn done(mut command: Command, code: i32) {
    let status = command.status().unwrap();
    assert_eq!(status.code(), Some(code), "{command:?}: {status}");
}

/// The most memory it ever had, in MiB, looked at every few milliseconds.
fn resident(mut command: Command) -> f64 {
    let mut child = command.spawn().unwrap();
    let mut most = 0.0_f64;
    while child.try_wait().unwrap().is_none() {
        let text = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let peak = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = peak.and_then(|peak| peak.split_whitespace().next()?.parse::<f64>().ok());
        most = most.max(kib.unwrap_or(0.0));
        std::thread::sleep(Duration::from_millis(5));
    }
    (most / 1024.0 * 10.0).round() / 10.0
}

type Signed = (Vec<u8>, Signature);

fn read(world: &World) -> (Vec<Vec<u8>>, Vec<Signed>) {
    let mut store = SqliteStore::open(&world.db()).unwrap();
    let rows = store.read(&mut |read| read.events(0, u64::MAX >> 1)).unwrap();
    let signed = rows.iter().filter_map(|row| {
        let (_, event) = Record::parse::<Event>(&row.bytes).unwrap();
        let What::Decision { statement, signature, .. } = event.what else { return None };
        let parsed = SshSig::from_pem(&signature).unwrap();
        let namespace = Decision::namespace(&world.identity.origin);
        let bytes = signed_bytes(&namespace, statement.as_bytes());
        Some((bytes, Signature::from_slice(parsed.signature_bytes()).unwrap()))
    });
    let signed = signed.collect();
    (rows.into_iter().map(|row| row.bytes.into_bytes()).collect(), signed)
}

fn key(world: &World) -> VerifyingKey {
    let key = ssh_key::PublicKey::from_openssh(&world.ana.public_key().to_openssh()).unwrap();
    VerifyingKey::from_bytes(&key.key_data().ed25519().unwrap().0).unwrap()
}

// What ended children used of the processors, to a hundredth of a second.
fn children() -> Duration {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(13).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 1000 / rustix::param::clock_ticks_per_second())
}
