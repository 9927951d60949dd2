//! `audit verify` beside the two things it cannot do without over the same bytes: SHA-256 of every event, and one
//! strict check of every signature.

use std::hint::black_box;
use std::time::Duration;

use ed25519_dalek::{Signature, VerifyingKey};
use handoff::record::Record;
use handoff::signing::signed_bytes;
use handoff::store::Store as _;
use handoff::store::sqlite::SqliteStore;
use handoff::ticket::decision::Decision;
use handoff::ticket::event::{Event, What};
use sha2::{Digest as _, Sha256};
use ssh_key::SshSig;

use crate::generate;
use crate::measure::{Times, time};
use crate::table::{self, Budget};
use crate::world::{World, handoff};

const DECISIONS: usize = 10_000;
const ALLOWED: usize = 12_500;
const ROUNDS: usize = 5;

/// The rows of `audit`.
pub fn rows() {
    let world = World::kept("audit", |world| generate::fill_sound(world, DECISIONS, ALLOWED));
    let (events, signed) = read(&world);
    let key = key(&world);
    let what = format!("`audit verify`, {} events, {} decisions", events.len(), signed.len());
    let (mut ours, mut used, mut hashed, mut checked) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let before = children();
        let took = time(|| verify(&world));
        let cpu = children() - before;
        let hash = time(|| {
            events.iter().for_each(|bytes| {
                black_box(Sha256::digest(bytes));
            })
        });
        let check = time(|| {
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
    let seconds = |time: Duration| (time.as_secs_f64() * 100.0).round() / 100.0;
    let bare = seconds(hashed + checked);
    table::figures(&format!("{what}: of processors"), Budget::Most(1.5), "s", seconds(used), Some(bare));
    table::figures(&format!("{what}: by the clock"), Budget::None, "s", seconds(ours), Some(bare));
    table::times("of the bare: SHA-256 of every event", Budget::None, hashed, None);
    table::times("of the bare: every signature, strictly", Budget::None, checked, None);
}

fn verify(world: &World) {
    let mut verify = world.command(handoff());
    let status = verify.args(["audit", "verify"]).status().unwrap();
    // 3: it holds, and the reviewers are the queue's own.
    assert_eq!(status.code(), Some(3), "{status}");
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
