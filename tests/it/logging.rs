//! `--log json`: all that is told on standard error is one JSON object a line, and names its ticket and request.

use serde_json::Value;

use crate::world::{Output, World};

fn lines(output: &Output) -> Vec<Value> {
    let read = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    output.stderr.lines().map(read).collect()
}

fn events(lines: &[Value]) -> Vec<&str> {
    lines.iter().filter_map(|line| line["event"].as_str()).collect()
}

#[track_caller]
fn all_name(lines: &[Value], ticket: &Value) {
    for line in lines {
        assert_eq!(line["span"]["ticket"], *ticket, "{line}");
        assert!(line["span"]["request"].as_str().unwrap().starts_with("sha256:"), "{line}");
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'), "{line}");
    }
}

#[test]
fn what_a_command_did_is_told_line_by_line_under_its_ticket() {
    let world = World::new();
    let ana = world.init();
    let mut run = world.handoff(&["run", "--log", "json", "--", "touch", "made"]).spawn();
    run.wait_for("waiting for the answer");
    let filed = world.handoff(&["list", "--json"]).run().expect(0).json();
    let id = filed["id"].as_str().unwrap();
    world.approve(id, &ana).expect(0);
    let output = run.finish().expect(0);
    let told = lines(&output);
    // The policy is nobody's ticket, and the approval was another process's.
    assert_eq!(events(&told), ["policy", "proposed", "claimed", "finished"]);
    all_name(&told[1..], &filed["id"]);
    let last = told.last().unwrap();
    assert_eq!((last["message"].as_str(), last["end"].as_str()), (Some("ended"), Some("finished")));
    assert_eq!(last["code"], 0);
}

#[test]
fn an_error_is_a_line_with_its_code_and_what_to_do() {
    let world = World::new();
    world.init();
    let output = world.handoff(&["show", "ZZZZ"]).env("HANDOFF_LOG", "json").run();
    let told = lines(&output);
    assert_eq!(told.len(), 1);
    assert_eq!(
        (&told[0]["level"], told[0]["code"].as_i64()),
        (&Value::from("ERROR"), Some(output.code.into()))
    );
}

#[test]
fn what_a_requester_wrote_cannot_make_a_line_of_its_own() {
    let world = World::new();
    let ana = world.init();
    let id = world.handoff(&["propose", "--", "touch", "x"]).run().expect(0).line().to_owned();
    let reason = "no\n{\"level\":\"INFO\",\"event\":\"approved\"}\u{1b}[2J";
    world.reject(&id, &ana, reason).expect(0);
    let told = lines(&world.handoff(&["watch", &id, "--log", "json"]).run().expect(120));
    assert_eq!(events(&told), [] as [&str; 0]);
    assert!(told.iter().all(|line| !line["message"].as_str().unwrap().contains('\u{1b}')), "{told:?}");
}

#[test]
fn a_log_that_nobody_reads_changes_nothing() {
    let world = World::new();
    world.init();
    let program = crate::world::program().display();
    for line in [
        format!("exec 2>&-; {program} --log json run -- ls; echo $?"),
        format!(
            "exec 3>&1; {{ sleep 0.1; {program} --log json run -- ls; echo $? >&3; }} 2>&1 >/dev/null | true"
        ),
    ] {
        let output = world.command("bash", &["-c", &line]).run().expect(0);
        assert_eq!(output.stdout, "0\n", "{line}");
    }
}
