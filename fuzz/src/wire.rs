//! What a requester asks for comes through the checks as it was asked, or not at all.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::time::Duration;

use handoff::record::Text;
use handoff::request::wire::Asked;

/// Fields apart by NUL; each begins with a letter for the option it is.
pub fn holds(data: &[u8]) {
    let mut asked = Asked::default();
    for field in data.split(|byte| *byte == 0) {
        add(&mut asked, field);
    }
    let before = asked.clone();
    match asked.check() {
        Ok(proposal) => {
            assert_eq!(proposal.argv(), before.argv);
            assert!(proposal.argv().iter().all(|word| !word.as_encoded_bytes().contains(&0)));
            let reason = proposal.context().reason.as_ref().map(Text::as_bytes);
            assert_eq!(reason, before.reason.as_ref().map(|reason| reason.as_encoded_bytes()));
            let once = proposal.once().map(Text::as_bytes);
            assert_eq!(once, before.once.as_ref().map(|once| once.as_encoded_bytes()));
            assert_eq!(proposal.env_all(), before.env_all);
            assert!(proposal.binds().len() == before.bind.len(), "no bind is lost or named twice");
        }
        Err(error) => super::harmless(&error.to_string()),
    }
}

fn add(asked: &mut Asked, field: &[u8]) {
    let Some((letter, value)) = field.split_first() else { return };
    let os = || OsString::from_vec(value.to_vec());
    let word = || String::from_utf8_lossy(value).into_owned();
    let named = || word().split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    match letter {
        b'r' => asked.reason = Some(os()),
        b'e' => asked.effect = Some(os()),
        b'b' => asked.rollback = Some(os()),
        b's' => asked.resources.push(os()),
        b'd' => asked.declared.extend(named().map(|(name, value)| (name, value.into()))),
        b't' => asked.attach.push(os().into()),
        b'i' => asked.bind.extend(named().map(|(name, value)| (name, value.into()))),
        b'v' => asked.env.push(match named() {
            Some((name, value)) => (name.into(), Some(value.into())),
            None => (os(), None),
        }),
        b'a' => asked.env_all = true,
        b'x' => asked.secret_env.push(os()),
        b'p' => asked.prechecks.push(word()),
        b'o' => asked.once = Some(os()),
        b'l' => asked.deadline = word().parse().ok().map(Duration::from_secs),
        _ => asked.argv.push(os()),
    }
}
