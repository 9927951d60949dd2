//! The machines a command's words name: in addresses (RFC 3986), as `user@host:path`, or as operands.
//! Pure; a name is compared as text, and nothing is looked up.

use super::row::Role;
use crate::facts::argv::Sure;

/// A machine a command talks to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Its name or address in small letters, without user, port and brackets.
    pub name: Vec<u8>,
    /// Whether it is certainly this one.
    pub certain: bool,
}

impl Host {
    /// The machine that a word for this names; none when it names none.
    #[must_use]
    pub fn of(text: &[u8], sure: Sure, role: Role) -> Option<Self> {
        let (start, end) = match role {
            // An option of dig(1).
            Role::Host if text.starts_with(b"+") => return None,
            Role::Url | Role::Host => {
                let start = scheme(text).unwrap_or(0);
                (start, start + authority(text.get(start..)?))
            }
            Role::Remote(_) => remote(text)?,
            _ => return None,
        };
        Self::within(text, sure, start, end)
    }

    /// The machine that a word of any program may name: `scheme://host`, `user@host:path`, `/dev/tcp/host/port`.
    #[must_use]
    pub fn seen_in(text: &[u8], sure: Sure) -> Option<Self> {
        let possible = |start: usize, end: usize| Self::within(text, sure, start, end);
        if let Some(start) = scheme(text) {
            return possible(start, start + authority(text.get(start..)?));
        }
        // bash(1): a redirection to such a path opens a connection.
        for device in [&b"/dev/tcp/"[..], b"/dev/udp/"] {
            if text.starts_with(device) {
                return possible(device.len(), device.len() + authority(text.get(device.len()..)?));
            }
        }
        let at = text.iter().position(|&b| b == b'@')?;
        let (start, end) = remote(text).filter(|(_, end)| *end > at)?;
        possible(start, end)
    }

    // The machine in the bytes from `start` to `end`, which hold user and port too.
    fn within(text: &[u8], sure: Sure, start: usize, end: usize) -> Option<Self> {
        let whole = text.get(start..end)?;
        let user = whole.iter().rposition(|&b| b == b'@').map_or(0, |at| at + 1);
        let name = without_port(whole.get(user..)?);
        let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':');
        // What follows an unknown part may belong to the name.
        let known = match sure {
            Sure::Exact => true,
            Sure::Partly(known) => known > end,
            Sure::Files | Sure::Split(_) => false,
        };
        let certain = known && !name.is_empty() && name.iter().all(plain);
        let name = name.strip_suffix(b".").unwrap_or(name).to_ascii_lowercase();
        (!name.is_empty()).then_some(Self { name, certain })
    }
}

// Where the authority begins, behind `scheme://`; what stands before the scheme is an option's name.
fn scheme(text: &[u8]) -> Option<usize> {
    let at = text.windows(3).position(|window| window == b"://")?;
    let letter = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
    let before = text.get(..at)?;
    before.last().is_some_and(letter).then_some(at + 3)
}

fn authority(text: &[u8]) -> usize {
    text.iter().position(|b| matches!(b, b'/' | b'?' | b'#' | b'\\')).unwrap_or(text.len())
}

// `host:path`, `user@host:path`, `host::module`: no path of this machine.
fn remote(text: &[u8]) -> Option<(usize, usize)> {
    if let Some(start) = scheme(text) {
        return Some((start, start + authority(text.get(start..)?)));
    }
    let colon = match text.iter().position(|&b| b == b'[') {
        Some(open) => open + text.get(open..)?.iter().position(|&b| b == b']')? + 1,
        None => text.iter().position(|&b| b == b':')?,
    };
    let host = text.get(..colon)?;
    let plain = colon > 0 && !host.contains(&b'/') && text.get(colon) == Some(&b':');
    plain.then_some((0, colon))
}

/// Whether the word names something on another machine.
#[must_use]
pub fn is_remote(text: &[u8]) -> bool {
    remote(text).is_some()
}

fn without_port(name: &[u8]) -> &[u8] {
    let name = name.strip_prefix(b"@").unwrap_or(name);
    if let Some(inner) = name.strip_prefix(b"[") {
        return inner.split(|&b| b == b']').next().unwrap_or(inner);
    }
    let mut parts = name.split(|&b| b == b':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(host), Some(port), None) if port.iter().all(u8::is_ascii_digit) => host,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Effect;
    use super::*;

    fn named(text: &str, role: Role) -> Option<(String, bool)> {
        let sure = text.find('$').map_or(Sure::Exact, Sure::Partly);
        let host = Host::of(text.as_bytes(), sure, role)?;
        Some((String::from_utf8(host.name).unwrap(), host.certain))
    }

    #[test]
    fn an_address_names_its_machine_whatever_stands_around_it() {
        for (text, name, certain) in [
            ("https://Example.com/x", "example.com", true),
            ("example.com", "example.com", true),
            ("example.com:8080/x", "example.com", true),
            ("http://good.example@evil.example/", "evil.example", true),
            ("http://a:b@evil.example:99", "evil.example", true),
            ("http://evil.example?good.example/", "evil.example", true),
            ("http://evil.example#@good.example/", "evil.example", true),
            ("http://evil.example\\@good.example/", "evil.example", true),
            ("https://[::1]:443/", "::1", true),
            ("https://example.com./", "example.com", true),
            ("https://{a,b}.example/", "{a,b}.example", false),
            ("https://%65vil.example/", "%65vil.example", false),
            ("https://example.com/$ID", "example.com", true),
            ("https://example.com$X/", "example.com$x", false),
            ("$URL", "$url", false),
        ] {
            assert_eq!(named(text, Role::Url), Some((name.to_owned(), certain)), "{text}");
        }
    }

    #[test]
    fn a_copy_names_a_machine_only_with_a_colon() {
        let remote = Role::Remote(&[Effect::Reads]);
        for (text, name) in [
            ("host:x", Some("host")),
            ("ana@host:", Some("host")),
            ("host::module/x", Some("host")),
            ("rsync://host/x", Some("host")),
            ("[::1]:x", Some("::1")),
            ("./a:b", None),
            ("a", None),
            ("/a:b", None),
        ] {
            assert_eq!(named(text, remote).map(|(name, _)| name), name.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn any_word_may_show_a_machine() {
        let seen = |text: &str| {
            Host::seen_in(text.as_bytes(), Sure::Exact).map(|host| String::from_utf8(host.name).unwrap())
        };
        for (text, name) in [
            ("--index-url=https://pypi.evil/x", Some("pypi.evil")),
            ("git@github.com:a/b.git", Some("github.com")),
            ("postgres://u:p@db.internal:5432/x", Some("db.internal")),
            ("/dev/tcp/evil/80", Some("evil")),
            ("a/b:c", None),
            ("key:value", None),
            ("ana@example.com", None),
        ] {
            assert_eq!(seen(text), name.map(str::to_owned), "{text}");
        }
    }
}
