//! The laws that hostile bytes must not break, one a module: `holds` panics where a law does not hold.
//! Used by cargo-fuzz through `fuzz_targets`, and by the tests of the crate above on a stable compiler.

pub mod bundles;
pub mod escaping;
pub mod heads;
pub mod policy;
pub mod receipts;
pub mod records;
pub mod reviewers;
pub mod screen;
pub mod shell;
pub mod signatures;
pub mod statements;
pub mod wire;

/// A law by its name, which is also its corpus's.
pub type Law = (&'static str, fn(&[u8]));

/// All of them.
pub const LAWS: [Law; 12] = [
    ("bundles", bundles::holds),
    ("escaping", escaping::holds),
    ("heads", heads::holds),
    ("policy", policy::holds),
    ("receipts", receipts::holds),
    ("records", records::holds),
    ("reviewers", reviewers::holds),
    ("screen", screen::holds),
    ("shell", shell::holds),
    ("signatures", signatures::holds),
    ("statements", statements::holds),
    ("wire", wire::holds),
];

/// The text in `data`; nothing when it is none.
fn text(data: &[u8]) -> Option<&str> {
    std::str::from_utf8(data).ok()
}

/// What is told to people about hostile input must not act on their terminal.
fn harmless(told: &str) {
    let turns = |c| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let acts = |c: char| c.is_control() && c != '\n' || turns(c);
    assert!(!told.contains(acts), "it would act on a terminal: {told:?}");
}
