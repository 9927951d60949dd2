//! What everyday commands do to paths, and the laws of zones.

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::facts::argv::Word;
use crate::facts::atoms::Around;

const HERE: &str = "/home/ana/app";

fn ground() -> Ground<'static> {
    Ground::new(Some(Path::new(HERE)), Path::new(HERE), Some(Path::new("/home/ana")))
}

// A word with a sign of the shell is not exact, as the reader of shell code would say.
fn word(text: &str) -> Word<'_> {
    let known = text.find('$');
    let sure = match known {
        Some(at) => Sure::Partly(at),
        None if text.contains(['*', '?', '[']) => Sure::Files,
        None => Sure::Exact,
    };
    Word { text: text.as_bytes().into(), sure }
}

fn with<T>(line: &str, look: impl FnOnce(Option<Effects<'_>>) -> T) -> T {
    let around = Around::outermost(Path::new(HERE), Some(Path::new("/home/ana")));
    let words: Vec<Word<'_>> = line.split(' ').map(word).collect();
    let mut atom = Atom::command(words, &around);
    atom.is_command = !line.starts_with(['<', '>', '&']);
    look(of(&atom, None, &ground()))
}

// `r`, `w` or `d` and the path, each; with a `?` at the end when something is in doubt.
fn told(line: &str) -> String {
    with(line, |effects| {
        let Some(effects) = effects else { return "unknown".to_owned() };
        let letter = |effect: &Effect| match effect {
            Effect::Reads => 'r',
            Effect::Writes => 'w',
            Effect::Deletes => 'd',
        };
        let shown = |(effect, place): &(Effect, Place<'_>)| {
            format!("{}:{}", letter(effect), String::from_utf8_lossy(&place.text))
        };
        let mut all: Vec<String> = effects.paths.iter().map(shown).collect();
        all.extend((!effects.complete).then(|| "?".to_owned()));
        all.join(" ")
    })
}

#[test]
fn each_word_of_a_command_is_read_written_or_deleted() {
    for (line, expected) in [
        ("cat a b", "r:a r:b"),
        ("cat - /dev/null", ""),
        ("cp a b c", "r:a r:b w:c"),
        ("cp -rt c a b", "r:a r:b w:c"),
        ("cp --target-directory=c a", "r:a w:c"),
        ("cp -s a b", "r:a w:b r:a w:a r:b w:b"),
        ("mv a b", "r:a d:a w:b"),
        ("ln -s /etc x", "r:/etc w:/etc w:x w:."),
        ("install -m 755 a b", "r:a w:b"),
        ("rm -rf a b", "d:a d:b"),
        ("rm -- -a", "d:-a"),
        ("touch -r a b", "w:b r:a"),
        ("mkdir -pm 700 a", "w:a"),
        ("chmod -R 777 a", "w:a"),
        ("chmod -x a", "w:a"),
        ("chmod u+x a", "w:a"),
        ("curl -O https://x/y", "w:."),
        ("curl -w @a x", "r:a"),
        ("base64 -o a b", "r:b w:a"),
        ("chmod --reference=a b", "w:b r:a"),
        ("sort -o a b", "r:b w:a"),
        ("sort -rno a b", "r:b w:a"),
        ("uniq a b", "r:a w:b"),
        ("tee -a a", "w:a"),
        ("grep -rn x a", "r:a"),
        ("grep -f a b", "r:b r:a"),
        ("sed s/a/b/ a", "r:a"),
        ("sed -n -e 1p -e 2p a", "r:a"),
        ("sed -i s/a/b/ a", "r:a r:a w:a"),
        ("sed -ni.bak s/a/b/ a", "r:a r:a w:a"),
        ("sed --in-place=.b s/a/b/ a", "r:a r:a w:a"),
        ("head -20 a", "r:a"),
        ("head -n 5 a", "r:a"),
        ("dd if=a of=/dev/sda bs=1M", "r:a w:/dev/sda"),
        ("tar xzf a.tgz -C b", "w:b r:a.tgz"),
        ("tar -xf a.tgz", "r:a.tgz w:."),
        ("tar czf a.tgz b c", "w:a.tgz r:b r:c"),
        ("tar -tvf a.tgz", "r:a.tgz"),
        ("gzip a", "r:a w:a d:a"),
        ("gzip -c a", "r:a"),
        ("unzip a.zip -d b", "r:a.zip w:b"),
        ("unzip a.zip", "r:a.zip w:."),
        ("unzip -l a.zip", "r:a.zip"),
        ("zip -r a.zip b", "w:a.zip r:b"),
        ("find a -name x -delete", "r:a d:a"),
        ("find -delete", "d:."),
        ("find a -fprint b", "r:a w:b"),
        ("find . -newer a -type f", "r:. r:a"),
        ("curl -o a -d @b https://x", "w:a r:b"),
        ("wget -O a x", "w:a"),
        ("wget x", "w:."),
        ("scp a host:b", "r:a"),
        ("scp host:b a", "w:a"),
        ("rsync -a --delete a b", "r:a w:b d:b"),
        ("echo a", ""),
        ("> a", "w:a"),
        (">> a", "w:a"),
        ("< a", "r:a"),
        ("<> a", "r:a w:a"),
        ("frobnicate a", "unknown"),
    ] {
        assert_eq!(told(line), expected, "{line}");
    }
}

#[test]
fn what_is_in_doubt_is_said_and_nothing_is_left_out() {
    for (line, expected) in [
        ("cp --weird a b", "r:a w:a r:b w:b ?"),
        ("cp --weird=c a b", "r:a w:a w:b r:b r:c w:c ?"),
        ("rm --rec a", "d:a ?"),
        ("sort --out a b", "r:a r:b ?"),
        ("sed -f x a", "r:x r:a ?"),
        ("file -C -m a", "r:a ?"),
        ("ln -s ../../x a/b", "r:../../x w:../../x w:a/b w:. ?"),
        ("cp -r /etc/x a", "r:/etc/x w:a ?"),
        ("cp -d /proc/self/root a", "r:/proc/self/root w:a ?"),
        ("tar cf a.tar /proc/self/root", "r:/proc/self/root w:a.tar ?"),
        ("zip -TT x a b", "r:b r:x w:a w:b w:x r:a r:T w:T ?"),
        ("tar xf a.tgz --to-command=x", "r:a.tgz w:. ?"),
        ("find . -exec rm {} ;", "r:. ?"),
        ("rm -$X a", "d:-$X d:a ?"),
    ] {
        let told = told(line);
        let (mut have, mut want): (Vec<_>, Vec<_>) =
            (told.split(' ').collect(), expected.split(' ').collect());
        have.sort_unstable();
        want.sort_unstable();
        assert_eq!(have, want, "{line}");
    }
}

fn zone_of(text: &str, effect: Effect) -> Option<Zone> {
    let word = word(text);
    Place::of(word.text.as_ref(), word.sure, Some(Path::new(HERE)), &ground(), effect)?.zone
}

#[test]
fn a_path_lies_in_the_zone_its_text_names() {
    use Zone::*;
    for (text, zone) in [
        ("src/main.rs", Repository),
        (".", Repository),
        ("a/../../app/b", Repository),
        (".git/hooks/pre-commit", Other),
        (".GIT/config", Other),
        ("sub/.git", Other),
        (".github/workflows/ci.yml", Other),
        (".github", Other),
        (".envrc", Other),
        (".vscode/tasks.json", Other),
        (".env", Secret),
        (".env.production", Secret),
        (".env.example", Repository),
        ("certs/server.pem", Secret),
        (".npmrc", Secret),
        (".handoff.toml", Handoff),
        ("..", Home),
        ("../other", Home),
        ("/home/ana/.bashrc", Home),
        ("/home/ana", Home),
        ("/home/ana/.ssh/config", Secret),
        ("/home/ana/.aws/credentials", Secret),
        ("/home/ana/.docker/config.json", Secret),
        ("/home/ana/.docker/daemon.json", Home),
        ("/home/ana/.config/gcloud/x", Secret),
        ("/home/ana/.config/handoff/policy.toml", Handoff),
        ("/home/ana/.local/share/handoff/queue.db", Handoff),
        ("/etc/handoff/policy.toml", Handoff),
        ("/home/bo/x", Other),
        ("/etc/passwd", System),
        ("/etc/shadow", Secret),
        ("/proc/1/environ", Secret),
        ("/proc/cpuinfo", System),
        ("/", System),
        ("/home", System),
        ("/usr/bin/ls", System),
        ("/lib64/x", System),
        ("/root/x", System),
        ("/tmp/x", Temporary),
        ("/tmp/x/.git/config", Temporary),
        ("/tmp", Other),
        ("/var/tmp/x", Temporary),
        ("/dev/shm/x", Temporary),
        ("/dev/sda", Device),
        ("/srv/data", Other),
        ("src/*.rs", Repository),
        ("*.rs", Repository),
        ("/tmp/*.log", Temporary),
        ("/etc/*.conf", System),
    ] {
        assert_eq!(zone_of(text, Effect::Writes), Some(zone), "{text}");
    }
}

#[test]
fn what_is_not_known_has_no_zone() {
    for text in [
        "$X",
        "src/$X",
        "/tmp/$X",
        ".*",
        "*",
        "*.pem",
        "src/*",
        "/*",
        "/home/*/x",
        "/home/ana/*.txt",
        "src/*/../../x",
        "[.]env",
    ] {
        assert_eq!(zone_of(text, Effect::Writes), None, "{text}");
    }
}

#[test]
fn reading_what_others_run_is_reading_the_repository() {
    assert_eq!(zone_of(".github/workflows/ci.yml", Effect::Reads), Some(Zone::Repository));
    assert_eq!(zone_of(".git/config", Effect::Reads), Some(Zone::Other));
    assert_eq!(zone_of(".", Effect::Deletes), Some(Zone::Other));
}

#[test]
fn a_folder_that_is_nobodys_project_makes_no_repository() {
    let home = Some(Path::new("/home/ana"));
    for (checkout, folder) in [
        (None, "/home/ana"),
        (None, "/"),
        (None, "/etc"),
        (None, "/home/ana/.config"),
        (None, "/usr/lib/x"),
        (None, "/tmp"),
        (Some("/home/ana"), "/home/ana/x"),
        (Some("/"), "/x"),
        (Some("/etc"), "/etc/x"),
    ] {
        let ground = Ground::new(checkout.map(Path::new), Path::new(folder), home);
        let inside = format!("{folder}/x");
        assert_ne!(ground.zone(inside.as_bytes(), Effect::Writes), Zone::Repository, "{checkout:?} {folder}");
    }
    for (checkout, folder) in [
        (None, "/home/ana/x"),
        (Some("/home/ana/.work/x"), "/"),
        (None, "/usr/src/app"),
        (None, "/var/www/x"),
        (None, "/srv/x"),
    ] {
        let ground = Ground::new(checkout.map(Path::new), Path::new(folder), home);
        let inside = format!("{}/y", checkout.unwrap_or(folder));
        assert_eq!(ground.zone(inside.as_bytes(), Effect::Writes), Zone::Repository, "{checkout:?} {folder}");
    }
}

#[test]
fn taking_a_folder_away_takes_handoffs_files_in_it() {
    for (folder, holds) in [
        ("/", true),
        ("/home", true),
        ("/home/ana", true),
        ("/home/ana/.config", true),
        ("/home/ana/.local/share", true),
        ("/etc", true),
        ("/home/ana/app", false),
        ("/home/ana/.cache", false),
        ("/usr", false),
    ] {
        assert_eq!(ground().holds_handoff(folder.as_bytes()), holds, "{folder}");
    }
}

proptest! {
    #[test]
    fn a_certain_zone_never_changes_by_a_detour(
        path in prop::sample::select(vec!["src/x", ".env", ".git/x", "/etc/x", "/tmp/x", "../x", "/dev/sda", "a/b/c", "/home/ana/.ssh/x"]),
        detours in prop::collection::vec(prop::sample::select(vec!["./", "", "q/../", ".//", "a/b/../../"]), 0..4),
        effect in prop::sample::select(vec![Effect::Reads, Effect::Writes, Effect::Deletes]),
    ) {
        let at = path.rfind('/').map_or(0, |slash| slash + 1);
        let slashes = if at == 0 { "" } else { "//" };
        let around = format!("{}{slashes}{}{}", &path[..at], detours.concat(), &path[at..]);
        prop_assert_eq!(zone_of(&around, effect), zone_of(path, effect), "{}", around);
    }

    #[test]
    fn every_zone_a_path_surely_has_it_possibly_has(
        text in "[a-z./~$*?-]{1,12}", effect in prop::sample::select(vec![Effect::Reads, Effect::Writes, Effect::Deletes]),
    ) {
        let word = word(&text);
        if let Some(place) = Place::of(word.text.as_ref(), word.sure, Some(Path::new(HERE)), &ground(), effect) {
            prop_assert!(place.zone.is_none_or(|zone| place.zones.has(zone)));
        }
    }

    #[test]
    fn no_words_whatever_stop_the_reading(
        program in prop::sample::select(vec!["cp", "tar", "find", "dd", "sed", "curl", "rsync", "unzip", "gzip", "grep"]),
        words in prop::collection::vec("[-a-z/=@:$*.]{0,6}", 0..7),
    ) {
        let line = std::iter::once(program.to_owned()).chain(words).collect::<Vec<_>>().join(" ");
        prop_assert!(with(&line, |effects| effects.is_some()));
    }
}
