//! A bundle is read the same each time, and what is told of it is harmless.

use handoff::audit::bundle::Bundle;
use handoff::audit::{Given, verify_trail};

/// Any bytes, as a tar.
pub fn holds(data: &[u8]) {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), data).expect("it is written");
    let first = told(file.path());
    assert_eq!(first, told(file.path()), "the same bundle, the same report");
    super::harmless(&first);
}

fn told(path: &std::path::Path) -> String {
    let mut bundle = match Bundle::open(path) {
        Ok(bundle) => bundle,
        Err(error) => return error.to_string().replace(&path.display().to_string(), "PATH"),
    };
    let faults = bundle.take_faults();
    match verify_trail(&mut bundle, Given::default(), faults, &mut |_| {}) {
        Ok(report) => report.faults.kept().iter().map(|fault| format!("{fault}\n")).collect(),
        Err(error) => error.to_string(),
    }
}
