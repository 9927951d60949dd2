//! Keys that handoff never holds decide through the screen: in an ssh-agent, and in a token that waits to be
//! touched, which these tests are. The screen gives the terminal back while such a key asks.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base64ct::{Base64, Encoding as _};
use ed25519_dalek::{Signer as _, SigningKey};
use sha2::{Digest as _, Sha256, Sha512};

use crate::terminal::Terminal;
use crate::world::{QUEUE, World};

const PATIENCE: Duration = Duration::from_secs(20);

#[track_caller]
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "no {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A policy that asks about `touch`, and one ticket that waits.
fn propose(world: &World) -> String {
    let rule = "\n[[rule]]\nid = \"asked-about\"\nverdict = \"review\"\nprogram = [\"touch\"]\nmatch = [\"touch x\"]\n";
    let policy = world.config().join("policy.toml");
    let text = fs::read_to_string(&policy).unwrap();
    fs::write(&policy, text + rule).unwrap();
    world.handoff(&["propose", "--", "touch", "done"]).run().expect(0).line().to_owned()
}

#[track_caller]
fn is(world: &World, id: &str, state: &str) {
    let shown = world.handoff(&["show", id, "--json"]).run().expect(0).json();
    assert_eq!(shown["state"], state, "{shown}");
}

#[track_caller]
fn read_and_sign(terminal: &mut Terminal) {
    terminal.expect("END of the card");
    terminal.expect("a approve   ");
    terminal.send("a");
    terminal.expect("nothing is signed");
    terminal.expect("agent or hardware");
    terminal.expect("Enter sign   ");
    terminal.send("\r");
}

#[test]
fn a_key_in_an_agent_signs_what_was_read_and_nothing_once_the_agent_is_gone() {
    let world = World::new();
    let ana = world.reviewer("ana@test");
    let socket = world.root().join("run/agent");
    let script = "eval $(ssh-agent -a \"$1\") >/dev/null; ssh-add -q \"$2\"; export SSH_AUTH_SOCK=\"$1\"\n\
        \"$3\" init --agent --as ana@test --name \"$5\"; touch ready; read gone < \"$4\"; kill $SSH_AGENT_PID";
    let script = world.script("with-agent", script);
    let fifo = world.work().join("gone");
    world.command("mkfifo", &[&fifo]).run().expect(0);
    let program = crate::world::program();
    let args =
        [socket.as_os_str(), ana.key.as_os_str(), program.as_os_str(), fifo.as_os_str(), QUEUE.as_ref()];
    let agent = world.command(script, &args).spawn();
    until("agent", || world.work().join("ready").exists());
    let (first, second) =
        (propose(&world), world.handoff(&["propose", "--", "touch", "more"]).run().expect(0));
    let second = second.line().to_owned();

    let handoff = crate::world::program().display().to_string();
    let line = format!("SSH_AUTH_SOCK={} exec {handoff} review {first}", socket.display());
    let mut terminal = world.terminal_for("/bin/sh", &["-c", &line], 70, 100);
    read_and_sign(&mut terminal);
    terminal.expect(&format!("card.v1 of {second}"));
    is(&world, &first, "approved");
    crate::pins::remembered(&world);
    // The next card is open; the agent goes meanwhile.
    fs::write(&fifo, "now\n").unwrap();
    agent.finish().expect(0);
    read_and_sign(&mut terminal);
    terminal.expect("ssh-keygen");
    terminal.expect("a approve   ");
    is(&world, &second, "pending");
    terminal.send("q");
    terminal.expect("q quit");
    terminal.send("q");
    assert_eq!(terminal.finish(), 0);
}

/// A token: its public half in a file, and a `ssh-keygen` on the way that asks us.
struct Token {
    key: SigningKey,
    folder: PathBuf,
}

fn string(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
    out.extend(bytes);
}

const TYPE: &[u8] = b"sk-ssh-ed25519@openssh.com";
const APPLICATION: &[u8] = b"ssh:";

impl Token {
    fn new(world: &World) -> Self {
        let folder = world.work().join("token");
        fs::create_dir(&folder).unwrap();
        let place = folder.display();
        let asks = format!(
            "#!/bin/sh\ntest \"$2 $3\" = '-Y sign' || exec /usr/bin/ssh-keygen \"$@\"\n\
             printf 'Confirm user presence for key\\n' > /dev/tty\nprintf %s \"$5\" > '{place}/namespace'\n\
             cat > '{place}/part' && mv '{place}/part' '{place}/message'\n\
             while ! test -e '{place}/signature'; do sleep 0.05; done\ncat '{place}/signature'\n"
        );
        let program = world.script("token/ssh-keygen", "");
        fs::write(&program, asks).unwrap();
        Self { key: SigningKey::from_bytes(&[7; 32]), folder }
    }

    fn public(&self) -> Vec<u8> {
        let mut blob = Vec::new();
        string(&mut blob, TYPE);
        string(&mut blob, self.key.verifying_key().as_bytes());
        string(&mut blob, APPLICATION);
        blob
    }

    fn file(&self) -> PathBuf {
        let file = self.folder.join("token.pub");
        let blob = Base64::encode_string(&self.public());
        fs::write(&file, format!("{} {blob} ana\n", std::str::from_utf8(TYPE).unwrap())).unwrap();
        file
    }

    /// Waits until it is asked to sign, as a token waits for a finger.
    fn is_asked(&self) {
        until("question", || self.folder.join("message").exists());
    }

    /// Touched or not, it answers.
    fn answers(&self, touched: bool) {
        let (namespace, message) = (
            fs::read(self.folder.join("namespace")).unwrap(),
            fs::read(self.folder.join("message")).unwrap(),
        );
        let mut named = Vec::new();
        string(&mut named, &namespace);
        string(&mut named, b"");
        string(&mut named, b"sha512");
        let mut inner = b"SSHSIG".to_vec();
        inner.extend(&named);
        string(&mut inner, &Sha512::digest(&message));
        let after = [&[u8::from(touched)][..], &9_u32.to_be_bytes()].concat();
        let signed = [&Sha256::digest(APPLICATION)[..], &after, &Sha256::digest(&inner)[..]].concat();
        let mut signature = Vec::new();
        string(&mut signature, TYPE);
        string(&mut signature, &self.key.sign(&signed).to_bytes());
        signature.extend(&after);
        let mut whole = b"SSHSIG\0\0\0\x01".to_vec();
        string(&mut whole, &self.public());
        whole.extend(&named);
        string(&mut whole, &signature);
        let text = Base64::encode_string(&whole);
        let lines: Vec<&str> =
            text.as_bytes().chunks(70).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let armored =
            format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", lines.join("\n"));
        fs::remove_file(self.folder.join("message")).unwrap();
        fs::write(self.folder.join("part"), armored).unwrap();
        fs::rename(self.folder.join("part"), self.folder.join("signature")).unwrap();
    }
}

fn on_the_way(world: &World, folder: &Path, id: &str) -> Terminal {
    let (handoff, folder) = (crate::world::program().display(), folder.display());
    let line = format!("PATH={folder}:$PATH exec {handoff} review {id}");
    world.terminal_for("/bin/sh", &["-c", &line], 70, 100)
}

#[test]
fn a_token_that_is_touched_signs_what_was_read_and_one_that_is_not_signs_nothing() {
    let world = World::new();
    let token = Token::new(&world);
    let file = token.file();
    let args = ["init", "--key", file.to_str().unwrap(), "--as", "ana@test", "--name", "laptop-7f3k"];
    world.handoff(&args).run().expect(0);
    let id = propose(&world);
    let mut terminal = on_the_way(&world, &token.folder, &id);
    read_and_sign(&mut terminal);
    terminal.expect("Confirm user presence");
    token.is_asked();
    is(&world, &id, "pending");
    token.answers(false);
    terminal.expect("a approve   ");
    is(&world, &id, "pending");
    fs::remove_file(token.folder.join("signature")).unwrap();

    terminal.send("a");
    terminal.expect("Enter sign   ");
    terminal.send("\r");
    terminal.expect("Confirm user presence");
    token.is_asked();
    token.answers(true);
    terminal.expect(&format!("{id} approved"));
    is(&world, &id, "approved");
    let raw = String::from_utf8_lossy(&terminal.raw()).into_owned();
    let asked = raw.find("Confirm user presence").unwrap();
    assert!(
        raw[..asked].rfind("\u{1b}[?1049l") > raw[..asked].rfind("\u{1b}[?1049h"),
        "it asked in a window of ours"
    );
    terminal.send("q");
    assert_eq!(terminal.finish(), 0);
}
