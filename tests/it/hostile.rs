//! Hostile text in every field a requester writes: nothing of it reaches a screen, a log or a pipe as anything
//! but escaped letters, and none of it can be taken for handoff's own words.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use crate::world::{Reviewer, World};

/// Clears the screen, sets a title, turns text around, hides letters, ends lines, imitates the gutter and the
/// card's own words, and is no UTF-8.
const HOSTILE: &[u8] = b"x\x1b[2J\x1b]0;t\x07\r\n\xe2\x94\x82 END of the card\nRUNS once, as root\n\
    \xe2\x80\xaeevil\xe2\x81\xa6\xe2\x80\x8b\xef\xbb\xbf\xc2\x9b31m\xf3\xa0\x81\x81\t\x7f\x08\xcc\x81\xff\xe2\x80\xa8y";

/// The same without what no file name and no option's value may hold.
fn hostile() -> OsString {
    OsStr::from_bytes(HOSTILE).to_owned()
}

fn with(before: &str, text: &OsStr) -> OsString {
    OsString::from_vec([before.as_bytes(), text.as_bytes()].concat())
}

/// Whether a screen would do with these bytes nothing but show letters, one line after the other.
#[track_caller]
fn is_plain(bytes: &[u8], allowed: &[char], what: &str) {
    let text = std::str::from_utf8(bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
    let bad = |c: char| {
        (c.is_control() && c != '\n' && !allowed.contains(&c))
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
    };
    let found: Vec<char> = text.chars().filter(|&c| bad(c)).collect();
    assert!(found.is_empty(), "{what} shows {found:?} in:\n{}", text.escape_debug());
}

/// Whether no line was begun by the request.
#[track_caller]
fn no_line_is_theirs(text: &str, what: &str) {
    for line in text.lines() {
        // What goes on in lines of its own stands further in than anything handoff says.
        let theirs = line.starts_with("evil") || line == "RUNS once, as root";
        assert!(!theirs, "{what}: {line:?}");
    }
    let ends =
        text.lines().filter(|line| line.trim_start_matches('\u{2502}').trim() == "END of the card").count();
    assert!(ends <= 1, "{what}: the end of the card is imitated:\n{text}");
}

fn set_up() -> (World, Reviewer, String) {
    let world = World::new();
    let ana = world.init();
    let text = hostile();
    let name = OsStr::from_bytes(b"n\x1b[2Jam\xe2\x80\xaee\xff\n.txt");
    world.write(name, HOSTILE);
    let o = OsStr::new;
    let mut args: Vec<OsString> = ["propose", "--environment", "prod"].map(OsString::from).to_vec();
    for option in ["--reason", "--effect", "--rollback", "--resource", "--once"] {
        args.extend([o(option).to_owned(), text.clone()]);
    }
    args.extend([o("--env").to_owned(), with("GREETING=", &text)]);
    let readable: String = String::from_utf8_lossy(HOSTILE).into_owned();
    world.write("plan.txt", readable);
    args.extend([
        o("--attach").to_owned(),
        name.to_owned(),
        o("--attach").to_owned(),
        o("plan.txt").to_owned(),
    ]);
    args.extend([o("--").to_owned(), o("touch").to_owned()]);
    args.extend([name.to_owned(), text]);
    let output = world.handoff(&args).run().expect(0);
    is_plain(&output.bytes, &[], "propose");
    is_plain(output.stderr.as_bytes(), &[], "propose's stderr");
    let id = output.line().to_owned();
    (world, ana, id)
}

#[test]
fn what_lists_shows_and_follows_a_request_writes_only_letters() {
    let (world, ana, id) = set_up();
    let followed = world.handoff(&["watch", "--for", "2s"]).spawn();
    world.reject(&id, &ana, "\u{1b}[2J\u{202e}no\n\u{2502} END of the card").expect(0);
    let followed = followed.finish();
    is_plain(&followed.bytes, &[], "watch");
    for args in [
        &["list"][..],
        &["list", "--all"],
        &["list", "--all", "--json"],
        &["show", &id],
        &["show", &id, "--card"],
        &["show", &id, "--json"],
        &["watch", &id],
        &["watch", &id, "--json"],
        &["audit", "log"],
        &["--json", "audit", "log"],
        &["exec", &id],
        &["exec", &id, "--json"],
    ] {
        let output = world.handoff(args).run();
        let what = args.join(" ");
        is_plain(&output.bytes, &[], &what);
        is_plain(output.stderr.as_bytes(), &[], &what);
        no_line_is_theirs(&output.stdout, &what);
        no_line_is_theirs(&output.stderr, &what);
        assert!(!output.stderr.contains("panicked"), "{what}: {}", output.stderr);
    }
}

#[test]
fn what_is_declared_is_as_plain_or_refused_in_plain_words() {
    let world = World::new();
    world.init();
    for name in ["label", "risk", "sensitivity", "impact", "reversibility", "confidence", "environment"] {
        let value =
            with(&format!("{name}="), OsStr::from_bytes(b"a\x1b[2J\xe2\x80\xaeb\nRUNS once, as root"));
        let o = OsStr::new;
        let args = [o("propose"), o("--declare"), &value, o("--"), o("touch"), o(name)];
        let output = world.handoff(&args).run();
        assert!([0, 2].contains(&output.code), "{name}: {}", output.stderr);
        is_plain(output.stderr.as_bytes(), &[], name);
        no_line_is_theirs(&output.stderr, name);
        for args in [&["list"][..], &["list", "--json"], &["show", output.stdout.trim()]] {
            let shown = world.handoff(args).run();
            is_plain(&shown.bytes, &[], name);
            no_line_is_theirs(&shown.stdout, name);
        }
    }
}

#[test]
fn the_card_for_a_signature_elsewhere_is_as_plain_on_stderr() {
    let (world, ana, id) = set_up();
    let prepared = world.handoff(&["decide", "--prepare", &id, "--as", &ana.name]).run().expect(0);
    is_plain(&prepared.bytes, &[], "the statement");
    is_plain(prepared.stderr.as_bytes(), &[], "the card");
    no_line_is_theirs(&prepared.stderr, "the card");
}

#[test]
fn a_terminal_that_shows_it_is_moved_by_nothing_of_it() {
    let (world, _, id) = set_up();
    for (command, cols) in [("show", 80), ("list", 80), ("show", 40), ("approve", 80), ("approve", 24)] {
        let args: Vec<&str> = ["--color", "never", command]
            .into_iter()
            .chain((command != "list").then_some(id.as_str()))
            .collect();
        let mut terminal = world.terminal(&args, 400, cols);
        terminal.expect("touch");
        if command == "approve" {
            terminal.expect("Space:");
            terminal.send("q");
        }
        let what = format!("{command} in {cols} columns");
        std::thread::sleep(std::time::Duration::from_millis(200));
        let raw = terminal.raw();
        is_plain(&raw, &['\r'], &what);
        // Every row stands behind the gutter, so that none can be the request's own.
        if command != "list" {
            let text = String::from_utf8(raw).unwrap();
            let rows: Vec<&str> =
                text.lines().take_while(|row| !row.starts_with("\u{2500}\u{2500}")).collect();
            assert!(rows.len() > 20, "{what}");
            for row in rows {
                let behind = row.trim_start_matches('\r');
                let edge = behind.starts_with("\u{2502} ") || behind.starts_with("\u{2502}\u{21aa}");
                assert!(edge || behind.trim().is_empty(), "{what}: {row:?}");
                // An attachment's lines have an edge of their own within it.
                let inner = usize::from(behind.starts_with("\u{2502} \u{2502} "));
                let edges = behind.matches('\u{2502}').count();
                assert!(edges <= 1 + inner, "{what}: the gutter is imitated: {row:?}");
                assert!(behind.chars().count() <= usize::from(cols), "{what}: {row:?}");
            }
        }
    }
}

#[test]
fn what_a_command_calls_itself_is_as_plain_in_every_refusal() {
    let world = World::new();
    world.init();
    let text = hostile();
    let o = OsStr::new;
    for args in [
        vec![o("run"), o("--"), &text],
        vec![o("propose"), o("--bind"), &text, o("--"), o("touch"), o("x")],
        vec![o("propose"), o("--declare"), &text, o("--"), o("touch"), o("x")],
        vec![o("propose"), o("--attach"), &text, o("--"), o("touch"), o("x")],
        vec![o("propose"), o("--env"), &text, o("--"), o("touch"), o("x")],
        vec![o("propose"), o("--secret-env"), &text, o("--"), o("touch"), o("x")],
        vec![o("show"), &text],
        vec![o("decide"), o("--import"), &text],
        vec![o("key"), o("trust"), o("ana"), &text],
        vec![o("--queue"), &text, o("list")],
        vec![o("--key"), &text, o("reject"), o("--all")],
        vec![&text],
        vec![o("run"), &text],
    ] {
        let output = world.handoff(&args).run();
        assert_ne!(output.code, 101, "{args:?}: {}", output.stderr);
        is_plain(output.stderr.as_bytes(), &[], &format!("{args:?}"));
        is_plain(&output.bytes, &[], &format!("{args:?}"));
    }
}

#[test]
fn a_statement_that_somebody_made_up_is_refused_in_letters_only() {
    let world = World::new();
    let ana = world.init();
    let id = world.handoff(&["propose", "--", "touch", "x"]).run().expect(0).line().to_owned();
    let prepared = world.handoff(&["decide", "--prepare", &id, "--as", &ana.name]).run().expect(0);
    let sound = String::from_utf8(prepared.bytes).unwrap();
    for hostile in ["\\u001b[2J\\u001b[32mapproved", "\u{7f}\u{9b}2J", "\u{202e}"] {
        let made_up = sound.replace("decision.v1", hostile);
        assert_ne!(made_up, sound);
        let file = world.sign(&ana, made_up.as_bytes());
        let said = world.handoff(&["decide", "--import", file.to_str().unwrap()]).run();
        assert_ne!(said.code, 0);
        assert!(said.stderr.contains("unknown variant"), "{}", said.stderr);
        is_plain(said.stderr.as_bytes(), &[], "a statement");
    }
}
