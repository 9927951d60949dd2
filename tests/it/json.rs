//! The tables of `docs/json.md` against what the program really prints: no field less, no field more.
//! Every schema the source names is printed here at least once.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::world::{Output, World};

const PAGE: &str = include_str!("../../docs/json.md");

/// The documented fields of each schema, by the title of its section.
fn tables() -> BTreeMap<String, BTreeSet<String>> {
    let sections = PAGE.split("\n## ").skip(1);
    let table = |section: &str| {
        let (title, body) = section.split_once('\n').unwrap();
        let rows = body.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
        (title.replace('`', ""), rows.map(|(field, _)| field.to_owned()).collect())
    };
    sections.map(table).collect()
}

fn fields(title: &str) -> BTreeSet<String> {
    let known = tables().remove(title);
    known.unwrap_or_else(|| panic!("docs/json.md has no section {title}"))
}

/// The names documented directly under `prefix`.
fn under<'a>(documented: &'a BTreeSet<String>, prefix: &str) -> BTreeSet<&'a str> {
    let rest = documented.iter().filter_map(|field| field.strip_prefix(prefix));
    rest.filter_map(|rest| rest.split(['.', '[']).next()).collect()
}

/// Fields that a table may leave out of an object, with the sentence that says so.
const LEFT_OUT: [&str; 1] = ["matched[].why"];

fn compare(value: &Value, documented: &BTreeSet<String>, prefix: &str) {
    match value {
        Value::Object(object) => {
            let wanted = under(documented, prefix);
            if wanted.is_empty() {
                return;
            }
            let found: BTreeSet<&str> = object.keys().map(String::as_str).collect();
            let optional = |name: &&str| LEFT_OUT.contains(&format!("{prefix}{name}").as_str());
            let missing: Vec<_> = wanted.difference(&found).filter(|name| !optional(name)).collect();
            let surplus: Vec<_> = found.difference(&wanted).collect();
            assert!(
                missing.is_empty() && surplus.is_empty(),
                "{prefix}: missing {missing:?}, surplus {surplus:?}"
            );
            for (name, inner) in object {
                compare(inner, documented, &format!("{prefix}{name}."));
            }
        }
        Value::Array(items) => {
            let prefix = format!("{}[].", prefix.trim_end_matches('.'));
            items.iter().for_each(|item| compare(item, documented, &prefix));
        }
        _ => {}
    }
}

#[track_caller]
fn documented(value: &Value) {
    let schema = value["schema"].as_str().unwrap_or_else(|| panic!("no schema: {value}"));
    compare(value, &fields(schema), "");
}

fn lines(output: &Output) -> Vec<Value> {
    output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn data(world: &World, args: &[&str], code: i32) -> Vec<Value> {
    let mut all = args.to_vec();
    all.insert(0, "--json");
    let values = lines(&world.handoff(&all).run().expect(code));
    assert!(!values.is_empty(), "{args:?} printed nothing");
    values.iter().for_each(documented);
    values
}

#[test]
fn every_schema_is_documented_and_every_documented_one_exists() {
    let mut named = BTreeSet::new();
    for source in crate::source::all() {
        let shipped = source.text.split("#[cfg(test)]").next().unwrap().to_owned();
        for tail in shipped.split("\"handoff.").skip(1) {
            let name = tail.split('"').next().unwrap().to_owned();
            if name.ends_with(".v1") {
                named.insert(format!("handoff.{name}"));
            }
        }
    }
    let told: BTreeSet<String> =
        tables().into_keys().map(|title| title.split(',').next().unwrap().to_owned()).collect();
    assert!(named.len() > 8, "{named:?}");
    assert_eq!(named, told);
}

#[test]
fn tickets_events_and_audits_are_as_documented() {
    let world = World::new();
    let ana = world.init();
    let filed = data(&world, &["propose", "--reason", "a\nb", "--", "touch", "x"], 0);
    let id = filed[0]["id"].as_str().unwrap().to_owned();
    let no = data(&world, &["propose", "--environment", "production", "--", "touch", "y"], 0);
    let no = no[0]["code"].as_str().unwrap().to_owned();
    world.approve(&id, &ana).expect(0);
    world.reject(&no, &ana, "not today").expect(0);
    assert_eq!(data(&world, &["list", "--all"], 0).len(), 2);
    data(&world, &["watch", &id], 0);
    data(&world, &["watch", &no], 120);
    let show = &data_of_show(&world, &id);
    assert_eq!(show["decisions"][0]["good"], true);
    assert_eq!(show["decisions"][0]["reviewer"], "ana@test");
    show["events"].as_array().unwrap().iter().for_each(documented);
    data(&world, &["audit", "log"], 0);
    data(&world, &["audit", "verify"], 3);
    data(&world, &["audit", "checkpoint"], 0);
    data(&world, &["audit", "export", "-o", "bundle"], 0);
    data(&world, &["audit", "receipt", &id, "-o", "r.tlog-proof"], 0);
    data(&world, &["audit", "verify", "bundle"], 3);
    data(&world, &["audit", "verify", "r.tlog-proof"], 3);
    data(&world, &["key", "list"], 0);
    data(&world, &["audit", "prune-blobs", "--older-than", "90d", "--dry-run"], 0);
}

/// `show` has a table of its own, on top of a ticket's.
fn data_of_show(world: &World, id: &str) -> Value {
    let value = world.handoff(&["--json", "show", id]).run().expect(0).json();
    let mut both = fields("handoff.ticket.v1");
    both.extend(fields("handoff.ticket.v1, from show"));
    compare(&value, &both, "");
    value
}

#[test]
fn a_waiting_ticket_shows_its_standing_as_documented() {
    let world = World::new();
    world.init();
    let id = world.handoff(&["propose", "--", "touch", "x"]).run().expect(0).line().to_owned();
    let show = data_of_show(&world, &id);
    assert_eq!((&show["standing"]["have"], &show["standing"]["need"]), (&Value::from(0), &Value::from(1)));
    assert_eq!(show["waiting"], false);
}

#[test]
fn outcomes_are_as_documented() {
    let world = World::new();
    world.init();
    let file = |name: &str| -> Value {
        serde_json::from_str(&std::fs::read_to_string(world.work().join(name)).unwrap()).unwrap()
    };
    world.handoff(&["run", "--outcome-file", "o", "--", "true"]).run();
    documented(&file("o"));
    world.handoff(&["run", "--outcome-file", "d", "--", "rm", "-rf", "/"]).run().expect(121);
    documented(&file("d"));
    assert_eq!(file("d")["outcome"], "denied");
    let id = world.handoff(&["propose", "--", "touch", "x"]).run().expect(0).line().to_owned();
    let pending = world.handoff(&["--json", "exec", &id]).run().expect(119);
    let told = pending.stderr.lines().find(|line| line.starts_with('{')).unwrap().to_owned();
    documented(&serde_json::from_str(&told).unwrap());
}

#[test]
fn policies_and_their_judgements_are_as_documented() {
    let world = World::new();
    world.init();
    data(&world, &["policy", "check", "--", "rm", "-rf", "/"], 121);
    data(&world, &["policy", "check", "--", "touch", "x"], 119);
    data(&world, &["policy", "check", "--shell", "touch x; rm -rf /"], 121);
    let project = world.write(".handoff.toml", "version = \"p\"\n[[rule]]\nid = \"x\"\nverdict = \"review\"\nprogram = [\"release-it\"]\nmatch = [\"release-it x\"]\n");
    let ignored = data(&world, &["policy", "check", "--", "release-it"], 119);
    assert!(ignored[0]["ignored"].is_object());
    data(&world, &["policy", "show"], 0);
    let trust = data(&world, &["policy", "trust", project.to_str().unwrap()], 0);
    assert_eq!(trust[0]["was_trusted"], false);
    data(&world, &["policy", "show"], 0);
    // All packs in all spellings are the unit tests' matter.
    world.with_packs("\"system\"");
    data(&world, &["policy", "test"], 0);
    std::fs::write(
        &project,
        "version = \"p\"\n[[rule]]\nid = \"x\"\nverdict = \"review\"\nprogram = [\"release-it\"]\n",
    )
    .unwrap();
    data(&world, &["policy", "trust", project.to_str().unwrap()], 0);
    let findings = data(&world, &["policy", "test"], 1);
    assert_eq!(findings[0]["findings"][0]["rule"], "project.x");
}

#[test]
fn a_doctors_report_is_as_documented() {
    let world = World::new();
    world.init();
    let report = lines(&world.handoff(&["--json", "doctor"]).run());
    documented(&report[0]);
}

#[test]
fn a_tampered_queue_names_its_faults_as_documented() {
    let world = World::new();
    world.init();
    world.handoff(&["propose", "--", "touch", "x"]).run().expect(0);
    let pin = "mark.v1 00000000000000000000000000000000 00000000000000000002 \
               sha256:0000000000000000000000000000000000000000000000000000000000000000\n";
    let file = world.write("pin", pin);
    let found = data(&world, &["audit", "verify", "--pins", file.to_str().unwrap()], 1);
    assert_eq!(found[0]["faults"][0]["field"], "pin");
}
