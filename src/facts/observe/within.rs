//! The programs that run within a command: where each is found, and who could replace it.
//! Reads links and the first lines of files; hashes nothing.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::account;
use super::program::{Located, Lookup, Writer, locate};
use crate::facts::Found;
use crate::facts::atoms::Atoms;
use crate::record::Text;
use crate::request::InnerProgram;

/// How many are looked for; those beyond are not found, so a person decides.
const MOST: usize = 256;
/// How many bytes of a record all of them together may take.
const LARGEST: usize = 8192;
/// What one takes beside its names, in canonical form.
const FRAME: usize = 64;

/// Every program named within a command, by the word that names it, and where it is.
#[derive(Debug, Clone, Default)]
pub struct Within(BTreeMap<Vec<u8>, Option<Located>>);

impl Within {
    /// Looks for every program of `read` as the shell would, in the bound PATH. A relative path is taken against
    /// the folder of its atom; where that is not known, or there are two of them, nothing is found.
    #[must_use]
    pub fn look(read: &Atoms<'_>, lookup: Lookup<'_>) -> Self {
        let mut places: BTreeMap<&[u8], Option<&Path>> = BTreeMap::new();
        for (name, folder) in read.inner_programs() {
            let place = if is_relative(name) { folder } else { Some(lookup.cwd) };
            places
                .entry(name)
                .and_modify(|known| *known = known.filter(|_| *known == place))
                .or_insert(place);
        }
        let find = |name: &[u8], place: Option<&Path>| {
            locate(OsStr::from_bytes(name), Lookup { cwd: place?, ..lookup }).ok()
        };
        let found = places.into_iter().take(MOST).map(|(name, place)| (name.to_vec(), find(name, place)));
        Self(found.collect())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names, each with where it was found.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], Option<&Located>)> {
        self.0.iter().map(|(name, located)| (name.as_slice(), located.as_ref()))
    }

    /// For the policy. Who could replace them takes the user database: without `writer` nobody could.
    #[must_use]
    pub fn found(&self, writer: Option<Writer<'_>>) -> BTreeMap<Vec<u8>, Found> {
        let theirs = |located: &Located| writer.is_some_and(|writer| is_theirs(located, writer));
        let found = |located: Option<&Located>| {
            located.map_or_else(Found::nowhere, |located| located.found(theirs(located)))
        };
        self.iter().map(|(name, located)| (name.to_vec(), found(located))).collect()
    }

    /// The program of this name; not found when it was not looked for.
    #[must_use]
    pub fn inner(&self, name: &[u8], writer: Writer<'_>) -> InnerProgram {
        let located = self.0.get(name).and_then(Option::as_ref);
        InnerProgram {
            name: name.to_vec().into(),
            path: located.map(|located| located.path.as_path().into()),
            link: located.and_then(Located::link).map(Into::into),
            theirs: located.is_some_and(|located| is_theirs(located, writer)),
        }
    }

    /// For the record, sorted by name; as many as there is room for.
    #[must_use]
    pub fn record(&self, writer: Writer<'_>) -> Vec<InnerProgram> {
        let inner = self.0.keys().map(|name| self.inner(name, writer));
        let mut room = LARGEST;
        let fits = |inner: &InnerProgram| {
            room = room.saturating_sub(length(inner));
            room > 0
        };
        inner.take_while(fits).collect()
    }
}

// It is looked for again when it starts. Where that is for another account, a folder of the requester's that
// is searched earlier is a way in; for their own it gains them nothing they could not do anyway.
fn is_theirs(located: &Located, writer: Writer<'_>) -> bool {
    let for_another = writer.uid != account::execution_uid();
    located.is_theirs(writer) || (for_another && located.could_be_preceded(writer))
}

fn is_relative(name: &[u8]) -> bool {
    name.contains(&b'/') && name.first() != Some(&b'/')
}

// Text that is not UTF-8 is written in base64, which is a third longer.
fn length(inner: &InnerProgram) -> usize {
    let texts = [Some(&inner.name), inner.path.as_ref(), inner.link.as_ref()];
    FRAME + texts.into_iter().flatten().map(|text| text.as_bytes().len() * 2).sum::<usize>()
}

/// What is not bound of them, for the card.
#[must_use]
pub fn by_path() -> Text {
    "what the programs that run within are: they are bound by their paths, not by their content".into()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::path::PathBuf;

    use super::*;
    use crate::facts::atoms::{Around, Atom, Change};

    /// A folder of programs first in PATH, and commands within a shell.
    struct Scene {
        folder: tempfile::TempDir,
    }

    impl Scene {
        fn new() -> Self {
            Self { folder: tempfile::tempdir().unwrap() }
        }

        fn path(&self) -> PathBuf {
            self.folder.path().canonicalize().unwrap()
        }

        fn program(&self, name: &str) -> PathBuf {
            let path = self.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "#!/bin/sh\n").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
            path
        }

        /// `words` are first words, each with the folder below this one that it stands in.
        fn look(&self, words: &[(&'static str, Option<&str>)]) -> Vec<InnerProgram> {
            let mut read = Atoms::default();
            for (word, folder) in words {
                let folder = Some(folder.map(|folder| self.path().join(folder)));
                let change = Change { in_shell: true, folder, ..Change::default() };
                let around = Around::outermost(&self.path(), None).inside("bash", change);
                read.atoms.push(Atom::command(vec![(*word).into()], &around));
            }
            let path = format!("{}:/usr/bin:/bin", self.path().display());
            let lookup = Lookup { cwd: &self.path(), path: Some(OsStr::new(&path)) };
            let uid = rustix::process::geteuid().as_raw();
            Within::look(&read, lookup).record(Writer { uid, gids: &[] })
        }
    }

    fn paths(found: &[InnerProgram]) -> Vec<(&str, Option<PathBuf>)> {
        let path = |inner: &InnerProgram| inner.path.as_ref().map(|path| PathBuf::from(path.as_os_str()));
        found.iter().map(|inner| (inner.name.plain().unwrap(), path(inner))).collect()
    }

    #[test]
    fn each_program_stands_once_by_name_and_what_is_not_there_is_told() {
        let scene = Scene::new();
        let tool = scene.program("tool");
        let here = Some(".");
        let found = scene.look(&[("tool", here), ("cd", here), ("no-such", here), ("tool", None)]);
        assert_eq!(paths(&found), [("no-such", None), ("tool", Some(tool))]);
        assert!(found[1].theirs);
    }

    #[test]
    fn a_relative_path_counts_in_the_folder_it_stands_in() {
        let scene = Scene::new();
        let tool = scene.program("sub/tool");
        assert_eq!(paths(&scene.look(&[("./tool", Some("sub"))])), [("./tool", Some(tool))]);
        scene.program("tool");
        for places in [[Some("sub"), Some(".")], [Some("sub"), None], [None, None]] {
            let found = scene.look(&places.map(|place| ("./tool", place)));
            assert_eq!(paths(&found), [("./tool", None)], "{places:?}");
        }
    }

    #[test]
    fn a_link_is_told_with_the_file_it_leads_to() {
        let scene = Scene::new();
        let tool = scene.program("real");
        symlink("real", scene.path().join("tool")).unwrap();
        let found = scene.look(&[("tool", Some("."))]);
        assert_eq!(paths(&found), [("tool", Some(tool))]);
        assert_eq!(found[0].link, Some(scene.path().join("tool").as_path().into()));
    }

    #[test]
    fn many_long_names_leave_room_in_the_record() {
        let scene = Scene::new();
        let names: Vec<&'static str> = (0..1_000).map(|n| &*format!("{n:0>200}").leak()).collect();
        let found = scene.look(&names.iter().map(|name| (*name, None)).collect::<Vec<_>>());
        let record = serde_json::to_vec(&found).unwrap();
        assert!(!found.is_empty() && record.len() < LARGEST, "{}", record.len());
    }
}
