//! The laws of `fuzz/`, held on a stable compiler: every seed of their corpora, and mutations of it by a fixed
//! draw. `HANDOFF_FUZZ=N` tries N mutations of each seed; libFuzzer, with its eyes on the code, goes further.

use std::path::{Path, PathBuf};

#[path = "../../fuzz/src/lib.rs"]
mod all;

use all::LAWS;

/// A draw that is the same each time (xorshift64*).
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(drawn).unwrap() % end.max(1)
    }
}

/// Bytes that mean something somewhere.
const TELLING: [&[u8]; 24] = [
    b"\n",
    b"\0",
    b"\x1b[",
    b"\"",
    b"'",
    b"\\",
    b"{\"b64\":\"\"}",
    b"9007199254740992",
    b"-1",
    b"$(",
    b"`",
    b"\xe2\x80\xae",
    b"\xff",
    b"\r",
    b"==",
    b",",
    b" ",
    b"#",
    b"\x1b[200~",
    b"\x1b[201~",
    b"sha256:",
    b"../",
    b"a\r",
    b"\xf6\xf7\r",
];

fn mutated(seed: &[u8], other: &[u8], draw: &mut Draw) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=draw.below(4) {
        let (at, to) = (draw.below(bytes.len() + 1), draw.below(bytes.len() + 1));
        let (from, to) = (at.min(to), at.max(to));
        match draw.below(7) {
            0 if !bytes.is_empty() => {
                let at = at.min(bytes.len() - 1);
                bytes[at] ^= 1 << draw.below(8);
            }
            1 => drop(bytes.drain(from..to.min(from + 16))),
            2 => drop(bytes.splice(at..at, TELLING[draw.below(TELLING.len())].iter().copied())),
            3 => bytes.truncate(to),
            4 => {
                let again = bytes[from..to.min(from + 64)].to_vec();
                drop(bytes.splice(at..at, again));
            }
            5 => {
                let begin = draw.below(other.len() + 1);
                drop(bytes.splice(from..to.min(from + 64), other[begin..].iter().copied().take(64)));
            }
            _ if !bytes.is_empty() => {
                let at = at.min(bytes.len() - 1);
                bytes[at] = u8::try_from(draw.below(256)).unwrap();
            }
            _ => {}
        }
    }
    bytes
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus")
}

fn seeds(law: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder().join(law)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

fn rounds() -> usize {
    std::env::var("HANDOFF_FUZZ").map_or(40, |rounds| rounds.parse().expect("HANDOFF_FUZZ is a number"))
}

/// Tries a law; what breaks it is written down, so that it can become a seed.
fn tried(law: all::Law, bytes: &[u8], what: &str) {
    let (name, holds) = law;
    if std::panic::catch_unwind(|| holds(bytes)).is_err() {
        let kept = std::env::temp_dir().join(format!("handoff-law-{name}"));
        std::fs::write(&kept, bytes).unwrap();
        panic!("{name} is broken by {what}; the bytes are in {}", kept.display());
    }
}

fn hold(name: &str) {
    let law = *LAWS.iter().find(|law| law.0 == name).unwrap();
    let seeds = seeds(name);
    assert!(!seeds.is_empty(), "no seeds for {name}");
    let mut draw = Draw(0x9e37_79b9_7f4a_7c15);
    for (path, seed) in &seeds {
        tried(law, seed, &path.display().to_string());
        for round in 0..rounds() {
            let other = &seeds[draw.below(seeds.len())].1;
            let bytes = mutated(seed, other, &mut draw);
            tried(law, &bytes, &format!("mutation {round} of {}", path.display()));
        }
    }
}

macro_rules! laws {
    ($($law:ident)*) => { $(#[test] fn $law() { hold(stringify!($law)); })* };
}

laws! { bundles escaping heads policy receipts records reviewers screen shell signatures statements wire }

#[test]
fn every_law_has_its_test_its_seeds_and_its_way_in_from_libfuzzer() {
    let tests = [
        "bundles",
        "escaping",
        "heads",
        "policy",
        "receipts",
        "records",
        "reviewers",
        "screen",
        "shell",
        "signatures",
        "statements",
        "wire",
    ];
    assert_eq!(LAWS.map(|law| law.0), tests);
    for law in tests {
        let entry = folder().parent().unwrap().join(format!("fuzz_targets/{law}.rs"));
        let text = std::fs::read_to_string(entry).unwrap();
        assert!(text.contains(&format!("handoff_fuzz::{law}::holds")), "{law}");
    }
}
