//! Symbolic links on the way of paths, as they were found, and where a path leads through them.
//! Pure; `facts::observe` finds them.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::place::known;
use crate::facts::argv::Sure;
use crate::facts::glob::{absolute, may_name};

/// How many ways a pattern of files may lead; beyond, it is not known.
const MOST_WAYS: usize = 256;

/// Links by their own path, which leads through no link, each with where it leads in the end: through no link
/// either. Without a target nobody knows what lies at the path or below it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Links(BTreeMap<Vec<u8>, Option<Vec<u8>>>);

/// What stands at a path that itself leads through no link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// No link: a file, a folder, or nothing.
    Plain,
    /// A link that leads there in the end.
    To(Vec<u8>),
    /// Nobody knows.
    Unknown,
}

impl Links {
    /// These links.
    #[must_use]
    pub const fn new(links: BTreeMap<Vec<u8>, Option<Vec<u8>>>) -> Self {
        Self(links)
    }

    /// What is recorded where not everything could be looked at.
    #[must_use]
    pub fn unknown() -> Self {
        Self(BTreeMap::from([(b"/".to_vec(), None)]))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each link with where it leads.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
        self.0.iter().map(|(path, to)| (path.as_slice(), to.as_deref()))
    }

    fn step(&self, path: &[u8]) -> Step {
        match self.0.get(path) {
            None => Step::Plain,
            Some(None) => Step::Unknown,
            Some(Some(to)) => Step::To(to.clone()),
        }
    }

    /// Where `text` leads from `folder`, the link at its own end followed too when `last`; none when nobody knows.
    #[must_use]
    pub fn resolve(&self, folder: &Path, text: &[u8], last: bool) -> Option<Vec<u8>> {
        if self.0.is_empty() {
            return Some(absolute(folder, text));
        }
        walk(folder, text, last, &mut |path| self.step(path))
    }

    /// The other paths that `text` names from `folder` because of links, each with how sure it is; none when nobody
    /// knows. As [`Links::resolve`] for the link at its end.
    #[must_use]
    pub fn ways(&self, folder: &Path, text: &[u8], sure: Sure, last: bool) -> Option<Vec<(Vec<u8>, Sure)>> {
        let mut ways = Vec::new();
        let mut open = vec![(text.to_vec(), sure, false)];
        while let Some((text, sure, is_new)) = open.pop() {
            let base = known(&text, sure);
            let led = self.resolve(folder, base, last || sure != Sure::Exact)?;
            let rest = text.get(base.len()..).unwrap_or_default();
            if sure == Sure::Files {
                open.extend(self.met(&led, rest, last)?.into_iter().map(|(text, sure)| (text, sure, true)));
            }
            if is_new || led != absolute(folder, base) {
                ways.push(moved(led, base.len(), rest, sure));
            }
            if ways.len() + open.len() > MOST_WAYS {
                return None;
            }
        }
        Some(ways)
    }

    // Where the links lead that a pattern below `base` may name.
    fn met(&self, base: &[u8], pattern: &[u8], last: bool) -> Option<Vec<(Vec<u8>, Sure)>> {
        let parts: Vec<&[u8]> =
            pattern.split(|&b| b == b'/').filter(|part| !part.is_empty() && *part != b".").collect();
        let mut met = Vec::new();
        for (path, to) in &self.0 {
            let Some(below) = path.strip_prefix(base).and_then(|rest| rest.strip_prefix(b"/")) else {
                continue;
            };
            let names: Vec<&[u8]> = below.split(|&b| b == b'/').collect();
            let named = names.len() <= parts.len()
                && names.iter().zip(&parts).all(|(name, part)| may_name(part, name));
            let rest = parts.get(names.len()..).unwrap_or_default();
            if named && (last || !rest.is_empty()) {
                let mut text = to.clone()?;
                rest.iter().for_each(|part| text.extend([b"/", *part].concat()));
                let sure = if is_pattern(&rest.join(&b'/')) { Sure::Files } else { Sure::Exact };
                met.push((text, sure));
            }
        }
        Some(met)
    }
}

/// Where `text` leads from `folder`, through what `look` tells of every path on the way; none when that is not known.
/// The path at the end is asked for too when `last`. The root is asked for first, wherever it leads.
pub fn walk(folder: &Path, text: &[u8], last: bool, look: &mut dyn FnMut(&[u8]) -> Step) -> Option<Vec<u8>> {
    if look(b"/") == Step::Unknown {
        return None;
    }
    let start = if text.starts_with(b"/") { &b""[..] } else { folder.as_os_str().as_bytes() };
    let mut parts = start.split(|&b| b == b'/').chain(text.split(|&b| b == b'/')).peekable();
    let mut here: Vec<u8> = Vec::new();
    while let Some(part) = parts.next() {
        match part {
            b"" | b"." => {}
            b".." => here.truncate(here.iter().rposition(|&b| b == b'/').unwrap_or(0)),
            name => {
                here.push(b'/');
                here.extend(name);
                if last || parts.peek().is_some() {
                    match look(&here) {
                        Step::Plain => {}
                        Step::To(to) => here = if to == b"/" { Vec::new() } else { to },
                        Step::Unknown => return None,
                    }
                }
            }
        }
    }
    Some(if here.is_empty() { b"/".to_vec() } else { here })
}

/// Whether a shell takes the text for a pattern.
#[must_use]
pub fn is_pattern(text: &[u8]) -> bool {
    text.iter().any(|b| matches!(b, b'*' | b'?' | b'['))
}

// The same text with other folders at its start.
fn moved(led: Vec<u8>, from: usize, rest: &[u8], sure: Sure) -> (Vec<u8>, Sure) {
    let mut text = led;
    if !rest.is_empty() && !text.ends_with(b"/") {
        text.push(b'/');
    }
    let shifted = |known: usize| text.len() + known.saturating_sub(from);
    let sure = match sure {
        Sure::Partly(known) => Sure::Partly(shifted(known)),
        Sure::Split(known) => Sure::Split(shifted(known)),
        sure => sure,
    };
    text.extend(rest);
    (text, sure)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(all: &[(&str, Option<&str>)]) -> Links {
        let bytes = |text: &str| text.as_bytes().to_vec();
        Links::new(all.iter().map(|(path, to)| (bytes(path), to.map(bytes))).collect())
    }

    fn ways(links: &Links, text: &str, sure: Sure, last: bool) -> Option<Vec<String>> {
        let ways = links.ways(Path::new("/srv/p"), text.as_bytes(), sure, last)?;
        Some(ways.into_iter().map(|(text, _)| String::from_utf8(text).unwrap()).collect())
    }

    #[test]
    fn a_path_goes_on_where_a_link_leads() {
        let links = links(&[("/srv/p/l", Some("/etc")), ("/srv/p/top", Some("/"))]);
        for (text, leads) in [
            ("l/x", "/etc/x"),
            ("./l//x", "/etc/x"),
            ("l", "/etc"),
            ("l/../x", "/x"),
            ("l/../srv/p/l/y", "/etc/y"),
            ("/srv/p/l/x", "/etc/x"),
            ("top/a", "/a"),
        ] {
            assert_eq!(ways(&links, text, Sure::Exact, true).unwrap(), [leads], "{text}");
        }
        for text in ["x", "lx", "x/l", "/l", "x/../y"] {
            assert!(ways(&links, text, Sure::Exact, true).unwrap().is_empty(), "{text}");
        }
    }

    #[test]
    fn the_link_at_the_end_is_followed_when_asked_or_when_something_is_behind_it() {
        let links = links(&[("/srv/p/l", Some("/etc"))]);
        assert!(ways(&links, "l", Sure::Exact, false).unwrap().is_empty());
        for text in ["l/", "l/.", "l/x"] {
            assert!(!ways(&links, text, Sure::Exact, false).unwrap().is_empty(), "{text}");
        }
    }

    #[test]
    fn a_pattern_names_the_links_that_bear_such_names() {
        let links =
            links(&[("/srv/p/l1", Some("/etc")), ("/srv/p/d/l2", Some("/usr")), ("/srv/p/.l", Some("/"))]);
        for (text, leads) in [
            ("*", &["/etc"][..]),
            ("l*", &["/etc"]),
            ("l?/x", &["/etc/x"]),
            ("*/x*", &["/etc/x*"]),
            ("d/[kl]*", &["/usr"]),
            ("*/l2", &["/etc/l2", "/usr"]),
            (".*", &["/"]),
            ("x*", &[]),
        ] {
            assert_eq!(ways(&links, text, Sure::Files, true).unwrap(), leads, "{text}");
        }
        assert!(ways(&links, "*", Sure::Files, false).unwrap().is_empty());
    }

    #[test]
    fn the_certain_start_of_a_word_is_followed() {
        let links = links(&[("/srv/p/l", Some("/etc"))]);
        let found = links.ways(Path::new("/srv/p"), b"l/x$Y", Sure::Partly(3), true).unwrap();
        assert_eq!(found, [(b"/etc/x$Y".to_vec(), Sure::Partly(6))]);
    }

    #[test]
    fn where_nobody_looked_nothing_is_known() {
        assert_eq!(ways(&Links::unknown(), "x", Sure::Exact, true), None);
        let loops = links(&[("/srv/p/l", None)]);
        assert_eq!(ways(&loops, "l/x", Sure::Exact, true), None);
        assert_eq!(ways(&loops, "l*", Sure::Files, true), None);
        assert_eq!(ways(&loops, "x", Sure::Exact, true), Some(vec![]));
    }

    #[test]
    fn links_that_lead_back_come_to_an_end() {
        let back = links(&[("/srv/p/l", Some("/srv/p")), ("/srv/p/m", Some("/srv/p"))]);
        assert_eq!(ways(&back, "*/*/*/*/*/*/*/*/*/*/*/*", Sure::Files, true), None);
        assert_eq!(ways(&back, "l/l/l/x", Sure::Exact, true).unwrap(), ["/srv/p/x"]);
    }
}
