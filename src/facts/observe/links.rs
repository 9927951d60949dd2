//! The symbolic links on the way of the paths that a command names, so that nothing passes for lying in the checkout.
//! Reads links, and folders where a pattern stands for their files; opens nothing else, and looks a bounded number
//! of times.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use crate::facts::Observed;
use crate::facts::argv::{Sure, file_name};
use crate::facts::atoms::Atoms;
use crate::facts::effects::{self, Links, Step, is_pattern, walk};
use crate::facts::glob::may_name;
use crate::record::Text;
use crate::request::Link;

/// How many paths are looked at for one command; beyond, nothing is certain about any path of it.
const MOST_LOOKS: usize = 2_048;
/// How many entries of folders are gone through for patterns.
const MOST_ENTRIES: usize = 8_192;
/// As the kernel follows them (path_resolution(7)).
const DEEPEST: usize = 40;
/// No path is longer (PATH_MAX).
const LONGEST_PATH: usize = 4_096;
/// How many bytes of a record all of them together may take.
const LARGEST: usize = 8_192;
/// What one takes beside its paths, in canonical form.
const FRAME: usize = 24;

/// Looks at every path that the words of `read` may name, from the folders they stand in.
#[must_use]
pub fn look(read: &Atoms<'_>, seen: &Observed) -> Links {
    let mut search = Search::from(&seen.cwd);
    for (number, atom) in read.atoms.iter().enumerate().filter(|(_, atom)| !atom.elsewhere) {
        let folder = atom.folder.as_deref().unwrap_or(&seen.cwd);
        search.visit(folder, b"", Sure::Exact);
        let arguments = atom.as_command().into_iter().flat_map(|command| command.may_be_arguments());
        arguments.for_each(|(text, sure)| search.visit(folder, text, sure));
        for (text, sure) in effects::named(atom, seen.resolved(number, atom).map(file_name)) {
            search.visit(folder, &text, sure);
        }
    }
    search.links()
}

/// For the record; where there is no room, that nothing is known.
#[must_use]
pub fn record(links: &Links) -> Vec<Link> {
    let text = |path: &[u8]| Text::from(path.to_vec());
    let all = |links: &Links| {
        links.iter().map(|(path, to)| Link { path: text(path), to: to.map(text) }).collect::<Vec<_>>()
    };
    let length = |link: &Link| {
        let texts = [Some(&link.path), link.to.as_ref()];
        FRAME + texts.into_iter().flatten().map(|text| text.as_bytes().len() * 2).sum::<usize>()
    };
    let recorded = all(links);
    if recorded.iter().map(length).sum::<usize>() > LARGEST { all(&Links::unknown()) } else { recorded }
}

// What was looked at so far.
struct Search {
    known: HashMap<Vec<u8>, Step>,
    met: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    looks: usize,
    entries: usize,
}

impl Search {
    // The working folder leads through no link.
    fn from(cwd: &Path) -> Self {
        let plain = |folder: &Path| (folder.as_os_str().as_bytes().to_vec(), Step::Plain);
        let known = cwd.ancestors().map(plain).collect();
        Self { known, met: BTreeMap::new(), looks: MOST_LOOKS, entries: MOST_ENTRIES }
    }

    fn visit(&mut self, folder: &Path, text: &[u8], sure: Sure) {
        if text.len() > LONGEST_PATH || text.contains(&0) {
            return;
        }
        let certain = match sure {
            Sure::Partly(known) | Sure::Split(known) => text.get(..known).unwrap_or(text),
            Sure::Exact => return drop(self.walk(folder, text)),
            Sure::Files => text,
        };
        let parts: Vec<&[u8]> = certain.split(|&b| b == b'/').collect();
        let literal = parts.iter().take_while(|part| !is_pattern(part)).count();
        // What is certain of the last part may not be all of it.
        let literal = if sure == Sure::Files { literal } else { literal.min(parts.len().saturating_sub(1)) };
        let (base, rest) = parts.split_at_checked(literal).unwrap_or((&parts, &[]));
        let base = [base.join(&b'/'), b"/".to_vec()].concat();
        let base = if literal == 0 { Vec::new() } else { base };
        if let Some(led) = self.walk(folder, &base).filter(|_| sure == Sure::Files) {
            self.expand(&led, rest);
        }
    }

    fn walk(&mut self, folder: &Path, text: &[u8]) -> Option<Vec<u8>> {
        walk(folder, text, true, &mut |path| {
            let step = self.step(path, 0);
            match &step {
                Step::Plain => {}
                Step::To(to) => drop(self.met.insert(path.to_vec(), Some(to.clone()))),
                Step::Unknown => drop(self.met.insert(path.to_vec(), None)),
            }
            step
        })
    }

    // Follows what a pattern names in a folder, and what the rest of it names there.
    fn expand(&mut self, folder: &[u8], parts: &[&[u8]]) {
        let Some((first, rest)) = parts.split_first() else { return };
        let folder = Path::new(OsStr::from_bytes(folder));
        if !is_pattern(first) {
            if let Some(led) = self.walk(folder, first) {
                self.expand(&led, rest);
            }
            return;
        }
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            if self.entries == 0 {
                self.looks = 0;
                self.met = BTreeMap::from([(b"/".to_vec(), None)]);
                return;
            }
            self.entries -= 1;
            let name = entry.file_name();
            let matters = |kind: std::fs::FileType| kind.is_symlink() || (kind.is_dir() && !rest.is_empty());
            let leads_on = entry.file_type().is_ok_and(matters) && may_name(first, name.as_bytes());
            if let Some(led) = leads_on.then(|| self.walk(folder, name.as_bytes())).flatten() {
                self.expand(&led, rest);
            }
        }
    }

    fn step(&mut self, path: &[u8], depth: usize) -> Step {
        if let Some(step) = self.known.get(path) {
            return step.clone();
        }
        if self.looks == 0 || depth > DEEPEST {
            return Step::Unknown;
        }
        self.looks -= 1;
        let target = std::fs::read_link(OsStr::from_bytes(path));
        let step = match target {
            Ok(target) => self.target(path, target.as_os_str().as_bytes(), depth),
            Err(_) => Step::Plain,
        };
        self.known.insert(path.to_vec(), step.clone());
        step
    }

    fn target(&mut self, link: &[u8], target: &[u8], depth: usize) -> Step {
        if link.starts_with(b"/proc/") {
            return if is_of_the_process(target) { Step::Plain } else { Step::Unknown };
        }
        let end = link.iter().rposition(|&b| b == b'/').unwrap_or(0);
        let folder = Path::new(OsStr::from_bytes(link.get(..end).unwrap_or_default()));
        let led = walk(folder, target, true, &mut |path| self.step(path, depth + 1));
        led.map_or(Step::Unknown, Step::To)
    }

    // Where the bound was met, a path not looked at may be anything.
    fn links(self) -> Links {
        if self.looks == 0 { Links::unknown() } else { Links::new(self.met) }
    }
}

// `/proc/self`, `/proc/mounts`: another for each process, and no way out of proc(5). The others there lead to
// folders and files of processes.
fn is_of_the_process(target: &[u8]) -> bool {
    target.starts_with(b"self/") || target.iter().all(|b| b.is_ascii_digit() || b"task/".contains(b))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;

    use super::*;
    use crate::facts::{Declared, Facts};
    use crate::request::{Account, Exec, Program, Stdin};

    struct Scene(tempfile::TempDir);

    impl Scene {
        // `out` leads to a folder beside the checkout, `in` to one in it.
        fn new() -> Self {
            let scene = Self(tempfile::tempdir().unwrap());
            fs::create_dir_all(scene.path("p/src/deep")).unwrap();
            fs::create_dir_all(scene.path("beside/sub")).unwrap();
            symlink("../beside", scene.path("p/out")).unwrap();
            symlink("src", scene.path("p/in")).unwrap();
            scene
        }

        fn path(&self, below: &str) -> PathBuf {
            self.0.path().canonicalize().unwrap().join(below)
        }

        fn link(&self, to: &str, from: &str) {
            symlink(to, self.path("p").join(from)).unwrap();
        }

        fn seen(&self, argv: &[&str]) -> Observed {
            let program = Program {
                path: "/usr/bin/x".into(),
                link: None,
                sha256: crate::ids::Digest::of(b""),
                size: 0,
                script: false,
                theirs: false,
            };
            let exec = Exec {
                argv: argv.iter().map(|word| (*word).into()).collect(),
                cwd: self.path("p").as_path().into(),
                account: Account { uid: 1, name: "a".into() },
                host: "h".into(),
                program,
                interpreters: Vec::new(),
                within: Vec::new(),
                links: Vec::new(),
                env: Vec::new(),
                env_all: false,
                stdin: Stdin::None,
                files: Vec::new(),
                binds: Vec::new(),
                not_bound: Vec::new(),
                prechecks: Vec::new(),
            };
            Facts::about(&exec, None, false, Declared::default()).observed
        }

        // Each link with where it leads, seen from the scene's folder.
        fn found(&self, argv: &[&str]) -> Vec<(String, Option<String>)> {
            let seen = self.seen(argv);
            let text = |path: &[u8]| {
                let path = Path::new(OsStr::from_bytes(path));
                path.strip_prefix(self.path("")).unwrap_or(path).to_str().unwrap().to_owned()
            };
            look(&seen.atoms(), &seen).iter().map(|(path, to)| (text(path), to.map(text))).collect()
        }

        fn finds(&self, argv: &[&str], expected: &[(&str, Option<&str>)]) {
            let expected: Vec<_> =
                expected.iter().map(|(path, to)| ((*path).to_owned(), to.map(str::to_owned))).collect();
            assert_eq!(self.found(argv), expected, "{argv:?}");
        }
    }

    #[test]
    fn a_link_on_the_way_is_found_wherever_the_word_stands() {
        let scene = Scene::new();
        let out = [("p/out", Some("beside"))];
        for argv in [
            &["cat", "out/x"][..],
            &["tee", "./out//sub/../x"],
            &["rm", "-rf", "out"],
            &["dd", "of=out/x"],
            &["cp", "-t", "out", "a"],
            &["curl", "-d@out/x", "h.example"],
            &["frobnicate", "--into=out/x"],
            &["sh", "-c", "echo > out/passwd"],
            &["sh", "-c", "cd out && ls"],
            &["sh", "-c", "cat out/$X"],
            &["sh", "-c", "cat o*/x"],
            &["sh", "-c", "cat src/deep/../../o?t"],
            &["sudo", "tee", "out/x"],
        ] {
            scene.finds(argv, &out);
        }
        for argv in
            [&["cat", "src/x"][..], &["echo", "no"], &["sh", "-c", "cat s*/x"], &["ssh", "h", "cat out/x"]]
        {
            scene.finds(argv, &[]);
        }
        scene.finds(&["ls", "in/deep"], &[("p/in", Some("p/src"))]);
    }

    #[test]
    fn a_link_leads_to_the_end_of_a_chain() {
        let scene = Scene::new();
        scene.link("one", "two");
        scene.link("out/sub", "one");
        scene.finds(&["cat", "two/x"], &[("p/two", Some("beside/sub"))]);
        scene.link("missing/../gone", "dangling");
        scene.finds(&["tee", "dangling"], &[("p/dangling", Some("p/gone"))]);
        scene.link("/", "top");
        scene.finds(&["cat", "top/x"], &[("p/top", Some("/"))]);
    }

    #[test]
    fn a_link_behind_a_link_is_found_where_it_lies() {
        let scene = Scene::new();
        symlink("/etc", scene.path("beside/etc")).unwrap();
        scene.finds(&["cat", "out/etc/x"], &[("beside/etc", Some("/etc")), ("p/out", Some("beside"))]);
    }

    #[test]
    fn a_copy_goes_through_the_link_that_bears_its_name() {
        let scene = Scene::new();
        scene.link("/etc/passwd", "src/passwd");
        scene.finds(&["cp", "a/passwd", "src"], &[("p/src/passwd", Some("/etc/passwd"))]);
        scene.finds(&["sh", "-c", "cp a/* src"], &[("p/src/passwd", Some("/etc/passwd"))]);
        scene.finds(&["cp", "a/other", "src"], &[]);
    }

    #[test]
    fn links_in_a_circle_lead_nobody_knows_where() {
        let scene = Scene::new();
        scene.link("b", "a");
        scene.link("a", "b");
        scene.finds(&["cat", "a"], &[("p/a", None)]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn folders_of_processes_lead_nobody_knows_where() {
        let scene = Scene::new();
        scene.finds(&["cat", "/proc/self/cwd/x"], &[("/proc/self/cwd", None)]);
        scene.finds(&["cat", "/proc/self/status", "/proc/mounts", "/proc/cpuinfo"], &[]);
    }

    #[test]
    fn beyond_a_bound_nothing_is_known() {
        let scene = Scene::new();
        let words: Vec<String> = (0..3_000).map(|n| format!("d{n}/x")).collect();
        let argv: Vec<&str> = std::iter::once("ls").chain(words.iter().map(String::as_str)).collect();
        scene.finds(&argv, &[("/", None)]);
    }

    #[test]
    fn what_does_not_fit_a_record_is_not_known() {
        let long = |n: u32| (format!("/{n}{}", "x".repeat(200)).into_bytes(), Some(b"/etc".to_vec()));
        let few = Links::new((0..3).map(long).collect());
        assert_eq!(record(&few).len(), 3);
        let many = record(&Links::new((0..100).map(long).collect()));
        assert_eq!(many, [Link { path: "/".into(), to: None }]);
    }
}
