//! Both ways with the stock OpenSSH tools: what they sign we accept, what we sign they accept.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::clock::Timestamp;
use crate::signing::{
    Entry, KeyError, KeyFile, NewKey, Passphrase, Prompts, PublicKey, Reviewers, Signature, SignatureError,
    Signer, StockKey, StockKeygen, public_path,
};

const SPACE: &str = "decision.v1@laptop-7f3k";
const MESSAGE: &[u8] = b"{\"decision\":\"approve\"}";

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn succeeds(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// A key of ssh-keygen's making.
fn stock_key(folder: &Path, passphrase: &str, more: &[&str]) -> PathBuf {
    let path = folder.join("id");
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-t", "ed25519", "-C", "ana@corp", "-N", passphrase, "-f"]).arg(&path).args(more);
    succeeds(&mut command);
    path
}

fn stock_public(path: &Path) -> PublicKey {
    PublicKey::parse(fs::read_to_string(public_path(path)).unwrap().trim_end()).unwrap()
}

fn stock_signature(key: &Path, namespace: &str) -> String {
    let message = key.with_extension("message");
    fs::write(&message, MESSAGE).unwrap();
    succeeds(
        Command::new("ssh-keygen").args(["-q", "-Y", "sign", "-n", namespace, "-f"]).arg(key).arg(&message),
    );
    fs::read_to_string(key.with_extension("message.sig")).unwrap()
}

fn reviewers(key: &PublicKey, after: Option<Timestamp>, before: Option<Timestamp>) -> Reviewers {
    let entry = Entry::new("ana@corp".parse().unwrap(), [SPACE.to_owned()], key.clone(), "laptop").unwrap();
    Reviewers::parse("# ours\n").unwrap().with_line(&entry.valid(after, before).unwrap()).unwrap()
}

/// What `ssh-keygen -Y verify` says of these reviewers, this signature, at this time.
fn stock_accepts(folder: &Path, reviewers: &Reviewers, armored: &str, at: Timestamp) -> bool {
    let (allowed, signature) = (folder.join("allowed_signers"), folder.join("d.sig"));
    fs::write(&allowed, reviewers.as_str()).unwrap();
    fs::write(&signature, armored).unwrap();
    let digits: String = at.to_string().chars().filter(char::is_ascii_digit).take(14).collect();
    let mut command = Command::new("ssh-keygen");
    command.args(["-Y", "verify", "-I", "ana@corp", "-n", SPACE]).arg(format!("-Overify-time={digits}Z"));
    command.arg("-f").arg(&allowed).arg("-s").arg(&signature);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(MESSAGE).unwrap();
    child.wait().unwrap().success()
}

fn we_accept(reviewers: &Reviewers, armored: &str, at: Timestamp) -> Result<(), SignatureError> {
    reviewers.verify(&"ana@corp".parse().unwrap(), SPACE, MESSAGE, armored, at).map(|_| ())
}

fn noon() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

#[test]
fn what_stock_signs_we_accept() {
    let folder = folder();
    let key = stock_key(folder.path(), "", &[]);
    let armored = stock_signature(&key, SPACE);
    let reviewers = reviewers(&stock_public(&key), None, None);
    assert_eq!(we_accept(&reviewers, &armored, noon()), Ok(()));
    assert_eq!(Signature::parse(&armored).unwrap().to_armor(), armored);
    let other = stock_signature_for_another_purpose(&key);
    assert!(matches!(we_accept(&reviewers, &other, noon()), Err(SignatureError::WrongNamespace { .. })));
}

fn stock_signature_for_another_purpose(key: &Path) -> String {
    fs::remove_file(key.with_extension("message.sig")).unwrap();
    stock_signature(key, "file")
}

#[test]
fn what_we_sign_stock_accepts_and_signs_the_same() {
    let folder = folder();
    let key = stock_key(folder.path(), "", &[]);
    let ours = KeyFile::read(&key).unwrap().open().unwrap().sign(SPACE, MESSAGE).unwrap();
    assert_eq!(ours, stock_signature(&key, SPACE), "ed25519 has one signature a message");
    assert!(stock_accepts(folder.path(), &reviewers(&stock_public(&key), None, None), &ours, noon()));
    let other = NewKey::generate("").unwrap();
    assert!(!stock_accepts(folder.path(), &reviewers(other.public_key(), None, None), &ours, noon()));
}

#[test]
fn validity_ends_for_us_no_later_than_for_stock() {
    let folder = folder();
    let key = stock_key(folder.path(), "", &[]);
    let armored = stock_signature(&key, SPACE);
    let (start, end) = (noon(), noon().plus(Duration::from_secs(60)));
    let reviewers = reviewers(&stock_public(&key), Some(start), Some(end));
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for second in [-1, 0, 1, 59, 60, 61] {
        let at = Timestamp::from_millis(start.millis() + second * 1000);
        ours.push(we_accept(&reviewers, &armored, at).is_ok());
        theirs.push(stock_accepts(folder.path(), &reviewers, &armored, at));
    }
    assert_eq!(ours, [false, true, true, true, false, false]);
    assert!(ours.iter().zip(&theirs).all(|(&ours, &theirs)| theirs || !ours), "{theirs:?}");
    assert!(theirs[1] && !theirs[0] && !theirs[5], "{theirs:?}");
}

#[test]
fn every_cipher_stock_locks_a_key_with_is_unlocked() {
    for cipher in
        ["aes256-ctr", "aes256-cbc", "aes128-ctr", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com"]
    {
        let folder = folder();
        let path = stock_key(folder.path(), "open sesame", &["-a", "4", "-Z", cipher]);
        let file = KeyFile::read(&path).unwrap();
        assert!(file.is_encrypted(), "{cipher}");
        assert_eq!(*file.public_key(), stock_public(&path));
        assert!(matches!(file.unlock("open says me"), Err(KeyError::WrongPassphrase { .. })), "{cipher}");
        assert_eq!(*file.unlock("open sesame").unwrap().public_key(), stock_public(&path), "{cipher}");
    }
}

#[test]
fn a_key_we_lock_stock_unlocks() {
    let folder = folder();
    let path = folder.path().join("key");
    let new = NewKey::generate("ana@corp").unwrap();
    new.save(&path, &Passphrase::new("open sesame".into()).unwrap()).unwrap();
    let public = |passphrase: &str| {
        Command::new("ssh-keygen").args(["-y", "-P", passphrase, "-f"]).arg(&path).output().unwrap()
    };
    assert!(!public("wrong").status.success());
    let shown = String::from_utf8(public("open sesame").stdout).unwrap();
    assert_eq!(shown.trim_end(), format!("{} ana@corp", new.public_key().to_openssh()));
    assert_eq!(fs::read_to_string(public_path(&path)).unwrap(), shown);
}

#[test]
fn a_fingerprint_is_the_one_stock_prints() {
    let folder = folder();
    let path = stock_key(folder.path(), "", &[]);
    let printed = String::from_utf8(succeeds(Command::new("ssh-keygen").arg("-lf").arg(&path))).unwrap();
    assert!(printed.contains(&format!(" {} ", stock_public(&path).fingerprint())), "{printed}");
}

#[test]
fn other_kinds_of_key_are_refused_by_name() {
    let folder = folder();
    let path = folder.path().join("rsa");
    succeeds(Command::new("ssh-keygen").args(["-q", "-t", "ecdsa", "-N", "", "-f"]).arg(&path));
    let error = KeyFile::read(&path).unwrap_err();
    assert!(matches!(error, KeyError::Format { .. }), "{error}");
    let error = StockKey::read(&public_path(&path), StockKeygen::default()).unwrap_err();
    assert!(error.to_string().contains("use ssh-ed25519"), "{error}");
}

/// An ssh-agent of this test alone, ended with it.
struct Agent {
    child: Child,
    socket: PathBuf,
}

impl Agent {
    fn start(folder: &Path) -> Self {
        let socket = folder.join("agent");
        let child =
            Command::new("ssh-agent").arg("-D").arg("-a").arg(&socket).stdout(Stdio::null()).spawn().unwrap();
        let agent = Self { child, socket };
        let started = (0..2000).any(|_| {
            std::thread::sleep(Duration::from_millis(5));
            agent.socket.exists()
        });
        assert!(started, "ssh-agent makes its socket");
        agent
    }

    fn add(&self, key: &Path) {
        succeeds(Command::new("ssh-add").arg("-q").arg(key).env("SSH_AUTH_SOCK", &self.socket));
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn through(program: impl Into<PathBuf>, agent: &Path, public: &Path) -> Signer {
    let keygen =
        StockKeygen { program: program.into(), agent: Some(agent.to_owned()), prompts: Prompts::Kept };
    Signer::Stock(StockKey::read(public, keygen).unwrap())
}

#[test]
fn an_agent_signs_with_a_key_we_never_see() {
    let folder = folder();
    let key = stock_key(folder.path(), "", &[]);
    let agent = Agent::start(folder.path());
    agent.add(&key);
    fs::remove_file(&key).unwrap();
    let signer = through("ssh-keygen", &agent.socket, &public_path(&key));
    let armored = signer.sign(SPACE, MESSAGE).unwrap();
    assert_eq!(we_accept(&reviewers(signer.public_key(), None, None), &armored, noon()), Ok(()));
    let long = vec![b'x'; 300_000];
    assert!(Signature::parse(&signer.sign(SPACE, &long).unwrap()).unwrap().verify(SPACE, &long).is_ok());
}

#[test]
fn an_agent_without_the_key_is_told_in_stocks_own_words() {
    let folder = folder();
    let key = stock_key(folder.path(), "", &[]);
    fs::remove_file(&key).unwrap();
    let agent = Agent::start(folder.path());
    let error = through("ssh-keygen", &agent.socket, &public_path(&key)).sign(SPACE, MESSAGE).unwrap_err();
    let KeyError::Refused { said, .. } = &error else { panic!("{error}") };
    assert!(said.as_str().contains("agent") || said.as_str().contains("private key"), "{error}");
}

#[test]
fn a_missing_ssh_keygen_is_said() {
    let folder = folder();
    let key = stock_key(folder.path(), "", &[]);
    let missing = folder.path().join("no-such-program");
    let error =
        through(missing, Path::new("/nonexistent"), &public_path(&key)).sign(SPACE, MESSAGE).unwrap_err();
    assert!(matches!(error, KeyError::Start { .. }), "{error}");
}

/// A stand-in for ssh-keygen that runs these shell lines, whatever is asked. Copied by another process: a
/// file that we, or a child forked at the wrong moment, still had open for writing could not be executed.
fn impostor(folder: &Path, lines: &str) -> PathBuf {
    let (draft, program) = (folder.join("draft"), folder.join("impostor"));
    fs::write(&draft, format!("#!/bin/sh\ncat >/dev/null\n{lines}\n")).unwrap();
    fs::set_permissions(&draft, fs::Permissions::from_mode(0o700)).unwrap();
    succeeds(Command::new("cp").arg(&draft).arg(&program));
    program
}

#[test]
fn what_the_program_answers_is_not_believed() {
    let folder = folder();
    let key = stock_key(folder.path(), "", &[]);
    let ours = KeyFile::read(&key).unwrap().open().unwrap();
    let stranger = NewKey::generate("").unwrap().into_signer();
    let nowhere = Path::new("/nonexistent");
    let answers = |text: &str| {
        let answer = folder.path().join("answer");
        fs::write(&answer, text).unwrap();
        let program = impostor(folder.path(), &format!("cat '{}'", answer.display()));
        through(program, nowhere, &public_path(&key)).sign(SPACE, MESSAGE)
    };
    let good = ours.sign(SPACE, MESSAGE).unwrap();
    assert_eq!(answers(&good).unwrap(), good);
    for unfit in
        [ours.sign(SPACE, b"other").unwrap(), ours.sign("file", MESSAGE).unwrap(), good.replace('\n', "\r\n")]
    {
        assert!(matches!(answers(&unfit), Err(KeyError::Unfit { .. })), "{unfit}");
    }
    assert!(matches!(answers(&stranger.sign(SPACE, MESSAGE).unwrap()), Err(KeyError::OtherKey { .. })));
}

#[test]
fn what_the_program_says_is_kept_or_left_to_the_terminal() {
    let folder = folder();
    let key = stock_key(folder.path(), "", &[]);
    let refused = |prompts, lines: &str| {
        let keygen = StockKeygen { program: impostor(folder.path(), lines), agent: None, prompts };
        let signer = Signer::Stock(StockKey::read(&public_path(&key), keygen).unwrap());
        signer.sign(SPACE, MESSAGE).unwrap_err().to_string()
    };
    let kept = refused(Prompts::Kept, "echo 'no \\033[2J device' >&2; exit 3");
    assert!(kept.contains("exit status: 3") && kept.contains("device"), "{kept}");
    assert!(!kept.contains('\u{1b}'), "nothing reaches a terminal unescaped: {kept}");
    assert!(refused(Prompts::Terminal, "exit 3").contains("its own message is above"));
}
